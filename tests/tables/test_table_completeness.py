"""Completeness: what is missing is found where it was taken out, and nowhere else."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

from arrest_atlas.demo import simulate
from arrest_atlas.records import Records, judge_records
from arrest_atlas.simulated_records import simulate_records
from arrest_atlas.simulated_series import simulate_series
from arrest_atlas.tables.completeness import RECIPE, completeness
from arrest_atlas.tables.pages import analysis_page
from geo import SUPPORT_LEVELS, InputError
from geo.arrest_series import read_arrest_series
from outputs import render_report, write_geopackage, write_tables

if TYPE_CHECKING:
    from pathlib import Path

ARRESTS = 20_000


def judged(folder: Path, table: pd.DataFrame, name: str = "arrests.parquet") -> Records:
    path = folder / name
    table.to_parquet(path, index=False)
    return judge_records([path])


@pytest.fixture(scope="module")
def records() -> Records:
    made = simulate(seed=0, arrests=ARRESTS).inputs.records
    assert made is not None
    return made


def test_shares_of_places_sum_to_one_in_every_month(records: Records) -> None:
    months = completeness(records).tables["completeness_months"].to_frame()
    shares = months[[f"{level}_share" for level in SUPPORT_LEVELS]]
    assert shares.sum(axis="columns").tolist() == pytest.approx([1.0] * len(months))
    assert months["arrests"].sum() == len(records.counted[~records.duplicates.drop])
    assert (months["county_share_low"] <= months["county_share"]).all()
    assert (months["county_share"] <= months["county_share_high"]).all()


def test_steady_records_are_complete_as_far_as_can_be_told(records: Records) -> None:
    analysis = completeness(records, simulated=True)
    whole = analysis.to_frame().query("level == 'all'").iloc[0]
    assert (whole["gaps"], whole["told_share"]) == (0, 1.0)
    assert any("no field's share differs" in finding for finding in analysis.findings)


def test_days_and_fields_taken_out_of_records_are_named(tmp_path: Path) -> None:
    table = simulate_records(arrests=ARRESTS, rng=3).table
    day = table["apprehension_date"]
    gap = (day >= "2025-10-06") & (day <= "2025-10-19")
    blank = (day >= "2026-03-01") & (day <= "2026-03-31")
    table["apprehension_state"] = table["apprehension_state"].where(~blank)
    analysis = completeness(judged(tmp_path, table[~gap]))
    gaps = analysis.tables["completeness_gaps"].to_frame().query("level == 'all'")
    assert gaps[["first", "last"]].to_numpy().tolist() == [["2025-10-06", "2025-10-19"]]
    text = " ".join(analysis.findings)
    assert "2025-10-06 to 2025-10-19, nothing recorded: 0 arrests where" in text
    assert "the share of records with the state lies between 0% (2026-03)" in text


def test_each_file_is_a_source_of_its_own(tmp_path: Path) -> None:
    table = simulate_records(arrests=4_000, rng=3).table
    early = table["apprehension_date"] < "2025-11-01"
    paths = [tmp_path / "early.parquet", tmp_path / "late.parquet"]
    table[early].to_parquet(paths[0], index=False)
    table[~early].to_parquet(paths[1], index=False)
    frame = completeness(judge_records(paths)).to_frame().query("level == 'all'")
    assert frame["source"].tolist() == ["early.parquet", "late.parquet"]
    assert frame["last"].iloc[0] < "2025-11-01" <= frame["first"].iloc[1]


def test_planted_gaps_of_a_series_are_found() -> None:
    made = simulate_series(rng=1)
    gaps = completeness(series=made.series).tables["completeness_gaps"].to_frame()
    for planted in made.gaps.itertuples():
        own = gaps[gaps["place"] == planted.place]
        assert ((own["first"] <= planted.first) & (own["last"] >= planted.last)).any()
    whole = gaps[gaps["level"] == "all"]
    assert whole["expected"].item() > 1_000


def test_real_series_tell_what_was_set_aside(shared_data: Path) -> None:
    path = shared_data / "real/arrests/daily_arrests_five_states.csv"
    analysis = completeness(series=read_arrest_series(path))
    assert analysis.to_frame().loc[0, "days"] == 221
    assert any("2026-09-17" in limit for limit in analysis.limits)
    assert any("75 blanks" in limit for limit in analysis.limits)


def test_no_person_and_hostile_names(tmp_path: Path) -> None:
    table = simulate_records(arrests=2_000, rng=3).table
    records = judged(tmp_path, table, "<b>&'.parquet")
    analysis = completeness(records)
    identifiers = set(records.arrests.table["identifier"].dropna().astype("str"))
    for each in analysis.tables.values():
        cells = set(each.to_frame().astype("str").to_numpy().ravel())
        assert not cells & identifiers
    page = render_report(analysis_page(analysis, version="0"))
    assert "<b>&'" not in page
    layers = {name: each.to_layer() for name, each in analysis.tables.items()}
    words = {name: each.words for name, each in analysis.tables.items()}
    write_geopackage(tmp_path / "out.gpkg", layers, title="C", metadata={}, words=words)
    write_tables(tmp_path / "tables", layers, words=words)


def test_same_words_and_drawings_again(records: Records) -> None:
    one, other = completeness(records), completeness(records)
    assert one.findings == other.findings
    assert one.figures == other.figures


def test_nothing_is_refused(records: Records) -> None:
    with pytest.raises(InputError, match="--series"):
        completeness()
    table = records.arrests.table
    undated = table.assign(apprehension_date=pd.Series(pd.NaT, index=table.index))
    empty = replace(records, arrests=replace(records.arrests, table=undated))
    with pytest.raises(InputError, match="neither records with a date"):
        completeness(empty)


def test_the_recipe_needs_a_series_only() -> None:
    material: Any = SimpleNamespace(inputs=None, series=simulate_series(rng=1).series)
    assert RECIPE.make(material).name == "completeness"
