"""The kernels of conditional permutation: exact nulls, any worker, memory."""

import os
import subprocess
import sys
import tracemalloc
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from itertools import permutations as arrangements
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from scipy import sparse
from small_graphs import graph_of, lattice, uneven_weights

from spatial_models import getis_ord, local_moran
from spatial_models._conditional import permuted_tails, rows_alike

Floats = npt.NDArray[np.float64]


def some_weights(kind: str, n: int = 6) -> Floats:
    weights: Floats = uneven_weights(n, 2)
    if kind == "uneven":
        return weights
    links = (weights > 0).astype(np.float64)
    factors = np.array([-2.0, 3, 1, -1, 5, 1])
    if kind == "standardised":
        factors = 1 / links.sum(axis=1)
    alike: Floats = links * factors[:, np.newaxis]
    return alike


@pytest.mark.parametrize("kind", ["standardised", "alike", "uneven"])
@pytest.mark.parametrize("values", ["distinct", "tied"])
@pytest.mark.parametrize("columns", [1, 3])
def test_tails_are_those_of_all_conditional_arrangements(
    kind: str, values: str, columns: int
) -> None:
    rng = np.random.default_rng(4)
    weights, n = some_weights(kind), 6
    table = rng.normal(size=(n, columns))
    if values == "tied":
        table = rng.integers(0, 2, size=(n, columns)).astype(np.float64)
        table[0] += 1
    slopes = rng.normal(size=(n, columns)) if columns > 1 else np.ones((n, 1))
    tails = permuted_tails(
        table,
        sparse.csr_array(weights),
        permutations=40_000,
        rng=np.random.default_rng(5),
        slopes=slopes if columns > 1 else None,
    )
    assert tails is not None
    for unit in range(n):
        others = np.array(list(arrangements(np.delete(np.arange(n), unit))))
        sums = table[others].transpose(0, 2, 1) @ np.delete(weights[unit], unit)
        null = sums @ slopes[unit]
        # Three and a half standard errors of a share of 40,000.
        assert tails[0][unit] == pytest.approx((null >= null[0] - 1e-9).mean(), abs=0.009)
        assert tails[1][unit] == pytest.approx((null <= null[0] + 1e-9).mean(), abs=0.009)


def test_both_kernels_find_the_same() -> None:
    links = sparse.csr_array(lattice(9))
    values = np.random.default_rng(7).gamma(1, size=(81, 1))
    lookup, tiles = (
        permuted_tails(
            values, links, permutations=40_000, rng=np.random.default_rng(seed), slopes=slopes
        )
        for seed, slopes in ((1, None), (2, np.ones((81, 1))))
    )
    assert lookup is not None
    assert tiles is not None
    for one, other in zip(lookup, tiles, strict=True):
        error = np.sqrt(2 * one * (1 - one) / 40_000)
        assert (np.abs(one - other) <= 4.5 * error + 1e-9).all()


def test_a_unit_with_all_others_for_neighbours_is_certain_under_both() -> None:
    weights = sparse.csr_array(np.ones((5, 5)) - np.eye(5))
    values = np.random.default_rng(1).normal(size=(5, 1))
    for slopes in (None, np.ones((5, 1))):
        tails = permuted_tails(
            values, weights, permutations=99, rng=np.random.default_rng(1), slopes=slopes
        )
        assert tails is not None
        np.testing.assert_array_equal(tails, 1)


@pytest.mark.parametrize("workers", [1, 2, 8])
@pytest.mark.parametrize("kind", ["alike", "uneven", "early"])
def test_the_same_bytes_whatever_the_workers(workers: int, kind: str) -> None:
    graph = graph_of(uneven_weights(70, 3)) if kind != "alike" else graph_of(lattice(9), "R")
    values = np.random.default_rng(2).normal(size=graph.n)
    stop_after = 20 if kind == "early" else None

    def p(executor: Executor | None) -> bytes:
        return local_moran(
            values, graph, permutations=30_000, stop_after=stop_after, rng=1, executor=executor
        ).p.tobytes()

    alone = p(None)
    with ThreadPoolExecutor(workers) as threads:
        assert p(threads) == alone
    if workers == 2:
        with ProcessPoolExecutor(workers) as processes:
            assert p(processes) == alone


def test_equal_weights_are_told_from_others() -> None:
    assert rows_alike(sparse.csr_array(lattice(3))).all()
    assert rows_alike(sparse.csr_array(lattice(3) * np.arange(1, 10)[:, np.newaxis] / 3)).all()
    assert not rows_alike(sparse.csr_array(uneven_weights(5, 1))).all()


@pytest.mark.parametrize("kind", ["alike", "uneven"])
def test_no_array_of_permutations_times_units_is_kept(kind: str) -> None:
    weights = lattice(20) * (1 if kind == "alike" else np.random.default_rng(1).random((400, 400)))
    graph = graph_of(weights, "R")
    values = np.random.default_rng(2).normal(size=400)
    local_moran(values, graph, permutations=999, rng=1)  # compiled, graph cached
    tracemalloc.start()
    local_moran(values, graph, permutations=99_999, rng=1)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 8e6  # that array would hold 40 million numbers


def test_few_distinct_sums_count_as_equal() -> None:
    # Half the units are 1: sums tie all over, and every tie counts in both tails.
    values = np.tile([0.0, 1.0], 50)
    result = getis_ord(values, graph_of(lattice(10), "R"), permutations=9_999, rng=1)
    assert result.p.min() > 0.1
    assert result.p.max() == 1


def test_kernels_compile_where_no_cache_can_be_written(tmp_path: Path) -> None:
    """The package's folder and the user's are read-only; numba itself would raise."""
    code = (
        "import numba.core.caching as c\n"
        "c._CacheLocator.ensure_cache_path = lambda self: (_ for _ in ()).throw(OSError('read'))\n"
        "import numpy as np\n"
        "from libpysal.graph import Graph\n"
        "from spatial_models import local_moran\n"
        "ring = Graph.from_arrays(range(6), [1, 2, 3, 4, 5, 0], [1] * 6)\n"
        "print(local_moran([1, 2, 3, 4, 5, 9], ring, permutations=99, rng=1).n)\n"
    )
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)}
    done = subprocess.run(  # noqa: S603  (our own code)
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, env=environment
    )
    assert done.stdout == "6\n", done.stderr
    assert not list(tmp_path.iterdir())
