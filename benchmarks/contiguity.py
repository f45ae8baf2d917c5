"""Time contiguity beside libpysal, on the counties of the 48 states and DC and on squares.

Prints ratios: how many times longer `Graph.build_contiguity` takes, in one run, warm, and
the largest memory that each takes above its input. Pairs are compared in the same run.
Bar: at least 6 times as fast on the counties, the geometric check and the making of the
graph included.
"""

from __future__ import annotations

import time
import tracemalloc
from collections.abc import Callable
from typing import Literal

import geopandas as gpd
import numpy as np
import shapely
from libpysal.graph import Graph

from boundaries import load_counties
from spatial_models import contiguity


def measure(work: Callable[[], Graph], *, times: int) -> tuple[float, float, Graph]:
    """Shortest of several runs, the memory of one more (MiB), and what they made."""
    best = np.inf
    for _ in range(times):
        start = time.perf_counter()
        graph = work()
        best = min(best, time.perf_counter() - start)
    tracemalloc.start()
    work()
    peak = tracemalloc.get_traced_memory()[1] / 2**20
    tracemalloc.stop()
    return float(best), peak, graph


def compare(what: str, polygons: gpd.GeoDataFrame, criterion: Literal["queen", "rook"]) -> None:
    ours, our_peak, graph = measure(lambda: contiguity(polygons, criterion=criterion), times=7)
    theirs, their_peak, reference = measure(
        lambda: Graph.build_contiguity(polygons, rook=criterion == "rook"), times=3
    )
    same = graph.adjacency.index.equals(reference.adjacency.index)
    print(
        f"{what}, {criterion}: {ours:.3f} s, {our_peak:.0f} MiB; libpysal {theirs:.3f} s, "
        f"{their_peak:.0f} MiB ({theirs / ours:.1f} x); {graph.n_edges:,} links, "
        f"{'identical' if same else 'DIFFERENT'}",
        flush=True,
    )


def squares(side: int) -> gpd.GeoDataFrame:
    row, column = np.divmod(np.arange(side * side), side)
    return gpd.GeoDataFrame(geometry=shapely.box(column, row, column + 1, row + 1))


def main() -> None:
    maps = {
        f"{vintage} counties": load_counties(vintage=vintage, extent="conterminous")
        for vintage in (2019, 2023)
    }
    maps["300 x 300 squares"] = squares(300)
    for what, polygons in maps.items():
        compare(what, polygons, "queen")
        compare(what, polygons, "rook")
    million = squares(1_000)
    start = time.perf_counter()
    graph = contiguity(million)
    took = time.perf_counter() - start
    print(f"1,000 x 1,000 squares, queen: {took:.1f} s; {graph.n_edges:,} links")


if __name__ == "__main__":
    main()
