"""What is measured of two maps, over the units that are tested in both."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

import numpy as np
import pandas as pd

from spatial_models._eigenbases import one_blas_thread
from spatial_models._surrogate_tests import (
    DESCRIPTIVE,
    NO_SURROGATES,
    Statistic,
    agreements,
    mean_correlations,
    mean_kappas,
    measure,
    standard,
    surrogate_p,
)
from spatial_models._tested import Bools, Floats, Tested
from spatial_models._trend import orthonormal
from spatial_models.agreement import dice, jaccard, share_inside
from spatial_models.association import Measure, NoPValue, PValue
from spatial_models.fuzzy_kappa import FuzzyKappa, fuzzy_kappa
from spatial_models.hot_spots import HotSpots
from spatial_models.local_lee import local_lee
from spatial_models.moran import bivariate_moran
from spatial_models.results import NO_DATA
from spatial_models.surrogate_maps import AdjustedMap

if TYPE_CHECKING:
    from libpysal.graph import Graph

Support = Literal["unit", "area"]

FEWEST_UNITS: Final = 20
"""Units tested in both maps below which no p-value is offered."""

_MOST_CHANCE: Final = 0.01
"""Share of chance in the scores of the second map above which no p-value is offered.

Where counts are so small, scores vary with the population, and surrogate maps, whose scores
vary alike everywhere, are a poor likeness: unrelated maps seem to overlap too often.
"""

_MOST_SHARED: Final = 0.1
"""Part of the correlation that may lie in the trend, for kappa without the trend.

Of a gradient that both maps hold, a quadratic surface leaves a little in both: enough that
hot spots of otherwise unrelated maps overlap too often.
"""

_OF_AREAS: Final = NoPValue(
    reason="descriptive: among larger areas, overlap is too seldom told from chance"
)
_NOT_LOOKED_FOR: Final = NoPValue(reason="hot spots of surrogate maps were not looked for")
_NO_VARIATION: Final = NoPValue(reason="no variation")
_TOO_RARE: Final = NoPValue(
    reason="the second map's events are so few that surrogate maps cannot stand for it"
)
SHARED_TREND: Final = NoPValue(
    reason="of the broad trend that both maps share, too much may be left in both"
)
_TOO_FEW: Final = NoPValue(reason=f"fewer than {FEWEST_UNITS} units are tested in both maps")


@dataclass(frozen=True, kw_only=True)
class Pair:
    """Two maps, and the units tested in both, all of them and those with neighbours there."""

    first: HotSpots
    second: HotSpots
    both: Bools
    joined: Tested

    @property
    def hot(self) -> tuple[Bools, Bools]:
        """Hot sets of the draws of either map, over the units tested in both."""
        return self.first.hot_draws[:, self.both], self.second.hot_draws[:, self.both]

    @property
    def scores(self) -> tuple[Floats, Floats]:
        """Scores of the draws of either map, over the units tested in both."""
        return self.first.score_draws[:, self.both], self.second.score_draws[:, self.both]

    @property
    def mean_scores(self) -> tuple[Floats, Floats]:
        """Mean scores of either map, over all units; NaN where not tested in both."""
        first, second = self.first.scores, self.second.scores
        return np.where(self.both, first, np.nan), np.where(self.both, second, np.nan)

    @property
    def varied(self) -> bool:
        """Tell whether both maps vary over at least three units."""
        return self.both.sum() > 2 and all(  # noqa: PLR2004  (fewer have no correlation to test)
            standard(scores).any() for scores in self.scores
        )


@dataclass(frozen=True, kw_only=True)
class Refusals:
    """Why there is no p-value of any measure, or of kappa; None where there may be one."""

    of_all: NoPValue | None = None
    of_kappa: NoPValue | None = None

    @classmethod
    def of(cls, first: HotSpots, second: HotSpots, trend: Floats) -> tuple[Refusals, Refusals]:
        """Judge two maps as they are: what is refused of them, and of what a trend leaves."""
        rare = _TOO_RARE if second.score_variance > _MOST_CHANCE else None
        both = first.test.tested & second.test.tested & ~np.isnan(trend).any(axis=1)
        shared = _shared_part(first.score_draws[:, both], second.score_draws[:, both], trend[both])
        of_kappa = SHARED_TREND if shared > _MOST_SHARED else None
        return cls(of_all=rare), cls(of_all=rare, of_kappa=of_kappa)


def _shared_part(one: Floats, other: Floats, terms: Floats) -> float:
    """Tell how much of the correlation of draws of a map with another lies in the terms."""
    if len(terms) < FEWEST_UNITS:
        return 0.0
    basis = orthonormal(terms)
    with one_blas_thread():
        return float(((standard(one) @ basis) @ (standard(other) @ basis).T).mean())


def measures_with_p(
    pair: Pair, support: Support, null: AdjustedMap | None, refusals: Refusals
) -> dict[str, Measure]:
    """Measure what has a p-value under one support or the other."""
    inside = pair.both[pair.second.test.tested]
    scores = {family: maps[:, inside] for family, maps in null.scores.items()} if null else {}
    hot = {family: maps[:, inside] for family, maps in null.hot.items()} if null else {}

    def p_of(
        statistic: Statistic,
        observed: float,
        alternative: Literal["two-sided", "greater"],
        refusal: NoPValue | None = refusals.of_all,
    ) -> PValue:
        if not pair.varied:
            return _NO_VARIATION
        if not scores:
            return NO_SURROGATES
        if pair.both.sum() < FEWEST_UNITS:
            return _TOO_FEW
        if refusal is not None:
            return refusal
        return surrogate_p(statistic, observed, scores, hot, alternative=alternative)

    one, two = pair.scores
    hot_one, hot_two = pair.hot
    by_unit = support == "unit"
    agreement = agreements(hot_one, hot_two)
    p_kappa: PValue = _OF_AREAS
    if by_unit and scores and not hot:
        p_kappa = _NOT_LOOKED_FOR
    elif by_unit:
        refusal = refusals.of_all or refusals.of_kappa
        p_kappa = p_of(mean_kappas(hot_one), float(agreement.mean()), "greater", refusal)
    lag, subset = _lee_form(pair)
    lees = _products(lag, two[:, subset])
    mean_lee = mean_correlations(lag)

    def lee_of(maps: Floats, units: Bools) -> Floats:
        return mean_lee(maps[:, subset], units)

    unit_one = standard(one)
    pearsons = _products(unit_one, two)
    r_of = mean_correlations(unit_one)
    p_pearson = DESCRIPTIVE if by_unit else p_of(r_of, float(pearsons.mean()), "two-sided")
    p_lee = p_of(lee_of, float(lees.mean()), "two-sided")
    if not pair.varied:
        lees, pearsons = np.full_like(lees, np.nan), np.full_like(pearsons, np.nan)
    return {
        "kappa": measure("kappa", "Cohen's kappa of the hot spots", agreement, p_kappa),
        "lee": measure("lee", "Lee's L", lees, p_lee),
        "pearson": measure("pearson", "Pearson's r", pearsons, p_pearson),
    }


def _lee_form(pair: Pair) -> tuple[Floats, Bools]:
    """Make L a product with the second map, centred and of length 1 over units with neighbours.

    Also tell which of the units tested in both these are.
    """
    subset = pair.joined.mask[pair.both]
    weights = pair.joined.weights
    one = standard(pair.scores[0][:, subset])
    row_sums = weights.sum(axis=1)
    total = float(row_sums @ row_sums)
    lag = np.asarray((weights.T @ (weights @ one.T)).T)
    return (lag * (subset.sum() / total) if total > 0 else np.zeros_like(lag)), subset


def _products(held: Floats, second: Floats) -> Floats:
    """Multiply each draw that is held with the (one) second map."""
    if not second.size:
        return np.full(len(held), np.nan)
    return np.asarray(held @ standard(second)[0])


def fuzzy_classes(pair: Pair, graph: Graph, category_weights: pd.DataFrame) -> FuzzyKappa:
    """Compare the significance classes."""
    one, two = (
        np.where(pair.both, spots.test.classes, NO_DATA) for spots in (pair.first, pair.second)
    )
    return fuzzy_kappa(one, two, graph, category_weights=category_weights)


def descriptive_measures(pair: Pair, graph: Graph, fuzzy: FuzzyKappa) -> dict[str, Measure]:
    """Measure what has no p-value."""
    hot, (second,) = pair.hot
    nothing = np.full(len(hot), np.nan)

    def single(name: str, label: str, value: float) -> Measure:
        return measure(name, label, np.array([value]))

    one, two = pair.scores
    ranks = [pd.DataFrame(maps.T).rank().to_numpy().T for maps in (one, two)]
    spearman = _products(standard(ranks[0]), ranks[1]) if pair.varied else nothing
    moran = bivariate_moran(*pair.mean_scores, graph, permutations=0).statistic
    return {
        "fuzzy_kappa": single("fuzzy_kappa", "Fuzzy kappa of the classes", fuzzy.kappa),
        "similarity": single("similarity", "Fuzzy similarity of the classes", fuzzy.similarity),
        "expected_similarity": single(
            "expected_similarity", "Fuzzy similarity expected by chance", fuzzy.expected
        ),
        "jaccard": measure(
            "jaccard",
            "Jaccard index of the hot spots",
            np.array([jaccard(draw, second) for draw in hot]),
        ),
        "dice": measure(
            "dice",
            "Dice index of the hot spots",
            np.array([dice(draw, second) for draw in hot]),
        ),
        "first_in_second": measure(
            "first_in_second",
            "Share of the first map's hot spots inside the second's",
            np.array([share_inside(draw, second) for draw in hot]),
        ),
        "second_in_first": measure(
            "second_in_first",
            "Share of the second map's hot spots inside the first's",
            np.array([share_inside(second, draw) for draw in hot]),
        ),
        "spearman": measure("spearman", "Spearman's rank correlation", spearman),
        "bivariate_moran": measure("bivariate_moran", "Bivariate Moran's I", np.array([moran])),
    }


def local_measures(pair: Pair, graph: Graph, fuzzy: FuzzyKappa) -> pd.DataFrame:
    """Gather the local measures by unit."""
    return pd.DataFrame(
        {
            "similarity": fuzzy.local_similarity,
            "expected_similarity": fuzzy.local_expected,
            "fuzzy_kappa": fuzzy.local_kappa,
            "lee": local_lee(*pair.mean_scores, graph, permutations=0).statistic,
        },
        index=graph.unique_ids,
    )
