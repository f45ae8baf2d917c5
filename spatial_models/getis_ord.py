"""Getis and Ord's Gi and Gi*: whether high or low values are gathered around a unit."""

from __future__ import annotations

from concurrent.futures import Executor
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import sparse

from spatial_models._conditional import LocalTest, lag_test, sum_of_others
from spatial_models._local import LocalCall, local_result
from spatial_models._p_values import Alternative
from spatial_models._randomness import Rng, open_rng
from spatial_models._tested import Floats, align, in_own_unit, is_constant, select, split_self
from spatial_models.results import NOT_SIGNIFICANT, LocalResult

if TYPE_CHECKING:
    from libpysal.graph import Graph

__all__ = ["SIGNIFICANCE_CLASSES", "SIGNIFICANCE_LEVELS", "getis_ord"]

SIGNIFICANCE_LEVELS: Final = (0.01, 0.05, 0.10)
"""False discovery rates of the classes 99%, 95% and 90%."""

SIGNIFICANCE_CLASSES: Final = (
    "hot 99%",
    "hot 95%",
    "hot 90%",
    NOT_SIGNIFICANT,
    "cold 90%",
    "cold 95%",
    "cold 99%",
)
"""Classes of a tested unit; 95% means a false discovery rate of at most 0.05."""


def getis_ord(
    values: pd.Series | npt.ArrayLike,
    graph: Graph,
    *,
    star: bool = True,
    permutations: int = 199_999,
    alternative: Alternative = "two-sided",
    stop_after: int | None = None,
    rng: Rng = None,
    executor: Executor | None = None,
) -> LocalResult:
    """Find hot and cold spots by Gi* (or Gi), each unit's own value held fixed.

    The null is conditional: a unit keeps its value while the others change places.
    Gi* adds the unit's own value to its neighbours'; under this null that value is a
    constant, so Gi and Gi* have different statistics and the same z and p. (The
    unconditional z that textbooks give for Gi* lets a unit's own high value make it
    hot; on heavy-tailed rates it finds several times too many hot spots.)

    Parameters
    ----------
    values : pandas.Series or array_like, shape (n,)
        One number a unit (a Series is matched by index, an array is in the graph's
        order); NaN where missing.
    graph : libpysal.graph.Graph
        Neighbours and weights. Under `star` a unit without a weight
        on itself gets the mean weight of its neighbours.
    star : bool, default True
        Whether the unit itself belongs to its neighbourhood (Gi*).
    permutations : int, default 199999
        Conditional permutations behind ``p``; 0 makes ``p`` the analytic p-value.
    alternative : {"two-sided", "greater", "less"}
        Tail of the p-values.
    stop_after : int, optional
        Stop permuting a unit when each tail holds so many permutations as extreme as the
        observed value (sequential p-values, Besag and Clifford 1991). Saves time where
        weights differ within rows.
    rng : int, numpy.random.Generator or None
        Source of randomness.
    executor : concurrent.futures.Executor, optional
        Where permutations are made: threads, processes, a Dask cluster's
        ``Client.get_executor()``; threads on all cores by default. The result does not
        depend on it.

    Returns
    -------
    LocalResult
        ``statistic`` is the share of the map's total in the neighbourhood (under Gi, of
        the others' total), NaN with its moments where some values are negative: it needs
        a natural zero, z and p do not. ``classes`` are those of
        `SIGNIFICANCE_CLASSES`, by false discovery rate, and the reason where a unit
        was not tested.

    References
    ----------
    Getis, A. and Ord, J. K. (1992). The analysis of spatial association by use of
    distance statistics. Geographical Analysis 24, 189-206. Ord, J. K. and Getis, A.
    (1995). Local spatial autocorrelation statistics. Geographical Analysis 27, 286-306.

    Examples
    --------
    >>> from libpysal.graph import Graph
    >>> ring = Graph.from_arrays(range(6), [1, 2, 3, 4, 5, 0], [1] * 6)
    >>> result = getis_ord([9, 9, 9, 1, 1, 1], ring, rng=1)
    >>> result.z.round(2).tolist()
    [1.22, 1.22, -0.82, -1.22, -1.22, 0.82]
    """
    generator, seed = open_rng(rng)
    call = LocalCall(
        name="Gi*" if star else "Gi",
        prefix="gi",
        alternative=alternative,
        permutations=permutations,
        stop_after=stop_after,
        seed=seed,
    )
    numbers = align(values, graph)
    tested = select(np.isnan(numbers), graph)
    inside = in_own_unit(numbers[tested.mask])
    neighbours, own_weight = split_self(tested.weights)
    statistic, test = np.full(tested.n, np.nan), None
    if not is_constant(inside):
        test = lag_test(
            inside,
            neighbours,
            permutations=permutations,
            rng=generator,
            stop_after=stop_after,
            executor=executor,
        )
        test = _as_share(test, inside, neighbours, own_weight if star else None)
        statistic = test.statistic
    return local_result(call, graph, tested, statistic, test=test, classify=significance_classes)


def _as_share(
    test: LocalTest, values: Floats, neighbours: sparse.csr_array, own_weight: Floats | None
) -> LocalTest:
    """Turn lags into shares of the map's total, with the unit's own value under the star.

    There is no share where values are negative, or where the others' total is nothing.
    """
    total = np.full(values.shape, np.nan)
    if values.min() >= 0:
        total = sum_of_others(values) if own_weight is None else np.full_like(total, values.sum())
    if own_weight is not None:
        mean_weight = neighbours.sum(axis=1) / np.diff(neighbours.indptr)
        test = test.plus(np.where(own_weight > 0, own_weight, mean_weight) * values)
    share = np.divide(1.0, total, out=np.full_like(total, np.nan), where=total > 0)
    return replace(
        test,
        statistic=test.statistic * share,
        expected=test.expected * share,
        variance=test.variance * share**2,
    )


def significance_classes(direction: Floats, p_fdr: Floats) -> npt.NDArray[np.str_]:
    """Name hot and cold at 99, 95 and 90 %, by adjusted p-value.

    Parameters
    ----------
    direction : numpy.ndarray of float, shape (n,)
        Above 0 for hot, below for cold.
    p_fdr : numpy.ndarray of float, shape (n,)
        Adjusted p-values.

    Returns
    -------
    numpy.ndarray of str, shape (n,)
        Classes of `SIGNIFICANCE_CLASSES`.

    Examples
    --------
    >>> significance_classes(np.array([3.0, -2.0]), np.array([0.008, 0.2])).tolist()
    ['hot 99%', 'not significant']
    """
    middle = SIGNIFICANCE_CLASSES.index(NOT_SIGNIFICANT)
    reached = np.sum([p_fdr <= level for level in SIGNIFICANCE_LEVELS], axis=0)
    place = middle - np.sign(direction).astype(np.int64) * reached
    classes: npt.NDArray[np.str_] = np.array(SIGNIFICANCE_CLASSES)[place]
    return classes
