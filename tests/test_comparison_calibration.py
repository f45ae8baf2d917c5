"""Unrelated maps are seldom called associated, related ones often: rules M5 and M13.

A part of benchmarks/calibration/comparison.py on a lattice: fields of a simultaneous
autoregression, each as clustered as the other and drawn apart.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pytest
from libpysal.graph import Graph
from scipy import sparse
from scipy.sparse.linalg import splu
from scipy.stats import binom

from spatial_models import (
    HotSpotComparison,
    NoPValue,
    SurrogateP,
    compare_hotspots,
    hot_spots,
    lee,
    surrogate_maps,
)

Floats = npt.NDArray[np.float64]

SIDE = 20
RHO = 0.9
PAIRS, SURROGATES = 100, 99
LEVEL, BAR = 0.05, 0.07
MOST = binom.ppf(0.999, PAIRS, BAR) / PAIRS  # a size at the bar is above it once in 1,000 seeds


class Lattice(NamedTuple):
    graph: Graph
    places: Floats
    field: Callable[[np.random.Generator], Floats]


@pytest.fixture(scope="module")
def lattice() -> Lattice:
    row, column = np.divmod(np.arange(SIDE * SIDE), SIDE)
    apart = np.maximum(
        np.abs(np.subtract.outer(row, row)), np.abs(np.subtract.outer(column, column))
    )
    graph = Graph.from_sparse(sparse.coo_array((apart == 1).astype(float))).transform("R")
    weights = sparse.csc_array(graph.sparse)
    solver = splu(sparse.csc_array(sparse.eye_array(graph.n) - RHO * weights))

    def field(rng: np.random.Generator) -> Floats:
        values: Floats = solver.solve(rng.normal(size=graph.n))
        return np.asarray((values - values.mean()) / values.std())

    return Lattice(graph=graph, places=np.stack([column, row], axis=1).astype(float), field=field)


def compared(
    lattice: Lattice, first: Floats, second: Floats, rng: np.random.Generator
) -> tuple[HotSpotComparison, HotSpotComparison]:
    """Compare two maps, known by unit and by area."""
    tested = hot_spots(first, lattice.graph), hot_spots(second, lattice.graph)
    null = surrogate_maps(tested[1], lattice.graph, lattice.places, surrogates=SURROGATES, rng=rng)
    by_unit, by_area = (
        compare_hotspots(
            *tested,
            lattice.graph,
            labels=("first", "second"),
            support=support,
            null=null,
            tested_only=True,
        )
        for support in ("unit", "area")
    )
    return by_unit, by_area


def p_values(by_unit: HotSpotComparison, by_area: HotSpotComparison) -> dict[str, float]:
    """Gather the p-values that are printed, of both maps and of what a trend leaves."""
    found = {}
    for maps, unit, area in (
        ("as it is", by_unit, by_area),
        ("trend removed", by_unit.trend_removed, by_area.trend_removed),
    ):
        assert unit is not None
        assert area is not None
        measures = {
            "kappa": unit.measures["kappa"],
            "lee": unit.measures["lee"],
            "pearson": area.measures["pearson"],
        }
        for name, measure in measures.items():
            p = measure.p
            if name == "kappa" and unit is by_unit.trend_removed and isinstance(p, NoPValue):
                assert "broad trend" in p.reason  # which both maps share
                continue
            assert isinstance(p, SurrogateP)
            assert p.moran is not None
            assert p.kernel is not None
            assert p.p == max(p.moran, p.kernel)
            found[f"{name}, {maps}"] = p.p
    return found


def by_name(found: list[dict[str, float]]) -> dict[str, npt.NDArray[np.float64]]:
    """Gather what is printed of each statistic, where it is, in a third of the pairs at least."""
    names = dict.fromkeys(name for one in found for name in one)
    listed = {name: np.array([one[name] for one in found if name in one]) for name in names}
    return {name: p for name, p in listed.items() if len(p) >= len(found) / 3}


def test_unrelated_maps_are_seldom_associated_and_random_labelling_says_they_are(
    lattice: Lattice,
) -> None:
    found: list[dict[str, float]] = []
    naive = []
    for number in range(PAIRS):
        rng = np.random.default_rng([513, number])
        first, second = lattice.field(rng), lattice.field(rng)
        found.append(p_values(*compared(lattice, first, second, rng)))
        by_labels = lee(first, second, lattice.graph, permutations=199, rng=rng)
        naive.append(by_labels.p_random_labelling)
    assert len(by_name(found)) == 6
    for name, p in by_name(found).items():
        assert np.mean(p <= LEVEL) <= MOST, name
        assert np.mean(p <= 0.5) >= 0.2, name  # nor is it asleep
    # The same pairs: what the bar would not let pass.
    assert np.mean(np.array(naive) <= LEVEL) > 0.25


def test_strongly_related_maps_are_associated(lattice: Lattice) -> None:
    found: list[dict[str, float]] = []
    for number in range(15):
        rng = np.random.default_rng([514, number])
        first, other = lattice.field(rng), lattice.field(rng)
        second = 0.9 * first + np.sqrt(1 - 0.9**2) * other
        found.append(p_values(*compared(lattice, first, second, rng)))
    assert len(by_name(found)) >= 5
    for name, p in by_name(found).items():
        assert np.mean(p <= LEVEL) >= 0.8, name


def test_two_maps_with_one_gradient_are_told_by_their_trend_removed_twins(
    lattice: Lattice,
) -> None:
    # The gradient is all that they share.
    x, y = (lattice.places / (SIDE - 1) - 0.5).T
    gradient = 4 * (x + y) + 4 * x * y
    found: list[dict[str, float]] = []
    for number in range(30):
        rng = np.random.default_rng([515, number])
        first, second = lattice.field(rng) + gradient, lattice.field(rng) + gradient
        found.append(p_values(*compared(lattice, first, second, rng)))
    most = binom.ppf(0.999, len(found), BAR) / len(found)
    printed = by_name(found)
    assert "kappa, trend removed" not in printed
    for name in ("lee, trend removed", "pearson, trend removed"):
        assert np.mean(printed[name] <= LEVEL) <= most, name
    # As they are, they defeat the test: the documentation says so.
    assert np.mean([one["lee, as it is"] <= LEVEL for one in found]) > 0.2


def test_the_page_of_calibration_is_complete() -> None:
    page = (Path(__file__).parent.parent / "docs" / "calibration.md").read_text()
    tables = page.split("<!-- ")[1:]
    names = [text.partition(" -->")[0] for text in tables]
    assert names == ["size", "again", "gradient", "covariate", "power", "length", "modified t"]
    for text in tables:
        rows = [line for line in text.splitlines()[2:] if line.startswith("| ")]
        assert len(rows) > 2, text[:200]
    assert "not drawn" not in page.casefold()
