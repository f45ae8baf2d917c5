"""The analyst's working file: where each arrest was located, and by what (rule M12)."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import pandas as pd
import pyarrow as pa
from pyarrow import parquet

from arrest_atlas.records import Records
from geo import InputError, Problem
from outputs import check_file, whole_file

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
_KEY: Final = b"arrest_atlas"
_SUFFIXES: Final = (".csv", ".parquet")
_FORMULA = re.compile(r"^\s*[=+\-@\t\r]")


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
    if Path(out).suffix.lower() not in _SUFFIXES:
        problem = Problem(
            file="--out",
            found=f"{Path(out).name!r}",
            expected="a file name ending in .parquet or .csv",
            action="change the option",
        )
        raise InputError([problem])
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
            _harmless(table).to_csv(scratch, index=False, date_format="%Y-%m-%d")
        else:
            _write_parquet(table, scratch)


def _write_parquet(table: pd.DataFrame, path: Path) -> None:
    whole = pa.Table.from_pandas(table, preserve_index=False)
    note = {_KEY: NOT_FOR_PUBLICATION.encode()}
    parquet.write_table(whole.replace_schema_metadata({**whole.schema.metadata, **note}), path)


def _harmless(table: pd.DataFrame) -> pd.DataFrame:
    """Put a quotation mark before texts that a spreadsheet would take for formulas."""
    table = table.copy()
    for name in table.columns:
        if isinstance(table[name].dtype, pd.CategoricalDtype):
            texts = table[name].cat.categories.astype(str)
            safe = texts.map(lambda text: f"'{text}" if _FORMULA.match(text) else text)
            # Two texts may become one, which categories may not.
            table[name] = table[name].map(dict(zip(texts, safe, strict=True)))
    return table


def _ours(path: Path) -> bool:
    """Recognise a working file."""
    if not path.is_file():
        return False  # a pipe would never answer
    try:
        if path.suffix.lower() == ".csv":
            with path.open(encoding="utf-8") as file:
                return file.readline().rstrip("\r\n") == ",".join(_COLUMNS)
        return _KEY in (parquet.read_schema(path).metadata or {})
    except (OSError, ValueError, pa.ArrowException):
        return False
