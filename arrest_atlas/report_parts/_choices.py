"""How far the answer depends on choices of method."""

from __future__ import annotations

from typing import Any

import pandas as pd

from arrest_atlas.report_parts._material import Material
from arrest_atlas.report_parts._wording import NONE, count, decimal, p_value
from outputs.report import Block, ReportFigure, ReportTable, Section

__all__ = ["choices_section"]

_HEADING = "What the answer depends on"


def choices_section(material: Material) -> Section:
    """Show the answer under one change of method at a time, if that was asked for."""
    changed = material.changed
    if changed is None:
        absent = (
            "Not computed in this run. With --sensitivity, the headline is computed again under "
            "one change of method at a time: neighbours, denominators, thresholds, treatment of "
            "arrests without a county, kinds of arrests, measures of crime."
        )
        return Section(heading=_HEADING, blocks=[absent])
    table = changed.to_frame()
    statistic = changed.rows[0].statistic
    caption = (
        f"{statistic} of all arrests ({material.arrest_period}) and {material.crime} "
        f"({material.crime_period}) under one change of method at a time."
    )
    blocks: list[Block] = [
        (
            "One choice is changed at a time, everything else stays. It is no search for the best "
            "choice: of so many rows, some have a small p by chance, and a row is no better for it."
        ),
        ReportFigure(name="sensitivity", svg=changed.to_svg(), caption=caption),
        ReportTable(
            caption="The numbers of the figure above. Intervals: central 90% of draws; p: the "
            "larger of two.",
            heads=["change", "of", "estimate", "90% of draws", "p", "places", "remark"],
            rows=[_row(row) for row in table.to_dict("records")],
        ),
    ]
    return Section(heading=_HEADING, blocks=blocks)


def _row(row: dict[Any, Any]) -> list[str]:
    spread = NONE
    if pd.notna(row["low"]):
        spread = f"{decimal(row['low'])} to {decimal(row['high'])}"
    said = [row["verdict"], row["reason"], row["note"]]
    return [
        str(row["variation"]),
        str(row["group"]),
        decimal(row["estimate"]),
        spread,
        p_value(row["p"]),
        count(row["units"]),
        "; ".join(str(part) for part in said if part),
    ]
