"""Rates of small populations, steadied, and their normal scores."""

import numpy as np
import numpy.typing as npt
import pytest
from esda.smoothing import Empirical_Bayes, Spatial_Empirical_Bayes, assuncao_rate
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import nbinom, norm, rankdata
from small_graphs import chain, connected, graph_of, lattice

from spatial_models import (
    SpatialError,
    empirical_bayes,
    local_empirical_bayes,
    residual_scores,
    spatial_rate,
    standardised_rates,
)

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


def test_the_posterior_variance_is_the_error_of_the_estimate() -> None:
    rng = np.random.default_rng(1)
    people = np.tile([100.0, 1_000.0, 10_000.0], 2_000)
    rates = rng.gamma(4, 0.01 / 4, people.size)
    result = empirical_bayes(rng.poisson(people * rates), people)
    error = ((result.smoothed - rates) ** 2).reshape(-1, 3).mean(axis=0)
    stated = result.smoothed_variance.reshape(-1, 3)
    np.testing.assert_allclose(stated.mean(axis=0), error, rtol=0.1)
    # High estimates are the less certain ones.
    high = result.smoothed > np.quantile(result.smoothed, 0.9)
    found = ((result.smoothed - rates) ** 2)[high].mean()
    assert result.smoothed_variance[high].mean() == pytest.approx(found, rel=0.15)


def test_posterior_variance_by_hand() -> None:
    # Mean 0.1, variance between units 17 / 6000, as above.
    result = empirical_bayes([20, 20, np.nan], [100, 300, 5])
    trust = (17 / 6000) / (17 / 6000 + 0.1 / 100)
    assert result.smoothed_variance[0] == pytest.approx(trust * result.smoothed[0] / 100)
    assert np.isnan(result.smoothed_variance[2])
    assert empirical_bayes([10, 10], [100, 100]).smoothed_variance.tolist() == [0, 0]


# Twelve cells in three rows of four, joined at edges: cell2nb(3, 4) of spdep.
_ROW, _COLUMN = np.divmod(np.arange(12), 4)
CELLS = graph_of(abs(np.subtract.outer(_ROW, _ROW)) + abs(np.subtract.outer(_COLUMN, _COLUMN)) == 1)
EVENTS = np.array([9, 60, 10, 40, 3, 25, 14, 7, 0, 31, 12, 5], dtype=np.float64)
PEOPLE = np.array([100, 500, 1000, 400, 90, 260, 700, 350, 80, 410, 620, 300], dtype=np.float64)


def test_local_shrinkage_is_that_of_spdep() -> None:
    # spdep 1.2-7: EBlocal(EVENTS, PEOPLE, nb, geoda = TRUE), which is Marshall's estimator;
    # the default there takes each neighbour's distance from that neighbour's own mean.
    result = local_empirical_bayes(EVENTS, PEOPLE, CELLS)
    np.testing.assert_allclose(
        result.smoothed,
        [
            *(0.1002901689042876, 0.1171536399717975, 0.0108347071106715, 0.0960429474922783),
            *(0.0507166944571142, 0.0919884227038246, 0.0201998993153020, 0.0216279547790339),
            *(0.0355943404728289, 0.0728695366449675, 0.0204476102453010, 0.0188976377952756),
        ],
    )
    assert result.mean[:2].tolist() == pytest.approx([0.1043478260869565, 0.0559139784946237])
    assert result.variance[0] == pytest.approx(0.000411468178954001)
    assert result.variance[11] == 0


@pytest.mark.parametrize("seed", range(3))
def test_local_shrinkage_is_that_of_esda(seed: int) -> None:
    events, people = noisy_rates(seed, 36)
    graph = graph_of(lattice(6), "B")
    result = local_empirical_bayes(events, people, graph)
    peer = Spatial_Empirical_Bayes(events, people, graph.to_W())
    np.testing.assert_allclose(result.smoothed, peer.r.ravel())


def test_where_all_are_neighbours_local_is_global() -> None:
    events, people = noisy_rates(1, 8)
    near = local_empirical_bayes(events, people, graph_of(1 - np.eye(8)))
    overall = empirical_bayes(events, people)
    np.testing.assert_allclose(near.smoothed, overall.smoothed)
    np.testing.assert_allclose(near.smoothed_variance, overall.smoothed_variance)
    np.testing.assert_allclose(near.variance, overall.variance)


@fixed
@given(connected(), st.integers(0, 2**32 - 1))
def test_local_estimates_lie_between_rate_and_mean(drawn: tuple[Floats, Floats], seed: int) -> None:
    weights, values = drawn
    people = np.random.default_rng(seed).integers(1, 1_000, values.size).astype(np.float64)
    result = local_empirical_bayes(np.abs(values), people, graph_of(weights))
    slack = 1e-12 * (result.rate + result.mean)
    assert (result.smoothed >= np.minimum(result.rate, result.mean) - slack).all()
    assert (result.smoothed <= np.maximum(result.rate, result.mean) + slack).all()
    assert (result.smoothed_variance >= 0).all()


def test_spatial_rate_by_hand() -> None:
    result = spatial_rate([9, 60, 10, 40], [100, 500, 1_000, 400], graph_of(chain(4)))
    expected = [69 / 600, 79 / 1_600, 110 / 1_900, 50 / 1_400]
    assert result.smoothed.tolist() == pytest.approx(expected)
    assert result.rate.tolist() == [0.09, 0.12, 0.01, 0.1]
    assert result.smoothed_variance[0] == pytest.approx(69 / 600**2)


def test_spatial_variance_is_that_of_poisson_counts() -> None:
    rng = np.random.default_rng(1)
    people = np.array([100.0, 500.0, 1_000.0, 400.0])
    drawn = [
        spatial_rate(rng.poisson(0.05 * people), people, graph_of(chain(4))) for _ in range(600)
    ]
    observed = np.var([result.smoothed for result in drawn], axis=0)
    said = np.mean([result.smoothed_variance for result in drawn], axis=0)
    np.testing.assert_allclose(said, observed, rtol=0.25)


def test_weights_do_not_matter_to_neighbourhoods() -> None:
    weights = lattice(4) * np.random.default_rng(1).gamma(1, size=(16, 16))
    events, people = noisy_rates(1, 16)
    for smooth in (local_empirical_bayes, spatial_rate):
        plain = smooth(events, people, graph_of(lattice(4)))
        weighted = smooth(events, people, graph_of(weights))
        own = smooth(events, people, graph_of(weights + np.eye(16)))
        np.testing.assert_array_equal(weighted.smoothed, plain.smoothed)
        np.testing.assert_array_equal(own.smoothed, plain.smoothed)


def test_a_missing_unit_is_no_ones_neighbour_and_an_island_keeps_its_rate() -> None:
    weights = np.zeros((7, 7))
    weights[:5, :5] = chain(5)
    events = [1, 7, np.nan, 4, 5, 6, 3]
    people = [10, 100, 100, 0, 100, 100, np.nan]
    for smooth in (local_empirical_bayes, spatial_rate):
        result = smooth(events, people, graph_of(weights))
        alone = smooth(events[:2], people[:2], graph_of(chain(2)))
        gone = [False, False, True, True, False, False, True]
        np.testing.assert_array_equal(np.isnan(result.smoothed), gone)
        np.testing.assert_array_equal(np.isnan(result.smoothed_variance), gone)
        np.testing.assert_allclose(result.smoothed[:2], alone.smoothed)
        assert result.smoothed[4:6].tolist() == [0.05, 0.06]


def test_smoothing_without_anyone() -> None:
    for smooth in (local_empirical_bayes, spatial_rate):
        assert np.isnan(smooth([np.nan] * 3, [1] * 3, graph_of(chain(3))).smoothed).all()
        assert smooth([0] * 3, [1] * 3, graph_of(chain(3))).smoothed.tolist() == [0, 0, 0]
        with pytest.raises(SpatialError, match="negative"):
            smooth([-1] * 3, [1] * 3, graph_of(chain(3)))


@pytest.mark.parametrize("seed", range(3))
def test_standardised_rates_are_those_of_esda(seed: int) -> None:
    events, people = noisy_rates(seed)
    np.testing.assert_allclose(standardised_rates(events, people), assuncao_rate(events, people))


def test_a_negative_variance_between_units_counts_as_zero() -> None:
    # By hand: rates 0.1, 0.11, 0.09; the variance between them is below that by chance.
    events, people = np.array([10.0, 22.0, 9.0, np.nan]), np.array([100.0, 200.0, 100.0, 7.0])
    mean = 41 / 400
    expected = (events / people - mean) / np.sqrt(mean / people)
    np.testing.assert_allclose(standardised_rates(events, people), expected)


def test_standardised_rates_without_events_are_zero() -> None:
    assert standardised_rates([0, 0], [10, 20]).tolist() == [0, 0]
    assert np.isnan(standardised_rates([0, 1], [0, np.nan])).all()


def test_standardised_rates_are_learnt_from_the_reference() -> None:
    events, people = noisy_rates(2)
    inside = np.arange(60) < 40
    scores = standardised_rates(events, people, reference=inside)
    alone = standardised_rates(events[inside], people[inside])
    np.testing.assert_allclose(scores[inside], alone)
    assert np.isfinite(scores).all()
