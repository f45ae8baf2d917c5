"""From tables to tested and compared maps: the trip of the data, in order."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import geopandas as gpd
import numpy as np
import pandas as pd

from arrest_atlas.counting import KINDS, CountedKind, Kind, count_arrests
from arrest_atlas.options import Inputs, Options
from arrest_atlas.support import COUNTY, known_arrests
from boundaries import load_counties
from geo import CountyArrests, InputError, Problem, load_population
from spatial_models import (
    NO_VARIATION,
    GlobalResult,
    HotSpotComparison,
    RateHotSpots,
    coarsen_graph,
    compare_hotspots,
    contiguity,
    moran,
    rate_hot_spots,
)

if TYPE_CHECKING:
    from libpysal.graph import Graph

__all__ = [
    "AREA_PERMUTATIONS",
    "Analysis",
    "KindAnswer",
    "MapPair",
    "Progress",
    "Tested",
    "analyse",
    "area_people",
    "silent",
]

AREA_PERMUTATIONS: Final = 99_999
"""Conditional permutations for areas, which are too few for the normal approximation."""

_COVERAGE: Final = 0.8
"""Share of an area's residents whose counties have a number, below which it has none."""

_IMPUTE, _TEST_AREAS, _MORAN, _CRIME = 0, 3, 4, 5
"""Independent streams of random numbers, so that one step never shifts another's."""

Progress = Callable[[str], None]


@dataclass(frozen=True, kw_only=True)
class Tested:
    """One map, tested.

    Attributes
    ----------
    spots : RateHotSpots
        Hot and cold spots.
    moran : GlobalResult
        Spatial autocorrelation of the values tested.
    """

    spots: RateHotSpots
    moran: GlobalResult


@dataclass(frozen=True, kw_only=True)
class MapPair:
    """Arrests and crime on the same units, tested and compared.

    Attributes
    ----------
    graph : libpysal.graph.Graph
        Who is whose neighbour.
    arrests : Tested or None
        Arrests; None where no unit's arrests are known well enough.
    crime : Tested
        Violent crime, the same for every kind of arrest.
    comparison : HotSpotComparison or None
        The two side by side.
    """

    graph: Graph
    arrests: Tested | None
    crime: Tested
    comparison: HotSpotComparison | None


@dataclass(frozen=True, kw_only=True)
class KindAnswer:
    """What was found of one kind of arrests.

    Attributes
    ----------
    arrests : CountyArrests
        Arrests by county.
    support : pandas.DataFrame
        By area: arrests, located share, and whether counties are tested.
    county : MapPair
        The county answer, over the counties whose arrests are located.
    area : MapPair
        The answer of the larger areas, over all of them.
    """

    arrests: CountyArrests
    support: pd.DataFrame
    county: MapPair
    area: MapPair


@dataclass(frozen=True, kw_only=True)
class Analysis:
    """Everything that was found, before it is written.

    Attributes
    ----------
    inputs : Inputs
        What the run was given.
    options : Options
        What it was asked to do.
    geometry : geopandas.GeoDataFrame
        Every county with an area of responsibility.
    level : str
        What the areas are: ``"zone"``, ``"aor"`` or ``"state"``.
    kinds : mapping of str to KindAnswer
        What was found of all arrests (``"all"``) and, where records tell them apart, of
        ``"custodial"`` and ``"community"`` arrests.
    reconciliation : pandas.DataFrame or None
        What published totals became; None for records.
    """

    inputs: Inputs
    options: Options
    geometry: gpd.GeoDataFrame
    level: str
    kinds: Mapping[Kind, KindAnswer]
    reconciliation: pd.DataFrame | None

    def county_support(self, kind: Kind) -> pd.Series:
        """Tell the support of each county's arrests.

        Parameters
        ----------
        kind : {"all", "custodial", "community"}
            Of which arrests.

        Returns
        -------
        pandas.Series of str
            ``"county"``, the level of its area, or ``"none"``, by ``county_fips``.
        """
        support: pd.Series = self.geometry[self.level].map(self.kinds[kind].support["support"])
        return support.rename("support")


def silent(_: str) -> None:
    """Report no progress.

    Parameters
    ----------
    _ : str
        What is being done, ignored.

    Examples
    --------
    >>> silent("reading")
    """


def analyse(
    inputs: Inputs,
    options: Options,
    *,
    progress: Progress = silent,
    executor: Executor | None = None,
) -> Analysis:
    """Locate, impute, test and compare.

    Tests cover the 48 states and the District of Columbia, whose counties touch each
    other. Alaska, Hawaii and the territories are counted, imputed and shown, not tested.

    Parameters
    ----------
    inputs : Inputs
        Tables of arrests, crime and people.
    options : Options
        Choices of method.
    progress : callable, optional
        Receives a few words at each step.
    executor : concurrent.futures.Executor, optional
        Where the draws are tested; the result does not depend on it.

    Returns
    -------
    Analysis
        Deterministic for the seed of `options`.

    Raises
    ------
    InputError
        If there are no arrests, or some lie where no office is responsible.

    Examples
    --------
    >>> from arrest_atlas.demo import simulate
    >>> analysis = analyse(simulate(seed=1, arrests=20_000).inputs, Options(draws=2))
    >>> list(analysis.kinds)
    ['all', 'custodial', 'community']
    >>> analysis.kinds["custodial"].area.arrests.spots.test.n
    56
    """
    progress("bringing arrests to counties")
    counties = load_counties()
    counties = counties[counties["zone"].notna()]
    counted = count_arrests(inputs, options, counties, rng=_stream(options, _IMPUTE))
    area = counties[counted.level]
    progress("finding neighbours")
    county_graph = contiguity(load_counties(extent="conterminous"))
    area_graph = coarsen_graph(county_graph, area)
    progress("testing crime")
    county_crime = _county_crime(inputs, options, county_graph)
    area_crime = _area_crime(inputs, options, area, area_graph)
    kinds: dict[Kind, KindAnswer] = {}
    for kind, found in counted.kinds.items():
        progress(f"testing {kind} arrests")
        county = _county_arrests(inputs, options, found, area, county_graph, executor=executor)
        areas = _area_arrests(inputs, options, found, area, area_graph, kind=kind)
        kinds[kind] = KindAnswer(
            arrests=found.arrests,
            support=found.support,
            county=_pair(county_graph, county, county_crime),
            area=_pair(area_graph, areas, area_crime),
        )
    return Analysis(
        inputs=inputs,
        options=options,
        geometry=counties,
        level=counted.level,
        kinds=kinds,
        reconciliation=counted.reconciliation,
    )


def _stream(options: Options, *step: int) -> np.random.Generator:
    return np.random.default_rng([options.seed, *step])


def _county_crime(inputs: Inputs, options: Options, graph: Graph) -> Tested:
    residents = inputs.crime_residents.reindex(graph.unique_ids)
    spots = rate_hot_spots(inputs.crime.events(residents), residents, graph, alpha=options.alpha)
    if not spots.test.tested.any() and not (spots.test.classes == NO_VARIATION).any():
        raise InputError([_too_little_crime(inputs)])
    return _tested(spots, graph, options)


def _county_arrests(
    inputs: Inputs,
    options: Options,
    found: CountedKind,
    area: pd.Series,
    graph: Graph,
    *,
    executor: Executor | None,
) -> Tested | None:
    """Test arrests where they are located by county."""
    ids = graph.unique_ids
    by_county = area.map(found.support["support"]) == COUNTY
    tested = by_county.reindex(ids).to_numpy()
    if not tested.any():
        return None
    arrests = found.arrests
    draws = arrests.draws[:, arrests.county_fips.get_indexer(ids)]
    imputed = (draws != draws[0])[:, tested].any()
    draws = np.where(tested, draws, np.nan)
    spots = rate_hot_spots(
        draws if imputed else draws[0],
        inputs.people(options.denominator).reindex(ids),
        graph,
        alpha=options.alpha,
        executor=executor,
    )
    return _tested(spots, graph, options) if spots.test.n else None


def _tested(spots: RateHotSpots, graph: Graph, options: Options) -> Tested:
    autocorrelation = moran(spots.scores, graph.transform("R"), rng=_stream(options, _MORAN))
    return Tested(spots=spots, moran=autocorrelation)


def area_people(inputs: Inputs, options: Options, area: pd.Series) -> pd.Series:
    """Add up the people of the denominator by area.

    Where counties holding up to a fifth of an area's residents lack a number, they are
    taken to have the same share of residents as the others; where more do, the area has
    no number: arrests of a whole area must not be divided by people of a part.

    Parameters
    ----------
    inputs : Inputs
        What the run was given.
    options : Options
        Which people.
    area : pandas.Series of str
        Area of each county, indexed by ``county_fips``.

    Returns
    -------
    pandas.Series of float
        People by area, NaN where too many are missing.
    """
    people = inputs.people(options.denominator).reindex(area.index)
    # Counties without packaged residents (territories) count alike.
    residents = load_population().reindex(area.index).fillna(1.0)
    covered = residents.where(people.notna(), 0.0).groupby(area).sum()
    share = covered / residents.groupby(area).sum()
    total: pd.Series = people.groupby(area).sum()
    return (total / share).where(share >= _COVERAGE)


def _too_little_crime(inputs: Inputs) -> Problem:
    source = inputs.crime.source
    return Problem(
        file=source.file,
        where=f"column {source.column!r}",
        found="no two neighbouring counties of the 48 states and DC with a crime rate",
        expected="rates of most counties",
        action="give a table of more counties",
    )


def _area_arrests(
    inputs: Inputs,
    options: Options,
    found: CountedKind,
    area: pd.Series,
    graph: Graph,
    *,
    kind: Kind,
) -> Tested:
    """Test arrests in the larger areas, as far as their totals are known."""
    ids = graph.unique_ids
    spots = rate_hot_spots(
        known_arrests(found.support).reindex(ids),
        area_people(inputs, options, area).reindex(ids),
        graph,
        permutations=AREA_PERMUTATIONS,
        alpha=options.alpha,
        rng=_stream(options, _TEST_AREAS, KINDS.index(kind)),
    )
    return _tested(spots, graph, options)


def _area_crime(inputs: Inputs, options: Options, area: pd.Series, graph: Graph) -> Tested:
    """Test crime in the larger areas, where enough of their residents are covered."""
    ids = graph.unique_ids

    def total(values: pd.Series) -> pd.Series:
        sums: pd.Series = values.reindex(area.index).groupby(area).sum()
        return sums.reindex(ids)

    residents = inputs.crime_residents
    events = inputs.crime.events(residents)
    covered = total(residents.where(events.notna()))
    enough = covered / total(residents) >= _COVERAGE
    spots = rate_hot_spots(
        total(events).where(enough),
        covered,
        graph,
        permutations=AREA_PERMUTATIONS,
        alpha=options.alpha,
        rng=_stream(options, _CRIME),
    )
    return _tested(spots, graph, options)


def _pair(graph: Graph, arrests: Tested | None, crime: Tested) -> MapPair:
    comparison = None
    if arrests is not None:
        comparison = compare_hotspots(
            arrests.spots, crime.spots, graph.transform("R"), labels=("arrests", "crime")
        )
    return MapPair(graph=graph, arrests=arrests, crime=crime, comparison=comparison)
