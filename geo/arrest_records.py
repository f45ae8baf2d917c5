"""Read record-level arrests, whichever release they come from, into one table."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Final

import pandas as pd

from geo._arrest_fields import FileCleaner
from geo._arrest_sheets import (
    DATE_FIELDS,
    FIELD_OF_NAME,
    RECORDS,
    SheetArrests,
    other_table,
    sheet_arrests,
)
from geo._files import open_file, sheets_of
from geo._sheets import OpenFile, Sheet, file_error, label, listing
from geo._table import Source
from geo._words import squeeze
from geo.arrest_columns import SOURCE_COLUMNS, UNRECOGNISED, name_release
from geo.arrest_schema import ARREST_COLUMNS
from geo.errors import InputError, Problem

__all__ = ["ArrestRecords", "read_arrests"]

_NAME: Final = re.compile(r"[A-Za-z][\w .()/#&~;|-]{0,199}|\d{1,3}")
_VALUE: Final = re.compile(r"\d{4,}|\d[/-]\d")
_PLACES: Final = (
    "state",
    "state_filled_in",
    "county",
    "city",
    "latitude",
    "aor",
    "landmark",
    "duty_site",
)


@dataclass(frozen=True, kw_only=True, repr=False)
class ArrestRecords:
    """Arrests as recorded, one row each, and what was done to them on the way.

    Attributes
    ----------
    table : pandas.DataFrame
        The columns of ``ARREST_COLUMNS``, all of them, on a plain index. It holds
        identifiers of persons: keep it to yourself.
    sources : tuple of Source
        The files, in the order given.
    release : str
        Which release the files belong to, by their columns; several joined by ``"; "``.
    notes : tuple of str
        Warnings in words, with counts.
    repairs : pandas.DataFrame
        What was set to missing or dropped, and why: ``file``, ``column`` (empty for
        whole rows), ``what``, ``rows``.
    """

    table: pd.DataFrame
    sources: tuple[Source, ...]
    release: str
    notes: tuple[str, ...]
    repairs: pd.DataFrame

    def __repr__(self) -> str:
        days = self.table["apprehension_date"]
        period = f"{days.min():%Y-%m-%d} to {days.max():%Y-%m-%d}"
        return f"<ArrestRecords: {len(self.table):,} rows, {period}, {self.release}>"

    def to_frame(self) -> pd.DataFrame:
        """Give the table.

        Returns
        -------
        pandas.DataFrame
            A copy of ``table``.
        """
        return self.table.copy()


def read_arrests(
    paths: str | Path | Sequence[str | Path], *, sheets: Sequence[str] = ()
) -> ArrestRecords:
    r"""Read record-level arrests from the files of any release, raw or cleaned.

    Columns are known by their names (``docs/inputs.md`` lists them), wherever the header
    stands. Redactions, blanks and impossible dates become missing; states and field
    offices become codes; everything that is changed is counted.

    Parameters
    ----------
    paths : str, pathlib.Path or sequence of them
        Excel (``.xlsx``, ``.xls``, ``.xlsb``), text (``.csv``, ``.tsv``, ``.txt``, also
        ``.gz`` and ``.zst``), Parquet, Feather, Stata or SPSS files.
    sheets : sequence of str, optional
        Sheets of workbooks to read; every sheet that holds arrests if none is named.

    Returns
    -------
    ArrestRecords
        The table, with notes and repairs.

    Raises
    ------
    InputError
        With every problem of every file: files that are absent, damaged, protected or
        no tables of arrests, the same file twice, columns that contradict each other,
        no rows, no dates.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> path = Path(tempfile.mkdtemp()) / "arrests.csv"
    >>> _ = path.write_text(
    ...     "Apprehension Date,Apprehension State,Apprehension AOR,Apprehension Site Landmark\n"
    ...     "1/20/2025 6:30 PM,TEXAS,Houston Area of Responsibility,HARRIS COUNTY JAIL\n"
    ...     '2025-01-21,,,"b(6), b(7)c"\n'
    ... )
    >>> records = read_arrests(path)
    >>> records
    <ArrestRecords: 2 rows, 2025-01-20 to 2025-01-21, ICE 2025 (raw)>
    >>> records.table.loc[0, ["state", "aor", "landmark"]].tolist()
    ['TX', 'HOU', 'HARRIS COUNTY JAIL']
    """
    every = [paths] if isinstance(paths, (str, Path)) else list(paths)
    if not every:
        none = Problem(file="arrests", found="no file", expected="at least one", action="name it")
        raise InputError([none])
    parts: list[_FileArrests] = []
    problems: list[Problem] = []
    for path in every:
        try:
            parts.append(_read_file(Path(path), sheets))
        except InputError as error:
            problems += error.problems
    problems += _same_file_problems(parts)
    if problems:
        raise InputError(problems)
    return _combined(parts)


@dataclass(frozen=True, kw_only=True)
class _FileArrests:
    """What one file holds."""

    table: pd.DataFrame
    source: Source
    release: str
    notes: tuple[str, ...]
    repairs: pd.DataFrame


def _read_file(path: Path, wanted: Sequence[str]) -> _FileArrests:
    file = open_file(path, RECORDS)
    parts: list[SheetArrests] = []
    skipped: list[Sheet] = []
    every: list[str] = []
    for sheet in sheets_of(file):
        every.append(sheet.name)
        if wanted and sheet.name and sheet.name not in wanted:
            continue
        if sheet.header is None or other_table(sheet):
            skipped.append(sheet)
        else:
            parts.append(sheet_arrests(path, sheet))
    absent = [name for name in wanted if name not in every]
    if absent:
        found = f"the sheets {listing(every)}" if any(every) else "a file without sheets"
        raise file_error(path, found, f"a sheet {absent[0]!r}", "name a sheet of it, or none")
    if not parts:
        raise InputError([_no_arrests(path, sheet) for sheet in skipped] or [_no_sheet(path)])
    notes = [*file.notes, *_sheet_notes(path, parts, skipped)]
    return _file_arrests(file, parts, notes)


def _no_arrests(path: Path, sheet: Sheet) -> Problem:
    where = f"sheet {sheet.name!r}" if sheet.name else ""
    if other := other_table(sheet):
        return Problem(
            file=label(path),
            where=where,
            found=other,
            expected="a table of arrests",
            action="download the arrests of the same release",
        )
    dates = ", ".join(name for field in DATE_FIELDS for name in SOURCE_COLUMNS[field])
    return Problem(
        file=label(path),
        where=where,
        found=_looks_like(sheet),
        expected=f"a header with an arrest's date, named {dates}",
        action="name the column of dates apprehension_date, or give another file",
    )


def _no_sheet(path: Path) -> Problem:
    return Problem(
        file=label(path),
        found="no sheet with cells",
        expected="a sheet of arrests",
        action="check the file",
    )


def _looks_like(sheet: Sheet) -> str:
    """Name a sheet's columns, unless its first rows are of values: those are not ours to tell."""
    names = [name for name in sheet.names if name]
    if not names:
        return "no cells"
    if any(map(_VALUE.search, names)) or not all(map(_NAME.fullmatch, names)):
        return f"{len(names)} columns without names"
    return f"no such column but {listing(names)}"


def _sheet_notes(path: Path, parts: list[SheetArrests], skipped: list[Sheet]) -> Iterator[str]:
    for sheet in skipped:
        what = other_table(sheet) or "without a column of arrests' dates"
        yield f"{label(path)}: the sheet {sheet.name!r} was left out, {what}"
    if len(parts) > 1:
        yield f"{label(path)}: arrests were read from the sheets {listing(p.name for p in parts)}"


def _file_arrests(file: OpenFile, parts: list[SheetArrests], notes: list[str]) -> _FileArrests:
    """Bring the rows of all sheets of a file into the columns of the schema."""
    path = file.path
    repairs: Counter[tuple[str, str]] = Counter()
    for part in parts:
        repairs.update({("", what): count for what, count in part.dropped.items()})
    rows = sum(len(part.rows) for part in parts)
    if not rows:
        raise file_error(path, "no rows below the header", "at least one arrest")
    cleaner = FileCleaner(path=path, parts=parts, rows=rows, repairs=repairs, notes=notes)
    table = cleaner.table()
    if cleaner.problems:
        raise InputError(cleaner.problems)
    names = {name for part in parts for name in part.names if name}
    release = name_release(names)
    if release == UNRECOGNISED:
        unused = [
            name for name in dict.fromkeys(parts[0].names) if squeeze(name) not in FIELD_OF_NAME
        ]
        beside = f"; not used: {listing(unused)}" if any(unused) else ""
        notes.append(f"{label(path)}: {UNRECOGNISED}, read by their names{beside}")
    if not any(cleaner.has(field) for field in _PLACES):
        notes.append(f"{label(path)}: no column says where arrests were made; none can be located")
    listed = [(label(path), column, what, count) for (column, what), count in repairs.items()]
    return _FileArrests(
        table=table,
        source=Source(file=label(path), sha256=file.sha256, rows=rows, column="apprehension_date"),
        release=release,
        notes=tuple(notes),
        repairs=pd.DataFrame(
            [row for row in listed if row[-1]], columns=["file", "column", "what", "rows"]
        ),
    )


def _same_file_problems(parts: list[_FileArrests]) -> Iterator[Problem]:
    for one, other in combinations(parts, 2):
        if one.source.sha256 == other.source.sha256:
            yield Problem(
                file=other.source.file,
                found=f"the same content as {one.source.file}",
                expected="each file once",
                action="leave one out, or every arrest counts twice",
            )


def _combined(parts: list[_FileArrests]) -> ArrestRecords:
    """Put the files one below the other."""
    tables = [part.table for part in parts]
    table = tables[0] if len(tables) == 1 else _stacked(tables)
    notes = [note for part in parts for note in part.notes]
    return ArrestRecords(
        table=table,
        sources=tuple(part.source for part in parts),
        release="; ".join(dict.fromkeys(part.release for part in parts)),
        notes=(*notes, *_overlap_notes(parts)),
        repairs=pd.concat([part.repairs for part in parts], ignore_index=True),
    )


def _stacked(tables: list[pd.DataFrame]) -> pd.DataFrame:
    columns = {
        column.name: pd.api.types.union_categoricals([table[column.name] for table in tables])
        if column.dtype == "category"
        else pd.concat([table[column.name] for table in tables], ignore_index=True)
        for column in ARREST_COLUMNS
    }
    return pd.DataFrame(columns)


def _overlap_notes(parts: list[_FileArrests]) -> Iterator[str]:
    periods = [
        (
            part.source.file,
            part.table["apprehension_date"].min(),
            part.table["apprehension_date"].max(),
        )
        for part in parts
    ]
    for (one, start, end), (other, other_start, other_end) in combinations(periods, 2):
        first, last = max(start, other_start), min(end, other_end)
        if first <= last:
            yield (
                f"{one} and {other} both have arrests from {first:%Y-%m-%d} to {last:%Y-%m-%d}: "
                "the same arrests may stand in both"
            )
