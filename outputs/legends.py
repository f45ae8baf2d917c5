"""Legends of the classes that spatial tests give: words, colours, and patterns.

Colours are told apart under protanopia, deuteranopia and tritanopia, and in grey by their
lightness or their pattern (a test holds them to it).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from outputs.classes import LegendClass, Pattern
from outputs.errors import OutputError
from spatial_models import (
    COLD_CLUSTER,
    HOT_CLUSTER,
    NO_DATA,
    NO_NEIGHBOURS,
    NO_VARIATION,
    NOT_SIGNIFICANT,
)

__all__ = [
    "LISA_COLOURS",
    "MOST_CLASSES",
    "NO_ANSWER",
    "PALE",
    "comparison_legend",
    "hot_spot_legend",
    "legend_of",
    "local_legend",
    "quadrant_legend",
]

PALE: Final = "#f4f1ea"
"""Colour of places where nothing was found."""

LISA_COLOURS: Final = {
    "High-High": "#b2182b",
    "Low-Low": "#2166ac",
    "High-Low": "#e08214",
    "Low-High": "#5aae61",
}
"""Of the classes of local Moran's I."""

NO_ANSWER: Final = (
    LegendClass(
        key=NO_VARIATION,
        label="No variation: differences no larger than chance gives",
        short="No variation",
        colour="#dadada",
        pattern="crosses",
    ),
    LegendClass(
        key=NO_NEIGHBOURS,
        label="No neighbours: an island, or all neighbours lack data",
        short="No neighbours",
        colour="#b8ad98",
        pattern="rings",
    ),
    LegendClass(key=NO_DATA, label="No data", short="No data", colour="#8f8f8f", pattern="dots"),
)
"""Classes of places without an answer, the same on every map; the less is known, the darker."""

_NOTHING_FOUND: Final = LegendClass(
    key=NOT_SIGNIFICANT,
    label="Not significant: cannot be told from chance",
    short="Not significant",
    colour=PALE,
)

_QUADRANTS: Final[dict[str, Pattern]] = {
    "High-High": "",
    "Low-Low": "upright",
    "High-Low": "level",
    "Low-High": "grid",
}
"""Their patterns."""

_OTHERS: Final = (
    LegendClass(
        key="other positive",
        label="Other positive: like its neighbours, across the mean",
        colour="#c2a5cf",
    ),
    LegendClass(
        key="positive", label="Positive: like its neighbours", colour="#762a83", pattern="rings"
    ),
    LegendClass(
        key="negative", label="Negative: unlike its neighbours", colour="#a6611a", pattern="crosses"
    ),
    LegendClass(
        key="cluster", label="Cluster: more like it around than by chance", colour="#882255"
    ),
    LegendClass(
        key="dispersed",
        label="Dispersed: fewer like it around than by chance",
        colour="#56b4e9",
        pattern="upright",
    ),
    LegendClass(
        key="absent", label="Absent: without what is counted", colour="#dfe3e0", pattern="level"
    ),
    LegendClass(key=HOT_CLUSTER, label="Hot cluster: in a circle of high rates", colour="#b2182b"),
    LegendClass(
        key=COLD_CLUSTER,
        label="Cold cluster: in a circle of low rates",
        colour="#2166ac",
        pattern="upright",
    ),
)
"""Classes of local Geary's c, of local join counts and of the scan."""

_FREE_COLOURS: Final = ("#882255", "#e69f00", "#0072b2", "#009e73", "#f0e442", "#cc79a7")
_FREE_PATTERNS: Final[tuple[Pattern, ...]] = ("", "upright", "level", "grid", "crosses", "rings")
MOST_CLASSES: Final = len(_FREE_COLOURS)
"""Classes without a legend of their own that can be told apart on one map."""


def hot_spot_legend(what: str) -> list[LegendClass]:
    """Word hot and cold spots.

    Parameters
    ----------
    what : str
        What is high or low: ``"arrest rates"``.

    Returns
    -------
    list of LegendClass
        The hottest first; cold ones bear lines.

    Examples
    --------
    >>> hot_spot_legend("rates")[0].label
    'Hot at 99%: high rates in and around (false discovery rate 1%)'
    """
    return [
        _spot("Hot", 99, what, "#b2182b"),
        _spot("Hot", 95, what, "#ef8a62"),
        _spot("Hot", 90, what, "#fbc9ae"),
        _NOTHING_FOUND,
        _spot("Cold", 90, what, "#d1e5f0", "upright"),
        _spot("Cold", 95, what, "#67a9cf", "upright"),
        _spot("Cold", 99, what, "#2166ac", "upright"),
    ]


def _spot(side: str, level: int, what: str, colour: str, pattern: Pattern = "") -> LegendClass:
    height = "high" if side == "Hot" else "low"
    label = (
        f"{side} at {level}%: {height} {what} in and around (false discovery rate {100 - level}%)"
    )
    return LegendClass(
        key=f"{side.casefold()} {level}%",
        label=label,
        short=f"{side} at {level}%",
        colour=colour,
        pattern=pattern,
    )


def quadrant_legend(*, two_maps: bool = False) -> list[LegendClass]:
    """Word the classes of local Moran's I, and of local Lee's L.

    Parameters
    ----------
    two_maps : bool, default False
        Whether the classes name two maps, not a place and its neighbours.

    Returns
    -------
    list of LegendClass
        High among high first.

    Examples
    --------
    >>> quadrant_legend()[2].label
    'High-Low: high among low neighbours'
    >>> quadrant_legend(two_maps=True)[2].label
    'High-Low: high on the first map, low on the second'
    """
    entries = []
    for key, pattern in _QUADRANTS.items():
        own, other = key.casefold().split("-")
        words = (
            f"{own} on the first map, {other} on the second"
            if two_maps
            else f"{own} among {other} neighbours"
        )
        entries.append(
            LegendClass(
                key=key,
                label=f"{key}: {words}",
                short=key,
                colour=LISA_COLOURS[key],
                pattern=pattern,
            )
        )
    return [*entries, _NOTHING_FOUND]


def comparison_legend(first: str, second: str) -> list[LegendClass]:
    """Word how the hot spots of two maps lie to each other.

    Parameters
    ----------
    first, second : str
        What the two maps are called, as in `spatial_models.compare_hotspots`.

    Returns
    -------
    list of LegendClass
        Both hot first.

    Examples
    --------
    >>> [entry.key for entry in comparison_legend("arrests", "crime")[:3]]
    ['both hot', 'arrests only', 'crime only']
    """
    only = "hot spot of {}, none of {} detected"
    return [
        LegendClass(
            key="both hot", label=f"Both: hot spots of {first} and of {second}", colour="#882255"
        ),
        LegendClass(
            key=f"{first} only",
            label=f"Mismatch: {only.format(first, second)}",
            colour="#e69f00",
        ),
        LegendClass(
            key=f"{second} only",
            label=f"Mismatch: {only.format(second, first)}",
            colour="#0072b2",
            pattern="upright",
        ),
        LegendClass(
            key="opposite",
            label="Opposite: hot on one map, cold on the other",
            colour="#009e73",
            pattern="grid",
        ),
        LegendClass(key="neither", label="No hot spot detected on either", colour=PALE),
    ]


def local_legend(*, two_maps: bool = False) -> list[LegendClass]:
    """Word every class that a spatial test gives.

    Parameters
    ----------
    two_maps : bool, default False
        As `quadrant_legend` takes it.

    Returns
    -------
    list of LegendClass
        Of one test after the other; at the end, once, those of places where nothing was
        found, and of places without an answer.

    Examples
    --------
    >>> [entry.key for entry in local_legend()[-4:]]
    ['not significant', 'no variation', 'no neighbours', 'no data']
    """
    entries = [*hot_spot_legend("values"), *quadrant_legend(two_maps=two_maps), *_OTHERS]
    found = [entry for entry in entries if entry != _NOTHING_FOUND]
    return [*found, _NOTHING_FOUND, *NO_ANSWER]


def legend_of(keys: Sequence[str], *, known: Sequence[LegendClass]) -> list[LegendClass]:
    """Word classes, whatever they are.

    Parameters
    ----------
    keys : sequence of str
        The classes, in order.
    known : sequence of LegendClass
        Classes that have words and colours already.

    Returns
    -------
    list of LegendClass
        The classes that are not known, in their order, then those that are, in theirs.

    Raises
    ------
    OutputError
        If more of them are unknown than colours can tell apart.

    Examples
    --------
    >>> [entry.key for entry in legend_of(["no data", "plains"], known=NO_ANSWER)]
    ['plains', 'no data']
    """
    words = {entry.key for entry in known}
    others = [key for key in keys if key not in words]
    if len(others) > MOST_CLASSES:
        message = (
            f"found {len(others)} classes, such as {others[0]!r} and {others[1]!r}; expected at "
            f"most {MOST_CLASSES} beside those of the tests, which is what colours can tell "
            "apart; group them, numbers for instance by pandas.cut"
        )
        raise OutputError(message)
    paints = zip(others, _FREE_COLOURS, _FREE_PATTERNS, strict=False)
    return [
        *(
            LegendClass(key=key, label=key, colour=colour, pattern=pattern)
            for key, colour, pattern in paints
        ),
        *(entry for entry in known if entry.key in keys),
    ]
