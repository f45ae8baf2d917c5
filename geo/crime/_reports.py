"""What became of each agency's report of a year."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

import pandas as pd

from geo.crime._city_parts import superseded
from geo.crime.agency_counties import AgencyShares
from geo.crime.agency_matching import AGGREGATE, REPORTER, AgencyMatches
from geo.crime.coverage import (
    COUNTED,
    COVERED,
    IMPLAUSIBLE_ZERO,
    INCOMPLETE,
    NO_POPULATION,
    NOT_REPORTED,
    TOO_FEW_MONTHS,
    judge_reports,
)
from geo.crime.offenses import PROPERTY_TOTAL, VIOLENT_TOTAL, Agencies, AgencyOffenses
from geo.crime.zeros import implausible_zeros

_REPORT = [*REPORTER, "year"]
_IN_VAIN: Final = (TOO_FEW_MONTHS, IMPLAUSIBLE_ZERO, INCOMPLETE, NO_POPULATION)
"""Reports that were not counted, nor those of the agencies whose crimes stand in them."""


def judged_reports(
    offenses: AgencyOffenses,
    agencies: Agencies,
    *,
    definition: str,
    matches: AgencyMatches,
    shares: AgencyShares,
    fewest_months: int,
) -> pd.DataFrame:
    """Say of each agency and year what became of its crimes of a definition."""
    reports, used = offenses.crimes(definition), offenses.counted(definition)
    zeros = _zeros(_with_list(offenses.table, matches, agencies), used)
    rows = _with_list(reports, matches, agencies)
    parts = offenses.table[offenses.table["offense"].isin(used)]
    there = parts.groupby(_REPORT)["count"].sum(min_count=1)
    rows["reported"] = there.reindex(pd.MultiIndex.from_frame(rows[_REPORT])).to_numpy()
    rows["zeros"] = [zeros.get(key, "") for key in rows[_REPORT].itertuples(index=False, name=None)]
    rows = _named(rows, agencies)
    # Sums of several agencies must not weigh on the overall rate.
    single = rows["how"] != AGGREGATE
    judged = judge_reports(rows[single], fewest_months=fewest_months)
    rows = rows.join(judged[["crimes", "report"]])
    found = rows["matched"] != ""
    nowhere = rows["matched"].map(shares.unassigned["reason"])
    partly = rows["count"].isna() & rows["reported"].notna() & (rows["months"] != 0)
    outcome = rows["report"].mask(partly, INCOMPLETE)
    outcome = outcome.mask(nowhere.notna() & found, nowhere).where(found, rows["how"])
    # Nothing was reported, wherever the agency may lie.
    outcome = outcome.mask(single & rows["reported"].isna(), rows["report"])
    return rows.assign(outcome=_with_returns(rows.assign(outcome=outcome), offenses, shares))


def _with_list(rows: pd.DataFrame, matches: AgencyMatches, agencies: Agencies) -> pd.DataFrame:
    """Add the agency of the list, and its residents where the row states none."""
    rows = rows.merge(matches.table[[*REPORTER, "matched", "how"]], on=REPORTER, how="left")
    listed = agencies.table["population"].reindex(rows["matched"])
    population = pd.Series(listed.to_numpy(dtype=float), index=rows.index)
    population = population.mask(_stood_in_for(rows, agencies.table), 0.0)
    return rows.assign(population=rows["population"].fillna(population))


def _stood_in_for(rows: pd.DataFrame, listed: pd.DataFrame) -> pd.Series:
    """Find reports beside which a later agency of the same name and counties reported."""
    older = listed.index[superseded(listed)]
    keys = [listed["state"], listed["agency"], listed["kind"], listed["counties"].map(str)]
    twins = listed.groupby(keys).ngroup().reindex(rows["matched"]).to_numpy()
    of_year = pd.MultiIndex.from_arrays([twins, rows["year"]])
    reports = rows["count"].notna() & (rows["matched"] != "") & ~rows["matched"].isin(older)
    return rows["matched"].isin(older) & of_year.isin(of_year[reports])


def _named(rows: pd.DataFrame, agencies: Agencies) -> pd.DataFrame:
    """Name agencies as the list does where the row does not."""
    found = rows["matched"] != ""
    listed = agencies.table.reindex(rows["matched"])
    for column in ("agency", "state", "kind"):
        values = pd.Series(listed[column].to_numpy(), index=rows.index)
        rows[column] = rows[column].where(~found | (rows[column] != ""), values)
    return rows.assign(ori=rows["ori"].where(rows["ori"] != "", rows["matched"]))


def _zeros(offenses: pd.DataFrame, used: tuple[str, ...]) -> Mapping[object, str]:
    """Name the offences used whose zero is not believed, by agency and year."""
    totals = {VIOLENT_TOTAL, PROPERTY_TOTAL} - set(used)
    single = offenses[(offenses["how"] != AGGREGATE) & ~offenses["offense"].isin(totals)]
    doubtful = single[implausible_zeros(single) & single["offense"].isin(used)]
    zeros: dict[object, str] = doubtful.groupby(_REPORT)["offense"].agg(", ".join).to_dict()
    return zeros


def _with_returns(rows: pd.DataFrame, offenses: AgencyOffenses, shares: AgencyShares) -> pd.Series:
    """Give agencies without a report what became of the return in which their crimes stand."""
    listed = offenses.covered_by[["ori", "year", "covered_by"]]
    by: dict[tuple[Any, ...], str] = {
        (ori, year): other for ori, year, other in listed.itertuples(index=False, name=None)
    }
    counties: dict[Any, frozenset[str]] = (
        shares.table.groupby("ori")["county_fips"].agg(frozenset).to_dict()
    )
    columns = ["outcome", "ori", "matched", "year"]
    returns: dict[tuple[Any, ...], tuple[str, str]] = {
        (name, year): (outcome, matched)
        for outcome, ori, matched, year in rows[columns].itertuples(index=False, name=None)
        for name in (matched, ori)
    }

    def _return_of(ori: str, year: int) -> tuple[str, str]:
        """Follow agencies that report for each other to the first that was counted, or the last."""
        seen = {ori}
        while (ori, year) in by and returns.get((ori, year), ("",))[0] != COUNTED:
            ori = by[ori, year]
            if ori in seen:
                break
            seen.add(ori)
        return returns.get((ori, year), (NOT_REPORTED, ""))

    found = []
    for outcome, ori, matched, year in rows[columns].itertuples(index=False, name=None):
        became = outcome
        if outcome == NOT_REPORTED and (ori, year) in by:
            of_return, reporter = _return_of(ori, year)
            there = counties.get(matched, frozenset())
            if of_return in _IN_VAIN:
                became = of_return
            elif of_return == COUNTED and there and there <= counties[reporter]:
                became = COVERED
        found.append(became)
    return pd.Series(found, index=rows.index, dtype="str")


def without_covered_zeros(offenses: AgencyOffenses) -> AgencyOffenses:
    """Set to missing the zeros of agencies whose crimes stand in the return of another.

    Where such an agency has crimes of its own, it reports, and its zeros stand.
    """
    table = offenses.table
    covered = pd.MultiIndex.from_frame(offenses.covered_by[["ori", "year"]])
    keys = pd.MultiIndex.from_frame(table[["ori", "year"]])
    nothing = table["count"].groupby([table["ori"], table["year"]]).transform("max") == 0
    silent = pd.Series(keys.isin(covered), index=table.index) & nothing & table["count"].notna()
    if not silent.any():
        return offenses
    number = len(table.loc[silent, ["ori", "year"]].drop_duplicates())
    file = ", ".join(source.file for source in offenses.sources)
    said = f"agencies and years of zeros whose crimes another reports, set to missing: {number:,}"
    return replace(
        offenses,
        table=table.assign(count=table["count"].mask(silent)),
        notes=(*offenses.notes, f"{file}: {said}"),
    )


def zero_notes(ledger: pd.DataFrame) -> list[str]:
    """Count reports that are not believed, by the offences that are zero in them."""
    rows = ledger[ledger["outcome"] == IMPLAUSIBLE_ZERO]
    reports = rows.drop_duplicates(["ori", "agency", "state", "year"])
    if reports.empty:
        return []
    single = reports["zeros"].str.split(", ").explode().value_counts()
    said = ", ".join(f"{name} in {number:,}" for name, number in single.items())
    return [f"reports in which a zero is not believed: {len(reports):,} ({said})"]
