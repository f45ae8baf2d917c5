"""Eigenbases of graphs and kernels, and maps turned at random in them."""

from __future__ import annotations

import hashlib
import threading
import warnings
import zlib
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import linalg, sparse
from scipy.spatial import cKDTree, distance
from threadpoolctl import ThreadpoolController

from spatial_models._tested import Floats
from spatial_models.errors import SpatialError
from spatial_models.graphs._positions import Positions

Integers = npt.NDArray[np.int64]
Arrays = npt.NDArray[Any]
Stored: TypeAlias = tuple[Floats, Floats, int]  # eigenvalues, vectors, checksum

KEPT_BYTES = 640 * 2**20  # of bases in memory: eight of 3,100 units
STORED_BYTES = 4 * 2**30  # of bases in a folder
_ROUNDING = 8 * np.finfo(np.float64).eps
_SPACE = 3  # dimensions of coordinates on the sphere
_BLOCK = 512  # rows of a kernel that are measured at a time


@dataclass(frozen=True, kw_only=True, eq=False)
class Basis:
    """Orthonormal maps, each of mean zero, in the order of their eigenvalues.

    Eigenvalues are k, vectors (n, k). Where k is less than n - 1, the basis leaves a part
    of a map over.
    """

    eigenvalues: Floats
    vectors: Floats

    @property
    def nbytes(self) -> int:
        """Memory that the basis takes."""
        return self.eigenvalues.nbytes + self.vectors.nbytes

    def coefficients(self, deviations: Floats) -> Floats:
        """Express a map of mean zero in the basis."""
        with one_blas_thread():
            return np.asarray(self.vectors.T @ deviations)

    def turn(self, coefficients: Floats, surrogates: int, rng: np.random.Generator) -> Floats:
        """Draw maps (surrogates, n) that differ from one map by chance only.

        Each coefficient gets a random sign. Among maps of equal eigenvalue the basis is
        arbitrary, so that signs would depend on how it happened to be picked: there the
        whole part of the map in that space is turned to a random direction instead.
        """
        sizes = self.sizes()
        signs = rng.integers(0, 2, size=(surrogates, coefficients.size), dtype=np.int8) * 2 - 1
        turned = signs * coefficients
        several = np.repeat(sizes > 1, sizes)
        with one_blas_thread():
            if several.any():
                # Directions come from maps of noise, which know nothing of the basis.
                noise = rng.standard_normal((surrogates, len(self.vectors)))
                directions = noise @ self.vectors[:, several]
                own = sizes[sizes > 1]
                starts = np.cumsum(own) - own
                reach = np.sqrt(np.add.reduceat(coefficients[several] ** 2, starts))
                lengths = np.sqrt(np.add.reduceat(directions**2, starts, axis=1))
                turned[:, several] = directions * np.repeat(reach / lengths, own, axis=1)
            return np.asarray(turned @ self.vectors.T)

    def sizes(self) -> Integers:
        """Count the dimensions of each space of equal eigenvalues (but for rounding)."""
        k = self.eigenvalues.size
        largest = np.abs(self.eigenvalues).max(initial=0)
        new = np.diff(self.eigenvalues) > _ROUNDING * len(self.vectors) * largest
        return np.diff(np.concatenate([[0], np.flatnonzero(new) + 1, [k]]))


def graph_basis(
    weights: sparse.csr_array, folder: str | Path | None, *, outside: Floats | None = None
) -> Basis:
    """Decompose symmetric weights, doubly centred.

    `outside` are orthonormal maps (n, q), the constant one among them: the basis is then
    of the weights among maps that have nothing of these.
    """
    weights.sort_indices()
    starts, columns = weights.indptr.astype(np.int64), weights.indices.astype(np.int64)
    out = _constant(weights.shape[0]) if outside is None else outside
    return keep(_of_graph, (starts, columns, weights.data, out), folder)


def kernel_basis(
    positions: Positions,
    length: float,
    folder: str | Path | None,
    *,
    outside: Floats | None = None,
) -> Basis:
    """Decompose the kernel exp(-distance / length) of places, doubly centred.

    `outside` as in `graph_basis`.
    """
    points = np.ascontiguousarray(positions.points)
    out = _constant(positions.n) if outside is None else outside
    return keep(_of_kernel, (points, np.array([length]), out), folder)


def parts_basis(
    positions: Positions,
    shares: sparse.csr_array,
    length: float,
    folder: str | Path | None,
    *,
    outside: Floats | None = None,
) -> Basis:
    """Decompose the kernel of units made of places, with shares (units, places) that sum to 1.

    Between two units it is the mean of the kernel over pairs of their places: the
    covariance of the units' means where that of the places is the kernel.
    """
    shares.sort_indices()
    content = (
        np.ascontiguousarray(positions.points),
        np.array([length]),
        shares.indptr.astype(np.int64),
        shares.indices.astype(np.int64),
        shares.data,
        _constant(shares.shape[0]) if outside is None else outside,
    )
    return keep(_of_parts, content, folder)


def _constant(n: int) -> Floats:
    return np.full((n, 1), n**-0.5)


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """Hold linear algebra to one thread, so that sums are made in one order on any machine.

    The limit is the process's, so that only one thread at a time can be in here: another
    that leaves would lift the limit.
    """
    with _blas_lock, _libraries().limit(limits=1, user_api="blas"):
        yield


@cache
def _libraries() -> ThreadpoolController:
    """Look for the libraries of linear algebra once: numpy's and scipy's are loaded by now."""
    return ThreadpoolController()


_blas_lock = threading.RLock()


def keep(
    decompose: Callable[..., Stored], content: tuple[Arrays, ...], folder: str | Path | None
) -> Basis:
    """Decompose what arrays describe, or take the basis from memory or from a folder.

    Bases are known by the content of the arrays. The last few stay in memory, at most
    `KEPT_BYTES` of them.
    """
    digest = hashlib.blake2b(f"{decompose.__qualname__} {folder}".encode())
    for array in content:
        digest.update(f"{array.dtype.str}{array.shape}".encode())
        digest.update(np.ascontiguousarray(array).data)
    key = digest.digest()
    with _basis_lock:  # a decomposition holds the interpreter anyway
        basis = _in_memory.get(key)
        if basis is None:
            with one_blas_thread():
                stored = (
                    decompose(*content) if folder is None else _on_disk(decompose, content, folder)
                )
            basis = Basis(eigenvalues=stored[0], vectors=stored[1])
        _remember(key, basis)
    return basis


def forget() -> None:
    """Let all bases in memory go."""
    with _basis_lock:
        _in_memory.clear()


def _remember(key: bytes, basis: Basis) -> None:
    """Put a basis last in memory, and let the first ones go that no longer fit."""
    if basis.nbytes > KEPT_BYTES:
        return
    _in_memory[key] = basis
    _in_memory.move_to_end(key)
    while sum(each.nbytes for each in _in_memory.values()) > KEPT_BYTES:
        _in_memory.popitem(last=False)


_in_memory: OrderedDict[bytes, Basis] = OrderedDict()
_basis_lock = threading.RLock()


def _on_disk(
    decompose: Callable[..., Stored], content: tuple[Arrays, ...], folder: str | Path
) -> Stored:
    """Take a basis from a folder, or put it there; what is damaged is made again."""
    from joblib import Memory  # noqa: PLC0415  (only needed with a folder)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a basis that cannot be stored is still a basis
        try:
            memory = Memory(folder, verbose=0)
            stored = memory.cache(decompose)
            if stored.check_call_in_cache(*content):
                result = stored.call_and_shelve(*content)
                basis = _read(result)
                if basis is not None:
                    return basis
                result.clear()
            made: Stored = stored(*content)
            memory.reduce_size(bytes_limit=STORED_BYTES)  # those used longest ago go
        except OSError as error:
            message = (
                f"found no folder at {folder} that bases can be stored in ({error.strerror}); "
                "expected one that can be written to"
            )
            raise SpatialError(message) from error
    return made


def _read(result: Any) -> Stored | None:
    """Load what was stored, unless it is no longer what it was."""
    try:
        eigenvalues, vectors, check = result.get()
        intact = check == _checksum(eigenvalues, vectors)
    except Exception:  # noqa: BLE001  (a damaged file may fail in any way)
        return None
    return (eigenvalues, vectors, check) if intact else None


def _checksum(eigenvalues: Floats, vectors: Floats) -> int:
    so_far = zlib.crc32(np.ascontiguousarray(eigenvalues).data)
    return zlib.crc32(np.ascontiguousarray(vectors.T).data, so_far)


def seal(eigenvalues: Floats, vectors: Floats) -> Stored:
    """Add to a basis what tells whether it was damaged."""
    return eigenvalues, vectors, _checksum(eigenvalues, vectors)


def _of_graph(starts: Integers, columns: Integers, weights: Floats, outside: Floats) -> Stored:
    n = starts.size - 1
    matrix = sparse.csr_array((weights, columns, starts), shape=(n, n)).toarray()
    return seal(*_decompose(matrix, outside))


def _of_kernel(points: Floats, length: Floats, outside: Floats) -> Stored:
    positions = positions_at(points)
    kernel = np.empty((len(points), len(points)))
    for start in range(0, len(points), _BLOCK):
        rows = slice(start, start + _BLOCK)
        kernel[rows] = kernel_between(positions, points[rows], points, float(length[0]))
    return seal(*_decompose(kernel, outside))


def _of_parts(  # noqa: PLR0917  (arrays by which a basis is known)
    points: Floats,
    length: Floats,
    starts: Integers,
    columns: Integers,
    weights: Floats,
    outside: Floats,
) -> Stored:
    positions = positions_at(points)
    shape = (starts.size - 1, len(points))
    shares = sparse.csr_array((weights, columns, starts), shape=shape)
    half = np.empty((shape[1], shape[0]))
    for start in range(0, len(points), _BLOCK):
        rows = slice(start, start + _BLOCK)
        kernel = kernel_between(positions, points[rows], points, float(length[0]))
        half[rows] = (shares @ kernel.T).T
    kernel = shares @ half
    return seal(*_decompose((kernel + kernel.T) / 2, outside))


def positions_at(points: Floats) -> Positions:
    """Take coordinates for positions again: two in the plane, three on the sphere."""
    return Positions(
        ids=pd.RangeIndex(len(points)), tree=cKDTree(points), on_sphere=points.shape[1] == _SPACE
    )


def kernel_between(positions: Positions, some: Floats, others: Floats, length: float) -> Floats:
    """Let the kernel fall with the distance on the ground, (some, others)."""
    apart = positions.on_ground(distance.cdist(some, others))
    return np.asarray(np.exp(-apart / length))


def _decompose(matrix: Floats, outside: Floats) -> tuple[Floats, Floats]:
    """Find the eigenvectors of a symmetric matrix, overwritten, that have nothing of some maps.

    These, the constant one among them, have eigenvalue zero once they are taken out on
    either side, but need not be alone in that (parts of a map without links to each other
    have zeros of their own). They are shifted below all others, and so come first.
    """
    beyond = 2 * max(float(np.abs(row).sum()) for row in matrix)
    turned = matrix @ outside
    back = turned - outside @ (outside.T @ turned - beyond * np.eye(outside.shape[1])) / 2
    for start in range(0, len(matrix), _BLOCK):  # in blocks: no second matrix of that size
        rows = slice(start, start + _BLOCK)
        matrix[rows] -= back[rows] @ outside.T + outside[rows] @ back.T
    # Transposed it is the same matrix, in the order of LAPACK, so that it need not be copied.
    eigenvalues, vectors = linalg.eigh(matrix.T, overwrite_a=True, check_finite=False, driver="evd")
    first = outside.shape[1]
    return eigenvalues[first:], vectors[:, first:]
