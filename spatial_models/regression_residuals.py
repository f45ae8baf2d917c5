"""Whether what a regression leaves over is alike among neighbours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd
from scipy import sparse, special

from spatial_models._eigenbases import one_blas_thread
from spatial_models._regression_design import Design, for_spreg
from spatial_models._tested import Floats

if TYPE_CHECKING:
    from libpysal.graph import Graph

__all__ = ["LagrangeMultipliers", "ResidualMoran", "lagrange_multipliers", "residual_moran"]

_ROUNDING: Final = 1e-12
_TESTS: Final = ("lme", "lml", "rlme", "rlml")


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


def moran_of_rest(rest: Floats, basis: Floats, weights: sparse.csr_array) -> ResidualMoran:
    """Test what a regression on an orthonormal basis (n, k) leaves over."""
    n, k = basis.shape
    total = float(weights.sum())
    isolates = int((np.diff(weights.indptr) == 0).sum())
    size = float(rest @ rest)
    if total == 0 or size <= _ROUNDING:
        nan = float("nan")
        return ResidualMoran(
            statistic=nan, expected=nan, variance=nan, z=nan, p=nan, n=n, isolates=isolates
        )
    scale = n / total
    symmetric = sparse.csr_array((weights + weights.T) / 2)
    around = symmetric @ basis
    within = basis.T @ around
    trace = -float(np.trace(within))
    squared = float((symmetric.multiply(symmetric)).sum())
    squared += float((within**2).sum()) - 2 * float((around**2).sum())
    statistic = scale * float(rest @ (symmetric @ rest)) / size
    expected = scale * trace / (n - k)
    variance = scale**2 * (2 * squared + trace**2) / ((n - k) * (n - k + 2)) - expected**2
    z = (statistic - expected) / np.sqrt(variance)
    return ResidualMoran(
        statistic=statistic,
        expected=expected,
        variance=float(variance),
        z=float(z),
        p=float(min(1.0, 2 * special.ndtr(-abs(z)))),
        n=n,
        isolates=isolates,
    )


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
