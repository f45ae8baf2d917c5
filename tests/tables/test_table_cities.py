"""States and their large cities: which cities count, correlations by hand, real files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from arrest_atlas.demo import Simulation, simulate
from arrest_atlas.options import ArrestInputs
from arrest_atlas.period import Period
from arrest_atlas.simulated_cities import simulate_city_crime
from arrest_atlas.tables._city_crime import UNREPORTED, judge_cities
from arrest_atlas.tables._place_counts import placed_counties
from arrest_atlas.tables._scale_pairs import Pairs, associate
from arrest_atlas.tables.cities import RECIPE, cities
from arrest_atlas.tables.material import TableMaterial
from arrest_atlas.tables.pages import analysis_page
from arrest_atlas.tables.published import PublishedAnalysis
from geo import InputError, Source, load_population, read_arrests_by_aor, read_arrests_by_state
from geo.crime import (
    COUNTED,
    Agencies,
    AgencyOffenses,
    read_agencies,
    read_agency_offenses,
)
from outputs import render_report, write_geopackage, write_tables

PARTS = ("murder", "rape_revised", "robbery", "aggravated_assault")


def offenses(rows: Sequence[tuple[str, str, int, float, tuple[float, ...]]]) -> AgencyOffenses:
    """Make a file of agencies: name, state, year, residents, murders to assaults."""
    table = pd.DataFrame(
        [
            (name, state, year, people, part, number)
            for name, state, year, people, numbers in rows
            for part, number in zip(PARTS, numbers, strict=True)
        ],
        columns=["agency", "state", "year", "population", "offense", "count"],
    )
    return AgencyOffenses(
        table=table.assign(ori="", kind="", months=12.0, agencies=1),
        definition="ucr_part1_violent",
        sources=(Source(file="cities <b>.csv", sha256="", rows=len(rows)),),
        notes=(),
    )


SMALL = [
    ("Alpha", "TX", 2024, 200_000.0, (10.0, 90.0, 200.0, 700.0)),
    ("Beta", "TX", 2024, 100_000.0, (5.0, 45.0, 100.0, 350.0)),
    ("Beta", "TX", 2025, 100_000.0, (9.0, 45.0, 100.0, 350.0)),
    ("Gamma County", "TX", 2024, 900_000.0, (20.0, 90.0, 200.0, 700.0)),
    ("Delta", "OK", 2024, 99_999.0, (5.0, 45.0, 100.0, 350.0)),
    ("Epsilon", "OK", 2024, 300_000.0, (30.0, 200.0, 0.0, 1_500.0)),
    ("Zeta", "IA", 2024, float("nan"), (1.0, 1.0, 1.0, 1.0)),
]


@pytest.fixture(scope="module")
def simulation() -> Simulation:
    return simulate(seed=3, arrests=60_000)


@pytest.fixture(scope="module")
def made(simulation: Simulation) -> PublishedAnalysis:
    return cities(simulation.inputs, simulate_city_crime(rng=1), draws=10, rng=0)


def test_which_agencies_count() -> None:
    found = judge_cities(offenses(SMALL), None, year=2024)
    table = found.table.set_index("agency")
    assert list(table.index) == ["Epsilon", "Alpha", "Beta", "Gamma County"]  # by state
    assert table["kind"].to_dict() == {
        "Epsilon": "city",
        "Alpha": "city",
        "Beta": "city",
        "Gamma County": "county",
    }
    assert table.loc["Epsilon", "report"] == "zero where ten crimes or more were to be expected"
    assert np.isnan(table["crimes"]["Epsilon"])
    assert table.loc["Alpha", "crime_rate"] == pytest.approx(500.0)
    assert found.unpeopled == 1
    state = found.by_state().loc["TX"]
    assert state["cities"] == 2
    assert state["city_crime_rate"] == pytest.approx(1e5 * 1_500 / 300_000)
    assert (state["city_rate_lowest"], state["city_rate_highest"]) == (500.0, 500.0)
    assert list(found.by_state().loc["OK", ["cities", "cities_not_counted"]]) == [0, 1]
    assert found.by_state(kinds=("city", "county")).loc["TX", "cities"] == 3


def test_a_list_tells_kinds_and_who_does_not_report() -> None:
    listed = Agencies(
        table=pd.DataFrame(
            {
                "agency": ["Alpha", "Beta", "Omega", "Psi", "Chi"],
                "state": ["TX", "TX", "TX", "OK", "OK"],
                "kind": ["city", "county", "city", "city", "university"],
                "counties": [()] * 5,
                "population": [201_000.0, 100_000.0, 150_000.0, 90_000.0, 300_000.0],
                "year": 2024,
            },
            index=pd.Index([f"TX000{n}00" for n in range(5)], name="ori"),
        ),
        unplaced=pd.DataFrame(),
        sources=(),
        notes=(),
    )
    table = judge_cities(offenses(SMALL), listed, year=2024).table.set_index("agency")
    assert table.loc["Beta", "kind"] == "county"
    assert table.loc["Omega", "report"] == UNREPORTED
    assert {"Psi", "Chi"}.isdisjoint(table.index)


def test_a_year_that_is_not_there_is_refused() -> None:
    with pytest.raises(InputError, match="found crimes of 2024, 2025; expected those of 2019"):
        judge_cities(offenses(SMALL), None, year=2019)
    small = [row for row in SMALL if row[3] < 100_000]
    with pytest.raises(InputError, match=r"no agency of 100,000 residents"):
        judge_cities(offenses(small), None, year=2024)


def test_states_stand_beside_their_cities(made: PublishedAnalysis) -> None:
    states = made.to_frame()
    own = states[states["reason"] == ""]
    behind = made.tables["cities_behind"].frame
    assert own["cities"].sum() == (behind["report"] == COUNTED).sum()
    expected = 1e5 * own["arrests"] / own["residents"]
    np.testing.assert_allclose(own["arrest_rate"], expected)
    assert own["arrest_rate"].between(own["arrest_rate_low"], own["arrest_rate_high"]).all()
    assert own["custodial_rate"].notna().any()
    without = states[states["cities"] == 0]
    assert without["reason"].ne("").all()
    assert "WY" in without.index
    assert any("States that take no part" in limit for limit in made.limits)
    assert any("No list of agencies was given" in limit for limit in made.limits)
    assert made.tables["cities"].period.endswith("crimes of 2024")


def test_correlations_are_scipys(made: PublishedAnalysis) -> None:
    states = made.to_frame()
    rows = made.tables["cities_correlations"].frame.set_index(["among", "kind"])
    own = states[states["reason"] == ""]
    found = rows.loc[[("cities", "all")]].reset_index()
    assert found["states"][0] == len(own)
    expected = stats.spearmanr(own["arrest_rate"], own["city_crime_rate"]).statistic
    # A mean of correlations over the draws, not that of the mean.
    assert found["spearman"][0] == pytest.approx(expected, abs=0.02)
    assert set(rows.index.get_level_values("kind")) == {"all", "custodial", "community"}
    several = rows.loc[("three cities or more", "all"), "states"]
    assert several == (own["cities"] >= 3).sum() < len(own)


def test_a_planted_association_is_found(simulation: Simulation) -> None:
    """Cities' crime follows the true arrest rates of their states, or does not."""
    truth = simulation.records.truth
    state = placed_counties()["state"]
    kept = truth.loc[~truth["duplicate"], "county_fips"].map(state).value_counts()
    people = simulation.inputs.residents.groupby(state.reindex(simulation.inputs.residents.index))
    rate = (kept / people.sum()).dropna()
    followed = simulate_city_crime(states=(rate / rate.mean()) ** 2, rng=0)
    found = cities(simulation.inputs, followed, draws=5, rng=0)
    main = found.tables["cities_correlations"].frame.iloc[0]
    assert main["spearman_low"] > 0
    independent = cities(simulation.inputs, simulate_city_crime(rng=5), draws=5, rng=0)
    main = independent.tables["cities_correlations"].frame.iloc[0]
    assert main["spearman_low"] < 0 < main["spearman_high"]


@pytest.mark.parametrize("rho", [0.0, 0.5])
def test_true_correlations_lie_in_nine_of_ten_intervals(rho: float) -> None:
    residents = load_population(2019)
    state = placed_counties()["state"].reindex(residents.index)
    people = residents.groupby(state).sum().iloc[:40]
    inside = []
    for seed in range(200):
        rng = np.random.default_rng(seed)
        one, other = rng.multivariate_normal([0, 0], [[1, rho], [rho, 1]], size=len(people)).T
        arrests = rng.poisson(1e-3 * people * np.exp(0.4 * one))
        crimes = rng.poisson(1e-3 * people * np.exp(0.4 * other))
        found = associate(
            Pairs(
                level="state",
                arrests=pd.DataFrame([arrests], columns=people.index),
                residents=people,
                crime_rate=pd.Series(crimes / (0.2 * people) * 1e5, index=people.index),
                reason=pd.Series("", index=people.index),
            )
        )
        assert found is not None
        _, low, high = found.spearman
        inside.append(low <= 6 / np.pi * np.arcsin(rho / 2) <= high)
    assert 0.85 <= np.mean(inside) <= 0.95


def test_the_real_files(shared_data: Path) -> None:
    real = shared_data / "real"
    state = read_arrests_by_state(real / "arrests/arrests_by_state_2025-01-20_2026-08-06.csv")
    inputs = ArrestInputs(
        arrests_by_state=state.counts,
        residents=load_population(),
        people_by_area={"state": state.people},
        arrest_period=Period.parse("2025-01-20/2026-08-06", option=""),
    )
    crime = read_agency_offenses(real / "crime/agency_crime_2024_2025.csv")
    listed = read_agencies(real / "crime/agency_ori_county.csv")
    found = cities(inputs, crime, agencies=listed, draws=2, rng=0)
    states = found.to_frame()
    texas = states.loc["TX"]
    assert texas["arrest_rate"] == pytest.approx(413.6, abs=0.05)
    behind = found.tables["cities_behind"].frame
    # The file itself: agencies of one, of 100,000 residents, by "two years prior", which is 2024.
    stated = pd.read_csv(real / "crime/agency_crime_2024_2025.csv")
    own = stated[
        (stated["state_name"] == "Texas")
        & (stated["number_of_agencies"] == 1)
        & (stated["population"] >= 100_000)
        & ~stated["agency_name"].str.contains("County")
    ]
    parts = own[own["crime_type"].isin(["murder", "rape", "robbery", "aggravated_assault"])]
    assert texas["cities"] == own["agency_name"].nunique() == 41
    assert texas["city_crimes"] == parts["two_years_prior_full"].sum()
    assert (behind["report"] == UNREPORTED).any()
    main = found.tables["cities_correlations"].frame.iloc[0]
    assert main["states"] == 38
    assert main["spearman"] == pytest.approx(0.08, abs=0.005)
    assert main["spearman_low"] < 0 < main["spearman_high"]
    assert not any("before the arrests began" in limit for limit in found.limits)


def test_offices_alone_have_no_states(shared_data: Path) -> None:
    office = read_arrests_by_aor(
        shared_data / "real/arrests/arrests_by_aor_2025-01-20_2026-08-06.csv"
    )
    inputs = ArrestInputs(arrests_by_aor=office.counts, residents=load_population())
    with pytest.raises(InputError, match="whose areas cross the borders of states"):
        cities(inputs, simulate_city_crime(rng=0), draws=2, rng=0)


def test_crime_of_the_same_days_is_warned_of(simulation: Simulation) -> None:
    late = simulate_city_crime(rng=0)
    late = replace(late, table=late.table.assign(year=2025))
    found = cities(simulation.inputs, late, draws=2, rng=0)
    assert found.tables["cities"].period.endswith("crimes of 2025")
    assert "2025" in found.limits[0]
    assert "before" in found.limits[0]


def test_the_same_seed_gives_the_same(simulation: Simulation, made: PublishedAnalysis) -> None:
    again = cities(simulation.inputs, simulate_city_crime(rng=1), draws=10, rng=0)
    assert again.figures == made.figures
    pd.testing.assert_frame_equal(again.to_frame(), made.to_frame())


def test_tables_and_page_are_written_safely(
    simulation: Simulation, made: PublishedAnalysis, tmp_path: Path
) -> None:
    layers = {name: table.to_layer() for name, table in made.tables.items()}
    words = {name: table.words for name, table in made.tables.items()}
    path = tmp_path / "cities.gpkg"
    write_geopackage(path, layers, title="Cities", metadata={}, words=words)
    write_tables(tmp_path / "tables", layers, words=words)
    hostile = "<script>alert(1)</script>"
    bad = simulate_city_crime(rng=1)
    names = bad.table["agency"].where(bad.table["state"] != "CA", hostile + bad.table["agency"])
    bad = replace(
        bad,
        table=bad.table.assign(agency=names),
        sources=(Source(file=hostile, sha256="", rows=1),),
    )
    found = cities(simulation.inputs, bad, draws=2, rng=0)
    html = render_report(analysis_page(found, version="1"))
    assert "<script>alert" not in html
    assert "SIMULATED" in html


def test_the_recipe_makes_it_from_the_material(simulation: Simulation) -> None:
    material = TableMaterial(inputs=simulation.inputs, draws=2)
    assert RECIPE.lacks(material) == ["crimes by police agency and year (--city-crime)"]
    whole = replace(material, city_crime=simulate_city_crime(rng=1))
    assert RECIPE.make(whole).name == "cities"
