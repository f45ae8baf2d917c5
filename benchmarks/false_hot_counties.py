"""How often maps on which nothing is clustered show a hot or cold county.

Every county has a rate of its own, independent of its neighbours'; counts are multinomial
on real populations. The test is the one that a run makes.
"""

from __future__ import annotations

import argparse

import numpy as np
import pandas as pd

from boundaries import load_counties
from geo import impute_counts, load_population
from spatial_models import contiguity, rate_hot_spots

CELLS = (
    (0.0, 1),
    (0.0, 3_000),
    (0.0, 300_000),
    (0.3, 3_000),
    (0.3, 10_000),
    (0.3, 300_000),
    (0.8, 20_000),
    (0.8, 550_000),
    (1.2, 550_000),
)


def main() -> None:
    """Print a table by number of arrests and spread of the rates."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--maps", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    graph = contiguity(load_counties(extent="conterminous"))
    people = load_population().reindex(graph.unique_ids).to_numpy()
    print("spread  arrests  any hot  any cold  either  tests with p <= 0.05")
    for spread, arrests in CELLS:
        rng = np.random.default_rng([arguments.seed, int(10 * spread), arrests])
        hot, cold, size = [], [], []
        for _ in range(arguments.maps):
            expected = people * np.exp(rng.normal(0, spread, people.size))
            counts = rng.multinomial(arrests, expected / expected.sum()).astype(np.float64)
            spots = rate_hot_spots(counts, people, graph)
            hot.append(spots.hot.any())
            cold.append(spots.cold.any())
            if spots.test.tested.any():
                size.append(np.mean(spots.test.p[spots.test.tested] <= 0.05))
        either = np.mean(np.logical_or(hot, cold))
        print(
            f"{spread:6.1f}  {arrests:7,}  {np.mean(hot):7.3f}  {np.mean(cold):8.3f}  "
            f"{either:6.3f}  {np.mean(size):20.3f}"
        )
    half_located(arguments.maps // 3, arguments.seed)


def half_located(maps: int, seed: int) -> None:
    """Print how often false hot counties appear where half of the arrests are imputed."""
    counties = load_counties(extent="conterminous")
    graph = contiguity(counties)
    people, zone = load_population().reindex(counties.index), counties["zone"]
    print("half of 550,000 arrests located, spread 0.8, 10 draws: any hot, any hot or cold")
    for words, follow in (("others by residents", ()), ("others follow", zone.unique())):
        rng = np.random.default_rng([seed, 5])
        hot, either = [], []
        for _ in range(maps):
            expected = people * np.exp(rng.normal(0, 0.8, people.size))
            counts = rng.multinomial(550_000, expected / expected.sum())
            located = pd.Series(rng.binomial(counts, 0.5), index=people.index)
            arrests = impute_counts(
                (counts - located).groupby(zone).sum(),
                area=zone,
                weights=people,
                located=located,
                follow_located=follow,
                draws=10,
                rng=rng,
            )
            spots = rate_hot_spots(arrests.draws, people, graph)
            hot.append(spots.hot.any())
            either.append((spots.hot | spots.cold).any())
        print(f"{words:20}  {np.mean(hot):5.3f}  {np.mean(either):5.3f}")


if __name__ == "__main__":
    main()
