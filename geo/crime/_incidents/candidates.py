"""Polygons whose bounding boxes a point may lie in, looked up in a grid.

A spatial index of the boxes finds the same, but wants every point as an object of its own,
which takes longer than all the rest of the work.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
import shapely

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

_FINENESS: Final = (512, 128, 32, 8, 2)
_MOST_ENTRIES: Final = 4_000_000


class Candidates:
    """A grid with lines where boxes begin and end, so that crowded parts have more of them."""

    def __init__(self, polygons: npt.NDArray[np.object_]) -> None:
        west, south, east, north = shapely.bounds(polygons).T
        for lines in _FINENESS:
            self._meridians, self._parallels = (
                _lines(west, east, lines),
                _lines(south, north, lines),
            )
            left, low = self._column(west), self._row(south)
            width = self._column(east) - left + 1
            entries = width * (self._row(north) - low + 1)
            if entries.sum() <= _MOST_ENTRIES:
                break
        unit = np.repeat(np.arange(len(polygons)), entries)
        down, across = np.divmod(_counted(entries), width[unit])
        cell = self._cell(left[unit] + across, low[unit] + down)
        self._units = unit[np.argsort(cell, kind="stable")]
        cells = (len(self._meridians) + 1) * (len(self._parallels) + 1)
        self._first = np.append(0, np.cumsum(np.bincount(cell, minlength=cells)))

    def query(self, x: Floats, y: Floats) -> tuple[Integers, Integers]:
        """Pair numbers of points with numbers of polygons: all that meet, and some more."""
        cell = self._cell(self._column(x), self._row(y))
        first = self._first[cell]
        entries = self._first[cell + 1] - first
        point = np.repeat(np.arange(len(x)), entries)
        return point, self._units[_counted(entries) + np.repeat(first, entries)]

    # A number is compared with the lines alone, never computed: a point between the ends of a
    # box stands in a column between those of its ends, whatever is rounded.

    def _column(self, x: Floats) -> Integers:
        return np.searchsorted(self._meridians, x, side="right")

    def _row(self, y: Floats) -> Integers:
        return np.searchsorted(self._parallels, y, side="right")

    def _cell(self, column: Integers, row: Integers) -> Integers:
        return row * (len(self._meridians) + 1) + column


def _lines(low: Floats, high: Floats, number: int) -> Floats:
    return np.unique(np.quantile(np.append(low, high), np.linspace(0, 1, number)))


def _counted(lengths: Integers) -> Integers:
    """Count from 0 within each of several runs."""
    ends = np.cumsum(lengths)
    return np.arange(lengths.sum()) - np.repeat(ends - lengths, lengths)
