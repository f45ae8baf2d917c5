"""What published analyses are made from, and which of them can be."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

import numpy as np

from arrest_atlas.options import ArrestInputs, Denominator, Inputs, no_arrests
from arrest_atlas.period import Period
from arrest_atlas.tables.arrest_rows import usual_periods
from arrest_atlas.tables.published import PublishedAnalysis
from geo.arrest_series import ArrestSeries
from geo.context import Agreements, Policies, PresidentialVotes
from geo.context.county_covariates import CountyCovariates
from geo.crime import Agencies, AgencyOffenses
from geo.detainers import DetainerRecords

__all__ = ["Need", "Recipe", "TableMaterial"]

Need = Literal[
    "records",
    "crime",
    "noncitizens",
    "votes",
    "agreements",
    "policies",
    "series",
    "detainers",
    "city_crime",
    "agencies",
    "covariates",
]
"""What an analysis cannot do without, beside arrests."""

_WORDS: Final[dict[Need, tuple[str, str]]] = {
    "records": ("records of arrests, one row each", "--arrests"),
    "crime": ("violent crime by county", "--crime"),
    "noncitizens": ("non-citizens by county", "--noncitizens"),
    "votes": ("votes for president by county", "--votes"),
    "agreements": ("ICE's list of agreements", "--agreements"),
    "policies": ("policies of states or counties", "--policies"),
    "series": ("arrests by day or week", "--series"),
    "detainers": ("records of detainers, one row each", "--detainers"),
    "city_crime": ("crimes by police agency and year", "--city-crime"),
    "agencies": ("a list of police agencies", "--agencies"),
    "covariates": ("further covariates by county", "--county-covariates"),
}


@dataclass(frozen=True, kw_only=True)
class TableMaterial:
    """What the user gave, and the choices of method.

    Attributes
    ----------
    inputs : ArrestInputs or None
        Arrests and people; `Inputs`, with crime, where there is any. None where only a series
        is given.
    votes : PresidentialVotes or None
        Votes for president.
    agreements : Agreements or None
        Agreements with local agencies.
    policies : Policies or None
        Policies of states or counties.
    series : ArrestSeries or None
        Arrests by day or week.
    detainers : DetainerRecords or None
        Records of detainers.
    city_crime : AgencyOffenses or None
        Crimes by police agency and year.
    agencies : Agencies or None
        A list of police agencies.
    covariates : CountyCovariates or None
        What else is to be held equal between counties.
    agreements_day : datetime.date or None
        Day on which agreements are in force; that of the list if None.
    periods : tuple of Period
        Days to be told apart; of the arrests' own period if there are none.
    weights : {"residents", "noncitizens"}
        People by whom arrests are imputed.
    draws : int
        Imputations.
    seed : int
        Seed of every random number.
    located_share : float
        Located share of a zone's arrests from which on its counties have figures of their own.
    """

    inputs: ArrestInputs | None
    votes: PresidentialVotes | None = None
    agreements: Agreements | None = None
    policies: Policies | None = None
    series: ArrestSeries | None = None
    detainers: DetainerRecords | None = None
    city_crime: AgencyOffenses | None = None
    agencies: Agencies | None = None
    covariates: CountyCovariates | None = None
    agreements_day: date | None = None
    periods: tuple[Period, ...] = ()
    weights: Denominator = "residents"
    draws: int = 100
    seed: int = 0
    located_share: float = 0.5

    def has(self, need: Need) -> bool:
        """Tell whether something is there.

        Parameters
        ----------
        need : str
            What.

        Returns
        -------
        bool
            Whether the user gave it.
        """
        inputs = self.inputs
        return {
            "records": inputs is not None and inputs.records is not None,
            "crime": isinstance(inputs, Inputs),
            "noncitizens": inputs is not None and inputs.noncitizens is not None,
            "votes": self.votes is not None,
            "agreements": self.agreements is not None,
            "policies": self.policies is not None,
            "series": self.series is not None,
            "detainers": self.detainers is not None,
            "city_crime": self.city_crime is not None,
            "agencies": self.agencies is not None,
            "covariates": self.covariates is not None,
        }[need]

    @property
    def arrests(self) -> ArrestInputs:
        """Give the arrests to an analysis that cannot do without.

        Returns
        -------
        ArrestInputs
            Arrests and people.

        Raises
        ------
        InputError
            If there are none.
        """
        if self.inputs is None:
            no_arrests()
        return self.inputs

    @property
    def spans(self) -> tuple[Period, ...]:
        """Tell the days that are told apart.

        Returns
        -------
        tuple of Period
            Those that the user names; else, of records, `usual_periods`, and of counts the
            period that they are of, if it is stated.
        """
        if self.periods:
            return self.periods
        records = self.arrests.records
        if records is None:
            return () if self.arrests.arrest_period is None else (self.arrests.arrest_period,)
        days = records.arrests.table["apprehension_date"].dropna()
        return usual_periods(days.min().date(), days.max().date()) if len(days) else ()

    def rng(self, name: str) -> np.random.Generator:
        """Give an analysis its own stream of random numbers.

        Parameters
        ----------
        name : str
            Of the analysis, so that one's numbers do not depend on which others are made.

        Returns
        -------
        numpy.random.Generator
            The same for the same seed and name.
        """
        return np.random.default_rng([self.seed, *name.encode()])


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """How a published analysis is made.

    Attributes
    ----------
    name : str
        By which the command line knows it.
    help : str
        What it asks, in a line.
    make : callable
        From the material to the analysis.
    needs : tuple of str
        What it cannot do without.
    takes : tuple of str
        What it uses where it is given.
    counts : bool
        Whether tables of counts do in place of records.
    periods : bool
        Whether it tells periods apart.
    people : bool
        Whether it uses people by county.
    imputes : bool
        Whether arrests of no known county are drawn into counties.
    random : bool
        Whether it draws random numbers; what imputes does.
    """

    name: str
    help: str
    make: Callable[[TableMaterial], PublishedAnalysis]
    needs: tuple[Need, ...] = ()
    takes: tuple[Need, ...] = ()
    counts: bool = False
    periods: bool = True
    people: bool = False
    imputes: bool = False
    random: bool = False

    def lacks(self, material: TableMaterial) -> list[str]:
        """Say what is missing.

        Parameters
        ----------
        material : TableMaterial
            What there is.

        Returns
        -------
        list of str
            What must be given yet, in words with the option; empty if it can be made.
        """
        missing = (_WORDS[need] for need in self.needs if not material.has(need))
        return [f"{what} ({option})" for what, option in missing]
