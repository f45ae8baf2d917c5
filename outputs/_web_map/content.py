"""What a web map is made of, and whether it is complete."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from boundaries import GEOGRAPHIC_CRS
from outputs.classes import PATTERNS, ClassLayer, ImageOverlay, LegendClass

_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
_IMAGE = "data:image/png;base64,"


@dataclass(frozen=True, kw_only=True)
class MapContent:
    """What `outputs.build_map` was given."""

    counties: gpd.GeoDataFrame
    unit: tuple[str, str]
    layers: Sequence[ClassLayer]
    popups: pd.DataFrame
    tables: Mapping[str, pd.DataFrame]
    marks: Mapping[str, pd.Series[str]]
    periods: str
    keywords: pd.Series[str]
    outlines: Mapping[str, gpd.GeoDataFrame]
    places: Mapping[str, gpd.GeoDataFrame]
    overlays: Sequence[ImageOverlay]
    beside: tuple[str, str] | None
    simulated: bool


def problems(content: MapContent) -> Iterator[str]:
    """Find all that is wrong with the input, not only the first."""
    yield from _name_problems(content)
    yield from _geometry_problems(content)
    counties = content.counties
    yield from _incomplete("popups", content.popups, counties)
    yield from _incomplete("keywords", content.keywords, counties)
    yield from _table_problems(content)
    for layer in content.layers:
        yield from _layer_problems(layer, counties)
    for overlay in content.overlays:
        if not overlay.image.startswith(_IMAGE):
            yield f"overlay {overlay.label!r}: the image is no address that begins {_IMAGE!r}"
        yield from _legend_problems(f"overlay {overlay.label!r}", overlay.legend)
        if overlay.variant and overlay.variant not in variants_of(content.layers):
            yield f"overlay {overlay.label!r}: no layer has the variant {overlay.variant!r}"
        if overlay.figures is not None:
            yield from _incomplete(f"overlay {overlay.label!r}, figures", overlay.figures, counties)


def _table_problems(content: MapContent) -> Iterator[str]:
    expected, found = variants_of(content.layers), list(content.tables)
    if sorted(found) != sorted(expected):
        yield f"table: found those of {found}, expected one for each of the variants {expected}"
    for variant, table in content.tables.items():
        missing = content.counties.index.difference(table.index)
        if len(missing):
            name = f"table {variant!r}" if variant else "table"
            yield f"{name}: {len(missing)} counties have no row, such as {missing[0]}"
    for label, marks in content.marks.items():
        with_it = [table for table in content.tables.values() if label in table]
        if not any(pd.api.types.is_numeric_dtype(table[label]) for table in with_it):
            yield f"marks {label!r}: no table has such a column of numbers"
        yield from _incomplete(f"marks {label!r}", marks, content.counties)


def variants_of(layers: Sequence[ClassLayer]) -> list[str]:
    """List the variants in order, or the one that is empty where no layer has any."""
    return list(dict.fromkeys(layer.variant for layer in layers if layer.variant)) or [""]


def _name_problems(content: MapContent) -> Iterator[str]:
    if not content.layers:
        yield "there is no layer; give at least one"
    names = [(layer.title, layer.variant) for layer in content.layers]
    for title, variant in sorted({name for name in names if names.count(name) > 1}):
        yield f"layer {title!r}: there are several of the variant {variant!r}; name them apart"
    taken = {layer.title for layer in content.layers}
    for overlay in content.overlays:
        if overlay.label in taken:
            yield f"overlay {overlay.label!r}: another choice has this name; name them apart"
        taken.add(overlay.label)
    for title in content.beside or ():
        if title not in {layer.title for layer in content.layers}:
            yield f"side by side: there is no layer {title!r}"


def _geometry_problems(content: MapContent) -> Iterator[str]:
    counties = content.counties
    if not counties.index.is_unique:
        repeated = counties.index[counties.index.duplicated()]
        yield f"counties: {repeated[0]} occurs more than once; expected each county once"
    for name, areas in {"counties": counties, **content.outlines, **content.places}.items():
        if areas.crs != GEOGRAPHIC_CRS:
            yield f"{name}: the CRS is {areas.crs}, expected {GEOGRAPHIC_CRS}; use to_crs"
    for name, places in content.places.items():
        if "name" not in places or not (places.geom_type == "Point").all():
            yield f"{name}: expected points with a column 'name'"


def _layer_problems(layer: ClassLayer, counties: gpd.GeoDataFrame) -> Iterator[str]:
    name = f"layer {layer.title!r}"
    yield from _incomplete(f"{name}, classes", layer.classes, counties)
    yield from _incomplete(f"{name}, hatched", layer.hatched, counties)
    keys = {entry.key for entry in layer.legend}
    if unknown := set(layer.classes.dropna()) - keys:
        yield f"{name}: the legend lacks {sorted(unknown)}"
    yield from _legend_problems(name, layer.legend)
    if layer.partly is not None:
        yield from _incomplete(f"{name}, partly", layer.partly, counties)
    if layer.figures is not None:
        yield from _incomplete(f"{name}, figures", layer.figures, counties)
    if layer.areas is not None:
        hatched = counties[flags(layer.hatched.reindex(counties.index, fill_value=False), counties)]
        yield from _incomplete(f"{name}, areas", layer.areas, hatched)
    if layer.opacity is not None:
        shares = layer.opacity.dropna()
        if not shares.between(0, 1).all():
            yield f"{name}, opacity: found {shares.min():g} to {shares.max():g}, expected 0 to 1"
    if layer.grid is not None:
        shape = (len(layer.grid.up_steps), len(layer.grid.across_steps))
        if [len(row) for row in layer.grid.keys] != [shape[1]] * shape[0]:
            yield f"{name}, grid: expected keys in {shape[0]} rows of {shape[1]}"
        if lacking := {key for row in layer.grid.keys for key in row} - keys:
            yield f"{name}, grid: the legend lacks {sorted(lacking)}"


def _legend_problems(name: str, legend: Sequence[LegendClass]) -> Iterator[str]:
    for entry in legend:
        if not _COLOUR.fullmatch(entry.colour):
            yield f"{name}: {entry.colour!r} is no colour, expected #rrggbb"
        if entry.pattern not in PATTERNS:
            yield f"{name}: {entry.pattern!r} is no pattern, expected one of {PATTERNS[1:]}"


def _incomplete(
    name: str, values: pd.DataFrame | pd.Series[Any], counties: gpd.GeoDataFrame
) -> Iterator[str]:
    missing = counties.index.difference(values.dropna().index)
    if len(missing):
        yield f"{name}: {len(missing)} counties have no value, such as {missing[0]}"


def flags(values: pd.Series[bool] | None, counties: gpd.GeoDataFrame) -> np.ndarray:
    """Take yes or no in the order of the counties; no everywhere if there is nothing."""
    if values is None:
        return np.zeros(len(counties), dtype=bool)
    taken: np.ndarray = values.loc[counties.index].to_numpy(dtype=bool)
    return taken
