"""Local join counts: of units that have something, how many neighbours have it too."""

from __future__ import annotations

from concurrent.futures import Executor
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from spatial_models._columns import align_columns, check_binary, lacks_any
from spatial_models._labelled_neighbours import count_joins
from spatial_models._local import LocalCall, local_result, local_two_map_result
from spatial_models._p_values import Alternative
from spatial_models._randomness import Rng, open_rng
from spatial_models._tested import align, select
from spatial_models.errors import SpatialError
from spatial_models.results import LocalResult, LocalTwoMapResult

if TYPE_CHECKING:
    from libpysal.graph import Graph

__all__ = ["bivariate_local_join_count", "local_co_location", "local_join_count"]


def local_join_count(
    binary: pd.Series | npt.ArrayLike,
    graph: Graph,
    *,
    permutations: int = 199_999,
    alternative: Alternative = "two-sided",
    alpha: float = 0.05,
    stop_after: int | None = None,
    rng: Rng = None,
    executor: Executor | None = None,
) -> LocalResult:
    """Count, around each unit that has something, the neighbours that have it too.

    Only units with a 1 are tested. The null is conditional: a unit keeps its 1 while the
    values of the others change places. Where the neighbours of a unit weigh the same, the
    number of ones among them is then hypergeometric and ``p`` is exact, without a
    permutation; being of a count, it is at most as large as it says in 5 % of maps
    without pattern, and often in fewer.

    Parameters
    ----------
    binary : pandas.Series or array_like, shape (n,)
        0 and 1, or False and True (a Series is matched by index, an array is in the
        graph's order); NaN where missing.
    graph : libpysal.graph.Graph
        Neighbours and weights; a unit's weight on itself is ignored.
        Binary weights make the statistic a count, row-standardised ones a share.
    permutations : int, default 199999
        Conditional permutations behind ``p`` of units whose neighbours weigh differently;
        0 makes theirs the analytic p-value. The result says 0 where none were needed.
    alternative : {"two-sided", "greater", "less"}
        Tail of the p-values; ``"greater"`` means more such neighbours than by chance.
    alpha : float, default 0.05
        Level of the false discovery rate, over units with a 1, of the classes.
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
        ``classes`` are ``"cluster"`` (more such neighbours than by chance),
        ``"dispersed"`` (fewer), ``"not significant"``, ``"absent"`` (a 0: the statistic
        is 0 and there is no p-value), and the reason where a unit took no part. ``n``
        counts absent units, which are part of the null.

    Raises
    ------
    SpatialError
        If there are other values than 0 and 1.

    References
    ----------
    Anselin, L. and Li, X. (2019). Operational local join count statistics for cluster
    detection. Journal of Geographical Systems 21, 189-210.

    Examples
    --------
    >>> from libpysal.graph import Graph
    >>> ring = Graph.from_arrays([*range(8)] * 2, [*range(1, 8), 0, 7, *range(7)], [1] * 16)
    >>> result = local_join_count([1, 1, 1, 0, 0, 0, 0, 0], ring)
    >>> result.statistic.tolist()
    [1.0, 2.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0]
    >>> result.p[:4].round(3)  # two ones among the two neighbours: 1 in 21, two-sided 2 in 21
    array([1.   , 0.095, 1.   ,   nan])
    """
    generator, seed = open_rng(rng)
    labels = align(binary, graph)
    check_binary(labels)
    tested = select(np.isnan(labels), graph)
    inside = labels[tested.mask]
    call = LocalCall(
        name="local join count",
        prefix="join_count",
        alternative=alternative,
        permutations=permutations,
        stop_after=stop_after,
        alpha=alpha,
        seed=seed,
    )
    call, statistic, test, classify = count_joins(
        inside == 1, inside, tested, call, rng=generator, executor=executor
    )
    return local_result(call, graph, tested, statistic, test=test, classify=classify)


def local_co_location(
    binaries: pd.DataFrame | npt.ArrayLike,
    graph: Graph,
    *,
    permutations: int = 199_999,
    alternative: Alternative = "two-sided",
    alpha: float = 0.05,
    stop_after: int | None = None,
    rng: Rng = None,
    executor: Executor | None = None,
) -> LocalResult:
    """Count, around each unit that has several things at once, the neighbours that do too.

    The local join count of having all of them. Under the null what a unit has moves with
    it, all together: it is asked whether places of co-location lie beside each other, not
    whether there are more of them than by chance.

    Parameters
    ----------
    binaries : pandas.DataFrame or array_like, shape (n, m)
        At least two columns of 0 and 1, or False and True (a DataFrame is matched by
        index, an array is in the graph's order). A unit with a NaN in any is missing.
    graph : libpysal.graph.Graph
        Neighbours and weights; a unit's weight on itself is ignored.
    permutations : int, default 199999
        Conditional permutations behind ``p`` of units whose neighbours weigh differently;
        of others ``p`` is exact.
    alternative : {"two-sided", "greater", "less"}
        Tail of the p-values; ``"greater"`` means more such neighbours than by chance.
    alpha : float, default 0.05
        Level of the false discovery rate, over units with co-location, of the classes.
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
        As of `local_join_count`; ``"absent"`` is a unit that lacks any of them.

    Raises
    ------
    SpatialError
        If there are fewer than two columns, or other values than 0 and 1.

    References
    ----------
    Anselin, L. and Li, X. (2019). Operational local join count statistics for cluster
    detection. Journal of Geographical Systems 21, 189-210.

    Examples
    --------
    >>> from libpysal.graph import Graph
    >>> chain = Graph.from_arrays([0, 1, 1, 2, 2, 3], [1, 0, 2, 1, 3, 2], [1] * 6)
    >>> local_co_location([[1, 1], [1, 1], [1, 0], [0, 1]], chain).classes.tolist()
    ['not significant', 'not significant', 'absent', 'absent']
    """
    generator, seed = open_rng(rng)
    labels = align_columns(binaries, graph)
    check_binary(labels)
    if labels.shape[1] == 1:
        message = "found one column; expected two or more: use local_join_count for one"
        raise SpatialError(message)
    tested = select(lacks_any(labels), graph)
    inside = labels[tested.mask].prod(axis=1)
    call = LocalCall(
        name="local co-location join count",
        prefix="co_location",
        alternative=alternative,
        permutations=permutations,
        stop_after=stop_after,
        alpha=alpha,
        seed=seed,
    )
    call, statistic, test, classify = count_joins(
        inside == 1, inside, tested, call, rng=generator, executor=executor
    )
    return local_result(call, graph, tested, statistic, test=test, classify=classify)


def bivariate_local_join_count(
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
    """Count, around each unit that has one thing, the neighbours that have another.

    For two things that no unit has both of. Only units with the first are tested; the
    values of the second change places among all other units.

    Parameters
    ----------
    x : pandas.Series or array_like, shape (n,)
        0 and 1, or False and True: the units around which is counted; NaN where missing.
    y : pandas.Series or array_like, shape (n,)
        0 and 1, or False and True: what is counted; NaN where missing. A unit missing on
        either map takes no part.
    graph : libpysal.graph.Graph
        Neighbours and weights; a unit's weight on itself is ignored.
    permutations : int, default 199999
        Conditional permutations behind the p-value of units whose neighbours weigh
        differently; of others it is exact.
    alternative : {"two-sided", "greater", "less"}
        Tail of the p-values; ``"greater"`` means more such neighbours than by chance.
    alpha : float, default 0.05
        Level of the false discovery rate, over units with the first, of the classes.
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
        ``classes`` as of `local_join_count`; ``"absent"`` is a unit without the first.

    Raises
    ------
    SpatialError
        If a unit has both, or there are other values than 0 and 1.

    References
    ----------
    Anselin, L. and Li, X. (2019). Operational local join count statistics for cluster
    detection. Journal of Geographical Systems 21, 189-210.

    Examples
    --------
    >>> from libpysal.graph import Graph
    >>> ring = Graph.from_arrays([*range(6)] * 2, [*range(1, 6), 0, 5, *range(5)], [1] * 12)
    >>> result = bivariate_local_join_count([0, 1, 0, 0, 0, 0], [1, 0, 1, 0, 0, 0], ring)
    >>> result.statistic[1], result.p_random_labelling[1].round(3)
    (np.float64(2.0), np.float64(0.2))
    """
    generator, seed = open_rng(rng)
    first, second = align(x, graph), align(y, graph)
    check_binary(first)
    check_binary(second)
    both = int((first * second == 1).sum())
    if both:
        message = (
            f"found {both} units with a 1 on both maps; expected none: use local_co_location, "
            "or leave the units out by NaN"
        )
        raise SpatialError(message)
    tested = select(np.isnan(first) | np.isnan(second), graph)
    call = LocalCall(
        name="bivariate local join count",
        prefix="bivariate_join_count",
        alternative=alternative,
        permutations=permutations,
        stop_after=stop_after,
        alpha=alpha,
        seed=seed,
    )
    call, statistic, test, classify = count_joins(
        first[tested.mask] == 1,
        second[tested.mask],
        tested,
        call,
        rng=generator,
        executor=executor,
    )
    return local_two_map_result(call, graph, tested, statistic, test=test, classify=classify)
