"""The interactive map: one HTML file that opens anywhere, without a network."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from importlib.resources import files
from typing import Any

import folium
import geopandas as gpd
import pandas as pd
from folium.plugins import DualMap
from folium.template import Template

from outputs._offline import inline_assets
from outputs._web_map.content import MapContent, problems, variants_of
from outputs._web_map.payload import payload, script_safe
from outputs._web_map.tiles import image_hosts, tile_layer
from outputs.classes import ClassLayer, ImageOverlay
from outputs.errors import OutputError

_ASSETS = files("outputs") / "_web_map"
_LEAFLET = {"leaflet", "leaflet_css"}
_NOTEBOOK_HEIGHT = 640

# In the order in which they are read; each file has one subject.
_SCRIPTS = (
    "dom",
    "signal",
    "atlas",
    "fills",
    "popup",
    "view",
    "legend",
    "search",
    "keyboard",
    "choices",
    "extras",
    "regions",
    "beside",
    "table",
    "print",
    "main",
)


class _Page(folium.Figure):
    """The frame around the map: title, notes, controls."""

    _template = Template((_ASSETS / "page.html").read_text(encoding="utf-8"))

    def __init__(
        self,
        *,
        title: str,
        facts: Mapping[str, str],
        notes: Sequence[str],
        details: Mapping[str, Sequence[str]],
        variants: str,
        unit: tuple[str, str],
        states: bool,
        simulated: bool,
    ) -> None:
        super().__init__(title=title)
        self.unit = unit
        self.states = states
        self.facts = facts
        self.notes = notes
        self.details = details
        self.variants = variants
        self.simulated = simulated

    def _repr_html_(self, **_options: object) -> str:
        """Show the map in a notebook: a page in a frame, with its assets inside."""
        # A notebook that is not trusted drops the frame and keeps the words in it.
        return (
            f'<iframe title="{escape(str(self.title))}" srcdoc="{escape(_written(self))}" '
            f'style="width:100%;height:{_NOTEBOOK_HEIGHT}px;border:0" allowfullscreen>'
            "Trust this notebook to see the map.</iframe>"
        )


class _CountyLayers(folium.MacroElement):
    """The counties, drawn once, and the layers that colour them."""

    _template = Template((_ASSETS / "layers.html").read_text(encoding="utf-8"))

    def __init__(self, content: Mapping[str, Any]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name = "CountyLayers"
        self.data = script_safe(content)
        self.style = (_ASSETS / "map.css").read_text(encoding="utf-8")
        self.script = _script()


def _script() -> str:
    """Join the scripts into one function, so that the page has one global name of ours."""
    parts = (_ASSETS / "script" / f"{name}.js" for name in _SCRIPTS)
    text = "\n".join(part.read_text(encoding="utf-8") for part in parts)
    return (
        'const classMap = (function () {\n"use strict";\n\n'
        f"{text}\nreturn {{ draw: drawMap }};\n}})();"
    )


def build_map(
    counties: gpd.GeoDataFrame,
    layers: Sequence[ClassLayer],
    *,
    popups: pd.DataFrame,
    outlines: Mapping[str, gpd.GeoDataFrame],
    title: str,
    notes: Sequence[str],
    facts: Mapping[str, str] | None = None,
    details: Mapping[str, Sequence[str]] | None = None,
    table: Mapping[str, pd.DataFrame] | None = None,
    marks: Mapping[str, pd.Series[str]] | None = None,
    periods: str = "",
    keywords: pd.Series[str] | None = None,
    places: Mapping[str, gpd.GeoDataFrame] | None = None,
    overlays: Sequence[ImageOverlay] = (),
    beside: tuple[str, str] | None = None,
    tiles: str | None = None,
    variants: str = "Variant",
    unit: tuple[str, str] = ("county", "counties"),
    simulated: bool = False,
) -> folium.Map:
    """Build the map of classified counties, or of other places.

    Parameters
    ----------
    counties : geopandas.GeoDataFrame
        Polygons in EPSG:4269, indexed by ``county_fips``, with the columns ``legal_name``
        and ``state``. Drawn simplified (about 1 km); every county stays on the map. Without
        the column ``state`` they are places of anywhere: drawn the finer the smaller the map,
        without buttons for parts of the United States.
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
        What always stands above the map: answer, warnings.
    facts : mapping of str to str, optional
        What stands there in short, by heading: periods, sources, support.
    details : mapping of str to sequence of str, optional
        What stands there once it is opened, by heading: limits, findings, sources. On paper
        the first always stands; of the others the last are left out where there is no room.
    table : mapping of str to pandas.DataFrame, optional
        Columns of the table of counties beside name, state and class, indexed by
        ``county_fips``, headed by their labels: one table for each variant of the layers,
        which is shown with that variant; for ``""`` where there are no variants. Numbers
        show as many decimals as they hold, four at most: round them.
    marks : mapping of str to pandas.Series, optional
        A word or two behind the numbers of a column of `table`, by its label: by
        ``county_fips``, ``""`` for none. Sorted and saved, the numbers stay numbers.
    periods : str, optional
        What periods the figures are of, in a few words: stands above the table, and in each
        row and the name of the file that it is saved as.
    keywords : pandas.Series, optional
        Further words by which a county is found, such as its state's full name, by
        ``county_fips``. Its name, ``state`` and code are such words already.
    places : mapping of str to geopandas.GeoDataFrame, optional
        Points in EPSG:4269 with a column ``name``, by the words that name the choice.
    overlays : sequence of ImageOverlay, optional
        Surfaces, each a choice of its own that takes the place of classes.
    beside : tuple of str, optional
        Titles of the two layers that stand side by side when asked for; else the first and
        the last layer's.
    tiles : str, optional
        Base map below the counties, by the name that xyzservices gives it
        (``"Esri.WorldGrayCanvas"``); the page then fetches its images, and nothing else. By
        default there is none, and no network.
    variants : str, default "Variant"
        Heading of the choice between variants of a layer. While a layer without variants is
        shown, the first of them stands chosen, and the table is of that one.
    unit : tuple of str, default ("county", "counties")
        What one of the places is called, and several.
    simulated : bool, default False
        Whether to print SIMULATED, large, on the page and on the map.

    Returns
    -------
    folium.Map
        To be written with `render_map`; a notebook shows it as it is.

    Raises
    ------
    OutputError
        If a county lacks a class or popup, a class its legend entry, a variant its table, or a
        geometry EPSG:4269; if the tiles are not known.

    Examples
    --------
    >>> import geopandas as gpd, pandas as pd, shapely
    >>> from outputs import LegendClass
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
    content = MapContent(
        counties=counties,
        unit=unit,
        layers=layers,
        popups=popups,
        tables=dict.fromkeys(variants_of(layers), counties[[]]) if table is None else table,
        marks=marks or {},
        periods=periods,
        keywords=pd.Series("", index=counties.index) if keywords is None else keywords,
        outlines=outlines,
        places=places or {},
        overlays=overlays,
        beside=beside,
        simulated=simulated,
    )
    if found := list(problems(content)):
        raise OutputError("the web map cannot be drawn:\n- " + "\n- ".join(found))
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
    web_map.default_js += DualMap.default_js
    page = _Page(
        title=title,
        facts=facts or {},
        notes=notes,
        details=details or {},
        variants=variants,
        unit=unit,
        states="state" in counties,
        simulated=simulated,
    )
    page.add_child(web_map)
    if tiles is not None:
        web_map.add_child(tile_layer(tiles))
    web_map.add_child(_CountyLayers(payload(content) | {"tiles": tiles is not None}))
    return web_map


def check_tiles(name: str) -> None:
    """Make sure that a map can have tiles, before any work is done.

    Parameters
    ----------
    name : str
        As `build_map` takes it.

    Raises
    ------
    OutputError
        If there is no such provider, if it asks for a key, does not use https, or would give
        no tiles for another reason.

    Examples
    --------
    >>> check_tiles("Esri.WorldGrayCanvas")
    """
    tile_layer(name)


def render_map(web_map: folium.Map) -> str:
    """Write a map as one HTML page that needs no network, tiles aside.

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
    return _written(web_map.get_root())


def _written(root: folium.Element) -> str:
    page = root.render()
    names = {old: f"{number:x}" for number, old in enumerate(_identifiers(root.to_dict()))}
    page = re.sub("|".join(names), lambda found: names[found[0]], page)
    # folium has no other way to an element's children
    layers = [each for part in root._children.values() for each in part._children.values()]  # noqa: SLF001
    tiles = [layer for layer in layers if isinstance(layer, folium.TileLayer)]
    return inline_assets(page, image_hosts=image_hosts(tiles))


def _identifiers(element: Mapping[str, Any]) -> Iterator[str]:
    """Walk the random identifiers that folium gave its elements, in order of the tree."""
    yield element["id"]
    for child in element["children"].values():
        yield from _identifiers(child)
