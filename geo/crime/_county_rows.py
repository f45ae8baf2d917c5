"""Columns of a county table: codes, crimes, residents, coverage."""

from __future__ import annotations

import re
from typing import Final

import numpy as np
import pandas as pd

from geo._named_places import check_county_names, state_problems
from geo._sheets import listing
from geo.county_values import repair_county_codes
from geo.crime._columns import column_key, years_in
from geo.crime._counts import OffenceCounts
from geo.crime._reading import CrimeTable
from geo.crime.definitions import DEFINITIONS, check_system, load_definition, same_definition
from geo.crime.offenses import PROPERTY_TOTAL, VIOLENT_TOTAL, total_of
from geo.errors import InputError, Problem
from geo.population import POPULATION_YEARS, load_population
from geo.vintages import load_census_residents

_NO_COUNTY: Final = ("777", "888", "999")
_SHARE_LIMIT: Final = 2  # agencies may cover more residents than the county is said to have
_TOTAL_WORDS: Final = {"violent": VIOLENT_TOTAL, "property": PROPERTY_TOTAL}
_VIOLENT: Final = ("ucr_part1_violent", "ucr_part1_violent_legacy_rape")


def county_text(crime: CrimeTable) -> pd.Series:
    """Find the county codes as written, in one column or in two."""
    if "county" in crime.columns:
        return crime.text("county")
    if {"county_state", "county_number"} <= set(crime.columns):
        state, county = (
            crime.text(role).str.replace(r"\.0+$", "", regex=True)
            for role in ("county_state", "county_number")
        )
        if state.str.isdigit().any() and county.str.isdigit().any():
            both: pd.Series = state.str.zfill(2) + county.str.zfill(3)
            return both.where((state != "") & (county != ""), "")
    names = crime.mapping.columns
    raise crime.table.error(
        found=f"the columns {listing(crime.names)}",
        expected="codes of counties in one of "
        f"{', '.join(names.get('county', names.get('county_number', ())))}",
        action="name the column of five-digit codes county_fips, or give a mapping",
    )


def without_totals(crime: CrimeTable) -> CrimeTable:
    """Leave out the header once more, and rows of states and of units that are no county."""
    heads = {column_key(name) for name in crime.mapping.names()}
    text = county_text(crime)
    repeated = text.map(lambda word: column_key(word) in heads and not word.isdigit())
    crime = crime.without(repeated.astype(bool), "the header once more")
    codes = repair_county_codes(county_text(crime))
    totals = codes.str.endswith("000").fillna(value=False).astype(bool)
    crime = crime.without(totals, "figures of a whole state or of the country")
    others = repair_county_codes(county_text(crime)).str.endswith(_NO_COUNTY)
    crime = crime.without(
        others.fillna(value=False).astype(bool), "units of a state that belong to no county"
    )
    if crime.table.rows.empty:
        raise crime.table.error(
            found="no row of a county", expected="at least one", action="choose another file"
        )
    return crime


def definition_of(crime: CrimeTable, counts: OffenceCounts, asked: str | None) -> str:
    """Tell which definition the figures are of, or refuse to guess."""
    if asked is not None:
        load_definition(asked)
    there = set(counts.rows["offense"])
    stated = _stated_definition(crime)
    if asked is None and stated is None:
        found = [
            (years, name)
            for years, rows in counts.rows.groupby("years", sort=True)
            for name in _VIOLENT
            if set(DEFINITIONS[name].components) <= set(rows["offense"])
        ]
        if found:
            labels = [str(years) for years, _ in found]
            names = [name for _, name in found]
            return str(same_definition(names, labels=labels, file=crime.table.source.file))
    fixed = stated or crime.mapping.definition
    parts = there - {VIOLENT_TOTAL, PROPERTY_TOTAL}
    if asked is not None:
        check_system(_system_of(crime, stated), asked, file=crime.table.source.file)
    if asked is not None and set(DEFINITIONS[asked].components) <= parts:
        return asked
    if asked is not None and fixed is not None and asked != fixed:
        labels = ["the file's", "asked for with --definition"]
        same_definition([fixed, asked], labels=labels, file=crime.table.source.file)
    if (asked or fixed) is None or not _total_there(crime, asked or fixed or "", there):
        raise InputError([_no_definition(crime, there, asked)])
    return str(asked or fixed)


def _stated_definition(crime: CrimeTable) -> str | None:
    """Read the definition that the table bears, None where it names none that is known."""
    named = [word for word in crime.text("definition").unique() if word in DEFINITIONS]
    labels = ["rows of the file"] * len(named)
    return same_definition(named, labels=labels, file=crime.table.source.file) if named else None


def _system_of(crime: CrimeTable, stated: str | None) -> str:
    """Tell the system of the figures, as the table says or its layout."""
    return DEFINITIONS[stated].system if stated else crime.mapping.system


def _total_there(crime: CrimeTable, definition: str, there: set[str]) -> bool:
    """Tell whether the table has a total, or a rate, that may be of a definition."""
    total = total_of(DEFINITIONS[definition].components) if definition else None
    single = [crime.columns[role] for role in ("crimes", "rate") if role in crime.columns]
    return total in there or (bool(single) and all(_may_be(name, total) for name in single))


def _may_be(column: str, total: str | None) -> bool:
    """Tell whether a column may be of a definition: one named violent is of all violence."""
    named = [which for word, which in _TOTAL_WORDS.items() if word in column_key(column)]
    return not named or named == [total]


def _no_definition(crime: CrimeTable, there: set[str], asked: str | None) -> Problem:
    parts = there - {VIOLENT_TOTAL, PROPERTY_TOTAL}
    possible = [
        name
        for name, one in DEFINITIONS.items()
        if set(one.components) <= parts or _total_there(crime, name, there)
    ] or list(DEFINITIONS)
    return crime.table.problem(
        found=f"the offences {', '.join(sorted(parts))}"
        if parts
        else ("a total of other offences" if asked else "figures of no definition"),
        expected=f"the parts of {asked}" if asked else "crimes whose definition is stated",
        action=f"state the definition, one of {', '.join(possible)} (--definition)",
    )


def crimes_of(
    crime: CrimeTable,
    counts: OffenceCounts,
    definition: str,
    *,
    residents: pd.Series,
    period: pd.Series,
) -> tuple[pd.Series, list[Problem]]:
    """Count the crimes a year of a definition in each row: of parts, a total, or a rate."""
    index = crime.table.rows.index
    years = period.map(lambda text: len(years_in(text))) if crime.mapping.summed else 1
    components = load_definition(definition).components
    rows = counts.rows[counts.rows["offense"].isin(components)]
    if set(components) <= set(rows["offense"]):
        summed = rows.groupby("row")["count"].sum(min_count=len(components))
        return summed.reindex(index) / years, []
    totals = counts.rows[counts.rows["offense"] == total_of(components)]
    if len(totals):
        return totals.groupby("row")["count"].sum(min_count=1).reindex(index) / years, []
    crimes, problems = pd.Series(np.nan, index=index), list[Problem]()
    if "crimes" in crime.columns:
        crimes, problems = crime.numbers(crime.columns["crimes"])
        crimes = crimes / years
    if "rate" in crime.columns:
        rate, wrong = crime.numbers(crime.columns["rate"])
        problems += wrong
        crimes = crimes.fillna(rate * residents / crime.mapping.per)
    return crimes, problems


def residents_of(
    crime: CrimeTable, codes: pd.Series, period: pd.Series
) -> tuple[pd.Series, list[Problem], list[str]]:
    """Tell the residents to whom the crimes refer, by the Census where the table does not."""
    residents, problems = pd.Series(np.nan, index=codes.index), list[Problem]()
    if "residents" in crime.columns:
        residents, problems = crime.numbers(crime.columns["residents"])
        residents = residents.mask(residents <= 0)
    if "residents" in crime.columns and residents.notna().any():
        return residents, problems, []
    for years in period.dropna().unique():
        rows = period.index[period == years]
        named = years_in(years)
        estimates = load_population(named[0], named[-1]).combine_first(load_census_residents())
        residents[rows] = estimates.reindex(codes[rows]).to_numpy()
    low, high = POPULATION_YEARS
    said = (
        f"residents are the Census Bureau's estimates of the year, or the nearest of {low}-{high}"
    )
    return residents, problems, [f"{crime.table.source.file}: {said}"]


def coverage_of(crime: CrimeTable) -> tuple[pd.Series, list[Problem], list[str]]:
    """Tell the share of residents whose police reported, at most 1."""
    file, index = crime.table.source.file, crime.table.rows.index
    if "quality" in crime.columns:
        shares = {column_key(mark): share for mark, share in crime.mapping.quality.items()}
        marks = crime.text("quality").str.replace(r"\.0+$", "", regex=True)
        said = (
            "the covered share is the least that the mark of quality warrants, a share of agencies"
        )
        share = marks.map(lambda mark: shares.get(column_key(mark), np.nan)).astype(float)
        return share, [], [f"{file}: {said}"]
    if "coverage" not in crime.columns:
        return pd.Series(np.nan, index=index), [], []
    column = crime.columns["coverage"]
    numbers, problems = crime.numbers(column)
    share = numbers / crime.mapping.coverage_of
    if share.median() > _SHARE_LIMIT:
        problems.append(
            crime.table.problem(
                where=f"column {column!r}",
                found=f"shares around {share.median():g}",
                expected="shares of 1, not of 100",
                action="divide the column by 100, or say coverage_of = 100 in a mapping",
            )
        )
    beyond = int((share > 1).sum())
    notes = [f"{file}: covered shares above 1 set to 1: {beyond:,}"] if beyond else []
    return share.clip(upper=1), problems, notes


def check_places(crime: CrimeTable, codes: pd.Series) -> tuple[list[Problem], list[str]]:
    """Compare codes with the states and counties named beside them: problems, and notes."""
    if "county" not in crime.columns:  # the code is made of what stands in these columns
        return [], []
    names = crime.text("county_name" if "county_name" in crime.columns else "county_number")
    problems, slips = check_county_names(crime.table, codes, names)
    wrong_states = state_problems(crime.table, codes, crime.text("county_state"))
    return wrong_states + problems, [f"{crime.table.source.file}: {said}" for said in slips]


def impossible_counts(table: pd.DataFrame) -> pd.Series:
    """Find counts of crimes as large as the county's residents, as of exchanged columns.

    Residents to whom crimes refer may be few where few police reported; the county's are
    more, by the share that is covered.
    """
    everybody = table["residents"] / table["covered_share"].where(table["covered_share"] > 0)
    everybody = everybody.where(table["covered_share"].notna(), table["residents"])
    return (table["crimes"] >= everybody) & (table["crimes"] > 0) & (everybody > 0)


def impossible_problems(crime: CrimeTable, table: pd.DataFrame) -> list[Problem]:
    """Report rows with as many crimes as residents."""
    return [
        crime.table.problem(
            where=f"row {row}",
            found=f"{crimes:,.0f} crimes among {residents:,.0f} residents",
            expected="fewer crimes than residents",
            action="check which column holds what, or leave the row out",
        )
        for row, crimes, residents in table.loc[
            impossible_counts(table), ["crimes", "residents"]
        ].itertuples(name=None)
    ]


def years_problems(crime: CrimeTable, definition: str, period: pd.Series) -> list[Problem]:
    """Refuse years in which a definition did not exist."""
    one = load_definition(definition)
    first, last = one.first_year or 0, one.last_year or 9999
    wrong = sorted(
        word
        for word in period.dropna().unique()
        if min(years_in(word)) < first or max(years_in(word)) > last
    )
    if not wrong:
        return []
    until = f"{one.first_year or 'the beginning'} to {one.last_year or 'now'}"
    return [
        crime.table.problem(
            found=f"figures of {listing(wrong)} by the definition {definition}",
            expected=f"years from {until}",
            action="filter the table to years of one definition, or name the right one "
            "(--definition)",
        )
    ]


def estimate_notes(crime: CrimeTable) -> list[str]:
    """Say where a publisher filled gaps."""
    if not re.match(r"(icpsr|kaplan)_county", crime.mapping.name):
        return []
    said = "months and agencies that did not report were filled by the publisher"
    return [f"{crime.table.source.file}: {said}; the covered share says how far"]
