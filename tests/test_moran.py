"""Moran's I, global and local: other software, exact enumeration, properties, size."""

from itertools import permutations as arrangements

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
from esda import Moran, Moran_Local
from hypothesis import given, settings
from hypothesis import strategies as st
from small_graphs import chain, connected, graph_of, lattice, uneven_weights

from spatial_models import NO_DATA, NO_NEIGHBOURS, NO_VARIATION, local_moran, moran

Floats = npt.NDArray[np.float64]

fixed = settings(deadline=None, derandomize=True, max_examples=40)


class TestMoran:
    @pytest.mark.parametrize("transformation", ["B", "R"])
    @pytest.mark.parametrize("seed", range(3))
    def test_statistic_and_moments_are_those_of_esda(self, transformation: str, seed: int) -> None:
        graph = graph_of(lattice(6))
        values = np.random.default_rng(seed).gamma(1, size=36)
        peer = Moran(values, graph, transformation=transformation, permutations=0)
        result = moran(values, graph.transform(transformation), permutations=0)
        ours = result.statistic, result.expected, result.variance, result.z, result.p_analytic
        assert ours == pytest.approx((peer.I, peer.EI, peer.VI_rand, peer.z_rand, peer.p_rand))

    def test_statistic_by_hand(self) -> None:
        # 1, 2, 3, 6 in a row: deviations -2, -1, 0, 3; neighbours' products 2 + 0 + 0,
        # twice, over 6 links; squares 14 over 4 units.
        result = moran([1, 2, 3, 6], graph_of(chain(4)), permutations=0)
        assert result.statistic == pytest.approx((4 / 6) / (14 / 4))

    @pytest.mark.parametrize("seed", range(3))
    def test_moments_and_p_are_those_of_all_arrangements(self, seed: int) -> None:
        weights = uneven_weights(6, seed)
        values = np.random.default_rng(seed).gamma(1, size=6)
        every = np.array(list(arrangements(values - values.mean())))
        null = 6 / weights.sum() * ((every @ weights) * every).sum(axis=1) / (every[0] @ every[0])
        result = moran(values, graph_of(weights), permutations=19_999, rng=seed)
        assert result.statistic == pytest.approx(null[0])
        assert result.expected == pytest.approx(null.mean())
        assert result.variance == pytest.approx(null.var())
        upper = (null >= null[0] - 1e-12).mean()
        lower = (null <= null[0] + 1e-12).mean()
        assert result.p == pytest.approx(min(1, 2 * min(upper, lower)), abs=0.02)

    def test_tails(self) -> None:
        graph, values = graph_of(lattice(5)), np.arange(25.0)
        greater, less, both = (
            moran(values, graph, permutations=999, alternative=tail, rng=1)
            for tail in ("greater", "less", "two-sided")
        )
        assert greater.p == 1 / 1_000  # (r + 1) / (P + 1), nothing reaches the observed
        assert less.p == 1
        assert both.p == 2 / 1_000
        assert greater.p_analytic + less.p_analytic == pytest.approx(1)
        assert both.p_analytic == pytest.approx(2 * greater.p_analytic)

    @fixed
    @given(connected(), st.sampled_from([0.25, 3, -2]), st.integers(-50, 50))
    def test_no_unit_of_measurement(
        self, drawn: tuple[Floats, Floats], factor: float, shift: int
    ) -> None:
        weights, values = drawn
        graph = graph_of(weights)
        plain = moran(values, graph, permutations=199, rng=1)
        moved = moran(factor * values + shift, graph, permutations=199, rng=1)
        assert moved.statistic == pytest.approx(plain.statistic, abs=1e-9)
        assert moved.z == pytest.approx(plain.z, abs=1e-9)
        assert moved.p == plain.p

    @fixed
    @given(connected(), st.sampled_from([1e-12, 1e-3, 1e9]))
    def test_the_size_of_weights_does_not_matter(
        self, drawn: tuple[Floats, Floats], factor: float
    ) -> None:
        weights, values = drawn
        plain = moran(values, graph_of(weights), permutations=0)
        scaled = moran(values, graph_of(weights * factor), permutations=0)
        assert scaled.statistic == pytest.approx(plain.statistic, abs=1e-9)
        assert scaled.z == pytest.approx(plain.z, abs=1e-9)

    @fixed
    @given(connected(), st.integers(0, 2**32 - 1))
    def test_row_order_does_not_matter(self, drawn: tuple[Floats, Floats], seed: int) -> None:
        weights, values = drawn
        order = np.random.default_rng(seed).permutation(values.size)
        plain = moran(values, graph_of(weights, "R"), permutations=0)
        turned = moran(values[order], graph_of(weights[order][:, order], "R"), permutations=0)
        assert turned.statistic == pytest.approx(plain.statistic, abs=1e-9)
        assert turned.z == pytest.approx(plain.z, abs=1e-9)

    def test_a_series_is_matched_by_name(self) -> None:
        graph = graph_of(lattice(4), "R")
        values = pd.Series(np.random.default_rng(1).normal(size=16)).sample(frac=1, random_state=1)
        by_name = moran(values, graph, permutations=99, rng=1)
        in_order = moran(values.sort_index().to_numpy(), graph, permutations=99, rng=1)
        assert by_name == in_order

    @pytest.mark.parametrize("transformation", ["B", "R"])
    def test_a_missing_unit_might_as_well_not_exist(self, transformation: str) -> None:
        weights = lattice(5)
        values = np.random.default_rng(2).normal(size=25)
        values[[3, 12]] = np.nan
        here = ~np.isnan(values)
        with_missing = moran(values, graph_of(weights, transformation), rng=3)
        without = moran(values[here], graph_of(weights[here][:, here], transformation), rng=3)
        assert with_missing.n == 23
        assert with_missing.statistic == pytest.approx(without.statistic, abs=1e-14)
        assert with_missing.z == pytest.approx(without.z, abs=1e-12)
        assert with_missing.p == without.p

    def test_islands_take_no_part(self) -> None:
        weights = np.zeros((18, 18))
        weights[:16, :16] = lattice(4)
        values = np.random.default_rng(2).normal(size=18)
        values[17] = 1e6
        with_islands = moran(values, graph_of(weights, "R"), rng=1)
        without = moran(values[:16], graph_of(lattice(4), "R"), rng=1)
        assert with_islands.isolates == (16, 17)
        assert (with_islands.n, with_islands.p) == (16, without.p)
        assert with_islands.z == pytest.approx(without.z)

    @pytest.mark.parametrize("values", [[7.0] * 6, [np.nan] * 6, [0.1 + 0.2, 0.3] * 3])
    def test_a_constant_or_empty_map_has_no_answer(self, values: list[float]) -> None:
        result = moran(values, graph_of(chain(6)), rng=1)
        assert np.isnan([result.statistic, result.z, result.p, result.p_analytic]).all()

    @pytest.mark.parametrize("n", [1, 2, 3])
    def test_fewer_than_four_units_have_no_answer(self, n: int) -> None:
        assert np.isnan(moran(np.arange(n), graph_of(chain(n)), rng=1).p)

    def test_four_units_have_one(self) -> None:
        assert 0 < moran([1, 2, 4, 9], graph_of(chain(4)), rng=1).p <= 1

    def test_where_all_are_neighbours_there_is_no_evidence(self) -> None:
        for n in range(4, 12):
            for transformation in ("B", "R"):
                graph = graph_of(1 - np.eye(n), transformation)
                values = np.random.default_rng(n).normal(size=n)
                result = moran(values, graph, permutations=99, rng=1)
                assert (result.z, result.p, result.p_analytic) == (0, 1, 1)
                assert result.statistic == pytest.approx(-1 / (n - 1))

    def test_a_unit_is_not_its_own_neighbour(self) -> None:
        weights, values = lattice(4), np.random.default_rng(5).normal(size=16)
        plain = moran(values, graph_of(weights), permutations=0)
        with_self = moran(values, graph_of(weights + np.eye(16)), permutations=0)
        assert with_self.z == pytest.approx(plain.z)

    def test_the_same_seed_gives_the_same_p(self) -> None:
        graph, values = graph_of(lattice(5)), np.random.default_rng(1).normal(size=25)
        assert moran(values, graph, rng=8) == moran(values, graph, rng=8)
        assert moran(values, graph, rng=8).p != moran(values, graph, rng=9).p

    @pytest.mark.parametrize("shape", ["normal", "heavy-tailed"])
    def test_one_map_of_noise_in_twenty_is_significant(self, shape: str) -> None:
        rng = np.random.default_rng(100)
        graph = graph_of(lattice(8), "R")
        noise = rng.normal(size=(300, 64))
        if shape == "heavy-tailed":
            noise = np.exp(2 * noise)
        p = [moran(values, graph, permutations=199, rng=rng).p for values in noise]
        # Three standard errors of a share of 300 are 0.038.
        assert np.mean(np.array(p) <= 0.05) == pytest.approx(0.05, abs=0.038)


class TestLocalMoran:
    @pytest.mark.parametrize("transformation", ["B", "R"])
    def test_statistic_is_that_of_esda(self, transformation: str) -> None:
        graph = graph_of(lattice(6))
        values = np.random.default_rng(1).gamma(1, size=36)
        peer = Moran_Local(values, graph, transformation=transformation, permutations=0)
        result = local_moran(values, graph.transform(transformation))
        np.testing.assert_allclose(result.statistic, peer.Is)
        # esda's conditional moments (Sokal, Oden and Thomson 1998) belong to an I that
        # divides by the variance over n, its statistic to one over n - 1.
        np.testing.assert_allclose(result.expected, peer.EIc * 35 / 36)
        np.testing.assert_allclose(result.variance, peer.VIc * (35 / 36) ** 2)

    def test_quadrants_are_those_of_esda(self) -> None:
        graph = graph_of(lattice(6), "R")
        values = np.random.default_rng(2).gamma(1, size=36)
        names = np.array(["", "High-High", "Low-High", "Low-Low", "High-Low"])
        peer = Moran_Local(values, graph, permutations=0)
        result = local_moran(values, graph, alpha=1.0)
        assert result.classes.tolist() == names[peer.q].tolist()

    @pytest.mark.parametrize("seed", range(3))
    def test_moments_and_p_are_those_of_all_conditional_arrangements(self, seed: int) -> None:
        n = 6
        weights = uneven_weights(n, seed)
        values = np.random.default_rng(seed).gamma(1, size=n)
        result = local_moran(values, graph_of(weights), permutations=19_999, rng=seed)
        deviations = values - values.mean()
        for unit in range(n):
            others = np.delete(deviations, unit)
            factor = deviations[unit] * (n - 1) / (deviations @ deviations)
            null = factor * np.array(list(arrangements(others))) @ np.delete(weights[unit], unit)
            assert result.statistic[unit] == pytest.approx(null[0])
            assert result.expected[unit] == pytest.approx(null.mean())
            assert result.variance[unit] == pytest.approx(null.var())
            upper = (null >= null[0] - 1e-12).mean()
            lower = (null <= null[0] + 1e-12).mean()
            assert result.p[unit] == pytest.approx(min(1, 2 * min(upper, lower)), abs=0.02)

    def test_tails(self) -> None:
        graph, values = graph_of(lattice(5), "R"), np.random.default_rng(4).normal(size=25)
        greater, less, both = (
            local_moran(values, graph, permutations=999, alternative=tail, rng=1)
            for tail in ("greater", "less", "two-sided")
        )
        assert (greater.p + less.p >= 1 + 1 / 1_000 - 1e-12).all()
        np.testing.assert_array_equal(both.p, np.minimum(1, 2 * np.minimum(greater.p, less.p)))
        np.testing.assert_allclose(greater.p_analytic + less.p_analytic, 1)

    @fixed
    @given(connected(), st.sampled_from([0.25, 3]), st.integers(-50, 50))
    def test_no_unit_of_measurement(
        self, drawn: tuple[Floats, Floats], factor: float, shift: int
    ) -> None:
        weights, values = drawn
        graph = graph_of(weights)
        plain = local_moran(values, graph, permutations=99, rng=1)
        moved = local_moran(factor * values + shift, graph, permutations=99, rng=1)
        off_mean = np.abs(values - values.mean()) > 1e-9  # at the mean, see below
        np.testing.assert_allclose(moved.statistic, plain.statistic, atol=1e-9)
        np.testing.assert_allclose(moved.z[off_mean], plain.z[off_mean], atol=1e-9)
        np.testing.assert_array_equal(moved.p[off_mean], plain.p[off_mean])

    def test_a_value_at_the_mean_is_no_evidence(self) -> None:
        for shift in (0, 0.1, 0.2, 0.3, 0.7):
            result = local_moran(np.array([1.0, 5, 3, 4, 2]) + shift, graph_of(chain(5)))
            assert result.p[2] == 1

    def test_the_size_of_weights_does_not_matter(self) -> None:
        # Inverse squared distances in metres are of this size.
        values, weights = np.random.default_rng(3).normal(size=16), lattice(4)
        plain, scaled = (local_moran(values, graph_of(weights * size)) for size in (1, 4e-10))
        np.testing.assert_allclose(scaled.z, plain.z)

    @fixed
    @given(connected())
    def test_turning_values_over_turns_the_quadrants_over(
        self, drawn: tuple[Floats, Floats]
    ) -> None:
        weights, values = drawn
        graph = graph_of(weights)
        plain = local_moran(values, graph, permutations=99, rng=1)
        turned = local_moran(-values, graph, permutations=99, rng=1)
        np.testing.assert_allclose(turned.z, plain.z, atol=1e-9)
        np.testing.assert_array_equal(turned.p, plain.p)

    def test_high_and_low_change_places_with_the_sign(self) -> None:
        graph = graph_of(lattice(8), "R")
        values = np.add.outer(np.arange(8.0), np.arange(8.0)).ravel()
        opposite = {"High-High": "Low-Low", "Low-Low": "High-High"}
        plain, turned = local_moran(values, graph).classes, local_moran(-values, graph).classes
        assert set(plain) == {"High-High", "Low-Low", "not significant"}
        assert [opposite.get(name, name) for name in plain] == turned.tolist()

    @fixed
    @given(connected(), st.integers(0, 2**32 - 1))
    def test_row_order_does_not_matter(self, drawn: tuple[Floats, Floats], seed: int) -> None:
        weights, values = drawn
        order = np.random.default_rng(seed).permutation(values.size)
        plain = local_moran(values, graph_of(weights, "R"))
        turned = local_moran(values[order], graph_of(weights[order][:, order], "R"))
        off_mean = np.abs(values - values.mean())[order] > 1e-9
        expected = plain.z[order][off_mean]
        np.testing.assert_allclose(turned.z[off_mean], expected, atol=1e-9)

    @fixed
    @given(connected(), st.integers(0, 4), st.sampled_from(["B", "R"]))
    def test_a_missing_unit_might_as_well_not_exist(
        self, drawn: tuple[Floats, Floats], gone: int, transformation: str
    ) -> None:
        weights, values = drawn
        values[gone] = np.nan
        here = ~np.isnan(values)
        with_missing = local_moran(
            values, graph_of(weights, transformation), permutations=99, rng=1
        )
        small = graph_of(weights[here][:, here], transformation)
        without = local_moran(values[here], small, permutations=99, rng=1)
        assert with_missing.classes[gone] == NO_DATA
        assert np.isnan(with_missing.p[gone])
        assert with_missing.classes[here].tolist() == without.classes.tolist()
        np.testing.assert_array_equal(with_missing.p[here], without.p)
        np.testing.assert_allclose(with_missing.z[here], without.z, atol=1e-12)

    def test_islands_and_missing_units_have_classes_of_their_own(self) -> None:
        weights = np.zeros((8, 8))
        weights[:7, :7] = chain(7)
        # Unit 6 has one neighbour, which is missing; unit 7 never had any.
        values = [1, 5, 2, 8, 3, np.nan, 9, 4]
        result = local_moran(values, graph_of(weights, "R"), permutations=99, rng=1)
        assert result.classes[5:].tolist() == [NO_DATA, NO_NEIGHBOURS, NO_NEIGHBOURS]
        assert np.isnan(result.p[5:]).all()
        assert np.isnan(result.p_fdr[5:]).all()
        assert not np.isnan(result.p[:5]).any()
        assert (result.n, result.isolates) == (5, (6, 7))

    def test_a_constant_map_has_no_variation(self) -> None:
        result = local_moran([3, 3, 3, 3, np.nan], graph_of(chain(5)), permutations=99, rng=1)
        assert result.classes.tolist() == [NO_VARIATION] * 4 + [NO_DATA]
        assert np.isnan(result.p).all()

    @pytest.mark.parametrize("n", [1, 2, 3, 4])
    @pytest.mark.parametrize("permutations", [0, 99])
    def test_tiny_maps_do_no_harm(self, n: int, permutations: int) -> None:
        result = local_moran(np.arange(n), graph_of(chain(n)), permutations=permutations, rng=1)
        assert np.isnan(result.p).all() == (n == 1)
        assert ((result.p > 0) & (result.p <= 1)).all() == (n > 1)

    @pytest.mark.parametrize("n", [2, 3, 4, 9])
    @pytest.mark.parametrize("permutations", [0, 99])
    def test_where_all_are_neighbours_there_is_no_evidence(self, n: int, permutations: int) -> None:
        values = np.random.default_rng(n).normal(size=n)
        graph = graph_of(1 - np.eye(n), "R")
        result = local_moran(values, graph, permutations=permutations, rng=1)
        assert result.p.tolist() == [1] * n
        assert set(result.classes) == {"not significant"}

    def test_a_unit_is_not_its_own_neighbour(self) -> None:
        weights, values = lattice(4), np.random.default_rng(5).normal(size=16)
        plain = local_moran(values, graph_of(weights))
        with_self = local_moran(values, graph_of(weights + np.eye(16)))
        np.testing.assert_allclose(with_self.z, plain.z)

    def test_one_unit_of_noise_in_twenty_is_significant(self) -> None:
        rng = np.random.default_rng(101)
        graph = graph_of(lattice(8), "R")
        noise = np.exp(rng.normal(size=(150, 64)))
        p = [local_moran(values, graph, permutations=199, rng=rng).p for values in noise]
        assert np.mean(np.array(p) <= 0.05) == pytest.approx(0.05, abs=0.01)
