"""States and counties with what is set beside their arrest rates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

import pandas as pd

from arrest_atlas.counting import Kind
from arrest_atlas.options import Inputs, Options
from arrest_atlas.tables._people import county_people
from arrest_atlas.tables._place_counts import PlaceCounts, count_places, placed_counties
from arrest_atlas.tables._spans import Span, spans_of
from arrest_atlas.tables.material import TableMaterial
from arrest_atlas.tested_maps import AREA_COVERAGE, area_people
from boundaries import load_counties
from geo import InputError, Problem
from geo.context import PresidentialVotes
from geo.context.policies import Policies
from spatial_models import coarsen_graph, contiguity

if TYPE_CHECKING:
    from libpysal.graph import Graph

__all__ = ["Covariate", "DriverLevel", "DriverUnits", "units_of"]

DriverLevel = Literal["state", "county_fips"]

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


@dataclass(frozen=True, kw_only=True, eq=False)
class DriverUnits:
    """Places of a level.

    Attributes
    ----------
    level : {"state", "county_fips"}
        What the places are.
    arrests : mapping of str to pandas.DataFrame
        By kind, a row a draw and a column a place.
    people : pandas.Series of float
        Residents by place.
    covariates : pandas.DataFrame of float
        By place, a column a `Covariate`.
    reasons : mapping of str to pandas.Series of str
        By kind, why a place has no arrests of its own; empty where it has.
    graph : libpysal.graph.Graph
        Which places touch, in the order of the places.
    clusters : pandas.Series of str or None
        Larger area of each place, within which errors may go together.
    """

    level: DriverLevel
    arrests: Mapping[Kind, pd.DataFrame]
    people: pd.Series
    covariates: pd.DataFrame
    reasons: Mapping[Kind, pd.Series]
    graph: Graph
    clusters: pd.Series | None = None

    def left_out(self, kind: Kind, covariates: Sequence[Covariate]) -> pd.Series:
        """Say why places take no part.

        Parameters
        ----------
        kind : {"all", "custodial", "community"}
            Of which arrests.
        covariates : sequence of Covariate
            What must be known of a place.

        Returns
        -------
        pandas.Series of str
            By place; empty for those that do.
        """
        said = self.reasons[kind].reindex(self.covariates.index).copy()
        said = said.mask((said == "") & ~(self.people > 0), "no residents known")
        for covariate in covariates:
            absent = self.covariates[covariate.name].isna() & (said == "")
            said = said.mask(absent, f"not known: {covariate.words}")
        return said


def units_of(
    material: TableMaterial, policies: Policies | None
) -> tuple[list[DriverUnits], list[Covariate], Span, list[str], Mapping[Kind, int]]:
    """Bring arrests and covariates of the last period to states and counties.

    Returns the levels, the covariates, the period, what is to be said of both, and arrests
    of no place by kind.
    """
    inputs, votes = material.inputs, material.votes
    assert isinstance(inputs, Inputs)  # noqa: S101  (for the type checker: the recipe needs it)
    assert votes is not None  # noqa: S101  (as above)
    asked = material.periods if inputs.records is None else material.spans
    spans, notes = spans_of(inputs, asked)
    span = spans[-1]
    if len(spans) > 1:
        notes.append(f"Of the periods, the last is set beside the covariates: {span}.")
    options = Options(
        weights=material.weights,
        draws=material.draws,
        seed=material.seed,
        located_share=material.located_share,
    )
    counts = count_places(inputs, options, span.asked, rng=material.rng("drivers"))
    if "state" not in counts:
        raise InputError([_no_states()])
    counties, own = _of_counties(inputs, votes, policies, span)
    residents = county_people(inputs, span).by_county["residents"]
    graph = contiguity(load_counties().loc[counties.index])
    levels = [
        DriverUnits(
            level="state",
            arrests=counts["state"].draws,
            people=area_people(residents, placed_counties()["state"]).reindex(own.index),
            covariates=own,
            reasons=counts["state"].reasons,
            graph=coarsen_graph(graph, placed_counties()["state"]),
        )
    ]
    if "county_fips" in counts and _any_county(counts["county_fips"]):
        levels.append(
            DriverUnits(
                level="county_fips",
                arrests=counts["county_fips"].draws,
                people=residents,
                covariates=counties,
                reasons=counts["county_fips"].reasons,
                graph=graph,
                clusters=placed_counties()["state"],
            )
        )
    else:
        notes.append(
            "No county has arrest figures of its own, since too few arrests are located by "
            "county: there is no regression of counties."
        )
    covariates = _covariates(inputs, votes, policies, span)
    return levels, covariates, span, [*notes, *votes.notes], counts["state"].unassigned


def _any_county(counts: PlaceCounts) -> bool:
    return bool((counts.reasons["all"] == "").any())


def _of_counties(
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


def _covariates(
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


def _no_states() -> Problem:
    return Problem(
        file="arrests",
        found="counts by office alone, whose areas cross the borders of states",
        expected="arrests of which the state is known",
        action="add --arrests-by-state, or give --arrests",
    )
