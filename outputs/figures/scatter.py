"""Points with their names: one number across, another up."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from outputs._printable import printable
from outputs.errors import OutputError
from outputs.figures._svg import BLUE, GREY, INK, ORANGE, render, shortened, stamp

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["scatter_figure"]

_COLUMNS: Final = ("label", "x", "y", "low", "high", "group")
_WIDTH, _PLOT = 7.5, 4.4
_LEFT, _RIGHT = 0.09, 0.985
_ABOVE, _BELOW, _SMALL = 0.85, 0.62, 0.17
_LINE, _NAMED, _TITLED, _LABEL = 128, 48, 74, 14

_MARKS: Final[tuple[dict[str, Any], ...]] = (
    {"marker": "o", "markerfacecolor": BLUE, "markeredgecolor": BLUE},
    {"marker": "s", "markerfacecolor": "white", "markeredgecolor": ORANGE},
    {"marker": "^", "markerfacecolor": "#9a9a9a", "markeredgecolor": INK},
)
"""Told apart by shape and filling, so without colour, too."""


def scatter_figure(
    points: pd.DataFrame,
    *,
    name: str,
    title: str,
    axes: tuple[str, str],
    notes: Sequence[str] = (),
    simulated: bool = False,
) -> str:
    r"""Draw named points, each with its interval, on logarithmic axes.

    Parameters
    ----------
    points : pandas.DataFrame
        A row a point: ``label`` (short; it stands beside the point), ``x`` and ``y`` (above 0),
        ``low`` and ``high`` of the interval of `y` (missing where there is none), and
        ``group``, at most three.
    name : str
        Name of the figure: small letters, digits, hyphens.
    title : str
        Said above the plot and to screen readers.
    axes : tuple of str
        What stands across and up.
    notes : sequence of str, optional
        Small print beneath.
    simulated : bool, default False
        Whether the data are made up, which the figure then says.

    Returns
    -------
    str
        An SVG document, the same for the same points.

    Raises
    ------
    OutputError
        If columns are missing, there is no point, a number is not above 0, or there are more
        than three groups.

    Examples
    --------
    >>> points = pd.DataFrame({
    ...     "label": ["OH", "IA"], "x": [300.0, 250.0], "y": [12.0, 9.5], "low": [11.0, 8.0],
    ...     "high": [13.0, 11.0], "group": "states",
    ... })
    >>> svg = scatter_figure(points, name="two", title="Two states", axes=("crime", "arrests"))
    >>> "OH (states): 300 across, 12 up (11 to 13)" in svg
    True
    """
    _check(points)
    plot = _Plot(
        points=points,
        title=title,
        axes=axes,
        small=[line for note in notes for line in textwrap.wrap(printable(note), _LINE)],
        simulated=simulated,
    )
    return render(
        plot.paint,
        name=name,
        size=(_WIDTH, plot.height),
        title=title,
        description=" ".join([*plot.told(), *notes]),
        simulated=simulated,
    )


def _check(points: pd.DataFrame) -> None:
    missing = [column for column in _COLUMNS if column not in points]
    if missing or points.empty:
        found = f"no {', '.join(missing)}" if missing else "no point"
        message = f"found {found}; expected a row at least, with {', '.join(_COLUMNS)}"
        raise OutputError(message)
    numbers = points[["x", "y"]].to_numpy(dtype=np.float64)
    groups = points["group"].nunique()
    if not (np.isfinite(numbers) & (numbers > 0)).all() or groups > len(_MARKS):
        message = (
            f"found {groups} groups, and numbers from {numbers.min():g}; expected at most "
            f"{len(_MARKS)}, and numbers above 0"
        )
        raise OutputError(message)


@dataclass(frozen=True, kw_only=True, eq=False)
class _Plot:
    """What is drawn, before it is painted."""

    points: pd.DataFrame
    title: str
    axes: tuple[str, str]
    small: Sequence[str]
    simulated: bool

    @property
    def height(self) -> float:
        """Inches."""
        return _ABOVE + _PLOT + _BELOW + _SMALL * len(self.small)

    @property
    def _groups(self) -> list[str]:
        return list(dict.fromkeys(self.points["group"]))

    def told(self) -> Iterator[str]:
        """Say in words what the plot shows."""
        across, up = self.axes
        yield f"Across: {across}; up: {up}."
        for row in self.points.to_dict("records"):
            said = f"{row['label']} ({row['group']}): {row['x']:,.3g} across, {row['y']:,.3g} up"
            if not (pd.isna(row["low"]) or pd.isna(row["high"])):
                said += f" ({row['low']:,.3g} to {row['high']:,.3g})"
            yield f"{said}."

    def paint(self, figure: Figure) -> None:
        """Draw the plot."""
        bottom = (_BELOW + _SMALL * len(self.small)) / self.height
        plot = figure.add_axes((_LEFT, bottom, _RIGHT - _LEFT, _PLOT / self.height))
        self._scale(plot)
        across, up = self.axes
        plot.set_xlabel(printable(across), color=INK)
        plot.set_ylabel(printable(up), color=INK)
        for number, group in enumerate(self._groups):
            own = self.points[self.points["group"] == group]
            for row in own.to_dict("records"):
                if not (pd.isna(row["low"]) or pd.isna(row["high"])):
                    ends = [max(row["low"], plot.get_ylim()[0]), row["high"]]
                    plot.plot([row["x"]] * 2, ends, color="#bdbdbd", linewidth=1.0, zorder=1)
            plot.plot(own["x"], own["y"], zorder=3, **_mark(number))
        self._names(plot)
        stamp(figure, title=self.title, simulated=self.simulated, room=_TITLED)
        self._draw_key(figure)
        for number, line in enumerate(self.small):
            y = (0.1 + _SMALL * (len(self.small) - 1 - number)) / self.height
            figure.text(0.012, y, line, fontsize=7.5, color=GREY)

    def _scale(self, plot: Axes) -> None:
        from matplotlib.ticker import LogLocator, NullFormatter, StrMethodFormatter  # noqa: PLC0415

        plot.set_xscale("log")
        plot.set_yscale("log")
        x, y = self.points["x"], self.points["y"]
        plot.set_xlim(x.min() / 1.12, x.max() * 1.15)
        highest = self.points["high"].max(skipna=True)
        plot.set_ylim(y.min() / 1.25, max(y.max(), 0 if pd.isna(highest) else highest) * 1.15)
        for axis in (plot.xaxis, plot.yaxis):
            axis.set_major_locator(LogLocator(base=10, subs=(1.0, 2.0, 3.0, 5.0)))
            axis.set_major_formatter(StrMethodFormatter("{x:,g}"))
            axis.set_minor_formatter(NullFormatter())
        plot.tick_params(which="both", colors=GREY, labelsize=8)
        for side, spine in plot.spines.items():
            spine.set_color("#bdbdbd")
            spine.set_visible(side in {"left", "bottom"})

    def _names(self, plot: Axes) -> None:
        """Write each name at the side where it meets the fewest points and names."""
        figure = plot.get_figure()
        assert figure is not None  # noqa: S101  (for the type checker)
        scale = 72.0 / figure.dpi
        places = plot.transData.transform(self.points[["x", "y"]].to_numpy(dtype=np.float64))
        taken = [(x - 3, y - 3, x + 3, y + 3) for x, y in places * scale]
        for (x, y), row in zip(places * scale, self.points.to_dict("records"), strict=True):
            text = shortened(row["label"], _LABEL)
            wide = 4.4 * len(text)
            sides = [
                (4.0, -2.6), (-4.0 - wide, -2.6), (-wide / 2, 4.5), (-wide / 2, -9.5),
                (3.0, 3.0), (3.0, -8.5), (-3.0 - wide, 3.0), (-3.0 - wide, -8.5),
            ]  # fmt: skip
            boxes = [(x + dx, y + dy, x + dx + wide, y + dy + 6.0) for dx, dy in sides]
            best = min(range(len(sides)), key=lambda side: (_overlap(boxes[side], taken), side))
            taken.append(boxes[best])
            plot.annotate(
                text,
                (row["x"], row["y"]),
                xytext=sides[best],
                textcoords="offset points",
                fontsize=7,
                color=INK,
                zorder=4,
            )

    def _draw_key(self, figure: Figure) -> None:
        from matplotlib.lines import Line2D  # noqa: PLC0415  (late, as in `render`)

        figure.legend(
            handles=[
                Line2D([], [], label=shortened(group, _NAMED), **_mark(number))
                for number, group in enumerate(self._groups)
            ],
            loc="center left",
            bbox_to_anchor=(0.005, 1 - 0.58 / self.height),
            ncols=len(self._groups),
            frameon=False,
            fontsize=8,
            handletextpad=0.4,
            columnspacing=1.6,
        )


_Box = tuple[float, float, float, float]


def _overlap(box: _Box, others: Sequence[_Box]) -> float:
    """Add up the areas that a box shares with others."""
    total = 0.0
    for other in others:
        wide = min(box[2], other[2]) - max(box[0], other[0])
        high = min(box[3], other[3]) - max(box[1], other[1])
        total += wide * high if wide > 0 and high > 0 else 0.0
    return total


def _mark(number: int) -> dict[str, Any]:
    return {**_MARKS[number], "markersize": 5.0, "markeredgewidth": 1.3, "linestyle": "none"}
