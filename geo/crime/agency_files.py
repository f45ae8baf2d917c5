"""Reading of offences by police agency."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from geo.crime._columns import last_years, years_in
from geo.crime._counts import offence_counts
from geo.crime._reading import CrimeTable, open_crime_table, years_of_rows
from geo.crime.offenses import VIOLENT_TOTAL, AgencyOffenses
from geo.crime.ori import agency_states, repair_ori
from geo.errors import InputError, Problem

__all__ = ["agency_kinds", "read_agency_offenses"]

_KIND_WORDS: Final = (
    ("other state", "other"),
    ("state police", "state police"),
    ("highway patrol", "state police"),
    ("primary state", "state police"),
    ("universit", "university"),
    ("college", "university"),
    ("campus", "university"),
    ("tribal", "tribal"),
    ("federal", "federal"),
    ("sheriff", "county"),
    ("county", "county"),
    ("city", "city"),
    ("municipal", "city"),
    ("local police", "city"),
)
"""Words in the names of kinds of agencies, the first that occurs tells the kind."""

_VIOLENT_PARTS: Final = ("murder", "rape_legacy", "rape_revised", "robbery", "aggravated_assault")
_VIOLENT_KINDS: Final = 4  # an agency reports rape by one definition
_YEAR_OF_MONTHS: Final = 12
_FOOTNOTES = re.compile(r"(?<=\D)[\d,\s]+$")
_BELOW_STATE = re.compile(r"\s*[-\u2013\u2014]\s*(?:non)?metropolitan.*$", re.IGNORECASE)


def read_agency_offenses(
    path: str | Path,
    *,
    layout: str | None = None,
    mapping: str | Path | None = None,
    where: Mapping[str, Sequence[str]] | None = None,
    years: str | int | None = None,
) -> AgencyOffenses:
    r"""Read offences by police agency and year.

    Recognised by their columns: Kaplan's concatenated "Offenses Known and Clearances by
    Arrest" (yearly), the FBI's printed Tables 8 and 10, the Real-Time Crime Index, the
    Marshall Project's city crime, and tables with usual names of columns, an offence to
    a column or to a row. Others by a mapping.

    Parameters
    ----------
    path : str or pathlib.Path
        CSV, tab-separated text, Parquet, Excel, Stata or SPSS file.
    layout : str, optional
        Name of a known layout (:func:`~geo.crime.mapping.known_layouts`), if it is not
        to be told from the columns.
    mapping : str or pathlib.Path, optional
        TOML file that says which column holds what, instead of a known layout.
    where : mapping of str to sequence of str, optional
        Rows to keep: wanted values by column. Applied before anything is checked.
    years : str or int, optional
        Year of the whole table, if no column tells it.

    Returns
    -------
    AgencyOffenses
        Rape that is not further described is of the legacy definition to 2012 and of
        the revised one from 2013. A count of an agency that reported no month is
        missing, not zero.

    Raises
    ------
    InputError
        With every problem at once: no agencies or offences, text in a number, negative
        counts, impossible months, years that are none, repeated agencies.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "crime.csv"
    >>> _ = path.write_text("ori,year,murder,robbery\nAL00101,2017,3,40\n")
    >>> read_agency_offenses(path).table[["ori", "state", "offense", "count"]].values.tolist()
    [['AL0010100', 'AL', 'murder', 3.0], ['AL0010100', 'AL', 'robbery', 40.0]]
    """
    crime = open_crime_table(path, "agency", layout=layout, mapping=mapping, where=where)
    crime = _without_notes(crime)
    problems = _monthly_problems(crime)
    if problems:
        raise InputError(problems)
    period, problems = years_of_rows(crime, years)
    agencies, wrong, notes = _agencies(crime)
    problems += wrong
    counts = offence_counts(crime, period)
    problems += counts.problems + _pooled_problems(crime, counts.rows["years"])
    if problems:
        raise InputError(problems)
    rows = counts.rows.join(agencies, on="row")
    rows["year"] = rows["years"].map(last_years(rows["years"])).astype(int)
    problems = _duplicate_problems(crime, rows)
    if problems:
        raise InputError(problems)
    silent = (rows["months"] == 0) & rows["count"].notna()
    rows.loc[silent, "count"] = np.nan
    if silent.any():
        said = f"counts of agencies that reported no month, set to missing: {int(silent.sum()):,}"
        notes.append(f"{crime.table.source.file}: {said}")
    notes += [*_rape_notes(crime, rows), *_total_notes(crime, rows)]
    notes += _covered_notes(crime, rows)
    order = [*_KEYS, "year", "offense", "count", "months", "population", "agencies"]
    table = rows.sort_values(["row", "year"], kind="stable")[order].reset_index(drop=True)
    return AgencyOffenses(
        table=table,
        definition=crime.mapping.definition,
        sources=(crime.table.source,),
        notes=(*crime.notes, *counts.notes, *notes),
        system=crime.mapping.system,
        covered_by=_covered(rows),
    )


_KEYS: Final = ["ori", "agency", "state", "kind"]


def agency_kinds(text: pd.Series) -> pd.Series:
    """Tell kinds of agencies from the words of those who list them.

    Parameters
    ----------
    text : pandas.Series of str
        Such as ``"University or College"``, ``"sheriffs office"``.

    Returns
    -------
    pandas.Series of str
        One of :data:`~geo.crime.offenses.AGENCY_KINDS`; ``"other"`` for other words,
        empty where there are none.

    Examples
    --------
    >>> agency_kinds(pd.Series(["City", "Other State Agency", "State Police", ""])).tolist()
    ['city', 'other', 'state police', '']
    """
    words = {word: _kind(word.casefold()) for word in text.unique()}
    return text.map(words).astype("str")


def _kind(word: str) -> str:
    if not word or word in {"na", "unknown"}:
        return ""
    return next((kind for part, kind in _KIND_WORDS if part in word), "other")


def _without_notes(crime: CrimeTable) -> CrimeTable:
    """Leave out what is no agency: the header once more, notes below a printed table."""
    names = {crime.columns[role] for role in ("ori", "agency") if role in crime.columns}
    blank = pd.Series(data=True, index=crime.table.rows.index)
    repeated = pd.Series(data=False, index=crime.table.rows.index)
    for name in names:
        blank &= crime.table.rows[name] == ""
        repeated |= crime.table.rows[name] == name
    crime = crime.without(repeated, "the header once more")
    if crime.mapping.state_above:
        crime = crime.without(blank.loc[crime.table.rows.index], "notes, without an agency")
    if crime.table.rows.empty:
        raise crime.table.error(
            found="no row of an agency", expected="at least one", action="choose another file"
        )
    return crime


def _monthly_problems(crime: CrimeTable) -> list[Problem]:
    """Refuse files by month, in which an agency stands twelve times a year."""
    months = [name for name in crime.names if name.casefold() in {"month", "month_num"}]
    return [
        crime.table.problem(
            where=f"column {name!r}",
            found="figures by month",
            expected="figures by year",
            action="give the yearly file, or add the months up",
        )
        for name in months
    ]


def _agencies(crime: CrimeTable) -> tuple[pd.DataFrame, list[Problem], list[str]]:
    """Tell of each row which agency it is, and how large."""
    file = crime.table.source.file
    text = crime.text("ori")
    ori = repair_ori(text).fillna("")
    name, state = crime.text("agency"), crime.text("state")
    if crime.mapping.state_above:
        name = name.str.replace(_FOOTNOTES, "", regex=True).str.strip()
        state = state.replace("", None).ffill().fillna("")
        state = state.str.replace(_BELOW_STATE, "", regex=True)
        state = state.str.replace(_FOOTNOTES, "", regex=True)
    codes = agency_states(state, ori)
    kind = agency_kinds(crime.text("kind"))
    kind = kind.mask(kind == "", crime.mapping.agency_kind)
    months, wrong_months = _months(crime)
    population, wrong_population = _numbers(crime, "population", np.nan)
    agencies, wrong_agencies = _numbers(crime, "agencies", 1.0)
    nameless = (ori == "") & (name == "")
    problems = [
        crime.table.problem(
            where=f"row {row}",
            found=repr(text[row][:40]) if text[row] else "neither an ORI nor a name",
            expected="an agency: its ORI (AL0010100) or its name and state",
            action="correct the row or leave it out",
        )
        for row in nameless.index[nameless]
    ]
    bad = (ori == "") & (text != "") & ~nameless
    foreign = (codes == "") & (state != "")
    notes = [
        f"{file}: rows {what}: {int(rows.sum()):,}"
        for rows, what in (
            (bad, "whose ORI is none, known by name only"),
            (foreign, f"that name no state ({', '.join(sorted(set(state[foreign]))[:5])})"),
        )
        if rows.any()
    ]
    table = pd.DataFrame(
        {
            "ori": ori,
            "agency": name,
            "state": codes,
            "kind": kind,
            "months": months,
            "population": population,
            "agencies": agencies.fillna(1).astype(int),
            "covered_by": repair_ori(crime.text("covered_by")).fillna(""),
        }
    )
    return table, problems + wrong_months + wrong_population + wrong_agencies, notes


def _covered(rows: pd.DataFrame) -> pd.DataFrame:
    """List the agencies whose crimes stand in another's return."""
    found = rows[(rows["covered_by"] != "") & (rows["covered_by"] != rows["ori"])]
    columns = ["ori", "year", "covered_by"]
    return found[columns].drop_duplicates(["ori", "year"]).reset_index(drop=True)


def _covered_notes(crime: CrimeTable, rows: pd.DataFrame) -> list[str]:
    covered = _covered(rows)
    said = f"agencies and years whose crimes another agency reports: {len(covered):,}"
    return [f"{crime.table.source.file}: {said}"] if len(covered) else []


def _numbers(crime: CrimeTable, role: str, otherwise: float) -> tuple[pd.Series, list[Problem]]:
    if role not in crime.columns:
        return pd.Series(otherwise, index=crime.table.rows.index), []
    return crime.numbers(crime.columns[role])


def _months(crime: CrimeTable) -> tuple[pd.Series, list[Problem]]:
    """Tell how many months were reported; the number missing is the better known."""
    role = "months_missing" if "months_missing" in crime.columns else "months"
    otherwise = np.nan if crime.mapping.months is None else crime.mapping.months
    numbers, problems = _numbers(crime, role, float(otherwise))
    beyond = numbers > _YEAR_OF_MONTHS
    problems += [
        crime.table.problem(
            where=f"row {row}, column {crime.columns[role]!r}",
            found=f"{numbers[row]:g} months",
            expected="0 to 12",
            action="correct the number, or leave it empty if it is not known",
        )
        for row in numbers.index[beyond]
    ]
    return (_YEAR_OF_MONTHS - numbers if role == "months_missing" else numbers), problems


def _pooled_problems(crime: CrimeTable, years: pd.Series) -> list[Problem]:
    """Refuse figures over several years: months reported are those of one."""
    pooled = sorted({word for word in years.dropna().unique() if len(years_in(word)) > 1})
    return [
        crime.table.problem(
            found=f"figures over the years {word}",
            expected="one year in each row",
            action="give a table with a row or a column for each year",
        )
        for word in pooled
    ]


def _duplicate_problems(crime: CrimeTable, rows: pd.DataFrame) -> list[Problem]:
    """Report agencies that stand twice for a year and offence."""
    known = rows["ori"] != ""
    agency = rows["ori"].where(known, rows["agency"] + ", " + rows["state"] + " " + rows["kind"])
    repeated = rows.assign(who=agency)
    repeated = repeated[repeated.duplicated(["who", "year", "offense"], keep=False)]
    problems = []
    for (who, year), found in repeated.groupby(["who", "year"], sort=True):
        lines = ", ".join(map(str, sorted(set(found["row"]))[:5]))
        problems.append(
            crime.table.problem(
                where=f"agency {str(who).strip(', ')}, {year}",
                found=f"rows {lines} for the same agency and year",
                expected="one row each",
                action="keep one row each, or filter the table",
            )
        )
    return problems


def _rape_notes(crime: CrimeTable, rows: pd.DataFrame) -> list[str]:
    """Say where the FBI's change of definition leaves a doubt."""
    doubtful = (rows["offense"] == "rape_revised") & rows["year"].between(2013, 2016)
    if "rape" not in crime.mapping.offenses or not doubtful.any():
        return []
    said = (
        "rape of 2013 to 2016 was taken to be of the revised definition; some agencies still "
        "reported by the legacy one"
    )
    return [f"{crime.table.source.file}: {said}"]


def _total_notes(crime: CrimeTable, rows: pd.DataFrame) -> list[str]:
    """Count violent totals that are not the sum of the parts beside them."""
    keys = [*_KEYS, "year"]
    totals = rows[rows["offense"] == VIOLENT_TOTAL].groupby(keys)["count"].sum(min_count=1)
    parts = rows[rows["offense"].isin(_VIOLENT_PARTS)].groupby(keys)["count"]
    sums = parts.sum().where(parts.count() == _VIOLENT_KINDS)
    differing = (totals - sums).fillna(0) != 0
    if not differing.any():
        return []
    zero = int((differing & (totals == 0)).sum())
    said = f"violent totals that are not the sum of their parts: {int(differing.sum()):,}"
    return [f"{crime.table.source.file}: {said} (zero, {zero:,} of them)"]
