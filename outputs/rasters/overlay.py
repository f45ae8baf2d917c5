"""A surface as an image that lies on a web map."""

from __future__ import annotations

import math
import warnings
from base64 import b64encode
from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
from affine import Affine
from pyproj import Transformer
from rasterio.errors import NotGeoreferencedWarning
from rasterio.io import MemoryFile
from rasterio.warp import Resampling, reproject

from outputs.classes import ImageOverlay
from outputs.rasters._geotiff import rgb
from outputs.rasters.grid import CellGrid
from outputs.rasters.surface import Surface

__all__ = ["draw_overlay"]

_WEB_MERCATOR: Final = "EPSG:3857"
_GEOGRAPHIC: Final = "EPSG:4326"

Bounds = tuple[tuple[float, float], tuple[float, float]]


def draw_overlay(surface: Surface) -> ImageOverlay:
    """Draw the classes of a surface as an image for a web map.

    Parameters
    ----------
    surface : Surface
        What.

    Returns
    -------
    ImageOverlay
        The image (EPSG:3857, transparent where there is no data), its bounds and the classes
        in it.

    Examples
    --------
    >>> import geopandas as gpd, pandas as pd
    >>> from shapely.geometry import box
    >>> from outputs import LegendClass
    >>> from outputs.rasters import class_surface, surface_grid
    >>> units = gpd.GeoDataFrame(index=["a"], geometry=[box(0, 2e6, 1e4, 2.01e6)],
    ...                          crs="EPSG:5070")
    >>> legend = [LegendClass(key="county", label="Known by county", colour="#0072b2")]
    >>> image = draw_overlay(class_surface(
    ...     surface_grid(units), pd.Series({"a": "county"}), legend, name="support",
    ...     title="Support", note=""))
    >>> image.image[:22], [round(degrees) for degrees in image.bounds[0]]
    ('data:image/png;base64,', [41, -96])
    """
    png, bounds = _draw_classes(
        surface.grid, surface.classes, [entry.colour for entry in surface.legend]
    )
    seen = set(np.unique(surface.classes).tolist())
    return ImageOverlay(
        label=surface.title,
        image=f"data:image/png;base64,{b64encode(png).decode('ascii')}",
        bounds=bounds,
        legend=tuple(
            entry for number, entry in enumerate(surface.legend, start=1) if number in seen
        ),
        note=surface.note,
    )


def _draw_classes(
    grid: CellGrid, classes: npt.NDArray[np.uint8], colours: Sequence[str]
) -> tuple[bytes, Bounds]:
    """Paint classes in the projection of web maps, transparent where there is no data.

    The image has as many columns as the grid.
    """
    height, width = grid.shape
    left, top = grid.transform.c, grid.transform.f
    right, bottom = left + width * grid.transform.a, top + height * grid.transform.e
    to_mercator = Transformer.from_crs(grid.crs, _WEB_MERCATOR, always_xy=True)
    west, south, east, north = to_mercator.transform_bounds(left, bottom, right, top)
    side = (east - west) / width
    columns, rows = width, math.ceil((north - south) / side)
    south = north - rows * side
    transform = Affine(side, 0.0, west, 0.0, -side, north)
    seen = np.zeros((rows, columns), dtype=np.uint8)
    reproject(
        classes,
        seen,
        src_transform=grid.transform,
        src_crs=grid.crs.to_wkt(),
        dst_transform=transform,
        dst_crs=_WEB_MERCATOR,
        resampling=Resampling.nearest,
    )
    table = np.zeros((len(colours) + 1, 4), dtype=np.uint8)
    table[1:] = [(*rgb(colour), 255) for colour in colours]
    with MemoryFile() as memory:
        with warnings.catch_warnings():
            # The image has no place in the world: GDAL would write a second file for it.
            warnings.simplefilter("ignore", NotGeoreferencedWarning)
            with memory.open(
                driver="PNG", height=rows, width=columns, count=4, dtype="uint8", zlevel=9
            ) as image:
                image.write(np.moveaxis(table[seen], 2, 0))
        png = bytes(memory.getbuffer())
    to_degrees = Transformer.from_crs(_WEB_MERCATOR, _GEOGRAPHIC, always_xy=True)
    (west, east), (south, north) = to_degrees.transform([west, east], [south, north])
    return png, ((south, west), (north, east))
