"""Local Geary's c: how far each unit differs from its neighbours, in one or more variables."""

from __future__ import annotations

from concurrent.futures import Executor
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import sparse

from spatial_models._columns import align_columns, lacks_any
from spatial_models._conditional import LocalTest, local_test, permuted_tails, sum_of_others
from spatial_models._local import LocalCall, Strings, local_result
from spatial_models._p_values import Alternative
from spatial_models._randomness import Rng, open_rng
from spatial_models._tested import ROUNDING, Floats, in_own_unit, is_constant, select, split_self
from spatial_models.results import NOT_SIGNIFICANT, LocalResult

if TYPE_CHECKING:
    from libpysal.graph import Graph

__all__ = ["local_geary"]


def local_geary(
    values: pd.DataFrame | pd.Series | npt.ArrayLike,
    graph: Graph,
    *,
    permutations: int = 199_999,
    alternative: Alternative = "two-sided",
    alpha: float = 0.05,
    stop_after: int | None = None,
    rng: Rng = None,
    executor: Executor | None = None,
) -> LocalResult:
    """Measure and test how far each unit differs from its neighbours.

    The weighted sum of squared differences between a unit and its neighbours, in standard
    deviations; of several variables, the mean over them. A *small* c means like
    neighbours (positive autocorrelation, z below 0), a large one unlike neighbours. The
    null is conditional: a unit keeps its values while those of the others change places,
    the values of a unit together. Units without a value, and units without a neighbour
    that has one, take no part.

    Parameters
    ----------
    values : pandas.DataFrame, pandas.Series or array_like, shape (n,) or (n, m)
        One number a unit, or m (a Series or DataFrame is matched by index, an array is in
        the graph's order). A unit with a NaN is missing.
    graph : libpysal.graph.Graph
        Neighbours and weights; a unit's weight on itself has no part.
    permutations : int, default 199999
        Conditional permutations behind ``p``; 0 makes ``p`` the analytic p-value.
    alternative : {"two-sided", "greater", "less"}
        Tail of the p-values: ``"greater"`` means a large c, unlike neighbours; ``"less"``
        a small one, like neighbours.
    alpha : float, default 0.05
        Level of the false discovery rate below which a unit is given its class.
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
        ``classes`` of one variable are ``"High-High"`` and ``"Low-Low"`` (like neighbours,
        both above or below the mean), ``"other positive"`` (like neighbours, across the
        mean) and ``"negative"`` (unlike neighbours); of several ``"positive"`` and
        ``"negative"``; or ``"not significant"``, and the reason where a unit was not
        tested. The statistic standardises by the variance over n - 1, as GeoDa and spdep
        do (esda, over n, has it n / (n - 1) times as large); its expectation is near
        twice the sum of a unit's weights.

    References
    ----------
    Anselin, L. (1995). Local indicators of spatial association. Geographical Analysis
    27, 93-115. Anselin, L. (2019). A local indicator of multivariate spatial association:
    extending Geary's c. Geographical Analysis 51, 133-150.

    Examples
    --------
    >>> from libpysal.graph import Graph
    >>> chain = Graph.from_arrays([0, 1, 1, 2, 2, 3, 3, 4], [1, 0, 2, 1, 3, 2, 4, 3], [1] * 8)
    >>> local_geary([5, 4, 3, 2, 9], chain, rng=1).statistic.round(2)
    array([0.14, 0.27, 0.27, 6.85, 6.71])
    >>> local_geary([[5, 1], [4, 2], [3, 3], [2, 4], [9, 5]], chain, rng=1).statistic.round(2)
    array([0.27, 0.54, 0.54, 3.82, 3.56])
    """
    generator, seed = open_rng(rng)
    call = LocalCall(
        name="local Geary's c",
        prefix="geary",
        alternative=alternative,
        permutations=permutations,
        stop_after=stop_after,
        alpha=alpha,
        seed=seed,
    )
    numbers = align_columns(values, graph)
    tested = select(lacks_any(numbers), graph)
    inside = np.column_stack([in_own_unit(column) for column in numbers[tested.mask].T])
    neighbours, _ = split_self(tested.weights)
    statistic, test = np.full(tested.n, np.nan), None
    alike = np.full(tested.n, "positive")
    if not any(is_constant(column) for column in inside.T):
        # Only differences matter. From the median, they keep most digits where a few
        # values are far out.
        scores = (inside - np.median(inside, axis=0)) / inside.std(axis=0, ddof=1)
        statistic = _weighted_differences(scores, neighbours)
        test = _test(
            statistic,
            scores,
            neighbours,
            permutations=permutations,
            rng=generator,
            stop_after=stop_after,
            executor=executor,
        )
        if scores.shape[1] == 1:
            alike = _sides(inside[:, 0], neighbours)
    classify = partial(_classes, alike=alike, alpha=alpha)
    return local_result(call, graph, tested, statistic, test=test, classify=classify)


def _weighted_differences(scores: Floats, neighbours: sparse.csr_array) -> Floats:
    here = np.repeat(np.arange(scores.shape[0]), np.diff(neighbours.indptr))
    squares = ((scores[here] - scores[neighbours.indices]) ** 2).mean(axis=1)
    return np.add.reduceat(neighbours.data * squares, neighbours.indptr[:-1])


def _test(
    statistic: Floats,
    scores: Floats,
    neighbours: sparse.csr_array,
    *,
    permutations: int,
    rng: np.random.Generator,
    stop_after: int | None,
    executor: Executor | None,
) -> LocalTest:
    """Test c as a sum of lags, with slopes of the unit's own.

    With s for a unit's m scores and q for their sum of squares, the mean squared
    difference of units i and j is (q_i + q_j - 2 s_i . s_j) / m. Its first part is fixed
    under the null; the rest is linear in the columns q and s of unit j.
    """
    m = scores.shape[1]
    squares = (scores**2).sum(axis=1)
    columns = np.column_stack([squares, scores])
    slopes = np.column_stack([np.ones_like(squares), -2 * scores]) / m
    mean, variance, size = _moments_of_others(columns, slopes)
    weight = neighbours.sum(axis=1)
    weight_squared = neighbours.power(2).sum(axis=1)
    others = scores.shape[0] - 1
    # A sum of draws without replacement from the other units.
    spread = (others * weight_squared - weight**2) / max(others - 1, 1)
    tails = permuted_tails(
        columns,
        neighbours,
        slopes=slopes,
        permutations=permutations,
        rng=rng,
        stop_after=stop_after,
        executor=executor,
    )
    return local_test(
        statistic,
        weight * (squares / m + mean),
        np.maximum(variance * spread, 0.0),
        scale=size * weight_squared,
        tails=tails,
    )


def _moments_of_others(columns: Floats, slopes: Floats) -> tuple[Floats, Floats, Floats]:
    """Give mean and variance, over all other units, of the columns times a unit's slopes.

    The last is the size of the terms that make up the variance, to tell it from rounding.
    """
    others = columns.shape[0] - 1
    mean = sum_of_others(columns) / others
    variance, size = np.zeros(others + 1), np.zeros(others + 1)
    for a in range(columns.shape[1]):
        for b in range(columns.shape[1]):
            products = sum_of_others(columns[:, a] * columns[:, b]) / others
            term = slopes[:, a] * slopes[:, b] * (products - mean[:, a] * mean[:, b])
            variance += term
            if a == b:
                size += term
    return (slopes * mean).sum(axis=1), variance, size


def _classes(direction: Floats, p_fdr: Floats, *, alike: Strings, alpha: float) -> Strings:
    found = p_fdr <= alpha
    cases = [found & (direction < 0), found & (direction > 0)]
    return np.select(cases, [alike, "negative"], NOT_SIGNIFICANT)


def _sides(values: Floats, neighbours: sparse.csr_array) -> Strings:
    """Name units that are above the mean like their neighbours, or below it like them."""
    deviations = values - values.mean()
    lag = neighbours @ deviations
    # What is the mean but for rounding takes no side.
    margin = ROUNDING * np.abs(values).max()
    high = (deviations > margin) & (lag > margin * abs(neighbours).sum(axis=1))
    low = (deviations < -margin) & (lag < -margin * abs(neighbours).sum(axis=1))
    return np.select([high, low], ["High-High", "Low-Low"], "other positive")
