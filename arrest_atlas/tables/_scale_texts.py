"""What is told of arrests and crime at four scales: tables, sentences, figures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

import pandas as pd

from arrest_atlas.options import Inputs
from arrest_atlas.report_parts._wording import NONE, capital, count, decimal, listed, rate
from arrest_atlas.tables._concentration_measures import KIND_WORDS
from arrest_atlas.tables._place_counts import Level
from arrest_atlas.tables._rate_tables import LEVEL_WORDS, names_of
from arrest_atlas.tables._scale_pairs import Extent, Pairs
from arrest_atlas.tables._spans import Span
from arrest_atlas.tables.published import PublishedTable
from geo import PER
from outputs import ColumnWords
from outputs.figures.ranked_rows import ranked_rows_figure

__all__ = ["pair_table", "scale_figures", "scale_findings", "scale_limits", "scale_table"]

_EXTENT_WORDS: Final[Mapping[Extent, str]] = {
    "everywhere": "every place with figures of its own",
    "same counties": "the same counties at every scale, put together",
}
_MOST_ROWS: Final = 15


def scale_table(inputs: Inputs, span: Span, frame: pd.DataFrame) -> PublishedTable:
    """Lay the correlations out."""
    meanings = {
        "extent": "everywhere: every place with figures of its own; same counties: those that are "
        "known and report crime, put together to the places of each level",
        "kind": "Which arrests: all, custodial, community",
        "level": "What a place is",
        "places": "Places that take part; 0 where there are too few for a correlation",
        "places_left_out": "Places of this level that do not",
        "effective_places": "Independent places whose correlation would vary as much (Dutilleul)",
        "spearman": "Spearman's correlation of arrest rates and crime rates",
        "pearson": "Pearson's correlation of their logarithms, half a case added to each count",
    }
    for name, of in (("spearman", "Spearman's"), ("pearson", "Pearson's")):
        meanings[f"{name}_low"] = f"{of}: lower end of the 90 % interval"
        meanings[f"{name}_high"] = f"{of}: upper end of the 90 % interval"
    return PublishedTable(
        title=f"Correlation of arrest and {inputs.crime.noun} rates by scale, {span.title}",
        frame=frame,
        shown=_scale_texts(frame),
        columns={name: ColumnWords(meaning=meanings[name]) for name in frame.columns},
        period=f"{span}; crime: {inputs.crime_period or 'not stated'}",
        denominator="residents of each place; of crime, those of reporting counties",
        support="each place counts once, large or small; counties only where they are known",
        source=inputs.file_names or "the tables given",
    )


def _scale_texts(frame: pd.DataFrame) -> pd.DataFrame:
    rows = [
        {
            "Scale": capital(LEVEL_WORDS[row["level"]][1]),
            "Arrests": KIND_WORDS[row["kind"]],
            "Among": _EXTENT_WORDS[row["extent"]],
            "Places": count(row["places"]),
            "Worth independent ones": count(row["effective_places"]),
            "Spearman (90 % interval)": _correlation(row, "spearman"),
            "Pearson of logarithms (90 % interval)": _correlation(row, "pearson"),
        }
        for row in frame.to_dict("records")
    ]
    return pd.DataFrame(rows)


def _correlation(row: Mapping[Any, Any], name: str) -> str:
    value, low, high = (decimal(row[f"{name}{end}"]) for end in ("", "_low", "_high"))
    return value if NONE in {value, low} else f"{value} ({low} to {high})"


def pair_table(inputs: Inputs, span: Span, pairs: Pairs) -> PublishedTable:
    """Lay the two rates of every place of a level out."""
    one, several = LEVEL_WORDS[pairs.level]
    frame = pairs.rates
    own = frame[frame["reason"] == ""].sort_values("residents", ascending=False)
    top = own.head(_MOST_ROWS)
    shown = pd.DataFrame(
        {
            capital(one): names_of(pairs.level, top.index),
            f"Arrests per {PER:,} residents": top["arrest_rate"].map(rate),
            f"{capital(inputs.crime.noun)} per {PER:,} residents": top["crime_rate"].map(rate),
        }
    )
    if len(own) > len(top):
        shown.loc["more"] = [f"and {len(own) - len(top):,} smaller ones in the table", "", ""]
    return PublishedTable(
        title=f"Arrest rate and {inputs.crime.noun} rate by {one}, {span.title}",
        frame=frame,
        shown=shown,
        columns={
            pairs.level: ColumnWords(meaning=f"Code of the {one}"),
            "reason": ColumnWords(meaning="Why it takes no part; empty where it does"),
            "arrests": ColumnWords(
                meaning="Arrests, those known more coarsely imputed", unit="arrests"
            ),
            "residents": ColumnWords(meaning="Residents", unit="people"),
            "arrest_rate": ColumnWords(
                meaning="Arrests over the whole period", unit=f"per {PER:,} residents"
            ),
            "crime_rate": ColumnWords(
                meaning=f"Reported {inputs.crime.noun} of the counties that report",
                unit=f"per {PER:,} residents",
            ),
        },
        period=f"{span}; crime: {inputs.crime_period or 'not stated'}",
        denominator="residents of each place; of crime, those of reporting counties",
        support=f"{len(own):,} {several} take part, {len(frame) - len(own):,} do not",
        source=inputs.file_names or "the tables given",
    )


def scale_findings(inputs: Inputs, span: Span, frame: pd.DataFrame) -> Iterator[str]:
    """Say how the rates correlate at each scale."""
    crime = inputs.crime.noun
    for extent, opening in (
        ("everywhere", f"Arrest rates ({span}) and {crime} rates correlate (Spearman)"),
        ("same counties", "Among the same counties, put together at each scale, they correlate"),
    ):
        rows = frame[(frame["extent"] == extent) & (frame["kind"] == "all")]
        rows = rows[rows["spearman"].notna()]
        if len(rows):
            told = [
                f"{_interval(row, 'spearman')} over {row['places']:,} "
                f"{LEVEL_WORDS[row['level']][1]}"
                for row in rows.to_dict("records")
            ]
            yield f"{opening} with {listed(told)}."
    if frame["spearman"].notna().sum() == 0:
        yield "There are too few places that have both rates for a correlation at any scale."
    yield from _kinds(frame)


def _interval(row: Mapping[Any, Any], name: str) -> str:
    value, low, high = (decimal(row[f"{name}{end}"]) for end in ("", "_low", "_high"))
    return value if NONE in {low, high} else f"{value} (90 % interval {low} to {high})"


def _kinds(frame: pd.DataFrame) -> Iterator[str]:
    for kind in ("custodial", "community"):
        rows = frame[(frame["extent"] == "everywhere") & (frame["kind"] == kind)]
        rows = rows[rows["spearman"].notna()]
        if len(rows):
            told = [
                f"{_interval(row, 'spearman')} over {LEVEL_WORDS[row['level']][1]}"
                for row in rows.to_dict("records")
            ]
            yield f"{capital(KIND_WORDS[kind])} alone correlate with {listed(told)}."


def scale_limits(pairs: Mapping[Level, Pairs]) -> Iterator[str]:
    """Say what correlations cannot tell, and who takes no part."""
    yield (
        "A correlation over states says nothing about counties, nor one over counties about people "
        "(the ecological fallacy): the numbers differ because the units do, and none of them is "
        "the true one. None is a cause: jails, people and police shape both."
    )
    yield (
        "Few cases make a rate noisy, and noise draws a correlation towards zero, most of all over "
        "small counties; each place counts once, large or small. Intervals allow for neighbours "
        "being alike (an effective number of places, Dutilleul 1993) and for imputation (Rubin)."
    )
    yield (
        "Zones, offices and states have the crime rate of those of their counties that report, "
        "where at least 80% of the residents live in such; other places are left out, with the "
        "reason in the table."
    )
    for level, each in pairs.items():
        why = each.reason[each.reason != ""].value_counts()
        if len(why):
            told = listed([f"{count(number)}: {reason}" for reason, number in why.items()])
            yield f"{capital(LEVEL_WORDS[level][1])} that take no part ({told})."


def scale_figures(frame: pd.DataFrame, *, simulated: bool) -> tuple[dict[str, str], dict[str, str]]:
    """Draw the correlations, with captions."""
    figures, captions = {}, {}
    for extent, words in _EXTENT_WORDS.items():
        rows = frame[frame["extent"] == extent]
        if rows.empty:
            continue
        name = f"scales-{extent.replace(' ', '-')}"
        drawn = pd.DataFrame(
            {
                "row": [capital(LEVEL_WORDS[level][1]) for level in rows["level"]],
                "series": [KIND_WORDS[kind] for kind in rows["kind"]],
                "value": rows["spearman"].to_numpy(),
                "low": rows["spearman_low"].to_numpy(),
                "high": rows["spearman_high"].to_numpy(),
            }
        )
        figures[name] = ranked_rows_figure(
            drawn,
            name=name,
            title="Do arrests go with crime?",
            axis="Spearman's correlation of arrest rate and crime rate",
            decimals=2,
            reference=0.0,
            notes=[f"Among {words}. Lines are 90 % intervals."],
            simulated=simulated,
        )
        captions[name] = (
            f"Correlation of arrest rates with crime rates by scale, among {words}. The same "
            "arrests and crimes correlate differently when other units are drawn around them."
        )
    return figures, captions
