"""Which rows of a table stand for areas of another year, and what counties they become."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from boundaries import CANONICAL_VINTAGE, ShareBasis, county_codes, load_county_shares
from geo.errors import InputError, Problem

COUNTY: Final = "county_fips"
_BASES: Final = {"population": "residents", "area": "area"}


@dataclass(frozen=True, kw_only=True)
class Plan:
    """How the rows of a table become counties of 2019.

    Attributes
    ----------
    kept : pandas.Series of bool
        Rows that stay as they are, by position.
    parts : pandas.DataFrame
        One row for every part of a county: ``group`` (rows alike but for the county),
        ``fips``, ``county_fips``, ``share``, ``row`` (its position in the table, -1 where
        the table has none), and the change's ``event``, ``year``, ``kind``, ``census``
        and ``residents``.
    keys : pandas.DataFrame
        What tells the groups apart, by group; without columns where the county does all.
    names : tuple of str
        Levels of the table's index.
    """

    kept: pd.Series
    parts: pd.DataFrame
    keys: pd.DataFrame
    names: tuple[str, ...]


def plan(table: pd.DataFrame, *, basis: ShareBasis, file: str) -> Plan:
    """Find the rows to carry, and refuse what cannot be."""
    rows = _rows(table)
    problems = _row_problems(rows, table, file)
    if problems:
        raise InputError(problems)
    shares = load_county_shares(basis=basis)
    kept = pd.Series(data=True, index=rows.index)
    parts = [_no_parts(shares)]
    rows = rows[rows["fips"].isin({*shares["fips"], *shares[COUNTY]})]
    for _, event in shares.groupby("event", sort=False):
        retired = set(event["fips"]) - county_codes(CANONICAL_VINTAGE)
        mine = rows[rows["fips"].isin({*event["fips"], *event[COUNTY]})]
        gone = mine["fips"].isin(retired)
        if gone.any():
            active, contradictions = _groups_before_or_after(mine, event, retired, file)
            problems += contradictions
            kept[mine.index[gone | mine["group"].isin(active)]] = False
            parts.append(_parts_of(mine, event, active))
    found = pd.concat(parts, ignore_index=True)
    problems += _area_problems(found, basis, file)
    if problems:
        raise InputError(problems)
    first = rows.drop_duplicates("group")
    keys = table.index.to_frame(index=False).drop(columns=COUNTY).loc[first.index]
    keys = keys.set_index(pd.Index(first["group"]))
    return Plan(kept=kept, parts=found, keys=keys, names=tuple(map(str, table.index.names)))


def words_of(carried: pd.DataFrame, *, what: str, basis: ShareBasis) -> tuple[str, ...]:
    """Say what was carried, change by change."""
    notes = []
    for _, event in carried.groupby("event", sort=False):
        codes = ", ".join(sorted(event["fips"].unique()))
        by = f" by {_BASES[basis]}"
        if basis == "population":
            by += f" at the census of {event['census'].iloc[0]}"
        renamed = (event["kind"] == "renamed").all()
        notes.append(
            f"{what} of {codes} carried to the counties of {CANONICAL_VINTAGE} "
            f"({', '.join(sorted(event[COUNTY].unique()))}){'' if renamed else by}."
        )
    return tuple(notes)


def _rows(table: pd.DataFrame) -> pd.DataFrame:
    """Tell the code and the group of every row, and whether it has a value."""
    names = list(table.index.names)
    if COUNTY not in names:
        message = f"the table's index has no level named {COUNTY!r}"
        raise ValueError(message)
    fips = table.index.get_level_values(COUNTY)
    others = table.index.to_frame(index=False).drop(columns=COUNTY)
    group = (
        others.groupby(list(others), sort=False, dropna=False).ngroup()
        if len(others.columns)
        else pd.Series(0, index=range(len(table)))
    )
    filled = table.notna().any(axis="columns").to_numpy()
    return pd.DataFrame({"fips": fips, "group": group.to_numpy(), "filled": filled})


def _row_problems(rows: pd.DataFrame, table: pd.DataFrame, file: str) -> list[Problem]:
    known = county_codes(CANONICAL_VINTAGE) | set(load_county_shares()["fips"])
    problems = [
        Problem(
            file=file,
            where=f"county {code!s:.40}",
            found="a code of no county",
            expected="five-digit codes that the Census Bureau has used for counties since 2000",
            action="correct the code or leave the row out",
        )
        for code in rows["fips"].unique()
        if code not in known
    ]
    twice = table.index[table.index.duplicated()].unique()
    problems += [
        Problem(
            file=file,
            where=f"county {_words(key)}",
            found="more than one row",
            expected="one row each",
            action="add the rows up or leave the others out",
        )
        for key in twice
    ]
    return problems


def _words(key: Hashable) -> str:
    return ", ".join(map(str, key)) if isinstance(key, tuple) else str(key)


def _groups_before_or_after(
    rows: pd.DataFrame, event: pd.DataFrame, retired: set[str], file: str
) -> tuple[list[int], list[Problem]]:
    """Tell which groups stand on the other side of a change; none may stand on both.

    A row without a value does not tell: files list areas that were no more.
    """
    counties = set(event[COUNTY])
    filled = rows[rows["filled"]]
    old = filled[filled["fips"].isin(retired)]
    new = filled[filled["fips"].isin(counties - set(event["fips"]))]
    before, both = set(old["group"]), set(old["group"]) & set(new["group"])
    problems = []
    if both:
        gone, come = (
            sorted(set(side.loc[side["group"].isin(both), "fips"])) for side in (old, new)
        )
        problems.append(_mixture(gone, come, event, file))
    empty = set(rows.loc[rows["fips"].isin(retired), "group"])
    empty -= set(filled.loc[filled["fips"].isin(counties), "group"])
    return sorted(before | empty), problems


def _mixture(old: list[str], new: list[str], event: pd.DataFrame, file: str) -> Problem:
    year = event["year"].iloc[0]
    later, earlier = (old, new) if year >= CANONICAL_VINTAGE else (new, old)
    advice = "keep the rows of one vintage"
    if event["kind"].iloc[0] == "replaced":
        advice += (
            "; Connecticut (09...) published counties until 2021 and planning regions from 2022"
        )
    return Problem(
        file=file,
        found=f"county codes of two vintages: {', '.join(earlier)} existed only until {year}, "
        f"{', '.join(later)} only since",
        expected="one vintage",
        action=advice,
    )


def _parts_of(rows: pd.DataFrame, event: pd.DataFrame, groups: list[int]) -> pd.DataFrame:
    """List the parts of every county of which the table holds at least one."""
    place = pd.Series(rows.index, index=pd.MultiIndex.from_frame(rows[["group", "fips"]]))
    parts = pd.DataFrame({"group": np.array(groups, dtype="int64")}).merge(event, how="cross")
    keys = pd.MultiIndex.from_frame(parts[["group", "fips"]])
    parts["row"] = place.reindex(keys).fillna(-1).astype("int64").to_numpy()
    held = parts.groupby(["group", COUNTY])["row"].transform("max") >= 0
    return parts[held]


def _no_parts(shares: pd.DataFrame) -> pd.DataFrame:
    return shares.iloc[:0].assign(group=pd.Series(dtype="int64"), row=pd.Series(dtype="int64"))


def _area_problems(parts: pd.DataFrame, basis: ShareBasis, file: str) -> list[Problem]:
    unknown = sorted(parts.loc[parts["share"].isna(), "fips"].unique())
    if not unknown:
        return []
    return [
        Problem(
            file=file,
            found=f"counts of {', '.join(unknown)}, whose parts have no known {_BASES[basis]}",
            expected="areas whose polygons are packaged",
            action="split them by population, or leave the rows out",
        )
    ]
