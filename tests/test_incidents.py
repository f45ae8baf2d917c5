"""Point incidents to units: exact, counted once, every row accounted for, however they are read."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyproj
import pytest
from distributed import LocalCluster
from hypothesis import given
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal, assert_series_equal
from pyarrow import parquet
from shapely import MultiPolygon, Polygon, box

from arrest_atlas.scheduler import open_executor
from boundaries import load_counties
from geo import InputError
from geo.crime import IncidentCounts, count_incidents
from geo.crime._incidents import files

Writes = Callable[..., Path]

PLANE = 5070
"""A projection in metres, for units that are easily drawn."""


def squares(side: int = 3, *, crs: int | None = PLANE) -> gpd.GeoDataFrame:
    """Squares of side 1 that share their borders: 00 to 22, row by row."""
    width = len(str(side - 1))
    cells = [(row, column) for row in range(side) for column in range(side)]
    return gpd.GeoDataFrame(
        index=pd.Index([f"{row:0{width}}{column:0{width}}" for row, column in cells], name="cell"),
        geometry=[box(column, row, column + 1, row + 1) for row, column in cells],
        crs=crs,
    )


@pytest.fixture
def write(tmp_path: Path) -> Writes:
    """Write a text, and give its path."""

    def write(content: str | bytes, name: str = "incidents.csv") -> Path:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write


def count(path: Path | list[Path], units: gpd.GeoDataFrame | None = None, **options: Any) -> Any:
    """Count in squares, in their own coordinates."""
    return count_incidents(path, squares() if units is None else units, crs=PLANE, **options)


def found(counts: IncidentCounts) -> dict[str, int]:
    return {str(code): int(n) for code, n in counts.by_unit[counts.by_unit > 0].items()}


def accounted(counts: IncidentCounts) -> int:
    return (
        counts.located
        + counts.outside
        + counts.without_coordinates
        + counts.zero_coordinates
        + counts.invalid_coordinates
    )


def joined(x: Any, y: Any, units: gpd.GeoDataFrame) -> pd.Series:
    """Count by a spatial join of geopandas, the smallest code where there are several."""
    points = gpd.GeoDataFrame(geometry=gpd.points_from_xy(x, y, crs=units.crs))
    pairs = points.sjoin(units[["geometry"]], predicate="intersects")[units.index.name]
    counted: pd.Series = pairs.groupby(level=0).min().value_counts()
    return counted.reindex(units.index, fill_value=0).rename("incidents").astype("int64")


# References: geopandas' own join, and the geodesic.


def test_counties_are_those_of_a_spatial_join(tmp_path: Path) -> None:
    counties = load_counties()
    corners = counties.geometry.get_coordinates().to_numpy()[::20]
    middles = (corners[1:] + corners[:-1]) / 2
    rng = np.random.default_rng(1)
    inside = counties.geometry.representative_point().get_coordinates().to_numpy()
    around = inside[rng.integers(0, len(inside), 20_000)] + rng.normal(0, 0.5, (20_000, 2))
    around = around[np.abs(around[:, 0]) <= 180]
    points = pd.DataFrame(np.vstack([corners, middles, around]), columns=["lon", "lat"])
    points.to_parquet(tmp_path / "points.parquet")
    counts = count_incidents(tmp_path / "points.parquet")
    expected = joined(points["lon"], points["lat"], counties)
    assert_series_equal(counts.by_unit, expected, check_index_type=False)
    assert counts.on_border >= len(corners)
    assert counts.outside == len(points) - expected.sum() > 0
    assert counts.overlapping == 0


def test_real_facilities_lie_where_a_spatial_join_finds_them(shared_data: Path) -> None:
    path = shared_data / "real" / "facilities" / "detention_facilities_1978_2017.csv"
    counts = count_incidents(path)
    table = pd.read_csv(path, encoding="mac_roman").dropna(subset=["Lat", "Lng"])
    expected = joined(table["Lng"], table["Lat"], load_counties())
    assert_series_equal(counts.by_unit, expected, check_index_type=False)
    assert (counts.incidents, counts.without_coordinates) == (1_479, 7)


@pytest.mark.parametrize("towards", [0, 45, 90, 200, 270])
def test_nearest_is_measured_on_the_ellipsoid(write: Writes, towards: float) -> None:
    """A disc of one degree around 60 degrees north, and points so far beyond its border."""
    disc = gpd.GeoSeries.from_xy([-150], [60]).buffer(1, quad_segs=64)
    units = gpd.GeoDataFrame(index=pd.Index(["disc"], name="unit"), geometry=disc.array, crs=4269)
    geod = pyproj.Geod(ellps="GRS80")
    border = disc.boundary[0]
    ring = np.array(border.coords)
    # From a point well outside, the distance to the nearest of very many border points.
    at = 2.0 * np.array([np.sin(np.radians(towards)), 0.7 * np.cos(np.radians(towards))])
    along = np.linspace(0, border.length, 200_001)
    dense = np.array([border.interpolate(each).coords[0] for each in along[::20]])
    start = np.array([-150, 60]) + at / np.hypot(*at) * 1.1
    *_, far = geod.inv(
        np.full(len(dense), start[0]), np.full(len(dense), start[1]), dense[:, 0], dense[:, 1]
    )
    assert len(ring) > 200
    path = write(f"lon,lat\n-150,60\n{start[0]},{start[1]}\n")
    nearest = float(np.min(far))
    assert 4_000 < nearest < 12_000
    near = count_incidents(path, units, nearest_within=nearest * 1.003)
    assert (near.located, near.nearest, near.outside) == (2, 1, 0)
    too_far = count_incidents(path, units, nearest_within=nearest * 0.997)
    assert (too_far.located, too_far.nearest, too_far.outside) == (1, 0, 1)


def test_nearest_in_feet_is_measured_in_metres(write: Writes) -> None:
    feet = squares(1, crs=3435)
    path = write("x,y\n0.5,0.5\n0.5,2\n0.5,4.2\n")  # 1 foot and 3.2 feet off the square
    counts = count_incidents(path, feet, crs=3435, nearest_within=0.31)
    assert (counts.located, counts.nearest, counts.outside) == (2, 1, 1)


def test_projected_points_are_those_of_longitude_and_latitude(write: Writes) -> None:
    inside = load_counties().loc[["17031", "17043", "18089"]].geometry.representative_point()
    feet = inside.to_crs(3435)
    rows = [f'"{point.x:,.3f}",{point.y}' for point in feet]
    path = write("X Coordinate,Y Coordinate\n" + "\n".join(rows))
    counts = count_incidents(path, crs="EPSG:3435")
    assert found(counts) == {"17031": 1, "17043": 1, "18089": 1}


# Properties.

HALVES = st.sampled_from([-0.5, 0.25, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 3.5])
POINTS = st.lists(st.tuples(HALVES, HALVES), min_size=1, max_size=40)


def by_hand(points: list[tuple[float, float]], side: int = 3) -> dict[str, int]:
    """Count points in squares by comparing numbers."""
    counted: dict[str, int] = {}
    for x, y in points:
        cells = [
            f"{row}{column}"
            for row in range(side)
            for column in range(side)
            if column <= x <= column + 1 and row <= y <= row + 1
        ]
        if cells:
            counted[min(cells)] = counted.get(min(cells), 0) + 1
    return dict(sorted(counted.items()))


@given(POINTS, st.randoms(use_true_random=False))
def test_a_border_belongs_to_the_smallest_code_in_any_order(
    tmp_path_factory: pytest.TempPathFactory, points: list[tuple[float, float]], chance: Any
) -> None:
    folder = tmp_path_factory.mktemp("points")
    points = [(0.5, 0.5), *points]
    shuffled = points.copy()
    chance.shuffle(shuffled)
    units = squares().sample(frac=1, random_state=chance.randrange(1000))
    for name, order in (("given", points), ("shuffled", shuffled)):
        pd.DataFrame(order, columns=["x", "y"]).to_parquet(folder / f"{name}.parquet")
    first = count(folder / "given.parquet")
    again = count(folder / "shuffled.parquet", units)
    assert found(first) == found(again) == by_hand(points)
    on_border = sum(
        0 <= x <= 3 and 0 <= y <= 3 and (float(x).is_integer() or float(y).is_integer())
        for x, y in points
    )
    assert first.on_border == again.on_border == on_border
    assert accounted(first) == first.incidents == len(points)


@given(POINTS, st.integers(0, 40))
def test_files_may_be_split_anywhere(
    tmp_path_factory: pytest.TempPathFactory, points: list[tuple[float, float]], cut: int
) -> None:
    folder = tmp_path_factory.mktemp("points")
    table = pd.DataFrame([(0.5, 0.5), *points], columns=["x", "y"])
    table["number"] = range(len(table))  # so that no two files are the same
    table.to_csv(folder / "whole.csv", index=False)
    parts = [table.iloc[: cut + 1], table.iloc[cut + 1 :]]
    names = [folder / f"{number}.csv" for number, part in enumerate(parts) if len(part)]
    for name, part in zip(names, parts, strict=False):
        part.to_csv(name, index=False)
    whole, split = count(folder / "whole.csv"), count(names)
    assert_frame_equal(whole.table, split.table)
    assert sum(source.rows for source in split.sources) == whole.sources[0].rows == len(table)


WORDS = st.sampled_from(["0.5", " 1.5 ", "", "NA", "null", "abc", "0", "1e0", "inf", "9", "-0.5"])


@given(st.lists(st.tuples(WORDS, WORDS), max_size=30))
def test_every_row_is_accounted_for(
    tmp_path_factory: pytest.TempPathFactory, words: list[tuple[str, str]]
) -> None:
    path = tmp_path_factory.mktemp("words") / "words.csv"
    path.write_text("x,y,n\n0.5,0.5,1\n" + "".join(f"{x},{y},1\n" for x, y in words))
    counts = count(path)
    assert accounted(counts) == counts.incidents == len(words) + 1
    wrong = sum("abc" in pair or "inf" in pair for pair in words)
    missing = {"", "NA", "null"}
    lacking = sum(bool(missing & set(pair)) and not {"abc", "inf"} & set(pair) for pair in words)
    assert (counts.invalid_coordinates, counts.without_coordinates) == (wrong, lacking)
    assert counts.zero_coordinates == words.count(("0", "0"))


# Streams and executors.


def varied(rows: int, seed: int = 5) -> pd.DataFrame:
    """Incidents with everything that may be asked for."""
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "case": [f'say "{n}",\nor so' if n % 7 == 0 else str(n) for n in range(rows)],
            "x": rng.uniform(-0.3, 3.3, rows).round(3),
            "y": rng.uniform(-0.3, 3.3, rows).round(1),
            "when": pd.Timestamp("2014-01-01") + pd.to_timedelta(rng.integers(0, 900, rows), "D"),
            "what": rng.choice(["ROBBERY", "Assault", ""], rows),
            "status": rng.choice(["open", "closed", "unfounded"], rows),
        }
    )


OPTIONS: dict[str, Any] = {
    "date": "when",
    "offense": "what",
    "where": {"status": ["open", "Closed"]},
    "nearest_within": 0.2,
}


def expected_table(table: pd.DataFrame) -> pd.DataFrame:
    """Count by pandas what lies in the squares (no nearest)."""
    kept = table[table["status"] != "unfounded"]
    inside = kept[kept["x"].between(0, 3) & kept["y"].between(0, 3)]
    cell = [min(by_hand([(x, y)])) for x, y in zip(inside["x"], inside["y"], strict=True)]
    keys = {
        "cell": pd.Series(cell, index=inside.index, dtype="str"),
        "year": inside["when"].dt.year.astype("Int64"),
        "offense": inside["what"].where(inside["what"] != "").astype("str"),
    }
    counted = pd.DataFrame(keys).groupby(list(keys), dropna=False).size()
    return counted.rename("incidents").reset_index()


def test_years_and_offences_are_those_of_a_group_by(tmp_path: Path) -> None:
    table = varied(3_000)
    table.to_parquet(tmp_path / "i.parquet")
    options = {**OPTIONS, "nearest_within": None}
    counts = count(tmp_path / "i.parquet", **options)
    expected = expected_table(table)
    assert_frame_equal(counts.table, expected, check_dtype=False)
    assert counts.sources[0].filtered_out == (table["status"] == "unfounded").sum()
    assert counts.by_unit.to_dict() == expected.groupby("cell")["incidents"].sum().to_dict()


@pytest.fixture(scope="module")
def executors() -> Iterator[dict[str, Executor | None]]:
    """Give executors of every kind."""
    with (
        ThreadPoolExecutor(3) as threads,
        ProcessPoolExecutor(2) as processes,
        LocalCluster(  # type: ignore[no-untyped-call]
            n_workers=2, threads_per_worker=2, dashboard_address=":0"
        ) as cluster,
        open_executor(cluster.scheduler_address) as dask,
    ):
        yield {"threads": threads, "processes": processes, "dask": dask}


@pytest.mark.parametrize("kind", ["threads", "processes", "dask"])
def test_an_executor_changes_nothing(
    executors: dict[str, Executor | None],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    kind: str,
) -> None:
    monkeypatch.setattr(files, "_ROWS", 500)
    table = varied(6_000)
    table.to_parquet(tmp_path / "i.parquet", row_group_size=400)
    table.iloc[::2].to_csv(tmp_path / "i.csv", index=False)
    paths = [tmp_path / "i.parquet", tmp_path / "i.csv"]
    alone = count(paths, **OPTIONS)
    elsewhere = count(paths, **OPTIONS, executor=executors[kind])
    assert_frame_equal(alone.table, elsewhere.table)
    assert_series_equal(alone.by_unit, elsewhere.by_unit)
    for name in ("incidents", "outside", "nearest", "on_border", "sources"):
        assert getattr(alone, name) == getattr(elsewhere, name)
    assert alone.nearest > 0


def test_batches_of_any_size_give_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    table = varied(4_000)
    table.to_csv(tmp_path / "i.csv", index=False)
    whole = count(tmp_path / "i.csv", **OPTIONS)
    sizes: list[int] = []
    batches = files.Reading.batches

    def watched(reading: files.Reading) -> Iterator[pa.Table]:
        for batch in batches(reading):
            sizes.append(len(batch))
            yield batch

    monkeypatch.setattr(files.Reading, "batches", watched)
    monkeypatch.setattr(files, "_ROWS", 100)
    monkeypatch.setattr(files, "_BLOCK_BYTES", 4_096)
    pieces = count(tmp_path / "i.csv", **OPTIONS)
    assert_frame_equal(whole.table, pieces.table)
    assert len(sizes) > 10
    assert max(sizes) < 400
    assert sum(sizes) == 4_000


def test_one_large_row_group_comes_in_batches(tmp_path: Path) -> None:
    rows = 2_000_000
    column = pa.array(np.random.default_rng(3).uniform(0, 3, rows))
    table = pa.table({"x": column, "y": column})
    parquet.write_table(table, tmp_path / "i.parquet", row_group_size=rows)
    sizes = [len(batch) for batch in _reading(tmp_path / "i.parquet").batches()]
    assert sum(sizes) == rows
    assert max(sizes) <= 500_000


def _reading(path: Path) -> files.Reading:
    return files.Reading(file=files.look_at(path), parts={"x": 0, "y": 1})


# What files look like.

PLAIN = "id,longitude,latitude\n1,-86.64,32.53\n2,-87.72,30.73\n"


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (PLAIN, "i.csv"),
        (PLAIN.replace(",", ";"), "i.csv"),
        (PLAIN.replace(",", "\t"), "i.tsv"),
        (PLAIN.replace(",", "|"), "i.txt"),
        (PLAIN.replace("\n", "\r\n"), "i.csv"),
        (PLAIN.replace("\n", "\r"), "i.csv"),
        ("\ufeff" + PLAIN, "i.csv"),
        ("\n\n" + PLAIN + "\n\n", "i.csv"),
        (PLAIN.replace("longitude", " LON ").replace("latitude", "Lat"), "i.csv"),
        (PLAIN.replace("id", '"id,\nor number"').replace("2,", '"2,\n3",', 1), "i.csv"),
        (PLAIN.replace("1,", "Caf\xe9,", 1).encode("latin-1"), "i.csv"),
        (gzip.compress(PLAIN.encode()), "i.csv.gz"),
        (pa.compress(PLAIN.encode(), "zstd", asbytes=True), "i.csv.zst"),
    ],
)
def test_every_kind_of_text(write: Writes, content: str | bytes, name: str) -> None:
    counts = count_incidents(write(content, name))
    assert found(counts) == {"01001": 1, "01003": 1}
    assert counts.incidents == 2


@pytest.mark.parametrize(
    "numbers",
    [
        np.array([0.5, 1.5], np.float32),
        ["0.5", "+1.50"],
        pd.Categorical(["0.5", "1.5"]),
        pd.array([0.5, 1.5], dtype="Float64"),
        pd.Series(["0.5", "1.5"]).astype(pd.ArrowDtype(pa.large_string())),
        pd.Series(["0.5", "1.5"]).astype(pd.ArrowDtype(pa.decimal128(5, 2))),
    ],
)
def test_every_type_of_number(tmp_path: Path, numbers: Any) -> None:
    table = pd.DataFrame({"x": numbers, "y": [0.5, 0.5]})
    table.to_parquet(tmp_path / "i.parquet")
    assert found(count(tmp_path / "i.parquet")) == {"00": 1, "01": 1}


def test_words_are_read_in_either_encoding(write: Writes) -> None:
    rows = b"x,y,kind\n.5,.5,Vol \xe0 la tire\n.5,.5,vol\n1.5,.5,Vol \xe0 la tire \n"
    counts = count(write(rows), offense="kind")
    assert counts.table.to_dict("list") == {
        "cell": ["00", "00", "01"],
        "offense": ["Vol à la tire", "vol", "Vol à la tire"],
        "incidents": [1, 1, 1],
    }


def test_malformed_rows_are_left_out_and_counted(write: Writes) -> None:
    good = "".join(f"{n % 3}.5,.5,a\n" for n in range(300))
    counts = count(write("x,y,kind\n" + good + "1,2\n1,2,3,4\n"))
    assert (counts.incidents, counts.malformed, counts.sources[0].rows) == (300, 2, 302)
    with pytest.raises(InputError, match="3 of 6 rows with more or fewer cells"):
        count(write("x,y,kind\n" + good[:27] + "1,2\n1,2\n1\n"))


@pytest.mark.parametrize("row", ['.5,.5,"open', '.5,".5,open', '".5,.5,open'])
@pytest.mark.parametrize("place", [0, 5_000, 9_999])
def test_an_open_quotation_mark_is_refused(write: Writes, row: str, place: int) -> None:
    rows = ["1.5,.5,a"] * 10_000
    rows[place] = row
    with pytest.raises(InputError, match="content that cannot be read"):
        count(write("x,y,kind\n" + "\n".join(rows) + "\n1.5,.5,b\n"))


@pytest.mark.parametrize(
    ("word", "year"),
    [
        ("2016-01-31", 2016),
        ("2016-01-31T23:59:59Z", 2016),
        ("1/31/2016 11:05:00 PM", 2016),
        ("31.1.2016", 2016),
        ("31-JAN-2016", 2016),
        ("January 31, 2016", 2016),
        ("20160131", 2016),
        ("2016/01", 2016),
        ("2016", 2016),
        ("2016.0", 2016),
        ("42400", 2016),
        ("1/31/16", None),
        ("5025-07-07", None),
        ("yesterday", None),
        ("", None),
    ],
)
def test_years_of_dates(write: Writes, word: str, year: int | None) -> None:
    counts = count(write(f'x,y,d\n.5,.5,"{word}"\n1.5,.5,1999-12-31\n'), date="d")
    first = counts.table.loc[counts.table["cell"] == "00", "year"].item()
    assert (None if pd.isna(first) else first) == year
    assert counts.undated == (year is None)
    assert counts.table["year"].to_list()[1] == 1999


@pytest.mark.parametrize("kind", ["datetime64[s]", "date", "zoned", "int"])
def test_years_of_typed_dates(tmp_path: Path, kind: str) -> None:
    days = pd.Series([pd.Timestamp("2015-12-31 23:30"), pd.Timestamp("2016-07-01 12:00")])
    typed: dict[str, Any] = {
        "datetime64[s]": days.astype("datetime64[s]"),
        "date": days.dt.date,
        "zoned": days.dt.tz_localize("America/Chicago"),
        "int": days.dt.year,
    }
    table = pd.DataFrame({"x": [0.5, 1.5], "y": 0.5, "d": typed[kind]})
    table.to_parquet(tmp_path / "i.parquet")
    assert count(tmp_path / "i.parquet", date="d").table["year"].to_list() == [2015, 2016]


def test_filters_read_numbers_and_capitals_alike(write: Writes) -> None:
    path = write("x,y,code,open\n.5,.5,110,Yes\n.5,.5,110.0,yes\n.5,.5,120,YES\n.5,.5,110,no\n")
    counts = count(path, where={"code": ["110"], "OPEN": ["yes"]})
    assert (counts.incidents, counts.sources[0].filtered_out) == (2, 2)


# Units.


def test_overlapping_units_count_once(write: Writes) -> None:
    units = gpd.GeoDataFrame(
        index=pd.Index([20, 3], name="beat"), geometry=[box(0, 0, 2, 2), box(1, 1, 3, 3)], crs=PLANE
    )
    counts = count(write("x,y\n.5,.5\n1.5,1.5\n2.5,2.5\n1,1.5\n"), units)
    assert counts.by_unit.to_dict() == {3: 3, 20: 1}
    assert (counts.overlapping, counts.on_border) == (1, 1)


def test_holes_and_parts(write: Writes) -> None:
    ring = Polygon([(0, 0), (3, 0), (3, 3), (0, 3)], [[(1, 1), (2, 1), (2, 2), (1, 2)]])
    units = gpd.GeoDataFrame(
        index=pd.Index(["ring", "rest"], name="unit"),
        geometry=[MultiPolygon([ring, box(5, 5, 6, 6)]), box(1.25, 1.25, 1.75, 1.75)],
        crs=PLANE,
    )
    path = write("x,y\n.5,.5\n1.5,1.5\n5.5,5.5\n1.1,1.1\n1,1.5\n")
    counts = count(path, units)
    assert found(counts) == {"rest": 1, "ring": 3}
    assert (counts.outside, counts.on_border) == (1, 1)


def test_crowded_units_far_from_others(write: Writes) -> None:
    """A grid of cells as wide as the map would be no help: most units share one of them."""
    small = squares(40)
    small.geometry = small.scale(1e-4, 1e-4, origin=(0, 0))
    far = gpd.GeoDataFrame(index=["zz"], geometry=[box(9e6, 9e6, 9.1e6, 9.1e6)], crs=PLANE)
    units = pd.concat([small, far]).rename_axis("cell")
    rng = np.random.default_rng(9)
    x, y = (rng.uniform(1e-6, 0.00399, 2_000) for _ in "xy")
    rows = "".join(f"{a},{b}\n" for a, b in zip(x, y, strict=True))
    counts = count(write("x,y\n9.05e6,9.05e6\n" + rows), units)
    expected = joined([9.05e6, *x], [9.05e6, *y], units.sort_index())
    assert_series_equal(counts.by_unit, expected, check_index_type=False)


def test_inputs_are_not_changed_and_the_result_is_short(write: Writes) -> None:
    units = squares()
    before = units.copy()
    counts = count(write("x,y\n.5,.5\n9,9\n,\n"), units)
    assert_frame_equal(units, before)
    assert repr(counts) == (
        "3 incidents: 1 in 1 of 9 units, 1 outside, 1 without usable coordinates"
    )
    frame = counts.to_frame()
    frame["incidents"] = 0
    assert counts.located == 1
    assert counts.table["incidents"].sum() == 1


# What is refused.


def refusal(path: Any, units: gpd.GeoDataFrame | None = None, **options: Any) -> str:
    with pytest.raises(InputError) as caught:
        count_incidents(path, **{"polygons": units, **options})
    for problem in caught.value.problems:
        assert all((problem.file, problem.found, problem.expected, problem.action))
    return str(caught.value)


@pytest.mark.parametrize(
    ("content", "name", "says"),
    [
        ("", "i.csv", "i.csv: found an empty file"),
        ("lon,lat\n", "i.csv", "found no rows below the header"),
        ("lon,lat", "i.csv", "found no rows below the header"),
        ("a,b\n1,2\n", "i.csv", "found the columns a, b; expected longitude or lon"),
        ("lon,LON,lat\n1,2,3\n", "i.csv", "found several columns 'lon'"),
        ("lon,lat\n1,2\n", "i.xlsx", "found a file of type '.xlsx'"),
        ("lon,lat\n1,2\n", "i.parquet", "content that cannot be read"),
        (b"PAR1 and no more", "i.parquet", "content that cannot be read"),
        ("<html>not found</html>", "i.csv", "found a web page"),
        (gzip.compress(PLAIN.encode())[:-20], "i.csv.gz", "content that cannot be read"),
        ("lon,lat\n30,-86\n30.1,-86.1\n", "i.csv", "check the columns of the coordinates"),
        ("lon,lat\n32.53,-86.64\n", "i.csv", "(--longitude 'lat' --latitude 'lon')"),
        ("lon,lat\n86.64,32.53\n", "i.csv", "longitudes west of Greenwich with a minus sign"),
        ("lon,lat\n1176000,1900000\n", "i.csv", "1 have none that are valid"),
        ("lon,lat\n,\n0,0\nx,1\n", "i.csv", "of 3, 0 lie outside, 1 have no coordinates, 1 have"),
    ],
)
def test_bad_files_are_told(write: Writes, content: str | bytes, name: str, says: str) -> None:
    assert says in refusal(write(content, name))


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    assert "nothing.csv: found no such file" in refusal(tmp_path / "nothing.csv")
    assert "found no file; expected at least one" in refusal([])


def test_nested_columns_are_no_coordinates(tmp_path: Path) -> None:
    table = pa.table({"lon": [[1.0], [2.0]], "lat": [1.0, 2.0]})
    parquet.write_table(table, tmp_path / "i.parquet")
    assert "column 'lon': found the type list<" in refusal(tmp_path / "i.parquet")
    parquet.write_table(table.slice(0, 0), tmp_path / "none.parquet")
    assert "no rows below the header" in refusal(tmp_path / "none.parquet")


def test_everything_wrong_is_told_at_once(write: Writes) -> None:
    first = write(PLAIN)
    units = squares(2, crs=None)
    units.geometry = [None, Polygon([(0, 0), (1, 1), (1, 0), (0, 1)]), units.geometry.iloc[2], None]
    units = pd.concat([units, units.iloc[:1]])
    message = refusal(
        [first, write(PLAIN, "again.csv"), write("a,b\n1,2\n", "other.csv")],
        units,
        crs="EPSG:nothing",
        date="day",
        nearest_within=1e6,
    )
    for part in (
        "polygons: found no coordinate reference system",
        "polygons: found codes that are missing or repeated (00)",
        "polygons: found no geometry (00, 11, 00)",
        "polygons: found polygons that cross themselves (01)",
        "--crs: found 'EPSG:nothing'",
        "--nearest-within: found 1e+06 metres",
        "again.csv: found the same content as in incidents.csv",
        "other.csv: found the columns a, b; expected longitude",
        "expected day, the date",
    ):
        assert part in message
    points = squares(1).centroid.to_frame("geometry")
    assert "geometry that is no polygon, but Point (00)" in refusal(first, points)
    assert "polygons: found no polygons" in refusal(first, squares(1).iloc[:0])
    assert "--crs: found 5703" in refusal(first, crs=5703)  # heights


def test_filters_dates_and_offences_that_hold_nothing_are_told(write: Writes) -> None:
    path = write("lon,lat,kind,day\n" + "".join(f"-86.64,32.53,k{n},x\n" for n in range(1_001)))
    assert "found no row with any of the values to keep" in refusal(path, where={"kind": ["z"]})
    assert "expected values such as k0, k1" in refusal(path, where={"kind": ["z"]})
    assert "--date: found no date whose year can be read" in refusal(path, date="day")
    assert "found more than 1,000 distinct texts" in refusal(path, offense="kind")
    assert "expected nothing, which rows are filtered by" in refusal(path, where={"nothing": ["z"]})
