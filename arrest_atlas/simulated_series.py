"""Simulated daily arrests by state, with surges and reporting gaps that are known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from geo import Source
from geo.arrest_series import ArrestSeries

__all__ = ["SimulatedSeries", "simulate_series"]

_FIRST, _LAST = "2025-01-20", "2026-03-29"
_LEVELS: Final = {"CT": 12.0, "IL": 60.0, "MN": 50.0, "OR": 25.0, "TX": 1_800.0}
"""Arrests a week before any change."""

_CHANGES: Final = (
    ("CT", "2025-03-03", 2.5),
    ("MN", "2025-09-01", 6.0),
    ("MN", "2025-11-03", 1 / 6),
    ("IL", "2025-12-01", 3.0),
)
_GAPS: Final = (("OR", "2025-06-09", "2025-06-22"), ("all", "2025-08-11", "2025-08-17"))
_SIZE: Final = 25.0
_WEEKEND, _WEEKDAY = 0.4, 1.24


@dataclass(frozen=True, kw_only=True)
class SimulatedSeries:
    """Simulated series and the truth behind them.

    Attributes
    ----------
    series : ArrestSeries
        Arrests by day.
    changes : pandas.DataFrame
        ``place``, ``week`` (first day of the new level) and ``ratio`` of each change.
    gaps : pandas.DataFrame
        ``place`` (``all`` for every one), ``first`` and ``last`` day without a record.
    """

    series: ArrestSeries
    changes: pd.DataFrame
    gaps: pd.DataFrame


def simulate_series(*, rng: int | np.random.Generator) -> SimulatedSeries:
    """Make up daily arrests of five states.

    Weeks vary around their level by a fifth beside Poisson's chance; on Saturdays and
    Sundays there are a third as many as on other days.

    Parameters
    ----------
    rng : int or numpy.random.Generator
        Source of randomness.

    Returns
    -------
    SimulatedSeries
        From 2025-01-20 to 2026-03-29. Everything is made up.

    Examples
    --------
    >>> simulate_series(rng=0).series
    <ArrestSeries: 5 places, days from 2025-01-20 to 2026-03-29>
    """
    generator = np.random.default_rng(rng)
    days = pd.date_range(_FIRST, _LAST, freq="D", name="date")
    share = np.where(days.day_of_week < 5, _WEEKDAY, _WEEKEND) / 7  # noqa: PLR2004  (weekdays)
    table = pd.DataFrame(index=days, columns=pd.Index(_LEVELS, name="state"), dtype="float64")
    for place, level in _LEVELS.items():
        weekly = pd.Series(level, index=days)
        for where, week, ratio in _CHANGES:
            if where == place:
                weekly[week:] *= ratio
        noise = np.repeat(generator.gamma(_SIZE, 1 / _SIZE, len(days) // 7 + 1), 7)
        table[place] = generator.poisson(weekly * share * noise[: len(days)])
    for where, first, last in _GAPS:
        table.loc[first:last, list(_LEVELS) if where == "all" else [where]] = 0.0
    series = ArrestSeries(
        table=table.astype("float64"),
        by="state",
        step=1,
        set_aside=pd.Series(dtype="float64"),
        source=Source(file="SIMULATED", sha256="", rows=len(days)),
        notes=("The series are SIMULATED.",),
    )
    return SimulatedSeries(
        series=series,
        changes=pd.DataFrame(_CHANGES, columns=["place", "week", "ratio"]),
        gaps=pd.DataFrame(_GAPS, columns=["place", "first", "last"]),
    )
