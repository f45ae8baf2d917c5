"""What the map of a run shows: every layer's classes rest on the right evidence."""

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from arrest_atlas.analysis import Analysis, analyse
from arrest_atlas.demo import simulate
from arrest_atlas.layers import area_table, county_table
from arrest_atlas.map_layers import crime_note, layer_titles, map_layers
from arrest_atlas.map_legends import BY_AREA, CHANCE, CLUSTER, NO_CLUSTER, NO_DATA
from arrest_atlas.map_page import (
    OFFICES,
    map_beside,
    map_facts,
    map_keywords,
    map_marks,
    map_periods,
    map_places,
    map_table,
)
from arrest_atlas.map_popups import map_popups
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


def _few_imputed(table: gpd.GeoDataFrame) -> pd.Series:
    located: pd.Series = table["located_share"].astype("float64")
    return located.where(table["state"] == "KS", 1.0)


def test_broken_hatching_that_would_lie_on_most_of_the_map_is_said_not_drawn(
    layers: dict[tuple[str, str], ClassLayer],
) -> None:
    for name in ("overlap", "shades", "arrests"):
        layer = layers[name, "all arrests"]
        assert layer.partly is None
        assert "Left out, as it would lie on 2," in layer.note
        assert "under 90% of the zone's arrests" in layer.note
        assert layer.partly_label in layer.note


def test_the_note_says_what_a_level_holds_and_what_counts(
    analysis: Analysis, layers: dict[tuple[str, str], ClassLayer]
) -> None:
    for layer in (layers["arrests", "all arrests"], layers["crime", ""]):
        assert "Of all places found at 99%, 1 in 100 at most" in layer.note
        assert "of all found at 95% or better, 5 in 100" in layer.note
        assert "of the places so classed" not in layer.note
        assert "as hot or cold: 99% and 95%; 90% is for the eye and counts nowhere." in layer.note
    strict = replace(analysis, options=replace(analysis.options, alpha=0.01))
    assert "cold: 99%; 95% and 90% are for the eye and count nowhere." in crime_note(
        strict, "county"
    )
    between = replace(analysis, options=replace(analysis.options, alpha=0.02))
    assert "false discovery rate of 2%, whatever its class; 90% is" in crime_note(between, "county")


def test_no_neighbours_is_not_no_data(
    table: gpd.GeoDataFrame, layers: dict[tuple[str, str], ClassLayer]
) -> None:
    alone = (table["support"] == COUNTY) & (table["arrest_class"] == "no neighbours")
    assert alone.any()
    layer = layers["chance", "all arrests"]
    assert (layer.classes[alone] == "no neighbours").all()
    assert "no neighbours" in {entry.key for entry in layer.legend}
    assert layer.figures is not None
    assert (layer.figures[alone] == "").all()
    known = layer.opacity.notna() if layer.opacity is not None else alone
    assert layer.figures[known].str.fullmatch(r"P\(hot\) [01]\.\d\d").all()
    # Where the class is that of a zone, a rate can be known and yet be too little.
    words = {entry.key: entry.label for entry in layers["overlap", "all arrests"].legend}
    assert "or only for under 80% of a zone's residents" in words["no data"]
    words = {entry.key: entry.label for entry in layers["crime", ""].legend}
    assert "zone" not in words["no data"]


def test_what_rests_on_imputed_arrests_is_told_apart(
    analysis: Analysis, table: gpd.GeoDataFrame
) -> None:
    worn = map_layers(analysis, table.assign(located_share=_few_imputed(table)))
    layer = next(each for each in worn if each.title == layer_titles(analysis)["arrests"])
    table = table.assign(located_share=_few_imputed(table))
    assert layer.partly is not None
    by_county = table["support"] == COUNTY
    assert layer.partly.any()
    assert not (layer.partly & ~by_county).any()
    assert not (layer.partly & layer.hatched).any()
    assert (table.loc[layer.partly, "located_share"] < 0.9).all()
    assert "under 90% of the zone's arrests" in layer.partly_label
    # Places without an answer rest on nothing.
    assert not set(layer.classes[layer.partly]) & {NO_DATA, NOT_TESTED, "no neighbours"}


def test_nothing_is_partly_imputed_where_all_is_located(
    analysis: Analysis, table: gpd.GeoDataFrame
) -> None:
    whole = table.assign(located_share=1.0)
    first = map_layers(analysis, whole)[0]
    assert first.partly is not None
    assert not first.partly.any()


@pytest.fixture(scope="module")
def circles() -> pd.DataFrame:
    """Describe the one circle of the table, with another that it is ranked among."""
    row = {"map": "arrests", "kind": "all", "units": "county", "rank": 2, "cases": 1_234}
    row |= {"expected": 567.8, "relative_risk": 2.25}
    return pd.DataFrame([row, row | {"rank": 1}], index=pd.Index([1, 2], name="cluster"))


def test_popups_tell_periods_support_and_doubt(
    analysis: Analysis, table: gpd.GeoDataFrame, circles: pd.DataFrame
) -> None:
    popups = map_popups(analysis, table, circles)
    wichita = popups.loc["20173"]
    assert str(analysis.inputs.arrest_period) in wichita["Periods"]
    assert str(analysis.inputs.crime_period) in wichita["Periods"]
    assert "% of those in the zone located by county)" in wichita["All arrests are known"]
    assert "adjusted p" in wichita["All arrests, class"]
    assert wichita["Arrest circle (scan)"] == (
        "circle 1 (rank 2 of 2): 1,234 cases, 568 expected, 2.2 times the rate outside"
    )
    assert wichita["Residents (2019)"] == f"{table.loc['20173', 'residents']:,}"
    assert "Arrest circle (scan)" not in map_popups(analysis, table)
    none = table.assign(arrest_scan_cluster=pd.Series(pd.NA, index=table.index, dtype="Int64"))
    assert (map_popups(analysis, none, circles)["Arrest circle (scan)"] == "").all()
    assert popups.loc["53033", "Arrest circle (scan)"] == ""
    # A zone's class has a p-value, too, its own; and what is not tested says why.
    p = area_table(analysis).loc[table.loc["53033", "zone"], "arrest_gi_p_fdr"]
    told = str(popups.loc["53033", "All arrests, class"])
    assert told.endswith(f"(of the zone) (adjusted p {p:.3f})")
    assert popups.loc["02020", "All arrests, class"] == (
        "not tested (tests cover the 48 states and DC)"
    )
    crimes = analysis.inputs.crime.events(analysis.inputs.crime_residents)["20173"]
    told = str(popups.loc["20173", "Violent crime per 100,000 residents, county"])
    assert told.endswith(f" (about {crimes:,.0f} crimes)")
    known = str(popups.loc["53033", "Violent crime rate known for"])
    assert known.endswith("% of residents of the zone")
    assert (popups["Data"] == "SIMULATED").all()


def test_popups_and_columns_say_the_same(analysis: Analysis, table: gpd.GeoDataFrame) -> None:
    popups = map_popups(analysis, table)
    wide = table["support"] == "zone"
    (shared,) = (name for name in popups if "fell in proportion" in str(name))
    told = popups[shared][wide]
    assert told.tolist() == [f"{n:,}" for n in table.loc[wide, "arrests_proportional"]]
    assert (popups[shared][~wide] == "").all()
    own = table["support"] == COUNTY
    drawn = popups["All arrests, imputed included"]
    assert (drawn[~own] == "").all()
    assert drawn[own].str.split(" ").str[0].tolist() == [
        f"{n:,.0f}" for n in table.loc[own, "arrests_imputed"]
    ]
    period = analysis.inputs.arrest_period
    assert period is not None
    names = [str(name) for name in popups if "per 100,000" in str(name)]
    rates = [name for name in names if "crime" not in name.casefold()]
    assert len(rates) == 4
    assert all(f"over the whole {period.length}" in name for name in rates)


def test_no_data_says_of_what_and_why(analysis: Analysis, table: gpd.GeoDataFrame) -> None:
    lost = table["crime_gi_class"] == "no data"
    popups = map_popups(analysis, table)
    told = popups.loc[lost, "Violent crime class, county"]
    assert (told == "no data (no rate of violent crime is given)").all()
    assert lost.any()
    crime = replace(
        analysis.inputs.crime, uncovered=3, implausible_zeros=(str(table.index[lost][0]),)
    )
    other = replace(analysis, inputs=replace(analysis.inputs, crime=crime))
    told = map_popups(other, table).loc[lost, "Violent crime class, county"]
    assert told.iloc[0] == "no data (a rate of zero is not plausible here)"
    assert "police cover under 80% of residents" in told.iloc[1]
    few = table.assign(
        area_crime_gi_class="no data",
        crime_people=table["crime_residents"].astype("float64") * 0.799,
    )
    wide = few["support"] == "zone"
    told = map_popups(analysis, few).loc[wide, "Violent crime class, zone"]
    assert "no data (a rate is known for 79% of residents of the zone; 80% are needed)" in set(told)
    labels = {
        name[0]: next(each.label for each in layer.legend if each.key == "no data")
        for name, layer in {
            (layer.title, layer.variant): layer for layer in map_layers(other, table)
        }.items()
    }
    assert "arrests are not known" in labels["Arrest hot spots"]
    assert "police cover" in labels["Violent crime hot spots"]
    assert "arrests" not in labels["Violent crime hot spots"]


def test_without_any_p_hot_there_is_no_layer_of_it(
    analysis: Analysis, table: gpd.GeoDataFrame
) -> None:
    names = [name for name in table if str(name).endswith("arrest_p_hot")]
    titles = {layer.title for layer in map_layers(analysis, table.assign(**dict.fromkeys(names)))}
    assert layer_titles(analysis)["chance"] not in titles
    assert layer_titles(analysis)["arrests"] in titles


def test_counties_and_areas_are_counted_apart(analysis: Analysis, table: gpd.GeoDataFrame) -> None:
    answer = analysis.kinds["all"]
    tested = table.loc[answer.county.graph.unique_ids, ["support", "zone"]]
    own, wide = tested["support"] == COUNTY, tested["support"] == "zone"
    known = map_facts(analysis)["Arrests are known"]
    assert known.startswith(f"in the 48 states and DC mostly by county in {own.sum():,} counties")
    zones = tested.loc[wide, "zone"].nunique()
    assert f"only for the whole zone in {zones} zones ({wide.sum():,} counties)" in known
    assert answer.county.arrests is not None
    assert (answer.county.arrests.spots.test.n == own.sum()) == ("of them tested" not in known)
    for layer in map_layers(analysis, table):
        assert layer.areas is not None
        assert layer.areas.tolist() == table["zone"].tolist()
        assert layer.area_unit == ("zone", "zones")


def test_the_page_around_the_map(analysis: Analysis, table: gpd.GeoDataFrame) -> None:
    facts = map_facts(analysis)
    assert facts["Arrests"] == str(analysis.inputs.arrest_period)
    assert "U.S. Census Bureau" in facts["Sources"]
    assert map_keywords(table)["17031"] == "Illinois"
    layers = map_layers(analysis, table)
    figures = map_table(analysis, table)
    assert set(figures) == {layer.variant for layer in layers if layer.variant}
    pooled, custodial = figures["all arrests"], figures["custodial arrests"]
    assert pooled["All arrests: P(hot)"][table["support"] != COUNTY].isna().all()
    assert pooled.loc["17031", "Field office"] == "Chicago"
    period = str(analysis.inputs.arrest_period)
    located = custodial["Custodial arrests: located"]
    own = table["custodial_support"] == COUNTY
    assert (located[own] == table.loc[own, "custodial_arrests_located"]).all()
    assert map_periods(analysis) == (
        f"arrests {period}; violent crime {analysis.inputs.crime_period}"
    )
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
            marks=map_marks(analysis, table),
            keywords=map_keywords(table),
            places=map_places(),
            beside=map_beside(analysis),
        )
    )
    assert len(page.encode()) < 5_000_000


def test_rates_in_the_table_say_whose_they_are(analysis: Analysis, table: gpd.GeoDataFrame) -> None:
    figures, marks = map_table(analysis, table), map_marks(analysis, table)
    assert analysis.inputs.arrest_period is not None
    long = f"over the whole {analysis.inputs.arrest_period.length}"
    for variant, prefix in (("all arrests", ""), ("custodial arrests", "custodial_")):
        label = f"{variant.capitalize()} per 100,000 residents {long}, imputed included"
        support = table[f"{prefix}support"]
        of_zone = support == "zone"
        assert of_zone.any()
        assert (marks[label][of_zone] == "(zone)").all()
        assert (marks[label][~of_zone] == "").all()
        # Saved without marks, the column before tells.
        assert figures[variant][f"{variant.capitalize()}: known by"].tolist() == support.tolist()
        rates = table.loc[of_zone, f"{prefix}area_arrest_rate"].round(1)
        assert figures[variant].loc[of_zone, label].tolist() == rates.tolist()


def test_the_table_of_zones_only_says_nothing_of_imputed_arrests(
    analysis: Analysis, table: gpd.GeoDataFrame
) -> None:
    wide = table.assign(
        **{f"{prefix}support": "zone" for prefix in ("", "custodial_", "community_")}
    )
    labels = [str(name) for each in map_table(analysis, wide).values() for name in each]
    assert not [name for name in labels if "imputed" in name or ": located" in name]
    assert sum("per 100,000 residents over" in name for name in labels) == 3
    assert set(map_marks(analysis, wide)) <= set(labels)


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
