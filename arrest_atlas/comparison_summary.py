"""The comparison of arrests with crime, and its mismatches, in numbers, for scripts."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, Final

import pandas as pd

from arrest_atlas.analysis import Analysis
from arrest_atlas.counting import Kind
from arrest_atlas.mismatch import DIRECTIONS, mismatches
from arrest_atlas.sentence import beside_sentences, comparison_sentence
from spatial_models import HotSpotComparison, Measure, NoPValue

__all__ = ["comparison_summary", "mismatch_summary"]

_TOP: Final = 10
_SECONDARY: Final = "secondary, no verdict"


def comparison_summary(analysis: Analysis, kind: Kind) -> dict[str, Any]:
    """Gather the comparison of one kind of arrests with crime.

    Parameters
    ----------
    analysis : Analysis
        What was found.
    kind : {"all", "custodial", "community"}
        Which arrests.

    Returns
    -------
    dict
        ``headline`` (which answer carries the sentence), ``sentence`` and ``beside`` in
        words; ``county`` (counties whose arrests are located) and ``area`` (areas as
        units) in numbers, None where there is none.
    """
    answer = analysis.kinds[kind]
    return {
        "headline": answer.headline,
        "sentence": comparison_sentence(analysis, kind),
        "beside": beside_sentences(analysis, kind),
        "county": _numbers(answer.county.comparison),
        "area": _numbers(answer.area.comparison),
    }


def _numbers(comparison: HotSpotComparison | None) -> dict[str, Any] | None:
    """Lay one comparison out."""
    if comparison is None:
        return None
    modified_t = None
    if comparison.modified_t is not None:
        modified_t = {"note": _SECONDARY, **asdict(comparison.modified_t)}
    return {
        "support": comparison.support,
        "units_tested_in_both": comparison.n,
        "level": comparison.level,
        "verdict": comparison.verdict,
        "headline": comparison.headline.name,
        "measures": _measures(comparison),
        "trend_removed": _twin(comparison.trend_removed),
        "partial": _twin(comparison.partial),
        "cross_table": comparison.cross_table.to_dict(orient="index"),
        "shares": comparison.shares.to_dict(orient="index"),
        "modified_t": modified_t,
    }


def _twin(comparison: HotSpotComparison | None) -> dict[str, Any] | None:
    """Lay the measures of maps without a trend, or given covariates, out."""
    if comparison is None:
        return None
    return {"headline": comparison.headline.name, "measures": _measures(comparison)}


def _measures(comparison: HotSpotComparison) -> dict[str, dict[str, Any]]:
    return {name: _measure(one) for name, one in comparison.measures.items()}


def _measure(measure: Measure) -> dict[str, Any]:
    """Lay one measure out, with its p-value or the reason why there is none."""
    row: dict[str, Any] = {
        "label": measure.label,
        "estimate": measure.estimate,
        "low": measure.low,
        "high": measure.high,
    }
    if isinstance(measure.p, NoPValue):
        return row | {"p": None, "no_p_value": measure.p.reason}
    return row | {
        "p": measure.p.p,
        "p_moran": measure.p.moran,
        "p_kernel": measure.p.kernel,
        "alternative": measure.p.alternative,
        "surrogates": measure.p.surrogates,
        "expected": measure.p.expected,
    }


def mismatch_summary(analysis: Analysis, kind: Kind) -> dict[str, Any]:
    """List the places where the two maps lie farthest apart.

    Parameters
    ----------
    analysis : Analysis
        What was found.
    kind : {"all", "custodial", "community"}
        Which arrests.

    Returns
    -------
    dict
        By unit (counties and areas apart) and direction: how many ``places`` there are,
        and the first ten of them, ranked as `mismatches` does.
    """
    table = mismatches(analysis, kind).reset_index()
    answer = analysis.kinds[kind]
    units = {"county": answer.county, analysis.level: answer.area}
    return {
        name: {
            direction: _top(table[(table["units"] == name) & (table["direction"] == direction)])
            for direction in DIRECTIONS
        }
        for name, pair in units.items()
        if pair.arrests is not None
    }


def _top(places: pd.DataFrame) -> dict[str, Any]:
    rows = places.head(_TOP).drop(columns=["units", "direction"])
    return {"places": len(places), "top": rows.to_dict(orient="records")}
