"""What a comparison says: a report to read, or JSON."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from textwrap import wrap
from typing import Any, Final

import pandas as pd

from arrest_atlas.map_comparison.running import MapComparison
from arrest_atlas.map_comparison.verdict import limits, verdict_sentence
from arrest_atlas.map_tests.tables import align_columns, isolates_lines, printable
from outputs import summary_json
from spatial_models import HotSpotComparison, HotSpots, Measure, NoPValue, PValue, SurrogateP

__all__ = ["comparison_json", "comparison_text", "comparison_title"]

_WIDTH: Final = 100
_KINDS: Final = {"moran": "keeping Moran's I", "kernel": "keeping the values and broad pattern"}


_SHORT: Final = {
    "kappa": "Cohen's kappa",
    "fuzzy_kappa": "fuzzy kappa",
    "similarity": "fuzzy similarity",
    "expected_similarity": "the same, by chance",
    "jaccard": "Jaccard index",
    "dice": "Dice index",
    "first_in_second": "first inside second",
    "second_in_first": "second inside first",
    "lee": "Lee's L",
    "pearson": "Pearson's r",
    "spearman": "Spearman's rho",
    "bivariate_moran": "bivariate Moran's I",
}
"""Names of the measures in the table, where three comparisons stand side by side."""


def comparison_title(found: MapComparison) -> str:
    """Say in a line what was compared.

    Parameters
    ----------
    found : MapComparison
        Two compared columns.

    Returns
    -------
    str
        The columns and the map.
    """
    names = [
        f"{name} per {people}" if people else name
        for name, people in zip(found.columns.names, _people(found), strict=True)
    ]
    layer = f", layer {found.layer}" if found.layer else ""
    return f"{' and '.join(names)} in {found.file}{layer}"


def _people(found: MapComparison) -> list[str | None]:
    return [found.columns.people_of(which) for which in range(2)]


def comparison_text(found: MapComparison) -> str:
    """Lay a comparison out as lines to read.

    Parameters
    ----------
    found : MapComparison
        Two compared columns.

    Returns
    -------
    str
        What was compared and how, classes, measures, headline, verdict and limits.
    """
    comparison = found.comparison
    sections = [
        _what(found),
        _classes(comparison),
        _cross_table(comparison),
        _measures(comparison),
        _shares(comparison),
        _headline(found),
        _secondary(comparison),
        ["What this cannot say:", *(f"- {each}" for each in limits(comparison))],
    ]
    lines: list[str] = []
    for section in sections:
        found_lines = list(section)
        if found_lines:
            lines += ["", *found_lines] if lines else found_lines
    return printable(lines)


def _what(found: MapComparison) -> Iterator[str]:
    comparison = found.comparison
    yield f"compare {comparison_title(found)}"
    if found.options.labels:
        yield f"called {' and '.join(comparison.labels)}"
    yield from (f"note: {note}" for note in found.notes)
    yield f"{found.options.graph.neighbours}: {found.graph}"
    first, second = comparison.labels
    units = _units_of(comparison)
    if found.area_graph is not None:
        graph = found.area_graph.replace(" units, ", " areas, ", 1)
        yield f"compared among the areas of {found.columns.area}, to which units are brought:"
        yield f"  neighbours are areas whose units are: {graph}"
        yield f"  {second}: of an area {_brought(found)}"
    yield f"{first}: {_found(found.first, units)}"
    yield f"{second}: {_found(found.second, units)}"
    yield f"hot and cold: Gi* of normal scores, at a false discovery rate of {comparison.alpha:g}"
    yield f"{comparison.n:,} of {len(comparison.ids):,} {units} tested on both maps"
    isolates = dict.fromkeys([*found.first.test.isolates, *found.second.test.isolates])
    yield from isolates_lines([*isolates])
    yield from _surrogates(found)


def _found(spots: HotSpots, units: str) -> str:
    if not spots.test.tested.any():
        return "no variation, nothing to test"
    return f"{spots.hot.sum():,} hot and {spots.cold.sum():,} cold of {spots.test.n:,} {units}"


def _units_of(comparison: HotSpotComparison) -> str:
    return "units" if comparison.support == "unit" else "areas"


def _brought(found: MapComparison) -> str:
    """Say how the second map came to the areas."""
    if found.columns.people_of(1) is None:
        return "the mean over its units; no data where under 80 % of them have a value"
    return (
        "the sums over its units with both numbers; no data where these hold under 80 % of its "
        "people"
    )


def _surrogates(found: MapComparison) -> Iterator[str]:
    if found.methods:
        given = found.options.kernel_length
        length = (
            f"{given:,.6g} {found.unit_of_length}" if given else "a tenth of the map's diagonal"
        )
        yield (
            f"surrogate maps of {found.comparison.labels[1]}: {found.options.surrogates:,} of each "
            f"kind, seed {found.options.seed}, kernel length {length}"
        )
        yield from (f"  {_KINDS[kind]}: {method}" for kind, method in found.methods.items())


def _classes(comparison: HotSpotComparison) -> Iterator[str]:
    rows = [[name, f"{count:,}"] for name, count in comparison.counts.items() if count]
    yield from align_columns(["class", _units_of(comparison)], rows)


def _cross_table(comparison: HotSpotComparison) -> Iterator[str]:
    first, second = comparison.labels
    table = comparison.cross_table
    yield f"{_units_of(comparison).capitalize()} by class of {first} (rows) and {second} (columns):"
    yield from align_columns(
        ["", *map(str, table.columns)],
        [
            [str(name), *(f"{count:,}" for count in row)]
            for name, row in zip(table.index, table.to_numpy().tolist(), strict=True)
        ],
    )


def _versions(comparison: HotSpotComparison) -> dict[str, HotSpotComparison]:
    """Name the maps as they are, and what is compared beside them."""
    named = {
        "as they are": comparison,
        "trend removed": comparison.trend_removed,
        "partial": comparison.partial,
    }
    return {name: each for name, each in named.items() if each is not None}


def _measures(comparison: HotSpotComparison) -> Iterator[str]:
    """Set the measures out beside those of the trend-removed and the partial maps."""
    versions = _versions(comparison)
    reasons: dict[str, int] = {}
    rows = []
    for key in comparison.measures:
        cells = [_SHORT[key]]
        for version in versions.values():
            each = version.measures[key]
            cells += [_estimate(each.estimate), _p_cell(each.p, reasons)]
        rows.append(cells)
    header = ["measure"]
    for name in versions:
        header += [name, "p"]
    yield from align_columns(header, rows)
    sides: dict[str, list[str]] = {}
    for key, measure in comparison.measures.items():
        if isinstance(measure.p, SurrogateP):
            sides.setdefault(_side(measure.p), []).append(_SHORT[key])
    tested = ", ".join(f"{side} for {' and '.join(names)}" for side, names in sides.items())
    notes = [f"p: {tested}"] if tested else []
    notes += [f"(none {number}) {reason}" for reason, number in reasons.items()]
    for note in notes:
        yield from wrap(note, _WIDTH, subsequent_indent="  ")


def _estimate(value: float) -> str:
    return "not defined" if math.isnan(value) else f"{value:.3f}"


def _p_cell(p: PValue, reasons: dict[str, int]) -> str:
    """Give the p-value, or the number of the note that says why there is none."""
    if isinstance(p, NoPValue):
        return f"none {reasons.setdefault(p.reason, len(reasons) + 1)}"
    return _p_number(p)


def _p_number(p: SurrogateP) -> str:
    return str(p).removeprefix("p = ")


def _side(p: SurrogateP) -> str:
    return "one-sided" if p.alternative == "greater" else p.alternative


def _shares(comparison: HotSpotComparison) -> Iterator[str]:
    first, second = comparison.labels
    yield "Shares inside hot spots:"
    yield from align_columns(
        [
            "of",
            f"hot {first}, also hot {second}",
            f"hot {second}, also hot {first}",
            f"all, hot {first}",
            f"all, hot {second}",
        ],
        [
            [str(name), *(_estimate(row[column]) for column in _SHARES)]
            for name, row in _named_shares(comparison).iterrows()
        ],
    )


def _named_shares(comparison: HotSpotComparison) -> pd.DataFrame:
    return comparison.shares.rename(index={"units": _units_of(comparison)})


_SHARES: Final = ("first_in_second", "second_in_first", "first_hot", "second_hot")


def _headline(found: MapComparison) -> Iterator[str]:
    comparison = found.comparison
    words = {
        "as they are": "Headline",
        "trend removed": "With a quadratic trend removed from both maps",
        "partial": f"With {', '.join(found.columns.covariates)} and a broad trend taken out of "
        "both maps (partial)",
    }
    for name, version in _versions(comparison).items():
        yield f"{words[name]}: {_headline_of(version.headline)}"
    yield verdict_sentence(comparison)


def _headline_of(measure: Measure) -> str:
    said = f"{measure.label} = {_estimate(measure.estimate)}"
    p = measure.p
    if isinstance(p, NoPValue):
        return f"{said}, {p}"
    kinds = [
        f"{_p_number(replace(p, p=value))} {_KINDS[name]}"
        for name, value in (("moran", p.moran), ("kernel", p.kernel))
        if value is not None
    ]
    larger = f", the larger of {' and '.join(kinds)}" if len(kinds) > 1 else ""
    return (
        f"{said}, p = {_p_number(p)} ({_side(p)}{larger}; "
        f"surrogate maps have {_estimate(p.expected)} on average)"
    )


def _secondary(comparison: HotSpotComparison) -> Iterator[str]:
    test = comparison.modified_t
    if test is not None and not math.isnan(test.p_modified_t):
        yield (
            "Secondary, without a verdict (it does not hold its level where both maps are strongly "
            f"clustered): modified t-test, r = {test.correlation:.3f}, effective sample size "
            f"{test.effective_sample_size:,.1f} of {test.n:,}, p_modified_t = "
            f"{test.p_modified_t:.3g}"
        )


def comparison_json(found: MapComparison) -> str:
    """Lay a comparison out as JSON: every field, NaN as null.

    Parameters
    ----------
    found : MapComparison
        Two compared columns.

    Returns
    -------
    str
        One object.
    """
    comparison, options = found.comparison, found.options
    return summary_json(
        {
            "command": "compare",
            "file": found.file,
            "layer": found.layer,
            "columns": list(found.columns.names),
            "people": _people(found) if found.columns.people else None,
            "area": found.columns.area,
            "masses": list(found.columns.masses),
            "covariates": list(found.columns.covariates),
            "labels": list(comparison.labels),
            "neighbours": options.graph.neighbours,
            "graph": found.graph,
            "notes": list(found.notes),
            "surrogates": options.surrogates,
            "surrogate_methods": found.methods,
            "kernel_length": options.kernel_length,
            "unit_of_length": found.unit_of_length,
            "seed": options.seed,
            **_compared(comparison),
            "sentence": verdict_sentence(comparison),
            "limits": limits(comparison),
            "trend_removed": _other(comparison.trend_removed),
            "partial": _other(comparison.partial),
            "areas": None if found.area is None else _areas(found),
            "units": _units(found.to_frame()),
        }
    )


def _areas(found: MapComparison) -> dict[str, Any]:
    return {"graph": found.area_graph, **_units(found.compared_frame())}


def _other(comparison: HotSpotComparison | None) -> dict[str, Any] | None:
    return None if comparison is None else _compared(comparison)


def _compared(comparison: HotSpotComparison) -> dict[str, Any]:
    test = comparison.modified_t
    return {
        "n": comparison.n,
        "alpha": comparison.alpha,
        "level": comparison.level,
        "support": comparison.support,
        "verdict": comparison.verdict,
        "headline": comparison.headline.name,
        "measures": {key: _measure(each) for key, each in comparison.measures.items()},
        "counts": comparison.counts,
        "cross_table": _table(comparison.cross_table),
        "shares": _table(_named_shares(comparison)),
        "modified_t": None if test is None else dict(vars(test)),
    }


def _measure(measure: Measure) -> dict[str, Any]:
    p = measure.p
    given = {"p": None, "no_p_value": p.reason} if isinstance(p, NoPValue) else dict(vars(p))
    return {"label": measure.label, "estimate": measure.estimate, **given}


def _table(table: pd.DataFrame) -> dict[str, dict[str, Any]]:
    return {
        str(name): {str(column): row[column] for column in table.columns}
        for name, row in table.iterrows()
    }


def _units(table: pd.DataFrame) -> dict[str, list[Any]]:
    return {"ids": table.index.tolist(), **{str(name): table[name].tolist() for name in table}}
