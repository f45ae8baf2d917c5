"""Which agencies reported, and how many of a county's residents they serve."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from geo.errors import InputError, Problem

__all__ = [
    "COUNTED",
    "COVERED",
    "EXPECTED_AT_LEAST",
    "IMPLAUSIBLE_ZERO",
    "INCOMPLETE",
    "NOT_REPORTED",
    "NO_POPULATION",
    "TOO_FEW_MONTHS",
    "check_months",
    "covered_share",
    "judge_reports",
]

COUNTED: Final = "counted"
NOT_REPORTED: Final = "not reported"
TOO_FEW_MONTHS: Final = "too few months reported"
IMPLAUSIBLE_ZERO: Final = "zero where ten crimes or more were to be expected"
INCOMPLETE: Final = "an offence is missing"
"""Crimes of the definition were reported, but not of all its offences."""

COVERED: Final = "covered by another agency"
"""Crimes stand in the return of another agency, which was counted."""

NO_POPULATION: Final = "population not known"

EXPECTED_AT_LEAST: Final = 10
"""Expected crimes from which on a zero is taken for missing reports."""

_YEAR: Final = 12
_GENERAL_KINDS: Final = ("", "city", "county", "state police")
"""Kinds whose crimes must not be counted without the residents they serve."""


def check_months(fewest_months: int) -> None:
    """Refuse a number of months that is none.

    Parameters
    ----------
    fewest_months : int
        Months that an agency must have reported to be counted.

    Raises
    ------
    InputError
        If it is not between 1 and 12.

    Examples
    --------
    >>> check_months(3)
    """
    if 1 <= fewest_months <= _YEAR:
        return
    problem = Problem(
        file="fewest months",
        found=str(fewest_months),
        expected="1 to 12",
        action="change the option: 3 is the rule of the NACJD, 12 takes whole years only",
    )
    raise InputError([problem])


def judge_reports(reports: pd.DataFrame, *, fewest_months: int = 12) -> pd.DataFrame:
    """Tell agencies that reported from those that did not, and zeros from gaps.

    A report counts if the agency reported at least `fewest_months` of the year; fewer
    than twelve are brought to twelve (times 12 by months), as the NACJD does from three
    months on. What it does below, imputing rates of other agencies, is not done here:
    such an agency is "not reported" and its residents are not covered. Where
    the months are not known, a figure is taken for a whole year. A zero is not believed
    if no month was reported; and a report is not, of which one offence is a zero in place
    of crimes that were to be expected (:func:`~geo.crime.implausible_zeros`): the sum of
    its other offences would pass for all crimes.

    Parameters
    ----------
    reports : pandas.DataFrame
        One row per agency and year: ``year``, ``kind``, ``count`` (crimes, NaN where not
        reported), ``months`` (0 to 12, NaN where unknown), ``population`` (residents,
        zero where another agency serves them, NaN where unknown) and ``zeros`` (text:
        offences whose zero is not believed, empty where there is none).
    fewest_months : int, default 12
        Months that must have been reported, 1 to 12.

    Returns
    -------
    pandas.DataFrame
        The same with ``crimes`` (in twelve months; NaN unless counted) and ``report``
        (``"counted"``, ``"not reported"``, ``"too few months reported"``, ``"zero where
        ten crimes or more were to be expected"`` or ``"population not known"``).

    Raises
    ------
    InputError
        If `fewest_months` is not between 1 and 12.

    Notes
    -----
    The rules of 12 / months from 3 to 11 months and of imputation below are those of the
    NACJD's county files since 1994 (ICPSR 6669, description); the FBI's own estimates bring
    part of a year to twelve months likewise (Maltz, Roberts & Stasny 2006).

    Examples
    --------
    >>> reports = pd.DataFrame({
    ...     "year": 2016, "kind": "city", "count": [30.0, 0.0, float("nan"), 8.0],
    ...     "months": [12.0, 0.0, 12.0, 6.0], "population": [9000.0, 4000.0, 500.0, 2000.0],
    ...     "zeros": ""})
    >>> judged = judge_reports(reports, fewest_months=3)
    >>> judged["crimes"].tolist(), judged["report"].tolist()
    ([30.0, nan, nan, 16.0], ['counted', 'not reported', 'not reported', 'counted'])
    """
    check_months(fewest_months)
    count, months, population = reports["count"], reports["months"], reports["population"]
    crimes = count * np.where(months < _YEAR, _YEAR / months.where(months > 0), 1.0)
    crimes = crimes.mask(months == 0)
    unknown = population.isna() & reports["kind"].isin(_GENERAL_KINDS)
    report = pd.Series(COUNTED, index=reports.index, dtype="str")
    # The first reason that holds is the one that is told: the last to be written.
    report = report.mask(reports["zeros"] != "", IMPLAUSIBLE_ZERO)
    report = report.mask(unknown, NO_POPULATION)
    report = report.mask(months < fewest_months, TOO_FEW_MONTHS)
    report = report.mask(crimes.isna(), NOT_REPORTED)
    return reports.assign(crimes=crimes.where(report == COUNTED), report=report)


def covered_share(covered: pd.Series, residents: pd.Series) -> pd.Series:
    """Give the share of a county's residents whose police reported.

    Agencies' populations are estimates of their own, often of another year than the
    county's: their sum may exceed the county's residents. The share is then 1.

    Parameters
    ----------
    covered : pandas.Series of float
        Residents of the agencies that reported, by ``county_fips``.
    residents : pandas.Series of float
        Residents of the county.

    Returns
    -------
    pandas.Series of float
        0 to 1, by the counties of `covered`; NaN where the residents are not known.

    Notes
    -----
    The NACJD's coverage indicator is the same share, except that it gives an agency
    that reported 3 to 11 months credit for these months only:
    100 (1 - sum(p / P (12 - months) / 12)). An agency here covers all its residents or
    none.

    Examples
    --------
    >>> covered = pd.Series({"01001": 41_386.0, "01003": 212_998.0})
    >>> residents = pd.Series({"01001": 55_049.0, "01003": 199_510.0})
    >>> covered_share(covered, residents).round(3).to_dict()
    {'01001': 0.752, '01003': 1.0}
    """
    people = residents.reindex(covered.index)
    share: pd.Series = (covered / people.where(people > 0)).clip(upper=1)
    return share
