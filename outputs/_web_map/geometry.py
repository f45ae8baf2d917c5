"""County shapes made small for display: shared edges stay shared, no county disappears."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd
import shapely

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

UNITS_PER_DEGREE = 1000
TOLERANCE_DEGREES = 0.01

Ring = list[int]
Shape = list[list[Ring]]

_CORNERS_OF_AN_AREA = 3
_ENDS = ["x0", "y0", "x1", "y1"]
_WIDE = 10.0
_FINEST = 4


@dataclass(frozen=True, kw_only=True)
class Frame:
    """How finely places are drawn, and where the globe is cut open.

    Attributes
    ----------
    finer : int
        Powers of ten by which grid and tolerance are finer than those of the country.
    turned : bool
        Whether longitudes east of Greenwich are turned by 360 degrees.
    """

    finer: int = 0
    turned: bool = True

    @property
    def units_per_degree(self) -> int:
        """Count the steps of the grid in a degree."""
        return int(UNITS_PER_DEGREE * 10**self.finer)

    def turn(self, xy: NDArray[np.float64]) -> NDArray[np.float64]:
        """Turn longitudes east of Greenwich, if they are to be turned."""
        return west_of_greenwich(xy) if self.turned else xy


COUNTRY: Final = Frame()
"""The United States: the Aleutians lie west of Alaska and Guam west of Hawaii."""


def frame_of(places: gpd.GeoDataFrame) -> Frame:
    """Choose a frame for places anywhere: small maps are finer, and none is torn in two."""
    xy = shapely.get_coordinates(places.geometry.to_numpy())
    turned = np.ptp(west_of_greenwich(xy)[:, 0]) < np.ptp(xy[:, 0])
    frame = Frame(turned=bool(turned))
    extent = float(np.ptp(frame.turn(xy), axis=0).max())
    steps = math.ceil(math.log10(_WIDE / extent)) if extent > 0 else _FINEST
    return Frame(finer=min(max(steps, 0), _FINEST), turned=frame.turned)


def display_grid(counties: gpd.GeoDataFrame, frame: Frame = COUNTRY) -> NDArray[Any]:
    """Simplify the counties as one coverage and put them on the display grid.

    Parameters
    ----------
    counties : geopandas.GeoDataFrame
        Polygons in longitude and latitude, which do not overlap.
    frame : Frame
        How finely, and where the globe is cut open.

    Returns
    -------
    numpy.ndarray of shapely.Geometry
        The same areas in the same order in whole steps of the grid. Neighbours run along
        the same vertices.
    """
    shifted = shapely.transform(counties.geometry.to_numpy(), frame.turn)
    simple = shapely.coverage_simplify(shifted, TOLERANCE_DEGREES / 10**frame.finer)
    steps = frame.units_per_degree
    grid: NDArray[Any] = shapely.transform(simple, lambda xy: np.rint(xy * steps))
    return grid


def encode_shapes(areas: NDArray[Any]) -> list[Shape]:
    """Write every area as polygons of rings: a first vertex, then the step to each next one."""
    return [_encode_area(area) for area in areas]


def encode_borders(areas: NDArray[Any], members: NDArray[np.intp]) -> list[Ring]:
    """Write the lines along which areas of different membership meet.

    Parameters
    ----------
    areas : numpy.ndarray of shapely.Geometry
        From `display_grid`.
    members : numpy.ndarray of int
        The group of each area; -1 for none.

    Returns
    -------
    list of list of int
        Lines, written as `encode_shapes` writes rings. Coasts are left out: thick
        lines would drown small islands, and the fill shows them anyway.
    """
    edges = _edges(areas)
    edges["group"] = members[edges["area"]]
    edges = edges[edges["group"] >= 0]
    groups = edges.groupby(_ENDS)["group"].nunique()
    border = groups[groups > 1].index.to_frame().to_numpy(dtype=float)
    merged = shapely.line_merge(shapely.MultiLineString(list(border.reshape(-1, 2, 2))))
    return [_steps(shapely.get_coordinates(line)) for line in shapely.get_parts(merged)]


def membership(counties: gpd.GeoDataFrame, areas: gpd.GeoDataFrame) -> NDArray[np.intp]:
    """Find the area in which each county lies (a position in `areas`), -1 for none."""
    inside = counties.geometry.representative_point().to_numpy()
    county, area = shapely.STRtree(areas.geometry.to_numpy()).query(inside, predicate="intersects")
    members = np.full(len(counties), -1, dtype=np.intp)
    members[county] = area
    return members


def west_of_greenwich(xy: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.column_stack([np.where(xy[:, 0] > 0, xy[:, 0] - 360, xy[:, 0]), xy[:, 1]])


def _encode_area(area: Any) -> Shape:
    shape = []
    for polygon in shapely.get_parts(area):
        exterior, *holes = (shapely.get_coordinates(ring) for ring in shapely.get_rings(polygon))
        if _has_area(exterior):
            shape.append([_steps(ring[:-1]) for ring in (exterior, *holes) if _has_area(ring)])
    return shape or [[_speck(area)]]


def _has_area(ring: NDArray[np.float64]) -> bool:
    return len(set(map(tuple, ring.tolist()))) >= _CORNERS_OF_AN_AREA


def _speck(area: Any) -> Ring:
    # An area below the grid's grain must stay on the map, where it can be clicked.
    west, south, east, north = shapely.bounds(area)
    east, north = max(east, west + 1), max(north, south + 1)
    return _steps(np.array([[west, south], [east, south], [east, north], [west, north]]))


def _steps(vertices: NDArray[np.float64]) -> Ring:
    steps = np.diff(vertices, axis=0)
    moves = np.vstack([vertices[:1], steps[steps.any(axis=1)]])
    return [int(number) for number in moves.ravel()]


def _edges(areas: NDArray[Any]) -> pd.DataFrame:
    """List the sides of all areas once for each area, in one direction (x0, y0 first)."""
    polygons, area = shapely.get_parts(areas, return_index=True)
    rings, polygon = shapely.get_rings(polygons, return_index=True)
    vertices, ring = shapely.get_coordinates(rings, return_index=True)
    within = ring[1:] == ring[:-1]
    start, end = vertices[:-1][within], vertices[1:][within]
    backward = (start[:, 0] > end[:, 0]) | ((start[:, 0] == end[:, 0]) & (start[:, 1] > end[:, 1]))
    first = np.where(backward[:, None], end, start)
    last = np.where(backward[:, None], start, end)
    edges = pd.DataFrame(np.hstack([first, last]), columns=_ENDS)
    edges["area"] = area[polygon[ring[:-1][within]]]
    # Rounding may leave a side without length.
    return pd.DataFrame(edges[(first != last).any(axis=1)])
