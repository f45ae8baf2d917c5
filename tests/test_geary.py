"""Geary's c: other software, by hand, properties."""

import numpy as np
import numpy.typing as npt
import pytest
from esda import Geary
from hypothesis import given, settings
from hypothesis import strategies as st
from small_graphs import chain, connected, graph_of, lattice

from spatial_models import geary, moran

Floats = npt.NDArray[np.float64]

fixed = settings(deadline=None, derandomize=True, max_examples=40)


@pytest.mark.parametrize("transformation", ["B", "R"])
@pytest.mark.parametrize("seed", range(3))
def test_statistic_and_moments_are_those_of_esda(transformation: str, seed: int) -> None:
    graph = graph_of(lattice(6), transformation)
    values = np.random.default_rng(seed).gamma(1, size=36)
    peer = Geary(values, graph, transformation=transformation, permutations=0)
    result = geary(values, graph, permutations=0)
    ours = result.statistic, result.expected, result.variance
    assert ours == pytest.approx((peer.C, peer.EC, peer.VC_rand))
    normal = geary(values, graph, permutations=0, null="normality")
    ours = normal.statistic, normal.expected, normal.variance
    assert ours == pytest.approx((peer.C, peer.EC, peer.VC_norm))


def test_it_is_that_of_spdep() -> None:
    # spdep 1.2-7: geary.test(x, nb2listw(cell2nb(3, 4))), and with randomisation=FALSE
    row, column = np.divmod(np.arange(12), 4)
    apart = abs(np.subtract.outer(row, row)) + abs(np.subtract.outer(column, column))
    graph = graph_of(apart == 1, "R")
    x = [9, 60, 10, 40, 3, 25, 14, 7, 0, 31, 12, 5]
    result = geary(x, graph, permutations=0)
    assert result.statistic == pytest.approx(1.0121418713116315)
    assert result.variance == pytest.approx(0.0373412981084374)
    assert geary(x, graph, permutations=0, null="normality").variance == pytest.approx(
        0.0406353869895536
    )


def test_statistic_by_hand() -> None:
    # 1, 2, 3, 6 in a row: neighbours differ by 1, 1, 3, so 11, counted twice 22, over
    # 2 x 6 links; squares are 14 over 3.
    result = geary([1, 2, 3, 6], graph_of(chain(4)), permutations=0)
    assert result.statistic == pytest.approx((22 / 12) / (14 / 3))


def test_like_neighbours_are_the_lower_tail() -> None:
    graph, values = graph_of(lattice(5)), np.arange(25.0)
    greater, less = (
        geary(values, graph, permutations=999, alternative=tail, rng=1)
        for tail in ("greater", "less")
    )
    assert less.statistic < 1
    assert less.p == 1 / 1_000
    assert greater.p == 1
    assert less.p_analytic < 0.001


@fixed
@given(connected(), st.sampled_from([0.25, 3, -2]), st.integers(-50, 50))
def test_no_unit_of_measurement(drawn: tuple[Floats, Floats], factor: float, shift: int) -> None:
    weights, values = drawn
    graph = graph_of(weights)
    plain = geary(values, graph, permutations=199, rng=1)
    moved = geary(factor * values + shift, graph, permutations=199, rng=1)
    assert moved.statistic == pytest.approx(plain.statistic, abs=1e-9)
    assert moved.z == pytest.approx(plain.z, abs=1e-9)
    assert moved.p == plain.p


@fixed
@given(st.lists(st.integers(-99, 99), min_size=7, max_size=7, unique=True))
def test_where_all_have_as_many_neighbours_it_is_moran_turned_over(values: list[int]) -> None:
    ring = np.roll(np.eye(7), 1, axis=1) + np.roll(np.eye(7), -1, axis=1)
    mine = geary(values, graph_of(ring), permutations=99, rng=1)
    other = moran(values, graph_of(ring), permutations=99, rng=1)
    assert mine.statistic == pytest.approx(6 / 7 * (1 - other.statistic), abs=1e-12)
    assert mine.z == pytest.approx(-other.z)
    assert mine.p == other.p


def test_normal_moments_hold_over_normal_maps() -> None:
    graph = graph_of(lattice(4), "R")
    maps = np.random.default_rng(1).standard_normal((1_000, 16))
    drawn = [geary(values, graph, permutations=0, null="normality") for values in maps]
    statistics = np.array([result.statistic for result in drawn])
    assert statistics.mean() == pytest.approx(1, abs=0.02)
    assert statistics.var() == pytest.approx(drawn[0].variance, rel=0.15)
