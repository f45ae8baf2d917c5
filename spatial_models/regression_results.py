"""What regressions and the tests of their residuals result in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from scipy import special, stats

from spatial_models._regression_design import INTERCEPT
from spatial_models._tested import Floats

__all__ = ["LagrangeMultipliers", "RegressionFit", "ResidualMoran"]


@dataclass(frozen=True, kw_only=True, repr=False, eq=False)
class RegressionFit:
    """A fitted regression.

    Attributes
    ----------
    model : str
        What was fitted: ``"least squares"``.
    terms : tuple of str
        ``"intercept"``, then the covariates, then parameters of the model's own.
    estimates : numpy.ndarray of float, shape (k,)
        Coefficients, in units of the covariates.
    covariance : numpy.ndarray of float, shape (k, k)
        Of the estimates.
    freedom : numpy.ndarray of float, shape (k,)
        Degrees of freedom of Student's t by which each estimate is bounded; infinite for the
        normal distribution.
    spreads : pandas.Series of float
        Standard deviation of each covariate among the units.
    outcome_spread : float
        That of the outcome; NaN where it is a count.
    residuals : pandas.Series of float
        By unit, NaN for those that took no part: what the model leaves over, on the scale
        of the outcome (Pearson's, for counts).
    n : int
        Units that took part.
    summary : mapping of str to float
        Measures of the fit: ``"r2"``, ``"dispersion"``, ...
    """

    model: str
    terms: tuple[str, ...]
    estimates: Floats
    covariance: Floats
    freedom: Floats
    spreads: pd.Series
    outcome_spread: float
    residuals: pd.Series
    n: int
    summary: Mapping[str, float] = field(default_factory=dict)

    def __repr__(self) -> str:
        table = self.to_frame().drop(INTERCEPT, errors="ignore")
        said = ", ".join(
            f"{term} {row.estimate:.3g} ({row.low:.3g} to {row.high:.3g})"
            for term, row in zip(table.index, table.itertuples(), strict=True)
        )
        return f"{self.model}, n = {self.n:,}: {said}"

    def to_frame(self, *, level: float = 0.9) -> pd.DataFrame:
        """Lay the coefficients out as a table.

        Parameters
        ----------
        level : float, default 0.9
            Coverage of the intervals.

        Returns
        -------
        pandas.DataFrame
            By ``term``: ``estimate``, ``standard_error``, ``low`` and ``high``; ``per_sd``,
            ``per_sd_low``, ``per_sd_high``, for a difference of one standard deviation of the
            covariate; ``standardised``, the same in standard deviations of the outcome.
        """
        error = np.sqrt(np.diag(self.covariance))
        half = stats.t.ppf((1 + level) / 2, self.freedom) * error
        table = pd.DataFrame(
            {
                "estimate": self.estimates,
                "standard_error": error,
                "low": self.estimates - half,
                "high": self.estimates + half,
            },
            index=pd.Index(self.terms, name="term"),
        )
        spread = self.spreads.reindex(table.index)
        table["per_sd"] = table["estimate"] * spread
        table["per_sd_low"] = table["low"] * spread
        table["per_sd_high"] = table["high"] * spread
        table["standardised"] = table["per_sd"] / self.outcome_spread
        return table


@dataclass(frozen=True, kw_only=True)
class ResidualMoran:
    """Moran's I of the residuals of least squares, and its test.

    Attributes
    ----------
    statistic, expected, variance, z : float
        Observed value; moments where errors are independent and normal, of the same
        variance; standard score. NaN where no unit has a neighbour.
    p : float
        Two-sided, by the normal approximation.
    n : int
        Units.
    isolates : int
        Units without a neighbour, which count as such.
    """

    statistic: float
    expected: float
    variance: float
    z: float
    p: float
    n: int
    isolates: int


@dataclass(frozen=True, kw_only=True)
class LagrangeMultipliers:
    """Tests for spatial terms that a least-squares regression lacks.

    Attributes
    ----------
    error, lag : float
        Statistics for an autocorrelated error and for a lag of the outcome, chi-squared
        with one degree of freedom where there is neither (Burridge 1980, Anselin 1988).
    robust_error, robust_lag : float
        The same where the other may be there (Anselin, Bera, Florax and Yoon 1996).
    """

    error: float
    lag: float
    robust_error: float
    robust_lag: float

    def to_frame(self) -> pd.DataFrame:
        """Lay the tests out as a table.

        Returns
        -------
        pandas.DataFrame
            By test: ``statistic`` and ``p``.
        """
        statistics = pd.Series(vars(self))
        table = pd.DataFrame({"statistic": statistics, "p": special.chdtrc(1, statistics)})
        return table.rename_axis("test")
