"""The one way in which arrests of a place are drawn into its parts."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

__all__ = ["Floats", "Integers", "draw_parts", "expected_shares", "shares_within"]

Integers = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


def shares_within(area: pd.Series, weights: pd.Series) -> Floats:
    """Turn weights of counties into shares of their areas.

    Parameters
    ----------
    area : pandas.Series of str
        Area of each county, indexed by ``county_fips``.
    weights : pandas.Series of float
        Weight of each county; missing counts as zero, and where no county of an area has
        a weight, all weigh the same.

    Returns
    -------
    numpy.ndarray of float
        Share of each county of `area`.
    """
    weight = weights.reindex(area.index).fillna(0.0).astype(np.float64)
    known = weight.groupby(area).transform("sum") > 0
    weight = weight.where(known, 1.0)
    return (weight / weight.groupby(area).transform("sum")).to_numpy()


def expected_shares(shares: Floats, *, evidence: Integers | None, prior_arrests: float) -> Floats:
    """Tell the shares that :func:`draw_parts` draws around.

    Parameters
    ----------
    shares : numpy.ndarray of float
        Shares of the parts by their weights.
    evidence : numpy.ndarray of int or None
        Arrests known to lie in each part; None where they tell nothing of the others.
    prior_arrests : float
        How many arrests the weights count for beside the evidence.

    Returns
    -------
    numpy.ndarray of float
        Mean shares.
    """
    if evidence is None:
        return shares
    shapes = evidence + prior_arrests * shares
    mean: Floats = shapes / shapes.sum()
    return mean


def draw_parts(
    total: int | Integers,
    shares: Floats,
    *,
    evidence: Integers | None,
    prior_arrests: float,
    draws: int,
    rng: np.random.Generator,
) -> Integers:
    """Draw the arrests of a place into its parts, several times.

    Multinomial; with evidence, shares are drawn anew for every draw from the Dirichlet
    distribution around the evidence and the weights.

    Parameters
    ----------
    total : int or numpy.ndarray of int, shape (draws,)
        Arrests of the place, in each draw.
    shares : numpy.ndarray of float, shape (k,)
        Shares of the parts by their weights.
    evidence : numpy.ndarray of int, shape (k,), or None
        Arrests known to lie in each part; None where they tell nothing of the others.
    prior_arrests : float
        How many arrests the weights count for beside the evidence, at least 1.
    draws : int
        Number of draws.
    rng : numpy.random.Generator
        Source of randomness.

    Returns
    -------
    numpy.ndarray of int, shape (draws, k)
        Each row sums to its total.
    """
    chances = shares
    if evidence is not None:
        # A Dirichlet draw is a set of gamma draws over their sum; it may hold zeros.
        shapes = evidence + prior_arrests * shares
        gamma = rng.standard_gamma(shapes, size=(draws, len(shapes)))
        chances = gamma / gamma.sum(axis=1, keepdims=True)
    return rng.multinomial(total, chances, size=draws)
