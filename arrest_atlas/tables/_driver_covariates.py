"""Votes, non-citizens, violent crime and policies of states and counties."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import pandas as pd

from arrest_atlas.options import Inputs
from arrest_atlas.tables._place_counts import placed_counties
from arrest_atlas.tables._spans import Span
from arrest_atlas.tested_maps import AREA_COVERAGE
from geo import InputError, Problem
from geo.context import PresidentialVotes
from geo.context.policies import Policies

__all__ = ["Covariate", "covariate_values", "covariates_of"]

TRUMP: Final = "trump_share"
NONCITIZENS: Final = "noncitizen_share"
CRIME: Final = "violent_crime_rate"


@dataclass(frozen=True, kw_only=True)
class Covariate:
    """What is set beside arrest rates.

    Attributes
    ----------
    name : str
        Its column.
    words : str
        What it is, in a sentence.
    unit : str
        Of its numbers.
    source : str
        Where it comes from, and of when.
    """

    name: str
    words: str
    unit: str
    source: str


def covariate_values(
    inputs: Inputs, votes: PresidentialVotes, policies: Policies | None, span: Span
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Give the covariates of counties, and of states."""
    placed = placed_counties()
    state = placed["state"]
    residents = inputs.residents.reindex(placed.index)
    people = inputs.people("noncitizens").reindex(placed.index)
    share = (people / residents.where(residents > 0)).where(people <= residents)
    crime = inputs.crime.rate.reindex(placed.index)
    counties = pd.DataFrame(
        {
            TRUMP: _republican(votes.table).reindex(placed.index),
            NONCITIZENS: share,
            CRIME: crime,
        }
    )
    states = pd.DataFrame(
        {
            TRUMP: _republican(votes.by_state),
            NONCITIZENS: _mean(share, residents, state),
            CRIME: _mean(crime, inputs.crime_residents.reindex(placed.index), state),
        },
        index=pd.Index(sorted(state.unique()), name="state"),
    )
    if policies is not None:
        held = _during(policies, span)
        if policies.by == "state":
            states = states.join(held)
            counties = counties.join(held.reindex(state).set_axis(state.index))
        else:
            counties = counties.join(held)
            averaged = {name: _mean(counties[name], residents, state) for name in held}
            states = states.join(pd.DataFrame(averaged))
    return counties.rename_axis("county_fips"), states


def _republican(votes: pd.DataFrame) -> pd.Series:
    return votes["republican"] / votes["total"].where(votes["total"] > 0)


def _mean(values: pd.Series, weights: pd.Series, area: pd.Series) -> pd.Series:
    """Average by people, where the counties of four in five of them have a value."""
    held = weights.where(values.notna())
    whole = weights.groupby(area).sum()
    known = held.groupby(area).sum()
    mean = (values * held).groupby(area).sum() / known.where(known > 0)
    return mean.where(known >= AREA_COVERAGE * whole)


def _during(policies: Policies, span: Span) -> pd.DataFrame:
    if span.covered is None:
        problem = Problem(
            file=policies.source.file,
            found="policies with days, and arrests of a period that is not stated",
            expected="the days of the arrests",
            action="state them with --arrest-period",
        )
        raise InputError([problem])
    taken = {TRUMP, NONCITIZENS, CRIME}.intersection(policies.names)
    if taken:
        problem = Problem(
            file=policies.source.file,
            where=f"column {min(taken)}",
            found="the name of a covariate that is there already",
            expected="a name of its own",
            action="rename the column",
        )
        raise InputError([problem])
    return policies.during(span.covered.first, span.covered.last)


def covariates_of(
    inputs: Inputs, votes: PresidentialVotes, policies: Policies | None, span: Span
) -> list[Covariate]:
    sources = inputs.sources
    noncitizens = sources["non-citizens"].file if "non-citizens" in sources else "non-citizens"
    year = "" if votes.year is None else f" {votes.year}"
    listed = [
        Covariate(
            name=TRUMP,
            words=f"Republican share of the votes for president{year}",
            unit="share, 0 to 1",
            source=f"{votes.source.file}",
        ),
        Covariate(
            name=NONCITIZENS,
            words="non-citizens as a share of residents",
            unit="share, 0 to 1",
            source=noncitizens,
        ),
        Covariate(
            name=CRIME,
            words=f"{inputs.crime.noun} reported to police",
            unit="per 100,000 residents and year",
            source=f"{inputs.crime.source.file} ({inputs.crime_period or 'period not stated'})",
        ),
    ]
    if policies is not None:
        listed += [
            Covariate(
                name=name,
                words=f"policy: {name.replace('_', ' ')}",
                unit=f"mean over {span}",
                source=policies.source.file,
            )
            for name in policies.names
        ]
    return listed
