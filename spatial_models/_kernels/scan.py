"""Kulldorff's scan: running counts of many replicates side by side, likelihoods where they matter.

A window is a place and its nearest others up to some distance. Its cases in 64 replicates
stand in a row, and one addition a replicate leads to the next larger window. For most
windows it is enough to see that all counts of the row lie between two bounds, which the
processor does several at a time; the likelihood is computed only for a count that could
exceed the largest likelihood so far of its replicate.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from spatial_models._kernels.compile import compiled

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Counts = npt.NDArray[np.int32]

LANES = 64
"""Replicates that are scanned side by side; no result depends on it."""


@compiled
def lay_out_windows(
    apart: Floats,
    order: Integers,
    population: Floats,
    limit: float,
    rate: float,
    reach: Floats,
    tolerance: float,
    places: Counts,
    starts: Integers,
    expected: Floats,
    distances: Floats,
) -> int:
    """Write down the windows around some centres, one after another, and count them.

    Parameters
    ----------
    apart, order : numpy.ndarray, shape (centres, n)
        Distances of all places from each centre, and the places from near to far.
    population : numpy.ndarray of float, shape (n,)
        People of each place.
    limit : float
        Most people of a window.
    rate : float
        Expected cases a person.
    reach : numpy.ndarray of float, shape (centres,)
        Distance that a window's places lie within.
    tolerance : float
        Distances that differ by no more are equal: their places enter together.
    places, starts, expected, distances : numpy.ndarray
        Filled as `raise_maxima` and `find_best` read them.
    """
    size = count = 0
    starts[0] = 0
    n = order.shape[1]
    for centre in range(order.shape[0]):
        people, last = 0.0, size
        for step in range(n):
            place = order[centre, step]
            distance = apart[centre, place]
            people += population[place]
            if people > limit or distance >= reach[centre] - tolerance:
                break
            position = starts[centre] + step
            places[position], distances[position] = place, distance
            expected[position] = 0.0
            if step + 1 == n or apart[centre, order[centre, step + 1]] - distance > tolerance:
                expected[position] = people * rate
                last = position + 1
                count += 1
        size = last
        starts[centre + 1] = size
    return count


@compiled
def log_likelihood_ratio(cases: float, expected: float, total: float) -> float:
    """Compare a rate inside and another outside with one everywhere (Kulldorff 1997).

    `expected` is above 0 and below `total`.
    """
    ratio = 0.0
    if cases > 0.0:
        ratio += cases * np.log(cases / expected)
    if cases < total:
        ratio += (total - cases) * np.log((total - cases) / (total - expected))
    return max(ratio, 0.0)


@compiled
def bound_counts(
    expected: Floats,
    level: float,
    total: float,
    hot: bool,
    cold: bool,
    fewest: Counts,
    widths: Counts,
) -> None:
    """Find counts between which the likelihood ratio does not exceed a level.

    From `fewest` to `widths` above it; what lies outside may exceed it.
    """
    slack = 1e-9 * (total + 1.0)  # more than the error of an expected count
    share = 2.0 * level / total
    least = total * -np.expm1(-level / total)  # below, even no case at all is too likely
    for window in range(expected.size):
        middle = expected[window]
        flat = 1.0 - middle / total
        below, above = 0.0, total
        reach = 2.0 * level * middle * flat
        tilt = level * (flat - middle / total)
        root = np.sqrt(tilt * tilt + (1.0 + share) * reach)
        if hot and middle > 0.0:
            above = middle + min(np.sqrt(reach), (root + tilt) / (1.0 + share))
            above = np.floor(min(above, total) - slack)
        if cold and middle > least:
            below = max(np.ceil(middle - (root - tilt) / (1.0 + share) + slack), 0.0)
        if above < below:
            above = below = total + 1.0  # no count is spared the look
        fewest[window] = np.int32(below)
        widths[window] = np.int32(above - below)


@compiled
def _look(
    inside: Counts, expected: float, total: float, hot: bool, cold: bool, largest: Floats
) -> None:
    """Raise the maxima of replicates whose likelihood ratio exceeds them."""
    spread = expected * (1.0 - expected / total)
    found: np.bool_ = np.bool_(0)
    for lane in range(LANES):
        count = np.float64(inside[lane])
        apart = count - expected
        narrow = min(count * (1.0 - count / total), spread)
        found |= apart * apart > 1.999999 * narrow * largest[lane]
    if not found:
        return
    for lane in range(LANES):
        count = np.float64(inside[lane])
        apart = count - expected
        narrow = min(count * (1.0 - count / total), spread)
        if apart * apart > 1.999999 * narrow * largest[lane] and (hot if apart > 0.0 else cold):
            largest[lane] = max(largest[lane], log_likelihood_ratio(count, expected, total))


@compiled
def raise_maxima(
    places: Counts,
    starts: Integers,
    expected: Floats,
    cases: Counts,
    total: int,
    hot: bool,
    cold: bool,
    maxima: Floats,
) -> None:
    """Raise the largest likelihood ratio of each replicate by those of more windows.

    Parameters
    ----------
    places, starts : numpy.ndarray of int, shape (m,) and (centres + 1,)
        Places in the order in which they enter the windows of each centre.
    expected : numpy.ndarray of float, shape (m,)
        Expected cases of the window that ends with each, at most half of all; 0 where no
        window ends.
    cases : numpy.ndarray of int32, shape (blocks, n, LANES)
        Cases of the replicates.
    total : int
        Cases of each replicate.
    hot, cold : bool
        Whether windows with more, and with fewer cases than expected count.
    maxima : numpy.ndarray of float, shape (blocks, LANES)
        Changed in place.

    Notes
    -----
    The likelihood ratio is `total` times the relative entropy of p = count / total against
    q = expected / total. That is the integral of (p - x) / (x (1 - x)) from q to p, so at
    most (p - q)^2 / 2 over the smaller of p (1 - p) and q (1 - q). Solved for the count,
    this gives counts between which no replicate of a block can exceed its maximum.
    """
    longest = 0
    for centre in range(starts.size - 1):
        longest = max(longest, starts[centre + 1] - starts[centre])
    fewest, widths = np.empty(longest, dtype=np.int32), np.empty(longest, dtype=np.int32)
    inside = np.empty(LANES, dtype=np.int32)
    for block in range(cases.shape[0]):
        replicates, largest = cases[block], maxima[block]
        for centre in range(starts.size - 1):
            start, stop = starts[centre], starts[centre + 1]
            bound_counts(
                expected[start:stop], largest.min(), float(total), hot, cold, fewest, widths
            )
            inside[:] = 0
            for window in range(stop - start):
                row = replicates[places[start + window]]
                least, width = fewest[window], np.uint32(widths[window])
                found: np.bool_ = np.bool_(0)
                for lane in range(LANES):
                    inside[lane] += row[lane]
                    found |= np.uint32(inside[lane] - least) > width
                if found:
                    _look(inside, expected[start + window], float(total), hot, cold, largest)


@compiled
def find_best(
    places: Counts,
    starts: Integers,
    expected: Floats,
    distances: Floats,
    cases: Integers,
    total: int,
    hot: bool,
    cold: bool,
    ratios: Floats,
    radii: Floats,
) -> None:
    """Find the window of the largest likelihood ratio around each centre.

    Parameters
    ----------
    places, starts, expected, total, hot, cold
        As in `raise_maxima`.
    distances : numpy.ndarray of float, shape (m,)
        Distance of each place from its centre.
    cases : numpy.ndarray of int64, shape (n,)
        Cases that were observed.
    ratios, radii : numpy.ndarray of float, shape (centres,)
        Filled: the ratio, 0 where there is no such window, and the window's radius.
    """
    everything = float(total)
    for centre in range(starts.size - 1):
        inside, best, radius = 0, 0.0, 0.0
        for window in range(starts[centre], starts[centre + 1]):
            inside += cases[places[window]]
            count, middle = float(inside), expected[window]
            if middle > 0.0 and ((hot and count > middle) or (cold and count < middle)):
                ratio = log_likelihood_ratio(count, middle, everything)
                if ratio > best * (1.0 + 1e-12):  # of equal ones, the smaller
                    best, radius = ratio, distances[window]
        ratios[centre], radii[centre] = best, radius
