"""Arrests by day and place, from records or from a published series, and weeks of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Final, Literal

import pandas as pd

from arrest_atlas.counting import KINDS, Kind
from arrest_atlas.period import Period
from arrest_atlas.report_parts._wording import count
from arrest_atlas.tables._reporting_gaps import Gap, find_gaps
from arrest_atlas.tables.arrest_rows import UNASSIGNED
from boundaries import load_field_offices, load_states
from geo.arrest_series import ArrestSeries, main_block

__all__ = ["ALL", "LEVEL_WORDS", "DatedCounts", "PlaceDays", "dated_counts", "place_name"]

ALL: Final = "all"
"""Stands for all places together."""

PlaceLevel = Literal["all", "state", "aor"]

LEVEL_WORDS: Final[dict[PlaceLevel, tuple[str, str]]] = {
    "all": ("all places", "all places"),
    "state": ("state", "states"),
    "aor": ("field office", "field offices"),
}
"""What a place is, of one and of several."""

_WEEK: Final = pd.Timedelta(days=7)


@dataclass(frozen=True, kw_only=True, eq=False)
class PlaceDays:
    """Arrests of a kind in a place, by day.

    Attributes
    ----------
    level : {"all", "state", "aor"}
        What the place is.
    place : str
        Its code.
    kind : {"all", "custodial", "community", "other"}
        Which arrests.
    days : pandas.Series of float
        By day (or week, by its first day), without holes; missing where there is no row.
    step : {1, 7}
        Days of a row.
    """

    level: PlaceLevel
    place: str
    kind: Kind | Literal["other"]
    days: pd.Series
    step: Literal[1, 7]

    @property
    def name(self) -> str:
        """Name of the place."""
        return place_name(self.level, self.place)

    def gaps(self) -> list[Gap]:
        """Find days that are better not read as a lull."""
        return find_gaps(self.days, step=self.step, late=self.level == "all")

    def weeks(self, gaps: Sequence[Gap] = ()) -> pd.Series:
        """Add up whole weeks from Monday to Sunday; those that a gap touches are missing."""
        weeks = self.days
        if self.step == 1:
            totals = self.days.resample("W-MON", closed="left", label="left").sum(min_count=7)
            whole = self.days.resample("W-MON", closed="left", label="left").size() == _WEEK.days
            weeks = totals[whole]
        told = pd.Series(data=True, index=weeks.index)
        for gap in gaps:
            told &= (weeks.index > gap.last) | (weeks.index <= gap.first - _WEEK)
        return weeks.where(told)


@dataclass(frozen=True, kw_only=True, eq=False)
class DatedCounts:
    """Arrests by day of many places.

    Attributes
    ----------
    places : tuple of PlaceDays
        All places together first, then states, then offices.
    period : Period
        From the first day to the last.
    source : str
        Files.
    notes : tuple of str
        What was done to the numbers.
    silent : tuple of Gap
        Days that have no row for any place.
    """

    places: tuple[PlaceDays, ...]
    period: Period
    source: str
    notes: tuple[str, ...]
    silent: tuple[Gap, ...] = ()

    def gaps(self) -> list[Gap]:
        """Find days that are not told of any place."""
        (whole,) = self.of("all")
        return [*self.silent, *(gap for gap in whole.gaps() if gap.kind != "no row")]

    def of(self, level: PlaceLevel, kind: str = "all") -> list[PlaceDays]:
        """List the places of a level."""
        return [each for each in self.places if each.level == level and each.kind == kind]


def dated_counts(
    rows: pd.DataFrame | None, series: ArrestSeries | None, *, source: str = ""
) -> DatedCounts:
    """Count by day: a published series where it is given, else records."""
    if series is not None:
        return _of_series(series)
    if rows is None or rows["date"].isna().all():
        message = "found neither rows with a date nor a series; expected one of them"
        raise ValueError(message)
    return _of_rows(rows, source)


def place_name(level: PlaceLevel, place: str) -> str:
    """Name a place."""
    if place in (ALL, UNASSIGNED):
        return {ALL: "All places", UNASSIGNED: "Not assigned"}[place]
    names = load_states() if level == "state" else load_field_offices()
    return str(names["name"].get(place, place))


def _of_series(series: ArrestSeries) -> DatedCounts:
    table = series.table
    told = table.sum(axis="columns", min_count=1)
    # A place that is not told makes no sum of all, and says nothing of the others.
    every = told.where(table.notna().all(axis="columns"))
    end = table.index[-1] + pd.Timedelta(days=series.step - 1)
    places = [
        PlaceDays(
            level=series.by, place=str(place), kind="all", days=table[place], step=series.step
        )
        for place in table
    ]
    whole = PlaceDays(level="all", place=ALL, kind="all", days=every, step=series.step)
    return DatedCounts(
        places=(whole, *places),
        period=_period(table.index[0], end),
        source=series.source.file,
        notes=series.notes,
        silent=tuple(gap for gap in find_gaps(told, step=series.step) if gap.kind == "no row"),
    )


def _of_rows(rows: pd.DataFrame, source: str) -> DatedCounts:
    dated = rows.dropna(subset=["date"])
    first, last = main_block(dated.groupby("date").size().astype("float64"))
    inside = dated[(dated["date"] >= first) & (dated["date"] <= last)]
    every = pd.date_range(first, last, freq="D", name="date")
    return DatedCounts(
        places=tuple(_places(inside, every)),
        period=_period(first, last),
        source=source or "the records given",
        notes=tuple(_left_out(len(rows) - len(dated), len(dated) - len(inside))),
    )


def _left_out(undated: int, stray: int) -> Iterator[str]:
    if undated:
        yield f"{count(undated)} arrests without a date are in no series."
    if stray:
        yield (
            f"{count(stray)} arrests of days that four weeks without any separate from the rest "
            "are taken for mistaken dates and set aside."
        )


def _places(rows: pd.DataFrame, every: pd.DatetimeIndex) -> Iterator[PlaceDays]:
    levels: tuple[PlaceLevel, ...] = ("all", "state", "aor")
    kinds: tuple[Kind | Literal["other"], ...] = (*KINDS, "other")
    for level, kind in product(levels, kinds):
        of_kind = rows if kind == "all" else rows[rows["custody"].astype("str") == kind]
        places = (
            pd.Series(ALL, index=of_kind.index)
            if level == "all"
            else of_kind[level].astype("object").where(of_kind[level].notna(), UNASSIGNED)
        )
        table = pd.crosstab(of_kind["date"], places)
        table = table.reindex(every, fill_value=0).astype("float64")
        for place in sorted(map(str, table.columns), key=lambda each: (each == UNASSIGNED, each)):
            yield PlaceDays(level=level, place=place, kind=kind, days=table[place], step=1)


def _period(first: pd.Timestamp, last: pd.Timestamp) -> Period:
    one, other = first.date(), last.date()
    return Period(one, other, f"{one}/{other}")
