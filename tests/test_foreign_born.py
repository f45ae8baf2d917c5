"""Table B05001: estimates, margins of error and what stands in place of numbers."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from boundaries import load_county_shares
from geo import InputError
from geo.context import ANNOTATIONS, ForeignBorn, read_foreign_born
from geo.context._margins import moe_of_share, moe_of_sum

HEADER = [
    *("NAME", "B05001_001E", "B05001_001M", "B05001_005E", "B05001_005M"),
    *("B05001_006E", "B05001_006M", "state", "county"),
]
AUTAUGA = ["Autauga County, Alabama", "58761", "-555555555", "800", "240", "1200", "310"]
Reads = Callable[..., ForeignBorn]


@pytest.fixture
def answers(tmp_path: Path) -> Reads:
    """Write an answer of the Census API and read it."""

    def read(*rows: list[str | None], header: list[str] = HEADER, **options: Any) -> ForeignBorn:
        path = tmp_path / "answer.json"
        path.write_text(json.dumps([header, *rows]), encoding="utf-8")
        return read_foreign_born(path, **options)

    return read


def test_the_answer_of_the_api(answers: Reads) -> None:
    read = answers([*AUTAUGA, "01", "001"], period="2018-2022")
    row = read.table.T["01001"]
    assert row[["residents", "residents_moe"]].tolist() == [58_761, 0]
    assert row[["naturalised", "noncitizens", "foreign_born"]].tolist() == [800, 1_200, 2_000]
    assert row["foreign_born_moe"] == pytest.approx(np.hypot(240, 310))
    assert row["noncitizen_share"] == pytest.approx(1_200 / 58_761)
    assert row["noncitizen_share_moe"] == pytest.approx(310 / 58_761)  # the total is controlled
    assert read.period == "2018-2022"
    assert read.annotations.to_dict("records") == [
        {
            "row": 2,
            "column": "B05001_001M",
            "written": "-555555555",
            "meaning": "controlled to a known total: no sampling error",
        }
    ]


def test_codes_stored_as_numbers_are_codes(answers: Reads) -> None:
    """As tools write columns that have blanks."""
    row = ["x", "10", "-555555555.0", "-666666666.0", "-222222222.00", "5", None, "01", "001"]
    read = answers(row)
    table = read.table.T["01001"]
    assert table[["residents_moe", "noncitizens"]].tolist() == [0, 5]
    assert table[["naturalised", "naturalised_moe"]].isna().all()
    assert read.annotations["written"].tolist() == row[2:5]
    with pytest.raises(InputError, match=r"found '-1\.0'; expected a number that is not negative"):
        answers(["x", "10", "-1.0", "1", "1", "5", "1", "01", "001"])


def test_the_summary_file_gives_what_the_api_does(answers: Reads, tmp_path: Path) -> None:
    path = tmp_path / "acsdt5y2022-b05001.dat"
    path.write_text(
        "GEO_ID|B05001_E001|B05001_M001|B05001_E002|B05001_M002|B05001_E005|B05001_M005"
        "|B05001_E006|B05001_M006\n"
        "0100000US|331097593|-555555555|1|1|1|1|1|1\n"
        "0500000US01001|58761|-555555555|56000|99|800|240|1200|310\n"
        "1400000US01001020100|1775|200|1700|9|10|5|-666666666|-222222222\n",
        encoding="utf-8",
    )
    read = read_foreign_born(path)
    pd.testing.assert_frame_equal(read.table, answers([*AUTAUGA, "01", "001"]).table)
    assert read.period == "2018-2022"
    assert read.annotations["row"].tolist() == [3]
    assert read.source.rows == 3
    assert read.notes == ("2 rows of states or other areas left out",)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("GEO_ID|B05001_E001\n0400000US01|5\n", "no row of a county"),
        ("GEOID,B05001_E001\n", "found the columns GEOID,B05001_E001; expected GEO_ID"),
        ("GEO_ID|B05001_E001\n0500000US01001|5|6\n", "content that cannot be read"),
        ("", "found content that cannot be read"),
    ],
)
def test_bad_summary_files(tmp_path: Path, content: str, message: str) -> None:
    path = tmp_path / "b05001.dat"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(InputError, match=r"b05001\.dat") as caught:
        read_foreign_born(path)
    assert message in str(caught.value)


def test_the_table_of_data_census_gov(tmp_path: Path) -> None:
    path = tmp_path / "ACSDT5Y2022.B05001-Data.csv"
    path.write_text(
        "\ufeffGEO_ID,NAME,B05001_001E,B05001_001M,B05001_006E,B05001_006M,\n"
        'Geography,Geographic Area Name,Estimate!!Total:,"Margin of Error!!Total:",'
        "Estimate!!Total:!!Not a U.S. citizen,Margin of Error!!Total:!!Not a U.S. citizen,\n"
        "0100000US,United States,331097593,*****,21684710,70931,\n"
        '0500000US01001,"Autauga County, Alabama",58761,*****,1200,±310,\n'
        "0500000US01003,Baldwin County,233420,*****,N,N,\n",
        encoding="utf-8",
    )
    read = read_foreign_born(path)
    assert read.period == "2018-2022"
    assert read.table["noncitizens"].to_dict() == pytest.approx(
        {"01001": 1_200, "01003": np.nan}, nan_ok=True
    )
    assert read.table.loc["01001", "noncitizens_moe"] == 310
    assert "foreign_born" not in read.table  # the file has no line 005
    assert set(read.annotations["meaning"]) == {ANNOTATIONS["*****"], ANNOTATIONS["N"]}
    assert read.notes == ("1 row of a state or another area left out",)


def test_the_same_by_json_and_csv(answers: Reads, tmp_path: Path) -> None:
    rows = [[*AUTAUGA, "01", "001"], ["x", "10", "2", "3", "4", "5", "6", "01", "003"]]
    csv = tmp_path / "answer.csv"
    pd.DataFrame(rows, columns=HEADER).to_csv(csv, index=False)
    pd.testing.assert_frame_equal(answers(*rows).table, read_foreign_born(csv).table)
    saved_as_csv = tmp_path / "saved.csv"  # what a browser does with the API's answer
    saved_as_csv.write_text(json.dumps([HEADER, *rows]), encoding="utf-8")
    pd.testing.assert_frame_equal(answers(*rows).table, read_foreign_born(saved_as_csv).table)


def test_a_file_without_margins_says_so(answers: Reads) -> None:
    header = ["B05001_001E", "B05001_006E", "state", "county"]
    read = answers(["100", "7", "1", "1"], header=header)
    assert read.table.columns.tolist() == ["residents", "noncitizens", "noncitizen_share"]
    assert "the file has no margins of error" in read.notes


def test_missing_estimates_stay_missing(answers: Reads) -> None:
    row = ["x", "10", "-555555555", "-666666666", "-222222222", "5", None, "01", "001"]
    read = answers(row).table.T["01001"]
    assert read[["noncitizens", "noncitizen_share"]].tolist() == [5, 0.5]
    assert read[["naturalised", "foreign_born", "foreign_born_moe", "noncitizens_moe"]].isna().all()


def test_nobody_lives_there(answers: Reads) -> None:
    read = answers(["x", "0", "12", "0", "12", "0", "12", "48", "301"]).table.loc["48301"]
    assert np.isnan(read["noncitizen_share"])
    assert read["foreign_born_moe"] == 12  # of zero estimates the largest margin, once


def test_connecticut_is_carried_with_its_margins(answers: Reads) -> None:
    codes = ["110", "120", "130", "140", "150", "160", "170", "180", "190"]
    rows = [["x", "1000", "-555555555", "40", "8", "60", "9", "09", code] for code in codes]
    read = answers(*rows)
    assert read.table.index.tolist() == [f"090{number:02}" for number in range(1, 16, 2)]
    assert read.table["noncitizens"].sum() == pytest.approx(9 * 60)
    parts = load_county_shares()
    shares = parts.loc[parts["county_fips"] == "09015", "share"]
    assert len(shares) > 1
    expected = np.sqrt(((shares * 9) ** 2).sum())
    assert read.table.loc["09015", "noncitizens_moe"] == pytest.approx(expected)
    assert "carried to the counties of 2019" in read.notes[0]


@pytest.mark.parametrize(
    ("rows", "header", "message"),
    [
        ([["1", "1", "1"]], ["B05001_001E", "state", "county"], "noncitizens of table B05001"),
        ([["1", "2", "1"]], ["B05001_001E", "B05001_006E", "zip"], "codes of counties in GEO_ID"),
        (
            [["9", "1", "2", "1", "1"]],
            ["B05001_001E", "B05001_001M", "B05001_006E", "state", "county"],
            "no margins of error for noncitizens",
        ),
        ([[*AUTAUGA, "01", "999"]], HEADER, "county code '01999'"),
        ([[*AUTAUGA, "01", "001"]] * 2, HEADER, "rows 2, 3 for the same county"),
        (
            [["x", "many", "1", "1", "1", "1", "1", "01", "001"]],
            HEADER,
            "row 2, column 'B05001_001E': found 'many'",
        ),
        ([["x", "-5", "1", "1", "1", "1", "1", "01", "001"]], HEADER, "not negative"),
        ([["1", "2"]], HEADER, "row 2 of 2 values; expected 9 values"),
        ([], HEADER, "no rows below the header"),
        (
            [["40000", "2", "1", "1"]],
            ["B05001_001E", "B05001_006E", "state", "state"],
            "state twice",
        ),
        (
            [["x", *AUTAUGA[1:], "09", "001"], ["x", *AUTAUGA[1:], "09", "110"]],
            HEADER,
            "codes of two vintages",
        ),
        (
            [[*AUTAUGA, "01", "003"]],
            HEADER,
            "row 2: found 'Autauga County' (01001) beside the county code 01003; expected Baldwin",
        ),
        ([[*AUTAUGA, "02", "020"]], HEADER, "found 'Alabama' beside the county code 02020"),
    ],
)
def test_bad_answers(
    answers: Reads, rows: list[list[str | None]], header: list[str], message: str
) -> None:
    with pytest.raises(InputError, match=r"answer\.json") as caught:
        answers(*rows, header=header)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("cells", "found"),
    [
        (["100", "0", "0", "200"], "200 non-citizens among 100"),
        (["100", "60", "0", "50"], "110 foreign-born people among 100"),
    ],
)
def test_parts_larger_than_the_whole_are_refused(
    answers: Reads, cells: list[str], found: str
) -> None:
    residents, naturalised, _, noncitizens = cells
    header = ["B05001_001E", "B05001_005E", "B05001_006E", "state", "county"]
    row = [residents, naturalised, noncitizens, "01", "001"]
    if naturalised == "0":
        header, row = [*header[:1], *header[2:]], [row[0], *row[2:]]
    with pytest.raises(InputError, match=r"row 2: found") as caught:
        answers(row, header=header)
    assert f"{found} residents; expected at least as many residents" in str(caught.value)


@pytest.mark.parametrize(
    ("name", "period", "expected"),
    [
        ("acs_2018-2022.json", None, "2018-2022"),
        ("acs_2018-2022.json", "2018/2022", "2018-2022"),
        ("acs.json", "2022", "2022"),
        ("acs_2011-2013.json", None, "2011-2013"),
        ("acs_2022-2018.json", None, "not stated"),
        ("acs.json", None, "not stated"),
    ],
)
def test_the_period(tmp_path: Path, name: str, period: str | None, expected: str) -> None:
    path = tmp_path / name
    path.write_text(json.dumps([HEADER, [*AUTAUGA, "01", "001"]]), encoding="utf-8")
    assert read_foreign_born(path, period=period).period == expected


@pytest.mark.parametrize(
    ("name", "period"),
    [
        ("acs.json", "x"),
        ("acs.json", "2022-2018"),
        ("acs.json", "2018-2021"),
        ("acs.json", "1990"),
        ("acs_2018-2022.json", "2017-2021"),
        ("ACSDT1Y2022.json", "2018-2022"),
    ],
)
def test_periods_that_cannot_be(tmp_path: Path, name: str, period: str) -> None:
    path = tmp_path / name
    path.write_text(json.dumps([HEADER, [*AUTAUGA, "01", "999"]]), encoding="utf-8")
    with pytest.raises(InputError, match="--acs-period: found") as caught:
        read_foreign_born(path, period=period)
    assert "county code '01999'" in str(caught.value)  # and what is wrong with the file


@pytest.mark.parametrize("content", ["[1, 2]", "[[", '[["a"], 3]', "[" * 5_000])
def test_what_is_no_answer(tmp_path: Path, content: str) -> None:
    path = tmp_path / "answer.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(InputError, match=r"answer\.json: found"):
        read_foreign_born(path)


def test_only_states(answers: Reads) -> None:
    header = ["GEO_ID", "B05001_001E", "B05001_006E"]
    with pytest.raises(InputError, match="no row of a county"):
        answers(["0400000US01", "10", "1"], header=header)


def test_margins_of_sums_with_zero_estimates() -> None:
    """Sums worked through in the ACS data users' community (2017) by the Bureau's rule."""
    groups = pd.Series([1, 1, 1, 1, 2, 2, 3, 3, 3, 5, 5])
    estimates = pd.Series([36, 0, 0, 0, 0, 58, 0, 0, 0, 73, 5])
    margins = pd.Series([56, 25, 28, 31, 24, 62, 27, 19, 22, 49, 26])
    expected = [np.hypot(56, 31), np.hypot(62, 24), 27, np.hypot(49, 26)]
    assert moe_of_sum(estimates, margins, groups).tolist() == pytest.approx(expected)


positive = st.floats(1, 1e6)


@given(part=positive, more=positive, margins=st.tuples(positive, positive))
def test_margins_of_shares(part: float, more: float, margins: tuple[float, float]) -> None:
    """A proportion's margin is at most a ratio's, and exists whatever the numbers."""
    one = [pd.Series([each]) for each in (part, margins[0], part + more, margins[1])]
    share, margin = part / (part + more), float(moe_of_share(*one).iloc[0])
    ratio = np.sqrt(margins[0] ** 2 + share**2 * margins[1] ** 2) / (part + more)
    assert 0 <= margin <= ratio * (1 + 1e-9)


@given(st.permutations(range(4)))
def test_the_order_of_rows_does_not_matter(order: list[int]) -> None:
    groups = pd.Series(["a", "a", "b", "b"])
    estimates, margins = pd.Series([0.0, 0, 3, 0]), pd.Series([5.0, 7, 2, 9])
    mixed = moe_of_sum(estimates[order], margins[order], groups[order])
    pd.testing.assert_series_equal(mixed, moe_of_sum(estimates, margins, groups))


@pytest.mark.parametrize(
    ("name", "content", "found"),
    [
        ("answer.json", "<html><title>Missing Key</title></html>", "rows: 'Missing Key'"),
        ("answer.csv", '{"error": "key"}', 'a message of the server, not rows: \'{"error"'),
        ("answer.json", "null", "not rows: 'null'"),
        ("answer.json", "", "an empty file"),
    ],
)
def test_messages_in_place_of_rows(tmp_path: Path, name: str, content: str, found: str) -> None:
    (tmp_path / name).write_text(content, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_foreign_born(tmp_path / name)
    assert f"{name}: found" in str(caught.value)
    assert found in str(caught.value)
