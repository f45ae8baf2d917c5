"""Intervals of counts, shares and ratios.

The records are no sample: they are said to be all arrests. What an interval tells is how far
a number may lie from the propensity behind it, since another year of the same practice would
not bring the same number of arrests. Arrests come in operations, not one by one, so that
counts of weeks vary more than Poisson's; `dispersion` measures by how much, and widens the
intervals.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

__all__ = [
    "LEVEL",
    "dispersion",
    "pooled_interval",
    "rate_interval",
    "ratio_interval",
    "share_interval",
]

LEVEL: Final = 0.9
"""Coverage of the intervals of published analyses."""

Floats = npt.NDArray[np.float64]
_FEWEST_WEEKS: Final = 4


def dispersion(weekly: pd.Series | npt.ArrayLike) -> float:
    """Measure how much more than Poisson counts vary from week to week.

    Parameters
    ----------
    weekly : array_like of int
        Arrests by week, in order, with zeros.

    Returns
    -------
    float
        Half the mean squared difference of weeks that follow each other, over their mean
        (von Neumann, Kent, Bellinson and Hart 1941): trends, which are no chance, hardly
        raise it. At least 1, and 1 for fewer than four weeks.

    Examples
    --------
    >>> dispersion([10, 30, 10, 30, 10])
    10.0
    >>> dispersion([10, 11, 12, 13, 14])
    1.0
    """
    counts = np.asarray(weekly, dtype=np.float64)
    if len(counts) < _FEWEST_WEEKS or counts.sum() == 0:
        return 1.0
    between = (counts[1:] + counts[:-1]) / 2
    return max(1.0, float((np.diff(counts) ** 2).sum() / 2 / between.sum()))


def rate_interval(
    counts: npt.ArrayLike, exposure: npt.ArrayLike, *, spread: npt.ArrayLike = 1.0
) -> tuple[Floats, Floats]:
    """Bound rates by the counts behind them.

    Parameters
    ----------
    counts : array_like of float
        Arrests.
    exposure : array_like of float
        What they are divided by, such as people or days; missing or none gives no bound.
    spread : array_like of float, default 1
        Dispersion of the counts.

    Returns
    -------
    low : numpy.ndarray of float
        Lower ends.
    high : numpy.ndarray of float
        Upper ends.

    Notes
    -----
    Jeffreys' interval of a Poisson rate (Brown, Cai and DasGupta 2003) for ``counts / spread``
    events, of coverage `LEVEL`; the lower end of no arrest is 0.

    Examples
    --------
    >>> low, high = rate_interval([100, 0], [1000, 1000])
    >>> low.round(4).tolist(), high.round(4).tolist()
    ([0.0846, 0.0], [0.1175, 0.0019])
    """
    wide = np.asarray(spread, dtype=np.float64)
    events = np.asarray(counts, dtype=np.float64) / wide
    people = np.asarray(exposure, dtype=np.float64)
    divided = np.where(people > 0, people, np.nan) / wide
    tail = (1 - LEVEL) / 2
    low = np.where(events > 0, stats.gamma.ppf(tail, events + 0.5), 0.0)
    return low / divided, stats.gamma.ppf(1 - tail, events + 0.5) / divided


def share_interval(
    part: npt.ArrayLike, whole: npt.ArrayLike, *, spread: npt.ArrayLike = 1.0
) -> tuple[Floats, Floats]:
    """Bound shares.

    Parameters
    ----------
    part, whole : array_like of float
        Arrests of a class, and all arrests; of none there is no share, and no bound.
    spread : array_like of float, default 1
        Dispersion of the counts.

    Returns
    -------
    low : numpy.ndarray of float
        Lower ends.
    high : numpy.ndarray of float
        Upper ends.

    Notes
    -----
    Jeffreys' interval of a proportion (Brown, Cai and DasGupta 2001), of coverage `LEVEL`; its
    ends are 0 where nothing, and 1 where everything is of the class.

    Examples
    --------
    >>> low, high = share_interval([0, 50, 100], [100, 100, 100])
    >>> low.round(3).tolist(), high.round(3).tolist()
    ([0.0, 0.419, 0.981], [0.019, 0.581, 1.0])
    """
    wide = np.asarray(spread, dtype=np.float64)
    every = np.asarray(whole, dtype=np.float64) / wide
    yes = np.asarray(part, dtype=np.float64) / wide
    no = every - yes
    tail = (1 - LEVEL) / 2
    known = every > 0
    low = np.where(yes > 0, stats.beta.ppf(tail, yes + 0.5, no + 0.5), 0.0)
    high = np.where(no > 0, stats.beta.ppf(1 - tail, yes + 0.5, no + 0.5), 1.0)
    return np.where(known, low, np.nan), np.where(known, high, np.nan)


def ratio_interval(
    later: npt.ArrayLike,
    earlier: npt.ArrayLike,
    *,
    exposures: npt.ArrayLike = 1.0,
    spread: npt.ArrayLike = 1.0,
) -> tuple[Floats, Floats]:
    """Bound the ratio of two rates.

    Parameters
    ----------
    later, earlier : array_like of float
        Arrests of two periods, or of two places.
    exposures : array_like of float, default 1
        Exposure of the later over that of the earlier, such as days over days.
    spread : array_like of float, default 1
        Dispersion of the counts.

    Returns
    -------
    low : numpy.ndarray of float
        Lower ends.
    high : numpy.ndarray of float
        Upper ends; infinite where the earlier may be none, missing where both are.

    Notes
    -----
    Given the sum, the later is binomial (Przyborowski and Wilenski 1940); bounds of its share,
    from `share_interval`, become those of the ratio.

    Examples
    --------
    >>> low, high = ratio_interval([200], [100])
    >>> low.round(2).tolist(), high.round(2).tolist()
    ([1.64], [2.45])
    """
    more, less = (np.asarray(each, dtype=np.float64) for each in (later, earlier))
    low, high = share_interval(more, more + less, spread=spread)
    of = np.asarray(exposures, dtype=np.float64)
    with np.errstate(divide="ignore"):
        return low / (1 - low) / of, high / (1 - high) / of


def pooled_interval(
    estimates: npt.ArrayLike, variances: npt.ArrayLike
) -> tuple[Floats, Floats, Floats, Floats]:
    """Pool estimates of several imputations by Rubin's rules.

    Parameters
    ----------
    estimates : array_like of float, shape (draws, ...)
        An estimate of each draw.
    variances : array_like of float, of the same shape
        Its variance if the draw were the truth.

    Returns
    -------
    mean : numpy.ndarray of float
        Mean over draws.
    variance : numpy.ndarray of float
        Within + (1 + 1/m) between variance.
    low : numpy.ndarray of float
        Lower ends, by Student's t with Rubin's degrees of freedom (Rubin 1987, 3.1).
    high : numpy.ndarray of float
        Upper ends.

    Examples
    --------
    >>> [round(float(each), 2) for each in pooled_interval([1.0, 1.2, 0.8], [0.04, 0.04, 0.04])]
    [1.0, 0.09, 0.41, 1.59]
    """
    each = np.asarray(estimates, dtype=np.float64)
    draws = len(each)
    mean = each.mean(axis=0)
    within = np.asarray(variances, dtype=np.float64).mean(axis=0)
    between = (1 + 1 / draws) * (each.var(axis=0, ddof=1) if draws > 1 else np.zeros_like(mean))
    variance = within + between
    with np.errstate(divide="ignore", invalid="ignore"):
        freedom = np.where(between > 0, (draws - 1) * (1 + within / between) ** 2, np.inf)
        half = stats.t.ppf((1 + LEVEL) / 2, freedom) * np.sqrt(variance)
    return mean, variance, mean - half, mean + half
