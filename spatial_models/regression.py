"""Regression by least squares with robust errors."""

from __future__ import annotations

import numpy as np
import pandas as pd

from spatial_models._eigenbases import one_blas_thread
from spatial_models._regression_design import Design
from spatial_models._regression_fits import fit_least_squares
from spatial_models._tested import Floats
from spatial_models.regression_results import RegressionFit

__all__ = ["least_squares", "partial_r2"]


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
