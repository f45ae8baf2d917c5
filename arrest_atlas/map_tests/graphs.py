"""From ``--graph`` to a graph: who is whose neighbour on the user's map."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, NoReturn

import geopandas as gpd
import pandas as pd

from arrest_atlas.map_tests.reading import ROW
from geo import InputError, Problem
from spatial_models import SpatialError, graphs

if TYPE_CHECKING:
    from libpysal.graph import Graph

__all__ = ["GRAPH_HELP", "Neighbours", "Transform", "build_graph", "parse_neighbours"]

Transform = Literal["R", "B"]

GRAPH_HELP: Final = (
    "Neighbours: queen, rook, knn:6 (nearest), distance:100000 (within, in units of the map, "
    "or metres where it is in degrees), kernel:100000 (weights that fall to zero there), or a "
    "file of weights with the identifiers of --id."
)

_NUMBER: Final = {
    "knn": "a number of neighbours, as in knn:6",
    "distance": "a distance in units of the map (metres, if in degrees), as in distance:100000",
    "kernel": "a bandwidth in units of the map (metres, if in degrees), as in kernel:100000",
}
_TOUCHING: Final = ("queen", "rook")


@dataclass(frozen=True, kw_only=True)
class Neighbours:
    """What ``--graph`` asks for.

    Attributes
    ----------
    kind : {"queen", "rook", "knn", "distance", "kernel", "file"}
        How neighbours are found.
    number : float
        Neighbours, distance or bandwidth.
    file : pathlib.Path
        File of weights.
    """

    kind: Literal["queen", "rook", "knn", "distance", "kernel", "file"]
    number: float = 0.0
    file: Path = Path()

    @property
    def touching(self) -> bool:
        """Tell whether neighbours are polygons that touch.

        Returns
        -------
        bool
            Whether they are.
        """
        return self.kind in _TOUCHING

    @property
    def measured(self) -> bool:
        """Tell whether neighbours are found by distance.

        Returns
        -------
        bool
            Whether they are.
        """
        return self.kind in _NUMBER


def parse_neighbours(text: str) -> Neighbours:
    """Understand ``--graph``.

    Parameters
    ----------
    text : str
        ``queen``, ``rook``, ``knn:6``, ``distance:100000``, ``kernel:100000``, or the path
        of a file.

    Returns
    -------
    Neighbours
        What it asks for.

    Raises
    ------
    InputError
        If it is none of these.

    Examples
    --------
    >>> parse_neighbours("knn:6").number
    6.0
    """
    kind, _, number = text.partition(":")
    if text in _TOUCHING:
        return Neighbours(kind="queen" if text == "queen" else "rook")
    for measured in ("knn", "distance", "kernel"):
        if kind == measured:
            return Neighbours(kind=measured, number=_positive(text, measured, number))
    if not Path(text).is_file():
        near = get_close_matches(kind, [*_TOUCHING, *_NUMBER], n=1)
        hint = f", perhaps to {near[0] + text.removeprefix(kind)}" if near else ""
        _refuse(
            f"{text!r}, which is neither a kind of graph nor a file",
            "queen, rook, knn:6, distance:100000, kernel:100000 or a file of weights",
            f"correct the option{hint}",
        )
    return Neighbours(kind="file", file=Path(text))


def _positive(text: str, kind: str, number: str) -> float:
    try:
        value = float(number)
    except ValueError:
        value = 0.0
    if not 0 < value < float("inf") or (kind == "knn" and value != int(value)):
        _refuse(f"{text!r}", _NUMBER[kind], "correct the option")
    return value


def build_graph(
    neighbours: Neighbours, places: gpd.GeoDataFrame, *, transform: Transform, attach: bool
) -> Graph:
    """Make the graph of a map.

    Parameters
    ----------
    neighbours : Neighbours
        What ``--graph`` asks for.
    places : geopandas.GeoDataFrame
        Polygons or points, indexed by identifiers.
    transform : {"R", "B"}
        Row-standardised or binary weights.
    attach : bool
        Whether a unit without neighbours is joined to the nearest.

    Returns
    -------
    libpysal.graph.Graph
        In the order of the places.

    Raises
    ------
    InputError
        If isolates are to be attached by weights that differ.
    SpatialError
        If a graph cannot be made of these places, or a file of weights is about others.
    """
    if attach and neighbours.kind == "kernel":
        _refuse(
            f"{neighbours.kind}, with --attach-isolates",
            "neighbours that weigh the same, where isolates are to be attached",
            "choose --graph queen, rook, knn or distance, or leave --attach-isolates out",
        )
    graph = _graph(neighbours, places)
    if attach:
        graph = graphs.attach_isolates(graph, places)
    return graph.transform(transform)


def _graph(neighbours: Neighbours, places: gpd.GeoDataFrame) -> Graph:
    match neighbours.kind:
        case "queen" | "rook":
            return graphs.contiguity(places, criterion=neighbours.kind)
        case "knn":
            return graphs.k_nearest(places, int(neighbours.number))
        case "distance":
            return graphs.distance_band(places, neighbours.number)
        case "kernel":
            return graphs.kernel_graph(places, bandwidth=neighbours.number, kernel="triangular")
        case "file":
            return _from_file(neighbours.file, places.index)


def _from_file(path: Path, ids: pd.Index) -> Graph:
    try:
        return graphs.read_graph(path, ids=ids)
    except SpatialError as error:
        if ids.name != ROW:
            raise
        message = (
            f"{error}; or name the column of these identifiers by --id (units are now row numbers)"
        )
        raise SpatialError(message) from None


def _refuse(found: str, expected: str, action: str) -> NoReturn:
    problem = Problem(file="--graph", found=found, expected=expected, action=action)
    raise InputError([problem]) from None
