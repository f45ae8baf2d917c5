"""Neighbours by distance: the nearest, those within a band, and kernels."""

from collections.abc import Callable
from typing import TypeAlias

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from libpysal import weights
from libpysal.graph import Graph
from scipy.spatial import distance_matrix
from shapely import MultiPolygon, Point, Polygon, box

from boundaries import load_counties
from spatial_models import SpatialError, SpatialWarning
from spatial_models.graphs import attach_isolates, distance_band, k_nearest, kernel_graph

Floats = npt.NDArray[np.float64]
Places: TypeAlias = gpd.GeoDataFrame | gpd.GeoSeries | npt.ArrayLike

EARTH = 6_371_008.8
SHAPES = ["triangular", "epanechnikov", "bisquare", "gaussian"]


def scattered(n: int, seed: int = 0) -> gpd.GeoDataFrame:
    xy = np.random.default_rng(seed).uniform(0, 100, (n, 2))
    names = pd.Index([f"p{i}" for i in range(n)], name="place")
    points = gpd.GeoDataFrame(geometry=gpd.points_from_xy(*xy.T), index=names, crs=5070)
    return points.sample(frac=1, random_state=seed)


def dense(graph: Graph) -> Floats:
    return np.asarray(graph.sparse.todense(), dtype=np.float64)


def links(graph: Graph) -> list[tuple[object, object]]:
    return [pair for pair, weight in graph.adjacency.items() if weight]


def on_sphere(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Distance in metres, by the haversine formula."""
    (lon, lat), (lon2, lat2) = np.radians(one), np.radians(other)
    half = np.sin((lat2 - lat) / 2) ** 2
    half += np.cos(lat) * np.cos(lat2) * np.sin((lon2 - lon) / 2) ** 2
    return float(2 * EARTH * np.arcsin(np.sqrt(half)))


@pytest.mark.parametrize("k", [1, 4, 59])
def test_the_nearest_are_those_of_libpysal(k: int) -> None:
    points = scattered(60)
    ours, theirs = k_nearest(points, k), Graph.build_knn(points, k)
    assert ours.unique_ids.tolist() == points.index.tolist()
    assert ours.transformation == "B"
    assert (dense(ours) == dense(theirs)).all()


@pytest.mark.parametrize("decay", [None, 1, 2])
def test_a_distance_band_is_that_of_libpysal(decay: float | None) -> None:
    points = scattered(80)
    ours = distance_band(points, 12, decay=decay)
    with np.errstate(divide="ignore"):  # it divides by the distance of each from itself
        theirs = Graph.build_distance_band(points, 12, binary=decay is None, alpha=-(decay or 1))
    assert ours.isolates.tolist() == theirs.isolates.tolist()
    np.testing.assert_allclose(dense(ours), dense(theirs), rtol=1e-12)


@pytest.mark.parametrize(
    ("kernel", "name", "height"),
    [
        ("triangular", "triangular", 1),
        ("epanechnikov", "parabolic", 3 / 4),
        ("bisquare", "bisquare", 15 / 16),
        ("gaussian", "gaussian", 1 / np.sqrt(2 * np.pi)),
    ],
)
def test_a_kernel_is_that_of_libpysal_up_to_its_height_at_zero(
    kernel: str, name: str, height: float
) -> None:
    points = scattered(80)
    xy = shapely.get_coordinates(points.geometry)
    ours = kernel_graph(points, bandwidth=20, kernel=kernel)  # type: ignore[arg-type]
    theirs = dense(Graph.build_kernel(points, kernel=name, bandwidth=20))
    within = distance_matrix(xy, xy) <= 20
    np.testing.assert_allclose(dense(ours) * height, theirs * within, atol=1e-14)
    assert ours.transformation == "O"


@pytest.mark.parametrize(
    ("kernel", "name"),
    [
        ("triangular", "triangular"),
        ("epanechnikov", "quadratic"),
        ("bisquare", "quartic"),
        ("gaussian", "gaussian"),
    ],
)
def test_an_adaptive_kernel_is_that_of_libpysal(kernel: str, name: str) -> None:
    points = scattered(50)
    xy = shapely.get_coordinates(points.geometry)
    theirs = weights.Kernel(xy, fixed=False, k=6, function=name, diagonal=False).full()[0]
    theirs = theirs / theirs.diagonal()[:, None]
    np.fill_diagonal(theirs, 0)
    ours = kernel_graph(points, k=6, kernel=kernel)  # type: ignore[arg-type]
    assert (ours.cardinalities == 6).all()
    np.testing.assert_allclose(dense(ours), theirs, atol=1e-6)


@given(
    cells=st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=2, max_size=14),
    data=st.data(),
)
def test_ties_go_to_the_first_in_order(cells: list[tuple[int, int]], data: st.DataObject) -> None:
    # Tenths cannot be written exactly: distances of equal length differ by rounding.
    k = data.draw(st.integers(1, len(cells) - 1))
    grid = np.array(cells)
    squared = ((grid[:, None] - grid[None]) ** 2).sum(axis=-1)
    np.fill_diagonal(squared, 99)
    expected = np.sort(np.argsort(squared, axis=1, kind="stable")[:, :k], axis=1)
    graph = k_nearest(grid / 10 + 0.3, k)
    found = [graph[place].index.tolist() for place in range(len(cells))]
    assert found == expected.tolist()


def test_more_than_k_places_that_coincide() -> None:
    places = [(0, 0)] * 5 + [(9, 9)]
    graph = k_nearest(places, 2)
    assert [graph[i].index.tolist() for i in (0, 1, 2, 4, 5)] == [
        [1, 2], [0, 2], [0, 1], [0, 1], [0, 1]
    ]  # fmt: skip
    band = distance_band(places, 1)
    assert band.cardinalities.tolist() == [4] * 5 + [0]
    assert kernel_graph(places, bandwidth=1)[0].tolist() == [1.0] * 4


def test_a_distance_on_the_threshold_is_within_it() -> None:
    row = [(0.1 * i, 0.7) for i in range(6)]
    graph = distance_band(row, 0.1)
    assert graph.cardinalities.tolist() == [1, 2, 2, 2, 2, 1]
    assert distance_band(row, 0.0999).isolates.tolist() == list(range(6))


def test_an_adaptive_kernel_has_weight_at_its_end() -> None:
    square = [(0, 0), (0, 1), (1, 0), (1, 1)]
    for kernel in SHAPES:
        graph = kernel_graph(square, k=2, kernel=kernel)  # type: ignore[arg-type]
        assert (graph.cardinalities == 2).all()
        assert set(graph.transform("R").adjacency.round(9)) == {0.5}
    # Others as far as the k-th are neighbours too, whatever the order.
    assert (kernel_graph(square, k=1).cardinalities == 2).all()


@pytest.mark.parametrize("kernel", SHAPES)
def test_a_kernel_falls_from_one(kernel: str) -> None:
    row = [(0, 0), (1e-9, 0), (3, 0), (8, 0), (9.999, 0)]
    graph = kernel_graph(row, bandwidth=10, kernel=kernel)  # type: ignore[arg-type]
    falling = graph[0].tolist()
    assert falling[0] == pytest.approx(1)
    assert sorted(falling, reverse=True) == falling
    assert not graph.sparse.diagonal().any()


def test_degrees_are_measured_on_the_sphere() -> None:
    towns = [(-87.9, 41.98), (-118.4, 33.94), (-80.29, 25.79), (-122.3, 47.45)]
    points = gpd.GeoSeries([Point(*town) for town in towns], crs=4326)
    graph = distance_band(points, 1e8, decay=1)
    for i, one in enumerate(towns):
        for j, other in enumerate(towns):
            if i != j:
                assert 1 / graph[i][j] == pytest.approx(on_sphere(one, other), rel=1e-12)
    apart = on_sphere(towns[0], towns[2])
    assert links(distance_band(points, apart + 1e-3)) == [
        (0, 2), (1, 3), (2, 0), (3, 1)
    ]  # fmt: skip
    assert links(distance_band(points, apart - 1e-3)) == [(1, 3), (3, 1)]
    assert kernel_graph(points, bandwidth=2 * apart, kernel="triangular")[0][2] == pytest.approx(
        1 / 2
    )


def test_the_date_line_parts_nobody() -> None:
    points = gpd.GeoSeries([Point(179.9, 10), Point(-179.9, 10), Point(175, 10)], crs=4326)
    assert links(k_nearest(points, 1)) == [(0, 1), (1, 0), (2, 0)]
    # A polygon that is cut there stands where it is, not at the other side of the Earth.
    cut = MultiPolygon([box(179, 9, 180, 11), box(-180, 9, -179, 11)])
    places = gpd.GeoSeries([cut, Point(180, 10), Point(0, 10)], crs=4326)
    assert 1 / distance_band(places, 1e6, decay=1)[0][1] < 1_000


def test_geographic_and_projected_counties_agree() -> None:
    projected = load_counties(extent="conterminous").loc[lambda table: table["state"] == "KS"]
    geographic = projected.to_crs(4269)
    plane, sphere = dense(k_nearest(projected, 5)), dense(k_nearest(geographic, 5))
    assert (plane == sphere).mean() > 0.995
    assert not (dense(k_nearest(geographic.to_crs(5070), 5)) != plane).any()


def test_polygons_stand_at_their_centroid() -> None:
    wide, small, far = box(0, 0, 10, 2), box(4, 3, 6, 5), box(11, 0, 13, 2)
    places = gpd.GeoSeries([wide, small, far], index=["wide", "small", "far"])
    graph = distance_band(places, 100, decay=1)
    assert graph["wide"].to_dict() == {"small": 1 / 3, "far": 1 / 7}
    # A hole moves the centroid.
    holed = wide - box(6, 0.5, 9, 1.5)
    assert distance_band(gpd.GeoSeries([holed, small]), 100, decay=1)[0][1] < 1 / 3


def test_rows_that_change_places_change_nothing_but_the_order() -> None:
    points = scattered(40)
    other = points.sample(frac=1, random_state=9)
    builds: list[Callable[[Places], Graph]] = [
        lambda places: k_nearest(places, 3),
        lambda places: distance_band(places, 20, decay=1),
        lambda places: kernel_graph(places, k=4),
    ]
    for build in builds:
        graph = build(other)
        assert graph.unique_ids.tolist() == other.index.tolist()
        pd.testing.assert_series_equal(
            graph.adjacency.sort_index(), build(points).adjacency.sort_index()
        )


def test_places_are_left_alone() -> None:
    points = scattered(10)
    before, xy = points.copy(), np.arange(20.0).reshape(10, 2)
    kernel_graph(points, k=2)
    distance_band(xy, 3)
    pd.testing.assert_frame_equal(pd.DataFrame(points), pd.DataFrame(before))
    assert (xy == np.arange(20.0).reshape(10, 2)).all()


def test_one_place_has_no_neighbour() -> None:
    assert distance_band([(0, 0)], 1).isolates.tolist() == [0]
    assert kernel_graph([(0, 0)], bandwidth=1).isolates.tolist() == [0]
    with pytest.raises(SpatialError, match="k = 1 for 1 places"):
        k_nearest([(0, 0)], 1)


@pytest.mark.parametrize("k", [0, 3, 1.0, 1.5])
def test_a_number_of_neighbours_that_there_are_not(k: int) -> None:
    builds: list[Callable[[], Graph]] = [
        lambda: k_nearest(np.eye(3, 2), k),
        lambda: kernel_graph(np.eye(3, 2), k=k),
    ]
    for build in builds:
        with pytest.raises(SpatialError, match=r"found k = .* for 3 places; expected a whole"):
            build()


@pytest.mark.parametrize("number", [0, -1, np.nan, np.inf])
def test_distances_are_above_zero(number: float) -> None:
    builds: list[Callable[[], Graph]] = [
        lambda: distance_band(np.eye(3, 2), number),
        lambda: distance_band(np.eye(3, 2), 1, decay=number),
        lambda: kernel_graph(np.eye(3, 2), bandwidth=number),
    ]
    for build in builds:
        with pytest.raises(SpatialError, match="expected a number above zero"):
            build()


def test_inverse_distances_of_places_that_coincide_are_refused() -> None:
    places = gpd.GeoSeries([Point(0, 0), Point(0, 0), Point(1, 0)], index=list("abc"))
    with pytest.raises(SpatialError, match=r"1 pairs of places that coincide, as a and b.*decay"):
        distance_band(places, 5, decay=1)
    with pytest.raises(SpatialError, match=r"more than 1 places that coincide, as \['a', 'b'\]"):
        kernel_graph(places, k=1)


def test_a_kernel_takes_one_of_bandwidth_and_k() -> None:
    with pytest.raises(SpatialError, match="bandwidth = None and k = None"):
        kernel_graph(np.eye(3, 2))
    with pytest.raises(SpatialError, match="bandwidth = 2 and k = 1; expected one"):
        kernel_graph(np.eye(3, 2), bandwidth=2, k=1)
    with pytest.raises(SpatialError, match="kernel 'box'; expected one of gaussian"):
        kernel_graph(np.eye(3, 2), k=1, kernel="box")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("places", "message"),
    [
        (gpd.GeoSeries([Point(0, 0), None, Point()], index=list("abc")), r"for \['b', 'c'\]"),
        (gpd.GeoSeries([Point(0, 0), Point(1, 0)], index=["a", "a"]), r"twice: \['a'\]"),
        (gpd.GeoSeries([Point(5e5, 4e6)], crs=4326), "latitudes up to 4e"),
        (gpd.GeoSeries([]), "no places"),
        ([(0, 0), (np.nan, 1)], r"no numbers for \[1\]"),
        ([1, 2, 3], r"shape \(3,\); expected \(n, 2\)"),
        (np.zeros((0, 2)), r"shape \(0, 2\)"),
    ],
)
def test_places_that_are_nowhere_are_refused(places: Places, message: str) -> None:
    with pytest.raises(SpatialError, match=message):
        distance_band(places, 1)


def test_isolates_are_attached_to_their_nearest_and_others_stay() -> None:
    places = gpd.GeoSeries([Point(x, 0) for x in (0, 1, 2, 8, 9.5)], index=list("abcde"))
    graph = distance_band(places, 1)
    assert graph.isolates.tolist() == ["d", "e"]
    attached = attach_isolates(graph, places.sample(frac=1, random_state=3))
    assert attached.unique_ids.tolist() == list("abcde")
    assert attached.transformation == "B"
    assert links(attached) == [*links(graph), ("d", "e"), ("e", "d")]
    two = attach_isolates(graph, places, k=2)
    assert set(links(two)) - set(links(attached)) == {
        ("c", "d"),
        ("d", "c"),
        ("c", "e"),
        ("e", "c"),
    }
    assert (two.sparse != two.sparse.T).nnz == 0


def test_a_graph_without_isolates_is_returned() -> None:
    row = [(0, 0), (1, 0), (3, 0)]
    graph = distance_band(row, 2, decay=1)
    assert attach_isolates(graph, row) is graph


def test_isolates_are_attached_by_the_order_of_an_array() -> None:
    row = [(0, 0), (1, 0), (3, 0)]
    assert links(attach_isolates(distance_band(row, 1), row)) == [(0, 1), (1, 0), (1, 2), (2, 1)]
    with pytest.raises(SpatialError, match="found 2 places; expected 3"):
        attach_isolates(distance_band(row, 1), row[:2])


def test_what_cannot_be_attached_is_refused() -> None:
    places = gpd.GeoSeries([Point(0, 0), Point(1, 0), Point(9, 0)], index=list("abc"))
    with pytest.raises(SpatialError, match=r"weights other than 1.*before weights are transformed"):
        attach_isolates(kernel_graph(places, bandwidth=2), places)
    pair = distance_band(places, 2).transform("R")  # whose weights are 1 by chance
    with pytest.raises(SpatialError, match="weights other than 1"):
        attach_isolates(pair, places)
    with pytest.raises(SpatialError, match=r"no places of the units \['c'\]"):
        attach_isolates(distance_band(places, 2), places.iloc[:2])
    with pytest.raises(SpatialError, match="k = 3 for 3 places"):
        attach_isolates(distance_band(places, 2), places, k=3)


def test_a_triangle_of_polygons_far_out_is_attached() -> None:
    far = Polygon([(50, 0), (51, 0), (50, 1)])
    places = gpd.GeoSeries([box(0, 0, 1, 1), box(1, 0, 2, 1), far])
    graph = attach_isolates(distance_band(places, 1), places)
    assert graph[2].index.tolist() == [1]


def test_a_shape_across_the_date_line_in_one_part_is_told() -> None:
    across = box(-179, 0, 179, 1)
    places = gpd.GeoSeries([across, box(178, 2, 179, 3), box(0, 2, 1, 3)], crs=4326)
    with pytest.warns(SpatialWarning, match="split them there"):
        k_nearest(places, 1)
