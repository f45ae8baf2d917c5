"""From tables to tested and compared maps: the trip of the data, in order."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import geopandas as gpd
import numpy as np
import pandas as pd

from arrest_atlas.options import Inputs, Options
from arrest_atlas.support import COUNTY, decide_support, known_arrests
from boundaries import load_counties
from geo import (
    AreaTotals,
    CountyArrests,
    InputError,
    Problem,
    impute_counts,
    load_population,
    reconcile_totals,
)
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

__all__ = ["AREA_PERMUTATIONS", "Analysis", "MapPair", "analyse", "area_people", "silent"]

AREA_PERMUTATIONS: Final = 99_999
"""Conditional permutations for areas, which are too few for the normal approximation."""

_COVERAGE: Final = 0.8
"""Share of an area's residents whose counties have a number, below which it has none."""

_IMPUTE, _TEST_AREAS, _MORAN = 0, 3, 4
"""Independent streams of random numbers, so that one step never shifts another's."""

Progress = Callable[[str], None]


@dataclass(frozen=True, kw_only=True)
class MapPair:
    """Arrests and crime on the same units, tested and compared.

    Attributes
    ----------
    graph : libpysal.graph.Graph
        Who is whose neighbour.
    arrests : RateHotSpots or None
        Hot spots of arrests; None where no unit's arrests are known well enough.
    crime : RateHotSpots
        Hot spots of violent crime.
    comparison : HotSpotComparison or None
        The two side by side.
    moran_arrests, moran_crime : GlobalResult or None
        Spatial autocorrelation of the values tested.
    """

    graph: Graph
    arrests: RateHotSpots | None
    crime: RateHotSpots
    comparison: HotSpotComparison | None
    moran_arrests: GlobalResult | None
    moran_crime: GlobalResult


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
    totals : AreaTotals
        Arrests whose county is not known.
    arrests : CountyArrests
        Arrests by county.
    support : pandas.DataFrame
        By area: located share, and whether counties are tested.
    county : MapPair
        The county answer, over the counties whose arrests are located.
    area : MapPair
        The answer of the larger areas, over all of them.
    """

    inputs: Inputs
    options: Options
    geometry: gpd.GeoDataFrame
    level: str
    totals: AreaTotals
    arrests: CountyArrests
    support: pd.DataFrame
    county: MapPair
    area: MapPair

    @property
    def county_support(self) -> pd.Series:
        """Tell the support of each county's arrests.

        Returns
        -------
        pandas.Series of str
            ``"county"``, the level of its area, or ``"none"``, by ``county_fips``.
        """
        support: pd.Series = self.geometry[self.level].map(self.support["support"])
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
    >>> analysis = analyse(simulate(seed=1).inputs, Options(draws=2))
    >>> analysis.level, analysis.area.arrests.test.n
    ('zone', 56)
    """
    progress("bringing arrests to counties")
    counties = load_counties()
    counties = counties[counties["zone"].notna()]
    located = _located(inputs, counties.index)
    totals = _area_totals(inputs, options, counties)
    area = counties[totals.level]
    support = decide_support(
        totals,
        area=area,
        zone=counties["zone"],
        located=located,
        threshold=options.located_share,
    )
    if support["arrests"].sum() == 0:
        raise InputError([_no_arrests(inputs)])
    arrests = impute_counts(
        totals.counts,
        area=area,
        weights=inputs.people(options.weights),
        located=located,
        follow_located=support.index[support["support"] == COUNTY],
        draws=options.draws,
        rng=_stream(options, _IMPUTE),
    )
    progress("finding neighbours")
    county_graph = contiguity(load_counties(extent="conterminous"))
    area_graph = coarsen_graph(county_graph, area)
    progress("testing counties")
    by_county = area.map(support["support"]) == COUNTY
    county = _county_answer(inputs, options, arrests, by_county, county_graph, executor=executor)
    progress(f"testing areas ({totals.level})")
    areas = _area_answer(inputs, options, area, support, area_graph)
    return Analysis(
        inputs=inputs,
        options=options,
        geometry=counties,
        level=totals.level,
        totals=totals,
        arrests=arrests,
        support=support,
        county=county,
        area=areas,
    )


def _stream(options: Options, step: int) -> np.random.Generator:
    return np.random.default_rng([options.seed, step])


def _located(inputs: Inputs, counties: pd.Index) -> pd.Series | None:
    located = inputs.arrests_by_county
    if located is None:
        return None
    outside = located[(located > 0) & ~located.index.isin(counties)]
    if len(outside):
        source = inputs.sources.get("arrests by county")
        problem = Problem(
            file=source.file if source else "arrests by county",
            where=f"county {', '.join(outside.index)}",
            found=f"{int(outside.sum()):,} arrests where no field office is responsible",
            expected="counties of the states, DC, PR, GU, VI or MP",
            action="leave these rows out",
        )
        raise InputError([problem])
    return located


def _area_totals(inputs: Inputs, options: Options, counties: pd.DataFrame) -> AreaTotals:
    by_aor, by_state = inputs.arrests_by_aor, inputs.arrests_by_state
    if by_aor is None and by_state is None:
        none = pd.Series(dtype="int64")
        return reconcile_totals(by_aor=none, by_state=none)
    weights = inputs.people(options.weights).reindex(counties.index)
    return reconcile_totals(
        by_aor=by_aor, by_state=by_state, zone_weights=weights.groupby(counties["zone"]).sum()
    )


def _county_answer(
    inputs: Inputs,
    options: Options,
    arrests: CountyArrests,
    by_county: pd.Series,
    graph: Graph,
    *,
    executor: Executor | None,
) -> MapPair:
    """Test crime in every county, arrests where they are located by county."""
    ids = graph.unique_ids
    residents = inputs.crime_residents.reindex(ids)
    crime = rate_hot_spots(
        inputs.crime.events(residents),
        residents,
        graph,
        alpha=options.alpha,
    )
    if not crime.test.tested.any() and not (crime.test.classes == NO_VARIATION).any():
        raise InputError([_too_little_crime(inputs)])
    tested = by_county.reindex(ids).to_numpy()
    spots = None
    if tested.any():
        position = arrests.county_fips.get_indexer(ids)
        draws = np.where(tested, arrests.draws[:, position], np.nan)
        exposure = inputs.people(options.denominator).reindex(ids)
        imputed = (draws != draws[0])[:, tested].any()
        spots = rate_hot_spots(
            draws if imputed else draws[0],
            exposure,
            graph,
            alpha=options.alpha,
            executor=executor,
        )
        spots = spots if spots.test.n else None
    return _pair(graph, spots, crime, options)


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


def _no_arrests(inputs: Inputs) -> Problem:
    files = [source.file for what, source in inputs.sources.items() if what.startswith("arrests")]
    return Problem(
        file=", ".join(files) or "arrests",
        found="no arrest",
        expected="at least one",
        action="check that these are the right files and columns",
    )


def _too_little_crime(inputs: Inputs) -> Problem:
    source = inputs.crime.source
    return Problem(
        file=source.file,
        where=f"column {source.column!r}",
        found="no two neighbouring counties of the 48 states and DC with a crime rate",
        expected="rates of most counties",
        action="give a table of more counties",
    )


def _area_answer(
    inputs: Inputs, options: Options, area: pd.Series, support: pd.DataFrame, graph: Graph
) -> MapPair:
    """Test arrests and crime in the larger areas, as far as their totals are known."""
    ids = graph.unique_ids

    def total(values: pd.Series) -> pd.Series:
        sums: pd.Series = values.reindex(area.index).groupby(area).sum()
        return sums.reindex(ids)

    rng = _stream(options, _TEST_AREAS)
    spots = rate_hot_spots(
        known_arrests(support).reindex(ids),
        area_people(inputs, options, area).reindex(ids),
        graph,
        permutations=AREA_PERMUTATIONS,
        alpha=options.alpha,
        rng=rng,
    )
    residents = inputs.crime_residents
    events = inputs.crime.events(residents)
    covered = total(residents.where(events.notna()))
    enough = covered / total(residents) >= _COVERAGE
    crime = rate_hot_spots(
        total(events).where(enough),
        covered,
        graph,
        permutations=AREA_PERMUTATIONS,
        alpha=options.alpha,
        rng=rng,
    )
    return _pair(graph, spots, crime, options)


def _pair(
    graph: Graph, arrests: RateHotSpots | None, crime: RateHotSpots, options: Options
) -> MapPair:
    standardised = graph.transform("R")
    rng = _stream(options, _MORAN)
    comparison = None
    if arrests is not None:
        comparison = compare_hotspots(arrests, crime, standardised, labels=("arrests", "crime"))
    return MapPair(
        graph=graph,
        arrests=arrests,
        crime=crime,
        comparison=comparison,
        moran_arrests=moran(arrests.scores, standardised, rng=rng) if arrests else None,
        moran_crime=moran(crime.scores, standardised, rng=rng),
    )
