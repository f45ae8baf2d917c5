"""Votes for president by county."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pandas as pd

from boundaries import load_counties, state_codes
from geo._sheets import listing
from geo._table import (
    MISSING,
    Source,
    Table,
    duplicate_problems,
    parse_numbers,
    plain_name,
    read_table,
)
from geo.context._codes import known_codes
from geo.county_values import repair_county_codes
from geo.errors import InputError, Problem
from geo.vintages import carry_counts

__all__ = ["PresidentialVotes", "read_votes"]

_VOTES: Final = ("republican", "democratic", "total")
_WIDE: Final = {
    "republican": ["votes_gop", "votes_republican", "republican"],
    "democratic": ["votes_dem", "votes_democratic", "democratic", "democrat"],
    "total": ["total_votes", "votes_total", "totalvotes"],
}
_CODES: Final = ["county_fips", "combined_fips", "fips", "fips_code", "geoid"]
_STATES: Final = ["state_name", "state_abbr", "state_po", "state"]
_NAMES: Final = ["county_name", "county", "name"]
_LONG: Final = ("party", "candidatevotes")
_PARTIES: Final = {"republican": "republican", "democrat": "democratic", "democratic": "democratic"}
_ALL_MODES: Final = frozenset({"total", "total votes"})
_DISTRICT = re.compile(r"(?i)\b(?:district|ward) \d")
_KANSAS_CITY: Final = ("kansas city", "kansas city city")
_JACKSON: Final = "29095"
_ELECTION = re.compile(r"(?<!\d)((?:19|20)\d\d)(?!\d)")
_TERM: Final = 4


@dataclass(frozen=True, kw_only=True)
class PresidentialVotes:
    """Votes for president.

    Attributes
    ----------
    table : pandas.DataFrame of float
        Votes by ``county_fips`` (vintage 2019): ``republican``, ``democratic`` and
        ``total``. Alaska counts by districts of its House, which are no counties: where
        the file has those, Alaska is in `by_state` alone.
    by_state : pandas.DataFrame of float
        The same by postal code, all rows of the state added up, and ``units``: the areas
        that the file has votes of (``"counties"``, ``"districts or wards"``,
        ``"planning regions"``).
    unplaced : pandas.DataFrame
        Rows that belong to no county, such as votes from abroad: ``row``, ``state``,
        ``code``, ``name`` and votes. They are part of `by_state`.
    year : int or None
        Year of the election; None where nobody says.
    source : Source
        The file.
    notes : tuple of str
        What was added up, carried over or left out.
    """

    table: pd.DataFrame
    by_state: pd.DataFrame
    unplaced: pd.DataFrame
    year: int | None
    source: Source
    notes: tuple[str, ...]


def read_votes(path: str | Path, *, year: int | None = None) -> PresidentialVotes:
    r"""Read votes for president by county.

    Parameters
    ----------
    path : str or pathlib.Path
        A table of one row a county with ``votes_gop``, ``votes_dem`` and ``total_votes``
        (or ``republican``, ``democratic``, ``total``), or one of a row a candidate as the
        MIT Election Data and Science Lab publishes it (``year``, ``party``,
        ``candidatevotes``, ``totalvotes``, ``mode``); with the states and the codes of
        the counties.
    year : int, optional
        The election; needed where a file holds several, and never another than the table
        or the file's name tells. Default: the year in the table, or in the file's name.

    Returns
    -------
    PresidentialVotes
        Votes by county and state.

    Raises
    ------
    InputError
        With every problem at once: more votes for two parties than in all, codes of
        another state than the one named, and counties in several rows are some.

    Notes
    -----
    Codes of districts and wards look like those of counties (``02020`` is Anchorage and
    the 20th district, ``11001`` the District of Columbia and its first ward): a state
    with a row that is named after one is read as districts throughout, and so is Alaska
    if it has a code that is no county's. Where the state has one county they are added up
    for it. Connecticut's planning regions are carried to its counties as if votes were
    spread like residents. Missouri's Kansas City, whose part of Jackson County counts
    apart from the rest, is added to it.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "president_2024.csv"
    >>> _ = path.write_text(
    ...     "state_name,county_fips,county_name,votes_gop,votes_dem,total_votes\n"
    ...     "Alaska,02001,District 1,4861,3367,8300\n"
    ...     "Alabama,1001,Autauga County,20484,7439,28190\n"
    ...     "District of Columbia,11001,Ward 1,2056,36882,40463\n"
    ...     "District of Columbia,11002,Ward 2,2982,33571,37959\n")
    >>> votes = read_votes(path)
    >>> votes.table["total"].to_dict(), votes.year
    ({'01001': 28190.0, '11001': 78422.0}, 2024)
    >>> votes.by_state.loc["AK", "units"]
    'districts or wards'
    """
    table = read_table(path)
    columns = {plain_name(column) for column in table.rows.columns}
    if "year" in columns:
        table, year = _one_election(table, year)
    else:
        year = _year_in_name(table, year)
    reader = _from_candidates if columns.issuperset(_LONG) else _from_counties
    rows, problems = reader(table)
    rows["blank"] = rows["code"].str.casefold().isin(MISSING)
    rows["code"] = repair_county_codes(rows["code"].where(~_is_kansas_city(rows), _JACKSON))
    problems += _state_problems(table, rows)
    totals = rows["code"].str.endswith("000").fillna(value=False).astype(bool)
    rows = rows[~totals]
    rows["code"] = rows["code"].where(rows["code"].isin(known_codes()))
    districts = _states_of_districts(rows)
    placed, notes = _placed(rows, districts)
    problems += duplicate_problems(
        table,
        placed["code"].where(~placed["joined"]),
        what="county",
        action="keep one row each; of several elections, name the year",
    )
    if problems:
        raise InputError(problems)
    counts = placed.dropna(subset="code").groupby("code")[list(_VOTES)].sum(min_count=1)
    carried = carry_counts(counts.rename_axis("county_fips"), file=table.source.file)
    lost = placed[placed["code"].isna() & ~placed["state"].isin(districts)]
    if totals.any():
        number = int(totals.sum())
        words = "1 row of a whole state" if number == 1 else f"{number:,} rows of whole states"
        notes.append(f"{words} left out")
    if len(lost):
        words = "1 row" if len(lost) == 1 else f"{len(lost):,} rows"
        notes.append(f"{words} of no county, counted for the state alone")
    return PresidentialVotes(
        table=carried.by_county,
        by_state=_by_state(rows, districts),
        unplaced=lost.rename_axis("row").reset_index()[["row", "state", "code", "name", *_VOTES]],
        year=year,
        source=table.source,
        notes=(*table.sheet_notes, *notes, *carried.notes),
    )


def _from_counties(table: Table) -> tuple[pd.DataFrame, list[Problem]]:
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
    return rows, [*problems, *_sum_problems(table, rows)]


def _from_candidates(table: Table) -> tuple[pd.DataFrame, list[Problem]]:
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
    return places, [*problems, *_sum_problems(table, places)]


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
    problems = [
        table.problem(
            where=f"row {row}",
            found=f"state {written[row][:40]!r}",
            expected="a state",
            action="correct it or leave the row out",
        )
        for row in written.index[columns["state"].isna()]
    ]
    return pd.DataFrame(columns), [], problems


def _state_problems(table: Table, rows: pd.DataFrame) -> list[Problem]:
    """Report codes of counties of another state than the one named."""
    of_code = state_codes(rows["code"].fillna("").str[:2])
    return [
        table.problem(
            where=f"row {row}",
            found=f"code {rows['code'][row]}, of {of_code[row]}, in the state {rows['state'][row]}",
            expected="code and state that belong together",
            action="correct one of them",
        )
        for row in rows.index[of_code.notna() & rows["state"].notna() & (of_code != rows["state"])]
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


def _one_election(table: Table, year: int | None) -> tuple[Table, int]:
    column = table.column(["year"], what="years of elections")
    years = sorted({text.removesuffix(".0") for text in table.rows[column]})
    if year is None and len(years) > 1:
        raise table.error(
            where=f"column {column!r}",
            found=f"elections of {', '.join(years)}",
            expected="one election",
            action="name its year (--election)",
        )
    if year is None and not years[0].isdigit():
        raise table.error(
            where=f"column {column!r}",
            found=repr(years[0]),
            expected="a year",
            action="correct the column",
        )
    if year is not None and str(year) not in years:
        raise table.error(
            where=f"column {column!r}",
            found=f"elections of {listing(years)}",
            expected=f"one of {year}, as asked for (--election)",
            action="ask for another year, or give another file",
        )
    chosen = int(years[0]) if year is None else year
    return table.filtered({column: [str(chosen)]}), chosen


def _year_in_name(table: Table, year: int | None) -> int | None:
    """Read the year of the election from the name of the file, and refuse another."""
    years = {int(word) for word in _ELECTION.findall(table.source.file)}
    years = {each for each in years if each % _TERM == 0}
    if year is None:
        return years.pop() if len(years) == 1 else None
    if years and year not in years:
        raise table.error(
            found=f"an election of {' or '.join(map(str, sorted(years)))} by the file's name",
            expected=f"one of {year}, as asked for (--election)",
            action="ask for another year, give another file, or correct its name",
        )
    return year


def _is_kansas_city(rows: pd.DataFrame) -> pd.Series:
    """Find the part of Kansas City, Missouri, that lies in Jackson County and counts apart."""
    return (rows["state"] == "MO") & rows["name"].str.casefold().isin(_KANSAS_CITY)


def _states_of_districts(rows: pd.DataFrame) -> set[str]:
    """List the states whose rows are districts or wards, whatever their codes say."""
    named = rows["name"].str.contains(_DISTRICT)
    # Rows without any code are votes from abroad and the like, and say nothing of the others.
    strange = (rows["state"] == "AK") & rows["code"].isna() & ~rows["blank"]
    return set(rows.loc[named | strange, "state"])


def _placed(rows: pd.DataFrame, districts: set[str]) -> tuple[pd.DataFrame, list[str]]:
    """Give rows of districts the one county of their state, or none."""
    counties = load_counties()["state"]
    placed = rows.assign(joined=_is_kansas_city(rows))
    notes = []
    if placed["joined"].any():
        notes.append("MO: Kansas City added to the rest of Jackson County")
    for state in sorted(districts):
        mine, codes = placed["state"] == state, counties.index[counties == state]
        if len(codes) == 1:
            placed.loc[mine, "code"], placed.loc[mine, "joined"] = codes[0], True
            notes.append(f"{state}: {int(mine.sum())} districts or wards added up for {codes[0]}")
        else:
            placed.loc[mine, "code"] = None
            notes.append(
                f"{state}: votes are counted by {int(mine.sum())} districts or wards, which are no "
                "counties: for the state alone"
            )
    return placed, notes


def _by_state(rows: pd.DataFrame, districts: set[str]) -> pd.DataFrame:
    states = rows.groupby("state")[list(_VOTES)].sum(min_count=1)
    units = pd.Series("counties", index=states.index)
    units[states.index.isin(districts)] = "districts or wards"
    regions = rows.loc[rows["code"].isin(known_codes() - set(load_counties().index)), "state"]
    units[states.index.isin(regions[regions == "CT"])] = "planning regions"
    return states.assign(units=units)
