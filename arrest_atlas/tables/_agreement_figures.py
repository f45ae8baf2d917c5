"""Figures of counties with and without agreements: ratios, a map, the years before."""

from __future__ import annotations

from typing import Final

import pandas as pd

from arrest_atlas.report_parts._wording import capital
from arrest_atlas.tables._agreement_groups import EXPOSURE_WORDS
from arrest_atlas.tables._agreement_results import AgreementResults
from arrest_atlas.tables._agreement_tables import METHOD_WORDS, AgreementFacts
from arrest_atlas.tables._pre_trends import SLOPE
from boundaries import load_counties
from geo.context import MODELS
from outputs.classes import ClassLayer, LegendClass
from outputs.figures import class_map_figure, map_ground
from outputs.figures.coefficients import coefficient_figure

__all__ = ["agreement_figures"]

_NONE, _SEVERAL, _NOT_TOLD = "none", "several", "not told"

_CLASSES: Final = (
    LegendClass(
        key="jail_enforcement", label="Jail enforcement", colour="#2166ac", pattern="level"
    ),
    LegendClass(key="task_force", label="Task force", colour="#b2182b", pattern="grid"),
    LegendClass(
        key="warrant_service_officer",
        label="Warrant service officer",
        colour="#f4a582",
        pattern="upright",
    ),
    LegendClass(key=_SEVERAL, label="Several kinds", colour="#542788", pattern="dots"),
    LegendClass(key=_NONE, label="None of its own agencies", colour="#f4f1ea"),
    LegendClass(key=_NOT_TOLD, label="Not told", colour="#c9c9c9", pattern="crosses"),
)


def agreement_figures(
    results: AgreementResults, trends: pd.DataFrame | None, facts: AgreementFacts
) -> tuple[dict[str, str], dict[str, str]]:
    """Draw every figure; give them and their captions by name."""
    figures, captions = {}, {}
    for outcome, words in facts.words.items():
        name = f"agreements-{outcome}"
        own = results.comparisons[results.comparisons["outcome"] == outcome]
        figures[name] = coefficient_figure(
            pd.DataFrame(
                {
                    "term": [capital(EXPOSURE_WORDS[each]) for each in own["agreement"]],
                    "model": [METHOD_WORDS[each] for each in own["method"]],
                    "estimate": own["ratio"].to_numpy(),
                    "low": own["low"].to_numpy(),
                    "high": own["high"].to_numpy(),
                    "reason": own["reason"].to_numpy(),
                }
            ),
            name=name,
            title=f"Counties with 287(g) agreements: {words}",
            axis="Times the typical rate of counties without any agreement",
            none=1.0,
            notes=[f"Intervals of 90 %. {capital(facts.period)}."],
            simulated=facts.inputs.simulated,
        )
        captions[name] = (
            f"{capital(words)} of counties with each kind of agreement, over those of counties "
            "without any, by four ways to compare them. Where the ways disagree, the answer rests "
            "on what is held equal. None of them is an effect of agreements."
        )
    figures["agreements-map"] = _map(facts)
    captions["agreements-map"] = (
        f"Counties whose own agencies, or those of whose towns, had an agreement on "
        f"{facts.groups.counts.day}. State agencies, which may act in a whole state, are not drawn."
    )
    if trends is not None and trends["ratio"].notna().any():
        figures["agreements-before"] = _before(trends, facts)
        captions["agreements-before"] = (
            "Crime of counties in the years before they signed, over that of the last of these "
            "years, beside the same of counties of their state that never signed. Were they alike "
            "but for the agreement, all marks would stand at 1."
        )
    return figures, captions


def _map(facts: AgreementFacts) -> str:
    counties = load_counties()
    table = facts.groups.table
    kinds = table[list(MODELS)]
    classes = kinds.idxmax(axis="columns").astype("object")
    classes = classes.mask(kinds.sum(axis="columns") > 1, _SEVERAL).mask(table["none"], _NONE)
    classes = classes.mask(table["not_told"] != "", _NOT_TOLD)
    ground = map_ground(counties, {"states": (0.6, counties["state"])})
    classes = classes.reindex(counties.index, fill_value=_NOT_TOLD)
    layer = ClassLayer(
        title="287(g) agreements",
        note="",
        classes=classes,
        hatched=pd.Series(data=False, index=classes.index),
        legend=_CLASSES,
        hatched_label="",
    )
    return class_map_figure(
        ground,
        layer,
        name="agreements-map",
        title=f"287(g) agreements by county, {facts.groups.counts.day}",
        notes=[facts.groups.counts.agreements.source.file],
        untold=[_NOT_TOLD, _NONE],
        places=counties["state"],
        simulated=facts.inputs.simulated,
    )


def _before(trends: pd.DataFrame, facts: AgreementFacts) -> str:
    own = trends[trends["years"] != SLOPE]
    return coefficient_figure(
        pd.DataFrame(
            {
                "term": [capital(EXPOSURE_WORDS[each]) for each in own["agreement"]],
                "model": [f"{-int(year)} years before signing" for year in own["years"]],
                "estimate": own["ratio"].to_numpy(),
                "low": own["low"].to_numpy(),
                "high": own["high"].to_numpy(),
                "reason": "too few counties or states",
            }
        ),
        name="agreements-before",
        title="Crime in the years before signing",
        axis="Rate over that of the year before signing, beside counties that never signed",
        none=1.0,
        notes=["Intervals of 90 %."],
        simulated=facts.inputs.simulated,
    )
