"""What the map shows: its layers, its words, its popups."""

from __future__ import annotations

from typing import Final

import geopandas as gpd
import pandas as pd

from arrest_atlas.analysis import Analysis
from arrest_atlas.options import DENOMINATOR_WORDS
from arrest_atlas.support import COUNTY, NOT_TESTED, UNKNOWN
from boundaries import load_field_offices
from outputs.web_map import ClassLayer, LegendClass

__all__ = ["LEVEL_WORDS", "map_layers", "map_popups"]

LEVEL_WORDS: Final = {
    "zone": "zone (state within a field office's area)",
    "aor": "field office's area of responsibility",
    "state": "state",
}

_GREYS: Final = (
    ("no variation", "No variation: chance alone explains the differences", "#e3e3e3"),
    ("no neighbours", "No neighbours: an island, or all neighbours lack data", "#cfc7b8"),
    ("no data", "No data", "#b5b5b5"),
    (NOT_TESTED, "Not tested: outside the 48 states and DC", "#e4d9ee"),
)

_OVERLAP: Final = (
    ("both hot", "Both: clusters of high arrest and of high crime rates", "#882255"),
    ("arrests only", "Mismatch: cluster of high arrest rates, none of crime detected", "#e69f00"),
    ("crime only", "Mismatch: cluster of high crime rates, none of arrests detected", "#0072b2"),
    ("opposite", "Opposite: high rates of one, low rates of the other", "#009e73"),
    ("neither", "No cluster of high rates detected in either", "#f4f1ea"),
)


def _hot_words(what: str) -> tuple[tuple[str, str, str], ...]:
    def line(side: str, level: str, share: str, colour: str) -> tuple[str, str, str]:
        height = "high" if side == "Hot" else "low"
        words = f"{side} at {level}: {height} {what} in and around (false discovery rate {share})"
        return f"{side.casefold()} {level}", words, colour

    return (
        line("Hot", "99%", "1%", "#b2182b"),
        line("Hot", "95%", "5%", "#ef8a62"),
        line("Hot", "90%", "10%", "#fddbc7"),
        ("not significant", "Not significant: cannot be told from chance", "#f4f1ea"),
        line("Cold", "90%", "10%", "#d1e5f0"),
        line("Cold", "95%", "5%", "#67a9cf"),
        line("Cold", "99%", "1%", "#2166ac"),
    )


_COMPARED: Final = (
    "{what}, of each place's neighbours compared with the whole map (Gi*, two-sided, adjusted "
    "for the number of tests). A place's own rate may be otherwise than its class. {more}"
)


def map_layers(analysis: Analysis, table: gpd.GeoDataFrame) -> list[ClassLayer]:
    """Describe the layers of the map, overlap and mismatch first.

    Parameters
    ----------
    analysis : Analysis
        What was found.
    table : geopandas.GeoDataFrame
        Its counties, as ``county_table`` lays them out.

    Returns
    -------
    list of ClassLayer
        Overlap and mismatch, arrest hot spots, crime hot spots.
    """
    coarse = (table["support"] == analysis.level) & (table["arrest_class"] != NOT_TESTED)
    never = pd.Series(data=False, index=table.index)
    words = LEVEL_WORDS[analysis.level]
    level = f"{analysis.level}-level" if analysis.level != "aor" else "office-level"
    hatched = (
        f"Hatched, {level}: arrests here are known only for the whole {words}; the class is "
        "that of the area, not of the county"
    )
    people = DENOMINATOR_WORDS[analysis.options.denominator]
    return [
        ClassLayer(
            title="Overlap and mismatch",
            note=f"Clusters at a false discovery rate of {analysis.options.alpha:g}. That they "
            "overlap says nothing about why, and the overlap itself is not tested here.",
            classes=table["overlap_class"],
            hatched=coarse,
            legend=_legend(_OVERLAP + _GREYS),
            hatched_label=f"{hatched}. Both arrests and crime are then those of the whole area: "
            "its crime can be ordinary where a county's is not",
        ),
        ClassLayer(
            title="Arrest hot spots",
            note=_COMPARED.format(
                what=f"Arrest rates (per 100,000 {people})",
                more="Another denominator can change the classes.",
            ),
            classes=table["arrest_class"],
            hatched=coarse,
            legend=_legend(_hot_words("arrest rates") + _GREYS),
            hatched_label=hatched,
        ),
        ClassLayer(
            title="Violent-crime hot spots",
            note=_COMPARED.format(
                what="Rates of reported violent crime (per 100,000 residents)",
                more="Tested county by county.",
            ),
            classes=table["crime_gi_class"],
            hatched=never,
            legend=_legend(_hot_words("crime rates") + _GREYS),
            hatched_label=hatched,
        ),
    ]


def _legend(words: tuple[tuple[str, str, str], ...]) -> list[LegendClass]:
    return [LegendClass(key=key, label=label, colour=colour) for key, label, colour in words]


def map_popups(analysis: Analysis, table: gpd.GeoDataFrame) -> pd.DataFrame:
    """Word what is known of each county.

    Parameters
    ----------
    analysis : Analysis
        What was found.
    table : geopandas.GeoDataFrame
        Its counties, as ``county_table`` lays them out.

    Returns
    -------
    pandas.DataFrame
        Text by ``county_fips``, one column a row of the popup; empty where a row does
        not apply.
    """
    people = DENOMINATOR_WORDS[analysis.options.denominator]
    weights = DENOMINATOR_WORDS[analysis.options.weights]
    offices = load_field_offices()["name"]
    by_county = table["support"] == COUNTY
    by_area = table["support"] == analysis.level
    interval = (
        " (" + _number(table["arrests_low"]) + " to " + _number(table["arrests_high"])
    ) + " in 90% of draws)"
    imputed = table["arrests_high"] > table["arrests_low"]
    shared_out = (
        f"Arrests if the {analysis.level}'s others fell in proportion to {weights} "
        "(an assumption, not a record)"
    )
    rows = {
        "Area of responsibility": table["aor"].map(offices) + ", zone " + table["zone"],
        "Arrests are known": table["support"].map(
            {
                COUNTY: "mostly by county here",
                analysis.level: f"only or mostly for the whole {LEVEL_WORDS[analysis.level]}",
                UNKNOWN: "not at all: no table lists the area",
            }
        )
        + (" (" + _number(100 * table["located_share"]) + "% located)").where(
            table["located_share"].notna(), ""
        ),
        "Arrests located here": _number(table["arrests_located"].where(by_county)),
        "Arrests with those imputed": (
            _number(table["arrests_imputed"]) + interval.where(imputed, "")
        ).where(by_county, ""),
        shared_out: _number(table["arrests_imputed"].where(by_area)),
        f"Arrests per 100,000 {people}, county": _number(table["arrest_rate"], 1),
        f"Arrests per 100,000 {people}, {analysis.level}": _number(table["area_arrest_rate"], 1),
        "Arrest class": table["arrest_class"]
        + by_area.map({True: f" (of the {analysis.level})", False: ""}),
        "P(hot): share of draws in which arrests are hot here": _number(
            table["arrest_p_hot"].where(by_county), 2
        ),
        "Violent crimes per 100,000 residents, county": _number(table["crime_rate"], 1),
        "Violent-crime class, county": table["crime_gi_class"],
        f"Violent-crime class, {analysis.level}": table["area_crime_gi_class"].where(by_area, ""),
        "Residents": _number(table["residents"]),
    }
    if "noncitizens" in table:
        rows["Non-citizens"] = _number(table["noncitizens"])
    if analysis.inputs.simulated:
        rows["Data"] = pd.Series("SIMULATED", index=table.index)
    return pd.DataFrame(rows, index=table.index).fillna("")


def _number(values: pd.Series, decimals: int = 0) -> pd.Series:
    """Write numbers with thousands separators, empty where missing."""
    numbers = values.astype("float64")
    text = numbers.map(lambda value: f"{value:,.{decimals}f}", na_action="ignore")
    return text.astype(object).where(numbers.notna(), "")
