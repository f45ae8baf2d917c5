"""From crime files to a county table: read, match, sum, pool."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final

import pandas as pd

from arrest_atlas.period import Period
from arrest_atlas.reading import Attempts
from boundaries import load_counties
from geo import InputError, Problem, Source
from geo.crime import (
    PER,
    CountyCrimes,
    CountySums,
    CrimeBaseline,
    Statewide,
    check_months,
    check_threshold,
    combine_offenses,
    combine_years,
    load_definition,
    pool_years,
    read_agencies,
    read_agency_offenses,
    read_county_crimes,
    sum_by_county,
)
from geo.population import Population, load_population_by_year, read_population

__all__ = ["CrimeRequest", "CrimeRun", "make_baseline"]

_DEFINITION: Final = "ucr_part1_violent"
"""Counted from agencies' files where nothing else is asked for."""

COLUMNS: Final = (
    *("county_fips", "name", "state", "year", "years", "crimes", "residents", "crime_rate"),
    *("covered_share", "definition", "flags"),
)
"""Columns of the county table, in order."""


@dataclass(frozen=True, kw_only=True)
class CrimeRequest:
    """Files of crime, and what is to be made of them.

    Attributes
    ----------
    files : sequence of pathlib.Path
        Crimes by county; by agency, where `agencies` is given.
    agencies : pathlib.Path or None
        List of agencies with their counties.
    definition : str or None
        Crimes to count.
    layout, mapping : str or pathlib.Path or None
        How the files are laid out, if it is not to be told from the columns.
    where : mapping of str to sequence of str
        Rows of the files to keep.
    file_years : str or None
        Years of the files, if no column tells them.
    years : str or None
        Years to pool, ``"2014/2016"``; all there are if None.
    residents : pathlib.Path or None
        Residents by county and year, to whom agencies' coverage refers; the packaged
        estimates of 2010 to 2019 stay beside them.
    fewest_months : int
        Months that an agency must have reported.
    statewide : {"listed", "remainder"}
        What becomes of state police of no county.
    threshold : float
        Share of residents whose police must have reported.
    each_year : bool
        Whether every year gets a row of its own.
    """

    files: Sequence[Path]
    agencies: Path | None = None
    definition: str | None = None
    layout: str | None = None
    mapping: Path | None = None
    where: Mapping[str, Sequence[str]] = field(default_factory=dict)
    file_years: str | None = None
    years: str | None = None
    residents: Path | None = None
    fewest_months: int = 12
    statewide: Statewide = "listed"
    threshold: float = 0.8
    each_year: bool = False


@dataclass(frozen=True, kw_only=True)
class CrimeRun:
    """A county table of crime, and how it came about.

    Attributes
    ----------
    table : pandas.DataFrame
        :data:`COLUMNS`; ``crime_rate`` is missing where the coverage is below the
        threshold. One row a county, or one a county and year.
    baseline : CrimeBaseline
        The pooled figures.
    sums : CountySums or None
        The way from agencies to counties, where the files are of agencies.
    """

    table: pd.DataFrame
    baseline: CrimeBaseline
    sums: CountySums | None

    @property
    def sources(self) -> tuple[Source, ...]:
        """List the files, each once.

        Returns
        -------
        tuple of Source
            Crimes, agencies, residents.
        """
        return tuple(dict.fromkeys(self.baseline.crimes.sources))


def make_baseline(
    request: CrimeRequest, *, progress: Callable[[str], None] = lambda _: None
) -> CrimeRun:
    r"""Make a county table out of crime files.

    Parameters
    ----------
    request : CrimeRequest
        Files and options.
    progress : callable, optional
        Receives a few words at each step.

    Returns
    -------
    CrimeRun
        The table, and the way there.

    Raises
    ------
    InputError
        With every problem of every file and option at once.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "crime.csv"
    >>> _ = path.write_text("fips,year,murder,population,covered_share\n"
    ...                     "1001,2017,4,50000,1\n1003,2017,3,50000,0.5\n")
    >>> run = make_baseline(CrimeRequest(files=[path], definition="homicide"))
    >>> run.table["crime_rate"].tolist()
    [8.0, nan]
    """
    progress("reading")
    attempts = Attempts()
    period = attempts.make(partial(_period, request.years))
    attempts.make(partial(check_months, request.fewest_months))
    attempts.make(partial(check_threshold, request.threshold))
    sums = None
    if request.agencies is None:
        crimes = _of_counties(request, attempts)
    else:
        sums = _of_agencies(request, period, attempts, progress)
        crimes = sums.crimes
    progress("pooling")
    years = crimes.table["year"]
    first, last = (
        (period.first.year, period.last.year) if period else (int(years.min()), int(years.max()))
    )
    baseline = pool_years(crimes, first=first, last=last, threshold=request.threshold)
    rows = baseline.crimes.table
    if request.each_year:
        rows = crimes.table[years.between(first, last)]
    return CrimeRun(table=_laid_out(rows, baseline), baseline=baseline, sums=sums)


def _period(text: str | None) -> Period | None:
    return None if text is None else Period.parse(text, option="--years")


def _of_counties(request: CrimeRequest, attempts: Attempts) -> CountyCrimes:
    """Read figures by county, every file before any problem is told."""
    if request.residents is not None or request.statewide != "listed":
        attempts.make(_only_for_agencies)
    parts = [
        attempts.make(
            partial(
                read_county_crimes,
                path,
                layout=request.layout,
                mapping=request.mapping,
                definition=request.definition,
                where=request.where,
                years=request.file_years,
            )
        )
        for path in request.files
    ]
    attempts.check()
    return combine_years(parts)


def _only_for_agencies() -> None:
    problem = Problem(
        file="--agencies",
        found="no list of agencies, but --residents or --state-police",
        expected="these options with files of agencies only: a county file says to whom its "
        "crimes refer",
        action="give --agencies, or leave the options out",
    )
    raise InputError([problem])


def _of_agencies(
    request: CrimeRequest,
    period: Period | None,
    attempts: Attempts,
    progress: Callable[[str], None],
) -> CountySums:
    """Read figures by agency and the list, and sum them by county."""
    definition = request.definition or _DEFINITION
    attempts.make(partial(load_definition, definition))
    parts = [
        attempts.make(
            partial(
                read_agency_offenses,
                path,
                layout=request.layout,
                mapping=request.mapping,
                where=request.where,
                years=request.file_years,
            )
        )
        for path in request.files
    ]
    listed = attempts.make(partial(read_agencies, str(request.agencies)))
    residents = attempts.make(partial(_residents, request))
    attempts.check()
    progress("from agencies to counties")
    return sum_by_county(
        combine_offenses(parts),
        listed,
        definition=definition,
        first=period.first.year if period else None,
        last=period.last.year if period else None,
        residents=residents,
        fewest_months=request.fewest_months,
        statewide=request.statewide,
    )


def _residents(request: CrimeRequest) -> Population | None:
    """Add the user's years of residents to the Census Bureau's estimates."""
    if request.residents is None:
        return None
    return load_population_by_year().joined_by(read_population(request.residents))


def _laid_out(rows: pd.DataFrame, baseline: CrimeBaseline) -> pd.DataFrame:
    """Lay figures out with names, rates and their definition."""
    counties = load_counties()[["name", "state"]]
    stated = bool(baseline.crimes.table["covered_share"].notna().any())
    covered = (rows["covered_share"] >= baseline.threshold) | (not stated)
    rate = PER * rows["crimes"] / rows["residents"].where(rows["residents"] > 0)
    table = rows.join(counties, on="county_fips").assign(
        crime_rate=rate.where(covered), definition=baseline.crimes.definition
    )
    return table[list(COLUMNS)].sort_values(["county_fips", "year"]).reset_index(drop=True)
