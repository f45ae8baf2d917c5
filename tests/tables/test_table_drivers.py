"""Drivers: the same as by hand, on real states; truth of simulated records recovered."""

from __future__ import annotations

import dataclasses
import datetime as dt
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import spreg
import statsmodels.api as sm
from libpysal.graph import Graph
from libpysal.weights import lat2W

from arrest_atlas.demo import _read_back
from arrest_atlas.options import Inputs
from arrest_atlas.period import Period
from arrest_atlas.reading import Files, read_inputs
from arrest_atlas.simulated_records import simulate_records
from arrest_atlas.tables._driver_fits import fit_kinds
from arrest_atlas.tables.drivers import RECIPE, Covariate, DriverUnits, drivers, drivers_of
from arrest_atlas.tables.material import TableMaterial
from arrest_atlas.tables.pages import analysis_page
from arrest_atlas.tables.published import PublishedAnalysis
from boundaries import load_counties
from geo import CrimeRates, InputError, Source, load_population
from geo.context import PresidentialVotes, read_votes
from geo.context.policies import read_policies
from outputs import render_report
from spatial_models import coarsen_graph, contiguity

SOURCE = Source(file="(simulated)", sha256="", rows=1)
COVARIATES = ("trump_share", "noncitizen_share", "violent_crime_rate")
TRUTH = {"trump_share": 1.5, "noncitizen_share": 4.0, "violent_crime_rate": 0.0}


def field(state: pd.Series, *, between: float, within: float, seed: int) -> pd.Series:
    """Make up a covariate that differs between states and within them."""
    rng = np.random.default_rng(seed)
    names = sorted(state.unique())
    shared = state.map(dict(zip(names, rng.normal(0, between, len(names)), strict=True)))
    return shared.astype(float) + rng.normal(0, within, len(state))


def votes_of(republican: pd.Series, total: pd.Series, state: pd.Series) -> PresidentialVotes:
    table = pd.DataFrame(
        {"republican": total * republican, "democratic": total * (1 - republican), "total": total}
    )
    by_state = table.groupby(state).sum().assign(units="counties")
    by_county = table[state != "AK"]  # whose districts are no counties
    return PresidentialVotes(
        table=by_county,
        by_state=by_state,
        unplaced=pd.DataFrame(),
        year=2024,
        source=Source(file="votes <b>&.csv", sha256="", rows=1),
        notes=("AK: votes are counted by 40 districts",),
    )


@pytest.fixture(scope="module")
def simulated() -> TableMaterial:
    rng = np.random.default_rng(1)
    residents = load_population(2019)
    state = load_counties().loc[residents.index, "state"]
    trump = 1 / (1 + np.exp(-0.5 - field(state, between=0.4, within=0.5, seed=1)))
    share = 0.03 * np.exp(field(state, between=0.5, within=0.5, seed=2)).clip(upper=8)
    crime = 350 * np.exp(field(state, between=0.25, within=0.35, seed=3))
    rate = np.exp(1.5 * trump + 4 * share + rng.normal(0, 0.25, len(state)))
    rate *= residents.sum() / (rate * residents).sum()
    rates = pd.DataFrame(dict.fromkeys(("custodial", "community", "other"), rate))
    records = _read_back(simulate_records(arrests=60_000, rates=rates, rng=rng))
    crime[(state == "MS") | (state == "VT")] = np.nan
    inputs = Inputs(
        records=records,
        residents=residents,
        noncitizens=share * residents,
        crime=CrimeRates(
            rate=crime, uncovered=0, zeros=0, implausible_zeros=(), source=SOURCE, years="2023"
        ),
        crime_residents=residents,
        crime_period=Period.parse("2023", option="demo"),
        unlocated=records.unlocated,
        sources={"arrest records": records.arrests.sources[0]},
        simulated=True,
    )
    votes = votes_of(trump, residents, state)
    return TableMaterial(inputs=inputs, votes=votes, draws=4, seed=3)


@pytest.fixture(scope="module")
def made(simulated: TableMaterial) -> PublishedAnalysis:
    return drivers_of(simulated)


def test_the_truth_of_simulated_records_is_recovered(made: PublishedAnalysis) -> None:
    table = made.to_frame()
    own = table[(table["kind"] == "all") & table["term"].isin(COVARIATES)]
    own = own[own["model"] != "spatial lag"]  # whose coefficients are no total differences
    assert len(own) == 2 * 5 * 3
    assert (own["reason"] == "").all()
    truth = own["term"].map(TRUTH)
    inside = (own["low"] <= truth) & (truth <= own["high"])
    assert inside.mean() >= 0.8
    # And all within twice their intervals.
    assert ((own["estimate"] - truth).abs() <= (own["high"] - own["low"])).all()
    assert made.simulated


def test_only_counties_with_figures_of_their_own_take_part(made: PublishedAnalysis) -> None:
    counties = made.tables["drivers_counties"].frame
    left = counties["all_left_out"]
    texas = counties.index.str.startswith("48")
    assert (left[texas] == "known for its zone only").all()
    assert counties.loc[texas, ["all_arrests", "all_rate"]].isna().all(axis=None)
    told = counties.loc[left == "", "all_observed_to_expected"]
    assert told.notna().all()
    assert counties.loc[left != "", "all_observed_to_expected"].isna().all()
    assert (left[counties.index.str.startswith("28")].str.contains("crime reported")).all()


def test_every_state_takes_part_or_says_why_not(made: PublishedAnalysis) -> None:
    states = made.tables["drivers_states"].frame
    left = states["all_left_out"]
    assert len(states) == 55  # 50 states, DC, GU, MP, PR, VI
    assert set(left[left != ""].index) == {"GU", "MP", "PR", "VI", "MS", "VT"}
    assert left["AK"] == ""  # the state's votes are known, its counties' are not
    models = made.tables["drivers_models"].frame
    own = models[(models["level"] == "state") & (models["kind"] == "all")]
    assert (own["places"] == (left == "").sum()).all()
    limits = " ".join(made.limits)
    assert "not known: violent crime reported to police: 2 states: MS, VT." in limits
    assert "AK: votes are counted by 40 districts" in limits
    assert "states with figures of their own, 9" in limits  # 9x % are known for the state


def test_kinds_stand_apart(made: PublishedAnalysis) -> None:
    assert set(made.to_frame()["kind"]) == {"all", "custodial", "community"}
    assert "drivers-states-kinds" in made.figures
    assert sum("rates of custodial arrests" in said for said in made.findings) == 2


def test_it_reads_as_a_page_and_hostile_names_do_no_harm(made: PublishedAnalysis) -> None:
    assert made.findings[0].startswith("Across 49 states, arrest rates differ")
    page = render_report(analysis_page(made, version="0"))
    assert "SIMULATED" in page
    assert "votes <b>" not in page
    for name, svg in made.figures.items():
        assert "SIMULATED" in svg, name
        assert "<b>" not in svg
    for words in ("cause", "because of", "drives"):
        assert words not in " ".join(made.findings)
    for table in made.tables.values():
        assert all(table.facts.values())
    layer = made.tables["drivers_states"].to_layer()
    assert layer.geometry.notna().sum() == 55


def test_the_same_seed_gives_the_same_bytes(simulated: TableMaterial) -> None:
    few = dataclasses.replace(simulated, draws=2)
    one, other = drivers_of(few), drivers_of(few)
    pd.testing.assert_frame_equal(one.to_frame(), other.to_frame(), check_exact=True)
    assert one.figures == other.figures
    assert one.findings == other.findings


def test_policies_enter_by_state_or_by_county(simulated: TableMaterial, tmp_path: Path) -> None:
    state = sorted(load_counties()["state"].unique())
    rows = [f"{each},{'yes' if number % 2 else 'no'},x" for number, each in enumerate(state)]
    path = tmp_path / "policies.csv"
    path.write_text("state,limits_detainers,source\n" + "\n".join(rows))
    few = dataclasses.replace(simulated, draws=2)
    made = drivers_of(dataclasses.replace(few, policies=read_policies(path)))
    assert "limits_detainers" in set(made.to_frame()["term"])
    states = made.tables["drivers_states"].frame["limits_detainers"]
    assert set(states.dropna()) == {0.0, 1.0}
    assert "policy: limits detainers" in made.findings[0]
    path.write_text("county_fips,jail,source\n" + "28001,1,x\n48201,0,x\n")
    with pytest.raises(InputError, match="0 complete units for 4 covariates"):
        drivers_of(dataclasses.replace(few, policies=read_policies(path)))
    path.write_text("state,trump_share,source\nTX,1,x\n")
    with pytest.raises(InputError, match="a covariate that is there already"):
        drivers_of(dataclasses.replace(few, policies=read_policies(path)))


def small(
    arrests: Mapping[Any, pd.DataFrame], x: pd.DataFrame, people: pd.Series, graph: Graph
) -> tuple[DriverUnits, list[Covariate]]:
    units = DriverUnits(
        level="state",
        arrests=arrests,
        people=people,
        covariates=x,
        reasons={kind: pd.Series("", index=x.index) for kind in arrests},
        graph=graph,
    )
    return units, [Covariate(name=name, words=name, unit="", source="x") for name in map(str, x)]


def test_intervals_hold_the_truth_over_imputations() -> None:
    """Three in ten arrests are known for a pair of like places: 90 % intervals still hold.

    The draws give both places of a pair the same part of what is peculiar to either: the
    errors of larger areas go together, for which the models with clusters allow.
    """
    rng = np.random.default_rng(5)
    n, three = 100, range(3)
    graph = Graph.from_W(lat2W(10, 10))
    votes = np.repeat(rng.uniform(0.2, 0.8, n // 2), 2)
    x = pd.DataFrame({"votes": votes, "crime": rng.normal(0, 1, n)})
    people = pd.Series(rng.integers(200_000, 2_000_000, n).astype(float))
    pair = pd.Series(np.arange(n) // 2)
    share = people / people.groupby(pair).transform("sum")
    inside = []
    for _ in range(200):
        rate = 1e-3 * np.exp(1.2 * x["votes"] + rng.normal(0, 0.3, n))
        true = rng.poisson(people * rate)
        unknown = rng.binomial(true, 0.3)
        pooled = np.bincount(pair, unknown).astype(int)
        firsts = [rng.binomial(pooled, share[::2]) for _ in three]
        splits = [np.column_stack([first, pooled - first]).ravel() for first in firsts]
        draws = pd.DataFrame([true - unknown + split for split in splits])
        units, covariates = small({"all": draws}, x, people, graph)
        fits = next(iter(fit_kinds([dataclasses.replace(units, clusters=pair)], covariates)))
        rows = {name: fit.to_frame().loc["votes"] for name, fit in fits.fits.items()}
        inside.append({name: row["low"] <= 1.2 <= row["high"] for name, row in rows.items()})
        assert fits.draws == 3
    shares = pd.DataFrame(inside).mean()
    with_clusters = ["least squares", "eigenvector filter", "Poisson", "negative binomial"]
    assert shares[with_clusters].between(0.85, 0.95).all(), shares.to_dict()


def test_a_model_that_fails_says_so_and_the_others_stand() -> None:
    places = pd.RangeIndex(12)
    x = pd.DataFrame({"x": np.arange(12.0) % 5}, index=places)
    people = pd.Series(1e6, index=places)
    nobody = Graph.from_arrays(places, places, [0] * 12)
    counts = pd.DataFrame([np.arange(12) + 5], columns=places)
    units, covariates = small({"all": counts}, x, people, nobody)
    made = drivers([units], covariates, period="2025", source="x")
    table = made.to_frame().set_index("model")
    assert "no neighbours" in table["reason"]["spatial lag"]
    assert pd.isna(table["ratio"]["spatial lag"])
    assert "none: found no neighbours" in made.tables["drivers_coefficients"].shown.to_string()
    assert any("nothing spatial can be tested" in said for said in made.findings)


def test_without_places_nothing_is_made_up() -> None:
    places = pd.RangeIndex(4)
    x = pd.DataFrame({"x": np.arange(4.0)}, index=places)
    units, covariates = small(
        {"all": pd.DataFrame([[1, 2, 3, 4]], columns=places)},
        x,
        pd.Series(1e6, index=places),
        Graph.from_arrays(places, places, [0] * 4),
    )
    with pytest.raises(InputError, match="4 complete units for 1 covariates"):
        drivers([units], covariates, period="2025", source="x")


def test_the_recipe_says_what_it_needs(simulated: TableMaterial) -> None:
    lacking = RECIPE.lacks(dataclasses.replace(simulated, votes=None))
    assert lacking == ["votes for president by county (--votes)"]


def real_material(shared_data: Path) -> TableMaterial:
    real = shared_data / "real"
    given: dict[str, Any] = {each.name: None for each in dataclasses.fields(Files)}
    given |= {
        "arrests": (),
        "sheets": (),
        "duplicates": "episode",
        "programme_287g": "other",
        "crime": real / "crime/violent_crime_rate_2014_2016.csv",
        "crime_period": "2014/2016",
        "arrests_by_state": real / "arrests/arrests_by_state_2025-01-20_2026-08-06.csv",
        "arrest_period": "2025-01-20/2026-08-06",
        "noncitizens": real / "population/noncitizens_by_county_about_2017.csv",
        "noncitizens_column": "rate",
    }
    votes = read_votes(real / "politics/president_2024_by_county.csv")
    return TableMaterial(inputs=read_inputs(Files(**given)), votes=votes)


def test_real_states_are_as_by_hand(shared_data: Path) -> None:
    made = drivers_of(real_material(shared_data))
    states = made.tables["drivers_states"].frame
    left = states["all_left_out"]
    assert left[["AK", "DC", "MS"]].str.startswith("not known: violent crime").all()
    kept = states[left == ""]
    assert len(kept) == 48
    # The counts are the file's.
    assert kept["all_arrests"][["TX", "FL"]].tolist() == [124_848, 57_793]
    y = np.log((kept["all_arrests"] + 0.5) / kept["residents"])
    x = kept[list(COVARIATES)]
    scaled = (x - x.mean()) / x.std()
    design = sm.add_constant(scaled)
    table = made.to_frame().set_index(["model", "term"])

    def per_sd(model: str) -> np.ndarray:
        rows = table.loc[model].loc[list(COVARIATES)]
        logs: np.ndarray = np.log(rows[["ratio", "ratio_low", "ratio_high"]].to_numpy(dtype=float))
        return logs

    hand = sm.OLS(y, design).fit(cov_type="HC3", use_t=True)
    expected = np.column_stack([hand.params, hand.conf_int(alpha=0.1)])[1:]
    np.testing.assert_allclose(per_sd("least squares"), expected, rtol=1e-8)
    np.testing.assert_array_equal(np.sign(expected[:, 0]), [1, 1, 1])
    family = sm.families.Poisson()
    poisson = sm.GLM(
        kept["all_arrests"], design, family=family, offset=np.log(kept["residents"])
    ).fit()
    np.testing.assert_allclose(per_sd("Poisson")[:, 0], poisson.params[1:], rtol=1e-6)
    counties = load_counties()
    whole = coarsen_graph(contiguity(counties), counties["state"])
    weights = whole.subgraph(kept.index).transform("R").to_W()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        arrays = np.asarray(y)[:, None], scaled.to_numpy()
        error = spreg.ML_Error(*arrays, w=weights)
        lag = spreg.ML_Lag(*arrays, w=weights)
        tests = spreg.OLS(*arrays, w=weights, spat_diag=True, moran=True)
    np.testing.assert_allclose(per_sd("spatial error")[:, 0], error.betas[1:4, 0], rtol=1e-5)
    np.testing.assert_allclose(per_sd("spatial lag")[:, 0], lag.betas[1:4, 0], rtol=1e-5)
    models = made.tables["drivers_models"].frame.set_index("model")
    own = models.loc["least squares"]
    assert own["places"] == 48
    assert own["isolates"] == 1  # Hawaii; Alaska lacks crime
    assert list(own[["moran_i", "moran_z", "moran_p"]]) == pytest.approx(tests.moran_res)
    assert list(own[["lm_error", "lm_error_p"]]) == pytest.approx(tests.lm_error)
    assert list(own[["lm_robust_lag", "lm_robust_lag_p"]]) == pytest.approx(tests.rlm_lag)
    assert models.loc["spatial error", "lambda"] == pytest.approx(error.lam, abs=1e-5)
    assert models.loc["spatial lag", "rho"] == pytest.approx(float(lag.rho), abs=1e-5)


def test_real_offices_alone_are_refused_in_words(shared_data: Path) -> None:
    material = real_material(shared_data)
    assert material.inputs is not None
    inputs = dataclasses.replace(
        material.inputs, arrests_by_state=None, arrests_by_aor=pd.Series({"DAL": 10})
    )
    with pytest.raises(InputError, match="whose areas cross the borders of states"):
        drivers_of(dataclasses.replace(material, inputs=inputs))


def test_policies_of_a_period_that_nobody_states_are_refused(
    shared_data: Path, tmp_path: Path
) -> None:
    material = real_material(shared_data)
    assert material.inputs is not None
    inputs = dataclasses.replace(material.inputs, arrest_period=None)
    path = tmp_path / "policies.csv"
    path.write_text("state,limits,source\nTX,1,x\n")
    policies = read_policies(path)
    assert policies.during(dt.date(2025, 1, 1), dt.date(2025, 1, 2)).loc["TX", "limits"] == 1
    with pytest.raises(InputError, match="--arrest-period"):
        drivers_of(dataclasses.replace(material, inputs=inputs, policies=policies))
