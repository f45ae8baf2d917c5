"""Detainers: links by person and day, shares that sum to one, the young set apart, truth found."""

from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.duration.survfunc import SurvfuncRight
from statsmodels.stats.proportion import proportion_confint

from arrest_atlas.demo import Simulation, simulate
from arrest_atlas.options import ArrestInputs
from arrest_atlas.period import Period
from arrest_atlas.records import judge_records
from arrest_atlas.simulated_detainers import LONGEST_LAG, SimulatedDetainers, simulate_detainers
from arrest_atlas.tables._detainer_links import OUTCOMES, detainer_rows
from arrest_atlas.tables._detainer_shares import ALL, followed_shares, followed_within
from arrest_atlas.tables.detainers import RECIPE, detainers
from arrest_atlas.tables.material import TableMaterial
from arrest_atlas.tables.pages import analysis_page
from arrest_atlas.tables.published import PublishedAnalysis
from boundaries import load_states
from geo import InputError, Source
from geo.context import PresidentialVotes
from geo.detainers import DetainerRecords, read_detainers
from outputs import render_report

HOSTILE = "<script>alert(1)</script>"
JAIL, STREET, NEITHER = "CAP Local Incarceration", "Located", "Other Efforts"
ARRESTS = "apprehension_date,apprehension_state,apprehension_method,unique_identifier"
DETAINERS = (
    "detainer_prepare_date,facility_state,facility_aor,detainer_lift_reason,unique_identifier"
)


def days(text: str) -> Period:
    return Period.parse(text, option="--period")


def inputs_of(folder: Path, lines: list[str], **options: Any) -> ArrestInputs:
    path = folder / "arrests.csv"
    path.write_text("\n".join([ARRESTS, *lines]) + "\n")
    records = judge_records([path], **options)
    return ArrestInputs(
        records=records,
        residents=pd.Series({"48201": 1.0}),
        sources={"arrest records": records.arrests.sources[0]},
    )


def given_of(folder: Path, lines: list[str]) -> DetainerRecords:
    path = folder / "detainers.csv"
    path.write_text("\n".join([DETAINERS, *lines]) + "\n")
    return read_detainers(path)


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
        source=Source(file="votes.csv", sha256="", rows=len(table)),
        notes=(),
    )


DALLAS, HOUSTON = "Dallas Area of Responsibility", "Houston Area of Responsibility"


@pytest.fixture(scope="module")
def few(tmp_path_factory: pytest.TempPathFactory) -> tuple[ArrestInputs, DetainerRecords]:
    folder = tmp_path_factory.mktemp("few")
    arrests = [
        f"2025-01-01,OHIO,{STREET},early",
        f"2025-03-01,OHIO,{JAIL},same",
        f"2025-05-30,IOWA,{JAIL},last",  # 90 days after, in another state
        f"2025-05-31,OHIO,{JAIL},late",  # 91 days after
        f"2025-03-05,OHIO,{STREET},both",
        f"2025-03-20,OHIO,{JAIL},both",
        f"2025-03-05,OHIO,{STREET},street",
        f"2025-03-05,OHIO,{NEITHER},other",
        f"2025-02-20,OHIO,{JAIL},before",
        f"2025-12-31,OHIO,{STREET},",
        f"2025-12-20,OHIO,{JAIL},young",
    ]
    made = [
        "2024-12-31,OHIO,,,same",  # before the arrests begin
        "2025-03-01,OHIO,,Booked into Detention,same",
        "2025-03-01,OHIO,,,last",
        "2025-03-01,OHIO,,Detainer Declined by LEA,late",
        f"2025-03-01,OHIO,,{HOSTILE},both",
        "2025-03-01,OHIO,,,street",
        f"2025-03-01,,{HOUSTON},,other",
        f"2025-03-01,,{DALLAS},,before",  # spans states
        "2025-03-01,OHIO,,,never",
        "2025-03-01,OHIO,,,",
        "2025-03-01,OHIO,,,never",  # once more
        "2025-12-19,OHIO,,,young",
        "2025-12-19,OHIO,,,",
    ]
    return inputs_of(folder, arrests), given_of(folder, made)


@pytest.fixture(scope="module")
def made(few: tuple[ArrestInputs, DetainerRecords]) -> PublishedAnalysis:
    return detainers(*few, votes=votes_of(OH=5, TX=-5))


def test_detainers_are_linked_by_person_and_day(
    few: tuple[ArrestInputs, DetainerRecords],
) -> None:
    records = few[0].records
    assert records is not None
    rows = detainer_rows(few[1], records, days=90)
    told = rows.assign(who=few[1].table["identifier"]).dropna(subset=["who"])
    march = told[told["date"] == "2025-03-01"].set_index("who")
    assert march["outcome"].to_dict() == {
        "same": "custodial", "last": "custodial", "late": "none", "both": "custodial",
        "street": "community", "other": "other", "before": "none", "never": "none",
    }  # fmt: skip
    assert march["custodial_gap"].dropna().to_dict() == {
        "same": 0, "last": 90, "late": 91, "both": 19,
    }  # fmt: skip
    assert march.loc["both", "any_gap"] == 4
    assert march.index[march["arrested_before"]].tolist() == ["before"]
    assert rows["status"].value_counts().to_dict() == {
        "followed_up": 8, "too_young": 2, "no_identifier": 1, "before_arrests": 1,
    }  # fmt: skip


def test_numbers_are_those_counted_by_hand(made: PublishedAnalysis) -> None:
    states = made.to_frame()
    assert list(made.tables)[0] == "detainers_state"  # noqa: RUF015  (the first is the main one)
    ohio = states.loc["OH"]
    assert list(ohio[["detainers", "followed_up", "custodial", "community", "none"]]) == [
        10, 6, 3, 1, 2,
    ]  # fmt: skip
    assert list(ohio[["no_identifier", "too_young", "before_arrests"]]) == [1, 2, 1]
    assert ohio["custodial_share"] == pytest.approx(3 / 6)
    assert ohio["custodial_least"] == pytest.approx(3 / 7)
    assert ohio["custodial_most"] == pytest.approx(4 / 7)
    assert states.loc["TX", "other"] == 1  # by its office, which lies in Texas
    assert list(states.loc["not assigned", ["detainers", "arrested_before"]]) == [1, 1]
    assert states.loc["WY", "detainers"] == 0
    lifted = made.tables["detainers_lifted"].frame
    assert lifted.loc[["booked", "declined", "other"], "custodial"].tolist() == [1, 0, 1]
    votes = made.tables["detainers_vote"].frame["detainers"]
    assert votes[["Republican", "Democratic", "not assigned"]].tolist() == [10, 1, 1]


def test_every_table_sums_to_all_detainers_and_every_row_to_one(made: PublishedAnalysis) -> None:
    for name in ("detainers_state", "detainers_vote", "detainers_lifted"):
        frame = made.tables[name].frame
        rows = frame.drop(index=ALL)
        statuses = ["followed_up", "no_identifier", "too_young", "before_arrests"]
        assert rows["detainers"].sum() == frame.loc[ALL, "detainers"] == 12
        assert rows["share_of_detainers"].sum() == pytest.approx(1)
        assert frame[statuses].sum(axis=1).equals(frame["detainers"])
        shares = frame[[f"{outcome}_share" for outcome in OUTCOMES]]
        known = frame["followed_up"] > 0
        assert np.allclose(shares[known].sum(axis=1), 1)
        assert shares[~known].isna().all(axis=None)
        for outcome in OUTCOMES:
            low, share, high = (
                frame[f"{outcome}_{end}"][known] for end in ("low", "share", "high")
            )
            assert ((low >= 0) & (low <= share) & (share <= high) & (high <= 1)).all()


def test_findings_and_limits_tell_what_is_missing(made: PublishedAnalysis) -> None:
    assert made.findings[0].startswith(
        "Of 8 detainers of 2024-12-31 to 2025-12-19 that could be followed for 90 days, 38%"
    )
    told = " ".join([*made.findings, *made.limits])
    assert "1 have no identifier" in told
    assert "2 were prepared less than 90 days before the arrests end" in told
    assert "1 were prepared before the arrests begin" in told
    assert "1 rows repeat a detainer" in told
    assert "An office that spans states never gives one" in told
    assert "does not say that the jail complied" in told


def test_periods_are_of_the_detainers_and_changes_are_told(
    few: tuple[ArrestInputs, DetainerRecords],
) -> None:
    made = detainers(*few, periods=[days("2024"), days("2025-01-20/2026-12-31"), days("2020")])
    states = made.to_frame()
    assert states.loc[ALL, "detainers"] == 11
    assert made.tables["detainers_state_2024"].frame.loc[ALL, "before_arrests"] == 1
    assert pd.isna(states["custodial_change"][ALL])  # none of 2024 can be followed
    assert any("No detainer is of 2020" in limit for limit in made.limits)
    assert any("the detainers cover 2025-01-20" in limit for limit in made.limits)
    with pytest.raises(InputError, match="no detainer within 2020"):
        detainers(*few, periods=[days("2020")])


def test_detainers_that_are_all_too_young_give_no_share(
    few: tuple[ArrestInputs, DetainerRecords],
) -> None:
    made = detainers(*few, periods=[days("2025-12-01/2025-12-31")])
    assert "none could be followed for 90 days" in made.findings[0]
    assert made.to_frame()["custodial_share"].isna().all()
    assert "detainers-states" in made.figures
    # A shorter window is over by then.
    shorter = detainers(*few, periods=[days("2025-12-01/2025-12-31")], days=7)
    assert shorter.to_frame().loc[ALL, "custodial_share"] == 1
    assert "within 7 days" in shorter.figures["detainers-states"]


def test_arrests_of_every_day_count_whatever_the_period_of_the_run(tmp_path: Path) -> None:
    arrests = [
        f"2025-03-05,OHIO,{JAIL},a",
        f"2025-01-01,OHIO,{JAIL},b",
        f"2025-12-31,OHIO,{JAIL},c",
    ]
    made = given_of(tmp_path, ["2025-03-01,OHIO,,,a"])
    for period in (None, days("2025-06-01/2025-12-31")):
        found = detainers(inputs_of(tmp_path, arrests, period=period), made)
        assert found.to_frame().loc["OH", "custodial"] == 1


def test_an_arrest_recorded_twice_follows_as_its_first_record(tmp_path: Path) -> None:
    arrests = [
        f"2025-01-01,OHIO,{STREET},b",
        f"2025-03-04,OHIO,{STREET},a",
        f"2025-03-05,OHIO,{JAIL},a",  # the same arrest, within a day
        f"2025-12-31,OHIO,{JAIL},c",
    ]
    made = given_of(tmp_path, ["2025-03-01,OHIO,,,a"])
    assert detainers(inputs_of(tmp_path, arrests), made).to_frame().loc["OH", "community"] == 1


def test_files_that_name_persons_differently_are_refused(tmp_path: Path) -> None:
    arrests = inputs_of(tmp_path, [f"2025-03-05,OHIO,{JAIL},a"])
    made = given_of(tmp_path, ["2025-03-01,OHIO,,,z", "2025-03-01,OHIO,,,y"])
    with pytest.raises(InputError, match=r"2 identifiers of persons, none of which stands in"):
        detainers(arrests, made)
    counts = ArrestInputs(
        arrests_by_state=pd.Series({"OH": 1}), residents=pd.Series({"39001": 1.0})
    )
    with pytest.raises(InputError, match="give --arrests"):
        detainers(counts, made)


def test_nothing_of_a_person_is_published(made: PublishedAnalysis) -> None:
    page = render_report(analysis_page(made, version="0"))
    frames = " ".join(
        text
        for table in made.tables.values()
        for text in (table.frame.to_csv(), table.shown.to_csv())
    )
    for text in (page, frames, *made.figures.values()):
        assert HOSTILE not in text
        assert "alert(1)" not in text
        for word in ("never", "street"):  # identifiers of the small files
            assert f",{word}," not in text


def test_intervals_of_different_persons_are_jeffreys() -> None:
    rows = rows_of(custodial=30, none=70)
    frame = followed_shares(rows, rows["state"], order=["OH"])
    low, high = proportion_confint(30, 100, alpha=0.1, method="jeffreys")
    assert list(frame.loc["OH", ["custodial_low", "custodial_high"]]) == pytest.approx([low, high])
    # Each person twice, followed by one arrest: as if there were half as many.
    twice = pd.concat([rows, rows], ignore_index=True)
    wide = followed_shares(twice, twice["state"], order=["OH"])
    once, both = (
        each["custodial_high"]["OH"] - each["custodial_low"]["OH"] for each in (frame, wide)
    )
    assert both == pytest.approx(once, rel=0.02)


def rows_of(*, custodial: int, none: int) -> pd.DataFrame:
    count = custodial + none
    return pd.DataFrame(
        {
            "date": pd.Timestamp("2025-03-01"),
            "state": "OH",
            "person": range(count),
            "status": "followed_up",
            "outcome": ["custodial"] * custodial + ["none"] * none,
            "arrested_before": False,
            "observed": 200,
        }
    )


@given(
    st.lists(
        st.tuples(st.integers(0, 40), st.integers(0, 40), st.booleans()), min_size=2, max_size=60
    )
)
def test_the_product_limit_is_that_of_statsmodels(each: list[tuple[int, int, bool]]) -> None:
    observed = np.array([span for span, _, _ in each])
    gap = np.array([float(min(span, gap)) if hit else np.nan for span, gap, hit in each])
    rows = pd.DataFrame(
        {
            "status": "too_young",
            "person": range(len(each)),
            "observed": observed,
            "custodial_gap": gap,
            "any_gap": gap,
        }
    )
    frame = followed_within(rows, horizons=range(41))
    event = ~np.isnan(gap)
    last = observed.max()
    assert frame["custodial_share"].isna().tolist() == [day > last for day in range(41)]
    if event.any():
        # statsmodels begins after time 0.
        theirs = SurvfuncRight(np.where(event, gap, observed) + 1, event.astype(int))
        for time, left, error in zip(
            theirs.surv_times, theirs.surv_prob, theirs.surv_prob_se, strict=True
        ):
            row = frame.loc[time - 1]
            assert row["custodial_share"] == pytest.approx(1 - left)
            if 0 < left < 1:
                width = 1.6448536269514722 * error / left / abs(np.log(left))
                assert row["custodial_low"] == pytest.approx(1 - left ** np.exp(-width))
                assert row["custodial_high"] == pytest.approx(1 - left ** np.exp(width))


@pytest.fixture(scope="module")
def simulation() -> Simulation:
    return simulate(seed=3, arrests=40_000)


def read_back(simulated: SimulatedDetainers, folder: Path) -> DetainerRecords:
    path = folder / "detainers.parquet"
    simulated.table.to_parquet(path, index=False)
    return read_detainers(path)


@pytest.fixture(scope="module")
def drawn(
    simulation: Simulation, tmp_path_factory: pytest.TempPathFactory
) -> list[tuple[SimulatedDetainers, pd.DataFrame]]:
    """Make detainers up twenty times, and link them."""
    folder = tmp_path_factory.mktemp("drawn")
    records = simulation.inputs.records
    assert records is not None
    found = []
    for seed in range(20):
        simulated = simulate_detainers(simulation.records, detainers=8_000, rng=seed)
        found.append((simulated, detainer_rows(read_back(simulated, folder), records, days=90)))
    return found


def test_intervals_hold_the_truth(drawn: list[tuple[SimulatedDetainers, pd.DataFrame]]) -> None:
    order = [*load_states().index, "not assigned"]
    held: list[bool] = []
    for simulated, rows in drawn:
        frame = followed_shares(rows, rows["state"], order=order)
        frame = frame[(frame["followed_up"] > 0) & frame.index.isin(simulated.followed.index)]
        truth = simulated.followed[frame.index]
        held += list((frame["custodial_low"] <= truth) & (truth <= frame["custodial_high"]))
    assert len(held) > 900
    assert 0.85 <= np.mean(held) <= 0.95


def test_intervals_by_days_hold_the_truth(
    drawn: list[tuple[SimulatedDetainers, pd.DataFrame]],
) -> None:
    held = []
    for simulated, rows in drawn:
        for state in simulated.followed.index[::4]:
            own = followed_within(rows[rows["state"] == state], horizons=[LONGEST_LAG]).iloc[0]
            held.append(own["custodial_low"] <= simulated.followed[state] <= own["custodial_high"])
    assert len(held) >= 200
    assert 0.85 <= np.mean(held) <= 0.95


def test_what_followed_is_what_was_made_up(
    drawn: list[tuple[SimulatedDetainers, pd.DataFrame]],
) -> None:
    simulated, rows = drawn[0]
    assert len(rows) == int((~simulated.truth["repeated"]).sum())
    told = rows[rows["status"] == "followed_up"]
    truth = simulated.truth.loc[told.index, "outcome"]
    assert (told["outcome"].astype("object") == truth).mean() > 0.99
    own = told[told["state_from"] == "office"]
    assert len(own) > 0
    assert (own["state"] == simulated.truth.loc[own.index, "state"]).mean() > 0.99


def test_the_same_seed_makes_the_same_detainers(simulation: Simulation) -> None:
    one, other = (
        simulate_detainers(simulation.records, detainers=1_000, rng=5).to_frame() for _ in range(2)
    )
    pd.testing.assert_frame_equal(one, other)
    chosen = pd.Series({"MS": 0.0, "NY": 1.0})
    made = simulate_detainers(simulation.records, detainers=5_000, followed=chosen, rng=5)
    outcome = made.truth.groupby("state")["outcome"].agg(lambda each: (each == "none").mean())
    assert outcome["MS"] > 0.9
    assert outcome["NY"] == 0


def test_the_order_of_the_rows_does_not_matter(simulation: Simulation, tmp_path: Path) -> None:
    made = read_back(simulate_detainers(simulation.records, detainers=2_000, rng=9), tmp_path)
    table = made.table.sample(frac=1, random_state=1).reset_index(drop=True)
    turned = DetainerRecords(table=table, sources=made.sources, notes=(), repairs=made.repairs)
    periods = [days("2025-01-20/2025-06-30"), days("2025-07-01/2026-08-06")]
    one, other = (detainers(simulation.inputs, each, periods=periods) for each in (made, turned))
    pd.testing.assert_frame_equal(one.to_frame(), other.to_frame())
    assert one.findings == other.findings
    assert one.figures == other.figures
    assert one.simulated
    before = one.tables["detainers_state_20250120_20250630"].frame.loc[ALL]
    now = one.to_frame().loc[ALL]
    change = now["custodial_share"] - before["custodial_share"]
    assert now["custodial_change"] == pytest.approx(change)
    assert now["custodial_change_low"] < change < now["custodial_change_high"]
    assert "SIMULATED" in one.figures["detainers-states"]
    shares = one.tables["detainers_days"].frame["any_share"].dropna()
    assert all(earlier <= later for earlier, later in pairwise(shares))


def test_the_recipe_makes_it_of_what_the_user_gave(
    few: tuple[ArrestInputs, DetainerRecords],
) -> None:
    inputs, given_detainers = few
    assert RECIPE.lacks(TableMaterial(inputs=inputs)) == [
        "records of detainers, one row each (--detainers)"
    ]
    material = TableMaterial(inputs=inputs, detainers=given_detainers)
    assert not RECIPE.lacks(material)
    states = RECIPE.make(material).to_frame()
    # As published analyses have it, from 2025-01-20 on.
    assert states.loc[ALL, "detainers"] == 11
