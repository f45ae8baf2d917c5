"""Arrest rate and crime rate of the same places, at one level."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from arrest_atlas.counting import Kind
from arrest_atlas.tables._bases import Bases
from arrest_atlas.tables._place_counts import (
    Level,
    PlaceCounts,
    areas_of_counties,
    placed_counties,
    summed,
)
from arrest_atlas.tables.intervals import pooled_interval
from boundaries import load_counties
from geo import PER
from spatial_models import modified_t_test

__all__ = ["Association", "Extent", "Pairs", "associate", "pairs_everywhere", "pairs_of_same"]

Floats = npt.NDArray[np.float64]
Extent = Literal["everywhere", "same counties"]

_FEWEST: Final = 5
"""Places, for a correlation to be told."""

_COVERED: Final = 0.8
"""Least share of a place's residents whose crimes are reported."""

_HALF: Final = 0.5
"""Added to counts, so that none has a logarithm, too."""

_FREEDOM: Final = 3.0
_SPEARMAN: Final = 1.06
"""Variance of Fisher's z of Spearman's correlation, over that of Pearson's (Fieller 1957)."""

_MOST_Z: Final = 0.999999


@dataclass(frozen=True, kw_only=True)
class Pairs:
    """Arrests, crimes and people of the places of a level.

    Attributes
    ----------
    level : {"state", "aor", "zone", "county_fips"}
        What the places are.
    arrests : pandas.DataFrame
        A row a draw, a column a place.
    residents : pandas.Series of float
        To whom arrests refer.
    crime_rate : pandas.Series of float
        Reported crimes per 100,000 residents of the counties that report.
    reason : pandas.Series of str
        Why a place takes no part; empty where it does.
    """

    level: Level
    arrests: pd.DataFrame
    residents: pd.Series
    crime_rate: pd.Series
    reason: pd.Series

    @property
    def rates(self) -> pd.DataFrame:
        """Lay the two rates out, a row a place."""
        own = self.reason == ""
        table = pd.DataFrame(
            {
                "reason": self.reason,
                "arrests": self.arrests.mean(),
                "residents": self.residents,
                "arrest_rate": PER * self.arrests.mean() / self.residents,
                "crime_rate": self.crime_rate,
            }
        )
        numbers = table.columns[1:]
        table[numbers] = table[numbers].where(own)
        return table.rename_axis(index=self.level)


@dataclass(frozen=True, kw_only=True)
class Association:
    """Correlation of two rates over places.

    Attributes
    ----------
    places : int
        Places that take part.
    effective_places : float
        Independent places whose correlation would vary as much.
    spearman, pearson : tuple of float
        Of ranks, and of logarithms: estimate, low, high.
    """

    places: int
    effective_places: float
    spearman: tuple[float, float, float]
    pearson: tuple[float, float, float]


def pairs_everywhere(
    counts: PlaceCounts, kind: Kind, bases: Bases, crime_residents: pd.Series,
    given: pd.DataFrame | None,
) -> Pairs:  # fmt: skip
    """Pair the rates of every place that has figures of its own."""
    area = areas_of_counties(counts.level, placed_counties().index)
    residents = bases.of(counts, "residents")
    arrests = counts.among(bases.by_county["residents"], kind)
    if given is not None and not counts.from_counties and "residents" in given:
        residents = given["residents"].reindex(residents.index)
        arrests = counts.draws[kind]
    crime = _crime_rate(bases, crime_residents, area).reindex(residents.index)
    reason = counts.reasons[kind].where(counts.reasons[kind] != "", _missing(residents, crime))
    return Pairs(
        level=counts.level, arrests=arrests, residents=residents, crime_rate=crime, reason=reason
    )


def pairs_of_same(
    counties: PlaceCounts, kind: Kind, level: Level, bases: Bases, crime_residents: pd.Series
) -> Pairs:
    """Pair the rates of the counties that are known, put together to the places of a level."""
    arrests = counties.counted.kinds[kind].arrests
    codes = arrests.county_fips
    crimes, residents = (bases.by_county[base].reindex(codes) for base in ("crimes", "residents"))
    told = (counties.reasons[kind].reindex(codes) == "") & crimes.notna() & residents.notna()
    kept = codes[told.to_numpy()]
    area = areas_of_counties(level, kept)
    draws = summed(arrests.draws[:, told.to_numpy()], area)
    people = residents[kept].groupby(area).sum()
    exposed = crime_residents.reindex(kept).groupby(area).sum()
    crime = PER * crimes[kept].groupby(area).sum() / exposed.where(exposed > 0)
    return Pairs(
        level=level,
        arrests=draws,
        residents=people,
        crime_rate=crime,
        reason=_missing(people, crime),
    )


def _crime_rate(bases: Bases, crime_residents: pd.Series, area: pd.Series) -> pd.Series:
    """Put the rates of reporting counties together, where most residents live in them."""
    crimes = bases.by_county["crimes"].reindex(area.index)
    people = crime_residents.reindex(area.index)
    exposed = people.where(crimes.notna()).groupby(area).sum()
    covered = exposed / people.groupby(area).sum()
    rate = PER * crimes.groupby(area).sum(min_count=1) / exposed.where(exposed > 0)
    return rate.where(covered >= _COVERED)


def _missing(residents: pd.Series, crime: pd.Series) -> pd.Series:
    reason = pd.Series("", index=residents.index)
    reason = reason.mask(crime.isna(), "crime is not known of enough of its residents")
    return reason.mask(~(residents > 0), "residents are not known")


def associate(pairs: Pairs) -> Association | None:
    """Correlate, over the draws and by an effective number of places (Dutilleul 1993)."""
    own = pairs.reason.index[pairs.reason == ""]
    if len(own) < _FEWEST:
        return None
    people = pairs.residents[own].to_numpy(dtype=np.float64)
    arrests = np.log((pairs.arrests[own].to_numpy(dtype=np.float64) + _HALF) / people)
    # Half a crime a place, as for arrests.
    crime = np.log(pairs.crime_rate[own].to_numpy(dtype=np.float64) + PER * _HALF / people)
    if np.ptp(crime) == 0 or np.ptp(arrests.mean(axis=0)) == 0:
        return None
    effective = _effective(arrests.mean(axis=0), crime, _centres(pairs.level, own))
    return Association(
        places=len(own),
        effective_places=effective,
        spearman=_pooled(_ranked(arrests), _ranked(crime[None, :])[0], effective, _SPEARMAN),
        pearson=_pooled(arrests, crime, effective, 1.0),
    )


def _ranked(rows: Floats) -> Floats:
    ranks: Floats = stats.rankdata(rows, axis=1)
    return ranks


def _effective(one: Floats, other: Floats, places: gpd.GeoSeries) -> float:
    size = modified_t_test(one, other, places).effective_sample_size
    return float(len(one)) if np.isnan(size) else float(min(size, len(one)))


def _centres(level: Level, places: pd.Index) -> gpd.GeoSeries:
    """Stand each place at the mean of the points within its counties."""
    counties = load_counties()
    points = counties.geometry.representative_point()
    area = areas_of_counties(level, counties.index)
    east, north = (each.groupby(area).mean().reindex(places) for each in (points.x, points.y))
    return gpd.GeoSeries.from_xy(east, north, index=places, crs=counties.crs)


def _pooled(
    draws: Floats, fixed: Floats, effective: float, factor: float
) -> tuple[float, float, float]:
    """Correlate each draw, and pool Fisher's z by Rubin's rules."""
    centred = draws - draws.mean(axis=1, keepdims=True)
    other = fixed - fixed.mean()
    scale = np.sqrt((centred**2).sum(axis=1) * (other**2).sum())
    r = np.clip(centred @ other / np.where(scale > 0, scale, np.nan), -_MOST_Z, _MOST_Z)
    r = r[~np.isnan(r)]
    if not len(r):
        return (np.nan, np.nan, np.nan)
    z = np.arctanh(r)
    if effective <= _FREEDOM:
        return float(np.tanh(z.mean())), np.nan, np.nan
    variance = np.full(len(z), factor / (effective - _FREEDOM))
    mean, _, low, high = (float(each) for each in pooled_interval(z, variance))
    return float(np.tanh(mean)), float(np.tanh(low)), float(np.tanh(high))
