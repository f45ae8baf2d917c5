"""Arrest records, read and judged row by row, before anything is counted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import pandas as pd

from arrest_atlas.period import Period
from geo import (
    ArrestClasses,
    ArrestRecords,
    DuplicateRule,
    Duplicates,
    InputError,
    LocatedArrests,
    Problem,
    QualityReport,
    classify_arrests,
    find_duplicates,
    locate_arrests,
    quality_report,
    read_arrests,
    read_place_names,
)

__all__ = ["CUSTODY_WORDS", "Programme287g", "Records", "judge_records"]

Programme287g = Literal["other", "custodial"]

CUSTODY_WORDS: Final = {
    "custodial": "custodial arrests (taken over from jails and prisons)",
    "community": "community arrests (on the street, at home, at work, at check-ins)",
    "other": "other arrests (programmes and methods that are neither)",
}
"""The classes of custody, in words."""


@dataclass(frozen=True, kw_only=True, repr=False)
class Records:
    """Records and what was decided of each row.

    Attributes
    ----------
    arrests : ArrestRecords
        The rows as read.
    duplicates : Duplicates
        Which of them record an arrest once more.
    classes : ArrestClasses
        Custody and criminality.
    located : LocatedArrests
        Where, as far as the evidence goes.
    quality : QualityReport
        What was read, missing, repeated, located, over every row.
    programme_287g : {"other", "custodial"}
        Class of arrests of the programme 287(g).
    period : Period or None
        Days from which arrests are counted; None counts all.
    """

    arrests: ArrestRecords
    duplicates: Duplicates
    classes: ArrestClasses
    located: LocatedArrests
    quality: QualityReport
    programme_287g: Programme287g
    period: Period | None = None

    def __repr__(self) -> str:
        return f"{int(self.counted.sum()):,} arrests of {len(self.counted):,} rows"

    @property
    def counted(self) -> pd.Series:
        """Tell which rows a run counts: no duplicates, within the period.

        Returns
        -------
        pandas.Series of bool
            On the index of the records.
        """
        return ~self.duplicates.drop & self._within

    @property
    def outside_period(self) -> int:
        """Count the rows, duplicates aside, of other days or of none.

        Returns
        -------
        int
            Rows.
        """
        return int((~self.duplicates.drop & ~self._within).sum())

    @property
    def unlocated(self) -> int:
        """Count the arrests that nothing locates.

        Returns
        -------
        int
            Counted rows of headquarters or of no place.
        """
        return int((self.located.table.loc[self.counted, "support"] == "none").sum())

    @property
    def _within(self) -> pd.Series:
        dates = self.arrests.table["apprehension_date"]
        if self.period is None:
            return pd.Series(data=True, index=dates.index)
        first, last = pd.Timestamp(self.period.first), pd.Timestamp(self.period.last)
        return (dates >= first) & (dates <= last)

    @property
    def counted_period(self) -> Period | None:
        """Tell from when to when the counted arrests were made.

        Returns
        -------
        Period or None
            From the first day to the last; None where no row has a date.
        """
        dates = self.arrests.table.loc[self.counted, "apprehension_date"].dropna()
        if dates.empty:
            return None
        first, last = dates.min().date(), dates.max().date()
        return Period(first, last, f"{first}/{last}")


def judge_records(
    paths: Sequence[str | Path],
    *,
    sheets: Sequence[str] = (),
    duplicates: DuplicateRule = "episode",
    programme_287g: Programme287g = "other",
    aliases: str | Path | None = None,
    period: Period | None = None,
) -> Records:
    """Read records and judge each row: duplicate or not, of which class, where.

    Parameters
    ----------
    paths : sequence of str or pathlib.Path
        Files of arrest records.
    sheets : sequence of str, optional
        Sheets of workbooks to read.
    duplicates : {"episode", "same-day", "identifier-and-time", "none"}
        When a row records an arrest once more.
    programme_287g : {"other", "custodial"}
        Class of arrests of the programme 287(g).
    aliases : str or pathlib.Path, optional
        CSV of further place names.
    period : Period, optional
        Days from which arrests are counted.

    Returns
    -------
    Records
        Every row, and what was decided of it.

    Raises
    ------
    InputError
        If a file cannot be used, or no row is left to be counted.
    """
    arrests = read_arrests(paths, sheets=sheets)
    names = None if aliases is None else read_place_names(aliases)
    repeated = find_duplicates(arrests.table, rule=duplicates)
    classes = classify_arrests(arrests.table, programme_287g=programme_287g)
    located = locate_arrests(arrests.table, aliases=names)
    records = Records(
        arrests=arrests,
        duplicates=repeated,
        classes=classes,
        located=located,
        quality=quality_report(arrests, repeated, classes, located),
        programme_287g=programme_287g,
        period=period,
    )
    if not records.counted.any():
        raise InputError([_nothing_left(records)])
    return records


def _nothing_left(records: Records) -> Problem:
    dates = records.arrests.table["apprehension_date"].dropna()
    seen = f"days from {dates.min().date()} to {dates.max().date()}" if len(dates) else "no day"
    return Problem(
        file=", ".join(source.file for source in records.arrests.sources),
        found=f"no arrest within {records.period}, but {seen}",
        expected="at least one arrest in the period",
        action="change --arrest-period, or leave it out",
    )
