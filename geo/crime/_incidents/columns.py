"""Which files of incidents there are, and which of their columns are wanted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pyproj

from geo._sheets import listing
from geo.crime._incidents.files import IncidentFile, Reading, look_at
from geo.crime._incidents.problems import Crs, option_problems, system_of
from geo.errors import InputError, Problem

_LONGITUDE: Final = ("longitude", "lon", "lng", "long", "geo_lon", "point_x")
_LATITUDE: Final = ("latitude", "lat", "geo_lat", "point_y")
_EAST: Final = ("x", "x_coordinate", "x_coord", "x_coord_cd", "point_x", "easting")
_NORTH: Final = ("y", "y_coordinate", "y_coord", "y_coord_cd", "point_y", "northing")
_WHAT: Final = {
    "x": ("the longitude, or the coordinate to the east", "--longitude"),
    "y": ("the latitude, or the coordinate to the north", "--latitude"),
    "date": ("the date", "--date"),
    "offense": ("the offence", "--offense"),
}


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """The files that were looked at, and the columns that are wanted of them."""

    readings: list[Reading]
    parts: Mapping[str, Sequence[str]]
    """Names that the column of each part may have."""
    system: pyproj.CRS | None
    problems: list[Problem]


def look_for(
    paths: str | Path | Sequence[str | Path],
    crs: Crs,
    names: Mapping[str, str | None],
    filtered: Sequence[str],
    nearest_within: float | None,
) -> Wanted:
    """Look at the files, and find the columns."""
    files = [paths] if isinstance(paths, str | Path) else list(paths)
    problems = option_problems(files, nearest_within)
    system = system_of(crs, problems)
    projected = system is not None and system.is_projected
    chosen = {name: [column] for name, column in names.items() if column}
    parts: dict[str, Sequence[str]] = {
        "x": chosen.get("longitude", _EAST if projected else _LONGITUDE),
        "y": chosen.get("latitude", _NORTH if projected else _LATITUDE),
        **{part: chosen[part] for part in ("date", "offense") if part in chosen},
        **{f"where {number}": [name] for number, name in enumerate(filtered)},
    }
    readings = _readings(files, parts, problems)
    return Wanted(readings=readings, parts=parts, system=system, problems=problems)


def _readings(
    names: list[str | Path], parts: Mapping[str, Sequence[str]], problems: list[Problem]
) -> list[Reading]:
    """Look at every file, and find the columns that play each part."""
    readings: list[Reading] = []
    seen: dict[str, IncidentFile] = {}
    for name in names:
        try:
            file = look_at(Path(name))
        except InputError as error:
            problems += error.problems
            continue
        if file.sha256 in seen:
            problems.append(
                file.problem(
                    found=f"the same content as in {seen[file.sha256].path.name}",
                    expected="each file once",
                    action="leave one of them out",
                )
            )
        seen[file.sha256] = file
        places: dict[str, int] = {}
        for part, wanted in parts.items():
            what, option = _WHAT.get(part, ("which rows are filtered by", "--filter"))
            place = file.column(wanted, what=what, option=option)
            if isinstance(place, Problem):
                problems.append(place)
            else:
                places[part] = place
        readings.append(Reading(file=file, parts=places))
    return readings


def alternative_notes(wanted: Wanted) -> tuple[str, ...]:
    """Tell of columns that could have been taken for the coordinates as well."""
    notes = []
    for reading in wanted.readings:
        names, places = reading.file.names, reading.parts
        for part in "xy":
            others = set(reading.file.others(wanted.parts[part], places[part]))
            others -= {names[place] for place in places.values()}
            if others:
                notes.append(
                    f"{reading.file.label}: the column {names[places[part]]!r} was taken, not "
                    f"{listing(map(repr, sorted(others)))} ({_WHAT[part][1]} names another)"
                )
    return tuple(notes)
