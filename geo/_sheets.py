"""What a file looks like to those who read it: sheets, of which columns are taken."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from geo.errors import InputError, Problem

TEXT: Final = pa.dictionary(pa.int32(), pa.string())
"""How columns leave the readers, so that work is done once per distinct text."""
HEAD_ROWS: Final = 100
MOST_DIGITS: Final = 10**15
"""A spreadsheet keeps fifteen digits of a number."""

_MOST_BYTES: Final = 4 << 30
_MOST_TIMES: Final = 300
_SMALL_BYTES: Final = 64 << 20

HeaderFinder = Callable[[list[list[str]]], int | None]


@dataclass(frozen=True, kw_only=True)
class Dialect:
    """Which files a reader takes, and how far it goes to understand them."""

    suffixes: tuple[str, ...]
    delimiters: str
    find_header: HeaderFinder
    lenient: bool
    """Whether content may differ from the suffix, and labels replace codes."""


@dataclass(frozen=True, kw_only=True)
class Cells:
    """Columns of a sheet, below its header."""

    rows: npt.NDArray[np.int64]
    """Row numbers as a person sees them in the file."""
    columns: list[pa.ChunkedArray]
    """Of dictionary-encoded text, dates or timestamps."""
    too_long: tuple[int, ...] = ()
    """Rows with more cells than the header, which were left out."""
    too_short: tuple[int, ...] = ()
    """Rows with fewer cells than the header, the last of which are given as empty."""
    unreadable: Mapping[int, str] = field(default_factory=dict)
    """Type of the columns that hold no texts, numbers or dates; they are given as empty."""


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """One table of a file: what its first rows look like, and how to take columns of it."""

    name: str
    head: list[list[str]]
    header: int | None
    take: Callable[[Sequence[int]], Cells]
    others: tuple[str, ...] = ()
    """Names of the other sheets of its workbook."""
    delimiter: str = ""
    """What stands between the cells of a text."""

    @property
    def names(self) -> list[str]:
        """Names of the columns, or the fullest of the first rows where there is no header."""
        if self.header is not None:
            return [name.strip() for name in self.head[self.header]]
        return max(self.head, key=lambda row: sum(map(bool, row)), default=[])


@dataclass(frozen=True, kw_only=True)
class OpenFile:
    """A file that was looked at and not yet read."""

    path: Path
    sha256: str
    kind: str
    dialect: Dialect
    notes: list[str] = field(default_factory=list)


def first_filled_row(rows: list[list[str]]) -> int | None:
    """Find the header of a plain table: its first row that is not blank."""
    return next((number for number, row in enumerate(rows) if any(map(str.strip, row))), None)


def label(path: Path) -> str:
    """Write a file's name so that it can be printed and stored: no control characters."""
    name = path.name.encode("utf-8", "replace").decode()
    return "".join(sign if sign.isprintable() else "\ufffd" for sign in name)


def no_file(path: Path) -> str | None:
    """Say what is there in place of a file, None where there is one."""
    if path.is_file():
        return None
    if path.is_dir():
        return "a folder"
    if path.is_symlink() and not path.exists():
        return "a link that leads nowhere"
    return "a pipe or device" if path.exists() else "no such file"


def file_error(
    path: Path, found: str, expected: str = "a readable file", action: str = "check the file"
) -> InputError:
    """Make an error of a single problem with a file as a whole."""
    return InputError([Problem(file=label(path), found=found, expected=expected, action=action)])


def most_bytes(path: Path) -> int:
    """Say how far a file may unpack; a small one may shrink as it likes."""
    return min(_MOST_BYTES, max(_SMALL_BYTES, _MOST_TIMES * path.stat().st_size))


def bomb_error(path: Path, size: str) -> InputError:
    """Refuse what was made to fill the memory."""
    return file_error(
        path,
        f"{path.stat().st_size:,} bytes that unpack to {size}",
        f"at most {most_bytes(path):,} bytes",
        "do not open this file unless you know who made it",
    )


def unreadable_problem(path: Path, name: str, kind: str) -> Problem:
    """Name a column that is wanted, of a type that holds no texts, numbers or dates."""
    return Problem(
        file=label(path),
        where=f"column {name!r}",
        found=f"the type {kind}",
        expected="texts, numbers or dates",
        action="write the column as one of these, or leave it out",
    )


def listing(names: Iterable[object]) -> str:
    """Name the first of many things."""
    shown = [str(name)[:40] for name in names]
    rest = f" and {len(shown) - 12} more" if len(shown) > 12 else ""  # noqa: PLR2004
    return ", ".join(shown[:12]) + rest
