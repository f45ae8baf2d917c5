"""What the map shows: its layers, its words, its popups."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
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
from arrest_atlas.support import COUNTY, NOT_TESTED
from arrest_atlas.tested_maps import AREA_COVERAGE
from outputs import ClassLayer
from spatial_models import NO_NEIGHBOURS, NO_VARIATION

__all__ = [
    "AREA_WORDS",
    "KIND_WORDS",
    "LEVEL_WORDS",
    "WELL_LOCATED",
    "crime_note",
    "hot_levels",
    "layer_titles",
    "map_layers",
    "over_period",
    "variant_of",
    "why_no_crime",
]

LEVEL_WORDS: Final = {
    "zone": "zone (state within a field office's area)",
    "aor": "field office's area of responsibility",
    "state": "state",
}

AREA_WORDS: Final = {
    "zone": ("zone", "zones"),
    "aor": ("field office's area", "field offices' areas"),
    "state": ("state", "states"),
}
"""One area and several, by level."""

WELL_LOCATED: Final = 0.9
"""Share of an area's arrests located by county from which its counties are not hatched."""

KIND_WORDS: Final[dict[Kind, str]] = {
    "all": "all arrests",
    "custodial": "custodial arrests",
    "community": "community arrests",
}

_FEW: Final = 0.5
"""Share of the counties with classes of their own up to which broken hatching tells anything."""

_KIND_NOTES: Final[dict[Kind, str]] = {
    "all": "All arrests together, custodial, community and other ones. ",
    "custodial": "Arrests of people handed over from jails and prisons: their map also shows "
    "where people are handed over. ",
    "community": "Arrests on the street, at homes, workplaces and check-ins. ",
}

_ARRESTS: Final = "Arrests"
_ARREST_CIRCLES, _CRIME_CIRCLES = "#e69f00", "#0072b2"

_LEVELS: Final = (99, 95, 90)
_ROUNDING: Final = 1e-9

_COMPARED: Final = (
    "{what}, of each place and its neighbours compared with the whole map (Gi*, two-sided). Of "
    "all places found at 99%, 1 in 100 at most are expected to be found by chance alone (false "
    "discovery rate); of all found at 95% or better, 5 in 100; at 90% or better, 10 in 100. "
    "{counted} A place's own rate may be otherwise than its class. {more}"
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
        circles. P(hot) only where some county has one, circles only where the table has them.
    """
    kinds = list(analysis.kinds)
    makers = [_overlap_layer, _shade_layer, _arrest_layer]
    if any(kind_columns(table, kind)["arrest_p_hot"].notna().any() for kind in kinds):
        makers.append(_chance_layer)
    if "arrest_scan_cluster" in table:
        makers.append(_arrest_clusters)
    layers = [make(analysis, kind, table) for make in makers for kind in kinds]
    layers.append(_crime_layer(analysis, table))
    if "crime_scan_cluster" in table:
        layers.append(_crime_clusters(analysis, table))
    # Counties that wear their area's class are counted in areas.
    areas = table[analysis.level].fillna("")
    unit = AREA_WORDS[analysis.level]
    return [_uncrowded(replace(each, areas=areas, area_unit=unit)) for each in layers]


def _uncrowded(layer: ClassLayer) -> ClassLayer:
    """Say broken hatching that would lie on most of a map, and tell nothing apart."""
    if layer.partly is None:
        return layer
    unanswered = [entry.key for entry in GREYS] + [BY_AREA]
    own = ~(layer.hatched | layer.classes.isin(unanswered))
    marked = int(layer.partly.sum())
    if marked <= _FEW * own.sum():
        return layer
    label = f"{layer.partly_label[:1].lower()}{layer.partly_label[1:]}"
    said = (
        f"Left out, as it would lie on {marked:,} of the {own.sum():,} counties that have classes "
        f"of their own: {label}."
    )
    return replace(layer, partly=None, partly_label=said, note=f"{layer.note} {said}")


def _no_arrests(analysis: Analysis) -> str:
    """Say why a place may have no rate of arrests."""
    options, found = analysis.options, "arrests are not known well enough here"
    tested = analysis.kinds["all"].county.graph.unique_ids
    if analysis.inputs.people(options.denominator).reindex(tested).notna().all():
        return found
    return f"{found}, or {DENOMINATOR_WORDS[options.denominator]} are not known"


def why_no_crime(analysis: Analysis, *, of_areas: bool = False) -> str:
    """Say why a place may have no rate of crime.

    Parameters
    ----------
    analysis : Analysis
        What was found.
    of_areas : bool, default False
        Whether places are larger areas, which need rates for most of their residents.

    Returns
    -------
    str
        The reasons that occur in this run.
    """
    crime = analysis.inputs.crime
    why = [f"no rate of {crime.noun} is given"]
    if of_areas:
        one, _ = AREA_WORDS[analysis.level]
        why[0] += f", or only for under {AREA_COVERAGE:.0%} of a {one}'s residents"
    if crime.uncovered:
        why.append("police cover under 80% of residents")
    if crime.implausible_zeros:
        why.append("a rate of zero that is not plausible")
    return ", or ".join(why)


def _no_answer(analysis: Analysis, *, of_areas: bool = False) -> str:
    return f"{_no_arrests(analysis)}; or {why_no_crime(analysis, of_areas=of_areas)}"


def crime_note(analysis: Analysis, units: str) -> str:
    """Say how crime was tested.

    Parameters
    ----------
    analysis : Analysis
        What was found.
    units : str
        What was tested: ``"county"``, or the level of the areas.

    Returns
    -------
    str
        A few sentences.
    """
    one = "county" if units == COUNTY else AREA_WORDS[units][0]
    noun = analysis.inputs.crime.noun
    return _COMPARED.format(
        what=f"Rates of reported {noun} (per 100,000 residents)",
        counted=_counted(analysis),
        more=f"Tested {one} by {one}.",
    )


def hot_levels(alpha: float) -> tuple[list[str], list[str]]:
    """Tell which classes of hot spots count as hot, and which are for the eye only.

    Parameters
    ----------
    alpha : float
        The false discovery rate up to which a place counts.

    Returns
    -------
    tuple of two lists of str
        Both best first; a class that `alpha` cuts in two is in neither.

    Examples
    --------
    >>> hot_levels(0.05)
    (['99%', '95%'], ['90%'])
    >>> hot_levels(0.02)
    (['99%'], ['90%'])
    """
    cut = 100 * alpha
    counted = [f"{level}%" for level in _LEVELS if 100 - level <= cut + _ROUNDING]
    better = pairwise((100, *_LEVELS))
    shown = [f"{level}%" for higher, level in better if 100 - higher >= cut - _ROUNDING]
    return counted, shown


def _counted(analysis: Analysis) -> str:
    """Say what counts as hot or cold wherever places are counted or compared."""
    alpha = analysis.options.alpha
    counted, shown = hot_levels(alpha)
    if len(counted) + len(shown) < len(_LEVELS):
        what = f"what is found at a false discovery rate of {100 * alpha:g}%, whatever its class"
    else:
        what = " and ".join(counted) or "none of them"
    eye = ""
    if shown:
        are = "is for the eye and counts" if len(shown) == 1 else "are for the eye and count"
        eye = f"; {' and '.join(shown)} {are} nowhere"
    return f"Counted as hot or cold: {what}{eye}."


def _hatched_words(level: str) -> str:
    name = f"{level}-level" if level != "aor" else "office-level"
    return (
        f"Hatched, {name}: arrests here are known only for the whole {LEVEL_WORDS[level]}; the "
        "class is that of the area, not of the county"
    )


def _partly_words(analysis: Analysis) -> str:
    if analysis.options.treatment == "located":
        return ""
    one, _ = AREA_WORDS[analysis.level]
    return (
        f"Broken hatching, location partly imputed: under {WELL_LOCATED:.0%} of the {one}'s "
        "arrests are located by county; the others are shared out among its counties"
    )


def _overlap_layer(analysis: Analysis, kind: Kind, table: gpd.GeoDataFrame) -> ClassLayer:
    own, crime = kind_columns(table, kind), analysis.inputs.crime.noun
    return ClassLayer(
        title=layer_titles(analysis)["overlap"],
        group=f"{_ARRESTS} and {crime}",
        variant=variant_of(analysis, kind),
        note=f"{_kind_note(analysis, kind)}Clusters at a false discovery rate of "
        f"{analysis.options.alpha:g}. That they overlap says nothing about why. Whether they do "
        "so more than random maps as clustered stands above the map, not in its colours.",
        classes=own["overlap_class"],
        hatched=_coarse(analysis, own),
        legend=overlap_legend(crime, _no_answer(analysis, of_areas=True)),
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
        variant=variant_of(analysis, kind),
        note=f"{_kind_note(analysis, kind)}Each rate in thirds of the counties shown: arrests per "
        f"100,000 {people}, {crime} per 100,000 residents, both smoothed towards the mean where "
        "counties are small (empirical Bayes). Shades, not tests: of two unrelated maps, about a "
        "third of the counties would lie in the same third of both.",
        classes=classes,
        hatched=pd.Series(data=False, index=table.index),
        legend=shade_legend(crime, LEVEL_WORDS[analysis.level], _no_answer(analysis)),
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
    by_county = (own["support"] == COUNTY).any()
    imputed = ", imputed arrests included" if by_county else ""
    people = DENOMINATOR_WORDS[analysis.options.denominator]
    return ClassLayer(
        title=layer_titles(analysis)["arrests"],
        group=_ARRESTS,
        variant=variant_of(analysis, kind),
        note=_kind_note(analysis, kind)
        + _COMPARED.format(
            what=f"Arrest rates (per 100,000 {people}{over_period(analysis)}{imputed})",
            counted=_counted(analysis),
            more="Another denominator can change the classes.",
        ),
        classes=own["arrest_class"],
        hatched=_coarse(analysis, own),
        legend=hot_legend("arrest rates", _no_arrests(analysis)),
        hatched_label=_hatched_words(analysis.level),
        partly=_partly(analysis, own, own["arrest_class"]),
        partly_label=_partly_words(analysis),
    )


def _chance_layer(analysis: Analysis, kind: Kind, table: gpd.GeoDataFrame) -> ClassLayer:
    own = kind_columns(table, kind)
    chance = own["arrest_p_hot"].where(own["support"] == COUNTY).astype("float64")
    classes = _unanswered(analysis, own)
    for untested in (NO_NEIGHBOURS, NO_VARIATION):
        classes[(own["support"] == COUNTY) & (own["arrest_class"] == untested)] = untested
    classes[chance.notna()] = CHANCE
    return ClassLayer(
        title=layer_titles(analysis)["chance"],
        group=_ARRESTS,
        variant=variant_of(analysis, kind),
        note=f"{_kind_note(analysis, kind)}Arrests without a county are drawn into the counties "
        f"of their area {analysis.options.draws} times; P(hot) is the share of the draws in which "
        "a county is hot. It tells the doubt about where arrests were made, not that of the test.",
        classes=classes,
        hatched=pd.Series(data=False, index=table.index),
        legend=chance_legend(LEVEL_WORDS[analysis.level], _no_arrests(analysis)),
        hatched_label="",
        opacity=chance,
        opacity_label="P(hot): share of draws in which arrests are hot here",
        figures=chance.map(lambda share: f"P(hot) {share:.2f}", na_action="ignore")
        .astype(object)
        .fillna(""),
    )


def _arrest_clusters(analysis: Analysis, kind: Kind, table: gpd.GeoDataFrame) -> ClassLayer:
    own = kind_columns(table, kind)
    classes = _unanswered(analysis, own)
    classes[(own["support"] == COUNTY) & analysis.in_extent] = NO_CLUSTER
    classes[own["arrest_scan_cluster"].notna()] = CLUSTER
    return ClassLayer(
        title=layer_titles(analysis)["arrest_clusters"],
        group=_ARRESTS,
        variant=variant_of(analysis, kind),
        note=_kind_note(analysis, kind) + _SCANNED,
        classes=classes,
        hatched=pd.Series(data=False, index=table.index),
        legend=cluster_legend(
            "arrest rates", LEVEL_WORDS[analysis.level], _ARREST_CIRCLES, _no_arrests(analysis)
        ),
        hatched_label="",
        partly=_partly(analysis, own, classes),
        partly_label=_partly_words(analysis),
    )


def _crime_layer(analysis: Analysis, table: gpd.GeoDataFrame) -> ClassLayer:
    noun = analysis.inputs.crime.noun
    return ClassLayer(
        title=layer_titles(analysis)["crime"],
        group=noun.capitalize(),
        note=crime_note(analysis, COUNTY),
        classes=table["crime_gi_class"],
        hatched=pd.Series(data=False, index=table.index),
        legend=hot_legend(f"{noun} rates", why_no_crime(analysis)),
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
        legend=cluster_legend(
            f"{noun} rates", LEVEL_WORDS[analysis.level], _CRIME_CIRCLES, why_no_crime(analysis)
        ),
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
    imputed = own["located_share"].astype("float64") < WELL_LOCATED
    answered = ~classes.isin([entry.key for entry in GREYS] + [BY_AREA])
    partly: pd.Series = (
        (own["support"] == COUNTY) & imputed & answered & (analysis.options.treatment != "located")
    )
    return partly


def _coarse(analysis: Analysis, own: pd.DataFrame) -> pd.Series:
    """Tell where the class is that of the larger area."""
    coarse: pd.Series = (own["support"] == analysis.level) & (own["arrest_class"] != NOT_TESTED)
    return coarse


def over_period(analysis: Analysis) -> str:
    """Say over which time arrests are counted, since rates of crime are yearly.

    Parameters
    ----------
    analysis : Analysis
        What was found.

    Returns
    -------
    str
        To stand behind a rate: ``" over the whole 19 months"``.
    """
    period = analysis.inputs.arrest_period
    return f" over the whole {period.length}" if period else " over their whole period"


def variant_of(analysis: Analysis, kind: Kind) -> str:
    """Name the variant of a layer that shows a kind of arrests.

    Parameters
    ----------
    analysis : Analysis
        What was found.
    kind : {"all", "custodial", "community"}
        Which arrests.

    Returns
    -------
    str
        Empty where arrests are not told apart.
    """
    return KIND_WORDS[kind] if len(analysis.kinds) > 1 else ""


def _kind_note(analysis: Analysis, kind: Kind) -> str:
    return _KIND_NOTES[kind] if len(analysis.kinds) > 1 else ""
