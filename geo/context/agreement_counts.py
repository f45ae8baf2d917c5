"""287(g) agreements in force on a day, by county and state."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import pandas as pd

from boundaries import load_counties
from geo.context.agreements import MODELS, STATE_AGENCY, Agreements
from geo.errors import InputError, Problem

__all__ = ["AgreementCounts", "agreements_at"]


@dataclass(frozen=True, kw_only=True)
class AgreementCounts:
    """Agreements in force on a day.

    Attributes
    ----------
    day : datetime.date
        The day.
    by_county : pandas.DataFrame of int
        Agreements of the county's own agencies and those of its towns, by ``county_fips``
        (all counties of vintage 2019, 0 where there are none), a column for each of
        :data:`MODELS`.
    by_state : pandas.DataFrame of int
        Agreements of state agencies, by postal code (all states and territories), the
        same columns. They may act in every county and are counted in none.
    unplaced : pandas.DataFrame
        Agreements in force of which the county could not be told.
    undated : pandas.DataFrame
        Agreements of which it is not known whether they were in force.
    agreements : Agreements
        The sheet.
    """

    day: dt.date
    by_county: pd.DataFrame
    by_state: pd.DataFrame
    unplaced: pd.DataFrame
    undated: pd.DataFrame
    agreements: Agreements


def agreements_at(agreements: Agreements, day: dt.date) -> AgreementCounts:
    """Count the agreements that were in force on a day, by county and model.

    Parameters
    ----------
    agreements : Agreements
        As :func:`read_agreements` gives them.
    day : datetime.date
        The day; not after that of the sheet. Agreements signed on it count. Those
        without a day of signature count on the day of the sheet and are otherwise
        left out, and listed.

    Returns
    -------
    AgreementCounts
        Counts by county, and by state for state agencies.

    Raises
    ------
    InputError
        If the day lies after that of the sheet, which cannot know what was signed since.

    Examples
    --------
    >>> from geo._table import Source
    >>> table = pd.DataFrame({
    ...     "state": ["FL"], "model": ["task_force"], "signed": pd.to_datetime(["2025-03-01"]),
    ...     "county_fips": ["12087"], "told_by": ["county"]})
    >>> sheet = Agreements(table=table, as_of=dt.date(2025, 7, 18), notes=(),
    ...                    source=Source(file="sheet.xlsx", sha256="", rows=1))
    >>> counts = agreements_at(sheet, dt.date(2025, 3, 1))
    >>> counts.by_county.loc["12087"].to_dict()
    {'jail_enforcement': 0, 'task_force': 1, 'warrant_service_officer': 0}
    """
    if day > agreements.as_of:
        problem = Problem(
            file=agreements.source.file,
            found=f"a sheet of {agreements.as_of}",
            expected=f"one of {day} or later",
            action="give a later sheet, or ask for an earlier day",
        )
        raise InputError([problem])
    table = agreements.table
    undated = table["signed"].isna() if day < agreements.as_of else np.zeros(len(table), bool)
    current = table[~undated & ~(table["signed"] > np.datetime64(day, "s"))]
    counties, states = load_counties(), sorted(set(load_counties()["state"]))
    own = current[current["told_by"] != STATE_AGENCY]
    return AgreementCounts(
        day=day,
        by_county=_count(own, "county_fips", counties.index),
        by_state=_count(
            current[current["told_by"] == STATE_AGENCY], "state", pd.Index(states, name="state")
        ),
        unplaced=own[own["county_fips"].isna()],
        undated=table[undated],
        agreements=agreements,
    )


def _count(table: pd.DataFrame, key: str, index: pd.Index) -> pd.DataFrame:
    counts = pd.crosstab(table[key], table["model"])
    whole = counts.reindex(index=index, columns=list(MODELS), fill_value=0).astype("int64")
    return whole.rename_axis(columns=None)
