"""The grid: equal-area cells, and the unit that each belongs to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import rasterio.features
from affine import Affine
from pyproj import CRS

from outputs.errors import OutputError

__all__ = ["CELL_SIZE", "CellGrid", "surface_grid"]

CELL_SIZE: Final = 5_000.0
"""Side of a cell in metres. The median county then has 65 cells, and only five of 3,108 hold no
cell's centre (at 10 km, 14, Hudson County of New Jersey with 670,000 residents among them)."""

_NOBODY: Final = -1
_MOST_CELLS: Final = 50_000_000


@dataclass(frozen=True, kw_only=True, eq=False)
class CellGrid:
    """Square cells over a map, each in at most one of its units.

    Attributes
    ----------
    crs : pyproj.CRS
        Equal-area, in metres.
    transform : affine.Affine
        From column and row to coordinates.
    shape : tuple of int
        Rows and columns.
    units : pandas.Index
        Of the map.
    inside : numpy.ndarray of bool, of this shape
        Which cells lie in a unit.
    unit : numpy.ndarray of int
        Position of the unit of each cell inside, row by row.
    moved : pandas.Index
        Units that hold no cell's centre and were given the nearest cell to spare.
    """

    crs: CRS
    transform: Affine
    shape: tuple[int, int]
    units: pd.Index
    inside: npt.NDArray[np.bool_]
    unit: npt.NDArray[np.intp]
    moved: pd.Index

    @property
    def cell_size(self) -> float:
        """Measure the side of a cell.

        Returns
        -------
        float
            Metres.
        """
        return float(self.transform.a)

    def spread(self, people: pd.Series) -> npt.NDArray[np.float64]:
        """Spread numbers evenly over the cells of their units.

        Parameters
        ----------
        people : pandas.Series of float
            By unit.

        Returns
        -------
        numpy.ndarray of float
            By cell inside; NaN where the unit has none.
        """
        cells = np.bincount(self.unit, minlength=len(self.units))
        each = people.reindex(self.units).to_numpy(dtype="float64") / cells
        spread: npt.NDArray[np.float64] = each[self.unit]
        return spread

    def codes(self, places: pd.Series) -> tuple[npt.NDArray[np.intp], pd.Index]:
        """Tell the place of each cell.

        Parameters
        ----------
        places : pandas.Series of str
            Place by unit; missing where there is none.

        Returns
        -------
        codes : numpy.ndarray of int
            Position among the places by cell inside; -1 for none.
        names : pandas.Index
            The places, sorted.
        """
        codes, names = pd.factorize(places.reindex(self.units), sort=True)
        return codes[self.unit], pd.Index(names)

    def raster(self, values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Lay values of the cells inside out in rows and columns.

        Parameters
        ----------
        values : numpy.ndarray of float
            By cell inside.

        Returns
        -------
        numpy.ndarray of float, of the grid's shape
            NaN outside.
        """
        laid = np.full(self.shape, np.nan)
        laid[self.inside] = values
        return laid


def surface_grid(units: gpd.GeoDataFrame, *, cell_size: float = CELL_SIZE) -> CellGrid:
    """Lay a grid of square cells over a map.

    A cell belongs to the unit that holds its centre. A unit too small to hold one is given
    the nearest cell whose own unit has others, so that no unit's cases are lost; it then
    lies up to a few cells away from its place (``grid.moved`` names it).

    Parameters
    ----------
    units : geopandas.GeoDataFrame
        Polygons of an equal-area projection in metres, such as EPSG:5070.
    cell_size : float, default 5,000
        Side of a cell in metres.

    Returns
    -------
    CellGrid
        The cells.

    Raises
    ------
    OutputError
        If the projection is another, a unit stands twice, or cells are too many or too
        large for each unit to have one.

    Examples
    --------
    >>> from shapely.geometry import box
    >>> units = gpd.GeoDataFrame(
    ...     index=["a", "b"], geometry=[box(0, 0, 2e4, 2e4), box(2e4, 0, 3e4, 2e4)],
    ...     crs="EPSG:5070")
    >>> surface_grid(units).shape
    (4, 6)
    """
    _check(units, cell_size)
    west, south, east, north = units.total_bounds
    left, top = np.floor(west / cell_size) * cell_size, np.ceil(north / cell_size) * cell_size
    shape = (
        max(int(np.ceil((top - south) / cell_size)), 1),
        max(int(np.ceil((east - left) / cell_size)), 1),
    )
    if shape[0] * shape[1] > _MOST_CELLS:
        message = (
            f"found cells of {cell_size:g} m over {(east - west) / 1000:,.0f} km by "
            f"{(north - south) / 1000:,.0f} km; expected at most {_MOST_CELLS:,} cells; choose "
            "larger ones"
        )
        raise OutputError(message)
    transform = Affine(cell_size, 0.0, left, 0.0, -cell_size, top)
    owners = rasterio.features.rasterize(
        zip(units.geometry, range(len(units)), strict=True),
        out_shape=shape,
        transform=transform,
        fill=_NOBODY,
        dtype="int32",
    )
    moved = _give_cells(owners, units, transform)
    inside = owners != _NOBODY
    return CellGrid(
        crs=units.crs,
        transform=transform,
        shape=shape,
        units=units.index,
        inside=inside,
        unit=owners[inside].astype(np.intp),
        moved=units.index[moved],
    )


def _check(units: gpd.GeoDataFrame, cell_size: float) -> None:
    if not len(units):
        message = "found no unit to lay a grid over; expected at least one"
        raise OutputError(message)
    if not units.index.is_unique:
        message = f"found {units.index[units.index.duplicated()][0]} twice; expected each unit once"
        raise OutputError(message)
    if not 0 < cell_size < np.inf:
        message = f"found cells of {cell_size} m; expected a positive number"
        raise OutputError(message)
    equal_area = units.crs is not None and "equal area" in (
        units.crs.coordinate_operation.method_name.casefold()
        if units.crs.coordinate_operation
        else ""
    )
    if not equal_area or units.crs.axis_info[0].unit_name != "metre":
        name = "none" if units.crs is None else units.crs.name
        message = (
            f"found the CRS {name}; expected an equal-area one in metres, such as EPSG:5070, so "
            "that cells are alike; use to_crs"
        )
        raise OutputError(message)


def _give_cells(
    owners: npt.NDArray[np.int32], units: gpd.GeoDataFrame, transform: Affine
) -> npt.NDArray[np.intp]:
    """Give every unit without a cell the nearest one that can be spared; tell which."""
    count = np.bincount(owners[owners != _NOBODY], minlength=len(units))
    without = np.flatnonzero(count == 0)
    given = np.zeros(owners.shape, dtype=bool)
    rows, columns = np.indices(owners.shape) if len(without) else (owners, owners)
    for unit in without:
        centre = units.geometry.iloc[unit].representative_point()
        row = (centre.y - transform.f) / transform.e
        column = (centre.x - transform.c) / transform.a
        away = (rows + 0.5 - row) ** 2 + (columns + 0.5 - column) ** 2
        spare = ~given & ((owners == _NOBODY) | (count[owners] > 1))
        if not spare.any():
            message = (
                f"found {len(units):,} units on {owners.size:,} cells; expected a cell for each; "
                "choose smaller cells"
            )
            raise OutputError(message)
        at = np.unravel_index(np.argmin(np.where(spare, away, np.inf)), owners.shape)
        if owners[at] != _NOBODY:
            count[owners[at]] -= 1
        owners[at] = unit
        count[unit] = 1
        given[at] = True
    return without
