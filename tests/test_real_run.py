"""The real run: published counts, real crime rates, about 548,000 arrests."""

from __future__ import annotations

import html
import json
import sqlite3
from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd
import pytest
from click.testing import CliRunner

from arrest_atlas.cli import main
from arrest_atlas.reading import CrimeFile, read_crime_measures
from arrest_atlas.sentence import true_minus
from geo.crime import pool_years, read_county_crimes

if TYPE_CHECKING:
    from pathlib import Path

ARRESTS = 547_776


def _arguments(shared: Path) -> list[str]:
    real = shared / "real"
    period = "2025-01-20_2026-08-06"
    return [
        "run",
        f"--arrests-by-aor={real}/arrests/arrests_by_aor_{period}.csv",
        f"--arrests-by-state={real}/arrests/arrests_by_state_{period}.csv",
        f"--noncitizens={real}/population/noncitizens_by_county_about_2017.csv",
        "--noncitizens-column=rate",
        "--arrest-period=2025-01-20/2026-08-06",
        "--draws=20",
    ]


@pytest.fixture(scope="module")
def outputs(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Run on the crime rates of 2014 and 2016."""
    folder = tmp_path_factory.mktemp("real") / "out"
    crime = shared_data / "real" / "crime" / "violent_crime_rate_2014_2016.csv"
    arguments = [f"--crime={crime}", "--crime-period=2014/2016", f"--out={folder}"]
    result = CliRunner().invoke(main, [*_arguments(shared_data), *arguments])
    assert result.exit_code == 0, result.output
    return folder


def test_every_arrest_is_kept_in_every_draw(outputs: Path) -> None:
    arrests = json.loads((outputs / "summary.json").read_text())["arrests"]
    assert arrests["total_in"] == ARRESTS
    assert arrests["total_in_every_draw"] == ARRESTS
    assert arrests["total_proportional"] == ARRESTS
    zones = gpd.read_file(outputs / "arrest-atlas.gpkg", layer="zones")
    assert zones["arrests"].sum() == ARRESTS
    offices = gpd.read_file(outputs / "arrest-atlas.gpkg", layer="areas_of_responsibility")
    assert offices["arrests"].sum() == ARRESTS


def test_no_county_has_an_arrest_class_of_its_own(outputs: Path) -> None:
    counties = gpd.read_file(outputs / "arrest-atlas.gpkg", layer="counties")
    territories = counties["state"].isin(["GU", "MP", "VI"])
    assert set(counties.loc[~territories, "support"]) == {"zone"}
    # No table lists these three: not known, which is not zero.
    assert set(counties.loc[territories, "support"]) == {"none"}
    assert counties.loc[territories, "arrests_imputed"].isna().all()
    assert set(counties["arrest_gi_class"]) == {"not tested"}
    assert counties["arrest_p_hot"].isna().all()
    assert len(counties) == 3_228


def test_map_and_summary_say_what_the_support_means(outputs: Path) -> None:
    (sentence, *_) = json.loads((outputs / "summary.json").read_text())["limits"]
    assert "no county has an arrest class of its own" in sentence
    page = (outputs / "map.html").read_text()
    assert "no county has an arrest class of its own" in page
    assert "which ended 8 years before the arrests began" in page


def test_no_p_value_of_the_overlap_is_given(outputs: Path) -> None:
    summary = json.loads((outputs / "summary.json").read_text())
    assert summary["county_answer"]["overlap"] is None
    compared = summary["comparison"]
    assert compared["county"] is None
    measures = compared["area"]["measures"]
    assert measures["kappa"]["p"] is None
    assert measures["kappa"]["no_p_value"]
    assert 0 < measures["lee"]["p"] <= 1


def test_the_answer_is_that_of_whole_zones(outputs: Path) -> None:
    compared = json.loads((outputs / "summary.json").read_text())["comparison"]
    assert compared["headline"] == "area"
    assert "Arrests are known by zone (0% by county)" in compared["sentence"]
    assert "hot spots" not in compared["sentence"]
    assert "says nothing about counties within a zone" in compared["sentence"]
    page = html.unescape((outputs / "map.html").read_text())
    assert true_minus(compared["sentence"]) in page


def test_reconciliation_shows_every_difference(outputs: Path) -> None:
    with sqlite3.connect(outputs / "arrest-atlas.gpkg") as database:
        rows = database.execute(
            "SELECT area, given, assigned, difference FROM reconciliation WHERE level = 'state'"
        ).fetchall()
    database.close()
    assert len(rows) == 55
    assert sum(given for _, given, *_ in rows) == 530_756
    assert {area: difference for area, *_, difference in rows}["MD"] == 7_919 - 8_849


def test_year_and_flag_are_filtered_before_codes_are_checked(
    shared_data: Path, tmp_path: Path
) -> None:
    crime = shared_data / "real" / "crime" / "violent_crime_rate_nibrs_2021_2023.csv"
    filters = ["--crime-filter=year=2021", "--crime-filter=rate_crime_violent_quality=1,2"]
    arguments = [f"--crime={crime}", "--crime-period=2021", f"--out={tmp_path / 'out'}", *filters]
    result = CliRunner().invoke(main, [*_arguments(shared_data), *arguments])
    assert result.exit_code == 0, result.output
    summary = json.loads((tmp_path / "out" / "summary.json").read_text())
    assert summary["arrests"]["total_in_every_draw"] == ARRESTS
    assert summary["sources"]["crime against persons"]["filtered_out"] == 9_431 - 1_496
    # Judith Basin County reports a rate of zero: nobody reported.
    assert "30045" in summary["crime"]["zeros_taken_for_missing"]
    # Quality 2 may be a core city alone: the layout is recognised, and warrants nothing for it.
    assert summary["crime"]["counties_with_rate"] == 934
    assert summary["crime"]["set_aside_for_covered_share"] == 559


def test_the_city_at_manhattan_is_the_same_with_the_layout_named_and_without(
    shared_data: Path,
) -> None:
    crime = shared_data / "real" / "crime" / "violent_crime_rate_nibrs_2021_2023.csv"
    city = ["36005", "36047", "36061", "36081", "36085"]
    stated = pd.read_csv(crime, dtype={"state": str, "county": str})
    stated = stated[(stated["year"] == 2023) & (stated["state"] == "36")].set_index("county")
    assert stated["rate_crime_violent"].loc["061"] > 13_000  # of all the city, at one county
    by_layout = read_county_crimes(crime, layout="urban_nibrs_county", where={"year": ["2023"]})
    named = pool_years(by_layout)
    (told,) = read_crime_measures([CrimeFile(file=crime, where={"year": ["2023"]})])
    pd.testing.assert_series_equal(told.crime.rate, named.rates.rate)
    rows = by_layout.table.set_index("county_fips").loc[city]
    assert set(rows["flags"]) == {"nyc split"}
    assert told.crime.rate[city].isna().all()  # quality 2


def test_classes_by_formula_are_those_by_permutation(outputs: Path) -> None:
    crime = json.loads((outputs / "summary.json").read_text())["county_answer"]["crime"]
    assert crime["beside"]["permutations"] == 199_999
    assert crime["beside"]["share_in_same_class"] >= 0.97
