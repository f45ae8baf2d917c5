"""A result as a map, at once: for notebooks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import folium
import geopandas as gpd
import numpy as np
import pandas as pd

from boundaries import GEOGRAPHIC_CRS
from outputs.classes import ClassLayer, LegendClass
from outputs.errors import OutputError
from outputs.legends import (
    NO_ANSWER,
    comparison_legend,
    hot_spot_legend,
    legend_of,
    local_legend,
)
from outputs.web_map import build_map
from spatial_models import (
    NO_DATA,
    HotSpotComparison,
    HotSpots,
    LocalResult,
    LocalTwoMapResult,
    RateHotSpots,
    ScanResult,
)

__all__ = ["Explorable", "explore"]

Explorable = LocalResult | LocalTwoMapResult | HotSpots | HotSpotComparison | ScanResult | pd.Series
"""What gives every place a class."""

_POLYGONS: Final = ["Polygon", "MultiPolygon"]
_MANY: Final = 1_000
"""From where on numbers are written whole."""

_DECIMALS: Final = 4
_REACH: Final = (360, 90, 360, 90)
"""Longitude and latitude at most; no number is not within it."""


@dataclass(frozen=True, kw_only=True)
class _Shown:
    """What the map shows of a result."""

    title: str
    notes: Sequence[str]
    classes: pd.Series
    legend: Sequence[LegendClass]
    frame: pd.DataFrame


def explore(
    result: Explorable,
    places: gpd.GeoDataFrame,
    *,
    name: str | None = None,
    title: str | None = None,
    tiles: str | None = None,
) -> folium.Map:
    """Show a result on an interactive map, in a notebook or as a page.

    A notebook shows the map where it is the last line of a cell; no network is needed.
    `render_map` writes it as one HTML page.

    Parameters
    ----------
    result : LocalResult, LocalTwoMapResult, HotSpots, HotSpotComparison, ScanResult or Series
        What a spatial test found (`RateHotSpots` are `HotSpots`), or a Series of classes by
        place, with missing values for no data. The classes of the tests have words and
        colours; six others can be told apart, in the order of a categorical Series.
    places : geopandas.GeoDataFrame
        Polygons in any CRS, one a place of the result, indexed by its identifiers.
    name : str, optional
        Column of `places` that names them; else their identifiers do.
    title : str, optional
        What the map shows; else the test's name, or that of the Series.
    tiles : str, optional
        Base map, as `build_map` takes it. By default there is none, and no network.

    Returns
    -------
    folium.Map
        A click on a place shows its row of ``result.to_frame()``, the table below holds all.

    Raises
    ------
    OutputError
        If places and result do not fit each other, are no polygons or have no CRS, or
        classes are more than can be told apart.

    Examples
    --------
    >>> from shapely import box
    >>> from outputs import render_map
    >>> places = gpd.GeoDataFrame(
    ...     {"town": ["Here", "There"]}, index=["a", "b"], crs="EPSG:25833",
    ...     geometry=[box(4e5, 5.8e6, 4.1e5, 5.81e6), box(4.1e5, 5.8e6, 4.2e5, 5.81e6)])
    >>> classes = pd.Series({"a": "hot 99%", "b": None}, name="Hot spots")
    >>> web_map = explore(classes, places, name="town")
    >>> "Hot at 99%" in render_map(web_map)
    True
    """
    shown = _shown(result)
    if found := list(_problems(shown.frame.index, places, name)):
        raise OutputError("the map cannot be drawn:\n- " + "\n- ".join(found))
    drawn = places.loc[shown.frame.index].to_crs(GEOGRAPHIC_CRS)
    ids = drawn.index.astype("str").to_series(drawn.index)
    names = ids if name is None else drawn[name].astype("str").where(drawn[name].notna(), ids)
    units = gpd.GeoDataFrame({"legal_name": names}, geometry=drawn.geometry)
    if not (np.abs(units.total_bounds) <= _REACH).all():
        message = (
            f"the map cannot be drawn: places of {places.crs.name} lie outside its reach; "
            "expected coordinates of that CRS; use set_crs with the one that they are in"
        )
        raise OutputError(message)
    layer = ClassLayer(
        title=title or shown.title,
        note="",
        classes=shown.classes,
        hatched=pd.Series(data=False, index=units.index),
        legend=shown.legend,
        hatched_label="",
    )
    numbers = shown.frame.select_dtypes("number")
    return build_map(
        units,
        [layer],
        popups=shown.frame.map(_words),
        outlines={},
        title=title or shown.title,
        notes=shown.notes,
        table={"": numbers.astype("float64").round(_DECIMALS)},
        tiles=tiles,
        unit=("place", "places"),
    )


def _shown(result: Explorable) -> _Shown:
    if isinstance(result, pd.Series):
        return _series(result)
    if isinstance(result, HotSpots):
        rates = isinstance(result, RateHotSpots)
        known = [*hot_spot_legend("rates" if rates else "values"), *NO_ANSWER]
        return _test(result, result.test, "Hot and cold spots", known)
    if isinstance(result, HotSpotComparison):
        known = [*comparison_legend(*result.labels), *NO_ANSWER]
        return _test(result, result, " and ".join(result.labels), known)
    if isinstance(result, LocalTwoMapResult):
        caution = "Its p-values are those of random labelling: no evidence of association."
        return _test(result, result, result.name, local_legend(two_maps=True), caution)
    if isinstance(result, LocalResult | ScanResult):
        return _test(result, result, result.name, local_legend())
    message = (
        f"found a {type(result).__name__}, which has no class for each place; expected a result "
        "of hot_spots, local_moran, compare_hotspots, scan_poisson or the like, or a Series"
    )
    raise OutputError(message)


def _test(
    result: HotSpots | HotSpotComparison | LocalResult | LocalTwoMapResult | ScanResult,
    test: HotSpotComparison | LocalResult | LocalTwoMapResult | ScanResult,
    title: str,
    known: Sequence[LegendClass],
    *notes: str,
) -> _Shown:
    return _Shown(
        title=title[0].upper() + title[1:],
        notes=[*repr(result).splitlines(), *notes],
        classes=pd.Series(test.classes, index=test.ids),
        legend=known,
        frame=result.to_frame(),
    )


def _series(classes: pd.Series) -> _Shown:
    """Show any classes, in their own order; a class of the tests as the tests do."""
    ordered = (
        classes.cat.categories
        if isinstance(classes.dtype, pd.CategoricalDtype)
        else sorted(classes.dropna().unique())
    )
    named = classes.astype(object)
    named = named.where(classes.notna(), NO_DATA).astype(str)
    present = set(named)
    keys = [key for key in dict.fromkeys([*map(str, ordered), NO_DATA]) if key in present]
    title = "Classes" if classes.name is None else str(classes.name)
    return _Shown(
        title=title,
        notes=[f"{len(classes):,} places in {len(keys):,} classes."],
        classes=named,
        legend=legend_of(keys, known=local_legend()),
        frame=named.to_frame(title),
    )


def _problems(ids: pd.Index, places: gpd.GeoDataFrame, name: str | None) -> Iterator[str]:
    for what, index in (("result", ids), ("places", places.index)):
        if not index.is_unique:
            yield f"{what}: {index[index.duplicated()][0]} occurs more than once; expected it once"
    for missing, where, what in (
        (ids.difference(places.index), "places", "stand in the result only"),
        (places.index.difference(ids), "result", "stand in the places only"),
    ):
        if len(missing):
            yield (
                f"{where}: {len(missing):,} identifiers {what}, such as {missing[0]}; expected "
                "the same ones; index the places by the result's identifiers, or take "
                "places.loc[result.to_frame().index]"
            )
    if places.crs is None:
        yield "places: found no CRS; expected one; use set_crs"
    wrong = places.index[~places.geom_type.isin(_POLYGONS) | places.is_empty]
    if len(wrong):
        yield f"places: {len(wrong):,} are no polygons, such as {wrong[0]}; expected polygons"
    if name is not None and name not in places:
        yield f"places: there is no column {name!r}; expected one of {list(places.columns)}"


def _words(value: Any) -> str:
    """Write a cell of the popup; nothing where it is missing."""
    if pd.isna(value):
        return ""
    if isinstance(value, float):
        return f"{value:,.0f}" if _MANY <= abs(value) < np.inf else f"{value:.4g}"
    return f"{value:,}" if isinstance(value, int | np.integer) else str(value)
