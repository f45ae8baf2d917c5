"""What is wrong with a count of incidents before it begins, and with one that found nothing."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyproj
from pyproj.exceptions import CRSError

from geo.crime._incidents.counting import Plan, Total, coordinates
from geo.crime._incidents.files import Reading
from geo.crime._incidents.rows import NO_YEAR, numbers_of
from geo.crime._incidents.units import OUTSIDE, Floats, locator_of
from geo.errors import Problem

Crs = str | int | pyproj.CRS

_FARTHEST: Final = 50_000
"""Metres up to which a nearest unit may be looked for."""

_TRIED: Final = 10_000
"""Rows on which the usual mistakes are tried out."""


def option_problems(names: list[str | Path], nearest_within: float | None) -> list[Problem]:
    """Tell what is wrong with the options that need no file to be judged."""
    problems = []
    if not names:
        problems.append(
            Problem(
                file="incidents",
                found="no file",
                expected="at least one",
                action="name the files of incidents",
            )
        )
    if nearest_within is not None and not 0 < nearest_within <= _FARTHEST:
        problems.append(
            Problem(
                file="--nearest-within",
                found=f"{nearest_within:g} metres",
                expected=f"more than 0 and at most {_FARTHEST:,}",
                action="change the option",
            )
        )
    return problems


def system_of(crs: Crs, problems: list[Problem]) -> pyproj.CRS | None:
    """Read a coordinate reference system, or add what is wrong with it."""
    try:
        system = pyproj.CRS.from_user_input(crs)
    except CRSError:
        system = None
    if system is not None and (system.is_geographic or system.is_projected):
        return system
    problems.append(
        Problem(
            file="--crs",
            found=repr(crs),
            expected="a geographic or projected coordinate reference system, such as EPSG:4326",
            action="write its code, as the publisher of the file names it",
        )
    )
    return None


def filter_problems(readings: list[Reading], total: Total, conditions: list[str]) -> list[Problem]:
    """Refuse filters that no row passes."""
    return [
        Problem(
            file=", ".join(reading.file.label for reading in readings),
            where=f"column {name!r}",
            found="no row with any of the values to keep",
            expected=f"values such as {', '.join(total.words[number])}",
            action="change the filter",
        )
        for number, name in enumerate(conditions)
        if not total.fates[f"passed {number}"]
    ]


def unlocated_problems(readings: list[Reading], total: Total, plan: Plan) -> list[Problem]:
    """Refuse counts that hold nothing, or nothing of what was asked for."""
    files = ", ".join(reading.file.label for reading in readings)
    fates = total.fates
    if total.table.empty:
        return [
            Problem(
                file=files,
                found=f"no incident in any unit: of {fates['incidents']:,}, {fates['outside']:,} "
                f"lie outside, {fates['without_coordinates']:,} have no coordinates, "
                f"{fates['zero_coordinates']:,} have zeros, {fates['invalid_coordinates']:,} have "
                "none that are valid",
                expected="incidents in the units",
                action=_advice(readings[0], plan),
            )
        ]
    if "year" in total.table and (total.table["year"] == NO_YEAR).all():
        return [
            Problem(
                file=files,
                where="--date",
                found="no date whose year can be read",
                expected="dates such as 2016-01-31 or 1/31/2016",
                action="name another column, or leave the option out",
            )
        ]
    return []


def _advice(reading: Reading, plan: Plan) -> str:
    """Say which change would bring most of the first incidents into units."""
    table = next(reading.batches()).slice(0, _TRIED)
    x, y = numbers_of(table["x"]).read, numbers_of(table["y"]).read
    east, north = (reading.file.names[reading.parts[part]] for part in "xy")
    if _most_lie_inside(y, x, plan):
        return f"exchange the columns (--longitude {north!r} --latitude {east!r})"
    if _most_lie_inside(-x, y, plan):
        return "write longitudes west of Greenwich with a minus sign"
    return "check the columns of the coordinates, their system (--crs) and the polygons"


def _most_lie_inside(x: Floats, y: Floats, plan: Plan) -> bool:
    x, y, there = coordinates(pa.table({"x": x, "y": y}), plan, Counter())
    unit = locator_of(plan.units).place(x[there], y[there]).unit
    return bool(2 * (unit != OUTSIDE).sum() > len(x))
