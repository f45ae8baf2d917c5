"""Custodial against community arrests."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import pandas as pd

from arrest_atlas.report_parts._coincidence import headline_table
from arrest_atlas.report_parts._maps import county_map
from arrest_atlas.report_parts._material import UNITS, Material, Units
from arrest_atlas.report_parts._wording import NONE, Reasons, capital, count, decimal, p_value
from arrest_atlas.sentence import beside_sentences, comparison_sentence
from outputs.figures import estimates_figure
from outputs.report import Block, Points, ReportFigure, ReportTable, Section

__all__ = ["kinds_section"]

_SCALES: Final[dict[Units, str]] = {
    "county": "0: agreement of chance, 1: complete",
    "area": "0: none, 1 or \u22121: complete",
}
_HEADING: Final = "Custodial against community arrests"


def kinds_section(material: Material) -> Section:
    """Set the answers of the kinds beside each other."""
    kinds = material.analysis.kinds
    if len(kinds) == 1:
        alone = (
            "They cannot be told apart here: published counts do not say which arrests were made "
            "in jails and prisons. Arrests out of jails sit where jails are, and pooled with the "
            "others they can make a hot spot that these do not have, or hide one."
            if material.analysis.inputs.records is None
            else "No kind of arrests could be located well enough to be shown apart."
        )
        return Section(heading=_HEADING, blocks=[alone])
    apart = [kind for kind in kinds if kind != "all"]
    sentences = [
        sentence
        for kind in apart
        for sentence in (
            comparison_sentence(material.analysis, kind),
            *beside_sentences(material.analysis, kind),
        )
    ]
    blocks: list[Block] = [
        (
            "Custodial arrests are of people handed over from jails and prisons: their map also "
            "shows where people are handed over. Community arrests are made on the street, at "
            "homes, workplaces and check-ins. Each kind is imputed, tested and compared by itself; "
            "the false discovery rate holds for each by itself, and no test here compares the two "
            "with each other: that one has a small p and the other has not, or a larger kappa, "
            "does not show that they differ. "
            "Arrests that are neither stand in the pooled numbers only."
        ),
        Points(items=sentences),
    ]
    for units in UNITS:
        blocks += _side_by_side(material, units)
    for kind in apart:
        blocks += [county_map(material, "overlap", kind), county_map(material, "arrests", kind)]
    return Section(heading=_HEADING, blocks=blocks)


def _side_by_side(material: Material, units: Units) -> Iterator[Block]:
    table = headline_table(material, units)
    statistics = [name for name in dict.fromkeys(table["statistic"]) if name]
    several = material.units(units)[1]
    if len(statistics) != 1:
        # Nothing to draw, or estimates that do not stand on one axis.
        yield f"{capital(several)}: no estimates of one statistic to set side by side."
        return
    (statistic,) = statistics
    name = "kinds-counties" if units == "county" else "kinds-areas"
    draws = material.analysis.options.draws
    interval = table["low"].notna().any()
    about = (
        f"Intervals: central 90% of {draws:,} draws, the doubt of location alone. "
        if interval
        else ""
    )
    svg = estimates_figure(
        table,
        name=name,
        title=f"Kinds of arrests against {material.crime}, {several}",
        axis=f"{statistic} ({_SCALES[units]})",
        notes=[
            (
                f"{about}p: the larger of two, each against "
                f"{material.analysis.options.surrogates:,} random crime maps. {material.periods}"
            )
        ],
        simulated=material.simulated,
    )
    caption = (
        f"{statistic} of each kind of arrests ({material.arrest_period}) and {material.crime} "
        f"({material.crime_period}), with {several} as units. The kinds lie within all arrests, "
        "and the rows are not independent of each other."
    )
    yield ReportFigure(name=name, svg=svg, caption=caption)
    reasons = Reasons()
    yield ReportTable(
        caption=f"The numbers of the figure above: {statistic}, with {several} as units.",
        heads=["arrests", "maps", "estimate", "90% of draws", "p", several],
        rows=[_row(row, reasons) for row in table.to_dict("records")],
    )
    yield from reasons.notes()


def _row(row: dict[object, object], reasons: Reasons) -> list[str]:
    given = pd.Series(row)
    spread = NONE
    if pd.notna(given["low"]):
        spread = f"{decimal(given['low'])} to {decimal(given['high'])}"
    p = p_value(given["p"]) if pd.notna(given["p"]) else reasons.none(str(given["reason"]))
    return [
        str(given["variation"]),
        str(given["group"]),
        decimal(given["estimate"]) if pd.notna(given["estimate"]) else NONE,
        spread,
        p,
        count(given["units"]) if pd.notna(given["units"]) else NONE,
    ]
