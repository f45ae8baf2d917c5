"""States, however written, and the projections in which they are measured."""

import pandas as pd
import pyproj
import pytest
from hypothesis import given
from hypothesis import strategies as st

from boundaries import (
    CONTERMINOUS_CRS,
    OUTLYING,
    BoundaryError,
    analysis_crs,
    load_counties,
    load_states,
    project_for_analysis,
    state_codes,
)

STATES = load_states()
WRITTEN = {code: [code, row["name"], row["state_fips"]] for code, row in STATES.iterrows()}
SWAINS_ISLAND = "60040"
MARGIN_DEGREES = 0.1  # Alaska's area of use ends 9 km short of its southernmost rock


def code_of(name: str | None) -> str | None:
    code = state_codes(pd.Series([name], dtype="object")).iloc[0]
    return None if pd.isna(code) else str(code)


def test_there_are_56_states_and_territories() -> None:
    assert len(STATES) == 56
    assert STATES.index.name == "state"
    assert STATES.index.is_unique
    assert STATES["state_fips"].is_unique


@given(code=st.sampled_from(sorted(WRITTEN)), data=st.data())
def test_case_and_blanks_do_not_matter(code: str, data: st.DataObject) -> None:
    word = data.draw(st.sampled_from(WRITTEN[code]))
    word = data.draw(st.sampled_from([word, word.upper(), word.lower(), word.title()]))
    left, right = (
        data.draw(st.sampled_from(["", " ", "\t", "\u00a0"])),
        data.draw(st.sampled_from(["", " ", "\n"])),
    )
    assert code_of(f"{left}{word}{right}") == code


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("D.C.", "DC"),
        ("Washington, D.C.", "DC"),
        ("Washington", "WA"),
        ("6", "CA"),
        ("U.S. Virgin Islands", "VI"),
        ("Virgin Islands, U.S.", "VI"),
        ("Northern Mariana Islands", "MP"),
        ("Commonwealth of the Northern Mariana Islands", "MP"),
        ("New-York", "NY"),
    ],
)
def test_other_spellings(written: str, code: str) -> None:
    assert code_of(written) == code


@pytest.mark.parametrize(
    "written",
    ["", " ", None, "nan", "Ontario", "TXX", "00", "0", "99", "066", "4-8-0", "Total", "٤٨"],
)
def test_what_is_no_state_is_missing(written: str | None) -> None:
    assert code_of(written) is None


def test_codes_keep_the_index_and_the_input() -> None:
    names = pd.Series(["Texas", "nowhere", "Texas"], index=["b", "b", "a"])
    codes = state_codes(names)
    assert codes.index.tolist() == ["b", "b", "a"]
    assert codes.isna().tolist() == [False, True, False]
    assert names.tolist() == ["Texas", "nowhere", "Texas"]


def test_no_states_give_no_codes() -> None:
    assert state_codes(pd.Series([], dtype="str")).tolist() == []


@pytest.mark.parametrize("state", STATES.index)
def test_projection_covers_the_state(state: str) -> None:
    crs = pyproj.CRS(analysis_crs(state))
    assert [axis.unit_name for axis in crs.axis_info] == ["metre", "metre"]
    counties = load_counties()
    parts = counties[counties["state"] == state].drop(SWAINS_ISLAND, errors="ignore")
    bounds = parts.explode().geometry.bounds
    use = crs.area_of_use
    assert use is not None
    assert (bounds["miny"] >= use.south - MARGIN_DEGREES).all()
    assert (bounds["maxy"] <= use.north + MARGIN_DEGREES).all()
    east_of_west_end = bounds["minx"] >= use.west - MARGIN_DEGREES
    west_of_east_end = bounds["maxx"] <= use.east + MARGIN_DEGREES
    if use.west < use.east:
        assert (east_of_west_end & west_of_east_end).all()
    else:  # Alaska's area of use crosses the 180th meridian
        assert (east_of_west_end | west_of_east_end).all()


def test_the_48_states_share_one_equal_area_projection() -> None:
    inner = [state for state in STATES.index if state not in OUTLYING]
    assert len(inner) == 49
    assert {analysis_crs(state) for state in inner} == {CONTERMINOUS_CRS}


def test_parts_of_the_country_are_not_measured_together() -> None:
    counties = load_counties()
    texas = project_for_analysis(counties[counties["state"] == "TX"])
    assert texas.crs == CONTERMINOUS_CRS
    with pytest.raises(BoundaryError, match=r"EPSG:3338, EPSG:5070.*project each part by itself"):
        project_for_analysis(counties[counties["state"].isin(["AK", "TX"])])
