"""The question, what was found in sentences, and what these cannot say."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from arrest_atlas.report_parts._material import Material
from arrest_atlas.report_parts._wording import capital, count, listed, percent
from arrest_atlas.sentence import beside_sentences, comparison_sentence, short_sentences
from arrest_atlas.support import COUNTY, UNKNOWN
from arrest_atlas.words import findings, limits, question, warnings_of
from outputs.report import Block, Heading, Points, ReportTable, Section

__all__ = ["lead", "limits_section", "opening_section"]

_MORE: Final = (
    (
        "That hot spots coincide, or do not, says nothing about why: it does not show whether one "
        "affects the other."
    ),
    (
        "Arrests are where and as the agency recorded them, crimes where and as police reported "
        "them. Places can be hot in either map for reasons of recording."
    ),
    (
        "A result about places says nothing about the people in them, nor about who was arrested "
        "for what (the ecological fallacy)."
    ),
    (
        "Other units, neighbours, periods, denominators or definitions can give another answer "
        "(the modifiable areal unit problem); part 8 shows some of that, where it was computed."
    ),
)


def lead(material: Material) -> list[str]:
    """Give the answer above everything else."""
    inputs = material.analysis.inputs
    periods = (
        f"Arrests: {material.arrest_period}. {capital(material.crime)}: {material.crime_period}, "
        f"{inputs.crime.definition_title or 'definition not stated by the file'}."
    )
    warnings = warnings_of(material.analysis)
    return [
        comparison_sentence(material.analysis, "all"),
        *beside_sentences(material.analysis, "all"),
        periods,
        *(f"Warning: {sentence}" for sentence in warnings),
    ]


def opening_section(material: Material) -> Section:
    """Say what was asked, of what, and what was found."""
    analysis = material.analysis
    kinds = list(analysis.kinds)
    in_full = {
        sentence
        for kind in kinds
        for sentence in (comparison_sentence(analysis, kind), *beside_sentences(analysis, kind))
    }
    in_short = [
        sentence
        for kind in kinds
        if kind != "all"
        for sentence in short_sentences(analysis, kind)[:1]
    ]
    blocks: list[Block] = [
        (
            f"{question(analysis)} The answer stands above, the numbers behind it in parts 3 to 8, "
            "and what they cannot say in part 10."
        ),
        ReportTable(
            caption="What is compared.",
            heads=["what", "in this run"],
            rows=list(_facts(material)),
        ),
        Heading(text="Further findings"),
        Points(items=[*in_short, *(line for line in findings(analysis) if line not in in_full)]),
    ]
    return Section(heading="The question and what was found", blocks=blocks)


def _facts(material: Material) -> Iterator[list[str]]:
    analysis = material.analysis
    inputs = analysis.inputs
    answer = analysis.kinds["all"]
    support = answer.support[answer.support.index.isin(answer.area.graph.unique_ids)]
    known = support[support["support"] != UNKNOWN]
    own = int((known["support"] == COUNTY).sum())
    _, several = material.units("area")
    arrests = float(answer.support["arrests"].sum())
    if inputs.simulated:
        yield ["data", "SIMULATED: made up, of no place and no time"]
    span = f" ({material.arrest_span})" if material.arrest_span else ""
    yield ["arrests that have a place", f"{count(arrests)}, {material.arrest_period}{span}"]
    located = float(answer.arrests.located.sum()) / max(arrests, 1.0)
    yield ["of these, located by county", percent(located, decimals=1)]
    yield ["arrests without any place, left out of every map", count(inputs.unlocated)]
    kinds = [material.named(kind) for kind in analysis.kinds]
    yield ["kinds of arrests", listed(kinds)]
    yield [material.crime, f"{material.crime_period}"]
    yield ["arrest rates are per", material.people]
    yield [
        f"{several} whose counties have arrest classes of their own",
        f"{own} of {len(support)}",
    ]
    headline = "counties" if answer.headline == COUNTY else several
    yield ["units that carry the headline", headline]
    tested = answer.comparison.n
    yield [f"{headline} tested in both maps", count(tested)]
    if len(known) < len(support):
        yield [f"{several} without data", count(len(support) - len(known))]
    yield [
        "where tests are made",
        "the 50 states and DC" if analysis.options.extent == "states" else "the 48 states and DC",
    ]


def limits_section(material: Material) -> Section:
    """Say what no number here can tell, and what makes the result doubtful."""
    number = len(warnings_of(material.analysis))
    blocks: list[Block] = [Points(items=[*limits(material.analysis), *_MORE])]
    if number:
        stand = (
            "The warning at the top belongs" if number == 1 else "The warnings at the top belong"
        )
        blocks.append(f"{stand} here, too.")
    return Section(heading="What this cannot say", blocks=blocks)
