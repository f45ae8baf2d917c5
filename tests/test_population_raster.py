"""People by polygon from rasters of population: nobody lost, nobody counted twice."""

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import rasterio
import shapely
from affine import Affine
from hypothesis import given
from hypothesis import strategies as st

import geo.population_raster as module
from boundaries import load_counties
from geo import InputError
from geo.population_raster import is_raster, read_population_raster, zonal_sums

KM = Affine(1000.0, 0.0, 0.0, 0.0, -1000.0, 0.0)
"""Cells of a kilometre, whose first row lies south of zero."""
IOWA = Affine(1000.0, 0.0, 0.0, 0.0, -1000.0, 2_000_000.0)
"""The same, over counties."""


def written(path: Path, cells: Any, **options: Any) -> Path:
    bands = np.atleast_3d(np.asarray(cells).T).T
    profile = {"dtype": bands.dtype, "crs": "EPSG:5070", "transform": KM} | options
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        count=bands.shape[0],
        height=bands.shape[1],
        width=bands.shape[2],
        **profile,
    ) as file:
        file.write(bands)
    return path


def columns(edges: Sequence[float], height: float) -> gpd.GeoDataFrame:
    """Cut a strip of ground into columns, in kilometres."""
    pieces = [
        shapely.box(1000 * left, -1000 * height, 1000 * right, 0) for left, right in pairwise(edges)
    ]
    return gpd.GeoDataFrame(geometry=pieces, crs="EPSG:5070")


@st.composite
def cells_and_edges(draw: st.DrawFn) -> tuple[np.ndarray, list[float]]:
    height, width = draw(st.integers(1, 6)), draw(st.integers(1, 9))
    cells = draw(st.lists(st.integers(0, 10**6), min_size=height * width, max_size=height * width))
    # Quarters of a cell: many borders run exactly through the centres of cells and parts.
    inner = draw(st.lists(st.integers(1, 4 * width - 1), max_size=5, unique=True))
    edges = [0.0, *sorted(edge / 4 for edge in inner), float(width)]
    return np.reshape(cells, (height, width)).astype("int32"), edges


@given(cells_and_edges())
def test_sums_of_polygons_that_tile_are_the_sum_of_the_raster(
    tmp_path_factory: pytest.TempPathFactory, made: tuple[np.ndarray, list[float]]
) -> None:
    cells, edges = made
    path = written(tmp_path_factory.mktemp("raster") / "people.tif", cells)
    found = zonal_sums(path, columns(edges, cells.shape[0]))
    assert found.sums.sum() == cells.sum()
    assert (found.covered == 1).all()
    assert found.outside == 0


@given(st.integers(0, 2**32 - 1))
def test_conservation_over_crooked_polygons(
    tmp_path_factory: pytest.TempPathFactory, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    cells = rng.integers(0, 1000, (12, 15)).astype("float32")
    path = written(tmp_path_factory.mktemp("raster") / "people.tif", cells)
    ground = shapely.box(0, -12_000, 15_000, 0)
    points = shapely.MultiPoint(rng.uniform((0, -12_000), (15_000, 0), (8, 2)))
    pieces = shapely.get_parts(shapely.voronoi_polygons(points, extend_to=ground))
    polygons = gpd.GeoDataFrame(geometry=shapely.intersection(pieces, ground), crs="EPSG:5070")
    assert zonal_sums(path, polygons).sums.sum() == cells.sum(dtype="float64")


def test_a_cell_on_a_border_is_shared_by_its_parts(tmp_path: Path) -> None:
    path = written(tmp_path / "people.tif", np.array([[80, 8]], dtype="int32"))
    assert zonal_sums(path, columns([0, 0.25, 2], 1)).sums.tolist() == [20, 68]


def test_what_lies_outside_is_told(tmp_path: Path) -> None:
    path = written(tmp_path / "people.tif", np.array([[80, 8, 5]], dtype="int32"))
    found = zonal_sums(path, columns([0.25, 1.5], 1))
    assert found.sums.tolist() == [64]
    assert found.outside == 20 + 4


def test_pieces_make_no_difference(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cells = np.random.default_rng(1).integers(0, 99, (40, 50)).astype("int32")
    path = written(tmp_path / "people.tif", cells)
    polygons = columns([0, 3.5, 17.25, 40, 50], 40)
    whole = zonal_sums(path, polygons).sums
    monkeypatch.setattr(module, "_SIDE", 7)
    assert zonal_sums(path, polygons).sums.sum() == whole.sum() == cells.sum()
    np.testing.assert_allclose(zonal_sums(path, polygons).sums, whole, rtol=0.05)


def test_no_data_is_nobody_and_a_polygon_of_it_has_no_sum(tmp_path: Path) -> None:
    cells = np.array([[-9, 5, np.nan, 7]], dtype="float32")
    path = written(tmp_path / "people.tif", cells, nodata=-9)
    found = zonal_sums(path, columns([0, 1, 2, 4, 6], 1))
    np.testing.assert_array_equal(found.sums, [np.nan, 5, 7, np.nan])
    assert found.covered.tolist() == [0, 1, 0.5, 0]


def test_scale_and_offset_are_applied(tmp_path: Path) -> None:
    path = written(tmp_path / "people.tif", np.array([[1, 2]], dtype="int16"))
    with rasterio.open(path, "r+") as file:
        file.scales, file.offsets = (10.0,), (1.0,)
    assert zonal_sums(path, columns([0, 1, 2], 1)).sums.tolist() == [11, 21]


def test_polygons_of_another_crs(tmp_path: Path) -> None:
    cells = np.arange(12, dtype="int32").reshape(3, 4)
    path = written(tmp_path / "people.tif", cells)
    polygons = columns([0, 2, 4], 3)
    there = zonal_sums(path, polygons.to_crs("EPSG:4269")).sums
    np.testing.assert_allclose(there, zonal_sums(path, polygons).sums, rtol=0.01)


def test_counties_of_a_raster_in_degrees(tmp_path: Path) -> None:
    """A raster of the area of its cells gives the area of counties."""
    step = 0.02
    transform = Affine(step, 0, -110, 0, -step, 46)
    latitudes = np.radians(46 - step * (np.arange(500) + 0.5))
    cells = np.repeat((111.2 * step) ** 2 * np.cos(latitudes)[:, None], 1000, axis=1)
    path = written(
        tmp_path / "area.tif", cells.astype("float32"), crs="EPSG:4326", transform=transform
    )
    read = read_population_raster(path)
    counties = load_counties()
    nebraska = counties.index[counties["state"] == "NE"]
    area = counties.to_crs("EPSG:5070").area[nebraska] / 1e6
    np.testing.assert_allclose(read.by_county[nebraska], area, rtol=0.05)
    assert read.by_county.index.equals(counties.index)
    assert read.by_county[["02013", "12086"]].isna().all()
    assert read.source.file == "area.tif"
    assert len(read.source.sha256) == 64
    assert read.source.missing == read.by_county.isna().sum()
    assert "some cells have no data" not in " ".join(read.notes)


def problems(path: Path) -> list[str]:
    with pytest.raises(InputError) as caught:
        read_population_raster(path)
    return [str(problem) for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"crs": None}, "no coordinate reference system"),
        ({"transform": Affine.rotation(30) @ KM}, "rotated"),
        ({"crs": 'LOCAL_CS["mine",UNIT["metre",1]]'}, "places on Earth"),
        ({"crs": "EPSG:32733"}, "none of the areas"),
    ],
)
def test_a_raster_that_lies_nowhere(tmp_path: Path, options: Any, words: str) -> None:
    (problem,) = problems(written(tmp_path / "p.tif", np.ones((4, 4), "int32"), **options))
    assert problem.startswith("p.tif: found ")
    assert words in problem


@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")
def test_every_problem_of_the_file_at_once(tmp_path: Path) -> None:
    path = written(tmp_path / "p.tif", np.ones((2, 4, 4), "complex64"), crs=None, transform=None)
    words = " ".join(found := problems(path))
    assert len(found) == 4
    for word in ("2 bands", "no coordinate reference system", "without a place", "complex64"):
        assert word in words


def test_negative_and_infinite_numbers_are_counted_and_placed(tmp_path: Path) -> None:
    cells = np.ones((4, 5), "float32")
    cells[2, 3] = cells[3, 4] = -99
    cells[1, 0] = np.inf
    negative, infinite = problems(written(tmp_path / "p.tif", cells, transform=IOWA))
    assert "p.tif, row 3, column 4: found the negative number -99 (2 such cells)" in negative
    assert "a_nodata" in negative
    assert "row 2, column 1: found the infinite number" in infinite


@pytest.mark.parametrize("number", [np.finfo("float32").max, 2**31 - 1, 2**32 - 1])
def test_a_number_that_stands_for_no_data_without_saying_so_is_refused(
    tmp_path: Path, number: float
) -> None:
    cells = np.full((50, 50), 7.0)
    cells[1, 2] = number
    (message,) = problems(written(tmp_path / "p.tif", cells, transform=IOWA))
    assert "p.tif, row 2, column 3: found the impossible number" in message
    assert "(1 such cells)" in message
    assert "a_nodata" in message


def test_nobody_anywhere(tmp_path: Path) -> None:
    (problem,) = problems(written(tmp_path / "p.tif", np.zeros((4, 4), "int32"), transform=IOWA))
    assert "nobody in any county" in problem


def test_what_is_no_raster(tmp_path: Path) -> None:
    path = tmp_path / "p.tif"
    assert "no such file" in problems(path)[0]
    path.write_text("fips,residents\n1001,5\n")
    (problem,) = problems(path)
    assert "content that cannot be read" in problem
    assert str(tmp_path) not in problem
    full = written(tmp_path / "whole.tif", np.ones((300, 300), "int32"), transform=IOWA)
    whole = full.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    assert "content that cannot be read" in problems(path)[0]


def test_a_format_that_can_point_elsewhere_is_no_raster(tmp_path: Path) -> None:
    inner = written(tmp_path / "inner.tif", np.ones((4, 4), "int32"))
    path = tmp_path / "p.tif"
    path.write_text(
        '<VRTDataset rasterXSize="4" rasterYSize="4"><VRTRasterBand dataType="Int32" band="1">'
        f"<SimpleSource><SourceFilename>{inner}</SourceFilename></SimpleSource>"
        "</VRTRasterBand></VRTDataset>"
    )
    assert "content that cannot be read" in problems(path)[0]


def test_rasters_are_told_by_their_names() -> None:
    assert is_raster(Path("a/b.TIFF"))
    assert not is_raster("tif")
