"""Bars of shares that sum to one, a row each, in groups."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from outputs._printable import printable
from outputs.figures._svg import GREY, INK, render, shortened, stamp

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["share_bars_figure"]

_WIDTH: Final = 7.5
_LEFT, _RIGHT = 0.27, 0.86
_ROW, _HEADING = 0.21, 0.3
"""Inches from one row to the next, and of a heading."""

_ABOVE, _BELOW, _SMALL = 0.85, 0.45, 0.17
_NAMED, _LINE, _TITLED = 30, 128, 74
_ROOM: Final = 0.045
"""Share from which on a number has room in its part of the bar."""

_SUM: Final = 1e-6
_FILLS: Final[tuple[dict[str, Any], ...]] = (
    {"facecolor": "#0b4f7d", "hatch": ""},
    {"facecolor": "#f0a868", "hatch": "////"},
    {"facecolor": "#d9d9d9", "hatch": ""},
    {"facecolor": "#ffffff", "hatch": "...."},
)
"""From dark to white, and by pattern, so that they are told apart in grey, too."""

_ON: Final = ("white", INK, INK, INK)
"""Colour of the numbers on them."""


def share_bars_figure(
    table: pd.DataFrame,
    *,
    parts: Mapping[str, str],
    name: str,
    title: str,
    axis: str,
    beside: str,
    notes: Sequence[str] = (),
    simulated: bool = False,
) -> str:
    r"""Draw what parts of each row's whole there are, as bars of one length.

    Parameters
    ----------
    table : pandas.DataFrame
        A row a bar, in order: ``group``, the heading under which it stands (none where
        empty); ``row``, its name; ``whole``, the number that the shares are of; and a
        share from 0 to 1 by part. The shares sum to 1, or are all missing.
    parts : mapping of str to str
        By column of the shares, two to four of them, what it is in words.
    name : str
        Name of the figure: small letters, digits, hyphens.
    title : str
        Said above the figure and to screen readers.
    axis : str
        What the shares are of.
    beside : str
        What the numbers beside the bars are.
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
        If columns are missing, there is no row, or the shares of a row do not sum to 1.

    Examples
    --------
    >>> table = pd.DataFrame({"group": "", "row": ["Ohio"], "whole": [8], "a": 0.25, "b": 0.75})
    >>> svg = share_bars_figure(table, parts={"a": "red", "b": "blue"}, name="shares",
    ...                         title="Balls", axis="share of balls", beside="balls")
    >>> "Ohio (8): red 25 %, blue 75 %" in svg
    True
    """
    bars = _Bars(
        table=table,
        parts=parts,
        title=title,
        axis=axis,
        beside=beside,
        small=[line for note in notes for line in textwrap.wrap(printable(note), _LINE)],
        simulated=simulated,
    )
    bars.check()
    return render(
        bars.paint,
        name=name,
        size=(_WIDTH, bars.height),
        title=title,
        description=" ".join([f"{axis}; in brackets {beside}:", *bars.told(), *notes]),
        simulated=simulated,
    )


@dataclass(frozen=True, kw_only=True, eq=False)
class _Bars:
    """What is drawn, before it is painted."""

    table: pd.DataFrame
    parts: Mapping[str, str]
    title: str
    axis: str
    beside: str
    small: Sequence[str]
    simulated: bool

    def check(self) -> None:
        """Refuse what cannot be drawn."""
        missing = [
            name for name in ("group", "row", "whole", *self.parts) if name not in self.table
        ]
        if missing or self.table.empty or not 1 < len(self.parts) <= len(_FILLS):
            found = f"no {', '.join(missing)}" if missing else f"{len(self.table)} rows"
            message = (
                f"found {found} and {len(self.parts)} parts; expected group, row, whole and two to "
                f"{len(_FILLS)} parts"
            )
            raise ValueError(message)
        sums = self.table[list(self.parts)].astype("float64").sum(axis="columns", skipna=False)
        if ((sums - 1).abs() > _SUM).any():
            message = (
                f"found shares that sum to {sums[(sums - 1).abs() > _SUM].iloc[0]}; expected 1"
            )
            raise ValueError(message)

    @property
    def _blocks(self) -> list[tuple[str, pd.DataFrame]]:
        return [(str(group), rows) for group, rows in self.table.groupby("group", sort=False)]

    @property
    def _inches(self) -> float:
        headings = sum(group != "" for group, _ in self._blocks)
        return _ROW * len(self.table) + _HEADING * headings

    @property
    def height(self) -> float:
        """Inches."""
        return _ABOVE + self._inches + _BELOW + _SMALL * len(self.small)

    def told(self) -> Iterator[str]:
        """Say in words what the figure shows."""
        for group, rows in self._blocks:
            if group:
                yield f"{group}:"
            for row in rows.to_dict("records"):
                shares = [
                    f"{words} {_percent(row[part])} %"
                    for part, words in self.parts.items()
                    if _known(row[part])
                ]
                yield f"{row['row']} ({row['whole']:,.0f}): {', '.join(shares) or 'not known'}."

    def paint(self, figure: Figure) -> None:
        """Draw the bars."""
        bottom = (_BELOW + _SMALL * len(self.small)) / self.height
        top = 1 - _ABOVE / self.height
        axes = figure.add_axes((_LEFT, bottom, _RIGHT - _LEFT, top - bottom))
        axes.set_ylim(self._inches, 0)
        axes.set_xlim(0, 1)
        for side in ("top", "left", "right"):
            axes.spines[side].set_visible(False)
        axes.set_yticks([])
        axes.set_xticks([0, 0.25, 0.5, 0.75, 1], ["0", "25", "50", "75", "100 %"])
        axes.tick_params(axis="x", colors=GREY, labelsize=8)
        axes.set_xlabel(printable(self.axis), color=INK)
        y = 0.0
        for group, rows in self._blocks:
            if group:
                _write(axes, 0.012, y + 0.62 * _HEADING, shortened(group, 60), weight="bold")
                y += _HEADING
            for row in rows.to_dict("records"):
                self._draw_row(axes, y + _ROW / 2, row)
                y += _ROW
        stamp(figure, title=self.title, simulated=self.simulated, room=_TITLED)
        self._draw_key(figure)
        for number, line in enumerate(self.small):
            at = (0.1 + _SMALL * (len(self.small) - 1 - number)) / self.height
            figure.text(0.012, at, line, fontsize=7.5, color=GREY)

    def _draw_row(self, axes: Axes, y: float, row: Mapping[Any, Any]) -> None:
        _write(axes, 0.025, y, shortened(row["row"], _NAMED))
        whole = f"{row['whole']:,.0f}"
        _write(axes, 0.985, y, whole, fontsize=7.5, ha="right")
        start = 0.0
        for number, part in enumerate(self.parts):
            share = row[part]
            if not _known(share):
                axes.text(0.01, y, "not known", va="center_baseline", fontsize=7.5, color=GREY)
                return
            if share <= 0:
                continue
            axes.barh(
                y, share, left=start, height=0.8 * _ROW,
                edgecolor=INK, linewidth=0.5, **_FILLS[number],
            )  # fmt: skip
            if share >= _ROOM:
                box = {"boxstyle": "square,pad=0.12", "edgecolor": "none", **_FILLS[number]}
                axes.text(
                    start + share / 2, y, _percent(share),
                    ha="center", va="center_baseline", fontsize=7, color=_ON[number],
                    bbox={**box, "hatch": ""} if _FILLS[number]["hatch"] else None,
                )  # fmt: skip
            start += share

    def _draw_key(self, figure: Figure) -> None:
        from matplotlib.patches import Patch  # noqa: PLC0415  (late, as in `render`)

        figure.legend(
            handles=[
                Patch(label=shortened(words, 40), edgecolor=INK, linewidth=0.5, **fill)
                for words, fill in zip(self.parts.values(), _FILLS, strict=False)
            ],
            loc="center left",
            bbox_to_anchor=(0.005, 1 - 0.58 / self.height),
            ncols=len(self.parts),
            frameon=False,
            fontsize=8,
            handletextpad=0.5,
            columnspacing=1.6,
        )
        y = 1 - (_ABOVE - 0.06) / self.height
        figure.text(0.985, y, shortened(self.beside, 20), fontsize=7.5, color=GREY, ha="right")


def _percent(share: float) -> str:
    whole = round(100 * share)
    # Neither all nor nothing is made of a share.
    return "<1" if whole == 0 < share else ">99" if share < 1 <= whole / 100 else f"{whole}"


def _known(value: Any) -> bool:
    return value is not None and not pd.isna(value) and math.isfinite(float(value))


def _write(axes: Axes, x: float, y: float, text: str, **style: Any) -> None:
    """Write beside the axis: across in shares of the figure, down in rows."""
    from matplotlib.transforms import blended_transform_factory  # noqa: PLC0415  (as above)

    figure = axes.get_figure()
    transform = blended_transform_factory(figure.transFigure, axes.transData)  # type: ignore[union-attr]
    axes.text(x, y, text, transform=transform, va="center_baseline", **{"color": INK, **style})
