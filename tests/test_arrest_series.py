"""Series of arrests by day or week: both layouts, blanks, mistaken dates, every problem at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo import InputError
from geo.arrest_series import main_block, read_arrest_series

if TYPE_CHECKING:
    from pathlib import Path


def written(folder: Path, text: str, name: str = "daily.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_five_states_without_the_mistaken_date(shared_data: Path) -> None:
    series = read_arrest_series(shared_data / "real/arrests/daily_arrests_five_states.csv")
    assert (series.by, series.step) == ("state", 1)
    ends = pd.DatetimeIndex(series.table.index[[0, -1]])
    assert ends.strftime("%Y-%m-%d").tolist() == ["2025-08-02", "2026-03-10"]
    assert series.set_aside.to_dict() == {pd.Timestamp("2026-09-17"): 1.0}
    assert series.table.sum().to_dict() == {
        "IL": 4806.0,
        "MN": 4638.0,
        "OR": 1582.0,
        "TX": 57154.0,
        "WI": 1095.0,
    }
    assert any("2026-09-17 (1 arrests)" in note for note in series.notes)


def test_blanks_are_zeros_only_where_the_file_never_writes_one(tmp_path: Path) -> None:
    cross = written(tmp_path, "date,Texas,Oregon\n2025-08-02,5,\n2025-08-03,4,1\n")
    assert read_arrest_series(cross).table["OR"].tolist() == [0.0, 1.0]
    told = written(tmp_path, "date,Texas,Oregon\n2025-08-02,0,\n2025-08-03,4,1\n")
    series = read_arrest_series(told)
    assert np.isnan(series.table["OR"].iloc[0])
    assert "1 blanks are missing" in series.notes[0]


def test_long_layout_gives_the_same_numbers_in_any_order(tmp_path: Path) -> None:
    wide = written(tmp_path, "date,Texas,Oregon\n2025-08-02,5,2\n2025-08-04,4,1\n", "wide.csv")
    long = written(
        tmp_path,
        "state,arrests,date\nOR,1,2025-08-04\nTX,5,2025-08-02\nTX,4,2025-08-04\nOR,2,2025-08-02\n"
        ",7,2025-08-02\n",
        "long.csv",
    )
    one, other = read_arrest_series(wide), read_arrest_series(long)
    pd.testing.assert_frame_equal(one.table, other.table, check_names=False)
    assert one.table.loc["2025-08-03"].isna().all()  # a day without a row
    assert "7 arrests of no state are in no series." in other.notes


def test_weeks_and_offices_are_recognised(tmp_path: Path) -> None:
    path = written(tmp_path, "week,Dallas,St. Paul\n2025-08-04,5,2\n2025-08-18,4,1\n")
    series = read_arrest_series(path)
    assert (series.by, series.step, len(series.table)) == ("aor", 7, 3)
    assert repr(series) == "<ArrestSeries: 2 places, weeks from 2025-08-04 to 2025-08-18>"


def test_every_problem_at_once(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "date,Texas,TX\n8/2/2025,5,1\n2025-08-03,-4,x\n2025-08-03,1.5,2\n2025-13-40,1,1\n",
    )
    with pytest.raises(InputError) as error:
        read_arrest_series(path)
    text = str(error.value)
    for part in ("'8/2/2025'", "'2025-13-40'", "'-4'", "'x'", "'1.5'", "more than once",
                 "2025-08-03 once more"):  # fmt: skip
        assert part in text, part


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("day,Atlantis\n2025-08-02,5\n", "Atlantis"),
        ("date,state,arrests\n2025-08-02,Atlantis,5\n", "'Atlantis'"),
        ("date,state,arrests\n2025-08-02,TX,5\n2025-08-02,Texas,5\n", "TX on 2025-08-02 once more"),
        ("when,Texas\n2025-08-02,5\n", "date"),
    ],
)
def test_bad_places_are_named(tmp_path: Path, text: str, found: str) -> None:
    with pytest.raises(InputError, match=found):
        read_arrest_series(written(tmp_path, text))


def test_columns_that_are_no_place_are_named_and_left_out(tmp_path: Path) -> None:
    path = written(tmp_path, 'date,Texas,"<script>alert(1)</script>"\n2025-08-02,5,6\n')
    series = read_arrest_series(path)
    assert list(series.table) == ["TX"]
    assert "Not used" in series.notes[0]


@given(
    counts=st.lists(st.integers(1, 50), min_size=30, max_size=60),
    away=st.integers(29, 400),
)
def test_a_lone_day_far_away_never_belongs_to_the_series(counts: list[int], away: int) -> None:
    days = pd.date_range("2025-01-01", periods=len(counts), freq="D")
    daily = pd.Series(np.array(counts, dtype=float) * 100, index=days)
    lone = pd.Series([1.0], index=[days[-1] + pd.Timedelta(days=away)])
    assert main_block(pd.concat([lone, daily])) == (days[0], days[-1])


def test_a_long_gap_between_many_arrests_stays() -> None:
    days = pd.DatetimeIndex(["2025-01-01", "2025-01-02", "2025-06-01", "2025-06-02"])
    assert main_block(pd.Series([9.0, 9, 9, 9], index=days)) == (days[0], days[-1])
