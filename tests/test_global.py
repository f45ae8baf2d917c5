"""What the statistics of a whole map have in common: nulls, missing units, executors, size."""

from collections.abc import Callable
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from functools import partial
from itertools import permutations as arrangements
from multiprocessing import get_context
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from libpysal.graph import Graph
from small_graphs import chain, connected, graph_of, lattice, uneven_weights

from spatial_models import (
    GlobalResult,
    SpatialError,
    TwoMapResult,
    bivariate_moran,
    geary,
    getis_ord_general,
    join_count,
    lee,
    moran,
    moran_rate,
)
from spatial_models._kernels.arrangements import permuted_products, permuted_quadratics

Floats = npt.NDArray[np.float64]
Statistic = Callable[..., GlobalResult]

fixed = settings(deadline=None, derandomize=True, max_examples=25)


def general(values: Floats, graph: Graph, **options: Any) -> GlobalResult:
    return getis_ord_general(np.abs(values), graph, **options)


def kinds(values: Floats) -> Floats:
    return np.where(np.isnan(values), np.nan, values > np.nanmedian([*values, 0.0]))


def joined(values: Floats, graph: Graph, **options: Any) -> GlobalResult:
    return join_count(kinds(values), graph, **options).joined


def separate(values: Floats, graph: Graph, **options: Any) -> GlobalResult:
    return join_count(kinds(values), graph, **options).separate


def mixed(values: Floats, graph: Graph, **options: Any) -> GlobalResult:
    return join_count(kinds(values), graph, **options).mixed


def rates(values: Floats, graph: Graph, **options: Any) -> GlobalResult:
    people = 100 + 50 * np.abs(np.cos(values))
    return moran_rate(np.round(10 * np.abs(values)), people, graph, **options)


def one_of_two(result: TwoMapResult) -> GlobalResult:
    """Lay a result of two maps out as one of one map, to be checked alike."""
    fields = dict(vars(result))
    fields["p"] = fields.pop("p_random_labelling")
    fields["p_analytic"] = fields.pop("p_random_labelling_analytic")
    return GlobalResult(**fields)


def with_other(values: Floats, graph: Graph, **options: Any) -> GlobalResult:
    return one_of_two(lee(np.cos(values), values, graph, **options))


def bivariate(values: Floats, graph: Graph, **options: Any) -> GlobalResult:
    return one_of_two(bivariate_moran(np.cos(values), values, graph, **options))


ONE_MAP: list[Statistic] = [moran, geary, general, joined, separate, mixed, rates]
EVERY: list[Statistic] = [*ONE_MAP, with_other, bivariate]
every = pytest.mark.parametrize("statistic", EVERY)

FORMULAS: dict[Statistic, Callable[[Floats, Floats], Any]] = {
    moran: lambda x, w: (
        x.size * (x - x.mean()) @ w @ (x - x.mean()) / w.sum() / ((x - x.mean()) ** 2).sum()
    ),
    geary: lambda x, w: (
        (x.size - 1)
        * (w * np.subtract.outer(x, x) ** 2).sum()
        / (2 * w.sum() * ((x - x.mean()) ** 2).sum())
    ),
    general: lambda x, w: x @ w @ x / (np.outer(x, x).sum() - x @ x),
    joined: lambda x, w: kinds(x) @ w @ kinds(x) / 2,
    separate: lambda x, w: (1 - kinds(x)) @ w @ (1 - kinds(x)) / 2,
    mixed: lambda x, w: (w * np.subtract.outer(kinds(x), kinds(x)) ** 2).sum() / 2,
}


@pytest.mark.parametrize("statistic", FORMULAS)
@pytest.mark.parametrize("seed", range(3))
def test_moments_and_p_are_those_of_all_arrangements(statistic: Statistic, seed: int) -> None:
    weights = uneven_weights(6, seed)
    values = np.random.default_rng(seed).gamma(1, size=6)
    result = statistic(values, graph_of(weights), permutations=9_999, rng=seed)
    formula = FORMULAS[statistic]
    null = np.array([formula(np.array(each), weights) for each in arrangements(values)])
    assert result.statistic == pytest.approx(formula(values, weights))
    assert result.expected == pytest.approx(null.mean())
    assert result.variance == pytest.approx(null.var())
    upper = (null >= result.statistic - 1e-12).mean()
    lower = (null <= result.statistic + 1e-12).mean()
    assert result.p == pytest.approx(min(1, 2 * min(upper, lower)), abs=0.03)


@pytest.mark.parametrize("measure", [lee, bivariate_moran])
@pytest.mark.parametrize("seed", range(3))
def test_random_labelling_is_all_arrangements_of_the_second_map(
    measure: Callable[..., TwoMapResult], seed: int
) -> None:
    weights = uneven_weights(6, seed)
    x, y = np.random.default_rng(seed).gamma(1, size=(2, 6))
    result = measure(x, y, graph_of(weights), permutations=9_999, rng=seed)
    a, b = x - x.mean(), y - y.mean()
    size = np.sqrt((a @ a) * (b @ b))
    every = np.array(list(arrangements(b)))
    if measure is lee:
        null = 6 / (weights.sum(axis=1) ** 2).sum() * every @ (weights.T @ weights @ a) / size
    else:
        null = 6 / weights.sum() * every @ (weights.T @ a) / size
    assert result.statistic == pytest.approx(null[0])
    assert result.expected == pytest.approx(null.mean(), abs=1e-12)
    assert result.variance == pytest.approx(null.var())
    upper = (null >= null[0] - 1e-12).mean()
    lower = (null <= null[0] + 1e-12).mean()
    p = min(1, 2 * min(upper, lower))
    assert result.p_random_labelling == pytest.approx(p, abs=0.03)


@every
def test_tails(statistic: Statistic) -> None:
    graph, values = graph_of(lattice(5), "R"), np.random.default_rng(4).normal(size=25)
    greater, less, both = (
        statistic(values, graph, permutations=999, alternative=tail, rng=1)
        for tail in ("greater", "less", "two-sided")
    )
    assert greater.p + less.p >= 1 + 1 / 1_000 - 1e-12
    assert both.p == min(1, 2 * min(greater.p, less.p))
    assert greater.p_analytic + less.p_analytic == pytest.approx(1)
    if abs(greater.z) > 0.5:  # else permutations and moments may differ
        assert (greater.p < less.p) == (greater.z > 0)


@every
def test_p_is_at_least_one_in_all_permutations_and_the_observed(statistic: Statistic) -> None:
    graph, values = graph_of(lattice(5), "R"), np.random.default_rng(4).normal(size=25)
    for tail in ("greater", "less"):
        p = statistic(values, graph, permutations=9, alternative=tail, rng=1).p
        assert p * 10 == pytest.approx(round(p * 10))
        assert p >= 0.1


@every
@fixed
@given(drawn=connected(), seed=st.integers(0, 2**32 - 1))
def test_row_order_does_not_matter(
    statistic: Statistic, drawn: tuple[Floats, Floats], seed: int
) -> None:
    weights, values = drawn
    order = np.random.default_rng(seed).permutation(values.size)
    plain = statistic(values, graph_of(weights, "R"), permutations=0)
    turned = statistic(values[order], graph_of(weights[order][:, order], "R"), permutations=0)
    np.testing.assert_allclose(turned.statistic, plain.statistic, atol=1e-9)
    np.testing.assert_allclose(turned.z, plain.z, atol=1e-6)


@every
@pytest.mark.parametrize("factor", [1e-12, 1e9])
def test_the_size_of_weights_does_not_matter(statistic: Statistic, factor: float) -> None:
    weights, values = uneven_weights(9, 1), np.random.default_rng(3).normal(size=9)
    plain = statistic(values, graph_of(weights), permutations=99, rng=1)
    scaled = statistic(values, graph_of(weights * factor), permutations=99, rng=1)
    assert scaled.z == pytest.approx(plain.z)
    assert scaled.p == plain.p


@every
@pytest.mark.parametrize("transformation", ["B", "R"])
def test_a_missing_unit_might_as_well_not_exist(statistic: Statistic, transformation: str) -> None:
    weights = lattice(5)
    values = np.random.default_rng(2).normal(size=25)
    values[[3, 12]] = np.nan
    here = ~np.isnan(values)
    with_missing = statistic(values, graph_of(weights, transformation), rng=3)
    without = statistic(values[here], graph_of(weights[here][:, here], transformation), rng=3)
    assert with_missing.n == 23
    assert with_missing.statistic == pytest.approx(without.statistic, abs=1e-12)
    assert with_missing.z == pytest.approx(without.z, abs=1e-12)
    assert with_missing.p == without.p


@every
def test_islands_take_no_part(statistic: Statistic) -> None:
    weights = np.zeros((18, 18))
    weights[:16, :16] = lattice(4)
    values = np.append(np.random.default_rng(2).normal(size=16), [-2.0, 2.0])
    with_islands = statistic(values, graph_of(weights, "R"), rng=1)
    without = statistic(values[:16], graph_of(lattice(4), "R"), rng=1)
    assert with_islands.isolates == (16, 17)
    assert (with_islands.n, with_islands.p) == (16, without.p)
    assert with_islands.z == pytest.approx(without.z)


@every
@pytest.mark.parametrize("n", range(1, 6))
def test_few_units(statistic: Statistic, n: int) -> None:
    result = statistic(np.arange(n) ** 2.0, graph_of(chain(n)), permutations=99, rng=1)
    assert result.n == (n if n > 1 else 0)
    if n >= 4 or (n > 1 and statistic is with_other):  # a correlation needs but two
        assert 0 < result.p <= 1
    else:
        assert np.isnan([result.z, result.p, result.p_analytic]).all()


@every
@pytest.mark.parametrize("values", [[7.0] * 6, [np.nan] * 6, [0.0] * 6])
def test_a_constant_or_empty_map_has_no_answer(statistic: Statistic, values: list[float]) -> None:
    for permutations in (0, 99):
        result = statistic(np.array(values), graph_of(chain(6)), permutations=permutations, rng=1)
        assert np.isnan([result.statistic, result.z, result.p, result.p_analytic]).all()


@every
def test_without_any_neighbours_there_is_no_answer(statistic: Statistic) -> None:
    for weights in (np.zeros((6, 6)), np.eye(6)):
        result = statistic(np.arange(6.0), graph_of(weights), rng=1)
        assert (result.n, len(result.isolates)) == (0, 6)
        assert np.isnan(result.p)


@every
def test_weights_of_zero_are_none(statistic: Statistic) -> None:
    values = np.random.default_rng(1).normal(size=9)
    focal, neighbor = np.nonzero(1 - np.eye(9))
    all_pairs = Graph.from_arrays(focal, neighbor, lattice(3)[focal, neighbor])
    plain = statistic(values, graph_of(lattice(3)), rng=1)
    assert statistic(values, all_pairs, rng=1).p == plain.p


@pytest.mark.parametrize("statistic", [moran, geary, general, joined, separate, mixed])
def test_where_all_are_neighbours_there_is_no_evidence(statistic: Statistic) -> None:
    for n in (4, 7, 12):
        for transformation in ("B", "R"):
            graph = graph_of(1 - np.eye(n), transformation)
            result = statistic(np.arange(n) ** 2.0, graph, permutations=99, rng=1)
            assert (result.z, result.p, result.p_analytic) == (0, 1, 1)


@pytest.mark.parametrize("statistic", [moran, geary, general, joined, mixed])
def test_one_unit_unlike_the_others_is_no_evidence_where_all_have_as_many_neighbours(
    statistic: Statistic,
) -> None:
    n = 10_000
    ids = np.arange(n)
    ring = Graph.from_arrays(np.tile(ids, 2), np.append((ids + 1) % n, (ids - 1) % n), [1] * 2 * n)
    values = np.where(ids == 17, 5.0, 0.0)
    if statistic is general:  # one value above zero makes no product
        values += 1
    result = statistic(values, ring, permutations=9, rng=1)
    assert (result.z, result.p, result.p_analytic) == (0, 1, 1)


@every
def test_negative_weights_do_no_harm(statistic: Statistic) -> None:
    weights, values = lattice(4), np.random.default_rng(1).normal(size=16)
    weights[0, 1] = -0.5
    assert 0 < statistic(values, graph_of(weights), permutations=99, rng=1).p <= 1
    weights -= weights.sum() / 16**2  # in all, nothing
    assert not 0 < statistic(values, graph_of(weights), permutations=99, rng=1).p < 1e-3


@every
def test_the_same_seed_gives_the_same_p(statistic: Statistic) -> None:
    graph, values = graph_of(lattice(5)), np.random.default_rng(1).normal(size=25)
    assert statistic(values, graph, rng=8) == statistic(values, graph, rng=8)
    p = {statistic(values, graph, alternative="less", rng=seed).p for seed in range(4)}
    assert len(p) > 1


class Late(Future[Any]):
    """Work that is done when its result is asked for, and not before."""

    def __init__(self, work: Callable[[], Any]) -> None:
        super().__init__()
        self._work = work

    def result(self, timeout: float | None = None) -> Any:
        del timeout
        return self._work()


class Lazy(Executor):
    """No workers at all."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        return Late(partial(fn, *args, **kwargs))


def test_the_executor_does_not_matter() -> None:
    graph, values = graph_of(lattice(5), "R"), np.random.default_rng(1).normal(size=25)
    plain = [statistic(values, graph, rng=8) for statistic in EVERY]
    executors = (
        Lazy(),
        ThreadPoolExecutor(1),
        ThreadPoolExecutor(2),
        ThreadPoolExecutor(8),
        ProcessPoolExecutor(2, mp_context=get_context("spawn")),
    )
    for executor in executors:
        with executor:
            again = [statistic(values, graph, rng=8, executor=executor) for statistic in EVERY]
        assert again == plain


@every
def test_neither_pieces_nor_lanes_matter(
    statistic: Statistic, monkeypatch: pytest.MonkeyPatch
) -> None:
    graph, values = graph_of(lattice(5), "R"), np.random.default_rng(1).normal(size=25)
    plain = statistic(values, graph, permutations=500, rng=8)
    monkeypatch.setattr("spatial_models._global._MOST_A_PIECE", 7)
    monkeypatch.setattr("spatial_models._global._MOST_LANES", 3)
    assert statistic(values, graph, permutations=500, rng=8) == plain


def test_every_arrangement_is_equally_likely() -> None:
    digits, values = np.array([1.0, 10, 100, 1_000]), np.array([1.0, 2, 3, 4])
    drawn = permuted_products(digits, values, np.uint64(5), 0, 24_000)
    arrangement, counts = np.unique(drawn, return_counts=True)
    assert arrangement.size == 24
    # The 99.9 % point of chi-squared with 23 degrees of freedom.
    assert ((counts - 1_000) ** 2 / 1_000).sum() < 49.7


@pytest.mark.parametrize("n", [2, 3, 300_000, 300_001])
def test_an_arrangement_loses_no_value(n: int) -> None:
    # On the larger maps some steps of a shuffle are drawn anew.
    values = np.arange(n, dtype=np.float64)
    starts, none = np.zeros(n + 1, dtype=np.int64), np.zeros(0, dtype=np.int32)
    excess = np.ones(n)
    sums = permuted_quadratics(values, starts, none, np.zeros(0), excess, 4, np.uint64(5), 3, 8)
    assert (sums[:, 0] == 0).all()
    np.testing.assert_allclose(sums[:, 1], (values**2).sum())
    np.testing.assert_allclose(sums[:, 2], values.sum())
    products = permuted_products(values, values, np.uint64(5), 3, 8)
    assert (products <= (values**2).sum()).all()
    if n > 3:
        spread = ((values - values.mean()) ** 2).sum() / np.sqrt(n - 1)
        scores = (products - n * values.mean() ** 2) / spread
        assert (np.abs(scores) < 4).all()
        assert np.unique(products).size == 5


@every
def test_inputs_are_left_alone(statistic: Statistic) -> None:
    graph, values = graph_of(lattice(4)), np.random.default_rng(1).normal(size=16)
    before = values.copy()
    values.setflags(write=False)
    statistic(values, graph, permutations=9, rng=1)
    np.testing.assert_array_equal(values, before)


@every
def test_bad_input_is_refused(statistic: Statistic) -> None:
    graph, values = graph_of(lattice(4)), np.random.default_rng(1).normal(size=16)
    with pytest.raises(SpatialError, match="permutations"):
        statistic(values, graph, permutations=-1)
    with pytest.raises(SpatialError, match="alternative"):
        statistic(values, graph, alternative="both")
    with pytest.raises(SpatialError, match="shape"):
        statistic(values[:-1], graph)


@pytest.mark.parametrize("statistic", [moran, geary])
def test_an_unknown_null_is_refused(statistic: Statistic) -> None:
    with pytest.raises(SpatialError, match="null"):
        statistic(np.arange(16.0), graph_of(lattice(4)), null="bootstrap")


def unrelated(values: Floats, graph: Graph, **options: Any) -> GlobalResult:
    return one_of_two(lee(np.cos(np.arange(values.size)), values, graph, **options))


def unrelated_neighbours(values: Floats, graph: Graph, **options: Any) -> GlobalResult:
    return one_of_two(bivariate_moran(np.cos(np.arange(values.size)), values, graph, **options))


@pytest.mark.parametrize("statistic", [*ONE_MAP, unrelated, unrelated_neighbours])
def test_one_map_of_noise_in_twenty_is_significant(statistic: Statistic) -> None:
    rng = np.random.default_rng(100)
    graph = graph_of(lattice(7), "R")
    p = np.array(
        [
            statistic(values, graph, permutations=199, rng=rng).p
            for values in rng.standard_normal((200, 49))
        ]
    )
    # Three standard errors of a share of 200 are 0.046; counts are discrete.
    assert (p <= 0.05).mean() <= 0.05 + 0.046
    if statistic not in (joined, separate, mixed):
        assert (p <= 0.05).mean() >= 0.05 - 0.046
        assert (p <= 0.5).mean() == pytest.approx(0.5, abs=0.11)
