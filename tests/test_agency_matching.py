"""Agencies are found by ORI, else by name, kind and population; what stays open is listed."""

from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_agencies import listed, reported

from geo.crime import AGGREGATE, AMBIGUOUS, NOT_LISTED, AgencyMatches, match_agencies

LIST = listed(
    ("AL0020000", "Mobile", "county", ("01097",), 90e3),
    ("AL0020100", "Mobile", "city", ("01097",), 256e3),
    ("AL0020700", "University of Mobile", "university", ("01097",), 0.0),
    ("MD0030000", "Baltimore County", "county", ("24005",), 0.0),
    ("MD0030100", "Baltimore County Police Department", "county", ("24005",), 850e3),
    ("NC0600100", "Charlotte-Mecklenburg", "city", ("37119",), 1035e3),
    ("NC0340200", "Winston-Salem", "city", ("37067",), 250e3),
    ("PA0250300", "Millcreek Township, Erie County", "city", ("42049",), 52826.0),
    ("PA0382400", "Millcreek Township, Lebanon County", "city", ("42075",), 4447.0),
    ("TN0190100", "Metropolitan Nashville Police Department", "city", ("47037",), 718e3),
    ("NY0303000", "New York", "city", (), 8.5e6),
    ("FLJSO0000", "Jacksonville Sheriff's Office", "county", ("12031",), 990e3),
    ("TX0080000", "Austin", "county", ("48015",), 18880.0),
    ("NV0020100", "Las Vegas Metropolitan Police Department", "", ("32003",), 1.7e6),
)


def match(**row: Any) -> pd.Series:
    (found,) = match_agencies(reported(row), LIST).table.to_dict("records")
    return pd.Series(found)


@pytest.mark.parametrize(
    ("state", "agency", "population", "ori", "how"),
    [
        ("AL", "Mobile", 237469, "AL0020100", "name and kind"),
        ("AL", "MOBILE COUNTY", 89000, "AL0020000", "name and kind"),
        ("AL", "Mobile County Sheriff's Office", None, "AL0020000", "name and kind"),
        ("AL", "City of Mobile", None, "AL0020100", "name and kind"),
        ("AL", "University of  Mobile", None, "AL0020700", "name"),
        ("MD", "Baltimore County", 847000, "MD0030100", "name and population"),
        ("PA", "Millcreek", 53119, "PA0250300", "name and population"),
        ("PA", "Millcreek", 4500, "PA0382400", "name and population"),
        ("NC", "Charlotte", 979304, "NC0600100", "name"),
        ("NC", "Winston", 250000, "", NOT_LISTED),  # Salem is no county
        ("TN", "Nashville", 690495, "TN0190100", "name"),
        ("NY", "New York City", 8184044, "NY0303000", "name"),
        ("FL", "Jacksonville", 985843, "FLJSO0000", "name and population"),
        ("TX", "Austin", 978816, "", NOT_LISTED),  # the county, with 18,880 residents
        ("NV", "Las Vegas", None, "NV0020100", "name"),
        ("CA", "Mobile", 237469, "", NOT_LISTED),
    ],
)
def test_names(state: str, agency: str, population: float | None, ori: str, how: str) -> None:
    people = float("nan") if population is None else float(population)
    found = match(state=state, agency=agency, population=people)
    assert (found["matched"], found["how"]) == (ori, how)


def test_what_stays_open_is_listed_with_its_candidates() -> None:
    found = match_agencies(
        reported({"state": "PA", "agency": "Millcreek"}, {"state": "NY", "agency": "New York"}),
        LIST,
    )
    (row,) = found.ambiguous.to_dict("records")
    assert row["candidates"] == ("PA0250300", "PA0382400")
    assert row["matched"] == ""
    assert found.share_matched() == 0.5
    # Neither has as many residents as reported, nor a third of them.
    assert match(state="PA", agency="Millcreek", population=17000.0)["how"] == AMBIGUOUS


def test_a_reported_kind_decides() -> None:
    found = match(state="AL", agency="Mobile", kind="county")
    assert found["matched"] == "AL0020000"
    found = match(state="AL", agency="Mobile", kind="university")
    assert found["matched"] == ""  # the university is not called Mobile
    found = match(state="FL", agency="Jacksonville", kind="city", population=990e3)
    assert (found["matched"], found["how"]) == ("", NOT_LISTED)


def test_the_very_same_name_decides_where_no_population_is_reported() -> None:
    towns = listed(
        ("PA0480300", "Bethlehem", "city", ("42095",), 80424.0),
        ("PA0481200", "Bethlehem Township, Northampton County", "city", ("42095",), 26041.0),
    )
    rows = reported({"state": "PA", "agency": "Bethlehem"})
    (found,) = match_agencies(rows, towns).table.to_dict("records")
    assert (found["matched"], found["how"]) == ("PA0480300", "name")


def test_an_ori_comes_before_a_name() -> None:
    found = match(ori="AL0020000", agency="New York City", state="NY")
    assert (found["matched"], found["how"]) == ("AL0020000", "ori")
    found = match(ori="AL0029900", agency="Mobile", population=250e3)
    assert (found["matched"], found["how"]) == ("AL0020100", "name and kind")
    assert match(ori="AL9999900")["how"] == NOT_LISTED


@pytest.mark.parametrize("ori", ["PA0675400", "NJ0110500", "PAPSP9400"])
def test_an_ori_of_another_county_is_no_agency_of_the_name(ori: str) -> None:
    """Pennsylvania has many townships of the name; the number of the ORI tells which not."""
    towns = listed(
        ("PA0110500", "Jackson Township", "city", ("42021",), 4000.0),
        ("PAPSP1100", "Jackson Township", "state police", ("42021",), 4000.0),
    )
    rows = reported({"ori": ori, "state": "PA", "agency": "Jackson Township"})
    (found,) = match_agencies(rows, towns).table.to_dict("records")
    assert (found["matched"], found["how"]) == ("", NOT_LISTED)
    assert found["candidates"] == ()
    same = reported({"ori": "PA0119900", "state": "PA", "agency": "Jackson Township"})
    assert match_agencies(same, towns).table["matched"].tolist() == ["PA0110500"]


def test_sums_of_agencies_are_set_aside() -> None:
    assert match(agency="Full Sample", state="NV", agencies=3)["how"] == AGGREGATE
    assert match(agency="Agencies of 1M+", state="")["how"] == AGGREGATE


def test_two_rows_of_a_year_cannot_be_one_agency() -> None:
    twice = [
        {"state": "TN", "agency": "Nashville"},
        {"state": "TN", "agency": "Metropolitan Nashville"},
    ]
    found = match_agencies(reported(*twice), LIST)
    assert found.table["how"].tolist() == [AMBIGUOUS, AMBIGUOUS]
    renamed = match_agencies(reported(twice[0], {**twice[1], "year": 2017}), LIST)
    assert renamed.table["matched"].tolist() == ["TN0190100", "TN0190100"]
    by_ori = reported({"ori": "TN0190100", "state": "TN"}, twice[0])
    assert match_agencies(by_ori, LIST).table["how"].tolist() == ["ori", AMBIGUOUS]


NAMES = st.sampled_from(
    ["Mobile", "Mobile County", "Nashville", "Charlotte", "Millcreek", "Full Sample", "Nowhere"]
)


@given(
    st.lists(
        st.fixed_dictionaries(
            {
                "agency": NAMES,
                "state": st.sampled_from(["AL", "TN", "NC", "PA", ""]),
                "population": st.sampled_from([float("nan"), 0.0, 4500.0, 53e3, 9e5]),
                "agencies": st.sampled_from([1, 1, 2]),
            }
        ),
        min_size=1,
        max_size=12,
        unique_by=lambda row: (row["agency"], row["state"]),
    ),
    st.randoms(use_true_random=False),
)
def test_every_agency_is_told_once_whatever_the_order(
    rows: list[dict[str, Any]], chance: Any
) -> None:
    found = match_agencies(reported(*rows), LIST)
    assert len(found.table) == len(rows)
    assert set(found.table["matched"]) - {""} <= set(LIST.table.index)
    unmatched = found.table["how"].isin([AGGREGATE, AMBIGUOUS, NOT_LISTED])
    assert (unmatched == (found.table["matched"] == "")).all()
    matched = found.table.loc[~unmatched, "matched"]
    assert matched.is_unique
    shuffled = chance.sample(rows, len(rows))
    again = match_agencies(reported(*shuffled), LIST)
    assert _by_name(again) == _by_name(found)


def _by_name(found: AgencyMatches) -> dict[tuple[str, str], str]:
    return {(row["agency"], row["state"]): row["matched"] for row in found.table.to_dict("records")}
