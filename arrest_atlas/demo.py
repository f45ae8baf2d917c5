"""Simulated arrest records and crime with planted clusters, on the real counties.

Everything here is made up except the counties, their residents and the offices. Two
round national figures set the scale: about 550,000 arrests from 2025-01-20 to 2026-08-06
(Deportation Data Project) and about 370 violent crimes per 100,000 residents a year (FBI,
2022 and 2023).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, Literal

import geopandas as gpd
import numpy as np
import pandas as pd

from arrest_atlas.counting import Kind
from arrest_atlas.options import Inputs
from arrest_atlas.period import Period
from arrest_atlas.records import Records, judge_records
from arrest_atlas.simulated_records import (
    ARRESTS,
    CUSTODY,
    FIRST_DAY,
    LAST_DAY,
    SimulatedRecords,
    simulate_records,
)
from boundaries import load_counties
from geo import CrimeRates, Source, load_population

__all__ = ["Planted", "Simulation", "simulate"]

VIOLENT_CRIME_RATE: Final = 370

_ARREST_NOISE, _CRIME_NOISE = 0.25, 0.30
"""Standard deviations of the logarithms of the counties' own rates."""

_FACTOR: Final = 3.0
"""How many times the usual rate a planted cluster has."""

_CRIME_MISSING: Final = 0.05

_FILE: Final = "simulated_arrests.parquet"

PlantedClass = Literal["both hot", "arrests only", "crime only"]

_CLUSTERS: Final[tuple[tuple[str, PlantedClass, Kind, str, int], ...]] = (
    ("Yazoo valley", "both hot", "all", "28083", 40),
    ("Central Kansas", "both hot", "custodial", "20155", 40),
    ("Central Iowa", "arrests only", "community", "19169", 40),
    ("Carolina sandhills", "arrests only", "all", "45031", 40),
    ("Upper Missouri", "crime only", "all", "38059", 40),
    ("Ohio valley", "crime only", "all", "39105", 40),
)
"""Name, class, kind of arrests, county at the centre, number of counties nearest to it."""

_HOT_STATES: Final[tuple[str, PlantedClass, Kind, tuple[str, ...]]] = (
    "Northern Rockies (known only by zone)",
    "arrests only",
    "all",
    ("ID", "MT", "OR", "WA", "WY", "UT", "NV"),
)


@dataclass(frozen=True, kw_only=True)
class Planted:
    """A cluster that was put into the simulated data.

    Attributes
    ----------
    name : str
        Where.
    planted : {"both hot", "arrests only", "crime only"}
        Which of the two maps have it.
    kind : {"all", "custodial", "community"}
        Which arrests have it, where arrests do.
    counties : pandas.Index
        Its counties.
    support : {"county", "zone"}
        Whether most of its arrests are located by county.
    """

    name: str
    planted: PlantedClass
    kind: Kind
    counties: pd.Index
    support: Literal["county", "zone"]

    @property
    def crime(self) -> bool:
        """Tell whether crime has the cluster.

        Returns
        -------
        bool
            Whether it does.
        """
        return self.planted != "arrests only"

    def expected(self, kind: Kind) -> str:
        """Tell the class that its counties should have on the map of some arrests.

        Parameters
        ----------
        kind : {"all", "custodial", "community"}
            Which arrests; a cluster of one kind is weaker, but there, among all.

        Returns
        -------
        str
            Class of overlap and mismatch.
        """
        if kind in (self.kind, "all") or self.kind == "all":
            return self.planted
        return "crime only" if self.crime else "neither"


@dataclass(frozen=True, kw_only=True)
class Simulation:
    """Simulated inputs and the truth behind them.

    Attributes
    ----------
    inputs : Inputs
        As a run takes them, the records read back from a file.
    records : SimulatedRecords
        The records as made up, and where and what each arrest truly was.
    planted : tuple of Planted
        The clusters.
    """

    inputs: Inputs
    records: SimulatedRecords
    planted: tuple[Planted, ...]


def simulate(*, seed: int = 0, arrests: int = ARRESTS) -> Simulation:
    """Make up arrest records and crime with known clusters.

    The records are written to a temporary file and read as a user's file would be.

    Parameters
    ----------
    seed : int, default 0
        Seed of the simulation.
    arrests : int, default 550,000
        Arrests to expect.

    Returns
    -------
    Simulation
        Inputs marked as simulated, and the planted clusters.

    Examples
    --------
    >>> simulation = simulate(seed=1, arrests=10_000)
    >>> simulation.inputs.simulated, len(simulation.planted)
    (True, 7)
    """
    rng = np.random.default_rng([seed, 2025])
    residents = load_population(2019)
    counties = load_counties().loc[residents.index]
    planted = _plant(counties)
    noise = np.exp(rng.normal(0, _ARREST_NOISE, len(counties)))
    rates = pd.DataFrame(dict.fromkeys(CUSTODY, noise), index=counties.index)
    crime_rate = pd.Series(np.exp(rng.normal(0, _CRIME_NOISE, len(counties))), counties.index)
    for cluster in planted:
        if cluster.planted != "crime only":
            kinds = list(CUSTODY) if cluster.kind == "all" else [cluster.kind]
            rates.loc[cluster.counties, kinds] *= _FACTOR
        if cluster.crime:
            crime_rate[cluster.counties] *= _FACTOR
    crime = _simulate_crime(crime_rate, residents, rng)
    simulated = simulate_records(arrests=arrests, rates=rates, rng=rng)
    records = _read_back(simulated)
    return Simulation(
        planted=planted,
        records=simulated,
        inputs=Inputs(
            records=records,
            crime=crime,
            residents=residents,
            crime_residents=residents,
            arrest_period=Period.parse(f"{FIRST_DAY:.10}/{LAST_DAY:.10}", option="demo"),
            crime_period=Period.parse("2023", option="demo"),
            unlocated=records.unlocated,
            sources={"arrest records": records.arrests.sources[0]},
            notes=("SIMULATED: only counties, residents (2019) and field offices are real.",),
            simulated=True,
        ),
    )


def _simulate_crime(rate: pd.Series, residents: pd.Series, rng: np.random.Generator) -> CrimeRates:
    crimes = rng.poisson(rate * residents * VIOLENT_CRIME_RATE / 100_000)
    recorded = pd.Series(crimes / residents * 100_000, index=residents.index)
    recorded[rng.random(len(recorded)) < _CRIME_MISSING] = np.nan
    return CrimeRates(
        rate=recorded,
        uncovered=0,
        zeros=int((recorded == 0).sum()),
        implausible_zeros=(),
        source=Source(file="(simulated)", sha256="", rows=len(recorded)),
    )


def _read_back(simulated: SimulatedRecords) -> Records:
    with TemporaryDirectory(prefix="arrest-atlas-") as folder:
        path = Path(folder) / _FILE
        simulated.table.to_parquet(path, index=False)
        return judge_records([path])


def _plant(counties: gpd.GeoDataFrame) -> tuple[Planted, ...]:
    plain = load_counties(extent="conterminous")
    centres = plain.geometry.centroid
    clusters = []
    for name, planted, kind, centre, size in _CLUSTERS:
        nearest = centres.distance(centres[centre]).nsmallest(size).index
        clusters.append(
            Planted(name=name, planted=planted, kind=kind, counties=nearest, support="county")
        )
    name, planted, kind, states = _HOT_STATES
    members = counties.index[counties["state"].isin(states)]
    clusters.append(
        Planted(name=name, planted=planted, kind=kind, counties=members, support="zone")
    )
    return tuple(clusters)
