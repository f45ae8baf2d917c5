"""The table of covariates by county: read from files, and written whole."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, TypeVar

import geopandas as gpd
import pandas as pd

from arrest_atlas.period import Period
from arrest_atlas.reading import Attempts
from arrest_atlas.table_files import (
    out_problems,
    overwrite_problems,
    place_problems,
    written_by,
)
from boundaries import load_counties
from geo import InputError, Problem
from geo.context import (
    Agreements,
    CountyTable,
    Facilities,
    ForeignBorn,
    PresidentialVotes,
    agreements_at,
    county_table,
    read_agreements,
    read_facilities,
    read_foreign_born,
    read_population_centers,
    read_votes,
)
from geo.population import read_population
from outputs import whole_file, write_geopackage, write_parquet

__all__ = ["ReadCovariates", "check_county_table", "read_covariates", "write_county_table"]

T = TypeVar("T")

SUFFIXES: Final = (".csv", ".parquet", ".gpkg")
_TITLE: Final = "arrest-atlas county-table: covariates by county"
_LAYERS: Final = ("counties", "columns")
_FIRST: Final = "county_fips,name,state,residents"
_COLUMNS: Final = "column,source,period,unit,note"


@dataclass(frozen=True, kw_only=True)
class ReadCovariates:
    """Covariates by county, and what their readers have to say.

    Attributes
    ----------
    counties : CountyTable
        The table and what its columns hold.
    notes : mapping of str to tuple of str
        What was repaired, carried or left out, by file.
    unplaced : pandas.DataFrame
        Rows that are in no county: ``file``, ``row``, ``state``, ``name`` and ``reason``.
    """

    counties: CountyTable
    notes: Mapping[str, tuple[str, ...]]
    unplaced: pd.DataFrame


def read_covariates(
    *,
    population: Path | None = None,
    year: int | None = None,
    foreign_born: Path | None = None,
    acs_period: str | None = None,
    votes: Path | None = None,
    election: int | None = None,
    agreements: Path | None = None,
    day: dt.date | None = None,
    facilities: Mapping[str, Path] | None = None,
    in_use: Mapping[str, Period] | None = None,
    centers: Path | None = None,
    attempts: Attempts | None = None,
) -> ReadCovariates:
    """Read the files there are, and join them by county.

    Parameters
    ----------
    population : pathlib.Path, optional
        Residents by year; default: the packaged estimates of 2010 to 2019.
    year : int, optional
        Year of the residents; default: the last there is.
    foreign_born : pathlib.Path, optional
        Table B05001 of the American Community Survey.
    acs_period : str, optional
        Its years, if its name does not say them.
    votes : pathlib.Path, optional
        Votes for president.
    election : int, optional
        Its year, if the file does not say it or holds several.
    agreements : pathlib.Path, optional
        ICE's list of 287(g) agreements.
    day : datetime.date, optional
        Day on which agreements were in force; default: that of the list.
    facilities : mapping of str to pathlib.Path, optional
        Lists of facilities by the name of their columns.
    in_use : mapping of str to Period, optional
        By the same names, the time in which facilities must have been in use; default: all.
    centers : pathlib.Path, optional
        Centers of population, where distances start; default: centroids.
    attempts : Attempts, optional
        Problems that were found already, to be told with the others.

    Returns
    -------
    ReadCovariates
        The table, and what the readers say.

    Raises
    ------
    InputError
        With every problem of every file at once.
    """
    attempts = attempts or Attempts()
    people = _tried(attempts, "--population", read_population, population)
    survey = _tried(attempts, "--foreign-born", read_foreign_born, foreign_born, period=acs_period)
    returns = _tried(attempts, "--votes", read_votes, votes, year=election)
    sheet = _tried(attempts, "--agreements", read_agreements, agreements)
    tried = {
        name: _tried(attempts, "--facilities", read_facilities, path)
        for name, path in (facilities or {}).items()
    }
    for name, period in (in_use or {}).items():
        options = {"first": period.first, "last": period.last}
        tried[name] = _tried(
            attempts, "--facilities-in-use", Facilities.in_use, tried[name], **options
        )
    middles = _tried(attempts, "--centers", read_population_centers, centers)
    counts = None
    if sheet is not None:
        counts = _tried(attempts, "--on", agreements_at, sheet, day=day or sheet.as_of)
    attempts.check()
    places = {name: each for name, each in tried.items() if each is not None}
    counties = county_table(
        population=people,
        residents_year=year,
        foreign_born=survey,
        votes=returns,
        agreements=counts,
        facilities=places,
        centers=middles,
    )
    readings = [each for each in (survey, returns, sheet, *places.values()) if each is not None]
    return ReadCovariates(
        counties=counties,
        notes=_notes(readings),
        unplaced=_unplaced(returns, sheet, list(places.values())),
    )


def _tried(
    attempts: Attempts, option: str, reader: Callable[..., T], given: object | None, **how: object
) -> T | None:
    """Read what an option gives, so that the problems of all files are told at once."""

    def read() -> T:
        try:
            return reader(given, **how)
        except InputError as error:
            named = [replace(each, file=f"{option}, {each.file}") for each in error.problems]
            raise InputError(named) from error

    return None if given is None else attempts.make(read)


def _notes(
    readings: Iterable[ForeignBorn | PresidentialVotes | Agreements | Facilities],
) -> dict[str, tuple[str, ...]]:
    notes: dict[str, tuple[str, ...]] = {}
    for each in readings:  # two files may have one name
        notes[each.source.file] = notes.get(each.source.file, ()) + each.notes
    return notes


def _unplaced(
    votes: PresidentialVotes | None, sheet: Agreements | None, places: list[Facilities]
) -> pd.DataFrame:
    """Put the rows that are in no county one below the other."""
    parts: list[tuple[str, pd.DataFrame]] = []
    if votes is not None:
        rows = votes.unplaced.set_index("row").assign(doubt="its code is no county's")
        parts.append((votes.source.file, rows))
    if sheet is not None:
        parts.append((sheet.source.file, sheet.problems.rename(columns={"agency": "name"})))
    parts += [(each.source.file, each.problems) for each in places]
    found = [
        (file, row, state, name, reason)
        for file, table in parts
        for row, state, name, reason in zip(
            table.index, table["state"], table["name"], table["doubt"], strict=True
        )
    ]
    return pd.DataFrame(found, columns=["file", "row", "state", "name", "reason"])


def check_county_table(
    out: Path, *, inputs: Sequence[Path] = (), problems: Sequence[Problem] = ()
) -> None:
    """Make sure that the table can be written, before any work is done.

    Parameters
    ----------
    out : pathlib.Path
        ``.csv``, ``.parquet`` or ``.gpkg``.
    inputs : sequence of pathlib.Path, optional
        Files that are to be read, and must not be overwritten.
    problems : sequence of Problem, optional
        What is wrong already, to be told at once with the rest.

    Raises
    ------
    InputError
        If the file is of another type, or is one of `inputs`; if something else stands
        there or beside it, or nothing can be written; or with `problems`.
    """
    wrong = out_problems(out, SUFFIXES, inputs, ours=_ours)
    if not wrong and out.suffix.lower() != ".gpkg":
        wrong = _beside_problems(columns_file(out), inputs)
    if problems or wrong:
        raise InputError([*problems, *wrong])


def _beside_problems(path: Path, inputs: Sequence[Path]) -> list[Problem]:
    """Say of what stands in the way that it is the file of columns, which no option names."""
    option = "--out, with the file of its columns beside it"
    problems = overwrite_problems(path, inputs, option=option)
    return problems or [
        replace(each, file=option, action="choose another --out")
        for each in place_problems(path, _ours_columns)
    ]


def columns_file(out: Path) -> Path:
    """Name the file that says what the columns hold, beside a table that cannot.

    Parameters
    ----------
    out : pathlib.Path
        The table.

    Returns
    -------
    pathlib.Path
        ``counties.csv.columns.csv`` for ``counties.csv``.
    """
    return out.with_name(f"{out.name}.columns.csv")


def write_county_table(counties: CountyTable, out: Path) -> tuple[Path, ...]:
    """Write the table and what its columns hold.

    Parameters
    ----------
    counties : CountyTable
        What to write.
    out : pathlib.Path
        A GeoPackage with the layers ``counties`` (polygons) and ``columns``, or a CSV or
        Parquet file without geometry, with a CSV of the columns beside it.

    Returns
    -------
    tuple of pathlib.Path
        The files.

    Raises
    ------
    InputError
        If the file is of another type, or something else stands there.
    OutputError
        If nothing can be written.
    """
    check_county_table(out)
    described = counties.columns_frame()
    if out.suffix.lower() == ".gpkg":
        polygons = load_counties()[["geometry"]].join(counties.table)
        layers = {_LAYERS[0]: gpd.GeoDataFrame(polygons), _LAYERS[1]: described}
        with whole_file(out, ours=_ours) as scratch:
            write_geopackage(scratch, layers, title=_TITLE, metadata={})
        return (out,)
    beside = columns_file(out)
    with whole_file(out, ours=_ours) as scratch, whole_file(beside, ours=_ours_columns) as other:
        described.to_csv(other, index=False, lineterminator="\n")
        if out.suffix.lower() == ".csv":
            counties.table.to_csv(scratch, lineterminator="\n")
        else:
            write_parquet(counties.table.reset_index(), scratch, _TITLE)
    return out, beside


def _ours(path: Path) -> bool:
    """Recognise a table that an earlier run wrote: a CSV has no note, but a file beside it."""
    if path.suffix.lower() == ".csv":
        table = path.is_file() and _first_line(path).startswith(_FIRST)
        return table and _ours_columns(columns_file(path))
    return written_by(path, marks=[_TITLE], layers=_LAYERS)


def _ours_columns(path: Path) -> bool:
    return path.is_file() and _first_line(path) == _COLUMNS


def _first_line(path: Path) -> str:
    with path.open("rb") as file:
        return file.readline(4_096).decode("utf-8", "replace").rstrip("\r\n")
