"""One number a county, from whatever table holds it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Literal

import pandas as pd

from boundaries import CANONICAL_VINTAGE, county_codes, load_county_shares
from geo._table import (
    Source,
    Table,
    duplicate_problems,
    missing_problems,
    parse_numbers,
    read_table,
)
from geo.errors import InputError, Problem
from geo.vintages import Carried, carry_counts, carry_rates, load_census_residents

__all__ = ["CountyValues", "read_county_values", "repair_county_codes"]

_CODE_COLUMNS: Final = ("county_fips", "fips", "geoid", "fips_code", "countyfips")
_LAST_RESORT: Final = "id"
_PAIRS: Final = (("state", "county"), ("statefp", "countyfp"), ("state_fips", "county_code"))
_CODE = re.compile(r"(?:[0-9]{7}US)?([0-9]{1,5})(?:\.0*)?")


@dataclass(frozen=True, kw_only=True)
class CountyValues:
    """One number a county, and where it comes from.

    Attributes
    ----------
    by_county : pandas.Series of float
        Indexed by ``county_fips`` (vintage 2019), NaN where the file says nothing.
    source : Source
        The file, and what was left out of it.
    carried : pandas.DataFrame
        The areas of other years that were carried to the counties of 2019, with their
        shares, as :class:`Carried` lists them; empty if there were none.
    notes : tuple of str
        The same in sentences.
    """

    by_county: pd.Series
    source: Source
    carried: pd.DataFrame
    notes: tuple[str, ...]


def read_county_values(
    path: str | Path,
    *,
    names: Sequence[str],
    what: str,
    kind: Literal["count", "rate"],
    column: str | None = None,
    where: Mapping[str, Sequence[str]] | None = None,
    whole: bool = False,
    complete: bool = False,
) -> CountyValues:
    r"""Read one number a county from a CSV, Parquet, Excel, Stata or SPSS file.

    Counties are told by a column of codes (``county_fips``, ``fips``, ``GEOID``,
    ``id``) or by two (``state`` and ``county``). Codes are repaired (integers, lost
    zeros, ``1001.0``), rows of whole states (ending 000) dropped and counted. Areas of
    other years than 2019 (Connecticut's planning regions, say) are carried to the
    counties of 2019.

    Parameters
    ----------
    path : str or pathlib.Path
        The file.
    names : sequence of str
        Usual names of the column, the likeliest first; case and underscores do not
        matter.
    what : str
        What the column holds, for messages.
    kind : {"count", "rate"}
        Whether it holds numbers that add up, or rates by residents. It decides how areas
        of other years are carried: counts by their shares of residents, rates as the mean
        weighted by residents at the census nearest to the change. :func:`carry_rates`
        takes other denominators.
    column : str, optional
        The column, if it bears none of the usual names.
    where : mapping of str to sequence of str, optional
        Rows to keep: wanted values by column. Applied before anything is checked.
    whole : bool, default False
        Whether the numbers must be whole. They stay so when they are carried.
    complete : bool, default False
        Whether a row without a number is an error. Areas without a row then have none.

    Returns
    -------
    CountyValues
        Keyed by the canonical county vintage.

    Raises
    ------
    InputError
        With every problem at once: no such column, text in a number, negative numbers,
        unknown or repeated counties, codes from both sides of one change, nothing but
        missing values.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> folder = Path(tempfile.mkdtemp())
    >>> _ = (folder / "rates.csv").write_text("fips,rate\n1000,9\n1001,3.5\n1003.0,NA\n")
    >>> read = read_county_values(
    ...     folder / "rates.csv", names=["rate"], what="a rate", kind="rate"
    ... )
    >>> read.by_county.to_dict(), read.source.state_totals
    ({'01001': 3.5, '01003': nan}, 1)
    """
    table = read_table(path).filtered(where or {})
    return values_of(
        table, names=names, what=what, kind=kind, column=column, whole=whole, complete=complete
    )


def values_of(
    table: Table,
    *,
    names: Sequence[str],
    what: str,
    kind: Literal["count", "rate"],
    column: str | None = None,
    whole: bool = False,
    complete: bool = False,
) -> CountyValues:
    """Take one number a county out of a table that is read already.

    Parameters
    ----------
    table : Table
        The rows to keep.
    names, what, kind, column, whole, complete : optional
        See :func:`read_county_values`.

    Returns
    -------
    CountyValues
        Keyed by the canonical county vintage.

    Raises
    ------
    InputError
        With every problem at once, as :func:`read_county_values`.
    """
    chosen = table.column(names, what=what, chosen=column)
    text = _county_text(table)
    codes = repair_county_codes(text)
    totals = codes.str.endswith("000").fillna(value=False).astype(bool)
    kept = replace(table, rows=table.rows[~totals])
    codes, text = codes[~totals], text[~totals]
    numbers, problems = parse_numbers(kept, chosen, whole=whole)
    if complete:
        problems += missing_problems(kept, chosen)
    problems += _code_problems(kept, codes, text)
    repeat_hint = "keep one row each; if the file holds several years, filter it to one"
    problems += duplicate_problems(kept, codes, what="county", action=repeat_hint)
    if not problems and not numbers.notna().any():
        problems.append(
            kept.problem(
                where=f"column {chosen!r}",
                found="no value in any row",
                expected=what,
                action="choose another column or file",
            )
        )
    index = pd.Index(codes, name="county_fips", dtype="str")
    values = _tellable(pd.Series(numbers.to_numpy(), index=index))
    try:
        carried = _carried(values, kind, kept.source.file, whole=whole, sparse=complete)
    except InputError as error:
        raise InputError([*problems, *error.problems]) from None
    if problems:
        raise InputError(problems)
    source = replace(
        table.source,
        column=chosen,
        state_totals=int(totals.sum()),
        missing=int(carried.by_county.isna().sum()),
        vintage=CANONICAL_VINTAGE,
    )
    return CountyValues(
        by_county=carried.by_county, source=source, carried=carried.shares, notes=carried.notes
    )


def repair_county_codes(text: pd.Series) -> pd.Series:
    """Write county codes with five digits.

    Parameters
    ----------
    text : pandas.Series of str
        Codes as found: ``"1001"``, ``"1001.0"``, ``"0500000US01001"``.

    Returns
    -------
    pandas.Series of str
        Five digits on the same index; missing where the text is no such code.

    Examples
    --------
    >>> repair_county_codes(pd.Series(["1001", "1001.0", "0500000US01001", "Texas"])).tolist()
    ['01001', '01001', '01001', nan]
    """

    def repair(word: str) -> str | None:
        match = _CODE.fullmatch(word.strip())
        return match[1].zfill(5) if match else None

    return text.astype("string").fillna("").map(repair).astype("str")


def _county_text(table: Table) -> pd.Series:
    """Find the county codes as written, in one column or in two."""
    plain = {column.casefold(): table.rows[column] for column in reversed(table.rows.columns)}
    for name in _CODE_COLUMNS:
        if name in plain:
            return plain[name]
    for names in _PAIRS:
        if all(name in plain for name in names):
            state, county = (plain[name].str.replace(r"\.0+$", "", regex=True) for name in names)
            # Names in these columns are no codes.
            if state.str.isdigit().any() and county.str.isdigit().any():
                codes: pd.Series = state.str.zfill(2) + county.str.zfill(3)
                return codes
    if _LAST_RESORT in plain:
        return plain[_LAST_RESORT]
    raise table.error(
        found=f"the columns {', '.join(table.rows.columns[:12])}",
        expected=f"codes in one of {', '.join(_CODE_COLUMNS)}, id, or in state and county",
        action="name the column of five-digit codes county_fips",
    )


def _code_problems(table: Table, codes: pd.Series, text: pd.Series) -> list[Problem]:
    return [
        table.problem(
            where=f"row {row}",
            found=f"county code {text[row][:40]!r}",
            expected="a five-digit code that the Census Bureau has used for a county since 2000",
            action="correct the code or leave the row out",
        )
        for row in codes.index[~codes.isin(_known_codes())]
    ]


def _known_codes() -> frozenset[str]:
    return county_codes(CANONICAL_VINTAGE) | set(load_county_shares()["fips"])


def _tellable(values: pd.Series) -> pd.Series:
    """Leave out rows that are reported already, so that the others can be judged."""
    known = values.index.isin(_known_codes()) & ~values.index.duplicated()
    return values[known]


def _carried(
    values: pd.Series, kind: Literal["count", "rate"], file: str, *, whole: bool, sparse: bool
) -> Carried[pd.Series]:
    if kind == "count":
        return carry_counts(values, whole=whole, sparse=sparse, file=file)
    return carry_rates(values, load_census_residents(), file=file)
