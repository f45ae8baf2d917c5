"""Zones, and larger areas made of counties."""

import pandas as pd
import pytest

from boundaries import OUTLYING, dissolve_counties, load_counties, load_states, load_zones

EQUAL_AREA = "EPSG:6933"  # of the whole world


def test_there_are_62_zones_56_of_them_conterminous() -> None:
    zones = load_zones()
    assert len(zones) == 62
    assert zones["conterminous"].sum() == 56
    assert set(zones.loc[~zones["conterminous"], "state"]) == OUTLYING - {"AS"}
    assert zones.index.name == "zone"
    assert zones.index.is_unique


def test_a_zone_is_a_state_within_an_office() -> None:
    zones = load_zones()
    assert (zones.index == zones["state"] + "-" + zones["aor"]).all()
    assert zones["counties"].sum() == 3_233 - 5  # American Samoa has none
    assert zones.loc["TX-DAL", "counties"] == 128


def test_only_three_states_are_split() -> None:
    offices = load_zones().groupby("state").size()
    assert offices[offices > 1].to_dict() == {"CA": 3, "NY": 2, "TX": 5}


@pytest.mark.parametrize(("by", "areas"), [("aor", 25), ("zone", 62), ("state", 56)])
def test_dissolving_keeps_the_land(by: str, areas: int) -> None:
    counties = load_counties()
    merged = dissolve_counties(counties, by)
    assert len(merged) == areas
    assert merged.index.name == by
    assert merged.index.is_monotonic_increasing
    assert merged.crs == counties.crs
    assert merged.geometry.is_valid.all()
    pieces = counties.to_crs(EQUAL_AREA).area.groupby(counties[by]).sum()
    pd.testing.assert_series_equal(
        merged.to_crs(EQUAL_AREA).area, pieces, check_names=False, rtol=1e-9
    )
    land = counties.groupby(by)["land_area_km2"].sum()
    pd.testing.assert_series_equal(merged["land_area_km2"], land, rtol=1e-12)


def test_dissolved_states_are_the_states() -> None:
    merged = dissolve_counties(load_counties(), "state").to_crs(EQUAL_AREA)
    states = load_states().to_crs(EQUAL_AREA)
    apart = merged.geometry.symmetric_difference(states.geometry).area
    assert (apart / states.area).max() < 1e-6


def test_a_part_of_the_counties_can_be_dissolved() -> None:
    counties = load_counties()
    texas = counties[counties["state"] == "TX"]
    before = texas.copy()
    assert dissolve_counties(texas, "aor").index.tolist() == ["DAL", "ELP", "HLG", "HOU", "SNA"]
    pd.testing.assert_frame_equal(pd.DataFrame(texas), pd.DataFrame(before))


def test_changing_the_zones_changes_no_other() -> None:
    zones = load_zones()
    zones.loc["TX-DAL", "counties"] = 0
    assert load_zones().loc["TX-DAL", "counties"] == 128
