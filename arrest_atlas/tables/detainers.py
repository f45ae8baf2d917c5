"""How often an arrest in jail follows ICE's request that a jail hold somebody."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import pandas as pd

from arrest_atlas.options import ArrestInputs
from arrest_atlas.period import Period
from arrest_atlas.records import Records
from arrest_atlas.tables._class_shares import Classes, share_changes
from arrest_atlas.tables._detainer_columns import (
    LIFT_WORDS,
    day_columns,
    day_texts,
    share_columns,
    share_texts,
)
from arrest_atlas.tables._detainer_links import detainer_rows
from arrest_atlas.tables._detainer_shares import ALL, followed_shares, followed_within
from arrest_atlas.tables._detainer_texts import (
    detainer_figures,
    detainer_findings,
    detainer_limits,
)
from arrest_atlas.tables._spans import Span, overlapping
from arrest_atlas.tables._vote_groups import (
    VOTE_GROUPS,
    group_words,
    vote_groups,
    vote_limits,
    winners,
)
from arrest_atlas.tables.arrest_rows import UNASSIGNED, within
from arrest_atlas.tables.material import Recipe, TableMaterial
from arrest_atlas.tables.published import PublishedAnalysis, PublishedTable
from boundaries import load_states
from geo import InputError, Problem
from geo.context import PresidentialVotes
from geo.detainers import DetainerRecords, find_repeated_detainers

__all__ = ["DAYS", "RECIPE", "detainers"]

DAYS: Final = 90
"""Days within which an arrest follows."""

_QUESTION: Final = "How often does an arrest in jail follow a detainer?"
_CUSTODIAL: Final = Classes(column="outcome", words={"custodial": "arrest in jail or prison"})


def detainers(
    inputs: ArrestInputs,
    given: DetainerRecords,
    *,
    votes: PresidentialVotes | None = None,
    periods: Sequence[Period] = (),
    days: int = DAYS,
) -> PublishedAnalysis:
    """Link detainers to the later arrests of the same person, by state of the jail.

    The question is that of CNN (2025), which found that 87 % of the people for whom ICE asked
    jails were arrested in Mississippi, and 4 % in New York.

    Parameters
    ----------
    inputs : ArrestInputs
        Records of arrests, of the same release as the detainers. Arrests of every day count,
        whatever the period.
    given : DetainerRecords
        Detainers.
    votes : PresidentialVotes, optional
        Votes, by which states are grouped.
    periods : sequence of Period, optional
        Days on which detainers were prepared, to be told apart. By default one period of all.
    days : int, default 90
        Days within which an arrest follows. Detainers that the arrests do not cover for so
        long are set apart.

    Returns
    -------
    PublishedAnalysis
        Shares with 90 % intervals by state, by vote and by what the detainers' records say of
        their end, and by days since the detainer; the last period first.

    Raises
    ------
    InputError
        If there are no records, no person stands in both, or no detainer is of a period.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from arrest_atlas.demo import simulate
    >>> from arrest_atlas.simulated_detainers import simulate_detainers
    >>> from geo.detainers import read_detainers
    >>> simulation = simulate(seed=0, arrests=20_000)
    >>> path = Path(tempfile.mkdtemp()) / "detainers.csv"
    >>> made = simulate_detainers(simulation.records, detainers=4_000, rng=0)
    >>> made.table.to_csv(path, index=False)
    >>> states = detainers(simulation.inputs, read_detainers(path)).to_frame()
    >>> (states.loc[["MS", "NY"], "custodial_share"] > 0.5).tolist()
    [True, False]
    """
    records = inputs.records
    if records is None:
        raise InputError([_no_records()])
    repeats = find_repeated_detainers(given.table)
    every = detainer_rows(given, records, days=days)
    won = None if votes is None else winners(votes)
    spans, notes = _spans(every, periods)
    files = dict.fromkeys(each.file for each in [*given.sources, *records.arrests.sources])
    made: dict[str, PublishedTable] = {}
    for place in reversed(range(len(spans))):
        end = "" if place == len(spans) - 1 else f"_{spans[place].key}"
        before = spans[place - 1] if place else None
        tables = _tables(
            every, spans[place], before, won, days=days, source="; ".join(files),
            support=_support(every, records),
        )  # fmt: skip
        made |= {f"{name}{end}": table for name, table in tables.items()}
    frames = {name: table.frame for name, table in made.items()}
    span, earlier = spans[-1], spans[-2] if len(spans) > 1 else None
    figures, captions = detainer_figures(frames, span, days=days, simulated=inputs.simulated)
    states = [
        str(code)
        for code, row in frames["detainers_state"].drop(index=[ALL, UNASSIGNED]).iterrows()
        if row["detainers"]
    ]
    return PublishedAnalysis(
        name="detainers",
        question=_QUESTION,
        findings=tuple(detainer_findings(frames, span, earlier, days=days)),
        limits=(
            *notes,
            *detainer_limits(every, records, days=days, repeats=repeats),
            *(vote_limits(votes, won, states) if votes and won is not None else ()),
            *given.notes,
            *inputs.notes,
        ),
        tables=made,
        figures=figures,
        captions=captions,
        simulated=inputs.simulated,
    )


def _no_records() -> Problem:
    return Problem(
        file="arrests",
        found="tables of counts, which do not tell who was arrested",
        expected="records of arrests, one row each",
        action="give --arrests",
    )


def _spans(every: pd.DataFrame, periods: Sequence[Period]) -> tuple[list[Span], list[str]]:
    """Cut the periods to the days of which there are detainers."""
    known = every["date"].dropna()
    first, last = known.min().date(), known.max().date()
    whole = Period(first, last, f"{first}/{last}")
    spans, notes = [], []
    for period in dict.fromkeys(periods or [whole]):
        start, end = max(period.first, first), min(period.last, last)
        if start > end or within(every, period).empty:
            notes.append(f"No detainer is of {period}: the detainers run from {whole}.")
            continue
        same = (start, end) == (period.first, period.last)
        covered = period if same else Period(start, end, f"{start}/{end}")
        spans.append(Span(asked=period, covered=covered))
        if not same:
            notes.append(f"Of the period {period} the detainers cover {covered} only.")
    if not spans:
        problem = Problem(
            file="--period",
            found=f"no detainer within {', '.join(map(str, periods))}, but from {whole}",
            expected="days on which detainers were prepared",
            action="change the periods",
        )
        raise InputError([problem])
    return sorted(spans, key=lambda span: span.first), notes


def _support(every: pd.DataFrame, records: Records) -> str:
    unassigned = float((every["state"] == UNASSIGNED).mean())
    days = records.arrests.table.loc[~records.duplicates.drop, "apprehension_date"].dropna()
    return (
        f"state of the jail ({unassigned:.1%} of the detainers have none), whatever the place of "
        f"the arrest; arrests from {days.min():%Y-%m-%d} to {days.max():%Y-%m-%d}"
    )


def _tables(
    every: pd.DataFrame,
    span: Span,
    before: Span | None,
    won: pd.Series | None,
    *,
    days: int,
    source: str,
    support: str,
) -> dict[str, PublishedTable]:
    assert span.covered is not None  # noqa: S101  (as `_spans` makes them)
    rows = within(every, span.covered)
    since = None if before is None or overlapping(before, span) else before
    then = None if since is None or since.covered is None else within(every, since.covered)
    facts = {
        "period": f"detainers prepared {span}",
        "denominator": f"detainers, repeated ones aside, of persons with an identifier, that the "
        f"arrests cover for {days} days; the four shares of a row sum to one",
        "support": support,
        "source": source,
    }
    tables = {}
    for name, head, meaning, order, names in _cuts(won):
        frame = followed_shares(rows, _by(rows, name, won), order=order)
        if then is not None:
            earlier = followed_shares(then, _by(then, name, won), order=order)
            frame = frame.join(share_changes(frame, earlier, _CUSTODIAL))
        if name == "state":
            frame.insert(0, "name", load_states()["name"].reindex(frame.index))
        words = share_columns(name, meaning, days=days, before=since if then is not None else None)
        tables[f"detainers_{name}"] = PublishedTable(
            title=f"What followed detainers, by {head.lower()}, {span.asked or span}",
            frame=frame.rename_axis(index=name),
            shown=share_texts(frame, head, names),
            columns=words,
            **facts,
        )
    soon = followed_within(rows)
    tables["detainers_days"] = PublishedTable(
        title=f"How soon arrests followed detainers, {span.asked or span}",
        frame=soon,
        shown=day_texts(soon),
        columns=day_columns(),
        **facts
        | {
            "denominator": "detainers, repeated ones aside, of persons with an identifier, each "
            "for as long as the arrests cover it",
        },
    )
    return tables


def _cuts(won: pd.Series | None) -> Iterator[tuple[str, str, str, list[str], dict[str, str]]]:
    """Name the cuts: index, head, meaning, groups in order, names for people."""
    names = load_states()["name"].sort_index()
    yield (
        "state",
        "State",
        "State of the jail, postal code",
        [*map(str, names.index), UNASSIGNED],
        {str(code): str(name) for code, name in names.items()},
    )
    if won is not None:
        words = group_words(won)
        yield (
            "vote",
            "Vote of the state",
            "Party with more of the state's votes for president",
            [*VOTE_GROUPS],
            words,
        )
    yield (
        "lifted",
        "What the record says of its end",
        "How the detainer ended, as its own record says",
        [*LIFT_WORDS],
        {**LIFT_WORDS},
    )


def _by(rows: pd.DataFrame, name: str, won: pd.Series | None) -> pd.Series:
    if name == "vote":
        assert won is not None  # noqa: S101  (the cut is not there otherwise)
        return vote_groups(rows["state"], won)
    return rows[name]


def _make(material: TableMaterial) -> PublishedAnalysis:
    assert material.detainers is not None  # noqa: S101  (the recipe needs them)
    return detainers(
        material.arrests, material.detainers, votes=material.votes, periods=material.spans
    )


RECIPE: Final = Recipe(
    name="detainers",
    help="share of detainers that an arrest in jail followed, by state of the jail",
    make=_make,
    needs=("records", "detainers"),
    takes=("votes",),
)
