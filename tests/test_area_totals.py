"""Office totals are the mass, state totals only split it, and every difference is shown."""

from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from boundaries import load_field_offices, load_zones
from geo import AreaTotals, read_arrests_by_aor, read_arrests_by_state, reconcile_totals

ZONES = load_zones()
AORS = load_field_offices().index
STATES = sorted(ZONES["state"].unique())
COUNT = st.integers(0, 200_000)
BY_AOR = st.dictionaries(st.sampled_from(list(AORS)), COUNT, max_size=25).map(
    lambda counts: pd.Series(counts, dtype="int64")
)
BY_STATE = st.dictionaries(st.sampled_from(STATES), COUNT, max_size=55).map(
    lambda counts: pd.Series(counts, dtype="int64")
)


def by_office(totals: AreaTotals) -> pd.Series:
    return totals.counts.groupby(ZONES["aor"]).sum()


def positive(totals: AreaTotals) -> dict[str, int]:
    counts = totals.counts[totals.counts > 0]
    return {str(zone): int(count) for zone, count in counts.items()}


@pytest.fixture(scope="module")
def real(shared_data: Path) -> tuple[pd.Series, pd.Series]:
    folder = shared_data / "real" / "arrests"
    return (
        read_arrests_by_aor(folder / "arrests_by_aor_2025-01-20_2026-08-06.csv").counts,
        read_arrests_by_state(folder / "arrests_by_state_2025-01-20_2026-08-06.csv").counts,
    )


@given(BY_AOR, BY_STATE)
def test_office_totals_are_kept_exactly(by_aor: pd.Series, by_state: pd.Series) -> None:
    totals = reconcile_totals(by_aor=by_aor, by_state=by_state)
    assert totals.level == "zone"
    assert totals.counts.index.tolist() == ZONES.index.tolist()
    assert (totals.counts >= 0).all()
    given_totals = by_aor.reindex(AORS, fill_value=0)
    assert by_office(totals).to_dict() == given_totals.to_dict()


@given(BY_AOR, BY_STATE)
def test_a_state_without_a_total_receives_none_unless_its_offices_have_no_other(
    by_aor: pd.Series, by_state: pd.Series
) -> None:
    totals = reconcile_totals(by_aor=by_aor, by_state=by_state)
    states = ZONES["state"].map(by_state.reindex(STATES, fill_value=0))
    split = states.groupby(ZONES["aor"]).transform("sum") > 0
    assert (totals.counts[split & (states == 0)] == 0).all()


@given(BY_AOR, BY_STATE)
def test_the_difference_table_adds_up(by_aor: pd.Series, by_state: pd.Series) -> None:
    table = reconcile_totals(by_aor=by_aor, by_state=by_state).differences
    assert (table["assigned"] - table["given"] == table["difference"]).all()
    assert (table.loc[table["level"] == "aor", "difference"] == 0).all()
    mass = table.groupby("level")["assigned"].sum()
    assert mass["aor"] == mass["state"] == by_aor.sum()
    assert table.groupby("level").size().to_dict() == {"aor": 25, "state": 55}


@given(st.lists(st.integers(1, 5_000), min_size=62, max_size=62))
@settings(max_examples=20)
def test_totals_that_agree_are_both_kept(zone_counts: list[int]) -> None:
    counts = pd.Series(zone_counts, index=ZONES.index)
    table = reconcile_totals(
        by_aor=counts.groupby(ZONES["aor"]).sum(), by_state=counts.groupby(ZONES["state"]).sum()
    ).differences
    # Whole numbers cannot always meet both; each zone is off by less than one.
    off = table[table["level"] == "state"].set_index("area")["difference"].abs()
    assert (off <= ZONES["state"].value_counts()[off.index]).all()


def test_real_arrests_in_are_arrests_out(real: tuple[pd.Series, pd.Series]) -> None:
    by_aor, by_state = real
    totals = reconcile_totals(by_aor=by_aor, by_state=by_state)
    assert totals.counts.sum() == by_aor.sum() == 547_776
    pd.testing.assert_series_equal(by_office(totals), by_aor, check_names=False)


def test_real_differences_are_shown(real: tuple[pd.Series, pd.Series]) -> None:
    by_aor, by_state = real
    table = reconcile_totals(by_aor=by_aor, by_state=by_state).differences
    states = table[table["level"] == "state"].set_index("area")
    difference = states["difference"]
    assert (states["given"]["MD"], states["assigned"]["MD"]) == (8_849, 7_919)
    assert difference["MD"] == -930
    assert difference["NY"] == 18_730 - 19_063
    assert difference[["TX", "OK", "NM"]].sum() == 6_280
    assert difference.sum() == 547_776 - 530_756
    assert set(states.loc[["GU", "MP", "VI"], "rule"]) == {"no arrests given: none assigned"}
    assert table.loc[table["level"] == "aor", "difference"].eq(0).all()


def test_state_totals_split_an_office_in_proportion() -> None:
    totals = reconcile_totals(
        by_aor=pd.Series({"ATL": 100}), by_state=pd.Series({"GA": 40, "NC": 10, "SC": 0})
    )
    assert positive(totals) == {"GA-ATL": 80, "NC-ATL": 20}


def test_split_states_are_split_by_their_offices() -> None:
    totals = reconcile_totals(
        by_aor=pd.Series({"BUF": 30, "NYC": 70}), by_state=pd.Series({"NY": 1_000})
    )
    assert positive(totals) == {"NY-BUF": 30, "NY-NYC": 70}


def test_an_office_none_of_whose_states_has_a_total_is_split_by_weight() -> None:
    weights = pd.Series({"GA-ATL": 3.0, "NC-ATL": 1.0, "TX-DAL": 9.0})
    totals = reconcile_totals(
        by_aor=pd.Series({"ATL": 8, "DAL": 5}),
        by_state=pd.Series({"OK": 1}),
        zone_weights=weights,
    )
    assert positive(totals) == {"GA-ATL": 6, "NC-ATL": 2, "OK-DAL": 5}
    rules = totals.differences.set_index("area")["rule"]
    assert rules["ATL"] == "total kept; no state total, split by weight"
    assert rules["GA"] == "no total; its office's arrests stay in it"
    assert rules["DAL"] == "total kept; split by state totals"
    assert rules["BAL"] == "total kept; no state total, split by weight"


def test_an_office_without_state_totals_or_weights_is_split_evenly() -> None:
    totals = reconcile_totals(by_aor=pd.Series({"ATL": 7}), by_state=pd.Series({"TX": 5}))
    assert positive(totals) == {"GA-ATL": 3, "NC-ATL": 2, "SC-ATL": 2}


def test_a_state_whose_offices_have_no_arrests_receives_none() -> None:
    totals = reconcile_totals(by_aor=pd.Series({"DAL": 5}), by_state=pd.Series({"MD": 9, "TX": 1}))
    assert positive(totals) == {"TX-DAL": 5}
    states = totals.differences.set_index("area")
    assert states.loc["MD", "difference"] == -9


@pytest.mark.parametrize(
    ("level", "given_totals"), [("aor", {"DAL": 5, "BAL": 2}), ("state", {"TX": 4, "GU": 1})]
)
def test_one_kind_of_total_has_nothing_to_split(level: str, given_totals: dict[str, int]) -> None:
    totals = reconcile_totals(**{f"by_{level}": pd.Series(given_totals)})
    assert totals.level == level
    assert positive(totals) == given_totals
    assert len(totals.counts) == {"aor": 25, "state": 55}[level]
    assert totals.differences["difference"].eq(0).all()
    rules = totals.differences.set_index("area")["rule"]
    assert set(rules[list(given_totals)]) == {"total kept"}
    assert set(rules.drop(list(given_totals))) == {"no total: not known"}
    given = totals.evidence == "given"
    assert totals.evidence[given].index.tolist() == sorted(given_totals)
    assert set(totals.evidence[~given]) == {"not listed"}


def test_no_totals_are_not_known() -> None:
    totals = reconcile_totals()
    assert totals.counts.sum() == 0
    assert set(totals.evidence) == {"not listed"}


TEXAN = {"DAL": 100, "HOU": 50, "ELP": 40, "SNA": 30, "HLG": 20}


def test_a_state_left_out_leaves_the_split_in_doubt_if_it_weighs() -> None:
    people = pd.Series(1.0, index=load_zones().index)
    people["TX-DAL"] = 30.0
    by_aor = pd.Series(TEXAN | {"BAL": 7})
    by_state = pd.Series({"OK": 10, "NM": 5})
    evidence = reconcile_totals(by_aor=by_aor, by_state=by_state, zone_weights=people).evidence
    assert set(evidence[["TX-DAL", "OK-DAL"]]) == {"in doubt"}
    # Offices within one state need no split.
    assert set(evidence[["TX-HOU", "MD-BAL"]]) == {"given"}
    assert evidence["GA-ATL"] == "not listed"
    people["TX-DAL"] = 0.04
    evidence = reconcile_totals(by_aor=by_aor, by_state=by_state, zone_weights=people).evidence
    assert evidence[["TX-DAL", "OK-DAL"]].tolist() == ["not listed", "given"]


def test_an_office_left_out_leaves_the_split_of_its_neighbours_in_doubt() -> None:
    # Texas's total holds Houston's arrests too; charged to Dallas they would be wrong.
    by_state = pd.Series({"OK": 10, "TX": 200, "NM": 5})
    whole = reconcile_totals(by_aor=pd.Series(TEXAN), by_state=by_state).evidence
    assert set(whole[["TX-DAL", "OK-DAL", "TX-ELP", "NM-ELP"]]) == {"given"}
    partial = reconcile_totals(by_aor=pd.Series(TEXAN).drop("HOU"), by_state=by_state).evidence
    assert set(partial[["TX-DAL", "OK-DAL", "TX-ELP", "NM-ELP"]]) == {"in doubt"}
    assert partial[["TX-SNA", "TX-HOU"]].tolist() == ["given", "not listed"]


def test_zones_split_by_weight_are_in_doubt() -> None:
    totals = reconcile_totals(by_aor=pd.Series({"DAL": 100}), by_state=pd.Series({"MD": 9}))
    assert set(totals.evidence[["TX-DAL", "OK-DAL"]]) == {"in doubt"}


def test_zero_is_given() -> None:
    totals = reconcile_totals(by_aor=pd.Series({"BAL": 0}), by_state=pd.Series({"MD": 0}))
    assert totals.evidence["MD-BAL"] == "given"
    assert totals.counts["MD-BAL"] == 0


def test_inputs_are_not_changed() -> None:
    by_aor, by_state = pd.Series({"ATL": 7}), pd.Series({"GA": 5})
    reconcile_totals(by_aor=by_aor, by_state=by_state)
    assert (by_aor.to_dict(), by_state.to_dict()) == ({"ATL": 7}, {"GA": 5})
