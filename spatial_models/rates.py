"""Rates of small populations, steadied; and scores that are fit for a test."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import sparse
from scipy.special import betainc, ndtri

from spatial_models._tested import Bools, Floats, align, as_floats, spread_out
from spatial_models.errors import SpatialError

if TYPE_CHECKING:
    from libpysal.graph import Graph

__all__ = [
    "EmpiricalBayesRates",
    "LocalEmpiricalBayesRates",
    "SmoothedRates",
    "empirical_bayes",
    "local_empirical_bayes",
    "residual_scores",
    "spatial_rate",
    "standardised_rates",
]

_VALUES = 16  # more change no score by 0.01
_MOST_STRATA, _UNITS_A_STRATUM = 20, 50
_ROUNDING = 1e-9


@dataclass(frozen=True, kw_only=True, repr=False)
class SmoothedRates:
    """Rates, and steadier estimates of them.

    Attributes
    ----------
    rate : numpy.ndarray of float, shape (n,)
        Events per unit of exposure as observed; NaN where missing.
    smoothed : numpy.ndarray of float, shape (n,)
        The estimate; NaN where missing.
    smoothed_variance : numpy.ndarray of float, shape (n,)
        Variance of the estimate; NaN where missing. Each function says which.
    """

    rate: Floats
    smoothed: Floats
    smoothed_variance: Floats

    def __repr__(self) -> str:
        return (
            f"rates of {np.isfinite(self.rate).sum():,} of {len(self.rate):,} units, "
            f"{_range(self.rate)}, smoothed {_range(self.smoothed)}"
        )


def _range(numbers: Floats) -> str:
    known = numbers[np.isfinite(numbers)]
    return f"{known.min():.4g} to {known.max():.4g}" if len(known) else "none known"


@dataclass(frozen=True, kw_only=True, repr=False)
class EmpiricalBayesRates(SmoothedRates):
    """Rates shrunk towards the overall rate.

    Attributes
    ----------
    rate : numpy.ndarray of float, shape (n,)
        Events per unit of exposure as observed; NaN where missing.
    smoothed : numpy.ndarray of float, shape (n,)
        Empirical-Bayes estimate; NaN where missing.
    smoothed_variance : numpy.ndarray of float, shape (n,)
        Posterior variance of each unit's rate under the Poisson-gamma model, given `mean`
        and `variance`: it leaves out that these two are themselves estimated, and is zero
        where `variance` is.
    mean : float
        The overall rate that the estimates are drawn to.
    variance : float
        Estimated variance between units, 0 where chance alone explains the differences.
    """

    mean: float
    variance: float

    def __repr__(self) -> str:
        return (
            f"{super().__repr__()} towards {self.mean:.4g} "
            f"(variance between units {self.variance:.4g})"
        )

    @property
    def no_variation(self) -> bool:
        """Tell whether the units differ by no more than chance.

        Returns
        -------
        bool
            True where the variance between units is estimated as zero.
        """
        return self.variance <= 0


@dataclass(frozen=True, kw_only=True, repr=False)
class LocalEmpiricalBayesRates(SmoothedRates):
    """Rates shrunk towards the rate of their neighbourhood.

    Attributes
    ----------
    rate : numpy.ndarray of float, shape (n,)
        Events per unit of exposure as observed; NaN where missing.
    smoothed : numpy.ndarray of float, shape (n,)
        Empirical-Bayes estimate; NaN where missing.
    smoothed_variance : numpy.ndarray of float, shape (n,)
        Posterior variance of each unit's rate under the Poisson-gamma model, given its
        `mean` and `variance`: it leaves out that these two are themselves estimated, from
        few units.
    mean : numpy.ndarray of float, shape (n,)
        Rate of the unit and its neighbours together; NaN where missing.
    variance : numpy.ndarray of float, shape (n,)
        Estimated variance between the unit and its neighbours, 0 where chance alone
        explains the differences; NaN where missing.
    """

    mean: Floats
    variance: Floats


def empirical_bayes(
    events: pd.Series | npt.ArrayLike,
    exposure: pd.Series | npt.ArrayLike,
    *,
    reference: Bools | None = None,
) -> EmpiricalBayesRates:
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
    EmpiricalBayesRates
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
    counts, people, known = _counts(events, exposure)
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
    uncertainty = np.where(known, 0.0, np.nan)
    if variance > 0:
        trust = variance / (variance + mean / people[known])
        smoothed[known] += trust * (rate[known] - mean)
        uncertainty[known] = trust * smoothed[known] / people[known]
    return EmpiricalBayesRates(
        rate=rate,
        smoothed=smoothed,
        smoothed_variance=uncertainty,
        mean=float(mean),
        variance=float(variance),
    )


def local_empirical_bayes(
    events: pd.Series | npt.ArrayLike, exposure: pd.Series | npt.ArrayLike, graph: Graph
) -> LocalEmpiricalBayesRates:
    """Shrink rates towards those of their neighbourhood, the more so the smaller they are.

    Marshall's local estimator by the method of moments, over a unit and its neighbours.
    Where the variance between these is estimated as zero or less, the estimate is their
    common rate.

    Parameters
    ----------
    events : pandas.Series or array_like, shape (n,)
        Counts, not negative; NaN where missing. A Series is matched by index, an array
        is in the graph's order.
    exposure : pandas.Series or array_like, shape (n,)
        Denominators; zero or NaN makes a unit missing: it is no one's neighbour.
    graph : libpysal.graph.Graph
        Who is whose neighbour; weights that are not zero count alike.

    Returns
    -------
    LocalEmpiricalBayesRates
        Rates per unit of exposure. A unit without neighbours keeps its own.

    Raises
    ------
    SpatialError
        If numbers are negative or infinite, or do not fit the graph.

    References
    ----------
    Marshall, R. J. (1991). Mapping disease and mortality rates using empirical Bayes
    estimators. Applied Statistics 40, 283-294.

    Examples
    --------
    >>> from libpysal.graph import Graph
    >>> chain = Graph.from_arrays([0, 1, 1, 2, 2, 3], [1, 0, 2, 1, 3, 2], [1] * 6)
    >>> smoothed = local_empirical_bayes([9, 60, 10, 40], [100, 500, 1_000, 400], chain)
    >>> (1_000 * smoothed.smoothed).round(1).tolist()
    [115.0, 117.4, 11.1, 96.6]
    """
    counts, people, known = _counts(align(events, graph), align(exposure, graph))
    near = _neighbourhoods(graph, known)
    count, person = counts[known], people[known]
    own = count / person
    total = near @ person
    mean = near @ count / total
    # Around each neighbourhood's mean, so that nearly equal rates do not cancel.
    pairs = near.tocoo()
    squares = person[pairs.col] * (own[pairs.col] - mean[pairs.row]) ** 2
    spread = np.bincount(pairs.row, squares, minlength=mean.size) / total
    by_chance = mean * near.sum(axis=1) / total
    variance = np.where(spread - by_chance > _ROUNDING * by_chance, spread - by_chance, 0.0)
    own_chance = mean / person
    trust = variance / np.where(variance > 0, variance + own_chance, 1.0)
    estimate = mean + trust * (own - mean)
    return LocalEmpiricalBayesRates(
        rate=spread_out(own, known),
        smoothed=spread_out(estimate, known),
        smoothed_variance=spread_out(trust * estimate / person, known),
        mean=spread_out(mean, known),
        variance=spread_out(variance, known),
    )


def spatial_rate(
    events: pd.Series | npt.ArrayLike, exposure: pd.Series | npt.ArrayLike, graph: Graph
) -> SmoothedRates:
    """Give each unit the rate of itself and its neighbours together.

    Parameters
    ----------
    events : pandas.Series or array_like, shape (n,)
        Counts, not negative; NaN where missing. A Series is matched by index, an array
        is in the graph's order.
    exposure : pandas.Series or array_like, shape (n,)
        Denominators; zero or NaN makes a unit missing: it is no one's neighbour.
    graph : libpysal.graph.Graph
        Who is whose neighbour; weights that are not zero count alike.

    Returns
    -------
    SmoothedRates
        Rates per unit of exposure. The variance is the Poisson one of the common rate:
        it supposes that the units of a neighbourhood share one rate, and is zero where
        they have no events.

    Raises
    ------
    SpatialError
        If numbers are negative or infinite, or do not fit the graph.

    References
    ----------
    Anselin, L., Lozano, N. and Koschinsky, J. (2006). Rate transformations and
    smoothing. University of Illinois.

    Examples
    --------
    >>> from libpysal.graph import Graph
    >>> chain = Graph.from_arrays([0, 1, 1, 2, 2, 3], [1, 0, 2, 1, 3, 2], [1] * 6)
    >>> smoothed = spatial_rate([9, 60, 10, 40], [100, 500, 1_000, 400], chain)
    >>> (1_000 * smoothed.smoothed).round(1).tolist()
    [115.0, 49.4, 57.9, 35.7]
    """
    counts, people, known = _counts(align(events, graph), align(exposure, graph))
    near = _neighbourhoods(graph, known)
    total = near @ people[known]
    smoothed = near @ counts[known] / total
    return SmoothedRates(
        rate=spread_out(counts[known] / people[known], known),
        smoothed=spread_out(smoothed, known),
        smoothed_variance=spread_out(smoothed / total, known),
    )


def standardised_rates(
    events: pd.Series | npt.ArrayLike,
    exposure: pd.Series | npt.ArrayLike,
    *,
    reference: Bools | None = None,
) -> Floats:
    """Standardise rates for the size of their populations.

    A rate's distance from the overall rate, over the standard deviation that a unit of
    its population has: that between units and that by chance together.

    Parameters
    ----------
    events : array_like of float, shape (n,)
        Counts, not negative.
    exposure : array_like of float, shape (n,)
        Denominators in the same order; zero or NaN makes a unit missing.
    reference : numpy.ndarray of bool, shape (n,), optional
        Units that the mean and the variance are learnt from; all that are not missing
        by default.

    Returns
    -------
    numpy.ndarray of float, shape (n,)
        Standardised rates, NaN where missing. Where the variance between units is
        estimated as zero or less it counts as zero (as in GeoDa and spdep), and the
        scores say how far each count is from what chance explains. Zero throughout
        where there are no events.

    Raises
    ------
    SpatialError
        If shapes differ, or numbers are negative or infinite.

    References
    ----------
    Assuncao, R. M. and Reis, E. A. (1999). A new proposal to adjust Moran's I for
    population density. Statistics in Medicine 18, 2147-2162.

    Examples
    --------
    >>> standardised_rates([0, 30, 10, 60], [10, 1_000, 1_000, 1_000]).round(2).tolist()
    [-0.55, -0.16, -1.14, 1.32]
    """
    rates = empirical_bayes(events, exposure, reference=reference)
    people = np.asarray(exposure, dtype=np.float64)
    known = ~np.isnan(rates.rate)
    scores = np.where(known, 0.0, np.nan)
    if rates.mean > 0:
        deviation = np.sqrt(rates.variance + rates.mean / people[known])
        scores[known] = (rates.rate[known] - rates.mean) / deviation
    return scores


def residual_scores(
    events: npt.ArrayLike,
    exposure: npt.ArrayLike,
    rates: EmpiricalBayesRates,
    *,
    reference: Bools | None = None,
) -> tuple[Floats, Floats]:
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
    rates : EmpiricalBayesRates
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


def _strata(exposure: Floats) -> npt.NDArray[np.int64]:
    """Divide units into strata of about equal number by exposure, equal exposures together."""
    n = exposure.size
    strata = min(max(n // _UNITS_A_STRATUM, 1), _MOST_STRATA)
    ranks = pd.Series(exposure).rank(method="average").to_numpy()
    return ((ranks - 0.5) / n * strata).astype(np.int64)


def _counts(
    events: pd.Series | npt.ArrayLike, exposure: pd.Series | npt.ArrayLike
) -> tuple[Floats, Floats, Bools]:
    """Check counts and denominators, and tell which units have both."""
    if (
        isinstance(events, pd.Series)
        and isinstance(exposure, pd.Series)
        and not events.index.equals(exposure.index)
    ):
        message = (
            "found events and exposure with different indexes; expected the same units in the "
            "same order: use events.reindex(exposure.index)"
        )
        raise SpatialError(message)
    counts, people = as_floats(events), as_floats(exposure)
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
    return counts, people, ~np.isnan(counts) & (people > 0)


def _neighbourhoods(graph: Graph, known: Bools) -> sparse.csr_array:
    """Join each unit that is known to itself and its known neighbours, all alike."""
    links = sparse.csr_array(graph.sparse)[known][:, known] != 0
    near = sparse.csr_array(links.astype(np.float64) + sparse.eye_array(int(known.sum())))
    near.data[:] = 1.0
    return near
