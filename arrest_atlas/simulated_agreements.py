"""Simulated 287(g) agreements, crime and arrests, with ratios that are known."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from arrest_atlas.options import Inputs
from arrest_atlas.period import Period
from boundaries import load_counties
from geo import CrimeRates, Source, load_population
from geo.context import MODELS, Agreements
from geo.context.county_covariates import CountyCovariates

__all__ = ["SimulatedAgreements", "simulate_agreements"]

_SHEET: Final = dt.date(2025, 7, 18)
_YEARS: Final = tuple(range(2012, 2025))
_CRIME, _ARRESTS = 370.0, 160.0
"""Per 100,000 residents: violent crimes a year, arrests over the period."""

_OWN, _STATES = 0.3, 0.4
"""Standard deviations of the logarithms of rates, between counties and between states."""

_LIKELY: Final = -1.3
"""Logit of the share of counties with agreements."""

_BY_SIZE, _BY_SHARE = 0.3, 0.5
"""By how much residents and the covariate, in standard deviations, raise that logit."""

_SLOPE: Final = 0.25
"""Of the logarithms of crime and of arrests on the covariate, in standard deviations."""

_SECOND: Final = 0.3
"""Share of the counties with agreements that have two kinds."""

_SOURCE: Final = Source(file="(simulated)", sha256="", rows=1)

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, eq=False)
class SimulatedAgreements:
    """Simulated inputs, and what is true of them.

    Attributes
    ----------
    inputs : Inputs
        Crime, and arrests by county.
    sheet : Agreements
        Agreements of 2018 to 2023, in force on 2025-07-18.
    covariates : CountyCovariates
        ``poverty_share``, which goes with agreements, crime and arrests.
    panel : pandas.DataFrame
        Crimes by county and year, 2012 to 2024.
    exposed : pandas.Series of bool
        Which counties have an agreement.
    """

    inputs: Inputs
    sheet: Agreements
    covariates: CountyCovariates
    panel: pd.DataFrame
    exposed: pd.Series


def simulate_agreements(
    *,
    crime_ratio: float = 1.0,
    arrest_ratio: float = 1.0,
    trend: float = 0.0,
    rng: int | np.random.Generator,
) -> SimulatedAgreements:
    """Make up agreements, crime and arrests of every county.

    Counties with more residents and a larger covariate sign more often, and the covariate goes
    with crime and arrests, so that counties with agreements differ from others whatever the
    ratios are.

    Parameters
    ----------
    crime_ratio, arrest_ratio : float, default 1
        Rates of counties with agreements over those of others that are like them.
    trend : float, default 0
        By how much the logarithm of crime rises a year before signing, beside that of others.
    rng : int or numpy.random.Generator
        Source of randomness.

    Returns
    -------
    SimulatedAgreements
        Everything is made up but the counties and their residents.

    Examples
    --------
    >>> made = simulate_agreements(rng=0)
    >>> made.sheet.as_of, len(made.exposed), int(made.panel["year"].min())
    (datetime.date(2025, 7, 18), 3142, 2012)
    """
    generator = np.random.default_rng(rng)
    residents = load_population(2019)
    state = load_counties().loc[residents.index, "state"]
    size = _standard(np.log(residents.to_numpy()))
    share = generator.normal(0, 1, len(state))
    leaning = _by_state(state, 0.6, generator)
    likely = _LIKELY + leaning + _BY_SIZE * size + _BY_SHARE * share
    exposed = generator.random(len(state)) < 1 / (1 + np.exp(-likely))
    sheet = _sheet(residents.index[exposed], state, generator)
    signed = sheet.table.groupby("county_fips")["signed"].min().dt.year.reindex(residents.index)
    ratios = {
        name: _by_state(state, _STATES, generator)
        + _SLOPE * share
        + np.log(ratio) * exposed
        + generator.normal(0, _OWN, len(state))
        for name, ratio in (("crime", crime_ratio), ("arrests", arrest_ratio))
    }
    people = residents.to_numpy(dtype=np.float64)
    crimes = generator.poisson(_CRIME / 1e5 * people * np.exp(ratios["crime"]))
    located = generator.poisson(_ARRESTS / 1e5 * people * np.exp(ratios["arrests"]))
    panel = _panel(residents, state, ratios["crime"], trend=trend, signed=signed, rng=generator)
    rate = pd.Series(crimes / people * 1e5, index=residents.index)
    return SimulatedAgreements(
        inputs=Inputs(
            arrests_by_county=pd.Series(located, index=residents.index),
            residents=residents,
            arrest_period=Period.parse("2025-01-20/2026-08-06", option="demo"),
            crime=CrimeRates(rate=rate, uncovered=0, zeros=0, implausible_zeros=(), source=_SOURCE),
            crime_residents=residents,
            crime_period=Period.parse("2024", option="demo"),
            notes=("SIMULATED: only counties, residents (2019) and field offices are real.",),
            simulated=True,
        ),
        sheet=sheet,
        covariates=CountyCovariates(
            table=pd.DataFrame(
                {"poverty_share": 0.14 * np.exp(0.3 * share)}, index=residents.index
            ),
            source=_SOURCE,
            notes=(),
        ),
        panel=panel,
        exposed=pd.Series(exposed, index=residents.index),
    )


def _standard(values: Floats) -> Floats:
    scaled: Floats = (values - values.mean()) / values.std()
    return scaled


def _by_state(state: pd.Series, spread: float, rng: np.random.Generator) -> Floats:
    codes, names = pd.factorize(state, sort=True)
    drawn: Floats = rng.normal(0, spread, len(names))[codes]
    return drawn


def _sheet(counties: pd.Index, state: pd.Series, rng: np.random.Generator) -> Agreements:
    """List an agreement of each county that has one, and a second one of some."""
    rows = []
    for county in counties:
        kinds = rng.permutation(len(MODELS))[: 1 + int(rng.random() < _SECOND)]
        year = int(rng.integers(2018, 2024))
        rows += [(state[county], MODELS[kind], county, year) for kind in kinds]
    table = pd.DataFrame(rows, columns=["state", "model", "county_fips", "year"])
    table["agency"] = "made-up sheriff"
    table["kind"] = "county"
    table["signed"] = pd.to_datetime(table.pop("year").astype(str) + "-07-01")
    table["signed_as_written"] = table["signed"].astype(str)
    table["county_as_written"] = table["county_fips"]
    table["told_by"] = "county"
    table["doubt"] = ""
    return Agreements(table=table, as_of=_SHEET, source=_SOURCE, notes=())


def _panel(
    residents: pd.Series,
    state: pd.Series,
    level: Floats,
    *,
    trend: float,
    signed: pd.Series,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """Make up crimes of every year: each state has years of its own, each county its noise."""
    parts = []
    for year in _YEARS:
        ahead = np.minimum(year - signed.to_numpy(dtype=np.float64), 0.0)
        log_rate = level + _by_state(state, 0.1, rng) + trend * np.nan_to_num(ahead)
        log_rate += rng.normal(0, 0.1, len(level))
        crimes = rng.poisson(_CRIME / 1e5 * residents.to_numpy() * np.exp(log_rate))
        parts.append(
            pd.DataFrame(
                {
                    "county_fips": residents.index,
                    "year": year,
                    "crimes": crimes,
                    "residents": residents.to_numpy(),
                }
            )
        )
    return pd.concat(parts, ignore_index=True)
