"""Quantile LISA: other software, the closed form, ties, properties."""

import numpy as np
import numpy.typing as npt
import pandas as pd
import pygeoda
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from local_peers import arrangements_around, geoda_rook, two_sided
from small_graphs import chain, connected, graph_of, lattice, uneven_weights

from spatial_models import NO_DATA, NO_NEIGHBOURS, NO_VARIATION, SpatialError
from spatial_models.local_join_count import local_join_count
from spatial_models.quantile_lisa import quantile_lisa

Floats = npt.NDArray[np.float64]

fixed = settings(max_examples=30)


@pytest.mark.parametrize("quantile", [1, 4, 7])
def test_count_is_that_of_geoda(quantile: int) -> None:
    # 49 units in 7 quantiles: any definition of a quantile puts 7 in each.
    values = np.random.default_rng(1).gamma(1, size=49)
    peer = pygeoda.local_quantilelisa(geoda_rook(7), values, 7, quantile, permutations=99)
    result = quantile_lisa(values, graph_of(lattice(7)), quantiles=7, quantile=quantile)
    np.testing.assert_allclose(result.statistic, peer.lisa_values(), rtol=1e-10)
    assert result.tested.sum() == 7


def test_count_of_several_variables_is_that_of_geoda() -> None:
    values = np.random.default_rng(2).gamma(1, size=(64, 2))
    peer = pygeoda.local_multiquantilelisa(
        geoda_rook(8), values.T.tolist(), [2, 2], [2, 2], permutations=99
    )
    result = quantile_lisa(values, graph_of(lattice(8)), quantiles=2, quantile=2)
    np.testing.assert_allclose(result.statistic, peer.lisa_values(), rtol=1e-10)
    assert result.statistic.max() > 1


@fixed
@given(
    st.lists(st.integers(-9, 9), min_size=5, max_size=40, unique=True),
    st.integers(2, 5),
    st.data(),
)
def test_quantiles_are_those_of_pandas(
    values: list[int], quantiles: int, data: st.DataObject
) -> None:
    quantile = data.draw(st.integers(1, quantiles))
    ranks = pd.Series(values, dtype=float)
    peer = pd.qcut(ranks, quantiles, labels=False) == quantile - 1
    # pandas works its breaks out in floating point: left out where one is a value itself,
    # and rounding decides.
    whole = [cut for cut in (quantile - 1, quantile) if cut * (len(values) - 1) % quantiles == 0]
    assume(not {*whole} - {0, quantiles})
    result = quantile_lisa(
        values, graph_of(chain(len(values))), quantiles=quantiles, quantile=quantile
    )
    members = result.classes != "absent"
    assert members.tolist() == peer.tolist()


def test_a_value_on_a_break_belongs_below_it() -> None:
    low, high = (
        quantile_lisa([1, 2, 3, 4, 5], graph_of(chain(5)), quantiles=2, quantile=quantile)
        for quantile in (1, 2)
    )
    assert (low.classes != "absent").tolist() == [True, True, True, False, False]
    assert (high.classes != "absent").tolist() == [False, False, False, True, True]


@fixed
@given(connected(), st.integers(2, 4))
def test_each_unit_belongs_to_one_quantile(drawn: tuple[Floats, Floats], quantiles: int) -> None:
    weights, values = drawn
    values = np.round(values / 40)  # ties
    tested = np.zeros(values.size, dtype=int)
    for quantile in range(1, quantiles + 1):
        result = quantile_lisa(values, graph_of(weights), quantiles=quantiles, quantile=quantile)
        if NO_VARIATION in result.classes:  # all of them, or none
            tested += np.ptp(values) == 0 and quantile == 1
        else:
            tested += result.classes != "absent"
            in_it = np.unique(values[result.classes != "absent"])
            assert not np.isin(values[result.classes == "absent"], in_it).any()
    assert (tested <= 1).all()


@pytest.mark.parametrize("seed", range(2))
def test_p_is_that_of_all_arrangements(seed: int) -> None:
    weights = np.asarray(uneven_weights(7, seed) > 0, dtype=np.float64)
    values = np.random.default_rng(seed).gamma(1, size=7)
    result = quantile_lisa(values, graph_of(weights), quantiles=2, quantile=2)
    members = np.asarray(values > np.median(values), dtype=np.float64)
    assert result.tested.tolist() == (members == 1).tolist()
    for unit in np.flatnonzero(members):
        null = arrangements_around(members, unit) @ weights[unit]
        assert result.p[unit] == pytest.approx(two_sided(null, null[0]), rel=1e-12)
    assert result.permutations == 0


def test_it_is_the_join_count_of_membership() -> None:
    graph, values = graph_of(lattice(6)), np.random.default_rng(3).normal(size=36)
    result = quantile_lisa(values, graph, quantiles=4, quantile=4)
    member = values > np.quantile(values, 0.75)
    np.testing.assert_array_equal(result.p, local_join_count(member, graph).p)


@fixed
@given(connected(), st.sampled_from([np.exp, np.cbrt, lambda x: 3 * x + 5]))
def test_only_order_counts(drawn: tuple[Floats, Floats], change: np.ufunc) -> None:
    weights, values = drawn
    graph = graph_of(weights)
    plain = quantile_lisa(values, graph, quantiles=3, quantile=3)
    changed = quantile_lisa(change(values), graph, quantiles=3, quantile=3)
    np.testing.assert_array_equal(changed.p, plain.p)


def test_many_zeros_fill_the_lowest_quantile_and_leave_the_next_empty() -> None:
    values, graph = [0, 0, 0, 0, 0, 1, 2, 3, 4, 5], graph_of(chain(10))
    assert quantile_lisa(values, graph, quantile=1).tested.sum() == 5
    assert set(quantile_lisa(values, graph, quantile=2).classes) == {NO_VARIATION}


def test_a_gradient_has_its_clusters_at_the_end() -> None:
    values = np.add.outer(np.arange(20.0), np.arange(20.0)).ravel()
    result = quantile_lisa(values, graph_of(lattice(20)), quantiles=5, quantile=5)
    assert result.classes[-1] == "not significant"  # two neighbours can only say so much
    assert result.classes[-22] == "cluster"
    assert result.classes[0] == "absent"
    assert "5 of 5" in repr(result)


def test_missing_units_and_islands_take_no_part() -> None:
    weights = np.zeros((9, 9))
    weights[:7, :7] = chain(7)
    values = np.array([[1, 5, 2, 8, 3, np.nan, 9, 4, 7]] * 2).T
    values[8, 1] = np.nan
    result = quantile_lisa(values, graph_of(weights), quantiles=2, quantile=2)
    assert result.classes[5:].tolist() == [NO_DATA, NO_NEIGHBOURS, NO_NEIGHBOURS, NO_DATA]
    assert result.tested.tolist() == [False, True, False, True] + [False] * 5
    assert result.n == 5


def test_constant_values_have_no_variation() -> None:
    for quantile in (1, 5):
        result = quantile_lisa([2.0] * 6, graph_of(chain(6)), quantile=quantile)
        assert set(result.classes) == {NO_VARIATION}


@pytest.mark.parametrize("n", [1, 2, 3, 4, 5])
def test_tiny_maps_do_no_harm(n: int) -> None:
    result = quantile_lisa(np.arange(n), graph_of(chain(n)), permutations=99, rng=1)
    assert result.tested.sum() == (n > 1)


@pytest.mark.parametrize(("quantiles", "quantile"), [(1, 1), (5, 0), (5, 6), (0, 0)])
def test_no_such_quantile(quantiles: int, quantile: int) -> None:
    with pytest.raises(SpatialError, match=f"quantile {quantile} of {quantiles}"):
        quantile_lisa(range(5), graph_of(chain(5)), quantiles=quantiles, quantile=quantile)
