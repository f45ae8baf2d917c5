"""Files of incidents as batches of the columns that are wanted, never whole in memory."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
from pyarrow import csv as arrow_csv
from pyarrow import parquet

from geo._columnar_files import is_cell
from geo._files import open_file, readable
from geo._sheets import (
    Dialect,
    file_error,
    first_filled_row,
    label,
    listing,
    unreadable_problem,
)
from geo._table import MISSING, plain_name
from geo._text_files import utf16_of
from geo.errors import Problem

_FORMATS: Final = Dialect(
    suffixes=(
        ".csv",
        ".tsv",
        ".txt",
        ".csv.gz",
        ".tsv.gz",
        ".txt.gz",
        ".csv.zst",
        ".tsv.zst",
        ".txt.zst",
        ".parquet",
    ),
    delimiters=",;\t|",
    find_header=first_filled_row,
    lenient=False,
)
_ROWS: Final = 500_000
"""Rows of a batch, about; so many take 50 to 100 MB while they are located."""
_HEAD_BYTES: Final = 1 << 20
_HEAD_RECORDS: Final = 20
_BLOCK_BYTES: Final = 16 << 20
_MOST_MALFORMED: Final = 0.01
_NULLS: Final = sorted({form for word in MISSING for form in (word, word.upper(), word.title())})


@dataclass(frozen=True, kw_only=True)
class IncidentFile:
    """A file that was looked at."""

    path: Path
    sha256: str
    kind: str
    names: list[str]
    delimiter: str = ""
    lines: int = 0
    """Lines down to the end of the header."""
    encoding: str = "utf8"
    unreadable: Mapping[str, str] = field(default_factory=dict)
    """Type of the columns that hold no texts, numbers or dates."""

    @property
    def label(self) -> str:
        """Its name, fit to be printed."""
        return label(self.path)

    def problem(self, *, where: str = "", found: str, expected: str, action: str) -> Problem:
        """Name a problem with this file."""
        return Problem(file=self.label, where=where, found=found, expected=expected, action=action)

    def others(self, wanted: Sequence[str], taken: int) -> list[str]:
        """Name the columns that could have been taken as well by their names."""
        plain = set(map(plain_name, wanted))
        return [
            name
            for place, name in enumerate(self.names)
            if plain_name(name) in plain and place != taken
        ]

    def column(self, wanted: Sequence[str], *, what: str, option: str) -> int | Problem:
        """Find the place of a column by its likeliest name, or say that it is not there."""
        plain = [plain_name(name) for name in self.names]
        odd = {plain_name(name): name for name in self.unreadable}
        for name in map(plain_name, wanted):
            if name in odd:
                return unreadable_problem(self.path, odd[name], self.unreadable[odd[name]])
            if plain.count(name) > 1:
                return self.problem(
                    found=f"several columns {name!r}", expected="one", action="rename the others"
                )
            if name in plain:
                return plain.index(name)
        return self.problem(
            found=f"the columns {listing(self.names)}",
            expected=f"{' or '.join(wanted)}, {what}",
            action=f"name the column ({option}), or check that this is the right file",
        )


def look_at(path: Path) -> IncidentFile:
    """Look at a file's header, and refuse what is no table."""
    file = open_file(path, _FORMATS)
    with readable(path):
        if file.kind == "parquet":
            schema = parquet.read_schema(path)
            if parquet.read_metadata(path).num_rows == 0:
                raise _no_rows(path)
            odd = {each.name: str(each.type) for each in schema if not is_cell(each.type)}
            flat = [each.name for each in schema if each.name not in odd]
            return IncidentFile(
                path=path, sha256=file.sha256, kind=file.kind, names=flat, unreadable=odd
            )
        names, delimiter, lines, encoding = _head_of_text(path, file.kind)
    return IncidentFile(
        path=path,
        sha256=file.sha256,
        kind=file.kind,
        names=names,
        delimiter=delimiter,
        lines=lines,
        encoding=encoding,
    )


def _head_of_text(path: Path, kind: str) -> tuple[list[str], str, int, str]:
    """Find the names of the columns, the delimiter, where the header ends, and the encoding."""
    with _stream(path, kind) as stream:
        start = bytes(stream.read(_HEAD_BYTES))
    wide = utf16_of(start)
    text = start.removeprefix(codecs.BOM_UTF8).decode(wide or "utf-8", "replace")
    heads = []
    for order, delimiter in enumerate(_FORMATS.delimiters):
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        try:
            records = [(record, reader.line_num) for record, _ in zip(reader, range(_HEAD_RECORDS))]  # noqa: B905  (the range is what ends it)
        except csv.Error as error:
            found = f"a cell of more than {csv.field_size_limit():,} characters"
            raise file_error(path, found, "rows of a table") from error
        filled = [(record, line) for record, line in records if any(map(str.strip, record))]
        if len(filled) > 1:
            names = [name.strip() for name in filled[0][0]]
            heads.append((len(names), -order, names, delimiter, filled[0][1]))
    if not heads:
        raise _no_rows(path)
    *_, names, delimiter, lines = max(heads)
    return names, delimiter, lines, wide or "utf8"


def _no_rows(path: Path) -> Exception:
    return file_error(path, "no rows below the header", "one row an incident")


def _stream(path: Path, kind: str) -> pa.NativeFile:
    return pa.input_stream(str(path), compression=None if kind == "text" else kind)


@dataclass(kw_only=True)
class Reading:
    """A file while it is read: batches of columns under the names of their parts."""

    file: IncidentFile
    parts: Mapping[str, int]
    """Place of the column that plays each part."""
    rows: int = 0
    malformed: int = field(default=0, init=False)
    """Lines with more or fewer cells than the header, which are left out."""

    def batches(self) -> Iterator[pa.Table]:
        """Go through the file once."""
        read = self._of_parquet() if self.file.kind == "parquet" else self._of_text()
        with readable(self.file.path):
            waiting: list[pa.Table] = []
            for table in read:
                waiting.append(table)
                self.rows += len(table)
                if sum(map(len, waiting)) >= _ROWS:
                    yield pa.concat_tables(waiting)
                    waiting = []
            if any(map(len, waiting)):
                yield pa.concat_tables(waiting)
        self._refuse_misshapen()

    def _of_parquet(self) -> Iterator[pa.Table]:
        names = {part: self.file.names[place] for part, place in self.parts.items()}
        # A buffer lets row groups of any size pass by without being held whole.
        with parquet.ParquetFile(self.file.path, buffer_size=_HEAD_BYTES) as source:
            columns = list(dict.fromkeys(names.values()))
            for batch in source.iter_batches(_ROWS, columns=columns):
                yield pa.table({part: batch.column(name) for part, name in names.items()})

    def _of_text(self) -> Iterator[pa.Table]:
        last = len(self.file.names) - 1
        wanted = [str(place) for place in sorted({*self.parts.values(), last})]
        end: Any = None
        with (
            _stream(self.file.path, self.file.kind) as stream,
            arrow_csv.open_csv(stream, **self._text_options(wanted)) as source,
        ):
            for batch in source:
                if len(batch):
                    end = batch.column(str(last))[-1].as_py()
                    parts = {part: batch.column(str(at)) for part, at in self.parts.items()}
                    yield pa.table(parts)
        if end is not None and end.endswith(b"\n"):
            self._refuse_open_quote()

    def _text_options(self, wanted: list[str]) -> dict[str, Any]:
        names = [str(place) for place in range(len(self.file.names))]
        return {
            "read_options": arrow_csv.ReadOptions(
                skip_rows=self.file.lines,
                column_names=names,
                block_size=_BLOCK_BYTES,
                encoding=self.file.encoding,
            ),
            "parse_options": arrow_csv.ParseOptions(
                delimiter=self.file.delimiter,
                newlines_in_values=True,
                invalid_row_handler=self._set_aside,
            ),
            # As bytes: any encoding that keeps ASCII is read, and told when words are.
            "convert_options": arrow_csv.ConvertOptions(
                include_columns=wanted,
                column_types=dict.fromkeys(wanted, pa.binary()),
                null_values=_NULLS,
                strings_can_be_null=True,
            ),
        }

    def _set_aside(self, row: Any) -> str:
        if row.text.count('"') % 2 and "\n" in row.text:  # a text that swallowed other rows
            return "error"
        self.malformed += 1
        return "skip"

    def _refuse_open_quote(self) -> None:
        message = "a quotation mark that is opened and never closed"
        raise ValueError(message)

    def _refuse_misshapen(self) -> None:
        if self.malformed > _MOST_MALFORMED * (self.malformed + self.rows):
            raise file_error(
                self.file.path,
                f"{self.malformed:,} of {self.malformed + self.rows:,} rows with more or fewer "
                f"cells than the header's {len(self.file.names)}",
                "as many cells in every row",
                "write the file again, texts with delimiters in quotation marks",
            )
