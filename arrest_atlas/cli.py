"""The command line: ``arrest-atlas demo``, ``run``, ``inspect`` and ``locate``."""

from __future__ import annotations

import re
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn, TypeVar, get_args

import click
from rich.console import Console

from arrest_atlas.errors import USER_ERRORS
from arrest_atlas.pipeline import demo as run_demo
from arrest_atlas.pipeline import run as run_files
from arrest_atlas.quality import nested_quality
from arrest_atlas.records import judge_records
from arrest_atlas.summary import Summary
from arrest_atlas.words import records_sentence, summary_text
from arrest_atlas.working_file import check_working_file, write_working_file
from geo import DuplicateRule
from outputs import summary_json

F = TypeVar("F", bound=Callable[..., Any])

_ASKED_TO_END = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]")
_FILE = click.Path(path_type=Path)
_PEOPLE = click.Choice(["residents", "noncitizens"])


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="arrest-atlas")
def main() -> None:
    """Ask whether ICE arrests cluster where violent crime clustered before.

    Exit code 0: done. Exit code 2: something in the input or the options must be
    changed; the message says what, and nothing was written.
    """


def _common(command: F) -> F:
    """Add the options that every run has."""
    for option in reversed(
        (
            click.option(
                "--out",
                type=_FILE,
                required=True,
                help="Folder for the outputs: new, empty, or that of an earlier run.",
            ),
            click.option("--seed", type=int, default=0, show_default=True, help="Random seed."),
            click.option(
                "--draws", type=int, default=100, show_default=True, help="Number of imputations."
            ),
            click.option(
                "--json", "as_json", is_flag=True, help="Print the summary as JSON on stdout."
            ),
        )
    ):
        command = option(command)
    return command


def _of_records(command: F) -> F:
    """Add the options of every command that reads records."""
    for option in reversed(
        (
            click.option(
                "--sheet",
                "sheets",
                multiple=True,
                metavar="NAME",
                help="Sheet of a workbook to read; repeatable. Else every sheet with arrests.",
            ),
            click.option(
                "--duplicates",
                type=click.Choice(get_args(DuplicateRule)),
                default="episode",
                show_default=True,
                help="When a record repeats another. episode: within 24 hours of the last.",
            ),
            click.option(
                "--programme-287g",
                type=click.Choice(["other", "custodial"]),
                default="other",
                show_default=True,
                help="Class of arrests of the 287(g) programme.",
            ),
            click.option(
                "--aliases",
                type=_FILE,
                help="CSV of your own names of places: name, county_fips.",
            ),
        )
    ):
        command = option(command)
    return command


@main.command()
@_common
def demo(*, out: Path, seed: int, draws: int, as_json: bool) -> None:
    """Run on simulated records and crime with planted clusters (no files needed)."""
    with _reporting() as progress:
        summary = run_demo(out, seed=seed, draws=draws, progress=progress)
    _print(summary, out, as_json=as_json)


@main.command()
@click.option(
    "--arrests",
    type=_FILE,
    multiple=True,
    help="Records of arrests, one row each, as you downloaded them; repeatable.",
)
@_of_records
@click.option("--arrests-by-aor", type=_FILE, help="Arrests by field office.")
@click.option("--arrests-by-state", type=_FILE, help="Arrests by state; they split the offices.")
@click.option(
    "--arrests-by-county",
    type=_FILE,
    help="Arrests located by county, not counted again in the other two.",
)
@click.option("--crime", type=_FILE, required=True, help="Violent-crime rates by county.")
@click.option("--crime-column", help="Column of the rate, if not a usual name.")
@click.option(
    "--crime-filter",
    multiple=True,
    metavar="COLUMN=VALUE[,VALUE]",
    help="Keep these rows of the crime file (year=2021); repeatable.",
)
@click.option("--crime-coverage", help="Column of the share of residents whose police reported.")
@click.option("--noncitizens", type=_FILE, help="Non-citizens by county.")
@click.option("--noncitizens-column", help="Their column, if not a usual name.")
@click.option("--residents", type=_FILE, help="Residents by county; else Census 2010-2019.")
@click.option("--residents-column", help="Their column, if not a usual name.")
@click.option("--denominator", type=_PEOPLE, help="People whom arrest rates refer to.")
@click.option("--weights", type=_PEOPLE, help="People by whom arrests are imputed.")
@click.option(
    "--arrest-period",
    metavar="PERIOD",
    help="Such as 2025-01-20/2026-08-06; selects records of these days.",
)
@click.option("--crime-period", metavar="PERIOD", help="Such as 2014/2016.")
@click.option("--alpha", type=float, default=0.05, show_default=True, help="False discovery rate.")
@click.option(
    "--located-share",
    type=float,
    default=0.5,
    show_default=True,
    help="Located share of an area's arrests from which on its counties are tested.",
)
@_common
def run(*, out: Path, as_json: bool, crime_filter: tuple[str, ...], **options: Any) -> None:
    """Run on your files: records (or counts) of arrests, crime rates, people.

    --arrests takes the file that you downloaded, and tells custodial and community
    arrests apart. --arrests-by-aor, --arrests-by-state and --arrests-by-county take
    published counts instead.
    """
    with _reporting() as progress:
        summary = run_files(
            out, crime_filter=_conditions(crime_filter), progress=progress, **options
        )
    _print(summary, out, as_json=as_json)


@main.command()
@click.argument("files", type=_FILE, nargs=-1, required=True)
@_of_records
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def inspect(*, files: tuple[Path, ...], as_json: bool, **options: Any) -> None:
    """Report how good records are: missing, duplicate, located, in conflict.

    Reads FILES, all releases, and writes nothing.
    """
    with _reporting(failed="Nothing was inspected:") as progress:
        progress("reading")
        report = judge_records(files, **options).quality
    if as_json:
        click.echo(summary_json(nested_quality(report, report.to_frame())), nl=False)
        return
    click.echo(report.text(), nl=False)


@main.command()
@click.argument("files", type=_FILE, nargs=-1, required=True)
@click.option(
    "--out",
    type=_FILE,
    required=True,
    help="File to write: .parquet or .csv; new, or one of an earlier run.",
)
@_of_records
def locate(*, files: tuple[Path, ...], out: Path, **options: Any) -> None:
    """Write where each record of FILES was located, and by what evidence.

    A working file, not for publication: it has one row a record, without identifiers,
    birth, citizenship and gender.
    """
    with _reporting() as progress:
        check_working_file(out)
        progress("reading")
        records = judge_records(files, **options)
        progress("writing")
        write_working_file(records, out)
    click.echo(records_sentence(records, imputed=False))
    click.echo(f"Written to {out}. Not for publication.")


def _conditions(filters: tuple[str, ...]) -> dict[str, list[str]]:
    conditions: dict[str, list[str]] = {}
    for text in filters:
        column, equals, values = text.partition("=")
        if not (equals and column.strip() and values.strip()):
            message = (
                f"found {text!r}; expected COLUMN=VALUE or COLUMN=VALUE,VALUE; "
                "write the column, an equals sign and the values to keep"
            )
            raise click.BadParameter(message, param_hint="--crime-filter")
        wanted = conditions.setdefault(column.strip(), [])
        wanted += [value.strip() for value in values.split(",")]
    return conditions


def _leave(number: int, _: object) -> NoReturn:
    """Asked to end, leave as after an error, so that nothing half-written stays behind."""
    for other in _ASKED_TO_END:
        signal.signal(other, signal.SIG_IGN)  # the clean-up is not to be interrupted
    sys.exit(128 + number)


@contextmanager
def _reporting(failed: str = "Nothing was written:") -> Iterator[Callable[[str], None]]:
    """Show progress on stderr, and turn errors a user can mend into messages and exit code 2."""
    console = Console(stderr=True)
    before = {number: signal.signal(number, _leave) for number in _ASKED_TO_END}
    try:
        with console.status("starting") as status:
            yield status.update
    except (*USER_ERRORS, OSError) as error:
        console.print(failed, style="bold red")
        message = _CONTROL.sub("\ufffd", str(error))
        console.print(message, markup=False, highlight=False, emoji=False, soft_wrap=True)
        sys.exit(2)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _print(summary: Summary, out: Path, *, as_json: bool) -> None:
    if as_json:
        click.echo(summary_json(summary), nl=False)
        return
    click.echo(summary_text(summary))
    click.echo(f"Written to {out}: {', '.join(map(str, summary['files']))}")
