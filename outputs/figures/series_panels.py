"""Counts over time, a panel each: steps, levels, changes with their intervals, gaps."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from outputs._printable import printable
from outputs.figures._svg import BLUE, GREY, INK, ORANGE, render, shortened, stamp

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["SeriesPanel", "series_panels_figure"]

_WIDTH: Final = 7.5
_ROW, _ABOVE, _BELOW, _SMALL, _KEY = 1.05, 0.45, 0.35, 0.16, 0.26
_LEFT, _RIGHT = 0.075, 0.985
_NAMED, _LINE = 60, 128
_WEEK: Final = 7.0
_MONTHS: Final = 13
"""Months that have room for a name each."""

_EPOCH: Final = pd.Timestamp(1970, 1, 1)


@dataclass(frozen=True, kw_only=True, eq=False)
class SeriesPanel:
    """A series and what was found of it.

    Attributes
    ----------
    label : str
        What is counted, where.
    counts : pandas.Series of float
        By first day of the week, in order; missing where not known.
    levels : pandas.Series of float
        Level by first day of the week, on the same index; may be all missing.
    changes : sequence of tuple of pandas.Timestamp
        First week of a new level, and the weeks between which it lies.
    gaps : sequence of tuple of pandas.Timestamp
        First and last days that are not told.
    """

    label: str
    counts: pd.Series
    levels: pd.Series
    changes: Sequence[tuple[pd.Timestamp, pd.Timestamp, pd.Timestamp]] = ()
    gaps: Sequence[tuple[pd.Timestamp, pd.Timestamp]] = ()


def series_panels_figure(
    panels: Sequence[SeriesPanel],
    *,
    name: str,
    title: str,
    notes: Sequence[str] = (),
    simulated: bool = False,
) -> str:
    r"""Draw weekly counts under each other, over the same time, each on its own scale.

    Thin steps are counts, thick lines levels, triangles changes with a bar for the interval
    of their date, hatching days that are not told.

    Parameters
    ----------
    panels : sequence of SeriesPanel
        From top to bottom, at least one.
    name : str
        Name of the figure: small letters, digits, hyphens.
    title : str
        Said above the panels and to screen readers.
    notes : sequence of str, optional
        Small print beneath.
    simulated : bool, default False
        Whether the data are made up, which the figure then says.

    Returns
    -------
    str
        An SVG document, the same for the same series.

    Raises
    ------
    ValueError
        If there is no panel.

    Examples
    --------
    >>> weeks = pd.date_range("2025-01-06", periods=4, freq="7D")
    >>> counts = pd.Series([1.0, 2.0, 8.0, 9.0], index=weeks)
    >>> svg = series_panels_figure(
    ...     [SeriesPanel(label="Ohio", counts=counts, levels=counts, changes=[(weeks[2],) * 3])],
    ...     name="weeks", title="Weeks")
    >>> "Ohio: 20 over 4 weeks; level changes at 2025-01-20" in svg
    True
    """
    if not panels:
        message = "found no series; expected one at least"
        raise ValueError(message)
    plot = _Plot(
        panels=panels,
        title=title,
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


@dataclass(frozen=True, kw_only=True, eq=False)
class _Plot:
    """What is drawn, before it is painted."""

    panels: Sequence[SeriesPanel]
    title: str
    small: Sequence[str]
    simulated: bool

    @property
    def height(self) -> float:
        """Inches."""
        return _ABOVE + _ROW * len(self.panels) + _BELOW + _KEY + _SMALL * len(self.small)

    def told(self) -> Iterator[str]:
        """Say in words what the panels show."""
        for panel in self.panels:
            known = panel.counts.dropna()
            days = [f"{at:%Y-%m-%d}" for at, _, _ in panel.changes]
            changes = f"level changes at {', '.join(days)}" if days else "no change of level"
            gaps = [f"{one:%Y-%m-%d} to {other:%Y-%m-%d}" for one, other in panel.gaps]
            missing = f"; not told: {', '.join(gaps)}" if gaps else ""
            yield (
                f"{panel.label}: {known.sum():,.0f} over {len(known)} weeks; {changes}{missing}."
            )

    def paint(self, figure: Figure) -> None:
        """Draw the panels, one axis of time beneath them all."""
        first = min(_number(panel.counts.index[0]) for panel in self.panels)
        last = max(_number(panel.counts.index[-1]) for panel in self.panels) + _WEEK
        for number, panel in enumerate(self.panels):
            bottom = self.height - _ABOVE - _ROW * (number + 1)
            axes = figure.add_axes(
                (_LEFT, (bottom + 0.12) / self.height, _RIGHT - _LEFT, (_ROW - 0.36) / self.height)
            )
            axes.set_xlim(first, last)
            _panel(axes, panel)
            self._time(axes, first=first, last=last, named=panel is self.panels[-1])
        self._key(figure)
        stamp(figure, title=self.title, simulated=self.simulated)
        for number, line in enumerate(self.small):
            y = (0.08 + _SMALL * (len(self.small) - 1 - number)) / self.height
            figure.text(0.012, y, line, fontsize=7, color=GREY)

    def _time(self, axes: Axes, *, first: float, last: float, named: bool) -> None:
        months = pd.date_range(_EPOCH + pd.Timedelta(days=first), periods=400, freq="MS")
        months = months[months <= _EPOCH + pd.Timedelta(days=last)]
        apart = 1 if len(months) <= _MONTHS else 3 if len(months) <= 3 * _MONTHS else 6
        shown = months[(months.month - 1) % apart == 0]
        axes.set_xticks([_number(day) for day in shown], list(shown.strftime("%b %Y")))
        axes.tick_params(colors=GREY, labelsize=7, labelbottom=named, length=2.5)

    def _key(self, figure: Figure) -> None:
        from matplotlib.lines import Line2D  # noqa: PLC0415  (late, as in `render`)
        from matplotlib.patches import Patch  # noqa: PLC0415

        handles = [
            Line2D([], [], color=GREY, linewidth=0.8, label="a week's count"),
            Line2D([], [], color=BLUE, linewidth=2.2, label="level"),
            Line2D([], [], color=ORANGE, marker="v", markersize=5, linewidth=3, alpha=0.9,
                   label="change of level, 90 % interval of its date"),
            Patch(facecolor="white", edgecolor=GREY, hatch="////", linewidth=0, label="not told"),
        ]  # fmt: skip
        figure.legend(
            handles=handles,
            loc="lower left",
            bbox_to_anchor=(0.008, (0.06 + _SMALL * len(self.small)) / self.height),
            ncols=4,
            frameon=False,
            fontsize=7.5,
            handlelength=2.4,
            borderaxespad=0.0,
        )


def _number(day: pd.Timestamp) -> float:
    """Count the days as matplotlib does."""
    return (day - _EPOCH) / pd.Timedelta(days=1)


def _panel(axes: Axes, panel: SeriesPanel) -> None:
    counts = panel.counts
    top = max(float(np.nanmax(counts)) if counts.notna().any() else 0.0, 1.0) * 1.22
    axes.set_ylim(0, top)
    axes.set_title(shortened(panel.label, _NAMED), loc="left", fontsize=8, color=INK, pad=2.5)
    for one, other in panel.gaps:
        axes.axvspan(
            _number(one), _number(other) + 1,
            facecolor="white", edgecolor=GREY, hatch="////", linewidth=0, zorder=0,
        )  # fmt: skip
    edges = [_number(week) for week in counts.index]
    edges.append(edges[-1] + _WEEK)
    axes.stairs(counts.to_numpy(), edges, color=GREY, linewidth=0.8, baseline=None)
    axes.stairs(panel.levels.to_numpy(), edges, color=BLUE, linewidth=2.2, baseline=None)
    for change in panel.changes:
        at, low, high = map(_number, change)
        y = top * 0.93
        axes.plot(
            [low, high + _WEEK], [y, y],
            color=ORANGE, linewidth=3, alpha=0.9, solid_capstyle="butt",
        )  # fmt: skip
        axes.plot([at], [y], color=ORANGE, marker="v", markersize=5)
        axes.axvline(at, color=ORANGE, linewidth=0.6, linestyle=(0, (2, 2)))
    axes.locator_params(axis="y", nbins=3)
    for side, spine in axes.spines.items():
        spine.set_visible(side in ("left", "bottom"))
        spine.set_color("#bdbdbd")
