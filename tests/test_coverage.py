"""Agencies that reported are told from those that did not; coverage is a share."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo import InputError
from geo.crime import COUNTED, covered_share, judge_reports

NAN = float("nan")


def judged(*rows: tuple[float, float, float], kind: str = "city", months: int = 12) -> pd.DataFrame:
    """Judge rows of count, months and population."""
    table = pd.DataFrame(rows, columns=["count", "months", "population"], dtype=float)
    return judge_reports(table.assign(year=2016, kind=kind, zeros=""), fewest_months=months)


def test_zero_is_not_missing() -> None:
    table = judged((0, 12, 900), (NAN, 12, 900), (0, 0, 900), (5, 12, 900), (0, NAN, 900))
    assert table["crimes"].tolist() == pytest.approx([0, NAN, NAN, 5, 0], nan_ok=True)
    assert table["report"].tolist() == [COUNTED, "not reported", "not reported", COUNTED, COUNTED]


@pytest.mark.parametrize(
    ("months", "fewest", "crimes"),
    [(12, 12, 24), (11, 12, NAN), (11, 3, 24 * 12 / 11), (3, 3, 96), (2, 3, NAN), (NAN, 12, 24)],
)
def test_months_are_brought_to_twelve(months: float, fewest: int, crimes: float) -> None:
    table = judged((24, months, 900), months=fewest)
    assert table["crimes"].tolist() == pytest.approx([crimes], nan_ok=True)
    expected = COUNTED if crimes == crimes else "too few months reported"  # noqa: PLR0124
    assert table["report"].tolist() == [expected]


def test_a_report_with_a_zero_that_is_not_believed_is_none() -> None:
    table = pd.DataFrame(
        {"year": 2016, "kind": "city", "count": [66.0, 66.0], "months": 12.0, "population": 9e5}
    )
    table = judge_reports(table.assign(zeros=["robbery", ""]))
    implausible = "zero where ten crimes or more were to be expected"
    assert table["report"].tolist() == [implausible, COUNTED]
    assert table["crimes"].isna().tolist() == [True, False]


def test_a_city_needs_a_population_and_a_campus_does_not() -> None:
    assert judged((3, 12, NAN))["report"].tolist() == ["population not known"]
    assert judged((3, 12, NAN), kind="")["report"].tolist() == ["population not known"]
    assert judged((3, 12, NAN), kind="university")["report"].tolist() == [COUNTED]
    assert judged((3, 12, 0))["report"].tolist() == [COUNTED]  # another agency has the residents


@pytest.mark.parametrize("months", [0, 13, -1])
def test_months_out_of_range_are_refused(months: int) -> None:
    with pytest.raises(InputError, match=f"found {months}; expected 1 to 12"):
        judged((1, 12, 1), months=months)


def test_the_share_is_capped_and_missing_where_residents_are() -> None:
    covered = pd.Series({"01001": 500.0, "01003": 1100.0, "01005": 5.0, "01007": 5.0, "01009": 0.0})
    people = pd.Series({"01001": 1000.0, "01003": 1000.0, "01005": 0.0, "01009": 10.0})
    share = covered_share(covered, people)
    assert share.tolist() == pytest.approx([0.5, 1, NAN, NAN, 0], nan_ok=True)


@given(st.lists(st.tuples(st.sampled_from([0, 12]), st.integers(1, 10**6)), min_size=1, max_size=8))
def test_whole_years_give_the_indicator_of_the_nacjd(agencies: list[tuple[int, int]]) -> None:
    """CI = 100 (1 - sum(p / P (12 - m) / 12)), ICPSR's county files since 1994."""
    months, people = map(np.array, zip(*agencies, strict=True))
    county = people.sum()
    indicator = 100 * (1 - np.sum(people / county * (12 - months) / 12))
    covered = pd.Series({"01001": float(people[months == 12].sum())})
    share = covered_share(covered, pd.Series({"01001": float(county)}))
    assert share["01001"] * 100 == pytest.approx(indicator, abs=1e-9)


@given(
    st.lists(
        st.tuples(
            st.one_of(st.just(NAN), st.integers(0, 10**5)),
            st.one_of(st.just(NAN), st.integers(0, 12)),
            st.one_of(st.just(NAN), st.integers(0, 10**7)),
        ),
        min_size=1,
        max_size=20,
    ),
    st.integers(1, 12),
)
def test_what_counts_has_a_number_and_nothing_else(
    rows: list[tuple[float, float, float]], fewest: int
) -> None:
    table = judged(*rows, months=fewest)
    counted = table["report"] == COUNTED
    assert (table["crimes"].notna() == counted).all()
    assert (table.loc[counted, "crimes"] >= table.loc[counted, "count"]).all()
    assert not (table.loc[counted, "months"] < fewest).any()
    stricter = judged(*rows, months=12)["report"] == COUNTED
    assert stricter.sum() <= counted.sum() + (table["report"].str.startswith("zero")).sum()
