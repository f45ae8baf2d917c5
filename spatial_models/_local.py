"""Put a local result together: the same fields, laid out over all units."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from spatial_models._conditional import LagTest
from spatial_models._p_values import Alternative
from spatial_models._tested import Floats, Tested
from spatial_models.graphs import describe_graph
from spatial_models.multiple_testing import false_discovery_rate
from spatial_models.results import (
    NO_DATA,
    NO_NEIGHBOURS,
    NO_VARIATION,
    LocalResult,
)

if TYPE_CHECKING:
    from libpysal.graph import Graph

Classify = Callable[[Floats, Floats], npt.NDArray[np.str_]]
"""From standard scores and adjusted p-values of the tested units to their classes."""


@dataclass(frozen=True, kw_only=True)
class LocalCall:
    """What a local test was asked to do."""

    name: str
    prefix: str
    alternative: Alternative
    permutations: int
    seed: int | None


def local_result(
    call: LocalCall,
    graph: Graph,
    tested: Tested,
    statistic: Floats,
    *,
    test: LagTest | None,
    classify: Classify,
) -> LocalResult:
    """Lay a test of the tested units out over the whole graph.

    `test` is None where there is no variation to test; `statistic` belongs to the tested
    units.
    """
    blank = np.full(tested.n, np.nan)
    p = test.p(call.alternative) if test else blank
    p_fdr = false_discovery_rate(p)
    classes = np.full(len(tested.ids), NO_NEIGHBOURS, dtype=object)
    classes[tested.missing] = NO_DATA
    classes[tested.mask] = classify(test.z, p_fdr) if test else NO_VARIATION
    return LocalResult(
        name=call.name,
        prefix=call.prefix,
        ids=tested.ids,
        statistic=tested.spread(statistic),
        expected=tested.spread(test.expected if test else blank),
        variance=tested.spread(test.variance if test else blank),
        z=tested.spread(test.z if test else blank),
        p=tested.spread(p),
        p_analytic=tested.spread(test.p_analytic(call.alternative) if test else blank),
        p_fdr=tested.spread(p_fdr),
        classes=classes.astype(np.str_),
        alternative=call.alternative,
        permutations=call.permutations,
        n=tested.n,
        isolates=tested.isolates,
        graph=describe_graph(graph),
        seed=call.seed,
    )
