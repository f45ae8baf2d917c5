"""Arrests of every release and format become the same table."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
import pyarrow as pa
import pyreadstat
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet

from geo import ArrestRecords, check_arrests, read_arrests
from geo._arrest_values import parse_times
from geo.arrest_columns import NOT_ARRESTS, RELEASES, SOURCE_COLUMNS, UNRECOGNISED, name_release
from geo.arrest_schema import ARREST_COLUMNS, PERSONAL_COLUMNS

DOCS = Path(__file__).resolve().parents[1] / "docs"

CLEANED = pd.DataFrame(
    {
        "apprehension_date": pd.to_datetime(["2025-01-20", "2025-02-03", "NaT", "2025-02-04"]),
        "apprehension_date_time": pd.to_datetime(
            ["2025-01-20 18:30:00", "2025-02-03 00:00:00", "NaT", "2025-02-04 07:05:09"]
        ),
        "apprehension_state": ["TEXAS", "", "NEW YORK", "Puerto Rico"],
        "apprehension_aor": ["Houston Area of Responsibility", "HQ Area of Responsibility", "", ""],
        "apprehension_method": ["Located", "CAP Local Incarceration", "Located", ""],
        "apprehension_criminality": ["1 Convicted Criminal", "", "", "2 Pending Criminal Charges"],
        "apprehension_site_landmark": [" HARRIS COUNTY JAIL ", "b(6), b(7)c", "nan", "PEÑUELAS"],
        "unique_identifier": ["a1", "a1", "", "c3"],
        "birth_year": [1980.0, 1991.0, float("nan"), 2001.0],
        "citizenship_country": ["MEXICO", "MEXICO", "", "PERU"],
        "gender": ["Male", "Female", "Male", ""],
        "duplicate_likely": [0, 1, 0, 0],
    }
)
RAW = {
    "apprehension_date_time": "Apprehension Date",
    "apprehension_state": "Apprehension State",
    "apprehension_aor": "Apprehension AOR",
    "apprehension_method": "Apprehension Method",
    "apprehension_criminality": "Apprehension Criminality",
    "apprehension_site_landmark": "Apprehension Site Landmark",
    "unique_identifier": "Unique Identifier",
    "birth_year": "Birth Year",
    "citizenship_country": "Citizenship Country",
    "gender": "Gender",
}


def write_sheets(path: Path, sheets: dict[str, list[list[Any]]]) -> None:
    book = openpyxl.Workbook(write_only=True)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(path)


def raw_rows(table: pd.DataFrame = CLEANED) -> list[list[Any]]:
    cells = table[list(RAW)].astype(object)
    return [list(RAW.values()), *cells.where(cells.notna(), None).to_numpy().tolist()]


def write_text(path: Path, **options: Any) -> None:
    CLEANED.to_csv(path, index=False, **options)


def write_zstd(path: Path) -> None:
    content = CLEANED.to_csv(index=False).encode()
    path.write_bytes(pa.Codec("zstd").compress(content, asbytes=True))


def write_as_ice_does(path: Path) -> None:
    preamble: list[list[Any]] = [[f"line {number}"] for number in range(6)]
    write_sheets(path, {"Notes": [["read me"]], "Arrests": [*preamble, *raw_rows()]})


def write_with_zone(path: Path) -> None:
    table = pa.Table.from_pandas(CLEANED, preserve_index=False)
    place = table.schema.get_field_index("apprehension_date_time")
    times = table.column(place).cast(pa.timestamp("us", "UTC"))
    parquet.write_table(table.set_column(place, "apprehension_date_time", times), path)


def write_sav(path: Path) -> None:
    dates = {"apprehension_date": "DATE11", "apprehension_date_time": "DATETIME20"}
    pyreadstat.write_sav(CLEANED, str(path), variable_format=dates)


WRITERS: dict[str, Callable[[Path], None]] = {
    "arrests.csv": write_text,
    "arrests.csv.gz": write_text,
    "arrests.csv.zst": write_zstd,
    "semicolons.csv": lambda path: write_text(path, sep=";"),
    "pipes.txt": lambda path: write_text(path, sep="|"),
    "arrests.tsv": lambda path: write_text(path, sep="\t"),
    "bom.csv": lambda path: write_text(path, encoding="utf-8-sig"),
    "utf16.csv": lambda path: write_text(path, encoding="utf-16"),
    "windows.csv": lambda path: write_text(path, encoding="cp1252"),
    "quoted.csv": lambda path: write_text(path, quoting=1),
    "american.csv": lambda path: write_text(path, date_format="%m/%d/%Y %I:%M:%S %p"),
    "carriage.csv": lambda path: write_text(path, lineterminator="\r"),
    "arrests.parquet": CLEANED.to_parquet,
    "zone.parquet": write_with_zone,
    "arrests.feather": CLEANED.to_feather,
    "arrests.arrow": CLEANED.to_feather,
    "arrests.dta": lambda path: CLEANED.to_stata(path, write_index=False, version=118),
    "arrests.sav": write_sav,
    "cleaned.xlsx": lambda path: CLEANED.to_excel(path, index=False),
    "raw.xlsx": write_as_ice_does,
}


@pytest.mark.parametrize("name", WRITERS)
def test_every_format_gives_the_same_table(tmp_path: Path, name: str) -> None:
    WRITERS[name](tmp_path / name)
    table = read_arrests(tmp_path / name).table
    check_arrests(table)
    assert table.index.equals(pd.RangeIndex(4))
    assert table["file"].unique().tolist() == [name]
    assert table["row"].tolist() == ([8, 9, 10, 11] if name == "raw.xlsx" else [2, 3, 4, 5])
    assert table["apprehension_date"].dt.strftime("%Y-%m-%d").fillna("").tolist() == [
        "2025-01-20",
        "2025-02-03",
        "",
        "2025-02-04",
    ]
    assert table["apprehension_time"].dt.strftime("%H:%M:%S").fillna("").tolist() == [
        "18:30:00",
        "00:00:00",
        "",
        "07:05:09",
    ]
    assert listed(table["state"]) == ["TX", None, "NY", "PR"]
    assert listed(table["aor"]) == ["HOU", "HQ", None, None]
    assert listed(table["method"]) == ["Located", "CAP Local Incarceration", "Located", None]
    assert listed(table["landmark"]) == ["HARRIS COUNTY JAIL", None, None, "PEÑUELAS"]
    assert listed(table["identifier"]) == ["a1", "a1", None, "c3"]
    assert listed(table["birth_year"]) == [1980, 1991, None, 2001]
    assert listed(table["county"]) == [None] * 4
    assert listed(table["ddp_duplicate"]) == (
        [None] * 4 if name == "raw.xlsx" else [False, True, False, False]
    )


def listed(column: pd.Series) -> list[Any]:
    return [None if pd.isna(value) else value for value in column]


def test_what_became_missing_is_counted(tmp_path: Path) -> None:
    write_text(tmp_path / "arrests.csv")
    repairs = read_arrests(tmp_path / "arrests.csv").repairs
    assert repairs.columns.tolist() == ["file", "column", "what", "rows"]
    counted = repairs.set_index(["column", "what"])["rows"]
    assert counted["landmark", "redacted"] == 1
    assert counted["landmark", "a word for missing"] == 1
    assert counted["apprehension_date", "blank"] == 1
    assert counted["state", "blank"] == 1
    assert (repairs["rows"] > 0).all()


def test_every_categorical_is_of_text_without_leftovers(tmp_path: Path) -> None:
    write_sheets(tmp_path / "a.xlsx", {"A": [*raw_rows(), *raw_rows()]})
    table = read_arrests(tmp_path / "a.xlsx").table
    for name in table.columns[table.dtypes == "category"]:
        assert table[name].cat.categories.dtype == "str"
        assert set(table[name].cat.categories) == set(table[name].dropna())


def test_inputs_and_repeats(tmp_path: Path) -> None:
    write_text(tmp_path / "arrests.csv")
    before = (tmp_path / "arrests.csv").read_bytes()
    first, second = (read_arrests(tmp_path / "arrests.csv") for _ in range(2))
    pd.testing.assert_frame_equal(first.table, second.table)
    pd.testing.assert_frame_equal(first.repairs, second.repairs)
    assert (tmp_path / "arrests.csv").read_bytes() == before
    copy = first.to_frame()
    copy.loc[0, "row"] = 99
    assert first.table.loc[0, "row"] == 2


def test_all_sheets_with_arrests_are_read(tmp_path: Path) -> None:
    sheets = {
        "Cover": [["ICE arrests"], ["as of 2025"]],
        "FY24": [["produced in 2025"], [], *raw_rows()],
        "FY25": [[*row[:6], *row[7:]] for row in raw_rows()],
        "Detainers": [["Detainer Prepare Date", "Apprehension Date"], ["2025-01-01", "2025-01-01"]],
    }
    write_sheets(tmp_path / "a.xlsx", sheets)
    records = read_arrests(tmp_path / "a.xlsx")
    assert records.table.groupby("sheet", observed=True).size().to_dict() == {"FY24": 4, "FY25": 4}
    assert records.table["row"].tolist() == [4, 5, 6, 7, 2, 3, 4, 5]
    assert listed(records.table["identifier"])[4:] == [None] * 4
    notes = "\n".join(records.notes)
    assert "the sheet 'Cover' was left out, without a column of arrests' dates" in notes
    assert "the sheet 'Detainers' was left out, a table of detainers" in notes
    assert "arrests were read from the sheets FY24, FY25" in notes
    assert len(read_arrests(tmp_path / "a.xlsx", sheets=["FY25"]).table) == 4


def test_a_table_that_begins_within_the_sheet(tmp_path: Path) -> None:
    rows = [[None, None, *row] for row in raw_rows()]
    write_sheets(tmp_path / "a.xlsx", {"A": [[], [], *rows]})
    table = read_arrests(tmp_path / "a.xlsx").table
    assert table["row"].tolist() == [4, 5, 6, 7]
    assert listed(table["state"]) == ["TX", None, "NY", "PR"]


def test_more_rows_than_are_read_in_one_go(tmp_path: Path) -> None:
    dates = pd.date_range("2024-01-01", periods=20_300, freq="h")
    write_sheets(tmp_path / "a.xlsx", {"A": [["Apprehension Date"], *([day] for day in dates)]})
    table = read_arrests(tmp_path / "a.xlsx").table
    assert table["apprehension_time"].tolist() == dates.tolist()
    assert table["row"].tolist() == list(range(2, 20_302))


@pytest.mark.parametrize("release", dict(RELEASES))
def test_releases_are_named(tmp_path: Path, release: str) -> None:
    marks = next(marks for name, marks in RELEASES if name == release)
    names = list(dict.fromkeys(["apprehension_date", *marks]))
    titles = [name.replace("_", " ").title() for name in names]
    row = ["2025-01-20" if "date" in name else "0" if "duplicate" in name else "" for name in names]
    (tmp_path / "a.csv").write_text(f"{','.join(titles)}\n{','.join(row)}\n", encoding="utf-8")
    assert read_arrests(tmp_path / "a.csv").release == release


def test_columns_of_the_releases_as_published() -> None:
    raw_2026 = (
        "Apprehension Date, Apprehension Type, State, County, TOA Current Duty AOR, Apprehension "
        "Final Program, Arresting Agency, Apprehension Method, Apprehension Site Landmark, "
        "Operation, TOA Current Duty Site, Case Criminality, Anonymized Identifier"
    )
    assert name_release(raw_2026.split(", ")) == "ICE 2026 (raw)"
    assert name_release([*CLEANED.columns]) == "DDP cleaned, 2025"
    cleaned_2026 = {*CLEANED.columns, "apprehension_state_filled_in", "duplicate_drop_row"}
    assert name_release(cleaned_2026) == "DDP cleaned, 2026"
    to_august = {"apprehension_date", "aor", "event_landmark", "duplicate_likely", "city"}
    assert name_release(to_august) == "DDP cleaned, to August 2026 (event_landmark)"
    assert name_release(["apprehension_date", "place"]) == UNRECOGNISED


def test_one_name_means_one_field() -> None:
    names = [name for names in SOURCE_COLUMNS.values() for name in names]
    assert len(names) == len(set(names))
    assert not set(names) & set(NOT_ARRESTS)
    fields = [column.name for column in ARREST_COLUMNS]
    assert [name for name in SOURCE_COLUMNS if name not in fields] == []
    assert [name for name in fields if name not in SOURCE_COLUMNS] == ["file", "sheet", "row"]


def test_the_docs_list_every_column_and_name() -> None:
    text = (DOCS / "inputs.md").read_text(encoding="utf-8")
    documented = {
        row[1]: re.findall(r"`([^`]+)`", row[2])
        for row in re.finditer(r"^\| `(\w+)` \| [^|]+ \| ([^|]*) \|$", text, re.MULTILINE)
    }
    assert documented == {
        column.name: list(SOURCE_COLUMNS.get(column.name, ())) for column in ARREST_COLUMNS
    }


def read(tmp_path: Path, content: str, name: str = "a.csv") -> ArrestRecords:
    (tmp_path / name).write_text(content, encoding="utf-8")
    return read_arrests(tmp_path / name)


def test_unrecognised_columns_are_read_by_their_names(tmp_path: Path) -> None:
    records = read(tmp_path, "Arrest Date,County,Colour\n2025-01-20,48201,red\n")
    assert records.release == UNRECOGNISED
    assert listed(records.table["county"]) == ["48201"]
    assert "not used: Colour" in "\n".join(records.notes)


def test_no_place_at_all(tmp_path: Path) -> None:
    header = "Apprehension Date,Apprehension Method,Arrest Created By,Anonymized Identifier"
    records = read(tmp_path, f"{header}\n2012-01-20,Located,(b)(6)(b)(7)(c),e1\n")
    assert records.release == "ICE 2023 (raw, without places)"
    assert "none can be located" in "\n".join(records.notes)


def test_uwchr(tmp_path: Path) -> None:
    records = read(
        tmp_path,
        "aor|arrest_date|apprehension_landmark|arrest_method|operation|processing_disposition|"
        "citizenship_country|gender|id|hashid\n"
        "NOL|10/05/2012|ORLEANS PARISH|Located||Reinstatement|MEXICO|Male|7|99\n",
        "a.csv",
    )
    assert records.release == "UWCHR 2012-2023"
    row = records.table.iloc[0]
    assert (row["aor"], row["landmark"], row["method"]) == ("NOL", "ORLEANS PARISH", "Located")
    assert row["apprehension_date"] == pd.Timestamp("2012-10-05")
    assert pd.isna(row["identifier"])  # its hash names a row, not a person


def test_the_site_is_preferred_to_the_event(tmp_path: Path) -> None:
    records = read(
        tmp_path,
        "apprehension_date,event_landmark,apprehension_site_landmark\n"
        "2025-01-20,EVENT,SITE\n2025-01-20,EVENT,\n",
    )
    assert listed(records.table["landmark"]) == ["SITE", "EVENT"]
    assert "in 1 rows where that has none from 'event_landmark'" in "\n".join(records.notes)


@pytest.mark.parametrize(
    ("header", "flags"),
    [
        ("duplicate_drop_row,duplicate_episode_first,duplicate_likely", [False, True, None]),
        ("duplicate_likely,duplicate_drop_row,duplicate_episode_first", [True, False, None]),
        ("duplicate_episode_first,duplicate_likely,x", [True, False, None]),
        ("duplicate_likely,x,y", [False, True, None]),
    ],
)
def test_the_best_flag_of_duplicates_is_taken(
    tmp_path: Path, header: str, flags: list[bool | None]
) -> None:
    rows = "2025-01-20,FALSE,TRUE,FALSE\n2025-01-20,TRUE,FALSE,TRUE\n2025-01-20,NA,NA,NA\n"
    records = read(tmp_path, f"apprehension_date,{header}\n{rows}")
    assert listed(records.table["ddp_duplicate"]) == flags
    only_likely = "there is only 'duplicate_likely'" in "\n".join(records.notes)
    assert only_likely == (header == "duplicate_likely,x,y")


DATES = {
    "2025-01-31": "2025-01-31 00:00:00",
    "2025-01-31 18:05": "2025-01-31 18:05:00",
    "2025-01-31T18:05:09.123Z": "2025-01-31 18:05:09",
    "2025-01-31 18:05:09 UTC": "2025-01-31 18:05:09",
    "2025-01-31T18:05:09+00:00": "2025-01-31 18:05:09",
    "2025/1/31": "2025-01-31 00:00:00",
    "20250131": "2025-01-31 00:00:00",
    "1/31/2025": "2025-01-31 00:00:00",
    "01/31/25": "2025-01-31 00:00:00",
    "1/31/2025 6:05 PM": "2025-01-31 18:05:00",
    "1/31/2025 12:05:09 a.m.": "2025-01-31 00:05:09",
    "1/31/2025, 12:05 PM": "2025-01-31 12:05:00",
    "31JAN2025": "2025-01-31 00:00:00",
    "31-Jan-25": "2025-01-31 00:00:00",
    "31jan2025 18:05:09": "2025-01-31 18:05:09",
    "January 31, 2025": "2025-01-31 00:00:00",
    "45688": "2025-01-31 00:00:00",
    "45688.75": "2025-01-31 18:00:00",
    "45688.0": "2025-01-31 00:00:00",
    "2025-02-30": "NaT",
    "2/29/2025": "NaT",
    "2024-02-29": "2024-02-29 00:00:00",
    "2025-13-01": "NaT",
    "0/1/2025": "NaT",
    "2025-01-31 25:00": "NaT",
    "yesterday": "NaT",
    "31Foo2025": "NaT",
    "1 of May 2025": "NaT",
}


def test_dates_in_every_spelling() -> None:
    times = pd.Series(parse_times(pa.array(DATES)), index=list(DATES))
    assert times.dt.strftime("%Y-%m-%d %H:%M:%S").fillna("NaT").to_dict() == DATES


@given(
    st.datetimes(
        min_value=pd.Timestamp("2003-03-01").to_pydatetime(),
        max_value=pd.Timestamp("2100-01-01").to_pydatetime(),
    ).map(lambda moment: moment.replace(microsecond=0)),
    st.sampled_from(["%Y-%m-%d %H:%M:%S", "%m/%d/%Y %I:%M:%S %p", "%d%b%Y %H:%M:%S", "serial"]),
)
def test_dates_come_back(moment: pd.Timestamp, spelling: str) -> None:
    if spelling == "serial":
        text = f"{(moment - pd.Timestamp('1899-12-30')) / pd.Timedelta(days=1):.10f}"
    else:
        text = moment.strftime(spelling)
    assert parse_times(pa.array([text]))[0] == np.datetime64(moment, "s")


@given(st.text(max_size=30))
def test_no_text_breaks_the_parser_of_dates(text: str) -> None:
    assert parse_times(pa.array([text])).dtype == "datetime64[s]"


def test_impossible_dates_are_missing_and_counted(tmp_path: Path) -> None:
    days = ["2025-01-20", "5025-07-07", "2003-02-28", "2101-01-01", "soon", "2003-03-01", ""]
    records = read(tmp_path, "Apprehension Date,State\n" + "".join(f"{day},TX\n" for day in days))
    assert listed(records.table["apprehension_date"].dt.year) == [2025, *[None] * 4, 2003, None]
    counted = records.repairs.query("column == 'apprehension_date'").set_index("what")["rows"]
    assert counted.to_dict() == {
        "blank": 1,
        "no date": 1,
        "before 1 March 2003, when ICE began": 1,
        "after the year 2100": 2,
    }


def test_a_stray_date_is_set_aside(tmp_path: Path) -> None:
    days = [*["2026-03-10"] * 1_500, "2026-09-17"]
    records = read(tmp_path, "Apprehension Date,State\n" + "".join(f"{day},TX\n" for day in days))
    assert records.table["apprehension_date"].max() == pd.Timestamp("2026-03-10")
    assert records.table["apprehension_time"].max() == pd.Timestamp("2026-03-10")
    assert "1 rows are dated 2026-09-17" in "\n".join(records.notes)


def test_a_real_stray_date(shared_data: Path, tmp_path: Path) -> None:
    daily = pd.read_csv(shared_data / "real" / "arrests" / "daily_arrests_five_states.csv")
    arrests = daily.iloc[:, 2:].sum(axis="columns").astype(int)
    rows = pd.DataFrame({"apprehension_date": np.repeat(daily["apprehension_date"], arrests)})
    rows.to_csv(tmp_path / "a.csv", index=False)
    records = read_arrests(tmp_path / "a.csv")
    assert records.table["apprehension_date"].max() == pd.Timestamp("2026-03-10")
    assert "are dated 2026-09-17" in "\n".join(records.notes)


def test_a_gap_that_many_rows_follow_is_no_stray(tmp_path: Path) -> None:
    days = ["2024-03-10"] * 1_500 + ["2026-09-17"] * 2
    records = read(tmp_path, "Apprehension Date,State\n" + "".join(f"{day},TX\n" for day in days))
    assert records.table["apprehension_date"].notna().all()


def test_the_day_and_the_time_come_from_their_own_columns(tmp_path: Path) -> None:
    records = read(
        tmp_path,
        "apprehension_date,apprehension_date_time\n"
        "2025-01-20,2025-01-20 18:30\n2025-01-20,\n"
        ",2025-01-22 08:00\n2025-01-20,2025-03-01 01:00\n",
    )
    assert records.table["apprehension_date"].dt.day.tolist() == [20, 20, 22, 20]
    assert records.table["apprehension_time"].dt.hour.tolist() == [18, 0, 8, 0]
    counted = records.repairs.set_index(["column", "what"])["rows"]
    assert counted["apprehension_time", "on another day than the date"] == 1


def test_unknown_places_are_listed(tmp_path: Path) -> None:
    records = read(
        tmp_path,
        "Apprehension Date,State,AOR,Latitude,Longitude\n"
        "2025-01-20,ONTARIO,Atlantis Field Office,29.7,-95.4\n2025-01-20,ONTARIO,DAL,99,x\n",
    )
    counted = records.repairs.set_index(["column", "what"])["rows"]
    assert counted["state", "'ONTARIO' is no state or territory"] == 2
    assert counted["aor", "'Atlantis Field Office' is no field office"] == 1
    assert listed(records.table["aor"]) == [None, "DAL"]
    assert listed(records.table["longitude"]) == [-95.4, None]


def test_a_county_may_have_a_code_and_a_name(tmp_path: Path) -> None:
    records = read(
        tmp_path,
        "Apprehension Date,County,County FIPS\n2025-01-20,HARRIS,48201\n2025-01-20,BEXAR,\n",
    )
    assert listed(records.table["county"]) == ["48201", "BEXAR"]


@pytest.mark.parametrize(
    "redaction",
    ["b(6), b(7)c", "b(6), b(7)C", "(b)(6)", "(b)(6)(b)(7)(c)", "(b)(6); (b)(7)(C)", "[b(6)]"],
)
def test_redactions(tmp_path: Path, redaction: str) -> None:
    row = f'2025-01-20,"{redaction}",TX'
    records = read(tmp_path, f"Apprehension Date,Unique Identifier,State\n{row}\n")
    assert listed(records.table["identifier"]) == [None]
    assert records.repairs.query("what == 'redacted'")["rows"].tolist() == [1]


def test_identifiers_that_a_spreadsheet_rounded(tmp_path: Path) -> None:
    rows: list[list[Any]] = [["Apprehension Date", "Anonymized Identifier"]]
    rows += [["2025-01-20", 1234567890123456789], ["2025-01-20", 123456789]]
    write_sheets(tmp_path / "a.xlsx", {"A": rows})
    records = read_arrests(tmp_path / "a.xlsx")
    assert listed(records.table["identifier"]) == [None, "123456789"]
    assert "a number that a spreadsheet rounded" in records.repairs["what"].tolist()


@pytest.mark.parametrize(
    ("text", "year"),
    [
        ("1980", 1980),
        ("1980.0", 1980),
        ("1980-05-06", 1980),
        ("5/6/1980", 1980),
        ("80", None),
        ("1980.5", None),
        ("9" * 30, None),
        ("1e999", None),
    ],
)
def test_years_of_birth(tmp_path: Path, text: str, year: int | None) -> None:
    records = read(tmp_path, f"Apprehension Date,Birth Date\n2025-01-20,{text}\n")
    assert listed(records.table["birth_year"]) == [year]


def test_nothing_personal_in_what_is_said(tmp_path: Path) -> None:
    records = read(
        tmp_path,
        "Apprehension Date,Unique Identifier,Birth Year,Citizenship Country,Gender,Odd\n"
        "2025-01-20,secret1,1899,secret2,secret3,secret4\n2025-01-21,secret5,secret6,,,\n",
    )
    said = repr(records) + "\n".join(records.notes) + records.repairs.to_csv()
    assert not re.search(r"secret\d|1899(?!.* to )", said.replace("1900 to 2100", ""))
    assert PERSONAL_COLUMNS == ("identifier", "birth_year", "citizenship", "gender")


def test_several_files(tmp_path: Path) -> None:
    CLEANED.to_parquet(tmp_path / "a.parquet")
    later = CLEANED.assign(
        apprehension_date=CLEANED["apprehension_date"] + pd.Timedelta(days=10),
        apprehension_state="OHIO",
    ).drop(columns=["apprehension_date_time", "duplicate_likely"])
    later.to_csv(tmp_path / "b.csv", index=False)
    records = read_arrests([tmp_path / "a.parquet", str(tmp_path / "b.csv")])
    check_arrests(records.table)
    assert records.table.index.equals(pd.RangeIndex(8))
    assert [source.rows for source in records.sources] == [4, 4]
    assert [source.file for source in records.sources] == ["a.parquet", "b.csv"]
    assert records.release == "DDP cleaned, 2025; ICE 2025 (raw)"
    assert listed(records.table["state"])[4:] == ["OH"] * 4
    assert (
        "a.parquet and b.csv both have arrests from 2025-01-30 to 2025-02-04: the same arrests "
        "may stand in both"
    ) in records.notes
    assert records.repairs["file"].unique().tolist() == ["a.parquet", "b.csv"]


def test_the_order_of_columns_does_not_matter(tmp_path: Path) -> None:
    write_text(tmp_path / "a.csv")
    CLEANED[CLEANED.columns[::-1]].to_csv(tmp_path / "b.csv", index=False)
    one, other = (read_arrests(tmp_path / name).table for name in ("a.csv", "b.csv"))
    pd.testing.assert_frame_equal(one.drop(columns="file"), other.drop(columns="file"))


def test_labels_of_statistics_packages(tmp_path: Path) -> None:
    coded = CLEANED.assign(gender=pd.Categorical(["Male", "Female", "Male", "Male"]))
    coded.to_stata(tmp_path / "a.dta", write_index=False, version=118)
    assert listed(read_arrests(tmp_path / "a.dta").table["gender"])[:2] == ["Male", "Female"]


def test_every_row_group_of_a_parquet_file(tmp_path: Path) -> None:
    table = pd.concat([CLEANED, CLEANED.assign(apprehension_state="OHIO")], ignore_index=True)
    parquet.write_table(pa.Table.from_pandas(table), tmp_path / "a.parquet", row_group_size=3)
    assert listed(read_arrests(tmp_path / "a.parquet").table["state"]) == [
        "TX",
        None,
        "NY",
        "PR",
        *["OH"] * 4,
    ]


def test_the_schema_is_checked() -> None:
    with pytest.raises(ValueError, match=r"column 'row' is missing; .*'ddp_duplicate' is missing"):
        check_arrests(pd.DataFrame())
