"""Years that estimates of the American Community Survey are of."""

from __future__ import annotations

import re
from typing import Final

from geo.errors import Problem

_PERIOD = re.compile(r"(20\d\d)(?:[-_/](20\d\d))?")

_NAMED_PERIOD = re.compile(r"(?<!\d)(20\d\d)[-_](20\d\d)(?!\d)")

_SPANS: Final = (1, 3, 5)
"""Years that the survey's estimates are of; three only until 2013."""

_FIRST_YEAR: Final = 2005

_FIVE_YEARS = re.compile(r"(?i)ACS[A-Z]{2}5Y(20\d\d)")

_ONE_YEAR = re.compile(r"(?i)ACS[A-Z]{2}1Y(20\d\d)")


def period_problems(period: str | None, file: str) -> list[Problem]:
    """Report a period that is none of the survey's, or another than the file's."""
    if period is None:
        return []
    span, named = written_period(period), named_period(file)
    if span is not None and named in (None, span):
        return []
    return [
        Problem(
            file="--acs-period",
            found=repr(period[:40]),
            expected=f"{named}, the years in the name of {file}"
            if named
            else "a year, or the first and the last of three or five, such as 2018-2022",
            action="change the option, or leave it out if the file's name tells the years",
        )
    ]


def written_period(period: str | None) -> str | None:
    """Write a period of the survey in one way."""
    match = _PERIOD.fullmatch((period or "").strip())
    if match is None:
        return None
    first, last = int(match[1]), int(match[2] or match[1])
    if first < _FIRST_YEAR or last - first + 1 not in _SPANS:
        return None
    return f"{first}-{last}" if last > first else str(first)


def named_period(file: str) -> str | None:
    """Read the years of the survey from the name of its file."""
    if match := _FIVE_YEARS.search(file):
        return f"{int(match[1]) - 4}-{match[1]}"
    if match := _ONE_YEAR.search(file):
        return match[1]
    if match := _NAMED_PERIOD.search(file):
        return written_period(f"{match[1]}-{match[2]}")
    return None
