"""Surges: when weekly arrests changed their level, place by place, against their own past."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd

from arrest_atlas.tables._dated_counts import LEVEL_WORDS, DatedCounts, PlaceLevel, dated_counts
from arrest_atlas.tables._level_changes import (
    Found,
    changes_frame,
    find_changes,
    places_frame,
    weeks_frame,
)
from arrest_atlas.tables._surge_texts import (
    CHANGE_COLUMNS,
    PLACE_COLUMNS,
    WEEK_COLUMNS,
    change_texts,
    place_texts,
    surge_findings,
    surge_limits,
    surge_support,
    week_texts,
)
from arrest_atlas.tables.arrest_rows import arrest_rows
from arrest_atlas.tables.material import Recipe, TableMaterial
from arrest_atlas.tables.published import PublishedAnalysis, PublishedTable
from geo import InputError, Problem
from geo.arrest_series import ArrestSeries
from outputs.figures.series_panels import SeriesPanel, series_panels_figure

__all__ = ["RECIPE", "no_dates", "surges"]

_QUESTION: Final = "When and where did weekly arrests surge?"
_PANELS: Final = 6


def surges(
    rows: pd.DataFrame | None = None,
    *,
    series: ArrestSeries | None = None,
    source: str = "",
    simulated: bool = False,
    rng: int | np.random.Generator,
) -> PublishedAnalysis:
    """Find and date the changes of level of weekly arrests, and set reporting gaps apart.

    Parameters
    ----------
    rows : pandas.DataFrame, optional
        Arrests, as `arrest_rows` lists them.
    series : ArrestSeries, optional
        Published arrests by day or week, used in place of the rows where given.
    source : str, optional
        Where the rows come from.
    simulated : bool, default False
        Whether the data are made up.
    rng : int or numpy.random.Generator
        Source of randomness.

    Returns
    -------
    PublishedAnalysis
        Changes, a row each; places by level, a row each; their weeks.

    Raises
    ------
    InputError
        If nothing has a date.

    Examples
    --------
    >>> from arrest_atlas.simulated_series import simulate_series
    >>> made = surges(series=simulate_series(rng=1).series, simulated=True, rng=0)
    >>> made.to_frame()[["place", "direction", "week"]].head(2).values.tolist()
    [['MN', 'rise', '2025-09-01'], ['MN', 'fall', '2025-11-03']]
    """
    if series is None and (rows is None or rows["date"].isna().all()):
        no_dates()
    counts = dated_counts(rows, series, source=source)
    found = find_changes(counts, rng=np.random.default_rng(rng))
    changes = changes_frame(found)
    facts = {
        "period": f"{counts.period}, in weeks from Monday"
        if series is None or series.step == 1
        else f"{counts.period}, in the weeks of the file",
        "denominator": "none: arrests a week, each place against its own past",
        "support": surge_support(counts),
        "source": counts.source,
    }
    tables = {
        "surges": PublishedTable(
            title="Changes of the level of weekly arrests",
            frame=changes,
            shown=change_texts(changes),
            columns=CHANGE_COLUMNS,
            **facts,
        )
    }
    levels: tuple[PlaceLevel, ...] = ("state", "aor")
    for level in levels:
        if counts.of(level):
            frame = places_frame(found, level)
            tables[f"surges_{level}"] = PublishedTable(
                title=f"Weekly arrests now and earlier, by {LEVEL_WORDS[level][0]}",
                frame=frame,
                shown=place_texts(frame),
                columns={**PLACE_COLUMNS, level: PLACE_COLUMNS["place"]},
                **facts,
            )
    weeks = weeks_frame(found)
    tables["surges_weeks"] = PublishedTable(
        title="Weekly arrests by place, with their levels",
        frame=weeks,
        shown=week_texts(weeks),
        columns=WEEK_COLUMNS,
        **facts,
    )
    return PublishedAnalysis(
        name="surges",
        question=_QUESTION,
        findings=tuple(surge_findings(counts, found, changes)),
        limits=(*surge_limits(found), *counts.notes),
        tables=tables,
        figures={"weekly-arrests": _figure(counts, found, changes, simulated=simulated)},
        captions={
            "weekly-arrests": "Weekly arrests of all places together and of the places with the "
            "clearest changes, each on its own scale. A change says when, not why; hatched "
            "weeks are not told and no lull."
        },
        simulated=simulated,
    )


def _figure(
    counts: DatedCounts, found: Sequence[Found], changes: pd.DataFrame, *, simulated: bool
) -> str:
    """Draw all places, and the places of the clearest changes."""
    level: PlaceLevel = "state" if counts.of("state") else "aor"
    pooled = changes[(changes["kind"] == "all") & (changes["level"] == level)]
    ranked = list(dict.fromkeys(pooled["place"]))
    others = [each.place for each in counts.of(level) if each.place not in ranked]
    drawn = {each.place.place: each for each in found
             if each.place.kind == "all" and each.place.level in ("all", level)}  # fmt: skip
    wanted = ["all", *ranked, *others][: _PANELS + 1]
    return series_panels_figure(
        [_panel(drawn[place]) for place in wanted],
        name="weekly-arrests",
        title="Weekly arrests and the changes of their level",
        notes=["Levels and intervals are of weeks told only. Each panel has its own scale."],
        simulated=simulated,
    )


def _panel(found: Found) -> SeriesPanel:
    weeks = found.weeks.index
    return SeriesPanel(
        label=f"{found.place.name} ({found.reason})" if found.reason else found.place.name,
        counts=found.weeks,
        levels=found.level.where(found.weeks.notna()),
        changes=[(weeks[each.at], weeks[each.first], weeks[each.last]) for each in found.changes],
        gaps=[(gap.first, gap.last) for gap in found.gaps],
    )


def no_dates() -> None:
    """Refuse to look for days where there are none.

    Raises
    ------
    InputError
        Always.
    """
    problem = Problem(
        file="arrests",
        found="neither records with a date nor a series",
        expected="records of arrests (--arrests), or arrests by day or week (--series)",
        action="give one of them",
    )
    raise InputError([problem])


def _make(material: TableMaterial) -> PublishedAnalysis:
    inputs = material.inputs
    records = None if inputs is None else inputs.records
    return surges(
        None if records is None else arrest_rows(records),
        series=material.series,
        source="" if records is None else ", ".join(each.file for each in records.arrests.sources),
        simulated=inputs is not None and inputs.simulated,
        rng=material.rng("surges"),
    )


RECIPE: Final = Recipe(
    name="surges",
    help="changes of the level of weekly arrests, dated, by place",
    make=_make,
    takes=("series",),
    periods=False,
    random=True,
)
