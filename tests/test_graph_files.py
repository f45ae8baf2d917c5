"""Graphs that other software wrote."""

import struct
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import libpysal
import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from libpysal.graph import Graph
from shapely import box

from spatial_models import SpatialError, SpatialWarning, contiguity
from spatial_models.graphs import read_graph

TABLE = "focal,neighbor,weight\n"


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str, str], Path]:
    """Write a file of some text."""

    def written(name: str, text: str) -> Path:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return written


def weights(graph: Graph) -> dict[tuple[object, object], float]:
    return {pair: weight for pair, weight in graph.adjacency.items() if weight}


def with_names(names: list[object]) -> Graph:
    """A square of four that touch and one apart."""
    cells = [(0, 0), (1, 0), (0, 1), (1, 1), (5, 5)]
    polygons = [box(x, y, x + 1, y + 1) for x, y in cells]
    return contiguity(gpd.GeoSeries(polygons, index=names))


def uneven(names: list[object]) -> Graph:
    """Weights that differ, all units with neighbours."""
    rng = np.random.default_rng(5)
    matrix = rng.integers(1, 9, (len(names), len(names))) / 8
    np.fill_diagonal(matrix, 0)
    row, column = np.nonzero(matrix)
    ids = np.array(names)
    return Graph.from_arrays(ids[row], ids[column], matrix[row, column])


@pytest.mark.parametrize("names", [list("dbeca"), ["01", "1", "001", "10", "2"]])
def test_a_gal_file_of_libpysal(names: list[object], tmp_path: Path) -> None:
    graph = with_names(names)
    graph.to_gal(tmp_path / "squares.GAL")
    for read in (
        read_graph(tmp_path / "squares.GAL"),
        read_graph(str(tmp_path / "squares.GAL"), ids=pd.Index(names)),
    ):
        pd.testing.assert_series_equal(read.adjacency, graph.adjacency, check_dtype=False)
        assert read.transformation == "B"
        assert read.isolates.tolist() == names[-1:]


def test_a_gwt_file_of_libpysal(tmp_path: Path) -> None:
    graph = uneven(list("dbeca"))
    graph.to_gwt(tmp_path / "squares.gwt")
    (tmp_path / "squares.gwt").rename(tmp_path / "squares.kwt")
    pd.testing.assert_series_equal(
        read_graph(tmp_path / "squares.kwt", ids=list("dbeca")).adjacency, graph.adjacency
    )
    assert weights(read_graph(tmp_path / "squares.kwt")) == weights(graph)


def test_an_swm_file_of_libpysal(tmp_path: Path) -> None:
    path = tmp_path / "squares.swm"
    graph = uneven([7, 3, 9, 100, 1])
    file = libpysal.io.open(str(path), "w")
    file.varName, file.srs = "UNIT", "UNKNOWN"
    file.write(graph.to_W())
    file.close()
    assert weights(read_graph(path)) == weights(graph)
    pd.testing.assert_series_equal(
        read_graph(path, ids=[7, 3, 9, 100, 1]).adjacency, graph.adjacency
    )
    as_text = read_graph(path, ids=["100", "1", "3", "7", "9"])
    assert as_text.unique_ids.tolist() == ["100", "1", "3", "7", "9"]


def test_an_swm_file_of_arcgis_with_one_weight_for_all(tmp_path: Path) -> None:
    path = tmp_path / "new.swm"
    header = b"VERSION@10.1;UNIQUEID@UNIT;SPATIALREFNAME@none;FIXEDWEIGHTS@True\n"
    units = [
        struct.pack("<2l2ldd", 1, 2, 2, 3, 0.5, 1.0),
        struct.pack("<2lldd", 2, 1, 1, 0.5, 0.5),
        struct.pack("<2l", 3, 0),
    ]
    path.write_bytes(header + struct.pack("<2l", 3, 0) + b"".join(units))
    graph = read_graph(path)
    assert weights(graph) == {(1, 2): 0.5, (1, 3): 0.5, (2, 1): 0.5}
    assert graph.isolates.tolist() == [3]


@pytest.mark.parametrize("names", [list("dbeca"), [5, 3, 4, 1, 2]])
def test_tables_of_libpysal(names: list[object], tmp_path: Path) -> None:
    graph = with_names(names).transform("R")
    graph.adjacency.to_csv(tmp_path / "squares.csv")
    graph.to_parquet(tmp_path / "squares.parquet")
    parquet = read_graph(tmp_path / "squares.parquet")
    csv = read_graph(tmp_path / "squares.csv", ids=names)
    for read in (parquet, csv):
        pd.testing.assert_series_equal(read.adjacency, graph.adjacency, check_index_type=False)
    assert (parquet.transformation, csv.transformation) == ("R", "O")
    assert read_graph(tmp_path / "squares.csv").unique_ids.tolist() == [str(n) for n in names]


def test_a_plain_parquet_table(tmp_path: Path) -> None:
    table = pd.DataFrame({"focal": [2, 1], "neighbor": [1, 2], "weight": [3, 4]})
    table.to_parquet(tmp_path / "plain.parquet")
    graph = read_graph(tmp_path / "plain.parquet")
    assert graph.adjacency.to_dict() == {(2, 1): 3, (1, 2): 4}
    assert graph.transformation == "O"


@given(
    n=st.integers(1, 7),
    seed=st.integers(0, 2**32 - 1),
    kind=st.sampled_from(["gal", "csv", "parquet"]),
)
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_was_written_is_read(n: int, seed: int, kind: str, tmp_path: Path) -> None:
    rng = np.random.default_rng(seed)
    ids = pd.Index([f"u{i}" for i in rng.permutation(n)])
    matrix = rng.random((n, n)) < 0.4
    np.fill_diagonal(matrix, val=False)
    row, column = np.nonzero(matrix)
    alone = np.flatnonzero(~matrix.any(axis=1))
    row, column = np.append(row, alone), np.append(column, alone)
    order = np.lexsort((column, row))
    row, column = row[order], column[order]
    graph = Graph.from_arrays(ids[row], ids[column], matrix[row, column].astype(int))
    path = tmp_path / f"graph.{kind}"
    if kind == "gal":
        graph.to_gal(path)
    elif kind == "csv":
        graph.adjacency.to_csv(path)
    else:
        graph.to_parquet(path)
    shuffled = ids[rng.permutation(n)]
    for read, order_of in ((read_graph(path), ids), (read_graph(path, ids=shuffled), shuffled)):
        assert read.unique_ids.tolist() == order_of.tolist()
        assert weights(read) == weights(graph)
        assert read.isolates.sort_values().tolist() == sorted(ids[alone])
        assert read.sparse.shape == (n, n)


def test_blank_lines_and_the_header_of_geoda(write: Callable[[str, str], Path]) -> None:
    text = "0 3 map UNIT\na 0\n\nb 1\nc\n\nc 1\nb\n"
    graph = read_graph(write("a.gal", text))
    assert weights(graph) == {("b", "c"): 1, ("c", "b"): 1}
    assert graph.isolates.tolist() == ["a"]
    assert weights(read_graph(write("b.gal", "\ufeff" + text))) == weights(graph)


def test_identifiers_keep_their_leading_zeros(write: Callable[[str, str], Path]) -> None:
    gal = write("a.gal", "2\n01001 1\n01003\n01003 1\n01001\n")
    csv = write("a.csv", TABLE + "01001,01003,1\n01003,01001,1\n")
    gwt = write("a.gwt", "0 2 map FIPS\n01001 01003 1\n01003 01001 1\n")
    for path in (gal, csv, gwt):
        assert read_graph(path).unique_ids.tolist() == ["01001", "01003"]
        assert read_graph(path, ids=["01003", "01001"]).unique_ids.tolist() == ["01003", "01001"]
        with pytest.raises(SpatialError, match=r"2 units that are not on the map.*leading zeros"):
            read_graph(path, ids=[1001, 1003])


def test_numbers_and_their_text_are_the_same(write: Callable[[str, str], Path]) -> None:
    gal = write("a.gal", "2\n1001 1\n1003\n1003 1\n1001\n")
    graph = read_graph(gal, ids=pd.Index([1003, 1001], name="FIPS"))
    assert graph.unique_ids.tolist() == [1003, 1001]
    assert weights(graph) == {(1003, 1001): 1, (1001, 1003): 1}
    for ids in (["01001", "01003"], [1001.0, 1003.0]):
        with pytest.raises(SpatialError, match="not on the map"):
            read_graph(gal, ids=ids)
    with pytest.raises(SpatialError, match="read the same"):
        read_graph(gal, ids=pd.Index([1001, "1001"], dtype=object))


def test_weights_of_zero_are_no_links(write: Callable[[str, str], Path]) -> None:
    graph = read_graph(write("a.csv", TABLE + "a,b,0\nb,a,2\n"))
    assert graph.isolates.tolist() == ["a"]
    assert weights(graph) == {("b", "a"): 2}


def test_weights_on_the_unit_itself_are_kept(write: Callable[[str, str], Path]) -> None:
    graph = read_graph(write("a.kwt", "0 2 map UNIT\na a 1\na b 0.5\nb b 1\nb a 0.25\n"))
    assert weights(graph) == {("a", "a"): 1, ("a", "b"): 0.5, ("b", "a"): 0.25, ("b", "b"): 1}


def test_distances_of_a_gwt_file_are_no_weights(write: Callable[[str, str], Path]) -> None:
    text = "0 3 map UNIT\na b 6.5\na c 0\nb a 6.5\nc a 0\n"
    with pytest.warns(SpatialWarning, match="taken for distances"):
        graph = read_graph(write("a.gwt", text))
    assert graph["a"].to_dict() == {"b": 1, "c": 1}  # a and c stand at one point
    assert read_graph(write("a.kwt", text))["a"].to_dict() == {"b": 6.5}


def test_a_gwt_file_is_silent_about_isolates(write: Callable[[str, str], Path]) -> None:
    path = write("a.gwt", "0 3 map UNIT\na b 1\nb a 1\n")
    graph = read_graph(path, ids=["a", "alone", "b"])
    assert graph.isolates.tolist() == ["alone"]
    with pytest.raises(SpatialError, match=r"found 2 units; expected 3.*give ids"):
        read_graph(path)
    with pytest.raises(SpatialError, match="a file about 3 units; expected 4"):
        read_graph(path, ids=list("abcd"))


def test_every_problem_is_named_at_once(write: Callable[[str, str], Path]) -> None:
    path = write("a.csv", TABLE + "a,b,1\na,b,2\nb,c,-1\nc,a,x\nc,,1\nz,a,inf\n")
    with pytest.raises(SpatialError) as caught:
        read_graph(path, ids=list("abcd"))
    message = str(caught.value)
    for part in (
        "a.csv: found links twice: [('a', 'b')]",
        "1 negative weights, as of [('b', 'c')]",
        "2 weights that are no numbers, as of [('c', 'a'), ('z', 'a')]",
        "1 links without unit or neighbour",
        "found 2 units that are not on the map: ['z', '']",
        "nothing about 1 units of the map: ['d']",
    ):
        assert part in message, message


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("a.txt", "", r"a\.txt: found a file of kind '\.txt'; expected one of \.gal, \.gwt"),
        ("a.gal", "", "found '' as its first line; expected the number of units"),
        ("a.gal", "many\n", "found 'many' as its first line"),
        ("a.gal", "1\na b c\n", "'a b c' in line 2; expected a unit and its neighbours"),
        ("a.gal", "1\na 2\na\n", "1 neighbours of a after line 2; expected 2"),
        ("a.gal", "2\na 1\n", "0 neighbours of a after line 2; expected 1"),
        ("a.gal", "2\na 1\nb\n", r"no units of the file: \['b'\].*1 units; expected 2.*cut off"),
        ("a.gal", "2\na 0\na 0\n", r"units twice: \['a'\]"),
        ("a.gal", "2\na 2\nb b\nb 0\n", r"links twice: \[\('a', 'b'\)\]"),
        ("a.gwt", "0 2 m u\na b\n", "'a b' in line 2; expected a unit, a neighbour and a weight"),
        ("a.gwt", "0 2 m u\na b far\nb a -1\n", "no numbers.*negative"),
        ("a.csv", "", "no table .*; expected the columns focal, neighbor, weight"),
        ("a.csv", "from,to\na,b\n", "the columns from, to; expected also focal, neighbor, weight"),
        ("a.csv", TABLE + "a,b,1\n", r"no units of the file: \['b'\]; expected a row for each"),
        ("a.parquet", "no", "no Parquet table"),
        ("a.swm", "no", "bytes that are no weights of ArcGIS"),
        ("a.swm", "id;none\nshort", "bytes that are no weights of ArcGIS"),
    ],
)
def test_what_is_no_graph_is_refused(
    name: str, text: str, message: str, write: Callable[[str, str], Path]
) -> None:
    with pytest.raises(SpatialError, match=message):
        read_graph(write(name, text))


def test_files_that_are_not_there_or_no_text_are_refused(tmp_path: Path) -> None:
    with pytest.raises(SpatialError, match="no such file"):
        read_graph(tmp_path / "none.gal")
    (tmp_path / "bytes.gal").write_bytes(b"1\n\xff 0\n")
    with pytest.raises(SpatialError, match="no text in UTF-8"):
        read_graph(tmp_path / "bytes.gal")


def test_identifiers_of_the_map_are_checked(write: Callable[[str, str], Path]) -> None:
    path = write("a.csv", TABLE + "a,a,0\n")
    with pytest.raises(SpatialError, match=r"identifiers twice: \['a'\]"):
        read_graph(path, ids=["a", "a"])
