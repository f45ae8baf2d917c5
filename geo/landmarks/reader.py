"""What a landmark text says about the county of an arrest."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from typing import Final, Literal

from boundaries import (
    CANONICAL_VINTAGE,
    Gazetteer,
    county_codes,
    load_areas_of_responsibility,
    load_gazetteer,
    load_states,
    normalise_name,
)
from geo.landmarks._rules import Case, LandmarkRules, Match
from geo.landmarks._scope import Scope
from geo.landmarks._text import take_apart, unknown_words
from geo.population import load_population

__all__ = ["LandmarkKind", "LandmarkReader", "LandmarkReading"]

LandmarkKind = Literal[
    "county", "ambiguous", "other state", "state only", "non-place", "unread", "blank"
]

_ENDINGS: Final = {
    "COUNTY": "COUNTY",
    "CO": "COUNTY",
    "PARISH": "PARISH",
    "BOROUGH": "BOROUGH",
    "CENSUS AREA": "CENSUS AREA",
    "MUNICIPALITY": "MUNICIPALITY",
    "MUNICIPIO": "COUNTY",
    "CITY": "CITY",
}
"""What counties are called in a column of their own, and in the gazetteer."""

_COUNTY_DIGITS: Final = 3

_PROMINENT: Final = 0.94
"""Share of the people (or ZIP codes) of all bearers of a name that makes one of them meant.

Only where neither state nor office tell them apart: "DALLAS COUNTY" is then that of Texas.
"""


@dataclass(frozen=True, kw_only=True)
class LandmarkReading:
    """What one landmark says.

    Attributes
    ----------
    kind : str
        ``"county"`` (it names one), ``"ambiguous"`` (it fits several), ``"other state"``
        (a place outside the record's state or area), ``"state only"``, ``"non-place"``
        (an area, office, team or caseload), ``"unread"`` or ``"blank"``.
    county_fips : str or None
        The county, for kind ``"county"``.
    candidates : tuple of str
        The counties that may be meant, the likeliest first; for ``"other state"`` those
        outside.
    state : str or None
        Postal code of the state that the text names, if it names one.
    rule : str
        What decided.
    matched : str
        The words that matched.
    confidence : float
        From 0 to 1; ``docs/records.md`` has the mark of each rule.
    """

    kind: LandmarkKind
    county_fips: str | None = None
    candidates: tuple[str, ...] = ()
    state: str | None = None
    rule: str = ""
    matched: str = ""
    confidence: float = 0.0


class LandmarkReader:
    """Reads landmarks against a gazetteer.

    Parameters
    ----------
    gazetteer : boundaries.Gazetteer, optional
        Names of places; the packaged one by default.

    Examples
    --------
    >>> reader = LandmarkReader()
    >>> reader.read("CAP - LEE COUNTY JAIL, AL STATE", state="AL").county_fips
    '01081'
    >>> reader.read("ORANGE COUNTY JAIL").kind, reader.read("ORANGE COUNTY JAIL", aor="MIA").kind
    ('ambiguous', 'county')
    >>> reader.read("TERRABONE PARISH, LA", state="LA").rule
    'county, misspelt'
    """

    def __init__(self, gazetteer: Gazetteer | None = None) -> None:
        self._rules = LandmarkRules(gazetteer or load_gazetteer())
        self._area = {str(fips): str(aor) for fips, aor in load_areas_of_responsibility().items()}
        self._people = {str(fips): float(n) for fips, n in load_population().items()}
        self._take_apart = lru_cache(maxsize=1 << 16)(
            partial(take_apart, is_county=self._rules.is_county, is_place=self._rules.is_place)
        )

    def read(
        self, text: str, *, state: str | None = None, aor: str | None = None
    ) -> LandmarkReading:
        """Read one landmark.

        Parameters
        ----------
        text : str
            The landmark as recorded.
        state : str, optional
            Postal code of the record's state.
        aor : str, optional
            Code of the record's field office.

        Returns
        -------
        LandmarkReading
            What it says, within the record's state, or else within its office's area.
        """
        taken = self._take_apart(text)
        if not taken.written:
            return LandmarkReading(kind="blank")
        named = taken.states[-1] if taken.states else None
        scope = Scope(state=state, aor=aor, named=taken.states, area=self._area)
        case = self._rules.case(taken, scope)
        for match in self._rules.matches(case):
            inside = scope.within(match.places)
            if inside:
                return self._decide(replace(match, places=inside), scope, named)
            if match.firm and state not in taken.states:
                there = [place for place in match.places if place.state in taken.states]
                return LandmarkReading(
                    kind="other state",
                    candidates=tuple(sorted({p.county_fips for p in there or match.places})),
                    state=named,
                    rule=match.rule,
                    matched=match.matched,
                )
        return self._without_county(case, named)

    def read_county(
        self, text: str, *, state: str | None = None, aor: str | None = None
    ) -> str | None:
        """Read a text that is known to be a county's name or code.

        Parameters
        ----------
        text : str
            A name, with or without the word county, or a five-digit code.
        state : str, optional
            Postal code of the record's state.
        aor : str, optional
            Code of the record's field office.

        Returns
        -------
        str or None
            The code of the county, None where the text fits none, or several.

        Examples
        --------
        >>> LandmarkReader().read_county("De Soto", state="LA")
        '22031'
        """
        code = text.strip().removesuffix(".0")
        if code.isdigit():
            own = load_states()["state_fips"].get(state, "") if len(code) <= _COUNTY_DIGITS else ""
            fips = (own + code.zfill(_COUNTY_DIGITS)) if own else code.zfill(5)
            return fips if fips in county_codes(CANONICAL_VINTAGE) else None
        scope = Scope(state=state, aor=aor, named=(), area=self._area)
        name, legal = _name_and_kind(normalise_name(text.partition(",")[0]))
        places = scope.within(self._rules.counties(name))
        called = [place for place in places if place.legal_word == legal]
        inside = {place.county_fips for place in called or places}
        return inside.pop() if len(inside) == 1 else None

    def read_city(
        self, text: str, *, state: str | None = None, aor: str | None = None
    ) -> LandmarkReading:
        """Read a text that is known to be a city's name.

        Parameters
        ----------
        text : str
            The name.
        state : str, optional
            Postal code of the record's state.
        aor : str, optional
            Code of the record's field office.

        Returns
        -------
        LandmarkReading
            Of kind ``"county"``, ``"ambiguous"`` or ``"unread"``.

        Examples
        --------
        >>> LandmarkReader().read_city("Foley", state="AL").county_fips
        '01003'
        """
        scope = Scope(state=state, aor=aor, named=(), area=self._area)
        cities = scope.within(self._rules.cities(normalise_name(text)))
        if not cities:
            return LandmarkReading(kind="unread", matched=text)
        return self._decide(Match("city", normalise_name(text), cities, 0.96), scope, None)

    def read_office(self, text: str) -> str | None:
        """Read in whose area a duty site lies.

        Parameters
        ----------
        text : str
            Such as ``"PITTSBURGH, PA, DOCKET CONTROL OFFICE"``.

        Returns
        -------
        str or None
            The code of the field office, None where the text does not tell.

        Examples
        --------
        >>> LandmarkReader().read_office("PITTSBURGH, PA, DOCKET CONTROL OFFICE")
        'PHI'
        """
        taken = self._take_apart(text)
        scope = Scope(state=None, aor=None, named=taken.states, area=self._area)
        runs = self._rules.case(taken, scope).runs
        cities = [city for run in runs for city in scope.within(self._rules.cities(run.name))]
        offices = {self._area.get(city.county_fips) for city in cities}
        return offices.pop() if len(offices) == 1 else None

    def _decide(self, match: Match, scope: Scope, named: str | None) -> LandmarkReading:
        """Choose among the counties that a match allows, or say that it is ambiguous."""
        places = scope.narrow(match.places)
        one_state = len({place.state for place in places}) == 1
        cities = all(place.kind == "city" for place in places)
        weight: dict[str, float] = defaultdict(float)
        for place in places:
            people = self._people.get(place.county_fips, 1.0)
            weight[place.county_fips] += place.zip_codes if cities else people
        counties = sorted(weight, key=lambda fips: (-weight[fips], fips))
        share = weight[counties[0]] / sum(weight.values())
        if one_state:
            enough = len(counties) == 1 or (cities and share > match.share)
        else:
            enough = share >= _PROMINENT
        return LandmarkReading(
            kind="county" if enough else "ambiguous",
            county_fips=counties[0] if enough else None,
            candidates=tuple(counties),
            state=named,
            rule=match.rule,
            matched=match.matched,
            confidence=round(match.mark * share, 3) if enough else 0.0,
        )

    def _without_county(self, case: Case, named: str | None) -> LandmarkReading:
        if case.text.non_place:
            return LandmarkReading(kind="non-place", state=named)
        if named is not None and case.scope.excluded:
            return LandmarkReading(kind="other state", state=named, rule="state", matched=named)
        if words := unknown_words(case.text):
            return LandmarkReading(kind="unread", state=named, matched=words)
        return LandmarkReading(kind="state only" if named else "non-place", state=named)


def _name_and_kind(text: str) -> tuple[str, str]:
    """Split ST LOUIS COUNTY into the name and what the law calls it."""
    for ending, legal in _ENDINGS.items():
        if text.endswith(f" {ending}"):
            return text.removesuffix(f" {ending}"), legal
    return text, ""
