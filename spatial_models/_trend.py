"""What is taken out of a map before it is tested again: a trend, covariates."""

from __future__ import annotations

import numpy as np
import pandas as pd

from spatial_models._eigenbases import one_blas_thread
from spatial_models._normal_scores import normal_scores
from spatial_models._tested import Bools, Floats
from spatial_models.errors import SpatialError
from spatial_models.graphs._positions import Positions

_ROUNDING = 1e-9


def quadratic_trend(positions: Positions) -> Floats:
    """Give the terms of a quadratic surface over the places, (n, 5): x, y, x^2, xy, y^2."""
    x, y = _plane(positions).T
    return np.column_stack([x, y, x * x, x * y, y * y])


def residuals(maps: Floats, terms: Floats, known: Bools) -> Floats:
    """Take out of each map (m, n) what a regression on the terms (n, k) gives.

    By least squares over the units that are known; NaN elsewhere.
    """
    left = np.full(maps.shape, np.nan)
    inside = maps[:, known]
    with one_blas_thread():
        basis = orthonormal(terms[known])
        rest = inside - (inside @ basis) @ basis.T
    # What is left of a map that the terms explain wholly is rounding, and no map.
    size = np.sqrt((inside**2).sum(axis=1, keepdims=True))
    nothing = np.sqrt((rest**2).sum(axis=1, keepdims=True)) <= _ROUNDING * size
    left[:, known] = np.where(nothing, 0.0, rest)
    return left


def orthonormal(terms: Floats) -> Floats:
    """Make an orthonormal basis (n, q) of the constant and the terms (n, k)."""
    design = np.column_stack([np.ones(len(terms)), terms])
    size = np.sqrt((design**2).sum(axis=0))
    design = design[:, size > 0] / size[size > 0]
    basis, triangle = np.linalg.qr(design)
    # A term that others hold already (all places on a line) explains nothing more.
    independent: Floats = basis[:, np.abs(np.diag(triangle)) > 1e-9]  # noqa: PLR2004  (rounding)
    return independent


def covariate_terms(covariates: pd.DataFrame, ids: pd.Index) -> Floats:
    """Give normal scores of covariates, and their squares, in the order of the units.

    The maps are normal scores; of a skewed covariate as it is, a regression would leave
    the same remainder in both.
    """
    absent = ids.difference(covariates.index)
    if len(absent) or not covariates.index.is_unique:
        message = (
            f"found covariates without {len(absent)} units of the graph ({list(absent[:5])}), or "
            "with units twice; expected one row each: give NaN where a covariate is missing"
        )
        raise SpatialError(message)
    table = covariates.reindex(ids).astype(np.float64)
    constant = table.columns[~(table.max() > table.min())]
    if len(constant) or np.isinf(table.to_numpy()).any():
        message = (
            f"found covariates that do not vary ({', '.join(map(str, constant))}) or are infinite; "
            "expected numbers that differ between units"
        )
        raise SpatialError(message)
    terms = np.full((len(ids), 2 * table.shape[1]), np.nan)
    for place, column in enumerate(table.to_numpy().T):
        known = ~np.isnan(column)
        scores = normal_scores(column[known])
        terms[known, 2 * place], terms[known, 2 * place + 1] = scores, scores**2
    return terms


def _plane(positions: Positions) -> Floats:
    """Lay places out in a plane, about the size of 1; those on the sphere in equal area."""
    points = positions.points
    if positions.on_sphere:
        centre = points.mean(axis=0)
        length = np.linalg.norm(centre)
        centre = centre / length if length > 0 else np.array([1.0, 0.0, 0.0])
        east = np.cross([0.0, 0.0, 1.0], centre)
        if not east.any():  # the centre is a pole
            east = np.array([0.0, 1.0, 0.0])
        east = east / np.linalg.norm(east)
        north = np.cross(centre, east)
        # Lambert's azimuthal equal-area projection around the centre.
        factor = np.sqrt(2 / np.maximum(1 + points @ centre, 1e-9))
        points = factor[:, np.newaxis] * (points @ np.column_stack([east, north]))
    points = points - points.mean(axis=0)
    size = np.abs(points).max(initial=0)
    scaled: Floats = points / size if size > 0 else points
    return scaled
