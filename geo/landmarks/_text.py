"""A landmark text, taken apart into words, states that it names, and stretches of names."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property, lru_cache
from typing import Final

from boundaries import load_states, normalise_name, plain_capitals
from geo.landmarks._words import (
    AFTER_STATE,
    BEFORE_STATE,
    CITY_WORDS,
    DESIGNATORS,
    DIRECTIONS,
    FACILITY_OFFICE,
    GENERIC_WORDS,
    INSTITUTION_WORDS,
    MISSPELT_WORDS,
    NON_PLACE,
    SHORT_WORDS,
    THOROUGHFARES,
)

_LONGEST: Final = 12
"""Words of the longest name."""

_READ_UP_TO: Final = 300
"""Characters of a landmark that are read; the longest real one has about 80."""

_CITY_IS_PLACE: Final = frozenset({"NEW YORK", "WASHINGTON"})
"""Names of states that are as often those of a city or county."""

_REWRITTEN: Final = (
    (
        re.compile(r"\b(?:US\.?|UNITED STATES|FEDERAL)[ -]*MARSHALL?S?\b"),
        "USMS",
    ),  # no Marshall County
    (re.compile(r"\bPORT OF ENTRY\b"), "POE"),
    (re.compile(r"(COUNTY|PARISH)(?=(?:JAIL|SHERIFF|DETENTION|PROBATION|COURT)S?\b)"), r"\1 "),
)
_SIGN = re.compile(r"[A-Z0-9]+|[^A-Z0-9\s]")


IsName = Callable[[str], bool]
"""Tells whether words, with single spaces, are a name."""


@dataclass(frozen=True)
class Word:
    """A word, and what stands between it and the word before.

    ``raw`` is the word before it was written out (MT, MOUNT). ``apart`` is true after a
    comma, a bracket or a dash with spaces; ``soft`` after a dash or stroke without.
    """

    text: str
    apart: bool
    soft: bool = False
    raw: str = ""


@dataclass(frozen=True)
class LandmarkText:
    """Words without those that name a state, the states that were named, and all words."""

    words: tuple[Word, ...]
    states: tuple[str, ...]
    written: tuple[str, ...]
    non_place: bool

    def join(self, start: int, stop: int) -> str:
        """Put words back together."""
        return " ".join(word.text for word in self.words[start:stop])

    def spans(self) -> Iterator[tuple[int, int]]:
        """Walk all stretches of words, the longest first."""
        return _spans(len(self.words))

    @cached_property
    def names(self) -> tuple[str, ...]:
        """List all stretches of words as written, the longest first, without spaces."""
        return tuple("".join(self.written[start:stop]) for start, stop in _spans(len(self.written)))


@dataclass(frozen=True)
class Run:
    """A stretch of words that may be a name, from the ``start``-th word on.

    ``follows`` holds the generic words after it; ``ends`` tells whether it ends a part of
    the text, ``whole`` whether no other word of the text may be a name.
    """

    name: str
    start: int
    stop: int
    follows: frozenset[str]
    ends: bool
    whole: bool


def take_apart(text: str, *, is_county: IsName, is_place: IsName) -> LandmarkText:
    """Take a landmark apart; whether words are a county's or any place's name is asked."""
    words = list(_split(text))
    written = tuple(word.text for word in words)
    words, states = _without_states(words, is_county, is_place)
    wording = FACILITY_OFFICE.sub("", " ".join(word.text for word in words))
    return LandmarkText(
        words=tuple(words),
        states=tuple(states),
        written=written,
        non_place=NON_PLACE.search(wording) is not None,
    )


def county_before(words: Sequence[str], is_county: IsName) -> str | None:
    """Find the longest county's name that ends a row of words."""
    for length in range(min(5, len(words)), 0, -1):
        name = " ".join(words[-length:])
        if is_county(name):
            return name
    return None


def runs(text: LandmarkText, is_name: IsName) -> list[Run]:
    """Find the stretches that may be names: what is left between generic words.

    `is_name` tells whether a name is one of a place where the record belongs; such a name
    may hold generic words (YAZOO CITY).
    """
    taken = _names_with_generic_words(text, is_name)
    stretches: list[tuple[int, int]] = []
    for at, word in enumerate(text.words):
        if at not in taken and _is_generic(word.text):
            continue
        joined = stretches and stretches[-1][1] == at and not word.apart
        if joined and (at not in taken or taken[at] == taken.get(at - 1)):
            stretches[-1] = (stretches[-1][0], at + 1)
        else:
            stretches.append((at, at + 1))
    pieces = [piece for span in stretches for piece in _pieces(text, span, is_name)]
    pieces = [piece for piece in pieces if not _is_no_name(text, piece, is_name)]
    return [
        Run(
            name=text.join(start, stop),
            start=start,
            stop=stop,
            follows=_following(text, stop),
            ends=stop == len(text.words) or text.words[stop].apart,
            whole=len(pieces) == 1,
        )
        for start, stop in pieces
    ]


def _spans(n: int) -> Iterator[tuple[int, int]]:
    for length in range(min(_LONGEST, n), 0, -1):
        for start in range(n - length + 1):
            yield start, start + length


def unknown_words(text: LandmarkText) -> str:
    """Gather the words that may be part of a name."""
    words = [word.text for word in text.words]
    return " ".join(word for word in words if not _is_generic(word) and word not in DIRECTIONS)


def written_key(text: str) -> str:
    """Write a name as the words of a landmark are written, without spaces."""
    return "".join(word.text for word in _split(text))


def _split(text: str) -> Iterator[Word]:
    plain = plain_capitals(text[:_READ_UP_TO])
    for pattern, written in _REWRITTEN:
        plain = pattern.sub(written, plain)
    apart = soft = False
    for match in _SIGN.finditer(plain):
        sign = match[0]
        if sign.isalnum():
            yield Word(_written_out(sign), apart, soft, sign)
            apart = soft = False
        elif sign in "-/" and not plain[max(0, match.start() - 1)].isspace():
            soft = True
        elif sign != ".":
            apart = True


@lru_cache(maxsize=1 << 14)
def _written_out(sign: str) -> str:
    word = normalise_name(sign)
    return MISSPELT_WORDS.get(word, word)


def _without_states(
    words: list[Word], is_county: IsName, is_place: IsName
) -> tuple[list[Word], list[str]]:
    """Take out the names and codes of states that stand for states."""
    kept: list[Word] = []
    states: list[str] = []
    at = 0
    apart = False
    while at < len(words):
        state, length = _state_at(words, at, is_county, is_place)
        if state is None:
            kept.append(replace(words[at], apart=True) if apart else words[at])
            at, apart = at + 1, False
            continue
        states.append(state)
        at, apart = at + length, True
        if at < len(words) and words[at].text == "STATE":
            at += 1
    return kept, states


def _state_at(
    words: Sequence[Word], start: int, is_county: IsName, is_place: IsName
) -> tuple[str | None, int]:
    """Tell which state is named at a position, and in how many words."""
    after = words[start + 1] if start + 1 < len(words) else None
    code = state_names().get(words[start].raw)
    if code == words[start].raw and _is_postal_code(words, start, after, is_county, is_place):
        return code, 1
    for length in (3, 2, 1):
        if start + length > len(words):
            continue
        name = " ".join(word.text for word in words[start : start + length])
        state = state_names().get(name)
        after = words[start + length] if start + length < len(words) else None
        if state not in {None, name} and _is_state_name(name, words, start, after):
            return state, length
    return None, 0


def _is_postal_code(
    words: Sequence[Word],
    start: int,
    after: Word | None,
    is_county: IsName,
    is_place: IsName,
) -> bool:
    """Tell a postal code from a short word (LA BATRE, N OF LA 90, 4TH AVE NE)."""
    word, before = words[start], words[max(0, start - 5) : start]
    short_for_county = word.raw == "CO" and not word.apart
    if short_for_county and county_before([each.text for each in before], is_county) is not None:
        return False
    if after is not None and after.text in AFTER_STATE and not after.apart:
        return True
    longer = range(start + 2, min(start + 4, len(words)) + 1)
    if any(is_place(" ".join(each.text for each in words[start:stop])) for stop in longer):
        return False  # LA PAZ, DE KALB
    if not before or before[-1].text in BEFORE_STATE:
        return bool(before)
    ends = after is None or after.apart or after.soft
    if word.raw == "NE":
        return word.apart or word.soft
    follows_name = word.apart or (after is not None and after.text in CITY_WORDS)
    return ends or (follows_name and word.raw not in SHORT_WORDS)


def _is_state_name(name: str, words: Sequence[Word], start: int, after: Word | None) -> bool:
    """Tell a state's name from a county, a city or a prison of that name."""
    if after is not None and not after.apart:
        if after.text in AFTER_STATE:
            return True
        if start > 0 and words[start].apart and after.text in GENERIC_WORDS:
            return after.text not in DESIGNATORS
        if after.text in DESIGNATORS | CITY_WORDS | INSTITUTION_WORDS | THOROUGHFARES:
            return False
        return start > 0 and words[start - 1].text in BEFORE_STATE
    if start == 0:
        return len(words) == len(name.split()) and name not in _CITY_IS_PLACE
    return words[start].apart or name not in _CITY_IS_PLACE


@cache
def state_names() -> dict[str, str]:
    """Map the names and postal codes of states to postal codes."""
    states = load_states()
    names = {normalise_name(name): code for code, name in states["name"].items()}
    return names | {str(code): str(code) for code in states.index}


def _names_with_generic_words(text: LandmarkText, is_name: IsName) -> dict[int, int]:
    """Mark the words of names such as YAZOO CITY, FEDERAL WAY, STATE COLLEGE."""
    taken: dict[int, int] = {}
    generic = [_is_generic(word.text) for word in text.words]
    if not any(generic):
        return taken
    for start, stop in text.spans():
        inside = range(start, stop)
        mixed = any(generic[start:stop]) and not all(generic[start:stop])
        if not mixed or any(at in taken or text.words[at].apart for at in inside[1:]):
            continue
        # SOUTH LAKE CITY is not LAKE CITY, nor GREEN BAY CITY JAIL that of BAY CITY.
        longer = start > 0 and not text.words[start].apart and not generic[start - 1]
        if start not in taken and not longer and is_name(text.join(start, stop)):
            taken |= dict.fromkeys(inside, start)
    return taken


def _pieces(
    text: LandmarkText, span: tuple[int, int], is_name: IsName
) -> Iterator[tuple[int, int]]:
    """Split at dashes and strokes, unless the whole is a name (MIAMI-DADE)."""
    start, stop = span
    breaks = [at for at in range(start + 1, stop) if text.words[at].soft]
    if not breaks or is_name(text.join(start, stop)):
        yield span
        return
    yield from zip([start, *breaks], [*breaks, stop], strict=True)


def _is_generic(word: str) -> bool:
    return (
        word in GENERIC_WORDS
        or word in DESIGNATORS
        or len(word) == 1
        or any(letter.isdigit() for letter in word)
    )


def _is_no_name(text: LandmarkText, span: tuple[int, int], is_name: IsName) -> bool:
    """Tell directions by themselves, roads and rivers from names of places."""
    start, stop = span
    words = [word.text for word in text.words[start:stop]]
    after = text.words[stop].text if stop < len(text.words) else ""
    road = words[-1] in THOROUGHFARES and not is_name(" ".join(words))
    numbered = after in THOROUGHFARES or after.isdigit()
    # A township's name recurs within a state, and may be that of a city elsewhere.
    before = text.join(max(0, start - 2), start)
    township = words[-1] == "TOWNSHIP" or after == "TOWNSHIP" or before == "TOWNSHIP OF"
    return road or numbered or township or all(word in DIRECTIONS for word in words)


def _following(text: LandmarkText, stop: int) -> frozenset[str]:
    """Gather the generic words after a name, as far as the next name."""
    words: list[str] = []
    for word in text.words[stop : stop + 5]:
        if not _is_generic(word.text) or (word.apart and words):
            break
        if word.apart:
            break
        words.append(word.text)
    return frozenset(words)
