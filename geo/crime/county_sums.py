"""From agencies' offences to county figures, with a ledger of every crime."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import pandas as pd

from boundaries import load_counties
from geo.crime._list_gaps import flag_gaps, gap_notes, lacking_in_list
from geo.crime._reports import judged_reports, without_covered_zeros
from geo.crime._residents import residents_in
from geo.crime._sum_notes import sum_notes, sum_warnings
from geo.crime.agency_counties import AgencyShares, Statewide, share_agencies
from geo.crime.agency_matching import (
    AGGREGATE,
    AgencyMatches,
    match_agencies,
    one_name_an_agency,
)
from geo.crime.coverage import COUNTED, COVERED, check_months, covered_share
from geo.crime.definitions import load_definition
from geo.crime.offenses import Agencies, AgencyOffenses, CountyCrimes
from geo.errors import InputError, Problem
from geo.population import Population, load_population_by_year

__all__ = ["LEDGER_COLUMNS", "CountySums", "sum_by_county"]

LEDGER_COLUMNS: Final = (
    *("year", "ori", "agency", "state", "kind", "matched", "how", "months", "population"),
    *("county_fips", "share", "rule", "reported", "crimes", "residents", "outcome", "zeros"),
)
"""Columns of the ledger, in order."""

_MUCH: Final = 0.1
"""Share of a county's covered residents from which on it is flagged how they came there."""

_FLAGS: Final = {
    "nyc split": "nyc split",
    "parts estimated": "city split",
    "where no other agency serves": "state police spread",
    "not all counties known": "part unknown",
}


@dataclass(frozen=True, kw_only=True, repr=False)
class CountySums:
    """County figures out of agencies' offences.

    Attributes
    ----------
    crimes : CountyCrimes
        Every county and year. ``crimes`` is NaN where no agency reported; ``residents``
        are those of the agencies that did, so that crimes by residents is a rate;
        ``covered_share`` their share of the county's residents. ``flags`` tells where a
        tenth or more of the covered residents came by a rule: ``"nyc split"``, ``"city
        split"``, ``"state police spread"``, ``"part unknown"`` (an agency one of whose
        counties is not known); ``"list incomplete"``, where too few are covered, that the
        listed agencies serve too few, whether they reported or not.
    ledger : pandas.DataFrame
        One row per agency, year and county, :data:`LEDGER_COLUMNS`: ``ori`` (as reported,
        else that of the list), ``matched`` (that of the list, empty where it has none),
        ``reported`` (crimes as reported, of whatever offences of the definition, the
        county's share of them), ``crimes`` (the same in twelve months,
        NaN unless counted), ``residents`` (the agency's in the county, NaN unless
        counted or covered by another agency), ``outcome`` (``"counted"``, or why not;
        ``county_fips`` is empty where the agency is of no county) and ``zeros``
        (offences whose zero is not believed). Sums of several agencies stand in it too.
    matches : AgencyMatches
        Which agency of the list each row belongs to.
    shares : AgencyShares
        How much of each agency of the list lies in which county.
    warnings : tuple of str
        What makes covered shares or the parts of cities doubtful: residents of other years.
    """

    crimes: CountyCrimes
    ledger: pd.DataFrame
    matches: AgencyMatches
    shares: AgencyShares
    warnings: tuple[str, ...]

    def __repr__(self) -> str:
        totals = self.totals()["reported"]
        table = self.crimes.table
        counties = table.loc[table["crimes"].notna(), "county_fips"].nunique()
        return (
            f"CountySums: {self.crimes.definition}, {totals.get(COUNTED, 0):,.0f} of "
            f"{totals.sum():,.0f} crimes in {counties:,} counties"
        )

    def totals(self) -> pd.DataFrame:
        """Sum the ledger by outcome.

        Returns
        -------
        pandas.DataFrame
            Indexed by ``outcome``, ``"counted"`` first, then by crimes: ``agencies``
            (agency-years) and ``reported`` (crimes). Sums of several agencies are left
            out: their crimes stand in other rows too. What is left adds up to what the
            files report.
        """
        single = self.ledger[self.ledger["outcome"] != AGGREGATE]
        who = single["ori"] + "|" + single["agency"] + "|" + single["state"] + "|" + single["kind"]
        keys = who + "|" + single["year"].astype(str)
        by_outcome = single.assign(key=keys).groupby("outcome")
        table = by_outcome.agg(agencies=("key", "nunique"), reported=("reported", "sum"))
        last = (table.index != COUNTED).astype(int)
        order = table.assign(last=last).sort_values(["last", "reported"], ascending=[True, False])
        return table.loc[order.index]


def sum_by_county(
    offenses: AgencyOffenses,
    agencies: Agencies,
    *,
    definition: str,
    first: int | None = None,
    last: int | None = None,
    residents: Population | None = None,
    fewest_months: int = 12,
    statewide: Statewide = "listed",
) -> CountySums:
    """Sum agencies' offences by county and year, and account for every crime.

    Parameters
    ----------
    offenses : AgencyOffenses
        What was reported.
    agencies : Agencies
        Which agency lies in which counties.
    definition : str
        Which crimes to count, a name of the catalogue.
    first, last : int, optional
        Years to sum; by default all there are. What agencies report of others is left
        out, and counted in a note.
    residents : Population, optional
        Residents by county and year, to whom the covered share refers; of each year the nearest
        there is serves. By default the Census Bureau's estimates 2010 to 2019.
    fewest_months : int, default 12
        Months that an agency must have reported (:func:`~geo.crime.judge_reports`).
    statewide : {"listed", "remainder"}
        What becomes of state police of no county (:func:`~geo.crime.share_agencies`).

    Returns
    -------
    CountySums
        Figures of every county whose residents are known, and the ledger. An agency's
        residents are those of the year's row, else those of the list.

    Raises
    ------
    InputError
        If the definition is unknown, its parts are not there, or it does not exist in
        one of the years; if there is no figure of these years; if an option is out of
        range.

    Examples
    --------
    >>> listed = pd.DataFrame(
    ...     {"agency": ["Prattville", "Auburn University"], "state": "AL",
    ...      "kind": ["city", "university"], "counties": [("01001",), ("01081",)],
    ...      "population": [38e3, 0.0], "year": 2016},
    ...     index=pd.Index(["AL0040100", "AL0430200"], name="ori"))
    >>> agencies = Agencies(table=listed, unplaced=pd.DataFrame(), sources=(), notes=())
    >>> rows = pd.DataFrame(
    ...     {"ori": ["AL0040100", "AL0430200"], "agency": "", "state": "AL", "kind": "",
    ...      "year": 2016, "offense": "murder", "count": [2.0, 1.0], "months": 12.0,
    ...      "population": [37e3, 0.0], "agencies": 1})
    >>> offenses = AgencyOffenses(table=rows, definition=None, sources=(), notes=())
    >>> summed = sum_by_county(offenses, agencies, definition="homicide")
    >>> table = summed.crimes.table.set_index("county_fips")
    >>> table["crimes"].dropna().to_dict(), table.at["01001", "covered_share"].round(2)
    ({'01001': 2.0, '01081': 1.0}, np.float64(0.67))
    """
    check_months(fewest_months)
    offenses = without_covered_zeros(replace(offenses, table=one_name_an_agency(offenses.table)))
    reports, left_out = _of_years(offenses, offenses.crimes(definition), first, last)
    _check_years(offenses, definition, reports["year"])
    asked_for = offenses.table["year"].isin(reports["year"])
    offenses = replace(offenses, table=offenses.table[asked_for])
    people = load_population_by_year() if residents is None else residents
    matches = match_agencies(offenses, agencies)
    listed_in = int(agencies.table["year"].max()) or int(reports["year"].max())
    served, said = residents_in(people, listed_in)
    shares = share_agencies(agencies, served, statewide=statewide)
    judged = judged_reports(
        offenses,
        agencies,
        definition=definition,
        matches=matches,
        shares=shares,
        fewest_months=fewest_months,
    )
    ledger = _ledger(judged, shares)
    years = sorted({int(year) for year in ledger["year"]})
    table = pd.concat(
        [_by_county(ledger[ledger["year"] == year], year, people.residents(year)) for year in years]
    )
    lacking = lacking_in_list(agencies, shares, served)
    table = flag_gaps(table.reset_index(drop=True), lacking)
    notes = [*offenses.notes, *left_out, *agencies.notes, *shares.notes]
    notes += [f"parts of cities rest on residents of {said}, for a list of {listed_in}"]
    notes += gap_notes(lacking)
    notes += sum_notes(ledger, table, offenses, people)
    crimes = CountyCrimes(
        table=table.sort_values(["county_fips", "year"]).reset_index(drop=True),
        definition=definition,
        vintage_carried=None,
        sources=(*offenses.sources, *agencies.sources, *people.sources),
        notes=tuple(notes),
    )
    return CountySums(
        crimes=crimes,
        ledger=ledger,
        matches=matches,
        shares=shares,
        warnings=sum_warnings(people, years, listed_in),
    )


def _of_years(
    offenses: AgencyOffenses, reports: pd.DataFrame, first: int | None, last: int | None
) -> tuple[pd.DataFrame, list[str]]:
    """Keep the years that were asked for, and say how much was left out."""
    start = reports["year"].min() if first is None else first
    stop = reports["year"].max() if last is None else last
    kept = reports[reports["year"].between(start, stop)]
    file = ", ".join(source.file for source in offenses.sources)
    if kept.empty:
        there = ", ".join(str(year) for year in sorted(set(reports["year"]))) or "none"
        problem = Problem(
            file=file,
            found=f"no figure of {start} to {stop} (there are figures of {there})",
            expected="figures of these years",
            action="choose other years, or give their files",
        )
        raise InputError([problem])
    others = len(reports) - len(kept)
    note = f"{file}: figures of agencies for years that were not asked for, left out: {others:,}"
    return kept, [note] if others else []


def _check_years(offenses: AgencyOffenses, definition: str, years: pd.Series) -> None:
    """Refuse years in which a definition did not exist."""
    one = load_definition(definition)
    outside = sorted(
        {int(y) for y in years if y < (one.first_year or 0) or y > (one.last_year or 9999)}
    )
    if not outside:
        return
    problem = Problem(
        file=", ".join(source.file for source in offenses.sources),
        found=f"figures of {', '.join(map(str, outside))} by the definition {definition}",
        expected=f"years from {one.first_year or 'the beginning'} to {one.last_year or 'now'}",
        action="leave these years out, or name the right definition",
    )
    raise InputError([problem])


def _ledger(judged: pd.DataFrame, shares: AgencyShares) -> pd.DataFrame:
    """Lay agencies out by county."""
    rows = judged.merge(
        shares.table, left_on="matched", right_on="ori", how="left", suffixes=("", "_")
    )
    rows["county_fips"] = rows["county_fips"].fillna("").astype("str")
    rows["rule"] = rows["rule"].fillna("").astype("str")
    rows["share"] = rows["share"].fillna(1.0)
    counted = rows["outcome"] == COUNTED
    rows["reported"] = rows["reported"] * rows["share"]
    rows["crimes"] = (rows["crimes"] * rows["share"]).where(counted)
    served = counted | (rows["outcome"] == COVERED)
    rows["residents"] = (rows["population"].fillna(0) * rows["share"]).where(served)
    ordered = rows.sort_values(["year", "state", "ori", "agency", "county_fips"], kind="stable")
    return ordered[list(LEDGER_COLUMNS)].reset_index(drop=True)


def _by_county(ledger: pd.DataFrame, year: int, residents: pd.Series) -> pd.DataFrame:
    """Sum the counted rows of a year, with the residents whose police another covers."""
    counted = ledger[ledger["outcome"].isin([COUNTED, COVERED])]
    by_county = counted.groupby("county_fips")
    counties = residents.index[residents.notna() & residents.index.isin(load_counties().index)]
    every = counties.union(pd.Index(by_county.groups.keys(), dtype=counties.dtype))
    covered = by_county["residents"].sum().reindex(every)
    return pd.DataFrame(
        {
            "county_fips": every.astype("str"),
            "year": year,
            "years": str(year),
            "crimes": by_county["crimes"].sum().reindex(every).to_numpy(),
            "residents": covered.to_numpy(),
            "covered_share": covered_share(covered.fillna(0), residents).to_numpy(),
            "flags": _flags(counted, covered).reindex(every, fill_value="").to_numpy(),
        }
    )


def _flags(counted: pd.DataFrame, covered: pd.Series) -> pd.Series:
    """Say where a good part of the covered residents came by a rule."""
    by_rule = counted.groupby(["county_fips", "rule"])["residents"].sum()
    share = by_rule / covered.reindex(by_rule.index.get_level_values("county_fips")).to_numpy()
    weighty = share[share >= _MUCH].reset_index()
    weighty["flag"] = weighty["rule"].map(_FLAGS)
    flags: pd.Series = (
        weighty.dropna(subset="flag").groupby("county_fips")["flag"].agg("; ".join).astype("str")
    )
    return flags
