"""Files of arrests that are wrong in every way: refused in words, or read with a count."""

import gzip
import io
import re
import struct
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet

from geo import InputError, read_arrests

HEADER = "Apprehension Date,Apprehension State,Apprehension AOR,Apprehension Site Landmark"
ROW = "2025-01-20,TEXAS,Houston Area of Responsibility,HARRIS COUNTY JAIL"
GOOD = f"{HEADER}\n{ROW}\n"
OLE = bytes.fromhex("D0CF11E0A1B11AE1")

Rows = Sequence[Sequence[Any]]


def workbook(**sheets: Rows) -> bytes:
    book = openpyxl.Workbook(write_only=True)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def good_workbook() -> bytes:
    return workbook(Arrests=[line.split(",") for line in GOOD.splitlines()])


def as_parquet(**columns: list[Any]) -> bytes:
    stream = io.BytesIO()
    parquet.write_table(pa.table(columns), stream)
    return stream.getvalue()


def as_stata() -> bytes:
    stream = io.BytesIO()
    pd.DataFrame({"apprehension_date": [pd.Timestamp("2025-01-20")]}).to_stata(
        stream, write_index=False
    )
    return stream.getvalue()


def zip_bomb() -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        with archive.open("xl/worksheets/sheet1.xml", "w") as sheet:
            for _ in range(100):
                sheet.write(bytes(1 << 20))
    return stream.getvalue()


def false_zip_bomb() -> bytes:
    """Make a workbook of a few bytes that declares five gigabytes."""
    content = bytearray(good_workbook())
    place = content.rindex(b"PK\x01\x02")
    content[place + 24 : place + 28] = struct.pack("<I", 0xF0000000)
    return bytes(content)


def rows_of(*rows: str) -> str:
    return "".join(f"{row}\n" for row in (HEADER, *rows))


REFUSED: dict[str, tuple[str, str | bytes, tuple[str, ...]]] = {
    "empty": ("a.csv", "", ("an empty file", "a header and rows")),
    "blank": ("a.csv", "\n \n", ("an empty file",)),
    "unknown type": ("a.docx", "x", ("a file of type '.docx'", ".csv, ", ".xlsx", "check")),
    "no type": ("arrests", GOOD, ("a file of type ''",)),
    "archive": ("a.zip", b"PK\x03\x04", ("'.zip'", "unpack it and give the table inside")),
    "header only": ("a.csv", HEADER + "\n", ("no rows below the header",)),
    "header only, workbook": (
        "a.xlsx",
        workbook(A=[HEADER.split(",")]),
        ("no rows below the header",),
    ),
    "blank rows only": ("a.csv", rows_of(",,,", ",,,"), ("no rows below the header",)),
    "no rows, parquet": (
        "a.parquet",
        as_parquet(apprehension_date=pa.array([], pa.string())),
        ("no rows below the header",),
    ),
    "renamed columns": (
        "a.csv",
        "Day,Where\n2025-01-20,TX\n",
        ("no such column but Day, Where", "apprehension_date, arrest_date", "name the column"),
    ),
    "renamed columns, parquet": (
        "a.parquet",
        as_parquet(day=["2025-01-20"], place=["TX"]),
        ("no such column but day, place", "apprehension_date"),
    ),
    "wrong delimiter": (
        "a.csv",
        GOOD.replace(",", "~"),
        ("no such column but Apprehension Date~Apprehension State", "apprehension_date"),
    ),
    "no header": (
        "a.csv",
        "2025-01-20,TX,deadbeef00,1980,MEXICO\n" * 2,
        ("found 5 columns without names; expected a header",),
    ),
    "no header, by number": (
        "a.parquet",
        as_parquet(**{"0": ["2025-01-20"], "1": ["TX"]}),
        ("no such column but 0, 1",),
    ),
    "spaces between columns": ("a.txt", "Date  State\n2025  TX\n", ("no such column but Date",)),
    "wrong sheets": (
        "a.xlsx",
        workbook(Cover=[["Arrests", "by month"]], Months=[["month", "n"], [1, 2]], Empty=[]),
        ("sheet 'Cover'", "Arrests, by month", "sheet 'Months'", "month, n", "'Empty': found no"),
    ),
    "detainers": (
        "a.csv",
        "detainer_prepare_date,apprehension_date,facility_state\n2025-01-20,2025-01-20,TX\n",
        ("a table of detainers (it has a column 'detainer_prepare_date')", "download the arrests"),
    ),
    "detentions": (
        "a.csv",
        "stay_book_in_date_time,detention_facility_code\n2025-01-20,X\n",
        ("a table of detention stays",),
    ),
    "removals": ("a.csv", "Departed Date,Port of Departure\n2025-01-20,X\n", ("of removals",)),
    "encounters": ("a.csv", "Event Date,Event Type\n2025-01-20,X\n", ("a table of encounters",)),
    "detainers in a workbook": (
        "a.xlsx",
        workbook(D=[["title"], ["Detainer Prepare Date", "Apprehension Date"], ["x", "y"]]),
        ("sheet 'D'", "a table of detainers"),
    ),
    "no date at all": (
        "a.csv",
        rows_of(",TEXAS,,", "soon,TEXAS,,"),
        ("no usable date in 2 rows", "column 'Apprehension Date'", "1/31/2025"),
    ),
    "only impossible dates": ("a.csv", rows_of("5025-01-20,TX,,"), ("no usable date in 1 rows",)),
    "day before month": (
        "a.csv",
        rows_of("20/01/2025,TX,,", "02/01/2025,TX,,"),
        ("dates with the day before the month", "write the dates as 2025-01-31"),
    ),
    "contradicting columns": (
        "a.csv",
        "Apprehension Date,State,Apprehension State\n2025-01-20,TX,OHIO\n2025-01-20,TX,TEXAS\n",
        ("columns 'Apprehension State' and 'State'", "the field state, and differ in 1 rows"),
    ),
    "the same column twice": (
        "a.csv",
        "Apprehension Date,State,State\n2025-01-20,TX,OH\n",
        ("columns 'State' and 'State'", "differ in 1 rows", "remove or rename"),
    ),
    "the same column twice, parquet": (
        "a.parquet",
        as_parquet(apprehension_date=["2025-01-20"], state=["TX"], State=["OH"]),
        ("columns 'state' and 'State'", "differ in 1 rows"),
    ),
    "unclosed quote": (
        "a.csv",
        rows_of('2025-01-20,TX,,"HARRIS', "2025-01-20,TX,,X", "2025-01-20,TX,,X"),
        ("a quotation mark that is opened and never closed", "check the file"),
    ),
    "rows longer than the header": (
        "a.csv",
        rows_of("2025-01-20,TX,,JAIL, DALLAS, TX", ROW),
        ("1 rows with more cells than the header's 4", "row 2", "check the delimiter"),
    ),
    "truncated workbook": ("a.xlsx", good_workbook()[:2_000], ("cannot be read", ".xlsx")),
    "four bytes of a workbook": ("a.xlsx", b"PK\x03\x04", ("cannot be read",)),
    "another zip archive": ("a.xlsx", b"PK\x05\x06" + bytes(18), ("cannot be read",)),
    "truncated parquet": (
        "a.parquet",
        as_parquet(apprehension_date=["2025-01-20"])[:-20],
        ("cannot be read", "a whole .parquet file"),
    ),
    "truncated feather": ("a.feather", b"ARROW1" + bytes(50), ("cannot be read",)),
    "truncated Stata": ("a.dta", as_stata()[:-4], ("cannot be read",)),
    "truncated SPSS": ("a.sav", b"$FL2@(#) SPSS DATA FILE" + bytes(90), ("cannot be read",)),
    "truncated gzip": ("a.csv.gz", gzip.compress(GOOD.encode() * 99)[:40], ("cannot be read",)),
    "truncated zstd": ("a.csv.zst", b"\x28\xb5\x2f\xfd\x04\x00", ("cannot be read",)),
    "protected workbook": (
        "a.xlsx",
        OLE + bytes(2_000) + "EncryptedPackage".encode("utf-16-le") + bytes(90),
        ("protected by a password", "save it without a password"),
    ),
    "protected old workbook": (
        "a.xls",
        OLE + bytes(2_000) + "EncryptedPackage".encode("utf-16-le") + bytes(90),
        ("protected by a password",),
    ),
    "broken old workbook": ("a.xls", OLE + bytes(2_000), ("cannot be read", ".xls")),
    "zip bomb": ("a.xlsx", zip_bomb(), ("to 104,857,608 bytes", "at most 67,108,864 bytes")),
    "zip bomb by its word": ("a.xlsx", false_zip_bomb(), ("that unpack to 4,0", "do not open")),
    "gzip bomb": (
        "a.csv.gz",
        gzip.compress(GOOD.encode() + bytes(80 << 20)),
        ("to more than 67,108,864 bytes; expected at most 67,108,864 bytes", "do not open"),
    ),
    "web page": ("a.csv", "<!DOCTYPE html><html>", ("a web page", "download the file again")),
    "web page as a workbook": ("a.xlsx", " <html><body>", ("a web page",)),
    "PDF": ("a.csv", b"%PDF-1.7", ("a PDF document",)),
    "pointer of Git LFS": (
        "a.parquet",
        "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n",
        ("a pointer of Git LFS", "check its size"),
    ),
    "nothing but NUL bytes": ("a.csv", bytes(4_096), ("a.csv",)),
    "all bytes": ("a.csv", bytes(range(256)) * 20, ("a.csv",)),
    "a picture": ("a.csv", b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4, ("a.csv",)),
    "UTF-16 cut short": ("a.csv", GOOD.encode("utf-16")[:-1], ("cannot be read",)),
    "no sheet with cells": ("a.xlsx", workbook(Empty=[]), ("sheet 'Empty': found no cells",)),
}


def refusal(*paths: Path, **options: Any) -> str:
    with pytest.raises(InputError) as caught:
        read_arrests(paths, **options)
    message = str(caught.value)
    assert all(line.count("; ") >= 2 for line in message.splitlines())  # found; expected; action
    assert not re.search(r"Traceback|\.py|NoneType|0x", message)
    return message


def put(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


@pytest.mark.parametrize("case", REFUSED)
def test_refused(tmp_path: Path, case: str) -> None:
    name, content, said = REFUSED[case]
    message = refusal(put(tmp_path, name, content))
    assert message.startswith(name)
    assert [words for words in said if words not in message] == []


LONG = "LANDMARK " * 1_200

READ: dict[str, tuple[str, str | bytes, int, tuple[str, ...]]] = {
    "one row": ("a.csv", GOOD, 1, ()),
    "a header twice": ("a.csv", rows_of(ROW, HEADER, ROW), 2, (",the header once more,1",)),
    "two headers": (
        "a.xlsx",
        workbook(A=[["When", None, "Where"], HEADER.split(","), HEADER.split(","), ROW.split(",")]),
        1,
        (",the header once more,1",),
    ),
    "blank rows": ("a.csv", rows_of(ROW, "", ",,,", " , ,,", ROW), 2, (",a blank row,3",)),
    "notes below": (
        "a.csv",
        rows_of(ROW, "", "Source: ICE", '"As of 2025, preliminary"'),
        1,
        (",a note below the table,2", ",a blank row,1"),
    ),
    "preamble": ("a.csv", f'"Arrests, all of them"\n\nas of,2025\n{GOOD}', 1, ()),
    "mixed encodings": (
        "a.csv",
        rows_of(ROW).encode()
        + "2025-01-21,PR,,PEÑUELAS\n".encode()
        + "2025-01-21,PR,,PEÑUELAS\n".encode("cp1252"),
        3,
        ("1 lines are not UTF-8 and were read as Windows-1252",),
    ),
    "NUL bytes": ("a.csv", rows_of("2025-01-20,TEX\0AS,,JA\0IL"), 1, ()),
    "a long landmark": ("a.csv", rows_of(f"2025-01-20,TX,,{LONG}"), 1, ()),
    "long landmarks": (
        "a.csv",
        rows_of(*[f"2025-01-20,TX,,{LONG}{n}" for n in range(300)]),
        300,
        (),
    ),
    "a newline in quotes": ("a.csv", rows_of('2025-01-20,TX,,"JAIL,\nHARRIS, TX"', ROW), 2, ()),
    "short rows": ("a.csv", rows_of("2025-01-20,TX", ROW), 2, ()),
    "trailing delimiters": ("a.csv", rows_of(ROW + ",,", ROW), 2, ()),
    "a few rows that are too long": (
        "a.csv",
        rows_of(*[ROW] * 200, ROW + ",MORE"),
        200,
        (",a row with more cells than the header,1",),
    ),
    "a quotation mark within": ("a.csv", rows_of('2025-01-20,TX,,6" PIPE ROAD'), 1, ()),
    "text under a workbook's name": (
        "a.xlsx",
        GOOD,
        1,
        ("a.xlsx is text in spite of its name, and was read as such",),
    ),
    "a workbook under a text's name": (
        "a.csv",
        good_workbook(),
        1,
        ("a.csv is an Excel workbook in spite of its name",),
    ),
    "parquet under a workbook's name": (
        "a.xlsx",
        as_parquet(apprehension_date=["2025-01-20"], state=["TX"]),
        1,
        ("is a Parquet file in spite of its name",),
    ),
    "gzip under a text's name": ("a.csv", gzip.compress(GOOD.encode()), 1, ("compressed by gzip",)),
    "formula cells": (
        "a.xlsx",
        workbook(A=[["Apprehension Date", "State", "N"], ["2025-01-20", "=1+1", "=A2"]]),
        1,
        ("state,blank,1",),
    ),
    "spreadsheet errors": (
        "a.csv",
        rows_of("2025-01-20,#N/A,#REF!,"),
        1,
        ("a word for missing,1",),
    ),
    "numbers for dates": (
        "a.xlsx",
        workbook(A=[["Apprehension Date", "State"], [45688, "TX"], ["45688.5", "TX"]]),
        2,
        (),
    ),
    "dates of several kinds": (
        "a.csv",
        rows_of("2025-01-20,TX,,", "1/21/2025,TX,,", "45688,TX,,", "5025-07-07,TX,,", "x,TX,,"),
        5,
        ("apprehension_date,no date,1", "apprehension_date,after the year 2100,1"),
    ),
    "all places missing": (
        "a.csv",
        rows_of('2025-01-20,NA,-,"b(6), b(7)c"'),
        1,
        ("landmark,redacted,1", "state,a word for missing,1"),
    ),
    "columns that agree": (
        "a.csv",
        "Apprehension Date,State,Apprehension State,State\n2025-01-20,TX,TEXAS,\n2025-01-20,,,OH\n",
        2,
        ("state was read from 'Apprehension State', and in 1 rows",),
    ),
    "names in capitals with odd spaces": (
        "a.csv",
        " APPREHENSION  DATE ,apprehension-state\n2025-01-20,TX\n",
        1,
        ("unrecognised columns",),
    ),
    "carriage returns and newlines": ("a.csv", GOOD.replace("\n", "\r\n"), 1, ()),
    "no newline at the end": ("a.csv", GOOD.rstrip("\n"), 1, ()),
    "a column of geometry": (
        "a.parquet",
        as_parquet(apprehension_date=["2025-01-20"], geometry=[b"\x01"], parts=[[1]]),
        1,
        (),
    ),
}


@pytest.mark.parametrize("case", READ)
def test_read_with_a_count(tmp_path: Path, case: str) -> None:
    name, content, rows, said = READ[case]
    records = read_arrests(put(tmp_path, name, content))
    assert len(records.table) == rows
    text = "\n".join([*records.notes, records.release, records.repairs.to_csv(index=False)])
    assert [words for words in said if words not in text] == []
    assert records.table["apprehension_date"].notna().any()


def test_what_was_kept_of_odd_texts(tmp_path: Path) -> None:
    content = READ["NUL bytes"][1]
    row = read_arrests(put(tmp_path, "a.csv", content)).table.iloc[0]
    assert (row["state"], row["landmark"]) == ("TX", "JAIL")
    content = READ["a long landmark"][1]
    row = read_arrests(put(tmp_path, "b.csv", content)).table.iloc[0]
    assert row["landmark"] == LONG.strip()
    content = READ["mixed encodings"][1]
    table = read_arrests(put(tmp_path, "c.csv", content)).table
    assert table["landmark"].tolist()[1:] == ["PEÑUELAS", "PEÑUELAS"]
    content = READ["short rows"][1]
    table = read_arrests(put(tmp_path, "d.csv", content)).table
    assert table["row"].tolist() == [2, 3]
    assert table["landmark"].isna().tolist() == [True, False]


def test_rows_keep_their_numbers(tmp_path: Path) -> None:
    content = f"title\n\n{rows_of(ROW, '', HEADER, '2025-01-20', ROW, 'note')}"
    table = read_arrests(put(tmp_path, "a.csv", content)).table
    assert table["row"].tolist() == [4, 7, 8]


def test_a_missing_file_and_a_folder(tmp_path: Path) -> None:
    (tmp_path / "folder.csv").mkdir()
    message = refusal(tmp_path / "absent.csv", tmp_path / "folder.csv")
    assert "absent.csv: found no such file" in message
    assert "folder.csv: found a folder" in message


def test_problems_of_several_files_are_reported_at_once(tmp_path: Path) -> None:
    paths = [
        put(tmp_path, "a.csv", ""),
        put(tmp_path, "b.csv", GOOD),
        put(tmp_path, "c.csv", GOOD),
        put(tmp_path, "d.csv", "Day\n1\n"),
        put(tmp_path, "e.csv", "Apprehension Date,State,State,AOR,AOR\nx,TX,OH,DAL,HOU\n"),
    ]
    lines = refusal(*paths).splitlines()
    assert [line[: line.index("found")] for line in lines] == [
        "a.csv: ",
        "d.csv: ",
        "e.csv, column 'Apprehension Date': ",
        "e.csv, columns 'State' and 'State': ",
        "e.csv, columns 'AOR' and 'AOR': ",
        "c.csv: ",
    ]
    assert "the same content as b.csv" in lines[-1]


def test_the_same_file_twice(tmp_path: Path) -> None:
    path = put(tmp_path, "a.csv", GOOD)
    assert "or every arrest counts twice" in refusal(path, path)


def test_no_file() -> None:
    assert "found no file" in refusal()


def test_a_sheet_that_is_not_there(tmp_path: Path) -> None:
    path = put(tmp_path, "a.xlsx", good_workbook())
    assert "found the sheets Arrests; expected a sheet 'FY26'" in refusal(path, sheets=["FY26"])


def test_more_rows_than_there_ever_were(tmp_path: Path) -> None:
    table = pa.table({"apprehension_date": pa.nulls(20_000_001, pa.int8())})
    parquet.write_table(table, tmp_path / "a.parquet")
    assert "20,000,001 rows; expected at most 20,000,000" in refusal(tmp_path / "a.parquet")


def test_nothing_personal_in_a_refusal(tmp_path: Path) -> None:
    content = (
        "Apprehension Date,Unique Identifier,Unique Identifier,Gender,Gender\n"
        "secret0,secret1,secret2,secret3,secret4\n"
    )
    message = refusal(put(tmp_path, "a.csv", content))
    assert "differ in 1 rows" in message
    assert "secret" not in message
    assert "MEXICO" not in refusal(put(tmp_path, "b.csv", REFUSED["no header"][1]))


def test_without_the_package_for_spss(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "pyreadstat", None)
    message = refusal(put(tmp_path, "a.sav", b"$FL2@(#) SPSS" + bytes(200)))
    assert (
        "expected the package pyreadstat; install it: pip install 'arrest-atlas[spss]'" in message
    )


WHOLE: dict[str, Callable[[], bytes]] = {
    "a.xlsx": good_workbook,
    "a.parquet": lambda: as_parquet(apprehension_date=["2025-01-20"] * 50, state=["TX"] * 50),
    "a.dta": as_stata,
    "a.csv.gz": lambda: gzip.compress(GOOD.encode() * 50),
    "a.csv": GOOD.encode,
}


@pytest.mark.parametrize("name", WHOLE)
def test_damaged_files_are_read_or_refused(tmp_path: Path, name: str) -> None:
    whole = WHOLE[name]()
    rng = np.random.default_rng(1)
    for number in range(60):
        content = bytearray(whole)
        for place in rng.integers(0, len(content), 1 + number % 8):
            content[place] = rng.integers(256)
        cut = rng.integers(1, len(content)) if number % 3 == 0 else len(content)
        assert name in read_or_refused(put(tmp_path, name, bytes(content[:cut])))


def read_or_refused(path: Path) -> str:
    try:
        return read_arrests(path).sources[0].file
    except InputError as error:
        return str(error)


@given(st.binary(max_size=300))
def test_no_text_is_a_traceback(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = put(tmp_path_factory.getbasetemp(), "a.csv", GOOD.encode() + content)
    assert "a.csv" in read_or_refused(path)
