"""A command knows its own files again, whatever their type, and takes no other for its own."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import Point

from arrest_atlas.table_files import (
    suffix_problems,
    write_csv,
    written_by,
)
from outputs import without_formulas, write_geopackage, write_parquet

MARK, NOTE = "arrest-atlas crime", "arrest-atlas crime: homicide, 2016"
LAYERS = ("units", "incidents")
PLACES = gpd.GeoDataFrame({"n": [1]}, geometry=[Point(0, 0)], crs="EPSG:4326")


def write(path: Path, note: str = NOTE, layers: tuple[str, ...] = LAYERS) -> Path:
    table = pd.DataFrame({"name": ["a"], "n": [1]})
    match path.suffix:
        case ".csv":
            write_csv(table, path, note)
        case ".parquet":
            write_parquet(table, path, note)
        case _:
            tables = dict.fromkeys(layers, PLACES)
            write_geopackage(path, tables, title=note, metadata={"run": "one"})
    return path


@pytest.mark.parametrize("suffix", [".csv", ".parquet", ".gpkg"])
def test_own_files_are_known_and_others_are_not(tmp_path: Path, suffix: str) -> None:
    own = write(tmp_path / f"own{suffix}")
    before = own.read_bytes()
    assert written_by(own, marks=["other", MARK], layers=LAYERS)
    assert not written_by(own, marks=["arrest-atlas incidents"], layers=LAYERS)
    other = write(tmp_path / f"other{suffix}", note=f"not {NOTE}")
    assert not written_by(other, marks=[MARK], layers=LAYERS)
    # Looking changes nothing, and leaves nothing beside the file.
    assert own.read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == [f"other{suffix}", f"own{suffix}"]


@pytest.mark.parametrize(
    ("layers", "known"),
    [
        (("units", "incidents"), True),
        (("units",), True),
        (("incidents",), False),
        (("units", "incidents", "mine"), False),
        (("mine", "units"), False),
    ],
)
def test_a_geopackage_with_layers_of_others_is_theirs(
    tmp_path: Path, layers: tuple[str, ...], *, known: bool
) -> None:
    path = write(tmp_path / "a.gpkg", layers=layers)
    assert written_by(path, marks=[MARK], layers=LAYERS) == known


@pytest.mark.parametrize("suffix", [".csv", ".parquet", ".gpkg", ".geojson"])
@pytest.mark.parametrize("content", [b"", b"note\n", NOTE.encode(), b"PAR1" + bytes(60) + b"PAR1"])
def test_what_cannot_be_read_is_nobodys(tmp_path: Path, suffix: str, content: bytes) -> None:
    path = tmp_path / f"a{suffix}"
    assert not written_by(path, marks=[MARK], layers=LAYERS)
    path.write_bytes(content)
    assert not written_by(path, marks=[MARK], layers=LAYERS)
    path.unlink()
    path.mkdir()
    assert not written_by(path, marks=[MARK], layers=LAYERS)


def test_a_layer_becomes_geoparquet(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    write_parquet(PLACES, path, NOTE)
    assert gpd.read_parquet(path).equals(PLACES)
    assert written_by(path, marks=[MARK])


def test_a_table_may_have_a_note_of_its_own(tmp_path: Path) -> None:
    write_csv(pd.DataFrame({"note": ["mine"]}), tmp_path / "a.csv", NOTE)
    assert (tmp_path / "a.csv").read_text() == f'note,note\n"{NOTE}",mine\n'
    assert written_by(tmp_path / "a.csv", marks=[MARK])


@given(
    st.lists(st.one_of(st.none(), st.text(alphabet="=+-@ \tab1"), st.just("\r=1")), min_size=1).map(
        lambda texts: pd.Series(texts, dtype="object")
    ),
    st.sampled_from(["object", "str", "category"]),
)
def test_no_text_is_left_that_a_spreadsheet_reckons(texts: pd.Series, kind: Any) -> None:
    table = pd.DataFrame({"text": texts.astype(kind), "number": -1.5})
    before = table.copy()
    safe = without_formulas(table)
    pd.testing.assert_frame_equal(table, before)
    assert safe["number"].equals(table["number"])
    assert safe["text"].isna().equals(table["text"].isna())
    for old, new in zip(table["text"].dropna(), safe["text"].dropna(), strict=True):
        assert not str(new).strip().startswith(("=", "+", "-", "@"))
        assert new in (old, f"'{old}")


def test_texts_that_become_one_stay_apart_from_numbers() -> None:
    table = pd.DataFrame({"text": pd.Categorical(["=1", "'=1", "b"]), "n": [-1, 2, 3]})
    written = io.StringIO()
    without_formulas(table).to_csv(written, index=False)
    assert written.getvalue().splitlines() == ["text,n", "'=1,-1", "'=1,2", "b,3"]


def test_types_of_file() -> None:
    assert suffix_problems(Path("a.CSV"), [".csv"]) == []
    (problem,) = suffix_problems(Path("a.txt"), [".csv", ".gpkg"], option="--ledger")
    assert (problem.file, problem.found) == ("--ledger", "'a.txt'")
    assert problem.expected == "a file name ending in .csv, .gpkg"
