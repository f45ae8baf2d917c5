"""What is told of arrest rates, in sentences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import pandas as pd

from arrest_atlas.options import DENOMINATOR_WORDS, ArrestInputs
from arrest_atlas.report_parts._wording import capital, count, listed, percent
from arrest_atlas.tables._place_counts import Level, placed_counties
from arrest_atlas.tables._rate_tables import (
    ALL,
    LEVEL_WORDS,
    SpanCounts,
    names_of,
    per_people,
    row_of,
)
from arrest_atlas.tables._spans import Span
from arrest_atlas.tables.arrest_rows import UNASSIGNED
from geo import PER

__all__ = ["rate_findings", "rate_limits"]

_TWO_TABLES: Final[tuple[Level, Level]] = ("state", "aor")
_STAND_ALONE: Final = 20
"""Arrests that a place must have to be named as the highest or the lowest."""


def rate_findings(
    counted: Sequence[Mapping[Level, SpanCounts]],
    frames: Sequence[Mapping[Level, pd.DataFrame]],
) -> Iterator[str]:
    """Say what was found, in sentences with their intervals."""
    now, latest = counted[-1], frames[-1]
    main: Level = next(iter(latest))
    frame, span = latest[main], now[main].span
    every = row_of(frame, ALL)
    when = f"{'From' if ' to ' in str(span) else 'In'} {span}"
    a_day = f", {per_people(every['arrests_per_day'])} a day" if span.days else ""
    arrests = f"{count(every['arrests'])} arrests{a_day}"
    if pd.isna(every["rate"]):
        yield f"{when} there were {arrests}; how many residents they refer to is not known."
    else:
        yield f"{when} there were {_rate(every, 'rate')} arrests per {PER:,} residents: {arrests}."
    yield from _disagreement(latest)
    yield from _extremes(main, frame)
    if "noncitizen_rate" in frame and pd.notna(every["noncitizen_rate"]):
        yield (
            f"Per {PER:,} non-citizens there were {_rate(every, 'noncitizen_rate')} arrests. "
            "The arrests tell no citizenship here, and non-citizens are counted by a survey."
        )
    if "custodial_share" in frame:
        yield (
            f"{_share(every, 'custodial_share')} of the arrests were custodial (taken over from "
            f"jails and prisons), {_share(every, 'community_share')} were made in the "
            f"community, {percent(every['other_share'])} fit neither."
        )
    if "change" in frame and pd.notna(every["change"]):
        yield _change(main, frame, counted[-2][main].span)
    rest = row_of(frame, UNASSIGNED)["share_of_arrests"]
    yield (
        f"{percent(rest)} of the arrests belong to no {LEVEL_WORDS[main][0]} with figures of its "
        "own; they are counted among all arrests, and in no place's rate."
    )


def _rate(row: pd.Series, name: str) -> str:
    low, high = per_people(row[f"{name}_low"]), per_people(row[f"{name}_high"])
    return f"{per_people(row[name])} (90 % interval {low} to {high})"


def _share(row: pd.Series, name: str) -> str:
    low, high = (f"{100 * float(row[f'{name}_{end}']):.1f}" for end in ("low", "high"))
    return f"{100 * float(row[name]):.1f}% (90 % interval {low} to {high})"


def _disagreement(latest: Mapping[Level, pd.DataFrame]) -> Iterator[str]:
    """Say how far the table of states and that of offices are apart."""
    if "state" not in latest or "aor" not in latest:
        return
    states, offices = (row_of(latest[level], ALL) for level in _TWO_TABLES)
    apart = float(offices["arrests"] - states["arrests"])
    if round(apart) == 0:
        return
    more, less = ("offices", "states") if apart > 0 else ("states", "offices")
    whole = max(offices["arrests"], states["arrests"])
    same = offices["residents"] == states["residents"]
    people = [count(row["residents"]) for row in (states, offices)]
    refer = (
        f"both refer to {people[0]} residents"
        if same
        else f"they refer to {people[0]} and {people[1]} residents"
    )
    yield (
        f"The nation's rate is {_rate(states, 'rate')} by the table of states and "
        f"{_rate(offices, 'rate')} by the table of offices: the table of {less} has "
        f"{count(abs(apart))} arrests ({100 * abs(apart) / whole:.1f}%) less than that of {more}, "
        f"those whose place it does not tell; {refer}."
    )


def _extremes(level: Level, frame: pd.DataFrame) -> Iterator[str]:
    places = frame.drop([ALL, UNASSIGNED])
    places = places[places["rate"].notna() & (places["arrests"] >= _STAND_ALONE)]
    if len(places) < 2:  # noqa: PLR2004  (a highest and a lowest)
        return
    ranked = places.sort_values("rate", ascending=False)
    names = names_of(level, ranked.index)
    top = [f"{names[code]} {_rate(row_of(ranked, code), 'rate')}" for code in ranked.index[:3]]
    last = ranked.index[-1]
    yield (
        f"The highest rates of {LEVEL_WORDS[level][1]} per {PER:,} residents: {listed(top)}; the "
        f"lowest: {names[last]} {_rate(row_of(ranked, last), 'rate')} (of those with at least "
        f"{_STAND_ALONE} arrests)."
    )


def _change(level: Level, frame: pd.DataFrame, before: Span) -> str:
    every = row_of(frame, ALL)
    places = frame.drop([ALL, UNASSIGNED])
    places = places[places["change"].notna()]
    up, down = int((places["change_low"] > 1).sum()), int((places["change_high"] < 1).sum())
    return (
        f"Arrests a day were {every['change']:.2f} times those of {before} (90 % interval "
        f"{every['change_low']:.2f} to {every['change_high']:.2f}); of {len(places)} "
        f"{LEVEL_WORDS[level][1]}, {up} have more and {down} fewer beyond their interval."
    )


def rate_limits(
    inputs: ArrestInputs, now: Mapping[Level, SpanCounts], frames: Mapping[Level, pd.DataFrame]
) -> Iterator[str]:
    """Say what rates cannot tell, and what is missing."""
    yield (
        "A rate divides arrests by those who live in a place; arrests of others made there count "
        "as well, and one person may be arrested more than once. Nothing here is a cause."
    )
    if inputs.records is None:
        yield (
            "Tables of counts tell no weeks: their intervals are Poisson's, and too narrow, "
            "since arrests come in operations. They tell neither custody nor change."
        )
    else:
        yield (
            "Intervals carry the variation of counts from week to week and, by Rubin's rules, the "
            "doubt where imputed arrests were; not the doubt whether those known only for an "
            "office fall on its states as its other arrests and its people do."
        )
    yield from _people_words(now)
    for level in now:
        frame = frames[level].drop([ALL, UNASSIGNED])
        without = frame.index[(frame["reason"] == "") & frame["rate"].isna()]
        if len(without):
            names = names_of(level, without)
            yield (
                f"{capital(LEVEL_WORDS[level][1])} without a rate, since their residents are not "
                f"known: {_some(list(names))}."
            )
        untold = frame["reason"][frame["reason"] != ""].value_counts()
        if len(untold):
            why = listed([f"{count(number)}: {reason}" for reason, number in untold.items()])
            yield (
                f"{capital(LEVEL_WORDS[level][1])} without figures of their own stand in the table "
                f"with the reason ({why})."
            )


def _people_words(now: Mapping[Level, SpanCounts]) -> Iterator[str]:
    """Say whose people are missing, and where two files of people speak."""
    given = [level for level, each in now.items() if each.given is not None]
    if given and len(given) < len(now):
        own = listed([LEVEL_WORDS[level][1] for level in given])
        others = listed([LEVEL_WORDS[level][1] for level in now if level not in given])
        yield (
            f"People of {own} are those of the tables of counts, people of {others} are added up "
            "from counties: of other years, so that the nation's rate differs between them."
        )
    people = next(iter(now.values())).people
    for name, by_county in people.by_county.items():
        without = by_county.index[by_county.isna()]
        if len(without):
            states = sorted(set(placed_counties().loc[without, "state"]))
            yield (
                f"{capital(DENOMINATOR_WORDS[name])} of {len(without):,} counties are not known "
                f"(in {_some(states)}): sums of larger areas leave them out, and so do their rates "
                "leave out the arrests of these counties, where records tell them."
            )


def _some(names: Sequence[str], most: int = 6) -> str:
    more = f" and {len(names) - most:,} more" if len(names) > most else ""
    return f"{', '.join(names[:most])}{more}" if more else listed(names)
