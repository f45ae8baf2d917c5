"""Workbooks that would fill the memory, and cells that hold no value."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

from geo import InputError, read_arrests, read_crime_rates
from geo._table import read_table
from geo._workbook_scan import probe_workbook

HEADER = (
    '<row r="1"><c r="A1" t="inlineStr"><is><t>fips</t></is></c>'
    '<c r="B1" t="inlineStr"><is><t>crime_rate</t></is></c></row>'
)
ROW = '<row r="2"><c r="A2"><v>1001</v></c><c r="B2"><v>300</v></c></row>'

Writes = Callable[[str], Path]


@pytest.fixture
def write(tmp_path: Path) -> Writes:
    """Write a workbook whose only sheet, "Rates", has these rows."""

    def write(rows: str) -> Path:
        path = tmp_path / "rates.xlsx"
        book = openpyxl.Workbook()
        book.active.title = "Rates"
        book.save(path)
        with zipfile.ZipFile(path) as archive:
            parts = {name: archive.read(name).decode() for name in archive.namelist()}
        sheet = "xl/worksheets/sheet1.xml"
        parts[sheet] = re.sub(
            r"<sheetData\s*/>|<sheetData>.*</sheetData>",
            lambda _: f"<sheetData>{rows}</sheetData>",
            parts[sheet],
        )
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, text in parts.items():
                archive.writestr(name, text)
        return path

    return write


def refusal(path: Path) -> str:
    with pytest.raises(InputError) as caught:
        read_crime_rates(path)
    return str(caught.value)


@pytest.mark.parametrize(
    ("rows", "cells", "size"),
    [
        ('<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>', "XFD1048576", "17,179,869,184"),
        ("<row r='1048576'><c s='1' r = 'xfd1048576'><v>1</v></c></row>", "xfd1048576", "17,"),
        (
            (
                '<row r="3"><c r="XFD3"><v>1</v></c></row>'
                '<row r="9"><c r="A1048576"><v>1</v></c></row>'
            ),
            "the cell A1048576 and the cell XFD3",
            "17,179,869,184",
        ),
        ('<row r="4000000000"><c r="A4000000000"><v>1</v></c></row>', "A4000000000", "8,000,000"),
    ],
)
def test_a_stray_cell_far_away_is_refused_by_name(
    write: Writes, rows: str, cells: str, size: str
) -> None:
    message = refusal(write(HEADER + ROW + rows))
    assert "rates.xlsx: found the sheet 'Rates', with the cell" in message
    assert cells in message
    assert f"that takes {size}" in message
    assert "expected at most 67,108,864 cells" in message


def test_cells_that_do_not_say_where_they_stand_are_looked_at_elsewhere(write: Writes) -> None:
    path = write(HEADER + '<row r="4000000000"><c><v>1</v></c></row>')
    assert "found a sheet that takes more room than the memory has" in refusal(path)


def test_formats_alone_take_no_room(write: Writes) -> None:
    path = write(HEADER + ROW + '<row r="1048576"><c r="XFD1048576" s="1"/></row>')
    assert read_crime_rates(path).rate.to_dict() == {"01001": 300.0}


def test_a_workbook_that_can_be_opened_passes_the_probe(write: Writes) -> None:
    probe_workbook(write(HEADER + ROW))


def test_an_open_document_is_named(tmp_path: Path) -> None:
    path = tmp_path / "rates.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("content.xml", "<office/>")
    assert "found an OpenDocument spreadsheet; expected an Excel workbook" in refusal(path)


@pytest.mark.parametrize("attributes", ['r="B3" t="e"', "t='e' s='0' r='B3'"])
def test_errors_are_bad_values_by_row_and_column(write: Writes, attributes: str) -> None:
    row = f'<row r="3"><c r="A3"><v>1003</v></c><c {attributes}><v>#REF!</v></c></row>'
    message = refusal(write(HEADER + row))
    assert "row 3, column 'crime_rate': found '#REF!'; expected a number" in message


@pytest.mark.parametrize("value", ["", "<v></v>", "<v/>"])
def test_formulas_that_nobody_calculated_are_refused(write: Writes, value: str) -> None:
    row = f'<row r="2"><c r="A2"><v>1001</v></c><c r="B2"><f>150*2</f>{value}</c></row>'
    message = refusal(write(HEADER + row))
    assert "sheet 'Rates', column 'crime_rate'" in message
    assert "found formulas without a result: 1, the first in row 2: =150*2" in message
    assert "open the file in a spreadsheet program, save it" in message


def test_results_of_formulas_are_read(write: Writes) -> None:
    rows = (
        '<row r="2"><c r="A2"><v>1001</v></c><c r="B2"><f>150*2</f><v>300</v></c></row>'
        '<row r="3"><c r="A3"><v>1003</v></c><c r="B3" t="str"><f>""</f><v></v></c></row>'
    )
    table = read_table(write(HEADER + rows))
    assert table.rows["crime_rate"].tolist() == ["300", ""]


def test_of_records_they_are_told_and_read_as_blank(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["Apprehension Date", "State"])
    book.active.append(["2025-01-20", "=1+1"])
    book.save(tmp_path / "a.xlsx")
    records = read_arrests(tmp_path / "a.xlsx")
    assert any("formulas without a result: 1, the first in row 2" in note for note in records.notes)
    assert records.table["state"].isna().all()
