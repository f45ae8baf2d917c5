"""Which unit a point lies in: by bounding boxes, then by exact predicates."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, NamedTuple, Self

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyproj
import shapely

from geo.crime._incidents.candidates import Candidates
from geo.crime._incidents.nearest import NearestUnits
from geo.errors import Problem

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int32]
Flags = npt.NDArray[np.bool_]

OUTSIDE: Final = -1
"""Number of the unit of a point that lies in none."""

_AREAS: Final = frozenset({"Polygon", "MultiPolygon"})
_SHOWN: Final = 5
_AT_ONCE: Final = 100_000
"""Points that are paired with polygons at once, each with two or three."""
_SAME_DATUM: Final = frozenset({"World Geodetic System 1984", "North American Datum 1983"})
_kept = threading.local()


@dataclass(frozen=True, kw_only=True)
class Units:
    """Polygons in ascending order of their codes, in a form that other processes take."""

    wkb: tuple[bytes, ...] = field(repr=False)
    crs: str
    digest: bytes

    @classmethod
    def of(cls, polygons: gpd.GeoDataFrame) -> tuple[Self, pd.Index]:
        """Put polygons in order, and give their codes beside them."""
        codes = _in_order(polygons.index)
        shapes = polygons.geometry.take(polygons.index.get_indexer(codes))
        wkb = tuple(shapely.to_wkb(shapely.force_2d(shapes.to_numpy())))
        crs = polygons.crs.to_wkt()
        digest = hashlib.sha256(crs.encode() + b"".join(wkb)).digest()
        return cls(wkb=wkb, crs=crs, digest=digest), codes

    @property
    def polygons(self) -> npt.NDArray[np.object_]:
        """The polygons again."""
        shapes: npt.NDArray[np.object_] = shapely.from_wkb(np.array(self.wkb, dtype=object))
        return shapes


def unit_problems(polygons: gpd.GeoDataFrame, *, file: str = "polygons") -> Iterator[Problem]:
    """Tell what is wrong with the polygons of units.

    Parameters
    ----------
    polygons : geopandas.GeoDataFrame
        The units, indexed by their codes.
    file : str, default "polygons"
        Where they come from, for messages.

    Yields
    ------
    Problem
        What is wrong.
    """

    def problem(found: str, expected: str, action: str) -> Problem:
        return Problem(file=file, found=found, expected=expected, action=action)

    if not len(polygons):
        yield problem("no polygons", "at least one", "give the units to count in")
        return
    if polygons.crs is None:
        yield problem(
            "no coordinate reference system",
            "one",
            "set it, or write it into the file (a Shapefile has it in its .prj)",
        )
    elif not (polygons.crs.is_geographic or polygons.crs.is_projected):
        yield problem(
            f"coordinates of the {polygons.crs.type_name} {polygons.crs.name!r}",
            "a geographic or projected system, such as EPSG:4326, that points can be brought to",
            "write the polygons in one",
        )
    if not polygons.index.is_unique or polygons.index.hasnans:
        repeated = polygons.index[polygons.index.duplicated() | polygons.index.isna()]
        yield problem(
            f"codes that are missing or repeated ({_listed(repeated)})",
            "a code of its own for each polygon",
            "index the polygons by their codes",
        )
    shapes = polygons.geometry
    lacking = (shapes.isna() | shapes.is_empty).to_numpy()
    wrong = ~lacking & ~shapes.geom_type.isin(_AREAS).to_numpy()
    invalid = ~lacking & ~wrong & ~shapes.is_valid.to_numpy()
    kinds = ", ".join(sorted(set(shapes[wrong].geom_type)))
    of = "rows " if polygons.index.name == "row" else ""
    for rows, found, action in (
        (lacking, "no geometry", "give their places, or leave them out"),
        (wrong, f"geometry that is no polygon, but {kinds}", "choose another file or layer"),
        (
            invalid,
            "polygons that cross themselves",
            "repair them (shapely.make_valid) or leave them out",
        ),
    ):
        if rows.any():
            expected = "a valid polygon or multipolygon each row"
            yield problem(f"{found} ({of}{_listed(polygons.index[rows])})", expected, action)


def _listed(codes: pd.Index) -> str:
    more = f" and {len(codes) - _SHOWN:,} more" if len(codes) > _SHOWN else ""
    return ", ".join(map(str, codes[:_SHOWN])) + more


def _in_order(codes: pd.Index) -> pd.Index:
    try:
        return codes.sort_values()
    except TypeError:  # numbers among texts
        return codes[np.argsort(codes.astype(str), kind="stable")]


class Placed(NamedTuple):
    """Where points lie."""

    unit: Integers
    """Number of the unit, the smallest of those touched; OUTSIDE where none is."""
    on_border: Flags
    """Whether a border of a unit runs through the point."""
    overlapping: Flags
    """Whether the point lies inside several units."""


class Locator:
    """Polygons prepared for many points; for one thread at a time."""

    def __init__(self, units: Units) -> None:
        self.units = units
        self.polygons = units.polygons
        shapely.prepare(self.polygons)
        self._candidates = Candidates(self.polygons)
        self._nearest: NearestUnits | None = None

    def place(self, x: Floats, y: Floats) -> Placed:
        """Find the units of points in the polygons' own coordinates."""
        pieces = [slice(first, first + _AT_ONCE) for first in range(0, max(len(x), 1), _AT_ONCE)]
        placed = [self._place(x[piece], y[piece]) for piece in pieces]
        return Placed(*map(np.concatenate, zip(*placed, strict=True)))

    def _place(self, x: Floats, y: Floats) -> Placed:
        at, unit = self._candidates.query(x, y)
        # In the order of the units, so that each polygon's index stays in the processor's cache.
        narrow = unit.astype(np.min_scalar_type(len(self.polygons)))
        order = np.argsort(narrow, kind="stable")
        at, unit = at[order], unit[order]
        touched = shapely.intersects_xy(self.polygons[unit], x[at], y[at])
        at, unit = at[touched], unit[touched]
        inside = shapely.contains_xy(self.polygons[unit], x[at], y[at])
        found = np.full(len(x), OUTSIDE, np.int32)
        found[at[::-1]] = unit[::-1]  # the smallest unit comes last, and stays
        on_border = np.zeros(len(x), np.bool_)
        on_border[at[~inside]] = True
        return Placed(found, on_border, np.bincount(at[inside], minlength=len(x)) > 1)

    def place_nearest(self, x: Floats, y: Floats, metres: float) -> Integers:
        """Find the nearest units within so many metres of points outside all of them."""
        if self._nearest is None:
            self._nearest = NearestUnits(self.polygons, pyproj.CRS(self.units.crs))
        return self._nearest.within(x, y, metres)


def locator_of(units: Units) -> Locator:
    """Give the locator of units, made once in each thread of each process."""
    locator: Locator | None = getattr(_kept, "locator", None)
    if locator is None or locator.units.digest != units.digest:
        locator = _kept.locator = Locator(units)
    return locator


def steps_between(source: str, target: str) -> list[pyproj.Transformer]:
    """Give what brings coordinates to the polygons' system, step by step; none if they are in it.

    WGS 84 and NAD 83 are taken for the same, as is usual: they differ by a metre or two, and
    by which of them depends on the grids that are installed.
    """
    first, last = pyproj.CRS(source), pyproj.CRS(target)
    if not (_is_common(first) and _is_common(last)):
        return [_step(first, last)]
    if first.equals(last, ignore_axis_order=True):
        return []
    to_degrees = [] if first.is_geographic else [_step(first, first.geodetic_crs)]
    from_degrees = [] if last.is_geographic else [_step(last.geodetic_crs, last)]
    return to_degrees + from_degrees


def _step(source: pyproj.CRS | None, target: pyproj.CRS | None) -> pyproj.Transformer:
    return pyproj.Transformer.from_crs(source, target, always_xy=True)


def _is_common(system: pyproj.CRS) -> bool:
    datum = system.geodetic_crs.datum if system.geodetic_crs is not None else None
    return datum is not None and datum.name.removesuffix(" ensemble") in _SAME_DATUM
