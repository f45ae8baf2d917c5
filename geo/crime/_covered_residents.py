"""Whether residents beside crimes are those whose police reported, or all of the county."""

from __future__ import annotations

from typing import Final

import pandas as pd

from geo.crime._columns import column_key
from geo.crime._reading import CrimeTable

_ALL: Final = ("population", "county_population")
"""Columns that hold all residents of a county, unless a mapping says otherwise."""


def are_of_all(crime: CrimeTable) -> bool:
    """Tell whether residents are all of the county: the Census Bureau's, or called so."""
    column = crime.columns.get("residents")
    if column is None or not (crime.numbers(column)[0] > 0).any():
        return True
    stated = crime.mapping.residents_are
    return column_key(column) in _ALL if stated is None else stated == "all"


def everybody(table: pd.DataFrame, *, of_all: bool) -> pd.Series:
    """Give all residents of each row's area, NaN where nobody says."""
    if of_all:
        return table["residents"]
    share = table["covered_share"]
    people: pd.Series = table["residents"] / share.where(share > 0)
    return people


def of_the_covered(crime: CrimeTable, table: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """Take crimes that were filled up to all residents, and these, by the covered share.

    The rate stays what it was; what is left of a year is what its reports tell, and no
    more, so that it weighs as much when years are pooled. Where the table does not say
    whether it was filled up, it stands as it is, and a note asks.
    """
    if not are_of_all(crime):
        return table, []
    share = table["covered_share"]
    partly = (share > 0) & (share < 1) & table["crimes"].notna()
    if not partly.any():
        return table, []
    number, file = int(partly.sum()), crime.table.source.file
    column = crime.columns.get("residents")
    filled = crime.mapping.residents_are == "all"
    if not filled and "crimes" not in crime.columns and "rate" in crime.columns:
        filled = column is None  # a rate of whatever residents there are
    if not filled:
        whose = f"column {column!r}" if column else "the Census Bureau's"
        said = (
            f"covered shares below 1 beside residents of whole counties ({whose}): {number:,}. If "
            "crimes were not filled up to them, the rates are too low: give the residents covered; "
            'if they were, say residents_are = "all" in a mapping'
        )
        return table, [f"{file}: {said}"]
    weight = share.where(partly, 1.0)
    said = f"crimes and residents that were not covered, taken off by the covered share: {number:,}"
    return table.assign(crimes=table["crimes"] * weight, residents=table["residents"] * weight), [
        f"{file}: {said}"
    ]
