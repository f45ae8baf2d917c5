"""Custody: shares sum to one, states are never guessed, intervals hold, nothing is quoted."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

from arrest_atlas.options import ArrestInputs
from arrest_atlas.period import Period
from arrest_atlas.records import judge_records
from arrest_atlas.simulated_records import simulate_records
from arrest_atlas.tables import PublishedAnalysis, TableMaterial, analysis_page
from arrest_atlas.tables._class_shares import (
    CRIMINALITY_CLASSES,
    CUSTODY_CLASSES,
    class_shares,
    difference,
    share_dispersion,
)
from arrest_atlas.tables._state_assignment import spread_shares
from arrest_atlas.tables._vote_groups import group_words, winners
from arrest_atlas.tables.custody import RECIPE, custody
from boundaries import load_zones
from geo import InputError, Source
from geo.context import PresidentialVotes, read_votes
from outputs import render_report

HOSTILE = "<script>alert(1)</script>"
JAIL, STREET, NEITHER = "CAP Local Incarceration", "Located", "Other Efforts"
HEAD = (
    "apprehension_date,apprehension_state,apprehension_aor,apprehension_method,"
    "apprehension_criminality,apprehension_site_landmark,unique_identifier"
)


def days(text: str) -> Period:
    return Period.parse(text, option="--period")


def inputs_of(folder: Path, lines: list[str], **options: Any) -> ArrestInputs:
    path = folder / "arrests.csv"
    numbered = [f"{line},{number}" for number, line in enumerate(lines)]
    path.write_text("\n".join([HEAD, *numbered]) + "\n")
    records = judge_records([path], **options)
    return ArrestInputs(
        records=records,
        residents=pd.Series({"48201": 1.0}),
        sources={"arrest records": records.arrests.sources[0]},
    )


def line(
    day: str, state: str, method: str, *, office: str = "", criminality: str = "1", at: str = ""
) -> str:
    return f"{day},{state},{office},{method},{criminality},{at}"


def votes_of(**ahead: float) -> PresidentialVotes:
    table = pd.DataFrame(
        {state: {"republican": 50 + more, "democratic": 50.0} for state, more in ahead.items()}
    ).T.rename_axis("state")
    table["total"] = table["republican"] + table["democratic"]
    return PresidentialVotes(
        table=pd.DataFrame(columns=["republican", "democratic", "total"], dtype="float64"),
        by_state=table.assign(units="counties"),
        unplaced=pd.DataFrame(),
        year=2024,
        source=Source(file=f"votes{HOSTILE}.csv", sha256="", rows=len(table)),
        notes=(),
    )


@pytest.fixture(scope="module")
def few(tmp_path_factory: pytest.TempPathFactory) -> ArrestInputs:
    lines = [line("2024-05-01", "TEXAS", JAIL)] * 30 + [line("2024-05-01", "TEXAS", STREET)] * 10
    lines += [line("2024-06-01", "NEW YORK", JAIL)] * 6 + [line("2024-06-01", "", STREET)] * 4
    lines += [line("2025-05-01", "TEXAS", JAIL)] * 20 + [line("2025-05-01", "TEXAS", STREET)] * 20
    lines += [line("2025-06-02", "NEW YORK", JAIL)] * 2
    lines += [line("2025-06-02", "NEW YORK", STREET, criminality="3")] * 16
    lines += [line("2025-06-02", "PUERTO RICO", NEITHER, criminality="")] * 3
    # Dallas spans states; Houston lies in Texas.
    lines += [line("2025-06-02", "", STREET, office="Dallas Area of Responsibility")] * 5
    lines += [line("2025-06-02", "", JAIL, office="Dallas Area of Responsibility")] * 7
    lines += [line("2025-06-03", "", JAIL, office="Houston Area of Responsibility")] * 4
    lines += [line("2025-06-03", "TEXAS", JAIL, office="Houston Area of Responsibility")] * 3
    lines += [line("2025-06-03", "OHIO", JAIL, office="Houston Area of Responsibility")]
    lines += [line("", "TEXAS", JAIL)] * 2
    return inputs_of(tmp_path_factory.mktemp("few"), lines)


@pytest.fixture(scope="module")
def made(few: ArrestInputs) -> PublishedAnalysis:
    votes = votes_of(TX=10, NY=-10, OH=5)
    return custody(few, votes=votes, periods=[days("2024"), days("2025-01-20/2025-12-31")])


def test_every_table_sums_to_all_arrests_and_every_row_to_one(made: PublishedAnalysis) -> None:
    totals = {"": 81, "_20240101_20241231": 50, "_2024": 50}
    assert len(made.tables) == 10
    assert len({table.title for table in made.tables.values()}) == 10
    for name, table in made.tables.items():
        classes = CRIMINALITY_CLASSES if "criminality" in name else CUSTODY_CLASSES
        frame = table.frame
        every, rows = frame.loc["all arrests"], frame.drop(index="all arrests")
        assert every["arrests"] == totals["_2024" if name.endswith("2024") else ""]
        assert rows["arrests"].sum() == every["arrests"]
        assert rows["share_of_arrests"].sum() == pytest.approx(1)
        shares = frame[[f"{each}_share" for each in classes.names]]
        known = frame["arrests"] > 0
        assert np.allclose(shares[known].sum(axis=1), 1)
        assert shares[~known].isna().all(axis=None)
        assert frame[list(classes.names)].sum(axis=1).equals(frame["arrests"])


def test_numbers_are_those_counted_by_hand(made: PublishedAnalysis) -> None:
    states = made.tables["custody_state"].frame
    assert list(states.loc["TX", ["arrests", "custodial", "community", "other"]]) == [
        47, 27, 20, 0,
    ]  # fmt: skip
    assert states.loc["PR", "other_share"] == 1
    assert list(states.loc["not assigned", ["arrests", "custodial"]]) == [12, 7]
    assert states.loc["WY", "arrests"] == 0
    votes = made.tables["custody_vote"].frame
    assert votes["arrests"].to_dict() == {
        "Republican": 48, "Democratic": 18, "no votes known": 3, "not assigned": 12,
        "all arrests": 81,
    }  # fmt: skip
    change = made.tables["custody_vote"].frame.loc["Republican", "custodial_change"]
    assert change == pytest.approx(28 / 48 - 30 / 40)
    crime = made.tables["custody_criminality"].frame
    assert list(crime.loc["community", ["convicted", "none"]]) == [25, 16]
    assert crime.loc["other", "unknown"] == 3


def test_a_state_is_inferred_only_from_an_office_of_one_state(made: PublishedAnalysis) -> None:
    told = made.tables["custody_assignment"].frame["arrests"]
    assert told["office"] == 4
    assert told["office of several states"] == 12
    assert told["nothing"] == 0
    before = made.tables["custody_assignment_2024"].frame["arrests"]
    assert before["nothing"] == 4
    assert any("75.0% were in that state" in limit for limit in made.limits)


def test_arrests_without_a_state_bound_the_shares(made: PublishedAnalysis) -> None:
    states = made.tables["custody_state"].frame
    texas = states.loc["TX"]
    assert texas["unassigned_nearby"] == 12
    assert texas["custodial_least"] == pytest.approx(27 / (47 + 5))
    assert texas["custodial_most"] == pytest.approx((27 + 7) / (47 + 7))
    assert states.loc["OK", "unassigned_nearby"] == 12
    assert np.isnan(states["custodial_share"]["OK"])
    assert states["custodial_least"]["NY"] == states["custodial_share"]["NY"]
    assert states.loc["TX", "state_inferred"] == 4


def test_spreading_brings_the_share_back_where_classes_differ_in_what_is_known() -> None:
    # In Dallas's Texas and Oklahoma, half of the community arrests have no state.
    rows = pd.DataFrame(
        {
            "date": pd.NaT,
            "state": ["TX"] * 60 + ["OK"] * 30 + ["not assigned"] * 30,
            "aor": "DAL",
            "custody": ["custodial"] * 40 + ["community"] * 20 + ["custodial"] * 20
            + ["community"] * 10 + ["community"] * 30,
        }
    )  # fmt: skip
    order = ["TX", "OK", "not assigned"]
    plain = class_shares(rows, rows["state"], CUSTODY_CLASSES, order=order)
    spread = spread_shares(rows, rows["state"], plain)
    assert spread["custodial_if_spread"].to_dict() == pytest.approx({"TX": 0.5, "OK": 0.5})
    # Weights of 1 and 2: Kish's factor is n * sum(w * w) / sum(w) ** 2.
    wide = (60 * (40 + 20 * 4)) ** 0.5 / 80
    low = plain["custodial_share"]["TX"] - plain["custodial_low"]["TX"]
    assert spread.loc["TX", "custodial_if_spread_low"] == pytest.approx(0.5 - low * wide)


def test_spread_shares_cover_the_truth_where_plain_ones_do_not() -> None:
    rng = np.random.default_rng(5)
    truth = {"TX": 0.7, "OK": 0.4}
    plain_hits, hits = [], []
    for _ in range(200):
        state = np.repeat(["TX", "OK"], [4_000, 2_000])
        jail = rng.random(6_000) < pd.Series(truth)[state].to_numpy()
        told = rng.random(6_000) < np.where(jail, 0.97, 0.85)
        rows = pd.DataFrame(
            {
                "date": pd.NaT,
                "state": np.where(told, state, "not assigned"),
                "aor": "DAL",
                "custody": np.where(jail, "custodial", "community"),
            }
        )
        order = ["TX", "OK", "not assigned"]
        plain = class_shares(rows, rows["state"], CUSTODY_CLASSES, order=order)
        spread = spread_shares(rows, rows["state"], plain)
        for name, share in truth.items():
            row, wide = plain.loc[name], spread.loc[name]
            plain_hits.append(row["custodial_low"] <= share <= row["custodial_high"])
            hits.append(
                wide["custodial_if_spread_low"] <= share <= wide["custodial_if_spread_high"]
            )
    assert np.mean(plain_hits) < 0.5
    assert 0.85 <= np.mean(hits) <= 0.95


def test_sentences_stand_alone_and_name_what_is_missing(made: PublishedAnalysis) -> None:
    assert made.findings[0].startswith("From 2025-01-20 to 2025-06-03, 46% (37 to 55)")
    assert "of 81 arrests were made in jails and prisons" in made.findings[0]
    assert "90 % intervals" in made.findings[0]
    told = " ".join(made.findings)
    assert "Republican (2 states)" in told
    assert "Democratic (1 state)" in told
    assert "Were the arrests without a state spread over the states of their offices" in told
    assert "15% of the arrests have no state" in told
    limits = " ".join(made.limits)
    assert "2 arrests (2%) have no date" in limits
    assert "Puerto Rico" in limits
    assert "the records cover 2025-01-20 to 2025-06-03 only" in limits
    for word in ("causes", "because"):
        assert word not in told


def test_the_page_quotes_nothing_and_runs_nothing(made: PublishedAnalysis) -> None:
    page = render_report(analysis_page(made, version="0"))
    assert "<script" not in page
    assert set(made.figures) == {"custody-states", "custody-periods"}
    assert "Texas (47): in jails and prisons 57 %" in made.figures["custody-states"]


def test_the_same_records_give_the_same_bytes_whatever_the_order_of_periods(
    few: ArrestInputs, made: PublishedAnalysis
) -> None:
    again = custody(
        few,
        votes=votes_of(OH=5, NY=-10, TX=10),
        periods=[days("2025-01-20/2025-12-31"), days("2024")],
    )
    assert again.figures == made.figures
    assert again.findings == made.findings
    for name, table in made.tables.items():
        pd.testing.assert_frame_equal(again.tables[name].frame, table.frame)


def test_without_votes_there_are_no_groups(few: ArrestInputs) -> None:
    alone = RECIPE.make(TableMaterial(inputs=few))
    assert not [name for name in alone.tables if "vote" in name]
    assert not [limit for limit in alone.limits if "voted" in limit]
    assert list(alone.tables) == [
        "custody_state", "custody_criminality", "custody_assignment",
        "custody_state_20240501_20241231", "custody_criminality_20240501_20241231",
        "custody_assignment_20240501_20241231",
    ]  # fmt: skip


def test_a_period_without_arrests_says_so(tmp_path: Path) -> None:
    lines = [line("2024-01-01", "TEXAS", JAIL), line("2024-12-31", "TEXAS", JAIL)]
    empty = custody(inputs_of(tmp_path, lines), periods=[days("2024-05-01/2024-06-01")])
    assert "no arrest is recorded" in empty.findings[0]
    assert empty.to_frame()["custodial_share"].isna().all()


def test_counts_cannot_tell_custody() -> None:
    counts = ArrestInputs(arrests_by_state=pd.Series({"TX": 5}), residents=pd.Series({"48201": 1}))
    with pytest.raises(InputError, match="do not tell how arrests were made"):
        custody(counts)
    assert RECIPE.lacks(TableMaterial(inputs=counts)) == [
        "records of arrests, one row each (--arrests)"
    ]


def test_agreements_of_the_287g_programme_count_as_chosen(tmp_path: Path) -> None:
    lines = [line("2024-05-01", "TEXAS", "287(g) Program")] * 3
    lines += [line("2024-05-01", "TEXAS", STREET)] * 3
    usual = custody(inputs_of(tmp_path, lines))
    assert usual.to_frame().loc["TX", "other_share"] == 0.5
    assert any("50% of the arrests are of the 287(g) programme" in each for each in usual.limits)
    other = custody(inputs_of(tmp_path, lines, programme_287g="custodial"))
    assert other.to_frame().loc["TX", "custodial_share"] == 0.5


def test_ties_and_states_without_votes_are_groups_of_their_own() -> None:
    won = winners(votes_of(TX=1, NY=0, OH=float("nan"), DC=-3, CA=-9))
    assert won.to_dict() == {
        "TX": "Republican", "NY": "tied", "OH": "no votes known", "DC": "Democratic",
        "CA": "Democratic",
    }  # fmt: skip
    assert group_words(won)["Democratic"] == "Democratic (1 state and DC)"


def test_31_states_voted_republican_and_19_and_dc_did_not(shared_data: Path) -> None:
    won = winners(read_votes(shared_data / "real/politics/president_2024_by_county.csv"))
    assert group_words(won)["Republican"] == "Republican (31 states)"
    assert group_words(won)["Democratic"] == "Democratic (19 states and DC)"


def frame_of(rng: np.random.Generator, shares: np.ndarray, *, clumps: float) -> pd.DataFrame:
    """Draw a year and a half of arrests by state, whose share differs from week to week."""
    weeks = 80
    parts = []
    for number, share in enumerate(shares):
        each = rng.poisson(6, weeks) + 1
        own = rng.beta(share * clumps, (1 - share) * clumps, weeks) if clumps else share
        jail = rng.binomial(each, own)
        week = np.repeat(np.arange(weeks), each)
        start = np.repeat(np.cumsum(each) - each, each)
        custodial = np.arange(len(week)) - start < np.repeat(jail, each)
        parts.append(
            pd.DataFrame(
                {
                    "date": pd.Timestamp("2025-01-20") + pd.to_timedelta(7 * week, unit="D"),
                    "custody": np.where(custodial, "custodial", "community"),
                    "state": f"s{number}",
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


@pytest.mark.parametrize("clumps", [0.0, 4.0])
def test_shares_differences_and_changes_cover_the_truth(clumps: float) -> None:
    rng = np.random.default_rng(11)
    truth = np.array([0.87, 0.59, 0.5, 0.3, 0.1])
    order = [f"s{number}" for number in range(len(truth))]
    shares, apart, changed = [], [], []
    for _ in range(200):
        now, before = (
            class_shares(rows, rows["state"], CUSTODY_CLASSES, order=order)
            for rows in (frame_of(rng, truth, clumps=clumps) for _ in range(2))
        )
        low, high = now["custodial_low"][:-1], now["custodial_high"][:-1]
        shares += ((low <= truth) & (truth <= high)).tolist()
        _, least, most = difference(now.T["s1"], now.T["s3"], "custodial")
        apart.append(least <= 0.29 <= most)
        _, least, most = difference(now.T["s2"], before.T["s2"], "custodial")
        changed.append(least <= 0 <= most)
    for hits in (shares, apart, changed):
        assert 0.85 <= np.mean(hits) <= 0.95


def test_simulated_records_recover_the_truth_in_every_state(tmp_path: Path) -> None:
    hits, spread, assigned, covered = [], [], [], []
    for seed in range(5):
        simulated = simulate_records(arrests=25_000, rng=seed)
        path = tmp_path / f"{seed}.parquet"
        simulated.table.to_parquet(path, index=False)
        records = judge_records([path])
        frame = custody(ArrestInputs(records=records, residents=pd.Series({"48201": 1.0})))
        states = frame.to_frame().drop(index=["all arrests", "not assigned"])
        states = states[states["arrests"] >= 30]
        # Half of the arrests are made in jails everywhere; few of them are recorded anew.
        hits += states["custodial_low"].le(0.5).mul(states["custodial_high"].ge(0.5)).tolist()
        low, high = (states[f"custodial_if_spread_{end}"] for end in ("low", "high"))
        covered += low.le(0.5).mul(high.ge(0.5)).tolist()
        whole = frame.to_frame().loc["all arrests", "custodial_share"]
        assigned.append(np.average(states["custodial_share"], weights=states["arrests"]) - whole)
        spread.append(np.average(states["custodial_if_spread"], weights=states["arrests"]) - whole)
    assert len(hits) >= 200
    assert 0.85 <= np.mean(hits) <= 0.95
    assert 0.85 <= np.mean(covered) <= 0.95
    # Landmarks of jails tell the state more often: spreading the others takes that back.
    assert np.mean(assigned) > 0.002
    assert abs(np.mean(spread)) < np.mean(assigned) / 2


def test_no_state_is_assigned_where_the_office_spans_states(tmp_path: Path) -> None:
    zones = load_zones()
    spanning = [aor for aor, own in zones.groupby("aor")["state"] if len(set(own)) > 1]
    lines = [line("2024-05-01", "", JAIL, office=aor) for aor in sorted(zones["aor"].unique())]
    frame = custody(inputs_of(tmp_path, lines)).to_frame()
    assert frame.loc["not assigned", "arrests"] == len(spanning)
    assert frame.loc["all arrests", "arrests"] == zones["aor"].nunique()


def test_few_weeks_give_the_interval_of_statsmodels() -> None:
    rows = pd.DataFrame(
        {
            "date": pd.Timestamp("2025-05-01"),
            "custody": ["custodial"] * 7 + ["other"] * 33,
            "state": "TX",
        }
    )
    table = class_shares(rows, rows["state"], CUSTODY_CLASSES, order=["TX"])
    expected = proportion_confint(7, 40, alpha=0.1, method="jeffreys")
    assert list(table.loc["TX", ["custodial_low", "custodial_high"]]) == pytest.approx(expected)


def test_differences_of_wilson_intervals_are_those_of_newcombe() -> None:
    def row(part: int, whole: int) -> pd.Series:
        low, high = proportion_confint(part, whole, alpha=0.1, method="wilson")
        return pd.Series({"a_share": part / whole, "a_low": low, "a_high": high})

    apart = difference(row(56, 70), row(48, 80), "a")
    expected = confint_proportions_2indep(
        56, 70, 48, 80, method="newcomb", compare="diff", alpha=0.1
    )
    assert apart[1:] == pytest.approx(expected)
    assert apart[0] == pytest.approx(0.2)


def test_what_all_classes_share_is_no_dispersion_of_shares() -> None:
    rng = np.random.default_rng(3)
    whole = rng.poisson(rng.gamma(2, 100, 400))
    assert share_dispersion(rng.binomial(whole, 0.6), whole) == pytest.approx(1.0, abs=0.15)
    clumped = rng.binomial(whole, rng.beta(6, 4, 400))
    assert share_dispersion(clumped, whole) > 5
    assert share_dispersion([3, 4], [5, 6]) == 1
    assert share_dispersion([0] * 9, [5] * 9) == 1


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["a", "b", "c"]),
            st.sampled_from([*CUSTODY_CLASSES.names]),
            st.integers(0, 200),
        ),
        min_size=1,
        max_size=80,
    )
)
def test_shares_sum_to_one_and_lie_in_their_intervals(arrests: list[tuple[str, str, int]]) -> None:
    rows = pd.DataFrame(arrests, columns=["state", "custody", "day"])
    rows["date"] = pd.Timestamp("2025-01-20") + pd.to_timedelta(rows["day"], unit="D")
    table = class_shares(rows, rows["state"], CUSTODY_CLASSES, order=["a", "b", "c"])
    known = table["arrests"] > 0
    names = CUSTODY_CLASSES.names
    assert np.allclose(table.loc[known, [f"{name}_share" for name in names]].sum(axis=1), 1)
    for name in names:
        share, low, high = (table.loc[known, f"{name}_{end}"] for end in ("share", "low", "high"))
        assert ((low <= share + 1e-9) & (share <= high + 1e-9)).all()
    shuffled = rows.sample(frac=1, random_state=1)
    again = class_shares(shuffled, shuffled["state"], CUSTODY_CLASSES, order=["a", "b", "c"])
    pd.testing.assert_frame_equal(again, table)


def test_an_unlisted_group_is_refused() -> None:
    rows = pd.DataFrame({"date": [pd.NaT], "custody": ["other"], "state": ["XX"]})
    with pytest.raises(ValueError, match="no group or class"):
        class_shares(rows, rows["state"], CUSTODY_CLASSES, order=["TX"])
