"""The null of a local statistic: a unit keeps its value, the others change places.

Under this conditional randomisation a spatial lag (the weighted sum over neighbours) is
a sum of draws without replacement from the values of all other units (Sokal, Oden and
Thomson 1998). Local Moran and Getis-Ord rest on one lag; local Geary on a sum of several.
"""

from __future__ import annotations

from concurrent.futures import Executor
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.special import ndtr

from spatial_models._p_values import Alternative, combine_tails
from spatial_models._parallel import map_pieces
from spatial_models._randomness import draw_seed
from spatial_models._tested import ROUNDING, Floats

Integers = npt.NDArray[np.int64]

_PERMUTATIONS_A_PIECE = 12_500  # a part of what a seed means; 199,999 make 16 pieces
_PIECES, _FEWEST_UNITS, _MOST_UNITS = 16, 64, 4_096
_FAR = 100.0  # times the usual: a value that would leave rounding in a sum it is taken off
_TINY = 1e-290  # a spread that is nothing, and would overflow what is divided by it


@dataclass(frozen=True, kw_only=True)
class LocalTest:
    """Local statistics against their conditional null.

    The tails are probabilities of a statistic at least, and at most, as large as the one
    observed; by permutation, or analytic where none were made.
    """

    statistic: Floats
    expected: Floats
    variance: Floats
    z: Floats
    upper: Floats
    lower: Floats
    upper_analytic: Floats
    lower_analytic: Floats

    def p(self, alternative: Alternative) -> Floats:
        """p-value by permutation, or analytic where none were made."""
        return combine_tails(self.upper, self.lower, alternative)

    def p_analytic(self, alternative: Alternative) -> Floats:
        """p-value by the normal approximation."""
        return combine_tails(self.upper_analytic, self.lower_analytic, alternative)

    def direction(self, alternative: Alternative) -> Floats:
        """Tell on which side of its null each statistic is: 1 above, -1 below, 0 neither.

        On the side of the tail that its p-value comes from. (A standard score can lie on
        the other, where one far-out value has drawn the mean beyond all the rest.)
        """
        if alternative == "two-sided":
            return np.sign(self.lower - self.upper)
        return np.full(self.upper.shape, 1.0 if alternative == "greater" else -1.0)

    def plus(self, constant: Floats) -> LocalTest:
        """Test the statistic plus a number that is fixed under the null."""
        return replace(self, statistic=self.statistic + constant, expected=self.expected + constant)

    def times(self, factor: Floats) -> LocalTest:
        """Test the statistic times a number that is fixed under the null.

        A negative factor turns the tails over; a product that is always zero is certain.
        """
        zero, turned = factor == 0, factor < 0

        def side(same: Floats, other: Floats) -> Floats:
            return np.where(zero, 1.0, np.where(turned, other, same))

        return LocalTest(
            statistic=factor * self.statistic,
            expected=factor * self.expected,
            variance=factor**2 * self.variance,
            z=np.sign(factor) * self.z,
            upper=side(self.upper, self.lower),
            lower=side(self.lower, self.upper),
            upper_analytic=side(self.upper_analytic, self.lower_analytic),
            lower_analytic=side(self.lower_analytic, self.upper_analytic),
        )


def local_test(
    statistic: Floats,
    expected: Floats,
    variance: Floats,
    *,
    scale: Floats,
    tails: tuple[Floats, Floats] | None = None,
) -> LocalTest:
    """Set statistics against their moments, and against permutations where these were made.

    A variance that is nothing against `scale` is rounding: any permutation gives the same
    statistic, which is no evidence.
    """
    certain = variance <= 1e-14 * scale
    z = np.where(certain, 0.0, (statistic - expected) / np.sqrt(np.where(certain, 1.0, variance)))
    upper_analytic = np.where(certain, 1.0, ndtr(-z))
    lower_analytic = np.where(certain, 1.0, ndtr(z))
    upper, lower = tails or (upper_analytic, lower_analytic)
    return LocalTest(
        statistic=statistic,
        expected=expected,
        variance=variance,
        z=z,
        upper=upper,
        lower=lower,
        upper_analytic=upper_analytic,
        lower_analytic=lower_analytic,
    )


def lag_test(
    values: Floats,
    neighbours: sparse.csr_array,
    *,
    permutations: int,
    rng: np.random.Generator,
    squares: Floats | None = None,
    stop_after: int | None = None,
    executor: Executor | None = None,
) -> LocalTest:
    """Test the lag of every unit; `values` vary and every unit has a neighbour.

    `squares` are mean squares of values that are themselves means of uncertain ones: what
    they exceed the squares of the means by adds to the variance.
    """
    # Of differences from the median: a large mean must not cost z its digits.
    centre = np.median(values)
    deviations = values - centre
    within = None if squares is None else squares - values**2
    expected, variance, scale = conditional_moments(deviations, neighbours, within=within)
    tails = permuted_tails(
        deviations[:, np.newaxis],
        neighbours,
        permutations=permutations,
        rng=rng,
        stop_after=stop_after,
        executor=executor,
    )
    test = local_test(
        neighbours @ deviations,
        expected,
        variance,
        scale=scale,
        tails=tails,
    )
    return test.plus(neighbours.sum(axis=1) * centre)


def conditional_moments(
    values: Floats, neighbours: sparse.csr_array, *, within: Floats | None = None
) -> tuple[Floats, Floats, Floats]:
    """Give the expectation and variance of each lag under conditional randomisation.

    The last is the size of the terms that make up the variance, to tell it from rounding.
    `within` is the variance of each value where it is itself uncertain.
    """
    others = values.size - 1
    centre = np.median(values)
    deviations = values - centre
    mean = sum_of_others(deviations) / others
    mean_square = sum_of_others(deviations**2) / others
    spread = mean_square - mean**2
    weight = neighbours.sum(axis=1)
    weight_squared = neighbours.power(2).sum(axis=1)
    expected = weight * (centre + mean)
    scale = mean_square * weight_squared
    if others == 1:
        return expected, np.zeros_like(expected), scale
    variance = spread * (others * weight_squared - weight**2) / (others - 1)
    if within is not None:  # drawn for each unit by itself, not by exchanging places
        variance = variance + (within.sum() - within) / others * weight_squared
    return expected, np.maximum(variance, 0.0), scale


def sum_of_others(terms: Floats) -> Floats:
    """Sum each column over all units but one, without taking that one off a total.

    So a value that is far out leaves no rounding behind in its own sum of the others.
    """
    total = np.zeros_like(terms)
    total[1:] = terms[:-1].cumsum(axis=0)
    total[:-1] += terms[:0:-1].cumsum(axis=0)[::-1]
    return total


def permuted_tails(
    columns: Floats,
    neighbours: sparse.csr_array,
    *,
    permutations: int,
    rng: np.random.Generator,
    slopes: Floats | None = None,
    stop_after: int | None = None,
    executor: Executor | None = None,
) -> tuple[Floats, Floats] | None:
    """Give the tail probabilities of each unit's form by conditional permutation.

    A form is the sum over columns (n, m) of a slope (n, m) times the lag of that column;
    slopes are 1 where not given. The unit's own row is held while the others' change
    places, whole. None where no permutations are asked for.
    """
    if not permutations:
        return None
    seed = draw_seed(rng)
    # For precision; this adds a constant to every sum. The median, since a value that is far
    # out would take digits off all others by drawing the mean.
    centred = columns - np.median(columns, axis=0)
    alike = bool(rows_alike(neighbours).all())
    if alike and slopes is None and columns.shape[1] == 1 and stop_after is None:
        counts = _count_shared(centred[:, 0], neighbours, permutations, seed, executor)
        return _tails(counts, permutations)
    factors = np.ones_like(centred) if slopes is None else slopes
    pieces = _units_in_pieces(columns.shape[0])
    lags = np.asarray(neighbours @ centred)
    terms = np.abs(factors) * _sizes(centred, neighbours)
    work = partial(
        _count_tiles,
        columns=centred,
        starts=neighbours.indptr.astype(np.int64),
        weights=neighbours.data,
        slopes=factors,
        observed=(factors * lags).sum(axis=1),
        tolerance=ROUNDING * terms.sum(axis=1),
        alike=alike,
        permutations=permutations,
        stop_after=stop_after or 0,
        seed=seed,
    )
    found = list(map_pieces(work, pieces, executor))
    counts = np.concatenate([each[0] for each in found], axis=1)
    reached = np.concatenate([each[1] for each in found], axis=1)
    upper, lower = _tails(counts, permutations)
    if stop_after is None:
        return upper, lower
    # Besag and Clifford (1991): h over the number of permutations that it took.
    stopped = np.where(reached, stop_after / np.maximum(reached, 1), (upper, lower))
    return stopped[0], stopped[1]


def _sizes(columns: Floats, neighbours: sparse.csr_array) -> Floats:
    """Give the size of the terms of each sum: of its own, and of what is usual on the map.

    Two sums that differ by rounding of such terms are equal. A value that is far out makes
    only those sums large in which it is.
    """
    size = np.abs(columns)
    usual = np.array([_usual(column) for column in size.T])
    weights = abs(neighbours)
    return np.asarray(weights @ size + np.multiply.outer(weights.sum(axis=1), usual))


def _usual(sizes: Floats) -> float:
    """Give the median size of what is not nothing."""
    return float(np.median(sizes[sizes > 0])) if sizes.any() else 0.0


def _tails(counts: Integers, permutations: int) -> tuple[Floats, Floats]:
    upper, lower = (counts + 1) / (permutations + 1)
    return upper, lower


def rows_alike(neighbours: sparse.csr_array) -> npt.NDArray[np.bool_]:
    """Tell of which units all neighbours weigh the same (no row is empty)."""
    starts = neighbours.indptr[:-1]
    first = np.repeat(neighbours.data[starts], np.diff(neighbours.indptr))
    same = np.abs(neighbours.data - first) <= ROUNDING * np.abs(first)
    return np.asarray(np.logical_and.reduceat(same, starts))


def _count_shared(
    values: Floats,
    neighbours: sparse.csr_array,
    permutations: int,
    seed: int,
    executor: Executor | None,
) -> Integers:
    """Count permuted lags at least and at most as large as those observed, weights alike."""
    from spatial_models._kernels.shared import fill_buckets  # noqa: PLC0415  (loads numba)

    degree = np.diff(neighbours.indptr).astype(np.int64)
    first_weight = neighbours.data[neighbours.indptr[:-1]]
    observed = (neighbours @ values) / first_weight
    ones = sparse.csr_array(neighbours != 0).astype(np.float64)
    usual = _usual(np.abs(values))
    rounding = ROUNDING * (ones @ np.abs(values) + degree * usual)
    # Permuted sums are looked up among the least, and the largest, that equal the observed.
    limits = np.stack([observed - rounding, observed + rounding])
    least = _sort_by_class(limits[0], degree)
    by_class = np.stack([least, least])
    if (np.diff(limits[1][least])[np.diff(degree[least]) == 0] < 0).any():  # not so ordered, too
        by_class[1] = _sort_by_class(limits[1], degree)
    sizes, starts = np.unique(degree[by_class[0]], return_index=True)
    starts = np.append(starts, degree.size).astype(np.int64)
    sums = np.take_along_axis(limits, by_class, axis=1)
    spread = sums[:, starts[1:] - 1] - sums[:, starts[:-1]]
    # Just below one part for each sum, so that the largest falls into the last.
    parts = np.broadcast_to(np.diff(starts) * (1 - 1e-9), spread.shape)
    scale = np.divide(parts, spread, out=np.zeros_like(spread), where=spread > _TINY)
    buckets = np.empty((2, degree.size + sizes.size), dtype=np.int64)
    for tail in range(2):
        fill_buckets(sums[tail], starts, scale[tail], buckets[tail])
    work = partial(
        _shared_piece,
        values=values,
        degree=degree,
        limits=limits,
        sizes=sizes,
        sums=sums,
        starts=starts,
        scale=scale,
        buckets=buckets,
        far=_FAR * usual,
        permutations=permutations,
        seed=seed,
    )
    pieces = range(-(-permutations // _PERMUTATIONS_A_PIECE))
    reach = np.zeros(buckets.shape[1], dtype=np.int64)
    surpass = np.zeros_like(reach)
    own = np.zeros((2, degree.size), dtype=np.int64)
    for more_reach, more_surpass, more_own in map_pieces(work, pieces, executor):
        reach += more_reach
        surpass += more_surpass
        own += more_own
    counts = np.empty((2, degree.size), dtype=np.int64)
    for group, (start, stop) in enumerate(pairwise(starts)):
        ranks = slice(start + group, stop + group + 1)
        # A sum that reaches more than r observed ones is at least as large as the r-th.
        counts[0, start:stop] = reach[ranks][::-1].cumsum()[::-1][1:]
        # A sum that surpasses at most r of them is at most as large as the r-th.
        counts[1, start:stop] = surpass[ranks].cumsum()[:-1]
    back = own
    for tail in range(2):
        back[tail, by_class[tail]] += counts[tail]
    return np.where(first_weight > 0, back, back[::-1])


def _sort_by_class(values: Floats, degree: Integers) -> Integers:
    """Order units by degree and then by value; quicker than `numpy.lexsort`."""
    order = np.argsort(values)
    small = degree.astype(np.min_scalar_type(int(degree.max())))
    return order[np.argsort(small[order], kind="stable")]


def _shared_piece(
    number: int,
    *,
    permutations: int,
    seed: int,
    **arrays: Any,
) -> tuple[npt.NDArray[np.int32], ...]:
    from spatial_models._kernels.shared import count_permutations  # noqa: PLC0415  (loads numba)

    size = min(_PERMUTATIONS_A_PIECE, permutations - number * _PERMUTATIONS_A_PIECE)
    return count_permutations(**arrays, permutations=size, seed=np.uint64(seed), number=number)


def _units_in_pieces(n: int) -> list[tuple[int, int]]:
    size = min(max(_FEWEST_UNITS, -(-n // _PIECES)), _MOST_UNITS)
    return [(first, min(first + size, n)) for first in range(0, n, size)]


def _count_tiles(
    units: tuple[int, int], *, seed: int, **arguments: Any
) -> tuple[Integers, Integers]:
    from spatial_models._kernels.tiles import count_permutations  # noqa: PLC0415  (loads numba)

    return count_permutations(**arguments, seed=np.uint64(seed), first=units[0], last=units[1])
