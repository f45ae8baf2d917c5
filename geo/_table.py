"""A user's table as text: one reader for every format, one parser for every number."""

from __future__ import annotations

import hashlib
import re
import struct
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import python_calamine
from pyarrow import parquet

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
        found = {_plain(column): column for column in reversed(self.rows.columns)}
        for name in [chosen] if chosen else names:
            if _plain(name) in found:
                return found[_plain(name)]
        expected = f"a column {chosen!r}" if chosen else f"one of {', '.join(names)}"
        raise self.error(
            found=f"the columns {_listing(self.rows.columns)}",
            expected=f"{expected} with {what}",
            action="name the column, or check that this is the right file and delimiter",
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
                    expected=f"values such as {_listing(sorted(set(rows[column]))[:10])}",
                    action="change the filter",
                )
            rows = rows[keep]
        left_out = len(self.rows) - len(rows)
        return Table(rows=rows, source=replace(self.source, filtered_out=left_out))


def read_table(path: str | Path) -> Table:
    """Read a CSV, Parquet, Excel, Stata or SPSS file as text."""
    path = Path(path)
    reader = _READERS.get(path.suffix.lower())
    if reader is None:
        raise _file_error(
            path, f"a file of type {path.suffix!r}", f"one of {', '.join(sorted(_READERS))}"
        )
    if not path.is_file():
        raise _file_error(path, "no such file", "a readable file", "check the path")
    try:
        content = path.read_bytes()
    except OSError as error:
        raise _file_error(path, f"a file that cannot be read ({error.strerror})") from error
    if not content.strip():
        raise _file_error(path, "an empty file", "a header and rows")
    try:
        rows = reader(path)
    except ImportError as error:
        message = "install it: pip install 'arrest-atlas[spss]'"
        raise _file_error(path, "an SPSS file", "the package pyreadstat", message) from error
    except _UNREADABLE as error:
        reason = " ".join(str(error).split())[:200]
        raise _file_error(
            path, f"content that cannot be read ({reason})", f"a {path.suffix} file"
        ) from error
    if rows.empty:
        raise _file_error(path, "no rows below the header", "at least one")
    rows.columns = [str(column).strip() for column in rows.columns]
    repeated = sorted({column for column in rows.columns if list(rows.columns).count(column) > 1})
    if repeated:
        raise _file_error(
            path, f"the columns {_listing(repeated)} twice", "each column once", "rename one"
        )
    digest = hashlib.sha256(content).hexdigest()
    return Table(rows=rows, source=Source(file=path.name, sha256=digest, rows=len(rows)))


def parse_numbers(
    table: Table, column: str, *, whole: bool = False
) -> tuple[pd.Series, list[Problem]]:
    """Turn a column of text into numbers, NaN where missing, and list what is wrong."""
    text = table.rows[column]
    missing = text.str.casefold().isin(MISSING)
    sensible = text.map(lambda word: _NUMBER.fullmatch(word) is not None).astype(bool)
    numbers = pd.to_numeric(
        text.where(sensible & ~missing).str.replace(",", ""), errors="coerce"
    ).astype(np.float64)
    numbers[np.isinf(numbers)] = np.nan
    wrong = {
        "a number": ~missing & numbers.isna(),
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
        for expected, rows in wrong.items()
        for row in text.index[rows]
    ]
    return numbers, problems


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


def _plain(name: str) -> str:
    return re.sub(r"[\s_]+", "_", name.strip().casefold())


def _value(word: str) -> str:
    """Read 2021, 2021.0 and " 2021" as the same value."""
    return re.sub(r"\.0+$", "", word.strip().casefold())


def _listing(names: Iterable[object]) -> str:
    shown = [str(name)[:40] for name in names]
    rest = f" and {len(shown) - 12} more" if len(shown) > 12 else ""  # noqa: PLR2004
    return ", ".join(shown[:12]) + rest


def _file_error(
    path: Path, found: str, expected: str = "a readable file", action: str = "check the file"
) -> InputError:
    return InputError([Problem(file=path.name, found=found, expected=expected, action=action)])


def _as_text(rows: pd.DataFrame) -> pd.DataFrame:
    text = rows.astype("string").fillna("").astype("str")
    stripped: pd.DataFrame = text.apply(lambda column: column.str.strip())
    return stripped


def _numbered(rows: pd.DataFrame) -> pd.DataFrame:
    """Give rows numbers as if the header were the first."""
    text = _as_text(rows)
    text.index = pd.RangeIndex(2, len(text) + 2)
    return text


def _with_header(cells: pd.DataFrame) -> pd.DataFrame:
    """Take the first row that is not blank for the header, and number rows as in the file."""
    text = _as_text(cells)
    text.index = pd.RangeIndex(1, len(text) + 1)
    text = text[(text != "").any(axis="columns")]
    if text.empty:
        return text
    return text.iloc[1:].set_axis(pd.Index(text.iloc[0]), axis="columns")


def _read_csv(path: Path) -> pd.DataFrame:
    def read(encoding: str) -> pd.DataFrame:
        # Given a header, pandas would take the first field of longer rows for an index.
        return pd.read_csv(
            path,
            header=None,
            dtype=str,
            keep_default_na=False,
            skip_blank_lines=False,
            skipinitialspace=True,
            encoding=encoding,
        )

    try:
        return _with_header(read("utf-8-sig"))
    except UnicodeDecodeError:
        return _with_header(read("latin-1"))  # the Census Bureau's own habit


def _read_parquet(path: Path) -> pd.DataFrame:
    schema = parquet.read_schema(path)
    binary = (pa.types.is_binary, pa.types.is_large_binary)  # such as GeoParquet's geometry
    texts = [field.name for field in schema if not any(check(field.type) for check in binary)]
    rows = parquet.read_table(path, columns=texts).to_pandas()
    return _numbered(rows.reset_index() if rows.index.names != [None] else rows)


def _read_excel(path: Path) -> pd.DataFrame:
    return _with_header(pd.read_excel(path, header=None, dtype=object, engine="calamine"))


def _read_stata(path: Path) -> pd.DataFrame:
    return _numbered(pd.read_stata(path, convert_categoricals=False))


def _read_spss(path: Path) -> pd.DataFrame:
    import pyreadstat  # noqa: PLC0415  (an extra)

    try:
        return _numbered(pd.read_spss(path, convert_categoricals=False))
    except pyreadstat.ReadstatError as error:
        raise ValueError(str(error)) from error


_READERS: dict[str, Callable[[Path], pd.DataFrame]] = {
    ".csv": _read_csv,
    ".parquet": _read_parquet,
    ".xlsx": _read_excel,
    ".xls": _read_excel,
    ".dta": _read_stata,
    ".sav": _read_spss,
}
_UNREADABLE = (
    ValueError,  # pandas' and the decoders' word for most things
    OSError,
    struct.error,  # Stata files cut short
    zipfile.BadZipFile,
    pa.ArrowException,
    python_calamine.CalamineError,
)
