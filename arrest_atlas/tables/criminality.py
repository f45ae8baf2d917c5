"""Who is arrested, by the criminal record that ICE notes: as its own dashboards cut it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import pandas as pd

from arrest_atlas.options import ArrestInputs
from arrest_atlas.period import Period
from arrest_atlas.tables._class_cuts import (
    custody_cut,
    method_cut,
    month_cut,
    office_cut,
    state_cut,
    vote_cut,
)
from arrest_atlas.tables._class_shares import CRIMINALITY_CLASSES
from arrest_atlas.tables._class_tables import (
    Cut,
    class_table,
    counted_rows,
    rows_of_span,
    undated_limit,
)
from arrest_atlas.tables._criminality_texts import (
    criminality_figures,
    criminality_findings,
    criminality_limits,
)
from arrest_atlas.tables._spans import Span, spans_of
from arrest_atlas.tables._vote_groups import vote_groups, vote_limits, winners
from arrest_atlas.tables.material import Recipe, TableMaterial
from arrest_atlas.tables.published import PublishedAnalysis, PublishedTable
from boundaries import load_zones
from geo.context import PresidentialVotes

__all__ = ["RECIPE", "criminality"]

_QUESTION: Final = "What criminal record do those arrested have?"
_TITLE: Final = "Criminality of those arrested"


def criminality(
    inputs: ArrestInputs,
    *,
    votes: PresidentialVotes | None = None,
    periods: Sequence[Period] = (),
) -> PublishedAnalysis:
    """Share arrests out by criminal record: by office, month, method, custody, state and vote.

    The classes are those of ICE's own dashboards: convicted, charges pending, and other
    immigration violators, of whom it records neither.

    Parameters
    ----------
    inputs : ArrestInputs
        Records of arrests.
    votes : PresidentialVotes, optional
        Votes, by which states are grouped.
    periods : sequence of Period, optional
        Days to tell apart. By default all days are one period; months are of all days.

    Returns
    -------
    PublishedAnalysis
        Shares with 90 % intervals; the last period first, with what changed since the one
        before.

    Raises
    ------
    InputError
        If there are no records, or none of the periods.

    Examples
    --------
    >>> from arrest_atlas.demo import simulate
    >>> made = criminality(simulate(seed=0, arrests=5_000).inputs)
    >>> list(made.tables)[:3]
    ['criminality_aor', 'criminality_month', 'criminality_method']
    """
    every = counted_rows(inputs)
    won = None if votes is None else winners(votes)
    if won is not None:
        every = every.assign(vote=vote_groups(every["state"], won))
    spans, notes = spans_of(inputs, periods)
    source = inputs.file_names or "the records given"
    tables: dict[str, PublishedTable] = {}
    for place in reversed(range(len(spans))):
        span = spans[place]
        before = (rows_of_span(every, spans[place - 1]), spans[place - 1]) if place else None
        end = "" if place == len(spans) - 1 else f"_{span.key}"
        for name, table in _tables(every, span, before, won, source).items():
            tables[f"criminality_{name}{end}"] = table
            if name == "aor" and not end:
                tables["criminality_month"] = _months(every, inputs, source)
    latest = rows_of_span(every, spans[-1])
    states = [code for code in load_zones()["state"].unique() if (latest["state"] == code).any()]
    figures, captions = criminality_figures(tables, spans, simulated=inputs.simulated)
    return PublishedAnalysis(
        name="criminality",
        question=_QUESTION,
        findings=tuple(criminality_findings(tables, spans)),
        limits=(
            *notes,
            *undated_limit(every),
            *criminality_limits(latest),
            *(vote_limits(votes, won, sorted(states)) if votes and won is not None else ()),
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
    earlier = rows.iloc[:0] if before is None else before[0]
    # A method that only the period before has stays in the table, with no arrest of this one.
    cut, methods = method_cut(pd.concat([rows, earlier]))
    rows = rows.assign(method=methods.iloc[: len(rows)])
    earlier = earlier.assign(method=methods.iloc[len(rows) :])
    cuts: dict[str, Cut] = {
        "aor": office_cut(rows),
        "method": cut,
        "custody": custody_cut(),
        "state": state_cut(rows),
    }
    if won is not None:
        cuts["vote"] = vote_cut(rows, won, present=every["vote"].unique())
    return {
        name: class_table(
            rows,
            each,
            CRIMINALITY_CLASSES,
            title=_TITLE,
            span=span,
            source=source,
            before=None if before is None else (earlier, before[1]),
        )
        for name, each in cuts.items()
    }


def _months(every: pd.DataFrame, inputs: ArrestInputs, source: str) -> PublishedTable:
    """Tell every month of which there are arrests, whatever the periods."""
    spans, _ = spans_of(inputs, ())
    rows = rows_of_span(every, spans[0])
    cut, months = month_cut(rows)
    return class_table(
        rows.assign(month=months),
        cut,
        CRIMINALITY_CLASSES,
        title=_TITLE,
        span=spans[0],
        source=source,
    )


def _make(material: TableMaterial) -> PublishedAnalysis:
    return criminality(material.arrests, votes=material.votes, periods=material.spans)


RECIPE: Final = Recipe(
    name="criminality",
    help="criminal record of those arrested, by office, month, method, state and vote",
    make=_make,
    needs=("records",),
    takes=("votes",),
)
