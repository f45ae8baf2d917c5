"""Concentration: measures as defined, truth inside the intervals, no county that is not known."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from arrest_atlas.demo import Simulation, simulate
from arrest_atlas.options import ArrestInputs
from arrest_atlas.tables._even_draws import even_draws
from arrest_atlas.tables._inequality import gini, lorenz, places_holding, theil, top_share
from arrest_atlas.tables.concentration import RECIPE, concentration
from arrest_atlas.tables.pages import analysis_page
from boundaries import load_counties
from geo import Source, impute_counts, load_population, read_arrests_by_aor
from outputs import render_report, write_geopackage, write_tables

if TYPE_CHECKING:
    from pathlib import Path

    from arrest_atlas.tables.published import PublishedAnalysis

COUNTS = st.lists(st.integers(0, 1_000), min_size=2, max_size=30).filter(any)


@pytest.fixture(scope="module")
def simulation() -> Simulation:
    return simulate(seed=3, arrests=80_000)


@pytest.fixture(scope="module")
def made(simulation: Simulation) -> PublishedAnalysis:
    return concentration(simulation.inputs, draws=40, rng=0)


def measured(made: PublishedAnalysis, places: str, against: str, kind: str = "all") -> pd.DataFrame:
    frame = made.to_frame()
    kept = (frame["places"] == places) & (frame["against"] == against) & (frame["kind"] == kind)
    return frame[kept].set_index("measure")


def test_measures_are_those_worked_out_by_hand() -> None:
    # Of 100 arrests, 60 in one county of four: shares 0.1, 0.1, 0.2, 0.6.
    counts = [10, 60, 20, 10]
    assert [places_holding(counts, share) for share in (0.25, 0.5, 0.6, 0.61, 0.8, 1.0)] == [
        *(1, 1, 1, 2, 2, 4)
    ]
    assert top_share(counts, 2) == pytest.approx(0.8)
    differences = np.abs(np.subtract.outer(counts, counts)).sum()
    assert gini(counts, np.ones(4)) == pytest.approx(differences / (2 * 4**2 * 25))
    shares = np.array(counts) / 100
    assert theil(counts, np.ones(4)) == pytest.approx((shares * np.log(4 * shares)).sum())
    across, up = lorenz(counts, np.ones(4))
    np.testing.assert_allclose(across, [0, 0.25, 0.5, 0.75, 1])
    np.testing.assert_allclose(up, [0, 0.1, 0.2, 0.4, 1])


def test_places_without_people_come_last() -> None:
    across, up = lorenz([5, 5, 0], [0, 10, 0])
    np.testing.assert_allclose(across, [0, 1, 1])
    np.testing.assert_allclose(up, [0, 0.5, 1])
    assert np.isinf(theil([5, 5], [0, 10]))


@given(counts=COUNTS, times=st.integers(2, 9), seed=st.integers(0, 99))
def test_measures_mind_neither_order_nor_scale(counts: list[int], times: int, seed: int) -> None:
    values = np.array(counts, dtype=float)
    people = np.random.default_rng(seed).integers(1, 50, len(values)).astype(float)
    order = np.random.default_rng(seed).permutation(len(values))
    for measure in (gini, theil):
        first = measure(values, people)
        assert measure(times * values[order], people[order] / times) == pytest.approx(
            first, abs=1e-9
        )
        assert measure(people, people) == pytest.approx(0, abs=1e-9)
        assert first >= -1e-9
    assert gini(values, people) <= 1
    held = [places_holding(values, share) for share in (0.25, 0.5, 0.75)]
    assert held == sorted(held)


def small_world() -> tuple[pd.Series, pd.Series]:
    people = load_population()
    zone = load_counties().loc[people.index, "zone"]
    kept = zone.isin(["GA-ATL", "AL-NOL", "OH-DET"])
    return people[kept], zone[kept]


def test_true_concentration_lies_in_nine_of_ten_intervals() -> None:
    people, zone = small_world()
    rng = np.random.default_rng(11)
    weights = people.to_numpy()
    all_known = np.ones(len(people), dtype=bool)
    inside: list[bool] = []
    naive: list[bool] = []
    for _ in range(200):
        rate = np.exp(rng.normal(0, 0.5, len(people)))
        arrests = rng.poisson(8_000 * rate * weights / (rate * weights).sum())
        located = rng.binomial(arrests, 0.7)
        rest = pd.Series(arrests - located, index=people.index).groupby(zone).sum()
        imputed = impute_counts(
            rest,
            area=zone,
            weights=people,
            located=pd.Series(located, index=people.index),
            follow_located=list(rest.index),
            draws=50,
            rng=rng,
        )
        even = even_draws(imputed, all_known, people, rng=rng)
        np.testing.assert_array_equal(even.sum(axis=1), arrests.sum())
        assert (even >= located).all()
        for draws, found in ((even, inside), (imputed.draws, naive)):
            each = [gini(draw, weights) for draw in draws]
            low, high = np.quantile(each, [0.05, 0.95], method="weibull")
            found.append(low <= gini(arrests, weights) <= high)
    assert 0.85 <= np.mean(inside) <= 0.95
    assert np.mean(naive) < 0.5  # why there are draws of their own


def test_counties_that_are_not_known_keep_their_draws() -> None:
    people, zone = small_world()
    totals = pd.Series({"GA-ATL": 50, "AL-NOL": 50, "OH-DET": 50})
    imputed = impute_counts(totals, area=zone, weights=people, draws=3, rng=0)
    known = (zone == "GA-ATL").to_numpy()
    even = even_draws(imputed, known, people, rng=np.random.default_rng(0))
    np.testing.assert_array_equal(even[:, ~known], imputed.draws[:, ~known])
    for name in totals.index:
        np.testing.assert_array_equal(even[:, (zone == name).to_numpy()].sum(axis=1), 50)


def test_the_simulated_truth_is_found(simulation: Simulation, made: PublishedAnalysis) -> None:
    truth = simulation.records.truth
    counties = made.tables["quotients_county"].frame
    known = counties.index[counties["reason"] == ""]
    people = simulation.inputs.residents.reindex(known)
    arrests = truth.loc[~truth["duplicate"], "county_fips"].value_counts().reindex(known).fillna(0)
    found = measured(made, "known counties", "residents")
    slack = 0.01  # misspelled and contradicting landmarks, too
    for name, measure in (("gini", gini), ("theil", theil)):
        value = measure(arrests.to_numpy(), people.to_numpy())
        assert found["low"][name] - slack <= value <= found["high"][name] + slack, name
    half = measured(made, "known counties", "places").loc["places_with_50_percent"]
    assert half["low"] - 3 <= places_holding(arrests, 0.5) <= half["high"] + 3


def test_chance_is_told_beside_each_measure(made: PublishedAnalysis) -> None:
    found = measured(made, "known counties", "residents")
    assert 0 < found["by_chance"]["gini"] < found["value"]["gini"]
    # Where people live, half of the arrests would lie in about as many counties.
    people = load_population()
    half = measured(made, "all counties", "places").loc["places_with_50_percent"]
    assert half["by_chance"] == pytest.approx(places_holding(people, 0.5), rel=0.03)


def test_kinds_and_bases_stand_apart(made: PublishedAnalysis) -> None:
    frame = made.to_frame()
    assert set(frame["kind"]) == {"all", "custodial", "community"}
    assert set(frame["against"]) == {"places", "residents", "crimes"}
    assert frame["arrests_share"].between(0, 1.000001).all()
    crimes = measured(made, "known counties", "crimes")
    people = measured(made, "known counties", "residents")
    assert (crimes["number_of_places"] < people["number_of_places"]).all()
    assert any("not known where" in limit for limit in made.limits)


def test_the_kind_that_trac_counted_is_told(made: PublishedAnalysis) -> None:
    half = measured(made, "known counties", "places", "community").loc["places_with_50_percent"]
    sentence = next(each for each in made.findings if each.startswith("Of community arrests alone"))
    assert f"half lie in {half['value']:.0f} (90 % interval" in sentence
    assert f"of the {half['number_of_places']:,} known counties" in sentence


def test_only_known_counties_have_quotients(made: PublishedAnalysis) -> None:
    counties = made.tables["quotients_county"].frame
    untold = counties[counties["reason"] != ""]
    assert len(untold) > 500
    numbers = [name for name in counties if name != "reason"]
    assert untold[numbers].isna().all(axis=None)
    told = counties[(counties["reason"] == "") & counties["quotient_residents"].notna()]
    assert (told["quotient_residents_low"] <= told["quotient_residents"]).all()
    assert len(counties) == 3_228


def test_a_quotient_is_the_share_of_arrests_over_that_of_people() -> None:
    arrests = pd.Series({"TX": 300, "ME": 60, "NH": 40})
    people = load_population()
    found = concentration(ArrestInputs(arrests_by_state=arrests, residents=people), draws=2, rng=0)
    state = load_counties().loc[people.index, "state"]
    residents = people.groupby(state).sum()
    expected = (arrests / 400) / (residents[arrests.index] / residents.sum())
    quotients = found.tables["quotients_state"].frame["quotient_residents"]
    np.testing.assert_allclose(quotients[arrests.index], expected)


def test_without_located_arrests_no_county_is_spoken_of(shared_data: Path) -> None:
    path = shared_data / "real" / "arrests" / "arrests_by_aor_2025-01-20_2026-08-06.csv"
    office = read_arrests_by_aor(path)
    inputs = ArrestInputs(arrests_by_aor=office.counts, residents=load_population())
    found = concentration(inputs, draws=2, rng=0)
    frame = found.to_frame()
    assert set(frame["places"]) == {"areas"}
    assert "quotients_county" not in found.tables
    assert any("No county has enough arrests" in limit for limit in found.limits)
    half = measured(found, "areas", "places").loc["places_with_50_percent"]
    by_hand = pd.read_csv(path)["arrests"].sort_values(ascending=False).cumsum() / 547_776
    assert half["value"] == (by_hand < 0.5).sum() + 1
    assert np.isnan(half["low"])  # counted, not imputed
    assert measured(found, "areas", "places").loc["gini", "value"] == pytest.approx(
        gini(office.counts, np.ones(25))
    )


def test_the_same_seed_gives_the_same(simulation: Simulation) -> None:
    one, two = (concentration(simulation.inputs, draws=3, rng=5) for _ in range(2))
    assert one.figures == two.figures
    pd.testing.assert_frame_equal(one.to_frame(), two.to_frame())


def test_tables_and_page_are_written_safely(made: PublishedAnalysis, tmp_path: Path) -> None:
    layers = {name: table.to_layer() for name, table in made.tables.items()}
    words = {name: table.words for name, table in made.tables.items()}
    path = tmp_path / "concentration.gpkg"
    write_geopackage(path, layers, title="Concentration", metadata={}, words=words)
    write_tables(tmp_path / "tables", layers, words=words)
    assert path.stat().st_size > 0
    hostile = "<script>alert(1)</script>"
    inputs = ArrestInputs(
        arrests_by_state=pd.Series({"TX": 1_000, "ME": 20, "NH": 30}),
        residents=load_population(),
        sources={"arrests": Source(file=hostile, sha256="", rows=1)},
    )
    html = render_report(analysis_page(concentration(inputs, draws=2, rng=0), version="1"))
    assert hostile not in html
    assert "SIMULATED" in made.figures["lorenz"]
    assert RECIPE.name == made.name
