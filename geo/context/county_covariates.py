"""Numbers by county that the user wants to be held equal, from the user's own table."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pandas as pd

from geo._table import Source, Table, plain_name, read_table
from geo.county_values import values_of
from geo.errors import InputError, Problem

__all__ = ["CountyCovariates", "read_county_covariates"]

_PLACE: Final = frozenset(
    {
        *("county_fips", "fips", "geoid", "fips_code", "countyfips", "id"),
        *("state", "county", "statefp", "countyfp", "state_fips", "county_code"),
        *("name", "county_name", "state_name", "source", "note"),
    }
)
"""Columns that say something of the row: every other is a covariate."""

_NAME: Final = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True, kw_only=True)
class CountyCovariates:
    """What else is known of the counties.

    Attributes
    ----------
    table : pandas.DataFrame of float
        By ``county_fips`` (vintage 2019), a column a covariate; NaN where not told.
    source : Source
        The file.
    notes : tuple of str
        What was carried from areas of other years.
    """

    table: pd.DataFrame
    source: Source
    notes: tuple[str, ...]


def read_county_covariates(path: str | Path) -> CountyCovariates:
    r"""Read a table of shares, rates and indices by county that the user has put together.

    Parameters
    ----------
    path : str or pathlib.Path
        CSV, Parquet, Excel, Stata or SPSS file with one row a county: its code, as
        :func:`~geo.county_values.read_county_values` takes it; ``name``, ``state``, ``county``,
        ``source`` and ``note`` may stand beside. Every other column is a covariate: numbers
        from 0 on, shares or rates that do not add up; blank is not told.

    Returns
    -------
    CountyCovariates
        As the file says. Areas of other years are carried as rates.

    Raises
    ------
    InputError
        With every problem at once: no covariate, names that cannot be those of columns,
        texts that are no number, unknown or repeated counties.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "covariates.csv"
    >>> _ = path.write_text(
    ...     "county_fips,name,latino_share,poverty_share\n1001,Autauga,0.03,0.11\n1003,,0.05,\n")
    >>> read_county_covariates(path).table
                 latino_share  poverty_share
    county_fips
    01001                0.03           0.11
    01003                0.05            NaN
    """
    table = read_table(path)
    columns = {
        plain_name(column): column
        for column in reversed(table.rows.columns)
        if plain_name(column) not in _PLACE
    }
    names = dict(reversed(columns.items()))
    problems = _name_problems(table, names)
    read, notes = {}, []
    for name, column in names.items():
        try:
            values = values_of(table, names=[column], what=name, kind="rate", column=column)
        except InputError as error:
            problems += [problem for problem in error.problems if problem not in problems]
        else:
            read[name] = values.by_county
            notes += [note for note in values.notes if note not in notes]
    if problems:
        raise InputError(problems)
    return CountyCovariates(
        table=pd.DataFrame(read).rename_axis("county_fips"),
        source=table.source,
        notes=tuple(notes),
    )


def _name_problems(table: Table, names: dict[str, str]) -> list[Problem]:
    if not names:
        return [
            table.problem(
                found="no column beside the place",
                expected="a covariate at least: latino_share, say",
                action="add one",
            )
        ]
    return [
        table.problem(
            where=f"column {column[:40]!r}",
            found="a name that cannot be that of a covariate",
            expected="a letter, then letters, digits and underscores",
            action="rename the column",
        )
        for name, column in names.items()
        if not _NAME.fullmatch(name)
    ]
