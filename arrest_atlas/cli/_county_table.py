"""``arrest-atlas county-table``."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from functools import partial
from pathlib import Path

import click

from arrest_atlas.cli._options import FILE
from arrest_atlas.cli._reporting import reporting
from arrest_atlas.county_tables import (
    ReadCovariates,
    check_county_table,
    read_covariates,
    write_county_table,
)
from arrest_atlas.map_tests.tables import number_of, printable
from arrest_atlas.options import idle_options
from arrest_atlas.period import Period
from arrest_atlas.reading import Attempts
from geo import InputError, Problem
from geo.context import facility_name_problems
from outputs import summary_json

_YEAR = click.IntRange(1900, 2100)
_LONGEST = 120
"""Characters that are shown of a name, or of what a reader says of a row."""

_IN_USE = "--facilities-in-use"


@click.command("county-table")
@click.option("--out", type=FILE, required=True, help="File to write: .csv, .parquet or .gpkg.")
@click.option(
    "--population",
    type=FILE,
    help="Residents by county and year, as the Census Bureau publishes them.  [default: the "
    "packaged estimates of 2010 to 2019]",
)
@click.option("--year", type=_YEAR, help="Year of the residents.  [default: the last there is]")
@click.option(
    "--foreign-born",
    type=FILE,
    help="Table B05001 of the American Community Survey: of data.census.gov, or the API's answer.",
)
@click.option(
    "--acs-period",
    metavar="YEARS",
    help="Years of that survey, such as 2018-2022.  [default: those in the file's name]",
)
@click.option("--votes", type=FILE, help="Votes for president by county.")
@click.option("--election", type=_YEAR, help="Its year, if the file holds several.")
@click.option("--agreements", type=FILE, help="ICE's list of 287(g) agreements.")
@click.option(
    "--on",
    "day",
    type=click.DateTime(["%Y-%m-%d"]),
    help="Day on which agreements were in force.  [default: the day of the list]",
)
@click.option(
    "--facilities",
    multiple=True,
    metavar="NAME=FILE",
    help="List of facilities with coordinates, and the name of their columns, such as "
    "hold_room=hold_rooms.csv; repeatable.",
)
@click.option(
    _IN_USE,
    "in_use",
    multiple=True,
    metavar="NAME=PERIOD",
    help="Of the list of this name, only facilities in use at some time of these years or days, "
    "such as hold_room=2014/2016; repeatable.  [default: all facilities of a list]",
)
@click.option(
    "--centers",
    type=FILE,
    help="The Census Bureau's centers of population, from which distances are measured.  "
    "[default: centroids]",
)
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def county_table(
    *,
    out: Path,
    population: Path | None,
    year: int | None,
    foreign_born: Path | None,
    acs_period: str | None,
    votes: Path | None,
    election: int | None,
    agreements: Path | None,
    day: dt.datetime | None,
    facilities: tuple[str, ...],
    in_use: tuple[str, ...],
    centers: Path | None,
    as_json: bool,
) -> None:
    """Join what is known of the counties into one table.

    Residents, foreign-born people, votes, 287(g) agreements, facilities and the distance
    to the nearest, by county of 2019; and a table that says of each column its source,
    period and unit (a layer of a .gpkg, a file beside a .csv or .parquet).
    """
    with reporting() as progress:
        named, problems = _named_files(facilities)
        periods, more = _named_periods(in_use, named)
        problems += more
        problems += idle_options(
            {
                "--acs-period": (acs_period, "--foreign-born", foreign_born),
                "--election": (election, "--votes", votes),
                "--on": (day, "--agreements", agreements),
                "--centers": (centers, "--facilities", facilities or None),
            }
        )
        given = (population, foreign_born, votes, agreements, centers, *named.values())
        inputs = [path for path in given if path]
        attempts = Attempts()
        attempts.make(partial(check_county_table, out, inputs=inputs, problems=problems))
        progress("reading")
        read = read_covariates(
            population=population,
            year=year,
            foreign_born=foreign_born,
            acs_period=acs_period,
            votes=votes,
            election=election,
            agreements=agreements,
            day=None if day is None else day.date(),
            facilities=named,
            in_use=periods,
            centers=centers,
            attempts=attempts,
        )
        progress("writing")
        written = write_county_table(read.counties, out)
    if as_json:
        click.echo(summary_json(_as_json(read)), nl=False)
        return
    click.echo(_text(read), nl=False)
    click.echo(f"\nWritten to {' and '.join(map(str, written))}.")


def _named_files(words: tuple[str, ...]) -> tuple[dict[str, Path], list[Problem]]:
    pairs = [word.partition("=") for word in words]
    names = [name for name, _, _ in pairs]
    problems = [
        Problem(
            file="--facilities",
            found=repr(word[:_LONGEST]),
            expected="a name, = and a file, each name once",
            action="change the option",
        )
        for word, (name, _, path) in zip(words, pairs, strict=True)
        if not (name and path) or names.count(name) > 1
    ]
    files = {name: Path(path) for name, _, path in pairs if name and path}
    return files, [*problems, *facility_name_problems(files)]


def _named_periods(
    words: tuple[str, ...], files: Mapping[str, Path]
) -> tuple[dict[str, Period], list[Problem]]:
    periods: dict[str, Period] = {}
    problems: list[Problem] = []
    for word in words:
        name, _, text = word.partition("=")
        if name not in files or name in periods:
            problem = Problem(
                file=_IN_USE,
                found=repr(word[:_LONGEST]),
                expected="a name of --facilities, = and a period, each name once",
                action="change the option",
            )
            problems.append(problem)
            continue
        try:
            periods[name] = Period.parse(text, option=_IN_USE)
        except InputError as error:
            problems += error.problems
    return periods, problems


def _text(read: ReadCovariates) -> str:
    """Say what each column holds, what the readers did, and what is in no county."""
    table = read.counties.table
    counties = partial(number_of, one="county", several="counties")
    lines = [f"{counties(len(table))}, {len(read.counties.columns)} columns:"]
    for column in read.counties.columns:
        known = int(table[column.name].notna().sum())
        lines.append(
            f"  {column.name}: {column.unit}, {column.period}; {counties(known)}; {column.source}"
        )
    for file, notes in read.notes.items():
        if notes:
            lines += ["", f"{file}:", *(f"  {_cut(note)}" for note in notes)]
    if len(read.unplaced):
        lines += ["", f"In no county ({len(read.unplaced):,}):"]
        rows = read.unplaced.itertuples(index=False, name=None)
        lines += [
            f"  {file}, row {row}: {_cut(name)} ({state}): {_cut(reason)}"
            for file, row, state, name, reason in rows
        ]
    return printable(lines)


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."


def _as_json(read: ReadCovariates) -> dict[str, object]:
    table = read.counties.table
    columns = [
        {**vars(column), "counties": int(table[column.name].notna().sum())}
        for column in read.counties.columns
    ]
    return {
        "counties": len(table),
        "columns": columns,
        "notes": read.notes,
        "unplaced": read.unplaced.to_dict("records"),
    }
