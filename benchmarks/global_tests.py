"""Global tests against esda's on the 3,108 counties of the 48 states and DC.

Both are warm (compiled); a ratio is that of the shortest times of a second of calls.
esda's Spatial_Pearson is its class for Lee's L, here with sparse weights, its faster way.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable

import numpy as np
from esda import Moran, Spatial_Pearson

from boundaries import load_counties
from spatial_models import contiguity, lee, moran

SECONDS = 1.0


def shortest(call: Callable[[], object]) -> float:
    """Shortest of all the calls made in a second (two at least), after a first one."""
    call()
    times: list[float] = []
    while len(times) < 2 or sum(times) < SECONDS:
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return min(times)


def main() -> None:
    """Print a line for each statistic."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    seed = parser.parse_args().seed
    graph = contiguity(load_counties(extent="conterminous")).transform("R")
    x, y = np.random.default_rng(seed).normal(size=(2, graph.n))
    weights, both = graph.sparse, (x[:, np.newaxis], y[:, np.newaxis])
    rows = (
        (
            "Moran's I, 9,999 permutations",
            lambda: moran(x, graph, rng=seed),
            lambda: Moran(x, graph, transformation="R", permutations=9_999),
            10,
        ),
        (
            "Lee's L, 999 permutations",
            lambda: lee(x, y, graph, permutations=999, rng=seed),
            lambda: Spatial_Pearson(connectivity=weights, permutations=999).fit(*both),
            300,
        ),
    )
    print(f"{graph.n:,} counties{'ours':>28}{'esda':>10}   ratio")
    for name, ours, theirs, bar in rows:
        mine, other = shortest(ours), shortest(theirs)
        ratio = other / mine
        print(f"{name:30}{mine * 1e3:9.1f} ms{other * 1e3:7.0f} ms {ratio:7.1f} (bar: {bar})")


if __name__ == "__main__":
    main()
