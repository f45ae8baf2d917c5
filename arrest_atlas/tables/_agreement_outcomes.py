"""What is compared between counties with and without agreements, and what is held equal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from arrest_atlas.counting import KINDS
from arrest_atlas.options import ArrestInputs, Inputs, Options
from arrest_atlas.tables._concentration_measures import KIND_WORDS
from arrest_atlas.tables._people import county_people
from arrest_atlas.tables._place_counts import count_places, placed_counties
from arrest_atlas.tables._spans import Span
from geo import InputError, Problem
from geo.context import PresidentialVotes
from geo.context.county_covariates import CountyCovariates

__all__ = ["CRIME", "Held", "Outcome", "covariates_held", "outcomes_of"]

CRIME: Final = "crime"
"""Name of the outcome of crimes; others are kinds of arrests."""

_TAKEN: Final = frozenset(
    {
        *("log_residents", "noncitizen_share", "republican_share", "violent_crime_rate"),
        *("not_told", f"{CRIME}_rate", *(f"{kind}_rate" for kind in KINDS)),
    }
)


@dataclass(frozen=True, kw_only=True, eq=False)
class Outcome:
    """Events by county.

    Attributes
    ----------
    name : str
        ``"crime"``, or the kind of the arrests.
    words : str
        What they are.
    draws : pandas.DataFrame of float
        A row a draw, a column a county.
    people : pandas.Series of float
        To whom they refer.
    reasons : pandas.Series of str
        Why a county has none of its own; empty where it has.
    """

    name: str
    words: str
    draws: pd.DataFrame
    people: pd.Series
    reasons: pd.Series


@dataclass(frozen=True, kw_only=True)
class Held:
    """What is held equal.

    Attributes
    ----------
    name : str
        Its column.
    words : str
        What it is.
    unit : str
        Of its numbers.
    source : str
        Where it comes from.
    """

    name: str
    words: str
    unit: str
    source: str


def outcomes_of(
    inputs: ArrestInputs, span: Span, options: Options, *, rng: np.random.Generator
) -> Iterator[Outcome]:
    """Give crimes, and arrests of every kind where counties have figures of their own."""
    counties = placed_counties().index
    if isinstance(inputs, Inputs):
        crimes = inputs.crime.events(inputs.crime_residents).reindex(counties)
        yield Outcome(
            name=CRIME,
            words=inputs.crime.noun,
            draws=crimes.to_frame().T.reset_index(drop=True),
            people=inputs.crime_residents.reindex(counties),
            reasons=pd.Series("", index=counties).mask(crimes.isna(), "crime is not known"),
        )
    counts = count_places(inputs, options, span.covered, rng=rng).get("county_fips")
    if counts is None:
        return
    people = county_people(inputs, span).by_county["residents"]
    for kind in KINDS:
        if kind in counts.draws and (counts.reasons[kind] == "").any():
            yield Outcome(
                name=kind,
                words=KIND_WORDS[kind],
                draws=counts.draws[kind].reindex(columns=counties),
                people=people,
                reasons=counts.reasons[kind].reindex(counties),
            )


def covariates_held(
    inputs: ArrestInputs,
    span: Span,
    votes: PresidentialVotes | None,
    more: CountyCovariates | None,
) -> tuple[pd.DataFrame, Sequence[Held]]:
    """Give what is held equal, by county; crime comes last and is not held equal to itself."""
    counties = placed_counties().index
    residents = county_people(inputs, span).by_county["residents"]
    table = pd.DataFrame({"log_residents": np.log(residents.where(residents > 0))}, index=counties)
    held = [
        Held(name="log_residents", words="residents", unit="natural logarithm", source="residents")
    ]
    if inputs.noncitizens is not None:
        share = inputs.noncitizens.reindex(counties) / residents.where(residents > 0)
        table["noncitizen_share"] = share.where(share <= 1)
        source = inputs.sources.get("non-citizens")
        held.append(
            Held(
                name="noncitizen_share",
                words="non-citizens as a share of residents",
                unit="share, 0 to 1",
                source=source.file if source else "non-citizens",
            )
        )
    if votes is not None:
        total = votes.table["total"]
        share = votes.table["republican"] / total.where(total > 0)
        table["republican_share"] = share.reindex(counties)
        held.append(
            Held(
                name="republican_share",
                words=f"Republican share of the votes for president {votes.year or ''}".strip(),
                unit="share, 0 to 1",
                source=votes.source.file,
            )
        )
    if more is not None:
        _check_names(more)
        table = table.join(more.table.reindex(counties))
        held += [
            Held(name=name, words=name.replace("_", " "), unit="as the file has it",
                 source=more.source.file)
            for name in more.table.columns
        ]  # fmt: skip
    if isinstance(inputs, Inputs):
        table["violent_crime_rate"] = inputs.crime.rate.reindex(counties)
        held.append(
            Held(
                name="violent_crime_rate",
                words=f"{inputs.crime.noun} reported to police",
                unit="per 100,000 residents and year",
                source=inputs.crime.source.file,
            )
        )
    return table.rename_axis("county_fips"), held


def _check_names(more: CountyCovariates) -> None:
    """Refuse names that columns of the analysis have."""
    taken = [
        name
        for name in more.table.columns
        if name in _TAKEN or name.startswith("agreements_") or name.endswith("_left_out")
    ]
    if taken:
        problems = [
            Problem(
                file=more.source.file,
                where=f"column {name}",
                found="the name of a column that is there already",
                expected="a name of its own",
                action="rename the column",
            )
            for name in taken
        ]
        raise InputError(problems)
