"""Counties and states, as polygons with names and the offices responsible for them."""

from __future__ import annotations

from typing import Literal

import geopandas as gpd

from boundaries._package_data import read_geometry
from boundaries.projection import CONTERMINOUS_CRS, OUTLYING
from boundaries.vintage import CANONICAL_VINTAGE, Vintage, county_codes

__all__ = ["load_counties", "load_states"]


def load_counties(
    *,
    vintage: Vintage = CANONICAL_VINTAGE,
    extent: Literal["all", "conterminous"] = "all",
) -> gpd.GeoDataFrame:
    """Load the counties and county equivalents of the United States.

    Source: U.S. Census Bureau, Cartographic Boundary Files, 1:5,000,000. Area of
    responsibility (AOR) of ICE's field offices: Deportation Data Project.

    Parameters
    ----------
    vintage : {2019, 2023}, default 2019
        Year of the boundary file; 2019 is the one that tables are keyed by.
    extent : {"all", "conterminous"}, default "all"
        ``"all"`` gives every county, parish, municipio, ... of the states and
        territories in longitude and latitude (EPSG:4269); ``"conterminous"`` the 48
        states and the District of Columbia in the equal-area EPSG:5070 (metres), in
        which they can be measured together.

    Returns
    -------
    geopandas.GeoDataFrame
        Indexed by ``county_fips`` (five digits, ascending), with ``name``,
        ``legal_name``, ``state`` (postal code), ``state_fips``, ``aor`` (field office
        code; missing in American Samoa), ``zone`` (state and office, ``TX-DAL``),
        ``land_area_km2`` and ``geometry``.

    Raises
    ------
    VintageError
        If no boundary file of that year is embedded.

    Examples
    --------
    >>> counties = load_counties()
    >>> counties.loc["48201", ["legal_name", "state", "aor", "zone"]].tolist()
    ['Harris County', 'TX', 'HOU', 'TX-HOU']
    >>> len(load_counties(extent="conterminous"))
    3108
    """
    county_codes(vintage)  # an unknown vintage is refused here, with its message
    counties = read_geometry(f"counties_{vintage}").copy()
    if extent == "all":
        return counties
    return counties[~counties["state"].isin(OUTLYING)].to_crs(CONTERMINOUS_CRS)


def load_states() -> gpd.GeoDataFrame:
    """Load the states, the District of Columbia and the territories.

    Source: U.S. Census Bureau, Cartographic Boundary Files 2019, 1:5,000,000.

    Returns
    -------
    geopandas.GeoDataFrame
        56 rows indexed by ``state`` (postal code), with ``name``, ``state_fips`` and
        ``geometry`` (EPSG:4269).

    Examples
    --------
    >>> load_states().loc["LA", "name"]
    'Louisiana'
    """
    return read_geometry("states_2019").copy()
