"""The interactive map: one HTML file that opens anywhere, without a network."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import folium
import numpy as np
import pandas as pd
from folium.template import Template

from boundaries import GEOGRAPHIC_CRS
from outputs._offline import inline_assets
from outputs._web_map.geometry import (
    UNITS_PER_DEGREE,
    display_grid,
    encode_borders,
    encode_shapes,
    membership,
)
from outputs.errors import OutputError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import geopandas as gpd

_ASSETS = files("outputs") / "_web_map"
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
_LEAFLET = {"leaflet", "leaflet_css"}

# Where the buttons lead: label, states, (south, west), (north, east). Places east of the
# antimeridian's far side carry longitudes below -180, as in the display geometry.
_MAINLAND = ("48 states", ((24.3, -125.0), (49.6, -66.7)))
_OUTLYING = (
    ("Alaska", {"AK"}, ((51.0, -189.0), (71.5, -129.5))),
    ("Hawaii", {"HI"}, ((18.8, -160.4), (22.3, -154.7))),
    ("Puerto Rico", {"PR", "VI"}, ((17.6, -67.5), (18.6, -64.5))),
    ("Guam", {"GU", "MP"}, ((13.1, -216.0), (15.4, -213.6))),
)
_THICKEST, _THINNER = 2.6, 1.0


@dataclass(frozen=True, kw_only=True)
class LegendClass:
    """One class of a layer: how the data name it, how the legend words and paints it.

    Attributes
    ----------
    key : str
        The class as it stands in the data column.
    label : str
        The words in the legend.
    colour : str
        ``"#rrggbb"``.
    """

    key: str
    label: str
    colour: str


@dataclass(frozen=True, kw_only=True)
class ClassLayer:
    """One way to colour the counties.

    Attributes
    ----------
    title : str
        Its name among the choices and above the legend.
    variant : str
        Which one of several layers of this title it is, a choice of its own; empty where
        there is but one.
    note : str
        One sentence below the legend's title.
    classes : pandas.Series
        `LegendClass.key` by ``county_fips``; every county has a class, be it "no data".
    hatched : pandas.Series
        Whether the class is that of the larger area, not of the county, by ``county_fips``.
    legend : sequence of LegendClass
        The classes in order of display; those that do not occur are left out.
    hatched_label : str
        Words for hatching, shown where any county is hatched.
    """

    title: str
    variant: str = ""
    note: str
    classes: pd.Series[str]
    hatched: pd.Series[bool]
    legend: Sequence[LegendClass]
    hatched_label: str


class _Page(folium.Figure):
    """The frame around the map: title, notes, controls."""

    _template = Template((_ASSETS / "page.html").read_text(encoding="utf-8"))

    def __init__(
        self,
        *,
        title: str,
        notes: Sequence[str],
        details: Mapping[str, Sequence[str]],
        variants: str,
        simulated: bool,
    ) -> None:
        super().__init__(title=title)
        self.notes = notes
        self.details = details
        self.variants = variants
        self.simulated = simulated


class _CountyLayers(folium.MacroElement):
    """The counties, drawn once, and the layers that colour them."""

    _template = Template((_ASSETS / "layers.html").read_text(encoding="utf-8"))

    def __init__(self, payload: Mapping[str, Any]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name = "CountyLayers"
        self.data = _script_safe(payload)
        self.style = (_ASSETS / "map.css").read_text(encoding="utf-8")
        self.script = (_ASSETS / "layers.js").read_text(encoding="utf-8")


def build_map(
    counties: gpd.GeoDataFrame,
    layers: Sequence[ClassLayer],
    *,
    popups: pd.DataFrame,
    outlines: Mapping[str, gpd.GeoDataFrame],
    title: str,
    notes: Sequence[str],
    details: Mapping[str, Sequence[str]] | None = None,
    variants: str = "Variant",
    simulated: bool = False,
) -> folium.Map:
    """Build the map of classified counties.

    Parameters
    ----------
    counties : geopandas.GeoDataFrame
        Polygons in EPSG:4269, indexed by ``county_fips``, with the columns ``legal_name``
        and ``state``. Drawn simplified (about 1 km); every county stays on the map.
    layers : sequence of ClassLayer
        The choices; the first is shown at the start.
    popups : pandas.DataFrame
        What a click on a county shows, indexed by ``county_fips``: the columns are labels
        in order of display, the values ready-made text; ``""`` leaves the row out.
    outlines : mapping of str to geopandas.GeoDataFrame
        Areas made of whole counties, in EPSG:4269, by the words that name the choice. The
        borders between them are drawn; the fewer the areas, the thicker.
    title : str
        The question that the map answers.
    notes : sequence of str
        What always stands above the map: period, answer, support, warnings.
    details : mapping of str to sequence of str, optional
        What stands there once it is opened, by heading: findings, limits, sources.
    variants : str, default "Variant"
        Heading of the choice between variants of a layer.
    simulated : bool, default False
        Whether to print SIMULATED, large, on the page and on the map.

    Returns
    -------
    folium.Map
        To be written with `render_map`.

    Raises
    ------
    OutputError
        If a county lacks a class or popup, a class its legend entry, or a geometry EPSG:4269.

    Examples
    --------
    >>> import geopandas as gpd, pandas as pd, shapely
    >>> fips = pd.Index(["20001", "20003"], name="county_fips")
    >>> counties = gpd.GeoDataFrame(
    ...     {"legal_name": ["Allen County", "Anderson County"], "state": ["KS", "KS"]},
    ...     geometry=[shapely.box(-96, 37, -95, 38), shapely.box(-95, 37, -94, 38)],
    ...     index=fips, crs="EPSG:4269")
    >>> layer = ClassLayer(
    ...     title="Arrests", note="Two counties.", hatched_label="Known for the zone only",
    ...     classes=pd.Series(["hot", "no data"], index=fips),
    ...     hatched=pd.Series([False, False], index=fips),
    ...     legend=[LegendClass(key="hot", label="Hot", colour="#b2182b"),
    ...             LegendClass(key="no data", label="No data", colour="#eeeeee")])
    >>> web_map = build_map(
    ...     counties, [layer], popups=pd.DataFrame({"Arrests": ["12", ""]}, index=fips),
    ...     outlines={}, title="Where?", notes=["2023-2025"])
    >>> "Anderson County" in render_map(web_map)
    True
    """
    if problems := list(_problems(counties, layers, popups, outlines)):
        raise OutputError("the web map cannot be drawn:\n- " + "\n- ".join(problems))
    web_map = folium.Map(
        tiles=None,
        location=(38, -96),
        zoom_start=4,
        zoom_snap=0.25,
        min_zoom=2,
        max_zoom=11,
        zoom_control="bottomright",  # at the top it would lie on popups
    )
    # The rest of folium's default assets (1.2 MB) serves markers and icons.
    web_map.default_js = [asset for asset in web_map.default_js if asset[0] in _LEAFLET]
    web_map.default_css = [asset for asset in web_map.default_css if asset[0] in _LEAFLET]
    page = _Page(
        title=title, notes=notes, details=details or {}, variants=variants, simulated=simulated
    )
    page.add_child(web_map)
    web_map.add_child(_CountyLayers(_payload(counties, layers, popups, outlines)))
    return web_map


def render_map(web_map: folium.Map) -> str:
    """Write a map as one HTML page that needs no network.

    Parameters
    ----------
    web_map : folium.Map
        From `build_map`, perhaps with folium elements added.

    Returns
    -------
    str
        The page; the same bytes for the same map.

    Raises
    ------
    OutputError
        If an element of the map links to an asset that folium-offline does not carry.

    Examples
    --------
    >>> import folium
    >>> page = render_map(folium.Map(tiles=None))
    >>> "<script src" in page
    False
    """
    root = web_map.get_root()
    page = root.render()
    names = {old: f"{number:x}" for number, old in enumerate(_identifiers(root.to_dict()))}
    return inline_assets(re.sub("|".join(names), lambda found: names[found[0]], page))


def _identifiers(element: Mapping[str, Any]) -> Iterator[str]:
    """Walk the random identifiers that folium gave its elements, in order of the tree."""
    yield element["id"]
    for child in element["children"].values():
        yield from _identifiers(child)


def _script_safe(payload: Mapping[str, Any]) -> str:
    """Write JSON that neither HTML nor Jinja can mistake for its own.

    Folium renders a template's result as a template once more, so data could otherwise
    speak Jinja; JSON itself never opens two braces, only its strings do.
    """
    text = json.dumps(payload, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return re.sub(r"\{(?=[{%#])", r"\\u007b", text)


def _problems(
    counties: gpd.GeoDataFrame,
    layers: Sequence[ClassLayer],
    popups: pd.DataFrame,
    outlines: Mapping[str, gpd.GeoDataFrame],
) -> Iterator[str]:
    """Find all that is wrong with the input, not only the first."""
    if not layers:
        yield "there is no layer; give at least one"
    names = [(layer.title, layer.variant) for layer in layers]
    for title, variant in sorted({name for name in names if names.count(name) > 1}):
        yield f"layer {title!r}: there are several of the variant {variant!r}; name them apart"
    if not counties.index.is_unique:
        repeated = counties.index[counties.index.duplicated()]
        yield f"counties: {repeated[0]} occurs more than once; expected each county once"
    for name, areas in {"counties": counties, **outlines}.items():
        if areas.crs != GEOGRAPHIC_CRS:
            yield f"{name}: the CRS is {areas.crs}, expected {GEOGRAPHIC_CRS}; use to_crs"
    yield from _incomplete("popups", popups, counties)
    for layer in layers:
        yield from _incomplete(f"layer {layer.title!r}, classes", layer.classes, counties)
        yield from _incomplete(f"layer {layer.title!r}, hatched", layer.hatched, counties)
        unknown = set(layer.classes.dropna()) - {entry.key for entry in layer.legend}
        if unknown:
            yield f"layer {layer.title!r}: the legend lacks {sorted(unknown)}"
        for entry in layer.legend:
            if not _COLOUR.fullmatch(entry.colour):
                yield f"layer {layer.title!r}: {entry.colour!r} is no colour, expected #rrggbb"


def _incomplete(
    name: str, values: pd.DataFrame | pd.Series[Any], counties: gpd.GeoDataFrame
) -> Iterator[str]:
    missing = counties.index.difference(values.dropna().index)
    if len(missing):
        yield f"{name}: {len(missing)} counties have no value, such as {missing[0]}"


def _payload(
    counties: gpd.GeoDataFrame,
    layers: Sequence[ClassLayer],
    popups: pd.DataFrame,
    outlines: Mapping[str, gpd.GeoDataFrame],
) -> dict[str, Any]:
    areas = display_grid(counties)
    return {
        "unitsPerDegree": UNITS_PER_DEGREE,
        "names": counties["legal_name"].tolist(),
        "states": counties["state"].tolist(),
        "shapes": encode_shapes(areas),
        "layers": [_layer(layer, counties) for layer in layers],
        "rows": [_row(label, texts) for label, texts in popups.loc[counties.index].items()],
        "outlines": [
            {
                "label": label,
                "weight": weight,
                "lines": encode_borders(areas, membership(counties, outlines[label])),
            }
            for label, weight in _line_weights(outlines).items()
        ],
        "views": list(_views(set(counties["state"]))),
    }


def _layer(layer: ClassLayer, counties: gpd.GeoDataFrame) -> dict[str, Any]:
    keys = layer.classes.loc[counties.index].to_numpy()
    hatched = layer.hatched.loc[counties.index].to_numpy(dtype=bool)
    legend = [entry for entry in layer.legend if np.any(keys == entry.key)]
    position = {entry.key: at for at, entry in enumerate(legend)}
    return {
        "title": layer.title,
        "variant": layer.variant,
        "note": layer.note,
        "hatchedLabel": layer.hatched_label,
        "legend": [
            {
                "label": entry.label,
                "colour": entry.colour,
                "count": int(np.sum(keys == entry.key)),
                "hatched": int(np.sum(hatched[keys == entry.key])),
            }
            for entry in legend
        ],
        "classes": [position[key] for key in keys],
        "hatched": "".join("01"[flag] for flag in hatched.astype(int)),
    }


def _row(label: object, texts: pd.Series[str]) -> dict[str, Any]:
    """Write a popup row with each text once: many counties share theirs."""
    codes, distinct = pd.factorize(texts)
    return {"label": str(label), "texts": [str(text) for text in distinct], "codes": codes.tolist()}


def _line_weights(outlines: Mapping[str, gpd.GeoDataFrame]) -> dict[str, float]:
    """Give the fewest areas the thickest lines, and draw those last."""
    by_count = sorted(outlines, key=lambda label: -len(outlines[label]))
    weights = [_THINNER] * (len(by_count) - 1) + [_THICKEST]
    return dict(zip(by_count, weights, strict=False))


def _views(states: set[str]) -> Iterator[dict[str, Any]]:
    """Offer a button for every part of the country that the counties reach."""
    outlying = set[str]().union(*(members for _, members, _ in _OUTLYING))
    if states - outlying:
        yield {"label": _MAINLAND[0], "bounds": _MAINLAND[1]}
    for label, members, bounds in _OUTLYING:
        if states & members:
            yield {"label": label, "bounds": bounds}
