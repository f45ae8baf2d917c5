"""What the map of a run shows: every layer's classes rest on the right evidence."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from arrest_atlas.analysis import Analysis, analyse
from arrest_atlas.demo import simulate
from arrest_atlas.layers import county_table
from arrest_atlas.map_layers import layer_titles, map_layers, map_popups
from arrest_atlas.map_legends import BY_AREA, CHANCE, CLUSTER, NO_CLUSTER, NO_DATA
from arrest_atlas.map_page import (
    OFFICES,
    map_beside,
    map_facts,
    map_keywords,
    map_places,
    map_table,
)
from arrest_atlas.options import Options
from arrest_atlas.support import COUNTY, NOT_TESTED
from boundaries import load_counties
from boundaries._package_data import read_table
from outputs import ClassLayer, build_map, render_map


@pytest.fixture(scope="module")
def analysis() -> Analysis:
    return analyse(simulate(seed=1, arrests=60_000).inputs, Options(draws=3, surrogates=0))


@pytest.fixture(scope="module")
def table(analysis: Analysis) -> gpd.GeoDataFrame:
    table = county_table(analysis)
    inside = table["state"].isin(["KS", "WA"])
    numbers = pd.Series(np.where(inside, 1, 0), index=table.index, dtype="Int64").replace(0, pd.NA)
    for prefix in ("", "custodial_", "community_"):
        located = table[f"{prefix}support"] == COUNTY
        table[f"{prefix}arrest_scan_cluster"] = numbers.where(located)
    table["crime_scan_cluster"] = numbers
    return table


@pytest.fixture(scope="module")
def layers(analysis: Analysis, table: gpd.GeoDataFrame) -> dict[tuple[str, str], ClassLayer]:
    titles = {title: name for name, title in layer_titles(analysis).items()}
    return {(titles[layer.title], layer.variant): layer for layer in map_layers(analysis, table)}


def test_every_layer_comes_in_every_kind(layers: dict[tuple[str, str], ClassLayer]) -> None:
    kinds = ["all arrests", "custodial arrests", "community arrests"]
    names = ["overlap", "shades", "arrests", "chance", "arrest_clusters"]
    expected = [(name, kind) for name in names for kind in kinds]
    assert list(layers) == [*expected, ("crime", ""), ("crime_clusters", "")]
    groups = {name: layer.group for (name, _), layer in layers.items()}
    assert groups["overlap"] == groups["shades"] == "Arrests and violent crime"
    assert groups["arrests"] == groups["chance"] == groups["arrest_clusters"] == "Arrests"
    assert groups["crime"] == groups["crime_clusters"] == "Violent crime"


def test_circles_are_left_out_where_the_table_has_none(
    analysis: Analysis, table: gpd.GeoDataFrame
) -> None:
    without = table.loc[:, [name for name in table if "scan_cluster" not in name]]
    titles = {layer.title for layer in map_layers(analysis, without)}
    assert titles == {
        title for name, title in layer_titles(analysis).items() if "clusters" not in name
    }


def test_shades_split_what_is_known_of_both_into_thirds(
    table: gpd.GeoDataFrame, layers: dict[tuple[str, str], ClassLayer]
) -> None:
    layer = layers["shades", "all arrests"]
    shaded = ~layer.classes.isin([NO_DATA, NOT_TESTED, BY_AREA])
    arrests = table["arrest_rate_smoothed"].where(table["support"] == COUNTY)
    tested = table["arrest_class"] != NOT_TESTED
    known = arrests.notna() & table["crime_rate_smoothed"].notna() & tested
    assert (shaded == known).all()
    crime = layer.classes[shaded].str.extract(r"crime (\w+)", expand=False)
    rates = table["crime_rate_smoothed"][shaded].astype("float64").groupby(crime)
    assert (
        rates.max()["low"] <= rates.min()["middle"] < rates.max()["middle"] <= rates.min()["high"]
    )
    sizes = crime.value_counts(normalize=True)
    assert sizes.between(0.3, 0.37).all()
    # Of a zone's counties, nobody knows the arrests: no shade of their own (M1).
    assert (layer.classes[(table["support"] == "zone") & tested] == BY_AREA).all()
    assert not layer.hatched.any()
    assert layer.grid is not None
    assert layer.grid.across_steps[0].startswith("to ")


def test_chance_stands_only_where_arrests_are_located(
    table: gpd.GeoDataFrame, layers: dict[tuple[str, str], ClassLayer]
) -> None:
    for kind, prefix in (("all arrests", ""), ("custodial arrests", "custodial_")):
        layer = layers["chance", kind]
        chance = table[f"{prefix}arrest_p_hot"]
        assert layer.opacity is not None
        located = layer.classes == CHANCE
        assert (located == chance.notna()).all()
        pd.testing.assert_series_equal(
            layer.opacity[located], chance[located].astype("float64"), check_names=False
        )
        assert layer.opacity[~located].isna().all()
        by_area = (table[f"{prefix}support"] == "zone") & (
            table[f"{prefix}arrest_class"] != NOT_TESTED
        )
        assert (layer.classes[by_area] == BY_AREA).all()
        assert not layer.hatched.any()


def test_circles_are_those_of_the_table(
    table: gpd.GeoDataFrame, layers: dict[tuple[str, str], ClassLayer]
) -> None:
    arrests = layers["arrest_clusters", "all arrests"].classes
    assert (arrests[table["state"] == "KS"] == CLUSTER).all()
    assert (arrests[table["state"] == "WA"] == BY_AREA).all()
    assert (arrests[(table["support"] == COUNTY) & (table["state"] != "KS")] == NO_CLUSTER).all()
    crime = layers["crime_clusters", ""].classes
    assert (crime == CLUSTER).sum() == table["crime_scan_cluster"].notna().sum()
    assert set(crime[table["crime_gi_class"] == "no data"]) <= {NO_DATA, CLUSTER}


def test_what_rests_on_imputed_arrests_is_told_apart(
    table: gpd.GeoDataFrame, layers: dict[tuple[str, str], ClassLayer]
) -> None:
    layer = layers["arrests", "all arrests"]
    assert layer.partly is not None
    by_county = table["support"] == COUNTY
    assert layer.partly.any()
    assert not (layer.partly & ~by_county).any()
    assert not (layer.partly & layer.hatched).any()
    assert (table.loc[layer.partly, "located_share"] < 1).all()
    # Places without an answer rest on nothing.
    assert not set(layer.classes[layer.partly]) & {NO_DATA, NOT_TESTED, "no neighbours"}


def test_nothing_is_partly_imputed_where_all_is_located(
    analysis: Analysis, table: gpd.GeoDataFrame
) -> None:
    whole = table.assign(located_share=1.0)
    first = map_layers(analysis, whole)[0]
    assert first.partly is not None
    assert not first.partly.any()


def test_popups_tell_periods_support_and_doubt(analysis: Analysis, table: gpd.GeoDataFrame) -> None:
    popups = map_popups(analysis, table)
    wichita = popups.loc["20173"]
    assert str(analysis.inputs.arrest_period) in wichita["Periods"]
    assert str(analysis.inputs.crime_period) in wichita["Periods"]
    assert "located)" in wichita["All arrests are known"]
    assert "adjusted p" in wichita["All arrests, class"]
    assert wichita["Arrest circle (scan)"] == "number 1"
    assert popups.loc["53033", "Arrest circle (scan)"] == ""
    assert "adjusted p" not in str(popups.loc["53033", "All arrests, class"])
    assert (popups["Data"] == "SIMULATED").all()


def test_the_page_around_the_map(analysis: Analysis, table: gpd.GeoDataFrame) -> None:
    facts = map_facts(analysis)
    assert facts["Arrests"] == str(analysis.inputs.arrest_period)
    assert f"{(table['support'] == COUNTY).sum():,} counties" in facts["Arrests are known"]
    assert "U.S. Census Bureau" in facts["Sources"]
    assert map_keywords(table)["17031"] == "Illinois"
    figures = map_table(analysis, table)
    assert figures["All arrests: P(hot)"][table["support"] != COUNTY].isna().all()
    assert figures.loc["17031", "Field office"] == "Chicago"
    layers = map_layers(analysis, table)
    page = render_map(
        build_map(
            table[["name", "legal_name", "state", "geometry"]],
            layers,
            popups=map_popups(analysis, table),
            outlines={},
            title="Where?",
            notes=[],
            facts=facts,
            table=figures,
            keywords=map_keywords(table),
            places=map_places(),
            beside=map_beside(analysis),
        )
    )
    assert len(page.encode()) < 5_000_000


def test_offices_lie_in_their_areas_and_their_cities_counties() -> None:
    offices = map_places()[OFFICES].rename_axis("office")
    counties = load_counties()
    found = offices.sjoin(
        counties[["aor", "state", "geometry"]], how="left", predicate="intersects"
    )
    assert (found["aor"] == found.index).all()
    assert len(found) == 25
    cities = read_table("cities")
    listed = set(zip(cities["name"], cities["state"], cities["county_fips"], strict=True))
    spelt = {"St. Paul": "SAINT PAUL", "New York City": "NEW YORK"}
    for name, state, county in zip(
        found["name"], found["state"], found["county_fips"], strict=True
    ):
        assert (spelt.get(name, name.upper()), state, county) in listed
