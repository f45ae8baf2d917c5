"""Numbers ranked under each other, one or several series a row, each with its interval."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from outputs._printable import printable
from outputs.figures._svg import BLUE, GREY, INK, ORANGE, PALE, render, shortened, stamp

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["ranked_rows_figure"]

_COLUMNS: Final = ("row", "series", "value", "low", "high")
_WIDTH: Final = 7.5
_LEFT, _RIGHT = 0.27, 0.7
_ROW: Final = 0.2
"""Inches from one row to the next, for each series."""

_ABOVE, _BELOW, _SMALL = 0.95, 0.62, 0.17
_NAMED, _LINE, _TITLED = 30, 128, 74

_MARKS: Final = (
    {"marker": "o", "markerfacecolor": BLUE, "markeredgecolor": BLUE},
    {"marker": "s", "markerfacecolor": "white", "markeredgecolor": ORANGE},
    {"marker": "^", "markerfacecolor": "#9a9a9a", "markeredgecolor": INK},
)
"""Told apart by shape and filling, so without colour, too."""


def ranked_rows_figure(
    table: pd.DataFrame,
    *,
    name: str,
    title: str,
    axis: str,
    decimals: int = 1,
    logarithmic: bool = False,
    reference: float | None = None,
    notes: Sequence[str] = (),
    simulated: bool = False,
) -> str:
    r"""Draw numbers and their intervals in rows, beside their texts.

    Parameters
    ----------
    table : pandas.DataFrame
        A number each: ``row``, its name; ``series``, at most three in all; ``value``,
        ``low`` and ``high``, missing where not known. Rows are drawn in the order in which
        they first come; one without any value says so.
    name : str
        Name of the figure: small letters, digits, hyphens.
    title : str
        Said above the figure and to screen readers.
    axis : str
        What the numbers are.
    decimals : int, default 1
        Of the numbers beside the marks.
    logarithmic : bool, default False
        Whether equal ratios have equal distances; numbers are above 0 then.
    reference : float, optional
        Where a line is drawn.
    notes : sequence of str, optional
        Small print beneath.
    simulated : bool, default False
        Whether the data are made up, which the figure then says.

    Returns
    -------
    str
        An SVG document, the same for the same table.

    Raises
    ------
    ValueError
        If columns are missing, there is no row, or there are more than three series.

    Examples
    --------
    >>> table = pd.DataFrame({
    ...     "row": ["Ohio", "Iowa"], "series": "2024", "value": [12.0, 9.5],
    ...     "low": [11.0, 8.0], "high": [13.0, 11.0],
    ... })
    >>> svg = ranked_rows_figure(table, name="rates", title="Two states", axis="per 100,000")
    >>> "Ohio, 2024: 12.0 (11.0 to 13.0)" in svg
    True
    """
    rows = _Rows(
        table=table,
        title=title,
        axis=axis,
        decimals=decimals,
        logarithmic=logarithmic,
        reference=reference,
        small=[line for note in notes for line in textwrap.wrap(printable(note), _LINE)],
        simulated=simulated,
    )
    rows.check()
    return render(
        rows.paint,
        name=name,
        size=(_WIDTH, rows.height),
        title=title,
        description=" ".join([f"{axis}:", *rows.told(), *notes]),
        simulated=simulated,
    )


@dataclass(frozen=True, kw_only=True, eq=False)
class _Rows:
    """What is drawn, before it is painted."""

    table: pd.DataFrame
    title: str
    axis: str
    decimals: int
    logarithmic: bool
    reference: float | None
    small: Sequence[str]
    simulated: bool

    def check(self) -> None:
        """Refuse what cannot be drawn."""
        missing = [name for name in _COLUMNS if name not in self.table]
        if missing or self.table.empty or len(self._series) > len(_MARKS):
            found = f"no {', '.join(missing)}" if missing else f"{len(self.table)} rows"
            message = f"found {found}; expected {', '.join(_COLUMNS)}, and one to three series"
            raise ValueError(message)

    @property
    def _series(self) -> list[str]:
        return list(dict.fromkeys(self.table["series"]))

    @property
    def _names(self) -> list[str]:
        return list(dict.fromkeys(self.table["row"]))

    @property
    def _step(self) -> float:
        return _ROW * (1 if len(self._series) == 1 else 0.8 * len(self._series) + 0.25)

    @property
    def height(self) -> float:
        """Inches."""
        return _ABOVE + self._step * len(self._names) + _BELOW + _SMALL * len(self.small)

    def told(self) -> Iterator[str]:
        """Say in words what the figure shows."""
        for row in self.table.to_dict("records"):
            yield f"{row['row']}, {row['series']}: {self._text(row)}."

    def _text(self, row: Mapping[Any, Any]) -> str:
        if not _known(row["value"]):
            return "not known"
        text = self._number(row["value"])
        if _known(row["low"]) and _known(row["high"]):
            text += f" ({self._number(row['low'])} to {self._number(row['high'])})"
        return text

    def _number(self, number: float) -> str:
        return f"{number + 0:,.{self.decimals}f}".replace("-", "\u2212")

    def paint(self, figure: Figure) -> None:
        """Draw the rows."""
        bottom = (_BELOW + _SMALL * len(self.small)) / self.height
        top = 1 - _ABOVE / self.height
        axes = figure.add_axes((_LEFT, bottom, _RIGHT - _LEFT, top - bottom))
        axes.set_ylim(len(self._names) - 0.5, -0.5)
        if self.logarithmic:
            axes.set_xscale("log")
        axes.set_xlim(*self._limits())
        for side in ("top", "left", "right"):
            axes.spines[side].set_visible(False)
        axes.set_yticks([])
        axes.tick_params(axis="x", colors=GREY, labelsize=8)
        self._plain_ticks(axes)
        axes.set_xlabel(printable(self.axis), color=INK)
        if self.reference is not None:
            axes.axvline(self.reference, color=GREY, linewidth=0.9, linestyle=(0, (5, 3)), zorder=1)
        for place, name in enumerate(self._names):
            self._draw_row(axes, place, name)
        stamp(figure, title=self.title, simulated=self.simulated, room=_TITLED)
        self._draw_key(figure)
        for number, line in enumerate(self.small):
            y = (0.1 + _SMALL * (len(self.small) - 1 - number)) / self.height
            figure.text(0.012, y, line, fontsize=7.5, color=GREY)

    def _plain_ticks(self, axes: Axes) -> None:
        from matplotlib.ticker import LogLocator, NullFormatter, StrMethodFormatter  # noqa: PLC0415

        axes.xaxis.set_major_formatter(StrMethodFormatter("{x:,g}"))
        if self.logarithmic:
            axes.xaxis.set_major_locator(LogLocator(base=10, subs=(1.0, 2.0, 5.0)))
            axes.xaxis.set_minor_formatter(NullFormatter())
        else:
            axes.locator_params(axis="x", nbins=6)

    def _draw_row(self, axes: Axes, place: int, name: str) -> None:
        if place % 2 == 0:
            axes.axhspan(
                *(place - 0.5, place + 0.5), xmin=-2, xmax=3,
                facecolor=PALE, edgecolor="none", clip_on=False, zorder=0,
            )  # fmt: skip
        _write(axes, 0.012, place, shortened(name, _NAMED))
        own = self.table[self.table["row"] == name]
        for row in own.to_dict("records"):
            value, low, high = (row[column] for column in ("value", "low", "high"))
            number = self._series.index(row["series"])
            # Within a row, one series stands above the other.
            y = place + (number - (len(self._series) - 1) / 2) * 0.72 / len(self._series)
            if _known(value):
                if _known(low) and _known(high):
                    axes.plot(
                        [low, high], [y] * 2,
                        color=INK, linewidth=1.1, solid_capstyle="butt", zorder=2,
                    )  # fmt: skip
                axes.plot([value], [y], zorder=3, **_mark(number))
            _write(axes, _RIGHT + 0.015, y, self._text(row), fontsize=7.5)

    def _limits(self) -> tuple[float, float]:
        numbers = self.table[["value", "low", "high"]].astype("float64").to_numpy().ravel()
        given = [number for number in [*numbers, self.reference] if _known(number)]
        if self.logarithmic:
            above = [number for number in given if number > 0] or [1.0]
            return min(above) / 1.1, max(above) * 1.1
        low, high = min([0.0, *given]), max([0.0, *given])
        room = 0.04 * (high - low or 1.0)
        return low - (room if low < 0 else 0), high + room

    def _draw_key(self, figure: Figure) -> None:
        from matplotlib.lines import Line2D  # noqa: PLC0415  (late, as in `render`)

        figure.legend(
            handles=[
                Line2D([], [], label=shortened(series, 48), **_mark(number))
                for number, series in enumerate(self._series)
            ],
            loc="center left",
            bbox_to_anchor=(0.005, 1 - 0.58 / self.height),
            ncols=len(self._series),
            frameon=False,
            fontsize=8,
            handletextpad=0.4,
            columnspacing=1.6,
        )


def _mark(number: int) -> dict[str, Any]:
    return {**_MARKS[number], "markersize": 4.6, "markeredgewidth": 1.3, "linestyle": "none"}


def _known(value: Any) -> bool:
    return value is not None and not pd.isna(value) and math.isfinite(float(value))


def _write(axes: Axes, x: float, y: float, text: str, **style: Any) -> None:
    """Write beside the axis: across in shares of the figure, down in rows."""
    from matplotlib.transforms import blended_transform_factory  # noqa: PLC0415  (as above)

    figure = axes.get_figure()
    transform = blended_transform_factory(figure.transFigure, axes.transData)  # type: ignore[union-attr]
    axes.text(x, y, text, transform=transform, va="center_baseline", **{"color": INK, **style})
