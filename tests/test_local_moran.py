"""Local Moran's I: other software, exact enumeration, properties, size."""

from itertools import permutations as arrangements

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
from esda import Moran_Local, Moran_Local_BV
from hypothesis import given, settings
from hypothesis import strategies as st
from small_graphs import chain, connected, graph_of, lattice, uneven_weights

from spatial_models import (
    NO_DATA,
    NO_NEIGHBOURS,
    NO_VARIATION,
    bivariate_local_moran,
    local_moran,
    local_moran_rate,
    standardised_rates,
)

Floats = npt.NDArray[np.float64]

fixed = settings(deadline=None, derandomize=True, max_examples=40)


@pytest.mark.parametrize("transformation", ["B", "R"])
def test_statistic_is_that_of_esda(transformation: str) -> None:
    graph = graph_of(lattice(6))
    values = np.random.default_rng(1).gamma(1, size=36)
    peer = Moran_Local(values, graph, transformation=transformation, permutations=0)
    result = local_moran(values, graph.transform(transformation))
    np.testing.assert_allclose(result.statistic, peer.Is)
    # esda's conditional moments (Sokal, Oden and Thomson 1998) belong to an I that
    # divides by the variance over n, its statistic to one over n - 1.
    np.testing.assert_allclose(result.expected, peer.EIc * 35 / 36)
    np.testing.assert_allclose(result.variance, peer.VIc * (35 / 36) ** 2)


def test_quadrants_are_those_of_esda() -> None:
    graph = graph_of(lattice(6), "R")
    values = np.random.default_rng(2).gamma(1, size=36)
    names = np.array(["", "High-High", "Low-High", "Low-Low", "High-Low"])
    peer = Moran_Local(values, graph, permutations=0)
    result = local_moran(values, graph, alpha=1.0)
    # esda asks whether neighbours lie above the mean, not in which tail they are.
    clear = result.p < 0.5
    assert clear.sum() > 10
    assert result.classes[clear].tolist() == names[peer.q][clear].tolist()


@pytest.mark.parametrize("seed", range(3))
def test_moments_and_p_are_those_of_all_conditional_arrangements(seed: int) -> None:
    n = 6
    weights = uneven_weights(n, seed)
    values = np.random.default_rng(seed).gamma(1, size=n)
    result = local_moran(values, graph_of(weights), permutations=99_999, rng=seed)
    deviations = values - values.mean()
    for unit in range(n):
        others = np.delete(deviations, unit)
        factor = deviations[unit] * (n - 1) / (deviations @ deviations)
        null = factor * np.array(list(arrangements(others))) @ np.delete(weights[unit], unit)
        assert result.statistic[unit] == pytest.approx(null[0])
        assert result.expected[unit] == pytest.approx(null.mean())
        assert result.variance[unit] == pytest.approx(null.var())
        upper = (null >= null[0] - 1e-12).mean()
        lower = (null <= null[0] + 1e-12).mean()
        assert result.p[unit] == pytest.approx(min(1, 2 * min(upper, lower)), abs=0.012)


def test_tails() -> None:
    graph, values = graph_of(lattice(5), "R"), np.random.default_rng(4).normal(size=25)
    greater, less, both = (
        local_moran(values, graph, permutations=999, alternative=tail, rng=1)
        for tail in ("greater", "less", "two-sided")
    )
    assert (greater.p + less.p >= 1 + 1 / 1_000 - 1e-12).all()
    np.testing.assert_array_equal(both.p, np.minimum(1, 2 * np.minimum(greater.p, less.p)))
    np.testing.assert_allclose(greater.p_analytic + less.p_analytic, 1)


@fixed
@given(connected(), st.sampled_from([0.25, 3]), st.integers(-50, 50))
def test_no_unit_of_measurement(drawn: tuple[Floats, Floats], factor: float, shift: int) -> None:
    weights, values = drawn
    graph = graph_of(weights)
    plain = local_moran(values, graph, permutations=99, rng=1)
    moved = local_moran(factor * values + shift, graph, permutations=99, rng=1)
    off_mean = np.abs(values - values.mean()) > 1e-9  # at the mean, see below
    np.testing.assert_allclose(moved.statistic, plain.statistic, atol=1e-9)
    np.testing.assert_allclose(moved.z[off_mean], plain.z[off_mean], atol=1e-9)
    np.testing.assert_array_equal(moved.p[off_mean], plain.p[off_mean])


def test_a_value_at_the_mean_is_no_evidence() -> None:
    for shift in (0, 0.1, 0.2, 0.3, 0.7):
        result = local_moran(np.array([1.0, 5, 3, 4, 2]) + shift, graph_of(chain(5)))
        assert result.p[2] == 1


def test_the_size_of_weights_does_not_matter() -> None:
    # Inverse squared distances in metres are of this size.
    values, weights = np.random.default_rng(3).normal(size=16), lattice(4)
    plain, scaled = (local_moran(values, graph_of(weights * size)) for size in (1, 4e-10))
    np.testing.assert_allclose(scaled.z, plain.z)


@fixed
@given(connected())
def test_turning_values_over_turns_the_quadrants_over(drawn: tuple[Floats, Floats]) -> None:
    weights, values = drawn
    graph = graph_of(weights)
    plain = local_moran(values, graph, permutations=99, rng=1)
    turned = local_moran(-values, graph, permutations=99, rng=1)
    np.testing.assert_allclose(turned.z, plain.z, atol=1e-9)
    np.testing.assert_array_equal(turned.p, plain.p)


def test_high_and_low_change_places_with_the_sign() -> None:
    graph = graph_of(lattice(8), "R")
    values = np.add.outer(np.arange(8.0), np.arange(8.0)).ravel()
    opposite = {"High-High": "Low-Low", "Low-Low": "High-High"}
    plain, turned = local_moran(values, graph).classes, local_moran(-values, graph).classes
    assert set(plain) == {"High-High", "Low-Low", "not significant"}
    assert [opposite.get(name, name) for name in plain] == turned.tolist()


@fixed
@given(connected(), st.integers(0, 2**32 - 1))
def test_row_order_does_not_matter(drawn: tuple[Floats, Floats], seed: int) -> None:
    weights, values = drawn
    order = np.random.default_rng(seed).permutation(values.size)
    plain = local_moran(values, graph_of(weights, "R"))
    turned = local_moran(values[order], graph_of(weights[order][:, order], "R"))
    off_mean = np.abs(values - values.mean())[order] > 1e-9
    expected = plain.z[order][off_mean]
    np.testing.assert_allclose(turned.z[off_mean], expected, atol=1e-9)


@fixed
@given(connected(), st.integers(0, 4), st.sampled_from(["B", "R"]))
def test_a_missing_unit_might_as_well_not_exist(
    drawn: tuple[Floats, Floats], gone: int, transformation: str
) -> None:
    weights, values = drawn
    values[gone] = np.nan
    here = ~np.isnan(values)
    with_missing = local_moran(values, graph_of(weights, transformation), permutations=99, rng=1)
    small = graph_of(weights[here][:, here], transformation)
    without = local_moran(values[here], small, permutations=99, rng=1)
    assert with_missing.classes[gone] == NO_DATA
    assert np.isnan(with_missing.p[gone])
    assert with_missing.classes[here].tolist() == without.classes.tolist()
    np.testing.assert_array_equal(with_missing.p[here], without.p)
    np.testing.assert_allclose(with_missing.z[here], without.z, atol=1e-12)


def test_islands_and_missing_units_have_classes_of_their_own() -> None:
    weights = np.zeros((8, 8))
    weights[:7, :7] = chain(7)
    # Unit 6 has one neighbour, which is missing; unit 7 never had any.
    values = [1, 5, 2, 8, 3, np.nan, 9, 4]
    result = local_moran(values, graph_of(weights, "R"), permutations=99, rng=1)
    assert result.classes[5:].tolist() == [NO_DATA, NO_NEIGHBOURS, NO_NEIGHBOURS]
    assert np.isnan(result.p[5:]).all()
    assert np.isnan(result.p_fdr[5:]).all()
    assert not np.isnan(result.p[:5]).any()
    assert (result.n, result.isolates) == (5, (6, 7))


def test_a_constant_map_has_no_variation() -> None:
    result = local_moran([3, 3, 3, 3, np.nan], graph_of(chain(5)), permutations=99, rng=1)
    assert result.classes.tolist() == [NO_VARIATION] * 4 + [NO_DATA]
    assert np.isnan(result.p).all()


@pytest.mark.parametrize("n", [1, 2, 3, 4])
@pytest.mark.parametrize("permutations", [0, 99])
def test_tiny_maps_do_no_harm(n: int, permutations: int) -> None:
    result = local_moran(np.arange(n), graph_of(chain(n)), permutations=permutations, rng=1)
    assert np.isnan(result.p).all() == (n == 1)
    assert ((result.p > 0) & (result.p <= 1)).all() == (n > 1)


@pytest.mark.parametrize("n", [2, 3, 4, 9])
@pytest.mark.parametrize("permutations", [0, 99])
def test_where_all_are_neighbours_there_is_no_evidence(n: int, permutations: int) -> None:
    values = np.random.default_rng(n).normal(size=n)
    graph = graph_of(1 - np.eye(n), "R")
    result = local_moran(values, graph, permutations=permutations, rng=1)
    assert result.p.tolist() == [1] * n
    assert set(result.classes) == {"not significant"}


def test_a_unit_is_not_its_own_neighbour() -> None:
    weights, values = lattice(4), np.random.default_rng(5).normal(size=16)
    plain = local_moran(values, graph_of(weights))
    with_self = local_moran(values, graph_of(weights + np.eye(16)))
    np.testing.assert_allclose(with_self.z, plain.z)


def test_one_unit_of_noise_in_twenty_is_significant() -> None:
    rng = np.random.default_rng(101)
    graph = graph_of(lattice(8), "R")
    noise = np.exp(rng.normal(size=(150, 64)))
    p = [local_moran(values, graph, permutations=199, rng=rng).p for values in noise]
    assert np.mean(np.array(p) <= 0.05) == pytest.approx(0.05, abs=0.01)


def test_bivariate_statistic_and_p_are_those_of_esda() -> None:
    graph = graph_of(lattice(7), "R")
    x, y = np.random.default_rng(6).gamma(1, size=(2, 49))
    with pytest.warns(DeprecationWarning, match="two-sided"):  # its p is the smaller tail
        peer = Moran_Local_BV(x, y, graph, permutations=9_999, seed=1)
    result = bivariate_local_moran(x, y, graph, permutations=99_999, rng=1)
    np.testing.assert_allclose(result.statistic, peer.Is)
    tail = np.minimum(result.p_random_labelling / 2, 0.5)
    error = 4.5 * np.sqrt(tail * (1 - tail) / 9_999) + 2 / 9_999
    assert (np.abs(tail - peer.p_sim) < error).all()
    assert "p" not in vars(result)


def test_of_a_map_with_itself_the_bivariate_is_the_univariate() -> None:
    graph = graph_of(lattice(6), "R")
    values = np.random.default_rng(8).normal(size=36)
    one = local_moran(values, graph, permutations=999, rng=1)
    two = bivariate_local_moran(values, values, graph, permutations=999, rng=1)
    np.testing.assert_allclose(two.statistic, one.statistic)
    np.testing.assert_array_equal(two.p_random_labelling, one.p)
    assert two.classes.tolist() == one.classes.tolist()


def test_a_unit_missing_on_either_map_takes_no_part() -> None:
    x, y = np.arange(6.0), np.arange(6.0)[::-1].copy()
    x[0], y[5] = np.nan, np.nan
    result = bivariate_local_moran(x, y, graph_of(chain(6)), permutations=99, rng=1)
    assert result.n == 4
    assert result.classes[[0, 5]].tolist() == [NO_DATA, NO_DATA]


def test_rates_are_standardised_before_they_are_tested() -> None:
    rng = np.random.default_rng(9)
    people = rng.gamma(1, 1_000, size=36) + 50
    events = rng.poisson(people * 0.01)
    graph = graph_of(lattice(6), "R")
    by_hand = local_moran(standardised_rates(events, people), graph, permutations=99, rng=1)
    result = local_moran_rate(events, people, graph, permutations=99, rng=1)
    np.testing.assert_array_equal(result.p, by_hand.p)
    swapped = local_moran_rate(
        pd.Series(events).sample(frac=1, random_state=1), people, graph, permutations=99, rng=1
    )
    np.testing.assert_array_equal(swapped.p, result.p)


def test_stopping_early_keeps_what_is_rare() -> None:
    graph = graph_of(uneven_weights(30, 1))
    values = np.random.default_rng(3).gamma(1, size=30)
    whole = local_moran(values, graph, permutations=19_999, rng=1)
    early = local_moran(values, graph, permutations=19_999, stop_after=50, rng=1)
    assert (whole.stop_after, early.stop_after) == (None, 50)
    # A p-value from h exceedances has a relative error of about 1 / sqrt(h).
    np.testing.assert_allclose(np.minimum(early.p, 0.99), np.minimum(whole.p, 0.99), rtol=0.6)
    with pytest.raises(ValueError, match="stop_after=0; expected a whole number"):
        local_moran(values, graph, stop_after=0)
