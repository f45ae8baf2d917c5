"""Hold rooms and detention facilities, placed in their counties."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd

from boundaries import load_counties, project_for_analysis, state_codes
from geo._county_names import county_of
from geo._table import MISSING, Source, Table, plain_name, read_table
from geo.context._days import Order, ambiguous_day, day_order, read_days
from geo.context._places import Reading, county_of_city
from geo.errors import InputError, Problem

__all__ = ["Facilities", "read_facilities"]

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
_NEAR: Final = 10.0
"""Kilometres that coordinates may lie outside the state that the file names."""

_CITY_IN_NAME = re.compile(
    r"(?i)^(.+?)(?:, [a-z]{2})?(?: (?:sub[ -]?office|ero|field office|hold|holdroom|holding)\b)"
)

_WERE: Final = "facilities last used before they were"
_LIMITS: Final = {"latitude": 90.0, "longitude": 180.0}


@dataclass(frozen=True, kw_only=True)
class Facilities:
    """Facilities and their counties.

    Attributes
    ----------
    table : pandas.DataFrame
        One row a facility, indexed by its row in the file: ``code``, ``name``, ``kind``,
        ``state`` (postal code), ``county_fips`` (vintage 2019; missing where not told),
        ``latitude`` and ``longitude`` (degrees; missing where not given or plainly
        wrong), ``first_used`` and ``last_used`` (days; of a year alone its first and last
        day; missing where not given), ``told_by`` (``"coordinates"``, ``"county"``,
        ``"city"``, ``"name"``: the city in its own name; or empty) and ``doubt``.
    source : Source
        The file.
    notes : tuple of str
        What is missing or in doubt, counted.
    used_between : tuple of datetime.date, optional
        First and last day of the time that :meth:`in_use` kept facilities of.
    undated : int
        Facilities that it left out because their days of use are not known.
    """

    table: pd.DataFrame
    source: Source
    notes: tuple[str, ...]
    used_between: tuple[dt.date, dt.date] | None = None
    undated: int = 0

    @property
    def problems(self) -> pd.DataFrame:
        """List the facilities whose county could not be told.

        Returns
        -------
        pandas.DataFrame
            Rows of `table`, with the reason in ``doubt``.
        """
        return self.table[self.table["county_fips"].isna()]

    def in_use(self, first: dt.date, last: dt.date) -> Facilities:
        """Keep the facilities that were in use at some time between two days.

        Parameters
        ----------
        first, last : datetime.date
            The days, both included.

        Returns
        -------
        Facilities
            Those whose first and last use enclose or fall into the time. A facility
            without both days is left out, and counted in the notes.

        Raises
        ------
        InputError
            If there is none.

        Examples
        --------
        >>> table = pd.DataFrame({
        ...     "first_used": pd.to_datetime(["2001-01-01", "2010-01-01", None]),
        ...     "last_used": pd.to_datetime(["2009-12-31", "2017-11-04", None])})
        >>> rooms = Facilities(table=table, notes=(), source=Source(file="", sha256="", rows=3))
        >>> rooms.in_use(dt.date(2012, 1, 1), dt.date(2012, 12, 31)).table.index.tolist()
        [1]
        """
        started, ended = self.table["first_used"], self.table["last_used"]
        undated = started.isna() | ended.isna()
        within = (started <= np.datetime64(last, "s")) & (ended >= np.datetime64(first, "s"))
        if not within.any():
            problem = Problem(
                file=self.source.file,
                found=f"no facility in use between {first} and {last}"
                + (f"; the last use known is of {ended.max():%Y-%m-%d}" if any(~undated) else ""),
                expected="some",
                action="choose other days, or take all facilities",
            )
            raise InputError([problem])
        each = "facility" if within.sum() == 1 else "facilities"
        note = (
            f"in use between {first} and {last}: {int(within.sum()):,} {each}; "
            f"{int(undated.sum()):,} without days of use left out"
        )
        return replace(
            self,
            table=self.table[within],
            notes=(*self.notes, note),
            used_between=(first, last),
            undated=self.undated + int(undated.sum()),
        )


def read_facilities(path: str | Path) -> Facilities:
    r"""Read a list of hold rooms, jails or detention facilities.

    A facility lies in the county that its coordinates fall into; the county named beside
    them is often an office's or a city's. Where they lie more than 10 km outside the
    state named, they are taken for wrong. Without coordinates the county is told by its
    name, else by the ZIP codes of the city, or of the city that it is named after.

    Parameters
    ----------
    path : str or pathlib.Path
        A table with ``name``, ``state``, ``lat`` and ``lon`` (or ``lng``) in degrees and,
        if it likes, ``detloc``, ``facility_type``, ``city``, ``county``,
        ``date_first_use`` and ``date_last_use``. Days may be ISO, or in the one order of
        day and month that all rows allow; years and months alone are taken.

    Returns
    -------
    Facilities
        Facilities by county.

    Raises
    ------
    InputError
        With every problem at once: columns or states that are not there, coordinates
        that are no degrees, days in two orders.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "rooms.csv"
    >>> _ = path.write_text("name,state,county,lat,lon,date_last_use\n"
    ...                     "Houston Hold,TX,,29.95,-95.37,13/11/2017\n"
    ...                     "Etowah Hold,AL,ETOWAH,NA,NA,4/11/17\n")
    >>> read_facilities(path).table[["county_fips", "told_by", "last_used"]]
      county_fips      told_by  last_used
    2       48201  coordinates 2017-11-13
    3       01055       county 2017-11-04
    """
    table = read_table(path)
    rows = _rows(table)
    points, problems = _points(table, rows)
    states = state_codes(rows["state"])
    no_state = states.isna() & ~rows["state"].str.casefold().isin(MISSING)
    problems += [
        table.problem(
            where=f"row {row}",
            found=f"state {rows['state'][row][:40]!r}",
            expected="a state or territory",
            action="correct it or leave it empty",
        )
        for row in rows.index[no_state]
    ]
    used, wrong_days, day_notes = _use(table, rows)
    problems += wrong_days
    if problems:
        raise InputError(problems)
    placed = _placed(rows, states, points)
    plain = rows[["code", "name", "kind"]].mask(
        rows[["code", "name", "kind"]].apply(lambda text: text.str.casefold().isin(MISSING)), ""
    )
    facilities = pd.concat([plain, placed, used], axis="columns")
    order = ["code", "name", "kind", "state", "county_fips", "latitude", "longitude"]
    facilities = facilities[[*order, "first_used", "last_used", "told_by", "doubt"]]
    notes = (*table.sheet_notes, *_notes(facilities), *day_notes)
    return Facilities(table=facilities, source=table.source, notes=notes)


def _rows(table: Table) -> pd.DataFrame:
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


def _points(table: Table, rows: pd.DataFrame) -> tuple[gpd.GeoDataFrame, list[Problem]]:
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


def _placed(rows: pd.DataFrame, states: pd.Series, points: gpd.GeoDataFrame) -> pd.DataFrame:
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


def _use(table: Table, rows: pd.DataFrame) -> tuple[pd.DataFrame, list[Problem], list[str]]:
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


def _notes(table: pd.DataFrame) -> tuple[str, ...]:
    doubt, told = table["doubt"], table["told_by"]
    counts = {
        "in another county than the one named": doubt.str.startswith("the county named"),
        "with coordinates outside the state named": doubt.str.startswith("the coordinates"),
        "told by the name of the county": told == "county",
        "told by the name of the city": told == "city",
        "told by the city in their own name": told == "name",
        "of no county that could be told": told == "",
        "without coordinates": table["latitude"].isna(),
    }
    return tuple(
        f"{int(rows.sum()):,} {'facility' if rows.sum() == 1 else 'facilities'} {what}"
        for what, rows in counts.items()
        if any(rows)
    )
