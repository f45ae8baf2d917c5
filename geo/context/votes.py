"""Votes for president by county."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pandas as pd

from geo._named_places import check_county_names, state_problems
from geo._table import (
    MISSING,
    Source,
    Table,
    duplicate_problems,
    plain_name,
    read_table,
)
from geo.context._codes import known_codes
from geo.context._elections import one_election, year_in_name
from geo.context._vote_districts import (
    is_kansas_city,
    placed_rows,
    states_of_districts,
    votes_by_state,
)
from geo.context._vote_rows import LONG, VOTES, from_candidates, from_counties
from geo.context._vote_totals import without_totals
from geo.county_values import repair_county_codes
from geo.errors import InputError, Problem
from geo.population import load_population_by_year
from geo.vintages import carry_counts, load_census_residents

__all__ = ["PresidentialVotes", "read_votes"]

_JACKSON: Final = "29095"

_FEW: Final = 1_000
"""Votes up to which a county may have more of them than residents, as Loving County, Texas, had."""


@dataclass(frozen=True, kw_only=True)
class PresidentialVotes:
    """Votes for president.

    Attributes
    ----------
    table : pandas.DataFrame of float
        Votes by ``county_fips`` (vintage 2019): ``republican``, ``democratic`` and
        ``total``. Alaska counts by districts of its House, which are no counties: where
        the file has those, or the state's total in their place, it is in `by_state` alone.
    by_state : pandas.DataFrame of float
        The same by postal code, all rows of the state added up, and ``units``: the areas
        that the file has votes of (``"counties"``, ``"districts or wards"``,
        ``"planning regions"``, ``"the whole state"``).
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
        With every problem at once: more votes for two parties than in all, or than
        residents, votes of which one number is blank, codes of another state or county
        than the one named, and counties in several rows are some.

    Notes
    -----
    Codes of districts and wards look like those of counties (``02020`` is Anchorage and
    the 20th district, ``11001`` the District of Columbia and its first ward): a state
    with a row that is named after one is read as districts throughout, and so is Alaska
    if it has a code that is no county's. Where the state has one county they are added up
    for it. Connecticut's planning regions are carried to its counties as if votes were
    spread like residents. Missouri's Kansas City, whose part of Jackson County counts
    apart from the rest, is added to it.

    Files put a state's total where they lack its counties (Alaska's in each of its
    boroughs): 10,000 votes or more that are the same in all three numbers in several rows
    of a state are one total, and so is a row named after a state of several counties. It
    is counted once, for the state, and no county has it.

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
        table, year = one_election(table, year)
    else:
        year = year_in_name(table, year)
    reader = from_candidates if columns.issuperset(LONG) else from_counties
    rows, problems = reader(table)
    rows["blank"] = rows["code"].str.casefold().isin(MISSING)
    rows["code"] = repair_county_codes(rows["code"].where(~is_kansas_city(rows), _JACKSON))
    problems += state_problems(table, rows["code"], rows["state"])
    wrong_names, slips = check_county_names(table, rows["code"], rows["name"])
    problems += wrong_names
    rows, whole, said = without_totals(rows)
    rows["code"] = rows["code"].where(rows["code"].isin(known_codes()))
    districts = states_of_districts(rows)
    placed, notes = placed_rows(rows, districts)
    notes += [*said, *slips]
    problems += duplicate_problems(
        table,
        placed["code"].where(~placed["joined"]),
        what="county",
        action="keep one row each; of several elections, name the year",
    )
    counts = placed.dropna(subset="code").groupby("code")[list(VOTES)].sum(min_count=1)
    problems += _resident_problems(table, counts["total"], year)
    if problems:
        raise InputError(problems)
    carried = carry_counts(counts.rename_axis("county_fips"), file=table.source.file)
    lost = placed[placed["code"].isna() & ~placed["state"].isin(districts | whole)]
    if len(lost):
        words = "1 row" if len(lost) == 1 else f"{len(lost):,} rows"
        notes.append(f"{words} of no county, counted for the state alone")
    return PresidentialVotes(
        table=carried.by_county,
        by_state=votes_by_state(rows, districts, whole),
        unplaced=lost.rename_axis("row").reset_index()[["row", "state", "code", "name", *VOTES]],
        year=year,
        source=table.source,
        notes=(*table.sheet_notes, *notes, *carried.notes),
    )


def _resident_problems(table: Table, votes: pd.Series, year: int | None) -> list[Problem]:
    """Report counties with more votes than residents, as where a larger area's stand there."""
    people = load_population_by_year()
    last = int(people.by_year.columns[-1])
    residents = people.residents(year or last).combine_first(load_census_residents())
    residents = residents.reindex(votes.index)
    return [
        table.problem(
            where=f"county {code}",
            found=f"{votes[code]:,.0f} votes among {residents[code]:,.0f} residents",
            expected="fewer votes than residents",
            action="correct the numbers, or leave the row out if they are of a larger area",
        )
        for code in votes.index[(votes > residents) & (votes > _FEW)]
    ]
