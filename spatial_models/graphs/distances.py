"""Places that are near each other."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final, Literal

import numpy as np

from spatial_models.errors import SpatialError
from spatial_models.graphs._assembly import Floats, Integers, link, some
from spatial_models.graphs._positions import Places, Positions, check_k

if TYPE_CHECKING:
    from libpysal.graph import Graph

__all__ = ["distance_band", "k_nearest", "kernel_graph"]

Kernel = Literal["gaussian", "triangular", "epanechnikov", "bisquare"]

_KERNELS: Final[dict[str, Callable[[Floats], Floats]]] = {
    "gaussian": lambda z: np.exp(-(z**2) / 2),
    "triangular": lambda z: 1 - z,
    "epanechnikov": lambda z: 1 - z**2,
    "bisquare": lambda z: (1 - z**2) ** 2,
}

# Just beyond the k-th neighbour, so that it weighs a little where a kernel ends.
_BEYOND = 1 + 1e-7


def k_nearest(places: Places, k: int) -> Graph:
    """Join each place with those nearest to it.

    Parameters
    ----------
    places : geopandas.GeoDataFrame, geopandas.GeoSeries or array_like of shape (n, 2)
        Points, or polygons that stand at their centroid, with a unique index; or x and y
        of each place, named 0 to n - 1. In a geographic coordinate system distances are
        taken on a sphere, otherwise in the plane.
    k : int
        Number of neighbours of each, from 1 to n - 1.

    Returns
    -------
    libpysal.graph.Graph
        Binary weights in the order of the index, as a rule not symmetric: a place out of
        the way has neighbours that have nearer ones. Of places equally far the first in
        order are taken, so places that coincide have neighbours as well.

    Raises
    ------
    SpatialError
        If k does not fit the number of places, the index repeats or a geometry is missing.

    Examples
    --------
    >>> graph = k_nearest([(0, 0), (1, 0), (3, 0)], 1)
    >>> [graph[place].index.tolist() for place in range(3)]
    [[1], [0], [1]]
    """
    positions = Positions.of(places)
    neighbour, _ = positions.nearest(check_k(k, positions.n))
    focal = np.repeat(np.arange(positions.n), k)
    return link(focal, neighbour.ravel(), np.ones(len(focal), dtype=np.int64), positions.ids, "B")


def distance_band(places: Places, threshold: float, *, decay: float | None = None) -> Graph:
    """Join places up to a distance apart.

    Parameters
    ----------
    places : geopandas.GeoDataFrame, geopandas.GeoSeries or array_like of shape (n, 2)
        Points, or polygons that stand at their centroid, with a unique index; or x and y
        of each place, named 0 to n - 1.
    threshold : float
        Largest distance between neighbours: metres on a sphere in a geographic coordinate
        system, otherwise units of the coordinates. Places that far apart are neighbours.
    decay : float, optional
        Power by which weights fall with distance, as 1 for inverse distance. By default
        all weights are 1.

    Returns
    -------
    libpysal.graph.Graph
        Symmetric weights in the order of the index: binary, or distance to the power of
        -`decay`. Places without others so near are its ``isolates``.

    Raises
    ------
    SpatialError
        If threshold or decay is not positive, the index repeats, a geometry is missing,
        or places coincide and weights are to fall with distance.

    Examples
    --------
    >>> graph = distance_band([(0, 0), (2, 0), (9, 0)], 3, decay=1)
    >>> graph[0].to_dict(), graph.isolates.tolist()
    ({1: 0.5}, [2])
    """
    _check_positive("threshold", threshold)
    if decay is not None:
        _check_positive("decay", decay)
    positions = Positions.of(places)
    focal, neighbour = positions.within(positions.straight(threshold))
    if decay is None:
        return link(focal, neighbour, np.ones(len(focal), dtype=np.int64), positions.ids, "B")
    distance = positions.measure(focal, neighbour)
    if (distance == 0).any():
        where = np.flatnonzero(distance == 0)
        first = where[0]
        pair = f"{positions.ids[focal[first]]} and {positions.ids[neighbour[first]]}"
        message = (
            f"found {len(where) // 2:,} pairs of places that coincide, as {pair}; expected "
            "distances to divide by: merge such places, leave out decay, or use kernel_graph"
        )
        raise SpatialError(message)
    return link(focal, neighbour, distance**-decay, positions.ids, "O")


def kernel_graph(
    places: Places,
    *,
    bandwidth: float | None = None,
    k: int | None = None,
    kernel: Kernel = "gaussian",
) -> Graph:
    """Join places up to a bandwidth apart, by weights that fall with distance.

    Parameters
    ----------
    places : geopandas.GeoDataFrame, geopandas.GeoSeries or array_like of shape (n, 2)
        Points, or polygons that stand at their centroid, with a unique index; or x and y
        of each place, named 0 to n - 1.
    bandwidth : float, optional
        Bandwidth h, the same for all: metres on a sphere in a geographic coordinate
        system, otherwise units of the coordinates.
    k : int, optional
        Instead of a bandwidth, the number of neighbours it reaches to: h of each place is
        then the distance of its k-th nearest (times 1.0000001). Others as far as that one
        are neighbours as well.
    kernel : {"gaussian", "triangular", "epanechnikov", "bisquare"}, default "gaussian"
        Weight by z = d / h, for z <= 1: exp(-z²/2), 1 - z, 1 - z² or (1 - z²)².
        All end at the bandwidth, the Gaussian too.

    Returns
    -------
    libpysal.graph.Graph
        Weights in the order of the index, near 1 for places that are near, none of a place
        on itself. Symmetric where the bandwidth is fixed.

    Raises
    ------
    SpatialError
        If not one of bandwidth and k is given or it does not fit, the kernel is unknown,
        the index repeats, a geometry is missing, or more than k places coincide.

    Examples
    --------
    >>> graph = kernel_graph([(0, 0), (1, 0), (4, 0)], bandwidth=2, kernel="triangular")
    >>> graph[0].to_dict(), graph.isolates.tolist()
    ({1: 0.5}, [2])
    """
    if kernel not in _KERNELS:
        message = f"found the kernel {kernel!r}; expected one of {', '.join(_KERNELS)}"
        raise SpatialError(message)
    positions = Positions.of(places)
    if k is not None and bandwidth is None:
        reach, focal, neighbour = _adaptive(positions, k)
    elif bandwidth is not None and k is None:
        reach, focal, neighbour = _fixed(positions, bandwidth)
    else:
        message = f"found bandwidth = {bandwidth!r} and k = {k!r}; expected one of them"
        raise SpatialError(message)
    share = positions.measure(focal, neighbour) / reach[focal]
    weights = _KERNELS[kernel](np.minimum(share, 1))
    weighs = weights > 0
    return link(focal[weighs], neighbour[weighs], weights[weighs], positions.ids, "O")


def _fixed(positions: Positions, bandwidth: float) -> tuple[Floats, Integers, Integers]:
    """Find who is within the bandwidth."""
    _check_positive("bandwidth", bandwidth)
    reach = np.full(positions.n, float(bandwidth))
    return reach, *positions.within(positions.straight(bandwidth))


def _adaptive(positions: Positions, k: int) -> tuple[Floats, Integers, Integers]:
    """Find the bandwidth of each place, and who is within it."""
    _, last = positions.nearest(check_k(k, positions.n))
    crowded = last == 0
    if crowded.any():
        message = (
            f"found more than {k} places that coincide, as {some(positions.ids[crowded])}; "
            "expected a distance to take as bandwidth: give a larger k, or a bandwidth"
        )
        raise SpatialError(message)
    return positions.on_ground(last) * _BEYOND, *positions.within(last)


def _check_positive(name: str, value: float) -> None:
    if not 0 < value < np.inf:
        message = f"found {name} = {value!r}; expected a number above zero"
        raise SpatialError(message)
