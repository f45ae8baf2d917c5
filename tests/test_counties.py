"""The counties: how many, their names, their land, and that nobody can spoil them."""

from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from geopandas.testing import assert_geodataframe_equal

from boundaries import (
    CONTERMINOUS_CRS,
    GEOGRAPHIC_CRS,
    OUTLYING,
    VINTAGES,
    Vintage,
    VintageError,
    _embed,
    load_counties,
    load_states,
)

COLUMNS = [
    "name",
    "legal_name",
    "state",
    "state_fips",
    "aor",
    "zone",
    "land_area_km2",
    "geometry",
]
TERRITORIES = ["AS", "GU", "MP", "PR", "VI"]


def census_names(shared_data: Path) -> pd.Series:
    table = pd.read_csv(
        shared_data / "vendorable" / "county_population_2010_2019.csv", dtype=str, encoding="utf-8"
    )
    return table.set_index("GEOID")["CTYNAME"]


def test_how_many_counties_2019_has() -> None:
    state = load_counties()["state"]
    assert len(state) == 3_233
    assert (~state.isin(TERRITORIES)).sum() == 3_142
    assert (~state.isin(OUTLYING)).sum() == 3_108
    assert (state == "PR").sum() == 78


def test_how_many_counties_2023_has() -> None:
    counties = load_counties(vintage=2023)
    assert len(counties) == 3_235
    assert counties.index[counties["state"] == "CT"].tolist() == [
        f"09{region}" for region in range(110, 200, 10)
    ]
    assert {"02063", "02066"} <= set(counties.index)
    assert "02261" not in counties.index


@pytest.mark.parametrize("vintage", VINTAGES)
def test_one_layout_for_every_vintage(vintage: Vintage) -> None:
    counties = load_counties(vintage=vintage)
    assert counties.index.name == "county_fips"
    assert counties.index.is_unique
    assert counties.index.is_monotonic_increasing
    assert counties.index.str.fullmatch(r"\d{5}").all()
    assert counties.columns.tolist() == COLUMNS
    assert counties.crs == GEOGRAPHIC_CRS
    assert (counties.index.str[:2] == counties["state_fips"]).all()


@pytest.mark.parametrize("vintage", VINTAGES)
def test_geometry_is_valid_and_land_is_positive(vintage: Vintage) -> None:
    counties = load_counties(vintage=vintage)
    assert counties.geometry.is_valid.all()
    assert not counties.geometry.is_empty.any()
    assert set(counties.geom_type) <= {"Polygon", "MultiPolygon"}
    assert (counties["land_area_km2"] > 0).all()


@pytest.mark.parametrize("vintage", VINTAGES)
def test_only_american_samoa_lacks_an_office(vintage: Vintage) -> None:
    counties = load_counties(vintage=vintage)
    complete = counties.drop(columns=["aor", "zone"])
    assert complete.notna().all(axis=None)
    for column in ("aor", "zone"):
        assert set(counties.loc[counties[column].isna(), "state"]) == {"AS"}


def test_conterminous_extent_can_be_measured_together() -> None:
    counties = load_counties(extent="conterminous")
    assert len(counties) == 3_108
    assert counties.crs == CONTERMINOUS_CRS
    assert not set(counties["state"]) & OUTLYING
    # Land is some 90 to 100 % of a county, the rest water, save on the coasts and lakes.
    share = counties["land_area_km2"].sum() / (counties.area.sum() / 1e6)
    assert 0.94 < share < 1


def test_legal_names_of_2019_are_the_census_bureaus(shared_data: Path) -> None:
    names = census_names(shared_data)
    assert len(names) == 3_142
    names["35013"] = names["35013"].encode("latin-1").decode()  # twice encoded in that file
    assert names["35013"] == "Doña Ana County"
    ours = load_counties()["legal_name"].reindex(names.index)
    assert ours[ours != names].to_dict() == {}


def test_legal_names_agree_between_vintages(shared_data: Path) -> None:
    stated = gpd.read_parquet(shared_data / "vendorable" / "counties_2023_5m.parquet")
    names = stated.set_index("GEOID")["NAMELSAD"]
    ours = load_counties()["legal_name"]
    common = ours.index.intersection(names.index)
    assert len(common) == 3_233 - 9
    assert ours[common][ours[common] != names[common]].to_dict() == {}


def test_land_of_each_state_survives_the_new_vintage() -> None:
    old = load_counties().groupby("state")["land_area_km2"].sum()
    new = load_counties(vintage=2023).groupby("state")["land_area_km2"].sum()
    for state in ("CT", "AK"):
        assert new[state] == pytest.approx(old[state], rel=1e-12)
    pd.testing.assert_series_equal(new, old, rtol=1e-12)


def test_land_of_unchanged_counties_is_unchanged() -> None:
    old, new = load_counties(), load_counties(vintage=2023)
    common = old.index.intersection(new.index)
    pd.testing.assert_series_equal(
        old.loc[common, "land_area_km2"], new.loc[common, "land_area_km2"]
    )


def test_land_area_is_the_census_bureaus(shared_data: Path) -> None:
    stated = gpd.read_parquet(shared_data / "vendorable" / "counties_2019_5m.parquet")
    land = stated.set_index("GEOID")["ALAND"] / 1e6
    ours = load_counties()["land_area_km2"]
    pd.testing.assert_series_equal(ours, land.sort_index(), check_names=False)


def test_packaged_files_are_what_embed_makes(shared_data: Path) -> None:
    source = shared_data / "vendorable"
    states = _embed.states_2019(source)
    old = _embed.counties_2019(source, states)
    assert_geodataframe_equal(states, load_states())
    assert_geodataframe_equal(old, load_counties())
    assert_geodataframe_equal(
        _embed.counties_2023(source, states, old), load_counties(vintage=2023)
    )


def test_changing_a_loaded_table_changes_no_other() -> None:
    for load in (load_counties, load_states, lambda: load_counties(extent="conterminous")):
        spoiled = load()
        first = spoiled.index[0]
        before = load().loc[first]
        spoiled.loc[first, "name"] = "Atlantis"
        spoiled.loc[first, "geometry"] = spoiled.geometry.iloc[1]
        spoiled["added"] = 1
        spoiled.index.name = "spoiled"
        again = load()
        assert again.loc[first, "name"] == before["name"] != "Atlantis"
        assert again.geometry.iloc[0].equals(before["geometry"])
        assert "added" not in again
        assert again.index.name != "spoiled"


def test_an_unknown_vintage_names_the_known_ones() -> None:
    with pytest.raises(VintageError, match=r"found vintage 2020; expected one of 2019, 2023"):
        load_counties(vintage=2020)  # type: ignore[arg-type]
