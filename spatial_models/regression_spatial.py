"""Regression with a spatial error or a spatial lag, by spreg."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
import pandas as pd

from spatial_models._eigenbases import one_blas_thread
from spatial_models._regression_design import Design, for_spreg
from spatial_models._regression_fits import reported
from spatial_models._tested import Floats
from spatial_models.errors import SpatialError
from spatial_models.regression_results import RegressionFit

if TYPE_CHECKING:
    from libpysal.graph import Graph

__all__ = ["LIKELIHOOD_UNITS", "SpatialTerm", "spatial_regression"]

SpatialTerm = Literal["error", "lag"]

LIKELIHOOD_UNITS: Final = 500
"""Units up to which the likelihood is maximised: its time grows with their cube. Moments need
many units, and many are what they are used for."""

_OWN: Final[dict[SpatialTerm, str]] = {"error": "lambda", "lag": "rho"}


def spatial_regression(
    outcome: pd.Series, covariates: pd.DataFrame, graph: Graph, *, term: SpatialTerm
) -> RegressionFit:
    """Fit a regression whose errors, or whose outcome, go together among neighbours.

    Parameters
    ----------
    outcome : pandas.Series of float
        One number a unit; units missing (NaN) here or in a covariate take no part.
    covariates : pandas.DataFrame of float
        On the same index.
    graph : libpysal.graph.Graph
        Neighbours of every unit; weights of a row are made to sum to one. A unit without
        neighbours has an independent error, and no lag.
    term : {"error", "lag"}
        ``u = lambda W u + e``, or ``y = rho W y + x b + e``.

    Returns
    -------
    RegressionFit
        Up to 500 units by maximum likelihood (``spreg.ML_Error``, ``ML_Lag``), with
        covariances times ``n / (n - k)``, as least squares has them; beyond, by
        generalised moments that are robust to unequal variances (``GM_Error_Het``,
        ``GM_Lag`` with White's errors). ``lambda`` or ``rho`` is the last term. Residuals
        are what is left once the spatial term is taken out. With a lag, a coefficient is
        no effect: a difference in a covariate also reaches a unit by way of its
        neighbours; ``summary["total"]`` is ``1 / (1 - rho)``, by which a coefficient is
        multiplied for the mean total difference where every unit has neighbours.

    Raises
    ------
    SpatialError
        As `least_squares`; if the graph lacks units or none has a neighbour; if the estimate
        fails.

    References
    ----------
    Anselin, L. and Rey, S. J. (2014). Modern Spatial Econometrics in Practice. GeoDa Press.

    Examples
    --------
    >>> from libpysal.graph import Graph
    >>> ring = Graph.from_arrays(range(8), [1, 2, 3, 4, 5, 6, 7, 0], [1] * 8)
    >>> x = pd.DataFrame({"x": [1.0, -1, 2, 0, 1, -2, 2, 1]})
    >>> spatial_regression(pd.Series([1.0, 2, 3, 4, 4, 3, 2, 1]), x, ring, term="lag").terms
    ('intercept', 'x', 'rho')
    """
    design = Design.of(outcome, covariates)
    links = design.weights(graph)
    if links.nnz == 0:
        message = "found no neighbours among the complete units; expected some"
        raise SpatialError(message)
    weights = for_spreg(links)
    y = design.y[:, np.newaxis]
    with one_blas_thread(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # spreg's own, on formats of matrices
        fitted = _fit(y, design.x, weights, term, many=design.n > LIKELIHOOD_UNITS)
    estimates = np.asarray(fitted.betas).ravel()
    covariance = np.array(fitted.vm)[: len(estimates), : len(estimates)]
    few = design.n <= LIKELIHOOD_UNITS
    if few:
        # The likeliest variance divides by n, too many where units are few.
        covariance *= design.n / (design.n - design.x.shape[1])
    own = float(estimates[-1])
    if not np.isfinite(covariance).all() or not abs(own) < 1 or (np.diag(covariance) < 0).any():
        message = (
            f"the regression with a spatial {term} has no stable estimate ({_OWN[term]} = "
            f"{own:.2f}); expected one between -1 and 1: read the others"
        )
        raise SpatialError(message)
    left = _innovations(fitted, term)
    summary = {_OWN[term]: own} | ({"total": 1 / (1 - own)} if term == "lag" else {})
    if few:
        summary["log_likelihood"] = float(np.squeeze(fitted.logll))
    return reported(
        design,
        model=f"spatial {term}",
        estimates=estimates,
        covariance=covariance,
        freedom=float(design.n - design.x.shape[1]),
        residuals=left,
        outcome_spread=float(design.y.std(ddof=1)),
        summary=summary,
        own=(_OWN[term],),
    )


def _fit(y: Floats, x: Floats, weights: Any, term: SpatialTerm, *, many: bool) -> Any:
    # The classes beneath spreg's own: the same numbers without their printed reports.
    if many and term == "error":
        from spreg.error_sp_het import BaseGM_Error_Het  # noqa: PLC0415  (slow to import)

        return BaseGM_Error_Het(y, x, weights.sparse)
    if many:
        from spreg.twosls_sp import BaseGM_Lag  # noqa: PLC0415

        return BaseGM_Lag(y, x, w=weights, robust="white")
    if term == "error":
        from spreg.ml_error import BaseML_Error  # noqa: PLC0415

        return BaseML_Error(y, x, weights)
    from spreg.ml_lag import BaseML_Lag  # noqa: PLC0415

    return BaseML_Lag(y, x, weights)


def _innovations(fitted: Any, term: SpatialTerm) -> Floats:
    left = fitted.e_filtered if term == "error" else fitted.u
    return np.asarray(left).ravel()
