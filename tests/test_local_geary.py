"""Local Geary's c: other software, exact enumeration, properties, size."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import numpy.typing as npt
import pandas as pd
import pygeoda
import pytest
from esda import Geary, Geary_Local, Geary_Local_MV
from hypothesis import given, settings
from hypothesis import strategies as st
from local_peers import arrangements_around, geoda_rook, two_sided
from small_graphs import chain, connected, graph_of, lattice, uneven_weights

from spatial_models import NO_DATA, NO_NEIGHBOURS, NO_VARIATION, SpatialError
from spatial_models.local_geary import local_geary

Floats = npt.NDArray[np.float64]

fixed = settings(max_examples=30)


def c_of(maps: Floats, weights: Floats, scale: Floats) -> Floats:
    """Local c of every unit of every map: units second to last, variables last."""
    scores = maps / scale
    apart = scores[..., :, np.newaxis, :] - scores[..., np.newaxis, :, :]
    return np.asarray((weights * (apart**2).mean(axis=-1)).sum(axis=-1))


class TestAgainstOtherSoftware:
    def test_one_variable_is_that_of_geoda(self) -> None:
        graph, values = graph_of(lattice(6), "R"), np.random.default_rng(1).gamma(1, size=36)
        peer = pygeoda.local_geary(geoda_rook(6), values, permutations=99)
        result = local_geary(values, graph, permutations=0)
        np.testing.assert_allclose(result.statistic, peer.lisa_values(), rtol=1e-10)

    def test_several_variables_are_those_of_geoda(self) -> None:
        graph, values = graph_of(lattice(6), "R"), np.random.default_rng(2).gamma(1, size=(36, 3))
        peer = pygeoda.local_multigeary(geoda_rook(6), values.T.tolist(), permutations=99)
        result = local_geary(values, graph, permutations=0)
        np.testing.assert_allclose(result.statistic, peer.lisa_values(), rtol=1e-10)

    def test_esda_divides_by_the_variance_over_n(self) -> None:
        graph, values = graph_of(lattice(6), "R"), np.random.default_rng(3).gamma(1, size=(36, 2))
        one = Geary_Local(graph, permutations=0).fit(values[:, 0])
        both = Geary_Local_MV(graph, permutations=0).fit(values.T)
        ours = local_geary(values[:, 0], graph, permutations=0)
        np.testing.assert_allclose(ours.statistic * 36 / 35, one.localG, rtol=1e-10)
        ours = local_geary(values, graph, permutations=0)
        np.testing.assert_allclose(ours.statistic * 36 / 35, both.localG, rtol=1e-10)

    def test_classes_are_those_of_geoda(self) -> None:
        values = np.random.default_rng(6).gamma(1, size=64)
        peer = pygeoda.local_geary(
            geoda_rook(8), values, permutations=999, significance_cutoff=1.0
        ).lisa_clusters()
        names = np.array(["", "High-High", "Low-Low", "other positive", "negative"])
        result = local_geary(values, graph_of(lattice(8), "R"), permutations=0, alpha=1.0)
        # GeoDa compares with the mean of its own permutations: not where that is close.
        clear = np.abs(result.z) > 0.1
        assert result.classes[clear].tolist() == names[list(peer)][clear].tolist()
        assert set(result.classes) == set(names[1:])

    def test_c_of_the_map_is_their_sum(self) -> None:
        weights, values = lattice(6), np.random.default_rng(4).normal(size=36)
        whole = Geary(values, graph_of(weights), transformation="B", permutations=0)
        result = local_geary(values, graph_of(weights), permutations=0)
        assert result.statistic.sum() / (2 * weights.sum()) == pytest.approx(whole.C)


class TestAgainstAllArrangements:
    @pytest.mark.parametrize("variables", [1, 3])
    @pytest.mark.parametrize("equal", [True, False])
    def test_moments_and_p(self, variables: int, *, equal: bool) -> None:
        n = 7
        rng = np.random.default_rng(variables)
        weights = uneven_weights(n, variables)
        if equal:
            weights = np.asarray(weights > 0, dtype=np.float64)
        values = rng.gamma(1, size=(n, variables))
        result = local_geary(values, graph_of(weights), permutations=19_999, rng=1)
        scale = values.std(axis=0, ddof=1)
        for unit in range(n):
            null = c_of(arrangements_around(values, unit), weights, scale)[:, unit]
            assert result.statistic[unit] == pytest.approx(null[0], rel=1e-12)
            assert result.expected[unit] == pytest.approx(null.mean(), rel=1e-10)
            assert result.variance[unit] == pytest.approx(null.var(), rel=1e-9, abs=1e-13)
            assert result.p[unit] == pytest.approx(two_sided(null, null[0]), abs=0.025)

    def test_values_far_out_leave_the_others_their_digits(self) -> None:
        weights = uneven_weights(6, 4)
        values = np.array([[0.0], [1], [3], [2], [1e7], [5]])
        result = local_geary(values, graph_of(weights), permutations=0)
        scale = values.std(axis=0, ddof=1)
        for unit in range(6):
            null = c_of(arrangements_around(values, unit), weights, scale)[:, unit]
            assert result.variance[unit] == pytest.approx(null.var(), rel=1e-5, abs=1e-30)

    def test_a_unit_as_far_from_all_others_is_no_evidence(self) -> None:
        for shift in (0, 0.1, 0.7, 3e3):
            values = np.resize([0.0, 2, 2, 0], 30) / 3 + shift
            values[2] = 1 / 3 + shift  # in the middle, but for rounding
            result = local_geary(values, graph_of(chain(30)), permutations=99, rng=1)
            assert result.p[2] == result.p_analytic[2] == 1
            assert result.z[2] == 0
            assert (np.delete(result.z, 2) != 0).any()


class TestProperties:
    @fixed
    @given(connected(), st.sampled_from([0.25, 3, -2]), st.integers(-50, 50))
    def test_no_unit_of_measurement(
        self, drawn: tuple[Floats, Floats], factor: float, shift: int
    ) -> None:
        weights, values = drawn
        graph, table = graph_of(weights), np.column_stack([values, values**2])
        plain = local_geary(table, graph, permutations=99, rng=1)
        moved = local_geary(table * [factor, 0.5] + shift, graph, permutations=99, rng=1)
        np.testing.assert_allclose(moved.statistic, plain.statistic, atol=1e-9)
        np.testing.assert_allclose(moved.z, plain.z, atol=1e-7)
        np.testing.assert_array_equal(moved.p, plain.p)

    @fixed
    @given(connected(), st.integers(0, 2**32 - 1))
    def test_row_order_does_not_matter(self, drawn: tuple[Floats, Floats], seed: int) -> None:
        weights, values = drawn
        order = np.random.default_rng(seed).permutation(values.size)
        plain = local_geary(values, graph_of(weights, "R"), permutations=0)
        turned = local_geary(values[order], graph_of(weights[order][:, order], "R"), permutations=0)
        np.testing.assert_allclose(turned.statistic, plain.statistic[order], atol=1e-9)
        np.testing.assert_allclose(turned.z, plain.z[order], atol=1e-7)

    @fixed
    @given(connected())
    def test_a_variable_said_twice_is_said_once(self, drawn: tuple[Floats, Floats]) -> None:
        weights, values = drawn
        once = local_geary(values, graph_of(weights), permutations=0)
        twice = local_geary(np.column_stack([values, -values]), graph_of(weights), permutations=0)
        np.testing.assert_allclose(twice.statistic, once.statistic, atol=1e-9)
        np.testing.assert_allclose(twice.z, once.z, atol=1e-7)

    def test_a_table_is_matched_by_name(self) -> None:
        graph = graph_of(lattice(4), "R")
        table = pd.DataFrame(np.random.default_rng(1).normal(size=(16, 2)), columns=["a", "b"])
        by_name = local_geary(table.sample(frac=1, random_state=1), graph, permutations=99, rng=1)
        in_order = local_geary(table.to_numpy(), graph, permutations=99, rng=1)
        np.testing.assert_array_equal(by_name.p, in_order.p)

    def test_tails(self) -> None:
        graph, values = graph_of(lattice(5), "R"), np.random.default_rng(4).normal(size=25)
        greater, less, both = (
            local_geary(values, graph, permutations=999, alternative=tail, rng=1)
            for tail in ("greater", "less", "two-sided")
        )
        np.testing.assert_array_equal(both.p, np.minimum(1, 2 * np.minimum(greater.p, less.p)))
        smooth = local_geary(np.arange(25.0), graph, permutations=999, alternative="less", rng=1)
        assert smooth.z.mean() < 0  # like neighbours: c is small
        assert np.median(smooth.p) < 0.05

    def test_early_stopping_changes_little(self) -> None:
        graph, values = graph_of(lattice(6), "R"), np.random.default_rng(5).normal(size=36)
        full = local_geary(values, graph, permutations=9_999, rng=1)
        early = local_geary(values, graph, permutations=9_999, stop_after=500, rng=1)
        np.testing.assert_allclose(early.p, full.p, rtol=0.2)

    def test_workers_do_not_matter(self) -> None:
        graph, values = graph_of(lattice(6)), np.random.default_rng(6).normal(size=(36, 2))
        plain = local_geary(values, graph, permutations=999, rng=1)
        with ThreadPoolExecutor(1) as executor:
            alone = local_geary(values, graph, permutations=999, rng=1, executor=executor)
        np.testing.assert_array_equal(alone.p, plain.p)

    def test_one_unit_of_noise_in_twenty_is_significant(self) -> None:
        rng = np.random.default_rng(101)
        graph = graph_of(lattice(8), "R")
        noise = np.exp(rng.normal(size=(100, 64, 2)))
        p = [local_geary(values, graph, permutations=199, rng=rng).p for values in noise]
        assert np.mean(np.array(p) <= 0.05) == pytest.approx(0.05, abs=0.012)


class TestUnitsThatAreNotTested:
    @pytest.mark.parametrize("transformation", ["B", "R"])
    def test_a_missing_unit_might_as_well_not_exist(self, transformation: str) -> None:
        weights, values = lattice(5), np.random.default_rng(2).normal(size=(25, 2))
        values[3, 0] = values[12, 1] = np.nan
        here = ~np.isnan(values).any(axis=1)
        there = graph_of(weights[here][:, here], transformation)
        with_missing = local_geary(
            values, graph_of(weights, transformation), permutations=99, rng=3
        )
        without = local_geary(values[here], there, permutations=99, rng=3)
        assert with_missing.n == 23
        assert with_missing.classes[~here].tolist() == [NO_DATA] * 2
        np.testing.assert_array_equal(with_missing.p[here], without.p)
        np.testing.assert_allclose(with_missing.z[here], without.z)

    def test_islands(self) -> None:
        weights = np.zeros((8, 8))
        weights[:7, :7] = chain(7)
        values = [1, 5, 2, 8, 3, np.nan, 9, 4]
        result = local_geary(values, graph_of(weights, "R"), permutations=99, rng=1)
        assert result.classes[5:].tolist() == [NO_DATA, NO_NEIGHBOURS, NO_NEIGHBOURS]
        assert np.isnan(result.p[5:]).all()
        assert (result.n, result.isolates) == (5, (6, 7))

    def test_a_constant_column_leaves_nothing_to_test(self) -> None:
        values = np.column_stack([np.arange(5.0), np.full(5, 3.0)])
        result = local_geary(values, graph_of(chain(5)), permutations=99, rng=1)
        assert set(result.classes) == {NO_VARIATION}
        assert np.isnan([result.statistic, result.p, result.z]).all()

    @pytest.mark.parametrize("n", [1, 2, 3, 4, 5])
    @pytest.mark.parametrize("permutations", [0, 99])
    def test_tiny_maps_do_no_harm(self, n: int, permutations: int) -> None:
        result = local_geary(np.arange(n), graph_of(chain(n)), permutations=permutations, rng=1)
        assert np.isnan(result.p).all() == (n == 1)
        assert ((result.p > 0) & (result.p <= 1)).all() == (n > 1)

    @pytest.mark.parametrize("n", [2, 3, 9])
    @pytest.mark.parametrize("permutations", [0, 99])
    def test_where_all_are_neighbours_there_is_no_evidence(self, n: int, permutations: int) -> None:
        values = np.random.default_rng(n).normal(size=(n, 2))
        graph = graph_of(1 - np.eye(n), "R")
        result = local_geary(values, graph, permutations=permutations, rng=1)
        assert result.p.tolist() == [1] * n
        assert set(result.classes) == {"not significant"}

    def test_a_weight_of_zero_is_no_neighbour(self) -> None:
        graph = graph_of(chain(4)).assign_self_weight(0)
        values = [1, 4, 2, 9]
        plain = local_geary(values, graph_of(chain(4)), permutations=0)
        np.testing.assert_allclose(local_geary(values, graph, permutations=0).z, plain.z)

    def test_no_columns(self) -> None:
        with pytest.raises(SpatialError, match="no variable"):
            local_geary(np.empty((4, 0)), graph_of(chain(4)))

    def test_too_few_rows(self) -> None:
        with pytest.raises(SpatialError, match=r"shape \(3,\)"):
            local_geary(np.ones((3, 2)), graph_of(chain(4)))
