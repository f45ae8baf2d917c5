"""What a regression is made of: complete units, an outcome, covariates on one scale."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd
from scipy import sparse

from spatial_models._tested import Bools, Floats
from spatial_models.errors import SpatialError

if TYPE_CHECKING:
    from libpysal.graph import Graph
    from libpysal.weights import W

INTERCEPT: Final = "intercept"

_SPARE: Final = 3
"""Units that there must be beside as many as coefficients."""

_COLLINEAR: Final = 1e-8


@dataclass(frozen=True, kw_only=True, eq=False)
class Design:
    """A regression before it is fitted.

    The covariates are in standard deviations from their means, since powers of ten between
    them cost digits; `to_units` brings coefficients back.
    """

    ids: pd.Index
    """Every unit, complete or not."""
    known: Bools
    """Which are complete."""
    y: Floats
    """Outcome of these, (n,)."""
    x: Floats
    """A column of ones, then the covariates, (n, k + 1)."""
    names: tuple[str, ...]
    means: Floats
    spreads: Floats

    @classmethod
    def of(
        cls, outcome: pd.Series, covariates: pd.DataFrame, *, also: Bools | None = None
    ) -> Design:
        """Keep the units of which outcome, covariates and what else is needed are known."""
        if not outcome.index.equals(covariates.index) or not outcome.index.is_unique:
            message = "found outcome and covariates of other units; expected the same unique index"
            raise SpatialError(message)
        values = outcome.to_numpy(dtype=np.float64, na_value=np.nan)
        table = covariates.to_numpy(dtype=np.float64, na_value=np.nan)
        if np.isinf(values).any() or np.isinf(table).any():
            message = "found infinite values; expected numbers: give NaN where a value is missing"
            raise SpatialError(message)
        known = ~(np.isnan(values) | np.isnan(table).any(axis=1))
        if also is not None:
            known &= also
        names = tuple(map(str, covariates.columns))
        _check_many(int(known.sum()), len(names))
        y, x = values[known], table[known]
        means, spreads = x.mean(axis=0), x.std(axis=0, ddof=1)
        _check_varied(x, spreads, names)
        scaled = np.column_stack([np.ones(len(y)), (x - means) / spreads])
        _check_independent(scaled, names)
        return cls(
            ids=outcome.index,
            known=known,
            y=y,
            x=scaled,
            names=names,
            means=means,
            spreads=spreads,
        )

    @property
    def n(self) -> int:
        """Units."""
        return len(self.y)

    def to_units(self) -> Floats:
        """Give the matrix that turns coefficients into those of covariates as they came."""
        turn = np.diag(np.concatenate([[1.0], 1 / self.spreads]))
        turn[0, 1:] = -self.means / self.spreads
        return turn

    def everywhere(self, values: Floats) -> pd.Series:
        """Lay values of the complete units out over all, NaN elsewhere."""
        laid = np.full(len(self.ids), np.nan)
        laid[self.known] = values
        return pd.Series(laid, index=self.ids)

    def weights(self, graph: Graph) -> sparse.csr_array:
        """Give the neighbours among the complete units, weights of a row summing to one."""
        ids = self.ids[self.known]
        place = graph.unique_ids.get_indexer(ids)
        if (place < 0).any():
            message = f"found no {list(ids[place < 0][:5])} in the graph; expected every unit"
            raise SpatialError(message)
        links = sparse.csr_array(graph.sparse)[place][:, place].astype(bool).astype(np.float64)
        links.setdiag(0.0)
        links.eliminate_zeros()
        links.sort_indices()
        number = np.diff(links.indptr)
        links.data /= np.repeat(number, number)
        return links


def for_spreg(weights: sparse.csr_array) -> W:
    """Give weights as spreg takes them; the last few are kept, since that takes longest."""
    indices, starts = (part.astype(np.int64) for part in (weights.indices, weights.indptr))
    return _for_spreg(weights.data.tobytes(), indices.tobytes(), starts.tobytes())


@lru_cache(maxsize=4)
def _for_spreg(data: bytes, indices: bytes, starts: bytes) -> W:
    from libpysal.weights import WSP  # noqa: PLC0415  (slow to import)

    indptr = np.frombuffer(starts, dtype=np.int64)
    parts = (np.frombuffer(data), np.frombuffer(indices, dtype=np.int64), indptr)
    size = len(indptr) - 1
    return WSP(sparse.csr_array(parts, shape=(size, size))).to_W(silence_warnings=True)


def _check_many(n: int, covariates: int) -> None:
    if n < covariates + 1 + _SPARE:
        message = (
            f"found {n} complete units for {covariates} covariates; expected at least "
            f"{covariates + 1 + _SPARE}: leave covariates out"
        )
        raise SpatialError(message)


def _check_varied(x: Floats, spreads: Floats, names: tuple[str, ...]) -> None:
    still = [
        name
        for name, spread, column in zip(names, spreads, x.T, strict=True)
        if not spread > _COLLINEAR * np.abs(column).max(initial=0)
    ]
    if still:
        message = (
            f"found covariates that do not vary among the complete units: {', '.join(still)}; "
            "expected numbers that differ: leave them out"
        )
        raise SpatialError(message)


def _check_independent(scaled: Floats, names: tuple[str, ...]) -> None:
    smallest = np.linalg.svd(scaled, compute_uv=False).min()
    if smallest <= _COLLINEAR * np.sqrt(len(scaled)):
        message = (
            f"found covariates that follow from each other among {', '.join(names)}; expected "
            "each to say something of its own: leave one out"
        )
        raise SpatialError(message)
