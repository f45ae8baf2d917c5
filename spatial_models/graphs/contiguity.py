"""Polygons that touch."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from spatial_models.errors import SpatialError, SpatialWarning
from spatial_models.graphs._assembly import Geometries, Integers, geometries, link, some
from spatial_models.graphs._borders import Borders, differing

if TYPE_CHECKING:
    from libpysal.graph import Graph

__all__ = ["contiguity"]


def contiguity(
    polygons: gpd.GeoDataFrame | gpd.GeoSeries, *, criterion: Literal["queen", "rook"] = "queen"
) -> Graph:
    """Join polygons that touch.

    Neighbours on a clean map, as of the Census, share vertices with exactly the same
    coordinates; these are found first, whatever the number of polygons, in time that
    grows with the number of vertices. Where borders touch without sharing vertices (a
    long edge along two short ones, a map put together of several), or where polygons
    overlap, they are joined too, and a warning names them.

    Parameters
    ----------
    polygons : geopandas.GeoDataFrame or geopandas.GeoSeries
        Polygons and multipolygons with a unique index. Heights are ignored.
    criterion : {"queen", "rook"}, default "queen"
        Queen neighbours share at least one point of their borders, rook neighbours a line.
        Polygons that overlap in area are neighbours by both.

    Returns
    -------
    libpysal.graph.Graph
        Binary weights in the order of the index. Polygons that touch none are its
        ``isolates``; nothing is attached to them (see `attach_isolates`).

    Raises
    ------
    SpatialError
        If the index repeats, or a geometry is missing or no polygon.

    Warns
    -----
    SpatialWarning
        If polygons touch whose vertices differ, or overlap.

    Notes
    -----
    Points are the same if rounding explains their difference (8 units in the last place
    of the largest coordinate); a gap that is wider than this is not bridged. Build the
    graph on the map as it was drawn: after a projection, or simplified for display, a
    vertex that was on a neighbour's edge no longer is.

    Vertices are numbered by hash tables and joined by a sparse product, O(n) for n
    vertices; the m edges of one polygon only are compared by a tree of their boxes,
    O(m log m).

    Examples
    --------
    >>> import geopandas as gpd
    >>> from shapely.geometry import box
    >>> squares = gpd.GeoDataFrame(index=["a", "b", "c"],
    ...     geometry=[box(0, 0, 1, 1), box(1, 0, 2, 1), box(5, 0, 6, 1)])
    >>> graph = contiguity(squares)
    >>> graph["a"].index.tolist(), graph.isolates.tolist()
    (['b'], ['c'])
    """
    if criterion not in {"queen", "rook"}:
        message = f"found the criterion {criterion!r}; expected 'queen' or 'rook'"
        raise SpatialError(message)
    column = geometries(polygons)
    _check_kinds(column, polygons.index)
    borders = Borders.of(column)
    links = borders.sharing(criterion)
    touching, overlapping = differing(borders, criterion, links)
    if len(touching) or len(overlapping):
        _warn(borders, polygons.index, touching, overlapping)
        one, other = borders.ends(np.concatenate([touching, overlapping]))
        both_ways = [borders.number(one, other), borders.number(other, one)]
        links = np.sort(np.concatenate([links, *both_ways]))
    focal, neighbour = borders.ends(links)
    return link(focal, neighbour, np.ones(len(focal), dtype=np.int64), polygons.index, "B")


def _check_kinds(column: Geometries, ids: pd.Index) -> None:
    """Refuse what is no polygon."""
    kinds = shapely.get_type_id(column)
    wrong = ~np.isin(kinds, [shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON])
    if wrong.any():
        found = column[wrong][0].geom_type
        message = (
            f"found geometries that are no polygons, as a {found} for {some(ids[wrong])}; "
            "expected polygons: use k_nearest or distance_band for points"
        )
        raise SpatialError(message)


def _warn(borders: Borders, ids: pd.Index, touching: Integers, overlapping: Integers) -> None:
    """Tell which polygons are neighbours although their vertices differ."""
    kinds = ((touching, "touch, but their vertices differ"), (overlapping, "overlap"))
    found = "; ".join(
        f"{len(pairs):,} {'pair' if len(pairs) == 1 else 'pairs'} of polygons that {how} "
        f"({_named(borders, ids, pairs)})"
        for pairs, how in kinds
        if len(pairs)
    )
    message = f"found {found}. They are joined; check the map if they should not be neighbours"
    warnings.warn(message, SpatialWarning, stacklevel=3)


def _named(borders: Borders, ids: pd.Index, pairs: Integers) -> str:
    one, other = borders.ends(pairs[:5])
    names = ", ".join(f"{a} and {b}" for a, b in zip(ids[one], ids[other], strict=True))
    return names if len(pairs) <= len(one) else f"{names}, ..."
