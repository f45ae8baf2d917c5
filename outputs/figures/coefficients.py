"""Coefficients of several models beside each other: a dot and its interval a row."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from outputs._printable import printable
from outputs.errors import OutputError
from outputs.figures._svg import BLUE, GREY, INK, render, shortened, stamp

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["coefficient_figure"]

_COLUMNS: Final = ("term", "model", "estimate", "low", "high", "reason")

_WIDTH, _LEFT, _RIGHT, _NUMBERS = 7.5, 0.26, 0.72, 0.74
"""Inches across; shares of them where the axis begins and ends and where numbers stand."""

_ABOVE, _BELOW, _ROW, _SMALL = 0.85, 0.62, 0.215, 0.17
"""Inches above the rows, of the axis beneath, of a row, of a line of small print."""

_NAMED, _HEADED, _LINE = 28, 96, 132
"""Letters that the name of a model, a heading and a line of small print have room for."""

_MARK: Final[dict[str, Any]] = {
    "marker": "o",
    "markersize": 5.5,
    "markeredgewidth": 1.4,
    "markeredgecolor": BLUE,
    "linestyle": "none",
}

_ON_WHITE: Final[dict[str, Any]] = {"facecolor": "white", "edgecolor": "none", "pad": 1.0}
"""So that the upright line does not run through words."""


def coefficient_figure(
    table: pd.DataFrame,
    *,
    name: str,
    title: str,
    axis: str,
    none: float = 0.0,
    notes: Sequence[str] = (),
    simulated: bool = False,
) -> str:
    r"""Draw the coefficients of every model, one covariate under the other.

    A filled mark has an interval that leaves out the value of no association, an empty one
    an interval that holds it.

    Parameters
    ----------
    table : pandas.DataFrame
        A row a coefficient: ``term`` (heading; rows of a term follow each other), ``model``,
        ``estimate``, ``low``, ``high``, and ``reason`` where there is no estimate.
    name : str
        Name of the figure: small letters, digits, hyphens.
    title : str
        Said above the figure and to screen readers.
    axis : str
        What the dots are.
    none : float, default 0
        The value of no association, where an upright line stands.
    notes : sequence of str, optional
        Small print beneath.
    simulated : bool, default False
        Whether the data are made up, which the figure then says.

    Returns
    -------
    str
        An SVG document; the same table gives the same text.

    Raises
    ------
    OutputError
        If columns are missing or there is no row.

    Examples
    --------
    >>> table = pd.DataFrame({
    ...     "term": ["height", "height"], "model": ["one", "other"], "estimate": [0.2, None],
    ...     "low": [0.1, None], "high": [0.3, None], "reason": ["", "it did not converge"],
    ... })
    >>> svg = coefficient_figure(table, name="heights", title="Heights", axis="slope")
    >>> "height, one: 0.20 (0.10 to 0.30)." in svg, "none: it did not converge" in svg
    (True, True)
    """
    missing = [column for column in _COLUMNS if column not in table]
    if missing or table.empty:
        found = f"no {', '.join(missing)}" if missing else "no row"
        message = f"found {found}; expected a row at least, with {', '.join(_COLUMNS)}"
        raise OutputError(message)
    small = [line for note in notes for line in textwrap.wrap(printable(note), _LINE)]
    drawing = _Drawing(
        table=table, title=title, axis=axis, none=none, small=small, simulated=simulated
    )
    height = _ABOVE + _ROW * (drawing.rows + 0.5) + _BELOW + _SMALL * len(small)
    return render(
        drawing.paint,
        name=name,
        size=(_WIDTH, height),
        title=title,
        description=" ".join([*drawing.told(), *notes]),
        simulated=simulated,
    )


@dataclass(frozen=True, kw_only=True, eq=False)
class _Drawing:
    """What is drawn."""

    table: pd.DataFrame
    title: str
    axis: str
    none: float
    small: Sequence[str]
    simulated: bool

    @property
    def rows(self) -> int:
        """Lines of the figure: coefficients and headings."""
        return len(self.table) + int(self._begins.sum())

    @property
    def _begins(self) -> pd.Series:
        return self.table["term"].ne(self.table["term"].shift())

    def told(self) -> list[str]:
        """Say in words what the figure shows."""
        return [
            f"{self.axis}:",
            *(f"{row.term}, {row.model}: {_said(row)}." for row in self.table.itertuples()),
        ]

    def paint(self, figure: Figure) -> None:
        """Draw the rows from the top down, then the small print."""
        height = float(figure.get_figheight())
        bottom = (_BELOW + _SMALL * len(self.small)) / height
        axes = figure.add_axes((_LEFT, bottom, _RIGHT - _LEFT, 1 - bottom - _ABOVE / height))
        axes.set_ylim(self.rows - 0.2, -0.7)
        axes.set_xlim(*self._limits())
        for side in ("top", "left", "right"):
            axes.spines[side].set_visible(False)
        axes.set_yticks([])
        axes.tick_params(axis="x", colors=GREY, labelsize=8)
        axes.locator_params(axis="x", nbins=6)
        axes.set_xlabel(shortened(self.axis, 90), color=INK, x=0.35)
        axes.axvline(self.none, color=GREY, linewidth=0.8, zorder=1)
        y = 0
        for row, begins in zip(self.table.itertuples(), self._begins, strict=True):
            if begins:
                heading = shortened(row.term, _HEADED)
                _write(axes, 0.012, y, heading, weight="bold", bbox=_ON_WHITE)
                y += 1
            self._row(axes, row, y)
            y += 1
        stamp(figure, title=self.title, simulated=self.simulated, room=74)
        self._key(figure, 1 - 0.56 / height)
        for number, line in enumerate(self.small):
            at = (0.12 + _SMALL * (len(self.small) - 1 - number)) / height
            figure.text(0.012, at, line, fontsize=7.5, color=GREY)

    def _row(self, axes: Axes, row: Any, y: int) -> None:
        _write(axes, 0.028, y, shortened(row.model, _NAMED))
        if pd.isna(row.estimate):
            said = shortened(_said(row), 62)
            _write(axes, _LEFT + 0.005, y, said, style="italic", color=GREY, bbox=_ON_WHITE)
            return
        axes.plot([row.low, row.high], [y, y], color=INK, linewidth=1.3, solid_capstyle="butt")
        clear = row.low > self.none or row.high < self.none
        axes.plot([row.estimate], [y], markerfacecolor=BLUE if clear else "white", **_MARK)
        _write(axes, _NUMBERS, y, _said(row))

    def _key(self, figure: Figure, y: float) -> None:
        from matplotlib.lines import Line2D  # noqa: PLC0415  (late, as in `render`)

        labels = {f"interval without {self.none:g}": BLUE, f"interval holds {self.none:g}": "white"}
        figure.legend(
            handles=[
                Line2D([], [], label=label, markerfacecolor=fill, **_MARK)
                for label, fill in labels.items()
            ],
            loc="center left",
            bbox_to_anchor=(0.005, y),
            ncols=2,
            frameon=False,
            fontsize=8,
            handletextpad=0.4,
        )

    def _limits(self) -> tuple[float, float]:
        values = self.table[["estimate", "low", "high"]].to_numpy(dtype=float).ravel()
        given = [*values[~pd.isna(values)], self.none]
        low, high = min(given), max(given)
        room = 0.06 * (high - low or 1.0)
        return low - room, high + room


def _write(axes: Axes, x: float, y: float, text: str, **style: Any) -> None:
    """Write beside the axis: across in shares of the figure, down in rows."""
    from matplotlib.transforms import blended_transform_factory  # noqa: PLC0415  (as above)

    figure = axes.get_figure()
    transform = blended_transform_factory(figure.transFigure, axes.transData)  # type: ignore[union-attr]
    axes.text(x, y, text, transform=transform, va="center_baseline", **{"color": INK, **style})


def _said(row: Any) -> str:
    if pd.isna(row.estimate):
        return f"none: {row.reason}"
    text = f"{row.estimate:.2f} ({row.low:.2f} to {row.high:.2f})"
    return text.replace("-", "\u2212")
