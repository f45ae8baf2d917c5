"""Shapes as paths of a drawing."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt
import shapely

__all__ = ["Outline", "merged", "outline"]

Outline = tuple[npt.NDArray[np.float64], npt.NDArray[np.uint8]]
"""Vertices and codes of a path."""

_GRAIN: Final = 1
"""Decimals of a point to which lines are drawn."""

_AREA: Final = 2
"""Dimensions of what has an area."""


def merged(shapes: npt.NDArray[Any]) -> Any:
    """Unite shapes that run along the same vertices."""
    return shapely.coverage_union_all(shapes)


def outline(shape: Any) -> Outline:
    """Write a shape or lines as the vertices and codes of a path.

    Rings are turned so that holes stay open; vertices that fall together are dropped.
    """
    # Late, as the figures themselves are.
    from matplotlib.path import Path  # noqa: PLC0415

    parts = shapely.get_parts(shape)
    closed = bool((shapely.get_dimensions(parts) == _AREA).any())
    if closed:
        parts = shapely.get_rings(shapely.orient_polygons(parts))
    vertices, line = shapely.get_coordinates(parts, return_index=True)
    vertices = np.round(vertices, _GRAIN)
    another = np.diff(line, prepend=-1) != 0
    kept = another | (np.diff(vertices, axis=0, prepend=np.nan) != 0).any(axis=1)
    # A ring needs three corners and its end, a line two ends.
    enough = np.bincount(line[kept], minlength=len(parts)) >= (4 if closed else 2)
    kept &= enough[line]
    vertices, line = vertices[kept], line[kept]
    codes = np.full(len(line), Path.LINETO, dtype=np.uint8)
    codes[np.diff(line, prepend=-1) != 0] = Path.MOVETO
    if closed:
        codes[np.diff(line, append=-1) != 0] = Path.CLOSEPOLY
    return vertices, codes
