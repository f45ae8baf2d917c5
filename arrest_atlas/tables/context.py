"""Files that published analyses use beside arrests, people and crime."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from arrest_atlas.options import ArrestInputs
from arrest_atlas.reading import Attempts
from arrest_atlas.tables.material import TableMaterial
from geo import Source
from geo.arrest_series import ArrestSeries, read_arrest_series
from geo.context import (
    Agreements,
    Policies,
    PresidentialVotes,
    read_agreements,
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
    """

    votes: PresidentialVotes | None
    agreements: Agreements | None
    policies: Policies | None
    series: ArrestSeries | None
    detainers: DetainerRecords | None
    city_crime: AgencyOffenses | None
    agencies: Agencies | None

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
    )
    attempts.check()
    return context
