"""How often unrelated maps of 10,000 units are called associated: surrogates by substitutes.

Pairs of unrelated maps of one kind on a lattice: simultaneous autoregressions, and fields
whose covariance falls exponentially (made exactly, on a torus so large that it does not
show). They are compared as `arrest-atlas compare` does it, the kernel a tenth of the
diagonal long: kappa and Lee's L as among units, Pearson's r as among areas, maps as they
are and with their trend removed. The bar is a size of 0.07 for the larger p of the
two families. Four first maps meet the same second map and its surrogates, so standard
errors are those of second maps.

Every second map has a random stream of its own: the table is the same for any number of
workers.
"""

from __future__ import annotations

import argparse
import multiprocessing
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import cache, partial
from pathlib import Path
from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
from libpysal.graph import Graph
from scipy import sparse
from scipy.sparse.linalg import splu
from threadpoolctl import threadpool_limits

from spatial_models import (
    HotSpots,
    Support,
    SurrogateMaps,
    SurrogateP,
    compare_hotspots,
    hot_spots,
    surrogate_maps,
)

Floats = npt.NDArray[np.float64]

LEVEL, MOST = 0.05, 0.07  # nominal size, and the largest that is taken for it
SIDE, TORUS = 100, 512
FIRST_MAPS = 4  # that meet one second map
CACHE: Final = Path(tempfile.gettempdir()) / "arrest-atlas-calibration"
AS_THEY_ARE, REMOVED = "as they are", "trend removed"
KEYS: Final = ["maps", "statistic", "answer"]
P_VALUES: Final = ["p", "p_W", "p_K"]
TESTED: Final[dict[Support, tuple[str, ...]]] = {
    "unit": ("kappa", "lee"),
    "area": ("pearson",),
}
LABELS: Final = {"kappa": "kappa, one-sided", "lee": "Lee's L", "pearson": "Pearson's r"}


@cache
def lattice() -> Graph:
    """Join squares that touch, with row-standardised weights."""
    beside = sparse.diags_array([1.0, 1.0], offsets=[-1, 1], shape=(SIDE, SIDE))
    line = beside + sparse.eye_array(SIDE)
    links = sparse.kron(line, line) - sparse.eye_array(SIDE * SIDE)
    return Graph.from_sparse(sparse.coo_array(links)).transform("R")


@cache
def places() -> gpd.GeoSeries:
    """Set the squares one unit apart, on the plane."""
    return gpd.GeoSeries.from_xy(*np.divmod(np.arange(SIDE * SIDE), SIDE), crs="EPSG:5070")


def autoregressions(rng: np.random.Generator, maps: int, *, rho: float) -> Floats:
    """Draw maps, each rho times the mean of its neighbours and noise."""
    system = sparse.eye_array(SIDE * SIDE) - rho * sparse.csc_array(lattice().sparse)
    noise = rng.normal(size=(SIDE * SIDE, maps))
    return np.asarray(splu(sparse.csc_array(system)).solve(noise).T)


def exponential_fields(rng: np.random.Generator, maps: int, *, reach: float) -> Floats:
    """Draw maps whose covariance is exp(-distance / reach), by circulant embedding."""
    along = np.minimum(np.arange(TORUS), TORUS - np.arange(TORUS))
    spectrum = np.fft.fft2(np.exp(-np.hypot(along[:, None], along) / reach)).real
    assert spectrum.min() > -1e-6 * spectrum.max()  # noqa: S101  (the torus is large enough)
    fields = []
    for _ in range(maps):
        noise = np.fft.fft2(rng.normal(size=(TORUS, TORUS)))
        field = np.fft.ifft2(np.sqrt(spectrum.clip(0)) * noise).real
        fields.append(field[:SIDE, :SIDE].ravel())
    return np.stack(fields)


DESIGNS: dict[str, Callable[[np.random.Generator, int], Floats]] = {
    "SAR 0.8": partial(autoregressions, rho=0.8),
    "SAR 0.98": partial(autoregressions, rho=0.98),
    "covariance over 5 units": partial(exponential_fields, reach=5),
    "covariance over 20 units": partial(exponential_fields, reach=20),
}


def p_values(
    first: HotSpots, second: HotSpots, null: SurrogateMaps
) -> Iterator[tuple[str, str, float, float | None, float | None]]:
    """Give the statistic, which maps, and p of both families together and of each."""
    for support, names in TESTED.items():
        found = compare_hotspots(
            first,
            second,
            lattice(),
            labels=("first", "second"),
            support=support,
            null=null,
            tested_only=True,
        )
        assert found.trend_removed is not None  # noqa: S101  (there are surrogates)
        for answer, each in ((AS_THEY_ARE, found), (REMOVED, found.trend_removed)):
            for name in names:
                p = each.measures[name].p
                if isinstance(p, SurrogateP):  # kappa has none where much of a trend is shared
                    yield LABELS[name], answer, p.p, p.moran, p.kernel


def test_map(piece: tuple[str, int], *, surrogates: int, seed: int) -> pd.DataFrame:
    """Test a second map of a design with its first maps: a row for each p-value."""
    design, number = piece
    rng = np.random.default_rng([seed, list(DESIGNS).index(design), number])
    with threadpool_limits(1):
        second, *others = (
            hot_spots(pd.Series(values), lattice())
            for values in DESIGNS[design](rng, 1 + FIRST_MAPS)
        )
        null = surrogate_maps(
            second, lattice(), places(), surrogates=surrogates, overlap=True, rng=rng, cache=CACHE
        )
        rows = [
            (design, *found, number) for first in others for found in p_values(first, second, null)
        ]
    return pd.DataFrame(rows, columns=["maps", "statistic", "answer", *P_VALUES, "number"])


def print_table(sizes: pd.DataFrame, errors: pd.DataFrame) -> None:
    """Print sizes with their standard errors, both answers side by side."""
    head = ["maps", "statistic", *P_VALUES, f"p, {REMOVED}", *P_VALUES[1:]]
    print(f"| {' | '.join(head)} |\n|{' --- |' * len(head)}")
    for maps, statistic in dict.fromkeys(cell[:2] for cell in sizes.index):
        words = [maps, statistic]
        for answer in (AS_THEY_ARE, REMOVED):
            cell = (maps, statistic, answer)
            for name in P_VALUES:
                size, error = (each[name].to_dict()[cell] for each in (sizes, errors))
                mark = " !" if name == "p" and size > MOST + 1e-9 else ""
                words.append(f"{size:.3f} ± {error:.3f}{mark}")
        print(f"| {' | '.join(words)} |")


def main() -> None:
    """Print a table by design; exit with 1 where a size is above 0.07."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=400, help="of each design")
    parser.add_argument("--only", choices=list(DESIGNS), help="one design")
    parser.add_argument("--surrogates", type=int, default=199)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=2)
    arguments = parser.parse_args()
    maps = -(-arguments.pairs // FIRST_MAPS)
    designs = [arguments.only] if arguments.only else list(DESIGNS)
    pieces = [(design, number) for design in designs for number in range(maps)]
    start = time.perf_counter()
    work = partial(test_map, surrogates=arguments.surrogates, seed=arguments.seed)
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(arguments.workers, mp_context=context) as pool:
        found = pd.concat(list(pool.map(work, pieces, chunksize=5)))
    below = found.set_index([*KEYS, "number"])[P_VALUES] <= LEVEL
    of_maps = below.groupby(level=[*KEYS, "number"], sort=False).mean()
    cells = of_maps.groupby(level=KEYS, sort=False)
    sizes, errors = cells.mean(), cells.std() / np.sqrt(maps)
    print(
        f"Shares of p <= {LEVEL}: {maps * FIRST_MAPS:,} pairs a design of {SIDE * SIDE:,} units, "
        f"{arguments.surrogates} surrogates a family, seed {arguments.seed}\n"
    )
    print_table(sizes, errors)
    wrong = int((sizes["p"] > MOST + 1e-9).sum())
    print(f"\n{wrong} of {len(sizes)} sizes are above {MOST}")
    print(f"{time.perf_counter() - start:.0f} s", file=sys.stderr)
    sys.exit(wrong > 0)


if __name__ == "__main__":
    main()
