"""What is told of criminality: sentences and figures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import pandas as pd

from arrest_atlas.report_parts._wording import count, percent
from arrest_atlas.tables._class_shares import CRIMINALITY_CLASSES, difference
from arrest_atlas.tables._class_tables import labelled, points, share_text
from arrest_atlas.tables._custody_texts import days_of, when
from arrest_atlas.tables._rate_tables import ALL, names_of, row_of
from arrest_atlas.tables._spans import Span
from arrest_atlas.tables._vote_groups import VOTE_GROUPS
from arrest_atlas.tables.arrest_rows import UNASSIGNED
from arrest_atlas.tables.published import PublishedTable
from outputs.figures.share_bars import share_bars_figure

__all__ = ["criminality_figures", "criminality_findings", "criminality_limits"]

_STAND_ALONE: Final = 100
"""Arrests that an office or a month must have to be named as the highest or the lowest."""

_MOST_MONTHS: Final = 60


def criminality_findings(
    tables: Mapping[str, PublishedTable], spans: Sequence[Span]
) -> Iterator[str]:
    """Say what was found, in sentences with their intervals."""
    offices = tables["criminality_aor"].frame
    every = row_of(offices, ALL)
    words = CRIMINALITY_CLASSES.words
    if not every["arrests"]:
        yield f"{when(spans[-1])} no arrest is recorded: nothing can be told."
        return
    blank = f"; of {share_text(every, 'unknown')} nothing is recorded" if every["unknown"] else ""
    yield (
        f"{when(spans[-1])}, of {count(every['arrests'])} arrests "
        f"{share_text(every, 'convicted')} were of people recorded as {words['convicted']}, "
        f"{share_text(every, 'pending')} with {words['pending']}, {share_text(every, 'none')} "
        f"with {words['none']}{blank} (in brackets 90 % intervals)."
    )
    if "none_change" in every.index and pd.notna(every["none_change"]):
        told = [
            f"{words[name]} {points(every[f'{name}_change'])} "
            f"({points(every[f'{name}_change_low'])} to {points(every[f'{name}_change_high'])})"
            for name in ("convicted", "pending", "none")
        ]
        yield (
            f"Against {days_of(spans[-2])}, shares changed, in percentage points: "
            f"{'; '.join(told)}."
        )
    kinds = tables["criminality_custody"].frame
    jail, street = row_of(kinds, "custodial"), row_of(kinds, "community")
    if jail["arrests"] and street["arrests"]:
        yield (
            f"{words['none'].capitalize()} is recorded of {share_text(jail, 'none')} of those "
            f"arrested in jails and prisons, and of {share_text(street, 'none')} of those arrested "
            "in the community."
        )
    yield from _by_vote(tables)
    names = labelled(offices, names_of("aor", offices.index).to_dict())
    yield from _extremes(offices, names, "areas of responsibility", "in")
    months = tables["criminality_month"].frame
    yield from _extremes(months, labelled(months, {}), "months", "in")


def _by_vote(tables: Mapping[str, PublishedTable]) -> Iterator[str]:
    if "criminality_vote" not in tables:
        return
    frame = tables["criminality_vote"].frame
    red, blue = (row_of(frame, group) for group in VOTE_GROUPS[:2])
    if red["arrests"] and blue["arrests"]:
        apart, low, high = difference(red, blue, "none")
        yield (
            f"In states that voted Republican, {share_text(red, 'none')} had "
            f"{CRIMINALITY_CLASSES.words['none']} recorded, in states that voted Democratic "
            f"{share_text(blue, 'none')}: {points(apart)} percentage points ({points(low)} to "
            f"{points(high)}). Where more arrests are made in jails, fewer people without a record "
            "are met, so that custody must be told apart first."
        )


def _extremes(frame: pd.DataFrame, names: pd.Series, what: str, where: str) -> Iterator[str]:
    places = frame.drop(index=[ALL, UNASSIGNED, "no date"], errors="ignore")
    known = places[places["arrests"] >= _STAND_ALONE].sort_values("none_share", kind="stable")
    if len(known) < 2:  # noqa: PLR2004  (a lowest and a highest)
        return
    low, high = known.iloc[0], known.iloc[-1]
    lowest, highest = names[known.index].iloc[[0, -1]]
    yield (
        f"Of {len(known)} {what} with {_STAND_ALONE} arrests or more, the share with "
        f"{CRIMINALITY_CLASSES.words['none']} was highest {where} {highest}, "
        f"{share_text(high, 'none')}, and lowest {where} {lowest}, "
        f"{share_text(low, 'none')}."
    )


def criminality_limits(rows: pd.DataFrame) -> Iterator[str]:
    """Say what the classes cannot tell."""
    yield (
        "The class is what ICE recorded at the arrest. It does not tell which crime: a conviction "
        "may be of traffic or of illegal entry, and long ago; a charge may be dropped. No "
        "conviction or charge ('other immigration violator') says that ICE recorded none."
    )
    unknown = float(rows["criminality"].isna().mean()) if len(rows) else 0.0
    yield (
        f"{percent(unknown)} of the arrests have no class, or one that is not in our list; they "
        f"stand as '{CRIMINALITY_CLASSES.words['unknown']}', so that shares sum to one."
    )
    yield (
        "Months and offices differ in how arrests are made, not only in whom they meet: jails hold "
        "people who are charged or convicted. Nothing here tells causes."
    )
    yield (
        "Intervals carry the chance of arrests that come in operations, measured from week to "
        "week; not errors of records. The highest and the lowest of many are in part so by chance."
    )


def criminality_figures(
    tables: Mapping[str, PublishedTable], spans: Sequence[Span], *, simulated: bool
) -> tuple[dict[str, str], dict[str, str]]:
    """Draw the shares by month and by area of responsibility."""
    months = tables["criminality_month"].frame.drop(index=ALL)
    offices = tables["criminality_aor"].frame
    ranked = offices.drop(index=[ALL, UNASSIGNED])
    ranked = ranked[ranked["arrests"] > 0].sort_values(
        ["convicted_share", "arrests"], ascending=False
    )
    ends = [ALL, *([UNASSIGNED] if row_of(offices, UNASSIGNED)["arrests"] else [])]
    offices = offices.loc[[*ranked.index, *ends]]
    recent = months.iloc[-_MOST_MONTHS:]
    span = tables["criminality_month"].period
    return (
        {
            "criminality-months": _bars(
                recent,
                labelled(recent, {}),
                name="criminality-months",
                title="Criminality of those arrested, by month",
                axis=f"share of the arrests, {span}",
                simulated=simulated,
            ),
            "criminality-offices": _bars(
                offices,
                labelled(offices, names_of("aor", offices.index).to_dict()),
                name="criminality-offices",
                title="Criminality of those arrested, by area of responsibility",
                axis=f"share of the arrests, {days_of(spans[-1])}",
                simulated=simulated,
            ),
        },
        {
            "criminality-months": "What ICE recorded of those arrested, month by month; the first "
            "and the last month may be covered in part. Few arrests make shares by chance.",
            "criminality-offices": "What ICE recorded of those arrested, by the area in which they "
            "were arrested, the highest share of convicted people first.",
        },
    )


def _bars(
    frame: pd.DataFrame, names: pd.Series, *, name: str, title: str, axis: str, simulated: bool
) -> str:
    rows = pd.DataFrame({"group": "", "row": names, "whole": frame["arrests"]})
    for part in CRIMINALITY_CLASSES.names:
        rows[part] = frame[f"{part}_share"]
    return share_bars_figure(
        rows,
        parts=CRIMINALITY_CLASSES.words,
        name=name,
        title=title,
        axis=axis,
        beside="arrests",
        simulated=simulated,
    )
