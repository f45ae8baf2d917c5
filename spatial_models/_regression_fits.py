"""Fitting a design by least squares, and bringing what was fitted back to its units."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from spatial_models._eigenbases import one_blas_thread
from spatial_models._regression_design import INTERCEPT, Design
from spatial_models._tested import Floats
from spatial_models.regression_results import RegressionFit


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


def _collinearity(design: Design) -> tuple[float, float]:
    """Give the condition number of the standardised covariates and the largest inflation."""
    x = design.x[:, 1:]
    if x.shape[1] == 0:
        return 1.0, 1.0
    correlation = np.atleast_2d(np.corrcoef(x, rowvar=False))
    values = np.linalg.eigvalsh(correlation)
    inflation = np.diag(np.linalg.inv(correlation))
    return float(np.sqrt(values.max() / values.min())), float(inflation.max())
