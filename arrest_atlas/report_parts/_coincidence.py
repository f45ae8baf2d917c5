"""Whether the two maps coincide: every measure, and its p-value or why it has none."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import pandas as pd

from arrest_atlas.report_parts._material import UNITS, Material, Units
from arrest_atlas.report_parts._wording import (
    NONE,
    Reasons,
    capital,
    count,
    decimal,
    estimate,
    p_value,
    percent,
)
from outputs.report import Block, Heading, ReportTable, Section
from spatial_models import HotSpotComparison, Measure, SurrogateP

__all__ = ["coincidence_section", "headline_table"]

_INSIDE: Final = {
    "first_in_second": "Share of the hot spots of arrests that are hot spots of {crime}",
    "second_in_first": "Share of the hot spots of {crime} that are hot spots of arrests",
}
_MASSES: Final = {"units": "places", "arrests": "arrests", "crimes": "crimes"}


def coincidence_section(material: Material) -> Section:
    """Lay every measure of the two maps out, counties and areas apart."""
    surrogates = material.analysis.options.surrogates
    crime = material.crime
    blocks: list[Block] = [
        "Two maps that are both clustered overlap in places whether or not they have anything to "
        "do with each other. So p asks: of random crime maps that are as clustered as the given "
        "one, how many agree as well with the arrests, which stay where they are? Two families of "
        "such maps are drawn, "
        f"{surrogates:,} each, and the larger p counts. Measures for which no such test is known "
        "to hold its level have no p: they describe."
        if surrogates
        else "No random crime maps were drawn, so the agreement of the two maps is described, not "
        "tested.",
    ]
    for units in UNITS:
        comparison = material.pair("all", units).comparison
        one, several = material.units(units)
        blocks.append(Heading(text=capital(f"{several} as units")))
        if comparison is None:
            blocks.append(
                f"No {one} is compared: nowhere are enough arrests located by {one}, so that "
                "nothing can be said of counties."
            )
        elif comparison.n == 0:
            blocks.append(f"No {one} has data and neighbours in both maps.")
        else:
            blocks += _answer(material, comparison, units)
    heading = f"Do the hot spots of arrests and of {crime} coincide?"
    return Section(heading=heading, blocks=blocks)


def _answer(material: Material, comparison: HotSpotComparison, units: Units) -> Iterator[Block]:
    yield from _measures(material, comparison, units)
    yield _cross_table(material, comparison, units)
    yield _shares(material, comparison, units)
    if comparison.modified_t is not None:
        result = comparison.modified_t
        yield (
            "A secondary, without a verdict: Dutilleul's modified t-test of the two maps' scores "
            f"gives r = {decimal(result.correlation)} over {result.n:,} "
            f"{material.units(units)[1]}, as of {result.effective_sample_size:,.0f} independent "
            f"ones, p {_equals(p_value(result.p_modified_t))}. In simulations this test called up "
            "to a quarter of unrelated pairs associated at 5% where they shared no gradient, and "
            "more where they did: it decides nothing here."
        )


def _equals(p: str) -> str:
    return f"{p[0]} {p[1:]}" if p.startswith("<") else f"= {p}"


def _measures(material: Material, comparison: HotSpotComparison, units: Units) -> Iterator[Block]:
    _, several = material.units(units)
    twin = comparison.trend_removed
    rows, reasons = [], Reasons()
    for name, measure in comparison.measures.items():
        beneath = twin.measures[name] if twin is not None else None
        label = _INSIDE.get(name, measure.label).format(crime=material.crime)
        rows.append(
            [
                label,
                estimate(measure),
                _expected(measure),
                reasons.cell(measure.p),
                decimal(beneath.estimate) if beneath else NONE,
                reasons.cell(beneath.p) if beneath else "not computed",
            ]
        )
    yield ReportTable(
        caption=f"All measures over the {comparison.n:,} {several} tested in both maps: "
        f"{material.named('all')} {material.arrest_period}, {material.crime} "
        f"{material.crime_period}. In brackets the central 90% of the "
        f"{material.analysis.options.draws:,} draws: the doubt about the places of arrests alone, "
        "no confidence interval. Expected: mean over the random crime maps. p of kappa is "
        "one-sided, the others are two-sided. The last two columns: with a broad (quadratic) trend "
        "taken out of both maps.",
        heads=["measure", "estimate", "expected", "p", "without trend", "p without trend"],
        rows=rows,
    )
    yield from reasons.notes()


def _expected(measure: Measure) -> str:
    return decimal(measure.p.expected) if isinstance(measure.p, SurrogateP) else NONE


def _cross_table(material: Material, comparison: HotSpotComparison, units: Units) -> ReportTable:
    table = comparison.cross_table
    return ReportTable(
        caption=f"{capital(material.units(units)[1])} by the class of {material.named('all')} "
        f"(down) and of {material.crime} (across); {int(table.to_numpy().sum()):,} tested in both. "
        "Levels are of the false discovery rate. A count, without a p-value.",
        heads=[f"{material.named('all')} \\ {material.crime}", *map(str, table.columns)],
        rows=[
            [str(name), *map(count, row)]
            for name, row in zip(table.index, table.to_numpy(), strict=True)
        ],
    )


def _shares(material: Material, comparison: HotSpotComparison, units: Units) -> ReportTable:
    crime = material.crime
    heads = [
        "of all",
        f"in hot spots of {crime}",
        "in hot spots of arrests",
        f"of that in hot spots of {crime}, also hot in arrests",
        f"of that in hot spots of arrests, also hot in {crime}",
    ]
    columns = ["second_hot", "first_hot", "second_in_first", "first_in_second"]
    rows = [
        [_MASSES.get(str(mass), str(mass)), *(percent(row[name], decimals=1) for name in columns)]
        for mass, row in comparison.shares.iterrows()
    ]
    return ReportTable(
        caption=f"What lies in the hot spots, among the {comparison.n:,} "
        f"{material.units(units)[1]} tested in both maps. Arrests {material.arrest_period}, crimes "
        f"{material.crime_period}. Of the classes on the maps, while the measures above are means "
        "over the draws: the two can differ a little. Descriptive: hot spots hold more than their "
        "share by their making.",
        heads=heads,
        rows=rows,
    )


def headline_table(material: Material, units: Units) -> pd.DataFrame:
    """Lay the headlines of all kinds of arrests out, as the maps are and without trend."""
    rows = [
        _headline(material.named(kind), material.pair(kind, units).comparison, removed=removed)
        for removed in (False, True)
        for kind in material.analysis.kinds
    ]
    return pd.DataFrame(rows)


def _headline(
    named: str, comparison: HotSpotComparison | None, *, removed: bool
) -> dict[str, object]:
    """Give the statistic of the headline, the same one with the trend taken out."""
    row: dict[str, object] = {
        "variation": named,
        "group": "with a broad trend taken out of both maps" if removed else "as the maps are",
        "trend_removed": removed,
        **dict.fromkeys(("units", "estimate", "low", "high", "p")),
        "reason": "not compared" if comparison is None else "not computed",
        "statistic": "",
    }
    shown = comparison.trend_removed if comparison is not None and removed else comparison
    if comparison is None or shown is None:
        return row
    measure = shown.measures["kappa" if comparison.support == "unit" else "pearson"]
    tested = isinstance(measure.p, SurrogateP)
    return row | {
        "units": shown.n,
        "estimate": measure.estimate,
        "low": measure.low,
        "high": measure.high,
        "p": measure.p.p if isinstance(measure.p, SurrogateP) else None,
        "reason": "" if tested else str(measure.p).removeprefix("no p-value: "),
        "statistic": measure.label,
    }
