"""Read a layer, and say everything that is wrong with it at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Final, NoReturn

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyogrio
from pyogrio.errors import DataLayerError, DataSourceError

from arrest_atlas.map_tests.statistics import Holds, Statistic
from arrest_atlas.table_files import gdal_leaves_no_trace
from geo import InputError, Problem

__all__ = [
    "ROW",
    "Columns",
    "Wanted",
    "absent_column",
    "columns_of",
    "name_rows",
    "places_problems",
    "read_columns",
    "read_map",
]

ROW: Final = "row"
"""Name of the identifiers where the user names no column: the numbers of the rows, from 1."""

_PARQUET: Final = (".parquet", ".geoparquet", ".pq")
_AREAS: Final = frozenset({"Polygon", "MultiPolygon"})
_SHOWN: Final = 3
_SHOWN_NAMES: Final = 40


@dataclass(frozen=True, kw_only=True)
class Columns:
    """The columns that a test was asked to read.

    Attributes
    ----------
    names : tuple of str
        Those of ``--column``.
    people : str or None
        That of ``--exposure`` or ``--population``.
    identifier : str or None
        That of ``--id``.
    """

    names: tuple[str, ...]
    people: str | None = None
    identifier: str | None = None


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """A column that is asked for.

    Attributes
    ----------
    option : str
        The option that names it, for messages.
    name : str
        Its name.
    holds : {"numbers", "counts", "whole", "marks"}
        What it may hold.
    """

    option: str
    name: str
    holds: Holds


def read_map(path: Path, layer: str | None) -> gpd.GeoDataFrame:
    """Read one layer of a vector file.

    Parameters
    ----------
    path : pathlib.Path
        GeoPackage, Shapefile, GeoJSON, GeoParquet, FlatGeobuf or another vector file.
    layer : str or None
        Its layer, where it has several.

    Returns
    -------
    geopandas.GeoDataFrame
        The layer as it is, rows numbered from 0.

    Raises
    ------
    InputError
        If there is no such file or layer, it is none of these, or it is empty.
    """
    if not (path.is_file() or path.is_dir()):  # a pipe would never answer
        _refuse(path, "no such file", "a vector file", "check the path")
    with gdal_leaves_no_trace():
        if path.suffix.lower() in _PARQUET:
            table = _read_parquet(path, layer)
        else:
            table = _read_vector(path, layer)
    if table.empty:
        _refuse(path, "a layer without rows", "one row a unit", "choose another layer")
    return table.reset_index(drop=True)


def _read_parquet(path: Path, layer: str | None) -> gpd.GeoDataFrame:
    if layer is not None:
        _refuse(path, f"--layer {layer}", "no layer: Parquet has none", "leave --layer out")
    try:
        return gpd.read_parquet(path)
    except (ValueError, OSError, pa.ArrowException) as error:
        _refuse_file(path, error)


def _read_vector(path: Path, layer: str | None) -> gpd.GeoDataFrame:
    try:
        listed = pyogrio.list_layers(path)
        names = [str(name) for name, kind in listed if kind is not None]
        if not names:
            _refuse(path, "no geometry", "a vector file with places", "choose another file")
        if layer is None and len(names) > 1:
            _refuse(path, f"{len(names)} layers", "the name of one", f"add --layer: {_list(names)}")
        if layer is not None and layer not in names:
            _refuse(
                path,
                f"no layer {layer!r} with places",
                f"one of {_list(names)}",
                f"correct --layer{_nearest(layer, names)}",
            )
        return pyogrio.read_dataframe(path, layer=layer or names[0])
    except (DataSourceError, DataLayerError, OSError, UnicodeError) as error:
        _refuse_file(path, error)


def _refuse_file(path: Path, error: Exception) -> NoReturn:
    expected = "a GeoPackage, Shapefile, GeoJSON, GeoParquet, FlatGeobuf or other vector file"
    reason = str(error).replace(str(path), path.name)
    found = f"what cannot be read ({reason})"
    if path.is_dir():
        found = "a folder without a layer"
    elif path.stat().st_size == 0:
        found = "an empty file"
    elif "not recognized" in reason:  # and advice on drivers
        found = "content of no kind of map that is known"
    _refuse(path, found, expected, "check the file")


def columns_of(
    table: gpd.GeoDataFrame, columns: Columns, statistic: Statistic, *, file: str
) -> tuple[list[pd.Series], list[Problem]]:
    """Take the columns of a test out of a layer, indexed by the units' identifiers.

    Parameters
    ----------
    table : geopandas.GeoDataFrame
        The layer.
    columns : Columns
        Those that were asked for.
    statistic : Statistic
        The test, which says what they may hold.
    file : str
        Name of the file, for messages.

    Returns
    -------
    series : list of pandas.Series of float
        The values, then the people where there are any; complete only if there are no
        problems.
    problems : list of Problem
        Everything that is wrong with them.
    """
    wanted = [Wanted(option="--column", name=name, holds=statistic.holds) for name in columns.names]
    if columns.people is not None:
        option = f"--{statistic.people}"
        wanted.append(Wanted(option=option, name=columns.people, holds="counts"))
    return read_columns(table, wanted, identifier=columns.identifier, file=file)


def read_columns(
    table: gpd.GeoDataFrame, wanted: Sequence[Wanted], *, identifier: str | None, file: str
) -> tuple[list[pd.Series], list[Problem]]:
    """Take columns of numbers out of a layer, indexed by the units' identifiers.

    Parameters
    ----------
    table : geopandas.GeoDataFrame
        The layer.
    wanted : sequence of Wanted
        The columns.
    identifier : str or None
        Column of the identifiers; None for the numbers of the rows.
    file : str
        Name of the file, for messages.

    Returns
    -------
    series : list of pandas.Series of float
        The columns; complete only if there are no problems.
    problems : list of Problem
        Everything that is wrong with them.
    """
    identifiers, problems = _identifiers(table, identifier, file)
    series = []
    for each in wanted:
        absent = absent_column(table, each.name, each.option, file)
        if absent:
            problems.append(absent)
            continue
        numbers, found = _numbers(
            table[each.name], each.holds, identifiers, option=each.option, file=file
        )
        problems += found
        series.append(pd.Series(numbers, index=identifiers, name=each.name))
    return series, problems


def _identifiers(
    table: gpd.GeoDataFrame, name: str | None, file: str
) -> tuple[pd.Index, list[Problem]]:
    rows = pd.RangeIndex(1, len(table) + 1, name=ROW)
    if name is None:
        return rows, []
    absent = absent_column(table, name, "--id", file)
    if absent:
        return rows, [absent]
    column = table[name]
    problems = []
    if column.isna().any():
        problems.append(
            Problem(
                file=file,
                where=f"column {name!r}",
                found=f"no identifier in {name_rows(column.isna(), rows)}",
                expected="one each row",
                action="fill them in, or leave --id out",
            )
        )
    repeated = column.notna() & column.duplicated(keep=False)
    if repeated.any():
        first = column[repeated].iloc[0]
        problems.append(
            Problem(
                file=file,
                where=f"column {name!r}",
                found=f"{first!s} in {name_rows(column == first, rows)}",
                expected="identifiers that stand in one row each",
                action="name another --id, or merge the rows",
            )
        )
    return (rows if problems else pd.Index(column, name=name)), problems


def absent_column(table: gpd.GeoDataFrame, name: str, option: str, file: str) -> Problem | None:
    """Tell whether a layer lacks a column.

    Parameters
    ----------
    table : geopandas.GeoDataFrame
        The layer.
    name : str
        The column; that of the places is none.
    option : str
        The option that names it, for messages.
    file : str
        Name of the file, for messages.

    Returns
    -------
    Problem or None
        None where the column is there.
    """
    names = [str(each) for each in table.columns if each != table.geometry.name]
    if name in names:
        return None
    return Problem(
        file=file,
        found=f"no column {name!r}",
        expected=f"one of {_list(names)}" if names else "a column of numbers; it has none",
        action=f"correct {option}{_nearest(name, names)}",
    )


def _numbers(
    column: pd.Series,
    holds: Holds,
    identifiers: pd.Index,
    *,
    option: str,
    file: str,
) -> tuple[np.ndarray[tuple[int], np.dtype[np.float64]], list[Problem]]:
    where = f"column {str(column.name)!r}"
    nothing = np.full(len(column), np.nan)
    if not (pd.api.types.is_numeric_dtype(column) or pd.api.types.is_bool_dtype(column)):
        texts = column.dropna()
        sample = f" ({texts.iloc[0]!r})" if len(texts) else ""
        problem = Problem(
            file=file,
            where=where,
            found=f"{column.dtype} values{sample}",
            expected="numbers",
            action=f"name another {option}, or convert the column",
        )
        return nothing, [problem]
    numbers = column.to_numpy(dtype=np.float64, na_value=np.nan)
    wrong = [(np.isinf(numbers), "infinite values", "numbers")]
    if holds in ("counts", "whole"):
        wrong.append((numbers < 0, "negative values", "none below zero"))
    if holds == "whole":
        parts = np.isfinite(numbers) & (numbers != np.round(numbers))
        wrong.append((parts, "parts of a case", "whole numbers"))
    if holds == "marks":
        other = np.isfinite(numbers) & (numbers != 0) & (numbers != 1)
        wrong.append((other, "values other than 0 and 1", "0 and 1"))
    problems = [
        Problem(
            file=file,
            where=where,
            found=f"{found} in {name_rows(mask, identifiers)}",
            expected=expected,
            action="correct them, or leave them empty where nothing is known",
        )
        for mask, found, expected in wrong
        if mask.any()
    ]
    if not problems and np.isnan(numbers).all():
        problems.append(
            Problem(
                file=file,
                where=where,
                found="no values",
                expected="numbers",
                action=f"name another {option}",
            )
        )
    return numbers, problems


def places_problems(
    table: gpd.GeoDataFrame,
    *,
    polygons: str | None = None,
    distances: str | None = None,
    file: str,
) -> Iterator[Problem]:
    """Tell what is wrong with the places of a layer.

    Parameters
    ----------
    table : geopandas.GeoDataFrame
        The layer, indexed by identifiers.
    polygons : str or None
        What needs polygons, for messages; None where points will do.
    distances : str or None
        What measures distances; None where nothing does.
    file : str
        Name of the file, for messages.

    Yields
    ------
    Problem
        What is wrong.
    """
    geometry = table.geometry
    empty = geometry.isna() | geometry.is_empty
    if empty.any():
        yield Problem(
            file=file,
            found=f"no geometry in {name_rows(empty, table.index)}",
            expected="a place each row",
            action="give their places, or leave these rows out of the file",
        )
    wrong = set(geometry[~empty].geom_type) - _AREAS
    if polygons is None:
        wrong -= {"Point"}
    if wrong:
        by_distance = wrong == {"Point"}
        yield Problem(
            file=file,
            found=f"geometry of type {', '.join(sorted(wrong))}",
            expected=f"polygons, for {polygons}" if polygons else "points or polygons",
            action="choose --graph knn:6 or distance:100000"
            if by_distance
            else "choose another layer",
        )
    if distances and table.crs is None:
        yield Problem(
            file=file,
            found="no coordinate reference system",
            expected=f"one, since {distances} measures distances",
            action="write it into the file (a Shapefile has it in its .prj)",
        )


def name_rows(mask: Sequence[bool] | pd.Series | np.ndarray, identifiers: pd.Index) -> str:
    """Name the first rows of a mask, with their identifiers where these are of the user's.

    Parameters
    ----------
    mask : sequence of bool
        Which rows.
    identifiers : pandas.Index
        Of all rows.

    Returns
    -------
    str
        Rows, numbered from 1.

    Examples
    --------
    >>> name_rows([True, False, True], pd.Index(["x", "y", "z"], name="code"))
    'rows 1 (code x), 3 (code z)'
    """
    positions = np.flatnonzero(np.asarray(mask))
    named = [
        f"{position + 1}"
        if identifiers.name == ROW
        else f"{position + 1} ({identifiers.name} {identifiers[position]})"
        for position in positions[:_SHOWN]
    ]
    more = len(positions) - len(named)
    return f"row{'s' if len(positions) > 1 else ''} {', '.join(named)}" + (
        f" and {more:,} more" if more else ""
    )


def _list(names: Sequence[str]) -> str:
    shown = ", ".join(names[:_SHOWN_NAMES])
    more = len(names) - _SHOWN_NAMES
    return f"{shown} and {more} more" if more > 0 else shown


def _nearest(name: str, names: Sequence[str]) -> str:
    lowered = {each.lower(): each for each in reversed(names)}
    near = get_close_matches(name.lower(), lowered, n=1)
    return f", perhaps to {lowered[near[0]]!r}" if near else ""


def _refuse(path: Path, found: str, expected: str, action: str) -> NoReturn:
    problem = Problem(file=path.name, found=found, expected=expected, action=action)
    raise InputError([problem]) from None
