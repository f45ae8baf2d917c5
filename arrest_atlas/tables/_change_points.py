"""When a count changed its level: change points of weekly counts, with intervals.

Levels are constant between changes; around a level the weeks are independent and negative
binomial, so that the noise grows with the level as operations do. Cuts minimise the deviance
plus a penalty for each (Jackson et al. 2005; Killick, Fearnhead and Eckley 2012); the penalty
is the one at which series of the same noise and one level rarely show any, found by
simulating them. The interval of a date comes from its posterior between the neighbouring
changes, all dates being alike before.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.special import betaln, xlogy

from arrest_atlas.tables.intervals import LEVEL

__all__ = ["FEWEST", "LEAST", "Change", "Levels", "change_points", "clearness"]

FEWEST: Final = 3
"""Weeks that a level lasts at least."""

LEAST: Final = 1.25
"""Ratio of levels, up or down, that is exceeded with some certainty in every change."""

_REPLICATES: Final = 499
_MOST_CUTS: Final = 3
_DRAWS: Final = 4_000
_TAIL: Final = 0.2
_PASSES: Final = 3
_MOST_MEMORY: Final = 0.8
_SIZES: Final = np.geomspace(0.1, 1e6, 57)
"""Sizes of the negative binomial that are told apart; the last is as good as Poisson."""

_MIDDLE: Final = 0.4549
"""Median of the square of a standard normal number."""

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class Change:
    """A change of level.

    Attributes
    ----------
    at : int
        Number of the first week of the new level.
    first, last : int
        Weeks between which it lies with probability `LEVEL`.
    ratio, low, high : float
        New level over old, with the interval of coverage `LEVEL` over all dates.
    """

    at: int
    first: int
    last: int
    ratio: float
    low: float
    high: float


@dataclass(frozen=True, kw_only=True)
class Levels:
    """Levels of a series and the changes between them.

    Attributes
    ----------
    changes : tuple of Change
        In order of time.
    means : tuple of float
        Arrests a week between them, one more than changes.
    variation : float
        Standard deviation over mean of a high level's weeks; 0 where they vary as Poisson's.
    memory : float
        Correlation of a week with the next around the levels, from 0 to 0.8, by which
        intervals are widened.
    """

    changes: tuple[Change, ...]
    means: tuple[float, ...]
    variation: float
    memory: float


def change_points(
    counts: npt.ArrayLike, *, error: float = 0.05, rng: np.random.Generator
) -> Levels:
    """Find the changes of level of weekly counts.

    Parameters
    ----------
    counts : array_like of float
        Arrests by week, missing where they are not known.
    error : float, default 0.05
        How often a series of independent weeks without a change may show any.
    rng : numpy.random.Generator
        Source of randomness.

    Returns
    -------
    Levels
        No change where there are too few weeks for two levels.

    Examples
    --------
    >>> weeks = np.random.default_rng(1).poisson([20] * 20 + [60] * 20)
    >>> found = change_points(weeks, rng=np.random.default_rng(0))
    >>> [(change.at, change.first, change.last) for change in found.changes]
    [(20, 20, 20)]
    """
    series = np.asarray(counts, dtype=np.float64)
    if (~np.isnan(series)).sum() < 2 * FEWEST:
        return Levels(changes=(), means=(_mean(series),), variation=0.0, memory=0.0)
    cuts: list[int] = []
    size = float(_sizes(series[None], [], robust=True)[0])
    for number in range(_PASSES):
        # Never below Schwarz's criterion for a level and a date, which spares most simulations.
        penalty = 2 * float(np.log(len(series)))
        if _gains(series[None], np.array([size]))[0] > penalty:
            penalty = max(penalty, _penalty(series, size, error, rng, robust=number == 0))
        found = _best_cuts(series, size, penalty)
        if found == cuts:
            break
        # Differences across a change are no noise: without them it is measured better.
        cuts, size = found, float(_sizes(series[None], found, robust=False)[0])
    while True:
        memory = _memory(series, cuts, size)
        changes = [
            _dated(series, ends, size, memory, rng)
            for ends in zip([0, *cuts], cuts, [*cuts[1:], len(series)], strict=False)
        ]
        small = [change for change in changes if clearness(change) < LEAST]
        if not small:
            break
        cuts.remove(min(small, key=clearness).at)
    means = tuple(_mean(series[one:other]) for one, other in pairwise([0, *cuts, len(series)]))
    variation = 0.0 if size >= _SIZES[-2] else size**-0.5
    return Levels(changes=tuple(changes), means=means, variation=variation, memory=memory)


def clearness(change: Change) -> float:
    """Tell the ratio, up or down, that a change exceeds with some certainty.

    Parameters
    ----------
    change : Change
        Of level.

    Returns
    -------
    float
        The end of its interval that is nearer to 1, above 1 for rises and falls alike.
    """
    if change.ratio >= 1:
        return change.low
    return 1 / change.high if change.high > 0 else float("inf")


def _mean(series: Floats) -> float:
    return float(np.nanmean(series)) if np.isfinite(series).any() else float("nan")


def _sizes(series: Floats, cuts: list[int], *, robust: bool) -> Floats:
    """Measure noise by the differences of weeks that follow each other within a level.

    Their squares are what the negative binomial's variance lets expect: in the median, which
    unknown changes hardly touch, or on average.
    """
    level = np.searchsorted(cuts, np.arange(series.shape[1]), side="right")
    one, other = series[:, :-1], series[:, 1:]
    valid = ~np.isnan(one + other) & (level[:-1] == level[1:])
    square = np.where(valid, (other - one) ** 2, np.nan)
    whole = np.where(valid, one + other, np.nan)
    variance = np.maximum(whole + whole**2 / (2 * _SIZES[:, None, None]), 1e-9)
    kept = valid.any(axis=0)
    if not kept.any():
        return np.full(len(series), _SIZES[-1])
    shares = (square / variance)[..., kept]
    middle = np.nanmedian(shares, axis=2) / _MIDDLE if robust else np.nanmean(shares, axis=2)
    # The share grows with the size: the first size that leaves too much is the one.
    sizes: Floats = _SIZES[np.minimum((middle < 1).sum(axis=0), len(_SIZES) - 1)]
    return sizes


def _memory(series: Floats, cuts: list[int], size: float) -> float:
    """Correlate weeks with the next around the levels."""
    ends = [0, *cuts, len(series)]
    means = np.concatenate([np.full(b - a, _mean(series[a:b])) for a, b in pairwise(ends)])
    left = (series - means) / np.sqrt(np.maximum(means + means**2 / size, 1e-9))
    known, squares = int((~np.isnan(left)).sum()), float(np.nansum(left**2))
    pairs = left[1:] * left[:-1]
    if squares == 0 or np.isnan(pairs).all():
        return 0.0
    share = float(np.nanmean(pairs)) * known / squares
    # Levels that were fitted take memory with them (Marriott and Pope 1954).
    return float(np.clip(share + (1 + 3 * share) * (len(cuts) + 1) / known, 0, _MOST_MEMORY))


def _sums(series: Floats) -> tuple[Floats, Integers]:
    """Cumulate arrests and known weeks, from 0 on."""
    known = ~np.isnan(series)
    arrests = np.cumsum(np.where(known, series, 0.0), axis=-1)
    weeks = np.cumsum(known if known.ndim == 1 else known[0])
    pad = [(0, 0)] * (series.ndim - 1) + [(1, 0)]
    return np.pad(arrests, pad), np.pad(weeks, (1, 0)).astype(np.int64)


def _costs(arrests: Floats, weeks: Integers, end: int, size: Floats | float) -> Floats:
    """Deviances, up to a constant, of levels that begin anywhere and stop before a week."""
    events = arrests[..., end, None] - arrests[..., :end]
    exposure = np.maximum(weeks[end] - weeks[:end], 1)
    mean = events / exposure
    most = np.asarray(size)[..., None]
    costs: Floats = -2 * (
        xlogy(events, mean) - (events + most * exposure) * np.log1p(mean / most)
        - events * np.log(most)
    )  # fmt: skip
    costs[..., weeks[end] - weeks[:end] < FEWEST] = np.inf
    return costs


def _best_cuts(series: Floats, size: float, penalty: float) -> list[int]:
    """Find the cuts of least deviance and penalties, by dynamic programming."""
    arrests, weeks = _sums(series)
    n = len(series)
    best, origin = np.full(n + 1, np.inf), np.zeros(n + 1, dtype=np.int64)
    best[0] = 0.0
    for end in range(1, n + 1):
        totals = best[:end] + _costs(arrests, weeks, end, size) + penalty * (np.arange(end) > 0)
        origin[end] = int(np.argmin(totals))
        best[end] = totals[origin[end]]
    cuts: list[int] = []
    at = n if np.isfinite(best[n]) else 0
    while (at := int(origin[at])) > 0:
        cuts.insert(0, at)
    return cuts


def _penalty(
    series: Floats, size: float, error: float, rng: np.random.Generator, *, robust: bool
) -> float:
    """Find the penalty at which series of this noise and one level show changes rarely."""
    mean = max(_mean(series), 0.01)
    share = size / (size + mean)
    made = rng.negative_binomial(size, share, (_REPLICATES, len(series))).astype(np.float64)
    made[:, np.isnan(series)] = np.nan
    gains = _gains(made, _sizes(made, [], robust=robust))
    # Gains have an exponential tail, by which small errors are reached with few replicates.
    start = float(np.quantile(gains, 1 - _TAIL))
    excess = float((gains[gains > start] - start).mean()) if (gains > start).any() else 0.0
    return start + excess * max(0.0, float(np.log(_TAIL / error)))


def _gains(made: Floats, sizes: Floats) -> Floats:
    """Tell the largest penalty at which each series would show a change."""
    arrests, weeks = _sums(made)
    n = made.shape[1]
    best = np.full((_MOST_CUTS + 1, len(made), n + 1), np.inf)
    best[0, :, 0] = 0.0
    for end in range(1, n + 1):
        costs = _costs(arrests, weeks, end, sizes)
        best[0, :, end] = costs[:, 0]
        for cuts in range(1, _MOST_CUTS + 1 if end > 1 else 0):
            best[cuts, :, end] = (best[cuts - 1, :, 1:end] + costs[:, 1:]).min(axis=1)
    whole = best[:, :, n]
    with np.errstate(invalid="ignore"):
        each = [(whole[0] - whole[cuts]) / cuts for cuts in range(1, _MOST_CUTS + 1)]
    gains: Floats = np.nan_to_num(np.max(each, axis=0), nan=0.0, neginf=0.0)
    return gains


def _dated(
    series: Floats, ends: tuple[int, int, int], size: float, memory: float,
    rng: np.random.Generator,
) -> Change:  # fmt: skip
    """Date a change between its neighbours, and compare the levels over all its dates."""
    before, at, after = ends
    arrests, weeks = _sums(series[before:after])
    places = np.arange(1, after - before)
    known = np.stack([weeks[places], weeks[-1] - weeks[places]])
    possible = (known >= FEWEST).all(axis=0)
    places, known = places[possible], known[:, possible]
    # Weeks that remember each other tell less than as many that do not.
    fewer = (1 - memory) / (1 + memory)
    events = np.stack([arrests[places], arrests[-1] - arrests[places]]) * fewer + 0.5
    exposure = known * fewer * size
    evidence = betaln(events, exposure).sum(axis=0)
    chance = np.exp(evidence - evidence.max())
    chance /= chance.sum()
    low, high = _shortest(chance)
    drawn = rng.choice(len(places), size=_DRAWS, p=chance)
    old, new = rng.gamma(events[:, drawn]) / rng.gamma(exposure[:, drawn])
    ratios = np.quantile(new / old, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    left, right = _mean(series[before:at]), _mean(series[at:after])
    return Change(
        at=at,
        first=min(before + int(places[low]), at),
        last=max(before + int(places[high]), at),
        ratio=right / left if left > 0 else float("inf"),
        low=float(ratios[0]),
        high=float(ratios[1]),
    )


def _shortest(chance: Floats) -> tuple[int, int]:
    """Find the shortest stretch with a probability of `LEVEL`, of these the likeliest."""
    until = np.concatenate([[0.0], np.cumsum(chance)])
    ends = np.searchsorted(until, until[:-1] + LEVEL - 1e-12)
    starts = np.flatnonzero(ends < len(until))
    ends = ends[starts]
    order = np.lexsort([-(until[ends] - until[starts]), ends - starts])
    return int(starts[order[0]]), int(ends[order[0]]) - 1
