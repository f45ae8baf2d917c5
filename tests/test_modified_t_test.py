"""The modified t-test: by hand, dense matrices, other software, what it does and refuses."""

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import spatial, stats

from spatial_models.errors import SpatialError
from spatial_models.modified_t_test import ModifiedTTest, modified_t_test

Floats = npt.NDArray[np.float64]

fixed = settings(deadline=None, derandomize=True, max_examples=60)


def line(n: int) -> Floats:
    return np.column_stack([np.arange(n, dtype=np.float64), np.zeros(n)])


def scattered(n: int, seed: int) -> Floats:
    return np.random.default_rng(seed).uniform(0, 100, (n, 2))


def smooth(points: Floats, seed: int, length: float = 30) -> Floats:
    """Draw a map whose covariance falls with distance."""
    apart = spatial.distance.squareform(spatial.distance.pdist(points))
    half = np.linalg.cholesky(np.exp(-apart / length) + 1e-9 * np.eye(len(points)))
    return np.asarray(half @ np.random.default_rng(seed).normal(size=len(points)))


def dense_size(x: Floats, y: Floats, apart: Floats, bins: int) -> float:
    """Effective sample size from whole matrices, pair of units by pair of units."""
    n = x.size
    bounds = np.arange(1, bins + 1) * apart.max() / bins
    centre = np.eye(n) - 1 / n
    estimated = []
    for values in (x, y):
        z = (values - values.mean()) / values.std()
        matrix = np.eye(n)
        for k in range(bins):
            lower = bounds[k - 1] if k else -1.0
            upper = np.inf if k == bins - 1 else bounds[k]
            here = (apart > lower) & (apart <= upper) & ~np.eye(n, dtype=bool)
            if here.any():
                matrix[here] = np.outer(z, z)[here].mean()
        estimated.append(centre @ matrix)
    both, one, other = estimated[0] @ estimated[1], *estimated
    return float(1 + np.trace(one) * np.trace(other) / np.trace(both))


def test_four_units_by_hand() -> None:
    # On a line at 0, 1, 2 and 3, in three classes of distance: of 1 (three pairs), of 2
    # (two pairs) and of 3 (one pair).
    #
    # x = 1, 2, 3, 6 deviates from its mean by -2, -1, 0, 3; variance (4 + 1 + 0 + 9)/4 = 7/2.
    #   class 1: ((-2)(-1) + (-1) 0 + 0 3) / 3 =  2/3, over 7/2:   4/21
    #   class 2: ((-2) 0 + (-1) 3) / 2         = -3/2, over 7/2:  -3/7
    #   class 3: (-2) 3                        = -6,   over 7/2: -12/7
    # y = 0, 2, 0, 2 deviates by -1, 1, -1, 1; variance 1; classes: -1, 1, -1.
    #
    #        |  21    4   -9  -36 |             |  1  -1   1  -1 |
    # Rx =   |   4   21    4   -9 | / 21   Ry = | -1   1  -1   1 |
    #        |  -9    4   21    4 |             |  1  -1   1  -1 |
    #        | -36   -9    4   21 |             | -1   1  -1   1 |
    #
    # With B = I - 11'/4, tr(B R) is the trace less a quarter of the sum of all elements:
    #   sum of Rx: (-20 + 20 + 20 - 20)/21 = 0, of Ry: 0; so tr(B Rx) = tr(B Ry) = 4.
    # The rows of Ry sum to 0, so B Ry = Ry B = Ry and tr(B Rx B Ry) = tr(Rx Ry)
    #   = 4 + 2 (3 (4/21)(-1) + 2 (-3/7)(1) + (-12/7)(-1)) = 4 + 2 (2/7) = 32/7.
    # Variance of r: (32/7) / (4 4) = 2/7. Effective sample size: 1 + 7/2 = 9/2.
    # r = (2 - 1 + 0 + 3) / sqrt(14 4) = 4 / sqrt(56), r^2 = 2/7.
    # t = r sqrt((9/2 - 2) / (1 - 2/7)) = sqrt(2/7 5/2 7/5) = 1, with 5/2 degrees of freedom;
    # p = 0.404061027278274 (R 4.2: 2 * pt(-1, 2.5)).
    result = modified_t_test([1, 2, 3, 6], [0, 2, 0, 2], line(4), classes=3)
    assert result.correlation == pytest.approx(4 / np.sqrt(56))
    assert result.effective_sample_size == pytest.approx(4.5)
    assert result.t == pytest.approx(1)
    assert result.p_modified_t == pytest.approx(0.404061027278274)
    assert (result.n, result.classes) == (4, 3)


@pytest.mark.parametrize("bins", [1, 5, 13, None])
@pytest.mark.parametrize("seed", range(3))
def test_dense_matrices_say_the_same(bins: int | None, seed: int) -> None:
    points = scattered(60, seed)
    x, y = smooth(points, seed + 10), smooth(points, seed + 20, 10)
    apart = spatial.distance.squareform(spatial.distance.pdist(points))
    result = modified_t_test(x, y, points, classes=bins)
    assert result.classes == bins or (bins is None and result.classes == 12)
    size = dense_size(x, y, apart, result.classes)
    assert result.effective_sample_size == pytest.approx(size)
    r = np.corrcoef(x, y)[0, 1]
    t = r * np.sqrt((size - 2) / (1 - r**2))
    assert result.t == pytest.approx(t)
    assert result.p_modified_t == pytest.approx(2 * stats.t.sf(abs(t), size - 2))


def test_several_blocks_of_units_say_the_same() -> None:
    points = scattered(300, 4)
    x, y = smooth(points, 1), smooth(points, 2)
    apart = spatial.distance.squareform(spatial.distance.pdist(points))
    result = modified_t_test(x, y, points)
    assert result.effective_sample_size == pytest.approx(dense_size(x, y, apart, result.classes))


# fmt: off
EAST = [67, 80, 2, 80, 46, 51, 63, 28, 97, 5, 27, 38, 57, 40, 13, 4, 0, 4, 14, 99]
NORTH = [19, 65, 75, 23, 28, 43, 26, 97, 17, 89, 79, 84, 11, 39, 62, 49, 66, 67, 66, 6]
ONE = [7, 12, 4, 8, 7, 8, 5, 7, 9, 5, 5, 8, 6, 5, 3, 2, 2, 2, 5, 9]
OTHER = [5, 4, -6, 5, 0, 2, 3, -5, 5, -4, 0, -3, 4, -1, -2, -3, 0, -2, 2, 7]
# fmt: on


@pytest.mark.parametrize(("bins", "size"), [(13, 5.02600274029252), (None, 5.29376492856269)])
def test_values_are_those_of_spatialpack(bins: int | None, size: float) -> None:
    # The arithmetic of modified.ttest in SpatialPack 0.3 (mod_ttest.c, base.c, stats.c), run
    # outside R: nclass = 13, and NULL, which is 9 here.
    result = modified_t_test(ONE, OTHER, np.column_stack([EAST, NORTH]), classes=bins)
    assert result.correlation == pytest.approx(0.557214529114254)
    assert result.effective_sample_size == pytest.approx(size, rel=1e-12)
    assert result.t**2 == pytest.approx((size - 2) * 0.450301148668481)
    assert result.classes == (bins or 9)


def test_unrelated_noise_is_tested_as_by_the_plain_t_test() -> None:
    # Over 200 pairs of maps of 100 independent values, the effective sample size is n on
    # average to within 1 %, and t is that of the plain test to within 0.03 on average.
    sizes, gaps = [], []
    points = scattered(100, 1)
    for seed in range(200):
        x, y = np.random.default_rng(seed).normal(size=(2, 100))
        result = modified_t_test(x, y, points)
        plain = result.correlation * np.sqrt(98 / (1 - result.correlation**2))
        sizes.append(result.effective_sample_size)
        gaps.append(abs(result.t - plain))
    assert np.mean(sizes) == pytest.approx(100, rel=0.01)
    assert np.mean(gaps) < 0.03


def test_autocorrelation_in_both_maps_leaves_few_independent_units() -> None:
    points = scattered(200, 2)
    for seed in range(5):
        x, y = smooth(points, seed), smooth(points, seed + 50)
        result = modified_t_test(x, y, points)
        assert 2 < result.effective_sample_size < 100
        plain = stats.pearsonr(x, y)
        assert result.correlation == pytest.approx(plain.statistic)
        assert result.p_modified_t > plain.pvalue


def test_repulsion_against_attraction_makes_more_of_units() -> None:
    checks = np.tile([1.0, -1.0], 20) + np.random.default_rng(1).normal(0, 0.1, 40)
    trend = np.arange(40.0)
    # In classes of a distance each; in one class there is no autocorrelation to see.
    assert modified_t_test(checks, trend, line(40), classes=39).effective_sample_size > 40
    alone = modified_t_test(checks, trend, line(40), classes=1)
    assert alone.effective_sample_size == pytest.approx(40)


numbers = st.lists(st.integers(-99, 99), min_size=12, max_size=12, unique=True).map(
    lambda values: np.array(values, dtype=np.float64)
)
TWELVE = scattered(12, 3)


def same(one: ModifiedTTest, other: ModifiedTTest) -> None:
    for name, value in vars(one).items():
        assert vars(other)[name] == pytest.approx(value, rel=1e-6, abs=1e-9, nan_ok=True), name


@fixed
@given(numbers, numbers)
def test_it_does_not_matter_which_map_is_first(x: Floats, y: Floats) -> None:
    same(modified_t_test(x, y, TWELVE), modified_t_test(y, x, TWELVE))


@fixed
@given(numbers, numbers, st.sampled_from([0.25, 3.0]), st.integers(-50, 50))
def test_no_unit_of_measurement(x: Floats, y: Floats, factor: float, shift: int) -> None:
    plain = modified_t_test(x, y, TWELVE)
    same(plain, modified_t_test(factor * x + shift, y, TWELVE))
    same(plain, modified_t_test(x, y, factor * TWELVE + shift))


@fixed
@given(numbers, numbers, st.integers(0, 2**32 - 1))
def test_row_order_does_not_matter(x: Floats, y: Floats, seed: int) -> None:
    order = np.random.default_rng(seed).permutation(12)
    same(modified_t_test(x, y, TWELVE), modified_t_test(x[order], y[order], TWELVE[order]))


@fixed
@given(numbers, numbers, st.sets(st.integers(0, 11), min_size=1, max_size=6))
def test_it_leaves_out_what_either_map_lacks(x: Floats, y: Floats, gone: set[int]) -> None:
    here = ~np.isin(np.arange(12), list(gone))
    small = modified_t_test(x[here], y[here], TWELVE[here])
    for index in gone:
        (x if index % 2 else y)[index] = np.nan
    same(small, modified_t_test(x, y, TWELVE))


def test_a_map_against_itself_has_no_room_for_doubt() -> None:
    points = scattered(60, 5)
    x = smooth(points, 1)
    for second, sign in ((x, 1), (-x, -1)):
        result = modified_t_test(x, second, points)
        assert result.correlation == pytest.approx(sign)
        assert result.t == sign * np.inf
        assert result.p_modified_t == 0


def test_the_measure_of_a_map_that_does_not_vary_is_no_number() -> None:
    for first in ([1] * 12, [np.nan] * 12, [1, 2, *[np.nan] * 10]):
        result = modified_t_test(first, np.arange(12), TWELVE)
        assert result.n == np.isfinite(first).sum()
        numbers = (result.correlation, result.effective_sample_size, result.t, result.p_modified_t)
        assert np.isnan(numbers).all()


def test_no_p_value_without_a_degree_of_freedom() -> None:
    # Both maps alternate along a line, so that the effective sample size is 2.
    result = modified_t_test([2, 0, 2, 0], [0, 2, 0, 2], line(4), classes=3)
    assert result.effective_sample_size == pytest.approx(2)
    assert np.isnan([result.t, result.p_modified_t]).all()


def test_no_effective_sample_size_where_the_variance_is_below_nothing() -> None:
    x, y = np.array([0.0, 1, 2, 0, 0, 2]), np.array([0.0, 0, 0, 1, 1, 2])
    apart = spatial.distance.squareform(spatial.distance.pdist(line(6)))
    assert dense_size(x, y, apart, 2) < 0
    result = modified_t_test(x, y, line(6), classes=2)
    assert result.correlation == pytest.approx(np.corrcoef(x, y)[0, 1])
    assert np.isnan([result.effective_sample_size, result.t, result.p_modified_t]).all()


@pytest.mark.parametrize("size", [1e-300, 1e300])
def test_very_small_and_very_large_values_are_values(size: float) -> None:
    x, y = np.random.default_rng(1).normal(size=(2, 12))
    same(modified_t_test(x, y, TWELVE), modified_t_test(x * size, y / size, TWELVE))


def test_all_units_at_one_place_are_an_ordinary_sample() -> None:
    x, y = np.random.default_rng(1).normal(size=(2, 12))
    result = modified_t_test(x, y, np.ones((12, 2)))
    assert result.effective_sample_size == pytest.approx(12)
    assert result.p_modified_t == pytest.approx(stats.pearsonr(x, y).pvalue)


def test_distances_on_the_sphere_are_along_great_circles() -> None:
    rng = np.random.default_rng(3)
    degrees = np.column_stack([rng.uniform(-125, -67, 50), rng.uniform(25, 60, 50)])
    places = gpd.GeoSeries(shapely.points(degrees), crs=4326)
    x, y = degrees[:, 0] + rng.normal(size=50), degrees[:, 1] + rng.normal(size=50)
    east, north = np.radians(degrees).T
    cosine = np.multiply.outer(np.sin(north), np.sin(north)) + np.multiply.outer(
        np.cos(north), np.cos(north)
    ) * np.cos(np.subtract.outer(east, east))
    size = dense_size(x, y, np.arccos(np.clip(cosine, -1, 1)), 11)
    result = modified_t_test(x, y, places)
    assert result.classes == 11
    assert result.effective_sample_size == pytest.approx(size)
    in_plane = modified_t_test(x, y, degrees)
    assert result.effective_sample_size != pytest.approx(in_plane.effective_sample_size, rel=0.01)


def test_polygons_stand_at_their_centroid_and_series_are_matched() -> None:
    names = [f"u{i}" for i in range(12)]
    squares = gpd.GeoDataFrame(
        geometry=shapely.box(*(TWELVE - 1).T, *(TWELVE + 1).T), index=names, crs=5070
    )
    x, y = (pd.Series(values, names) for values in np.random.default_rng(1).normal(size=(2, 12)))
    plain = modified_t_test(x.to_numpy(), y.to_numpy(), TWELVE)
    same(plain, modified_t_test(x.sample(frac=1, random_state=1), y, squares))
    same(plain, modified_t_test(x, y, TWELVE))
    with pytest.raises(SpatialError, match=r"no value for \['u3'\]"):
        modified_t_test(x.drop("u3"), y, squares)
    with pytest.raises(SpatialError, match="units twice"):
        modified_t_test(pd.concat([x, x[:1]]), y, squares)


def test_what_does_not_fit_is_refused() -> None:
    y = np.arange(12.0)
    with pytest.raises(SpatialError, match=r"shape \(11,\); expected \(12,\)"):
        modified_t_test(y[1:], y, TWELVE)
    with pytest.raises(SpatialError, match="infinite"):
        modified_t_test(np.append(y[1:], np.inf), y, TWELVE)
    with pytest.raises(SpatialError, match="no numbers"):
        modified_t_test(list("abcdefghijkl"), y, TWELVE)
    with pytest.raises(SpatialError, match="coordinates that are no numbers"):
        modified_t_test(y, y, np.where(y[:, None] == 3, np.nan, TWELVE))
    for classes in (0, -1, 2.5, "13"):
        with pytest.raises(SpatialError, match="expected a whole number from 1"):
            modified_t_test(y, y, TWELVE, classes=classes)  # type: ignore[arg-type]


def test_its_p_names_its_method() -> None:
    x, y = np.random.default_rng(1).normal(size=(2, 12))
    result = modified_t_test(x, y, TWELVE)
    assert not hasattr(result, "p")
    assert "p of the modified t-test" in repr(result)
    table = result.to_frame()
    assert table.shape == (1, 6)
    assert table["p_modified_t"].item() == result.p_modified_t


def test_inputs_stay_as_they_are() -> None:
    x, y = np.random.default_rng(1).normal(size=(2, 12))
    before = x.copy(), y.copy(), TWELVE.copy()
    modified_t_test(x, y, TWELVE)
    for now, then in zip((x, y, TWELVE), before, strict=True):
        np.testing.assert_array_equal(now, then)
