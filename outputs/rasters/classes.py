"""Surfaces of classes that units have."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from outputs.classes import LegendClass
from outputs.rasters.grid import CellGrid
from outputs.rasters.surface import Surface

__all__ = ["class_surface"]


def class_surface(
    cells: CellGrid,
    classes: pd.Series,
    legend: Sequence[LegendClass],
    *,
    name: str,
    title: str,
    note: str,
) -> Surface:
    """Lay classes of units out on a grid.

    Parameters
    ----------
    cells : CellGrid
        As `surface_grid` lays it.
    classes : pandas.Series of str
        Key of the class by unit; what is not in the legend is no data.
    legend : sequence of LegendClass
        The classes in order.
    name : str
        For file names.
    title, note : str
        What the classes are.

    Returns
    -------
    Surface
        Without bands of numbers.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from shapely.geometry import box
    >>> from outputs.rasters import surface_grid
    >>> units = gpd.GeoDataFrame(index=["a"], geometry=[box(0, 0, 1e4, 5e3)], crs="EPSG:5070")
    >>> legend = [LegendClass(key="county", label="Known by county", colour="#0072b2")]
    >>> class_surface(surface_grid(units), pd.Series({"a": "county"}), legend,
    ...               name="support", title="Support", note="").classes.tolist()
    [[1, 1]]
    """
    numbers = {entry.key: number for number, entry in enumerate(legend, start=1)}
    by_unit = classes.reindex(cells.units).map(numbers).fillna(0).to_numpy(dtype=np.uint8)
    laid = np.zeros(cells.shape, dtype=np.uint8)
    laid[cells.inside] = by_unit[cells.unit]
    return Surface(
        name=name,
        title=title,
        note=note,
        grid=cells,
        bands=(),
        limits=(),
        classes=laid,
        legend=tuple(legend),
    )
