"""What a published analysis comes to on one's own data: tables, a figure, and sentences."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import geopandas as gpd
import pandas as pd

from boundaries import dissolve_counties, load_counties, load_states
from outputs import ColumnWords, LayerWords

__all__ = ["AREAS", "PublishedAnalysis", "PublishedTable"]

AREAS: Final = ("state", "aor", "zone", "county_fips")
"""Names of an index whose places have a shape."""


@dataclass(frozen=True, kw_only=True, repr=False)
class PublishedTable:
    """A table, with what must be known of its numbers.

    Attributes
    ----------
    title : str
        What a row is, and of what: ``"Arrest rates by state"``.
    frame : pandas.DataFrame
        The numbers, one row a unit. An index named ``state``, ``aor``, ``zone`` or
        ``county_fips`` is that of places, whose shapes a GeoPackage then has; missing is what
        is not known, and stands there with a reason, never dropped.
    shown : pandas.DataFrame
        The rows and columns that people read, as texts; the first column names the row.
    columns : mapping of str to ColumnWords
        Meaning and unit of every column of `frame`, and of its index.
    period : str
        Of when the numbers are.
    denominator : str
        What shares and rates refer to.
    support : str
        How finely the places of the arrests are known, and what follows for these numbers.
    source : str
        Where the numbers come from.
    """

    title: str
    frame: pd.DataFrame
    shown: pd.DataFrame
    columns: Mapping[str, ColumnWords]
    period: str
    denominator: str
    support: str
    source: str

    def __post_init__(self) -> None:
        untold = [name for name in self._named if name not in self.columns]
        if untold:
            message = f"table {self.title!r}: found no words for {untold}; expected them for all"
            raise ValueError(message)

    def __repr__(self) -> str:
        return f"{self.title}, {len(self.frame):,} rows ({self.period})"

    @property
    def _named(self) -> list[str]:
        names = [name for name in self.frame.index.names if name is not None]
        return [*map(str, names), *map(str, self.frame.columns)]

    @property
    def facts(self) -> dict[str, str]:
        """Name period, denominator, support and source.

        Returns
        -------
        dict of str to str
            In the order in which they are read.
        """
        return {
            "Period": self.period,
            "Denominator": self.denominator,
            "Support": self.support,
            "Source": self.source,
        }

    @property
    def words(self) -> LayerWords:
        """Describe the table to those who did not make it.

        Returns
        -------
        LayerWords
            Its facts as the abstract.
        """
        abstract = ". ".join(f"{what}: {told}".rstrip(".") for what, told in self.facts.items())
        return LayerWords(title=self.title, abstract=f"{abstract}.", columns=self.columns)

    def to_frame(self) -> pd.DataFrame:
        """Hand the numbers out.

        Returns
        -------
        pandas.DataFrame
            A copy of ``frame``.
        """
        return self.frame.copy()

    def to_layer(self) -> gpd.GeoDataFrame | pd.DataFrame:
        """Add the shapes of the places.

        Returns
        -------
        geopandas.GeoDataFrame or pandas.DataFrame
            With ``geometry`` (EPSG:4269) if the index is one of places, each in one row; empty
            for rows that are no place (all arrests, not assigned).
        """
        name = self.frame.index.name
        if name not in AREAS or not self.frame.index.is_unique:
            return self.to_frame()
        shapes = _shapes(str(name))
        return gpd.GeoDataFrame(
            self.frame, geometry=shapes.reindex(self.frame.index), crs=shapes.crs
        )


def _shapes(area: str) -> gpd.GeoSeries:
    if area == "county_fips":
        return load_counties().geometry
    if area == "state":
        return load_states().geometry
    return dissolve_counties(load_counties(), area).geometry


@dataclass(frozen=True, kw_only=True, repr=False)
class PublishedAnalysis:
    """A published analysis, made on one's own data.

    Attributes
    ----------
    name : str
        By which the command line knows it: ``"rates"``.
    question : str
        What it asks.
    findings : tuple of str
        What was found, in sentences with their numbers and intervals; the first stands
        alone.
    limits : tuple of str
        What it cannot say, what is missing, by which rule things were carried.
    tables : mapping of str to PublishedTable
        By name of the layer and the file (letters, digits and ``_``), the main one first.
    figures : mapping of str to str
        SVG documents by name (small letters, digits, hyphens), each with a title and a
        description.
    captions : mapping of str to str
        What to see in each figure, and what not.
    simulated : bool
        Whether the data are made up.
    """

    name: str
    question: str
    findings: tuple[str, ...]
    limits: tuple[str, ...]
    tables: Mapping[str, PublishedTable]
    figures: Mapping[str, str] = field(default_factory=dict)
    captions: Mapping[str, str] = field(default_factory=dict)
    simulated: bool = False

    def __post_init__(self) -> None:
        if self.figures.keys() != self.captions.keys():
            message = f"{self.name}: figures {list(self.figures)}, captions {list(self.captions)}"
            raise ValueError(message)
        titles = [table.title for table in self.tables.values()]
        if len(set(titles)) < len(titles):  # a GeoPackage tells its layers apart by them
            message = f"{self.name}: found tables of one title in {titles}; expected a title each"
            raise ValueError(message)

    def __repr__(self) -> str:
        simulated = " (SIMULATED)" if self.simulated else ""
        return f"{self.question}{simulated}\n{self.findings[0]}"

    def to_frame(self) -> pd.DataFrame:
        """Hand the main table out.

        Returns
        -------
        pandas.DataFrame
            A copy of the first one's numbers.
        """
        return next(iter(self.tables.values())).to_frame()
