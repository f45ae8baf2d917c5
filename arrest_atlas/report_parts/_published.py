"""What published analyses come to on these data."""

from __future__ import annotations

from dataclasses import replace

from arrest_atlas.tables.of_a_run import RunAnalyses
from arrest_atlas.tables.pages import analysis_blocks
from outputs.report import Block, Points, ReportFigure, Section

__all__ = ["published_section"]

_HEADING = "What published analyses come to on these data"


def published_section(analyses: RunAnalyses | None) -> Section:
    """Tell every published analysis that could be made, if that was asked for."""
    if analyses is None:
        absent = (
            "Not made in this run. With --tables, analyses that others have published (custody, "
            "criminality, rates, concentration and more) are made on these data; arrest-atlas "
            "table makes one by itself."
        )
        return Section(heading=_HEADING, blocks=[absent])
    blocks: list[Block] = [
        (
            "Each asks what others have asked, of these data. None of them says why, and none is "
            "the answer to the question of this report. Intervals hold 90%."
        )
    ]
    for analysis in analyses.made:
        blocks += [_named(block, analysis.name) for block in analysis_blocks(analysis)]
    if analyses.missing:
        blocks.append("Not made:")
        blocks.append(Points(items=[f"{name}: {why}" for name, why in analyses.missing.items()]))
    return Section(heading=_HEADING, blocks=blocks)


def _named(block: Block, analysis: str) -> Block:
    """Name the figures after their analysis, so that no two of a report share a name."""
    if isinstance(block, ReportFigure):
        return replace(block, name=f"table-{analysis}-{block.name}")
    return block
