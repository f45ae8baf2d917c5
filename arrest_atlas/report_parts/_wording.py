"""Numbers as a report writes them: no more digits than they are worth."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final

import pandas as pd

from spatial_models import Measure, NoPValue, PValue

__all__ = [
    "NONE",
    "capital",
    "count",
    "decimal",
    "estimate",
    "listed",
    "p_cell",
    "p_value",
    "percent",
    "rate",
]

NONE: Final = "\u2013"
"""What stands where there is no number."""

_ONE_PERCENT: Final = 0.01
_TENS: Final = 10
_HUNDREDS: Final = 100
_SMALL_P: Final = 0.1


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


def percent(share: Any) -> str:
    """Write a share without making all or nothing of it."""
    if pd.isna(share):
        return NONE
    share = float(share)
    if 0 < share < _ONE_PERCENT:
        return "<1%"
    if 1 - _ONE_PERCENT < share < 1:
        return ">99%"
    return f"{100 * share:.0f}%"


def decimal(number: Any) -> str:
    """Write a statistic with two decimals, and a true minus."""
    if pd.isna(number) or not math.isfinite(number):
        return NONE
    return f"{round(float(number), 2) + 0:.2f}".replace("-", "\u2212")


def estimate(measure: Measure) -> str:
    """Write an estimate with the central 95 % of its draws, where there are any."""
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
    return f"{p:.3f}" if p < _SMALL_P else f"{p:.2f}"


def p_cell(p: PValue) -> str:
    """Write a p-value for a table, or why there is none."""
    if isinstance(p, NoPValue):
        return f"none: {p.reason.removeprefix('descriptive: ').removeprefix('descriptive, ')}"
    return str(p).removeprefix("p = ")


def capital(text: str) -> str:
    """Begin with a capital."""
    return f"{text[:1].upper()}{text[1:]}"


def listed(names: Sequence[str]) -> str:
    """Name several in a sentence."""
    return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else "".join(names)
