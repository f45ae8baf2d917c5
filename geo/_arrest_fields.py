"""The columns of the schema, made out of whatever columns hold them, with books kept."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
from pyarrow import compute

from boundaries import office_codes, state_codes
from geo import _arrest_values as values
from geo._arrest_sheets import DATE_FIELDS, Column, SheetArrests, Verdicts
from geo._arrest_values import Texts, Times
from geo._sheets import label, listing
from geo._words import squeeze, strike_personal
from geo.arrest_columns import SOURCE_COLUMNS
from geo.arrest_schema import ARREST_COLUMNS, ArrestColumn
from geo.errors import Problem

_STRAY_GAP: Final = np.timedelta64(60, "D")
_STRAY_SHARE: Final = 0.001
_SHOWN: Final = 50
_BEST_FIRST: Final = frozenset({"county", "landmark", "birth_year"})
"""Fields whose columns may differ: the best is taken, the next where it is blank."""
_CODES: Final = {
    "state": (state_codes, "is no state or territory"),
    "state_filled_in": (state_codes, "is no state or territory"),
    "aor": (office_codes, "is no field office"),
}
_RANGES: Final = {"latitude": (-90, 90), "longitude": (-180, 180), "birth_year": (1900, 2100)}
_REASONS: Final = (
    (values.ABSENT, "blank"),
    (values.NO_DATE, "no date"),
    (values.TOO_EARLY, "before 1 March 2003, when ICE began"),
    (values.TOO_LATE, "after the year 2100"),
)
_ROUNDED: Final = r"^\d(\.\d+)?[eE]\+\d+$"
_TRUE: Final = ("true", "t", "yes", "y", "1", "1.0")
_FALSE: Final = ("false", "f", "no", "n", "0", "0.0")


class FileCleaner:
    """Makes each field of the schema out of the columns that hold it, and keeps the books."""

    def __init__(
        self,
        *,
        path: Path,
        parts: list[SheetArrests],
        rows: int,
        repairs: Counter[tuple[str, str]],
        notes: list[str],
    ) -> None:
        self.path, self.parts, self.rows = path, parts, rows
        self.repairs, self.notes = repairs, notes
        self.problems: list[Problem] = []
        order = {
            squeeze(name): place
            for names in SOURCE_COLUMNS.values()
            for place, name in enumerate(names)
        }
        found = {key: column for part in parts for key, column in part.columns.items()}
        self.columns = sorted(found.values(), key=lambda column: (order[column.key[0]], column.key))

    def has(self, field: str) -> bool:
        return any(column.field == field for column in self.columns)

    def table(self) -> pd.DataFrame:
        made: dict[str, object] = {
            "file": pd.Categorical.from_codes(
                np.zeros(self.rows, np.int8), pd.Index([label(self.path)], dtype="str")
            ),
            "sheet": Texts.joined(
                Texts(np.zeros(len(part.rows), np.int32), pa.array([part.name]))
                for part in self.parts
            ).categories(),
            "row": np.concatenate([part.rows for part in self.parts]),
        }
        made["apprehension_date"], made["apprehension_time"] = self._days_and_times()
        for column in ARREST_COLUMNS:
            if column.name not in made:
                made[column.name] = self._field(column)
        return pd.DataFrame({column.name: made[column.name] for column in ARREST_COLUMNS})

    def _field(self, column: ArrestColumn) -> object:
        field = column.name
        if column.kind == "flag":
            return self._duplicate_flag()
        texts = self._merged(field, *_CODES.get(field, (None, "")))
        if column.kind == "degrees":
            return self._numbers(texts, field)
        if column.kind == "year":
            years = self._numbers(texts.replaced(_years(texts)), field)
            missing = np.isnan(years)
            return pd.arrays.IntegerArray(np.where(missing, 0, years).astype(np.int16), missing)
        return texts.categories()

    def _merged(
        self,
        field: str,
        convert: Callable[[pd.Series], pd.Series] | None = None,
        unknown: str = "",
    ) -> Texts:
        """Clean every column of a field, and make one of them."""
        merged: Texts | None = None
        first = ""
        for column in self.columns:
            if column.field != field:
                continue
            texts = self._cleaned(column, convert, unknown, only_fills=merged is not None)
            if merged is None:
                merged, first = texts, column.name
            else:
                self._compare(field, first, merged, column.name, texts)
                merged = merged.or_else(texts)
        return Texts.absent(self.rows) if merged is None else merged

    def _cleaned(
        self,
        column: Column,
        convert: Callable[[pd.Series], pd.Series] | None = None,
        unknown: str = "",
        *,
        only_fills: bool = False,
    ) -> Texts:
        raw = Texts.joined(
            part.texts.get(column.key, Texts.absent(len(part.rows))) for part in self.parts
        )
        texts, reasons = values.without_missing_words(raw)
        if only_fills:
            reasons = {}  # what it lacks is no loss
        if column.field == "identifier":
            rounded = values.matching(texts, _ROUNDED)
            reasons["a number that a spreadsheet rounded"] = int(texts.counts[rounded].sum())
            kept = compute.if_else(pa.array(rounded), None, texts.distinct)
            texts = texts.replaced(kept)
        if convert is not None:
            texts, lost = values.converted(texts, convert)
            shown = dict(list(lost.items())[:_SHOWN])
            for text, rows in shown.items():
                what = f"{strike_personal(text)[:60]!r} {unknown}"
                reasons[what] = reasons.get(what, 0) + rows
            reasons[f"another value that {unknown}"] = sum(lost.values()) - sum(shown.values())
        for what, rows in reasons.items():
            self.repairs[column.field, what] += rows
        return texts

    def _compare(self, field: str, first: str, one: Texts, second: str, other: Texts) -> None:
        """Refuse two columns of the same field that say different things."""
        both = Texts.joined([one, other])
        codes = np.split(both.codes, 2)
        there = codes[0] >= 0, codes[1] >= 0
        differ = int((there[0] & there[1] & (codes[0] != codes[1])).sum())
        if differ and field not in _BEST_FIRST:
            self.problems.append(
                Problem(
                    file=label(self.path),
                    where=f"columns {first!r} and {second!r}",
                    found=f"both hold the field {field}, and differ in {differ:,} rows",
                    expected="one column, or two that agree",
                    action="remove or rename the one that is not meant",
                )
            )
        elif filled := int((~there[0] & there[1]).sum()):
            self.notes.append(
                f"{label(self.path)}: {field} was read from {first!r}, and in {filled:,} rows "
                f"where that has none from {second!r}"
            )

    def _numbers(self, texts: Texts, field: str) -> npt.NDArray[np.float64]:
        low, high = _RANGES[field]
        numbers = pd.to_numeric(texts.series(), errors="coerce").to_numpy(np.float64)
        outside = ~((numbers >= low) & (numbers <= high))
        if field == "birth_year":
            outside |= np.where(outside, 0, numbers) % 1 != 0
        self.repairs[field, f"no number from {low} to {high}"] += int(texts.counts[outside].sum())
        spread: npt.NDArray[np.float64] = texts.spread(np.where(outside, np.nan, numbers), np.nan)
        return spread

    def _duplicate_flag(self) -> pd.arrays.BooleanArray:
        """Read the best of the flags: rows to drop, or rows that open an episode."""
        columns = [column for column in self.columns if column.field == "ddp_duplicate"]
        if not columns:
            return pd.array([pd.NA] * self.rows, dtype="boolean")
        best = columns[0]
        texts = self._cleaned(best)
        lower = texts.series().str.casefold()
        true, false = lower.isin(_TRUE).to_numpy(), lower.isin(_FALSE).to_numpy()
        self.repairs["ddp_duplicate", "neither true nor false"] += int(
            texts.counts[~true & ~false].sum()
        )
        if best.key[0] == squeeze("duplicate_episode_first"):
            true, false = false, true
        if best.key[0] == squeeze("duplicate_likely"):
            self.notes.append(
                f"{label(self.path)}: of DDP's flags there is only {best.name!r}, which in some "
                "releases marks the first row of an episode too"
            )
        known = texts.spread(true | false, missing=False)
        return pd.arrays.BooleanArray(texts.spread(true, missing=False), ~known)

    def _days_and_times(self) -> tuple[Times, Times]:
        """Read the day from the column of days, and the time from that of times if there is one."""
        found = [self._times(column) for column in self.columns if column.field == DATE_FIELDS[0]]
        more = [self._times(column) for column in self.columns if column.field == DATE_FIELDS[1]]
        when, why = _first_there(found or more)
        times = _first_there(more)[0] if more else when
        day = np.where(np.isnat(when), times, when).astype("datetime64[D]").astype("datetime64[s]")
        same_day = times.astype("datetime64[D]") == day.astype("datetime64[D]")
        self.repairs["apprehension_time", "on another day than the date"] += int(
            (~same_day & ~np.isnat(times) & ~np.isnat(day)).sum()
        )
        for code, what in _REASONS:
            self.repairs["apprehension_date", what] += int(((why == code) & np.isnat(day)).sum())
        if np.isnat(day).all():
            dates = [column.name for column in self.columns if column.field in DATE_FIELDS]
            self.problems.append(
                Problem(
                    file=label(self.path),
                    where=f"column {' and '.join(map(repr, dates))}",
                    found=f"no usable date in {self.rows:,} rows",
                    expected="dates such as 2025-01-31, 1/31/2025 or Excel's own",
                    action="check the column, or format it as dates",
                )
            )
            return day, day
        day = self._without_strays(day)
        times = np.where(same_day, times, day)
        return day, np.where(np.isnat(day), day, times)

    def _times(self, column: Column) -> tuple[Times, Verdicts]:
        parts = [part.times.get(column.key) or _no_times(len(part.rows)) for part in self.parts]
        return np.concatenate([when for when, _ in parts]), np.concatenate([w for _, w in parts])

    def _without_strays(self, day: Times) -> Times:
        """Set the few dates that lie far behind all others to missing."""
        known = np.sort(day[~np.isnat(day)])
        gaps = np.flatnonzero(np.diff(known) > _STRAY_GAP) + 1
        tails = gaps[known.size - gaps <= _STRAY_SHARE * known.size]
        if not tails.size:
            return day
        first = known[tails[0]]
        stray = day >= first
        self.repairs["apprehension_date", "far behind all other dates"] += int(stray.sum())
        dates = listing(np.unique(day[stray]).astype("datetime64[D]"))
        self.notes.append(
            f"{label(self.path)}: {int(stray.sum()):,} rows are dated {dates}, more than 60 days "
            "behind all others; their dates were set to missing"
        )
        return np.where(stray, np.datetime64("NaT"), day)


def _no_times(rows: int) -> tuple[Times, Verdicts]:
    return np.full(rows, "NaT", "datetime64[s]"), np.full(rows, values.ABSENT, np.int8)


def _first_there(
    columns: list[tuple[Times, Verdicts]],
) -> tuple[Times, Verdicts]:
    when, why = columns[0]
    for more, reason in columns[1:]:
        gap = np.isnat(when)
        when, why = np.where(gap, more, when), np.where(gap, reason, why)
    return when, why


def _years(texts: Texts) -> pa.StringArray:
    """Take the year out of years and dates of birth; what is neither stays as it is."""
    written = texts.series()
    years = written.str.extract(r"^(\d{4})(?:\.0+$|$|-\d)|[/ -](\d{4})(?:$|[ T])")
    return pa.Array.from_pandas(years[0].fillna(years[1]).fillna(written), type=pa.string())
