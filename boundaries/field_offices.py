"""ICE's field offices and their areas of responsibility (AOR)."""

from __future__ import annotations

import re
from functools import cache
from typing import Final

import pandas as pd

from boundaries._package_data import read_csv
from boundaries.vintage import CANONICAL_VINTAGE, Vintage, county_codes

HEADQUARTERS: Final = "HQ"
"""What the records call arrests that belong to no field office."""

_OTHER_NAMES = {
    "hq": HEADQUARTERS,
    "headquarters": HEADQUARTERS,
    "new york": "NYC",
    "saint paul": "SPM",
    "st paul minneapolis": "SPM",
    "washington dc": "WAS",
}
_SUFFIX = re.compile(r"\b(area of responsibility|field office|aor)\b")


def load_field_offices() -> pd.DataFrame:
    """Load the 25 field offices of ICE's Enforcement and Removal Operations.

    Returns
    -------
    pandas.DataFrame
        Indexed by ``aor`` (the office's three-letter code), with ``name`` and the
        dates ``valid_from`` and ``valid_to``, missing where not known. Harlingen
        appears with fiscal year 2022; its day is taken as that year's first. ``longitude``
        and ``latitude`` are of about the middle of the city that the office is named
        after, not of its building, to two decimals (EPSG:4269).

    Examples
    --------
    >>> load_field_offices().loc["SPM", "name"]
    'St. Paul'
    """
    offices = read_csv("field_offices").set_index("aor")
    for column in ("valid_from", "valid_to"):
        offices[column] = pd.to_datetime(offices[column].replace("", None), format="%Y-%m-%d")
    return offices.astype({"longitude": "float64", "latitude": "float64"})


def load_areas_of_responsibility(*, vintage: Vintage = CANONICAL_VINTAGE) -> pd.Series:
    """Load which field office is responsible for which county.

    Source: Deportation Data Project (CC0), stated here by FIPS code.

    Parameters
    ----------
    vintage : {2019, 2023}, default 2019
        Which year's counties.

    Returns
    -------
    pandas.Series of str
        Office code by ``county_fips``: every county of the 50 states, the District of
        Columbia, Puerto Rico, Guam, the Virgin Islands and the Northern Marianas once.
        American Samoa has none.

    Raises
    ------
    VintageError
        If no boundary file of that year is embedded.

    Examples
    --------
    >>> load_areas_of_responsibility().value_counts()["HLG"].item()
    15
    """
    stated = read_csv("aor_by_fips").set_index("fips")["aor"]
    codes = pd.Index(sorted(county_codes(vintage)), name="county_fips", dtype="str")
    by_county = stated.reindex(codes).to_numpy()
    by_state = stated.reindex(codes.str[:2]).to_numpy()
    areas = pd.Series(by_county, index=codes, name="aor").fillna(pd.Series(by_state, index=codes))
    return areas.dropna().astype("str")


def office_codes(names: pd.Series) -> pd.Series:
    """Turn the names of field offices, however spelled, into codes.

    Parameters
    ----------
    names : pandas.Series of str
        ``"St. Paul Area of Responsibility"``, ``"St Paul"``, ``"SPM"``, ...

    Returns
    -------
    pandas.Series of str
        Codes on the same index, ``"HQ"`` for headquarters, missing where the text
        names no office.

    Examples
    --------
    >>> office_codes(pd.Series(["St. Paul Area of Responsibility", "St Paul", "Paris"])).tolist()
    ['SPM', 'SPM', nan]
    """
    return names.astype("string").fillna("").map(_key).map(_known_offices()).astype("str")


def _key(name: str) -> str:
    words = re.sub(r"[.,'()]", "", name.casefold().replace("-", " ").replace("/", " "))
    return " ".join(_SUFFIX.sub(" ", words).split())


@cache
def _known_offices() -> dict[str, str]:
    offices = read_csv("field_offices")
    known = dict(_OTHER_NAMES)
    for code, name in zip(offices["aor"], offices["name"], strict=True):
        known |= {_key(name): code, code.casefold(): code}
    return known
