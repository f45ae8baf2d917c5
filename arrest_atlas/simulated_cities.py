"""Simulated violent crime of large cities, with rates that are known by state."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from boundaries import load_counties
from geo import Source, load_population
from geo.crime import AgencyOffenses

__all__ = ["simulate_city_crime"]

_COUNTY: Final = 300_000
"""Residents from which on a county has a made-up city."""

_SHARE: Final = 0.4
"""Of a county's residents who live in its city."""

_RATE: Final = 500.0
"""Violent crimes per 100,000 residents of a city and year, on average."""

_YEAR: Final = 2024

_BETWEEN: Final = 0.2
"""Standard deviation of the logarithms of cities' rates around those of their state."""

_OFFENSES: Final = {
    "murder": 0.015,
    "rape_revised": 0.105,
    "robbery": 0.18,
    "aggravated_assault": 0.70,
}


def simulate_city_crime(
    *, states: pd.Series | None = None, rng: int | np.random.Generator
) -> AgencyOffenses:
    """Make up the violent crime of a city in every large county.

    Parameters
    ----------
    states : pandas.Series of float, optional
        By postal code, how many times the usual rate the cities of a state have; 1 where it
        is not told.
    rng : int or numpy.random.Generator
        Source of randomness.

    Returns
    -------
    AgencyOffenses
        Of 2024. Everything is made up but the counties and their residents.

    Examples
    --------
    >>> made = simulate_city_crime(rng=0).table
    >>> made["agency"].iloc[0], made["year"].unique().tolist()
    ('Jefferson City (made up)', [2024])
    """
    generator = np.random.default_rng(rng)
    residents = load_population(2019)
    large = residents[residents >= _COUNTY]
    counties = load_counties().loc[large.index]
    people = (_SHARE * large).round()
    factor = pd.Series(1.0, index=large.index)
    if states is not None:
        factor = counties["state"].map(states).fillna(1.0)
    rate: pd.Series = _RATE * factor * np.exp(generator.normal(0, _BETWEEN, len(large)))
    rows = [
        pd.DataFrame(
            {
                "ori": "",
                "agency": (counties["name"] + " City (made up)").to_numpy(),
                "state": counties["state"].to_numpy(),
                "kind": "city",
                "year": _YEAR,
                "offense": offense,
                "count": generator.poisson(share * rate * people / 1e5).astype("float64"),
                "months": 12.0,
                "population": people.to_numpy(),
                "agencies": 1,
            }
        )
        for offense, share in _OFFENSES.items()
    ]
    return AgencyOffenses(
        table=pd.concat(rows, ignore_index=True),
        definition="ucr_part1_violent",
        sources=(Source(file="(simulated)", sha256="", rows=len(large) * len(rows)),),
        notes=("SIMULATED: only counties and residents are real.",),
        system="summary",
    )
