"""From crime files to a county table: read, match, sum, pool."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Final, TypeVar

import pandas as pd

from arrest_atlas.reading import Attempts
from boundaries import load_counties
from geo import InputError, Problem, Source
from geo.crime import (
    PER,
    CountyCrimes,
    CountySums,
    CrimeBaseline,
    Statewide,
    check_least_covered_share,
    check_months,
    combine_offenses,
    combine_years,
    load_definition,
    pool_years,
    read_agencies,
    read_agency_offenses,
    read_county_crimes,
    sum_by_county,
    why_no_rate,
    with_reasons,
)
from geo.population import Population, load_population_by_year, read_population

__all__ = ["CrimeRequest", "CrimeRun", "make_baseline"]

T = TypeVar("T")

_MONTHS: Final = 12
"""Months that an agency must have reported where nothing else is said."""

_YEARS: Final = re.compile(r"(\d{4})(?:\s*[/\u2013-]\s*(\d{4}))?")

_DEFINITION: Final = "ucr_part1_violent"
"""Counted from agencies' files where neither the user nor a mapping says what."""

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
        Residents by county and year, to whom covered shares refer; the packaged
        estimates of 2010 to 2019 stay beside them.
    fewest_months : int
        Months that an agency must have reported.
    statewide : {"listed", "remainder"}
        What becomes of state police of no county.
    least_covered_share : float
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
    fewest_months: int = _MONTHS
    statewide: Statewide = "listed"
    least_covered_share: float = 0.8
    each_year: bool = False

    @property
    def paths(self) -> tuple[Path, ...]:
        """List every file that is read.

        Returns
        -------
        tuple of pathlib.Path
            Crimes, agencies, residents, mapping.
        """
        others = (self.agencies, self.residents, self.mapping and Path(self.mapping))
        return (*self.files, *(path for path in others if path))


@dataclass(frozen=True, kw_only=True)
class CrimeRun:
    """A county table of crime, and how it came about.

    Attributes
    ----------
    table : pandas.DataFrame
        :data:`COLUMNS`; ``crime_rate`` is missing where the covered share is
        less than the least. One row a county, or one a county and year.
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
    request: CrimeRequest,
    *,
    attempts: Attempts | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> CrimeRun:
    r"""Make a county table out of crime files.

    Parameters
    ----------
    request : CrimeRequest
        Files and options.
    attempts : Attempts, optional
        Problems that were found already, to be told with the others.
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
    attempts = attempts or Attempts()
    first, last = attempts.make(partial(_span, request.years)) or (None, None)
    attempts.make(partial(_of_option, "--fewest-months", check_months, request.fewest_months))
    attempts.make(
        partial(
            _of_option,
            "--least-covered-share",
            check_least_covered_share,
            request.least_covered_share,
        )
    )
    sums = None
    if request.agencies is None:
        crimes = _of_counties(request, attempts)
    else:
        sums = _of_agencies(request, first, last, attempts, progress)
        crimes = sums.crimes
    progress("pooling")
    baseline = pool_years(
        crimes, first=first, last=last, least_covered_share=request.least_covered_share
    )
    rows = baseline.crimes.table
    if request.each_year:
        rows = _of_each_year(crimes.table, first, last, baseline.least_covered_share)
    return CrimeRun(table=_laid_out(rows, baseline), baseline=baseline, sums=sums)


def _span(text: str | None) -> tuple[int, int] | None:
    """Read the first and the last of the years that are asked for."""
    if text is None:
        return None
    match = _YEARS.fullmatch(text.strip())
    first, last = (int(match[1]), int(match[2] or match[1])) if match else (1, 0)
    if first <= last:
        return first, last
    problem = Problem(
        file="--years",
        found=f"{text!r}, which ends before it begins" if match else repr(text),
        expected="whole years such as 2014/2016, or one",
        action="write the first year and the last",
    )
    raise InputError([problem])


def _of_option(option: str, check: Callable[[T], None], value: T) -> None:
    """Check the value of an option, and name it in what is wrong."""
    try:
        check(value)
    except InputError as error:
        raise InputError([replace(problem, file=option) for problem in error.problems]) from error


def _of_each_year(
    table: pd.DataFrame, first: int | None, last: int | None, least_covered_share: float
) -> pd.DataFrame:
    """Keep the years that are asked for, and say of each row why it has no rate."""
    years = table["year"]
    kept = years.between(
        years.min() if first is None else first, years.max() if last is None else last
    )
    rows = table[kept]
    return rows.assign(
        flags=with_reasons(
            rows["flags"], why_no_rate(rows, least_covered_share=least_covered_share)
        )
    )


def _of_counties(request: CrimeRequest, attempts: Attempts) -> CountyCrimes:
    """Read figures by county, every file before any problem is told."""
    attempts.make(partial(_refuse_for_counties, request))
    attempts.make(partial(_residents, request))
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


def _refuse_for_counties(request: CrimeRequest) -> None:
    """Refuse options that change nothing where FILES are of counties."""
    given = {
        "--residents": request.residents is not None,
        "--state-police": request.statewide != "listed",
        "--fewest-months": request.fewest_months != _MONTHS,
    }
    named = [option for option, there in given.items() if there]
    if not named:
        return
    problem = Problem(
        file="--agencies",
        found=f"no list of agencies, but {', '.join(named)}",
        expected="such options with files of agencies only: a county file says to whom its "
        "crimes refer",
        action="give --agencies, or leave them out",
    )
    raise InputError([problem])


def _of_agencies(
    request: CrimeRequest,
    first: int | None,
    last: int | None,
    attempts: Attempts,
    progress: Callable[[str], None],
) -> CountySums:
    """Read figures by agency and the list, and sum them by county."""
    attempts.make(partial(load_definition, request.definition or _DEFINITION))
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
    offenses = combine_offenses(parts)
    sums = sum_by_county(
        offenses,
        listed,
        definition=request.definition or offenses.definition or _DEFINITION,
        first=first,
        last=last,
        residents=residents,
        fewest_months=request.fewest_months,
        statewide=request.statewide,
    )
    _check_matches(sums, request)
    return sums


def _check_matches(sums: CountySums, request: CrimeRequest) -> None:
    """Refuse a list of which no agency reported."""
    reporters = sums.matches.table
    if (reporters["matched"] != "").any():
        return
    listed = str(request.agencies)
    shown = reporters["ori"].where(reporters["ori"] != "", reporters["agency"]).iloc[:3]
    problem = Problem(
        file=", ".join(path.name for path in request.files),
        found=f"no agency of --agencies {Path(listed).name} ({', '.join(shown)}, ...)",
        expected="agencies with the ORI, or the name and the state, of one in that list",
        action="check the list and the columns of both files",
    )
    raise InputError([problem])


def _residents(request: CrimeRequest) -> Population | None:
    """Add the user's years of residents to the Census Bureau's estimates."""
    if request.residents is None:
        return None
    return load_population_by_year().joined_by(read_population(request.residents))


def _laid_out(rows: pd.DataFrame, baseline: CrimeBaseline) -> pd.DataFrame:
    """Lay figures out with names, rates and their definition."""
    counties = load_counties()[["name", "state"]]
    covered = why_no_rate(rows, least_covered_share=baseline.least_covered_share) == ""
    rate = PER * rows["crimes"] / rows["residents"].where(rows["residents"] > 0)
    table = rows.join(counties, on="county_fips").assign(
        crime_rate=rate.where(covered), definition=baseline.crimes.definition
    )
    return table[list(COLUMNS)].sort_values(["county_fips", "year"]).reset_index(drop=True)
