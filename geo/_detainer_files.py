"""Detainers of one file, read by the machinery of the arrests under other names of columns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import pandas as pd

from geo._arrest_fields import FileCleaner
from geo._arrest_sheets import DATE_FIELDS, FIELD_OF_NAME, SheetArrests, sheet_arrests
from geo._files import EVERY_SUFFIX, open_file, sheets_of
from geo._sheets import Dialect, OpenFile, Sheet, file_error, label, listing
from geo._table import Source
from geo._words import squeeze
from geo.arrest_columns import SOURCE_COLUMNS
from geo.errors import InputError, Problem

__all__ = ["DETAINER_NAMES", "FileDetainers", "read_file"]

DETAINER_NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    "prepared": ("detainer_prepare_date", "detainer_prepared_date", "prepare_date"),
    "state": ("facility_state",),
    "aor": ("facility_aor", "detainer_aor", "area_of_responsibility"),
    "lift_reason": ("detainer_lift_reason",),
    "identifier": SOURCE_COLUMNS["identifier"],
}
"""Names of a field in the files; spaces, underscores and case do not matter."""

_READ_AS: Final = {
    "prepared": "apprehension_date",
    "state": "state",
    "aor": "aor",
    "lift_reason": "operation",
    "identifier": "identifier",
}
"""Field of an arrest that is read in the same way: a day, a state, an office, a text, a person."""

_OWN_FIELD: Final = {theirs: own for own, theirs in _READ_AS.items()}
_FIELD: Final = {squeeze(name): field for field, names in DETAINER_NAMES.items() for name in names}
_DATES: Final = frozenset(map(squeeze, DETAINER_NAMES["prepared"]))
_IDENTIFIERS: Final = frozenset(map(squeeze, DETAINER_NAMES["identifier"]))
_PLACE: Final = ["file", "sheet", "row"]


def _find_header(rows: list[list[str]]) -> int | None:
    """Find the row that names a detainer's date and the most other columns of ours."""
    best, most = None, 0
    for number, row in enumerate(rows):
        names = set(map(squeeze, row))
        known = len(names & _FIELD.keys())
        if known > most and names & _DATES:
            best, most = number, known
    return best


_DETAINERS: Final = Dialect(
    suffixes=EVERY_SUFFIX, delimiters=",;\t|", find_header=_find_header, lenient=True
)


@dataclass(frozen=True, kw_only=True)
class FileDetainers:
    """What one file holds."""

    table: pd.DataFrame
    source: Source
    notes: tuple[str, ...]
    repairs: pd.DataFrame


def read_file(path: Path, wanted: Sequence[str]) -> FileDetainers:
    """Read the sheets of a file that hold detainers, or those that are wanted."""
    file = open_file(path, _DETAINERS)
    parts: list[SheetArrests] = []
    skipped: list[Sheet] = []
    every: list[str] = []
    names: dict[str, str] = {}
    for sheet in sheets_of(file):
        every.append(sheet.name)
        if wanted and sheet.name and sheet.name not in wanted:
            continue
        if sheet.header is None:
            skipped.append(sheet)
            continue
        translated = _translated(sheet, names)
        try:
            parts.append(sheet_arrests(path, translated))
        except InputError as error:
            raise _in_own_words(error, names) from error
    absent = [name for name in wanted if name not in every]
    if absent:
        found = f"the sheets {listing(every)}" if any(every) else "a file without sheets"
        raise file_error(path, found, f"a sheet {absent[0]!r}", "name a sheet of it, or none")
    if not parts:
        raise InputError([_no_detainers(path, sheet) for sheet in skipped] or [_no_sheet(path)])
    left_out = [
        f"{label(path)}: the sheet {sheet.name!r} was left out, without detainers' dates"
        for sheet in skipped
    ]
    return _cleaned(file, parts, [*file.notes, *left_out], names)


def _translated(sheet: Sheet, names: dict[str, str]) -> Sheet:
    """Give the columns the names of an arrest's, and no name to those that are not needed."""
    assert sheet.header is not None  # noqa: S101  (others are skipped)
    seen: Counter[str] = Counter()
    row = []
    for name in sheet.names:
        field = _FIELD.get(squeeze(name))
        if field is None:
            row.append("")
            continue
        aliases = SOURCE_COLUMNS[_READ_AS[field]]
        row.append(aliases[min(seen[field], len(aliases) - 1)])
        seen[field] += 1
        names.setdefault(row[-1], name)
    head = [*sheet.head]
    head[sheet.header] = row
    return replace(sheet, head=head)


def _in_own_words(error: InputError, names: Mapping[str, str]) -> InputError:
    """Name the columns of problems as the file does."""
    return InputError(
        replace(
            problem,
            where=_renamed(problem.where, names),
            found=_renamed(problem.found, names),
            expected=_renamed(problem.expected, names).replace("arrest", "detainer"),
            action=_renamed(problem.action, names),
        )
        for problem in error.problems
    )


def _renamed(text: str, names: Mapping[str, str]) -> str:
    for theirs, own in names.items():
        text = text.replace(repr(theirs), repr(own))
    return text


def _no_detainers(path: Path, sheet: Sheet) -> Problem:
    fields = {FIELD_OF_NAME.get(squeeze(name)) for row in sheet.head for name in row}
    return Problem(
        file=label(path),
        where=f"sheet {sheet.name!r}" if sheet.name else "",
        found="a table of arrests" if fields & {*DATE_FIELDS} else "no column of detainers' dates",
        expected="a header with the day on which a detainer was prepared, named "
        + ", ".join(DETAINER_NAMES["prepared"]),
        action="give the detainers of the same release as the arrests",
    )


def _no_sheet(path: Path) -> Problem:
    return Problem(
        file=label(path),
        found="no sheet with cells",
        expected="a sheet of detainers",
        action="check the file",
    )


def _cleaned(
    file: OpenFile, parts: list[SheetArrests], notes: list[str], names: Mapping[str, str]
) -> FileDetainers:
    """Bring the rows of all sheets into the columns of detainers."""
    path = file.path
    repairs: Counter[tuple[str, str]] = Counter()
    for part in parts:
        repairs.update({("", what): count for what, count in part.dropped.items()})
    rows = sum(len(part.rows) for part in parts)
    if not rows:
        raise file_error(path, "no rows below the header", "at least one detainer")
    cleaner = FileCleaner(path=path, parts=parts, rows=rows, repairs=repairs, notes=[])
    table = cleaner.table()
    if cleaner.problems:
        raise _in_own_words(InputError(cleaner.problems), names)
    table = table[[*_PLACE, *_READ_AS.values()]].rename(columns=_OWN_FIELD)
    again = _headers_once_more(table)
    repairs["", "the header once more"] += int(again.sum())
    told = [(_OWN_FIELD.get(field, field), what, n) for (field, what), n in repairs.items()]
    kept = {"", *DETAINER_NAMES}
    listed = [(label(path), *each) for each in told if each[-1] and each[0] in kept]
    notes += [_renamed(note, names) for note in cleaner.notes]
    notes += [
        f"{label(path)}: no column of {what} ({', '.join(DETAINER_NAMES[field])})"
        for field, what in _MISSED.items()
        if not cleaner.has(_READ_AS[field])
    ]
    return FileDetainers(
        table=table[~again].reset_index(drop=True),
        source=Source(
            file=label(path), sha256=file.sha256, rows=int((~again).sum()),
            column=names.get("apprehension_date", ""),
        ),
        notes=tuple(notes),
        repairs=pd.DataFrame(listed, columns=["file", "column", "what", "rows"]),
    )  # fmt: skip


_MISSED: Final = {
    "state": "the jails' states",
    "identifier": "identifiers, so that none can be linked to arrests",
}


def _headers_once_more(table: pd.DataFrame) -> pd.Series:
    """Tell rows that repeat the names of the columns, as files put together have them."""
    person = table["identifier"]
    names = [text for text in person.cat.categories if squeeze(str(text)) in _IDENTIFIERS]
    return person.isin(names) & table["prepared"].isna()
