"""Sums over k neighbours, all neighbours alike: one set of permutations for every unit.

Where the weights of a row are equal, the sum over a unit's neighbours under conditional
randomisation is a sum of k values drawn from the other units', and depends on the unit
by k and by which value is left out. So the first values of one random order of all units
serve every unit: its sum is that of the first k. Where the unit itself is among them, the
next value stands in for it, which makes the k values a random draw from the others. A
permuted sum is then looked up among the sorted observed sums of the units with k
neighbours. The cost is about permutations x (largest k + number of different k), whatever
the number of units.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from spatial_models._kernels.compile import compiled
from spatial_models._kernels.random import draw_below, open_stream

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Counts = npt.NDArray[np.int32]


@compiled
def fill_buckets(sums: Floats, starts: Integers, scale: Floats, buckets: Integers) -> None:
    """Divide the range of each class's sorted sums, and note where each part begins."""
    for group in range(starts.size - 1):
        start, stop = starts[group], starts[group + 1]
        place = start
        for part in range(stop - start):
            while place < stop and int((sums[place] - sums[start]) * scale[group]) < part:
                place += 1
            buckets[start + group + part] = place
        buckets[stop + group] = stop


@compiled
def _count_up_to(
    value: float, sums: Floats, start: int, stop: int, scale: float, buckets: Integers, base: int
) -> int:
    """Count the sorted sums from `start` to `stop` that are at most `value`."""
    if value < sums[start]:
        return 0
    if value >= sums[stop - 1]:
        return stop - start
    bucket = base + int((value - sums[start]) * scale)
    left, right = buckets[bucket], buckets[bucket + 1]
    while left < right:
        middle = (left + right) // 2
        if sums[middle] <= value:
            left = middle + 1
        else:
            right = middle
    return int(left - start)


@compiled
def count_permutations(
    values: Floats,
    degree: Integers,
    limits: Floats,
    sizes: Integers,
    sums: Floats,
    starts: Integers,
    scale: Floats,
    buckets: Integers,
    far: float,
    permutations: int,
    seed: np.uint64,
    number: int,
) -> tuple[Counts, Counts, Counts]:
    """Make one piece of the permutations and look their sums up.

    `limits` (2, n) are the least and the largest sums that count as equal to the observed
    one of each unit; `sums`, `scale` and `buckets` belong to the two in turn, sorted by
    class. Returns, for each class and rank, how many permuted sums reach just so many of
    the least ones, and how many surpass just so many of the largest; and for each unit by
    how much its counts of sums at least and at most as large differ from those of its
    class, where its own value was drawn. A value beyond `far` is not taken off a sum.
    """
    n, groups = values.size, sizes.size
    drawn = sizes[groups - 1] + 1
    reach = np.zeros(n + groups, dtype=np.int32)
    surpass = np.zeros(n + groups, dtype=np.int32)
    own = np.zeros((2, n), dtype=np.int32)
    order = np.arange(n).astype(np.int32)
    prefix = np.zeros(drawn + 1)
    state = open_stream(seed, number)
    for _ in range(permutations):
        # The first steps of a Fisher-Yates shuffle give a random beginning to any order.
        total = 0.0
        for place in range(drawn):
            state, step = draw_below(state, np.uint64(n - place))
            unit = order[place + step]
            order[place + step] = order[place]
            order[place] = unit
            total += values[unit]
            prefix[place + 1] = total
        for group in range(groups):
            start, stop, base = starts[group], starts[group + 1], starts[group] + group
            total = prefix[sizes[group]]
            at = _count_up_to(total, sums[0], start, stop, scale[0, group], buckets[0], base)
            reach[base + at] += 1
            # No more of the largest lie below than of the least, and mostly as many.
            if at > 0 and sums[1, start + at - 1] >= total:
                below = np.nextafter(total, -np.inf)
                at = _count_up_to(below, sums[1], start, stop, scale[1, group], buckets[1], base)
            surpass[base + at] += 1
        for place in range(drawn - 1):
            unit = order[place]
            k = degree[unit]
            if place < k:
                old, new = prefix[k], prefix[k + 1] - values[unit]
                if abs(values[unit]) > far:
                    new = 0.0
                    for other in range(k + 1):
                        if other != place:
                            new += values[order[other]]
                least, largest = limits[0, unit], limits[1, unit]
                own[0, unit] += int(new >= least) - int(old >= least)
                own[1, unit] += int(new <= largest) - int(old <= largest)
    return reach, surpass, own
