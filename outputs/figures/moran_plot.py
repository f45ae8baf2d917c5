"""Moran's scatter plot: each unit's score against the mean score of its neighbours."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import sparse

from outputs._printable import printable
from outputs.errors import OutputError
from outputs.figures._svg import GREY, INK, POINTS, render, stamp
from outputs.legends import LISA_COLOURS

if TYPE_CHECKING:
    from libpysal.graph import Graph
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["moran_figure", "moran_points"]

Floats = npt.NDArray[np.float64]

_QUADRANTS: Final = (
    ("High-High", 1, 1, "high among high neighbours"),
    ("Low-Low", -1, -1, "low among low neighbours"),
    ("High-Low", 1, -1, "high among low neighbours"),
    ("Low-High", -1, 1, "low among high neighbours"),
)
_SIDE: Final = 3.2
"""Inches across; the plot is square, so that the line's slope can be read."""

_ABOVE, _BELOW, _BESIDE = 0.5, 0.55, 0.6
"""Inches above, beneath and to the left of the plot."""

_SMALL: Final = 0.16
_LETTERS: Final = 60
_DECIMALS: Final = 1
_FEW: Final = 200
"""Points up to which each is drawn large."""


def moran_points(scores: pd.Series, graph: Graph) -> pd.DataFrame:
    """Give the points of Moran's scatter plot.

    Parameters
    ----------
    scores : pandas.Series of float
        One number a unit, NaN where missing, in the order of the graph.
    graph : libpysal.graph.Graph
        Who is whose neighbour; row-standardised.

    Returns
    -------
    pandas.DataFrame
        ``score`` and ``lag`` by unit, in standard deviations from the mean of the units
        that have a score and a neighbour with one. The slope of the lag on the score,
        through zero, is Moran's I.

    Raises
    ------
    OutputError
        If the graph is not row-standardised, since the slope would not be Moran's I.

    Examples
    --------
    >>> from libpysal.graph import Graph
    >>> chain = Graph.from_arrays([0, 1, 1, 2], [1, 0, 2, 1], [1] * 4).transform("R")
    >>> moran_points(pd.Series([1.0, 2.0, 3.0]), chain)["lag"].round(2).tolist()
    [0.0, 0.0, 0.0]
    """
    if graph.transformation != "R":
        message = f"found weights of transformation {graph.transformation!r}; expected R"
        raise OutputError(message)
    values = scores.reindex(graph.unique_ids).to_numpy(dtype=float)
    weights = sparse.csr_array(graph.sparse)
    kept = ~np.isnan(values)
    # Leaving a unit out may leave another without neighbours.
    while (alone := kept & ~((abs(weights) @ kept.astype(float)) > 0)).any():
        kept &= ~alone
    inside = weights[kept][:, kept]
    own = values[kept]
    own = own - own.mean() if len(own) else own
    spread = own.std() or 1.0
    lag = (inside @ own) / inside.sum(axis=1) if len(own) else own
    points = {"score": own / spread, "lag": lag / spread}
    return pd.DataFrame(points, index=graph.unique_ids[kept])


def moran_figure(
    points: pd.DataFrame,
    *,
    slope: float,
    classes: pd.Series,
    name: str,
    title: str,
    axes: tuple[str, str],
    notes: Sequence[str] = (),
    units: str = "counties",
    simulated: bool = False,
) -> str:
    """Draw Moran's scatter plot.

    Parameters
    ----------
    points : pandas.DataFrame
        From `moran_points`.
    slope : float
        Moran's I, the slope of the line.
    classes : pandas.Series of str
        Class of each unit by local Moran's I; those of a quadrant are drawn larger and in
        its colour, whatever else they are called.
    name : str
        Name of the figure: small letters, digits, hyphens.
    title : str
        Said above the plot and to screen readers.
    axes : tuple of str
        What stands across and up.
    notes : sequence of str, optional
        Small print beneath.
    units : str, default "counties"
        What a point is, in the plural.
    simulated : bool, default False
        Whether the data are made up, which the figure then says.

    Returns
    -------
    str
        An SVG document, the same for the same points.

    Examples
    --------
    >>> points = pd.DataFrame({"score": [1.0, -1.0], "lag": [0.5, -0.5]}, index=["a", "b"])
    >>> svg = moran_figure(
    ...     points, slope=0.5, classes=pd.Series("not significant", index=points.index),
    ...     name="moran", title="Moran's scatter plot", axes=("score", "neighbours' mean"))
    >>> "slope: Moran" in svg
    True
    """
    plot = _Plot(
        points=points,
        slope=slope,
        classes=classes.reindex(points.index),
        title=title,
        axes=axes,
        small=[line for note in notes for line in textwrap.wrap(printable(note), _LETTERS)],
        units=units,
        simulated=simulated,
    )
    said = [*plot.told(), *notes]
    return render(
        plot.paint,
        name=name,
        size=(_BESIDE + _SIDE + 0.15, _ABOVE + _SIDE + _BELOW + _SMALL * len(plot.small)),
        title=title,
        description=" ".join(said),
        simulated=simulated,
    )


@dataclass(frozen=True, kw_only=True, eq=False)
class _Plot:
    """The plot with its words, before it is painted."""

    points: pd.DataFrame
    slope: float
    classes: pd.Series
    title: str
    axes: tuple[str, str]
    small: Sequence[str]
    units: str
    simulated: bool

    def told(self) -> list[str]:
        """Say in words what the plot shows."""
        across, up = self.axes
        counts = [
            f"{words}: {int(self._quadrant(side, around).sum()):,}, of which significant "
            f"{int((self.classes == quadrant).sum()):,}"
            for quadrant, side, around, words in _QUADRANTS
        ]
        return [
            f"{len(self.points):,} {self.units}; across: {across}; up: {up}.",
            f"The slope of the line, Moran's I, is {self._number()}.",
            f"{self.units.capitalize()} by quadrant, {'; '.join(counts)}.",
        ]

    def _quadrant(self, side: int, around: int) -> pd.Series:
        return (side * self.points["score"] > 0) & (around * self.points["lag"] > 0)

    def _number(self) -> str:
        return f"{self.slope:.2f}".replace("-", "\u2212")

    def paint(self, figure: Figure) -> None:
        """Draw the plot."""
        height = float(figure.get_figheight())
        width = float(figure.get_figwidth())
        bottom = (_BELOW + _SMALL * len(self.small)) / height
        plot = figure.add_axes((_BESIDE / width, bottom, _SIDE / width, _SIDE / height))
        reach = 1.04 * float(self.points.abs().to_numpy().max()) if len(self.points) else 1.0
        for limits in (plot.set_xlim, plot.set_ylim):
            limits(-reach, reach)
        across, up = self.axes
        plot.set_xlabel(printable(across), color=INK)
        plot.set_ylabel(printable(up), color=INK)
        plot.tick_params(colors=GREY, labelsize=7.5)
        for spine in plot.spines.values():
            spine.set_color("#bdbdbd")
        plot.axhline(0, color=GREY, linewidth=0.6)
        plot.axvline(0, color=GREY, linewidth=0.6)
        self._dots(plot, reach)
        ends = np.array([-reach, reach])
        plot.plot(ends, self.slope * ends, color=INK, linewidth=1.4)
        for _, side, around, words in _QUADRANTS:
            _corner(plot, side, around, words)
        self._slope_words(plot, reach)
        stamp(figure, title=self.title, simulated=self.simulated, room=34)
        for number, line in enumerate(self.small):
            y = (0.1 + _SMALL * (len(self.small) - 1 - number)) / height
            figure.text(0.012, y, line, fontsize=7, color=GREY)

    def _dots(self, plot: Axes, reach: float) -> None:
        # All points of a class are one path of dots: thousands of elements would be heavy.
        few = len(self.points) <= _FEW
        other = ~self.classes.isin(list(LISA_COLOURS))
        _dots(plot, self.points[other], reach, color="#9a9a9a", width=3.2 if few else 1.2)
        for quadrant, colour in LISA_COLOURS.items():
            own = self.points[self.classes == quadrant]
            _dots(plot, own, reach, color=colour, width=5.5 if few else 2.4)

    def _slope_words(self, plot: Axes, reach: float) -> None:
        x = 0.97 * reach
        y = min(max(self.slope * x, -0.8 * reach), 0.8 * reach)
        box = {"facecolor": "white", "edgecolor": "none", "pad": 1.5, "alpha": 0.85}
        said = f"slope: Moran's I = {self._number()}"
        plot.annotate(
            said,
            (x, y),
            xytext=(0, -14),
            textcoords="offset points",
            ha="right",
            fontsize=8,
            color=INK,
            bbox=box,
        )


def _dots(plot: Axes, points: pd.DataFrame, reach: float, *, color: str, width: float) -> None:
    """Draw points as short round strokes of one path, placed to a tenth of a point."""
    from matplotlib.patches import PathPatch  # noqa: PLC0415  (late, as in `render`)
    from matplotlib.path import Path  # noqa: PLC0415
    from matplotlib.transforms import IdentityTransform  # noqa: PLC0415

    if points.empty:
        return
    figure = plot.get_figure()
    box = plot.get_position()
    size = POINTS * np.array([figure.get_figwidth(), figure.get_figheight()])  # type: ignore[union-attr]
    corner, span = size * (box.x0, box.y0), size * (box.width, box.height)
    places = corner + span * (points[["score", "lag"]].to_numpy() + reach) / (2 * reach)
    places = np.unique(np.round(places, _DECIMALS), axis=0)
    vertices = np.repeat(places, 2, axis=0)
    vertices[1::2, 0] += 10.0**-_DECIMALS
    codes = np.tile(np.array([Path.MOVETO, Path.LINETO], dtype=np.uint8), len(places))
    look: dict[str, Any] = {"edgecolor": color, "linewidth": width, "capstyle": "round"}
    dots = PathPatch(Path(vertices, codes), facecolor="none", **look)
    dots.set_transform(IdentityTransform())  # SVG is drawn at 72 dots to the inch
    plot.add_artist(dots)
    dots.set_transform(IdentityTransform())


def _corner(plot: Axes, side: int, around: int, words: str) -> None:
    plot.text(
        0.985 if side > 0 else 0.015,
        0.985 if around > 0 else 0.015,
        words,
        transform=plot.transAxes,
        ha="right" if side > 0 else "left",
        va="top" if around > 0 else "bottom",
        fontsize=7,
        style="italic",
        color=INK,
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.0, "alpha": 0.8},
    )
