"""Results as maps, at once: classes, legends and figures of any test, anywhere on Earth."""

import html
import json
import re
from functools import cache
from typing import Any

import folium
import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

import arrest_atlas
from outputs import OutputError, explore, render_map
from outputs.notebooks import Explorable
from spatial_models import (
    compare_hotspots,
    contiguity,
    getis_ord,
    hot_spots,
    local_geary,
    local_join_count,
    local_lee,
    local_moran,
    moran,
    rate_hot_spots,
    scan_poisson,
)

SIDE = 12
FIRST = 100
TITLES = (
    "Local Moran's I",
    "Local Geary's c",
    "Local join count",
    "Local Lee's L",
    "Gi*",
    "Hot and cold spots",
    "Hills and holes",
    "Poisson scan",
)
HOSTILE = "<script>alert(1)</script> {{ 7*7 }} \"'&"


@cache
def places() -> gpd.GeoDataFrame:
    """Lay squares of 500 m out in Berlin, with a hill and its negative."""
    row, column = np.divmod(np.arange(SIDE**2), SIDE)
    west, south = 4e5 + 500 * column, 5.8e6 + 500 * row
    hill = np.exp(-((row - 3) ** 2 + (column - 3) ** 2) / 8)
    noise = np.random.default_rng(0).normal(0, 0.05, (2, SIDE**2))
    rate, other = hill + noise[0], -hill + noise[1]
    return gpd.GeoDataFrame(
        {
            "town": [f"Town {number}" for number in range(SIDE**2)],
            "rate": np.where(row + column == 22, np.nan, rate),
            "other": other,
            "mark": (rate > 0.3).astype(int),
            "cases": np.round(20 + 100 * hill),
            "people": np.full(SIDE**2, 1_000.0),
        },
        geometry=shapely.box(west, south, west + 500, south + 500),
        index=pd.Index(range(FIRST, FIRST + SIDE**2), name="code"),
        crs="EPSG:25833",
    )


def payload(web_map: folium.Map) -> dict[str, Any]:
    data = re.search(r'<script type="application/json"[^>]*>(.*?)</script>', render_map(web_map))
    assert data is not None
    return dict(json.loads(data[1]))


@cache
def results() -> dict[str, Explorable]:
    table = places()
    graph = contiguity(table).transform("R")
    hills, holes = (hot_spots(table[column], graph) for column in ("rate", "other"))
    return {
        "Local Moran's I": local_moran(table["rate"], graph, permutations=999, rng=0),
        "Local Geary's c": local_geary(table["rate"], graph, permutations=99, rng=0),
        "Local join count": local_join_count(
            table["mark"], contiguity(table), permutations=99, rng=0
        ),
        "Local Lee's L": local_lee(table["rate"], table["other"], graph, permutations=999, rng=0),
        "Gi*": getis_ord(table["rate"], graph, permutations=0),
        "Hot and cold spots": rate_hot_spots(table["cases"], table["people"], graph),
        "Hills and holes": compare_hotspots(hills, holes, graph, labels=("hills", "holes")),
        "Poisson scan": scan_poisson(
            table["cases"], table["people"], table, clusters="both", replicates=99, rng=0
        ),
    }


@pytest.mark.parametrize("title", TITLES)
def test_every_result_has_a_map_of_its_classes(title: str) -> None:
    result = results()[title]
    assert not isinstance(result, pd.Series)
    data = payload(explore(result, places(), name="town"))
    (layer,) = data["layers"]
    assert layer["title"] == title
    frame = result.to_frame()
    (column,) = [name for name in frame if str(name).endswith("_class")]
    keys = [layer["legend"][at]["key"] for at in layer["classes"]]
    assert keys == frame[column].tolist()
    assert len(layer["legend"]) > 1
    labels = [entry["label"] for entry in layer["legend"]]
    assert all(label[0].isupper() for label in labels)
    assert data["ids"] == [str(each) for each in places().index]
    assert data["names"][:2] == ["Town 0", "Town 1"]


def test_classes_are_worded_by_their_test() -> None:
    def labels(title: str) -> set[str]:
        (layer,) = payload(explore(results()[title], places()))["layers"]
        return {entry["label"] for entry in layer["legend"]}

    assert "Hot at 99%: high rates in and around (false discovery rate 1%)" in labels(
        "Hot and cold spots"
    )
    assert "High-High: high among high neighbours" in labels("Local Moran's I")
    assert "High-Low: high on the first map, low on the second" in labels("Local Lee's L")
    assert "Opposite: hot on one map, cold on the other" in labels("Hills and holes")


def test_a_two_map_test_says_that_it_is_no_evidence() -> None:
    for title, said in (("Local Lee's L", True), ("Local Moran's I", False)):
        page = render_map(explore(results()[title], places()))
        assert ("no evidence of association" in page) is said


def test_a_click_shows_the_row_of_the_result() -> None:
    result = results()["Local Moran's I"]
    data = payload(explore(result, places()))
    rows = {row["label"]: [row["texts"][code] for code in row["codes"]] for row in data["rows"]}
    frame = result.to_frame()
    assert list(rows) == list(frame)
    assert rows["lisa_z"][0] == f"{frame['lisa_z'].iloc[0]:.4g}"
    missing = int(np.flatnonzero(frame["lisa_class"] == "no data")[0])
    assert rows["lisa_z"][missing] == ""
    columns = {column["label"]: column for column in data["columns"]}
    assert columns["lisa_z"]["values"][0] == round(frame["lisa_z"].iloc[0], 4)
    assert columns["lisa_z"]["values"][missing] is None


def test_places_are_neither_counties_nor_in_a_state() -> None:
    page = render_map(explore(results()["Gi*"], places()))
    data = payload(explore(results()["Gi*"], places()))
    assert data["states"] is None
    assert data["unit"] == ["place", "places"]
    assert "Find a place" in page
    assert "Skip to finding a county" not in page
    (view,) = data["views"]
    (south, west), (north, east) = view["bounds"]
    assert (52 < south < north < 53, 13 < west < east < 14) == (True, True)


def test_small_places_keep_their_shape() -> None:
    data = payload(explore(results()["Gi*"], places()))
    steps = data["unitsPerDegree"]
    true = places().to_crs("EPSG:4269").geometry
    for shape, geometry in zip(data["shapes"], true, strict=True):
        ring = np.reshape(shape[0][0], (-1, 2)).cumsum(axis=0) / steps
        drawn = shapely.Polygon(ring)
        assert drawn.symmetric_difference(geometry).area < 0.02 * geometry.area


@pytest.mark.parametrize(
    ("west", "expected"),
    [
        ((-1, 0, 1), (-1.0, 2.0)),  # Greenwich
        ((10, 11, 12), (10.0, 13.0)),
        ((178, 179, -180), (-182.0, -179.0)),  # where the day begins
    ],
)
def test_no_map_is_torn_in_two(west: tuple[float, ...], expected: tuple[float, float]) -> None:
    squares = gpd.GeoDataFrame(
        geometry=[shapely.box(each, 0, each + 1, 1) for each in west], crs="EPSG:4326"
    )
    (view,) = payload(explore(pd.Series(["a", "b", "c"]), squares))["views"]
    assert (view["bounds"][0][1], view["bounds"][1][1]) == pytest.approx(expected, abs=1e-3)


def test_any_classes_have_colours_of_their_own_in_their_order() -> None:
    index = places().index
    kinds = pd.CategoricalDtype(["plain", "hill", "alp"], ordered=True)
    classes = pd.Series(np.resize(["alp", "plain", "hill", None], len(index)), index, dtype=kinds)
    data = payload(explore(classes.rename("relief"), places()))
    (layer,) = data["layers"]
    assert layer["title"] == "relief"
    assert [entry["key"] for entry in layer["legend"]] == ["plain", "hill", "alp", "no data"]
    assert len({(entry["colour"], entry["pattern"]) for entry in layer["legend"]}) == 4
    assert [entry["count"] for entry in layer["legend"]] == [36, 36, 36, 36]


def test_a_series_of_a_tests_classes_looks_like_the_test() -> None:
    result = results()["Local Moran's I"]
    frame = result.to_frame()
    own, series = (
        payload(explore(each, places()))["layers"][0]["legend"]
        for each in (result, frame["lisa_class"])
    )
    assert own == series


def test_numbers_are_no_classes() -> None:
    with pytest.raises(OutputError, match=r"found 143 classes.*pandas\.cut"):
        explore(places()["rate"].dropna().reindex(places().index), places())


def test_a_result_without_places_is_refused() -> None:
    graph = contiguity(places()).transform("R")
    whole: Any = moran(places()["other"], graph, permutations=0)
    with pytest.raises(OutputError, match=r"found a GlobalResult.*expected a result of hot_spots"):
        explore(whole, places())


def test_all_that_does_not_fit_is_said_at_once() -> None:
    table = places()
    wrong = table.iloc[1:].set_crs(None, allow_override=True)
    wrong.loc[FIRST + 999] = wrong.iloc[0]
    wrong = wrong.set_geometry(
        [shapely.Point(0, 0), *wrong.geometry.iloc[1:]]  # the first is no polygon
    )
    with pytest.raises(OutputError) as refused:
        explore(results()["Gi*"], wrong, name="city")
    text = str(refused.value)
    for words in (
        "1 identifiers stand in the result only, such as 100",
        "1 identifiers stand in the places only, such as 1099",
        "found no CRS; expected one; use set_crs",
        "1 are no polygons, such as 101",
        "no column 'city'; expected one of ['town', 'rate'",
    ):
        assert words in text
    twice = pd.concat([table, table.iloc[:1]])
    with pytest.raises(OutputError, match="places: 100 occurs more than once"):
        explore(results()["Gi*"], twice)


def test_coordinates_of_another_crs_are_refused() -> None:
    wrong = places().set_crs("EPSG:4326", allow_override=True)
    with pytest.raises(OutputError, match=r"WGS 84 lie outside its reach.*use set_crs"):
        explore(results()["Gi*"], wrong)
    far = places().set_geometry(places().translate(1e12)).to_crs("EPSG:25833")
    with pytest.raises(OutputError, match="UTM zone 33N lie outside its reach"):
        explore(results()["Gi*"], far)


def test_polygons_that_cross_themselves_are_drawn() -> None:
    bow = shapely.Polygon([(4e5, 5.8e6), (4.005e5, 5.8005e6), (4.005e5, 5.8e6), (4e5, 5.8005e6)])
    table = places().set_geometry([bow, *places().geometry.iloc[1:]], crs="EPSG:25833")
    assert len(payload(explore(results()["Gi*"], table))["shapes"]) == SIDE**2


def test_nothing_is_changed() -> None:
    table = places().copy()
    result = results()["Gi*"]
    before = result.to_frame()
    explore(result, table, name="town")
    assert table.equals(places())
    assert result.to_frame().equals(before)


def test_a_place_without_a_name_is_called_by_its_identifier() -> None:
    table = places().assign(town=[None, HOSTILE, *["x"] * (SIDE**2 - 2)])
    data = payload(explore(results()["Gi*"], table, name="town"))
    assert data["names"][:2] == ["100", HOSTILE]


def test_a_notebook_shows_the_page_itself() -> None:
    web_map = explore(results()["Gi*"], places(), title=HOSTILE)
    shown = web_map._repr_html_()
    frame = re.fullmatch(r'<iframe title="([^"]*)" srcdoc="([^"]*)" [^>]*>([^<]*)</iframe>', shown)
    assert frame is not None
    assert html.unescape(frame[1]) == HOSTILE
    page = html.unescape(frame[2])
    assert page == render_map(web_map)
    assert "Content-Security-Policy" in page
    assert "<script src" not in page
    assert "Trust this notebook" in frame[3]
    assert web_map._repr_html_() == shown


def test_a_whole_run_is_explored() -> None:
    simulated = arrest_atlas.simulate(seed=1, arrests=20_000)
    options = arrest_atlas.Options(draws=2, surrogates=0)
    data = payload(arrest_atlas.explore(arrest_atlas.analyse(simulated.inputs, options)))
    assert data["simulated"]
    assert data["unit"] == ["county", "counties"]
    assert {layer["group"] for layer in data["layers"]} > {"Arrests", "Violent crime"}
    assert len(data["overlays"]) > 0
    assert {"States"} < {outline["label"] for outline in data["outlines"]}
