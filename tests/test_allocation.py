"""From areas to counties: mass is kept, what is located stays, chance is reproducible."""

from functools import partial

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from boundaries import load_counties
from geo import allocate_proportional, impute_counts, largest_remainder, load_population

COUNTIES = pd.Index([f"{number:05}" for number in range(1001, 1013)], name="county_fips")
AREA = pd.Series(["A"] * 5 + ["B"] * 4 + ["C"] * 3, index=COUNTIES)
WEIGHTS = st.lists(
    st.one_of(st.just(0.0), st.floats(1e-3, 1e6), st.just(float("nan"))), min_size=12, max_size=12
).map(lambda weights: pd.Series(weights, index=COUNTIES, dtype="float64"))
TOTALS = st.fixed_dictionaries({area: st.integers(0, 5_000) for area in "ABC"}).map(
    lambda totals: pd.Series(totals, dtype="int64")
)
LOCATED = st.lists(st.integers(0, 50), min_size=12, max_size=12).map(
    lambda counts: pd.Series(counts, index=COUNTIES)
)


@given(
    st.lists(st.floats(0, 1e9, allow_subnormal=False), min_size=1, max_size=60),
    st.integers(0, 10**7),
)
def test_largest_remainder_keeps_the_total_within_one_of_the_quota(
    shares: list[float], total: int
) -> None:
    whole = largest_remainder(pd.Series(shares), total)
    assert whole.sum() == total
    assert (whole >= 0).all()
    even = sum(shares) <= 0
    quota = np.full(len(shares), total / len(shares)) if even else np.array(shares) / sum(shares)
    quota = quota if even else quota * total
    assert (np.abs(whole - quota) < 1 + 1e-6).all()


def test_largest_remainder_by_hand() -> None:
    # Hamilton's method; quotas 1.4, 3.15, 5.45 and the one seat left goes to .45
    assert largest_remainder(pd.Series([20, 45, 77.857], index=list("abc")), 10).to_dict() == {
        "a": 1,
        "b": 3,
        "c": 6,
    }
    assert largest_remainder(pd.Series([0.0, 0.0]), 3).tolist() == [2, 1]
    assert largest_remainder(pd.Series([0.0, 1.0]), 3).tolist() == [0, 3]
    assert largest_remainder(pd.Series([1.0, 1.0]), 0).tolist() == [0, 0]


@given(st.lists(st.integers(1, 1_000), min_size=1, max_size=30), st.integers(1, 50))
def test_shares_that_come_out_even_are_met_exactly(counts: list[int], scale: int) -> None:
    shares = pd.Series(counts) / sum(counts)
    assert largest_remainder(shares, sum(counts) * scale).tolist() == [n * scale for n in counts]


@given(TOTALS, WEIGHTS, LOCATED, st.integers(0, 2**32))
def test_every_draw_keeps_every_area(
    totals: pd.Series, weights: pd.Series, located: pd.Series, seed: int
) -> None:
    arrests = impute_counts(totals, area=AREA, weights=weights, located=located, draws=3, rng=seed)
    wanted = (totals + located.groupby(AREA).sum()).to_numpy()
    areas = AREA.to_numpy()
    for counts in (*arrests.draws, arrests.proportional):
        assert [counts[areas == name].sum() for name in "ABC"] == wanted.tolist()
        assert (counts >= located.to_numpy()).all()
    assert arrests.located.tolist() == located.tolist()
    assert arrests.area_totals.tolist() == wanted.tolist()


@given(TOTALS, WEIGHTS)
def test_counties_without_weight_receive_none_unless_none_has_one(
    totals: pd.Series, weights: pd.Series
) -> None:
    arrests = impute_counts(totals, area=AREA, weights=weights, draws=2, rng=1)
    weight = weights.fillna(0)
    known = weight.groupby(AREA).transform("sum") > 0
    nothing = ((weight == 0) & known).to_numpy()
    assert (arrests.draws[:, nothing] == 0).all()
    assert (arrests.proportional[nothing] == 0).all()
    even = (AREA.map(totals) / AREA.groupby(AREA).transform("size"))[~known]
    assert (np.abs(arrests.proportional[~known.to_numpy()] - even) < 1).all()


def test_means_over_draws_are_near_expectation() -> None:
    weights = pd.Series(np.arange(1.0, 13.0), index=COUNTIES)
    totals = pd.Series({"A": 300, "B": 40, "C": 5_000})
    draws = 4_000
    arrests = impute_counts(totals, area=AREA, weights=weights, draws=draws, rng=7)
    share = (weights / weights.groupby(AREA).transform("sum")).to_numpy()
    total = AREA.map(totals).to_numpy()
    error = np.sqrt(total * share * (1 - share) / draws)
    assert (np.abs(arrests.draws.mean(axis=0) - total * share) < 4 * error).all()
    spread = arrests.draws.var(axis=0) / (total * share * (1 - share))
    assert np.allclose(spread, 1, atol=0.15)  # binomial: 4 standard errors of a variance
    assert np.abs(arrests.proportional - total * share).max() < 1


def test_same_seed_same_draws() -> None:
    weights = pd.Series(1.0, index=COUNTIES)
    totals = pd.Series({"A": 300, "C": 40})

    def draw(rng: int | np.random.Generator) -> list[list[int]]:
        rows: list[list[int]] = impute_counts(
            totals, area=AREA, weights=weights, draws=5, rng=rng
        ).draws.tolist()
        return rows

    assert draw(3) == draw(3) == draw(np.random.default_rng(3))
    assert draw(3) != draw(4)
    generator = np.random.default_rng(3)
    assert draw(generator) != draw(generator)


def test_located_arrests_stay_and_are_shared_truthfully() -> None:
    located = pd.Series({"01001": 30, "01012": 5})
    arrests = impute_counts(
        pd.Series({"A": 10, "B": 4}),
        area=AREA,
        weights=pd.Series(1.0, index=COUNTIES),
        located=located,
        draws=4,
        rng=1,
    )
    assert (arrests.draws[:, 0] >= 30).all()
    assert (arrests.draws[:, 11] == 5).all()
    table = arrests.to_frame()
    assert table.index.equals(COUNTIES)
    assert table["arrests_located"].tolist() == arrests.located.tolist()
    assert (table["arrests_low"] <= table["arrests_imputed"].round(9)).all()
    assert (table["arrests_imputed"].round(9) <= table["arrests_high"]).all()
    assert table["arrests_imputed"].sum() == pytest.approx(49)


def test_others_follow_the_located_where_asked() -> None:
    # Residents say the last county of A, the located arrests say the first.
    weights = pd.Series(1.0, index=COUNTIES)
    weights[AREA.index[AREA == "A"][-1]] = 1_000.0
    located = pd.Series({"01001": 900})
    impute = partial(impute_counts, area=AREA, weights=weights, located=located, draws=200, rng=1)
    totals = pd.Series({"A": 1_000, "B": 50})
    plain = impute(totals)
    led = impute(totals, follow_located=["A"])
    members = (AREA == "A").to_numpy()
    assert (led.draws[:, members].sum(axis=1) == 1_900).all()
    assert plain.draws[:, 0].mean() < 910
    assert led.draws[:, 0].mean() == pytest.approx(900 + 1_000 * 900 / 920, rel=0.01)
    # Chances are drawn anew for each draw: more spread than one multinomial has.
    share = 900 / 920
    assert led.draws[:, 0].var() > 1.5 * 1_000 * share * (1 - share)
    assert led.draws[:, ~members].sum() == 200 * 50


def test_proportional_allocation_is_that_of_the_imputation() -> None:
    weights = pd.Series(np.arange(12.0), index=COUNTIES)
    totals = pd.Series({"A": 301, "B": 17})
    alone = allocate_proportional(totals, area=AREA, weights=weights)
    arrests = impute_counts(totals, area=AREA, weights=weights, draws=1, rng=1)
    assert alone.tolist() == arrests.proportional.tolist()
    assert alone.index.equals(COUNTIES)


def test_the_order_of_weights_and_totals_does_not_matter() -> None:
    weights = pd.Series(np.arange(1.0, 13.0), index=COUNTIES)
    totals = pd.Series({"A": 300, "B": 40, "C": 70})
    one = allocate_proportional(totals, area=AREA, weights=weights)
    other = allocate_proportional(totals[::-1], area=AREA, weights=weights[::-1])
    assert one.to_dict() == other.to_dict()


def test_what_cannot_be_placed_is_refused() -> None:
    weights = pd.Series(1.0, index=COUNTIES)
    with pytest.raises(ValueError, match=r"found arrests in \['Z'\]; expected areas that have"):
        impute_counts(pd.Series({"Z": 1}), area=AREA, weights=weights, draws=1, rng=1)
    with pytest.raises(ValueError, match="found draws=0; expected at least 1"):
        impute_counts(pd.Series({"A": 1}), area=AREA, weights=weights, draws=0, rng=1)
    assert allocate_proportional(pd.Series({"Z": 0}), area=AREA, weights=weights).sum() == 0


def test_real_counties_keep_a_real_number_of_arrests() -> None:
    residents = load_population()
    area = load_counties().loc[residents.index, "zone"]
    totals = pd.Series(8_835, index=sorted(area.unique()))
    arrests = impute_counts(totals, area=area, weights=residents, draws=20, rng=2)
    assert (arrests.draws.sum(axis=1) == totals.sum()).all()
    harris = arrests.draws[:, residents.index.get_loc("48201")]
    share = residents["48201"] / residents[area == "TX-HOU"].sum()
    assert harris.mean() == pytest.approx(8_835 * share, rel=0.02)
