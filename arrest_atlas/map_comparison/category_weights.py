"""The user's own table of how alike two classes are."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NoReturn

import pandas as pd

from geo import InputError, Problem
from spatial_models import SIGNIFICANCE_CLASSES

__all__ = ["read_category_weights"]

_CLASSES: Final = list(SIGNIFICANCE_CLASSES)
_MOST_BYTES: Final = 100_000
"""More than any such table takes."""


def read_category_weights(path: Path) -> pd.DataFrame:
    """Read a table of the similarity of each class to each other.

    Parameters
    ----------
    path : pathlib.Path
        CSV: a header of the seven classes after one cell of any text, then a row a class.
        Rows are classes of the first map, columns those of the second, in any order.

    Returns
    -------
    pandas.DataFrame
        Rows and columns in the order of `SIGNIFICANCE_CLASSES`.

    Raises
    ------
    InputError
        With everything that is wrong: classes missing, unknown or given twice, cells that
        are no numbers from 0 to 1, a class unlike itself.

    Examples
    --------
    >>> import tempfile
    >>> from spatial_models import CATEGORY_WEIGHTS
    >>> path = Path(tempfile.mkdtemp()) / "weights.csv"
    >>> CATEGORY_WEIGHTS.to_csv(path)
    >>> read_category_weights(path).shape
    (7, 7)
    """
    header, rows = _read(path)
    problems = list(_shape_problems(path.name, header, [name for _, name, _ in rows]))
    weights: dict[tuple[str, str], float] = {}
    for line, name, cells in rows:
        if name in _CLASSES and len(cells) == len(header):
            for column, cell in zip(header, cells, strict=True):
                value = _number(cell)
                if value is None:
                    problems.append(_cell_problem(path.name, line, column, cell))
                else:
                    weights[name, column] = value
        elif name in _CLASSES:
            problems.append(
                Problem(
                    file=path.name,
                    where=f"row {line}",
                    found=f"{len(cells)} numbers",
                    expected=f"{len(header)}, one each class of the header",
                    action="complete the row",
                )
            )
    if not problems:
        problems = list(_sense_problems(path.name, weights))
    if problems:
        raise InputError(problems)
    values = [[weights[row, column] for column in _CLASSES] for row in _CLASSES]
    return pd.DataFrame(values, index=_CLASSES, columns=_CLASSES)


def _read(path: Path) -> tuple[list[str], list[tuple[int, str, list[str]]]]:
    """Read the classes of the header, and line, class and cells of every other row."""
    try:
        if not path.is_file():  # a pipe would never answer
            _refuse(path, "no such file", "check the path")
        if path.stat().st_size > _MOST_BYTES:
            _refuse(path, f"{path.stat().st_size:,} bytes", "give a small CSV")
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = str(error).replace(str(path), path.name)
        _refuse(path, f"what cannot be read ({reason})", "save it as CSV, UTF-8")
    try:
        lines = [
            (number, [cell.strip() for cell in cells])
            for number, cells in enumerate(csv.reader(text.splitlines(), strict=True), start=1)
            if any(cell.strip() for cell in cells)
        ]
    except csv.Error as error:
        _refuse(path, f"what cannot be read ({error})", "save it as CSV, UTF-8")
    if not lines:
        _refuse(path, "an empty file", "write one from CATEGORY_WEIGHTS, and change it")
    (_, header), *others = lines
    return header[1:], [(line, cells[0], cells[1:]) for line, cells in others]


def _refuse(path: Path, found: str, action: str) -> NoReturn:
    expected = "a CSV of the similarity of the seven classes"
    problem = Problem(file=path.name or str(path), found=found, expected=expected, action=action)
    raise InputError([problem]) from None


def _shape_problems(file: str, header: list[str], rows: list[str]) -> Iterator[Problem]:
    for where, names in (("header", header), ("first column", rows)):
        missing = [name for name in _CLASSES if name not in names]
        unknown = [name for name in dict.fromkeys(names) if name not in _CLASSES]
        twice = [name for name in dict.fromkeys(names) if names.count(name) > 1]
        found = [
            f"{what} {', '.join(repr(each) for each in some)}"
            for what, some in (("no", missing), ("unknown", unknown), ("twice", twice))
            if some
        ]
        if found:
            yield Problem(
                file=file,
                where=where,
                found="; ".join(found),
                expected=f"each of {', '.join(_CLASSES)} once",
                action="correct the names of the classes",
            )


def _number(cell: str) -> float | None:
    try:
        value = float(cell)
    except ValueError:
        return None
    return value if math.isfinite(value) and 0 <= value <= 1 else None


def _cell_problem(file: str, line: int, column: str, cell: str) -> Problem:
    return Problem(
        file=file,
        where=f"row {line}, column {column!r}",
        found=repr(cell),
        expected="a number from 0 (nothing alike) to 1 (the same)",
        action="correct the cell",
    )


def _sense_problems(file: str, weights: dict[tuple[str, str], float]) -> Iterator[Problem]:
    for one in _CLASSES:
        if weights[one, one] != 1:
            yield Problem(
                file=file,
                where=f"class {one!r}",
                found=f"a similarity of {weights[one, one]:g} to itself",
                expected="1",
                action="correct the cell",
            )
