"""Identifiers of police agencies: ORI, originating agency identifier."""

from __future__ import annotations

import re
from typing import Final

import pandas as pd

from boundaries import state_codes

__all__ = ["repair_ori"]

_ORI = re.compile(r"[A-Z]{2}[A-Z0-9]{5}(?:[A-Z0-9]{2})?")
_WRAPPING = re.compile(r"[\s'\"=`\u2018\u2019\u201c\u201d-]+")

_FBI_STATES: Final = {"NB": "NE", "GM": "GU", "CZ": "", "FS": ""}
"""Codes of states that are the FBI's alone; FS stands for federal agencies, of no state."""


def repair_ori(text: pd.Series) -> pd.Series:
    """Write identifiers of agencies with nine characters.

    The FBI's older files have seven; the two more number the units of an agency, "00"
    being the agency itself.

    Parameters
    ----------
    text : pandas.Series of str
        Identifiers as found: ``"AL00101"``, ``"al0010100"``, ``'="AL00101"'``.

    Returns
    -------
    pandas.Series of str
        Nine capitals and digits on the same index; missing where the text is no such
        identifier.

    Examples
    --------
    >>> repair_ori(pd.Series(["AL00101", "'al0010100", "-1"])).tolist()
    ['AL0010100', 'AL0010100', nan]
    """
    codes, words = pd.factorize(text.astype("string").fillna(""))
    repaired = pd.Series([_repaired(word) for word in words] or [None], dtype="str")
    return pd.Series(repaired.to_numpy(dtype=object)[codes], index=text.index, dtype="str")


def _repaired(word: str) -> str | None:
    plain = _WRAPPING.sub("", word).upper()
    return plain.ljust(9, "0") if _ORI.fullmatch(plain) else None


def agency_states(state: pd.Series, ori: pd.Series) -> pd.Series:
    """Tell agencies' states by what is written, else by the first letters of the ORI.

    Parameters
    ----------
    state : pandas.Series of str
        Names or codes, empty where unknown; the FBI's own NB and GM are understood.
    ori : pandas.Series of str
        Repaired identifiers, empty where unknown.

    Returns
    -------
    pandas.Series of str
        Postal codes, empty where there is none, as for federal agencies.
    """
    written = state.str.strip().str.upper()
    known = state_codes(written.map(_FBI_STATES).fillna(written))
    initials = ori.str[:2]
    by_ori = state_codes(initials.map(_FBI_STATES).fillna(initials))
    federal = written == "FS"
    return known.fillna(by_ori.where(written == "")).mask(federal).fillna("")
