"""When a count changed its level: change points of weekly counts, with intervals.

The levels are constant between changes, and the counts around them are as noisy and as slow
as they are found to be. Cuts minimise the Poisson deviance plus a penalty for each (Jackson
et al. 2005; Killick, Fearnhead and Eckley 2012); the penalty is the one at which series of
the same noise and no change rarely show any, found by simulating them. A date's interval
comes from its posterior between the neighbouring changes, all dates being alike before.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.special import gammaln, xlogy

from arrest_atlas.tables.intervals import LEVEL

__all__ = ["Change", "Levels", "Noise", "change_points", "noise_of"]

FEWEST: Final = 3
"""Weeks that a level lasts at least."""

_REPLICATES: Final = 199
_MOST_CUTS: Final = 3
_DRAWS: Final = 4_000
_MOST_MEMORY: Final = 0.8
_TAIL: Final = 0.2
_PASSES: Final = 3
_ENDS: Final = 1.645
"""Standard errors from a normal estimate to the ends of its interval."""

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class Noise:
    """How counts vary around their level.

    Attributes
    ----------
    spread : float
        Variance over mean, at least 1.
    memory : float
        Correlation of a week with the next, from 0 to 0.8.
    """

    spread: float
    memory: float

    @property
    def of_means(self) -> float:
        """Variance over mean of long sums, which memory widens."""
        return self.spread * (1 + self.memory) / (1 - self.memory)


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
    noise : Noise
        Around the levels.
    """

    changes: tuple[Change, ...]
    means: tuple[float, ...]
    noise: Noise


def change_points(
    counts: npt.ArrayLike, *, error: float = 0.05, rng: np.random.Generator
) -> Levels:
    """Find the changes of level of weekly counts.

    Parameters
    ----------
    counts : array_like of float
        Arrests by week, missing where they are not known.
    error : float, default 0.05
        How often a series without a change may show any.
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
    cuts: list[int] = []
    noise = noise_of(series)
    for _ in range(_PASSES):
        doubted = _doubted(noise, len(series))
        penalty = _penalty(series, doubted, error, rng)
        found = _best_cuts(series, doubted.of_means * penalty)
        if found == cuts:
            break
        # Differences across a change are no noise: without them it is measured better.
        cuts, noise = found, noise_of(series, found)
    if cuts:
        noise = _around(series, cuts)
    means = [_mean(series[one:other]) for one, other in _between(cuts, len(series))]
    ends = [0, *cuts, len(series)]
    triples = zip(ends, ends[1:], ends[2:], strict=False)
    changes = tuple(
        _dated(series, before, at, after, noise, rng)
        for before, at, after in triples
    )
    return Levels(changes=changes, means=tuple(means), noise=noise)


def noise_of(counts: npt.ArrayLike, cuts: list[int] | None = None) -> Noise:
    """Measure noise by differences of weeks one and two apart, which levels do not touch.

    Parameters
    ----------
    counts : array_like of float
        Arrests by week, perhaps missing.
    cuts : list of int, optional
        First weeks of new levels, across which nothing is compared.

    Returns
    -------
    Noise
        Of an autoregressive series, variances of such differences stand as 1 to 1 + memory.
    """
    spread, memory = _noises(np.atleast_2d(np.asarray(counts, dtype=np.float64)), cuts or [])
    return Noise(spread=float(spread[0]), memory=float(memory[0]))


def _around(series: Floats, cuts: list[int]) -> Noise:
    """Measure noise around known levels, better than by differences."""
    means = np.concatenate(
        [np.full(other - one, _mean(series[one:other])) for one, other in _between(cuts, len(series))]
    )
    left = (series - means) / np.sqrt(np.maximum(means, 1e-9))
    known = int((~np.isnan(left)).sum())
    squares = float(np.nansum(left**2))
    freedom = max(known - len(cuts) - 1, 1)
    pairs = left[1:] * left[:-1]
    share = float(np.nanmean(pairs)) * known / squares if squares > 0 else 0.0
    # Levels that were fitted take memory with them (Marriott and Pope 1954).
    memory = share + (1 + 3 * share) * (len(cuts) + 1) / known
    return Noise(
        spread=max(1.0, squares / freedom), memory=float(np.clip(memory, 0, _MOST_MEMORY))
    )


def _noises(series: Floats, cuts: list[int]) -> tuple[Floats, Floats]:
    level = np.searchsorted(cuts, np.arange(series.shape[1]), side="right")
    ratios, squares = [], []
    for apart in (1, 2):
        one, other = series[:, :-apart], series[:, apart:]
        valid = ~np.isnan(one + other) & (level[:-apart] == level[apart:])
        square = np.where(valid, (other - one) ** 2, 0.0).sum(axis=1)
        whole = np.where(valid, one + other, 0.0).sum(axis=1)
        squares.append(square / np.maximum(valid.sum(axis=1), 1))
        ratios.append(np.divide(square, whole, out=np.ones_like(square), where=whole > 0))
    share = np.divide(squares[1], squares[0], out=np.ones_like(squares[0]), where=squares[0] > 0)
    memory = np.clip(share - 1, 0, _MOST_MEMORY)
    return np.maximum(ratios[0] / (1 - memory), 1.0), memory


def _doubted(noise: Noise, weeks: int) -> Noise:
    """Take memory at the upper end of its interval: too little would make changes of noise."""
    memory = min(_MOST_MEMORY, noise.memory + _ENDS / weeks**0.5)
    return Noise(spread=noise.spread * (1 - noise.memory) / (1 - memory), memory=memory)


def _between(cuts: list[int], n: int) -> list[tuple[int, int]]:
    return list(zip([0, *cuts], [*cuts, n], strict=True))


def _mean(series: Floats) -> float:
    return float(np.nanmean(series)) if np.isfinite(series).any() else float("nan")


def _sums(series: Floats) -> tuple[Floats, Integers]:
    """Cumulate arrests and known weeks, from 0 on."""
    known = ~np.isnan(series)
    arrests = np.cumsum(np.where(known, series, 0.0), axis=-1)
    weeks = np.cumsum(known if known.ndim == 1 else known[0])
    pad = [(0, 0)] * (series.ndim - 1) + [(1, 0)]
    return np.pad(arrests, pad), np.pad(weeks, (1, 0)).astype(np.int64)


def _costs(arrests: Floats, weeks: Integers, end: int) -> Floats:
    """Deviances, up to a constant, of levels that begin anywhere and stop before a week."""
    events = arrests[..., end, None] - arrests[..., :end]
    exposure = weeks[end] - weeks[:end]
    costs: Floats = -2 * (xlogy(events, events) - xlogy(events, np.maximum(exposure, 1)))
    costs[..., exposure < FEWEST] = np.inf
    return costs


def _best_cuts(series: Floats, penalty: float) -> list[int]:
    """Find the cuts of least deviance and penalties, by dynamic programming."""
    arrests, weeks = _sums(series)
    n = len(series)
    best, origin = np.full(n + 1, np.inf), np.zeros(n + 1, dtype=np.int64)
    best[0] = 0.0
    for end in range(1, n + 1):
        totals = best[:end] + _costs(arrests, weeks, end) + penalty * (np.arange(end) > 0)
        origin[end] = int(np.argmin(totals))
        best[end] = totals[origin[end]]
    cuts: list[int] = []
    at = n if np.isfinite(best[n]) else 0
    while (at := int(origin[at])) > 0:
        cuts.insert(0, at)
    return cuts


def _penalty(series: Floats, noise: Noise, error: float, rng: np.random.Generator) -> float:
    """Find the penalty at which series of this noise and one level show changes rarely."""
    made = _steady(series, noise, rng)
    noises = (_doubted(noise_of(each), len(series)) for each in made)
    gains = _gains(made) / np.array([each.of_means for each in noises])
    # Gains have an exponential tail, by which small errors are reached with few replicates.
    start = float(np.quantile(gains, 1 - _TAIL))
    excess = float((gains[gains > start] - start).mean()) if (gains > start).any() else 0.0
    return start + excess * max(0.0, float(np.log(_TAIL / error)))


def _steady(series: Floats, noise: Noise, rng: np.random.Generator) -> Floats:
    """Make series up: Poisson around a log-normal autoregressive level of constant mean."""
    mean, n = max(_mean(series), 0.01), len(series)
    varied = (noise.spread - 1) / mean
    shocks = rng.standard_normal((_REPLICATES, n))
    level = np.full((_REPLICATES, n), mean)
    if varied > 0:
        kept = min(0.99, noise.memory * noise.spread / (noise.spread - 1))
        log_variance = np.log1p(varied)
        log_kept = np.log1p(kept * varied) / log_variance
        for week in range(1, n):
            shocks[:, week] *= np.sqrt(1 - log_kept**2)
            shocks[:, week] += log_kept * shocks[:, week - 1]
        level = mean * np.exp(np.sqrt(log_variance) * shocks - log_variance / 2)
    made = rng.poisson(np.minimum(level, 1e9)).astype(np.float64)
    made[:, np.isnan(series)] = np.nan
    return made


def _gains(made: Floats) -> Floats:
    """Tell the largest penalty at which each series would show a change."""
    arrests, weeks = _sums(made)
    n = made.shape[1]
    best = np.full((_MOST_CUTS + 1, len(made), n + 1), np.inf)
    best[0, :, 0] = 0.0
    for end in range(1, n + 1):
        costs = _costs(arrests, weeks, end)
        best[0, :, end] = costs[:, 0]
        if end == 1:
            continue
        for cuts in range(1, _MOST_CUTS + 1):
            best[cuts, :, end] = (best[cuts - 1, :, 1:end] + costs[:, 1:]).min(axis=1)
    whole = best[:, :, n]
    with np.errstate(invalid="ignore"):
        each = [(whole[0] - whole[cuts]) / cuts for cuts in range(1, _MOST_CUTS + 1)]
    return np.nan_to_num(np.max(each, axis=0), nan=0.0, neginf=0.0)


def _dated(
    series: Floats, before: int, at: int, after: int, noise: Noise, rng: np.random.Generator
) -> Change:
    """Date a change between its neighbours, and compare the levels over all its dates."""
    arrests, weeks = _sums(series[before:after])
    places = np.arange(1, after - before)
    events = np.stack([arrests[places], arrests[-1] - arrests[places]]) / noise.of_means + 0.5
    exposure = np.stack([weeks[places], weeks[-1] - weeks[places]]) / noise.of_means
    possible = (exposure * noise.of_means >= FEWEST).all(axis=0)
    places, events, exposure = places[possible], events[:, possible], exposure[:, possible]
    evidence = (gammaln(events) - events * np.log(exposure)).sum(axis=0)
    chance = np.exp(evidence - evidence.max())
    chance /= chance.sum()
    low, high = _shortest(chance)
    drawn = rng.choice(len(places), size=_DRAWS, p=chance)
    old, new = rng.gamma(events[:, drawn]) / exposure[:, drawn]
    ratios = np.quantile(new / old, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    left, right = _mean(series[before:at]), _mean(series[at:after])
    return Change(
        at=at,
        first=before + int(min(places[low], at - before)),
        last=before + int(max(places[high], at - before)),
        ratio=right / left if left > 0 else float("inf"),
        low=float(ratios[0]),
        high=float(ratios[1]),
    )


def _shortest(chance: Floats) -> tuple[int, int]:
    """Find the shortest stretch with a probability of `LEVEL`, of these the likeliest."""
    until = np.concatenate([[0.0], np.cumsum(chance)])
    ends = np.searchsorted(until, until[:-1] + LEVEL - 1e-12)
    fits = ends < len(until)
    starts, ends = np.flatnonzero(fits), ends[fits]
    order = np.lexsort([-(until[ends] - until[starts]), ends - starts])
    return int(starts[order[0]]), int(ends[order[0]]) - 1
