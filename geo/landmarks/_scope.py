"""Where a record says that it belongs, and which places fit that."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property

from boundaries import Place, load_zones


@dataclass(frozen=True)
class Scope:
    """State and office of a record, and the states that its landmark names.

    ``area`` holds the field office of each county.
    """

    state: str | None
    aor: str | None
    named: tuple[str, ...]
    area: Mapping[str, str]

    @cached_property
    def states(self) -> tuple[str, ...]:
        """List the states that are known to be meant; names are misspelt only in these."""
        if self.state is None:
            return self.named or self._of_office
        return (self.state,) if not self.named or self.state in self.named else ()

    @cached_property
    def _of_office(self) -> tuple[str, ...]:
        return _states_of_offices().get(self.aor or "", ())

    def holds(self, place: Place) -> bool:
        """Tell whether a place fits the record, and the state that its landmark names."""
        if self.named and place.state not in self.named:
            return False
        if self.state is not None:
            return place.state == self.state
        return not self._of_office or self.area.get(place.county_fips) == self.aor

    def within(self, places: tuple[Place, ...]) -> tuple[Place, ...]:
        """Keep the places that fit."""
        return tuple(place for place in places if self.holds(place))

    def excludes(self, state: str) -> bool:
        """Tell whether a state that the landmark names is not the record's."""
        if self.state is not None:
            return state != self.state
        return bool(self._of_office) and state not in self._of_office

    def narrow(self, places: tuple[Place, ...]) -> tuple[Place, ...]:
        """Keep the places in the office's area, if there are any."""
        inside = tuple(place for place in places if self.area.get(place.county_fips) == self.aor)
        return inside or places


@cache
def _states_of_offices() -> dict[str, tuple[str, ...]]:
    zones = load_zones()
    return {str(aor): tuple(sorted(set(states))) for aor, states in zones.groupby("aor")["state"]}
