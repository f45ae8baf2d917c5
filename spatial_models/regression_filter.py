"""Regression beside Moran eigenvectors: maps that stand in for what neighbours share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd
from scipy import sparse, special

from spatial_models._eigenbases import graph_basis, one_blas_thread
from spatial_models._regression_design import Design
from spatial_models._regression_fits import fit_least_squares
from spatial_models._residual_moran import moran_of_rest
from spatial_models._tested import Bools, Floats
from spatial_models.regression_results import RegressionFit

if TYPE_CHECKING:
    from libpysal.graph import Graph

__all__ = ["EigenvectorFilter", "eigenvector_filter"]

_STRONG: Final = 0.25
"""Eigenvalue, as a share of the largest, from which on a map is a candidate (Griffith 2003)."""

_ENOUGH: Final = 0.1
"""p-value of the residuals' Moran's I, one-sided, from which on no more maps are taken."""

_MOST: Final = 0.2
"""Maps that may be taken, as a share of the units."""


@dataclass(frozen=True, kw_only=True, eq=False)
class EigenvectorFilter:
    """A regression with Moran eigenvectors beside the covariates.

    Attributes
    ----------
    fit : RegressionFit
        Coefficients of the covariates; those of the eigenvectors are not reported.
    vectors : pandas.DataFrame of float
        The eigenvectors that were taken, by unit, in the order in which they were; NaN for
        units that took no part.
    moran_before, moran_after : float
        Moran's I of the residuals without and with them. The latter was made small, so that
        a test of it would be none.
    """

    fit: RegressionFit
    vectors: pd.DataFrame
    moran_before: float
    moran_after: float


def eigenvector_filter(
    outcome: pd.Series,
    covariates: pd.DataFrame,
    graph: Graph,
    *,
    clusters: pd.Series | None = None,
) -> EigenvectorFilter:
    """Fit a regression beside those eigenvectors of the graph that its residuals follow.

    Of the eigenvectors of the centred weights with an eigenvalue of at least a quarter of the
    largest, the one that lowers Moran's I of the residuals most is added, again and again,
    until its one-sided p-value reaches 0.1 or a fifth of the units is used up.

    Parameters
    ----------
    outcome : pandas.Series of float
        One number a unit; units missing (NaN) here or in a covariate take no part.
    covariates : pandas.DataFrame of float
        On the same index.
    graph : libpysal.graph.Graph
        Neighbours of every unit; weights of a row are made to sum to one, and both ways
        are averaged.
    clusters : pandas.Series of str, optional
        As in `least_squares`.

    Returns
    -------
    EigenvectorFilter
        The fit, least squares with robust errors. The errors take the choice of the
        eigenvectors for given. Eigenvectors may go along with covariates, and then take
        from their coefficients what is spatial in both.

    Raises
    ------
    SpatialError
        As `least_squares`, or if the graph lacks units.

    References
    ----------
    Tiefelsdorf, M. and Griffith, D. A. (2007). Semiparametric filtering of spatial
    autocorrelation: the eigenvector approach. Environment and Planning A 39, 1193-1221.
    https://doi.org/10.1068/a37378

    Examples
    --------
    >>> from libpysal.graph import Graph
    >>> ring = Graph.from_arrays(list(range(20)), [*range(1, 20), 0], [1] * 20)
    >>> place = np.arange(20)
    >>> x = pd.DataFrame({"x": np.cos(place * 5.0)})
    >>> wave = pd.Series(np.sin(place * np.pi / 10)) + x["x"]
    >>> eigenvector_filter(wave + 0.1 * (-1.0) ** (place // 3), x, ring).vectors.shape[1] > 0
    True
    """
    design = Design.of(outcome, covariates)
    weights = design.weights(graph)
    symmetric = sparse.csr_array((weights + weights.T) / 2)
    with one_blas_thread():
        chosen, before, after = _choose(design, symmetric, _candidates(symmetric))
    fit = fit_least_squares(design, clusters=clusters, beside=chosen)
    vectors = np.full((len(design.ids), chosen.shape[1]), np.nan)
    vectors[design.known] = chosen
    names = [f"eigenvector_{number}" for number in range(1, chosen.shape[1] + 1)]
    return EigenvectorFilter(
        fit=_named(fit, chosen.shape[1]),
        vectors=pd.DataFrame(vectors, index=design.ids, columns=names),
        moran_before=before,
        moran_after=after,
    )


def _named(fit: RegressionFit, taken: int) -> RegressionFit:
    told = {**fit.summary, "eigenvectors": float(taken)}
    return RegressionFit(**{**vars(fit), "model": "eigenvector filter", "summary": told})


def _candidates(symmetric: sparse.csr_array) -> Floats:
    if not symmetric.nnz:
        return np.empty((symmetric.shape[0], 0))
    basis = graph_basis(symmetric, None)
    largest = basis.eigenvalues.max()
    strong = basis.eigenvalues >= _STRONG * largest if largest > 0 else basis.eigenvalues > largest
    vectors = basis.vectors[:, strong]
    # Whichever way an eigenvector points; the same on every machine.
    places = np.abs(vectors).argmax(axis=0)
    turned: Floats = vectors * np.sign(vectors[places, np.arange(vectors.shape[1])])
    return turned


def _choose(
    design: Design, symmetric: sparse.csr_array, candidates: Floats
) -> tuple[Floats, float, float]:
    """Take candidates one after the other; give them, and Moran's I before and after."""
    basis, _ = np.linalg.qr(design.x)
    rest = design.y - basis @ (basis.T @ design.y)
    # What the regression so far leaves of each candidate; kept up by one vector at a time.
    free = candidates - basis @ (basis.T @ candidates)
    taken: list[int] = []
    test = moran_of_rest(rest, basis, symmetric)
    before = test.statistic
    most = int(_MOST * design.n) - design.x.shape[1]
    while _positive(test.z) and len(taken) < min(most, candidates.shape[1]):
        size = np.einsum("ij,ij->j", free, free)
        open_ = size > 1e-8  # noqa: PLR2004  (what is left of a unit vector is rounding)
        open_[taken] = False
        if not open_.any():
            break
        best = _best(rest, free, size, open_, symmetric)
        taken.append(best)
        new = free[:, best] / np.sqrt(size[best])
        rest = rest - new * (new @ rest)
        free = free - np.outer(new, new @ free)
        basis = np.column_stack([basis, new])
        test = moran_of_rest(rest, basis, symmetric)
    return candidates[:, taken], before, test.statistic


def _positive(z: float) -> bool:
    return bool(special.ndtr(-z) < _ENOUGH)


def _best(
    rest: Floats, free: Floats, size: Floats, open_: Bools, symmetric: sparse.csr_array
) -> int:
    """Find the candidate with which the residuals have the least Moran's I."""
    part = np.divide(free.T @ rest, size, out=np.zeros_like(size), where=open_)
    around = symmetric @ rest
    cross = free.T @ around
    own = np.einsum("ij,ij->j", free, symmetric @ free)
    top = rest @ around - 2 * part * cross + part**2 * own
    below = rest @ rest - part**2 * size
    score = np.where(open_, np.divide(top, np.maximum(below, 1e-300)), np.inf)
    return int(score.argmin())
