"""What was made of crime files: lines to read, or JSON."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Final

import pandas as pd

from arrest_atlas.crime_baseline import CrimeRun
from arrest_atlas.map_tests.tables import align_columns, first_units, number_of, printable
from geo.crime import (
    AGGREGATE,
    COUNTED,
    NOT_LISTED,
    CountySums,
    load_definition,
    why_no_rate,
)
from outputs import summary_json

__all__ = ["run_json", "run_text"]

_SHOWN: Final = 10
_NO_RATE: Final = {
    "covered share too small": (
        "counties_below_least_covered_share",
        "a covered share below {:.0%}",
    ),
    "covered share not known": (
        "counties_of_unknown_covered_share",
        "a covered share that is not known",
    ),
    "no figure": ("counties_without_a_figure", "no figure"),
}
"""Why a county has no rate, by its flag: a name for programs, and words."""

_MATCHED: Final = ("ori", "name", "name and kind", "name and population")


def run_json(run: CrimeRun) -> str:
    """Lay out what was made as JSON.

    Parameters
    ----------
    run : CrimeRun
        What was made.

    Returns
    -------
    str
        One object.
    """
    definition = load_definition(run.baseline.crimes.definition)
    return summary_json(
        {
            "definition": definition.name,
            "definition_title": definition.title,
            "period": run.baseline.period,
            "years": list(run.baseline.years),
            "least_covered_share": run.baseline.least_covered_share,
            **_counts(run),
            **({"agencies": _agencies(run.sums)} if run.sums else {}),
            "warnings": list(run.sums.warnings) if run.sums else [],
            "notes": list(run.baseline.crimes.notes),
            "files": [
                {"file": source.file, "sha256": source.sha256, "rows": source.rows}
                for source in run.sources
            ],
        }
    )


def _counts(run: CrimeRun) -> dict[str, int]:
    baseline = run.baseline
    table = baseline.crimes.table
    why = why_no_rate(table, least_covered_share=baseline.least_covered_share).value_counts()
    return {
        "counties": len(table),
        "counties_with_a_rate": int(why.get("", 0)),
        **{name: int(why.get(reason, 0)) for reason, (name, _) in _NO_RATE.items()},
        "counties_without_crime": baseline.rates.zeros,
    }


def _agencies(sums: CountySums) -> dict[str, object]:
    totals = sums.totals()
    return {
        "matched": sums.matches.table["how"].value_counts().to_dict(),
        "outcomes": [
            {"outcome": outcome, "agency_years": agencies, "crimes": crimes}
            for outcome, agencies, crimes in totals.itertuples()
        ],
        "crimes": float(totals["reported"].sum()),
        "ambiguous": sums.matches.ambiguous[["agency", "state", "candidates"]].to_dict("records"),
        "unassigned": _unassigned(sums).to_dict("records"),
    }


def _unassigned(sums: CountySums) -> pd.DataFrame:
    """List agencies whose crimes went to no county, those with the most first."""
    ledger = sums.ledger
    rows = ledger[~ledger["outcome"].isin([COUNTED, AGGREGATE]) & (ledger["reported"] > 0)]
    by_agency = rows.groupby(["agency", "state", "ori", "outcome"], sort=False)["reported"].sum()
    return by_agency.sort_values(ascending=False, kind="stable").reset_index()


def run_text(run: CrimeRun) -> str:
    """Lay out what was made as lines to read.

    Parameters
    ----------
    run : CrimeRun
        What was made.

    Returns
    -------
    str
        What was counted, what it covers, what became of the agencies, and how to go on.
    """
    return printable(_lines(run))


def _lines(run: CrimeRun) -> Iterator[str]:
    baseline = run.baseline
    definition = load_definition(baseline.crimes.definition)
    counts = _counts(run)
    counties = partial(number_of, one="county", several="counties")
    years = ", ".join(map(str, baseline.years))
    yield f"{definition.name}: {definition.title}, {years}"
    yield ""
    yield f"{counties(counts['counties_with_a_rate'])} with a rate, of {counts['counties']:,}"
    for name, words in _NO_RATE.values():
        if counts[name]:
            yield f"{counties(counts[name])} without one: {words}".format(
                baseline.least_covered_share
            )
    if counts["counties_without_crime"]:
        yield f"{counties(counts['counties_without_crime'])} with a rate of zero"
    if run.sums is not None:
        yield ""
        yield from _agency_lines(run.sums)
    yield ""
    yield from (f"WARNING: {words}." for words in (run.sums.warnings if run.sums else ()))
    if baseline.crimes.notes:
        yield from (f"note: {note}" for note in baseline.crimes.notes)
        yield ""
    yield f"In a run: {_option_of(run)} (it must end before the arrests begin)."


def _option_of(run: CrimeRun) -> str:
    """Say how a run knows the period of the table."""
    if len(set(run.table["years"])) > 1:
        return f"--crime-filter years={run.table['years'].iloc[-1]}, or another of the years"
    return f"--crime-period {run.baseline.period}, which the table tells"


def _agency_lines(sums: CountySums) -> Iterator[str]:
    totals = sums.totals()
    rows = [
        [outcome, f"{agencies:,}", _whole(crimes)]
        for outcome, agencies, crimes in totals.itertuples()
    ]
    rows.append(["all", f"{totals['agencies'].sum():,}", _whole(totals["reported"].sum())])
    yield from align_columns(["agencies by outcome", "agency-years", "crimes"], rows)
    yield ""
    how = sums.matches.table["how"].value_counts()
    matched = ", ".join(f"{how[way]:,} by {way}" for way in _MATCHED if way in how)
    others = [f"{how[NOT_LISTED]:,} not listed"] if NOT_LISTED in how else []
    ambiguous = sums.matches.ambiguous
    others += [f"{len(ambiguous):,} ambiguous"] if len(ambiguous) else []
    yield f"Matched to the list: {'; '.join([matched or 'none', *others])}."
    if len(ambiguous):
        names = ambiguous["agency"] + ", " + ambiguous["state"]
        yield f"Ambiguous: {first_units(names.tolist())}."
    unassigned = _unassigned(sums)
    if len(unassigned):
        yield ""
        yield "Crimes in no county, the most first:"
        yield from align_columns(
            ["agency", "state", "crimes", "why"],
            [
                [agency or ori, state, _whole(reported), outcome]
                for agency, state, ori, outcome, reported in unassigned.head(_SHOWN).itertuples(
                    index=False
                )
            ],
        )
        if len(unassigned) > _SHOWN:
            more = len(unassigned) - _SHOWN
            agencies = "agency" if more == 1 else "agencies"
            yield f"... and {more:,} more {agencies} (--ledger lists them all)."


def _whole(crimes: float) -> str:
    """Write crimes to the last one; shares of a city's need not be whole."""
    return f"{crimes:,.1f}".removesuffix(".0")
