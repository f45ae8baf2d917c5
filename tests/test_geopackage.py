"""GeoPackage 1.3: what goes in comes out, the same bytes every time."""

import json
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely
from geopandas.testing import assert_geodataframe_equal

from boundaries import load_counties, load_states
from outputs import (
    ColumnWords,
    Hatching,
    LayerStyle,
    LayerWords,
    LegendClass,
    OutputError,
    write_geopackage,
)

METADATA = {"software": "arrest-atlas", "words": "Doña Ana & <others>", "p": [0.05, 1]}
CLOCK = "OGR_CURRENT_DATE"


@pytest.fixture(scope="module")
def layers() -> dict[str, gpd.GeoDataFrame | pd.DataFrame]:
    """Make layers with and without geometry."""
    counties = load_counties()
    counties = counties[counties["state"].isin(["NM", "HI", "AS"])].copy()
    counties["arrests"] = np.arange(len(counties))
    counties["rate"] = np.where(counties["arrests"] % 3 == 0, np.nan, counties["arrests"] / 7)
    counties["tested"] = counties["arrests"] % 2 == 0
    table = pd.DataFrame(
        {"given": [1, 2], "rule": ["kept", None]}, index=pd.Index(["x", "y"], name="area")
    )
    return {"counties": counties, "states": load_states().loc[["NM", "PR"]], "totals": table}


@pytest.fixture(scope="module")
def written(
    layers: dict[str, gpd.GeoDataFrame | pd.DataFrame], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """Write the layers."""
    path = tmp_path_factory.mktemp("written") / "atlas.gpkg"
    write_geopackage(path, layers, title="Do <arrests> cluster?", metadata=METADATA)
    return path


@pytest.fixture
def database(written: Path) -> Iterator[sqlite3.Connection]:
    """Open the file as the SQLite database that it is."""
    with closing(sqlite3.connect(written)) as connection:
        yield connection


def test_version_is_1_3(database: sqlite3.Connection) -> None:
    assert database.execute("PRAGMA user_version").fetchone() == (10_300,)
    assert database.execute("PRAGMA application_id").fetchone() == (int.from_bytes(b"GPKG"),)
    assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_layers_stand_in_order_with_their_types(written: Path) -> None:
    assert pyogrio.list_layers(written).tolist() == [
        ["counties", "MultiPolygon"],
        ["states", "MultiPolygon"],
        ["totals", None],
    ]


@pytest.mark.parametrize("name", ["counties", "states"])
def test_geometry_and_columns_read_back_equal(
    written: Path, layers: dict[str, gpd.GeoDataFrame], name: str
) -> None:
    table = layers[name]
    back = gpd.read_file(written, layer=name)
    assert back.columns[0] == table.index.name
    back = back.set_index(table.index.name)[table.columns]  # geometry comes last in a file
    parts = [
        shape if shape.geom_type == "MultiPolygon" else shapely.MultiPolygon([shape])
        for shape in table.geometry
    ]
    expected = table.set_geometry(gpd.GeoSeries(parts, index=table.index, crs=table.crs))
    assert_geodataframe_equal(back, expected, check_dtype=False)
    assert shapely.equals_exact(
        np.asarray(shapely.normalize(back.geometry)),
        np.asarray(shapely.normalize(expected.geometry)),
    ).all()
    assert back.crs == table.crs


def test_a_table_without_geometry_reads_back_equal(
    written: Path, layers: dict[str, pd.DataFrame]
) -> None:
    back = pyogrio.read_dataframe(written, layer="totals")
    assert type(back) is pd.DataFrame
    pd.testing.assert_frame_equal(back.set_index("area"), layers["totals"], check_dtype=False)


def test_missing_numbers_are_null_and_not_zero(database: sqlite3.Connection) -> None:
    nulls, zeros = database.execute(
        "SELECT sum(rate IS NULL), sum(rate = 0) FROM counties"
    ).fetchone()
    assert nulls > 10
    assert zeros == 0


def test_metadata_is_readable(written: Path, database: sqlite3.Connection) -> None:
    stored = pyogrio.read_info(written, layer="counties")["dataset_metadata"]
    assert stored["title"] == "Do <arrests> cluster?"
    assert json.loads(stored["run"]) == METADATA
    (text,) = database.execute("SELECT metadata FROM gpkg_metadata").fetchone()
    assert "arrest-atlas" in text


def test_same_tables_give_the_same_bytes(
    written: Path, layers: dict[str, gpd.GeoDataFrame | pd.DataFrame], tmp_path: Path
) -> None:
    again = tmp_path / "another-name.gpkg"
    write_geopackage(again, layers, title="Do <arrests> cluster?", metadata=METADATA)
    assert again.read_bytes() == written.read_bytes()
    assert [path.name for path in tmp_path.iterdir()] == ["another-name.gpkg"]


def test_no_clock_is_in_the_file(database: sqlite3.Connection) -> None:
    stamps = {
        *database.execute("SELECT last_change FROM gpkg_contents"),
        *database.execute("SELECT timestamp FROM gpkg_metadata_reference"),
    }
    assert stamps == {("2000-01-01T00:00:00.000Z",)}


@pytest.mark.parametrize("before", [None, "2020-02-02T00:00:00.000Z"])
def test_the_clock_of_gdal_is_given_back(
    before: str | None, layers: dict[str, gpd.GeoDataFrame], tmp_path: Path
) -> None:
    pyogrio.set_gdal_config_options({CLOCK: before})
    try:
        write_geopackage(tmp_path / "a.gpkg", {"t": layers["totals"]}, title="", metadata={})
        assert pyogrio.get_gdal_config_option(CLOCK) == before
        with pytest.raises(OutputError, match="cannot be written"):
            write_geopackage(
                tmp_path / "none" / "a.gpkg", {"t": layers["totals"]}, title="", metadata={}
            )
        assert pyogrio.get_gdal_config_option(CLOCK) == before
    finally:
        pyogrio.set_gdal_config_options({CLOCK: None})


def test_tables_are_not_changed(
    layers: dict[str, gpd.GeoDataFrame | pd.DataFrame], tmp_path: Path
) -> None:
    before = {name: table.copy() for name, table in layers.items()}
    write_geopackage(tmp_path / "a.gpkg", layers, title="", metadata={})
    for name, table in layers.items():
        pd.testing.assert_frame_equal(pd.DataFrame(table), pd.DataFrame(before[name]))


def test_metadata_is_json_even_with_missing_numbers(
    layers: dict[str, pd.DataFrame], tmp_path: Path
) -> None:
    path = tmp_path / "a.gpkg"
    write_geopackage(path, {"t": layers["totals"]}, title="", metadata={"kappa": float("nan")})
    run = pyogrio.read_info(path)["dataset_metadata"]["run"]
    assert json.loads(run, parse_constant=pytest.fail) == {"kappa": None}


HOSTILE = (
    "<script>alert(1)</script>",
    "\"; DROP TABLE counties; --'",
    "=cmd|'/c calc'!A1",
    "\u202egnp.exe\u202c \u200f",
    "n" * 10_000,
)
HOT = LegendClass(key="hot", label="Hot <b>", colour="#b2182b")


@pytest.fixture(scope="module")
def described(
    layers: dict[str, gpd.GeoDataFrame | pd.DataFrame], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """Write the layers with words and styles."""
    path = tmp_path_factory.mktemp("described") / "atlas.gpkg"
    columns = {
        "county_fips": ColumnWords(meaning="Code"),
        "land_area_km2": ColumnWords(meaning="Land area", unit="km\u00b2"),
        "absent": ColumnWords(meaning="No column"),
    }
    words = {"counties": LayerWords(title="Counties", abstract="A row a county.", columns=columns)}
    first = LayerStyle(name="First", column="state", legend=[HOT])
    styles = {"counties": [first, LayerStyle(name="Second")], "states": [LayerStyle(name="Lines")]}
    write_geopackage(path, layers, title="T", metadata=METADATA, words=words, styles=styles)
    return path


def rows(path: Path, query: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(query).fetchall()


def test_layers_have_titles_and_abstracts(described: Path) -> None:
    query = "SELECT identifier, description FROM gpkg_contents WHERE table_name = "
    assert rows(described, f"{query} 'counties'") == [("Counties", "A row a county.")]
    assert rows(described, f"{query} 'states'") == [("states", "")]


def test_columns_are_described_with_units(described: Path) -> None:
    assert rows(
        described, "SELECT table_name, column_name, description FROM gpkg_data_columns"
    ) == [
        ("counties", "county_fips", "Code"),
        ("counties", "land_area_km2", "Land area [km\u00b2]"),
    ]
    extended = "SELECT table_name FROM gpkg_extensions WHERE extension_name = 'gpkg_schema'"
    assert sorted(rows(described, extended)) == [
        ("gpkg_data_column_constraints",),
        ("gpkg_data_columns",),
    ]


def test_qgis_finds_one_default_style_a_layer(described: Path) -> None:
    query = (
        "SELECT f_table_name, f_geometry_column, styleName, useAsDefault, update_time "
        "FROM layer_styles ORDER BY id"
    )
    clock = "2000-01-01T00:00:00.000Z"
    assert rows(described, query) == [
        ("counties", "geom", "First", 1, clock),
        ("counties", "geom", "Second", 0, clock),
        ("states", "geom", "Lines", 1, clock),
    ]
    for (qml,) in rows(described, "SELECT styleQML FROM layer_styles"):
        assert ET.fromstring(qml).tag == "qgis"  # noqa: S314  (our own)


def test_without_styles_there_is_no_table_of_them(
    layers: dict[str, gpd.GeoDataFrame | pd.DataFrame], tmp_path: Path
) -> None:
    path = tmp_path / "a.gpkg"
    styles: dict[str, list[LayerStyle]] = {"totals": [], "absent": [LayerStyle(name="Lines")]}
    write_geopackage(path, {"totals": layers["totals"]}, title="", metadata={}, styles=styles)
    assert pyogrio.list_layers(path)[:, 0].tolist() == ["totals"]


def test_every_layer_with_geometry_has_a_spatial_index(described: Path) -> None:
    assert rows(
        described,
        "SELECT table_name, column_name FROM gpkg_extensions "
        "WHERE extension_name = 'gpkg_rtree_index' ORDER BY table_name",
    ) == [("counties", "geom"), ("states", "geom")]
    (count,) = rows(described, "SELECT count(*) FROM rtree_counties_geom")
    assert count == rows(described, "SELECT count(*) FROM counties")[0]


def test_words_and_styles_give_the_same_bytes(
    layers: dict[str, gpd.GeoDataFrame | pd.DataFrame], tmp_path: Path
) -> None:
    again = tmp_path / "again.gpkg"
    said = {"counties": LayerWords(title="C", columns={"name": ColumnWords(meaning="N")})}
    painted = {"counties": [LayerStyle(name="First", column="state", legend=[HOT])]}
    for path in (again, tmp_path / "other.gpkg"):
        write_geopackage(path, layers, title="", metadata={}, words=said, styles=painted)
    assert again.read_bytes() == (tmp_path / "other.gpkg").read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["again.gpkg", "other.gpkg"]


def run(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(words, capture_output=True, text=True, check=False)  # noqa: S603


@pytest.mark.parametrize("which", ["described", "hostile"])
def test_the_validator_of_gdal_has_nothing_to_say(
    which: str, request: pytest.FixtureRequest
) -> None:
    path = request.getfixturevalue(which)
    python = "/usr/bin/python3"  # Debian's, for which python3-gdal is
    script = "import osgeo_utils.samples.validate_gpkg as v; print(v.__file__)"
    if not Path(python).exists():
        pytest.skip("needs Debian's python3")
    found = run(python, "-c", script)
    if found.returncode:
        pytest.skip("needs Debian's python3-gdal, which brings the validator of GeoPackages")
    checked = run(python, found.stdout.strip(), str(path))
    assert checked.returncode == 0, checked.stdout
    assert "Error" not in checked.stdout + checked.stderr


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write hostile texts wherever there is a text."""
    path = tmp_path_factory.mktemp("hostile") / "atlas.gpkg"
    table = gpd.GeoDataFrame(
        {"name": HOSTILE, **{text: range(len(HOSTILE)) for text in HOSTILE}},
        geometry=[shapely.box(at, 0, at + 1, 1) for at in range(len(HOSTILE))],
        crs="EPSG:4269",
    )
    everything = "".join(HOSTILE)
    columns = {text: ColumnWords(meaning=text, unit=text) for text in HOSTILE}
    entry = LegendClass(key=everything, label=everything, colour="#000000", pattern="grid")
    style = LayerStyle(
        name=everything,
        description=everything,
        column=HOSTILE[1],
        legend=[entry],
        hatchings=[Hatching(column=HOSTILE[1], value=everything, label=everything)],
    )
    write_geopackage(
        path,
        {"places": table},
        title=everything,
        metadata={everything: everything},
        words={"places": LayerWords(title=everything, abstract=everything, columns=columns)},
        styles={"places": [style]},
    )
    return path


def test_hostile_texts_stay_texts(hostile: Path) -> None:
    everything = "".join(HOSTILE)
    assert rows(hostile, "PRAGMA integrity_check") == [("ok",)]
    back = gpd.read_file(hostile, layer="places")
    assert back["name"].tolist() == list(HOSTILE)
    assert list(back.columns) == ["name", *HOSTILE, "geometry"]
    title = "SELECT identifier, description FROM gpkg_contents WHERE table_name = 'places'"
    assert rows(hostile, title) == [(everything, everything)]
    assert dict(rows(hostile, "SELECT column_name, description FROM gpkg_data_columns")) == {
        text: f"{text} [{text}]" for text in HOSTILE
    }
    assert pyogrio.read_info(hostile, layer="places")["dataset_metadata"]["title"] == everything
    ((qml,),) = rows(hostile, "SELECT styleQML FROM layer_styles")
    rules = ET.fromstring(qml).findall(".//rule")  # noqa: S314  (our own)
    assert [rule.get("label") for rule in rules] == [everything, everything]
    assert not ET.fromstring(qml).findall(".//script")  # noqa: S314
