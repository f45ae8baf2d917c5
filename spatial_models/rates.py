"""Rates of small populations, steadied; and their normal scores."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import betainc, betaincc, ndtri

from spatial_models.errors import SpatialError

__all__ = ["SmoothedRates", "empirical_bayes", "normal_scores", "quantile_residuals"]


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
    events: pd.Series | npt.ArrayLike,
    exposure: pd.Series | npt.ArrayLike,
    *,
    reference: npt.NDArray[np.bool_] | None = None,
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
    reference : numpy.ndarray of bool, shape (n,), optional
        Units that the mean and the variance are learnt from; all that are not missing
        by default.

    Returns
    -------
    SmoothedRates
        Rates per unit of exposure. NaN where either input is missing.

    Raises
    ------
    SpatialError
        If shapes differ, or numbers are negative or infinite.

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
    for numbers in (counts, people):
        if (numbers < 0).any() or np.isinf(numbers).any():
            message = "found negative or infinite numbers; expected counts and populations"
            raise SpatialError(message)
    known = ~np.isnan(counts) & (people > 0)
    learnt = known if reference is None else known & reference
    rate, smoothed = np.full(counts.shape, np.nan), np.full(counts.shape, np.nan)
    rate[known] = counts[known] / people[known]
    mean = variance = 0.0
    if counts[learnt].sum() > 0:
        total = people[learnt].sum()
        mean = counts[learnt].sum() / total
        spread = (people[learnt] * (rate[learnt] - mean) ** 2).sum() / total
        variance = max(0.0, spread - mean / people[learnt].mean())
    smoothed[known] = mean
    if variance > 0:
        trust = variance / (variance + mean / people[known])
        smoothed[known] += trust * (rate[known] - mean)
    return SmoothedRates(rate=rate, smoothed=smoothed, mean=float(mean), variance=float(variance))


def quantile_residuals(
    events: npt.ArrayLike,
    exposure: npt.ArrayLike,
    rates: SmoothedRates,
    *,
    rng: np.random.Generator,
) -> npt.NDArray[np.float64]:
    """Measure how unusual each count is for a population of its size.

    Randomised quantile residuals of the Poisson-gamma model behind empirical Bayes: where
    units differ by chance and by independent rates of their own, they are independent
    standard normal numbers, whatever the size of the populations. Neither rates nor
    smoothed rates are: of small populations, the former vary more and the latter less,
    and with few events both are little but a function of population, which is clustered.

    Parameters
    ----------
    events : array_like of float, shape (n,)
        Counts; rounded to whole numbers.
    exposure : array_like of float, shape (n,)
        Denominators.
    rates : SmoothedRates
        Mean and variance of the rates between units, variance above 0.
    rng : numpy.random.Generator
        Source of the randomness that spreads equal counts.

    Returns
    -------
    numpy.ndarray of float, shape (n,)
        Residuals, NaN where the rate is missing.

    References
    ----------
    Dunn, P. K. and Smyth, G. K. (1996). Randomized quantile residuals. Journal of
    Computational and Graphical Statistics 5, 236-244. Clayton, D. and Kaldor, J. (1987).
    Empirical Bayes estimates of age-standardized relative risks for use in disease
    mapping. Biometrics 43, 671-681.

    Examples
    --------
    >>> people = np.full(4, 1_000.0)
    >>> rates = empirical_bayes([5, 10, 40, 90], people)
    >>> rng = np.random.default_rng(1)
    >>> quantile_residuals([5, 10, 40, 90], people, rates, rng=rng).round(1).tolist()
    [-1.2, -0.8, 0.4, 1.4]
    """
    known = ~np.isnan(rates.rate)
    residuals = np.full(known.shape, np.nan)
    counts = np.rint(np.asarray(events, dtype=np.float64)[known])
    expected = rates.mean * np.asarray(exposure, dtype=np.float64)[known]
    shape = rates.mean**2 / rates.variance
    success = shape / (shape + expected)
    # Negative binomial probabilities of fewer events, and of more, than observed.
    fewer = np.where(counts > 0, betainc(shape, np.maximum(counts, 1.0), success), 0.0)
    more = betaincc(shape, counts + 1.0, success)
    equal = np.maximum(1.0 - fewer - more, 0.0)
    spread = rng.random(counts.size)
    # Both tails, since near 1 each has lost the digits that the other keeps.
    below, above = fewer + spread * equal, more + (1.0 - spread) * equal
    tail = np.clip(np.minimum(below, above), np.finfo(np.float64).tiny, None)
    residuals[known] = np.where(below < above, ndtri(tail), -ndtri(tail))
    return residuals


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
