"""From located arrests to counties: mass is kept, what is known stays, intervals hold."""

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from boundaries import load_counties
from geo import (
    CountyArrests,
    ImputedArrests,
    InputError,
    allocate_proportional,
    impute_arrests,
    load_population,
)

PLACES = ["zone", "state", "aor"]
COUNTIES = pd.DataFrame(load_counties()[PLACES]).dropna(subset=["zone"])
PEOPLE = load_population()
TABLE = COUNTIES.rename_axis("county_fips").reset_index()
SUPPORTS = ["county", *PLACES, "none"]
CUSTODY = ["custodial", "community", "other"]

# Split states, offices over several states, territories without residents, and one county.
SOME = TABLE.index[TABLE["zone"].isin(["NY-NYC", "NY-BUF", "OK-DAL", "TX-DAL", "MP-SFR", "DC-WAS"])]
ROWS = st.lists(
    st.tuples(st.sampled_from(SUPPORTS), st.sampled_from(list(SOME)), st.sampled_from(CUSTODY)),
    min_size=1,
    max_size=120,
)
FOLLOW = st.sampled_from([None, 0.0, 0.5, 1.0])


def records(
    rows: list[tuple[str, int, str]], *, support: str | None = None
) -> tuple[pd.DataFrame, pd.Series]:
    table = TABLE.loc[[county for _, county, _ in rows]].reset_index(drop=True)
    table.insert(0, "support", [support or one for one, _, _ in rows])
    custody = pd.Series([one for *_, one in rows], dtype=pd.CategoricalDtype(CUSTODY))
    return table, custody


def arrests_of(**places: int) -> pd.DataFrame:
    """Make records such as county_24510=3, zone_MD_BAL=2, aor_BAL=1."""
    parts = []
    for name, number in places.items():
        support, _, place = name.partition("_")
        column = "county_fips" if support == "county" else support
        row = {"support": support, column: place.replace("_", "-")}
        parts.append(pd.DataFrame([row] * number))
    table = pd.concat(parts, ignore_index=True)
    return table.reindex(columns=["support", "county_fips", "zone", "state", "aor"])


def same(one: ImputedArrests, other: ImputedArrests) -> bool:
    return (
        one.draws.tobytes() == other.draws.tobytes()
        and one.to_frame().equals(other.to_frame())
        and one.support_share.equals(other.support_share)
        and one.unlocated == other.unlocated
    )


def sums(counts: np.ndarray[Any, Any], level: str) -> pd.DataFrame:
    return pd.DataFrame(np.atleast_2d(counts).T).groupby(COUNTIES[level].to_numpy()).sum()


@given(ROWS, st.sampled_from(PLACES), FOLLOW, st.integers(0, 2**32))
def test_every_draw_keeps_every_stratum_of_every_place(
    rows: list[tuple[str, int, str]], level: str, follow: float | None, seed: int
) -> None:
    table, custody = records(rows, support=level)
    arrests = impute_arrests(
        table, strata=custody, weights=PEOPLE, follow_located=follow, draws=3, rng=seed
    )
    for name, stratum in arrests.strata.items():
        wanted = table.loc[custody == name, level].value_counts()
        for counts in (stratum.draws, stratum.proportional):
            found = sums(counts, level)
            assert found.eq(wanted.reindex(found.index, fill_value=0), axis=0).all(axis=None)


@given(ROWS, FOLLOW, st.integers(0, 2**32))
def test_what_is_known_stays_where_it_is(
    rows: list[tuple[str, int, str]], follow: float | None, seed: int
) -> None:
    table, custody = records(rows)
    arrests = impute_arrests(
        table, strata=custody, weights=PEOPLE, follow_located=follow, draws=3, rng=seed
    )
    assert arrests.unlocated == (table["support"] == "none").sum()
    for name, stratum in arrests.strata.items():
        mine = table[custody == name]
        placed = mine[mine["support"] != "none"]
        located = mine.loc[mine["support"] == "county", "county_fips"].value_counts()
        assert stratum.located.tolist() == located.reindex(COUNTIES.index, fill_value=0).tolist()
        for counts in (*stratum.draws, stratum.proportional):
            assert counts.sum() == len(placed)
            assert (counts >= stratum.located).all()
            # Nothing leaves its place: those of a zone or finer are in the zone, and so on.
            for level, finer in (("zone", 2), ("state", 3)):
                inside = mine.loc[mine["support"].isin(SUPPORTS[:finer]), level].value_counts()
                found = sums(counts, level)[0]
                assert (found >= inside.reindex(found.index, fill_value=0)).all()
            inside = placed.loc[placed["support"] != "state", "aor"].value_counts()
            found = sums(counts, "aor")[0]
            assert (found >= inside.reindex(found.index, fill_value=0)).all()
    parts = arrests.strata.values()
    assert (arrests.draws == np.sum([one.draws for one in parts], axis=0)).all()
    assert (arrests.located == np.sum([one.located for one in parts], axis=0)).all()
    assert (arrests.proportional == np.sum([one.proportional for one in parts], axis=0)).all()


@settings(max_examples=25)
@given(ROWS, FOLLOW, st.randoms(use_true_random=False))
def test_the_order_of_rows_and_their_storage_do_not_matter(
    rows: list[tuple[str, int, str]],
    follow: float | None,
    random: Any,
) -> None:
    table, custody = records(rows)
    shuffled = list(table.index)
    random.shuffle(shuffled)

    def impute(table: pd.DataFrame, custody: pd.Series) -> ImputedArrests:
        return impute_arrests(
            table, strata=custody, weights=PEOPLE, follow_located=follow, draws=2, rng=5
        )

    first = impute(table, custody)
    assert same(first, impute(table.loc[shuffled], custody[shuffled]))
    assert same(first, impute(table.loc[shuffled].astype("category"), custody[shuffled]))


@given(ROWS, st.sampled_from(PLACES))
def test_proportional_allocation_is_within_one_of_the_expectation(
    rows: list[tuple[str, int, str]], level: str
) -> None:
    table, _ = records(rows, support=level)
    arrests = impute_arrests(table, weights=PEOPLE, draws=1, rng=1)
    totals = table[level].value_counts().reindex(COUNTIES[level].unique(), fill_value=0)
    weight = PEOPLE.reindex(COUNTIES.index).fillna(0.0)
    sum_of_weights = weight.groupby(COUNTIES[level]).transform("sum")
    even = 1 / COUNTIES.groupby(level)["zone"].transform("size")
    share = (weight / sum_of_weights).where(sum_of_weights > 0, even)
    expected = COUNTIES[level].map(totals) * share
    # Those of a state or an office are made whole numbers twice: by zone, and by county.
    assert (np.abs(arrests.proportional - expected) < (1 if level == "zone" else 2)).all()
    by_zone = sums(arrests.proportional, "zone")[0]
    assert (np.abs(by_zone - sums(expected.to_numpy(), "zone")[0]) < 1).all()
    assert (arrests.proportional == allocate_proportional(
        by_zone, area=COUNTIES["zone"], weights=PEOPLE
    )).all()  # fmt: skip


@given(ROWS, FOLLOW)
def test_proportional_allocation_shares_out_what_each_zone_has(
    rows: list[tuple[str, int, str]], follow: float | None
) -> None:
    table, _ = records(rows)
    arrests = impute_arrests(table, weights=PEOPLE, follow_located=follow, draws=1, rng=1)
    by_zone = sums(arrests.proportional, "zone")[0]
    # One rounding for its state, and one for its office.
    assert (np.abs(by_zone - arrests.by_support.sum(axis=1)) < 2).all()


def test_proportional_allocation_follows_the_zones_evidence() -> None:
    table = arrests_of(zone_NY_BUF=900, county_36061=20, state_NY=500)
    arrests = impute_arrests(table, weights=PEOPLE, follow_located=1, draws=1, rng=1)
    by_zone = sums(arrests.proportional, "zone")[0]
    assert by_zone["NY-BUF"] == pytest.approx(arrests.by_support.sum(axis=1)["NY-BUF"], abs=1)
    assert by_zone["NY-BUF"] > 1_350


@pytest.mark.parametrize("level", PLACES)
@pytest.mark.parametrize("follow", [None, 0.0])
def test_means_over_draws_are_near_expectation(level: str, follow: float | None) -> None:
    # Nothing is known more finely: Dirichlet shares have the weights as their mean.
    draws, number = 3_000, 400
    places = ["TX-DAL", "NY-NYC"] if level == "zone" else ["NY"] if level == "state" else ["DAL"]
    table = arrests_of(**{f"{level}_{place.replace('-', '_')}": number for place in places})
    arrests = impute_arrests(table, weights=PEOPLE, follow_located=follow, draws=draws, rng=3)
    inside = COUNTIES[level].isin(places).to_numpy()
    assert (arrests.draws[:, ~inside] == 0).all()
    people = PEOPLE.reindex(COUNTIES.index)[inside]
    expected = number * people / people.groupby(COUNTIES.loc[inside, level]).transform("sum")
    error = arrests.draws[:, inside].std(axis=0) / np.sqrt(draws)
    assert (np.abs(arrests.draws[:, inside].mean(axis=0) - expected) < 5 * error + 0.01).all()
    if follow is None:
        variance = (expected * (1 - expected / number)).to_numpy()
        large = variance > 1
        assert np.allclose(
            arrests.draws[:, inside].var(axis=0)[large] / variance[large], 1, atol=0.2
        )


def test_same_seed_same_bytes() -> None:
    table = arrests_of(county_36061=3, zone_NY_NYC=40, state_NY=10, aor_DAL=20)

    def impute(rng: int | np.random.Generator) -> ImputedArrests:
        return impute_arrests(table, weights=PEOPLE, follow_located=0, draws=5, rng=rng)

    assert same(impute(3), impute(3))
    assert same(impute(3), impute(np.random.default_rng(3)))
    assert not same(impute(3), impute(4))
    generator = np.random.default_rng(3)
    assert not same(impute(generator), impute(generator))


def test_other_strata_and_places_do_not_change_a_draw() -> None:
    table = arrests_of(zone_NY_NYC=40, zone_AL_NOL=30, aor_DAL=20)
    custody = pd.Series(["custodial", "other"] * 45)
    pick = custody == "custodial"
    together = impute_arrests(table, strata=custody, weights=PEOPLE, draws=4, rng=1)
    alone = impute_arrests(table[pick], strata=custody[pick], weights=PEOPLE, draws=4, rng=1)
    assert together.strata["custodial"].draws.tolist() == alone.draws.tolist()
    one = impute_arrests(table[:40], weights=PEOPLE, draws=4, rng=1)
    all_places = impute_arrests(table, weights=PEOPLE, draws=4, rng=1)
    in_zone = (COUNTIES["zone"] == "NY-NYC").to_numpy()
    assert one.draws[:, in_zone].tolist() == all_places.draws[:, in_zone].tolist()
    # Two strata of one size in one place do not share their chance.
    assert not (together.strata["custodial"].draws == together.strata["other"].draws).all()


def test_counties_of_a_place_without_any_weight_weigh_the_same() -> None:
    table = arrests_of(zone_MP_SFR=400, zone_DE_PHI=90)
    weights = PEOPLE.drop("10001")  # Kent County, Delaware
    arrests = impute_arrests(table, weights=weights, draws=50, rng=1)
    counts = pd.DataFrame(arrests.draws, columns=arrests.county_fips)
    islands = COUNTIES.index[COUNTIES["zone"] == "MP-SFR"]
    assert counts[islands].mean().tolist() == pytest.approx([100] * 4, abs=6)
    assert counts["10001"].sum() == 0
    # An office's zone without weight receives none of what is known for the office.
    office = impute_arrests(arrests_of(aor_SFR=100), weights=weights, draws=5, rng=1)
    assert office.area_totals["MP-SFR"] == 0
    # No weight at all: every county of the office weighs the same.
    nothing = pd.Series(np.nan, index=PEOPLE.index)
    even = impute_arrests(arrests_of(aor_SFR=5_400), weights=nothing, draws=50, rng=1)
    office_counties = COUNTIES["zone"][COUNTIES["aor"] == "SFR"].value_counts(normalize=True)
    assert even.area_totals["CA-SFR"] == pytest.approx(5_400 * office_counties["CA-SFR"], rel=0.02)


def test_classes_have_weights_of_their_own() -> None:
    table = arrests_of(zone_DE_PHI=60)
    custody = pd.Series(["custodial", "community"] * 30)
    kent = pd.Series({"10001": 1.0})
    sussex = pd.Series({"10005": 2.0})
    weights = {"custodial": kent, "community": sussex, "other": PEOPLE}
    arrests = impute_arrests(table, strata=custody, weights=weights, draws=2, rng=1)
    position = arrests.county_fips.get_indexer(pd.Index(["10001", "10005"]))
    assert arrests.strata["custodial"].draws[:, position].tolist() == [[30, 0], [30, 0]]
    assert arrests.strata["community"].draws[:, position].tolist() == [[0, 30], [0, 30]]
    assert arrests.proportional[position].tolist() == [30, 30]


def test_others_follow_the_located_of_their_own_stratum_where_these_are_enough() -> None:
    # Residents say New Castle County; the custodial located arrests say Sussex County.
    table = arrests_of(county_10005=60, zone_DE_PHI=80)
    custody = pd.Series(["custodial"] * 100 + ["community"] * 40)
    sussex = COUNTIES.index.get_loc("10005")

    def imputed(least: float | None, prior_arrests: float = 20) -> dict[str, float]:
        arrests = impute_arrests(
            table,
            strata=custody,
            weights=PEOPLE,
            follow_located=least,
            prior_arrests=prior_arrests,
            draws=2_000,
            rng=1,
        )
        return {
            name: float((one.draws - one.located)[:, sussex].mean())
            for name, one in arrests.strata.items()
        }

    share = PEOPLE["10005"] / PEOPLE[COUNTIES.index[COUNTIES["zone"] == "DE-PHI"]].sum()
    by_people = {"community": 40 * share, "custodial": 40 * share}
    assert imputed(None) == pytest.approx(by_people, rel=0.03)
    assert imputed(0.61) == pytest.approx(by_people, rel=0.03)
    followed = by_people | {"custodial": 40 * (60 + 20 * share) / 80}
    assert imputed(0.6) == pytest.approx(followed, rel=0.03)
    assert imputed(0) == pytest.approx(followed, rel=0.03)
    # Of all strata together three in seven are located: the community ones, which have none
    # of their own, follow these.
    led = dict.fromkeys(by_people, 40 * (60 + 20 * share) / 80)
    assert imputed(0.42) == pytest.approx(led, rel=0.03)
    assert imputed(0.43) == pytest.approx(followed, rel=0.03)
    heavier = by_people | {"custodial": 40 * (60 + 600 * share) / 660}
    assert imputed(0, prior_arrests=600) == pytest.approx(heavier, rel=0.03)


def test_chances_are_drawn_anew_for_every_draw() -> None:
    table = arrests_of(county_10001=50, county_10005=50, zone_DE_PHI=1_000)
    nothing = pd.Series({"10003": 0.0, "10001": 1.0, "10005": 1.0})
    arrests = impute_arrests(table, weights=nothing, follow_located=0, draws=4_000, rng=1)
    drawn = arrests.draws[:, arrests.county_fips.get_loc("10001")] - 50
    # Beta-binomial with parameters 60 and 60: n/4 (n + 120) / 121.
    assert drawn.mean() == pytest.approx(500, rel=0.01)
    assert drawn.var() == pytest.approx(250 * 1_120 / 121, rel=0.1)


def test_arrests_of_a_state_follow_the_arrests_of_its_zones() -> None:
    table = arrests_of(zone_NY_BUF=900, county_36029=80, county_36061=20, state_NY=500)
    weighed = impute_arrests(table, weights=PEOPLE, draws=400, rng=1)
    led = impute_arrests(table, weights=PEOPLE, follow_located=1, draws=400, rng=1)
    people = PEOPLE.groupby(COUNTIES["zone"]).sum()[["NY-BUF", "NY-NYC"]]
    share = people["NY-BUF"] / people.sum()
    assert weighed.area_totals["NY-BUF"] == pytest.approx(980 + 500 * share, rel=0.01)
    expected = 980 + 500 * (980 + 20 * share) / 1_020
    assert led.area_totals["NY-BUF"] == pytest.approx(expected, rel=0.005)
    assert led.by_support.T["NY-BUF"].to_list() == pytest.approx([80, 900, expected - 980, 0])


def test_how_finely_arrests_are_known() -> None:
    table = arrests_of(county_24510=3, zone_MD_BAL=4, aor_BAL=1, state_NY=8, county_36061=2)
    arrests = impute_arrests(table, weights=PEOPLE, draws=2, rng=1)
    share = arrests.support_share
    assert list(share.columns) == ["county", "zone", "state", "aor"]
    assert len(share) == 62
    assert share.T["MD-BAL"].tolist() == [3 / 8, 4 / 8, 0, 1 / 8]
    people = PEOPLE.groupby(COUNTIES["zone"]).sum()[["NY-BUF", "NY-NYC"]]
    city = 8 * people["NY-NYC"] / people.sum()
    assert share.T["NY-NYC"].tolist() == pytest.approx([2 / (2 + city), 0, city / (2 + city), 0])
    assert share.T["TX-DAL"].isna().all()
    assert arrests.by_support.sum().tolist() == pytest.approx([5, 4, 8, 1])


def test_strata_of_several_columns_lie_within_each_other() -> None:
    table = arrests_of(county_10001=4, zone_DE_PHI=8)
    strata = pd.DataFrame(
        {
            "custody": pd.Categorical(["custodial", "community"] * 6, categories=CUSTODY),
            "period": pd.PeriodIndex(["2025-01", "2025-02", "2025-02"] * 4, freq="M"),
        }
    )
    arrests = impute_arrests(table, strata=strata, weights=PEOPLE, draws=3, rng=1)
    assert list(arrests.strata) == CUSTODY
    for name, stratum in arrests.strata.items():
        assert list(stratum.strata) == ["2025-01", "2025-02"]
        for period, part in stratum.strata.items():
            there = (strata["custody"] == name) & (strata["period"].astype(str) == period)
            assert (part.draws.sum(axis=1) == there.sum()).all()
            assert not part.strata
        together = sum(part.draws for part in stratum.strata.values())
        assert stratum.draws.tolist() == np.asarray(together).tolist()
    assert arrests.strata["other"].draws.sum() == 0


def test_a_result_explains_itself() -> None:
    table = arrests_of(county_10001=40, zone_DE_PHI=50, aor_PHI=10, none_=7)
    custody = pd.Series(["custodial", "community"] * 53 + ["custodial"])
    arrests = impute_arrests(table, strata=custody, weights=PEOPLE, draws=9, rng=1)
    assert repr(arrests) == (
        "<ImputedArrests: 100 arrests in 3,228 counties, 9 draws; known by county 40.0%, "
        "zone 50.0%, state 0.0%, aor 10.0%; 7 not located; apart: community, custodial>"
    )
    assert isinstance(arrests, CountyArrests)
    frame = arrests.to_frame()
    kinds = ["located", "imputed", "low", "high", "proportional"]
    assert list(frame.columns) == [
        "zone",
        *(f"{what}_{kind}" for what in ("arrests", "community", "custodial") for kind in kinds),
    ]
    assert frame.index.equals(COUNTIES.index)
    assert frame["zone"].equals(arrests.zone)
    for kind in ("located", "imputed", "proportional"):
        apart = frame[f"community_{kind}"] + frame[f"custodial_{kind}"]
        assert np.allclose(frame[f"arrests_{kind}"], apart)
    assert (frame["arrests_low"] <= frame["arrests_high"]).all()
    assert arrests.area_totals.sum() == pytest.approx(100)


def test_arrests_that_nothing_locates_are_counted_and_left_out() -> None:
    arrests = impute_arrests(arrests_of(none_=5), weights=PEOPLE, draws=2, rng=1)
    assert arrests.unlocated == 5
    assert arrests.draws.shape == (2, 3_228)
    assert arrests.draws.sum() == arrests.proportional.sum() == 0
    assert arrests.support_share.isna().all(axis=None)


def test_inputs_are_left_as_they_are() -> None:
    table = arrests_of(county_10001=4, zone_DE_PHI=8)
    before, people = table.copy(deep=True), PEOPLE.copy()
    impute_arrests(table, weights=people, follow_located=0, draws=2, rng=1)
    pd.testing.assert_frame_equal(table, before)
    pd.testing.assert_series_equal(people, PEOPLE)


def test_places_that_are_none_are_refused_all_at_once() -> None:
    table = arrests_of(
        county_60010=1, county_1001=2, zone_XX_YYY=3, state_AS=4, aor_HQ=5, somewhere_=6
    )
    with pytest.raises(InputError) as refused:
        impute_arrests(table, weights=PEOPLE, draws=1, rng=1)
    support = "expected county, zone, state, aor or none; give the table that locate_arrests makes"
    place = (
        "expected the code of a place that has a field office; correct it, or set support to none"
    )
    assert str(refused.value).splitlines() == [
        f"located arrests, column {problem}"
        for problem in (
            f"support: found 'somewhere' (6 arrests); {support}",
            f"county_fips: found '1001', '60010' (3 arrests known by county); {place}",
            f"zone: found 'XX-YYY' (3 arrests known by zone); {place}",
            f"state: found 'AS' (4 arrests known by state); {place}",
            f"aor: found 'HQ' (5 arrests known by aor); {place}",
        )
    ]


def test_missing_places_and_columns_are_refused() -> None:
    table = arrests_of(zone_DE_PHI=3)
    with pytest.raises(InputError, match=r"column zone: found nothing \(3 arrests known by zone\)"):
        impute_arrests(table.assign(zone=None), weights=PEOPLE, draws=1, rng=1)
    with pytest.raises(InputError, match=r"column support: found nothing \(3 arrests\)"):
        impute_arrests(table.assign(support=None), weights=PEOPLE, draws=1, rng=1)
    with pytest.raises(InputError, match="found no arrest; expected at least one"):
        impute_arrests(table[:0], weights=PEOPLE, draws=1, rng=1)
    with pytest.raises(InputError, match="found no column state, aor; expected support"):
        impute_arrests(table.drop(columns=["aor", "state"]), weights=PEOPLE, draws=1, rng=1)


NOT_THERE = pd.Series({1001: 5.0})
TWICE = pd.Series([1.0, 2.0], index=["10001", "10001"])
CLASSES = pd.Series(["custodial", "other", "other"])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"draws": 0}, "found draws=0; expected at least 1"),
        ({"follow_located": 1.5}, "found follow_located=1.5; expected a share, 0 to 1"),
        ({"follow_located": float("nan")}, "found follow_located=nan; expected a share"),
        ({"prior_arrests": 0.5}, "found prior_arrests=0.5; expected at least 1"),
        ({"draws": -1, "prior_arrests": 0}, "draws=-1; expected at least 1\nfound prior_arrests=0"),
        ({"strata": CLASSES[:2]}, "found strata of 2 rows with another index than the 3 located"),
        ({"strata": CLASSES[::-1]}, "with another index than the 3 located arrests"),
        ({"strata": CLASSES.replace("other", None)}, "found 2 missing strata in 1 columns"),
        ({"strata": CLASSES.to_frame().iloc[:, :0]}, "found 0 missing strata in 0 columns"),
        ({"weights": NOT_THERE}, "found no county's code in the weights; expected weights by"),
        ({"weights": TWICE}, "found a county twice in the weights"),
        ({"weights": -PEOPLE}, "found a negative or infinite weight in the weights"),
        ({"weights": PEOPLE / 0}, "found a negative or infinite weight in the weights"),
        ({"weights": PEOPLE.astype(str) + " people"}, "found text in the weights"),
        ({"weights": {"custodial": PEOPLE}}, "found weights for custodial; .* give one Series, as"),
        (
            {"strata": CLASSES, "weights": {"custodial": PEOPLE}},
            "found weights for custodial; expected those of each .* give other",
        ),
        (
            {"strata": CLASSES, "weights": {"custodial": PEOPLE, "other": -PEOPLE}},
            "found a negative or infinite weight in the weights of other",
        ),
    ],
)
def test_options_that_do_not_fit_are_refused(options: dict[str, Any], message: str) -> None:
    table = arrests_of(zone_DE_PHI=3)
    usual: dict[str, Any] = {"weights": PEOPLE, "draws": 1, "rng": 1}
    with pytest.raises(ValueError, match=message):
        impute_arrests(table, **(usual | options))


def test_intervals_of_few_draws_hold_one_more_draw_as_often() -> None:
    draws, sets = 20, 100
    table = arrests_of(zone_NJ_NEW=5_000)
    arrests = impute_arrests(table, weights=PEOPLE, draws=(draws + 1) * sets, rng=1)
    enough = arrests.draws.mean(axis=0) >= 20
    held = []
    for start in range(0, len(arrests.draws), draws + 1):
        one_more, *others = arrests.draws[start : start + draws + 1]
        frame = replace(arrests, draws=np.array(others)).to_frame()
        inside = (one_more >= frame["arrests_low"]) & (one_more <= frame["arrests_high"])
        held.append(inside[enough].mean())
    # Numpy's usual quantiles would hold 0.82 of them.
    assert np.mean(held) == pytest.approx(0.9, abs=0.02)


@pytest.mark.parametrize("located", [0.5, 0.1])
@pytest.mark.parametrize("kind", ["weights fixed", "weights redrawn"])
def test_intervals_hold_the_truth_as_often_as_they_say_where_weights_are_right(
    kind: str, located: float
) -> None:
    # benchmarks/imputation_coverage.py has more maps, and weights that are wrong.
    rng = np.random.default_rng([7, int(100 * located), len(kind)])
    counties = TABLE[TABLE["county_fips"].isin(PEOPLE.index)].reset_index(drop=True)
    people = PEOPLE[counties["county_fips"]].to_numpy()
    by_zone = pd.Series(people).groupby(counties["zone"]).transform("sum").to_numpy()
    held = []
    for _ in range(3):
        share = people
        if kind == "weights redrawn":  # the truth that a prior of 20 arrests expects
            gamma = pd.Series(rng.standard_gamma(20 * people / by_zone))
            share = by_zone * gamma / gamma.groupby(counties["zone"]).transform("sum")
        truth = rng.multinomial(200_000, share / share.sum())
        known = rng.binomial(truth, located)
        coarse = rng.multinomial(truth - known, [0.7, 0.1, 0.2]).T
        table = pd.concat(
            [
                counties.loc[np.repeat(counties.index, number)].assign(support=support)
                for support, number in zip(SUPPORTS[:4], (known, *coarse), strict=True)
            ],
            ignore_index=True,
        )
        follow = None if kind == "weights fixed" else 0.0
        arrests = impute_arrests(table, weights=PEOPLE, follow_located=follow, draws=200, rng=rng)
        frame = arrests.to_frame().loc[counties["county_fips"]]
        enough = (frame["arrests_imputed"] - frame["arrests_located"] >= 20).to_numpy()
        assert enough.sum() > 300
        held.append(((truth >= frame["arrests_low"]) & (truth <= frame["arrests_high"]))[enough])
    assert 0.86 <= np.concatenate(held).mean() <= 0.94
