"""Local join counts: other software, exact enumeration, the closed form, properties."""

import numpy as np
import numpy.typing as npt
import pandas as pd
import pygeoda
import pytest
from esda import Join_Counts_Local, Join_Counts_Local_BV, Join_Counts_Local_MV
from hypothesis import given, settings
from hypothesis import strategies as st
from libpysal.graph import Graph
from local_peers import arrangements_around, geoda_rook, tails, two_sided
from scipy.sparse import csr_array
from small_graphs import chain, connected, graph_of, lattice, uneven_weights

from spatial_models import NO_DATA, NO_NEIGHBOURS, NO_VARIATION, SpatialError
from spatial_models._conditional import lag_test
from spatial_models.local_join_count import (
    bivariate_local_join_count,
    local_co_location,
    local_join_count,
)

Floats = npt.NDArray[np.float64]

fixed = settings(max_examples=30)


def labels(n: int, seed: int, share: float = 0.4) -> Floats:
    return np.asarray(np.random.default_rng(seed).random(n) < share, dtype=np.float64)


def smaller_tail(graph: Graph, binary: Floats) -> Floats:
    """Smaller tail as GeoDa and esda have it: at least, or less than, the observed."""
    upper = local_join_count(binary, graph, alternative="greater").p
    return np.minimum(upper, 1 - upper)


class TestAgainstOtherSoftware:
    def test_count_is_that_of_geoda_and_esda(self) -> None:
        graph, binary = graph_of(lattice(7)), labels(49, 1)
        result = local_join_count(binary, graph)
        geoda = pygeoda.local_joincount(geoda_rook(7), binary, permutations=99)
        np.testing.assert_allclose(result.statistic, geoda.lisa_values(), rtol=1e-10)
        esda = Join_Counts_Local(graph).fit(binary, permutations=0)
        np.testing.assert_allclose(result.statistic, esda.LJC, rtol=1e-10)

    def test_exact_p_is_what_geoda_permutes_to(self) -> None:
        graph, binary = graph_of(lattice(12)), labels(144, 1)
        geoda = pygeoda.local_joincount(geoda_rook(12), binary, permutations=9_999)
        p = np.array(geoda.lisa_pvalues())
        tested = ~np.isnan(p)  # without a joined neighbour, GeoDa does not test
        # Three errors of 9,999 permutations are 0.015; GeoDa draws the first and the last
        # unit half as often as others.
        np.testing.assert_allclose(p[tested], smaller_tail(graph, binary)[tested], atol=0.02)

    def test_exact_p_is_what_we_permute_to(self) -> None:
        weights, binary = lattice(7), labels(49, 1)
        exact = local_join_count(binary, graph_of(weights), alternative="greater")
        lags = lag_test(
            binary, csr_array(weights), permutations=99_999, rng=np.random.default_rng(1)
        )
        present = binary == 1
        np.testing.assert_allclose(lags.upper[present], exact.p[present], atol=0.006)

    def test_bivariate_count_is_that_of_geoda_and_esda(self) -> None:
        graph, x = graph_of(lattice(7)), labels(49, 2)
        y = labels(49, 3) * (1 - x)
        result = bivariate_local_join_count(x, y, graph)
        geoda = pygeoda.local_bijoincount(geoda_rook(7), [x.tolist(), y.tolist()], permutations=99)
        np.testing.assert_allclose(result.statistic, geoda.lisa_values(), rtol=1e-10)
        esda = Join_Counts_Local_BV(graph).fit(x, y, case="BJC", permutations=0)
        np.testing.assert_allclose(result.statistic, esda.LJC, rtol=1e-10)

    def test_co_location_is_that_of_geoda_and_esda(self) -> None:
        graph = graph_of(lattice(7))
        table = np.column_stack([labels(49, seed, 0.75) for seed in range(3)])
        result = local_co_location(table, graph)
        geoda = pygeoda.local_multijoincount(geoda_rook(7), table.T.tolist(), permutations=99)
        np.testing.assert_allclose(result.statistic, geoda.lisa_values(), rtol=1e-10)
        esda = Join_Counts_Local_MV(graph).fit(table.T, permutations=0)
        np.testing.assert_allclose(result.statistic, esda.LJC, rtol=1e-10)

    def test_rows_that_sum_to_one_give_shares(self) -> None:
        binary, weights = labels(36, 4), lattice(6)
        count, share = (local_join_count(binary, graph_of(weights, kind)) for kind in ("B", "R"))
        np.testing.assert_allclose(share.statistic * weights.sum(axis=1), count.statistic)
        np.testing.assert_allclose(share.p, count.p, rtol=1e-12)
        np.testing.assert_allclose(share.z, count.z, atol=1e-9)


class TestAgainstAllArrangements:
    @pytest.mark.parametrize("seed", range(3))
    def test_equal_weights(self, seed: int) -> None:
        n = 7
        weights = np.asarray(uneven_weights(n, seed) > 0, dtype=np.float64)
        binary = np.array([1.0, 1, 0, 1, 0, 0, 1])
        results = {
            tail: local_join_count(binary, graph_of(weights), alternative=tail)
            for tail in ("greater", "less", "two-sided")
        }
        result = results["two-sided"]
        for unit in np.flatnonzero(binary):
            null = arrangements_around(binary, unit) @ weights[unit]
            upper, lower = tails(null, null[0])
            assert result.statistic[unit] == null[0]
            assert result.expected[unit] == pytest.approx(null.mean())
            assert result.variance[unit] == pytest.approx(null.var())
            assert results["greater"].p[unit] == pytest.approx(upper, rel=1e-12)
            assert results["less"].p[unit] == pytest.approx(lower, rel=1e-12)
            assert result.p[unit] == pytest.approx(two_sided(null, null[0]), rel=1e-12)

    @pytest.mark.parametrize("seed", range(3))
    def test_unequal_weights(self, seed: int) -> None:
        weights = uneven_weights(7, seed)
        weights[0] = weights[0] > 0  # one unit whose p is exact among those permuted
        binary = np.array([1.0, 1, 0, 1, 0, 0, 1])
        result = local_join_count(binary, graph_of(weights), permutations=19_999, rng=1)
        assert result.permutations == 19_999
        for unit in np.flatnonzero(binary):
            null = arrangements_around(binary, unit) @ weights[unit]
            expected = two_sided(null, null[0])
            assert result.p[unit] == pytest.approx(expected, abs=0.025 if unit else 1e-12)
            assert result.variance[unit] == pytest.approx(null.var())

    def test_two_maps(self) -> None:
        weights = np.asarray(uneven_weights(7, 5) > 0, dtype=np.float64)
        x, y = np.array([1.0, 1, 0, 0, 0, 0, 1]), np.array([0.0, 0, 1, 1, 0, 1, 0])
        result = bivariate_local_join_count(x, y, graph_of(weights))
        for unit in np.flatnonzero(x):
            null = arrangements_around(y, unit) @ weights[unit]
            expected = two_sided(null, null[0])
            assert result.statistic[unit] == null[0]
            assert result.p_random_labelling[unit] == pytest.approx(expected, rel=1e-12)

    @fixed
    @given(connected(), st.integers(0, 2**32 - 1))
    def test_closed_form_is_what_permutation_goes_to(
        self, drawn: tuple[Floats, Floats], seed: int
    ) -> None:
        weights, values = drawn
        binary = np.asarray(values > np.median(values), dtype=np.float64)
        exact = local_join_count(binary, graph_of(weights))
        nudged = weights * (1 + 1e-9 * np.random.default_rng(seed).random(weights.shape))
        permuted = local_join_count(binary, graph_of(nudged), permutations=0)
        assert exact.permutations == 0
        np.testing.assert_allclose(permuted.z, exact.z, atol=1e-5)
        np.testing.assert_allclose(permuted.p_analytic, exact.p_analytic, atol=1e-5)


class TestClosedForm:
    def test_needs_no_chance(self) -> None:
        graph, binary = graph_of(lattice(7), "R"), labels(49, 1)
        results = [local_join_count(binary, graph, permutations=p, rng=p) for p in (0, 99, 9_999)]
        for result in results:
            assert (result.permutations, result.stop_after) == (0, None)
            np.testing.assert_array_equal(result.p, results[0].p)

    def test_clusters_and_holes(self) -> None:
        side = 20
        row, column = np.divmod(np.arange(side * side), side)
        binary = (row < 8) & (column < 8)
        binary[side * 15 + 15] = True
        result = local_join_count(binary, graph_of(lattice(side)))
        inside = binary & (row < 7) & (column < 7)
        inside[0] = False  # a corner has two neighbours, which say little
        assert (result.classes[inside] == "cluster").all()
        assert (result.classes[~binary] == "absent").all()
        assert result.classes[side * 15 + 15] == "not significant"

    def test_fewer_than_by_chance_is_dispersed(self) -> None:
        # All units have it but the eight around the middle, on a lattice of eight neighbours.
        side = 15
        row, column = np.divmod(np.arange(side * side), side)
        apart = np.maximum(abs(np.subtract.outer(row, row)), abs(np.subtract.outer(column, column)))
        weights = np.asarray(apart == 1, dtype=np.float64)
        middle = side * side // 2
        binary = 1 - weights[middle]
        result = local_join_count(binary, graph_of(weights))
        assert result.classes[middle] == "dispersed"
        assert result.statistic[middle] == 0

    def test_stays_exact_on_large_maps(self) -> None:
        n = 200_000
        here = np.arange(n)
        graph = Graph.from_arrays(
            np.repeat(here, 2),
            np.column_stack([(here - 1) % n, (here + 1) % n]).ravel(),
            [1] * 2 * n,
        )
        binary = np.zeros(n)
        binary[:1_000] = 1
        result = local_join_count(binary, graph, alternative="greater")
        assert result.p[5] == pytest.approx((999 / 199_999) * (998 / 199_998), rel=1e-9)


class TestProperties:
    @fixed
    @given(connected(), st.integers(0, 2**32 - 1))
    def test_row_order_does_not_matter(self, drawn: tuple[Floats, Floats], seed: int) -> None:
        weights, values = drawn
        binary = np.asarray(values > 0, dtype=np.float64)
        order = np.random.default_rng(seed).permutation(values.size)
        plain = local_join_count(binary, graph_of(weights, "R"))
        turned = local_join_count(binary[order], graph_of(weights[order][:, order], "R"))
        np.testing.assert_allclose(turned.p, plain.p[order])
        assert turned.classes.tolist() == plain.classes[order].tolist()

    def test_false_and_true_are_0_and_1(self) -> None:
        graph, binary = graph_of(lattice(5)), labels(25, 1)
        series = pd.Series(binary == 1, dtype="boolean").sample(frac=1, random_state=1)
        by_name, in_order = local_join_count(series, graph), local_join_count(binary, graph)
        np.testing.assert_array_equal(by_name.p, in_order.p)

    def test_co_location_is_the_join_count_of_the_product(self) -> None:
        graph, one, two = graph_of(lattice(6)), labels(36, 1, 0.7), labels(36, 2, 0.7)
        table = pd.DataFrame({"one": one, "two": two})
        both = local_co_location(table, graph)
        np.testing.assert_array_equal(both.p, local_join_count(one * two, graph).p)

    def test_absent_units_are_no_tests(self) -> None:
        graph, binary = graph_of(lattice(7)), labels(49, 1)
        result = local_join_count(binary, graph)
        assert result.n == 49
        assert result.tested.sum() == binary.sum()
        assert (result.statistic[binary == 0] == 0).all()
        present = result.p[result.tested]
        smallest = (np.sort(present) * present.size / np.arange(1, present.size + 1)).min()
        assert np.nanmin(result.p_fdr) == pytest.approx(min(1, smallest))

    def test_size_is_at_most_what_it_says(self) -> None:
        rng = np.random.default_rng(7)
        graph = graph_of(lattice(8))
        p = [local_join_count(rng.random(64) < 0.4, graph).p for _ in range(200)]
        found = np.concatenate(p)
        assert np.mean(found[~np.isnan(found)] <= 0.05) <= 0.05


class TestUnitsThatAreNotTested:
    def test_missing_units_and_islands(self) -> None:
        weights = np.zeros((8, 8))
        weights[:7, :7] = chain(7)
        values = [1, 1, 0, 1, 0, np.nan, 1, 1]
        result = local_join_count(values, graph_of(weights, "R"))
        assert result.classes[5:].tolist() == [NO_DATA, NO_NEIGHBOURS, NO_NEIGHBOURS]
        assert np.isnan(result.p[5:]).all()
        assert (result.n, result.isolates) == (5, (6, 7))
        small = local_join_count(values[:5], graph_of(chain(5), "R"))
        np.testing.assert_array_equal(result.p[:5], small.p)

    @pytest.mark.parametrize("value", [0, 1])
    def test_all_alike(self, value: int) -> None:
        result = local_join_count([value] * 6, graph_of(chain(6)))
        assert set(result.classes) == {NO_VARIATION}
        assert np.isnan(result.p).all()

    def test_only_one(self) -> None:
        result = local_join_count([0, 0, 1, 0, 0], graph_of(chain(5)))
        assert result.p[2] == result.p_analytic[2] == 1
        assert result.classes.tolist().count("absent") == 4

    @pytest.mark.parametrize("n", [1, 2, 3, 4, 5])
    @pytest.mark.parametrize("permutations", [0, 99])
    def test_tiny_maps_do_no_harm(self, n: int, permutations: int) -> None:
        binary = np.arange(n) % 2
        for weights in (chain(n), chain(n) * np.arange(1, n + 1)):
            result = local_join_count(binary, graph_of(weights), permutations=permutations, rng=1)
            tested = result.p[result.tested]
            assert result.tested.sum() == (n // 2 if n > 1 else 0)
            assert ((tested > 0) & (tested <= 1)).all()

    def test_where_all_are_neighbours_there_is_no_evidence(self) -> None:
        result = local_join_count([1, 1, 0, 1, 0], graph_of(1 - np.eye(5)))
        assert result.p[[0, 1, 3]].tolist() == [1, 1, 1]
        assert result.z[[0, 1, 3]].tolist() == [0, 0, 0]

    def test_without_the_first_thing_all_are_absent(self) -> None:
        result = bivariate_local_join_count([0] * 5, [1, 0, 0, 1, 0], graph_of(chain(5)))
        assert set(result.classes) == {"absent"}

    def test_negative_weights_are_permuted(self) -> None:
        weights = -chain(7)
        result = local_join_count([1, 1, 0, 0, 1, 0, 1], graph_of(weights), permutations=999, rng=1)
        assert result.permutations == 999
        assert ((result.p[result.tested] > 0) & (result.p[result.tested] <= 1)).all()


class TestWrongInputs:
    def test_other_values(self) -> None:
        with pytest.raises(SpatialError, match=r"2 values such as 2.*expected 0 and 1"):
            local_join_count([0, 1, 2, 3, float("nan")], graph_of(chain(5)))

    def test_both_at_once(self) -> None:
        with pytest.raises(SpatialError, match=r"2 units with a 1 on both maps.*co_location"):
            bivariate_local_join_count([1, 1, 0, 0], [1, 1, 0, 1], graph_of(chain(4)))

    def test_one_column(self) -> None:
        with pytest.raises(SpatialError, match=r"one column.*local_join_count"):
            local_co_location([[1], [0], [1]], graph_of(chain(3)))

    def test_fewer_than_no_permutations(self) -> None:
        with pytest.raises(SpatialError, match="permutations=-1"):
            local_join_count([1, 0, 1], graph_of(chain(3)), permutations=-1)
