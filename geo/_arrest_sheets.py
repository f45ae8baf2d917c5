"""The rows of one sheet that are arrests, and its columns that we know."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from geo import _arrest_values as values
from geo._arrest_values import Flags, Texts, Times
from geo._files import EVERY_SUFFIX
from geo._sheets import Cells, Dialect, Sheet, file_error, label, unreadable_problem
from geo._words import squeeze
from geo.arrest_columns import NOT_ARRESTS, SOURCE_COLUMNS
from geo.errors import InputError, Problem

Verdicts = npt.NDArray[np.int8]

DATE_FIELDS: Final = ("apprehension_date", "apprehension_time")
FIELD_OF_NAME: Final = {
    squeeze(name): field for field, names in SOURCE_COLUMNS.items() for name in names
}
_DATE_NAMES: Final = frozenset(
    squeeze(name) for field in DATE_FIELDS for name in SOURCE_COLUMNS[field]
)
_MARKS: Final = {squeeze(mark): what for mark, what in NOT_ARRESTS.items()}
_LONG_SHARE: Final = 0.01


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column of a sheet that holds a field."""

    field: str
    name: str
    key: tuple[str, int]
    """Its squeezed name, and how often the name stood before it."""
    place: int


@dataclass(frozen=True, kw_only=True)
class SheetArrests:
    """Rows of one sheet, before their texts are cleaned."""

    name: str
    names: tuple[str, ...]
    rows: npt.NDArray[np.int64]
    columns: dict[tuple[str, int], Column]
    texts: dict[tuple[str, int], Texts]
    times: dict[tuple[str, int], tuple[Times, Verdicts]]
    dropped: Counter[str]


def find_header(rows: list[list[str]]) -> int | None:
    """Find the row that names an arrest's date and the most other columns of ours."""
    best, most = None, 0
    for number, row in enumerate(rows):
        names = {squeeze(cell) for cell in row}
        known = len(names & FIELD_OF_NAME.keys())
        if known > most and names & _DATE_NAMES:
            best, most = number, known
    return best


RECORDS: Final = Dialect(
    suffixes=EVERY_SUFFIX, delimiters=",;\t|", find_header=find_header, lenient=True
)


def other_table(sheet: Sheet) -> str:
    """Recognise detainers, detentions, removals and encounters, by a column that marks them."""
    for row in sheet.head if sheet.header is None else [sheet.names]:
        for name in row:
            if what := _MARKS.get(squeeze(name)):
                return f"a table of {what} (it has a column {name.strip()[:60]!r})"
    return ""


def sheet_arrests(path: Path, sheet: Sheet) -> SheetArrests:
    """Take the columns that we know, and drop rows that are no records."""
    columns = _known_columns(sheet.names)
    places = sorted({0, *(column.place for column in columns.values())})
    cells = sheet.take(places)
    _refuse_unreadable(path, sheet, places, cells)
    taken = dict(zip(places, cells.columns, strict=True))
    dropped = Counter({"a row with more cells than the header": len(cells.too_long)})
    _refuse_many_long_rows(path, sheet, cells)
    ready = {
        place: column if values.is_times(column) else Texts.of(column)
        for place, column in taken.items()
    }
    times, texts = {}, {}
    for key, column in columns.items():
        cells_of = ready[column.place]
        if column.field in DATE_FIELDS:
            times[key] = values.times_of(cells_of)
            _refuse_day_first(path, sheet, column, cells_of)
        else:
            texts[key] = cells_of if isinstance(cells_of, Texts) else Texts.of(cells_of)
    keep = _records(ready, columns, times, dropped)
    return SheetArrests(
        name=sheet.name,
        names=tuple(sheet.names),
        rows=cells.rows[keep],
        columns=columns,
        texts={key: column.rows(keep) for key, column in texts.items()},
        times={key: (when[keep], why[keep]) for key, (when, why) in times.items()},
        dropped=dropped,
    )


def _known_columns(names: Sequence[str]) -> dict[tuple[str, int], Column]:
    seen: Counter[str] = Counter()
    columns = {}
    for place, name in enumerate(names):
        plain = squeeze(name)
        if field := FIELD_OF_NAME.get(plain):
            key = (plain, seen[plain])
            columns[key] = Column(field=field, name=name, key=key, place=place)
            seen[plain] += 1
    return columns


def _refuse_unreadable(path: Path, sheet: Sheet, places: Sequence[int], cells: Cells) -> None:
    if cells.unreadable:
        raise InputError(
            [
                unreadable_problem(path, sheet.names[places[number]], kind)
                for number, kind in cells.unreadable.items()
            ]
        )


def _refuse_many_long_rows(path: Path, sheet: Sheet, cells: Cells) -> None:
    if len(cells.too_long) > _LONG_SHARE * (len(cells.rows) + len(cells.too_long)):
        raise file_error(
            path,
            f"{len(cells.too_long):,} rows with more cells than the header's "
            f"{len(sheet.names)} (the first is row {cells.too_long[0]})",
            "as many cells in every row",
            "check the delimiter, and that texts which contain it stand in quotation marks",
        )


def _refuse_day_first(
    path: Path, sheet: Sheet, column: Column, cells: pa.ChunkedArray | Texts
) -> None:
    if isinstance(cells, Texts) and values.day_comes_first(cells.distinct):
        raise InputError(
            [
                Problem(
                    file=label(path),
                    where=", ".join(filter(None, [sheet.name, f"column {column.name!r}"])),
                    found="dates with the day before the month",
                    expected="month first (1/31/2025) or ISO (2025-01-31)",
                    action="write the dates as 2025-01-31",
                )
            ]
        )


def _records(
    taken: dict[int, pa.ChunkedArray | Texts],
    columns: dict[tuple[str, int], Column],
    times: dict[tuple[str, int], tuple[Times, Verdicts]],
    dropped: Counter[str],
) -> Flags:
    """Tell records from blank rows, the header once more, and notes below the table."""
    filled = {
        place: column.filled if isinstance(column, Texts) else values.there(column)
        for place, column in taken.items()
    }
    cells = np.sum(list(filled.values()), axis=0)
    dated = np.logical_or.reduce([why == values.READ for _, why in times.values()])
    blank = cells == 0
    header = np.zeros(len(blank), bool)
    for key in times:
        texts = taken[columns[key].place]
        if isinstance(texts, Texts):
            header |= texts.spread(_names_a_date(texts), missing=False)
    last = np.flatnonzero((cells > 1) | dated)
    trailing = np.arange(len(blank)) > (last[-1] if last.size else -1)
    note = trailing & filled[0] & (cells == 1)
    dropped["a blank row"] = int(blank.sum())
    dropped["the header once more"] = int(header.sum())
    dropped["a note below the table"] = int(note.sum())
    keep: Flags = ~(blank | header | note)
    return keep


def _names_a_date(texts: Texts) -> Flags:
    """Tell which texts of a column of dates are the column's name."""
    words = values.matching(texts, "^[A-Za-z]{7}")
    words[words] = [squeeze(text) in _DATE_NAMES for text in texts.series()[words]]
    return words
