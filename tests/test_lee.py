"""Lee's L: other software, by hand, properties, and what its p-value says."""

import numpy as np
import numpy.typing as npt
import pytest
from esda import Spatial_Pearson
from hypothesis import given, settings
from hypothesis import strategies as st
from libpysal.graph import Graph
from small_graphs import graph_of, lattice

from spatial_models import TwoMapResult, lee

Floats = npt.NDArray[np.float64]

fixed = settings(deadline=None, derandomize=True, max_examples=60)


def measured(x: npt.ArrayLike, y: npt.ArrayLike, graph: Graph) -> float:
    return lee(x, y, graph, permutations=0).statistic


@pytest.mark.parametrize("transformation", ["R", "B"])
@pytest.mark.parametrize("seed", range(3))
def test_statistic_is_that_of_esda(transformation: str, seed: int) -> None:
    graph = graph_of(lattice(6), transformation)
    x, y = np.random.default_rng(seed).normal(size=(2, 36)) + np.arange(36) / 10
    peer = Spatial_Pearson(connectivity=graph.sparse, permutations=0).fit(x[:, None], y[:, None])
    assert measured(x, y, graph) == pytest.approx(peer.association_[0, 1])
    assert measured(x, x, graph) == pytest.approx(peer.association_[0, 0])


def test_statistic_by_hand() -> None:
    # Four in a ring; x = 1, 1, 0, 0 and y = 1, 0, 0, 1 deviate by 1/2. Neighbours' means
    # of x: 0, 0, 0, 0 in deviations; so L = 0. Against itself likewise.
    ring = np.roll(np.eye(4), 1, axis=1) + np.roll(np.eye(4), -1, axis=1)
    assert measured([1, 1, 0, 0], [1, 0, 0, 1], graph_of(ring, "R")) == 0
    # x = 1, 0, 1, 0: every mean is the opposite value, every lag squared is 1/4: L = 1.
    assert measured([1, 0, 1, 0], [1, 0, 1, 0], graph_of(ring, "R")) == 1


numbers = st.lists(st.integers(-99, 99), min_size=16, max_size=16, unique=True).map(
    lambda values: np.array(values, dtype=np.float64)
)
SMALL = graph_of(lattice(4), "R")


@fixed
@given(numbers, numbers)
def test_it_is_symmetric_and_a_map_is_never_against_itself(x: Floats, y: Floats) -> None:
    assert measured(x, y, SMALL) == pytest.approx(measured(y, x, SMALL), abs=1e-12)
    assert measured(x, x, SMALL) >= 0
    # Cauchy and Schwarz
    bound = np.sqrt(measured(x, x, SMALL) * measured(y, y, SMALL))
    assert abs(measured(x, y, SMALL)) <= bound + 1e-9


@fixed
@given(numbers, numbers, st.sampled_from([0.25, 3.0, -2.0]), st.integers(-50, 50))
def test_no_unit_of_measurement(x: Floats, y: Floats, factor: float, shift: int) -> None:
    expected = np.sign(factor) * measured(x, y, SMALL)
    assert measured(factor * x + shift, y, SMALL) == pytest.approx(expected, abs=1e-9)


@fixed
@given(numbers, numbers, st.integers(0, 2**32 - 1))
def test_row_order_does_not_matter(x: Floats, y: Floats, seed: int) -> None:
    order = np.random.default_rng(seed).permutation(16)
    turned = graph_of(lattice(4)[order][:, order], "R")
    assert measured(x[order], y[order], turned) == pytest.approx(measured(x, y, SMALL), abs=1e-9)


@fixed
@given(numbers, numbers, st.integers(0, 15), st.booleans())
def test_it_leaves_out_what_either_map_lacks(
    x: Floats,
    y: Floats,
    gone: int,
    in_first: bool,  # noqa: FBT001  (drawn)
) -> None:
    (x if in_first else y)[gone] = np.nan
    here = np.arange(16) != gone
    small = graph_of(lattice(4)[here][:, here], "R")
    assert measured(x, y, SMALL) == pytest.approx(measured(x[here], y[here], small), abs=1e-12)


def test_the_measure_of_a_map_that_does_not_vary_is_no_number() -> None:
    assert np.isnan(measured([1] * 16, np.arange(16), SMALL))
    assert np.isnan(measured([np.nan] * 16, np.arange(16), SMALL))
    assert np.isnan(measured([1], [2], graph_of([[0]])))


def test_statistic_is_that_of_spdep() -> None:
    # spdep 1.2-7: lee(ri, ni, nb2listw(cell2nb(3, 4)), 12)
    row, column = np.divmod(np.arange(12), 4)
    apart = abs(np.subtract.outer(row, row)) + abs(np.subtract.outer(column, column))
    x = [9, 60, 10, 40, 3, 25, 14, 7, 0, 31, 12, 5]
    y = [100, 500, 1000, 400, 90, 260, 700, 350, 80, 410, 620, 300]
    assert measured(x, y, graph_of(apart == 1, "R")) == pytest.approx(-0.00817343098218866)


def test_its_p_names_its_null() -> None:
    x, y = np.random.default_rng(1).normal(size=(2, 16))
    result = lee(x, y, SMALL, permutations=99, rng=1)
    assert isinstance(result, TwoMapResult)
    assert "p of random labelling" in repr(result)
    assert not hasattr(result, "p")
    assert {"p_random_labelling", "p_random_labelling_analytic"} <= set(result.to_frame())


def test_a_unit_may_weigh_itself() -> None:
    x, y = np.random.default_rng(1).normal(size=(2, 16))
    alone = measured(x, y, graph_of(lattice(4) / 1e9 + np.eye(16)))
    assert alone == pytest.approx(np.corrcoef(x, y)[0, 1], abs=1e-6)


def test_lags_that_cancel_are_no_evidence() -> None:
    # Neighbours' mean is zero everywhere but for rounding, wherever the other map's values lie.
    ring = np.roll(np.eye(4), 1, axis=1) + np.roll(np.eye(4), -1, axis=1)
    result = lee([0.1, 0.3, 0.7, 0.5], [1, 2, 3, 5], graph_of(ring, "R"), permutations=99, rng=1)
    assert (result.z, result.p_random_labelling, result.p_random_labelling_analytic) == (0, 1, 1)
