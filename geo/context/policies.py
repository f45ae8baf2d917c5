"""Policies of states and counties, from the user's own table."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from boundaries import load_counties, state_codes
from geo._table import MISSING, Source, Table, parse_numbers, plain_name, read_table
from geo.context._codes import known_codes
from geo.context._days import read_days
from geo.county_values import repair_county_codes
from geo.errors import InputError, Problem

__all__ = ["Policies", "read_policies"]

_PLACES: Final = ("state", "county_fips")
_NO_POLICY: Final = frozenset({*_PLACES, "from", "to", "source", "note", "county", "name"})
"""Columns that say something of the row: every other is a policy."""

_YES: Final = {"yes": "1", "true": "1", "no": "0", "false": "0"}
_NAME: Final = re.compile(r"[a-z][a-z0-9_]*")
_EVER: Final = (dt.date(1900, 1, 1), dt.date(2100, 12, 31))


@dataclass(frozen=True, kw_only=True)
class Policies:
    """What states or counties had in force, from when to when.

    Attributes
    ----------
    table : pandas.DataFrame
        One row a row of the file: the place, ``first`` and ``last`` (days in force, both
        included), a column of numbers for each policy, NaN where not told, and ``source``.
    by : {"state", "county_fips"}
        What the places are: postal codes, or counties of 2019.
    names : tuple of str
        The policies.
    source : Source
        The file.
    notes : tuple of str
        What the reader should know.
    """

    table: pd.DataFrame
    by: str
    names: tuple[str, ...]
    source: Source
    notes: tuple[str, ...]

    def during(self, first: dt.date, last: dt.date) -> pd.DataFrame:
        """Average each policy over the days of a period.

        Parameters
        ----------
        first, last : datetime.date
            Days, both included.

        Returns
        -------
        pandas.DataFrame of float
            By place, a column a policy: its mean over the days, each counting the same; NaN
            where rows do not tell of every day.

        Raises
        ------
        ValueError
            If the last day is before the first.
        """
        if last < first:
            message = f"found days from {first} to {last}; expected the first before the last"
            raise ValueError(message)
        start, end = pd.Timestamp(first), pd.Timestamp(last)
        days = (end - start).days + 1
        begun = self.table["first"].where(self.table["first"] > start, start)
        ended = self.table["last"].where(self.table["last"] < end, end)
        held = ((ended - begun).dt.days + 1).clip(lower=0)
        place = self.table[self.by]
        values = self.table[list(self.names)]
        told = values.notna().mul(held, axis=0).groupby(place).sum()
        mean = values.mul(held, axis=0).groupby(place).sum() / days
        return mean.where(told == days)


def read_policies(path: str | Path) -> Policies:
    r"""Read a table of policies that the user has put together.

    Parameters
    ----------
    path : str or pathlib.Path
        CSV, Parquet, Excel, Stata or SPSS file with one row a place and span of days:
        ``state`` (name, postal or FIPS code) or ``county_fips``; ``from`` and ``to``, the
        first and last day in force, blank where it was so before and is so since;
        ``source``, where it can be looked up. ``note``, ``name`` and ``county`` may stand
        beside. Every other column is a policy: numbers from 0, or yes and no, which become 1 and
        0; blank is not told, which is not no.

    Returns
    -------
    Policies
        As the file says; nothing is added.

    Raises
    ------
    InputError
        With every problem at once: no or two columns of places, no policy, unknown places,
        texts that are no number or day, spans that end before they begin or overlap, rows
        without a source.

    Notes
    -----
    None is shipped: what counts as a custody or anti-detainer policy is a judgement, which
    its source must answer for.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "policies.csv"
    >>> _ = path.write_text(
    ...     "state,from,to,limits_detainers,source\n"
    ...     "California,2018-01-01,,yes,SB 54\n"
    ...     "Texas,,2025-06-30,no,SB 4\n"
    ...     "Texas,2025-07-01,,yes,made up\n")
    >>> policies = read_policies(path)
    >>> policies.during(dt.date(2025, 6, 21), dt.date(2025, 7, 10))
           limits_detainers
    state
    CA                  1.0
    TX                  0.5
    """
    table = read_table(path)
    columns = {plain_name(column): column for column in reversed(table.rows.columns)}
    by, names = _schema(table, columns)
    text = table.rows[columns[by]]
    places = state_codes(text) if by == "state" else _counties(text)
    first, problems = _day(table, columns.get("from"), _EVER[0])
    last, more = _day(table, columns.get("to"), _EVER[1])
    problems += [*_unknown(table, text, places, by), *more]
    read = pd.DataFrame({by: places, "first": first, "last": last})
    problems += [*_turned(table, read), *_overlapping(table, read, by)]
    for name in names:
        read[name], wrong = _values(table, columns[name])
        problems += wrong
    source = table.rows[columns["source"]]
    problems += [
        table.problem(
            where=f"row {row}",
            found="no source",
            expected="where the policy can be looked up: a law, a report, an address",
            action="add it",
        )
        for row in source.index[source.str.casefold().isin(MISSING)]
    ]
    if problems:
        raise InputError(problems)
    read["source"] = source
    return Policies(
        table=read, by=by, names=names, source=table.source, notes=tuple(table.sheet_notes)
    )


def _schema(table: Table, columns: dict[str, str]) -> tuple[str, tuple[str, ...]]:
    """Tell what the places are and which columns are policies."""
    problems: list[Problem] = []
    given = [name for name in _PLACES if name in columns]
    if "county_fips" in given:
        given = ["county_fips"]  # the state beside a county is a help to its reader
    names = tuple(name for name in map(plain_name, table.rows.columns) if name not in _NO_POLICY)
    seen = f"the columns {', '.join(table.rows.columns[:12])}"
    if not given:
        problems.append(
            table.problem(
                found=seen,
                expected="a column state, or county_fips",
                action="name the column of places so",
            )
        )
    if "source" not in columns:
        problems.append(
            table.problem(
                found=seen,
                expected="a column source, where each row can be looked up",
                action="add the column",
            )
        )
    if not names:
        problems.append(
            table.problem(
                found=seen,
                expected=f"a policy beside {', '.join(sorted(_NO_POLICY))}",
                action="add a column of numbers, or of yes and no, named after the policy",
            )
        )
    odd = [name for name in names if not _NAME.fullmatch(name)]
    if odd:
        problems.append(
            table.problem(
                where=f"column {odd[0][:60]!r}",
                found="a name of a policy with other signs",
                expected="letters, digits and _, a letter first, such as limits_detainers",
                action="rename the column",
            )
        )
    if problems:
        raise InputError(problems)
    return given[0], names


def _counties(text: pd.Series) -> pd.Series:
    codes = repair_county_codes(text)
    return codes.where(codes.isin(known_codes() & set(load_counties().index)))


def _unknown(table: Table, text: pd.Series, places: pd.Series, by: str) -> Iterator[Problem]:
    expected = "a state or territory" if by == "state" else "a five-digit code of a county of 2019"
    for row in text.index[places.isna()]:
        yield table.problem(
            where=f"row {row}",
            found=repr(text[row][:60]),
            expected=expected,
            action="correct it or leave the row out",
        )


def _day(table: Table, column: str | None, blank: dt.date) -> tuple[pd.Series, list[Problem]]:
    """Read the days of a column; they must be days, since a month is no day."""
    index = table.rows.index
    if column is None:
        return pd.Series(pd.Timestamp(blank), index=index), []
    text = table.rows[column]
    # Slashes are ambiguous between countries: only the order of ISO 8601 is taken.
    iso = text.str.fullmatch(r"\d{4}-\d{1,2}-\d{1,2}(?:[ T].*)?")
    days = read_days(text, "month first")
    missing = text.str.casefold().isin(MISSING)
    wrong = ~missing & (~iso | days.earliest.isna())
    problems = [
        table.problem(
            where=f"row {row}, column {column!r}",
            found=repr(text[row][:60]),
            expected="a day such as 2025-01-20, or nothing",
            action="correct it",
        )
        for row in index[wrong]
    ]
    return days.earliest.where(~missing, np.datetime64(blank, "s")), problems


def _turned(table: Table, read: pd.DataFrame) -> Iterator[Problem]:
    first, last = (read[name].dt.strftime("%Y-%m-%d") for name in ("first", "last"))
    for row in read.index[read["last"] < read["first"]]:
        yield table.problem(
            where=f"row {row}",
            found=f"{first[row]} to {last[row]}",
            expected="the first day before the last",
            action="correct the days",
        )


def _overlapping(table: Table, read: pd.DataFrame, by: str) -> Iterator[Problem]:
    ordered = read.dropna().sort_values([by, "first", "last"], kind="stable")
    for place, rows in ordered.groupby(by):
        reach = rows["last"].cummax().shift()
        for row in rows.index[rows["first"] <= reach]:
            yield table.problem(
                where=f"row {row}",
                found=f"days of {place} that an earlier row has too",
                expected="every day of a place once",
                action="end the earlier span the day before, or join the rows",
            )


def _values(table: Table, column: str) -> tuple[pd.Series, list[Problem]]:
    """Read numbers, or yes and no."""
    words = table.rows[column].str.strip()
    plain = words.str.casefold().replace(_YES)
    as_numbers = Table(
        rows=table.rows.assign(**{column: plain.where(plain.isin(["0", "1"]), words)}),
        source=table.source,
        commas=table.commas,
    )
    return parse_numbers(as_numbers, column)
