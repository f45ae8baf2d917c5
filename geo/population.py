"""Residents by county, of the right year."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import as_file, files
from pathlib import Path
from typing import Final

import pandas as pd

from geo._table import Source, Table, plain_name, read_table
from geo.county_values import CountyValues, read_county_values
from geo.errors import InputError, Problem

__all__ = [
    "POPULATION_YEARS",
    "Population",
    "has_years",
    "load_population",
    "load_population_by_year",
    "read_population",
]

POPULATION_YEARS: Final = (2010, 2019)
"""First and last year of the packaged population estimates."""

_YEAR_COLUMN = re.compile(r"(?:popestimate|population|pop|residents)_?((?:19|20)[0-9]{2})")


@dataclass(frozen=True, kw_only=True)
class Population:
    """Residents by county and year.

    Attributes
    ----------
    by_year : pandas.DataFrame of float
        Residents by ``county_fips`` (vintage 2019) and year (whole numbers, ascending);
        NaN where not known.
    sources : tuple of Source
        The files; none for the packaged estimates.
    notes : tuple of str
        What was carried from areas of other years.
    """

    by_year: pd.DataFrame
    sources: tuple[Source, ...]
    notes: tuple[str, ...]

    def years_for(self, first: int, last: int | None = None) -> tuple[int, ...]:
        """Tell which years stand for a period.

        Parameters
        ----------
        first : int
            First year.
        last : int, optional
            Last year; by default the first.

        Returns
        -------
        tuple of int
            The years of the period that there are, else the one nearest to it.

        Examples
        --------
        >>> load_population_by_year().years_for(2018, 2025)
        (2018, 2019)
        """
        end = first if last is None else max(first, last)
        there = [int(year) for year in self.by_year.columns]
        within = tuple(year for year in there if first <= year <= end)
        return within or (min(there, key=lambda year: max(first - year, year - end)),)

    def residents(self, first: int, last: int | None = None) -> pd.Series:
        """Take the mean of the years that stand for a period.

        Parameters
        ----------
        first : int
            First year.
        last : int, optional
            Last year; by default the first.

        Returns
        -------
        pandas.Series of float
            By ``county_fips``; NaN where one of the years is not known.

        Examples
        --------
        >>> int(load_population_by_year().residents(2010).sum())
        309321666
        """
        years = list(self.years_for(first, last))
        return self.by_year[years].mean(axis="columns", skipna=False).rename("residents")

    def words_for(self, first: int, last: int | None = None) -> str:
        """Say which years stand for a period.

        Parameters
        ----------
        first : int
            First year.
        last : int, optional
            Last year; by default the first.

        Returns
        -------
        str
            The years, and that they are the nearest there are if they are not all asked
            for.

        Examples
        --------
        >>> population = load_population_by_year()
        >>> population.words_for(2014, 2016), population.words_for(2024)
        ('2014 to 2016', '2019 (the nearest there is)')
        """
        years = self.years_for(first, last)
        asked = len(range(first, max(first, last or first) + 1))
        words = f"{years[0]}" if len(years) == 1 else f"{years[0]} to {years[-1]}"
        if len(years) == asked and years[0] == first:
            return words
        return f"{words} (the nearest there {'is' if len(years) == 1 else 'are'})"

    def joined_by(self, other: Population) -> Population:
        """Add the years of another table.

        Parameters
        ----------
        other : Population
            Its years count where both have them.

        Returns
        -------
        Population
            The years of both. Estimates of two decades rest on two censuses: from the
            last of the one to the first of the other they may jump.

        Examples
        --------
        >>> early = load_population_by_year()
        >>> later = Population(by_year=early.by_year[[2019]] * 1.1, sources=(), notes=())
        >>> early.joined_by(later).by_year.shape
        (3142, 10)
        """
        mine = self.by_year.drop(columns=other.by_year.columns, errors="ignore")
        years = pd.concat([mine, other.by_year], axis="columns")
        return Population(
            by_year=years.sort_index(axis="columns").sort_index(),
            sources=self.sources + other.sources,
            notes=self.notes + other.notes,
        )


def load_population(first: int = 2019, last: int | None = None) -> pd.Series:
    """Load the Census Bureau's estimates of residents by county.

    Parameters
    ----------
    first, last : int, default 2019
        Years, 2010 to 2019; the mean over `first` to `last` is taken. Years outside are
        replaced by the nearest year there is.

    Returns
    -------
    pandas.Series of float
        Residents on July 1 by ``county_fips`` (vintage 2019): 3,142 counties of the 50
        states and the District of Columbia. No territories.

    Examples
    --------
    >>> int(load_population(2019).sum())
    328239523
    """
    return load_population_by_year().residents(first, last)


def load_population_by_year() -> Population:
    """Load the Census Bureau's estimates of residents by county, 2010 to 2019.

    Source: U.S. Census Bureau, county population estimates, vintage 2019 (public domain).

    Returns
    -------
    Population
        3,142 counties of the 50 states and the District of Columbia, July 1 of each year.

    Examples
    --------
    >>> load_population_by_year().by_year.loc["48201", [2010, 2019]].tolist()
    [4107666.0, 4713325.0]
    """
    return Population(by_year=_estimates().copy(), sources=(), notes=())


def read_population(path: str | Path) -> Population:
    r"""Read residents by county and year from a file of the Census Bureau.

    Parameters
    ----------
    path : str or pathlib.Path
        The Bureau's county population totals (``co-est2024-alldata.csv`` and the like, as
        they come), or any CSV, Parquet, Excel, Stata or SPSS file with codes of counties
        and one column a year: ``POPESTIMATE2020``, ``population_2020``, ``pop2020``,
        ``residents_2020``. Rows of whole states are left out. Connecticut's planning
        regions and other areas of other years are carried to the counties of 2019 by
        their shares of residents.

    Returns
    -------
    Population
        The years of the file.

    Raises
    ------
    InputError
        With every problem of every year at once, and if no column is a year's.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "co-est.csv"
    >>> header = "STATE,COUNTY,POPESTIMATE2021,POPESTIMATE2022\n"
    >>> _ = path.write_text(header + "2,63,7000,7010\n2,66,2600,2590\n")
    >>> read_population(path).by_year.loc["02261"].to_dict()
    {2021: 9600.0, 2022: 9600.0}
    """
    table = read_table(path)
    columns = _year_columns(table)
    if not columns:
        raise table.error(
            found=f"the columns {', '.join(table.rows.columns[:12])}",
            expected="residents with their year, such as POPESTIMATE2020",
            action="check that this is the right file, or rename the columns",
        )
    read: dict[int, CountyValues] = {}
    problems: list[Problem] = []
    for year, column in columns.items():
        try:
            read[year] = read_county_values(
                path, names=[column], what="residents", kind="count", column=column
            )
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(dict.fromkeys(problems))  # codes are wrong in every year alike
    one = next(iter(read.values()))
    return Population(
        by_year=pd.DataFrame({year: each.by_county for year, each in read.items()}),
        sources=(one.source,),
        notes=tuple(dict.fromkeys(note for each in read.values() for note in each.notes)),
    )


def has_years(path: str | Path) -> bool:
    r"""Tell whether a table has a column of residents for each year.

    Parameters
    ----------
    path : str or pathlib.Path
        The file.

    Returns
    -------
    bool
        Whether :func:`read_population` finds years in it.

    Raises
    ------
    InputError
        If it is no table.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "people.csv"
    >>> _ = path.write_text("fips,residents\n1001,55869\n")
    >>> has_years(path)
    False
    """
    return bool(_year_columns(read_table(path)))


def _year_columns(table: Table) -> dict[int, str]:
    """Find the columns that hold a year's residents, in the order of the years."""
    found = {}
    for column in table.rows.columns:
        match = _YEAR_COLUMN.fullmatch(plain_name(column))
        if match:
            found[int(match[1])] = column
    return dict(sorted(found.items()))


@cache
def _estimates() -> pd.DataFrame:
    with as_file(files("geo") / "data" / "county_population_2010_2019.parquet") as path:
        estimates = pd.read_parquet(path)
    return estimates.set_axis(estimates.columns.astype("int64"), axis="columns").astype("float64")
