"""A map of classes on paper: the legend in words and patterns, readable in grey."""

from __future__ import annotations

import textwrap
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from outputs._printable import printable
from outputs.classes import ClassLayer, LegendClass, Pattern
from outputs.errors import OutputError
from outputs.figures._svg import GREY, INK, POINTS, render, stamp
from outputs.figures.map_ground import (
    MAP_HEIGHT,
    MAP_WIDTH,
    MapGround,
    Outline,
    merged,
    outline,
    shown_panels,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["class_map_figure"]

_HATCHES: Final[dict[Pattern, str]] = {
    "": "",
    "dots": "....",
    "rings": "ooo",
    "crosses": "xxxx",
    "level": "----",
    "upright": "||||",
    "grid": "+++",
}
_OF_AREAS: Final = "////"
"""Slanted lines, which no class has: known for a larger area only."""

_OF_AREAS_PARTLY: Final = "//"
"""The same, wider apart: rests in part on what is known for a larger area only."""

_PALE: Final = 185
"""Lightness from which on a pattern is a darker shade of its colour, as in the other outputs."""

_TITLE, _LINE, _MARGIN = 30.0, 10.5, 6.0
"""Points: room of the title, from one line of text to the next, around."""

_MESH, _BORDER, _SLANT = "#c4c0b8", "#3d3d3d", "#6b6b6b"
_SWATCH: Final = 15.0
_SIZE: Final = 7.6
_LETTERS: Final = 112
"""Letters that a line of the legend has room for."""


def class_map_figure(
    ground: MapGround,
    layer: ClassLayer,
    *,
    name: str,
    title: str,
    notes: Sequence[str] = (),
    units: tuple[str, str] = ("county", "counties"),
    untold: Collection[str] = (),
    simulated: bool = False,
) -> str:
    """Draw a layer of classes as a map with its legend.

    Parameters
    ----------
    ground : MapGround
        Shapes of the units, from `map_ground`.
    layer : ClassLayer
        Class of each unit, the legend, and where classes are those of larger areas, which
        is hatched. Opacity and the legend's grid are left to the map on a screen.
    name : str
        Name of the figure: small letters, digits, hyphens.
    title : str
        Said above the map and to screen readers.
    notes : sequence of str, optional
        Small print beneath: periods, denominators.
    units : tuple of str
        One and several of what is drawn.
    untold : collection of str
        Classes that tell nothing. Alaska, Hawaii and the territories are drawn, each in a
        box, only where they have another one; where they are left out, the figure says so.
    simulated : bool, default False
        Whether the data are made up, which the figure then says.

    Returns
    -------
    str
        An SVG document, the same for the same map.

    Raises
    ------
    OutputError
        If a unit has no class, or a class no entry in the legend.

    Examples
    --------
    >>> from boundaries import load_counties
    >>> from outputs.figures.map_ground import map_ground
    >>> counties = load_counties()
    >>> kansas = counties[counties["state"] == "KS"]
    >>> layer = ClassLayer(
    ...     title="Arrests", note="One class.", hatched_label="Of the zone",
    ...     classes=pd.Series("hot", index=kansas.index),
    ...     hatched=pd.Series(False, index=kansas.index),
    ...     legend=[LegendClass(key="hot", label="High rates", colour="#b2182b")])
    >>> svg = class_map_figure(map_ground(kansas, {}), layer, name="kansas", title="Arrests")
    >>> "High rates: 105 counties" in svg
    True
    """
    drawing = _Drawing.of(ground, layer, title, notes, units, untold, simulated=simulated)
    lines = sum(len(entry.lines) for entry in drawing.legend) + len(drawing.small)
    height = _TITLE + MAP_HEIGHT + _MARGIN + _LINE * lines + 3 * len(drawing.legend) + 2 * _MARGIN
    return render(
        drawing.paint,
        name=name,
        size=(MAP_WIDTH / POINTS, height / POINTS),
        title=f"{title} (SIMULATED data)" if simulated else title,
        description=drawing.told(),
    )


@dataclass(frozen=True, kw_only=True)
class _Entry:
    """A line of the legend."""

    lines: Sequence[str]
    colour: str = "#ffffff"
    hatch: str = ""


@dataclass(frozen=True, kw_only=True, eq=False)
class _Drawing:
    """A map with all its words, before it is painted."""

    ground: MapGround
    classes: pd.Series
    hatched: pd.Series
    partly: pd.Series
    entries: Sequence[LegendClass]
    legend: Sequence[_Entry]
    small: Sequence[str]
    title: str
    panels: Collection[int]
    words: Sequence[str]
    simulated: bool

    @classmethod
    def of(
        cls,
        ground: MapGround,
        layer: ClassLayer,
        title: str,
        notes: Sequence[str],
        units: tuple[str, str],
        untold: Collection[str],
        *,
        simulated: bool,
    ) -> _Drawing:
        classes = layer.classes.reindex(ground.shapes.index)
        entries = [entry for entry in layer.legend if (classes == entry.key).any()]
        unknown = set(classes.unique()) - {entry.key for entry in entries}
        if unknown:
            message = f"layer {layer.title!r}: the legend lacks {sorted(map(str, unknown))}"
            raise OutputError(message)
        hatched = _flags(layer.hatched, classes.index)
        partly = _flags(layer.partly, classes.index)
        panels = shown_panels(ground, ~classes.isin(list(untold)))
        absent = [
            panel.label for number, panel in enumerate(ground.panels) if number not in panels
        ]
        words = [
            f"{entry.label}: {_counted(classes == entry.key, hatched, units)}" for entry in entries
        ]
        legend = [
            _Entry(lines=_wrapped(said), colour=entry.colour, hatch=_HATCHES[entry.pattern])
            for entry, said in zip(entries, words, strict=True)
        ]
        for flags, label, look in (
            (hatched, layer.hatched_label, {"hatch": _OF_AREAS}),
            (partly, layer.partly_label, {"hatch": _OF_AREAS_PARTLY}),
        ):
            if flags.any():
                words.append(label)
                legend.append(_Entry(lines=_wrapped(label), **look))  # type: ignore[arg-type]
        left_out = f"Not drawn, as this map tells nothing of them: {', '.join(absent)}."
        said = [*notes, left_out] if absent else [*notes]
        return cls(
            ground=ground,
            classes=classes,
            hatched=hatched,
            partly=partly,
            entries=entries,
            legend=legend,
            small=[line for note in said for line in textwrap.wrap(printable(note), _LETTERS + 8)],
            title=title,
            panels=panels,
            words=[*words, *said],
            simulated=simulated,
        )

    def told(self) -> str:
        """Say in words what the map shows, as far as counts can."""
        opening = ["The data are SIMULATED."] if self.simulated else []
        said = [f"{line.rstrip('.')}." for line in self.words]
        return " ".join([*opening, "A map of the United States.", *said])

    def paint(self, figure: Figure) -> None:
        """Draw the map, then its legend from the top down."""
        height = POINTS * float(figure.get_figheight())
        axes = figure.add_axes((0, 0, 1, 1))
        axes.set_xlim(0, MAP_WIDTH)
        axes.set_ylim(0, height)
        axes.set_axis_off()
        bottom = round(height - _TITLE - MAP_HEIGHT, 1)
        for number in sorted(self.panels):
            self._paint_panel(axes, number, bottom)
        stamp(figure, title=self.title, simulated=self.simulated, room=76)
        y = bottom - _MARGIN
        for entry in self.legend:
            _paint_entry(axes, entry, y)
            y -= _LINE * len(entry.lines) + 3
        y -= 3
        for line in self.small:
            axes.text(_MARGIN, y, line, fontsize=7, color=GREY, va="top")
            y -= _LINE

    def _paint_panel(self, axes: Axes, number: int, bottom: float) -> None:
        ground = self.ground
        inside = ground.panel == number
        panel = ground.panels[number]
        if panel.label:
            left, low, wide, high = panel.box
            box = {"facecolor": "white", "edgecolor": GREY, "linewidth": 0.4}
            _rectangle(axes, (left - 2, low + bottom - 2), wide + 4, high + 12, **box)
            axes.text(
                left, low + bottom + high + 2, panel.label, fontsize=5.6, color=GREY, va="bottom"
            )
        for entry in self.entries:
            of_class = self._outline(inside & (self.classes == entry.key))
            _path(axes, of_class, bottom, facecolor=entry.colour, linewidth=0.0)
            if entry.pattern:
                ink = _pattern_colour(entry.colour)
                hatch = {"hatch": _HATCHES[entry.pattern], "edgecolor": ink}
                _path(axes, of_class, bottom, linewidth=0.0, **hatch)
        _path(axes, ground.mesh[number], bottom, edgecolor=_MESH, linewidth=0.25)
        for flags, hatch in ((self.hatched, _OF_AREAS), (self.partly, _OF_AREAS_PARTLY)):
            of_areas = self._outline(inside & flags)
            _path(axes, of_areas, bottom, hatch=hatch, edgecolor=_SLANT, linewidth=0.0)
        for width, lines in ground.borders:
            _path(axes, lines[number], bottom, edgecolor=_BORDER, linewidth=width)

    def _outline(self, chosen: pd.Series) -> Outline:
        return outline(merged(self.ground.shapes[chosen].to_numpy()))


def _flags(flags: pd.Series | None, index: pd.Index) -> pd.Series:
    if flags is None:
        return pd.Series(data=False, index=index)
    return flags.reindex(index).fillna(value=False).astype(bool)


def _counted(of_class: pd.Series, hatched: pd.Series, units: tuple[str, str]) -> str:
    count, coarse = int(of_class.sum()), int((of_class & hatched).sum())
    said = f"{count:,} {units[count != 1]}"
    if coarse == count:
        return f"{said}, hatched" if coarse else said
    return f"{said}, {coarse:,} of them hatched" if coarse else said


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(printable(text), _LETTERS) or [""]


def _paint_entry(axes: Axes, entry: _Entry, y: float) -> None:
    corner = (_MARGIN, y - 8.5)
    edge = {"edgecolor": GREY, "linewidth": 0.4}
    _rectangle(axes, corner, _SWATCH, 8.5, facecolor=entry.colour, **edge)
    if entry.hatch:
        ink = _pattern_colour(entry.colour)
        _rectangle(
            axes,
            corner,
            _SWATCH,
            8.5,
            facecolor="none",
            edgecolor=_SLANT if entry.hatch in (_OF_AREAS, _OF_AREAS_PARTLY) else ink,
            linewidth=0.0,
            hatch=entry.hatch,
        )
    for number, line in enumerate(entry.lines):
        x = _MARGIN + _SWATCH + 5
        axes.text(x, y - 0.6 - _LINE * number, line, fontsize=_SIZE, color=INK, va="top")


def _rectangle(
    axes: Axes, corner: tuple[float, float], width: float, height: float, **look: Any
) -> None:
    from matplotlib.patches import Rectangle  # noqa: PLC0415  (late, as in `render`)

    axes.add_artist(Rectangle(corner, width, height, clip_on=False, **look))


def _path(axes: Axes, outlined: Outline, bottom: float, **look: Any) -> None:
    """Paint shapes as one path: thousands of counties would be thousands of elements."""
    from matplotlib.patches import PathPatch  # noqa: PLC0415  (as above)
    from matplotlib.path import Path  # noqa: PLC0415

    vertices, codes = outlined
    if len(vertices):
        path = Path(vertices + (0, bottom), codes)
        axes.add_artist(PathPatch(path, clip_on=False, **{"facecolor": "none", **look}))


def _pattern_colour(colour: str) -> str:
    """White on dark colours, on pale ones a darker shade."""
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    if 0.299 * red + 0.587 * green + 0.114 * blue < _PALE:
        return "#ffffff"
    return "#" + "".join(f"{round(0.55 * part):02x}" for part in (red, green, blue))
