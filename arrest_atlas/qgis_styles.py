"""How QGIS paints the layers: like the map, with its legends."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

import geopandas as gpd
import pandas as pd

from arrest_atlas.analysis import Analysis
from arrest_atlas.map_layers import KIND_WORDS, WELL_LOCATED, crime_note
from arrest_atlas.map_legends import GREYS
from arrest_atlas.support import COUNTY, NOT_TESTED
from outputs.classes import ClassLayer, LegendClass
from outputs.layer_styles import Hatching, LayerStyle

__all__ = ["qgis_styles"]

_COUNTY_LAYERS: Final = ("counties", "overlap", "arrest_hotspots", "crime_hotspots")

_OF_AREAS: Final = {"arrest_class": "arrest_gi_class"}
"""Columns that layers of areas name otherwise: their class is their own."""

_BORDERS: Final = {"areas_of_responsibility": 0.6, "states": 0.35}
"""Width in millimetres, where nothing is painted."""

_CIRCLES: Final = (
    LegendClass(key="arrests", label="", colour="#e69f00", pattern="level"),
    LegendClass(key="crime", label="", colour="#0072b2", pattern="upright"),
)


def qgis_styles(
    analysis: Analysis,
    layers: Mapping[str, gpd.GeoDataFrame | pd.DataFrame],
    choices: Sequence[ClassLayer],
) -> dict[str, list[LayerStyle]]:
    """Paint every layer with geometry as the map does.

    Parameters
    ----------
    analysis : Analysis
        What was found.
    layers : mapping of str to geopandas.GeoDataFrame or pandas.DataFrame
        The layers of the GeoPackage.
    choices : sequence of ClassLayer
        The layers of the map, as ``map_layers`` gives them. Each becomes a style of every
        layer that has its classes as a column.

    Returns
    -------
    dict of str to list of LayerStyle
        By layer; QGIS opens it with the first. Layers without classes show their borders.
    """
    styles = {}
    for name, table in layers.items():
        if not isinstance(table, gpd.GeoDataFrame):
            continue
        if name == "scan_clusters":
            found = list(_circles(analysis, table))
        else:
            found = list(_painted(analysis, name, table, choices))
        borders = LayerStyle(name="Borders", border=_BORDERS.get(name, 0.2))
        styles[name] = found or [borders]
    return styles


def _painted(
    analysis: Analysis, layer: str, table: pd.DataFrame, choices: Sequence[ClassLayer]
) -> Iterator[LayerStyle]:
    """Make a style of every layer of the map whose classes stand in a column."""
    prefixes = {words: f"{kind}_" for kind, words in KIND_WORDS.items() if kind != "all"}
    for choice in choices:
        prefix = prefixes.get(choice.variant, "")
        name = str(choice.classes.name).removeprefix(prefix)
        if layer not in _COUNTY_LAYERS:
            name = _OF_AREAS.get(name, name)
        column = f"{prefix}{name}"
        if column not in table:
            continue
        of_counties = layer in _COUNTY_LAYERS
        of_crime = name == "crime_gi_class" and not of_counties
        occurring = set(table[column].dropna())
        yield LayerStyle(
            name=f"{choice.title}, {choice.variant}" if choice.variant else choice.title,
            description=crime_note(analysis, analysis.level) if of_crime else choice.note,
            column=column,
            legend=[entry for entry in choice.legend if entry.key in occurring],
            hatchings=list(_hatchings(analysis, choice, prefix)) if of_counties else (),
        )


def _hatchings(analysis: Analysis, choice: ClassLayer, prefix: str) -> Iterator[Hatching]:
    """Hatch what is known of the whole area, and what rests partly on that."""
    support = f"{prefix}support"
    if choice.hatched.any():
        label = choice.hatched_label
        yield Hatching(column=support, value=analysis.level, unless=[NOT_TESTED], label=label)
    if choice.partly is not None and choice.partly.any():
        yield Hatching(
            column=support,
            value=COUNTY,
            below={f"{prefix}located_share": WELL_LOCATED},
            unless=[entry.key for entry in GREYS],
            label=choice.partly_label,
            broken=True,
        )


def _circles(analysis: Analysis, table: pd.DataFrame) -> Iterator[LayerStyle]:
    """Paint circles of crime with those of one kind of arrests, on one kind of units.

    Where no arrests are scanned on such units, crime stands alone: no circle is left bare.
    """
    noun = analysis.inputs.crime.noun
    for units in (COUNTY, analysis.level):
        found = table[table["units"] == units]
        kinds = [kind for kind in analysis.kinds if (found["kind"] == kind).any()]
        for kind in kinds:
            words = {"arrests": f"High rates of {KIND_WORDS[kind]}", "crime": f"High {noun} rates"}
            yield _circle_style(
                f"Circles of {KIND_WORDS[kind]} and {noun}, by {units}", words, units, [kind, ""]
            )
        if not kinds and len(found):
            words = {"crime": f"High {noun} rates"}
            yield _circle_style(f"Circles of {noun}, by {units}", words, units, [""])


def _circle_style(
    name: str, words: Mapping[str, str], units: str, kinds: Sequence[str]
) -> LayerStyle:
    return LayerStyle(
        name=name,
        column="map",
        legend=[replace(each, label=words[each.key]) for each in _CIRCLES if each.key in words],
        only={"units": [units], "kind": kinds},
        opacity=0.6,
        border=0.4,
    )
