"""Geary's c: how much neighbours differ over a whole map."""

from __future__ import annotations

from concurrent.futures import Executor
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from spatial_models._global import (
    Form,
    GlobalTest,
    Null,
    Pairs,
    check_null,
    global_result,
    has_answer,
    join_pairs,
    open_call,
    quadratic_tests,
    sum_terms,
)
from spatial_models._p_values import Alternative
from spatial_models._randomness import Rng
from spatial_models._tested import align, from_mean, in_own_unit, select
from spatial_models.results import GlobalResult

if TYPE_CHECKING:
    from libpysal.graph import Graph

__all__ = ["geary"]


def geary(
    values: pd.Series | npt.ArrayLike,
    graph: Graph,
    *,
    permutations: int = 9_999,
    alternative: Alternative = "two-sided",
    null: Null = "randomisation",
    rng: Rng = None,
    executor: Executor | None = None,
) -> GlobalResult:
    """Measure and test how much neighbours differ over a whole map.

    Squared differences between neighbours against those between any two units: 1 is
    chance, and **positive autocorrelation is C below 1, the lower tail**
    (``alternative="less"``). Units without a value, and units without a neighbour that
    has one, take no part.

    Parameters
    ----------
    values : pandas.Series or array_like, shape (n,)
        One number a unit (a Series is matched by index, an array is in the graph's
        order); NaN where missing.
    graph : libpysal.graph.Graph
        Neighbours and weights; a unit's weight on itself is ignored.
    permutations : int, default 9999
        Random permutations behind ``p``; 0 makes ``p`` the analytic p-value.
    alternative : {"two-sided", "greater", "less"}
        Tail of the p-values, of C itself: ``"less"`` means like neighbours,
        ``"greater"`` unlike ones.
    null : {"randomisation", "normality"}
        What expectation, variance, ``z`` and ``p_analytic`` assume: that the values could
        lie in any order, or that they are independent normal draws. The p-value by
        permutation is the same under both.
    rng : int, numpy.random.Generator or None
        Source of randomness.
    executor : concurrent.futures.Executor, optional
        Where permutations are made; threads on all cores by default.

    Returns
    -------
    GlobalResult
        NaN throughout where fewer than four units can be tested or the values do not
        vary.

    Raises
    ------
    SpatialError
        If values are infinite or do not fit the graph, or an option is unknown.

    References
    ----------
    Geary, R. C. (1954). The contiguity ratio and statistical mapping. The Incorporated
    Statistician 5, 115-145. Cliff, A. D. and Ord, J. K. (1981). Spatial Processes. Pion.

    Examples
    --------
    >>> from libpysal.graph import Graph
    >>> ring = Graph.from_arrays(range(8), [1, 2, 3, 4, 5, 6, 7, 0], [1] * 8)
    >>> geary([1, 2, 3, 4, 5, 6, 7, 8], ring, permutations=999, rng=1)
    Geary's c = 0.5833 (expected 1.0000, z = -1.47, p = 0.138 two-sided, 999 permutations, n = 8)
    """
    check_null(null)
    call = open_call(permutations, alternative, rng, executor)
    numbers = align(values, graph)
    tested = select(np.isnan(numbers), graph)
    inside = in_own_unit(numbers[tested.mask])
    pairs = join_pairs(tested.weights)
    test = GlobalTest()
    if has_answer(inside, pairs):
        deviations = from_mean(inside)
        # w (z_i - z_j)^2 over pairs is r_i z_i^2 over units less 2 a_ij z_i z_j over pairs.
        factor = (tested.n - 1) / (2 * pairs.total * float(deviations @ deviations))
        form = Form(pairs=-2 * factor, squares=factor)
        normal = _normal_moments(pairs) if null == "normality" else None
        (test,) = quadratic_tests(deviations, pairs, [form], call, normal=normal)
    return global_result("Geary's c", test, tested, graph, call, null=null)


def _normal_moments(pairs: Pairs) -> tuple[float, float]:
    """Cliff and Ord's moments of Geary's c of independent normal values."""
    n, s0 = pairs.n, pairs.total
    terms = np.array([(n - 1) * (2 * pairs.squares + pairs.degree_squares), -4 * s0**2])
    return 1.0, sum_terms(terms / (2 * (n + 1) * s0**2))
