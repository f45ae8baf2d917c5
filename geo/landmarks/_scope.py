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
        """List the state that is known to be meant; names are misspelt only in it."""
        if self.state is None:
            known = self.named or self._of_office
            return known if len(known) == 1 else ()
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

    @property
    def excluded(self) -> bool:
        """Tell whether the landmark names states, and none of them is the record's."""
        own = self._of_office if self.state is None else (self.state,)
        return bool(own) and bool(self.named) and set(own).isdisjoint(self.named)

    def narrow(self, places: tuple[Place, ...]) -> tuple[Place, ...]:
        """Keep the places in the office's area, if there are any."""
        if self.aor is None:
            return places
        inside = tuple(place for place in places if self.area.get(place.county_fips) == self.aor)
        return inside or places


@cache
def _states_of_offices() -> dict[str, tuple[str, ...]]:
    zones = load_zones()
    return {str(aor): tuple(sorted(set(states))) for aor, states in zones.groupby("aor")["state"]}
