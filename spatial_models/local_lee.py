"""Local Lee's L: where the smoothed values of two maps go together."""

from __future__ import annotations

from concurrent.futures import Executor
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from spatial_models._conditional import lag_test
from spatial_models._local import LocalCall, local_two_map_result
from spatial_models._p_values import Alternative
from spatial_models._randomness import Rng, open_rng
from spatial_models._tested import ROUNDING, align, in_own_unit, is_constant, select, split_self
from spatial_models.local_moran import quadrants
from spatial_models.results import LocalTwoMapResult

if TYPE_CHECKING:
    from libpysal.graph import Graph

__all__ = ["local_lee"]


def local_lee(
    x: pd.Series | npt.ArrayLike,
    y: pd.Series | npt.ArrayLike,
    graph: Graph,
    *,
    permutations: int = 199_999,
    alternative: Alternative = "two-sided",
    alpha: float = 0.05,
    stop_after: int | None = None,
    rng: Rng = None,
    executor: Executor | None = None,
) -> LocalTwoMapResult:
    """Measure how the neighbourhood of each unit on one map resembles that on another.

    The product of the two maps' spatial lags. Descriptive: under random labelling the
    first map stays and the values of the second change places among the other units. So
    the two-sided p-value says whether the *second* map is unusual around the unit, and
    the first one only gives it a direction: the statistic is the same with the maps
    exchanged, its p-value is not.

    Parameters
    ----------
    x : pandas.Series or array_like, shape (n,)
        One number a unit, held in place; NaN where missing.
    y : pandas.Series or array_like, shape (n,)
        One number a unit, permuted; NaN where missing. A unit missing on either map takes
        no part.
    graph : libpysal.graph.Graph
        Neighbours and weights. A unit's weight on itself counts, where
        it has one, as Lee has it.
    permutations : int, default 199999
        Conditional permutations of `y`; 0 makes the p-value the analytic one.
    alternative : {"two-sided", "greater", "less"}
        Tail of the p-values; ``"greater"`` means that the maps go together.
    alpha : float, default 0.05
        Level of the false discovery rate of the classes.
    stop_after : int, optional
        Stop permuting a unit when each tail holds so many permutations as extreme as the
        observed value.
    rng : int, numpy.random.Generator or None
        Source of randomness.
    executor : concurrent.futures.Executor, optional
        Where permutations are made; threads on all cores by default.

    Returns
    -------
    LocalTwoMapResult
        The statistic is n times the product of the lags of the deviations, over the root
        of the product of their sums of squares, as in spdep and esda (which permute pairs
        of values together); under row-standardised weights its mean is the global L.
        ``classes`` name the neighbourhood on the first map, then on the second:
        ``"High-High"``, ``"Low-Low"``, ``"High-Low"``, ``"Low-High"``, or ``"not
        significant"``, and the reason where a unit was not tested.

    References
    ----------
    Lee, S.-I. (2001). Developing a bivariate spatial association measure. Journal of
    Geographical Systems 3, 369-385.

    Examples
    --------
    >>> from libpysal.graph import Graph
    >>> chain = Graph.from_arrays([0, 1, 1, 2, 2, 3, 3, 4], [1, 0, 2, 1, 3, 2, 4, 3], [1] * 8)
    >>> local_lee([5, 5, 3, 2, 0], [9, 7, 8, 1, 0], chain, rng=1).statistic.round(2)
    array([ 0.56,  1.97, -0.28,  0.85,  0.56])
    """
    generator, seed = open_rng(rng)
    call = LocalCall(
        name="local Lee's L",
        prefix="lee",
        alternative=alternative,
        permutations=permutations,
        stop_after=stop_after,
        alpha=alpha,
        seed=seed,
    )
    first, second = align(x, graph), align(y, graph)
    tested = select(np.isnan(first) | np.isnan(second), graph)
    one, two = in_own_unit(first[tested.mask]), in_own_unit(second[tested.mask])
    lag, test = np.zeros(tested.n), None
    if not (is_constant(one) or is_constant(two)):
        held, moved = one - one.mean(), two - two.mean()
        lag = tested.weights @ held
        # A lag that is zero but for rounding must not take a side.
        lag[np.abs(lag) <= ROUNDING * (abs(tested.weights) @ np.abs(held))] = 0.0
        neighbours, own_weight = split_self(tested.weights)
        around = lag_test(
            moved,
            neighbours,
            permutations=permutations,
            rng=generator,
            stop_after=stop_after,
            executor=executor,
        ).plus(own_weight * moved)
        test = around.times(lag * tested.n / np.sqrt((held @ held) * (moved @ moved)))
    statistic = test.statistic if test else np.full(tested.n, np.nan)
    classify = partial(quadrants, own=lag, alpha=alpha)
    return local_two_map_result(call, graph, tested, statistic, test=test, classify=classify)
