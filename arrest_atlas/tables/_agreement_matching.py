"""Counties with agreements, each beside those of its state that are most like it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

__all__ = ["MATCHES", "Matches", "match_within"]

MATCHES: Final = 3
"""Counties that each is set beside, with replacement."""

_CALIPER: Final = 1.0
"""Standard deviations by which matches may differ in a covariate, as a root mean square."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Matches:
    """Which counties are set beside each other.

    Attributes
    ----------
    exposed : pandas.Index
        Counties with agreements that have a match.
    unmatched : pandas.Index
        Those that have none.
    pairs : numpy.ndarray of int, shape (pairs, 2)
        Place in `exposed`, and in `others`.
    others : pandas.Index
        Counties without agreements.
    covariates : pandas.DataFrame of float
        Of all of them.
    """

    exposed: pd.Index
    unmatched: pd.Index
    pairs: npt.NDArray[np.int64]
    others: pd.Index
    covariates: pd.DataFrame

    def differences(self, outcome: pd.Series, slopes: pd.Series) -> pd.Series:
        """Subtract the mean of its matches from each, what they differ by taken out."""
        adjusted = outcome - self.covariates @ slopes
        return adjusted[self.exposed] - self._mean(adjusted)

    def _mean(self, values: pd.Series) -> pd.Series:
        of_matches = pd.Series(values[self.others].to_numpy()[self.pairs[:, 1]])
        means = of_matches.groupby(self.pairs[:, 0]).mean()
        return pd.Series(means.to_numpy(), index=self.exposed)

    def balance(self) -> pd.DataFrame:
        """Compare the covariates before and after, in standard deviations of those exposed."""
        x = self.covariates
        everyone = self.exposed.union(self.unmatched)
        spread = x.loc[everyone].std(ddof=1)
        before = x.loc[everyone].mean() - x.loc[self.others].mean()
        matched = pd.Series({name: self._mean(x[name]).mean() for name in x.columns})
        after = x.loc[self.exposed].mean() - matched
        return pd.DataFrame({"before": before / spread, "after": after / spread})


def match_within(exposed: pd.Series, covariates: pd.DataFrame, state: pd.Series) -> Matches:
    """Set each county with agreements beside the nearest ones without, of the same state.

    Near by Mahalanobis' distance, with the covariance within states.
    """
    spread = covariates.std(ddof=1)
    scaled = covariates / spread.where(spread > 0, 1.0)
    centred = (scaled - scaled.groupby(state).transform("mean")).to_numpy(dtype=np.float64)
    # By sums in one order, however many threads linear algebra has.
    covariance = np.einsum("ni,nj->ij", centred, centred) / len(centred)
    inverse = np.linalg.pinv(covariance, hermitian=True)
    x = scaled.to_numpy(dtype=np.float64)
    limit = _CALIPER**2 * x.shape[1]
    others = exposed.index[exposed == 0]
    places = others.get_indexer(exposed.index)
    pairs: list[tuple[int, int]] = []
    kept: list[object] = []
    without: list[object] = []
    for members in exposed.groupby(state).groups.values():
        rows = exposed.index.get_indexer(members)
        controls = rows[exposed.to_numpy()[rows] == 0]
        for row in rows[exposed.to_numpy()[rows] == 1]:
            apart = x[controls] - x[row]
            distance = np.einsum("ij,jk,ik->i", apart, inverse, apart)
            nearest = np.argsort(distance, kind="stable")[:MATCHES]
            near = nearest[distance[nearest] <= limit]
            if not len(near):
                without.append(exposed.index[row])
                continue
            pairs += [(len(kept), int(places[controls[each]])) for each in near]
            kept.append(exposed.index[row])
    return Matches(
        exposed=pd.Index(kept, dtype=exposed.index.dtype),
        unmatched=pd.Index(without, dtype=exposed.index.dtype),
        pairs=np.array(pairs, dtype=np.int64).reshape(-1, 2),
        others=others,
        covariates=covariates,
    )
