"""``arrest-atlas crime``."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any, get_args

import click

from arrest_atlas.cli._options import FILE, filters
from arrest_atlas.cli._reporting import reporting
from arrest_atlas.crime_baseline import CrimeRequest, make_baseline
from arrest_atlas.crime_files import check_outs, write_run
from arrest_atlas.crime_words import run_json, run_text
from arrest_atlas.reading import Attempts
from geo.crime import Statewide


@click.command()
@click.argument("files", type=FILE, nargs=-1, required=True)
@click.option(
    "--out",
    type=FILE,
    required=True,
    help="File to write: .csv or .parquet (a table, for --crime), .gpkg (a map); new, or one of "
    "an earlier run.",
)
@click.option(
    "--agencies",
    type=FILE,
    help="List of police agencies (ORI, counties). FILES are of agencies then, not of counties.",
)
@click.option(
    "--definition",
    metavar="NAME",
    help="Crimes to count, such as homicide.  [default: what the file counts; of agencies "
    "ucr_part1_violent]",
)
@click.option(
    "--years",
    metavar="PERIOD",
    help="Years to pool, from the first to the last: 2014/2016.  [default: all]",
)
@click.option(
    "--file-years", metavar="YEARS", help="Years of FILES, if no column tells them: 2017."
)
@click.option("--each-year", is_flag=True, help="Write a row a county and year; do not pool.")
@click.option(
    "--least-covered-share",
    type=float,
    default=0.8,
    show_default=True,
    help="Share of residents whose police must have reported. Below it, no rate.",
)
@click.option(
    "--fewest-months",
    type=int,
    default=12,
    show_default=True,
    help="Months that an agency must have reported; fewer than 12 are brought to 12.",
)
@click.option(
    "--state-police",
    "statewide",
    type=click.Choice(get_args(Statewide)),
    default="listed",
    show_default=True,
    help="State police of no county: listed apart, or spread over residents whom no other agency "
    "serves.",
)
@click.option(
    "--residents",
    type=FILE,
    help="Residents by county and year, as the Census Bureau gives them (co-est2024-alldata.csv), "
    "for years after 2019.",
)
@click.option("--layout", metavar="NAME", help="Layout of FILES, if it is not recognised.")
@click.option("--mapping", type=FILE, help="TOML file that says which column of FILES holds what.")
@filters("--filter", "where", help="Keep these rows of FILES")
@click.option(
    "--ledger",
    type=FILE,
    help="File (.csv, .parquet) for every agency, its counties, and what became of its crimes.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def crime(
    *,
    files: tuple[Path, ...],
    out: Path,
    ledger: Path | None,
    as_json: bool,
    **options: Any,
) -> None:
    """Make crime rates by county, with what they cover.

    FILES are tables of crimes by county, or, with --agencies, by police agency. Several
    years become one rate, each weighted by the residents whose police reported in it.
    """
    request = CrimeRequest(files=files, **options)
    attempts = Attempts()
    with reporting() as progress:
        attempts.make(
            partial(
                check_outs,
                out,
                ledger,
                agencies=request.agencies is not None,
                inputs=request.paths,
            )
        )
        made = make_baseline(request, attempts=attempts, progress=progress)
        progress("writing")
        write_run(made, out, ledger)
    if as_json:
        click.echo(run_json(made), nl=False)
        return
    click.echo(run_text(made), nl=False)
    click.echo(f"Written to {out}{f' and {ledger}' if ledger else ''}.")
