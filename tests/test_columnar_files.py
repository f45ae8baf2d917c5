"""Columns of Parquet and Feather files, of whatever type."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import feather, parquet

from geo import InputError, read_arrests, read_crime_rates
from geo.crime import count_incidents, read_county_crimes

CRIME: dict[str, Any] = {
    "county_fips": ["01001", "01003"],
    "year": [2017, 2017],
    "murder": [4, 8],
    "population": [55_000, 199_510],
}


def crime(folder: Path, **columns: Any) -> Path:
    path = folder / "crime.parquet"
    parquet.write_table(pa.table({**CRIME, **columns}), path)
    return path


@pytest.mark.parametrize("kind", [pa.binary(), pa.large_binary(), pa.large_string()])
def test_texts_of_every_type_are_read(tmp_path: Path, kind: pa.DataType) -> None:
    shares = pa.array(["0.5", None], pa.string()).cast(kind)
    for column in (shares, shares.dictionary_encode()):
        path = crime(tmp_path, covered_share=column)
        table = read_county_crimes(path, definition="homicide").table
        assert table["covered_share"].fillna(-1).tolist() == [0.5, -1]


def test_feather_too(tmp_path: Path) -> None:
    arrests = {"apprehension_date": [b"2025-01-20"], "state": pa.array([b"TX"])}
    feather.write_feather(pa.table(arrests), str(tmp_path / "a.feather"))
    assert read_arrests(tmp_path / "a.feather").table["state"].tolist() == ["TX"]


@pytest.mark.parametrize(
    ("column", "kind"),
    [
        (pa.array([[0.1], [0.2]]), "list<"),
        (pa.array([{"a": 1}, {"a": 2}]), "struct<a: int64>"),
        (pa.array([1, 2], pa.duration("s")), "duration[s]"),
        (pa.array([b"\xff\xfe\x00", b"\x80"]), "binary"),
    ],
)
def test_a_column_that_is_wanted_and_cannot_be_read_is_named(
    tmp_path: Path, column: pa.Array, kind: str
) -> None:
    path = crime(tmp_path, covered_share=column)
    with pytest.raises(InputError) as caught:
        read_county_crimes(path, definition="homicide")
    assert f"crime.parquet, column 'covered_share': found the type {kind}" in str(caught.value)
    # Of a table that is read whole, only the columns that are asked for matter.
    path = crime(tmp_path, crime_rate=[1.0, 2.0], covered_share=column)
    assert read_crime_rates(path).rate.tolist() == [1.0, 2.0]
    with pytest.raises(InputError, match=r"column 'covered_share': found the type"):
        read_crime_rates(path, covered_share="covered_share")


def test_incidents_name_it_too(tmp_path: Path) -> None:
    path = tmp_path / "i.parquet"
    parquet.write_table(pa.table({"lon": [[1.0]], "lat": [2.0]}), path)
    with pytest.raises(InputError, match="column 'lon': found the type list<"):
        count_incidents(path)


def test_lengths_of_time_are_no_numbers(tmp_path: Path) -> None:
    path = crime(tmp_path, murder=pa.array([1, 2], pa.duration("s")))
    with pytest.raises(InputError, match=r"column 'murder': found the type duration\[s\]"):
        read_county_crimes(path, definition="homicide")


def test_long_texts_that_repeat_are_not_spread(tmp_path: Path) -> None:
    rows = 300_000
    codes = pa.DictionaryArray.from_arrays(np.zeros(rows, np.int32), pa.array(["A" * 10_000]))
    path = tmp_path / "crime.parquet"
    columns = {"county_fips": codes, "year": np.full(rows, 2016), "murder": np.zeros(rows)}
    parquet.write_table(pa.table(columns), path)
    with pytest.raises(InputError) as caught:
        read_county_crimes(path, definition="homicide")
    assert "bytes of text, most of them in the column 'county_fips'" in str(caught.value)
    assert "expected at most 2,147,483,648" in str(caught.value)
