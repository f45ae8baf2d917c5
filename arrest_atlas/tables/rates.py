"""Arrests per resident and per non-citizen, by place and period."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import numpy as np
import pandas as pd

from arrest_atlas.options import DENOMINATOR_WORDS, ArrestInputs, Denominator, Options
from arrest_atlas.period import Period
from arrest_atlas.report_parts._wording import capital, count, listed, percent
from arrest_atlas.tables._people import county_people
from arrest_atlas.tables._place_counts import Level, count_places, placed_counties
from arrest_atlas.tables._rate_tables import (
    ALL,
    LEVEL_WORDS,
    SpanCounts,
    names_of,
    per_people,
    rate_columns,
    rate_frame,
    rate_texts,
)
from arrest_atlas.tables._spans import Span, overlapping, spans_of
from arrest_atlas.tables.arrest_rows import UNASSIGNED
from arrest_atlas.tables.material import Recipe, TableMaterial
from arrest_atlas.tables.published import PublishedAnalysis, PublishedTable
from geo import PER
from outputs.figures.ranked_rows import ranked_rows_figure

__all__ = ["RECIPE", "rates"]

_QUESTION: Final = "How many arrests are there per resident, and per non-citizen?"
_MOST: Final[Mapping[Level, int]] = {"state": 60, "aor": 30, "zone": 20, "county_fips": 20}
_YEAR: Final = 365
_MOST_DRAWN, _MOST_SPANS = 60, 3
_STAND_ALONE: Final = 20
"""Arrests that a place must have to be named as the highest or the lowest."""


def rates(
    inputs: ArrestInputs,
    *,
    periods: Sequence[Period] = (),
    people: Mapping[Level, pd.DataFrame] | None = None,
    weights: Denominator = "residents",
    draws: int = 100,
    located_share: float = 0.5,
    rng: int | np.random.Generator,
) -> PublishedAnalysis:
    """Count arrests per 100,000 residents and non-citizens, by state, office, zone and county.

    After the Prison Policy Initiative's tables of arrests per resident.

    Parameters
    ----------
    inputs : ArrestInputs
        Records of arrests, or tables of counts, and people by county.
    periods : sequence of Period, optional
        Days to tell apart, where records have them; each is compared with the one before.
    people : mapping of str to pandas.DataFrame, optional
        By level (``"state"``, ``"aor"``), ``residents`` and perhaps ``noncitizens`` by
        place, as a table of counts has them; they come before sums of counties.
    weights : {"residents", "noncitizens"}, default "residents"
        People by whom arrests known only for a larger area are imputed.
    draws : int, default 100
        Imputations.
    located_share : float, default 0.5
        Located share of a zone's arrests from which on its counties have rates.
    rng : int or numpy.random.Generator
        Source of randomness.

    Returns
    -------
    PublishedAnalysis
        A table for each level and period, the last period first.

    Raises
    ------
    InputError
        If there is no arrest in any of the periods.

    Examples
    --------
    >>> arrests = ArrestInputs(
    ...     arrests_by_state=pd.Series({"TX": 124_848}), residents=pd.Series({"48201": 4.7e6}))
    >>> people = {"state": pd.DataFrame({"residents": {"TX": 30_188_424.0}})}
    >>> made = rates(arrests, people=people, rng=0)
    >>> round(float(made.to_frame().loc["TX", "rate"]), 1)
    413.6
    """
    generator = np.random.default_rng(rng)
    options = Options(weights=weights, draws=draws, located_share=located_share)
    spans, notes = spans_of(inputs, periods)
    given = people or {}
    counted = [_counted(inputs, options, span, given, rng=generator) for span in spans]
    frames = [
        {
            level: rate_frame(now, before=_before(counted, place, level))
            for level, now in each.items()
        }
        for place, each in enumerate(counted)
    ]
    tables = {}
    for place in reversed(range(len(spans))):
        for level, frame in frames[place].items():
            before = _before(counted, place, level)
            name = f"rates_{level.removesuffix('_fips')}"
            latest = place == len(spans) - 1
            tables[name if latest else f"{name}_{spans[place].key}"] = _table(
                inputs, level, frame, counted[place][level], before.span if before else None
            )
    main: Level = next(iter(frames[-1]))
    return PublishedAnalysis(
        name="rates",
        question=_QUESTION,
        findings=tuple(_findings(counted, frames)),
        limits=(*notes, *_limits(inputs, counted[-1], frames[-1]), *inputs.notes),
        tables=tables,
        figures={"arrest-rates": _figure(main, spans, frames, simulated=inputs.simulated)},
        captions={
            "arrest-rates": f"Arrests per {PER:,} residents by {LEVEL_WORDS[main][0]}, the "
            "highest first; lines are 90 % intervals. A rate says how often people were "
            "arrested there, not where they lived, nor why."
        },
        simulated=inputs.simulated,
    )


def _counted(
    inputs: ArrestInputs,
    options: Options,
    span: Span,
    given: Mapping[Level, pd.DataFrame],
    *,
    rng: np.random.Generator,
) -> dict[Level, SpanCounts]:
    people = county_people(inputs, span)
    counts = count_places(inputs, options, span.covered, rng=rng)
    return {
        level: SpanCounts(span=span, counts=each, people=people, given=given.get(level))
        for level, each in counts.items()
    }


def _before(
    counted: Sequence[Mapping[Level, SpanCounts]], place: int, level: Level
) -> SpanCounts | None:
    """Take the period before, unless days belong to both."""
    if place == 0:
        return None
    before, now = counted[place - 1][level], counted[place][level]
    return None if overlapping(before.span, now.span) else before


def _table(
    inputs: ArrestInputs, level: Level, frame: pd.DataFrame, now: SpanCounts, before: Span | None
) -> PublishedTable:
    words = "state" if level == "state" else LEVEL_WORDS[level][0]
    people = "residents and non-citizens" if "noncitizens" in frame else "residents"
    whose = (
        "as the table of counts has them"
        if now.given is not None and not now.counts.from_counties
        else f"of its counties, {now.people.years or 'as the notes say'}"
    )
    own = int((frame["reason"] == "").sum()) - 1
    told = frame.loc[ALL, "known_share"]
    order = "; rows by the lower end of the interval" if level == "county_fips" else ""
    return PublishedTable(
        title=f"Arrest rates by {words}",
        frame=frame,
        shown=rate_texts(level, frame, most=_MOST[level]),
        columns=rate_columns(level, frame, before),
        period=str(now.span),
        denominator=f"{people} of each place, {whose}; shares: all arrests of the period",
        support=(
            f"{percent(told)} of the arrests are known by {LEVEL_WORDS[level][0]}, the others "
            f"imputed where a larger area is known; {own:,} {LEVEL_WORDS[level][1]} have "
            f"figures of their own{order}"
        ),
        source="; ".join(dict.fromkeys(each.file for each in inputs.sources.values()))
        or "the counts given",
    )


def _findings(
    counted: Sequence[Mapping[Level, SpanCounts]],
    frames: Sequence[Mapping[Level, pd.DataFrame]],
) -> Iterator[str]:
    now, latest = counted[-1], frames[-1]
    main: Level = next(iter(latest))
    frame, span = latest[main], now[main].span
    every = frame.loc[ALL]
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
            "Citizens are arrested, too, if by mistake, and non-citizens are counted by survey."
        )
    if "custodial_share" in frame:
        yield (
            f"{_share(every, 'custodial_share')} of the arrests were custodial (taken over from "
            f"jails and prisons), {_share(every, 'community_share')} were made in the "
            f"community, {percent(every['other_share'])} fit neither."
        )
    if "change" in frame and pd.notna(every["change"]):
        yield _change(main, frame, counted[-2][main].span)
    rest = float(frame.loc[UNASSIGNED, "share_of_arrests"])
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
    states, offices = (latest[level].loc[ALL] for level in ("state", "aor"))  # type: ignore[index]
    apart = float(offices["arrests"] - states["arrests"])
    if round(apart) == 0:
        return
    more, less = ("offices", "states") if apart > 0 else ("states", "offices")
    whole = max(offices["arrests"], states["arrests"])
    same = offices["residents"] == states["residents"]
    refer = (
        f"both refer to {count(states['residents'])} residents"
        if same
        else f"they refer to {count(states['residents'])} and {count(offices['residents'])} residents"
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
    top = [f"{names[code]} {_rate(ranked.loc[code], 'rate')}" for code in ranked.index[:3]]
    last = ranked.index[-1]
    yield (
        f"The highest rates of {LEVEL_WORDS[level][1]} per {PER:,} residents: {listed(top)}; the "
        f"lowest: {names[last]} {_rate(ranked.loc[last], 'rate')} (of those with at least "
        f"{_STAND_ALONE} arrests)."
    )


def _change(level: Level, frame: pd.DataFrame, before: Span) -> str:
    every = frame.loc[ALL]
    places = frame.drop([ALL, UNASSIGNED])
    places = places[places["change"].notna()]
    up, down = int((places["change_low"] > 1).sum()), int((places["change_high"] < 1).sum())
    return (
        f"Arrests a day were {every['change']:.2f} times those of {before} (90 % interval "
        f"{every['change_low']:.2f} to {every['change_high']:.2f}); of {len(places)} "
        f"{LEVEL_WORDS[level][1]}, {up} have more and {down} fewer beyond their interval."
    )


def _limits(
    inputs: ArrestInputs, now: Mapping[Level, SpanCounts], frames: Mapping[Level, pd.DataFrame]
) -> Iterator[str]:
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
                f"{capital(DENOMINATOR_WORDS[name])} of {len(without):,} counties are not known (in "
                f"{_some(states)}): sums of larger areas leave them out, and so do their rates "
                "leave out the arrests of these counties, where records tell them."
            )


def _some(names: Sequence[str], most: int = 6) -> str:
    more = f" and {len(names) - most:,} more" if len(names) > most else ""
    return f"{', '.join(names[:most])}{more}" if more else listed(names)


def _figure(
    level: Level,
    spans: Sequence[Span],
    frames: Sequence[Mapping[Level, pd.DataFrame]],
    *,
    simulated: bool,
) -> str:
    places = frames[-1][level].drop([ALL, UNASSIGNED])
    ranked = places[places["rate"].notna()].sort_values("rate", ascending=False)
    order = pd.Index([ALL, *ranked.index[:_MOST_DRAWN]])
    names = names_of(level, order).to_numpy()
    # Periods of different lengths are compared by the year.
    yearly = len(spans) > 1
    rows = []
    for span, each in [*zip(spans, frames, strict=True)][-_MOST_SPANS:]:
        numbers = each[level].reindex(order)[["rate", "rate_low", "rate_high"]]
        numbers.columns = pd.Index(["value", "low", "high"])
        numbers *= _YEAR / span.days if yearly and span.days else 1
        rows.append(numbers.assign(row=names, series=str(span.covered or span)))
    return ranked_rows_figure(
        pd.concat(rows),
        name="arrest-rates",
        title=f"Arrest rates by {LEVEL_WORDS[level][0].partition(' (')[0]}",
        axis=f"arrests per {PER:,} residents{' and year (365 days)' if yearly else ''}",
        notes=["Lines are 90 % intervals."],
        simulated=simulated,
    )


def _make(material: TableMaterial) -> PublishedAnalysis:
    return rates(
        material.inputs,
        periods=material.periods,
        weights=material.weights,
        draws=material.draws,
        located_share=material.located_share,
        rng=material.rng("rates"),
    )


RECIPE: Final = Recipe(
    name="rates",
    help="arrests per 100,000 residents and non-citizens, by place and period",
    make=_make,
    takes=("noncitizens",),
)
