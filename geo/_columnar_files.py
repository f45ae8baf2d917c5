"""Parquet and Feather, and the files of statistics packages."""

from __future__ import annotations

import datetime as dt
import warnings
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
from pyarrow import feather, parquet

from geo._sheets import (
    MOST_DIGITS,
    TEXT,
    Cells,
    Dialect,
    OpenFile,
    Sheet,
    bomb_error,
    file_error,
    most_bytes,
)

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
        _refuse_bomb(file.path, source.metadata, names)
        texts = [column.name for column in schema if _is_text(column.type)]
        return parquet.read_table(file.path, columns=names, read_dictionary=texts)

    yield _columnar_sheet(schema, read, file.dialect)


def _refuse_bomb(path: Path, metadata: Any, names: list[str] | None) -> None:
    """Refuse columns that take more than any table, once they are unpacked."""
    unpacked = 0
    for group in range(metadata.num_row_groups):
        columns = metadata.row_group(group)
        for number in range(columns.num_columns):
            column = columns.column(number)
            if names is None or column.path_in_schema.partition(".")[0] in names:
                unpacked += column.total_uncompressed_size
    if unpacked > most_bytes(path):
        raise bomb_error(path, f"{unpacked:,} bytes")


def _is_text(kind: pa.DataType) -> bool:
    types = pa.types
    return bool(
        types.is_string(kind)
        or types.is_large_string(kind)
        or types.is_string_view(kind)
        or types.is_binary(kind)
        or types.is_large_binary(kind)
    )


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
    fields = [number for number, column in enumerate(schema) if not _is_index(column.name)]
    names = [schema.field(number).name for number in fields]

    def take(columns: Sequence[int]) -> Cells:
        odd = {place for place in columns if not is_cell(schema.field(fields[place]).type)}
        wanted = [place for place in columns if place not in odd]
        if len(set(schema.names)) == len(schema.names):
            table = read(list(dict.fromkeys(names[place] for place in wanted)))
            found = {place: table.column(names[place]) for place in wanted}
        else:
            table = read(None)
            found = {place: table.column(fields[place]) for place in wanted}
        texts = {}
        for place, column in found.items():
            column.validate(full=True)  # a damaged file may hold anything
            try:
                texts[place] = _as_text(column)
            except UnicodeDecodeError:
                odd.add(place)
        kinds = {place: str(schema.field(fields[place]).type) for place in sorted(odd)}
        empty = pa.chunked_array([pa.nulls(len(table), TEXT)])
        return Cells(
            rows=np.arange(len(table)) + 2,
            columns=[texts.get(place, empty) for place in columns],
            unreadable={number: kinds[p] for number, p in enumerate(columns) if p in kinds},
        )

    return Sheet(name="", head=[names], header=dialect.find_header([names]), take=take)


def _is_index(name: str) -> bool:
    """Recognise the index that pandas puts in."""
    return name.startswith("__index_level_")


def is_cell(kind: pa.DataType) -> bool:
    """Tell what may be written as a text from nested columns and lengths of time."""
    types = pa.types
    return not (types.is_nested(kind) or types.is_duration(kind) or types.is_interval(kind))


def _as_text(column: pa.ChunkedArray) -> pa.ChunkedArray:
    kind = column.type
    if pa.types.is_timestamp(kind) or pa.types.is_date(kind):
        return column
    if not pa.types.is_dictionary(kind):
        column = column.dictionary_encode()
    # Each distinct text once, whatever it takes in every row.
    chunks = [
        pa.DictionaryArray.from_arrays(chunk.indices.cast(pa.int32()), _texts(chunk.dictionary))
        for chunk in column.chunks
    ]
    return pa.chunked_array(chunks, TEXT)


def _texts(values: pa.Array) -> pa.Array:
    """Write distinct values as text, those of bytes by UTF-8."""
    types = pa.types
    if types.is_binary(values.type) or types.is_large_binary(values.type):
        return pa.array([each and each.decode() for each in values.to_pylist()], pa.string())
    return values.cast(pa.string())


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
