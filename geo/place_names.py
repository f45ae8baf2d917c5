"""A user's own names of places."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pandas as pd

from boundaries import load_counties
from geo._named_places import state_problems, unknown_states
from geo._table import Table, duplicate_problems, read_table
from geo.county_values import repair_county_codes
from geo.errors import InputError, Problem

__all__ = ["read_place_names"]

_LONGEST: Final = 200


def read_place_names(path: str | Path) -> pd.DataFrame:
    r"""Read names of places that stand in landmarks, and the counties that they mean.

    Parameters
    ----------
    path : str or pathlib.Path
        CSV (or any other table) with the columns ``name`` and ``county_fips`` and, if it
        likes, ``state``, which must be that of the county.

    Returns
    -------
    pandas.DataFrame
        ``name``, ``state`` (postal code) and ``county_fips``, as :func:`locate_arrests`
        takes them for its ``aliases``.

    Raises
    ------
    InputError
        With every problem at once.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "names.csv"
    >>> _ = path.write_text("name,county_fips\nTHE OLD MILL,1081\n")
    >>> read_place_names(path).to_dict("records")
    [{'name': 'THE OLD MILL', 'state': 'AL', 'county_fips': '01081'}]
    """
    table = read_table(path)
    name = table.rows[table.column(["name", "landmark", "alias"], what="names of places")]
    text = table.rows[table.column(["county_fips", "fips", "geoid"], what="codes of counties")]
    fips = repair_county_codes(text)
    state = fips.map(load_counties()["state"])
    named = _states(table)
    problems = [
        *_name_problems(table, name),
        *_code_problems(table, text, state),
        *unknown_states(table, named),
        *state_problems(table, fips, named),
    ]
    places = name.str.casefold() + ", " + state
    problems += duplicate_problems(table, places, what="name", action="keep one row each")
    if problems:
        raise InputError(problems)
    return pd.DataFrame({"name": name, "state": state, "county_fips": fips}).reset_index(drop=True)


def _states(table: Table) -> pd.Series:
    """Give the states as written, blank where the table has none."""
    if "state" in table.rows:
        return table.rows["state"]
    return pd.Series("", index=table.rows.index, dtype="str")


def _name_problems(table: Table, name: pd.Series) -> list[Problem]:
    return [
        table.problem(
            where=f"row {row}",
            found="no name" if not name[row] else f"a name of {len(name[row]):,} characters",
            expected=f"a name of 1 to {_LONGEST} characters",
            action="correct it or leave the row out",
        )
        for row in name.index[(name == "") | (name.str.len() > _LONGEST)]
    ]


def _code_problems(table: Table, text: pd.Series, state: pd.Series) -> list[Problem]:
    return [
        table.problem(
            where=f"row {row}",
            found=f"county code {text[row][:40]!r}",
            expected="a five-digit code of the Census Bureau's 2019 counties",
            action="correct the code or leave the row out",
        )
        for row in text.index[state.isna()]
    ]
