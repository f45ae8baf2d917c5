"""Counties that a list of agencies cannot cover, whoever reports."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

import pandas as pd

from boundaries import load_counties
from geo.crime._city_parts import superseded
from geo.crime.agency_counties import AgencyShares
from geo.crime.no_rate import with_reasons
from geo.crime.offenses import Agencies

LIST_INCOMPLETE: Final = "list incomplete"

_ENOUGH: Final = 0.8
"""Share of a county's residents whom its listed agencies must serve."""


def lacking_in_list(agencies: Agencies, shares: AgencyShares, residents: pd.Series) -> pd.Index:
    """Find counties of whose residents the listed agencies serve less than four in five.

    Only in states that the list has agencies of; and where the residents of an agency are
    not known, nothing can be said of its counties.
    """
    listed = agencies.table
    population = listed["population"].mask(superseded(listed), 0.0).rename("population")
    placed = shares.table.join(population, on="ori")
    served = placed["share"] * placed["population"]
    share = served.groupby(placed["county_fips"]).sum().reindex(residents.index).fillna(0.0)
    unknown = residents.index.isin(placed.loc[served.isna(), "county_fips"])
    listed_there = load_counties()["state"].reindex(residents.index).isin(set(listed["state"]))
    lacking = listed_there & ~unknown & (share < _ENOUGH * residents)
    there: pd.Index = residents.index[lacking]
    return there


def flag_gaps(table: pd.DataFrame, lacking: Collection[str]) -> pd.DataFrame:
    """Tell counties that too few police cover because the list lacks them from the others."""
    fall_short = table["county_fips"].isin(lacking) & (table["covered_share"] < _ENOUGH)
    reason = pd.Series("", index=table.index, dtype="str").mask(fall_short, LIST_INCOMPLETE)
    return table.assign(flags=with_reasons(table["flags"], reason))


def gap_notes(lacking: Collection[str]) -> list[str]:
    """Count the counties that no report could cover."""
    if not len(lacking):
        return []
    said = "counties of whose residents the listed agencies serve less than"
    return [f"{said} {_ENOUGH:.0%}, so that they fall short whoever reports: {len(lacking):,}"]
