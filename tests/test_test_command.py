"""``arrest-atlas test``, as a user meets it."""

from __future__ import annotations

import inspect
import re
import shlex
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from command_line import Command
from shapely.geometry import LineString, Point, box

from arrest_atlas.map_tests import STATISTICS
from spatial_models import LocalResult

SIDE = 10
PAGE = Path(__file__).parent.parent / "docs" / "spatial-tests.md"

ARGUMENTS = {
    "moran": "--column rate",
    "moran-rate": "--column cases --exposure people",
    "geary": "--column rate",
    "getis-ord-general": "--column rate",
    "join-count": "--column high",
    "lee": "--column rate --column other",
    "bivariate-moran": "--column rate --column other",
    "local-moran": "--column rate",
    "local-moran-rate": "--column cases --exposure people",
    "bivariate-local-moran": "--column rate --column other",
    "getis-ord": "--column rate",
    "local-geary": "--column rate --column other",
    "local-join-count": "--column high",
    "bivariate-local-join-count": "--column high --column low",
    "local-co-location": "--column high --column wet",
    "quantile-lisa": "--column rate",
    "local-lee": "--column rate --column other",
    "scan": "--column cases --population people",
}
QUICK = {"global": "--permutations 199", "local": "--permutations 999", "scan": "--replicates 99"}


def simulated_map() -> gpd.GeoDataFrame:
    """Squares of a kilometre with a cluster of cases, a unit without a value, and an island."""
    rng = np.random.default_rng(1)
    row, column = np.divmod(np.arange(SIDE**2), SIDE)
    people = rng.integers(500, 5_000, SIDE**2)
    cluster = (row - 3) ** 2 + (column - 3) ** 2 <= 4
    cases = rng.poisson(people * np.where(cluster, 0.05, 0.01))
    rate = cases / people * 1_000
    squares = [
        box(x, y, x + 1_000, y + 1_000) for x, y in zip(column * 1_000, row * 1_000, strict=True)
    ]
    squares[-1] = box(50_000, 50_000, 51_000, 51_000)
    table = gpd.GeoDataFrame(
        {
            "code": [f"{number:05d}" for number in range(SIDE**2)],
            "cases": cases,
            "people": people,
            "rate": rate,
            "other": rng.normal(size=SIDE**2),
            "high": (rate > 20).astype(int),
            "low": (rate < 8).astype(int),
            "wet": rng.integers(0, 2, SIDE**2),
        },
        geometry=squares,
        crs="EPSG:5070",
    )
    table.loc[50, "rate"] = np.nan
    return table


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("maps")
    table = simulated_map()
    table.to_file(folder / "map.gpkg", layer="squares")
    table.to_file(folder / "map.shp")
    table.to_file(folder / "map.geojson")
    table.to_file(folder / "map.fgb")
    table.to_parquet(folder / "map.parquet")
    for layer in ("first", "second"):
        table.to_file(folder / "two.gpkg", layer=layer)
    return folder


COMMAND = Command(name="test")
call, report, as_json, refusal = COMMAND.call, COMMAND.report, COMMAND.as_json, COMMAND.refusal


def quick(command: str) -> list[str]:
    return shlex.split(f"{ARGUMENTS[command]} {QUICK[STATISTICS[command].scope]}")


def test_every_statistic_is_here() -> None:
    assert set(ARGUMENTS) == set(STATISTICS)
    listed = report("--help")
    for command in STATISTICS:
        assert f"\n  {command} " in listed


@pytest.mark.parametrize("command", STATISTICS)
def test_every_statistic_runs(folder: Path, command: str) -> None:
    words = [command, folder / "map.gpkg", *quick(command)]
    text = report(*words)
    assert text.startswith(f"{command} of ")
    assert " in map.gpkg" in text
    assert not re.search(r"\b(because|causes?|due to|leads? to|effect)\b", text)
    assert report(*words) == text
    answer = as_json(*words)
    assert (answer["test"], answer["file"]) == (command, "map.gpkg")


@pytest.mark.parametrize("command", STATISTICS)
def test_options_are_those_of_the_function(command: str) -> None:
    statistic = STATISTICS[command]
    known = inspect.signature(statistic.function).parameters
    assert {"rng", "executor", *statistic.options} <= set(known)
    if statistic.takes_graph:
        assert known["permutations"].default == statistic.permutations
        assert known["alternative"].default == "two-sided"
    assert ("stop_after" in known) == (statistic.scope == "local")
    if statistic.scope != "global":
        assert ("alpha" in known) != statistic.levels
    options = call(command, "--help").stdout
    for name in ("column", "layer", "id", "seed", "scheduler", "json", *statistic.options):
        assert f"--{name.replace('_', '-')}" in options
    assert ("--out" in options) == (statistic.scope != "global")
    assert options.count("default:") >= 3


def test_json_has_every_field_and_null_for_what_is_not_known(folder: Path) -> None:
    answer = as_json("local-moran", folder / "map.gpkg", *quick("local-moran"), "--id", "code")
    assert {field.name for field in fields(LocalResult)} <= set(answer)
    assert answer["ids"][:2] == ["00000", "00001"]
    assert answer["statistic"][50] is None
    assert answer["classes"][50] == "no data"
    assert answer["p"][99] is None
    assert answer["isolates"] == ["00099"]
    assert (answer["n"], answer["permutations"], answer["seed"]) == (98, 999, 0)


@pytest.mark.parametrize("suffix", ["shp", "geojson", "fgb", "parquet"])
def test_every_format_gives_the_same(folder: Path, suffix: str) -> None:
    words = ["--column", "rate", "--id", "code", "--permutations", "99"]
    expected = as_json("getis-ord", folder / "map.gpkg", *words)
    found = as_json("getis-ord", folder / f"map.{suffix}", *words)
    # Sorted, since a FlatGeobuf has an order of its own.
    one, other = (
        pd.Series(each["z"], each["ids"], dtype=float).sort_index() for each in (found, expected)
    )
    pd.testing.assert_series_equal(one, other)


def test_local_report(folder: Path) -> None:
    text = report("getis-ord", folder / "map.gpkg", "--column", "rate", "--id", "code")
    assert "queen: 100 units" in text
    assert "Gi*, 199,999 permutations, two-sided, 98 units in the test" in text
    assert "not tested, without neighbours: 00099" in text
    assert re.search(r"\nclass +units\nhot 99% +\d+\n", text)
    assert re.search(r"\nno data +1\n", text)
    assert re.search(r"\ncode +rate +gi_statistic +gi_z +gi_p +gi_p_fdr +gi_class\n000", text)
    assert "Give more --permutations" not in text


def test_too_few_permutations_are_told(folder: Path) -> None:
    text = report("getis-ord", folder / "map.gpkg", *quick("getis-ord"), "--permutations", "99")
    assert "the smallest p-value is 0.02: unless 40 of 98 units reach it" in text


def test_gi_without_the_star(folder: Path) -> None:
    words = ["getis-ord", folder / "map.gpkg", *quick("getis-ord")]
    assert as_json(*words)["name"] == "Gi*"
    assert as_json(*words, "--no-star")["name"] == "Gi"


@pytest.mark.parametrize("command", ["local-lee", "bivariate-local-moran"])
def test_two_maps_are_no_evidence_of_association(folder: Path, command: str) -> None:
    text = report(command, folder / "map.gpkg", *quick(command))
    assert "of random labelling" in text
    assert "The p-value of random labelling is no evidence of association" in text
    answer = as_json(command, folder / "map.gpkg", *quick(command))
    assert "p_random_labelling" in answer
    assert "p" not in answer


def test_a_constant_column_is_no_variation(tmp_path: Path) -> None:
    simulated_map().assign(rate=3.0).to_parquet(tmp_path / "flat.parquet")
    text = report("local-moran", tmp_path / "flat.parquet", "--column", "rate")
    assert re.search(r"\nno variation +99\n", text)
    assert "No unit could be tested." in text


def test_attached_isolates_are_tested(folder: Path) -> None:
    words = ["local-moran", folder / "map.gpkg", *quick("local-moran"), "--attach-isolates"]
    answer = as_json(*words)
    assert answer["isolates"] == []
    assert answer["n"] == 99


@pytest.mark.parametrize("graph", ["rook", "knn:4", "distance:1100", "kernel:3000"])
def test_other_graphs(folder: Path, graph: str) -> None:
    words = ["local-moran", folder / "map.gpkg", *quick("local-moran")]
    answer = as_json(*words, "--graph", graph)
    assert answer["n"] >= 98
    assert answer["graph"] != as_json(*words)["graph"]


def test_points_by_distance(tmp_path: Path) -> None:
    table = simulated_map()
    table.geometry = table.geometry.centroid
    table.to_file(tmp_path / "points.gpkg")
    words = ["local-moran", tmp_path / "points.gpkg", *quick("local-moran")]
    assert as_json(*words, "--graph", "knn:4")["n"] == 99
    message = refusal(*words)
    assert "found geometry of type Point; expected polygons, for --graph queen" in message
    assert "choose --graph knn:6" in message


def listing(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


WRITTEN = [".gpkg", ".parquet", ".geojson", ".csv"]


def read_back(path: Path) -> pd.DataFrame:
    if path.suffix == ".csv":
        return pd.read_csv(path, dtype={"code": str})
    read = gpd.read_parquet if path.suffix == ".parquet" else gpd.read_file
    return pd.DataFrame(read(path))


@pytest.mark.parametrize("suffix", WRITTEN)
def test_the_layer_carries_the_result(folder: Path, tmp_path: Path, suffix: str) -> None:
    out = tmp_path / f"tested{suffix}"
    words = ["getis-ord", folder / "map.gpkg", *quick("getis-ord"), "--id", "code"]
    assert f"Written to {out}." in report(*words, "--out", out)
    assert listing(tmp_path) == [out.name]
    table, before = read_back(out), simulated_map()
    assert table["code"].tolist() == before["code"].tolist()
    np.testing.assert_allclose(table["rate"], before["rate"])
    answer = as_json(*words)
    np.testing.assert_allclose(table["gi_p"], np.array(answer["p"], dtype=float), rtol=1e-6)
    assert table["gi_class"].tolist() == answer["classes"]
    if suffix == ".csv":
        assert "geometry" not in table
        assert table["note"].str.startswith("arrest-atlas test: getis-ord of rate").all()
    else:
        areas = gpd.GeoSeries(table["geometry"]).to_crs("EPSG:5070").area
        np.testing.assert_allclose(areas, before.area, rtol=1e-3)


@pytest.mark.parametrize("suffix", WRITTEN)
def test_written_again_it_is_the_same_bytes(folder: Path, tmp_path: Path, suffix: str) -> None:
    out = tmp_path / f"tested{suffix}"
    words = ["local-moran", folder / "map.gpkg", *quick("local-moran"), "--out", out]
    report(*words)
    before = out.read_bytes()
    report(*words, "--seed", "1")
    assert out.read_bytes() != before
    report(*words)
    assert out.read_bytes() == before


@pytest.mark.parametrize("suffix", WRITTEN)
def test_what_others_wrote_is_not_overwritten(folder: Path, tmp_path: Path, suffix: str) -> None:
    out = tmp_path / f"mine{suffix}"
    if suffix == ".csv":
        out.write_text("a,b\n1,2\n")
    else:
        out.write_bytes((folder / f"map{suffix}").read_bytes())
    before = out.read_bytes()
    words = ["getis-ord", folder / "map.gpkg", *quick("getis-ord")]
    assert "this command did not write" in refusal(*words, "--out", out)
    assert out.read_bytes() == before


def test_the_map_itself_is_never_overwritten(folder: Path, tmp_path: Path) -> None:
    first, again = tmp_path / "tested.gpkg", tmp_path / "again.gpkg"
    report("getis-ord", folder / "map.gpkg", *quick("getis-ord"), "--out", first)
    before = first.read_bytes()
    words = ["local-moran", first, *quick("local-moran")]
    assert "found the map itself" in refusal(*words, "--out", first)
    assert first.read_bytes() == before
    report(*words, "--out", again)
    message = refusal("getis-ord", first, *quick("getis-ord"), "--out", tmp_path / "third.gpkg")
    assert "found columns gi_statistic, " in message
    assert listing(tmp_path) == ["again.gpkg", "tested.gpkg"]
    assert {"gi_class", "lisa_class"} <= set(gpd.read_file(again).columns)


@pytest.mark.parametrize(
    ("out", "said"),
    [
        ("tested.shp", "expected a file name ending in .gpkg, .parquet, .geojson, .csv"),
        ("absent/tested.csv", "expected a folder that exists"),
        ("folder.csv", "found a folder at"),
    ],
)
def test_places_where_nothing_can_be_written(
    folder: Path, tmp_path: Path, out: str, said: str
) -> None:
    (tmp_path / "folder.csv").mkdir()
    words = ["getis-ord", folder / "map.gpkg", *quick("getis-ord"), "--out", tmp_path / out]
    message = refusal(*words)
    assert message.startswith("Nothing was written:")
    assert said in message
    assert listing(tmp_path) == ["folder.csv"]


def test_a_layer_must_be_named_where_there_are_several(folder: Path) -> None:
    words = ["getis-ord", folder / "two.gpkg", *quick("getis-ord")]
    assert "found 2 layers; expected the name of one; add --layer: first, second" in refusal(*words)
    message = refusal(*words, "--layer", "secnd")
    assert "found no layer 'secnd' with places" in message
    assert "perhaps to 'second'" in message
    assert " in two.gpkg, layer second\n" in report(*words, "--layer", "second")


def test_everything_wrong_is_said_at_once(folder: Path) -> None:
    message = refusal(
        "local-moran-rate",
        folder / "map.gpkg",
        *("--column", "Case", "--exposure", "code", "--id", "high", "--graph", "knm:6"),
    )
    assert message.startswith("Nothing was tested:")
    said = message.splitlines()[1:]
    assert len(said) == 4
    assert said[0].startswith("--graph: found 'knm:6', which is neither a kind of graph nor a file")
    assert said[0].endswith("perhaps to knn:6")
    assert "column 'high': found " in said[1]
    assert "expected identifiers that stand in one row each" in said[1]
    assert "found no column 'Case'; expected one of code, cases, people" in said[2]
    assert said[2].endswith("correct --column, perhaps to 'cases'")
    assert "column 'code': found " in said[3]
    assert "values ('00000'); expected numbers" in said[3]


def changed(tmp_path: Path, name: str, values: dict[int, object]) -> Path:
    table = simulated_map()
    table[name] = table[name].astype(float)
    for row, value in values.items():
        table.loc[row, name] = value
    table.to_parquet(tmp_path / "changed.parquet")
    return tmp_path / "changed.parquet"


def test_rows_that_cannot_be_are_named_with_their_identifiers(tmp_path: Path) -> None:
    path = changed(tmp_path, "cases", {3: -1, 7: -2, 8: -3, 9: -4, 10: np.inf})
    message = refusal("local-moran-rate", path, *quick("local-moran-rate"), "--id", "code")
    assert "column 'cases': found infinite values in row 11 (code 00010)" in message
    assert "negative values in rows 4 (code 00003), 8 (code 00007), 9 (code 00008) and 1" in message
    path = changed(tmp_path, "people", {3: -1})
    message = refusal("local-moran-rate", path, *quick("local-moran-rate"))
    assert "column 'people': found negative values in row 4; expected none below zero" in message


@pytest.mark.parametrize("command", ["local-join-count", "local-co-location"])
def test_marks_are_0_and_1(tmp_path: Path, command: str) -> None:
    path = changed(tmp_path, "high", {2: 0.5, 3: np.nan})
    message = refusal(command, path, *quick(command))
    assert "column 'high': found values other than 0 and 1 in row 3; expected 0 and 1" in message


@pytest.mark.parametrize(
    ("command", "columns", "said"),
    [
        ("local-moran", "--column rate --column other", "found 2 columns; expected 1 for"),
        ("local-lee", "--column rate", "found 1 column; expected 2 for local-lee"),
        ("local-lee", "--column rate --column rate", "found a column twice (rate, rate)"),
        ("local-co-location", "--column high", "found 1 column; expected 2 or more"),
    ],
)
def test_the_wrong_number_of_columns(folder: Path, command: str, columns: str, said: str) -> None:
    assert said in refusal(command, folder / "map.gpkg", *columns.split())


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("--graph knn:0", "expected a number of neighbours, as in knn:6"),
        ("--graph knn:2.5", "expected a number of neighbours, as in knn:6"),
        ("--graph distance:far", "expected a distance in units of the map"),
        ("--graph kernel", "expected a bandwidth in units of the map"),
        ("--graph absent.gal", "neither a kind of graph nor a file"),
        ("--permutations -1", "--permutations"),
        ("--stop-after 0", "--stop-after"),
        ("--alpha 1", "--alpha"),
        ("--alternative both", "--alternative"),
    ],
)
def test_bad_options(folder: Path, words: str, said: str) -> None:
    assert said in refusal("local-moran", folder / "map.gpkg", "--column", "rate", *words.split())


def test_lines_are_refused(tmp_path: Path) -> None:
    lines = gpd.GeoDataFrame(
        {"rate": [1.0, 2.0]},
        geometry=[LineString([(0, 0), (1, 1)]), LineString([(1, 1), (2, 0)])],
        crs="EPSG:5070",
    )
    lines.to_file(tmp_path / "lines.gpkg")
    words = ["local-moran", tmp_path / "lines.gpkg", "--column", "rate"]
    assert "found geometry of type LineString; expected polygons" in refusal(*words)
    message = refusal(*words, "--graph", "knn:1")
    assert "found geometry of type LineString; expected points or polygons" in message


@pytest.mark.parametrize("words", ["--graph knn:4", "--graph distance:250000", "--attach-isolates"])
def test_distances_need_to_know_where_the_map_is(tmp_path: Path, words: str) -> None:
    table = simulated_map().to_crs("EPSG:4269")
    table.to_parquet(tmp_path / "map.parquet")
    test = ["local-moran", tmp_path / "map.parquet", *quick("local-moran"), *words.split()]
    assert "not significant" in report(*test)  # metres on a sphere
    table.set_crs(None, allow_override=True).to_parquet(tmp_path / "map.parquet")
    assert "found no coordinate reference system" in refusal(*test)


def test_the_scan_measures_great_circles(folder: Path, tmp_path: Path) -> None:
    words = ["--id", "code", *quick("scan")]
    flat = as_json("scan", folder / "map.gpkg", *words)
    table = simulated_map()
    table.to_crs("EPSG:4269").to_parquet(tmp_path / "map.parquet")
    round_ = as_json("scan", tmp_path / "map.parquet", *words)
    assert {"00033", "00034", "00043"} <= set(round_["clusters"][0]["members"])
    assert round_["clusters"][0]["members"] == flat["clusters"][0]["members"]
    table.set_crs(None, allow_override=True).to_parquet(tmp_path / "map.parquet")
    message = refusal("scan", tmp_path / "map.parquet", *words)
    assert "found no coordinate reference system; expected one, since the scan" in message


def test_the_report_of_a_scan(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "tested.csv"
    words = ["scan", folder / "map.gpkg", "--id", "code", *quick("scan"), "--out", out]
    text = report(*words)
    assert re.search(r"\ncluster +kind +centre +units +radius +population +observed", text)
    assert re.search(r"\n1 +hot +000\d\d +\d+ ", text)
    assert "\nmembers of 1: 000" in text
    assert re.search(r"\nCluster 1: \d\.\d+ times the rate of the rest of the map", text)
    table = pd.read_csv(out)
    assert {"scan_cluster", "scan_relative_risk", "scan_p", "scan_class"} <= set(table.columns)
    assert (table["scan_class"] == "hot cluster").sum() == (table["scan_cluster"] == 1).sum() > 5


def test_a_scan_that_finds_nothing_says_so(tmp_path: Path) -> None:
    table = simulated_map()
    table["cases"] = table["people"] // 100
    table.to_parquet(tmp_path / "even.parquet")
    text = report("scan", tmp_path / "even.parquet", *quick("scan"))
    assert "No circle is told apart from chance" in text
    table["cases"] = table["cases"] + 0.5
    table.to_parquet(tmp_path / "even.parquet")
    message = refusal("scan", tmp_path / "even.parquet", *quick("scan"))
    assert "found parts of a case in rows 1, 2, 3 and 97 more; expected whole numbers" in message


def test_contiguity_needs_no_projection(tmp_path: Path) -> None:
    table = simulated_map()
    answers = []
    for crs in ("EPSG:5070", None):
        table.set_crs(crs, allow_override=True).to_parquet(tmp_path / "map.parquet")
        answers.append(as_json("local-moran", tmp_path / "map.parquet", *quick("local-moran")))
    assert answers[0] == answers[1]


def test_rows_without_a_place_are_named(tmp_path: Path) -> None:
    table = simulated_map()
    table.loc[[4, 5], "geometry"] = [None, Point()]
    table.to_parquet(tmp_path / "map.parquet")
    message = refusal("local-moran", tmp_path / "map.parquet", *quick("local-moran"))
    assert "found no geometry in rows 5, 6; expected a place each row" in message


BAD = {
    "empty.gpkg": b"",
    "words.geojson": b"{}",
    "words.txt": b"words",
    "short.parquet": b"PAR1",
    "table.csv": b"a,b\n1,2\n",
    "none.geojson": b'{"type": "FeatureCollection", "features": []}',
}


@pytest.mark.parametrize("name", BAD)
def test_bad_files_are_refused_in_words(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(BAD[name])
    words = ["getis-ord", tmp_path / name, "--column", "a", "--out", tmp_path / "out.gpkg"]
    message = refusal(*words)
    assert f"{name}: found " in message
    assert "expected" in message
    assert listing(tmp_path) == [name]


def test_a_missing_file_and_a_table_without_places(tmp_path: Path) -> None:
    assert "found no such file" in refusal("getis-ord", tmp_path / "no.gpkg", "--column", "a")
    pd.DataFrame({"a": [1.0]}).to_parquet(tmp_path / "table.parquet")
    message = refusal("getis-ord", tmp_path / "table.parquet", "--column", "a")
    assert "table.parquet: found what cannot be read" in message


def test_a_file_of_weights(folder: Path, tmp_path: Path) -> None:
    table = simulated_map().set_index("code")
    row, column = np.divmod(np.arange(SIDE**2), SIDE)
    lines = [f"0 {SIDE**2} map code"]
    for number, code in enumerate(table.index[:-1]):
        near = abs(row[:-1] - row[number]) + abs(column[:-1] - column[number]) == 1
        neighbours = table.index[:-1][near]
        lines += [f"{code} {len(neighbours)}", " ".join(neighbours)]
    lines += [f"{table.index[-1]} 0", ""]
    (tmp_path / "rook.gal").write_text("\n".join(lines) + "\n")
    words = ["local-moran", folder / "map.gpkg", *quick("local-moran"), "--graph"]
    by_file = as_json(*words, tmp_path / "rook.gal", "--id", "code")
    assert by_file["statistic"] == as_json(*words, "rook", "--id", "code")["statistic"]
    message = refusal(*words, tmp_path / "rook.gal")
    assert "found 100 units that are not on the map: ['00000', '00001'" in message
    assert "name the column of these identifiers by --id" in message


@pytest.mark.parametrize("suffix", WRITTEN)
def test_a_geometry_of_another_name_is_written(tmp_path: Path, suffix: str) -> None:
    simulated_map().rename_geometry("shape").to_parquet(tmp_path / "map.parquet")
    out = tmp_path / f"out{suffix}"
    report("local-moran", tmp_path / "map.parquet", *quick("local-moran"), "--out", out)
    assert "lisa_class" in read_back(out).columns


def test_notes_of_the_users_own_are_not_overwritten(folder: Path, tmp_path: Path) -> None:
    words = ["local-moran", folder / "map.gpkg", *quick("local-moran"), "--out"]
    for name, text in (
        ("notes.csv", "step,command\n1,arrest-atlas test moran map.gpkg\n"),
        ("notes.geojson", '{"type": "FeatureCollection", "name": "arrest-atlas test"}'),
    ):
        (tmp_path / name).write_text(text)
        refusal(*words, tmp_path / name)
        assert (tmp_path / name).read_text() == text


@pytest.mark.parametrize("names", [["fid"], ["Rate2", "rate2"]])
def test_names_that_a_geopackage_cannot_hold(tmp_path: Path, names: list[str]) -> None:
    table = simulated_map().assign(**dict.fromkeys(names, "x"))
    table.to_parquet(tmp_path / "map.parquet")
    words = ["local-moran", tmp_path / "map.parquet", *quick("local-moran"), "--out"]
    assert f"found columns {', '.join(names)} on the map" in refusal(*words, tmp_path / "o.gpkg")
    report(*words, tmp_path / "o.parquet")


def test_a_negative_seed_and_endless_permutations_are_refused(folder: Path) -> None:
    words = ["moran", folder / "map.gpkg", "--column", "rate"]
    assert "--seed" in refusal(*words, "--seed", "-1")
    assert "--permutations" in refusal(*words, "--permutations", "99999999999")


def test_borders_that_do_not_fit_are_told(tmp_path: Path) -> None:
    shapes = [box(0, 0, 2, 2), box(2, 0, 4, 1), box(2, 1, 4, 2), box(0, 2, 4, 3), box(0, 3, 4, 4)]
    table = gpd.GeoDataFrame({"rate": [1.0, 2, 3, 4, 6]}, geometry=shapes, crs="EPSG:5070")
    table.to_file(tmp_path / "map.gpkg")
    words = ["local-moran", tmp_path / "map.gpkg", "--column", "rate", "--graph", "rook"]
    (line,) = [line for line in report(*words).splitlines() if line.startswith("note: ")]
    assert as_json(*words)["notes"] == [line.removeprefix("note: ")]


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE.read_text(), flags=re.DOTALL)


def test_the_examples_of_the_page_run(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    lines = "".join(blocks("sh")).replace("\\\n", " ").splitlines()
    commands = [shlex.split(line, comments=True) for line in lines]
    commands = [words for words in commands if words[:2] == ["arrest-atlas", "test"]]
    assert len(commands) >= 5
    for words in commands:
        assert call(*words[2:]).exit_code == 0, words
    named: dict[str, object] = {}  # a block goes on where the one before ended
    for code in blocks("python"):
        exec(compile(code, str(PAGE), "exec"), named)  # noqa: S102


def test_the_page_lists_every_statistic() -> None:
    page = PAGE.read_text()
    for command, statistic in STATISTICS.items():
        assert f"| `{command}` | `{statistic.function.__name__}` |" in page


def test_in_a_process_of_its_own(folder: Path) -> None:
    command = [sys.executable, "-W", "error", "-m", "arrest_atlas", "test", "getis-ord"]
    done = subprocess.run(  # noqa: S603
        [*command, str(folder / "map.gpkg"), "--column", "rate"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert "hot 99%" in done.stdout
