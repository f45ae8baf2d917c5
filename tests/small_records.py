"""Small tables of records, in the columns that geo.read_arrests gives."""

from typing import Any

import pandas as pd

from geo.arrest_schema import ARREST_COLUMNS, check_arrests


def arrest_table(**columns: Any) -> pd.DataFrame:
    """Make a table of arrests from the columns given; the others are missing."""
    given = pd.DataFrame({"file": "arrests.csv", "sheet": "", **columns})
    given = given.assign(row=columns.get("row", range(2, len(given) + 2)))
    times = given.get("apprehension_time", pd.Series(pd.NaT, index=given.index))
    given["apprehension_time"] = pd.to_datetime(times).astype("datetime64[s]")
    given["apprehension_date"] = given["apprehension_time"].dt.normalize()
    table = pd.DataFrame(
        {
            column.name: _as_kind(given.get(column.name), given.index, column.dtype)
            for column in ARREST_COLUMNS
        }
    )
    check_arrests(table)
    return table


def _as_kind(values: pd.Series | None, index: pd.Index, dtype: Any) -> pd.Series:
    column = pd.Series(None, index=index, dtype="object") if values is None else values
    typed: pd.Series = (column.astype("str") if dtype == "category" else column).astype(dtype)
    return typed
