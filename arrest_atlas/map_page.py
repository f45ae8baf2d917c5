"""What stands around the map: facts of the strip, the table, words to search, offices."""

from __future__ import annotations

from typing import Final

import geopandas as gpd
import pandas as pd

from arrest_atlas.analysis import Analysis
from arrest_atlas.counting import Kind
from arrest_atlas.layers import kind_columns
from arrest_atlas.map_layers import AREA_WORDS, layer_titles, over_period, variant_of
from arrest_atlas.map_popups import residents_of_years
from arrest_atlas.map_tests.tables import number_of
from arrest_atlas.options import DENOMINATOR_WORDS
from arrest_atlas.support import COUNTY
from arrest_atlas.words import baseline_age
from boundaries import GEOGRAPHIC_CRS, load_field_offices, load_states

__all__ = [
    "OFFICES",
    "map_beside",
    "map_facts",
    "map_keywords",
    "map_marks",
    "map_periods",
    "map_places",
    "map_table",
]

OFFICES: Final = "Field offices (in the middle of their city)"


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
    files = [source.file for source in inputs.sources.values()]
    return {
        "Arrests": f"{inputs.arrest_period or 'period not stated'}",
        crime: f"{inputs.crime_period or 'period not stated'}{baseline_age(analysis)}",
        "Arrests are known": _known(analysis),
        "Sources": "; ".join([*files, "U.S. Census Bureau; Deportation Data Project (areas)"]),
    }


def _known(analysis: Analysis) -> str:
    """Count counties and areas by where arrests are known, never added up."""
    answer, (one, several) = analysis.kinds["all"], AREA_WORDS[analysis.level]
    # Where tests are made, as the counts of the legend are.
    support = analysis.county_support("all").reindex(answer.county.graph.unique_ids)
    areas = answer.support["support"].reindex(answer.area.graph.unique_ids).value_counts()
    counties = support.value_counts()
    own, wide = int(counties.get(COUNTY, 0)), int(counties.get(analysis.level, 0))
    parts = []
    if own:
        tested = answer.county.arrests.spots.test.n if answer.county.arrests else 0
        least = "" if tested == own else f" ({tested:,} of them tested, with neighbours to compare)"
        parts.append(f"mostly by county in {number_of(own, 'county', 'counties')}{least}")
    if wide:
        whole = number_of(int(areas[analysis.level]), one, several)
        parts.append(f"only for the whole {one} in {whole} ({wide:,} counties)")
    if unknown := len(support) - own - wide:
        parts.append(f"not well enough in {number_of(unknown, 'county', 'counties')}")
    states = "50 states" if analysis.options.extent == "states" else "48 states"
    return f"in the {states} and DC {'; '.join(parts)}"


def map_periods(analysis: Analysis) -> str:
    """Word both periods shortly, for the table and the name of its file.

    Parameters
    ----------
    analysis : Analysis
        What was found.

    Returns
    -------
    str
        ``"arrests 2023-10-01 to 2025-05-31; violent crime 2019"``; what is not stated is
        left out.
    """
    inputs = analysis.inputs
    periods = {"arrests": inputs.arrest_period, inputs.crime.noun: inputs.crime_period}
    return "; ".join(f"{what} {period}" for what, period in periods.items() if period)


def map_table(analysis: Analysis, table: gpd.GeoDataFrame) -> dict[str, pd.DataFrame]:
    """Lay out the figures of the table below the map, a table a kind of arrests.

    Parameters
    ----------
    analysis : Analysis
        What was found.
    table : geopandas.GeoDataFrame
        Its counties, as ``county_table`` lays them out.

    Returns
    -------
    dict of str to pandas.DataFrame
        By variant of the layers. Each by ``county_fips``; labels as columns, numbers
        rounded for display.
    """
    return {variant_of(analysis, kind): _figures(analysis, kind, table) for kind in analysis.kinds}


def _figures(analysis: Analysis, kind: Kind, table: gpd.GeoDataFrame) -> pd.DataFrame:
    inputs = analysis.inputs
    own = kind_columns(table, kind)
    by_county = own["support"] == COUNTY
    rate = own["arrest_rate"].where(by_county, own["area_arrest_rate"])
    what = _what(analysis, kind)
    baseline = f", {inputs.crime_period}" if inputs.crime_period else ""
    columns = {
        "Field office": table["aor"].map(load_field_offices()["name"]),
        f"{what}: known by": own["support"],
        _rate_label(analysis, kind, table): rate.round(1),
    }
    if by_county.any():
        columns |= {
            f"{what}: located": own["arrests_located"].where(by_county),
            f"{what}: imputed included": own["arrests_imputed"].round(),
            f"{what}: P(hot)": own["arrest_p_hot"].where(by_county).round(2),
        }
    columns |= {
        f"{inputs.crime.noun.capitalize()} per 100,000 residents{baseline}": table[
            "crime_rate"
        ].round(1),
        f"Residents{residents_of_years(inputs)}": table["residents"],
    }
    if "noncitizens" in table:
        columns["Non-citizens"] = table["noncitizens"]
    return pd.DataFrame(columns, index=table.index)


def _what(analysis: Analysis, kind: Kind) -> str:
    return variant_of(analysis, kind).capitalize() or "Arrests"


def _rate_label(analysis: Analysis, kind: Kind, table: pd.DataFrame) -> str:
    """Head the column of rates: unlike those of crime, they are not yearly."""
    people = DENOMINATOR_WORDS[analysis.options.denominator]
    by_county = (kind_columns(table, kind)["support"] == COUNTY).any()
    included = ", imputed included" if by_county else ""
    return f"{_what(analysis, kind)} per 100,000 {people}{over_period(analysis)}{included}"


def map_marks(analysis: Analysis, table: gpd.GeoDataFrame) -> dict[str, pd.Series[str]]:
    """Say behind each rate of arrests whose it is, where it is not the county's own.

    Parameters
    ----------
    analysis : Analysis
        What was found.
    table : geopandas.GeoDataFrame
        Its counties, as ``county_table`` lays them out.

    Returns
    -------
    dict of str to pandas.Series
        By column of `map_table`: ``"(zone)"``, or empty, by ``county_fips``.
    """
    words = {analysis.level: f"({AREA_WORDS[analysis.level][0]})"}
    return {
        _rate_label(analysis, kind, table): kind_columns(table, kind)["support"]
        .map(words)
        .fillna("")
        for kind in analysis.kinds
    }


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
    offices = load_field_offices()
    points = gpd.points_from_xy(offices["longitude"], offices["latitude"])
    return {OFFICES: gpd.GeoDataFrame(offices[["name"]], geometry=points, crs=GEOGRAPHIC_CRS)}


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
