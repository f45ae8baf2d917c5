"""Columns of a list of facilities: coordinates and days of use."""

from __future__ import annotations

from typing import Final

import geopandas as gpd
import pandas as pd

from boundaries import load_counties
from geo._table import MISSING, Table, plain_name
from geo.context._days import Order, ambiguous_day, day_order, read_days
from geo.errors import InputError, Problem

_COLUMNS: Final = {
    "code": ["detloc", "detention_facility_code", "code", "id"],
    "name": ["canonical_name", "name", "facility", "detention_facility"],
    "kind": ["facility_type_wiki", "facility_type", "type", "kind"],
    "state": ["state", "facility_state"],
    "city": ["city", "facility_city"],
    "county": ["county", "county_name"],
    "latitude": ["lat", "latitude"],
    "longitude": ["lon", "lng", "long", "longitude"],
    "first_used": ["date_first_use", "date of first use", "first_used"],
    "last_used": ["date_last_use", "date of last use", "last_used"],
}

_NEEDED: Final = frozenset({"name", "state", "latitude", "longitude"})

_WERE: Final = "facilities last used before they were"

_LIMITS: Final = {"latitude": 90.0, "longitude": 180.0}


def facility_rows(table: Table) -> pd.DataFrame:
    """Take the columns that there are; those that are not needed may be empty."""
    known = {plain_name(column): column for column in reversed(table.rows.columns)}
    columns: dict[str, pd.Series] = {}
    problems: list[Problem] = []
    for key, names in _COLUMNS.items():
        found = next((known[plain_name(name)] for name in names if plain_name(name) in known), None)
        if found is not None:
            columns[key] = table.rows[found]
        elif key in _NEEDED:
            try:
                table.column(names, what=key)
            except InputError as error:
                problems += error.problems
        else:
            columns[key] = pd.Series("", index=table.rows.index, dtype="str")
    if problems:
        raise InputError(problems)
    return pd.DataFrame(columns)


def facility_points(table: Table, rows: pd.DataFrame) -> tuple[gpd.GeoDataFrame, list[Problem]]:
    """Read coordinates; one alone is no place."""
    problems: list[Problem] = []
    degrees = {}
    for name, limit in _LIMITS.items():
        text = rows[name]
        numbers = pd.to_numeric(
            text.mask(text.str.casefold().isin(MISSING), ""), errors="coerce"
        ).astype("float64")
        wrong = (numbers.isna() & ~text.str.casefold().isin(MISSING)) | ~(
            numbers.abs().fillna(0) <= limit
        )
        problems += [
            table.problem(
                where=f"row {row}",
                found=f"{name} {text[row][:40]!r}",
                expected=f"degrees between -{limit:g} and {limit:g}",
                action="correct it or leave it empty",
            )
            for row in text.index[wrong]
        ]
        degrees[name] = numbers
    points = pd.DataFrame(degrees)
    points = points.where(points.notna().all(axis="columns"))
    places = gpd.points_from_xy(points["longitude"], points["latitude"])
    frame = gpd.GeoDataFrame(points, geometry=places, crs=load_counties().crs)
    return frame, problems


def days_of_use(table: Table, rows: pd.DataFrame) -> tuple[pd.DataFrame, list[Problem], list[str]]:
    """Read first and last use in one order of day and month."""
    both = pd.concat([rows["first_used"], rows["last_used"]])
    order, day_first, month_first = day_order(both)
    if day_first and month_first:
        problem = table.problem(
            where="days of use",
            found=f"{day_first!r} with the day first and {month_first!r} with the month first",
            expected="one order",
            action="write them as 2017-11-04",
        )
        return rows[["first_used", "last_used"]], [problem], []
    chosen: Order = order or "month first"
    first, last = read_days(rows["first_used"], chosen), read_days(rows["last_used"], chosen)
    used = pd.DataFrame({"first_used": first.earliest, "last_used": last.latest})
    notes = []
    if order is None and (example := ambiguous_day(both)):
        notes.append(f"days such as {example!r} read with the month first: no row tells the order")
    backward = used["last_used"] < used["first_used"]
    used = used.mask(backward)
    if unread := len(first.unread) + len(last.unread):
        notes.append(f"{unread:,} {'day' if unread == 1 else 'days'} that cannot be read")
    if count := int(backward.sum()):
        which = "facility last used before it was" if count == 1 else _WERE
        notes.append(f"{count:,} {which} first: not known when")
    return used, [], notes
