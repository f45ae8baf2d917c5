"""``arrest-atlas demo`` and ``arrest-atlas run``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final, get_args

import click

from arrest_atlas.cli._options import (
    PEOPLE,
    cache_folder,
    common,
    of_context,
    of_counts,
    of_crime,
    of_people,
    of_records,
)
from arrest_atlas.cli._reporting import reporting
from arrest_atlas.fetching.found import with_fetched
from arrest_atlas.options import Extent, GraphKind, Treatment
from arrest_atlas.pipeline import demo as run_demo
from arrest_atlas.pipeline import run as run_files
from arrest_atlas.scheduler import open_executor
from arrest_atlas.summary import Summary
from arrest_atlas.words import summary_text
from geo import InputError, Problem
from outputs import summary_json

_sensitivity = click.option(
    "--sensitivity",
    is_flag=True,
    help="Change one choice of method at a time, and write a table and a figure.",
)

_tiles = click.option(
    "--tiles",
    metavar="NAME",
    help="Base map from the network, such as Esri.WorldGrayCanvas.  [default: none, no network]",
)

_tables = click.option(
    "--tables",
    is_flag=True,
    help="Add the published analyses (custody, rates, concentration, ...) to the report.",
)

_KERNEL_LENGTH: Final = 500.0


@click.command()
@_sensitivity
@_tables
@_tiles
@common
def demo(
    *,
    out: Path,
    seed: int,
    draws: int,
    sensitivity: bool,
    tables: bool,
    tiles: str | None,
    scheduler: str | None,
    as_json: bool,
) -> None:
    """Run on simulated records and crime with planted clusters (no files needed)."""
    with reporting() as progress, open_executor(scheduler) as executor:
        summary = run_demo(
            out,
            seed=seed,
            draws=draws,
            sensitivity=sensitivity,
            tables=tables,
            tiles=tiles,
            progress=progress,
            executor=executor,
        )
    _print(summary, out, as_json=as_json)


@click.command()
@of_records
@of_counts
@of_crime
@of_people
@click.option("--denominator", type=PEOPLE, help="People whom arrest rates refer to.")
@click.option("--weights", type=PEOPLE, help="People by whom arrests are imputed.")
@click.option(
    "--arrest-period",
    metavar="PERIOD",
    help="Such as 2025-01-20/2026-08-06; selects records of these days.",
)
@click.option("--alpha", type=float, default=0.05, show_default=True, help="False discovery rate.")
@click.option(
    "--located-share",
    type=float,
    default=0.5,
    show_default=True,
    help="Located share of an area's arrests from which on its counties are tested.",
)
@click.option(
    "--graph",
    type=click.Choice(get_args(GraphKind)),
    default="queen",
    show_default=True,
    help="Neighbours: counties that touch, the 6 nearest, those up to 100 km apart.",
)
@click.option(
    "--treatment",
    type=click.Choice(get_args(Treatment)),
    default="imputed",
    show_default=True,
    help="Arrests without a county: drawn, left out, or shared out in proportion.",
)
@click.option(
    "--extent",
    type=click.Choice(get_args(Extent)),
    default="conterminous",
    show_default=True,
    help="What is tested: 48 states and DC, or Alaska and Hawaii, too.",
)
@click.option(
    "--surrogates",
    type=int,
    default=999,
    show_default=True,
    help="Random crime maps, as clustered as crime, of each of two kinds, behind the p-values of "
    "the comparison: 0 (no p-values), or 39 to 9999.",
)
@click.option(
    "--kernel-length",
    type=float,
    default=_KERNEL_LENGTH,
    show_default=True,
    metavar="KM",
    help="Distance, 200 to 1000 km, at which one of the two kinds keeps the pattern of crime.",
)
@_sensitivity
@click.option(
    "--also-crime",
    multiple=True,
    metavar="FILE[,column=NAME][,period=PERIOD][,covered_share=NAME][,filter=COLUMN=VALUE]",
    help="Another measure or period of crime, a row of --sensitivity; repeatable.",
)
@_tables
@of_context
@_tiles
@cache_folder
@common
def run(
    *,
    out: Path,
    cache: Path | None,
    as_json: bool,
    also_crime: tuple[str, ...],
    scheduler: str | None,
    **options: Any,
) -> None:
    """Run on your files: records (or counts) of arrests, crime rates, people.

    --arrests takes the file that you downloaded, and tells custodial and community
    arrests apart. --arrests-by-aor, --arrests-by-state and --arrests-by-county take
    published counts instead. Without arrests, and without --crime, those that
    arrest-atlas fetch has fetched are used.
    """
    with reporting() as progress, open_executor(scheduler) as executor:
        _refuse_idle_kernel(**options)
        options, said = with_fetched(options, cache=cache)
        for sentence in said:
            click.echo(sentence, err=True)
        summary = run_files(
            out,
            also_crime=also_crime,
            progress=progress,
            executor=executor,
            **options,
        )
    _print(summary, out, as_json=as_json)


def _refuse_idle_kernel(*, surrogates: int, kernel_length: float, **_: object) -> None:
    if surrogates == 0 and kernel_length != _KERNEL_LENGTH:
        problem = Problem(
            file="--kernel-length",
            found="the option with --surrogates 0, which makes no surrogate maps",
            expected="surrogate maps to which it applies",
            action="leave one of the two out",
        )
        raise InputError([problem])


def _print(summary: Summary, out: Path, *, as_json: bool) -> None:
    if as_json:
        click.echo(summary_json(summary), nl=False)
        return
    click.echo(summary_text(summary))
    click.echo(f"Written to {out}: {', '.join(_named_shortly(summary['files']))}")


def _named_shortly(files: Sequence[str]) -> Iterator[str]:
    """Name the files of a folder, and of the folders in it only their number."""
    folders = Counter(name.partition("/")[0] for name in files if "/" in name)
    yield from (name for name in files if "/" not in name)
    yield from (f"{folder}/ ({number} files)" for folder, number in folders.items())
