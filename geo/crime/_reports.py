"""What became of each agency's report of a year."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from geo.crime.agency_counties import AgencyShares
from geo.crime.agency_matching import AGGREGATE, REPORTER, AgencyMatches
from geo.crime.coverage import COUNTED, COVERED, IMPLAUSIBLE_ZERO, NOT_REPORTED, judge_reports
from geo.crime.offenses import PROPERTY_TOTAL, VIOLENT_TOTAL, Agencies, AgencyOffenses
from geo.crime.zeros import implausible_zeros

_REPORT = [*REPORTER, "year"]


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
    rows["zeros"] = [zeros.get(key, "") for key in rows[_REPORT].itertuples(index=False, name=None)]
    rows = _named(rows, agencies)
    # Sums of several agencies must not weigh on the overall rate.
    single = rows["how"] != AGGREGATE
    judged = judge_reports(rows[single], fewest_months=fewest_months)
    rows = rows.join(judged[["crimes", "report"]])
    found = rows["matched"] != ""
    nowhere = rows["matched"].map(shares.unassigned["reason"])
    outcome = rows["report"].mask(nowhere.notna() & found, nowhere).where(found, rows["how"])
    # Nothing was reported, wherever the agency may lie.
    outcome = outcome.mask(single & rows["count"].isna(), rows["report"])
    covered = _covered(rows.assign(outcome=outcome), offenses, shares)
    return rows.assign(outcome=outcome.mask(covered, COVERED)).rename(columns={"count": "reported"})


def _with_list(rows: pd.DataFrame, matches: AgencyMatches, agencies: Agencies) -> pd.DataFrame:
    """Add the agency of the list, and its residents where the row states none."""
    rows = rows.merge(matches.table[[*REPORTER, "matched", "how"]], on=REPORTER, how="left")
    listed = agencies.table["population"].reindex(rows["matched"])
    population = pd.Series(listed.to_numpy(dtype=float), index=rows.index)
    return rows.assign(population=rows["population"].fillna(population))


def _named(rows: pd.DataFrame, agencies: Agencies) -> pd.DataFrame:
    """Name agencies as the list does where the row does not."""
    found = rows["matched"] != ""
    listed = agencies.table.reindex(rows["matched"])
    for column in ("agency", "state", "kind"):
        values = pd.Series(listed[column].to_numpy(), index=rows.index)
        rows[column] = rows[column].where(~found | (rows[column] != ""), values)
    return rows.assign(ori=rows["matched"].where(found, rows["ori"]))


def _zeros(offenses: pd.DataFrame, used: tuple[str, ...]) -> Mapping[object, str]:
    """Name the offences used whose zero is not believed, by agency and year."""
    totals = {VIOLENT_TOTAL, PROPERTY_TOTAL} - set(used)
    single = offenses[(offenses["how"] != AGGREGATE) & ~offenses["offense"].isin(totals)]
    doubtful = single[implausible_zeros(single) & single["offense"].isin(used)]
    zeros: dict[object, str] = doubtful.groupby(_REPORT)["offense"].agg(", ".join).to_dict()
    return zeros


def _covered(rows: pd.DataFrame, offenses: AgencyOffenses, shares: AgencyShares) -> pd.Series:
    """Find agencies without a report, whose crimes stand in that of one of their county."""
    listed = offenses.covered_by[["ori", "year", "covered_by"]]
    by: dict[tuple[Any, ...], str] = {
        (ori, year): other for ori, year, other in listed.itertuples(index=False, name=None)
    }
    counties: dict[Any, frozenset[str]] = (
        shares.table.groupby("ori")["county_fips"].agg(frozenset).to_dict()
    )
    counted = rows[rows["outcome"] == COUNTED]
    reporting = set(zip(counted["ori"], counted["year"], strict=True))
    found = [
        outcome == NOT_REPORTED
        and (other := by.get((ori, year))) is not None
        and (other, year) in reporting
        and bool(counties.get(matched))
        and counties[matched] <= counties[other]
        for outcome, ori, matched, year in rows[["outcome", "ori", "matched", "year"]].itertuples(
            index=False, name=None
        )
    ]
    return pd.Series(found, index=rows.index, dtype=bool)


def zero_notes(ledger: pd.DataFrame) -> list[str]:
    """Count reports that are not believed, by the offences that are zero in them."""
    rows = ledger[ledger["outcome"] == IMPLAUSIBLE_ZERO]
    reports = rows.drop_duplicates(["ori", "agency", "state", "year"])
    if reports.empty:
        return []
    single = reports["zeros"].str.split(", ").explode().value_counts()
    said = ", ".join(f"{name} in {number:,}" for name, number in single.items())
    return [f"reports in which a zero is not believed: {len(reports):,} ({said})"]
