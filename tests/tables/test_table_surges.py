"""Surges: known changes found and dated within their intervals, gaps never read as lulls."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from itertools import combinations, pairwise
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from arrest_atlas.demo import simulate
from arrest_atlas.simulated_series import simulate_series
from arrest_atlas.tables._change_points import (
    FEWEST,
    LEAST,
    _best_cuts,
    _costs,
    _shortest,
    _sizes,
    _sums,
    change_points,
    clearness,
)
from arrest_atlas.tables._dated_counts import PlaceDays, dated_counts
from arrest_atlas.tables._reporting_gaps import find_gaps
from arrest_atlas.tables.arrest_rows import arrest_rows
from arrest_atlas.tables.pages import analysis_page
from arrest_atlas.tables.surges import RECIPE, surges
from geo import InputError, Source
from geo.arrest_series import read_arrest_series
from outputs import render_report, write_geopackage, write_tables

if TYPE_CHECKING:
    from pathlib import Path

    from arrest_atlas.tables.published import PublishedAnalysis

REPLICATES = 200


def noisy(levels: Any, size: float, rng: np.random.Generator) -> Any:
    mean = np.asarray(levels, dtype=float)
    return rng.negative_binomial(size, size / (size + mean)).astype(float)


def step(weeks: int, at: int, level: float, ratio: float) -> Any:
    return level * np.where(np.arange(weeks) < at, 1.0, ratio)


def days_of(counts: Any, first: str = "2025-01-06") -> pd.Series:
    index = pd.date_range(first, periods=len(counts), freq="D", name="date")
    return pd.Series(np.asarray(counts, dtype=float), index=index)


# The kernel against other software and brute force


def test_deviance_is_that_of_the_negative_binomial() -> None:
    series = np.array([3.0, 8, 5, 40, 30, 60])
    size = 4.0
    arrests, weeks = _sums(series)
    costs = _costs(arrests, weeks, 6, size)

    def deviance(part: Any) -> float:
        mean = part.mean()
        return float(-2 * stats.nbinom.logpmf(part, size, size / (size + mean)).sum())

    # Constants cancel between ways to cut the same weeks.
    cut = _costs(arrests, weeks, 3, size)[0] + costs[3]
    assert costs[0] - cut == pytest.approx(
        deviance(series) - deviance(series[:3]) - deviance(series[3:])
    )


def test_cuts_are_the_best_of_all() -> None:
    rng = np.random.default_rng(3)
    series = noisy(np.repeat([10.0, 40.0, 15.0], 6), 20.0, rng)
    arrests, weeks = _sums(series)
    size, penalty = 20.0, 6.0

    def total(cuts: tuple[int, ...]) -> float:
        ends = [0, *cuts, len(series)]
        parts = pairwise(ends)
        return float(sum(_costs(arrests, weeks, b, size)[a] for a, b in parts)) + penalty * len(
            cuts
        )

    ways = [cuts for k in range(4) for cuts in combinations(range(1, len(series)), k)]
    assert tuple(_best_cuts(series, size, penalty)) == min(ways, key=total)


@pytest.mark.parametrize("robust", [True, False])
def test_noise_is_measured_whatever_the_levels(*, robust: bool) -> None:
    rng = np.random.default_rng(0)
    series = noisy(np.repeat([50.0, 300.0], 150), 10.0, rng)[None]
    assert _sizes(series, [150], robust=robust)[0] == pytest.approx(10, rel=0.35)


@given(st.lists(st.floats(0.001, 1), min_size=1, max_size=40))
def test_the_interval_holds_its_probability_and_no_shorter_one_does(weights: list[float]) -> None:
    chance = np.array(weights) / sum(weights)
    low, high = _shortest(chance)
    assert chance[low : high + 1].sum() >= 0.9 - 1e-9
    width = high - low
    sums = [chance[i : i + width].sum() for i in range(len(chance))]
    assert max(sums, default=0) < 0.9 + 1e-9


# Calibration


@pytest.mark.parametrize(("level", "size"), [(3.0, 20.0), (25.0, 10.0), (250.0, 15.0)])
def test_no_change_is_rarely_found_where_there_is_none(level: float, size: float) -> None:
    false = 0
    for seed in range(REPLICATES):
        rng = np.random.default_rng([seed, 1])
        false += bool(change_points(noisy(np.full(36, level), size, rng), rng=rng).changes)
    assert false / REPLICATES <= 0.07


def test_dates_and_ratios_lie_in_their_intervals_as_often_as_they_say() -> None:
    dated = compared = found = 0
    for seed in range(REPLICATES + 25):
        rng = np.random.default_rng([seed, 2])
        series = noisy(step(40, 20, 20.0, 1.9), 10.0, rng)
        changes = change_points(series, rng=rng).changes
        if len(changes) == 1:
            found += 1
            dated += changes[0].first <= 20 <= changes[0].last
            compared += changes[0].low <= 1.9 <= changes[0].high
    assert found >= REPLICATES
    assert 0.85 <= dated / found <= 0.95
    assert 0.85 <= compared / found <= 0.95


# Behaviour of the kernel


def test_a_surge_that_ends_is_two_changes() -> None:
    rng = np.random.default_rng(5)
    level = np.concatenate([np.full(20, 40.0), np.full(6, 240.0), np.full(20, 40.0)])
    found = change_points(noisy(level, 25.0, rng), rng=rng)
    assert [change.at for change in found.changes] == [20, 26]
    assert [change.ratio > 1 for change in found.changes] == [True, False]
    assert found.means[1] == pytest.approx(240, rel=0.2)


def test_missing_weeks_hide_the_date_and_make_no_lull() -> None:
    rng = np.random.default_rng(6)
    series = noisy(step(40, 20, 50.0, 3.0), 30.0, rng)
    series[18:22] = np.nan
    (change,) = change_points(series, rng=rng).changes
    assert change.first <= 20 <= change.last
    assert change.last - change.first >= 3
    false = 0
    for seed in range(REPLICATES // 2):
        rng = np.random.default_rng([seed, 4])
        quiet = noisy(np.full(40, 50.0), 30.0, rng)
        quiet[10:16] = np.nan
        false += bool(change_points(quiet, rng=rng).changes)
    assert false / (REPLICATES // 2) <= 0.07


@pytest.mark.parametrize(
    "series", [[], [5.0], [5.0] * 4, [np.nan] * 20, [0.0] * 30, [7.0] * 30, [np.nan, 3.0] * 8]
)
def test_little_or_nothing_shows_no_change(series: list[float]) -> None:
    assert not change_points(series, rng=np.random.default_rng(0)).changes


@given(
    counts=st.lists(st.integers(0, 400), min_size=0, max_size=30),
    seed=st.integers(0, 9),
)
def test_any_series_is_cut_within_the_rules(counts: list[int], seed: int) -> None:
    found = change_points(np.array(counts, dtype=float), rng=np.random.default_rng(seed))
    ends = [0, *(change.at for change in found.changes), len(counts)]
    if found.changes:
        assert min(np.diff(ends)) >= FEWEST
    for change in found.changes:
        assert change.first <= change.at <= change.last
        assert clearness(change) >= LEAST
    again = change_points(np.array(counts, dtype=float), rng=np.random.default_rng(seed))
    assert again == found or not counts


# Gaps


def test_planted_gaps_are_found_and_lulls_are_not() -> None:
    made = simulate_series(rng=4)
    gaps = find_gaps(made.series.table["OR"])
    first, last = made.gaps["first"][0], made.gaps["last"][0]
    assert gaps[0].kind == "nothing recorded"
    assert abs((gaps[0].first - pd.Timestamp(first)).days) <= 1
    assert abs((gaps[0].last - pd.Timestamp(last)).days) <= 1
    # The end of Minnesota's surge is a fall by five sixths, and no gap.
    fall = [
        gap for gap in find_gaps(made.series.table["MN"]) if gap.first >= pd.Timestamp("2025-10-01")
    ]
    assert not fall


def test_steady_series_have_no_gap() -> None:
    false = 0
    for seed in range(REPLICATES):
        rng = np.random.default_rng([seed, 3])
        mean = np.where(np.arange(280) % 7 < 5, 4.0, 0.8) * np.repeat(rng.gamma(20, 1 / 20, 40), 7)
        false += bool(find_gaps(days_of(rng.poisson(mean)), late=True))
    assert false / REPLICATES <= 0.05


def test_a_thin_end_is_told_of_whole_sources_only() -> None:
    counts = days_of([100.0] * 100 + [60, 30, 10, 5, 2])
    (gap,) = find_gaps(counts, late=True)
    assert (gap.kind, gap.days) == ("end of the file", 4)
    assert not find_gaps(counts)


def test_absent_rows_are_gaps_as_they_are() -> None:
    counts = days_of([5.0] * 60)
    counts.iloc[20:22] = np.nan
    (gap,) = find_gaps(counts)
    assert (gap.kind, gap.days) == ("no row", 2)


@pytest.mark.parametrize("counts", [[], [0.0], [0.0] * 50, [np.nan] * 9, [3.0], [0, 0, 0, 9.0]])
def test_series_with_little_are_no_trouble(counts: list[float]) -> None:
    assert all(gap.days >= 1 for gap in find_gaps(days_of(counts), late=True))


@given(st.lists(st.integers(0, 30), min_size=20, max_size=90), st.integers(0, 6))
def test_weeks_keep_every_arrest_but_those_of_broken_weeks(counts: list[int], shift: int) -> None:
    days = days_of(counts, f"2025-01-{6 + shift:02d}")
    place = PlaceDays(level="all", place="all", kind="all", days=days, step=1)
    weeks = place.weeks()
    for monday, total in weeks.items():
        assert isinstance(monday, pd.Timestamp)
        assert monday.day_of_week == 0
        assert total == days[monday : monday + pd.Timedelta(days=6)].sum()
    assert len(days) - 7 * len(weeks) <= 12


# The analysis


@pytest.fixture(scope="module")
def made() -> PublishedAnalysis:
    return surges(series=simulate_series(rng=1).series, simulated=True, rng=0)


def test_planted_changes_are_found_in_their_weeks(made: PublishedAnalysis) -> None:
    truth = simulate_series(rng=1).changes
    frame = made.to_frame()
    assert len(frame) == len(truth)
    change: Any
    for change in truth.itertuples():
        own = frame[(frame["place"] == change.place) & (frame["direction"] == (
            "rise" if change.ratio > 1 else "fall"))]  # fmt: skip
        assert len(own) == 1
        assert own["week_first"].item() <= change.week <= own["week_last"].item()
        assert own["ratio_low"].item() <= change.ratio <= own["ratio_high"].item()


def test_gaps_are_set_apart_and_said(made: PublishedAnalysis) -> None:
    places = made.tables["surges_state"].to_frame()
    assert places.loc["all", "weeks_not_told"] == 1
    assert places.loc["OR", "weeks_not_told"] == 3
    assert places.loc["OR", "changes"] == 0
    assert any("a gap in reporting is no lull" in finding for finding in made.findings)
    weeks = made.tables["surges_weeks"].to_frame()
    assert not weeks.query("place == 'OR'").loc["2025-06-09", "told"]


def test_same_seed_same_words_and_drawing(made: PublishedAnalysis) -> None:
    again = surges(series=simulate_series(rng=1).series, simulated=True, rng=0)
    assert again.findings == made.findings
    assert again.figures == made.figures
    pd.testing.assert_frame_equal(again.to_frame(), made.to_frame())


def test_simulated_data_say_so(made: PublishedAnalysis) -> None:
    assert "SIMULATED" in made.figures["weekly-arrests"]
    assert "SIMULATED" in repr(made)


def test_files_can_be_written_whatever_the_source_is_called(tmp_path: Path) -> None:
    series = simulate_series(rng=1).series
    hostile = replace(
        series, source=Source(file="<script>alert(1)</script>.csv", sha256="", rows=1)
    )
    analysis = surges(series=hostile, rng=0)
    layers = {name: table.to_layer() for name, table in analysis.tables.items()}
    words = {name: table.words for name, table in analysis.tables.items()}
    write_geopackage(tmp_path / "out.gpkg", layers, title="Surges", metadata={}, words=words)
    write_tables(tmp_path / "tables", layers, words=words)
    page = render_report(analysis_page(analysis, version="0"))
    assert "<script>alert" not in page


def test_a_place_without_a_row_says_nothing_of_the_others() -> None:
    series = simulate_series(rng=1).series
    table = series.table.copy()
    table.loc["2025-04-07":"2025-05-04", "TX"] = np.nan
    places = surges(series=replace(series, table=table), rng=0).tables["surges_state"].to_frame()
    weeks = places["weeks_not_told"]
    assert weeks["TX"] == weeks["all"] == 5
    assert weeks["MN"] == 1


def test_real_series_show_the_rises_that_their_curves_show(shared_data: Path) -> None:
    path = shared_data / "real/arrests/daily_arrests_five_states.csv"
    frame = surges(series=read_arrest_series(path), rng=0).to_frame()
    rises = frame[frame["direction"] == "rise"]
    weeks = {place: sorted(own["week"]) for place, own in rises.groupby("place")}
    assert weeks["IL"][0] in {"2025-09-08", "2025-09-15"}
    assert weeks["MN"][0] == "2025-12-01"
    assert weeks["OR"][0] == "2025-10-13"
    assert "WI" not in weeks


def test_records_are_counted_by_state_office_and_kind() -> None:
    records = simulate(seed=0, arrests=60_000).inputs.records
    assert records is not None
    rows = arrest_rows(records)
    # A surge of Connecticut's community arrests: those of three months are recorded four times.
    dates = rows["date"].dt.date
    own = (rows["state"] == "CT") & (rows["custody"].astype("str") == "community")
    surge = rows[own & (dates >= dt.date(2025, 9, 1)) & (dates <= dt.date(2026, 2, 1))]
    more = pd.concat([rows, *[surge] * 5], ignore_index=True)
    small = more[more["state"].isin(["CT", "MA"]) | more["state"].isna()]
    analysis = surges(small, simulated=True, rng=0)
    frame = analysis.to_frame()
    rises = frame[(frame["direction"] == "rise") & (frame["kind"] == "community")]
    assert "CT" in set(rises["place"])
    # Simulated arrests come at one rate: nothing else may show.
    assert set(frame["place"]) <= {"CT", "BOS", "all"}
    assert "custodial" not in set(frame["kind"])
    counts = dated_counts(small, None)
    for level in ("state", "aor"):
        assert sum(each.days.sum() for each in counts.of(level)) == len(small)
        parts = [sum(each.days.sum() for each in counts.of(level, kind))
                 for kind in ("custodial", "community", "other")]  # fmt: skip
        assert sum(parts) == len(small)
    assert any("of no known state" in limit for limit in analysis.limits)


def test_nothing_with_a_date_is_refused() -> None:
    with pytest.raises(InputError, match="neither records with a date nor a series"):
        surges(rng=0)


def test_the_recipe_needs_a_series_only() -> None:
    material: Any = SimpleNamespace(
        inputs=None,
        series=simulate_series(rng=1).series,
        rng=lambda name: np.random.default_rng([0, *name.encode()]),
    )
    assert RECIPE.make(material).name == "surges"
