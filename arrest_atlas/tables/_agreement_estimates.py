"""Counties with agreements against others: four ways to compare them.

All are ratios of typical rates: differences of the logarithm of (events + 1/2) / residents,
each county counting once, bounded by states as clusters.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal, get_args

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from arrest_atlas.tables._agreement_matching import Matches, match_within
from arrest_atlas.tables.intervals import LEVEL
from spatial_models.errors import SpatialError
from spatial_models.regression import least_squares
from spatial_models.regression_pooling import pool_regressions

__all__ = ["METHODS", "MOST_DRAWS", "Comparison", "Contrast", "Method", "compare", "log_rates"]

Floats = npt.NDArray[np.float64]
Method = Literal["unadjusted", "within states", "adjusted", "matched"]
METHODS: Final[tuple[Method, ...]] = get_args(Method)

MOST_DRAWS: Final = 20
"""Imputations that are fitted: more change an interval by less than its second digit."""

_HALF: Final = 0.5
_EXPOSED: Final = "exposed"
_FEWEST: Final = 5
"""Counties with agreements, and states of them, for a comparison to be made."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Contrast:
    """Counties to be compared.

    Attributes
    ----------
    outcomes : pandas.DataFrame of float
        Logarithms of rates, a row a draw, a column a county.
    exposed : pandas.Series of float
        1 with, 0 without agreements.
    covariates : pandas.DataFrame of float
        What is to be held equal.
    state : pandas.Series of str
        Of each county.
    """

    outcomes: pd.DataFrame
    exposed: pd.Series
    covariates: pd.DataFrame
    state: pd.Series


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """What a method makes of a contrast.

    Attributes
    ----------
    method : str
        How.
    ratio, low, high : float
        Of typical rates, with over without; missing where there is none.
    exposed, others, states : int
        Counties with, counties without, and states with both, that the number rests on.
    reason : str
        Why there is no number; empty where there is.
    """

    method: Method
    ratio: float = np.nan
    low: float = np.nan
    high: float = np.nan
    exposed: int = 0
    others: int = 0
    states: int = 0
    reason: str = ""


def log_rates(draws: pd.DataFrame, people: pd.Series) -> pd.DataFrame:
    """Take logarithms of rates, half an event added, of at most twenty different draws."""
    kept = draws.drop_duplicates().iloc[:MOST_DRAWS]
    held = people.reindex(kept.columns)
    logs: pd.DataFrame = np.log((kept + _HALF) / held.where(held > 0))  # type: ignore[assignment]
    return logs


def compare(contrast: Contrast) -> tuple[list[Comparison], Matches | None]:
    """Compare by every method."""
    both = contrast.exposed.groupby(contrast.state).agg(["min", "max"])
    mixed = both.index[(both["min"] == 0) & (both["max"] == 1)]
    base = Comparison(
        method="unadjusted",
        exposed=int(contrast.exposed.sum()),
        others=int((contrast.exposed == 0).sum()),
        states=len(mixed),
    )
    if min(base.exposed, base.others, base.states) < _FEWEST:
        reason = f"too few: {base.exposed} with, in {base.states} states that have both"
        return [replace(base, method=method, reason=reason) for method in METHODS], None
    alone = contrast.exposed.to_frame(_EXPOSED)
    full = pd.concat([alone, contrast.covariates], axis="columns")
    found = [
        _regressed(base, contrast, alone, within=False),
        _regressed(replace(base, method="within states"), contrast, alone, within=True),
        _regressed(replace(base, method="adjusted"), contrast, full, within=True),
    ]
    matches = match_within(contrast.exposed, contrast.covariates, contrast.state)
    return [*found, _matched(contrast, matches)], matches


def _regressed(
    base: Comparison, contrast: Contrast, design: pd.DataFrame, *, within: bool
) -> Comparison:
    """Regress, by differences from the means of states where it is within them.

    By Frisch, Waugh and Lovell the coefficients are those with an effect for each state; the
    effects are nested in the clusters and cost their covariance no degrees of freedom.
    """
    x = _centred(design, contrast.state) if within else design
    outcomes = [row for _, row in contrast.outcomes.iterrows()]
    try:
        fits = [
            least_squares(
                (_centred(y.to_frame("y"), contrast.state)["y"] if within else y).rename(None),
                x,
                clusters=contrast.state,
            )
            for y in outcomes
        ]
    except SpatialError as error:
        return replace(base, reason=str(error))
    row = pool_regressions(fits).to_frame(level=LEVEL).loc[_EXPOSED]
    ratio, low, high = np.exp([row["estimate"], row["low"], row["high"]])
    return replace(base, ratio=float(ratio), low=float(low), high=float(high))


def _centred(table: pd.DataFrame, state: pd.Series) -> pd.DataFrame:
    centred: pd.DataFrame = table - table.groupby(state).transform("mean")
    return centred


def _matched(contrast: Contrast, matches: Matches) -> Comparison:
    """Compare each county with those of its state that are most like it.

    What matches differ by in the covariates is taken out by the slopes of counties without
    (Abadie and Imbens 2011). Matches lie within a state, so states are independent.
    """
    base = Comparison(
        method="matched",
        exposed=len(matches.exposed),
        others=len(np.unique(matches.pairs[:, 1])),
        states=int(contrast.state.reindex(matches.exposed).nunique()),
    )
    if min(base.exposed, base.states) < _FEWEST:
        reason = f"too few have others like them: {base.exposed}, in {base.states} states"
        return replace(base, reason=reason)
    estimates, variances = [], []
    state = contrast.state.reindex(matches.exposed)
    for _, y in contrast.outcomes.iterrows():
        differences = matches.differences(y, _slopes(y, contrast))
        estimates.append(differences.mean())
        variances.append(variance_by_cluster(differences, state))
    return _pooled(base, estimates, variances)


def _slopes(y: pd.Series, contrast: Contrast) -> pd.Series:
    """Slopes within states, of counties without agreements."""
    others = contrast.exposed == 0
    state = contrast.state[others]
    spread = contrast.covariates[others].std(ddof=1)
    spread = spread.where(spread > 0, 1.0)
    x = _centred(contrast.covariates[others] / spread, state).to_numpy(dtype=np.float64)
    centred = _centred(y[others].to_frame("y"), state)["y"].to_numpy()
    # By sums in one order, however many threads linear algebra has.
    own, with_y = np.einsum("ni,nj->ij", x, x), np.einsum("ni,n->i", x, centred)
    slopes = np.linalg.pinv(own, hermitian=True) @ with_y
    return pd.Series(slopes, index=contrast.covariates.columns) / spread


def variance_by_cluster(values: pd.Series, cluster: pd.Series) -> float:
    """Estimate the variance of a mean whose values go together within clusters."""
    sums = (values - values.mean()).groupby(cluster.to_numpy()).sum()
    groups = len(sums)
    return float(groups / (groups - 1) * (sums**2).sum() / len(values) ** 2)


def _pooled(base: Comparison, estimates: Sequence[float], variances: Sequence[float]) -> Comparison:
    """Pool by Rubin's rules, with Barnard and Rubin's degrees of freedom, as regressions are."""
    draws = len(estimates)
    within = float(np.mean(variances))
    between = (1 + 1 / draws) * float(np.var(estimates, ddof=1)) if draws > 1 else 0.0
    total = within + between
    share = between / total if total > 0 else 0.0
    own = 1 / ((share**2 / (draws - 1) if draws > 1 else 0.0) + 1 / (base.states - 1))
    middle, half = float(np.mean(estimates)), stats.t.ppf((1 + LEVEL) / 2, own) * total**0.5
    ratio, low, high = np.exp([middle, middle - half, middle + half])
    return replace(base, ratio=float(ratio), low=float(low), high=float(high))
