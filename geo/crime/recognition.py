"""Which publisher's table a file of crimes by county is, told from its columns."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from geo._table import read_table
from geo.crime._columns import find_columns
from geo.crime.mapping import TableMapping, known_layouts
from geo.errors import InputError

__all__ = ["recognise_layout"]


def recognise_layout(path: str | Path, *, column: str | None = None) -> str | None:
    r"""Recognise a publisher's table of crimes by county, which must be read by its layout.

    Such tables need more than a column of rates: what they cover stands in a mark or an
    indicator, a city's crimes at one of its counties.

    Parameters
    ----------
    path : str or pathlib.Path
        CSV, tab-separated text, Parquet, Excel, Stata or SPSS file.
    column : str, optional
        Column of rates that is to be read.

    Returns
    -------
    str or None
        Name of the layout; None for tables of other columns, those of users and of
        ``arrest-atlas crime`` among them, where `column` is one that the layout does not
        read, and for what cannot be read at all, which its reader tells.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "crime.csv"
    >>> _ = path.write_text("FIPS_ST,FIPS_CTY,CPOPCRIM,COVIND,MURDER\n1,1,55000,100,4\n")
    >>> recognise_layout(path)
    'icpsr_county'
    """
    found: list[str] = []

    def _first(names: Sequence[str]) -> Sequence[str]:
        found.extend(names)
        return names[:1]  # a table may be wide

    try:
        read_table(path, keep=_first)
    except InputError:
        return None
    # In users' tables a column may say what they count; publishers' count one thing.
    published = [
        layout
        for layout in known_layouts().values()
        if layout.kind == "county" and "definition" not in layout.columns
    ]
    layout = next((layout for layout in published if _bears(layout, found)), None)
    if layout is None:
        return None
    own = column is None or find_columns([column], layout.columns.get("rate", ())) is not None
    return layout.name if own else None


def _bears(layout: TableMapping, names: Sequence[str]) -> bool:
    """Tell whether every mark of a layout is among the columns."""
    marks = (layout.columns.get(mark, (mark,)) for mark in layout.recognised_by)
    return all(find_columns(names, alternatives) is not None for alternatives in marks)
