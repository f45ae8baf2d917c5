"""Many tests at once: adjusted p-values."""

from typing import Literal

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import false_discovery_control

from spatial_models import SpatialError, false_discovery_rate

Method = Literal["bh", "by"]
Floats = npt.NDArray[np.float64]

METHODS: tuple[Method, ...] = ("bh", "by")

# Coarse, so that ties are common.
p_values = st.lists(st.integers(0, 200).map(lambda k: k / 200), min_size=1, max_size=40).map(
    np.array
)
methods = st.sampled_from(METHODS)
fixed = settings(deadline=None, derandomize=True, max_examples=100)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("seed", range(4))
def test_adjusted_p_are_those_of_scipy(method: Method, seed: int) -> None:
    p = np.random.default_rng(seed).beta(0.4, 1.5, size=500)
    expected = false_discovery_control(p, method=method)
    np.testing.assert_allclose(false_discovery_rate(p, method=method), expected)


def test_four_finds_in_the_example_of_benjamini_and_hochberg() -> None:
    # Benjamini and Hochberg (1995), section 3.2: thrombolysis, 15 hypotheses; at 0.05 the
    # procedure rejects the first four, Bonferroni the first three.
    small = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459]
    p = np.array([*small, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0])
    adjusted = false_discovery_rate(p)
    assert (adjusted <= 0.05).tolist() == [True] * 4 + [False] * 11
    assert adjusted[3] == pytest.approx(0.0095 * 15 / 4)


def test_by_is_bh_times_the_harmonic_sum() -> None:
    p = np.array([0.001, 0.002, 0.003])
    harmonic = 1 + 1 / 2 + 1 / 3
    expected = false_discovery_rate(p) * harmonic
    np.testing.assert_allclose(false_discovery_rate(p, method="by"), expected)


@fixed
@given(p_values, methods)
def test_adjusted_p_are_bounded_and_no_smaller(p: Floats, method: Method) -> None:
    adjusted = false_discovery_rate(p, method=method)
    assert (adjusted <= 1).all()
    assert (adjusted >= p - 1e-12).all()


@fixed
@given(p_values, methods)
def test_adjusted_p_keep_the_order(p: Floats, method: Method) -> None:
    adjusted = false_discovery_rate(p, method=method)
    assert (np.diff(adjusted[np.argsort(p)]) >= 0).all()


@fixed
@given(p_values, methods)
def test_equal_p_are_adjusted_alike(p: Floats, method: Method) -> None:
    adjusted = false_discovery_rate(p, method=method)
    for value in np.unique(p):
        assert np.unique(adjusted[p == value]).size == 1


@fixed
@given(p_values, methods, st.integers(0, 2**32 - 1))
def test_row_order_does_not_matter(p: Floats, method: Method, seed: int) -> None:
    order = np.random.default_rng(seed).permutation(p.size)
    np.testing.assert_array_equal(
        false_discovery_rate(p[order], method=method), false_discovery_rate(p, method=method)[order]
    )


@fixed
@given(p_values, methods, st.integers(0, 10))
def test_what_was_not_tested_does_not_count(p: Floats, method: Method, missing: int) -> None:
    padded = np.insert(p, p.size // 2, [np.nan] * missing)
    adjusted = false_discovery_rate(padded, method=method)
    assert np.isnan(adjusted[np.isnan(padded)]).all()
    np.testing.assert_array_equal(
        adjusted[~np.isnan(padded)], false_discovery_rate(p, method=method)
    )


@fixed
@given(p_values)
def test_by_never_finds_more_than_bh(p: Floats) -> None:
    assert (false_discovery_rate(p, method="by") >= false_discovery_rate(p)).all()


def test_one_test_needs_no_adjustment() -> None:
    assert false_discovery_rate([0.03]).tolist() == [0.03]


def test_no_test_at_all() -> None:
    assert false_discovery_rate([]).size == 0
    assert np.isnan(false_discovery_rate([np.nan, np.nan])).all()


@pytest.mark.parametrize("strange", [-0.01, 1.01, np.inf])
def test_what_is_no_probability_is_refused(strange: float) -> None:
    with pytest.raises(SpatialError, match="outside 0 to 1"):
        false_discovery_rate([0.5, strange, np.nan])


def test_an_unknown_method_is_refused() -> None:
    with pytest.raises(SpatialError, match="'holm'"):
        false_discovery_rate([0.5], method="holm")  # type: ignore[arg-type]


def test_false_finds_among_true_ones_stay_below_the_level() -> None:
    # 80 nulls and 20 effects; the expected share of false finds is 0.8 * 0.05.
    rng = np.random.default_rng(20)
    shares = []
    for _ in range(1_000):
        p = np.append(rng.random(80), rng.beta(0.05, 5, 20))
        found = false_discovery_rate(p) <= 0.05
        shares.append(found[:80].sum() / max(1, found.sum()))
    assert np.mean(shares) == pytest.approx(0.04, abs=0.006)


def test_with_nothing_to_find_one_family_in_twenty_has_a_find() -> None:
    rng = np.random.default_rng(21)
    any_find = [(false_discovery_rate(rng.random(50)) <= 0.05).any() for _ in range(2_000)]
    assert np.mean(any_find) == pytest.approx(0.05, abs=0.015)
