"""Fuzzy kappa: its author's program, all pairs one by one, limits, properties."""

from itertools import product

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from libpysal.graph import Graph
from sklearn.metrics import cohen_kappa_score  # type: ignore[import-untyped]
from small_graphs import chain, graph_of, lattice

from spatial_models.errors import SpatialError
from spatial_models.fuzzy_kappa import CATEGORY_WEIGHTS, FuzzyKappa, fuzzy_kappa
from spatial_models.getis_ord import SIGNIFICANCE_CLASSES

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]

fixed = settings(deadline=None, derandomize=True, max_examples=60)

CLASSES = np.array(SIGNIFICANCE_CLASSES)
MIDDLE = SIGNIFICANCE_CLASSES.index("not significant")
EXACT = CATEGORY_WEIGHTS * 0 + np.eye(7)

RASTERS = (
    ["0012333", "0123333", "1133345", "2333456", "3334566", "3345666", "3333555"],
    ["0112333", "0013334", "0123345", "1233345", "3330056", "3334566", "6333333"],
)


def codes_of(raster: list[str]) -> Codes:
    return np.array([int(cell) for row in raster for cell in row])


def queen(side: int) -> Floats:
    row, column = np.divmod(np.arange(side * side), side)
    far = np.maximum(abs(np.subtract.outer(row, row)), abs(np.subtract.outer(column, column)))
    return np.asarray(far == 1, dtype=np.float64)


def compared(first: Codes, second: Codes, weights: Floats, **options: object) -> FuzzyKappa:
    return fuzzy_kappa(CLASSES[first], CLASSES[second], graph_of(weights), **options)  # type: ignore[arg-type]


def pair_by_pair(
    first: Codes, second: Codes, links: Floats, alike: Floats, discount: float
) -> tuple[Floats, Floats]:
    """Similarity of the first map at u and the second at v, for all u and v; by definition."""
    units = range(first.size)
    reach = [[(u, 1.0), *((w, discount) for w in units if links[u, w])] for u in units]
    table = np.empty((first.size, first.size))
    for u, v in product(units, units):
        forth = max(weight * alike[first[w], second[v]] for w, weight in reach[u])
        back = max(weight * alike[first[u], second[w]] for w, weight in reach[v])
        table[u, v] = min(forth, back)
    return np.diagonal(table), (table.mean(axis=1) + table.mean(axis=0)) / 2


def test_values_are_those_of_the_author_of_the_method() -> None:
    # fuzzy_kappa.py of J. Yu and A. Hagen-Zanker (2022, University of Surrey), run on these
    # rasters with f(d) = 1 at 0, 0.5 up to sqrt(2), 0 beyond.
    result = compared(codes_of(RASTERS[0]), codes_of(RASTERS[1]), queen(7))
    assert result.similarity == pytest.approx(0.7993197278911565, abs=1e-14)
    assert result.expected == pytest.approx(0.5018742190753853, abs=1e-14)
    assert result.kappa == pytest.approx(0.5971293199554069, abs=1e-14)


@st.composite
def two_maps(draw: st.DrawFn) -> tuple[Codes, Codes, Floats, Floats, float]:
    """Two maps on a graph, weights that need not be symmetric, and a discount."""
    n = draw(st.integers(1, 8))
    maps = st.lists(st.integers(0, 6), min_size=n, max_size=n).map(np.array)
    links = draw(st.lists(st.booleans(), min_size=n * n, max_size=n * n))
    weights = draw(st.lists(st.sampled_from([0, 0.25, 0.5, 0.9, 1]), min_size=49, max_size=49))
    alike = np.array(weights, dtype=np.float64).reshape(7, 7)
    np.fill_diagonal(alike, 1)
    near = np.array(links, dtype=np.float64).reshape(n, n)
    np.fill_diagonal(near, 0)
    discount = draw(st.sampled_from([0, 0.3, 0.5, 1]))
    return draw(maps), draw(maps), near, alike, discount


@fixed
@given(two_maps())
def test_it_is_what_all_pairs_of_units_say(
    drawn: tuple[Codes, Codes, Floats, Floats, float],
) -> None:
    first, second, links, alike, discount = drawn
    table = pd.DataFrame(alike, CLASSES, CLASSES)
    result = compared(first, second, links, category_weights=table, neighbour_weight=discount)
    similarity, expected = pair_by_pair(first, second, links, alike, discount)
    np.testing.assert_allclose(result.local_similarity, similarity, atol=1e-12)
    np.testing.assert_allclose(result.local_expected, expected, atol=1e-12)
    assert result.similarity == pytest.approx(similarity.mean())
    assert result.expected == pytest.approx(expected.mean())
    if expected.mean() < 1 - 1e-12:
        kappa = (similarity.mean() - expected.mean()) / (1 - expected.mean())
        assert result.kappa == pytest.approx(kappa)


@pytest.mark.parametrize("seed", range(3))
def test_expected_similarity_of_a_larger_map_is_that_of_all_pairs(seed: int) -> None:
    rng = np.random.default_rng(seed)
    first, second = rng.choice(7, (2, 49), p=[0.1, 0.05, 0.05, 0.6, 0.05, 0.05, 0.1])
    result = compared(first, second, queen(7))
    alike = CATEGORY_WEIGHTS.to_numpy()
    _, expected = pair_by_pair(first, second, queen(7), alike, 0.5)
    assert result.expected == pytest.approx(expected.mean(), abs=1e-12)
    assert result.local_expected.mean() == pytest.approx(result.expected, abs=1e-12)


codes = st.lists(st.integers(0, 6), min_size=16, max_size=16).map(np.array)


@fixed
@given(codes, codes)
def test_without_near_misses_it_is_cohens_kappa(first: Codes, second: Codes) -> None:
    result = compared(first, second, lattice(4), category_weights=EXACT, neighbour_weight=0)
    if len({*first, *second}) > 1:
        assert result.kappa == pytest.approx(cohen_kappa_score(first, second))
    assert result.similarity == pytest.approx((first == second).mean())


@fixed
@given(codes, codes)
def test_limits_and_symmetry(first: Codes, second: Codes) -> None:
    one, other = compared(first, second, queen(4)), compared(second, first, queen(4))
    for name in ("similarity", "expected", "kappa"):
        assert getattr(one, name) == pytest.approx(getattr(other, name), nan_ok=True)
        local = f"local_{name}"
        np.testing.assert_allclose(getattr(one, local), getattr(other, local), atol=1e-12)
    assert 0 <= one.similarity <= 1
    assert 0 <= one.expected <= 1 + 1e-12
    assert not one.kappa > 1
    alone = compared(first, first, queen(4))
    assert (alone.local_similarity == 1).all()
    assert alone.kappa == 1 or len(set(first)) == 1
    if not np.isnan(alone.local_kappa).all():
        assert np.nanmin(alone.local_kappa) == 1


@fixed
@given(codes, codes, st.integers(0, 2**32 - 1))
def test_row_order_does_not_matter(first: Codes, second: Codes, seed: int) -> None:
    order = np.random.default_rng(seed).permutation(16)
    one = compared(first, second, queen(4))
    turned = compared(first[order], second[order], queen(4)[order][:, order])
    assert turned.kappa == pytest.approx(one.kappa, nan_ok=True)
    np.testing.assert_allclose(turned.local_kappa, one.local_kappa[order], atol=1e-9)


@fixed
@given(codes, codes, st.lists(st.integers(0, 15), min_size=1, max_size=6, unique=True))
def test_units_without_a_class_take_no_part(first: Codes, second: Codes, gone: list[int]) -> None:
    here = ~np.isin(np.arange(16), gone)
    one, other = CLASSES[first].astype(object), CLASSES[second].astype(object)
    one[gone[::2]], other[gone[1::2]] = "no data", "no neighbours"
    result = fuzzy_kappa(one, other, graph_of(queen(4)))
    small = compared(first[here], second[here], queen(4)[here][:, here])
    assert result.n == small.n == here.sum()
    assert result.kappa == pytest.approx(small.kappa, nan_ok=True)
    for name in ("local_similarity", "local_expected", "local_kappa"):
        assert np.isnan(getattr(result, name)[~here]).all()
        np.testing.assert_allclose(getattr(result, name)[here], getattr(small, name), atol=1e-12)


def test_one_class_throughout_is_nothing_to_agree_on() -> None:
    same = np.zeros(16, dtype=np.int64)
    result = compared(same, same, queen(4))
    assert (result.similarity, result.expected) == (1, 1)
    assert np.isnan(result.kappa)
    assert np.isnan(result.local_kappa).all()
    # All hot against all not significant: they do not agree, and could not have.
    apart = compared(same, same + MIDDLE, queen(4))
    assert (apart.similarity, apart.expected, apart.kappa) == (0, 0, 0)


def test_without_any_unit_there_is_no_number() -> None:
    units = graph_of(chain(4))
    result = fuzzy_kappa(["no data"] * 4, CLASSES[:4], units)
    assert result.n == 0
    assert np.isnan([result.similarity, result.expected, result.kappa]).all()
    assert np.isnan(result.to_frame().to_numpy()).all()


def test_a_near_miss_counts_in_part() -> None:
    hot, none = 0, MIDDLE
    first = np.array([none, hot, none, none, none, none])
    beside = np.array([none, none, hot, none, none, none])
    far = np.array([none, none, none, none, none, hot])
    one, other = (compared(first, each, chain(6)) for each in (beside, far))
    assert one.local_similarity.tolist() == [1, 0.5, 0.5, 1, 1, 1]
    assert other.local_similarity.tolist() == [1, 0, 1, 1, 1, 0]
    assert one.kappa > 0 > other.kappa
    weak = compared(first, np.where(beside == hot, 1, beside), chain(6))
    assert weak.local_similarity[1] == pytest.approx(0.5 * 2 / 3)


def test_clustering_within_both_maps_is_no_agreement_between_them() -> None:
    # Halves of a map, and halves across them: no relation, whatever clusters there are.
    row, column = np.divmod(np.arange(100), 10)
    first, second = (np.where(axis < 5, 0, MIDDLE) for axis in (row, column))
    assert abs(compared(first, second, queen(10)).kappa) < 0.02


def test_weights_of_neighbours_make_no_difference() -> None:
    first, second = (codes_of(raster) for raster in RASTERS)
    plain = compared(first, second, queen(7))
    uneven = queen(7) * np.random.default_rng(1).uniform(0.1, 9, (49, 49)) + np.eye(49)
    assert compared(first, second, uneven).kappa == plain.kappa
    graph = graph_of(queen(7), "R")
    assert fuzzy_kappa(CLASSES[first], CLASSES[second], graph).kappa == plain.kappa


def test_it_takes_series_by_their_index() -> None:
    first, second = (pd.Series(CLASSES[codes_of(raster)]) for raster in RASTERS)
    graph = graph_of(queen(7))
    turned = second.sample(frac=1, random_state=1).astype("category")
    result = fuzzy_kappa(first, turned, graph)
    assert result.kappa == fuzzy_kappa(first.to_numpy(), second.to_numpy(), graph).kappa
    with pytest.raises(SpatialError, match=r"no class for \[3\]"):
        fuzzy_kappa(first, second.drop(3), graph)
    with pytest.raises(SpatialError, match="units twice"):
        fuzzy_kappa(first, pd.concat([second, second[:1]]), graph)
    with pytest.raises(SpatialError, match="found 48 classes; expected 49"):
        fuzzy_kappa(first, second.to_numpy()[1:], graph)


def test_it_lays_its_local_measures_out() -> None:
    graph = Graph.from_arrays(["a", "b", "b", "c"], ["b", "a", "c", "b"], [1] * 4)
    result = fuzzy_kappa(CLASSES[[0, 0, 3]], CLASSES[[0, 1, 3]], graph)
    table = result.to_frame()
    assert table.index.tolist() == ["a", "b", "c"]
    assert list(table) == ["similarity", "expected_similarity", "fuzzy_kappa"]
    assert table["similarity"].tolist() == pytest.approx([1, 2 / 3, 1])
    assert f"fuzzy kappa = {result.kappa:.3f}" in repr(result)
    assert "n = 3" in repr(result)


def test_default_weights_are_what_they_say() -> None:
    table = CATEGORY_WEIGHTS
    assert tuple(table.index) == tuple(table.columns) == SIGNIFICANCE_CLASSES
    values = table.to_numpy()
    assert (values == values.T).all()
    assert (np.diagonal(values) == 1).all()
    steps = MIDDLE - np.arange(7)
    apart = abs(np.subtract.outer(steps, steps))
    opposite = np.multiply.outer(steps, steps) < 0
    np.testing.assert_allclose(values, np.where(opposite, 0, np.maximum(1 - apart / 3, 0)))


def test_weights_may_stand_in_any_order() -> None:
    first, second = (codes_of(raster) for raster in RASTERS)
    turned = CATEGORY_WEIGHTS.iloc[::-1, [3, 1, 4, 0, 6, 5, 2]]
    plain = compared(first, second, queen(7))
    assert compared(first, second, queen(7), category_weights=turned).kappa == plain.kappa


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        (CATEGORY_WEIGHTS.iloc[1:], "rows .* expected the seven classes"),
        (CATEGORY_WEIGHTS.rename(columns={"hot 99%": "hot"}), "columns .* expected the seven"),
        (CATEGORY_WEIGHTS.iloc[[0, 0, 1, 2, 3, 4, 5]], "rows"),
        (CATEGORY_WEIGHTS.replace(1, 1.5), "no numbers from 0 to 1"),
        (CATEGORY_WEIGHTS - 0.1, "no numbers from 0 to 1"),
        (CATEGORY_WEIGHTS.replace(0, np.nan), "no numbers from 0 to 1"),
        (CATEGORY_WEIGHTS * 0.5, "not wholly alike to themselves"),
        (CATEGORY_WEIGHTS.to_numpy(), "type ndarray; expected a DataFrame"),
        (CATEGORY_WEIGHTS.astype(object).replace(1, "wholly"), "no numbers"),
    ],
)
def test_other_weights_are_refused(weights: pd.DataFrame, message: str) -> None:
    with pytest.raises(SpatialError, match=message):
        compared(np.array([0, 1]), np.array([0, 1]), chain(2), category_weights=weights)


@pytest.mark.parametrize("weight", [-0.1, 1.1, np.nan])
def test_a_discount_is_a_share(weight: float) -> None:
    with pytest.raises(SpatialError, match="expected a number from 0 to 1"):
        compared(np.array([0, 1]), np.array([0, 1]), chain(2), neighbour_weight=weight)


def test_a_graph_is_a_graph() -> None:
    with pytest.raises(SpatialError, match="graph of type ndarray"):
        fuzzy_kappa(CLASSES[:4], CLASSES[:4], chain(4))


def test_inputs_stay_as_they_are() -> None:
    first, second = (pd.Series(CLASSES[codes_of(raster)]) for raster in RASTERS)
    weights = CATEGORY_WEIGHTS.copy()
    before = first.copy(), second.copy(), weights.copy()
    fuzzy_kappa(first, second, graph_of(queen(7)), category_weights=weights)
    pd.testing.assert_series_equal(first, before[0])
    pd.testing.assert_series_equal(second, before[1])
    pd.testing.assert_frame_equal(weights, before[2])
