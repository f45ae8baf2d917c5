"""Recognise a state however it is written."""

from __future__ import annotations

import re
from functools import cache

import pandas as pd

from boundaries._package_data import read_geometry

_OTHER_NAMES = {
    "northern mariana islands": "MP",
    "northern marianas": "MP",
    "us virgin islands": "VI",
    "virgin islands": "VI",
    "virgin islands us": "VI",
    "washington dc": "DC",
}


def state_codes(names: pd.Series) -> pd.Series:
    """Turn names, postal codes or FIPS codes of states into postal codes.

    Parameters
    ----------
    names : pandas.Series of str
        As written by whoever made the table: ``"TEXAS"``, ``"tx"``, ``"48"``.

    Returns
    -------
    pandas.Series of str
        Postal codes on the same index; missing where the text names no state.

    Examples
    --------
    >>> state_codes(pd.Series(["TEXAS", "D.C.", "72", "Ontario"])).tolist()
    ['TX', 'DC', 'PR', nan]
    """
    return names.astype("string").fillna("").map(_key).map(_known_states()).astype("str")


def _key(name: str) -> str:
    name = re.sub(r"\.0+$", "", name)  # a FIPS code that was stored as a float
    words = re.sub(r"[.,'()]", "", name.casefold().replace("-", " ")).split()
    return " ".join(words)


@cache
def _known_states() -> dict[str, str]:
    states = read_geometry("states_2019")
    known = dict(_OTHER_NAMES)
    for code, name, fips in zip(states.index, states["name"], states["state_fips"], strict=True):
        known |= {_key(name): code, code.casefold(): code, fips: code, fips.lstrip("0"): code}
    return known
