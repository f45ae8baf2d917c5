"""Imputed arrests that do not exaggerate how uneven counties are."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo import CountyArrests

__all__ = ["even_draws"]

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

_LEAST_VARIANCE: Final = 1e-4


def even_draws(
    arrests: CountyArrests, known: Flags, people: pd.Series, *, rng: np.random.Generator
) -> npt.NDArray[np.int64]:
    """Draw the arrests whose county is not known once more, where counties are known.

    Arrests that follow the located ones alone repeat their chance: counties which by chance have
    many located ones get many others, so that measures of concentration come out too high. Here
    a county's rate is first drawn towards that of its area, as far as chance explains their
    differences (empirical Bayes: rates vary by a gamma distribution, whose variance is that of
    the located arrests beyond Poisson's, after Marshall 1991).

    Parameters
    ----------
    arrests : CountyArrests
        Located arrests, and draws of all.
    known : numpy.ndarray of bool, shape (n,)
        Counties of areas that are known by county; the others keep their draws.
    people : pandas.Series of float
        People by county, to whom rates refer.
    rng : numpy.random.Generator
        Source of randomness.

    Returns
    -------
    numpy.ndarray of int, shape (m, n)
        Draws, with the same arrests in every area.
    """
    draws = arrests.draws.copy()
    weight = people.reindex(arrests.county_fips).fillna(0.0).to_numpy(dtype=np.float64)
    located = arrests.located.astype(np.float64)
    area = pd.Series(pd.factorize(arrests.area)[0])
    # Those without people can have no rate: what is located there stays, nothing is added.
    taken = known & (weight > 0)
    if not taken.any():
        return draws
    codes = area.to_numpy()
    of_area = np.bincount(codes, located * taken) / np.bincount(codes, weight * taken).clip(1e-9)
    expected = of_area[codes] * weight
    variances = _variances(
        located[taken],
        expected[taken],
        len(np.unique(codes[taken])),
        draws=len(draws),
        rng=rng,
    )
    shape = 1 / variances[:, None]
    rest = draws - arrests.located
    for code in np.unique(codes[taken]):
        here = np.flatnonzero((codes == code) & taken)
        totals = rest[:, here].sum(axis=1)
        rates = rng.gamma(shape + located[here])
        chances = rates / (shape + expected[here]) * weight[here]
        chances /= chances.sum(axis=1, keepdims=True)
        draws[:, here] = arrests.located[here] + rng.multinomial(totals, chances)
    return draws


def _variances(
    located: Floats, expected: Floats, areas: int, *, draws: int, rng: np.random.Generator
) -> Floats:
    """Estimate by how much rates vary, relative to those of their areas, beyond chance.

    Once a draw, counties weighted anew each time (Rubin's Bayesian bootstrap, 1981), so that
    the doubt about the variance is carried, too.
    """
    some = expected > 0
    if not some.any():
        return np.ones(draws)
    located, expected = located[some], expected[some]
    beyond = (located - expected) ** 2 / expected - (1 - areas / len(expected))
    weights = rng.exponential(size=(draws, len(expected)))
    variances: Floats = (weights @ beyond) / (weights @ expected)
    return np.maximum(variances, _LEAST_VARIANCE)
