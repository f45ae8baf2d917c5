"""Words of landmark texts, by what they say about the place (``data/landmark_words.csv``)."""

from __future__ import annotations

import csv
import re
from importlib.resources import files
from typing import Final


def _words(*roles: str) -> frozenset[str]:
    text = (files("geo") / "data" / "landmark_words.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(text.splitlines())
    return frozenset(row["word"] for row in rows if not set(roles).isdisjoint(row["roles"].split()))


CITY_WORDS: Final = _words("city")
"""After a name, they say that it is a city's, not a county's."""

COUNTY_WORDS: Final = _words("county")
"""After a name, they say that it is a county's."""

INSTITUTION_WORDS: Final = _words("institution")
"""They say that the text is about a jail, a prison or the like."""

PRISON_WORDS: Final = _words("prison")
"""They tell a prison that has the name of a city from the city's jail."""

NOT_PRISON: Final = CITY_WORDS | COUNTY_WORDS | {"COUNTY", "PARISH", "CO"}
"""After a name, they say that no prison of that name is meant."""

GENERIC_WORDS: Final = _words("city", "county", "institution", "prison", "agency")
"""Words that name no place by themselves."""

COMMON_WORDS: Final = _words("common")
"""Words of facilities' names that tell no facility by themselves."""

DIRECTIONS: Final = _words("direction")
"""Part of many names, and none by themselves."""

THOROUGHFARES: Final = _words("thoroughfare")
"""After a name, they say that it is a road's or a river's."""

_NON_PLACE: Final = (
    r"GENERAL AREAS?",
    r"GEN(ERAL)? AOR",
    r"GENERAL NON ?SPECIFIC",
    r"NON ?SPECIFIC",
    r"AOR",
    r"AREAS? NOT REPORTED",
    r"METRO(POLITAN)? AREA",
    r"FUGITIVE( OPERATIONS?| OPS?| TEAM| UNIT)",
    r"[A-Z]{0,3}FUGITIVE OPERATIONS",
    r"FUG ?OPS?",
    r"AT ?LARGE",
    r"STREET ARRESTS?",
    r"NON CUSTODIAL",
    r"ATD",
    r"ALTERNATIVES? TO DETENTION",
    r"ISAP",
    r"NON ?DETAINED",
    r"NDD",
    r"NDU",
    r"DETAINED( DOCKET| ARREST)?",
    r"DOCKET",
    r"HQ",
    r"HEADQUARTERS",
    r"(FIELD|SUB|DISTRICT|SATELLITE|ICE|ERO|DRO|RESIDENT|HSI|DHS|INS|OPERATIONS|USCIS|CIS) ?OFFICE",
    r"(ICE|ERO|DRO|HSI|OPLA|USCIS|CIS)",
    r"OFFICE ARRESTS?",
    r"[RS]AC",
    r"VCAS",
    r"REF+ER+AL",
    r"ASYLUM",
    r"INSPECTIONS",
    r"CIVIL SURRENDER",
    r"CHECK ?INS?",
    r"DO NOT USE",
    r"CAP$",
)
NON_PLACE: Final = re.compile("|".join(rf"\b(?:{pattern})(?!\S)" for pattern in _NON_PLACE))
"""Wording of areas, offices, teams and caseloads: where somebody works, not where it was."""

FACILITY_OFFICE: Final = re.compile(
    r"\b(ICE|ERO)(?= (FACILITY|PROCESSING|DETENTION|CONTRACT|HOLD))"
)
"""An office's name that is part of a facility's."""


DESIGNATORS: Final = frozenset({"COUNTY", "PARISH", "BOROUGH", "CO"})
"""They make the name before them a county's."""

PLURALS: Final = frozenset({"COUNTIES", "PARISHES"})
"""They say that several counties are meant."""

AFTER_STATE: Final = frozenset(["STATE", "DOC", "DEPT", "DEPARTMENT", "PROBATION", "PAROLE"])
"""Before them, the code or name of a state is the state."""

BEFORE_STATE: Final = frozenset({"OF", "DISTRICT", "DIST"})
"""After them, too."""

SHORT_WORDS: Final = frozenset({"DE", "HI", "IN", "LA", "ME", "OH", "OK", "OR"})
"""Postal codes that are also words: states only where a part of the text ends."""

MISSPELT_WORDS: Final = {
    "CONTY": "COUNTY",
    "COUNRTY": "COUNTY",
    "COUNTTY": "COUNTY",
    "COUNTYS": "COUNTY",
    "COUNY": "COUNTY",
    "COUTY": "COUNTY",
    "CTY": "COUNTY",
    "PARRISH": "PARISH",
    "PARSIH": "PARISH",
}
"""Words that are misspelt often enough to matter."""
