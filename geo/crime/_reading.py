"""Opening a crime table: which layout it has, which rows count, which years they tell of."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import pandas as pd

from geo._sheets import label, listing
from geo._table import Table, parse_numbers, plain_name, read_table
from geo.crime._columns import column_key, find_columns, without_note, write_years, years_in
from geo.crime.mapping import TableMapping, known_layouts, read_mapping
from geo.errors import InputError, Problem

Where = Mapping[str, Sequence[str]]

_NAMES_OF_A_HEADER: Final = 3  # so that a title above the header is not taken for it
_NOT_NEGATIVE: Final = "a number that is not negative"


@dataclass(frozen=True, kw_only=True)
class CrimeTable:
    """A table, and which of its columns hold what."""

    table: Table
    mapping: TableMapping
    columns: Mapping[str, str]
    """Column by role, for the roles that the table has."""
    names: tuple[str, ...]
    """Every column of the file."""
    notes: tuple[str, ...]

    def text(self, role: str) -> pd.Series:
        """Give what stands in the column of a role, empty texts where there is none."""
        if role in self.columns:
            return self.table.rows[self.columns[role]]
        return pd.Series("", index=self.table.rows.index, dtype="str")

    def numbers(self, column: str) -> tuple[pd.Series, list[Problem]]:
        """Turn a column into numbers, none of them negative."""
        return parse_numbers(self.table, column)

    def counts(self, column: str) -> tuple[pd.Series, list[Problem], int]:
        """Turn a column into counts of offences, negative ones missing, and count those.

        The FBI corrects a month by taking off what was too much before, so that a year of
        few offences can end below zero.
        """
        numbers, problems = parse_numbers(self.table, column)
        others = [problem for problem in problems if problem.expected != _NOT_NEGATIVE]
        return numbers.mask(numbers < 0), others, int((numbers < 0).sum())

    def without(self, drop: pd.Series, reason: str) -> CrimeTable:
        """Leave rows out, and say how many and why."""
        if not drop.any():
            return self
        note = f"{self.table.source.file}: rows left out, {reason}: {int(drop.sum()):,}"
        table = replace(self.table, rows=self.table.rows[~drop])
        return replace(self, table=table, notes=(*self.notes, note))


def open_crime_table(
    path: str | Path,
    kind: str,
    *,
    layout: str | None,
    mapping: str | Path | None,
    where: Where | None,
) -> CrimeTable:
    """Read the columns of a table that its layout names."""
    path = Path(path)
    layouts = _candidates(path, kind, layout, mapping)
    conditions = where or {}
    chosen: list[TableMapping] = []
    every: list[str] = []

    def _keep(names: Sequence[str]) -> set[str]:
        every.extend(names)
        chosen.append(_recognised(path, names, layouts, asked=layout is not None))
        wanted = {find_columns(names, [name]) for name in chosen[0].names()} - {None}
        if not wanted:
            raise InputError([_unknown(path, names, layouts)])
        filters = {plain_name(name) for name in conditions}
        return {name for name in names if name in wanted or plain_name(name) in filters}

    known = {column_key(name) for one in layouts for name in one.names()}

    def _find_header(rows: list[list[str]]) -> int | None:
        """Take the first row that names enough columns."""
        for number, row in enumerate(rows):
            keys = {column_key(cell) for cell in row}
            if len(known & (keys | set(map(without_note, keys)))) >= _NAMES_OF_A_HEADER:
                return number
        return None

    table = read_table(path, find_header=_find_header, keep=_keep).filtered(conditions)
    found = {
        role: find_columns(list(table.rows.columns), names)
        for role, names in chosen[0].columns.items()
    }
    columns = {role: column for role, column in found.items() if column is not None}
    notes = tuple(f"{table.source.file}: {note}" for note in table.sheet_notes)
    return CrimeTable(
        table=table, mapping=chosen[0], columns=columns, names=tuple(every), notes=notes
    )


def _candidates(
    path: Path, kind: str, layout: str | None, mapping: str | Path | None
) -> list[TableMapping]:
    """List the layouts that a table may have: the user's, or those that are known."""
    known = {name: one for name, one in known_layouts().items() if one.kind == kind}
    if mapping is not None:
        own = read_mapping(mapping)
        if own.kind != kind or layout is not None:
            found = (
                f"a layout {layout!r} beside it" if layout else f"a mapping of kind {own.kind!r}"
            )
            raise InputError(
                [
                    Problem(
                        file=own.name,
                        found=found,
                        expected=f"a mapping of kind {kind!r} alone",
                        action="give one or the other, of the right kind",
                    )
                ]
            )
        return [own]
    if layout is None:
        return list(known.values())
    if layout in known:
        return [known[layout]]
    raise InputError(
        [
            Problem(
                file=label(path),
                found=f"the layout {layout!r}",
                expected=f"one of {', '.join(known)}",
                action="choose one of these, or describe the table in a mapping",
            )
        ]
    )


def _recognised(
    path: Path, names: Sequence[str], layouts: Sequence[TableMapping], *, asked: bool
) -> TableMapping:
    """Find the first layout all of whose marks are there; half of them, if it was asked for."""
    for layout in layouts:
        marks = layout.recognised_by
        lacking = [mark for mark in marks if not find_columns(names, _alternatives(layout, mark))]
        if not lacking or (asked and 2 * len(lacking) <= len(marks)):
            return layout
        if asked:
            raise InputError(
                [
                    Problem(
                        file=label(path),
                        found=f"the columns {listing(names)}",
                        expected=f"those of the layout {layout.name}, of which "
                        f"{', '.join(lacking)} are lacking",
                        action="leave out --layout, or describe the table in a mapping "
                        "(docs/crime.md)",
                    )
                ]
            )
    raise InputError([_unknown(path, names, layouts)])


def _alternatives(layout: TableMapping, mark: str) -> tuple[str, ...]:
    """Give every name of a column that tells the layout, if it is named by what it holds."""
    return layout.columns.get(mark, (mark,))


def _unknown(path: Path, names: Sequence[str], layouts: Sequence[TableMapping]) -> Problem:
    """Say what none of the columns is, by the one layout that was asked for, or the plain one."""
    layout = layouts[-1]
    missing = [*layout.columns.items(), *layout.offenses.items()]
    lacking = ", ".join(f"{role} ({listing(alternatives)})" for role, alternatives in missing)
    others = ", ".join(each.name for each in layouts[:-1])
    return Problem(
        file=label(path),
        found=f"the columns {listing(names)}, none of which is known",
        expected=f"columns of the layout {layout.name}: {lacking}"
        + (f"; or those of {others}" if others else ""),
        action="describe the table in a mapping (docs/crime.md)",
    )


_SAY_YEARS: Final = "say which years the table tells of (--file-years, or years in a mapping)"


def years_of_rows(crime: CrimeTable, years: str | int | None) -> tuple[pd.Series, list[Problem]]:
    """Tell which years each row tells of: a text such as 2017, missing where it is wrong."""
    stated, problems = _stated_years(crime, years)
    if "year" not in crime.columns:
        if stated is None and not problems:
            expected = f"one of {', '.join(crime.mapping.columns.get('year', ('year',)))}"
            problems.append(
                crime.table.problem(
                    found="no column of years", expected=expected, action=_SAY_YEARS
                )
            )
        return pd.Series(stated, index=crime.table.rows.index, dtype="str"), problems
    releases = crime.mapping.releases
    text = crime.text("year")
    told = text.map({word: _years_of_word(word, releases) for word in text.unique()}).astype("str")
    problems += _future_problems(crime, told)
    if stated is not None:
        return told.fillna(stated), problems + _other_years_problems(crime, told, stated)
    expected = "a year such as 2016, a period such as 2014/2016, or a day such as 2016-01-31"
    expected = f"a release among {', '.join(releases)}" if releases else expected
    action = _SAY_YEARS if releases else "correct the year or leave the row out"
    return told, problems + [
        crime.table.problem(
            where=f"row {row}, column {crime.columns['year']!r}",
            found=repr(text[row][:40]),
            expected=expected,
            action=action,
        )
        for row in told.index[told.isna()]
    ]


def _stated_years(crime: CrimeTable, years: str | int | None) -> tuple[str | None, list[Problem]]:
    """Read the years that the user states, or the mapping does."""
    fixed = years if years is not None else crime.mapping.period
    if fixed is None:
        return None, []
    named = years_in(str(fixed))
    in_order = named and [int(year) for year in re.findall(r"\d{4}", str(fixed))]
    if named and in_order == sorted(in_order) and named[-1] <= _this_year():
        return write_years(named), []
    return None, [
        crime.table.problem(
            where="--file-years" if years is not None else f"mapping {crime.mapping.name}",
            found=f"the years {str(fixed)!r}",
            expected='years that are over, such as 2017 or "2014/2016", the first one first',
            action="correct the years",
        )
    ]


def _other_years_problems(crime: CrimeTable, told: pd.Series, stated: str) -> list[Problem]:
    """Refuse to call years by others than those that the table itself tells."""
    others = sorted(set(told.dropna()) - {stated})
    if not others:
        return []
    return [
        crime.table.problem(
            where=f"column {crime.columns['year']!r}",
            found=f"the years {listing(others)}, while {stated} is stated",
            expected="the years of the table",
            action="leave out --file-years (or years in the mapping), or filter the table",
        )
    ]


def _future_problems(crime: CrimeTable, told: pd.Series) -> list[Problem]:
    now = _this_year()
    return [
        crime.table.problem(
            where=f"column {crime.columns['year']!r}",
            found=f"the year {word}, which is still to come",
            expected=f"years to {now}",
            action="correct the year or leave the rows out",
        )
        for word in sorted(set(told.dropna()))
        if years_in(word)[-1] > now
    ]


def _this_year() -> int:
    return dt.datetime.now(dt.UTC).year


def _years_of_word(word: str, releases: Mapping[str, str]) -> str | None:
    plain = word.removesuffix(".0")
    named = years_in(releases.get(plain, "") if releases else plain)
    return write_years(named) if named else None
