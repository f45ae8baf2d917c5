"""Whether what a regression leaves over is alike among neighbours."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from spatial_models._eigenbases import one_blas_thread
from spatial_models._regression_design import Design, for_spreg
from spatial_models._residual_moran import moran_of_rest
from spatial_models.regression_results import LagrangeMultipliers, ResidualMoran

if TYPE_CHECKING:
    from libpysal.graph import Graph

__all__ = ["lagrange_multipliers", "residual_moran"]

_TESTS: Final = ("lme", "lml", "rlme", "rlml")


def residual_moran(outcome: pd.Series, covariates: pd.DataFrame, graph: Graph) -> ResidualMoran:
    """Measure and test the autocorrelation of the residuals of least squares.

    Parameters
    ----------
    outcome : pandas.Series of float
        One number a unit; units missing (NaN) here or in a covariate take no part.
    covariates : pandas.DataFrame of float
        On the same index.
    graph : libpysal.graph.Graph
        Neighbours of every unit; weights of a row are made to sum to one.

    Returns
    -------
    ResidualMoran
        A unit without neighbours stays in the regression and adds nothing to I.

    Raises
    ------
    SpatialError
        As `least_squares`, or if the graph lacks units.

    References
    ----------
    Cliff, A. D. and Ord, J. K. (1981). Spatial Processes, chapter 8. Pion.

    Examples
    --------
    >>> from libpysal.graph import Graph
    >>> ring = Graph.from_arrays(range(8), [1, 2, 3, 4, 5, 6, 7, 0], [1] * 8)
    >>> x = pd.DataFrame({"x": [1.0, -1, 2, 0, 1, -2, 2, 1]})
    >>> round(residual_moran(pd.Series([1.0, 2, 3, 4, 4, 3, 2, 1]), x, ring).statistic, 2)
    0.66
    """
    design = Design.of(outcome, covariates)
    weights = design.weights(graph)
    with one_blas_thread():
        basis, _ = np.linalg.qr(design.x)
        rest = design.y - basis @ (basis.T @ design.y)
        return moran_of_rest(rest, basis, weights)


def lagrange_multipliers(
    outcome: pd.Series, covariates: pd.DataFrame, graph: Graph
) -> LagrangeMultipliers:
    """Test whether least squares lacks a spatial error or a spatial lag.

    Parameters
    ----------
    outcome : pandas.Series of float
        One number a unit; units missing (NaN) here or in a covariate take no part.
    covariates : pandas.DataFrame of float
        On the same index.
    graph : libpysal.graph.Graph
        Neighbours of every unit; weights of a row are made to sum to one.

    Returns
    -------
    LagrangeMultipliers
        By ``spreg``; NaN where no unit has a neighbour.

    Raises
    ------
    SpatialError
        As `least_squares`, or if the graph lacks units.

    Examples
    --------
    >>> from libpysal.graph import Graph
    >>> ring = Graph.from_arrays(range(8), [1, 2, 3, 4, 5, 6, 7, 0], [1] * 8)
    >>> x = pd.DataFrame({"x": [1.0, -1, 2, 0, 1, -2, 2, 1]})
    >>> tests = lagrange_multipliers(pd.Series([1.0, 2, 3, 4, 4, 3, 2, 1]), x, ring)
    >>> tests.error < tests.lag
    True
    """
    from spreg.diagnostics_sp import LMtests  # noqa: PLC0415  (slow to import)
    from spreg.ols import BaseOLS  # noqa: PLC0415

    design = Design.of(outcome, covariates)
    links = design.weights(graph)
    if links.nnz == 0:
        nan = float("nan")
        return LagrangeMultipliers(error=nan, lag=nan, robust_error=nan, robust_lag=nan)
    with one_blas_thread():
        fitted = BaseOLS(design.y[:, np.newaxis], design.x)
        tests = LMtests(fitted, for_spreg(links), tests=list(_TESTS))
    return LagrangeMultipliers(
        error=float(tests.lme[0]),
        lag=float(tests.lml[0]),
        robust_error=float(tests.rlme[0]),
        robust_lag=float(tests.rlml[0]),
    )
