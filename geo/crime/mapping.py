"""Which column of a crime table holds what: known layouts, and the user's own in TOML."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from geo._sheets import label, no_file
from geo.crime._mapping_checks import (
    COUNTED,
    Checker,
    check_places,
    check_values,
    known_entries,
    names_by_role,
    numbers_by_name,
    roles_of,
    shares_by_mark,
    years_by_release,
)
from geo.crime.definitions import DEFINITIONS
from geo.errors import InputError, Problem

__all__ = ["TableMapping", "known_layouts", "read_mapping"]

_MOST_BYTES: Final = 1 << 20


@dataclass(frozen=True, kw_only=True)
class TableMapping:
    """Which column of a table holds what.

    Attributes
    ----------
    name : str
        Name of the known layout, or of the user's file.
    kind : {"agency", "county"}
        What a row stands for.
    title : str
        Whose table it is, in words.
    columns : mapping of str to tuple of str
        Names a column may bear, by what it holds: for agencies ``ori``, ``agency``,
        ``state``, ``kind``, ``year``, ``months``, ``months_missing``, ``population``,
        ``agencies``, ``covered_by``; for counties ``county`` (code) or ``county_state`` and
        ``county_number``, ``county_name``, ``year``, ``crimes``, ``rate``,
        ``residents``, ``coverage``, ``quality``, ``definition``; for both, where
        offences stand one below the other, ``offense`` and ``count``.
    offenses : mapping of str to tuple of str
        Columns (or, with ``offense``, values of that column) by offence; ``rape`` is
        read by the definition of the year.
    years : mapping of str to int
        Columns of counts that stand for a year each, or, where the number is not
        positive, for so many years before the one in the column ``year``.
    releases : mapping of str to str
        Years that a release pools, by the release that stands in the column ``year``.
    quality : mapping of str to float
        Share of residents covered, at least, by mark in the column ``quality``.
    definition : str or None
        Definition of totals, crimes and rates; where offences are named, the one to add up
        if no other is asked for.
    system : str
        System of the figures, as :attr:`~geo.crime.Definition.system`; that of the
        definition unless said, empty where neither is.
    period : str or None
        Years of the whole table, where no column tells them.
    months : float or None
        Months reported, where no column tells them.
    agency_kind : str
        Kind of every agency, where no column tells it.
    coverage_of : float
        What full coverage is written as: 1 or 100.
    residents_are : {"covered", "all"} or None
        Whether ``residents`` are those whose police reported, and the crimes theirs, or
        all of the county, and the crimes filled up to them; None where nobody says.
    per : float
        Residents to whom a rate refers.
    state_above : bool
        Whether a state stands only in the first row of its agencies, as in a printed
        table.
    summed : bool
        Whether counts over several years are those of all of them together, not the mean
        of a year.
    recognised_by : tuple of str
        Columns that together tell the layout, by name or by what they hold.
    """

    name: str
    kind: str
    title: str
    columns: Mapping[str, tuple[str, ...]]
    offenses: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    years: Mapping[str, int] = field(default_factory=dict)
    releases: Mapping[str, str] = field(default_factory=dict)
    quality: Mapping[str, float] = field(default_factory=dict)
    definition: str | None = None
    system: str = ""
    period: str | None = None
    months: float | None = None
    agency_kind: str = ""
    coverage_of: float = 1.0
    residents_are: str | None = None
    per: float = 100_000.0
    state_above: bool = False
    summed: bool = False
    recognised_by: tuple[str, ...] = ()

    def names(self) -> Iterator[str]:
        """Go through every name that a column of interest may bear.

        Yields
        ------
        str
            Names of columns.
        """
        for alternatives in self.columns.values():
            yield from alternatives
        yield from self.years
        if "offense" not in self.columns:
            for alternatives in self.offenses.values():
                yield from alternatives


def read_mapping(path: str | Path) -> TableMapping:
    """Read from a TOML file which column of a table holds what.

    Parameters
    ----------
    path : str or pathlib.Path
        The file; ``docs/crime.md`` describes it.

    Returns
    -------
    TableMapping
        What it says.

    Raises
    ------
    InputError
        With every problem at once: no TOML, unknown keys, offences or definitions.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "mine.toml"
    >>> _ = path.write_text('''
    ... kind = "county"
    ... definition = "homicide"
    ... years = 2019
    ... [columns]
    ... county = "FIPS"
    ... [offenses]
    ... murder = "Homicides"
    ... ''')
    >>> read_mapping(path).offenses
    {'murder': ('Homicides',)}
    """
    path = Path(path)
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise _unreadable(path, "more than a megabyte", "a mapping of a few lines")
        entry = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except tomllib.TOMLDecodeError as error:
        raise _unreadable(path, f"text that is not TOML ({error})", "a mapping in TOML") from error
    except RecursionError as error:
        found = "tables or lists one inside the other, without end"
        raise _unreadable(path, found, "a mapping of a few lines") from error
    except (OSError, UnicodeDecodeError) as error:
        reason = no_file(path) or "a file that cannot be read as text"
        raise _unreadable(path, reason, "a mapping in TOML") from error
    return _parsed(label(path), entry, file=label(path))


@cache
def known_layouts() -> Mapping[str, TableMapping]:
    """List the layouts that are recognised by their columns.

    Returns
    -------
    mapping of str to TableMapping
        By name; of each kind, the one called ``plain_...`` comes last and stands for
        tables with usual names of columns.

    Examples
    --------
    >>> known_layouts()["icpsr_county"].columns["coverage"]
    ('COVIND',)
    """
    text = files("geo").joinpath("data/crime_layouts.toml").read_text(encoding="utf-8")
    return {
        name: _parsed(name, entry, file="crime_layouts.toml")
        for name, entry in tomllib.loads(text).items()
    }


def _system_of(definition: str | None) -> str:
    return "" if definition is None else DEFINITIONS[definition].system


def _unreadable(path: Path, found: str, expected: str) -> InputError:
    action = "see docs/crime.md for an example"
    return InputError([Problem(file=label(path), found=found, expected=expected, action=action)])


def _parsed(name: str, entry: Mapping[str, Any], *, file: str) -> TableMapping:
    check = Checker(file)
    entry = known_entries(check, entry)
    kind = entry.get("kind", "")
    columns = names_by_role(check, entry.get("columns", {}), "columns", roles_of(kind))
    offenses = names_by_role(check, entry.get("offenses", {}), "offenses", COUNTED)
    years_of = numbers_by_name(check, entry.get("year_columns", {}), "year_columns")
    quality = shares_by_mark(check, entry.get("quality", {}))
    releases = years_by_release(check, entry.get("releases", {}))
    check_values(check, entry)
    check_places(check, kind, columns, offenses)
    if check.problems:
        raise InputError(check.problems)
    return TableMapping(
        name=name,
        kind=kind,
        title=entry.get("title", name),
        columns=columns,
        offenses=offenses,
        years={column: int(year) for column, year in years_of.items()},
        releases=releases,
        quality=quality,
        definition=entry.get("definition"),
        system=entry.get("system", _system_of(entry.get("definition"))),
        period=str(entry["years"]) if "years" in entry else None,
        months=entry.get("months"),
        agency_kind=entry.get("agency_kind", ""),
        coverage_of=float(entry.get("coverage_of", 1)),
        residents_are=entry.get("residents_are"),
        per=float(entry.get("per", 100_000)),
        state_above=entry.get("state_above", False),
        summed=entry.get("summed", False),
        recognised_by=tuple(entry.get("recognised_by", ())),
    )
