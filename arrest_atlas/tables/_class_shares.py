"""Into which classes arrests fall: shares with intervals, and what changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from arrest_atlas.tables._rate_tables import ALL, row_of
from arrest_atlas.tables.intervals import share_interval

__all__ = [
    "CRIMINALITY_CLASSES",
    "CUSTODY_CLASSES",
    "ENDS",
    "Classes",
    "class_shares",
    "difference",
    "share_changes",
    "share_dispersion",
]

Floats = npt.NDArray[np.float64]

ENDS: Final = ("share", "low", "high")
_FEWEST_WEEKS: Final = 4
_WEEK: Final = 7


@dataclass(frozen=True, kw_only=True)
class Classes:
    """Classes that arrests fall into.

    Attributes
    ----------
    column : str
        Of the rows.
    words : mapping of str to str
        By class, what it is, in few words.
    missing : str or None
        Class of rows without a value; None where there are none.
    """

    column: str
    words: Mapping[str, str]
    missing: str | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the classes."""
        return tuple(self.words)

    def of(self, rows: pd.DataFrame) -> pd.Series:
        """Tell the class of each row."""
        values = rows[self.column].astype("object")
        return values if self.missing is None else values.fillna(self.missing)


CUSTODY_CLASSES: Final = Classes(
    column="custody",
    words={
        "custodial": "in jails and prisons",
        "community": "in the community",
        "other": "neither",
    },
)
CRIMINALITY_CLASSES: Final = Classes(
    column="criminality",
    words={
        "convicted": "convicted",
        "pending": "charges pending",
        "none": "no conviction or charge",
        "unknown": "not recorded",
    },
    missing="unknown",
)


def class_shares(
    rows: pd.DataFrame,
    by: pd.Series,
    classes: Classes,
    *,
    order: Sequence[str],
    pooled: bool = False,
) -> pd.DataFrame:
    """Count the classes of each group and of all arrests, with 90 % intervals of the shares.

    Groups are `order`, then all of them. Where groups are short, such as months, dispersion is
    `pooled` over them.
    """
    kinds = classes.names
    group = pd.Index(order).get_indexer(pd.Index(by.astype("object")))
    kind = pd.Index(kinds).get_indexer(pd.Index(classes.of(rows)))
    if (group < 0).any() or (kind < 0).any():
        message = "found arrests of no group or class; expected one of those that are listed"
        raise ValueError(message)
    weeks, week = _weeks(rows["date"])
    # The first week collects what has no date.
    weekly = np.zeros((len(order), len(kinds), weeks + 1))
    np.add.at(weekly, (group, kind, week + 1), 1)
    everything = np.concatenate([weekly, weekly.sum(axis=0, keepdims=True)])
    counts = everything.sum(axis=2)
    spread = _spreads(everything[:, :, 1:], pooled=pooled)
    whole = counts.sum(axis=1)
    frame = pd.DataFrame({"arrests": whole.astype(np.int64)}, index=pd.Index([*order, ALL]))
    frame["share_of_arrests"] = whole / max(whole[-1], 1)
    for number, name in enumerate(kinds):
        part = counts[:, number]
        low, high = share_interval(part, whole, spread=spread[:, number])
        frame[name] = part.astype(np.int64)
        frame[f"{name}_share"] = np.divide(
            part, whole, out=np.full(len(whole), np.nan), where=whole > 0
        )
        frame[f"{name}_low"], frame[f"{name}_high"] = low, high
    return frame


def _weeks(dates: pd.Series) -> tuple[int, npt.NDArray[np.int64]]:
    """Count the weeks from the first day on; -1 where there is no date."""
    told = dates.notna().to_numpy()
    week = np.full(len(dates), -1, dtype=np.int64)
    if not told.any():
        return 0, week
    days = (dates[told] - dates.min()).dt.days.to_numpy()
    week[told] = days // _WEEK
    return int(week.max()) + 1, week


def _spreads(weekly: Floats, *, pooled: bool) -> Floats:
    whole = weekly.sum(axis=1, keepdims=True)
    above, below = _dispersion_parts(weekly, whole)
    if pooled:
        # All but the last, which is the sum of the others.
        above[:-1], below[:-1] = above[:-1].sum(axis=0), below[:-1].sum(axis=0)
    return _ratio(above, below, weeks=weekly.shape[2])


def share_dispersion(part: npt.ArrayLike, whole: npt.ArrayLike) -> float:
    """Measure how much more than binomial a class varies from week to week.

    As `dispersion` measures counts: the squared differences of successive residuals of the
    class from its share of the week, over what they would be were each arrest of the class by
    chance alone; at least 1, and 1 for fewer than four weeks. What all classes share, such as
    holidays, does not count.
    """
    one = np.asarray(part, dtype=np.float64)[None, None, :]
    every = np.asarray(whole, dtype=np.float64)[None, None, :]
    above, below = _dispersion_parts(one, every)
    return float(_ratio(above, below, weeks=one.shape[2])[0, 0])


def _dispersion_parts(part: Floats, whole: Floats) -> tuple[Floats, Floats]:
    total = whole.sum(axis=2, keepdims=True)
    own = part.sum(axis=2, keepdims=True)
    share = np.divide(own, total, out=np.zeros_like(own), where=total > 0)
    residual = part - share * whole
    between = (whole[:, :, 1:] + whole[:, :, :-1]).sum(axis=2)
    variance = share[:, :, 0] * (1 - share[:, :, 0]) * between
    squared: Floats = (np.diff(residual, axis=2) ** 2).sum(axis=2)
    return squared, variance


def _ratio(above: Floats, below: Floats, *, weeks: int) -> Floats:
    if weeks < _FEWEST_WEEKS:
        return np.ones_like(above)
    ratio = np.divide(above, below, out=np.ones_like(above), where=below > 0)
    return np.maximum(ratio, 1.0)


def difference(
    one: pd.Series, other: pd.Series, name: str, *, ends: Sequence[str] = ENDS
) -> tuple[float, float, float]:
    """Subtract the share of a class in `other` from that in `one`, with a 90 % interval.

    The two intervals are combined as Newcombe (1998, method 10) does, which keeps their skew.
    """
    share, low, high = (float(one[f"{name}_{end}"]) for end in ends)
    share_2, low_2, high_2 = (float(other[f"{name}_{end}"]) for end in ends)
    apart = share - share_2
    return (
        apart,
        apart - float(np.hypot(share - low, high_2 - share_2)),
        apart + float(np.hypot(high - share, share_2 - low_2)),
    )


def share_changes(now: pd.DataFrame, before: pd.DataFrame, classes: Classes) -> pd.DataFrame:
    """Subtract the shares of the period before, row by row; missing where it has no arrests."""
    earlier = before.reindex(now.index)
    columns = [f"{name}_change{end}" for name in classes.names for end in ("", "_low", "_high")]
    values = [
        sum((difference(row, row_of(earlier, group), name) for name in classes.names), ())
        for group, row in now.iterrows()
    ]
    return pd.DataFrame(values, index=now.index, columns=pd.Index(columns))
