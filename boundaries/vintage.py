"""Tell which year's counties a set of codes belongs to."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Literal

from boundaries._package_data import read_geometry
from boundaries.errors import VintageError

Vintage = Literal[2019, 2023]
VINTAGES: Final[tuple[Vintage, ...]] = (2019, 2023)
CANONICAL_VINTAGE: Final[Vintage] = 2019
"""The vintage that every table is keyed by."""


def county_codes(vintage: Vintage) -> frozenset[str]:
    """List the county codes of a vintage.

    Parameters
    ----------
    vintage : {2019, 2023}
        Year of the Census cartographic boundary file.

    Returns
    -------
    frozenset of str
        Five-digit codes, territories included.

    Raises
    ------
    VintageError
        If no boundary file of that year is embedded.

    Examples
    --------
    >>> len(county_codes(2019)), "09110" in county_codes(2023)
    (3233, True)
    """
    if vintage not in VINTAGES:
        raise VintageError(
            found=f"vintage {vintage!r}",
            expected=f"one of {', '.join(map(str, VINTAGES))}, "
            "the county boundaries that are embedded",
            action="choose one of these years",
        )
    return frozenset(read_geometry(f"counties_{vintage}").index)


def detect_vintage(codes: Iterable[str]) -> Vintage:
    """Tell the vintage of a table from its county codes.

    Connecticut has counties (09001-09015) in 2019 and planning regions (09110-09190)
    in 2023; Alaska's 02261 of 2019 is 02063 and 02066 in 2023. All other codes are
    common to both; a table with none of the telling codes counts as 2019, the
    canonical vintage. Codes of neither vintage are not this function's business.

    Parameters
    ----------
    codes : iterable of str
        Five-digit county codes.

    Returns
    -------
    {2019, 2023}
        The vintage.

    Raises
    ------
    VintageError
        If codes of both vintages are present. The message lists them and says what
        to do.

    Examples
    --------
    >>> detect_vintage(["01001", "09110"])
    2023
    """
    present = set(codes)
    old, new = county_codes(2019), county_codes(2023)
    only_old, only_new = sorted(present & (old - new)), sorted(present & (new - old))
    if only_old and only_new:
        raise _mixture(only_old, only_new)
    return 2023 if only_new else CANONICAL_VINTAGE


def _mixture(only_old: list[str], only_new: list[str]) -> VintageError:
    advice = ["keep the rows of one vintage"]
    if any(code.startswith("09") for code in only_old + only_new):
        advice.append(
            "Connecticut (09...) published counties until 2021 and planning regions from 2022"
        )
    if any(code.startswith("02") for code in only_old + only_new):
        advice.append(
            "Alaska's Valdez-Cordova (02261) became Chugach (02063) and Copper River (02066) "
            "in 2019; add the two for a count of 02261"
        )
    return VintageError(
        found=f"county codes of two vintages: {', '.join(only_old)} exist only in 2019, "
        f"{', '.join(only_new)} only in 2023",
        expected="one vintage",
        action="; ".join(advice),
    )
