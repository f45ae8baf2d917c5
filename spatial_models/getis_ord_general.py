"""Getis and Ord's general G: whether high or low values lie together."""

from __future__ import annotations

from concurrent.futures import Executor
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from spatial_models._global import (
    Form,
    GlobalTest,
    global_result,
    has_answer,
    join_pairs,
    open_call,
    quadratic_tests,
)
from spatial_models._p_values import Alternative
from spatial_models._randomness import Rng
from spatial_models._tested import align, in_own_unit, select
from spatial_models.errors import SpatialError
from spatial_models.results import GlobalResult

if TYPE_CHECKING:
    from libpysal.graph import Graph

__all__ = ["getis_ord_general"]


def getis_ord_general(
    values: pd.Series | npt.ArrayLike,
    graph: Graph,
    *,
    permutations: int = 9_999,
    alternative: Alternative = "two-sided",
    rng: Rng = None,
    executor: Executor | None = None,
) -> GlobalResult:
    """Measure and test whether high or low values lie together over a whole map.

    The share of all products of two units' values that neighbours have (Getis and Ord's
    general G): large where high values lie together, small where low ones do. Units
    without a value, and units without a neighbour that has one, take no part.

    Parameters
    ----------
    values : pandas.Series or array_like, shape (n,)
        One number a unit, with a natural zero and not negative (a Series is matched by
        index, an array is in the graph's order); NaN where missing.
    graph : libpysal.graph.Graph
        Neighbours and weights, usually binary; a unit's weight on
        itself is ignored.
    permutations : int, default 9999
        Random permutations behind ``p``; 0 makes ``p`` the analytic p-value.
    alternative : {"two-sided", "greater", "less"}
        Tail of the p-values; ``"greater"`` means that high values lie together.
    rng : int, numpy.random.Generator or None
        Source of randomness.
    executor : concurrent.futures.Executor, optional
        Where permutations are made; threads on all cores by default.

    Returns
    -------
    GlobalResult
        Expectation and variance are exact under randomisation. NaN throughout where
        fewer than four units can be tested, the values do not vary, or no two of them
        are above zero.

    Raises
    ------
    SpatialError
        If values are negative or infinite, or do not fit the graph.

    References
    ----------
    Getis, A. and Ord, J. K. (1992). The analysis of spatial association by use of
    distance statistics. Geographical Analysis 24, 189-206.

    Examples
    --------
    >>> from libpysal.graph import Graph
    >>> ring = Graph.from_arrays(range(8), [1, 2, 3, 4, 5, 6, 7, 0], [1] * 8)
    >>> getis_ord_general([1, 2, 3, 4, 5, 6, 7, 8], ring, permutations=999, rng=1)
    general G = 0.1612 (expected 0.1429, z = 1.47, p = 0.138 two-sided, 999 permutations, n = 8)
    """
    call = open_call(permutations, alternative, rng, executor)
    numbers = align(values, graph)
    if (numbers < 0).any():
        message = (
            f"found {(numbers < 0).sum()} negative values; expected values with a natural zero, "
            "not negative: use Moran's I for others"
        )
        raise SpatialError(message)
    tested = select(np.isnan(numbers), graph)
    inside = in_own_unit(numbers[tested.mask])
    pairs = join_pairs(tested.weights)
    test = GlobalTest()
    if has_answer(inside, pairs) and (inside > 0).sum() > 1:
        mean = inside.mean()
        products = inside.sum() ** 2 - (inside**2).sum()
        # x_i x_j is mean^2 + mean (z_i + z_j) + z_i z_j; pairs hold both directions' weights.
        form = Form(
            pairs=1 / products,
            linear=mean / products,
            constant=pairs.total * mean**2 / products,
        )
        (test,) = quadratic_tests(inside - mean, pairs, [form], call)
    return global_result("general G", test, tested, graph, call)
