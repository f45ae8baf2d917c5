"""Spans of time, and whether crime came before the arrests."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Self

from geo import InputError, Problem

_DAYS_OF_A_MONTH, _MONTHS_OF_A_YEAR = 30.4375, 12
_SHAPE = re.compile(r"(\d{4}(?:-\d{2}-\d{2})?)(?:/(\d{4}(?:-\d{2}-\d{2})?))?")


@dataclass(frozen=True)
class Period:
    """A span of days, both ends included.

    Attributes
    ----------
    first, last : datetime.date
        The ends.
    text : str
        The span as the user wrote it.
    """

    first: date
    last: date
    text: str

    @classmethod
    def parse(cls, text: str, *, option: str) -> Self:
        """Read ``2014/2016``, ``2021`` or ``2025-01-20/2026-08-06``.

        Parameters
        ----------
        text : str
            One or two years or days, as ISO 8601 writes them.
        option : str
            What to name in a message.

        Returns
        -------
        Period
            From the first day of the first to the last day of the last.

        Raises
        ------
        InputError
            If the text is no period, or ends before it begins.

        Examples
        --------
        >>> Period.parse("2014/2016", option="--crime-period").last
        datetime.date(2016, 12, 31)
        """
        match = _SHAPE.fullmatch(text.strip())
        try:
            if match is None:
                raise ValueError  # noqa: TRY301  (said below, with the other reasons)
            first, last = match[1], match[2] or match[1]
            start = date.fromisoformat(first if "-" in first else f"{first}-01-01")
            end = date.fromisoformat(last if "-" in last else f"{last}-12-31")
            if end < start:
                raise ValueError  # noqa: TRY301
        except ValueError:
            problem = Problem(
                file=option,
                found=repr(text),
                expected="a period such as 2014/2016 or 2025-01-20/2026-08-06",
                action="write its first and last year or day",
            )
            raise InputError([problem]) from None
        return cls(start, end, text.strip())

    @property
    def length(self) -> str:
        """Say how long it is, to the month.

        Returns
        -------
        str
            ``"3 years"``, ``"19 months"``, or days where it is shorter than a month.

        Examples
        --------
        >>> Period.parse("2025-01-20/2026-08-06", option="--arrest-period").length
        '19 months'
        """
        days = (self.last - self.first).days + 1
        months = round(days / _DAYS_OF_A_MONTH)
        number, unit = (months, "month") if months else (days, "day")
        if months and months % _MONTHS_OF_A_YEAR == 0:
            number, unit = months // _MONTHS_OF_A_YEAR, "year"
        return f"{number} {unit}{'s' * (number != 1)}"

    def __str__(self) -> str:
        return self.text.replace("/", " to ")


def agreed_period(
    stated: Period | None, told: str | None, *, option: str, file: str
) -> Period | None:
    """Bring the period that a user states and the one that a file tells together.

    Parameters
    ----------
    stated : Period or None
        What the user states.
    told : str or None
        What the file tells.
    option : str
        Where the user states it, for a message.
    file : str
        The file, for a message.

    Returns
    -------
    Period or None
        The one that there is, None if there is neither.

    Raises
    ------
    InputError
        If they are not of the same days.

    Examples
    --------
    >>> agreed_period(None, "2014/2016", option="--crime-period", file="crime.csv").first
    datetime.date(2014, 1, 1)
    """
    if told is None:
        return stated
    found = Period.parse(told, option=file)
    if stated is None:
        return found
    if (stated.first, stated.last) == (found.first, found.last):
        return stated
    problem = Problem(
        file=option,
        found=f"the period {stated}, while {file} holds figures of {found}",
        expected="the period of the file",
        action="leave the period out, or give the file of these years",
    )
    raise InputError([problem])


def check_order(crime: Period | None, arrests: Period | None) -> str | None:
    """Warn unless the crime baseline ended before the arrests began.

    Parameters
    ----------
    crime, arrests : Period or None
        The two periods, None where not stated.

    Returns
    -------
    str or None
        The warning, None where crime came before.

    Examples
    --------
    >>> check_order(Period.parse("2021", option=""), Period.parse("2025", option="")) is None
    True
    """
    if crime is None or arrests is None:
        given = (("crime", "--crime-period", crime), ("arrests", "--arrest-period", arrests))
        missing = [(name, option) for name, option, period in given if period is None]
        names, options = (" and ".join(words) for words in zip(*missing, strict=True))
        return (
            f"The period of {names} is not stated: nobody can tell whether the crime baseline "
            f"ended before the arrests began. State it with {options}."
        )
    if crime.last >= arrests.first:
        return (
            f"The crime baseline ({crime}) does not end before the arrests ({arrests}) begin: "
            "enforcement may have changed crime, or its reporting."
        )
    return None
