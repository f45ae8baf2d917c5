"""Join counts: whether units of the same kind lie together."""

from __future__ import annotations

from concurrent.futures import Executor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from spatial_models._columns import check_binary
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
from spatial_models._tested import align, select
from spatial_models.results import GlobalResult

if TYPE_CHECKING:
    from libpysal.graph import Graph

__all__ = ["JoinCounts", "join_count"]


@dataclass(frozen=True, kw_only=True, repr=False)
class JoinCounts:
    """The three join counts of a map of two kinds.

    Attributes
    ----------
    joined : GlobalResult
        Joins between two units that are 1 (in the literature BB, "black-black").
    separate : GlobalResult
        Joins between two units that are 0 (WW).
    mixed : GlobalResult
        Joins between a unit that is 1 and one that is 0 (BW).
    """

    joined: GlobalResult
    separate: GlobalResult
    mixed: GlobalResult

    def __repr__(self) -> str:
        return "\n".join(repr(result) for result in (self.joined, self.separate, self.mixed))

    def to_frame(self) -> pd.DataFrame:
        """Lay the results out as a table.

        Returns
        -------
        pandas.DataFrame
            One row a count, one column a field.
        """
        return pd.concat([each.to_frame() for each in (self.joined, self.separate, self.mixed)])


def join_count(
    binary: pd.Series | npt.ArrayLike,
    graph: Graph,
    *,
    permutations: int = 9_999,
    alternative: Alternative = "two-sided",
    rng: Rng = None,
    executor: Executor | None = None,
) -> JoinCounts:
    """Count joins between units of the same and of different kinds, and test them.

    A pair of neighbours counts once, by the mean of its weights in both directions.
    Units without a value, and units without a neighbour that has one, take no part.

    Parameters
    ----------
    binary : pandas.Series or array_like, shape (n,)
        0 or 1, or False or True, a unit (a Series is matched by index, an array is in
        the graph's order); NaN where missing.
    graph : libpysal.graph.Graph
        Neighbours and weights, usually binary; a unit's weight on
        itself is ignored.
    permutations : int, default 9999
        Random permutations behind ``p``, the same for the three counts; 0 makes ``p``
        the analytic p-value.
    alternative : {"two-sided", "greater", "less"}
        Tail of the p-values of each count. Where like units lie together, there are more
        joins of the same kind and fewer mixed ones: ``mixed`` is then in its lower tail.
    rng : int, numpy.random.Generator or None
        Source of randomness.
    executor : concurrent.futures.Executor, optional
        Where permutations are made; threads on all cores by default.

    Returns
    -------
    JoinCounts
        Expectation and variance are exact for the number of units of each kind as it is
        (nonfree sampling). NaN throughout where fewer than four units can be tested or
        all are of one kind.

    Raises
    ------
    SpatialError
        If values are other than 0, 1 or missing, or do not fit the graph.

    References
    ----------
    Moran, P. A. P. (1948). The interpretation of statistical maps. Journal of the Royal
    Statistical Society B 10, 243-251. Cliff, A. D. and Ord, J. K. (1981). Spatial
    Processes. Pion.

    Examples
    --------
    >>> from libpysal.graph import Graph
    >>> chain = Graph.from_arrays([0, 1, 1, 2, 2, 3, 3, 4], [1, 0, 2, 1, 3, 2, 4, 3], [1] * 8)
    >>> join_count([1, 1, 1, 0, 0], chain, permutations=999, rng=1)
    joins 1-1 = 2.0000 (expected 1.2000, z = 1.33, p = 0.556 two-sided, 999 permutations, n = 5)
    joins 0-0 = 1.0000 (expected 0.4000, z = 1.22, p = 0.79 two-sided, 999 permutations, n = 5)
    joins 1-0 = 1.0000 (expected 2.4000, z = -1.53, p = 0.362 two-sided, 999 permutations, n = 5)
    """
    call = open_call(permutations, alternative, rng, executor)
    numbers = align(binary, graph)
    check_binary(numbers)
    tested = select(np.isnan(numbers), graph)
    inside = numbers[tested.mask]
    pairs = join_pairs(tested.weights)
    joined = separate = mixed = GlobalTest()
    if has_answer(inside, pairs):
        ones = inside.mean()
        zeros, half = 1 - ones, pairs.total / 2
        forms = (
            Form(pairs=0.5, linear=0.5 * ones, constant=half * ones**2),
            Form(pairs=0.5, linear=-0.5 * zeros, constant=half * zeros**2),
            Form(pairs=-1.0, squares=0.5),
        )
        joined, separate, mixed = quadratic_tests(inside - ones, pairs, forms, call)
        # The counts themselves, without the rounding of deviations from the mean.
        like = inside @ (pairs.upper @ inside) / 2
        unlike = (1 - inside) @ (pairs.upper @ (1 - inside)) / 2
        joined, separate = replace(joined, statistic=like), replace(separate, statistic=unlike)
        mixed = replace(mixed, statistic=half - like - unlike)
    return JoinCounts(
        joined=global_result("joins 1-1", joined, tested, graph, call),
        separate=global_result("joins 0-0", separate, tested, graph, call),
        mixed=global_result("joins 1-0", mixed, tested, graph, call),
    )
