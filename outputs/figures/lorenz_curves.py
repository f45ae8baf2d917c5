"""Lorenz curves: which share of the units holds which share of what is counted."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from outputs._printable import printable
from outputs.figures._svg import BLUE, GREY, INK, ORANGE, render, shortened, stamp

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["lorenz_figure"]

Floats = npt.NDArray[np.float64]

_SIDE: Final = 3.6
_ABOVE, _BELOW, _BESIDE, _SMALL = 0.5, 0.55, 0.65, 0.16
_KEY: Final = 3.3
_LINE: Final = 124
_TITLED: Final = 76
_NAMED: Final = 46
_POINTS: Final = 400
_HALF: Final = 0.5

_LOOKS: Final[tuple[dict[str, Any], ...]] = (
    {"color": INK, "linestyle": "-", "linewidth": 1.8},
    {"color": BLUE, "linestyle": (0, (6, 2)), "linewidth": 1.8},
    {"color": ORANGE, "linestyle": (0, (2, 1.5)), "linewidth": 1.8},
    {"color": "#7a7a7a", "linestyle": (0, (7, 2, 1.5, 2)), "linewidth": 1.8},
)
"""Told apart by their dashes, so without colour, too."""


def lorenz_figure(
    curves: Mapping[str, tuple[Floats, Floats]],
    *,
    name: str,
    title: str,
    axes: tuple[str, str],
    notes: Sequence[str] = (),
    simulated: bool = False,
) -> str:
    r"""Draw Lorenz curves beside the line of equality.

    Parameters
    ----------
    curves : mapping of str to tuple of numpy.ndarray of float
        By label, at most four: cumulated shares across and up, from (0, 0) to (1, 1),
        ascending.
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
        An SVG document, the same for the same curves.

    Raises
    ------
    ValueError
        If there is no curve, or more than four.

    Examples
    --------
    >>> curve = (np.array([0.0, 0.5, 1.0]), np.array([0.0, 0.1, 1.0]))
    >>> svg = lorenz_figure({"wealth": curve}, name="lorenz", title="Wealth",
    ...                     axes=("share of people", "share of wealth"))
    >>> "wealth: half of what is across has 10 % of what is up" in svg
    True
    """
    if not 1 <= len(curves) <= len(_LOOKS):
        message = f"found {len(curves)} curves; expected one to {len(_LOOKS)}"
        raise ValueError(message)
    plot = _Plot(
        curves=curves,
        title=title,
        axes=axes,
        small=[line for note in notes for line in textwrap.wrap(printable(note), _LINE)],
        simulated=simulated,
    )
    return render(
        plot.paint,
        name=name,
        size=(plot.width, plot.height),
        title=title,
        description=" ".join([*plot.told(), *notes]),
        simulated=simulated,
    )


@dataclass(frozen=True, kw_only=True, eq=False)
class _Plot:
    """What is drawn, before it is painted."""

    curves: Mapping[str, tuple[Floats, Floats]]
    title: str
    axes: tuple[str, str]
    small: Sequence[str]
    simulated: bool

    @property
    def width(self) -> float:
        """Inches."""
        return _BESIDE + _SIDE + 0.2 + _KEY

    @property
    def height(self) -> float:
        """Inches."""
        return _ABOVE + _SIDE + _BELOW + _SMALL * len(self.small)

    def told(self) -> Iterator[str]:
        """Say in words what the plot shows."""
        across, up = self.axes
        yield f"Across: {across}; up: {up}."
        for label, (x, y) in self.curves.items():
            half = 100 * float(np.interp(_HALF, x, y))
            yield f"{label}: half of what is across has {half:.0f} % of what is up."

    def paint(self, figure: Figure) -> None:
        """Draw the plot."""
        bottom = (_BELOW + _SMALL * len(self.small)) / self.height
        plot = figure.add_axes(
            (_BESIDE / self.width, bottom, _SIDE / self.width, _SIDE / self.height)
        )
        plot.set_xlim(0, 1)
        plot.set_ylim(0, 1)
        across, up = self.axes
        plot.set_xlabel(printable(across), color=INK)
        plot.set_ylabel(printable(up), color=INK)
        self._ticks(plot)
        plot.plot([0, 1], [0, 1], color=GREY, linewidth=0.8)
        plot.text(
            0.42, 0.45, "equality", rotation=45, ha="center", va="bottom", fontsize=7.5, color=GREY,
            style="italic",
        )  # fmt: skip
        for (x, y), look in zip(self.curves.values(), _LOOKS, strict=False):
            at = np.linspace(0, 1, _POINTS)
            # Few places need all their corners, thousands only a smooth line.
            x, y = (x, y) if len(x) <= _POINTS else (at, np.interp(at, x, y))  # noqa: PLW2901
            plot.plot(np.round(x, 4), np.round(y, 4), **look)
        self._key(plot)
        stamp(figure, title=self.title, simulated=self.simulated, room=_TITLED)
        for number, line in enumerate(self.small):
            y_line = (0.1 + _SMALL * (len(self.small) - 1 - number)) / self.height
            figure.text(0.012, y_line, line, fontsize=7, color=GREY)

    def _ticks(self, plot: Axes) -> None:
        from matplotlib.ticker import PercentFormatter  # noqa: PLC0415  (late, as in `render`)

        for axis in (plot.xaxis, plot.yaxis):
            axis.set_major_formatter(PercentFormatter(xmax=1, symbol=" %"))
        plot.tick_params(colors=GREY, labelsize=7.5)
        for spine in plot.spines.values():
            spine.set_color("#bdbdbd")

    def _key(self, plot: Axes) -> None:
        from matplotlib.lines import Line2D  # noqa: PLC0415  (as above)

        plot.legend(
            handles=[
                Line2D([], [], label=shortened(label, _NAMED), **look)
                for label, look in zip(self.curves, _LOOKS, strict=False)
            ],
            loc="upper left",
            bbox_to_anchor=(1.02, 1.0),
            frameon=False,
            fontsize=8,
            handlelength=3.4,
            borderaxespad=0.0,
        )
