"""Getis and Ord's general G: other software, by hand, properties."""

import numpy as np
import numpy.typing as npt
import pytest
from esda import G
from hypothesis import given, settings
from hypothesis import strategies as st
from small_graphs import chain, connected, graph_of, lattice

from spatial_models import SpatialError, getis_ord_general

Floats = npt.NDArray[np.float64]

fixed = settings(deadline=None, derandomize=True, max_examples=40)


@pytest.mark.parametrize("seed", range(3))
def test_statistic_and_moments_are_those_of_esda(seed: int) -> None:
    graph = graph_of(lattice(6), "B")
    values = np.random.default_rng(seed).gamma(1, size=36)
    peer = G(values, graph, permutations=0)
    result = getis_ord_general(values, graph, permutations=0)
    ours = result.statistic, result.expected, result.variance, result.z
    assert ours == pytest.approx((peer.G, peer.EG, peer.VG, peer.z_norm))


@pytest.mark.parametrize(
    ("transformation", "statistic", "variance"),
    [
        ("B", 0.27606580756888910, 0.00353622820293327),
        ("R", 0.090383537920847551, 0.000352360656521529),
    ],
)
def test_it_is_that_of_spdep(transformation: str, statistic: float, variance: float) -> None:
    # spdep 1.2-7: globalG.test(x, nb2listw(cell2nb(3, 4), style="B")), and "W"
    row, column = np.divmod(np.arange(12), 4)
    apart = abs(np.subtract.outer(row, row)) + abs(np.subtract.outer(column, column))
    x = [9, 60, 10, 40, 3, 25, 14, 7, 0, 31, 12, 5]
    result = getis_ord_general(x, graph_of(apart == 1, transformation), permutations=0)
    assert (result.statistic, result.variance) == pytest.approx((statistic, variance))


def test_statistic_by_hand() -> None:
    # 1, 2, 3 and 4 in a row: 2 + 6 + 12 of all the products 2 + 3 + 4 + 6 + 8 + 12.
    result = getis_ord_general([1, 2, 3, 4], graph_of(chain(4)), permutations=0)
    assert result.statistic == pytest.approx(20 / 35)


def test_high_values_together_are_the_upper_tail() -> None:
    graph = graph_of(lattice(6))
    corner = np.add.outer(np.arange(6), np.arange(6)).ravel() < 3
    high, low = np.where(corner, 9.0, 1.0), np.where(corner, 1.0, 9.0)
    assert getis_ord_general(high, graph, permutations=999, rng=1).z > 3
    assert getis_ord_general(high, graph, alternative="greater", rng=1).p < 0.01
    # Low values in a corner, where units have fewer neighbours: high ones have more.
    wrapped = graph_of(np.kron(np.eye(2), lattice(3)) + np.kron(1 - np.eye(2), np.eye(9)))
    split = np.repeat([1.0, 9.0], 9)
    assert getis_ord_general(split, wrapped, permutations=999, rng=1).z > 0
    assert getis_ord_general(low, graph, permutations=999, rng=1).p <= 1


@fixed
@given(connected(), st.sampled_from([0.25, 3.0]))
def test_no_unit_of_measurement(drawn: tuple[Floats, Floats], factor: float) -> None:
    weights, values = drawn
    values = values - values.min()
    plain = getis_ord_general(values, graph_of(weights), permutations=199, rng=1)
    scaled = getis_ord_general(factor * values, graph_of(weights), permutations=199, rng=1)
    assert scaled.statistic == pytest.approx(plain.statistic, abs=1e-9)
    assert scaled.z == pytest.approx(plain.z, abs=1e-9)
    assert scaled.p == plain.p


def test_it_holds_where_values_differ_by_little() -> None:
    values = np.random.default_rng(1).normal(size=36)
    graph = graph_of(lattice(6))
    near = getis_ord_general(1e6 + values, graph, permutations=999, rng=1)
    nearer = getis_ord_general(1e7 + values, graph, permutations=999, rng=1)
    assert near.p == nearer.p
    assert near.z == pytest.approx(nearer.z, abs=1e-4)


def test_negative_values_are_refused() -> None:
    with pytest.raises(SpatialError, match="found 1 negative values"):
        getis_ord_general([1, -1, np.nan, 2], graph_of(chain(4)))


def test_one_value_above_zero_has_no_answer() -> None:
    assert np.isnan(getis_ord_general([0, 0, 7, 0, 0], graph_of(chain(5)), rng=1).statistic)
