"""Offences by police agency, from whatever table holds them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Final

import pandas as pd

from geo._table import Source
from geo.crime.definitions import OFFENCES, check_system, load_definition
from geo.errors import InputError, Problem

__all__ = [
    "AGENCY_KINDS",
    "PROPERTY_TOTAL",
    "VIOLENT_TOTAL",
    "Agencies",
    "AgencyOffenses",
    "CountyCrimes",
]

AGENCY_KINDS: Final = (
    "city",
    "county",
    "state police",
    "university",
    "tribal",
    "federal",
    "other",
)
"""Kinds of police agencies; an empty text stands for an unknown one."""

VIOLENT_TOTAL: Final = "violent_total"
"""Offence name of a violent total that a file gives without, or beside, its parts."""

PROPERTY_TOTAL: Final = "property_total"
"""Offence name of a property total that a file gives without, or beside, its parts."""

_AGENCY_YEAR: Final = ["ori", "agency", "state", "kind", "year"]


def total_of(components: Collection[str]) -> str | None:
    """Tell which total a file may give in place of some offences.

    Parameters
    ----------
    components : collection of str
        Offences of a definition.

    Returns
    -------
    str or None
        :data:`VIOLENT_TOTAL`, :data:`PROPERTY_TOTAL`, or None where neither counts them.
    """
    if {"murder", "aggravated_assault"} <= set(components):
        return VIOLENT_TOTAL
    return PROPERTY_TOTAL if {"burglary", "larceny"} <= set(components) else None


def _nobody() -> pd.DataFrame:
    return pd.DataFrame({"ori": [], "year": [], "covered_by": []})


@dataclass(frozen=True, kw_only=True)
class AgencyOffenses:
    """Offences by police agency, year and offence.

    Attributes
    ----------
    table : pandas.DataFrame
        One row per agency, year and offence: ``ori`` (nine characters, empty where
        unknown), ``agency``, ``state`` (postal code, empty where none), ``kind`` (one of
        :data:`AGENCY_KINDS` or empty), ``year`` (int), ``offense`` (a name of
        :data:`~geo.crime.definitions.OFFENCES`, or :data:`VIOLENT_TOTAL`,
        :data:`PROPERTY_TOTAL`), ``count`` (float, NaN where not reported), ``months``
        (float, months reported, 0 to 12, NaN where unknown), ``population`` (float,
        residents, NaN where unknown) and ``agencies`` (int, agencies that the row stands
        for, usually 1).
    definition : str or None
        Definition of the violent totals, where the file's is fixed and known.
    sources : tuple of Source
        The files.
    notes : tuple of str
        What was repaired and what was left out, counted.
    system : str
        System of the figures, as :attr:`~geo.crime.Definition.system`; empty where it is
        not known.
    covered_by : pandas.DataFrame
        Agencies whose crimes stand in the return of another: ``ori``, ``year`` and
        ``covered_by`` (the other's ORI).
    """

    table: pd.DataFrame
    definition: str | None
    sources: tuple[Source, ...]
    notes: tuple[str, ...]
    system: str = ""
    covered_by: pd.DataFrame = field(default_factory=_nobody)

    def counted(self, definition: str) -> tuple[str, ...]:
        """Tell what is added up for a definition: its parts, or the total of the file.

        Parameters
        ----------
        definition : str
            Name in the catalogue.

        Returns
        -------
        tuple of str
            Offences of the table.

        Raises
        ------
        InputError
            If the table lacks a part of the definition altogether, or is of another
            system than the definition.
        """
        wanted = load_definition(definition)
        file = ", ".join(source.file for source in self.sources)
        check_system(self.system, definition, file=file)
        there = set(self.table["offense"])
        absent = [name for name in wanted.components if name not in there]
        if not absent:
            return wanted.components
        total = total_of(wanted.components)
        if total is not None and self.definition == definition:
            return (total,)
        problem = Problem(
            file=file,
            found=f"no {', '.join(OFFENCES[name] for name in absent)}",
            expected=f"the parts of {definition}: {', '.join(wanted.components)}",
            action="choose a definition whose parts the file holds",
        )
        raise InputError([problem])

    def crimes(self, definition: str) -> pd.DataFrame:
        """Add up the offences of a definition.

        Parameters
        ----------
        definition : str
            Name in the catalogue.

        Returns
        -------
        pandas.DataFrame
            One row per agency and year, with the columns of `table` save ``offense``;
            ``count`` is NaN where any part is missing, ``months`` the fewest of any part.

        Raises
        ------
        InputError
            If the table lacks a part of the definition altogether, or is of another
            system than the definition.
        """
        parts = self.counted(definition)
        rows = self.table[self.table["offense"].isin(parts)]
        agencies = rows.groupby(_AGENCY_YEAR, sort=False)
        summed = agencies.agg({"months": "min", "population": "max", "agencies": "max"})
        summed["count"] = agencies["count"].sum(min_count=len(parts))
        return summed.reset_index()


@dataclass(frozen=True, kw_only=True)
class Agencies:
    """Police agencies and the counties that they serve.

    Attributes
    ----------
    table : pandas.DataFrame
        Indexed by ``ori`` (nine characters, unique): ``agency``, ``state`` (postal code),
        ``kind`` (one of :data:`AGENCY_KINDS` or empty), ``counties`` (tuple of county
        codes of 2019, in the file's order; empty where none is known), ``population``
        (float, NaN where unknown) and ``year`` (int; 0 where the file states none).
    unplaced : pandas.DataFrame
        Agencies without a county, or with a county name that could not be resolved:
        ``ori``, ``agency``, ``state``, ``county`` (as written) and ``reason``.
    sources : tuple of Source
        The files.
    notes : tuple of str
        What was repaired and what was left out, counted.
    """

    table: pd.DataFrame
    unplaced: pd.DataFrame
    sources: tuple[Source, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class CountyCrimes:
    """Crimes by county and year, whatever they were read from.

    Attributes
    ----------
    table : pandas.DataFrame
        One row per county and year: ``county_fips`` (vintage 2019), ``year`` (int; the
        last one of a pooled figure), ``years`` (``"2017"``, or ``"2014/2016"`` where
        pooled), ``crimes`` (float, NaN where not reported), ``residents`` (float, to whom
        the crimes refer, NaN where unknown), ``covered_share`` (float, 0 to 1, share of
        residents whose police reported, NaN where unknown) and ``flags`` (text, empty
        where there is nothing to say).
    definition : str
        Name in the catalogue.
    vintage_carried : pandas.DataFrame or None
        Shares by which counties of another vintage were carried over; None if none were.
    sources : tuple of Source
        The files.
    notes : tuple of str
        What was repaired and what was left out, counted.
    """

    table: pd.DataFrame
    definition: str
    vintage_carried: pd.DataFrame | None
    sources: tuple[Source, ...]
    notes: tuple[str, ...]
