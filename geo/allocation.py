"""From areas to counties: in proportion, or by multiple imputation."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from geo._multinomial import Integers, draw_parts, shares_within

__all__ = ["CountyArrests", "allocate_proportional", "impute_counts", "largest_remainder"]

_PRIOR_ARRESTS: Final = 20
"""Arrests that the weights count for beside those located in an area."""


@dataclass(frozen=True, kw_only=True)
class CountyArrests:
    """Arrests by county, three ways side by side.

    Attributes
    ----------
    county_fips : pandas.Index
        The counties.
    area : pandas.Series of str
        Area (zone, office or state) of each county to which the other arrests are known.
    located : numpy.ndarray of int, shape (n,)
        Arrests whose county is known.
    draws : numpy.ndarray of int, shape (m, n)
        Located arrests plus, in each draw, the others imputed within their area.
    proportional : numpy.ndarray of int, shape (n,)
        Located arrests plus the others in proportion to the weights.
    """

    county_fips: pd.Index
    area: pd.Series
    located: Integers
    draws: Integers
    proportional: Integers

    @property
    def area_totals(self) -> pd.Series:
        """Count all arrests by area: the same in every draw, unless some are known less finely.

        Returns
        -------
        pandas.Series of float
            By area, mean over draws.
        """
        summed = pd.Series(self.draws.sum(axis=0), index=self.county_fips)
        return summed.groupby(self.area).sum() / len(self.draws)

    def to_frame(self) -> pd.DataFrame:
        """Lay the counts out as a table.

        Returns
        -------
        pandas.DataFrame
            Indexed by ``county_fips``: ``arrests_located``, ``arrests_imputed`` (mean
            over draws), ``arrests_low`` and ``arrests_high`` (5 and 95 % of draws) and
            ``arrests_proportional``, each with the located arrests included.
        """
        # Definition 6 of Hyndman and Fan (1996): with m draws, one more lies between the two
        # with a chance of 90 %; by numpy's usual one of 90 (m - 1) / (m + 1) %.
        low, high = np.quantile(self.draws, [0.05, 0.95], axis=0, method="weibull")
        return pd.DataFrame(
            {
                "arrests_located": self.located,
                "arrests_imputed": self.draws.mean(axis=0),
                "arrests_low": low,
                "arrests_high": high,
                "arrests_proportional": self.proportional,
            },
            index=self.county_fips,
        )


def impute_counts(
    totals: pd.Series,
    *,
    area: pd.Series,
    weights: pd.Series,
    located: pd.Series | None = None,
    follow_located: Collection[str] = (),
    draws: int,
    rng: int | np.random.Generator,
) -> CountyArrests:
    """Draw the arrests of each area into its counties, several times.

    Each arrest falls on a county of its area with probability in proportion to the
    weights (multinomial), so that every draw keeps every area's total exactly. Where no
    county of an area has a weight, its counties weigh the same; where some have none,
    these receive none.

    In areas of `follow_located`, the arrests that are located show where the others are
    likely to be: probabilities are drawn anew for every draw from a Dirichlet
    distribution around the located arrests, to which the weights add the evidence of 20
    arrests. (Spread by residents instead, they would carry a city's rate to its whole
    area and make hot spots of its countryside.)

    Parameters
    ----------
    totals : pandas.Series of int
        Arrests by area whose county is not known.
    area : pandas.Series of str
        Area of each county, indexed by ``county_fips``.
    weights : pandas.Series of float
        Weight of each county (non-citizens, residents, ...); missing counts as zero.
    located : pandas.Series of int, optional
        Arrests by county whose county is known; they stay where they are.
    follow_located : collection of str, optional
        Areas whose other arrests follow the located ones.
    draws : int
        Number of draws, at least 1.
    rng : int or numpy.random.Generator
        Source of randomness.

    Returns
    -------
    CountyArrests
        Draws, located arrests and proportional allocation side by side.

    Raises
    ------
    ValueError
        If `draws` is below 1, or an area of `totals` with arrests has no county.

    Examples
    --------
    >>> area = pd.Series({"01001": "AL", "01003": "AL"})
    >>> people = pd.Series({"01001": 1.0, "01003": 3.0})
    >>> arrests = impute_counts(pd.Series({"AL": 8}), area=area, weights=people, draws=2, rng=1)
    >>> arrests.draws.tolist(), arrests.proportional.tolist()
    ([[2, 6], [4, 4]], [2, 6])
    """
    if draws < 1:
        message = f"found draws={draws}; expected at least 1"
        raise ValueError(message)
    generator = np.random.default_rng(rng)
    share = shares_within(area, weights)
    known = _counts(located, area.index)
    imputed = np.zeros((draws, len(area)), dtype=np.int64)
    for name, members in _members(totals, area):
        imputed[:, members] = draw_parts(
            int(totals[name]),
            share[members],
            evidence=known[members] if name in follow_located else None,
            prior_arrests=_PRIOR_ARRESTS,
            draws=draws,
            rng=generator,
        )
    proportional = allocate_proportional(totals, area=area, weights=weights).to_numpy()
    return CountyArrests(
        county_fips=area.index,
        area=area,
        located=known,
        draws=imputed + known,
        proportional=proportional + known,
    )


def allocate_proportional(totals: pd.Series, *, area: pd.Series, weights: pd.Series) -> pd.Series:
    """Share the arrests of each area out over its counties in proportion to the weights.

    Parameters
    ----------
    totals : pandas.Series of int
        Arrests by area.
    area : pandas.Series of str
        Area of each county, indexed by ``county_fips``.
    weights : pandas.Series of float
        Weight of each county; the rule for missing weights is that of
        :func:`impute_counts`.

    Returns
    -------
    pandas.Series of int
        Arrests by county; whole numbers by largest remainder, totals kept.

    Examples
    --------
    >>> area = pd.Series({"01001": "AL", "01003": "AL"})
    >>> allocate_proportional(pd.Series({"AL": 5}), area=area,
    ...                       weights=pd.Series({"01001": 1, "01003": 3})).tolist()
    [1, 4]
    """
    share = pd.Series(shares_within(area, weights), index=area.index)
    allocated = np.zeros(len(area), dtype=np.int64)
    for name, members in _members(totals, area):
        allocated[members] = largest_remainder(share.iloc[members], int(totals[name]))
    return pd.Series(allocated, index=area.index)


def largest_remainder(shares: pd.Series, total: int) -> pd.Series:
    """Share a whole number out in whole numbers.

    Each place gets its quota rounded down; what is left goes to the largest remainders,
    the earlier place first among equals.

    Parameters
    ----------
    shares : pandas.Series of float
        Not negative, in any unit.
    total : int
        What is shared out.

    Returns
    -------
    pandas.Series of int
        Sums to `total`; places with no share get nothing (unless no place has one).

    Examples
    --------
    >>> largest_remainder(pd.Series([1.0, 1.0, 1.0]), 5).tolist()
    [2, 2, 1]
    """
    values = shares.to_numpy(dtype=np.float64)
    if total == 0:
        return pd.Series(0, index=shares.index, dtype="int64")
    if values.sum() <= 0:
        values = np.ones_like(values)
    quota = values / values.sum() * total
    whole = np.floor(quota + 1e-9).astype(np.int64)
    order = np.argsort(-(quota - whole), kind="stable")
    whole[order[: total - int(whole.sum())]] += 1
    return pd.Series(whole, index=shares.index)


def _counts(located: pd.Series | None, counties: pd.Index) -> Integers:
    if located is None:
        return np.zeros(len(counties), dtype=np.int64)
    return located.reindex(counties).fillna(0).to_numpy(dtype=np.int64)


def _members(totals: pd.Series, area: pd.Series) -> list[tuple[str, Integers]]:
    """List the areas that have arrests, with the positions of their counties."""
    positions = {
        str(name): np.asarray(members) for name, members in area.groupby(area).indices.items()
    }
    strange = [name for name in totals.index[totals > 0] if name not in positions]
    if strange:
        message = f"found arrests in {strange[:5]}; expected areas that have counties"
        raise ValueError(message)
    return [(name, positions[name]) for name in totals.index[totals > 0]]
