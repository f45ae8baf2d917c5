"""Names of columns and years as files write them."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pandas as pd

_ONE = r"(?:19[5-9]\d|20\d\d)"
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
_YEAR = re.compile(rf"(?<!\d){_ONE}(?!\d)")
_RANGE = re.compile(rf"{_ONE}\s*[-\u2013]\s*{_ONE}")
_FORMS = (
    _RANGE,
    re.compile(rf"{_ONE}(?:\.0*)?"),
    re.compile(rf"{_ONE}(?:\s*[/,]\s*{_ONE})+"),
    re.compile(rf"{_ONE}-\d\d(?:-\d\d(?:[T ][\d:.+Z-]*)?)?"),
    re.compile(rf"(?:{_MONTH}\s*[-\u2013]?\s*){{1,2}}{_ONE}", re.IGNORECASE),
)


def column_key(name: str) -> str:
    """Write a column's name so that it compares across releases: no case, breaks or signs."""
    return re.sub(r"[^a-z0-9]+", "_", name.casefold()).strip("_")


def without_note(key: str) -> str:
    """Leave out the number of a footnote, which printed tables hang on a name: "Arson3"."""
    return re.sub(r"(?<=[a-z])_?\d{1,2}$", "", key)


def find_columns(names: Sequence[str], alternatives: Sequence[str]) -> str | None:
    """Find the column that bears one of the names, the likeliest first."""
    found = {column_key(name): name for name in reversed(names)}
    noted = {without_note(key): name for key, name in found.items()}
    for key in map(column_key, alternatives):
        if key in found:
            return found[key]
    return next((noted[key] for key in map(column_key, alternatives) if key in noted), None)


def years_in(text: str) -> tuple[int, ...]:
    """Read the years that a text tells: "2014/2016" two, "2012-2014" three, others none.

    A year, a period or a day ("2016-01-31"), with months before it if need be ("Jan - Feb
    2026"); a year inside any other text ("2016.5", "FY2016") may be none.
    """
    if not any(form.fullmatch(text.strip()) for form in _FORMS):
        return ()
    found = [int(year) for year in _YEAR.findall(text)]
    if _RANGE.fullmatch(text.strip()):
        return tuple(range(found[0], found[1] + 1))
    return tuple(sorted(set(found)))


def is_years(text: str) -> bool:
    """Tell whether a text tells years."""
    return bool(years_in(text))


def write_years(years: Sequence[int]) -> str:
    """Write years as one text: 2017, 2014/2016, 2012-2014."""
    first, last = min(years), max(years)
    if len(years) > 2 and len(years) == last - first + 1:  # noqa: PLR2004
        return f"{first}-{last}"
    return "/".join(map(str, sorted(years)))


def write_period(years: Sequence[int]) -> str:
    """Write the first and the last of years: 2017, 2012/2014."""
    first, last = min(years), max(years)
    return str(first) if first == last else f"{first}/{last}"


def last_years(texts: pd.Series) -> dict[str, int]:
    """Give the last year of each text that names some."""
    return {word: years_in(word)[-1] for word in texts.dropna().unique()}
