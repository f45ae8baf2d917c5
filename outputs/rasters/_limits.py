"""Classes of numbers: their limits, words and colours."""

from __future__ import annotations

from itertools import pairwise
from typing import Final

import numpy as np
import numpy.typing as npt

from outputs.classes import LegendClass

Floats = npt.NDArray[np.float64]

_RATIOS: Final = (0.25, 0.5, 0.8, 1.25, 2.0, 4.0)
_RATIO_WORDS: Final = (
    "up to a quarter of the overall rate",
    "a quarter to half of the overall rate",
    "half to four fifths of the overall rate",
    "about the overall rate",
    "1.25 to 2 times the overall rate",
    "2 to 4 times the overall rate",
    "over 4 times the overall rate",
)
_RATE_COLOURS: Final = (
    "#fff7c9",
    "#fee391",
    "#fec44f",
    "#fe9929",
    "#d95f0e",
    "#a63603",
    "#5f1d03",
)
"""From light to dark, so that they are told apart in grey and by colour-blind readers."""

_STEPS: Final = (-2.0, -1.0, -0.5, 0.5, 1.0, 2.0)
_DIFFERENCE_COLOURS: Final = (
    "#00405f",
    "#0072b2",
    "#8cc3e6",
    "#f4f1ea",
    "#f5d492",
    "#e69f00",
    "#8a5a00",
)
"""Blue and orange as on the map of mismatches, which colour-blind readers tell apart."""


def classify(values: Floats, limits: tuple[float, ...]) -> npt.NDArray[np.uint8]:
    """Give each value its class from 1, each up to and including its limit; 0 is no data."""
    known = np.isfinite(values)
    classes = np.zeros(values.shape, dtype=np.uint8)
    classes[known] = np.digitize(values[known], limits, right=True) + 1
    return classes


_MANY: Final = 1_000
"""From where on limits are written as whole numbers."""


def rate_classes(overall: float) -> tuple[tuple[float, ...], tuple[LegendClass, ...]]:
    """Compare rates with the overall rate: the same words whatever the cases."""
    limits = tuple(ratio * overall for ratio in _RATIOS)
    return limits, _legend(_RATIO_WORDS, limits, _RATE_COLOURS)


def difference_classes(
    first: str, second: str
) -> tuple[tuple[float, ...], tuple[LegendClass, ...]]:
    """Word how far two standardised rates are apart: each is measured from its own average."""
    by = ("by 0.5 to 1", "by 1 to 2", "by over 2 standard deviations")
    words = (
        *(f"{second} further above average than {first}, {much}" for much in by[::-1]),
        "about equally far from their averages",
        *(f"{first} further above average than {second}, {much}" for much in by),
    )
    return _STEPS, _legend(words, _STEPS, _DIFFERENCE_COLOURS)


def _legend(
    words: tuple[str, ...], limits: tuple[float, ...], colours: tuple[str, ...]
) -> tuple[LegendClass, ...]:
    inner = [f"{_plain(low)} to {_plain(high)}" for low, high in pairwise(limits)]
    ranges = [f"{_plain(limits[0])} or less", *inner, f"over {_plain(limits[-1])}"]
    return tuple(
        LegendClass(key=str(number), label=f"{word} ({limit})", colour=colour)
        for number, (word, limit, colour) in enumerate(
            zip(words, ranges, colours, strict=True), start=1
        )
    )


def _plain(limit: float) -> str:
    """Write three digits, never a power of ten, and a minus that is no hyphen."""
    text = f"{float(f'{limit:.3g}'):,g}" if abs(limit) < _MANY else f"{limit:,.0f}"
    return text.replace("-", "\N{MINUS SIGN}")
