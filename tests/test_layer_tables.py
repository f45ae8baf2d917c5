"""Every layer as GeoParquet and CSV: the same values, the same bytes, no formula."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from geopandas.testing import assert_geodataframe_equal
from pyarrow import parquet

from outputs import ColumnWords, LayerWords, OutputError, write_tables

NAMES = ["=1+1", "Do\u00f1a Ana", '<script>,"x"\n', "\u202egnp.exe", "n" * 10_000]


@pytest.fixture
def layers() -> dict[str, gpd.GeoDataFrame | pd.DataFrame]:
    index = pd.Index(["01001", "01003", "01005", "01007", "01009"], name="county_fips")
    counties = gpd.GeoDataFrame(
        {"name": NAMES, "n": pd.array([1, None, 3, 4, 5], dtype="Int64"), "rate": [-0.1] * 5},
        geometry=[shapely.box(at, 0, at + 1, 1) for at in range(5)],
        index=index,
        crs="EPSG:4269",
    )
    return {"counties": counties, "totals": pd.DataFrame({"=sum": ["a"], "given": [2]})}


def test_geoparquet_reads_back_equal(layers: dict[str, gpd.GeoDataFrame], tmp_path: Path) -> None:
    write_tables(tmp_path, layers)
    back = gpd.read_parquet(tmp_path / "counties.parquet").set_index("county_fips")
    assert_geodataframe_equal(back, layers["counties"], check_dtype=False)
    assert back["n"].dtype == "Int64"
    totals = pd.read_parquet(tmp_path / "totals.parquet")
    pd.testing.assert_frame_equal(totals, pd.DataFrame(layers["totals"]))


def test_csv_is_plain_and_has_no_formula(
    layers: dict[str, gpd.GeoDataFrame], tmp_path: Path
) -> None:
    write_tables(tmp_path, layers)
    raw = (tmp_path / "counties.csv").read_bytes()
    assert b"\r" not in raw
    back = pd.read_csv(tmp_path / "counties.csv", dtype={"county_fips": "str", "n": "Int64"})
    assert list(back.columns) == ["county_fips", "name", "n", "rate"]
    assert back["name"].tolist() == ["'=1+1", *NAMES[1:]]
    assert back["county_fips"].tolist() == layers["counties"].index.tolist()
    assert back["rate"].tolist() == [-0.1] * 5
    assert (tmp_path / "totals.csv").read_text() == "'=sum,given\na,2\n"


def test_parquet_says_what_columns_hold(
    layers: dict[str, gpd.GeoDataFrame], tmp_path: Path
) -> None:
    rate = ColumnWords(meaning="Arrests", unit="per 100,000 residents")
    said = LayerWords(
        title="Counties", abstract="SIMULATED.", columns={"rate": rate, "absent": rate}
    )
    write_tables(tmp_path, layers, words={"counties": said})
    schema = parquet.read_schema(tmp_path / "counties.parquet")
    assert schema.field("rate").metadata[b"description"] == b"Arrests"
    assert schema.field("rate").metadata[b"unit"] == b"per 100,000 residents"
    assert schema.metadata[b"arrest_atlas"] == b"Counties. SIMULATED."
    assert gpd.read_parquet(tmp_path / "counties.parquet").crs == "EPSG:4269"


def test_same_layers_give_the_same_bytes(
    layers: dict[str, gpd.GeoDataFrame], tmp_path: Path
) -> None:
    before = {name: table.copy() for name, table in layers.items()}
    for folder in ("one", "two"):
        write_tables(tmp_path / folder, layers)
    files = sorted(path.name for path in (tmp_path / "one").iterdir())
    assert files == ["counties.csv", "counties.parquet", "totals.csv", "totals.parquet"]
    for name in files:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()
    for name, table in layers.items():
        pd.testing.assert_frame_equal(pd.DataFrame(table), pd.DataFrame(before[name]))


@pytest.mark.parametrize("name", ["../up", "a/b", "", "<b>", "a\nb"])
def test_a_layer_with_no_name_for_a_file_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="expected letters"):
        write_tables(tmp_path / "new", {name: pd.DataFrame({"a": [1]})})
    assert not (tmp_path / "new").exists()


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="cannot be written"):
        write_tables(tmp_path / "file", {"a": pd.DataFrame({"a": [1]})})
