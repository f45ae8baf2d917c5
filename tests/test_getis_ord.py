"""Gi and Gi*: other software, exact enumeration, properties, size."""

from itertools import permutations as arrangements

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
from esda import G_Local
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm, rankdata
from small_graphs import chain, connected, graph_of, lattice, uneven_weights

from spatial_models import (
    NO_DATA,
    NO_NEIGHBOURS,
    NO_VARIATION,
    NOT_SIGNIFICANT,
    SIGNIFICANCE_CLASSES,
    SpatialError,
    false_discovery_rate,
    getis_ord,
)
from spatial_models.getis_ord import significance_classes

Floats = npt.NDArray[np.float64]

fixed = settings(deadline=None, derandomize=True, max_examples=40)


def normal_scores(values: Floats) -> Floats:
    """Blom's normal scores."""
    scores: Floats = norm.ppf((rankdata(values) - 0.375) / (values.size + 0.25))
    return scores


def test_gi_of_the_six_points_of_the_pysal_manual() -> None:
    # esda documents G_Local on these points, binary weights within 15:
    # lg.Zs and lg.p_norm (a smaller tail, so half of ours).
    points = np.array([(10, 10), (20, 10), (40, 10), (15, 20), (30, 20), (30, 30)])
    apart = np.linalg.norm(points[:, None] - points[None], axis=2)
    graph = graph_of((apart <= 15) & (apart > 0))
    result = getis_ord([2, 3, 3.2, 5, 8, 7], graph, star=False)
    z = [-1.0136729, -0.04361589, 1.31558703, -0.31412676, 1.15373986, 1.77833941]
    tail = [0.15536943, 0.48260529, 0.09415634, 0.37671238, 0.12430342, 0.03767406]
    assert result.z.tolist() == pytest.approx(z, abs=1e-8)
    assert (result.p_analytic / 2).tolist() == pytest.approx(tail, abs=1e-4)


@pytest.mark.parametrize("seed", range(3))
def test_gi_is_that_of_esda_under_binary_weights(seed: int) -> None:
    # Without the star, Ord and Getis (1995) leave the unit itself out of mean and
    # variance: their z is the conditional one.
    graph = graph_of(lattice(6), "B")
    values = np.random.default_rng(seed).gamma(1, size=36)
    peer = G_Local(values, graph, transform="B", star=False, permutations=0)
    result = getis_ord(values, graph, star=False)
    np.testing.assert_allclose(result.statistic, peer.Gs)
    np.testing.assert_allclose(result.z, peer.Zs)


def test_statistic_of_gi_star_is_that_of_esda_under_binary_weights() -> None:
    graph = graph_of(lattice(6), "B")
    values = np.random.default_rng(1).gamma(1, size=36)
    peer = G_Local(values, graph, transform="B", star=True, permutations=0)
    np.testing.assert_allclose(getis_ord(values, graph).statistic, peer.Gs)


def test_gi_star_of_equal_weights_within_rows_is_the_mean_of_the_neighbourhood() -> None:
    values = np.random.default_rng(1).gamma(1, size=16)
    weights = lattice(4)
    neighbourhood = weights + np.eye(16)
    expected = (neighbourhood @ values) / weights.sum(axis=1) / values.sum()
    np.testing.assert_allclose(getis_ord(values, graph_of(weights, "R")).statistic, expected)


@pytest.mark.parametrize("seed", range(4))
def test_moments_and_p_are_those_of_all_conditional_arrangements(seed: int) -> None:
    n = 6
    weights = uneven_weights(n, seed)
    values = np.random.default_rng(seed).gamma(1, size=n)
    result = getis_ord(values, graph_of(weights), star=False, permutations=99_999, rng=seed)
    for unit in range(n):
        others = np.delete(values, unit)
        null = np.array(list(arrangements(others))) @ np.delete(weights[unit], unit) / others.sum()
        assert result.statistic[unit] == pytest.approx(null[0])
        assert result.expected[unit] == pytest.approx(null.mean())
        assert result.variance[unit] == pytest.approx(null.var())
        if null.var() > 1e-12:
            assert result.z[unit] == pytest.approx((null[0] - null.mean()) / null.std())
        upper, lower = (null >= null[0] - 1e-12).mean(), (null <= null[0] + 1e-12).mean()
        assert result.p[unit] == pytest.approx(min(1, 2 * min(upper, lower)), abs=0.012)


def test_few_neighbours_in_a_large_map_are_drawn_without_replacement() -> None:
    # Of 400 units one has the only high value: a unit with two neighbours meets it in
    # 2 of 399 arrangements, and never twice.
    n = 400
    weights = chain(n)
    values = np.zeros(n)
    values[200] = 1
    result = getis_ord(values, graph_of(weights), permutations=39_999, alternative="greater", rng=1)
    assert result.p[201] == pytest.approx(2 / 399, abs=0.0012)
    assert result.p[100] == 1


def test_tails() -> None:
    graph, values = graph_of(lattice(5), "R"), np.random.default_rng(4).normal(size=25)
    greater, less, both = (
        getis_ord(values, graph, permutations=999, alternative=tail, rng=1)
        for tail in ("greater", "less", "two-sided")
    )
    assert (greater.p + less.p >= 1 + 1 / 1_000 - 1e-12).all()
    np.testing.assert_array_equal(both.p, np.minimum(1, 2 * np.minimum(greater.p, less.p)))
    np.testing.assert_allclose(greater.p_analytic + less.p_analytic, 1)


def test_an_unknown_tail_is_refused() -> None:
    with pytest.raises(SpatialError, match="'directed'"):
        getis_ord([1, 2, 3], graph_of(chain(3)), alternative="directed")  # type: ignore[arg-type]


def test_no_p_is_smaller_than_permutations_can_tell() -> None:
    values = np.add.outer(np.arange(10.0), np.arange(10.0)).ravel()
    result = getis_ord(values, graph_of(lattice(10)), permutations=99, rng=1)
    assert result.p.min() == 2 / 100


@pytest.mark.parametrize("transformation", ["B", "R"])
def test_permutation_and_normal_p_agree_on_normal_scores(transformation: str) -> None:
    values = normal_scores(np.random.default_rng(3).random(400))
    graph = graph_of(lattice(20), transformation)
    result = getis_ord(values, graph, permutations=9_999, rng=1)
    np.testing.assert_allclose(result.p, result.p_analytic, atol=0.03)


@fixed
@given(connected())
def test_star_or_not_z_and_p_are_the_same(drawn: tuple[Floats, Floats]) -> None:
    weights, values = drawn
    star = getis_ord(values, graph_of(weights), permutations=99, rng=1)
    plain = getis_ord(values, graph_of(weights), star=False, permutations=99, rng=1)
    np.testing.assert_array_equal(star.z, plain.z)
    np.testing.assert_array_equal(star.p, plain.p)


@fixed
@given(connected(), st.sampled_from([0.25, 3, 1_000]), st.integers(-50, 50))
def test_no_unit_of_measurement(drawn: tuple[Floats, Floats], factor: float, shift: int) -> None:
    weights, values = drawn
    graph = graph_of(weights)
    plain = getis_ord(values, graph, permutations=99, rng=1)
    moved = getis_ord(factor * values + shift, graph, permutations=99, rng=1)
    np.testing.assert_allclose(moved.z, plain.z, atol=1e-9)
    np.testing.assert_array_equal(moved.p, plain.p)


@fixed
@given(connected())
def test_turning_values_over_makes_hot_cold(drawn: tuple[Floats, Floats]) -> None:
    weights, values = drawn
    graph = graph_of(weights)
    plain = getis_ord(values, graph, permutations=99, rng=1)
    turned = getis_ord(-values, graph, permutations=99, rng=1)
    np.testing.assert_allclose(turned.z, -plain.z, atol=1e-9)
    np.testing.assert_array_equal(turned.p, plain.p)


def test_hot_and_cold_change_places_with_the_sign() -> None:
    values = np.add.outer(np.arange(12.0), np.arange(12.0)).ravel()
    graph = graph_of(lattice(12))
    plain = getis_ord(values, graph, rng=0).classes
    turned = getis_ord(-values, graph, rng=0).classes
    assert {"hot 95%", "cold 95%"} <= set(plain)
    swapped = {"hot": "cold", "cold": "hot"}
    for name, other in zip(plain, turned, strict=True):
        side, _, level = name.partition(" ")
        assert other == (f"{swapped[side]} {level}" if side in swapped else name)


@fixed
@given(connected(), st.integers(0, 2**32 - 1))
def test_row_order_does_not_matter(drawn: tuple[Floats, Floats], seed: int) -> None:
    weights, values = drawn
    order = np.random.default_rng(seed).permutation(values.size)
    plain = getis_ord(values, graph_of(weights, "R"), permutations=0)
    turned = getis_ord(values[order], graph_of(weights[order][:, order], "R"), permutations=0)
    np.testing.assert_allclose(turned.z, plain.z[order], atol=1e-9)
    np.testing.assert_allclose(turned.p, plain.p[order], atol=1e-9)


def test_a_series_is_matched_by_name() -> None:
    graph = graph_of(lattice(4), "R")
    values = pd.Series(np.random.default_rng(1).normal(size=16)).sample(frac=1, random_state=1)
    np.testing.assert_array_equal(
        getis_ord(values, graph).z, getis_ord(values.sort_index().to_numpy(), graph).z
    )


def test_values_must_match_the_graph() -> None:
    graph = graph_of(chain(4))
    with pytest.raises(SpatialError, match="no value for 1 units"):
        getis_ord(pd.Series([1.0, 2, 3]), graph)
    with pytest.raises(SpatialError, match="twice"):
        getis_ord(pd.Series([1.0, 2, 3, 4, 5], index=[0, 1, 2, 3, 3]), graph)
    with pytest.raises(SpatialError, match=r"shape \(3,\)"):
        getis_ord([1, 2, 3], graph)
    with pytest.raises(SpatialError, match="infinite"):
        getis_ord([1, 2, 3, np.inf], graph)


@fixed
@given(connected(), st.integers(0, 4), st.sampled_from(["B", "R"]))
def test_a_missing_unit_might_as_well_not_exist(
    drawn: tuple[Floats, Floats], gone: int, transformation: str
) -> None:
    weights, values = drawn
    values[gone] = np.nan
    here = ~np.isnan(values)
    with_missing = getis_ord(values, graph_of(weights, transformation), permutations=99, rng=1)
    small = graph_of(weights[here][:, here], transformation)
    without = getis_ord(values[here], small, permutations=99, rng=1)
    assert with_missing.classes[gone] == NO_DATA
    assert with_missing.classes[here].tolist() == without.classes.tolist()
    np.testing.assert_array_equal(with_missing.p[here], without.p)
    np.testing.assert_array_equal(with_missing.p_fdr[here], without.p_fdr)
    np.testing.assert_allclose(with_missing.z[here], without.z, atol=1e-12)


def test_islands_and_missing_units_have_classes_of_their_own() -> None:
    weights = np.zeros((8, 8))
    weights[:7, :7] = chain(7)
    # Unit 6 has one neighbour, which is missing; unit 7 never had any.
    values = [1, 5, 2, 8, 3, np.nan, 9, 4]
    result = getis_ord(values, graph_of(weights, "R"), permutations=99, rng=1)
    assert result.classes[5:].tolist() == [NO_DATA, NO_NEIGHBOURS, NO_NEIGHBOURS]
    for column in (result.statistic, result.z, result.p, result.p_analytic, result.p_fdr):
        assert np.isnan(column[5:]).all()
        assert not np.isnan(column[:5]).any()
    assert (result.n, result.isolates) == (5, (6, 7))


def test_islands_touch_nobody() -> None:
    weights = np.zeros((18, 18))
    weights[:16, :16] = lattice(4)
    values = np.random.default_rng(2).normal(size=18)
    values[17] = 1e6
    with_islands = getis_ord(values, graph_of(weights, "R"), permutations=99, rng=1)
    without = getis_ord(values[:16], graph_of(lattice(4), "R"), permutations=99, rng=1)
    np.testing.assert_array_equal(with_islands.z[:16], without.z)
    np.testing.assert_array_equal(with_islands.p[:16], without.p)


def test_a_one_way_neighbour_left_without_neighbours_takes_its_followers_along() -> None:
    # 0 looks only at 1, which is missing; 2 looks only at 0, which thereby leaves.
    weights = np.zeros((6, 6))
    weights[[0, 1, 2, 3, 4, 5], [1, 0, 0, 4, 5, 3]] = 1
    result = getis_ord([1, np.nan, 3, 5, 2, 7], graph_of(weights, "R"))
    assert result.classes[:3].tolist() == [NO_NEIGHBOURS, NO_DATA, NO_NEIGHBOURS]


@pytest.mark.parametrize("value", [3.0, 0.0, 0.1])
def test_a_constant_map_has_no_variation(value: float) -> None:
    result = getis_ord([value] * 4 + [np.nan], graph_of(chain(5)), permutations=99, rng=1)
    assert result.classes.tolist() == [NO_VARIATION] * 4 + [NO_DATA]
    assert np.isnan(result.p).all()


def test_rounding_is_no_variation() -> None:
    result = getis_ord([0.1 + 0.2, 0.3] * 3, graph_of(chain(6)))
    assert set(result.classes) == {NO_VARIATION}


@pytest.mark.parametrize("n", [1, 2, 3, 4])
@pytest.mark.parametrize("permutations", [0, 99])
def test_tiny_maps_do_no_harm(n: int, permutations: int) -> None:
    result = getis_ord(np.arange(n), graph_of(chain(n)), permutations=permutations, rng=1)
    assert np.isnan(result.p).all() == (n == 1)
    assert ((result.p > 0) & (result.p <= 1)).all() == (n > 1)


@pytest.mark.parametrize("n", [2, 3, 4, 9])
@pytest.mark.parametrize("transformation", ["B", "R"])
@pytest.mark.parametrize("permutations", [0, 99])
def test_where_all_are_neighbours_there_is_no_evidence(
    n: int, transformation: str, permutations: int
) -> None:
    values = np.random.default_rng(n).normal(size=n)
    graph = graph_of(1 - np.eye(n), transformation)
    result = getis_ord(values, graph, permutations=permutations, rng=1)
    assert result.p.tolist() == [1] * n
    assert result.z.tolist() == [0] * n


def test_the_size_of_weights_does_not_matter() -> None:
    # Inverse squared distances in metres are of this size.
    values, weights = np.random.default_rng(3).normal(size=16), lattice(4)
    plain, scaled = (getis_ord(values, graph_of(weights * size)) for size in (1, 4e-10))
    np.testing.assert_allclose(scaled.z, plain.z)


def test_negative_values_have_a_z_and_no_share_of_the_total() -> None:
    result = getis_ord([-1, 5, 2, 8], graph_of(chain(4)))
    assert np.isnan(result.statistic).all()
    assert not np.isnan(result.z).any()


def test_a_unit_is_its_own_neighbour_only_under_the_star() -> None:
    weights, values = lattice(4), np.random.default_rng(5).random(16)
    plain, with_self = graph_of(weights), graph_of(weights + np.eye(16))
    np.testing.assert_allclose(getis_ord(values, with_self).z, getis_ord(values, plain).z)
    np.testing.assert_allclose(
        getis_ord(values, with_self).statistic, getis_ord(values, plain).statistic
    )
    np.testing.assert_allclose(
        getis_ord(values, with_self, star=False).statistic,
        getis_ord(values, plain, star=False).statistic,
    )


def test_the_same_seed_gives_the_same_p() -> None:
    graph, values = graph_of(lattice(5)), np.random.default_rng(1).normal(size=25)
    first, again, other = (
        getis_ord(values, graph, permutations=999, rng=seed).p for seed in (8, 8, 9)
    )
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()


def test_classes_follow_adjusted_p_and_sign() -> None:
    z = np.array([3.0, 3, 3, 3, -3, -3, -3, -3])
    p_fdr = np.array([0.01, 0.05, 0.10, 0.11] * 2)
    names = ["99%", "95%", "90%"]
    expected = [f"hot {name}" for name in names] + [NOT_SIGNIFICANT]
    expected += [f"cold {name}" for name in names] + [NOT_SIGNIFICANT]
    assert significance_classes(z, p_fdr).tolist() == expected
    assert set(expected) == set(SIGNIFICANCE_CLASSES)


def test_classes_are_adjusted_for_the_number_of_units_tested() -> None:
    values = np.append(np.random.default_rng(6).normal(size=24), np.nan)
    result = getis_ord(values, graph_of(lattice(5)))
    np.testing.assert_array_equal(result.p_fdr, false_discovery_rate(result.p))
    assert result.n == 24


def test_a_table_has_a_row_for_every_unit() -> None:
    table = getis_ord([1, 5, np.nan, 2], graph_of(chain(4))).to_frame()
    assert table.index.tolist() == [0, 1, 2, 3]
    assert {"gi_statistic", "gi_z", "gi_p", "gi_p_fdr", "gi_class"} <= set(table.columns)


@pytest.mark.parametrize("transformation", ["B", "R"])
@pytest.mark.parametrize("spread", [0.5, 2.0])
def test_one_unit_of_noise_in_twenty_is_significant(transformation: str, spread: float) -> None:
    rng = np.random.default_rng(102)
    graph = graph_of(lattice(8), transformation)
    noise = np.exp(spread * rng.normal(size=(150, 64)))
    p = np.array([getis_ord(values, graph, permutations=199, rng=rng).p for values in noise])
    assert np.mean(p <= 0.05) == pytest.approx(0.05, abs=0.01)
    assert np.mean(p <= 0.20) == pytest.approx(0.20, abs=0.02)


def test_normal_scores_of_noise_meet_their_normal_null() -> None:
    rng = np.random.default_rng(103)
    graph = graph_of(lattice(15))
    maps = [normal_scores(rng.random(225)) for _ in range(200)]
    p = np.array([getis_ord(values, graph, permutations=0).p for values in maps])
    assert np.mean(p <= 0.05) == pytest.approx(0.05, abs=0.006)
    any_find = [(false_discovery_rate(row) <= 0.05).any() for row in p]
    assert np.mean(any_find) <= 0.09
