"""Residents by county, as the Census Bureau estimates them."""

from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from boundaries import load_counties
from geo import POPULATION_YEARS, InputError, load_population
from geo.population import Population, has_years, load_population_by_year, read_population

YEARS = st.integers(1990, 2040)


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


def written(folder: Path, content: str) -> Path:
    path = folder / "co-est.csv"
    path.write_bytes(content.encode("latin-1"))
    return path


@given(YEARS, YEARS)
def test_a_period_is_stood_for_by_its_years_or_the_nearest(first: int, last: int) -> None:
    years = load_population_by_year().years_for(first, last)
    within = [year for year in range(2010, 2020) if first <= year <= max(first, last)]
    assert list(years) == within or (len(years) == 1 and not within)
    words = load_population_by_year().words_for(first, last)
    assert ("nearest" in words) == (len(years) != max(first, last) - first + 1 or not within)
    assert str(years[0]) in words


def test_every_year_of_the_packaged_estimates() -> None:
    by_year = load_population_by_year().by_year
    assert by_year.columns.equals(pd.Index(range(2010, 2020)))
    by_year[2019] = 0
    assert load_population(2019).sum() == 328_239_523


@pytest.mark.parametrize(
    "name", ["POPESTIMATE2021", "population_2021", "Pop 2021", "residents2021"]
)
def test_usual_names_of_a_year(tmp_path: Path, name: str) -> None:
    read = read_population(
        written(tmp_path, f"fips,{name},{name.replace('2021', '2020')}\n1001,5,4\n")
    )
    assert list(read.by_year) == [2020, 2021]
    assert read.by_year.loc["01001"].to_dict() == {2020: 4, 2021: 5}


def test_the_bureaus_layout_is_read_in_its_encoding_without_its_state_rows(tmp_path: Path) -> None:
    content = (
        "SUMLEV,STATE,COUNTY,STNAME,CTYNAME,ESTIMATESBASE2020,POPESTIMATE2020,NPOPCHG2020,RBIRTH2021\n"
        "40,35,0,New Mexico,New Mexico,99,99,1,1.5\n"
        "50,35,13,New Mexico,Do\u00f1a Ana County,7,8,-3,1.5\n"
    )
    read = read_population(written(tmp_path, content))
    assert read.by_year.to_dict() == {2020: {"35013": 8}}
    assert read.sources[0].state_totals == 1
    assert read.notes == ()


def test_a_table_without_years_is_refused_and_told_apart(tmp_path: Path) -> None:
    path = written(tmp_path, "fips,residents\n1001,5\n")
    assert not has_years(path)
    with pytest.raises(InputError, match="expected residents with their year, such as POPESTIMATE"):
        read_population(path)


def test_problems_of_every_year_are_told_once(tmp_path: Path) -> None:
    content = "fips,POPESTIMATE2020,POPESTIMATE2021\n1001,x,5\n1003,5,-1\n99999,1,1\n"
    with pytest.raises(InputError) as told:
        read_population(written(tmp_path, content))
    assert sorted(problem.where for problem in told.value.problems) == [
        "row 2, column 'POPESTIMATE2020'",
        "row 3, column 'POPESTIMATE2021'",
        "row 4",
    ]


def test_years_are_joined_and_the_later_table_counts() -> None:
    early = load_population_by_year()
    later = Population(
        by_year=pd.DataFrame({2019: {"48201": 1.0}, 2020: {"48201": 2.0}}), sources=(), notes=()
    )
    joined = early.joined_by(later)
    assert list(joined.by_year) == [*range(2010, 2021)]
    assert (joined.by_year[2019]["48201"], joined.by_year[2020]["48201"]) == (1, 2)
    assert joined.by_year[2019].isna()["01001"]
    assert joined.residents(2019, 2020)["48201"] == 1.5
    assert joined.residents(2018)["01001"] == early.residents(2018)["01001"]


def test_the_bureaus_estimates_of_2020_to_2023(shared_data: Path) -> None:
    path = shared_data / "real" / "population" / "county_population_2020_2023.csv"
    read = read_population(path)
    stated = pd.read_csv(path, encoding="latin-1").query("COUNTY == 0")
    for year in range(2020, 2024):
        assert read.by_year[year].sum() == pytest.approx(stated[f"POPESTIMATE{year}"].sum())
    assert read.by_year.index.tolist() == load_population().index.tolist()
    assert read.by_year.notna().all(axis=None)
    connecticut = read.by_year.index.str.startswith("09")
    state = stated.set_index("STATE")["POPESTIMATE2023"]
    assert read.by_year.loc[connecticut, 2023].sum() == pytest.approx(state[9])
    assert read.by_year.loc["02261", 2023] == 6_769 + 2_674
    assert any("09110" in note for note in read.notes)
