"""Tables as text, in whatever delimiter and encoding."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator, Sequence
from typing import Any, Final

import numpy as np
import pyarrow as pa
from pyarrow import compute
from pyarrow import csv as arrow_csv

from geo._sheets import (
    HEAD_ROWS,
    TEXT,
    Cells,
    Dialect,
    OpenFile,
    Sheet,
    bomb_error,
    label,
    most_bytes,
)

_BLOCK_BYTES: Final = 1 << 26
_NARROW: Final = 4  # columns of which a text may hold as many delimiters by chance


def open_text(file: OpenFile) -> Iterator[Sheet]:
    """Open a text as a file of one sheet."""
    yield _text_sheet(file, file.path.read_bytes())


def open_compressed(file: OpenFile) -> Iterator[Sheet]:
    """Open a compressed text, and stop where it unpacks to more than any table."""
    content = bytearray()
    allowed = most_bytes(file.path)
    with pa.input_stream(str(file.path), compression=file.kind) as stream:
        for chunk in iter(lambda: stream.read(1 << 20), b""):
            content += chunk
            if len(content) > allowed:
                raise bomb_error(file.path, f"more than {allowed:,} bytes")
    yield _text_sheet(file, bytes(content))


def _text_sheet(file: OpenFile, content: bytes) -> Sheet:
    content, odd_lines = _as_utf8(content)
    if odd_lines:
        file.notes.append(
            f"{label(file.path)}: {odd_lines:,} lines are not UTF-8 and were read as Windows-1252"
        )
    if b"\n" not in content:
        content = content.replace(b"\r", b"\n")
    head, header, delimiter = _text_head(content, file.dialect)

    def take(columns: Sequence[int]) -> Cells:
        width = len(head[header or 0])
        start = _offset(content, delimiter, (header or 0) + 1)
        if not content[start:].strip(b"\r\n"):
            return Cells(rows=np.empty(0, np.int64), columns=[_no_text()] * len(columns))
        body = pa.py_buffer(content).slice(start)
        return _parse_text(body, delimiter, width, columns, first=(header or 0) + 2)

    return Sheet(name="", head=head, header=header, take=take, delimiter=delimiter)


def _as_utf8(content: bytes) -> tuple[bytes, int]:
    """Write any text as UTF-8, and count the lines that were in an older encoding."""
    if wide := utf16_of(content):
        return _from_utf16(content, wide), 0
    content = content.removeprefix(codecs.BOM_UTF8)
    try:
        content.decode()
    except UnicodeDecodeError:
        lines = [_older_text(line) for line in content.split(b"\n")]
        return b"\n".join(line for line, _ in lines), sum(odd for _, odd in lines)
    return content, 0


def utf16_of(start: bytes) -> str:
    """Name the encoding of a text of two bytes a sign, by its beginning; empty for others."""
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    return "utf-16-le" if start[1:400:2].count(0) > 100 else ""  # noqa: PLR2004  (half of them)


def _from_utf16(content: bytes, encoding: str) -> bytes:
    try:
        return content.decode(encoding).encode()
    except UnicodeError as error:
        message = "UTF-16 text that is cut short or damaged"
        raise ValueError(message) from error


def _older_text(line: bytes) -> tuple[bytes, bool]:
    for encoding in ("utf-8", "cp1252", "latin-1"):
        try:
            return line.decode(encoding).encode(), encoding != "utf-8"
        except UnicodeDecodeError:
            continue
    raise AssertionError  # Latin-1 takes every byte


def _text_head(content: bytes, dialect: Dialect) -> tuple[list[list[str]], int | None, str]:
    """Split the first lines by the delimiter that shows a header, the widest if several do."""
    choices: list[tuple[bool, int, int, list[list[str]], int | None, str]] = []
    for delimiter in dialect.delimiters:
        rows = [row for row, _ in _first_records(content, delimiter)]
        header = dialect.find_header(rows)
        width = len(rows[header]) if header is not None else max(map(len, rows), default=0)
        choices.append((header is not None, width, -len(choices), rows, header, delimiter))
    *_, rows, header, delimiter = max(choices, key=lambda choice: choice[:3])
    return rows, header, delimiter


def _first_records(content: bytes, delimiter: str) -> Iterator[tuple[list[str], int]]:
    """Give the first records, and how many bytes each and those before it take."""
    lines = _Lines(content)
    reader = csv.reader(lines, delimiter=delimiter, skipinitialspace=True)
    try:
        for number, row in enumerate(reader):
            if number == HEAD_ROWS:
                return
            yield row, lines.position
    except csv.Error:  # a line longer than any header
        return


class _Lines:
    """Lines of a text, and how far they were read."""

    def __init__(self, content: bytes) -> None:
        self.stream = io.BytesIO(content)

    def __iter__(self) -> Iterator[str]:
        return iter(lambda: self.stream.readline().decode(), "")

    @property
    def position(self) -> int:
        return self.stream.tell()


def _offset(content: bytes, delimiter: str, records: int) -> int:
    ends = [end for _, end in _first_records(content, delimiter)]
    return ends[records - 1]


def _parse_text(
    body: pa.Buffer, delimiter: str, width: int, columns: Sequence[int], *, first: int
) -> Cells:
    names = [str(number) for number in range(width)]
    odd: list[tuple[int, list[str]]] = []

    def set_aside(row: Any) -> str:
        odd.append((row.number - 1, next(csv.reader([row.text], delimiter=delimiter), [])))
        return "skip"

    table = arrow_csv.read_csv(
        body,
        read_options=arrow_csv.ReadOptions(
            column_names=names, use_threads=False, block_size=_BLOCK_BYTES
        ),
        parse_options=arrow_csv.ParseOptions(
            delimiter=delimiter,
            newlines_in_values=True,
            ignore_empty_lines=False,
            invalid_row_handler=set_aside,
        ),
        convert_options=arrow_csv.ConvertOptions(
            column_types=dict.fromkeys(names, TEXT), strings_can_be_null=False
        ),
    )
    _refuse_open_quotes(table, delimiter, width)
    taken = table.select([names[column] for column in columns])
    rows = np.delete(np.arange(len(table) + len(odd)), [number for number, _ in odd])
    short = [(number, row) for number, row in odd if len(row) <= width or not any(row[width:])]
    too_long = tuple(first + number for number, row in odd if any(row[width:]))
    if short:
        padded = [[*row, *[""] * width] for _, row in short]
        more = {names[c]: pa.array([row[c] for row in padded], pa.string()) for c in columns}
        taken = pa.concat_tables([taken, pa.table(more).cast(taken.schema)])
        rows = np.concatenate([rows, [number for number, _ in short]])
        order = np.argsort(rows)
        taken, rows = taken.take(order), rows[order]
    too_short = tuple(first + number for number, row in short if len(row) < width and any(row))
    return Cells(rows=rows + first, columns=taken.columns, too_long=too_long, too_short=too_short)


def _refuse_open_quotes(table: pa.Table, delimiter: str, width: int) -> None:
    """Refuse a field that swallowed rows, since its quotation mark is never closed."""
    swallowed = any(
        _holds_rows(text, delimiter, width)
        for column in table.columns
        for chunk in column.chunks
        for text in _with_newline(chunk.dictionary)
    )
    last = table.column(width - 1)[-1].as_py() if len(table) else ""
    if swallowed or last.endswith("\n"):
        message = "a quotation mark that is opened and never closed"
        raise ValueError(message)


def _holds_rows(text: str, delimiter: str, width: int) -> bool:
    """Tell whole rows from a text of several lines; a few delimiters may stand in any text."""
    rows = sum(line.count(delimiter) >= max(width - 1, 1) for line in text.split("\n")[1:])
    return rows > (0 if width > _NARROW else _NARROW)


def _with_newline(texts: pa.StringArray) -> list[str]:
    found: list[str] = texts.filter(compute.match_substring(texts, "\n")).to_pylist()
    return found


def _no_text() -> pa.ChunkedArray:
    return pa.chunked_array([], TEXT)
