"""Votes for president: districts and wards whose codes look like counties', carried regions."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo import InputError
from geo.context import PresidentialVotes, county_table, read_votes

WIDE = "state_name,county_fips,county_name,votes_gop,votes_dem,total_votes\n"
LONG = (
    "year,state,state_po,county_name,county_fips,candidate,party,candidatevotes,totalvotes,mode\n"
)
Reads = Callable[..., PresidentialVotes]


@pytest.fixture
def reads(tmp_path: Path) -> Reads:
    def read(content: str, name: str = "president_2024.csv", **options: Any) -> PresidentialVotes:
        path = tmp_path / name
        path.write_text(content, encoding="utf-8")
        return read_votes(path, **options)

    return read


def test_alaska_by_district_is_no_county(reads: Reads) -> None:
    content = WIDE + "".join(
        f"Alaska,020{number:02},State House District {number},10,20,31\n" for number in range(1, 41)
    )
    votes = reads(content + "Alabama,1001,Autauga County,20484,7439,28190\n")
    assert votes.table.index.tolist() == ["01001"]  # neither 02013, 02016 nor 02020
    assert votes.by_state.loc[["AK"], ["republican", "total"]].to_numpy().tolist() == [[400, 1_240]]
    assert votes.by_state["units"].to_dict() == {"AK": "districts or wards", "AL": "counties"}
    assert votes.notes[0].startswith("AK: votes are counted by 40 districts")
    assert votes.year == 2024


def test_alaska_by_district_is_told_by_its_codes_alone(reads: Reads) -> None:
    votes = reads(WIDE + "AK,02001,HD1,1,2,3\nAK,02020,HD20,4,5,9\n")
    assert votes.table.empty
    assert votes.by_state.loc["AK", "total"] == 12


def test_alaska_by_borough_stays(reads: Reads) -> None:
    votes = reads(WIDE + "AK,02020,Anchorage,4,5,9\nAK,NA,Federal absentee,1,1,2\n")
    assert votes.table["total"].to_dict() == {"02020": 9}
    assert votes.by_state.loc["AK", "total"] == 11
    assert votes.unplaced[["row", "state", "name", "total"]].to_numpy().tolist() == [
        [3, "AK", "Federal absentee", 2]
    ]


def test_wards_are_added_up_for_the_district_of_columbia(reads: Reads) -> None:
    wards = "".join(f"District of Columbia,1100{n},Ward {n},{n},10,20\n" for n in range(1, 9))
    votes = reads(WIDE + wards)
    assert votes.table.loc[["11001"]].to_numpy().tolist() == [[36, 80, 160]]
    assert reads(WIDE + "DC,11001,District of Columbia,1,2,4\n").table.loc["11001", "total"] == 4


def test_counties_named_ward_are_counties(reads: Reads) -> None:
    votes = reads(WIDE + "Texas,48475,Ward County,3,1,4\nND,38101,Ward County,5,1,7\n")
    assert votes.table["total"].to_dict() == {"38101": 7, "48475": 4}


def test_planning_regions_are_carried(reads: Reads) -> None:
    regions = "".join(f"CT,09{n}0,Region {n},10,20,40\n" for n in range(11, 20))
    votes = reads(WIDE + regions)
    assert len(votes.table) == 8
    assert votes.table.sum().tolist() == pytest.approx([90, 180, 360])
    assert votes.by_state.loc["CT", "units"] == "planning regions"


def test_whole_states_are_left_out(reads: Reads) -> None:
    votes = reads(WIDE + "Alabama,1000,Alabama,9,9,18\nAlabama,1001,Autauga,1,2,3\n")
    assert votes.by_state.loc["AL", "total"] == 3
    assert votes.notes == ("1 row of a whole state left out",)


BOROUGHS = ("02013", "02016", "02020", "02050")


@pytest.mark.parametrize("name", ["Alaska", "Borough"])
def test_a_states_total_in_each_county_is_no_countys(reads: Reads, name: str) -> None:
    """As in files of 2016, where Alaska's 246,588 votes stand under 29 codes."""
    same = "".join(f"AK,{code},{name},130413,93003,246588\n" for code in BOROUGHS)
    votes = reads(WIDE + same + "AL,1001,Autauga County,18110,5908,24661\n")
    assert votes.table.index.tolist() == ["01001"]
    alaska = votes.by_state.loc["AK"]
    assert list(alaska) == [130_413, 93_003, 246_588, "the whole state"]
    assert votes.unplaced.empty
    (note,) = votes.notes
    assert note == (
        "AK: the same votes stand in 4 rows (02013, 02016, 02020, 02050): one total of them, "
        "counted once, for the state alone"
    )


@pytest.mark.parametrize("code", ["02013", "02000"])
def test_a_states_total_alone_counts_for_the_state(reads: Reads, code: str) -> None:
    votes = reads(WIDE + f"AK,{code},Alaska,13,9,24\nAL,1001,Autauga County,1,2,3\n")
    assert votes.table.index.tolist() == ["01001"]
    assert list(votes.by_state.loc["AK", ["total", "units"]]) == [24, "the whole state"]
    assert votes.notes == ("AK: votes of the state as a whole, of no county",)
    # Beside its boroughs it is their sum.
    both = reads(WIDE + f"AK,{code},Alaska,13,9,24\nAK,02020,Anchorage,1,2,3\n")
    assert both.table["total"].to_dict() == {"02020": 3}
    assert list(both.by_state.loc["AK", ["total", "units"]]) == [3, "counties"]
    assert both.notes == ("1 row of a whole state left out",)


def test_a_total_of_some_counties_counts_once(reads: Reads) -> None:
    city = "".join(
        f"NY,{code},{name},500000,1600000,2200000\n"
        for code, name in (("36005", "Bronx"), ("36047", "Kings"), ("36061", "New York"))
    )
    votes = reads(WIDE + city + "NY,36001,Albany,50000,90000,150000\n")
    assert votes.table.index.tolist() == ["36001"]
    assert list(votes.by_state.loc["NY", ["total", "units"]]) == [2_350_000, "counties"]
    assert votes.unplaced["total"].tolist() == [2_200_000]


def test_counties_named_like_their_state_and_small_ones_alike_are_counties(reads: Reads) -> None:
    votes = reads(
        WIDE + "UT,49049,Utah,9,2,12\nNew York,36061,NEW YORK,1,2,3\nHI,15001,Hawaii,1,2,3\n"
        "HI,15003,Honolulu,1,2,3\nTX,48301,Loving,60,4,64\nTX,48269,King,60,4,64\n"
    )
    assert votes.table["total"].tolist() == [3, 3, 3, 64, 64, 12]


def test_the_county_table_says_which_states_are_known_as_a_whole(reads: Reads) -> None:
    votes = reads(WIDE + "AK,02000,Alaska,13,9,24\nAL,1001,Autauga County,1,2,3\n")
    table = county_table(votes=votes)
    assert table.table.loc["02020", ["votes", "republican_share"]].isna().all()
    assert table.columns[-1].note == "AK: as a whole, no counties"


def test_more_votes_than_residents_are_refused(reads: Reads) -> None:
    """A total of some larger area, or columns exchanged."""
    with pytest.raises(InputError) as caught:
        reads(WIDE + "AL,1001,Autauga,41000,42000,99000\nAL,1003,Baldwin,1,2,3\n")
    assert str(caught.value) == (
        "president_2024.csv, county 01001: found 99,000 votes among 55,869 residents; expected "
        "fewer votes than residents; correct the numbers, or leave the row out if they are of a "
        "larger area"
    )
    # Loving County, Texas, had 156 votes and 67 residents in 2000.
    few = reads(WIDE + "TX,48301,Loving,124,29,156\n", "president_2000.csv")
    assert few.table["total"].tolist() == [156]
    # Areas of other years have residents too.
    with pytest.raises(InputError, match="county 09190: found 990,000 votes among 620,"):
        reads(WIDE + "CT,09190,Western Connecticut,1,2,990000\n")


@pytest.mark.parametrize(
    ("votes", "lacking"), [(",2,3", "republican"), ("1,,3", "democratic"), (",,3", "republican, d")]
)
def test_votes_of_one_party_alone_are_refused(reads: Reads, votes: str, lacking: str) -> None:
    with pytest.raises(InputError, match=f"row 2: found votes without a number of {lacking}"):
        reads(WIDE + f"AL,1001,Autauga,{votes}\nAL,1003,Baldwin,1,2,3\n")
    empty = reads(WIDE + "AL,1001,Autauga,,,\nAL,1003,Baldwin,0,2,3\n")
    assert empty.table["total"].dropna().to_dict() == {"01003": 3}


def test_candidates_of_one_party_alone_are_refused(reads: Reads) -> None:
    with pytest.raises(InputError, match="row 2: found votes without a number of republican"):
        reads(LONG + "2020,AL,AL,AUTAUGA,1001,B,DEMOCRAT,7503,27770,TOTAL\n")


def test_a_row_a_candidate(reads: Reads) -> None:
    rows = [
        *("2020,ALABAMA,AL,AUTAUGA,1001,B,DEMOCRAT,7503,27770,TOTAL",),
        *("2020,ALABAMA,AL,AUTAUGA,1001,T,REPUBLICAN,19838,27770,TOTAL",),
        *("2020,ALABAMA,AL,AUTAUGA,1001,J,LIBERTARIAN,350,27770,TOTAL",),
        # Ways of voting apart, and their total beside them.
        *("2020,ARIZONA,AZ,APACHE,4001,B,DEMOCRAT,3,10,ELECTION DAY",),
        *("2020,ARIZONA,AZ,APACHE,4001,B,DEMOCRAT,4,10,EARLY",),
        *("2020,ARIZONA,AZ,APACHE,4001,T,REPUBLICAN,2,10,EARLY",),
        *("2020,UTAH,UT,BEAVER,49001,T,REPUBLICAN,11,20,TOTAL",),
        *("2020,UTAH,UT,BEAVER,49001,B,DEMOCRAT,9,20,TOTAL",),
        *("2020,UTAH,UT,BEAVER,49001,B,DEMOCRAT,4,20,EARLY",),
        # Kansas City counts apart from the rest of Jackson County.
        *("2020,MISSOURI,MO,JACKSON,29095,B,DEMOCRAT,100,190,TOTAL",),
        *("2020,MISSOURI,MO,JACKSON,29095,T,REPUBLICAN,80,190,TOTAL",),
        *("2020,MISSOURI,MO,KANSAS CITY,2938000,T,REPUBLICAN,9,60,TOTAL",),
        *("2020,MISSOURI,MO,KANSAS CITY,2938000,B,DEMOCRAT,50,60,TOTAL",),
        *("2016,ALABAMA,AL,AUTAUGA,1001,C,DEMOCRAT,5936,24973,TOTAL",),
    ]
    votes = reads(LONG + "\n".join(rows) + "\n", "countypres_2000-2020.csv", year=2020)
    assert votes.table["democratic"].to_dict() == {
        "01001": 7_503,
        "04001": 7,
        "29095": 150,
        "49001": 9,
    }
    assert votes.table["total"].tolist() == [27_770, 10, 250, 20]
    assert votes.table.loc["01001", "republican"] == 19_838
    assert votes.year == 2020
    assert "MO: Kansas City added to the rest of Jackson County" in votes.notes


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("state,x\nAL,1\n", "expected one of county_fips"),
        (WIDE + "Ontario,1001,x,1,2,3\n", "row 2: found state 'Ontario'; expected a state"),
        (WIDE + "AL,1001,x,1,2,many\n", "row 2, column 'total_votes': found 'many'"),
        (WIDE + "AL,1001,x,1.5,2,4\n", "a whole number"),
        (WIDE + "AL,1001,x,10,20,25\n", "30 votes for two parties of 25 in all"),
        (WIDE + "AL,1001,x,1,1,2\nAL,01001,y,1,1,2\n", "rows 2, 3 for the same county"),
        (WIDE + "CT,9001,x,1,1,2\nCT,9110,y,1,1,2\n", "codes of two vintages"),
        (
            LONG + "2016,AL,AL,A,1001,x,DEMOCRAT,1,2,TOTAL\n2020,AL,AL,A,1001,x,DEMOCRAT,1,2,\n",
            "elections of 2016, 2020; expected one election; name its year",
        ),
        (LONG + "soon,AL,AL,A,1001,x,DEMOCRAT,1,2,TOTAL\n", "'soon'; expected a year"),
    ],
)
def test_bad_files(reads: Reads, content: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        reads(content)
    assert message in str(caught.value)
    assert "president_2024.csv" in str(caught.value)


def test_every_problem_at_once(reads: Reads) -> None:
    with pytest.raises(InputError) as caught:
        reads(WIDE + "Ontario,1001,x,many,2,3\nAL,1003,x,1,-2,3\n")
    assert len(caught.value.problems) == 3


def test_problems_of_every_kind_at_once(reads: Reads) -> None:
    with pytest.raises(InputError) as caught:
        reads(WIDE + "AL,1001,x,10,20,25\nAL,01001,y,1,1,2\nTexas,1003,z,1,1,2\n")
    assert [problem.where for problem in caught.value.problems] == [
        "row 2",
        "row 4",
        "county 01001",
    ]


def test_codes_of_another_state_are_refused(reads: Reads) -> None:
    with pytest.raises(InputError) as caught:
        reads(WIDE + "Texas,01001,Autauga,1,2,3\nAlabama,01003,Baldwin,1,2,3\n")
    assert str(caught.value) == (
        "president_2024.csv, row 2: found 'TX' beside the county code 01001; expected AL, the "
        "state of that code; correct one of the two, or leave the row out"
    )


def test_codes_of_another_county_are_refused(reads: Reads) -> None:
    with pytest.raises(InputError) as caught:
        reads(WIDE + "Alabama,01001,Baldwin County,1,2,3\nAlabama,01003,Autauga,1,2,3\n")
    assert [problem.found for problem in caught.value.problems] == [
        "'Baldwin County' (01003) beside the county code 01001",
        "'Autauga' (01001) beside the county code 01003",
    ]


@pytest.mark.parametrize(
    ("name", "content", "found"),
    [
        (
            "president_2024.csv",
            WIDE + "AL,1001,x,1,2,3\n",
            "an election of 2024 by the file's name",
        ),
        (
            "votes.csv",
            "year," + WIDE + "2024,AL,1001,x,1,2,3\n",
            "column 'year': found elections of 2024",
        ),
    ],
)
def test_another_election_than_the_files_is_refused(
    reads: Reads, name: str, content: str, found: str
) -> None:
    assert reads(content, name).year == 2024
    with pytest.raises(InputError) as caught:
        reads(content, name, year=2020)
    assert found in str(caught.value)
    assert "expected one of 2020, as asked for (--election)" in str(caught.value)


def test_one_of_several_elections_in_columns_of_votes(reads: Reads) -> None:
    content = "year," + WIDE + "2020,AL,1001,x,1,2,3\n2024,AL,1001,x,4,5,9\n"
    assert reads(content, "votes.csv", year=2020).table["total"].to_dict() == {"01001": 3}


def test_the_year_is_never_guessed_between_two(reads: Reads) -> None:
    content = WIDE + "AL,1001,x,1,2,3\n"
    assert reads(content, "president_2016_2020.csv").year is None
    assert reads(content, "votes.csv", year=2020).year == 2020


@settings(max_examples=10)  # each reads a file
@given(st.lists(st.tuples(st.integers(0, 900), st.integers(0, 900)), min_size=9, max_size=9))
def test_no_vote_of_connecticut_is_lost(
    tmp_path_factory: pytest.TempPathFactory, counts: list[tuple[int, int]]
) -> None:
    path = tmp_path_factory.mktemp("votes") / "president_2024.csv"
    rows = [
        f"CT,09{number}0,Region,{one},{two},{one + two}"
        for number, (one, two) in zip(range(11, 20), counts, strict=True)
    ]
    path.write_text(WIDE + "\n".join(rows), encoding="utf-8")
    votes = read_votes(path)
    expected = pd.DataFrame(counts).sum()
    assert votes.table["republican"].sum() == pytest.approx(expected[0])
    assert votes.table["democratic"].sum() == pytest.approx(expected[1])


def test_real_votes_of_2024(shared_data: Path) -> None:
    path = shared_data / "real" / "politics" / "president_2024_by_county.csv"
    votes = read_votes(path)
    stated = pd.read_csv(path)
    assert votes.by_state["total"].sum() == stated["total_votes"].sum()
    # All counties of the 50 states and the District of Columbia, Alaska's 30 aside.
    assert len(votes.table) == 3_142 - 30 == votes.table["total"].notna().sum()
    outside = stated.loc[stated["state_name"] == "Alaska", "total_votes"].sum()
    assert votes.table["total"].sum() == pytest.approx(stated["total_votes"].sum() - outside)
    district = stated["state_name"] == "District of Columbia"
    assert votes.table.loc["11001", "total"] == stated.loc[district, "total_votes"].sum()
    assert votes.unplaced.empty
    units = votes.by_state["units"]
    assert units[units != "counties"].to_dict() == {
        "AK": "districts or wards",
        "CT": "planning regions",
        "DC": "districts or wards",
    }
