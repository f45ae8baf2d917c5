"""What a reader of county sums must know: what was left aside, and whose residents they are."""

from __future__ import annotations

from typing import Final

import pandas as pd

from boundaries import load_counties
from geo.crime._reports import zero_notes
from geo.crime.agency_matching import AGGREGATE, BY_NAME
from geo.crime.coverage import COUNTED
from geo.crime.offenses import AgencyOffenses
from geo.population import Population

_STALE: Final = 2
"""Years between figures and residents from which on this is a warning."""


_MORE: Final = 1.1
"""Residents of the agencies that reported, by those of the county, from which on it is told."""

_SHOWN: Final = 3


def sum_notes(
    ledger: pd.DataFrame, table: pd.DataFrame, offenses: AgencyOffenses, residents: Population
) -> list[str]:
    """Say what was left aside, and whose residents the covered share refers to."""
    file = ", ".join(source.file for source in offenses.sources)
    notes = []
    sums = ledger[ledger["outcome"] == AGGREGATE]
    if len(sums):
        notes.append(
            f"{file}: sums of several agencies (samples, groups, regions), left out: "
            f"{len(sums.drop_duplicates(['agency', 'state'])):,}"
        )
    unknown = (ledger["months"].isna() & (ledger["outcome"] == COUNTED)).sum()
    if unknown:
        notes.append(f"{file}: months reported are not known, taken for a year: {unknown:,}")
    notes += [f"{file}: {note}" for note in zero_notes(ledger)]
    named = ledger[ledger["how"].isin(BY_NAME) & (ledger["ori"] != ledger["matched"])]
    if len(named):
        notes.append(
            f"{file}: agencies whose ORI the list lacks, matched by name in the county of their "
            f"ORI: {named['ori'].nunique():,}"
        )
    notes += _more_than_there_are(table, residents)
    notes += residents.notes
    words = {year: residents.words_for(year) for year in sorted(set(ledger["year"].astype(int)))}
    return notes + [
        f"the covered share of {year} refers to residents of {there}"
        for year, there in words.items()
        if there != str(year)
    ]


def _more_than_there_are(table: pd.DataFrame, residents: Population) -> list[str]:
    """Name counties of whose agencies the residents are more than live there."""
    ratios = [
        rows.set_index("county_fips")["residents"] / residents.residents(int(str(year)))
        for year, rows in table.groupby("year")
    ]
    ratio = pd.concat(ratios).groupby(level=0).max().replace(float("inf"), float("nan"))
    ratio = ratio[ratio >= _MORE].sort_values(ascending=False, kind="stable")
    if ratio.empty:
        return []
    places = load_counties()
    shown = ", ".join(
        f"{places['name'][county]}, {places['state'][county]} {times:.2f}"
        for county, times in ratio.head(_SHOWN).items()
    )
    said = "counties whose agencies say that they serve a tenth more residents than live there, or"
    return [f"{said} more, so that rates are too low: {len(ratio):,} ({shown})"]


def sum_warnings(people: Population, years: list[int], listed_in: int) -> tuple[str, ...]:
    """Say where residents are of another time than figures or list."""
    found = []
    behind = [year for year in years if _years_off(people, year) >= _STALE]
    if behind:
        there = people.words_for(behind[-1])
        found.append(
            f"the covered share of {', '.join(map(str, behind))} is by residents of {there}: "
            "counties that grew since look better covered than they are; give residents of "
            "these years (--residents)"
        )
    if _years_off(people, listed_in) >= _STALE:
        found.append(
            f"the list of agencies is of {listed_in}, residents are of "
            f"{people.words_for(listed_in)}: parts of cities over several counties are rough; "
            "give residents of that year (--residents)"
        )
    return tuple(found)


def _years_off(people: Population, year: int) -> int:
    return min(abs(year - there) for there in people.years_for(year))
