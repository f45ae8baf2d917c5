"""Statistics of a whole map, and of two maps, under random arrangements of the values.

Permutation `p` of a call draws on stream `p` of its seed, so that its sums depend neither
on which piece of the work makes it nor on its company there. Sums of one map are made for
several arrangements side by side: one pass over the pairs serves them all, and reads the
values of a unit under all of them as one run of memory.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from spatial_models._kernels.compile import compiled
from spatial_models._kernels.random import STEP, draw_below, mix, open_stream

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Partners = npt.NDArray[np.int32]
Steps = npt.NDArray[np.uint32]

_HALF, _LOW = np.uint64(32), np.uint64(0xFFFFFFFF)


@compiled
def _draw_steps(steps: Steps, state: np.uint64) -> None:
    """Draw what a shuffle needs: step `k` is below n - k.

    Lemire's method (see `draw_below`), one half of a 64-bit number a step. The first loop
    has no branches, so that it is vectorised; the second draws the few steps anew that
    would be biased.
    """
    n = steps.size
    words = n // 2
    steps[n - 1] = 0  # the last is below 1
    doubtful = np.uint64(0)
    for k in range(words):
        word = mix(state + np.uint64(k + 1) * STEP)
        bound, another = np.uint64(n - k), np.uint64(n - words - k)
        high, low = (word >> _HALF) * bound, (word & _LOW) * another
        steps[k] = np.uint32(high >> _HALF)
        steps[words + k] = np.uint32(low >> _HALF)
        doubtful += np.uint64((high & _LOW) < bound) + np.uint64((low & _LOW) < another)
    if doubtful == 0:
        return
    fresh = state + np.uint64(words) * STEP
    for k in range(2 * words):
        word = mix(state + np.uint64(k % words + 1) * STEP)
        bound, half = np.uint64(n - k), word >> _HALF if k < words else word & _LOW
        left = (half * bound) & _LOW
        if left < bound and left < (_LOW - bound + np.uint64(1)) % bound:
            fresh, step = draw_below(fresh, bound)
            steps[k] = np.uint32(step)


@compiled
def _arrange(values: Floats, order: Floats, steps: Steps, arranged: Floats) -> None:
    """Lay the values out in the order that the steps of a shuffle make."""
    n = values.size
    order[:] = values
    for k in range(n):
        place, drawn = np.uint64(n - 1 - k), np.uint64(steps[k])
        arranged[place] = order[drawn]
        order[drawn] = order[place]


@compiled
def _add_pairs(
    maps: Floats, starts: Integers, partners: Partners, weights: Floats, sums: Floats
) -> None:
    """Add weight x value x value over pairs, for each map."""
    n, lanes = maps.shape
    for unit in range(n):
        row, pair, stop = maps[unit], starts[unit], starts[unit + 1]
        while pair + 1 < stop:  # two at a time: the sums are fetched and put back less often
            weight, other = weights[pair], maps[partners[pair]]
            second, another = weights[pair + 1], maps[partners[pair + 1]]
            for lane in range(lanes):
                sums[lane] += row[lane] * (weight * other[lane] + second * another[lane])
            pair += 2
        if pair < stop:
            weight, other = weights[pair], maps[partners[pair]]
            for lane in range(lanes):
                sums[lane] += row[lane] * (weight * other[lane])


@compiled
def _add_units(maps: Floats, excess: Floats, squares: Floats, linear: Floats) -> None:
    """Add excess x value^2 and excess x value over units, for each map."""
    for unit in range(excess.size):
        row, factor = maps[unit], excess[unit]
        for lane in range(row.size):
            weighted = factor * row[lane]
            squares[lane] += weighted * row[lane]
            linear[lane] += weighted


@compiled
def permuted_quadratics(
    values: Floats,
    starts: Integers,
    partners: Partners,
    weights: Floats,
    excess: Floats,
    lanes: int,
    seed: np.uint64,
    first: int,
    last: int,
) -> Floats:
    """Make three sums for each of the permutations from `first` to `last`.

    They are the sum over pairs of weight x value x value, and the sums over units of
    excess x value^2 and of excess x value (zero where `excess` is empty). The pairs of
    unit `i` stand from `starts[i]` to `starts[i + 1]`, each pair once. `lanes`
    arrangements are made at a time. Returns shape (last - first, 3).
    """
    n = values.size
    sums, total = np.empty((last - first, 3)), np.empty((3, lanes))
    order, steps, maps = np.empty(n), np.empty(n, dtype=np.uint32), np.zeros((n, lanes))
    for begin in range(first, last, lanes):
        size = min(lanes, last - begin)
        for lane in range(size):
            _draw_steps(steps, open_stream(seed, begin + lane))
            _arrange(values, order, steps, maps[:, lane])
        total[:] = 0.0
        _add_pairs(maps, starts, partners, weights, total[0])
        _add_units(maps, excess, total[1], total[2])
        sums[begin - first : begin - first + size] = total[:, :size].T
    return sums


@compiled
def permuted_products(
    fixed: Floats, values: Floats, seed: np.uint64, first: int, last: int
) -> Floats:
    """Sum fixed x permuted values for each of the permutations from `first` to `last`."""
    n = values.size
    sums = np.empty(last - first)
    order, steps = np.empty(n), np.empty(n, dtype=np.uint32)
    for number in range(first, last):
        _draw_steps(steps, open_stream(seed, number))
        order[:] = values
        even, odd = 0.0, 0.0  # two sums: no addition waits for the one before
        for k in range(0, n - 1, 2):
            place, drawn = np.uint64(n - 1 - k), np.uint64(steps[k])
            even += fixed[place] * order[drawn]
            order[drawn] = order[place]
            place, drawn = np.uint64(n - 2 - k), np.uint64(steps[k + 1])
            odd += fixed[place] * order[drawn]
            order[drawn] = order[place]
        if n % 2:
            even += fixed[0] * order[0]
        sums[number - first] = even + odd
    return sums
