"""Estimates under each other: a dot and its interval a row, with the numbers beside it."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from outputs._printable import printable
from outputs.figures._svg import BLUE, GREY, INK, ORANGE, PALE, render, shortened, stamp

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COLUMNS: Final = (
    "variation",
    "group",
    "units",
    "estimate",
    "low",
    "high",
    "p",
    "reason",
)

_ROW: Final = 0.235
"""Inches from one row to the next."""

_LEAST: Final = 0.001
"""The least p that is written as a number."""

_SMALL: Final = 0.17
"""Inches from one line of small print to the next."""


@dataclass(frozen=True, kw_only=True)
class _Layout:
    """Where things stand: width in inches, and shares of it; letters that have room."""

    width: float
    left: float
    right: float
    columns: Mapping[str, float]
    named: int
    said: int
    line: int
    titled: int
    ticks: int


_BROAD: Final = _Layout(
    width=11.0,
    left=0.3,
    right=0.565,
    columns={"estimate": 0.58, "p": 0.745, "verdict": 0.785, "units": 0.985},
    named=46,
    said=100,
    line=205,
    titled=110,
    ticks=9,
)
_UPRIGHT: Final = _Layout(
    width=7.5,
    left=0.26,
    right=0.6,
    columns={"estimate": 0.62, "p": 0.86, "units": 0.985},
    named=26,
    said=60,
    line=136,
    titled=74,
    ticks=5,
)
"""Of an upright page: without verdicts."""

_ABOVE, _BELOW = 1.12, 0.75
"""Inches above the rows (title, key, heads of columns) and beneath them (axis)."""

_SIDES: Final = {"p": "center", "units": "right"}
"""To which side of its place a column is set, if not to the left."""

_REFERENCE: Final[dict[str, Any]] = {"color": ORANGE, "linewidth": 1.1, "linestyle": (0, (5, 3))}
"""The line through the baseline's estimate."""


@dataclass(frozen=True, kw_only=True)
class DotRows:
    """What is drawn.

    Attributes
    ----------
    table : pandas.DataFrame
        A row an estimate, with `COLUMNS` and perhaps ``trend_removed`` and ``note``.
    title, axis : str
        Above and below.
    notes : sequence of str
        Small print.
    level : float
        Of p, from which on a mark is empty.
    baseline : bool
        Whether the first row is what the others are compared with.
    simulated : bool
        Whether the data are made up.
    """

    table: pd.DataFrame
    title: str
    axis: str
    notes: Sequence[str]
    level: float
    baseline: bool
    simulated: bool

    def __post_init__(self) -> None:
        expected = (*COLUMNS, "verdict") if self.baseline else COLUMNS
        missing = [name for name in expected if name not in self.table]
        if missing or self.table.empty:
            found = f"no {', '.join(missing)}" if missing else "no row"
            first = ", and the baseline in the first" if self.baseline else ", and a row at least"
            message = f"found {found}; expected {', '.join(expected)}{first}"
            raise ValueError(message)

    @property
    def _layout(self) -> _Layout:
        return _BROAD if self.baseline else _UPRIGHT

    def to_svg(self, name: str) -> str:
        """Draw the rows.

        Parameters
        ----------
        name : str
            Of the figure.

        Returns
        -------
        str
            An SVG document.
        """
        marked = _number(self.table)
        rows = _lay_out(self.table, marked, baseline=self.baseline)
        numbered = [f"[{number}] {said}." for said, number in marked.items()]
        said = (*self.notes, *numbered)
        small = [
            line for note in said for line in textwrap.wrap(printable(note), self._layout.line)
        ]
        height = _ABOVE + (rows[-1].y + 1.4) * _ROW + _BELOW + _SMALL * len(small)
        return render(
            lambda figure: self._draw(figure, rows, small),
            name=name,
            size=(self._layout.width, height),
            title=self.title,
            description=self._told(),
            simulated=self.simulated,
        )

    def _draw(self, figure: Figure, rows: Sequence[_Row], small: Sequence[str]) -> None:
        layout = self._layout
        height = float(figure.get_figheight())
        bottom = (_BELOW + _SMALL * len(small)) / height
        axes = figure.add_axes(
            (layout.left, bottom, layout.right - layout.left, 1 - bottom - _ABOVE / height)
        )
        axes.set_ylim(rows[-1].y + 0.7, -0.7)
        table = [row.told for row in rows if row.told is not None]
        axes.set_xlim(*_limits(table))
        for side in ("top", "left", "right"):
            axes.spines[side].set_visible(False)
        axes.set_yticks([])
        axes.tick_params(axis="x", colors=GREY, labelsize=8)
        axes.locator_params(axis="x", nbins=layout.ticks)
        axes.set_xlabel(printable(self.axis), color=INK)
        axes.axvline(0, color=GREY, linewidth=0.7, zorder=1)
        if self.baseline and _known(table[0]["estimate"]):
            axes.axvline(table[0]["estimate"], zorder=1, **_REFERENCE)
        for number, row in enumerate(rows):
            if row.told is None:
                _write(axes, 0.012, row.y, shortened(row.heading, layout.said), weight="bold")
            else:
                first = self.baseline and number == 0
                _draw_row(axes, row, layout, first=first, level=self.level)
        for column, x in layout.columns.items():
            head = "estimate (90 % of draws)" if column == "estimate" else column
            _write(axes, x, -1.25, head, color=GREY, ha=_SIDES.get(column, "left"))
        stamp(figure, title=self.title, simulated=self.simulated, room=layout.titled)
        self._draw_key(figure, y=1 - 0.56 / height)
        for number, line in enumerate(small):
            y = (0.12 + _SMALL * (len(small) - 1 - number)) / height
            figure.text(0.012, y, line, fontsize=7.5, color=GREY)

    def _draw_key(self, figure: Figure, *, y: float) -> None:
        from matplotlib.lines import Line2D  # noqa: PLC0415  (late, as in `render`)

        marks = {
            "baseline": _mark("D", 0.0, self.level),
            f"p at most {self.level:g}": _mark("o", 0.0, self.level),
            "p larger": _mark("o", 1.0, self.level),
            "broad trend removed": _mark("s", 1.0, self.level),
            "no p": _mark("o", math.nan, self.level),
            "baseline's estimate": _REFERENCE,
        }
        shown = {
            label: style
            for label, style in marks.items()
            if self.baseline or not label.startswith("baseline")
        }
        figure.legend(
            handles=[Line2D([], [], label=label, **style) for label, style in shown.items()],
            loc="center left",
            bbox_to_anchor=(0.005, y),
            ncols=len(shown),
            frameon=False,
            fontsize=8,
            handletextpad=0.4,
            columnspacing=1.6,
        )

    def _told(self) -> str:
        """Say in words what the figure shows."""
        lines = [f"{self.axis}, the baseline first:" if self.baseline else f"{self.axis}:"]
        for row in self.table.to_dict("records"):
            named = row["variation"] if self.baseline else f"{row['group']}, {row['variation']}"
            line = f"{named}: {_estimate({str(key): row[key] for key in row})}"
            if _known(row["estimate"]):
                units = f", {int(row['units']):,} units" if _known(row["units"]) else ""
                verdict = f": {row['verdict']}" if row.get("verdict") else ""
                line += f", {'p = ' * _known(row['p'])}{_p(row['p'])}{units}{verdict}"
                line += f" ({remark})" if (remark := _remark(row)) else ""
            lines.append(f"{line}.")
        return " ".join([*lines, *self.notes]).replace("p = <", "p <")


@dataclass(frozen=True, kw_only=True)
class _Row:
    """A line of the figure: a row of the table, or the heading of a group.

    The mark tells where small print speaks of it.
    """

    y: float
    heading: str = ""
    mark: str = ""
    told: Mapping[str, Any] | None = None


def _remark(row: Mapping[Any, Any]) -> str:
    """Give what small print says of a row; a reason for no estimate stands in its place."""
    said = [row.get("note"), row["reason"] if _known(row["estimate"]) else ""]
    return "; ".join(str(part) for part in said if part)


def _number(table: pd.DataFrame) -> dict[str, int]:
    remarks = dict.fromkeys(_remark(row) for row in table.to_dict("records"))
    return {said: number for number, said in enumerate(filter(None, remarks), start=1)}


def _lay_out(table: pd.DataFrame, marked: Mapping[str, int], *, baseline: bool) -> list[_Row]:
    """Give each row its height: the baseline, if any, then every group under its heading."""
    rows: list[_Row] = []
    y = 0.0
    group = None
    for values in table.to_dict("records"):
        if values["group"] != group:
            group = values["group"]
            y += 1.35 if rows else 0.0
            if rows or not baseline:
                rows.append(_Row(y=y, heading=str(group)))
        y += 1.0 if rows else 0.0
        remark = _remark(values)
        rows.append(
            _Row(
                y=y,
                mark=f" [{marked[remark]}]" if remark else "",
                told={str(key): value for key, value in values.items()},
            )
        )
    return rows


def _draw_row(axes: Axes, row: _Row, layout: _Layout, *, first: bool, level: float) -> None:
    values, at = row.told or {}, layout.columns
    if first:
        axes.axhspan(
            -0.55, 0.55, xmin=-2, xmax=3, facecolor=PALE, edgecolor="none", clip_on=False, zorder=0
        )
    weight = "bold" if first else "normal"
    name = shortened(values["variation"], layout.named)
    _write(axes, 0.012 if first else 0.028, row.y, f"{name}{row.mark}", weight=weight)
    if _known(values["units"]):
        _write(axes, at["units"], row.y, f"{int(values['units']):,}", ha="right")
    if not _known(values["estimate"]):
        said = shortened(values["reason"], layout.said)
        # On white, so that the lines of the axis do not run through it.
        box = {"facecolor": "white", "edgecolor": "none", "pad": 1.0}
        _write(axes, layout.left + 0.008, row.y, said, style="italic", color=GREY, bbox=box)
        return
    if _known(values["low"]) and _known(values["high"]):
        ends = [values["low"], values["high"]]
        axes.plot(ends, [row.y] * 2, color=INK, linewidth=1.3, solid_capstyle="butt", zorder=2)
    shape = "s" if values.get("trend_removed") else "D" if first else "o"
    axes.plot([values["estimate"]], [row.y], zorder=3, **_mark(shape, values["p"], level))
    _write(axes, at["estimate"], row.y, _estimate(values))
    _write(axes, at["p"], row.y, _p(values["p"]), ha="center")
    if "verdict" in at:
        _write(axes, at["verdict"], row.y, shortened(values["verdict"], layout.named))


def _mark(shape: str, p: float, level: float) -> dict[str, Any]:
    """Choose the mark of an estimate: filled, empty, or a cross where there is no p."""
    known = _known(p)
    return {
        "marker": shape if known else "x",
        "markersize": 5.5,
        "markeredgewidth": 1.4,
        "markeredgecolor": BLUE if known else GREY,
        "markerfacecolor": BLUE if known and p <= level else "white",
        "linestyle": "none",
    }


def _write(axes: Axes, x: float, y: float, text: str, **style: Any) -> None:
    """Write beside the axis: across in shares of the figure, down in rows."""
    from matplotlib.transforms import blended_transform_factory  # noqa: PLC0415  (as above)

    figure = axes.get_figure()
    transform = blended_transform_factory(figure.transFigure, axes.transData)  # type: ignore[union-attr]
    axes.text(x, y, text, transform=transform, va="center_baseline", **{"color": INK, **style})


def _limits(rows: Sequence[Mapping[str, Any]]) -> tuple[float, float]:
    """Span every dot, interval and zero, with some room."""
    given = [row[name] for row in rows for name in ("estimate", "low", "high") if _known(row[name])]
    low, high = min([0.0, *given]), max([0.0, *given])
    room = 0.06 * (high - low or 1.0)
    return low - room, high + room


def _known(value: Any) -> bool:
    return value is not None and not pd.isna(value) and bool(np.isfinite(float(value)))


def _estimate(values: Mapping[str, Any]) -> str:
    if not _known(values["estimate"]):
        return f"none ({values['reason']})"
    text = _decimal(values["estimate"])
    if _known(values["low"]) and _known(values["high"]):
        text += f" ({_decimal(values['low'])} to {_decimal(values['high'])})"
    return text


def _decimal(number: float) -> str:
    """Write two decimals; what rounds to nothing has no sign."""
    return f"{round(float(number), 2) + 0:.2f}".replace("-", "\u2212")


def _p(p: float) -> str:
    if not _known(p):
        return "no p"
    return f"{p:.3f}" if p >= _LEAST else f"< {_LEAST:g}"
