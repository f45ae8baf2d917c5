"""People by county: of the right year, from a table or a raster."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pandas as pd

from arrest_atlas.period import Period
from geo import (
    POPULATION_YEARS,
    CountyValues,
    InputError,
    Problem,
    Source,
    load_population,
    read_county_values,
)
from geo.population import (
    Population,
    has_years,
    load_population_by_year,
    read_population,
)
from geo.population_raster import is_raster, read_population_raster

__all__ = [
    "Residents",
    "ResidentsFile",
    "choose_residents",
    "read_noncitizens",
    "read_residents",
    "residents_of",
]

_RESIDENTS: Final = ("residents", "population", "pop", "total_population")
_NONCITIZENS: Final = ("noncitizens", "non_citizens", "noncitizen", "immigrant_noncitizen")


@dataclass(frozen=True, kw_only=True)
class ResidentsFile:
    """A user's own residents, of one unnamed year or of several.

    Attributes
    ----------
    by_county : pandas.Series of float or None
        Residents by ``county_fips``, if the file has one column of them.
    by_year : Population or None
        Residents by county and year, if it has one column a year.
    source : Source
        The file.
    notes : tuple of str
        What was carried from areas of other years than 2019.
    """

    by_county: pd.Series | None
    by_year: Population | None
    source: Source
    notes: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Residents:
    """Residents by county, as a run uses them.

    Attributes
    ----------
    arrests : pandas.Series of float
        Those that arrests refer to, by ``county_fips``.
    crime : pandas.Series of float
        Those that crimes refer to.
    by_year : Population or None
        Those of every year there is, if the user gave a file of several years.
    note : str
        Of which years they are.
    """

    arrests: pd.Series
    crime: pd.Series
    by_year: Population | None = None
    note: str


def read_residents(path: str | Path, *, column: str | None = None) -> ResidentsFile:
    r"""Read residents by county, of one year or of several.

    Parameters
    ----------
    path : str or pathlib.Path
        A table with one number a county, the Census Bureau's estimates with a column for
        each year, as :func:`geo.read_population` takes them, or a population raster (.tif),
        as :func:`geo.population_raster.read_population_raster` does.
    column : str, optional
        The column, if it bears none of the usual names; then no other year is read.

    Returns
    -------
    ResidentsFile
        What the file holds.

    Raises
    ------
    InputError
        With every problem at once.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "people.csv"
    >>> _ = path.write_text("fips,POPESTIMATE2023,POPESTIMATE2024\n1001,60000,61000\n")
    >>> read_residents(path).by_year.years_for(2025)
    (2024,)
    """
    if column is None and not is_raster(path) and has_years(path):
        years = read_population(path)
        return ResidentsFile(
            by_county=None, by_year=years, source=years.sources[0], notes=years.notes
        )
    read = _people(path, names=_RESIDENTS, what="residents", column=column)
    return ResidentsFile(
        by_county=read.by_county, by_year=None, source=read.source, notes=read.notes
    )


def read_noncitizens(path: str | Path, *, column: str | None = None) -> CountyValues:
    r"""Read non-citizens by county.

    Parameters
    ----------
    path : str or pathlib.Path
        A table with one number a county, or a raster (.tif) of non-citizens.
    column : str, optional
        The column, if it bears none of the usual names.

    Returns
    -------
    CountyValues
        What the file holds.

    Raises
    ------
    InputError
        With every problem at once.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "people.csv"
    >>> _ = path.write_text("fips,noncitizens\n1001,600\n")
    >>> read_noncitizens(path).by_county["01001"]
    np.float64(600.0)
    """
    return _people(path, names=_NONCITIZENS, what="non-citizens", column=column)


def _people(
    path: str | Path, *, names: Sequence[str], what: str, column: str | None
) -> CountyValues:
    """Read one number a county, from a table or a raster."""
    if not is_raster(path):
        return read_county_values(path, names=names, what=what, kind="count", column=column)
    if column is not None:
        problem = Problem(
            file=f"--{what.replace('-', '')}-column",
            found=f"a column, {column!r}, of a raster",
            expected="no column, since a raster has none",
            action="leave the option out",
        )
        raise InputError([problem])
    return read_population_raster(path)


def choose_residents(
    given: ResidentsFile | None,
    *,
    arrested: Period | None,
    baseline: Period | None,
    crime: bool = True,
) -> Residents:
    """Choose the residents of the years that arrests and crimes are of.

    Parameters
    ----------
    given : ResidentsFile or None
        The user's own. Its years are added to the packaged ones (2010 to 2019); a file of
        one unnamed year serves for both.
    arrested : Period or None
        Period of the arrests; if not stated, the last year there is stands for it.
    baseline : Period or None
        Period of the crimes; if not stated, likewise.
    crime : bool, default True
        Whether the note speaks of crime.

    Returns
    -------
    Residents
        The mean over the years of each period, or the nearest year there is.

    Examples
    --------
    >>> crimes = Period.parse("2014/2016", option="--crime-period")
    >>> choose_residents(None, arrested=None, baseline=crimes).note
    'Residents of 2019 for arrests, of 2014 to 2016 for crime (Census estimates).'
    """
    if given is not None and given.by_county is not None:
        residents = given.by_county
        note = f"Residents: {given.source.file}."
        return Residents(arrests=residents, crime=residents, note=note)
    if given is None or given.by_year is None:
        last = POPULATION_YEARS[1]
        of_crime, years = residents_of(load_population_by_year(), baseline)
        also = f" for arrests, of {years} for crime" if crime else ""
        note = f"Residents of {last}{also} (Census estimates)."
        return Residents(arrests=load_population(last), crime=of_crime, note=note)
    population = load_population_by_year().joined_by(given.by_year)
    arrests, arrest_years = residents_of(population, arrested)
    of_crime, crime_years = residents_of(population, baseline)
    also = f" for arrests, of {crime_years} for crime" if crime else ""
    return Residents(
        arrests=arrests,
        crime=of_crime,
        by_year=population,
        note=f"Residents of {arrest_years}{also} (Census estimates; {given.source.file}).",
    )


def residents_of(population: Population, period: Period | None) -> tuple[pd.Series, str]:
    """Take the residents of a period, and say of which years they are.

    Parameters
    ----------
    population : Population
        Residents by year.
    period : Period or None
        Which; if not stated, the last year there is.

    Returns
    -------
    pandas.Series of float
        Residents by ``county_fips``.
    str
        The years.

    Examples
    --------
    >>> crimes = Period.parse("2021", option="--crime-period")
    >>> residents_of(load_population_by_year(), crimes)[1]
    '2019 (the nearest there is)'
    """
    last = int(population.by_year.columns[-1])
    first, end = (last, last) if period is None else (period.first.year, period.last.year)
    return population.residents(first, end), population.words_for(first, end)
