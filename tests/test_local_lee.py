"""Local Lee's L: other software, exact enumeration, properties."""

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
from esda import Spatial_Pearson, Spatial_Pearson_Local
from hypothesis import given, settings
from hypothesis import strategies as st
from local_peers import arrangements_around, two_sided
from small_graphs import chain, connected, graph_of, lattice, uneven_weights

from spatial_models import NO_DATA, NO_NEIGHBOURS, NO_VARIATION
from spatial_models.local_lee import local_lee

Floats = npt.NDArray[np.float64]

fixed = settings(max_examples=30)


def two_maps(n: int, seed: int) -> tuple[Floats, Floats]:
    x, y = np.random.default_rng(seed).gamma(1, size=(2, n))
    return x, y + 0.5 * x


class TestStatistic:
    @pytest.mark.parametrize("own", [0.0, 1.0])
    def test_is_that_of_esda(self, own: float) -> None:
        weights = lattice(6) + own * np.eye(36)
        x, y = two_maps(36, 1)
        rows = weights / weights.sum(axis=1, keepdims=True)
        peer = Spatial_Pearson_Local(rows, permutations=0).fit(x[:, None], y[:, None])
        result = local_lee(x, y, graph_of(weights, "R"), permutations=0)
        np.testing.assert_allclose(result.statistic, peer.associations_, rtol=1e-10)

    def test_mean_is_l_of_the_map(self) -> None:
        weights = lattice(6)
        x, y = two_maps(36, 2)
        rows = weights / weights.sum(axis=1, keepdims=True)
        whole = Spatial_Pearson(rows, permutations=0).fit(x[:, None], y[:, None])
        result = local_lee(x, y, graph_of(weights, "R"), permutations=0)
        assert result.statistic.mean() == pytest.approx(whole.association_[0, 1])

    def test_by_hand(self) -> None:
        # Deviations 2 0 -1 -1 and -3 1 1 1 in a row: lags 0 1 -1 -1 and 1 -2 2 1.
        result = local_lee([5, 3, 2, 2], [0, 4, 4, 4], graph_of(chain(4)), permutations=0)
        expected = 4 * np.array([0 * 1, 1 * -2, -1 * 2, -1 * 1]) / np.sqrt(6 * 12)
        np.testing.assert_allclose(result.statistic, expected, atol=1e-14)

    def test_maps_may_be_exchanged_but_for_their_p(self) -> None:
        graph = graph_of(uneven_weights(8, 1))
        x, y = two_maps(8, 1)
        one = local_lee(x, y, graph, permutations=0)
        other = local_lee(y, x, graph, permutations=0)
        np.testing.assert_allclose(one.statistic, other.statistic)
        assert not np.allclose(one.p_random_labelling, other.p_random_labelling)


class TestAgainstAllArrangements:
    @pytest.mark.parametrize("equal", [True, False])
    @pytest.mark.parametrize("own", [0.0, 0.7])
    def test_moments_and_p(self, own: float, *, equal: bool) -> None:
        n = 7
        weights = uneven_weights(n, 3)
        if equal:
            weights = np.asarray(weights > 0, dtype=np.float64)
        weights += own * np.eye(n)
        x, y = two_maps(n, 3)
        result = local_lee(x, y, graph_of(weights), permutations=19_999, rng=1)
        held, moved = x - x.mean(), y - y.mean()
        scale = n / np.sqrt((held @ held) * (moved @ moved))
        for unit in range(n):
            lag = arrangements_around(moved, unit) @ weights[unit]
            null = scale * (weights[unit] @ held) * lag
            expected = two_sided(null, null[0])
            assert result.statistic[unit] == pytest.approx(null[0])
            assert result.expected[unit] == pytest.approx(null.mean())
            assert result.variance[unit] == pytest.approx(null.var())
            assert result.p_random_labelling[unit] == pytest.approx(expected, abs=0.025)

    def test_tails(self) -> None:
        x, y = two_maps(25, 4)
        greater, less, both = (
            local_lee(x, y, graph_of(lattice(5)), permutations=999, alternative=tail, rng=1)
            for tail in ("greater", "less", "two-sided")
        )
        np.testing.assert_array_equal(
            both.p_random_labelling,
            np.minimum(1, 2 * np.minimum(greater.p_random_labelling, less.p_random_labelling)),
        )
        together = local_lee(
            x, x, graph_of(lattice(5)), permutations=999, alternative="less", rng=1
        )
        assert together.p_random_labelling.min() > 0.3  # a map goes together with itself


class TestProperties:
    @fixed
    @given(connected(), st.sampled_from([0.25, 3]), st.integers(-50, 50))
    def test_no_unit_of_measurement(
        self, drawn: tuple[Floats, Floats], factor: float, shift: int
    ) -> None:
        weights, x = drawn
        y = np.roll(x, 2)
        plain = local_lee(x, y, graph_of(weights), permutations=99, rng=1)
        moved = local_lee(
            factor * x + shift, 2 * y - shift, graph_of(weights), permutations=99, rng=1
        )
        np.testing.assert_allclose(moved.statistic, plain.statistic, atol=1e-9)
        np.testing.assert_allclose(moved.z, plain.z, atol=1e-9)
        np.testing.assert_array_equal(moved.p_random_labelling, plain.p_random_labelling)

    @fixed
    @given(connected(), st.integers(0, 2**32 - 1))
    def test_row_order_does_not_matter(self, drawn: tuple[Floats, Floats], seed: int) -> None:
        weights, x = drawn
        y = np.roll(x, 2)
        order = np.random.default_rng(seed).permutation(x.size)
        there = graph_of(weights[order][:, order], "R")
        plain = local_lee(x, y, graph_of(weights, "R"), permutations=0)
        turned = local_lee(x[order], y[order], there, permutations=0)
        np.testing.assert_allclose(turned.statistic, plain.statistic[order], atol=1e-9)
        np.testing.assert_allclose(turned.z, plain.z[order], atol=1e-9)

    def test_classes_name_the_first_map_first(self) -> None:
        graph = graph_of(lattice(10), "R")
        x = np.add.outer(np.arange(10.0), np.arange(10.0)).ravel()
        for y, names in ((x, {"High-High", "Low-Low"}), (-x, {"High-Low", "Low-High"})):
            result = local_lee(x, y, graph, permutations=0)
            assert set(result.classes) == {*names, "not significant"}
            assert result.classes[-1].startswith("High")

    def test_series_are_matched_by_name(self) -> None:
        x, y = map(pd.Series, two_maps(16, 5))
        graph = graph_of(lattice(4), "R")
        by_name = local_lee(x.sample(frac=1, random_state=1), y, graph, permutations=99, rng=1)
        in_order = local_lee(x.to_numpy(), y.to_numpy(), graph, permutations=99, rng=1)
        np.testing.assert_array_equal(by_name.p_random_labelling, in_order.p_random_labelling)

    def test_a_neighbourhood_at_the_mean_is_no_evidence(self) -> None:
        for shift in (0, 0.1, 0.2, 0.3, 0.7):
            x = np.array([1.0, 5, 3, 1, 5]) + shift
            result = local_lee(x, [1, 2, 9, 4, 9], graph_of(chain(5)), permutations=99, rng=1)
            assert (result.statistic[2], result.p_random_labelling[2]) == (0, 1)


class TestUnitsThatAreNotTested:
    def test_missing_units_and_islands(self) -> None:
        weights = np.zeros((9, 9))
        weights[:7, :7] = chain(7)
        x = np.array([1, 5, 2, 8, 3, np.nan, 9, 4, 1])
        y = np.array([2, 1, 7, 3, 6, 1, 9, 4, np.nan])
        result = local_lee(x, y, graph_of(weights, "R"), permutations=99, rng=1)
        assert result.classes[5:].tolist() == [NO_DATA, NO_NEIGHBOURS, NO_NEIGHBOURS, NO_DATA]
        assert (result.n, result.isolates) == (5, (6, 7))
        small = local_lee(x[:5], y[:5], graph_of(chain(5), "R"), permutations=99, rng=1)
        np.testing.assert_array_equal(result.p_random_labelling[:5], small.p_random_labelling)

    @pytest.mark.parametrize("constant", [0, 1])
    def test_a_constant_map(self, constant: int) -> None:
        maps = [np.arange(5.0), np.arange(5.0)]
        maps[constant] = np.full(5, 0.3)
        result = local_lee(maps[0], maps[1], graph_of(chain(5)), permutations=99, rng=1)
        assert set(result.classes) == {NO_VARIATION}
        assert np.isnan([result.statistic, result.p_random_labelling]).all()

    @pytest.mark.parametrize("n", [1, 2, 3, 4, 5])
    @pytest.mark.parametrize("permutations", [0, 99])
    def test_tiny_maps_do_no_harm(self, n: int, permutations: int) -> None:
        result = local_lee(
            np.arange(n), np.arange(n) ** 2, graph_of(chain(n)), permutations=permutations, rng=1
        )
        p = result.p_random_labelling
        assert np.isnan(p).all() == (n == 1)
        assert ((p > 0) & (p <= 1)).all() == (n > 1)
