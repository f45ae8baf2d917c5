"""How often noise per zone makes hot spots: in zones, and in counties if one let it.

Zone rates are log-normal and independent; counts are Poisson on real populations. Zones
are tested as a run tests them. The last column does what the software refuses to do: it
imputes the zones' arrests into their counties by population and tests the counties.
"""

from __future__ import annotations

import argparse

import numpy as np
import pandas as pd

from boundaries import load_counties
from geo import impute_counts, load_population
from spatial_models import coarsen_graph, contiguity, rate_hot_spots

ARRESTS = 550_000


def main() -> None:
    """Print a table by spread of the zone rates."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--maps", type=int, default=400)
    parser.add_argument("--county-maps", type=int, default=40)
    parser.add_argument("--permutations", type=int, default=9_999)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    counties = load_counties(extent="conterminous")
    graph = contiguity(counties)
    zones = coarsen_graph(graph, counties["zone"])
    people = load_population().reindex(counties.index)
    zone_people = people.groupby(counties["zone"]).sum().reindex(zones.unique_ids)
    print("spread  any hot zone  any hot or cold zone  standard error  hot counties if imputed")
    for spread in (0.2, 0.5, 0.8, 1.2):
        rng = np.random.default_rng([arguments.seed, int(10 * spread)])
        hot, either, wrong = 0, 0, []
        for number in range(arguments.maps):
            rate = rng.lognormal(0, spread, zones.n)
            expected = rate * zone_people / (rate * zone_people).sum() * ARRESTS
            counts = pd.Series(rng.poisson(expected), index=zones.unique_ids)
            found = rate_hot_spots(
                counts, zone_people, zones, permutations=arguments.permutations, rng=rng
            )
            hot += bool(found.hot.any())
            either += bool((found.hot | found.cold).any())
            if number < arguments.county_maps:
                drawn = impute_counts(
                    counts, area=counties["zone"], weights=people, draws=1, rng=rng
                )
                spots = rate_hot_spots(drawn.draws.astype(np.float64), people, graph)
                wrong.append(spots.hot.mean())
        share = hot / arguments.maps
        error = np.sqrt(share * (1 - share) / arguments.maps)
        print(
            f"{spread:6.1f}  {share:12.3f}  {either / arguments.maps:20.3f}  {error:14.3f}  "
            f"{np.mean(wrong):23.1%}"
        )


if __name__ == "__main__":
    main()
