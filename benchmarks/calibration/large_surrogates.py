"""How often unrelated maps of 10,000 units seem related, where surrogates have a substitute.

Pairs of unrelated maps of one kind on a lattice: simultaneous autoregressions, and fields
whose covariance falls exponentially (made exactly, on a torus so large that it does not
show). Tested is Pearson's correlation, two-sided, against surrogates of the second map:
p of family moran, p of family kernel, and the larger of both, which is the one that is
reported. The kernel has its default length, a tenth of the diagonal. Four first maps meet
the same second map and its surrogates, so standard errors are those of second maps.

Every second map has a random stream of its own: the table is the same for any number of
workers.
"""

from __future__ import annotations

import argparse
import multiprocessing
import sys
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from functools import cache, partial

import numpy as np
import numpy.typing as npt
from libpysal.graph import Graph
from scipy import sparse
from scipy.sparse.linalg import splu

from spatial_models.surrogates import Surrogates, kernel_surrogates, moran_surrogates

Floats = npt.NDArray[np.float64]

LEVEL, MOST = 0.05, 0.07  # nominal size, and the largest that is taken for it
SIDE, TORUS = 100, 512
FIRST_MAPS = 4  # that meet one second map


@cache
def lattice() -> Graph:
    """Join squares that touch, with row-standardised weights."""
    beside = sparse.diags_array([1.0, 1.0], offsets=[-1, 1], shape=(SIDE, SIDE))
    line = beside + sparse.eye_array(SIDE)
    links = sparse.kron(line, line) - sparse.eye_array(SIDE * SIDE)
    return Graph.from_sparse(sparse.coo_array(links)).transform("R")


def places() -> Floats:
    """Set the squares one unit apart."""
    return np.column_stack(np.divmod(np.arange(SIDE * SIDE), SIDE)).astype(np.float64)


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
    "autoregression, 0.8": partial(autoregressions, rho=0.8),
    "autoregression, 0.98": partial(autoregressions, rho=0.98),
    "exponential, 5 units": partial(exponential_fields, reach=5),
    "exponential, 20 units": partial(exponential_fields, reach=20),
}


def p_values(first: Floats, second: Floats, surrogates: Floats) -> Floats:
    """Compare correlations with a map, in size, with those with its surrogates."""
    maps = np.vstack([second, surrogates])
    maps -= maps.mean(axis=1, keepdims=True)
    sizes = np.abs((first - first.mean(axis=1, keepdims=True)) @ maps.T)
    sizes /= np.linalg.norm(maps, axis=1)
    return np.asarray((1 + (sizes[:, 1:] >= sizes[:, :1]).sum(axis=1)) / len(maps))


def test_map(piece: tuple[str, int], *, surrogates: int, seed: int) -> Floats:
    """Give p of both families, (2, first maps), of one second map of a design."""
    design, number = piece
    rng = np.random.default_rng([seed, list(DESIGNS).index(design), number])
    second, *first = DESIGNS[design](rng, 1 + FIRST_MAPS)
    families: list[Surrogates] = [
        moran_surrogates(second, lattice()),
        kernel_surrogates(second, places(), rng=rng),
    ]
    return np.stack(
        [p_values(np.stack(first), second, family.draw(surrogates, rng=rng)) for family in families]
    )


def main() -> None:
    """Print a table by design; exit with 1 where a size is clearly above 0.07."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=200, help="of each design")
    parser.add_argument("--surrogates", type=int, default=199)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=2)
    arguments = parser.parse_args()
    maps = -(-arguments.pairs // FIRST_MAPS)
    pieces = [(design, number) for design in DESIGNS for number in range(maps)]
    start = time.perf_counter()
    work = partial(test_map, surrogates=arguments.surrogates, seed=arguments.seed)
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(arguments.workers, mp_context=context) as pool:
        found = np.array(list(pool.map(work, pieces, chunksize=5)))
    p = np.concatenate([found.max(axis=1, keepdims=True), found], axis=1)
    print(
        f"{maps * FIRST_MAPS:,} pairs a design of {SIDE * SIDE:,} units, "
        f"{arguments.surrogates} surrogates, two-sided, at {LEVEL}"
    )
    print(f"{'maps':24}{'larger p':>16}{'moran':>16}{'kernel':>16}   (standard error)")
    wrong = 0
    for design, of_design in zip(DESIGNS, p.reshape(len(DESIGNS), maps, 3, -1), strict=True):
        shares = (of_design <= LEVEL).mean(axis=2)
        sizes, errors = shares.mean(axis=0), shares.std(axis=0) / np.sqrt(maps)
        mark = "!" if sizes[0] > MOST + 2 * errors[0] else " "
        wrong += mark == "!"
        cells = [f"{size:9.3f} ({error:.3f})" for size, error in zip(sizes, errors, strict=True)]
        print(f"{design:23}{mark}{cells[0]}{cells[1]}{cells[2]}")
    print(f"{wrong} of {len(DESIGNS)} sizes are clearly above {MOST}")
    print(f"{time.perf_counter() - start:.0f} s", file=sys.stderr)
    sys.exit(wrong > 0)


if __name__ == "__main__":
    main()
