"""Surrogate maps: what they keep of a map, what chance decides, and where bases are kept."""

import pickle
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
import shapely
from hypothesis import given
from scipy import sparse, stats
from scipy.spatial.distance import cdist
from small_graphs import chain, connected, graph_of, lattice, uneven_weights
from threadpoolctl import threadpool_info, threadpool_limits

from spatial_models import SpatialError, _eigenbases, moran, surrogates
from spatial_models._eigenbases import Basis, one_blas_thread
from spatial_models._large_surrogates import Autoregression, farthest_points
from spatial_models.graphs import contiguity
from spatial_models.surrogates import Surrogates, kernel_surrogates, moran_surrogates

Floats = npt.NDArray[np.float64]


def squares(side: int) -> Floats:
    return np.column_stack(np.divmod(np.arange(side * side), side)).astype(np.float64)


def autoregression(weights: Floats, rho: float, rng: np.random.Generator, maps: int) -> Floats:
    share = weights / weights.sum(axis=1, keepdims=True)
    n = len(weights)
    noise = rng.normal(size=(n, maps))
    return np.asarray(np.linalg.solve(np.eye(n) - rho * share, noise).T)


def moran_of(maps: Floats, weights: Floats) -> Floats:
    share = weights / weights.sum(axis=1, keepdims=True)
    z = maps - maps.mean(axis=1, keepdims=True)
    return np.asarray((z * (z @ share.T)).sum(axis=1) / np.square(z).sum(axis=1))


def assert_kept(values: Floats, maps: Floats, weights: Floats) -> None:
    """Mean, variance and Moran's I, all to 1e-10."""
    size = np.abs(values).max()
    assert np.abs(maps.mean(axis=1) - values.mean()).max() <= 1e-10 * size
    assert maps.var(axis=1) == pytest.approx(np.full(len(maps), values.var()), rel=1e-10)
    observed = moran_of(values[None], weights)
    assert np.abs(moran_of(maps, weights) - observed).max() <= 1e-10


@pytest.mark.parametrize("weights", [lattice(12), uneven_weights(60, 1), chain(50)])
@pytest.mark.parametrize("transformation", ["O", "R"])
def test_moran_surrogates_keep_mean_variance_and_moran(
    weights: Floats, transformation: str
) -> None:
    values = np.random.default_rng(1).gamma(0.5, size=len(weights))
    graph = graph_of(weights, transformation)
    drawn = moran_surrogates(values, graph)
    maps = drawn.draw(50, rng=1)
    assert_kept(values, maps, weights)
    assert drawn.method == f"exact eigenbasis of {len(weights)} units"
    assert np.abs(np.tril(np.corrcoef(maps), -1)).max() < 0.999
    # The same number as the statistic that users compute.
    row = graph.transform("R")
    assert moran(maps[0], row, permutations=0).statistic == pytest.approx(
        moran(values, row, permutations=0).statistic, abs=1e-10
    )


@given(connected())
def test_moran_surrogates_of_any_small_map_keep_what_they_should(
    drawn: tuple[Floats, Floats],
) -> None:
    weights, values = drawn
    assert_kept(values, moran_surrogates(values, graph_of(weights)).draw(20, rng=1), weights)


def test_the_weight_of_a_unit_on_itself_makes_no_difference() -> None:
    values = np.random.default_rng(1).normal(size=36)
    plain = moran_surrogates(values, graph_of(lattice(6), "R")).draw(3, rng=1)
    with_self = moran_surrogates(values, graph_of(lattice(6) + np.eye(36), "R")).draw(3, rng=1)
    assert with_self == pytest.approx(plain)


@pytest.mark.parametrize("ties", [False, True])
def test_kernel_surrogates_keep_every_value(ties: bool) -> None:  # noqa: FBT001
    values = np.random.default_rng(1).gamma(0.5, size=100)
    if ties:
        values = np.floor(3 * values)
    maps = kernel_surrogates(values, squares(10), rng=1).draw(50, rng=1)
    assert (np.sort(maps, axis=1) == np.sort(values)).all()
    assert len(np.unique(maps, axis=0)) == 50


@pytest.mark.parametrize("scale", [1e-250, 1e250])
def test_values_of_any_size_have_surrogates(scale: float) -> None:
    values = np.random.default_rng(1).normal(size=36)
    graph = graph_of(lattice(6), "R")
    plain, scaled = (moran_surrogates(v, graph).draw(5, rng=1) for v in (values, values * scale))
    assert scaled / scale == pytest.approx(plain)
    assert np.isfinite(kernel_surrogates(values * scale, squares(6), rng=1).draw(5, rng=1)).all()


def test_autocorrelation_of_kernel_surrogates_is_nearly_that_of_the_map() -> None:
    rng = np.random.default_rng(3)
    weights = lattice(15)
    for values in autoregression(weights, 0.9, rng, 4):
        maps = kernel_surrogates(np.exp(values), squares(15), rng=rng).draw(99, rng=rng)
        scores = stats.rankdata(maps, axis=1)
        observed = moran_of(stats.rankdata(values)[None], weights)[0]
        drawn = moran_of(scores, weights)
        assert drawn.mean() == pytest.approx(observed, abs=0.06)
        assert drawn.std() < 0.06
        assert observed > 0.4  # where noise would have none


def test_surrogates_are_unrelated_to_their_map_and_to_others() -> None:
    rng = np.random.default_rng(5)
    weights = lattice(10)
    values, other = autoregression(weights, 0.8, rng, 2)
    for drawn in (
        moran_surrogates(values, graph_of(weights)),
        kernel_surrogates(values, squares(10), rng=1),
    ):
        maps = drawn.draw(2_000, rng=1)
        r = np.corrcoef(np.vstack([values, other, maps]))[:2, 2:]
        assert np.abs(r.mean(axis=1)) == pytest.approx(np.zeros(2), abs=0.02)
        # Two autocorrelated maps differ by more than the 1 / sqrt(99) of noise.
        assert (r.std(axis=1) > 0.12).all()


def of_both(values: Floats, weights: Floats, places: Floats) -> list[Surrogates]:
    return [moran_surrogates(values, graph_of(weights)), kernel_surrogates(values, places, rng=1)]


def test_the_same_seed_gives_the_same_bytes_with_any_number_of_threads() -> None:
    values = np.random.default_rng(1).normal(size=225)
    found = []
    for threads in (1, 2):
        _eigenbases.forget()
        with threadpool_limits(threads, "blas"):
            pair = of_both(values, lattice(15), squares(15))
            found.append([drawn.draw(99, rng=7).tobytes() for drawn in pair])
    assert found[0] == found[1]
    assert found[0][0] != pair[0].draw(99, rng=8).tobytes()
    again = pickle.loads(pickle.dumps(pair))  # noqa: S301  (our own)
    assert [drawn.draw(99, rng=7).tobytes() for drawn in again] == found[0]


def test_linear_algebra_has_its_threads_back() -> None:
    def threads() -> list[int]:
        return [each["num_threads"] for each in threadpool_info() if each["user_api"] == "blas"]

    def inside(_: int) -> list[int]:
        with one_blas_thread(), one_blas_thread():
            return threads()

    before = threads()
    with ThreadPoolExecutor(4) as pool:
        assert {number for found in pool.map(inside, range(40)) for number in found} == {1}
    assert threads() == before


def test_equal_eigenvalues_let_no_basis_matter() -> None:
    # Three alike parts: every eigenvalue is threefold, but for the constant's.
    rng = np.random.default_rng(2)
    weights = np.asarray(np.kron(np.eye(3), lattice(4)), dtype=np.float64)
    values = rng.normal(size=48)
    basis = moran_surrogates(values, graph_of(weights))._source.basis  # type: ignore[attr-defined]  # noqa: SLF001
    turned = basis.vectors.copy()
    spaces = np.split(np.arange(47), np.cumsum(basis.sizes())[:-1])
    for members in spaces:
        turned[:, members] = (
            turned[:, members] @ np.linalg.qr(rng.normal(size=(members.size, members.size))).Q
        )
    other = Basis(eigenvalues=basis.eigenvalues, vectors=turned)
    deviations = values - values.mean()
    maps, of_other = (
        each.turn(each.coefficients(deviations), 30, np.random.default_rng(4))
        for each in (basis, other)
    )
    assert max(members.size for members in spaces) >= 6
    assert of_other == pytest.approx(maps, abs=1e-9)
    assert_kept(deviations, np.asarray(maps), weights)


@pytest.mark.parametrize("family", ["moran", "kernel"])
def test_order_of_units_does_not_matter(family: str) -> None:
    # A square has equal eigenvalues in pairs: LAPACK picks other bases in another order.
    rng = np.random.default_rng(6)
    weights, places = lattice(8), squares(8)
    values, other = autoregression(weights, 0.8, rng, 2)
    order = rng.permutation(64)

    def correlations(at: npt.NDArray[np.int64], seed: int) -> Floats:
        drawn = (
            moran_surrogates(values[at], graph_of(weights[at][:, at]))
            if family == "moran"
            else kernel_surrogates(values[at], places[at], rng=1)
        )
        maps = drawn.draw(4_000, rng=seed)
        return np.asarray(np.corrcoef(np.vstack([other[at], maps]))[0, 1:])

    straight, mixed = correlations(np.arange(64), 1), correlations(order, 2)
    assert stats.ks_2samp(straight, mixed).pvalue > 0.01


def test_parts_isolates_and_missing_values() -> None:
    rng = np.random.default_rng(1)
    weights = np.zeros((60, 60))
    weights[:36, :36], weights[36:52, 36:52] = lattice(6), lattice(4)
    weights[53, 54] = weights[54, 53] = 1  # of a pair one lacks a value
    values = rng.normal(size=60)
    values[[3, 54]] = np.nan
    drawn = moran_surrogates(values, graph_of(weights, "R"))
    taking = np.arange(60) < 52
    taking[3] = False
    assert (drawn.mask == taking).all()
    assert drawn.n == taking.sum()
    maps = drawn.draw(40, rng=1)
    assert_kept(values[taking], maps, weights[taking][:, taking])
    # Both parts take part in what chance does.
    assert (np.ptp(maps, axis=0) > 0.1).all()

    places = np.append(squares(6), rng.random((24, 2)) * 9, axis=0)
    places[54] = np.nan  # whose value is missing: not looked at
    of_kernel = kernel_surrogates(values, places, rng=1)
    assert (of_kernel.mask == ~np.isnan(values)).all()
    assert of_kernel.draw(3, rng=1).shape == (3, 58)


def test_values_are_matched_with_graph_and_places() -> None:
    values = np.random.default_rng(1).normal(size=16)
    graph = graph_of(lattice(4))
    named = pd.Series(values).sample(frac=1, random_state=1)
    assert (
        moran_surrogates(named, graph).draw(2, rng=1)
        == moran_surrogates(values, graph).draw(2, rng=1)
    ).all()
    places = gpd.GeoSeries(shapely.points(squares(4)))
    with pytest.raises(SpatialError, match="different index"):
        kernel_surrogates(named, places, rng=1)
    assert (
        kernel_surrogates(pd.Series(values), places.to_frame("geometry"), rng=1).draw(2, rng=1)
        == kernel_surrogates(values, squares(4), rng=1).draw(2, rng=1)
    ).all()


def test_places_on_the_same_spot() -> None:
    rng = np.random.default_rng(1)
    places = np.repeat(squares(5), 4, axis=0)
    values = rng.normal(size=100)
    maps = kernel_surrogates(values, places, rng=1).draw(400, rng=1)
    assert (np.sort(maps, axis=1) == np.sort(values)).all()
    # What is at one spot may be in any order: each is as often the largest of the four.
    first = maps.reshape(400, 25, 4).argmax(axis=2)
    assert np.bincount(first.ravel()) / first.size == pytest.approx(np.full(4, 0.25), abs=0.02)
    with pytest.raises(SpatialError, match="at one point"):
        kernel_surrogates(values, np.zeros((100, 2)), rng=1)
    assert kernel_surrogates(values, np.zeros((100, 2)), length=1, rng=1).draw(1, rng=1).size


def test_ties_are_broken_at_random_and_once() -> None:
    values = np.repeat([0.0, 1.0], 32)
    one, same, other = (kernel_surrogates(values, squares(8), rng=rng) for rng in (1, 1, 2))
    assert (one.draw(5, rng=1) == same.draw(5, rng=1)).all()
    assert (one.draw(5, rng=1) != other.draw(5, rng=1)).any()


def test_two_units_may_only_change_places() -> None:
    graph = graph_of(chain(2))
    for drawn in (
        moran_surrogates([1.0, 4.0], graph),
        kernel_surrogates([1.0, 4.0], [[0, 0], [0, 1]], rng=1),
    ):
        maps = drawn.draw(50, rng=1).round(12)
        assert np.unique(maps, axis=0).tolist() == [[1, 4], [4, 1]]


@pytest.mark.parametrize(
    "values", [[7.0] * 6, [np.nan] * 6, [1] + [np.nan] * 5, [0.1 + 0.2, 0.3] * 3]
)
def test_a_map_without_variation_has_none(values: list[float]) -> None:
    with pytest.raises(SpatialError, match="found no variation"):
        moran_surrogates(values, graph_of(chain(6)))
    with pytest.raises(SpatialError, match="found no variation"):
        kernel_surrogates(values, squares(3)[:6])


def test_what_does_not_fit_is_refused() -> None:
    values, places = np.arange(9.0), squares(3)
    with pytest.raises(SpatialError, match="expected one each place"):
        kernel_surrogates(values[:8], places)
    with pytest.raises(SpatialError, match="infinite"):
        kernel_surrogates(np.append(values[:8], np.inf), places)
    for length in (0, -1.0, np.nan, np.inf):
        with pytest.raises(SpatialError, match="found length"):
            kernel_surrogates(values, places, length=length)
    for number in (0, -1, 2.5):
        with pytest.raises(SpatialError, match="found surrogates"):
            kernel_surrogates(values, places).draw(number, rng=1)  # type: ignore[arg-type]


def test_distances_are_great_circles_in_degrees_and_straight_in_metres() -> None:
    rng = np.random.default_rng(1)
    degrees, values = rng.random((50, 2)), rng.normal(size=50)
    metres = degrees * np.radians(1) * 6_371_008.8

    def eigenvalues(points: Floats, crs: int | None, length: float | None) -> Floats:
        places = gpd.GeoSeries(shapely.points(points), crs=crs)
        drawn = kernel_surrogates(values, places, length=length, rng=1)
        return np.asarray(drawn._source.source.basis.eigenvalues)  # type: ignore[attr-defined]  # noqa: SLF001

    flat = eigenvalues(metres, 3857, 30_000)
    # At the equator a degree is as long either way; at 60 degrees north one is half as long.
    assert eigenvalues(degrees, 4326, 30_000) == pytest.approx(flat, rel=1e-3)
    assert (eigenvalues(metres, None, 30_000) == flat).all()
    squeezed = eigenvalues(metres * np.array([0.5, 1]), 3857, 30_000)
    north = eigenvalues(degrees + np.array([0, 59.5]), 4326, 30_000)
    assert north == pytest.approx(squeezed, rel=0.02)
    assert np.abs(north / flat - 1).max() > 0.2
    by_default = eigenvalues(degrees, 4326, None)
    assert by_default == pytest.approx(eigenvalues(metres, 3857, None), rel=1e-3)


def test_the_kernel_is_the_one_that_is_said() -> None:
    rng = np.random.default_rng(1)
    places, values = rng.random((40, 2)), rng.normal(size=40)
    basis = kernel_surrogates(values, places, length=0.2, rng=1)._source.source.basis  # type: ignore[attr-defined]  # noqa: SLF001
    centre = np.eye(40) - 1 / 40
    kernel = centre @ np.exp(-cdist(places, places) / 0.2) @ centre
    again = basis.vectors * basis.eigenvalues @ basis.vectors.T
    assert again == pytest.approx(kernel, abs=1e-12)
    box = np.hypot(*np.ptp(places, axis=0))
    by_default = kernel_surrogates(values, places, rng=1).draw(2, rng=1)
    assert (
        by_default == kernel_surrogates(values, places, length=box / 10, rng=1).draw(2, rng=1)
    ).all()


def test_polygons_stand_at_their_centroid() -> None:
    boxes = gpd.GeoSeries(shapely.box(*(squares(5).T - 0.5), *(squares(5).T + 0.5)))
    values = np.random.default_rng(1).normal(size=25)
    assert contiguity(boxes).n == 25
    assert (
        kernel_surrogates(values, boxes, rng=1).draw(2, rng=1)
        == kernel_surrogates(values, squares(5), rng=1).draw(2, rng=1)
    ).all()


# Bases on disk and in memory


def stored_files(folder: Path) -> list[Path]:
    return sorted(folder.rglob("output.pkl"))


def in_folder(folder: Path | None) -> list[bytes]:
    """Draw from both families as another process would, with nothing in memory."""
    _eigenbases.forget()
    values = np.random.default_rng(1).normal(size=100)
    pair = (
        moran_surrogates(values, graph_of(lattice(10)), cache=folder),
        kernel_surrogates(values, squares(10), cache=folder, rng=1),
    )
    return [drawn.draw(20, rng=1).tobytes() for drawn in pair]


def test_a_folder_changes_nothing_and_is_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    without = in_folder(None)
    assert in_folder(tmp_path) == without
    assert len(stored_files(tmp_path)) == 2

    def never(*_: object) -> None:
        pytest.fail("was decomposed again")

    monkeypatch.setattr(_eigenbases, "_decompose", never)
    assert in_folder(tmp_path) == without
    assert capfd.readouterr() == ("", "")


def test_bases_are_known_by_content(tmp_path: Path) -> None:
    in_folder(tmp_path)
    _eigenbases.forget()
    values = np.random.default_rng(2).normal(size=100)
    named = graph_of(lattice(10), "R")
    moran_surrogates(values, named, cache=tmp_path)  # other values, the same weights
    places = gpd.GeoSeries(shapely.points(squares(10)), index=list(range(100, 200)))
    kernel_surrogates(values, places, cache=tmp_path, rng=1)
    assert len(stored_files(tmp_path)) == 2
    kernel_surrogates(values, squares(10), length=3, cache=tmp_path, rng=1)
    moran_surrogates(values, graph_of(chain(100)), cache=tmp_path)
    assert len(stored_files(tmp_path)) == 4


@pytest.mark.parametrize("damage", ["truncated", "emptied", "changed", "foreign", "swapped"])
def test_what_is_damaged_is_made_again(
    tmp_path: Path, damage: str, capfd: pytest.CaptureFixture[str]
) -> None:
    without = in_folder(tmp_path)
    files = stored_files(tmp_path)
    intact = [file.read_bytes() for file in files]
    for file, content in zip(files, intact, strict=True):
        if damage == "truncated":
            file.write_bytes(content[: len(content) // 2])
        elif damage == "emptied":
            file.write_bytes(b"")
        elif damage == "changed":  # one bit of one number
            middle = len(content) // 2
            file.write_bytes(
                content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]
            )
        elif damage == "foreign":
            file.write_bytes(pickle.dumps({"not": "a basis"}))
        else:
            file.write_bytes(pickle.dumps((np.ones(3), np.ones((3, 3)), 0)))
    assert in_folder(tmp_path) == without
    assert [file.read_bytes() for file in stored_files(tmp_path)] == intact
    assert capfd.readouterr() == ("", "")


def test_a_folder_does_not_grow_without_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    size = 40 * 41 * 8  # of a basis, at least
    monkeypatch.setattr(_eigenbases, "STORED_BYTES", 4 * size)
    values = np.random.default_rng(1).normal(size=41)
    for length in range(1, 9):
        kernel_surrogates(values, squares(7)[:41], length=float(length), cache=tmp_path, rng=1)
    assert 1 <= len(stored_files(tmp_path)) <= 4


def test_a_folder_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SpatialError, match=r"found no folder at .*file"):
        in_folder(tmp_path / "file")


def test_threads_share_bases(tmp_path: Path) -> None:
    alone = in_folder(None)

    def work(number: int) -> list[bytes]:
        folder = tmp_path if number % 2 else None
        if number % 3 == 0:
            _eigenbases.forget()
        values = np.random.default_rng(1).normal(size=100)
        pair = (
            moran_surrogates(values, graph_of(lattice(10)), cache=folder),
            kernel_surrogates(values, squares(10), cache=folder, rng=1),
        )
        return [drawn.draw(20, rng=1).tobytes() for drawn in pair]

    filters = list(warnings.filters)
    with ThreadPoolExecutor(4) as pool:
        assert all(found == alone for found in pool.map(work, range(12)))
    assert list(warnings.filters) == filters


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    _eigenbases.forget()
    made: list[int] = []
    decompose = _eigenbases._decompose  # noqa: SLF001

    def count(matrix: Floats, outside: Floats) -> tuple[Floats, Floats]:
        made.append(len(matrix))
        return decompose(matrix, outside)

    monkeypatch.setattr(_eigenbases, "_decompose", count)
    monkeypatch.setattr(_eigenbases, "KEPT_BYTES", 3 * 8 * 50 * 50)
    values = np.random.default_rng(1).normal(size=60)
    for n in (50, 49, 50, 48, 47, 50, 49):  # 50 is asked for and so stays, 49 goes
        moran_surrogates(values[:n], graph_of(chain(n)))
    assert made == [50, 49, 48, 47, 49]
    monkeypatch.setattr(_eigenbases, "KEPT_BYTES", 1)
    for _ in range(2):
        moran_surrogates(values, graph_of(chain(60)))
    assert made[-2:] == [60, 60]


# Substitutes for large maps


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take every map for a large one."""
    monkeypatch.setattr(surrogates, "MOST_EXACT", 0)


@pytest.mark.usefixtures("large")
def test_substitutes_keep_the_values_and_nearly_moran() -> None:
    rng = np.random.default_rng(4)
    weights = lattice(15)
    values = np.exp(autoregression(weights, 0.85, rng, 1)[0])
    pair = of_both(values, weights, squares(15))
    assert pair[0].method.startswith(
        "substitute for 225 units: simultaneous autoregression, rho = 0.8"
    )
    assert pair[1].method == "substitute for 225 units: 224 leading eigenvectors"
    observed = moran_of(stats.rankdata(values)[None], weights)[0]
    for drawn in pair:
        maps = drawn.draw(99, rng=1)
        assert drawn.draw(99, rng=1).tobytes() == maps.tobytes()
        assert (np.sort(maps, axis=1) == np.sort(values)).all()
        own = moran_of(stats.rankdata(maps, axis=1), weights)
        assert own.mean() == pytest.approx(observed, abs=0.08)
        r = np.corrcoef(np.vstack([values, maps]))[0, 1:]
        assert abs(r.mean()) < 0.08
    again = pickle.loads(pickle.dumps(pair[0]))  # noqa: S301  (our own)
    assert (again.draw(2, rng=1) == pair[0].draw(2, rng=1)).all()


@pytest.mark.usefixtures("large")
def test_few_landmarks_leave_a_rest_that_is_permuted(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("spatial_models._large_surrogates.LANDMARKS", 40)
    values = autoregression(lattice(15), 0.95, np.random.default_rng(4), 1)[0]
    drawn = kernel_surrogates(values, squares(15), cache=tmp_path, rng=1)
    assert len(stored_files(tmp_path)) == 1
    assert drawn.method == "substitute for 225 units: 40 leading eigenvectors"
    basis = drawn._source.source.basis  # type: ignore[attr-defined]  # noqa: SLF001
    assert basis.vectors.T @ basis.vectors == pytest.approx(np.eye(40), abs=1e-9)
    assert np.abs(basis.vectors.sum(axis=0)).max() < 1e-9
    maps = drawn.draw(99, rng=1)
    assert (np.sort(maps, axis=1) == np.sort(values)).all()
    observed = moran_of(values[None], lattice(15))[0]
    assert moran_of(maps, lattice(15)).mean() == pytest.approx(observed, abs=0.2)


def test_landmarks_are_spread_out() -> None:
    points = squares(9)
    chosen = points[farthest_points(points, 4)]
    corners = [[0, 0], [0, 8], [8, 0], [8, 8]]
    assert sorted(chosen.tolist()) == corners
    assert len(farthest_points(np.repeat(points, 3, axis=0), 200)) == 81


@pytest.mark.parametrize("rho", [-0.5, 0.0, 0.6, 0.9])
def test_autoregression_is_found(rho: float) -> None:
    weights = sparse.csr_array(lattice(30) / lattice(30).sum(axis=1, keepdims=True))
    values = autoregression(lattice(30), rho, np.random.default_rng(8), 1)[0]
    assert Autoregression.fit(values, weights).rho == pytest.approx(rho, abs=0.1)


def test_the_likelihood_is_that_of_a_dense_determinant() -> None:
    share = lattice(6) / lattice(6).sum(axis=1, keepdims=True)
    values = autoregression(lattice(6), 0.7, np.random.default_rng(8), 1)[0]
    grid = np.linspace(-0.99, 0.99, 1_981)

    def likelihood(rho: float) -> float:
        system = np.eye(36) - rho * share
        rest = system @ values
        squares_ = np.square(rest - rest.mean()).sum()
        return float(np.linalg.slogdet(system)[1] - 18 * np.log(squares_ / 36))

    best = grid[np.argmax([likelihood(rho) for rho in grid])]
    assert Autoregression.fit(values, sparse.csr_array(share)).rho == pytest.approx(best, abs=2e-3)


# What they are for


def test_unrelated_maps_are_found_related_one_time_in_twenty() -> None:
    rng = np.random.default_rng(9)
    weights, graph = lattice(12), graph_of(lattice(12), "R")
    fields = autoregression(weights, 0.9, rng, 300).reshape(150, 2, 144)
    larger, naive = [], []
    for first, second in fields:
        pair = (
            moran_surrogates(second, graph),
            kernel_surrogates(second, squares(12), rng=rng),
        )
        p = []
        for drawn in pair:
            maps = np.vstack([second, drawn.draw(99, rng=rng)])
            maps -= maps.mean(axis=1, keepdims=True)
            size = np.abs(maps @ (first - first.mean())) / np.sqrt(np.square(maps).sum(axis=1))
            p.append((1 + np.sum(size[1:] >= size[0])) / 100)
        larger.append(max(p))
        naive.append(stats.pearsonr(first, second).pvalue)
    # Three standard errors of a share of 150 at 0.05 are 0.053.
    assert np.mean(np.array(larger) <= 0.05) < 0.05 + 0.053
    assert np.mean(np.array(naive) <= 0.05) > 0.2


def beneath_a_plane() -> tuple[Floats, Floats, Floats]:
    """Give places, the terms of a surface over them, and a map without that surface."""
    places = np.stack(np.divmod(np.arange(100.0), 10), axis=1)
    terms = np.column_stack([places, places.prod(axis=1)])
    basis = np.linalg.qr(np.column_stack([np.ones(100), terms]))[0]
    weights = lattice(10)
    map_ = autoregression(weights, 0.8, np.random.default_rng(4), 1)[0]
    return places, terms, map_ - basis @ (basis.T @ map_)


def test_beneath_a_trend_surrogates_have_nothing_of_it() -> None:
    places, terms, map_ = beneath_a_plane()
    weights = lattice(10)
    maps = moran_surrogates(map_, graph_of(weights), beneath=terms).draw(40, rng=1)
    np.testing.assert_allclose(maps @ terms, 0, atol=1e-9)
    assert_kept(map_, maps, weights)
    drawn = {
        given: kernel_surrogates(map_, places, beneath=terms if given else None, rng=1).draw(
            200, rng=1
        )
        for given in (True, False)
    }
    trend = {
        given: np.abs(np.corrcoef(maps, terms.T)[:200, 200:]).mean()
        for given, maps in drawn.items()
    }
    assert trend[True] < 0.3 * trend[False]


@pytest.mark.usefixtures("large")
def test_beneath_a_trend_substitutes_have_little_of_it() -> None:
    places, terms, map_ = beneath_a_plane()
    for drawn in (
        moran_surrogates(map_, graph_of(lattice(10)), beneath=terms),
        kernel_surrogates(map_, places, beneath=terms, rng=1),
    ):
        assert drawn.method.startswith("substitute")
        maps = drawn.draw(100, rng=1)
        assert np.abs(np.corrcoef(maps, terms.T)[:100, 100:]).max() < 0.1


def test_terms_must_fit_the_map() -> None:
    places, terms, map_ = beneath_a_plane()
    with pytest.raises(SpatialError, match=r"terms of shape \(99, 3\)"):
        kernel_surrogates(map_, places, beneath=terms[1:], rng=1)
