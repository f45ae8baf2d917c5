"""Layers for GIS analysts."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

import geopandas as gpd
import pandas as pd
import pyogrio
from pyogrio.errors import DataLayerError, DataSourceError

from outputs.errors import OutputError
from outputs.layer_styles import LayerStyle, style_qml
from outputs.layer_words import LayerWords
from outputs.summary import plain

__all__ = ["STYLES_LAYER", "write_geopackage"]

_VERSION: Final = "1.3"  # newer ones make QGIS 3.22 warn
_DATE: Final = "2000-01-01T00:00:00.000Z"
"""Stands where GDAL would write the time of the run, so that equal runs give equal bytes."""

_GEOMETRY: Final = "geom"
"""The column that GDAL puts geometry into."""

STYLES_LAYER: Final = "layer_styles"
"""The table in which QGIS looks for styles."""

_SCHEMA: Final = """
CREATE TABLE gpkg_data_columns (
  table_name TEXT NOT NULL, column_name TEXT NOT NULL, name TEXT, title TEXT,
  description TEXT, mime_type TEXT, constraint_name TEXT,
  CONSTRAINT pk_gdc PRIMARY KEY (table_name, column_name),
  CONSTRAINT gdc_tn UNIQUE (table_name, name));
CREATE TABLE gpkg_data_column_constraints (
  constraint_name TEXT NOT NULL, constraint_type TEXT NOT NULL, value TEXT, min NUMERIC,
  min_is_inclusive BOOLEAN, max NUMERIC, max_is_inclusive BOOLEAN, description TEXT,
  CONSTRAINT gdcc_ntv UNIQUE (constraint_name, constraint_type, value));
INSERT INTO gpkg_extensions
SELECT column1, NULL, 'gpkg_schema',
  'http://www.geopackage.org/spec121/#extension_schema', 'read-write'
FROM (VALUES ('gpkg_data_columns'), ('gpkg_data_column_constraints'));
"""
"""Extension Schema of GeoPackage 1.3, in the words of the standard."""


def write_geopackage(
    path: Path,
    layers: Mapping[str, gpd.GeoDataFrame | pd.DataFrame],
    *,
    title: str,
    metadata: Mapping[str, object],
    words: Mapping[str, LayerWords] | None = None,
    styles: Mapping[str, Sequence[LayerStyle]] | None = None,
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
    words : mapping of str to LayerWords, optional
        By layer: title and abstract (in ``gpkg_contents``), and what its columns hold (in
        ``gpkg_data_columns``). Words for columns that a layer lacks are left out.
    styles : mapping of str to sequence of LayerStyle, optional
        By layer, its styles for QGIS, which opens it with the first (in ``layer_styles``).

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
    words = words or {}
    tables = {name: _with_index(table) for name, table in layers.items()}
    if painted := _styles(tables, styles or {}):
        tables[STYLES_LAYER] = pd.DataFrame(painted)
    try:
        with _fixed_date():
            for position, (name, table) in enumerate(tables.items()):
                pyogrio.write_dataframe(
                    table,
                    path,
                    layer=name,
                    driver="GPKG",
                    append=position > 0,
                    promote_to_multi=isinstance(table, gpd.GeoDataFrame),
                    layer_options=_layer_options(name, words.get(name)),
                    dataset_options={"VERSION": _VERSION} if position == 0 else None,
                    dataset_metadata=described if position == 0 else None,
                )
        if words:
            _describe_columns(path, tables, words)
    except (DataSourceError, DataLayerError, sqlite3.Error) as error:
        reason = str(error).rpartition(": ")[2]  # what stands before it is a command in SQL
        message = (
            f"found that {path.name} cannot be written ({reason}); expected space and permission "
            "for it; make room, or choose another file"
        )
        raise OutputError(message) from error


def _with_index(table: pd.DataFrame) -> pd.DataFrame:
    return table if table.index.name is None else table.reset_index()


def _layer_options(name: str, words: LayerWords | None) -> dict[str, str]:
    if name == STYLES_LAYER:
        return {"FID": "id"}
    return {"IDENTIFIER": words.title, "DESCRIPTION": words.abstract} if words else {}


def _styles(
    tables: Iterable[str], styles: Mapping[str, Sequence[LayerStyle]]
) -> list[dict[str, object]]:
    """Lay styles out as QGIS stores them."""
    return [
        {
            "f_table_catalog": "",
            "f_table_schema": "",
            "f_table_name": name,
            "f_geometry_column": _GEOMETRY,
            "styleName": style.name,
            "styleQML": style_qml(style),
            "styleSLD": "",
            "useAsDefault": position == 0,
            "description": style.description,
            "owner": "",
            "ui": None,
            "update_time": pd.Timestamp(_DATE),
        }
        for name in tables
        for position, style in enumerate(styles.get(name, ()))
    ]


def _describe_columns(
    path: Path, tables: Mapping[str, pd.DataFrame], words: Mapping[str, LayerWords]
) -> None:
    """Say what columns hold, by the extension Schema, which GDAL leaves to its callers."""
    rows = [
        (name, column, str(words[name].columns[column]))
        for name, table in tables.items()
        if name in words
        for column in table.columns
        if column in words[name].columns
    ]
    with closing(sqlite3.connect(path)) as database, database:
        database.executescript(_SCHEMA)
        database.executemany(
            "INSERT INTO gpkg_data_columns (table_name, column_name, description) VALUES (?, ?, ?)",
            rows,
        )


@contextmanager
def _fixed_date() -> Iterator[None]:
    before = pyogrio.get_gdal_config_option("OGR_CURRENT_DATE")
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": _DATE})
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": before})
