"""Where places are, for measuring distances: in the plane, or on the sphere."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self, TypeAlias

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from scipy import spatial

from spatial_models.errors import SpatialError, SpatialWarning
from spatial_models.graphs._assembly import (
    Floats,
    Geometries,
    Integers,
    geometries,
    number_problem,
)

Places: TypeAlias = "gpd.GeoDataFrame | gpd.GeoSeries | npt.ArrayLike | Positions"

_EARTH_RADIUS = 6_371_008.8  # metres; the mean radius R1 of the GRS 80 ellipsoid
_ROUNDING = 8 * np.finfo(np.float64).eps
_BLOCK = 1_024  # places whose neighbours are listed at a time


@dataclass(frozen=True, kw_only=True)
class Positions:
    """Points in a tree: (n, 2) in the plane, or (n, 3) on the unit sphere.

    In the tree distances are straight lines, on the sphere chords through it.
    """

    ids: pd.Index
    tree: spatial.cKDTree
    on_sphere: bool

    @classmethod
    def of(cls, places: Places) -> Self:
        """Take the positions of places; polygons and lines stand at their centroid.

        Places without names, of an array, are numbered. What are positions already stay.
        """
        if isinstance(places, Positions):
            return cls(ids=places.ids, tree=places.tree, on_sphere=places.on_sphere)
        if isinstance(places, gpd.GeoDataFrame | gpd.GeoSeries):
            column = geometries(places)
            on_sphere = places.crs is not None and places.crs.is_geographic
            points = _sphere_centroids(column) if on_sphere else _xy(shapely.centroid(column))
            ids = places.index
        else:
            points, on_sphere = _array(places), False
            ids = places.index if isinstance(places, pd.DataFrame) else pd.RangeIndex(len(points))
        return cls(ids=ids, tree=spatial.cKDTree(points), on_sphere=on_sphere)

    @property
    def points(self) -> Floats:
        """Coordinates between which straight distances are taken."""
        return np.asarray(self.tree.data)

    @property
    def n(self) -> int:
        """Number of places."""
        return len(self.ids)

    def only(self, some: npt.NDArray[np.bool_]) -> Positions:
        """Take some of the places."""
        tree = spatial.cKDTree(self.points[some])
        return Positions(ids=self.ids[some], tree=tree, on_sphere=self.on_sphere)

    @property
    def tolerance(self) -> float:
        """Difference of straight distances that rounding explains."""
        return float(_ROUNDING * np.abs(self.tree.data).max(initial=0))

    def straight(self, distance: float) -> float:
        """Turn a distance on the ground into one in the tree."""
        if not self.on_sphere:
            return distance
        return float(2 * np.sin(min(distance / _EARTH_RADIUS, np.pi) / 2))

    def measure(self, one: Integers, other: Integers) -> Floats:
        """Measure the distances on the ground between pairs of places."""
        points = self.tree.data
        return self.on_ground(np.linalg.norm(points[one] - points[other], axis=1))

    def on_ground(self, straight: Floats) -> Floats:
        """Turn distances in the tree into distances on the ground."""
        if not self.on_sphere:
            return straight
        return np.asarray(2 * _EARTH_RADIUS * np.arcsin(np.minimum(straight / 2, 1)))

    def within(self, radius: float | Floats) -> tuple[Integers, Integers]:
        """Pair each place with the others within a straight distance, itself left out.

        The distance may differ by place. What is on it but for rounding is within.
        """
        radii = np.broadcast_to(np.asarray(radius) + self.tolerance, self.n)
        found = list(self._balls(np.arange(self.n), radii))
        focal = np.concatenate([np.zeros(0, dtype=np.int64), *(one for one, _ in found)])
        neighbour = np.concatenate([np.zeros(0, dtype=np.int64), *(other for _, other in found)])
        return focal, neighbour

    def nearest(self, k: int) -> tuple[Integers, Floats]:
        """Find the k nearest of each place, (n, k), and the straight distance of the last.

        Of places equally far (but for rounding) the first in order are taken.
        """
        distance, at = self.tree.query(self.tree.data, k=min(k + 2, self.n))
        itself = at == np.arange(self.n)[:, None]
        # Where many coincide, a place may not be among its own nearest.
        itself[~itself.any(axis=1), -1] = True
        others = at[~itself].reshape(self.n, -1)
        distance = distance[~itself].reshape(self.n, -1)
        last = distance[:, k - 1]
        chosen = np.sort(others[:, :k], axis=1)
        tied = np.flatnonzero(distance[:, k:].min(axis=1, initial=np.inf) <= last + self.tolerance)
        for one, other in self._balls(tied, last[tied] + self.tolerance):
            apart = np.linalg.norm(self.tree.data[one] - self.tree.data[other], axis=1)
            on_edge = apart >= last[one] - self.tolerance
            order = np.lexsort((other, on_edge, one))
            starts = np.searchsorted(one, np.unique(one))
            first_k = order[(starts[:, None] + np.arange(k)).ravel()].reshape(-1, k)
            chosen[np.unique(one)] = np.sort(other[first_k], axis=1)
        return chosen, np.asarray(last)

    def _balls(self, centres: Integers, radii: Floats) -> Iterator[tuple[Integers, Integers]]:
        """List, block by block, each centre with the others within its radius, in order."""
        for start in range(0, len(centres), _BLOCK):
            block = centres[start : start + _BLOCK]
            lists = self.tree.query_ball_point(
                self.tree.data[block], radii[start : start + _BLOCK], return_sorted=True
            )
            one = np.repeat(block, [len(each) for each in lists])
            other = np.concatenate([np.asarray(each, dtype=np.int64) for each in lists])
            yield one[one != other], other[one != other]


def _array(coordinates: npt.ArrayLike) -> Floats:
    """Take coordinates given as an array."""
    points = np.array(coordinates, dtype=np.float64)
    if points.ndim != 2 or points.shape[1] != 2 or not len(points):  # noqa: PLR2004  (x and y)
        message = f"found coordinates of shape {points.shape}; expected (n, 2): x and y of each"
        raise SpatialError(message)
    lost = np.flatnonzero(~np.isfinite(points).all(axis=1))
    if len(lost):
        raise SpatialError(number_problem(pd.Index(lost)))
    return points


def check_k(k: object, n: int) -> int:
    """Refuse a number of neighbours that n places do not have."""
    if not isinstance(k, int | np.integer) or not 1 <= k < n:
        message = (
            f"found k = {k!r} for {n:,} places; "
            "expected a whole number from 1 to the number of other places"
        )
        raise SpatialError(message)
    return int(k)


def _xy(points: Geometries) -> Floats:
    return np.column_stack([shapely.get_x(points), shapely.get_y(points)])


def _sphere_centroids(column: Geometries) -> Floats:
    """Find centroids on the unit sphere.

    The centroid of each part is taken in longitude and latitude, and the parts are
    weighed by their size: so a polygon cut at the 180th meridian stays where it is.
    """
    parts, owner = shapely.get_parts(column, return_index=True)
    centres = _xy(shapely.centroid(parts))
    wrong = np.abs(centres[:, 1]) > 90  # noqa: PLR2004  (the poles)
    if wrong.any():
        message = (
            f"found latitudes up to {np.abs(centres[wrong, 1]).max():g}; expected degrees "
            "from -90 to 90: set the coordinate system that the map is in"
        )
        raise SpatialError(message)
    west, _, east, _ = shapely.bounds(parts).T
    wide = east - west > 180  # noqa: PLR2004  (half of the Earth)
    if wide.any():
        message = (
            f"found {wide.sum()} shapes over more than 180 degrees of longitude; where they cross "
            "the 180th meridian, their centroids are wrong: split them there"
        )
        warnings.warn(message, SpatialWarning, stacklevel=4)
    longitude, latitude = np.radians(centres).T
    level = np.cos(latitude)
    vectors = np.column_stack(
        [level * np.cos(longitude), level * np.sin(longitude), np.sin(latitude)]
    )
    total = np.zeros((len(column), 3))
    np.add.at(total, owner, vectors * _sizes(parts, owner, level, len(column))[:, None])
    return np.asarray(total / np.linalg.norm(total, axis=1, keepdims=True))


def _sizes(parts: Geometries, owner: Integers, level: Floats, n: int) -> Floats:
    """Weigh parts by area, by length where a place has no area, and else alike."""
    sizes = np.ones(len(parts))
    for measure in (shapely.length, shapely.area):
        measured = measure(parts) * level
        has_any = np.bincount(owner, measured, minlength=n) > 0
        sizes = np.where(has_any[owner], measured, sizes)
    return np.asarray(sizes)
