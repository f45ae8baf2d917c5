"""Long paths of SVG written shortly: from point to point, to a tenth."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

import numpy as np

__all__ = ["shorten_paths"]

_LONG: Final = re.compile(r'(?<= d=")M [MLz\d. \n-]{600,}(?=")')
"""Paths of lines only, absolute, as matplotlib writes them."""

_COMMAND: Final = re.compile(r"([MLz])([^MLz]*)")
_TENTHS: Final = 10


def shorten_paths(svg: str) -> str:
    """Write the long paths of a document by steps, rounded to a tenth of its unit.

    Parameters
    ----------
    svg : str
        The document.

    Returns
    -------
    str
        The same drawing in half as many bytes; rounding errors do not add up.
    """
    return _LONG.sub(lambda found: _by_steps(found[0]), svg)


@lru_cache(maxsize=32)  # borders are the same on every map of a report
def _by_steps(path: str) -> str:
    commands = _COMMAND.findall(path)
    kinds = np.array([kind for kind, _ in commands])
    given = " ".join(numbers for kind, numbers in commands if kind != "z")
    points = np.rint(_TENTHS * np.array(given.split(), dtype=float)).astype(int).reshape(-1, 2)
    drawn = kinds != "z"
    moves = kinds[drawn] == "M"
    # After a ring is closed, the pen is where the ring began.
    closed = np.append(kinds, "M")[np.flatnonzero(drawn) + 1] == "z"
    start = np.maximum.accumulate(np.where(moves, np.arange(len(points)), 0))
    pen = np.where(closed[:, np.newaxis], points[start], points)
    steps = points - np.vstack([[0, 0], pen[:-1]])
    parts = []
    for (x, y), move, close in zip(steps.tolist(), moves.tolist(), closed.tolist(), strict=True):
        if move:
            parts.append("m")
        elif not (x or y or close):
            continue
        parts.append(_pair(x, y, first=move))
        if close:
            parts.append("z")
    return "".join(parts)


def _pair(x: int, y: int, *, first: bool) -> str:
    across, up = _number(x), _number(y)
    before = "" if first or across[0] == "-" else " "
    return f"{before}{across}{'' if up[0] == '-' else ' '}{up}"


def _number(tenths: int) -> str:
    whole, part = divmod(abs(tenths), _TENTHS)
    sign = "-" if tenths < 0 else ""
    return f"{sign}{whole or ''}.{part}" if part else f"{sign}{whole}"
