"""The nearest unit of points that lie in none, by metres to its border."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
import pyproj
import shapely

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int32]

_AT_ONCE: Final = 1_000
"""Points whose surroundings are looked at together, since each may have many segments."""

_STEEPEST: Final = 89.9
"""Latitude beyond which a degree of longitude is taken to be no shorter."""


class NearestUnits:
    """Segments of the borders of units."""

    def __init__(self, polygons: npt.NDArray[np.object_], crs: pyproj.CRS) -> None:
        self._crs = crs
        rings, unit = shapely.get_rings(polygons, return_index=True)
        places, ring = shapely.get_coordinates(rings, return_index=True)
        along = np.flatnonzero(ring[1:] == ring[:-1])
        self._start, self._end = places[along], places[along + 1]
        self._unit = unit[ring[along]].astype(np.int32)
        ends = np.stack([self._start, self._end], axis=1)
        self._tree = shapely.STRtree(shapely.linestrings(ends))

    def within(self, x: Floats, y: Floats, metres: float) -> Integers:
        """Find the number of the nearest unit, the smallest among equals; -1 where none is near."""
        found = np.full(len(x), -1, np.int32)
        for first in range(0, len(x), _AT_ONCE):
            piece = slice(first, first + _AT_ONCE)
            found[piece] = self._within(x[piece], y[piece], metres)
        return found

    def _within(self, x: Floats, y: Floats, metres: float) -> Integers:
        scale = self._metres_per_unit(y)
        reach = metres / scale
        around = shapely.box(x - reach[:, 0], y - reach[:, 1], x + reach[:, 0], y + reach[:, 1])
        at, segment = self._tree.query(around)
        point = np.stack([x, y], axis=1)[at]
        start = (self._start[segment] - point) * scale[at]
        end = (self._end[segment] - point) * scale[at]
        distance, unit = _distance_of_origin(start, end), self._unit[segment]
        near = distance <= metres
        at, distance, unit = at[near], distance[near], unit[near]
        order = np.lexsort((unit, distance))[::-1]
        found = np.full(len(x), -1, np.int32)
        found[at[order]] = unit[order]  # the nearest comes last, and stays
        return found

    def _metres_per_unit(self, y: Floats) -> Floats:
        """How many metres a step along each axis is, at each point."""
        if not self._crs.is_geographic:
            factors = [axis.unit_conversion_factor for axis in self._crs.axis_info[:2]]
            return np.tile(factors, (len(y), 1)).astype(np.float64)
        # Radii of curvature of the ellipsoid; a segment within reach is short beside them.
        ellipsoid = self._crs.get_geod()
        assert ellipsoid is not None  # noqa: S101  (every geographic system has one)
        latitude = np.radians(np.clip(y, -_STEEPEST, _STEEPEST))
        bulge = 1 - ellipsoid.es * np.sin(latitude) ** 2
        across = ellipsoid.a / np.sqrt(bulge)
        along = across * (1 - ellipsoid.es) / bulge
        return np.radians(np.stack([across * np.cos(latitude), along], axis=1))


def _distance_of_origin(start: Floats, end: Floats) -> Floats:
    """Distance of segments from the origin."""
    step = end - start
    length = np.einsum("ij,ij->i", step, step)
    share = -np.einsum("ij,ij->i", start, step) / np.where(length > 0, length, 1)
    foot = start + np.clip(share, 0, 1)[:, None] * step
    distance: Floats = np.hypot(foot[:, 0], foot[:, 1])
    return distance
