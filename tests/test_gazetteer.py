"""Names of places: normalising, looking up, the packaged tables."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from boundaries import load_counties, load_gazetteer, normalise_name, squash_name


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("St. Mary's", "SAINT MARYS"),
        ("Ft. Payne", "FORT PAYNE"),
        ("Doña Ana", "DONA ANA"),
        ("Prince George's", "PRINCE GEORGES"),
        ("U.S. Marshals", "US MARSHALS"),
        ("  de   soto ", "DE SOTO"),
        ("Miami-Dade", "MIAMI DADE"),
        ("", ""),
    ],
)
def test_names_are_written_in_plain_capitals(text: str, name: str) -> None:
    assert normalise_name(text) == name


@given(st.text(max_size=60))
def test_normalising_again_changes_nothing(text: str) -> None:
    name = normalise_name(text)
    assert normalise_name(name) == name
    assert squash_name(text) == name.replace(" ", "")


def test_every_county_is_found_by_its_name() -> None:
    gazetteer, counties = load_gazetteer(), load_counties()
    for fips, name, state in zip(counties.index, counties["name"], counties["state"], strict=True):
        found = gazetteer.find(name, "county")
        assert (state, fips) in {(place.state, place.county_fips) for place in found}


def test_spaces_do_not_matter() -> None:
    gazetteer = load_gazetteer()
    for one, other in (("De Soto", "DESOTO"), ("LaSalle", "La Salle"), ("DeKalb", "DE KALB")):
        assert gazetteer.find(one, "county") == gazetteer.find(other, "county") != ()


def test_a_city_over_several_counties_has_its_main_one_first() -> None:
    houston = [p for p in load_gazetteer().find("HOUSTON", "city") if p.state == "TX"]
    assert [place.county_fips for place in houston] == ["48201", "48157"]
    assert houston[0].zip_codes > 50 * houston[1].zip_codes


def test_legal_words_tell_counties_cities_and_parishes_apart() -> None:
    gazetteer = load_gazetteer()
    baltimore = {
        place.county_fips: place.legal_word for place in gazetteer.find("Baltimore", "county")
    }
    assert baltimore == {"24005": "COUNTY", "24510": "CITY"}
    assert {p.legal_word for p in gazetteer.find("Caddo", "county")} == {"COUNTY", "PARISH"}


def test_every_packaged_place_lies_in_its_state() -> None:
    counties = load_counties()
    table = load_gazetteer().to_frame()
    assert set(table["kind"]) == {"county", "city", "facility", "alias"}
    assert table["county_fips"].map(counties["state"]).eq(table["state"]).all()
    assert table["name"].eq(table["name"].map(normalise_name)).all()
    assert not table.duplicated(["kind", "name", "state", "county_fips"]).any()
    facilities = table[table["kind"] == "facility"]
    assert len(facilities) > 3_000


def test_names_of_the_user_come_in_place_of_ours() -> None:
    own = pd.DataFrame(
        {
            "name": ["The Old Mill", "Jeff Davis"],
            "state": ["AL", "LA"],
            "county_fips": ["01081"] * 2,
        }
    )
    gazetteer = load_gazetteer(aliases=own)
    assert [place.county_fips for place in gazetteer.find("OLD  MILL")] == []
    assert [place.county_fips for place in gazetteer.find("the old mill")] == ["01081"]
    assert [p.county_fips for p in gazetteer.find("JEFF DAVIS", "alias")] == ["01081"]
    assert [p.county_fips for p in load_gazetteer().find("JEFF DAVIS", "alias")] == ["22053"]
    assert repr(gazetteer).startswith("Gazetteer: names, ")
