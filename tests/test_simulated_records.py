"""Simulated records: shaped as the real ones, with a truth that the reading recovers."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from arrest_atlas import SimulatedRecords, simulate_records
from boundaries import load_counties, load_zones
from geo import (
    ArrestRecords,
    LocatedArrests,
    classify_arrests,
    find_duplicates,
    load_population,
    locate_arrests,
    read_arrests,
)

SEED = 11
ARRESTS = 120_000
LEVELS = ["county", "zone", "state", "aor", "none"]


@pytest.fixture(scope="module")
def simulated() -> SimulatedRecords:
    return simulate_records(arrests=ARRESTS, rng=SEED)


@pytest.fixture(scope="module")
def read(simulated: SimulatedRecords, tmp_path_factory: pytest.TempPathFactory) -> ArrestRecords:
    path = tmp_path_factory.mktemp("records") / "arrests.parquet"
    simulated.table.to_parquet(path, index=False)
    return read_arrests(path)


@pytest.fixture(scope="module")
def located(read: ArrestRecords) -> LocatedArrests:
    return locate_arrests(read.table)


def test_what_is_missing_is_missing_as_in_the_release_of_july_2025(
    simulated: SimulatedRecords,
) -> None:
    missing = simulated.table.isna().mean()
    assert missing["apprehension_state"] == pytest.approx(0.19, abs=0.005)
    assert missing["apprehension_aor"] == pytest.approx(0.02, abs=0.002)
    assert missing["unique_identifier"] == pytest.approx(0.008, abs=0.001)
    once = ~simulated.truth["duplicate"]
    landmark = simulated.table.loc[once, "apprehension_site_landmark"]
    assert landmark.isna().mean() == pytest.approx(0.02, abs=0.003)
    assert simulated.truth["duplicate"].mean() == pytest.approx(0.05, abs=0.005)
    headquarters = simulated.table["apprehension_aor"] == "HQ Area of Responsibility"
    assert 0 < headquarters.mean() < 0.01


def test_arrests_lie_in_the_period_and_in_order_of_time(simulated: SimulatedRecords) -> None:
    time = simulated.table["apprehension_date_time"]
    assert time.is_monotonic_increasing
    assert str(time.min().date()) == "2025-01-20"
    assert str(time.max().date()) == "2026-08-06"
    assert (simulated.table["apprehension_date"] == time.dt.normalize()).all()


def test_jail_methods_change_their_name_in_july_2025(simulated: SimulatedRecords) -> None:
    table = simulated.table
    late = table["apprehension_date"] >= "2025-07-28"
    jail = table["apprehension_method"].astype(str).str.startswith("CAP ")
    renamed = table["apprehension_method"] == "Custodial Arrest"
    assert jail[~late].sum() > 1_000
    assert renamed[late].sum() > 1_000
    assert not jail[late].any()
    assert not renamed[~late].any()
    assert "287(g) Program" in set(table["apprehension_method"])


def test_the_same_seed_gives_the_same_records_and_another_does_not() -> None:
    first, again, other = (simulate_records(arrests=2_000, rng=seed) for seed in (1, 1, 2))
    pd.testing.assert_frame_equal(first.table, again.table)
    pd.testing.assert_frame_equal(first.truth, again.truth)
    assert not first.table.equals(other.table)


def test_the_table_handed_out_is_a_copy() -> None:
    records = simulate_records(arrests=500, rng=1)
    table = records.to_frame()
    table["birth_year"] = 0
    assert (records.table["birth_year"] > 0).all()


def test_rates_move_the_arrests_of_their_class_only() -> None:
    residents = load_population()
    rates = pd.DataFrame(1.0, index=residents.index, columns=["custodial", "community", "other"])
    kansas = rates.index.str.startswith("20")
    rates.loc[kansas, "custodial"] = 5.0
    truth = simulate_records(arrests=60_000, rates=rates, rng=3).truth
    state = truth["county_fips"].astype(str).str[:2]
    share = (state == "20").groupby(truth["custody"], observed=True).mean()
    people = residents[kansas].sum() / residents.sum()
    assert share["custodial"] == pytest.approx(5 * people / (1 + 4 * people), rel=0.1)
    assert share["community"] == pytest.approx(people, rel=0.2)


def test_the_release_is_recognised(read: ArrestRecords, simulated: SimulatedRecords) -> None:
    assert read.release == "DDP cleaned, 2025"
    assert len(read.table) == len(simulated.table)


def test_duplicates_are_found_to_the_last_one(
    read: ArrestRecords, simulated: SimulatedRecords
) -> None:
    found = find_duplicates(read.table)
    assert (found.drop.to_numpy() == simulated.truth["duplicate"].to_numpy()).all()
    assert found.against_ddp is not None
    assert found.against_ddp.loc["kept", "dropped"] == 0
    assert found.against_ddp.loc["dropped", "kept"] == 0


def test_some_persons_are_arrested_again_and_kept(simulated: SimulatedRecords) -> None:
    once = simulated.table[~simulated.truth["duplicate"]]
    assert once["unique_identifier"].dropna().duplicated().sum() > 100


def test_classes_are_found_to_the_last_one(
    read: ArrestRecords, simulated: SimulatedRecords
) -> None:
    classes = classify_arrests(read.table)
    assert (classes.custody.astype(str) == simulated.truth["custody"].astype(str)).all()
    assert classes.unknown.empty
    assert classes.criminality.notna().all()


def test_located_counties_are_right(located: LocatedArrests, simulated: SimulatedRecords) -> None:
    by_county = (located.table["support"] == "county").to_numpy()
    true = simulated.truth["county_fips"].astype(str).to_numpy()
    right = located.table["county_fips"].astype(str).to_numpy() == true
    assert right[by_county].mean() >= 0.99


@pytest.mark.parametrize("level", LEVELS)
def test_every_level_of_support_is_recovered(
    located: LocatedArrests, simulated: SimulatedRecords, level: str
) -> None:
    said = (located.table["support"] == level).to_numpy()
    true = (simulated.truth["support"] == level).to_numpy()
    assert true.sum() > 100
    assert said[true].mean() >= 0.95
    assert true[said].mean() >= 0.99


def test_places_above_the_county_are_right(
    located: LocatedArrests, simulated: SimulatedRecords
) -> None:
    counties = load_counties()
    true = simulated.truth["county_fips"].astype(str)
    for level in ("zone", "state", "aor"):
        rows = (located.table["support"] == level).to_numpy()
        said = located.table.loc[rows, level].astype(str)
        assert (said.to_numpy() == true[rows].map(counties[level]).to_numpy()).mean() >= 0.999


def test_landmarks_of_another_state_are_conflicts_and_keep_the_records_state(
    located: LocatedArrests, simulated: SimulatedRecords
) -> None:
    conflict = simulated.truth["conflict"].to_numpy()
    assert conflict.sum() > 100
    table = located.table[conflict]
    said = (table["conflict"] == "landmark in another state").to_numpy()
    assert said.mean() >= 0.98
    assert set(table.loc[said, "support"].astype(str)) <= {"zone", "state"}
    state = simulated.truth["county_fips"].astype(str)[conflict].map(load_counties()["state"])
    assert (table["state"].astype(str).to_numpy() == state.to_numpy()).all()


def test_misspelled_counties_are_mostly_found_where_the_state_is_known(
    located: LocatedArrests, simulated: SimulatedRecords
) -> None:
    meant = simulated.truth["misspelled"] & simulated.table["apprehension_state"].notna()
    rows = (meant & (simulated.truth["support"] == "county")).to_numpy()
    assert rows.sum() > 100
    true = simulated.truth.loc[rows, "county_fips"].astype(str).to_numpy()
    said = located.table.loc[rows, "county_fips"].astype(str).to_numpy()
    known = located.table.loc[rows, "support"].to_numpy() == "county"
    assert known.mean() >= 0.9
    assert (said == true)[known].mean() >= 0.98


def test_records_are_well_located_in_some_states_and_badly_in_others(
    located: LocatedArrests,
) -> None:
    state = located.table["state"].astype(str)
    share = (located.table["support"] == "county").groupby(state).mean()
    assert share[["AL", "GA", "IA", "KS", "MS", "OH"]].min() > 0.6
    assert share[["CA", "FL", "ID", "NY", "TX", "WA"]].max() < 0.4


def test_every_zone_of_the_states_has_arrests(simulated: SimulatedRecords) -> None:
    zones = load_zones()
    zone = simulated.truth["county_fips"].astype(str).map(load_counties()["zone"])
    assert set(zones.index[zones["conterminous"]]) <= set(zone)
    assert np.isin(["AK-SEA", "HI-SFR"], zone.unique()).all()


def test_without_flags_there_are_none(simulated: SimulatedRecords) -> None:
    plain = simulate_records(arrests=500, flags=False, rng=1).table
    assert not plain.columns.str.startswith("duplicate").any()
    assert simulated.table["duplicate_likely"].sum() > simulated.truth["duplicate"].sum()
