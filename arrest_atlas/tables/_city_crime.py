"""Violent crime of large cities: which agencies count, and why others do not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from geo import PER, InputError, Problem
from geo.crime import (
    COUNTED,
    Agencies,
    AgencyOffenses,
    implausible_zeros,
    judge_reports,
    match_agencies,
)

__all__ = ["LARGE", "UNREPORTED", "CityCrime", "judge_cities"]

LARGE: Final = 100_000
"""Residents from which on a city takes part."""

UNREPORTED: Final = "not in the file of crimes"

_REPORT: Final = ["ori", "agency", "state", "kind", "year"]
_COUNTY_WORDS: Final = r"(?i)\b(?:county|parish|sheriff\w*)\b"
_DEFINITION: Final = "ucr_part1_violent"


@dataclass(frozen=True, kw_only=True, eq=False)
class CityCrime:
    """Crime of large agencies in a year.

    Attributes
    ----------
    table : pandas.DataFrame
        One row an agency: ``agency``, ``state``, ``kind`` (``"city"``, ``"county"``, ...),
        ``population``, ``crimes``, ``crime_rate`` and ``report`` (``"counted"``, or why not).
    year : int
        Of the crimes.
    years : tuple of int
        Those that the file has.
    definition : str
        What is counted.
    listed : bool
        Whether a list of agencies tells which cities do not report.
    unpeopled : int
        Agencies whose residents are not known, which take no part.
    """

    table: pd.DataFrame
    year: int
    years: tuple[int, ...]
    definition: str
    listed: bool
    unpeopled: int

    def by_state(self, *, kinds: tuple[str, ...] = ("city",)) -> pd.DataFrame:
        """Add the agencies of some kinds up by state."""
        rows = self.table[self.table["kind"].isin(kinds)]
        counted = rows[rows["report"] == COUNTED]
        states = counted.groupby("state")
        table = pd.DataFrame(
            {
                "cities": states.size(),
                "city_residents": states["population"].sum(),
                "city_crimes": states["crimes"].sum(),
                "city_rate_lowest": states["crime_rate"].min(),
                "city_rate_highest": states["crime_rate"].max(),
            }
        )
        every = rows.groupby("state").size()
        table = table.reindex(table.index.union(every.index))
        table["cities"] = table["cities"].fillna(0).astype("int64")
        table["cities_not_counted"] = every.reindex(table.index, fill_value=0) - table["cities"]
        table["city_crime_rate"] = PER * table["city_crimes"] / table["city_residents"]
        return table.rename_axis("state")


def judge_cities(
    offenses: AgencyOffenses,
    agencies: Agencies | None,
    *,
    year: int,
    people: int = LARGE,
) -> CityCrime:
    """Judge the reports of every agency with that many residents or more."""
    years = tuple(sorted({int(each) for each in offenses.table["year"].unique()}))
    if year not in years:
        raise InputError([_no_year(offenses, year, years)])
    definition = offenses.definition or _DEFINITION
    listed = _listed(offenses, agencies)
    single = offenses.table[(offenses.table["agencies"] == 1) & (offenses.table["state"] != "")]
    used = offenses.counted(definition)
    doubtful = single[implausible_zeros(single) & single["offense"].isin(used)]
    zeros: dict[Any, str] = doubtful.groupby(_REPORT)["offense"].agg(", ".join).to_dict()
    rows = offenses.crimes(definition)
    rows = rows[(rows["agencies"] == 1) & (rows["state"] != "") & (rows["year"] == year)]
    rows = rows.merge(listed, on=_REPORT[:-1], how="left").reset_index(drop=True)
    rows["population"] = rows["population"].fillna(rows["listed_population"])
    rows["zeros"] = [zeros.get(key, "") for key in rows[_REPORT].itertuples(index=False, name=None)]
    judged = judge_reports(rows)
    judged["kind"] = _kinds(judged)
    unpeopled = int(judged["population"].isna().sum())
    judged = judged[judged["population"] >= people]
    unreported = _unreported(agencies, set(judged["matched"]), people)
    table = pd.concat([judged, unreported], ignore_index=True)
    table["crime_rate"] = PER * table["crimes"] / table["population"]
    kept = ["agency", "state", "kind", "population", "crimes", "crime_rate", "report"]
    table = table[kept].sort_values(["state", "agency"], kind="stable", ignore_index=True)
    if not (table["report"] == COUNTED).any():
        raise InputError([_none_large(offenses, year, people)])
    return CityCrime(
        table=table,
        year=year,
        years=years,
        definition=definition,
        listed=agencies is not None,
        unpeopled=unpeopled,
    )


def _listed(offenses: AgencyOffenses, agencies: Agencies | None) -> pd.DataFrame:
    """Find each reporter in the list of agencies, if there is one."""
    if agencies is None:
        found = offenses.table[_REPORT[:-1]].drop_duplicates()
        return found.assign(matched="", listed_kind="", listed_population=float("nan"))
    found = match_agencies(offenses, agencies).table[[*_REPORT[:-1], "matched"]]
    of_list = agencies.table.reindex(found["matched"])
    return found.assign(
        listed_kind=of_list["kind"].fillna("").to_numpy(),
        listed_population=of_list["population"].to_numpy(),
    )


def _kinds(rows: pd.DataFrame) -> pd.Series:
    """Take the kind that the file states, else the list's, else what the name says."""
    by_name = rows["agency"].str.contains(_COUNTY_WORDS).map({True: "county", False: "city"})
    kind = rows["kind"].where(rows["kind"] != "", rows["listed_kind"].fillna(""))
    return kind.where(kind != "", by_name)


def _unreported(agencies: Agencies | None, there: set[str], people: int) -> pd.DataFrame:
    """List the large cities of which the file of crimes has no row."""
    if agencies is None:
        return pd.DataFrame()
    listed = agencies.table
    absent = listed[(listed["population"] >= people) & ~listed.index.isin(there)]
    absent = absent[absent["kind"].isin(["city", "county"])]
    return absent[["agency", "state", "kind", "population"]].assign(
        crimes=float("nan"), report=UNREPORTED
    )


def _no_year(offenses: AgencyOffenses, year: int, years: tuple[int, ...]) -> Problem:
    return Problem(
        file=", ".join(source.file for source in offenses.sources),
        found=f"crimes of {', '.join(map(str, years)) or 'no year'}",
        expected=f"those of {year}",
        action="give a file that has them, or name another year",
    )


def _none_large(offenses: AgencyOffenses, year: int, people: int) -> Problem:
    return Problem(
        file=", ".join(source.file for source in offenses.sources),
        found=f"no agency of {people:,} residents whose report of {year} counts",
        expected="at least one",
        action="check that the file states residents, or give --agencies",
    )
