"""Whether centers of population lie in their counties."""

from __future__ import annotations

from typing import Final

import geopandas as gpd
import pandas as pd

from boundaries import load_counties, project_for_analysis
from geo._sheets import listing
from geo._table import Table
from geo.errors import Problem

_NEAR: Final = 10.0
"""Kilometres that a center may lie outside: polygons are generalised."""


def center_problems(table: Table, codes: pd.Series, places: pd.DataFrame) -> list[Problem]:
    """Report centers far outside their counties, with what would bring them in.

    A mean of places lies within the convex hull of a county, if not in the county itself:
    between its islands, say.
    """
    north, east = places["latitude"], places["longitude"]
    outside = _outside(codes, north, east)
    if not outside.any():
        return []
    codes, north, east = codes[outside], north[outside], east[outside]
    told = pd.Series("far outside their counties", index=codes.index, dtype="str")
    told[~_outside(codes, north, -east.abs())] = "east of Greenwich: the minus sign is missing"
    told[~_outside(codes, east, north)] = "exchanged: latitudes in place of longitudes"
    return [
        table.problem(
            where=f"rows {listing(rows.index)}" if len(rows) > 1 else f"row {rows.index[0]}",
            found=f"coordinates {reason}",
            expected=f"centers at most {_NEAR:g} km outside their counties",
            action="correct the coordinates, or leave the rows out",
        )
        for reason, rows in told.groupby(told)
    ]


def _outside(codes: pd.Series, north: pd.Series, east: pd.Series) -> pd.Series:
    """Tell which places lie outside their county, or their state where the code is older."""
    counties = load_counties()
    degrees = (north.abs() <= 90) & (east.abs() <= 180)  # noqa: PLR2004
    points = gpd.GeoSeries(
        gpd.points_from_xy(east.where(degrees), north.where(degrees)),
        index=codes.index,
        crs=counties.crs,
    )
    outside = ~degrees
    for state, mine in points[degrees].groupby(codes.str[:2]):
        projected = project_for_analysis(counties[counties.index.str[:2] == state])
        hulls = projected.convex_hull.reindex(codes[mine.index])
        whole = projected.union_all().convex_hull
        hulls = gpd.GeoSeries([hull or whole for hull in hulls], index=mine.index, crs=hulls.crs)
        outside[mine.index] = mine.to_crs(hulls.crs).distance(hulls) > _NEAR * 1_000
    return outside
