"""States and counties with what is set beside their arrest rates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

import pandas as pd

from arrest_atlas.counting import Kind
from arrest_atlas.options import Inputs, Options
from arrest_atlas.period import check_order
from arrest_atlas.report_parts._wording import percent
from arrest_atlas.tables._driver_covariates import Covariate, covariate_values, covariates_of
from arrest_atlas.tables._people import county_people
from arrest_atlas.tables._place_counts import PlaceCounts, count_places, placed_counties
from arrest_atlas.tables._spans import Span, spans_of
from arrest_atlas.tables.material import TableMaterial
from arrest_atlas.tested_maps import area_people
from boundaries import load_counties
from geo import InputError, Problem
from geo.context.policies import Policies
from spatial_models import coarsen_graph, contiguity

if TYPE_CHECKING:
    from libpysal.graph import Graph

__all__ = ["Covariate", "DriverLevel", "DriverUnits", "Gathered", "gather"]

DriverLevel = Literal["state", "county_fips"]

LEVEL_NAMES: Final[dict[str, str]] = {"state": "states", "county_fips": "counties"}


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


@dataclass(frozen=True, kw_only=True, eq=False)
class Gathered:
    """Arrests and covariates, brought to states and counties.

    Attributes
    ----------
    levels : sequence of DriverUnits
        States, and counties where any has figures of its own.
    covariates : sequence of Covariate
        What is set beside their arrest rates.
    span : Span
        The last of the periods.
    notes : sequence of str
        What is to be said of all this.
    unassigned : mapping of str to int
        By kind, arrests of no state.
    """

    levels: Sequence[DriverUnits]
    covariates: Sequence[Covariate]
    span: Span
    notes: Sequence[str]
    unassigned: Mapping[Kind, int]


def gather(material: TableMaterial, policies: Policies | None) -> Gathered:
    """Bring arrests and covariates of the last period to states and counties."""
    inputs, votes = material.arrests, material.votes
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
    notes += [_known_share(each) for level, each in counts.items() if level in LEVEL_NAMES]
    counties, own = covariate_values(inputs, votes, policies, span)
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
    order = check_order(inputs.crime_period, span.covered)
    return Gathered(
        levels=levels,
        covariates=covariates_of(inputs, votes, policies, span),
        span=span,
        notes=[*([] if order is None else [order]), *notes, *votes.notes],
        unassigned=counts["state"].unassigned,
    )


def _known_share(counts: PlaceCounts) -> str:
    """Say how many of the arrests of a level's places are known for them."""
    own = counts.reasons["all"] == ""
    known, every = counts.known[own].sum(), counts.arrests[own].sum()
    places = LEVEL_NAMES[counts.level]
    if known >= every:
        return f"All arrests of {places} with figures of their own are known for the place."
    return (
        f"Of the arrests of {places} with figures of their own, {percent(known / every)} are known "
        "for the place; the others are drawn."
    )


def _any_county(counts: PlaceCounts) -> bool:
    return bool((counts.reasons["all"] == "").any())


def _no_states() -> Problem:
    return Problem(
        file="arrests",
        found="counts by office alone, whose areas cross the borders of states",
        expected="arrests of which the state is known",
        action="add --arrests-by-state, or give --arrests",
    )
