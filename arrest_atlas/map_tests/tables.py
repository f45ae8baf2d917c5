"""Lines of a report: tables, numbers and names of units, safe to print."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

import numpy as np

__all__ = [
    "align_columns",
    "first_units",
    "isolates_lines",
    "number_of",
    "number_text",
    "printable",
]

_SHOWN: Final = 10


def printable(lines: Iterable[str]) -> str:
    """Join lines, and leave out what would steer the terminal: names are the file's.

    A line break in a name would make a line of its own, and is left out, too.

    Parameters
    ----------
    lines : iterable of str
        Lines without their ends.

    Returns
    -------
    str
        The text, with a newline at its end.

    Examples
    --------
    >>> print(printable(["one", "two"]), end="")
    one
    two
    """
    return "\n".join(map(_plain, lines)) + "\n"


def _plain(line: str) -> str:
    return "".join(each if each.isprintable() else "\ufffd" for each in line)


def number_of(number: int, one: str, several: str) -> str:
    """Write a number of things.

    Parameters
    ----------
    number : int
        How many.
    one, several : str
        What one of them is called, and what any other number.

    Returns
    -------
    str
        Number and word.

    Examples
    --------
    >>> number_of(1, "county", "counties"), number_of(3108, "county", "counties")
    ('1 county', '3,108 counties')
    """
    return f"{number:,} {one if number == 1 else several}"


def isolates_lines(isolates: Sequence[object]) -> Iterator[str]:
    """Name the units without neighbours, where there are any.

    Parameters
    ----------
    isolates : sequence of object
        Their identifiers.

    Yields
    ------
    str
        A line, or nothing.
    """
    if isolates:
        yield f"not tested, without neighbours: {first_units(isolates)}"


def first_units(units: Sequence[object]) -> str:
    """Name the first of some units, and count the others.

    Parameters
    ----------
    units : sequence of object
        Their identifiers.

    Returns
    -------
    str
        A list in words.

    Examples
    --------
    >>> first_units(["a", "b"])
    'a, b'
    """
    more = f" and {len(units) - _SHOWN:,} more" if len(units) > _SHOWN else ""
    return ", ".join(str(each) for each in units[:_SHOWN]) + more


def number_text(value: Any) -> str:
    """Write a number to a few digits; text stays as it is.

    Parameters
    ----------
    value : object
        A number, a truth value or text.

    Returns
    -------
    str
        Its text.

    Examples
    --------
    >>> number_text(1234.56789), number_text(0.123456)
    ('1,234.57', '0.1235')
    """
    if isinstance(value, bool | np.bool_):
        return str(int(value))
    if isinstance(value, int | float | np.number):
        number = float(value)
        return f"{number:,.6g}" if abs(number) >= 1 else f"{number:.4g}"
    return str(value)


def align_columns(header: list[str], rows: list[list[str]]) -> Iterator[str]:
    """Align a table: text to the left, columns with numbers to the right.

    Parameters
    ----------
    header : list of str
        Names of the columns.
    rows : list of list of str
        Cells; the first column is text.

    Yields
    ------
    str
        A line each row.

    Examples
    --------
    >>> list(align_columns(["class", "units"], [["hot", "7"], ["cold", "12"]]))
    ['class  units', 'hot        7', 'cold      12']
    """
    widths = [max(map(len, column)) for column in zip(header, *rows, strict=True)]
    _, *others = zip(*rows, strict=True)
    text = [True, *(not any(map(_is_number, column)) for column in others)]
    for row in [header, *rows]:
        cells = [
            cell.ljust(width) if left else cell.rjust(width)
            for cell, width, left in zip(row, widths, text, strict=True)
        ]
        yield "  ".join(cells).rstrip()


def _is_number(cell: str) -> bool:
    try:
        float(cell.replace(",", ""))
    except ValueError:
        return False
    return True
