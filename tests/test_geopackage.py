"""GeoPackage 1.3: what goes in comes out, the same bytes every time."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely
from geopandas.testing import assert_geodataframe_equal

from boundaries import load_counties, load_states
from outputs import OutputError, write_geopackage

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
