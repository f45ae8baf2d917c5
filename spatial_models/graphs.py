"""Who is whose neighbour: contiguity of polygons, and of areas made of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd
from scipy import sparse

from spatial_models.errors import SpatialError

if TYPE_CHECKING:
    import geopandas as gpd
    from libpysal.graph import Graph

__all__ = ["coarsen_graph", "contiguity", "describe_graph"]


def contiguity(
    polygons: gpd.GeoDataFrame, *, criterion: Literal["queen", "rook"] = "queen"
) -> Graph:
    """Join polygons that touch.

    Parameters
    ----------
    polygons : geopandas.GeoDataFrame
        Polygons with a unique index, neighbours sharing exact vertices (as Census
        boundaries do; geometry simplified for display does not).
    criterion : {"queen", "rook"}, default "queen"
        Queen neighbours share at least one vertex, rook neighbours an edge.

    Returns
    -------
    libpysal.graph.Graph
        Binary weights in the order of the index. Polygons that touch none are its
        ``isolates``; nothing is attached to them.

    Raises
    ------
    SpatialError
        If the index repeats or a geometry is missing.

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
    from libpysal.graph import Graph  # noqa: PLC0415  (its import takes two seconds)

    if not polygons.index.is_unique:
        repeated = polygons.index[polygons.index.duplicated()].unique().tolist()
        message = f"found identifiers twice: {repeated[:5]}; expected a unique index"
        raise SpatialError(message)
    empty = polygons.index[polygons.geometry.isna() | polygons.geometry.is_empty].tolist()
    if empty:
        message = f"found no geometry for {empty[:5]}; drop these rows or give their polygons"
        raise SpatialError(message)
    return Graph.build_contiguity(polygons, rook=criterion == "rook").transform("B")


def coarsen_graph(graph: Graph, groups: pd.Series) -> Graph:
    """Join groups of units where any of their members are joined.

    Parameters
    ----------
    graph : libpysal.graph.Graph
        Graph of the units.
    groups : pandas.Series
        Group of each unit, indexed by the graph's identifiers; missing for a unit of
        no group.

    Returns
    -------
    libpysal.graph.Graph
        Binary weights among the groups in ascending order. A group without neighbours
        is an isolate.

    Examples
    --------
    >>> from libpysal.graph import Graph
    >>> chain = Graph.from_arrays(["a", "b", "b", "c"], ["b", "a", "c", "b"], [1, 1, 1, 1])
    >>> halves = pd.Series({"a": "left", "b": "left", "c": "right"})
    >>> coarsen_graph(chain, halves)["left"].index.tolist()
    ['right']
    """
    from libpysal.graph import Graph  # noqa: PLC0415  (its import takes two seconds)

    codes, labels = pd.factorize(groups.reindex(graph.unique_ids), sort=True)
    links = sparse.coo_array(graph.sparse)
    first, second = codes[links.row], codes[links.col]
    crossing = (links.data != 0) & (first != second) & (first >= 0) & (second >= 0)
    size = len(labels)
    pairs = sparse.coo_array(
        (np.ones(int(crossing.sum())), (first[crossing], second[crossing])), shape=(size, size)
    ).tocsr()
    pairs.data[:] = 1.0
    return Graph.from_sparse(pairs.tocoo(), ids=pd.Index(labels, name="focal")).transform("B")


def describe_graph(graph: Graph) -> str:
    """Say in a few words what a graph is.

    Parameters
    ----------
    graph : libpysal.graph.Graph
        Any graph.

    Returns
    -------
    str
        Number of units, links and isolates, and the transformation.

    Examples
    --------
    >>> from libpysal.graph import Graph
    >>> describe_graph(Graph.from_arrays(["a", "b"], ["b", "a"], [1, 1]))
    '2 units, 2 links, 0 isolates, weights as given'
    """
    kinds = {"B": "binary weights", "R": "row-standardised weights"}
    kind = kinds.get(graph.transformation, "weights as given")
    return f"{graph.n:,} units, {graph.n_edges:,} links, {len(graph.isolates)} isolates, {kind}"
