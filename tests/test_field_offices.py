"""Field offices, their spellings, and the counties they are responsible for."""

import re
from pathlib import Path
from random import Random

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from boundaries import (
    HEADQUARTERS,
    VINTAGES,
    Vintage,
    load_areas_of_responsibility,
    load_counties,
    load_field_offices,
    load_states,
    office_codes,
)

OFFICES = load_field_offices()


def code_of(name: str | None) -> str | None:
    code = office_codes(pd.Series([name], dtype="object")).iloc[0]
    return None if pd.isna(code) else str(code)


def letters(name: str) -> str:
    """Make "De Witt" and "DeWitt" the same."""
    return re.sub(r"[^a-z]", "", name.casefold())


def stated_offices(path: Path) -> dict[str, list[str]]:
    """List the offices that the Deportation Data Project's table gives each county."""
    table = pd.read_csv(path, skipinitialspace=True, keep_default_na=False, dtype=str)
    counties, states = load_counties(), load_states()
    postal = dict(zip(states["name"], states.index, strict=True))
    postal["Northern Mariana Islands"] = "MP"
    postal["Virgin Islands"] = "VI"
    offices: dict[str, list[str]] = {code: [] for code in counties.index}
    for row in table.itertuples():
        inside = counties[counties["state"] == postal[str(row.state_name)]]
        if row.county_name:
            wanted = letters(str(row.county_name))
            inside = inside[inside["name"].map(letters) == wanted]
            assert len(inside) == 1, row
        code = code_of(str(row.office_name))
        assert code is not None, row
        for fips in inside.index:
            offices[fips].append(code)
    return offices


def test_there_are_25_offices() -> None:
    assert len(OFFICES) == 25
    assert OFFICES.index.is_unique
    assert OFFICES["name"].is_unique


def test_offices_stand_in_the_middle_of_their_cities() -> None:
    assert list(OFFICES.loc["SPM", ["longitude", "latitude"]]) == [-93.09, 44.94]
    assert OFFICES[["longitude", "latitude"]].notna().all(axis=None)
    assert OFFICES.index.str.fullmatch(r"[A-Z]{3}").all()


def test_harlingen_exists_since_fiscal_year_2022() -> None:
    assert OFFICES.loc["HLG", "valid_from"] == pd.Timestamp("2021-10-01")
    assert OFFICES["valid_to"].isna().all()


def test_areas_are_those_of_the_deportation_data_project(shared_data: Path) -> None:
    stated = stated_offices(shared_data / "real" / "arrests" / "areas_of_responsibility.csv")
    ours = load_areas_of_responsibility()
    differing = {
        code: (offices, ours.get(code))
        for code, offices in stated.items()
        if offices != ([ours[code]] if code in ours.index else [])
    }
    assert differing == {}


@pytest.mark.parametrize("vintage", VINTAGES)
def test_every_county_has_one_office_and_american_samoa_none(vintage: Vintage) -> None:
    areas = load_areas_of_responsibility(vintage=vintage)
    counties = load_counties(vintage=vintage)
    assert areas.index.is_unique
    assert set(areas.index) == set(counties.index[counties["state"] != "AS"])
    assert set(areas) == set(OFFICES.index)
    assert counties["aor"].dropna().to_dict() == areas.to_dict()


@pytest.mark.parametrize(
    ("state", "counts"),
    [
        ("TX", {"DAL": 128, "HOU": 57, "SNA": 36, "ELP": 18, "HLG": 15}),
        ("NY", {"BUF": 48, "NYC": 14}),
        ("CA", {"SFR": 49, "LOS": 7, "SND": 2}),
        ("GU", {"SFR": 1}),
        ("MP", {"SFR": 4}),
        ("PR", {"MIA": 78}),
        ("VI", {"MIA": 3}),
        ("CT", {"BOS": 8}),
    ],
)
def test_counties_of_each_office_by_state(state: str, counts: dict[str, int]) -> None:
    counties = load_counties()
    assert counties.loc[counties["state"] == state, "aor"].value_counts().to_dict() == counts


@pytest.mark.parametrize("code", OFFICES.index)
@pytest.mark.parametrize(
    "pattern",
    [
        "{}",
        "{} Area of Responsibility",
        "{} Field Office",
        "{} AOR",
        "  {}\t",
        "{} field office area of responsibility",
    ],
)
def test_names_and_codes_of_every_office(code: str, pattern: str) -> None:
    for written in (str(OFFICES.loc[code, "name"]), code):
        for word in (written, written.upper(), written.lower()):
            assert code_of(pattern.format(word)) == code


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("St. Paul", "SPM"),
        ("St Paul", "SPM"),
        ("Saint Paul", "SPM"),
        ("St. Paul/Minneapolis", "SPM"),
        ("ST. PAUL AREA OF RESPONSIBILITY", "SPM"),
        ("New York Field Office", "NYC"),
        ("New York City Area of Responsibility", "NYC"),
        ("Washington, D.C.", "WAS"),
        ("HQ", HEADQUARTERS),
        ("HQ Area of Responsibility", HEADQUARTERS),
        ("Headquarters", HEADQUARTERS),
    ],
)
def test_other_spellings(written: str, code: str) -> None:
    assert code_of(written) == code


@pytest.mark.parametrize(
    "written", ["", None, "Paris", "Area of Responsibility", "Dallas and Houston", "Total", "York"]
)
def test_what_is_no_office_is_missing(written: str | None) -> None:
    assert code_of(written) is None


@given(st.lists(st.sampled_from([*OFFICES["name"], "Paris"]), max_size=8), st.randoms())
def test_rows_do_not_influence_each_other(names: list[str], chance: Random) -> None:
    order = list(range(len(names)))
    chance.shuffle(order)
    column = pd.Series(names, dtype="str")
    pd.testing.assert_series_equal(office_codes(column[order]), office_codes(column)[order])


def test_changing_a_loaded_table_changes_no_other() -> None:
    offices, areas = load_field_offices(), load_areas_of_responsibility()
    offices.loc["SPM", "name"] = "Atlantis"
    areas["48201"] = "XXX"
    assert load_field_offices().loc["SPM", "name"] == "St. Paul"
    assert load_areas_of_responsibility()["48201"] == "HOU"
