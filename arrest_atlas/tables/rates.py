"""Arrests per resident and per non-citizen, by place and period."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import pandas as pd

from arrest_atlas.options import ArrestInputs, Denominator, Options
from arrest_atlas.period import Period
from arrest_atlas.report_parts._wording import percent
from arrest_atlas.tables._people import county_people
from arrest_atlas.tables._place_counts import Level, count_places
from arrest_atlas.tables._rate_findings import rate_findings, rate_limits
from arrest_atlas.tables._rate_tables import (
    ALL,
    LEVEL_WORDS,
    SpanCounts,
    names_of,
    rate_columns,
    rate_frame,
    rate_texts,
    row_of,
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


def rates(
    inputs: ArrestInputs,
    *,
    periods: Sequence[Period] = (),
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
    ...     arrests_by_state=pd.Series({"TX": 124_848}), residents=pd.Series({"48201": 4.7e6}),
    ...     people_by_area={"state": pd.DataFrame({"residents": {"TX": 30_188_424.0}})})
    >>> made = rates(arrests, rng=0)
    >>> round(float(made.to_frame().loc["TX", "rate"]), 1)
    413.6
    """
    generator = np.random.default_rng(rng)
    options = Options(weights=weights, draws=draws, located_share=located_share)
    spans, notes = spans_of(inputs, periods)
    given = inputs.people_by_area
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
        findings=tuple(rate_findings(counted, frames)),
        limits=(*notes, *rate_limits(inputs, counted[-1], frames[-1]), *inputs.notes),
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
    given: Mapping[str, pd.DataFrame],
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
    told = row_of(frame, ALL)["known_share"]
    order = "; rows by the lower end of the interval" if level == "county_fips" else ""
    return PublishedTable(
        title=f"Arrest rates by {words}, {now.span.title}",
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
        source=inputs.file_names or "the counts given",
    )


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
        material.arrests,
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
    counts=True,
    people=True,
    imputes=True,
)
