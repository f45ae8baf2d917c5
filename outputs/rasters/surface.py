"""A surface: numbers and classes on a grid."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from outputs.classes import LegendClass
from outputs.rasters.grid import CellGrid

__all__ = ["Band", "Surface"]

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, eq=False)
class Band:
    """One band of numbers.

    Attributes
    ----------
    numbers : numpy.ndarray of float
        Rows and columns of the grid; NaN for no data.
    description : str
        What they are.
    unit : str
        In what they are measured.
    """

    numbers: Floats
    description: str
    unit: str


@dataclass(frozen=True, kw_only=True, eq=False)
class Surface:
    """Values on a grid, in numbers and in classes.

    Attributes
    ----------
    name : str
        For file names.
    title : str
        What it shows.
    note : str
        How it was made and what it does not show.
    grid : CellGrid
        Its cells.
    bands : tuple of Band
        The numbers, those that the classes are of first; none where there are but classes.
    limits : tuple of float
        Upper limits of the classes but the last.
    classes : numpy.ndarray of uint8
        Class by row and column, from 1; 0 for no data.
    legend : tuple of LegendClass
        The classes in order.
    """

    name: str
    title: str
    note: str
    grid: CellGrid
    bands: tuple[Band, ...]
    limits: tuple[float, ...]
    classes: npt.NDArray[np.uint8]
    legend: tuple[LegendClass, ...]
