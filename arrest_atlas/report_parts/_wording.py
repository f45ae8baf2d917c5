"""Numbers as a report writes them: no more digits than they are worth."""

from __future__ import annotations

import math
from collections.abc import Sequence
from string import ascii_lowercase
from typing import Any, Final

import pandas as pd

from spatial_models import Measure, NoPValue, PValue

__all__ = [
    "NONE",
    "Reasons",
    "capital",
    "count",
    "decimal",
    "estimate",
    "listed",
    "p_value",
    "percent",
    "rate",
]

NONE: Final = "\u2013"
"""What stands where there is no number."""

_ONE_PERCENT: Final = 0.01
_TENS: Final = 10
_HUNDREDS: Final = 100


def count(number: Any) -> str:
    """Write a whole number."""
    return NONE if pd.isna(number) else f"{round(float(number)):,}"


def rate(number: Any) -> str:
    """Write a rate with about three digits."""
    if pd.isna(number):
        return NONE
    size = abs(float(number))
    decimals = 0 if size >= _HUNDREDS or size == 0 else 1 if size >= _TENS else 2
    return f"{float(number):,.{decimals}f}"


def percent(share: Any, *, decimals: int = 0) -> str:
    """Write a share without making all or nothing of it."""
    if pd.isna(share):
        return NONE
    share = float(share)
    if 0 < share < _ONE_PERCENT:
        return "<1%"
    if 1 - _ONE_PERCENT < share < 1:
        return ">99%"
    return f"{100 * share:.{decimals}f}%"


def decimal(number: Any) -> str:
    """Write a statistic with two decimals, and a true minus."""
    if pd.isna(number) or not math.isfinite(number):
        return NONE
    return f"{round(float(number), 2) + 0:.2f}".replace("-", "\u2212")


def estimate(measure: Measure) -> str:
    """Write an estimate with the central 90 % of its draws, where there are any."""
    text = decimal(measure.estimate)
    if math.isnan(measure.low) or math.isnan(measure.high):
        return text
    return f"{text} ({decimal(measure.low)} to {decimal(measure.high)})"


def p_value(p: Any, *, least: float = 0.001) -> str:
    """Write a p-value; those below what is told apart, as below it."""
    if pd.isna(p):
        return NONE
    if p < least:
        return f"<{least:g}"
    return f"{p:.3f}"


class Reasons:
    """Why cells of a table have no p-value: a letter in the cell, the words once below it."""

    def __init__(self) -> None:
        self._letters: dict[str, str] = {}

    def cell(self, p: PValue) -> str:
        """Write a p-value, or the letter of the reason why there is none."""
        if isinstance(p, NoPValue):
            return self.none(p.reason)
        return str(p).removeprefix("p = ")

    def none(self, reason: str) -> str:
        """Write that there is no p-value, with the letter of the reason."""
        words = reason.removeprefix("descriptive: ").removeprefix("descriptive, ")
        letter = self._letters.setdefault(words, ascii_lowercase[len(self._letters)])
        return f"none\u00a0({letter})"

    def notes(self) -> list[str]:
        """Say what the letters mean."""
        if not self._letters:
            return []
        said = [f"({letter}) {words}" for words, letter in self._letters.items()]
        return [f"No p-value: {'; '.join(said)}."]


def capital(text: str) -> str:
    """Begin with a capital."""
    return f"{text[:1].upper()}{text[1:]}"


def listed(names: Sequence[str]) -> str:
    """Name several in a sentence."""
    return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else "".join(names)
