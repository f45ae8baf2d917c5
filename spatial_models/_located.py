"""Where units are, as points between which straight distances can be taken."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from spatial_models.errors import SpatialError

if TYPE_CHECKING:
    import geopandas as gpd

Floats = npt.NDArray[np.float64]

_EARTH: Final = 6_371_008.8  # metres, mean radius of the WGS 84 ellipsoid


@dataclass(frozen=True, kw_only=True)
class Located:
    """Points of units: in the plane, or on the unit sphere for longitude and latitude.

    Straight distances between points of the sphere (chords) are ordered as great-circle
    distances are.
    """

    points: Floats
    ids: pd.Index | None
    on_sphere: bool

    def length(self, distance: float) -> float:
        """Turn a straight distance into units of the coordinates, or metres on the Earth."""
        return 2 * _EARTH * float(np.arcsin(min(distance / 2, 1))) if self.on_sphere else distance


def locate(coordinates: gpd.GeoDataFrame | gpd.GeoSeries | npt.ArrayLike) -> Located:
    """Take coordinates as they are, and geometries by their centroids."""
    series: Any = getattr(coordinates, "geometry", None)
    if series is None:
        ids = coordinates.index if isinstance(coordinates, pd.DataFrame) else None
        points = np.asarray(coordinates, dtype=np.float64)
        if points.ndim != 2 or points.shape[1] != 2:  # noqa: PLR2004  (x and y)
            message = (
                f"found coordinates of shape {points.shape}; expected (n, 2), x and y of each "
                "unit in a projected plane"
            )
            raise SpatialError(message)
        if not np.isfinite(points).all():
            message = "found missing coordinates; expected x and y of every unit: drop the others"
            raise SpatialError(message)
        return Located(points=points, ids=ids, on_sphere=False)
    absent = series.index[series.isna() | series.is_empty].tolist()
    if absent:
        message = f"found no geometry for {absent[:5]}; drop these rows or give their geometry"
        raise SpatialError(message)
    on_sphere = series.crs is not None and series.crs.is_geographic
    shapes = series.to_numpy()
    points = _on_sphere(shapes) if on_sphere else shapely.get_coordinates(shapely.centroid(shapes))
    return Located(points=points, ids=series.index, on_sphere=on_sphere)


def _on_sphere(shapes: npt.NDArray[np.object_]) -> Floats:
    """Average the centroids of a geometry's parts in space, whatever meridian it crosses."""
    parts, whose = shapely.get_parts(shapes, return_index=True)
    longitude, latitude = np.radians(shapely.get_coordinates(shapely.centroid(parts))).T
    flat = np.cos(latitude)
    directions = np.column_stack(
        [flat * np.cos(longitude), flat * np.sin(longitude), np.sin(latitude)]
    )
    size = shapely.area(parts) * flat
    size = np.where(size > 0, size, 1e-300)  # points and lines: all alike
    sums = np.zeros((len(shapes), 3))
    np.add.at(sums, whose, directions * (size / size.max())[:, np.newaxis])
    return np.asarray(sums / np.linalg.norm(sums, axis=1, keepdims=True))
