"""Layers for GIS analysts."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import geopandas as gpd
import pandas as pd
import pyogrio
from pyogrio.errors import DataLayerError, DataSourceError

from outputs.errors import OutputError
from outputs.summary import plain

__all__ = ["write_geopackage"]

_VERSION: Final = "1.3"  # newer ones make QGIS 3.22 warn
_DATE: Final = "2000-01-01T00:00:00.000Z"
"""Stands where GDAL would write the time of the run, so that equal runs give equal bytes."""


def write_geopackage(
    path: Path,
    layers: Mapping[str, gpd.GeoDataFrame | pd.DataFrame],
    *,
    title: str,
    metadata: Mapping[str, object],
) -> None:
    """Write tables with and without geometry as layers of one GeoPackage 1.3.

    Parameters
    ----------
    path : pathlib.Path
        File to write; it must not exist.
    layers : mapping of str to geopandas.GeoDataFrame or pandas.DataFrame
        Layers in order. The index becomes the first column. Geometry keeps its CRS;
        polygons are written as multipolygons.
    title : str
        Title of the file, in its metadata.
    metadata : mapping of str to object
        What is known of the run, written as JSON to ``gpkg_metadata``.

    Raises
    ------
    OutputError
        If the file exists or cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> from shapely.geometry import box
    >>> path = Path(tempfile.mkdtemp()) / "map.gpkg"
    >>> squares = gpd.GeoDataFrame(
    ...     {"n": [1]}, index=pd.Index(["a"], name="name"), geometry=[box(0, 0, 1, 1)],
    ...     crs="EPSG:4269")
    >>> write_geopackage(path, {"squares": squares}, title="Squares", metadata={})
    >>> gpd.read_file(path, layer="squares")["n"].tolist()
    [1]
    """
    if path.exists():
        message = f"found {path.name} already there; expected a new file"
        raise OutputError(message)
    described = {"title": title, "run": json.dumps(plain(metadata), sort_keys=True)}
    try:
        with _fixed_date():
            for position, (name, table) in enumerate(layers.items()):
                pyogrio.write_dataframe(
                    table.reset_index() if table.index.name else table,
                    path,
                    layer=name,
                    driver="GPKG",
                    append=position > 0,
                    promote_to_multi=isinstance(table, gpd.GeoDataFrame),
                    dataset_options={"VERSION": _VERSION} if position == 0 else None,
                    dataset_metadata=described if position == 0 else None,
                )
    except (DataSourceError, DataLayerError) as error:
        reason = str(error).rpartition(": ")[2]  # what stands before it is a command in SQL
        message = (
            f"found that {path.name} cannot be written ({reason}); expected space and permission "
            "for it; make room, or choose another file"
        )
        raise OutputError(message) from error


@contextmanager
def _fixed_date() -> Iterator[None]:
    before = pyogrio.get_gdal_config_option("OGR_CURRENT_DATE")
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": _DATE})
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": before})
