"""Whether counties with agreements went another way than others before they signed."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd
from scipy import stats

from arrest_atlas.tables._agreement_estimates import variance_by_cluster
from arrest_atlas.tables.intervals import LEVEL

__all__ = ["LEADS", "SLOPE", "pre_trends"]

LEADS: Final = 6
"""Years before signing that are looked at."""

SLOPE: Final = "per year"

_HALF: Final = 0.5
_FEWEST: Final = 5


def pre_trends(
    panel: pd.DataFrame, signed: pd.Series, never: pd.Index, state: pd.Series
) -> pd.DataFrame:
    """Compare the years before signing with the last one, against counties that never signed.

    For each county that signed, its change of the logarithm of the rate from the year before
    signing, less the mean change of the counties of its state that never signed, over the same
    years: no county that has signed stands in for one that has not (Callaway and Sant'Anna
    2021). Bounded by states as clusters. A row a year before signing, and one for the slope.
    """
    rates = _log_rates(panel)
    first = signed[signed.index.isin(rates.index)]
    base = rates.reindex(rates.index.intersection(never))
    parts = []
    for year in sorted({int(each) for each in first}):
        counties = first.index[first == year]
        for lead in range(-LEADS, -1):
            if not {year + lead, year - 1} <= set(rates.columns):
                continue
            theirs = (base[year + lead] - base[year - 1]).groupby(state.reindex(base.index)).mean()
            own = (rates[year + lead] - rates[year - 1]).reindex(counties)
            home = state.reindex(counties)
            change = own - home.map(theirs).astype("float64")
            parts.append(pd.DataFrame({"state": home, "lead": lead, "change": change}))
    columns = ["state", "lead", "change"]
    every = pd.concat(parts) if parts else pd.DataFrame(columns=columns)
    changes = every.dropna().rename_axis("county").reset_index()
    by_lead = {
        str(lead): own.set_index("county")[["change", "state"]]
        for lead, own in changes.groupby("lead")
    }
    if len(changes):
        slopes = pd.Series({name: _slope(own) for name, own in changes.groupby("county")})
        by_lead[SLOPE] = pd.DataFrame({"change": slopes, "state": state.reindex(slopes.index)})
    found = {lead: _bounded(own) for lead, own in by_lead.items()}
    columns = ["ratio", "low", "high", "counties", "states"]
    return pd.DataFrame.from_dict(found, orient="index", columns=columns).rename_axis("years")


def _log_rates(panel: pd.DataFrame) -> pd.DataFrame:
    held = panel["residents"].where(panel["residents"] > 0)
    rate = np.log((panel["crimes"] + _HALF) / held)
    return panel.assign(rate=rate).pivot_table(index="county_fips", columns="year", values="rate")


def _slope(changes: pd.DataFrame) -> float:
    """Fit a line through the years before signing, the last of them included."""
    leads = np.append(changes["lead"].to_numpy(dtype=np.float64), -1.0)
    values = np.append(changes["change"].to_numpy(dtype=np.float64), 0.0)
    centred = leads - leads.mean()
    return float((centred * values).sum() / (centred**2).sum())


def _bounded(table: pd.DataFrame) -> tuple[float, float, float, int, int]:
    counties, states = len(table), int(table["state"].nunique())
    if min(counties, states) < _FEWEST:
        return np.nan, np.nan, np.nan, counties, states
    middle = float(table["change"].mean())
    error = variance_by_cluster(table["change"], table["state"]) ** 0.5
    half = float(stats.t.ppf((1 + LEVEL) / 2, states - 1)) * error
    ratio, low, high = (float(np.exp(each)) for each in (middle, middle - half, middle + half))
    return ratio, low, high, counties, states
