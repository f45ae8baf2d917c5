"""A user's table as text, and one parser for every number."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from geo._files import open_file, sheets_of
from geo._sheets import (
    Dialect,
    HeaderFinder,
    file_error,
    first_filled_row,
    label,
    listing,
    unreadable_problem,
)
from geo.errors import InputError, Problem

_LIMIT = 1_000_000_000
MISSING = frozenset({"", "na", "n/a", "nan", "none", "null", ".", "-"})
_NUMBER = re.compile(r"[+-]?(\d{1,3}(,\d{3})+|\d+)?(\.\d*)?([eE][+-]?\d+)?")


@dataclass(frozen=True, kw_only=True)
class Source:
    """Where numbers come from, and what was left out on the way.

    Attributes
    ----------
    file : str
        Name of the file, without its folder.
    sha256 : str
        Digest of the file's bytes.
    rows : int
        Rows read, header aside.
    column : str
        Column that was used.
    filtered_out : int
        Rows left out because the user asked for others.
    state_totals : int
        Rows left out because they stand for a whole state (codes ending 000).
    missing : int
        Rows whose value is missing.
    vintage : int or None
        Year of the county codes, where there are any.
    """

    file: str
    sha256: str
    rows: int
    column: str = ""
    filtered_out: int = 0
    state_totals: int = 0
    missing: int = 0
    vintage: int | None = None


@dataclass(frozen=True, kw_only=True)
class Table:
    """Rows of text, numbered as in the file (the header is row 1)."""

    rows: pd.DataFrame
    source: Source
    sheets: tuple[str, ...] = ()
    """Of a workbook of several: the sheet that was read, then the others."""
    commas: bool = True
    """Whether a comma may stand between thousands; beside semicolons it may be a decimal one."""
    unreadable: Mapping[str, str] = field(default_factory=dict)
    """Columns of types that hold no texts, numbers or dates, which were left out, and these."""

    @property
    def sheet_notes(self) -> tuple[str, ...]:
        """Say which sheet was read, where there are several."""
        if not self.sheets:
            return ()
        read, *others = self.sheets
        return (f"the sheet {read!r} was read, not {listing(map(repr, others))}",)

    def problem(self, *, where: str = "", found: str, expected: str, action: str) -> Problem:
        """Name a problem with this file."""
        return Problem(
            file=self.source.file, where=where, found=found, expected=expected, action=action
        )

    def error(self, *, where: str = "", found: str, expected: str, action: str) -> InputError:
        """Make an error of a single problem."""
        return InputError(
            [self.problem(where=where, found=found, expected=expected, action=action)]
        )

    def column(self, names: Sequence[str], *, what: str, chosen: str | None = None) -> str:
        """Find the column that holds something, by the user's choice or by usual names."""
        found = {plain_name(column): column for column in reversed(self.rows.columns)}
        odd = {plain_name(column): column for column in self.unreadable}
        for name in [chosen] if chosen else names:
            if plain_name(name) in odd:
                column = odd[plain_name(name)]
                file, kind = Path(self.source.file), self.unreadable[column]
                raise InputError([unreadable_problem(file, column, kind)])
            if plain_name(name) in found:
                return found[plain_name(name)]
        expected = f"a column {chosen!r}" if chosen else f"one of {', '.join(names)}"
        of_sheet = f" ({self.sheet_notes[0]})" if self.sheets else ""
        raise self.error(
            found=f"the columns {listing(self.rows.columns)}{of_sheet}",
            expected=f"{expected} with {what}",
            action="name the column, or check that this is the right file and "
            + ("sheet, and save that alone" if self.sheets else "delimiter"),
        )

    def filtered(self, conditions: Mapping[str, Sequence[str]]) -> Table:
        """Keep the rows that hold one of the wanted values in each named column."""
        rows = self.rows
        for name, wanted in conditions.items():
            column = self.column([], what="the values to filter by", chosen=name)
            keep = rows[column].map(_value).isin([_value(value) for value in wanted])
            if not keep.any():
                raise self.error(
                    where=f"column {column!r}",
                    found=f"no row with {' or '.join(wanted)}",
                    expected=f"values such as {listing(sorted(set(rows[column]))[:10])}",
                    action="change the filter",
                )
            rows = rows[keep]
        left_out = len(self.rows) - len(rows)
        return replace(self, rows=rows, source=replace(self.source, filtered_out=left_out))


_SUFFIXES = (
    *(".csv", ".dta", ".parquet", ".sav", ".xls", ".xlsx"),
    *(".tsv", ".txt", ".csv.gz", ".tsv.gz"),
)


def read_table(
    path: str | Path,
    *,
    find_header: HeaderFinder = first_filled_row,
    keep: Callable[[Sequence[str]], Iterable[str]] | None = None,
) -> Table:
    """Read the first sheet of a CSV, Parquet, Excel, Stata or SPSS file as text.

    The first with a header that `find_header` knows, else the first that is not blank.
    Of a wide file `keep` chooses the columns, given all their names, so that the others
    cost nothing.
    """
    path = Path(path)
    dialect = Dialect(
        suffixes=_SUFFIXES, delimiters=",\t;|", find_header=find_header, lenient=False
    )
    file = open_file(path, dialect)
    sheet = next((sheet for sheet in sheets_of(file) if sheet.header is not None), None)
    if sheet is None and find_header is not first_filled_row:
        return read_table(path, keep=keep)
    names = sheet.names if sheet is not None else []
    if sheet is None or not names:
        raise file_error(path, "no rows below the header", "at least one")
    wanted = set(names if keep is None else keep(names))
    places = [place for place, name in enumerate(names) if name in wanted]
    cells = sheet.take(places)
    if cells.too_long:
        raise file_error(
            path,
            f"rows with more cells than the header's {len(names)}: {listing(cells.too_long)}"
            + (f"; with fewer: {listing(cells.too_short)}" if cells.too_short else ""),
            "as many cells in every row",
            "check the delimiter, and that texts which contain it stand in quotation marks",
        )
    odd = {names[places[number]]: kind for number, kind in cells.unreadable.items()}
    if odd and keep is not None:
        raise InputError([unreadable_problem(path, name, kind) for name, kind in odd.items()])
    kept = [names[place] for place in places]
    repeated = sorted({name for name in kept if kept.count(name) > 1})
    if repeated:
        raise file_error(
            path, f"the columns {listing(repeated)} twice", "each column once", "rename one"
        )
    texts = {name: _text(column) for name, column in zip(kept, cells.columns, strict=True)}
    texts = {name: text for name, text in texts.items() if name not in odd}
    rows = pd.DataFrame(texts, index=pd.Index(cells.rows)).astype("str")
    rows = rows[(rows != "").any(axis="columns")]
    if rows.empty:
        raise file_error(path, "no rows below the header", "at least one")
    source = Source(file=label(path), sha256=file.sha256, rows=len(rows))
    sheets = (sheet.name, *sheet.others) if sheet.others else ()
    commas = sheet.delimiter != ";"
    return Table(rows=rows, source=source, sheets=sheets, commas=commas, unreadable=odd)


def _text(column: pa.ChunkedArray) -> npt.NDArray[np.object_]:
    """Write a column as text without spaces around it, each distinct text once."""
    if not pa.types.is_dictionary(column.type):
        return _stripped(column)
    if not len(column):
        return np.empty(0, dtype=object)
    whole = column.unify_dictionaries().combine_chunks()
    texts = np.append(_stripped(whole.dictionary), "").astype(object)
    spread: npt.NDArray[np.object_] = texts[whole.indices.fill_null(len(texts) - 1).to_numpy()]
    return spread


def _stripped(column: pa.Array | pa.ChunkedArray) -> npt.NDArray[np.object_]:
    text: pd.Series = column.to_pandas().astype("string").fillna("").str.strip()
    return text.to_numpy(dtype=object)


def parse_numbers(
    table: Table, column: str, *, whole: bool = False
) -> tuple[pd.Series, list[Problem]]:
    """Turn a column of text into numbers, NaN where missing, and list what is wrong."""
    text = table.rows[column]
    codes, words = pd.factorize(text)  # a long column holds few distinct texts
    distinct = pd.Series(words, dtype="str")
    numbers, missing = _numbers(distinct)
    unclear = distinct.str.contains(",", regex=False) & ~missing & (not table.commas)
    numbers = numbers.mask(unclear)
    wrong = {
        "a number": ~missing & numbers.isna() & ~unclear,
        "a number with a point before its decimals, and no comma": unclear,
        "a number that is not negative": numbers < 0,
        f"a number below {_LIMIT:,}": numbers >= _LIMIT,
    }
    if whole:
        wrong["a whole number"] = numbers.notna() & (numbers % 1 != 0)
    problems = [
        table.problem(
            where=f"row {row}, column {column!r}",
            found=repr(text[row][:60]),
            expected=expected,
            action="correct the value, or leave it empty if it is not known",
        )
        for expected, words_so in wrong.items()
        for row in text.index[words_so.to_numpy()[codes]]
    ]
    return pd.Series(numbers.to_numpy()[codes], index=text.index, name=text.name), problems


def _numbers(words: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Turn words into numbers, NaN where they are none, and tell which mean "missing"."""
    missing = words.str.casefold().isin(MISSING)
    sensible = words.map(lambda word: _NUMBER.fullmatch(word) is not None).astype(bool)
    numbers = pd.to_numeric(
        words.where(sensible & ~missing).str.replace(",", ""), errors="coerce"
    ).astype(np.float64)
    numbers[np.isinf(numbers)] = np.nan
    return numbers, missing


def missing_problems(table: Table, column: str) -> list[Problem]:
    """Report rows without a number, where each must have one."""
    text = table.rows[column]
    return [
        table.problem(
            where=f"row {row}, column {column!r}",
            found="no number",
            expected="a whole number",
            action="write 0 if there were none, or leave the row out if it is not known",
        )
        for row in text.index[text.str.casefold().isin(MISSING)]
    ]


def duplicate_problems(
    table: Table, keys: pd.Series, *, what: str, action: str
) -> Iterable[Problem]:
    """Report keys that occur in more than one row."""
    repeated = keys[keys.duplicated(keep=False) & keys.notna()]
    for key, rows in repeated.groupby(repeated, sort=True):
        yield table.problem(
            where=f"{what} {key}",
            found=f"rows {', '.join(map(str, rows.index[:5]))} for the same {what}",
            expected="one row each",
            action=action,
        )


def plain_name(name: str) -> str:
    return re.sub(r"[\s_]+", "_", name.strip().casefold())


def _value(word: str) -> str:
    """Read 2021, 2021.0 and " 2021" as the same value."""
    return re.sub(r"\.0+$", "", word.strip().casefold())
