"""One table of what is known of the counties, each column with its source and unit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass

import pandas as pd

from boundaries import load_counties
from geo.context._covariates import (
    Column,
    of_agreements,
    of_boundaries,
    of_election,
    of_facilities,
    of_population,
    of_survey,
)
from geo.context.agreement_counts import AgreementCounts
from geo.context.facilities import Facilities
from geo.context.facility_names import facility_name_problems
from geo.context.foreign_born import ForeignBorn
from geo.context.votes import PresidentialVotes
from geo.errors import InputError
from geo.population import Population, load_population_by_year

__all__ = ["Column", "CountyTable", "county_table"]


@dataclass(frozen=True, kw_only=True)
class CountyTable:
    """Covariates by county.

    Attributes
    ----------
    table : pandas.DataFrame
        Indexed by ``county_fips`` (vintage 2019, 3,233 counties with the territories).
        NaN where not known.
    columns : tuple of Column
        What each column holds, in their order.
    """

    table: pd.DataFrame
    columns: tuple[Column, ...]

    def columns_frame(self) -> pd.DataFrame:
        """Lay out what the columns hold.

        Returns
        -------
        pandas.DataFrame
            ``column``, ``source``, ``period``, ``unit`` and ``note``, a row a column.

        Examples
        --------
        >>> county_table().columns_frame()["column"].tolist()
        ['name', 'state', 'residents']
        """
        frame = pd.DataFrame([asdict(column) for column in self.columns])
        return frame.rename(columns={"name": "column"})


def county_table(
    *,
    population: Population | None = None,
    residents_year: int | None = None,
    foreign_born: ForeignBorn | None = None,
    votes: PresidentialVotes | None = None,
    agreements: AgreementCounts | None = None,
    facilities: Mapping[str, Facilities] | None = None,
    centers: pd.DataFrame | None = None,
) -> CountyTable:
    """Join what is known of the counties into one table.

    Parameters
    ----------
    population : Population, optional
        Residents by year (:func:`read_population`). Default: the packaged estimates, 2010
        to 2019.
    residents_year : int, optional
        The year of ``residents``; where there is none of it, the nearest. Default: the
        last of `population`.
    foreign_born : ForeignBorn, optional
        See :func:`read_foreign_born`.
    votes : PresidentialVotes, optional
        See :func:`read_votes`.
    agreements : AgreementCounts, optional
        See :func:`agreements_at`.
    facilities : mapping of str to Facilities, optional
        By the name that their columns get: ``{"hold_room": ...}`` gives
        ``hold_room_count``, the number in the county, and ``hold_room_km``.
    centers : pandas.DataFrame, optional
        Where distances start; see :func:`distance_to_nearest`.

    Returns
    -------
    CountyTable
        The columns ``name``, ``state`` and ``residents``, and those of what is given.

    Raises
    ------
    InputError
        If a name of facilities cannot be that of a column.

    Examples
    --------
    >>> table = county_table(residents_year=2016)
    >>> int(table.table.loc["48201", "residents"])
    4623960
    >>> table.columns[2].source, table.columns[2].period, table.columns[2].unit
    ('U.S. Census Bureau, Population Estimates', '2016', 'residents')
    """
    groups = [
        of_boundaries(),
        of_population(population or load_population_by_year(), residents_year),
        *([of_survey(foreign_born)] if foreign_born is not None else []),
        *([of_election(votes)] if votes is not None else []),
        *([of_agreements(agreements)] if agreements is not None else []),
        *(of_facilities(name, each, centers) for name, each in _named(facilities or {})),
    ]
    index = load_counties().index
    table = pd.concat([values.reindex(index) for values, _ in groups], axis="columns")
    return CountyTable(
        table=table.rename_axis("county_fips"),
        columns=tuple(column for _, columns in groups for column in columns),
    )


def _named(facilities: Mapping[str, Facilities]) -> Iterator[tuple[str, Facilities]]:
    problems = facility_name_problems(facilities)
    if problems:
        raise InputError(problems)
    return iter(facilities.items())
