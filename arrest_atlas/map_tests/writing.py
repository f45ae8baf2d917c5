"""The layer with the result's columns, whole or not at all."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final, Literal, NoReturn

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyogrio
from pyogrio.errors import DataSourceError

from arrest_atlas.table_files import suffix_problems, write_csv, written_by
from geo import InputError, Problem
from outputs import OutputError, check_file, whole_file, write_geopackage, write_parquet

__all__ = ["SUFFIXES", "check_out", "write_layer"]

_MARKS: Final = {"test": "arrest-atlas test", "compare": "arrest-atlas compare"}
_LAYER: Final = "tested"


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
    problems = suffix_problems(out, SUFFIXES)
    if problems:
        raise InputError(problems)
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


def _write_geojson(table: gpd.GeoDataFrame, path: Path, note: str) -> None:
    located = table.crs is not None  # then in longitude and latitude, as the standard wants
    options = {"RFC7946": "YES" if located else "NO", "DESCRIPTION": note}
    pyogrio.write_dataframe(table, path, layer=_LAYER, driver="GeoJSON", layer_options=options)


def _write_csv(table: gpd.GeoDataFrame, path: Path, note: str) -> None:
    write_csv(pd.DataFrame(table.drop(columns=table.geometry.name)), path, note)


_WRITERS: Final[dict[str, Callable[[gpd.GeoDataFrame, Path, str], None]]] = {
    ".gpkg": _write_gpkg,
    ".parquet": write_parquet,
    ".geojson": _write_geojson,
    ".csv": _write_csv,
}

SUFFIXES: Final = tuple(_WRITERS)
"""Types of file that can be written; a CSV has no geometry."""


_ours: Final = partial(written_by, marks=tuple(_MARKS.values()), layers=[_LAYER])
"""Recognises a layer that an earlier test or comparison wrote."""


def _refuse(found: str, expected: str, action: str) -> NoReturn:
    problem = Problem(file="--out", found=found, expected=expected, action=action)
    raise InputError([problem])
