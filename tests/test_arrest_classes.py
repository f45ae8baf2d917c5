"""Classes of arrests: every method that ICE uses, spellings, what is not known."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal
from small_records import arrest_table

from geo import CRIMINALITY, CUSTODY_CLASSES, ArrestClasses, classify_arrests

CUSTODIAL = {
    "CAP Federal Incarceration",
    "CAP Local Incarceration",
    "CAP State Incarceration",
    "Custodial Arrest",
}
COMMUNITY = {
    "Located",
    "Non-Custodial Arrest",
    "Probation and Parole",
    "Traffic Check",
    "Worksite Enforcement",
}


def our_table(name: str) -> pd.DataFrame:
    with (files("geo") / "data" / name).open(encoding="utf-8") as opened:
        return pd.read_csv(opened, dtype=str, keep_default_na=False)


def classes_of(methods: list[str | None]) -> ArrestClasses:
    return classify_arrests(arrest_table(method=methods, criminality="1 Convicted Criminal"))


def test_only_jail_methods_are_custodial_and_only_five_are_community() -> None:
    table = our_table("arrest_methods.csv")
    by_class = table.groupby("custody_class")["method"].agg(set)
    assert by_class["custodial"] == CUSTODIAL
    assert by_class["community"] == COMMUNITY
    assert set(by_class.index) == set(CUSTODY_CLASSES)


def test_the_287g_programme_is_all_that_the_sensitivity_changes() -> None:
    table = our_table("arrest_methods.csv")
    changed = table[table["custody_class"] != table["custody_class_287g"]]
    assert changed[["method", "custody_class", "custody_class_287g"]].to_numpy().tolist() == [
        ["287(g) Program", "other", "custodial"]
    ]


@pytest.mark.parametrize("name", ["arrest_methods.csv", "criminality.csv"])
def test_every_value_of_our_tables_stands_once_and_has_a_source(name: str) -> None:
    table = our_table(name)
    assert table.iloc[:, 0].is_unique
    assert (table != "").all(axis=None)


def test_every_method_of_our_table_is_known_by_its_name() -> None:
    table = our_table("arrest_methods.csv")
    classes = classes_of(table["method"].tolist())
    assert classes.custody.tolist() == table["custody_class"].tolist()
    assert classes.unknown.empty


@pytest.mark.parametrize(
    ("method", "custody"),
    [
        ("CAP LOCAL INCARCERATION", "custodial"),
        ("cap  state incarceration ", "custodial"),
        ("Custodial Arrest", "custodial"),
        ("Non Custodial Arrest", "community"),
        ("NONCUSTODIAL ARREST", "community"),
        ("Non\N{NON-BREAKING HYPHEN}Custodial Arrest", "community"),
        ("Other efforts", "other"),
        ("287g program", "other"),
        ("Other Agency (turned over to INS)", "other"),
        ("Other agency turned over to INS", "other"),
    ],
)
def test_case_spaces_and_punctuation_do_not_matter(method: str, custody: str) -> None:
    classes = classes_of([method])
    assert classes.custody.tolist() == [custody]
    assert classes.unknown.empty


def test_287g_arrests_are_custodial_in_the_sensitivity_alone() -> None:
    table = arrest_table(method=["287(g) Program", "Located", None], criminality="3")
    assert classify_arrests(table).custody.tolist() == ["other", "community", "other"]
    sensitive = classify_arrests(table, programme_287g="custodial")
    assert sensitive.custody.tolist() == ["custodial", "community", "other"]


def test_unknown_and_missing_methods_are_other_and_are_listed() -> None:
    classes = classes_of(["Located", "Drone", None, "Drone", None, None, "Balloon"])
    assert classes.custody.tolist() == ["community"] + ["other"] * 6
    expected = pd.DataFrame(
        {
            "column": ["method"] * 3,
            "value": ["(missing)", "Drone", "Balloon"],
            "rows": [3, 2, 1],
        }
    )
    assert_frame_equal(classes.unknown, expected)


@pytest.mark.parametrize(
    ("value", "criminality"),
    [
        ("1 Convicted Criminal", "convicted"),
        ("Convicted criminal", "convicted"),
        ("1-CONVICTED CRIMINAL", "convicted"),
        ("2 Pending Criminal Charges", "pending"),
        ("pending criminal charges", "pending"),
        ("3 Other Immigration Violator", "none"),
        ("Other Immigration Violator", "none"),
        ("3", "none"),
    ],
)
def test_criminality_is_read_with_and_without_its_code(value: str, criminality: str) -> None:
    classes = classify_arrests(arrest_table(method=["Located"], criminality=[value]))
    assert classes.criminality.tolist() == [criminality]
    assert classes.unknown.empty


def test_unknown_criminality_is_missing_and_listed() -> None:
    table = arrest_table(method="Located", criminality=["4 Felon", None, "1 Convicted Criminal"])
    classes = classify_arrests(table)
    assert classes.criminality.isna().tolist() == [True, True, False]
    assert classes.unknown.to_numpy().tolist() == [
        ["criminality", "(missing)", 1],
        ["criminality", "4 Felon", 1],
    ]


def test_classes_are_categories_on_the_index_of_the_table() -> None:
    table = arrest_table(method=["Located", None], criminality=["1", None]).set_axis([5, 2])
    classes = classify_arrests(table)
    assert list(classes.custody.cat.categories) == list(CUSTODY_CLASSES)
    assert list(classes.criminality.cat.categories) == list(CRIMINALITY)
    frame = classes.to_frame()
    assert list(frame.columns) == ["custody", "criminality"]
    assert list(frame.index) == [5, 2]
    assert repr(classes) == (
        "<ArrestClasses: 0 custodial, 1 community, 1 other; 2 values without a class>"
    )


def test_a_table_without_rows_has_no_classes() -> None:
    classes = classify_arrests(arrest_table(method=[]))
    assert len(classes.custody) == 0
    assert classes.unknown.empty
    assert list(classes.unknown.columns) == ["column", "value", "rows"]


def test_an_unknown_treatment_of_287g_is_refused() -> None:
    with pytest.raises(ValueError, match="found programme_287g='community'; expected 'other'"):
        classify_arrests(arrest_table(method=["Located"]), programme_287g="community")  # type: ignore[arg-type]


@given(st.lists(st.one_of(st.none(), st.text(max_size=8), st.sampled_from(sorted(CUSTODIAL)))))
def test_every_row_is_classed_or_listed(methods: list[str | None]) -> None:
    classes = classes_of(methods)
    known = int((classes.custody == "custodial").sum())
    assert classes.custody.notna().all()
    assert known + int(classes.unknown["rows"].sum()) == len(methods)


def test_the_methods_of_a_real_table_are_all_known(shared_data: Path) -> None:
    landmarks = pd.read_csv(
        shared_data / "real" / "arrests" / "top_landmarks_by_method_2012_2022.csv"
    )
    methods = landmarks["arrest_method_short"].drop_duplicates().tolist()
    assert classes_of(methods).unknown.empty
