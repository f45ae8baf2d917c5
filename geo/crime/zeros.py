"""Zeros that stand for figures which were never reported."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from geo.crime.coverage import EXPECTED_AT_LEAST
from geo.crime.offenses import PROPERTY_TOTAL, VIOLENT_TOTAL

__all__ = ["implausible_zeros"]

_YEAR: Final = 12
_PROPERTY: Final = frozenset({"burglary", "larceny", "motor_vehicle_theft", "arson"})
_TOTALS: Final = (VIOLENT_TOTAL, PROPERTY_TOTAL)

_OTHER_OFFENCES: Final = 3
"""How much rarer an offence may be beside an agency's others than it is elsewhere."""

_POPULATION: Final = 10
"""How much rarer crime may be in an agency than its population alone would have it."""


def implausible_zeros(offenses: pd.DataFrame) -> pd.Series:
    """Find zeros in whose place ten crimes or more were to be expected.

    Files write zero for what was not reported, of single offences too: an agency may
    report its murders and nothing else. Each zero is judged by itself, by three pieces of
    evidence, and not believed if the least that one of them leaves to expect is ten (chance
    alone makes such a zero less often than once in 20,000, exp(-10)):

    - the agency's mean of the same offence in its other years;
    - a third of what its other offences of the same kind (against persons, against
      property) in that year go with in all agencies;
    - a tenth of what its population would have at the overall rate of the offence; of an
      agency that has not one crime of any offence, at that of all offences.

    So a city without a murder beside 150 assaults is believed, and one without an assault
    beside 150 murders is not. Thirds and tenths leave room for the differences between
    agencies: rates of murder differ by more than a factor of ten among cities of a size.

    Parameters
    ----------
    offenses : pandas.DataFrame
        One row per agency, year and offence, as in
        :attr:`~geo.crime.AgencyOffenses.table`, without rows that stand for several
        agencies: ``ori`` (or ``agency``, ``state`` and ``kind``), ``year``, ``offense``,
        ``count`` (NaN where not reported), ``months`` (NaN counts as twelve) and
        ``population`` (NaN where unknown). A violent or property total is judged beside
        its parts, and is no evidence for them.

    Returns
    -------
    pandas.Series of bool
        By the rows of `offenses`.

    Examples
    --------
    >>> rows = pd.DataFrame(
    ...     [("Here", "murder", 30.0), ("Here", "aggravated_assault", 900.0),
    ...      ("There", "murder", 40.0), ("There", "aggravated_assault", 0.0),
    ...      ("Elsewhere", "murder", 0.0), ("Elsewhere", "aggravated_assault", 150.0)],
    ...     columns=["agency", "offense", "count"]).assign(
    ...     ori="", state="AL", kind="", year=2016, months=12.0, population=300e3)
    >>> implausible_zeros(rows).tolist()
    [False, False, False, True, False, False]
    """
    rows = offenses[["year", "offense", "population"]].assign(who=_who(offenses))
    rows["years"] = offenses["months"].fillna(_YEAR) / _YEAR
    rows["count"] = offenses["count"].where(rows["years"] > 0)
    rows["family"] = np.where(rows["offense"].isin([*_PROPERTY, PROPERTY_TOTAL]), "p", "v")
    expected = pd.concat(
        [
            _by_other_years(rows),
            _by_other_offences(rows) / _OTHER_OFFENCES,
            _by_population(rows) / _POPULATION,
        ],
        axis="columns",
    )
    return (rows["count"] == 0) & (expected.max(axis="columns") >= EXPECTED_AT_LEAST)


def _who(offenses: pd.DataFrame) -> pd.Series:
    """Name an agency the same in all its years: by ORI, else by name."""
    named = offenses["agency"] + "|" + offenses["state"] + "|" + offenses["kind"]
    return offenses["ori"].where(offenses["ori"] != "", named)


def _by_other_years(rows: pd.DataFrame) -> pd.Series:
    """Expect the agency's own mean of the other years."""
    reported = rows.assign(years=rows["years"].where(rows["count"].notna()))
    every = reported.groupby(["who", "offense"])[["count", "years"]].transform("sum")
    others = every - reported[["count", "years"]].fillna(0)
    mean: pd.Series = others["count"] / others["years"].where(others["years"] > 0)
    return mean * rows["years"]


def _by_other_offences(rows: pd.DataFrame) -> pd.Series:
    """Expect what the agency's other offences of the year go with in all agencies."""
    part = ~rows["offense"].isin(_TOTALS)
    rate = _overall_rate(rows)
    evidence = pd.DataFrame({"count": rows["count"], "rate": rate.where(rows["count"].notna())})
    evidence = evidence.where(part, 0.0)
    keys = [rows["who"], rows["year"], rows["family"]]
    others = evidence.groupby(keys).transform("sum") - evidence.fillna(0)
    expected: pd.Series = others["count"] * rate / others["rate"].where(others["rate"] > 0)
    return expected


def _by_population(rows: pd.DataFrame) -> pd.Series:
    """Expect the overall rate; of agencies without any crime, that of all offences."""
    expected = rows["population"] * rows["years"] * _overall_rate(rows)
    keys = [rows["who"], rows["year"]]
    part = ~rows["offense"].isin(_TOTALS)
    every = expected.where(part & rows["count"].notna()).groupby(keys).transform("sum")
    silent = rows["count"].groupby(keys).transform("sum") == 0
    return expected.mask(silent & (every > expected), every)


def _overall_rate(rows: pd.DataFrame) -> pd.Series:
    """Give crimes by resident and year of all agencies, of each row's offence and year."""
    known = rows["count"].notna() & (rows["population"] > 0)
    sums = pd.DataFrame(
        {
            "crimes": rows["count"].where(known),
            "people": (rows["population"] * rows["years"]).where(known),
        }
    )
    sums = sums.groupby([rows["year"], rows["offense"]]).transform("sum")
    rate: pd.Series = sums["crimes"] / sums["people"].where(sums["people"] > 0)
    return rate
