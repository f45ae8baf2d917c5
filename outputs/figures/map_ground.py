"""The ground of maps on paper: shapes of counties in equal area, Alaska and islands inset."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from boundaries import GEOGRAPHIC_CRS, OUTLYING, analysis_crs
from outputs.errors import OutputError
from outputs.figures._outlines import Outline, merged, outline

if TYPE_CHECKING:
    import geopandas as gpd

__all__ = ["MAP_HEIGHT", "MAP_WIDTH", "MapGround", "Panel", "map_ground"]

Shapes = npt.NDArray[Any]

MAP_WIDTH, MAP_HEIGHT = 540.0, 344.0
"""Of the map in points, insets included: what an upright page has room for."""

_TOLERANCE: Final = 0.6
"""Points from which on a bend of a border is kept."""


@dataclass(frozen=True, kw_only=True)
class Panel:
    """A part of the country in a box of its own.

    Attributes
    ----------
    label : str
        What is written into the box; empty for the main one.
    states : frozenset of str
        Postal codes; empty for the main one, which holds all others.
    box : tuple of float
        Left, bottom, width and height in points.
    """

    label: str
    states: frozenset[str]
    box: tuple[float, float, float, float]


_PANELS: Final = (
    Panel(label="", states=frozenset(), box=(4, 4, MAP_WIDTH - 8, MAP_HEIGHT - 8)),
    Panel(label="Alaska", states=frozenset({"AK"}), box=(2, 2, 112, 80)),
    Panel(label="Hawaii", states=frozenset({"HI"}), box=(118, 2, 62, 46)),
    Panel(label="Guam, Marianas", states=frozenset({"GU", "MP"}), box=(286, 2, 30, 58)),
    Panel(
        label="Puerto Rico, Virgin Islands", states=frozenset({"PR", "VI"}), box=(320, 2, 106, 34)
    ),
)


@dataclass(frozen=True, kw_only=True, eq=False)
class MapGround:
    """Shapes on a page, made once for many maps.

    Attributes
    ----------
    shapes : pandas.Series
        Polygons in points from the lower left corner, by unit; neighbours run along the
        same vertices.
    panel : pandas.Series of int
        Position of each unit's part of the country in `panels`.
    panels : tuple of Panel
        Those that any unit lies in.
    borders : sequence of tuple
        Widths of the lines of larger areas, and the lines, a path for every panel.
    mesh : sequence of tuple
        Borders between units, a path for every panel.
    """

    shapes: pd.Series
    panel: pd.Series
    panels: tuple[Panel, ...]
    borders: Sequence[tuple[float, Sequence[Outline]]]
    mesh: Sequence[Outline]

    def dissolved(self, area: pd.Series) -> MapGround:
        """Merge units into larger areas, one panel's units at a time.

        Parameters
        ----------
        area : pandas.Series of str
            Area of each unit; units without one are left out.

        Returns
        -------
        MapGround
            Of the areas; one over several panels is there once for each.
        """
        kept = area.reindex(self.shapes.index).dropna()
        groups = self.shapes[kept.index].groupby([self.panel[kept.index], kept])
        shapes = groups.agg(lambda members: merged(members.to_numpy()))
        panel = pd.Series(shapes.index.get_level_values(0), index=shapes.index).droplevel(0)
        shapes = shapes.droplevel(0)
        return replace(
            self,
            shapes=shapes,
            panel=panel,
            mesh=_meshes(shapes, panel, len(self.panels)),
        )


def map_ground(
    counties: gpd.GeoDataFrame, outlines: Mapping[str, tuple[float, pd.Series]]
) -> MapGround:
    """Lay counties out on a page: equal area, simplified, Alaska and islands in boxes.

    Parameters
    ----------
    counties : geopandas.GeoDataFrame
        Polygons in EPSG:4269 that do not overlap, by ``county_fips``, with the column
        ``state`` (postal codes).
    outlines : mapping of str to tuple
        By name of a kind of larger areas: width of their borders in points, and the area
        of each county.

    Returns
    -------
    MapGround
        Shapes of the 48 states in EPSG:5070, of other states in projections of their own;
        each at a scale of its own.

    Raises
    ------
    OutputError
        If the counties are in another CRS.

    Examples
    --------
    >>> from boundaries import load_counties
    >>> counties = load_counties()
    >>> ground = map_ground(counties, {"states": (0.6, counties["state"])})
    >>> [panel.label for panel in ground.panels][:3]
    ['', 'Alaska', 'Hawaii']
    """
    if counties.crs != GEOGRAPHIC_CRS:
        message = f"counties: the CRS is {counties.crs}, expected {GEOGRAPHIC_CRS}; use to_crs"
        raise OutputError(message)
    # A box that is not on the list (American Samoa, which has no office) is not drawn.
    found = [(panel, _inside(panel, counties["state"])) for panel in _PANELS]
    found = [(panel, inside) for panel, inside in found if inside.any()]
    shapes = pd.Series(None, index=counties.index, dtype=object)
    position = pd.Series(-1, index=counties.index)
    for number, (panel, inside) in enumerate(found):
        shapes[inside] = _on_page(counties[inside], panel)
        position[inside] = number
    drawn = position >= 0
    shapes, position = shapes[drawn], position[drawn]
    return MapGround(
        shapes=shapes,
        panel=position,
        panels=tuple(panel for panel, _ in found),
        borders=[
            (width, _borders(shapes, position, area, len(found)))
            for width, area in outlines.values()
        ],
        mesh=_meshes(shapes, position, len(found)),
    )


def _inside(panel: Panel, states: pd.Series) -> npt.NDArray[np.bool_]:
    if panel.states:
        return states.isin(panel.states).to_numpy()
    return ~states.isin(OUTLYING).to_numpy()


def _on_page(counties: gpd.GeoDataFrame, panel: Panel) -> Shapes:
    """Project, simplify as one coverage and fit into the panel's box."""
    # Places on either side of the antimeridian stay together in their own projections.
    projected = counties.geometry.to_crs(analysis_crs(min(panel.states, default="TX")))
    shapes = projected.to_numpy()
    west, south, east, north = shapely.total_bounds(shapes)
    left, bottom, width, height = panel.box
    scale = min(width / (east - west), height / (north - south))
    simple = shapely.coverage_simplify(shapes, _TOLERANCE / scale)
    x0 = left + (width - scale * (east - west)) / 2 - scale * west
    y0 = bottom + (height - scale * (north - south)) / 2 - scale * south
    placed: Shapes = shapely.transform(simple, lambda xy: xy * scale + (x0, y0))
    return placed


def _by_panel(panel: pd.Series, panels: int) -> Iterator[npt.NDArray[np.bool_]]:
    for number in range(panels):
        yield (panel == number).to_numpy()


def _meshes(shapes: pd.Series, panel: pd.Series, panels: int) -> list[Outline]:
    """Gather the sides of all shapes, each once."""
    return [_mesh(shapes[inside].to_numpy()) for inside in _by_panel(panel, panels)]


def _borders(shapes: pd.Series, panel: pd.Series, area: pd.Series, panels: int) -> list[Outline]:
    """Gather the sides of all larger areas, each once."""
    found = []
    for inside in _by_panel(panel, panels):
        members = shapes[inside]
        groups = members.groupby(area.reindex(members.index).to_numpy())
        whole = [merged(group.to_numpy()) for _, group in groups]
        found.append(_mesh(np.array(whole, dtype=object)))
    return found


def _mesh(shapes: Shapes) -> Outline:
    """Join the sides of shapes to lines; a side that two shapes share is there once."""
    polygons = shapely.get_parts(shapes)
    vertices, ring = shapely.get_coordinates(shapely.get_rings(polygons), return_index=True)
    within = ring[1:] == ring[:-1]
    sides = np.hstack([vertices[:-1][within], vertices[1:][within]])
    x0, y0, x1, y1 = sides.T
    turned = (x0 > x1) | ((x0 == x1) & (y0 > y1))
    sides[turned] = sides[turned][:, [2, 3, 0, 1]]
    sides = np.unique(sides, axis=0).reshape(-1, 2, 2)
    return outline(shapely.line_merge(shapely.multilinestrings(shapely.linestrings(sides))))
