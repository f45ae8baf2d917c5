"""People by county from a raster of population."""

from __future__ import annotations

import hashlib
import math
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyproj
import rasterio
import rasterio.features
import shapely
from affine import Affine
from pyproj.exceptions import ProjError
from rasterio.errors import NotGeoreferencedWarning, RasterioError
from rasterio.windows import Window

from boundaries import CANONICAL_VINTAGE, load_counties
from geo._sheets import label, no_file
from geo._table import Source
from geo.county_values import CountyValues
from geo.errors import InputError, Problem

if TYPE_CHECKING:
    from rasterio.io import DatasetReader

__all__ = ["RASTER_SUFFIXES", "ZonalSums", "is_raster", "read_population_raster", "zonal_sums"]

RASTER_SUFFIXES: Final = (".tif", ".tiff")
"""Endings of the names of rasters."""

_SIDE: Final = 256
"""Cells on a side of the pieces that a raster is read in."""

_CACHE: Final = 128
"""Megabytes that GDAL may keep; by itself it takes a twentieth of the machine's memory."""

_MOST_PEOPLE: Final = 2e9
"""More than live in any country: no cell holds them."""

_HALF: Final = 0.5
_MOST_PARTS: Final = 16
_PARTS_ACROSS: Final = 16
"""How many parts should lie across the smallest polygon: one row more or less of them on a
straight border is then six per cent of it."""


@dataclass(frozen=True, kw_only=True)
class ZonalSums:
    """Sums of a raster by polygon.

    Attributes
    ----------
    sums : pandas.Series of float
        By polygon; NaN where the raster says nothing of any part of it.
    covered : pandas.Series of float
        Share of each polygon's cells that hold a number; 0 where it lies outside the
        raster, or is too small for its cells.
    outside : float
        What is in no sum although its cell lies partly in a polygon, on coasts and borders:
        the finer the cells, the less.
    """

    sums: pd.Series
    covered: pd.Series
    outside: float


def is_raster(path: str | Path) -> bool:
    """Tell by its name whether a file is a raster.

    Parameters
    ----------
    path : str or pathlib.Path
        The file.

    Returns
    -------
    bool
        Whether it is called so.

    Examples
    --------
    >>> is_raster("people.TIF"), is_raster("people.csv")
    (True, False)
    """
    return Path(path).suffix.lower() in RASTER_SUFFIXES


def zonal_sums(path: str | Path, polygons: gpd.GeoDataFrame) -> ZonalSums:
    """Add up the cells of a raster by polygon.

    A cell belongs to the polygon that holds its centre. Where cells are large beside the
    polygons around, each is cut into 2 by 2 up to 16 by 16 parts first, and a part belongs to
    the polygon that holds its centre. So sums over polygons that tile an area are the sum of
    the raster, and each part counts once. The raster is read in pieces and never as a whole.

    Parameters
    ----------
    path : str or pathlib.Path
        A GeoTIFF of one band: numbers of people by cell (not densities). Cells without data
        count as nobody; a polygon that has no others has no sum.
    polygons : geopandas.GeoDataFrame
        Of any CRS; where they overlap, the later one takes the cells.

    Returns
    -------
    ZonalSums
        On the index of `polygons`.

    Raises
    ------
    InputError
        If the file is no raster or has several bands, no CRS, a rotated grid, negative,
        infinite or impossible numbers; if no polygon lies in it.

    Examples
    --------
    >>> import tempfile
    >>> from shapely.geometry import box
    >>> path = Path(tempfile.mkdtemp()) / "people.tif"
    >>> with rasterio.open(
    ...     path, "w", driver="GTiff", width=2, height=1, count=1, dtype="int32",
    ...     crs="EPSG:5070", transform=Affine(1000, 0, 0, 0, -1000, 1000),
    ... ) as file:
    ...     file.write(np.array([[[300, 100]]], dtype="int32"))
    >>> halves = gpd.GeoDataFrame(
    ...     index=["west", "east"], geometry=[box(0, 0, 500, 1000), box(500, 0, 2000, 1000)],
    ...     crs="EPSG:5070")
    >>> zonal_sums(path, halves).sums.to_dict()
    {'west': 150.0, 'east': 250.0}
    """
    path = Path(path)
    with _opened(path) as raster:
        return _sums(raster, path, polygons)


def read_population_raster(path: str | Path) -> CountyValues:
    """Read people by county from a raster of population.

    Parameters
    ----------
    path : str or pathlib.Path
        A GeoTIFF of one band with numbers of people by cell, such as WorldPop or GHS-POP
        give. See :func:`zonal_sums` for how cells on borders are shared.

    Returns
    -------
    CountyValues
        People by county (vintage 2019), NaN where the raster says nothing. As weights of an
        imputation, these are dasymetric: a county weighs as much as the people that the
        raster places in it.

    Raises
    ------
    InputError
        As `zonal_sums`, and if nobody lives in any county.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "people.tif"
    >>> with rasterio.open(
    ...     path, "w", driver="GTiff", width=50, height=50, count=1, dtype="int32",
    ...     crs="EPSG:4269", transform=Affine(0.1, 0, -95, 0, -0.1, 45),
    ... ) as file:
    ...     file.write(np.full((1, 50, 50), 7, dtype="int32"))
    >>> round(read_population_raster(path).by_county["19153"])  # Polk County, Iowa
    115
    """
    path = Path(path)
    counties = load_counties()
    found = zonal_sums(path, counties)
    by_county = found.sums.rename("residents")
    if not by_county.sum() > 0:
        raise _error(
            path,
            found="nobody in any county",
            expected="numbers of people by cell",
            action="check that this is the right raster",
        )
    partly = (found.covered > 0) & (found.covered < 1)
    notes = [f"people by county are sums of cells; {int(by_county.isna().sum()):,} have none"]
    if partly.any():
        notes.append(
            f"in {int(partly.sum()):,} counties some cells have no data and count as nobody"
        )
    if found.outside >= _HALF:
        notes.append(
            f"{found.outside:,.0f} people of cells on coasts and borders lie in no county and are "
            "left out"
        )
    return CountyValues(
        by_county=by_county,
        source=_source(path, missing=int(by_county.isna().sum())),
        carried=pd.DataFrame(),
        notes=tuple(notes),
    )


def _source(path: Path, *, missing: int) -> Source:
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    with _opened(path) as raster:
        rows = raster.height
    return Source(
        file=label(path),
        sha256=digest,
        rows=rows,
        column="band 1",
        missing=missing,
        vintage=CANONICAL_VINTAGE,
    )


@contextmanager
def _opened(path: Path) -> Iterator[DatasetReader]:
    """Open a raster of numbers, and word what GDAL has against it."""
    missing = no_file(path)
    if missing is not None:
        raise _error(path, found=missing, expected="a readable file", action="check the path")
    try:
        with warnings.catch_warnings():
            # A raster without a place in the world is refused in words of ours.
            warnings.simplefilter("ignore", NotGeoreferencedWarning)
            # GeoTIFF alone: other formats of GDAL fetch what they name from elsewhere.
            raster = rasterio.open(path, driver="GTiff")
        with rasterio.Env(GDAL_CACHEMAX=_CACHE), raster:
            if problems := list(_problems(raster, path)):
                raise InputError(problems)
            yield raster
    except RasterioError as error:
        reason = " ".join(str(error).split()).replace(str(path), path.name)[:200]
        raise _error(
            path,
            found=f"content that cannot be read ({reason})",
            expected="a whole GeoTIFF",
            action="download the file again, and check its size",
        ) from error


def _problems(raster: DatasetReader, path: Path) -> Iterator[Problem]:
    if raster.count != 1:
        yield _problem(
            path,
            found=f"{raster.count} bands",
            expected="one, of numbers of people",
            action="write the band of people to a file of its own (gdal_translate -b)",
        )
    if raster.crs is None:
        yield _problem(
            path,
            found="no coordinate reference system",
            expected="one, so that cells can be laid over counties",
            action="write it into the file (gdal_edit.py -a_srs)",
        )
    elif not _is_on_earth(raster):
        yield _problem(
            path,
            found=f"the coordinate reference system {raster.crs.to_string()[:80]!r}",
            expected="one of places on Earth",
            action="write the right one into the file (gdal_edit.py -a_srs)",
        )
    transform = raster.transform
    if transform.b or transform.d or transform.a <= 0 or transform.e >= 0:
        yield _problem(
            path,
            found="cells that are rotated, mirrored or without a place",
            expected="rows from north to south and columns from west to east",
            action="warp the raster (gdalwarp)",
        )
    if np.dtype(raster.dtypes[0]).kind not in "iuf":
        yield _problem(
            path,
            found=f"cells of type {raster.dtypes[0]}",
            expected="whole or decimal numbers",
            action="check that this is the right raster",
        )


def _is_on_earth(raster: DatasetReader) -> bool:
    """Tell whether degrees can be turned into the coordinates of a raster."""
    try:
        pyproj.Transformer.from_crs("EPSG:4269", raster.crs.to_wkt())
    except ProjError:
        return False
    return True


def _sums(raster: DatasetReader, path: Path, polygons: gpd.GeoDataFrame) -> ZonalSums:
    """Go through the pieces that polygons lie in."""
    places = polygons.geometry.to_crs(raster.crs.to_wkt())
    areas = shapely.area(places.to_numpy())  # in square units of the raster, degrees or metres
    sums, known, parts = (np.zeros(len(places)) for _ in range(3))
    index = places.sindex
    outside = 0.0
    spoilt = _Spoilt()
    for window in _windows(raster):
        west, north = raster.transform @ (window.col_off, window.row_off)
        east, south = raster.transform @ (
            window.col_off + window.width,
            window.row_off + window.height,
        )
        near = np.sort(index.intersection((west, south, east, north)))
        if not len(near):
            continue
        numbers, there = _read(raster, window, spoilt)
        cut = _cut(raster.transform, areas[near].min())
        owners = rasterio.features.rasterize(
            zip(places.iloc[near], range(1, len(near) + 1), strict=True),
            out_shape=(window.height * cut, window.width * cut),
            transform=Affine(
                raster.transform.a / cut, 0.0, west, 0.0, raster.transform.e / cut, north
            ),
            fill=0,
            dtype="int32",
        )
        for total, each in ((sums, numbers), (known, there), (parts, np.ones(there.shape))):
            fine = np.repeat(np.repeat(each / cut**2, cut, axis=0), cut, axis=1)
            found = np.bincount(owners.ravel(), fine.ravel(), len(near) + 1)
            total[near] += found[1:]
        within = (owners > 0).reshape(window.height, cut, window.width, cut).mean(axis=(1, 3))
        outside += float((numbers * (1 - within))[within > 0].sum())
    if problems := list(spoilt.problems(path)):
        raise InputError(problems)
    if not parts.any():
        raise _error(
            path,
            found="cells that lie in none of the areas",
            expected=f"a raster of the United States in {raster.crs.to_string()[:80]}",
            action="check that the file states the right coordinate reference system",
        )
    covered = np.divide(known, parts, out=np.zeros_like(parts), where=parts > 0)
    return ZonalSums(
        sums=pd.Series(np.where(known > 0, sums, np.nan), index=polygons.index),
        covered=pd.Series(covered, index=polygons.index),
        outside=outside,
    )


def _windows(raster: DatasetReader) -> Iterator[Window]:
    for row in range(0, raster.height, _SIDE):
        for column in range(0, raster.width, _SIDE):
            yield Window(
                column,
                row,
                min(_SIDE, raster.width - column),
                min(_SIDE, raster.height - row),
            )


def _cut(transform: Affine, smallest: float) -> int:
    """Choose into how many parts a cell is cut on each side."""
    side = math.sqrt(transform.a * -transform.e)
    wanted = _PARTS_ACROSS * side / math.sqrt(smallest) if smallest > 0 else _MOST_PARTS
    # Powers of two: parts of whole numbers then add up to whole numbers exactly.
    return int(min(2 ** math.ceil(math.log2(max(wanted, 1.0))), _MOST_PARTS))


def _read(
    raster: DatasetReader, window: Window, spoilt: _Spoilt
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Read numbers, zero for no data, and which cells have one."""
    read = raster.read(1, window=window, masked=True)
    there = ~np.ma.getmaskarray(read) & ~np.isnan(read.data)
    numbers = np.where(there, read.data, 0).astype("float64")
    numbers = np.where(there, numbers * raster.scales[0] + raster.offsets[0], 0.0)
    spoilt.look(numbers, window)
    return np.where(np.isfinite(numbers), numbers, 0.0), there.astype("float64")


class _Spoilt:
    """Cells whose numbers are none of people, over all pieces."""

    def __init__(self) -> None:
        self._counts = {"negative": 0, "infinite": 0, "impossible": 0}
        self._first: dict[str, tuple[int, int, float]] = {}

    def look(self, numbers: npt.NDArray[np.float64], window: Window) -> None:
        for what, wrong in (
            ("negative", (numbers < 0) & np.isfinite(numbers)),
            ("infinite", np.isinf(numbers)),
            # The greatest number of a type often stands for no data, and no file says so.
            ("impossible", (numbers > _MOST_PEOPLE) & np.isfinite(numbers)),
        ):
            if not wrong.any():
                continue
            row, column = np.argwhere(wrong)[0]
            place = (int(window.row_off + row) + 1, int(window.col_off + column) + 1)
            self._first.setdefault(what, (*place, float(numbers[row, column])))
            self._counts[what] += int(wrong.sum())

    def problems(self, path: Path) -> Iterator[Problem]:
        for what, (row, column, number) in self._first.items():
            yield _problem(
                path,
                where=f"row {row}, column {column}",
                found=f"the {what} number {number:g} ({self._counts[what]:,} such cells)",
                expected="numbers of people",
                action="if it stands for no data, say so in the file (gdal_edit.py -a_nodata)",
            )


def _problem(path: Path, *, found: str, expected: str, action: str, where: str = "") -> Problem:
    return Problem(file=label(path), where=where, found=found, expected=expected, action=action)


def _error(path: Path, *, found: str, expected: str, action: str) -> InputError:
    return InputError([_problem(path, found=found, expected=expected, action=action)])
