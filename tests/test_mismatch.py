"""Places where only one of the two maps is hot: which, ranked how, and what is said of them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

import arrest_atlas
from arrest_atlas.comparison_summary import mismatch_summary
from arrest_atlas.layers import area_table, county_table, output_layers
from arrest_atlas.mismatch import DIRECTIONS, mismatches
from arrest_atlas.words import limits

if TYPE_CHECKING:
    from arrest_atlas import Analysis


@pytest.fixture(scope="module")
def analysis() -> Analysis:
    """Analyse a small simulation."""
    options = arrest_atlas.Options(draws=4, surrogates=0)
    return arrest_atlas.analyse(arrest_atlas.simulate(seed=2, arrests=150_000).inputs, options)


@pytest.fixture(scope="module")
def found(analysis: Analysis) -> pd.DataFrame:
    return mismatches(analysis, "all").reset_index()


def test_counties_and_areas_have_lists_of_their_own(found: pd.DataFrame) -> None:
    assert set(found["units"]) == {"county", "zone"}
    counties = found[found["units"] == "county"]
    assert counties["place"].str.fullmatch(r"\d{5}").all()
    assert (counties["support"] == "county").all()
    assert not found[found["units"] == "zone"]["place"].str.fullmatch(r"\d{5}").any()


def test_the_places_are_those_whose_classes_differ(analysis: Analysis, found: pd.DataFrame) -> None:
    pair = analysis.kinds["all"].county
    assert pair.arrests is not None
    arrests, crime = pair.arrests.spots, pair.crime.spots
    both = arrests.test.tested & crime.test.tested
    ids = arrests.test.ids
    listed = found[found["units"] == "county"].groupby("direction")["place"].agg(set)
    expected = (
        arrests.hot & crime.cold,
        arrests.hot & ~(crime.hot | crime.cold),
        crime.hot & arrests.cold,
        crime.hot & ~(arrests.hot | arrests.cold),
    )
    for direction, places in zip(DIRECTIONS, expected, strict=True):
        assert listed.get(direction, set()) == set(ids[both & places])
    assert len(listed["arrests hot, crime ordinary"]) > 5
    assert len(listed["crime hot, arrests ordinary"]) > 5


def test_ranks_go_by_the_difference_of_the_two_scores(found: pd.DataFrame) -> None:
    for (_, direction), places in found.groupby(["units", "direction"]):
        assert places["rank"].tolist() == list(range(1, len(places) + 1))
        assert places["difference"].abs().is_monotonic_decreasing
        sign = 1 if direction in DIRECTIONS[:2] else -1
        assert (sign * places["difference"] > 0).all()
    np.testing.assert_allclose(found["difference"], found["arrest_gi_z"] - found["crime_gi_z"])


def test_figures_are_those_of_the_tables(analysis: Analysis, found: pd.DataFrame) -> None:
    counties = county_table(analysis)
    areas = area_table(analysis)
    for units, table in (("county", counties), ("zone", areas)):
        listed = found[found["units"] == units].set_index("place")
        there = table.loc[listed.index]
        for name in ("arrest_rate", "crime_rate", "arrest_gi_z", "crime_gi_z"):
            np.testing.assert_allclose(listed[name], there[name], rtol=1e-12)
        assert (listed["arrest_gi_class"] == there["arrest_gi_class"]).all()
        assert (listed["crime_gi_class"] == there["crime_gi_class"]).all()
    assert set(found["arrest_rate_per"]) == set(found["crime_rate_per"]) == {"100,000 residents"}
    listed = found[found["units"] == "county"].set_index("place")
    arrests = counties.loc[listed.index, "arrests_imputed"].astype(float)
    np.testing.assert_allclose(
        listed["arrest_rate"] / 100_000 * listed["arrest_people"], arrests, atol=1
    )


def test_p_hot_stands_for_counties_only(found: pd.DataFrame) -> None:
    counties = found["units"] == "county"
    assert found.loc[counties, "arrest_p_hot"].between(0, 1).all()
    assert found.loc[~counties, "arrest_p_hot"].isna().all()


def test_shares_of_imputed_arrests_are_those_of_the_place(
    analysis: Analysis, found: pd.DataFrame
) -> None:
    assert found["share_imputed"].dropna().between(0, 1).all()
    counties = found[found["units"] == "county"].set_index("place")
    arrests = analysis.kinds["all"].arrests.to_frame().loc[counties.index]
    expected = 1 - arrests["arrests_located"] / arrests["arrests_imputed"]
    np.testing.assert_allclose(counties["share_imputed"], expected.to_numpy(), atol=1e-9)
    assert (counties["share_imputed"] > 0).any()


def test_without_county_answer_only_areas_are_listed(analysis: Analysis) -> None:
    answer = analysis.kinds["all"]
    county = replace(answer.county, arrests=None, comparison=None)
    lone = replace(analysis, kinds={"all": replace(answer, county=county)})
    table = mismatches(lone, "all").reset_index()
    assert set(table["units"]) <= {"zone"}
    assert list(mismatch_summary(lone, "all")) == ["zone"]
    assert table.columns.tolist() == mismatches(analysis, "all").reset_index().columns.tolist()


def test_without_any_place_the_columns_stay(analysis: Analysis) -> None:
    answer = analysis.kinds["all"]
    nothing = {
        name: replace(getattr(answer, name), arrests=None, comparison=None)
        for name in ("county", "area")
    }
    table = mismatches(replace(analysis, kinds={"all": replace(answer, **nothing)}), "all")
    assert len(table) == 0
    assert "difference" in table


def test_every_place_is_named(found: pd.DataFrame) -> None:
    counties = found[found["units"] == "county"]
    assert found["name"].notna().all()
    assert counties["state"].str.fullmatch("[A-Z]{2}").all()
    zones = found[found["units"] == "zone"]
    assert (zones["state"] == zones["place"].str[:2]).all()


def test_the_layer_holds_every_kind_and_the_summary_the_first_ten(analysis: Analysis) -> None:
    layer = output_layers(analysis)["mismatch"]
    assert (layer["data"] == "SIMULATED").all()
    assert set(layer.index) == set(analysis.kinds)
    for kind in analysis.kinds:
        own = layer.loc[[kind]]
        for units, directions in mismatch_summary(analysis, kind).items():
            for direction, listed in directions.items():
                rows = own[(own["units"] == units) & (own["direction"] == direction)]
                assert listed["places"] == len(rows)
                assert [row["place"] for row in listed["top"]] == rows["place"].tolist()[:10]


def test_without_surrogates_the_limits_say_that_nothing_is_tested(analysis: Analysis) -> None:
    found = limits(analysis)
    assert any("described, not tested" in sentence for sentence in found)
    assert not any("p of the comparison" in sentence for sentence in found)
    options = replace(analysis.options, surrogates=99)
    found = limits(replace(analysis, options=options))
    assert any("p of the comparison says how often" in sentence for sentence in found)


def test_local_agreement_is_that_of_the_comparison(analysis: Analysis) -> None:
    counties, areas = county_table(analysis), area_table(analysis)
    for pair, table in (
        (analysis.kinds["all"].county, counties),
        (analysis.kinds["all"].area, areas),
    ):
        assert pair.comparison is not None
        local = pair.comparison.local.reindex(table.index)
        for name in ("similarity", "expected_similarity", "fuzzy_kappa", "lee"):
            np.testing.assert_array_equal(table[f"overlap_{name}"], local[name])
    assert counties["overlap_fuzzy_kappa"].notna().sum() > 1_000
    own = counties["support"] == "county"
    differ = own & counties["overlap_class"].isin(["arrests only", "crime only"])
    assert (counties.loc[differ, "overlap_similarity"] < 1).mean() > 0.9
