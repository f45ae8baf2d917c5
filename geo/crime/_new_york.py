"""New York City in tables by county: one police over five counties."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from geo.crime.agency_counties import NEW_YORK_COUNTIES

_MANHATTAN: Final = "36061"
SPLIT: Final = "nyc split"
NOT_REPORTED: Final = "nyc not reported"

_LEAST: Final = 0.1
"""Part of the rate of all other counties below which a city's crimes cannot be all of it."""

_CITY: Final = 1.5
"""Ratio of the residents beside Manhattan's crimes to Manhattan's, from which they are the
city's."""


def spread_city(table: pd.DataFrame, residents: pd.Series) -> tuple[pd.DataFrame, list[str]]:
    """Give the five counties one rate where a table has the city's crimes at Manhattan.

    Crimes and residents of the city are split over the five by their residents. Where the
    rate of the city would be less than a tenth of that of all other counties of the year,
    what stands at Manhattan is of other agencies (the city reported nothing): missing.
    `residents` are those of the counties by the Census Bureau, by ``county_fips``.
    """
    notes, parts = [], [table]
    for years, rows in table[table["county_fips"].isin(NEW_YORK_COUNTIES)].groupby("years"):
        counted = (rows["crimes"] > 0).groupby(rows["county_fips"]).any()
        others = table[(table["years"] == years) & ~table.index.isin(rows.index)]
        if counted.index[counted].tolist() != [_MANHATTAN] or _of_manhattan_only(rows, others):
            continue
        city = _city(rows, residents, others)
        whole = bool(city["crimes"].notna().any())
        parts = [parts[0].drop(rows.index), *parts[1:], city]
        said = "split over its five counties, all of one rate" if whole else "set to missing"
        found = "crimes" if whole else "crimes too few to be the city's"
        notes.append(f"{years}: New York City's {found}, which stand at {_MANHATTAN}, {said}")
    return pd.concat(parts, ignore_index=True) if notes else table, notes


def _of_manhattan_only(rows: pd.DataFrame, others: pd.DataFrame) -> bool:
    """Tell a table that was cut to Manhattan, which says nothing of the other four."""
    state = _MANHATTAN[:2]
    return len(rows) == 1 and not others["county_fips"].str.startswith(state).any()


def _city(rows: pd.DataFrame, residents: pd.Series, others: pd.DataFrame) -> pd.DataFrame:
    """Lay the city out over its counties."""
    (manhattan,) = rows[rows["county_fips"] == _MANHATTAN].to_dict("records")
    people = residents.reindex(list(NEW_YORK_COUNTIES))
    stated = rows.set_index("county_fips")["residents"].reindex(people.index)
    if manhattan["residents"] > _CITY * people[_MANHATTAN]:
        everybody = manhattan["residents"]
    elif stated.notna().all():
        everybody, people = stated.sum(), stated
    else:
        everybody = people.sum()
    rate = manhattan["crimes"] / everybody
    reported = others[others["crimes"].notna() & (others["residents"] > 0)]
    overall = reported["crimes"].sum() / reported["residents"].sum() if len(reported) else np.nan
    believed = not rate < _LEAST * overall
    share = (people / people.sum()).to_numpy()
    return pd.DataFrame(
        {
            **{column: [value] * len(share) for column, value in manhattan.items()},
            "county_fips": list(NEW_YORK_COUNTIES),
            "crimes": manhattan["crimes"] * share if believed else np.nan,
            "residents": everybody * share,
        }
    )


def flags_of(table: pd.DataFrame) -> pd.Series:
    """Mark the city's counties where they have one rate, or no figure of the city's."""
    flags = pd.Series("", index=table.index, dtype="str")
    for _, rows in table[table["county_fips"].isin(NEW_YORK_COUNTIES)].groupby("years"):
        rate = (rows["crimes"] / rows["residents"]).to_numpy()
        counted = rows["crimes"].fillna(0) > 0
        if len(rows) == len(NEW_YORK_COUNTIES) and counted.all():
            if np.ptp(rate) < 1e-3 * rate.max():
                flags[rows.index] = SPLIT
        elif rows["crimes"].isna().all():
            flags[rows.index] = NOT_REPORTED
    return flags
