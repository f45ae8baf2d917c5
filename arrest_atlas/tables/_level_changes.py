"""Changes of level of every place of a source, as tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from arrest_atlas.tables._change_points import Change, Levels, change_points, clearness
from arrest_atlas.tables._dated_counts import DatedCounts, PlaceDays
from arrest_atlas.tables._reporting_gaps import Gap
from arrest_atlas.tables.arrest_rows import UNASSIGNED

__all__ = ["Found", "changes_frame", "find_changes", "places_frame", "weeks_frame"]

ERROR: Final = 0.05
"""How often any place of a table may show a change where there is none."""

_FEWEST_WEEKS: Final = 12
_FEWEST_A_WEEK: Final = 1.0


@dataclass(frozen=True, kw_only=True, eq=False)
class Found:
    """What was found of a place.

    Attributes
    ----------
    place : PlaceDays
        Which.
    weeks : pandas.Series of float
        Arrests by first day of the week, missing where a gap touches it.
    gaps : list of Gap
        Of the place or of its whole source.
    levels : Levels or None
        None where it was not tested.
    reason : str
        Why not; empty if it was.
    """

    place: PlaceDays
    weeks: pd.Series
    gaps: list[Gap]
    levels: Levels | None
    reason: str

    @property
    def changes(self) -> tuple[Change, ...]:
        """Changes of level."""
        return () if self.levels is None else self.levels.changes

    @property
    def level(self) -> pd.Series:
        """Level by week; missing where not tested."""
        if self.levels is None:
            return pd.Series(np.nan, index=self.weeks.index)
        ends = [0, *(change.at for change in self.changes), len(self.weeks)]
        return pd.Series(np.repeat(self.levels.means, np.diff(ends)), index=self.weeks.index)


def find_changes(counts: DatedCounts, *, rng: np.random.Generator) -> list[Found]:
    """Look for changes in every place, by kind, apart from what is a gap."""
    whole = counts.gaps()
    own = {(each.level, each.place): each.gaps() for each in counts.places if each.kind == "all"}
    prepared = []
    for place in counts.places:
        gaps = sorted(
            {*whole, *own[place.level, place.place]}, key=lambda gap: (gap.first, gap.last)
        )
        prepared.append((place, place.weeks(gaps), gaps))
    reasons = [_reason(place, weeks) for place, weeks, _ in prepared]
    tested = pd.Series(
        [place.level for (place, _, _), why in zip(prepared, reasons, strict=True) if not why]
    ).value_counts()
    return [
        Found(
            place=place,
            weeks=weeks,
            gaps=gaps,
            levels=None if why else change_points(
                weeks, error=ERROR / int(tested[place.level]), rng=rng
            ),
            reason=why,
        )
        for (place, weeks, gaps), why in zip(prepared, reasons, strict=True)
    ]  # fmt: skip


def _reason(place: PlaceDays, weeks: pd.Series) -> str:
    if place.place == UNASSIGNED:
        return "no place"
    told = weeks.dropna()
    if len(told) < _FEWEST_WEEKS:
        return f"fewer than {_FEWEST_WEEKS} whole weeks"
    if told.mean() < _FEWEST_A_WEEK:
        return "less than one arrest a week"
    return ""


def changes_frame(found: Sequence[Found]) -> pd.DataFrame:
    """List the changes, a row each, the clearest first."""
    rows = [row for each in found for row in _rows(each)]
    columns = [
        *("level", "place", "name", "kind", "direction", "week", "week_first", "week_last"),
        *("weekly_before", "weekly_after", "ratio", "ratio_low", "ratio_high", "until"),
        "clearness",
    ]
    frame = pd.DataFrame(rows, columns=columns)
    frame = frame.sort_values("clearness", ascending=False, kind="stable", ignore_index=True)
    return frame.drop(columns="clearness").rename_axis("change")


def _rows(found: Found) -> Iterator[dict[str, object]]:
    days = pd.DatetimeIndex(found.weeks.index).strftime("%Y-%m-%d")
    assert found.levels is not None or not found.changes  # noqa: S101
    means = () if found.levels is None else found.levels.means
    ends = [*(days[change.at] for change in found.changes[1:]), ""]
    for number, (change, until) in enumerate(zip(found.changes, ends, strict=False)):
        yield {
            "level": found.place.level,
            "place": found.place.place,
            "name": found.place.name,
            "kind": found.place.kind,
            "direction": "rise" if change.ratio > 1 else "fall",
            "week": days[change.at],
            "week_first": days[change.first],
            "week_last": days[change.last],
            "weekly_before": means[number],
            "weekly_after": means[number + 1],
            "ratio": change.ratio,
            "ratio_low": change.low,
            "ratio_high": change.high,
            "until": until,
            "clearness": clearness(change),
        }


def places_frame(found: Sequence[Found], level: str) -> pd.DataFrame:
    """Sum up each place, a row each: its level now against its own past."""
    rows = []
    for each in found:
        if each.place.level not in (level, "all") or each.place.kind != "all":
            continue
        latest = each.changes[-1] if each.changes else None
        past = each.weeks.iloc[: latest.at] if latest else each.weeks.iloc[:0]
        now = float(each.levels.means[-1]) if each.levels else np.nan
        before = float(past.mean()) if len(past) else np.nan
        rows.append(
            {
                level: each.place.place,
                "name": each.place.name,
                "arrests": float(each.place.days.sum()),
                "weeks": len(each.weeks),
                "weeks_not_told": int(each.weeks.isna().sum()),
                "weekly_mean": float(each.weeks.mean()),
                "variation": each.levels.variation if each.levels else np.nan,
                "memory": each.levels.memory if each.levels else np.nan,
                "changes": len(each.changes) if each.levels else np.nan,
                "weekly_now": now,
                "since": f"{each.weeks.index[latest.at]:%Y-%m-%d}" if latest else "",
                "weekly_earlier": before,
                "now_over_earlier": now / before if before > 0 else np.nan,
                "reason": each.reason,
            }
        )
    return pd.DataFrame(rows).set_index(level)


def weeks_frame(found: Sequence[Found]) -> pd.DataFrame:
    """List the weeks of every place."""
    parts = [
        pd.DataFrame(
            {
                "level": each.place.level,
                "place": each.place.place,
                "kind": each.place.kind,
                "arrests": each.place.weeks(),
                "told": each.weeks.notna(),
                "weekly_level": each.level,
            }
        )
        for each in found
    ]
    frame = pd.concat(parts)
    week = pd.Index(pd.DatetimeIndex(frame.index).strftime("%Y-%m-%d"), name="week")
    return frame.set_axis(week, axis=0)
