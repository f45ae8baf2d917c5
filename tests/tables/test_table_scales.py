"""Arrests and crime at four scales: correlations as defined, and the units' part in them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, cast

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from scipy import stats

from arrest_atlas.demo import Simulation, simulate
from arrest_atlas.options import Inputs
from arrest_atlas.period import Period
from arrest_atlas.tables._place_counts import placed_counties
from arrest_atlas.tables._scale_pairs import Pairs, associate
from arrest_atlas.tables.material import TableMaterial
from arrest_atlas.tables.pages import analysis_page
from arrest_atlas.tables.scales import RECIPE, scales
from geo import (
    CrimeRates,
    Source,
    load_population,
    read_arrests_by_aor,
    read_arrests_by_state,
    read_crime_rates,
    set_aside_implausible_zeros,
)
from outputs import render_report, write_geopackage, write_tables

if TYPE_CHECKING:
    from pathlib import Path

    from arrest_atlas.tables.published import PublishedAnalysis

SOURCE = Source(file="crime.csv", sha256="", rows=0)


def crime(rate: pd.Series, source: Source = SOURCE) -> CrimeRates:
    return CrimeRates(rate=rate, uncovered=0, zeros=0, implausible_zeros=(), source=source)


@pytest.fixture(scope="module")
def simulation() -> Simulation:
    return simulate(seed=3, arrests=60_000)


@pytest.fixture(scope="module")
def made(simulation: Simulation) -> PublishedAnalysis:
    return scales(simulation.inputs, draws=10, rng=0)


def row(
    made: PublishedAnalysis, level: str, extent: str = "everywhere", kind: str = "all"
) -> pd.Series:
    frame = made.to_frame().set_index(["extent", "kind", "level"])
    return cast("pd.Series", frame.xs((extent, kind, level)))


def test_every_scale_stands_beside_the_others(made: PublishedAnalysis) -> None:
    frame = made.to_frame()
    levels = ["county_fips", "zone", "aor", "state"]
    for _, rows in frame.groupby(["extent", "kind"]):
        assert rows["level"].tolist() == levels
    assert set(frame["kind"]) == {"all", "custodial", "community"}
    told = frame[frame["spearman"].notna()]
    assert told["spearman"].between(told["spearman_low"], told["spearman_high"]).all()
    assert (told["effective_places"] <= told["places"]).all()
    assert set(made.figures) == {"scales-everywhere", "scales-same-counties"}


def test_a_correlation_is_scipys_of_the_two_rates(made: PublishedAnalysis) -> None:
    rates = made.tables["scales_state"].frame
    told = rates[rates["reason"] == ""]
    expected = stats.spearmanr(told["arrest_rate"], told["crime_rate"]).statistic
    found = row(made, "state")
    assert found["places"] == len(told)
    assert found["places_left_out"] == len(rates) - len(told)
    # Ranks of half a case more, and of each draw: nearly the same.
    assert found["spearman"] == pytest.approx(expected, abs=0.02)


def test_counts_without_draws_give_scipys_correlation() -> None:
    rng = np.random.default_rng(1)
    residents = load_population()
    states = sorted(set(placed_counties()["state"]) - {"PR", "GU", "VI", "MP"})
    counts = pd.Series(rng.integers(500, 50_000, len(states)), index=states)
    by_county = pd.Series(rng.uniform(100, 900, len(residents)), index=residents.index)
    inputs = Inputs(
        arrests_by_state=counts,
        residents=residents,
        crime=crime(by_county),
        crime_residents=residents,
    )
    found = scales(inputs, draws=2, rng=0)
    state = placed_counties()["state"].reindex(residents.index)
    people = residents.groupby(state).sum()
    crimes = (by_county * residents / 1e5).groupby(state).sum()
    ours, theirs = counts / people, crimes / people
    assert row(found, "state")["spearman"] == pytest.approx(stats.spearmanr(ours, theirs).statistic)
    pearson = stats.pearsonr(
        np.log((counts + 0.5) / people), np.log((crimes + 0.5) / people)
    ).statistic
    assert row(found, "state")["pearson"] == pytest.approx(pearson)
    assert list(found.figures) == ["scales-everywhere"]  # no county is known


def test_true_correlations_lie_in_nine_of_ten_intervals() -> None:
    rho, places = 0.5, placed_counties().index[:200]
    people = pd.Series(5e5, index=places)
    inside: dict[str, list[bool]] = {"pearson": [], "spearman": []}
    truth = {"pearson": rho, "spearman": 6 / np.pi * np.arcsin(rho / 2)}
    for seed in range(200):
        rng = np.random.default_rng(seed)
        one, other = rng.multivariate_normal([0, 0], [[1, rho], [rho, 1]], size=len(places)).T
        located = rng.poisson(3_000 * np.exp(0.4 * one), size=(1, len(places)))
        draws = located + rng.poisson(100, size=(10, len(places)))
        pairs = Pairs(
            level="county_fips",
            arrests=pd.DataFrame(draws, columns=places),
            residents=people,
            crime_rate=pd.Series(400 * np.exp(0.4 * other), index=places),
            reason=pd.Series("", index=places),
        )
        found = associate(pairs)
        assert found is not None
        for name, numbers in (("pearson", found.pearson), ("spearman", found.spearman)):
            inside[name].append(numbers[1] <= truth[name] <= numbers[2])
    for name, told in inside.items():
        assert 0.85 <= np.mean(told) <= 0.95, name


def test_other_units_give_other_correlations() -> None:
    """Within every state, arrests fall where crime is less; between states they rise with it."""
    residents = load_population()
    counties = placed_counties().loc[residents.index]
    rng = np.random.default_rng(2)
    of_state = pd.Series(rng.normal(0, 0.15, 60), index=range(60))
    level = counties["state"].map(dict(zip(sorted(set(counties["state"])), of_state, strict=False)))
    own = pd.Series(rng.normal(0, 0.6, len(counties)), index=counties.index)
    rate = 400 * np.exp(level + own)
    located = (2e-3 * residents * np.exp(level * 4 - own)).round().astype("int64")
    inputs = Inputs(
        arrests_by_county=located,
        residents=residents,
        crime=crime(rate),
        crime_residents=residents,
    )
    found = scales(inputs, draws=2, rng=0)
    assert row(found, "county_fips")["spearman"] < -0.3
    assert (
        row(found, "state", "same counties")["spearman"]
        > row(found, "county_fips")["spearman"] + 0.4
    )


def test_places_without_crime_are_left_out_with_a_reason(simulation: Simulation) -> None:
    rate = simulation.inputs.crime.rate.copy()
    counties = placed_counties()
    rate[counties.index[counties["state"] == "ME"].intersection(rate.index)] = np.nan
    inputs = replace(simulation.inputs, crime=replace(simulation.inputs.crime, rate=rate))
    found = scales(inputs, draws=2, rng=0)
    states = found.tables["scales_state"].frame
    assert states.loc["ME", "reason"] == "crime is not known of enough of its residents"
    assert np.isnan(states["arrest_rate"]["ME"])
    assert any("that take no part" in limit for limit in found.limits)


def test_counties_take_part_only_where_they_are_known(made: PublishedAnalysis) -> None:
    counties = made.tables["scales_county"].frame
    zone_only = counties[counties["reason"] == "known for its zone only"]
    assert "48201" in zone_only.index
    assert zone_only.drop(columns="reason").isna().all(axis=None)
    same = row(made, "state", "same counties")
    assert same["places"] < row(made, "state")["places"]


def test_the_real_tables_run_at_their_scales(shared_data: Path) -> None:
    real = shared_data / "real"
    state = read_arrests_by_state(real / "arrests/arrests_by_state_2025-01-20_2026-08-06.csv")
    office = read_arrests_by_aor(real / "arrests/arrests_by_aor_2025-01-20_2026-08-06.csv")
    residents = load_population(2014, 2016)
    rates = read_crime_rates(real / "crime/violent_crime_rate_2014_2016.csv")
    inputs = Inputs(
        arrests_by_state=state.counts,
        arrests_by_aor=office.counts,
        residents=load_population(),
        people_by_area={"state": state.people, "aor": office.people},
        arrest_period=Period.parse("2025-01-20/2026-08-06", option=""),
        crime=set_aside_implausible_zeros(rates, residents),
        crime_residents=residents,
        crime_period=Period.parse("2014/2016", option=""),
    )
    found = scales(inputs, draws=2, rng=0)
    frame = found.to_frame()
    assert frame["level"].tolist() == ["zone", "aor", "state"]
    rates_of = found.tables["scales_state"].frame
    untold = rates_of.index[rates_of["reason"].str.startswith("crime is not known")]
    assert sorted(untold) == ["AK", "DC", "MS", "PR"]
    assert frame.set_index("level").loc["state", "places"] == 48
    assert rates_of.loc["TX", "arrest_rate"] == pytest.approx(413.6, abs=0.05)
    assert frame["spearman"].notna().all()


def test_the_same_seed_gives_the_same(simulation: Simulation) -> None:
    one, two = (scales(simulation.inputs, draws=2, rng=5) for _ in range(2))
    assert one.figures == two.figures
    pd.testing.assert_frame_equal(one.to_frame(), two.to_frame())


def test_tables_and_page_are_written_safely(
    simulation: Simulation, made: PublishedAnalysis, tmp_path: Path
) -> None:
    layers = {name: table.to_layer() for name, table in made.tables.items()}
    words = {name: table.words for name, table in made.tables.items()}
    path = tmp_path / "scales.gpkg"
    write_geopackage(path, layers, title="Scales", metadata={}, words=words)
    write_tables(tmp_path / "tables", layers, words=words)
    assert isinstance(layers["scales_state"], gpd.GeoDataFrame)
    hostile = "<script>alert(1)</script>"
    sources = {"arrests": replace(SOURCE, file=hostile)}
    named = replace(simulation.inputs.crime, definition=hostile)
    inputs = replace(simulation.inputs, sources=sources, crime=named)
    html = render_report(analysis_page(scales(inputs, draws=2, rng=0), version="1"))
    assert hostile not in html
    assert "SIMULATED" in html


def test_crime_is_needed(simulation: Simulation) -> None:
    material = TableMaterial(inputs=simulation.inputs)
    assert RECIPE.lacks(material) == []
    assert RECIPE.needs == ("crime",)
