"""Rates of small populations, steadied; and scores that are fit for a test."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import betainc, ndtri

from spatial_models.errors import SpatialError

__all__ = ["SmoothedRates", "empirical_bayes", "residual_scores"]

_VALUES = 16  # more change no score by 0.01
_MOST_STRATA, _UNITS_A_STRATUM = 20, 50
_ROUNDING = 1e-9


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
        by_chance = mean / people[learnt].mean()
        # An excess that is but rounding is none.
        variance = spread - by_chance if spread - by_chance > _ROUNDING * by_chance else 0.0
    smoothed[known] = mean
    if variance > 0:
        trust = variance / (variance + mean / people[known])
        smoothed[known] += trust * (rate[known] - mean)
    return SmoothedRates(rate=rate, smoothed=smoothed, mean=float(mean), variance=float(variance))


def residual_scores(
    events: npt.ArrayLike,
    exposure: npt.ArrayLike,
    rates: SmoothedRates,
    *,
    reference: npt.NDArray[np.bool_] | None = None,
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Score how high each count is for a population of its size.

    Normal scores of the quantile residuals of the Poisson-gamma model behind empirical
    Bayes. Where units differ by chance and by independent gamma rates of their own, these
    residuals have the same distribution whatever the size of the populations. Neither
    rates nor smoothed rates do: of small populations the former vary more and the latter
    less, and with few events both are little but a function of population, which is
    clustered. They are ranked among populations of about the same size (in up to 20
    strata of at least 50 units), so that neither heavy tails nor rates of another shape,
    nor rates that go with population, make scores that do.

    A count stands for a range of residuals, as wide as the probability of the count. The
    range is represented by 16 equally likely values; all are ranked together and a unit
    is given the mean of its normal scores, and of their squares.

    Parameters
    ----------
    events : array_like of float, shape (n,)
        Counts; rounded to whole numbers.
    exposure : array_like of float, shape (n,)
        Denominators.
    rates : SmoothedRates
        Mean and variance of the rates between units, variance above 0.
    reference : numpy.ndarray of bool, shape (n,), optional
        Units that are scored; all that are not missing by default.

    Returns
    -------
    scores : numpy.ndarray of float, shape (n,)
        Mean normal scores, NaN where not scored.
    squares : numpy.ndarray of float, shape (n,)
        Mean squares of the normal scores; where counts are large, those of the means.

    References
    ----------
    Dunn, P. K. and Smyth, G. K. (1996). Randomized quantile residuals. Journal of
    Computational and Graphical Statistics 5, 236-244. Clayton, D. and Kaldor, J. (1987).
    Empirical Bayes estimates of age-standardized relative risks for use in disease
    mapping. Biometrics 43, 671-681. Blom, G. (1958). Statistical Estimates and
    Transformed Beta-Variables. Wiley.

    Examples
    --------
    >>> people = np.full(4, 1_000.0)
    >>> rates = empirical_bayes([5, 10, 40, 90], people)
    >>> residual_scores([5, 10, 40, 90], people, rates)[0].round(2).tolist()
    [-1.11, -0.3, 0.3, 1.11]
    """
    known = ~np.isnan(rates.rate)
    scored = known if reference is None else known & reference
    counts = np.rint(np.asarray(events, dtype=np.float64)[scored])
    expected = rates.mean * np.asarray(exposure, dtype=np.float64)[scored]
    shape = rates.mean**2 / rates.variance
    success = shape / (shape + expected)
    # Negative binomial probabilities of fewer events than observed, and of no more.
    fewer = np.where(counts > 0, betainc(shape, np.maximum(counts, 1.0), success), 0.0)
    no_more = betainc(shape, counts + 1.0, success)
    steps = (np.arange(_VALUES) + 0.5) / _VALUES
    values = fewer[:, np.newaxis] + (no_more - fewer)[:, np.newaxis] * steps
    normal = np.empty_like(values)
    stratum = _strata(expected)
    for members in (stratum == each for each in np.unique(stratum)):
        ranks = pd.Series(values[members].ravel()).rank(method="average").to_numpy()
        share = ((ranks - 0.5) / _VALUES + 0.125) / (members.sum() + 0.25)
        normal[members] = ndtri(share).reshape(-1, _VALUES)
    scores, squares = np.full(known.shape, np.nan), np.full(known.shape, np.nan)
    scores[scored] = normal.mean(axis=1)
    squares[scored] = (normal**2).mean(axis=1)
    return scores, squares


def _strata(exposure: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
    """Divide units into strata of about equal number by exposure, equal exposures together."""
    n = exposure.size
    strata = min(max(n // _UNITS_A_STRATUM, 1), _MOST_STRATA)
    ranks = pd.Series(exposure).rank(method="average").to_numpy()
    return ((ranks - 0.5) / n * strata).astype(np.int64)
