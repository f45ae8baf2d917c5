"""Facilities in their counties, days in whatever order, distances on the ellipsoid."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod

from boundaries import load_counties
from geo import InputError, Source
from geo.context import (
    Facilities,
    county_centers,
    distance_to_nearest,
    read_facilities,
    read_population_centers,
)

HEADER = "name,state,city,county,lat,lon,date_first_use,date_last_use\n"
Reads = Callable[..., Facilities]


@pytest.fixture
def reads(tmp_path: Path) -> Reads:
    def read(*rows: str, header: str = HEADER) -> Facilities:
        path = tmp_path / "rooms.csv"
        path.write_text(header + "".join(f"{row}\n" for row in rows), encoding="utf-8")
        return read_facilities(path)

    return read


def at(*places: tuple[float, float]) -> Facilities:
    table = pd.DataFrame(places, columns=["latitude", "longitude"])
    return Facilities(table=table, source=Source(file="a.csv", sha256="", rows=1), notes=())


@pytest.mark.parametrize(
    ("row", "fips", "told_by", "doubt"),
    [
        ("Rusk,TX,HOUSTON,HARRIS,29.76,-95.37,,", "48201", "coordinates", ""),
        # The county named is often an office's or a city's.
        ("Rusk,TX,HOUSTON,TRAVIS,29.76,-95.37,,", "48201", "coordinates", "named is 48453"),
        ("Rusk,TX,HOUSTON,COUNTY,29.76,-95.37,,", "48201", "coordinates", ""),
        ("Rusk,,,,29.76,-95.37,,", "48201", "coordinates", ""),
        # Across the river from Omaha, a street's width outside the state.
        ("Hold,NE,OMAHA,DOUGLAS,41.2812941,-95.8987635,,", "31055", "county", "lie in 19155"),
        ("Hold,NE,OMAHA,,41.2812941,-95.8987635,,", "19155", "coordinates", "just outside"),
        # An island's prison in Virginia.
        ("Grove,VI,,SAINT CROIX,36.834537,-76.033768,,", "78010", "county", "outside the state"),
        ("Room,AL,GADSDEN,ETOWAH,NA,NA,,", "01055", "county", ""),
        ("Room,AL,GADSDEN,,NA,NA,,", "01055", "city", ""),
        ("Duluth Hold Room,MN,NA,NA,NA,NA,,", "27137", "name", ""),
        ('"Lorton, Va Hold Room",VA,,,,,,', "51059", "name", ""),
        ("Room,AL,,,NA,NA,,", None, "", "neither coordinates"),
        ("Room,,GADSDEN,ETOWAH,,,,", None, "", "neither coordinates nor a state"),
        ("Room,AL,NOWHERE AT ALL,,,,,", None, "", "no city 'NOWHERE AT ALL'"),
        ("Room,AL,,,33.5,,,", None, "", "neither coordinates"),  # one degree is no place
        ("Jail,VA,,RICHMOND CITY,,,,", "51760", "county", ""),
        ("Jail,VA,,RICHMOND,,,,", "51159", "county", ""),
    ],
)
def test_places(reads: Reads, row: str, fips: str | None, told_by: str, doubt: str) -> None:
    facilities = reads(row)
    found = facilities.table.iloc[0]
    assert (None if pd.isna(found["county_fips"]) else found["county_fips"]) == fips
    assert found["told_by"] == told_by
    assert doubt in found["doubt"]
    assert (found["doubt"] == "") == (doubt == "")
    assert len(facilities.problems) == (fips is None)


def test_wrong_coordinates_are_dropped_and_near_ones_kept(reads: Reads) -> None:
    table = reads(
        "Grove,VI,,SAINT CROIX,36.834537,-76.033768,,",
        "Hold,NE,OMAHA,DOUGLAS,41.2812941,-95.8987635,,",
    ).table
    assert table["latitude"].isna().tolist() == [True, False]
    assert table["longitude"].isna().tolist() == [True, False]


def test_days_with_the_day_first(reads: Reads) -> None:
    table = reads(
        "a,TX,,,29.76,-95.37,14/09/2007,4/11/17",
        "b,TX,,,29.76,-95.37,1/2/87,1986",
        "c,TX,,,29.76,-95.37,1981,Oct-82",
        "d,TX,,,29.76,-95.37,soon,NA",
    ).table
    assert table["first_used"].astype("str").fillna("").tolist()[:3] == [
        "2007-09-14",
        "",
        "1981-01-01",
    ]
    assert table["last_used"].astype("str").fillna("").tolist()[:3] == [
        "2017-11-04",
        "",
        "1982-10-31",
    ]
    assert table.loc[5, ["first_used", "last_used"]].isna().all()


def test_backward_and_unreadable_days_are_told(reads: Reads) -> None:
    facilities = reads("b,TX,,,29.76,-95.37,2011-02-01,1986", "d,TX,,,29.76,-95.37,soon,NA")
    assert facilities.notes[-2:] == (
        "1 day that cannot be read",
        "1 facility last used before it was first: not known when",
    )


def test_an_order_that_no_row_tells_is_said(reads: Reads) -> None:
    facilities = reads("a,TX,,,29.76,-95.37,3/3/2010,4/11/2017")
    assert f"{facilities.table['last_used'].iloc[0]:%Y-%m-%d}" == "2017-04-11"
    assert facilities.notes == (
        "days such as '4/11/2017' read with the month first: no row tells the order",
    )
    assert not reads("a,TX,,,29.76,-95.37,3/3/2010,4/13/2017").notes


def test_use_in_a_period(reads: Reads) -> None:
    facilities = reads(
        "a,TX,,,29.76,-95.37,2001-01-01,2009-12-31",
        "b,TX,,,29.76,-95.37,2009-12-31,2017-11-04",
        "c,TX,,,29.76,-95.37,,",
    )
    both = facilities.in_use(dt.date(2009, 12, 31), dt.date(2009, 12, 31))
    assert both.table["name"].tolist() == ["a", "b"]
    assert both.notes[-1].endswith("2 facilities; 1 without days of use left out")
    assert both.used_between == (dt.date(2009, 12, 31), dt.date(2009, 12, 31))
    assert (both.undated, facilities.used_between, facilities.undated) == (1, None, 0)
    assert facilities.in_use(dt.date(2010, 1, 1), dt.date(2024, 1, 1)).table.index.tolist() == [3]
    with pytest.raises(InputError, match=r"2025-12-31; the last use known is of 2017-11-04"):
        facilities.in_use(dt.date(2025, 1, 1), dt.date(2025, 12, 31))


@pytest.mark.parametrize(
    ("rows", "header", "message"),
    [
        (["x,TX"], "name,state\n", "expected one of lat, latitude"),
        (["x,ONTARIO,,,1,1,,"], HEADER, "row 2: found state 'ONTARIO'"),
        (["x,TX,,,north,1,,"], HEADER, "row 2: found latitude 'north'"),
        (["x,TX,,,91,1,,"], HEADER, "degrees between -90 and 90"),
        (["x,TX,,,29,inf,,"], HEADER, "found longitude 'inf'"),
        (["x,TX,,,29,-95,31/1/2020,1/31/2020"], HEADER, "the day first"),
    ],
)
def test_bad_lists(reads: Reads, rows: list[str], header: str, message: str) -> None:
    with pytest.raises(InputError, match=r"rooms\.csv") as caught:
        reads(*rows, header=header)
    assert message in str(caught.value)


def test_every_problem_at_once(reads: Reads) -> None:
    with pytest.raises(InputError) as caught:
        reads("x,ONTARIO,,,north,1,31/1/2020,1/31/2020", "y,TX,,,1,east,,")
    assert len(caught.value.problems) == 4


places = st.tuples(st.floats(-80, 80), st.floats(-180, 180))


@settings(max_examples=25)
@given(st.lists(places, min_size=1, max_size=30), st.lists(places, min_size=1, max_size=10))
def test_the_nearest_is_the_nearest_on_the_ellipsoid(
    facilities: list[tuple[float, float]], middles: list[tuple[float, float]]
) -> None:
    centers = pd.DataFrame(middles, columns=["latitude", "longitude"])
    found = distance_to_nearest(at(*facilities), centers=centers)
    geod = Geod(ellps="WGS84")
    for (north, east), km in zip(middles, found["km"], strict=True):
        each = [geod.inv(east, north, lon, lat)[2] / 1_000 for lat, lon in facilities]
        assert km == pytest.approx(min(each), abs=1e-6)


def test_known_distances() -> None:
    """Vincenty's distances from JFK to LHR and CDG, as GeographicLib gives them."""
    centers = pd.DataFrame({"latitude": [40.6], "longitude": [-73.8]}, index=["JFK"])
    london, paris = (51.6, -0.5), (49.01666667, 2.55)
    found = distance_to_nearest(at(paris, london), centers=centers)
    assert found.loc["JFK", "km"] == pytest.approx(5_551.759, abs=1e-3)  # GeographicLib's example
    assert found.loc["JFK", "nearest"] == 1


def test_distances_without_any_place() -> None:
    centers = pd.DataFrame({"latitude": [30.0, np.nan], "longitude": [-95.0, np.nan]})
    found = distance_to_nearest(at((30, -95), (np.nan, np.nan)), centers=centers)
    assert found["km"].tolist() == pytest.approx([0, np.nan], nan_ok=True)
    assert found["nearest"].isna().tolist() == [False, True]
    with pytest.raises(InputError, match=r"a\.csv: found no facility with coordinates"):
        distance_to_nearest(at((np.nan, np.nan)))


def test_centroids_lie_where_the_counties_lie() -> None:
    centers, counties = county_centers(), load_counties()
    assert centers.index.equals(counties.index)
    assert centers.notna().all(axis=None)
    # The Aleutians cross the line of dates; their middle does not lie in the Atlantic.
    assert centers["longitude"].abs()["02016"] > 165
    inland = counties[counties["state"] == "KS"]
    middles = centers.loc[inland.index]
    bounds = inland.bounds
    assert middles["longitude"].between(bounds["minx"], bounds["maxx"]).all()
    assert middles["latitude"].between(bounds["miny"], bounds["maxy"]).all()


def test_centers_of_population_are_carried_by_residents(tmp_path: Path) -> None:
    path = tmp_path / "centers.csv"
    path.write_text(
        "STATEFP,COUNTYFP,COUNAME,POPULATION,LATITUDE,LONGITUDE\n"
        "02,063,Chugach,300,+60.0,-146.0\n02,066,Copper River,100,+62.0,-145.0\n",
        encoding="utf-8",
    )
    assert read_population_centers(path).loc[["02261"]].to_numpy().tolist() == [[60.5, -145.75]]


def test_centers_as_the_bureau_gives_them(tmp_path: Path) -> None:
    path = tmp_path / "CenPop2020_Mean_CO.txt"
    path.write_text(
        "\ufeffSTATEFP,COUNTYFP,COUNAME,STNAME,POPULATION,LATITUDE,LONGITUDE\n"
        "35,013,Do\u00f1a Ana,New Mexico,219561,+32.277186,-106.757092\n",
        encoding="utf-8",
    )
    centers = read_population_centers(path)
    assert centers.loc[["35013"]].to_numpy().tolist() == [[32.277186, -106.757092]]


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (["01,001,5,-86.494165,32.500389"], "row 2: found coordinates exchanged"),
        (
            ["01,001,5,32.500389,86.494165", "01,003,5,30.548923,87.762381"],
            "rows 2, 3: found coordinates east of Greenwich: the minus sign is missing",
        ),
        (["01,001,5,30.548923,-87.762381"], "row 2: found coordinates far outside their counties"),
        (["09,110,5,32.5,-86.5"], "row 2: found coordinates far outside"),
        (["01,001,5,132.5,-86.5"], "row 2: found coordinates far outside"),
    ],
)
def test_centers_must_lie_in_their_counties(tmp_path: Path, rows: list[str], message: str) -> None:
    path = tmp_path / "centers.csv"
    lines = ["STATEFP,COUNTYFP,POPULATION,LATITUDE,LONGITUDE", *rows]
    path.write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_population_centers(path)
    assert message in str(caught.value)
    assert "expected centers at most 10 km outside their counties" in str(caught.value)


def test_centroids_of_all_counties_pass_for_centers(tmp_path: Path) -> None:
    table = county_centers().reset_index().assign(population=1)
    table.to_csv(tmp_path / "centers.csv", index=False)
    assert len(read_population_centers(tmp_path / "centers.csv")) == len(table)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("STATEFP,COUNTYFP,LATITUDE\n1,1,2\n", "one of population"),
        (
            "STATEFP,COUNTYFP,POPULATION,LATITUDE,LONGITUDE\n1,1,5,x,3\n",
            "row 2: found latitude 'x'",
        ),
        ("STATEFP,COUNTYFP,POPULATION,LATITUDE,LONGITUDE\n1,2,5,1,3\n", "county code '01002'"),
    ],
)
def test_bad_centers(tmp_path: Path, content: str, message: str) -> None:
    path = tmp_path / "centers.csv"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_population_centers(path)
    assert message in str(caught.value)


def test_real_detention_facilities(shared_data: Path) -> None:
    path = shared_data / "real" / "facilities" / "detention_facilities_1978_2017.csv"
    facilities = read_facilities(path)
    table = facilities.table
    assert len(table) == 1_479
    assert facilities.problems.empty
    assert (table["state"] == table["county_fips"].map(load_counties()["state"])).all()
    # The day comes first: a file of November 2017 holds none later.
    assert table["last_used"].max() == pd.Timestamp("2017-11-04")
    assert table["latitude"].isna().sum() == 11  # 7 without, 4 in another state
    rikers = table[table["name"].str.startswith("RIKERS")].iloc[0]
    assert rikers["county_fips"] == "36005"  # the Bronx, not the Queens of its name


def test_real_hold_rooms(shared_data: Path) -> None:
    facilities = read_facilities(shared_data / "real" / "facilities" / "hold_facilities.csv")
    told = facilities.table["told_by"].value_counts().to_dict()
    assert told == {"coordinates": 108, "name": 25, "county": 7, "city": 5, "": 3}
    assert sum(told.values()) == 148
    km = distance_to_nearest(facilities)["km"]
    assert km.notna().all()
    rooms = facilities.table.dropna(subset="latitude")["county_fips"]
    assert km[rooms].median() < 30
    assert km.median() > 100
