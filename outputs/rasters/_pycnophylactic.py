"""Rates that are smooth and keep every place's cases (Tobler 1979)."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

Floats = npt.NDArray[np.float64]

STEPS: Final = 200
"""Each averages over the four cells around: 200 of them mix rates over about 9 cells, so that
the middle of a large place stays even."""

_KEPT: Final = 0.2
"""Share of a cell's own rate in each step; without it chessboards would not fade."""


def smooth_keeping_cases(
    inside: npt.NDArray[np.bool_],
    place: npt.NDArray[np.intp],
    people: Floats,
    cases: Floats,
    *,
    steps: int = STEPS,
) -> Floats:
    """Find smooth rates by cell whose cases add up to those of each place.

    After every step of smoothing, the rates of a place are shifted by one amount, set to
    zero where they would be negative, and scaled, until the place has its cases. The shift
    is the same for all cells of a place, however many people live in each: within a place
    nothing but its surroundings makes rates differ.

    `inside` are the cells that have a rate; the other arrays are by cell inside, `cases` by
    place. Every place has people.
    """
    averaging = _averaging(inside)
    total = np.bincount(place, people, len(cases))
    rate: Floats = (cases / total)[place]
    for _ in range(steps):
        smoothed = _KEPT * rate + (1 - _KEPT) * (averaging @ rate)
        short = (cases - np.bincount(place, people * smoothed, len(cases))) / total
        shifted = np.maximum(smoothed + short[place], 0.0)
        mass = np.bincount(place, people * shifted, len(cases))
        scale = np.divide(cases, mass, out=np.zeros_like(mass), where=mass > 0)
        rate = shifted * scale[place]
    return rate


def _averaging(inside: npt.NDArray[np.bool_]) -> sp.csr_array:
    """Build the mean of the cells to the four sides, of those that have a rate.

    A cell without any keeps its own.
    """
    height, width = inside.shape
    number = np.full((height + 2, width + 2), -1)
    number[1:-1, 1:-1][inside] = np.arange(inside.sum())
    own = number[1:-1, 1:-1][inside]
    around = np.stack(
        [
            number[1 + down : height + 1 + down, 1 + right : width + 1 + right][inside]
            for down, right in ((-1, 0), (0, -1), (0, 1), (1, 0))
        ],
        axis=1,
    )
    alone = (around < 0).all(axis=1)
    around[alone, 0] = own[alone]
    there = around >= 0
    weights = np.repeat(1 / there.sum(axis=1), there.sum(axis=1))
    starts = np.concatenate([[0], np.cumsum(there.sum(axis=1))])
    return sp.csr_array((weights, around[there], starts), shape=(len(own), len(own)))
