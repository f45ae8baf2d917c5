"""Shares of detainers that arrests followed, and how soon."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from arrest_atlas.tables._class_shares import Classes, class_shares
from arrest_atlas.tables._rate_tables import ALL as ALL_ARRESTS
from arrest_atlas.tables.intervals import LEVEL

__all__ = ["ALL", "HORIZONS", "OUTCOME_CLASSES", "followed_shares", "followed_within"]

Floats = npt.NDArray[np.float64]

ALL: Final = "all detainers"
"""Names the row of everything, those of no state included."""

HORIZONS: Final = (0, 7, 30, 60, 90, 180, 365)
"""Days within which arrests follow."""

OUTCOME_CLASSES: Final = Classes(
    column="outcome",
    words={
        "custodial": "arrest in jail or prison",
        "community": "arrest in the community only",
        "other": "another arrest only",
        "none": "no arrest recorded",
    },
)


def followed_shares(
    rows: pd.DataFrame, by: pd.Series, *, order: Sequence[str], pooled: bool = False
) -> pd.DataFrame:
    """Count what followed the detainers of each group and of all, with 90 % intervals.

    A person's detainers are followed by the same arrests: intervals are those of
    `class_shares`, widened by how much more the shares vary from person to person than from
    detainer to detainer (linearised, as of clusters; Woodruff 1971).
    """
    told = rows[rows["status"] == "followed_up"]
    frame = class_shares(told, by[told.index], OUTCOME_CLASSES, order=order, pooled=pooled)
    frame = frame.rename(index={ALL_ARRESTS: ALL}).drop(columns="share_of_arrests")
    frame = frame.rename(columns={"arrests": "followed_up"})
    for name in OUTCOME_CLASSES.names:
        wider = _person_effect(told, by[told.index], name).reindex(frame.index).fillna(1.0) ** 0.5
        share, low, high = (frame[f"{name}_{end}"].copy() for end in ("share", "low", "high"))
        frame[f"{name}_low"] = (share - (share - low) * wider).clip(lower=0.0)
        frame[f"{name}_high"] = (share + (high - share) * wider).clip(upper=1.0)
    counts = {
        "detainers": _count(rows, by),
        **{
            name: _count(rows[rows["status"] == name], by)
            for name in ("no_identifier", "too_young", "before_arrests")
        },
        "arrested_before": _count(told[told["arrested_before"] & (told["outcome"] == "none")], by),
    }
    for name, counted in counts.items():
        frame[name] = counted.reindex(frame.index).fillna(0).astype("int64")
    frame.insert(0, "detainers", frame.pop("detainers"))
    frame.insert(1, "share_of_detainers", frame["detainers"] / max(len(rows), 1))
    whole = frame["followed_up"] + frame["no_identifier"]
    frame["custodial_least"] = frame["custodial"] / whole.where(whole > 0)
    frame["custodial_most"] = (frame["custodial"] + frame["no_identifier"]) / whole.where(whole > 0)
    return frame


def _count(rows: pd.DataFrame, by: pd.Series) -> pd.Series:
    counts: pd.Series = by[rows.index].astype("object").value_counts()
    counts[ALL] = len(rows)
    return counts


def _person_effect(told: pd.DataFrame, by: pd.Series, outcome: str) -> pd.Series:
    """Measure by how much a share varies more than if all detainers were of different persons."""
    hit = (told["outcome"] == outcome).astype("float64")

    def effect(group: pd.Series) -> pd.Series:
        share = hit.groupby(group).mean()
        size = hit.groupby(group).size()
        left = hit - group.map(share).astype("float64")
        squared = left.groupby([group, told["person"]]).sum() ** 2
        variance = size * share * (1 - share)
        ratio: pd.Series = squared.groupby(level=0).sum() / variance.where(variance > 0)
        return ratio.fillna(1.0).clip(lower=1.0)

    effects: pd.Series = effect(by.astype("object"))
    effects[ALL] = effect(pd.Series(ALL, index=told.index)).max()  # missing where there is none
    return effects


def followed_within(rows: pd.DataFrame, *, horizons: Sequence[int] = HORIZONS) -> pd.DataFrame:
    """Estimate the share followed within some days, young detainers included as far as seen.

    The product-limit estimate (Kaplan and Meier 1958): detainers that the records end on
    before an arrest count until then. Intervals by Greenwood's variance on the scale of
    log(-log), widened for persons with several detainers; missing for days that no detainer
    was followed for.
    """
    seen = rows[rows["status"].isin(["followed_up", "too_young"])]
    seen = seen[(seen["person"] >= 0) & (seen["observed"] >= 0)]
    observed = seen["observed"].to_numpy(dtype=np.float64)
    days = pd.Index(horizons, name="days")
    frame = pd.DataFrame(
        {"detainers": [int((observed >= day).sum()) for day in horizons]}, index=days
    )
    per_person = seen.groupby("person").size().to_numpy(dtype=np.float64)
    # Were all of a person's detainers followed alike, this is how much they vary more.
    wider = float((per_person**2).sum() / per_person.sum()) if len(seen) else 1.0
    for name in ("custodial", "any"):
        gap = seen[f"{name}_gap"].to_numpy(dtype=np.float64)
        share, low, high = _product_limit(gap, observed, np.asarray(horizons), wider)
        frame[f"{name}_share"], frame[f"{name}_low"], frame[f"{name}_high"] = share, low, high
    return frame


def _product_limit(
    gap: Floats, observed: Floats, horizons: npt.NDArray[np.int64], wider: float
) -> tuple[Floats, Floats, Floats]:
    nothing = np.full(len(horizons), np.nan)
    if not len(observed):
        return nothing, nothing, nothing
    event = ~np.isnan(gap)
    until = np.where(event, gap, observed).astype(np.int64)
    last = int(observed.max())
    leaving = np.bincount(until, minlength=last + 1)[: last + 1]
    events = np.bincount(until[event], minlength=last + 1)[: last + 1]
    at_risk = len(until) - np.concatenate([[0], np.cumsum(leaving)[:-1]])
    with np.errstate(divide="ignore", invalid="ignore"):
        left = np.cumprod(1 - events / np.maximum(at_risk, 1))
        terms = np.where(events > 0, events / (at_risk * (at_risk - events)), 0.0)
        deviation = np.sqrt(np.cumsum(terms) * wider)
        width = stats.norm.ppf((1 + LEVEL) / 2) * deviation / np.abs(np.log(left))
        # Nothing happened yet, or everything: there is no scale of log(-log).
        width = np.where((left > 0) & (left < 1), width, 0.0)
        low, high = 1 - left ** np.exp(-width), 1 - left ** np.exp(width)
    known = horizons <= last
    place = np.minimum(horizons, last)
    return (
        np.where(known, 1 - left[place], np.nan),
        np.where(known, low[place], np.nan),
        np.where(known, high[place], np.nan),
    )
