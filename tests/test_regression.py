"""Regressions: the same numbers as statsmodels and spreg by hand, and honest intervals."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pandas as pd
import pytest
import spreg
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from libpysal.graph import Graph
from libpysal.weights import lat2W
from scipy import stats

from spatial_models.errors import SpatialError
from spatial_models.regression import least_squares, partial_r2
from spatial_models.regression_counts import count_regression
from spatial_models.regression_filter import eigenvector_filter
from spatial_models.regression_pooling import pool_regressions
from spatial_models.regression_residuals import lagrange_multipliers, residual_moran
from spatial_models.regression_spatial import LIKELIHOOD_UNITS, spatial_regression


def grid(side: int) -> Graph:
    """Join the cells of a square that share a side."""
    return Graph.from_W(lat2W(side, side)).transform("R")


def made_up(n: int, seed: int = 0) -> tuple[pd.Series, pd.DataFrame]:
    rng = np.random.default_rng(seed)
    x = pd.DataFrame({"votes": rng.uniform(0.2, 0.8, n), "crime": rng.gamma(4, 100, n)})
    y = 1 + 2 * x["votes"] + 0.001 * x["crime"] + rng.normal(0, 0.3 + 0.5 * x["votes"], n)
    return y, x


def by_hand(call: Any, *arguments: Any, **more: Any) -> Any:
    """Call spreg, whose printed reports are of a pandas gone by."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return call(*arguments, **more)


SIDE, MANY = 7, 24
assert SIDE**2 <= LIKELIHOOD_UNITS < MANY**2


def test_least_squares_is_statsmodels_with_hc3() -> None:
    y, x = made_up(49)
    fit = least_squares(y, x)
    hand = sm.OLS(y, sm.add_constant(x)).fit(cov_type="HC3", use_t=True)
    np.testing.assert_allclose(fit.estimates, hand.params, rtol=1e-9)
    np.testing.assert_allclose(fit.covariance, hand.cov_params(), rtol=1e-7)
    interval = fit.to_frame()[["low", "high"]]
    np.testing.assert_allclose(interval, hand.conf_int(alpha=0.1), rtol=1e-7)
    np.testing.assert_allclose(fit.residuals, hand.resid, atol=1e-12)
    assert fit.summary["r2"] == pytest.approx(hand.rsquared)
    assert fit.summary["largest_vif"] >= 1


def test_least_squares_by_clusters_is_statsmodels() -> None:
    y, x = made_up(60)
    clusters = pd.Series(np.repeat(list("abcdefghij"), 6))
    fit = least_squares(y, x, clusters=clusters)
    hand = sm.OLS(y, sm.add_constant(x)).fit(
        cov_type="cluster", cov_kwds={"groups": np.repeat(np.arange(10), 6)}, use_t=True
    )
    np.testing.assert_allclose(fit.covariance, hand.cov_params(), rtol=1e-7)
    np.testing.assert_allclose(fit.to_frame()["low"], hand.conf_int(alpha=0.1)[0], rtol=1e-7)
    assert (fit.freedom == 9).all()


def test_standardised_coefficients_are_those_of_standardised_variables() -> None:
    y, x = made_up(80)
    hand = sm.OLS((y - y.mean()) / y.std(), (x - x.mean()) / x.std()).fit()
    table = least_squares(y, x).to_frame()
    np.testing.assert_allclose(table["standardised"].drop("intercept"), hand.params, rtol=1e-9)
    np.testing.assert_allclose(table["per_sd"].drop("intercept"), hand.params * y.std(), rtol=1e-9)


def test_partial_r2_follows_from_t() -> None:
    y, x = made_up(80)
    hand = sm.OLS(y, sm.add_constant(x)).fit()
    expected = (hand.tvalues**2 / (hand.tvalues**2 + hand.df_resid)).drop("const")
    np.testing.assert_allclose(partial_r2(y, x), expected, rtol=1e-9)


@pytest.fixture(scope="module")
def counted() -> tuple[pd.Series, pd.DataFrame, pd.Series]:
    rng = np.random.default_rng(5)
    _, x = made_up(120)
    people = pd.Series(rng.integers(10_000, 1_000_000, 120).astype(float))
    mean = people * 1e-3 * np.exp(x["votes"] - 0.001 * x["crime"])
    return pd.Series(rng.poisson(mean * rng.gamma(5, 1 / 5, 120))), x, people


def test_poisson_is_statsmodels(counted: tuple[pd.Series, pd.DataFrame, pd.Series]) -> None:
    counts, x, people = counted
    fit = count_regression(counts, x, exposure=people, family="Poisson")
    design = sm.add_constant(x)
    model = sm.GLM(counts, design, family=sm.families.Poisson(), offset=np.log(people))
    hand = model.fit()
    np.testing.assert_allclose(fit.estimates, hand.params, rtol=1e-7)
    leverage = hand.get_influence().hat_matrix_diag
    scores = design.mul(hand.resid_response / (1 - leverage), axis=0)
    sandwich = hand.cov_params() @ scores.T @ scores @ hand.cov_params()
    np.testing.assert_allclose(fit.covariance, sandwich, rtol=1e-5)
    groups = np.repeat(np.arange(12), 10)
    clustered = count_regression(
        counts, x, exposure=people, family="Poisson", clusters=pd.Series(groups)
    )
    by_groups = model.fit(cov_type="cluster", cov_kwds={"groups": groups})
    np.testing.assert_allclose(clustered.covariance, by_groups.cov_params(), rtol=1e-5)
    assert (clustered.freedom == 11).all()
    assert fit.summary["dispersion"] == pytest.approx(hand.pearson_chi2 / hand.df_resid)
    assert fit.summary["dispersion"] > 10


def test_negative_binomial_is_statsmodels(
    counted: tuple[pd.Series, pd.DataFrame, pd.Series],
) -> None:
    counts, x, people = counted
    fit = count_regression(counts, x, exposure=people, family="negative binomial")
    scaled = (x - x.mean()) / x.std()  # which statsmodels needs to converge
    model = sm.NegativeBinomial(counts, sm.add_constant(scaled), offset=np.log(people))
    hand = model.fit(disp=False, maxiter=200, cov_type="HC1")
    np.testing.assert_allclose(
        fit.to_frame()["per_sd"].loc[["votes", "crime"]], hand.params[["votes", "crime"]], rtol=1e-4
    )
    assert fit.summary["alpha"] == pytest.approx(hand.params["alpha"], rel=1e-3)
    assert fit.terms[-1] == "alpha"
    errors = fit.to_frame()["standard_error"]
    assert errors["alpha"] == pytest.approx(hand.bse["alpha"], rel=1e-3)
    # About as wide as White's, which statsmodels has.
    assert 0.97 < errors["votes"] * x["votes"].std() / hand.bse["votes"] < 1.15
    groups = np.repeat(np.arange(12), 10)
    clustered = count_regression(
        counts, x, exposure=people, family="negative binomial", clusters=pd.Series(groups)
    )
    by_groups = model.fit(disp=False, maxiter=200, cov_type="cluster", cov_kwds={"groups": groups})
    np.testing.assert_allclose(
        clustered.to_frame()["standard_error"]["votes"] * x["votes"].std(),
        by_groups.bse["votes"],
        rtol=1e-3,
    )


@pytest.mark.parametrize("side", [SIDE, MANY])
@pytest.mark.parametrize("term", ["error", "lag"])
def test_spatial_regressions_are_spreg(side: int, term: Any) -> None:
    y, x = made_up(side**2)
    graph = grid(side)
    own = np.linalg.inv(np.eye(side**2) - 0.5 * graph.sparse.toarray())
    y = pd.Series(own @ y.to_numpy())
    fit = spatial_regression(y, x, graph, term=term)
    calls = {
        ("error", SIDE): (spreg.ML_Error, {}),
        ("lag", SIDE): (spreg.ML_Lag, {}),
        ("error", MANY): (spreg.GM_Error_Het, {}),
        ("lag", MANY): (spreg.GM_Lag, {"robust": "white"}),
    }
    call, more = calls[term, side]
    hand = by_hand(call, y.to_numpy()[:, None], x.to_numpy(), w=graph.to_W(), **more)
    np.testing.assert_allclose(fit.estimates, hand.betas.ravel(), rtol=2e-4, atol=1e-6)
    errors = np.sqrt(np.diag(hand.vm))[: len(fit.estimates)]
    wider = np.sqrt(side**2 / (side**2 - 3)) if side == SIDE else 1.0
    np.testing.assert_allclose(fit.to_frame()["standard_error"], wider * errors, rtol=2e-3)
    assert fit.summary["rho" if term == "lag" else "lambda"] > 0.2


def test_diagnostics_are_spreg() -> None:
    y, x = made_up(SIDE**2)
    graph = grid(SIDE)
    hand = by_hand(
        spreg.OLS, y.to_numpy()[:, None], x.to_numpy(), w=graph.to_W(), spat_diag=True, moran=True
    )
    moran = residual_moran(y, x, graph)
    assert (moran.statistic, moran.z, moran.p) == pytest.approx(hand.moran_res, rel=1e-8)
    tests = lagrange_multipliers(y, x, graph).to_frame()
    np.testing.assert_allclose(tests.loc["error"], hand.lm_error, rtol=1e-8)
    np.testing.assert_allclose(tests.loc["lag"], hand.lm_lag, rtol=1e-8)
    np.testing.assert_allclose(tests.loc["robust_error"], hand.rlm_error, rtol=1e-6)
    np.testing.assert_allclose(tests.loc["robust_lag"], hand.rlm_lag, rtol=1e-6)


def test_the_filter_is_least_squares_with_its_eigenvectors() -> None:
    y, x = made_up(12**2)
    graph = grid(12)
    row, column = np.divmod(np.arange(144), 12)
    y = y + np.sin(row / 4) + np.cos(column / 3)
    filtered = eigenvector_filter(y, x, graph)
    vectors = filtered.vectors
    assert vectors.shape[1] >= 2
    np.testing.assert_allclose(vectors.T @ vectors, np.eye(vectors.shape[1]), atol=1e-8)
    np.testing.assert_allclose(vectors.sum(), 0, atol=1e-8)
    assert filtered.moran_before > 0.3
    assert filtered.moran_after < 0.1
    hand = sm.OLS(y, sm.add_constant(x.join(vectors))).fit(cov_type="HC3", use_t=True)
    np.testing.assert_allclose(filtered.fit.estimates, hand.params[:3], rtol=1e-7)
    np.testing.assert_allclose(filtered.fit.covariance, hand.cov_params().iloc[:3, :3], rtol=1e-6)
    # Moran's I after is that of spreg for the same regression.
    weights = graph.to_W()
    more = by_hand(
        spreg.OLS,
        y.to_numpy()[:, None],
        x.join(vectors).to_numpy(),
        w=weights,
        spat_diag=True,
        moran=True,
    )
    assert filtered.moran_after == pytest.approx(more.moran_res[0], abs=1e-9)


def test_the_filter_takes_nothing_where_nothing_is_left() -> None:
    y, x = made_up(100, seed=4)
    filtered = eigenvector_filter(y, x, grid(10))
    assert filtered.vectors.shape == (100, 0)
    np.testing.assert_allclose(filtered.fit.estimates, least_squares(y, x).estimates)


def test_pooling_by_rubins_rules() -> None:
    y, x = made_up(49)
    rng = np.random.default_rng(2)
    fits = [least_squares(y + rng.normal(0, 0.2, 49), x) for _ in range(5)]
    pooled = pool_regressions(fits)
    estimates = np.array([fit.estimates for fit in fits])
    within = np.mean([np.diag(fit.covariance) for fit in fits], axis=0)
    between = estimates.var(axis=0, ddof=1)
    np.testing.assert_allclose(pooled.estimates, estimates.mean(axis=0))
    np.testing.assert_allclose(np.diag(pooled.covariance), within + 1.2 * between)
    rubin = 4 * (1 + within / (1.2 * between)) ** 2
    np.testing.assert_allclose(pooled.freedom, 1 / (1 / rubin + 1 / 46))
    assert pool_regressions(fits[:1]) is fits[0]
    with pytest.raises(SpatialError, match="the same model"):
        pool_regressions([fits[0], least_squares(y, x[["votes"]])])
    with pytest.raises(SpatialError, match="no fits"):
        pool_regressions([])


def test_units_that_lack_something_take_no_part() -> None:
    y, x = made_up(50)
    graph = grid(7)
    with pytest.raises(SpatialError, match=r"no \[49\] in the graph"):
        residual_moran(y, x, graph)
    y, x = y[:49], x[:49].copy()
    x.loc[3, "crime"] = np.nan
    y = y.copy()
    y[8] = np.nan
    kept = [place for place in range(49) if place not in {3, 8}]
    whole, part = least_squares(y, x), least_squares(y[kept], x.loc[kept])
    np.testing.assert_allclose(whole.estimates, part.estimates)
    assert whole.residuals.isna().sum() == 2
    assert whole.n == 47
    inner = graph.subgraph(kept).transform("B").transform("R")
    assert residual_moran(y, x, graph) == residual_moran(y[kept], x.loc[kept], inner)


def test_islands_stay_and_are_counted() -> None:
    y, x = made_up(12)
    chain = Graph.from_arrays(
        [*range(10), *range(1, 11), 11], [*range(1, 11), *range(10), 11], [1] * 20 + [0]
    )
    moran = residual_moran(y, x, chain)
    assert (moran.n, moran.isolates) == (12, 1)
    assert spatial_regression(y, x, chain, term="error").n == 12
    alone = Graph.from_arrays(range(12), range(12), [0] * 12)
    assert np.isnan(residual_moran(y, x, alone).p)
    assert eigenvector_filter(y, x, alone).vectors.shape[1] == 0
    with pytest.raises(SpatialError, match="no neighbours"):
        spatial_regression(y, x, alone, term="lag")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda x: x.assign(crime=3.0), "do not vary.*crime"),
        (lambda x: x.assign(same=2 * x["votes"] + 1), "follow from each other"),
        (lambda x: x.assign(crime=np.inf), "infinite"),
        (lambda x: x[x.index < 5].reindex(x.index), "5 complete units"),
        (lambda x: x.iloc[::-1], "the same unique index"),
    ],
)
def test_bad_covariates_are_refused_in_words(change: Any, message: str) -> None:
    y, x = made_up(30)
    with pytest.raises(SpatialError, match=message):
        least_squares(y, change(x))


def test_bad_counts_are_refused() -> None:
    _, x = made_up(30)
    people = pd.Series(1_000.0, index=x.index)
    with pytest.raises(SpatialError, match="negative counts"):
        count_regression(pd.Series(-1, index=x.index), x, exposure=people, family="Poisson")
    nobody = people.where(x.index > 3, 0.0)
    fit = count_regression(pd.Series(range(30)), x, exposure=nobody, family="Poisson")
    assert fit.n == 26


@given(
    shift=st.floats(-1e3, 1e3),
    scale=st.floats(1e-3, 1e3),
    seed=st.integers(0, 1_000),
)
@settings(max_examples=25)
def test_units_and_order_make_no_difference(shift: float, scale: float, seed: int) -> None:
    y, x = made_up(SIDE**2, seed)
    graph = grid(SIDE)
    changed = x.assign(crime=shift + scale * x["crime"])
    before, after = least_squares(y, x).to_frame(), least_squares(y, changed).to_frame()
    for name in ("per_sd", "per_sd_low", "standardised"):
        np.testing.assert_allclose(after[name][1:], before[name][1:], rtol=1e-5, atol=1e-8)
    np.testing.assert_allclose(
        residual_moran(y, changed, graph).z, residual_moran(y, x, graph).z, rtol=1e-6, atol=1e-8
    )
    order = np.random.default_rng(seed).permutation(SIDE**2)
    turned = least_squares(y.iloc[order], x.iloc[order]).to_frame()
    np.testing.assert_allclose(turned, least_squares(y, x).to_frame(), rtol=1e-8)
    assert residual_moran(y.iloc[order], x.iloc[order], graph).z == pytest.approx(
        residual_moran(y, x, graph).z, abs=1e-9
    )


def test_residual_moran_and_multipliers_keep_their_level() -> None:
    rng = np.random.default_rng(11)
    graph = grid(SIDE)
    _, x = made_up(SIDE**2)
    draws = [pd.Series(rng.normal(size=SIDE**2)) for _ in range(1_000)]
    rejected = np.mean([residual_moran(y, x, graph).p <= 0.05 for y in draws])
    assert 0.03 <= rejected <= 0.07
    tests = pd.DataFrame([vars(lagrange_multipliers(y, x, graph)) for y in draws])
    assert (tests > stats.chi2.ppf(0.95, 1)).mean().max() <= 0.07


def test_intervals_hold_the_truth() -> None:
    """Each model under its own truth: 90 % intervals hold it in 85 to 95 % of 400 maps."""
    rng = np.random.default_rng(7)
    n, graph = SIDE**2, grid(SIDE)
    _, x = made_up(n)
    people = pd.Series(rng.integers(500_000, 20_000_000, n).astype(float))
    linear = 0.5 + 1.5 * x["votes"] + 0.002 * x["crime"]
    spread = np.linalg.inv(np.eye(n) - 0.4 * graph.sparse.toarray())
    hits: dict[str, list[bool]] = {}
    for _ in range(400):
        noise = rng.normal(0, 0.4, n)
        mean = people * np.exp(linear - 8)
        counts = pd.Series(rng.poisson(mean * rng.gamma(8, 1 / 8, n)))
        fits = {
            "least squares": least_squares(linear + noise * (0.5 + x["votes"]), x),
            "error": spatial_regression(linear + spread @ noise, x, graph, term="error"),
            "lag": spatial_regression(pd.Series(spread @ (linear + noise)), x, graph, term="lag"),
            "negative binomial": count_regression(
                counts, x, exposure=people, family="negative binomial"
            ),
            "Poisson": count_regression(counts, x, exposure=people, family="Poisson"),
        }
        for name, fit in fits.items():
            row = fit.to_frame().loc["votes"]
            hits.setdefault(name, []).append(bool(row["low"] <= 1.5 <= row["high"]))
    shares = {name: np.mean(each) for name, each in hits.items()}
    assert all(0.85 <= share <= 0.95 for share in shares.values()), shares
