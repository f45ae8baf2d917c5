"""What a test says: a few lines to read, or JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import fields, is_dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from arrest_atlas.map_tests.reading import ROW
from arrest_atlas.map_tests.running import MapTest
from arrest_atlas.map_tests.statistics import NO_EVIDENCE
from arrest_atlas.map_tests.tables import (
    align_columns,
    first_units,
    isolates_lines,
    number_text,
    printable,
)
from outputs import summary_json
from spatial_models import (
    NO_DATA,
    NO_NEIGHBOURS,
    NO_VARIATION,
    NOT_SIGNIFICANT,
    SIGNIFICANCE_CLASSES,
    SIGNIFICANCE_LEVELS,
)

__all__ = ["report_json", "report_text", "title_of"]

_SHOWN: Final = 10
_LAST_CLASSES: Final = (NOT_SIGNIFICANT, "absent", NO_VARIATION, NO_NEIGHBOURS, NO_DATA)


def title_of(test: MapTest) -> str:
    """Say in a line what was tested.

    Parameters
    ----------
    test : MapTest
        A tested map.

    Returns
    -------
    str
        The test, its columns and the map.
    """
    columns = " and ".join(test.columns.names)
    if test.columns.people:
        columns += f" per {test.columns.people}"
    layer = f", layer {test.layer}" if test.layer else ""
    return f"{test.statistic.command} of {columns} in {test.file}{layer}"


def report_json(test: MapTest, *, alpha: float) -> str:
    """Lay a tested map out as JSON: every field of the result, NaN as null.

    Parameters
    ----------
    test : MapTest
        A tested map.
    alpha : float
        Level of the test.

    Returns
    -------
    str
        One object.
    """
    words = _meaning_of_scan if test.statistic.scope == "scan" else _meaning
    return summary_json(
        {
            "test": test.statistic.command,
            "file": test.file,
            "layer": test.layer,
            "columns": list(test.columns.names),
            **({test.statistic.people: test.columns.people} if test.columns.people else {}),
            **({"neighbours": test.neighbours} if test.neighbours else {}),
            "alpha": list(SIGNIFICANCE_LEVELS) if test.statistic.levels else alpha,
            "notes": list(test.notes),
            **_nested(test.result),
            "meaning": list(words(test, alpha)),
        }
    )


def _nested(value: Any) -> Any:
    if is_dataclass(value):
        return {field.name: _nested(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, np.ndarray | pd.Index):
        return value.tolist()
    if isinstance(value, list | tuple):
        return [_nested(each) for each in value]
    return value


def report_text(test: MapTest, *, alpha: float) -> str:
    """Lay a tested map out as lines to read.

    Parameters
    ----------
    test : MapTest
        A tested map.
    alpha : float
        Level of the test.

    Returns
    -------
    str
        Title, result, what it means.
    """
    lines = {"global": _global, "local": _local, "scan": _scan}[test.statistic.scope]
    notes = [f"note: {note}" for note in test.notes]
    return printable([title_of(test), *notes, *lines(test, alpha)])


def _global(test: MapTest, alpha: float) -> Iterator[str]:
    parts = [getattr(test.result, field) if field else test.result for field in _parts(test)]
    yield f"{test.neighbours}: {parts[0].graph}"
    yield from isolates_lines(parts[0].isolates)
    unknown = len(test.table) - parts[0].n - len(parts[0].isolates)
    if unknown:
        yield f"not tested, without data: {unknown:,} of {len(test.table):,} units"
    yield ""
    for part in parts:
        yield repr(part)
    yield ""
    yield from dict.fromkeys(_meaning(test, alpha))


def _parts(test: MapTest) -> tuple[str, ...]:
    return tuple(field for field, *_ in test.statistic.meaning)


def _meaning(test: MapTest, alpha: float) -> Iterator[str]:
    """Say what a result means, in words that name no cause."""
    for field, more, less in test.statistic.meaning:
        part = getattr(test.result, field) if field else test.result
        p = part.p_random_labelling if hasattr(part, "p_random_labelling") else part.p
        said = f"p = {p:.4g} {part.alternative}"
        if np.isnan(p):
            yield (
                "Nothing to test: the values do not vary, or too few units have a value and "
                "a neighbour with one."
            )
        elif p <= alpha:
            yield f"{more if part.statistic > part.expected else less} ({said})."
        else:
            yield f"{part.name}: not told apart from chance ({said}, above {alpha:g})."
    if hasattr(test.result, "p_random_labelling"):
        yield NO_EVIDENCE


def _local(test: MapTest, alpha: float) -> Iterator[str]:
    result = test.result
    early = f", stopped after {result.stop_after} as extreme" if result.stop_after else ""
    how = f"{result.permutations:,} permutations{early}" if result.permutations else "p by formula"
    yield f"{test.neighbours}: {result.graph}"
    yield f"{result.name}, {how}, {result.alternative}, {result.n:,} units in the test"
    yield from isolates_lines(result.isolates)
    yield ""
    classes, counts = np.unique(result.classes, return_counts=True)
    found = sorted(zip(classes.tolist(), counts.tolist(), strict=True), key=_place_of_class)
    yield from align_columns(["class", "units"], [[name, f"{count:,}"] for name, count in found])
    yield ""
    yield from _most_significant(test)
    yield from _too_few_permutations(test, alpha)
    yield from _meaning(test, alpha)


def _place_of_class(found: tuple[str, int]) -> tuple[int, str]:
    name = found[0]
    if name in _LAST_CLASSES:
        return 100 + _LAST_CLASSES.index(name), name
    return SIGNIFICANCE_CLASSES.index(name) if name in SIGNIFICANCE_CLASSES else 0, name


def _most_significant(test: MapTest) -> Iterator[str]:
    result = test.result
    table = result.to_frame()
    p = next(name for name in table.columns if name.startswith(f"{result.prefix}_p"))
    order = table[p].to_numpy(), -np.abs(table[f"{result.prefix}_z"].to_numpy())
    first = np.lexsort(order[::-1])[:_SHOWN]
    first = first[~np.isnan(order[0][first])]
    if first.size == 0:
        yield "No unit could be tested."
        return
    shown = [
        name for name in table.columns if not name.endswith(("_expected", "_variance", "_analytic"))
    ]
    yield f"Smallest p-values{' (of random labelling)' if 'random_labelling' in p else ''}:"
    rows = table.iloc[first]
    yield from align_columns(
        [test.columns.identifier or ROW, *test.columns.names, *shown],
        [
            [
                str(unit),
                *(number_text(test.table.loc[unit, name]) for name in test.columns.names),
                *(number_text(value) for value in row[shown]),
            ]
            for unit, row in rows.iterrows()
        ],
    )


def _too_few_permutations(test: MapTest, alpha: float) -> Iterator[str]:
    """Warn where the adjustment for many units leaves nothing that could be significant."""
    result = test.result
    if not result.permutations:
        return
    smallest = (2 if result.alternative == "two-sided" else 1) / (result.permutations + 1)
    tested = int(result.tested.sum())
    needed = int(np.ceil(smallest * tested / alpha))
    if needed > 1:
        reached = f"unless {needed:,} of {tested:,} units reach it, " if needed <= tested else ""
        yield ""
        yield (
            f"At {result.permutations:,} permutations the smallest p-value is {smallest:.2g}: "
            f"{reached}none is significant at {alpha:g}. Give more --permutations."
        )


def _scan(test: MapTest, alpha: float) -> Iterator[str]:
    result = test.result
    yield repr(result).splitlines()[0]
    left_out = result.ids[result.classes == NO_DATA]
    if len(left_out):
        yield f"not tested, without data or people: {first_units(left_out)}"
    yield ""
    if result.clusters:
        yield from align_columns(*_clusters(result.clusters))
        yield ""
        for number, cluster in enumerate(result.clusters, start=1):
            yield f"members of {number}: {first_units(cluster.members)}"
        yield ""
    yield from _meaning_of_scan(test, alpha)


def _clusters(clusters: Sequence[Any]) -> tuple[list[str], list[list[str]]]:
    shown = ("radius", "population", "observed", "expected", "relative_risk")
    tested = ("log_likelihood_ratio", "p", "p_gumbel")
    rows = [
        [str(number), cluster.kind, str(cluster.centre), f"{len(cluster.members):,}"]
        + [number_text(getattr(cluster, field)) for field in (*shown, *tested)]
        for number, cluster in enumerate(clusters, start=1)
    ]
    return ["cluster", "kind", "centre", "units", *shown, *tested], rows


def _meaning_of_scan(test: MapTest, alpha: float) -> Iterator[str]:
    result = test.result
    if np.isnan(result.p):
        yield "Nothing to test: no cases, no people, or fewer than two places that have people."
    elif result.p > alpha:
        yield (
            "No circle is told apart from chance, which puts the same cases on people at random "
            f"(p = {result.p:.4g}, above {alpha:g})."
        )
    for number, cluster in enumerate(result.clusters, start=1):
        if cluster.p <= alpha:
            yield (
                f"Cluster {number}: {cluster.relative_risk:.3g} times the rate of the rest of the "
                f"map, in a circle that chance alone would seldom give (p = {cluster.p:.4g})."
            )
