"""What stands around the map: facts of the strip, the table, words to search, offices."""

from __future__ import annotations

from typing import Final

import geopandas as gpd
import pandas as pd

from arrest_atlas.analysis import Analysis
from arrest_atlas.map_layers import LEVEL_WORDS, layer_titles
from arrest_atlas.options import DENOMINATOR_WORDS
from arrest_atlas.support import COUNTY
from arrest_atlas.words import baseline_age
from boundaries import GEOGRAPHIC_CRS, load_field_offices, load_states

__all__ = ["OFFICES", "map_beside", "map_facts", "map_keywords", "map_places", "map_table"]

OFFICES: Final = "Field offices (in the middle of their city)"

# Longitude and latitude of about the middle of the city that a field office is named after,
# not of its building; written by hand, to two decimals. A test holds each to its city's county.
_OFFICE_CITIES: Final = {
    "ATL": (-84.39, 33.75),
    "BAL": (-76.61, 39.29),
    "BOS": (-71.06, 42.36),
    "BUF": (-78.88, 42.89),
    "CHI": (-87.63, 41.88),
    "DAL": (-96.80, 32.78),
    "DEN": (-104.98, 39.74),
    "DET": (-83.05, 42.33),
    "ELP": (-106.49, 31.76),
    "HLG": (-97.70, 26.19),
    "HOU": (-95.36, 29.76),
    "LOS": (-118.24, 34.05),
    "MIA": (-80.19, 25.77),
    "NEW": (-74.17, 40.74),
    "NOL": (-90.08, 29.95),
    "NYC": (-74.01, 40.71),
    "PHI": (-75.16, 39.95),
    "PHO": (-112.07, 33.45),
    "SEA": (-122.33, 47.61),
    "SFR": (-122.42, 37.77),
    "SLC": (-111.89, 40.76),
    "SNA": (-98.49, 29.42),
    "SND": (-117.16, 32.72),
    "SPM": (-93.09, 44.94),
    "WAS": (-77.04, 38.90),
}


def map_facts(analysis: Analysis) -> dict[str, str]:
    """Word periods, sources and support for the strip.

    Parameters
    ----------
    analysis : Analysis
        What was found.

    Returns
    -------
    dict of str to str
        A few words by heading.
    """
    inputs = analysis.inputs
    crime = inputs.crime.noun.capitalize()
    support = analysis.county_support("all")
    counts = {kind: int((support == kind).sum()) for kind in (COUNTY, analysis.level)}
    known = counts[COUNTY] + counts[analysis.level]
    files = [source.file for source in inputs.sources.values()]
    return {
        "Arrests": f"{inputs.arrest_period or 'period not stated'}",
        crime: f"{inputs.crime_period or 'period not stated'}{baseline_age(analysis)}",
        "Arrests are known": f"mostly by county in {counts[COUNTY]:,} counties, only by "
        f"{LEVEL_WORDS[analysis.level]} in {counts[analysis.level]:,}, not well enough in "
        f"{len(support) - known:,}",
        "Sources": "; ".join([*files, "U.S. Census Bureau; Deportation Data Project (areas)"]),
    }


def map_table(analysis: Analysis, table: gpd.GeoDataFrame) -> pd.DataFrame:
    """Lay out the figures of the table below the map.

    Parameters
    ----------
    analysis : Analysis
        What was found.
    table : geopandas.GeoDataFrame
        Its counties, as ``county_table`` lays them out.

    Returns
    -------
    pandas.DataFrame
        By ``county_fips``; labels as columns, numbers rounded for display.
    """
    people = DENOMINATOR_WORDS[analysis.options.denominator]
    by_county = table["support"] == COUNTY
    rate = table["arrest_rate"].where(by_county, table["area_arrest_rate"])
    # The figures stay those of all arrests, whichever kind colours the map.
    what = "All arrests" if len(analysis.kinds) > 1 else "Arrests"
    columns = {
        "Field office": table["aor"].map(load_field_offices()["name"]),
        f"{what}: known by": table["support"],
        f"{what} with those imputed per 100,000 {people}, county or {analysis.level}": rate.round(
            1
        ),
        f"{what}: located": table["arrests_located"].where(by_county),
        f"{what} with those imputed": table["arrests_imputed"].where(by_county).round(),
        f"{what}: P(hot)": table["arrest_p_hot"].where(by_county).round(2),
        f"{analysis.inputs.crime.noun.capitalize()} per 100,000 residents": table[
            "crime_rate"
        ].round(1),
        "Residents": table["residents"],
    }
    if "noncitizens" in table:
        columns["Non-citizens"] = table["noncitizens"]
    return pd.DataFrame(columns, index=table.index)


def map_keywords(table: gpd.GeoDataFrame) -> pd.Series[str]:
    """List further words by which a county is found.

    Parameters
    ----------
    table : geopandas.GeoDataFrame
        Counties with ``state``.

    Returns
    -------
    pandas.Series of str
        Full name of the state, by ``county_fips``.
    """
    names: pd.Series[str] = table["state"].map(load_states()["name"]).fillna("")
    return names


def map_places() -> dict[str, gpd.GeoDataFrame]:
    """Locate the field offices.

    Returns
    -------
    dict of str to geopandas.GeoDataFrame
        Points with ``name``, by the words of the choice.

    Examples
    --------
    >>> map_places()[OFFICES].loc["SPM", "name"]
    'St. Paul'
    """
    offices = load_field_offices()[["name"]]
    cities = pd.DataFrame.from_dict(_OFFICE_CITIES, orient="index", columns=["x", "y"])
    cities = cities.loc[offices.index]
    points = gpd.points_from_xy(cities["x"], cities["y"])
    return {OFFICES: gpd.GeoDataFrame(offices, geometry=points, crs=GEOGRAPHIC_CRS)}


def map_beside(analysis: Analysis) -> tuple[str, str]:
    """Name the two layers that stand side by side: arrests, and crime.

    Parameters
    ----------
    analysis : Analysis
        What was found.

    Returns
    -------
    tuple of str
        Their titles.
    """
    titles = layer_titles(analysis)
    return titles["arrests"], titles["crime"]
