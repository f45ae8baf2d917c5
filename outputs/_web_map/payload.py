"""The web map's data as the script reads them: each text and each shape once."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from outputs._web_map.content import MapContent, flags
from outputs._web_map.geometry import (
    COUNTRY,
    Frame,
    display_grid,
    encode_borders,
    encode_shapes,
    frame_of,
    membership,
)
from outputs.classes import ClassLayer, ImageOverlay, LegendClass

# Where the buttons lead: label, states, (south, west), (north, east). Places east of the
# antimeridian's far side carry longitudes below -180, as in the display geometry.
_MAINLAND: Final = ("48 states", ((24.3, -125.0), (49.6, -66.7)))
_OUTLYING: Final = (
    ("Alaska", {"AK"}, ((51.0, -189.0), (71.5, -129.5))),
    ("Hawaii", {"HI"}, ((18.8, -160.4), (22.3, -154.7))),
    ("Puerto Rico", {"PR", "VI"}, ((17.6, -67.5), (18.6, -64.5))),
    ("Guam", {"GU", "MP"}, ((13.1, -216.0), (15.4, -213.6))),
)
_THICKEST, _THINNER = 2.6, 1.0

_OPACITY_STEPS = 20
_FULL = -1
_MOST_DECIMALS = 4
_PLACES_OF_A_DEGREE = 3


def script_safe(payload: Mapping[str, Any]) -> str:
    """Write JSON that neither HTML nor Jinja can mistake for its own.

    Folium renders a template's result as a template once more, so data could otherwise
    speak Jinja; JSON itself never opens two braces, only its strings do.
    """
    text = json.dumps(payload, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return re.sub(r"\{(?=[{%#])", r"\\u007b", text)


def payload(content: MapContent) -> dict[str, Any]:
    """Write what the script is given."""
    counties = content.counties
    states = counties.get("state")
    frame = frame_of(counties) if states is None else COUNTRY
    areas = display_grid(counties, frame)
    return {
        "unit": content.unit,
        "unitsPerDegree": frame.units_per_degree,
        "simulated": content.simulated,
        "ids": counties.index.astype(str).tolist(),
        "names": counties["legal_name"].tolist(),
        "states": None if states is None else states.tolist(),
        "keywords": _shared(content.keywords.loc[counties.index]),
        "shapes": encode_shapes(areas),
        "layers": [_layer(layer, counties) for layer in content.layers],
        "beside": content.beside,
        "rows": [
            {"label": str(label), **_shared(texts)}
            for label, texts in content.popups.loc[counties.index].items()
        ],
        **_tables(content),
        "periods": content.periods,
        "outlines": [
            {
                "label": label,
                "weight": weight,
                "lines": encode_borders(areas, membership(counties, content.outlines[label])),
            }
            for label, weight in _line_weights(content.outlines).items()
        ],
        "places": [_places(label, places, frame) for label, places in content.places.items()],
        "overlays": [_overlay(overlay, counties) for overlay in content.overlays],
        "views": [_whole(areas, frame)] if states is None else list(_views(set(states))),
    }


def _layer(layer: ClassLayer, counties: gpd.GeoDataFrame) -> dict[str, Any]:
    keys = layer.classes.loc[counties.index].to_numpy()
    hatched = flags(layer.hatched, counties)
    partly = flags(layer.partly, counties) & ~hatched
    opacity = _steps(layer, counties)
    arranged = {key for row in layer.grid.keys for key in row} if layer.grid else set()
    legend = [entry for entry in layer.legend if entry.key in arranged or np.any(keys == entry.key)]
    position = {entry.key: at for at, entry in enumerate(legend)}
    return {
        "title": layer.title,
        "group": layer.group,
        "variant": layer.variant,
        "note": layer.note,
        "areaUnit": layer.area_unit,
        "areas": _distinct_areas(layer, counties, hatched),
        "hatchedLabel": layer.hatched_label,
        "partlyLabel": layer.partly_label,
        "legend": [
            _paint(entry)
            | {
                "count": int(np.sum(keys == entry.key)),
                "hatched": int(np.sum(hatched[keys == entry.key])),
                "areas": _distinct_areas(layer, counties, hatched & (keys == entry.key)),
                "shaded": bool(np.any(opacity[keys == entry.key] != _FULL)),
            }
            for entry in legend
        ],
        "classes": [position[key] for key in keys],
        "hatched": "".join(np.select([hatched, partly], ["1", "2"], "0").tolist()),
        "opacity": opacity.tolist() if layer.opacity is not None else None,
        "opacityLabel": layer.opacity_label,
        "figures": _figures(layer.figures, counties),
        "grid": _grid(layer, position),
    }


def _distinct_areas(layer: ClassLayer, counties: gpd.GeoDataFrame, taken: np.ndarray) -> int | None:
    """Count the larger areas of some counties, where these are known."""
    if layer.areas is None:
        return None
    return int(layer.areas.reindex(counties.index)[taken].nunique())


def _steps(layer: ClassLayer, counties: gpd.GeoDataFrame) -> np.ndarray:
    """Round opacity to steps, each of which is one paint of the script."""
    if layer.opacity is None:
        return np.full(len(counties), _FULL)
    steps = (layer.opacity.reindex(counties.index).astype("float64") * _OPACITY_STEPS).round()
    taken: np.ndarray = steps.fillna(_FULL).to_numpy(dtype=np.int64)
    return taken


def _paint(entry: LegendClass) -> dict[str, Any]:
    return {
        "key": entry.key,
        "label": entry.label,
        "short": entry.short or entry.label,
        "colour": entry.colour,
        "pattern": entry.pattern,
    }


def _grid(layer: ClassLayer, position: Mapping[str, int]) -> dict[str, Any] | None:
    if layer.grid is None:
        return None
    return {
        "across": layer.grid.across,
        "up": layer.grid.up,
        "acrossSteps": list(layer.grid.across_steps),
        "upSteps": list(layer.grid.up_steps),
        "rows": [[position[key] for key in row] for row in layer.grid.keys],
    }


def _shared(texts: pd.Series[str]) -> dict[str, Any]:
    """Write each text once: many counties share theirs."""
    codes, distinct = pd.factorize(texts)
    return {"texts": [str(text) for text in distinct], "codes": codes.tolist()}


def _tables(content: MapContent) -> dict[str, Any]:
    """Write each column once: the tables of several variants share most of theirs."""
    numbers: dict[str, int] = {}
    columns: list[dict[str, Any]] = []
    tables: dict[str, list[int]] = {}
    for variant, table in content.tables.items():
        tables[variant] = []
        for label, values in table.loc[content.counties.index].items():
            column = _column(label, values)
            if str(label) in content.marks:
                column["marks"] = _shared(content.marks[str(label)].loc[content.counties.index])
            number = numbers.setdefault(json.dumps(column), len(columns))
            if number == len(columns):
                columns.append(column)
            tables[variant].append(number)
    return {"columns": columns, "tables": tables}


def _column(label: object, values: pd.Series[Any]) -> dict[str, Any]:
    """Write numbers with as many decimals as they need at most, other values as text."""
    if not pd.api.types.is_numeric_dtype(values):
        return {"label": str(label), **_shared(values.fillna("").astype(str))}
    numbers = values.astype("float64")
    known = numbers[np.isfinite(numbers)]
    decimals = next(
        (places for places in range(_MOST_DECIMALS) if (known == known.round(places)).all()),
        _MOST_DECIMALS,
    )
    written = [
        (int(value) if decimals == 0 else round(value, decimals)) if np.isfinite(value) else None
        for value in numbers.tolist()
    ]
    return {"label": str(label), "decimals": decimals, "values": written}


def _places(label: str, places: gpd.GeoDataFrame, frame: Frame) -> dict[str, Any]:
    points = frame.turn(shapely.get_coordinates(places.geometry.to_numpy()))
    return {
        "label": label,
        "names": places["name"].astype(str).tolist(),
        "points": points.round(_PLACES_OF_A_DEGREE).tolist(),
    }


def _figures(figures: pd.Series[str] | None, counties: gpd.GeoDataFrame) -> dict[str, Any] | None:
    return None if figures is None else _shared(figures.loc[counties.index])


def _overlay(overlay: ImageOverlay, counties: gpd.GeoDataFrame) -> dict[str, Any]:
    return {
        "label": overlay.label,
        "variant": overlay.variant,
        "figures": _figures(overlay.figures, counties),
        "note": overlay.note,
        "image": overlay.image,
        "bounds": overlay.bounds,
        "legend": [_paint(entry) for entry in overlay.legend],
    }


def _line_weights(outlines: Mapping[str, gpd.GeoDataFrame]) -> dict[str, float]:
    """Give the fewest areas the thickest lines, and draw those last."""
    by_count = sorted(outlines, key=lambda label: -len(outlines[label]))
    weights = [_THINNER] * (len(by_count) - 1) + [_THICKEST]
    return dict(zip(by_count, weights, strict=False))


def _whole(areas: np.ndarray, frame: Frame) -> dict[str, Any]:
    west, south, east, north = (shapely.total_bounds(areas) / frame.units_per_degree).tolist()
    return {"label": "Whole map", "bounds": ((south, west), (north, east))}


def _views(states: set[str]) -> Iterator[dict[str, Any]]:
    """Offer a button for every part of the country that the counties reach."""
    outlying = set[str]().union(*(members for _, members, _ in _OUTLYING))
    if states - outlying:
        yield {"label": _MAINLAND[0], "bounds": _MAINLAND[1]}
    for label, members, bounds in _OUTLYING:
        if states & members:
            yield {"label": label, "bounds": bounds}
