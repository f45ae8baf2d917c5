"""Moran's I of one map, of rates and of two maps: other software, by hand, properties, size."""

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
from esda import Moran, Moran_BV, Moran_Rate
from hypothesis import given, settings
from hypothesis import strategies as st
from small_graphs import chain, connected, graph_of, lattice

from spatial_models import bivariate_moran, moran, moran_rate

Floats = npt.NDArray[np.float64]

fixed = settings(deadline=None, derandomize=True, max_examples=40)


@pytest.mark.parametrize("transformation", ["B", "R"])
@pytest.mark.parametrize("seed", range(3))
def test_statistic_and_moments_are_those_of_esda(transformation: str, seed: int) -> None:
    graph = graph_of(lattice(6))
    values = np.random.default_rng(seed).gamma(1, size=36)
    peer = Moran(values, graph, transformation=transformation, permutations=0)
    result = moran(values, graph.transform(transformation), permutations=0)
    ours = result.statistic, result.expected, result.variance, result.z, result.p_analytic
    assert ours == pytest.approx((peer.I, peer.EI, peer.VI_rand, peer.z_rand, peer.p_rand))


def test_statistic_by_hand() -> None:
    # 1, 2, 3, 6 in a row: deviations -2, -1, 0, 3; neighbours' products 2 + 0 + 0,
    # twice, over 6 links; squares 14 over 4 units.
    result = moran([1, 2, 3, 6], graph_of(chain(4)), permutations=0)
    assert result.statistic == pytest.approx((4 / 6) / (14 / 4))


def test_tails() -> None:
    graph, values = graph_of(lattice(5)), np.arange(25.0)
    greater, less, both = (
        moran(values, graph, permutations=999, alternative=tail, rng=1)
        for tail in ("greater", "less", "two-sided")
    )
    assert greater.p == 1 / 1_000  # (r + 1) / (P + 1), nothing reaches the observed
    assert less.p == 1
    assert both.p == 2 / 1_000
    assert greater.p_analytic + less.p_analytic == pytest.approx(1)
    assert both.p_analytic == pytest.approx(2 * greater.p_analytic)


@fixed
@given(connected(), st.sampled_from([0.25, 3, -2]), st.integers(-50, 50))
def test_no_unit_of_measurement(drawn: tuple[Floats, Floats], factor: float, shift: int) -> None:
    weights, values = drawn
    graph = graph_of(weights)
    plain = moran(values, graph, permutations=199, rng=1)
    moved = moran(factor * values + shift, graph, permutations=199, rng=1)
    assert moved.statistic == pytest.approx(plain.statistic, abs=1e-9)
    assert moved.z == pytest.approx(plain.z, abs=1e-9)
    assert moved.p == plain.p


def test_a_series_is_matched_by_name() -> None:
    graph = graph_of(lattice(4), "R")
    values = pd.Series(np.random.default_rng(1).normal(size=16)).sample(frac=1, random_state=1)
    by_name = moran(values, graph, permutations=99, rng=1)
    in_order = moran(values.sort_index().to_numpy(), graph, permutations=99, rng=1)
    assert by_name == in_order


@pytest.mark.parametrize("values", [[7.0] * 6, [np.nan] * 6, [0.1 + 0.2, 0.3] * 3])
def test_a_constant_or_empty_map_has_no_answer(values: list[float]) -> None:
    result = moran(values, graph_of(chain(6)), rng=1)
    assert np.isnan([result.statistic, result.z, result.p, result.p_analytic]).all()


def test_four_units_have_one() -> None:
    assert 0 < moran([1, 2, 4, 9], graph_of(chain(4)), rng=1).p <= 1


def test_a_unit_is_not_its_own_neighbour() -> None:
    weights, values = lattice(4), np.random.default_rng(5).normal(size=16)
    plain = moran(values, graph_of(weights), permutations=0)
    with_self = moran(values, graph_of(weights + np.eye(16)), permutations=0)
    assert with_self.z == pytest.approx(plain.z)


@pytest.mark.parametrize("shape", ["normal", "heavy-tailed"])
def test_one_map_of_noise_in_twenty_is_significant(shape: str) -> None:
    rng = np.random.default_rng(100)
    graph = graph_of(lattice(8), "R")
    noise = rng.normal(size=(300, 64))
    if shape == "heavy-tailed":
        noise = np.exp(2 * noise)
    p = [moran(values, graph, permutations=199, rng=rng).p for values in noise]
    # Three standard errors of a share of 300 are 0.038.
    assert np.mean(np.array(p) <= 0.05) == pytest.approx(0.05, abs=0.038)


@pytest.mark.parametrize("transformation", ["B", "R"])
def test_normal_moments_are_those_of_esda(transformation: str) -> None:
    graph = graph_of(lattice(6))
    values = np.random.default_rng(1).gamma(1, size=36)
    peer = Moran(values, graph, transformation=transformation, permutations=0)
    graph = graph.transform(transformation)
    result = moran(values, graph, permutations=0, null="normality")
    assert result.null == "normality"
    ours = result.expected, result.variance, result.z, result.p
    assert ours == pytest.approx((peer.EI, peer.VI_norm, peer.z_norm, peer.p_norm))
    by_chance = moran(values, graph, permutations=99, rng=1)
    assert moran(values, graph, permutations=99, null="normality", rng=1).p == by_chance.p


def test_normal_moments_hold_over_normal_maps() -> None:
    graph = graph_of(lattice(4), "R")
    maps = np.random.default_rng(1).standard_normal((1_000, 16))
    drawn = [moran(values, graph, permutations=0, null="normality") for values in maps]
    statistics = np.array([result.statistic for result in drawn])
    assert statistics.mean() == pytest.approx(drawn[0].expected, abs=0.02)
    assert statistics.var() == pytest.approx(drawn[0].variance, rel=0.15)


@pytest.mark.parametrize("seed", range(3))
def test_rates_are_standardised_as_by_esda(seed: int) -> None:
    rng = np.random.default_rng(seed)
    graph = graph_of(lattice(6), "R")
    people = np.exp(rng.normal(9, 1, 36)).round()
    events = rng.poisson(people * np.exp(rng.normal(-5, 0.5, 36))).astype(np.float64)
    peer = Moran_Rate(events, people, graph, permutations=0)
    result = moran_rate(events, people, graph, permutations=0)
    ours = result.statistic, result.expected, result.variance
    assert ours == pytest.approx((peer.I, peer.EI, peer.VI_rand))


def test_rates_are_learnt_from_the_units_that_are_tested() -> None:
    rng = np.random.default_rng(1)
    weights = np.zeros((18, 18))
    weights[:16, :16] = lattice(4)
    people = np.append(rng.integers(100, 1_000, 16), [10, 10**6])
    events = np.append(rng.poisson(0.05 * people[:16]), [9, 9]).astype(np.float64)
    result = moran_rate(events, people, graph_of(weights, "R"), rng=1)
    alone = moran_rate(events[:16], people[:16], graph_of(lattice(4), "R"), rng=1)
    assert (result.statistic, result.p) == (alone.statistic, alone.p)


def test_rates_without_events_or_people_have_no_answer() -> None:
    graph = graph_of(chain(6))
    assert np.isnan(moran_rate([0] * 6, [100] * 6, graph).p)
    assert np.isnan(moran_rate([1] * 6, [0] * 6, graph).p)
    assert np.isnan(moran_rate([np.nan] * 6, [100] * 6, graph).p)


def test_rates_that_differ_by_less_than_chance_still_have_an_answer() -> None:
    people = np.full(6, 100.0)
    result = moran_rate([10, 11, 10, 9, 10, 11], people, graph_of(chain(6)), rng=1)
    plain = moran([10, 11, 10, 9, 10, 11], graph_of(chain(6)), rng=1)
    assert result.statistic == pytest.approx(plain.statistic)
    assert result.p == plain.p


def test_two_maps_are_those_of_esda() -> None:
    x, y = np.random.default_rng(1).normal(size=(2, 36))
    graph = graph_of(lattice(6), "R")
    peer = Moran_BV(x, y, graph, transformation="r", permutations=0)
    assert bivariate_moran(x, y, graph, permutations=0).statistic == pytest.approx(peer.I)


@fixed
@given(connected(), st.sampled_from([0.25, 3.0]), st.integers(-50, 50))
def test_a_map_against_itself_is_moran(
    drawn: tuple[Floats, Floats], factor: float, shift: int
) -> None:
    weights, values = drawn
    graph = graph_of(weights, "R")
    plain = moran(values, graph, permutations=0).statistic
    for other, expected in ((factor * values + shift, plain), (-values, -plain)):
        result = bivariate_moran(values, other, graph, permutations=0)
        assert result.statistic == pytest.approx(expected, abs=1e-9)
