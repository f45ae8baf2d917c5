"""A report: one HTML file that asks for nothing, needs no script, and prints well."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, Final

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup

from outputs._printable import printable
from outputs.errors import OutputError

__all__ = [
    "Block",
    "Heading",
    "Points",
    "Report",
    "ReportFigure",
    "ReportTable",
    "Section",
    "render_report",
]

_ASSETS: Final = files("outputs") / "_report"
_NUMERIC: Final = re.compile(r"[<>\u2264\u2265\u2212+-]?\s*[\d.,]+\s*%?")
_NONE: Final = ("", "\u2013")
"""Cells without a number in a column of numbers."""

_WIDTH: Final = re.compile(r'<svg [^>]*?width="([\d.]+)pt"')
_UPRIGHT: Final = 600.0
"""Points that an upright page has room for."""

_NARROW: Final = 420.0
"""Points below which a figure can still be read at half the width of a page."""

_LONGEST: Final = 20
"""Letters of a word in a table that are kept together."""


@dataclass(frozen=True, kw_only=True)
class Heading:
    """A heading within a section."""

    text: str


@dataclass(frozen=True, kw_only=True)
class Points:
    """Sentences under each other, each with a point before it."""

    items: Sequence[str]


@dataclass(frozen=True, kw_only=True)
class ReportTable:
    """A table; the first cell of a row names it.

    Attributes
    ----------
    caption : str
        What it shows, of when, per how many.
    heads : sequence of str
        Names of the columns.
    rows : sequence of sequence of str
        Texts, as they are shown.
    """

    caption: str
    heads: Sequence[str]
    rows: Sequence[Sequence[str]]

    def __post_init__(self) -> None:
        for row in self.rows:
            if len(row) != len(self.heads):
                message = (
                    f"table {self.caption!r}: found {len(row)} cells in a row; expected "
                    f"{len(self.heads)}, as there are heads"
                )
                raise OutputError(message)


@dataclass(frozen=True, kw_only=True)
class ReportFigure:
    """A figure.

    Attributes
    ----------
    name : str
        Of its file, without ending; every figure's own, as its elements are named after it.
    svg : str
        From `outputs.figures`, with a title and a description in it.
    caption : str
        What to see in it, and what not.
    """

    name: str
    svg: str
    caption: str


Block = str | Heading | Points | ReportTable | ReportFigure
"""A part of a section; a text is a paragraph."""


@dataclass(frozen=True, kw_only=True)
class Section:
    """A numbered part of a report."""

    heading: str
    blocks: Sequence[Block]


@dataclass(frozen=True, kw_only=True)
class Report:
    """What is told, in order.

    Attributes
    ----------
    title : str
        The question.
    lead : sequence of str
        The answer, above everything else.
    sections : sequence of Section
        The parts.
    footer : sequence of str, optional
        What stands at the end.
    simulated : bool, default False
        Whether the data are made up, which then stands on every page, figure and table.
    """

    title: str
    lead: Sequence[str]
    sections: Sequence[Section]
    footer: Sequence[str] = ()
    simulated: bool = False

    @property
    def figures(self) -> dict[str, str]:
        """Give the figures as files.

        Returns
        -------
        dict of str to str
            SVG documents by name of the file.
        """
        return {f"{figure.name}.svg": figure.svg for figure in self._figures()}

    def _figures(self) -> Iterator[ReportFigure]:
        for section in self.sections:
            yield from (block for block in section.blocks if isinstance(block, ReportFigure))


def render_report(report: Report) -> str:
    """Write a report as one HTML page.

    Parameters
    ----------
    report : Report
        What is told. Every text is shown as text, whatever it holds; characters that cannot
        be seen are replaced by U+FFFD.

    Returns
    -------
    str
        The page; the same bytes for the same report. A Content-Security-Policy forbids it
        every request.

    Raises
    ------
    OutputError
        If two figures share a name, or one has no title or description.

    Examples
    --------
    >>> table = ReportTable(caption="Places", heads=["place", "people"], rows=[["<Here>", "3"]])
    >>> report = Report(title="Where?", lead=["Here."],
    ...                 sections=[Section(heading="Places", blocks=["One.", table])])
    >>> page = render_report(report)
    >>> '<th scope="row">&lt;Here&gt;</th>' in page, "<script" in page
    (True, False)
    """
    if problems := list(_problems(report)):
        raise OutputError("the report cannot be written:\n- " + "\n- ".join(problems))
    environment = Environment(
        loader=FunctionLoader(lambda name: (_ASSETS / name).read_text(encoding="utf-8")),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_shown,
        keep_trailing_newline=True,
    )
    blocks = environment.get_template("blocks.html")

    def _written(block: Block) -> Markup:
        return Markup(blocks.render(_context(block, simulated=report.simulated)))  # noqa: S704

    # The style is ours, not data.
    style = Markup((_ASSETS / "report.css").read_text(encoding="utf-8"))  # noqa: S704
    page = environment.get_template("page.html")
    return page.render(report=report, style=style, written=_written)


def _shown(value: object) -> object:
    return value if isinstance(value, Markup) else printable(value)


def _context(block: Block, *, simulated: bool) -> dict[str, Any]:
    """Tell the template what a block is."""
    context: dict[str, Any] = {"block": block, "simulated": simulated}
    if isinstance(block, str):
        return context | {"kind": "text"}
    if isinstance(block, Heading):
        return context | {"kind": "heading"}
    if isinstance(block, Points):
        return context | {"kind": "points"}
    if isinstance(block, ReportFigure):
        # Drawn by us, its texts escaped; the head of a document has no place in a page.
        svg = Markup(block.svg[block.svg.index("<svg") :].rstrip())  # noqa: S704
        return context | {"kind": "figure", "svg": svg, "size": _size(svg)}
    return context | {"kind": "table", "numeric": _numeric(block), "breakable": _breakable}


def _size(svg: str) -> str:
    """Tell whether a figure is too wide for an upright page, or two have room side by side."""
    found = _WIDTH.search(svg)
    width = _UPRIGHT if found is None else float(found[1])
    return "broad" if width > _UPRIGHT else "narrow" if width < _NARROW else ""


def _breakable(cell: str) -> Markup:
    """Let long words break, which else would make a column as wide as they are."""
    return Markup(" ").join(
        Markup("<wbr>").join(
            word[at : at + _LONGEST] for at in range(0, max(len(word), 1), _LONGEST)
        )
        for word in printable(cell).split(" ")
    )


def _numeric(table: ReportTable) -> list[bool]:
    """Tell which columns hold numbers, to set them flush right."""
    columns = list(zip(*table.rows, strict=True)) or [()] * len(table.heads)
    return [
        number > 0
        and any(cell not in _NONE for cell in cells)
        and all(cell in _NONE or _NUMERIC.fullmatch(cell) for cell in cells)
        for number, cells in enumerate(columns)
    ]


def _problems(report: Report) -> Iterator[str]:
    """Find all that is wrong with the figures."""
    names = [
        block.name
        for section in report.sections
        for block in section.blocks
        if isinstance(block, ReportFigure)
    ]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield f"figure {name!r}: there are several of that name; name them apart"
    for name, svg in report.figures.items():
        if not ("<svg" in svg and "<title" in svg and "<desc" in svg):
            yield f"figure {name}: found no title or no description; expected both"
