"""Two columns of one map compared: read, check, join, find hot spots, compare."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

import geopandas as gpd
import numpy as np
import pandas as pd

from arrest_atlas.caching import cache_folder
from arrest_atlas.map_comparison.areas import area_places
from arrest_atlas.map_comparison.category_weights import read_category_weights
from arrest_atlas.map_comparison.reading import (
    ComparedColumns,
    ComparedValues,
    option_problems,
    read_values,
)
from arrest_atlas.map_tests.graphs import Neighbours, parse_neighbours
from arrest_atlas.map_tests.reading import ROW, places_problems, read_map
from arrest_atlas.map_tests.running import GraphOptions, join_neighbours
from arrest_atlas.options import too_few_surrogates
from geo import InputError, Problem
from spatial_models import (
    CATEGORY_WEIGHTS,
    FEWEST_UNITS,
    NO_DATA,
    NO_NEIGHBOURS,
    Family,
    HotSpotComparison,
    HotSpots,
    Parts,
    attach_isolates,
    coarsen_graph,
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
    area : pandas.Series of str or None
        Larger area of each unit, where the maps are compared among areas.
    area_graph : str or None
        Description of the graph of the areas.
    first, second : HotSpots
        Hot spots of each map, by unit or by area.
    comparison : HotSpotComparison
        How they lie to each other.
    """

    file: str
    layer: str | None
    columns: ComparedColumns
    options: ComparisonOptions
    methods: Mapping[Family, str]
    unit_of_length: str
    graph: str
    notes: tuple[str, ...]
    table: gpd.GeoDataFrame
    area: pd.Series | None
    area_graph: str | None
    first: HotSpots
    second: HotSpots
    comparison: HotSpotComparison

    def compared_frame(self) -> pd.DataFrame:
        """Lay what was found of each unit, or of each area, out as a table.

        Returns
        -------
        pandas.DataFrame
            Indexed by identifiers, or by area: of each map ``first_gi_z``,
            ``first_gi_class``, ..., then ``overlap_class``, ``overlap_similarity``,
            ``overlap_fuzzy_kappa``, ``overlap_lee``, ...
        """
        spots = [
            each.to_frame().drop(columns="p_hot").add_prefix(f"{which}_")
            for which, each in (("first", self.first), ("second", self.second))
        ]
        return pd.concat([*spots, self.comparison.to_frame()], axis=1)

    def to_frame(self) -> pd.DataFrame:
        """Lay what was found out as a table of the units.

        Returns
        -------
        pandas.DataFrame
            Indexed by identifiers: the columns of `compared_frame`. Where areas were
            compared, ``compared_area``, and the columns of that area with ``area_``
            before their names.
        """
        table = self.compared_frame()
        if self.area is None:
            return table
        of_units = table.reindex(self.area.to_numpy()).add_prefix("area_")
        of_units.index = self.area.index
        for name in of_units.filter(like="_class"):
            of_units[name] = of_units[name].fillna(NO_DATA)  # of units in no area
        return pd.concat([self.area.rename("compared_area"), of_units], axis=1)


@dataclass(frozen=True, kw_only=True)
class _Ground:
    """The units, or the areas, among which maps are compared."""

    columns: ComparedValues
    graph: Graph
    places: gpd.GeoSeries
    parts: Parts | None = None


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
    problems += [*_level_problems(options.alpha), *too_few_surrogates(options.surrogates)]
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
        area = None if values is None else values.area
        compared = len(table) if area is None else area.nunique()
        problems += _length_problems(table, options.kernel_length, compared, file=file)
    if problems or neighbours is None or values is None:
        raise InputError(problems)
    progress("joining neighbours")
    graph, notes = join_neighbours(neighbours, table, options.graph)
    progress("finding hot spots")
    ground = _ground(values, graph, table.geometry, options.graph)
    first, second = (
        _spots(each, people, ground.graph, options.alpha)
        for each, people in zip(ground.columns.maps, ground.columns.people, strict=True)
    )
    _check_tested(first, second, "units" if values.area is None else "areas", file)
    progress("drawing surrogate maps")
    null = surrogate_maps(
        second,
        ground.graph,
        ground.places,
        surrogates=options.surrogates,
        length=options.kernel_length,
        parts=ground.parts,
        overlap=ground.parts is None,
        covariates=ground.columns.covariates,
        rng=options.seed,
        cache=cache_folder() if options.surrogates else None,
        executor=executor,
    )
    progress("comparing")
    comparison = compare_hotspots(
        first,
        second,
        ground.graph,
        labels=_labels(columns, options),
        support="unit" if values.area is None else "area",
        null=null,
        masses=ground.columns.masses,
        category_weights=weights,
    )
    return MapComparison(
        file=file,
        layer=layer,
        columns=columns,
        options=options,
        methods=null.methods,
        unit_of_length=_unit_of_length(table),
        graph=describe_graph(graph),
        notes=tuple(notes),
        table=table,
        area=values.area,
        area_graph=None if values.area is None else describe_graph(ground.graph),
        first=first,
        second=second,
        comparison=comparison,
    )


def _ground(
    values: ComparedValues, graph: Graph, places: gpd.GeoSeries, options: GraphOptions
) -> _Ground:
    """Bring values, neighbours and places to the areas, where the first map is known by these."""
    area = values.area
    if area is None:
        return _Ground(columns=values, graph=graph, places=places)
    together = area_places(places, area)
    joined = coarsen_graph(graph, area)
    if options.attach:
        joined = attach_isolates(joined, together)
    people = values.people[1]
    weights = pd.Series(1.0, index=area.index) if people is None else people
    return _Ground(
        columns=values.among_areas(),
        graph=joined.transform("R"),
        places=together,
        # Weighed as they are in the second map's values, of which surrogates are drawn.
        parts=Parts.of(places, area, weights.where(values.maps[1].notna()), together.index),
    )


def _spots(values: pd.Series, people: pd.Series | None, graph: Graph, alpha: float) -> HotSpots:
    if people is None:
        return hot_spots(values, graph, alpha=alpha)
    return rate_hot_spots(values, people, graph, alpha=alpha)


def _check_tested(first: HotSpots, second: HotSpots, units: str, file: str) -> None:
    """Refuse maps of which neighbours leave too little."""
    left = [~np.isin(each.test.classes, [NO_DATA, NO_NEIGHBOURS]) for each in (first, second)]
    both = int((left[0] & left[1]).sum())
    if both < FEWEST_UNITS:
        problem = Problem(
            file=file,
            found=f"{both} {units} with both values and a neighbour that has them",
            expected=f"{FEWEST_UNITS} or more, for a comparison",
            action="choose another --graph, such as knn:6",
        )
        raise InputError([problem])


def _labels(columns: ComparedColumns, options: ComparisonOptions) -> tuple[str, str]:
    first, second = options.labels or columns.names
    return first, second


def _level_problems(alpha: float) -> Iterator[Problem]:
    if not 0 < alpha < 1:  # not a number is neither
        yield Problem(
            file="--alpha",
            found=f"{alpha:g}",
            expected="a number between 0 and 1",
            action="change the option",
        )


def _place_problems(
    table: gpd.GeoDataFrame, neighbours: Neighbours | None, graph: GraphOptions, *, file: str
) -> Iterator[Problem]:
    touching = f"--graph {graph.neighbours}" if neighbours and neighbours.touching else None
    yield from places_problems(table, polygons=touching, distances="a comparison", file=file)


def _length_problems(
    table: gpd.GeoDataFrame, length: float | None, compared: int, *, file: str
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
        # Under half of their spacing apart, units (or areas) have nothing in common: surrogate
        # maps would not be clustered at all, and p-values far too small.
        least, most = diagonal / math.sqrt(max(compared, 1)) / 2, diagonal * _TIMES_THE_MAP
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
