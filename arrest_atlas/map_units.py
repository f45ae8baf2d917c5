"""What is tested: counties and larger areas, who is whose neighbour, where they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import geopandas as gpd
import pandas as pd

from arrest_atlas.options import Options
from boundaries import load_counties
from spatial_models import coarsen_graph, contiguity, distance_band, k_nearest

if TYPE_CHECKING:
    from libpysal.graph import Graph

__all__ = ["NEAREST", "RADIUS_KM", "MapUnits", "area_units", "county_units"]

NEAREST: Final = 6
"""Neighbours of each county by ``--graph nearest``; about as many as share a border."""

RADIUS_KM: Final = 100
"""Distance up to which counties are neighbours by ``--graph distance``."""


@dataclass(frozen=True, kw_only=True, eq=False)
class MapUnits:
    """Units of a map.

    Attributes
    ----------
    graph : libpysal.graph.Graph
        Who is whose neighbour, row-standardised.
    places : geopandas.GeoSeries
        Their shapes, in the order of the graph; distances are between centroids.
    """

    graph: Graph
    places: gpd.GeoSeries

    @property
    def ids(self) -> pd.Index:
        """Give the identifiers.

        Returns
        -------
        pandas.Index
            In the order of the graph.
        """
        ids: pd.Index = self.graph.unique_ids
        return ids


def county_units(options: Options) -> MapUnits:
    """Join the counties that are tested.

    Parameters
    ----------
    options : Options
        Extent and graph.

    Returns
    -------
    MapUnits
        Of the 48 states and the District of Columbia, in equal area; or of all states, in
        longitude and latitude, since no plane measures them together.

    Examples
    --------
    >>> len(county_units(Options()).ids)
    3108
    """
    counties = load_counties(extent="conterminous")
    if options.extent == "states":
        everywhere = load_counties()
        states = counties["state"].unique().tolist()
        counties = everywhere[everywhere["state"].isin([*states, "AK", "HI"])]
    if options.graph == "nearest":
        graph = k_nearest(counties.geometry, NEAREST)
    elif options.graph == "distance":
        graph = distance_band(counties.geometry, 1_000.0 * RADIUS_KM)
    else:
        graph = contiguity(counties)
    return MapUnits(graph=graph.transform("R"), places=counties.geometry)


def area_units(counties: MapUnits, area: pd.Series) -> MapUnits:
    """Join the larger areas whose counties touch.

    Parameters
    ----------
    counties : MapUnits
        The counties.
    area : pandas.Series of str
        Area of each county.

    Returns
    -------
    MapUnits
        Of the areas, in ascending order.

    Examples
    --------
    >>> zone = load_counties()["zone"]
    >>> len(area_units(county_units(Options()), zone).ids)
    56
    """
    graph = coarsen_graph(counties.graph, area)
    groups = area.reindex(counties.ids)
    # Census boundaries share their vertices, so a union along shared edges is exact.
    shapes = counties.places.to_frame("geometry").dissolve(by=groups.to_numpy(), method="coverage")
    places = shapes.geometry.reindex(graph.unique_ids)
    return MapUnits(graph=graph.transform("R"), places=places)
