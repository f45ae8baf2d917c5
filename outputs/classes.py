"""Classes of a map and how they are worded and painted: one legend for every output."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal, get_args

import pandas as pd

__all__ = ["PATTERNS", "ClassGrid", "ClassLayer", "ImageOverlay", "LegendClass", "Pattern"]

Pattern = Literal["", "dots", "rings", "crosses", "level", "upright", "grid"]
"""A drawing on the colour; ``level`` and ``upright`` are lines. Slanted lines are not among
them: these hatch what is known of a larger area only."""

PATTERNS: Final[tuple[Pattern, ...]] = get_args(Pattern)


@dataclass(frozen=True, kw_only=True)
class LegendClass:
    """One class of a layer: how the data name it, how the legend words and paints it.

    Attributes
    ----------
    key : str
        The class as it stands in the data column.
    label : str
        The words in the legend.
    short : str
        A few words for it, where there is no room for the label: in tables, popups and lists;
        the label where empty.
    colour : str
        ``"#rrggbb"``.
    pattern : Pattern, default ""
        What is drawn on the colour, so that the class is told apart in grey, too.
    """

    key: str
    label: str
    colour: str
    pattern: Pattern = ""
    short: str = ""


@dataclass(frozen=True, kw_only=True)
class ClassGrid:
    """A legend of two ways: classes that say at once how high two things are.

    Attributes
    ----------
    across, up : str
        What grows from left to right and from bottom to top.
    across_steps, up_steps : sequence of str
        Words for each column, from the left, and each row, from the bottom.
    keys : sequence of sequence of str
        `LegendClass.key` by row, from the bottom, and column, from the left.
    """

    across: str
    up: str
    across_steps: Sequence[str]
    up_steps: Sequence[str]
    keys: Sequence[Sequence[str]]


@dataclass(frozen=True, kw_only=True)
class ClassLayer:
    """One way to colour the units of a map.

    Attributes
    ----------
    title : str
        Its name among the choices and above the legend.
    group : str
        Heading below which it stands among the choices; empty for none.
    variant : str
        Which one of several layers of this title it is, a choice of its own; empty where
        there is but one.
    note : str
        A sentence or two below the legend's title.
    classes : pandas.Series
        `LegendClass.key` by unit; every unit has a class, be it "no data".
    hatched : pandas.Series
        Whether the class is that of a larger area, not of the unit, by unit.
    legend : sequence of LegendClass
        The classes in order of display; those that do not occur are left out.
    hatched_label : str
        Words for hatching, shown where any unit is hatched.
    grid : ClassGrid, optional
        Lays some of the legend's classes out in rows and columns.
    opacity : pandas.Series, optional
        From 0 (faint) to 1 (full colour) by unit: how sure or how much; missing is full.
    opacity_label : str
        Words for the opacity, shown with a scale.
    partly : pandas.Series, optional
        Whether the class, though the unit's own, rests partly on figures shared out from a
        larger area, by unit: drawn as broken hatching.
    partly_label : str
        Words for that; without `partly`, why it is left out, which figures say.
    areas : pandas.Series, optional
        The larger area of each unit, by unit: where hatched, areas are counted, not units.
    area_unit : tuple of str
        What one of the areas is called, and several.
    figures : pandas.Series, optional
        Ready-made text by unit, where the layer shows a figure and not a class: what popups
        and readers of the screen are told in place of the class; ``""`` for the class.
    """

    title: str
    group: str = ""
    variant: str = ""
    note: str
    classes: pd.Series[str]
    hatched: pd.Series[bool]
    legend: Sequence[LegendClass]
    hatched_label: str
    grid: ClassGrid | None = None
    opacity: pd.Series[float] | None = None
    opacity_label: str = ""
    partly: pd.Series[bool] | None = None
    partly_label: str = ""
    areas: pd.Series[str] | None = None
    area_unit: tuple[str, str] = ("area", "areas")
    figures: pd.Series[str] | None = None


@dataclass(frozen=True, kw_only=True)
class ImageOverlay:
    """A surface: a picture to show in place of classes, over the units' outlines.

    Attributes
    ----------
    label : str
        Its name among the choices and above the legend.
    image : str
        PNG as a ``data:image/png;base64,`` address. The rows are evenly spaced in Web
        Mercator (EPSG:3857).
    bounds : tuple of tuple of float
        (south, west), (north, east) in degrees.
    note : str
        What it shows, its unit and period, below the legend.
    legend : sequence of LegendClass
        Its colours.
    variant : str
        The only one of the layers' variants that it is made for; empty where it has nothing
        to do with them.
    figures : pandas.Series, optional
        Ready-made text by unit: its value there, for popups and readers of the screen;
        ``""`` for none.
    """

    label: str
    image: str
    bounds: tuple[tuple[float, float], tuple[float, float]]
    note: str = ""
    legend: Sequence[LegendClass] = ()
    variant: str = ""
    figures: pd.Series[str] | None = None
