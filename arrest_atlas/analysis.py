"""From tables to tested and compared maps: the trip of the data, in order."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import geopandas as gpd
import pandas as pd

from arrest_atlas.counting import CountedKind, Kind, count_arrests
from arrest_atlas.map_units import MapUnits, area_units, county_units
from arrest_atlas.options import Inputs, Options
from arrest_atlas.support import known_arrests
from arrest_atlas.tested_maps import (
    Tested,
    area_arrests,
    area_crime,
    area_surrogates,
    compare_maps,
    county_arrests,
    county_crime,
    county_surrogates,
    headline_level,
    is_by_county,
    stream,
    with_moran,
    with_permutations,
)
from boundaries import load_counties
from geo import CountyArrests
from spatial_models import HotSpotComparison, SurrogateMaps

if TYPE_CHECKING:
    from libpysal.graph import Graph

__all__ = ["Analysis", "KindAnswer", "MapPair", "Progress", "analyse", "silent"]

Progress = Callable[[str], None]


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
    headline : {"county", "area"}
        Which answer carries the headline.
    comparison : HotSpotComparison
        Arrests and crime in that answer.
    """

    arrests: CountyArrests
    support: pd.DataFrame
    county: MapPair
    area: MapPair
    headline: Literal["county", "area"]
    comparison: HotSpotComparison


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

    @property
    def in_extent(self) -> pd.Series:
        """Tell which counties lie where tests are made.

        Returns
        -------
        pandas.Series of bool
            By ``county_fips``.
        """
        tested = self.kinds["all"].county.graph.unique_ids
        return pd.Series(self.geometry.index.isin(tested), index=self.geometry.index)


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
    other. Alaska, Hawaii and the territories are counted, imputed and shown, not tested
    (Alaska and Hawaii on request).

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
    >>> analysis = analyse(simulate(seed=1, arrests=20_000).inputs, Options(draws=2, surrogates=0))
    >>> list(analysis.kinds)
    ['all', 'custodial', 'community']
    >>> analysis.kinds["custodial"].area.arrests.spots.test.n
    56
    """
    progress("bringing arrests to counties")
    counties = load_counties()
    counties = counties[counties["zone"].notna()]
    counted = count_arrests(inputs, options, counties, rng=stream(options, "impute"))
    area = counties[counted.level]
    progress("finding neighbours")
    by_county = county_units(options)
    by_area = area_units(by_county, area)
    progress("testing crime")
    residents = inputs.crime_residents
    county_spots = county_crime(inputs.crime, residents, options, by_county)
    area_spots = area_crime(inputs.crime, residents, area, options, by_area)
    progress("drawing surrogate maps of crime")
    county_null = None
    # Where no county's arrests are known, nothing by county is compared.
    if any(is_by_county(found, area, by_county).any() for found in counted.kinds.values()):
        county_null = county_surrogates(county_spots, options, by_county, executor=executor)
    ground = _Ground(
        inputs=inputs,
        options=options,
        area=area,
        by_county=by_county,
        by_area=by_area,
        county_crime=with_permutations(
            with_moran(county_spots, by_county, options), by_county, options
        ),
        area_crime=with_moran(area_spots, by_area, options),
        county_null=county_null,
        area_null=area_surrogates(
            area_spots,
            options,
            by_area,
            counties=by_county,
            area=area,
            residents=residents,
            executor=executor,
        ),
    )
    kinds: dict[Kind, KindAnswer] = {}
    for kind, found in counted.kinds.items():
        progress(f"testing {kind} arrests")
        kinds[kind] = _answer(kind, found, ground, executor=executor)
    return Analysis(
        inputs=inputs,
        options=options,
        geometry=counties,
        level=counted.level,
        kinds=kinds,
        reconciliation=counted.reconciliation,
    )


@dataclass(frozen=True, kw_only=True)
class _Ground:
    """What is the same for every kind of arrests."""

    inputs: Inputs
    options: Options
    area: pd.Series
    by_county: MapUnits
    by_area: MapUnits
    county_crime: Tested
    area_crime: Tested
    county_null: SurrogateMaps | None
    area_null: SurrogateMaps


def _answer(
    kind: Kind, found: CountedKind, ground: _Ground, *, executor: Executor | None
) -> KindAnswer:
    """Test one kind of arrests by county and by area, and compare it with crime."""
    options, area = ground.options, ground.area
    by_county, by_area = ground.by_county, ground.by_area
    people = ground.inputs.people(options.denominator)
    county_spots = county_arrests(found, people, area, options, by_county, executor=executor)
    area_spots = area_arrests(found, people, area, options, by_area, kind=kind)
    county_masses, area_masses = _masses(found, ground)
    county = None
    if county_spots is not None:
        county = compare_maps(
            county_spots,
            ground.county_crime.spots,
            ground.county_null,
            by_county,
            support="unit",
            masses=county_masses,
        )
    among_areas = compare_maps(
        area_spots,
        ground.area_crime.spots,
        ground.area_null,
        by_area,
        support="area",
        masses=area_masses,
    )
    headline = headline_level(found.support, county, options)
    return KindAnswer(
        arrests=found.arrests,
        support=found.support,
        county=MapPair(
            graph=by_county.graph,
            arrests=with_moran(county_spots, by_county, options) if county_spots else None,
            crime=ground.county_crime,
            comparison=county,
        ),
        area=MapPair(
            graph=by_area.graph,
            arrests=with_moran(area_spots, by_area, options),
            crime=ground.area_crime,
            comparison=among_areas,
        ),
        headline=headline,
        comparison=county if county is not None and headline == "county" else among_areas,
    )


def _masses(
    found: CountedKind, ground: _Ground
) -> tuple[dict[str, pd.Series], dict[str, pd.Series]]:
    """Gather arrests, crimes and residents by county and by area, to share out."""
    inputs, area, arrests = ground.inputs, ground.area, found.arrests
    mean = pd.Series(arrests.draws.mean(axis=0), index=arrests.county_fips)
    by_county = {
        "arrests": mean,
        "crimes": inputs.crime.events(inputs.crime_residents),
        "residents": inputs.residents,
    }
    by_area = {
        name: mass.reindex(area.index).groupby(area).sum() for name, mass in by_county.items()
    }
    by_area["arrests"] = known_arrests(found.support)
    return (
        {name: mass.reindex(ground.by_county.ids) for name, mass in by_county.items()},
        {name: mass.reindex(ground.by_area.ids) for name, mass in by_area.items()},
    )
