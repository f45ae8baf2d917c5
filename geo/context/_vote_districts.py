"""States that count votes by other areas than counties: districts, wards, a city's own board."""

from __future__ import annotations

import re
from typing import Final

import pandas as pd

from boundaries import load_counties
from geo.context._codes import known_codes
from geo.context._vote_rows import VOTES

_DISTRICT = re.compile(r"(?i)\b(?:district|ward) \d")

_KANSAS_CITY: Final = ("kansas city", "kansas city city")


def is_kansas_city(rows: pd.DataFrame) -> pd.Series:
    """Find the part of Kansas City, Missouri, that lies in Jackson County and counts apart."""
    return (rows["state"] == "MO") & rows["name"].str.casefold().isin(_KANSAS_CITY)


def states_of_districts(rows: pd.DataFrame) -> set[str]:
    """List the states whose rows are districts or wards, whatever their codes say."""
    named = rows["name"].str.contains(_DISTRICT)
    # Rows without any code are votes from abroad and the like, and say nothing of the others.
    strange = (rows["state"] == "AK") & rows["code"].isna() & ~rows["blank"]
    return set(rows.loc[named | strange, "state"])


def placed_rows(rows: pd.DataFrame, districts: set[str]) -> tuple[pd.DataFrame, list[str]]:
    """Give rows of districts the one county of their state, or none."""
    counties = load_counties()["state"]
    placed = rows.assign(joined=is_kansas_city(rows))
    notes = []
    if placed["joined"].any():
        notes.append("MO: Kansas City added to the rest of Jackson County")
    for state in sorted(districts):
        mine, codes = placed["state"] == state, counties.index[counties == state]
        if len(codes) == 1:
            placed.loc[mine, "code"], placed.loc[mine, "joined"] = codes[0], True
            notes.append(f"{state}: {int(mine.sum())} districts or wards added up for {codes[0]}")
        else:
            placed.loc[mine, "code"] = None
            notes.append(
                f"{state}: votes are counted by {int(mine.sum())} districts or wards, which are no "
                "counties: for the state alone"
            )
    return placed, notes


def votes_by_state(rows: pd.DataFrame, districts: set[str], whole: set[str]) -> pd.DataFrame:
    states = rows.groupby("state")[list(VOTES)].sum(min_count=1)
    units = pd.Series("counties", index=states.index)
    units[states.index.isin(districts)] = "districts or wards"
    units[states.index.isin(whole)] = "the whole state"
    regions = rows.loc[rows["code"].isin(known_codes() - set(load_counties().index)), "state"]
    units[states.index.isin(regions[regions == "CT"])] = "planning regions"
    return states.assign(units=units)
