"""Days on which next to nothing was recorded, though arrests were to be expected."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from arrest_atlas.tables.intervals import dispersion

__all__ = ["Gap", "find_gaps"]

_NEAR: Final = 28
"""Days before and after from which is told what was to be expected."""

_FEWEST_NEAR: Final = 7
_HARDLY: Final = 0.1
"""Share of what was to be expected below which hardly anything was recorded."""

_END: Final = 14
_THIN: Final = 0.5
"""The last days are thin below this share of what was to be expected."""

_SHORTEST: Final = 3
_ERROR: Final = 0.01

Floats = npt.NDArray[np.float64]
Kind = Literal["no row", "nothing recorded", "hardly anything recorded", "end of the file"]


@dataclass(frozen=True, kw_only=True)
class Gap:
    """Days that are better not read as a lull.

    Attributes
    ----------
    first, last : pandas.Timestamp
        Its ends, both of it.
    kind : str
        What is wrong: no row, nothing or hardly anything recorded, or the end of the file,
        where arrests are entered late.
    recorded, expected : float
        Arrests recorded, and to be expected by the four weeks before and after.
    """

    first: pd.Timestamp
    last: pd.Timestamp
    kind: Kind
    recorded: float
    expected: float

    @property
    def days(self) -> int:
        """Number of days."""
        return (self.last - self.first).days + 1


def find_gaps(series: pd.Series, *, step: int = 1, late: bool = False) -> list[Gap]:
    """Find days without a row, and runs of days with too few arrests to be chance.

    Parameters
    ----------
    series : pandas.Series of float
        Arrests by day, or by week under its first day, without holes in the index; missing
        where there is no row.
    step : {1, 7}
        Days of a row.
    late : bool, default False
        Whether to look for a thin end, as where arrests are entered late. Of one place among
        several it may well be a lull.

    Returns
    -------
    list of Gap
        In order. A run is of three days at least, with no arrest, or with at most a tenth of
        what the days before and after let expect, each by its day of the week. At a late end
        those of the last two weeks count from which on there is less than a half. Either is
        no chance: so few, from a negative binomial distribution with the spread of weeks, have
        a probability below 1 % over all days together.

    Examples
    --------
    >>> days = pd.date_range("2025-01-06", periods=70, freq="D")
    >>> counts = pd.Series(10.0, index=days)
    >>> counts["2025-02-03":"2025-02-07"] = 0.0
    >>> [(gap.days, gap.kind, round(gap.expected)) for gap in find_gaps(counts)]
    [(5, 'nothing recorded', 48)]
    """
    counts = series.to_numpy(dtype=np.float64)
    gaps = list(_absent(series, step))
    if np.nansum(counts) > 0:
        scan = _Scan(series, step)
        thin = [*scan.hardly_any(), *(scan.thin_end() if late else ())]
        gaps += [gap for gap in thin if not any(_meet(gap, other) for other in gaps)]
    return sorted(gaps, key=lambda gap: gap.first)


def _meet(one: Gap, other: Gap) -> bool:
    return one.first <= other.last and other.first <= one.last


def _runs(flags: npt.NDArray[np.bool_]) -> Iterator[tuple[int, int]]:
    """List stretches of true flags, as slices."""
    turns = np.flatnonzero(np.diff(np.concatenate([[0], flags.astype(np.int8), [0]])))
    return zip(turns[::2].tolist(), turns[1::2].tolist(), strict=True)


def _absent(series: pd.Series, step: int) -> Iterator[Gap]:
    for start, end in _runs(series.isna().to_numpy()):
        yield Gap(
            first=series.index[start],
            last=series.index[end - 1] + pd.Timedelta(days=step - 1),
            kind="no row",
            recorded=float("nan"),
            expected=float("nan"),
        )


class _Scan:
    """Runs of a series with too few arrests."""

    def __init__(self, series: pd.Series, step: int) -> None:
        self._days = series.index
        self._counts = series.to_numpy(dtype=np.float64)
        self._step = step
        self._profile = self._of_weekdays()
        weeks = series if step > 1 else series.resample("W-SUN").sum(min_count=7)
        self._spread = dispersion(_without_extremes(weeks.to_numpy(dtype=np.float64)))

    def _of_weekdays(self) -> Floats:
        """Share of a usual day, by the day of the week."""
        if self._step > 1:
            return np.ones(len(self._days))
        weekday = pd.DatetimeIndex(self._days).day_of_week.to_numpy()
        mean = pd.Series(self._counts).groupby(weekday).mean().reindex(range(7))
        usual = (mean / mean.mean()).fillna(1.0).to_numpy(dtype=np.float64)
        profile: Floats = np.maximum(usual[weekday], 1e-6)
        return profile

    def _expected(self, start: int, end: int, *, after: bool = True) -> float:
        """Tell how many arrests days let expect, by those near them."""
        near = _NEAR // self._step
        until = end + near if after else end
        sides = [(max(0, start - near), start), (end, min(len(self._counts), until))]
        known = [
            (self._counts[one:other], self._profile[one:other])
            for one, other in sides
            if (~np.isnan(self._counts[one:other])).sum() * self._step >= _FEWEST_NEAR
        ]
        if not known:
            return float("nan")
        # The lower side: a surge before a gap does not say that it would have gone on.
        levels = [
            float(np.nansum(counts) / profile[~np.isnan(counts)].sum()) for counts, profile in known
        ]
        return min(levels) * float(self._profile[start:end].sum())

    def _chance(self, recorded: float, expected: float) -> float:
        """Tell how probable so few arrests are."""
        if self._spread <= 1:
            return float(stats.poisson.cdf(recorded, expected))
        size = expected / (self._spread - 1)
        return float(stats.nbinom.cdf(recorded, size, 1 / self._spread))

    def hardly_any(self) -> Iterator[Gap]:
        """Find runs with a tenth of what was to be expected."""
        usual = pd.Series(self._counts / self._profile).rolling(
            2 * (_NEAR // self._step) + 1, center=True, min_periods=1
        ).median().to_numpy()  # fmt: skip
        low = self._counts <= _HARDLY * usual * self._profile
        for start, end in _runs(low | (self._counts == 0)):
            if (end - start) * self._step < _SHORTEST:
                continue
            recorded, expected = float(self._counts[start:end].sum()), self._expected(start, end)
            # At an end nobody knows whether a few arrests are the new level.
            inside = start > 0 and end < len(self._counts)
            if not recorded <= _HARDLY * expected or (recorded and not inside):
                continue
            if self._chance(recorded, expected) * len(self._counts) < _ERROR:
                kind: Kind = "hardly anything recorded" if recorded else "nothing recorded"
                yield self._gap(start, end, kind, recorded, expected)

    def thin_end(self) -> Iterator[Gap]:
        """Find the longest stretch of last days that is thin."""
        n = len(self._counts)
        for length in range(_END // self._step, 0, -1):
            start = n - length
            if start <= 0:
                continue
            recorded = float(np.nansum(self._counts[start:]))
            expected = self._expected(start, n, after=False)
            each = self._counts[start] <= _THIN * expected / length
            if each and recorded <= _THIN * expected and (
                self._chance(recorded, expected) * _END < _ERROR
            ):  # fmt: skip
                yield self._gap(start, n, "end of the file", recorded, expected)
                return

    def _gap(self, start: int, end: int, kind: Kind, recorded: float, expected: float) -> Gap:
        return Gap(
            first=self._days[start],
            last=self._days[end - 1] + pd.Timedelta(days=self._step - 1),
            kind=kind,
            recorded=recorded,
            expected=expected,
        )


def _without_extremes(weeks: Floats) -> Floats:
    """Leave out weeks with hardly anything, which may lie in a gap."""
    usual = pd.Series(weeks).rolling(9, center=True, min_periods=1).median().to_numpy()
    kept: Floats = weeks[weeks > _HARDLY * usual]
    return kept
