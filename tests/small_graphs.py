"""Graphs small enough to reason about, for the tests of several statistics."""

import numpy as np
import numpy.typing as npt
from hypothesis import strategies as st
from libpysal.graph import Graph
from scipy import sparse

Floats = npt.NDArray[np.float64]


def graph_of(weights: npt.ArrayLike, transformation: str = "O") -> Graph:
    matrix = np.asarray(weights, dtype=np.float64)
    graph = Graph.from_sparse(sparse.coo_array(matrix), ids=range(len(matrix)))
    return graph.transform(transformation)


def lattice(side: int) -> Floats:
    row, column = np.divmod(np.arange(side * side), side)
    apart = abs(np.subtract.outer(row, row)) + abs(np.subtract.outer(column, column))
    return np.asarray(apart == 1, dtype=np.float64)


def chain(n: int) -> Floats:
    return np.eye(n, k=1) + np.eye(n, k=-1)


def uneven_weights(n: int, seed: int) -> Floats:
    """Weights that differ within rows and by direction, every unit with a neighbour."""
    rng = np.random.default_rng(seed)
    weights = rng.gamma(1, size=(n, n)) * (rng.random((n, n)) < 0.5)
    weights += np.roll(np.eye(n), 1, axis=1)
    np.fill_diagonal(weights, 0)
    return weights


@st.composite
def connected(draw: st.DrawFn) -> tuple[Floats, Floats]:
    """A small symmetric graph, every unit with a neighbour, and values on it."""
    n = draw(st.integers(5, 9))
    links = np.array(draw(st.lists(st.booleans(), min_size=n * n, max_size=n * n)))
    weights = np.maximum(np.triu(links.reshape(n, n), 1), np.eye(n, k=1))
    # Without its last link the graph is never complete: there is something to permute.
    weights[0, -1] = 0
    values = draw(st.lists(st.integers(-99, 99), min_size=n, max_size=n, unique=True))
    return weights + weights.T, np.array(values, dtype=np.float64)
