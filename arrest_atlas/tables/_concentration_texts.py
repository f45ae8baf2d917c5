"""What is told of concentration: texts and sentences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

import pandas as pd

from arrest_atlas.counting import Kind
from arrest_atlas.options import ArrestInputs
from arrest_atlas.report_parts._wording import NONE, capital, count, percent
from arrest_atlas.tables._bases import BASE_WORDS, Bases
from arrest_atlas.tables._concentration_measures import KIND_WORDS, finest_area
from arrest_atlas.tables._place_counts import Level, PlaceCounts
from arrest_atlas.tables._rate_tables import LEVEL_WORDS, row_of
from arrest_atlas.tables._spans import Span

__all__ = ["concentration_findings", "concentration_limits", "measure_texts"]

_MEASURE_WORDS: Final = {
    "places_with_25_percent": "places that hold 25% of arrests",
    "places_with_50_percent": "places that hold 50% of arrests",
    "places_with_75_percent": "places that hold 75% of arrests",
    "share_of_top_10": "share of the ten places with most",
    "gini": "Gini coefficient",
    "theil": "Theil index",
}


def measure_texts(frame: pd.DataFrame, area: Level) -> pd.DataFrame:
    """Write the measures for people."""
    among = {"areas": LEVEL_WORDS[area][1]}
    against = {"places": "every place alike"} | {str(base): of for base, of in BASE_WORDS.items()}
    rows = [
        {
            "Arrests": f"{KIND_WORDS[row['kind']]}, {row['number_of_places']:,} "
            f"{among.get(row['places'], row['places'])}",
            "Their share": percent(row["arrests_share"]),
            "Against": against[row["against"]],
            "Measure": _MEASURE_WORDS[row["measure"]],
            "Value (90 % of imputations)": _interval(row, "{value} ({low} to {high})"),
            "By chance alone": _number(row["measure"], row["by_chance"]),
        }
        for row in frame.to_dict("records")
    ]
    return pd.DataFrame(rows)


def _number(measure: str, value: float) -> str:
    if pd.isna(value):
        return NONE
    if measure.startswith("places_"):
        return count(value)
    return f"{100 * value:.1f}%" if measure.startswith("share_") else f"{value:.3f}"


def _interval(row: Mapping[Any, Any], shape: str) -> str:
    measure = str(row["measure"])
    value, low, high = (_number(measure, row[name]) for name in ("value", "low", "high"))
    return value if NONE in {low, high} else shape.format(value=value, low=low, high=high)


def _pick(
    frame: pd.DataFrame, places: str, against: str, measure: str, *, kind: Kind = "all"
) -> pd.Series | None:
    rows = frame[
        (frame["places"] == places)
        & (frame["kind"] == kind)
        & (frame["against"] == against)
        & (frame["measure"] == measure)
    ]
    return None if rows.empty else rows.iloc[0]


def concentration_findings(
    span: Span, frame: pd.DataFrame, counts: Mapping[Level, PlaceCounts]
) -> Iterator[str]:
    """Say what was found, in sentences with their intervals."""
    when = f"{'From' if ' to ' in str(span) else 'In'} {span}"
    for places in ("known counties", "all counties", "areas"):
        half = _pick(frame, places, "places", "places_with_50_percent")
        if half is None:
            continue
        quarter, most = (
            _pick(frame, places, "places", f"places_with_{share}_percent") for share in (25, 75)
        )
        top = _pick(frame, places, "places", "share_of_top_10")
        yield (
            f"{when}, {_named(places, counts, half)}: a quarter of the arrests lie in "
            f"{_told(quarter)}, half in {_told(half)}, three quarters in {_told(most)}; the ten "
            f"with most hold {_told(top)}. Were arrests to fall on residents by chance, half would "
            f"lie in {_number('places_', half['by_chance'])}."
        )
    places = str(frame["places"].iloc[0])
    over = LEVEL_WORDS[finest_area(counts).level][1] if places == "areas" else places
    for base, name in BASE_WORDS.items():
        row, theil = (_pick(frame, places, base, measure) for measure in ("gini", "theil"))
        if row is not None:
            also = "" if theil is None or pd.isna(theil["value"]) else f", Theil {_told(theil)}"
            yield (
                f"Against {name}, the Gini coefficient of arrests over {over} is {_told(row)}"
                f"{also}; by chance alone it would be {row['by_chance']:.3f}."
            )
    yield from _kinds(frame, places, over)


def _kinds(frame: pd.DataFrame, places: str, over: str) -> Iterator[str]:
    own = frame[
        (frame["places"] == places)
        & (frame["against"] == "residents")
        & (frame["measure"] == "gini")
    ].set_index("kind")
    for kind in [kind for kind in KIND_WORDS if kind != "all"]:
        half, top = (
            _pick(frame, places, "places", measure, kind=kind)
            for measure in ("places_with_50_percent", "share_of_top_10")
        )
        if half is not None:
            yield (
                f"Of {KIND_WORDS[kind]} alone, half lie in {_told(half)} of the "
                f"{int(half['number_of_places']):,} {over}; the ten with most hold {_told(top)}."
            )
    if {"custodial", "community"} <= {*own.index}:
        told = [
            f"{KIND_WORDS[kind]} {_told(row_of(own, kind))}" for kind in KIND_WORDS if kind != "all"
        ]
        yield f"Apart, against residents, the Gini coefficients are: {'; '.join(told)}."


def _named(places: str, counts: Mapping[Level, PlaceCounts], row: pd.Series) -> str:
    number = f"{int(row['number_of_places']):,}"
    if places == "known counties":
        return (
            f"in the {number} counties of zones that are known by county "
            f"({percent(row['arrests_share'])} of the arrests)"
        )
    if places == "all counties":
        return f"in all {number} counties, where imputing the others' arrests evens them out"
    return f"in {number} {LEVEL_WORDS[finest_area(counts).level][1]}"


def _told(row: pd.Series | None) -> str:
    shape = "{value} (90 % interval {low} to {high})"
    return NONE if row is None else _interval(row.to_dict(), shape)


def concentration_limits(
    inputs: ArrestInputs,
    counts: Mapping[Level, PlaceCounts],
    bases: Bases,
    frame: pd.DataFrame,
) -> Iterator[str]:
    """Say what measures of concentration cannot tell, and what is missing."""
    if "all counties" in set(frame["places"]):
        yield (
            "Intervals carry the doubt where arrests were, not the chance of other years. In known "
            "counties, arrests that are not located follow rates smoothed by empirical Bayes: the "
            "located ones alone would make them look more uneven than they are. Where a zone's "
            "counties are not known, its arrests are spread by people, which makes all counties "
            "look more even than they may be: half of the arrests may lie in fewer. The known "
            "counties leave the other zones out."
        )
    else:
        yield (
            "No county has enough arrests that are known by county: imputing them is no evidence "
            "about counties, so concentration is measured over larger areas only."
        )
    yield (
        "A few counties hold many arrests because many people live there; the measures against "
        "residents, non-citizens and crimes are those to be read. With few arrests a county, "
        "chance alone makes them uneven: see the column of chance. Nothing here is a cause."
    )
    counted = counts["county_fips"] if "county_fips" in counts else finest_area(counts)
    for base in bases.by_county:
        share = bases.left_out(counted, base)
        if share > 0:
            yield (
                f"{capital(BASE_WORDS[base])} are not known where {percent(share)} of the arrests "
                "were made: these take no part in the measures against them."
            )
    if inputs.records is not None:
        unassigned = counted.unassigned["all"]
        yield f"{count(unassigned)} arrests that nothing locates take no part."
