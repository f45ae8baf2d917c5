"""Rules by which a landmark's words name places, the firmest first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import pairwise
from typing import Final, Literal

from boundaries import Gazetteer, Place
from geo.landmarks._names import NamePool
from geo.landmarks._scope import Scope
from geo.landmarks._text import (
    IsName,
    LandmarkText,
    Run,
    county_before,
    runs,
    state_names,
    written_key,
)
from geo.landmarks._words import (
    CITY_WORDS,
    COMMON_WORDS,
    COUNTY_WORDS,
    DESIGNATORS,
    DIRECTIONS,
    GENERIC_WORDS,
    INSTITUTION_WORDS,
    NOT_PRISON,
    PLURALS,
    PRISON_WORDS,
)

_MAIN_COUNTY: Final = 0.5
"""Share of a city's ZIP codes that makes a county its main one."""

_IN_ONE_COUNTY: Final = 0.8
"""The same where a prison or jail of the city is meant, which may stand at its edge."""

_ALIKE: Final = 0.75
"""Least similarity of a misspelt county or facility to the name that is meant."""

_ALIKE_BARE: Final = 0.85
"""The same for cities and names that stand alone: more names are nearly alike."""

_ALIKE_ELSEWHERE: Final = 0.87
"""The same where the text is the exact name of a place in another state."""

_ALIKE_NAMED: Final = 0.8
"""The same for counties, where the text names the state, too."""

_ELSEWHERE: Final = 0.0
"""Mark of a city that lies elsewhere: any other reading comes first."""

_COMMON: Final = GENERIC_WORDS | DIRECTIONS | COMMON_WORDS
"""Words that tell no facility by themselves."""

_PLACES: Final[tuple[Literal["city", "county"], ...]] = ("city", "county")
_LARGE: Final = 3
"""ZIP codes of a city that is too well known to be another's name misspelt."""

_SHORTEST_CITY: Final = 7
_SHORTEST_FACILITY: Final = 8
_SHORTEST_CORE: Final = 4
_CODE_LETTERS: Final = 3
_CITY_WORDS_AT_MOST: Final = 3


@dataclass(frozen=True)
class Match:
    """Places that words of the text may mean, by one rule.

    ``firm`` tells whether the match also shows that a place lies elsewhere, where none
    that fits lies within; ``share`` is the part of a city that must lie in one county.
    """

    rule: str
    matched: str
    places: tuple[Place, ...]
    mark: float
    firm: bool = False
    share: float = _MAIN_COUNTY


@dataclass(frozen=True)
class Case:
    """A landmark, the scope in which it is read, and what may be names in it."""

    text: LandmarkText
    scope: Scope
    is_name: IsName

    @cached_property
    def runs(self) -> list[Run]:
        """Find what may be names of cities and counties."""
        return runs(self.text, self.is_name)


class LandmarkRules:
    """The rules, with the names that they look for."""

    def __init__(self, gazetteer: Gazetteer) -> None:
        self._counties, self._cities = gazetteer.by_name["county"], gazetteer.by_name["city"]
        self._aliases = _as_written(gazetteer, "alias")
        self._whole_facilities = _as_written(gazetteer, "facility")
        self._cores = _facility_cores(gazetteer)
        self._by_state = _names_by_state(gazetteer, self._cores)
        self._pool = cache(self._gather)

    def case(self, text: LandmarkText, scope: Scope) -> Case:
        """Put a text and a scope together."""

        def is_name(name: str) -> bool:
            places = (*self.cities_and_counties(name), *self._cores.get(_key(name), ()))
            return any(scope.holds(place) for place in places)

        return Case(text, scope, is_name)

    def is_county(self, name: str) -> bool:
        """Tell whether a county anywhere bears a name."""
        return _key(name) in self._counties

    def is_place(self, name: str) -> bool:
        """Tell whether a city or county anywhere bears a name."""
        return _key(name) in self._counties or _key(name) in self._cities

    def counties(self, name: str) -> tuple[Place, ...]:
        """Look counties up."""
        return self._counties.get(_key(name), ())

    def cities(self, name: str) -> tuple[Place, ...]:
        """Look cities up."""
        return self._cities.get(_key(name), ())

    def cities_and_counties(self, name: str) -> tuple[Place, ...]:
        """Look cities and counties up."""
        return (*self.cities(name), *self.counties(name))

    def matches(self, case: Case) -> Iterator[Match]:
        """Walk the matches of all rules; the first that fits the record decides."""
        yield from self._names_of_users(case.text)
        yield from self._whole_facilities_of(case)
        yield from self._pairs(case)
        yield from self._designated_counties(case)
        if case.text.non_place:
            yield from self._counties_of_areas(case)
            return
        yield from self._facilities(case)
        yield from self._several_counties(case)
        found = [match for run in case.runs for match in self._named(case, run)]
        yield from sorted(found, key=lambda match: -match.mark)
        yield from self._misspelt(case)

    def _names_of_users(self, text: LandmarkText) -> Iterator[Match]:
        """Find aliases: the user's own and ours."""
        for name in text.names:
            if name in self._aliases:
                places = self._aliases[name]
                yield Match("alias", places[0].name, places, 0.97)

    def _whole_facilities_of(self, case: Case) -> Iterator[Match]:
        """Find facilities by their whole names.

        A name of common words only (CENTRAL STATE HOSPITAL) is one facility's within a
        known state; a name that holds no word for a prison or the like needs one beside it.
        """
        for name in case.text.names:
            if name not in self._whole_facilities:
                continue
            places = self._whole_facilities[name]
            words = places[0].name.split()
            beside = not INSTITUTION_WORDS.isdisjoint(case.text.written)
            common = set(words) <= _COMMON
            told = beside or not GENERIC_WORDS.isdisjoint(words)
            if len(words) > 1 and told and (case.scope.states or not common):
                one_state = len({place.state for place in places}) == 1
                rest = " ".join(word for word in words if word not in GENERIC_WORDS)
                firm = one_state and not common and not self.is_place(rest)
                yield Match("facility", places[0].name, places, 0.97, firm=firm)

    # ---- counties that are called so ---------------------------------------------------

    def _designated_counties(self, case: Case) -> Iterator[Match]:
        """Find names that are called a county's: X COUNTY, COUNTY OF X."""
        found = list(self._called_counties(case))
        inside = [match for match in found if case.scope.within(match.places)]
        if len({match.matched for match in inside}) > 1:
            matched = ", ".join(match.matched for match in inside)
            places = tuple(place for match in inside for place in match.places)
            yield Match("several counties", matched, places, 0.9)
        yield from inside
        yield from (match for match in found if match not in inside)

    def _called_counties(self, case: Case) -> Iterator[Match]:
        words = case.text.words
        for at, word in enumerate(words):
            if word.text not in DESIGNATORS:
                continue
            legal = "COUNTY" if word.text == "CO" else word.text
            before = [each.text for each in words[max(0, at - 5) : at]]
            name = county_before(before, self.is_county) or self._county_after(case.text, at + 1)
            if name and self._is_part_of_city(before, name):
                continue  # BONNERS FERRY CO. is not Ferry County
            exact = self._called(name, legal, case.scope) if name else ()
            if not case.scope.within(exact):
                written = [name] if exact and name else list(_endings(before))
                yield from self._misspelt_county(written, legal, case.scope, known=bool(exact))
            if exact:
                narrowed = self._consistent(case, exact)
                yield Match("county", f"{name} {legal}", narrowed, 0.99, firm=True)

    def _is_part_of_city(self, before: Sequence[str], name: str) -> bool:
        lengths = range(len(name.split()) + 1, min(len(before), _CITY_WORDS_AT_MOST) + 1)
        return any("".join(before[-length:]) in self._cities for length in lengths)

    def _county_after(self, text: LandmarkText, start: int) -> str | None:
        """Find the county in COUNTY OF X."""
        if text.join(start, start + 1) != "OF":
            return None
        names = (text.join(start + 1, stop) for stop in range(start + 5, start + 1, -1))
        return next((name for name in names if self.is_county(name)), None)

    def _called(self, name: str, legal: str, scope: Scope) -> tuple[Place, ...]:
        """Look up the counties that the law calls what the text calls them.

        Boroughs, cities and municipios are at times called counties, parishes never.
        """
        places = self.counties(name)
        called = tuple(place for place in places if place.legal_word == legal)
        if legal != "COUNTY" or scope.within(called):
            return called
        others = tuple(place for place in places if place.legal_word not in {"COUNTY", "PARISH"})
        return (*called, *others)

    def _consistent(self, case: Case, places: tuple[Place, ...]) -> tuple[Place, ...]:
        """Keep the county in which a city of the text lies, if there is one."""
        own = {place.county_fips for place in places}
        names = {_key(place.name) for place in places}
        for run in case.runs if len(own) > 1 else ():
            cities = self.cities(run.name) if _key(run.name) not in names else ()
            within = own & {city.county_fips for city in cities}
            if len(within) == 1:
                return tuple(place for place in places if place.county_fips in within)
        return places

    def _misspelt_county(
        self, names: Sequence[str], legal: str, scope: Scope, *, known: bool
    ) -> Iterator[Match]:
        """Find the county of a known state whose name is nearly what is written."""
        pool = self._pool("county", scope.states, legal)
        # Where the text names the state, the county is hardly another state's.
        limit = (_ALIKE_NAMED if scope.named else _ALIKE_ELSEWHERE) if known else _ALIKE
        for name in names:
            places, similarity = pool.nearest(name, limit)
            if places:
                yield Match("county, misspelt", name, places, 0.95 * similarity)

    # ---- facilities --------------------------------------------------------------------

    def _facilities(self, case: Case) -> Iterator[Match]:
        """Find facilities by what their names hold beside words for prison or jail."""
        words = {word.text for word in case.text.words}
        if words.isdisjoint(INSTITUTION_WORDS):
            return
        pool = self._pool("facility", case.scope.states)
        for run in case.runs:
            places = self._cores.get(_key(run.name), ())
            place = self.is_place(run.name)
            if places and not place:
                one_state = len({each.state for each in places}) == 1
                yield Match("facility", run.name, places, 0.95, firm=one_state)
            elif places and words & PRISON_WORDS and not run.follows & NOT_PRISON:
                yield Match("facility of a city's name", run.name, places, 0.9)
            elif not place and _is_long_name(run.name):
                places, similarity = pool.nearest(run.name, _ALIKE)
                if places:
                    yield Match("facility, misspelt", run.name, places, 0.9 * similarity)

    # ---- names that stand by themselves ------------------------------------------------

    def _counties_of_areas(self, case: Case) -> Iterator[Match]:
        """Find a county's name in the wording of an area, unless a city may be an office.

        In Louisiana a bare name is the parish's, so only a city within it stands against it.
        """
        for run in case.runs:
            # COLLIER FMY: an office's code stands beside the name.
            words = [word for word in run.name.split() if len(word) > _CODE_LETTERS]
            name = run.name if self.is_place(run.name) else " ".join(words)
            counties, cities = self.counties(name), self.cities(name)
            here = case.scope.within(cities) if case.scope.states else cities
            parish = all(place.legal_word == "PARISH" for place in case.scope.within(counties))
            if parish:
                own = {place.county_fips for place in counties}
                here = tuple(place for place in here if place.county_fips in own)
            if counties and not here and len(name) > _CODE_LETTERS:
                yield Match("county name", name, counties, 0.9)

    def _several_counties(self, case: Case) -> Iterator[Match]:
        """Find the names in X AND Y COUNTIES."""
        if any(word.text in PLURALS for word in case.text.words):
            named = [case.scope.within(self.counties(run.name)) for run in case.runs]
            matched = " ".join(run.name for run in case.runs)
            yield Match("several counties", matched, sum(named, ()), 0.9)

    def _pairs(self, case: Case) -> Iterator[Match]:
        """Find two counties that share a jail (MARION/WALTHALL): either may be meant."""
        for one, other in pairwise(case.runs):
            places = [case.scope.within(self.counties(run.name)) for run in (one, other)]
            joined = one.stop == other.start and case.text.words[other.start].soft
            if joined and all(places):
                yield Match("two counties", f"{one.name} {other.name}", sum(places, ()), 0.9)

    def _named(self, case: Case, run: Run) -> Iterator[Match]:
        """Find cities and counties by bare names; what follows a name tells which it is."""
        if run.follows & DESIGNATORS:
            return  # it is called a county's, and no county is called so
        if run.follows & CITY_WORDS:
            yield from self._called_city(case, run)
        elif run.follows & COUNTY_WORDS and case.scope.within(self.counties(run.name)):
            yield Match("county name", run.name, self.counties(run.name), 0.95)
        elif run.whole or run.follows & INSTITUTION_WORDS or (case.text.states and run.ends):
            yield from self._bare_name(case, run)

    def _called_city(self, case: Case, run: Run) -> Iterator[Match]:
        """Find the city of X POLICE, X CITY JAIL; an independent city is its own county."""
        independent = tuple(p for p in self.counties(run.name) if p.legal_word == "CITY")
        own = {place.state for place in independent}
        others = (place for place in self.cities(run.name) if place.state not in own)
        places = (*independent, *others)
        inside = bool(case.scope.within(places))
        of_that_city = self.cities(f"{run.name} CITY") if "CITY" in run.follows else ()
        if of_that_city and not inside:
            yield Match("city", f"{run.name} CITY", of_that_city, _ELSEWHERE, firm=True)
            return
        yield from self._misspelt_city(case.scope, run, known=inside)
        yield Match("city", run.name, places, 0.96 if inside else _ELSEWHERE, firm=bool(places))

    def _bare_name(self, case: Case, run: Run) -> Iterator[Match]:
        """Find the city or county of a name by itself, or before a word for jail."""
        counties, cities = self.counties(run.name), self.cities(run.name)
        in_county, in_city = case.scope.within(counties), case.scope.within(cities)
        legal = {place.legal_word for place in in_county}
        jail = bool(run.follows & INSTITUTION_WORDS)
        plain_city = run.whole and run.ends and _is_large(in_city)
        if "PARISH" in legal:
            # In Louisiana's records a bare name is the parish's.
            yield Match("county name", run.name, in_county, 0.93)
        elif in_county and in_city and ("CITY" in legal or not plain_city):
            own = [place for place in in_county if place.legal_word == "CITY"] or in_county
            # An independent city's name may stand for the suburbs that share it.
            yield Match("name", run.name, (*own, *in_city[:1]), 0.9)
        elif in_city or (cities and not in_county):
            if "REGIONAL" in run.follows:
                return  # a jail of several counties bears a region's name
            yield from self._misspelt_city(case.scope, run, known=bool(in_city))
            share = _IN_ONE_COUNTY if jail else _MAIN_COUNTY
            mark = 0.92 if in_city else _ELSEWHERE
            firm = bool(case.text.states) and run.ends
            yield Match("city", run.name, cities, mark, firm=firm, share=share)
        elif counties:
            yield Match("county name", run.name, counties, 0.9)

    def _misspelt_city(self, scope: Scope, run: Run, *, known: bool) -> Iterator[Match]:
        """Find the city of a known state whose name is nearly that of a city elsewhere."""
        elsewhere = max((city.zip_codes for city in self.cities(run.name)), default=0)
        if not known and elsewhere < _LARGE and (run.ends or run.follows & CITY_WORDS):
            pool = self._pool("city", scope.states)
            places, similarity = pool.nearest(run.name, _ALIKE_ELSEWHERE)
            if places:
                yield Match("city, misspelt", run.name, places, 0.97 * similarity)

    def _misspelt(self, case: Case) -> Iterator[Match]:
        """Find cities and counties of a known state whose names are nearly what is written."""
        states = case.scope.states
        for run in case.runs if states else ():
            if run.follows & DESIGNATORS or "REGIONAL" in run.follows:
                continue
            of_city, of_county = run.follows & CITY_WORDS, run.follows & COUNTY_WORDS
            limit = _ALIKE_ELSEWHERE if self.is_place(run.name) else _ALIKE_BARE
            if of_county or (run.whole and not of_city):
                places, similarity = self._pool("county", states).nearest(run.name, limit)
                if places:
                    yield Match("county, misspelt", run.name, places, 0.9 * similarity)
            if of_city or (run.whole and len(run.name) >= _SHORTEST_CITY):
                # FARIMONT CITY is nearer to Fairmont City than to Fairmont.
                for name in [f"{run.name} CITY"] * ("CITY" in of_city) + [run.name]:
                    places, similarity = self._pool("city", states).nearest(name, limit)
                    if places:
                        yield Match("city, misspelt", run.name, places, 0.9 * similarity)

    def _gather(self, kind: str, states: tuple[str, ...], legal: str = "") -> NamePool:
        """Gather the names of some states, of counties of one legal kind if asked."""
        merged: dict[str, tuple[Place, ...]] = {}
        for state in states:
            for name, places in self._by_state.get((kind, state), {}).items():
                if not legal or places[0].legal_word == legal:
                    merged[name] = (*merged.get(name, ()), *places)
        return NamePool(merged)


def _endings(words: Sequence[str]) -> Iterator[str]:
    """Walk what may be the name at the end of a row of words, the longest first."""
    for length in range(min(4, len(words)), 0, -1):
        ending = words[-length:]
        if length == 1 or GENERIC_WORDS.isdisjoint(ending):
            yield " ".join(ending)


def _key(name: str) -> str:
    """Write a normalised name as the gazetteer's index has it."""
    return name.replace(" ", "")


def _is_long_name(name: str) -> bool:
    """Tell a name that is long enough, and not of common words, to be read if misspelt."""
    return len(name) >= _SHORTEST_FACILITY and not set(name.split()) <= COMMON_WORDS | DIRECTIONS


def _is_large(cities: Sequence[Place]) -> bool:
    """Tell a city that is likelier meant than the county of its name elsewhere in the state."""
    return sum(city.zip_codes for city in cities) > 1


@cache
def _state_words() -> frozenset[str]:
    return frozenset(word for name in state_names() for word in name.split())


def _as_written(
    gazetteer: Gazetteer, kind: Literal["alias", "facility"]
) -> dict[str, tuple[Place, ...]]:
    """Index names as a landmark's words are written."""
    index: dict[str, tuple[Place, ...]] = {}
    for places in gazetteer.by_name[kind].values():
        key = written_key(places[0].name)
        index[key] = (*index.get(key, ()), *places)
    return index


def _facility_cores(gazetteer: Gazetteer) -> dict[str, tuple[Place, ...]]:
    """Index facilities by their names without words for prison or jail at either end.

    What is left must not be the name of a city or county elsewhere in the state: the
    Ellis Unit stands in Walker County, Texas.
    """
    cores: dict[str, tuple[Place, ...]] = {}
    states = {_key(name) for name in state_names()}
    for place in gazetteer.places:
        words = place.name.split() if place.kind == "facility" else []
        while words and words[-1] in GENERIC_WORDS:
            words.pop()
        while words and words[0] in GENERIC_WORDS:
            words.pop(0)
        core = "".join(words)
        empty = set(words) <= _COMMON | _state_words()
        if empty or len(core) < _SHORTEST_CORE or core in states:
            continue
        others = [
            other.county_fips
            for kind in _PLACES
            for other in gazetteer.by_name[kind].get(core, ())
            if other.state == place.state
        ]
        if not others or place.county_fips in others:
            cores[core] = (*cores.get(core, ()), place)
    return cores


def _names_by_state(
    gazetteer: Gazetteer, cores: Mapping[str, tuple[Place, ...]]
) -> dict[tuple[str, str], dict[str, tuple[Place, ...]]]:
    """Sort names by kind and state, for misspelt ones to be compared with."""
    pools: dict[tuple[str, str], dict[str, tuple[Place, ...]]] = defaultdict(dict)
    named = [(place.name.replace(" ", ""), place) for place in gazetteer.places]
    named = [(name, place) for name, place in named if place.kind in _PLACES]
    # Townships recur within a state.
    named = [(name, place) for name, place in named if not name.endswith("TOWNSHIP")]
    named += [(core, place) for core, places in cores.items() for place in places]
    for name, place in named:
        pool = pools[place.kind, place.state]
        pool[name] = (*pool.get(name, ()), place)
    return pools
