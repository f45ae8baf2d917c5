"""How long a comparison against surrogate maps takes, and whether workers change it.

The 3,108 counties of the 48 states and DC, an uncertain map of 20 draws against another, 999
surrogate maps of each family, with the trend-removed twin: once with an empty folder for
eigenbases and once with a filled one, each in a process of its own that has drawn nothing
before. Then the same on one thread, on two threads and on a Dask cluster of two processes:
every number must be the same.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager

import numpy as np
from scipy import sparse
from scipy.sparse.linalg import splu

from boundaries import load_counties
from spatial_models import compare_hotspots, contiguity, hot_spots, surrogate_maps

DRAWS, SURROGATES = 20, 999
MEBIBYTE = 2**20


@contextmanager
def workers(kind: str) -> Iterator[Executor | None]:
    """Open what the work is done on."""
    if kind == "dask":
        from distributed import Client, LocalCluster  # noqa: PLC0415  (a second to import)

        with (
            LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster,  # type: ignore[no-untyped-call]
            Client(cluster) as client,  # type: ignore[no-untyped-call]
            client.get_executor() as executor,
        ):
            yield executor
    elif kind == "default":
        yield None
    else:
        with ThreadPoolExecutor(int(kind)) as executor:
            yield executor


def compare(folder: str, kind: str) -> None:
    """Compare two unrelated autocorrelated maps, and print seconds, memory and a digest."""
    counties = load_counties(extent="conterminous")
    graph = contiguity(counties).transform("R")
    n = len(counties)
    rng = np.random.default_rng(1)
    solve = splu(sparse.csc_matrix(sparse.eye(n) - 0.9 * sparse.csc_matrix(graph.sparse))).solve
    one, other = solve(rng.normal(size=n)), solve(rng.normal(size=n))
    draws = one + 0.3 * rng.normal(size=(DRAWS, n))
    with workers(kind) as executor:
        begun = time.perf_counter()
        first = hot_spots(draws, graph, executor=executor)
        second = hot_spots(other, graph)
        null = surrogate_maps(
            second,
            graph,
            counties.geometry,
            surrogates=SURROGATES,
            length=500_000.0,
            rng=1,
            cache=folder,
            executor=executor,
        )
        result = compare_hotspots(first, second, graph, null=null)
        seconds = time.perf_counter() - begun
    tables = [result.measures_frame(), result.to_frame(), result.cross_table]
    if result.trend_removed is not None:
        tables.append(result.trend_removed.measures_frame())
    text = "".join(table.to_csv() for table in tables)
    found = {
        "seconds": seconds,
        "mebibytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1_024 / MEBIBYTE,
        "digest": hashlib.sha256(text.encode()).hexdigest()[:16],
    }
    sys.stdout.write(json.dumps(found))


def run(folder: str, kind: str) -> dict[str, object]:
    """Compare in a process of its own."""
    command = [sys.executable, __file__, "--folder", folder, "--workers", kind]
    done = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603
    found: dict[str, object] = json.loads(done.stdout)
    return found


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", help=argparse.SUPPRESS)
    parser.add_argument("--workers", default="default", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.folder:
        compare(given.folder, given.workers)
        return
    with tempfile.TemporaryDirectory() as folder:
        for name, kind in (
            ("eigenbases made", "default"),
            ("eigenbases kept", "default"),
            ("one thread", "1"),
            ("two threads", "2"),
            ("Dask, two processes", "dask"),
        ):
            found = run(folder, kind)
            sys.stdout.write(
                f"{name:22}{found['seconds']:8.1f} s{found['mebibytes']:9.0f} MiB  "
                f"{found['digest']}\n"
            )


if __name__ == "__main__":
    main()
