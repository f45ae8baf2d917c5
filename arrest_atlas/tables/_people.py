"""People by place: as the file of the arrests has them, or added up from counties."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from arrest_atlas.options import ArrestInputs, Denominator
from arrest_atlas.residents import residents_of
from arrest_atlas.tables._place_counts import PlaceCounts, areas_of_counties, placed_counties
from arrest_atlas.tables._spans import Span

__all__ = ["CountyPeople", "county_people", "people_of_places"]


@dataclass(frozen=True, kw_only=True)
class CountyPeople:
    """People by county in a period.

    Attributes
    ----------
    by_county : mapping of str to pandas.Series of float
        ``residents`` and, where they were given, ``noncitizens``.
    years : str
        Of which years the residents are, where several were given.
    """

    by_county: Mapping[Denominator, pd.Series]
    years: str = ""


def county_people(inputs: ArrestInputs, span: Span) -> CountyPeople:
    """Take the people of a period, by county that has a field office."""
    counties = placed_counties().index
    residents, years = inputs.residents, ""
    if inputs.residents_by_year is not None:
        residents, years = residents_of(inputs.residents_by_year, span.covered)
    by_county: dict[Denominator, pd.Series] = {"residents": residents.reindex(counties)}
    if inputs.noncitizens is not None:
        by_county["noncitizens"] = inputs.noncitizens.reindex(counties)
    return CountyPeople(by_county=by_county, years=years)


def people_of_places(
    counts: PlaceCounts, people: CountyPeople, given: pd.DataFrame | None
) -> pd.DataFrame:
    """Count the people to whom the arrests of each place refer.

    Those of the file of counts itself come first. Otherwise they are those of the counties
    whose people are known; `PlaceCounts.among` counts the arrests of the same counties.
    """
    places = counts.arrests.index
    area = areas_of_counties(counts.level, placed_counties().index)
    added = {
        str(kind): each.groupby(area).sum(min_count=1).reindex(places)
        for kind, each in people.by_county.items()
    }
    if given is not None and not counts.from_counties:
        added |= {str(kind): each.reindex(places) for kind, each in given.items()}
    return pd.DataFrame(added)
