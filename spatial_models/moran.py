"""Moran's I: whether neighbours resemble each other, over the map and around each unit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import sparse

from spatial_models._conditional import lag_test
from spatial_models._local import LocalCall, local_result
from spatial_models._p_values import Alternative, analytic_p, permutation_p
from spatial_models._randomness import Rng, check_permutations, open_rng
from spatial_models._tested import Floats, align, is_constant, select, split_self
from spatial_models.graphs import describe_graph
from spatial_models.results import NOT_SIGNIFICANT, GlobalResult, LocalResult

if TYPE_CHECKING:
    from libpysal.graph import Graph

__all__ = ["local_moran", "moran"]

_MAPS_AT_ONCE = 512
_FEWEST = 4  # the variance under randomisation divides by (n - 1)(n - 2)(n - 3)


def moran(
    values: pd.Series | npt.ArrayLike,
    graph: Graph,
    *,
    permutations: int = 9_999,
    alternative: Alternative = "two-sided",
    rng: Rng = None,
) -> GlobalResult:
    """Measure and test spatial autocorrelation over a whole map.

    Units without a value, and units without a neighbour that has one, take no part.

    Parameters
    ----------
    values : pandas.Series or array_like, shape (n,)
        One number a unit (a Series is matched by index, an array is in the graph's
        order); NaN where missing.
    graph : libpysal.graph.Graph
        Neighbours and weights, used as they are; a unit's weight on itself is ignored.
    permutations : int, default 9999
        Random permutations behind ``p``; 0 makes ``p`` the analytic p-value.
    alternative : {"two-sided", "greater", "less"}
        Tail of the p-values.
    rng : int, numpy.random.Generator or None
        Source of randomness.

    Returns
    -------
    GlobalResult
        Expectation and variance are those under randomisation. NaN throughout where
        fewer than four units can be tested or the values do not vary.

    References
    ----------
    Cliff, A. D. and Ord, J. K. (1981). Spatial Processes. Pion.

    Examples
    --------
    >>> from libpysal.graph import Graph
    >>> ring = Graph.from_arrays(range(8), [1, 2, 3, 4, 5, 6, 7, 0], [1] * 8)
    >>> moran([1, 2, 3, 4, 5, 6, 7, 8], ring, permutations=999, rng=1)
    Moran's I = 0.3333 (expected -0.1429, z = 1.47, p = 0.172 two-sided, 999 permutations, n = 8)
    """
    check_permutations(permutations)
    generator, seed = open_rng(rng)
    numbers = align(values, graph)
    tested = select(np.isnan(numbers), graph)
    inside = numbers[tested.mask]
    statistic = expected = variance = z = p = p_analytic = float("nan")
    if tested.n >= _FEWEST and not is_constant(inside):
        deviations = inside - inside.mean()
        weights, _ = split_self(tested.weights)
        scale = tested.n / weights.sum() / (deviations @ deviations)
        statistic = float(scale * (deviations @ (weights @ deviations)))
        expected, variance = _randomisation_moments(deviations, weights)
        z, p_analytic = 0.0, 1.0
        if variance > 1e-12 * expected**2:  # else every permutation gives the same: no evidence
            z = (statistic - expected) / np.sqrt(variance)
            p_analytic = float(analytic_p(np.array(z), alternative))
        p = p_analytic
        if permutations:
            permuted = scale * _permuted_products(deviations, weights, permutations, generator)
            tolerance = 1e-12 * max(1.0, abs(statistic))
            at_least = np.array((permuted >= statistic - tolerance).sum())
            at_most = np.array((permuted <= statistic + tolerance).sum())
            p = float(permutation_p(at_least, at_most, permutations, alternative))
    return GlobalResult(
        name="Moran's I",
        statistic=statistic,
        expected=expected,
        variance=variance,
        z=float(z),
        p=p,
        p_analytic=p_analytic,
        alternative=alternative,
        permutations=permutations,
        n=tested.n,
        isolates=tested.isolates,
        graph=describe_graph(graph),
        seed=seed,
    )


def _randomisation_moments(deviations: Floats, weights: sparse.csr_array) -> tuple[float, float]:
    """Cliff and Ord's moments of Moran's I under randomisation."""
    n = deviations.size
    s0 = weights.sum()
    s1 = (weights + weights.T).power(2).sum() / 2
    s2 = ((weights.sum(axis=1) + weights.sum(axis=0)) ** 2).sum()
    kurtosis = n * (deviations**4).sum() / (deviations @ deviations) ** 2
    expected = -1.0 / (n - 1)
    first = n * ((n**2 - 3 * n + 3) * s1 - n * s2 + 3 * s0**2)
    second = kurtosis * ((n**2 - n) * s1 - 2 * n * s2 + 6 * s0**2)
    square = (first - second) / ((n - 1) * (n - 2) * (n - 3) * s0**2)
    return expected, float(square - expected**2)


def _permuted_products(
    deviations: Floats, weights: sparse.csr_array, permutations: int, rng: np.random.Generator
) -> Floats:
    products = np.empty(permutations)
    for start in range(0, permutations, _MAPS_AT_ONCE):
        size = min(_MAPS_AT_ONCE, permutations - start)
        maps = rng.permuted(np.tile(deviations, (size, 1)), axis=1).T
        products[start : start + size] = (maps * (weights @ maps)).sum(axis=0)
    return products


def local_moran(
    values: pd.Series | npt.ArrayLike,
    graph: Graph,
    *,
    permutations: int = 0,
    alternative: Alternative = "two-sided",
    alpha: float = 0.05,
    rng: Rng = None,
) -> LocalResult:
    """Measure and test how each unit resembles its neighbours (local Moran's I).

    Units without a value, and units without a neighbour that has one, take no part.

    Parameters
    ----------
    values : pandas.Series or array_like, shape (n,)
        One number a unit (a Series is matched by index, an array is in the graph's
        order); NaN where missing.
    graph : libpysal.graph.Graph
        Neighbours and weights, used as they are; a unit's weight on itself is ignored.
    permutations : int, default 0
        Conditional permutations behind ``p``; 0 makes ``p`` the analytic p-value.
    alternative : {"two-sided", "greater", "less"}
        Tail of the p-values; ``"greater"`` means like neighbours.
    alpha : float, default 0.05
        Level of the false discovery rate below which a unit is given its quadrant.
    rng : int, numpy.random.Generator or None
        Source of randomness.

    Returns
    -------
    LocalResult
        ``classes`` are ``"High-High"``, ``"Low-Low"``, ``"High-Low"``, ``"Low-High"`` or
        ``"not significant"``, and the reason where a unit was not tested. The statistic
        divides by the sum of squares over n - 1, as GeoDa and esda do.

    References
    ----------
    Anselin, L. (1995). Local indicators of spatial association. Geographical Analysis
    27, 93-115. Sokal, R. R., Oden, N. L. and Thomson, B. A. (1998). Local spatial
    autocorrelation in a biological model. Geographical Analysis 30, 331-354.

    Examples
    --------
    >>> from libpysal.graph import Graph
    >>> chain = Graph.from_arrays([0, 1, 1, 2, 2, 3, 3, 4], [1, 0, 2, 1, 3, 2, 4, 3], [1] * 8)
    >>> local_moran([5, 4, 3, 2, float("nan")], chain).classes.tolist()
    ['not significant', 'not significant', 'not significant', 'not significant', 'no data']
    """
    generator, seed = open_rng(rng)
    numbers = align(values, graph)
    tested = select(np.isnan(numbers), graph)
    inside = numbers[tested.mask]
    statistic, test = np.full(tested.n, np.nan), None
    side = around = np.empty(tested.n, dtype=object)
    if not is_constant(inside):
        deviations = inside - inside.mean()
        # A value that is the mean but for rounding must not take a side.
        rounding = 8 * np.finfo(np.float64).eps * np.abs(inside).max()
        deviations[np.abs(deviations) <= rounding] = 0.0
        neighbours, _ = split_self(tested.weights)
        lags = lag_test(deviations, neighbours, permutations=permutations, rng=generator)
        test = lags.times(deviations * (tested.n - 1) / (deviations @ deviations))
        statistic = test.lag
        side = np.where(deviations > 0, "High", "Low").astype(object)
        around = np.where(lags.lag > 0, "High", "Low").astype(object)

    def quadrants(_: Floats, p_fdr: Floats) -> npt.NDArray[np.str_]:
        return np.where(p_fdr <= alpha, side + "-" + around, NOT_SIGNIFICANT)

    call = LocalCall(
        name="local Moran's I",
        prefix="lisa",
        alternative=alternative,
        permutations=permutations,
        seed=seed,
    )
    return local_result(call, graph, tested, statistic, test=test, classify=quadrants)
