"""Measures of concentration of arrests over places."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

__all__ = ["gini", "lorenz", "places_holding", "theil", "top_share"]

Floats = npt.NDArray[np.float64]

_ROUNDING: Final = 1e-9


def places_holding(counts: npt.ArrayLike, share: float) -> int:
    """Count the fewest places that hold a share of all."""
    ranked = np.sort(np.asarray(counts, dtype=np.float64))[::-1]
    held = np.cumsum(ranked) / ranked.sum()
    return int(np.searchsorted(held, share - _ROUNDING) + 1)


def top_share(counts: npt.ArrayLike, places: int) -> float:
    """Tell the share of all that the places with most of it hold."""
    ranked = np.sort(np.asarray(counts, dtype=np.float64))[::-1]
    return float(ranked[:places].sum() / ranked.sum())


def lorenz(counts: npt.ArrayLike, base: npt.ArrayLike) -> tuple[Floats, Floats]:
    """Cumulate shares of a base and of counts, the places with the lowest rate first.

    Places without any of the base come last: their rate is unbounded.
    """
    arrests, people = (np.asarray(each, dtype=np.float64) for each in (counts, base))
    kept = (people > 0) | (arrests > 0)
    arrests, people = arrests[kept], people[kept]
    with np.errstate(divide="ignore", invalid="ignore"):
        order = np.argsort(arrests / people, kind="stable")
    across = np.concatenate([[0.0], np.cumsum(people[order])]) / people.sum()
    up = np.concatenate([[0.0], np.cumsum(arrests[order])]) / arrests.sum()
    return across, up


def gini(counts: npt.ArrayLike, base: npt.ArrayLike) -> float:
    """Measure Gini's coefficient: twice the area between Lorenz curve and equality."""
    across, up = lorenz(counts, base)
    return float(1 - ((up[1:] + up[:-1]) * np.diff(across)).sum())


def theil(counts: npt.ArrayLike, base: npt.ArrayLike) -> float:
    """Measure Theil's index (1967): the mean log of location quotients, weighted by counts.

    Infinite where there are counts without any of the base.
    """
    arrests, people = (np.asarray(each, dtype=np.float64) for each in (counts, base))
    some = arrests > 0
    share, of = arrests[some] / arrests.sum(), people[some] / people.sum()
    with np.errstate(divide="ignore"):
        return float((share * np.log(share / of)).sum())
