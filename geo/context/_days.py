"""Days as tables of offices write them: several orders, years alone, lost separators."""

from __future__ import annotations

import calendar
import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import pandas as pd

from geo._table import MISSING

Order = Literal["month first", "day first"]

_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[ T].*)?")
_PARTS = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4}|\d{2})(?: .*)?")
_NO_SEPARATOR = re.compile(r"(\d{1,2})/(\d{1,2})(\d{4})")
_MONTH = re.compile(r"(?i)(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*[ -](\d{4}|\d{2})")
_YEAR = re.compile(r"\d{4}")
_SERIAL = re.compile(r"\d{5}")
_MONTHS: Final = (
    *("jan", "feb", "mar", "apr", "may", "jun"),
    *("jul", "aug", "sep", "oct", "nov", "dec"),
)
_EXCEL_EPOCH: Final = dt.date(1899, 12, 30)
_TWO_DIGITS: Final = 50
"""Two-digit years below are of this century, the others of the last."""

_MONTHS_A_YEAR: Final = 12
_LATEST: Final = 2100
_EARLIEST: Final = 1900


@dataclass(frozen=True, kw_only=True)
class Days:
    """What a column of days says.

    `earliest` and `latest` are the first and last day that a text may mean: they differ
    where only a month or a year is written. Both are missing where `unread`.
    """

    earliest: pd.Series
    latest: pd.Series
    unread: pd.Series
    """Texts that are no day between 1900 and 2100, on the index of their rows."""
    mended: pd.Series
    """Texts that lack a separator and were read all the same."""


def day_order(text: pd.Series) -> tuple[Order | None, str, str]:
    """Tell by days above 12 which comes first, with an example of each order.

    The order is None where no row tells, and where rows contradict each other.
    """
    day_first = month_first = ""
    for word in text:
        match = _PARTS.fullmatch(word)
        if match and int(match[1]) > _MONTHS_A_YEAR:
            day_first = day_first or word
        if match and int(match[2]) > _MONTHS_A_YEAR:
            month_first = month_first or word
    if bool(day_first) == bool(month_first):
        return None, day_first, month_first
    return ("day first" if day_first else "month first"), day_first, month_first


def ambiguous_day(text: pd.Series) -> str:
    """Give the first day that two orders would read differently; empty where there is none."""
    for word in text:
        match = _PARTS.fullmatch(word)
        if match and match[1] != match[2] and max(int(match[1]), int(match[2])) <= _MONTHS_A_YEAR:
            return str(word)
    return ""


def read_days(text: pd.Series, order: Order) -> Days:
    """Read a column of days; the order matters for ``4/11/17`` alone."""
    stripped = text.str.strip()
    spans = [_span(word, order) for word in stripped]
    missing = stripped.str.casefold().isin(MISSING)
    unread = ~missing & np.array([span is None for span in spans], dtype=bool)
    mended = stripped.str.fullmatch(_NO_SEPARATOR) & ~unread
    return Days(
        earliest=_dates((span and span[0] for span in spans), text.index),
        latest=_dates((span and span[1] for span in spans), text.index),
        unread=text[unread],
        mended=text[mended],
    )


def _dates(days: Iterable[dt.date | None], index: pd.Index) -> pd.Series:
    return pd.Series(np.array(list(days), dtype="datetime64[s]"), index=index)


def _span(word: str, order: Order) -> tuple[dt.date, dt.date] | None:
    if match := _ISO.fullmatch(word):
        return _day(int(match[1]), int(match[2]), int(match[3]))
    if match := _PARTS.fullmatch(word) or _NO_SEPARATOR.fullmatch(word):
        first, second = int(match[1]), int(match[2])
        month, day = (second, first) if order == "day first" else (first, second)
        return _day(_year(match[3]), month, day)
    if match := _MONTH.fullmatch(word):
        month = _MONTHS.index(match[1].lower()) + 1
        return _months(_year(match[2]), month, month)
    if _YEAR.fullmatch(word):
        return _months(int(word), 1, _MONTHS_A_YEAR)
    if _SERIAL.fullmatch(word):  # a day that lost its format in Excel
        date = _EXCEL_EPOCH + dt.timedelta(days=int(word))
        return _day(date.year, date.month, date.day)
    return None


def _months(year: int, first: int, last: int) -> tuple[dt.date, dt.date] | None:
    if not _EARLIEST <= year <= _LATEST:
        return None
    return dt.date(year, first, 1), dt.date(year, last, calendar.monthrange(year, last)[1])


def _year(digits: str) -> int:
    if len(digits) > 2:  # noqa: PLR2004
        return int(digits)
    return int(digits) + (2000 if int(digits) < _TWO_DIGITS else 1900)


def _day(year: int, month: int, day: int) -> tuple[dt.date, dt.date] | None:
    if not _EARLIEST <= year <= _LATEST:
        return None
    try:
        date = dt.date(year, month, day)
    except ValueError:
        return None
    return date, date
