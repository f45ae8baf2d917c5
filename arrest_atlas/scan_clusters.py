"""Scan clusters: the circles whose rates stand out most, of arrests and of crime."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final, Literal

import geopandas as gpd
import numpy as np
import pandas as pd

from arrest_atlas.analysis import Analysis
from arrest_atlas.counting import Kind
from arrest_atlas.map_units import MapUnits, area_units, county_units
from arrest_atlas.support import COUNTY, known_arrests
from arrest_atlas.tested_maps import area_people, stream
from geo import PER
from spatial_models import ScanCluster, scan_poisson

__all__ = ["MOST_CLUSTERS", "MOST_PEOPLE", "ScanClusters", "scan_clusters"]

MOST_PEOPLE: Final = 0.1
"""Largest share of the people that a circle may hold: half the country is no cluster."""

MOST_CLUSTERS: Final = 10
"""How many circles of a map are kept, those with the largest likelihood ratios."""

_REPLICATES: Final = 99
_COLUMNS: Final = (
    "map",
    "kind",
    "units",
    "rank",
    "centre",
    "name",
    "places",
    "people",
    "cases",
    "expected",
    "rate",
    "relative_risk",
    "log_likelihood_ratio",
)


@dataclass(frozen=True, kw_only=True)
class ScanClusters:
    """Circles of high rates, and which places lie in them.

    Attributes
    ----------
    table : geopandas.GeoDataFrame
        A row a circle, indexed by ``cluster`` from 1: ``map`` (arrests or crime),
        ``kind`` (of arrests; empty for crime), ``units`` (counties, or the level of the
        areas), ``rank`` among the circles of its map, ``centre`` (the place that it is
        drawn around) and its ``name``, ``places`` (how many lie inside), ``people``, ``cases``
        (the sum of what is known or drawn on average, rounded once), ``expected`` cases if
        the rate were the same everywhere, ``rate`` per 100,000 people, ``relative_risk``
        (rate inside over the rate outside), ``log_likelihood_ratio`` (of the scan, which
        counts whole cases by place), and the places inside as one shape (EPSG:4269).
    counties, areas : pandas.DataFrame
        Number of the circle by ``county_fips``, and by area; ``<NA>`` outside of all:
        ``crime_scan_cluster``, ``arrest_scan_cluster`` and the latter for custodial and
        community arrests (``custodial_arrest_scan_cluster``).
    """

    table: gpd.GeoDataFrame
    counties: pd.DataFrame
    areas: pd.DataFrame


@dataclass(frozen=True, kw_only=True)
class _Scanned:
    """One map of cases among people, to be scanned."""

    map: Literal["arrests", "crime"]
    kind: Kind | Literal[""]
    units: str
    cases: pd.Series
    people: pd.Series

    @property
    def column(self) -> str:
        """Name the column that tells the circle of a place."""
        if self.map == "crime":
            return "crime_scan_cluster"
        prefix = "" if self.kind == "all" else f"{self.kind}_"
        return f"{prefix}arrest_scan_cluster"


def scan_clusters(analysis: Analysis) -> ScanClusters:
    """Find the circles whose arrest and crime rates stand out most.

    Arrests are scanned by county where they are located by county, and by area
    everywhere (M1): the two are never merged. Crime is scanned by county and by area.

    The circles have no p-values. The scan's null hypothesis is one rate everywhere: on
    maps of real rates, which differ from place to place for many reasons, nearly every
    circle is significant (198 circles of the simulated crime, in which three clusters are
    planted). So the circles are ranked, and described.

    Parameters
    ----------
    analysis : Analysis
        What was found.

    Returns
    -------
    ScanClusters
        Deterministic for the seed of the run.

    References
    ----------
    Kulldorff, M. (1997). A spatial scan statistic. Communications in Statistics: Theory
    and Methods 26, 1481-1496.

    Examples
    --------
    >>> from arrest_atlas.analysis import analyse
    >>> from arrest_atlas.demo import simulate
    >>> from arrest_atlas.options import Options
    >>> options = Options(draws=2, surrogates=0)
    >>> found = scan_clusters(analyse(simulate(seed=1, arrests=20_000).inputs, options))
    >>> found.table["map"].unique().tolist()
    ['crime', 'arrests']
    """
    by_county = county_units(analysis.options)
    level = analysis.level
    units = {COUNTY: by_county, level: area_units(by_county, analysis.geometry[level])}
    # Shapes as they were given: projected and back, neighbours would no longer join exactly.
    tested = analysis.geometry.loc[by_county.ids]
    shapes = tested.geometry
    of = {COUNTY: tested.index.to_series(), level: tested[level]}
    members = {name: pd.DataFrame(index=each.ids) for name, each in units.items()}
    rows: list[dict[str, object]] = []
    for each in _maps(analysis):
        scanned = _known(each, units[each.units])
        numbers = pd.Series(pd.NA, index=units[scanned.units].ids, dtype="Int64")
        for rank, cluster in enumerate(_circles(scanned, units[scanned.units], analysis), start=1):
            rows.append(_row(cluster, rank, scanned, shapes, of[scanned.units]))
            numbers[numbers.index.isin(cluster.members)] = len(rows)
        members[scanned.units][scanned.column] = numbers
    counties = analysis.geometry
    names = (counties["legal_name"] + ", " + counties["state"]).to_dict()
    numbers_of_rows = pd.RangeIndex(1, len(rows) + 1, name="cluster")
    outlines = [row.pop("geometry") for row in rows]
    table = pd.DataFrame(rows, index=numbers_of_rows, columns=list(_COLUMNS))
    table["name"] = table["centre"].map(lambda centre: names.get(centre, centre))
    return ScanClusters(
        table=gpd.GeoDataFrame(table, geometry=outlines, crs=analysis.geometry.crs),
        counties=members[COUNTY],
        areas=members[level],
    )


def _maps(analysis: Analysis) -> Iterator[_Scanned]:
    """Lay out every map that is scanned, by county and by area."""
    inputs, level = analysis.inputs, analysis.level
    area = analysis.geometry[level]
    crimes = inputs.crime.events(inputs.crime_residents)
    residents = inputs.crime_residents.where(crimes.reindex(inputs.crime_residents.index).notna())
    for name in (COUNTY, level):
        cases, people = crimes, residents
        if name != COUNTY:
            # An area is as well known as its counties: those without a figure are left out.
            cases = crimes.reindex(area.index).groupby(area).sum(min_count=1)
            people = residents.reindex(area.index).groupby(area).sum(min_count=1)
        yield _Scanned(map="crime", kind="", units=name, cases=cases, people=people)
    denominator = inputs.people(analysis.options.denominator)
    for kind, answer in analysis.kinds.items():
        if answer.county.arrests is not None:
            known = analysis.county_support(kind) == COUNTY
            drawn = pd.Series(answer.arrests.draws.mean(axis=0), index=answer.arrests.county_fips)
            cases = drawn.reindex(known.index).where(known)
            yield _Scanned(map="arrests", kind=kind, units=COUNTY, cases=cases, people=denominator)
        yield _Scanned(
            map="arrests",
            kind=kind,
            units=level,
            cases=known_arrests(answer.support),
            people=area_people(denominator, area),
        )


def _known(scanned: _Scanned, units: MapUnits) -> _Scanned:
    """Take the units where both cases and people are known."""
    people = scanned.people.reindex(units.ids).astype("float64")
    people = people.where(people > 0)
    cases = scanned.cases.reindex(units.ids).astype("float64").where(people.notna())
    return replace(scanned, cases=cases, people=people.where(cases.notna()))


def _circles(scanned: _Scanned, units: MapUnits, analysis: Analysis) -> list[ScanCluster]:
    """Scan one map, and keep what stands out most."""
    step = ("all", "custodial", "community", "").index(scanned.kind)
    result = scan_poisson(
        scanned.cases.round(),  # the scan draws whole cases
        scanned.people,
        units.places,
        max_population=MOST_PEOPLE,
        replicates=_REPLICATES,
        rng=stream(analysis.options, "scan", step, int(scanned.units == COUNTY)),
    )
    return [cluster for cluster in result.clusters if cluster.p <= result.alpha][:MOST_CLUSTERS]


def _row(
    cluster: ScanCluster, rank: int, scanned: _Scanned, shapes: gpd.GeoSeries, of: pd.Series
) -> dict[str, object]:
    inside = of.isin(cluster.members)
    # Means over draws are rounded once added up: their roundings would add up, too.
    within = scanned.cases.index.isin(cluster.members)
    cases, people = (float(each[within].sum()) for each in (scanned.cases, scanned.people))
    all_cases, all_people = float(scanned.cases.sum()), float(scanned.people.sum())
    outside = (all_cases - cases) / (all_people - people)
    return {
        "map": scanned.map,
        "kind": scanned.kind,
        "units": scanned.units,
        "rank": rank,
        "centre": str(cluster.centre),
        "places": len(cluster.members),
        "people": round(people),
        "cases": round(cases),
        "expected": all_cases * people / all_people,
        "rate": PER * cases / people,
        "relative_risk": cases / people / outside if outside > 0 else np.nan,
        "log_likelihood_ratio": cluster.log_likelihood_ratio,
        "geometry": shapes[inside.to_numpy()].union_all(method="coverage"),
    }
