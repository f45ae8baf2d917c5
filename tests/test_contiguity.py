"""Polygons that touch: by shared vertices, and by geometry where vertices differ."""

import warnings
from itertools import combinations, pairwise
from pathlib import Path
from typing import Literal

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from libpysal.graph import Graph
from shapely import LineString, MultiPolygon, Point, Polygon, box

from boundaries import Vintage, load_counties
from spatial_models import SpatialError, contiguity
from spatial_models.errors import SpatialWarning

Criterion = Literal["queen", "rook"]
Pair = tuple[int, int]

BOTH = pytest.mark.parametrize("criterion", ["queen", "rook"])


def pairs(graph: Graph) -> set[tuple[object, object]]:
    links = graph.adjacency
    return set(links.index[links != 0])


def joined(*polygons: Polygon, criterion: Criterion = "queen") -> set[Pair]:
    """Pairs of polygons named 0, 1, ..., each once."""
    graph = contiguity(gpd.GeoSeries(list(polygons)), criterion=criterion)
    assert (graph.sparse != graph.sparse.T).nnz == 0
    assert not graph.sparse.diagonal().any()
    return {(int(a), int(b)) for a, b in graph.adjacency[lambda w: w != 0].index if a < b}


def jittered(side: int, seed: int) -> list[Polygon]:
    """Quadrilaterals that share their corners, no two of which are alike."""
    corner = np.stack(np.meshgrid(*[np.arange(side + 1.0)] * 2, indexing="ij"), axis=-1)
    corner += np.random.default_rng(seed).uniform(-0.3, 0.3, corner.shape)
    return [
        Polygon([corner[i, j], corner[i + 1, j], corner[i + 1, j + 1], corner[i, j + 1]])
        for i in range(side)
        for j in range(side)
    ]


def touching(polygons: list[Polygon], criterion: Criterion) -> set[Pair]:
    """Pairs that geometry joins, one by one."""
    pattern = "F********" if criterion == "queen" else "F***1****"
    return {
        (i, j)
        for i, j in combinations(range(len(polygons)), 2)
        if polygons[i].intersects(polygons[j]) and polygons[i].relate_pattern(polygons[j], pattern)
    }


def subdivided(polygon: Polygon, rng: np.random.Generator) -> Polygon:
    """Insert vertices on the edges, of which rounding may put some beside them."""
    corners = shapely.get_coordinates(polygon)
    vertices: list[npt.NDArray[np.float64]] = []
    for start, end in pairwise(corners):
        vertices.append(start)
        shares = np.sort(rng.random(rng.integers(0, 3)))
        vertices += [start + share * (end - start) for share in shares]
    return Polygon(vertices)


@pytest.mark.parametrize("vintage", [2019, 2023])
@BOTH
def test_all_counties_are_joined_as_libpysal_joins_them(
    vintage: Vintage, criterion: Criterion
) -> None:
    counties = load_counties(vintage=vintage)
    ours = contiguity(counties, criterion=criterion).adjacency
    theirs = Graph.build_contiguity(counties, rook=criterion == "rook").adjacency
    pd.testing.assert_series_equal(ours, theirs)


@BOTH
def test_the_benchmark_map_is_joined_as_libpysal_joins_it(
    criterion: Criterion, shared_data: Path
) -> None:
    path = shared_data / "real" / "crime" / "ncovr_homicide_1960_1990.gpkg"
    polygons = gpd.read_file(path).set_index("FIPS")
    ours = contiguity(polygons, criterion=criterion).adjacency
    theirs = Graph.build_contiguity(polygons, rook=criterion == "rook").adjacency
    pd.testing.assert_series_equal(ours, theirs)


@BOTH
@given(side=st.integers(1, 5), seed=st.integers(0, 2**32 - 1))
def test_shared_vertices_are_joined_as_libpysal_joins_them(
    criterion: Criterion, side: int, seed: int
) -> None:
    polygons = gpd.GeoSeries(jittered(side, seed)).sample(frac=1, random_state=seed)
    ours = contiguity(polygons, criterion=criterion).adjacency
    theirs = Graph.build_contiguity(polygons, rook=criterion == "rook").adjacency
    pd.testing.assert_series_equal(ours, theirs, check_index_type=False)


@BOTH
@settings(max_examples=25)
@given(side=st.integers(1, 4), seed=st.integers(0, 2**32 - 1))
def test_vertices_on_one_side_only_change_no_pair(
    criterion: Criterion, side: int, seed: int
) -> None:
    whole = jittered(side, seed)
    rng = np.random.default_rng(seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SpatialWarning)
        found = joined(*[subdivided(each, rng) for each in whole], criterion=criterion)
    assert found == touching(whole, criterion)


@BOTH
@settings(max_examples=25)
@given(
    cuts=st.lists(st.lists(st.integers(1, 19), max_size=4, unique=True), min_size=1, max_size=5),
    angle=st.floats(0, 360),
)
def test_a_wall_of_bricks(criterion: Criterion, cuts: list[list[int]], angle: float) -> None:
    bricks = []
    for row, inner in enumerate(cuts):
        bounds = [0, *sorted(inner), 20]
        bricks += [(row, low, high) for low, high in pairwise(bounds)]
    expected = set()
    for (i, one), (j, other) in combinations(enumerate(bricks), 2):
        overlap = min(one[2], other[2]) - max(one[1], other[1])
        along = overlap == 0 if one[0] == other[0] else overlap > 0
        corner = criterion == "queen" and abs(one[0] - other[0]) == 1 and overlap == 0
        if abs(one[0] - other[0]) <= 1 and (along or corner):
            expected.add((i, j))
    turn = np.array(
        [
            [np.cos(np.radians(angle)), -np.sin(np.radians(angle))],
            [np.sin(np.radians(angle)), np.cos(np.radians(angle))],
        ]
    )
    wall = [
        shapely.transform(box(low, row, high, row + 1), lambda xy: xy @ turn)
        for row, low, high in bricks
    ]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SpatialWarning)
        assert joined(*wall, criterion=criterion) == expected


@BOTH
@given(
    cells=st.lists(
        st.tuples(*[st.integers(0, 5)] * 2, *[st.integers(1, 3)] * 2, st.integers(0, 2)),
        min_size=2,
        max_size=8,
    )
)
def test_a_heap_of_polygons_is_joined_as_geometry_says(
    criterion: Criterion, cells: list[tuple[int, int, int, int, int]]
) -> None:
    # Rectangles, triangles and rings, one upon another, with borders and corners in common.
    heap = []
    for x, y, wide, high, shape in cells:
        rectangle = box(x, y, x + wide, y + high)
        triangle = Polygon([(x, y), (x + wide, y), (x, y + high)])
        ring = rectangle - box(x + 0.25, y + 0.25, x + 0.75, y + 0.75)
        heap.append((rectangle, triangle, ring)[shape])
    expected = set()
    for (i, one), (j, other) in combinations(enumerate(heap), 2):
        insides, borders = (one.relate(other)[at] for at in (0, 4))
        if one.intersects(other) and (criterion == "queen" or insides == "2" or borders == "1"):
            expected.add((i, j))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SpatialWarning)
        assert joined(*heap, criterion=criterion) == expected


def test_the_graph_is_as_good_as_one_that_libpysal_made() -> None:
    polygons = gpd.GeoSeries([*jittered(4, 1), box(9, 9, 10, 10)])
    polygons.index = pd.Index([f"{i * 7 % 17}" for i in range(17)], name="unit")
    polygons = polygons.sample(frac=1, random_state=4)
    ours, theirs = contiguity(polygons), Graph.build_contiguity(polygons, rook=False)
    assert ours.unique_ids.tolist() == theirs.unique_ids.tolist() == polygons.index.tolist()
    assert ours.isolates.tolist() == theirs.isolates.tolist() == ["10"]
    assert (ours.sparse != theirs.sparse).nnz == 0
    for change in ("R", "D", "V"):
        one, other = ours.transform(change), theirs.transform(change)
        pd.testing.assert_series_equal(one.adjacency, other.adjacency)
    assert ours["3"].to_dict() == theirs["3"].to_dict()
    assert ours.cardinalities.to_dict() == theirs.cardinalities.to_dict()
    assert ours.n_components == theirs.n_components
    assert ours.to_W().neighbors == theirs.to_W().neighbors
    assert ours.intersection(theirs).equals(ours)


def test_a_long_edge_along_two_short_ones() -> None:
    long, left, right = box(0, 0, 2, 1), box(0, 1, 1, 2), box(1, 1, 2, 2)
    with pytest.warns(SpatialWarning, match=r"2 pairs .* differ \(0 and 1, 0 and 2\)\. They are"):
        assert joined(long, left, right, criterion="rook") == {(0, 1), (0, 2), (1, 2)}
    assert joined(long, left, right) == {(0, 1), (0, 2), (1, 2)}  # by their corners


def test_a_corner_between_neighbours_touches_an_edge() -> None:
    # The tip of the third has no edge of its own: both are shared with its neighbours.
    left, right = Polygon([(0, 0), (1, 0), (0, 1)]), Polygon([(1, 0), (2, 0), (2, 1)])
    tip, floor = Polygon([(1, 0), (0, 1), (2, 1)]), box(0, -1, 2, 0)
    with pytest.warns(SpatialWarning, match=r"1 pair .* differ \(2 and 3\)"):
        assert joined(left, right, tip, floor) == set(combinations(range(4), 2))
    with pytest.warns(SpatialWarning, match=r"2 pairs"):
        rook = joined(left, right, tip, floor, criterion="rook")
    assert rook == {(0, 2), (1, 2), (0, 3), (1, 3)}


def test_a_corner_that_touches_an_edge_is_no_rook() -> None:
    arrow, wall = Polygon([(0, 0), (-1, 1), (-1, -1)]), box(0, -1, 1, 1)
    with pytest.warns(SpatialWarning, match="1 pair"):
        assert joined(arrow, wall) == {(0, 1)}
    assert joined(arrow, wall, criterion="rook") == set()


@BOTH
@pytest.mark.parametrize(
    "polygons",
    [
        pytest.param([box(0, 0, 2, 2), box(1, 1, 3, 3)], id="crossing"),
        pytest.param([box(0, 0, 9, 9), box(1, 1, 2, 2)], id="inside"),
        pytest.param(
            [MultiPolygon([box(20, 0, 21, 1), box(1, 1, 2, 2)]), box(0, 0, 9, 9)], id="part inside"
        ),
        pytest.param([box(0, 0, 4, 1), box(1, -1, 2, 2)], id="cross"),
        pytest.param(
            [Polygon([(0, 0), (2, 2), (2, 0), (0, 2)]), box(0.1, 0.9, 0.2, 1)], id="bow tie"
        ),
    ],
)
def test_polygons_that_overlap_are_joined_and_named(
    polygons: list[Polygon], criterion: Criterion
) -> None:
    with pytest.warns(SpatialWarning, match=r"1 pair of polygons that overlap \(0 and 1\)"):
        assert joined(*polygons, criterion=criterion) == {(0, 1)}


@BOTH
def test_a_polygon_over_others_meets_also_those_in_their_midst(criterion: Criterion) -> None:
    board = [box(x, y, x + 1, y + 1) for x in range(3) for y in range(3)]
    with pytest.warns(SpatialWarning, match="9 pairs of polygons that overlap"):
        found = joined(*board, box(0.8, 0.8, 2.2, 2.2), criterion=criterion)
    assert {(i, 9) for i in range(9)} <= found


def test_overlap_where_borders_cross_at_their_vertices() -> None:
    one = Polygon([(0, 0), (2, 0), (2, 1), (2, 2), (1, 2), (0, 2)])
    other = Polygon([(1, 1), (2, 1), (3, 1), (3, 3), (1, 3), (1, 2)])
    assert joined(one, other) == {(0, 1)}
    with pytest.warns(SpatialWarning, match="overlap"):
        assert joined(one, other, criterion="rook") == {(0, 1)}


@BOTH
def test_rounding_of_coordinates_parts_no_neighbours(criterion: Criterion) -> None:
    assert 0.1 + 0.2 != 0.3
    with pytest.warns(SpatialWarning, match="1 pair"):
        found = joined(box(0, 0, 0.3, 1), box(0.1 + 0.2, 0, 1, 1), criterion=criterion)
    assert found == {(0, 1)}


@BOTH
def test_a_gap_is_not_bridged(criterion: Criterion) -> None:
    assert joined(box(0, 0, 1, 1), box(1 + 1e-9, 0, 2, 1), criterion=criterion) == set()


@BOTH
def test_a_hole_and_what_fills_it(criterion: Criterion) -> None:
    ring = box(0, 0, 9, 9) - box(1, 1, 3, 3)
    assert joined(ring, box(1, 1, 3, 3), criterion=criterion) == {(0, 1)}
    assert joined(ring, box(1.5, 1.5, 2, 2), criterion=criterion) == set()


def test_no_edge_leads_from_a_border_to_its_hole() -> None:
    # Such an edge would be one of the wedge as well.
    ring = Polygon(box(0, 0, 9, 9).exterior, [[(1, 1), (3, 1), (3, 3), (1, 3)]])
    start = tuple(ring.exterior.coords[-1])
    wedge = Polygon([start, (1, 1), (start[0] + 1, start[1] - 20)])
    with pytest.warns(SpatialWarning, match="overlap"):
        assert joined(ring, wedge, criterion="rook") == {(0, 1)}


def test_parts_of_one_polygon() -> None:
    islands = MultiPolygon([box(0, 0, 1, 1), box(5, 0, 6, 1)])
    assert joined(islands, box(1, 0, 2, 1), box(6, 1, 7, 2)) == {(0, 1), (0, 2)}
    assert joined(islands, box(1, 0, 2, 1), box(6, 1, 7, 2), criterion="rook") == {(0, 1)}
    # An edge between the last vertex of a part and the first of the next is none.
    assert joined(islands, box(9, 9, 10, 10)) == set()


def test_zero_has_no_sign_and_heights_do_not_matter() -> None:
    flat = box(0, 0, 1, 1)
    deep = Polygon([(-0.0, -0.0, 5), (-0.0, 1, 6), (-1, 1, 7), (-1, 0, 8)])
    assert joined(flat, deep, criterion="rook") == {(0, 1)}


def test_a_repeated_vertex_is_no_edge() -> None:
    one = Polygon([(0, 0), (1, 0), (1, 1), (1, 1), (0, 1)])
    other = Polygon([(1, 1), (1, 1), (2, 1), (2, 2)])
    assert joined(one, other, criterion="rook") == set()
    assert joined(one, other) == {(0, 1)}


def test_one_polygon_is_an_isolate() -> None:
    graph = contiguity(gpd.GeoSeries([box(0, 0, 1, 1)], index=["a"]))
    assert graph.isolates.tolist() == ["a"]
    assert graph.transformation == "B"


@pytest.mark.parametrize(
    ("geometry", "index", "message"),
    [
        ([Point(0, 0), box(0, 0, 1, 1)], ["a", "b"], r"Point for \['a'\].*k_nearest"),
        ([LineString([(0, 0), (1, 1)])], ["a"], "LineString"),
        ([box(0, 0, 1, 1), None], ["a", "a"], r"twice: \['a'\].*no geometry for \['a'\]"),
        ([box(0, 0, 1, 1)], [None], "without identifier"),
        ([], [], "no places"),
        ([box(0, 0, 1, 1)], pd.MultiIndex.from_tuples([("a", 1)]), "several levels"),
    ],
)
def test_what_is_no_map_of_polygons_is_refused(
    geometry: list[object], index: list[object], message: str
) -> None:
    with pytest.raises(SpatialError, match=message):
        contiguity(gpd.GeoDataFrame(geometry=geometry, index=index))


def test_coordinates_that_are_no_numbers_are_refused() -> None:
    broken = shapely.transform(box(0, 0, 1, 1), lambda xy: np.where(xy == 1, np.inf, xy))
    with pytest.raises(SpatialError, match=r"no numbers for \[1\]"):
        contiguity(gpd.GeoSeries([box(0, 0, 1, 1), broken]))


def test_an_unknown_criterion_is_refused() -> None:
    with pytest.raises(SpatialError, match="'bishop'; expected 'queen' or 'rook'"):
        contiguity(gpd.GeoSeries([box(0, 0, 1, 1)]), criterion="bishop")  # type: ignore[arg-type]


def test_the_warning_points_at_the_caller() -> None:
    with pytest.warns(SpatialWarning) as caught:
        contiguity(gpd.GeoSeries([box(0, 0, 2, 2), box(1, 1, 3, 3)]))
    assert caught[0].filename == __file__
