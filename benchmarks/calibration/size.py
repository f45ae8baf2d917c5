"""How often each test rejects at 0.05 on maps where nothing is clustered.

Maps of independent values, normal or log-normal with heavy tails (categories: of many units
or of few), on a lattice whose weights are alike within rows and on scattered points whose
weights differ. A test by permutation is exact for continuous values whatever their
distribution: its size must lie within 3.3 standard errors of 0.05 (for global tests and
3,000 maps, 0.037 to 0.063). Counts take few values, so that a test of them may reject less
often, never more. Analytic p-values, printed beside, are approximations. Populations behind
rates are clustered. Local tests are pooled over units, with the standard error of maps; the
lowest and highest sizes over units with equally many neighbours follow (of
counts, those with 50 tests at least). A unit with one neighbour has but 119 different sums
around it, and so rejects less often.

Every map has a random stream of its own: the table is the same for any number of workers.
"""

from __future__ import annotations

import argparse
import multiprocessing
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
from libpysal.graph import Graph
from scipy import sparse

from arrest_atlas.scheduler import open_executor
from spatial_models import (
    bivariate_local_join_count,
    bivariate_local_moran,
    bivariate_moran,
    geary,
    getis_ord,
    getis_ord_general,
    join_count,
    lee,
    local_co_location,
    local_geary,
    local_join_count,
    local_lee,
    local_moran,
    local_moran_rate,
    moran,
    moran_rate,
    quantile_lisa,
)

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

LEVEL, PERMUTATIONS = 0.05, 999  # 25 of 1,000 in each tail: 0.05 is a size that can be had
FEW_SUMS = 0.037  # of local tests, where units have few neighbours and so few sums
ERRORS = 3.3  # standard errors of a size that may be chance: at 3,000 maps 0.037 to 0.063
MAPS_A_PIECE = 20
SIDE, POINTS, WITHIN = 12, 120, 0.14


class Here(Executor):
    """Does what it is given at once: each worker is one of many."""

    def submit(self, work: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Do the work before handing over the result."""
        done: Future[Any] = Future()
        done.set_result(work(*args, **kwargs))
        return done


@dataclass(frozen=True, kw_only=True)
class Design:
    """Where maps are laid out, and how far out their values lie."""

    name: str
    graph: Graph
    tail: float | None  # of log-normal values; None makes them normal
    trend: Floats  # of populations, on the log scale


@dataclass(frozen=True, kw_only=True)
class Maps:
    """What one map of a design has: two variables, counts, categories."""

    x: Floats
    y: Floats
    people: Floats
    events: Floats
    ones: Floats
    others: Floats
    more: Floats

    @property
    def above_zero(self) -> Floats:
        """The first variable with a natural zero."""
        return np.asarray(self.x - self.x.min())


Test = Callable[[Maps, Graph, dict[str, Any]], Any]

CONTINUOUS: dict[str, Test] = {
    "moran": lambda m, g, call: moran(m.x, g, **call),
    "moran, of rates": lambda m, g, call: moran_rate(m.events, m.people, g, **call),
    "moran, bivariate": lambda m, g, call: bivariate_moran(m.x, m.y, g, **call),
    "geary": lambda m, g, call: geary(m.x, g, **call),
    "general G": lambda m, g, call: getis_ord_general(m.above_zero, g, **call),
    "lee": lambda m, g, call: lee(m.x, m.y, g, **call),
    "local moran": lambda m, g, call: local_moran(m.x, g, **call),
    "local moran, of rates": lambda m, g, call: local_moran_rate(m.events, m.people, g, **call),
    "local moran, bivariate": lambda m, g, call: bivariate_local_moran(m.x, m.y, g, **call),
    "Gi": lambda m, g, call: getis_ord(m.x, g, star=False, **call),
    "Gi*": lambda m, g, call: getis_ord(m.x, g, **call),
    "local geary": lambda m, g, call: local_geary(m.x, g, **call),
    "local geary, of two": lambda m, g, call: local_geary(np.stack([m.x, m.y], 1), g, **call),
    "local lee": lambda m, g, call: local_lee(m.x, m.y, g, **call),
}
COUNTS: dict[str, Test] = {
    "joins 1-1": lambda m, g, call: join_count(m.ones, g, **call).joined,
    "joins 0-0": lambda m, g, call: join_count(m.ones, g, **call).separate,
    "joins 1-0": lambda m, g, call: join_count(m.ones, g, **call).mixed,
    "local join count": lambda m, g, call: local_join_count(m.ones, g, **call),
    "local join count, bivariate": lambda m, g, call: bivariate_local_join_count(
        m.ones, m.others, g, **call
    ),
    "local co-location": lambda m, g, call: local_co_location(
        np.stack([m.ones, m.more], 1), g, **call
    ),
    "quantile LISA": lambda m, g, call: quantile_lisa(m.x, g, **call),
}
TESTS = CONTINUOUS | COUNTS


def lattice() -> Graph:
    """Join squares that touch, with row-standardised weights."""
    row, column = np.divmod(np.arange(SIDE * SIDE), SIDE)
    apart = np.maximum(
        np.abs(np.subtract.outer(row, row)), np.abs(np.subtract.outer(column, column))
    )
    return Graph.from_sparse(sparse.coo_array((apart == 1).astype(float))).transform("R")


def rows() -> Floats:
    """Let populations rise from row to row."""
    return np.arange(SIDE * SIDE) // SIDE / SIDE * 2


def scattered() -> Floats:
    """Scatter points over a square."""
    return np.random.default_rng(4).random((2, POINTS))


def scatter() -> Graph:
    """Join points by the inverse of their distance."""
    x, y = scattered()
    apart = np.hypot(np.subtract.outer(x, x), np.subtract.outer(y, y))
    near = (apart > 0) & (apart <= WITHIN)
    weights = np.divide(1, apart, out=np.zeros_like(apart), where=near)
    return Graph.from_sparse(sparse.coo_array(weights)).transform("R")


def draw(design: Design, rng: np.random.Generator) -> Maps:
    """Draw the values of a map, all units alike and independent."""
    n = design.graph.n
    x, y, rate, size, kind, more = rng.normal(size=(6, n))
    tail = design.tail
    if tail is not None:
        x, y = np.exp(tail * x), np.exp(tail * y)
    people = np.exp(8 + size + design.trend).round()  # neighbours are of like size
    rare = 0.5 if tail is None else 1.3  # of 144 units 44 or 14
    return Maps(
        x=x,
        y=y,
        people=people,
        events=rng.poisson(0.01 * people * np.exp((tail or 0.2) * rate)).astype(float),
        ones=(kind > rare).astype(float),
        others=(kind < -rare).astype(float),
        more=(more > -0.5).astype(float),
    )


def count_rejections(
    piece: tuple[int, int, int], *, designs: list[Design], seed: int
) -> tuple[dict[str, Integers], dict[str, Integers]]:
    """Count, for a few maps of a design, rejections by permutation, analytic, and tests.

    Also sum up the products of a map's rejections and tests, which tell how far maps differ.
    """
    place, first, last = piece
    found: dict[str, Integers] = {}
    spread: dict[str, Integers] = {}
    for number in range(first, last):
        rng = np.random.default_rng([seed, place, number])
        maps = draw(designs[place], rng)
        for name, test in TESTS.items():
            call = {"permutations": PERMUTATIONS, "rng": rng, "executor": Here()}
            result = test(maps, designs[place].graph, call)
            label = "p" if hasattr(result, "p") else "p_random_labelling"
            p = np.atleast_1d(getattr(result, label))
            analytic = np.atleast_1d(getattr(result, f"{label}_analytic"))
            counts = np.stack([p <= LEVEL, analytic <= LEVEL, ~np.isnan(p)]).astype(np.int64)
            found[name] = found[name] + counts if name in found else counts
            of_map = counts[[0, 2]].sum(axis=1)
            products = np.outer(of_map, of_map)
            spread[name] = spread[name] + products if name in spread else products
    return found, spread


@contextmanager
def open_workers(scheduler: str | None, workers: int) -> Iterator[Executor]:
    """Open a cluster where there is an address of one, or processes of this machine."""
    if scheduler is None:
        context = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(workers, mp_context=context) as pool:
            yield pool
        return
    with open_executor(scheduler) as cluster:
        assert cluster is not None  # noqa: S101  (there is an address)
        yield cluster


def add_up(
    answers: Iterator[tuple[dict[str, Integers], dict[str, Integers]]], places: list[int]
) -> tuple[dict[tuple[int, str], Integers], dict[tuple[int, str], Integers]]:
    """Add up pieces, of which `places` tell the design."""
    totals: tuple[dict[tuple[int, str], Integers], dict[tuple[int, str], Integers]] = {}, {}
    for place, answer in zip(places, answers, strict=True):
        for total, part in zip(totals, answer, strict=True):
            for name, counts in part.items():
                total[place, name] = total.get((place, name), 0) + counts
    return totals


def standard_error(size: float, tests: int, products: Integers) -> float:
    """Give the standard error of a size whose tests are alike within a map, and not between."""
    (rejected, both), (_, squared) = products
    spread = rejected - 2 * size * both + size**2 * squared
    return float(np.sqrt(max(spread, LEVEL * (1 - LEVEL) * tests)) / tests)


def share(rejected: Integers, tests: Integers) -> float:
    return float(rejected.sum() / max(tests.sum(), 1))


def by_degree(counts: Integers, graph: Graph) -> str:
    """Give lowest and highest sizes of units with equally many neighbours."""
    degrees = graph.cardinalities.to_numpy()
    sizes = []
    for degree in np.unique(degrees[degrees > 0]):
        rejected, _, tests = counts[:, degrees == degree]
        if tests.sum() >= 50:
            sizes.append(share(rejected, tests))
    return f"{min(sizes):.3f}-{max(sizes):.3f}" if sizes else ""


def main() -> None:
    """Print a table by test and design; exit with 1 where a size is not what it says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--maps", type=int, default=3_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--scheduler", metavar="ADDRESS")
    arguments = parser.parse_args()
    designs = [
        Design(name="lattice, normal", graph=lattice(), tail=None, trend=rows()),
        Design(name="lattice, skewed", graph=lattice(), tail=1.5, trend=rows()),
        Design(name="scattered, normal", graph=scatter(), tail=None, trend=2 * scattered()[0]),
        Design(name="scattered, skewed", graph=scatter(), tail=1.5, trend=2 * scattered()[0]),
    ]
    pieces = [
        (place, first, min(first + MAPS_A_PIECE, arguments.maps))
        for place in range(len(designs))
        for first in range(0, arguments.maps, MAPS_A_PIECE)
    ]
    start = time.perf_counter()
    with open_workers(arguments.scheduler, arguments.workers) as executor:
        work = partial(count_rejections, designs=designs, seed=arguments.seed)
        total, spread = add_up(executor.map(work, pieces), [place for place, *_ in pieces])
    print(f"{arguments.maps:,} maps, {PERMUTATIONS} permutations, two-sided, at {LEVEL}")
    print(f"{'test':28}{'map':19}{'size':>7}{'analytic':>10}   by number of neighbours")
    wrong = 0
    for name in TESTS:
        for place, design in enumerate(designs):
            counts = total[place, name]
            rejected, analytic, tests = counts
            size = share(rejected, tests)
            local = counts.shape[1] > 1
            margin = ERRORS * standard_error(size, int(tests.sum()), spread[place, name])
            low = 0.0 if name in COUNTS else FEW_SUMS if local else LEVEL - margin
            mark = " " if low <= size <= LEVEL + margin else "!"
            wrong += mark == "!"
            print(
                f"{name:28}{design.name:19}{size:7.4f}{mark}{share(analytic, tests):9.4f}   "
                f"{by_degree(counts, design.graph) if local else ''}"
            )
    print(f"{wrong} of {len(TESTS) * len(designs)} sizes are out of bounds")
    print(f"{time.perf_counter() - start:.0f} s", file=sys.stderr)
    sys.exit(wrong > 0)


if __name__ == "__main__":
    main()
