"""A statistic of a whole map, or of two, against all arrangements of its values.

Moran's I, Geary's c, Getis and Ord's G and the join counts are all quadratic forms of the
values: one kernel permutes them, and one formula gives their exact moments. Lee's L and
the bivariate Moran are linear in the second map.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final, Literal, get_args

import numpy as np
from scipy import sparse

from spatial_models._p_values import Alternative, analytic_p, check_alternative, permutation_p
from spatial_models._parallel import map_pieces
from spatial_models._randomness import Rng, check_permutations, draw_seed, open_rng
from spatial_models._tested import ROUNDING, Floats, Tested, is_constant, split_self
from spatial_models.errors import SpatialError
from spatial_models.graphs import describe_graph
from spatial_models.results import GlobalResult, TwoMapResult

if TYPE_CHECKING:
    from libpysal.graph import Graph

Null = Literal["randomisation", "normality"]

FEWEST: Final = 4  # moments of four different units divide by (n - 1)(n - 2)(n - 3)

_FEWEST_A_PIECE, _MOST_A_PIECE, _VALUES_A_PIECE = 32, 256, 2**23  # no result depends on them
_FEWEST_LANES, _MOST_LANES, _VALUES_AT_ONCE = 4, 32, 2**17


@dataclass(frozen=True, kw_only=True)
class GlobalCall:
    """What a caller asked of a test, beyond the data."""

    permutations: int
    alternative: Alternative
    generator: np.random.Generator
    seed: int | None
    executor: Executor | None


@dataclass(frozen=True, kw_only=True)
class GlobalTest:
    """One statistic against its null; NaN where there is nothing to test."""

    statistic: float = float("nan")
    expected: float = float("nan")
    variance: float = float("nan")
    z: float = float("nan")
    p: float = float("nan")
    p_analytic: float = float("nan")


@dataclass(frozen=True, kw_only=True)
class Pairs:
    """Units that are joined, each pair once: weights a_ij = w_ij + w_ji, where i < j.

    `degrees` are the sums of a_ij over j.
    """

    upper: sparse.csr_array
    degrees: Floats

    @property
    def n(self) -> int:
        """Number of units."""
        return int(self.degrees.size)

    @property
    def total(self) -> float:
        """Sum of all weights (Cliff and Ord's S0)."""
        return float(self.upper.data.sum())

    @property
    def squares(self) -> float:
        """Sum of squared pair weights (S1)."""
        return float((self.upper.data**2).sum())

    @property
    def degree_squares(self) -> float:
        """Sum of squared degrees (S2)."""
        return float((self.degrees**2).sum())

    @property
    def excess(self) -> Floats:
        """Degrees above their mean."""
        excess: Floats = self.degrees - self.degrees.mean()
        return excess


@dataclass(frozen=True, kw_only=True)
class Form:
    """A statistic as a quadratic form of deviations z from the mean.

    It is constant + pairs x sum a_ij z_i z_j over pairs + sum r_i (squares x z_i^2 +
    linear x z_i), where r_i is the degree of a unit.
    """

    pairs: float
    squares: float = 0.0
    linear: float = 0.0
    constant: float = 0.0


def open_call(
    permutations: int, alternative: Alternative, rng: Rng, executor: Executor | None
) -> GlobalCall:
    """Take a caller's wishes."""
    check_permutations(permutations)
    check_alternative(alternative)
    generator, seed = open_rng(rng)
    return GlobalCall(
        permutations=permutations,
        alternative=alternative,
        generator=generator,
        seed=seed,
        executor=executor,
    )


def check_null(null: Null) -> None:
    """Refuse a null that is not one of the two."""
    if null not in get_args(Null):
        message = f"found null {null!r}; expected 'randomisation' or 'normality'"
        raise SpatialError(message)


def join_pairs(weights: sparse.csr_array) -> Pairs:
    """Add up the weights of both directions; those of units on themselves are left out."""
    others, _ = split_self(weights)
    both = sparse.csr_array(others + others.T)
    return Pairs(upper=sparse.triu(both, k=1, format="csr"), degrees=both.sum(axis=1))


def has_answer(values: Floats, pairs: Pairs) -> bool:
    """Tell whether there are units enough, weights that count, and values that vary."""
    weigh = not sums_to_nothing(pairs.upper.data)
    return values.size >= FEWEST and weigh and not is_constant(values)


def sums_to_nothing(weights: Floats) -> bool:
    """Tell whether weights cancel but for rounding, or there are none."""
    return bool(np.abs(weights.sum()) <= ROUNDING * np.abs(weights).sum())


def quadratic_tests(
    deviations: Floats,
    pairs: Pairs,
    forms: Sequence[Form],
    call: GlobalCall,
    *,
    normal: tuple[float, float] | None = None,
) -> list[GlobalTest]:
    """Test forms of deviations from the mean, all by the same permutations.

    Expectation and variance are exact under randomisation, or those under normality
    where given.
    """
    excess, squared = pairs.excess, deviations @ deviations
    mean_square = squared / pairs.n
    observed = np.array(
        [
            deviations @ (pairs.upper @ deviations),
            excess @ deviations**2,
            excess @ deviations,
        ]
    )
    sizes = np.array(
        [
            np.abs(pairs.upper.data).sum() * mean_square,
            np.abs(excess).sum() * mean_square,
            np.linalg.norm(excess) * np.linalg.norm(deviations),
        ]
    )
    counted = any(form.squares or form.linear for form in forms)
    permuted = _permuted_quadratics(deviations, pairs, excess if counted else np.empty(0), call)
    tests = []
    for form in forms:
        constant = form.constant + form.squares * pairs.degrees.mean() * squared
        terms = np.array([form.pairs, form.squares, form.linear])
        expected, variance = normal or _moments(deviations, pairs, form)
        tests.append(
            _test(
                float(terms @ observed),
                expected - constant,
                variance,
                None if permuted is None else permuted @ terms,
                call,
                constant=constant,
                rounding=ROUNDING * float(np.abs(terms) @ sizes),
            )
        )
    return tests


def linear_test(
    fixed: Floats, values: Floats, call: GlobalCall, *, factor: float, sizes: Floats
) -> GlobalTest:
    """Test factor x sum of fixed x values, where the values change places.

    The values sum to zero. `sizes` are those of the terms that `fixed` was summed from,
    against which it may be but rounding.
    """
    # As the values sum to zero, the mean of `fixed` adds nothing but rounding.
    deviations = fixed - fixed.mean()
    length = np.linalg.norm(values)
    rounding = ROUNDING * abs(factor) * float(np.linalg.norm(sizes) * length)
    deviation = abs(factor) * float(np.linalg.norm(deviations) * length) / np.sqrt(fixed.size - 1)
    permuted = _permuted_products(deviations, values, call)
    return _test(
        factor * float(deviations @ values),
        0.0,
        deviation**2 if deviation > rounding else 0.0,
        None if permuted is None else factor * permuted,
        call,
        rounding=rounding,
    )


def global_result(
    name: str,
    test: GlobalTest,
    tested: Tested,
    graph: Graph,
    call: GlobalCall,
    *,
    null: Null = "randomisation",
) -> GlobalResult:
    """Say what was tested, on what and how."""
    return GlobalResult(
        name=name,
        **vars(test),
        null=null,
        alternative=call.alternative,
        permutations=call.permutations,
        n=tested.n,
        isolates=tested.isolates,
        graph=describe_graph(graph),
        seed=call.seed,
    )


def two_map_result(
    name: str, test: GlobalTest, tested: Tested, graph: Graph, call: GlobalCall
) -> TwoMapResult:
    """Say what was measured, on what and how."""
    return TwoMapResult(
        name=name,
        statistic=test.statistic,
        expected=test.expected,
        variance=test.variance,
        z=test.z,
        p_random_labelling=test.p,
        p_random_labelling_analytic=test.p_analytic,
        alternative=call.alternative,
        permutations=call.permutations,
        n=tested.n,
        isolates=tested.isolates,
        graph=describe_graph(graph),
        seed=call.seed,
    )


def _test(
    statistic: float,
    expected: float,
    variance: float,
    permuted: Floats | None,
    call: GlobalCall,
    *,
    rounding: float,
    constant: float = 0.0,
) -> GlobalTest:
    """Compare a number with its permuted ones; a constant is added to what is reported.

    (It would hide small differences if it were added before.)
    """
    if not np.isfinite(statistic):
        return GlobalTest()
    z, p_analytic = 0.0, 1.0
    if variance > 0:  # else every permutation gives the same: no evidence
        z = (statistic - expected) / np.sqrt(variance)
        p_analytic = float(analytic_p(np.array(z), call.alternative))
    p = p_analytic
    if permuted is not None:
        at_least = np.array((permuted >= statistic - rounding).sum())
        at_most = np.array((permuted <= statistic + rounding).sum())
        p = float(permutation_p(at_least, at_most, call.permutations, call.alternative))
    return GlobalTest(
        statistic=float(statistic) + constant,
        expected=float(expected) + constant,
        variance=float(variance),
        z=float(z),
        p=p,
        p_analytic=p_analytic,
    )


def _moments(deviations: Floats, pairs: Pairs, form: Form) -> tuple[float, float]:
    """Give the exact mean and variance of a form over all arrangements.

    Products of values of different units have the moments of draws without replacement;
    which of two pairs' four units coincide is counted as by Cliff and Ord (1981).
    """
    n = pairs.n
    squared = deviations**2
    p2, p3, p4 = squared.sum(), (deviations**3).sum(), (squared**2).sum()
    # Sum of z_i^2 z_j^2 over i != j. As p2^2 - p4 it would be lost beside an outlier.
    ordered = np.sort(squared)
    p22 = 2 * (ordered[1:] * ordered.cumsum()[:-1]).sum()
    two, three, four = n * (n - 1), n * (n - 1) * (n - 2), n * (n - 1) * (n - 2) * (n - 3)
    e11 = -p2 / two
    e21, e111 = -p3 / two, 2 * p3 / three
    e22, e31 = p22 / two, -p4 / two
    e211, e1111 = (p4 - p22) / three, 3 * (p22 - p4) / four

    s0, s1 = pairs.total, pairs.squares
    spread = (pairs.excess**2).sum()
    s2 = spread + 4 * s0**2 / n
    a, b, c = form.pairs, form.squares, form.linear
    expected = form.constant + s0 * (a * e11 + b * 2 * p2 / n)
    terms = np.array(
        [
            a * a * s1 * e22,
            a * a * (s2 - 2 * s1) * e211,
            a * a * (s0**2 + s1 - s2) * e1111,
            -((a * s0 * e11) ** 2),
            b * b * spread * ((squared - p2 / n) ** 2).sum() / (n - 1),
            c * c * spread * p2 / (n - 1),
            2 * a * b * spread * (e31 - e211),
            2 * a * c * spread * (e21 - e111),
            2 * b * c * spread * p3 / (n - 1),
        ]
    )
    return float(expected), sum_terms(terms)


def sum_terms(terms: Floats) -> float:
    """Sum the terms of a variance; what is but their rounding is zero."""
    variance = float(terms.sum())
    return variance if variance > ROUNDING * np.abs(terms).sum() else 0.0


def _permuted_quadratics(
    deviations: Floats, pairs: Pairs, excess: Floats, call: GlobalCall
) -> Floats | None:
    """Sum over pairs, and the excess of degrees times squares and values: (permutations, 3)."""
    if not call.permutations:
        return None
    work = partial(
        _quadratics_piece,
        values=deviations,
        starts=pairs.upper.indptr.astype(np.int64),
        partners=pairs.upper.indices.astype(np.int32),
        weights=pairs.upper.data,
        excess=excess,
        lanes=min(max(_FEWEST_LANES, _VALUES_AT_ONCE // pairs.n), _MOST_LANES),
        seed=draw_seed(call.generator),
    )
    return _in_pieces(work, pairs.n, call)


def _permuted_products(fixed: Floats, values: Floats, call: GlobalCall) -> Floats | None:
    """Sum of fixed x values: (permutations,)."""
    if not call.permutations:
        return None
    seed = draw_seed(call.generator)
    work = partial(_products_piece, fixed=fixed, values=values, seed=seed)
    return _in_pieces(work, fixed.size, call)


def _in_pieces(work: Callable[[tuple[int, int]], Floats], n: int, call: GlobalCall) -> Floats:
    size = min(max(_FEWEST_A_PIECE, _VALUES_A_PIECE // n), _MOST_A_PIECE)
    starts = range(0, call.permutations, size)
    pieces = [(start, min(start + size, call.permutations)) for start in starts]
    return np.concatenate(list(map_pieces(work, pieces, call.executor)))


def _quadratics_piece(piece: tuple[int, int], *, seed: int, **arrays: Any) -> Floats:
    # Loads numba, which is slow.
    from spatial_models._kernels.arrangements import permuted_quadratics  # noqa: PLC0415

    return permuted_quadratics(**arrays, seed=np.uint64(seed), first=piece[0], last=piece[1])


def _products_piece(piece: tuple[int, int], *, seed: int, **arrays: Any) -> Floats:
    # Loads numba, which is slow.
    from spatial_models._kernels.arrangements import permuted_products  # noqa: PLC0415

    return permuted_products(**arrays, seed=np.uint64(seed), first=piece[0], last=piece[1])
