"""Published counts of arrests: by field office, by state, by county."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import pandas as pd

from boundaries import HEADQUARTERS, load_field_offices, load_zones, office_codes, state_codes
from geo._table import (
    MISSING,
    Source,
    Table,
    duplicate_problems,
    missing_problems,
    parse_numbers,
    plain_name,
    read_table,
)
from geo.county_values import CountyValues, read_county_values
from geo.errors import InputError, Problem

__all__ = [
    "ArrestCounts",
    "read_arrests_by_aor",
    "read_arrests_by_county",
    "read_arrests_by_state",
]

_COUNT_COLUMNS: Final = ("arrests", "count", "n", "total")
_OFFICE_COLUMNS: Final = (
    "apprehension_aor",
    "aor",
    "area_of_responsibility",
    "field_office",
    "office",
    "office_name",
)
_STATE_COLUMNS: Final = ("apprehension_state", "state", "state_name", "state_fips")
_PEOPLE_COLUMNS: Final = {
    "residents": ("residents", "population", "pop", "total_population"),
    "noncitizens": ("noncitizens", "non_citizens", "noncitizen", "immigrant_noncitizen"),
}


@dataclass(frozen=True, kw_only=True)
class ArrestCounts:
    """Arrests by area, and where they come from.

    Attributes
    ----------
    counts : pandas.Series of int
        Arrests by code of the area, for the areas that have a row.
    unlocated : int
        Arrests that the file gives to headquarters or to no area.
    people : pandas.DataFrame of float
        By code of the area: ``residents`` and ``noncitizens``, as far as the file has
        columns of them; missing where it says nothing.
    source : Source
        The file.
    """

    counts: pd.Series
    unlocated: int
    people: pd.DataFrame
    source: Source


def read_arrests_by_aor(path: str | Path) -> ArrestCounts:
    r"""Read arrests by field office (area of responsibility).

    Parameters
    ----------
    path : str or pathlib.Path
        CSV, Parquet, Excel, Stata or SPSS file with the office (``apprehension_aor``,
        ``aor``, ``field_office``) and ``arrests``; perhaps with residents
        (``total_population``) and non-citizens (``immigrant_noncitizen``).

    Returns
    -------
    ArrestCounts
        Indexed by ``aor``.

    Raises
    ------
    InputError
        With every problem at once.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> path = Path(tempfile.mkdtemp()) / "offices.csv"
    >>> _ = path.write_text("aor,arrests\nSt Paul,12\nHQ Area of Responsibility,3\n")
    >>> read = read_arrests_by_aor(path)
    >>> int(read.counts["SPM"]), read.unlocated
    (12, 3)
    """
    offices = load_field_offices().index
    return _read_counts(path, _OFFICE_COLUMNS, offices, office_codes, "field office")


def read_arrests_by_state(path: str | Path) -> ArrestCounts:
    r"""Read arrests by the state in which they were made.

    Parameters
    ----------
    path : str or pathlib.Path
        CSV, Parquet, Excel, Stata or SPSS file with the state (``apprehension_state``,
        ``state``; name, postal or FIPS code) and ``arrests``; perhaps with residents
        (``total_population``) and non-citizens (``immigrant_noncitizen``).

    Returns
    -------
    ArrestCounts
        Indexed by ``state`` (postal code).

    Raises
    ------
    InputError
        With every problem at once.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> path = Path(tempfile.mkdtemp()) / "states.csv"
    >>> _ = path.write_text("state,arrests,total_population\nTEXAS,12,30188424\n")
    >>> read = read_arrests_by_state(path)
    >>> int(read.counts["TX"]), read.people.loc["TX"].to_dict()
    (12, {'residents': 30188424.0})
    """
    states = pd.Index(sorted(load_zones()["state"].unique()), name="state")
    return _read_counts(path, _STATE_COLUMNS, states, state_codes, "state")


def read_arrests_by_county(path: str | Path) -> CountyValues:
    r"""Read arrests whose county is known.

    Parameters
    ----------
    path : str or pathlib.Path
        CSV, Parquet, Excel, Stata or SPSS file with county codes and ``arrests``.

    Returns
    -------
    CountyValues
        Whole numbers; only counties that have a row.

    Raises
    ------
    InputError
        With every problem at once.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> path = Path(tempfile.mkdtemp()) / "counties.csv"
    >>> _ = path.write_text("county_fips,arrests\n1001,12\n")
    >>> read_arrests_by_county(path).by_county.to_dict()
    {'01001': 12.0}
    """
    return read_county_values(
        path,
        names=_COUNT_COLUMNS,
        what="numbers of arrests",
        kind="count",
        whole=True,
        complete=True,
    )


def _read_counts(
    path: str | Path,
    columns: tuple[str, ...],
    areas: pd.Index,
    to_codes: Callable[[pd.Series], pd.Series],
    what: str,
) -> ArrestCounts:
    table = read_table(path)
    place = table.column(columns, what=f"the {what}")
    value = table.column(_COUNT_COLUMNS, what="numbers of arrests")
    text = table.rows[place]
    codes = to_codes(text).mask(text.str.casefold().isin(MISSING), HEADQUARTERS)
    numbers, problems = parse_numbers(table, value, whole=True)
    people, wrong = _people(table)
    problems += wrong
    outside = ~codes.isin([*areas, HEADQUARTERS])
    problems += [
        table.problem(
            where=f"row {row}",
            found=f"{text[row][:60]!r}",
            expected=f"a {what} of the United States",
            action="correct its name or leave the row out",
        )
        for row in codes.index[outside]
    ]
    problems += missing_problems(table, value)
    located = codes.where(codes != HEADQUARTERS)
    problems += duplicate_problems(
        table, located, what=what, action="add the rows up or leave one out"
    )
    if problems:
        raise InputError(problems)
    counts = numbers.groupby(codes).sum().astype("int64").rename("arrests")
    listed = counts[counts.index.isin(areas)].rename_axis(index=str(areas.name))
    return ArrestCounts(
        counts=listed,
        unlocated=int(counts.get(HEADQUARTERS, 0)),
        people=people.groupby(codes).first().reindex(listed.index),
        source=replace(table.source, column=value),
    )


def _people(table: Table) -> tuple[pd.DataFrame, list[Problem]]:
    """Read how many people the areas have, where the file says so."""
    columns = {plain_name(column): column for column in reversed(table.rows.columns)}
    people = pd.DataFrame(index=table.rows.index)
    problems: list[Problem] = []
    for name, usual in _PEOPLE_COLUMNS.items():
        found = next((columns[each] for each in usual if each in columns), None)
        if found is not None:
            people[name], wrong = parse_numbers(table, found)
            problems += wrong
    return people, problems
