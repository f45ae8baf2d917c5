"""Simulated arrests and crime with planted clusters, on the real counties.

Everything here is made up except the counties, their residents and the offices. Two
round national figures set the scale: about 550,000 arrests from 2025-01-20 to 2026-08-06
(Deportation Data Project) and about 370 violent crimes per 100,000 residents a year (FBI,
2022 and 2023).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import geopandas as gpd
import numpy as np
import pandas as pd

from arrest_atlas.options import Inputs
from arrest_atlas.period import Period
from boundaries import load_counties
from geo import CrimeRates, Source, load_population

__all__ = ["Planted", "Simulation", "simulate"]

ARRESTS: Final = 550_000
VIOLENT_CRIME_RATE: Final = 370

_ARREST_NOISE, _CRIME_NOISE = 0.25, 0.30
"""Standard deviations of the logarithms of the counties' own rates."""

_FACTOR: Final = 3.0
"""How many times the usual rate a planted cluster has."""

_LOCATED_WELL, _LOCATED_BADLY = 0.75, 0.20
"""Share of arrests whose county is recorded, in the one kind of state and in the other."""

_BADLY_LOCATED: Final = frozenset(
    {"AK", "AZ", "CA", "CO", "FL", "HI", "ID", "MT", "NM", "NV", "NY", "OR", "TX", "UT", "WA", "WY"}
)
_CRIME_MISSING: Final = 0.05

Kind = Literal["both hot", "arrests only", "crime only"]

_CLUSTERS: Final[tuple[tuple[str, Kind, str, int], ...]] = (
    ("Yazoo valley", "both hot", "28083", 40),
    ("Central Kansas", "both hot", "20155", 40),
    ("Central Iowa", "arrests only", "19169", 40),
    ("Carolina sandhills", "arrests only", "45031", 40),
    ("Upper Missouri", "crime only", "38059", 40),
    ("Ohio valley", "crime only", "39105", 40),
)
"""Name, kind, county at the centre, number of counties nearest to it."""

_HOT_STATES: Final[tuple[str, Kind, tuple[str, ...]]] = (
    "Northern Rockies (known only by zone)",
    "arrests only",
    ("ID", "MT", "OR", "WA", "WY", "UT", "NV"),
)


@dataclass(frozen=True, kw_only=True)
class Planted:
    """A cluster that was put into the simulated data.

    Attributes
    ----------
    name : str
        Where.
    kind : {"both hot", "arrests only", "crime only"}
        Which of the two maps have it.
    counties : pandas.Index
        Its counties.
    support : {"county", "zone"}
        Whether most of its arrests are located by county.
    """

    name: str
    kind: Kind
    counties: pd.Index
    support: Literal["county", "zone"]


@dataclass(frozen=True, kw_only=True)
class Simulation:
    """Simulated inputs and the truth behind them.

    Attributes
    ----------
    inputs : Inputs
        As a run takes them.
    planted : tuple of Planted
        The clusters.
    """

    inputs: Inputs
    planted: tuple[Planted, ...]


def simulate(*, seed: int = 0) -> Simulation:
    """Make up arrests and crime with known clusters.

    In most states three quarters of the arrests are located by county, in the others
    (Texas, California, the West, ...) one fifth; the rest is known by office and state.

    Parameters
    ----------
    seed : int, default 0
        Seed of the simulation.

    Returns
    -------
    Simulation
        Inputs marked as simulated, and the planted clusters.

    Examples
    --------
    >>> simulation = simulate(seed=1)
    >>> simulation.inputs.simulated, len(simulation.planted)
    (True, 7)
    """
    rng = np.random.default_rng([seed, 2025])
    residents = load_population(2019)
    counties = load_counties().loc[residents.index]
    planted = _plant(counties)
    arrest_rate = np.exp(rng.normal(0, _ARREST_NOISE, len(counties)))
    crime_rate = np.exp(rng.normal(0, _CRIME_NOISE, len(counties)))
    for cluster in planted:
        members = counties.index.isin(cluster.counties)
        arrest_rate[members & (cluster.kind != "crime only")] *= _FACTOR
        crime_rate[members & (cluster.kind != "arrests only")] *= _FACTOR
    people = residents.to_numpy()
    share = arrest_rate * people / (arrest_rate * people).sum()
    arrests = rng.poisson(ARRESTS * share)
    crimes = rng.poisson(crime_rate * people * VIOLENT_CRIME_RATE / 100_000)
    recorded = (
        counties["state"].isin(_BADLY_LOCATED).map({True: _LOCATED_BADLY, False: _LOCATED_WELL})
    )
    located = pd.Series(rng.binomial(arrests, recorded), index=counties.index)
    other = pd.Series(arrests, index=counties.index) - located
    rate = pd.Series(crimes / people * 100_000, index=counties.index)
    rate[rng.random(len(rate)) < _CRIME_MISSING] = np.nan
    source = Source(file="(simulated)", sha256="", rows=len(rate))
    return Simulation(
        planted=planted,
        inputs=Inputs(
            arrests_by_aor=other.groupby(counties["aor"]).sum(),
            arrests_by_state=other.groupby(counties["state"]).sum(),
            arrests_by_county=located,
            crime=CrimeRates(
                rate=rate,
                uncovered=0,
                zeros=int((rate == 0).sum()),
                implausible_zeros=(),
                source=source,
            ),
            residents=residents,
            crime_residents=residents,
            arrest_period=Period.parse("2025-01-20/2026-08-06", option="demo"),
            crime_period=Period.parse("2023", option="demo"),
            notes=("SIMULATED: only counties, residents (2019) and field offices are real.",),
            simulated=True,
        ),
    )


def _plant(counties: gpd.GeoDataFrame) -> tuple[Planted, ...]:
    plain = load_counties(extent="conterminous")
    centres = plain.geometry.centroid
    clusters = []
    for name, kind, centre, size in _CLUSTERS:
        nearest = centres.distance(centres[centre]).nsmallest(size).index
        clusters.append(Planted(name=name, kind=kind, counties=nearest, support="county"))
    name, kind, states = _HOT_STATES
    members = counties.index[counties["state"].isin(states)]
    clusters.append(Planted(name=name, kind=kind, counties=members, support="zone"))
    return tuple(clusters)
