"""Which units a statistic is computed on: those with a value and a neighbour (M8)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import sparse

from spatial_models.errors import SpatialError

if TYPE_CHECKING:
    from libpysal.graph import Graph

ROUNDING = 1e-12  # of the size of the terms: equal sums made in another order

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True)
class Tested:
    """The part of a map that enters a test.

    A unit without a value, or all of whose neighbours lack one, takes no part: not in
    the statistic, nor in mean, variance and permutations. (Where neighbourhood goes one
    way, as among nearest neighbours, it may leave another without neighbours.)
    """

    __test__: ClassVar[bool] = False  # for pytest, which takes the name for a test's

    ids: pd.Index
    mask: Bools
    missing: Bools
    weights: sparse.csr_array

    @property
    def n(self) -> int:
        """Number of units in the test."""
        return int(self.mask.sum())

    @property
    def isolates(self) -> tuple[object, ...]:
        """Units with a value and no neighbour that takes part."""
        return tuple(self.ids[~self.mask & ~self.missing])

    def spread(self, tested: Floats) -> Floats:
        """Lay results of the tested units out over all units, NaN elsewhere."""
        return spread_out(tested, self.mask)


def spread_out(values: Floats, units: Bools) -> Floats:
    """Lay values of some units out over all of them, NaN elsewhere."""
    out = np.full(units.shape, np.nan)
    out[units] = values
    return out


def align(values: pd.Series | npt.ArrayLike, graph: Graph) -> Floats:
    """Bring values into the order of a graph, as floats.

    A Series is matched by its index and must name every unit of the graph; an array is
    taken in the graph's order.
    """
    if not hasattr(graph, "unique_ids"):
        message = (
            f"found a graph of type {type(graph).__name__}; expected libpysal.graph.Graph: "
            "use Graph.from_W for weights of the older kind"
        )
        raise SpatialError(message)
    ids = graph.unique_ids
    if isinstance(values, pd.Series):
        absent = ids.difference(values.index)
        if len(absent):
            message = (
                f"found no value for {len(absent)} units of the graph ({list(absent[:5])}...); "
                "expected one each: give NaN where a value is missing"
            )
            raise SpatialError(message)
        if not values.index.is_unique:
            message = "found units twice in the values; expected a unique index"
            raise SpatialError(message)
        array = as_floats(values.reindex(ids))
    else:
        array = as_floats(values)
    if array.shape != (len(ids),):
        message = f"found values of shape {array.shape}; expected ({len(ids)},), one each unit"
        raise SpatialError(message)
    if np.isinf(array).any():
        message = "found infinite values; expected numbers: give NaN where a value is missing"
        raise SpatialError(message)
    return array


def as_floats(values: pd.Series | npt.ArrayLike) -> Floats:
    """Take numbers as floats, what is masked or missing as NaN; refuse what is no number."""
    found = values.dtype if isinstance(values, pd.Series) else np.ma.asarray(values).dtype
    unfit = f"found values that are no numbers ({found}); expected one number a unit"
    if found.kind in "cSUM":  # complex, text and dates would be turned into something
        raise SpatialError(unfit)
    try:
        if isinstance(values, pd.Series):
            return values.to_numpy(dtype=np.float64, na_value=np.nan)
        return np.ma.asarray(values, dtype=np.float64).filled(np.nan)
    except (TypeError, ValueError) as error:
        raise SpatialError(unfit) from error


def select(missing: Bools, graph: Graph) -> Tested:
    """Leave out what is missing and what is thereby left without neighbours."""
    full = sparse.csr_array(graph.sparse).astype(np.float64)
    full.eliminate_zeros()
    if not np.isfinite(full.data).all():
        message = "found weights that are infinite or missing; expected numbers: mend the graph"
        raise SpatialError(message)
    others = abs(_without_self(full))
    mask = ~missing
    while True:  # leaving a unit out may leave another without neighbours
        kept = mask & (others @ mask.astype(np.float64) > 0)
        if (kept == mask).all():
            break
        mask = kept
    weights = full[mask][:, mask]
    if graph.transformation == "R":
        weights = row_standardise(weights)
    return Tested(ids=graph.unique_ids, mask=mask, missing=missing, weights=weights)


def row_standardise(weights: sparse.csr_array) -> sparse.csr_array:
    """Divide each row by its sum."""
    totals = weights.sum(axis=1)
    if (np.abs(totals) <= ROUNDING * abs(weights).sum(axis=1)).any():
        message = (
            "found units whose weights sum to nothing, so that they cannot be row-standardised; "
            "expected weights of one sign: use another transformation"
        )
        raise SpatialError(message)
    sums = np.repeat(totals, np.diff(weights.indptr))
    return sparse.csr_array(
        (weights.data / sums, weights.indices, weights.indptr), shape=weights.shape
    )


def split_self(weights: sparse.csr_array) -> tuple[sparse.csr_array, Floats]:
    """Separate the weights of neighbours from the weight of a unit on itself."""
    return _without_self(weights), weights.diagonal()


def _without_self(weights: sparse.csr_array) -> sparse.csr_array:
    """Drop the weights of units on themselves, and those of nothing; the input where none are."""
    rows = np.repeat(np.arange(weights.shape[0]), np.diff(weights.indptr))
    kept = (weights.indices != rows) & (weights.data != 0)
    if kept.all():
        return weights
    starts = np.append(0, np.cumsum(np.bincount(rows[kept], minlength=weights.shape[0])))
    return sparse.csr_array((weights.data[kept], weights.indices[kept], starts), weights.shape)


def in_own_unit(values: Floats) -> Floats:
    """Measure values in a unit of about their size: a power of two, so that nothing is rounded.

    Squares of very large values would overflow, those of very small ones vanish.
    """
    if values.size == 0:
        return values
    _, exponent = np.frexp(np.abs(values).max())
    scaled: Floats = np.ldexp(values, -exponent)
    return scaled


def from_mean(values: Floats) -> Floats:
    """Give deviations from the mean, less what rounding left of the mean."""
    once = values - values.mean()
    deviations: Floats = once - once.mean()
    return deviations


def is_constant(values: Floats) -> bool:
    """Tell whether values differ by no more than rounding."""
    if values.size == 0:
        return True
    return bool(np.ptp(values) <= 8 * np.finfo(np.float64).eps * np.abs(values).max())
