"""Published analyses for people: blocks of a report, and a page of their own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from arrest_atlas.tables.published import PublishedAnalysis, PublishedTable
from outputs.report import Block, Heading, Points, Report, ReportFigure, ReportTable, Section

__all__ = ["analysis_blocks", "analysis_page"]


def analysis_blocks(analysis: PublishedAnalysis) -> Iterator[Block]:
    """Tell an analysis within a report.

    Parameters
    ----------
    analysis : PublishedAnalysis
        What was found.

    Yields
    ------
    Block
        Heading, findings, figures, tables, limits.
    """
    yield Heading(text=analysis.question)
    yield from _findings(analysis)
    yield from _evidence(analysis)
    if analysis.limits:
        yield "What this cannot say, and how it was counted:"
        yield Points(items=analysis.limits)


def analysis_page(
    analysis: PublishedAnalysis, *, made_by: Sequence[str] = (), version: str
) -> Report:
    """Tell an analysis on a page of its own.

    Parameters
    ----------
    analysis : PublishedAnalysis
        What was found.
    made_by : sequence of str
        How it was made, in lines.
    version : str
        Of arrest-atlas.

    Returns
    -------
    Report
        To be written with `outputs.render_report`.
    """
    return Report(
        title=analysis.question,
        lead=[analysis.findings[0]],
        sections=[
            *_more_findings(analysis),
            Section(heading="The numbers", blocks=list(_evidence(analysis))),
            Section(heading="What this cannot say", blocks=[Points(items=analysis.limits)]),
            Section(heading="How it was made", blocks=[Points(items=list(made_by))]),
        ],
        footer=[
            f"Made by arrest-atlas {version}. Nothing here is evidence about any person.",
        ],
        simulated=analysis.simulated,
    )


def _more_findings(analysis: PublishedAnalysis) -> Iterator[Section]:
    """Tell what the first finding, which stands above everything, does not."""
    if analysis.findings[1:]:
        yield Section(heading="What was found", blocks=[Points(items=analysis.findings[1:])])


def _findings(analysis: PublishedAnalysis) -> Iterator[Block]:
    yield analysis.findings[0]
    if analysis.findings[1:]:
        yield Points(items=analysis.findings[1:])


def _evidence(analysis: PublishedAnalysis) -> Iterator[Block]:
    for name, svg in analysis.figures.items():
        yield ReportFigure(name=name, svg=svg, caption=analysis.captions[name])
    for table in analysis.tables.values():
        yield _shown(table)


def _shown(table: PublishedTable) -> ReportTable:
    facts = ". ".join(f"{what}: {told}".rstrip(".") for what, told in table.facts.items())
    return ReportTable(
        caption=f"{table.title}. {facts}.",
        heads=[str(name) for name in table.shown.columns],
        rows=[[str(cell) for cell in row] for row in table.shown.itertuples(index=False)],
    )
