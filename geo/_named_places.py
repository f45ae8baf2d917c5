"""Whether the states and counties that a table names are those of its codes."""

from __future__ import annotations

from functools import cache
from typing import Final

import pandas as pd

from boundaries import load_counties, squash_name, state_codes
from geo._county_names import areas_within, county_of
from geo._table import MISSING, Table
from geo.errors import Problem

_SHOWN: Final = 40
_FEW: Final = 0.01
"""Share of rows up to which wrong names are slips, not a sign that names and codes parted."""

_ACTION: Final = "correct one of the two, or leave the row out"
_STATE_BEHIND: Final = r"^(?P<county>.+?)\s*[,;]\s*(?P<state>[^,;]+)$"


def unknown_states(table: Table, written: pd.Series, *, needed: bool = False) -> list[Problem]:
    """Report words that are no state, and, where one is needed, cells without any."""
    wrong = state_codes(written).isna()
    if not needed:
        wrong &= ~written.str.casefold().isin(MISSING)
    return [
        table.problem(
            where=f"row {row}",
            found=f"state {written[row][:_SHOWN]!r}",
            expected="a state or territory",
            action="correct it or leave the row out" if needed else "correct it or leave it empty",
        )
        for row in written.index[wrong]
    ]


def state_problems(table: Table, codes: pd.Series, written: pd.Series) -> list[Problem]:
    """Report codes of counties of another state than the one named beside them."""
    named, of_code = state_codes(written), state_codes(codes.fillna("").str[:2])
    wrong = named.notna() & of_code.notna() & (named != of_code)
    return [
        table.problem(
            where=f"row {row}",
            found=f"{written[row][:_SHOWN]!r} beside the county code {codes[row]}",
            expected=f"{of_code[row]}, the state of that code",
            action=_ACTION,
        )
        for row in codes.index[wrong]
    ]


def check_county_names(
    table: Table, codes: pd.Series, written: pd.Series
) -> tuple[list[Problem], list[str]]:
    """Compare codes of counties with names beside them: problems, and notes of a few slips.

    A name that is no county's is let pass, whatever it is: only one that another county of
    the state bears, and that of the code never bore, tells that rows and codes have parted.
    A few such names are slips of whoever wrote them, and the code stands.
    """
    parts = written.str.extract(_STATE_BEHIND)
    behind = parts["state"].fillna("")
    names = parts["county"].where(state_codes(behind).notna(), written)
    pairs = zip(codes.fillna(""), names, strict=True)
    others = pd.Series([_other_county(*pair) for pair in pairs], index=codes.index, dtype=object)
    wrong = others.index[others.notna()]
    problems = state_problems(table, codes, behind)
    if wrong.empty:
        return problems, []
    if len(wrong) <= _FEW * len(codes):
        words = "row bears the name" if len(wrong) == 1 else "rows bear the names"
        first = f"row {wrong[0]}: {names[wrong[0]][:_SHOWN]!r} beside {codes[wrong[0]]}"
        said = f"{len(wrong):,} {words} of another county than the code's, which stands ({first})"
        return problems, [said]
    return problems + [
        table.problem(
            where=f"row {row}",
            found=f"{names[row][:_SHOWN]!r} ({others[row]}) beside the county code {codes[row]}",
            expected=f"{_known()[codes[row]][1][0]}, the county of that code",
            action=_ACTION,
        )
        for row in wrong
    ], []


@cache
def _other_county(code: str, name: str) -> str | None:
    """Give the county of the code's state that bears a name which the code's own never did."""
    if code not in _known():
        return None
    state, spellings = _known()[code]
    if squash_name(name) in map(squash_name, spellings):
        return None
    found = county_of(name, state)
    return None if found == areas_within().get(code, code) else found


@cache
def _known() -> dict[str, tuple[str, tuple[str, ...]]]:
    """Give the state of every code, and the names of its county in 2019 and 2023."""
    known: dict[str, tuple[str, tuple[str, ...]]] = {}
    for vintage in (2023, 2019):
        counties = load_counties(vintage=vintage)
        columns = (counties[name] for name in ("state", "legal_name", "name"))
        for fips, state, *names in zip(counties.index, *columns, strict=True):
            _, before = known.get(str(fips), (state, ()))
            known[str(fips)] = (state, (*names, *before))
    return known
