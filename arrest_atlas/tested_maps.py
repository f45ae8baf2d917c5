"""Arrests and crime as maps, tested and compared: the steps between counts and answers."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from typing import Final, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from arrest_atlas.caching import cache_folder
from arrest_atlas.counting import KINDS, CountedKind, Kind
from arrest_atlas.map_units import MapUnits
from arrest_atlas.options import Options
from arrest_atlas.support import COUNTY, UNKNOWN, known_arrests
from geo import CrimeRates, InputError, Problem, load_population
from spatial_models import (
    FAMILIES,
    FEWEST_UNITS,
    NO_VARIATION,
    Family,
    GlobalResult,
    HotSpotComparison,
    LocalResult,
    Parts,
    RateHotSpots,
    Support,
    SurrogateMaps,
    compare_hotspots,
    getis_ord,
    moran,
    rate_hot_spots,
    surrogate_maps,
)

__all__ = [
    "AREA_COVERAGE",
    "AREA_PERMUTATIONS",
    "COUNTY_PERMUTATIONS",
    "LABELS",
    "Tested",
    "area_arrests",
    "area_crime",
    "area_crimes",
    "area_people",
    "area_surrogates",
    "compare_maps",
    "county_arrests",
    "county_crime",
    "county_surrogates",
    "headline_level",
    "is_by_county",
    "stream",
    "with_moran",
    "with_permutations",
]

AREA_PERMUTATIONS: Final = 99_999
"""Conditional permutations for areas, which are too few for the normal approximation."""

COUNTY_PERMUTATIONS: Final = 199_999
"""Conditional permutations beside the analytic p-values of crime by county."""

LABELS: Final = ("arrests", "crime")
"""What the two maps are called."""

AREA_COVERAGE: Final = 0.8
"""Share of an area's residents whose counties have a number, below which it has none."""

_STREAMS: Final = {
    "impute": 0,
    "area arrests": 3,
    "moran": 4,
    "area crime": 5,
    "county surrogates": 6,
    "area surrogates": 7,
    "county crime": 8,
    "scan": 9,
}
"""Independent streams of random numbers, so that one step never shifts another's."""


@dataclass(frozen=True, kw_only=True)
class Tested:
    """One map, tested.

    Attributes
    ----------
    spots : RateHotSpots
        Hot and cold spots.
    moran : GlobalResult
        Spatial autocorrelation of the values tested.
    permuted : LocalResult or None
        Gi* of the same scores by conditional permutation, beside the analytic one that
        decides; None where permutations decide, or the map is one of draws.
    """

    spots: RateHotSpots
    moran: GlobalResult
    permuted: LocalResult | None = None

    @property
    def agreement(self) -> float:
        """Tell in which share of the units permutations give the same class.

        Returns
        -------
        float
            NaN where there were none beside.
        """
        tested = self.spots.test.tested
        if self.permuted is None or not tested.any():
            return float("nan")
        same = self.permuted.classes == self.spots.test.classes
        return float(same[tested].mean())


def stream(options: Options, step: str, *more: int) -> np.random.Generator:
    """Open the random numbers of a step.

    Parameters
    ----------
    options : Options
        Whose seed.
    step : str
        What they are for.
    *more : int
        Which part of the step.

    Returns
    -------
    numpy.random.Generator
        Independent of every other step's.

    Examples
    --------
    >>> one, other = (stream(Options(seed=1), "impute") for _ in range(2))
    >>> one.integers(99) == other.integers(99)
    np.True_
    """
    return np.random.default_rng([options.seed, _STREAMS[step], *more])


def with_permutations(tested: Tested, units: MapUnits, options: Options) -> Tested:
    """Add what permutations of the same scores give (rule M6).

    Parameters
    ----------
    tested : Tested
        A map tested by the analytic p-value.
    units : MapUnits
        Its units.
    options : Options
        Whose seed.

    Returns
    -------
    Tested
        With `permuted`.
    """
    permuted = getis_ord(
        tested.spots.scores,
        units.graph,
        permutations=COUNTY_PERMUTATIONS,
        rng=stream(options, "county crime"),
    )
    return replace(tested, permuted=permuted)


def with_moran(spots: RateHotSpots, units: MapUnits, options: Options) -> Tested:
    """Add the spatial autocorrelation of the values tested.

    Parameters
    ----------
    spots : RateHotSpots
        Hot and cold spots.
    units : MapUnits
        Their units.
    options : Options
        Whose seed.

    Returns
    -------
    Tested
        Both.
    """
    autocorrelation = moran(spots.scores, units.graph, rng=stream(options, "moran"))
    return Tested(spots=spots, moran=autocorrelation)


def county_crime(
    crime: CrimeRates, residents: pd.Series, options: Options, units: MapUnits
) -> RateHotSpots:
    """Test crime by county.

    Parameters
    ----------
    crime : CrimeRates
        Crimes per resident.
    residents : pandas.Series of float
        Residents by county in the years of the baseline.
    options : Options
        Level.
    units : MapUnits
        The counties.

    Returns
    -------
    RateHotSpots
        Analytic p-values.

    Raises
    ------
    InputError
        If no two neighbouring counties have a rate.
    """
    residents = residents.reindex(units.ids)
    spots = rate_hot_spots(crime.events(residents), residents, units.graph, alpha=options.alpha)
    if not spots.test.tested.any() and not (spots.test.classes == NO_VARIATION).any():
        raise InputError([_too_little_crime(crime)])
    return spots


def county_arrests(
    found: CountedKind,
    people: pd.Series,
    area: pd.Series,
    options: Options,
    units: MapUnits,
    *,
    executor: Executor | None = None,
) -> RateHotSpots | None:
    """Test arrests by county, where they are located by county.

    Parameters
    ----------
    found : CountedKind
        Arrests and their support.
    people : pandas.Series of float
        Denominator by county.
    area : pandas.Series of str
        Area of each county.
    options : Options
        Level, and what counts as a county's arrests.
    units : MapUnits
        The counties.
    executor : concurrent.futures.Executor, optional
        Where draws are tested.

    Returns
    -------
    RateHotSpots or None
        None where no county is tested.
    """
    tested = is_by_county(found, area, units)
    if not tested.any():
        return None
    arrests = found.arrests
    maps = {
        "imputed": arrests.draws,
        "located": arrests.located[np.newaxis],
        "proportional": arrests.proportional[np.newaxis],
    }[options.treatment]
    draws = maps[:, arrests.county_fips.get_indexer(units.ids)]
    imputed = (draws != draws[0])[:, tested].any()
    draws = np.where(tested, draws, np.nan)
    spots = rate_hot_spots(
        draws if imputed else draws[0],
        people.reindex(units.ids),
        units.graph,
        alpha=options.alpha,
        executor=executor,
    )
    return spots if spots.test.n else None


def is_by_county(found: CountedKind, area: pd.Series, units: MapUnits) -> npt.NDArray[np.bool_]:
    """Tell of which counties the arrests are known well enough to be tested.

    Parameters
    ----------
    found : CountedKind
        Arrests and their support.
    area : pandas.Series of str
        Area of each county.
    units : MapUnits
        The counties.

    Returns
    -------
    numpy.ndarray of bool
        In the order of `units`.
    """
    by_county = area.map(found.support["support"]) == COUNTY
    return by_county.reindex(units.ids).to_numpy(dtype=bool, na_value=False)


def area_people(people: pd.Series, area: pd.Series) -> pd.Series:
    """Add up people by area.

    Where counties holding up to a fifth of an area's residents lack a number, they are
    taken to have the same share of residents as the others; where more do, the area has
    no number: arrests of a whole area must not be divided by people of a part.

    Parameters
    ----------
    people : pandas.Series of float
        By county.
    area : pandas.Series of str
        Area of each county, indexed by ``county_fips``.

    Returns
    -------
    pandas.Series of float
        People by area, NaN where too many are missing.
    """
    people = people.reindex(area.index)
    # Counties without packaged residents (territories) count alike.
    residents = load_population().reindex(area.index).fillna(1.0)
    covered = residents.where(people.notna(), 0.0).groupby(area).sum()
    share = covered / residents.groupby(area).sum()
    total: pd.Series = people.groupby(area).sum()
    return (total / share).where(share >= AREA_COVERAGE)


def area_arrests(
    found: CountedKind,
    people: pd.Series,
    area: pd.Series,
    options: Options,
    units: MapUnits,
    *,
    kind: Kind,
    permutations: int = AREA_PERMUTATIONS,
) -> RateHotSpots:
    """Test arrests in the larger areas, as far as their totals are known.

    Parameters
    ----------
    found : CountedKind
        Arrests and their support.
    people : pandas.Series of float
        Denominator by county.
    area : pandas.Series of str
        Area of each county.
    options : Options
        Level and seed.
    units : MapUnits
        The areas.
    kind : {"all", "custodial", "community"}
        Of which arrests.
    permutations : int
        Conditional permutations.

    Returns
    -------
    RateHotSpots
        Of the areas.
    """
    return rate_hot_spots(
        known_arrests(found.support).reindex(units.ids),
        area_people(people, area).reindex(units.ids),
        units.graph,
        permutations=permutations,
        alpha=options.alpha,
        rng=stream(options, "area arrests", KINDS.index(kind)),
    )


def area_crimes(
    crime: CrimeRates, residents: pd.Series, area: pd.Series
) -> tuple[pd.Series, pd.Series]:
    """Add up crimes and the residents whom they refer to, by area.

    Parameters
    ----------
    crime : CrimeRates
        Crimes per resident.
    residents : pandas.Series of float
        Residents by county in the years of the baseline.
    area : pandas.Series of str
        Area of each county.

    Returns
    -------
    pandas.Series of float
        Crimes by area; missing where too few residents live in counties with a rate.
    pandas.Series of float
        Residents of its counties with a rate.
    """
    residents = residents.reindex(area.index)
    events = crime.events(residents)
    covered: pd.Series = residents.where(events.notna()).groupby(area).sum()
    enough = covered / residents.groupby(area).sum() >= AREA_COVERAGE
    sums: pd.Series = events.groupby(area).sum()
    return sums.where(enough), covered


def area_crime(
    crime: CrimeRates, residents: pd.Series, area: pd.Series, options: Options, units: MapUnits
) -> RateHotSpots:
    """Test crime in the larger areas, where enough of their residents are covered.

    Parameters
    ----------
    crime : CrimeRates
        Crimes per resident.
    residents : pandas.Series of float
        Residents by county in the years of the baseline.
    area : pandas.Series of str
        Area of each county.
    options : Options
        Level and seed.
    units : MapUnits
        The areas.

    Returns
    -------
    RateHotSpots
        By permutation.
    """
    events, covered = area_crimes(crime, residents, area)
    return rate_hot_spots(
        events.reindex(units.ids),
        covered.reindex(units.ids),
        units.graph,
        permutations=AREA_PERMUTATIONS,
        alpha=options.alpha,
        rng=stream(options, "area crime"),
    )


def county_surrogates(
    spots: RateHotSpots,
    options: Options,
    units: MapUnits,
    *,
    families: tuple[Family, ...] = FAMILIES,
    executor: Executor | None = None,
) -> SurrogateMaps:
    """Draw surrogate maps of crime by county.

    Parameters
    ----------
    spots : RateHotSpots
        Crime by county.
    options : Options
        How many, the length of the kernel, seed.
    units : MapUnits
        The counties.
    families : tuple of {"moran", "kernel"}
        Which families to draw; the maps of one do not depend on the other.
    executor : concurrent.futures.Executor, optional
        Where they are tested.

    Returns
    -------
    SurrogateMaps
        Of both families.
    """
    return surrogate_maps(
        spots,
        units.graph,
        units.places,
        surrogates=options.surrogates,
        length=1_000.0 * options.kernel_length,
        families=families,
        rng=stream(options, "county surrogates"),
        cache=cache_folder(),
        executor=executor,
    )


def area_surrogates(
    spots: RateHotSpots,
    options: Options,
    units: MapUnits,
    *,
    counties: MapUnits,
    area: pd.Series,
    residents: pd.Series,
    families: tuple[Family, ...] = FAMILIES,
    executor: Executor | None = None,
) -> SurrogateMaps:
    """Draw surrogate maps of crime in the larger areas.

    Areas differ in size too much for the distance of their centroids to tell how alike
    they are: they are made of counties, weighed by residents.

    Parameters
    ----------
    spots : RateHotSpots
        Crime by area.
    options : Options
        How many, the length of the kernel, seed.
    units : MapUnits
        The areas.
    counties : MapUnits
        Their counties.
    area : pandas.Series of str
        Area of each county.
    residents : pandas.Series of float
        Residents by county in the years of the baseline.
    families : tuple of {"moran", "kernel"}
        Which families to draw; the maps of one do not depend on the other.
    executor : concurrent.futures.Executor, optional
        Where they are tested.

    Returns
    -------
    SurrogateMaps
        Of both families; their hot spots are not looked for.
    """
    return surrogate_maps(
        spots,
        units.graph,
        units.places,
        surrogates=options.surrogates,
        length=1_000.0 * options.kernel_length,
        families=families,
        overlap=False,
        parts=Parts.of(
            counties.places, area.reindex(counties.ids), residents.reindex(counties.ids), units.ids
        ),
        rng=stream(options, "area surrogates"),
        cache=cache_folder(),
        executor=executor,
    )


def compare_maps(
    arrests: RateHotSpots,
    crime: RateHotSpots,
    null: SurrogateMaps | None,
    units: MapUnits,
    *,
    support: Support,
    masses: Mapping[str, pd.Series] | None = None,
    tested_only: bool = False,
) -> HotSpotComparison:
    """Compare arrests with crime.

    Parameters
    ----------
    arrests, crime : RateHotSpots
        By county, where arrests are located by county; or by larger area.
    null : SurrogateMaps or None
        Of crime; no p-values without.
    units : MapUnits
        The counties, or the areas.
    support : {"unit", "area"}
        Counties, or larger areas.
    masses : mapping of str to pandas.Series, optional
        What to share out over hot spots.
    tested_only : bool
        Whether to leave out what has no p-value.

    Returns
    -------
    HotSpotComparison
        With the labels of this package.
    """
    return compare_hotspots(
        arrests,
        crime,
        units.graph,
        labels=LABELS,
        support=support,
        null=null,
        masses=masses,
        tested_only=tested_only,
    )


def headline_level(
    support: pd.DataFrame, county: HotSpotComparison | None, options: Options
) -> Literal["county", "area"]:
    """Tell which answer carries the headline.

    Parameters
    ----------
    support : pandas.DataFrame
        By area: ``arrests`` and ``support``.
    county : HotSpotComparison or None
        The answer by county.
    options : Options
        The threshold of rule M1.

    Returns
    -------
    {"county", "area"}
        By county where areas whose counties are tested hold at least the share
        `located_share` of the arrests that are known by area, and enough counties are
        tested for both maps.

    Examples
    --------
    >>> support = pd.DataFrame({"arrests": [9, 1], "support": ["county", "zone"]})
    >>> headline_level(support, None, Options())
    'area'
    """
    known = support[support["support"] != UNKNOWN]
    arrests = known["arrests"].sum()
    by_county = known.loc[known["support"] == COUNTY, "arrests"].sum()
    if county is None or county.n < FEWEST_UNITS or not arrests:
        return "area"
    return "county" if by_county / arrests >= options.located_share else "area"


def _too_little_crime(crime: CrimeRates) -> Problem:
    source = crime.source
    return Problem(
        file=source.file,
        where=f"column {source.column!r}",
        found="no two neighbouring counties of the 48 states and DC with a crime rate",
        expected="rates of most counties",
        action="give a table of more counties",
    )
