"""The tables that are handed over: counties, the larger areas, offices, reconciliation."""

from __future__ import annotations

from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd

from arrest_atlas.analysis import Analysis, MapPair, area_people
from arrest_atlas.support import COUNTY, NOT_TESTED, UNKNOWN, known_arrests
from boundaries import dissolve_counties, load_field_offices
from geo import PER
from spatial_models import RateHotSpots

__all__ = ["AREA_LAYERS", "area_table", "county_table", "output_layers"]

AREA_LAYERS: Final = {"zone": "zones", "aor": "areas_of_responsibility", "state": "states"}
"""Name of the layer of each kind of area."""

_WHOLE: Final = {
    "arrests",
    "arrests_located",
    "arrests_proportional",
    "crime_residents",
    "noncitizens",
    "residents",
}

_TEST_COLUMNS: Final = (
    "rate",
    "rate_smoothed",
    "gi_z",
    "gi_p",
    "gi_p_fdr",
    "gi_class",
    "p_hot",
)


def output_layers(analysis: Analysis) -> dict[str, gpd.GeoDataFrame | pd.DataFrame]:
    """Lay an analysis out as the layers of a GeoPackage.

    Parameters
    ----------
    analysis : Analysis
        What was found.

    Returns
    -------
    dict of str to geopandas.GeoDataFrame or pandas.DataFrame
        ``counties``, ``zones``, ``areas_of_responsibility`` (the tested level with its
        results; ``states`` too where that is the level) and the table
        ``reconciliation`` of given and assigned totals.
    """
    layers: dict[str, gpd.GeoDataFrame | pd.DataFrame] = {"counties": county_table(analysis)}
    tested = area_table(analysis)
    for level in dict.fromkeys(("zone", "aor", analysis.level)):
        table = dissolve_counties(analysis.geometry, level)
        if level == "zone":
            places = analysis.geometry.groupby("zone")[["state", "aor"]].first()
            table = table.join(places)
        if level == "aor":
            table = table.join(load_field_offices()["name"].rename("office"))
        if level == analysis.level:
            table = table.join(tested)
        elif level == "aor" and analysis.level == "zone":  # zones add up to offices exactly
            office = analysis.geometry.groupby("zone")["aor"].first()
            counts = analysis.support[["arrests", "arrests_located"]]
            table = table.join(counts.groupby(office).sum())
        layers[AREA_LAYERS[level]] = _finished(_geometry_last(table), analysis)
    layers["reconciliation"] = _finished(analysis.totals.differences, analysis)
    return layers


def county_table(analysis: Analysis) -> gpd.GeoDataFrame:
    """Lay an analysis out by county.

    Parameters
    ----------
    analysis : Analysis
        What was found.

    Returns
    -------
    geopandas.GeoDataFrame
        Indexed by ``county_fips``. ``arrest_gi_*`` and ``arrest_p_hot`` stand only where
        arrests are located by county; ``arrest_class`` and ``overlap_class`` are what
        the map shows, and ``support`` tells whose class that is.

    Examples
    --------
    >>> from arrest_atlas.analysis import analyse
    >>> from arrest_atlas.demo import simulate
    >>> from arrest_atlas.options import Options
    >>> table = county_table(analyse(simulate(seed=1).inputs, Options(draws=2)))
    >>> table.loc["28083", ["support", "overlap_class"]].tolist()
    ['county', 'both hot']
    """
    inputs, options = analysis.inputs, analysis.options
    table = analysis.geometry.drop(columns="state_fips")
    table = table.join(_people(analysis))
    table["support"] = analysis.county_support
    table = table.join(analysis.arrests.to_frame().where(table["support"] != UNKNOWN))
    areas = area_table(analysis)
    table["located_share"] = table[analysis.level].map(areas["located_share"])
    by_county = table["support"] == COUNTY
    people = inputs.people(options.denominator).reindex(table.index)
    rate = PER * table["arrests_imputed"] / people.where(people > 0)
    table["arrest_rate"] = rate.where(by_county)
    table["area_arrest_rate"] = table[analysis.level].map(_area_rates(analysis))
    table = _join_tests(table, analysis.county)
    table.loc[~by_county, "arrest_gi_class"] = NOT_TESTED
    worn = areas[["arrest_gi_class", "overlap_class"]]
    worn = table[[analysis.level]].join(worn, on=analysis.level)
    table["area_crime_gi_class"] = table[analysis.level].map(areas["crime_gi_class"])
    for name, own in (("arrest_class", "arrest_gi_class"), ("overlap_class", "overlap_class")):
        table[name] = table[own].where(by_county, worn[own])
    return _finished(_geometry_last(table), analysis)


def area_table(analysis: Analysis) -> pd.DataFrame:
    """Lay an analysis out by the larger area.

    Parameters
    ----------
    analysis : Analysis
        What was found.

    Returns
    -------
    pandas.DataFrame
        Indexed by zone (or office, or state): arrests, how many are located by county,
        rate, tests and overlap class.
    """
    table = analysis.support.rename_axis(analysis.level)
    table["arrests"] = known_arrests(analysis.support)
    table["arrests_located"] = table["arrests_located"].where(table["support"] != UNKNOWN)
    # Of no arrests, there is no share.
    table["located_share"] = table["located_share"].where(table["arrests"] > 0)
    area = analysis.geometry[analysis.level]
    table = table.join(_people(analysis).groupby(area).sum(min_count=1))
    table = table.assign(arrest_rate=_area_rates(analysis))
    # One map, not draws of it: there is no probability to be hot.
    return _join_tests(table, analysis.area).drop(columns="arrest_p_hot")


def _people(analysis: Analysis) -> pd.DataFrame:
    """Gather the denominators by county."""
    inputs = analysis.inputs
    people = {"residents": inputs.residents, "crime_residents": inputs.crime_residents}
    if inputs.noncitizens is not None:
        people["noncitizens"] = inputs.noncitizens
    return pd.DataFrame(people).reindex(analysis.geometry.index)


def _area_rates(analysis: Analysis) -> pd.Series:
    """Arrests per 100,000 people of the denominator, by area, outlying ones included."""
    people = area_people(analysis.inputs, analysis.options, analysis.geometry[analysis.level])
    return PER * known_arrests(analysis.support) / people.where(people > 0)


def _join_tests(table: pd.DataFrame, pair: MapPair) -> pd.DataFrame:
    """Add the columns of both tests and of their comparison, where there was a test."""
    crime = _test_columns(pair.crime, pair, "crime").drop(columns="crime_p_hot")
    arrests = _test_columns(pair.arrests, pair, "arrest").drop(columns="arrest_rate")
    overlap = pd.DataFrame(index=pair.graph.unique_ids, columns=["overlap_class"], dtype=object)
    if pair.comparison is not None:
        overlap = pair.comparison.to_frame()
    table = table.join([arrests, crime, overlap])
    classes = ["arrest_gi_class", "crime_gi_class", "overlap_class"]
    table[classes] = table[classes].fillna(NOT_TESTED)
    return table


def _test_columns(spots: RateHotSpots | None, pair: MapPair, prefix: str) -> pd.DataFrame:
    if spots is None:
        frame = pd.DataFrame(np.nan, index=pair.graph.unique_ids, columns=_TEST_COLUMNS)
        return frame.astype({"gi_class": object}).add_prefix(f"{prefix}_")
    frame = spots.to_frame()[list(_TEST_COLUMNS)]
    frame[["rate", "rate_smoothed"]] *= PER
    return frame.add_prefix(f"{prefix}_")


def _geometry_last(table: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    columns = [name for name in table.columns if name != "geometry"]
    return table[[*columns, "geometry"]]


def _finished(table: pd.DataFrame, analysis: Analysis) -> pd.DataFrame:
    """Write whole numbers as such, and say on every row where data are made up (M11)."""
    table = table.copy()
    for name in _WHOLE & set(table.columns):
        table[name] = table[name].round().astype("Int64")
    if not analysis.inputs.simulated:
        return table
    table.insert(0, "data", "SIMULATED")
    return table
