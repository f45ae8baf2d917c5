"""From agencies to counties no crime is lost, and the ledger says where each one went."""

from dataclasses import replace
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_agencies import listed, reported, residents

from geo import InputError
from geo.crime import AGGREGATE, COUNTED, COVERED, LEDGER_COLUMNS, CountySums, sum_by_county
from geo.population import Population

NAN = float("nan")
PEOPLE = {"01001": 50e3, "01003": 200e3, "01005": 25e3}
LIST = listed(
    ("AL0010000", "Sheriff", "county", ("01001",), 20e3),
    ("AL0010100", "Prattville", "city", ("01001",), 30e3),
    ("AL0020000", "Baldwin", "county", ("01003",), 100e3),
    ("AL0020100", "Two Counties", "city", ("01003", "01005"), 110e3),
    ("AL0020700", "University of Nowhere", "university", ("01005",), 0.0),
    ("ALAST0000", "State Troopers", "state police", (), 0.0),
)


def summed(*rows: dict[str, Any], **options: Any) -> CountySums:
    options.setdefault("residents", residents(PEOPLE, 2016))
    return sum_by_county(reported(*rows), LIST, definition="homicide", **options)


def figures(sums: CountySums, fips: str, year: int = 2016) -> tuple[float, float, float]:
    table = sums.crimes.table
    row = table[(table["county_fips"] == fips) & (table["year"] == year)]
    ((crimes, people, share),) = row[["crimes", "residents", "covered_share"]].to_numpy(dtype=float)
    return float(crimes), float(people), float(share)


def test_crimes_residents_and_coverage() -> None:
    sums = summed(
        {"ori": "AL0010000", "count": 2},
        {"ori": "AL0010100", "count": 0, "population": 31e3},
        {"ori": "AL0020000", "count": 7, "months": 5},
    )
    # The population of the year comes before that of the list.
    assert figures(sums, "01001") == (2, 51e3, 1)
    assert figures(sums, "01003") == pytest.approx((NAN, NAN, 0), nan_ok=True)
    assert sums.crimes.table["county_fips"].tolist() == list(PEOPLE)
    assert sums.crimes.table["years"].tolist() == ["2016"] * 3
    totals = sums.totals()
    assert totals["reported"].to_dict() == {COUNTED: 2, "too few months reported": 7}
    assert totals["agencies"].to_dict() == {COUNTED: 2, "too few months reported": 1}


def test_partial_years_are_brought_to_twelve_months_and_the_ledger_keeps_both() -> None:
    sums = summed({"ori": "AL0020000", "count": 7, "months": 6}, fewest_months=3)
    assert figures(sums, "01003") == (14, 100e3, 0.5)
    (row,) = sums.ledger.to_dict("records")
    assert (row["reported"], row["crimes"], row["outcome"]) == (7, 14, COUNTED)


def test_a_city_over_two_counties_is_split_and_flagged() -> None:
    sums = summed({"ori": "AL0020100", "count": 11})
    # 100,000 of Baldwin and 25,000 of the other are served by nobody else: 88,000 and 22,000.
    assert figures(sums, "01003") == pytest.approx((8.8, 88e3, 0.44))
    assert figures(sums, "01005") == pytest.approx((2.2, 22e3, 0.88))
    flags = sums.crimes.table.set_index("county_fips")["flags"]
    assert flags.to_dict() == {"01001": "", "01003": "city split", "01005": "city split"}
    assert sums.ledger["share"].tolist() == pytest.approx([0.8, 0.2])
    assert set(sums.ledger["rule"]) == {"parts estimated"}


def test_a_campus_adds_crimes_and_covers_nobody() -> None:
    sums = summed({"ori": "AL0020700", "count": 1, "population": 0})
    assert figures(sums, "01005") == (1, 0, 0)


def test_what_goes_to_no_county_is_in_the_ledger() -> None:
    sums = summed(
        {"ori": "AL0010000", "count": 1},
        {"ori": "ALAST0000", "count": 5},
        {"agency": "Unheard Of", "count": 3},
        {"ori": "AL0020000", "count": NAN},
        {"agency": "Full Sample", "agencies": 9, "count": 100},
    )
    outcomes = sums.ledger.set_index("outcome")
    assert outcomes.loc[COUNTED, "county_fips"] == "01001"
    assert outcomes.loc["serves a state, not a county", "agency"] == "State Troopers"
    assert outcomes.loc["not listed", "reported"] == 3
    assert outcomes.loc["not reported", "county_fips"] == "01003"
    assert outcomes.loc[AGGREGATE, "reported"] == 100
    assert sums.totals()["reported"].sum() == 9  # the sum of nine agencies is not theirs
    (note,) = [note for note in sums.crimes.notes if "sums of several agencies" in note]
    assert note.endswith(": 1")
    assert sums.ledger.columns.tolist() == list(LEDGER_COLUMNS)
    assert repr(sums) == "CountySums: homicide, 1 of 9 crimes in 1 counties"
    assert repr(sums.matches) == (
        "AgencyMatches: 5 agencies (3 ori, 1 not listed, 1 sum of several agencies)"
    )
    assert repr(sums.shares) == "AgencyShares: 4 one county, 1 parts estimated; 1 of no county"


def test_the_sum_of_agencies_does_not_weigh_on_what_is_plausible() -> None:
    sums = summed(
        {"ori": "AL0010000", "count": 0},
        {"agency": "Full Sample", "agencies": 9, "count": 10_000, "population": 50e3},
    )
    assert figures(sums, "01001") == (0, 20e3, 0.4)


def test_years_stand_apart_and_coverage_refers_to_the_nearest_residents() -> None:
    sums = summed(
        {"ori": "AL0010000", "year": 2014, "count": 2},
        {"ori": "AL0010000", "year": 2016, "count": 4},
    )
    assert figures(sums, "01001", 2014)[0] == 2
    assert figures(sums, "01001", 2016)[0] == 4
    said = [note for note in sums.crimes.notes if note.startswith("the covered share of")]
    assert said == ["the covered share of 2014 refers to residents of 2016 (the nearest there is)"]


def test_unknown_months_are_told() -> None:
    sums = summed({"ori": "AL0010000", "months": NAN, "count": 2})
    assert figures(sums, "01001") == (2, 20e3, 0.4)
    assert any("months reported are not known, taken for a year: 1" in n for n in sums.crimes.notes)


def test_the_census_stands_in_for_residents() -> None:
    sums = sum_by_county(reported({"ori": "AL0010000"}), LIST, definition="homicide")
    assert len(sums.crimes.table) == 3_142
    assert figures(sums, "01001") == pytest.approx((1, 20e3, 20e3 / 55_236), rel=0.01)


def test_definitions_are_never_mixed() -> None:
    rows = [
        {"ori": "AL0010000", "offense": offence, "year": 2012}
        for offence in ("murder", "rape_revised", "robbery", "aggravated_assault")
    ]
    with pytest.raises(InputError, match="figures of 2012 by the definition ucr_part1_violent"):
        sum_by_county(reported(*rows), LIST, definition="ucr_part1_violent")
    with pytest.raises(InputError, match="found no rape, legacy definition"):
        sum_by_county(reported(*rows), LIST, definition="ucr_part1_violent_legacy_rape")
    with pytest.raises(InputError, match="found 'violence'; expected one of"):
        sum_by_county(reported(*rows), LIST, definition="violence")


def test_an_agency_that_leaves_an_offence_out_is_not_counted() -> None:
    offences = ("murder", "rape_revised", "robbery", "aggravated_assault")
    whole = [{"ori": "AL0010000", "offense": offence, "count": 2} for offence in offences]
    partial = [
        {"ori": "AL0010100", "offense": offence, "count": NAN if "rape" in offence else 2}
        for offence in offences
    ]
    sums = sum_by_county(
        reported(*whole, *partial),
        LIST,
        definition="ucr_part1_violent",
        residents=residents(PEOPLE, 2016),
    )
    assert figures(sums, "01001") == (8, 20e3, 0.4)


def test_residents_of_a_covered_agency_count_with_the_one_that_reports_for_it() -> None:
    """300 crimes are of 55,000 residents, not of the 30,000 of the agency that wrote them."""
    covered = pd.DataFrame(
        {"ori": ["AL0010000", "AL0020100"], "year": 2016, "covered_by": "AL0010100"}
    )
    offenses = replace(
        reported(
            {"ori": "AL0010100", "count": 300},
            {"ori": "AL0010000", "count": NAN, "months": 0},
            {"ori": "AL0020100", "count": NAN, "months": 0},
        ),
        covered_by=covered,
    )
    options: dict[str, Any] = {"definition": "homicide", "residents": residents(PEOPLE, 2016)}
    sums = sum_by_county(offenses, LIST, **options)
    assert figures(sums, "01001") == (300, 50e3, 1)
    outcomes = sums.ledger.drop_duplicates("ori").set_index("ori")["outcome"].to_dict()
    assert outcomes["AL0010000"] == COVERED
    assert outcomes["AL0020100"] == "not reported"  # of other counties than the one named
    assert sums.totals()["reported"].sum() == 300
    # If the agency named reported nothing either, nobody is covered.
    silent = replace(offenses, table=offenses.table.assign(count=NAN, months=0.0))
    assert figures(sum_by_county(silent, LIST, **options), "01001")[2] == 0


def test_an_agency_one_of_whose_counties_is_not_known_says_so() -> None:
    unplaced = pd.DataFrame({"ori": ["AL0010100"], "reason": "no county of this name in AL"})
    sums = sum_by_county(
        reported({"ori": "AL0010100"}, {"ori": "AL0010000"}),
        replace(LIST, unplaced=unplaced),
        definition="homicide",
        residents=residents(PEOPLE, 2016),
    )
    rules = sums.ledger.set_index("ori")["rule"].to_dict()
    assert rules == {"AL0010000": "one county", "AL0010100": "not all counties known"}
    flags = sums.crimes.table.set_index("county_fips")["flags"]
    assert flags["01001"] == "part unknown"
    assert any("one of whose counties is not known" in note for note in sums.crimes.notes)


@pytest.mark.parametrize(("year", "warned"), [(2016, 0), (2017, 0), (2018, 1)])
def test_residents_of_another_time_are_a_warning(year: int, warned: int) -> None:
    sums = summed({"ori": "AL0010000", "year": year})
    assert len(sums.warnings) == warned
    later = sum_by_county(
        reported({"ori": "AL0010000"}),
        replace(LIST, table=LIST.table.assign(year=2019)),
        definition="homicide",
        residents=residents(PEOPLE, 2016),
    )
    (warning,) = later.warnings
    assert "the list of agencies is of 2019, residents are of 2016" in warning


def test_parts_of_cities_rest_on_residents_of_the_year_of_the_list() -> None:
    """A suburb that doubles goes on growing; coverage stays with the residents that are known."""
    people = pd.DataFrame({2014: [150e3, 20e3], 2019: [150e3, 40e3]}, index=["01003", "01005"])
    growing = Population(by_year=people, sources=(), notes=())
    agencies = replace(LIST, table=LIST.table[2:4].assign(year=2024))
    options: dict[str, Any] = {"definition": "homicide", "residents": growing}
    sums = sum_by_county(reported({"ori": "AL0020100", "year": 2019}), agencies, **options)
    # 50,000 and 60,000 are served by nobody else, not 50,000 and 40,000.
    shares = sums.shares.table.set_index(["ori", "county_fips"])["share"]
    assert shares["AL0020100", "01005"] == pytest.approx(60 / 110)
    assert figures(sums, "01005", 2019)[2] == 1  # 60,000 by the 40,000 of 2019
    assert "residents of 2019, carried on to 2024" in " ".join(sums.crimes.notes)


WHO = st.sampled_from(
    [
        *[{"ori": ori} for ori in LIST.table.index],
        *[{"agency": name} for name in ("Baldwin County", "Unheard Of", "Prattville")],
        {"agency": "Full Sample", "agencies": 4},
    ]
)


@given(
    st.lists(
        st.tuples(
            WHO,
            st.sampled_from([2014, 2016]),
            st.one_of(st.just(NAN), st.integers(0, 5_000)),
            st.one_of(st.just(NAN), st.integers(0, 12)),
        ),
        min_size=1,
        max_size=12,
        unique_by=lambda row: (str(row[0]), row[1]),
    ),
    st.sampled_from(["listed", "remainder"]),
    st.integers(1, 12),
)
def test_no_crime_is_lost(rows: list[Any], statewide: Any, months: int) -> None:
    given = [
        {**who, "year": year, "count": count, "months": reported_months}
        for who, year, count, reported_months in rows
    ]
    single = [row["count"] for row in given if "agencies" not in row]
    total = pd.Series(single, dtype=float).sum()
    sums = summed(*given, statewide=statewide, fewest_months=months)
    assert sums.totals()["reported"].sum() == pytest.approx(total)
    ledger = sums.ledger
    counted = ledger[ledger["outcome"] == COUNTED]
    table = sums.crimes.table
    assert table["crimes"].sum() == pytest.approx(counted["crimes"].sum())
    assert table["residents"].sum() == pytest.approx(counted["residents"].sum())
    assert (counted["county_fips"] != "").all()
    assert ledger.loc[ledger["outcome"] != COUNTED, "crimes"].isna().all()
    share = table["covered_share"]
    assert share.between(0, 1).all()
    # A figure stands where there is a report behind it, and only there.
    known = table.loc[table["crimes"].notna(), ["county_fips", "year"]]
    behind = counted[["county_fips", "year"]].drop_duplicates()
    assert set(known.itertuples(index=False)) == set(behind.itertuples(index=False))
