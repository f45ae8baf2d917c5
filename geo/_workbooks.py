"""Excel's workbooks, whose cells are numbered as they come rather than converted one by one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import python_calamine

from geo._sheets import (
    HEAD_ROWS,
    MOST_DIGITS,
    Cells,
    OpenFile,
    Sheet,
    file_error,
    label,
)
from geo._workbook_scan import Marked, probe_workbook, scan_workbook
from geo.errors import InputError, Problem

_BATCH: Final = 20_000


def open_workbook(file: OpenFile) -> Iterator[Sheet]:
    """Open a workbook of any kind, one sheet after the other."""
    marked: dict[str, Marked] = {}
    if file.kind == "workbook":
        marked = scan_workbook(file.path)
    elif "EncryptedPackage".encode("utf-16-le") in file.path.read_bytes():
        raise password_error(file.path)
    else:
        probe_workbook(file.path)
    with (
        file.path.open("rb") as stream,
        python_calamine.CalamineWorkbook.from_filelike(stream) as book,
    ):
        kind = python_calamine.SheetTypeEnum.WorkSheet
        names = [sheet.name for sheet in book.sheets_metadata if sheet.typ == kind]
        for name in names:
            cells = book.get_sheet_by_name(name)
            sheet = _excel_sheet(file, cells, marked.get(name, Marked()))
            yield replace(sheet, others=tuple(other for other in names if other != name))


def _excel_sheet(file: OpenFile, sheet: Any, marked: Marked) -> Sheet:
    rows = _with_errors(sheet.iter_rows(), marked.errors)
    head = list(islice(rows, HEAD_ROWS))
    texts = [[_cell_text(cell) or "" for cell in row] for row in head]
    header = file.dialect.find_header(texts)

    def take(columns: Sequence[int]) -> Cells:
        coders = [_Coder() for _ in columns]
        start = (header or 0) + 1
        names = {column: texts[start - 1][column] for column in columns}
        if problems := list(_uncalculated(file.path, sheet.name, names, marked.formulas, start)):
            if not file.dialect.lenient:
                raise InputError(problems)
            file.notes.extend(f"{each.file}, {each.where}: {each.found}" for each in problems)
        count = 0
        for batch in _batches(iter(head[start:]), rows):
            cells = list(zip(*batch, strict=True))
            for coder, column in zip(coders, columns, strict=True):
                coder.add(cells[column])
            count += len(batch)
        rows_ = np.arange(count) + start + 1
        return Cells(rows=rows_, columns=[coder.column() for coder in coders])

    return Sheet(name=sheet.name, head=texts, header=header, take=take)


def _batches(*parts: Iterator[list[Any]]) -> Iterator[list[list[Any]]]:
    for part in parts:
        while batch := list(islice(part, _BATCH)):
            yield batch


class _Coder(dict[Any, int]):
    """Numbers the distinct cells of a column as they come."""

    def __init__(self) -> None:
        self.codes: list[npt.NDArray[np.int32]] = []

    def __missing__(self, cell: Any) -> int:
        self[cell] = code = len(self)
        return code

    def add(self, cells: Sequence[Any]) -> None:
        self.codes.append(np.fromiter(map(self.__getitem__, cells), np.int32, len(cells)))

    def column(self) -> pa.ChunkedArray:
        codes = np.concatenate(self.codes) if self.codes else np.empty(0, np.int32)
        cells = list(self)
        if cells and all(cell == "" or isinstance(cell, dt.date) for cell in cells):
            times = np.array([cell or "NaT" for cell in cells], "datetime64[s]")
            return pa.chunked_array([pa.array(times[codes])])
        texts = pa.array([_cell_text(cell) for cell in cells], pa.string())
        return pa.chunked_array([pa.DictionaryArray.from_arrays(codes, texts)])


def _cell_text(cell: Any) -> str | None:
    """Write a cell as text: 2025 for 2025.0, and numbers that lost digits with their exponent."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, float):
        if abs(cell) >= MOST_DIGITS:
            return f"{cell:e}"
        return str(int(cell)) if cell.is_integer() else f"{cell:.17g}"
    if isinstance(cell, dt.datetime):
        return cell.isoformat(sep=" ")
    return str(cell)


def _with_errors(
    rows: Iterator[list[Any]], errors: dict[int, dict[int, str]]
) -> Iterator[list[Any]]:
    """Show errors as Excel does, where calamine gives empty cells."""
    if not errors:
        return rows
    return (_shown(row, errors.get(number, {})) for number, row in enumerate(rows))


def _shown(row: list[Any], errors: dict[int, str]) -> list[Any]:
    return [errors.get(column, cell) for column, cell in enumerate(row)] if errors else row


def _uncalculated(
    path: Path,
    sheet: str,
    names: dict[int, str],
    formulas: dict[int, dict[int, str]],
    start: int,
) -> Iterator[Problem]:
    """Find columns with formulas that no spreadsheet program has calculated yet."""
    for column, name in names.items():
        rows = sorted(row for row, there in formulas.items() if row >= start and column in there)
        if rows:
            yield Problem(
                file=label(path),
                where=f"sheet {sheet!r}, column {name!r}",
                found=f"formulas without a result: {len(rows):,}, the first in row {rows[0] + 1}: "
                f"{formulas[rows[0]][column]}",
                expected="numbers or texts",
                action="open the file in a spreadsheet program, save it and give it again",
            )


def password_error(path: Path) -> InputError:
    """Say what to do with a workbook that cannot be opened."""
    return file_error(
        path,
        "a workbook protected by a password",
        "a workbook that opens without one",
        "open it, save it without a password and give that copy",
    )
