"""What each source tells, day by day and field by field."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd

from arrest_atlas.records import Records
from arrest_atlas.tables._dated_counts import DatedCounts, PlaceDays, dated_counts
from arrest_atlas.tables.arrest_rows import arrest_rows
from arrest_atlas.tables.intervals import dispersion, share_interval
from geo import SUPPORT_LEVELS

__all__ = ["FIELDS", "coverage_frame", "gaps_frame", "months_frame", "source_counts"]

FIELDS: Final = ("state", "aor", "landmark", "method", "criminality", "identifier")
"""Fields as recorded, before anything is inferred."""

_GAP: Final = [
    *("source", "level", "place", "name", "first", "last", "days", "kind"),
    *("recorded", "expected"),
]


def source_counts(records: Records) -> list[DatedCounts]:
    """Count the arrests of each file by day."""
    rows = arrest_rows(records)
    files = records.arrests.table["file"].reindex(rows.index).astype("str")
    counted = []
    for source in records.arrests.sources:
        of_file = rows[files == source.file]
        if of_file["date"].notna().any():
            counted.append(dated_counts(of_file, None, source=source.file))
    return counted


def coverage_frame(counted: Sequence[DatedCounts]) -> pd.DataFrame:
    """Sum up each source and place, a row each."""
    rows = [
        _coverage(counts.source, place)
        for counts in counted
        for place in counts.places
        if place.kind == "all"
    ]
    return pd.DataFrame(rows).rename_axis("row")


def _coverage(source: str, place: PlaceDays) -> dict[str, object]:
    days = place.days
    gaps = place.gaps()
    missing = sum(gap.days for gap in gaps)
    every = len(days) * place.step
    return {
        "source": source,
        "level": place.level,
        "place": place.place,
        "name": place.name,
        "first": f"{days.index[0]:%Y-%m-%d}",
        "last": f"{days.index[-1] + pd.Timedelta(days=place.step - 1):%Y-%m-%d}",
        "days": every,
        "arrests": float(days.sum()),
        "days_without": int((days == 0).sum()) * place.step,
        "days_not_told": missing,
        "told_share": 1 - missing / every,
        "gaps": len(gaps),
    }


def gaps_frame(counted: Sequence[DatedCounts]) -> pd.DataFrame:
    """List the gaps, a row each, those of whole sources first."""
    rows = [
        [
            *(counts.source, place.level, place.place, place.name),
            *(f"{gap.first:%Y-%m-%d}", f"{gap.last:%Y-%m-%d}"),
            *(gap.days, gap.kind, gap.recorded, gap.expected),
        ]
        for counts in counted
        for place in counts.places
        if place.kind == "all"
        for gap in place.gaps()
    ]
    return pd.DataFrame(rows, columns=_GAP).rename_axis("gap")


def months_frame(rows: pd.DataFrame, records: Records) -> pd.DataFrame:
    """Tell by source and month which shares of arrests have a field, a row each."""
    table = records.arrests.table.reindex(rows.index)
    dated = rows["date"].notna()
    keys = pd.DataFrame(
        {
            "source": table["file"].astype("str")[dated],
            "month": rows["date"][dated].dt.strftime("%Y-%m"),
        }
    )
    has = pd.DataFrame({f"{name}_told": table[name].notna()[dated] for name in FIELDS})
    known = pd.DataFrame(
        {f"{level}_share": (rows["support"] == level)[dated] for level in SUPPORT_LEVELS}
    )
    by = [keys["source"], keys["month"]]
    frame = pd.concat([has, known], axis="columns").groupby(by).mean()
    frame.insert(0, "arrests", keys.groupby(by).size())
    weekly = rows.loc[dated, "date"].dt.to_period("W-SUN").value_counts().sort_index()
    # Located arrests come in operations, as arrests do: no month's share is surer than these.
    spread = dispersion(weekly.iloc[1:-1].to_numpy())
    located = (frame["county_share"] * frame["arrests"]).to_numpy(dtype=np.float64)
    low, high = share_interval(located, frame["arrests"].to_numpy(), spread=spread)
    place = list(frame.columns).index("county_share") + 1
    frame.insert(place, "county_share_low", low)
    frame.insert(place + 1, "county_share_high", high)
    return frame.reset_index().rename_axis("row")
