"""The one table that every release of the arrests is read into."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import pandas as pd

__all__ = ["ARREST_COLUMNS", "PERSONAL_COLUMNS", "ArrestColumn", "check_arrests"]

Kind = Literal["text", "place", "day", "time", "degrees", "row", "year", "flag"]

_DTYPES: Final[dict[Kind, str]] = {
    "text": "category",
    "place": "category",
    "day": "datetime64[s]",
    "time": "datetime64[s]",
    "degrees": "float64",
    "row": "int64",
    "year": "Int16",
    "flag": "boolean",
}


@dataclass(frozen=True, kw_only=True)
class ArrestColumn:
    """One column of the table of arrests.

    Attributes
    ----------
    name : str
        Its name.
    kind : {"text", "place", "day", "time", "degrees", "row", "year", "flag"}
        What its values are; ``place`` is a code of ours, ``text`` is as recorded.
    meaning : str
        What it says of the arrest.
    personal : bool
        Whether it may tell who was arrested: such columns leave the table in no output.
    """

    name: str
    kind: Kind
    meaning: str
    personal: bool = False

    @property
    def dtype(self) -> str:
        """Type of the column in pandas.

        Returns
        -------
        str
            Such as ``"category"``.
        """
        return _DTYPES[self.kind]


def _column(name: str, kind: Kind, meaning: str, *, personal: bool = False) -> ArrestColumn:
    return ArrestColumn(name=name, kind=kind, meaning=meaning, personal=personal)


ARREST_COLUMNS: Final = (
    _column("file", "text", "file that the row stands in"),
    _column("sheet", "text", "its sheet, empty where the file has none"),
    _column("row", "row", "number of the row, as a person sees it in the file"),
    _column("apprehension_date", "day", "day of the arrest, missing where impossible"),
    _column("apprehension_time", "time", "day and time; the day where the file has days only"),
    _column("state", "place", "recorded state of the arrest, postal code"),
    _column("state_filled_in", "place", "the same, with the Deportation Data Project's guesses"),
    _column("county", "text", "county, name or code"),
    _column("city", "text", "city"),
    _column("latitude", "degrees", "latitude, WGS 84"),
    _column("longitude", "degrees", "longitude, WGS 84"),
    _column("aor", "place", "field office on duty, its code; HQ for headquarters"),
    _column("landmark", "text", "place of arrest in the officers' words"),
    _column("duty_site", "text", "office on duty, more finely"),
    _column("method", "text", "how the arrest was made"),
    _column("criminality", "text", "convicted, charged or neither, in ICE's words"),
    _column("program", "text", "programme of the arrest"),
    _column("agency", "text", "arresting agency"),
    _column("apprehension_type", "text", "kind of arrest"),
    _column("operation", "text", "operation"),
    _column("case_status", "text", "status of the case"),
    _column("case_category", "text", "category of the case"),
    _column("final_order", "text", "whether there is a final order of removal"),
    _column("identifier", "text", "which rows are of the same person", personal=True),
    _column("birth_year", "year", "year of birth", personal=True),
    _column("citizenship", "text", "country of citizenship", personal=True),
    _column("gender", "text", "gender", personal=True),
    _column("ddp_duplicate", "flag", "whether the Deportation Data Project would drop the row"),
)
"""Every column of the table, in order."""

PERSONAL_COLUMNS: Final = tuple(column.name for column in ARREST_COLUMNS if column.personal)
"""Columns that leave the table in no output."""


def check_arrests(table: pd.DataFrame) -> None:
    """Check that a table has the columns and types that the arrests are read into.

    Parameters
    ----------
    table : pandas.DataFrame
        As ``read_arrests`` gives it, or made by hand. It may have further columns.

    Raises
    ------
    ValueError
        Naming every column that is missing or of another type, and an index that
        repeats itself.

    Examples
    --------
    >>> table = pd.DataFrame({column.name: [] for column in ARREST_COLUMNS}, dtype="category")
    >>> check_arrests(table.drop(columns="file"))
    Traceback (most recent call last):
      ...
    ValueError: column 'file' is missing; column 'row' is category, not int64; ...
    """
    problems = [
        f"column {column.name!r} is missing"
        if column.name not in table
        else f"column {column.name!r} is {table[column.name].dtype}, not {column.dtype}"
        for column in ARREST_COLUMNS
        if column.name not in table or table[column.name].dtype != column.dtype
    ]
    if not table.index.is_unique:
        problems.append("the index names rows twice")
    if problems:
        raise ValueError("; ".join(problems))
