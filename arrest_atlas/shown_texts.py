"""What files, columns and definitions are called: somebody else's texts, made fit to be shown.

Once for every output: short, on one line, and with nothing in them that cannot be seen. Files
are found again by their bytes, and ``run.json`` keeps the options as they were given.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from arrest_atlas.records import Records
from geo import CrimeRates, Source
from outputs import excerpt

__all__ = ["shown_notes", "shown_rates", "shown_records", "shown_source"]

_NOTE: Final = 400
"""Characters of a remark, which may quote several names."""


def shown_source(source: Source) -> Source:
    """Make the names of a file and of its column fit to be shown.

    Parameters
    ----------
    source : Source
        As read.

    Returns
    -------
    Source
        The same, with short names.

    Examples
    --------
    >>> len(shown_source(Source(file="crime.csv", sha256="", rows=1, column=999 * "x")).column)
    100
    """
    return replace(source, file=excerpt(source.file), column=excerpt(source.column))


def shown_notes(notes: Iterable[str]) -> tuple[str, ...]:
    """Make remarks of readers fit to be shown.

    Parameters
    ----------
    notes : iterable of str
        Sentences that may quote names.

    Returns
    -------
    tuple of str
        The same, each at most 400 characters long.

    Examples
    --------
    >>> shown_notes(["no column 'rate'"])
    ("no column 'rate'",)
    """
    return tuple(excerpt(note, _NOTE) for note in notes)


def shown_rates(rates: CrimeRates) -> CrimeRates:
    """Make what a file of crime calls things fit to be shown.

    Parameters
    ----------
    rates : CrimeRates
        As read.

    Returns
    -------
    CrimeRates
        The same rates.
    """
    return replace(
        rates,
        definition=None if rates.definition is None else excerpt(rates.definition),
        source=shown_source(rates.source),
        notes=shown_notes(rates.notes),
    )


def shown_records(records: Records | None) -> Records | None:
    """Make what files of records call things fit to be shown.

    Parameters
    ----------
    records : Records or None
        As read; None where there are none.

    Returns
    -------
    Records or None
        The same records.
    """
    if records is None:
        return None
    notes = shown_notes(records.arrests.notes)
    sources = tuple(map(shown_source, records.arrests.sources))
    return replace(
        records,
        arrests=replace(records.arrests, sources=sources, notes=notes),
        quality=replace(records.quality, notes=notes),
    )
