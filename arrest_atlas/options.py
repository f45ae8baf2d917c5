"""What a run is given and what it is asked to do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, NoReturn

import pandas as pd

from arrest_atlas.period import Period
from arrest_atlas.records import Records
from geo import CrimeRates, InputError, Problem, Source
from geo.population import Population

Denominator = Literal["residents", "noncitizens"]
GraphKind = Literal["queen", "nearest", "distance"]
Treatment = Literal["imputed", "located", "proportional"]
Extent = Literal["conterminous", "states"]

_FEWEST_SURROGATES = 39

DENOMINATOR_WORDS = {"residents": "residents", "noncitizens": "non-citizens"}
"""The denominators, in words."""


def too_few_surrogates(surrogates: int) -> list[Problem]:
    """Refuse a number of surrogate maps that could not tell anything.

    Parameters
    ----------
    surrogates : int
        Of each family; 0 for none.

    Returns
    -------
    list of Problem
        At most one.

    Examples
    --------
    >>> [problem.found for problem in too_few_surrogates(9)]
    ['9']
    """
    if not 0 < surrogates < _FEWEST_SURROGATES:
        return []
    problem = Problem(
        file="--surrogates",
        found=str(surrogates),
        expected=f"0 for none, or {_FEWEST_SURROGATES} at least: with fewer, no two-sided p-value "
        "can be as small as 0.05",
        action="change the option",
    )
    return [problem]


def idle_options(
    options: Mapping[str, tuple[object | None, str, object | None]],
) -> list[Problem]:
    """Report options that say something of a file that is not given.

    Parameters
    ----------
    options : mapping of str to tuple
        By option: its value, the option that gives the file, and the file; None for what
        is not given.

    Returns
    -------
    list of Problem
        One an option.

    Examples
    --------
    >>> print(idle_options({"--layer": ("a", "--polygons", None)})[0])
    --layer: found the option without --polygons; expected both; add --polygons, or leave ...
    """
    return [
        Problem(
            file=option,
            found=f"the option without {other}",
            expected="both",
            action=f"add {other}, or leave {option} out",
        )
        for option, (value, other, file) in options.items()
        if value is not None and file is None
    ]


def no_arrests() -> NoReturn:
    """Refuse a run without any arrests.

    Raises
    ------
    InputError
        Always.
    """
    problem = Problem(
        file="arrests",
        found="no file",
        expected="records of arrests, or counts by office, by state or by county",
        action="give --arrests, or give at least one of --arrests-by-aor, --arrests-by-state, "
        "--arrests-by-county; or run: arrest-atlas fetch arrests",
    )
    raise InputError([problem])


def no_crime() -> NoReturn:
    """Refuse a run without a crime baseline.

    Raises
    ------
    InputError
        Always.
    """
    problem = Problem(
        file="crime",
        found="no file",
        expected="violent crime by county",
        action="give --crime, or run: arrest-atlas fetch county-health-rankings-2021",
    )
    raise InputError([problem])


@dataclass(frozen=True, kw_only=True)
class ArrestInputs:
    """Arrests and people that an analysis starts from.

    Attributes
    ----------
    records : Records or None
        Arrests one by one; there are no tables of counts then.
    arrests_by_aor, arrests_by_state : pandas.Series of int or None
        Arrests whose county is not known, by office and by state. Together they become
        totals by zone, alone they stay totals by office or by state.
    arrests_by_county : pandas.Series of int or None
        Other arrests, whose county is known.
    residents : pandas.Series of float
        Residents by county, for the arrests.
    residents_by_year : Population or None
        Residents of every year there is, if the user gave a file of several.
    noncitizens : pandas.Series of float or None
        Non-citizens by county.
    people_by_area : mapping of str to pandas.DataFrame
        ``residents`` and ``noncitizens`` by ``"state"`` or ``"aor"``, as tables of counts
        give them beside the arrests.
    arrest_period : Period or None
        When.
    unlocated : int
        Arrests that belong to no office or state.
    sources : mapping of str to Source
        Files by what they hold.
    notes : tuple of str
        What the reader of a result must know of the inputs.
    simulated : bool
        Whether the data are made up.
    """

    records: Records | None = None
    arrests_by_aor: pd.Series | None = None
    arrests_by_state: pd.Series | None = None
    arrests_by_county: pd.Series | None = None
    residents: pd.Series
    residents_by_year: Population | None = None
    noncitizens: pd.Series | None = None
    people_by_area: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    arrest_period: Period | None = None
    unlocated: int = 0
    sources: dict[str, Source] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    simulated: bool = False

    def __post_init__(self) -> None:
        tables = (self.arrests_by_aor, self.arrests_by_state, self.arrests_by_county)
        if self.records is None and all(table is None for table in tables):
            no_arrests()

    @property
    def file_names(self) -> str:
        """Name the files, each once; empty if there are none.

        Returns
        -------
        str
            Joined by semicolons.
        """
        return "; ".join(dict.fromkeys(each.file for each in self.sources.values()))

    def people(self, kind: Denominator) -> pd.Series:
        """Look up the residents or the non-citizens by county.

        Parameters
        ----------
        kind : {"residents", "noncitizens"}
            Which of the two.

        Returns
        -------
        pandas.Series of float
            People by ``county_fips``.

        Raises
        ------
        InputError
            If non-citizens are asked for and none were given.
        """
        if kind == "residents":
            return self.residents
        if self.noncitizens is None:
            problem = Problem(
                file="--noncitizens",
                found="no file",
                expected="non-citizens by county, since weights or denominator ask for them",
                action="give the file, or choose residents",
            )
            raise InputError([problem])
        return self.noncitizens


@dataclass(frozen=True, kw_only=True)
class Inputs(ArrestInputs):
    """Tables that a run starts from: arrests, people, and crime.

    Attributes
    ----------
    crime : CrimeRates
        Violent crime per 100,000 residents.
    crime_residents : pandas.Series of float
        Residents by county in the years of the crime baseline.
    crime_period : Period or None
        When.
    """

    crime: CrimeRates
    crime_residents: pd.Series
    crime_period: Period | None = None


@dataclass(frozen=True, kw_only=True)
class Options:
    """Choices of method.

    Attributes
    ----------
    denominator : {"residents", "noncitizens"}
        People to whom arrest rates refer.
    weights : {"residents", "noncitizens"}
        People in proportion to whom arrests are drawn into the counties of their area.
    draws : int
        Imputations.
    seed : int
        Seed of every random number.
    alpha : float
        Level of the false discovery rate that makes a place hot or cold.
    located_share : float
        Share of an area's arrests whose county must be known before its counties get
        classes of their own.
    graph : {"queen", "nearest", "distance"}
        Which counties are neighbours: those that touch, the six nearest, or those up to
        100 km apart.
    treatment : {"imputed", "located", "proportional"}
        What counts as a county's arrests: draws of the located and the imputed ones, the
        located ones alone, or the others shared out in proportion to the weights.
    extent : {"conterminous", "states"}
        Where tests are made: the 48 states and DC, or Alaska and Hawaii, too.
    surrogates : int
        Surrogate maps of each family behind the p-values of association; 0 for none.
    kernel_length : float
        Length of the kernel of the surrogates of family K, in kilometres; from 200 to
        1,000, which have been tried (docs/calibration.md).
    """

    denominator: Denominator = "residents"
    weights: Denominator = "residents"
    draws: int = 100
    seed: int = 0
    alpha: float = 0.05
    located_share: float = 0.5
    graph: GraphKind = "queen"
    treatment: Treatment = "imputed"
    extent: Extent = "conterminous"
    surrogates: int = 999
    kernel_length: float = 500.0

    def __post_init__(self) -> None:
        limits = (
            ("draws", self.draws, 1, 5_000),
            ("seed", self.seed, 0, 2**63 - 1),
            ("alpha", self.alpha, 1e-6, 0.5),
            ("located_share", self.located_share, 1e-6, 1.0),
            ("surrogates", self.surrogates, 0, 9_999),
            ("kernel_length", self.kernel_length, 200, 1_000),
        )
        problems = [
            Problem(
                file=f"--{name.replace('_', '-')}",
                found=str(value),
                expected=f"a number from {low:g} to {high:g}",
                action="change the option",
            )
            for name, value, low, high in limits
            if not low <= value <= high
        ]
        problems += too_few_surrogates(self.surrogates)
        if problems:
            raise InputError(problems)
