"""Arrests by day or week and place, as newsrooms and advocates publish them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Literal

import pandas as pd

from boundaries import load_field_offices, load_zones, office_codes, state_codes
from geo._sheets import listing
from geo._table import MISSING, Source, Table, parse_numbers, plain_name, read_table
from geo.context._days import read_days
from geo.errors import InputError, Problem

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["ArrestSeries", "main_block", "read_arrest_series"]

_DAYS: Final = ("apprehension_date", "date", "day", "week", "week_start", "arrest_date")
_COUNTS: Final = ("arrests", "count", "n", "total")
_PLACES: Final[dict[Literal["state", "aor"], tuple[str, ...]]] = {
    "state": ("state", "apprehension_state", "state_name"),
    "aor": ("aor", "apprehension_aor", "field_office", "office"),
}
_WEEK: Final = 7
_APART: Final = 28
"""Days without a row after which a block of days is one of its own."""

_FEW: Final = 0.01
"""Share of arrests below which a block apart is taken for mistaken dates."""


@dataclass(frozen=True, kw_only=True, repr=False)
class ArrestSeries:
    """Arrests by day or week and place.

    Attributes
    ----------
    table : pandas.DataFrame of float
        A row a day, or a week by its first day, without holes from the first to the last,
        indexed by ``date``; a column a place, by code. Missing where the file tells nothing.
    by : {"state", "aor"}
        What the places are.
    step : {1, 7}
        Days of a row.
    set_aside : pandas.Series of float
        Arrests of days that stand far from all others, by day: taken for mistaken dates.
    source : Source
        The file.
    notes : tuple of str
        What was done to the numbers, in words.
    """

    table: pd.DataFrame
    by: Literal["state", "aor"]
    step: Literal[1, 7]
    set_aside: pd.Series
    source: Source
    notes: tuple[str, ...]

    def __repr__(self) -> str:
        first, last = pd.DatetimeIndex(self.table.index[[0, -1]]).strftime("%Y-%m-%d")
        unit = "days" if self.step == 1 else "weeks"
        return f"<ArrestSeries: {self.table.shape[1]} places, {unit} from {first} to {last}>"

    def to_frame(self) -> pd.DataFrame:
        """Hand the numbers out.

        Returns
        -------
        pandas.DataFrame
            A copy of ``table``.
        """
        return self.table.copy()


def main_block(daily: pd.Series) -> tuple[pd.Timestamp, pd.Timestamp]:
    """Tell the days that a series is of, without those of mistaken dates.

    Parameters
    ----------
    daily : pandas.Series of float
        Arrests by day, those days only that have a row.

    Returns
    -------
    tuple of pandas.Timestamp
        First and last day of the series. Days that four weeks without any row separate from
        the rest, and that have less than 1 % of its arrests, are left out at both ends.

    Examples
    --------
    >>> days = pd.to_datetime(["2026-03-09", "2026-03-10", "2026-09-17"])
    >>> print(main_block(pd.Series([230.0, 266.0, 1.0], index=days))[1].date())
    2026-03-10
    """
    ordered = daily.sort_index().fillna(0)
    apart = ordered.index.to_series().diff().dt.days > _APART
    share = ordered.groupby(apart.cumsum()).transform("sum") / max(ordered.sum(), 1)
    kept = ordered.index[share >= _FEW]
    kept = ordered.index if kept.empty else kept
    return kept[0], kept[-1]


def read_arrest_series(path: str | Path) -> ArrestSeries:
    r"""Read arrests by day or week.

    Parameters
    ----------
    path : str or pathlib.Path
        CSV, Parquet, Excel, Stata or SPSS file with a column of days (``date``,
        ``apprehension_date``, ``week``; as 2025-01-20) and either a column a place, named
        after states or field offices, or ``state`` (or ``aor``) and ``arrests``. Rows all
        seven days apart are weeks, named by their first day.

    Returns
    -------
    ArrestSeries
        Where the file has blanks and never a 0, blanks are 0, as in a cross table of
        records; where it writes zeros, they are missing. A day without a row is missing.

    Raises
    ------
    InputError
        With every problem at once: no or unknown places, texts that are no number or day,
        days twice.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> path = Path(tempfile.mkdtemp()) / "daily.csv"
    >>> _ = path.write_text("date,TEXAS,OREGON\n2025-08-02,181,3\n2025-08-03,139,NA\n")
    >>> read_arrest_series(path).table["OR"].tolist()
    [3.0, 0.0]
    """
    table = read_table(path)
    columns = {plain_name(column): column for column in reversed(table.rows.columns)}
    day = table.column(_DAYS, what="the days")
    days, problems = _days(table, day)
    layout = _long if "arrests" in columns or "count" in columns else _wide
    by, numbers, notes, more = layout(table, columns, days)
    problems += more
    if problems:
        raise InputError(problems)
    return _series(table, by, numbers, notes, column=day)


def _days(table: Table, column: str) -> tuple[pd.Series, list[Problem]]:
    """Read days; slashes are ambiguous between countries, so only ISO 8601 is taken."""
    text = table.rows[column]
    days = read_days(text, "month first").earliest
    wrong = days.isna() | ~text.str.fullmatch(r"\d{4}-\d{1,2}-\d{1,2}(?:[ T].*)?")
    return days, [
        table.problem(
            where=f"row {row}, column {column!r}",
            found=repr(text[row][:60]),
            expected="a day such as 2025-01-20",
            action="correct it or leave the row out",
        )
        for row in text.index[wrong]
    ]


_Read = tuple[Literal["state", "aor"], pd.DataFrame, list[str], list[Problem]]
_CODES: Final[dict[Literal["state", "aor"], Callable[[pd.Series], pd.Series]]] = {
    "state": state_codes,
    "aor": office_codes,
}


def _known(by: Literal["state", "aor"]) -> set[str]:
    return set(load_zones()["state"]) if by == "state" else set(load_field_offices().index)


def _wide(table: Table, columns: dict[str, str], days: pd.Series) -> _Read:
    """Read a column a place."""
    names = pd.Series(list(columns.values()))
    found = {by: codes(names).where(lambda code, by=by: code.isin(_known(by)))
             for by, codes in _CODES.items()}  # fmt: skip
    by = max(found, key=lambda each: int(found[each].notna().sum()))
    places = found[by]
    problems = [
        table.problem(
            where=f"columns {listing(names[places == code])}",
            found=f"the {_WORDS[by]} {code} more than once",
            expected="one column each",
            action="add them up or leave one out",
        )
        for code in places[places.duplicated()].dropna().unique()
    ]
    if places.isna().all():
        problems.append(
            table.problem(
                found=f"the columns {listing(names)}",
                expected="columns named after states or field offices, or the columns state and "
                "arrests",
                action="name the columns so",
            )
        )
    problems += _twice(table, days)
    read = {}
    for name, code in zip(names, places, strict=True):
        if isinstance(code, str):
            read[code], wrong = parse_numbers(table, name, whole=True)
            problems += wrong
    unused = [name for name in names[places.isna()] if name and plain_name(name) not in _DAYS]
    notes = [f"Not used: the columns {listing(unused)}."] if unused else []
    return by, pd.DataFrame(read, index=days.index).set_axis(days, axis=0), notes, problems


def _twice(table: Table, days: pd.Series) -> Iterator[Problem]:
    for row in days.index[days.duplicated() & days.notna()]:
        yield table.problem(
            where=f"row {row}",
            found=f"{days[row]:%Y-%m-%d} once more",
            expected="a row a day",
            action="add the rows up or leave one out",
        )


def _long(table: Table, columns: dict[str, str], days: pd.Series) -> _Read:
    """Read a row a day and place."""
    given = [by for by, names in _PLACES.items() if any(name in columns for name in names)]
    by = given[0] if given else "state"
    place = table.rows[table.column(_PLACES[by], what=f"the {_WORDS[by]}")]
    numbers, problems = parse_numbers(table, table.column(_COUNTS, what="arrests"), whole=True)
    codes = _CODES[by](place)
    nowhere = place.str.casefold().isin(MISSING)
    problems += [
        table.problem(
            where=f"row {row}",
            found=repr(place[row][:60]),
            expected=f"a {_WORDS[by]} of the United States, or nothing",
            action="correct its name or leave the row out",
        )
        for row in place.index[~codes.isin(_known(by)) & ~nowhere]
    ]
    rows = pd.DataFrame({"date": days, "place": codes.mask(nowhere), "arrests": numbers})
    dated = rows[~nowhere].dropna(subset=["date", "place"])
    problems += [
        table.problem(
            where=f"row {row}",
            found=f"{dated.loc[row, 'place']} on {dated.loc[row, 'date']:%Y-%m-%d} once more",
            expected=f"a row a day and {_WORDS[by]}",
            action="add the rows up or leave one out",
        )
        for row in dated.index[dated.duplicated(["date", "place"])]
    ]
    if problems:
        return by, pd.DataFrame(), [], problems
    lost = rows.loc[nowhere, "arrests"]
    notes = [f"{lost.sum():,.0f} arrests of no {_WORDS[by]} are in no series."] if len(lost) else []
    return by, dated.pivot_table("arrests", "date", "place", "sum", min_count=1), notes, []


_WORDS: Final = {"state": "state", "aor": "field office"}


def _series(
    table: Table,
    by: Literal["state", "aor"],
    numbers: pd.DataFrame,
    notes: list[str],
    *,
    column: str,
) -> ArrestSeries:
    numbers = numbers.sort_index(axis="index").sort_index(axis="columns")
    blank = int(numbers.isna().sum().sum())
    if blank and not (numbers == 0).any(axis=None):
        numbers = numbers.fillna(0.0)
        notes.append(
            f"{blank:,} blanks count as no arrest: the file never writes 0, as a cross table of "
            "records does. Whether a day had no arrest or no report, it does not tell."
        )
    elif blank:
        notes.append(f"{blank:,} blanks are missing: the file writes 0 where there was no arrest.")
    total = numbers.sum(axis="columns")
    first, last = main_block(total)
    inside = (numbers.index >= first) & (numbers.index <= last)
    aside = total[~inside].rename_axis("date")
    notes += [
        f"{day:%Y-%m-%d} ({arrests:,.0f} arrests) stands more than {_APART} days from all other "
        "days with less than 1% of the arrests: taken for a mistaken date and set aside."
        for day, arrests in aside.items()
    ]
    kept = numbers[inside]
    apart = kept.index.to_series().diff().dropna().dt.days
    step: Literal[1, 7] = 7 if len(apart) and (apart % _WEEK == 0).all() else 1
    every = pd.date_range(first, last, freq=f"{step}D", name="date")
    absent = len(every.difference(pd.DatetimeIndex(kept.index)))
    if absent:
        notes.append(f"{absent:,} {'days' if step == 1 else 'weeks'} have no row.")
    whole = kept.reindex(every).astype("float64").rename_axis(columns=by)
    source = replace(table.source, column=column, missing=blank)
    return ArrestSeries(
        table=whole, by=by, step=step, set_aside=aside, source=source, notes=tuple(notes)
    )
