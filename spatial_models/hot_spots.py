"""Hot spots of rates, as this project defines them."""

from __future__ import annotations

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
from spatial_models._randomness import Rng, open_rng
from spatial_models._tested import Bools, Floats, align, is_constant, select, split_self
from spatial_models.errors import SpatialError
from spatial_models.getis_ord import significance_classes
from spatial_models.multiple_testing import false_discovery_rate
from spatial_models.rates import empirical_bayes, residual_scores
from spatial_models.results import LocalResult

if TYPE_CHECKING:
    from libpysal.graph import Graph

__all__ = ["RateHotSpots", "rate_hot_spots"]


@dataclass(frozen=True, kw_only=True, repr=False)
class RateHotSpots:
    """Hot and cold spots of a rate, over one map or over draws of it.

    Attributes
    ----------
    rate, smoothed, scores : numpy.ndarray of float, shape (n,)
        Observed rate, empirical-Bayes rate, and normal scores of the quantile residuals
        (the values that are tested), each averaged over the draws; NaN where missing.
    test : LocalResult
        Gi* of the normal scores; over draws, of the mean standard score.
    p_hot : numpy.ndarray of float, shape (n,)
        Share of the draws in which the unit is hot at `alpha`; NaN where not tested.
    alpha : float
        Level of the false discovery rate that makes a unit hot or cold.
    draws : int
        Number of draws of the map, 1 for a single one.
    """

    rate: Floats
    smoothed: Floats
    scores: Floats
    test: LocalResult
    p_hot: Floats
    alpha: float
    draws: int

    def __repr__(self) -> str:
        return (
            f"{self.hot.sum():,} hot and {self.cold.sum():,} cold of {self.test.n:,} units "
            f"at a false discovery rate of {self.alpha:g}, {self.draws:,} draws"
        )

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
            Indexed by the graph's identifiers: ``rate``, ``rate_smoothed``,
            ``normal_score``, ``gi_z``, ``gi_p``, ``gi_p_fdr``, ``gi_class``, ``p_hot``.
        """
        test = self.test.to_frame()[["gi_z", "gi_p", "gi_p_fdr", "gi_class"]]
        rates = pd.DataFrame(
            {"rate": self.rate, "rate_smoothed": self.smoothed, "normal_score": self.scores},
            index=self.test.ids,
        )
        return rates.join(test).assign(p_hot=self.p_hot)


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
    if isinstance(events, pd.Series):
        maps = align(events, graph)[np.newaxis]
    else:
        maps = np.atleast_2d(np.asarray(events, dtype=np.float64))
        maps = np.array([align(one, graph) for one in maps])
    if len(maps) > 1 and permutations:
        message = (
            "found permutations together with several draws; expected one or the other: "
            "over draws, standard scores are averaged and meet their analytic null"
        )
        raise SpatialError(message)
    missing = np.isnan(maps[0]) | ~(people > 0)
    if (np.isnan(maps) != np.isnan(maps[0])).any():
        message = "found draws that are missing in different places; expected the same places"
        raise SpatialError(message)
    tested = select(missing, graph)
    generator, seed = open_rng(rng)
    compute = executor.map if executor else map
    work = partial(
        _one_map,
        exposure=people,
        tested=tested.mask,
        neighbours=split_self(tested.weights)[0],
        permutations=permutations,
        rng=generator,
    )
    found = list(compute(work, maps))
    tests = [each.test for each in found if each.test]
    call = LocalCall(
        name="Gi*", prefix="gi", alternative="two-sided", permutations=permutations, seed=seed
    )
    test = local_result(
        call,
        graph,
        tested,
        np.full(tested.n, np.nan),
        test=tests[0] if len(found) == len(tests) == 1 else _average(tests, draws=len(found)),
        classify=significance_classes,
    )
    hot = np.sum([_hot(each, alpha) for each in tests], axis=0) / len(found)
    return RateHotSpots(
        rate=np.mean([each.rate for each in found], axis=0),
        smoothed=np.mean([each.smoothed for each in found], axis=0),
        scores=np.mean([each.scores for each in found], axis=0),
        test=test,
        p_hot=tested.spread(hot) if tests else np.full(len(missing), np.nan),
        alpha=alpha,
        draws=len(maps),
    )


@dataclass(frozen=True, kw_only=True)
class _OneMap:
    rate: Floats
    smoothed: Floats
    scores: Floats
    test: LocalTest | None


def _one_map(
    events: Floats,
    *,
    exposure: Floats,
    tested: Bools,
    neighbours: sparse.csr_array,
    permutations: int,
    rng: np.random.Generator,
) -> _OneMap:
    """Score and test one map; no test where the rates do not vary."""
    rates = empirical_bayes(events, exposure, reference=tested)
    scores, test = np.where(tested, 0.0, np.nan), None
    if not rates.no_variation:
        scores, squares = residual_scores(events, exposure, rates, reference=tested)
        if not is_constant(scores[tested]):
            test = lag_test(
                scores[tested],
                neighbours,
                permutations=permutations,
                rng=rng,
                squares=squares[tested],
            )
    return _OneMap(rate=rates.rate, smoothed=rates.smoothed, scores=scores, test=test)


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
