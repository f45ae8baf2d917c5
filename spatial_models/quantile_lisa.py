"""Quantile LISA: whether units of one quantile lie beside each other."""

from __future__ import annotations

from concurrent.futures import Executor
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from spatial_models._columns import align_columns, lacks_any
from spatial_models._labelled_neighbours import count_joins
from spatial_models._local import LocalCall, local_result
from spatial_models._p_values import Alternative
from spatial_models._randomness import Rng, open_rng
from spatial_models._tested import Bools, Floats, select
from spatial_models.errors import SpatialError
from spatial_models.results import LocalResult

if TYPE_CHECKING:
    from libpysal.graph import Graph

__all__ = ["quantile_lisa"]


def quantile_lisa(
    values: pd.DataFrame | pd.Series | npt.ArrayLike,
    graph: Graph,
    *,
    quantiles: int = 5,
    quantile: int | None = None,
    permutations: int = 199_999,
    alternative: Alternative = "two-sided",
    alpha: float = 0.05,
    stop_after: int | None = None,
    rng: Rng = None,
    executor: Executor | None = None,
) -> LocalResult:
    """Count, around each unit of a quantile, the neighbours that belong to it too.

    The local join count of membership in one quantile; of several variables, of
    membership in that quantile of all of them. It asks nothing of the values but their
    order. Only members are tested; where the neighbours of a unit weigh the same, ``p``
    is exact, without a permutation.

    Parameters
    ----------
    values : pandas.DataFrame, pandas.Series or array_like, shape (n,) or (n, m)
        One number a unit, or m (a Series or DataFrame is matched by index, an array is in
        the graph's order). A unit with a NaN is missing. Turn the sign of a variable over
        to meet its low quantile with the high one of another.
    graph : libpysal.graph.Graph
        Neighbours and weights; a unit's weight on itself is ignored.
        Binary weights make the statistic a count, row-standardised ones a share.
    quantiles : int, default 5
        Number of quantiles into which the tested units are divided.
    quantile : int, optional
        The one whose members are tested, from 1, the lowest; the highest by default.
    permutations : int, default 199999
        Conditional permutations behind ``p`` of units whose neighbours weigh differently;
        0 makes theirs the analytic p-value. The result says 0 where none were needed.
    alternative : {"two-sided", "greater", "less"}
        Tail of the p-values; ``"greater"`` means more such neighbours than by chance.
    alpha : float, default 0.05
        Level of the false discovery rate, over members, of the classes.
    stop_after : int, optional
        Stop permuting a unit when each tail holds so many permutations as extreme as the
        observed value.
    rng : int, numpy.random.Generator or None
        Source of randomness.
    executor : concurrent.futures.Executor, optional
        Where permutations are made; threads on all cores by default.

    Returns
    -------
    LocalResult
        ``classes`` as of `local_join_count`; ``"absent"`` is a unit outside the quantile.
        Breaks are those of ``pandas.qcut``, each belonging to the quantile below it:
        equal values are never parted, so that many equal values make a quantile large
        and leave the next one empty ("no variation").

    Raises
    ------
    SpatialError
        If there is no such quantile.

    References
    ----------
    Anselin, L. (2019). Quantile local spatial autocorrelation. Letters in Spatial and
    Resource Sciences 12, 155-166.

    Examples
    --------
    >>> from libpysal.graph import Graph
    >>> ring = Graph.from_arrays([*range(8)] * 2, [*range(1, 8), 0, 7, *range(7)], [1] * 16)
    >>> result = quantile_lisa([7, 8, 9, 1, 2, 3, 4, 5], ring, quantiles=3, quantile=3)
    >>> result.statistic.tolist()
    [1.0, 2.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0]
    """
    quantile = quantiles if quantile is None else quantile
    if quantiles < 2 or not 1 <= quantile <= quantiles:  # noqa: PLR2004  (one is no division)
        message = (
            f"found quantile {quantile} of {quantiles}; expected at least two quantiles, and "
            "one of them, counted from 1"
        )
        raise SpatialError(message)
    generator, seed = open_rng(rng)
    numbers = align_columns(values, graph)
    tested = select(lacks_any(numbers), graph)
    columns = numbers[tested.mask].T
    members = np.ones(tested.n, dtype=bool)
    for column in columns:
        members &= _in_quantile(column, quantiles, quantile)
    call = LocalCall(
        name=f"quantile LISA ({quantile} of {quantiles})",
        prefix="quantile",
        alternative=alternative,
        permutations=permutations,
        stop_after=stop_after,
        alpha=alpha,
        seed=seed,
    )
    call, statistic, test, classify = count_joins(
        members,
        members.astype(np.float64),
        tested,
        call,
        rng=generator,
        executor=executor,
    )
    return local_result(call, graph, tested, statistic, test=test, classify=classify)


def _in_quantile(values: Floats, quantiles: int, quantile: int) -> Bools:
    """Tell which values lie above the break below a quantile and not above its own.

    A break lies between two neighbours in order, or on the lower of them. To compare with
    that lower one is to compare with the break, without the rounding.
    """
    if not values.size:
        return np.zeros(0, dtype=bool)
    ordered, last = np.sort(values), values.size - 1
    members = values <= ordered[quantile * last // quantiles]
    if quantile > 1:
        members &= values > ordered[(quantile - 1) * last // quantiles]
    return np.asarray(members)
