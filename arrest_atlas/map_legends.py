"""The classes that the map shows: words, colours, and patterns where colour would not do.

Colours are told apart under protanopia, deuteranopia and tritanopia, and in grey by their
lightness or their pattern (a test holds them to it).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from arrest_atlas.support import NOT_TESTED
from outputs import ClassGrid, LegendClass
from outputs.classes import Pattern
from outputs.legends import NO_ANSWER, PALE, comparison_legend, hot_spot_legend
from spatial_models import NO_DATA

__all__ = [
    "BY_AREA",
    "CHANCE",
    "CLUSTER",
    "GREYS",
    "NO_CLUSTER",
    "NO_DATA",
    "chance_legend",
    "cluster_legend",
    "hot_legend",
    "overlap_legend",
    "shade_grid",
    "shade_key",
    "shade_legend",
]

BY_AREA: Final = "known by area only"
"""Class of a county whose arrests are known only for its area, where there is no other."""

CHANCE: Final = "see P(hot)"
CLUSTER: Final = "in a circle"
NO_CLUSTER: Final = "in no circle"

_HEIGHTS: Final = ("low", "middle", "high")
_SHADES: Final = (
    ("#f3f0e8", "#e7be88", "#e08a00"),
    ("#a7bccd", "#97888b", "#8f5142"),
    ("#4a90c8", "#5a547a", "#4b1240"),
)
_SHADE_PATTERNS: Final[tuple[Pattern, ...]] = ("", "crosses", "upright")


def _entry(key: str, label: str, colour: str, pattern: Pattern = "") -> LegendClass:
    return LegendClass(key=key, label=label, colour=colour, pattern=pattern)


def _named(entries: Iterable[LegendClass]) -> list[LegendClass]:
    """Give every class a short name, for tables: its key, where it has no other."""
    return [
        entry if entry.short else replace(entry, short=entry.key[:1].upper() + entry.key[1:])
        for entry in entries
    ]


GREYS: Final = tuple(
    _named(
        [
            *NO_ANSWER,
            _entry(NOT_TESTED, "Not tested: outside the 48 states and DC", "#cabfd8", "level"),
        ]
    )
)
"""Classes of places without an answer, the same on every layer."""


def _greys(no_data: str) -> list[LegendClass]:
    """Say what is not known where there are no data, and why."""
    return [
        replace(entry, label=f"No data: {no_data}") if entry.key == NO_DATA else entry
        for entry in GREYS
    ]


def overlap_legend(crime: str, no_data: str) -> list[LegendClass]:
    """Word overlap and mismatch.

    Parameters
    ----------
    crime : str
        What the crime file counts.
    no_data : str
        What is not known where there are no data.

    Returns
    -------
    list of LegendClass
        Both hot first.
    """
    mismatch = "Mismatch: cluster of high"
    words = {
        "both hot": f"Both: clusters of high arrest and of high {crime} rates",
        "arrests only": f"{mismatch} arrest rates, none of {crime} detected",
        "crime only": f"{mismatch} {crime} rates, none of arrests detected",
        "opposite": "Opposite: high rates of one, low rates of the other",
        "neither": "No cluster of high rates detected in either",
    }
    paints = {entry.key: entry for entry in comparison_legend("arrests", "crime")}
    found = (replace(paints[key], label=label) for key, label in words.items())
    return _named([*found, *_greys(no_data)])


def hot_legend(what: str, no_data: str) -> list[LegendClass]:
    """Word hot and cold spots.

    Parameters
    ----------
    what : str
        Whose rates: ``"arrest rates"``.
    no_data : str
        What is not known where there are no data.

    Returns
    -------
    list of LegendClass
        The hottest first; cold ones bear lines.
    """
    return _named([*hot_spot_legend(what), *_greys(no_data)])


def chance_legend(area: str, no_data: str) -> list[LegendClass]:
    """Word the probability to be hot.

    Parameters
    ----------
    area : str
        Name of the larger area.
    no_data : str
        What is not known where there are no data.

    Returns
    -------
    list of LegendClass
        Counties that have one first.
    """
    found = [
        _entry(
            CHANCE,
            "Arrests known mostly by county: the fuller, the more draws are hot here",
            "#b2182b",
        ),
        _entry(
            BY_AREA, f"Arrests known only for the {area}: no P(hot) by county", "#dfe3e0", "grid"
        ),
    ]
    return _named([*found, *_greys(no_data)])


def cluster_legend(what: str, area: str, colour: str, no_data: str) -> list[LegendClass]:
    """Word the circles of the scan statistic.

    Parameters
    ----------
    what : str
        Whose rates.
    area : str
        Name of the larger area.
    colour : str
        Of the circles.
    no_data : str
        What is not known where there are no data.

    Returns
    -------
    list of LegendClass
        Counties in a circle first.
    """
    found = [
        _entry(CLUSTER, f"In one of the circles of high {what} that stand out most", colour),
        _entry(NO_CLUSTER, "In none of them", PALE),
        _entry(
            BY_AREA, f"Arrests known only for the {area}: not scanned by county", "#dfe3e0", "grid"
        ),
    ]
    return _named([*found, *_greys(no_data)])


def shade_key(crime: int, arrests: int) -> str:
    """Name a class of the two-way shades.

    Parameters
    ----------
    crime, arrests : int
        0 (the lowest third) to 2.

    Returns
    -------
    str
        Its key.

    Examples
    --------
    >>> shade_key(0, 2)
    'crime low, arrests high'
    """
    return f"crime {_HEIGHTS[crime]}, arrests {_HEIGHTS[arrests]}"


def shade_legend(crime: str, area: str, no_data: str) -> list[LegendClass]:
    """Word the two-way shades.

    Parameters
    ----------
    crime : str
        What the crime file counts.
    area : str
        Name of the larger area.
    no_data : str
        What is not known where there are no data.

    Returns
    -------
    list of LegendClass
        From low to high.
    """
    shades = [
        _entry(
            shade_key(up, across),
            f"{crime.capitalize()} rate {_HEIGHTS[up]}, arrest rate {_HEIGHTS[across]}",
            _SHADES[up][across],
            _SHADE_PATTERNS[up],
        )
        for up in range(len(_HEIGHTS))
        for across in range(len(_HEIGHTS))
    ]
    by_area = _entry(
        BY_AREA, f"Arrests known only for the {area}: no arrest rate by county", "#dfe3e0", "grid"
    )
    return _named([*shades, by_area, *_greys(no_data)])


def shade_grid(
    crime: str, *, arrest_breaks: tuple[float, float], crime_breaks: tuple[float, float]
) -> ClassGrid:
    """Lay the two-way shades out.

    Parameters
    ----------
    crime : str
        What the crime file counts.
    arrest_breaks, crime_breaks : tuple of float
        Where the middle third begins and ends.

    Returns
    -------
    ClassGrid
        Crime upwards, arrests to the right.

    Examples
    --------
    >>> shade_grid("crime", arrest_breaks=(1, 2), crime_breaks=(3, 4)).across_steps
    ['to 1.0', '1.0 to 2.0', 'over 2.0']
    """
    return ClassGrid(
        across="arrest rate",
        up=f"{crime} rate",
        across_steps=_steps(arrest_breaks),
        up_steps=_steps(crime_breaks),
        keys=[
            [shade_key(up, across) for across in range(len(_HEIGHTS))]
            for up in range(len(_HEIGHTS))
        ],
    )


def _steps(breaks: tuple[float, float]) -> list[str]:
    low, high = (f"{each:,.1f}" for each in breaks)
    return [f"to {low}", f"{low} to {high}", f"over {high}"]
