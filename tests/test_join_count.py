"""Join counts: other software, by hand, closed forms, properties."""

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
from esda import Join_Counts
from hypothesis import given, settings
from hypothesis import strategies as st
from small_graphs import chain, graph_of, lattice, uneven_weights

from spatial_models import SpatialError, join_count

Bools = npt.NDArray[np.bool_]

fixed = settings(deadline=None, derandomize=True, max_examples=40)


@pytest.mark.filterwarnings("ignore:The inplace keyword")
@pytest.mark.parametrize("seed", range(3))
def test_counts_are_those_of_esda(seed: int) -> None:
    graph = graph_of(lattice(6), "B")
    binary = np.random.default_rng(seed).random(36) < 0.4
    peer = Join_Counts(binary.astype(float), graph, permutations=0)
    result = join_count(binary, graph, permutations=0)
    ours = result.joined.statistic, result.separate.statistic, result.mixed.statistic
    assert ours == (peer.bb, peer.ww, peer.bw)


def test_moments_are_those_of_spdep() -> None:
    # spdep 1.2-7: joincount.multi of cell2nb(3, 4) with binary weights (style "B"), then
    # joincount.test with row-standardised ones ("W").
    row, column = np.divmod(np.arange(12), 4)
    apart = abs(np.subtract.outer(row, row)) + abs(np.subtract.outer(column, column))
    kinds = [1, 1, 0, 0, 1, 1, 0, 0, 0, 1, 0, 0]
    plain = join_count(kinds, graph_of(apart == 1), permutations=0)
    for result, numbers in (
        (plain.joined, (5.0, 2.575757575758, 1.092745638200, 2.31908)),
        (plain.separate, (7.0, 5.409090909091, 1.393250688705, 1.34782)),
        (plain.mixed, (5.0, 9.015151515152, 3.469467401286, -2.15561)),
    ):
        found = result.statistic, result.expected, result.variance, result.z
        assert found == pytest.approx(numbers, rel=1e-5)
    standardised = join_count(kinds, graph_of(apart == 1, "R"), permutations=0)
    for result, expected in (
        (standardised.joined, (1.708333333333333, 0.909090909090909, 0.122241990613203)),
        (standardised.separate, (2.541666666666667, 1.909090909090909, 0.131816906438118)),
    ):
        ours = result.statistic, result.expected, result.variance
        assert ours == pytest.approx(expected, rel=1e-12)


def test_counts_by_hand() -> None:
    # One, one, zero, one, zero, zero in a row: a join 1-1, one 0-0, three mixed.
    result = join_count([1, 1, 0, 1, 0, 0], graph_of(chain(6)), permutations=0)
    assert result.joined.statistic == 1
    assert result.separate.statistic == 1
    assert result.mixed.statistic == 3


@fixed
@given(st.lists(st.booleans(), min_size=9, max_size=9), st.integers(0, 3))
def test_the_three_counts_are_all_joins(kinds: list[bool], seed: int) -> None:
    weights = uneven_weights(9, seed)
    result = join_count(kinds, graph_of(weights), permutations=0)
    three = result.joined, result.separate, result.mixed
    if len(set(kinds)) == 1:
        assert np.isnan([count.statistic for count in three]).all()
        return
    assert sum(count.statistic for count in three) == pytest.approx(weights.sum() / 2)
    assert sum(count.expected for count in three) == pytest.approx(weights.sum() / 2)


@fixed
@given(st.lists(st.booleans(), min_size=9, max_size=9, unique=False), st.integers(0, 3))
def test_ones_and_zeros_change_places(kinds: list[bool], seed: int) -> None:
    graph = graph_of(uneven_weights(9, seed))
    plain = join_count(kinds, graph, permutations=99, rng=1)
    turned = join_count([not kind for kind in kinds], graph, permutations=99, rng=1)
    for one, other in (
        (plain.joined, turned.separate),
        (plain.separate, turned.joined),
        (plain.mixed, turned.mixed),
    ):
        ours, theirs = ((each.statistic, each.z, each.p) for each in (one, other))
        assert ours == pytest.approx(theirs, abs=1e-9, nan_ok=True)


def test_bools_and_numbers_are_the_same() -> None:
    kinds = np.random.default_rng(1).random(16) < 0.5
    graph = graph_of(lattice(4))
    plain = join_count(kinds, graph, permutations=99, rng=1)
    assert plain == join_count(kinds.astype(int), graph, permutations=99, rng=1)
    named = pd.Series(kinds).sample(frac=1, random_state=1)
    assert plain == join_count(named, graph, permutations=99, rng=1)
    gaps = pd.Series(kinds.astype(float))
    gaps[3] = np.nan
    assert join_count(gaps, graph, permutations=0).joined.n == 15
    assert join_count(gaps.astype("boolean"), graph, permutations=0).joined.n == 15


def test_like_units_together_are_more_joins_of_a_kind_and_fewer_mixed() -> None:
    result = join_count(np.arange(36) < 18, graph_of(lattice(6)), permutations=999, rng=1)
    assert result.joined.z > 3
    assert result.separate.z > 3
    assert result.mixed.z < -3
    assert result.mixed.p == 2 / 1_000


def test_a_table_and_a_text_of_three_rows() -> None:
    result = join_count(np.arange(16) < 5, graph_of(lattice(4)), permutations=0)
    table = result.to_frame()
    assert table.index.tolist() == ["joins 1-1", "joins 0-0", "joins 1-0"]
    assert table["statistic"].sum() == 24
    assert len(repr(result).splitlines()) == 3


def test_other_values_are_refused() -> None:
    with pytest.raises(SpatialError, match="expected 0 and 1"):
        join_count([0, 1, 2, np.nan], graph_of(chain(4)))
