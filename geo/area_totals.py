"""From totals by office and by state, which disagree, to totals by zone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from boundaries import load_zones
from geo.allocation import largest_remainder

__all__ = ["GIVEN", "IN_DOUBT", "NOT_LISTED", "AreaTotals", "reconcile_totals"]

GIVEN: Final = "given"
NOT_LISTED: Final = "not listed"
IN_DOUBT: Final = "in doubt"

_STEPS = 10_000
_UNLISTED_SHARE = 0.05
_SETTLED = 1e-12
_SETTLED_ARRESTS = 1e-6


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
    evidence : pandas.Series of str
        What an area's total rests on: ``"given"`` (zero included); ``"not listed"``, where
        no row gives it; ``"in doubt"``, where an office over several states could not
        be split, because no state of it has a total, or states without a row hold more
        than 5 % of its weight, or a state of it belongs also to an office without a row.
    differences : pandas.DataFrame
        What each given total became: ``level``, ``area``, ``given``, ``assigned``,
        ``difference`` and the ``rule`` that decided.
    """

    level: Literal["zone", "aor", "state"]
    counts: pd.Series
    evidence: pd.Series
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
        Arrests by office code; an office that is left out is not known.
    by_state : pandas.Series of int, optional
        Arrests by postal code; a state that is left out is not known.
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
        totals = pd.Series(dtype="int64") if given is None else given
        counts = totals.reindex(areas, fill_value=0).astype("int64")
        listed = pd.Series(areas.isin(totals.index), index=areas)
        rule = listed.map({True: "total kept", False: "no total: not known"})
        return AreaTotals(
            level=level,
            counts=counts,
            evidence=listed.map({True: GIVEN, False: NOT_LISTED}),
            differences=_differences(level, counts, counts, rule),
        )
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
        evidence=_evidence(zones, by_aor.index, by_state.index, weights, by_weight=without_state),
        differences=_explain(zones, offices, states, counts, by_weight=without_state),
    )


def _evidence(
    zones: pd.DataFrame,
    offices: pd.Index,
    states: pd.Index,
    weights: pd.Series,
    *,
    by_weight: pd.Series,
) -> pd.Series:
    """Tell for each zone whether its total can be told from the totals given."""
    office = zones.groupby("aor")["state"]
    without_row = ~zones["state"].isin(states)
    unlisted = weights.where(without_row, 0.0).groupby(zones["aor"]).transform("sum")
    heavy = unlisted > _UNLISTED_SHARE * weights.groupby(zones["aor"]).transform("sum")
    # A state's total also holds the arrests of its offices that have no row.
    torn = (~zones["aor"].isin(offices)).groupby(zones["state"]).transform("any")
    torn = torn.groupby(zones["aor"]).transform("any")
    spans = office.transform("size") > 1
    evidence = pd.Series(GIVEN, index=zones.index)
    evidence[spans & without_row] = NOT_LISTED
    evidence[spans & (by_weight | heavy | torn)] = IN_DOUBT
    evidence[~zones["aor"].isin(offices)] = NOT_LISTED
    return evidence


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
        if np.allclose(fitted, before, rtol=_SETTLED, atol=_SETTLED_ARRESTS):
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
    state_rule[(states == 0) & (assigned == 0)] = "no arrests given: none assigned"
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
