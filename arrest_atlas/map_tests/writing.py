"""The layer with the result's columns, whole or not at all."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Final, Literal, NoReturn

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyogrio
from pyarrow import parquet
from pyogrio.errors import DataSourceError

from arrest_atlas.map_tests.reading import gdal_leaves_no_trace
from geo import InputError, Problem
from outputs import OutputError, check_file, whole_file, write_geopackage

__all__ = ["SUFFIXES", "check_out", "write_layer"]

_MARKS: Final = {"test": "arrest-atlas test", "compare": "arrest-atlas compare"}
_STARTS: Final = tuple(_MARKS.values())
_START_BYTES: Final = tuple(mark.encode() for mark in _STARTS)
_KEY: Final = b"arrest_atlas"
_LAYER: Final = "tested"
_HEAD: Final = 4_096
"""Bytes of a text file within which the mark stands."""


def check_out(out: Path, source: Path) -> None:
    """Make sure that the layer can be written, before any work is done.

    Parameters
    ----------
    out : pathlib.Path
        File to write.
    source : pathlib.Path
        The map, which is never overwritten.

    Raises
    ------
    InputError
        If the file is of another type, or is the map itself.
    OutputError
        If something else stands there, or nothing can be written.
    """
    if out.suffix.lower() not in SUFFIXES:
        expected = f"a file name ending in {', '.join(SUFFIXES)}"
        _refuse(f"{out.name!r}", expected, "change the option")
    if out.exists() and source.exists() and out.samefile(source):
        _refuse("the map itself", "another file", "change the option")
    check_file(out, ours=_ours)


def write_layer(
    table: gpd.GeoDataFrame,
    result: pd.DataFrame,
    out: Path,
    *,
    title: str,
    command: Literal["test", "compare"] = "test",
) -> None:
    """Write a layer with the columns of a result beside its own.

    Parameters
    ----------
    table : geopandas.GeoDataFrame
        The layer, indexed by identifiers.
    result : pandas.DataFrame
        Columns of the result, indexed in the same way.
    out : pathlib.Path
        ``.gpkg``, ``.parquet``, ``.geojson`` or ``.csv``.
    title : str
        What was tested, and how.
    command : {"test", "compare"}
        The command that writes it.

    Raises
    ------
    InputError
        If the layer has columns of the same names.
    OutputError
        If nothing can be written.
    """
    taken = [name for name in result.columns if name in table.columns]
    if out.suffix.lower() == ".gpkg":
        _refuse_names([*table.columns.drop(table.geometry.name), *result.columns])
    if taken:
        _refuse(
            f"columns {', '.join(taken)} on the map",
            "none of these names, which the result's columns bear",
            "rename or drop them",
        )
    joined = gpd.GeoDataFrame(
        table.join(result).reset_index(drop=True), geometry=table.geometry.name, crs=table.crs
    )
    note = f"{_MARKS[command]}: {title}"
    with whole_file(out, ours=_ours) as scratch:
        try:
            _WRITERS[out.suffix.lower()](joined, scratch, note)
        except OutputError:
            raise
        except (DataSourceError, pa.ArrowException, TypeError, ValueError) as error:
            message = f"found that {out.name} cannot hold this layer ({error}); choose another type"
            raise OutputError(message) from error


def _refuse_names(names: list[str]) -> None:
    """Refuse columns that a GeoPackage cannot hold: it has its own, and no capital letters."""
    plain = pd.Series(names, dtype=str).str.lower()
    clash = plain.isin(["fid", "geom"]) | plain.duplicated(keep=False)
    if clash.any():
        _refuse(
            f"columns {', '.join(np.array(names)[clash])} on the map",
            "for a .gpkg none named fid or geom, and none alike but for capitals",
            "rename or drop them, or choose .parquet",
        )


def _write_gpkg(table: gpd.GeoDataFrame, path: Path, note: str) -> None:
    write_geopackage(path, {_LAYER: table}, title=note, metadata={})


def _write_parquet(table: gpd.GeoDataFrame, path: Path, note: str) -> None:
    table.to_parquet(path, index=False)
    whole = parquet.read_table(path)
    metadata = {**(whole.schema.metadata or {}), _KEY: note.encode()}
    parquet.write_table(whole.replace_schema_metadata(metadata), path)


def _write_geojson(table: gpd.GeoDataFrame, path: Path, note: str) -> None:
    located = table.crs is not None  # then in longitude and latitude, as the standard wants
    options = {"RFC7946": "YES" if located else "NO", "DESCRIPTION": note}
    pyogrio.write_dataframe(table, path, layer=_LAYER, driver="GeoJSON", layer_options=options)


def _write_csv(table: gpd.GeoDataFrame, path: Path, note: str) -> None:
    values = pd.DataFrame(table.drop(columns=table.geometry.name))
    values.insert(0, "note", note, allow_duplicates=True)
    values.to_csv(path, index=False, lineterminator="\n")


_WRITERS: Final[dict[str, Callable[[gpd.GeoDataFrame, Path, str], None]]] = {
    ".gpkg": _write_gpkg,
    ".parquet": _write_parquet,
    ".geojson": _write_geojson,
    ".csv": _write_csv,
}

SUFFIXES: Final = tuple(_WRITERS)
"""Types of file that can be written; a CSV has no geometry."""


def _ours(path: Path) -> bool:
    """Recognise a layer that an earlier test or comparison wrote."""
    if not path.is_file():
        return False  # a pipe would never answer
    try:
        match path.suffix.lower():
            case ".gpkg":
                with gdal_leaves_no_trace():
                    layers = pyogrio.list_layers(path)[:, 0].tolist()
                    title = (pyogrio.read_info(path)["dataset_metadata"] or {}).get("title", "")
                return layers == [_LAYER] and str(title).startswith(_STARTS)
            case ".parquet":
                note = (parquet.read_schema(path).metadata or {}).get(_KEY, b"")
                return bytes(note).startswith(_START_BYTES)
        with path.open("rb") as file:
            head = file.read(_HEAD)
        if path.suffix.lower() == ".csv":
            first, _, second = head.partition(b"\n")
            return first.startswith(b"note,") and second.lstrip(b'"').startswith(_START_BYTES)
        said = re.search(rb'"description"\s*:\s*"', head)
        return said is not None and head[said.end() :].startswith(_START_BYTES)
    except (OSError, ValueError, DataSourceError, pa.ArrowException):
        return False


def _refuse(found: str, expected: str, action: str) -> NoReturn:
    problem = Problem(file="--out", found=found, expected=expected, action=action)
    raise InputError([problem])
