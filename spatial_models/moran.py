"""Moran's I: whether neighbours resemble each other over a whole map."""

from __future__ import annotations

from concurrent.futures import Executor
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from spatial_models._global import (
    FEWEST,
    Form,
    GlobalCall,
    GlobalTest,
    Null,
    Pairs,
    check_null,
    global_result,
    has_answer,
    join_pairs,
    linear_test,
    open_call,
    quadratic_tests,
    sum_terms,
    sums_to_nothing,
    two_map_result,
)
from spatial_models._p_values import Alternative
from spatial_models._randomness import Rng
from spatial_models._tested import (
    Floats,
    Tested,
    align,
    from_mean,
    in_own_unit,
    is_constant,
    select,
    split_self,
)
from spatial_models.rates import standardised_rates
from spatial_models.results import GlobalResult, TwoMapResult

if TYPE_CHECKING:
    from libpysal.graph import Graph

__all__ = ["bivariate_moran", "moran", "moran_rate"]


def moran(
    values: pd.Series | npt.ArrayLike,
    graph: Graph,
    *,
    permutations: int = 9_999,
    alternative: Alternative = "two-sided",
    null: Null = "randomisation",
    rng: Rng = None,
    executor: Executor | None = None,
) -> GlobalResult:
    """Measure and test spatial autocorrelation over a whole map.

    Units without a value, and units without a neighbour that has one, take no part.

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
        Tail of the p-values; ``"greater"`` means like neighbours.
    null : {"randomisation", "normality"}
        What expectation, variance, ``z`` and ``p_analytic`` assume: that the values could
        lie in any order, or that they are independent normal draws. The p-value by
        permutation is the same under both.
    rng : int, numpy.random.Generator or None
        Source of randomness.
    executor : concurrent.futures.Executor, optional
        Where permutations are made: threads, processes, a Dask cluster's
        ``Client.get_executor()``; threads on all cores by default. The result does not
        depend on it.

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
    Cliff, A. D. and Ord, J. K. (1981). Spatial Processes. Pion.

    Examples
    --------
    >>> from libpysal.graph import Graph
    >>> ring = Graph.from_arrays(range(8), [1, 2, 3, 4, 5, 6, 7, 0], [1] * 8)
    >>> moran([1, 2, 3, 4, 5, 6, 7, 8], ring, permutations=999, rng=1)
    Moran's I = 0.3333 (expected -0.1429, z = 1.47, p = 0.138 two-sided, 999 permutations, n = 8)
    """
    check_null(null)
    call = open_call(permutations, alternative, rng, executor)
    numbers = align(values, graph)
    tested = select(np.isnan(numbers), graph)
    test = _test(numbers[tested.mask], tested, call, null)
    return global_result("Moran's I", test, tested, graph, call, null=null)


def moran_rate(
    events: pd.Series | npt.ArrayLike,
    exposure: pd.Series | npt.ArrayLike,
    graph: Graph,
    *,
    permutations: int = 9_999,
    alternative: Alternative = "two-sided",
    rng: Rng = None,
    executor: Executor | None = None,
) -> GlobalResult:
    """Measure and test spatial autocorrelation of rates.

    Moran's I of rates that are standardised for the size of their populations by the
    empirical Bayes method (`standardised_rates`), so that the noise of small populations
    makes no difference.

    Parameters
    ----------
    events : pandas.Series or array_like, shape (n,)
        Counts, not negative; NaN where missing. A Series is matched by index, an array
        is in the graph's order.
    exposure : pandas.Series or array_like, shape (n,)
        Denominators; zero or NaN makes a unit missing.
    graph : libpysal.graph.Graph
        Neighbours and weights; a unit's weight on itself is ignored.
    permutations : int, default 9999
        Random permutations behind ``p``; 0 makes ``p`` the analytic p-value.
    alternative : {"two-sided", "greater", "less"}
        Tail of the p-values; ``"greater"`` means like neighbours.
    rng : int, numpy.random.Generator or None
        Source of randomness.
    executor : concurrent.futures.Executor, optional
        Where permutations are made; threads on all cores by default.

    Returns
    -------
    GlobalResult
        NaN throughout where fewer than four units can be tested or there are no events.
        Mean and variance of the rates are learnt from the units that are tested. Where
        that variance is estimated as zero the test is of what chance leaves over: it
        stays valid, and says whether the counts are more alike among neighbours than
        chance makes them.

    Raises
    ------
    SpatialError
        If numbers are negative or infinite, or do not fit the graph.

    References
    ----------
    Assuncao, R. M. and Reis, E. A. (1999). A new proposal to adjust Moran's I for
    population density. Statistics in Medicine 18, 2147-2162.

    Examples
    --------
    >>> from libpysal.graph import Graph
    >>> ring = Graph.from_arrays(range(8), [1, 2, 3, 4, 5, 6, 7, 0], [1] * 8)
    >>> moran_rate([1, 2, 3, 4, 5, 6, 7, 8], [100] * 8, ring, permutations=999, rng=1).p
    0.138
    """
    call = open_call(permutations, alternative, rng, executor)
    counts, people = align(events, graph), align(exposure, graph)
    tested = select(np.isnan(counts) | ~(people > 0), graph)
    scores = standardised_rates(counts, people, reference=tested.mask)
    test = _test(scores[tested.mask], tested, call, "randomisation")
    return global_result("Moran's I of rates", test, tested, graph, call)


def bivariate_moran(
    x: pd.Series | npt.ArrayLike,
    y: pd.Series | npt.ArrayLike,
    graph: Graph,
    *,
    permutations: int = 9_999,
    alternative: Alternative = "two-sided",
    rng: Rng = None,
    executor: Executor | None = None,
) -> TwoMapResult:
    """Measure how one map resembles its neighbours' values on another.

    Descriptive: the p-value is that of random labelling, and takes any clustering of the
    second map for association.

    Parameters
    ----------
    x : pandas.Series or array_like, shape (n,)
        One number a unit, its own value; NaN where missing.
    y : pandas.Series or array_like, shape (n,)
        One number a unit, the value of which neighbours are summed; NaN where missing.
        A unit missing on either map takes no part.
    graph : libpysal.graph.Graph
        Neighbours and weights; a unit's weight on itself is ignored.
    permutations : int, default 9999
        Random permutations of `y`; 0 makes the p-value the analytic one.
    alternative : {"two-sided", "greater", "less"}
        Tail of the p-values; ``"greater"`` means like neighbours.
    rng : int, numpy.random.Generator or None
        Source of randomness.
    executor : concurrent.futures.Executor, optional
        Where permutations are made; threads on all cores by default.

    Returns
    -------
    TwoMapResult
        Moran's I where the two maps are the same. NaN throughout where fewer than four
        units can be tested or a map does not vary.

    Raises
    ------
    SpatialError
        If values are infinite or do not fit the graph.

    References
    ----------
    Wartenberg, D. (1985). Multivariate spatial correlation: a method for exploratory
    geographical analysis. Geographical Analysis 17, 263-283.

    Examples
    --------
    >>> from libpysal.graph import Graph
    >>> ring = Graph.from_arrays(range(8), [1, 2, 3, 4, 5, 6, 7, 0], [1] * 8)
    >>> bivariate_moran([1, 2, 3, 4, 5, 6, 7, 8], [8, 1, 2, 3, 4, 5, 6, 7], ring, rng=1).statistic
    1.0
    """
    call = open_call(permutations, alternative, rng, executor)
    first, second = align(x, graph), align(y, graph)
    tested = select(np.isnan(first) | np.isnan(second), graph)
    own, around = in_own_unit(first[tested.mask]), in_own_unit(second[tested.mask])
    weights, _ = split_self(tested.weights)
    test = GlobalTest()
    still = is_constant(own) or is_constant(around) or sums_to_nothing(weights.data)
    if tested.n >= FEWEST and not still:
        own, around = own - own.mean(), around - around.mean()
        scale = np.sqrt((own @ own) * (around @ around))
        test = linear_test(
            weights.T @ own,
            around,
            call,
            factor=tested.n / (weights.sum() * scale),
            sizes=abs(weights.T) @ abs(own),
        )
    return two_map_result("bivariate Moran's I", test, tested, graph, call)


def _test(values: Floats, tested: Tested, call: GlobalCall, null: Null) -> GlobalTest:
    pairs = join_pairs(tested.weights)
    if not has_answer(values, pairs):
        return GlobalTest()
    deviations = in_own_unit(values)
    deviations = from_mean(deviations)
    form = Form(pairs=tested.n / (pairs.total * float(deviations @ deviations)))
    normal = _normal_moments(pairs) if null == "normality" else None
    return quadratic_tests(deviations, pairs, [form], call, normal=normal)[0]


def _normal_moments(pairs: Pairs) -> tuple[float, float]:
    """Cliff and Ord's moments of Moran's I of independent normal values."""
    n, s0 = pairs.n, pairs.total
    expected = -1 / (n - 1)
    terms = np.array([n**2 * pairs.squares, -n * pairs.degree_squares, 3 * s0**2])
    return expected, sum_terms(np.append(terms / (s0**2 * (n**2 - 1)), -(expected**2)))
