"""Tables of counts as plain text for a terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from typing import Final

import pandas as pd

WIDTH: Final = 100
_GAP: Final = "  "
_MONTHS: Final = 36
"""Months that are printed one by one; longer periods are printed by year."""

_LEAST_SHARE: Final = 0.0005
"""Shares below are printed as less than 0.1 %."""


def heading(title: str, explanation: str = "") -> Iterator[str]:
    """Begin a section."""
    yield ""
    yield title.upper()
    if explanation:
        yield from paragraph(explanation)


def paragraph(text: str, *, indent: str = "") -> list[str]:
    """Break a text into lines."""
    return textwrap.wrap(text, WIDTH, subsequent_indent=indent)


def count(number: float) -> str:
    """Write a count."""
    return f"{int(number):,}"


def percent(part: float, whole: float) -> str:
    """Write a share, without making few of many into none, or most into all."""
    if whole == 0:
        return "-"
    share = part / whole
    if 0 < share < _LEAST_SHARE:
        return "<0.1 %"
    if 1 - _LEAST_SHARE < share < 1:
        return ">99.9 %"
    return f"{100 * share:.1f} %"


def grid(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Set cells in columns: labels to the left, cut where they are too long; numbers right."""
    cells = [list(head), *map(list, rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    widths[0] = min(widths[0], WIDTH - sum(widths[1:]) - len(_GAP) * len(widths))
    for label, *numbers in cells:
        line = [
            label.ljust(widths[0]) if len(label) <= widths[0] else f"{label[: widths[0] - 3]}..."
        ]
        line += [number.rjust(width) for number, width in zip(numbers, widths[1:], strict=True)]
        yield (_GAP + _GAP.join(line)).rstrip()


def shares(table: pd.DataFrame, columns: Sequence[str]) -> Iterator[str]:
    """Print rows, and columns as shares of them."""
    yield from grid(
        [str(table.index.name), "rows", *columns],
        [
            [str(item), count(row["rows"]), *(percent(row[name], row["rows"]) for name in columns)]
            for item, row in table.iterrows()
        ],
    )


def by_year(table: pd.DataFrame) -> pd.DataFrame:
    """Add a long table by month up to years."""
    if len(table) <= _MONTHS:
        return table
    years = table.index.str.replace(r"^(\d+)-\d+$", r"\1", regex=True)
    return table.groupby(years, sort=False).sum().rename_axis("year")
