"""Names of facilities, which become those of columns."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from geo.context._covariates import SURVEY
from geo.context.agreements import MODELS
from geo.errors import Problem

__all__ = ["facility_name_problems"]

_SHOWN: Final = 40

_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,39}")
"""Names of facilities: columns of any format of file may bear them."""

_OTHERS: Final = frozenset(
    {
        *("county_fips", "name", "state", "residents", "county", "columns"),
        *(own for own, _ in SURVEY.values()),
        *("votes", "republican_share", "democratic_share"),
        *("agreements", *(f"agreements_{model}" for model in MODELS), "agreements_of_state"),
    }
)
"""Names of other columns, which those of facilities would be taken to belong to."""


def facility_name_problems(names: Iterable[str]) -> list[Problem]:
    """Report names of facilities that cannot be those of columns.

    Parameters
    ----------
    names : iterable of str
        The names.

    Returns
    -------
    list of Problem
        One for each name that is too long, of other characters than small letters,
        digits and underscores, or that of another column.

    Examples
    --------
    >>> facility_name_problems(["hold_room", "jail"])
    []
    >>> [problem.found for problem in facility_name_problems(["Jail", "residents"])]
    ["the name 'Jail'", "the name 'residents'"]
    """
    return [
        Problem(
            file="--facilities",
            found=f"the name {name[:_SHOWN]!r}"
            + (f" and {len(name) - _SHOWN:,} characters more" if len(name) > _SHOWN else ""),
            expected="1 to 40 small letters, digits and underscores, such as hold_room, and no "
            "name of another column",
            action="change the name",
        )
        for name in names
        if not _NAME.fullmatch(name) or name in _OTHERS
    ]
