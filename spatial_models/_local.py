"""Put a local result together: the same fields, laid out over all units."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from spatial_models._conditional import LocalTest
from spatial_models._p_values import Alternative, check_alternative
from spatial_models._randomness import check_permutations, is_whole
from spatial_models._tested import Floats, Tested
from spatial_models.errors import SpatialError
from spatial_models.graphs import describe_graph
from spatial_models.multiple_testing import false_discovery_rate
from spatial_models.results import (
    NO_DATA,
    NO_NEIGHBOURS,
    NO_VARIATION,
    LocalResult,
    LocalTwoMapResult,
)

if TYPE_CHECKING:
    from libpysal.graph import Graph

Strings = npt.NDArray[np.str_]

Classify = Callable[[Floats, Floats], Strings]
"""From directions and adjusted p-values of the tested units to their classes."""


@dataclass(frozen=True, kw_only=True)
class LocalCall:
    """What a local test was asked to do."""

    name: str
    prefix: str
    alternative: Alternative
    permutations: int
    seed: int | None
    stop_after: int | None = None
    alpha: float = 0.05

    def __post_init__(self) -> None:
        check_permutations(self.permutations)
        check_alternative(self.alternative)
        if self.stop_after is not None and not is_whole(self.stop_after, 1):
            message = f"found stop_after={self.stop_after}; expected a whole number from 1, or None"
            raise SpatialError(message)
        if not 0 <= self.alpha <= 1:
            message = f"found alpha={self.alpha}; expected a level from 0 to 1"
            raise SpatialError(message)


def local_result(
    call: LocalCall,
    graph: Graph,
    tested: Tested,
    statistic: Floats,
    *,
    test: LocalTest | None,
    classify: Classify,
) -> LocalResult:
    """Lay a test of the tested units out over the whole graph.

    `test` is None where there is no variation to test; `statistic` belongs to the tested
    units.
    """
    fields, p, p_analytic, p_fdr = _lay_out(
        call, graph, tested, statistic, test=test, classify=classify
    )
    return LocalResult(**fields, p=p, p_analytic=p_analytic, p_fdr=p_fdr)


def local_two_map_result(
    call: LocalCall,
    graph: Graph,
    tested: Tested,
    statistic: Floats,
    *,
    test: LocalTest | None,
    classify: Classify,
) -> LocalTwoMapResult:
    """Lay a test of two maps out over the whole graph, as `local_result` does of one."""
    fields, p, p_analytic, p_fdr = _lay_out(
        call, graph, tested, statistic, test=test, classify=classify
    )
    return LocalTwoMapResult(
        **fields,
        p_random_labelling=p,
        p_random_labelling_analytic=p_analytic,
        p_random_labelling_fdr=p_fdr,
    )


def _lay_out(
    call: LocalCall,
    graph: Graph,
    tested: Tested,
    statistic: Floats,
    *,
    test: LocalTest | None,
    classify: Classify,
) -> tuple[dict[str, Any], Floats, Floats, Floats]:
    blank = np.full(tested.n, np.nan)
    p = test.p(call.alternative) if test else blank
    p_fdr = false_discovery_rate(p)
    found = np.full(tested.n, NO_VARIATION)
    if test:
        found = classify(test.direction(call.alternative), p_fdr)
    widest = np.result_type(found, np.array([NO_DATA, NO_NEIGHBOURS]))
    classes = np.full(len(tested.ids), NO_NEIGHBOURS, dtype=widest)
    classes[tested.missing] = NO_DATA
    classes[tested.mask] = found
    fields: dict[str, Any] = {
        "name": call.name,
        "prefix": call.prefix,
        "ids": tested.ids,
        "statistic": tested.spread(statistic),
        "expected": tested.spread(test.expected if test else blank),
        "variance": tested.spread(test.variance if test else blank),
        "z": tested.spread(test.z if test else blank),
        "classes": classes,
        "alternative": call.alternative,
        "permutations": call.permutations,
        "stop_after": call.stop_after if call.permutations else None,
        "n": tested.n,
        "isolates": tested.isolates,
        "graph": describe_graph(graph),
        "seed": call.seed,
    }
    p_analytic = test.p_analytic(call.alternative) if test else blank
    return fields, tested.spread(p), tested.spread(p_analytic), tested.spread(p_fdr)
