"""Weighted sums over neighbours whose weights differ, or sums of several columns.

A tile holds the first places of some hundred random orders of all units, order beside
order, so that one pass over a unit's weights makes its sums under all of them. The same
tiles serve every unit. Where the unit itself is among its first k places, the unit in the
next place stands in for it: the k are then a random draw from the others.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from spatial_models._kernels.compile import compiled
from spatial_models._kernels.random import draw_below, open_stream

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Indices = npt.NDArray[np.int32]

LANES = 256
"""Random orders in a tile; a part of what a seed means, so never changed lightly."""


@compiled
def _shuffle(order: Indices, tile: Indices, state: np.uint64) -> None:
    """Write the first places of random orders into the tile, one order a lane."""
    n = order.size
    for unit in range(n):
        order[unit] = unit
    for lane in range(tile.shape[1]):
        for place in range(tile.shape[0]):
            state, step = draw_below(state, np.uint64(n - place))
            unit = order[place + step]
            order[place + step] = order[place]
            order[place] = unit
            tile[place, lane] = unit


@compiled
def _read(columns: Floats, tile: Indices, drawn: Floats, summed: Floats) -> None:
    """Read the values of the units in a tile, and sum them from the first place on."""
    for column in range(drawn.shape[0]):
        for place in range(drawn.shape[1]):
            for lane in range(drawn.shape[2]):
                drawn[column, place, lane] = columns[tile[place, lane], column]
        for place in range(summed.shape[1]):
            for lane in range(drawn.shape[2]):
                before = summed[column, place - 1, lane] if place else 0.0
                summed[column, place, lane] = before + drawn[column, place, lane]


@compiled
def _find(tile: Indices, degree: Integers, first: int, head: Integers, link: Integers) -> None:
    """Chain the entries of the tile by which a unit would draw itself."""
    lanes = tile.shape[1]
    head[:] = -1
    for place in range(tile.shape[0] - 1):
        for lane in range(lanes):
            unit = tile[place, lane] - first
            if 0 <= unit < head.size and place < degree[unit]:
                link[place * lanes + lane] = head[unit]
                head[unit] = place * lanes + lane


@compiled
def _add_lags(
    form: Floats, lag: Floats, drawn: Floats, summed: Floats, weights: Floats, slope: float
) -> None:
    """Add a slope times the lags of one column to the forms, lane beside lane."""
    if summed.shape[0]:  # the weights are alike
        slope *= weights[0]
        for lane in range(form.size):
            form[lane] += slope * summed[weights.size - 1, lane]
        return
    lag[:] = 0.0
    for place in range(weights.size):
        for lane in range(form.size):
            lag[lane] += weights[place] * drawn[place, lane]
    for lane in range(form.size):
        form[lane] += slope * lag[lane]


@compiled
def _replace_own(
    form: Floats, drawn: Floats, weights: Floats, slopes: Floats, entry: int, link: Integers
) -> None:
    """Where a unit drew itself, put the unit of the next place in its stead."""
    last = weights.size
    while entry >= 0:
        own, lane = entry // form.size, entry % form.size
        form[lane] = 0.0  # made anew: no far-out value is taken off a sum
        for column in range(slopes.size):
            lag = 0.0
            for place in range(last):
                lag += weights[place] * drawn[column, last if place == own else place, lane]
            form[lane] += slopes[column] * lag
        entry = link[entry]


@compiled
def _count(
    form: Floats, low: float, high: float, counts: Integers, reached: Integers, made: int, stop: int
) -> None:
    """Add to a unit's counts, and note when each reaches `stop` (unless that is 0)."""
    if not stop:
        upper, lower = 0, 0
        for lane in range(form.size):
            upper += int(form[lane] >= low)
            lower += int(form[lane] <= high)
        counts[0] += upper
        counts[1] += lower
        return
    for lane in range(form.size):
        counts[0] += int(form[lane] >= low)
        counts[1] += int(form[lane] <= high)
        for tail in range(2):
            if counts[tail] >= stop and not reached[tail]:
                reached[tail] = made + lane + 1


@compiled
def count_permutations(
    columns: Floats,
    starts: Integers,
    weights: Floats,
    slopes: Floats,
    observed: Floats,
    tolerance: Floats,
    alike: bool,
    permutations: int,
    stop_after: int,
    seed: np.uint64,
    first: int,
    last: int,
) -> tuple[Integers, Integers]:
    """Count permuted forms of the units from `first` to `last`.

    The form of a unit is the sum over columns of a slope times the weighted sum over
    neighbours. Returns (2, units) counts of forms at least and at most as large as
    observed, and the permutation at which each count reached `stop_after` (0 where it
    did not, or where `stop_after` is 0); a unit is left alone once both have. Where the
    weights of each row are `alike`, sums over the first k places are made once a tile.
    """
    n, m = columns.shape
    units = last - first
    counts = np.zeros((units, 2), dtype=np.int64)
    reached = np.zeros((units, 2), dtype=np.int64)
    degree = starts[first + 1 : last + 1] - starts[first:last]
    places = degree.max() + 1
    tile = np.empty((places, LANES), dtype=np.int32)
    drawn = np.empty((m, places, LANES))
    summed = np.empty((m, places if alike else 0, LANES))
    order = np.empty(n, dtype=np.int32)
    head = np.empty(units, dtype=np.int64)
    link = np.empty(places * LANES, dtype=np.int64)
    form, lag = np.empty(LANES), np.empty(LANES)
    for number in range((permutations + LANES - 1) // LANES):
        made = number * LANES
        size = min(LANES, permutations - made)
        _shuffle(order, tile, open_stream(seed, number))
        _read(columns, tile, drawn, summed)
        _find(tile, degree, first, head, link)
        busy = False
        for unit in range(units):
            if reached[unit, 0] and reached[unit, 1]:
                continue
            busy = True
            here = first + unit
            row = weights[starts[here] : starts[here + 1]]
            form[:] = 0.0
            for column in range(m):
                _add_lags(form, lag, drawn[column], summed[column], row, slopes[here, column])
            _replace_own(form, drawn, row, slopes[here], head[unit], link)
            low, high = observed[here] - tolerance[here], observed[here] + tolerance[here]
            _count(form[:size], low, high, counts[unit], reached[unit], made, stop_after)
        if not busy:
            break
    return counts.T, reached.T
