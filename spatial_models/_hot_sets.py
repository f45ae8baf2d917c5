"""Hot sets of many maps at once: Gi* with conditional moments, false discovery rate."""

from __future__ import annotations

import numpy as np
from scipy import sparse
from scipy.special import ndtri

from spatial_models._tested import Bools, Floats


def hot_sets(
    maps: Floats, neighbours: sparse.csr_array, *, alpha: float, within: float = 0.0
) -> Bools:
    """Tell which units of each map (k, n) are hot at a false discovery rate.

    The test of `rate_hot_spots` and `hot_spots`, for many maps of normal scores: so the
    set tested on a surrogate map is the set drawn on the observed one. `within` is the
    mean variance of a score that is itself uncertain.
    """
    z = gi_scores(maps, neighbours, within=within)
    n = z.shape[1]
    # Benjamini and Hochberg: the k-th largest score must reach the quantile of k / n.
    critical = -ndtri(alpha * np.arange(1, n + 1) / (2 * n))
    ordered = np.sort(np.abs(z), axis=1)[:, ::-1]
    reached = ordered >= critical
    last = n - np.argmax(reached[:, ::-1], axis=1)  # number of units found, where any is
    threshold = np.where(reached.any(axis=1), critical[np.minimum(last, n) - 1], np.inf)
    hot: Bools = z >= threshold[:, np.newaxis]
    return hot


def gi_scores(maps: Floats, neighbours: sparse.csr_array, *, within: float = 0.0) -> Floats:
    """Give the standard score of each unit's lag on each map (k, n), its own value held."""
    n = maps.shape[1]
    deviations = maps - maps.mean(axis=1, keepdims=True)
    squares = deviations**2
    mean = -deviations / (n - 1)  # of the others
    spread = (squares.sum(axis=1, keepdims=True) - squares) / (n - 1) - mean**2
    weight = neighbours.sum(axis=1)
    weight_squared = neighbours.power(2).sum(axis=1)
    variance = spread * ((n - 1) * weight_squared - weight**2) / max(n - 2, 1)
    variance += within * weight_squared
    lags = np.asarray((neighbours @ deviations.T).T)
    certain = variance <= 1e-14 * weight_squared * np.maximum(spread, within)
    z = (lags - weight * mean) / np.sqrt(np.where(certain, 1.0, variance))
    scores: Floats = np.where(certain, 0.0, z)
    return scores
