"""Zones (a state within an area of responsibility), and larger areas made of counties."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd

from boundaries._package_data import read_geometry
from boundaries.projection import OUTLYING
from boundaries.vintage import CANONICAL_VINTAGE

__all__ = ["dissolve_counties", "load_zones"]


def load_zones() -> pd.DataFrame:
    """Load the 62 zones: each state within each area of responsibility.

    Only New York, California and Texas are split over several offices, so a zone is
    nearly always a state.

    Returns
    -------
    pandas.DataFrame
        Indexed by ``zone`` (``TX-DAL``), with ``state``, ``aor``, ``counties`` (how
        many) and ``conterminous`` (56 of the 62 lie in the 48 states and the District
        of Columbia).

    Examples
    --------
    >>> zones = load_zones()
    >>> len(zones), int(zones["conterminous"].sum())
    (62, 56)
    """
    counties = read_geometry(f"counties_{CANONICAL_VINTAGE}").dropna(subset=["zone"])
    zones: pd.DataFrame = counties.groupby("zone").agg(
        state=("state", "first"), aor=("aor", "first"), counties=("name", "size")
    )
    zones["conterminous"] = ~zones["state"].isin(OUTLYING)
    return zones


def dissolve_counties(counties: gpd.GeoDataFrame, by: str) -> gpd.GeoDataFrame:
    """Merge counties into zones, areas of responsibility or states.

    Parameters
    ----------
    counties : geopandas.GeoDataFrame
        Counties as :func:`load_counties` gives them, or a part of them.
    by : {"zone", "aor", "state"}
        The column that names the larger area; counties without one are left out.

    Returns
    -------
    geopandas.GeoDataFrame
        Indexed by `by` in ascending order, with ``land_area_km2`` (summed) and
        ``geometry`` in the CRS of the counties.

    Examples
    --------
    >>> from boundaries import load_counties
    >>> dissolve_counties(load_counties(), "aor").shape[0]
    25
    """
    columns = [by, "land_area_km2", "geometry"]
    # Census boundaries share their vertices, so a union along shared edges is exact.
    return counties[columns].dissolve(by=by, aggfunc="sum", method="coverage")
