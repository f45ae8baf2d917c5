"""Scan clusters: where rates stand out most, by county and by area, without p-values."""

from __future__ import annotations

from functools import cache

import pandas as pd
import pytest

from arrest_atlas.analysis import Analysis, analyse
from arrest_atlas.counting import Kind
from arrest_atlas.demo import simulate
from arrest_atlas.options import Options
from arrest_atlas.scan_clusters import (
    MOST_CLUSTERS,
    MOST_PEOPLE,
    ScanClusters,
    scan_clusters,
)


@cache
def simulated() -> tuple[Analysis, ScanClusters]:
    """Scan the demonstration data once for all tests."""
    analysis = analyse(simulate(seed=0).inputs, Options(draws=3, surrogates=0))
    return analysis, scan_clusters(analysis)


def test_the_planted_clusters_of_crime_come_first() -> None:
    _, found = simulated()
    crime = found.table[(found.table["map"] == "crime") & (found.table["units"] == "county")]
    planted = simulate(seed=0).planted
    hot = [set(each.counties) for each in planted if each.planted != "arrests only"]
    inside = [
        set(found.counties.index[found.counties["crime_scan_cluster"] == number])
        for number in crime.index[: len(hot)]
    ]
    for counties in hot:
        # Planted clusters grow from neighbour to neighbour, and are no circles.
        assert max(len(counties & circle) / len(counties) for circle in inside) > 0.6


def test_circles_are_ranked_and_carry_no_p() -> None:
    _, found = simulated()
    table = found.table
    assert not [name for name in table.columns if name == "p" or name.startswith("p_")]
    for _, circles in table.groupby(["map", "kind", "units"]):
        assert circles["rank"].tolist() == list(range(1, len(circles) + 1))
        assert circles["log_likelihood_ratio"].is_monotonic_decreasing
        assert len(circles) <= MOST_CLUSTERS
    assert (table["relative_risk"] > 1).all()
    assert (table["cases"] > table["expected"]).all()
    # Cases are rounded for display, rates are not.
    cases = table["rate"] * table["people"] / 100_000
    assert ((cases - table["cases"]).abs() <= 0.5 + 1e-3 * cases / table["people"]).all()


def test_cases_are_summed_before_they_are_rounded() -> None:
    analysis, found = simulated()
    draws = analysis.kinds["all"].arrests
    means = pd.Series(draws.draws.mean(axis=0), draws.county_fips)
    own = found.table[(found.table["kind"] == "all") & (found.table["units"] == "county")]
    numbers = found.counties["arrest_scan_cluster"]
    summed = {each: means[numbers.index[numbers == each]] for each in own.index}
    assert own["cases"].tolist() == [round(summed[each].sum()) for each in own.index]
    # Means of three draws are no whole numbers: rounded one by one they add up to others.
    assert own["cases"].tolist() != [summed[each].round().sum() for each in own.index]


def test_counties_are_scanned_only_where_arrests_are_located_by_county() -> None:
    analysis, found = simulated()
    columns: dict[Kind, str] = {
        "all": "arrest_scan_cluster",
        "custodial": "custodial_arrest_scan_cluster",
    }
    for kind, column in columns.items():
        support = analysis.county_support(kind).reindex(found.counties.index)
        assert found.counties.loc[support != "county", column].isna().all()
        assert found.counties[column].notna().any()


def test_members_places_and_people_agree() -> None:
    analysis, found = simulated()
    residents = analysis.inputs.crime_residents
    for number, row in found.table[found.table["map"] == "crime"].iterrows():
        members = found.counties if row["units"] == "county" else found.areas
        inside = members.index[members["crime_scan_cluster"] == number]
        assert len(inside) == row["places"]
        if row["units"] == "county":
            assert row["people"] == pytest.approx(residents[inside].sum())
            shapes = analysis.geometry.loc[inside].geometry
            assert row["geometry"].area == pytest.approx(sum(shape.area for shape in shapes))
    everyone = residents.reindex(found.counties.index).sum()
    assert found.table.loc[found.table["map"] == "crime", "people"].max() <= MOST_PEOPLE * everyone


def test_the_same_seed_gives_the_same_circles() -> None:
    analysis, found = simulated()
    again = scan_clusters(analysis)
    pd.testing.assert_frame_equal(
        found.table.drop(columns="geometry"), again.table.drop(columns="geometry")
    )
    assert found.table.geometry.geom_equals(again.table.geometry).all()
    pd.testing.assert_frame_equal(found.counties, again.counties)
