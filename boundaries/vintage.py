"""Which years' counties are at hand, and their codes."""

from __future__ import annotations

from functools import cache
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
    return _codes(vintage)


@cache
def _codes(vintage: Vintage) -> frozenset[str]:
    return frozenset(read_geometry(f"counties_{vintage}").index)
