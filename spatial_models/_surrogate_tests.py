"""A measure of two maps against surrogates of the second."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, Literal

import numpy as np

from spatial_models._p_values import permutation_p
from spatial_models._tested import ROUNDING, Bools, Floats
from spatial_models.association import Measure, NoPValue, PValue, SurrogateP
from spatial_models.surrogate_maps import Family

NO_SURROGATES: Final = NoPValue(reason="no surrogate maps were drawn")
DESCRIPTIVE: Final = NoPValue(reason="descriptive, no test of it is known to hold its level")

Statistic = Callable[[Floats, Bools], Floats]
"""From scores and hot sets of k second maps, (k, n) each, to the measure, (k,)."""


def measure(name: str, label: str, draws: Floats, p: PValue = DESCRIPTIVE) -> Measure:
    """Sum a measure up over the draws of the first map in which it is defined."""
    known = draws[~np.isnan(draws)]
    if not known.size:
        nothing = float("nan")
        return Measure(name=name, label=label, estimate=nothing, low=nothing, high=nothing, p=p)
    estimate, low, high = float(known.mean()), float("nan"), float("nan")
    if draws.size > 1:
        # A few draws far off move the mean beyond the others: the interval must hold it.
        low, high = (float(end) for end in np.quantile(known, [0.05, 0.95]))
        low, high = min(low, estimate), max(high, estimate)
    return Measure(name=name, label=label, estimate=estimate, low=low, high=high, p=p)


def agreements(first: Bools, second: Bools) -> Floats:
    """Cohen's kappa of each set (m, n) with a second one (1, n), as (m,).

    Where some are defined, a set without a kappa (empty, or full) agrees with nothing: 0.
    """
    each = kappas(first, second)[:, 0]
    return each if np.isnan(each).all() else np.nan_to_num(each)


def surrogate_p(
    statistic: Statistic,
    observed: float,
    scores: Mapping[Family, Floats],
    hot: Mapping[Family, Bools],
    *,
    alternative: Literal["two-sided", "greater"],
) -> SurrogateP:
    """Set a measure against surrogate maps: the larger p-value of the families.

    What cannot be measured (an empty hot set) is no evidence: p = 1.
    """
    p: dict[Family, float] = {}
    means = []
    nothing = np.zeros((0, 0), dtype=bool)  # to measures that do not ask for hot sets
    for family, maps in scores.items():
        null = statistic(maps, hot.get(family, nothing))
        means.append(null.mean())
        p[family] = 1.0 if np.isnan(observed) else _tail(observed, null, alternative)
    return SurrogateP(
        p=max(p.values()),
        moran=p.get("moran"),
        kernel=p.get("kernel"),
        alternative=alternative,
        surrogates=len(next(iter(scores.values()))),
        expected=float(np.mean(means)),
    )


def _tail(observed: float, null: Floats, alternative: Literal["two-sided", "greater"]) -> float:
    tolerance = ROUNDING * max(np.abs(null).max(initial=0), abs(observed))
    at_least = np.array([(null >= observed - tolerance).sum()])
    at_most = np.array([(null <= observed + tolerance).sum()])
    return float(permutation_p(at_least, at_most, null.size, alternative)[0])


def kappas(first: Bools, second: Bools) -> Floats:
    """Cohen's kappa of each of the sets (m, n) with each of the others (k, n), as (m, k).

    NaN where a set is empty or full.
    """
    n = first.shape[1]
    if n == 0:
        return np.full((len(first), len(second)), np.nan)
    share_one = first.mean(axis=1)[:, np.newaxis]
    share_two = second.mean(axis=1)[np.newaxis]
    # Whole numbers below 2^24 are exact in single precision.
    both = (first.astype(np.float32) @ second.astype(np.float32).T).astype(np.float64) / n
    agree = 1 - share_one - share_two + 2 * both
    chance = share_one * share_two + (1 - share_one) * (1 - share_two)
    defined = (share_one > 0) & (share_one < 1) & (share_two > 0) & (share_two < 1)
    kappa: Floats = np.divide(
        agree - chance, 1 - chance, out=np.full(agree.shape, np.nan), where=defined
    )
    return kappa


def mean_kappas(first: Bools) -> Statistic:
    """Make the mean over draws (m, n) of their kappa with a second map.

    Undefined is no agreement beyond chance; undefined for every draw stays so.
    """

    def statistic(_: Floats, hot: Bools) -> Floats:
        return np.asarray(np.nan_to_num(kappas(first, hot)).mean(axis=0))

    return statistic


def mean_correlations(held: Floats) -> Statistic:
    """Make the mean of the products of each second map with draws (m, n) that are held.

    The second map is centred and has length 1.
    """
    mean = held.mean(axis=0)

    def statistic(scores: Floats, _: Bools) -> Floats:
        return np.asarray(standard(scores) @ mean)

    return statistic


def standard(maps: Floats) -> Floats:
    """Centre each map (m, n) and bring it to length 1; a constant one is zero throughout."""
    if not maps.shape[1]:
        return maps
    centred = maps - maps.mean(axis=1, keepdims=True)
    length = np.sqrt((centred**2).sum(axis=1, keepdims=True))
    size = np.abs(maps).max(axis=1, keepdims=True, initial=0)
    varied = length > ROUNDING * size * np.sqrt(maps.shape[1])
    unit: Floats = np.divide(centred, length, out=np.zeros_like(centred), where=varied)
    return unit
