"""What every graph is made of: identifiers, geometries and links."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from spatial_models.errors import SpatialError

if TYPE_CHECKING:
    from libpysal.graph import Graph

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Geometries = npt.NDArray[np.object_]


def refuse(problems: list[str]) -> None:
    """Raise one error that names every problem, if there is any."""
    if problems:
        raise SpatialError("; ".join(problems))


def some(items: pd.Index, n: int = 5) -> str:
    """Name the first few of many."""
    listed = str(items[:n].tolist())
    return listed if len(items) <= n else f"{listed[:-1]}, ...]"


def id_problems(ids: pd.Index) -> list[str]:
    """Say what is wrong with identifiers."""
    if isinstance(ids, pd.MultiIndex):
        return ["found an index of several levels; expected one identifier per row"]
    problems = []
    if ids.hasnans:
        problems.append("found rows without identifier; give each its own")
    if not ids.is_unique:
        repeated = ids[ids.duplicated()].unique()
        problems.append(f"found identifiers twice: {some(repeated)}; expected a unique index")
    return problems


def geometries(places: gpd.GeoDataFrame | gpd.GeoSeries) -> Geometries:
    """Take the geometries of places whose identifiers and geometries are all there."""
    if not isinstance(places, gpd.GeoDataFrame | gpd.GeoSeries):
        message = f"found a {type(places).__name__}; expected a GeoDataFrame or a GeoSeries"
        raise SpatialError(message)
    ids, column = places.index, np.asarray(places.geometry.array)
    problems = id_problems(ids)
    nothing = shapely.is_missing(column) | shapely.is_empty(column)
    if nothing.any():
        problems.append(
            f"found no geometry for {some(ids[nothing])}; drop these rows or give their geometry"
        )
    coordinates, owner = shapely.get_coordinates(column, return_index=True)
    lost = np.unique(owner[~np.isfinite(coordinates).all(axis=1)])
    if len(lost):
        problems.append(number_problem(ids[lost]))
    if not len(column):
        problems.append("found no places; expected at least one")
    refuse(problems)
    return column


def number_problem(ids: pd.Index) -> str:
    """Say whose coordinates are lost."""
    return (
        f"found coordinates that are no numbers for {some(ids)}; "
        "drop these rows or give their coordinates"
    )


def link(
    focal: Integers,
    neighbour: Integers,
    weights: npt.NDArray[np.generic],
    ids: pd.Index,
    transformation: str,
) -> Graph:
    """Make a graph of links between positions, sorted by focal and neighbour.

    The adjacency is handed over ready: its levels are the identifiers in their order and
    a unit without links has itself with weight 0, as the graph wants it. So nothing is
    sorted by label again, which costs more than finding the neighbours.
    """
    from libpysal.graph import Graph  # noqa: PLC0415  (its import takes two seconds)

    alone = np.flatnonzero(np.bincount(focal, minlength=len(ids)) == 0)
    places = np.searchsorted(focal, alone)
    levels: Any = [ids, ids]
    codes: Any = [np.insert(focal, places, alone), np.insert(neighbour, places, alone)]
    index = pd.MultiIndex(levels, codes, names=["focal", "neighbor"], verify_integrity=False)
    adjacency = pd.Series(np.insert(weights, places, 0), index=index, name="weight")
    return Graph(adjacency, transformation=transformation, is_sorted=True)
