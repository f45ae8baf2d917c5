"""Measures of two maps, and p-values that only surrogate maps can give (M5)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, NoReturn

import numpy as np

__all__ = ["Measure", "NoPValue", "PValue", "SurrogateP"]


@dataclass(frozen=True, kw_only=True)
class SurrogateP:
    """A p-value of a measure against surrogate maps.

    Attributes
    ----------
    p : float
        The larger of `moran` and `kernel`, or the one that there is.
    moran, kernel : float or None
        p-values against family W, which keeps Moran's I, and family K, which keeps the
        values and the broad pattern; None where the family was not drawn.
    alternative : {"two-sided", "greater"}
        Tail.
    surrogates : int
        Number of surrogate maps of each family.
    expected : float
        Mean of the measure over the surrogate maps of all families.
    """

    p: float
    moran: float | None
    kernel: float | None
    alternative: Literal["two-sided", "greater"]
    surrogates: int
    expected: float

    def joined(self, other: SurrogateP) -> SurrogateP:
        """Join the p-values against two families that were drawn apart.

        Parameters
        ----------
        other : SurrogateP
            Of the other family, with the same number of surrogate maps.

        Returns
        -------
        SurrogateP
            The larger of the two.
        """
        return replace(
            self,
            p=max(self.p, other.p),
            moran=other.moran if self.moran is None else self.moran,
            kernel=other.kernel if self.kernel is None else self.kernel,
            expected=(self.expected + other.expected) / 2,
        )

    def __str__(self) -> str:
        least = 1 / (self.surrogates + 1)
        digits = max(2, int(np.ceil(-np.log10(least))))
        return f"p = {self.p:.{digits}f}"


@dataclass(frozen=True, kw_only=True)
class NoPValue:
    """What stands in the place of a p-value where none is offered.

    It is no number: whoever formats or compares it as one is told so.

    Attributes
    ----------
    reason : str
        Why there is none.

    Examples
    --------
    >>> print(NoPValue(reason="no surrogate maps were drawn"))
    no p-value: no surrogate maps were drawn
    """

    reason: str

    def __str__(self) -> str:
        return f"no p-value: {self.reason}"

    def __float__(self) -> NoReturn:
        raise TypeError(str(self))


PValue = SurrogateP | NoPValue
"""A p-value, or the reason why there is none."""


@dataclass(frozen=True, kw_only=True)
class Measure:
    """One measure of two maps.

    Attributes
    ----------
    name : str
        Short name, as in tables.
    label : str
        Name in words.
    estimate : float
        Mean over the draws of the first map in which it is defined; NaN where there are
        none. (Cohen's kappa counts a draw without hot spots as 0, if any has some.)
    low, high : float
        Central 90 % of the same draws, widened where the mean lies outside, since a few
        draws are far off; NaN for a single map.
    p : SurrogateP or NoPValue
        p-value, or the reason why there is none.
    """

    name: str
    label: str
    estimate: float
    low: float
    high: float
    p: PValue

    def __repr__(self) -> str:
        interval = "" if np.isnan(self.low) else f" [{self.low:.3f}, {self.high:.3f}]"
        return f"{self.label}: {self.estimate:.3f}{interval}, {self.p}"
