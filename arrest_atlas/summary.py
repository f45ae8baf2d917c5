"""What a run found, in numbers, for scripts."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict
from importlib.metadata import version
from typing import Any, Final

import pandas as pd

from arrest_atlas.analysis import Analysis, KindAnswer, MapPair
from arrest_atlas.comparison_summary import comparison_summary, mismatch_summary
from arrest_atlas.counting import Kind
from arrest_atlas.demo import Planted
from arrest_atlas.layers import area_table, kind_columns
from arrest_atlas.map_layers import LEVEL_WORDS
from arrest_atlas.options import DENOMINATOR_WORDS
from arrest_atlas.quality import nested_quality, published_quality
from arrest_atlas.records import Records
from arrest_atlas.support import COUNTY, NOT_TESTED, UNKNOWN
from arrest_atlas.tested_maps import AREA_PERMUTATIONS
from arrest_atlas.words import findings, limits, question, warnings_of
from geo import PER
from spatial_models import GlobalResult

__all__ = ["Summary", "summarise"]

Summary = dict[str, Any]
"""Nested numbers and words, as ``summary.json`` holds them."""

_FOUND_AT_LEAST: Final = 0.5
_PART_AT_LEAST: Final = 0.1


def summarise(
    analysis: Analysis, counties: pd.DataFrame, *, planted: Sequence[Planted] = ()
) -> Summary:
    """Gather what was found, for scripts.

    Parameters
    ----------
    analysis : Analysis
        What was found.
    counties : pandas.DataFrame
        Its counties, as ``county_table`` lays them out.
    planted : sequence of Planted, optional
        Clusters that were put into simulated data.

    Returns
    -------
    dict
        Counts at each step, support, tests, comparison, mismatches, warnings and limits.
        The county answer and the answer of the larger areas stand apart, and so do the
        answers of custodial and of community arrests.

    Examples
    --------
    >>> from arrest_atlas.analysis import analyse
    >>> from arrest_atlas.demo import simulate
    >>> from arrest_atlas.layers import county_table
    >>> from arrest_atlas.options import Options
    >>> options = Options(draws=2, surrogates=0)
    >>> analysis = analyse(simulate(seed=1, arrests=20_000).inputs, options)
    >>> summary = summarise(analysis, county_table(analysis))
    >>> summary["arrests"]["total_in"] == summary["arrests"]["total_in_every_draw"]
    True
    """
    inputs, options = analysis.inputs, analysis.options
    areas = area_table(analysis)
    summary: Summary = {
        "software": "arrest-atlas",
        "version": version("arrest-atlas"),
        "data": "SIMULATED" if inputs.simulated else "as given",
        "question": question(analysis),
        "options": asdict(options),
        "arrest_period": str(inputs.arrest_period) if inputs.arrest_period else None,
        "crime_period": str(inputs.crime_period) if inputs.crime_period else None,
        "sources": {what: asdict(source) for what, source in inputs.sources.items()},
        "arrests": _arrest_counts(analysis),
        "crime": _crime_counts(analysis),
        "findings": findings(analysis),
        **_answers(analysis, "all", counties, areas),
        "warnings": warnings_of(analysis),
        "notes": list(inputs.notes),
        "limits": limits(analysis),
    }
    apart = [kind for kind in analysis.kinds if kind != "all"]
    if apart:
        summary["kinds"] = {
            kind: {
                "arrests": _totals(analysis.kinds[kind]),
                **_answers(analysis, kind, counties, areas),
            }
            for kind in apart
        }
    if inputs.records is not None:
        report = inputs.records.quality
        summary["quality"] = nested_quality(report, published_quality(report))
    if planted:
        summary["planted_clusters"] = _planted(analysis, counties, planted)
    return summary


def _answers(
    analysis: Analysis, kind: Kind, counties: pd.DataFrame, areas: pd.DataFrame
) -> Summary:
    """Tell support, answers and comparison of one kind of arrests, by unit, never merged."""
    answer = analysis.kinds[kind]
    table = counties.assign(**kind_columns(counties, kind))
    own = table.assign(
        overlap_class=table["overlap_class"].where(table["support"] == COUNTY, NOT_TESTED)
    )
    of_area = areas.assign(**kind_columns(areas, kind))
    return {
        "support": _support(analysis, answer),
        "county_answer": _answer(answer.county, COUNTY, own),
        "area_answer": _answer(answer.area, analysis.level, of_area),
        "comparison": comparison_summary(analysis, kind),
        "mismatch": mismatch_summary(analysis, kind),
    }


def _totals(answer: KindAnswer) -> Summary:
    drawn = sorted({int(total) for total in answer.arrests.draws.sum(axis=1)})
    return {
        "total_in": int(answer.support["arrests"].sum()),
        "located_by_county": int(answer.arrests.located.sum()),
        "total_in_every_draw": drawn[0] if len(drawn) == 1 else drawn,
        "total_proportional": int(answer.arrests.proportional.sum()),
    }


def _arrest_counts(analysis: Analysis) -> Summary:
    inputs = analysis.inputs
    counts = _totals(analysis.kinds["all"]) | {
        "left_out_without_place": inputs.unlocated,
        "draws": len(analysis.kinds["all"].arrests.draws),
        "denominator": DENOMINATOR_WORDS[analysis.options.denominator],
        "weights": DENOMINATOR_WORDS[analysis.options.weights],
    }
    if inputs.records is not None:
        return counts | _record_counts(inputs.records)
    counts[f"known_by_{analysis.level}_only"] = counts["total_in"] - counts["located_by_county"]
    return counts | {
        "given_by_state": _given(inputs.arrests_by_state),
        "given_by_aor": _given(inputs.arrests_by_aor),
        "largest_differences": _largest(analysis.reconciliation),
    }


def _record_counts(records: Records) -> Summary:
    """Count what became of the rows of the records."""
    support = records.located.table.loc[records.counted, "support"].value_counts()
    placed = records.counted & (records.located.table["support"] != "none")
    custody = records.classes.custody[placed].value_counts()
    return {
        "rows_read": len(records.counted),
        "duplicate_rule": records.duplicates.rule,
        "duplicates_removed": int(records.duplicates.drop.sum()),
        "outside_period": records.outside_period,
        "programme_287g": records.programme_287g,
        **{f"known_by_{level}_only": int(support[level]) for level in ("zone", "state", "aor")},
        "by_custody": {str(name): int(count) for name, count in custody.sort_index().items()},
    }


def _given(totals: pd.Series | None) -> int | None:
    return None if totals is None else int(totals.sum())


def _largest(differences: pd.DataFrame | None) -> list[Summary]:
    """List the five totals that were changed most."""
    if differences is None:
        return []
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
        "set_aside_for_covered_share": crime.uncovered,
        "zeros_kept": crime.zeros,
        "zeros_taken_for_missing": list(crime.implausible_zeros),
        "noun": crime.noun,
        "definition": crime.definition,
        "definition_title": crime.definition_title,
        "per": PER,
    }


def _support(analysis: Analysis, answer: KindAnswer) -> Summary:
    own = answer.county.arrests
    tested = answer.support.loc[answer.support.index.isin(answer.area.graph.unique_ids)]
    return {
        "area": LEVEL_WORDS[analysis.level],
        "threshold": analysis.options.located_share,
        "areas_known": int((tested["support"] != UNKNOWN).sum()),
        "areas_with_county_classes": int((tested["support"] == COUNTY).sum()),
        "counties_with_own_class": int(own.spots.test.tested.sum()) if own else 0,
    }


def _answer(pair: MapPair, level: str, table: pd.DataFrame) -> Summary:
    table = table.reindex(pair.graph.unique_ids)
    answer: Summary = {"units": level, "graph": pair.crime.spots.test.graph}
    if level != COUNTY:
        answer["permutations"] = AREA_PERMUTATIONS
    for name, prefix, tested in (
        ("arrests", "arrest", pair.arrests),
        ("crime", "crime", pair.crime),
    ):
        if tested is None:
            answer[name] = None
            continue
        answer[name] = {
            "tested": tested.spots.test.n,
            "hot": int(tested.spots.hot.sum()),
            "cold": int(tested.spots.cold.sum()),
            "classes": _counts(table[f"{prefix}_gi_class"]),
            "moran": _moran(tested.moran),
        }
        if tested.permuted is not None and not math.isnan(tested.agreement):
            answer[name]["beside"] = {
                "permutations": tested.permuted.permutations,
                "share_in_same_class": tested.agreement,
            }
    answer["overlap"] = None
    if pair.comparison is not None:
        answer["overlap"] = {
            "units_tested_in_both": pair.comparison.n,
            "classes": _counts(table["overlap_class"]),
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


def _planted(
    analysis: Analysis, counties: pd.DataFrame, planted: Sequence[Planted]
) -> list[Summary]:
    """Tell for each planted cluster how many of its counties wear the class it should have."""
    rows: list[Summary] = []
    for cluster in planted:
        found = {}
        for kind in analysis.kinds:
            worn = kind_columns(counties, kind)["overlap_class"].reindex(cluster.counties)
            share = float((worn == cluster.expected(kind)).mean())
            found[kind] = {
                "expected": cluster.expected(kind),
                "share_with_that_class": share,
                "verdict": _verdict(share),
            }
        rows.append(
            {
                "name": cluster.name,
                "planted": cluster.planted,
                "in_arrests": cluster.kind,
                "known_by": cluster.support,
                "counties": len(cluster.counties),
                "found": found,
            }
        )
    return rows


def _verdict(share: float) -> str:
    if share >= _FOUND_AT_LEAST:
        return "found"
    return "found in part" if share >= _PART_AT_LEAST else "not found"
