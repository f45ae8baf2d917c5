"""One spatial test of one map: read, check, join, test."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pandas as pd

from arrest_atlas.map_tests.graphs import Neighbours, Transform, build_graph, parse_neighbours
from arrest_atlas.map_tests.reading import ROW, Columns, columns_of, places_problems, read_map
from arrest_atlas.map_tests.statistics import Statistic
from geo import InputError, Problem
from spatial_models import SpatialWarning

if TYPE_CHECKING:
    from libpysal.graph import Graph

__all__ = ["GraphOptions", "MapTest", "join_neighbours", "run_map_test"]


@dataclass(frozen=True, kw_only=True)
class GraphOptions:
    """What the graph of a map is made of.

    Attributes
    ----------
    neighbours : str
        As ``--graph`` says it.
    transform : {"R", "B"}
        Row-standardised or binary weights.
    attach : bool
        Whether a unit without neighbours is joined to the nearest.
    """

    neighbours: str = "queen"
    transform: Transform = "R"
    attach: bool = False


@dataclass(frozen=True, kw_only=True)
class MapTest:
    """A tested map.

    Attributes
    ----------
    statistic : Statistic
        The test.
    file : str
        Name of the map's file.
    layer : str or None
        Its layer, where one was named.
    columns : Columns
        The columns read.
    neighbours : str or None
        As ``--graph`` says it; None where the test needs none.
    notes : tuple of str
        What to know of the neighbours: polygons whose borders do not fit each other.
    table : geopandas.GeoDataFrame
        The layer as read, indexed by identifiers.
    result : object
        What the function of `spatial_models` handed back.
    """

    statistic: Statistic
    file: str
    layer: str | None
    columns: Columns
    neighbours: str | None
    notes: tuple[str, ...]
    table: gpd.GeoDataFrame
    result: Any


def run_map_test(
    statistic: Statistic,
    path: Path,
    columns: Columns,
    *,
    layer: str | None = None,
    graph: GraphOptions | None = None,
    options: Mapping[str, Any],
    executor: Executor | None = None,
    progress: Callable[[str], None],
) -> MapTest:
    """Read a map and test it.

    Parameters
    ----------
    statistic : Statistic
        The test.
    path : pathlib.Path
        Vector file.
    columns : Columns
        Columns to read.
    layer : str or None
        Layer of the file.
    graph : GraphOptions or None
        Who is whose neighbour; None for the scan.
    options : mapping of str to object
        Further arguments of the function: permutations, alternative, rng, ...
    executor : concurrent.futures.Executor or None
        Where permutations are made.
    progress : callable
        Receives a few words at each step.

    Returns
    -------
    MapTest
        The map and the result.

    Raises
    ------
    InputError
        With everything that is wrong with the options and the map.
    SpatialError
        If the statistic cannot be computed.
    """
    problems = _column_problems(statistic, columns)
    neighbours = None
    if graph is not None:
        try:
            neighbours = parse_neighbours(graph.neighbours)
        except InputError as error:
            problems += error.problems
    progress("reading")
    try:
        table = read_map(path, layer)
    except InputError as error:
        raise InputError([*problems, *error.problems]) from None
    file = path.name or str(path)
    series, found = columns_of(table, columns, statistic, file=file)
    table.index = series[0].index if series else pd.RangeIndex(1, len(table) + 1, name=ROW)
    problems += [*found, *_place_problems(table, neighbours, graph, file=file)]
    if problems:
        raise InputError(problems)
    values: list[pd.Series | pd.DataFrame] = [*series]
    if statistic.together and len(series) > 1:
        values = [pd.concat(series, axis=1)]
    notes: list[str] = []
    around: Graph | gpd.GeoDataFrame = table
    if graph is not None and neighbours is not None:
        progress("joining neighbours")
        around, notes = join_neighbours(neighbours, table, graph)
    progress("testing")
    return MapTest(
        statistic=statistic,
        file=file,
        layer=layer,
        columns=columns,
        neighbours=graph.neighbours if graph else None,
        notes=tuple(notes),
        table=table,
        result=statistic.function(*values, around, executor=executor, **options),
    )


def join_neighbours(
    neighbours: Neighbours, places: gpd.GeoDataFrame, options: GraphOptions
) -> tuple[Graph, list[str]]:
    """Make the graph of a map, and keep what there is to know of it.

    Parameters
    ----------
    neighbours : Neighbours
        What ``--graph`` asks for.
    places : geopandas.GeoDataFrame
        Polygons or points, indexed by identifiers.
    options : GraphOptions
        Weights, and whether isolates are attached.

    Returns
    -------
    graph : libpysal.graph.Graph
        In the order of the places.
    notes : list of str
        Polygons whose borders do not fit each other, and the like.
    """
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", SpatialWarning)
        graph = build_graph(neighbours, places, transform=options.transform, attach=options.attach)
    return graph, [str(each.message) for each in caught]


def _column_problems(statistic: Statistic, columns: Columns) -> list[Problem]:
    fewest, most = statistic.columns
    given = columns.names
    expected = str(fewest) if most == fewest else f"{fewest} or more"
    problems = []
    if len(given) < fewest or (most is not None and len(given) > most):
        problems.append((f"{len(given)} column{'s' if len(given) > 1 else ''}", expected))
    if len(set(given)) < len(given):
        problems.append((f"a column twice ({', '.join(given)})", "different columns"))
    return [
        Problem(
            file="--column",
            found=found,
            expected=f"{wanted} for {statistic.command}",
            action="give the option once a column",
        )
        for found, wanted in problems
    ]


def _place_problems(
    table: gpd.GeoDataFrame,
    neighbours: Neighbours | None,
    graph: GraphOptions | None,
    *,
    file: str,
) -> Iterator[Problem]:
    attach = graph is not None and graph.attach
    if graph is None:
        yield from places_problems(table, distances="the scan", file=file)
    elif neighbours is not None and (neighbours.touching or neighbours.measured or attach):
        named = f"--graph {graph.neighbours}"
        measured = named if neighbours.measured else "--attach-isolates" if attach else None
        touching = named if neighbours.touching else None
        yield from places_problems(table, polygons=touching, distances=measured, file=file)
