"""What may stand in a mapping, and what is wrong with one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any, Final

from geo._sheets import listing
from geo.crime._columns import is_years
from geo.crime.definitions import DEFINITIONS, OFFENCES, SYSTEMS
from geo.crime.offenses import AGENCY_KINDS, PROPERTY_TOTAL, VIOLENT_TOTAL
from geo.errors import Problem

ROLES: Final[Mapping[str, tuple[str, ...]]] = {
    "agency": (
        *("ori", "agency", "state", "kind", "year", "months", "months_missing"),
        *("population", "agencies", "covered_by", "offense", "count"),
    ),
    "county": (
        *("county", "county_state", "county_number", "county_name", "year", "offense", "count"),
        *("crimes", "rate", "residents", "coverage", "quality", "definition"),
    ),
}
"""What columns may hold, by the kind of table."""


def roles_of(kind: str) -> tuple[str, ...]:
    """Name what columns may hold; of a kind that is none, whatever any may."""
    return ROLES.get(kind) or tuple(dict.fromkeys(chain.from_iterable(ROLES.values())))


RAPE: Final = "rape"
"""Rape by the definition of the year: legacy to 2012, revised from 2013."""

RESIDENTS_ARE: Final = ("covered", "all")
"""Whether residents are those whose police reported, or all of the county."""

_LAST_YEAR: Final = 2100
_MOST_RESIDENTS: Final = 10_000_000

COUNTED: Final = (*OFFENCES, RAPE, VIOLENT_TOTAL, PROPERTY_TOTAL)

KEYS: Final[Mapping[str, type | tuple[type, ...]]] = {
    "kind": str,
    "title": str,
    "definition": str,
    "system": str,
    "years": (str, int),
    "months": (int, float),
    "agency_kind": str,
    "coverage_of": (int, float),
    "residents_are": str,
    "per": (int, float),
    "state_above": bool,
    "summed": bool,
    "recognised_by": list,
    "columns": dict,
    "offenses": dict,
    "year_columns": dict,
    "releases": dict,
    "quality": dict,
}


class Checker:
    """Collects what is wrong with a mapping."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.problems: list[Problem] = []

    def add(self, where: str, found: str, expected: str) -> None:
        action = "correct the mapping; docs/crime.md describes it"
        self.problems.append(
            Problem(file=self.file, where=where, found=found, expected=expected, action=action)
        )

    def one_of(self, where: str, value: str, allowed: Sequence[str]) -> None:
        if value not in allowed:
            self.add(where, repr(value)[:60], f"one of {', '.join(allowed)}")


def known_entries(check: Checker, entry: Mapping[str, Any]) -> dict[str, Any]:
    """Keep the keys that are known and hold what they should, and report the others."""
    kept = {}
    for key, value in entry.items():
        if key not in KEYS:
            check.add("", f"the key {key!r}", f"keys among {', '.join(KEYS)}")
        elif not isinstance(value, KEYS[key]) or isinstance(value, bool) != (KEYS[key] is bool):
            check.add(f"key {key!r}", repr(value)[:60], "a value as in docs/crime.md")
        else:
            kept[key] = value
    return kept


def names_by_role(
    check: Checker, entry: Mapping[str, Any], key: str, allowed: Sequence[str]
) -> dict[str, tuple[str, ...]]:
    """Read names, or lists of names, by what they stand for."""
    found = {}
    for role, names in entry.items():
        where = f"table [{key}]"
        if role not in allowed:
            check.add(where, f"the key {role!r}", f"keys among {', '.join(allowed)}")
        several = names if isinstance(names, list) else [names]
        if not several or not all(isinstance(one, str) and one.strip() for one in several):
            check.add(f"{where}, key {role!r}", repr(names)[:60], "a name or a list of names")
        else:
            found[role] = tuple(several)
    return found


def numbers_by_name(check: Checker, entry: Mapping[str, Any], key: str) -> dict[str, float]:
    """Read whole numbers by name, as of columns and the years that they stand for."""
    found = {}
    for name, number in entry.items():
        if isinstance(number, bool) or not isinstance(number, int) or abs(number) > _LAST_YEAR:
            where = f"table [{key}], key {name!r}"
            check.add(where, repr(number)[:60], "a year such as 2016, or -1")
        else:
            found[name] = float(number)
    return found


def shares_by_mark(check: Checker, entry: Mapping[str, Any]) -> dict[str, float]:
    """Read shares of residents covered by mark of quality."""
    found = {}
    for mark, share in entry.items():
        if isinstance(share, bool) or not isinstance(share, int | float) or not 0 <= share <= 1:
            check.add(f"table [quality], key {mark!r}", repr(share)[:60], "a share from 0 to 1")
        else:
            found[mark] = float(share)
    return found


def years_by_release(check: Checker, entry: Mapping[str, Any]) -> dict[str, str]:
    """Read years by the release that pools them."""
    found = {}
    for release, years in entry.items():
        if isinstance(years, bool) or not is_years(str(years)):
            expected = 'years such as 2017 or "2014/2016"'
            check.add(f"table [releases], key {release!r}", repr(years)[:60], expected)
        else:
            found[release] = str(years)
    return found


def check_values(check: Checker, entry: Mapping[str, Any]) -> None:
    """Look at the values of which there are only some."""
    allowed = {
        "kind": tuple(ROLES),
        "definition": tuple(DEFINITIONS),
        "system": SYSTEMS,
        "agency_kind": AGENCY_KINDS,
        "residents_are": RESIDENTS_ARE,
    }
    for key, values in allowed.items():
        if key in entry or key == "kind":
            check.one_of(f"key {key!r}", entry.get(key, ""), values)
    if "years" in entry and not is_years(str(entry["years"])):
        check.add("key 'years'", repr(entry["years"]), 'years such as 2017 or "2014/2016"')
    if entry.get("coverage_of", 1) not in {1, 100}:
        check.add("key 'coverage_of'", repr(entry["coverage_of"]), "1 or 100")
    if not 1 <= entry.get("per", 1) <= _MOST_RESIDENTS:  # false of nan, too
        expected = f"a number of residents from 1 to {_MOST_RESIDENTS:,}, such as 100000"
        check.add("key 'per'", repr(entry["per"]), expected)
    if not 0 <= entry.get("months", 0) <= 12:  # noqa: PLR2004
        check.add("key 'months'", repr(entry["months"]), "0 to 12")


def check_places(
    check: Checker,
    kind: str,
    columns: Mapping[str, tuple[str, ...]],
    offenses: Mapping[str, tuple[str, ...]],
) -> None:
    """Ask for the columns without which no row can be placed or counted."""
    if kind == "agency" and not ("ori" in columns or {"agency", "state"} <= set(columns)):
        check.add("table [columns]", listing(columns) or "nothing", "ori, or agency and state")
    if kind == "county" and not (
        "county" in columns or {"county_state", "county_number"} <= set(columns)
    ):
        check.add(
            "table [columns]",
            listing(columns) or "nothing",
            "county, or county_state and county_number",
        )
    if not offenses and not {"crimes", "rate"} & set(columns):
        check.add(
            "",
            "no offences",
            "a table [offenses]" + (", or crimes or rate in [columns]" if kind == "county" else ""),
        )
