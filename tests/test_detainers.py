"""Detainers: files of ICE and of the Deportation Data Project, wrong files, repeated rows."""

import io
import random
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo import InputError
from geo.detainers import (
    LIFTED,
    classify_lift_reasons,
    find_repeated_detainers,
    read_detainers,
)

HOSTILE = "<script>alert(1)</script>"
CLEANED = (
    "detainer_prepare_date,facility_state,facility_aor,facility_city,detention_facility,"
    "apprehension_method,apprehension_date,detainer_lift_reason,birth_year,gender,"
    "unique_identifier,duplicate_likely"
)
RAW = "Detainer Prepare Date,Facility State,Facility AOR,Detainer Lift Reason,Anonymized Identifier"


def written(folder: Path, text: str, name: str = "detainers.csv") -> Path:
    path = folder / name
    path.write_text(text)
    return path


def detainers(**columns: list[Any]) -> pd.DataFrame:
    table = pd.DataFrame({"file": "d.csv", "sheet": "", "lift_reason": None, **columns})
    table["row"] = columns.get("row", range(2, len(table) + 2))
    return table.assign(prepared=pd.to_datetime(table["prepared"]))


def test_a_cleaned_file_gives_days_states_offices_and_persons_and_nothing_else(
    tmp_path: Path,
) -> None:
    path = written(
        tmp_path,
        f"{CLEANED}\n"
        "2025-03-01,MISSISSIPPI,New Orleans Area of Responsibility,JACKSON,HINDS,CAP,"
        "2024-12-31,Booked into Detention,1980,Male,aa,FALSE\n"
        '2025-03-02,,,,,,,,,,"b(6), b(7)c",\n',
    )
    found = read_detainers(path)
    assert list(found.table) == [
        "file", "sheet", "row", "prepared", "state", "aor", "lift_reason", "identifier",
    ]  # fmt: skip
    one, other = found.table.astype("object").to_dict("records")
    # The date of the arrest, which stands there too, is not taken for that of the detainer.
    assert one["prepared"] == pd.Timestamp("2025-03-01")
    assert (one["state"], one["aor"], one["identifier"]) == ("MS", "NOL", "aa")
    assert one["lift_reason"] == "Booked into Detention"
    assert pd.isna([other["state"], other["aor"], other["identifier"]]).all()
    assert other["row"] == 3
    assert found.sources[0].column == "detainer_prepare_date"
    told = found.repairs.set_index(["column", "what"])["rows"]
    assert told["identifier", "redacted"] == 1
    assert set(found.repairs["column"]) <= {*found.table, ""}
    assert repr(found) == "<DetainerRecords: 2 rows, 2025-03-01 to 2025-03-02>"
    copy = found.to_frame()
    copy.loc[0, "row"] = 99
    assert found.table.loc[0, "row"] == 2


def test_ice_s_workbook_is_read_below_its_preamble(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for line in ["U.S. Immigration and Customs Enforcement", *[""] * 5]:
        sheet.append([line])
    sheet.append(RAW.split(","))
    sheet.append(["1/31/2025", "NEW YORK", "New York City Area of Responsibility", None, "bb"])
    book.create_sheet("Notes").append(["nothing here"])
    stream = io.BytesIO()
    book.save(stream)
    path = tmp_path / "detainers.xlsx"
    path.write_bytes(stream.getvalue())
    found = read_detainers(path)
    assert found.table["row"].tolist() == [8]
    assert found.table["aor"].tolist() == ["NYC"]
    assert any("'Notes' was left out" in note for note in found.notes)
    with pytest.raises(InputError, match="a sheet 'May'"):
        read_detainers(path, sheets=["May"])


def test_files_put_together_do_not_count_their_headers(tmp_path: Path) -> None:
    line = "2025-01-02,OHIO,,,cc"
    path = written(tmp_path, f"{RAW}\n{line}\n{RAW}\n{line}\n")
    found = read_detainers(path)
    assert len(found.table) == found.sources[0].rows == 2
    assert (found.repairs["what"] == "the header once more").sum() == 1


def test_several_files_stand_below_each_other(tmp_path: Path) -> None:
    one = written(tmp_path, f"{RAW}\n2025-01-02,OHIO,,,cc\n")
    other = written(tmp_path, "prepare_date,facility_state\n2025-02-02,IOWA\n", "older.csv")
    found = read_detainers([one, other])
    assert found.table["state"].tolist() == ["OH", "IA"]
    assert found.table["file"].tolist() == ["detainers.csv", "older.csv"]
    assert [note for note in found.notes if "older.csv: no column of identifiers" in note]


def test_every_wrong_file_is_named_at_once(tmp_path: Path) -> None:
    arrests = written(tmp_path, "Apprehension Date,Unique Identifier\n2025-01-01,a\n", "a.csv")
    undated = written(tmp_path, f"{RAW}\nsoon,OHIO,,,cc\n", "undated.csv")
    empty = written(tmp_path, f"{RAW}\n", "empty.csv")
    twice = written(
        tmp_path, "Detainer Prepare Date,Prepare Date\n2025-01-01,2025-01-01\n", "t.csv"
    )
    with pytest.raises(InputError) as caught:
        read_detainers([arrests, undated, empty, tmp_path / "absent.csv", twice, twice])
    said = str(caught.value)
    assert len(caught.value.problems) == 5
    assert "a.csv: found a table of arrests" in said
    assert "undated.csv, column 'Detainer Prepare Date': found no usable date" in said
    assert "empty.csv: found no rows below the header; expected at least one detainer" in said
    assert "absent.csv: found no such file" in said
    assert "the same content as t.csv" in said
    with pytest.raises(InputError, match="no file"):
        read_detainers([])


def test_days_written_day_first_are_refused_in_the_file_s_words(tmp_path: Path) -> None:
    path = written(tmp_path, f"{RAW}\n31/01/2025,OHIO,,,cc\n30/01/2025,OHIO,,,dd\n")
    with pytest.raises(InputError, match=r"column 'Detainer Prepare Date'.*day before the month"):
        read_detainers(path)


def test_a_wrong_header_is_not_quoted(tmp_path: Path) -> None:
    path = written(tmp_path, f"{HOSTILE},Jane Doe\n1,2\n")
    with pytest.raises(InputError) as caught:
        read_detainers(path)
    assert HOSTILE not in str(caught.value)
    assert "Jane" not in str(caught.value)


def test_lift_reasons_are_classed_whatever_their_spelling() -> None:
    texts = [
        "BOOKED INTO DETENTION", "Detainer Declined by LEA", "Early  Release", "Case Closed",
        "Superseding - New Form Issued", HOSTILE, None,
    ]  # fmt: skip
    assert classify_lift_reasons(pd.DataFrame({"lift_reason": texts})).tolist() == list(LIFTED)


def test_repeats_are_of_one_person_on_one_day_or_replaced_within_thirty_days() -> None:
    new_form = "Superseding - New Form Issued"
    table = detainers(
        identifier=["a", "a", "b", "b", "c", "c", "d", None, None, "e"],
        prepared=[
            "2025-01-01", "2025-01-01",  # the same day: the one that was replaced goes
            "2025-01-01", "2025-01-31",  # replaced by one 30 days later
            "2025-01-01", "2025-02-01",  # 31 days: a detainer of its own
            "2025-01-01",  # replaced by none that is there
            "2025-01-01", "2025-01-01",  # nobody known
            None,
        ],
        lift_reason=[new_form, None, new_form, None, new_form, None, new_form, None, None, None],
    )  # fmt: skip
    why = find_repeated_detainers(table)
    assert why.tolist() == [
        "same day", "none", "replaced", "none", "none", "none", "none", "none", "none", "none",
    ]  # fmt: skip


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 40), st.booleans()), min_size=1))
def test_repeats_do_not_depend_on_the_order_of_the_rows(
    rows: list[tuple[str, int, bool]],
) -> None:
    persons, days, replaced = zip(*rows, strict=True)
    table = detainers(
        identifier=list(persons),
        prepared=[pd.Timestamp("2025-01-01") + pd.Timedelta(days=day) for day in days],
        lift_reason=["Duplicate" if each else None for each in replaced],
    )
    why = find_repeated_detainers(table)
    order = list(range(len(rows)))
    random.Random(1).shuffle(order)  # noqa: S311  (no secret)
    shuffled = find_repeated_detainers(table.iloc[order].reset_index(drop=True))
    assert shuffled.tolist() == why.iloc[order].tolist()
    # Nobody loses all detainers.
    kept = table[why == "none"]
    assert set(kept["identifier"]) == set(persons)
    assert not kept.duplicated(["identifier", "prepared"]).any()


def test_an_index_without_order_is_kept() -> None:
    table = detainers(identifier=["a", "a"], prepared=["2025-01-01", "2025-01-01"])
    table.index = pd.Index([7, 3])
    assert find_repeated_detainers(table).to_dict() == {7: "none", 3: "same day"}
