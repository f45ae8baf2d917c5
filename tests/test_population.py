"""Residents by county, as the Census Bureau estimates them."""

from pathlib import Path

import pandas as pd
import pytest

from boundaries import load_counties
from geo import POPULATION_YEARS, load_population


def test_residents_of_2019() -> None:
    residents = load_population()
    assert residents.sum() == 328_239_523
    assert len(residents) == 3_142
    assert residents.name == "residents"
    assert residents.index.name == "county_fips"
    assert (residents > 0).all()


def test_counties_are_those_of_the_states_in_2019() -> None:
    counties = load_counties()
    states = ~counties["state"].isin(["AS", "GU", "MP", "PR", "VI"])
    assert load_population().index.tolist() == counties.index[states].tolist()


def test_packaged_estimates_are_the_census_bureaus(shared_data: Path) -> None:
    path = shared_data / "vendorable" / "county_population_2010_2019.csv"
    stated = pd.read_csv(path, dtype={"GEOID": str}).set_index("GEOID")
    for year in range(POPULATION_YEARS[0], POPULATION_YEARS[1] + 1):
        ours = load_population(year)
        assert ours.to_dict() == stated[f"POPESTIMATE{year}"].to_dict()


def test_several_years_are_averaged() -> None:
    mean = (load_population(2014) + load_population(2015) + load_population(2016)) / 3
    pd.testing.assert_series_equal(load_population(2014, 2016), mean, check_names=False)


@pytest.mark.parametrize(
    ("first", "last", "start", "stop"),
    [(2024, 2024, 2019, 2019), (1990, 2000, 2010, 2010), (2018, 2025, 2018, 2019)],
)
def test_years_outside_are_replaced_by_the_nearest(
    first: int, last: int, start: int, stop: int
) -> None:
    pd.testing.assert_series_equal(load_population(first, last), load_population(start, stop))


def test_a_last_year_before_the_first_is_the_first() -> None:
    pd.testing.assert_series_equal(load_population(2016, 2014), load_population(2016))


def test_changing_the_residents_changes_no_other() -> None:
    residents = load_population()
    residents["48201"] = 0
    assert load_population()["48201"] > 4_000_000
