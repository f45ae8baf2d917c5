"""What a workbook's parts say before calamine lays its sheets out cell by cell.

A sheet takes the room of the rectangle around its cells: a stray one in the last corner asks
for half a terabyte, and the process is gone. Errors and formulas without a result, too, come
out of calamine as empty cells.
"""

from __future__ import annotations

import html
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Final

from geo._sheets import bomb_error, file_error, most_bytes
from geo.errors import InputError

_MOST_CELLS: Final = 64 << 20
"""A sheet of all the rows that there can be, of 64 columns: two gigabytes."""
_ENCRYPTED: Final = 1
_PIECE: Final = 4 << 20
_MOST_MEMORY: Final = 8 << 30

_FAR = re.compile(
    rb"r(?<=\sr)\s*=\s*[\"'](?:[A-Za-z]{3}|[B-Zb-z][M-Zm-z]|[C-Zc-z][A-Za-z]|[A-Za-z]+\d{7})"
)
"""A reference beyond the 64th column or the millionth row, which few sheets have."""
_PLACELESS = re.compile(rb"c(?<=[<:]c)[\s>](?!\s*r\s*=)(?![^<>]*\sr\s*=)")
"""A cell that does not say where it stands, as a few programs write them."""
_CELL_START: Final = rb"<(?:\w+:)?c\s(?:[^<>]*?\s)?r\s*=\s*[\"']([A-Za-z]+)(\d+)[\"']([^<>]*)"
_FILLED = re.compile(_CELL_START + rb"(?<!/)>\s*<(?!/)")
_WHOLE = re.compile(rb"<(?:\w+:)?c\s([^<>]*)(?<!/)>(.*?)</(?:\w+:)?c>", re.DOTALL)
_REFERENCE = re.compile(rb"(?:^|\s)r\s*=\s*[\"']([A-Za-z]+)(\d+)")
_TYPE = re.compile(rb"(?:^|\s)t\s*=\s*[\"'](\w+)")
_MARK = re.compile(rb"t\s*=\s*[\"']e[\"']|<(?:\w+:)?f[\s/>]")
_SIGNS_OF_MARKS: Final = (b'"e"', b"'e'", b"<f", b":f")
"""Without any of these there is no mark; they are found in a tenth of the time."""
_VALUE = re.compile(rb"<(?:\w+:)?v(?:\s[^<>]*)?>([^<]*)<")
_FORMULA = re.compile(rb"<(?:\w+:)?f(?:\s[^<>]*)?(?:/>|>([^<]*)<)")
_SHEET = re.compile(r"<(?:\w+:)?sheet\s[^<>]*>")
_TARGET = re.compile(r"<(?:\w+:)?Relationship\s[^<>]*>")

_PROBE: Final = """
import sys
try:
    import resource
except ImportError:
    pass
else:
    resource.setrlimit(resource.RLIMIT_AS, (int(sys.argv[2]),) * 2)
import python_calamine
book = python_calamine.CalamineWorkbook.from_path(sys.argv[1])
for name in book.sheet_names:
    sheet = book.get_sheet_by_name(name)
    print(sheet.total_height * sheet.total_width, ascii(name))
"""
"""Opens a workbook where an end of the process does no harm."""


@dataclass(frozen=True, kw_only=True)
class Marked:
    """Cells of a sheet that calamine gives as empty, by row and column, counted from 0."""

    errors: dict[int, dict[int, str]] = field(default_factory=dict)
    """What Excel shows in place of a value: ``#REF!``."""
    formulas: dict[int, dict[int, str]] = field(default_factory=dict)
    """Formulas whose result was never calculated."""


def scan_workbook(path: Path) -> dict[str, Marked]:
    """Refuse a workbook that would fill the memory, and list the cells that calamine hides."""
    with zipfile.ZipFile(path) as archive:
        entries = archive.infolist()
        unpacked = sum(entry.file_size for entry in entries)
        if unpacked > most_bytes(path):
            raise bomb_error(path, f"{unpacked:,} bytes")
        if any(entry.flag_bits & _ENCRYPTED for entry in entries):
            message = "its parts are encrypted"
            raise ValueError(message)
        parts = {name.casefold(): name for name in archive.namelist()}
        if "content.xml" in parts:
            raise file_error(
                path, "an OpenDocument spreadsheet", "an Excel workbook", "save it as .xlsx"
            )
        named = _sheet_names(archive, parts)
        marked = {}
        odd = "xl/workbook.bin" in parts  # .xlsb
        for plain, part in parts.items():
            name = named.get(plain, part)
            found = _matching(archive, part)
            if _FAR in found:
                _refuse_far(path, name, archive, part)
            if plain in named and _MARK in found:
                marked[name] = _marked(archive, part)
            odd = odd or (plain in named and _PLACELESS in found)
    if odd:
        probe_workbook(path)
    return marked


def probe_workbook(path: Path) -> None:
    """Refuse a workbook of another kind that would fill the memory: open it elsewhere first."""
    tried = subprocess.run(  # noqa: S603  (ourselves)
        [sys.executable, "-P", "-c", _PROBE, str(path.absolute()), str(_MOST_MEMORY)],
        capture_output=True,
        text=True,
        check=False,
    )
    if tried.returncode not in {0, 1}:  # 1: an error, which is met again and told by name
        raise _too_far(path, "a sheet", "more room than the memory has")
    for line in tried.stdout.splitlines():
        cells, _, name = line.partition(" ")
        if int(cells) > _MOST_CELLS:
            raise _too_far(path, f"the sheet {name}", f"{int(cells):,} cells")


def _too_far(path: Path, sheet: str, room: str) -> InputError:
    return file_error(
        path,
        f"{sheet} that takes {room}",
        f"at most {_MOST_CELLS:,} cells, the empty ones between included",
        "delete what stands far beyond the table (Ctrl+End leads there), or copy the table to a "
        "new workbook",
    )


def _pieces(stream: IO[bytes]) -> Iterator[bytes]:
    """Go through a part in pieces that end before a cell."""
    rest = b""
    while data := stream.read(_PIECE):
        rest += data
        cell = max(rest.rfind(b"<c "), rest.rfind(b":c "))
        end = rest.rfind(b"<", 0, cell + 1 if cell > 0 else None)
        yield rest[: max(end, 0)]
        rest = rest[max(end, 0) :] if len(rest) < 2 * _PIECE else b""
    yield rest


def _matching(archive: zipfile.ZipFile, part: str) -> set[re.Pattern[bytes]]:
    """Tell which patterns occur in a part, read once."""
    absent = {_FAR, _MARK, _PLACELESS}
    found: set[re.Pattern[bytes]] = set()
    with archive.open(part) as stream:
        for piece in _pieces(stream):
            tried = absent if any(sign in piece for sign in _SIGNS_OF_MARKS) else absent - {_MARK}
            found |= {pattern for pattern in tried if pattern.search(piece)}
            absent -= found
    return found


def _refuse_far(path: Path, name: str, archive: zipfile.ZipFile, part: str) -> None:
    """Refuse a sheet of which the rectangle around its filled cells is too large."""
    rows = columns = 0
    far_row = far_column = ""
    with archive.open(part) as stream:
        for piece in _pieces(stream):
            for letters, digits, _ in _FILLED.findall(piece):
                row, column = int(digits), _number(letters)
                if row > rows:
                    rows, far_row = row, f"{letters.decode()}{row}"
                if column > columns:
                    columns, far_column = column, f"{letters.decode()}{row}"
    if rows * columns > _MOST_CELLS:
        far = " and ".join(f"the cell {cell}" for cell in dict.fromkeys([far_row, far_column]))
        raise _too_far(path, f"the sheet {name!r}, with {far},", f"{rows * columns:,} cells")


def _number(letters: bytes) -> int:
    """Read the letters of a column as its number, from 1."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - ord("A") + 1
    return number


def _marked(archive: zipfile.ZipFile, part: str) -> Marked:
    """Collect errors, and formulas without a result."""
    marked = Marked()
    with archive.open(part) as stream:
        for piece in _pieces(stream):
            if not _MARK.search(piece):
                continue
            for attributes, content in _WHOLE.findall(piece):
                place = _REFERENCE.search(attributes)
                if place is None:
                    continue
                row, column = int(place[2]) - 1, _number(place[1]) - 1
                kind, value = _TYPE.search(attributes), _VALUE.search(content)
                shown = value[1].decode("utf-8", "replace").strip() if value else ""
                formula = _FORMULA.search(content)
                if kind and kind[1] == b"e":
                    marked.errors.setdefault(row, {})[column] = html.unescape(shown) or "#ERROR!"
                elif formula and not shown and not (kind and kind[1] == b"str"):
                    text = html.unescape((formula[1] or b"").decode("utf-8", "replace"))
                    marked.formulas.setdefault(row, {})[column] = f"={text[:60]}"
    return marked


def _sheet_names(archive: zipfile.ZipFile, parts: dict[str, str]) -> dict[str, str]:
    """Name the sheet that each part holds."""
    targets = {
        _attribute(tag, "Id"): _attribute(tag, "Target")
        for tag in _TARGET.findall(_text(archive, parts, "xl/_rels/workbook.xml.rels"))
    }
    named = {}
    for tag in _SHEET.findall(_text(archive, parts, "xl/workbook.xml")):
        target = targets.get(_attribute(tag, r"\w+:id"), "")
        part = target.removeprefix("/") if target.startswith(("/", "xl/")) else f"xl/{target}"
        named[part.casefold()] = _attribute(tag, "name")
    return named


def _text(archive: zipfile.ZipFile, parts: dict[str, str], part: str) -> str:
    return archive.read(parts[part]).decode("utf-8", "replace") if part in parts else ""


def _attribute(tag: str, name: str) -> str:
    found = re.search(rf"\s{name}\s*=\s*(?:\"([^\"]*)\"|'([^']*)')", tag)
    return html.unescape(found[1] or found[2] or "") if found else ""
