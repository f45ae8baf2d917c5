"""What arrests are held against, place by place: people and reported crimes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

import pandas as pd

from arrest_atlas.counting import Kind
from arrest_atlas.options import ArrestInputs, Inputs
from arrest_atlas.tables._people import CountyPeople
from arrest_atlas.tables._place_counts import PlaceCounts, areas_of_counties, placed_counties

__all__ = ["BASE_WORDS", "Base", "Bases", "bases_of"]

Base = Literal["residents", "noncitizens", "crimes"]

BASE_WORDS: Final[Mapping[Base, str]] = {
    "residents": "residents",
    "noncitizens": "non-citizens",
    "crimes": "reported violent crimes",
}

_COVERED: Final = 0.8
"""Share of a place's residents for whom a number must be known, where its arrests are not
known by county."""


@dataclass(frozen=True, kw_only=True)
class Bases:
    """People and crimes by place, and the arrests that belong to them.

    Attributes
    ----------
    by_county : mapping of str to pandas.Series of float
        Residents, non-citizens, crimes, as far as they were given.
    """

    by_county: Mapping[Base, pd.Series]

    def of(self, counts: PlaceCounts, base: Base) -> pd.Series:
        """Add a base up by place.

        Only the counties of which it is known count, and so do only their arrests
        (`PlaceCounts.among`). Where arrests are not known by county, the base of places of
        which most is known is taken up to all their residents.
        """
        values = self.by_county[base]
        area = areas_of_counties(counts.level, values.index)
        places = counts.arrests.index
        sums = values.groupby(area).sum(min_count=1).reindex(places)
        if counts.from_counties:
            return sums
        covered = self.covered(counts, base)
        return (sums / covered).where(covered >= _COVERED)

    def covered(self, counts: PlaceCounts, base: Base) -> pd.Series:
        """Tell for which share of its residents a place's base is known."""
        values, residents = self.by_county[base], self.by_county["residents"]
        area = areas_of_counties(counts.level, values.index)
        told = residents.where(values.notna()).groupby(area).sum()
        return (told / residents.groupby(area).sum()).reindex(counts.arrests.index)

    def left_out(self, counts: PlaceCounts, base: Base, kind: Kind = "all") -> float:
        """Tell the share of arrests of places whose base is not known."""
        drawn = counts.draws[kind].mean()
        told = counts.among(self.by_county[base], kind).mean()
        kept = told[self.of(counts, base).notna()].sum()
        return float(1 - kept / drawn.sum()) if drawn.sum() else 0.0


def bases_of(inputs: ArrestInputs, people: CountyPeople) -> Bases:
    """Gather what arrests can be held against."""
    counties = placed_counties().index
    by_county: dict[Base, pd.Series] = dict(people.by_county.items())
    if isinstance(inputs, Inputs):
        by_county["crimes"] = inputs.crime.events(inputs.crime_residents).reindex(counties)
    return Bases(by_county=by_county)
