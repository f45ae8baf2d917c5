"""Estimates and intervals over draws: of the same draws, and the one inside the other."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from spatial_models._surrogate_tests import agreements, mean_kappas, measure

DRAWS = st.integers(1, 60).flatmap(
    lambda size: arrays(np.float64, size, elements=st.floats(-1, 1) | st.just(np.nan))
)
SETS = st.integers(1, 30).flatmap(lambda draws: arrays(np.bool_, (draws, 9)))


@given(DRAWS)
def test_the_estimate_lies_in_its_interval(draws: np.ndarray) -> None:
    found = measure("lee", "Lee's L", draws)
    known = draws[~np.isnan(draws)]
    assert np.isnan(found.estimate) == (known.size == 0)
    assert np.isnan(found.low) == np.isnan(found.high) == (draws.size < 2 or not known.size)
    if not np.isnan(found.low):
        assert found.low <= found.estimate <= found.high
        # No narrower than the central 90 % of the same draws.
        low, high = np.quantile(known, [0.05, 0.95])
        assert found.low <= low <= high <= found.high


@given(SETS, arrays(np.bool_, (1, 9)))
def test_kappa_counts_sets_without_one_as_no_agreement(
    first: np.ndarray, second: np.ndarray
) -> None:
    draws = agreements(first, second)
    defined = first.any(axis=1) & ~first.all(axis=1) & second.any() & ~second.all()
    assert np.isnan(draws).any() == (not defined.any())
    if not defined.any():
        return
    assert (draws[~defined] == 0).all()
    found = measure("kappa", "Cohen's kappa", draws)
    # The same mean as that of surrogate maps, to which it is compared.
    (mean,) = mean_kappas(first)(np.zeros((1, 9)), second)
    assert found.estimate == pytest.approx(mean)


def test_two_hot_draws_of_twenty() -> None:
    first, second = np.zeros((20, 10), dtype=bool), np.zeros((1, 10), dtype=bool)
    first[:2, 0] = True
    second[0, 1] = True
    found = measure("kappa", "Cohen's kappa", agreements(first, second))
    assert (found.estimate, found.low, found.high) == pytest.approx((-1 / 90, -1 / 9, 0))
