"""What is done with a graph, however it was made."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
from scipy import sparse

from spatial_models.errors import SpatialError
from spatial_models.graphs._assembly import link, some
from spatial_models.graphs._positions import Places, Positions, check_k

if TYPE_CHECKING:
    from libpysal.graph import Graph

__all__ = ["attach_isolates", "coarsen_graph", "describe_graph"]


def attach_isolates(graph: Graph, places: Places, *, k: int = 1) -> Graph:
    """Join each isolate with the place nearest to it.

    Parameters
    ----------
    graph : libpysal.graph.Graph
        Graph with isolates; all other links stay as they are.
    places : geopandas.GeoDataFrame, geopandas.GeoSeries or array_like of shape (n, 2)
        The units of the graph, by its identifiers: points, or polygons that stand at their
        centroid; or x and y of each in the graph's order. In a geographic coordinate
        system distances are taken on a sphere.
    k : int, default 1
        Number of nearest places that an isolate is joined with.

    Returns
    -------
    libpysal.graph.Graph
        The graph with links of weight 1 from each isolate to its nearest places and back.
        Of places equally far the first in the graph's order is taken.

    Raises
    ------
    SpatialError
        If places and units differ, k does not fit their number, or weights are not binary:
        then the weight of a new link is not clear.

    Examples
    --------
    >>> from spatial_models.graphs import distance_band
    >>> points = [(0, 0), (1, 0), (5, 0)]
    >>> graph = attach_isolates(distance_band(points, 2), points)
    >>> graph[1].index.tolist(), graph.isolates.tolist()
    ([0, 2], [])
    """
    weights = _weights(graph)
    degree = np.bincount(weights.row[weights.row != weights.col], minlength=graph.n)
    alone = np.flatnonzero(degree == 0)
    if not len(alone):
        return graph
    if graph.transformation not in {"B", "O"} or (weights.data != 1).any():
        message = (
            "found weights other than 1; expected binary weights, beside which the weight of a "
            "new link is clear: attach isolates before weights are transformed"
        )
        raise SpatialError(message)
    nearest, _ = _in_order(places, graph.unique_ids).nearest(check_k(k, graph.n))
    one, other = np.repeat(alone, k), nearest[alone].ravel()
    pairs = np.unique(
        np.concatenate(
            [weights.row * graph.n + weights.col, one * graph.n + other, other * graph.n + one]
        )
    )
    focal, neighbour = np.divmod(pairs, graph.n)
    ones = np.ones(len(pairs), dtype=np.int64)
    return link(focal, neighbour, ones, graph.unique_ids, graph.transformation)


def _weights(graph: Graph) -> sparse.coo_array:
    """Take the weights that are not zero, by wide positions."""
    weights = sparse.coo_array(graph.sparse)
    weights.eliminate_zeros()
    weights.coords = tuple(each.astype(np.int64) for each in weights.coords)
    return weights


def _in_order(places: Places, ids: pd.Index) -> Positions:
    """Take the positions of a graph's units."""
    if isinstance(places, gpd.GeoDataFrame | gpd.GeoSeries):
        absent = ids.difference(places.index)
        if len(absent):
            message = f"found no places of the units {some(absent)}; expected one of each"
            raise SpatialError(message)
        if places.index.is_unique:
            places = places.loc[ids]
    positions = Positions.of(places)
    if positions.n != len(ids):
        message = f"found {positions.n:,} places; expected {len(ids):,}, one of each unit"
        raise SpatialError(message)
    return positions


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
    codes, labels = pd.factorize(groups.reindex(graph.unique_ids), sort=True)
    links = _weights(graph)
    first, second = codes[links.row], codes[links.col]
    crossing = (first != second) & (first >= 0) & (second >= 0)
    size = len(labels)
    focal, neighbour = np.divmod(np.unique((first * size + second)[crossing]), size)
    return link(focal, neighbour, np.ones(len(focal), dtype=np.int64), pd.Index(labels), "B")


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
