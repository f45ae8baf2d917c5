"""Votes in tables of two shapes: a row a county, or a row a candidate."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

import pandas as pd

from boundaries import state_codes
from geo._named_places import unknown_states
from geo._sheets import listing
from geo._table import Table, parse_numbers, plain_name
from geo.errors import InputError, Problem

VOTES: Final = ("republican", "democratic", "total")

_WIDE: Final = {
    "republican": ["votes_gop", "votes_republican", "republican"],
    "democratic": ["votes_dem", "votes_democratic", "democratic", "democrat"],
    "total": ["total_votes", "votes_total", "totalvotes"],
}

_CODES: Final = ["county_fips", "combined_fips", "fips", "fips_code", "geoid"]

_STATES: Final = ["state_name", "state_abbr", "state_po", "state"]

_NAMES: Final = ["county_name", "county", "name"]

LONG: Final = ("party", "candidatevotes")

_PARTIES: Final = {"republican": "republican", "democrat": "democratic", "democratic": "democratic"}

_ALL_MODES: Final = frozenset({"total", "total votes"})


def from_counties(table: Table) -> tuple[pd.DataFrame, list[Problem]]:
    """Read a table of a row a county; only what cannot be read at all is raised."""
    rows, lacking, problems = _places(table)
    for name, columns in _WIDE.items():
        try:
            column = table.column(columns, what=f"{name} votes")
        except InputError as error:
            lacking += error.problems
            continue
        rows[name], wrong = parse_numbers(table, column, whole=True)
        problems += wrong
    if lacking:
        raise InputError([*lacking, *problems])
    return rows, [*problems, *_blank_problems(table, rows, problems), *_sum_problems(table, rows)]


def from_candidates(table: Table) -> tuple[pd.DataFrame, list[Problem]]:
    """Read a table of a row a candidate (and, in some states, a way of voting)."""
    rows, lacking, problems = _places(table)
    rows["party"] = table.rows[table.column(["party"], what="parties")].str.casefold().map(_PARTIES)
    for name, column in (("votes", "candidatevotes"), ("total", "totalvotes")):
        try:
            rows[name], wrong = parse_numbers(
                table, table.column([column], what="votes"), whole=True
            )
            problems += wrong
        except InputError as error:
            lacking += error.problems
    if lacking:
        raise InputError([*lacking, *problems])
    known = {plain_name(column): table.rows[column] for column in table.rows.columns}
    mode = known.get("mode")
    rows["whole"] = mode is None or mode.str.casefold().isin(_ALL_MODES)
    key = ["state", "code", "name"]
    # Where a place has rows of all ways of voting together, the others are its parts.
    total_stated = rows.groupby(key, dropna=False)["whole"].transform("any")
    rows = rows[rows["whole"] | ~total_stated]
    by_place = rows.groupby(key, dropna=False, sort=False)
    places = by_place["total"].max().to_frame()
    for party in ("republican", "democratic"):
        votes = rows["votes"].where(rows["party"] == party)
        places[party] = votes.groupby([rows[each] for each in key], dropna=False).sum(min_count=1)
    places["row"] = by_place["whole"].apply(lambda each: each.index[0])
    places = places.reset_index().set_index("row").rename_axis(None)
    return places, [
        *problems,
        *_blank_problems(table, places, problems),
        *_sum_problems(table, places),
    ]


def _places(table: Table) -> tuple[pd.DataFrame, list[Problem], list[Problem]]:
    """Take the states, codes and names of the places; tell what columns lack, and what is wrong."""
    lacking: list[Problem] = []
    columns: dict[str, pd.Series] = {}
    for key, names, what in (
        ("state", _STATES, "states"),
        ("code", _CODES, "codes of counties"),
        ("name", _NAMES, "names of counties"),
    ):
        try:
            columns[key] = table.rows[table.column(names, what=what)]
        except InputError as error:
            lacking += error.problems
    if lacking:
        return pd.DataFrame(columns), lacking, []
    written, columns["state"] = columns["state"], state_codes(columns["state"])
    return pd.DataFrame(columns), [], unknown_states(table, written, needed=True)


def _blank_problems(table: Table, rows: pd.DataFrame, known: Sequence[Problem]) -> list[Problem]:
    """Report places with some numbers of votes and not the others, unless they were no numbers."""
    missing = rows[list(VOTES)].isna()
    partly = missing.any(axis="columns") & ~missing.all(axis="columns")
    told = " ".join(problem.where for problem in known)
    return [
        table.problem(
            where=f"row {row}",
            found=f"votes without a number of {listing(missing.columns[missing.loc[row]])}",
            expected="republican, democratic and all votes, or none of them",
            action="add the number (0 if there were none), or leave the row out",
        )
        for row in rows.index[partly]
        if not re.search(rf"\brow {row}\b", told)
    ]


def _sum_problems(table: Table, rows: pd.DataFrame) -> list[Problem]:
    both = rows["republican"].fillna(0) + rows["democratic"].fillna(0)
    return [
        table.problem(
            where=f"row {row}",
            found=f"{both[row]:,.0f} votes for two parties of {rows['total'][row]:,.0f} in all",
            expected="at least as many in all",
            action="correct the numbers",
        )
        for row in rows.index[both > rows["total"]]
    ]
