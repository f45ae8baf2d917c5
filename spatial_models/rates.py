"""Rates of small populations, steadied; and their normal scores."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import ndtri

from spatial_models.errors import SpatialError

__all__ = ["SmoothedRates", "empirical_bayes", "normal_scores"]


@dataclass(frozen=True, kw_only=True)
class SmoothedRates:
    """Rates shrunk towards the overall rate.

    Attributes
    ----------
    rate : numpy.ndarray of float, shape (n,)
        Events per unit of exposure as observed; NaN where missing.
    smoothed : numpy.ndarray of float, shape (n,)
        Empirical-Bayes estimate; NaN where missing.
    mean : float
        The overall rate that the estimates are drawn to.
    variance : float
        Estimated variance between units, 0 where chance alone explains the differences.
    """

    rate: npt.NDArray[np.float64]
    smoothed: npt.NDArray[np.float64]
    mean: float
    variance: float

    @property
    def no_variation(self) -> bool:
        """Tell whether the units differ by no more than chance.

        Returns
        -------
        bool
            True where the variance between units is estimated as zero.
        """
        return self.variance <= 0


def empirical_bayes(
    events: pd.Series | npt.ArrayLike, exposure: pd.Series | npt.ArrayLike
) -> SmoothedRates:
    """Shrink rates towards their overall mean, the more so the smaller the population.

    Marshall's global estimator by the method of moments. Where the variance between
    units is estimated as zero or less, every estimate is the overall rate.

    Parameters
    ----------
    events : array_like of float, shape (n,)
        Counts, not negative; need not be whole.
    exposure : array_like of float, shape (n,)
        Denominators (residents, non-citizens, ...) in the same order. A unit with no
        exposure has no rate: it is missing.

    Returns
    -------
    SmoothedRates
        Rates per unit of exposure. NaN where either input is missing.

    Raises
    ------
    SpatialError
        If shapes differ or numbers are negative.

    References
    ----------
    Marshall, R. J. (1991). Mapping disease and mortality rates using empirical Bayes
    estimators. Applied Statistics 40, 283-294.

    Examples
    --------
    >>> smoothed = empirical_bayes([0, 30, 10, 60], [10, 1_000, 1_000, 1_000])
    >>> (1_000 * smoothed.smoothed).round(1).tolist()
    [29.8, 30.3, 11.9, 57.8]
    """
    counts = np.asarray(events, dtype=np.float64)
    people = np.asarray(exposure, dtype=np.float64)
    if counts.shape != people.shape or counts.ndim != 1:
        message = (
            f"found events of shape {counts.shape} and exposure of shape {people.shape}; "
            "expected one number each unit in both"
        )
        raise SpatialError(message)
    if (counts < 0).any() or (people < 0).any():
        message = "found negative events or exposure; expected counts and populations"
        raise SpatialError(message)
    known = ~np.isnan(counts) & (people > 0)
    rate = np.full(counts.shape, np.nan)
    rate[known] = counts[known] / people[known]
    total = people[known].sum()
    if not known.any() or counts[known].sum() == 0:
        flat = np.where(known, 0.0, np.nan)
        return SmoothedRates(rate=rate, smoothed=flat, mean=0.0, variance=0.0)
    mean = counts[known].sum() / total
    spread = (people[known] * (rate[known] - mean) ** 2).sum() / total
    variance = max(0.0, spread - mean / people[known].mean())
    trust = variance / (variance + mean / people[known])
    smoothed = np.full(counts.shape, np.nan)
    smoothed[known] = mean + trust * (rate[known] - mean)
    return SmoothedRates(rate=rate, smoothed=smoothed, mean=float(mean), variance=float(variance))


def normal_scores(values: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Replace values by the normal quantiles of their ranks.

    Parameters
    ----------
    values : array_like of float, shape (n,)
        Any numbers; NaN is left out of the ranking. Equal values share their mean rank.

    Returns
    -------
    numpy.ndarray of float, shape (n,)
        Scores, NaN where `values` is.

    References
    ----------
    Blom, G. (1958). Statistical Estimates and Transformed Beta-Variables. Wiley.

    Examples
    --------
    >>> normal_scores([3.0, 1e9, np.nan, 1.0]).round(3).tolist()
    [0.0, 0.869, nan, -0.869]
    """
    numbers = np.asarray(values, dtype=np.float64)
    known = ~np.isnan(numbers)
    scores = np.full(numbers.shape, np.nan)
    ranks = pd.Series(numbers[known]).rank(method="average").to_numpy()
    scores[known] = ndtri((ranks - 0.375) / (known.sum() + 0.25))
    return scores
