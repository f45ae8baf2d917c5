"""Offences of a crime table, one below the other, whatever the table's shape."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import pandas as pd

from geo._sheets import listing
from geo.crime._columns import column_key, find_columns, write_years, years_in
from geo.crime._mapping_checks import RAPE
from geo.crime._reading import CrimeTable
from geo.crime.definitions import OFFENCES
from geo.crime.offenses import PROPERTY_TOTAL, VIOLENT_TOTAL
from geo.errors import Problem

REVISED_FROM: Final = 2013
"""First year of the FBI's revised definition of rape (Crime in the United States 2013)."""


@dataclass(frozen=True, kw_only=True)
class OffenceCounts:
    """Counts by row of the file, years and offence."""

    rows: pd.DataFrame
    """``row``, ``years``, ``offense``, ``count``."""
    problems: list[Problem]
    notes: tuple[str, ...]


def offence_counts(crime: CrimeTable, years: pd.Series) -> OffenceCounts:
    """Collect the offences that the layout names."""
    if "offense" in crime.columns:
        names, notes = _offence_names(crime)
        columns = _count_columns(crime)
        found = {column: (names, years_then) for column, years_then in columns.items()}
        problems = [] if columns else [_no_counts(crime)]
    else:
        found = {
            column: (pd.Series(offence, index=years.index, dtype="str"), 0)
            for offence, column in _offence_columns(crime).items()
        }
        problems = [] if found or _has_totals(crime) else [_no_offences(crime)]
        problems += _rape_problems(crime, years)
        notes = ()
    parts, corrected = [], 0
    for column, (names, shift) in found.items():
        counts, wrong, negative = crime.counts(column)
        problems += wrong
        corrected += negative
        part = pd.DataFrame({"years": _shifted(years, shift), "offense": names, "count": counts})
        parts.append(part[names.notna()])
    if not parts:
        return OffenceCounts(rows=_no_rows(), problems=problems, notes=notes)
    if corrected:
        said = f"counts below zero, corrections of earlier ones, set to missing: {corrected:,}"
        notes = (*notes, f"{crime.table.source.file}: {said}")
    rows = pd.concat(parts).rename_axis("row").reset_index()
    rows["offense"] = _rape_by_year(rows["offense"], rows["years"])
    return OffenceCounts(rows=rows, problems=problems, notes=notes)


def _no_rows() -> pd.DataFrame:
    return pd.DataFrame({"row": [], "years": [], "offense": [], "count": []})


def _offence_columns(crime: CrimeTable) -> dict[str, str]:
    names = list(crime.table.rows.columns)
    found = {
        offence: find_columns(names, alternatives)
        for offence, alternatives in crime.mapping.offenses.items()
    }
    return {offence: column for offence, column in found.items() if column is not None}


def has_figures(crime: CrimeTable, counts: OffenceCounts) -> bool:
    """Tell whether a table has offences, totals or rates at all."""
    return len(counts.rows) > 0 or _has_totals(crime)


def _has_totals(crime: CrimeTable) -> bool:
    return bool({"crimes", "rate"} & set(crime.columns))


def _count_columns(crime: CrimeTable) -> dict[str, int]:
    """Find the columns of counts, and the year, or the shift of years, that each means."""
    names = list(crime.table.rows.columns)
    by_year = {find_columns(names, [name]): year for name, year in crime.mapping.years.items()}
    found = {column: year for column, year in by_year.items() if column is not None}
    return found or ({crime.columns["count"]: 0} if "count" in crime.columns else {})


def _offence_names(crime: CrimeTable) -> tuple[pd.Series, tuple[str, ...]]:
    """Tell the offences in a column of them; those of no use are left out and named."""
    text = crime.text("offense")
    known = {
        column_key(name): offence
        for offence, alternatives in crime.mapping.offenses.items()
        for name in alternatives
    }
    words = {word: known.get(column_key(word)) for word in text.unique()}
    others = sorted(word for word, offence in words.items() if offence is None)
    notes = (f"{crime.table.source.file}: offences left out: {listing(others)}",) if others else ()
    return text.map(words).astype("str"), notes


def _shifted(years: pd.Series, shift: int) -> pd.Series:
    """Move years: by so many if the number is not positive, else to that year."""
    if shift > 0:
        return pd.Series(str(shift), index=years.index, dtype="str")
    moved = {
        word: write_years([year + shift for year in years_in(word)])
        for word in years.dropna().unique()
    }
    return years.map(moved).astype("str")


def _rape_by_year(offence: pd.Series, years: pd.Series) -> pd.Series:
    """Name rape by the definition that was in force: legacy, revised, or both."""
    words = {word: _rape_of(years_in(word)) for word in years.dropna().unique() if years_in(word)}
    kinds = pd.Series([words.get(word, RAPE) for word in years], index=years.index, dtype="str")
    return offence.mask(offence == RAPE, kinds).astype("str")


def _rape_problems(crime: CrimeTable, years: pd.Series) -> list[Problem]:
    """Refuse a column of rape that is of the same definition as the one beside it."""
    columns = _offence_columns(crime)
    kinds = {_rape_of(years_in(word)) for word in years.dropna().unique() if years_in(word)}
    return [
        crime.table.problem(
            where=f"columns {columns[RAPE]!r}, {columns[kind]!r}",
            found=f"{OFFENCES[kind].split(' of')[0]} twice",
            expected="one column of each offence",
            action="leave out one of them, or name them in a mapping",
        )
        for kind in sorted(kinds & set(columns))
        if RAPE in columns
    ]


def _rape_of(years: tuple[int, ...]) -> str:
    if max(years) < REVISED_FROM:
        return "rape_legacy"
    return "rape_revised" if min(years) >= REVISED_FROM else "rape_of_the_year"


def _no_offences(crime: CrimeTable) -> Problem:
    mapping = crime.mapping
    totals = {VIOLENT_TOTAL, PROPERTY_TOTAL}
    named = {
        "offences": [
            name for key, each in mapping.offenses.items() if key not in totals for name in each
        ],
        "totals": [
            *mapping.columns.get("crimes", ()),
            *(name for key in sorted(totals) for name in mapping.offenses.get(key, ())),
        ],
        "rates": mapping.columns.get("rate", ()),
    }
    expected = [
        f"{what} in columns such as {listing(names)}" for what, names in named.items() if names
    ]
    return crime.table.problem(
        found=f"the columns {listing(crime.names)}",
        expected="; ".join(expected),
        action="name the column so, or describe the table in a mapping (docs/crime.md)",
    )


def _no_counts(crime: CrimeTable) -> Problem:
    expected = [*crime.mapping.years, *crime.mapping.columns.get("count", ())]
    return crime.table.problem(
        found="no column of counts",
        expected=f"one of {', '.join(expected) or 'the columns that a mapping names'}",
        action="name the column in a mapping (docs/crime.md)",
    )
