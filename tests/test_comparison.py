"""Two maps side by side: classes, measures, p-values against surrogate maps, verdicts."""

from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
from libpysal.graph import Graph
from scipy import sparse
from scipy.stats import pearsonr, spearmanr

from spatial_models import (
    NO_DATA,
    NO_NEIGHBOURS,
    NO_VARIATION,
    HotSpotComparison,
    HotSpots,
    NoPValue,
    Parts,
    RateHotSpots,
    SpatialError,
    SurrogateMaps,
    SurrogateP,
    cohen_kappa,
    compare_hotspots,
    hot_spots,
    lee,
    rate_hot_spots,
    scan_poisson,
    surrogate_maps,
)
from spatial_models._hot_sets import hot_sets
from spatial_models._surrogate_tests import kappas
from spatial_models._tested import split_self
from spatial_models._trend import quadratic_trend, residuals
from spatial_models.graphs._positions import Positions

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

SIDE = 12
N = SIDE * SIDE
LABELS = ("arrests", "crime")
PEOPLE = np.full(N, 10_000.0)


def graph_of(weights: npt.ArrayLike, transformation: str = "R") -> Graph:
    matrix = np.asarray(weights, dtype=np.float64)
    graph = Graph.from_sparse(sparse.coo_array(matrix), ids=range(len(matrix)))
    return graph.transform(transformation)


def queen(side: int = SIDE) -> Floats:
    row, column = np.divmod(np.arange(side * side), side)
    far = np.maximum(abs(np.subtract.outer(row, row)), abs(np.subtract.outer(column, column)))
    return np.asarray(far == 1, dtype=np.float64)


LATTICE = graph_of(queen())
DISTANCE = np.add.outer(np.arange(SIDE), np.arange(SIDE)).ravel()
NEAR, FAR = DISTANCE < 4, DISTANCE > 2 * (SIDE - 1) - 4


def spots(
    *, hot: Bools | None = None, cold: Bools | None = None, missing: Bools | None = None, seed: int
) -> RateHotSpots:
    none = np.zeros(N, dtype=bool)
    rng = np.random.default_rng(seed)
    factor = np.where(none if hot is None else hot, 4.0, 1.0)
    factor = np.where(none if cold is None else cold, 0.25, factor)
    events = rng.poisson(PEOPLE * 0.01 * factor * np.exp(rng.normal(0, 0.3, N))).astype(float)
    events[none if missing is None else missing] = np.nan
    return rate_hot_spots(events, PEOPLE, LATTICE)


def estimate(result: HotSpotComparison, name: str) -> float:
    return result.measures[name].estimate


def test_a_map_compared_with_itself_agrees_wholly() -> None:
    one = spots(hot=NEAR, cold=FAR, seed=1)
    result = compare_hotspots(one, one, LATTICE, labels=LABELS)
    assert one.hot.any()
    assert estimate(result, "kappa") == pytest.approx(1)
    assert result.counts["both hot"] == one.hot.sum()
    assert result.counts["neither"] == N - one.hot.sum()
    smoothed = lee(one.scores, one.scores, LATTICE, permutations=0)
    assert estimate(result, "lee") == pytest.approx(smoothed.statistic)


def test_without_any_hot_spot_there_is_no_kappa() -> None:
    first, second = spots(seed=3), spots(seed=4)
    assert not (first.hot | second.hot).any()
    assert np.isnan(estimate(compare_hotspots(first, second, LATTICE), "kappa"))


def test_hot_spots_far_apart_do_not_overlap() -> None:
    result = compare_hotspots(spots(hot=NEAR, seed=1), spots(hot=FAR, seed=2), LATTICE)
    assert result.counts["both hot"] == 0
    assert result.counts["first only"] > 0
    assert result.counts["second only"] > 0
    assert estimate(result, "kappa") < 0


def test_hot_against_cold_is_opposite() -> None:
    first, second = spots(hot=NEAR, seed=1), spots(cold=NEAR, seed=2)
    result = compare_hotspots(first, second, LATTICE, labels=LABELS)
    opposite = first.hot & second.cold
    assert opposite.any()
    assert (result.classes == "opposite").tolist() == opposite.tolist()
    assert estimate(result, "lee") < 0


def test_classes_say_which_map_is_hot() -> None:
    first, second = spots(hot=NEAR, seed=1), spots(hot=NEAR | FAR, seed=2)
    result = compare_hotspots(first, second, LATTICE, labels=LABELS)
    expected = np.full(N, "neither", dtype=object)
    expected[first.hot & ~second.cold] = "arrests only"
    expected[second.hot & ~first.cold] = "crime only"
    expected[first.hot & second.hot] = "both hot"
    expected[(first.hot & second.cold) | (first.cold & second.hot)] = "opposite"
    assert result.classes.tolist() == expected.tolist()
    assert estimate(result, "kappa") == pytest.approx(cohen_kappa(first.hot, second.hot))
    assert result.n == N


def test_the_other_way_round_only_the_names_change() -> None:
    first, second = spots(hot=NEAR, seed=1), spots(hot=NEAR | FAR, seed=2)
    one = compare_hotspots(first, second, LATTICE, labels=("a", "b"))
    other = compare_hotspots(second, first, LATTICE, labels=("b", "a"))
    assert one.classes.tolist() == other.classes.tolist()
    assert estimate(one, "kappa") == pytest.approx(estimate(other, "kappa"))
    assert estimate(one, "lee") == pytest.approx(estimate(other, "lee"))


def test_what_either_map_lacks_is_compared_in_neither() -> None:
    gaps = np.isin(np.arange(N), [0, 1, 50])
    first, second = spots(hot=NEAR, seed=1), spots(hot=NEAR, missing=gaps, seed=2)
    for pair in ((first, second), (second, first)):
        result = compare_hotspots(*pair, LATTICE)
        assert (result.classes == NO_DATA).tolist() == gaps.tolist()
        assert result.n == N - 3
        kappa = cohen_kappa(first.hot[~gaps], second.hot[~gaps])
        assert estimate(result, "kappa") == pytest.approx(kappa)
        here = graph_of(queen()[~gaps][:, ~gaps])
        smoothed = lee(first.scores[~gaps], second.scores[~gaps], here, permutations=0)
        assert estimate(result, "lee") == pytest.approx(smoothed.statistic)


def test_the_weightiest_reason_is_named() -> None:
    # The first map lacks unit 7, the second unit 0 and any variation; 6 is an island.
    weights = np.zeros((8, 8))
    weights[:6, :6] = np.eye(6, k=1) + np.eye(6, k=-1)
    graph = graph_of(weights)
    people = [1_000] * 8
    varied = rate_hot_spots([900, 10, 800, 20, 700, 30, 40, np.nan], people, graph)
    flat = rate_hot_spots([np.nan, *[10] * 7], people, graph)
    result = compare_hotspots(varied, flat, graph)
    assert result.classes.tolist() == [NO_DATA, *[NO_VARIATION] * 5, NO_NEIGHBOURS, NO_DATA]
    assert result.n == 0
    assert np.isnan([estimate(result, "kappa"), estimate(result, "lee")]).all()


def test_maps_of_other_units_are_refused() -> None:
    one = spots(seed=1)
    with pytest.raises(SpatialError, match="other units"):
        compare_hotspots(one, one, graph_of(queen(4)))


def test_maps_tested_at_other_levels_are_refused() -> None:
    events = np.random.default_rng(1).poisson(100, N)
    first, second = (rate_hot_spots(events, PEOPLE, LATTICE, alpha=a) for a in (0.05, 0.1))
    with pytest.raises(SpatialError, match=r"levels 0\.05 and 0\.1"):
        compare_hotspots(first, second, LATTICE)


def test_every_unit_has_a_class_of_the_legend() -> None:
    result = compare_hotspots(spots(hot=NEAR, seed=1), spots(hot=FAR, seed=2), LATTICE)
    assert set(result.classes) <= set(result.class_names)
    assert sum(result.counts.values()) == N
    table = result.to_frame()
    pd.testing.assert_index_equal(table.index, LATTICE.unique_ids)
    assert table["overlap_class"].tolist() == result.classes.tolist()
    assert "kappa" in repr(result)
    assert f"n = {N}" in repr(result)


PLACES = np.stack(np.divmod(np.arange(N), SIDE), axis=1).astype(float)


def field(seed: int, *, broad: float = 0.0) -> Floats:
    """Give an autocorrelated map, with a broad gradient where asked for."""
    rng = np.random.default_rng(seed)
    weights = LATTICE.sparse.toarray()
    noise = np.linalg.solve(np.eye(N) - 0.8 * weights, rng.normal(size=N))
    return np.asarray(noise + broad * DISTANCE)


def null_of(second: HotSpots, surrogates: int = 99, **options: Any) -> SurrogateMaps:
    return surrogate_maps(second, LATTICE, PLACES, surrogates=surrogates, rng=5, **options)


def p_of(result: HotSpotComparison, name: str) -> SurrogateP:
    p = result.measures[name].p
    assert isinstance(p, SurrogateP)
    return p


def test_many_hot_sets_are_those_of_each_map() -> None:
    rng = np.random.default_rng(1)
    maps = [field(seed) for seed in range(30)] + [rng.normal(size=N) for _ in range(5)]
    found = [hot_spots(each, LATTICE) for each in maps]
    scores = np.array([each.scores for each in found])
    neighbours = split_self(sparse.csr_array(LATTICE.sparse))[0]
    together = hot_sets(scores, neighbours, alpha=0.05)
    assert (together == np.array([each.hot for each in found])).all()
    assert together.any(axis=1).sum() > 10
    assert not together.any(axis=1).all()


def test_a_second_map_of_rare_events_has_no_p_value() -> None:
    rng = np.random.default_rng(4)
    rates = np.exp(field(3))
    people = np.exp(rng.normal(9, 1.5, N))
    rare, usual = (
        rate_hot_spots(rng.poisson(each * people * rates).astype(float), people, LATTICE)
        for each in (2e-5, 0.1)
    )
    assert rare.score_variance > 0.01 > usual.score_variance
    refused = compare_hotspots(usual, rare, LATTICE, null=null_of(rare))
    assert refused.trend_removed is not None
    assert refused.verdict == "not tested"
    for found in (refused, refused.trend_removed):
        for name in ("kappa", "lee"):
            p = found.measures[name].p
            assert isinstance(p, NoPValue)
            assert "second map's events are so few" in p.reason
    # The first map is kept as it is: its counts may be small.
    offered = compare_hotspots(rare, usual, LATTICE, null=null_of(usual))
    assert all(isinstance(offered.measures[name].p, SurrogateP) for name in ("kappa", "lee"))


def test_of_a_strongly_shared_trend_kappa_has_no_p_value_beneath_it() -> None:
    slope = 0.15 * PLACES.sum(axis=1)
    first, second = (hot_spots(slope + field(seed), LATTICE) for seed in (11, 12))
    found = compare_hotspots(first, second, LATTICE, null=null_of(second))
    assert found.trend_removed is not None
    beneath = found.trend_removed.measures
    assert isinstance(found.measures["kappa"].p, SurrogateP)
    assert isinstance(beneath["lee"].p, SurrogateP)
    assert isinstance(beneath["kappa"].p, NoPValue)
    assert "broad trend that both maps share" in beneath["kappa"].p.reason
    assert found.trend_removed.headline.name == "lee"
    # Trends that run against each other share nothing.
    against = hot_spots(-slope + field(12), LATTICE)
    twin = compare_hotspots(first, against, LATTICE, null=null_of(against)).trend_removed
    assert twin is not None
    assert isinstance(twin.measures["kappa"].p, SurrogateP)


def test_hot_sets_of_counts_keep_the_doubt_of_small_counts() -> None:
    rng = np.random.default_rng(2)
    rates = np.exp(field(3))
    few = rng.poisson(3 * rates / rates.mean()).astype(float)
    found = rate_hot_spots(few, PEOPLE, LATTICE)
    assert found.score_variance > 0.01
    neighbours = split_self(sparse.csr_array(LATTICE.sparse))[0]
    again = hot_sets(found.scores[np.newaxis], neighbours, alpha=0.05, within=found.score_variance)[
        0
    ]
    assert found.hot.any()
    assert cohen_kappa(again, found.hot) > 0.9


def test_many_kappas_are_those_of_each_pair() -> None:
    rng = np.random.default_rng(3)
    first, second = rng.random((4, 50)) < 0.3, rng.random((6, 50)) < 0.2
    first[0], second[1] = False, True
    expected = [[cohen_kappa(one, other) for other in second] for one in first]
    np.testing.assert_allclose(kappas(first, second), expected)


def test_correlations_are_those_of_other_software() -> None:
    first, second = hot_spots(field(1), LATTICE), hot_spots(field(2), LATTICE)
    result = compare_hotspots(first, second, LATTICE)
    assert estimate(result, "pearson") == pytest.approx(
        pearsonr(first.scores, second.scores).statistic
    )
    assert estimate(result, "spearman") == pytest.approx(
        spearmanr(first.scores, second.scores).statistic
    )


@pytest.mark.parametrize("support", ["unit", "area"])
def test_a_map_and_itself_have_the_smallest_p_there_is(support: Any) -> None:
    one = hot_spots(field(19), LATTICE)
    assert one.hot.any()
    result = compare_hotspots(one, one, LATTICE, null=null_of(one), support=support)
    for name in ("kappa", "fuzzy_kappa", "similarity", "jaccard", "dice", "pearson", "spearman"):
        assert estimate(result, name) == pytest.approx(1), name
    assert estimate(result, "first_in_second") == estimate(result, "second_in_first") == 1
    least = {"kappa": 0.01, "lee": 0.02, "pearson": 0.02}[result.headline.name]
    assert isinstance(result.headline.p, SurrogateP)
    assert result.headline.p.p == pytest.approx(least)
    assert result.verdict == "association"


def test_a_map_against_its_surrogates_is_about_its_expectation() -> None:
    one = hot_spots(field(1), LATTICE)
    null = null_of(one, surrogates=199)
    hot = np.concatenate([*null.adjusted["none"].hot.values()])
    means = np.nan_to_num(kappas(one.hot[np.newaxis], hot))[0]
    assert abs(means.mean()) < 3 * means.std() / np.sqrt(20)
    p = p_of(compare_hotspots(one, one, LATTICE, null=null), "kappa")
    assert p.expected == pytest.approx(means.mean())


def test_p_is_the_larger_of_the_families() -> None:
    first, second = hot_spots(field(1), LATTICE), hot_spots(field(2), LATTICE)
    p = p_of(compare_hotspots(first, second, LATTICE, null=null_of(second)), "lee")
    assert p.moran is not None
    assert p.kernel is not None
    assert p.p == max(p.moran, p.kernel)
    only = null_of(second, families=("kernel",))
    alone = p_of(compare_hotspots(first, second, LATTICE, null=only), "lee")
    assert (alone.p, alone.moran) == (p.kernel, None)


def test_which_measures_have_a_p_depends_on_the_support() -> None:
    first, second = hot_spots(field(1), LATTICE), hot_spots(field(2), LATTICE)
    null = null_of(second)
    with_p = {
        support: {
            name
            for name, one in compare_hotspots(
                first, second, LATTICE, null=null, support=support
            ).measures.items()
            if isinstance(one.p, SurrogateP)
        }
        for support in ("unit", "area")
    }
    assert with_p == {"unit": {"kappa", "lee"}, "area": {"lee", "pearson"}}
    without = compare_hotspots(first, second, LATTICE)
    assert all(isinstance(one.p, NoPValue) for one in without.measures.values())
    assert without.verdict == "not tested"
    assert without.trend_removed is None


def test_no_p_value_is_no_number() -> None:
    none = NoPValue(reason="too few")
    assert f"{none}" == "no p-value: too few"
    with pytest.raises(TypeError, match="no p-value: too few"):
        float(none)
    with pytest.raises(TypeError):
        f"{none:.3f}"


def test_empty_hot_sets_have_p_of_one() -> None:
    quiet = rate_hot_spots(np.random.default_rng(3).poisson(100, N), PEOPLE, LATTICE)
    loud = hot_spots(field(1), LATTICE)
    assert not quiet.hot.any()
    if quiet.test.tested.any():
        for pair in ((quiet, loud), (loud, quiet)):
            result = compare_hotspots(pair[0], pair[1], LATTICE, null=null_of(pair[1]))
            assert np.isnan(estimate(result, "kappa"))
            assert p_of(result, "kappa").p == 1
            assert result.verdict in {"no association", "beneath the gradient only"}


def test_a_constant_map_has_no_variation() -> None:
    constant, varied = hot_spots(np.ones(N), LATTICE), hot_spots(field(1), LATTICE)
    for pair in ((constant, varied), (varied, constant)):
        result = compare_hotspots(*pair, LATTICE, null=null_of(pair[1]))
        assert result.headline.p == NoPValue(reason="no variation")
        assert result.n == 0
        assert set(result.classes) == {NO_VARIATION}
        assert result.verdict == "not tested"


def test_estimates_are_means_over_draws_with_an_interval() -> None:
    rng = np.random.default_rng(1)
    second = hot_spots(field(2) + field(1), LATTICE)
    draws = np.array([field(1) + rng.normal(size=N) for _ in range(40)])
    result = compare_hotspots(hot_spots(draws, LATTICE), second, LATTICE, null=null_of(second))
    singles = [
        compare_hotspots(hot_spots(one, LATTICE), second, LATTICE, null=null_of(second))
        for one in draws
    ]
    for name in ("kappa", "lee", "pearson", "jaccard", "spearman", "first_in_second"):
        each = np.array([estimate(one, name) for one in singles])
        assert estimate(result, name) == pytest.approx(each.mean())
        low, high = np.quantile(each, [0.05, 0.95])
        measured = result.measures[name]
        assert (measured.low, measured.high) == pytest.approx((low, high))
    assert np.isnan(singles[0].measures["kappa"].low)


def test_without_a_shared_gradient_little_is_left_in_common() -> None:
    for seed in range(4):
        first = hot_spots(field(2 * seed, broad=0.3), LATTICE)
        second = hot_spots(field(2 * seed + 1, broad=0.3), LATTICE)
        result = compare_hotspots(first, second, LATTICE, null=null_of(second), support="area")
        assert result.trend_removed is not None
        assert estimate(result, "pearson") > 0.35
        assert abs(estimate(result.trend_removed, "pearson")) < 0.25


def test_a_trend_is_taken_out_to_the_last_digit() -> None:
    positions = Positions.of(PLACES)
    terms = quadratic_trend(positions)
    row, column = PLACES.T
    surface = 3 + row - 2 * column + 0.1 * row**2 - row * column
    noise = np.random.default_rng(1).normal(size=N)
    known = np.arange(N) > 5
    left = residuals(np.array([surface, surface + noise]), terms, known)
    assert np.isnan(left[:, ~known]).all()
    np.testing.assert_allclose(left[0, known], 0, atol=1e-9)
    np.testing.assert_allclose(terms[known].T @ left[1, known], 0, atol=1e-9)


def test_a_trend_over_places_on_a_line_is_no_error() -> None:
    line = np.stack([np.arange(9.0), np.zeros(9)], axis=1)
    left = residuals(
        np.arange(9.0)[np.newaxis] ** 2, quadratic_trend(Positions.of(line)), np.ones(9, dtype=bool)
    )
    np.testing.assert_allclose(left, 0, atol=1e-9)


def test_covariates_take_away_what_they_explain() -> None:
    shared = field(7)
    rng = np.random.default_rng(7)
    first = hot_spots(shared + rng.normal(size=N), LATTICE)
    second = hot_spots(shared + rng.normal(size=N), LATTICE)
    null = null_of(second, covariates=pd.DataFrame({"shared": shared}))
    result = compare_hotspots(first, second, LATTICE, null=null, support="area")
    assert result.partial is not None
    assert p_of(result, "pearson").p == pytest.approx(0.02)
    assert abs(estimate(result.partial, "pearson")) < 0.2
    assert p_of(result.partial, "pearson").p > 0.05


def test_ties_do_not_make_an_association_out_of_a_trend() -> None:
    # Ranked again, what a trend leaves between tied units would be a smooth map.
    p: dict[str, list[float]] = {"kappa": [], "lee": []}
    for seed in range(20):
        rng = np.random.default_rng([71, seed])
        rare = [np.where(rng.random(N) < 0.1, rng.random(N), 0.0) for _ in range(2)]
        first, second = (hot_spots(one, LATTICE) for one in rare)
        twin = compare_hotspots(first, second, LATTICE, null=null_of(second)).trend_removed
        assert twin is not None
        for name, found in p.items():
            found.append(p_of(twin, name).p)
    for found in p.values():
        assert np.mean(np.array(found) <= 0.05) <= 0.2


def test_what_covariates_explain_wholly_is_no_map() -> None:
    values = (field(3) > 1).astype(float)
    second = hot_spots(values, LATTICE)
    null = null_of(second, covariates=pd.DataFrame({"same": values}))
    result = compare_hotspots(hot_spots(field(1), LATTICE), second, LATTICE, null=null)
    assert result.partial is not None
    assert result.partial.headline.p == NoPValue(reason="no variation")


def test_few_units_have_no_p_value() -> None:
    some = np.arange(N) < 19
    first = hot_spots(np.where(some, field(1), np.nan), LATTICE)
    second = hot_spots(field(2), LATTICE)
    result = compare_hotspots(first, second, LATTICE, null=null_of(second))
    assert result.n == 19
    assert "fewer than 20 units" in str(result.headline.p)
    assert result.verdict == "not tested"


def test_hot_spots_by_permutation_have_no_surrogates() -> None:
    second = hot_spots(field(2), LATTICE, permutations=99, rng=1)
    with pytest.raises(SpatialError, match="hot spots by permutation"):
        null_of(second)
    scores = null_of(second, overlap=False)
    result = compare_hotspots(hot_spots(field(1), LATTICE), second, LATTICE, null=scores)
    assert "were not looked for" in str(result.measures["kappa"].p)
    assert p_of(result, "lee").p <= 1


def test_areas_are_made_of_their_parts() -> None:
    area = pd.Series(np.arange(N) // 4)
    ids = pd.Index(range(N // 4))
    parts = Parts.of(PLACES, area, pd.Series(np.ones(N)), ids)
    values = parts.shares @ field(2)
    centres = parts.shares @ PLACES
    chain = Graph.from_arrays(
        [*ids[:-1], *ids[1:]], [*ids[1:], *ids[:-1]], np.ones(2 * len(ids) - 2)
    ).transform("R")
    second = hot_spots(values, chain)
    one, other = (
        surrogate_maps(second, chain, centres, parts=given, surrogates=9, rng=1)
        for given in (parts, None)
    )
    made, plain = (null.adjusted["none"].scores["kernel"] for null in (one, other))
    assert not np.array_equal(made, plain)
    single = Parts.of(centres, pd.Series(ids), pd.Series(np.ones(len(ids))), ids)
    same = surrogate_maps(second, chain, centres, parts=single, surrogates=9, rng=1)
    np.testing.assert_array_equal(same.adjusted["none"].scores["kernel"], plain)


def test_surrogates_tested_at_another_level_are_the_same_maps() -> None:
    second, wider = hot_spots(field(2), LATTICE), hot_spots(field(2), LATTICE, alpha=0.2)
    again, drawn = null_of(second).retested(wider, LATTICE), null_of(wider)
    for name in ("none", "trend"):
        for family in ("moran", "kernel"):
            np.testing.assert_array_equal(
                again.adjusted[name].hot[family], drawn.adjusted[name].hot[family]
            )


def test_masses_are_shared_out_over_hot_spots() -> None:
    first, second = spots(hot=NEAR, seed=1), spots(hot=NEAR | FAR, seed=2)
    people = pd.Series(np.arange(N, dtype=float), index=range(N))
    shares = compare_hotspots(first, second, LATTICE, masses={"people": people}).shares
    both = first.hot & second.hot
    assert shares.loc["units", "first_in_second"] == both.sum() / first.hot.sum()
    assert shares.loc["people", "second_hot"] == people[second.hot].sum() / people.sum()
    inside = people[both].sum() / people[second.hot].sum()
    assert shares.loc["people", "second_in_first"] == pytest.approx(inside)


def test_scan_clusters_are_compared() -> None:
    rng = np.random.default_rng(1)
    scans = [
        scan_poisson(rng.poisson(20 * np.where(near, 4, 1)), PEOPLE, PLACES, replicates=99, rng=1)
        for near in (NEAR, NEAR)
    ]
    one = spots(hot=NEAR, seed=1)
    overlap = compare_hotspots(one, one, LATTICE, scans=(scans[0], scans[1])).scan_overlap
    assert overlap is not None
    assert overlap["jaccard"].item() > 0.5
    assert overlap["first_clusters"].item() >= 1


@pytest.mark.parametrize("workers", [1, 2])
def test_the_result_does_not_depend_on_threads(workers: int) -> None:
    first, second = hot_spots(field(1), LATTICE), hot_spots(field(2), LATTICE)

    def run(executor: Executor | None) -> HotSpotComparison:
        null = null_of(second, surrogates=250, executor=executor)
        return compare_hotspots(first, second, LATTICE, null=null, tested_only=True)

    with ThreadPoolExecutor(workers) as threads:
        one, other = run(threads), run(None)
    assert one.measures["kappa"].p == other.measures["kappa"].p
    assert one.measures["lee"] == other.measures["lee"] or np.isnan(one.measures["lee"].low)
    assert one.trend_removed is not None
    assert other.trend_removed is not None
    assert one.trend_removed.measures["lee"].p == other.trend_removed.measures["lee"].p


def test_more_surrogates_begin_with_the_same() -> None:
    second = hot_spots(field(2), LATTICE)
    few, many = null_of(second, surrogates=100), null_of(second, surrogates=150)
    for family, maps in few.adjusted["trend"].scores.items():
        np.testing.assert_array_equal(maps, many.adjusted["trend"].scores[family][:100])


def test_maps_that_do_not_belong_together_are_refused() -> None:
    first, second = hot_spots(field(1), LATTICE), hot_spots(field(2), LATTICE)
    with pytest.raises(SpatialError, match="surrogates of another map"):
        compare_hotspots(first, second, LATTICE, null=null_of(first))
    draws = hot_spots(np.array([field(1), field(3)]), LATTICE)
    with pytest.raises(SpatialError, match="2 draws of the second map"):
        compare_hotspots(first, draws, LATTICE)
    with pytest.raises(SpatialError, match="2 draws of the second map"):
        null_of(draws)
    with pytest.raises(SpatialError, match="surrogates=-1"):
        null_of(second, surrogates=-1)
    with pytest.raises(SpatialError, match="families"):
        null_of(second, families=("other",))
    with pytest.raises(SpatialError, match="143 places for 144 units"):
        surrogate_maps(second, LATTICE, PLACES[1:])
    with pytest.raises(SpatialError, match="covariates"):
        null_of(second, covariates=pd.DataFrame({"a": [1.0]}))


def test_a_verdict_for_every_pair_of_answers() -> None:
    first, second = hot_spots(field(1), LATTICE), hot_spots(field(2), LATTICE)
    result = compare_hotspots(first, second, LATTICE, null=null_of(second), support="area")

    def answered(p: float, value: float, plain: HotSpotComparison) -> HotSpotComparison:
        test = replace(p_of(plain, "pearson"), p=p)
        changed = replace(plain.measures["pearson"], p=test, estimate=value)
        return replace(plain, measures={**plain.measures, "pearson": changed})

    def verdict(p: float, twin: float, sign: int = 1) -> str:
        assert result.trend_removed is not None
        value = 0.3 * sign if sign else float("nan")
        beneath = answered(twin, value, result.trend_removed)
        return replace(answered(p, 0.3, result), trend_removed=beneath).verdict

    assert verdict(0.01, 0.01) == "association"
    assert verdict(0.01, 0.01, sign=-1) == "contradictory"
    assert verdict(0.01, 0.2) == "broad gradient only"
    assert verdict(0.2, 0.01) == "beneath the gradient only"
    assert verdict(0.2, 0.2) == "no association"
    assert verdict(0.01, 1.0, sign=0) == "not tested beneath the gradient"
