"""Agencies come to their counties by a rule that is told; those of none are listed."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_agencies import listed

from geo import InputError, load_population
from geo.crime import AgencyShares, read_agencies, share_agencies

BOROUGHS = ["36005", "36047", "36061", "36081", "36085"]
NOBODY = pd.Series(dtype=float)


def shares_of(shares: AgencyShares, ori: str) -> dict[str, float]:
    rows = shares.table[shares.table["ori"] == ori]
    return dict(zip(rows["county_fips"], rows["share"], strict=True))


def rule_of(shares: AgencyShares, ori: str) -> str:
    (rule,) = set(shares.table.loc[shares.table["ori"] == ori, "rule"])
    return str(rule)


def test_agencies_of_one_county_lie_there_whatever_they_are() -> None:
    kinds = ["city", "county", "university", "tribal", "federal", "state police", "other", ""]
    rows = [(f"AL000{number}00X", "x", kind, ("01001",), 0.0) for number, kind in enumerate(kinds)]
    shares = share_agencies(listed(*rows), NOBODY)
    assert shares.table["share"].tolist() == [1.0] * len(kinds)
    assert set(shares.table["rule"]) == {"one county"}
    assert shares.unassigned.empty


def test_agencies_of_no_county_are_listed_with_a_reason() -> None:
    agencies = listed(
        ("ALAST0000", "State Troopers", "state police", (), 0.0),
        ("ALDI01000", "Poarch Creek Tribal", "tribal", (), 0.0),
        ("AL0010100", "Somewhere", "city", (), 900.0),
    )
    shares = share_agencies(agencies, load_population(2016))
    assert shares.table.empty
    assert shares.unassigned["reason"].to_dict() == {
        "ALAST0000": "serves a state, not a county",
        "ALDI01000": "no county known",
        "AL0010100": "no county known",
    }
    # Without residents to serve, there is nothing to spread them by.
    spread = share_agencies(agencies, load_population(2016), statewide="remainder")
    assert spread.table.empty


def test_parts_of_a_city_are_the_residents_whom_nobody_else_serves() -> None:
    """With margins that agree there is one answer: the margins themselves."""
    agencies = listed(
        ("AL0010000", "Sheriff", "county", ("01001",), 30e3),
        ("AL0020000", "Sheriff", "county", ("01003",), 45e3),
        ("AL0010100", "Nowhere Known", "city", ("01001", "01003"), 25e3),
    )
    people = pd.Series({"01001": 50e3, "01003": 50e3})
    shares = share_agencies(agencies, people)
    assert shares_of(shares, "AL0010100") == pytest.approx({"01001": 0.8, "01003": 0.2})
    assert rule_of(shares, "AL0010100") == "parts estimated"
    assert any("split by estimated population: 1" in note for note in shares.notes)


def test_two_cities_over_two_counties_keep_the_odds_of_their_zip_codes() -> None:
    """Biproportional fitting meets the margins and keeps the odds ratio of its start."""
    # Kansas City has ZIP codes in Clay (29047) and Jackson (29095); a name without any
    # starts from the counties' residents.
    cities = listed(
        ("MOKPD0000", "Kansas City", "city", ("29047", "29095"), 400e3),
        ("MO0480000", "Nowhere Known", "city", ("29047", "29095"), 100e3),
    )
    people = pd.Series({"29047": 150e3, "29095": 350e3})
    shares = share_agencies(cities, people)
    large, small = shares_of(shares, "MOKPD0000"), shares_of(shares, "MO0480000")
    for fips in people.index:
        fitted = 400e3 * large[fips] + 100e3 * small[fips]
        assert fitted == pytest.approx(people[fips])
    gazetteer_odds = 13 / 59
    odds = (large["29047"] / large["29095"]) / (small["29047"] / small["29095"])
    assert odds == pytest.approx(gazetteer_odds / (150 / 350))


def test_in_a_county_that_is_served_already_zip_codes_tell() -> None:
    """One resident left over would put the city elsewhere; ZIP codes say where it is."""
    # Kansas City has 13 ZIP codes in Clay (29047) and 59 in Jackson (29095).
    agencies = listed(
        ("MO0240000", "Clay", "county", ("29047",), 260e3),
        ("MOKPD0000", "Kansas City", "city", ("29047", "29095"), 400e3),
        ("MO0490000", "Elsewhere", "county", ("29097",), 9e3),
    )
    people = pd.Series({"29047": 250e3, "29095": 700e3, "29097": 200e3})
    shares = share_agencies(agencies, people)
    clay = 400e3 * 13 / 72
    expected = clay / (clay + 700e3)
    assert shares_of(shares, "MOKPD0000")["29047"] == pytest.approx(expected)
    assert any("parts of cities in them rest on ZIP codes: 1" in note for note in shares.notes)


def test_residents_of_before_are_raised_to_those_of_the_list() -> None:
    agencies = listed(
        ("AL0010000", "Sheriff", "county", ("01001",), 36e3),
        ("AL0020000", "Sheriff", "county", ("01003",), 54e3),
        ("AL0010100", "Nowhere Known", "city", ("01001", "01003"), 30e3),
    )
    # 120,000 are served; a year with 100,000 residents is 20 % too low everywhere.
    people = pd.Series({"01001": 50e3, "01003": 50e3})
    shares = shares_of(share_agencies(agencies, people), "AL0010100")
    assert shares == pytest.approx({"01001": 0.8, "01003": 0.2})


def test_of_two_agencies_of_one_name_the_later_serves_residents() -> None:
    rows = [
        ("MD306SP00", "State Police:", "state police", ("01001",), 30e3),
        ("MDMSP0200", "State Police:", "state police", ("01001",), 30e3),
        ("AL0020000", "Sheriff", "county", ("01003",), 45e3),
        ("AL0010100", "Nowhere Known", "city", ("01001", "01003"), 25e3),
    ]
    agencies = listed(*rows)
    agencies.table["state"] = "AL"
    agencies.table["year"] = [2015, 2016, 2016, 2016]
    people = pd.Series({"01001": 50e3, "01003": 50e3})
    shares = share_agencies(agencies, people)
    assert shares_of(shares, "AL0010100") == pytest.approx({"01001": 0.8, "01003": 0.2})
    assert shares_of(shares, "MD306SP00") == {"01001": 1.0}  # it lies there all the same


def test_a_city_over_several_counties_without_residents_of_its_own() -> None:
    agencies = listed(("AL0010100", "Nowhere", "city", ("01001", "01003"), 0.0))
    people = pd.Series({"01001": 10e3, "01003": 30e3})
    shares = share_agencies(agencies, people)
    assert shares_of(shares, "AL0010100") == pytest.approx({"01001": 0.25, "01003": 0.75})
    assert rule_of(shares, "AL0010100") == "by residents"
    # Where residents are not known of all, evenly.
    even = share_agencies(agencies, pd.Series({"01001": 10e3}))
    assert shares_of(even, "AL0010100") == {"01001": 0.5, "01003": 0.5}


def test_new_york_city_is_split_over_five_counties_by_residents() -> None:
    people = load_population(2017)
    for counties in ((), ("36061",)):  # whatever the list says
        agencies = listed(("NY0303000", "New York", "city", counties, 8.6e6))
        shares = share_agencies(agencies, people)
        assert rule_of(shares, "NY0303000") == "nyc split"
        expected = people[BOROUGHS] / people[BOROUGHS].sum()
        assert shares_of(shares, "NY0303000") == pytest.approx(expected.to_dict())


def test_the_district_of_columbia_is_one_county(tmp_path: Path) -> None:
    path = tmp_path / "agencies.csv"
    path.write_text(
        "ori,agency_name,state_abbr,county_name,agency_type_name,population\n"
        "DCMPD0000,Washington,DC,NOT SPECIFIED,City,693645\n"
        "DCMTP0000,Metro Transit Police,DC,NOT SPECIFIED,Other,0\n"
    )
    shares = share_agencies(read_agencies(path), load_population(2019))
    assert shares.table["county_fips"].tolist() == ["11001", "11001"]
    assert shares.unassigned.empty


def test_towns_of_connecticut_lie_in_counties_of_2019(tmp_path: Path) -> None:
    path = tmp_path / "agencies.csv"
    path.write_text(
        "ori,agency_name,state_abbr,county_name,agency_type_name,population\n"
        "CT0006400,Hartford,CT,CAPITOL PLANNING REGION,City,122548\n"
        "CT0001500,Bridgeport,CT,GREATER BRIDGEPORT PLANNING REGION,City,152588\n"
        "CTCSP0000,Connecticut State Police,CT,UNMAPPED COUNTY,State Police,477608\n"
    )
    agencies, people = read_agencies(path), load_population(2019)
    shares = share_agencies(agencies, people)
    assert shares_of(shares, "CT0006400") == {"09003": 1.0}
    assert shares_of(shares, "CT0001500") == {"09001": 1.0}
    assert shares.unassigned.loc["CTCSP0000", "population"] == 477608
    spread = share_agencies(agencies, people, statewide="remainder")
    assert rule_of(spread, "CTCSP0000") == "where no other agency serves"
    left = people[people.index.str.startswith("09")].copy()
    left["09003"] -= 122548
    left["09001"] -= 152588
    assert shares_of(spread, "CTCSP0000") == pytest.approx((left / left.sum()).to_dict())


def test_alaska_state_troopers_serve_who_has_no_police_of_their_own() -> None:
    people = load_population(2019)
    agencies = listed(
        ("AK0010100", "Anchorage", "city", ("02020",), 287e3),  # a few more than residents
        ("AK0011800", "North Slope Borough", "city", ("02185",), people["02185"]),
        ("AKAST0100", "Alaska State Troopers", "state police", (), 274619.0),
        ("WAWSP0000", "Washington State Patrol", "state police", (), 0.0),
    )
    shares = share_agencies(agencies, people, statewide="remainder")
    troopers = shares_of(shares, "AKAST0100")
    assert "02020" in troopers  # 288,000 residents, 287,000 served
    assert troopers["02020"] < 0.01
    assert "02185" not in troopers
    assert troopers["02170"] > 0.2  # Matanuska-Susitna
    assert sum(troopers.values()) == pytest.approx(1)
    assert all(fips.startswith("02") for fips in troopers)
    assert shares.unassigned.index.tolist() == ["WAWSP0000"]


def test_an_unknown_rule_is_refused() -> None:
    agencies = listed(("AL0010100", "x", "city", ("01001",), 1.0))
    with pytest.raises(InputError, match="found 'everywhere'; expected one of listed, remainder"):
        share_agencies(agencies, NOBODY, statewide="everywhere")  # type: ignore[arg-type]


COUNTIES = ["01001", "01003", "01005", "01007"]


@given(
    st.lists(
        st.tuples(
            st.lists(st.sampled_from(COUNTIES), max_size=4, unique=True),
            st.sampled_from([0.0, float("nan"), 1.0, 5e3, 2e5]),
            st.sampled_from(["city", "county", "state police", "tribal"]),
        ),
        min_size=1,
        max_size=10,
    ),
    st.lists(st.sampled_from([0.0, 1.0, 4e4, 9e5]), min_size=4, max_size=4),
    st.sampled_from(["listed", "remainder"]),
)
def test_every_agency_is_shared_out_whole_or_listed(
    rows: list[Any], people: list[float], statewide: Any
) -> None:
    agencies = listed(
        *[
            (f"AL{number:05d}00", f"Town {number}", kind, tuple(counties), population)
            for number, (counties, population, kind) in enumerate(rows)
        ]
    )
    before = agencies.table.copy()
    series = pd.Series(dict(zip(COUNTIES, people, strict=True)))
    shares = share_agencies(agencies, series, statewide=statewide)
    sums = shares.table.groupby("ori")["share"].sum()
    assert np.allclose(sums, 1)
    assert set(sums.index) | set(shares.unassigned.index) == set(agencies.table.index)
    assert not set(sums.index) & set(shares.unassigned.index)
    assert (shares.table["share"] > 0).all()
    # Nobody comes to a county that the list does not name, save by the rule that is asked for.
    named = shares.table[shares.table["rule"] != "where no other agency serves"]
    for ori, fips in named[["ori", "county_fips"]].itertuples(index=False):
        assert fips in agencies.table.loc[ori, "counties"]
    pd.testing.assert_frame_equal(agencies.table, before)
