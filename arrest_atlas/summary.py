"""What a run found, in numbers, for scripts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from importlib.metadata import version
from typing import Any, Final

import pandas as pd

from arrest_atlas.analysis import AREA_PERMUTATIONS, Analysis, MapPair
from arrest_atlas.demo import Planted
from arrest_atlas.layers import area_table, county_table
from arrest_atlas.map_layers import LEVEL_WORDS
from arrest_atlas.options import DENOMINATOR_WORDS
from arrest_atlas.support import COUNTY, NOT_TESTED, UNKNOWN
from arrest_atlas.words import QUESTION, findings, limits, warnings_of
from geo import PER
from spatial_models import GlobalResult

__all__ = ["Summary", "summarise"]

Summary = dict[str, Any]
"""Nested numbers and words, as ``summary.json`` holds them."""

_NO_P: Final = (
    "no p-value: a test of overlap needs surrogate maps that are as clustered as these; "
    "random labelling would reject far too often"
)
_FOUND_AT_LEAST: Final = 0.5
_PART_AT_LEAST: Final = 0.1


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
    table = county_table(analysis)
    counties = table.assign(
        overlap_class=table["overlap_class"].where(table["support"] == COUNTY, NOT_TESTED)
    )
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
        "county_answer": _answer(analysis.county, COUNTY, counties),
        "area_answer": _answer(analysis.area, analysis.level, area_table(analysis)),
        "warnings": warnings_of(analysis),
        "notes": list(inputs.notes),
        "limits": limits(analysis),
    }
    if planted:
        summary["planted_clusters"] = _planted(table["overlap_class"], planted)
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
    own = analysis.county.arrests
    tested = analysis.support.loc[analysis.support.index.isin(analysis.area.graph.unique_ids)]
    return {
        "area": LEVEL_WORDS[analysis.level],
        "threshold": analysis.options.located_share,
        "areas_known": int((tested["support"] != UNKNOWN).sum()),
        "areas_with_county_classes": int((tested["support"] == COUNTY).sum()),
        "counties_with_own_class": int(own.test.tested.sum()) if own else 0,
    }


def _answer(pair: MapPair, level: str, table: pd.DataFrame) -> Summary:
    table = table.reindex(pair.graph.unique_ids)
    answer: Summary = {"units": level, "graph": pair.crime.test.graph}
    if level != COUNTY:
        answer["permutations"] = AREA_PERMUTATIONS
    for name, prefix, spots, autocorrelation in (
        ("arrests", "arrest", pair.arrests, pair.moran_arrests),
        ("crime", "crime", pair.crime, pair.moran_crime),
    ):
        if spots is None or autocorrelation is None:
            answer[name] = None
            continue
        answer[name] = {
            "tested": spots.test.n,
            "hot": int(spots.hot.sum()),
            "cold": int(spots.cold.sum()),
            "classes": _counts(table[f"{prefix}_gi_class"]),
            "moran": _moran(autocorrelation),
        }
    answer["overlap"] = None
    if pair.comparison is not None:
        answer["overlap"] = {
            "units_tested_in_both": pair.comparison.n,
            "classes": _counts(table["overlap_class"]),
            "kappa": pair.comparison.kappa,
            "lee": pair.comparison.lee,
            "p": _NO_P,
        }
    return answer


def _counts(classes: pd.Series) -> dict[str, int]:
    return {str(name): int(count) for name, count in classes.value_counts().sort_index().items()}


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


def _planted(worn: pd.Series, planted: Sequence[Planted]) -> list[Summary]:
    """Tell for each planted cluster how many of its counties wear the class it should have."""
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
