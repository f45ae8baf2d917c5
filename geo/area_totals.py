"""From totals by office and by state, which disagree, to totals by zone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from boundaries import load_zones
from geo.allocation import largest_remainder

__all__ = ["AreaTotals", "reconcile_totals"]

_STEPS = 10_000
_SETTLED = 1e-12


@dataclass(frozen=True, kw_only=True)
class AreaTotals:
    """Arrests known to an area but not to a county.

    Attributes
    ----------
    level : {"zone", "aor", "state"}
        What the areas are: zones where totals by office and by state are both known,
        else the one that is.
    counts : pandas.Series of int
        Arrests by area.
    differences : pandas.DataFrame
        What each given total became: ``level``, ``area``, ``given``, ``assigned``,
        ``difference`` and the ``rule`` that decided.
    """

    level: Literal["zone", "aor", "state"]
    counts: pd.Series
    differences: pd.DataFrame


def reconcile_totals(
    *,
    by_aor: pd.Series | None = None,
    by_state: pd.Series | None = None,
    zone_weights: pd.Series | None = None,
) -> AreaTotals:
    """Bring totals by office and totals by state to one total for each zone.

    Office totals are the mass and are kept exactly. State totals only split an office
    over its states: iterative proportional fitting, ending on the offices, whole numbers
    by largest remainder. A state without a total receives none, unless no state of its
    office has one: then the office is split by weight, or evenly where no weight is
    known. With totals of one kind only, there is nothing to split.

    Parameters
    ----------
    by_aor : pandas.Series of int, optional
        Arrests by office code.
    by_state : pandas.Series of int, optional
        Arrests by postal code.
    zone_weights : pandas.Series of float, optional
        Weight of each zone, for offices none of whose states has a total.

    Returns
    -------
    AreaTotals
        Totals and a table of every difference.

    Examples
    --------
    >>> office = pd.Series({"BAL": 7_919, "ATL": 100})
    >>> state = pd.Series({"MD": 8_849, "GA": 40, "NC": 10})
    >>> totals = reconcile_totals(by_aor=office, by_state=state)
    >>> totals.counts[totals.counts > 0].to_dict()
    {'GA-ATL': 80, 'MD-BAL': 7919, 'NC-ATL': 20}
    """
    zones = load_zones()
    if by_aor is None or by_state is None:
        given = by_state if by_aor is None else by_aor
        level: Literal["aor", "state"] = "state" if by_aor is None else "aor"
        areas = pd.Index(sorted(zones[level].unique()), name=level)
        counts = pd.Series(0, index=areas) if given is None else given.reindex(areas, fill_value=0)
        table = _differences(level, counts, counts, pd.Series("total kept", index=areas))
        return AreaTotals(level=level, counts=counts.astype("int64"), differences=table)
    offices = by_aor.reindex(sorted(zones["aor"].unique()), fill_value=0)
    states = by_state.reindex(sorted(zones["state"].unique()), fill_value=0)
    weights = pd.Series(1.0, index=zones.index) if zone_weights is None else zone_weights
    weights = weights.reindex(zones.index).fillna(0.0)
    without_state = zones["state"].map(states).groupby(zones["aor"]).transform("sum") == 0
    fitted = _fit(zones, offices, states, weights=weights, by_weight=without_state)
    counts = pd.concat(
        largest_remainder(part, int(offices[aor])) for aor, part in fitted.groupby(zones["aor"])
    ).sort_index()
    counts.index.name = "zone"
    return AreaTotals(
        level="zone",
        counts=counts,
        differences=_explain(zones, offices, states, counts, by_weight=without_state),
    )


def _fit(
    zones: pd.DataFrame,
    offices: pd.Series,
    states: pd.Series,
    *,
    weights: pd.Series,
    by_weight: pd.Series,
) -> pd.Series:
    """Fit zones to offices exactly, and to states in proportion."""
    aor, aors = pd.factorize(zones["aor"])
    state, names = pd.factorize(zones["state"])
    row_target = offices.reindex(aors).to_numpy(dtype=np.float64)
    column_target = states.reindex(names).to_numpy(dtype=np.float64)
    free = by_weight.to_numpy()
    shares = weights.groupby(zones["aor"]).transform("sum")
    fallback = weights.where(shares > 0, 1.0).to_numpy()
    fitted = np.where(free, fallback, (column_target[state] > 0).astype(np.float64))
    for _ in range(_STEPS):
        before = fitted
        columns = np.bincount(state, weights=fitted).astype(np.float64)
        fitted = np.where(free, fitted, fitted * _ratio(column_target, columns)[state])
        rows = np.bincount(aor, weights=fitted).astype(np.float64)
        fitted = fitted * _ratio(row_target, rows)[aor]
        if np.allclose(fitted, before, rtol=_SETTLED, atol=0):
            break
    return pd.Series(fitted, index=zones.index)


def _ratio(
    target: npt.NDArray[np.float64], current: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    return np.divide(target, current, out=np.zeros_like(target), where=current > 0)


def _explain(
    zones: pd.DataFrame,
    offices: pd.Series,
    states: pd.Series,
    counts: pd.Series,
    *,
    by_weight: pd.Series,
) -> pd.DataFrame:
    spans = zones.groupby("aor").size() > 1
    office_rule = spans.map({True: "total kept; split by state totals", False: "total kept"})
    office_rule[sorted(set(zones.loc[by_weight, "aor"]))] = (
        "total kept; no state total, split by weight"
    )
    assigned = counts.groupby(zones["state"]).sum()
    state_rule = pd.Series("scaled to the totals of its offices", index=states.index)
    state_rule[(states == 0) & (assigned > 0)] = "no total; its office's arrests stay in it"
    state_rule[(states == 0) & (assigned == 0)] = "no total: none assigned"
    return pd.concat(
        [
            _differences("aor", offices, counts.groupby(zones["aor"]).sum(), office_rule),
            _differences("state", states, assigned, state_rule),
        ],
        ignore_index=True,
    )


def _differences(
    level: str, given: pd.Series, assigned: pd.Series, rule: pd.Series
) -> pd.DataFrame:
    table = pd.DataFrame({"given": given, "assigned": assigned, "rule": rule})
    table = table.rename_axis("area").reset_index()
    table.insert(0, "level", level)
    table.insert(4, "difference", table["assigned"] - table["given"])
    return table
