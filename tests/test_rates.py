"""Rates of small populations, steadied, and their normal scores."""

import numpy as np
import numpy.typing as npt
import pytest
from esda.smoothing import Empirical_Bayes
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import nbinom, norm, rankdata

from spatial_models import SpatialError, empirical_bayes, residual_scores

Floats = npt.NDArray[np.float64]

fixed = settings(deadline=None, derandomize=True, max_examples=100)

counts_and_people = st.lists(
    st.tuples(st.integers(0, 500), st.integers(1, 100_000)), min_size=2, max_size=30
)


def split(pairs: list[tuple[int, int]]) -> tuple[Floats, Floats]:
    table = np.array(pairs, dtype=np.float64)
    return table[:, 0], table[:, 1]


def noisy_rates(seed: int, n: int = 60) -> tuple[Floats, Floats]:
    rng = np.random.default_rng(seed)
    people = np.exp(rng.normal(9, 1.5, n)).round()
    events = rng.poisson(people * np.exp(rng.normal(-6, 0.6, n))).astype(np.float64)
    return events, people


@pytest.mark.parametrize("seed", range(5))
def test_shrinkage_is_that_of_esda(seed: int) -> None:
    events, people = noisy_rates(seed)
    result = empirical_bayes(events, people)
    assert result.variance > 0
    np.testing.assert_allclose(result.smoothed, Empirical_Bayes(events, people).r.ravel())


def test_shrinkage_by_hand() -> None:
    # Marshall (1991), by hand: mean 40 / 400 = 0.1; squared deviations weighted by people
    # (100 * 0.01 + 300 * 0.1^2 / 9) / 400 = 1 / 300; less 0.1 / 200 gives 17 / 6000.
    result = empirical_bayes([20, 20], [100, 300])
    assert result.rate.tolist() == [0.2, 20 / 300]
    assert result.mean == pytest.approx(0.1)
    assert result.variance == pytest.approx(17 / 6000)
    trust = [(17 / 6000) / (17 / 6000 + 0.1 / people) for people in (100, 300)]
    expected = [0.1 + trust[0] * 0.1, 0.1 - trust[1] * (0.1 / 3)]
    assert result.smoothed.tolist() == pytest.approx(expected)


@fixed
@given(counts_and_people)
def test_estimates_lie_between_rate_and_mean(pairs: list[tuple[int, int]]) -> None:
    result = empirical_bayes(*split(pairs))
    low = np.minimum(result.rate, result.mean)
    high = np.maximum(result.rate, result.mean)
    slack = 1e-12 * high
    assert (result.smoothed >= low - slack).all()
    assert (result.smoothed <= high + slack).all()


@fixed
@given(counts_and_people)
def test_the_smaller_the_population_the_less_its_rate_is_trusted(
    pairs: list[tuple[int, int]],
) -> None:
    events, people = split(pairs)
    result = empirical_bayes(events, people)
    apart = np.abs(result.rate - result.mean) > 1e-9 * result.mean
    trust = (result.smoothed - result.mean)[apart] / (result.rate - result.mean)[apart]
    in_order = trust[np.argsort(people[apart], kind="stable")]
    assert (np.diff(in_order) >= -1e-6).all()


@fixed
@given(counts_and_people, st.integers(0, 2**32 - 1))
def test_row_order_does_not_matter(pairs: list[tuple[int, int]], seed: int) -> None:
    events, people = split(pairs)
    order = np.random.default_rng(seed).permutation(len(events))
    straight = empirical_bayes(events, people).smoothed[order]
    np.testing.assert_allclose(
        empirical_bayes(events[order], people[order]).smoothed, straight, atol=1e-9
    )


@fixed
@given(counts_and_people, st.sampled_from([np.nan, 0.0]))
def test_a_unit_without_count_or_people_might_as_well_not_exist(
    pairs: list[tuple[int, int]], nobody: float
) -> None:
    events, people = split(pairs)
    without = empirical_bayes(events, people)
    result = empirical_bayes([*events, 7, np.nan], [*people, nobody, 1_000])
    np.testing.assert_array_equal(result.smoothed[:-2], without.smoothed)
    assert np.isnan(result.rate[-2:]).all()
    assert np.isnan(result.smoothed[-2:]).all()
    assert (result.mean, result.variance) == (without.mean, without.variance)


def test_the_unit_of_the_denominator_does_not_matter() -> None:
    events, people = noisy_rates(7)
    per_head = empirical_bayes(events, people).smoothed
    per_thousand = empirical_bayes(events, people / 1_000).smoothed
    np.testing.assert_allclose(per_thousand, 1_000 * per_head)


def test_differences_smaller_than_chance_are_no_variation() -> None:
    people = np.array([900.0, 1_000, 1_100, 5_000])
    result = empirical_bayes(people * 0.01, people)
    assert result.no_variation
    assert result.variance == 0
    assert result.smoothed.tolist() == pytest.approx([0.01] * 4)


def test_no_events_at_all_is_a_rate_of_zero_without_variation() -> None:
    result = empirical_bayes([0, 0, np.nan], [10, 20, 30])
    assert result.no_variation
    np.testing.assert_array_equal(result.smoothed, [0, 0, np.nan])


def test_nothing_known_has_no_variation() -> None:
    result = empirical_bayes([np.nan, 5], [10, np.nan])
    assert result.no_variation
    assert np.isnan(result.smoothed).all()


def test_rates_of_tiny_populations_do_not_lead_the_map() -> None:
    events, people = noisy_rates(3)
    events, people = np.append(events, 1.0), np.append(people, 2.0)
    result = empirical_bayes(events, people)
    assert result.rate.argmax() == len(events) - 1
    assert result.smoothed.argmax() != len(events) - 1


@pytest.mark.parametrize(
    ("events", "people", "words"),
    [
        ([1, 2], [10], r"shape \(2,\) and exposure of shape \(1,\)"),
        ([[1, 2]], [[10, 20]], "one number each unit"),
        ([-1, 2], [10, 20], "negative"),
        ([1, 2], [10, -20], "negative"),
    ],
)
def test_what_is_no_count_or_population_is_refused(
    events: list[float], people: list[float], words: str
) -> None:
    with pytest.raises(SpatialError, match=words):
        empirical_bayes(events, people)


def clustered_populations(n: int, rng: np.random.Generator) -> npt.NDArray[np.float64]:
    return np.sort(np.exp(rng.normal(10, 1.4, n)))


def test_scores_are_those_of_scipys_negative_binomial() -> None:
    rng = np.random.default_rng(4)
    people = clustered_populations(90, rng)  # one stratum
    events = rng.poisson(people * 0.002 * rng.gamma(4, 1 / 4, 90)).astype(np.float64)
    rates = empirical_bayes(events, people)
    shape = rates.mean**2 / rates.variance
    success = shape / (shape + rates.mean * people)
    below = nbinom.cdf(events - 1, shape, success)
    steps = (np.arange(16) + 0.5) / 16
    values = below[:, None] + nbinom.pmf(events, shape, success)[:, None] * steps
    ranks = rankdata(values).reshape(values.shape)
    normal = norm.ppf(((ranks - 0.5) / 16 + 0.125) / 90.25)
    scores, squares = residual_scores(events, people, rates)
    np.testing.assert_allclose(scores, normal.mean(axis=1), atol=1e-6)
    np.testing.assert_allclose(squares, (normal**2).mean(axis=1), atol=1e-6)


def test_scores_of_large_counts_are_bloms() -> None:
    # R: qnorm(ppoints(5)), which uses Blom's 3/8 up to ten values.
    blom = [-1.1797611, -0.4972006, 0.0, 0.4972006, 1.1797611]
    events, people = np.array([2e6, 3e6, 5e6, 8e6, 9e6]), np.full(5, 1e9)
    scores, squares = residual_scores(events, people, empirical_bayes(events, people))
    assert scores == pytest.approx(blom, abs=0.08)  # the ends are spread over their tails
    assert squares == pytest.approx(scores**2, abs=0.1)


@pytest.mark.parametrize(("arrests", "tolerance"), [(300, 0.15), (3_000, 0.08), (300_000, 0.08)])
def test_scores_do_not_depend_on_population_where_rates_do_not(
    arrests: int, tolerance: float
) -> None:
    # What makes the null of a hot spot hold; rates and smoothed rates fail here.
    rng = np.random.default_rng(5)
    people = clustered_populations(3_000, rng)
    means, powers = [], []
    for _ in range(40):
        expected = people * rng.gamma(4, 1 / 4, people.size)
        events = rng.multinomial(arrests, expected / expected.sum()).astype(np.float64)
        rates = empirical_bayes(events, people)
        if rates.no_variation:
            continue
        scores, squares = residual_scores(events, people, rates)
        means.append(scores.reshape(4, -1).mean(axis=1))  # by quarter of population
        powers.append(squares.reshape(4, -1).mean(axis=1))
    assert len(means) >= 20
    assert np.abs(np.mean(means, axis=0)).max() < 0.04
    assert np.mean(powers, axis=0) == pytest.approx(1, abs=tolerance)


@fixed
@given(st.integers(0, 1_000))
def test_the_order_of_rows_does_not_matter(seed: int) -> None:
    rng = np.random.default_rng(seed)
    people = clustered_populations(30, rng)
    events = rng.poisson(people * 0.002 * rng.gamma(2, 1 / 2, 30)).astype(np.float64)
    order = rng.permutation(30)
    rates, shuffled = empirical_bayes(events, people), empirical_bayes(events[order], people[order])
    if not rates.no_variation:
        scores, _ = residual_scores(events, people, rates)
        moved, _ = residual_scores(events[order], people[order], shuffled)
        np.testing.assert_allclose(moved, scores[order], atol=1e-9)


def test_units_outside_the_reference_neither_have_scores_nor_move_those_of_others() -> None:
    rng = np.random.default_rng(6)
    people = clustered_populations(40, rng)
    events = rng.poisson(people * 0.004 * rng.gamma(2, 1 / 2, 40)).astype(np.float64)
    inside = np.arange(40) >= 7
    rates = empirical_bayes(events, people, reference=inside)
    alone = empirical_bayes(events[inside], people[inside])
    assert (rates.mean, rates.variance) == (alone.mean, alone.variance)
    scores, squares = residual_scores(events, people, rates, reference=inside)
    assert np.isnan(scores[~inside]).all()
    assert np.isnan(squares[~inside]).all()
    expected, _ = residual_scores(events[inside], people[inside], alone)
    np.testing.assert_array_equal(scores[inside], expected)
    assert (squares[inside] >= scores[inside] ** 2 - 1e-12).all()


def test_scores_are_ranked_among_populations_of_the_same_size() -> None:
    # Where rates grow with population, that alone makes no scores high.
    rng = np.random.default_rng(7)
    people = clustered_populations(2_000, rng)
    events = rng.poisson(0.003 * people**1.2 / people.mean() ** 0.2).astype(np.float64)
    scores, _ = residual_scores(events, people, empirical_bayes(events, people))
    quarters = scores.reshape(4, -1).mean(axis=1)
    assert np.abs(quarters).max() < 0.05


def test_rounding_is_no_variation() -> None:
    base = np.full(100, 1_000.0)
    events = base + np.where(np.arange(100) % 2, 1, -1) * np.sqrt(base)
    assert empirical_bayes(events, np.full(100, 1e6)).no_variation
