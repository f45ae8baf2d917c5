"""Counties with and without agreements: the same as by hand, truth recovered, real sheets."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from hypothesis import given
from hypothesis import strategies as st

from arrest_atlas.demo import _read_back
from arrest_atlas.options import ArrestInputs, Inputs
from arrest_atlas.period import Period
from arrest_atlas.simulated_agreements import SimulatedAgreements, simulate_agreements
from arrest_atlas.simulated_records import simulate_records
from arrest_atlas.tables._agreement_estimates import (
    METHODS,
    Comparison,
    Contrast,
    _pooled,
    compare,
    log_rates,
    variance_by_cluster,
)
from arrest_atlas.tables._agreement_groups import EXPOSURES, group_counties
from arrest_atlas.tables._agreement_matching import match_within
from arrest_atlas.tables._pre_trends import SLOPE, pre_trends
from arrest_atlas.tables.agreements import RECIPE, agreements
from arrest_atlas.tables.material import TableMaterial
from arrest_atlas.tables.pages import analysis_page
from arrest_atlas.tables.published import PublishedAnalysis
from geo import (
    InputError,
    Source,
    load_population,
    read_arrests_by_state,
    read_crime_rates,
    set_aside_implausible_zeros,
)
from geo.context import agreements_at, read_agreements, read_votes
from geo.context.county_covariates import CountyCovariates
from outputs import render_report, write_geopackage, write_tables
from spatial_models.regression import least_squares
from spatial_models.regression_pooling import pool_regressions

STATES, EACH = 24, 40
NAMES = [f"S{number:02d}" for number in range(STATES)]


def contrast(ratio: float, seed: int, *, draws: int = 1) -> Contrast:
    """Make up counties whose agreements go with a covariate that goes with the outcome."""
    rng = np.random.default_rng(seed)
    index = pd.Index([f"{number:05d}" for number in range(STATES * EACH)])
    state = pd.Series(np.repeat(NAMES, EACH), index=index)
    people = pd.Series(np.exp(rng.normal(10.5, 1.0, len(index))).round(), index=index)
    share = rng.normal(0, 1, len(index))
    leaning = np.repeat(rng.normal(-1.2, 0.7, STATES), EACH)
    exposed = rng.random(len(index)) < 1 / (1 + np.exp(-leaning - 0.7 * share))
    level = np.repeat(rng.normal(0, 0.4, STATES), EACH)
    log_rate = -5.0 + level + 0.3 * share + np.log(ratio) * exposed
    events = rng.poisson(people * np.exp(log_rate + rng.normal(0, 0.3, len(index))))
    drawn = np.array([events + rng.poisson(1, len(index)) * (draws > 1) for _ in range(draws)])
    return Contrast(
        outcomes=log_rates(pd.DataFrame(drawn, columns=index), people),
        exposed=pd.Series(exposed, index=index).astype("float64"),
        covariates=pd.DataFrame({"log_residents": np.log(people), "share": share}),
        state=state,
    )


@pytest.fixture(scope="module")
def simulated() -> SimulatedAgreements:
    return simulate_agreements(crime_ratio=1.2, arrest_ratio=1.5, rng=0)


@pytest.fixture(scope="module")
def made(simulated: SimulatedAgreements) -> PublishedAnalysis:
    return agreements(
        simulated.inputs,
        simulated.sheet,
        covariates=simulated.covariates,
        panel=simulated.panel,
        draws=2,
        rng=0,
    )


def comparison(made: PublishedAnalysis, outcome: str, agreement: str, method: str) -> pd.Series:
    frame = made.to_frame().set_index(["outcome", "agreement", "method"])
    row = frame.xs((outcome, agreement, method))
    assert isinstance(row, pd.Series)
    return row


def test_regressions_are_those_of_statsmodels() -> None:
    data = contrast(1.3, 1)
    found = {each.method: each for each in compare(data)[0]}
    y, cluster = data.outcomes.iloc[0], pd.factorize(data.state)[0]
    x = sm.add_constant(data.exposed.rename("exposed"))
    plain = sm.OLS(y, x).fit(cov_type="cluster", cov_kwds={"groups": cluster}, use_t=True)
    low, high = plain.conf_int(alpha=0.1).loc["exposed"]
    ours = found["unadjusted"]
    expected = np.exp([plain.params["exposed"], low, high])
    np.testing.assert_allclose([ours.ratio, ours.low, ours.high], expected)
    # With a dummy for each state the coefficient is that of differences from their means.
    dummies = pd.get_dummies(data.state, dtype=float)
    full = pd.concat([data.exposed.rename("exposed"), data.covariates, dummies], axis=1)
    by_dummies = sm.OLS(y, full).fit()
    assert found["adjusted"].ratio == pytest.approx(np.exp(by_dummies.params["exposed"]))
    centred = full[["exposed", "log_residents", "share"]]
    centred = centred - centred.groupby(data.state).transform("mean")
    within = sm.OLS(y - y.groupby(data.state).transform("mean"), sm.add_constant(centred))
    fitted = within.fit(cov_type="cluster", cov_kwds={"groups": cluster}, use_t=True)
    low, high = np.exp(fitted.conf_int(alpha=0.1).loc["exposed"])
    assert (found["adjusted"].low, found["adjusted"].high) == pytest.approx((low, high))
    assert (found["adjusted"].exposed, found["adjusted"].states) == (data.exposed.sum(), STATES)


def test_matches_are_the_nearest_of_the_state() -> None:
    data = contrast(1.3, 2)
    matches = match_within(data.exposed, data.covariates, data.state)
    centred = data.covariates - data.covariates.groupby(data.state).transform("mean")
    inverse = np.linalg.inv(centred.T @ centred / len(centred))
    for number in (0, 7, 30):
        county = matches.exposed[number]
        there = matches.others[data.state[matches.others] == data.state[county]]
        apart = data.covariates.loc[there] - data.covariates.loc[county]
        distance = pd.Series(np.einsum("ij,jk,ik->i", apart, inverse, apart), index=there)
        near = distance[distance <= 2].nsmallest(3).index
        own = matches.pairs[matches.pairs[:, 0] == number, 1]
        assert set(matches.others[own]) == set(near)
    assert len(matches.exposed) + len(matches.unmatched) == data.exposed.sum()
    balance = matches.balance()
    assert (balance["after"].abs() < balance["before"].abs()).all()
    outcome = data.outcomes.iloc[0]
    raw = matches.differences(outcome, pd.Series(0.0, index=data.covariates.columns))
    own = matches.pairs[matches.pairs[:, 0] == 0, 1]
    first = outcome[matches.exposed[0]] - outcome[matches.others[own]].mean()
    assert raw.iloc[0] == pytest.approx(first)


@given(st.lists(st.floats(-5, 5), min_size=6, max_size=6), st.floats(-9, 9))
def test_variance_by_cluster_is_of_sums(values: list[float], shift: float) -> None:
    cluster = pd.Series(list("aabbcc"))
    series = pd.Series(values)
    found = variance_by_cluster(series, cluster)
    means = series.groupby(cluster).mean()  # clusters of one size: the variance of their mean
    assert found == pytest.approx(means.var(ddof=1) / 3, abs=1e-9)
    assert variance_by_cluster(series + shift, cluster) == pytest.approx(found, abs=1e-7)


def test_draws_are_pooled_as_regressions_are() -> None:
    data = contrast(1.3, 3, draws=4)
    fits = [
        least_squares(y.rename(None), data.exposed.to_frame("x"), clusters=data.state)
        for _, y in data.outcomes.iterrows()
    ]
    pooled = pool_regressions(fits).to_frame(level=0.9).loc["x"]
    base = Comparison(method="matched", states=STATES)
    place = fits[0].terms.index("x")
    ours = _pooled(
        base,
        [fit.estimates[place] for fit in fits],
        [fit.covariance[place, place] for fit in fits],
    )
    expected = np.exp([pooled["estimate"], pooled["low"], pooled["high"]])
    np.testing.assert_allclose([ours.ratio, ours.low, ours.high], expected)


def test_true_ratios_lie_in_nine_of_ten_intervals() -> None:
    inside: dict[str, list[bool]] = {"adjusted": [], "matched": []}
    for seed in range(200):
        for each in compare(contrast(1.2, seed))[0]:
            if each.method in inside:
                inside[each.method].append(each.low <= 1.2 <= each.high)
    for method, told in inside.items():
        assert 0.85 <= np.mean(told) <= 0.95, method


def small_panel(trend: float, seed: int) -> tuple[pd.DataFrame, pd.Series, pd.Index, pd.Series]:
    """Make up a panel of counties in 24 states, one in four of which signs."""
    rng = np.random.default_rng(seed)
    index = pd.Index([f"{number:05d}" for number in range(STATES * 20)], name="county_fips")
    state = pd.Series(np.repeat(NAMES, 20), index=index)
    signed = pd.Series(rng.integers(2018, 2022, len(index)), index=index)[rng.random(480) < 0.25]
    parts = []
    level = rng.normal(0, 0.4, len(index))
    for year in range(2012, 2023):
        ahead = (year - signed.reindex(index)).clip(upper=0).fillna(0).to_numpy()
        shock = np.repeat(rng.normal(0, 0.1, STATES), 20)
        rate = 0.004 * np.exp(level + shock + trend * ahead + rng.normal(0, 0.1, len(index)))
        parts.append(
            pd.DataFrame(
                {"county_fips": index, "year": year, "crimes": rng.poisson(50_000 * rate)}
            ).assign(residents=50_000.0)
        )
    return pd.concat(parts), signed, index.difference(signed.index), state


def test_true_trends_before_signing_lie_in_nine_of_ten_intervals() -> None:
    inside: dict[str, list[bool]] = {}
    for seed in range(200):
        found = pre_trends(*small_panel(0.02, seed))
        for years, row in found.iterrows():
            truth = 0.02 if years == SLOPE else 0.02 * (int(str(years)) + 1)
            inside.setdefault(str(years), []).append(row["low"] <= np.exp(truth) <= row["high"])
    assert set(inside) == {"-6", "-5", "-4", "-3", "-2", SLOPE}
    for years, told in inside.items():
        assert 0.85 <= np.mean(told) <= 0.95, years


def test_years_before_signing_by_hand() -> None:
    panel, signed, never, state = small_panel(0.0, 1)
    found = pre_trends(panel, signed, never, state)
    rate = np.log((panel["crimes"] + 0.5) / panel["residents"])
    wide = panel.assign(rate=rate).pivot_table(index="county_fips", columns="year", values="rate")
    changes = []
    for county, year in zip(signed.index.astype(str), signed.tolist(), strict=True):
        others = never[state[never] == state[county]]
        change = wide[year - 3] - wide[year - 1]
        changes.append(change[county] - change[others].mean())
    assert found.loc["-3", "ratio"] == pytest.approx(np.exp(np.mean(changes)))
    assert found.loc["-3", "counties"] == len(signed)


def test_the_truth_of_whole_inputs_is_found(made: PublishedAnalysis) -> None:
    for outcome, ratio in (("crime", 1.2), ("all", 1.5)):
        for method in ("adjusted", "matched"):
            row = comparison(made, outcome, "any", method)
            assert row["low"] - 0.03 <= ratio <= row["high"] + 0.03, (outcome, method)
        # What goes with agreements makes counties differ more than they do.
        assert comparison(made, outcome, "any", "within states")["low"] > ratio
    trends = made.tables["agreements_pre_trends"].frame.set_index(["agreement", "years"])
    slope = trends.loc[[("any", SLOPE)]]
    assert slope["low"].max() <= 1.0 <= slope["high"].min()
    assert "no trend apart can be told" in made.findings[-1]
    assert set(made.to_frame()["agreement"]) == set(EXPOSURES)
    assert set(made.to_frame()["method"]) == set(METHODS)


def test_a_trend_before_signing_is_seen() -> None:
    other = simulate_agreements(trend=0.03, rng=4)
    found = agreements(other.inputs, other.sheet, panel=other.panel, draws=2, rng=0)
    assert "went another way already" in found.findings[-1]
    assert found.findings[-1].count("1.0") >= 2


def test_groups_hold_every_county_once(made: PublishedAnalysis) -> None:
    groups = made.tables["agreements_groups"].frame
    whole = groups.loc[["any", "none", "not told"]]
    assert whole["share_of_counties"].sum() == pytest.approx(1.0)
    assert whole["counties"].sum() == len(made.tables["agreements_counties"].frame)
    assert (groups.loc[list(EXPOSURES[1:]), "counties"] <= groups.loc["any", "counties"]).all()
    counties = made.tables["agreements_counties"].frame
    taking_part = counties["crime_left_out"] == ""
    row = comparison(made, "crime", "any", "adjusted")
    assert row["exposed"] + row["others"] == taking_part.sum()
    assert (counties.loc[~taking_part, "crime_rate"].isna()).all()


def test_arrests_of_records_take_part_where_counties_are_known() -> None:
    base = simulate_agreements(rng=3)
    rate = np.exp(np.log(2.0) * base.exposed)
    rates = pd.DataFrame(dict.fromkeys(("custodial", "community", "other"), rate))
    rates["community"] = 1.0
    rng = np.random.default_rng(0)
    records = _read_back(simulate_records(arrests=150_000, rates=rates, rng=rng))
    inputs = replace(base.inputs, arrests_by_county=None, arrest_period=None, records=records)
    found = agreements(inputs, base.sheet, covariates=base.covariates, draws=5, rng=0)
    assert found.to_frame()["outcome"].unique().tolist() == [
        "crime",
        "all",
        "custodial",
        "community",
    ]
    custodial = comparison(found, "custodial", "any", "adjusted")
    community = comparison(found, "community", "any", "adjusted")
    # Draws by residents do not know of agreements: they take a little of the ratio away.
    assert 1.7 < custodial["ratio"] < 2.05
    assert community["low"] < 1.05
    assert community["high"] > 0.95
    counties = found.tables["agreements_counties"].frame
    assert counties.loc["48201", "all_left_out"] == "known for its zone only"
    assert np.isnan(counties["all_rate"]["48201"])
    assert any("had one before the arrests" in limit for limit in found.limits)


def test_agreements_without_a_day_are_set_apart(simulated: SimulatedAgreements) -> None:
    table = simulated.sheet.table.copy()
    single = table["county_fips"].map(table["county_fips"].value_counts()) == 1
    row = table.index[single][0]
    county = table.loc[row, "county_fips"]
    table.loc[row, "signed"] = pd.NaT
    sheet = replace(simulated.sheet, table=table)
    groups = group_counties(agreements_at(sheet, dt.date(2024, 1, 1)))
    assert groups.table.loc[county, "not_told"].startswith("only agreements without a day")
    assert not groups.table.loc[county, ["any", "none"]].any()
    assert np.isnan(groups.compared("any")[county])
    on_its_day = group_counties(agreements_at(sheet, sheet.as_of))
    assert on_its_day.table.loc[county, "any"]


def test_too_few_are_told_as_such(simulated: SimulatedAgreements) -> None:
    found = agreements(simulated.inputs, simulated.sheet, day=dt.date(2017, 1, 1), draws=2, rng=0)
    frame = found.to_frame()
    assert frame["ratio"].isna().all()
    assert frame["reason"].str.startswith("too few: 0 with").all()
    assert "cannot be compared" in found.findings[0]


def test_the_real_sheet_and_crime(shared_data: Path) -> None:
    real = shared_data / "real"
    state = read_arrests_by_state(real / "arrests/arrests_by_state_2025-01-20_2026-08-06.csv")
    residents = load_population(2014, 2016)
    rates = read_crime_rates(real / "crime/violent_crime_rate_2014_2016.csv")
    inputs = Inputs(
        arrests_by_state=state.counts,
        residents=load_population(),
        arrest_period=Period.parse("2025-01-20/2026-08-06", option=""),
        crime=set_aside_implausible_zeros(rates, residents),
        crime_residents=residents,
        crime_period=Period.parse("2014/2016", option=""),
    )
    sheet = read_agreements(real / "policy/agreements_287g_2025-07-18.xlsx")
    votes = read_votes(real / "politics/president_2024_by_county.csv")
    found = agreements(inputs, sheet, votes=votes, draws=2, rng=0)
    counts = agreements_at(sheet, sheet.as_of)
    groups = found.tables["agreements_groups"].frame
    assert groups.loc["task_force", "counties"] == (counts.by_county["task_force"] > 0).sum()
    assert found.to_frame()["outcome"].unique().tolist() == ["crime"]
    assert found.to_frame()["ratio"].notna().all()
    counties = found.tables["agreements_counties"].frame
    alaska = counties[counties.index.str.startswith("02")]
    assert alaska["crime_left_out"].str.contains("not known").all()
    said = " ".join(found.limits)
    for part in ("arrests are not compared", "Organised crime is not measured", "state agencies"):
        assert part in said
    with pytest.raises(InputError, match="give a later sheet"):
        agreements(inputs, sheet, day=dt.date(2026, 1, 1), draws=2, rng=0)


def test_bad_input_is_refused(simulated: SimulatedAgreements) -> None:
    table = simulated.covariates.table
    for name in ("violent_crime_rate", "all_rate", "agreements_of_state"):
        bad = CountyCovariates(
            table=table.rename(columns={"poverty_share": name}),
            source=Source(file="more.csv", sha256="", rows=1),
            notes=(),
        )
        with pytest.raises(InputError, match="a column that is there already"):
            agreements(simulated.inputs, simulated.sheet, covariates=bad, draws=2, rng=0)
    by_state = ArrestInputs(arrests_by_state=pd.Series({"TX": 5}), residents=load_population())
    with pytest.raises(InputError, match="neither crime nor arrests that are known by county"):
        agreements(by_state, simulated.sheet, draws=2, rng=0)
    with pytest.raises(InputError, match="found no crimes"):
        agreements(
            simulated.inputs,
            simulated.sheet,
            panel=simulated.panel.drop(columns="crimes"),
            draws=2,
            rng=0,
        )


def test_the_same_seed_gives_the_same(
    simulated: SimulatedAgreements, made: PublishedAnalysis
) -> None:
    again = agreements(
        simulated.inputs,
        simulated.sheet,
        covariates=simulated.covariates,
        panel=simulated.panel,
        draws=2,
        rng=0,
    )
    assert again.figures == made.figures
    pd.testing.assert_frame_equal(again.to_frame(), made.to_frame())


def test_tables_and_page_are_written_safely(
    simulated: SimulatedAgreements, made: PublishedAnalysis, tmp_path: Path
) -> None:
    layers = {name: table.to_layer() for name, table in made.tables.items()}
    words = {name: table.words for name, table in made.tables.items()}
    path = tmp_path / "agreements.gpkg"
    write_geopackage(path, layers, title="Agreements", metadata={}, words=words)
    write_tables(tmp_path / "tables", layers, words=words)
    hostile = "<script>alert(1)</script>"
    source = Source(file=hostile, sha256="", rows=1)
    found = agreements(
        replace(simulated.inputs, crime=replace(simulated.inputs.crime, source=source)),
        replace(simulated.sheet, source=source),
        covariates=replace(simulated.covariates, source=source),
        draws=2,
        rng=0,
    )
    html = render_report(analysis_page(found, version="1"))
    assert "<script>alert" not in html
    assert "SIMULATED" in html


def test_the_recipe_makes_it_from_the_material(simulated: SimulatedAgreements) -> None:
    material = TableMaterial(inputs=simulated.inputs, draws=2)
    assert RECIPE.lacks(material) == ["ICE's list of agreements (--agreements)"]
    whole = replace(
        material,
        agreements=simulated.sheet,
        agreements_day=dt.date(2022, 1, 1),
        covariates=simulated.covariates,
    )
    made = RECIPE.make(whole)
    assert "on 2022-01-01" in made.tables["agreements"].period
    assert "poverty share" in " ".join(made.limits)
