"""Files of every format as sheets of text: one family of readers for all tables."""

from __future__ import annotations

import codecs
import csv
import hashlib
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import python_calamine
from pyarrow import compute

from geo._columnar_files import open_feather, open_parquet, open_spss, open_stata
from geo._sheets import TEXT, Cells, Dialect, OpenFile, Sheet, file_error, label, no_file
from geo._text_files import open_compressed, open_text
from geo._workbooks import open_workbook, password_error
from geo.errors import InputError

_MOST_TEXT: Final = 2 << 30


def open_file(path: Path, dialect: Dialect) -> OpenFile:
    """Look at a file and refuse what is no table of a known format."""
    suffix = _suffix(path)
    if suffix not in dialect.suffixes:
        unpack = "unpack it and give the table inside" if suffix == ".zip" else "check the file"
        raise file_error(
            path, f"a file of type {suffix!r}", f"one of {', '.join(dialect.suffixes)}", unpack
        )
    missing = no_file(path)
    if missing is not None:
        raise file_error(path, missing, "a readable file", "check the path")
    with readable(path):
        with path.open("rb") as stream:
            start = stream.read(1 << 16)
            chunks = iter(lambda: stream.read(1 << 20), b"")
            blank = not start.strip() and not any(chunk.strip() for chunk in chunks)
        with path.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
    if blank:
        raise file_error(path, "an empty file", "a header and rows")
    kind = _kind(path, start)
    notes = []
    if kind != _SUFFIX_KIND[suffix]:
        if not dialect.lenient:
            raise file_error(
                path, f"content that cannot be read (it is {_WORDS[kind]})", f"a {suffix} file"
            )
        notes.append(f"{label(path)} is {_WORDS[kind]} in spite of its name, and was read as such")
    return OpenFile(path=path, sha256=digest, kind=kind, dialect=dialect, notes=notes)


def sheets_of(file: OpenFile) -> Iterator[Sheet]:
    """Go through the sheets of a file, each read when it is asked for."""
    with readable(file.path):
        for sheet in _OPENERS[file.kind](file):
            yield replace(sheet, take=_guarded(file.path, sheet))


def _guarded(path: Path, sheet: Sheet) -> Callable[[Sequence[int]], Cells]:
    def guarded(columns: Sequence[int]) -> Cells:
        with readable(path):
            cells = sheet.take(columns)
            _refuse_much_text(path, [sheet.names[place] for place in columns], cells)
            return cells

    return guarded


def _refuse_much_text(path: Path, names: Sequence[str], cells: Cells) -> None:
    """Refuse texts that would fill the memory once every row has its own."""
    sizes = {name: _text_bytes(column) for name, column in zip(names, cells.columns, strict=True)}
    if sum(sizes.values()) <= _MOST_TEXT:
        return
    most = max(sizes, key=lambda name: sizes[name])
    raise file_error(
        path,
        f"{sum(sizes.values()):,} bytes of text, most of them in the column {most!r}",
        f"at most {_MOST_TEXT:,}",
        "check the column, or leave out what is not needed",
    )


def _text_bytes(column: pa.ChunkedArray) -> int:
    """Count the bytes of a column's texts, as often as they stand there."""
    if column.type != TEXT:
        return 0
    return sum(
        int(
            compute.binary_length(chunk.dictionary)
            .fill_null(0)
            .to_numpy(zero_copy_only=False)[chunk.indices.drop_null().to_numpy()]
            .sum(dtype=np.int64)
        )
        for chunk in column.chunks
    )


@contextmanager
def readable(path: Path) -> Iterator[None]:
    """Turn what the formats' libraries say of a bad file into an error in our words."""
    try:
        yield
    except InputError:
        raise
    except ImportError as error:
        message = "install it: pip install 'arrest-atlas[spss]'"
        raise file_error(path, "an SPSS file", "the package pyreadstat", message) from error
    except python_calamine.PasswordError as error:
        raise password_error(path) from error
    except _UNREADABLE as error:
        raise _damage_error(path, error) from error
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # what Rust's libraries throw
            raise
        raise _damage_error(path, error) from error


def _damage_error(path: Path, error: BaseException) -> InputError:
    if isinstance(error, MemoryError):
        return file_error(
            path,
            "more than fits into the memory",
            "a smaller file",
            "leave out columns and rows that are not needed, or take a larger machine",
        )
    reason = " ".join(str(error).split())[:200]
    return file_error(
        path, f"content that cannot be read ({reason})", f"a whole {_suffix(path)} file"
    )


def _suffix(path: Path) -> str:
    """Name the suffix, two of them where the last says how the file was compressed."""
    suffixes = [suffix.lower() for suffix in path.suffixes[-2:]]
    if suffixes and suffixes[-1] in {".gz", ".zst"}:
        return "".join(suffixes)
    return suffixes[-1] if suffixes else ""


# What a file is, by its first bytes.

_OLE = bytes.fromhex("D0CF11E0A1B11AE1")
_MAGIC: Final = (
    (b"PK\x03\x04", "workbook"),
    (_OLE, "old workbook"),
    (b"PAR1", "parquet"),
    (b"ARROW1", "feather"),
    (b"<stata_dta>", "stata"),
    (b"$FL2", "spss"),
    (b"$FL3", "spss"),
    (b"\x1f\x8b", "gzip"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
)
_OTHERS: Final = (
    (b"version https://git-lfs", "a pointer of Git LFS in place of the file itself"),
    (b"%PDF", "a PDF document"),
    (b"<?xml", "an XML document"),
    (b"<!doctype html", "a web page"),
    (b"<html", "a web page"),
)
_WORDS: Final = {
    "workbook": "an Excel workbook",
    "old workbook": "an Excel workbook of the old kind (.xls)",
    "parquet": "a Parquet file",
    "feather": "a Feather file",
    "stata": "a Stata file",
    "spss": "an SPSS file",
    "gzip": "text compressed by gzip",
    "zstd": "text compressed by zstd",
    "text": "text",
}
_SUFFIX_KIND: Final = {
    ".csv": "text",
    ".tsv": "text",
    ".txt": "text",
    ".csv.gz": "gzip",
    ".tsv.gz": "gzip",
    ".txt.gz": "gzip",
    ".csv.zst": "zstd",
    ".tsv.zst": "zstd",
    ".txt.zst": "zstd",
    ".parquet": "parquet",
    ".feather": "feather",
    ".arrow": "feather",
    ".xlsx": "workbook",
    ".xlsm": "workbook",
    ".xlsb": "workbook",
    ".xls": "old workbook",
    ".dta": "stata",
    ".sav": "spss",
}
EVERY_SUFFIX: Final = tuple(sorted(_SUFFIX_KIND))


def _kind(path: Path, start: bytes) -> str:
    for magic, words in _OTHERS:
        if start[:200].lstrip().lower().startswith(magic.lower()):
            raise file_error(
                path, words, "the table itself", "download the file again, and check its size"
            )
    named = _SUFFIX_KIND[_suffix(path)]
    for magic, kind in _MAGIC:
        if start.startswith(magic):
            return kind
    if named == "stata" and start[0] in range(105, 116):  # releases before 117 have no magic
        return named
    # Bytes of no known format are left to the reader that the name promises.
    binary = b"\0" in start[:1024] and not start.startswith((codecs.BOM_UTF16_LE, b"\xfe\xff"))
    return named if binary else "text"


_OPENERS: Final[dict[str, Callable[[OpenFile], Iterator[Sheet]]]] = {
    "text": open_text,
    "gzip": open_compressed,
    "zstd": open_compressed,
    "workbook": open_workbook,
    "old workbook": open_workbook,
    "parquet": open_parquet,
    "feather": open_feather,
    "stata": open_stata,
    "spss": open_spss,
}
_UNREADABLE = (
    ValueError,  # pandas' and the decoders' word for most things
    OSError,
    EOFError,
    csv.Error,  # a field beyond all measure
    KeyError,  # a workbook without its parts
    IndexError,
    OverflowError,
    MemoryError,
    NotImplementedError,  # a zip archive of a later version
    struct.error,  # Stata files cut short
    zipfile.BadZipFile,
    zlib.error,
    pa.ArrowException,
    python_calamine.CalamineError,
)
