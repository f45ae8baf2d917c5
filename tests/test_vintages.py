"""Numbers of other years' counties, carried to the counties of 2019."""

from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from boundaries import county_codes, load_county_shares
from geo import InputError, load_population
from geo.vintages import Carried, carry_counts, carry_rates, load_census_residents

REGIONS = [f"09{region}" for region in range(110, 200, 10)]
COUNTIES = [f"09{county:03}" for county in range(1, 16, 2)]
CHUGACH, COPPER_RIVER, VALDEZ_CORDOVA = "02063", "02066", "02261"
UNCHANGED = sorted(county_codes(2019) - set(load_county_shares()["county_fips"]))

# Sides of changes that are complete in themselves and do not contradict each other.
SIDES = st.sampled_from(
    [
        REGIONS,
        [CHUGACH, COPPER_RIVER],
        ["02270"],
        ["46113"],
        ["51515", "51019"],
        ["51560", "51005"],
        ["02232"],
        ["02130", "02201", "02280"],
    ]
)
NUMBERS = st.floats(0, 1e6)


def series(values: dict[str, float]) -> pd.Series:
    return pd.Series(values, dtype="float64").rename_axis("county_fips")


@st.composite
def tables(draw: st.DrawFn) -> pd.Series:
    sides = draw(st.lists(SIDES, unique_by=tuple, max_size=4))
    others = draw(st.lists(st.sampled_from(UNCHANGED), unique=True, max_size=5))
    codes = [code for side in sides for code in side] + others
    return series({code: draw(NUMBERS) for code in codes})


@given(tables())
def test_counts_keep_their_sum_and_land_in_counties_of_2019(counts: pd.Series) -> None:
    carried = carry_counts(counts).by_county
    assert carried.sum() == pytest.approx(counts.sum())
    assert set(carried.index) <= county_codes(2019)
    assert carried.index.is_unique
    assert carried.index.is_monotonic_increasing


@given(tables(), st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(counts: pd.Series, chance: Random) -> None:
    order = list(counts.index)
    chance.shuffle(order)
    pd.testing.assert_series_equal(
        carry_counts(counts).by_county, carry_counts(counts[order]).by_county
    )


@given(tables())
def test_what_is_carried_stays_where_it_is(counts: pd.Series) -> None:
    once = carry_counts(counts)
    twice = carry_counts(once.by_county)
    pd.testing.assert_series_equal(once.by_county, twice.by_county)
    assert twice.shares.empty
    assert twice.notes == ()


@given(tables(), st.floats(0.1, 100))
def test_carrying_is_linear(counts: pd.Series, factor: float) -> None:
    pd.testing.assert_series_equal(
        carry_counts(counts * factor).by_county, carry_counts(counts).by_county * factor
    )


@given(tables())
def test_whole_numbers_keep_their_sum(counts: pd.Series) -> None:
    given_whole = counts.round()
    carried = carry_counts(given_whole, whole=True).by_county
    assert (carried % 1 == 0).all()
    assert carried.sum() == given_whole.sum()
    assert (carried - carry_counts(given_whole).by_county).abs().max() < 1 or not len(counts)


@given(tables(), st.data())
def test_rates_are_counts_over_carried_denominators(rates: pd.Series, data: st.DataObject) -> None:
    people = series({code: data.draw(st.floats(1, 1e6)) for code in rates.index})
    carried = carry_rates(rates, people).by_county
    events, residents = carry_counts(rates * people).by_county, carry_counts(people).by_county
    np.testing.assert_allclose(carried, events / residents, rtol=1e-9, atol=1e-9)


@given(tables(), st.floats(0, 1e4))
def test_one_rate_everywhere_stays_it(rates: pd.Series, rate: float) -> None:
    same = pd.Series(rate, index=rates.index)
    carried = carry_rates(same, load_census_residents()).by_county
    np.testing.assert_allclose(carried, rate, rtol=1e-9)


@given(tables(), tables())
def test_years_are_carried_apart(first: pd.Series, second: pd.Series) -> None:
    stacked = pd.concat({2015: first, 2023: second}, names=["year"]).swaplevel()
    together = carry_counts(stacked)
    for year, alone in ((2015, first), (2023, second)):
        mine = together.by_county[together.by_county.index.get_level_values("year") == year]
        pd.testing.assert_series_equal(
            mine.droplevel("year"), carry_counts(alone).by_county, check_index_type=False
        )
    assert together.by_county.index.names == ["county_fips", "year"]


def test_a_table_may_hold_counties_and_regions_in_different_years() -> None:
    counties = pd.DataFrame({"county_fips": COUNTIES, "year": 2021, "crimes": 8.0})
    regions = pd.DataFrame({"county_fips": REGIONS, "year": 2022, "crimes": 8.0})
    both = pd.concat([counties, regions]).set_index(["county_fips", "year"])
    carried = carry_counts(both)
    crimes = carried.by_county["crimes"]
    assert crimes.xs(2021, level="year").eq(8).all()
    assert crimes.xs(2022, level="year").sum() == pytest.approx(72)
    assert len(crimes) == 16
    assert carried.shares[["year", "changed"]].eq(2022).all(axis=None)


def test_levels_keep_their_order_and_columns_their_names() -> None:
    index = pd.MultiIndex.from_product(
        [[2023], REGIONS, ["murder", "robbery"]], names=["year", "county_fips", "offense"]
    )
    table = pd.DataFrame({"crimes": 9.0, "months": 1.0}, index=index)
    carried = carry_counts(table).by_county
    assert carried.index.names == ["year", "county_fips", "offense"]
    assert list(carried.columns) == ["crimes", "months"]
    assert carried.xs("robbery", level="offense")["crimes"].sum() == pytest.approx(81)


def test_connecticut_by_the_towns_of_2020() -> None:
    carried = carry_counts(load_census_residents()[REGIONS].rename_axis("county_fips"))
    # 2020 Census, P.L. 94-171: residents of the counties.
    assert carried.by_county.to_dict() == pytest.approx(
        {
            "09001": 957_419,
            "09003": 899_498,
            "09005": 185_186,
            "09007": 164_245,
            "09009": 864_835,
            "09011": 268_555,
            "09013": 149_788,
            "09015": 116_418,
        }
    )


def test_the_shares_used_are_in_the_result() -> None:
    shares = carry_counts(series(dict.fromkeys(REGIONS, 1.0))).shares
    assert len(shares) == 19
    one = shares[(shares["fips"] == "09140") & (shares["county_fips"] == "09003")].iloc[0]
    assert one["share"] == pytest.approx(60_833 / 450_376)
    assert one[["basis", "changed", "census", "residents"]].tolist() == [
        "population",
        2022,
        2020,
        60_833,
    ]


def test_by_area_the_shares_are_others_and_the_note_says_so() -> None:
    counts = series(dict.fromkeys(REGIONS, 1000.0))
    by_area = carry_counts(counts, basis="area")
    assert by_area.by_county.sum() == pytest.approx(9000)
    assert by_area.by_county["09013"] > 2 * carry_counts(counts).by_county["09013"]
    assert set(by_area.shares["basis"]) == {"area"}
    assert by_area.notes[0].endswith("by area.")


def test_counts_that_no_polygon_splits_are_refused_by_area() -> None:
    counts = series({"02232": 4.0, "48201": 1.0})
    with pytest.raises(InputError, match=r"old\.csv: found counts of 02232.*by population") as told:
        carry_counts(counts, basis="area", file="old.csv")
    assert len(told.value.problems) == 1
    assert carry_counts(counts).by_county.to_dict() == pytest.approx(
        {"02105": 4 * 2_574 / 3_436, "02230": 4 * 862 / 3_436, "48201": 1}
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({CHUGACH: 3, COPPER_RIVER: 4}, {VALDEZ_CORDOVA: 7}),
        ({"02270": 5}, {"02158": 5}),
        ({"46113": 5}, {"46102": 5}),
        ({"51515": 2, "51019": 10}, {"51019": 12}),
        ({"51560": 2, "51005": 10}, {"51005": 12}),
        ({"51019": 10, "02261": 1, "02158": 2}, {"02158": 2, "02261": 1, "51019": 10}),
    ],
)
def test_changes_of_single_counties(before: dict[str, float], after: dict[str, float]) -> None:
    assert carry_counts(series(before)).by_county.to_dict() == after


def test_areas_of_alaska_that_were_no_more_in_2010() -> None:
    carried = carry_counts(series({"02280": 6_684, "02201": 6_146, "02130": 14_070})).by_county
    assert carried.to_dict() == pytest.approx(
        {"02130": 14_077, "02195": 4_260, "02198": 6_115, "02275": 2_448}
    )


@pytest.mark.parametrize(
    ("codes", "message"),
    [
        (["02270", "02158"], "02270 existed only until 2015, 02158 only since"),
        (["46113", "46102"], "46113 existed only until 2015, 46102 only since"),
        ([VALDEZ_CORDOVA, CHUGACH], "02261 existed only until 2019, 02063 only since"),
        (["09001", "09110"], "09001 existed only until 2022, 09110 only since"),
        (["02232", "02230"], "02232 existed only until 2007, 02230 only since"),
        (["02280", "02275"], "02280 existed only until 2008, 02275 only since"),
    ],
)
@pytest.mark.parametrize("carry", [carry_counts, carry_rates])
def test_codes_from_both_sides_of_a_change_are_refused(
    carry: Any, codes: list[str], message: str
) -> None:
    options = {"denominators": pd.Series(1.0, index=codes)} if carry is carry_rates else {}
    with pytest.raises(InputError, match=message):
        carry(series(dict.fromkeys(codes, 1.0)), **options)


def test_every_problem_is_reported_at_once() -> None:
    codes = ["02270", "02158", "46113", "46102", "48201"]
    with pytest.raises(InputError) as told:
        carry_counts(series(dict.fromkeys(codes, 1.0)), file="mixed.csv")
    assert [problem.file for problem in told.value.problems] == ["mixed.csv"] * 2
    rows = pd.Series(1.0, index=pd.Index(["99999", "48201", "48201"], name="county_fips"))
    with pytest.raises(InputError) as told:
        carry_counts(rows)
    assert [(each.where, each.found) for each in told.value.problems] == [
        ("county 99999", "a code of no county"),
        ("county 48201", "more than one row"),
    ]


def test_the_same_county_in_two_years_is_no_repetition_but_twice_in_one_is() -> None:
    index = pd.MultiIndex.from_tuples(
        [("48201", 2020), ("48201", 2021), ("48201", 2021)], names=["county_fips", "year"]
    )
    assert len(carry_counts(pd.Series(1.0, index=index[:2])).by_county) == 2
    with pytest.raises(InputError, match="county 48201, 2021: found more than one row"):
        carry_counts(pd.Series(1.0, index=index))


def test_a_row_without_a_value_does_not_tell_the_vintage() -> None:
    nothing = float("nan")
    listed = series({"02270": nothing, "02158": 3, "51515": nothing, "51019": 4})
    carried = carry_counts(listed)
    assert carried.by_county.to_dict() == {"02158": 3, "51019": 4}
    assert carried.shares.empty
    empty = carry_counts(series({"02270": nothing, "02158": nothing})).by_county
    assert empty.isna().to_dict() == {"02158": True}
    alone = carry_counts(series({"02270": nothing})).by_county
    assert alone.isna().to_dict() == {"02158": True}
    assert carry_counts(series(dict.fromkeys(REGIONS, nothing))).notes == ()


def test_a_county_of_which_a_part_is_missing_is_no_data() -> None:
    counts = series({**dict.fromkeys(REGIONS, 10.0), "09150": float("nan")})
    carried = carry_counts(counts)
    # 0.8 % of the northeastern region's people lie in Tolland County.
    assert carried.incomplete == ("09011", "09013", "09015")
    assert carried.by_county.isna().sum() == 3
    assert "No data for 09011, 09013, 09015" in carried.notes[-1]
    absent = carry_counts(counts.drop("09150"))
    pd.testing.assert_series_equal(absent.by_county, carried.by_county)
    sparse = carry_counts(counts.drop("09150"), sparse=True)
    assert sparse.incomplete == ()
    assert sparse.by_county.sum() == pytest.approx(80)


def test_a_part_may_be_missing_in_one_column_only() -> None:
    table = pd.DataFrame(
        {"votes": [3.0, 4.0], "share": [1.0, float("nan")]},
        index=pd.Index([CHUGACH, COPPER_RIVER], name="county_fips"),
    )
    carried = carry_counts(table)
    assert carried.by_county["votes"].tolist() == [7]
    assert carried.by_county["share"].isna().all()
    assert carried.incomplete == (VALDEZ_CORDOVA,)


def test_counties_of_which_the_table_says_nothing_are_left_out() -> None:
    carried = carry_counts(series({"09120": 5.0, "01001": 1.0}))
    assert carried.by_county.index.tolist() == ["01001", "09001"]
    assert np.isnan(carried.by_county["09001"])


def test_rates_without_their_denominators_are_refused_by_name() -> None:
    rates = series({CHUGACH: 300.0, COPPER_RIVER: 600.0, "02270": 5.0, "48201": 1.0})
    with pytest.raises(InputError) as told:
        carry_rates(rates, pd.Series({CHUGACH: 7_000.0}), file="rates.csv")
    (problem,) = told.value.problems
    assert problem.where == "county 02066"
    assert problem.found == "a rate to carry to 02261 without its denominator"
    with pytest.raises(InputError, match="county 02063"):
        carry_rates(rates, pd.Series({CHUGACH: -1.0, COPPER_RIVER: 2.0}))


def test_a_renamed_county_needs_no_denominator() -> None:
    carried = carry_rates(series({"02270": 5.0, "02232": 7.0}), pd.Series(dtype="float64"))
    assert carried.by_county.to_dict() == {"02105": 7, "02158": 5, "02230": 7}


def test_denominators_may_differ_by_year() -> None:
    index = pd.MultiIndex.from_product(
        [[CHUGACH, COPPER_RIVER], [2020, 2021]], names=["county_fips", "year"]
    )
    rates = pd.Series([100.0, 100.0, 200.0, 200.0], index=index)
    people = pd.Series([1.0, 3.0, 1.0, 1.0], index=index).swaplevel()
    carried = carry_rates(rates, people).by_county
    assert carried.to_dict() == {("02261", 2020): 150, ("02261", 2021): 125}


def test_a_county_without_residents_has_no_rate() -> None:
    nobody = pd.Series({CHUGACH: 0.0, COPPER_RIVER: 0.0})
    carried = carry_rates(series({CHUGACH: 1.0, COPPER_RIVER: 2.0}), nobody).by_county
    assert carried.isna().tolist() == [True]


def test_inputs_are_not_changed() -> None:
    counts = series(dict.fromkeys([*REGIONS, "48201"], 5.0)).rename("arrests")
    before = counts.copy()
    carried: Carried[pd.Series] = carry_counts(counts)
    carried.by_county.iloc[:] = 0
    pd.testing.assert_series_equal(counts, before)
    assert carried.by_county.name == "arrests"


def test_an_empty_table_stays_empty() -> None:
    assert carry_counts(series({})).by_county.empty
    assert carry_rates(series({}), load_census_residents()).by_county.empty


def test_an_index_without_counties_is_refused() -> None:
    with pytest.raises(ValueError, match="no level named 'county_fips'"):
        carry_counts(pd.Series({"09110": 1.0}))


def test_census_residents_are_those_of_whole_areas() -> None:
    residents = load_census_residents()
    assert residents[REGIONS].sum() == 3_605_944
    assert residents["02280"] == 6_684
    assert residents.index.name == "fips"


def test_estimates_of_residents_survive_the_carrying(shared_data: Path) -> None:
    path = shared_data / "real" / "population" / "county_population_2020_2023.csv"
    table = pd.read_csv(path, encoding="latin-1").query("COUNTY > 0")
    codes = table["STATE"].astype(str).str.zfill(2) + table["COUNTY"].astype(str).str.zfill(3)
    people = pd.Series(table["POPESTIMATE2020"].to_numpy(), index=codes.rename("county_fips"))
    carried = carry_counts(people).by_county
    assert carried.sum() == pytest.approx(people.sum())
    # The estimates of 2019 and of 2020 rest on two censuses; both vintages meet within 4 %.
    growth = carried[COUNTIES] / load_population(2019)[COUNTIES]
    assert growth.between(0.97, 1.04).all()
    assert set(carried.index) == set(load_population().index)
