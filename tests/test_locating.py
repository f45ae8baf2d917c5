"""Records to places: evidence in order, conflicts, what a record keeps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_records import arrest_table

from boundaries import load_areas_of_responsibility, load_counties, load_zones
from geo import SUPPORT_LEVELS, LocatedArrests, locate_arrests

LEE, HARRIS = "01081", "48201"


def one(**values: Any) -> dict[str, Any]:
    """Locate a single record; what is not known is None."""
    table = arrest_table(**{name: [value] for name, value in values.items()})
    row = locate_arrests(table).table.iloc[0]
    return {str(key): None if pd.isna(value) else value for key, value in row.items()}


@pytest.mark.parametrize(
    ("record", "support", "place", "rule"),
    [
        ({"state": "AL", "aor": "NOL", "landmark": "LEE COUNTY JAIL"}, "county", LEE, "county"),
        ({"state": "AL", "landmark": "LEE COUNTY JAIL"}, "county", LEE, "county"),
        ({"landmark": "LEE COUNTY JAIL, AL"}, "county", LEE, "county"),
        ({"state": "AL", "aor": "NOL"}, "zone", "AL-NOL", "state"),
        ({"state": "AL"}, "zone", "AL-NOL", "state"),
        ({"state": "TX", "aor": "DAL"}, "zone", "TX-DAL", "state"),
        ({"state": "TX"}, "state", "TX", "state"),
        ({"aor": "NOL"}, "aor", "NOL", "office"),
        ({"aor": "HOU"}, "zone", "TX-HOU", "office"),
        ({"aor": "HQ"}, "none", None, "nothing"),
        ({"landmark": None}, "none", None, "nothing"),
        ({"state_filled_in": "TX", "aor": "DAL"}, "zone", "TX-DAL", "state filled in"),
        (
            {"aor": "NOL", "landmark": "ALABAMA DEPARTMENT OF CORRECTIONS"},
            "zone",
            "AL-NOL",
            "state",
        ),
        ({"duty_site": "PITTSBURGH, PA, DOCKET CONTROL OFFICE"}, "aor", "PHI", "duty site"),
        ({"aor": "NOL", "duty_site": "PITTSBURGH, PA"}, "aor", "NOL", "office"),
        ({"county": "Lee", "state": "AL"}, "county", LEE, "county column"),
        ({"county": "1081"}, "county", LEE, "county column"),
        ({"county": "Lee"}, "none", None, "nothing"),
        ({"city": "Foley", "state": "AL"}, "county", "01003", "city column"),
        ({"city": "Foley", "state": "AL", "landmark": "FUGOPS"}, "county", "01003", "city column"),
        ({"city": "Foley", "landmark": "LEE COUNTY, AL", "state": "AL"}, "county", LEE, "county"),
        ({"city": "Springfield"}, "none", None, "nothing"),
        ({"latitude": 32.6, "longitude": -85.4}, "county", LEE, "coordinates"),
        ({"latitude": 0.0, "longitude": 0.0, "state": "AL"}, "zone", "AL-NOL", "state"),
        ({"latitude": 32.6, "state": "AL"}, "zone", "AL-NOL", "state"),
    ],
)
def test_evidence_decides_in_order(
    record: dict[str, Any], support: str, place: str | None, rule: str
) -> None:
    found = one(**record)
    assert found["support"] == support
    if support != "none":
        assert found[{"county": "county_fips"}.get(support, support)] == place
    assert found["rule"].split(": ")[-1] in {rule, f"landmark's {rule}"}
    assert 0 <= found["confidence"] <= 1
    assert found["conflict"] is None


def test_coordinates_come_before_the_column_and_the_column_before_the_landmark() -> None:
    point = {"latitude": 32.6, "longitude": -85.4}
    record = {"state": "AL", "county": "Mobile", "landmark": "FOLEY PD, AL"}
    assert one(**record, **point)["county_fips"] == LEE
    assert one(**record, **point)["conflict"] == "landmark in another county"
    assert one(**record)["county_fips"] == "01097"


def test_a_landmark_of_another_state_is_reported_and_the_record_keeps_its_state() -> None:
    found = one(state="LA", aor="NOL", landmark="DAVIDSON COUNTY JAIL, TN")
    assert (found["support"], found["zone"], found["county_fips"]) == ("zone", "LA-NOL", None)
    assert found["conflict"] == "landmark in another state"
    assert found["candidates"] == "47037"
    outside = one(aor="NOL", landmark="HARRIS COUNTY JAIL, HOUSTON, TX")
    assert (outside["support"], outside["aor"]) == ("aor", "NOL")
    assert outside["conflict"] == "landmark in another state"


def test_coordinates_and_columns_of_another_state_are_conflicts() -> None:
    found = one(state="LA", latitude=32.6, longitude=-85.4, county="1081")
    assert (found["support"], found["zone"]) == ("zone", "LA-NOL")
    assert found["conflict"] == "coordinates in another state; county column in another state"


def test_the_state_is_the_place_and_the_office_a_duty_office() -> None:
    found = one(state="MD", aor="WAS")
    assert (found["zone"], found["aor"]) == ("MD-BAL", "BAL")
    assert found["conflict"] == "state outside the office's area"
    split = one(state="TX", aor="NOL")
    assert (split["support"], split["state"], split["aor"]) == ("state", "TX", None)


def test_what_fits_several_counties_keeps_its_candidates_at_the_zone() -> None:
    found = one(state="AL", aor="NOL", landmark="JACKSON JAIL")
    assert (found["support"], found["zone"]) == ("zone", "AL-NOL")
    assert set(found["candidates"].split(";")) == {"01071", "01025"}
    assert found["landmark_kind"] == "ambiguous"


def test_candidates_in_one_state_tell_the_state() -> None:
    found = one(aor="NOL", landmark="JACKSON JAIL, AL")
    assert (found["support"], found["zone"], found["rule"]) == (
        "zone",
        "AL-NOL",
        "landmark's state",
    )


def test_american_samoa_is_nobodys_area() -> None:
    for record in ({"state": "AS"}, {"county": "60010"}):
        found = one(**record)
        assert (found["support"], found["conflict"]) == ("none", "no office is responsible")


def test_names_of_the_user_come_first() -> None:
    table = arrest_table(state=["AL", "AL"], landmark=["THE OLD MILL", "LEE COUNTY JAIL"])
    own = pd.DataFrame({"name": ["the old mill"], "state": ["AL"], "county_fips": [LEE]})
    assert locate_arrests(table).table["county_fips"].isna().tolist() == [True, False]
    located = locate_arrests(table, aliases=own).table
    assert located["county_fips"].tolist() == [LEE, LEE]
    assert located["rule"].tolist() == ["landmark: alias", "landmark: county"]


def test_conflicts_and_unmatched_landmarks_are_listed() -> None:
    located = locate_arrests(
        arrest_table(
            state=["LA", "LA", "LA", "AL", "AL"],
            landmark=["SCOTT COUNTY, MS"] * 2 + ["WHATEVER INN", "WHATEVER INN", "FUGOPS"],
        )
    )
    assert located.conflicts.to_dict("records") == [
        {
            "conflict": "landmark in another state",
            "landmark": "SCOTT COUNTY, MS",
            "state": "LA",
            "rows": 2,
        }
    ]
    assert located.unmatched[["landmark", "state", "rows"]].to_numpy().tolist() == [
        ["WHATEVER INN", "AL", 1],
        ["WHATEVER INN", "LA", 1],
    ]
    assert repr(located) == (
        "5 arrests: 0 by county, 5 by zone, 0 by state, 0 by aor, 0 not located"
    )


def test_no_records_give_no_places() -> None:
    located = locate_arrests(arrest_table(state=["AL"], landmark=["LEE COUNTY"]).iloc[:0])
    assert located.table.empty
    assert list(located.table) == list(
        locate_arrests(arrest_table(state=["AL"], landmark=["LEE COUNTY"])).table
    )


def test_records_are_not_changed() -> None:
    table = arrest_table(state=["AL", None], aor=["NOL", "HQ"], landmark=["LEE COUNTY", None])
    before = table.copy(deep=True)
    located = locate_arrests(table)
    pd.testing.assert_frame_equal(table, before)
    copy = located.to_frame()
    copy["support"] = "none"
    assert located.table["support"].tolist() == ["county", "none"]


TEXTS = st.sampled_from(
    [None, "", "LEE COUNTY JAIL", "ORANGE COUNTY JAIL", "FOLEY PD, AL", "JACKSON", "FUGOPS", "HQ"]
)
STATES = st.sampled_from([None, "AL", "TX", "CA", "NY", "FL", "PR", "GU", "AS"])
OFFICES = st.sampled_from([None, "NOL", "DAL", "MIA", "BUF", "HQ"])
RECORDS = st.lists(st.tuples(STATES, STATES, OFFICES, TEXTS), min_size=1, max_size=12)


def located(records: Sequence[tuple[str | None, ...]]) -> LocatedArrests:
    columns = zip(*records, strict=True)
    names = ("state", "state_filled_in", "aor", "landmark")
    return locate_arrests(arrest_table(**dict(zip(names, map(list, columns), strict=True))))


@settings(max_examples=80)
@given(RECORDS)
def test_places_are_complete_and_fit_together(records: list[tuple[str | None, ...]]) -> None:
    places = located(records).table
    counties, zones = load_counties(), load_zones()
    area = load_areas_of_responsibility()
    for support, fips, zone, state, aor in places[
        ["support", "county_fips", "zone", "state", "aor"]
    ].itertuples(index=False):
        known = {name for name, v in zip("czsa", (fips, zone, state, aor), strict=True) if v == v}  # noqa: PLR0124
        needed = {"county": "czsa", "zone": "zsa", "state": "s", "aor": "a", "none": ""}
        assert known == set(needed[support])
        if support == "county":
            assert (zone, state, aor) == (
                counties["zone"][fips],
                counties["state"][fips],
                area[fips],
            )
        if support == "zone":
            assert (state, aor) == tuple(zones.loc[zone, ["state", "aor"]])
    assert list(places["support"].cat.categories) == list(SUPPORT_LEVELS)


@settings(max_examples=40)
@given(RECORDS, st.randoms(use_true_random=False))
def test_the_order_of_records_does_not_matter(
    records: list[tuple[str | None, ...]], chance: Any
) -> None:
    order = list(range(len(records)))
    chance.shuffle(order)
    straight = located(records).table.astype(object)
    shuffled = located([records[at] for at in order]).table.astype(object)
    expected = straight.iloc[order].reset_index(drop=True)
    pd.testing.assert_frame_equal(shuffled.reset_index(drop=True), expected)


@settings(max_examples=40)
@given(RECORDS)
def test_a_recorded_state_is_kept(records: list[tuple[str | None, ...]]) -> None:
    places = located(records).table
    recorded = pd.Series([record[0] for record in records], dtype=object)
    kept = places["state"].astype(object).where(places["support"] != "none")
    known = recorded.notna() & (recorded != "AS") & kept.notna().to_numpy()
    assert (kept[known.to_numpy()].to_numpy() == recorded[known].to_numpy()).all()


def test_points_on_a_border_lie_in_one_county() -> None:
    counties = load_counties()
    shared = counties.geometry[LEE].intersection(counties.geometry["01113"])
    x, y = shared.geoms[0].coords[0] if hasattr(shared, "geoms") else shared.coords[0]
    table = arrest_table(state=["AL"], latitude=[y], longitude=[x])
    fips = locate_arrests(table).table["county_fips"]
    assert fips.isin([LEE, "01113"]).all()
    assert np.isfinite([x, y]).all()
