"""Completeness: which days and which fields the sources of arrests lack, over time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import pandas as pd

from arrest_atlas.records import Records
from arrest_atlas.tables._completeness_texts import (
    GAP_COLUMNS,
    MONTH_COLUMNS,
    SOURCE_COLUMNS,
    completeness_findings,
    completeness_limits,
    gap_texts,
    month_texts,
    source_texts,
)
from arrest_atlas.tables._dated_counts import DatedCounts, dated_counts
from arrest_atlas.tables._source_coverage import (
    coverage_frame,
    gaps_frame,
    months_frame,
    source_counts,
)
from arrest_atlas.tables.arrest_rows import arrest_rows
from arrest_atlas.tables.material import Recipe, TableMaterial
from arrest_atlas.tables.published import PublishedAnalysis, PublishedTable
from arrest_atlas.tables.surges import no_dates
from geo.arrest_series import ArrestSeries
from outputs.figures.series_panels import SeriesPanel, series_panels_figure
from outputs.figures.share_bars import share_bars_figure

__all__ = ["RECIPE", "completeness"]

_QUESTION: Final = "How complete are the sources over time?"
_PANELS: Final = 7
_PARTS: Final = {
    "county_share": "county known",
    "area_share": "zone or state known",
    "aor_share": "office only",
    "none_share": "not known",
}


def completeness(
    records: Records | None = None,
    *,
    series: ArrestSeries | None = None,
    simulated: bool = False,
) -> PublishedAnalysis:
    """Find days without reports, thin ends and fields that go missing, source by source.

    Parameters
    ----------
    records : Records, optional
        Arrests one by one.
    series : ArrestSeries, optional
        Published arrests by day or week.
    simulated : bool, default False
        Whether the data are made up.

    Returns
    -------
    PublishedAnalysis
        Sources and places, a row each; their gaps; fields by month, of records.

    Raises
    ------
    InputError
        If nothing has a date.

    Examples
    --------
    >>> from arrest_atlas.simulated_series import simulate_series
    >>> made = completeness(series=simulate_series(rng=1).series, simulated=True)
    >>> int(made.to_frame().loc[0, "days_not_told"])
    7
    """
    counted = _counted(records, series)
    if not counted:
        no_dates()
    sources = coverage_frame(counted)
    gaps = gaps_frame(counted)
    rows = None if records is None else arrest_rows(records)
    months = None if records is None or rows is None else months_frame(rows, records)
    facts = {
        "period": "; ".join(dict.fromkeys(f"{each.period}" for each in counted)),
        "denominator": "days of each source; shares of fields: all arrests of the month, no "
        "duplicates",
        "support": "each source as it is, nothing imputed",
        "source": "; ".join(each.source for each in counted),
    }
    tables = {
        "completeness": PublishedTable(
            title="Days told and not told, by source and place",
            frame=sources,
            shown=source_texts(sources),
            columns=SOURCE_COLUMNS,
            **facts,
        ),
        "completeness_gaps": PublishedTable(
            title="Gaps: days that are no lull",
            frame=gaps,
            shown=gap_texts(gaps),
            columns=GAP_COLUMNS,
            **facts,
        ),
    }
    figures = {"weeks-told": _weeks(counted, simulated=simulated)}
    captions = {
        "weeks-told": "Weekly arrests of each source and of the places with most days not told; "
        "hatched days have no row or too few arrests to be chance, and must not be read as a lull."
    }
    if months is not None:
        tables["completeness_months"] = PublishedTable(
            title="Fields that are known, by source and month",
            frame=months,
            shown=month_texts(months),
            columns=MONTH_COLUMNS,
            **facts,
        )
        figures["places-known"] = _places(months, simulated=simulated)
        captions["places-known"] = (
            "How finely the place of an arrest is known, by month. Where the share changes, "
            "numbers of states and counties change with it."
        )
    return PublishedAnalysis(
        name="completeness",
        question=_QUESTION,
        findings=tuple(completeness_findings(counted, sources, gaps, months)),
        limits=(
            *completeness_limits(records=records is not None),
            *dict.fromkeys(note for each in counted for note in each.notes),
        ),
        tables=tables,
        figures=figures,
        captions=captions,
        simulated=simulated,
    )


def _counted(records: Records | None, series: ArrestSeries | None) -> list[DatedCounts]:
    """Count every source by day: each file of records, and the series."""
    counted = [] if records is None else source_counts(records)
    return counted if series is None else [*counted, dated_counts(None, series)]


def _weeks(counted: Sequence[DatedCounts], *, simulated: bool) -> str:
    panels: list[tuple[int, SeriesPanel]] = []
    for counts in counted:
        for place in (each for each in counts.places if each.kind == "all"):
            gaps = place.gaps()
            weeks = place.weeks(gaps)
            if weeks.empty:
                continue
            days = sum(gap.days for gap in gaps) if place.level != "all" else 10**9
            panel = SeriesPanel(
                label=f"{place.name}, {counts.source}",
                counts=weeks,
                levels=weeks * float("nan"),
                gaps=[(gap.first, gap.last) for gap in gaps],
            )
            panels.append((days, panel))
    ranked = sorted(panels, key=lambda each: -each[0])
    shown = [panel for days, panel in ranked if days > 0][:_PANELS]
    return series_panels_figure(
        shown or [panel for _, panel in ranked[:1]],
        name="weeks-told",
        title="Weeks told and not told",
        simulated=simulated,
    )


def _places(months: pd.DataFrame, *, simulated: bool) -> str:
    table = pd.DataFrame(
        {
            "group": months["source"],
            "row": months["month"],
            "whole": months["arrests"],
            "county_share": months["county_share"],
            "area_share": months["zone_share"] + months["state_share"],
            "aor_share": months["aor_share"],
            "none_share": months["none_share"],
        }
    )
    return share_bars_figure(
        table,
        parts=_PARTS,
        name="places-known",
        title="How finely places are known, by month",
        axis="share of the arrests of a month",
        beside="arrests",
        simulated=simulated,
    )


def _make(material: TableMaterial) -> PublishedAnalysis:
    inputs = material.inputs
    return completeness(
        None if inputs is None else inputs.records,
        series=material.series,
        simulated=inputs is not None and inputs.simulated,
    )


RECIPE: Final = Recipe(
    name="completeness",
    help="days and fields that the sources of arrests lack, over time",
    make=_make,
    takes=("series",),
    periods=False,
)
