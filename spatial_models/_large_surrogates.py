"""Substitutes for the eigenbases of maps that are too large to decompose."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy import linalg, sparse
from scipy.optimize import minimize_scalar
from scipy.sparse.linalg import SuperLU, splu

from spatial_models._eigenbases import (
    Basis,
    Integers,
    Stored,
    keep,
    kernel_between,
    one_blas_thread,
    positions_at,
    seal,
)
from spatial_models._tested import Floats
from spatial_models.graphs._positions import Positions

LANDMARKS = 2_000  # places on which the kernel of a large map is known in full
FEWEST_LANDMARKS = 100
_NUMBERS = 40_000_000  # in a basis, where that leaves enough landmarks: 320 MB
_LARGEST = 0.999  # autocorrelation, either way
_SMALL = 1e-10  # share of the largest eigenvalue below which rounding prevails


@dataclass(frozen=True, kw_only=True, eq=False)
class Autoregression:
    """Map y = rho W y + mean + residuals, the weights row-standardised."""

    weights: sparse.csr_array
    rho: float
    residuals: Floats

    @classmethod
    def fit(cls, scores: Floats, weights: sparse.csr_array) -> Autoregression:
        """Find the likeliest rho, with normal residuals of one variance (Ord 1975)."""
        n = scores.size

        def unlikely(rho: float) -> float:
            upper = np.abs(_factors(weights, rho).U.diagonal())
            squares = float(np.square(_residuals(scores, weights, rho)).sum())
            return float(n / 2 * np.log(squares / n) - np.log(upper).sum())

        with one_blas_thread():
            found = minimize_scalar(
                unlikely, bounds=(-_LARGEST, _LARGEST), method="bounded", options={"xatol": 1e-4}
            )
        rho = float(found.x)
        return cls(weights=weights, rho=rho, residuals=_residuals(scores, weights, rho))

    def draw(self, surrogates: int, rng: np.random.Generator) -> Floats:
        """Draw maps of the same residuals in another order."""
        residuals = _shuffled(self.residuals, surrogates, rng)
        with one_blas_thread():
            return np.asarray(_factors(self.weights, self.rho).solve(residuals.T).T)


def _residuals(scores: Floats, weights: sparse.csr_array, rho: float) -> Floats:
    rest = scores - rho * (weights @ scores)
    return np.asarray(rest - rest.mean())


def _factors(weights: sparse.csr_array, rho: float) -> SuperLU:
    system = sparse.eye_array(weights.shape[0]) - rho * weights
    # Rows are dominated by their diagonal, which may stay where it is.
    return splu(
        sparse.csc_array(system),
        permc_spec="MMD_AT_PLUS_A",
        diag_pivot_thresh=0.001,
        options={"SymmetricMode": True},
    )


@dataclass(frozen=True, kw_only=True, eq=False)
class Landmarks:
    """Map of which a truncated basis expresses a part, and leaves the rest."""

    basis: Basis
    coefficients: Floats
    rest: Floats

    @classmethod
    def fit(
        cls, scores: Floats, positions: Positions, length: float, folder: str | Path | None
    ) -> Landmarks:
        """Express a map of mean zero in the basis of a kernel known at landmarks."""
        basis = landmark_basis(positions, length, folder)
        coefficients = basis.coefficients(scores)
        with one_blas_thread():
            rest = scores - basis.vectors @ coefficients
        return cls(basis=basis, coefficients=coefficients, rest=rest)

    def draw(self, surrogates: int, rng: np.random.Generator) -> Floats:
        """Draw maps turned within the basis, what it leaves in another order."""
        maps = self.basis.turn(self.coefficients, surrogates, rng)
        maps += _shuffled(self.rest, surrogates, rng)
        return maps


def landmark_basis(positions: Positions, length: float, folder: str | Path | None) -> Basis:
    """Decompose the kernel of many places as far as a few of them tell it (Nystrom)."""
    most = min(LANDMARKS, max(FEWEST_LANDMARKS, _NUMBERS // positions.n))
    points = np.ascontiguousarray(positions.points)
    return keep(_of_landmarks, (points, np.array([length]), np.array([most])), folder)


def _of_landmarks(points: Floats, length: Floats, most: Integers) -> Stored:
    at = points[farthest_points(points, int(most[0]))]
    positions = positions_at(points)
    kernel = kernel_between(positions, at, points, float(length[0]))
    among = kernel_between(positions, at, at, float(length[0]))
    lower = linalg.cholesky(among, lower=True, overwrite_a=True, check_finite=False)
    features = linalg.solve_triangular(
        lower, kernel, lower=True, overwrite_b=True, check_finite=False
    )
    features -= features.mean(axis=1, keepdims=True)
    eigenvalues, turns = linalg.eigh(
        features @ features.T, overwrite_a=True, check_finite=False, driver="evd"
    )
    clear = eigenvalues > _SMALL * eigenvalues[-1]
    eigenvalues = eigenvalues[clear]
    vectors = (turns[:, clear] / np.sqrt(eigenvalues)).T @ features
    return seal(eigenvalues, vectors.T)


def farthest_points(points: Floats, most: int) -> Integers:
    """Choose points evenly in space: each the farthest from those that are chosen already.

    Of points equally far the first in order is taken. Fewer are chosen where others lie on
    the same spot.
    """
    chosen: list[int] = []
    apart = np.square(points - points.mean(axis=0)).sum(axis=1)
    nearest = np.full(len(points), np.inf)
    following = int(apart.argmax())
    while len(chosen) < most and nearest[following] > 0:
        chosen.append(following)
        np.minimum(nearest, np.square(points - points[following]).sum(axis=1), out=nearest)
        following = int(nearest.argmax())
    return np.array(chosen, dtype=np.int64)


def _shuffled(values: Floats, surrogates: int, rng: np.random.Generator) -> Floats:
    """Lay values out in random orders, one each row."""
    return rng.permuted(np.broadcast_to(values, (surrogates, values.size)), axis=1)
