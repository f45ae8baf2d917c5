"""Intervals that carry both the chance of arrests and the doubt where they were."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from arrest_atlas.tables.intervals import rate_interval, ratio_interval, share_interval

__all__ = ["change_of_draws", "rate_of_draws", "share_of_draws", "spread_of_draws"]

Floats = npt.NDArray[np.float64]


def spread_of_draws(draws: pd.DataFrame, spread: pd.Series) -> pd.Series:
    """Add the variance between draws to the dispersion of counts.

    A count of dispersion d has the variance d times its mean; Rubin's rules add
    ``(1 + 1/m)`` times the variance between m draws, so that both are one dispersion.
    """
    mean = draws.mean()
    return spread + (_between(draws) / mean).where(mean > 0, 0.0)


def _between(draws: pd.DataFrame) -> pd.Series:
    if len(draws) == 1:
        return pd.Series(0.0, index=draws.columns)
    return (1 + 1 / len(draws)) * draws.var(ddof=1)


def rate_of_draws(
    draws: pd.DataFrame, people: pd.Series, spread: pd.Series, *, per: float
) -> pd.DataFrame:
    """Estimate rates: mean over draws, with `low` and `high`."""
    mean = draws.mean()
    low, high = rate_interval(mean, people, spread=spread_of_draws(draws, spread))
    told = people > 0
    table = {"rate": per * mean / people.where(told), "low": per * low, "high": per * high}
    return pd.DataFrame(table, index=mean.index)


def share_of_draws(
    part: pd.DataFrame, whole: pd.DataFrame, spread_of_part: pd.Series, spread_of_rest: pd.Series
) -> pd.DataFrame:
    """Estimate shares of a class among all arrests.

    With independent classes of dispersions a and b, the variance of a share p of n is that
    of a proportion times ``(1 - p) a + p b``.
    """
    every = whole.mean()
    share = (part.mean() / every).where(every > 0)
    spread = (1 - share) * spread_of_part + share * spread_of_rest
    chance = share * (1 - share) / every
    between = _between(part / whole.where(whole > 0))
    spread += (between / chance).where(chance > 0, 0.0)
    low, high = share_interval(part.mean(), every, spread=spread.fillna(1.0))
    return pd.DataFrame({"share": share, "low": low, "high": high})


def change_of_draws(
    later: tuple[pd.DataFrame, pd.Series, int], earlier: tuple[pd.DataFrame, pd.Series, int]
) -> pd.DataFrame:
    """Estimate how many times as many arrests a day there were, from draws, dispersion, days."""
    after, before = later[0].mean(), earlier[0].mean()
    days = later[2] / earlier[2]
    spreads = [spread_of_draws(draws, spread) for draws, spread, _ in (later, earlier)]
    # The variances of the logarithms add up; one dispersion stands for both.
    one, two = after.clip(lower=0.5), before.clip(lower=0.5)
    spread = (spreads[0] / one + spreads[1] / two) / (1 / one + 1 / two)
    low, high = ratio_interval(after, before, exposures=days, spread=spread)
    ratio = (after / before.where(before > 0)) / days
    return pd.DataFrame({"change": ratio, "low": low, "high": high})
