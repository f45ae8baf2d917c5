"""Count labelled neighbours: in closed form where the neighbours of a unit weigh the same.

Under conditional randomisation the neighbours of a unit are a random draw, without
replacement, from all other units. So the number of labelled ones among them is
hypergeometric, and its tails need no permutations.
"""

from __future__ import annotations

from concurrent.futures import Executor
from dataclasses import replace
from functools import partial
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import sparse

from spatial_models._conditional import (
    LocalTest,
    conditional_moments,
    local_test,
    permuted_tails,
    rows_alike,
)
from spatial_models._local import Classify, LocalCall, Strings
from spatial_models._tested import Bools, Floats, Tested, is_constant, split_self
from spatial_models.results import NOT_SIGNIFICANT

CLUSTER: Final = "cluster"
DISPERSED: Final = "dispersed"
ABSENT: Final = "absent"

Integers = npt.NDArray[np.int64]


def count_joins(
    present: Bools,
    labels: Floats,
    tested: Tested,
    call: LocalCall,
    *,
    rng: np.random.Generator,
    executor: Executor | None,
) -> tuple[LocalCall, Floats, LocalTest | None, Classify]:
    """Test the labelled neighbours of every unit that is present, and of no other.

    The call comes back without permutations where none were needed.
    """
    neighbours, _ = split_self(tested.weights)
    statistic = np.where(present, neighbours @ labels, 0.0)
    classify = partial(_classes, present=present, alpha=call.alpha)
    if is_constant(labels):
        return replace(call, permutations=0, stop_after=None), statistic, None, classify
    expected, variance, scale = conditional_moments(labels, neighbours)
    alike = rows_alike(neighbours) & (neighbours.data[neighbours.indptr[:-1]] > 0)
    tails = None
    if (present & ~alike).any():
        tails = permuted_tails(
            labels[:, np.newaxis],
            neighbours,
            permutations=call.permutations,
            rng=rng,
            stop_after=call.stop_after,
            executor=executor,
        )
    else:
        call = replace(call, permutations=0, stop_after=None)
    test = local_test(statistic, expected, variance, scale=scale, tails=tails)
    exact = present & alike
    upper, lower = test.upper.copy(), test.lower.copy()
    upper[exact], lower[exact] = _exact_tails(labels, neighbours, exact)
    test = replace(test, upper=upper, lower=lower)
    blank = {name: np.where(present, field, np.nan) for name, field in vars(test).items()}
    return call, statistic, LocalTest(**blank), classify


def _exact_tails(
    labels: Floats, neighbours: sparse.csr_array, units: Bools
) -> tuple[Floats, Floats]:
    """Give the tails of the number of labelled neighbours of some units."""
    from scipy.stats import hypergeom  # noqa: PLC0415  (slow to load)

    drawn = np.diff(neighbours.indptr)[units].astype(np.int64)
    ones = sparse.csr_array(
        (np.ones_like(neighbours.data), neighbours.indices, neighbours.indptr),
        shape=neighbours.shape,
    )
    found = (ones @ labels)[units].astype(np.int64)
    labelled = (labels.sum() - labels)[units].astype(np.int64)
    # Many units share a case; each is worked out once.
    cases, place = np.unique(np.stack([found, labelled, drawn]), axis=1, return_inverse=True)
    few, good, size = cases
    others = labels.size - 1
    upper = np.minimum(1.0, hypergeom.sf(few - 1, others, good, size))
    lower = np.minimum(1.0, hypergeom.cdf(few, others, good, size))
    return upper[place], lower[place]


def _classes(direction: Floats, p_fdr: Floats, *, present: Bools, alpha: float) -> Strings:
    found = p_fdr <= alpha
    cases = [~present, found & (direction > 0), found & (direction < 0)]
    return np.select(cases, [ABSENT, CLUSTER, DISPERSED], NOT_SIGNIFICANT)
