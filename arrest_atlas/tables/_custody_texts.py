"""What is told of custody: sentences and figures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import pandas as pd

from arrest_atlas.report_parts._wording import count, percent
from arrest_atlas.tables._class_cuts import method_cut
from arrest_atlas.tables._class_shares import CRIMINALITY_CLASSES, CUSTODY_CLASSES, difference
from arrest_atlas.tables._class_tables import SPREAD, points, share_text
from arrest_atlas.tables._rate_tables import ALL, row_of
from arrest_atlas.tables._spans import Span
from arrest_atlas.tables._vote_groups import VOTE_GROUPS, group_words
from arrest_atlas.tables.arrest_rows import UNASSIGNED
from arrest_atlas.tables.published import PublishedTable
from boundaries import load_states
from outputs import ColumnWords
from outputs.figures.ranked_rows import ranked_rows_figure
from outputs.figures.share_bars import share_bars_figure

__all__ = [
    "custody_figures",
    "custody_findings",
    "custody_limits",
    "days_of",
    "state_columns",
    "when",
]

_STAND_ALONE: Final = 100
"""Arrests that a state must have to be named as the highest or the lowest."""

_MOST_SPANS: Final = 3
_REPUBLICAN, _DEMOCRATIC = VOTE_GROUPS[:2]


def when(span: Span) -> str:
    """Begin a sentence with a period."""
    days = days_of(span)
    return f"{'From' if ' to ' in days else 'In'} {days}"


def days_of(span: Span) -> str:
    """Name the days of a period that the records cover."""
    return str(span.covered or span)


def state_columns(won: pd.Series | None) -> tuple[pd.DataFrame, dict[str, ColumnWords]]:
    """Name states, and how they voted, beside their numbers."""
    names = load_states()["name"]
    frame = pd.DataFrame({"name": names})
    words = {"name": ColumnWords(meaning="Name of the state")}
    if won is not None:
        frame["vote"] = won.reindex(names.index).fillna(VOTE_GROUPS[3])
        words["vote"] = ColumnWords(meaning="Party with more of the state's votes for president")
    return frame, words


def custody_findings(
    tables: Mapping[str, PublishedTable], spans: Sequence[Span], won: pd.Series | None
) -> Iterator[str]:
    """Say what was found, in sentences with their intervals."""
    states = tables["custody_state"].frame
    every = row_of(states, ALL)
    rest = row_of(states, UNASSIGNED)
    if not every["arrests"]:
        yield f"{when(spans[-1])} no arrest is recorded: nothing can be told."
        return
    yield (
        f"{when(spans[-1])}, {share_text(every, 'custodial')} of {count(every['arrests'])} arrests "
        f"were made in jails and prisons, {share_text(every, 'community')} in the community; "
        f"{share_text(every, 'other')} fit neither class (in brackets 90 % intervals)."
    )
    if won is not None:
        yield from _by_vote(tables, won)
    yield from _changes(tables, spans, won)
    yield from _extremes(states)
    inferred = row_of(tables["custody_assignment"].frame, "office")["share_of_arrests"]
    yield (
        f"{percent(rest['share_of_arrests'])} of the arrests have no state; they are in no "
        f"state's share, and {percent(rest['custodial_share'])} of them were made in jails. "
        f"{percent(inferred)} have the one state of their office."
    )
    yield from _criminality(tables["custody_criminality"].frame)


def _by_vote(tables: Mapping[str, PublishedTable], won: pd.Series) -> Iterator[str]:
    frame = tables["custody_vote"].frame
    red, blue = row_of(frame, _REPUBLICAN), row_of(frame, _DEMOCRATIC)
    if not (red["arrests"] and blue["arrests"]):
        return
    words = group_words(won)
    apart, low, high = difference(red, blue, "custodial")
    yield (
        f"Of arrests in states that voted {words[_REPUBLICAN]}, {share_text(red, 'custodial')} "
        f"were made in jails and prisons, in states that voted {words[_DEMOCRATIC]} "
        f"{share_text(blue, 'custodial')}: {points(apart)} percentage points "
        f"({points(low)} to {points(high)})."
    )
    spread, least, most = difference(red, blue, "custodial", ends=SPREAD)
    yield (
        "Were the arrests without a state spread over the states of their offices, it would be "
        f"{share_text(red, 'custodial', ends=SPREAD)} and "
        f"{share_text(blue, 'custodial', ends=SPREAD)}: {points(spread)} percentage points "
        f"({points(least)} to {points(most)})."
    )
    states = tables["custody_state"].frame
    of_party = states[states["vote"] == _REPUBLICAN]
    largest = row_of(of_party, of_party["arrests"].idxmax())
    without = of_party.drop(index=str(largest.name))
    others = without["custodial"].sum() / max(without["arrests"].sum(), 1)
    medians = [
        states.loc[(states["vote"] == group) & (states["arrests"] > 0), "custodial_share"].median()
        for group in (_REPUBLICAN, _DEMOCRATIC)
    ]
    yield (
        f"Groups of states are not alike inside: {largest['name']} alone has "
        f"{percent(largest['arrests'] / red['arrests'])} of the arrests of its "
        f"group, the others of which have {percent(others)} in jails and prisons. The median "
        f"state has {percent(medians[0])} ({_REPUBLICAN}) and {percent(medians[1])} "
        f"({_DEMOCRATIC})."
    )


def _changes(
    tables: Mapping[str, PublishedTable], spans: Sequence[Span], won: pd.Series | None
) -> Iterator[str]:
    states = tables["custody_state"].frame
    if "custodial_change" not in states:
        return
    rows = {"all arrests": row_of(states, ALL)}
    if won is not None:
        votes = tables["custody_vote"].frame
        rows |= {f"{group} states": row_of(votes, group) for group in (_REPUBLICAN, _DEMOCRATIC)}
    told = [
        f"{name} {points(row['custodial_change'])} percentage points "
        f"({points(row['custodial_change_low'])} to {points(row['custodial_change_high'])})"
        for name, row in rows.items()
        if pd.notna(row["custodial_change"])
    ]
    if told:
        yield (
            f"Against {days_of(spans[-2])}, the share in jails and prisons changed: "
            f"{'; '.join(told)}."
        )


def _extremes(states: pd.DataFrame) -> Iterator[str]:
    places = states.drop(index=[ALL, UNASSIGNED])
    known = places[places["arrests"] >= _STAND_ALONE].sort_values("custodial_share")
    if len(known) < 2:  # noqa: PLR2004  (a lowest and a highest)
        return
    low, high = known.iloc[0], known.iloc[-1]
    yield (
        f"Of the {len(known)} states and territories with {_STAND_ALONE} arrests or more, the "
        f"share in jails and prisons was highest in {high['name']}, "
        f"{share_text(high, 'custodial')}, and lowest in {low['name']}, "
        f"{share_text(low, 'custodial')}. The first and the last of many are in part so by chance."
    )


def _criminality(frame: pd.DataFrame) -> Iterator[str]:
    words = CRIMINALITY_CLASSES.words
    jail, street = row_of(frame, "custodial"), row_of(frame, "community")
    if jail["arrests"] and street["arrests"]:
        yield (
            f"Of those arrested in jails and prisons, {share_text(jail, 'convicted')} are recorded "
            f"as {words['convicted']} and {share_text(jail, 'none')} with {words['none']}; of "
            f"those in the community {share_text(street, 'convicted')} and "
            f"{share_text(street, 'none')}."
        )


def custody_limits(rows: pd.DataFrame, programme: str) -> Iterator[str]:
    """Say what the classes cannot tell."""
    _, methods = method_cut(rows)
    agreements = float((methods == "287(g) Program").mean())
    yield (
        "The class follows from the method of arrest that ICE records, not from a report of the "
        "arrest. What fits neither class are methods such as other efforts, other agencies and "
        "arrests recorded anew; from late July 2025, 'Custodial Arrest' replaces the methods of "
        "the Criminal Alien Program, so that a change at that time may be one of names."
    )
    if agreements:
        yield (
            f"{percent(agreements)} of the arrests are of the 287(g) programme, most in jails, "
            f"some on the street; they count as '{programme}'. Options count them otherwise."
        )
    yield (
        "A share of arrests says nothing of how many people are held in jails, nor why: more "
        "custodial arrests may mean more cooperation of jails, or fewer arrests elsewhere."
    )
    yield (
        "Intervals carry the chance of arrests that come in operations, measured from week to "
        "week; not errors of records, nor differences between the states of a group."
    )


def custody_figures(
    tables: Mapping[str, PublishedTable],
    spans: Sequence[Span],
    won: pd.Series | None,
    *,
    simulated: bool,
) -> tuple[dict[str, str], dict[str, str]]:
    """Draw the states' shares, and the groups' shares by period."""
    states = tables["custody_state"].frame
    groups = group_words(won) if won is not None else {}
    places = states[states["arrests"] > 0].drop(index=[ALL, UNASSIGNED], errors="ignore")
    places = places.sort_values(["custodial_share", "arrests"], ascending=False)
    parts = list(CUSTODY_CLASSES.names)
    rows = pd.DataFrame(
        {
            "group": places["vote"].map(groups) if won is not None else "",
            "row": places["name"],
            "whole": places["arrests"],
            **{name: places[f"{name}_share"] for name in parts},
        }
    )
    order = [*groups.values(), ""]
    rows = rows.sort_values("group", key=lambda each: each.map(order.index), kind="stable")
    ends = states.loc[[ALL, *([UNASSIGNED] if row_of(states, UNASSIGNED)["arrests"] else [])]]
    last = pd.DataFrame(
        {"group": "all states" if won is not None else "", "row": ends.index}
        | {"whole": ends["arrests"].to_numpy()}
        | {name: ends[f"{name}_share"].to_numpy() for name in parts}
    )
    bars = share_bars_figure(
        pd.concat([rows, last], ignore_index=True),
        parts=CUSTODY_CLASSES.words,
        name="custody-states",
        title="Arrests in jails and in the community, by state",
        axis=f"share of the arrests, {days_of(spans[-1])}",
        beside="arrests",
        notes=["Few arrests make shares by chance; the intervals stand in the table."],
        simulated=simulated,
    )
    return (
        {"custody-states": bars, "custody-periods": _periods(tables, spans, won, simulated)},
        {
            "custody-states": "Where arrests were made, by state, the highest share in jails "
            "first. A bar says how arrests divide, not how many there were.",
            "custody-periods": "Share of arrests in jails and prisons by period; lines are 90 % "
            "intervals.",
        },
    )


def _periods(
    tables: Mapping[str, PublishedTable],
    spans: Sequence[Span],
    won: pd.Series | None,
    simulated: bool,  # noqa: FBT001  (private)
) -> str:
    groups = {ALL: ALL} | (group_words(won) if won is not None else {UNASSIGNED: UNASSIGNED})
    parts = []
    for place, span in [*enumerate(spans)][-_MOST_SPANS:]:
        end = "" if place == len(spans) - 1 else f"_{span.key}"
        frame = tables[f"custody_{'vote' if won is not None else 'state'}{end}"].frame
        kept = frame.loc[[name for name in groups if name in frame.index]]
        numbers = 100 * kept[["custodial_share", "custodial_low", "custodial_high"]]
        numbers.columns = pd.Index(["value", "low", "high"])
        named = [groups[name] for name in kept.index]
        parts.append(numbers.assign(row=named, series=days_of(span)))
    return ranked_rows_figure(
        pd.concat(parts),
        name="custody-periods",
        title="Share of arrests in jails and prisons",
        axis="percent of the arrests of each group",
        notes=["Lines are 90 % intervals."],
        simulated=simulated,
    )
