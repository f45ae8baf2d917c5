"""What a click on a county shows: its figures, whose they are, and how sure they are."""

from __future__ import annotations

from typing import Final

import geopandas as gpd
import pandas as pd

from arrest_atlas.analysis import Analysis
from arrest_atlas.counting import Kind
from arrest_atlas.layers import area_table, kind_columns
from arrest_atlas.map_layers import AREA_WORDS, KIND_WORDS, LEVEL_WORDS, over_period, why_no_crime
from arrest_atlas.options import DENOMINATOR_WORDS, Inputs
from arrest_atlas.support import COUNTY, NOT_TESTED, UNKNOWN
from arrest_atlas.tested_maps import AREA_COVERAGE
from boundaries import load_field_offices
from geo import POPULATION_YEARS
from spatial_models import NO_DATA

__all__ = ["map_popups", "residents_of_years"]

_DRAWS_OF_INTERVAL: Final = 20
_LEAST_P: Final = 0.001


def map_popups(
    analysis: Analysis, table: gpd.GeoDataFrame, circles: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Word what is known of each county.

    Parameters
    ----------
    analysis : Analysis
        What was found.
    table : geopandas.GeoDataFrame
        Its counties, as ``output_layers`` lays them out.
    circles : pandas.DataFrame, optional
        Its ``scan_clusters``, whose numbers `table` has.

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
    areas = area_table(analysis)
    rows |= _arrest_rows(analysis, table, areas)
    for kind in analysis.kinds:
        if kind != "all":
            rows |= _kind_rows(analysis, kind, kind_columns(table, kind), areas)
    rows |= _crime_rows(analysis, table, areas)
    rows[f"Residents{residents_of_years(inputs)}"] = _number(table["residents"])
    named = {} if circles is None else _circle_words(circles).to_dict()
    for what, column in (("Arrest", "arrest_scan_cluster"), (crime, "crime_scan_cluster")):
        # Arrests that are known by area only were not scanned by county.
        if circles is not None and column in table:
            words = [named.get(number, "") for number in table[column]]
            rows[f"{what} circle (scan)"] = pd.Series(words, index=table.index)
    if "noncitizens" in table:
        rows["Non-citizens"] = _number(table["noncitizens"])
    if inputs.simulated:
        rows["Data"] = pd.Series("SIMULATED", index=table.index)
    return pd.DataFrame(rows, index=table.index).fillna("")


def _arrest_rows(
    analysis: Analysis, own: pd.DataFrame, areas: pd.DataFrame
) -> dict[str, pd.Series]:
    """Word what is known of one kind of arrests."""
    weights = DENOMINATOR_WORDS[analysis.options.weights]
    rate = f"per 100,000 {DENOMINATOR_WORDS[analysis.options.denominator]}{over_period(analysis)}"
    one, _ = AREA_WORDS[analysis.level]
    by_county = own["support"] == COUNTY
    by_area = own["support"] == analysis.level
    located = _number(100 * own["located_share"])
    several = len(analysis.kinds) > 1
    what = "All arrests" if several else "Arrests"
    shared_out = (
        f"{what} if the others of the {one} fell in proportion to {weights} "
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
        + (" (" + located + "% of those in the " + one + " located by county)").where(
            located != "", ""
        ),
        f"{what} located here": _number(own["arrests_located"].where(by_county)),
        f"{what}, imputed included": _with_interval(own, draws=analysis.options.draws),
        shared_out: _number(own["arrests_proportional"].where(by_area)),
        f"{what}, imputed included, {rate}, county": _number(own["arrest_rate"], 1),
        f"{what} {rate}, {one}": _number(own["area_arrest_rate"], 1),
        "All arrests, class" if several else "Arrest class": _whose_class(
            analysis, "all", own, areas
        ),
        "P(hot): share of draws in which arrests are hot here (doubt of location only)": _number(
            own["arrest_p_hot"].where(by_county), 2
        ),
    }


def _kind_rows(
    analysis: Analysis, kind: Kind, own: pd.DataFrame, areas: pd.DataFrame
) -> dict[str, pd.Series]:
    """Word the custodial or the community arrests shortly, beside all arrests."""
    people = DENOMINATOR_WORDS[analysis.options.denominator]
    one, _ = AREA_WORDS[analysis.level]
    by_county = own["support"] == COUNTY
    words = KIND_WORDS[kind].capitalize()
    rate = own["arrest_rate"].where(by_county, own["area_arrest_rate"])
    where = by_county.map({True: "county, imputed included", False: one})
    located = _number(100 * own["located_share"])
    p_hot = _number(own["arrest_p_hot"].where(by_county), 2)
    return {
        f"{words}, imputed included": _with_interval(own, draws=analysis.options.draws),
        f"{words} per 100,000 {people}{over_period(analysis)}": _after(
            _number(rate, 1), ", " + where
        ),
        f"{words}, class": _whose_class(analysis, kind, own, areas)
        + ("; P(hot) " + p_hot).where(p_hot != "", "")
        + ("; " + located + f"% of those in the {one} located by county").where(located != "", ""),
    }


def _crime_rows(
    analysis: Analysis, table: pd.DataFrame, areas: pd.DataFrame
) -> dict[str, pd.Series]:
    """Word crime of the county, and of the area where its arrests are known only for that."""
    crime = analysis.inputs.crime
    noun, (one, _) = crime.noun.capitalize(), AREA_WORDS[analysis.level]
    own, area = table["crime_gi_class"], table["area_crime_gi_class"]
    why = pd.Series(f" ({why_no_crime(analysis)})", index=table.index)
    why[table.index.isin(list(crime.implausible_zeros))] = " (a rate of zero is not plausible here)"
    people = table.groupby(analysis.level)[["crime_people", "crime_residents"]].transform("sum")
    covered = 100 * people["crime_people"].astype("float64") / people["crime_residents"]
    # Rounded down: what falls short of the share that is needed must not read as if it did not.
    share = _number(covered // 1)
    few = f"% of residents of the {one}; {AREA_COVERAGE:.0%} are needed)"
    short = (" (a rate is known for " + share + few).where(share != "", "")
    by_area = table["support"] == analysis.level
    events = _number(crime.events(analysis.inputs.crime_residents).reindex(table.index))
    beyond = pd.Series(_not_tested(analysis), index=table.index)
    p = table[analysis.level].map(areas["crime_gi_p_fdr"])
    return {
        f"{noun} per 100,000 residents, county": _after(
            _number(table["crime_rate"], 1), " (about " + events + " crimes)"
        ),
        f"{noun} class, county": own
        + _adjusted(table["crime_gi_p_fdr"])
        + why.where(own == NO_DATA, "")
        + beyond.where(own == NOT_TESTED, ""),
        f"{noun} class, {one}": (area + _adjusted(p) + short.where(area == NO_DATA, "")).where(
            by_area, ""
        ),
        f"{noun} rate known for": _after(share, f"% of residents of the {one}").where(by_area, ""),
    }


def _not_tested(analysis: Analysis) -> str:
    """Say why nothing is tested in some states."""
    where = "50 states and DC" if analysis.options.extent == "states" else "48 states and DC"
    return f" (tests cover the {where})"


def residents_of_years(inputs: Inputs) -> str:
    """Say of which years the residents are that arrests refer to.

    Parameters
    ----------
    inputs : Inputs
        What the run was given.

    Returns
    -------
    str
        To stand behind the word: ``" (2019)"``; empty where the user's file does not tell.
    """
    if inputs.residents_by_year is not None:
        period = inputs.arrest_period
        last = int(inputs.residents_by_year.by_year.columns[-1])
        first, end = (period.first.year, period.last.year) if period else (last, last)
        return f" ({inputs.residents_by_year.words_for(first, end)})"
    return "" if "residents" in inputs.sources else f" ({POPULATION_YEARS[1]})"


def _circle_words(circles: pd.DataFrame) -> pd.Series:
    """Word each circle, by its number in the table, with its rank among those of its map."""
    of = circles.groupby(["map", "kind", "units"])["rank"].transform("size")
    risk = _number(circles["relative_risk"], 1)
    return (
        "circle "
        + pd.Series(circles.index, index=circles.index).astype(str)
        + (" (rank " + _number(circles["rank"]) + " of " + _number(of) + "): ")
        + (_number(circles["cases"]) + " cases, " + _number(circles["expected"]) + " expected")
        + (", " + risk + " times the rate outside").where(risk != "", "")
    )


def _with_interval(own: pd.DataFrame, *, draws: int) -> pd.Series:
    interval = (
        " (" + _number(own["arrests_low"]) + " to " + _number(own["arrests_high"])
    ) + " in 90% of draws: doubt of location only)"
    # Fewer draws than 20 hold no interval of 90 %.
    imputed = (own["arrests_high"] > own["arrests_low"]) & (draws >= _DRAWS_OF_INTERVAL)
    return _number(own["arrests_imputed"]) + interval.where(imputed, "")


def _whose_class(
    analysis: Analysis, kind: Kind, own: pd.DataFrame, areas: pd.DataFrame
) -> pd.Series:
    """Word the class on the map, whose it is, and why there is none."""
    one, _ = AREA_WORDS[analysis.level]
    by_area = (own["support"] == analysis.level) & (own["arrest_class"] != NOT_TESTED)
    whose = by_area.map({True: f" (of the {one})", False: ""})
    people = DENOMINATOR_WORDS[analysis.options.denominator]
    beyond = pd.Series(_not_tested(analysis), index=own.index)
    of_area = analysis.geometry[analysis.level].map(kind_columns(areas, kind)["arrest_gi_p_fdr"])
    p = own["arrest_gi_p_fdr"].where(~by_area, of_area.reindex(own.index))
    why = (own["support"] == UNKNOWN).map(
        {True: " (arrests are not known well enough here)", False: f" ({people} are not known)"}
    )
    return (
        own["arrest_class"]
        + whose
        + _adjusted(p.where(own["arrest_class"] != NOT_TESTED))
        + why.where(own["arrest_class"] == NO_DATA, "")
        + beyond.where(own["arrest_class"] == NOT_TESTED, "")
    )


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
