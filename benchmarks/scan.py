"""Time the scan of the counties of the 48 states and DC beside a loop that only adds.

The floor is what nobody can avoid who goes through all windows of all replicates: it adds
up the same counts, over as many replicates side by side and on as many threads, and does
nothing with the sums; its windows and replicates are made beforehand. Bars: 999 replicates
of all windows up to half of the population within 6 s, set-up included, and within 6 times
the floor. Processor seconds beside them tell whether the machine was busy with other things.
"""

from __future__ import annotations

import argparse
import resource
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from boundaries import load_counties
from geo import load_population
from spatial_models._kernels.compile import compiled
from spatial_models._kernels.scan import LANES
from spatial_models._parallel import map_pieces
from spatial_models._scan import Counts, Integers, Scan, order_windows
from spatial_models.scan import scan_poisson

REPLICATES = 999
RATE = 1_200_000 / 326_000_000


@compiled
def add_up(places: Counts, starts: Integers, cases: Counts, sums: Integers) -> None:
    """Run through all windows of blocks of replicates."""
    inside = np.empty(LANES, dtype=np.int32)
    for block in range(cases.shape[0]):
        replicates = cases[block]
        for centre in range(starts.size - 1):
            inside[:] = 0
            for window in range(starts[centre], starts[centre + 1]):
                row = replicates[places[window]]
                for lane in range(LANES):
                    inside[lane] += row[lane]
            for lane in range(LANES):
                sums[lane] += inside[lane]


def add_up_piece(cases: Counts, *, places: Counts, starts: Integers) -> Integers:
    sums = np.zeros(LANES, dtype=np.int64)
    add_up(places, starts, cases, sums)
    return sums


def seconds(work: Callable[[], Any], *, times: int) -> tuple[float, float]:
    """Shortest wall and processor time of several runs, after one that warms up."""
    work()
    took = []
    for _ in range(times):
        wall, processor = time.perf_counter(), time.process_time()
        work()
        took.append((time.perf_counter() - wall, time.process_time() - processor))
    walls, processors = zip(*took, strict=True)
    return min(walls), min(processors)


def make_floor(scan: Scan) -> Callable[[], list[Integers]]:
    windows = order_windows(scan, np.arange(scan.n))
    shares = scan.population / scan.population.sum()
    rng = np.random.default_rng(1)
    blocks = -(-REPLICATES // LANES)
    cases: npt.NDArray[np.int32] = np.ascontiguousarray(
        rng.multinomial(scan.total, shares, size=(blocks, LANES))
        .astype(np.int32)
        .transpose(0, 2, 1)
    )
    work = partial(add_up_piece, places=windows.places, starts=windows.starts)
    return lambda: list(map_pieces(work, np.array_split(cases, 2), None))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--times", type=int, default=3)
    arguments = parser.parse_args()
    counties = load_counties(extent="conterminous")
    people = load_population().reindex(counties.index).to_numpy()
    cases = np.random.default_rng(arguments.seed).poisson(RATE * people)
    centres = np.column_stack([counties.centroid.x, counties.centroid.y])
    floor = make_floor(
        Scan(
            points=centres,
            cases=cases,
            population=people,
            max_population=0.5,
            hot=True,
            cold=False,
        )
    )
    least, least_busy = seconds(floor, times=arguments.times)
    print(f"additions only: {least:.2f} s ({least_busy:.2f} s of processors)", flush=True)
    for kind in ("hot", "cold", "both"):
        took, busy = seconds(
            lambda kind=kind: scan_poisson(  # type: ignore[misc]
                cases, people, counties, replicates=REPLICATES, clusters=kind, rng=1
            ),
            times=arguments.times,
        )
        print(
            f"{kind} clusters, {REPLICATES} replicates: {took:.2f} s ({busy:.2f} s of "
            f"processors), {took / least:.1f} x the additions ({busy / least_busy:.1f} x)",
            flush=True,
        )
    again, _ = seconds(floor, times=arguments.times)
    print(f"additions only, again: {again:.2f} s")
    print(scan_poisson(cases, people, counties, rng=1))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"largest memory of this process: {peak:.2f} GiB")


if __name__ == "__main__":
    main()
