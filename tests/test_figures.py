"""Figures of a page: well formed, named, light, the same every time, safe with any text."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final
from xml.etree import ElementTree as ET

import numpy as np
import pandas as pd
import pytest
import shapely

from boundaries import load_counties
from outputs import ClassLayer, LegendClass, OutputError
from outputs.classes import PATTERNS
from outputs.figures import (
    MapGround,
    class_map_figure,
    estimates_figure,
    map_ground,
    moran_figure,
    moran_points,
)
from outputs.figures._outlines import merged, outline
from outputs.figures._short_paths import shorten_paths
from outputs.figures.map_ground import MAP_HEIGHT, MAP_WIDTH
from spatial_models import contiguity, moran

if TYPE_CHECKING:
    import geopandas as gpd

SVG: Final = "{http://www.w3.org/2000/svg}"
HOSTILE: Final = "<script>alert(1)</script> \"'& $x$ =cmd() \u202eturned\x00 ]]> -->"
LEGEND: Final = [
    LegendClass(key=pattern or "plain", label=f"Class {pattern}", colour=colour, pattern=pattern)
    for pattern, colour in zip(
        PATTERNS,
        ["#882255", "#e69f00", "#0072b2", "#009e73", "#f4f1ea", "#b5b5b5", "#ffffff"],
        strict=True,
    )
]


@pytest.fixture(scope="module")
def counties() -> gpd.GeoDataFrame:
    counties = load_counties()
    return counties[counties["zone"].notna()]


@pytest.fixture(scope="module")
def ground(counties: gpd.GeoDataFrame) -> MapGround:
    return map_ground(counties, {"states": (0.5, counties["state"])})


@pytest.fixture(scope="module")
def layer(counties: gpd.GeoDataFrame) -> ClassLayer:
    """Give every class to counties that lie far and wide, as an unlucky run would."""
    chosen = np.random.default_rng(1).integers(0, len(LEGEND), len(counties))
    classes = pd.Series([LEGEND[number].key for number in chosen], index=counties.index)
    return ClassLayer(
        title="Anything",
        note="",
        classes=classes.iloc[::-1],
        hatched=counties["state"] == "TX",
        legend=LEGEND,
        hatched_label="Hatched: of the zone",
        partly=counties["state"] == "KS",
        partly_label="Broken: partly imputed",
    )


def drawn(ground: MapGround, layer: ClassLayer, **options: Any) -> str:
    arguments: dict[str, Any] = {"name": "map", "title": "A map"}
    return class_map_figure(ground, layer, **(arguments | options))


def shown_lines(svg: str) -> list[str]:
    return ["".join(each.itertext()) for each in ET.fromstring(svg).iter(f"{SVG}text")]  # noqa: S314


def words(svg: str) -> str:
    """Read what stands on the figure, and what screen readers are told."""
    return " ".join("".join(each.itertext()) for each in ET.fromstring(svg).iter())  # noqa: S314


def test_the_worst_map_is_light_and_told_in_words(ground: MapGround, layer: ClassLayer) -> None:
    svg = drawn(ground, layer, notes=["Arrests 2025."], simulated=True)
    assert len(svg.encode()) <= 550_000
    root = ET.fromstring(svg)  # noqa: S314
    title, description = root.find(f"{SVG}title"), root.find(f"{SVG}desc")
    assert title is not None
    assert description is not None
    assert title.text == "A map (SIMULATED data)"
    assert root.get("role") == "img"
    assert root.get("aria-labelledby") == f"{title.get('id')} {description.get('id')}"
    told = description.text or ""
    for entry in LEGEND:
        count = int((layer.classes == entry.key).sum())
        own = int(((layer.classes == entry.key) & ~layer.hatched).sum())
        assert f"{entry.label}: {own:,} counties and {count - own:,} counties, hatched" in told
    assert "Hatched: of the zone." in told
    assert "Broken: partly imputed." in told
    assert {"SIMULATED", "Alaska", "Hawaii", "Arrests 2025."} <= set(shown_lines(svg))


def test_the_same_bytes_twice_and_elements_named_after_the_figure(
    ground: MapGround, layer: ClassLayer
) -> None:
    one, again, other = (drawn(ground, layer, name=name) for name in ("one", "one", "other"))
    assert one == again

    def named(svg: str) -> set[str]:
        return set(re.findall(r' id="([^"]*)"', svg))

    assert named(one).isdisjoint(named(other))
    assert not re.search(r"20\d\d-\d\d-\d\d|/home|/tmp|/root", one)
    assert set(re.findall(r"https?://[^\s\"']*", one)) <= {
        "http://www.w3.org/2000/svg",
        "http://www.w3.org/1999/xlink",
        "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd",
    }


def test_a_name_that_could_break_out_is_refused(ground: MapGround, layer: ClassLayer) -> None:
    with pytest.raises(ValueError, match="expected small letters"):
        drawn(ground, layer, name='x" onload="y')


def test_boxes_are_drawn_only_where_something_is_told(
    ground: MapGround, layer: ClassLayer, counties: gpd.GeoDataFrame
) -> None:
    alaska = layer.classes.where(~counties["state"].isin(["AK"]), "plain")
    svg = drawn(ground, replace(layer, classes=alaska), untold=["plain"])
    shown = shown_lines(svg)
    assert "Alaska" not in shown
    assert "Hawaii" in shown
    assert any(line.startswith("Not drawn: Alaska. Class  (") for line in shown)
    told = words(svg)
    assert f"({(counties['state'] == 'AK').sum()} counties)" in told
    elsewhere = (alaska == "plain") & ~layer.hatched & (counties["state"] != "AK")
    assert f"Class : {elsewhere.sum():,} counties and" in told


def test_patterns_tell_classes_apart_without_colour(ground: MapGround, layer: ClassLayer) -> None:
    svg = drawn(ground, layer)
    grey = [replace(entry, colour="#b5b5b5") for entry in LEGEND]
    alike = drawn(ground, replace(layer, legend=[replace(each, pattern="") for each in grey]))
    assert len(drawn(ground, replace(layer, legend=grey))) > len(alike) + 20_000
    # Programs that print make blurred pictures of SVG's own patterns.
    assert "<pattern" not in svg


@pytest.mark.parametrize("entry", LEGEND, ids=lambda entry: entry.pattern or "plain")
def test_every_pattern_adds_a_drawing(
    ground: MapGround, layer: ClassLayer, entry: LegendClass
) -> None:
    alone = replace(
        layer,
        classes=pd.Series(entry.key, index=layer.classes.index),
        hatched=pd.Series(data=False, index=layer.classes.index),
        partly=None,
    )
    plain = drawn(ground, replace(alone, legend=[replace(entry, pattern="")]))
    assert (drawn(ground, replace(alone, legend=[entry])) != plain) == bool(entry.pattern)


def test_counties_and_the_areas_of_hatched_ones_are_counted_apart(
    ground: MapGround, layer: ClassLayer, counties: gpd.GeoDataFrame
) -> None:
    texas = counties["state"] == "TX"
    of_zones = replace(layer, areas=counties["zone"], area_unit=("zone", "zones"))
    told = words(drawn(ground, of_zones))
    zones = counties.loc[texas, "zone"].nunique()
    assert zones > 1
    assert f"Hatched: of the zone: {zones} zones ({texas.sum()} counties)" in told
    own, coarse = (int(((layer.classes == "plain") & flags).sum()) for flags in (~texas, texas))
    assert f": {own:,} counties and {zones} zones ({coarse:,} counties)" in told
    all_texas = replace(of_zones, classes=layer.classes.where(~texas, "plain"), partly=None)
    alone = drawn(
        ground, replace(all_texas, hatched=counties["zone"] == counties["zone"][texas].iloc[0])
    )
    assert " and 1 zone (" in words(alone)


def test_hatching_stands_out_on_dark_colours(ground: MapGround, layer: ClassLayer) -> None:
    svg = drawn(ground, layer)
    strokes = re.findall(
        r'<path d="([^"]*)"[^>]*style="[^"]*stroke: (#\w+); stroke-width: ([\d.]+)', svg
    )
    white = {path: float(width) for path, colour, width in strokes if colour == "#ffffff"}
    slants = {path: float(width) for path, colour, width in strokes if colour == "#4a4a4a"}
    assert len(slants) == 2 * 2  # of a map with hatching and broken hatching, and of its legend
    assert all(white[path] > 2 * width for path, width in slants.items())


def test_nothing_reaches_over_a_swatch(ground: MapGround, layer: ClassLayer) -> None:
    svg = drawn(ground, layer)
    swatches = [
        np.array(re.findall(r"-?[\d.]+", path), dtype=float).reshape(-1, 2)
        for path in re.findall(r'<path d="(M [^"z]*)"', svg)
    ]
    in_legend = [path for path in swatches if path[:, 0].max() < 6 + 15 + 5]
    assert len(in_legend) > len(LEGEND)
    assert all(path[:, 0].min() >= 6 and path[:, 0].max() <= 6 + 15 for path in in_legend)


def test_hatching_that_is_left_out_is_said(ground: MapGround, layer: ClassLayer) -> None:
    none = pd.Series(data=False, index=layer.classes.index)
    svg = drawn(ground, replace(layer, hatched=none, partly=None, partly_label="Left out, as."))
    assert "#4a4a4a" not in svg
    assert any("Left out, as." in line for line in shown_lines(svg))


def test_the_description_names_the_places_of_each_class(
    ground: MapGround, layer: ClassLayer, counties: gpd.GeoDataFrame
) -> None:
    few = (counties["state"] == "KS") | (counties.index == "28083")
    classes = pd.Series(LEGEND[1].key, index=counties.index).mask(few, LEGEND[0].key)
    clear = replace(layer, classes=classes, hatched=~few & few, partly=None)
    states = counties["state"].replace({"KS": "Kansas", "MS": "Mississippi"})
    told = ET.fromstring(drawn(ground, clear, places=states)).find(f"{SVG}desc")  # noqa: S314
    assert told is not None
    assert f"{LEGEND[0].label}: 106 counties, in Kansas (105), Mississippi." in str(told.text)
    # Of a class that is nearly everywhere, states say nothing; nor do classes that tell nothing.
    assert f"{LEGEND[1].label}: {len(counties) - 106:,} counties." in str(told.text)
    silent = drawn(ground, clear, places=states, untold={LEGEND[0].key})
    assert "Kansas" not in silent
    assert "Kansas" not in drawn(ground, clear)


def test_a_class_without_legend_is_an_error(ground: MapGround, layer: ClassLayer) -> None:
    with pytest.raises(OutputError, match="the legend lacks"):
        drawn(ground, replace(layer, legend=LEGEND[1:]))
    with pytest.raises(OutputError, match="the legend lacks"):
        drawn(ground, replace(layer, classes=layer.classes.iloc[1:]))


def test_hostile_words_are_shown_as_words(ground: MapGround, layer: ClassLayer) -> None:
    legend = [replace(entry, label=f"{HOSTILE} {entry.key}") for entry in LEGEND]
    hostile = replace(layer, legend=legend, hatched_label=HOSTILE + "x" * 10_000)
    svg = drawn(ground, hostile, title=HOSTILE, notes=[HOSTILE])
    assert "<script" not in svg
    assert "\x00" not in svg
    assert "\u202e" not in svg
    told = words(svg)
    assert told.count("<script>alert(1)</script>") > len(LEGEND)
    assert "$x$" in told
    assert sum(line.startswith("xxx") for line in shown_lines(svg)) < 6


def test_ground_is_in_equal_area_and_on_the_page(
    ground: MapGround, counties: gpd.GeoDataFrame
) -> None:
    west, south, east, north = shapely.total_bounds(ground.shapes.to_numpy())
    assert west >= 0
    assert south >= 0
    assert east <= MAP_WIDTH
    assert north <= MAP_HEIGHT
    main = ground.panel.index[ground.panel == 0]
    drawn_area = shapely.area(ground.shapes[main].to_numpy())
    scale = drawn_area / counties.loc[main].to_crs("EPSG:5070").area.to_numpy()
    large = drawn_area > 4  # simplification moves the sides of small ones
    assert np.ptp(scale[large]) / scale.mean() < 0.35
    assert abs(np.log(scale[large].mean() / np.median(scale))) < 0.01
    assert len(ground.shapes) == len(counties)


def test_neighbours_meet_without_gaps(ground: MapGround, counties: gpd.GeoDataFrame) -> None:
    kansas = ground.shapes[counties["state"] == "KS"].to_numpy()
    whole = merged(kansas)
    assert shapely.get_num_geometries(whole) == 1
    assert len(shapely.get_rings(whole)) == 1
    assert shapely.area(whole) == pytest.approx(shapely.area(kansas).sum(), rel=1e-9)


def test_holes_stay_open() -> None:
    ring = shapely.box(0, 0, 9, 9).difference(shapely.box(3, 3, 6, 6))
    vertices, codes = outline(ring)
    assert (codes == 79).sum() == 2  # both rings are closed
    outer, inner = np.split(vertices, [5])
    assert shapely.is_ccw(shapely.linearrings(outer)) != shapely.is_ccw(shapely.linearrings(inner))
    empty, none = outline(shapely.Polygon())
    assert len(empty) == len(none) == 0


def test_areas_are_drawn_as_such(ground: MapGround, counties: gpd.GeoDataFrame) -> None:
    zones = ground.dissolved(counties["zone"])
    assert sorted(zones.shapes.index.unique()) == sorted(counties["zone"].unique())
    layer = ClassLayer(
        title="Zones",
        note="",
        classes=pd.Series("plain", index=zones.shapes.index),
        hatched=pd.Series(data=True, index=zones.shapes.index),
        legend=LEGEND,
        hatched_label="of zones",
    )
    svg = drawn(zones, layer, units=("zone", "zones"))
    assert f"Class : {len(zones.shapes)} zones, hatched" in svg


def test_an_office_over_several_boxes_is_counted_once(
    ground: MapGround, counties: gpd.GeoDataFrame
) -> None:
    offices = ground.dissolved(counties["aor"])
    names = pd.Index(counties["aor"].unique())
    assert len(offices.shapes) > len(names)
    layer = ClassLayer(
        title="Offices",
        note="",
        classes=pd.Series("plain", index=names),
        hatched=pd.Series(data=False, index=names),
        legend=LEGEND,
        hatched_label="",
    )
    assert f"Class : {len(names)} offices" in drawn(offices, layer, units=("office", "offices"))


def test_shorter_paths_draw_the_same() -> None:
    rng = np.random.default_rng(3)
    points = rng.uniform(0, 500, (400, 2)).round(6)
    pieces = [
        f"{'M' if number % 40 == 0 else 'L'} {x:f} {y:f} \n" + "z\n" * (number % 80 == 39)
        for number, (x, y) in enumerate(points)
    ]
    short = shorten_paths(f'<path d="{"".join(pieces)}"/>')
    assert len(short) < 0.8 * len("".join(pieces))
    found, pen, start = [], np.zeros(2), np.zeros(2)
    for command, numbers in re.findall(r"([mz])([^mz\"/]*)", short.split('d="')[1]):
        steps = re.findall(r"-?(?:\d+(?:\.\d)?|\.\d)", numbers)
        for step in np.array(steps, dtype=float).reshape(-1, 2):
            pen = pen + step
            found.append(pen)
        if command == "m":
            start = found[len(found) - len(steps) // 2]
        else:
            pen = start
    np.testing.assert_allclose(np.array(found), points, atol=0.051)


def test_short_paths_and_text_are_left_alone() -> None:
    text = '<text>d="M 1 2 L 3 4"</text><path d="M 1.25 2 \nL 3 4 \n"/>'
    assert shorten_paths(text) == text


@pytest.fixture(scope="module")
def scores(counties: gpd.GeoDataFrame) -> pd.Series:
    kansas = counties[counties["state"].isin(["KS", "NE"])]
    values = pd.Series(np.random.default_rng(5).normal(size=len(kansas)), index=kansas.index)
    return values.mask(values.index.isin(values.index[::9]))


def test_the_slope_of_moran_s_plot_is_moran_s_i(
    scores: pd.Series, counties: gpd.GeoDataFrame
) -> None:
    graph = contiguity(counties.loc[scores.index]).transform("R")
    points = moran_points(scores, graph)
    result = moran(scores, graph, permutations=0)
    slope = (points["score"] * points["lag"]).sum() / (points["score"] ** 2).sum()
    assert slope == pytest.approx(result.statistic, abs=1e-12)
    assert len(points) == result.n
    with pytest.raises(OutputError, match="expected R"):
        moran_points(scores, graph.transform("B"))


def plot(scores: pd.Series, counties: gpd.GeoDataFrame, **options: Any) -> str:
    graph = contiguity(counties.loc[scores.index]).transform("R")
    points = moran_points(scores, graph)
    classes = pd.Series("not significant", index=points.index)
    classes.iloc[:5] = "High-High"
    arguments: dict[str, Any] = {
        "slope": 0.123,
        "classes": classes,
        "name": "moran",
        "title": "Moran",
        "axes": ("own score", "neighbours' mean"),
    }
    return moran_figure(points, **(arguments | options))


def test_moran_s_plot_names_its_quadrants_and_slope(
    scores: pd.Series, counties: gpd.GeoDataFrame
) -> None:
    svg = plot(scores, counties, simulated=True)
    told = words(svg)
    for part in (
        "high among high neighbours",
        "low among low neighbours",
        "high among low neighbours",
        "low among high neighbours",
        "slope: Moran's I = 0.12",
        "of which significant 5",
        "SIMULATED",
    ):
        assert part in told
    assert svg == plot(scores, counties, simulated=True)
    assert "<script" not in plot(scores, counties, title=HOSTILE, axes=(HOSTILE, HOSTILE))


ROWS: Final = pd.DataFrame(
    {
        "variation": ["custodial", "community"] * 2,
        "group": ["as it is"] * 2 + ["trend removed"] * 2,
        "units": [900, 800, 900, None],
        "estimate": [0.2, -0.1, 0.15, np.nan],
        "low": [0.1, np.nan, 0.1, np.nan],
        "high": [0.3, np.nan, 0.2, np.nan],
        "p": [0.004, 0.3, np.nan, np.nan],
        "reason": ["", "", "descriptive", "not computed"],
        "trend_removed": [False, False, True, True],
    }
)


def test_estimates_have_three_digits_of_p_and_no_negative_nothing() -> None:
    table = pd.DataFrame(
        {
            "variation": ["one", "two"],
            "group": "as they are",
            "units": 9,
            "estimate": [-0.001, 0.2],
            "low": np.nan,
            "high": np.nan,
            "p": [0.896, 0.0002],
            "reason": "",
        }
    )
    shown = shown_lines(estimates_figure(table, name="rows", title="Rows", axis="r"))
    assert {"0.00", "0.896", "< 0.001"} <= set(shown)
    assert "\u22120.00" not in shown


def test_estimates_stand_under_their_groups_without_a_baseline() -> None:
    svg = estimates_figure(ROWS, name="kinds", title="Kinds", axis="kappa", notes=[HOSTILE])
    told = words(svg)
    assert "as it is, custodial: 0.20 (0.10 to 0.30), p = 0.004, 900 units." in told
    assert "trend removed, community: none (not computed)." in told
    assert "baseline" not in told
    assert "verdict" not in told
    assert "<script" not in svg
    assert svg == estimates_figure(ROWS, name="kinds", title="Kinds", axis="kappa", notes=[HOSTILE])
    with pytest.raises(ValueError, match="found no row"):
        estimates_figure(ROWS.head(0), name="kinds", title="Kinds", axis="kappa")
