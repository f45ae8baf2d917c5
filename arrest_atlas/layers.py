"""The tables that are handed over: counties, the larger areas, offices, reconciliation."""

from __future__ import annotations

from typing import Final, Literal

import geopandas as gpd
import numpy as np
import pandas as pd

from arrest_atlas.analysis import Analysis, MapPair
from arrest_atlas.counting import Kind
from arrest_atlas.lean_layers import lean_layers
from arrest_atlas.mismatch import crime_people, mismatches
from arrest_atlas.quality import published_quality
from arrest_atlas.scan_clusters import ScanClusters
from arrest_atlas.support import COUNTY, NOT_TESTED, UNKNOWN, known_arrests
from arrest_atlas.tested_maps import Tested, area_crimes, area_people
from boundaries import dissolve_counties, load_field_offices, load_states
from geo import PER

__all__ = [
    "AREA_LAYERS",
    "area_table",
    "county_table",
    "kind_columns",
    "output_layers",
]

AREA_LAYERS: Final = {"zone": "zones", "aor": "areas_of_responsibility", "state": "states"}
"""Name of the layer of each kind of area."""

_WHOLE: Final = {
    "arrest_people",
    "arrests",
    "arrests_located",
    "arrests_proportional",
    "crime_people",
    "crime_residents",
    "noncitizens",
    "residents",
}
"""Columns of whole numbers, those of a kind of arrests included."""

_DRAWN: Final = ["arrests_imputed", "arrests_low", "arrests_high"]
"""Columns of draws, which stand where counties have an answer of their own."""

_WORN: Final = ("located_share", "arrest_rate", "arrest_gi_class", "overlap_class")
"""Columns of an area that its counties show."""

_OVERLAP_COLUMNS: Final = (
    "overlap_class",
    "overlap_similarity",
    "overlap_expected_similarity",
    "overlap_fuzzy_kappa",
    "overlap_lee",
)
"""What `HotSpotComparison.to_frame` says of each place."""

_TEST_COLUMNS: Final = (
    "rate",
    "rate_smoothed",
    "gi_z",
    "gi_p",
    "gi_p_fdr",
    "gi_class",
    "p_hot",
)


def output_layers(
    analysis: Analysis,
    *,
    circles: ScanClusters | None = None,
    sensitivity: pd.DataFrame | None = None,
) -> dict[str, gpd.GeoDataFrame | pd.DataFrame]:
    """Lay an analysis out as the layers of a GeoPackage.

    Parameters
    ----------
    analysis : Analysis
        What was found.
    circles : ScanClusters, optional
        Its scan clusters.
    sensitivity : pandas.DataFrame, optional
        What becomes of it under other choices of method, as ``Sensitivity.to_frame`` gives
        it.

    Returns
    -------
    dict of str to geopandas.GeoDataFrame or pandas.DataFrame
        ``counties`` with every column; ``overlap``, ``arrest_hotspots`` and
        ``crime_hotspots`` (counties with the columns of one subject); ``scan_clusters``
        where given; ``zones``, ``areas_of_responsibility`` and ``states`` (the tested level
        with its results, the others with totals); and tables without geometry:
        ``sensitivity`` where given, ``mismatch`` (places where only one of the maps is hot,
        ranked), and ``reconciliation`` of given and assigned totals, or ``data_quality`` of
        records.
    """
    counties, tested = county_table(analysis), area_table(analysis)
    if circles is not None:
        counties = _geometry_last(counties.join(circles.counties))
        tested = tested.join(circles.areas)
    layers: dict[str, gpd.GeoDataFrame | pd.DataFrame] = {
        "counties": counties,
        **lean_layers(counties),
    }
    if circles is not None:
        layers["scan_clusters"] = _finished(circles.table, analysis)
    for level, name in AREA_LAYERS.items():
        layers[name] = _finished(_geometry_last(_areas(analysis, level, tested)), analysis)
    if sensitivity is not None:
        layers["sensitivity"] = sensitivity
    layers["mismatch"] = _finished(_mismatches(analysis), analysis)
    if analysis.reconciliation is not None:
        layers["reconciliation"] = _finished(analysis.reconciliation, analysis)
    if analysis.inputs.records is not None:
        quality = published_quality(analysis.inputs.records.quality)
        layers["data_quality"] = _finished(quality, analysis)
    return layers


def _areas(analysis: Analysis, level: str, tested: pd.DataFrame) -> gpd.GeoDataFrame:
    """Lay out the areas of one level: their tests, or the totals that are known."""
    counties = analysis.geometry
    table = dissolve_counties(counties, level)
    if level == "zone":
        table = table.join(counties.groupby("zone")[["state", "aor"]].first())
    if level == "aor":
        table = table.join(load_field_offices()["name"].rename("office"))
    if level == "state":
        table = table.join(load_states()["name"])
    if level == analysis.level:
        return table.join(tested)
    table = table.join(_people(analysis).groupby(counties[level]).sum(min_count=1))
    if analysis.level == "zone":  # zones add up to offices and to states exactly
        area = counties.groupby("zone")[level].first()
        for kind, answer in analysis.kinds.items():
            known = answer.support["support"] != UNKNOWN
            counts = answer.support[["arrests", "arrests_located"]].groupby(area).sum()
            # Of an area none of whose zones is known, nothing is.
            counts = counts.where(known.groupby(area).any())
            table = table.join(_named(counts, kind))
    return table


def _mismatches(analysis: Analysis) -> pd.DataFrame:
    """Put the ranked places of all kinds of arrests under each other."""
    table = pd.concat(
        {kind: mismatches(analysis, kind).reset_index() for kind in analysis.kinds},
        names=["kind"],
    )
    return table.reset_index("kind").set_index("kind")


def county_table(analysis: Analysis) -> gpd.GeoDataFrame:
    """Lay an analysis out by county.

    Parameters
    ----------
    analysis : Analysis
        What was found.

    Returns
    -------
    geopandas.GeoDataFrame
        Indexed by ``county_fips``. ``arrest_gi_*``, ``arrest_p_hot`` and the figures of draws
        (``arrests_imputed``, ``arrests_low``, ``arrests_high``) stand only where arrests are
        located by county, and so do the local measures of agreement
        (``overlap_similarity``, ``overlap_fuzzy_kappa``, ``overlap_lee``); ``arrest_class``
        and ``overlap_class`` are what the map shows, and ``support`` tells whose class
        that is; outside the 48 states and DC (and, on request, Alaska and Hawaii) nothing is
        tested. The same columns with ``custodial_`` and ``community_`` before them, where
        records tell these apart.

    Examples
    --------
    >>> from arrest_atlas.analysis import analyse
    >>> from arrest_atlas.demo import simulate
    >>> from arrest_atlas.options import Options
    >>> options = Options(draws=2, surrogates=0)
    >>> table = county_table(analyse(simulate(seed=1, arrests=99_000).inputs, options))
    >>> table.loc["28083", ["support", "overlap_class"]].tolist()
    ['county', 'both hot']
    """
    table = analysis.geometry.drop(columns="state_fips").join(_people(analysis))
    table = table.join(_crime_columns(analysis, "county"))
    areas = area_table(analysis)
    of_area = table[analysis.level].map(areas["crime_gi_class"])
    table["area_crime_gi_class"] = of_area.where(analysis.in_extent, NOT_TESTED)
    for kind in analysis.kinds:
        table = table.join(_named(_county_arrests(analysis, kind, areas), kind))
    return _finished(_geometry_last(table), analysis)


def _county_arrests(analysis: Analysis, kind: Kind, areas: pd.DataFrame) -> pd.DataFrame:
    """Gather what is known of one kind of arrests by county."""
    answer = analysis.kinds[kind]
    counties = analysis.geometry
    area = counties[analysis.level]
    table = pd.DataFrame({"support": analysis.county_support(kind)})
    counts = answer.arrests.to_frame().filter(regex="^arrests_")
    counts = counts.where(table["support"] != UNKNOWN)
    by_county = table["support"] == COUNTY
    # What chance drew into the counties of a zone is no evidence about any of them (M1).
    counts[_DRAWN] = counts[_DRAWN].where(by_county)
    table = table.join(counts)
    worn = pd.DataFrame({name: area.map(areas[_prefix(kind) + name]) for name in _WORN})
    table["located_share"] = worn["located_share"]
    people = analysis.inputs.people(analysis.options.denominator).reindex(table.index)
    rate = PER * table["arrests_imputed"] / people.where(people > 0)
    table["arrest_rate"] = rate.where(by_county)
    table["area_arrest_rate"] = worn["arrest_rate"]
    table = _join_tests(table, answer.county)
    table.loc[~by_county, "arrest_gi_class"] = NOT_TESTED
    for name, own in (("arrest_class", "arrest_gi_class"), ("overlap_class", "overlap_class")):
        # An area that reaches beyond the tests is tested as a whole; its counties there are not.
        table[name] = table[own].where(by_county, worn[own]).where(analysis.in_extent, NOT_TESTED)
    return table


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
    area = analysis.geometry[analysis.level]
    table = _people(analysis).groupby(area).sum(min_count=1).join(_crime_columns(analysis, "area"))
    for kind, answer in analysis.kinds.items():
        arrests = answer.support.drop(columns="evidence")
        unknown = arrests["support"] == UNKNOWN
        arrests["arrests"] = known_arrests(answer.support)
        arrests["arrests_located"] = arrests["arrests_located"].mask(unknown)
        # Of no arrests, there is no share.
        arrests["located_share"] = arrests["located_share"].where(arrests["arrests"] > 0)
        arrests = arrests.assign(arrest_rate=_area_rates(analysis, answer.support))
        # One map, not draws of it: there is no probability to be hot.
        arrests = _join_tests(arrests, answer.area).drop(columns="arrest_p_hot")
        table = table.join(_named(arrests, kind))
    return table.rename_axis(analysis.level)


def kind_columns(table: pd.DataFrame, kind: Kind) -> pd.DataFrame:
    """Take the columns of one kind of arrests, named as those of all arrests.

    Parameters
    ----------
    table : pandas.DataFrame
        As `county_table` or `area_table` gives it.
    kind : {"all", "custodial", "community"}
        Which arrests.

    Returns
    -------
    pandas.DataFrame
        ``support``, ``arrest_class``, ``overlap_class`` and so on.

    Examples
    --------
    >>> table = pd.DataFrame({"support": ["zone"], "custodial_support": ["county"]})
    >>> kind_columns(table, "custodial")["support"].tolist()
    ['county']
    """
    if kind == "all":
        return table
    own = [name for name in table.columns if name.startswith(_prefix(kind))]
    return pd.DataFrame(table[own].rename(columns=lambda name: name.removeprefix(_prefix(kind))))


def _prefix(kind: Kind) -> str:
    return "" if kind == "all" else f"{kind}_"


def _named(table: pd.DataFrame, kind: Kind) -> pd.DataFrame:
    """Name the columns of a kind of arrests; those of all arrests need no prefix."""
    return table.add_prefix(_prefix(kind))


def _people(analysis: Analysis) -> pd.DataFrame:
    """Gather the denominators by county."""
    inputs = analysis.inputs
    people = {
        "residents": inputs.residents,
        "crime_residents": inputs.crime_residents,
        "crime_people": crime_people(analysis),
    }
    if inputs.noncitizens is not None:
        people["noncitizens"] = inputs.noncitizens
    return pd.DataFrame(people).reindex(analysis.geometry.index)


def _area_rates(analysis: Analysis, support: pd.DataFrame) -> pd.Series:
    """Arrests per 100,000 people of the denominator, by area, outlying ones included."""
    people = area_people(
        analysis.inputs.people(analysis.options.denominator), analysis.geometry[analysis.level]
    )
    return PER * known_arrests(support) / people.where(people > 0)


def _crime_columns(analysis: Analysis, units: Literal["county", "area"]) -> pd.DataFrame:
    """Gather the test of crime, which is the same whatever the arrests."""
    answer = analysis.kinds["all"]
    pair = answer.county if units == "county" else answer.area
    index = analysis.geometry.index if units == "county" else answer.support.index
    table = _test_columns(pair.crime, pair, "crime").drop(columns="crime_p_hot").reindex(index)
    table["crime_gi_class"] = table["crime_gi_class"].fillna(NOT_TESTED)
    # A rate is known where nothing is tested, too.
    table["crime_rate"] = table["crime_rate"].fillna(_given_rates(analysis, units))
    if pair.crime.permuted is not None:
        beside = pd.Series(pair.crime.permuted.p, index=pair.graph.unique_ids)
        at = table.columns.tolist().index("crime_gi_p_fdr")
        table.insert(at, "crime_gi_p_permutation", beside.reindex(index))
    return table


def _given_rates(analysis: Analysis, units: Literal["county", "area"]) -> pd.Series:
    """Crimes per 100,000 residents as given; of areas, where enough residents are covered."""
    inputs = analysis.inputs
    if units == "county":
        return inputs.crime.rate
    area = analysis.geometry[analysis.level]
    residents = inputs.crime_residents.reindex(area.index)
    events, people = area_crimes(inputs.crime, residents, area)
    return PER * events / people.where(people > 0)


def _join_tests(table: pd.DataFrame, pair: MapPair) -> pd.DataFrame:
    """Add the columns of the test of arrests and of the comparison, where there was one."""
    arrests = _test_columns(pair.arrests, pair, "arrest").drop(columns="arrest_rate")
    overlap = pd.DataFrame(np.nan, index=pair.graph.unique_ids, columns=_OVERLAP_COLUMNS)
    overlap = overlap.astype({"overlap_class": object})
    if pair.comparison is not None:
        overlap = pair.comparison.to_frame()[list(_OVERLAP_COLUMNS)]
    table = table.join([arrests, overlap])
    classes = ["arrest_gi_class", "overlap_class"]
    table[classes] = table[classes].fillna(NOT_TESTED)
    return table


def _test_columns(tested: Tested | None, pair: MapPair, prefix: str) -> pd.DataFrame:
    if tested is None:
        frame = pd.DataFrame(np.nan, index=pair.graph.unique_ids, columns=_TEST_COLUMNS)
        return frame.astype({"gi_class": object}).add_prefix(f"{prefix}_")
    frame = tested.spots.to_frame()[list(_TEST_COLUMNS)]
    frame[["rate", "rate_smoothed"]] *= PER
    return frame.add_prefix(f"{prefix}_")


def _geometry_last(table: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    columns = [name for name in table.columns if name != "geometry"]
    return table[[*columns, "geometry"]]


def _finished(table: pd.DataFrame, analysis: Analysis) -> pd.DataFrame:
    """Write whole numbers as such, and say on every row where data are made up (M11)."""
    table = table.copy()
    whole = {f"{_prefix(kind)}{name}" for kind in analysis.kinds for name in _WHOLE}
    for name in whole & set(table.columns):
        table[name] = table[name].round().astype("Int64")
    if not analysis.inputs.simulated:
        return table
    table.insert(0, "data", "SIMULATED")
    return table
