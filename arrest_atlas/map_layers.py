"""What the map shows: its layers, its words, its popups."""

from __future__ import annotations

from typing import Final

import geopandas as gpd
import pandas as pd

from arrest_atlas.analysis import Analysis
from arrest_atlas.counting import Kind
from arrest_atlas.layers import kind_columns
from arrest_atlas.options import DENOMINATOR_WORDS
from arrest_atlas.support import COUNTY, NOT_TESTED, UNKNOWN
from boundaries import load_field_offices
from outputs import ClassLayer, LegendClass

__all__ = ["KIND_WORDS", "LEVEL_WORDS", "map_layers", "map_popups"]

LEVEL_WORDS: Final = {
    "zone": "zone (state within a field office's area)",
    "aor": "field office's area of responsibility",
    "state": "state",
}

KIND_WORDS: Final[dict[Kind, str]] = {
    "all": "all arrests",
    "custodial": "custodial arrests",
    "community": "community arrests",
}

_KIND_NOTES: Final[dict[Kind, str]] = {
    "all": "All arrests together, custodial, community and other ones. ",
    "custodial": "Arrests of people handed over from jails and prisons: their map also shows "
    "where people are handed over. ",
    "community": "Arrests on the street, at homes, workplaces and check-ins. ",
}

_DRAWS_OF_INTERVAL: Final = 20

_GREYS: Final = (
    ("no variation", "No variation: differences no larger than chance gives", "#e3e3e3"),
    ("no neighbours", "No neighbours: an island, or all neighbours lack data", "#cfc7b8"),
    ("no data", "No data", "#b5b5b5"),
    (NOT_TESTED, "Not tested: outside the 48 states and DC", "#e4d9ee"),
)


def _overlap_words(crime: str) -> tuple[tuple[str, str, str], ...]:
    mismatch = "Mismatch: cluster of high"
    return (
        ("both hot", f"Both: clusters of high arrest and of high {crime} rates", "#882255"),
        ("arrests only", f"{mismatch} arrest rates, none of {crime} detected", "#e69f00"),
        ("crime only", f"{mismatch} {crime} rates, none of arrests detected", "#0072b2"),
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
        Overlap and mismatch, arrest hot spots, each for every kind of arrests, and crime
        hot spots.
    """
    kinds = list(analysis.kinds)
    noun = analysis.inputs.crime.noun
    hatched = _hatched_words(analysis.level)
    crime = ClassLayer(
        title=f"{noun.capitalize()} hot spots",
        note=_COMPARED.format(
            what=f"Rates of reported {noun} (per 100,000 residents)",
            more="Tested county by county.",
        ),
        classes=table["crime_gi_class"],
        hatched=pd.Series(data=False, index=table.index),
        legend=_legend(_hot_words(f"{noun} rates") + _GREYS),
        hatched_label=hatched,
    )
    return [
        *(_overlap_layer(analysis, kind, table) for kind in kinds),
        *(_arrest_layer(analysis, kind, table) for kind in kinds),
        crime,
    ]


def _hatched_words(level: str) -> str:
    name = f"{level}-level" if level != "aor" else "office-level"
    return (
        f"Hatched, {name}: arrests here are known only for the whole {LEVEL_WORDS[level]}; the "
        "class is that of the area, not of the county"
    )


def _overlap_layer(analysis: Analysis, kind: Kind, table: gpd.GeoDataFrame) -> ClassLayer:
    own, crime = kind_columns(table, kind), analysis.inputs.crime.noun
    return ClassLayer(
        title="Overlap and mismatch",
        variant=_variant(analysis, kind),
        note=f"{_kind_note(analysis, kind)}Clusters at a false discovery rate of "
        f"{analysis.options.alpha:g}. That they overlap says nothing about why. Whether they do "
        "so more than random maps as clustered stands above the map, not in its colours.",
        classes=own["overlap_class"],
        hatched=_coarse(analysis, own),
        legend=_legend(_overlap_words(crime) + _GREYS),
        hatched_label=f"{_hatched_words(analysis.level)}. Both arrests and {crime} are then those "
        f"of the whole area: its {crime} can be ordinary where a county's is not",
    )


def _arrest_layer(analysis: Analysis, kind: Kind, table: gpd.GeoDataFrame) -> ClassLayer:
    own = kind_columns(table, kind)
    people = DENOMINATOR_WORDS[analysis.options.denominator]
    return ClassLayer(
        title="Arrest hot spots",
        variant=_variant(analysis, kind),
        note=_kind_note(analysis, kind)
        + _COMPARED.format(
            what=f"Arrest rates (per 100,000 {people})",
            more="Another denominator can change the classes.",
        ),
        classes=own["arrest_class"],
        hatched=_coarse(analysis, own),
        legend=_legend(_hot_words("arrest rates") + _GREYS),
        hatched_label=_hatched_words(analysis.level),
    )


def _coarse(analysis: Analysis, own: pd.DataFrame) -> pd.Series:
    """Tell where the class is that of the larger area."""
    coarse: pd.Series = (own["support"] == analysis.level) & (own["arrest_class"] != NOT_TESTED)
    return coarse


def _variant(analysis: Analysis, kind: Kind) -> str:
    return KIND_WORDS[kind] if len(analysis.kinds) > 1 else ""


def _kind_note(analysis: Analysis, kind: Kind) -> str:
    return _KIND_NOTES[kind] if len(analysis.kinds) > 1 else ""


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
    offices = load_field_offices()["name"]
    rows = {"Area of responsibility": table["aor"].map(offices) + ", zone " + table["zone"]}
    rows |= _arrest_rows(analysis, table)
    for kind in analysis.kinds:
        if kind != "all":
            rows |= _kind_rows(analysis, kind, kind_columns(table, kind))
    by_area = table["support"] == analysis.level
    crime = analysis.inputs.crime.noun.capitalize()
    rows |= {
        f"{crime} per 100,000 residents, county": _number(table["crime_rate"], 1),
        f"{crime} class, county": table["crime_gi_class"],
        f"{crime} class, {analysis.level}": table["area_crime_gi_class"].where(by_area, ""),
        "Residents": _number(table["residents"]),
    }
    if "noncitizens" in table:
        rows["Non-citizens"] = _number(table["noncitizens"])
    if analysis.inputs.simulated:
        rows["Data"] = pd.Series("SIMULATED", index=table.index)
    return pd.DataFrame(rows, index=table.index).fillna("")


def _arrest_rows(analysis: Analysis, own: pd.DataFrame) -> dict[str, pd.Series]:
    """Word what is known of one kind of arrests."""
    people = DENOMINATOR_WORDS[analysis.options.denominator]
    weights = DENOMINATOR_WORDS[analysis.options.weights]
    by_county = own["support"] == COUNTY
    by_area = own["support"] == analysis.level
    several = len(analysis.kinds) > 1
    what = "All arrests" if several else "Arrests"
    shared_out = (
        f"{what} if the {analysis.level}'s others fell in proportion to {weights} "
        "(an assumption, not a record)"
    )
    return {
        f"{what} are known": own["support"].map(
            {
                COUNTY: "mostly by county here",
                analysis.level: f"only or mostly for the whole {LEVEL_WORDS[analysis.level]}",
                UNKNOWN: "not at all, or not well enough",
            }
        )
        + (" (" + _number(100 * own["located_share"]) + "% located)").where(
            own["located_share"].notna(), ""
        ),
        f"{what} located here": _number(own["arrests_located"].where(by_county)),
        f"{what} with those imputed": _with_interval(own, draws=analysis.options.draws).where(
            by_county, ""
        ),
        shared_out: _number(own["arrests_imputed"].where(by_area)),
        f"{what} per 100,000 {people}, county": _number(own["arrest_rate"], 1),
        f"{what} per 100,000 {people}, {analysis.level}": _number(own["area_arrest_rate"], 1),
        "All arrests, class" if several else "Arrest class": _whose_class(analysis, own),
        "P(hot): share of draws in which arrests are hot here": _number(
            own["arrest_p_hot"].where(by_county), 2
        ),
    }


def _kind_rows(analysis: Analysis, kind: Kind, own: pd.DataFrame) -> dict[str, pd.Series]:
    """Word the custodial or the community arrests shortly, beside all arrests."""
    people = DENOMINATOR_WORDS[analysis.options.denominator]
    by_county = own["support"] == COUNTY
    words = KIND_WORDS[kind].capitalize()
    rate = own["arrest_rate"].where(by_county, own["area_arrest_rate"])
    where = by_county.map({True: "county", False: analysis.level})
    located = _number(100 * own["located_share"])
    p_hot = _number(own["arrest_p_hot"].where(by_county), 2)
    return {
        f"{words} with those imputed": _with_interval(own, draws=analysis.options.draws).where(
            by_county, ""
        ),
        f"{words} per 100,000 {people}": _after(_number(rate, 1), ", " + where),
        f"{words}, class": _whose_class(analysis, own)
        + ("; P(hot) " + p_hot).where(p_hot != "", "")
        + ("; " + located + "% located by county").where(located != "", ""),
    }


def _with_interval(own: pd.DataFrame, *, draws: int) -> pd.Series:
    interval = (
        " (" + _number(own["arrests_low"]) + " to " + _number(own["arrests_high"])
    ) + " in 90% of draws)"
    # Fewer draws than 20 hold no interval of 90 %.
    imputed = (own["arrests_high"] > own["arrests_low"]) & (draws >= _DRAWS_OF_INTERVAL)
    return _number(own["arrests_imputed"]) + interval.where(imputed, "")


def _whose_class(analysis: Analysis, own: pd.DataFrame) -> pd.Series:
    by_area = own["support"] == analysis.level
    return own["arrest_class"] + by_area.map({True: f" (of the {analysis.level})", False: ""})


def _after(texts: pd.Series, words: pd.Series | str) -> pd.Series:
    """Add words to texts that are not empty."""
    return (texts + words).where(texts != "", "")


def _number(values: pd.Series, decimals: int = 0) -> pd.Series:
    """Write numbers with thousands separators, empty where missing."""
    numbers = values.astype("float64")
    text = numbers.map(lambda value: f"{value:,.{decimals}f}", na_action="ignore")
    return text.astype(object).where(numbers.notna(), "")
