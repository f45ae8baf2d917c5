"""Names of places and the counties they lie in: counties, cities, facilities, other names."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final, Literal, get_args

import pandas as pd

from boundaries._package_data import read_csv, read_geometry, read_table
from boundaries.vintage import CANONICAL_VINTAGE

__all__ = [
    "Gazetteer",
    "Place",
    "PlaceKind",
    "load_gazetteer",
    "normalise_name",
    "plain_capitals",
    "squash_name",
]

PlaceKind = Literal["county", "city", "facility", "alias"]
_KINDS: Final[tuple[PlaceKind, ...]] = get_args(PlaceKind)

_WRITTEN_OUT: Final = {
    "CNTY": "COUNTY",
    "CTR": "CENTER",
    "CENTRE": "CENTER",
    "FT": "FORT",
    "HTS": "HEIGHTS",
    "MT": "MOUNT",
    "MTN": "MOUNTAIN",
    "PT": "POINT",
    "SPGS": "SPRINGS",
    "ST": "SAINT",
    "STE": "SAINTE",
    "TWP": "TOWNSHIP",
}
"""Words that are abbreviated in one table and written out in the next."""

_INITIALS = re.compile(r"(?<=\b[A-Z])\.(?=[A-Z]\b)")
_NOT_LETTERS = re.compile(r"[^A-Z0-9]+")
_LEGAL_WORD = re.compile(r"(?:^|.* )(County|Parish|Borough|Census Area|Municipality|city)$")


@dataclass(frozen=True)
class Place:
    """One reading of a name.

    Attributes
    ----------
    kind : {"county", "city", "facility", "alias"}
        What bears the name.
    name : str
        The name, as :func:`normalise_name` writes it.
    state : str
        Postal code.
    county_fips : str
        The county (vintage 2019).
    zip_codes : int
        For a city, the number of its ZIP codes in this county; else 1.
    legal_word : str
        For a county, what the law calls it: ``"COUNTY"``, ``"PARISH"``, ``"CITY"``, ...
    """

    kind: PlaceKind
    name: str
    state: str
    county_fips: str
    zip_codes: int = 1
    legal_word: str = ""


@dataclass(frozen=True, repr=False)
class Gazetteer:
    """Names of places, to be looked up without regard to spaces.

    Attributes
    ----------
    places : tuple of Place
        Every reading of every name.
    by_name : mapping of str to mapping of str to tuple of Place
        Readings by kind and squashed name (see :func:`squash_name`).
    """

    places: tuple[Place, ...]
    by_name: Mapping[PlaceKind, Mapping[str, tuple[Place, ...]]]

    def __repr__(self) -> str:
        counts = ", ".join(f"{len(names):,} of kind {kind}" for kind, names in self.by_name.items())
        return f"Gazetteer: names, {counts}"

    def find(self, name: str, *kinds: PlaceKind) -> tuple[Place, ...]:
        """Look a name up.

        Parameters
        ----------
        name : str
            In any spelling.
        *kinds : {"county", "city", "facility", "alias"}
            What may bear it; all kinds if none is named.

        Returns
        -------
        tuple of Place
            Every reading, empty where the name is not known.

        Examples
        --------
        >>> [place.state for place in load_gazetteer().find("De Soto", "county")]
        ['FL', 'LA', 'MS']
        """
        key = squash_name(name)
        return tuple(
            place for kind in kinds or self.by_name for place in self.by_name[kind].get(key, ())
        )

    def to_frame(self) -> pd.DataFrame:
        """Lay the names out as a table.

        Returns
        -------
        pandas.DataFrame
            One row a reading: ``kind``, ``name``, ``state``, ``county_fips``,
            ``zip_codes`` and ``legal_word``.
        """
        return pd.DataFrame([vars(place) for place in self.places])


def load_gazetteer(*, aliases: pd.DataFrame | None = None) -> Gazetteer:
    """Load the names by which records tell places.

    Counties by their names (U.S. Census Bureau); cities by the ZIP codes that bear their
    names (package ``zipcodes``); prisons, jails and detention facilities whose names do
    not tell their county; other names in use.

    Parameters
    ----------
    aliases : pandas.DataFrame, optional
        Names of the user's own: ``name``, ``state`` (postal code) and ``county_fips``.
        They come before every other reading.

    Returns
    -------
    Gazetteer
        Names of the 50 states, the District of Columbia and the territories.

    Examples
    --------
    >>> houston = load_gazetteer().find("Houston", "city")
    >>> [(place.county_fips, place.zip_codes) for place in houston if place.state == "TX"]
    [('48201', 189), ('48157', 1)]
    """
    if aliases is None:
        return _packaged()
    own = [
        Place("alias", normalise_name(name), state, fips)
        for name, state, fips in aliases[["name", "state", "county_fips"]].itertuples(index=False)
    ]
    taken = {(squash_name(place.name), place.state) for place in own}
    others = [
        place
        for place in _packaged().places
        if place.kind != "alias" or (squash_name(place.name), place.state) not in taken
    ]
    return _indexed([*own, *others])


def normalise_name(text: str) -> str:
    """Write a name in plain capitals, abbreviations written out.

    Parameters
    ----------
    text : str
        As found.

    Returns
    -------
    str
        Letters and digits with single spaces.

    Examples
    --------
    >>> normalise_name("St. Mary's"), normalise_name("Doña Ana"), normalise_name("Ft. Wayne")
    ('SAINT MARYS', 'DONA ANA', 'FORT WAYNE')
    """
    words = _NOT_LETTERS.sub(" ", plain_capitals(text)).split()
    return " ".join(_WRITTEN_OUT.get(word, word) for word in words)


def plain_capitals(text: str) -> str:
    """Write a text in plain capitals, its separators kept.

    Parameters
    ----------
    text : str
        As found.

    Returns
    -------
    str
        Without accents and apostrophes, initials joined, the sign & written out.

    Examples
    --------
    >>> plain_capitals("U.S. Marshals - Doña Ana & O'Brien")
    'US. MARSHALS - DONA ANA  AND  OBRIEN'
    """
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().upper()
    plain = plain.replace("'", "").replace("`", "").replace("&", " AND ")
    return _INITIALS.sub("", plain)


def squash_name(name: str) -> str:
    """Write a name without its spaces, so that De Soto and DeSoto are one.

    Parameters
    ----------
    name : str
        In any spelling.

    Returns
    -------
    str
        Letters and digits.

    Examples
    --------
    >>> squash_name("De Soto") == squash_name("DESOTO")
    True
    """
    return normalise_name(name).replace(" ", "")


@cache
def _packaged() -> Gazetteer:
    return _indexed([*_counties(), *_cities(), *_facilities(), *_aliases()])


def _indexed(places: list[Place]) -> Gazetteer:
    by_name: dict[PlaceKind, dict[str, tuple[Place, ...]]] = {kind: {} for kind in _KINDS}
    for place in places:
        names, key = by_name[place.kind], place.name.replace(" ", "")
        names[key] = (*names.get(key, ()), place)
    return Gazetteer(places=tuple(places), by_name=by_name)


def _counties() -> list[Place]:
    counties = read_geometry(f"counties_{CANONICAL_VINTAGE}")
    columns = zip(
        counties.index, counties["name"], counties["legal_name"], counties["state"], strict=True
    )
    return [
        Place("county", normalise_name(name), state, fips, legal_word=_legal_word(legal))
        for fips, name, legal, state in columns
    ]


def _legal_word(legal_name: str) -> str:
    match = _LEGAL_WORD.match(legal_name)
    return match[1].upper() if match else "COUNTY"


def _cities() -> list[Place]:
    cities = read_table("cities").sort_values(
        ["state", "name", "zip_codes", "county_fips"], ascending=[True, True, False, True]
    )
    columns = zip(
        cities["name"], cities["state"], cities["county_fips"], cities["zip_codes"], strict=True
    )
    return [Place("city", name, state, fips, zips) for name, state, fips, zips in columns]


def _facilities() -> list[Place]:
    table = read_csv("facilities")
    columns = zip(table["name"], table["state"], table["county_fips"], strict=True)
    return [Place("facility", normalise_name(name), state, fips) for name, state, fips in columns]


def _aliases() -> list[Place]:
    table = read_csv("place_aliases")
    columns = zip(table["name"], table["state"], table["county_fips"], strict=True)
    return [Place("alias", normalise_name(name), state, fips) for name, state, fips in columns]
