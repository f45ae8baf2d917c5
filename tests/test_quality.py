"""The quality report: counts that add up, words that a stranger can read, nobody in them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal
from small_records import arrest_table

from geo import (
    ArrestRecords,
    DuplicateRule,
    QualityReport,
    classify_arrests,
    find_duplicates,
    locate_arrests,
    quality_report,
    read_arrests,
)
from geo.locating import SUPPORT_LEVELS, LocatedArrests

LEVELS = list(SUPPORT_LEVELS)
IDENTIFIER = "0000b34edd657d516c02b13a7c352d62d0effcb6"


REPAIRS = pd.DataFrame({"file": [], "column": [], "what": [], "rows": []}).astype({"rows": "int64"})


def records_of(table: pd.DataFrame, **others: Any) -> ArrestRecords:
    given = {
        "sources": (),
        "release": "ICE arrests, July 2025",
        "notes": (),
        "repairs": REPAIRS,
    }
    return ArrestRecords(table=table, **{**given, **others})


def located(
    table: pd.DataFrame,
    support: Sequence[Any],
    *,
    conflict: Any = None,
    unmatched: dict[str, int] | None = None,
) -> LocatedArrests:
    counts = unmatched or {}
    return LocatedArrests(
        table=pd.DataFrame(
            {
                "support": pd.Categorical(support, categories=LEVELS, ordered=True),
                "state": table["state"],
                "conflict": pd.Series(conflict, index=table.index, dtype="str").astype("category"),
            },
            index=table.index,
        ),
        conflicts=pd.DataFrame(),
        unmatched=pd.DataFrame({"landmark": list(counts), "rows": list(counts.values())}),
    )


TABLE = arrest_table(
    identifier=[IDENTIFIER, IDENTIFIER, "b", None, "c", "d"],
    apprehension_time=[
        *("2025-06-30 10:00", "2025-06-30 12:00", "2025-07-01 10:00"),
        *("2025-07-02 10:00", "2025-07-03 10:00", None),
    ],
    state=["LA", "LA", "LA", "TX", None, "TX"],
    landmark=["ORLEANS PARISH", "ORLEANS PARISH", None, "NOWHERE", "NOWHERE", None],
    method=[
        "CAP Local Incarceration",
        "ERO Reprocessed Arrest",
        "Located",
        "Drone",
        None,
        "Located",
    ],
    criminality=["1 Convicted Criminal"] * 3 + [None] * 3,
    birth_year=[1981, 1981, 1990, None, 2001, 1975],
    citizenship=["HONDURAS", "HONDURAS", "MEXICO", None, "GUYANA", "PERU"],
    ddp_duplicate=[False, True, False, None, True, False],
)
SUPPORT = ["county", "county", "zone", "aor", "none", "state"]


def report_of(
    table: pd.DataFrame = TABLE,
    support: Sequence[str] = SUPPORT,
    *,
    rule: DuplicateRule = "episode",
    records: dict[str, Any] | None = None,
    **places: Any,
) -> QualityReport:
    return quality_report(
        records_of(table, **(records or {})),
        find_duplicates(table, rule=rule),
        classify_arrests(table),
        located(table, support, **places),
    )


def lines_of(report: QualityReport) -> list[str]:
    return [" ".join(line.split()) for line in report.text().splitlines()]


def test_rows_read_are_kept_or_left_out_for_a_reason() -> None:
    repairs = pd.DataFrame(
        {
            "file": "arrests.xlsx",
            "column": ["", "", "method"],
            "what": ["a blank row", "a second header", "redacted"],
            "rows": [2, 1, 5],
        }
    )
    report = report_of(records={"repairs": repairs})
    assert report.rows["rows"].to_dict() == {
        "read": 9,
        "left out on reading": 3,
        "duplicates": 1,
        "kept": 5,
    }
    assert report.rows["share"]["kept"] == pytest.approx(5 / 9)
    assert report.period == ("2025-06-30", "2025-07-03")
    assert repr(report) == "<QualityReport: 5 arrests of 9 rows read>"


def test_missing_values_are_counted_by_field_over_all_rows() -> None:
    missing = report_of().missing_by_field
    assert missing.loc[
        ["state", "landmark", "method", "identifier", "county"]
    ].to_numpy().tolist() == [
        [1, 1 / 6],
        [2, 2 / 6],
        [1, 1 / 6],
        [1, 1 / 6],
        [6, 1.0],
    ]
    assert not {"file", "row", "apprehension_time", "ddp_duplicate"} & set(missing.index)


def test_missing_values_are_counted_by_month_and_without_a_date_apart() -> None:
    by_month = report_of().missing_by_month[["rows", "state", "landmark"]]
    assert by_month.index.tolist() == ["2025-06", "2025-07", "(no date)"]
    assert by_month.to_numpy().tolist() == [[2, 0, 0], [3, 1, 1], [1, 0, 1]]


def test_support_is_counted_over_the_arrests_kept() -> None:
    report = report_of()
    by_state = report.support_by_state
    assert by_state.columns.tolist() == ["rows", *LEVELS]
    assert {state: row.tolist() for state, row in by_state.iterrows()} == {
        "(no state)": [1, 0, 0, 0, 0, 1],
        "LA": [2, 1, 1, 0, 0, 0],
        "TX": [2, 0, 0, 1, 1, 0],
    }
    assert report.support_by_custody["rows"].to_dict() == {
        "custodial": 1,
        "community": 2,
        "other": 2,
    }
    assert report.support_by_month["rows"].to_dict() == {
        "2025-06": 1,
        "2025-07": 3,
        "(no date)": 1,
    }


def test_places_and_classes_of_the_kept_rows_alone_give_the_same_report() -> None:
    duplicates = find_duplicates(TABLE)
    kept = TABLE[~duplicates.drop]
    support = pd.Series(SUPPORT)[~duplicates.drop].tolist()
    part = quality_report(
        records_of(TABLE), duplicates, classify_arrests(kept), located(kept, support)
    )
    for name in ("support_by_state", "support_by_custody", "support_by_month", "rows"):
        assert_frame_equal(getattr(part, name), getattr(report_of(), name))


@pytest.mark.parametrize("what", ["a class", "a place"])
def test_tables_that_do_not_belong_together_are_refused(what: str) -> None:
    half = TABLE.iloc[:3]
    with pytest.raises(ValueError, match=f"found 3 rows without {what}"):
        quality_report(
            records_of(TABLE),
            find_duplicates(TABLE),
            classify_arrests(half if what == "a class" else TABLE),
            located(half, SUPPORT[:3]),
        )


def test_each_rule_is_shown_and_the_one_applied_is_marked() -> None:
    report = report_of(rule="same-day")
    assert report.duplicates["removed"].tolist() == [1, 1, 0, 0]
    assert report.duplicates["applied"].tolist() == [0, 1, 0, 0]
    assert "same-day * 1 16.7 % 1" in lines_of(report)
    assert "episode 1 16.7 % 1" in lines_of(report)


def test_the_flag_of_the_file_is_shown_where_there_is_one() -> None:
    assert {"kept 3 1 1", "dropped 0 1 0"} <= set(lines_of(report_of()))
    without = report_of(TABLE.assign(ddp_duplicate=pd.array([pd.NA] * 6, dtype="boolean")))
    assert without.against_ddp is None
    assert "flag" not in without.text()


def test_conflicts_and_repairs_are_counted_in_words() -> None:
    repairs = pd.DataFrame(
        {
            "file": ["a.csv", "a.csv"],
            "column": ["Apprehension Date", ""],
            "what": ["after 2026-09-01, set to missing", "blank row left out"],
            "rows": [2, 1_234],
        }
    )
    report = report_of(
        conflict=["landmark in another state"] * 2 + [None] * 4, records={"repairs": repairs}
    )
    assert report.conflicts["rows"].to_dict() == {"landmark in another state": 1}
    assert report.repairs["rows"].to_dict() == {
        "a.csv: blank row left out": 1_234,
        "a.csv, Apprehension Date: after 2026-09-01, set to missing": 2,
    }
    assert "a.csv: blank row left out 1,234" in lines_of(report)


def test_values_without_a_class_are_listed_with_their_column() -> None:
    assert report_of().unknown["rows"].to_dict() == {
        "criminality: (missing)": 3,
        "method: (missing)": 1,
        "method: Drone": 1,
    }


def test_the_fifty_largest_unmatched_landmarks_come_first() -> None:
    report = report_of(unmatched={f"PLACE {number}": number for number in range(1, 61)})
    assert len(report.unmatched) == 50
    assert report.unmatched.index[0] == "PLACE 60"
    assert report.unmatched["rows"].tolist() == list(range(60, 10, -1))


@pytest.mark.parametrize(
    ("landmark", "shown"),
    [
        ("CALL (555) 123-4567 FIRST", "CALL (# FIRST"),
        ("A-NUMBER 123456789", "A-NUMBER #"),
        (f"RESIDENCE {IDENTIFIER}", "RESIDENCE #"),
        ("26 FEDERAL PLAZA, ROOM 1100", "26 FEDERAL PLAZA, ROOM 1100"),
        ("HIGHWAY 90 EXIT 225", "HIGHWAY 90 EXIT 225"),
        ("RED\x1b[31m\x00\nTEXT", "RED [31m TEXT"),
    ],
)
def test_quoted_texts_lose_long_numbers_and_control_characters(landmark: str, shown: str) -> None:
    assert report_of(unmatched={landmark: 7}).unmatched["rows"].to_dict() == {shown: 7}


def test_nothing_about_a_person_is_in_any_table_or_text() -> None:
    report = report_of()
    printed = report.text() + report.to_frame().to_csv() + repr(report)
    for personal in (IDENTIFIER, "b34edd", "HONDURAS", "GUYANA", "1981", "1975"):
        assert personal not in printed


def test_the_long_table_holds_every_number_once() -> None:
    report = report_of(unmatched={"NOWHERE": 2}, conflict="landmark in another state")
    frame = report.to_frame()
    assert frame.columns.tolist() == ["section", "item", "measure", "value"]
    assert frame["value"].notna().all()
    assert not frame.duplicated(["section", "item", "measure"]).any()
    values = frame.set_index(["section", "item", "measure"])["value"]
    assert values["rows", "kept", "rows"] == 5
    assert values["support_by_state", "LA", "county"] == 1
    assert values["missing_by_month", "2025-07", "landmark"] == 1
    assert values["unmatched", "NOWHERE", "rows"] == 2
    assert values["against_ddp", "dropped", "dropped"] == 1


def test_the_text_is_the_same_every_time_and_no_wider_than_a_terminal() -> None:
    report = report_of(
        unmatched={"X" * 300: 1_234_567, "NOWHERE": 3},
        records={"release": "release " * 30, "notes": ("note " * 50,)},
    )
    lines = report.text().splitlines()
    assert report.text() == report.text()
    assert max(map(len, lines)) == 100
    assert f"  {'X' * 84}...  1,234,567" in lines
    assert all(line == line.rstrip() and line.isprintable() for line in lines)


def test_few_of_many_are_not_printed_as_none_nor_most_as_all() -> None:
    rows = 3_000
    table = arrest_table(
        identifier=[str(number) for number in range(rows)],
        apprehension_time="2025-07-01",
        state=["TX"] + [None] * (rows - 1),
        landmark=[None] + ["NOWHERE"] * (rows - 1),
    )
    lines = lines_of(report_of(table, ["none"] * rows))
    assert {"state 2,999 >99.9 %", "landmark 1 <0.1 %"} <= set(lines)


def test_long_periods_are_printed_by_year_and_kept_by_month() -> None:
    days = pd.date_range("2012-01-15", periods=48, freq="MS").astype("str").tolist()
    table = arrest_table(
        identifier=[str(day) for day in range(49)], apprehension_time=[*days, None]
    )
    report = report_of(table, ["county"] * 49)
    assert len(report.support_by_month) == 49
    lines = lines_of(report)
    assert not [line for line in lines if line.startswith("2012-")]
    zeros = "0.0 % " * 3 + "0.0 %"
    assert {f"2013 12 100.0 % {zeros}", f"(no date) 1 100.0 % {zeros}"} <= set(lines)


def test_a_table_without_rows_can_be_reported() -> None:
    report = report_of(arrest_table(identifier=[]), [])
    assert report.period is None
    assert report.rows["rows"]["kept"] == 0
    assert "nan" not in report.text()


def test_the_tables_given_are_not_changed() -> None:
    copy = TABLE.copy(deep=True)
    report_of()
    assert_frame_equal(TABLE, copy)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["a", "b", "c", None]),
            st.sampled_from(["2025-06-30", "2025-07-01", None]),
            st.sampled_from(["TX", "LA", None]),
            st.sampled_from(["Located", "Custodial Arrest", None]),
            st.sampled_from(LEVELS),
        ),
        min_size=1,
        max_size=20,
    )
)
def test_every_breakdown_adds_up_to_the_arrests_kept(rows: list[tuple[Any, ...]]) -> None:
    people, days, states, methods, support = zip(*rows, strict=True)
    table = arrest_table(identifier=people, apprehension_time=days, state=states, method=methods)
    report = report_of(table, support)
    steps = report.rows["rows"]
    assert steps["read"] == steps["left out on reading"] + steps["duplicates"] + steps["kept"]
    assert int(report.missing_by_month["rows"].sum()) == len(rows)
    by_field = report.missing_by_month.drop(columns="rows").sum()
    assert by_field.to_dict() == report.missing_by_field["missing"].to_dict()
    for table in (report.support_by_state, report.support_by_custody, report.support_by_month):
        assert int(table["rows"].sum()) == steps["kept"]
        assert (table[LEVELS].sum(axis="columns") == table["rows"]).all()


def test_a_file_is_reported_from_reading_to_places(tmp_path: Path) -> None:
    path = tmp_path / "arrests.csv"
    path.write_text(
        "Apprehension Date,Apprehension State,Apprehension AOR,Apprehension Method,"
        "Apprehension Criminality,Apprehension Site Landmark,Birth Year,Unique Identifier\n"
        "2025-06-30 10:00,LOUISIANA,New Orleans Area of Responsibility,CAP Local Incarceration,"
        f"1 Convicted Criminal,ORLEANS PARISH PRISON,1981,{IDENTIFIER}\n"
        "2025-06-30 12:00,LOUISIANA,New Orleans Area of Responsibility,ERO Reprocessed Arrest,"
        f"1 Convicted Criminal,ORLEANS PARISH PRISON,1981,{IDENTIFIER}\n"
        ",,,,,,,\n"
        "2025-07-01 09:00,,,Located,3 Other Immigration Violator,XYZZY BLORB,1990,b\n"
        "5025-07-01 09:00,TEXAS,,Located,3 Other Immigration Violator,,1990,c\n"
    )
    records = read_arrests(path)
    duplicates = find_duplicates(records.table)
    kept = records.table[~duplicates.drop]
    report = quality_report(records, duplicates, classify_arrests(kept), locate_arrests(kept))
    assert report.rows["rows"].to_dict() == {
        "read": 5,
        "left out on reading": 1,
        "duplicates": 1,
        "kept": 3,
    }
    assert report.support_by_custody.loc["custodial", "county"] == 1
    assert report.unmatched["rows"].to_dict() == {"XYZZY BLORB": 1}
    assert report.missing_by_field["missing"]["apprehension_date"] == 1
    assert report.repairs["rows"].sum() >= 1
    assert IDENTIFIER not in report.text()
