"""The analyst's working file: where each arrest was located, and by what (rule M12)."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Final

import pandas as pd

from arrest_atlas.records import Records
from arrest_atlas.table_files import (
    suffix_problems,
    written_by,
)
from geo import InputError
from outputs import check_file, whole_file, without_formulas, write_parquet

__all__ = ["NOT_FOR_PUBLICATION", "check_working_file", "working_table", "write_working_file"]

NOT_FOR_PUBLICATION: Final = "working file of arrest-atlas: not for publication"
"""Stands in every row, and in the metadata of Parquet."""

_RECORDED: Final = ("file", "sheet", "row")
_PLACE: Final = (
    "support",
    "county_fips",
    "zone",
    "state",
    "aor",
    "rule",
    "matched",
    "confidence",
    "candidates",
    "conflict",
)
_COLUMNS: Final = (
    "note",
    *_RECORDED,
    "date",
    "method",
    "custody_class",
    "criminality",
    "landmark",
    *_PLACE,
    "duplicate",
)
_SUFFIXES: Final = (".csv", ".parquet")

_ours: Final = partial(written_by, marks=[NOT_FOR_PUBLICATION])
"""Recognises a working file."""


def check_working_file(out: str | Path) -> Path:
    """Make sure that a working file can be written, before any work is done.

    Parameters
    ----------
    out : str or pathlib.Path
        Where it will stand: ``.parquet`` or ``.csv``.

    Returns
    -------
    pathlib.Path
        Its absolute path.

    Raises
    ------
    InputError
        If the file is of another type.
    OutputError
        If something else stands there, or nothing can be written.
    """
    problems = suffix_problems(Path(out), _SUFFIXES)
    if problems:
        raise InputError(problems)
    return check_file(out, ours=_ours)


def working_table(records: Records) -> pd.DataFrame:
    """Lay out where each record was located, without what tells who was arrested.

    Parameters
    ----------
    records : Records
        Records and what was decided of them.

    Returns
    -------
    pandas.DataFrame
        One row a record, duplicates included and marked: where it stands in the files,
        day, method, class, criminality, landmark, place with its evidence. No
        identifier, birth, citizenship or gender.
    """
    arrests = records.arrests.table
    table = arrests[list(_RECORDED)].assign(
        note=pd.Categorical.from_codes([0] * len(arrests), pd.Index([NOT_FOR_PUBLICATION])),
        date=arrests["apprehension_date"],
        method=arrests["method"],
        custody_class=records.classes.custody,
        criminality=records.classes.criminality,
        landmark=arrests["landmark"],
        duplicate=records.duplicates.drop,
    )
    return table.join(records.located.table[list(_PLACE)])[list(_COLUMNS)]


def write_working_file(records: Records, out: str | Path) -> None:
    """Write the working file, whole or not at all.

    Parameters
    ----------
    records : Records
        Records and what was decided of them.
    out : str or pathlib.Path
        ``.parquet`` or ``.csv``; see `check_working_file`.

    Raises
    ------
    InputError
        If the file is of another type.
    OutputError
        If something else stands there, or nothing can be written.
    """
    check_working_file(out)
    table = working_table(records)
    with whole_file(out, ours=_ours) as scratch:
        if scratch.suffix.lower() == ".csv":
            without_formulas(table).to_csv(scratch, index=False, date_format="%Y-%m-%d")
        else:
            write_parquet(table, scratch, NOT_FOR_PUBLICATION)
