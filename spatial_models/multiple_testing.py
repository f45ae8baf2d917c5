"""Many tests at once."""

from __future__ import annotations

from typing import Literal

import numpy as np
import numpy.typing as npt

from spatial_models.errors import SpatialError

__all__ = ["false_discovery_rate"]


def false_discovery_rate(
    p: npt.ArrayLike, *, method: Literal["bh", "by"] = "bh"
) -> npt.NDArray[np.float64]:
    """Adjust p-values so that a cut at q bounds the expected share of false finds by q.

    Parameters
    ----------
    p : array_like of float, shape (n,)
        The p-values; NaN for what was not tested, which does not count as a test.
    method : {"bh", "by"}, default "bh"
        Benjamini & Hochberg (1995), valid for independent or positively dependent
        tests, or Benjamini & Yekutieli (2001), valid for any.

    Returns
    -------
    numpy.ndarray of float, shape (n,)
        Adjusted p-values, NaN where `p` is.

    Raises
    ------
    SpatialError
        If a p-value lies outside 0 to 1, or the method is unknown.

    References
    ----------
    Benjamini, Y. and Hochberg, Y. (1995). Journal of the Royal Statistical Society B
    57, 289-300. Benjamini, Y. and Yekutieli, D. (2001). Annals of Statistics 29,
    1165-1188.

    Examples
    --------
    >>> false_discovery_rate([0.01, 0.04, 0.03, np.nan]).tolist()
    [0.03, 0.04, 0.04, nan]
    """
    values = np.asarray(p, dtype=np.float64)
    tested = ~np.isnan(values)
    found = values[tested]
    if ((found < 0) | (found > 1)).any():
        message = "found p-values outside 0 to 1; expected probabilities"
        raise SpatialError(message)
    if method not in {"bh", "by"}:
        message = f"found method {method!r}; expected 'bh' or 'by'"
        raise SpatialError(message)
    adjusted = np.full(values.shape, np.nan)
    n = found.size
    if n:
        order = np.argsort(found, kind="stable")[::-1]
        penalty = (1.0 / np.arange(1, n + 1)).sum() if method == "by" else 1.0
        scaled = found[order] * n * penalty / np.arange(n, 0, -1)
        back = np.empty(n)
        back[order] = np.minimum(1.0, np.minimum.accumulate(scaled))
        adjusted[tested] = back
    return adjusted
