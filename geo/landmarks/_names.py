"""Names that a misspelt one is compared with."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Final

from rapidfuzz import process
from rapidfuzz.distance import OSA

from boundaries import Place

_CLEARLY: Final = 0.05
"""How much nearer the name that is meant must be than the next."""

_SHORTEST: Final = 5
_SHORTEST_SOUND: Final = 4
_SOUNDS_ALIKE: Final = 0.95
_DOUBLED = re.compile(r"(.)\1+")


class NamePool:
    """Squashed names and the places that bear them.

    Nearness is one minus the number of single-letter changes, exchanges of neighbours
    included (optimal string alignment), over the length of the longer name.
    """

    def __init__(self, names: Mapping[str, tuple[Place, ...]]) -> None:
        self._names = names
        self._keys = list(names)
        self.nearest = cache(self._nearest)
        self._sounds = {_sound(name): places for name, places in names.items()}

    def _nearest(self, name: str, limit: float) -> tuple[tuple[Place, ...], float]:
        """Find the one name that is nearly the same, if clearly nearer than any other."""
        text = name.replace(" ", "")
        alike = self._sounds.get(_sound(text)) if len(text) >= _SHORTEST_SOUND else None
        if alike is not None:
            return alike, _SOUNDS_ALIKE
        if len(text) < _SHORTEST or not self._keys:
            return (), 0.0
        ranked = process.extract(
            text,
            self._keys,
            scorer=OSA.normalized_similarity,
            limit=2,
            score_cutoff=limit - _CLEARLY,
        )
        if not ranked or ranked[0][1] < limit:
            return (), 0.0
        counties = [{place.county_fips for place in self._names[found]} for found, *_ in ranked]
        close = len(ranked) > 1 and ranked[0][1] - ranked[1][1] < _CLEARLY
        if close and counties[0] != counties[1]:
            return (), 0.0
        return self._names[ranked[0][0]], float(ranked[0][1])


def _sound(name: str) -> str:
    """Write CLARK and CLARKE, CARROL and CARROLL alike."""
    return _DOUBLED.sub(r"\1", name).removesuffix("E")
