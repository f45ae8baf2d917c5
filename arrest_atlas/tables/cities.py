"""Arrest rates of states against the violent crime of their large cities.

The first question of the sources of this project: are there more arrests where cities have
more violent crime?
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
import pandas as pd

from arrest_atlas.counting import KINDS
from arrest_atlas.options import ArrestInputs, Denominator, Options
from arrest_atlas.period import Period, check_order
from arrest_atlas.tables._city_crime import LARGE, CityCrime, judge_cities
from arrest_atlas.tables._city_tables import SEVERAL, CityFacts, city_tables
from arrest_atlas.tables._city_texts import city_findings, city_limits, scatter_of
from arrest_atlas.tables._draw_intervals import rate_of_draws
from arrest_atlas.tables._people import county_people, people_of_places
from arrest_atlas.tables._place_counts import PlaceCounts, count_places
from arrest_atlas.tables._scale_pairs import Pairs, associate
from arrest_atlas.tables._spans import Span, spans_of
from arrest_atlas.tables.material import Recipe, TableMaterial
from arrest_atlas.tables.published import PublishedAnalysis
from geo import PER, InputError, Problem
from geo.crime import Agencies, AgencyOffenses

__all__ = ["RECIPE", "cities"]

_QUESTION: Final = "Are there more arrests in states whose cities have more violent crime?"
_AMONG: Final[tuple[tuple[str, tuple[str, ...], int], ...]] = (
    ("cities", ("city",), 1),
    ("three cities or more", ("city",), SEVERAL),
    ("cities and county police", ("city", "county"), 1),
)
"""Name, kinds of agencies, and how many a state must have."""


def cities(
    inputs: ArrestInputs,
    offenses: AgencyOffenses,
    *,
    agencies: Agencies | None = None,
    periods: Sequence[Period] = (),
    year: int | None = None,
    weights: Denominator = "residents",
    draws: int = 100,
    located_share: float = 0.5,
    rng: int | np.random.Generator,
) -> PublishedAnalysis:
    """Set the arrest rates of states beside the violent crime of their large cities.

    Parameters
    ----------
    inputs : ArrestInputs
        Records of arrests, or counts by state, and people by county.
    offenses : AgencyOffenses
        Offences by police agency, with their residents.
    agencies : Agencies, optional
        A list of agencies: tells cities from counties, and which large ones do not report.
    periods : sequence of Period, optional
        Days of arrests, where records have them; the last is used.
    year : int, optional
        Of the crimes. By default the last one of the file that ended before the arrests
        began; if there is none, the first.
    weights : {"residents", "noncitizens"}, default "residents"
        People by whom arrests known only for a larger area are imputed.
    draws : int, default 100
        Imputations.
    located_share : float, default 0.5
        As in `rates`; of no effect on states.
    rng : int or numpy.random.Generator
        Source of randomness.

    Returns
    -------
    PublishedAnalysis
        States, correlations, and the cities behind them (100,000 residents or more).

    Raises
    ------
    InputError
        If arrests are known by office alone, or no large agency has a report of the year.

    Examples
    --------
    >>> from arrest_atlas.demo import simulate
    >>> from arrest_atlas.simulated_cities import simulate_city_crime
    >>> made = cities(
    ...     simulate(seed=0, arrests=20_000).inputs, simulate_city_crime(rng=0), draws=5, rng=0)
    >>> made.to_frame().loc["TX", "cities"]
    np.int64(18)
    """
    options = Options(weights=weights, draws=draws, located_share=located_share)
    spans, notes = spans_of(inputs, periods)
    span = spans[-1]
    if len(spans) > 1:
        notes.append(f"Of the periods, the last is set beside the crimes: {span}.")
    counts = count_places(inputs, options, span.covered, rng=np.random.default_rng(rng))
    if "state" not in counts:
        raise InputError([_no_states()])
    crime = judge_cities(offenses, agencies, year=year or _year_before(offenses, span))
    order = check_order(Period.parse(str(crime.year), option="--city-crime"), span.covered)
    of_states = counts["state"]
    people = _people(inputs, of_states, span)
    states = _states(of_states, crime, people)
    correlations = pd.DataFrame(_correlations(of_states, crime, people))
    facts = CityFacts(
        inputs=inputs,
        sources=(*offenses.sources, *(agencies.sources if agencies else ())),
        span=span,
        crime=crime,
        people=LARGE,
    )
    figure, caption = scatter_of(states, facts)
    return PublishedAnalysis(
        name="cities",
        question=_QUESTION,
        findings=tuple(city_findings(states, correlations, facts)),
        limits=(
            *([] if order is None else [order]),
            *notes,
            *city_limits(states, facts, of_states.unassigned["all"]),
            *inputs.notes,
        ),
        tables=city_tables(states, correlations, facts),
        figures={"cities": figure},
        captions={"cities": caption},
        simulated=inputs.simulated,
    )


def _year_before(offenses: AgencyOffenses, span: Span) -> int:
    years = sorted({int(each) for each in offenses.table["year"].unique()})
    before = [each for each in years if span.covered and each < span.covered.first.year]
    return before[-1] if before else years[0]


def _people(inputs: ArrestInputs, counts: PlaceCounts, span: Span) -> pd.Series:
    given = inputs.people_by_area.get("state")
    residents: pd.Series = people_of_places(counts, county_people(inputs, span), given)["residents"]
    return residents


def _states(counts: PlaceCounts, crime: CityCrime, people: pd.Series) -> pd.DataFrame:
    """Lay arrests and city crime out, a row a state."""
    places = counts.arrests.index
    by_state = crime.by_state().reindex(places)
    by_state[["cities", "cities_not_counted"]] = by_state[["cities", "cities_not_counted"]].fillna(
        0
    )
    by_state = by_state.astype({"cities": "int64", "cities_not_counted": "int64"})
    frame = pd.DataFrame({"reason": _reason(counts.reasons["all"], by_state["cities"], people)})
    frame["arrests"] = counts.arrests.where(counts.reasons["all"] == "")
    frame["residents"] = people
    for kind in KINDS:
        if kind in counts.draws:
            rates = rate_of_draws(counts.draws[kind], people, counts.spread[kind], per=PER)
            prefix = "arrest" if kind == "all" else kind
            rates.columns = pd.Index([f"{prefix}_rate{end}" for end in ("", "_low", "_high")])
            frame = frame.join(rates.where(counts.reasons[kind] == ""))
    share = by_state["city_residents"] / people
    return frame.join(by_state).assign(city_share=share.where(share <= 1)).rename_axis("state")


def _reason(arrests: pd.Series, number: pd.Series, people: pd.Series) -> pd.Series:
    reason = pd.Series("", index=arrests.index).mask(
        number == 0, f"no city of {LARGE:,} residents whose report counts"
    )
    return reason.mask(~(people > 0), "residents are not known").where(arrests == "", arrests)


def _correlations(
    counts: PlaceCounts, crime: CityCrime, people: pd.Series
) -> Iterator[dict[str, object]]:
    for among, kinds, least in _AMONG:
        by_state = crime.by_state(kinds=kinds).reindex(counts.arrests.index)
        number = by_state["cities"].fillna(0).where(by_state["cities"] >= least, 0)
        for kind in KINDS:
            if kind not in counts.draws:
                continue
            found = associate(
                Pairs(
                    level="state",
                    arrests=counts.draws[kind],
                    residents=people,
                    crime_rate=by_state["city_crime_rate"],
                    reason=_reason(counts.reasons[kind], number, people),
                )
            )
            row: dict[str, object] = {
                "among": among,
                "kind": kind,
                "states": 0,
                "effective_states": np.nan,
            }
            if found is not None:
                row |= {"states": found.places, "effective_states": found.effective_places}
            for name in ("spearman", "pearson"):
                each = (np.nan,) * 3 if found is None else getattr(found, name)
                row |= dict(zip((name, f"{name}_low", f"{name}_high"), each, strict=True))
            yield row


def _no_states() -> Problem:
    return Problem(
        file="arrests",
        found="counts by office alone, whose areas cross the borders of states",
        expected="arrests of which the state is known",
        action="add --arrests-by-state, or give --arrests",
    )


def _make(material: TableMaterial) -> PublishedAnalysis:
    offenses = material.city_crime
    assert offenses is not None  # noqa: S101  (the recipe needs it)
    inputs = material.arrests
    return cities(
        inputs,
        offenses,
        agencies=material.agencies,
        periods=material.periods if inputs.records is None else material.spans,
        weights=material.weights,
        draws=material.draws,
        located_share=material.located_share,
        rng=material.rng("cities"),
    )


RECIPE: Final = Recipe(
    name="cities",
    help="arrest rates of states against the violent crime of their large cities",
    make=_make,
    needs=("city_crime",),
    takes=("agencies",),
    counts=True,
    people=True,
    imputes=True,
)
