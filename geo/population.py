"""Residents by county."""

from __future__ import annotations

from functools import cache
from importlib.resources import as_file, files
from typing import Final

import pandas as pd

__all__ = ["POPULATION_YEARS", "load_population"]

POPULATION_YEARS: Final = (2010, 2019)
"""First and last year of the packaged population estimates."""


def load_population(first: int = 2019, last: int | None = None) -> pd.Series:
    """Load the Census Bureau's estimates of residents by county.

    Parameters
    ----------
    first, last : int, default 2019
        Years, 2010 to 2019; the mean over `first` to `last` is taken. Years outside are
        replaced by the nearest year there is.

    Returns
    -------
    pandas.Series of float
        Residents on July 1 by ``county_fips`` (vintage 2019): 3,142 counties of the 50
        states and the District of Columbia. No territories.

    Examples
    --------
    >>> int(load_population(2019).sum())
    328239523
    """
    low, high = POPULATION_YEARS
    start = min(max(first, low), high)
    stop = min(max(first if last is None else last, start), high)
    years = [str(year) for year in range(start, stop + 1)]
    return _estimates()[years].mean(axis="columns").rename("residents")


@cache
def _estimates() -> pd.DataFrame:
    with as_file(files("geo") / "data" / "county_population_2010_2019.parquet") as path:
        return pd.read_parquet(path)
