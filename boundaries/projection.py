"""Which coordinate reference system areas and distances are measured in."""

from __future__ import annotations

import geopandas as gpd

from boundaries.errors import BoundaryError

GEOGRAPHIC_CRS = "EPSG:4269"
"""NAD83 longitude and latitude, as the Census Bureau publishes its boundaries."""

CONTERMINOUS_CRS = "EPSG:5070"
"""NAD83 / Conus Albers (equal area), for the 48 states and the District of Columbia."""

_OUTLYING_CRS = {
    "AK": "EPSG:3338",  # NAD83 / Alaska Albers, equal area
    "HI": "ESRI:102007",  # Hawaii Albers, equal area
    "PR": "EPSG:32161",  # NAD83 / Puerto Rico and Virgin Islands, conformal
    "VI": "EPSG:32161",
    "GU": "EPSG:8693",  # NAD83(MA11) / UTM zone 55N
    "MP": "EPSG:8693",
    "AS": "EPSG:2195",  # NAD83(HARN) / UTM zone 2S
}
OUTLYING = frozenset(_OUTLYING_CRS)
"""Postal codes outside the 48 states and the District of Columbia."""


def analysis_crs(state: str) -> str:
    """Name the projection in which a state's areas and distances are measured.

    The rule: the 48 states and the District of Columbia share one equal-area
    projection (EPSG:5070), so that they can be measured together; Alaska, Hawaii and
    each territory have their own, so that they are measured only among themselves.

    Parameters
    ----------
    state : str
        Two-letter postal code.

    Returns
    -------
    str
        An authority code that pyproj understands; units are metres.

    Examples
    --------
    >>> analysis_crs("TX"), analysis_crs("AK")
    ('EPSG:5070', 'EPSG:3338')
    """
    return _OUTLYING_CRS.get(state, CONTERMINOUS_CRS)


def project_for_analysis(places: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Project places to the one system in which they can be measured together.

    Parameters
    ----------
    places : geopandas.GeoDataFrame
        Places with a CRS and a column ``state`` of postal codes.

    Returns
    -------
    geopandas.GeoDataFrame
        The same rows and columns, in metres.

    Raises
    ------
    BoundaryError
        If the places need more than one system (Alaska together with Texas, say).

    Examples
    --------
    >>> from boundaries import load_counties
    >>> counties = load_counties()
    >>> str(project_for_analysis(counties[counties["state"] == "AK"]).crs)
    'EPSG:3338'
    """
    systems = sorted({analysis_crs(state) for state in places["state"]})
    if len(systems) != 1:
        message = (
            f"these places are measured in different systems ({', '.join(systems)}); "
            "expected places of one part of the country: project each part by itself"
        )
        raise BoundaryError(message)
    return places.to_crs(systems[0])
