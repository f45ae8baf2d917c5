"""What a run found, in sentences that take no side."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

from arrest_atlas.analysis import Analysis, MapPair
from arrest_atlas.map_layers import LEVEL_WORDS
from arrest_atlas.options import DENOMINATOR_WORDS
from arrest_atlas.period import check_order
from arrest_atlas.support import COUNTY, UNKNOWN
from geo import IN_DOUBT, NOT_LISTED
from spatial_models import NO_VARIATION, GlobalResult, RateHotSpots

__all__ = ["QUESTION", "findings", "limits", "strip_notes", "summary_text", "warnings_of"]

QUESTION: Final = "Do ICE arrests cluster where violent crime clustered before?"

_PACKAGED: Final = (
    "boundaries and residents: U.S. Census Bureau; areas of responsibility: Deportation Data "
    "Project."
)
_AREAS: Final = {"zone": "Zones", "aor": "Field offices' areas", "state": "States"}
_ONE: Final = {"residents": "resident", "non-citizens": "non-citizen"}
_NAMED: Final = 8
_ONE_PERCENT: Final = 0.01
_LEAST_P: Final = 0.001


def warnings_of(analysis: Analysis) -> list[str]:
    """List what makes the result doubtful.

    Parameters
    ----------
    analysis : Analysis
        What was found.

    Returns
    -------
    list of str
        Sentences; empty if there is nothing to warn of.
    """
    inputs = analysis.inputs
    found = [check_order(inputs.crime_period, inputs.arrest_period)]
    if inputs.unlocated:
        found.append(
            f"{inputs.unlocated:,} arrests belong to headquarters or to no place; they are left "
            "out of every map."
        )
    implausible = list(inputs.crime.implausible_zeros)
    if implausible:
        places = analysis.geometry.loc[implausible]
        names = (places["name"] + " " + places["state"]).tolist()
        found.append(
            f"{len(names)} counties report no violent crime although their population makes ten "
            f"or more likely; they are shown as no data ({_list(names)})."
        )
    shown = analysis.support.index.intersection(analysis.area.graph.unique_ids)
    evidence = analysis.totals.evidence[shown]
    unknown = analysis.support.loc[shown, "support"] == UNKNOWN
    unlisted = shown[unknown & (evidence == NOT_LISTED)].tolist()
    if unlisted:
        hidden = int(analysis.support.loc[unlisted, "arrests"].sum())
        lost = f"; {hidden:,} arrests located there are not shown" if hidden else ""
        found.append(
            f"No table gives the arrests of {_list(unlisted)}: no data, which is not zero{lost}."
        )
    doubtful = shown[unknown & (evidence == IN_DOUBT)].tolist()
    if doubtful:
        number = int(analysis.support.loc[doubtful, "arrests"].sum())
        found.append(
            f"{number:,} arrests of offices over several states cannot be split, since a state or "
            f"an office has no total: {_list(doubtful)} are shown as no data."
        )
    people = analysis.inputs.people(analysis.options.denominator)
    missing = analysis.geometry.index.difference(people.dropna().index)
    missing = missing.intersection(analysis.county.graph.unique_ids)
    if len(missing):
        found.append(
            f"{DENOMINATOR_WORDS[analysis.options.denominator].capitalize()} are not known for "
            f"{len(missing):,} counties; areas are no data where these hold more than a fifth of "
            "the residents."
        )
    return [sentence for sentence in found if sentence]


def _list(names: Sequence[str]) -> str:
    rest = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + rest


def limits(analysis: Analysis) -> list[str]:
    """Say what the result cannot tell.

    Parameters
    ----------
    analysis : Analysis
        What was found.

    Returns
    -------
    list of str
        Sentences.
    """
    people = DENOMINATOR_WORDS[analysis.options.denominator]
    support = _support_sentence(analysis)
    return [
        support,
        f"Arrest rates are per {_ONE[people]}; another denominator can change the classes.",
        "That two maps are hot in the same places does not say that one explains the other.",
        "Tests cover the 48 states and DC. Alaska, Hawaii and the territories are only shown.",
        "Nothing here is evidence about any person.",
    ]


def _support_sentence(analysis: Analysis) -> str:
    words = LEVEL_WORDS[analysis.level]
    shown = analysis.support.loc[analysis.support.index.isin(analysis.area.graph.unique_ids)]
    tested = shown[shown["support"] != UNKNOWN]
    own = tested["support"] == COUNTY
    share = tested["arrests_located"].sum() / max(tested["arrests"].sum(), 1)
    percent = f"{100 * share:.0f}%" if share >= _ONE_PERCENT else "Under 1%"
    located = f"{percent} of arrests are located by county"
    if share == 0:
        return (
            f"Every arrest is known only for a whole {words}: no county has an arrest class of "
            "its own, and the map cannot tell which counties within an area have more arrests."
        )
    if share == 1:
        areas = "throughout" if len(tested) == len(shown) else f"in the {len(tested)} areas given"
        return f"Arrests are located by county {areas}."
    least = f"{100 * analysis.options.located_share:g}%"
    if not own.any():
        return (
            f"{located}, but in no area as many as {least}: no county has an arrest class of its "
            f"own; classes are those of the whole {words}, drawn hatched."
        )
    if own.all():
        return (
            f"{located}, in every area at least {least}; the others are imputed, so that county "
            "classes rest in part on an assumption (see P(hot))."
        )
    return (
        f"{located}. Counties have arrest classes of their own in {own.sum()} of {len(own)} areas, "
        f"where at least {least} are; elsewhere arrests are known only for the whole {words}, "
        "drawn hatched."
    )


def findings(analysis: Analysis) -> list[str]:
    """Say what was found, for counties and for the larger areas.

    Parameters
    ----------
    analysis : Analysis
        What was found.

    Returns
    -------
    list of str
        The county answer and the answer of the larger areas, never merged.
    """
    few = " With so few areas, only strong clusters can show."
    return [
        _answer_line("Counties", analysis.county),
        _answer_line(_AREAS[analysis.level], analysis.area) + few,
    ]


def _answer_line(units: str, pair: MapPair) -> str:
    crime = _spots("violent crime is", pair.crime, pair.moran_crime)
    if pair.arrests is None or pair.moran_arrests is None or pair.comparison is None:
        return f"{units}: {crime} Arrests are not tested: too few are located by county."
    counts, measures = pair.comparison.counts, pair.comparison
    sentences = [f"{units}: {crime}", _spots("Arrests are", pair.arrests, pair.moran_arrests)]
    if measures.n:
        sentences.append(
            f"Of {measures.n:,} tested for both: both hot {counts['both hot']}, arrests only "
            f"{counts['arrests only']}, crime only {counts['crime only']}, opposite "
            f"{counts['opposite']}; kappa {_measure(measures.kappa)}, Lee's L "
            f"{_measure(measures.lee)} (descriptive, no p-value)."
        )
    return " ".join(sentences)


def _spots(subject: str, spots: RateHotSpots, autocorrelation: GlobalResult) -> str:
    """Say how many places are hot, or why none was tested."""
    if spots.test.n == 0:
        return f"{subject} not tested: no place with data has a neighbour with data."
    if NO_VARIATION in spots.test.classes:
        return f"{subject} no more varied than chance gives over {spots.test.n:,} places."
    counts = f"hot in {spots.hot.sum():,} and cold in {spots.cold.sum():,} of {spots.test.n:,}"
    if math.isnan(autocorrelation.statistic):
        return f"{subject} {counts}."
    p = max(autocorrelation.p, _LEAST_P)
    sign = "<" if autocorrelation.p < p else "="
    return f"{subject} {counts} (Moran's I {autocorrelation.statistic:.2f}, p {sign} {p:.3f})."


def _measure(value: float) -> str:
    return "undefined" if math.isnan(value) else f"{value:.2f}"


def strip_notes(analysis: Analysis) -> list[str]:
    """Word the strip that always stays on the map.

    Parameters
    ----------
    analysis : Analysis
        What was found.

    Returns
    -------
    list of str
        Periods, findings, warnings, limits and sources.
    """
    inputs = analysis.inputs
    periods = (
        f"Arrests: {inputs.arrest_period or 'period not stated'}. "
        f"Violent crime: {inputs.crime_period or 'period not stated'}{_age(analysis)}."
    )
    files = ", ".join(f"{source.file} ({what})" for what, source in inputs.sources.items())
    sources = f"Sources: {files + '; ' if files else ''}{_PACKAGED}"
    return [
        periods,
        *findings(analysis),
        *inputs.notes,
        *(f"Warning: {sentence}" for sentence in warnings_of(analysis)),
        *limits(analysis),
        sources,
    ]


def _age(analysis: Analysis) -> str:
    crime, arrests = analysis.inputs.crime_period, analysis.inputs.arrest_period
    if crime is None or arrests is None or crime.last >= arrests.first:
        return ""
    years = (arrests.first - crime.last).days // 365
    span = f"{years} year{'s' * (years != 1)}" if years else "less than a year"
    return f", which ended {span} before the arrests began"


def summary_text(summary: Mapping[str, Any]) -> str:
    """Say in a few lines what was found.

    Parameters
    ----------
    summary : mapping of str to object
        As `summarise` gives it.

    Returns
    -------
    str
        Plain text for a terminal.
    """
    lines = ["SIMULATED DATA"] if summary["data"] == "SIMULATED" else []
    lines.append(QUESTION)
    arrests = summary["arrests"]
    lines.append(
        f"{arrests['total_in']:,} arrests, {arrests['located_by_county']:,} of them located by "
        f"county; {arrests['total_in_every_draw']:,} in each of {arrests['draws']} draws."
    )
    lines += summary["findings"]
    lines += [
        f"  planted {cluster['planted']}, {cluster['name']}: {cluster['verdict']} "
        f"({100 * cluster['share_with_that_class']:.0f} % of "
        f"{cluster['counties']} counties)"
        for cluster in summary.get("planted_clusters", [])
    ]
    lines += [f"Warning: {sentence}" for sentence in summary["warnings"]]
    lines += [f"Limit: {sentence}" for sentence in summary["limits"]]
    return "\n".join(lines)
