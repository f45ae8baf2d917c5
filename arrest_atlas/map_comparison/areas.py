"""A map known by larger areas: tested on the areas, and only then given to the units."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely import GeometryCollection

from arrest_atlas.map_tests.reading import name_rows
from geo import Problem
from spatial_models import HotSpots, attach_isolates, coarsen_graph, hot_spots

if TYPE_CHECKING:
    from libpysal.graph import Graph

__all__ = ["FEWEST_AREAS", "area_hot_spots", "area_names", "area_problems"]

FEWEST_AREAS: Final = 10
"""Of fewer, an area and its neighbours are most of the map, and cannot stand out of it."""

_SHOWN: Final = 3
_ROUNDING: Final = 1e-12
"""Of the size of a value: the same number, written or added up in another way."""


def area_names(column: pd.Series, identifiers: pd.Index) -> pd.Series:
    """Read the larger area of each unit.

    Parameters
    ----------
    column : pandas.Series
        Names, numbers or codes, as the file has them.
    identifiers : pandas.Index
        Of the units.

    Returns
    -------
    pandas.Series of str
        Missing where the unit lies in no area, also where its name is blank.

    Examples
    --------
    >>> area_names(pd.Series([7.0, 8.0, None]), pd.Index(["a", "b", "c"])).tolist()
    ['7', '8', nan]
    """
    names = column.convert_dtypes().astype("string").str.strip()
    named = names.where(names != "").to_numpy(dtype=object, na_value=np.nan)
    return pd.Series(named, index=identifiers, name=column.name, dtype=object)


def area_problems(values: pd.Series, area: pd.Series, *, file: str) -> Iterator[Problem]:
    """Tell why a column cannot be known by the areas that were named.

    Parameters
    ----------
    values : pandas.Series of float
        The column, by unit; named.
    area : pandas.Series of str
        Area of each unit, in the same order; named.
    file : str
        Name of the file, for messages.

    Yields
    ------
    Problem
        Areas with several values, an area for each unit, or too few areas.

    Examples
    --------
    >>> rows = pd.RangeIndex(1, 4, name="row")
    >>> values = pd.Series([1.0, 2.0, 3.0], index=rows, name="rate")
    >>> area = pd.Series(["A", "A", "B"], index=rows, name="office")
    >>> next(area_problems(values, area, file="map.gpkg")).found
    'several values in one area: A (1 in row 1, 2 in row 2)'
    """
    known = (values.notna() & area.notna()).to_numpy()
    by_area = values[known].groupby(area[known].to_numpy())
    low, high = by_area.min(), by_area.max()
    several = low.index[high - low > _ROUNDING * np.maximum(low.abs(), high.abs())]
    if len(several):
        shown = "; ".join(_values_in(str(name), values, area) for name in several[:_SHOWN])
        more = f"; and {len(several) - _SHOWN:,} more areas" if len(several) > _SHOWN else ""
        yield Problem(
            file=file,
            where=f"column {values.name!r}",
            found=f"several values in one area: {shown}{more}",
            expected=f"one value in all rows of an area, which --area {area.name} says it is of",
            action="name the areas by which it is known, or leave --area out where it is known by "
            "row",
        )
    if len(low) and (by_area.size() == 1).all():
        yield Problem(
            file=file,
            where=f"column {area.name!r}",
            found="an area of its own for each row",
            expected="larger areas, of several rows",
            action="name another --area, or leave it out",
        )
    elif len(low) < FEWEST_AREAS:
        yield Problem(
            file=file,
            where=f"column {area.name!r}",
            found=f"{len(low)} areas with a value of {values.name!r}",
            expected=f"{FEWEST_AREAS} or more: hot spots are looked for among the areas",
            action="compare maps of more areas",
        )


def _values_in(name: str, values: pd.Series, area: pd.Series) -> str:
    """Show two values of an area that differ, and where they stand."""
    inside = (area == name).to_numpy() & values.notna().to_numpy()
    numbers = values.to_numpy()
    first = int(np.flatnonzero(inside)[0])
    off = np.where(inside, np.abs(numbers - numbers[first]), -1.0)
    told = ", ".join(
        f"{numbers[at]:.6g} in {name_rows(np.arange(len(values)) == at, values.index)}"
        for at in (first, int(off.argmax()))
    )
    return f"{name} ({told})"


def area_hot_spots(
    values: pd.Series,
    area: pd.Series,
    graph: Graph,
    places: gpd.GeoSeries,
    *,
    alpha: float,
    attach: bool = False,
) -> tuple[HotSpots, HotSpots]:
    """Find hot spots among areas, and give each unit what was found of its area.

    Tested as if they were the units' own, values that units bear together make each other
    hot, whatever they are.

    Parameters
    ----------
    values : pandas.Series of float
        One value in all units of an area; a unit without has no data.
    area : pandas.Series of str
        Area of each unit.
    graph : libpysal.graph.Graph
        Graph of the units; areas are neighbours where any of their units are.
    places : geopandas.GeoSeries
        Places of the units.
    alpha : float
        Level of the false discovery rate that makes an area hot or cold.
    attach : bool
        Whether an area without neighbours is joined to the nearest.

    Returns
    -------
    areas : HotSpots
        Of the areas.
    units : HotSpots
        The same, given to the units.

    Examples
    --------
    >>> from libpysal.graph import Graph
    >>> units = [1, 2, 3, 4]
    >>> chain = Graph.from_arrays([1, 2, 2, 3, 3, 4], [2, 1, 3, 2, 4, 3], [1] * 6)
    >>> values = pd.Series([7.0, 7.0, 5.0, 6.0], index=units)
    >>> area = pd.Series(["A", "A", "B", "C"], index=units)
    >>> places = gpd.GeoSeries.from_xy(units, units, index=units)
    >>> areas, given = area_hot_spots(values, area, chain, places, alpha=0.05)
    >>> areas.test.n, given.scores.round(2)
    (3, array([ 0.87,  0.87, -0.87,  0.  ]))
    """
    joined = coarsen_graph(graph, area)
    if attach:
        joined = attach_isolates(joined, _centres(places, area))
    areas = hot_spots(values.groupby(area).first(), joined.transform("R"), alpha=alpha)
    return areas, areas.given_to(area.where(values.notna()).reindex(graph.unique_ids))


def _centres(places: gpd.GeoSeries, area: pd.Series) -> gpd.GeoSeries:
    """Find the middle of each area; its parts need not fit each other."""
    together = places.groupby(area.to_numpy()).agg(lambda parts: GeometryCollection([*parts]))
    return gpd.GeoSeries(together, crs=places.crs).apply(lambda parts: parts.centroid)
