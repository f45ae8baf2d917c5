"""Codes of counties in tables that hold rows of other areas too."""

from __future__ import annotations

import re
from functools import cache
from typing import Final

import pandas as pd

from boundaries import CANONICAL_VINTAGE, county_codes, load_county_shares
from geo._table import Table, duplicate_problems, plain_name
from geo.county_values import repair_county_codes
from geo.errors import Problem

_GEO_ID = re.compile(r"(?:050\d{4}US|05000US)(\d{5})")
_ANY_AREA = re.compile(r"(?:\d{7}|\d{5})US\d*")
_TWO_COLUMNS: Final = (("state", "county"), ("statefp", "countyfp"))
_ONE_COLUMN: Final = ("geo_id", "geoid", "county_fips", "fips")


def census_county_codes(table: Table) -> tuple[pd.Series, int]:
    """Give the codes of the rows of counties, and the number of rows of other areas."""
    known = {plain_name(column): table.rows[column] for column in table.rows.columns}
    name = next((name for name in _ONE_COLUMN if name in known), None)
    if name is not None:
        text = known[name]
        other = text.str.fullmatch(_ANY_AREA) & ~text.str.fullmatch(_GEO_ID)
        codes = text.str.replace(_GEO_ID, r"\1", regex=True)
    elif pair := next((pair for pair in _TWO_COLUMNS if set(pair) <= set(known)), None):
        state, county = (known[name] for name in pair)
        other = county == ""
        codes = state.str.zfill(2) + county.str.zfill(3)
    else:
        raise table.error(
            found=f"the columns {', '.join(table.rows.columns[:12])}",
            expected="codes of counties in GEO_ID, or in state and county",
            action="check that this is a table of counties",
        )
    if other.all():
        raise table.error(
            found="no row of a county",
            expected="codes such as 0500000US01001",
            action="give a table of counties",
        )
    return repair_county_codes(codes[~other]), int(other.sum())


@cache
def known_codes() -> frozenset[str]:
    """List the codes that counties have had since 2000."""
    return county_codes(CANONICAL_VINTAGE) | frozenset(load_county_shares()["fips"])


def checked_codes(table: Table, codes: pd.Series) -> list[Problem]:
    """Report codes that are no county's, and counties in more than one row."""
    known = known_codes()
    problems = [
        table.problem(
            where=f"row {row}",
            found=f"county code {codes[row]!r}" if pd.notna(codes[row]) else "no county code",
            expected="a five-digit code of the Census Bureau's counties",
            action="correct the code or leave the row out",
        )
        for row in codes.index[~codes.isin(known)]
    ]
    problems += duplicate_problems(table, codes, what="county", action="keep one row each")
    return problems
