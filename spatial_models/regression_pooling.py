"""One regression out of those of several imputations, by Rubin's rules."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from spatial_models._tested import Floats
from spatial_models.errors import SpatialError
from spatial_models.regression_results import RegressionFit

__all__ = ["pool_regressions"]


def pool_regressions(fits: Sequence[RegressionFit]) -> RegressionFit:
    """Pool the same regression of several imputations.

    Parameters
    ----------
    fits : sequence of RegressionFit
        One an imputation, of the same model, terms and units.

    Returns
    -------
    RegressionFit
        Means of the estimates; within + (1 + 1/m) between covariance, and degrees of freedom
        (Rubin 1987) that never exceed those of one imputation: their reciprocals are added
        up, as Barnard and Rubin (1999) do. Residuals and measures of the fit are means. Of one
        imputation, the fit itself.

    Raises
    ------
    SpatialError
        If there is none, or they are of different terms.

    References
    ----------
    Rubin, D. B. (1987). Multiple Imputation for Nonresponse in Surveys. Wiley.
    Barnard, J. and Rubin, D. B. (1999). Small-sample degrees of freedom with multiple
    imputation. Biometrika 86, 948-955. https://doi.org/10.1093/biomet/86.4.948

    Examples
    --------
    >>> from spatial_models.regression import least_squares
    >>> x = pd.DataFrame({"x": [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]})
    >>> fits = [least_squares(x["x"] * slope + [0.1, 0, -0.1, 0.1, -0.1, 0], x) for slope in (1, 2)]
    >>> pool_regressions(fits)
    least squares, n = 6: x 1.48 (-6.97 to 9.94)
    """
    if not fits or any(fit.terms != fits[0].terms for fit in fits):
        message = "found no fits, or fits of different terms; expected the same model throughout"
        raise SpatialError(message)
    first, draws = fits[0], len(fits)
    if draws == 1:
        return first
    estimates = np.array([fit.estimates for fit in fits])
    within = np.mean([fit.covariance for fit in fits], axis=0)
    between = (1 + 1 / draws) * np.cov(estimates, rowvar=False).reshape(within.shape)
    complete = np.mean([fit.freedom for fit in fits], axis=0)
    return RegressionFit(
        model=first.model,
        terms=first.terms,
        estimates=estimates.mean(axis=0),
        covariance=within + between,
        freedom=_freedom(np.diag(within), np.diag(between), complete, draws),
        spreads=first.spreads,
        outcome_spread=float(np.mean([fit.outcome_spread for fit in fits])),
        residuals=pd.concat([fit.residuals for fit in fits], axis=1).mean(axis=1),
        n=first.n,
        summary={
            name: float(np.mean([fit.summary[name] for fit in fits])) for name in first.summary
        },
    )


def _freedom(within: Floats, between: Floats, complete: Floats, draws: int) -> Floats:
    total = within + between
    share = np.divide(between, total, out=np.zeros_like(total), where=total > 0)
    with np.errstate(divide="ignore"):
        pooled: Floats = 1 / (share**2 / (draws - 1) + 1 / complete)
    return pooled
