"""Margins of error of sums and shares (U.S. Census Bureau 2020, chapter 8)."""

from __future__ import annotations

import pandas as pd


def moe_of_sum(estimates: pd.Series, margins: pd.Series, by: pd.Series | pd.Index) -> pd.Series:
    """Give the margin of the sum of each group: its zero estimates count once, the largest.

    A missing estimate or margin leaves that of the sum unknown.
    """
    zero = estimates == 0
    squares = (margins**2).where(estimates.notna())
    total = squares.mask(zero, 0.0).groupby(by).sum(skipna=False)
    largest = squares.where(zero, 0.0).groupby(by).max(skipna=False)
    margin: pd.Series = (total + largest) ** 0.5
    return margin


def moe_of_share(
    part: pd.Series, part_moe: pd.Series, whole: pd.Series, whole_moe: pd.Series
) -> pd.Series:
    """Give the margin of part / whole; of a ratio where that of a proportion does not exist."""
    explained = (part / whole) ** 2 * whole_moe**2
    under = part_moe**2 - explained
    under = under.where(under >= 0, part_moe**2 + explained)
    margin: pd.Series = under**0.5 / whole
    return margin
