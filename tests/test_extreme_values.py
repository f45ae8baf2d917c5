"""Very large, very small and far-out values; options out of range: numbers hold or say no."""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
from libpysal.graph import Graph
from small_graphs import graph_of, lattice, uneven_weights

from spatial_models import (
    LocalResult,
    LocalTwoMapResult,
    SpatialError,
    bivariate_local_moran,
    bivariate_moran,
    contiguity,
    geary,
    getis_ord,
    getis_ord_general,
    lee,
    local_geary,
    local_join_count,
    local_lee,
    local_moran,
    moran,
    quantile_lisa,
)

Floats = npt.NDArray[np.float64]

GLOBAL = [moran, geary, getis_ord_general]
LOCAL = [local_moran, local_geary, getis_ord]
TWO_MAPS = [lee, bivariate_moran, local_lee, bivariate_local_moran]


def ring(n: int, reach: int = 1) -> Graph:
    here = np.repeat(np.arange(n), 2 * reach)
    steps = np.tile([*range(-reach, 0), *range(1, reach + 1)], n)
    return Graph.from_arrays(here, (here + steps) % n, np.ones(here.size))


def p_of(result: Any) -> Any:
    return result.p if hasattr(result, "p") else result.p_random_labelling


@pytest.mark.parametrize("test", [*GLOBAL, *LOCAL])
@pytest.mark.parametrize("power", [-1_000, -400, 400, 1_000])
def test_values_of_any_size_give_the_same_answer(test: Callable[..., Any], power: int) -> None:
    graph = graph_of(lattice(6), "R")
    values = np.random.default_rng(2).gamma(2, size=36)
    plain = test(values, graph, permutations=999, rng=1)
    scaled = test(np.ldexp(values, power), graph, permutations=999, rng=1)
    for field in ("statistic", "z", "p", "p_analytic"):
        np.testing.assert_array_equal(getattr(scaled, field), getattr(plain, field))


@pytest.mark.parametrize("test", TWO_MAPS)
@pytest.mark.parametrize("power", [-1_000, 1_000])
def test_two_maps_of_any_size_give_the_same_answer(test: Callable[..., Any], power: int) -> None:
    graph = graph_of(lattice(6), "R")
    x, y = np.random.default_rng(2).gamma(2, size=(2, 36))
    plain = test(x, y, graph, permutations=999, rng=1)
    scaled = test(np.ldexp(x, power), np.ldexp(y, -power), graph, permutations=999, rng=1)
    np.testing.assert_array_equal(scaled.statistic, plain.statistic)
    np.testing.assert_array_equal(p_of(scaled), p_of(plain))


def test_values_below_the_smallest_normal_number_do_no_harm() -> None:
    values = np.random.default_rng(2).normal(size=60) * 1e-309
    result = getis_ord(values, ring(60, 2), permutations=9_999, rng=1)
    assert ((result.p > 0) & (result.p <= 1)).all()


@pytest.mark.parametrize("transformation", ["B", "R"])
@pytest.mark.parametrize("star", [True, False])
def test_z_is_the_statistic_standardised(transformation: str, star: bool) -> None:  # noqa: FBT001
    graph = graph_of(uneven_weights(12, 3), transformation)
    x, y = np.random.default_rng(4).gamma(1, size=(2, 12))
    results: list[LocalResult | LocalTwoMapResult] = [
        getis_ord(x, graph, star=star, permutations=99, rng=1),
        local_moran(x, graph, permutations=99, rng=1),
        local_geary(x, graph, permutations=99, rng=1),
        local_join_count(x > 0.5, graph, permutations=99, rng=1),
        bivariate_local_moran(x, y, graph, permutations=99, rng=1),
        local_lee(x, y, graph, permutations=99, rng=1),
    ]
    for result in results:
        certain = result.variance > 1e-12 * result.statistic**2
        z = (result.statistic - result.expected)[certain] / np.sqrt(result.variance[certain])
        assert certain.sum() > 3
        np.testing.assert_allclose(result.z[certain], z, rtol=1e-9)


def test_gi_of_nothing_around_has_no_share() -> None:
    result = getis_ord([5, 0, 0, 0, 0, 0], ring(6), star=False, permutations=99, rng=1)
    assert np.isnan(result.statistic[0])
    assert result.p[0] == 1


def far_out() -> tuple[Graph, Floats]:
    """Half a map's total in one unit, and a cluster that is high among all the rest."""
    values = np.random.default_rng(3).gamma(2, size=3_000)
    values[100:400] += 6
    values[2_000] = 30_000
    return ring(3_000, 2), values


def test_a_cluster_below_the_mean_and_above_all_others_is_hot() -> None:
    graph, values = far_out()
    classes = getis_ord(values, graph, permutations=99_999, rng=1).classes
    assert (np.char.startswith(classes[102:398], "hot")).mean() > 0.95
    upper = getis_ord(values, graph, permutations=99_999, alternative="greater", rng=1).classes
    assert not np.char.startswith(upper, "cold").any()


def test_a_class_is_of_the_tail_that_was_tested() -> None:
    graph, values = far_out()
    tests: list[tuple[Callable[..., Any], int]] = [
        (local_moran, 1),
        (bivariate_local_moran, 2),
        (local_lee, 2),
    ]
    for test, maps in tests:
        call = partial(test, *[values] * maps, graph, permutations=9_999, alpha=0.2, rng=1)
        assert not np.isin(call(alternative="less").classes, ["High-High", "Low-Low"]).any()
        assert not np.isin(call(alternative="greater").classes, ["High-Low", "Low-High"]).any()


def test_a_far_out_value_elsewhere_leaves_local_geary_alone() -> None:
    values = np.random.default_rng(5).normal(size=200) + 10
    p = []
    for far in (20.0, 1e7):
        values[100] = far
        p.append(local_geary(values, ring(200), permutations=99_999, rng=1).p[10])
    # The far-out value is drawn in 1 % of the permutations, and then counts in one tail.
    assert p[1] == pytest.approx(p[0], abs=0.03)


def test_a_far_out_value_leaves_conditional_moments_their_digits() -> None:
    values = np.random.default_rng(6).normal(size=100)
    values[50] = 1e12
    result = getis_ord(values, ring(100), permutations=0)
    others = np.delete(values, 50)
    expected = 2 * others.mean()
    spread = 2 * others.var() * (99 - 2) / 98
    z = (values[49] + values[51] - expected) / np.sqrt(spread)
    assert result.z[50] == pytest.approx(z)


def test_a_far_out_value_leaves_other_units_their_p() -> None:
    values = np.add.outer(np.arange(10.0), np.arange(10.0)).ravel()
    graph = graph_of(lattice(10), "R")
    plain = getis_ord(values, graph, permutations=99_999, rng=1).p
    values[55] = -3.4e38  # what some rasters write where they have no data
    far = getis_ord(values, graph, permutations=99_999, rng=1).p
    # Of units that do not touch it; it is drawn in some four in a hundred permutations.
    others = np.setdiff1d(np.arange(100), [45, 54, 55, 56, 65])
    np.testing.assert_allclose(far[others], plain[others], atol=0.09)
    assert far[others].min() < 0.01


@pytest.mark.parametrize("mean", [1e9, 1e12])
def test_a_large_mean_leaves_z_its_digits(mean: float) -> None:
    values = np.array([1.0, 4, 2, 8, 5, 7])
    for star in (True, False):
        plain = getis_ord(values, ring(6), star=star, permutations=0).z
        moved = getis_ord(values + mean, ring(6), star=star, permutations=0).z
        np.testing.assert_allclose(moved, plain, rtol=1e-12)
    for test in (moran, geary):
        plain_z = test(values, ring(6), permutations=0).z
        assert test(values + mean, ring(6), permutations=0).z == pytest.approx(plain_z, rel=1e-12)


@pytest.mark.parametrize("offset", [1e3, 1e6])
def test_a_large_mean_hides_no_difference(offset: float) -> None:
    values = np.random.default_rng(7).integers(0, 3, size=40).astype(np.float64)
    plain = moran(values, ring(40, 2), permutations=999, rng=1).p
    assert getis_ord_general(values + offset, ring(40, 2), permutations=999, rng=1).p == plain


def test_what_is_no_number_is_refused() -> None:
    graph = ring(3)
    for values in (["1", "2", "3"], [1j, 2, 3], np.array(["2020"] * 3, "M8[D]")):
        with pytest.raises(SpatialError, match="no numbers"):
            moran(values, graph)
    masked = np.ma.masked_equal([1.0, -999, 3, 4, 5, 9], -999)
    assert moran(masked, ring(6), permutations=0).n == 5
    assert moran(pd.Series([1, None, 3, 4, 5, 9], dtype="Int64"), ring(6), permutations=0).n == 5


def test_weights_that_cancel_cannot_be_standardised() -> None:
    graph = Graph.from_arrays(["a", "a", "b", "c"], ["b", "c", "a", "a"], [1, -1, 1, 1])
    with pytest.raises(SpatialError, match=r"infinite or missing|row-standardised"):
        moran([1, 2, 3], graph.assign_self_weight(0).transform("R"))


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"permutations": -1}, "permutations=-1"),
        ({"permutations": 99.5}, "permutations=99.5"),
        ({"alternative": "bigger"}, "alternative 'bigger'"),
        ({"stop_after": 0}, "stop_after=0"),
        ({"stop_after": 2.5}, "stop_after=2.5"),
        ({"alpha": 5}, "alpha=5"),
    ],
)
@pytest.mark.parametrize("values", [[1.0, 2, 3, 4, 5], [7.0] * 5])
def test_options_out_of_range_are_refused_whatever_the_values(
    options: dict[str, Any], said: str, values: list[float]
) -> None:
    with pytest.raises(SpatialError, match=said):
        local_moran(values, ring(5), **options)
    if "alpha" not in options:
        with pytest.raises(SpatialError, match=said):
            getis_ord(values, ring(5), **options)
    if options.keys() & {"permutations", "alternative"}:
        with pytest.raises(SpatialError, match=said):
            moran(values, ring(5), **options)


def test_a_seed_is_told_whatever_its_type() -> None:
    assert moran(np.arange(9.0), ring(9), permutations=9, rng=np.int64(3)).seed == 3


def test_the_top_quantile_is_the_default() -> None:
    values = np.random.default_rng(1).normal(size=30)
    default = quantile_lisa(values, ring(30), quantiles=3)
    np.testing.assert_array_equal(
        default.p, quantile_lisa(values, ring(30), quantiles=3, quantile=3).p
    )


def test_what_is_no_graph_or_map_is_refused() -> None:
    with pytest.raises(SpatialError, match=r"Graph\.from_W"):
        moran([1, 2, 3], ring(3).to_W())
    with pytest.raises(SpatialError, match="found a list; expected a GeoDataFrame"):
        contiguity([1, 2, 3])
    with pytest.raises(SpatialError, match="the seed -1"):
        moran([1, 2, 3, 4], ring(4), rng=-1)
