"""The map of a run: for its page, and for notebooks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress

import folium
import geopandas as gpd

from arrest_atlas.analysis import Analysis
from arrest_atlas.layers import output_layers
from arrest_atlas.map_layers import map_layers
from arrest_atlas.map_page import (
    map_beside,
    map_facts,
    map_keywords,
    map_marks,
    map_periods,
    map_places,
    map_table,
)
from arrest_atlas.map_popups import map_popups
from arrest_atlas.scan_clusters import scan_clusters
from arrest_atlas.surface_images import overlays as surface_overlays
from arrest_atlas.surfaces import run_surfaces
from arrest_atlas.words import question, strip_details, strip_notes
from boundaries import load_states
from outputs import ClassLayer, ImageOverlay, build_map
from outputs.errors import NoSurfaceError

__all__ = ["explore", "run_map"]


def explore(analysis: Analysis, *, tiles: str | None = None) -> folium.Map:
    """Show what was found on an interactive map, in a notebook or as a page.

    It is the map of a run, ``map.html``, without the lines on how that was made. A notebook
    shows it where it is the last line of a cell; `outputs.render_map` writes it as one HTML
    page; `outputs.explore` shows a single result of `spatial_models`.

    Parameters
    ----------
    analysis : Analysis
        What was found.
    tiles : str, optional
        Base map below the counties (see `outputs.build_map`).

    Returns
    -------
    folium.Map
        Every layer of the run.

    Examples
    --------
    >>> from arrest_atlas import Options, analyse, simulate
    >>> analysis = analyse(simulate(seed=0).inputs, Options(draws=2, surrogates=0))
    >>> explore(analysis)  # doctest: +SKIP
    """
    layers = output_layers(analysis, circles=scan_clusters(analysis))
    images: list[ImageOverlay] = []
    with suppress(NoSurfaceError):  # a run without a surface has a map all the same
        images = list(surface_overlays(analysis, run_surfaces(analysis)))
    choices = map_layers(analysis, layers["counties"])
    return run_map(analysis, layers, choices, overlays=images, tiles=tiles)


def run_map(
    analysis: Analysis,
    layers: Mapping[str, gpd.GeoDataFrame],
    choices: Sequence[ClassLayer],
    *,
    overlays: Sequence[ImageOverlay],
    made_by: Sequence[str] = (),
    tiles: str | None = None,
) -> folium.Map:
    """Build the map of a run.

    Parameters
    ----------
    analysis : Analysis
        What was found.
    layers : mapping of str to geopandas.GeoDataFrame
        Its tables, as ``output_layers`` lays them out.
    choices : sequence of ClassLayer
        The ways to colour the counties.
    overlays : sequence of ImageOverlay
        Its surfaces.
    made_by : sequence of str, optional
        How it was made.
    tiles : str, optional
        Base map below the counties.

    Returns
    -------
    folium.Map
        To be shown, or written with `outputs.render_map`.
    """
    table = layers["counties"]
    made = {"How it was made": made_by} if made_by else {}
    details = strip_details(analysis)
    return build_map(
        table[["name", "legal_name", "state", "geometry"]],
        choices,
        popups=map_popups(analysis, table, layers.get("scan_clusters")),
        outlines={
            "Areas of responsibility of ICE field offices": layers["areas_of_responsibility"],
            "States": load_states(),
        },
        title=question(analysis),
        notes=strip_notes(analysis),
        facts=map_facts(analysis),
        # First what must be on paper: the last of them may find no room there.
        details={"Limits": details["Limits"]} | details | made,
        table=map_table(analysis, table),
        marks=map_marks(analysis, table),
        periods=map_periods(analysis),
        keywords=map_keywords(table),
        places=map_places(),
        beside=map_beside(analysis),
        overlays=overlays,
        tiles=tiles,
        variants="Which arrests",
        simulated=analysis.inputs.simulated,
    )
