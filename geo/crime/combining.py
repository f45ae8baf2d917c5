"""Figures of several files in one table."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain
from typing import TypeVar

import pandas as pd

from geo._sheets import listing
from geo.crime.definitions import same_definition
from geo.crime.offenses import AgencyOffenses, CountyCrimes
from geo.errors import InputError, Problem

T = TypeVar("T")

__all__ = ["combine_offenses", "combine_years"]


def combine_offenses(parts: Sequence[AgencyOffenses]) -> AgencyOffenses:
    """Put agencies' offences of several files into one table.

    Parameters
    ----------
    parts : sequence of AgencyOffenses
        At least one; each agency and year in one of them only.

    Returns
    -------
    AgencyOffenses
        All rows, in the order of the files. Where their violent totals are not of one
        definition, the totals have none, and only their parts can be added up.

    Raises
    ------
    InputError
        If an agency stands in two files for the same year and offence, or one file is of
        incident-based figures and another is not.

    Examples
    --------
    >>> row = {"ori": "AL0010100", "agency": "", "state": "AL", "kind": "", "year": 2014,
    ...        "offense": "murder", "count": 3.0, "months": 12.0, "population": 1e5,
    ...        "agencies": 1}
    >>> one = AgencyOffenses(table=pd.DataFrame([row]), definition=None, sources=(), notes=())
    >>> other = AgencyOffenses(
    ...     table=one.table.assign(year=2016), definition=None, sources=(), notes=())
    >>> combine_offenses([one, other]).table["year"].tolist()
    [2014, 2016]
    """
    labels = [_files(part) for part in parts]
    definitions = {part.definition for part in parts}
    tables = [part.table.assign(part=label) for part, label in zip(parts, labels, strict=True)]
    table = pd.concat(tables, ignore_index=True)
    named = table["agency"] + ", " + table["state"] + " " + table["kind"]
    who = table["ori"].where(table["ori"] != "", named).str.strip(", ")
    twice = table.assign(who=who, year=table["year"])
    twice = twice[twice.duplicated(["who", "year", "offense"], keep=False)]
    if len(twice):
        raise InputError(
            _repeats(twice.drop_duplicates(["who", "year", "part"]), "who", "agencies")
        )
    return AgencyOffenses(
        table=table.drop(columns="part"),
        definition=definitions.pop() if len(definitions) == 1 else None,
        system=_one_system(parts),
        covered_by=pd.concat([part.covered_by for part in parts], ignore_index=True),
        sources=_each_once(part.sources for part in parts),
        notes=_each_once(part.notes for part in parts),
    )


def _one_system(parts: Sequence[AgencyOffenses]) -> str:
    """Refuse incident-based figures beside others."""
    systems = {part.system: part for part in parts if part.system}
    if len(systems) > 1 and "nibrs" in systems:
        found = " and ".join(f"{system} ({_files(part)})" for system, part in systems.items())
        problem = Problem(
            file=", ".join(map(_files, systems.values())),
            found=f"figures of {found}",
            expected="figures of one system: incident-based reports count other crimes",
            action="keep them apart",
        )
        raise InputError([problem])
    return next(iter(systems)) if len(systems) == 1 else ""


def combine_years(parts: Sequence[CountyCrimes]) -> CountyCrimes:
    """Put figures of several files into one table.

    Parameters
    ----------
    parts : sequence of CountyCrimes
        At least one; each county and year in one of them only.

    Returns
    -------
    CountyCrimes
        All rows, by county and year.

    Raises
    ------
    InputError
        If the definitions differ, or counties stand in two files for the same year.

    Examples
    --------
    >>> from dataclasses import replace
    >>> row = {"county_fips": "01001", "year": 2014, "years": "2014", "crimes": 3.0,
    ...        "residents": 100.0, "covered_share": 1.0, "flags": ""}
    >>> one = CountyCrimes(table=pd.DataFrame([row]), definition="homicide",
    ...                    vintage_carried=None, sources=(), notes=())
    >>> other = replace(one, table=one.table.assign(year=2016, years="2016"))
    >>> combine_years([one, other]).table["year"].tolist()
    [2014, 2016]
    """
    labels = [_files(part) for part in parts]
    definition = same_definition([part.definition for part in parts], labels=labels)
    tables = [part.table.assign(part=label) for part, label in zip(parts, labels, strict=True)]
    table = pd.concat(tables, ignore_index=True)
    twice = table[table.duplicated(["county_fips", "year"], keep=False)]
    if len(twice):
        raise InputError(_repeats(twice, "county_fips", "counties"))
    carried = [part.vintage_carried for part in parts if part.vintage_carried is not None]
    return CountyCrimes(
        table=table.drop(columns="part")
        .sort_values(["county_fips", "year"], kind="stable")
        .reset_index(drop=True),
        definition=str(definition),
        vintage_carried=pd.concat(carried, ignore_index=True) if carried else None,
        sources=_each_once(part.sources for part in parts),
        notes=_each_once(part.notes for part in parts),
    )


def _repeats(twice: pd.DataFrame, key: str, what: str) -> list[Problem]:
    """Report years that stand in two files, once for each pair of files and year."""
    found: dict[tuple[str, str], list[str]] = {}
    for unit, of_unit in twice.groupby(key):
        for year, rows in of_unit.groupby("year"):
            files = ", ".join(sorted(set(rows["part"])))
            found.setdefault((files, str(year)), []).append(str(unit))
    return [
        Problem(
            file=files,
            where=f"year {year}",
            found=f"figures of the same {what} twice: {listing(units)}",
            expected="each once a year",
            action="leave one of the files out, or filter them to different years",
        )
        for (files, year), units in found.items()
    ]


def _files(part: AgencyOffenses | CountyCrimes) -> str:
    return ", ".join(dict.fromkeys(source.file for source in part.sources)) or "a table"


def _each_once(groups: Iterable[tuple[T, ...]]) -> tuple[T, ...]:
    return tuple(dict.fromkeys(chain.from_iterable(groups)))
