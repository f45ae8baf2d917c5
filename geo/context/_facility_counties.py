"""The county in which a facility lies, by its coordinates or by names."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

import geopandas as gpd
import pandas as pd

from boundaries import load_counties, project_for_analysis
from geo._county_names import county_of
from geo._table import MISSING
from geo.context._places import Reading, county_of_city

_NEAR: Final = 10.0
"""Kilometres that coordinates may lie outside the state that the file names."""

_CITY_IN_NAME = re.compile(
    r"(?i)^(.+?)(?:, [a-z]{2})?(?: (?:sub[ -]?office|ero|field office|hold|holdroom|holding)\b)"
)


def placed_facilities(
    rows: pd.DataFrame, states: pd.Series, points: gpd.GeoDataFrame
) -> pd.DataFrame:
    """Place by coordinates, else by the county's, the city's or the facility's name."""
    counties = load_counties()
    inside = points[points["latitude"].notna()].sjoin(
        counties[["geometry"]].reset_index(), predicate="intersects"
    )
    by_point = inside.groupby(level=0)["county_fips"].min().reindex(rows.index)
    strange = points["latitude"].notna() & states.notna()
    strange &= by_point.map(counties["state"]) != states
    wrong = pd.Series(data=False, index=rows.index)
    for state, mine in points[strange].groupby(states[strange]):
        wrong[mine.index] = _kilometres_away(mine, counties[counties["state"] == state]) > _NEAR
    degrees = pd.DataFrame(points[["latitude", "longitude"]].mask(wrong))
    told = []
    for row in rows.index:
        place, state = by_point[row] if not wrong[row] else None, states[row]
        reading = _reading(rows.loc[row], place, state, across=bool(strange[row]))
        if wrong[row]:
            doubt = f"the coordinates lie outside the state; {reading.doubt}".rstrip("; ")
            reading = replace(reading, doubt=doubt)
        told.append(reading)
    placed = pd.DataFrame([vars(reading) for reading in told], index=rows.index).astype("str")
    placed["county_fips"] = placed["county_fips"].mask(placed["county_fips"] == "")
    placed["state"] = states.fillna(placed["county_fips"].map(counties["state"]))
    return placed.join(degrees)


def _reading(row: pd.Series, place: object, state: object, *, across: bool) -> Reading:
    """Weigh coordinates and names; coordinates across a state's border yield to a name."""
    known = county_of(row["county"], state) if isinstance(state, str) else None
    if isinstance(place, str) and not (across and known):
        doubt = f"the county named is {known}" if known and known != place else ""
        if across:
            doubt = "the coordinates lie just outside the state"
        return Reading(place, "coordinates", doubt)
    if known:
        doubt = f"the coordinates lie in {place}, just outside the state" if place else ""
        return Reading(known, "county", doubt if isinstance(place, str) else "")
    if not isinstance(state, str):
        return Reading(doubt="neither coordinates nor a state")
    if row["city"].casefold() not in MISSING:
        return county_of_city(row["city"], state)
    named = _CITY_IN_NAME.match(row["name"])
    reading = county_of_city(named[1], state) if named else Reading()
    if reading.county_fips:
        return replace(reading, told_by="name")
    return Reading(doubt="neither coordinates, nor a county or city that is known")


def _kilometres_away(points: gpd.GeoDataFrame, counties: gpd.GeoDataFrame) -> pd.Series:
    projected = project_for_analysis(counties)
    state = projected.union_all()
    away: pd.Series = points.to_crs(projected.crs).distance(state) / 1_000
    return away
