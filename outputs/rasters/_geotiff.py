"""Cloud-Optimised GeoTIFF: the same bytes for the same surface."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from rasterio.io import MemoryFile

from outputs.errors import OutputError
from outputs.rasters.grid import CellGrid

_BLOCK: Final = 256
"""Side of a tile: overviews are made until one tile holds the whole map."""

_FLOATS: Final = {"dtype": "float32", "nodata": np.nan, "predictor": "YES"}
_CLASSES: Final = {"dtype": "uint8", "nodata": 0}


def write_values(
    path: Path,
    grid: CellGrid,
    bands: Sequence[npt.NDArray[np.float64]],
    *,
    descriptions: Sequence[str],
    units: Sequence[str],
    tags: Mapping[str, str],
) -> None:
    """Write bands of numbers, NaN for no data."""
    _write(
        path,
        grid,
        [band.astype("float32") for band in bands],
        descriptions=descriptions,
        units=units,
        tags=tags,
        resampling="AVERAGE",
        profile=_FLOATS,
    )


def write_classes(
    path: Path,
    grid: CellGrid,
    classes: npt.NDArray[np.uint8],
    *,
    description: str,
    colours: Sequence[str],
    tags: Mapping[str, str],
) -> None:
    """Write classes 1, 2, ... with a colour table, 0 for no data."""
    table = {0: (0, 0, 0, 0)} | {
        number: (*rgb(colour), 255) for number, colour in enumerate(colours, start=1)
    }
    _write(
        path,
        grid,
        [classes],
        descriptions=[description],
        units=["class"],
        tags=tags,
        resampling="MODE",
        profile=_CLASSES,
        colours=table,
    )


def rgb(colour: str) -> tuple[int, int, int]:
    """Read ``"#rrggbb"``."""
    red, green, blue = bytes.fromhex(colour.removeprefix("#"))
    return red, green, blue


def _write(
    path: Path,
    grid: CellGrid,
    bands: Sequence[npt.NDArray[Any]],
    *,
    descriptions: Sequence[str],
    units: Sequence[str],
    tags: Mapping[str, str],
    resampling: str,
    profile: Mapping[str, object],
    colours: Mapping[int, tuple[int, int, int, int]] | None = None,
) -> None:
    if path.exists():
        message = f"found {path.name} already there; expected a new file"
        raise OutputError(message)
    with MemoryFile() as memory:
        with memory.open(
            driver="COG",
            height=grid.shape[0],
            width=grid.shape[1],
            count=len(bands),
            crs=grid.crs.to_wkt(),
            transform=grid.transform,
            blocksize=_BLOCK,
            compress="DEFLATE",
            overview_resampling=resampling,
            statistics="YES",
            **profile,
        ) as file:
            file.update_tags(**tags)
            file.units = tuple(units)
            for number, band in enumerate(bands, start=1):
                file.write(band, number)
                file.set_band_description(number, descriptions[number - 1])
            if colours is not None:
                file.write_colormap(1, dict(colours))
        content = bytes(memory.getbuffer())
    try:
        path.write_bytes(content)
    except OSError as error:
        message = (
            f"found that {path.name} cannot be written ({error.strerror}); expected space and "
            "permission for it; make room, or choose another file"
        )
        raise OutputError(message) from error
