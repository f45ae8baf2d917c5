"""Files that published analyses use beside arrests, people and crime."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from arrest_atlas.options import ArrestInputs, idle_options
from arrest_atlas.reading import Attempts
from arrest_atlas.tables.material import TableMaterial
from geo import InputError, Problem, Source
from geo.arrest_series import ArrestSeries, read_arrest_series
from geo.context import (
    Agreements,
    CountyCovariates,
    Policies,
    PresidentialVotes,
    read_agreements,
    read_county_covariates,
    read_policies,
    read_votes,
)
from geo.crime import Agencies, AgencyOffenses, read_agencies, read_agency_offenses
from geo.detainers import DetainerRecords, read_detainers

__all__ = ["Context", "read_context"]

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Context:
    """What was read of them; None for what was not given.

    Attributes
    ----------
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
        What else the user knows of counties.
    agreements_day : datetime.date or None
        Day on which agreements are to be in force; that of the list if not stated.
    """

    votes: PresidentialVotes | None
    agreements: Agreements | None
    policies: Policies | None
    series: ArrestSeries | None
    detainers: DetainerRecords | None
    city_crime: AgencyOffenses | None
    agencies: Agencies | None
    covariates: CountyCovariates | None
    agreements_day: dt.date | None

    @property
    def sources(self) -> dict[str, Source]:
        """Name the files.

        Returns
        -------
        dict of str to Source
            By what they hold.
        """
        one = {
            "votes": self.votes,
            "agreements": self.agreements,
            "policies": self.policies,
            "series": self.series,
            "covariates": self.covariates,
        }
        several = {
            "detainers": self.detainers,
            "crimes by agency": self.city_crime,
            "agencies": self.agencies,
        }
        files: dict[str, tuple[Source, ...]] = {
            what: (each.source,) for what, each in one.items() if each is not None
        }
        files |= {what: each.sources for what, each in several.items() if each is not None}
        return {
            what if len(sources) == 1 else f"{what} {number}": source
            for what, sources in files.items()
            for number, source in enumerate(sources, start=1)
        }

    def material(self, inputs: ArrestInputs | None, **choices: Any) -> TableMaterial:
        """Lay out what published analyses are made from.

        Parameters
        ----------
        inputs : ArrestInputs or None
            Arrests and people, perhaps with crime.
        **choices : object
            Periods, weights, draws, seed and located share, as `TableMaterial` has them.

        Returns
        -------
        TableMaterial
            With the files.
        """
        return TableMaterial(
            inputs=inputs,
            votes=self.votes,
            agreements=self.agreements,
            policies=self.policies,
            series=self.series,
            detainers=self.detainers,
            city_crime=self.city_crime,
            agencies=self.agencies,
            covariates=self.covariates,
            agreements_day=self.agreements_day,
            **choices,
        )


def read_context(
    *,
    votes: str | Path | None = None,
    agreements: str | Path | None = None,
    policies: str | Path | None = None,
    series: str | Path | None = None,
    detainers: str | Path | None = None,
    city_crime: str | Path | None = None,
    agencies: str | Path | None = None,
    county_covariates: str | Path | None = None,
    as_of: str | None = None,
) -> Context:
    """Read the files that are given.

    Parameters
    ----------
    votes : str or pathlib.Path, optional
        Votes for president by county, as `geo.context.read_votes` reads them.
    agreements : str or pathlib.Path, optional
        ICE's list of 287(g) agreements, as `geo.context.read_agreements` reads it.
    policies : str or pathlib.Path, optional
        Policies of states or counties, as `geo.context.read_policies` reads them.
    series : str or pathlib.Path, optional
        Arrests by day or week, as `geo.arrest_series.read_arrest_series` reads them.
    detainers : str or pathlib.Path, optional
        Records of detainers, as `geo.detainers.read_detainers` reads them.
    city_crime : str or pathlib.Path, optional
        Crimes by police agency and year, as `geo.crime.read_agency_offenses` reads them.
    agencies : str or pathlib.Path, optional
        A list of police agencies, as `geo.crime.read_agencies` reads it.
    county_covariates : str or pathlib.Path, optional
        Columns by county, as `geo.context.read_county_covariates` reads them.
    as_of : str, optional
        Day on which agreements are to be in force, such as ``2025-07-18``.

    Returns
    -------
    Context
        What they hold.

    Raises
    ------
    InputError
        With every problem of every file at once.

    Examples
    --------
    >>> read_context().sources
    {}
    """
    attempts = Attempts()
    attempts.make(lambda: _refuse_idle(as_of=as_of, agreements=agreements))

    def maybe(path: str | Path | None, read: Callable[[str | Path], T]) -> T | None:
        return None if path is None else attempts.make(lambda: read(path))

    context = Context(
        votes=maybe(votes, read_votes),
        agreements=maybe(agreements, read_agreements),
        policies=maybe(policies, read_policies),
        series=maybe(series, read_arrest_series),
        detainers=maybe(detainers, read_detainers),
        city_crime=maybe(city_crime, read_agency_offenses),
        agencies=maybe(agencies, read_agencies),
        covariates=maybe(county_covariates, read_county_covariates),
        agreements_day=None if as_of is None else attempts.make(lambda: _day(as_of)),
    )
    attempts.check()
    return context


def _refuse_idle(*, as_of: str | None, agreements: str | Path | None) -> None:
    problems = idle_options({"--as-of": (as_of, "--agreements", agreements)})
    if problems:
        raise InputError(problems)


def _day(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text.strip())
    except ValueError:
        problem = Problem(
            file="--as-of",
            found=repr(text),
            expected="a day such as 2025-07-18",
            action="write year, month and day",
        )
        raise InputError([problem]) from None
