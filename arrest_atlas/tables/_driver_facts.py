"""What is said of every table of the regressions of arrest rates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from arrest_atlas.tables._driver_fits import HALF
from arrest_atlas.tables._driver_units import DriverLevel
from arrest_atlas.tables.published import PublishedTable

__all__ = ["LEVEL_WORDS", "DriverFacts"]

LEVEL_WORDS: Final[dict[DriverLevel, tuple[str, str]]] = {
    "state": ("state", "states"),
    "county_fips": ("county", "counties"),
}
"""One and several."""


@dataclass(frozen=True, kw_only=True)
class DriverFacts:
    """What is said of every table.

    Attributes
    ----------
    period : str
        Days of the arrests.
    source : str
        Where arrests and covariates come from.
    support : str
        How finely the arrests are known.
    """

    period: str
    source: str
    support: str

    @property
    def denominator(self) -> str:
        """Say to what rates refer.

        Returns
        -------
        str
            In words.
        """
        return (
            f"residents; regressions of the logarithm of (arrests + {HALF:g}) / residents, or of "
            "arrests with residents as the exposure"
        )

    def table(self, **content: Any) -> PublishedTable:
        """Make a table with these facts.

        Parameters
        ----------
        **content
            Title, numbers, texts, words.

        Returns
        -------
        PublishedTable
            The table.
        """
        return PublishedTable(
            period=self.period,
            denominator=self.denominator,
            support=self.support,
            source=self.source,
            **content,
        )
