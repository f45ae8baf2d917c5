"""Hot spots of rates: the chain of steps, draws, missing units, noise and planted clusters."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
from esda import G_Local
from esda.smoothing import Empirical_Bayes
from hypothesis import given, settings
from hypothesis import strategies as st
from libpysal.graph import Graph
from scipy import sparse
from scipy.stats import false_discovery_control, norm

from spatial_models import (
    NO_DATA,
    NO_NEIGHBOURS,
    NO_VARIATION,
    RateHotSpots,
    SpatialError,
    empirical_bayes,
    rate_hot_spots,
    residual_scores,
)

Floats = npt.NDArray[np.float64]

fixed = settings(deadline=None, derandomize=True, max_examples=30)

SIDE = 12
N = SIDE * SIDE


def graph_of(weights: npt.ArrayLike, transformation: str = "B") -> Graph:
    matrix = np.asarray(weights, dtype=np.float64)
    graph = Graph.from_sparse(sparse.coo_array(matrix), ids=range(len(matrix)))
    return graph.transform(transformation)


def queen(side: int = SIDE) -> Floats:
    row, column = np.divmod(np.arange(side * side), side)
    far = np.maximum(abs(np.subtract.outer(row, row)), abs(np.subtract.outer(column, column)))
    return np.asarray(far == 1, dtype=np.float64)


LATTICE = graph_of(queen())
CORNER = np.add.outer(np.arange(SIDE), np.arange(SIDE)).ravel() < 4
OTHER_CORNER = CORNER[::-1]


def people(seed: int = 0, n: int = N) -> Floats:
    return np.exp(np.random.default_rng(seed).normal(9, 1, n)).round()


def noise(seed: int, spread: float = 0.4, factor: float | Floats = 1.0) -> Floats:
    rng = np.random.default_rng(seed)
    rate = 0.005 * np.exp(rng.normal(0, spread, N)) * factor
    return rng.poisson(people() * rate).astype(np.float64)


def planted(seed: int = 1) -> Floats:
    return noise(seed, factor=np.where(CORNER, 4.0, np.where(OTHER_CORNER, 0.25, 1.0)))


def assert_same(first: RateHotSpots, second: RateHotSpots, where: npt.NDArray[np.bool_]) -> None:
    """Compare a result with that of the units in `where` alone."""
    np.testing.assert_allclose(first.smoothed[where], second.smoothed, rtol=1e-12)
    np.testing.assert_allclose(first.scores[where], second.scores, atol=1e-12)
    np.testing.assert_allclose(first.test.z[where], second.test.z, atol=1e-10)
    np.testing.assert_allclose(first.test.p[where], second.test.p, rtol=1e-9)
    np.testing.assert_allclose(first.p_hot[where], second.p_hot)
    assert first.test.classes[where].tolist() == second.test.classes.tolist()


def test_the_steps_are_those_of_other_software() -> None:
    # esda's empirical Bayes; esda's Gi of the scores, whose z is conditional under binary
    # weights (and has the wrong sign where the mean is negative, hence the 10), up to the
    # spread of equal counts; scipy's Benjamini-Hochberg. The scores: test_rates.py.
    events, exposure = 1_000.0 * planted(), 1_000.0 * people()
    result = rate_hot_spots(events, exposure, LATTICE)
    scores, _ = residual_scores(events, exposure, empirical_bayes(events, exposure))
    z = G_Local(scores + 10, LATTICE, transform="B", star=False, permutations=0).Zs
    p_fdr = false_discovery_control(2 * norm.sf(np.abs(result.test.z)))
    np.testing.assert_allclose(result.rate, events / exposure)
    np.testing.assert_allclose(
        result.smoothed, Empirical_Bayes(events, exposure).r.ravel(), rtol=1e-9
    )
    np.testing.assert_allclose(result.scores, scores)
    np.testing.assert_allclose(result.test.z, z, rtol=0.01, atol=0.001)
    np.testing.assert_allclose(result.test.p_fdr, p_fdr)
    assert result.hot.tolist() == ((p_fdr <= 0.05) & (z > 0)).tolist()
    assert result.cold.tolist() == ((p_fdr <= 0.05) & (z < 0)).tolist()


def test_planted_clusters_are_found_and_nothing_far_from_them() -> None:
    result = rate_hot_spots(planted(), people(), LATTICE)
    row, column = np.divmod(np.arange(N), SIDE)
    assert result.hot[CORNER].mean() >= 0.6
    assert result.cold[OTHER_CORNER].mean() > 0.6
    assert not result.hot[row + column > 7].any()
    assert not result.cold[row + column < 2 * (SIDE - 1) - 7].any()


def test_hot_is_the_95_percent_class() -> None:
    result = rate_hot_spots(planted(), people(), LATTICE)
    assert result.hot.tolist() == np.isin(result.test.classes, ["hot 99%", "hot 95%"]).tolist()
    assert result.cold.tolist() == np.isin(result.test.classes, ["cold 99%", "cold 95%"]).tolist()


def test_a_stricter_level_finds_less() -> None:
    loose, strict = (
        rate_hot_spots(planted(), people(), LATTICE, alpha=alpha) for alpha in (0.2, 0.001)
    )
    assert strict.hot.sum() < loose.hot.sum()
    assert not (strict.hot & ~loose.hot).any()


def test_the_unit_of_the_denominator_does_not_matter() -> None:
    each = rate_hot_spots(planted(), people(), LATTICE)
    thousands = rate_hot_spots(planted(), people() / 1_000, LATTICE)
    np.testing.assert_allclose(thousands.test.z, each.test.z)
    assert thousands.test.classes.tolist() == each.test.classes.tolist()


@fixed
@given(st.integers(0, 2**32 - 1))
def test_row_order_does_not_matter(seed: int) -> None:
    order = np.random.default_rng(seed).permutation(N)
    turned = graph_of(queen()[order][:, order])
    plain = rate_hot_spots(planted(seed), people(), LATTICE)
    result = rate_hot_spots(planted(seed)[order], people()[order], turned)
    np.testing.assert_allclose(result.test.z, plain.test.z[order], atol=1e-9)
    assert result.test.classes.tolist() == plain.test.classes[order].tolist()


def test_series_are_matched_by_name() -> None:
    events, exposure = pd.Series(planted()), pd.Series(people())
    result = rate_hot_spots(
        events.sample(frac=1, random_state=1), exposure.sample(frac=1, random_state=2), LATTICE
    )
    in_order = rate_hot_spots(planted(), people(), LATTICE)
    np.testing.assert_array_equal(result.test.z, in_order.test.z)


@fixed
@given(st.sets(st.integers(0, N - 1), min_size=1, max_size=12), st.sampled_from("eptz"))
@pytest.mark.parametrize("transformation", ["B", "R"])
def test_missing_units_might_as_well_not_exist(
    transformation: str, gone: set[int], how: str
) -> None:
    events, exposure = planted(), people()
    index = sorted(gone)
    if how in "et":
        events[index] = np.nan
    if how in "pt":
        exposure[index] = np.nan
    if how == "z":
        exposure[index] = 0
    here = ~np.isin(np.arange(N), index)
    result = rate_hot_spots(events, exposure, graph_of(queen(), transformation))
    small = graph_of(queen()[here][:, here], transformation)
    assert set(result.test.classes[~here]) == {NO_DATA}
    assert np.isnan(result.test.p[~here]).all()
    assert not result.hot[~here].any()
    assert not result.cold[~here].any()
    assert_same(result, rate_hot_spots(events[here], exposure[here], small), here)


def test_a_missing_unit_might_as_well_not_exist_under_permutation() -> None:
    events, here = planted(), np.arange(N) != 17
    events[17] = np.nan
    result = rate_hot_spots(events, people(), LATTICE, permutations=999, rng=1)
    small = graph_of(queen()[here][:, here])
    without = rate_hot_spots(events[here], people()[here], small, permutations=999, rng=1)
    assert_same(result, without, here)


def test_islands_have_a_class_of_their_own() -> None:
    weights = np.zeros((N + 1, N + 1))
    weights[:N, :N] = queen()
    result = rate_hot_spots([*planted(), 900], [*people(), 1_000], graph_of(weights))
    assert result.test.classes[-1] == NO_NEIGHBOURS
    assert np.isnan([result.test.p[-1], result.test.p_fdr[-1], result.p_hot[-1]]).all()
    assert not result.hot[-1]
    assert result.rate[-1] == 0.9


def test_differences_smaller_than_chance_are_no_variation() -> None:
    result = rate_hot_spots([*people()[:-1] * 0.01, np.nan], people(), LATTICE)
    assert result.test.classes.tolist() == [NO_VARIATION] * (N - 1) + [NO_DATA]
    assert np.isnan(result.test.p).all()
    assert not result.hot.any()
    assert np.isnan(result.p_hot).all()


def test_no_events_at_all_are_no_variation() -> None:
    assert set(rate_hot_spots(np.zeros(N), people(), LATTICE).test.classes) == {NO_VARIATION}


@pytest.mark.parametrize("n", [1, 2, 3, 4])
@pytest.mark.parametrize("permutations", [0, 99])
def test_tiny_maps_do_no_harm(n: int, permutations: int) -> None:
    weights = np.eye(n, k=1) + np.eye(n, k=-1)
    exposure = np.full(n, 1_000)
    events = np.array([500, 10, 400, 20])[:n]
    result = rate_hot_spots(events, exposure, graph_of(weights), permutations=permutations, rng=1)
    assert not (result.hot | result.cold).any()


def test_a_handful_of_people_makes_no_hot_spot() -> None:
    # Nine neighbouring hamlets of four: one event in each is a rate of 1 in 4.
    row, column = np.divmod(np.arange(N), SIDE)
    hamlets = (row < 3) & (column < 3)
    exposure = np.where(hamlets, 4, 50_000)
    events = np.where(hamlets, 0, np.random.default_rng(1).poisson(500, N))
    events[0] = 1
    result = rate_hot_spots(events, exposure, LATTICE)
    assert result.rate.argmax() == 0
    assert not result.hot.any()


def test_draws_that_agree_are_one_map() -> None:
    once = rate_hot_spots(planted(), people(), LATTICE)
    thrice = rate_hot_spots(np.tile(planted(), (3, 1)), people(), LATTICE)
    assert (once.draws, thrice.draws) == (1, 3)
    np.testing.assert_allclose(thrice.test.z, once.test.z)
    np.testing.assert_allclose(thrice.test.p_fdr, once.test.p_fdr)
    assert thrice.test.classes.tolist() == once.test.classes.tolist()
    assert thrice.p_hot.tolist() == once.hot.astype(float).tolist()


def test_standard_scores_are_averaged_before_they_meet_their_null() -> None:
    maps = np.array([planted(seed) for seed in range(4)])
    each = [rate_hot_spots(one, people(), LATTICE) for one in maps]
    result = rate_hot_spots(maps, people(), LATTICE)
    z = np.mean([one.test.z for one in each], axis=0)
    np.testing.assert_allclose(result.test.z, z)
    np.testing.assert_allclose(result.test.p, 2 * norm.sf(np.abs(z)))
    np.testing.assert_allclose(result.test.p_fdr, false_discovery_control(2 * norm.sf(np.abs(z))))
    np.testing.assert_allclose(result.p_hot, np.mean([one.hot for one in each], axis=0))
    np.testing.assert_allclose(result.scores, np.mean([one.scores for one in each], axis=0))


def test_the_order_of_draws_does_not_matter() -> None:
    maps = np.array([planted(seed) for seed in range(4)])
    first, second = (rate_hot_spots(each, people(), LATTICE) for each in (maps, maps[::-1]))
    np.testing.assert_allclose(first.test.z, second.test.z)
    np.testing.assert_array_equal(first.p_hot, second.p_hot)


def test_the_executor_changes_nothing() -> None:
    maps = np.array([planted(seed) for seed in range(4)])
    plain = rate_hot_spots(maps, people(), LATTICE)
    with ThreadPoolExecutor(2) as executor:
        spread = rate_hot_spots(maps, people(), LATTICE, executor=executor)
    pd.testing.assert_frame_equal(plain.to_frame(), spread.to_frame())


def test_a_draw_without_variation_holds_no_evidence() -> None:
    flat = people() * 0.01
    alone = rate_hot_spots(planted(), people(), LATTICE)
    for maps in ([planted(), flat], [flat, planted()]):
        result = rate_hot_spots(maps, people(), LATTICE)
        np.testing.assert_allclose(result.test.z, alone.test.z / 2)
        np.testing.assert_allclose(result.p_hot, alone.hot / 2)


def test_draws_without_any_variation_have_none() -> None:
    flat = people() * 0.01
    result = rate_hot_spots([flat, flat], people(), LATTICE)
    assert set(result.test.classes) == {NO_VARIATION}


def test_missing_units_are_missing_over_draws_too() -> None:
    maps = np.array([planted(seed) for seed in range(3)])
    maps[:, 17] = np.nan
    here = np.arange(N) != 17
    small = graph_of(queen()[here][:, here])
    result = rate_hot_spots(maps, people(), LATTICE)
    assert result.test.classes[17] == NO_DATA
    assert_same(result, rate_hot_spots(maps[:, here], people()[here], small), here)


def test_permutations_over_draws_are_refused() -> None:
    with pytest.raises(SpatialError, match="permutations together with several draws"):
        rate_hot_spots([planted(), planted(2)], people(), LATTICE, permutations=99)


def test_shapes_must_match() -> None:
    with pytest.raises(SpatialError, match=r"shape \(3,\)"):
        rate_hot_spots([1, 2, 3], people(), LATTICE)
    with pytest.raises(SpatialError, match=r"shape \(3,\)"):
        rate_hot_spots(planted(), [1, 2, 3], LATTICE)


def test_inputs_are_not_changed() -> None:
    events, exposure = planted(), people()
    events[3] = np.nan
    before = events.copy(), exposure.copy()
    rate_hot_spots(events, exposure, LATTICE, permutations=99, rng=1)
    np.testing.assert_array_equal(events, before[0])
    np.testing.assert_array_equal(exposure, before[1])


def test_a_table_and_a_summary() -> None:
    result = rate_hot_spots(planted(), people(), LATTICE)
    table = result.to_frame()
    assert table.columns.tolist() == [
        "rate",
        "rate_smoothed",
        "normal_score",
        "gi_z",
        "gi_p",
        "gi_p_fdr",
        "gi_class",
        "p_hot",
    ]
    assert table.index.tolist() == list(range(N))
    assert repr(result).startswith(f"{result.hot.sum()} hot and {result.cold.sum()} cold of 144")


@pytest.mark.parametrize("permutations", [0, 999])
def test_unclustered_rates_are_seldom_hot(permutations: int) -> None:
    rng = np.random.default_rng(104)
    results = [
        rate_hot_spots(noise(seed), people(), LATTICE, permutations=permutations, rng=rng)
        for seed in range(100)
    ]
    p = np.array([each.test.p for each in results])
    assert np.mean(p <= 0.05) == pytest.approx(0.05, abs=0.01)
    assert np.mean([each.hot.any() for each in results]) <= 0.07
