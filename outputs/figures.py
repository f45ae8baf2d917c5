"""Figures for a page or a paper, as SVG: text stays text, the same bytes every time."""

from __future__ import annotations

import io
import math
import re
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from xml.sax.saxutils import escape

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["sensitivity_figure"]

_COLUMNS: Final = (
    "variation",
    "group",
    "units",
    "estimate",
    "low",
    "high",
    "p",
    "reason",
    "verdict",
)

# Of Okabe and Ito's palette: told apart by the colour-blind, and in grey by their lightness.
_BLUE, _ORANGE, _INK, _GREY, _BAND = "#0072b2", "#d55e00", "#1a1a1a", "#5f5f5f", "#f3f3f0"

_WIDTH: Final = 11.0
"""Inches."""

_ROW: Final = 0.235
"""Inches from one row to the next."""

_LEFT, _RIGHT = 0.3, 0.565
"""Where the axis begins and ends, as shares of the width."""

_AT: Final = {"estimate": 0.58, "p": 0.745, "verdict": 0.785, "units": 0.985}
"""Where the columns of text stand, as shares of the width."""

_REFERENCE: Final[dict[str, Any]] = {"color": _ORANGE, "linewidth": 1.1, "linestyle": (0, (5, 3))}
"""The line through the baseline's estimate."""

_FONTS: Final = "'DejaVu Sans', Verdana, 'Bitstream Vera Sans', sans-serif"
"""Fonts of the same width as the one that the figure is laid out with."""

_RC: Final[dict[Any, Any]] = {
    "svg.hashsalt": "arrest-atlas",
    "svg.fonttype": "none",
    "font.family": ["DejaVu Sans"],
    "font.size": 8.5,
    "axes.unicode_minus": True,
    "path.simplify": False,
}

_NAMED, _SAID = 46, 100
"""Characters that have room: of a row's name, of a reason in place of an estimate."""

_LINE: Final = 205
"""Characters of a line of small print."""


@dataclass(frozen=True, kw_only=True)
class _Row:
    """A line of the figure: a row of the table, or the heading of a group.

    The mark tells where small print speaks of it.
    """

    y: float
    heading: str = ""
    mark: str = ""
    told: Mapping[str, Any] | None = None


def sensitivity_figure(
    table: pd.DataFrame,
    *,
    title: str,
    axis: str,
    notes: Sequence[str] = (),
    level: float = 0.05,
    simulated: bool = False,
) -> str:
    """Draw how a result changes with each choice: a dot and its interval a row.

    The first row of the table is the baseline; a line through it shows how far the others
    lie from it. A filled mark has a p-value of at most `level`, an empty one a larger one,
    a cross none; a square marks what is left once the broad trend is removed. Nothing is
    told by colour alone.

    Parameters
    ----------
    table : pandas.DataFrame
        A row a choice, the baseline first: ``variation``, ``group``, ``units``,
        ``estimate``, ``low``, ``high``, ``p`` (missing where there is none), ``reason``
        (why there is no estimate or no p; else empty) and ``verdict``; optionally
        ``trend_removed`` (bool) and ``note`` (what else is to be known, as small print).
    title : str
        Said above the figure and to screen readers.
    axis : str
        What the dots are.
    notes : sequence of str, optional
        Small print beneath.
    level : float, default 0.05
        The level of p from which on a mark is empty.
    simulated : bool, default False
        Whether the data are made up, which the figure then says.

    Returns
    -------
    str
        An SVG document; the same table gives the same text.

    Raises
    ------
    ValueError
        If columns are missing or there is no row.

    Examples
    --------
    >>> table = pd.DataFrame({
    ...     "variation": ["baseline"], "group": ["baseline"], "units": [1_400],
    ...     "estimate": [0.21], "low": [0.15], "high": [0.27], "p": [0.004],
    ...     "reason": [""], "verdict": ["association"],
    ... })
    >>> figure = sensitivity_figure(table, title="One change at a time", axis="Cohen's kappa")
    >>> figure.count("<title"), "baseline: 0.21" in figure
    (1, True)
    """
    missing = [name for name in _COLUMNS if name not in table]
    if missing or table.empty:
        found = f"no {', '.join(missing)}" if missing else "no row"
        message = f"found {found}; expected {', '.join(_COLUMNS)}, and the baseline in the first"
        raise ValueError(message)
    # Late: it takes half a second, which only a figure needs.
    from matplotlib import rc_context, rcdefaults, rcParams  # noqa: PLC0415
    from matplotlib.backends.backend_svg import FigureCanvasSVG  # noqa: PLC0415
    from matplotlib.figure import Figure  # noqa: PLC0415

    marked = _number(table)
    rows = _lay_out(table, marked)
    numbered = [f"[{number}] {said}." for said, number in marked.items()]
    small = [line for note in (*notes, *numbered) for line in textwrap.wrap(note, _LINE)]
    name = f"{title} (SIMULATED data)" if simulated else title
    with rc_context():
        rcdefaults()  # whatever the user's own settings are
        rcParams.update(_RC)
        figure = Figure(figsize=(_WIDTH, _height(rows, small)))
        FigureCanvasSVG(figure)
        _draw(figure, rows, title=title, axis=axis, small=small, level=level, simulated=simulated)
        text = io.StringIO()
        # No date and no version of the library: equal tables give equal bytes.
        metadata = {"Date": None, "Creator": "arrest-atlas"}
        figure.savefig(text, format="svg", metadata=metadata)
    return _accessible(text.getvalue(), name, _told(table, axis, notes, simulated=simulated))


def _remark(row: Mapping[Any, Any]) -> str:
    """Give what small print says of a row; a reason for no estimate stands in its place."""
    said = [row.get("note"), row["reason"] if _known(row["estimate"]) else ""]
    return "; ".join(str(part) for part in said if part)


def _number(table: pd.DataFrame) -> dict[str, int]:
    remarks = dict.fromkeys(_remark(row) for row in table.to_dict("records"))
    return {said: number for number, said in enumerate(filter(None, remarks), start=1)}


def _lay_out(table: pd.DataFrame, marked: Mapping[str, int]) -> list[_Row]:
    """Give each row its height: the baseline, then every group under its heading."""
    rows: list[_Row] = []
    y = 0.0
    group = None
    for values in table.to_dict("records"):
        if values["group"] != group:
            group = values["group"]
            if rows:
                y += 1.35
                rows.append(_Row(y=y, heading=str(group)))
        if rows:
            y += 1.0
        remark = _remark(values)
        rows.append(
            _Row(
                y=y,
                mark=f" [{marked[remark]}]" if remark else "",
                told={str(key): value for key, value in values.items()},
            )
        )
    return rows


def _height(rows: Sequence[_Row], small: Sequence[str]) -> float:
    return _ABOVE + (rows[-1].y + 1.4) * _ROW + _BELOW + 0.17 * len(small)


_ABOVE, _BELOW = 1.12, 0.75
"""Inches above the rows (title, key, heads of columns) and beneath them (axis)."""


def _draw(
    figure: Figure,
    rows: Sequence[_Row],
    *,
    title: str,
    axis: str,
    small: Sequence[str],
    level: float,
    simulated: bool,
) -> None:
    height = float(figure.get_figheight())
    bottom = (_BELOW + 0.17 * len(small)) / height
    axes = figure.add_axes((_LEFT, bottom, _RIGHT - _LEFT, 1 - bottom - _ABOVE / height))
    axes.set_ylim(rows[-1].y + 0.7, -0.7)
    table = [row.told for row in rows if row.told is not None]
    axes.set_xlim(*_limits(table))
    for side in ("top", "left", "right"):
        axes.spines[side].set_visible(False)
    axes.set_yticks([])
    axes.tick_params(axis="x", colors=_GREY, labelsize=8)
    axes.set_xlabel(axis, color=_INK)
    baseline = table[0]["estimate"]
    axes.axvline(0, color=_GREY, linewidth=0.7, zorder=1)
    if _known(baseline):
        axes.axvline(baseline, zorder=1, **_REFERENCE)
    for number, row in enumerate(rows):
        if row.told is None:
            _write(axes, 0.012, row.y, row.heading, weight="bold")
        else:
            _draw_row(axes, row, first=number == 0, level=level)
    heads = {"estimate": "estimate (95 % interval)", "p": "p", "verdict": "verdict"}
    for column, head in heads.items():
        _write(
            axes, _AT[column], -1.25, head, color=_GREY, ha="center" if column == "p" else "left"
        )
    _write(axes, _AT["units"], -1.25, "units", color=_GREY, ha="right")
    figure.text(0.012, 1 - 0.28 / height, title, fontsize=12, weight="bold", color=_INK)
    if simulated:
        figure.text(
            0.988,
            1 - 0.28 / height,
            "SIMULATED",
            fontsize=12,
            weight="bold",
            color=_ORANGE,
            ha="right",
        )
    _draw_key(figure, level, y=1 - 0.56 / height)
    for number, line in enumerate(small):
        y = (0.12 + 0.17 * (len(small) - 1 - number)) / height
        figure.text(0.012, y, line, fontsize=7.5, color=_GREY)


def _draw_row(axes: Axes, row: _Row, *, first: bool, level: float) -> None:
    values = row.told or {}
    if first:
        axes.axhspan(
            -0.55, 0.55, xmin=-2, xmax=3, facecolor=_BAND, edgecolor="none", clip_on=False, zorder=0
        )
    weight = "bold" if first else "normal"
    name = _shortened(values["variation"], _NAMED)
    _write(axes, 0.012 if first else 0.028, row.y, f"{name}{row.mark}", weight=weight)
    if _known(values["units"]):
        _write(axes, _AT["units"], row.y, f"{int(values['units']):,}", ha="right")
    if not _known(values["estimate"]):
        said = _shortened(values["reason"], _SAID)
        # On white, so that the lines of the axis do not run through it.
        box = {"facecolor": "white", "edgecolor": "none", "pad": 1.0}
        _write(axes, _LEFT + 0.008, row.y, said, style="italic", color=_GREY, bbox=box)
        return
    if _known(values["low"]) and _known(values["high"]):
        ends = [values["low"], values["high"]]
        axes.plot(ends, [row.y] * 2, color=_INK, linewidth=1.3, solid_capstyle="butt", zorder=2)
    shape = "s" if values.get("trend_removed") else "D" if first else "o"
    axes.plot([values["estimate"]], [row.y], zorder=3, **_mark(shape, values["p"], level))
    _write(axes, _AT["estimate"], row.y, _estimate(values))
    _write(axes, _AT["p"], row.y, _p(values["p"]), ha="center")
    _write(axes, _AT["verdict"], row.y, str(values["verdict"]))


def _mark(shape: str, p: float, level: float) -> dict[str, Any]:
    """Choose the mark of an estimate: filled, empty, or a cross where there is no p."""
    known = _known(p)
    return {
        "marker": shape if known else "x",
        "markersize": 5.5,
        "markeredgewidth": 1.4,
        "markeredgecolor": _BLUE if known else _GREY,
        "markerfacecolor": _BLUE if known and p <= level else "white",
        "linestyle": "none",
    }


def _draw_key(figure: Figure, level: float, *, y: float) -> None:
    from matplotlib.lines import Line2D  # noqa: PLC0415  (as above)

    marks = {
        "baseline": _mark("D", 0.0, level),
        f"p at most {level:g}": _mark("o", 0.0, level),
        "p larger": _mark("o", 1.0, level),
        "broad trend removed": _mark("s", 1.0, level),
        "no p": _mark("o", math.nan, level),
        "baseline's estimate": _REFERENCE,
    }
    figure.legend(
        handles=[Line2D([], [], label=label, **style) for label, style in marks.items()],
        loc="center left",
        bbox_to_anchor=(0.005, y),
        ncols=len(marks),
        frameon=False,
        fontsize=8,
        handletextpad=0.4,
        columnspacing=1.6,
    )


def _write(axes: Axes, x: float, y: float, text: str, **style: Any) -> None:
    """Write beside the axis: across in shares of the figure, down in rows."""
    from matplotlib.transforms import blended_transform_factory  # noqa: PLC0415

    figure = axes.get_figure()
    transform = blended_transform_factory(figure.transFigure, axes.transData)  # type: ignore[union-attr]
    # A dollar sign in a name is no formula.
    axes.text(
        x,
        y,
        text,
        transform=transform,
        va="center_baseline",
        parse_math=False,
        **{"color": _INK, **style},
    )


def _limits(rows: Sequence[Mapping[str, Any]]) -> tuple[float, float]:
    """Span every dot, interval and zero, with some room."""
    given = [row[name] for row in rows for name in ("estimate", "low", "high") if _known(row[name])]
    low, high = min([0.0, *given]), max([0.0, *given])
    room = 0.06 * (high - low or 1.0)
    return low - room, high + room


def _known(value: Any) -> bool:
    return value is not None and not pd.isna(value) and bool(np.isfinite(float(value)))


def _shortened(text: str, width: int) -> str:
    line = " ".join(str(text).split())
    return line if len(line) <= width else f"{line[: width - 4].rstrip()} ..."


def _estimate(values: Mapping[str, Any]) -> str:
    if not _known(values["estimate"]):
        return f"none ({values['reason']})"
    text = f"{values['estimate']:.2f}"
    if _known(values["low"]) and _known(values["high"]):
        text += f" ({values['low']:.2f} to {values['high']:.2f})"
    return text.replace("-", "\u2212")


def _p(p: float) -> str:
    if not _known(p):
        return "no p"
    digits = 3 if p < 0.1 else 2  # noqa: PLR2004
    shown = f"{p:.{digits}f}"
    return shown if float(shown) > 0 else f"< {10.0**-digits:g}"


def _told(table: pd.DataFrame, axis: str, notes: Sequence[str], *, simulated: bool) -> str:
    """Say in words what the figure shows."""
    lines = ["The data are SIMULATED."] if simulated else []
    lines.append(f"{axis}, the baseline first:")
    for row in table.to_dict("records"):
        line = f"{row['variation']}: {_estimate({str(key): row[key] for key in row})}"
        if _known(row["estimate"]):
            units = f", {int(row['units']):,} units" if _known(row["units"]) else ""
            line += f", {'p = ' * _known(row['p'])}{_p(row['p'])}{units}: {row['verdict']}"
            line += f" ({remark})" if (remark := _remark(row)) else ""
        lines.append(f"{line}.")
    return " ".join([*lines, *notes]).replace("p = <", "p <")


def _accessible(svg: str, title: str, description: str) -> str:
    """Name the figure to screen readers, and let any font of the same width stand in."""
    head = (
        f'<title id="figure-title">{escape(title)}</title>\n'
        f' <desc id="figure-description">{escape(description)}</desc>\n'
    )
    opening = re.compile(r"<svg ([^>]*)>\n")
    named = r'<svg \1 role="img" aria-labelledby="figure-title figure-description">' + "\n "
    svg = opening.sub(lambda found: found.expand(named) + head, svg, count=1)
    return svg.replace("'DejaVu Sans'", _FONTS)
