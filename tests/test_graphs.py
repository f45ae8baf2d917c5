"""Who is whose neighbour: polygons, areas made of them, and the real counties."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from libpysal.graph import Graph
from scipy import sparse

from boundaries import load_counties
from spatial_models import SpatialError, coarsen_graph, contiguity, describe_graph

fixed = settings(deadline=None, derandomize=True, max_examples=40)


def squares(cells: list[tuple[int, int]], names: list[str] | None = None) -> gpd.GeoDataFrame:
    geometry = [shapely.box(x, y, x + 1, y + 1) for x, y in cells]
    return gpd.GeoDataFrame(geometry=geometry, index=names or [f"{x},{y}" for x, y in cells])


def chessboard(side: int) -> gpd.GeoDataFrame:
    return squares([(x, y) for x in range(side) for y in range(side)])


def neighbours(graph: Graph) -> dict[object, set[object]]:
    return {unit: set(graph[unit].index) - {unit} for unit in graph.unique_ids}


def graph_of(links: list[tuple[int, int]], n: int) -> Graph:
    matrix = np.zeros((n, n))
    for first, second in links:
        if first != second:
            matrix[first, second] = matrix[second, first] = 1
    return Graph.from_sparse(sparse.coo_array(matrix), ids=range(n))


@pytest.fixture(scope="module")
def counties() -> gpd.GeoDataFrame:
    return load_counties(extent="conterminous")


@pytest.fixture(scope="module")
def county_graph(counties: gpd.GeoDataFrame) -> Graph:
    return contiguity(counties)


@pytest.fixture(scope="module")
def zone_graph(counties: gpd.GeoDataFrame, county_graph: Graph) -> Graph:
    return coarsen_graph(county_graph, counties["zone"])


def test_queen_moves_to_eight_squares_and_rook_to_four() -> None:
    board = chessboard(3)
    queen, rook = contiguity(board), contiguity(board, criterion="rook")
    assert queen.cardinalities.to_dict() == {
        name: {"1,1": 8}.get(name, 5 if "1" in name else 3) for name in board.index
    }
    assert rook.cardinalities.to_dict() == {
        name: {"1,1": 4}.get(name, 3 if "1" in name else 2) for name in board.index
    }


def test_a_polygon_that_touches_none_stays_alone() -> None:
    graph = contiguity(squares([(0, 0), (1, 0), (9, 9)], ["a", "b", "island"]))
    assert graph.isolates.tolist() == ["island"]
    assert graph.n == 3
    assert graph.sparse.sum() == 2


def test_weights_are_binary_and_in_the_order_of_the_polygons() -> None:
    board = chessboard(3).sample(frac=1, random_state=1)
    graph = contiguity(board)
    assert graph.unique_ids.tolist() == board.index.tolist()
    assert graph.transformation == "B"
    assert set(graph.adjacency) == {1}


def test_contiguity_does_not_depend_on_row_order() -> None:
    board = chessboard(4)
    shuffled = board.sample(frac=1, random_state=2)
    assert neighbours(contiguity(board)) == neighbours(contiguity(shuffled))


def test_contiguity_leaves_the_polygons_alone() -> None:
    board = chessboard(2)
    before = board.copy()
    contiguity(board)
    pd.testing.assert_frame_equal(pd.DataFrame(board), pd.DataFrame(before))


def test_an_identifier_given_twice_is_refused() -> None:
    with pytest.raises(SpatialError, match=r"twice: \['a'\]"):
        contiguity(squares([(0, 0), (1, 0)], ["a", "a"]))


@pytest.mark.parametrize("nothing", [None, shapely.Polygon()])
def test_a_missing_geometry_is_refused(nothing: shapely.Polygon | None) -> None:
    table = gpd.GeoDataFrame(geometry=[shapely.box(0, 0, 1, 1), nothing], index=["a", "b"])
    with pytest.raises(SpatialError, match=r"no geometry for \['b'\]"):
        contiguity(table)


def test_groups_are_joined_once_however_many_members_touch() -> None:
    board = chessboard(4)
    halves = pd.Series(np.where(board.index.str[0].astype(int) < 2, "west", "east"), board.index)
    graph = coarsen_graph(contiguity(board), halves)
    assert graph.unique_ids.tolist() == ["east", "west"]
    assert graph.sparse.todense().tolist() == [[0, 1], [1, 0]]


def test_a_group_whose_members_touch_no_other_group_is_alone() -> None:
    chain = graph_of([(0, 1), (2, 3)], 5)
    groups = pd.Series(["a", "b", "c", "c", "d"])
    graph = coarsen_graph(chain, groups)
    assert graph.isolates.tolist() == ["c", "d"]
    assert neighbours(graph) == {"a": {"b"}, "b": {"a"}, "c": set(), "d": set()}


def test_units_of_no_group_join_nothing() -> None:
    graph = coarsen_graph(graph_of([(0, 1), (1, 2)], 3), pd.Series(["a", None, "b"]))
    assert neighbours(graph) == {"a": set(), "b": set()}


def test_coarsening_matches_units_by_name() -> None:
    chain = graph_of([(0, 1), (1, 2), (2, 3)], 4)
    groups = pd.Series({3: "b", 1: "a", 0: "a", 2: "b", 99: "elsewhere"})
    assert neighbours(coarsen_graph(chain, groups)) == {"a": {"b"}, "b": {"a"}}


@fixed
@given(st.data())
def test_coarsening_joins_exactly_the_groups_with_a_link_between_them(data: st.DataObject) -> None:
    n = data.draw(st.integers(2, 8))
    unit = st.integers(0, n - 1)
    links = data.draw(st.lists(st.tuples(unit, unit), max_size=12))
    groups = data.draw(st.lists(st.sampled_from("abc"), min_size=n, max_size=n))
    expected: dict[object, set[object]] = {group: set() for group in sorted(set(groups))}
    for first, second in links:
        if groups[first] != groups[second]:
            expected[groups[first]].add(groups[second])
            expected[groups[second]].add(groups[first])
    assert neighbours(coarsen_graph(graph_of(links, n), pd.Series(groups))) == expected


def test_counties_of_the_48_states(county_graph: Graph) -> None:
    assert county_graph.n == 3_108
    # Nantucket and San Juan are the true islands.
    assert sorted(county_graph.isolates) == ["25019", "53055"]
    assert (county_graph.sparse != county_graph.sparse.T).nnz == 0


def test_small_independent_cities_keep_their_neighbours(county_graph: Graph) -> None:
    # Falls Church lies between Arlington and Fairfax County; coarse geometry drops it.
    assert set(county_graph["51610"].index) == {"51013", "51059"}
    # Franklin City lies between Southampton and Isle of Wight.
    assert set(county_graph["51620"].index) == {"51093", "51175"}


def test_zones_touch_as_on_any_map(zone_graph: Graph) -> None:
    around = neighbours(zone_graph)
    assert len(around) == 56
    assert around["ME-BOS"] == {"NH-BOS"}
    assert around["DC-WAS"] == {"MD-BAL", "VA-WAS"}
    assert around["FL-MIA"] == {"AL-NOL", "GA-ATL"}
    assert around["NY-BUF"] == {"MA-BOS", "NY-NYC", "PA-PHI", "VT-BOS"}
    assert around["TX-HLG"] == {"TX-HOU", "TX-SNA"}
    assert zone_graph.isolates.empty


@pytest.mark.parametrize(
    ("transformation", "words"),
    [("B", "binary weights"), ("R", "row-standardised weights"), ("O", "weights as given")],
)
def test_a_graph_is_described(transformation: str, words: str) -> None:
    graph = graph_of([(0, 1), (1, 2)], 4).transform(transformation)
    assert describe_graph(graph) == f"4 units, 4 links, 1 isolates, {words}"
