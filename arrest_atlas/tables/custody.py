"""How many arrests are made in jails and prisons, and how many in the community."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import pandas as pd

from arrest_atlas.options import ArrestInputs
from arrest_atlas.period import Period
from arrest_atlas.tables._class_cuts import custody_cut, state_cut, vote_cut
from arrest_atlas.tables._class_shares import (
    CRIMINALITY_CLASSES,
    CUSTODY_CLASSES,
    Classes,
    class_shares,
)
from arrest_atlas.tables._class_tables import (
    Cut,
    class_table,
    counted_rows,
    rows_of_span,
    undated_limit,
)
from arrest_atlas.tables._custody_texts import (
    custody_figures,
    custody_findings,
    custody_limits,
    state_columns,
)
from arrest_atlas.tables._rate_tables import ALL
from arrest_atlas.tables._spans import Span, spans_of
from arrest_atlas.tables._state_assignment import (
    DOUBT_COLUMNS,
    SPREAD_COLUMNS,
    assignment_cut,
    assignment_limits,
    doubt_by_state,
    spread_shares,
    told_by,
)
from arrest_atlas.tables._vote_groups import vote_groups, vote_limits, winners
from arrest_atlas.tables.arrest_rows import UNASSIGNED
from arrest_atlas.tables.material import Recipe, TableMaterial
from arrest_atlas.tables.published import PublishedAnalysis, PublishedTable
from geo.context import PresidentialVotes

__all__ = ["RECIPE", "custody"]

_QUESTION: Final = "Are people arrested in jails and prisons, or in the community?"


def custody(
    inputs: ArrestInputs,
    *,
    votes: PresidentialVotes | None = None,
    periods: Sequence[Period] = (),
) -> PublishedAnalysis:
    """Share arrests out between jails, the community and neither, by state, vote and period.

    The question and the cuts are those of CNN (2025), which found 59 % of the arrests in states
    that voted for Trump in jails and prisons, and 70 % of those in the others in the community.

    Parameters
    ----------
    inputs : ArrestInputs
        Records of arrests.
    votes : PresidentialVotes, optional
        Votes, by which states are grouped.
    periods : sequence of Period, optional
        Days to tell apart. By default all days are one period.

    Returns
    -------
    PublishedAnalysis
        Shares with 90 % intervals by state, by vote, by what tells the state, and criminality
        by custody; the last period first, with what changed since the one before.

    Raises
    ------
    InputError
        If there are no records, or none of the periods.

    Examples
    --------
    >>> from arrest_atlas.demo import simulate
    >>> made = custody(simulate(seed=0, arrests=5_000).inputs)
    >>> table = made.to_frame()
    >>> bool(table.loc["all arrests", "arrests"] == table.drop("all arrests")["arrests"].sum())
    True
    """
    every = counted_rows(inputs)
    won = None if votes is None else winners(votes)
    if won is not None:
        every = every.assign(vote=vote_groups(every["state"], won))
    every = every.assign(state_from=told_by(every))
    spans, notes = spans_of(inputs, periods)
    tables: dict[str, PublishedTable] = {}
    for place in reversed(range(len(spans))):
        span = spans[place]
        before = (rows_of_span(every, spans[place - 1]), spans[place - 1]) if place else None
        end = "" if place == len(spans) - 1 else f"_{span.key}"
        made = _tables(every, span, before, won, inputs.file_names or "the records given")
        tables |= {f"{name}{end}": table for name, table in made.items()}
    latest = rows_of_span(every, spans[-1])
    figures, captions = custody_figures(tables, spans, won, simulated=inputs.simulated)
    assert inputs.records is not None  # noqa: S101  (counted_rows has seen them)
    return PublishedAnalysis(
        name="custody",
        question=_QUESTION,
        findings=tuple(custody_findings(tables, spans, won)),
        limits=(
            *notes,
            *undated_limit(every),
            *custody_limits(latest, inputs.records.programme_287g),
            *assignment_limits(latest, inputs.records),
            *(vote_limits(votes, won, _states(tables)) if votes and won is not None else ()),
            *inputs.notes,
        ),
        tables=tables,
        figures=figures,
        captions=captions,
        simulated=inputs.simulated,
    )


def _tables(
    every: pd.DataFrame,
    span: Span,
    before: tuple[pd.DataFrame, Span] | None,
    won: pd.Series | None,
    source: str,
) -> dict[str, PublishedTable]:
    rows = rows_of_span(every, span)
    title = "Arrests in jails, in the community and neither"
    named, extra = state_columns(won)
    by_state = state_cut(rows, extra=SPREAD_COLUMNS | DOUBT_COLUMNS | extra)
    beside = _spread(rows, by_state).join([doubt_by_state(rows), named], how="outer")
    cuts: dict[str, tuple[Cut, Classes, pd.DataFrame | None]] = {
        "custody_state": (by_state, CUSTODY_CLASSES, beside),
    }
    if won is not None:
        by_vote = vote_cut(rows, won, present=every["vote"].unique(), extra=SPREAD_COLUMNS)
        cuts["custody_vote"] = (by_vote, CUSTODY_CLASSES, _spread(rows, by_vote))
        by_vote = replace(by_vote, extra={})
        cuts["custody_vote_criminality"] = (by_vote, CRIMINALITY_CLASSES, None)
    cuts["custody_criminality"] = (custody_cut(), CRIMINALITY_CLASSES, None)
    cuts["custody_assignment"] = (assignment_cut(), CUSTODY_CLASSES, None)
    return {
        name: class_table(
            rows,
            cut,
            classes,
            title=title if classes is CUSTODY_CLASSES else "Criminality",
            span=span,
            source=source,
            before=before,
            beside=columns,
        )
        for name, (cut, classes, columns) in cuts.items()
    }


def _spread(rows: pd.DataFrame, cut: Cut) -> pd.DataFrame:
    plain = class_shares(rows, rows[cut.name], CUSTODY_CLASSES, order=list(cut.groups))
    return spread_shares(rows, rows[cut.name], plain)


def _states(tables: dict[str, PublishedTable]) -> list[str]:
    """List the states with arrests of the last period."""
    frame = tables["custody_state"].frame
    told = frame.drop(index=[ALL, UNASSIGNED])
    return [str(code) for code in told.index[told["arrests"] > 0]]


def _make(material: TableMaterial) -> PublishedAnalysis:
    return custody(material.arrests, votes=material.votes, periods=material.spans)


RECIPE: Final = Recipe(
    name="custody",
    help="share of arrests in jails and prisons and in the community, by state and vote",
    make=_make,
    needs=("records",),
    takes=("votes",),
)
