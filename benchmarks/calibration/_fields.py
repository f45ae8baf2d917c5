"""Autocorrelated maps of counties and zones that have nothing to do with each other.

Fields are Gaussian; every map of one is brought to mean 0 and standard deviation 1. From
them come values, counts of crimes and arrests on real residents, arrests that are known by
zone only, and arrests of which a part is located by county.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Literal

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
from libpysal.graph import Graph
from scipy import sparse
from scipy.sparse.linalg import splu

from boundaries import dissolve_counties, load_counties
from geo import impute_counts, load_population, read_crime_rates, set_aside_implausible_zeros
from spatial_models import (
    HotSpots,
    Parts,
    coarsen_graph,
    contiguity,
    hot_spots,
    rate_hot_spots,
)

Floats = npt.NDArray[np.float64]
Field = Literal["SAR 0.9", "SAR 0.98", "300 km", "1,000 km"]
Gradient = Literal["linear", "quadratic", "step", "density"]
Support = Literal["county", "zone"]
RealCrime = Literal["homicide 1990", "violent crime 2014/16"]

REAL: Mapping[RealCrime, str] = {
    "homicide 1990": "ncovr_homicide_1960_1990.gpkg",
    "violent crime 2014/16": "violent_crime_rate_2014_2016.csv",
}

Way = Callable[..., "list[Pair]"]

CRIME_RATE = 400 / 100_000
CRIME_SPREAD, ARREST_SPREAD = 0.6, 0.8  # of log rates
SOME_STATES = ("AL", "LA", "MS", "GA", "TN", "FL")  # whose arrests may be all that are located
ZONE_NOISE = 0.3  # of log rates of zones, beside their field
GRADIENT_SHARE = 0.3  # of the variance of a map with a gradient
COVERED = 0.8  # least share of a zone's residents whose counties have a crime rate
_RENAMED = {"12025": "12086", "46113": "46102"}  # counties of the homicide map by their later code


@dataclass(frozen=True, kw_only=True)
class Pair:
    """Two tested maps to be compared, as a run compares them.

    With support "zone" the units are zones.
    """

    support: Support
    first: HotSpots
    second: HotSpots
    covariates: pd.DataFrame | None = None


class Country:
    """The 3,108 counties of the 48 states and DC, and what fields on them are made with.

    Covariance factors are kept in the folder `cache`.
    """

    def __init__(self, cache: Path, shared: Path) -> None:
        self.cache, self.shared = cache, shared
        self._real: dict[RealCrime, tuple[pd.Series, pd.Series]] = {}
        self.counties = load_counties(extent="conterminous")
        self.ids = self.counties.index
        self.zone: pd.Series = self.counties["zone"]
        self.people = load_population().reindex(self.ids).astype(np.float64)
        self.graph = contiguity(self.counties)
        self.zone_graph = coarsen_graph(self.graph, self.zone)
        self.zone_ids = self.zone_graph.unique_ids
        self.zone_people = self.by_zone(self.people)

    @cached_property
    def zones(self) -> gpd.GeoDataFrame:
        """Shapes of the zones."""
        return dissolve_counties(self.counties, "zone").reindex(self.zone_ids)

    @cached_property
    def parts(self) -> Parts:
        """Counties that the zones are made of, weighed by residents."""
        return Parts.of(self.counties.geometry, self.zone, self.people, self.zone_ids)

    def by_zone(self, values: pd.Series) -> pd.Series:
        """Add up by zone."""
        total: pd.Series = values.groupby(self.zone).sum().reindex(self.zone_ids)
        return total

    def graph_of(self, support: Support) -> Graph:
        """Give the graph of a pair's units."""
        return self.zone_graph if support == "zone" else self.graph

    def places_of(self, support: Support) -> gpd.GeoDataFrame:
        """Give the shapes of a pair's units."""
        return self.zones if support == "zone" else self.counties

    def draw(self, field: Field, rng: np.random.Generator, *, zones: bool = False) -> Floats:
        """Draw a field on the counties, or on the zones."""
        if field.startswith("SAR"):
            solve = self._solver(float(field.split()[1]), zones=zones)
            values = solve.solve(rng.normal(size=solve.shape[0]))
        else:
            factor = self._factor(float(field.split()[0].replace(",", "")), zones=zones)
            values = factor @ rng.normal(size=len(factor))
        return standardise(np.asarray(values))

    def density_of(self, support: Support) -> pd.DataFrame:
        """Residents per square metre, a skewed covariate."""
        if support == "zone":
            return pd.DataFrame({"density": self.zone_people / self.by_zone(self.counties.area)})
        return pd.DataFrame({"density": self.people / self.counties.area})

    def gradient(self, kind: Gradient) -> Floats:
        """Lay a broad gradient over the counties: the same in both maps of a pair."""
        if kind == "density":
            return standardise(np.log(self.density_of("county")["density"].to_numpy()))
        x, y = (standardise(one) for one in _centres(self.counties).T)
        shapes = {
            "linear": x - y,
            "quadratic": x**2 + x * y,
            "step": 1 / (1 + np.exp(6 * (y + 0.5))),  # the South
        }
        return standardise(shapes[kind])

    def real_crime(self, name: RealCrime) -> tuple[pd.Series, pd.Series]:
        """Read a real map: crimes (NaN where there is no rate) and residents by county."""
        if name not in self._real:
            self._real[name] = self._read_crime(name)
        return self._real[name]

    def _read_crime(self, name: RealCrime) -> tuple[pd.Series, pd.Series]:
        path = self.shared / "real" / "crime" / REAL[name]
        if name == "homicide 1990":
            table = gpd.read_file(path, ignore_geometry=True)
            table.index = pd.Index(table["FIPS"].astype(str).str.zfill(5).replace(_RENAMED))
            table = table.reindex(self.ids)
            # Counts are means of three years.
            return 3 * table["HC90"], 3 * table["PO90"]
        crime = set_aside_implausible_zeros(read_crime_rates(path), self.people)
        return crime.events(self.people), self.people

    def _solver(self, rho: float, *, zones: bool) -> sparse.linalg.SuperLU:
        key = f"_solver_{rho}_{zones}"
        if key not in self.__dict__:
            graph = self.zone_graph if zones else self.graph
            weights = graph.transform("R").sparse.astype(np.float64)
            self.__dict__[key] = splu(sparse.eye(graph.n, format="csc") - rho * weights.tocsc())
        found: sparse.linalg.SuperLU = self.__dict__[key]
        return found

    def _factor(self, length: float, *, zones: bool) -> Floats:
        key = f"_factor_{length:.0f}_{zones}"
        if key not in self.__dict__:
            places = self.zones if zones else self.counties
            path = self.cache / f"covariance_{length:.0f}_km_{len(places)}.npy"
            if not path.exists():
                self.cache.mkdir(parents=True, exist_ok=True)
                x, y = _centres(places).T / 1_000
                apart = np.hypot(np.subtract.outer(x, x), np.subtract.outer(y, y))
                covariance = np.exp(-apart / length)
                partial = path.with_suffix(f".{np.random.default_rng().integers(2**63)}.npy")
                np.save(partial, np.linalg.cholesky(covariance))
                partial.rename(path)  # whole or not at all: other processes look for it
            self.__dict__[key] = np.load(path, mmap_mode="r")
        found: Floats = self.__dict__[key]
        return found


def _centres(places: gpd.GeoDataFrame) -> Floats:
    centres = places.geometry.centroid
    return np.stack([centres.x, centres.y], axis=1)


def standardise(values: Floats) -> Floats:
    """Bring values to mean 0 and standard deviation 1."""
    return np.asarray((values - values.mean()) / values.std())


def two_fields(
    country: Country,
    rng: np.random.Generator,
    *,
    fields: tuple[Field, Field],
    correlation: float = 0.0,
    gradient: Gradient | None = None,
) -> tuple[Floats, Floats]:
    """Draw two fields, unrelated unless a correlation or a gradient is said."""
    first, other = (country.draw(field, rng) for field in fields)
    second = standardise(correlation * first + np.sqrt(1 - correlation**2) * other)
    if gradient is None:
        return first, second
    broad = np.sqrt(GRADIENT_SHARE) * country.gradient(gradient)
    own = np.sqrt(1 - GRADIENT_SHARE)
    return standardise(broad + own * first), standardise(broad + own * second)


def values(country: Country, rng: np.random.Generator, **options: object) -> list[Pair]:
    """Test two fields as they are."""
    first, second = two_fields(country, rng, **options)  # type: ignore[arg-type]
    graph = country.graph
    return [Pair(support="county", first=hot_spots(first, graph), second=hot_spots(second, graph))]


def counts(
    country: Country,
    rng: np.random.Generator,
    *,
    arrests: int = 550_000,
    crime: float = CRIME_RATE,
    states: tuple[str, ...] = (),
    **options: object,
) -> list[Pair]:
    """Test counts of arrests and of crimes on real residents, both known by county.

    Arrests in all states, or only in some.
    """
    first, second = two_fields(country, rng, **options)  # type: ignore[arg-type]
    where = _arrests(country, rng, first, arrests)
    if states:
        where = where.where(country.counties["state"].isin(states))
    return [
        Pair(
            support="county",
            first=rate_hot_spots(where, country.people, country.graph),
            second=_crime(country, rng, second, crime),
        )
    ]


def given_density(
    country: Country, rng: np.random.Generator, *, way: Way, **options: object
) -> list[Pair]:
    """Draw pairs in which density has a part, and compare them given density."""
    drawn = way(country, rng, gradient="density", **options)
    return [replace(one, covariates=country.density_of(one.support)) for one in drawn]


def counts_on_real(
    country: Country, rng: np.random.Generator, *, field: Field, crime: RealCrime
) -> list[Pair]:
    """Test arrests known by county beside a real map of crime."""
    where = _arrests(country, rng, country.draw(field, rng), 550_000)
    events, residents = country.real_crime(crime)
    return [
        Pair(
            support="county",
            first=rate_hot_spots(where, country.people, country.graph),
            second=rate_hot_spots(events, residents, country.graph),
        )
    ]


def partly_located(
    country: Country, rng: np.random.Generator, *, draws: int = 5, **options: object
) -> list[Pair]:
    """Locate 0.5 to 0.7 of each zone's arrests and impute the others, as a run does."""
    first, second = two_fields(country, rng, **options)  # type: ignore[arg-type]
    where = _arrests(country, rng, first, 550_000)
    share = pd.Series(rng.uniform(0.5, 0.7, len(country.zone_ids)), index=country.zone_ids)
    located = pd.Series(rng.binomial(where, country.zone.map(share)), index=country.ids)
    imputed = impute_counts(
        country.by_zone(where - located),
        area=country.zone,
        weights=country.people,
        located=located,
        follow_located=list(country.zone_ids),
        draws=draws,
        rng=rng,
    )
    several = imputed.draws[:, imputed.county_fips.get_indexer(country.ids)].astype(np.float64)
    return [
        Pair(
            support="county",
            first=rate_hot_spots(several, country.people, country.graph),
            second=_crime(country, rng, second),
        )
    ]


def zone_known(
    country: Country,
    rng: np.random.Generator,
    *,
    fields: tuple[Field, Field],
    correlation: float = 0.0,
    gradient: Gradient | None = None,
) -> list[Pair]:
    """Test counts whose arrests are known by zone only."""
    first, second = two_fields(
        country, rng, fields=fields, correlation=correlation, gradient=gradient
    )
    totals = country.by_zone(_arrests(country, rng, first, 550_000))
    expected = CRIME_RATE * _tilt(country.people, second, CRIME_SPREAD)
    crimes = pd.Series(rng.poisson(expected), index=country.ids).astype(np.float64)
    return _zone_pairs(country, totals, crimes, country.people)


def zone_rates(
    country: Country, rng: np.random.Generator, *, field: Field, crime: RealCrime | Field
) -> list[Pair]:
    """Test arrests whose rates are a field of the zones and noise, known by zone only."""
    smooth = country.draw(field, rng, zones=True)
    log_rate = ARREST_SPREAD * smooth + rng.normal(0, ZONE_NOISE, len(smooth))
    expected = country.zone_people * np.exp(log_rate)
    totals = pd.Series(rng.poisson(550_000 * expected / expected.sum()), index=country.zone_ids)
    if crime in REAL:
        return _zone_pairs(country, totals, *country.real_crime(crime))  # type: ignore[arg-type]
    tilted = _tilt(country.people, country.draw(crime, rng), CRIME_SPREAD)  # type: ignore[arg-type]
    crimes = pd.Series(rng.poisson(CRIME_RATE * tilted), index=country.ids).astype(np.float64)
    return _zone_pairs(country, totals, crimes, country.people)


def _zone_pairs(
    country: Country, totals: pd.Series, crimes: pd.Series, residents: pd.Series
) -> list[Pair]:
    """Compare arrests of zones with crime by zone."""
    zones = rate_hot_spots(totals, country.zone_people, country.zone_graph)
    covered = country.by_zone(residents.where(crimes.notna()))
    enough = covered >= COVERED * country.by_zone(residents.fillna(country.people))
    by_zone = rate_hot_spots(country.by_zone(crimes).where(enough), covered, country.zone_graph)
    return [Pair(support="zone", first=zones, second=by_zone)]


def _tilt(people: pd.Series, field: Floats, spread: float) -> pd.Series:
    """Weigh residents by a log-normal rate whose mean over them is 1."""
    weighed = people * np.exp(spread * field)
    tilted: pd.Series = weighed * people.sum() / weighed.sum()
    return tilted


def _arrests(country: Country, rng: np.random.Generator, field: Floats, total: int) -> pd.Series:
    share = _tilt(country.people, field, ARREST_SPREAD) / country.people.sum()
    return pd.Series(rng.poisson(total * share), index=country.ids)


def _crime(
    country: Country, rng: np.random.Generator, field: Floats, rate: float = CRIME_RATE
) -> HotSpots:
    expected = rate * _tilt(country.people, field, CRIME_SPREAD)
    return rate_hot_spots(rng.poisson(expected), country.people, country.graph)
