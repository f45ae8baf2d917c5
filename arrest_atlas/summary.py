"""What a run found, in numbers and in words, without taking a side."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict
from importlib.metadata import version
from typing import Any, Final

import pandas as pd

from arrest_atlas.analysis import AREA_PERMUTATIONS, Analysis, MapPair
from arrest_atlas.demo import Planted
from arrest_atlas.layers import county_table
from arrest_atlas.map_layers import LEVEL_WORDS
from arrest_atlas.options import DENOMINATOR_WORDS
from arrest_atlas.period import check_order
from arrest_atlas.support import COUNTY
from geo import PER
from spatial_models import GlobalResult

__all__ = [
    "QUESTION",
    "Summary",
    "findings",
    "limits",
    "strip_notes",
    "summarise",
    "summary_text",
    "warnings_of",
]

Summary = dict[str, Any]
"""Nested numbers and words, as ``summary.json`` holds them."""

QUESTION: Final = "Do ICE arrests cluster where violent crime clustered before?"

_NO_P: Final = (
    "no p-value: a test of overlap needs surrogate maps that are as clustered as these; "
    "random labelling would reject far too often"
)
_PACKAGED: Final = (
    "boundaries and residents: U.S. Census Bureau; areas of responsibility: Deportation Data "
    "Project."
)
_AREAS: Final = {"zone": "Zones", "aor": "Field offices' areas", "state": "States"}
_FOUND_AT_LEAST: Final = 0.5
_PART_AT_LEAST: Final = 0.1


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
    implausible = inputs.crime.implausible_zeros
    if implausible:
        found.append(
            f"{len(implausible)} counties report no violent crime although their population "
            f"makes ten or more likely; they are shown as no data ({', '.join(implausible[:12])}"
            f"{', ...' if len(implausible) > 12 else ''})."  # noqa: PLR2004
        )
    return [sentence for sentence in found if sentence]


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
    words = LEVEL_WORDS[analysis.level]
    by_county = (analysis.support["support"] == COUNTY) & (analysis.support["arrests"] > 0)
    with_arrests = int((analysis.support["arrests"] > 0).sum())
    if not by_county.any():
        support = (
            f"Every arrest is known only for a whole {words}: no county has an arrest class of "
            "its own, and the map cannot tell which counties within an area have more arrests."
        )
    elif by_county.sum() < with_arrests:
        support = (
            f"Counties have arrest classes of their own in {by_county.sum()} of {with_arrests} "
            f"areas; in the others arrests are known only for the whole {words}, drawn hatched."
        )
    else:
        support = "Arrests are located by county throughout."
    return [
        support,
        "That two maps are hot in the same places does not say that one explains the other.",
        "Tests cover the 48 states and DC. Alaska, Hawaii and the territories are only shown.",
        "Nothing here is evidence about any person.",
    ]


def findings(analysis: Analysis) -> list[str]:
    """Say in two sentences what was found, for counties and for the larger areas.

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
        _answer_line("Counties", _answer(analysis.county, COUNTY)),
        _answer_line(_AREAS[analysis.level], _answer(analysis.area, analysis.level)) + few,
    ]


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


def summarise(analysis: Analysis, *, planted: Sequence[Planted] = ()) -> Summary:
    """Gather what was found, for scripts.

    Parameters
    ----------
    analysis : Analysis
        What was found.
    planted : sequence of Planted, optional
        Clusters that were put into simulated data.

    Returns
    -------
    dict
        Counts at each step, support, tests, comparison, warnings and limits. The county
        answer and the answer of the larger areas stand apart.

    Examples
    --------
    >>> from arrest_atlas.analysis import analyse
    >>> from arrest_atlas.demo import simulate
    >>> from arrest_atlas.options import Options
    >>> summary = summarise(analyse(simulate(seed=1).inputs, Options(draws=2)))
    >>> summary["arrests"]["total_in"] == summary["arrests"]["total_in_every_draw"]
    True
    """
    inputs, options = analysis.inputs, analysis.options
    summary: Summary = {
        "software": "arrest-atlas",
        "version": version("arrest-atlas"),
        "data": "SIMULATED" if inputs.simulated else "as given",
        "question": QUESTION,
        "options": asdict(options),
        "arrest_period": str(inputs.arrest_period) if inputs.arrest_period else None,
        "crime_period": str(inputs.crime_period) if inputs.crime_period else None,
        "sources": {what: asdict(source) for what, source in inputs.sources.items()},
        "arrests": _arrest_counts(analysis),
        "crime": _crime_counts(analysis),
        "support": _support(analysis),
        "findings": findings(analysis),
        "county_answer": _answer(analysis.county, COUNTY),
        "area_answer": _answer(analysis.area, analysis.level),
        "warnings": warnings_of(analysis),
        "notes": list(inputs.notes),
        "limits": limits(analysis),
    }
    if planted:
        summary["planted_clusters"] = _planted(analysis, planted)
    return summary


def _arrest_counts(analysis: Analysis) -> Summary:
    inputs, arrests = analysis.inputs, analysis.arrests
    located = 0 if inputs.arrests_by_county is None else int(inputs.arrests_by_county.sum())
    drawn = sorted({int(total) for total in arrests.draws.sum(axis=1)})
    moved = analysis.totals.differences
    return {
        "total_in": located + int(analysis.totals.counts.sum()),
        "located_by_county": located,
        f"known_by_{analysis.level}_only": int(analysis.totals.counts.sum()),
        "left_out_without_place": inputs.unlocated,
        "total_in_every_draw": drawn[0] if len(drawn) == 1 else drawn,
        "total_proportional": int(arrests.proportional.sum()),
        "draws": len(arrests.draws),
        "denominator": DENOMINATOR_WORDS[analysis.options.denominator],
        "weights": DENOMINATOR_WORDS[analysis.options.weights],
        "given_by_state": _given(inputs.arrests_by_state),
        "given_by_aor": _given(inputs.arrests_by_aor),
        "largest_differences": _largest(moved),
    }


def _given(totals: pd.Series | None) -> int | None:
    return None if totals is None else int(totals.sum())


def _largest(differences: pd.DataFrame) -> list[Summary]:
    """List the five totals that were changed most."""
    order = differences["difference"].abs().sort_values(ascending=False, kind="stable").index
    rows = differences.loc[order[:5]]
    return [
        {str(key): value for key, value in row.items()}
        for row in rows[rows["difference"] != 0].to_dict("records")
    ]


def _crime_counts(analysis: Analysis) -> Summary:
    crime = analysis.inputs.crime
    return {
        "counties_with_rate": int(crime.rate.notna().sum()),
        "set_aside_for_coverage": crime.uncovered,
        "zeros_kept": crime.zeros,
        "zeros_taken_for_missing": list(crime.implausible_zeros),
        "per": PER,
    }


def _support(analysis: Analysis) -> Summary:
    tested = analysis.support.loc[analysis.support.index.isin(analysis.area.graph.unique_ids)]
    return {
        "area": LEVEL_WORDS[analysis.level],
        "threshold": analysis.options.located_share,
        "areas_tested": len(tested),
        "areas_with_county_classes": int((tested["support"] == COUNTY).sum()),
        "counties_with_own_class": int((analysis.county_support == COUNTY).sum())
        if analysis.county.arrests
        else 0,
    }


def _answer(pair: MapPair, level: str) -> Summary:
    answer: Summary = {"units": level, "graph": pair.crime.test.graph}
    if level != COUNTY:
        answer["permutations"] = AREA_PERMUTATIONS
    for name, spots, autocorrelation in (
        ("arrests", pair.arrests, pair.moran_arrests),
        ("crime", pair.crime, pair.moran_crime),
    ):
        if spots is None or autocorrelation is None:
            answer[name] = None
            continue
        answer[name] = {
            "tested": spots.test.n,
            "hot": int(spots.hot.sum()),
            "cold": int(spots.cold.sum()),
            "classes": pd.Series(spots.test.classes).value_counts().sort_index().to_dict(),
            "moran": _moran(autocorrelation),
        }
    if pair.comparison is None:
        answer["overlap"] = None
        return answer
    answer["overlap"] = {
        "units_tested_in_both": pair.comparison.n,
        "classes": pair.comparison.counts,
        "kappa": pair.comparison.kappa,
        "lee": pair.comparison.lee,
        "p": _NO_P,
    }
    return answer


def _moran(result: GlobalResult) -> Summary:
    return {
        "statistic": result.statistic,
        "expected": result.expected,
        "z": result.z,
        "p": result.p,
        "alternative": result.alternative,
        "permutations": result.permutations,
        "n": result.n,
    }


def _planted(analysis: Analysis, planted: Sequence[Planted]) -> list[Summary]:
    """Tell for each planted cluster how many of its counties wear the class it should have."""
    worn = county_table(analysis)["overlap_class"]
    rows = []
    for cluster in planted:
        share = float((worn.reindex(cluster.counties) == cluster.kind).mean())
        verdict = "not found"
        if share >= _FOUND_AT_LEAST:
            verdict = "found"
        elif share >= _PART_AT_LEAST:
            verdict = "found in part"
        rows.append(
            {
                "name": cluster.name,
                "planted": cluster.kind,
                "known_by": cluster.support,
                "counties": len(cluster.counties),
                "share_with_that_class": share,
                "verdict": verdict,
            }
        )
    return rows


def summary_text(summary: Summary) -> str:
    """Say in a few lines what was found.

    Parameters
    ----------
    summary : dict of str to object
        As :func:`summarise` gives it.

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


def _answer_line(words: str, answer: Summary) -> str:
    crime = answer["crime"]
    text = f"{words}: "
    if crime:
        text += f"violent crime hot in {crime['hot']:,} of {crime['tested']:,}"
    arrests, overlap = answer["arrests"], answer["overlap"]
    if arrests is None:
        return text + "; arrests not tested, since they are not located by county."
    counts = overlap["classes"]
    return (
        f"{text}; arrests hot in {arrests['hot']:,} of {arrests['tested']:,}; both hot "
        f"{counts['both hot']}, arrests only {counts['arrests only']}, crime only "
        f"{counts['crime only']}, opposite {counts['opposite']}; kappa "
        f"{_measure(overlap['kappa'])}, Lee's L {_measure(overlap['lee'])} (descriptive, no "
        "p-value)."
    )


def _measure(value: float) -> str:
    return "undefined" if math.isnan(value) else f"{value:.2f}"
