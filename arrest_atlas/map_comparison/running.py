"""Two columns of one map compared: read, check, join, find hot spots, compare."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

import geopandas as gpd
import numpy as np
import pandas as pd

from arrest_atlas.caching import cache_folder
from arrest_atlas.map_comparison.areas import FEWEST_AREAS, area_hot_spots
from arrest_atlas.map_comparison.category_weights import read_category_weights
from arrest_atlas.map_comparison.reading import (
    FEWEST_UNITS,
    ComparedColumns,
    ComparedValues,
    option_problems,
    read_values,
)
from arrest_atlas.map_tests.graphs import Neighbours, parse_neighbours
from arrest_atlas.map_tests.reading import ROW, places_problems, read_map
from arrest_atlas.map_tests.running import GraphOptions, join_neighbours
from geo import InputError, Problem
from spatial_models import (
    CATEGORY_WEIGHTS,
    NO_DATA,
    NO_NEIGHBOURS,
    HotSpotComparison,
    HotSpots,
    compare_hotspots,
    describe_graph,
    hot_spots,
    rate_hot_spots,
    surrogate_maps,
)

if TYPE_CHECKING:
    from libpysal.graph import Graph

__all__ = ["MOST_SURROGATES", "ComparisonOptions", "MapComparison", "run_map_comparison"]

MOST_SURROGATES: Final = 9_999

_EARTH_RADIUS: Final = 6_371_008.8
_TIMES_THE_MAP: Final = 10
_WHOLE: Final = 100


@dataclass(frozen=True, kw_only=True)
class ComparisonOptions:
    """How two maps are compared.

    Attributes
    ----------
    graph : GraphOptions
        Who is whose neighbour.
    alpha : float
        False discovery rate at which a unit is hot or cold.
    surrogates : int
        Surrogate maps behind each p-value; 0 for none, and no p-value.
    kernel_length : float or None
        Distance over which the kernel falls to a third, in metres for geographic
        coordinates, else in units of the map; None for a tenth of its diagonal.
    labels : tuple of str
        Names of the two maps; none for those of the columns.
    category_weights : pathlib.Path or None
        CSV of the similarity of the classes; None for `CATEGORY_WEIGHTS`.
    seed : int
        Random seed.
    """

    graph: GraphOptions = field(default_factory=GraphOptions)
    alpha: float = 0.05
    surrogates: int = 999
    kernel_length: float | None = None
    labels: tuple[str, ...] = ()
    category_weights: Path | None = None
    seed: int = 0


@dataclass(frozen=True, kw_only=True)
class MapComparison:
    """Two compared columns of a map.

    Attributes
    ----------
    file : str
        Name of the map's file.
    layer : str or None
        Its layer, where one was named.
    columns : ComparedColumns
        The columns read.
    options : ComparisonOptions
        How they were compared.
    methods : mapping of str to str
        How surrogate maps of each family were drawn, in words; none where none were.
    unit_of_length : str
        Unit of the kernel length, in words.
    graph : str
        Description of the graph.
    notes : tuple of str
        What to know of the neighbours: polygons whose borders do not fit each other.
    table : geopandas.GeoDataFrame
        The layer as read, indexed by identifiers.
    areas : HotSpots or None
        Hot spots of the first map among the larger areas, where it is known by these.
    first, second : HotSpots
        Hot spots of each map by unit; of the first, those of the unit's area where it is
        known by areas.
    area : pandas.Series of str or None
        Larger area of each unit, where the first map is known by these.
    comparison : HotSpotComparison
        How they lie to each other.
    """

    file: str
    layer: str | None
    columns: ComparedColumns
    options: ComparisonOptions
    methods: Mapping[str, str]
    unit_of_length: str
    graph: str
    notes: tuple[str, ...]
    table: gpd.GeoDataFrame
    areas: HotSpots | None
    first: HotSpots
    second: HotSpots
    area: pd.Series | None
    comparison: HotSpotComparison

    def to_frame(self) -> pd.DataFrame:
        """Lay what was found of each unit out as a table.

        Returns
        -------
        pandas.DataFrame
            Indexed by identifiers: of each map ``first_gi_z``, ``first_gi_class``, ...,
            then ``overlap_class``, ``overlap_similarity``, ``overlap_fuzzy_kappa``,
            ``overlap_lee``, ... Where the first map is known by larger areas, its columns
            are those of the unit's ``first_area``.
        """
        area = [] if self.area is None else [self.area.rename("first_area")]
        spots = [
            each.to_frame().drop(columns="p_hot").add_prefix(f"{which}_")
            for which, each in (("first", self.first), ("second", self.second))
        ]
        return pd.concat([*area, *spots, self.comparison.to_frame()], axis=1)


def run_map_comparison(
    path: Path,
    columns: ComparedColumns,
    *,
    layer: str | None = None,
    options: ComparisonOptions,
    executor: Executor | None = None,
    progress: Callable[[str], None],
) -> MapComparison:
    """Read a map and compare two of its columns.

    Parameters
    ----------
    path : pathlib.Path
        Vector file.
    columns : ComparedColumns
        Columns to read.
    layer : str or None
        Layer of the file.
    options : ComparisonOptions
        How they are compared.
    executor : concurrent.futures.Executor or None
        Where surrogate maps are tested.
    progress : callable
        Receives a few words at each step.

    Returns
    -------
    MapComparison
        The map and the result.

    Raises
    ------
    InputError
        With everything that is wrong with the options and the map.
    SpatialError
        If the maps cannot be compared.

    Examples
    --------
    >>> import tempfile
    >>> from shapely.geometry import box
    >>> squares = [box(x, y, x + 1, y + 1) for y in range(6) for x in range(6)]
    >>> values = {"one": range(36), "other": [number % 7 for number in range(36)]}
    >>> path = Path(tempfile.mkdtemp()) / "map.parquet"
    >>> gpd.GeoDataFrame(values, geometry=squares, crs="EPSG:5070").to_parquet(path)
    >>> found = run_map_comparison(
    ...     path,
    ...     ComparedColumns(names=("one", "other")),
    ...     options=ComparisonOptions(surrogates=0),
    ...     progress=lambda words: None,
    ... )
    >>> found.comparison.n
    36
    """
    problems = list(option_problems(columns, options.labels))
    neighbours, weights = None, CATEGORY_WEIGHTS
    try:
        neighbours = parse_neighbours(options.graph.neighbours)
    except InputError as error:
        problems += error.problems
    if options.category_weights is not None:
        try:
            weights = read_category_weights(options.category_weights)
        except InputError as error:
            problems += error.problems
    progress("reading")
    try:
        table = read_map(path, layer)
    except InputError as error:
        raise InputError([*problems, *error.problems]) from None
    file = path.name or str(path)
    values, identifiers, found = read_values(table, columns, file=file)
    rows = pd.RangeIndex(1, len(table) + 1, name=ROW)
    table.index = rows if identifiers is None else identifiers
    wrong_places = list(_place_problems(table, neighbours, options.graph, file=file))
    problems += [*found, *wrong_places]
    if not wrong_places:
        problems += _length_problems(table, options.kernel_length, file=file)
    if problems or neighbours is None or values is None:
        raise InputError(problems)
    progress("joining neighbours")
    graph, notes = join_neighbours(neighbours, table, options.graph)
    progress("finding hot spots")
    areas, first, second = _find_hot_spots(values, graph, table.geometry, options)
    _check_tested(areas, first, second, file)
    progress("drawing surrogate maps")
    null = surrogate_maps(
        second,
        graph,
        table.geometry,
        surrogates=options.surrogates,
        length=options.kernel_length,
        covariates=values.covariates,
        rng=options.seed,
        cache=cache_folder() if options.surrogates else None,
        executor=executor,
    )
    progress("comparing")
    comparison = compare_hotspots(
        first,
        second,
        graph,
        labels=_labels(columns, options),
        support="unit" if areas is None else "area",
        null=null,
        masses=values.masses,
        category_weights=weights,
    )
    return MapComparison(
        file=file,
        layer=layer,
        columns=columns,
        options=options,
        methods=dict(zip(null.families, null.methods, strict=False)),
        unit_of_length=_unit_of_length(table),
        graph=describe_graph(graph),
        notes=tuple(notes),
        table=table,
        areas=areas,
        first=first,
        second=second,
        area=values.area,
        comparison=comparison,
    )


def _find_hot_spots(
    values: ComparedValues, graph: Graph, places: gpd.GeoSeries, options: ComparisonOptions
) -> tuple[HotSpots | None, HotSpots, HotSpots]:
    """Find the hot spots of both maps by unit, and of the first by area where it is known so."""
    spots = partial(_spots, graph=graph, alpha=options.alpha)
    second = spots(values.maps[1], values.people[1])
    if values.area is None:
        return None, spots(values.maps[0], values.people[0]), second
    areas, first = area_hot_spots(
        values.maps[0],
        values.area,
        graph,
        places,
        alpha=options.alpha,
        attach=options.graph.attach,
    )
    return areas, first, second


def _spots(values: pd.Series, people: pd.Series | None, graph: Graph, alpha: float) -> HotSpots:
    if people is None:
        return hot_spots(values, graph, alpha=alpha)
    return rate_hot_spots(values, people, graph, alpha=alpha)


def _check_tested(areas: HotSpots | None, first: HotSpots, second: HotSpots, file: str) -> None:
    """Refuse maps of which neighbours leave too little."""
    left = [~np.isin(each.test.classes, [NO_DATA, NO_NEIGHBOURS]) for each in (first, second)]
    both = int((left[0] & left[1]).sum())
    found = [(both, FEWEST_UNITS, "units with both values and a neighbour that has them")]
    if areas is not None:
        by_area = int((~np.isin(areas.test.classes, [NO_DATA, NO_NEIGHBOURS])).sum())
        found.append((by_area, FEWEST_AREAS, "areas with a value and a neighbour that has one"))
    problems = [
        Problem(
            file=file,
            found=f"{count} {what}",
            expected=f"{fewest} or more, for a comparison",
            action="choose another --graph, such as knn:6",
        )
        for count, fewest, what in found
        if count < fewest
    ]
    if problems:
        raise InputError(problems)


def _labels(columns: ComparedColumns, options: ComparisonOptions) -> tuple[str, str]:
    first, second = options.labels or columns.names
    return first, second


def _place_problems(
    table: gpd.GeoDataFrame, neighbours: Neighbours | None, graph: GraphOptions, *, file: str
) -> Iterator[Problem]:
    touching = f"--graph {graph.neighbours}" if neighbours and neighbours.touching else None
    yield from places_problems(table, polygons=touching, distances="a comparison", file=file)


def _length_problems(
    table: gpd.GeoDataFrame, length: float | None, *, file: str
) -> Iterator[Problem]:
    diagonal = _diagonal(table)
    if not diagonal > 0:
        yield Problem(
            file=file,
            found="all units at one place",
            expected="places apart from each other, since a comparison measures distances",
            action="choose another layer",
        )
    elif length is not None:
        # Under half of their spacing apart, units have nothing in common: surrogate maps
        # would not be clustered at all, and p-values far too small.
        least, most = diagonal / math.sqrt(len(table)) / 2, diagonal * _TIMES_THE_MAP
        if not least <= length <= most:
            unit = _unit_of_length(table)
            yield Problem(
                file="--kernel-length",
                found=f"{length:g}",
                expected=f"{_digits(least)} to {_digits(most)} {unit}: half of the spacing of the "
                "units to ten times the map",
                action=f"give the length in {unit}, or leave it out for a tenth of the map",
            )


def _digits(length: float) -> str:
    """Write a length to three digits, large ones to a whole number."""
    return f"{length:.3g}" if length < _WHOLE else f"{length:,.0f}"


def _diagonal(table: gpd.GeoDataFrame) -> float:
    west, south, east, north = table.total_bounds
    if not table.crs.is_geographic:
        return math.hypot(east - west, north - south)
    low, high, wide = np.radians([south, north, min(east - west, 180.0)])
    half = (
        math.sin((high - low) / 2) ** 2 + math.cos(low) * math.cos(high) * math.sin(wide / 2) ** 2
    )
    return 2 * _EARTH_RADIUS * math.asin(math.sqrt(min(half, 1.0)))


def _unit_of_length(table: gpd.GeoDataFrame) -> str:
    if table.crs.is_geographic:
        return "metres"
    name = str(table.crs.axis_info[0].unit_name) if table.crs.axis_info else ""
    return {"metre": "metres", "": "units of the map"}.get(name, f"units of the map ({name})")
