"""Intervals of the published analyses hold their level, and tell the right thing at the ends."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.proportion import proportion_confint
from statsmodels.stats.rates import confint_poisson

from arrest_atlas.tables.intervals import (
    LEVEL,
    dispersion,
    pooled_interval,
    rate_interval,
    ratio_interval,
    share_interval,
)

REPLICATES = 4_000


def covered(low: np.ndarray, high: np.ndarray, truth: float) -> float:
    return float(((low <= truth) & (truth <= high)).mean())


def test_the_level_is_ninety_percent() -> None:
    assert LEVEL == 0.9


@pytest.mark.parametrize("mean", [3.0, 10.0, 40.0, 500.0])
def test_rates_are_covered(mean: float) -> None:
    counts = np.random.default_rng(1).poisson(mean, REPLICATES)
    low, high = rate_interval(counts, np.full(REPLICATES, 1_000.0))
    assert 0.85 <= covered(low, high, mean / 1_000) <= 0.95


@pytest.mark.parametrize("spread", [2.0, 8.0])
def test_rates_that_vary_more_than_poisson_are_covered_once_that_is_measured(
    spread: float,
) -> None:
    rng = np.random.default_rng(2)
    weekly = rng.negative_binomial(20 / (spread - 1), 1 / spread, (1_000, 80))
    spreads = np.array([dispersion(weeks) for weeks in weekly])
    totals, exposure = weekly.sum(axis=1), np.full(1_000, 80.0)
    low, high = rate_interval(totals, exposure, spread=spreads)
    assert 0.85 <= covered(low, high, 20.0) <= 0.95
    plain_low, plain_high = rate_interval(totals, exposure)
    assert covered(plain_low, plain_high, 20.0) < 0.8


@pytest.mark.parametrize(("n", "share"), [(20, 0.3), (200, 0.5), (200, 0.05), (5_000, 0.87)])
def test_shares_are_covered(n: int, share: float) -> None:
    part = np.random.default_rng(3).binomial(n, share, REPLICATES)
    low, high = share_interval(part, np.full(REPLICATES, n))
    assert 0.85 <= covered(low, high, share) <= 0.95


@pytest.mark.parametrize(("later", "earlier"), [(30.0, 60.0), (200.0, 40.0), (900.0, 900.0)])
def test_ratios_of_rates_are_covered(later: float, earlier: float) -> None:
    rng = np.random.default_rng(4)
    more, less = rng.poisson(later, REPLICATES), rng.poisson(earlier, REPLICATES)
    low, high = ratio_interval(more, less, exposures=1.5)
    assert 0.85 <= covered(low, high, later / earlier / 1.5) <= 0.95


def test_estimates_of_several_imputations_are_covered() -> None:
    rng = np.random.default_rng(5)
    hits = []
    for _ in range(1_000):
        center = rng.normal(0, 1)  # what is observed of a truth of zero
        draws = rng.normal(center, 0.8, 20)
        # An estimate off by both; the imputed part is drawn as it is unknown.
        truth = rng.normal(0, 0.8)
        _, _, low, high = pooled_interval(draws, np.ones(20))
        hits.append(low <= truth <= high)
    assert 0.85 <= np.mean(hits) <= 0.95


def test_intervals_equal_those_of_statsmodels() -> None:
    low, high = rate_interval([7, 120], [1, 1])
    for count, bounds in zip((7, 120), zip(low, high, strict=True), strict=True):
        assert bounds == pytest.approx(confint_poisson(count, 1, method="jeff", alpha=0.1))
    low, high = share_interval([7], [40])
    expected = proportion_confint(7, 40, alpha=0.1, method="jeffreys")
    assert (low[0], high[0]) == pytest.approx(expected)


def test_nothing_and_everything_have_ends_of_their_own() -> None:
    low, high = share_interval([0, 5, 0], [5, 5, 0])
    assert low[0] == 0
    assert high[1] == 1
    assert np.isnan([low[2], high[2]]).all()
    low, high = rate_interval([0, 3], [10.0, 0.0])
    assert low[0] == 0
    assert np.isnan([low[1], high[1]]).all()
    low, high = ratio_interval([5, 0], [0, 0])
    assert high[0] == np.inf
    assert np.isnan([low[1], high[1]]).all()


@given(st.lists(st.integers(0, 200), min_size=1, max_size=60))
def test_dispersion_is_at_least_that_of_poisson(weeks: list[int]) -> None:
    assert dispersion(weeks) >= 1


def test_dispersion_of_poisson_is_one_though_there_is_a_trend() -> None:
    rng = np.random.default_rng(6)
    trend = np.linspace(20, 400, 80)
    measured = [dispersion(rng.poisson(trend)) for _ in range(200)]
    assert np.mean(measured) == pytest.approx(1.1, abs=0.1)
    assert dispersion([5, 900, 3]) == 1  # too few weeks to tell


@given(st.integers(0, 500), st.integers(1, 500), st.floats(1, 30))
def test_more_dispersion_never_narrows(part: int, more: int, spread: float) -> None:
    whole = part + more
    low, high = share_interval([part], [whole])
    wider_low, wider_high = share_interval([part], [whole], spread=spread)
    assert wider_low[0] <= low[0] + 1e-12
    assert wider_high[0] >= high[0] - 1e-12


def test_one_draw_has_the_variance_within_only() -> None:
    mean, variance, low, high = pooled_interval([2.0], [0.25])
    half = stats.norm.ppf(0.95) * 0.5
    assert (float(mean), float(variance)) == (2.0, 0.25)
    assert (low, high) == pytest.approx((2 - half, 2 + half))
