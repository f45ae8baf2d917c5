"""Agencies that their names tell to be a state's own."""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from boundaries import load_states

# No city or county has these, unless another name stands before them (Kent State Police).
_ONLY_OF_STATES: Final = (
    r"(?:department of |division of )?state (?:highway )?(?:police|patrol)",
    r"state (?:guard|troopers?|fire marshal|bureau of (?:investigation|narcotics))",
    r"highway patrol",
    r"(?:army |air )?national guard",
    r"(?:state |office of the (?:state )?)?attorney general",
    r"(?:game|fish) (?:and|&) (?:fish|wildlife) (?:conservation )?commission",
)
# Cities and counties have these too: a state's own follow its name.
_OF_A_STATE: Final = (
    r"(?:state )?(?:department|dept\.?|division|bureau) of",
    r"office of the (?:state )?(?:attorney general|auditor|fire marshal|inspector general)",
    r"(?:military department|law enforcement division|doc|dps)",
    r"alcohol\w*",
    r"(?:[\w&]+ )*(?:alcohol\w*|gaming|marine|fish|wildlife) (?:[\w&]+ )*commission",
)
_SHORT_NAMES: Final = {"MP": "CNMI"}
# Parts of a state: a county's, a city's or a campus's own police, whatever else they say.
_OF_A_PART = re.compile(
    r"(?i)\b(?:county|parish|borough|township|twp|city|town|village|precinct|ward|municipal"
    r"|university|college|schools?|campus|constables?|sheriffs?|regional|judicial|circuit"
    r"|airport|port|trib(?:e|al))\b"
)


def is_state_agency(agency: str, state: str) -> bool:
    """Tell whether an agency's name begins as only the state's own agencies' do."""
    return bool(_names_of(state).match(agency.strip())) and not _OF_A_PART.search(agency)


@cache
def _names_of(state: str) -> re.Pattern[str]:
    names = [load_states().loc[state, "name"], *filter(None, [_SHORT_NAMES.get(state)])]
    name = f"(?:{'|'.join(map(re.escape, names))})"
    alone, after = "|".join(_ONLY_OF_STATES), "|".join([*_ONLY_OF_STATES, *_OF_A_STATE])
    of_the_state = rf"(?:(?:state|commonwealth|territory) of )?{name} (?:{after})"
    return re.compile(rf"(?i)(?:the )?(?:{of_the_state}|{alone})(?!\w)")
