"""A Dask cluster in place of this machine: same bytes, clear errors, workers that die."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from functools import partial
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
from click.testing import CliRunner
from distributed import Client, LocalCluster
from shapely.geometry import box
from small_graphs import graph_of, lattice, uneven_weights

from arrest_atlas import scheduler
from arrest_atlas.cli import main
from arrest_atlas.scheduler import open_executor
from geo import InputError
from spatial_models.comparison import compare_hotspots
from spatial_models.getis_ord import getis_ord
from spatial_models.hot_spots import hot_spots
from spatial_models.moran import moran
from spatial_models.scan import scan_poisson
from spatial_models.surrogate_maps import surrogate_maps

SIDE = 20

Work = Callable[[Executor | None], bytes]


@pytest.fixture(scope="module")
def cluster() -> Iterator[LocalCluster]:
    """Start two worker processes, each of one thread."""
    with LocalCluster(  # type: ignore[no-untyped-call]
        n_workers=2, threads_per_worker=1, dashboard_address=":0"
    ) as cluster:
        yield cluster


def values(n: int) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return np.random.default_rng(7).lognormal(size=n)


def shared_permutations(executor: Executor | None, *, permutations: int = 19_999) -> bytes:
    """Weights alike: pieces are blocks of permutations."""
    graph = graph_of(lattice(SIDE), "B")
    result = getis_ord(values(SIDE**2), graph, permutations=permutations, rng=1, executor=executor)
    return result.p.tobytes()


def own_permutations(executor: Executor | None, *, permutations: int = 2_999) -> bytes:
    """Weights that differ: pieces are blocks of units."""
    graph = graph_of(uneven_weights(300, seed=3))
    result = getis_ord(values(300), graph, permutations=permutations, rng=1, executor=executor)
    return result.p.tobytes()


def whole_maps(executor: Executor | None) -> bytes:
    """One number a permutation: pieces are blocks of permutations."""
    graph = graph_of(lattice(SIDE), "R")
    result = moran(values(SIDE**2), graph, permutations=4_999, rng=1, executor=executor)
    return np.float64(result.p).tobytes()


def replicates(executor: Executor | None) -> bytes:
    """A scan: pieces are blocks of random maps."""
    places = np.random.default_rng(8).uniform(size=(300, 2))
    result = scan_poisson(
        np.round(values(300) * 3), np.full(300, 100), places, rng=1, executor=executor
    )
    return result.to_frame().to_csv().encode()


def comparison(executor: Executor | None) -> bytes:
    """Surrogate maps: pieces are blocks of them, as are draws of the first map."""
    graph = graph_of(lattice(SIDE), "R")
    places = np.stack(np.divmod(np.arange(SIDE**2), SIDE), axis=1)
    draws = values(SIDE**2) + np.random.default_rng(9).normal(size=(4, SIDE**2))
    first = hot_spots(draws, graph, executor=executor)
    second = hot_spots(values(SIDE**2), graph)
    null = surrogate_maps(second, graph, places, surrogates=250, rng=1, executor=executor)
    found = compare_hotspots(first, second, graph, null=null)
    assert found.trend_removed is not None
    tables = found.measures_frame(), found.trend_removed.measures_frame()
    return "".join(table.to_csv() for table in tables).encode()


@pytest.mark.parametrize(
    "work", [whole_maps, shared_permutations, own_permutations, replicates, comparison]
)
def test_a_cluster_gives_the_same_bytes(cluster: LocalCluster, work: Work) -> None:
    with open_executor(cluster.scheduler_address) as executor:
        assert executor is not None
        clustered = work(executor)
    assert clustered == work(None)


def test_a_killed_worker_changes_nothing(cluster: LocalCluster) -> None:
    work = partial(own_permutations, permutations=99_999)
    alone = work(None)
    with (
        Client(cluster, set_as_default=False) as watcher,  # type: ignore[no-untyped-call]
        open_executor(cluster.scheduler_address) as executor,
        ThreadPoolExecutor(1) as background,
    ):
        pids = watcher.run(os.getpid)
        clustered = background.submit(work, executor)
        while not any(watcher.processing().values()):
            time.sleep(0.01)
        victim = next(worker for worker, tasks in watcher.processing().items() if tasks)
        os.kill(pids[victim], signal.SIGKILL)
        assert not clustered.done()
        assert clustered.result(timeout=60) == alone
        assert pids[victim] not in watcher.run(os.getpid).values()


def calibration(*options: str) -> str:
    """Judge maps of each of four designs, by every test, in two pieces of unlike size."""
    script = Path(__file__).parent.parent / "benchmarks" / "calibration" / "size.py"
    done = subprocess.run(  # noqa: S603
        [sys.executable, str(script), "--maps", "25", *options],
        capture_output=True,
        text=True,
        check=False,  # the sizes of so few maps may well be out of bounds
    )
    assert "sizes are out of bounds" in done.stdout, done.stderr
    return done.stdout


def test_a_calibration_on_a_cluster_prints_the_same_table(cluster: LocalCluster) -> None:
    alone = calibration("--workers", "1")
    assert calibration("--scheduler", cluster.scheduler_address) == alone


def refusal(address: str) -> str:
    with pytest.raises(InputError) as caught, open_executor(address):
        pytest.fail("it should not have connected")
    return str(caught.value)


@pytest.mark.parametrize(
    "address", ["", "nonsense", "tcp://", "http://127.0.0.1:8786", "127.0.0.1:port", "tls://h:1"]
)
def test_a_malformed_address_is_a_clear_error(address: str) -> None:
    message = refusal(address)
    assert message.startswith(f"--scheduler: found no Dask scheduler at {address!r}")
    assert "expected the address of one that runs, such as tcp://" in message


def test_something_else_at_the_address_is_a_clear_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scheduler, "_PATIENCE", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        assert "no answer within 0.5 s" in refusal(f"tcp://127.0.0.1:{port}")


def test_the_address_of_a_worker_is_a_clear_error(cluster: LocalCluster) -> None:
    worker = next(iter(cluster.scheduler_info["workers"]))
    message = refusal(worker)
    assert message.startswith(f"--scheduler: found no Dask scheduler at {worker!r} (")
    assert "it is a Worker" in message


def test_without_workers_is_a_clear_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scheduler, "_PATIENCE", 0.5)
    with LocalCluster(  # type: ignore[no-untyped-call]
        n_workers=0, dashboard_address=":0"
    ) as idle:
        assert "found no workers at" in refusal(idle.scheduler_address)


def test_other_versions_on_the_workers_are_a_clear_error(
    cluster: LocalCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scheduler, "_SAME", ("numpy", "pytest"))  # the workers do not look for it
    message = refusal(cluster.scheduler_address)
    assert message.count("found pytest missing; expected pytest") == 2
    assert "install the same versions on every worker" in message


def test_without_dask_is_a_clear_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    assert 'pip install "arrest-atlas[dask]"' in refusal("tcp://127.0.0.1:8786")


def test_a_cluster_that_goes_away_is_a_clear_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scheduler, "_PATIENCE", 1)

    def lose_it(brief: LocalCluster) -> None:
        with open_executor(brief.scheduler_address) as executor:
            brief.close()
            shared_permutations(executor)

    with (
        LocalCluster(  # type: ignore[no-untyped-call]
            n_workers=1, threads_per_worker=1, processes=False, dashboard_address=":0"
        ) as brief,
        pytest.raises(InputError, match="was lost"),
    ):
        lose_it(brief)


def test_an_error_of_the_work_stays_what_it_is(cluster: LocalCluster) -> None:
    def fail(executor: Executor | None) -> None:
        assert executor is not None
        executor.submit(divmod, 1, 0).result()

    with pytest.raises(ZeroDivisionError), open_executor(cluster.scheduler_address) as executor:
        fail(executor)


def test_the_command_line_says_it_and_nothing_else(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    command = [sys.executable, "-m", "arrest_atlas", "demo", "--out", str(tmp_path / "out")]
    started = time.monotonic()
    done = subprocess.run(  # noqa: S603
        [*command, "--scheduler", f"tcp://127.0.0.1:{port}"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stdout == ""
    first, second = done.stderr.strip().splitlines()
    assert first == "Nothing was written:"
    assert second.startswith(f"--scheduler: found no Dask scheduler at 'tcp://127.0.0.1:{port}'")
    assert list(tmp_path.iterdir()) == []
    assert time.monotonic() - started < 20


def test_test_on_a_cluster_prints_the_same(cluster: LocalCluster, tmp_path: Path) -> None:
    squares = gpd.GeoDataFrame(
        {"value": values(100)},
        geometry=[box(x, y, x + 1, y + 1) for x in range(10) for y in range(10)],
    )
    squares.to_parquet(tmp_path / "map.parquet")
    command = ["test", "getis-ord", str(tmp_path / "map.parquet"), "--column", "value", "--json"]
    alone = CliRunner().invoke(main, command)
    clustered = CliRunner().invoke(main, [*command, "--scheduler", cluster.scheduler_address])
    assert alone.exit_code == clustered.exit_code == 0
    assert alone.stdout == clustered.stdout
    assert clustered.stderr == ""
