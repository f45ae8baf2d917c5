"""Counties with agreements of each kind, and those that they are compared with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, get_args

import pandas as pd

from arrest_atlas.tables._place_counts import placed_counties
from geo.context import MODELS, AgreementCounts

__all__ = ["EXPOSURES", "EXPOSURE_WORDS", "AgreementGroups", "Exposure", "group_counties"]

Exposure = Literal["any", "jail_enforcement", "task_force", "warrant_service_officer"]
EXPOSURES: Final[tuple[Exposure, ...]] = get_args(Exposure)

EXPOSURE_WORDS: Final[Mapping[Exposure, str]] = {
    "any": "any agreement",
    "jail_enforcement": "jail enforcement",
    "task_force": "task force",
    "warrant_service_officer": "warrant service officer",
}

NOT_DATED: Final = "only agreements without a day: not known whether they were in force"


@dataclass(frozen=True, kw_only=True, eq=False)
class AgreementGroups:
    """Which counties have agreements in force on the day.

    Attributes
    ----------
    counts : AgreementCounts
        Agreements in force.
    table : pandas.DataFrame
        By ``county_fips`` (counties with a field office): a column of bool for each of
        `EXPOSURES`, ``none`` (of any kind) and ``not_told`` (text; empty where it is told).
    """

    counts: AgreementCounts
    table: pd.DataFrame

    def compared(self, exposure: Exposure) -> pd.Series:
        """Tell counties with the agreement (1) from those without any (0); others are missing."""
        with_it = self.table[exposure].astype("float64")
        own: pd.Series = with_it.where(self.table[exposure] | self.table["none"])
        return own


def group_counties(counts: AgreementCounts) -> AgreementGroups:
    """Sort counties by the agreements of their own agencies and those of their towns."""
    counties = placed_counties()
    own = counts.by_county.reindex(counties.index, fill_value=0)
    table = (own[list(MODELS)] > 0).rename_axis("county_fips")
    table.insert(0, "any", table.any(axis="columns"))
    undated = counties.index.isin(counts.undated["county_fips"].dropna())
    unknown = undated & ~table["any"]
    table["none"] = ~table["any"] & ~unknown
    table["not_told"] = pd.Series("", index=table.index).mask(unknown, NOT_DATED)
    return AgreementGroups(counts=counts, table=table)
