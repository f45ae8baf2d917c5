"""The counties once more, a layer a subject: few columns, quick to read."""

from __future__ import annotations

from typing import Final

import geopandas as gpd

__all__ = ["lean_layers"]

_PLACE: Final = ("data", "legal_name", "state", "aor", "zone")

_SUBJECTS: Final = {
    "overlap": (
        "overlap_class",
        "support",
        "located_share",
        "arrest_class",
        "crime_gi_class",
        "area_crime_gi_class",
        "arrest_p_hot",
        "overlap_similarity",
        "overlap_expected_similarity",
        "overlap_fuzzy_kappa",
        "overlap_lee",
    ),
    "arrest_hotspots": (
        "arrest_class",
        "support",
        "located_share",
        "arrests_located",
        "arrests_imputed",
        "arrests_low",
        "arrests_high",
        "arrest_rate",
        "area_arrest_rate",
        "arrest_rate_smoothed",
        "arrest_gi_z",
        "arrest_gi_p",
        "arrest_gi_p_fdr",
        "arrest_p_hot",
        "arrest_scan_cluster",
    ),
    "crime_hotspots": (
        "crime_gi_class",
        "crime_residents",
        "crime_people",
        "crime_rate",
        "crime_rate_smoothed",
        "crime_gi_z",
        "crime_gi_p",
        "crime_gi_p_permutation",
        "crime_gi_p_fdr",
        "crime_scan_cluster",
    ),
}
"""Columns by layer; those of a kind of arrests stand behind those of all."""


def lean_layers(counties: gpd.GeoDataFrame) -> dict[str, gpd.GeoDataFrame]:
    """Take from the table of counties what concerns one subject each.

    Parameters
    ----------
    counties : geopandas.GeoDataFrame
        As ``county_table`` gives it.

    Returns
    -------
    dict of str to geopandas.GeoDataFrame
        ``overlap``, ``arrest_hotspots`` and ``crime_hotspots``; ``support`` tells whose
        class it is.

    Examples
    --------
    >>> counties = gpd.GeoDataFrame(
    ...     {"state": ["KS"], "crime_gi_class": ["hot 99%"], "overlap_lee": [0.1]},
    ...     geometry=gpd.points_from_xy([-95], [37]))
    >>> list(lean_layers(counties)["crime_hotspots"].columns)
    ['state', 'crime_gi_class', 'geometry']
    """
    layers = {}
    for name, subject in _SUBJECTS.items():
        wanted = [f"{kind}{column}" for kind in _PREFIXES for column in subject]
        columns = [column for column in (*_PLACE, *wanted) if column in counties]
        layers[name] = counties[[*columns, counties.geometry.name]]
    return layers


_PREFIXES: Final = ("", "custodial_", "community_")
