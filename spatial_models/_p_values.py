"""Tails: the one place where a statistic becomes a p-value (M7)."""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr

from spatial_models.errors import SpatialError

Alternative = Literal["two-sided", "greater", "less"]


def analytic_p(z: npt.NDArray[np.float64], alternative: Alternative) -> npt.NDArray[np.float64]:
    """Turn standard normal scores into p-values, NaN kept."""
    return combine_tails(ndtr(-z), ndtr(z), alternative)


def permutation_p(
    at_least: npt.NDArray[np.int64],
    at_most: npt.NDArray[np.int64],
    permutations: int,
    alternative: Alternative,
) -> npt.NDArray[np.float64]:
    """Turn counts of permutations into p-values, (r + 1) / (P + 1) in each tail."""
    upper = (at_least + 1) / (permutations + 1)
    lower = (at_most + 1) / (permutations + 1)
    return combine_tails(upper, lower, alternative)


def combine_tails(
    upper: npt.NDArray[np.float64], lower: npt.NDArray[np.float64], alternative: Alternative
) -> npt.NDArray[np.float64]:
    """Take one tail, or twice the smaller one and at most 1."""
    check_alternative(alternative)
    if alternative == "greater":
        return upper
    if alternative == "less":
        return lower
    return np.minimum(1.0, 2.0 * np.minimum(upper, lower))


def check_alternative(alternative: str) -> None:
    """Refuse a tail that is none."""
    if alternative not in get_args(Alternative):
        message = f"found alternative {alternative!r}; expected 'two-sided', 'greater' or 'less'"
        raise SpatialError(message)
