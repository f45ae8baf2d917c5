"""Police agencies and the counties that they serve."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from boundaries import county_codes, squash_name
from geo._county_names import (
    areas_within,
    county_of,
    county_of_town,
    is_planning_region,
    names_a_county,
    only_county,
    split_names,
)
from geo._table import Table, duplicate_problems, parse_numbers, read_table
from geo.county_values import repair_county_codes
from geo.crime._columns import find_columns
from geo.crime.agency_files import agency_kinds
from geo.crime.offenses import Agencies
from geo.crime.ori import agency_states, repair_ori
from geo.errors import InputError, Problem

__all__ = ["read_agencies"]

_COLUMNS: Final = {
    "ori": ("ori9", "ori", "ori7"),
    "agency": ("pub_agency_name", "agency_name", "agency", "name"),
    "state": ("state_abbr", "state_abb", "state", "state_name", "statename"),
    "kind": ("agency_type_name", "agency_type"),
    "county": ("county_name", "counties", "county", "countyname"),
    "fips": ("county_fips", "fips", "fips_state_county_code", "fips_state_county", "geoid"),
    "population": ("population", "u_tpop", "residents"),
    "year": ("data_year", "year"),
}
_SEATS: Final = {
    # Agencies of Connecticut that bear no town's name as the post office writes it, and the
    # town of their seat, which does (their own addresses).
    "CENTRALCONNECTICUTSTATEUNIVERSITY": "New Britain",
    "EASTERNCONNECTICUTSTATEUNIVERSITY": "Willimantic",
    "GROTONLONGPOINT": "Groton",
    "SOUTHERNCONNECTICUTSTATEUNIVERSITY": "New Haven",
    "STATECAPITOLPOLICE": "Hartford",
    "UNIVERSITYOFCONNECTICUT": "Storrs",
    "WESTERNCONNECTICUTSTATEUNIVERSITY": "Danbury",
    "WINCHESTER": "Winsted",
}
_NO_ORI: Final = ("", "-1", "NA", "NULL")


def read_agencies(path: str | Path) -> Agencies:
    r"""Read a list of police agencies with the counties that they serve.

    Counties are told by a code, else by name: several in one cell ("BIBB, TUSCALOOSA"),
    independent cities ("FAIRFAX CITY"), names of earlier and later counties where those
    lie in one of 2019. An agency of Connecticut that is listed by planning region is put
    in the county of its town, if its name tells one or its seat is known (the state's
    universities), or in that which holds the whole region. In a state of only one county (the
    District of Columbia) an agency without a county is in that one.

    Parameters
    ----------
    path : str or pathlib.Path
        CSV, tab-separated text, Parquet, Excel, Stata or SPSS file with ``ori`` and a
        county (``county_name`` or ``county_fips``) and, if it likes, ``agency_name``,
        ``state_abbr``, ``agency_type_name``, ``population`` and ``data_year``.

    Returns
    -------
    Agencies
        One row an agency, of the latest year of those there are; and apart from them
        those whose county is not known.

    Raises
    ------
    InputError
        With every problem at once: no ORI or county column, identifiers that are none,
        unknown county codes, text in a number, an agency twice in a year.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "agencies.csv"
    >>> _ = path.write_text(
    ...     'ori,state_abbr,county_name\n'
    ...     'AL0010200,AL,"JEFFERSON, SHELBY"\nVA0290100,VA,FAIRFAX CITY\n'
    ...     'ALAST0000,AL,NOT SPECIFIED\n'
    ... )
    >>> read = read_agencies(path)
    >>> read.table["counties"].tolist(), read.unplaced["ori"].tolist()
    ([('01073', '01117'), (), ('51600',)], ['ALAST0000'])
    """
    table, columns, notes = _open(path)
    year, problems = _numbers(table, columns, "year", whole=True)
    population, wrong = _numbers(table, columns, "population")
    ori = repair_ori(table.rows[columns["ori"]])
    fips, unknown = _codes(table, columns)
    problems += [*wrong, *unknown, *_ori_problems(table, columns, ori)]
    who = (ori + year.map(lambda value: f" in {value:g}" if value else "")).astype("str")
    problems += duplicate_problems(table, who, what="agency", action="keep one row each")
    if problems:
        raise InputError(problems)
    rows = pd.DataFrame(
        {
            "ori": ori,
            "agency": _text(table, columns, "agency"),
            "state": agency_states(_text(table, columns, "state"), ori),
            "kind": agency_kinds(_text(table, columns, "kind")),
            "county": _text(table, columns, "county"),
            "fips": fips,
            "population": population,
            "year": year.astype(int),
        }
    )
    latest = rows.sort_values("year", kind="stable").drop_duplicates("ori", keep="last")
    rows = latest.sort_index()
    if len(rows) < len(table.rows):
        earlier = len(table.rows) - len(rows)
        notes.append(f"{table.source.file}: rows of earlier years, left out: {earlier:,}")
    placed = [_place(row) for row in rows.itertuples(index=False)]
    notes += _place_notes(table, placed)
    unplaced = [
        (ori, agency, state, name, reason)
        for (ori, agency, state), (_, failures, _) in zip(
            rows[["ori", "agency", "state"]].itertuples(index=False), placed, strict=True
        )
        for name, reason in failures
    ]
    rows["counties"] = [counties for counties, _, _ in placed]
    kept = ["ori", "agency", "state", "kind", "counties", "population", "year"]
    return Agencies(
        table=rows[kept].set_index("ori").sort_index(),
        unplaced=pd.DataFrame(unplaced, columns=["ori", "agency", "state", "county", "reason"]),
        sources=(table.source,),
        notes=tuple(notes),
    )


def _open(path: str | Path) -> tuple[Table, dict[str, str], list[str]]:
    """Read the columns of interest of the rows that have an ORI, and tell which holds what."""
    wanted = [name for names in _COLUMNS.values() for name in names]

    def _keep(names: Iterable[str]) -> set[str]:
        every = list(names)
        kept = {find_columns(every, [name]) for name in wanted} - {None}
        return {name for name in every if name in kept} or set(every)

    table = read_table(path, keep=_keep)
    found = {
        role: find_columns(list(table.rows.columns), names) for role, names in _COLUMNS.items()
    }
    columns = {role: column for role, column in found.items() if column is not None}
    table.column(_COLUMNS["ori"], what="identifiers of agencies", chosen=columns.get("ori"))
    if not {"county", "fips"} & set(columns):
        names = (*_COLUMNS["county"], *_COLUMNS["fips"])
        table.column(names, what="names or codes of counties")
    absent = table.rows[columns["ori"]].isin(_NO_ORI)
    if not absent.any():
        return table, columns, []
    if absent.all():
        raise table.error(
            where=f"column {columns['ori']!r}",
            found="no ORI in any row",
            expected="identifiers such as AL0010100",
            action="check that this is the right file",
        )
    note = f"{table.source.file}: rows without an ORI, left out: {int(absent.sum()):,}"
    return replace(table, rows=table.rows[~absent]), columns, [note]


def _text(table: Table, columns: dict[str, str], role: str) -> pd.Series:
    if role in columns:
        return table.rows[columns[role]]
    return pd.Series("", index=table.rows.index, dtype="str")


def _numbers(
    table: Table, columns: dict[str, str], role: str, *, whole: bool = False
) -> tuple[pd.Series, list[Problem]]:
    if role not in columns:
        return pd.Series(0.0 if whole else np.nan, index=table.rows.index), []
    numbers, problems = parse_numbers(table, columns[role], whole=whole)
    return (numbers.fillna(0.0) if whole else numbers), problems


def _ori_problems(table: Table, columns: dict[str, str], ori: pd.Series) -> list[Problem]:
    text = table.rows[columns["ori"]]
    return [
        table.problem(
            where=f"row {row}, column {columns['ori']!r}",
            found=repr(text[row][:40]),
            expected="an ORI of nine characters (AL0010100), or of seven",
            action="correct it or leave the row out",
        )
        for row in ori.index[ori.isna()]
    ]


def _codes(table: Table, columns: dict[str, str]) -> tuple[pd.Series, list[Problem]]:
    """Read county codes, missing where there is none, and report those that are none."""
    if "fips" not in columns:
        return pd.Series(index=table.rows.index, dtype="str"), []
    text = table.rows[columns["fips"]]
    codes = repair_county_codes(text)
    codes = codes.map(areas_within()).fillna(codes)
    none = (
        ~text.map(names_a_county).astype(bool)
        | (text == "-1")
        | codes.str.endswith(("000", "999")).fillna(value=False).astype(bool)
    )
    known = codes.isin(county_codes(2019))
    later = codes.isin(county_codes(2023)) & ~known  # Connecticut's planning regions
    problems = [
        table.problem(
            where=f"row {row}, column {columns['fips']!r}",
            found=f"county code {text[row][:40]!r}",
            expected="a five-digit code of the Census Bureau's counties",
            action="correct the code, or leave it empty if it is not known",
        )
        for row in codes.index[~none & ~known & ~later]
    ]
    return codes.where(known | later), problems


_Placed = tuple[tuple[str, ...], list[tuple[str, str]], str]


def _place(row: Any) -> _Placed:
    """Find the counties of an agency, what could not be found, and whether a town told it."""
    if isinstance(row.fips, str) and row.fips in county_codes(2019):
        return (row.fips,), [], ""
    if isinstance(row.fips, str) or is_planning_region(row.county):
        town = county_of_town(_SEATS.get(squash_name(row.agency), row.agency), row.state)
        within = county_of(row.county, row.state)
        if town or within:
            return (str(town or within),), [], "town" if town else "within"
        return (), [(row.county or row.fips, _REGION)], ""
    if not names_a_county(row.county):
        only = only_county(row.state)
        return ((only,), [], "only") if only else ((), [(row.county, _NO_COUNTY)], "")
    found = {name: county_of(name, row.state) for name in split_names(row.county)}
    reason = f"no county of this name in {row.state}" if row.state else "no state"
    failures = [(name, reason) for name, fips in found.items() if fips is None]
    return tuple(dict.fromkeys(fips for fips in found.values() if fips)), failures, ""


_NO_COUNTY: Final = "no county given"
_REGION: Final = "planning region over several counties, and the name tells no town"


def _place_notes(table: Table, placed: list[_Placed]) -> list[str]:
    ways = [way for _, _, way in placed]
    several = sum(len(counties) > 1 for counties, _, _ in placed)
    nowhere = sum(not counties for counties, _, _ in placed)
    said = (
        (several, "agencies of several counties"),
        (ways.count("town"), "agencies listed by planning region, placed by their town"),
        (ways.count("within"), "agencies of a planning region that lies in one county"),
        (ways.count("only"), "agencies without a county, in a state of only one"),
        (nowhere, "agencies of no county that is known"),
    )
    return [f"{table.source.file}: {what}: {number:,}" for number, what in said if number]
