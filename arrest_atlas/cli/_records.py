"""``arrest-atlas inspect`` and ``arrest-atlas locate``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from arrest_atlas.cli._options import FILE, reading_records
from arrest_atlas.cli._reporting import reporting
from arrest_atlas.quality import nested_quality
from arrest_atlas.records import judge_records
from arrest_atlas.words import records_sentence
from arrest_atlas.working_file import check_working_file, write_working_file
from outputs import summary_json


@click.command()
@click.argument("files", type=FILE, nargs=-1, required=True)
@reading_records
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def inspect(*, files: tuple[Path, ...], as_json: bool, **options: Any) -> None:
    """Report how good records are: missing, duplicate, located, in conflict.

    Reads FILES, all releases, and writes nothing.
    """
    with reporting(failed="Nothing was inspected:") as progress:
        progress("reading")
        report = judge_records(files, **options).quality
    if as_json:
        click.echo(summary_json(nested_quality(report, report.to_frame())), nl=False)
        return
    click.echo(report.text(), nl=False)


@click.command()
@click.argument("files", type=FILE, nargs=-1, required=True)
@click.option(
    "--out",
    type=FILE,
    required=True,
    help="File to write: .parquet or .csv; new, or one of an earlier run.",
)
@reading_records
def locate(*, files: tuple[Path, ...], out: Path, **options: Any) -> None:
    """Write where each record of FILES was located, and by what evidence.

    A working file, not for publication: it has one row a record, without identifiers,
    birth, citizenship and gender.
    """
    with reporting() as progress:
        check_working_file(out)
        progress("reading")
        records = judge_records(files, **options)
        progress("writing")
        write_working_file(records, out)
    click.echo(records_sentence(records, imputed=False))
    click.echo(f"Written to {out}. Not for publication.")
