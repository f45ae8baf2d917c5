"""Lee's L: the correlation of two maps, smoothed over neighbours."""

from __future__ import annotations

from concurrent.futures import Executor
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from spatial_models._global import GlobalTest, linear_test, open_call, two_map_result
from spatial_models._p_values import Alternative
from spatial_models._randomness import Rng
from spatial_models._tested import align, in_own_unit, is_constant, select
from spatial_models.results import TwoMapResult

if TYPE_CHECKING:
    from libpysal.graph import Graph

__all__ = ["lee"]


def lee(
    x: pd.Series | npt.ArrayLike,
    y: pd.Series | npt.ArrayLike,
    graph: Graph,
    *,
    permutations: int = 9_999,
    alternative: Alternative = "two-sided",
    rng: Rng = None,
    executor: Executor | None = None,
) -> TwoMapResult:
    """Measure the spatially smoothed correlation of two maps (Lee's L).

    Descriptive: the p-value is that of random labelling, and takes any clustering of the
    second map for association.

    Parameters
    ----------
    x, y : pandas.Series or array_like, shape (n,)
        Two numbers a unit; a unit missing in either takes no part.
    graph : libpysal.graph.Graph
        Neighbours and weights, those of units on themselves included;
        usually row-standardised.
    permutations : int, default 9999
        Random permutations of `y`, `x` staying where it is; 0 makes the p-value the
        analytic one.
    alternative : {"two-sided", "greater", "less"}
        Tail of the p-values.
    rng : int, numpy.random.Generator or None
        Source of randomness.
    executor : concurrent.futures.Executor, optional
        Where permutations are made; threads on all cores by default.

    Returns
    -------
    TwoMapResult
        The statistic is the same for `lee(y, x, ...)`; the test is not, as it holds the
        first map. NaN throughout where a map does not vary over the units with a
        neighbour.

    Raises
    ------
    SpatialError
        If values are infinite or do not fit the graph.

    References
    ----------
    Lee, S.-I. (2001). Developing a bivariate spatial association measure. Journal of
    Geographical Systems 3, 369-385.

    Examples
    --------
    >>> from libpysal.graph import Graph
    >>> ring = Graph.from_arrays(range(6), [1, 2, 3, 4, 5, 0], [1] * 6)
    >>> lee([9, 9, 9, 1, 1, 1], [8, 8, 8, 2, 2, 2], ring, rng=1).statistic
    1.0
    """
    call = open_call(permutations, alternative, rng, executor)
    first, second = align(x, graph), align(y, graph)
    tested = select(np.isnan(first) | np.isnan(second), graph)
    held, moved = in_own_unit(first[tested.mask]), in_own_unit(second[tested.mask])
    test = GlobalTest()
    row_sums = tested.weights.sum(axis=1)
    if (row_sums != 0).any() and not (is_constant(held) or is_constant(moved)):
        held, moved = held - held.mean(), moved - moved.mean()
        weights, sizes = tested.weights, abs(tested.weights)
        scale = np.sqrt((held @ held) * (moved @ moved))
        test = linear_test(
            weights.T @ (weights @ held),
            moved,
            call,
            factor=tested.n / (row_sums @ row_sums * scale),
            sizes=sizes.T @ (sizes @ abs(held)),
        )
    return two_map_result("Lee's L", test, tested, graph, call)
