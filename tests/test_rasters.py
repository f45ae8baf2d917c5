"""Surfaces: cases kept, nothing invented, files that a GIS trusts."""

import hashlib
import json
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
import shapely
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Transformer
from rasterio.io import MemoryFile
from rio_cogeo.cogeo import cog_validate

from boundaries import load_counties
from geo import load_population
from outputs import OutputError
from outputs.classes import LegendClass
from outputs.rasters import (
    CellGrid,
    Method,
    PlaceCases,
    Surface,
    class_surface,
    draw_overlay,
    rate_surface,
    standardised_difference,
    surface_grid,
    write_surface,
)

METHODS: tuple[Method, ...] = ("mass_preserving", "smoothed")


def chequered(rows: int, columns: int, *, side: float = 40_000.0) -> gpd.GeoDataFrame:
    """Lay out square units, named by row and column."""
    squares = {
        f"{row}-{column}": shapely.box(
            side * column, side * row, side * (column + 1), side * (row + 1)
        )
        for row in range(rows)
        for column in range(columns)
    }
    return gpd.GeoDataFrame(geometry=pd.Series(squares), crs="EPSG:5070")


def given_cases(
    cases: pd.Series, people: pd.Series, places: pd.Series | None = None, name: str = "arrest_rate"
) -> PlaceCases:
    own = pd.Series(people.index, index=people.index)
    return PlaceCases(
        name=name,
        title="ICE arrests per 100,000 residents",
        cases_word="arrests",
        people_word="residents",
        support="Known by place.",
        places=own if places is None else places,
        cases=cases,
        people=people,
    )


def by_place(surface: Surface, places: pd.Series) -> pd.Series:
    """Add the second band, as it is written, up by place."""
    grid = surface.grid
    cells = surface.bands[1].numbers.astype("float32").astype("float64")[grid.inside]
    of_cell = places.reindex(grid.units).to_numpy()[grid.unit]
    return pd.Series(cells).groupby(of_cell).sum(min_count=1)


@st.composite
def maps(draw: st.DrawFn) -> PlaceCases:
    """Draw cases of squares, some of them merged to larger places."""
    units = chequered(4, 5).index
    seed = draw(st.integers(0, 2**32 - 1))
    rng = np.random.default_rng(seed)
    people = pd.Series(rng.lognormal(10, 2, len(units)), index=units)
    places = pd.Series(units, index=units)
    places[rng.random(len(units)) < draw(st.sampled_from([0.0, 0.3, 0.6]))] = "zone"
    names = places.unique()
    cases = pd.Series(rng.poisson(draw(st.sampled_from([0.3, 20, 5_000])), len(names)), index=names)
    return given_cases(cases.astype(float), people, places)


@given(maps())
def test_cases_of_every_place_are_kept(drawn: PlaceCases) -> None:
    surface = rate_surface(surface_grid(chequered(4, 5)), drawn, method="mass_preserving")
    kept = by_place(surface, drawn.places)
    np.testing.assert_allclose(kept, drawn.cases.reindex(kept.index), rtol=1e-6, atol=0)
    rate, cases, people = (band.numbers[surface.grid.inside] for band in surface.bands)
    assert (rate >= 0).all()
    np.testing.assert_allclose(cases, rate * people / 100_000)


@given(maps(), st.sampled_from(METHODS))
def test_one_rate_everywhere_stays_one_rate(drawn: PlaceCases, method: Method) -> None:
    people = drawn.people.groupby(drawn.places).sum()
    flat = given_cases(people * 3e-4, drawn.people, drawn.places)
    surface = rate_surface(surface_grid(chequered(4, 5)), flat, method=method)
    np.testing.assert_allclose(surface.bands[0].numbers, 30.0, rtol=1e-9)


@given(maps())
def test_smoothed_rates_lie_between_those_of_places(drawn: PlaceCases) -> None:
    surface = rate_surface(surface_grid(chequered(4, 5)), drawn, method="smoothed")
    rates = 100_000 * drawn.cases / drawn.people.groupby(drawn.places).sum()
    assert surface.bands[0].numbers.min() >= rates.min() - 1e-9
    assert surface.bands[0].numbers.max() <= rates.max() + 1e-9


@pytest.mark.parametrize("method", METHODS)
def test_surfaces_are_smoother_than_the_map(method: Method) -> None:
    units = chequered(4, 5)
    people = pd.Series(1e5, index=units.index)
    cases = pd.Series(np.arange(20) % 2 * 90.0 + 10.0, index=units.index)
    surface = rate_surface(surface_grid(units), given_cases(cases, people), method=method)
    steps = np.abs(np.diff(surface.bands[0].numbers, axis=1))
    assert 0 < steps.max() < 90


def test_people_make_no_detail_within_a_place() -> None:
    """M1: a city in a zone whose arrests are known for the zone only is no hot spot of them."""
    units = chequered(4, 5)
    people = pd.Series(np.where(units.index == "2-2", 1e7, 1e3), index=units.index)
    one = pd.Series("zone", index=units.index)
    cases = pd.Series({"zone": 5_000.0})
    grid = surface_grid(units)
    for method in METHODS:
        rate = rate_surface(grid, given_cases(cases, people, one), method=method).bands[0].numbers
        np.testing.assert_allclose(rate, rate[0, 0])


@given(maps(), st.sampled_from(METHODS))
def test_a_larger_place_neither_takes_nor_gives(drawn: PlaceCases, method: Method) -> None:
    """M1: it has its own rate in every cell, and the units around are as they are without it."""
    grid = surface_grid(chequered(4, 5))
    whole = (drawn.places == "zone").to_numpy()[grid.unit]
    rates = rate_surface(grid, drawn, method=method).bands[0].numbers[grid.inside]
    if whole.any():
        total = drawn.people[drawn.places == "zone"].sum()
        np.testing.assert_allclose(rates[whole], 1e5 * drawn.cases["zone"] / total)
        assert np.ptp(rates[whole]) == 0
    if whole.any() and not whole.all():
        alone = replace(drawn, places=drawn.places.where(drawn.places != "zone"))
        without = rate_surface(grid, alone, method=method).bands[0].numbers[grid.inside]
        np.testing.assert_array_equal(rates[~whole], without[~whole])
        assert np.isnan(without[whole]).all()


def test_a_place_that_bears_a_unit_s_name_and_holds_others_is_a_larger_one() -> None:
    places = pd.Series({"a": "a", "b": "b", "c": "a", "d": None, "e": "zone"})
    known = given_cases(pd.Series({"a": 1.0, "b": 2.0}), pd.Series(1e5, index=places.index), places)
    assert known.known_as_a_whole.tolist() == [True, False, True, False, True]


def test_notes_say_what_was_done_to_larger_places_and_to_units() -> None:
    units = chequered(1, 3)
    people = pd.Series(1e5, index=units.index)
    grid = surface_grid(units)
    for places, cases, smoothed, whole in (
        (["0-0", "0-1", "0-2"], [1.0, 2.0, 3.0], True, False),
        (["zone", "zone", "0-2"], [1.0, 3.0], True, True),
        (["zone", "zone", "zone"], [1.0], False, True),
    ):
        named = pd.Series(places, index=units.index)
        known = given_cases(pd.Series(cases, index=named.unique()), people, named)
        note = rate_surface(grid, known, method="smoothed").note
        assert ("Gaussian kernel" in note) == smoothed
        assert ("Nothing is smoothed" in note) != smoothed
        assert ("one rate in all its cells" in note) == whole


def test_the_edge_of_a_map_does_not_pull_rates_down() -> None:
    units = chequered(1, 6)
    people = pd.Series(1e5, index=units.index)
    cases = pd.Series(50.0, index=units.index)
    cases["0-5"] = np.nan
    surface = rate_surface(surface_grid(units), given_cases(cases, people), method="smoothed")
    np.testing.assert_allclose(surface.bands[0].numbers[:, :40], 50.0)
    assert np.isnan(surface.bands[0].numbers[:, 40:]).all()


@pytest.mark.parametrize("method", METHODS)
def test_no_data_stays_no_data_and_is_not_zero(method: Method) -> None:
    units = chequered(3, 3).drop(index="1-1")  # a lake
    people = pd.Series(1e5, index=units.index)
    people["0-0"] = np.nan
    cases = pd.Series(10.0, index=units.index)
    cases["2-2"], cases["0-2"] = np.nan, 0.0
    places = pd.Series(units.index, index=units.index).mask(units.index == "2-0")
    surface = rate_surface(surface_grid(units), given_cases(cases, people, places), method=method)
    known = np.isfinite(surface.bands[0].numbers)
    # Rows run from the north.
    assert known[::8, ::8].tolist() == [
        [False, True, False],
        [True, False, True],
        [False, True, True],
    ]
    assert ((surface.classes == 0) == ~known).all()
    assert "20 arrests of places without residents" in surface.note


def test_an_island_keeps_its_own_rate() -> None:
    units = chequered(1, 1)
    units.loc["island"] = [shapely.box(2e5, 0, 2.05e5, 5e3)]
    people = pd.Series(1e5, index=units.index)
    cases = pd.Series({"0-0": 10.0, "island": 70.0})
    rate = rate_surface(surface_grid(units), given_cases(cases, people), method="mass_preserving")
    assert np.nanmax(rate.bands[0].numbers) == pytest.approx(70)
    assert np.nanmin(rate.bands[0].numbers) == pytest.approx(10)


def test_units_too_small_for_a_cell_are_given_one() -> None:
    units = chequered(1, 2)
    for number in range(3):
        west = 100 + 200 * number
        units.loc[f"tiny {number}"] = [shapely.box(west, 100, west + 150, 250)]
    grid = surface_grid(units)
    assert grid.moved.tolist() == ["tiny 0", "tiny 1", "tiny 2"]
    assert np.bincount(grid.unit).tolist() == [61, 64, 1, 1, 1]
    rows, columns = np.nonzero(grid.inside)
    nearest = rows[grid.unit >= 2].tolist(), columns[grid.unit >= 2].tolist()
    assert nearest == ([6, 7, 7], [0, 0, 1])


@pytest.fixture(scope="module")
def country() -> tuple[CellGrid, PlaceCases]:
    """Make up arrests of the 3,108 counties, those of half of the zones known by zone."""
    counties = load_counties(extent="conterminous")
    people = load_population().reindex(counties.index)
    rng = np.random.default_rng(7)
    coarse = counties["zone"].isin(counties["zone"].unique()[::2])
    places = counties["zone"].where(coarse, counties.index.to_series())
    total = people.groupby(places).sum()
    cases = total * rng.lognormal(-6, 0.8, len(total))
    places = places.mask(counties["state"] == "MT")
    return surface_grid(counties), given_cases(cases.drop("MT-SLC"), people, places)


@pytest.fixture(scope="module")
def surface(country: tuple[CellGrid, PlaceCases]) -> Surface:
    """Make its surface that keeps cases."""
    return rate_surface(*country, method="mass_preserving")


@pytest.fixture(scope="module")
def folder(surface: Surface, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write it."""
    path = tmp_path_factory.mktemp("rasters")
    names = write_surface(path, surface, metadata={"seed": 1, "odd": "<é>\0"}, simulated=True)
    assert names == sorted(each.name for each in path.iterdir())
    return path


def test_every_county_has_a_cell(country: tuple[CellGrid, PlaceCases]) -> None:
    grid = country[0]
    assert np.bincount(grid.unit, minlength=3_108).min() == 1
    assert len(grid.moved) == 5
    area = load_counties(extent="conterminous").area.sum()
    assert grid.inside.sum() * grid.cell_size**2 == pytest.approx(area, rel=1e-3)


@pytest.fixture
def values(folder: Path) -> Iterator[Any]:
    """Open the numbers."""
    with rasterio.open(folder / "arrest_rate_mass_preserving.tif") as file:
        yield file


def test_the_file_keeps_the_cases_of_every_place(
    values: Any, country: tuple[CellGrid, PlaceCases]
) -> None:
    grid, known = country
    cells = values.read(2).astype("float64")[grid.inside]
    places = known.places.reindex(grid.units).to_numpy()[grid.unit]
    kept = pd.Series(cells).groupby(places).sum()
    assert len(kept) == known.places.nunique() > 1_000
    np.testing.assert_allclose(kept, known.cases[kept.index], rtol=1e-6)


def test_crs_units_and_descriptions(values: Any) -> None:
    assert values.crs.to_epsg() == 5070
    assert values.res == (5_000, 5_000)
    assert values.units == (
        "arrests per 100,000 residents",
        "arrests per cell",
        "residents per cell",
    )
    assert values.descriptions[0] == "SIMULATED: ICE arrests per 100,000 residents"
    assert set(values.dtypes) == {"float32"}
    assert np.isnan(values.nodata)
    assert values.overviews(1) == [2, 4]


def test_tags_say_what_it_is(values: Any) -> None:
    tags = values.tags()
    assert tags["DATA"] == "SIMULATED"
    assert tags["TIFFTAG_IMAGEDESCRIPTION"].startswith("SIMULATED: ")
    assert "Tobler 1979" in tags["NOTE"]
    assert json.loads(tags["RUN"]) == {"seed": 1, "odd": "<é>\0"}


@pytest.mark.parametrize("end", ["", "_classes"])
@pytest.mark.filterwarnings("ignore:Use `@` matmul:PendingDeprecationWarning")
def test_files_are_cloud_optimised(folder: Path, end: str) -> None:
    valid, errors, warned = cog_validate(folder / f"arrest_rate_mass_preserving{end}.tif")
    assert (valid, errors, warned) == (True, [], [])


def test_classes_have_a_colour_table(folder: Path, surface: Surface) -> None:
    with rasterio.open(folder / "arrest_rate_mass_preserving_classes.tif") as file:
        classes, table = file.read(1), file.colormap(1)
        words = json.loads(file.tags()["CLASSES"])
        assert file.nodata == 0
        assert file.colorinterp[0].name == "palette"
        assert file.overviews(1) == [2, 4]
    np.testing.assert_array_equal(classes, surface.classes)
    rates = surface.bands[0].numbers
    for number, entry in enumerate(surface.legend, start=1):
        assert table[number] == (*bytes.fromhex(entry.colour[1:]), 255)
        assert words[str(number)] == entry.label
        limits = (-np.inf, *surface.limits, np.inf)
        own = rates[classes == number]
        assert ((own > limits[number - 1]) & (own <= limits[number])).all()
    assert table[0][3] == 0


@pytest.mark.parametrize(("end", "items"), [("", "item"), ("_classes", "paletteEntry")])
def test_styles_paint_the_same_classes(
    folder: Path, surface: Surface, end: str, items: str
) -> None:
    style = ET.parse(folder / f"arrest_rate_mass_preserving{end}.qml")  # noqa: S314 (our own)
    entries = list(style.iter(items))
    assert [entry.get("color") for entry in entries] == [each.colour for each in surface.legend]
    assert [entry.get("label") for entry in entries] == [each.label for each in surface.legend]


def test_the_same_bytes_every_time(folder: Path, surface: Surface, tmp_path: Path) -> None:
    names = write_surface(tmp_path, surface, metadata={"odd": "<é>\0", "seed": 1}, simulated=True)
    for name in names:
        digests = {
            hashlib.sha256((each / name).read_bytes()).hexdigest() for each in (folder, tmp_path)
        }
        assert len(digests) == 1


def test_a_file_that_is_there_is_left_alone(folder: Path, surface: Surface) -> None:
    with pytest.raises(OutputError, match="already there"):
        write_surface(folder, surface, metadata={}, simulated=False)


def test_real_data_do_not_say_simulated(tmp_path: Path) -> None:
    grid = surface_grid(chequered(1, 1))
    legend = [LegendClass(key="yes", label="Yes", colour="#0072b2")]
    made = class_surface(grid, pd.Series({"0-0": "yes"}), legend, name="s", title="S", note="n")
    assert write_surface(tmp_path, made, metadata={}, simulated=False) == ["s.qml", "s.tif"]
    with rasterio.open(tmp_path / "s.tif") as file:
        assert "SIMULATED" not in str(file.tags()) + str(file.descriptions)


def test_a_folder_that_is_not_there(surface: Surface, tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="cannot be written"):
        write_surface(tmp_path / "no", surface, metadata={}, simulated=False)


@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")
def test_the_overlay_lies_where_the_surface_does(surface: Surface) -> None:
    image = draw_overlay(surface)
    assert len(image.image) < 150_000
    assert image == draw_overlay(surface)
    png = b64decode(image.image.removeprefix("data:image/png;base64,"))
    with MemoryFile(png) as memory, memory.open() as file:
        pixels = file.read()
    (south, west), (north, east) = image.bounds
    mercator = Transformer.from_crs("EPSG:4326", "EPSG:3857", always_xy=True)
    left, top = mercator.transform(west, north)
    right, bottom = mercator.transform(east, south)
    rows, columns = pixels.shape[1:]
    assert (right - left) / columns == pytest.approx((top - bottom) / rows, rel=1e-6)
    albers = Transformer.from_crs("EPSG:4326", "EPSG:5070", always_xy=True)
    colours = {
        number: bytes.fromhex(each.colour[1:])
        for number, each in enumerate(surface.legend, start=1)
    }
    rng = np.random.default_rng(3)
    agree = 0
    for lon, lat in rng.uniform((-124, 26), (-68, 48), (400, 2)):
        x, y = mercator.transform(lon, lat)
        pixel = pixels[
            :, int((top - y) / (top - bottom) * rows), int((x - left) / (right - left) * columns)
        ]
        x, y = albers.transform(lon, lat)
        transform = surface.grid.transform
        at = int((transform.f - y) / 5_000), int((x - transform.c) / 5_000)
        within = all(0 <= a < n for a, n in zip(at, surface.grid.shape, strict=True))
        number = int(surface.classes[at]) if within else 0
        painted = pixel[3] == 255 and bytes(pixel[:3].tolist()) == colours.get(number)
        agree += bool(painted) if number else pixel[3] == 0
    assert agree >= 370  # the others lie on borders of classes, where pixels and cells differ


def test_the_overlay_lists_the_classes_that_occur() -> None:
    grid = surface_grid(chequered(1, 1))
    legend = [LegendClass(key=key, label=key, colour="#0072b2") for key in "ab"]
    made = class_surface(grid, pd.Series({"0-0": "b"}), legend, name="s", title="S", note="n")
    assert [entry.key for entry in draw_overlay(made).legend] == ["b"]


def test_the_difference_is_that_of_weighted_standard_scores() -> None:
    units = chequered(2, 2)
    grid = surface_grid(units)
    people = pd.Series([1e5, 3e5, 2e5, 4e5], index=units.index)
    others = pd.Series([2e5, 1e5, 2e5, 5e5], index=units.index)
    rates = pd.Series([1e-4, 5e-4, 2e-4, 3e-4], index=units.index)
    counter = pd.Series([4e-3, 1e-3, 2e-3, np.nan], index=units.index)
    one, other = (
        rate_surface(grid, given_cases(each, who), method="smoothed", bandwidth=100.0)
        for each, who in ((rates * people, people), (counter * others, others))
    )
    made = standardised_difference(
        one, other, people=(people, others), name="difference", words=("arrests", "crime")
    )

    def scores(values: pd.Series, weights: pd.Series) -> pd.Series:
        values, weights = values.iloc[:3], weights.iloc[:3]
        mean = np.average(values, weights=weights)
        spread = np.sqrt(np.average((values - mean) ** 2, weights=weights))
        score: pd.Series = (values - mean) / spread
        return score

    expected = scores(rates, people) - scores(counter, others)
    found = made.bands[0].numbers[::-8, ::8][:2]
    np.testing.assert_allclose([found[0, 0], found[0, 1], found[1, 0]], expected, rtol=1e-9)
    assert np.isnan(found[1, 1])
    assert made.bands[0].unit == "standard deviations"
    assert made.note.startswith("Descriptive, no test.")


def test_a_rate_without_variation_has_no_difference() -> None:
    units = chequered(2, 2)
    people = pd.Series([1e5, 3e5, 2e5, 4e5], index=units.index)
    grid = surface_grid(units)
    flat, varied = (
        rate_surface(grid, given_cases(cases, people), method="mass_preserving")
        for cases in (people * 1e-4, people * [1, 2, 3, 4])
    )
    made = standardised_difference(
        varied, flat, people=(people, people), name="d", words=("arrests", "crime")
    )
    assert np.isnan(made.bands[0].numbers).all()
    assert (made.classes == 0).all()


def test_classes_of_differences_are_worded_as_what_they_hold() -> None:
    units = chequered(2, 2)
    people = pd.Series(1e5, index=units.index)
    grid = surface_grid(units)
    one, other = (
        rate_surface(grid, given_cases(people * 1e-4 * ups, people), method="smoothed")
        for ups in ([1, 2, 3, 4], [4, 3, 2, 1])
    )
    made = standardised_difference(
        one, other, people=(people, people), name="d", words=("arrests", "crime")
    )
    most, crime = "by over 2 standard deviations", "crime further above average than arrests"
    assert [entry.label for entry in made.legend] == [
        f"{crime}, {most} (\N{MINUS SIGN}2 or less)",
        f"{crime}, by 1 to 2 (\N{MINUS SIGN}2 to \N{MINUS SIGN}1)",
        f"{crime}, by 0.5 to 1 (\N{MINUS SIGN}1 to \N{MINUS SIGN}0.5)",
        "about equally far from their averages (\N{MINUS SIGN}0.5 to 0.5)",
        "arrests further above average than crime, by 0.5 to 1 (0.5 to 1)",
        "arrests further above average than crime, by 1 to 2 (1 to 2)",
        f"arrests further above average than crime, {most} (over 2)",
    ]


def test_no_arrests_at_all_is_the_lowest_class() -> None:
    units = chequered(1, 2)
    people = pd.Series(1e5, index=units.index)
    made = rate_surface(
        surface_grid(units), given_cases(people * 0, people), method="mass_preserving"
    )
    assert (made.bands[0].numbers == 0).all()
    assert (made.classes == 1).all()


@pytest.mark.parametrize(
    ("units", "size", "words"),
    [
        (chequered(1, 1).to_crs("EPSG:4269"), 5e3, "equal-area"),
        (chequered(1, 1).to_crs("EPSG:3857"), 5e3, "equal-area"),
        (chequered(1, 1).set_crs(None, allow_override=True), 5e3, "CRS none"),
        (chequered(1, 1), 0.0, "positive"),
        (chequered(1, 1), 1.0, "choose larger ones"),
        (chequered(3, 3), 90_000.0, "choose smaller cells"),
        (chequered(1, 1).iloc[:0], 5e3, "no unit"),
        (pd.concat([chequered(1, 1)] * 2), 5e3, "0-0 twice"),
    ],
)
def test_grids_that_cannot_be_laid(units: gpd.GeoDataFrame, size: float, words: str) -> None:
    with pytest.raises(OutputError, match=words):
        surface_grid(units, cell_size=size)


def test_cases_that_cannot_be() -> None:
    people = pd.Series({"0-0": 1e5})
    for cases, who, words in (
        (-1.0, people, "found -1.0 arrests in 0-0"),
        (np.inf, people, "found inf arrests"),
        (1.0, -people, "residents"),
    ):
        with pytest.raises(OutputError, match=words):
            given_cases(pd.Series({"0-0": cases}), who)
    grid = surface_grid(chequered(1, 1))
    with pytest.raises(OutputError, match="no place with arrests"):
        rate_surface(grid, given_cases(people * np.nan, people), method="smoothed")
    with pytest.raises(OutputError, match="bandwidth"):
        rate_surface(grid, given_cases(people, people), method="smoothed", bandwidth=0)
