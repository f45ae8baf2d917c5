"""Parquet and Feather, and the files of statistics packages."""

from __future__ import annotations

import datetime as dt
import warnings
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
from pyarrow import feather, parquet

from geo._sheets import MOST_DIGITS, TEXT, Cells, Dialect, OpenFile, Sheet, file_error

_MOST_ROWS: Final = 20_000_000
_SPSS_EPOCH: Final = dt.datetime(1582, 10, 14)  # noqa: DTZ001  (SPSS knows no time zones)


def open_parquet(file: OpenFile) -> Iterator[Sheet]:
    """Open a Parquet file, unless it declares more rows than there can be."""
    source = parquet.ParquetFile(file.path)
    if source.metadata.num_rows > _MOST_ROWS:
        found = f"{source.metadata.num_rows:,} rows"
        raise file_error(file.path, found, f"at most {_MOST_ROWS:,}", "split the file")
    schema = source.schema_arrow

    def read(names: list[str] | None) -> pa.Table:
        texts = [f.name for f in schema if pa.types.is_string(f.type) or _is_large(f.type)]
        return parquet.read_table(file.path, columns=names, read_dictionary=texts)

    yield _columnar_sheet(schema, read, file.dialect)


def _is_large(kind: pa.DataType) -> bool:
    return bool(pa.types.is_large_string(kind) or pa.types.is_string_view(kind))


def open_feather(file: OpenFile) -> Iterator[Sheet]:
    """Open a Feather file, which is one of Arrow's."""
    with pa.OSFile(str(file.path)) as source:
        schema = pa.ipc.open_file(source).schema

    def read(names: list[str] | None) -> pa.Table:
        return feather.read_table(str(file.path), columns=names, memory_map=False)

    yield _columnar_sheet(schema, read, file.dialect)


def _columnar_sheet(
    schema: pa.Schema, read: Callable[[list[str] | None], pa.Table], dialect: Dialect
) -> Sheet:
    fields = [number for number, column in enumerate(schema) if _is_cell(column)]
    names = [schema.field(number).name for number in fields]

    def take(columns: Sequence[int]) -> Cells:
        wanted = [names[column] for column in columns]
        if len(set(schema.names)) == len(schema.names):
            table = read(list(dict.fromkeys(wanted)))
            found = [table.column(name) for name in wanted]
        else:
            table = read(None)
            found = [table.column(fields[column]) for column in columns]
        for column in found:
            column.validate(full=True)  # a damaged file may hold anything
        texts = [_as_text(column) for column in found]
        return Cells(rows=np.arange(len(table)) + 2, columns=texts)

    return Sheet(name="", head=[names], header=dialect.find_header([names]), take=take)


def _is_cell(column: pa.Field) -> bool:
    """Leave out geometry, nested columns and the index that pandas puts in."""
    kind = column.type
    odd = pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_nested(kind)
    return not odd and not column.name.startswith("__index_level_")


def _as_text(column: pa.ChunkedArray) -> pa.ChunkedArray:
    kind = column.type
    if pa.types.is_timestamp(kind) or pa.types.is_date(kind):
        return column
    if pa.types.is_dictionary(kind) and kind != TEXT:
        column = column.cast(kind.value_type)
    if column.type != TEXT:
        column = column.cast(pa.string()).dictionary_encode()
    return column


def open_stata(file: OpenFile) -> Iterator[Sheet]:
    """Open a Stata file."""
    with (
        warnings.catch_warnings(action="ignore"),
        pd.read_stata(file.path, iterator=True) as reader,
    ):
        names = list(reader.variable_labels())
    labels = file.dialect.lenient

    def take(columns: Sequence[int]) -> Cells:
        wanted = [names[column] for column in columns]
        with warnings.catch_warnings(action="ignore"):
            table = pd.read_stata(file.path, columns=wanted, convert_categoricals=labels)
        return _frame_cells(table[wanted])

    yield Sheet(name="", head=[names], header=file.dialect.find_header([names]), take=take)


def open_spss(file: OpenFile) -> Iterator[Sheet]:
    """Open an SPSS file, if the package that reads them is there."""
    import pyreadstat  # noqa: PLC0415  (an extra)

    def read(**options: Any) -> tuple[pd.DataFrame, Any]:
        try:
            with warnings.catch_warnings(action="ignore"):
                table, meta = pyreadstat.read_sav(
                    str(file.path), disable_datetime_conversion=True, **options
                )
        except (pyreadstat.ReadstatError, TypeError) as error:  # the latter: a nameless column
            raise ValueError(str(error)) from error
        return table, meta

    _, meta = read(metadataonly=True)
    names = [name or "" for name in meta.column_names]

    def take(columns: Sequence[int]) -> Cells:
        wanted = [names[column] for column in columns]
        table, _ = read(usecols=wanted, apply_value_formats=file.dialect.lenient)
        for name in wanted:
            kind = meta.original_variable_types.get(name) or ""
            if kind.startswith(("DATE", "ADATE", "EDATE", "SDATE")):
                table[name] = _spss_times(table[name])
        return _frame_cells(table[wanted])

    yield Sheet(name="", head=[names], header=file.dialect.find_header([names]), take=take)


def _spss_times(seconds: pd.Series) -> npt.NDArray[np.datetime64]:
    numbers = seconds.to_numpy(np.float64)
    sensible = np.abs(numbers) < MOST_DIGITS  # false where missing
    since = np.where(sensible, numbers, 0).astype("timedelta64[s]")
    times = np.datetime64(_SPSS_EPOCH, "s") + since
    return np.where(sensible, times, np.datetime64("NaT"))


def _frame_cells(table: pd.DataFrame) -> Cells:
    columns = [_as_text(pa.chunked_array([_arrow(table[name])])) for name in table]
    return Cells(rows=np.arange(len(table)) + 2, columns=columns)


def _arrow(column: pd.Series) -> pa.Array:
    """Hand a column over to Arrow, as text where it holds objects of several kinds."""
    if column.dtype == object or isinstance(column.dtype, pd.CategoricalDtype):
        column = column.astype("string")
    return pa.Array.from_pandas(column)
