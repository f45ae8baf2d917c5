"""The interactive map: complete, self-contained, the same every time, safe with any text."""

import base64
import hashlib
import json
import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import folium
import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from boundaries import dissolve_counties, load_counties, load_states
from outputs import ClassGrid, ClassLayer, ImageOverlay, LegendClass
from outputs._offline import inline_assets
from outputs._web_map.geometry import (
    TOLERANCE_DEGREES,
    UNITS_PER_DEGREE,
    Shape,
    display_grid,
    encode_borders,
    encode_shapes,
    membership,
)
from outputs._web_map.tiles import image_hosts, tile_layer
from outputs.errors import OutputError
from outputs.web_map import build_map, render_map

Geometries = np.ndarray[Any, np.dtype[Any]]

HOSTILE = "</script><script>alert(1)</script> \"'&\u2028 {{ 7*7 }} {% raw %} {#"
PNG = "data:image/png;base64,"
LEGEND = [
    LegendClass(key="hot", label="Hot", colour="#b2182b"),
    LegendClass(key="never", label="Never seen", colour="#000000"),
    LegendClass(key="no data", label="No data", colour="#eeeeee"),
]


def squares(
    *,
    names: Sequence[str] = ("Allen County", "Anderson County", "Atchison County"),
    state: str = "KS",
) -> gpd.GeoDataFrame:
    fips = pd.Index(["20001", "20003", "20005"], name="county_fips")
    geometry = [shapely.box(west, 37, west + 1, 38) for west in (-97, -96, -95)]
    columns = {"name": list(names), "legal_name": list(names), "state": [state] * 3}
    return gpd.GeoDataFrame(columns, geometry=geometry, index=fips, crs="EPSG:4269")


def layer(
    counties: gpd.GeoDataFrame,
    classes: Sequence[str | None] = ("hot", "no data", "hot"),
    *,
    title: str = "Arrests",
    legend: Sequence[LegendClass] = LEGEND,
) -> ClassLayer:
    return ClassLayer(
        title=title,
        note="A note.",
        # Tables come in any order of counties.
        classes=pd.Series(list(classes), index=counties.index, dtype=object).iloc[::-1],
        hatched=pd.Series([True, False, False], index=counties.index),
        legend=legend,
        hatched_label="Hatched: the zone's class",
    )


def page(
    counties: gpd.GeoDataFrame, layers: Sequence[ClassLayer] | None = None, **options: Any
) -> str:
    arguments: dict[str, Any] = {
        "popups": pd.DataFrame({"Arrests": "1"}, index=counties.index),
        "outlines": {},
        "title": "Where?",
        "notes": ["A strip."],
    }
    layers = [layer(counties)] if layers is None else layers
    return render_map(build_map(counties, layers, **(arguments | options)))


def payload(html: str) -> dict[str, Any]:
    data = re.search(r'<script type="application/json"[^>]*>(.*?)</script>', html)
    assert data is not None
    return dict(json.loads(data[1]))


@pytest.fixture(scope="module")
def counties() -> gpd.GeoDataFrame:
    counties = load_counties()
    return counties[counties["zone"].notna()]


@pytest.fixture(scope="module")
def grid(counties: gpd.GeoDataFrame) -> Geometries:
    return display_grid(counties)


def decoded(shape: Shape) -> shapely.MultiPolygon:
    """Shapes as the script decodes them."""
    rings = [[np.reshape(ring, (-1, 2)).cumsum(axis=0) for ring in rings] for rings in shape]
    return shapely.multipolygons([shapely.Polygon(first, rest) for first, *rest in rings])


def test_the_same_bytes_in_another_process() -> None:
    script = (
        "import sys; sys.path.insert(0, sys.argv[1]); import hashlib, test_web_map as t;"
        "print(hashlib.sha256(t.page(t.squares()).encode()).hexdigest())"
    )
    command = [sys.executable, "-c", script, str(Path(__file__).parent)]
    runs = {subprocess.run(command, check=True, capture_output=True).stdout for _ in range(2)}  # noqa: S603
    assert len(runs) == 1


def test_rendering_twice_changes_nothing() -> None:
    counties = squares()
    web_map = build_map(
        counties,
        [layer(counties)],
        popups=pd.DataFrame({"Arrests": ["1", "2", "3"]}, index=counties.index),
        outlines={},
        title="Where?",
        notes=[],
    )
    assert render_map(web_map) == render_map(web_map)


def test_hostile_text_stays_text() -> None:
    counties = squares(names=(HOSTILE, "B", "C"))
    popups = pd.DataFrame({HOSTILE: [HOSTILE, "", "49"]}, index=counties.index)
    html = page(
        counties,
        [layer(counties, title=HOSTILE)],
        popups=popups,
        title=HOSTILE,
        notes=[HOSTILE],
        outlines={HOSTILE: counties},
    )
    assert "<script>alert(1)" not in html
    assert "\u2028" not in html.split("application/json")[1].split("</script>")[0]
    data = payload(html)
    assert data["names"][0] == HOSTILE
    assert data["rows"][0] == {"label": HOSTILE, "texts": [HOSTILE, "", "49"], "codes": [0, 1, 2]}
    assert data["layers"][0]["title"] == HOSTILE
    assert data["outlines"][0]["label"] == HOSTILE
    # Title twice and note once, untouched by Jinja.
    assert html.count("&lt;script&gt;alert(1)&lt;/script&gt; &#34;&#39;&amp;\u2028 {{ 7*7 }}") == 3


def test_the_script_never_parses_data_as_html() -> None:
    html = page(squares())
    script = html[html.index("const classMap") :]
    assert "innerHTML" not in script
    assert "insertAdjacentHTML" not in script
    assert "textContent" in script


def test_nothing_is_fetched() -> None:
    html = page(squares())
    assert not re.findall(r"<(?:script|img|iframe|link)\b[^>]*\b(?:src|href)=", html)
    styles = "".join(re.findall(r"<style>(.*?)</style>", html, re.DOTALL))
    assert "@import" not in styles
    # The one exception is a name for Internet Explorer, not an address.
    assert set(re.findall(r"url\(['\"]?(?!data:)([^)'\"]*)", styles)) <= {"#default#VML"}
    assert "sourceMappingURL" not in html
    assert "default-src 'none'" in html
    assert "script-src 'unsafe-inline'" not in html
    assert html.index("Content-Security-Policy") < html.index("<script")


def test_only_leaflet_is_carried() -> None:
    html = page(squares())
    assert "Leaflet 1.9" in html
    for unneeded in ("jQuery", "Bootstrap", "Font Awesome"):
        assert unneeded not in html
    assert len(html) < 260_000


def test_unknown_asset_is_refused() -> None:
    with pytest.raises(OutputError, match=r"links to https://example\.org/new\.css, which is not"):
        inline_assets('<head><link rel="stylesheet" href="https://example.org/new.css"/></head>')
    web_map = folium.Map(tiles=None)
    web_map.default_js = [("mine", "https://example.org/mine.js")]
    with pytest.raises(OutputError, match=r"links to https://example\.org/mine\.js"):
        render_map(web_map)


def test_page_is_accessible() -> None:
    html = page(squares())
    assert '<html lang="en">' in html
    assert "<title>Where?</title>" in html
    assert '<h1><span dir="auto">Where?</span></h1>' in html
    assert '<li dir="auto">A strip.</li>' in html
    assert "user-scalable=no" not in html
    assert '<fieldset id="layers"><legend>' in html
    assert 'href="#find"' in html


def test_details_stand_below_their_headings_and_only_where_there_are_any() -> None:
    html = page(squares(), details={"Limits": ["No <b>cause</b>."], "Sources": ["A.", "B."]})
    found = re.search(r"<details>(.*?)</details>", html, re.DOTALL)
    assert found is not None
    assert "<h2>Limits</h2>" in found[1]
    assert '<li dir="auto">No &lt;b&gt;cause&lt;/b&gt;.</li>' in found[1]
    assert found[1].count("<li ") == 3
    assert "<details>" not in page(squares())


def test_layers_of_a_title_are_told_apart_by_their_variant() -> None:
    counties = squares()
    variants = [replace(layer(counties), variant=name) for name in ("all", "some")]
    html = page(counties, [*variants, layer(counties, title="Crime")], variants="<Which>")
    assert "<legend>&lt;Which&gt;</legend>" in html
    names = [(each["title"], each["variant"]) for each in payload(html)["layers"]]
    assert names == [("Arrests", "all"), ("Arrests", "some"), ("Crime", "")]
    with pytest.raises(OutputError, match=r"several of the variant 'all'; name them apart"):
        page(counties, [variants[0], *variants])


def test_simulated_data_say_so_on_page_and_map() -> None:
    assert page(squares(), simulated=True).count(">SIMULATED<") == 3  # the second map bears it, too
    assert ">SIMULATED<" not in page(squares())


def test_classes_are_counted_by_layer_and_absent_ones_left_out() -> None:
    counties = squares()
    second = layer(counties, ("no data", "no data", "no data"), title="Crime")
    first, crime = payload(page(counties, [layer(counties), second]))["layers"]
    assert [
        (entry["label"], entry["colour"], entry["count"], entry["hatched"], entry["areas"])
        for entry in first["legend"]
    ] == [("Hot", "#b2182b", 2, 1, None), ("No data", "#eeeeee", 1, 0, None)]
    assert first["classes"] == [0, 1, 0]
    assert first["hatched"] == "100"
    assert [(entry["label"], entry["count"]) for entry in crime["legend"]] == [("No data", 3)]


def test_geometry_is_embedded_once() -> None:
    counties = squares()
    one = page(counties)
    many = page(counties, [layer(counties, title=str(number)) for number in range(10)])
    assert payload(many)["shapes"] == payload(one)["shapes"]
    assert many.count('"shapes"') == 1


def test_buttons_lead_where_counties_are() -> None:
    assert [view["label"] for view in payload(page(squares()))["views"]] == ["48 states"]
    assert [view["label"] for view in payload(page(squares(state="AK")))["views"]] == ["Alaska"]


def test_fewer_areas_have_thicker_borders() -> None:
    counties = squares()
    outlines = {"Offices": dissolve_halves(counties), "States": counties}
    offices, states = sorted(
        payload(page(counties, outlines=outlines))["outlines"], key=lambda entry: entry["label"]
    )
    assert offices["weight"] > states["weight"]
    # One line between the two offices, from (-96, 37) to (-96, 38) or back.
    assert len(offices["lines"]) == 1
    assert sorted([offices["lines"][0][1], sum(offices["lines"][0][1::2])]) == [37_000, 38_000]
    assert offices["lines"][0][0] == -96_000


def test_only_the_scripts_of_the_page_may_run() -> None:
    html = page(squares())
    allowed = re.findall(r"'sha256-([^']+)'", html)
    scripts = re.findall(r"<script(?:\s[^>]*)?>(.*?)</script>", html, re.DOTALL)
    hashes = [base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in scripts]
    assert sorted(set(hashes)) == sorted(allowed)


def test_numbers_of_the_table_keep_their_decimals() -> None:
    counties = squares()
    table = pd.DataFrame(
        {
            "Whole": pd.array([1, 2, None], dtype="Int64"),
            "Rate": [0.25, 3, np.inf],
            "Office": ["A", None, "A"],
        },
        index=counties.index,
    )
    whole, rate, office = payload(page(counties, table={"": table}))["columns"]
    assert (whole["decimals"], whole["values"]) == (0, [1, 2, None])
    assert (rate["decimals"], rate["values"]) == (2, [0.25, 3.0, None])
    assert office == {"label": "Office", "texts": ["A", ""], "codes": [0, 1, 0]}


def test_marks_stand_behind_numbers_that_stay_numbers() -> None:
    counties = squares()
    table = {"": pd.DataFrame({"Rate": [1.5, 2, 3], "Office": "A"}, index=counties.index)}
    marks = {"Rate": pd.Series(["", "(zone)", "(zone)"], index=counties.index).iloc[::-1]}
    rate, office = payload(page(counties, table=table, marks=marks))["columns"]
    assert rate["values"] == [1.5, 2.0, 3.0]
    assert rate["marks"] == {"texts": ["", "(zone)"], "codes": [0, 1, 1]}
    assert "marks" not in office
    with pytest.raises(OutputError, match=r"marks 'Office': no table has such a column of numbers"):
        page(counties, table=table, marks={"Office": marks["Rate"]})
    with pytest.raises(OutputError, match=r"marks 'Rate': 2 counties have no value, such as 20001"):
        page(counties, table=table, marks={"Rate": marks["Rate"].iloc[:1]})


def test_each_variant_has_its_table_and_shares_what_is_the_same() -> None:
    counties = squares()
    layers = [
        replace(layer(counties), variant="all"),
        replace(layer(counties), variant="some"),
        layer(counties, title="Crime"),
    ]
    every = pd.DataFrame({"Arrests": [1, 2, 3], "Residents": 9}, index=counties.index)
    some = every.assign(Arrests=[0, 1, 1])
    written = payload(page(counties, layers, table={"all": every, "some": some}, periods="2025"))
    assert written["periods"] == "2025"
    assert written["tables"] == {"all": [0, 1], "some": [2, 1]}
    assert [column["values"] for column in written["columns"]] == [[1, 2, 3], [9, 9, 9], [0, 1, 1]]
    assert payload(page(counties, layers))["tables"] == {"all": [], "some": []}
    message = r"table: found those of \['some', 'none'\], expected .* \['all', 'some'\]"
    with pytest.raises(OutputError, match=message):
        page(counties, layers, table={"some": some, "none": some})
    with pytest.raises(OutputError, match=r"table 'all': 2 counties have no row, such as 20003"):
        page(counties, layers, table={"all": every.iloc[:1], "some": some})


def test_hatched_counties_of_an_area_are_one_answer() -> None:
    counties = squares()
    by_area = replace(
        layer(counties),
        hatched=pd.Series([True, False, True], index=counties.index),
        areas=pd.Series(["KS-CHI", "KS-DAL", "KS-CHI"], index=counties.index),
        area_unit=("zone", "zones"),
    )
    written = payload(page(counties, [by_area]))["layers"][0]
    assert (written["areas"], written["areaUnit"]) == (1, ["zone", "zones"])
    assert [(each["hatched"], each["areas"]) for each in written["legend"]] == [(2, 1), (0, 0)]


def test_a_class_without_a_short_label_goes_by_its_label() -> None:
    counties = squares()
    legend = [replace(LEGEND[0], short="H"), *LEGEND[1:]]
    written = payload(page(counties, [layer(counties, legend=legend)]))["layers"][0]["legend"]
    assert [(entry["label"], entry["short"]) for entry in written] == [
        ("Hot", "H"),
        ("No data", "No data"),
    ]


def test_partly_and_opacity_are_drawn_where_they_apply() -> None:
    counties = squares()
    every = pd.Series(data=True, index=counties.index)
    shaded = replace(
        layer(counties),
        partly=every,
        opacity=pd.Series([0.5, np.nan, 1], index=counties.index),
    )
    drawn = payload(page(counties, [shaded]))["layers"][0]
    assert drawn["hatched"] == "122"  # what is hatched is not partly so
    assert drawn["opacity"] == [10, -1, 20]
    assert [entry["shaded"] for entry in drawn["legend"]] == [True, False]


def test_a_grid_keeps_classes_that_do_not_occur() -> None:
    counties = squares()
    grid = ClassGrid(
        across="arrests",
        up="crime",
        across_steps=["low", "high"],
        up_steps=["all"],
        keys=[["hot", "never"]],
    )
    drawn = payload(page(counties, [replace(layer(counties), grid=grid)]))["layers"][0]
    assert [entry["label"] for entry in drawn["legend"]] == ["Hot", "Never seen", "No data"]
    assert drawn["grid"]["rows"] == [[0, 1]]
    assert drawn["legend"][1]["count"] == 0


def test_places_lie_where_the_counties_lie() -> None:
    counties = squares()
    guam = gpd.GeoDataFrame({"name": ["Hagåtña"]}, geometry=[shapely.Point(144.75, 13.47)])
    places = payload(page(counties, places={"Towns": guam.set_crs("EPSG:4269")}))["places"]
    assert places == [{"label": "Towns", "names": ["Hagåtña"], "points": [[-215.25, 13.47]]}]


def test_tiles_are_fetched_only_where_asked_for() -> None:
    html = page(squares(), tiles="OpenStreetMap.Mapnik")
    images = re.search(r"img-src ([^\"]*)\"", html)
    assert images is not None
    assert images[1].split() == ["data:", "https://tile.openstreetmap.org"]
    assert "openstreetmap.org/copyright" in html
    assert 'img-src data:"' in page(squares())


def test_every_server_of_tiles_is_named_alone() -> None:
    layer = folium.TileLayer("https://{s}.example.org/{z}/{x}/{y}.png", attr="A", subdomains="xy")
    assert image_hosts([layer]) == ["https://x.example.org", "https://y.example.org"]
    plain = folium.TileLayer("http://example.org/{z}/{x}/{y}.png", attr="A")
    with pytest.raises(OutputError, match="does not come by https"):
        image_hosts([plain])


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("OpenStreetMap.Mapnic", r"'OpenStreetMap.Mapnic', which xyzservices .*\.Mapnik"),
        ("Thunderforest.OpenCycleMap", "asks for a key"),
    ],
)
def test_tiles_that_cannot_be_used_are_refused(name: str, message: str) -> None:
    with pytest.raises(OutputError, match=message):
        tile_layer(name)


def test_overlays_and_further_input_are_checked() -> None:
    counties = squares()
    bad = replace(
        layer(counties, legend=[*LEGEND[:2], replace(LEGEND[2], pattern="stars")]),  # type: ignore[arg-type]
        areas=pd.Series("KS", index=counties.index[1:]),
        opacity=pd.Series([0.0, 2.0], index=counties.index[:2]),
        partly=pd.Series(data=True, index=counties.index[:1]),
        figures=pd.Series("1", index=counties.index[:1]),
        grid=ClassGrid(across="", up="", across_steps=["a"], up_steps=["b"], keys=[["x", "y"]]),
    )
    with pytest.raises(OutputError) as caught:
        page(
            counties,
            [bad],
            overlays=[
                ImageOverlay(label="S", image="https://x.org/a.png", bounds=((0, 0), (1, 1))),
                ImageOverlay(
                    label="S",
                    image=PNG,
                    bounds=((0, 0), (1, 1)),
                    variant="every",
                    figures=pd.Series("1", index=counties.index[:2]),
                ),
                ImageOverlay(label="Arrests", image=PNG, bounds=((0, 0), (1, 1))),
            ],
            beside=("Arrests", "Crime"),
            table={"": pd.DataFrame(index=counties.index[:1])},
            keywords=pd.Series("x", index=counties.index[:2]),
            places={"Towns": counties},
        )
    for words in (
        "'stars' is no pattern",
        "opacity: found 0 to 2, expected 0 to 1",
        "partly: 2 counties have no value",
        "layer 'Arrests', figures: 2 counties have no value",
        "overlay 'S', figures: 1 counties have no value",
        "overlay 'S': no layer has the variant 'every'",
        "grid: expected keys in 1 rows of 1",
        "grid: the legend lacks ['x', 'y']",
        "overlay 'S': the image is no address",
        "overlay 'S': another choice has this name",
        "overlay 'Arrests': another choice has this name",
        "areas: 1 counties have no value, such as 20001",
        "side by side: there is no layer 'Crime'",
        "table: 2 counties have no row",
        "keywords: 1 counties have no value",
        "Towns: expected points with a column 'name'",
    ):
        assert words in str(caught.value)


def dissolve_halves(counties: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    return counties[["geometry"]].dissolve(["one", "two", "two"])


def test_every_problem_is_reported_at_once() -> None:
    counties = squares()
    legend = [LegendClass(key="hot", label="Hot", colour="red")]
    incomplete = pd.DataFrame({"Arrests": ["1"]}, index=counties.index[:1])
    with pytest.raises(OutputError) as caught:
        page(
            counties.to_crs("EPSG:5070"),
            [layer(counties, ("hot", "no data", None), legend=legend)],
            popups=incomplete,
        )
    message = str(caught.value)
    assert "counties: the CRS is EPSG:5070, expected EPSG:4269" in message
    assert "popups: 2 counties have no value, such as 20003" in message
    assert "layer 'Arrests', classes: 1 counties have no value, such as 20005" in message
    assert "layer 'Arrests': the legend lacks ['no data']" in message
    assert "'red' is no colour" in message
    with pytest.raises(OutputError, match="there is no layer"):
        page(counties, [])


def test_a_county_given_twice_is_refused() -> None:
    counties = squares()
    with pytest.raises(OutputError, match="20001 occurs more than once"):
        page(pd.concat([counties, counties.iloc[:1]]), [layer(counties)])


def test_every_county_stays_on_the_map(counties: gpd.GeoDataFrame, grid: Geometries) -> None:
    shapes = encode_shapes(grid)
    assert len(shapes) == len(counties)
    drawn = np.array([decoded(shape) for shape in shapes])
    assert (shapely.area(drawn) > 0).all()
    # The representative point of the true county lies in what is drawn, or within a simplified
    # edge of it.
    inside = counties.geometry.representative_point().to_numpy()
    xy = shapely.get_coordinates(inside)
    xy[:, 0] -= np.where(xy[:, 0] > 0, 360, 0)
    points = shapely.points(xy * UNITS_PER_DEGREE)
    slack = 2 * TOLERANCE_DEGREES * UNITS_PER_DEGREE
    assert (shapely.distance(shapely.buffer(drawn, 0), points) <= slack).all()
    for small in ("51610", "51580", "51685"):
        at = counties.index.get_loc(small)
        true_area = counties.geometry.iloc[at].area * UNITS_PER_DEGREE**2
        assert shapely.area(drawn[at]) == pytest.approx(true_area, rel=0.35)


def test_a_county_below_the_grain_becomes_a_speck() -> None:
    counties = squares()
    dots = [shapely.box(west, 37, west + 1e-5, 37 + 1e-5) for west in (-97, -96, -95)]
    shapes = encode_shapes(display_grid(counties.set_geometry(dots, crs=counties.crs)))
    assert [shapely.area(decoded(shape)) for shape in shapes] == [1, 1, 1]


def test_neighbours_are_not_torn_apart(counties: gpd.GeoDataFrame, grid: Geometries) -> None:
    mainland = ~counties["state"].isin(["AK", "HI", "PR", "VI", "GU", "MP"]).to_numpy()
    true = shapely.union_all(counties.geometry.to_numpy()[mainland])
    drawn = shapely.union_all(shapely.buffer(grid[mainland], 0))
    # A tear between neighbours would be a new hole.
    holes = {
        name: sum(shapely.get_num_interior_rings(shapely.get_parts(area)))
        for name, area in (("true", true), ("drawn", drawn))
    }
    assert holes["drawn"] <= holes["true"] + 5
    overlap = shapely.area(shapely.buffer(grid[mainland], 0)).sum() - shapely.area(drawn)
    assert overlap / shapely.area(drawn) < 1e-5


def test_alaska_does_not_smear_over_the_map(counties: gpd.GeoDataFrame, grid: Geometries) -> None:
    west, _, east, _ = shapely.bounds(grid[counties.index.get_loc("02016")])
    assert -188_000 < west < east < -160_000
    assert shapely.bounds(grid)[:, 2].max() < -60_000


def test_borders_follow_the_counties_that_are_drawn(
    counties: gpd.GeoDataFrame, grid: Geometries
) -> None:
    states = load_states()
    members = membership(counties, states)
    assert (states.index[members] == counties["state"]).all()
    lines = encode_borders(grid, members)
    vertices = np.vstack([np.reshape(line, (-1, 2)).cumsum(axis=0) for line in lines])
    drawn = np.unique(shapely.get_coordinates(grid), axis=0)
    assert len(np.unique(np.vstack([vertices, drawn]), axis=0)) == len(drawn)
    # Maryland and Delaware: both are made of several islands.
    border = shapely.MultiLineString([np.reshape(line, (-1, 2)).cumsum(axis=0) for line in lines])
    assert shapely.distance(border, shapely.Point(-75_770, 39_420)) < 10


def test_the_country_fits_in_a_small_file(counties: gpd.GeoDataFrame) -> None:
    offices = dissolve_counties(counties, by="aor")
    classes = np.where(np.arange(len(counties)) % 3, "hot", "no data")
    full = ClassLayer(
        title="Arrests",
        note="",
        classes=pd.Series(classes.astype(str), index=counties.index),
        hatched=counties["state"].isin(["AL", "TX"]),
        legend=LEGEND,
        hatched_label="Hatched",
    )
    numbers = [f"{number:,} (95 %: {number / 2:.1f})" for number in range(len(counties))]
    html = page(
        counties,
        [replace(full, variant=str(number)) for number in range(6)],
        popups=pd.DataFrame({str(row): numbers for row in range(8)}, index=counties.index),
        outlines={"Areas of responsibility": offices, "States": load_states()},
    )
    assert len(html.encode()) < 2_500_000
    assert sum(entry["count"] for entry in payload(html)["layers"][0]["legend"]) == len(counties)
