"""Counties that a county's name, an agency's name or a city's name stand for."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Final

from rapidfuzz.distance import OSA

from boundaries import load_counties, load_gazetteer, squash_name
from geo._county_names import county_of

NO_NAME: Final = frozenset({"", "#n/a", "#na", "n/a", "na", "nan", "none", "null", "-"})
"""What stands in a cell, in small letters, where no county is named."""

ANOTHER: Final = "the county named is"
"""How a doubt begins where an agency's own county is not the county named beside it."""

ELSEWHERE: Final = "the city's ZIP codes lie in"
"""How a doubt begins where an agency's city is known in another county than the one named."""

_MOSTLY: Final = 0.75
"""Share of a city's ZIP codes that lie in the county for which the city may stand."""

_LONG: Final = 6  # letters from which on two may be wrong
_OF_A_COUNTY = re.compile(r"(?i)^(?:office of the )?(.+? (county|parish|borough))\b")
_STATE_OF: Final = {"parish": "LA", "borough": "AK"}
"""Where these words are counties: Pennsylvania's boroughs are towns."""

_OF_A_CITY = re.compile(
    r"(?i)^(.+?)\s+(?:police|department of public safety|public safety|constable|marshal)"
)
_CODE = re.compile(r"\b\d{5}\b")
_LEGAL_WORD = re.compile(r"(?i) (?:county|parish|borough)$")
_OFFICE = re.compile(r"(?i)^(?:city|town|village) of | (?:borough|village|city)$")


@dataclass(frozen=True)
class Reading:
    """The county that a row names, how it was told, and what speaks against it."""

    county_fips: str = ""
    told_by: str = ""
    doubt: str = ""


def read_place(county: str, agency: str, state: str) -> Reading:
    """Tell the county of an agency by its county's name, else by its own name.

    A name of a county in the state is taken as it stands, unless the agency's own name is
    another county's: a county's sheriff acts in the sheriff's own county, and the cell
    beside is the slip. If it is that of a city none of whose ZIP codes lie in the county
    named, the column stands, in doubt: two places of a state may bear one name. A name
    that no county bears is the county that differs from it by a letter or two, if there is
    one such county and the agency's own name does not tell another. Without a name, the
    agency's own is read: a county's, or that of a city whose ZIP codes lie in one county,
    or three in four.
    """
    named = "" if county.strip().casefold() in NO_NAME else county.strip()
    exact = county_of(named, state) if named else None
    own = county_of_agency(agency, state)
    if exact is not None:
        if own.told_by == "agency" and own.county_fips != exact:
            return Reading(own.county_fips, "agency", f"{ANOTHER} {exact}, {named!r}")
        elsewhere = own.told_by == "city" and exact not in (
            own.county_fips,
            *_CODE.findall(own.doubt),
        )
        return Reading(exact, "county", f"{ELSEWHERE} {own.county_fips}" if elsewhere else "")
    if not named:
        return own
    none, alike = f"{named!r} is no county of {state}", counties_alike(named, state)
    if own.county_fips and own.county_fips not in alike:
        return Reading(own.county_fips, own.told_by, none)
    nearest = own.county_fips or (alike[0] if len(alike) == 1 else "")
    if nearest:
        return Reading(nearest, "county misspelt", none)
    several = f", but like {' and '.join(alike)}" if alike else ""
    return Reading(doubt=f"{none}{several}")


def county_of_agency(agency: str, state: str) -> Reading:
    """Tell the county that an agency bears in its name, or that of its city."""
    county = _OF_A_COUNTY.match(agency)
    if county and _STATE_OF.get(county[2].casefold(), state) == state:
        found = county_of(county[1], state)
        if found:
            return Reading(found, "agency")
    city = _OF_A_CITY.match(agency)
    if city is None:
        return Reading(doubt="neither a county nor a city is named")
    for name in dict.fromkeys([city[1], _OFFICE.sub("", city[1])]):
        reading = county_of_city(name, state)
        if reading.county_fips or "several" in reading.doubt:
            return reading
    return Reading(doubt=f"no city {city[1]!r} is known in {state}")


def county_of_city(name: str, state: str) -> Reading:
    """Tell the county in which most of a city lies, by its ZIP codes."""
    places = [place for place in load_gazetteer().find(name, "city") if place.state == state]
    zips: dict[str, int] = {}
    for place in places:
        zips[place.county_fips] = zips.get(place.county_fips, 0) + place.zip_codes
    if not zips:
        return Reading(doubt=f"no city {name!r} is known in {state}")
    most = max(sorted(zips), key=zips.__getitem__)
    if len(zips) == 1:
        return Reading(most, "city")
    listed = ", ".join(f"{code} ({count} ZIP codes)" for code, count in sorted(zips.items()))
    if zips[most] >= _MOSTLY * sum(zips.values()):
        return Reading(most, "city", f"{name} lies in {listed}")
    return Reading(doubt=f"{name} lies in several counties: {listed}")


@cache
def counties_alike(name: str, state: str) -> tuple[str, ...]:
    """List the counties whose names are nearest to a misspelt one, a letter or two away."""
    distances: dict[str, int] = {}
    for key in {squash_name(name), squash_name(_LEGAL_WORD.sub("", name))}:
        for spelling, fips in _spellings(state):
            allowed = 2 if min(len(key), len(spelling)) >= _LONG else 1
            distance = OSA.distance(key, spelling)
            # Misspellings keep the first letter; Hall and Falls are two counties.
            if distance <= allowed and spelling[:1] == key[:1]:
                distances[fips] = min(distance, distances.get(fips, distance))
    return tuple(
        sorted(fips for fips, each in distances.items() if each == min(distances.values()))
    )


@cache
def _spellings(state: str) -> tuple[tuple[str, str], ...]:
    """List a state's counties by name, with and without what the law calls them."""
    counties = load_counties()
    counties = counties[counties["state"] == state]
    return tuple(
        (squash_name(spelling), str(fips))
        for names in (counties["name"], counties["legal_name"])
        for fips, spelling in names.items()
    )
