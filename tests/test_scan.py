"""Kulldorff's scan: every window by hand, SaTScan's figures, properties, size."""

from __future__ import annotations

from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import box

from spatial_models import NO_DATA, NO_VARIATION, NOT_SIGNIFICANT, SpatialError
from spatial_models._kernels.scan import LANES, bound_counts
from spatial_models._scan import Scan, scan_windows
from spatial_models.scan import COLD_CLUSTER, HOT_CLUSTER, ScanResult, scan_poisson

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

NEW_YORK = Path(__file__).parent / "reference" / "scan_new_york.csv"


class Serial(Executor):
    """Do everything at once, here."""

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        future.set_result(fn(*args, **kwargs))
        return future


def random_map(seed: int, *, n: int = 24, side: int = 5, rate: float = 0.05) -> dict[str, Any]:
    """Units on a small grid, so that distances tie and some units share a place."""
    rng = np.random.default_rng(seed)
    people = rng.integers(20, 400, n).astype(float)
    risk = np.where(rng.random(n) < 0.2, 2.5, 1.0)
    return {
        "cases": rng.poisson(rate * risk * people),
        "population": people,
        "coordinates": rng.integers(0, side, (n, 2)).astype(float),
    }


def ratio_of(c: Any, e: float, total: float) -> float:
    with np.errstate(divide="ignore", invalid="ignore"):
        terms = np.array([c * np.log(c / e), (total - c) * np.log((total - c) / (total - e))])
    return float(np.nansum(terms))


def windows_by_hand(
    cases: Integers, population: Floats, coordinates: Floats, share: float, kind: str
) -> dict[frozenset[int], float]:
    """Every circle around a unit with at most a share of the people, and its ratio."""
    windows: dict[frozenset[int], float] = {}
    total, people = cases.sum(), population.sum()
    for centre in coordinates:
        apart = np.hypot(*(coordinates - centre).T)
        for radius in np.unique(apart.round(9)):
            inside = apart <= radius + 1e-9
            if population[inside].sum() > share * people:
                break
            c, e = cases[inside].sum(), population[inside].sum() * total / people
            counts = {"hot": c > e, "cold": c < e, "both": c != e}[kind]
            windows[frozenset(np.flatnonzero(inside))] = ratio_of(c, e, total) if counts else 0.0
    return windows


def greedy_by_hand(windows: dict[frozenset[int], float]) -> list[float]:
    """Ratios of the most likely window, of the next that shares no unit with it, ..."""
    left, ratios = dict(windows), []
    while left and max(left.values()) > 0:
        best = max(left, key=lambda inside: left[inside])
        ratios.append(left[best])
        left = {inside: ratio for inside, ratio in left.items() if not inside & best}
    return ratios


@pytest.mark.parametrize("kind", ["hot", "cold", "both"])
@pytest.mark.parametrize("share", [0.5, 0.2])
@pytest.mark.parametrize("seed", range(8))
def test_clusters_are_those_of_all_windows_by_hand(seed: int, share: float, kind: Any) -> None:
    drawn = random_map(seed)
    result = scan_poisson(
        **drawn, max_population=share, clusters=kind, replicates=1, alpha=1.0, rng=1
    )
    windows = windows_by_hand(**drawn, share=share, kind=kind)
    assert [each.log_likelihood_ratio for each in result.clusters] == pytest.approx(
        greedy_by_hand(windows)
    )
    total, people = drawn["cases"].sum(), drawn["population"].sum()
    for cluster in result.clusters:
        inside: list[Any] = list(cluster.members)
        c, e = drawn["cases"][inside].sum(), drawn["population"][inside].sum() * total / people
        assert windows[frozenset(inside)] == pytest.approx(cluster.log_likelihood_ratio)
        assert cluster.observed == c
        assert cluster.expected == pytest.approx(e)
        assert cluster.population == drawn["population"][inside].sum()
        assert cluster.relative_risk == pytest.approx((c / e) / ((total - c) / (total - e)))
        assert cluster.kind == ("hot" if c > e else "cold")
        apart = np.hypot(*(drawn["coordinates"] - drawn["coordinates"][cluster.centre]).T)
        assert cluster.radius == pytest.approx(apart[inside].max())
    assert not {*()}.union(*(each.members for each in result.clusters)) - {*range(24)}


@pytest.mark.parametrize("kind", ["hot", "cold", "both"])
@pytest.mark.parametrize("rate", [0.003, 0.05, 20.0])
def test_maxima_of_replicates_are_those_of_all_windows_by_hand(kind: str, rate: float) -> None:
    """The bounds that spare the likelihood must never hide the largest one."""
    drawn = random_map(7, n=15, side=4, rate=rate)
    places, index = np.unique(drawn["coordinates"], axis=0, return_inverse=True)
    scan = Scan(
        points=places,
        cases=np.bincount(index.ravel(), drawn["cases"]).astype(np.int64),
        population=np.bincount(index.ravel(), drawn["population"]).astype(np.float64),
        max_population=0.5,
        hot=kind != "cold",
        cold=kind != "hot",
    )
    _, maxima = scan_windows(scan, replicates=LANES + 6, seed=5, executor=Serial())
    shares = scan.population / scan.population.sum()
    for number, largest in enumerate(maxima):
        stream = np.random.Generator(np.random.Philox(key=[5, number]))
        windows = windows_by_hand(
            stream.multinomial(scan.total, shares), scan.population, places, 0.5, kind
        )
        assert largest == pytest.approx(max(windows.values()), abs=1e-9)


@pytest.mark.parametrize("total", [1, 2, 9, 100, 3_000])
@pytest.mark.parametrize("level", [0.0, 0.01, 1.0, 5.0, 12.0, 400.0])
def test_counts_that_need_no_look(total: int, level: float) -> None:
    """Between the bounds no ratio exceeds the level, and the bounds are not far inside."""
    expected = total * np.array([1e-6, 1e-3, 0.01, 0.1, 0.25, 0.4, 0.499, 0.5])
    counts = np.arange(total + 1)
    for hot, cold in ((True, False), (False, True), (True, True)):
        fewest, widths = np.empty((2, expected.size), dtype=np.int32)
        bound_counts(expected, level, float(total), hot, cold, fewest, widths)
        for e, low, width in zip(expected, fewest, widths, strict=True):
            ratios = np.array([ratio_of(c, e, total) for c in counts])
            asked = (counts > e) & hot | (counts < e) & cold
            skipped = (counts >= low) & (counts <= low + width)
            assert (ratios[asked & skipped] <= level + 1e-9).all()
            # The bound is within a factor of two of the ratio, where both are small.
            close = np.abs(counts - e) <= 0.2 * e
            assert (ratios[asked & ~skipped & close] >= level / 2 - 1e-9).all()


def test_new_york_leukaemia_as_by_satscan() -> None:
    """Figures of SaTScan, as in the tests of R's smerc (French), for floor(cases) by tract.

    Data: leukaemia in eight counties of New York, 1978-1982 (Waller and Gotway 2004),
    from R's spData (CC0); centroids are those of its tract polygons.
    """
    tracts = pd.read_csv(NEW_YORK, index_col="tract")
    points = gpd.GeoSeries.from_xy(tracts["longitude"], tracts["latitude"], crs=4326)
    result = scan_poisson(
        tracts["cases"], tracts["population"], points.set_axis(tracts.index), alpha=0.5, rng=1
    )
    _, second, third = result.clusters
    assert second.members == (85, 86, 87, 88, 89, 90, 91, 92, 93)
    assert second.centre == 88
    assert (second.population, second.observed) == (40_696, 42)
    assert round(second.expected, 2) == 21.24
    assert round(second.relative_risk, 2) == 2.06
    assert round(second.log_likelihood_ratio, 2) == 8.29
    assert third.members == (*range(111, 120), *range(122, 127), 219, 220)
    assert third.centre == 113
    assert (third.population, third.observed) == (45_667, 44)
    assert round(third.expected, 2) == 23.83
    assert round(third.relative_risk, 2) == 1.92
    assert round(third.log_likelihood_ratio, 2) == 7.20
    # The first circle of SaTScan, around the same tract, holds two tracts more than ours,
    # as its coordinates are no centroids. Its figures, when just these tracts lie together:
    assert result.clusters[0].centre == 52
    inside = [*range(1, 4), 5, *range(10, 18), *range(35, 41), *range(43, 56)]
    together = np.where(tracts.index.isin(inside), 0, tracts.index)
    places = np.column_stack([together * 1e3, together * 0])
    first = scan_poisson(tracts["cases"], tracts["population"], places, rng=1).clusters[0]
    assert first.members == tuple(inside)
    assert (first.population, first.observed) == (119_050, 106)
    assert round(first.expected, 2) == 62.13
    assert round(first.relative_risk, 2) == 1.87
    assert round(first.log_likelihood_ratio, 2) == 14.78


def figures(result: ScanResult) -> list[tuple[object, ...]]:
    return [
        (set(each.members), each.observed, each.population, each.kind, each.p, each.p_gumbel)
        for each in result.clusters
    ]


def same_clusters(result: ScanResult, other: ScanResult) -> bool:
    """Tell whether the most likely clusters are equally likely and, if unique, the same."""
    assert result.statistic == pytest.approx(other.statistic, abs=1e-9)
    return [each.log_likelihood_ratio for each in result.clusters] == pytest.approx(
        [each.log_likelihood_ratio for each in other.clusters], abs=1e-9
    )


fixed = settings(deadline=None, derandomize=True, max_examples=20)
seeds = st.integers(0, 10_000)


@fixed
@given(seeds)
def test_the_order_of_rows_does_not_matter(seed: int) -> None:
    drawn = random_map(seed)
    order = np.random.default_rng(seed).permutation(24)
    chosen: dict[str, Any] = {"replicates": 19, "clusters": "both", "alpha": 1.0, "rng": 1}
    plain = scan_poisson(**drawn | chosen)
    moved = scan_poisson(**{key: values[order] for key, values in drawn.items()} | chosen)
    relabelled = [
        ({int(order[int(str(member))]) for member in each.members}, each.p, each.p_gumbel)
        for each in moved.clusters
    ]
    assert relabelled == [(set(each.members), each.p, each.p_gumbel) for each in plain.clusters]
    np.testing.assert_array_equal(moved.classes, plain.classes[order])
    np.testing.assert_array_equal(moved.rank, plain.rank[order])


@fixed
@given(seeds, st.sampled_from([0.125, 3.0, 1e6]))
def test_no_unit_of_population(seed: int, factor: float) -> None:
    drawn = random_map(seed)
    plain = scan_poisson(**drawn, replicates=19, alpha=1.0, rng=1)
    scaled = drawn | {"population": factor * drawn["population"]}
    other = scan_poisson(**scaled, replicates=19, alpha=1.0, rng=1)
    assert same_clusters(plain, other)
    assert plain.p == other.p


@fixed
@given(seeds, st.floats(0, 6.3), st.integers(-1_000, 1_000), st.sampled_from([1e-3, 1.0, 1e3]))
def test_no_place_or_direction_on_the_map(
    seed: int, angle: float, shift: int, factor: float
) -> None:
    """Distances that tie on a grid still tie after it is turned."""
    drawn = random_map(seed)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    turned = drawn | {"coordinates": factor * (drawn["coordinates"] @ turn + shift)}
    plain = scan_poisson(**drawn, replicates=1, alpha=1.0, rng=1)
    other = scan_poisson(**turned, replicates=1, alpha=1.0, rng=1)
    assert plain.windows == other.windows
    assert same_clusters(plain, other)
    if plain.clusters:
        assert plain.clusters[0].radius * factor == pytest.approx(other.clusters[0].radius)


@fixed
@given(seeds)
def test_units_at_one_point_are_one_place(seed: int) -> None:
    """Each unit is split into two halves; then the first of each pair is also dropped."""
    drawn = random_map(seed)
    halves: dict[str, Any] = {
        "cases": np.concatenate([drawn["cases"] // 2, drawn["cases"] - drawn["cases"] // 2]),
        "population": np.tile(drawn["population"] / 2, 2),
        "coordinates": np.tile(drawn["coordinates"], (2, 1)),
    }
    plain = scan_poisson(**drawn, replicates=19, alpha=1.0, rng=1)
    split = scan_poisson(**halves, replicates=19, alpha=1.0, rng=1)
    for one, other in zip(plain.clusters, split.clusters, strict=True):
        assert {*one.members} | {int(str(each)) + 24 for each in one.members} == {*other.members}
        assert (one.observed, one.p, one.p_gumbel) == (other.observed, other.p, other.p_gumbel)
    assert split.n == 2 * plain.n


def test_case_and_control_points_are_units_with_one_person() -> None:
    drawn = random_map(3, n=12, rate=0.1)
    people = drawn["population"].astype(int)
    cases = np.concatenate(
        [np.arange(many) < few for few, many in zip(drawn["cases"], people, strict=True)]
    )
    points = np.repeat(drawn["coordinates"], people, axis=0)
    result = scan_poisson(cases, np.ones(people.sum()), points, replicates=99, alpha=1, rng=1)
    units = scan_poisson(**drawn, replicates=99, alpha=1, rng=1)
    of_points, of_units = result.clusters_frame(), units.clusters_frame()
    shared = ["observed", "expected", "relative_risk", "log_likelihood_ratio", "p", "radius"]
    pd.testing.assert_frame_equal(of_points[shared], of_units[shared])


def county_like(n: int = 150) -> dict[str, Any]:
    rng = np.random.default_rng(8)
    people = rng.lognormal(8, 1, n).round()
    places = rng.random((n, 2)) * 100
    risk = np.where(np.hypot(*(places - 50).T) < 12, 1.6, 1.0)
    return {"cases": rng.poisson(0.01 * risk * people), "population": people, "coordinates": places}


def members_of(result: ScanResult) -> npt.NDArray[np.bool_]:
    return np.array([unit in result.clusters[0].members for unit in result.ids])


def test_a_planted_cluster_is_found() -> None:
    drawn = county_like()
    result = scan_poisson(**drawn, rng=1)
    planted = np.hypot(*(drawn["coordinates"] - 50).T) < 12
    members = members_of(result)
    assert (members & planted).sum() / (members | planted).sum() > 0.6
    assert result.p == 0.001 > result.p_gumbel > 0
    assert (result.classes[members] == HOT_CLUSTER).all()
    fewer = drawn | {"cases": np.where(planted, drawn["cases"] // 4, drawn["cases"])}
    cold = scan_poisson(**fewer, clusters="cold", rng=1)
    assert cold.p == 0.001
    assert cold.clusters[0].relative_risk < 1
    assert (cold.classes[members_of(cold)] == COLD_CLUSTER).all()


def test_gumbel_agrees_with_many_replicates() -> None:
    drawn = random_map(12, n=40, side=20) | {"cases": np.random.default_rng(2).poisson(4, 40)}
    result = scan_poisson(**drawn, replicates=4_999, alpha=1.0, rng=1)
    some = [each for each in result.clusters if each.p < 0.9]
    assert some
    for cluster in some:
        assert cluster.p_gumbel == pytest.approx(cluster.p, abs=0.03)


@pytest.mark.parametrize("workers", [1, 2, 8])
def test_bytes_do_not_depend_on_threads(workers: int) -> None:
    drawn = county_like()
    serial = scan_poisson(**drawn, clusters="both", rng=4, executor=Serial())
    with ThreadPoolExecutor(workers) as executor:
        other = scan_poisson(**drawn, clusters="both", rng=4, executor=executor)
    default = scan_poisson(**drawn, clusters="both", rng=4)
    assert serial.clusters == other.clusters == default.clusters
    assert serial.to_frame().equals(other.to_frame())


def test_bytes_do_not_depend_on_processes() -> None:
    drawn = county_like()
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as executor:
        other = scan_poisson(**drawn, rng=4, executor=executor)
    assert other.clusters == scan_poisson(**drawn, rng=4).clusters


def test_more_replicates_keep_the_first_ones() -> None:
    """A replicate has its own stream, so that pieces of work may be of any size."""
    drawn = random_map(3)
    some, more = (scan_poisson(**drawn, replicates=count, rng=1) for count in (5, LANES * 3 + 5))
    assert some.statistic == more.statistic
    places, index = np.unique(drawn["coordinates"], axis=0, return_inverse=True)
    scan = Scan(
        points=places,
        cases=np.bincount(index.ravel(), drawn["cases"]).astype(np.int64),
        population=np.bincount(index.ravel(), drawn["population"]).astype(np.float64),
        max_population=0.5,
        hot=True,
        cold=False,
    )
    few = scan_windows(scan, replicates=5, seed=9, executor=None)[1]
    many = scan_windows(scan, replicates=LANES * 3 + 5, seed=9, executor=Serial())[1]
    np.testing.assert_array_equal(few, many[:5])


@pytest.mark.parametrize("kind", ["hot", "cold", "both"])
@pytest.mark.parametrize("n", range(1, 6))
@pytest.mark.parametrize("where", ["none", "first", "all"])
def test_small_maps(n: int, where: str, kind: Any) -> None:
    cases = {"none": [0] * n, "first": [7] + [0] * (n - 1), "all": [3] * n}[where]
    places = np.column_stack([np.arange(n), np.zeros(n)])
    result = scan_poisson(cases, [10] * n, places, clusters=kind, replicates=19, alpha=1, rng=1)
    repr(result)
    assert len(result.to_frame()) == n
    assert len(result.clusters_frame()) == len(result.clusters)
    if where == "none" or n == 1:
        assert np.isnan([result.statistic, result.p, result.p_gumbel]).all()
        assert result.clusters == ()
        assert (result.classes == NO_VARIATION).all()
    elif where == "all":
        assert result.statistic == pytest.approx(0)
        assert result.p == 1
    elif kind != "cold":
        assert result.clusters[0].members == (0,)
        assert result.clusters[0].relative_risk == np.inf
        assert result.statistic == pytest.approx(7 * np.log(n))


def test_no_units_and_one_place() -> None:
    nobody = scan_poisson([0, 0], [0, 0], [[0, 0], [1, 0]])
    assert (nobody.n, nobody.windows) == (0, 0)
    assert (nobody.classes == NO_DATA).all()
    together = scan_poisson([1, 5, 0], [5, 5, 5], [[2, 2]] * 3)
    assert together.windows == 0
    assert (together.classes == NO_VARIATION).all()
    assert np.isnan(together.p)
    with pytest.raises(SpatialError, match="shape"):
        scan_poisson([], [], np.empty((0, 2)))


def test_a_unit_of_more_than_the_share_is_in_no_window() -> None:
    result = scan_poisson([90, 3, 2], [100, 10, 10], [[0, 0], [1, 0], [2, 0]], replicates=19, rng=1)
    assert result.windows == 3
    assert result.clusters == ()
    assert (result.statistic, result.p) == (0, 1)
    assert (result.classes == NOT_SIGNIFICANT).all()


def test_missing_units_take_no_part() -> None:
    drawn = random_map(5)
    whole = scan_poisson(**drawn, alpha=1, replicates=19, rng=1)
    more: dict[str, Any] = {
        "cases": np.concatenate([drawn["cases"], [np.nan, 3.0, 0.0]]),
        "population": np.concatenate([drawn["population"], [50.0, np.nan, 0.0]]),
        "coordinates": np.concatenate([drawn["coordinates"], [[2.5, 2.5], [1.0, 1.0], [0.5, 0.5]]]),
    }
    result = scan_poisson(**more, alpha=1, replicates=19, rng=1)
    assert figures(result) == figures(whole)
    assert result.n == 24
    assert result.classes[24:].tolist() == [NO_DATA] * 3
    assert result.rank[24:].tolist() == [0] * 3


def test_series_are_matched_by_index() -> None:
    ids = list("edcba")
    cases = pd.Series([9, 9, 1, 1, 1], ids)
    people = pd.Series([10.0] * 5, ids)[::-1]
    squares = gpd.GeoSeries([box(i, 0, i + 1, 1) for i in range(5)], index=ids)
    before = cases.copy()
    from_array = scan_poisson(cases, people, np.column_stack([range(5), [0] * 5]), rng=1)
    from_shapes = scan_poisson(cases[::-1], people, squares, rng=1)
    from_frame = scan_poisson(cases, people, squares.to_frame("geometry"), rng=1)
    assert from_array.clusters[0].members == ("e", "d")
    assert figures(from_array) == figures(from_shapes) == figures(from_frame)
    assert from_shapes.to_frame().index.tolist() == ids
    pd.testing.assert_series_equal(cases, before)


def test_longitude_and_latitude_are_measured_on_the_sphere() -> None:
    places = gpd.GeoSeries.from_xy([179.9, -179.9, 170, 160, 150], [60] * 5, crs=4326)
    result = scan_poisson([9, 9, 1, 1, 1], [10] * 5, places, rng=1)
    assert result.clusters[0].members == (0, 1)
    # A fifth of a degree along the parallel of 60 degrees north, a little less across.
    assert result.clusters[0].radius == pytest.approx(6_371_008.8 * np.radians(0.2) / 2, rel=1e-5)


def test_polygons_on_both_sides_of_the_antimeridian() -> None:
    west, east = box(178, 50, 180, 51), box(-180, 50, -178, 51)
    shapes = gpd.GeoSeries(
        [west.union(east), box(-177.9, 50, -177, 51), box(0, 50, 1, 51), box(9, 50, 10, 51)],
        crs=4326,
    )
    result = scan_poisson([9, 9, 1, 1], [10] * 4, shapes, rng=1)
    assert result.clusters[0].members == (0, 1)
    assert result.clusters[0].radius < 200_000


def test_tables() -> None:
    drawn = county_like()
    result = scan_poisson(**drawn, rng=1)
    units, clusters = result.to_frame(), result.clusters_frame()
    assert units.columns.tolist() == [
        "scan_cluster",
        "scan_relative_risk",
        "scan_log_likelihood_ratio",
        "scan_p",
        "scan_p_gumbel",
        "scan_class",
    ]
    first = units[units["scan_cluster"] == 1]
    assert first.index.tolist() == list(result.clusters[0].members)
    assert (first["scan_relative_risk"] == clusters.loc[1, "relative_risk"]).all()
    assert units.loc[units["scan_cluster"] == 0, "scan_p"].isna().all()
    assert clusters.loc[1, "members"] == len(first)
    assert "1 cluster at 0.05" in repr(result)
    assert "hot cluster of" in repr(result)


def test_overlapping_windows_are_not_reported_twice() -> None:
    drawn = random_map(9, n=60, side=30, rate=0.2)
    result = scan_poisson(**drawn, clusters="both", replicates=19, alpha=1, rng=1)
    members = [member for each in result.clusters for member in each.members]
    assert len(members) == len({*members})
    ratios = [each.log_likelihood_ratio for each in result.clusters]
    assert ratios == sorted(ratios, reverse=True)
    only_first = scan_poisson(**drawn, clusters="both", replicates=19, alpha=0, rng=1)
    assert figures(only_first) == figures(result)[:1]
    assert (only_first.classes == NOT_SIGNIFICANT).all()


def test_the_null_is_rejected_no_more_often_than_it_says() -> None:
    """300 of the 3,000 maps of benchmarks/calibration/scan_size.py."""
    rng = np.random.default_rng(11)
    people = rng.lognormal(6, 1, 36)
    places = rng.random((36, 2))
    p = []
    for _ in range(300):
        cases = rng.multinomial(120, people / people.sum())
        p.append(scan_poisson(cases, people, places, replicates=99, rng=rng, executor=Serial()).p)
    assert 0.02 <= (np.array(p) <= 0.05).mean() <= 0.09
    assert 0.42 <= np.mean(p) <= 0.58


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"cases": [1.5, 2, 3]}, "whole numbers"),
        ({"cases": [-1, 2, 3]}, "whole numbers"),
        ({"cases": [np.inf, 2, 3]}, "whole numbers"),
        ({"cases": [1, 2]}, "shape"),
        ({"cases": [2e9, 2e9, 3]}, "at most"),
        ({"population": [0, 5, 5]}, "without people"),
        ({"population": [-1, 5, 5]}, "below 0"),
        ({"population": pd.Series([1, 2], ["a", "b"])}, "one each"),
        ({"population": pd.Series([1, 2, 3], ["a", "b", "b"])}, "twice"),
        ({"coordinates": [0, 1, 2]}, "shape"),
        ({"coordinates": [[0, 0], [1, np.nan], [2, 2]]}, "no numbers for"),
        ({"coordinates": gpd.GeoSeries([None, box(0, 0, 1, 1), box(1, 0, 2, 1)])}, "no geometry"),
        ({"max_population": 0.6}, "max_population"),
        ({"max_population": 0}, "max_population"),
        ({"replicates": 0}, "replicates"),
        ({"clusters": "warm"}, "clusters"),
        ({"alpha": 2}, "alpha"),
    ],
)
def test_what_is_refused(change: dict[str, Any], message: str) -> None:
    places = [[0, 0], [1, 0], [2, 0]]
    plain: dict[str, Any] = {"cases": [1, 2, 3], "population": [5, 5, 5], "coordinates": places}
    with pytest.raises(SpatialError, match=message):
        scan_poisson(**(plain | change))


def test_a_series_must_name_every_unit() -> None:
    shapes = gpd.GeoSeries([box(i, 0, i + 1, 1) for i in range(3)], index=list("abc"))
    with pytest.raises(SpatialError, match="no cases for"):
        scan_poisson(pd.Series([1, 2], ["a", "b"]), [5, 5, 5], shapes)
