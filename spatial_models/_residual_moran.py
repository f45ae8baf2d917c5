"""Moran's I of what a regression leaves over, and its moments."""

from __future__ import annotations

from typing import Final

import numpy as np
from scipy import sparse, special

from spatial_models._tested import Floats
from spatial_models.regression_results import ResidualMoran

_ROUNDING: Final = 1e-12


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
