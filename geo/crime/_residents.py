"""Residents of the year of a list of agencies."""

from __future__ import annotations

from typing import Final

import pandas as pd

from geo.population import Population

_NEAR: Final = 2
"""Years after the last estimate for which that estimate serves as it is."""

_SPAN: Final = 5
"""Years whose change is carried on."""


def residents_in(people: Population, year: int) -> tuple[pd.Series, str]:
    """Give residents of a year, and say what they are.

    More than two years after the last estimate each county's mean change over five years
    is carried on: suburbs that have doubled since would else have fewer residents than
    their police serve. Estimates of two decades rest on two censuses, so the change is
    taken within one. Only the parts of cities rest on such residents; coverage does not.
    """
    last = int(people.by_year.columns.max())
    first = max(last - _SPAN, last // 10 * 10 if last % 10 else last - _SPAN)
    there = [year for year in map(int, people.by_year.columns) if first <= year < last]
    if year - last <= _NEAR or not there:
        return people.residents(year), people.words_for(year)
    start = min(there)
    change = (people.by_year[last] - people.by_year[start]) / (last - start)
    carried: pd.Series = (people.by_year[last] + change * (year - last)).clip(lower=0)
    return carried, f"{last}, carried on to {year} by each county's change since {start}"
