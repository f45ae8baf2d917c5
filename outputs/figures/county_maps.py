"""A map of classes on paper: the legend in words and patterns, readable in grey."""

from __future__ import annotations

import textwrap
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from outputs._printable import printable
from outputs.classes import ClassLayer, LegendClass, Pattern
from outputs.errors import OutputError
from outputs.figures._outlines import Outline, merged, outline
from outputs.figures._svg import GREY, INK, POINTS, render, stamp
from outputs.figures.map_ground import MAP_HEIGHT, MAP_WIDTH, MapGround

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["class_map_figure"]

Floats = npt.NDArray[np.float64]

_LINES: Final[dict[Pattern, tuple[tuple[float, float], ...]]] = {
    "level": ((1, 0),),
    "upright": ((0, 1),),
    "grid": ((1, 0), (0, 1)),
}
"""Directions of the patterns of lines. All are drawn line by line, since programs that print
make blurred pictures of SVG's own patterns."""

_MARKS: Final[frozenset[Pattern]] = frozenset({"dots", "rings", "crosses"})
"""Patterns of marks."""

_LINES_APART, _SHORT = 4.0, 0.8
"""Points from line to line, and of a line that is too short to be seen."""

_APART, _WIDE = 4.5, 1.7
"""Points from mark to mark, and across one."""

_ROOM: Final = 1.3
"""Points from the edge of a swatch within which no mark is, so that none reaches over it."""

_SLANTED, _SLANTS_APART = (1.0, 1.0), 5.0
"""Slanted lines, which no class has: known for a larger area only."""

_BROKEN, _BROKEN_APART = (-1.7, -1.7, 1.7, 1.7), 6.5
"""The same, broken: rests in part on what is known for a larger area only."""

_PALE: Final = 185
"""Lightness from which on a pattern is a darker shade of its colour, as in the other outputs."""

_TITLE, _LINE, _MARGIN = 30.0, 10.5, 6.0
"""Points: room of the title, from one line of text to the next, around."""

_MESH, _BORDER, _SLANT = "#c4c0b8", "#3d3d3d", "#4a4a4a"
_SLANT_WIDTH, _HALO_WIDTH = 0.6, 1.9
"""Of slanted lines, and of the white line under each, by which they stand out on dark colours."""

_SWATCH: Final = 15.0
_SIZE: Final = 7.6
_LETTERS: Final = 124
_SMALL: Final = 140
"""Letters that a line of the legend, and of small print, has room for."""

_PLACES_NAMED: Final = 20
"""Places that the description for screen readers names of a class."""

_MOST: Final = 6
"""Lines that a class may take."""


def class_map_figure(
    ground: MapGround,
    layer: ClassLayer,
    *,
    name: str,
    title: str,
    notes: Sequence[str] = (),
    units: tuple[str, str] = ("county", "counties"),
    untold: Collection[str] = (),
    places: pd.Series | None = None,
    simulated: bool = False,
) -> str:
    """Draw a layer of classes as a map with its legend.

    Parameters
    ----------
    ground : MapGround
        Shapes of the units, from `map_ground`.
    layer : ClassLayer
        Class of each unit, the legend, and where classes are those of larger areas, which
        is hatched. Units with classes of their own and larger areas are counted apart. Opacity
        and the legend's grid are left to the map on a screen.
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
    places : pandas.Series of str, optional
        Where each unit lies, in a word, such as its state: the description for screen
        readers then says where each class is that lies in few of them.
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
    drawing = _Drawing.of(
        ground,
        layer,
        title,
        notes=notes,
        units=units,
        untold=untold,
        places=places,
        simulated=simulated,
    )
    lines = sum(len(entry.lines) for entry in drawing.legend) + len(drawing.small)
    height = _TITLE + MAP_HEIGHT + _MARGIN + _LINE * lines + 3 * len(drawing.legend) + 2 * _MARGIN
    return render(
        drawing.paint,
        name=name,
        size=(MAP_WIDTH / POINTS, height / POINTS),
        title=title,
        description=drawing.told(),
        simulated=simulated,
    )


@dataclass(frozen=True, kw_only=True)
class _Entry:
    """A line of the legend."""

    lines: Sequence[str]
    colour: str = "#ffffff"
    pattern: Pattern = ""
    slanted: Literal["", "whole", "broken"] = ""


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
        *,
        notes: Sequence[str],
        units: tuple[str, str],
        untold: Collection[str],
        places: pd.Series | None,
        simulated: bool,
    ) -> _Drawing:
        classes = layer.classes.reindex(ground.shapes.index)
        told = ~classes.isin(list(untold))
        panels = {0, *ground.panel[told.to_numpy()].unique()}
        on_page = ground.panel.isin(panels)
        unknown = set(classes.unique()) - {entry.key for entry in layer.legend}
        if unknown:
            message = f"layer {layer.title!r}: the legend lacks {sorted(map(str, unknown))}"
            raise OutputError(message)
        entries = [entry for entry in layer.legend if (classes[on_page] == entry.key).any()]
        tally = _Tally.of(layer, classes.index, units)
        words = [
            f"{entry.label}: {tally.words((classes == entry.key) & on_page)}" for entry in entries
        ]
        legend = [
            _Entry(lines=_wrapped(said), colour=entry.colour, pattern=entry.pattern)
            for entry, said in zip(entries, words, strict=True)
        ]
        if places is not None:
            words = [
                f"{said}{_where(places, classes[on_page & told & (classes == entry.key)])}"
                for entry, said in zip(entries, words, strict=True)
            ]
        small = list(notes)
        if tally.hatched.any():
            label = layer.hatched_label
            if layer.areas is not None:
                label += f": {tally.words(tally.hatched & on_page)}"
            words.append(label)
            legend.append(_Entry(lines=_wrapped(label), slanted="whole"))
        partly = _flags(layer.partly, classes.index)
        if layer.partly is None and layer.partly_label:
            small.append(layer.partly_label)
        elif partly.any():
            words.append(layer.partly_label)
            legend.append(_Entry(lines=_wrapped(layer.partly_label), slanted="broken"))
        small += _left_out(ground, layer, classes[~on_page], tally)
        return cls(
            ground=ground,
            classes=classes,
            hatched=tally.hatched,
            partly=partly,
            entries=entries,
            legend=legend,
            small=[line for note in small for line in textwrap.wrap(printable(note), _SMALL)],
            title=title,
            panels=panels,
            words=[*words, *small],
            simulated=simulated,
        )

    def told(self) -> str:
        """Say in words what the map shows, as far as counts can."""
        said = [f"{line.rstrip('.')}." for line in self.words]
        return " ".join(["A map of the United States.", *said])

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
            shape = self._merged(inside & (self.classes == entry.key))
            _fill(axes, shape, bottom, entry.pattern, entry.colour)
        _path(axes, ground.mesh[number], bottom, edgecolor=_MESH, linewidth=0.25)
        for flags, broken in ((self.hatched, False), (self.partly, True)):
            _slants(axes, self._merged(inside & flags), bottom, broken=broken)
        for width, lines in ground.borders:
            _path(axes, lines[number], bottom, edgecolor=_BORDER, linewidth=width)

    def _merged(self, chosen: pd.Series) -> Any:
        return merged(self.ground.shapes[chosen].to_numpy())


def _flags(flags: pd.Series | None, index: pd.Index) -> pd.Series:
    if flags is None:
        return pd.Series(data=False, index=index)
    return flags.reindex(index, fill_value=False).astype(bool)


@dataclass(frozen=True, kw_only=True, eq=False)
class _Tally:
    """Counts units that have classes of their own, and larger areas, never added up."""

    hatched: pd.Series
    areas: pd.Series | None
    units: tuple[str, str]
    area_unit: tuple[str, str]

    @classmethod
    def of(cls, layer: ClassLayer, index: pd.Index, units: tuple[str, str]) -> _Tally:
        return cls(
            hatched=_flags(layer.hatched, index),
            areas=None if layer.areas is None else layer.areas.reindex(index),
            units=units,
            area_unit=layer.area_unit,
        )

    def units_in(self, chosen: pd.Series) -> int:
        """Count units; one that lies in several panels is one."""
        return int(chosen[chosen].index.nunique())

    def words(self, chosen: pd.Series) -> str:
        """Say how many are chosen."""
        own, coarse = chosen & ~self.hatched, chosen & self.hatched
        said = [_number(self.units_in(own), self.units)] if own.any() else []
        if coarse.any():
            held = _number(self.units_in(coarse), self.units)
            if self.areas is None:
                said.append(f"{held}, hatched")
            else:
                said.append(f"{_number(self.areas[coarse].nunique(), self.area_unit)} ({held})")
        return " and ".join(said)


def _where(places: pd.Series, chosen: pd.Series) -> str:
    """Name the places of a class where they are few, those with most of it first."""
    units = chosen.index.unique()
    held = places.reindex(units).value_counts()
    if held.empty or len(held) > _PLACES_NAMED:
        return ""
    order = sorted(held.items(), key=lambda each: (-each[1], str(each[0])))
    named = [str(name) if number == 1 else f"{name} ({number:,})" for name, number in order]
    return f", in {', '.join(named)}"


def _number(count: int, units: tuple[str, str]) -> str:
    return f"{count:,} {units[count != 1]}"


def _left_out(
    ground: MapGround, layer: ClassLayer, classes: pd.Series, tally: _Tally
) -> Iterator[str]:
    """Say which parts of the country are not drawn, and what is there."""
    if classes.empty:
        return
    absent = ground.panel[ground.shapes.index.isin(classes.index)].unique()
    names = [panel.label for number, panel in enumerate(ground.panels) if number in absent]
    held = [
        f"{entry.label} ({_number(int(number), tally.units)})"
        for entry in layer.legend
        if (number := tally.units_in(classes == entry.key))
    ]
    yield f"Not drawn: {', '.join(names)}. {'; '.join(held)}."


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(printable(text), _LETTERS, max_lines=_MOST, placeholder=" ...") or [""]


def _paint_entry(axes: Axes, entry: _Entry, y: float) -> None:
    swatch = shapely.box(_MARGIN, y - 9, _MARGIN + _SWATCH, y)
    _fill(axes, swatch, 0, entry.pattern, entry.colour, marked=swatch.buffer(-_ROOM))
    if entry.slanted:
        _slants(axes, swatch, 0, broken=entry.slanted == "broken")
    _path(axes, outline(swatch), 0, edgecolor=GREY, linewidth=0.4)
    for number, line in enumerate(entry.lines):
        x = _MARGIN + _SWATCH + 5
        axes.text(x, y - 0.6 - _LINE * number, line, fontsize=_SIZE, color=INK, va="top")


def _fill(
    axes: Axes,
    shape: Any,
    bottom: float,
    pattern: Pattern,
    colour: str,
    *,
    marked: Any = None,
) -> None:
    """Paint a class: its colour, and its pattern on that, or on the part of it to be marked."""
    _path(axes, outline(shape), bottom, facecolor=colour, linewidth=0.0)
    around = {"edgecolor": _pattern_colour(colour), "capstyle": "round"}
    if pattern in _LINES:
        for direction in _LINES[pattern]:
            lines = _lines(shape, direction, _LINES_APART)
            _path(axes, outline(lines), bottom, linewidth=0.6, **around)
        return
    if pattern not in _MARKS:
        return
    places = _places(shape if marked is None else marked)
    if pattern == "crosses":
        crosses = _strokes(places, [(-1, -1, 1, 1), (-1, 1, 1, -1)])
        _path(axes, crosses, bottom, linewidth=0.6, **around)
        return
    dots = _strokes(places, [(0, 0, 0.1, 0)])
    _path(axes, dots, bottom, linewidth=_WIDE + 0.6 * (pattern == "rings"), **around)
    if pattern == "rings":
        _path(axes, dots, bottom, linewidth=_WIDE - 0.5, **(around | {"edgecolor": colour}))


def _slants(axes: Axes, shape: Any, bottom: float, *, broken: bool) -> None:
    """Hatch what is known, wholly or partly, for a larger area only."""
    if broken:
        places = _places(shape, _BROKEN_APART)
        ends = places[:, np.newaxis] + np.reshape(_BROKEN, (2, 2))
        strokes = shapely.multilinestrings(shapely.linestrings(ends))
        drawn = outline(shapely.intersection(strokes, shape))
    else:
        drawn = outline(_lines(shape, _SLANTED, _SLANTS_APART))
    for colour, width in (("#ffffff", _HALO_WIDTH), (_SLANT, _SLANT_WIDTH)):
        _path(axes, drawn, bottom, edgecolor=colour, linewidth=width, capstyle="butt")


def _lines(shape: Any, direction: tuple[float, float], apart: float) -> Any:
    """Draw parallel lines over a shape, at the same places whatever the shape."""
    if shapely.is_empty(shape):
        return shapely.MultiLineString()
    along = np.array(direction) / np.hypot(*direction)
    across = np.array([-along[1], along[0]])
    west, south, east, north = shapely.bounds(shape)
    corners = np.array([(x, y) for x in (west, east) for y in (south, north)])
    (low, high), (start, end) = (
        (float((corners @ axis).min()), float((corners @ axis).max())) for axis in (across, along)
    )
    steps = apart * (np.arange(np.floor(low / apart), np.ceil(high / apart) + 1) + 0.5)
    first, last = (steps[:, np.newaxis] * across + at * along for at in (start, end))
    lines = shapely.linestrings(np.stack([first, last], axis=1))
    shapely.prepare(shape)
    cut = shapely.get_parts(shapely.intersection(lines, shape))
    return shapely.multilinestrings(cut[shapely.length(cut) > _SHORT])


def _places(shape: Any, apart: float = _APART) -> Floats:
    """Spread marks evenly over a shape, every other row in the gaps of the one before."""
    if shapely.is_empty(shape):
        return np.empty((0, 2))
    west, south, east, north = (round(side / apart) for side in shapely.bounds(shape))
    across, up = np.meshgrid(np.arange(west - 1, east + 2), np.arange(south - 1, north + 2))
    x = apart * (across + 0.5 * (up % 2)).ravel()
    y = apart * up.ravel()
    inside = shapely.contains_xy(shape, x, y)
    places: Floats = np.column_stack([x, y])[inside]
    return places


def _strokes(places: Floats, strokes: Sequence[tuple[float, float, float, float]]) -> Outline:
    """Draw the same strokes (from x, y to x, y) around every place."""
    from matplotlib.path import Path  # noqa: PLC0415  (late, as in `render`)

    ends = np.array(strokes, dtype=float).reshape(1, -1, 2)
    vertices = (places[:, np.newaxis] + ends).reshape(-1, 2)
    codes = np.tile(np.array([Path.MOVETO, Path.LINETO], dtype=np.uint8), len(vertices) // 2)
    return vertices, codes


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
        path = Path(vertices + np.array([0.0, bottom]), codes)
        axes.add_artist(PathPatch(path, clip_on=False, **{"facecolor": "none", **look}))


def _pattern_colour(colour: str) -> str:
    """White on dark colours, on pale ones a darker shade."""
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    if 0.299 * red + 0.587 * green + 0.114 * blue < _PALE:
        return "#ffffff"
    return "#" + "".join(f"{round(0.55 * part):02x}" for part in (red, green, blue))
