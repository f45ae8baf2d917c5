"""One number a county out of any table: codes, numbers, formats, and every problem at once."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import pandas as pd
import pyreadstat
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from boundaries import county_codes
from geo import CountyValues, InputError, read_county_values, repair_county_codes

CODES = sorted(county_codes(2019))
Reads = Callable[..., CountyValues]


@pytest.fixture
def reads(tmp_path: Path) -> Reads:
    """Write a CSV file and read its rates."""

    def read(content: str | bytes, **options: Any) -> CountyValues:
        path = tmp_path / "rates.csv"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        options = {"kind": "rate", **options}
        return read_county_values(path, names=["rate"], what="a rate", **options)

    return read


def values(read: CountyValues) -> dict[str, float]:
    return {str(code): float(rate) for code, rate in read.by_county.items()}


def repaired(word: str) -> str | None:
    code = repair_county_codes(pd.Series([word], dtype="str")).iloc[0]
    return None if pd.isna(code) else str(code)


@given(st.sampled_from(CODES), st.data())
def test_every_way_of_losing_digits_is_repaired(code: str, data: st.DataObject) -> None:
    short = data.draw(st.sampled_from([code, str(int(code)), f"0500000US{code}"]))
    tail = data.draw(st.sampled_from(["", ".0", ".000", "."]))
    blank = data.draw(st.sampled_from(["", " ", "\t", "\u00a0"]))
    assert repaired(f"{blank}{short}{tail}{blank}") == code


@given(st.one_of(st.text(), st.from_regex(r"[0-9]{0,9}\.?[0-9]{0,3}", fullmatch=True)))
def test_a_repaired_code_has_five_digits_or_is_missing(word: str) -> None:
    code = repaired(word)
    assert code is None or (len(code) == 5 and code.isascii() and code.isdigit())


@pytest.mark.parametrize(
    "word",
    [
        "",
        "Texas",
        "001001",
        "01001020100",
        "1001.5",
        "-1001",
        "1.001E+03",
        "1e3",
        "1 001",
        "\u0661\u0660\u0660\u0661",
    ],
)
def test_what_is_no_code_is_missing(word: str) -> None:
    assert repaired(word) is None


@given(
    rates=st.dictionaries(
        st.sampled_from(CODES), st.floats(0, 1e9, exclude_max=True), min_size=1, max_size=6
    ),
    chance=st.randoms(),
)
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_numbers_survive_the_file_and_row_order_does_not_matter(
    reads: Reads, rates: dict[str, float], chance: Random
) -> None:
    rows = [f"{int(code)},{rate!r}\n" for code, rate in rates.items()]
    chance.shuffle(rows)
    read = reads("fips,rate\n" + "".join(rows))
    assert values(read) == rates
    assert read.by_county.index.is_monotonic_increasing


def test_state_totals_are_dropped_and_counted(reads: Reads) -> None:
    read = reads("fips,rate\n0,9\n1000,9\n48000,not a number\n1001,3\n1003,\n")
    assert read.by_county.dropna().to_dict() == {"01001": 3}
    assert read.source.state_totals == 3
    assert read.source.missing == 1
    assert read.source.rows == 5


def test_source_tells_where_the_numbers_are_from(reads: Reads) -> None:
    content = b"fips,Rate\n1001,3\n"
    source = reads(content).source
    assert (source.file, source.column, source.vintage) == ("rates.csv", "Rate", 2019)
    assert source.sha256 == hashlib.sha256(content).hexdigest()


@pytest.mark.parametrize(
    "header", ["fips", "FIPS", " Fips ", "county_fips", "GEOID", "id", "fips_code", "CountyFIPS"]
)
def test_usual_names_of_the_code(reads: Reads, header: str) -> None:
    assert values(reads(f"{header},rate\n1001,3\n")) == {"01001": 3}


@pytest.mark.parametrize("header", ["state,county", "STATEFP,COUNTYFP", "state_fips,county_code"])
def test_state_and_county_in_two_columns(reads: Reads, header: str) -> None:
    assert values(reads(f"{header},rate\n1,1,3\n48,201,4\n02,020.0,5\n01.0,000,9\n")) == {
        "01001": 3,
        "02020": 5,
        "48201": 4,
    }


def test_one_column_of_codes_is_preferred_to_two(reads: Reads) -> None:
    assert values(reads("state,county,fips,rate\nAlabama,Autauga,1001,3\n")) == {"01001": 3}


def test_usual_names_are_tried_in_order_and_a_chosen_one_wins(reads: Reads) -> None:
    content = "fips,first_rate,Violent Crime RATE\n1001,1,2\n"
    assert values(reads(content, column="violent_crime_rate")) == {"01001": 2}
    assert values(reads(content, column=" FIRST RATE ")) == {"01001": 1}
    with pytest.raises(InputError, match="found the columns fips, first_rate, Violent Crime RATE"):
        reads(content)


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("12", 12),
        ("-0", 0),
        ("+1.5", 1.5),
        (".5", 0.5),
        ("5.", 5),
        ("1e5", 100_000),
        ('"1,234"', 1_234),
        ('"1,234,567.5"', 1_234_567.5),
        ("  7  ", 7),
        ("\u00a07\u00a0", 7),
    ],
)
def test_numbers_however_written(reads: Reads, written: str, number: float) -> None:
    assert values(reads(f"fips,rate\n1001,{written}\n")) == {"01001": number}


@pytest.mark.parametrize("word", ["", "NA", "n/a", "NaN", "None", "null", ".", "-", " "])
def test_missing_is_missing_and_not_zero(reads: Reads, word: str) -> None:
    read = reads(f"fips,rate\n1001,{word}\n1003,0\n")
    assert read.by_county.isna().to_dict() == {"01001": True, "01003": False}
    assert read.source.missing == 1


@pytest.mark.parametrize(
    "word",
    ["many", "5%", "$5", "1 234", '"12,34"', "inf", "-inf", "1e999", "0x10", "+", "e5", "5e",
     "1_000", "\u0665", "\uff15", "\u00b2", "\u22125", "5\x00", "True", "=1+1"],
)  # fmt: skip
def test_text_in_a_number_is_refused_with_its_row(reads: Reads, word: str) -> None:
    with pytest.raises(
        InputError, match=r"rates\.csv, row 3, column 'rate': found .*; expected a "
    ):
        reads(f"fips,rate\n1001,1\n1003,{word}\n")


def test_every_problem_is_reported_at_once(reads: Reads) -> None:
    content = "fips,rate\n1001,1\n1001,2\n99999,3\nTexas,4\n1003,-1\n1005,x\n9001,1\n9110,1\n1005,"
    with pytest.raises(InputError) as caught:
        reads(content)
    found = {(problem.where, problem.found) for problem in caught.value.problems}
    assert found == {
        ("county 01001", "rows 2, 3 for the same county"),
        ("county 01005", "rows 7, 10 for the same county"),
        ("row 4", "county code '99999'"),
        ("row 5", "county code 'Texas'"),
        ("row 6, column 'rate'", "'-1'"),
        ("row 7, column 'rate'", "'x'"),
        ("", "county codes of two vintages: 09001 existed only until 2022, 09110 only since"),
    }
    assert all(problem.file == "rates.csv" and problem.action for problem in caught.value.problems)


def test_a_flood_of_problems_is_cut_short_but_kept(reads: Reads) -> None:
    with pytest.raises(InputError, match=r"\.\.\. and 150 more of the same kinds$") as caught:
        reads("fips,rate\n" + "x,-1\n" * 100)
    assert len(caught.value.problems) == 200


def test_codes_alike_after_repair_are_the_same_county(reads: Reads) -> None:
    with pytest.raises(InputError, match="county 01001: found rows 2, 3, 4 for the same county"):
        reads("fips,rate\n01001,1\n1001.0,1\n0500000US01001,1\n")


def test_counts_of_other_years_are_carried_and_listed(reads: Reads) -> None:
    content = "fips,rate\n1001,1\n9120,100\n9140,1000\n9190,10\n2063,3\n2066,4\n"
    read = reads(content, kind="count")
    shelton, fairfield = 40_869 / 450_376, 590_772 / 620_549
    assert read.by_county.dropna().to_dict() == pytest.approx(
        {"01001": 1, "02261": 7, "09001": 100 + 1000 * shelton + 10 * fairfield}
    )
    assert read.by_county.index[read.by_county.isna()].tolist() == ["09003", "09005", "09009"]
    assert read.source.missing == 3
    assert set(read.carried["fips"]) == {"02063", "02066", "09120", "09140", "09190"}
    assert "No data for 09003, 09005, 09009" in read.notes[-1]


def test_rates_of_other_years_are_means_by_residents(reads: Reads) -> None:
    read = reads("fips,rate\n2063,300\n2066,600\n46113,5\n", kind="rate")
    mean = (300 * 7_102 + 600 * 2_617) / (7_102 + 2_617)
    assert values(read) == pytest.approx({"02261": mean, "46102": 5})


def test_whole_numbers_stay_whole_and_areas_without_a_row_have_none(reads: Reads) -> None:
    read = reads("fips,rate\n9140,1\n9190,10\n", kind="count", whole=True, complete=True)
    assert read.by_county.sum() == 11
    assert (read.by_county % 1 == 0).all()
    assert read.by_county["09001"] == 10


def test_a_table_of_this_vintage_has_no_notes(reads: Reads) -> None:
    read = reads("fips,rate\n1001,1\n9001,2\n2261,3\n51019,4\n")
    assert read.notes == ()
    assert read.carried.empty


def test_a_code_of_no_county_is_refused(reads: Reads) -> None:
    with pytest.raises(InputError, match="county code '00001'; expected a five-digit code"):
        reads("fips,rate\n00001,1\n1001,1\n")


@pytest.mark.parametrize("content", ["fips,rate\n1001,\n1003,NA\n", "fips,rate\n1000,7\n0,7\n"])
def test_nothing_but_missing_values_or_state_totals_is_refused(reads: Reads, content: str) -> None:
    with pytest.raises(InputError, match="column 'rate': found no value in any row"):
        reads(content)


def test_only_counts_must_be_whole(reads: Reads) -> None:
    content = "fips,rate\n1001,1.5\n1003,2.0\n"
    assert values(reads(content)) == {"01001": 1.5, "01003": 2}
    with pytest.raises(InputError, match=r"row 2, column 'rate': found '1\.5'; expected a whole"):
        reads(content, whole=True)


def test_rows_are_filtered_before_they_are_checked(reads: Reads) -> None:
    content = "year,Flag,fips,rate\n2021,1,1001,1\n2021,3,1001,x\n2022,1,9110,-1\n2021.0,2,1003,2\n"
    read = reads(content, where={"YEAR": ["2021"], "flag": ["1", "2"]})
    assert values(read) == {"01001": 1, "01003": 2}
    assert read.source.filtered_out == 2
    assert read.source.rows == 4


def test_a_filter_that_leaves_nothing_shows_the_values_there_are(reads: Reads) -> None:
    content = "year,fips,rate\n2021,1001,1\n2022,1003,1\n"
    with pytest.raises(InputError, match="no row with 2019; expected values such as 2021, 2022"):
        reads(content, where={"year": ["2019"]})
    with pytest.raises(InputError, match="expected a column 'flag' with the values to filter by"):
        reads(content, where={"flag": ["1"]})


def write_excel(table: pd.DataFrame, path: Path) -> None:
    table.to_excel(path, index=False)


def write_parquet(table: pd.DataFrame, path: Path) -> None:
    table.to_parquet(path, index=False)


def write_stata(table: pd.DataFrame, path: Path) -> None:
    table.to_stata(path, write_index=False)


def write_spss(table: pd.DataFrame, path: Path) -> None:
    pyreadstat.write_sav(table, str(path))


def write_csv(table: pd.DataFrame, path: Path) -> None:
    table.to_csv(path, index=False)


WRITERS = {
    ".csv": write_csv,
    ".parquet": write_parquet,
    ".xlsx": write_excel,
    ".dta": write_stata,
    ".sav": write_spss,
}


@pytest.mark.parametrize("suffix", WRITERS)
@pytest.mark.parametrize("kind", ["int", "float", "str"])
def test_every_format_gives_the_same_numbers(tmp_path: Path, suffix: str, kind: str) -> None:
    fips = pd.Series([1001, 1003, 48201, 1000], dtype=kind if kind != "str" else "int")
    table = pd.DataFrame(
        {"fips": fips.astype("str") if kind == "str" else fips, "rate": [0.1, None, 1 / 3, 9.0]}
    )
    path = tmp_path / f"rates{suffix}"
    WRITERS[suffix](table, path)
    read = read_county_values(path, names=["rate"], what="a rate", kind="rate")
    assert read.by_county.dropna().to_dict() == {"01001": 0.1, "48201": 1 / 3}
    assert read.by_county.index.tolist() == ["01001", "01003", "48201"]
    assert read.source.state_totals == 1


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_encodings_and_line_ends(reads: Reads, encoding: str, newline: str) -> None:
    lines = ['"fips","name","rate"', '35013,"Doña Ana, NM",5', "72001,Mayagüez,6"]
    read = reads(newline.join(lines).encode(encoding), where={"name": ["doña ana, nm"]})
    assert values(read) == {"35013": 5}


def test_a_quoted_line_break_is_part_of_its_value(reads: Reads) -> None:
    assert values(reads('fips,note,rate\n1001,"a\n1003,b",5\n1005,c,6\n')) == {
        "01001": 5,
        "01005": 6,
    }


@pytest.mark.parametrize("suffix", [".xlsx", ".parquet", ".dta", ".sav", ".csv"])
@pytest.mark.parametrize("content", [b"", b" \n\n"])
def test_empty_files_are_refused_in_every_format(
    tmp_path: Path, suffix: str, content: bytes
) -> None:
    path = tmp_path / f"rates{suffix}"
    path.write_bytes(content)
    with pytest.raises(InputError, match=rf"rates{suffix}: found .*; expected"):
        read_county_values(path, names=["rate"], what="a rate", kind="rate")


@pytest.mark.parametrize(
    "suffix",
    [
        ".xlsx",
        ".parquet",
        ".dta",
        ".sav",
    ],
)
def test_truncated_files_are_refused(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"rates{suffix}"
    WRITERS[suffix](pd.DataFrame({"fips": [1001, 1003], "rate": [1.0, 2.0]}), path)
    whole = path.read_bytes()
    for length in (3, 60, len(whole) // 2, len(whole) - 9):
        path.write_bytes(whole[:length])
        with pytest.raises(InputError, match=rf"rates{suffix}: found content that cannot be read"):
            read_county_values(path, names=["rate"], what="a rate", kind="rate")


@pytest.mark.parametrize("name", ["rates", "rates.ods", "rates.csv.gz", "rates.csv"])
def test_what_is_no_table_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / name).mkdir()
    with pytest.raises(InputError, match=r"found (a file of type|a folder)"):
        read_county_values(tmp_path / name, names=["rate"], what="a rate", kind="rate")


def test_rows_longer_than_the_header_are_refused(reads: Reads) -> None:
    with pytest.raises(InputError, match=r"rates\.csv"):
        reads("name,fips,rate\nAutauga,1001,1003,7\n")


@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_a_column_given_twice_is_refused(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"rates{suffix}"
    WRITERS[suffix](pd.DataFrame([[1001, 1, 2]], columns=["fips", "rate", "rate"]), path)
    with pytest.raises(InputError, match="found the columns rate twice"):
        read_county_values(path, names=["rate"], what="a rate", kind="rate")


def test_rows_are_numbered_as_in_the_file(reads: Reads) -> None:
    with pytest.raises(InputError, match="row 5, column 'rate'"):
        reads("fips,rate\n\n1001,1\n\n1003,x\n")


def test_row_numbers_named_id_are_not_taken_for_codes(reads: Reads) -> None:
    read = reads("id,state,county,rate\n1,01,001,5\n2,01,003,6\n")
    assert read.by_county.to_dict() == {"01001": 5, "01003": 6}


def test_names_of_state_and_county_are_not_taken_for_codes(reads: Reads) -> None:
    read = reads("id,state,county,rate\n1001,Alabama,Autauga,5\n")
    assert read.by_county.to_dict() == {"01001": 5}


def test_a_large_file_is_read(reads: Reads) -> None:
    rows = "".join(f"{year},{code},{year % 7}\n" for year in range(2000, 2060) for code in CODES)
    read = reads("year,fips,rate\n" + rows, where={"year": ["2042"]})
    assert len(read.by_county) == len(CODES)
    assert set(read.by_county) == {2042 % 7}
    assert read.source.filtered_out == 59 * len(CODES)
