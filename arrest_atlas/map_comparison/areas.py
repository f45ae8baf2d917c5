"""A map known by larger areas: both maps are brought to the areas and compared among them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from arrest_atlas.map_tests.reading import name_rows
from geo import Problem

__all__ = ["area_counts", "area_means", "area_names", "area_places", "area_problems"]

_COVERAGE: Final = 0.8
"""Share of an area whose units have a value, below which the area has none."""

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
        Areas with several values, or an area for each unit.

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


def area_means(values: pd.Series, area: pd.Series) -> pd.Series:
    """Average a column over the units of each area.

    Parameters
    ----------
    values : pandas.Series of float
        By unit; NaN where missing.
    area : pandas.Series of str
        Area of each unit, in the same order; missing for a unit of no area.

    Returns
    -------
    pandas.Series of float
        By area: the mean over units with a value, each counting alike; NaN where fewer
        than four in five of its units have one.

    Examples
    --------
    >>> values, area = pd.Series([1.0, 3.0, 5.0, np.nan]), pd.Series(["a", "a", "b", "b"])
    >>> area_means(values, area).to_dict()
    {'a': 2.0, 'b': nan}
    """
    by_area = values.groupby(area.to_numpy())
    means: pd.Series = by_area.mean()
    return means.where(by_area.count() / by_area.size() >= _COVERAGE)


def area_counts(
    counts: pd.Series, people: pd.Series, area: pd.Series
) -> tuple[pd.Series, pd.Series]:
    """Add counts and people up over the units of each area that have both.

    Parameters
    ----------
    counts, people : pandas.Series of float
        By unit; NaN where missing.
    area : pandas.Series of str
        Area of each unit, in the same order; missing for a unit of no area.

    Returns
    -------
    counts : pandas.Series of float
        By area.
    people : pandas.Series of float
        By area. Both are NaN where units with fewer than four in five of its people have
        both numbers. A unit whose people are not known is taken to have as many as others
        of its area.

    Examples
    --------
    >>> counts, area = pd.Series([1.0, np.nan, 2.0]), pd.Series(["a", "a", "b"])
    >>> [each.to_dict() for each in area_counts(counts, pd.Series([90.0, 10.0, 20.0]), area)]
    [{'a': 1.0, 'b': 2.0}, {'a': 90.0, 'b': 20.0}]
    """
    areas = area.to_numpy()
    known = counts.notna() & (people > 0)
    among = people.fillna(people.groupby(areas).transform("mean")).groupby(areas).sum()
    served = people.where(known).groupby(areas).sum()
    enough = served / among.where(among > 0) >= _COVERAGE
    events = counts.where(known).groupby(areas).sum()
    return events.where(enough), served.where(enough)


def area_places(places: gpd.GeoSeries, area: pd.Series) -> gpd.GeoSeries:
    """Gather the places of the units of each area.

    Parameters
    ----------
    places : geopandas.GeoSeries
        Polygons or points, by unit.
    area : pandas.Series of str
        Area of each unit, in the same order; missing for a unit of no area.

    Returns
    -------
    geopandas.GeoSeries
        By area in ascending order: a collection of what its units are made of, whose
        borders need not fit each other.

    Examples
    --------
    >>> places = gpd.GeoSeries.from_xy([0, 2, 5], [0, 0, 0])
    >>> area_places(places, pd.Series(["a", "a", "b"])).centroid.x.to_dict()
    {'a': 1.0, 'b': 5.0}
    """
    parts, owner = shapely.get_parts(places.to_numpy(), return_index=True)
    codes, names = pd.factorize(area, sort=True)
    inside = codes[owner] >= 0
    order = np.argsort(codes[owner][inside], kind="stable")
    together = shapely.geometrycollections(
        parts[inside][order], indices=codes[owner][inside][order]
    )
    return gpd.GeoSeries(together, index=pd.Index(names), crs=places.crs)
