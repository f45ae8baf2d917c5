"""What the map shows: its layers, its words, its popups."""

from __future__ import annotations

from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd

from arrest_atlas.analysis import Analysis
from arrest_atlas.counting import Kind
from arrest_atlas.layers import kind_columns
from arrest_atlas.map_legends import (
    BY_AREA,
    CHANCE,
    CLUSTER,
    GREYS,
    NO_CLUSTER,
    NO_DATA,
    chance_legend,
    cluster_legend,
    hot_legend,
    overlap_legend,
    shade_grid,
    shade_key,
    shade_legend,
)
from arrest_atlas.options import DENOMINATOR_WORDS
from arrest_atlas.support import COUNTY, NOT_TESTED, UNKNOWN
from boundaries import load_field_offices
from outputs import ClassLayer

__all__ = ["KIND_WORDS", "LEVEL_WORDS", "layer_titles", "map_layers", "map_popups"]

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
_LEAST_P: Final = 0.001

_ARRESTS: Final = "Arrests"
_ARREST_CIRCLES, _CRIME_CIRCLES = "#e69f00", "#0072b2"

_COMPARED: Final = (
    "{what}, of each place's neighbours compared with the whole map (Gi*, two-sided, adjusted "
    "for the number of tests). A place's own rate may be otherwise than its class. {more}"
)


_SCANNED: Final = (
    "Circles of places whose rates stand out most from those outside (Kulldorff's scan "
    "statistic), at most ten; the table of the layer `scan_clusters` ranks them. They have no "
    "p-values: against one rate everywhere, nearly any map has such circles."
)


def layer_titles(analysis: Analysis) -> dict[str, str]:
    """Name the layers.

    Parameters
    ----------
    analysis : Analysis
        What was found.

    Returns
    -------
    dict of str to str
        Titles of ``overlap``, ``shades``, ``arrests``, ``chance``, ``arrest_clusters``,
        ``crime`` and ``crime_clusters``.
    """
    crime = analysis.inputs.crime.noun.capitalize()
    return {
        "overlap": "Overlap and mismatch",
        "shades": "Two-way shades of both rates",
        "arrests": "Arrest hot spots",
        "chance": "P(hot): how much arrests of unknown county matter",
        "arrest_clusters": "Arrest circles (scan)",
        "crime": f"{crime} hot spots",
        "crime_clusters": f"{crime} circles (scan)",
    }


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
        Comparison: overlap and mismatch, and two-way shades. Arrests: hot spots, P(hot)
        and the scan's circles. All of them for every kind of arrests. Crime: hot spots and
        circles. Circles only where the table has them.
    """
    kinds = list(analysis.kinds)
    makers = [_overlap_layer, _shade_layer, _arrest_layer, _chance_layer]
    if "arrest_scan_cluster" in table:
        makers.append(_arrest_clusters)
    layers = [make(analysis, kind, table) for make in makers for kind in kinds]
    layers.append(_crime_layer(analysis, table))
    if "crime_scan_cluster" in table:
        layers.append(_crime_clusters(analysis, table))
    return layers


def _hatched_words(level: str) -> str:
    name = f"{level}-level" if level != "aor" else "office-level"
    return (
        f"Hatched, {name}: arrests here are known only for the whole {LEVEL_WORDS[level]}; the "
        "class is that of the area, not of the county"
    )


def _partly_words(analysis: Analysis) -> str:
    if analysis.options.treatment == "located":
        return ""
    return (
        "Broken hatching, location partly imputed: some of these arrests are known only for a "
        "larger area and are shared out among its counties"
    )


def _overlap_layer(analysis: Analysis, kind: Kind, table: gpd.GeoDataFrame) -> ClassLayer:
    own, crime = kind_columns(table, kind), analysis.inputs.crime.noun
    return ClassLayer(
        title=layer_titles(analysis)["overlap"],
        group=f"{_ARRESTS} and {crime}",
        variant=_variant(analysis, kind),
        note=f"{_kind_note(analysis, kind)}Clusters at a false discovery rate of "
        f"{analysis.options.alpha:g}. That they overlap says nothing about why. Whether they do "
        "so more than random maps as clustered stands above the map, not in its colours.",
        classes=own["overlap_class"],
        hatched=_coarse(analysis, own),
        legend=overlap_legend(crime),
        hatched_label=f"{_hatched_words(analysis.level)}. Both arrests and {crime} are then those "
        f"of the whole area: its {crime} can be ordinary where a county's is not",
        partly=_partly(analysis, own, own["overlap_class"]),
        partly_label=_partly_words(analysis),
    )


def _shade_layer(analysis: Analysis, kind: Kind, table: gpd.GeoDataFrame) -> ClassLayer:
    own, crime = kind_columns(table, kind), analysis.inputs.crime.noun
    by_county = own["support"] == COUNTY
    # Where arrests are known only for an area, a county's own shade would be made up (M1).
    arrests = own["arrest_rate_smoothed"].where(by_county).astype("float64")
    crimes = table["crime_rate_smoothed"].astype("float64")
    both = arrests.notna() & crimes.notna() & (own["arrest_class"] != NOT_TESTED)
    arrest_breaks, crime_breaks = _thirds(arrests[both]), _thirds(crimes[both])
    classes = _unanswered(analysis, own)
    shades = zip(
        np.searchsorted(crime_breaks, crimes[both]).tolist(),
        np.searchsorted(arrest_breaks, arrests[both]).tolist(),
        strict=True,
    )
    classes[both] = np.array([shade_key(up, across) for up, across in shades], dtype=object)
    people = DENOMINATOR_WORDS[analysis.options.denominator]
    return ClassLayer(
        title=layer_titles(analysis)["shades"],
        group=f"{_ARRESTS} and {crime}",
        variant=_variant(analysis, kind),
        note=f"{_kind_note(analysis, kind)}Each rate in thirds of the counties shown: arrests per "
        f"100,000 {people}, {crime} per 100,000 residents, both smoothed towards the mean where "
        "counties are small (empirical Bayes). Shades, not tests: of two unrelated maps, about a "
        "third of the counties would lie in the same third of both.",
        classes=classes,
        hatched=pd.Series(data=False, index=table.index),
        legend=shade_legend(crime, LEVEL_WORDS[analysis.level]),
        hatched_label="",
        grid=shade_grid(crime, arrest_breaks=arrest_breaks, crime_breaks=crime_breaks),
        partly=_partly(analysis, own, classes),
        partly_label=_partly_words(analysis),
    )


def _thirds(values: pd.Series) -> tuple[float, float]:
    if values.empty:
        return 0.0, 0.0
    low, high = np.quantile(values, [1 / 3, 2 / 3])
    return float(low), float(high)


def _arrest_layer(analysis: Analysis, kind: Kind, table: gpd.GeoDataFrame) -> ClassLayer:
    own = kind_columns(table, kind)
    people = DENOMINATOR_WORDS[analysis.options.denominator]
    return ClassLayer(
        title=layer_titles(analysis)["arrests"],
        group=_ARRESTS,
        variant=_variant(analysis, kind),
        note=_kind_note(analysis, kind)
        + _COMPARED.format(
            what=f"Arrest rates (per 100,000 {people})",
            more="Another denominator can change the classes.",
        ),
        classes=own["arrest_class"],
        hatched=_coarse(analysis, own),
        legend=hot_legend("arrest rates"),
        hatched_label=_hatched_words(analysis.level),
        partly=_partly(analysis, own, own["arrest_class"]),
        partly_label=_partly_words(analysis),
    )


def _chance_layer(analysis: Analysis, kind: Kind, table: gpd.GeoDataFrame) -> ClassLayer:
    own = kind_columns(table, kind)
    chance = own["arrest_p_hot"].where(own["support"] == COUNTY).astype("float64")
    classes = _unanswered(analysis, own)
    classes[chance.notna()] = CHANCE
    return ClassLayer(
        title=layer_titles(analysis)["chance"],
        group=_ARRESTS,
        variant=_variant(analysis, kind),
        note=f"{_kind_note(analysis, kind)}Arrests without a county are drawn into the counties "
        f"of their area {analysis.options.draws} times; P(hot) is the share of the draws in which "
        "a county is hot. It tells the doubt about where arrests were made, not that of the test.",
        classes=classes,
        hatched=pd.Series(data=False, index=table.index),
        legend=chance_legend(LEVEL_WORDS[analysis.level]),
        hatched_label="",
        opacity=chance,
        opacity_label="P(hot): share of draws in which arrests are hot here",
    )


def _arrest_clusters(analysis: Analysis, kind: Kind, table: gpd.GeoDataFrame) -> ClassLayer:
    own = kind_columns(table, kind)
    classes = _unanswered(analysis, own)
    classes[own["support"] == COUNTY] = NO_CLUSTER
    classes[own["arrest_scan_cluster"].notna()] = CLUSTER
    return ClassLayer(
        title=layer_titles(analysis)["arrest_clusters"],
        group=_ARRESTS,
        variant=_variant(analysis, kind),
        note=_kind_note(analysis, kind) + _SCANNED,
        classes=classes,
        hatched=pd.Series(data=False, index=table.index),
        legend=cluster_legend("arrest rates", LEVEL_WORDS[analysis.level], _ARREST_CIRCLES),
        hatched_label="",
        partly=_partly(analysis, own, classes),
        partly_label=_partly_words(analysis),
    )


def _crime_layer(analysis: Analysis, table: gpd.GeoDataFrame) -> ClassLayer:
    noun = analysis.inputs.crime.noun
    return ClassLayer(
        title=layer_titles(analysis)["crime"],
        group=noun.capitalize(),
        note=_COMPARED.format(
            what=f"Rates of reported {noun} (per 100,000 residents)",
            more="Tested county by county.",
        ),
        classes=table["crime_gi_class"],
        hatched=pd.Series(data=False, index=table.index),
        legend=hot_legend(f"{noun} rates"),
        hatched_label="",
    )


def _crime_clusters(analysis: Analysis, table: gpd.GeoDataFrame) -> ClassLayer:
    noun = analysis.inputs.crime.noun
    classes = pd.Series(NO_CLUSTER, index=table.index)
    for unanswered in (NO_DATA, NOT_TESTED):
        classes[table["crime_gi_class"] == unanswered] = unanswered
    classes[table["crime_scan_cluster"].notna()] = CLUSTER
    return ClassLayer(
        title=layer_titles(analysis)["crime_clusters"],
        group=noun.capitalize(),
        note=_SCANNED,
        classes=classes,
        hatched=pd.Series(data=False, index=table.index),
        legend=cluster_legend(f"{noun} rates", LEVEL_WORDS[analysis.level], _CRIME_CIRCLES),
        hatched_label="",
    )


def _unanswered(analysis: Analysis, own: pd.DataFrame) -> pd.Series:
    """Class every county by why it has no answer of its own."""
    classes = pd.Series(NO_DATA, index=own.index)
    classes[own["support"] == analysis.level] = BY_AREA
    classes[own["arrest_class"] == NOT_TESTED] = NOT_TESTED
    return classes


def _partly(analysis: Analysis, own: pd.DataFrame, classes: pd.Series) -> pd.Series:
    """Tell where a county's class rests partly on imputed arrests."""
    imputed = own["located_share"].astype("float64") < 1
    answered = ~classes.isin([entry.key for entry in GREYS] + [BY_AREA])
    partly: pd.Series = (
        (own["support"] == COUNTY) & imputed & answered & (analysis.options.treatment != "located")
    )
    return partly


def _coarse(analysis: Analysis, own: pd.DataFrame) -> pd.Series:
    """Tell where the class is that of the larger area."""
    coarse: pd.Series = (own["support"] == analysis.level) & (own["arrest_class"] != NOT_TESTED)
    return coarse


def _variant(analysis: Analysis, kind: Kind) -> str:
    return KIND_WORDS[kind] if len(analysis.kinds) > 1 else ""


def _kind_note(analysis: Analysis, kind: Kind) -> str:
    return _KIND_NOTES[kind] if len(analysis.kinds) > 1 else ""


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
    inputs = analysis.inputs
    crime = inputs.crime.noun.capitalize()
    periods = f"arrests {inputs.arrest_period or 'not stated'}; {inputs.crime.noun} " + str(
        inputs.crime_period or "not stated"
    )
    rows = {
        "Area of responsibility": table["aor"].map(offices) + ", zone " + table["zone"],
        "Periods": pd.Series(periods, index=table.index),
    }
    rows |= _arrest_rows(analysis, table)
    for kind in analysis.kinds:
        if kind != "all":
            rows |= _kind_rows(analysis, kind, kind_columns(table, kind))
    by_area = table["support"] == analysis.level
    rows |= {
        f"{crime} per 100,000 residents, county": _number(table["crime_rate"], 1),
        f"{crime} class, county": table["crime_gi_class"] + _adjusted(table["crime_gi_p_fdr"]),
        f"{crime} class, {analysis.level}": table["area_crime_gi_class"].where(by_area, ""),
        "Residents": _number(table["residents"]),
    }
    for what, column in (("Arrest", "arrest_scan_cluster"), (crime, "crime_scan_cluster")):
        if column in table:
            number = _number(table[column])
            rows[f"{what} circle (scan)"] = ("number " + number).where(number != "", "")
    if "noncitizens" in table:
        rows["Non-citizens"] = _number(table["noncitizens"])
    if inputs.simulated:
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
    whose = by_area.map({True: f" (of the {analysis.level})", False: ""})
    return own["arrest_class"] + whose + _adjusted(own["arrest_gi_p_fdr"].where(~by_area))


def _adjusted(p: pd.Series) -> pd.Series:
    """Add the p-value that the class goes by."""
    values = p.astype("float64")
    words = values.map(
        lambda value: "under 0.001" if value < _LEAST_P else f"{value:.3f}", na_action="ignore"
    )
    return (" (adjusted p " + words.astype(object) + ")").where(values.notna(), "")


def _after(texts: pd.Series, words: pd.Series | str) -> pd.Series:
    """Add words to texts that are not empty."""
    return (texts + words).where(texts != "", "")


def _number(values: pd.Series, decimals: int = 0) -> pd.Series:
    """Write numbers with thousands separators, empty where missing."""
    numbers = values.astype("float64")
    text = numbers.map(lambda value: f"{value:,.{decimals}f}", na_action="ignore")
    return text.astype(object).where(numbers.notna(), "")
