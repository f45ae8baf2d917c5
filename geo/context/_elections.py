"""Which election a table of votes is of."""

from __future__ import annotations

import re
from typing import Final

from geo._sheets import listing
from geo._table import Table

_ELECTION = re.compile(r"(?<!\d)((?:19|20)\d\d)(?!\d)")

_TERM: Final = 4


def one_election(table: Table, year: int | None) -> tuple[Table, int]:
    column = table.column(["year"], what="years of elections")
    years = sorted({text.removesuffix(".0") for text in table.rows[column]})
    if year is None and len(years) > 1:
        raise table.error(
            where=f"column {column!r}",
            found=f"elections of {', '.join(years)}",
            expected="one election",
            action="name its year (--election)",
        )
    if year is None and not years[0].isdigit():
        raise table.error(
            where=f"column {column!r}",
            found=repr(years[0]),
            expected="a year",
            action="correct the column",
        )
    if year is not None and str(year) not in years:
        raise table.error(
            where=f"column {column!r}",
            found=f"elections of {listing(years)}",
            expected=f"one of {year}, as asked for (--election)",
            action="ask for another year, or give another file",
        )
    chosen = int(years[0]) if year is None else year
    return table.filtered({column: [str(chosen)]}), chosen


def year_in_name(table: Table, year: int | None) -> int | None:
    """Read the year of the election from the name of the file, and refuse another."""
    years = {int(word) for word in _ELECTION.findall(table.source.file)}
    years = {each for each in years if each % _TERM == 0}
    if year is None:
        return years.pop() if len(years) == 1 else None
    if years and year not in years:
        raise table.error(
            found=f"an election of {' or '.join(map(str, sorted(years)))} by the file's name",
            expected=f"one of {year}, as asked for (--election)",
            action="ask for another year, give another file, or correct its name",
        )
    return year
