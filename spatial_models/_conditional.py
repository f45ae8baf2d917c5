"""The null of a local statistic: a unit keeps its value, the others change places.

Under this conditional randomisation a spatial lag (the weighted sum over neighbours) is
a sum of draws without replacement from the values of all other units (Sokal, Oden and
Thomson 1998). Local Moran and Getis-Ord both rest on it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.special import ndtr

from spatial_models._p_values import Alternative, combine_tails
from spatial_models._randomness import check_permutations
from spatial_models._tested import Floats

_PERMUTATIONS_AT_ONCE = 8_192
_NUMBERS_AT_ONCE = 20_000_000  # keeps the table of permutations below some hundred MB


@dataclass(frozen=True, kw_only=True)
class LagTest:
    """Spatial lags against their conditional null.

    The tails are probabilities of a lag at least, and at most, as large as the one
    observed; by permutation, or analytic where none were made.
    """

    lag: Floats
    expected: Floats
    variance: Floats
    z: Floats
    upper: Floats
    lower: Floats
    upper_analytic: Floats
    lower_analytic: Floats

    def p(self, alternative: Alternative) -> Floats:
        """p-value of the lag by permutation, or analytic where none were made."""
        return combine_tails(self.upper, self.lower, alternative)

    def p_analytic(self, alternative: Alternative) -> Floats:
        """p-value of the lag by the normal approximation."""
        return combine_tails(self.upper_analytic, self.lower_analytic, alternative)

    def times(self, factor: Floats) -> LagTest:
        """Test the lag times a number that is fixed under the null.

        A negative factor turns the tails over; a product that is always zero is certain.
        """
        zero, turned = factor == 0, factor < 0

        def side(same: Floats, other: Floats) -> Floats:
            return np.where(zero, 1.0, np.where(turned, other, same))

        return LagTest(
            lag=factor * self.lag,
            expected=factor * self.expected,
            variance=factor**2 * self.variance,
            z=np.sign(factor) * self.z,
            upper=side(self.upper, self.lower),
            lower=side(self.lower, self.upper),
            upper_analytic=side(self.upper_analytic, self.lower_analytic),
            lower_analytic=side(self.lower_analytic, self.upper_analytic),
        )


def lag_test(
    values: Floats,
    neighbours: sparse.csr_array,
    *,
    permutations: int,
    rng: np.random.Generator,
    squares: Floats | None = None,
) -> LagTest:
    """Test the lag of every unit; `values` vary and every unit has a neighbour.

    `squares` are mean squares of values that are themselves means of uncertain ones: what
    they exceed the squares of the means by adds to the variance.
    """
    check_permutations(permutations)
    lag = neighbours @ values
    expected, variance = conditional_moments(values, neighbours, squares=squares)
    # Where all others are neighbours, any permutation gives the same lag: no evidence.
    certain = variance <= 1e-14 * values.var() * neighbours.power(2).sum(axis=1)
    z = np.where(certain, 0.0, (lag - expected) / np.sqrt(np.where(certain, 1.0, variance)))
    upper = upper_analytic = np.where(certain, 1.0, ndtr(-z))
    lower = lower_analytic = np.where(certain, 1.0, ndtr(z))
    if permutations:
        at_least, at_most = _count_tails(values, neighbours, lag, permutations, rng)
        upper = (at_least + 1) / (permutations + 1)
        lower = (at_most + 1) / (permutations + 1)
    return LagTest(
        lag=lag,
        expected=expected,
        variance=variance,
        z=z,
        upper=upper,
        lower=lower,
        upper_analytic=upper_analytic,
        lower_analytic=lower_analytic,
    )


def conditional_moments(
    values: Floats, neighbours: sparse.csr_array, *, squares: Floats | None = None
) -> tuple[Floats, Floats]:
    """Give the expectation and variance of each lag under conditional randomisation."""
    others = values.size - 1
    centre = values.mean()
    deviations = values - centre
    mean = -deviations / others
    spread = ((deviations**2).sum() - deviations**2) / others - mean**2
    weight = neighbours.sum(axis=1)
    weight_squared = neighbours.power(2).sum(axis=1)
    expected = weight * (centre + mean)
    if others == 1:
        return expected, np.zeros_like(expected)
    variance = spread * (others * weight_squared - weight**2) / (others - 1)
    if squares is not None:  # drawn for each unit by itself, not by exchanging places
        within = squares - values**2
        variance = variance + (within.sum() - within) / others * weight_squared
    return expected, np.maximum(variance, 0.0)


def _count_tails(
    values: Floats,
    neighbours: sparse.csr_array,
    lag: Floats,
    permutations: int,
    rng: np.random.Generator,
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Count permuted lags at least, and at most, as large as those observed.

    All units share one set of permutations of the other units, each reading as many
    entries as it has neighbours.
    """
    n = values.size
    at_least = np.zeros(n, dtype=np.int64)
    at_most = np.zeros(n, dtype=np.int64)
    starts, weights = neighbours.indptr, neighbours.data
    most = int(np.diff(starts).max())
    # Equal sums reached in another order must count as equal.
    tolerance = 1e-12 * np.abs(values).max() * abs(neighbours).sum(axis=1)
    at_once = max(1, min(_PERMUTATIONS_AT_ONCE, _NUMBERS_AT_ONCE // n))
    for start in range(0, permutations, at_once):
        size = min(at_once, permutations - start)
        drawn = _draw_distinct(n - 1, most, size, rng)
        for unit in range(n):
            w = weights[starts[unit] : starts[unit + 1]]
            places = drawn[:, : w.size]
            permuted = values[places + (places >= unit)] @ w
            at_least[unit] += int((permuted >= lag[unit] - tolerance[unit]).sum())
            at_most[unit] += int((permuted <= lag[unit] + tolerance[unit]).sum())
    return at_least, at_most


def _draw_distinct(
    population: int, size: int, rows: int, rng: np.random.Generator
) -> npt.NDArray[np.int64]:
    """Draw rows of distinct integers below `population`, in random order."""
    if population < 4 * size * size:
        whole = np.tile(np.arange(population), (rows, 1))
        return rng.permuted(whole, axis=1)[:, :size]
    drawn = rng.integers(population, size=(rows, size))
    repeated = np.arange(rows)
    while True:  # a row with a repeat is drawn anew, whole
        ordered = np.sort(drawn[repeated], axis=1)
        repeated = repeated[(np.diff(ordered, axis=1) == 0).any(axis=1)]
        if not repeated.size:
            return drawn
        drawn[repeated] = rng.integers(population, size=(repeated.size, size))
