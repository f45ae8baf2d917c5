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
    # Its other crimes are in the ledger, whole.
    totals = sums.totals()["reported"]
    assert totals.to_dict() == {COUNTED: 8, "an offence is missing": 6}
    assert repr(sums) == "CountySums: ucr_part1_violent, 8 of 14 crimes in 1 counties"


def test_one_ori_is_one_agency_however_its_name_is_spelt() -> None:
    rows = [
        {"ori": "AL0010000", "agency": name, "offense": offence, "count": 2, "year": year}
        for year in (2015, 2016)
        for name, offence in (
            ("Autauga", "murder"),
            ("Autauga SO", "rape_revised"),
            ("", "robbery"),
            ("Autauga", "aggravated_assault"),
        )
    ]
    sums = sum_by_county(
        reported(*rows), LIST, definition="ucr_part1_violent", residents=residents(PEOPLE, 2016)
    )
    assert figures(sums, "01001") == (8, 20e3, 0.4)
    assert sums.matches.table["agency"].tolist() == ["Autauga"]
    assert sums.totals()["agencies"].to_dict() == {COUNTED: 2}


def test_an_ori_that_the_list_lacks_stands_in_the_ledger() -> None:
    sums = summed({"ori": "AL0019900", "agency": "Prattville", "count": 3})
    (row,) = sums.ledger.to_dict("records")
    assert (row["ori"], row["matched"], row["how"]) == ("AL0019900", "AL0010100", "name")
    assert figures(sums, "01001")[0] == 3
    (note,) = [note for note in sums.crimes.notes if "whose ORI the list lacks" in note]
    assert note.endswith("in the county of their ORI: 1")
    elsewhere = summed({"ori": "AL0079900", "agency": "Prattville", "count": 3})
    assert elsewhere.ledger["outcome"].tolist() == ["not listed"]


def test_of_two_agencies_of_one_name_one_has_the_residents() -> None:
    troopers = listed(
        ("AL001SP00", "State Police", "state police", ("01001",), 20e3),
        ("ALASP0100", "State Police", "state police", ("01001",), 21e3),
    )
    troopers.table["year"] = [2014, 2016]
    agencies = replace(LIST, table=pd.concat([LIST.table, troopers.table]))
    both = ({"ori": "AL001SP00", "count": 1}, {"ori": "ALASP0100", "count": 2})
    options: dict[str, Any] = {"definition": "homicide", "residents": residents(PEOPLE, 2016)}
    assert figures(sum_by_county(reported(*both), agencies, **options), "01001")[:2] == (3, 21e3)
    # Before the later one reported, the earlier served them.
    alone = sum_by_county(reported(both[0], {**both[1], "count": NAN}), agencies, **options)
    assert figures(alone, "01001")[:2] == (1, 20e3)


def test_more_residents_than_there_are_is_told() -> None:
    sums = summed({"ori": "AL0010100", "population": 60e3}, {"ori": "AL0010000"})
    (note,) = [note for note in sums.crimes.notes if "than live there" in note]
    assert note.endswith("so that rates are too low: 1 (Autauga, AL 1.60)")
    assert not any("than live there" in n for n in summed({"ori": "AL0010100"}).crimes.notes)


def test_a_county_that_the_list_does_not_cover_is_told_from_one_that_is_silent() -> None:
    shorter = replace(LIST, table=LIST.table[LIST.table.index != "AL0010100"])
    options: dict[str, Any] = {"definition": "homicide", "residents": residents(PEOPLE, 2016)}
    sums = sum_by_county(reported({"ori": "AL0010000"}), shorter, **options)
    flags = sums.crimes.table.set_index("county_fips")["flags"].to_dict()
    assert flags == {"01001": "list incomplete", "01003": "", "01005": ""}
    (note,) = [note for note in sums.crimes.notes if "whoever reports" in note]
    assert note.endswith("less than 80%, so that they fall short whoever reports: 1")
    assert "list incomplete" not in set(summed({"ori": "AL0010000"}).crimes.table["flags"])
    # Whose residents the list does not state may be those who lack; so may other states'.
    unknown = LIST.table.assign(
        population=LIST.table["population"].mask(LIST.table["kind"] == "city")
    )
    people = residents({**PEOPLE, "48201": 4e6}, 2016)
    sums = sum_by_county(
        reported({"ori": "AL0010000"}),
        replace(LIST, table=unknown),
        definition="homicide",
        residents=people,
    )
    assert set(sums.crimes.table["flags"]) == {""}


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


def covering(
    *rows: dict[str, Any], by: dict[str, str], offence: str = "homicide", **options: Any
) -> CountySums:
    """Sum reports of agencies, some of which others report for."""
    covered = pd.DataFrame({"ori": list(by), "year": 2016, "covered_by": list(by.values())})
    return sum_by_county(
        replace(reported(*rows), covered_by=covered),
        replace(LIST, table=pd.concat([LIST.table, HAMLET.table])),
        definition=offence,
        residents=residents(PEOPLE, 2016),
        **options,
    )


HAMLET = listed(("AL0010200", "Hamlet", "city", ("01001",), 5e3))
CHAIN = {"AL0010200": "AL0010000", "AL0010000": "AL0010100"}


def outcomes_of(sums: CountySums) -> dict[str, str]:
    rows = sums.ledger.drop_duplicates("ori")
    return dict(zip(rows["ori"], rows["outcome"], strict=True))


def test_a_chain_of_agencies_ends_at_the_one_that_reported() -> None:
    rows = (
        {"ori": "AL0010100", "count": 300},
        {"ori": "AL0010000", "count": NAN, "months": 0},
        {"ori": "AL0010200", "count": NAN, "months": 0},
    )
    sums = covering(*rows, by=CHAIN)
    assert figures(sums, "01001") == (300, 55e3, 1)
    assert outcomes_of(sums)["AL0010200"] == COVERED
    # One that reports nothing, for itself or by way of the other, is covered by nobody.
    circle = covering(*rows[1:], by={**CHAIN, "AL0010000": "AL0010200"})
    assert set(outcomes_of(circle).values()) == {"not reported"}


def test_a_covered_agency_shares_what_became_of_the_return() -> None:
    rows = ({"ori": "AL0010100", "count": 20, "months": 6}, {"ori": "AL0010200", "count": NAN})
    options: dict[str, Any] = {"by": {"AL0010200": "AL0010100"}}
    partial = covering(*rows, **options)
    assert set(outcomes_of(partial).values()) == {"too few months reported"}
    whole = covering(*rows, **options, fewest_months=3)
    assert outcomes_of(whole) == {"AL0010100": COUNTED, "AL0010200": COVERED}
    assert figures(whole, "01001") == (40, 35e3, 0.7)


def test_a_written_zero_of_a_covered_agency_is_no_report() -> None:
    by = {"AL0010200": "AL0010100"}
    zero = {"ori": "AL0010200", "count": 0, "months": 12}
    # The other reported: its crimes are those of both.
    sums = covering({"ori": "AL0010100", "count": 9}, zero, by=by)
    assert outcomes_of(sums)["AL0010200"] == COVERED
    assert any("whose crimes another reports, set to missing: 1" in n for n in sums.crimes.notes)
    # The other did not: nobody reported, and no zero is left.
    silent = covering({"ori": "AL0010100", "count": NAN}, zero, by=by)
    assert figures(silent, "01001") == pytest.approx((NAN, NAN, 0), nan_ok=True)
    # Crimes of its own are a report, and then so are its zeros.
    own = covering({"ori": "AL0010100"}, zero, {**zero, "offense": "burglary", "count": 3}, by=by)
    assert outcomes_of(own)["AL0010200"] == COUNTED


def test_a_zero_of_a_covered_agency_is_not_judged() -> None:
    """A city of 30,000 without one crime would not be believed, were the zeros its own."""
    offences = {"murder": 4, "rape_revised": 30, "robbery": 60, "aggravated_assault": 300}
    rows = [
        {"ori": ori, "offense": offence, "count": count * times, "population": 40e3}
        for offence, count in offences.items()
        for ori, times in (("AL0010100", 1), ("AL0010000", 0), ("AL0020000", 1))
    ]
    sums = covering(*rows, by={"AL0010000": "AL0010100"}, offence="ucr_part1_violent")
    assert outcomes_of(sums)["AL0010000"] == COVERED
    assert figures(sums, "01001") == (394, 80e3, 1)


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


@given(
    st.lists(
        st.tuples(*[st.one_of(st.just(NAN), st.integers(0, 900)) for _ in range(4)]),
        min_size=1,
        max_size=len(LIST.table),
    )
)
def test_no_crime_of_any_offence_is_lost(counts: list[tuple[float, ...]]) -> None:
    """An agency that leaves an offence out has the others all the same."""
    offences = ("murder", "rape_revised", "robbery", "aggravated_assault")
    rows = [
        {"ori": ori, "offense": offence, "count": count}
        for ori, of_agency in zip(LIST.table.index, counts, strict=False)
        for offence, count in zip(offences, of_agency, strict=True)
    ]
    sums = sum_by_county(
        reported(*rows),
        LIST,
        definition="ucr_part1_violent",
        residents=residents(PEOPLE, 2016),
    )
    total = pd.DataFrame(counts).sum().sum()
    assert sums.totals()["reported"].sum() == pytest.approx(total)
