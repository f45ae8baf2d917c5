"""Regression of counts with an exposure: Poisson and negative binomial."""

from __future__ import annotations

import warnings
from typing import Any, Final, Literal

import numpy as np
import pandas as pd

from spatial_models._eigenbases import one_blas_thread
from spatial_models._regression_design import Design
from spatial_models._regression_fits import reported, robust
from spatial_models._tested import Floats
from spatial_models.errors import SpatialError
from spatial_models.regression_results import RegressionFit

__all__ = ["CountFamily", "count_regression"]

CountFamily = Literal["Poisson", "negative binomial"]

_ITERATIONS: Final = 200
_LEAST_ALPHA: Final = 0.01

_DECREMENT: Final = 1e-6
"""Twice what the log-likelihood could still gain, where it is at its top."""


def count_regression(
    counts: pd.Series,
    covariates: pd.DataFrame,
    *,
    exposure: pd.Series,
    family: CountFamily,
    clusters: pd.Series | None = None,
) -> RegressionFit:
    """Fit a log-linear regression of counts, with the exposure as its offset.

    Parameters
    ----------
    counts : pandas.Series of int
        Events, not negative; units missing (NaN) in anything take no part.
    covariates : pandas.DataFrame of float
        On the same index.
    exposure : pandas.Series of float
        What the counts refer to, such as people; units without any take no part.
    family : {"Poisson", "negative binomial"}
        Distribution of the counts. That of the negative binomial varies with the mean as
        ``mean + alpha mean^2``; alpha is estimated.
    clusters : pandas.Series of str, optional
        Larger area of each unit, within which errors may go together.

    Returns
    -------
    RegressionFit
        Coefficients are differences of the logarithm of the rate. Their covariance is a
        sandwich, so that Poisson's intervals do not rest on its variance: with scores over
        one less the leverage, as in HC3 of least squares, or by clusters. Residuals are
        Pearson's. ``summary`` holds ``dispersion`` (Pearson's chi-squared over its degrees
        of freedom), and ``alpha``.

    Raises
    ------
    SpatialError
        If counts are negative, too few units are complete, a covariate does not vary or
        follows from others, or the negative binomial does not converge.

    Examples
    --------
    >>> x = pd.DataFrame({"x": [0.0, 1.0, 0.0, 1.0, 0.0, 1.0]})
    >>> people = pd.Series([100.0] * 6)
    >>> fit = count_regression(pd.Series([10, 20, 11, 22, 9, 18]), x, exposure=people,
    ...                        family="Poisson")
    >>> round(float(np.exp(fit.estimates[1])), 2)
    2.0
    """
    number = counts.to_numpy(dtype=np.float64, na_value=np.nan)
    people = exposure.reindex(counts.index).to_numpy(dtype=np.float64, na_value=np.nan)
    if (number < 0).any():
        message = "found negative counts; expected events, 0 or more"
        raise SpatialError(message)
    design = Design.of(counts, covariates, also=people > 0)
    offset = np.log(people[design.known])
    with one_blas_thread(), warnings.catch_warnings():
        # Said below, in words, where it matters.
        warnings.simplefilter("ignore")
        if family == "Poisson":
            return _poisson(design, offset, clusters)
        return _negative_binomial(design, offset, clusters)


def _poisson(design: Design, offset: Floats, clusters: pd.Series | None) -> RegressionFit:
    how, more = robust(design, clusters, alone="HC1")
    fitted = _poisson_fit(design, offset, cov_type=how, cov_kwds=more)
    mean = np.asarray(fitted.mu)
    covariance = np.asarray(fitted.cov_params())
    if clusters is None:
        covariance = _hc3(design.x, weight=mean, score=design.y - mean)
    return reported(
        design,
        model="Poisson",
        estimates=np.asarray(fitted.params),
        covariance=covariance,
        freedom=_freedom(design, more),
        residuals=np.asarray(fitted.resid_pearson),
        outcome_spread=np.nan,
        summary={"dispersion": float(fitted.pearson_chi2 / fitted.df_resid)},
    )


def _poisson_fit(design: Design, offset: Floats, **how: Any) -> Any:
    # statsmodels takes a second to import.
    from statsmodels.genmod.families import Poisson  # noqa: PLC0415
    from statsmodels.genmod.generalized_linear_model import GLM  # noqa: PLC0415

    model = GLM(design.y, design.x, family=Poisson(), offset=offset)
    return model.fit(maxiter=_ITERATIONS, use_t=True, **how)


def _negative_binomial(design: Design, offset: Floats, clusters: pd.Series | None) -> RegressionFit:
    from statsmodels.discrete.discrete_model import NegativeBinomial  # noqa: PLC0415  (as above)

    how, more = robust(design, clusters, alone="HC1")
    model = NegativeBinomial(design.y, design.x, offset=offset)
    estimates = _start(design, offset)
    for method in ("bfgs", "newton"):
        fitted = model.fit(
            start_params=estimates,
            method=method,
            maxiter=_ITERATIONS,
            disp=False,
            cov_type=how,
            cov_kwds=more,
            use_t=True,
        )
        estimates = np.asarray(fitted.params)
        if settled := _settled(model, estimates):
            break
    covariance = np.array(fitted.cov_params())
    if not settled or not np.isfinite(covariance).all():
        message = (
            "the negative binomial regression did not converge; expected counts that vary more "
            "than Poisson's: read the Poisson regression instead"
        )
        raise SpatialError(message)
    mean = np.exp(design.x @ estimates[:-1] + offset)
    alpha = float(estimates[-1])
    pearson = (design.y - mean) / np.sqrt(mean + alpha * mean**2)
    if clusters is None:
        inflated = 1 + alpha * mean
        covariance[:-1, :-1] = _hc3(
            design.x, weight=mean / inflated, score=(design.y - mean) / inflated
        )
    return reported(
        design,
        model="negative binomial",
        estimates=estimates,
        covariance=covariance,
        freedom=_freedom(design, more),
        residuals=pearson,
        outcome_spread=np.nan,
        summary={
            "alpha": alpha,
            "dispersion": float((pearson**2).sum() / (design.n - design.x.shape[1])),
        },
        own=("alpha",),
    )


def _hc3(x: Floats, *, weight: Floats, score: Floats) -> Floats:
    """Give the sandwich with scores as they are where a unit has no say in its own mean.

    White's own is too narrow where few units hold most of the events.
    """
    bread = np.linalg.inv(x.T @ (x * weight[:, np.newaxis]))
    leverage = weight * np.einsum("ij,jk,ik->i", x, bread, x)
    scores = x * (score / (1 - leverage))[:, np.newaxis]
    sandwich: Floats = bread @ (scores.T @ scores) @ bread
    return sandwich


def _start(design: Design, offset: Floats) -> Floats:
    """Begin where Poisson's regression ends, with alpha by the method of moments."""
    fitted = _poisson_fit(design, offset)
    mean = np.asarray(fitted.mu)
    alpha = ((design.y - mean) ** 2 - mean).sum() / (mean**2).sum()
    return np.append(np.asarray(fitted.params), max(float(alpha), _LEAST_ALPHA))


def _settled(model: Any, estimates: Floats) -> bool:
    """Tell by Newton's decrement whether the likelihood is at its top.

    Optimisers say that they failed where rounding keeps the last step from gaining anything.
    """
    if not np.isfinite(estimates).all() or not estimates[-1] > 0:
        return False
    score, hessian = np.asarray(model.score(estimates)), np.asarray(model.hessian(estimates))
    if not np.isfinite(hessian).all() or (np.linalg.eigvalsh(hessian) >= 0).any():
        return False
    return float(score @ np.linalg.solve(-hessian, score)) < _DECREMENT


def _freedom(design: Design, more: dict[str, Any]) -> float:
    """Count degrees of freedom: areas less one, or units less coefficients."""
    if "groups" in more:
        return float(len(np.unique(more["groups"])) - 1)
    return float(design.n - design.x.shape[1])
