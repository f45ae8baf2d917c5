"""Local Moran's I: where neighbours resemble each other, and where they do not."""

from __future__ import annotations

from concurrent.futures import Executor
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from spatial_models._conditional import LocalTest, lag_test
from spatial_models._local import LocalCall, Strings, local_result, local_two_map_result
from spatial_models._p_values import Alternative
from spatial_models._randomness import Rng, open_rng
from spatial_models._tested import (
    Floats,
    Tested,
    align,
    in_own_unit,
    is_constant,
    select,
    split_self,
)
from spatial_models.rates import standardised_rates
from spatial_models.results import NOT_SIGNIFICANT, LocalResult, LocalTwoMapResult

if TYPE_CHECKING:
    from libpysal.graph import Graph

__all__ = ["bivariate_local_moran", "local_moran", "local_moran_rate"]


def local_moran(
    values: pd.Series | npt.ArrayLike,
    graph: Graph,
    *,
    permutations: int = 199_999,
    alternative: Alternative = "two-sided",
    alpha: float = 0.05,
    stop_after: int | None = None,
    rng: Rng = None,
    executor: Executor | None = None,
) -> LocalResult:
    """Measure and test how each unit resembles its neighbours.

    The null is conditional: a unit keeps its value while the others change places. Units
    without a value, and units without a neighbour that has one, take no part.

    Parameters
    ----------
    values : pandas.Series or array_like, shape (n,)
        One number a unit (a Series is matched by index, an array is in the graph's
        order); NaN where missing.
    graph : libpysal.graph.Graph
        Neighbours and weights; a unit's weight on itself is ignored.
    permutations : int, default 199999
        Conditional permutations behind ``p``; 0 makes ``p`` the analytic p-value. The
        default reaches p-values small enough for a false discovery rate over some
        thousand units.
    alternative : {"two-sided", "greater", "less"}
        Tail of the p-values; ``"greater"`` means like neighbours.
    alpha : float, default 0.05
        Level of the false discovery rate below which a unit is given its quadrant.
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
        ``classes`` are ``"High-High"``, ``"Low-Low"``, ``"High-Low"``, ``"Low-High"`` or
        ``"not significant"``, and the reason where a unit was not tested: the unit's own
        value against the mean, then its neighbours against what is expected around it
        (the side of the tail that ``p`` comes from). The statistic divides by the sum of
        squares over n - 1, as GeoDa and esda do.

    Raises
    ------
    SpatialError
        If values do not fit the graph, or an option is out of range.

    References
    ----------
    Anselin, L. (1995). Local indicators of spatial association. Geographical Analysis
    27, 93-115. Sokal, R. R., Oden, N. L. and Thomson, B. A. (1998). Local spatial
    autocorrelation in a biological model. Geographical Analysis 30, 331-354. Besag, J.
    and Clifford, P. (1991). Sequential Monte Carlo p-values. Biometrika 78, 301-304.

    Examples
    --------
    >>> from libpysal.graph import Graph
    >>> chain = Graph.from_arrays([0, 1, 1, 2, 2, 3, 3, 4], [1, 0, 2, 1, 3, 2, 4, 3], [1] * 8)
    >>> local_moran([5, 4, 3, 2, float("nan")], chain, rng=1).classes.tolist()
    ['not significant', 'not significant', 'not significant', 'not significant', 'no data']
    """
    generator, seed = open_rng(rng)
    numbers = align(values, graph)
    call = LocalCall(
        name="local Moran's I",
        prefix="lisa",
        alternative=alternative,
        permutations=permutations,
        stop_after=stop_after,
        alpha=alpha,
        seed=seed,
    )
    tested = select(np.isnan(numbers), graph)
    inside = numbers[tested.mask]
    statistic, test, classify = _test(
        inside, inside, tested, call, rng=generator, executor=executor
    )
    return local_result(call, graph, tested, statistic, test=test, classify=classify)


def local_moran_rate(
    events: pd.Series | npt.ArrayLike,
    exposure: pd.Series | npt.ArrayLike,
    graph: Graph,
    *,
    permutations: int = 199_999,
    alternative: Alternative = "two-sided",
    alpha: float = 0.05,
    stop_after: int | None = None,
    rng: Rng = None,
    executor: Executor | None = None,
) -> LocalResult:
    """Measure and test how each unit's rate resembles its neighbours'.

    Local Moran's I of rates that are standardised for the size of their populations
    (Assuncao and Reis 1999). Rates are heavy-tailed; for hot spots of rates use
    `rate_hot_spots`, whose scores are not.

    Parameters
    ----------
    events : pandas.Series or array_like, shape (n,)
        Counts a unit; NaN where missing.
    exposure : pandas.Series or array_like, shape (n,)
        Denominators; zero or NaN makes a unit missing.
    graph : libpysal.graph.Graph
        Neighbours and weights; a unit's weight on itself is ignored.
    permutations : int, default 199999
        Conditional permutations behind ``p``; 0 makes ``p`` the analytic p-value.
    alternative : {"two-sided", "greater", "less"}
        Tail of the p-values; ``"greater"`` means like neighbours.
    alpha : float, default 0.05
        Level of the false discovery rate below which a unit is given its quadrant.
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
        As of `local_moran`. Where chance explains the differences between rates, the
        scores are those of chance, and are tested as they are.

    Raises
    ------
    SpatialError
        If counts or denominators are negative or infinite.

    References
    ----------
    Assuncao, R. M. and Reis, E. A. (1999). A new proposal to adjust Moran's I for
    population density. Statistics in Medicine 18, 2147-2162.

    Examples
    --------
    >>> from libpysal.graph import Graph
    >>> chain = Graph.from_arrays([0, 1, 1, 2, 2, 3, 3, 4], [1, 0, 2, 1, 3, 2, 4, 3], [1] * 8)
    >>> local_moran_rate([9, 8, 7, 2, 1], [100] * 5, chain, permutations=0).statistic.round(2)
    array([ 0.7 ,  1.02, -0.1 ,  0.72,  1.12])
    """
    counts, people = align(events, graph), align(exposure, graph)
    tested = select(np.isnan(counts) | ~(people > 0), graph)
    result = local_moran(
        standardised_rates(counts, people, reference=tested.mask),
        graph,
        permutations=permutations,
        alternative=alternative,
        alpha=alpha,
        stop_after=stop_after,
        rng=rng,
        executor=executor,
    )
    return replace(result, name="local Moran's I of rates", prefix="rate_lisa")


def bivariate_local_moran(
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
    """Measure how each unit's value on one map resembles its neighbours' on another.

    Descriptive: the p-values are those of random labelling. They say whether the *second*
    map is unusual around a unit, and take any clustering of it for association.

    Parameters
    ----------
    x : pandas.Series or array_like, shape (n,)
        One number a unit, its own value; NaN where missing.
    y : pandas.Series or array_like, shape (n,)
        One number a unit, the value of which neighbours are averaged; NaN where missing.
        A unit missing on either map takes no part.
    graph : libpysal.graph.Graph
        Neighbours and weights; a unit's weight on itself is ignored.
    permutations : int, default 199999
        Conditional permutations of `y`; 0 makes the p-value the analytic one.
    alternative : {"two-sided", "greater", "less"}
        Tail of the p-values; ``"greater"`` means like neighbours.
    alpha : float, default 0.05
        Level of the false discovery rate below which a unit is given its quadrant.
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
        ``classes`` name the unit's own value first, its neighbours' second.

    References
    ----------
    Anselin, L., Syabri, I. and Smirnov, O. (2002). Visualizing multivariate spatial
    correlation with dynamically linked windows. University of Illinois.

    Examples
    --------
    >>> from libpysal.graph import Graph
    >>> chain = Graph.from_arrays([0, 1, 1, 2, 2, 3, 3, 4], [1, 0, 2, 1, 3, 2, 4, 3], [1] * 8)
    >>> bivariate_local_moran([5, 4, 2, 2, 1], [9, 7, 8, 1, 0], chain, rng=1).statistic.round(2)
    array([0.64, 1.22, 0.23, 0.23, 1.05])
    """
    generator, seed = open_rng(rng)
    first, second = align(x, graph), align(y, graph)
    call = LocalCall(
        name="bivariate local Moran's I",
        prefix="bilisa",
        alternative=alternative,
        permutations=permutations,
        stop_after=stop_after,
        alpha=alpha,
        seed=seed,
    )
    tested = select(np.isnan(first) | np.isnan(second), graph)
    statistic, test, classify = _test(
        first[tested.mask],
        second[tested.mask],
        tested,
        call,
        rng=generator,
        executor=executor,
    )
    return local_two_map_result(call, graph, tested, statistic, test=test, classify=classify)


def _test(
    own: Floats,
    around: Floats,
    tested: Tested,
    call: LocalCall,
    **chance: Any,
) -> tuple[Floats, LocalTest | None, Any]:
    """Test a unit's own value times the lag of `around`, both in deviations."""
    if is_constant(own) or is_constant(around):
        return np.full(tested.n, np.nan), None, None
    mine, theirs = _deviations(in_own_unit(own)), _deviations(in_own_unit(around))
    lags = lag_test(
        theirs,
        split_self(tested.weights)[0],
        permutations=call.permutations,
        stop_after=call.stop_after,
        **chance,
    )
    squares = np.sqrt((mine @ mine) * (theirs @ theirs))
    test = lags.times(mine * ((tested.n - 1) / squares))
    return test.statistic, test, partial(quadrants, own=mine, alpha=call.alpha)


def quadrants(direction: Floats, p_fdr: Floats, *, own: Floats, alpha: float) -> Strings:
    """Name the side of a unit, and the side on which its neighbours are significant.

    Like neighbours (direction above 0) are on the unit's own side.
    """
    names = np.array(["Low-Low", "Low-High", "High-Low", "High-High", NOT_SIGNIFICANT])
    high = own > 0
    around_high = np.where(direction > 0, high, ~high)
    return names[np.where(p_fdr <= alpha, 2 * high + around_high, 4)]


def _deviations(values: Floats) -> Floats:
    """Subtract the mean; a value that is the mean but for rounding must not take a side."""
    deviations: Floats = values - values.mean()
    rounding = 8 * np.finfo(np.float64).eps * np.abs(values).max()
    deviations[np.abs(deviations) <= rounding] = 0.0
    return deviations
