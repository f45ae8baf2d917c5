"""Names of counties, as lists of agencies and facilities write them, and their codes of 2019."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Final

from boundaries import county_codes, load_counties, load_county_shares, load_gazetteer, squash_name

_SEVERAL = re.compile(r"\s*[;,/]\s*")
_LEGAL_WORDS: Final = (
    "COUNTY",
    "PARISH",
    "BOROUGH",
    "CENSUSAREA",
    "MUNICIPALITY",
    "MUNICIPIO",
)
_NOT_A_COUNTY: Final = frozenset(
    {"", "NOTSPECIFIED", "UNMAPPEDCOUNTY", "STATEWIDE", "NA", "NULL", "NONE", "UNKNOWN", "NAN"}
)
_RENAMED: Final[Mapping[tuple[str, str], str]] = {
    # Names that counties of 2019 bore before.
    ("AK", "WADEHAMPTON"): "02158",
    ("FL", "DADE"): "12086",
    ("SD", "SHANNON"): "46102",
    ("VA", "BEDFORDCITY"): "51019",
}
_REGION: Final = "PLANNINGREGION"


@cache
def names_a_county(text: str) -> bool:
    """Tell whether a cell names a county at all."""
    return squash_name(text) not in _NOT_A_COUNTY


def split_names(text: str) -> list[str]:
    """Take the names of several counties in one cell apart."""
    return [name for name in _SEVERAL.split(text.strip()) if name]


@cache
def county_of(name: str, state: str) -> str | None:
    """Find the county that bears a name in a state.

    A name that a county and a city of its own share (Baltimore, Fairfax, St. Louis) is
    the county's; the city's is written with the word "city".
    """
    key = squash_name(name)
    counties = _by_name()
    for legal_word in ("", *_LEGAL_WORDS):
        plain = (state, key.removesuffix(legal_word))
        if key.endswith(legal_word) and (plain in counties or plain in _RENAMED):
            return counties.get(plain) or _RENAMED[plain]
    city = _independent_cities().get((state, key.removesuffix("CITY")))
    return city or areas_within().get(_later_areas().get((state, key.removesuffix(_REGION)), ""))


@cache
def areas_within() -> Mapping[str, str]:
    """List the areas of other years that lie in one county of 2019 as a whole."""
    shares = load_county_shares()
    whole = shares[shares["share"] == 1]
    return dict(zip(whole["fips"], whole["county_fips"], strict=True))


@cache
def _later_areas() -> Mapping[tuple[str, str], str]:
    """Index the areas of 2023 that were no counties in 2019 by state and name."""
    later = load_counties(vintage=2023)
    later = later[~later.index.isin(county_codes(2019))]
    columns = zip(later["state"], later["name"], later.index, strict=True)
    return {(state, squash_name(name)): fips for state, name, fips in columns}


@cache
def only_county(state: str) -> str | None:
    """Give the county of a state that has only one, as the District of Columbia."""
    counties = load_counties()
    codes = counties.index[counties["state"] == state]
    return str(codes[0]) if len(codes) == 1 else None


def is_planning_region(name: str) -> bool:
    """Tell Connecticut's planning regions, which took the place of its counties in 2022."""
    return squash_name(name).endswith(_REGION)


def county_of_town(town: str, state: str) -> str | None:
    """Find the one county in which a town lies, as its ZIP codes tell."""
    places = load_gazetteer().find(re.sub(r"(?i)\s+town$", "", town), "city", "alias")
    codes = {place.county_fips for place in places if place.state == state}
    return codes.pop() if len(codes) == 1 else None


@cache
def _by_name() -> dict[tuple[str, str], str]:
    """Index counties by state and name; of two of one name, the one that is no city."""
    counties = load_counties()
    cities = counties["legal_name"].str.endswith(" city")
    ordered = counties.assign(city=cities).sort_values("city", ascending=False, kind="stable")
    columns = zip(ordered["state"], ordered["name"], ordered.index, strict=True)
    return {(state, squash_name(name)): fips for state, name, fips in columns}


@cache
def _independent_cities() -> dict[tuple[str, str], str]:
    counties = load_counties()
    cities = counties[counties["legal_name"].str.endswith(" city")]
    columns = zip(cities["state"], cities["name"], cities.index, strict=True)
    return {(state, squash_name(name)): fips for state, name, fips in columns}
