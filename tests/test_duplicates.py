"""Duplicates: hand-made episodes, a reference without vectors, properties."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise
from random import Random
from typing import Any, get_args

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal
from small_records import arrest_table

from geo import DuplicateRule, find_duplicates

RULES: tuple[DuplicateRule, ...] = get_args(DuplicateRule)
REPROCESSED = "ERO Reprocessed Arrest"
LOCATED = "Located"
START = datetime(2025, 6, 30)  # noqa: DTZ001  (ICE gives no time zone)


def dropped(**columns: Any) -> list[bool]:
    return list(find_duplicates(arrest_table(**columns)).drop)


def episode_of(times: list[str], rule: DuplicateRule = "episode") -> list[bool]:
    table = arrest_table(identifier=["a"] * len(times), apprehension_time=times)
    return list(find_duplicates(table, rule=rule).drop)


def test_rows_of_one_person_within_24_hours_are_one_arrest() -> None:
    assert episode_of(["2025-07-01 10:00", "2025-07-01 18:00"]) == [False, True]


def test_exactly_24_hours_are_within_and_a_second_more_is_not() -> None:
    assert episode_of(["2025-07-01 10:00:00", "2025-07-02 10:00:00"]) == [False, True]
    assert episode_of(["2025-07-01 10:00:00", "2025-07-02 10:00:01"]) == [False, False]


def test_episodes_chain_beyond_a_day_and_keep_only_their_first_row() -> None:
    chain = ["2025-07-01 10:00", "2025-07-02 09:00", "2025-07-03 08:00", "2025-07-04 07:00"]
    assert episode_of(chain) == [False, True, True, True]


def test_a_new_episode_begins_24_hours_after_the_last_row_not_after_the_first() -> None:
    times = ["2025-07-01 00:00", "2025-07-01 20:00", "2025-07-02 21:00"]
    assert episode_of(times) == [False, True, False]


def test_rows_of_different_persons_never_meet() -> None:
    times = ["2025-07-01 10:00", "2025-07-01 10:00"]
    assert dropped(identifier=["a", "b"], apprehension_time=times) == [False, False]


def test_the_first_by_time_is_kept_whatever_the_place_in_the_file() -> None:
    assert episode_of(["2025-07-01 18:00", "2025-07-01 10:00"]) == [True, False]


@pytest.mark.parametrize(
    "spelling", [REPROCESSED, "ero reprocessed  arrest", "ERO-REPROCESSED ARREST"]
)
def test_among_rows_of_the_same_time_a_reprocessed_arrest_comes_last(spelling: str) -> None:
    columns = {"identifier": ["a", "a"], "apprehension_time": ["2025-07-01 10:00"] * 2}
    assert dropped(**columns, method=[spelling, LOCATED]) == [True, False]
    assert dropped(**columns, method=[spelling, None]) == [True, False]


def test_an_earlier_reprocessed_arrest_is_kept_before_a_later_arrest() -> None:
    times = ["2025-07-01 10:00", "2025-07-01 11:00"]
    methods = [REPROCESSED, LOCATED]
    assert dropped(identifier=["a", "a"], apprehension_time=times, method=methods) == [False, True]


def test_ties_fall_to_the_earlier_row_then_sheet_then_file() -> None:
    columns = {"identifier": ["a", "a"], "apprehension_time": ["2025-07-01 10:00"] * 2}
    assert dropped(**columns, row=[9, 8]) == [True, False]
    assert dropped(**columns, row=[8, 9], sheet=["FY26", "FY25"]) == [True, False]
    assert dropped(**columns, row=[8, 9], file=["b.csv", "a.csv"], sheet=["1", "2"]) == [
        True,
        False,
    ]


def test_days_without_times_chain_from_one_day_to_the_next() -> None:
    days = ["2025-07-01", "2025-07-01", "2025-07-02", "2025-07-04"]
    assert episode_of(days) == [False, True, True, False]
    assert episode_of(days, "same-day") == [False, True, False, False]
    assert episode_of(days, "identifier-and-time") == [False, True, False, False]


def test_each_rule_draws_its_own_line() -> None:
    times = [
        "2025-07-01 10:00",
        "2025-07-01 10:00",
        "2025-07-01 23:00",
        "2025-07-02 01:00",
        "2025-07-09 01:00",
    ]
    assert episode_of(times) == [False, True, True, True, False]
    assert episode_of(times, "same-day") == [False, True, True, False, False]
    assert episode_of(times, "identifier-and-time") == [False, True, False, False, False]
    assert episode_of(times, "none") == [False] * 5


def test_rows_without_identifier_or_date_are_never_dropped_and_are_counted() -> None:
    table = arrest_table(
        identifier=[None, None, "a", "a", "a", "b"],
        apprehension_time=["2025-07-01", "2025-07-01", None, None, "2025-07-01", "2025-07-01"],
    )
    duplicates = find_duplicates(table)
    assert not duplicates.drop.any()
    assert duplicates.checked.tolist() == [False, False, False, False, True, True]
    assert duplicates.rules["no_identifier"].unique().tolist() == [2]
    assert duplicates.rules["no_date"].unique().tolist() == [2]


def test_the_table_of_rules_shows_what_each_would_remove() -> None:
    table = arrest_table(
        identifier=["a", "a", "a", "b", "b", None, "c", "c"],
        apprehension_time=[
            *("2025-07-01 10:00", "2025-07-01 10:00", "2025-07-02 09:00"),
            *("2025-07-01 10:00", "2025-07-01 11:00"),
            "2025-07-01 10:00",
            *("2025-07-01 10:00", "2025-07-11 10:00"),
        ],
    )
    rules = find_duplicates(table, rule="none").rules
    assert rules.index.name == "rule"
    assert list(rules.index) == list(RULES)
    assert rules["removed"].tolist() == [3, 2, 1, 0]
    assert rules["persons"].tolist() == [2, 2, 1, 0]
    assert rules["share"].tolist() == [3 / 8, 2 / 8, 1 / 8, 0.0]
    assert rules["no_identifier"].tolist() == [1, 1, 1, 1]


def test_the_flag_of_the_file_is_set_against_ours() -> None:
    table = arrest_table(
        identifier=["a", "a", "a", "b", None],
        apprehension_time=["2025-07-01 10:00", "2025-07-01 11:00", "2025-07-01 12:00"]
        + ["2025-07-01 10:00"] * 2,
        ddp_duplicate=[False, True, False, True, None],
    )
    against = find_duplicates(table).against_ddp
    expected = pd.DataFrame(
        [[1, 1, 1], [1, 1, 0]],
        index=pd.Index(["kept", "dropped"], name="ours"),
        columns=pd.Index(["kept", "dropped", "unknown"], name="ddp"),
    )
    assert against is not None
    assert_frame_equal(against, expected)


def test_without_a_flag_there_is_no_comparison() -> None:
    assert find_duplicates(arrest_table(identifier=["a"])).against_ddp is None


def test_an_unknown_rule_is_refused_with_the_rules_there_are() -> None:
    with pytest.raises(ValueError, match="found rule='day'; expected one of episode, same-day"):
        find_duplicates(arrest_table(identifier=["a"]), rule="day")  # type: ignore[arg-type]


def test_a_table_without_rows_has_no_duplicates() -> None:
    duplicates = find_duplicates(arrest_table(identifier=[]))
    assert duplicates.rules["removed"].tolist() == [0, 0, 0, 0]
    assert duplicates.rules["share"].tolist() == [0.0, 0.0, 0.0, 0.0]
    assert len(duplicates.to_frame()) == 0


def test_no_identifier_shows_in_what_is_printed() -> None:
    duplicates = find_duplicates(
        arrest_table(identifier=["0000b34edd65"] * 2, apprehension_time=["2025-07-01"] * 2)
    )
    shown = f"{duplicates!r}{duplicates.to_frame()}{duplicates.rules}"
    assert repr(duplicates) == "<Duplicates by episode: 1 of 2 rows>"
    assert "b34edd" not in shown


@st.composite
def tables(draw: st.DrawFn) -> pd.DataFrame:
    """Few persons, times close to a day apart, ties, missing identifiers and dates."""
    hours = st.one_of(st.none(), st.sampled_from([0, 1, 12, 23, 24, 25, 47, 48, 49, 72, 96]))
    rows = draw(
        st.lists(
            st.tuples(
                st.sampled_from(["a", "b", None]),
                hours,
                st.sampled_from([LOCATED, REPROCESSED, None]),
                st.sampled_from(["one.csv", "two.csv"]),
                st.sampled_from(["", "FY25"]),
            ),
            max_size=12,
        )
    )
    people, offsets, methods, files, sheets = zip(*rows, strict=True) if rows else ([],) * 5
    times = [None if hour is None else START + timedelta(hours=hour) for hour in offsets]
    return arrest_table(
        identifier=list(people),
        apprehension_time=times,
        method=list(methods),
        file=list(files),
        sheet=list(sheets),
    )


def continues(rule: DuplicateRule, before: datetime, now: datetime) -> bool:
    return {
        "episode": now - before <= timedelta(hours=24),
        "same-day": now.date() == before.date(),
        "identifier-and-time": now == before,
        "none": False,
    }[rule]


def kept_by_hand(table: pd.DataFrame, rule: DuplicateRule) -> set[int]:
    """Walk through each person's rows and begin a new arrest where the rule says so."""
    kept = set(table.index[table["identifier"].isna() | table["apprehension_date"].isna()])
    for person in ("a", "b"):
        mine = table[(table["identifier"] == person) & table["apprehension_date"].notna()]
        times = mine["apprehension_time"].dt.to_pydatetime()
        late = mine["method"] == REPROCESSED
        rows = sorted(
            zip(times, late, mine["file"], mine["sheet"], mine["row"], mine.index, strict=True)
        )
        for number, (when, *_, index) in enumerate(rows):
            if number == 0 or not continues(rule, rows[number - 1][0], when):
                kept.add(index)
    return kept


@given(tables(), st.sampled_from(RULES))
def test_the_vectors_agree_with_a_walk_through_each_persons_rows(
    table: pd.DataFrame, rule: DuplicateRule
) -> None:
    drop = find_duplicates(table, rule=rule).drop
    assert set(table.index[~drop]) == kept_by_hand(table, rule)


@given(tables(), st.sampled_from(RULES), st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(
    table: pd.DataFrame, rule: DuplicateRule, random: Random
) -> None:
    order = list(table.index)
    random.shuffle(order)
    found = find_duplicates(table, rule=rule)
    shuffled = find_duplicates(table.loc[order], rule=rule)
    assert shuffled.drop.index.tolist() == order
    assert_frame_equal(shuffled.to_frame().sort_index(), found.to_frame())
    assert_frame_equal(shuffled.rules, found.rules)


@given(tables(), st.sampled_from(RULES))
def test_among_the_rows_kept_no_duplicate_is_left(table: pd.DataFrame, rule: DuplicateRule) -> None:
    kept = table[~find_duplicates(table, rule=rule).drop]
    assert not find_duplicates(kept, rule=rule).drop.any()


@given(tables())
def test_rows_kept_of_one_person_lie_more_than_24_hours_apart(table: pd.DataFrame) -> None:
    found = find_duplicates(table)
    kept = table[~found.drop & found.checked].sort_values("apprehension_time")
    gaps = kept.groupby("identifier", observed=True)["apprehension_time"].diff().dropna()
    assert (gaps > pd.Timedelta(hours=24)).all()


@given(tables())
def test_each_rule_drops_all_that_the_next_one_drops(table: pd.DataFrame) -> None:
    answers = [set(np.flatnonzero(find_duplicates(table, rule=rule).drop)) for rule in RULES]
    for wider, narrower in pairwise(answers):
        assert narrower <= wider


@given(tables())
def test_every_person_with_a_dated_row_keeps_one(table: pd.DataFrame) -> None:
    found = find_duplicates(table)
    before = set(table.loc[found.checked, "identifier"])
    assert set(table.loc[found.checked & ~found.drop, "identifier"]) == before


@given(tables())
def test_the_table_given_is_not_changed(table: pd.DataFrame) -> None:
    copy = table.copy(deep=True)
    find_duplicates(table)
    assert_frame_equal(table, copy)


def test_a_part_of_the_table_may_have_fewer_duplicates_than_the_whole() -> None:
    # A row in the middle links its neighbours: find duplicates first, then filter.
    chain = ["2025-07-01 10:00", "2025-07-02 09:00", "2025-07-03 08:00"]
    assert episode_of(chain) == [False, True, True]
    assert episode_of([chain[0], chain[2]]) == [False, False]


def test_the_index_of_the_table_is_kept() -> None:
    table = arrest_table(identifier=["a", "a"], apprehension_time=["2025-07-01"] * 2)
    drop = find_duplicates(table.set_axis([7, 3])).drop
    assert drop.to_dict() == {7: False, 3: True}
