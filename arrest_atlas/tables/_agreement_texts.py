"""What is said of counties with and without agreements."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

import pandas as pd

from arrest_atlas.options import Inputs
from arrest_atlas.period import Period
from arrest_atlas.report_parts._wording import capital, count, decimal, listed, percent
from arrest_atlas.tables._agreement_groups import EXPOSURE_WORDS, EXPOSURES
from arrest_atlas.tables._agreement_outcomes import CRIME
from arrest_atlas.tables._agreement_results import AgreementResults
from arrest_atlas.tables._agreement_tables import AgreementFacts
from arrest_atlas.tables._pre_trends import SLOPE
from geo.context.agreements import STATE_AGENCY

__all__ = ["agreement_findings", "agreement_limits"]

_UNEVEN: Final = 0.25
"""Standard deviations that matches may be apart in a covariate before it is said."""


def agreement_findings(
    results: AgreementResults, trends: pd.DataFrame | None, facts: AgreementFacts
) -> Iterator[str]:
    """Say how the rates compare, any agreement first, then each kind."""
    day = facts.groups.counts.day
    any_, none = (results.groups.loc[name, "counties"] for name in ("any", "none"))
    rows = {
        (row["outcome"], row["agreement"], row["method"]): row
        for row in results.comparisons.to_dict("records")
    }
    for number, (outcome, words) in enumerate(facts.words.items()):
        opening = (
            f"On {day}, {count(any_)} counties had a 287(g) agreement and {count(none)} had none: "
            if number == 0
            else ""
        )
        yield opening + _compared(rows, outcome, words, first=number == 0)
    for exposure in EXPOSURES[1:]:
        told = []
        for outcome, words in facts.words.items():
            row = rows[outcome, exposure, "adjusted"]
            if not pd.isna(row["ratio"]):
                told.append(f"{_times(row)} for {words} ({count(row['exposed'])} counties)")
        if told:
            yield (
                f"Counties with {EXPOSURE_WORDS[exposure]} agreements, within states and with the "
                f"covariates equal: {listed(told)}."
            )
    yield from _before(trends)


def _compared(rows: Mapping[Any, Any], outcome: str, words: str, *, first: bool) -> str:
    own = {name: rows[outcome, "any", name] for name in ("unadjusted", "adjusted", "matched")}
    if pd.isna(own["adjusted"]["ratio"]):
        return f"{words} cannot be compared ({own['adjusted']['reason']})."
    subject = "those with had" if first else f"{capital(words)}: counties with agreements had"
    return (
        f"{subject} {_times(own['adjusted'])} the {'rate of ' + words + ' ' if first else 'rate '}"
        "of those without, within states and with the covariates equal; as they are, "
        f"{_times(own['unadjusted'])}; matched within states, {_times(own['matched'])}."
    )


def _times(row: Any) -> str:
    if pd.isna(row["ratio"]):
        return f"no number ({row['reason']})"
    low, high = decimal(row["low"]), decimal(row["high"])
    return f"{decimal(row['ratio'])} times (90 % interval {low} to {high})"


def _before(trends: pd.DataFrame | None) -> Iterator[str]:
    if trends is None:
        return
    row = trends[(trends["agreement"] == "any") & (trends["years"] == SLOPE)]
    if len(row) and not pd.isna(row["ratio"].iloc[0]):
        slope = row.iloc[0]
        ratio, low, high = (f"{slope[name]:.3f}" for name in ("ratio", "low", "high"))
        verdict = (
            "no trend apart can be told"
            if slope["low"] <= 1 <= slope["high"]
            else "they went another way already, so that later differences cannot be laid to the "
            "agreements"
        )
        yield (
            f"Before they signed, crime in these counties changed by a factor of {ratio} a year "
            f"(90 % interval {low} to {high}) beside others of their state: {verdict}."
        )


def agreement_limits(
    results: AgreementResults, trends: pd.DataFrame | None, facts: AgreementFacts
) -> Iterator[str]:
    """Say what this cannot tell, and what is left out."""
    yield (
        "Nothing here is an effect of agreements. Sheriffs and towns choose to sign, for reasons "
        "that go with crime, arrests and much that is not measured; what is held equal is what is "
        "listed, no more."
    )
    yield (
        "Crime is what was reported to police. Organised crime is not measured by any source here, "
        "nor are crimes that agreements may keep from being reported."
    )
    yield from _order(facts)
    yield from _signed(facts)
    yield from _places(facts)
    held = listed([each.words for each in facts.held])
    yield (
        f"Held equal: {held}. Crime is held equal in comparisons of arrests, not of itself. "
        "Counties of which one of these is not known take no part; the table of counties says why. "
        "A table of further covariates can be given."
    )
    for outcome in facts.outcomes:
        why = results.counties[f"{outcome.name}_left_out"]
        out = why.where(why != "").value_counts()
        if len(out):
            told = listed([f"{count(number)}: {reason}" for reason, number in out.items()])
            yield f"{capital(outcome.words)}: counties that take no part ({told})."
    if not facts.arrests:
        yield (
            "No county has arrest figures of its own, since too few arrests are located by county: "
            "arrests are not compared."
        )
    yield from _uneven(results.balance)
    if trends is None:
        yield (
            "Whether counties that signed went another way before is not looked at: that needs "
            "crime over years by one definition, which the command line does not take."
        )


def _order(facts: AgreementFacts) -> Iterator[str]:
    """Say whether crime came before or after the day of the agreements."""
    inputs = facts.inputs
    if CRIME not in facts.words or not isinstance(inputs, Inputs):
        return
    period: Period | None = inputs.crime_period
    day = facts.groups.counts.day
    if period is None:
        yield "The period of crime is not stated: it may lie before or after the agreements."
    elif period.last < day:
        yield (
            f"Crime ({period}) was counted before the day of the agreements: the comparison says "
            "where agreements are, not what followed them."
        )


def _signed(facts: AgreementFacts) -> Iterator[str]:
    """Say when the agreements were signed, beside the arrests."""
    covered = facts.span.covered
    table = facts.groups.counts.agreements.table
    own = table[(table["told_by"] != STATE_AGENCY) & table["county_fips"].notna()]
    first = own.dropna(subset=["signed"]).groupby("county_fips")["signed"].min()
    first = first[first <= pd.Timestamp(facts.groups.counts.day)]
    if not facts.arrests or covered is None or first.empty:
        return
    begun, ended = pd.Timestamp(covered.first), pd.Timestamp(covered.last)
    before, after = float((first < begun).mean()), float((first > ended).mean())
    yield (
        f"Of the counties with agreements, {percent(before)} had one before the arrests that are "
        f"counted began, {percent(1 - before - after)} signed their first while they went on, "
        f"{percent(after)} afterwards; arrests of all those days count alike."
    )


def _places(facts: AgreementFacts) -> Iterator[str]:
    counts = facts.groups.counts
    statewide = int(counts.by_state.sum().sum())
    states = sorted(counts.by_state.index[counts.by_state.sum(axis="columns") > 0])
    if statewide:
        yield (
            f"{count(statewide)} agreements of state agencies ({', '.join(states)}) may act in "
            "every county of their state and are counted in none; effects of states take out what "
            "is the same throughout one."
        )
    if len(counts.unplaced):
        yield (
            f"{count(len(counts.unplaced))} agreements are of agencies whose county could not be "
            "told; their counties stand among those without."
        )
    unknown = int((facts.groups.table["not_told"] != "").sum())
    if len(counts.undated):
        yield (
            f"{count(len(counts.undated))} agreements have no day of signature and are left out; "
            f"{count(unknown)} counties have no others and take no part."
        )
    yield (
        "The list holds what was in force on its own day "
        f"({counts.agreements.as_of}): agreements that ended before are not on it. An agreement of "
        "a town counts for its county, and a county with several kinds counts in each."
    )


def _uneven(balance: pd.DataFrame) -> Iterator[str]:
    if balance.empty:
        return
    apart = balance[balance["after"].abs() > _UNEVEN]
    if len(apart):
        kinds = listed(
            [EXPOSURE_WORDS[name] for name in EXPOSURES if name in set(apart["agreement"])]
        )
        yield (
            f"Matches are more than {_UNEVEN} standard deviations apart in a covariate for {kinds} "
            "(table of balance): there, matching leans on the slopes that take the rest out."
        )
