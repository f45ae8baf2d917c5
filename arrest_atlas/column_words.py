"""What every layer and every one of its columns holds, in words: the one place that says so."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final

import pandas as pd

from arrest_atlas.analysis import Analysis
from arrest_atlas.options import DENOMINATOR_WORDS
from geo import PER
from outputs.layer_words import ColumnWords, LayerWords

__all__ = ["COLUMN_GROUPS", "column_words", "layer_words"]

_ARRESTS: Final = "arrests"
_PER_PEOPLE: Final = f"per {PER:,} {{people}}"
_PER_RESIDENTS: Final = f"per {PER:,} residents"
_KINDS: Final = ("custodial", "community")

_ANYWHERE: Final = {
    "data": ("SIMULATED, where the data are made up", ""),
    "state": ("Postal code of the state", ""),
    "aor": ("Code of the ICE field office in whose area of responsibility it lies", ""),
    "zone": ("State and office, as in TX-DAL", ""),
    "land_area_km2": ("Land area", "km\u00b2"),
    "residents": ("Residents now", "people"),
    "crime_residents": ("Residents in the years of the crime baseline", "people"),
    "crime_people": (
        "Residents whom the rate of {crime} refers to: those of counties with a rate",
        "people",
    ),
    "noncitizens": ("Residents who are not citizens", "people"),
}

_TESTS: Final = {
    "crime_rate": ("Reported {crime}, as given", _PER_RESIDENTS),
    "crime_rate_smoothed": ("Empirical-Bayes rate of {crime}, which is tested", _PER_RESIDENTS),
    "crime_gi_z": (
        "Gi* of {crime}: standard score of the place with its neighbours; above 0 is high",
        "standard deviations",
    ),
    "crime_gi_p": ("Its p-value, two-sided, before the number of tests is minded", ""),
    "crime_gi_p_permutation": (
        "The same p-value by permutation, beside the one that decides the class",
        "",
    ),
    "crime_gi_p_fdr": ("Its p-value adjusted for the number of tests (Benjamini-Hochberg)", ""),
    "crime_gi_class": ("Class of {crime}: hot or cold, and at which false discovery rate", ""),
    "arrest_rate_smoothed": ("Empirical-Bayes rate of arrests, which is tested", _PER_PEOPLE),
    "arrest_gi_z": (
        (
            "Gi* of arrests: standard score of the place with its neighbours, mean over the draws; "
            "above 0 is high"
        ),
        "standard deviations",
    ),
    "arrest_gi_p": ("Its p-value, two-sided, before the number of tests is minded", ""),
    "arrest_gi_p_fdr": ("Its p-value adjusted for the number of tests (Benjamini-Hochberg)", ""),
    "overlap_similarity": (
        "How alike the two classes are, those of neighbours counted half; 0 to 1",
        "",
    ),
    "overlap_expected_similarity": ("How alike chance would have them; 0 to 1", ""),
    "overlap_fuzzy_kappa": (
        "Agreement beyond chance: 1 complete, 0 as by chance, below 0 less alike than by chance",
        "",
    ),
    "overlap_lee": ("Local Lee's L of the two tested scores; above 0 both high or both low", ""),
}

_COUNTIES: Final = {
    "county_fips": ("FIPS code of the county, five digits as text, vintage 2019", ""),
    "name": ("Name without County, Parish, ...", ""),
    "legal_name": ("Name in full", ""),
    **_TESTS,
    "area_crime_gi_class": ("Class of {crime} of the whole zone, office or state around it", ""),
    "crime_scan_cluster": ("Number of the circle in scan_clusters that holds the county", ""),
    "support": (
        (
            "Whose arrests the class is of: county; zone, aor or state where they are known only "
            "for that; none where they are not known well enough"
        ),
        "",
    ),
    "arrests_located": (
        "Arrests whose county is known; a part only, where support is not county",
        _ARRESTS,
    ),
    "arrests_imputed": (
        "Arrests with those imputed: mean over the draws; only with county support",
        _ARRESTS,
    ),
    "arrests_low": ("The same: 5 % of the draws have fewer", _ARRESTS),
    "arrests_high": ("The same: 5 % of the draws have more", _ARRESTS),
    "arrests_proportional": (
        (
            "Arrests with the others of its zone, office or state shared out by weight: an "
            "assumption, not a record"
        ),
        _ARRESTS,
    ),
    "located_share": ("Share of the whole area's arrests whose county is known; 0 to 1", ""),
    "arrest_rate": (
        "Arrests over their whole period, those imputed included; only with county support",
        _PER_PEOPLE,
    ),
    "area_arrest_rate": (
        "Arrests over their whole period, of the whole zone, office or state around it",
        _PER_PEOPLE,
    ),
    "arrest_gi_class": ("The county's own class of arrests; not tested elsewhere", ""),
    "arrest_p_hot": ("P(hot): share of the draws in which arrests are hot here; 0 to 1", ""),
    "arrest_scan_cluster": ("Number of the circle in scan_clusters that holds the county", ""),
    "overlap_class": ("Where both, one or none is hot, as on the map; see support", ""),
    "arrest_class": ("Class of arrests as on the map; see support", ""),
}

_AREAS: Final = {
    **_TESTS,
    "name": ("Name of the state", ""),
    "office": ("Name of the field office", ""),
    "support": (
        (
            "county where most arrests are located by county, else what the row is; none where "
            "arrests are not known well enough"
        ),
        "",
    ),
    "arrests": ("Arrests", _ARRESTS),
    "arrests_located": ("Arrests whose county is known", _ARRESTS),
    "located_share": ("Share of arrests whose county is known; 0 to 1", ""),
    "arrest_rate": ("Arrests over their whole period", _PER_PEOPLE),
    "arrest_gi_class": ("Class of arrests: hot or cold, and at which false discovery rate", ""),
    "overlap_class": ("Where both, one or none is hot", ""),
    "crime_scan_cluster": ("Number of the circle in scan_clusters that holds the area", ""),
    "arrest_scan_cluster": ("Number of the circle in scan_clusters that holds the area", ""),
}

_SCAN: Final = {
    "cluster": ("Number of the circle", ""),
    "map": ("arrests or crime", ""),
    "kind": ("Which arrests: all, custodial or community; empty for crime", ""),
    "units": ("What lies inside: county, or zone, aor or state", ""),
    "rank": ("Rank among the circles of its map, by log_likelihood_ratio", ""),
    "centre": ("The place that the circle is drawn around: county_fips, or the area", ""),
    "name": ("Name of that place", ""),
    "places": ("Places inside", "places"),
    "people": ("People inside whom the rate refers to", "people"),
    "cases": (
        "Arrests or crimes inside: the sum over its places, of means over draws, rounded once",
        "cases",
    ),
    "expected": ("Cases inside if the rate were the same everywhere", "cases"),
    "rate": (
        "Cases inside, not rounded: arrests over their whole period, crimes a year",
        f"per {PER:,} people",
    ),
    "relative_risk": ("Rate inside over the rate outside", ""),
    "log_likelihood_ratio": ("How far the circle stands out (Kulldorff)", ""),
}

_MISMATCH: Final = {
    "kind": ("Which arrests: all, custodial or community", ""),
    "units": ("What a place is: county, or zone, aor or state; the two are never merged", ""),
    "direction": ("Which map is hot, and what the other is", ""),
    "rank": ("Rank within kind, units and direction, by difference", ""),
    "place": ("county_fips, or the area", ""),
    "name": ("Name of the place", ""),
    "state": ("Postal code of the state, or states", ""),
    "arrest_rate": ("Arrests over their whole period", "as arrest_rate_per says"),
    "arrest_rate_per": ("What the rate of arrests refers to", ""),
    "arrest_people": ("People whom the rate of arrests refers to", "people"),
    "crime_rate": ("Reported {crime}", "as crime_rate_per says"),
    "crime_rate_per": ("What the rate of crime refers to", ""),
    "crime_people": ("Residents whom the rate of crime refers to", "people"),
    "arrest_gi_class": ("Class of arrests", ""),
    "crime_gi_class": ("Class of {crime}", ""),
    "arrest_gi_z": ("Gi* of arrests", "standard deviations"),
    "crime_gi_z": ("Gi* of {crime}", "standard deviations"),
    "difference": ("arrest_gi_z less crime_gi_z; orders the places and is no test", ""),
    "arrest_p_hot": ("P(hot) of arrests; counties only; 0 to 1", ""),
    "support": ("Where the arrests are known: county, zone, aor, state", ""),
    "share_imputed": ("Share of the arrests that nothing places there but chance; 0 to 1", ""),
}

_SENSITIVITY: Final = {
    "data": ("SIMULATED, or as given", ""),
    "variation": ("What is changed", ""),
    "group": ("Of what it is a choice", ""),
    "support": ("Where arrests are known: county, or the level of the areas", ""),
    "statistic": ("What the estimate is, the same in every row", ""),
    "units": ("Places tested in both maps", "places"),
    "estimate": ("Mean over the draws", ""),
    "low": ("5 % of the draws are lower", ""),
    "high": ("5 % of the draws are higher", ""),
    "p": ("The larger of the next two", ""),
    "p_moran": ("p-value against surrogate maps by Moran spectral randomisation", ""),
    "p_kernel": ("p-value against surrogate maps by kernel", ""),
    "surrogates": ("Surrogate maps of each family", "maps"),
    "verdict": ("Of the answer as it is and without its trend together", ""),
    "trend_removed": ("Whether the row is of the maps without their broad trend", ""),
    "reason": ("Why there is no estimate or no p-value", ""),
    "note": ("What else is to be known of the row", ""),
}

_RECONCILIATION: Final = {
    "level": ("What the total is of: aor or state", ""),
    "area": ("Which office or state", ""),
    "given": ("Total as given", _ARRESTS),
    "assigned": ("Total as it is used", _ARRESTS),
    "difference": ("Assigned less given", _ARRESTS),
    "rule": ("What decided", ""),
}

_QUALITY: Final = {
    "section": ("Table of the quality report", ""),
    "item": ("Its row", ""),
    "measure": ("Its column", ""),
    "value": ("What it says", "records, shares from 0 to 1, or as measure says"),
}

COLUMN_GROUPS: Final = {
    "counties": _COUNTIES,
    "areas": _AREAS,
    "scan_clusters": _SCAN,
    "mismatch": _MISMATCH,
    "sensitivity": _SENSITIVITY,
    "reconciliation": _RECONCILIATION,
    "data_quality": _QUALITY,
    "any": _ANYWHERE,
}
"""Meaning and unit by column, by layers that share theirs; ``any`` where they say nothing."""

_GROUP_OF: Final = {
    "overlap": "counties",
    "arrest_hotspots": "counties",
    "crime_hotspots": "counties",
    "zones": "areas",
    "areas_of_responsibility": "areas",
    "states": "areas",
}

_LAYERS: Final = {
    "counties": ("Counties: all that is known", "A row a county."),
    "overlap": (
        "Overlap and mismatch by county",
        (
            "A row a county: where arrests, {crime}, both or none are hot, and how well the two "
            "agree around it."
        ),
    ),
    "arrest_hotspots": (
        "Arrest hot spots by county",
        (
            "A row a county: arrests, rates and Gi*. Where support is not county, the class is "
            "that of the whole area."
        ),
    ),
    "crime_hotspots": (
        "Hot spots of {crime} by county",
        "A row a county: rates and Gi*, tested county by county.",
    ),
    "scan_clusters": (
        "Scan clusters",
        (
            "A row a circle of places whose rates stand out most. Circles are ranked and not "
            "tested; those of different maps overlap."
        ),
    ),
    "zones": (
        "Zones: states within an office's area",
        "A row a zone: the zone's own answer, tested zone by zone where that is the level.",
    ),
    "areas_of_responsibility": (
        "Areas of responsibility of ICE field offices",
        "A row an office: what its counties and zones add up to.",
    ),
    "states": ("States", "A row a state: what its counties and zones add up to."),
    "sensitivity": ("Sensitivity", "A row a change of method, the baseline first."),
    "mismatch": (
        "Mismatch: places where only one map is hot",
        "A row a place, ranked. The rank is no test.",
    ),
    "reconciliation": (
        "Reconciliation of totals",
        "A row a published total: as given and as it is used.",
    ),
    "data_quality": ("Quality of the records", "A row a number of the quality report."),
}


def column_words(
    layer: str, columns: Iterable[str], *, people: str, crime: str
) -> dict[str, ColumnWords]:
    """Describe the columns of a layer.

    Parameters
    ----------
    layer : str
        Its name.
    columns : iterable of str
        Its columns, the index included.
    people : str
        Whom arrest rates refer to: ``"residents"`` or ``"non-citizens"``.
    crime : str
        What is counted: ``"violent crime"``.

    Returns
    -------
    dict of str to ColumnWords
        By column; those without words are left out.

    Examples
    --------
    >>> words = column_words(
    ...     "counties", ["custodial_arrest_rate"], people="residents", crime="homicide")
    >>> print(words["custodial_arrest_rate"])
    Custodial arrests: arrests over their whole period, ... [per 100,000 residents]
    """
    known = _ANYWHERE | COLUMN_GROUPS.get(_GROUP_OF.get(layer, layer), {})
    found = {}
    for column in columns:
        kind = next((kind for kind in _KINDS if column.startswith(f"{kind}_")), "")
        name = column.removeprefix(f"{kind}_") if kind else column
        if name not in known:
            continue
        meaning, unit = (text.format(people=people, crime=crime) for text in known[name])
        words = ColumnWords(meaning=meaning, unit=unit)
        if kind:
            # Gi* and P(hot) keep their capitals, a sentence does not.
            tail = meaning if meaning[1:2] in "(i" else meaning[0].lower() + meaning[1:]
            words = replace(words, meaning=f"{kind.capitalize()} arrests: {tail}")
        found[column] = words
    return found


def layer_words(analysis: Analysis, layers: Mapping[str, pd.DataFrame]) -> dict[str, LayerWords]:
    """Describe the layers of a run and their columns.

    Parameters
    ----------
    analysis : Analysis
        What was found.
    layers : mapping of str to pandas.DataFrame
        The layers; a named index is a column.

    Returns
    -------
    dict of str to LayerWords
        By layer; title and abstract say where data are SIMULATED (M11).
    """
    inputs = analysis.inputs
    people = DENOMINATOR_WORDS[analysis.options.denominator]
    crime = inputs.crime.noun
    periods = (
        f"Arrests: {inputs.arrest_period or 'period not stated'}. "
        f"{crime.capitalize()}: {inputs.crime_period or 'period not stated'}."
    )
    made_up = "SIMULATED data. " if inputs.simulated else ""
    words = {}
    for name, table in layers.items():
        columns = [*filter(None, table.index.names), *table.columns]
        title, abstract = (text.format(crime=crime) for text in _LAYERS.get(name, (name, "")))
        words[name] = LayerWords(
            title=f"{title} (SIMULATED)" if inputs.simulated else title,
            abstract=f"{made_up}{abstract} {periods} Nothing here is evidence about any person.",
            columns=column_words(name, columns, people=people, crime=crime),
        )
    return words
