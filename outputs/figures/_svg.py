"""One way to turn a drawing into SVG: named, the same bytes every time, safe side by side."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final
from xml.sax.saxutils import escape

from outputs._printable import printable
from outputs.figures._short_paths import shorten_paths

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# Of Okabe and Ito's palette: told apart by the colour-blind, and in grey by their lightness.
BLUE, ORANGE = "#0072b2", "#d55e00"
INK, GREY, PALE = "#1a1a1a", "#5f5f5f", "#f3f3f0"

POINTS: Final = 72.0
"""To the inch; the unit in which pages are laid out."""

_FONTS: Final = "'DejaVu Sans', Verdana, 'Bitstream Vera Sans', sans-serif"
"""Fonts of the same width as the one that figures are laid out with."""

_RC: Final[dict[Any, Any]] = {
    "svg.fonttype": "none",
    "font.family": ["DejaVu Sans"],
    "font.size": 8.5,
    "text.parse_math": False,  # a dollar sign in a name is no formula
    "axes.unicode_minus": True,
    "path.simplify": False,
    "hatch.linewidth": 0.6,
}
_NAME: Final = re.compile(r"[a-z][a-z0-9-]*")

_NOTHING: Final[dict[str, Any]] = dict.fromkeys(("Date", "Creator", "Format", "Type"))
"""No metadata: neither a clock nor an address."""

_OPENING: Final = re.compile(r"<svg ([^>]*)>\n")
_COMMENT: Final = re.compile(r"\s*<!--.*?-->", re.DOTALL)
_GROUP: Final = re.compile(r'<g id="')


def render(
    paint: Callable[[Figure], None],
    *,
    name: str,
    size: tuple[float, float],
    title: str,
    description: str,
    simulated: bool,
) -> str:
    """Paint a figure and write it as SVG.

    Parameters
    ----------
    paint : callable
        Draws on the figure that it is given.
    name : str
        Small letters, digits and hyphens. Elements are named after it, so that figures of
        different names can stand on one page.
    size : tuple of float
        Width and height in inches.
    title, description : str
        What the figure is, and what it shows, to screen readers.
    simulated : bool
        Whether the data are made up, which both then say.

    Returns
    -------
    str
        The document. Text stays text.

    Raises
    ------
    ValueError
        If the name is no such name.
    """
    if not _NAME.fullmatch(name):
        message = f"found the name {name!r}; expected small letters, digits and hyphens"
        raise ValueError(message)
    # Late: it takes half a second, which only a figure needs.
    from matplotlib import rc_context, rcdefaults, rcParams  # noqa: PLC0415
    from matplotlib.backends.backend_svg import FigureCanvasSVG  # noqa: PLC0415
    from matplotlib.figure import Figure  # noqa: PLC0415

    with rc_context():
        rcdefaults()  # whatever the user's own settings are
        rcParams.update({**_RC, "svg.hashsalt": f"arrest-atlas {name}"})
        figure = Figure(figsize=size)
        FigureCanvasSVG(figure)
        paint(figure)
        text = io.StringIO()
        figure.savefig(text, format="svg", metadata=_NOTHING)
    if simulated:
        title = f"{title} (SIMULATED data)"
        description = f"The data are SIMULATED. {description}"
    return _finish(text.getvalue(), name, printable(title), printable(description))


def _finish(svg: str, name: str, title: str, description: str) -> str:
    """Name the figure to screen readers, and drop what only bloats it."""
    # Numbered names of groups would otherwise occur in every figure of a page.
    svg = shorten_paths(_GROUP.sub(f'<g id="{name}-', _COMMENT.sub("", svg)))
    head = (
        f'<title id="{name}-title">{escape(title)}</title>\n'
        f' <desc id="{name}-description">{escape(description)}</desc>\n'
    )
    label = f"{name}-title {name}-description"
    named = rf'<svg \1 role="img" aria-labelledby="{label}">' + "\n "
    svg = _OPENING.sub(lambda found: found.expand(named) + head, svg, count=1)
    return svg.replace("'DejaVu Sans'", _FONTS)


def stamp(figure: Figure, *, title: str, simulated: bool, room: int = 90) -> None:
    """Write the title above a figure, and SIMULATED beside it where the data are made up."""
    height = float(figure.get_figheight())
    y = 1 - 0.28 / height
    about = {"fontsize": 11, "weight": "bold"}
    figure.text(0.012, y, shortened(title, room), color=INK, **about)  # type: ignore[arg-type]
    if simulated:
        figure.text(0.988, y, "SIMULATED", color=ORANGE, ha="right", **about)  # type: ignore[arg-type]


def shortened(text: object, width: int) -> str:
    """Cut what has no room."""
    line = " ".join(printable(text).split())
    return line if len(line) <= width else f"{line[: width - 4].rstrip()} ..."
