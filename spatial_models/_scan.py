"""Windows of a scan, and their likelihood ratios on the observed map and on replicates."""

from __future__ import annotations

from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree

from spatial_models._parallel import cores, map_pieces

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Counts = npt.NDArray[np.int32]

ROUNDING: Final = 1e-12
"""Of the size of coordinates, or of a ratio: differences that small are rounding."""

_WINDOWS_A_CHUNK = 200_000
_BYTES_A_PIECE = 2**28
_BLOCKS_A_PIECE = 8  # a piece that has begun runs to its end, whoever interrupts
_PIECES = 16  # where somebody else's executor does the work, of a size unknown here


@dataclass(frozen=True, kw_only=True)
class Scan:
    """Places with people, their cases, and which windows around them to look at."""

    points: Floats
    cases: Integers
    population: Floats
    max_population: float
    hot: bool
    cold: bool

    @property
    def n(self) -> int:
        """Number of places."""
        return len(self.points)

    @property
    def total(self) -> int:
        """Number of cases."""
        return int(self.cases.sum())

    @property
    def tolerance(self) -> float:
        """Give the difference between two distances that is rounding."""
        return ROUNDING * float(np.abs(self.points).max())


@dataclass(frozen=True, kw_only=True)
class Windows:
    """Growing windows around some centres, one after another.

    `places` in the order in which they enter, from `starts[i]` for the i-th centre;
    `expected` cases of the window that ends with each, 0 where none does because the
    next place is as far; `distances` from the centre; `count` of windows.
    """

    places: Counts
    starts: Integers
    expected: Floats
    distances: Floats
    count: int


@dataclass(frozen=True, kw_only=True)
class Best:
    """The window of the largest likelihood ratio around each centre, and its radius."""

    ratios: Floats
    radii: Floats
    windows: int


@dataclass(frozen=True, kw_only=True)
class Circle:
    """A window: places (one the centre) within a radius, and its likelihood ratio."""

    ratio: float
    centre: int
    radius: float
    places: Integers


def just_below(ratio: float, total: int) -> float:
    """Give the smallest likelihood ratio that is the same but for rounding."""
    return ratio - ROUNDING * (ratio + 1e-3 * total)


def order_windows(scan: Scan, centres: Integers, reach: Floats | None = None) -> Windows:
    """Lay out the windows around centres: up to a share of the population, within reach."""
    from spatial_models._kernels.scan import lay_out_windows  # noqa: PLC0415  (loads numba)

    apart = _distances(scan.points[centres], scan.points)
    whole = float(scan.population.sum())
    places = np.empty(apart.size, dtype=np.int32)
    starts = np.empty(len(centres) + 1, dtype=np.int64)
    expected, distances = np.empty(apart.size), np.empty(apart.size)
    count = lay_out_windows(
        apart,
        apart.argsort(axis=1),
        scan.population,
        scan.max_population * whole * (1 + ROUNDING),
        scan.total / whole,
        np.full(len(centres), np.inf) if reach is None else reach,
        scan.tolerance,
        places,
        starts,
        expected,
        distances,
    )
    size = starts[-1]
    return Windows(
        places=places[:size],
        starts=starts,
        expected=expected[:size],
        distances=distances[:size],
        count=count,
    )


def _distances(some: Floats, points: Floats) -> Floats:
    squares = np.zeros((len(some), len(points)))
    for axis in range(points.shape[1]):
        squares += np.subtract.outer(some[:, axis], points[:, axis]) ** 2
    return np.sqrt(squares)


def scan_windows(
    scan: Scan, *, replicates: int, seed: int, executor: Executor | None
) -> tuple[Best, Floats]:
    """Find the best window around each place, and the largest ratio of each replicate.

    A piece of work is a number of replicates and lays the windows out for itself: that is
    cheap beside scanning them, and nothing of places x places is kept or sent.
    """
    from spatial_models._kernels.scan import LANES  # noqa: PLC0415  (loads numba)

    blocks = -(-replicates // LANES)
    most = min(_BLOCKS_A_PIECE, max(1, _BYTES_A_PIECE // (4 * LANES * scan.n)))
    workers = cores() if executor is None else _PIECES
    edges = np.linspace(0, blocks, max(min(workers, blocks), -(-blocks // most)) + 1)
    numbers = np.minimum(edges.round().astype(np.int64) * LANES, replicates).tolist()
    work = partial(_scan_replicates, scan=scan, seed=seed)
    found = list(map_pieces(work, list(pairwise(numbers)), executor))
    return found[0][0], np.concatenate([maxima for _, maxima in found])


def _scan_replicates(numbers: tuple[int, int], *, scan: Scan, seed: int) -> tuple[Best, Floats]:
    """Scan a range of replicates, and the observed map together with the first ones."""
    from spatial_models._kernels.scan import raise_maxima  # noqa: PLC0415  (loads numba)

    first, last = numbers
    cases = _draw_replicates(scan, first, last, seed)
    maxima = np.zeros((cases.shape[0], cases.shape[2]))
    ratios, radii, count = np.zeros(scan.n), np.zeros(scan.n), 0
    for centres in _chunks(_far_apart(scan.n), scan.n):
        windows = order_windows(scan, centres)
        raise_maxima(
            windows.places,
            windows.starts,
            windows.expected,
            cases,
            scan.total,
            scan.hot,
            scan.cold,
            maxima,
        )
        if first == 0:
            ratios[centres], radii[centres] = _best(scan, windows)
            count += windows.count
    best = Best(ratios=ratios, radii=radii, windows=count)
    return best, maxima.ravel()[: last - first]


def _draw_replicates(scan: Scan, first: int, last: int, seed: int) -> Counts:
    """Spread all cases over the places by population, each replicate from its own stream."""
    from spatial_models._kernels.scan import LANES  # noqa: PLC0415  (loads numba)

    shares = scan.population / scan.population.sum()
    cases = np.empty((-(-(last - first) // LANES), scan.n, LANES), dtype=np.int32)
    for number in range(first, last):
        stream = np.random.Generator(np.random.Philox(key=[seed, number]))
        block, lane = divmod(number - first, LANES)
        cases[block, :, lane] = stream.multinomial(scan.total, shares)
    left_over = LANES - cases.shape[0] * LANES + (last - first)
    cases[-1, :, left_over:] = cases[-1, :, :1]  # something that is never looked at
    return cases


def _far_apart(n: int) -> Integers:
    """Order places so that neighbours are far apart: high maxima are met early."""
    step = max(1, round(n * (np.sqrt(5.0) - 1) / 2))
    while np.gcd(step, n) > 1:
        step += 1
    return np.asarray(np.arange(n) * step % n)


def _chunks(centres: Integers, n: int) -> list[Integers]:
    size = max(1, _WINDOWS_A_CHUNK // n)
    return [centres[start : start + size] for start in range(0, len(centres), size)]


def _best(scan: Scan, windows: Windows) -> tuple[Floats, Floats]:
    from spatial_models._kernels.scan import find_best  # noqa: PLC0415  (loads numba)

    ratios, radii = np.empty(windows.starts.size - 1), np.empty(windows.starts.size - 1)
    find_best(
        windows.places,
        windows.starts,
        windows.expected,
        windows.distances,
        scan.cases,
        scan.total,
        scan.hot,
        scan.cold,
        ratios,
        radii,
    )
    return ratios, radii


class Search:
    """Take clusters that share no place, the largest likelihood ratio first.

    The windows around a place that hold no place taken before are those that end nearer
    than the nearest taken one. So the best window of a place changes only when a cluster
    reaches into it, and is then looked for within that distance.
    """

    def __init__(self, scan: Scan, best: Best) -> None:
        self._scan = scan
        self._ratios, self._radii = best.ratios.copy(), best.radii.copy()
        self._nearest_taken = np.full(scan.n, np.inf)

    @property
    def ratio(self) -> float:
        """Largest likelihood ratio that is left, 0 if there is none."""
        return float(self._ratios.max(initial=0.0))

    def take(self) -> Circle:
        """Take the most likely window that is left; of equally likely ones the smallest."""
        ratio = self.ratio
        alike = np.flatnonzero(self._ratios >= just_below(ratio, self._scan.total))
        centre = int(alike[self._radii[alike].argmin()])
        radius = float(self._radii[centre])
        from_centre = _distances(self._scan.points[[centre]], self._scan.points)[0]
        members = np.flatnonzero(from_centre <= radius)
        self._give_up(members)
        return Circle(ratio=ratio, centre=centre, radius=radius, places=members)

    def _give_up(self, members: Integers) -> None:
        """Look for other windows where the best one holds a place now taken."""
        distance, _ = cKDTree(self._scan.points[members]).query(self._scan.points)
        self._nearest_taken = np.minimum(self._nearest_taken, distance)
        reached = self._radii >= self._nearest_taken - self._scan.tolerance
        lost = np.flatnonzero(reached & (self._ratios > 0))
        for centres in _chunks(lost, self._scan.n):
            windows = order_windows(self._scan, centres, self._nearest_taken[centres])
            self._ratios[centres], self._radii[centres] = _best(self._scan, windows)
