"""What the map shows: its layers, its words, its popups."""

from __future__ import annotations

from typing import Final

import geopandas as gpd
import pandas as pd

from arrest_atlas.analysis import Analysis
from arrest_atlas.options import DENOMINATOR_WORDS
from arrest_atlas.support import COUNTY, NOT_TESTED
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
    ("both hot", "Both: arrests and violent crime are clustered high here", "#882255"),
    ("arrests only", "Mismatch: arrests clustered high, violent crime not", "#e69f00"),
    ("crime only", "Mismatch: violent crime clustered high, arrests not", "#0072b2"),
    ("opposite", "Opposite: one clustered high, the other clustered low", "#009e73"),
    ("neither", "Neither is clustered high", "#f4f1ea"),
)


def _hot_words(what: str) -> tuple[tuple[str, str, str], ...]:
    return (
        ("hot 99%", f"Hot, 99%: high {what} gathered around here", "#b2182b"),
        ("hot 95%", f"Hot, 95%: high {what} gathered around here", "#ef8a62"),
        ("hot 90%", f"Hot, 90% only: high {what} gathered around here, weak evidence", "#fddbc7"),
        ("not significant", "Not significant: no more gathered than chance gives", "#f4f1ea"),
        ("cold 90%", f"Cold, 90% only: low {what} gathered around here, weak evidence", "#d1e5f0"),
        ("cold 95%", f"Cold, 95%: low {what} gathered around here", "#67a9cf"),
        ("cold 99%", f"Cold, 99%: low {what} gathered around here", "#2166ac"),
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
    coarse = (table["support"] != COUNTY) & (table["arrest_class"] != NOT_TESTED)
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
            note=f"Hot and cold at a false discovery rate of {analysis.options.alpha:g}. That "
            "they overlap says nothing about why, and the overlap itself is not tested here.",
            classes=table["overlap_class"],
            hatched=coarse,
            legend=_legend(_OVERLAP + _GREYS),
            hatched_label=hatched,
        ),
        ClassLayer(
            title="Arrest hot spots",
            note=f"Arrests per {people}, compared with the surroundings (Gi*, two-sided, "
            "adjusted for the number of tests).",
            classes=table["arrest_class"],
            hatched=coarse,
            legend=_legend(_hot_words("arrest rates") + _GREYS),
            hatched_label=hatched,
        ),
        ClassLayer(
            title="Violent-crime hot spots",
            note="Reported violent crime per resident, compared with the surroundings (Gi*, "
            "two-sided, adjusted for the number of tests). Tested county by county.",
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
    offices = load_field_offices()["name"]
    by_county = table["support"] == COUNTY
    imputed = table["arrests_high"] > table["arrests_low"]
    rows = {
        "Area of responsibility": table["aor"].map(offices) + ", zone " + table["zone"],
        "Arrests located here": _number(table["arrests_located"]),
        "Arrests with those imputed (an allotment, not a record)": (
            _number(table["arrests_imputed"])
            + (" (90 % of draws: " + _number(table["arrests_low"]) + " to ").where(imputed, "")
            + (_number(table["arrests_high"]) + ")").where(imputed, "")
        ),
        "Arrests are known": by_county.map(
            {
                True: "by county for most of its area's arrests",
                False: f"only for the whole {LEVEL_WORDS[analysis.level]}",
            }
        )
        + " ("
        + _number(100 * table["located_share"])
        + " % located)",
        f"Arrests per 100,000 {people}, county": _number(table["arrest_rate"], 1),
        f"Arrests per 100,000 {people}, {analysis.level}": _number(table["area_arrest_rate"], 1),
        "P(hot): share of imputations in which arrests are hot here": _number(
            table["arrest_p_hot"].where(by_county), 2
        ),
        "Arrest class": table["arrest_class"] + by_county.map({True: "", False: " (of the area)"}),
        "Violent crimes per 100,000 residents": _number(table["crime_rate"], 1),
        "Violent-crime class": table["crime_gi_class"],
        "Residents": _number(table["residents"]),
    }
    if "noncitizens" in table:
        rows["Non-citizens"] = _number(table["noncitizens"])
    if analysis.inputs.simulated:
        rows["Data"] = pd.Series("SIMULATED", index=table.index)
    return pd.DataFrame(rows, index=table.index).fillna("")


def _number(values: pd.Series, decimals: int = 0) -> pd.Series:
    """Write numbers with thousands separators, empty where missing."""
    text = values.map(lambda value: f"{value:,.{decimals}f}", na_action="ignore")
    return text.astype(object).where(values.notna(), "")
