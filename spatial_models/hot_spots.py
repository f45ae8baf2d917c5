"""Hot spots of rates and of any variable, as this project defines them."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import sparse
from scipy.special import ndtr

from spatial_models._conditional import LocalTest, lag_test
from spatial_models._local import LocalCall, local_result
from spatial_models._normal_scores import normal_scores
from spatial_models._randomness import Rng, open_rng
from spatial_models._tested import Bools, Floats, align, is_constant, select, split_self
from spatial_models.errors import SpatialError
from spatial_models.getis_ord import significance_classes
from spatial_models.multiple_testing import false_discovery_rate
from spatial_models.rates import EmpiricalBayesRates, empirical_bayes, residual_scores
from spatial_models.results import LocalResult

if TYPE_CHECKING:
    from libpysal.graph import Graph

__all__ = ["HotSpots", "RateHotSpots", "hot_spots", "rate_hot_spots"]


@dataclass(frozen=True, kw_only=True, repr=False, eq=False)
class HotSpots:
    """Hot and cold spots of a map, or of draws of it.

    Attributes
    ----------
    scores : numpy.ndarray of float, shape (n,)
        The values that are tested, normal scores, averaged over the draws; NaN where
        missing.
    test : LocalResult
        Gi* of the scores; over draws, of the mean standard score.
    p_hot : numpy.ndarray of float, shape (n,)
        Share of the draws in which the unit is hot at `alpha`; NaN where not tested.
    alpha : float
        Level of the false discovery rate that makes a unit hot or cold.
    score_draws : numpy.ndarray of float, shape (m, n)
        Scores of each draw, one row for a single map.
    hot_draws : numpy.ndarray of bool, shape (m, n)
        Which units are hot at `alpha` in each draw.
    score_variance : float
        Mean variance of a score, where a small count stands for a range of scores; else 0.
    """

    scores: Floats
    test: LocalResult
    p_hot: Floats
    alpha: float
    score_draws: Floats
    hot_draws: Bools
    score_variance: float = 0.0

    def __repr__(self) -> str:
        return (
            f"{self.hot.sum():,} hot and {self.cold.sum():,} cold of {self.test.n:,} units "
            f"at a false discovery rate of {self.alpha:g}, {self.draws:,} draws"
        )

    @property
    def draws(self) -> int:
        """Count the draws of the map.

        Returns
        -------
        int
            1 for a single map.
        """
        return len(self.score_draws)

    @property
    def hot(self) -> Bools:
        """Tell which units are hot at `alpha`.

        Returns
        -------
        numpy.ndarray of bool, shape (n,)
            False where not tested.
        """
        return (self.test.p_fdr <= self.alpha) & (self.test.z > 0)

    @property
    def cold(self) -> Bools:
        """Tell which units are cold at `alpha`.

        Returns
        -------
        numpy.ndarray of bool, shape (n,)
            False where not tested.
        """
        return (self.test.p_fdr <= self.alpha) & (self.test.z < 0)

    def to_frame(self) -> pd.DataFrame:
        """Lay the result out as a table.

        Returns
        -------
        pandas.DataFrame
            Indexed by the graph's identifiers: ``normal_score``, ``gi_z``, ``gi_p``,
            ``gi_p_fdr``, ``gi_class``, ``p_hot``.
        """
        test = self.test.to_frame()[["gi_z", "gi_p", "gi_p_fdr", "gi_class"]]
        test.insert(0, "normal_score", self.scores)
        return test.assign(p_hot=self.p_hot)


@dataclass(frozen=True, kw_only=True, repr=False, eq=False)
class RateHotSpots(HotSpots):
    """Hot and cold spots of a rate, over one map or over draws of it.

    The scores are normal scores of the quantile residuals of the empirical-Bayes model.

    Attributes
    ----------
    rate, smoothed : numpy.ndarray of float, shape (n,)
        Observed rate and empirical-Bayes rate, each averaged over the draws; NaN where
        missing.
    """

    rate: Floats
    smoothed: Floats

    def to_frame(self) -> pd.DataFrame:
        """Lay the result out as a table.

        Returns
        -------
        pandas.DataFrame
            Indexed by the graph's identifiers: ``rate``, ``rate_smoothed``,
            ``normal_score``, ``gi_z``, ``gi_p``, ``gi_p_fdr``, ``gi_class``, ``p_hot``.
        """
        table = super().to_frame()
        table.insert(0, "rate", self.rate)
        table.insert(1, "rate_smoothed", self.smoothed)
        return table


def hot_spots(
    values: pd.Series | npt.ArrayLike,
    graph: Graph,
    *,
    permutations: int = 0,
    alpha: float = 0.05,
    rng: Rng = None,
    executor: Executor | None = None,
) -> HotSpots:
    """Find where a variable is gathered high or low.

    Gi* on normal scores of the values, so that heavy tails do not make hot spots, with
    conditional moments and a two-sided p-value, adjusted by Benjamini and Hochberg. For
    counts with denominators use `rate_hot_spots`, for Gi* on the values' own scale
    `getis_ord`.

    Parameters
    ----------
    values : pandas.Series or array_like, shape (n,) or (m, n)
        One number a unit; a second dimension holds draws of an uncertain map. NaN where
        missing, alike in every draw.
    graph : libpysal.graph.Graph
        Neighbours and weights.
    permutations : int, default 0
        Conditional permutations behind ``p``; 0 makes ``p`` the analytic p-value. Only
        for a single map.
    alpha : float, default 0.05
        Level of the false discovery rate that makes a unit hot or cold.
    rng : int, numpy.random.Generator or None
        Source of randomness of the permutations.
    executor : concurrent.futures.Executor, optional
        Where draws are computed. The result does not depend on it.

    Returns
    -------
    HotSpots
        Every unit's class is ``"no variation"`` where the values are all alike.

    Raises
    ------
    SpatialError
        If shapes do not match, draws are missing in different places, or permutations
        are asked for over several draws.

    Examples
    --------
    >>> from libpysal.graph import Graph
    >>> ring = Graph.from_arrays(range(6), [1, 2, 3, 4, 5, 0], [1] * 6)
    >>> hot_spots([9, 8, 7, 1, 2, 1], ring)
    0 hot and 0 cold of 6 units at a false discovery rate of 0.05, 1 draws
    """
    maps = _maps(values, graph)
    missing = _alike(np.isnan(maps), maps)
    return _find(
        maps,
        missing,
        graph,
        score=_score_values,
        permutations=permutations,
        alpha=alpha,
        rng=rng,
        executor=executor,
    )[0]


def rate_hot_spots(
    events: pd.Series | npt.ArrayLike,
    exposure: pd.Series | npt.ArrayLike,
    graph: Graph,
    *,
    permutations: int = 0,
    alpha: float = 0.05,
    rng: Rng = None,
    executor: Executor | None = None,
) -> RateHotSpots:
    """Find where a rate is gathered high or low.

    Gi* on normal scores of the quantile residuals of the empirical-Bayes model (see
    `residual_scores`), with conditional moments and a two-sided p-value, adjusted by
    Benjamini and Hochberg. The residuals keep small populations, and normal scores keep
    heavy tails, from making hot spots.

    Units without a rate, and units without a neighbour that has one, take no part, also
    not in the mean and the ranks.

    Parameters
    ----------
    events : pandas.Series or array_like, shape (n,) or (m, n)
        Counts a unit; a second dimension holds draws of an uncertain map. NaN where
        missing, alike in every draw.
    exposure : pandas.Series or array_like, shape (n,)
        Denominators; zero or NaN makes a unit missing.
    graph : libpysal.graph.Graph
        Neighbours and weights.
    permutations : int, default 0
        Conditional permutations behind ``p``; 0 makes ``p`` the analytic p-value. Only
        for a single map: over draws the standard scores are averaged before they meet
        their (analytic) null.
    alpha : float, default 0.05
        Level of the false discovery rate that makes a unit hot or cold.
    rng : int, numpy.random.Generator or None
        Source of randomness of the permutations.
    executor : concurrent.futures.Executor, optional
        Where draws are computed: threads, processes, a Dask cluster's
        ``Client.get_executor()``. The result does not depend on it.

    Returns
    -------
    RateHotSpots
        Every unit's class is ``"no variation"`` where chance alone explains the
        differences between rates.

    Raises
    ------
    SpatialError
        If shapes do not match, draws are missing in different places, or permutations
        are asked for over several draws.

    Examples
    --------
    >>> from libpysal.graph import Graph
    >>> chain = Graph.from_arrays([0, 1, 1, 2, 2, 3, 3, 4], [1, 0, 2, 1, 3, 2, 4, 3], [1] * 8)
    >>> rate_hot_spots([90, 80, 70, 20, 10], [1_000] * 5, chain)
    0 hot and 0 cold of 5 units at a false discovery rate of 0.05, 1 draws
    """
    people = align(exposure, graph)
    maps = _maps(events, graph)
    missing = _alike(np.isnan(maps) | ~(people > 0), maps)
    spots, drawn = _find(
        maps,
        missing,
        graph,
        score=partial(_score_rates, exposure=people),
        permutations=permutations,
        alpha=alpha,
        rng=rng,
        executor=executor,
    )
    rates = [each.rates for each in drawn if each.rates]
    return RateHotSpots(
        rate=np.mean([each.rate for each in rates], axis=0),
        smoothed=np.mean([each.smoothed for each in rates], axis=0),
        **vars(spots),
    )


def scores_again(spots: HotSpots, scores: Floats, graph: Graph) -> HotSpots:
    """Test other scores in place of those of a result, such as residuals.

    They are tested as they are: ranked again, the slight differences that a regression
    leaves between tied units would count as much as any.

    Parameters
    ----------
    spots : HotSpots
        The result, whose level is kept.
    scores : numpy.ndarray of float, shape (m, n)
        Scores of each draw; NaN where missing.
    graph : libpysal.graph.Graph
        Neighbours and weights.

    Returns
    -------
    HotSpots
        By analytic p-values.
    """
    missing = _alike(np.isnan(scores), scores)
    return _find(scores, missing, graph, score=_take_scores, alpha=spots.alpha)[0]


def _maps(values: pd.Series | npt.ArrayLike, graph: Graph) -> Floats:
    """Take one map or draws of it, in the order of the graph, as (m, n)."""
    if isinstance(values, pd.Series):
        return align(values, graph)[np.newaxis]
    maps = np.atleast_2d(np.asarray(values, dtype=np.float64))
    return np.array([align(one, graph) for one in maps])


def _alike(missing: Bools, maps: Floats) -> Bools:
    """Tell which units are missing, which must be the same in every draw."""
    if (np.isnan(maps) != np.isnan(maps[0])).any():
        message = "found draws that are missing in different places; expected the same places"
        raise SpatialError(message)
    first: Bools = missing[0]
    return first


@dataclass(frozen=True, kw_only=True)
class _Scored:
    """What is tested of one map: scores (n,), and mean squares where these are more."""

    scores: Floats
    squares: Floats | None = None
    rates: EmpiricalBayesRates | None = None


@dataclass(frozen=True, kw_only=True)
class _Drawn(_Scored):
    """One map, scored and tested; no test where it does not vary."""

    test: LocalTest | None


def _score_values(values: Floats, *, tested: Bools) -> _Scored:
    """Turn values into normal scores."""
    scores = np.where(tested, 0.0, np.nan)
    if not is_constant(values[tested]):
        scores[tested] = normal_scores(values[tested])
    return _Scored(scores=scores)


def _take_scores(scores: Floats, *, tested: Bools) -> _Scored:
    return _Scored(scores=np.where(tested, scores, np.nan))


def _score_rates(events: Floats, *, tested: Bools, exposure: Floats) -> _Scored:
    """Score how unusual each count is for its population."""
    rates = empirical_bayes(events, exposure, reference=tested)
    if rates.no_variation:
        return _Scored(scores=np.where(tested, 0.0, np.nan), rates=rates)
    scores, squares = residual_scores(events, exposure, rates, reference=tested)
    return _Scored(scores=scores, squares=squares, rates=rates)


def _draw(
    values: Floats,
    *,
    score: Callable[..., _Scored],
    tested: Bools,
    neighbours: sparse.csr_array,
    permutations: int,
    rng: np.random.Generator,
) -> _Drawn:
    """Score and test one map."""
    scored, test = score(values, tested=tested), None
    if not is_constant(scored.scores[tested]):
        test = lag_test(
            scored.scores[tested],
            neighbours,
            permutations=permutations,
            rng=rng,
            squares=None if scored.squares is None else scored.squares[tested],
        )
    return _Drawn(**vars(scored), test=test)


def _find(
    maps: Floats,
    missing: Bools,
    graph: Graph,
    *,
    score: Callable[..., _Scored],
    alpha: float,
    permutations: int = 0,
    rng: Rng = None,
    executor: Executor | None = None,
) -> tuple[HotSpots, list[_Drawn]]:
    """Score and test every draw, and average standard scores before they meet their null."""
    if len(maps) > 1 and permutations:
        message = (
            "found permutations together with several draws; expected one or the other: "
            "over draws, standard scores are averaged and meet their analytic null"
        )
        raise SpatialError(message)
    tested = select(missing, graph)
    generator, seed = open_rng(rng)
    work = partial(
        _draw,
        score=score,
        tested=tested.mask,
        neighbours=split_self(tested.weights)[0],
        permutations=permutations,
        rng=generator,
    )
    drawn = list((executor.map if executor else map)(work, maps))
    tests = [each.test for each in drawn if each.test]
    call = LocalCall(
        name="Gi*", prefix="gi", alternative="two-sided", permutations=permutations, seed=seed
    )
    test = local_result(
        call,
        graph,
        tested,
        np.full(tested.n, np.nan),
        test=tests[0] if len(drawn) == len(tests) == 1 else _average(tests, draws=len(drawn)),
        classify=significance_classes,
    )
    hot = np.zeros(maps.shape, dtype=bool)
    for row, each in zip(hot, drawn, strict=True):
        row[tested.mask] = _hot(each.test, alpha) if each.test else False
    score_draws = np.array([each.scores for each in drawn])
    spots = HotSpots(
        scores=score_draws.mean(axis=0),
        test=test,
        p_hot=tested.spread(hot.mean(axis=0)[tested.mask] if tests else np.full(tested.n, np.nan)),
        alpha=alpha,
        score_draws=score_draws,
        hot_draws=hot,
        score_variance=_score_variance(drawn, tested.mask),
    )
    return spots, drawn


def _score_variance(drawn: list[_Drawn], tested: Bools) -> float:
    """Average the variance of a score over units and draws."""
    found = [
        float((each.squares - each.scores**2)[tested].mean())
        for each in drawn
        if each.squares is not None and tested.any()
    ]
    return float(np.mean(found)) if found else 0.0


def _hot(test: LocalTest, alpha: float) -> Bools:
    return (false_discovery_rate(test.p("two-sided")) <= alpha) & (test.z > 0)


def _average(tests: list[LocalTest], *, draws: int) -> LocalTest | None:
    """Average standard scores over draws before they meet their null.

    A draw without variation holds no evidence: its scores are zero.
    """
    if not tests:
        return None
    z = np.sum([test.z for test in tests], axis=0) / draws
    blank = np.full_like(z, np.nan)
    upper, lower = ndtr(-z), ndtr(z)
    return LocalTest(
        statistic=blank,
        expected=blank,
        variance=blank,
        z=z,
        upper=upper,
        lower=lower,
        upper_analytic=upper,
        lower_analytic=lower,
    )
