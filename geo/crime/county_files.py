"""Reading of crimes by county."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd

from boundaries import CANONICAL_VINTAGE, county_codes, load_county_shares
from geo._table import duplicate_problems
from geo.county_values import repair_county_codes
from geo.crime._columns import last_years
from geo.crime._counts import OffenceCounts, has_figures, offence_counts
from geo.crime._county_rows import (
    check_places,
    county_text,
    coverage_of,
    crimes_of,
    definition_of,
    estimate_notes,
    impossible_problems,
    residents_of,
    without_totals,
    years_problems,
)
from geo.crime._covered_residents import are_of_all, everybody, of_the_covered
from geo.crime._mapping_checks import RAPE
from geo.crime._new_york import flags_of, spread_city
from geo.crime._reading import CrimeTable, open_crime_table, years_of_rows
from geo.crime.mapping import TableMapping
from geo.crime.offenses import CountyCrimes
from geo.errors import InputError, Problem
from geo.population import load_population
from geo.vintages import carry_counts

__all__ = ["read_county_crimes"]


def read_county_crimes(
    path: str | Path,
    *,
    layout: str | None = None,
    mapping: str | Path | None = None,
    definition: str | None = None,
    where: Mapping[str, Sequence[str]] | None = None,
    years: str | int | None = None,
) -> CountyCrimes:
    r"""Read crimes by county and year, with the residents whom they refer to.

    Recognised by their columns: the county files of the NACJD (ICPSR) and of Kaplan with
    their coverage indicator, the analytic data of County Health Rankings, the Urban
    Institute's rates from NIBRS, and tables with usual names of columns. Others by a
    mapping. Rows of whole states are left out and counted.

    Parameters
    ----------
    path : str or pathlib.Path
        CSV, tab-separated text, Parquet, Excel, Stata or SPSS file.
    layout : str, optional
        Name of a known layout (:func:`~geo.crime.mapping.known_layouts`), if it is not
        to be told from the columns.
    mapping : str or pathlib.Path, optional
        TOML file that says which column holds what, instead of a known layout.
    definition : str, optional
        Which crimes to count (:data:`~geo.crime.definitions.DEFINITIONS`). Without it,
        the definition that the layout or the mapping fixes, else the violent crimes of
        Part I by the rape definition of the years.
    where : mapping of str to sequence of str, optional
        Rows to keep: wanted values by column. Applied before anything is checked.
    years : str or int, optional
        Years of the whole table, if no column tells them: 2017, ``"2014/2016"``,
        ``"2012-2014"``.

    Returns
    -------
    CountyCrimes
        Counts. Rates are turned into counts by the residents that stand beside them,
        else by the Census Bureau's estimates of the year (2010 to 2019) or the nearest;
        coverage is a share between 0 and 1. Where it is zero, crimes are missing.

    Raises
    ------
    InputError
        With every problem at once: no codes, figures or years, a definition that is not
        stated, years of two definitions, coverage in per cent, text in a number,
        unknown or repeated counties.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "crime.csv"
    >>> _ = path.write_text("fips,year,murder,rape,robbery,agg_assault,population\n"
    ...                     "1001,2017,4,13,22,67,55000\n1003,2017,,41,54,432,199510\n")
    >>> read = read_county_crimes(path)
    >>> read.definition, read.table["crimes"].tolist()
    ('ucr_part1_violent', [106.0, nan])
    """
    crime = open_crime_table(path, "county", layout=layout, mapping=mapping, where=where)
    problems = _arrest_problems(crime)
    if problems:
        raise InputError(problems)
    crime = without_totals(crime)
    period, problems = years_of_rows(crime, years)
    counts = offence_counts(crime, period)
    text = county_text(crime)
    codes = repair_county_codes(text)
    wrong_places, said_places = check_places(crime, codes)
    problems += counts.problems + _code_problems(crime, codes, text) + wrong_places
    if "offense" in crime.columns:
        crime, counts = _gathered(crime, counts, codes, period)
        codes, period = codes[crime.table.rows.index], period[crime.table.rows.index]
    problems += _repeated_problems(crime, codes, period, counts)
    residents, wrong_residents, said_residents = residents_of(crime, codes, period)
    share, wrong_share, said_share = coverage_of(crime)
    problems += wrong_residents + wrong_share
    # Without a year nothing tells which rape is meant; without figures, there is nothing to name.
    unclear = period.isna().all() and (counts.rows["offense"] == RAPE).any()
    if unclear or not has_figures(crime, counts):
        raise InputError(problems)
    try:
        chosen = definition_of(crime, counts, definition or _of_offenses(crime.mapping))
    except InputError as error:
        raise InputError([*problems, *error.problems]) from error
    if problems:
        raise InputError(problems)
    crimes, problems = crimes_of(crime, counts, chosen, residents=residents, period=period)
    problems += years_problems(crime, chosen, period)
    table = pd.DataFrame(
        {
            "county_fips": codes,
            "year": period.map(last_years(period)).astype(int),
            "years": period,
            "crimes": crimes,
            "residents": residents,
            "covered_share": share,
        }
    )
    problems += impossible_problems(crime, table)
    if not problems and not table["crimes"].notna().any():
        problems.append(_nothing(crime, chosen))
    if problems:
        raise InputError(problems)
    notes = [
        *crime.notes,
        *counts.notes,
        *said_places,
        *said_residents,
        *said_share,
        *estimate_notes(crime),
    ]
    unreported = (table["covered_share"] == 0) & table["crimes"].notna()
    if "coverage" in crime.columns and unreported.any():
        table["crimes"] = table["crimes"].mask(unreported)
        said = f"figures without any report, set to missing: {int(unreported.sum()):,}"
        notes.append(f"{crime.table.source.file}: {said}")
    everyone = everybody(table, of_all=are_of_all(crime))
    table, shares, carried = _to_counties_of_2019(
        table.assign(everybody=everyone), file=crime.table.source.file
    )
    people = load_population(int(table["year"].min()), int(table["year"].max()))
    table, said_city = spread_city(table, people)
    table, said_covered = of_the_covered(crime, table)
    table["flags"] = flags_of(table)
    notes += [f"{crime.table.source.file}: {note}" for note in said_city]
    notes += said_covered
    return CountyCrimes(
        table=table.sort_values(["county_fips", "year"]).reset_index(drop=True),
        definition=chosen,
        vintage_carried=shares,
        sources=(crime.table.source,),
        notes=(*notes, *carried),
    )


def _of_offenses(mapping: TableMapping) -> str | None:
    """Tell the definition for which a mapping names offences."""
    return mapping.definition if mapping.offenses else None


def _to_counties_of_2019(
    table: pd.DataFrame, *, file: str
) -> tuple[pd.DataFrame, pd.DataFrame | None, tuple[str, ...]]:
    """Carry crimes, the residents whom they refer to, and everybody, to the counties of 2019.

    A county's covered share is by everybody in it: those of an area of whom few are covered
    are few among the residents whom its crimes refer to.
    """
    keys = ["county_fips", "years"]
    columns = [name for name in table.columns if name != "everybody"]
    counts = table.set_index(keys)[["crimes", "residents", "everybody"]]
    share = table.set_index(keys)["covered_share"]
    carried = carry_counts(counts.assign(covered=counts["everybody"] * share), file=file)
    if carried.shares.empty:
        return table[columns], None, ()
    moved = carried.by_county
    recomputed = moved["covered"] / moved["everybody"]
    touched = moved.index.get_level_values("county_fips").isin(carried.shares["county_fips"])
    moved = moved.assign(covered_share=share.reindex(moved.index).where(~touched, recomputed))
    moved = moved.drop(columns="covered").reset_index()
    moved["year"] = moved["years"].map(last_years(moved["years"])).astype(int)
    return moved[columns], carried.shares, carried.notes


def _arrest_problems(crime: CrimeTable) -> list[Problem]:
    """Refuse the NACJD's files of arrests, which look like those of crimes."""
    marks = {"ag_arrst", "grndtot", "p1vlnt"} & {name.casefold() for name in crime.names}
    if not marks or "cpopcrim" in {name.casefold() for name in crime.names}:
        return []
    return [
        crime.table.problem(
            where=f"column {min(marks).upper()!r}",
            found="arrests by county",
            expected="crimes reported by county (part 4 of the collection, with CPOPCRIM)",
            action="give the file of crimes reported",
        )
    ]


def _gathered(
    crime: CrimeTable, counts: OffenceCounts, codes: pd.Series, period: pd.Series
) -> tuple[CrimeTable, OffenceCounts]:
    """Give all offences of a county and year the first of its rows, and keep that one."""
    key = codes.fillna("") + " " + period.fillna("")
    first = pd.Series(key.index, index=key.index).groupby(key).transform("first")
    kept = crime.table.rows[first.to_numpy() == first.index]
    rows = counts.rows.assign(row=counts.rows["row"].map(first))
    table = replace(crime.table, rows=kept)
    return replace(crime, table=table), replace(counts, rows=rows)


def _repeated_problems(
    crime: CrimeTable, codes: pd.Series, period: pd.Series, counts: OffenceCounts
) -> list[Problem]:
    """Report counties that stand twice for the same years, or the same offence."""
    hint = "keep one row each, or filter the table"
    keys = (codes + " in " + period).astype("str")
    problems = list(duplicate_problems(crime.table, keys, what="county", action=hint))
    if "offense" not in crime.columns:
        return problems
    twice = counts.rows[counts.rows.duplicated(["row", "offense"])]
    for key, offence in zip(keys.reindex(twice["row"]), twice["offense"], strict=True):
        problems.append(
            crime.table.problem(
                where=f"county {key}",
                found=f"{offence} more than once",
                expected="one row each",
                action=hint,
            )
        )
    return problems


def _code_problems(crime: CrimeTable, codes: pd.Series, text: pd.Series) -> list[Problem]:
    known = county_codes(CANONICAL_VINTAGE) | set(load_county_shares()["fips"])
    return [
        crime.table.problem(
            where=f"row {row}",
            found=f"county code {text[row][:40]!r}",
            expected="a five-digit code of the Census Bureau's counties",
            action="correct the code or leave the row out",
        )
        for row in codes.index[~codes.isin(known)]
    ]


def _nothing(crime: CrimeTable, definition: str) -> Problem:
    return crime.table.problem(
        found="no county with a figure",
        expected=f"crimes of the definition {definition}",
        action="choose another definition, or another file",
    )
