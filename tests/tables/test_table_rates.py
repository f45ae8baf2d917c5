"""Arrest rates: published figures found again, truth inside the intervals, nothing dropped."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from arrest_atlas.options import ArrestInputs
from arrest_atlas.period import Period
from arrest_atlas.records import Records, judge_records
from arrest_atlas.simulated_records import SimulatedRecords, simulate_records
from arrest_atlas.tables._draw_intervals import change_of_draws, rate_of_draws, share_of_draws
from arrest_atlas.tables._rate_tables import ALL
from arrest_atlas.tables.arrest_rows import UNASSIGNED
from arrest_atlas.tables.pages import analysis_page
from arrest_atlas.tables.rates import RECIPE, rates
from geo import (
    InputError,
    Source,
    load_population,
    read_arrests_by_aor,
    read_arrests_by_state,
)
from outputs import render_report, write_geopackage, write_tables

if TYPE_CHECKING:
    from pathlib import Path

    from arrest_atlas.tables.published import PublishedAnalysis

ARRESTS = 60_000
HALVES = ("2025-01-20/2025-10-31", "2025-11-01/2026-08-06")


def period(text: str) -> Period:
    return Period.parse(text, option="--period")


def judged(folder: Path, seed: int) -> tuple[Records, SimulatedRecords]:
    """Make up arrests that are alike per resident everywhere, and read them."""
    simulated = simulate_records(arrests=ARRESTS, rng=seed)
    path = folder / f"arrests-{seed}.parquet"
    simulated.table.to_parquet(path, index=False)
    return judge_records([path]), simulated


@pytest.fixture(scope="module")
def replicates(tmp_path_factory: pytest.TempPathFactory) -> list[Records]:
    folder = tmp_path_factory.mktemp("replicates")
    return [judged(folder, seed)[0] for seed in range(4)]


@pytest.fixture(scope="module")
def inputs(replicates: list[Records]) -> ArrestInputs:
    return ArrestInputs(records=replicates[0], residents=load_population(), simulated=True)


@pytest.fixture(scope="module")
def made(inputs: ArrestInputs) -> PublishedAnalysis:
    return rates(inputs, periods=[period(half) for half in HALVES], draws=20, rng=0)


def real_tables(shared_data: Path) -> tuple[Path, Path]:
    folder = shared_data / "real" / "arrests"
    names = ("arrests_by_state", "arrests_by_aor")
    state, office = (folder / f"{name}_2025-01-20_2026-08-06.csv" for name in names)
    return state, office


def test_published_rates_are_found_again(shared_data: Path) -> None:
    paths = real_tables(shared_data)
    state, office = read_arrests_by_state(paths[0]), read_arrests_by_aor(paths[1])
    found = rates(
        ArrestInputs(
            arrests_by_state=state.counts,
            arrests_by_aor=office.counts,
            residents=load_population(),
            arrest_period=period("2025-01-20/2026-08-06"),
            people_by_area={"state": state.people, "aor": office.people},
        ),
        draws=2,
        rng=0,
    )
    by_state, by_office = (found.tables[f"rates_{level}"].frame for level in ("state", "aor"))
    assert by_state.loc["TX", "rate"] == pytest.approx(413.6, abs=0.05)
    assert by_state.loc[ALL, "rate"] == pytest.approx(157.0, abs=0.05)
    assert by_office.loc[ALL, "rate"] == pytest.approx(162.0, abs=0.05)

    for path, frame in zip(paths, (by_state, by_office), strict=True):
        file = pd.read_csv(path)
        of_file = file["arrests"] / file["total_population"] * 100_000
        of_noncitizens = file["arrests"] / file["immigrant_noncitizen"] * 100_000
        ours = frame.drop([ALL, UNASSIGNED]).dropna(subset="rate")
        np.testing.assert_allclose(np.sort(ours["rate"]), np.sort(of_file))
        np.testing.assert_allclose(np.sort(ours["noncitizen_rate"]), np.sort(of_noncitizens))
        nation = 100_000 * file["arrests"].sum() / file["total_population"].sum()
        assert frame.loc[ALL, "rate"] == pytest.approx(nation)

    sentence = next(each for each in found.findings if "by the table of offices" in each)
    for told in ("157.0", "162.0", "17,020 arrests (3.1%)", "both refer to 338,156,808 residents"):
        assert told in sentence


def test_true_rates_and_shares_lie_in_nine_of_ten_intervals(replicates: list[Records]) -> None:
    residents = load_population()
    inside: dict[str, list[bool]] = {}
    for seed, records in enumerate(replicates):
        found = rates(ArrestInputs(records=records, residents=residents), draws=20, rng=seed)
        whole = found.to_frame()
        placed = 1 - whole["share_of_arrests"][UNASSIGNED]
        truth = ARRESTS / residents.sum() * 100_000 * placed
        for name in ("state", "aor", "zone", "county"):
            frame = found.tables[f"rates_{name}"].frame.drop([ALL, UNASSIGNED])
            frame = frame[frame["rate"].notna()]
            inside.setdefault(name, []).extend(
                frame["rate_low"].le(truth) & frame["rate_high"].ge(truth)
            )
        states = whole.drop([ALL, UNASSIGNED]).dropna(subset="custodial_share")
        for kind, share in (("custodial", 0.50), ("community", 0.38)):
            low, high = states[f"{kind}_share_low"], states[f"{kind}_share_high"]
            inside.setdefault(kind, []).extend(low.le(share) & high.ge(share))
    assert len(inside["state"]) > 200
    for name in ("state", "zone", "custodial", "community"):
        assert 0.85 <= np.mean(inside[name]) <= 0.95, name
    # 100 offices alone; and the interval of few arrests, as most counties have, is a wide one.
    assert 0.83 <= np.mean(inside["aor"]) <= 0.97
    assert 0.88 <= np.mean(inside["county"]) <= 0.95


def test_intervals_allow_for_operations_and_for_imputation() -> None:
    rng = np.random.default_rng(3)
    mean, weeks, spread, known, people = 40.0, 52, 4.0, 0.7, 1e6
    columns = pd.RangeIndex(400)
    weekly = rng.negative_binomial(mean / (spread - 1), 1 / spread, size=(weeks, 400))
    total = weekly.sum(axis=0)
    located = rng.binomial(total, known)
    # The others are imputed from those located, as chance allows.
    imputed = rng.negative_binomial(located + 0.5, known, size=(50, 400))
    draws = pd.DataFrame(located + imputed, columns=columns)
    exposed = pd.Series(people, index=columns)
    found = rate_of_draws(draws, exposed, pd.Series(spread, index=columns), per=1.0)
    truth = mean * weeks / people
    assert 0.85 <= np.mean((found["low"] <= truth) & (found["high"] >= truth)) <= 0.95
    narrow = rate_of_draws(draws, exposed, pd.Series(1.0, index=columns), per=1.0)
    assert np.mean((narrow["low"] <= truth) & (narrow["high"] >= truth)) < 0.75


def test_a_change_is_found_in_nine_of_ten_intervals() -> None:
    rng = np.random.default_rng(4)
    columns = pd.RangeIndex(600)
    one = pd.Series(1.0, index=columns)
    before = pd.DataFrame([rng.poisson(60, 600)], columns=columns)
    after = pd.DataFrame([rng.poisson(200, 600)], columns=columns)
    found = change_of_draws((after, one, 300), (before, one, 150))
    truth = (200 / 300) / (60 / 150)
    assert 0.85 <= np.mean((found["low"] <= truth) & (found["high"] >= truth)) <= 0.95


def test_a_share_is_found_in_nine_of_ten_intervals() -> None:
    rng = np.random.default_rng(5)
    columns = pd.RangeIndex(600)
    one = pd.Series(1.0, index=columns)
    whole = rng.poisson(120, 600)
    part = rng.binomial(whole, 0.3)
    found = share_of_draws(
        pd.DataFrame([part], columns=columns), pd.DataFrame([whole], columns=columns), one, one
    )
    assert 0.85 <= np.mean((found["low"] <= 0.3) & (found["high"] >= 0.3)) <= 0.95


def test_shares_sum_to_one_with_what_is_not_assigned(made: PublishedAnalysis) -> None:
    for name, table in made.tables.items():
        frame = table.frame
        assert frame["share_of_arrests"].drop(ALL).sum() == pytest.approx(1.0), name
        assert frame["arrests"].drop(ALL).sum() == pytest.approx(frame.loc[ALL, "arrests"]), name
        kinds = frame[["custodial_share", "community_share", "other_share"]].dropna()
        np.testing.assert_allclose(kinds.sum(axis=1), 1.0)


def test_counties_have_rates_only_where_their_zone_is_known_by_county(
    made: PublishedAnalysis,
) -> None:
    counties = made.tables["rates_county"].frame.drop([ALL, UNASSIGNED])
    zone_only = counties[counties["reason"] == "known for its zone only"]
    assert {"48201", "06037"} <= set(zone_only.index)  # Texas and California are badly located
    numbers = [name for name in counties if name not in {"reason", "arrests_known", "known_share"}]
    # What is not known of a place is missing; how many people live there is known.
    own = [name for name in numbers if name != "residents"]
    assert zone_only[own].isna().all(axis=None)
    told = counties[counties["reason"] == ""]
    assert told["rate"].notna().all()
    assert len(counties) == 3_228  # nobody is dropped


def test_places_without_residents_have_no_rate_and_are_said(inputs: ArrestInputs) -> None:
    people = load_population()
    people = people.drop(people.index[people.index.str.startswith("23")])  # Maine
    found = rates(replace(inputs, residents=people), draws=2, rng=0)
    frame = found.to_frame()
    assert np.isnan(frame["rate"]["ME"])
    assert frame["arrests"]["ME"] > 0
    assert any("Maine" in limit and "without a rate" in limit for limit in found.limits)
    # Arrests of counties without residents are in no larger area's rate.
    office, whole = (
        rates(each, draws=2, rng=0).tables["rates_aor"].frame.loc["BOS", "rate"]
        for each in (replace(inputs, residents=people), inputs)
    )
    assert office == pytest.approx(whole, rel=0.05)


def test_change_is_the_ratio_of_arrests_a_day(made: PublishedAnalysis) -> None:
    later, earlier = (
        made.tables["rates_state"].frame,
        made.tables["rates_state_20250120_20251031"].frame,
    )
    expected = later["arrests_per_day"] / earlier["arrests_per_day"]
    told = later["change"].dropna()
    np.testing.assert_allclose(told, expected[told.index])
    assert ALL in told.index
    assert (later["change_low"].dropna() <= told).all()
    assert "change" not in earlier


def test_custodial_and_community_arrests_stand_apart(made: PublishedAnalysis) -> None:
    every = made.to_frame().loc[ALL]
    assert every["custodial_rate"] + every["community_rate"] < every["rate"]
    share = every["custodial_rate"] / every["rate"]
    assert share == pytest.approx(every["custodial_share"], rel=1e-6)


def test_periods_without_arrests_are_left_out_and_said(inputs: ArrestInputs) -> None:
    asked = [period("2024"), period("2026")]
    found = rates(inputs, periods=asked, draws=2, rng=0)
    assert not any("2024" in name for name in found.tables)
    limits = " ".join(found.limits)
    assert "have no arrest of 2024: it is left out" in limits
    assert "Of the period 2026 the records cover 2026-01-01 to 2026-08-06 only" in limits
    assert "in part only" in found.tables["rates_state"].period
    with pytest.raises(InputError, match="no arrest within 2024"):
        rates(inputs, periods=[period("2024")], draws=2, rng=0)


def test_periods_that_share_days_are_not_compared(inputs: ArrestInputs) -> None:
    asked = [period("2025-01-20/2025-12-31"), period("2025-06-01/2026-08-06")]
    found = rates(inputs, periods=asked, draws=2, rng=0)
    assert "change" not in found.to_frame()


def test_tables_of_counts_have_no_periods_and_say_so() -> None:
    inputs = ArrestInputs(
        arrests_by_state=pd.Series({"TX": 1_000, "ME": 0}), residents=load_population()
    )
    found = rates(inputs, periods=[period("2024")], draws=2, rng=0)
    frame = found.to_frame()
    assert "a period that is not stated" in found.findings[0]
    assert frame["arrests_per_day"].isna().all()
    assert frame.loc["ME", "rate"] == 0
    assert frame.loc["ME", "rate_low"] == 0
    assert frame.loc["NY", "reason"] == "no row in the table"
    limits = " ".join(found.limits)
    assert "2024 cannot be told apart" in limits
    assert "too narrow" in limits
    assert list(found.tables) == ["rates_state"]  # no county is told by a table of states


def test_located_counts_add_to_those_of_their_state() -> None:
    located = pd.Series({"23001": 30, "23003": 70})
    inputs = ArrestInputs(
        arrests_by_state=pd.Series({"ME": 10, "NH": 5}),
        arrests_by_county=located,
        residents=load_population(),
    )
    found = rates(inputs, draws=3, rng=0)
    assert found.to_frame().loc["ME", "arrests"] == 110
    counties = found.tables["rates_county"].frame
    assert counties.loc["23003", "reason"] == ""
    assert counties.loc["33001", "reason"] == "known for its zone only"


def test_the_same_seed_gives_the_same(inputs: ArrestInputs) -> None:
    one, two, other = (rates(inputs, draws=3, rng=seed) for seed in (1, 1, 2))
    assert one.figures == two.figures
    assert one.findings == two.findings
    for name, table in one.tables.items():
        pd.testing.assert_frame_equal(table.frame, two.tables[name].frame)
    assert not one.to_frame().equals(other.to_frame())


def test_tables_and_page_are_written_safely(made: PublishedAnalysis, tmp_path: Path) -> None:
    hostile = "<script>alert(1)</script>=cmd()\x00"
    inputs = ArrestInputs(
        arrests_by_state=pd.Series({"TX": 1_000, "ME": 20, "NH": 30}),
        residents=load_population(),
        sources={"arrests": Source(file=hostile, sha256="", rows=1)},
        notes=(hostile,),
        simulated=True,
    )
    found = rates(inputs, draws=2, rng=0)
    html = render_report(analysis_page(found, version="1"))
    assert "<script>alert" not in html
    assert "SIMULATED" in html
    layers = {name: table.to_layer() for name, table in made.tables.items()}
    words = {name: table.words for name, table in made.tables.items()}
    write_geopackage(tmp_path / "rates.gpkg", layers, title="Rates", metadata={}, words=words)
    write_tables(tmp_path / "tables", layers, words=words)
    assert (tmp_path / "rates.gpkg").stat().st_size > 0


def test_every_fact_is_told(made: PublishedAnalysis) -> None:
    for table in made.tables.values():
        assert all(table.facts.values())
    assert "SIMULATED" in made.figures["arrest-rates"]
    assert made.findings[0].startswith("From 2025-11-01 to 2026-08-06 there were")
    assert RECIPE.name == made.name == "rates"
    assert not RECIPE.needs


@given(
    counts=st.lists(st.integers(0, 500), min_size=2, max_size=6),
    people=st.integers(1, 10**7),
    draws=st.integers(1, 4),
)
def test_an_interval_holds_its_rate(counts: list[int], people: int, draws: int) -> None:
    table = pd.DataFrame([counts] * draws)
    one = pd.Series(1.0, index=table.columns)
    found = rate_of_draws(table, one * people, one, per=1e5)
    assert (found["low"] <= found["rate"]).all()
    assert (found["rate"] <= found["high"]).all()
    without: Any = rate_of_draws(table, one * np.nan, one, per=1e5)
    assert without.isna().all(axis=None)
