"""Foreign-born people and non-citizens by county, with their margins of error."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from geo._named_places import check_county_names
from geo._sheets import label
from geo._table import Source, Table, parse_numbers, plain_name
from geo.context._census_files import read_census_table
from geo.context._codes import census_county_codes, checked_codes
from geo.context._margins import moe_of_share, moe_of_sum
from geo.context._survey_periods import named_period, period_problems, written_period
from geo.context._vintage import carry_with_margins
from geo.errors import InputError, Problem

__all__ = ["ANNOTATIONS", "ForeignBorn", "read_foreign_born"]

ANNOTATIONS: Final[Mapping[str, str]] = {
    "-999999999": "too few sample cases to show the estimate",
    "-888888888": "not applicable, or not available",
    "-666666666": "too few sample cases to compute the estimate",
    "-555555555": "controlled to a known total: no sampling error",
    "-333333333": "the median lies in the lowest or highest interval of the distribution",
    "-222222222": "too few sample cases to compute the margin of error",
    "N": "too few sample cases to show the estimate",
    "(X)": "not applicable, or not available",
    "-": "too few sample cases to compute the estimate",
    "*****": "controlled to a known total: no sampling error",
    "***": "the median lies in the lowest or highest interval of the distribution",
    "**": "too few sample cases to compute the margin of error",
}
"""What the Census Bureau writes in place of numbers, and what it means."""

_CONTROLLED: Final = frozenset({"-555555555", "*****"})
_LINES: Final = {"residents": "001", "naturalised": "005", "noncitizens": "006"}
_OPTIONAL: Final = "naturalised"


@dataclass(frozen=True, kw_only=True)
class ForeignBorn:
    """Nativity and citizenship by county, American Community Survey (table B05001).

    Attributes
    ----------
    table : pandas.DataFrame of float
        Indexed by ``county_fips`` (vintage 2019), people: ``residents``, ``noncitizens``
        and, where the file has line 005, ``naturalised`` and ``foreign_born`` (the two
        together); ``noncitizen_share`` (of residents, 0 to 1). Where the file has
        margins of error, each is followed by its own, at 90 % confidence, with ``_moe``
        behind its name. NaN where there is none.
    period : str
        Years of the survey, ``"2018-2022"``; ``"not stated"`` where nobody says.
    annotations : pandas.DataFrame
        What stands in place of numbers: ``row``, ``column``, ``written`` and ``meaning``.
    source : Source
        The file.
    notes : tuple of str
        What was left out or carried over, counted.
    """

    table: pd.DataFrame
    period: str
    annotations: pd.DataFrame
    source: Source
    notes: tuple[str, ...]


def read_foreign_born(path: str | Path, *, period: str | None = None) -> ForeignBorn:
    r"""Read table B05001 of the American Community Survey.

    Parameters
    ----------
    path : str or pathlib.Path
        What the Census API answers (JSON, or CSV with ``B05001_001E``, ``B05001_006E``,
        ``B05001_001M``, ``B05001_006M`` and, if wanted, ``_005E`` and ``_005M``, and
        ``state`` and ``county`` or ``GEO_ID``), the table of data.census.gov (CSV with
        two header rows), or the table-based summary file (``.dat``, ``B05001_E001``).
    period : str, optional
        Years of the survey, ``"2018-2022"`` or ``"2022"``; not others than those in the
        file's name. Default: those in the file's name (``ACSDT5Y2022.B05001-Data.csv``
        and ``acs_2018-2022.json`` are 2018-2022).

    Returns
    -------
    ForeignBorn
        People and margins of error by county of the 2019 vintage.

    Raises
    ------
    InputError
        With every problem at once; a county of more foreign-born people, or of more
        non-citizens, than residents is one.

    Notes
    -----
    The margin of error of a sum is the root of the sum of squares, in which all
    estimates of zero count once, with the largest of theirs; that of a share takes the
    formula for proportions. Controlled totals have none, and count as 0. Source: U.S.
    Census Bureau, Understanding and Using American Community Survey Data (2020),
    chapter 8. The estimates are treated as independent: the margin of a sum is too
    small where its parts err together, and too large where they err against each other.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "b05001.json"
    >>> _ = path.write_text('''[["NAME","B05001_001E","B05001_001M","B05001_006E",
    ...     "B05001_006M","state","county"],
    ...     ["Autauga County, Alabama","58761","-555555555","1200","310","01","001"]]''')
    >>> read = read_foreign_born(path, period="2018-2022")
    >>> read.table.loc["01001", ["noncitizens", "noncitizens_moe"]].tolist()
    [1200.0, 310.0]
    >>> round(float(read.table.loc["01001", "noncitizen_share"]), 4)
    0.0204
    """
    wrong_period = period_problems(period, label(Path(path)))
    try:
        table, passed_over = read_census_table(path)
    except InputError as error:
        raise InputError([*wrong_period, *error.problems]) from error
    codes, others = census_county_codes(table)
    others += passed_over
    table = replace(table, rows=table.rows.loc[codes.index])
    columns = _columns(table)
    annotations = _annotations(table, columns)
    people, problems = {}, [*wrong_period]
    for name, column in columns.items():
        numbers, wrong = parse_numbers(_without_annotations(table, column), column)
        if name.endswith("_moe"):
            numbers = numbers.mask(_codes_in(table.rows[column]).isin(_CONTROLLED), 0.0)
        people[name] = numbers
        problems += wrong
    problems += [*_sum_problems(table, people), *checked_codes(table, codes)]
    wrong_names, slips = _check_names(table, codes)
    problems += wrong_names
    if problems:
        raise InputError(problems)
    counts = pd.DataFrame(people).set_axis(pd.Index(codes, name="county_fips", dtype="str"))
    carried, notes = carry_with_margins(counts.sort_index(), table.source.file)
    if others:
        rows = "row of a state or another area" if others == 1 else "rows of states or other areas"
        notes = (f"{others:,} {rows} left out", *notes)
    if "residents_moe" not in carried:
        notes = (*notes, "the file has no margins of error")
    return ForeignBorn(
        table=_derived(carried),
        period=written_period(period) or named_period(table.source.file) or "not stated",
        annotations=annotations,
        source=table.source,
        notes=(*table.sheet_notes, *notes, *slips),
    )


def _columns(table: Table) -> dict[str, str]:
    """Find estimates and margins of error; both margins or none."""
    known = {plain_name(column): column for column in table.rows.columns}
    found: dict[str, str] = {}
    problems: list[Problem] = []
    for name, line in _LINES.items():
        estimate, margin = f"B05001_{line}E", f"B05001_{line}M"
        if plain_name(estimate) in known:
            found[name] = known[plain_name(estimate)]
            if plain_name(margin) in known:
                found[f"{name}_moe"] = known[plain_name(margin)]
        elif name != _OPTIONAL:
            try:
                table.column([estimate], what=f"{name} of table B05001")
            except InputError as error:
                problems += error.problems
    margins = [name for name in found if name.endswith("_moe")]
    if margins and len(margins) * 2 != len(found):
        lacking = [name for name in found if f"{name}_moe" not in found and name[-4:] != "_moe"]
        problems.append(
            table.problem(
                found=f"no margins of error for {', '.join(lacking)}",
                expected="a margin (M) for every estimate (E), or none at all",
                action="ask the API for the missing columns",
            )
        )
    if problems:
        raise InputError(problems)
    return found


def _codes_in(text: pd.Series) -> pd.Series:
    """Write codes as the Census Bureau does, which tools store as numbers: -555555555.0."""
    codes: pd.Series = text.str.replace(r"^(-\d{9})\.0+$", r"\1", regex=True)
    return codes


def _annotations(table: Table, columns: Mapping[str, str]) -> pd.DataFrame:
    """List the cells that say why there is no number."""
    cells = [
        (row, column, written, ANNOTATIONS[code])
        for column, text in ((column, table.rows[column]) for column in columns.values())
        for row, written, code in zip(text.index, text, _codes_in(text), strict=True)
        if code in ANNOTATIONS
    ]
    return pd.DataFrame(cells, columns=["row", "column", "written", "meaning"])


def _without_annotations(table: Table, column: str) -> Table:
    text = table.rows[column]
    text = text.mask(_codes_in(text).isin(list(ANNOTATIONS)), "").str.removeprefix("±")
    return replace(table, rows=table.rows.assign(**{column: text}))


def _derived(table: pd.DataFrame) -> pd.DataFrame:
    """Add the foreign-born and the share of non-citizens, in the order of the attributes."""
    columns = {name: table[name] for name in table.columns}
    if "naturalised" in table:
        columns["foreign_born"] = table["naturalised"] + table["noncitizens"]
        if "naturalised_moe" in table:
            both = pd.concat([table["naturalised"], table["noncitizens"]])
            margins = pd.concat([table["naturalised_moe"], table["noncitizens_moe"]])
            columns["foreign_born_moe"] = moe_of_sum(both, margins, both.index)
    residents = table["residents"].where(table["residents"] > 0)
    columns["noncitizen_share"] = table["noncitizens"] / residents
    if "residents_moe" in table:
        columns["noncitizen_share_moe"] = moe_of_share(
            table["noncitizens"], table["noncitizens_moe"], residents, table["residents_moe"]
        )
    order = ["residents", "foreign_born", "naturalised", "noncitizens", "noncitizen_share"]
    names = [name for each in order for name in (each, f"{each}_moe") if name in columns]
    return pd.DataFrame({name: columns[name] for name in names}).astype(np.float64)


def _check_names(table: Table, codes: pd.Series) -> tuple[list[Problem], list[str]]:
    """Compare codes with names, which part where columns are sorted for themselves."""
    known = {plain_name(column): table.rows[column] for column in table.rows.columns}
    return check_county_names(table, codes, known["name"]) if "name" in known else ([], [])


def _sum_problems(table: Table, people: Mapping[str, pd.Series]) -> list[Problem]:
    """Report parts that are larger than the whole, as where columns are exchanged."""
    parts = [people[name] for name in ("naturalised", "noncitizens") if name in people]
    both: pd.Series = pd.concat(parts, axis="columns").sum(axis="columns")
    words = "foreign-born people" if len(parts) > 1 else "non-citizens"
    return [
        table.problem(
            where=f"row {row}",
            found=f"{both[row]:,.0f} {words} among {people['residents'][row]:,.0f} residents",
            expected="at least as many residents",
            action="correct the numbers, or check that no columns are exchanged",
        )
        for row in both.index[both > people["residents"]]
    ]
