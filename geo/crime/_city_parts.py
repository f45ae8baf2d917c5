"""How many residents of a city live in each of its counties, estimated."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from boundaries import load_counties, load_gazetteer

_NO_ZIP: Final = 0.1
"""Stands for the ZIP codes of a city in a county where none bears its name."""

_ROUNDS: Final = 1_000
_CLOSE: Final = 1e-9


def superseded(listed: pd.DataFrame) -> pd.Series:
    """Tell agencies that a later one of the same name, kind and counties stands in for."""
    keys = [listed["state"], listed["agency"], listed["kind"], listed["counties"].map(str)]
    latest = listed["year"].groupby(keys).transform("max")
    older: pd.Series = (listed["year"] < latest) & (listed["agency"] != "")
    return older


def residents_of_list(residents: pd.Series, listed: pd.DataFrame) -> pd.Series:
    """Raise residents, state by state, to those whom the list serves, if these are more.

    The list is then of a later year than the residents. Where it serves fewer, it is not
    complete, and says nothing.
    """
    states = load_counties()["state"].reindex(residents.index)
    there = residents.groupby(states).sum()
    served = listed["population"].groupby(listed["state"]).sum().reindex(there.index)
    factor = (served / there.where(there > 0)).clip(lower=1).fillna(1)
    raised: pd.Series = residents * states.map(factor).astype(np.float64).fillna(1.0)
    return raised


def fitted_parts(
    pairs: pd.DataFrame, single: pd.DataFrame, residents: pd.Series, listed: pd.DataFrame
) -> tuple[npt.NDArray[np.float64], int]:
    """Estimate the shares of cities over several counties, in the order of the pairs.

    Also tells in how many counties agencies of theirs alone serve all residents there are,
    or more: the years of the two differ then, or one is an estimate too high. Such a county
    says nothing of the cities' parts in it: what their ZIP codes put there takes its place.
    """
    if pairs.empty:
        return np.empty(0), 0
    served = single.groupby("county_fips")["population"].sum()
    row, _ = pd.factorize(pairs["ori"])
    column, counties = pd.factorize(pairs["county_fips"])
    remainder = residents.reindex(counties) - served.reindex(counties).fillna(0)
    served_up = (remainder <= 0).to_numpy()
    totals = pairs["population"].groupby(row).first().to_numpy(dtype=float)
    seeds = _seeds(pairs, residents, listed)
    by_zip_codes = np.bincount(column, seeds / np.bincount(row, seeds)[row] * totals[row])
    margins = np.where(served_up, by_zip_codes, remainder.to_numpy(dtype=float))
    return _biproportional(seeds, row, column, totals, margins), int(served_up.sum())


def _seeds(
    pairs: pd.DataFrame, residents: pd.Series, listed: pd.DataFrame
) -> npt.NDArray[np.float64]:
    """Count a city's ZIP codes by county; by residents where no ZIP code bears its name."""
    gazetteer = load_gazetteer()
    zip_codes: dict[tuple[str, str], float] = {}
    for ori in pairs["ori"].unique():
        agency, state = listed.loc[ori, ["agency", "state"]]
        for place in gazetteer.find(agency, "city"):
            if place.state == state:
                zip_codes[ori, place.county_fips] = place.zip_codes
    keys = zip(pairs["ori"], pairs["county_fips"], strict=True)
    found = pd.Series([zip_codes.get(key, 0.0) for key in keys], index=pairs.index)
    named = found.groupby(pairs["ori"]).transform("sum") > 0
    people = pairs["county_fips"].map(residents).astype(np.float64).fillna(1.0).clip(lower=1)
    return np.asarray(found.clip(lower=_NO_ZIP).where(named, people), dtype=np.float64)


def _biproportional(
    seeds: npt.NDArray[np.float64],
    row: npt.NDArray[np.intp],
    column: npt.NDArray[np.intp],
    row_totals: npt.NDArray[np.float64],
    column_totals: npt.NDArray[np.float64],
) -> npt.NDArray[np.float64]:
    """Fit a sparse table to its margins in turns; return the shares within each row.

    Columns without a total that is known are left alone. Where the margins contradict
    each other the rows hold and the columns are met in proportion.
    """
    values = seeds / np.bincount(row, seeds)[row]
    for _ in range(_ROUNDS):
        before = values
        sums = np.bincount(column, values * row_totals[row])
        ratio = np.divide(column_totals, sums, out=np.ones_like(sums), where=sums > 0)
        values = values * np.where(np.isnan(ratio), 1.0, ratio)[column]
        values = values / np.bincount(row, values)[row]
        if np.abs(values - before).max() < _CLOSE:
            break
    return values
