"""Years are pooled by the residents covered; what is not covered is no data."""

from dataclasses import replace
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_agencies import county_years, reported

from geo import InputError
from geo.crime import combine_offenses, combine_years, pool_years

NAN = float("nan")


def test_a_year_weighs_by_the_residents_it_covers() -> None:
    crimes = county_years(
        [
            ("01001", 2014, 10, 1_000, 1.0),
            ("01001", 2016, 10, 4_000, 1.0),
            ("01003", 2014, 3, 1_000, 1.0),
            ("01003", 2016, 4, 1_000, 0.6),
        ]
    )
    pooled = pool_years(crimes)
    # 20 crimes in 5,000 person-years, not the mean of 1,000 and 250.
    assert pooled.rates.rate.to_dict() == pytest.approx({"01001": 400, "01003": 350})
    assert (pooled.period, pooled.years) == ("2014/2016", (2014, 2016))
    rates = pooled.rates
    assert (rates.years, rates.period, rates.definition) == ("2014/2016", "2014/2016", "homicide")
    table = pooled.crimes.table.set_index("county_fips")
    figures = table[["crimes", "residents", "covered_share"]].to_numpy(dtype=float).tolist()
    assert figures == [[10, 2_500, 1], pytest.approx([3.5, 1_000, 0.8])]
    assert table["years"].tolist() == ["2014/2016"] * 2
    assert table["year"].tolist() == [2016] * 2


def test_a_year_without_a_report_lowers_the_coverage_and_adds_no_zero() -> None:
    crimes = county_years(
        [
            ("01001", 2014, 10, 1_000, 1.0),
            ("01001", 2015, NAN, NAN, 0.0),
            ("01003", 2014, 10, 1_000, 1.0),  # no row at all for 2015
            ("01005", 2014, 10, 1_000, 1.0),
            ("01005", 2015, 0, 1_000, 1.0),
            ("01007", 2014, 10, 1_000, 1.0),
            ("01007", 2015, NAN, 1_000, 1.0),  # reported, but not the crimes in question
        ]
    )
    shares = pool_years(crimes).crimes.table.set_index("county_fips")["covered_share"]
    assert shares.to_dict() == {"01001": 0.5, "01003": 0.5, "01005": 1, "01007": 0.5}
    pooled = pool_years(crimes, least_covered_share=0.5)
    assert pooled.rates.rate.to_dict() == {"01001": 1e3, "01003": 1e3, "01005": 500, "01007": 1e3}
    strict = pool_years(crimes)
    assert strict.rates.rate.dropna().to_dict() == {"01005": 500}
    assert (strict.rates.uncovered, strict.rates.source.missing) == (3, 3)
    flags = strict.crimes.table.set_index("county_fips")["flags"]
    assert flags.to_dict() == dict.fromkeys(flags.index, "covered share too small") | {"01005": ""}


def test_a_year_of_which_less_than_half_is_known_enters_no_rate() -> None:
    crimes = county_years(
        [
            *[("01001", year, 10, 1_000, 1.0) for year in (2013, 2014, 2015, 2016)],
            ("01001", 2017, 90, 200, 0.2),
            ("01003", 2016, 90, 200, 0.2),  # it has no better year
            ("01005", 2016, 10, 1_000, 0.9),
            ("01005", 2017, 20, 600, 0.6),
        ]
    )
    pooled = pool_years(crimes)
    assert pooled.rates.rate.dropna().to_dict() == {"01001": 1_000}  # not 1,190
    table = pooled.crimes.table.set_index("county_fips")
    shares = table["covered_share"].to_dict()
    assert shares == pytest.approx({"01001": 0.8, "01003": 0.04, "01005": 0.3})
    assert table.loc["01003", "crimes"] == 90
    assert table.loc["01003", "flags"] == "covered share too small"
    assert any("covered by less than half, left out: 1" in n for n in pooled.crimes.notes)
    # Whoever asks for less gets it.
    loose = pool_years(crimes, least_covered_share=0)
    assert loose.rates.rate["01001"] == pytest.approx(130 / 4_200 * 1e5)


def test_coverage_that_nobody_states_sets_nothing_aside() -> None:
    crimes = county_years([("01001", 2014, 1, 100, NAN), ("01003", 2014, 2, 100, NAN)])
    pooled = pool_years(crimes)
    assert pooled.rates.rate.tolist() == [1e3, 2e3]
    assert pooled.crimes.table["covered_share"].isna().all()
    assert "the covered share is not stated" in pooled.crimes.notes[-1]
    # Stated of one, the other is in doubt.
    some = county_years([("01001", 2014, 1, 100, 1.0), ("01003", 2014, 2, 100, NAN)])
    pooled = pool_years(some)
    assert pooled.rates.rate.isna().tolist() == [False, True]
    assert pooled.crimes.table["flags"].tolist() == ["", "covered share not known"]
    assert not any("not stated" in note for note in pooled.crimes.notes)


def test_years_are_chosen() -> None:
    crimes = county_years([("01001", year, year - 2010, 1_000, 1.0) for year in range(2012, 2018)])
    pooled = pool_years(crimes, first=2014, last=2016)
    assert pooled.years == (2014, 2015, 2016)
    assert pooled.rates.rate["01001"] == 500
    assert pooled.crimes.table["years"].tolist() == ["2014-2016"]
    assert pool_years(crimes, first=2017).period == "2017"
    assert repr(pooled) == (
        "CrimeBaseline: homicide, 2014/2016, 1 of 1 counties covered by 80% or more"
    )
    with pytest.raises(InputError, match=r"no figure of 2018/2019 \(there are figures of 2012"):
        pool_years(crimes, first=2018, last=2019)


def test_what_is_pooled_stands_alone() -> None:
    crimes = county_years([("01001", 2016, 4, 1_000, 1.0)])
    pooled = replace(crimes, table=crimes.table.assign(years="2014/2016"))
    assert pool_years(pooled).period == "2014/2016"
    assert pool_years(pooled).years == (2014, 2016)
    single = county_years([("01001", 2017, 4, 1_000, 1.0)])
    with pytest.raises(InputError, match="figures over 2014/2016 beside figures of other years"):
        pool_years(combine_years([pooled, single]))


def test_zeros_and_residents_that_are_none() -> None:
    crimes = county_years(
        [
            ("01001", 2014, 0, 1_000, 1.0),
            ("01003", 2014, 2, 0, 1.0),
            ("01005", 2014, 2, NAN, 1.0),
        ]
    )
    pooled = pool_years(crimes)
    assert pooled.rates.zeros == 1
    assert pooled.rates.rate.isna().tolist() == [False, True, True]


def test_a_year_of_crimes_without_residents_is_no_covered_year() -> None:
    """Its crimes enter no rate, so its share enters no mean."""
    crimes = county_years(
        [
            ("01001", 2014, 10, 50_000, 1.0),
            ("01001", 2015, 40, NAN, 1.0),
            ("01001", 2016, 10, 50_000, 1.0),
            ("01003", 2014, 10, 50_000, 0.3),
            ("01003", 2015, 40, NAN, 1.0),  # no better year than 2014
            ("01005", 2014, 10, 50_000, 1.0),
            ("01005", 2015, 1, 0, 0.0),  # a campus alone
        ]
    )
    pooled = pool_years(crimes, least_covered_share=0)
    assert pooled.rates.rate.tolist() == pytest.approx([20, 20, 20])
    shares = pooled.crimes.table["covered_share"]
    assert shares.tolist() == pytest.approx([2 / 3, 0.1, 1 / 3])
    (note,) = [note for note in pooled.crimes.notes if "without residents, left out" in note]
    assert note.endswith(": 2")
    with pytest.raises(InputError, match=r"covered share of 0\.8 or more"):
        pool_years(crimes)


@pytest.mark.parametrize("least_covered_share", [-0.1, 1.1, NAN])
def test_a_threshold_is_a_share(least_covered_share: float) -> None:
    crimes = county_years([("01001", 2014, 1, 100, 1.0)])
    with pytest.raises(InputError, match="expected a share from 0 to 1"):
        pool_years(crimes, least_covered_share=least_covered_share)


def test_nothing_covered_is_refused() -> None:
    crimes = county_years([("01001", 2014, 1, 100, 0.5)])
    with pytest.raises(InputError, match=r"covered share of 0\.8 or more.*lower the least"):
        pool_years(crimes)


def test_definitions_are_not_pooled_together() -> None:
    homicide = county_years([("01001", 2014, 1, 100, 1.0)])
    robbery = county_years([("01001", 2015, 1, 100, 1.0)], definition="robbery")
    with pytest.raises(InputError, match=r"homicide .* and robbery"):
        combine_years([homicide, robbery])


def test_a_county_stands_in_one_file_a_year() -> None:
    one = county_years([("01001", 2014, 1, 100, 1.0), ("01003", 2014, 1, 100, 1.0)])
    other = county_years([("01003", 2014, 1, 100, 1.0), ("01003", 2015, 1, 100, 1.0)])
    with pytest.raises(InputError, match="2014: found figures of the same counties twice: 01003;"):
        combine_years([one, other])
    apart = county_years([("01005", 2014, 1, 100, 1.0)])
    assert combine_years([one, apart]).table["county_fips"].tolist() == ["01001", "01003", "01005"]


def test_an_agency_stands_in_one_file_a_year() -> None:
    one = reported({"ori": "AL0010000"}, {"agency": "Nowhere", "state": "TX"})
    apart = combine_offenses([one, reported({"ori": "AL0010000", "year": 2017})])
    assert apart.table["year"].tolist() == [2016, 2016, 2017]
    with pytest.raises(InputError, match="the same agencies twice: Nowhere, TX"):
        combine_offenses([one, reported({"agency": "Nowhere", "state": "TX"})])
    violent = replace(one, definition="ucr_part1_violent")
    other = replace(apart, definition="nibrs_violent", table=apart.table.assign(year=2020, ori="x"))
    assert combine_offenses([violent]).definition == "ucr_part1_violent"
    later = replace(other, table=other.table.drop_duplicates("ori"))
    assert combine_offenses([violent, later]).definition is None


YEARS = st.lists(
    st.tuples(
        st.integers(0, 1_000),
        st.integers(1_001, 10**6),
        st.floats(0.01, 1),
    ),
    min_size=1,
    max_size=6,
)


@given(YEARS, st.integers(2, 50))
def test_a_pooled_rate_lies_among_its_years(figures: Any, factor: int) -> None:
    rows = [
        ("01001", 2010 + number, crimes, people, share)
        for number, (crimes, people, share) in enumerate(figures)
    ]
    crimes = county_years(rows)
    pooled = pool_years(crimes, least_covered_share=0)
    rates = crimes.table["crimes"] / crimes.table["residents"] * 1e5
    assert rates.min() * (1 - 1e-9) <= pooled.rates.rate["01001"] <= rates.max() * (1 + 1e-9)
    shuffled = replace(crimes, table=crimes.table.iloc[::-1])
    pd.testing.assert_series_equal(
        pool_years(shuffled, least_covered_share=0).rates.rate, pooled.rates.rate
    )
    # Rates do not depend on the size of the county.
    larger = crimes.table.assign(
        crimes=crimes.table["crimes"] * factor, residents=crimes.table["residents"] * factor
    )
    again = pool_years(replace(crimes, table=larger), least_covered_share=0)
    pd.testing.assert_series_equal(again.rates.rate, pooled.rates.rate)
