"""Regression by least squares with robust errors, and what every regression results in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from scipy import stats

from spatial_models._eigenbases import one_blas_thread
from spatial_models._regression_design import INTERCEPT, Design
from spatial_models._tested import Floats

__all__ = ["RegressionFit", "least_squares", "partial_r2"]


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


def least_squares(
    outcome: pd.Series, covariates: pd.DataFrame, *, clusters: pd.Series | None = None
) -> RegressionFit:
    """Fit a regression by ordinary least squares, with robust errors.

    Parameters
    ----------
    outcome : pandas.Series of float
        One number a unit. Units missing (NaN) here or in a covariate take no part.
    covariates : pandas.DataFrame of float
        On the same index.
    clusters : pandas.Series of str, optional
        Larger area of each unit, within which errors may go together: the covariance is
        then robust to that (Liang and Zeger 1986, with the factor
        ``G / (G - 1) (n - 1) / (n - k)``), with as many degrees of freedom as areas, less
        one. Otherwise it is MacKinnon and White's HC3 (1985).

    Returns
    -------
    RegressionFit
        With ``r2``, ``adjusted_r2``, ``condition_number`` (of the standardised covariates)
        and ``largest_vif`` (variance inflation).

    Raises
    ------
    SpatialError
        If too few units are complete, or a covariate does not vary or follows from others.

    Examples
    --------
    >>> x = pd.DataFrame({"x": [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]})
    >>> least_squares(3 * x["x"] + [0.1, -0.1, 0.0, 0.1, -0.1, 0.0], x)
    least squares, n = 6: x 2.99 (2.93 to 3.05)
    """
    return fit_least_squares(Design.of(outcome, covariates), clusters=clusters)


def fit_least_squares(
    design: Design, *, clusters: pd.Series | None = None, beside: Floats | None = None
) -> RegressionFit:
    """Fit a design by least squares, with further columns beside it that are not reported."""
    from statsmodels.regression.linear_model import OLS  # noqa: PLC0415  (slow to import)

    columns = design.x if beside is None else np.column_stack([design.x, beside])
    how, more = robust(design, clusters, alone="HC3")
    with one_blas_thread():
        fitted = OLS(design.y, columns).fit(cov_type=how, cov_kwds=more, use_t=True)
        condition, vif = _collinearity(design)
    kept = design.x.shape[1]
    freedom = float(getattr(fitted, "df_resid_inference", None) or fitted.df_resid)
    return reported(
        design,
        model="least squares",
        estimates=np.asarray(fitted.params)[:kept],
        covariance=np.asarray(fitted.cov_params())[:kept, :kept],
        freedom=freedom,
        residuals=np.asarray(fitted.resid),
        outcome_spread=float(design.y.std(ddof=1)),
        summary={
            "r2": float(fitted.rsquared),
            "adjusted_r2": float(fitted.rsquared_adj),
            "condition_number": condition,
            "largest_vif": vif,
        },
    )


def reported(
    design: Design,
    *,
    model: str,
    estimates: Floats,
    covariance: Floats,
    freedom: float,
    residuals: Floats,
    outcome_spread: float,
    summary: Mapping[str, float],
    own: tuple[str, ...] = (),
) -> RegressionFit:
    """Bring what was fitted back to the units of the covariates.

    Parameters of the model's own, named in `own`, follow the coefficients.
    """
    turn = np.eye(len(estimates))
    size = design.x.shape[1]
    turn[:size, :size] = design.to_units()
    return RegressionFit(
        model=model,
        terms=(INTERCEPT, *design.names, *own),
        estimates=turn @ estimates,
        covariance=turn @ covariance @ turn.T,
        freedom=np.full(len(estimates), freedom),
        spreads=pd.Series(design.spreads, index=list(design.names)),
        outcome_spread=outcome_spread,
        residuals=design.everywhere(residuals),
        n=design.n,
        summary=summary,
    )


def robust(
    design: Design, clusters: pd.Series | None, *, alone: str
) -> tuple[str, dict[str, object]]:
    """Choose the covariance: by clusters, or robust to unequal variances alone."""
    if clusters is None:
        return alone, {}
    groups = pd.factorize(clusters.reindex(design.ids).to_numpy()[design.known])[0]
    return "cluster", {"groups": groups, "df_correction": True}


def partial_r2(outcome: pd.Series, covariates: pd.DataFrame) -> pd.Series:
    """Measure what each covariate explains of what the others leave over.

    Parameters
    ----------
    outcome : pandas.Series of float
        One number a unit, NaN where missing.
    covariates : pandas.DataFrame of float
        On the same index.

    Returns
    -------
    pandas.Series of float
        By covariate, from 0 to 1: the share of the sum of squares left by the others that
        goes when it is added.

    Raises
    ------
    SpatialError
        As `least_squares`.

    Examples
    --------
    >>> x = pd.DataFrame({"x": [1.0, 2, 3, 4, 5, 6], "z": [1.0, -1, 1, 1, -1, 1]})
    >>> partial_r2(3 * x["x"] + [0.1, -0.1, 0, 0.1, -0.1, 0], x).round(2).to_dict()
    {'x': 1.0, 'z': 0.8}
    """
    design = Design.of(outcome, covariates)
    with one_blas_thread():
        whole = _left(design.y, design.x)
        without = [
            _left(design.y, np.delete(design.x, place, axis=1))
            for place in range(1, design.x.shape[1])
        ]
    shares = [0.0 if left == 0 else 1 - whole / left for left in without]
    return pd.Series(shares, index=list(design.names))


def _left(y: Floats, x: Floats) -> float:
    basis, _ = np.linalg.qr(x)
    rest = y - basis @ (basis.T @ y)
    return float(rest @ rest)


def _collinearity(design: Design) -> tuple[float, float]:
    """Give the condition number of the standardised covariates and the largest inflation."""
    x = design.x[:, 1:]
    if x.shape[1] == 0:
        return 1.0, 1.0
    correlation = np.atleast_2d(np.corrcoef(x, rowvar=False))
    values = np.linalg.eigvalsh(correlation)
    inflation = np.diag(np.linalg.inv(correlation))
    return float(np.sqrt(values.max() / values.min())), float(inflation.max())
