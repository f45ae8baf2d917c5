"""Two maps side by side: classes, kappa, Lee's L."""

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from libpysal.graph import Graph
from scipy import sparse

from spatial_models import (
    NO_DATA,
    NO_NEIGHBOURS,
    NO_VARIATION,
    RateHotSpots,
    SpatialError,
    cohen_kappa,
    compare_hotspots,
    lee,
    rate_hot_spots,
)

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

fixed = settings(deadline=None, derandomize=True, max_examples=60)

SIDE = 12
N = SIDE * SIDE
LABELS = ("arrests", "crime")
PEOPLE = np.full(N, 10_000.0)


def graph_of(weights: npt.ArrayLike, transformation: str = "R") -> Graph:
    matrix = np.asarray(weights, dtype=np.float64)
    graph = Graph.from_sparse(sparse.coo_array(matrix), ids=range(len(matrix)))
    return graph.transform(transformation)


def queen(side: int = SIDE) -> Floats:
    row, column = np.divmod(np.arange(side * side), side)
    far = np.maximum(abs(np.subtract.outer(row, row)), abs(np.subtract.outer(column, column)))
    return np.asarray(far == 1, dtype=np.float64)


LATTICE = graph_of(queen())
DISTANCE = np.add.outer(np.arange(SIDE), np.arange(SIDE)).ravel()
NEAR, FAR = DISTANCE < 4, DISTANCE > 2 * (SIDE - 1) - 4


def spots(
    *, hot: Bools | None = None, cold: Bools | None = None, missing: Bools | None = None, seed: int
) -> RateHotSpots:
    none = np.zeros(N, dtype=bool)
    rng = np.random.default_rng(seed)
    factor = np.where(none if hot is None else hot, 4.0, 1.0)
    factor = np.where(none if cold is None else cold, 0.25, factor)
    events = rng.poisson(PEOPLE * 0.01 * factor * np.exp(rng.normal(0, 0.3, N))).astype(float)
    events[none if missing is None else missing] = np.nan
    return rate_hot_spots(events, PEOPLE, LATTICE)


def test_kappa_by_hand() -> None:
    # The table 20, 5, 10, 15: 0.7 agree, 0.5 by chance (Cohen 1960, formula 1).
    first = np.repeat([True, True, False, False], [20, 5, 10, 15])
    second = np.repeat([True, False, True, False], [20, 5, 10, 15])
    assert cohen_kappa(first, second) == pytest.approx(0.4)


sets = st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=30).map(
    lambda pairs: (np.array([a for a, _ in pairs]), np.array([b for _, b in pairs]))
)


@fixed
@given(sets)
def test_kappa_is_symmetric_and_at_most_one(drawn: tuple[Bools, Bools]) -> None:
    first, second = drawn
    np.testing.assert_equal(cohen_kappa(first, second), cohen_kappa(second, first))
    np.testing.assert_allclose(cohen_kappa(~first, ~second), cohen_kappa(first, second), atol=1e-12)
    assert not cohen_kappa(first, second) > 1 + 1e-12


@fixed
@given(sets)
def test_kappa_is_one_for_a_set_and_itself_alone(drawn: tuple[Bools, Bools]) -> None:
    first, second = drawn
    assume(0 < first.sum() < first.size)
    assert cohen_kappa(first, first) == pytest.approx(1)
    assert (cohen_kappa(first, second) >= 1 - 1e-12) == (first == second).all()


@pytest.mark.parametrize("members", [[False] * 4, [True] * 4, []])
def test_two_empty_or_two_full_sets_have_no_kappa(members: list[bool]) -> None:
    both = np.array(members, dtype=bool)
    assert np.isnan(cohen_kappa(both, both))


def test_an_empty_set_agrees_with_no_other_beyond_chance() -> None:
    assert np.isnan(cohen_kappa(np.zeros(4, dtype=bool), np.array([True, False, False, False])))


def test_a_map_compared_with_itself_agrees_wholly() -> None:
    one = spots(hot=NEAR, cold=FAR, seed=1)
    result = compare_hotspots(one, one, LATTICE, labels=LABELS)
    assert one.hot.any()
    assert result.kappa == pytest.approx(1)
    assert result.counts["both hot"] == one.hot.sum()
    assert result.counts["neither"] == N - one.hot.sum()
    smoothed = lee(one.scores, one.scores, LATTICE, permutations=0)
    assert result.lee == pytest.approx(smoothed.statistic)


def test_without_any_hot_spot_there_is_no_kappa() -> None:
    first, second = spots(seed=3), spots(seed=4)
    assert not (first.hot | second.hot).any()
    assert np.isnan(compare_hotspots(first, second, LATTICE).kappa)


def test_hot_spots_far_apart_do_not_overlap() -> None:
    result = compare_hotspots(spots(hot=NEAR, seed=1), spots(hot=FAR, seed=2), LATTICE)
    assert result.counts["both hot"] == 0
    assert result.counts["first only"] > 0
    assert result.counts["second only"] > 0
    assert result.kappa < 0


def test_hot_against_cold_is_opposite() -> None:
    first, second = spots(hot=NEAR, seed=1), spots(cold=NEAR, seed=2)
    result = compare_hotspots(first, second, LATTICE, labels=LABELS)
    opposite = first.hot & second.cold
    assert opposite.any()
    assert (result.classes == "opposite").tolist() == opposite.tolist()
    assert result.lee < 0


def test_classes_say_which_map_is_hot() -> None:
    first, second = spots(hot=NEAR, seed=1), spots(hot=NEAR | FAR, seed=2)
    result = compare_hotspots(first, second, LATTICE, labels=LABELS)
    expected = np.full(N, "neither", dtype=object)
    expected[first.hot & ~second.cold] = "arrests only"
    expected[second.hot & ~first.cold] = "crime only"
    expected[first.hot & second.hot] = "both hot"
    expected[(first.hot & second.cold) | (first.cold & second.hot)] = "opposite"
    assert result.classes.tolist() == expected.tolist()
    assert result.kappa == pytest.approx(cohen_kappa(first.hot, second.hot))
    assert result.n == N


def test_the_other_way_round_only_the_names_change() -> None:
    first, second = spots(hot=NEAR, seed=1), spots(hot=NEAR | FAR, seed=2)
    one = compare_hotspots(first, second, LATTICE, labels=("a", "b"))
    other = compare_hotspots(second, first, LATTICE, labels=("b", "a"))
    assert one.classes.tolist() == other.classes.tolist()
    assert one.kappa == pytest.approx(other.kappa)
    assert one.lee == pytest.approx(other.lee)


def test_what_either_map_lacks_is_compared_in_neither() -> None:
    gaps = np.isin(np.arange(N), [0, 1, 50])
    first, second = spots(hot=NEAR, seed=1), spots(hot=NEAR, missing=gaps, seed=2)
    for pair in ((first, second), (second, first)):
        result = compare_hotspots(*pair, LATTICE)
        assert (result.classes == NO_DATA).tolist() == gaps.tolist()
        assert result.n == N - 3
        kappa = cohen_kappa(first.hot[~gaps], second.hot[~gaps])
        assert result.kappa == pytest.approx(kappa)
        here = graph_of(queen()[~gaps][:, ~gaps])
        smoothed = lee(first.scores[~gaps], second.scores[~gaps], here, permutations=0)
        assert result.lee == pytest.approx(smoothed.statistic)


def test_the_weightiest_reason_is_named() -> None:
    # The first map lacks unit 7, the second unit 0 and any variation; 6 is an island.
    weights = np.zeros((8, 8))
    weights[:6, :6] = np.eye(6, k=1) + np.eye(6, k=-1)
    graph = graph_of(weights)
    people = [1_000] * 8
    varied = rate_hot_spots([900, 10, 800, 20, 700, 30, 40, np.nan], people, graph)
    flat = rate_hot_spots([np.nan, *[10] * 7], people, graph)
    result = compare_hotspots(varied, flat, graph)
    assert result.classes.tolist() == [NO_DATA, *[NO_VARIATION] * 5, NO_NEIGHBOURS, NO_DATA]
    assert result.n == 0
    assert np.isnan([result.kappa, result.lee]).all()


def test_maps_of_other_units_are_refused() -> None:
    one = spots(seed=1)
    with pytest.raises(SpatialError, match="other units"):
        compare_hotspots(one, one, graph_of(queen(4)))


def test_maps_tested_at_other_levels_are_refused() -> None:
    events = np.random.default_rng(1).poisson(100, N)
    first, second = (rate_hot_spots(events, PEOPLE, LATTICE, alpha=a) for a in (0.05, 0.1))
    with pytest.raises(SpatialError, match=r"levels 0\.05 and 0\.1"):
        compare_hotspots(first, second, LATTICE)


def test_every_unit_has_a_class_of_the_legend() -> None:
    result = compare_hotspots(spots(hot=NEAR, seed=1), spots(hot=FAR, seed=2), LATTICE)
    assert set(result.classes) <= set(result.class_names)
    assert sum(result.counts.values()) == N
    table = result.to_frame()
    pd.testing.assert_index_equal(table.index, LATTICE.unique_ids)
    assert table["overlap_class"].tolist() == result.classes.tolist()
    assert "kappa = " in repr(result)
    assert f"n = {N}" in repr(result)
