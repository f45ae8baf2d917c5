"""``arrest-atlas incidents``, as a user meets it."""

from __future__ import annotations

import gzip
import json
import socket
import sqlite3
import warnings
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
from click.testing import CliRunner, Result
from shapely import Point, Polygon, box

import arrest_atlas.incident_counts
from arrest_atlas.cli._crime import crime
from arrest_atlas.cli._incidents import incidents
from boundaries import load_counties
from geo import read_crime_rates
from geo.population import load_population

ROWS = (
    "id,date,type,longitude,latitude\n"
    "1,2015-03-01,ROBBERY,-86.64,32.53\n"
    "2,2016-03-01,=1+1,-86.64,32.53\n"
    "3,2016-03-01,ROBBERY,-87.72,30.73\n"
    "4,,THEFT,-87.72,30.73\n"
    "5,2016-03-01,THEFT,-40,30\n"
    "6,2016-03-01,THEFT,,\n"
)


def call(*words: object) -> Result:
    result = CliRunner().invoke(incidents, list(map(str, words)))
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def report(*words: object) -> str:
    result = call(*words)
    assert result.exit_code == 0, result.output
    assert result.stderr == ""
    return result.stdout


def refusal(*words: object) -> str:
    result = call(*words)
    assert result.exit_code == 2, result.output
    assert result.stdout == ""
    return result.stderr


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    path = tmp_path / "incidents.csv"
    path.write_text(ROWS)
    return path


@pytest.fixture
def beats(tmp_path: Path) -> Path:
    """Two squares of a degree, in a projection, west to east."""
    squares = gpd.GeoDataFrame(
        {"beat": ["west", "east"], "kept": [1, 2]},
        geometry=[box(-88, 30, -87, 33), box(-87, 30, -86, 33)],
        crs=4326,
    )
    squares.to_crs(5070).to_file(tmp_path / "beats.gpkg", layer="beats")
    return tmp_path / "beats.gpkg"


def test_a_table_of_every_county(rows: Path, tmp_path: Path) -> None:
    out = tmp_path / "counts.csv"
    assert report(rows, "--out", out).splitlines() == [
        "6 incidents in 1 file, one a row",
        "coordinates (east, north) in the columns longitude, latitude",
        "  4 in 2 of 3,233 units",
        "  1 outside all units",
        "  1 without coordinates",
        "A unit without incidents may be one that the files do not cover.",
        f"Written to {out}.",
    ]
    table = pd.read_csv(out, dtype={"county_fips": str})
    assert table.columns.to_list() == ["note", "county_fips", "name", "state", "incidents"]
    assert table["county_fips"].to_list() == load_counties().index.to_list()
    assert set(table["note"]) == {"arrest-atlas incidents: incidents.csv"}
    assert table.set_index("county_fips")["incidents"][["01001", "01003"]].to_list() == [2, 2]
    assert table["incidents"].sum() == 4


def test_years_and_offences(rows: Path, tmp_path: Path) -> None:
    out = tmp_path / "counts.parquet"
    text = report(rows, "--out", out, "--date", "date", "--offense", "type")
    assert "  1 of them without a date that can be read\n" in text
    assert "  2015 to 2016\n" in text
    table = pd.read_parquet(out)
    assert table.drop(columns=["name", "state"]).astype(object).where(table.notna(), None).to_dict(
        "list"
    ) == {
        "county_fips": ["01001", "01001", "01003", "01003"],
        "year": [2015, 2016, None, 2016],
        "offense": ["ROBBERY", "=1+1", "THEFT", "ROBBERY"],
        "incidents": [1, 1, 1, 1],
    }
    report(rows, "--out", tmp_path / "counts.csv", "--offense", "type")
    assert "'=1+1" in (tmp_path / "counts.csv").read_text()  # no formula


def test_a_map_of_polygons_of_ones_own(rows: Path, beats: Path, tmp_path: Path) -> None:
    out = tmp_path / "counts.gpkg"
    words = (rows, "--out", out, "--polygons", beats, "--id", "beat", "--filter", "type=robbery")
    text = report(*words, "--date", "date")
    assert "2 incidents in 1 file" in text
    assert "  4 other rows, filtered out" in text
    units = gpd.read_file(out, layer="units")
    assert units.crs == "EPSG:5070"
    assert units[["beat", "incidents"]].to_dict("list") == {
        "beat": ["east", "west"],
        "incidents": [1, 1],
    }
    assert units.geometry.contains(units.geometry.representative_point()).all()
    west = units.set_index("beat").geometry["west"]
    assert west.contains(gpd.GeoSeries([Point(-87.72, 30.73)], crs=4326).to_crs(5070)[0])
    with sqlite3.connect(out) as file:
        assert file.execute("SELECT beat, year, incidents FROM incidents").fetchall() == [
            ("east", 2015, 1),
            ("west", 2016, 1),
        ]
    numbered = report(rows, "--out", tmp_path / "numbered.csv", "--polygons", beats)
    assert "in 2 of 2 units" in numbered
    assert pd.read_csv(tmp_path / "numbered.csv")["row"].to_list() == [1, 2]


def test_nearest_and_json(rows: Path, tmp_path: Path) -> None:
    shore = tmp_path / "shore.csv"
    shore.write_text("lon,lat\n-86.64,32.53\n-87.7,30.22\n")  # the second off Gulf Shores
    words = (rows, shore, "--out", tmp_path / "counts.csv", "--json")
    plain: dict[str, Any] = json.loads(report(*words))
    assert (plain["incidents"], plain["located"], plain["outside"]) == (8, 5, 2)
    assert plain["years"] is None
    assert [file["file"] for file in plain["files"]] == ["incidents.csv", "shore.csv"]
    near: dict[str, Any] = json.loads(report(*words, "--nearest-within", "5000"))
    dated: dict[str, Any] = json.loads(report(rows, *words[2:], "--date", "date"))
    assert (dated["years"], dated["undated"]) == ([2015, 2016], 1)
    assert (near["located"], near["nearest"], near["outside"]) == (6, 1, 1)


@pytest.mark.parametrize("name", ["counts.csv", "counts.parquet", "counts.gpkg"])
def test_only_its_own_files_are_replaced(rows: Path, tmp_path: Path, name: str) -> None:
    out = tmp_path / "out" / name
    out.parent.mkdir()
    report(rows, "--out", out)
    first = out.read_bytes()
    report(rows, "--out", out, "--date", "date")
    assert out.read_bytes() != first
    report(rows, "--out", out)
    assert out.read_bytes() == first  # the same bytes from the same files
    out.write_bytes(b"note,other\nmine\n")
    assert "that this command did not write" in refusal(rows, "--out", out)
    assert out.read_bytes() == b"note,other\nmine\n"
    assert [file.name for file in out.parent.iterdir()] == [name]


def test_nothing_is_left_behind_where_writing_fails(
    rows: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(arrest_atlas.incident_counts, "write_csv", fail)
    assert "No space left on device" in refusal(rows, "--out", tmp_path / "counts.csv")
    assert [file.name for file in tmp_path.iterdir()] == ["incidents.csv"]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--out", "counts.xlsx"], "--out: found 'counts.xlsx'; expected a file name ending in"),
        (["--out", "no/counts.csv"], "nothing can be written at no/counts.csv"),
        (["--out", "c.csv", "--longitude", "east"], "expected east, the longitude"),
        (["--out", "c.csv", "--crs", "feet"], "--crs: found 'feet'"),
        (["--out", "c.csv", "--filter", "type"], "expected COLUMN=VALUE"),
        (["--out", "c.csv", "--filter", "type=X"], "expected values such as ROBBERY"),
        (["--out", "c.csv", "--nearest-within", "0"], "--nearest-within: found 0 metres"),
        (["--out", "c.csv", "--date", "id"], "--date: found no date whose year can be read"),
        (["--out", "c.csv", "--polygons", "no.gpkg"], "no.gpkg: found no such file"),
        (["--out", "c.csv", "--polygons", "beats.gpkg", "--id", "name"], "found no column 'name'"),
        (
            ["--out", "c.csv", "--polygons", "points.gpkg"],
            "found geometry that is no polygon, but Point",
        ),
        (["--out", "c.csv", "--polygons", "twice.gpkg", "--id", "beat"], "stand in one row each"),
        (["--out", "c.csv", "--polygons", "beats.gpkg", "--crs", "EPSG:5070"], "found the columns"),
    ],
)
def test_what_cannot_be_done_is_said(
    rows: Path, beats: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], says: str
) -> None:
    tmp_path = beats.parent
    squares = gpd.read_file(beats)
    squares.set_geometry(squares.centroid).to_file(tmp_path / "points.gpkg")
    pd.concat([squares, squares]).to_file(tmp_path / "twice.gpkg")
    monkeypatch.chdir(tmp_path)
    before = sorted(tmp_path.iterdir())
    assert says in refusal(rows, *words)
    assert sorted(tmp_path.iterdir()) == before


def test_no_input_is_overwritten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("rows.csv").write_text("note,longitude,latitude\narrest-atlas incidents,-86.64,32.53\n")
    before = Path("rows.csv").read_bytes()
    for out in ("rows.csv", f"../{tmp_path.name}/rows.csv"):
        said = refusal("rows.csv", "--out", out)
        assert "--out: found 'rows.csv', which is to be read; expected another file" in said
    Path("link.csv").hardlink_to("rows.csv")
    assert "which is to be read" in refusal("rows.csv", "--out", "link.csv")
    assert Path("rows.csv").read_bytes() == before


def test_everything_wrong_is_said_at_once(rows: Path, tmp_path: Path) -> None:
    options = [("--date", "day"), ("--offense", "kind"), ("--filter", "beat=1"), ("--crs", "feet")]
    words = [word for pair in options for word in pair]
    (tmp_path / "mine.csv").write_text("mine\n")
    told = refusal(rows, "--out", tmp_path / "mine.csv", "--date", "day", "--id", "beat")
    for each in ("--out: found a file at", "expected day, the date", "--id: found the option"):
        assert each in told
    said = refusal(
        *(rows, "--out", tmp_path / "c.xlsx", "--polygons", tmp_path / "no.gpkg", "--id", "beat"),
        *(*words, "--nearest-within", "0"),
    )
    for part in (
        *("--out: found 'c.xlsx'", "no.gpkg: found no such file", "day, the date", "kind, the"),
        *("expected beat, which rows", "--crs: found 'feet'", "--nearest-within: found 0 metres"),
    ):
        assert part in said


def test_options_of_polygons_need_polygons(rows: Path, tmp_path: Path) -> None:
    said = refusal(rows, "--out", tmp_path / "c.csv", "--id", "beat", "--layer", "beats")
    for option in ("--id", "--layer"):
        assert f"{option}: found the option without --polygons; expected both" in said


def test_the_report_names_the_columns_and_doubts_them(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    points = [(-86.64, 32.53)] * 3 + [(-40, 30)] * 7
    pd.DataFrame(points, columns=["longitude", "latitude"]).assign(lon=1).to_csv(path, index=False)
    said = report(path, "--out", tmp_path / "c.csv")
    assert "coordinates (east, north) in the columns longitude, latitude\n" in said
    assert (
        "rows.csv: the column 'longitude' was taken, not 'lon' (--longitude names another)" in said
    )
    assert "Many lie outside: check the columns of the coordinates" in said
    other = json.loads(report(path, "--out", tmp_path / "c.csv", "--json"))
    assert len(other["notes"]) == 1
    chosen = report(path, "--out", tmp_path / "c.csv", "--longitude", "longitude")
    assert "was taken" not in chosen


def test_one_incident_is_one_incident(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("lon,lat\n-86.64,32.53\n")
    said = report(path, "--out", tmp_path / "c.csv")
    assert said.startswith("1 incident in 1 file, one a row\n")
    assert "Many lie outside" not in said


def test_a_file_that_unpacks_without_end_is_no_table(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv.gz"
    with gzip.open(path, "wb") as stream:
        stream.write(b"lon,lat\n" + b"0" * 5_000_000)
    said = refusal(path, "--out", tmp_path / "c.csv")
    assert "rows.csv.gz: found a cell of more than 131,072 characters" in said


def test_a_scheduler_that_does_not_answer_is_said(rows: Path, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    words = ("--out", tmp_path / "c.csv", "--scheduler", f"tcp://127.0.0.1:{port}")
    assert "found no Dask scheduler" in refusal(rows, *words)


BASELINE = """
kind = "county"
definition = "ucr_part1_violent"
years = "2015/2016"
summed = true
[columns]
county = "county_fips"
crimes = "incidents"
"""


def test_counts_become_the_baseline_of_a_run(tmp_path: Path) -> None:
    """From simulated points to rates, as docs/crime.md says."""
    places = load_counties().loc[["01001", "01003", "13001"]].geometry.representative_point()
    points = pd.DataFrame({"longitude": places.x, "latitude": places.y}).iloc[[0] * 30 + [2] * 5]
    points.to_csv(tmp_path / "points.csv", index=False)
    report(tmp_path / "points.csv", "--out", tmp_path / "counts.csv")
    (tmp_path / "incidents.toml").write_text(BASELINE)
    out = tmp_path / "crime.csv"
    words = [tmp_path / "counts.csv", "--mapping", tmp_path / "incidents.toml", "--out", out]
    result = CliRunner().invoke(crime, [*map(str, words), "--filter", "state=AL"])
    assert result.exit_code == 0, result.output

    read = read_crime_rates(out)
    alabama = load_counties().query("state == 'AL'").index
    assert set(read.rate.dropna().index) == set(alabama)  # elsewhere a zero is no fact
    assert read.rate["01001"] == pytest.approx(100_000 * 15 / load_population(2015, 2016)["01001"])
    assert read.rate["01003"] == 0
    assert read.years == "2015/2016"


def test_counties_are_not_loaded_where_polygons_are_given(
    rows: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    squares = gpd.GeoDataFrame({"geometry": [box(-90, 30, -80, 40)]}, crs=4326)
    squares.to_file(tmp_path / "squares.gpkg")
    monkeypatch.setattr("arrest_atlas.incident_counts.load_counties", None)
    report(rows, "--polygons", tmp_path / "squares.gpkg", "--out", tmp_path / "counts.csv")


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("local.gpkg", "found coordinates of the Engineering CRS"),
        ("earth.gpkg", "found coordinates of the Geocentric CRS 'WGS 84'"),
        ("nowhere.gpkg", "nowhere.gpkg: found no coordinate reference system"),
        ("bow.gpkg", "bow.gpkg: found polygons that cross themselves (rows 1)"),
        ("folder.gpkg", "folder.gpkg: found a folder without a layer"),
        ("empty.gpkg", "empty.gpkg: found an empty file"),
        ("text.gpkg", "text.gpkg: found content of no kind of map that is known"),
    ],
)
def test_polygons_that_are_none_are_told_by_the_name_of_their_file(
    rows: Path, tmp_path: Path, name: str, says: str
) -> None:
    path = tmp_path / name
    local = 'LOCAL_CS["mine",LOCAL_DATUM["here",0],UNIT["metre",1],AXIS["x",EAST],AXIS["y",NORTH]]'
    systems = {"local.gpkg": local, "earth.gpkg": "EPSG:4978", "bow.gpkg": "EPSG:4326"}
    shape = Polygon([(0, 0), (1, 1), (1, 0), (0, 1)]) if name == "bow.gpkg" else box(0, 0, 1, 1)
    match name:
        case "folder.gpkg":
            path.mkdir()
        case "empty.gpkg" | "text.gpkg":
            path.write_text("" if name == "empty.gpkg" else "no map")
        case _:
            squares = gpd.GeoDataFrame({"n": [1]}, geometry=[shape], crs=systems.get(name))
            with warnings.catch_warnings(action="ignore"):
                squares.to_file(path)
    said = refusal(rows, "--polygons", path, "--out", tmp_path / "c.csv")
    assert says in said
    assert "--graph" not in said


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-8-sig"])
def test_texts_of_every_encoding(rows: Path, tmp_path: Path, encoding: str) -> None:
    text = gzip.decompress(rows.read_bytes()) if rows.suffix == ".gz" else rows.read_bytes()
    other = tmp_path / "other.csv"
    other.write_text(text.decode().replace(",", ";"), encoding=encoding)
    assert (
        report(rows, "--out", tmp_path / "a.csv").splitlines()[1:-1]
        == (report(other, "--out", tmp_path / "b.csv").splitlines()[1:-1])
    )


def test_links_in_a_circle_and_names_too_long(rows: Path, tmp_path: Path) -> None:
    loop = tmp_path / "loop.csv"
    loop.symlink_to(loop)
    assert "loop.csv: found a link that leads nowhere" in refusal(loop, "--out", tmp_path / "o.csv")
    assert "--out: found 'loop.csv', which is to be read" in refusal(loop, "--out", loop)
    assert "found a link at" in refusal(rows, "--out", loop)
    said = refusal(rows, "--out", tmp_path / f"{'x' * 300}.csv")
    assert "--out: found a name that the system does not take" in said
