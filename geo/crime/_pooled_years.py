"""Which figures are pooled: the years asked for, without those that tell of another place."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from geo.crime._columns import write_period, years_in
from geo.crime._county_rows import impossible_counts
from geo.crime.offenses import CountyCrimes
from geo.errors import InputError, Problem


def chosen_rows(crimes: CountyCrimes, first: int | None, last: int | None) -> pd.DataFrame:
    """Keep the rows of the years that were asked for, and refuse what cannot be pooled."""
    table = crimes.table
    start = table["year"].min() if first is None else first
    stop = table["year"].max() if last is None else last
    rows = table[table["year"].between(start, stop)]
    if not rows["crimes"].notna().any():
        there = ", ".join(sorted(set(table.loc[table["crimes"].notna(), "years"])))
        raise pooling_error(
            crimes,
            f"no figure of {write_period([start, stop])} (there are figures of "
            f"{there or 'no year'})",
            "figures of these years",
            "choose other years (--years), or give their files",
        )
    beyond = sorted({text for text in rows["years"] if min(years_in(text)) < start})
    if beyond and first is not None:
        raise pooling_error(
            crimes,
            f"figures over {', '.join(beyond)}, which begin before {start}",
            f"figures of {write_period([start, stop])}",
            "choose all years that a figure is of (--years), or give another file",
        )
    pooled = sorted({text for text in rows["years"] if len(years_in(text)) > 1})
    if pooled and len(set(rows["years"])) > 1:
        raise pooling_error(
            crimes,
            f"figures over {', '.join(pooled)} beside figures of other years",
            "figures of single years, or one pooled figure",
            "choose the years (--years), or leave a file out",
        )
    _check_possible(crimes, rows)
    return rows


def _check_possible(crimes: CountyCrimes, rows: pd.DataFrame) -> None:
    """Refuse counties with as many crimes as residents, as exchanged columns give them."""
    wrong = rows.loc[impossible_counts(rows), ["county_fips", "years", "crimes", "residents"]]
    if wrong.empty:
        return
    raise InputError(
        Problem(
            file=files_of(crimes),
            where=f"county {code}, {years}",
            found=f"{count:,.0f} crimes among {residents:,.0f} residents",
            expected="fewer crimes than residents",
            action="check which column holds what, or leave the row out",
        )
        for code, years, count, residents in wrong.itertuples(index=False, name=None)
    )


def years_without_figures(
    rows: pd.DataFrame, first: int | None, last: int | None
) -> tuple[int, ...]:
    """Find years that were asked for and of which no row tells; a pooled figure tells of all."""
    if first is None or last is None or any(len(years_in(text)) > 1 for text in set(rows["years"])):
        return ()
    return tuple(sorted(set(range(first, last + 1)) - set(rows["year"])))


def words_for_silent(silent: Sequence[int]) -> list[str]:
    """Say of years without figures what they count for."""
    if not silent:
        return []
    years = ", ".join(map(str, silent))
    return [f"no figures of {years}, which lower the covered share as years without a report do"]


def without_residents(rows: pd.DataFrame) -> tuple[pd.DataFrame, int]:
    """Take years of crimes among nobody knows how many for years without a report, and count them.

    Where nobody is covered, as where a campus alone reported, nobody is missing.
    """
    nobody = rows["crimes"].notna() & ~(rows["residents"] > 0)
    left_out = int((nobody & (rows["covered_share"] != 0)).sum())
    return rows.assign(crimes=rows["crimes"].mask(nobody)), left_out


def without_weak_years(rows: pd.DataFrame, least: float) -> tuple[pd.DataFrame, int]:
    """Take years of a covered share below the least for years without a report, and count them.

    Only of counties that have a better year.
    """
    reported = rows["crimes"].notna()
    weak = reported & (rows["covered_share"] < least)
    better = (reported & ~weak).groupby(rows["county_fips"]).transform("any")
    left_out = weak & better
    return rows.assign(crimes=rows["crimes"].mask(left_out)), int(left_out.sum())


def files_of(crimes: CountyCrimes) -> str:
    return ", ".join(dict.fromkeys(source.file for source in crimes.sources))


def pooling_error(crimes: CountyCrimes, found: str, expected: str, action: str) -> InputError:
    problem = Problem(file=files_of(crimes), found=found, expected=expected, action=action)
    return InputError([problem])
