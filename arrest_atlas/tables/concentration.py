"""How concentrated arrests are: on how many counties, and against people and crime."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from arrest_atlas.options import ArrestInputs, Denominator, Options
from arrest_atlas.period import Period
from arrest_atlas.report_parts._wording import percent
from arrest_atlas.tables._bases import BASE_WORDS, Bases, bases_of
from arrest_atlas.tables._concentration_measures import (
    Scope,
    finest_area,
    measure_columns,
    measures,
    scopes,
)
from arrest_atlas.tables._concentration_texts import (
    concentration_findings,
    concentration_limits,
    measure_texts,
)
from arrest_atlas.tables._inequality import gini, lorenz
from arrest_atlas.tables._people import county_people
from arrest_atlas.tables._place_counts import Level, PlaceCounts, count_places
from arrest_atlas.tables._quotients import quotient_columns, quotient_frame, quotient_texts
from arrest_atlas.tables._rate_tables import LEVEL_WORDS
from arrest_atlas.tables._spans import Span, spans_of
from arrest_atlas.tables.material import Recipe, TableMaterial
from arrest_atlas.tables.published import PublishedAnalysis, PublishedTable
from geo import InputError, Problem
from outputs.figures.lorenz_curves import lorenz_figure

__all__ = ["RECIPE", "concentration"]

Floats = npt.NDArray[np.float64]

_QUESTION: Final = "On how few counties do arrests concentrate?"


def concentration(
    inputs: ArrestInputs,
    *,
    periods: Sequence[Period] = (),
    weights: Denominator = "residents",
    draws: int = 100,
    located_share: float = 0.5,
    rng: int | np.random.Generator,
) -> PublishedAnalysis:
    """Measure how arrests concentrate on counties, beyond people and crime.

    After TRAC, who count the counties that hold a half of the community arrests.

    Parameters
    ----------
    inputs : ArrestInputs
        Arrests and people by county; `Inputs`, if crime is to be held against them, too.
    periods : sequence of Period, optional
        Days to tell apart, where records have them.
    weights : {"residents", "noncitizens"}, default "residents"
        People by whom arrests known only for a larger area are imputed.
    draws : int, default 100
        Imputations.
    located_share : float, default 0.5
        Located share of a zone's arrests from which on its counties take part.
    rng : int or numpy.random.Generator
        Source of randomness.

    Returns
    -------
    PublishedAnalysis
        Measures, and location quotients of counties and of areas; the last period first.

    Raises
    ------
    InputError
        If there is no arrest in any of the periods, or fewer than three places have figures of
        their own.

    Examples
    --------
    >>> arrests = pd.Series({"01001": 10, "01003": 60, "01005": 20, "01007": 10})
    >>> people = pd.Series({"01001": 100.0, "01003": 100.0, "01005": 100.0, "01007": 100.0})
    >>> inputs = ArrestInputs(arrests_by_state=pd.Series({"AL": 100, "TX": 300, "ME": 0}),
    ...                       residents=people)
    >>> made = concentration(inputs, draws=2, rng=0)
    >>> made.to_frame().set_index("measure").loc["places_with_75_percent", "value"]
    np.float64(1.0)
    """
    generator = np.random.default_rng(rng)
    options = Options(weights=weights, draws=draws, located_share=located_share)
    spans, notes = spans_of(inputs, periods)
    tables: dict[str, PublishedTable] = {}
    latest: (
        tuple[Span, Sequence[Scope], Mapping[Level, PlaceCounts], Bases, pd.DataFrame] | None
    ) = None
    for span in reversed(spans):
        bases = bases_of(inputs, county_people(inputs, span))
        counts = count_places(inputs, options, span.covered, rng=generator)
        among = scopes(counts, inputs.people(weights), rng=generator)
        frame = pd.concat(
            [measures(scope, bases, rng=generator) for scope in among], ignore_index=True
        )
        if frame.empty:
            notes.append(f"{span}: fewer than three places have figures of their own")
            continue
        end = "" if latest is None else f"_{span.key}"
        tables[f"concentration{end}"] = _measure_table(inputs, span, counts, frame)
        for each in _quotient_levels(among):
            name = f"quotients_{each.level.removesuffix('_fips')}{end}"
            tables[name] = _quotient_table(inputs, span, each, bases)
        latest = latest or (span, among, counts, bases, frame)
    if latest is None:
        raise InputError([_too_few()])
    last, last_scopes, last_counts, last_bases, last_frame = latest
    drawn = last_scopes[0]
    return PublishedAnalysis(
        name="concentration",
        question=_QUESTION,
        findings=tuple(concentration_findings(last, last_frame, last_counts)),
        limits=(
            *notes,
            *concentration_limits(inputs, last_counts, last_bases, last_frame),
            *inputs.notes,
        ),
        tables=tables,
        figures={"lorenz": _figure(drawn, last_bases, simulated=inputs.simulated)},
        captions={"lorenz": _caption(drawn)},
        simulated=inputs.simulated,
    )


def _too_few() -> Problem:
    return Problem(
        file="arrests",
        found="fewer than three places with figures of their own",
        expected="three at least, among which arrests can concentrate",
        action="give arrests of more places",
    )


def _quotient_levels(among: Sequence[Scope]) -> list[PlaceCounts]:
    return [scope.counts for scope in among if scope.name != "all counties"]


def _measure_table(
    inputs: ArrestInputs,
    span: Span,
    counts: Mapping[Level, PlaceCounts],
    frame: pd.DataFrame,
) -> PublishedTable:
    area = finest_area(counts)
    return PublishedTable(
        title=f"Concentration of arrests, {span.title}",
        frame=frame,
        shown=measure_texts(frame, area.level),
        columns=measure_columns(),
        period=str(span),
        denominator="each place alike, or its residents, non-citizens, reported violent crimes",
        support=_support(counts),
        source=inputs.file_names or "the counts given",
    )


def _support(counts: Mapping[Level, PlaceCounts]) -> str:
    if "county_fips" not in counts:
        return f"no arrest is known by county, all by {LEVEL_WORDS[finest_area(counts).level][0]}"
    counties = counts["county_fips"]
    own = counties.reasons["all"] == ""
    return (
        f"{percent(counties.known.sum() / counties.total)} of the arrests are known by county; "
        f"{own.sum():,} counties lie in zones of which enough are"
    )


def _quotient_table(
    inputs: ArrestInputs, span: Span, counts: PlaceCounts, bases: Bases
) -> PublishedTable:
    frame = quotient_frame(counts, bases)
    one, several = LEVEL_WORDS[counts.level]
    own = int((frame["reason"] == "").sum())
    return PublishedTable(
        title=f"Location quotients by {one}, {span.title}",
        frame=frame,
        shown=quotient_texts(counts, frame),
        columns=quotient_columns(counts, frame),
        period=str(span),
        denominator="share of all residents, non-citizens, reported violent crimes",
        support=f"{own:,} {several} have figures of their own; the surest high ones are shown",
        source=inputs.file_names or "the counts given",
    )


def _figure(scope: Scope, bases: Bases, *, simulated: bool) -> str:
    kept = scope.places("all")
    mean = scope.draws["all"].mean().to_numpy()[kept]
    each = "county" if scope.name == "known counties" else "place"
    curves = dict([_curve(f"every {each} alike", mean, np.ones(len(mean)))])
    for base in bases.by_county:
        values = bases.of(scope.counts, base).to_numpy()
        told = kept & ~np.isnan(values)
        arrests = scope.among(bases.by_county[base], "all").mean(axis=0)[told]
        if told.any() and arrests.sum() > 0:
            label, curve = _curve(f"against {BASE_WORDS[base]}", arrests, values[told])
            curves[label] = curve
    return lorenz_figure(
        curves,
        name="lorenz",
        title="Concentration of arrests",
        axes=("share of places, people or crimes, lowest rates first", "share of arrests"),
        notes=["The further below the line of equality, the more concentrated. Mean over draws."],
        simulated=simulated,
    )


def _curve(words: str, arrests: Floats, base: Floats) -> tuple[str, tuple[Floats, Floats]]:
    """Name a curve with its Gini coefficient, and cumulate it."""
    return f"{words} (Gini {gini(arrests, base):.2f})", lorenz(arrests, base)


def _caption(scope: Scope) -> str:
    among = (
        "counties of zones that are known by county"
        if scope.name == "known counties"
        else LEVEL_WORDS[scope.counts.level][1]
    )
    return (
        f"Lorenz curves of arrests over {among}. The solid one compares places as if all were "
        "alike, so that it mostly shows where people live; the dashed ones allow for that."
    )


def _make(material: TableMaterial) -> PublishedAnalysis:
    return concentration(
        material.arrests,
        periods=material.periods,
        weights=material.weights,
        draws=material.draws,
        located_share=material.located_share,
        rng=material.rng("concentration"),
    )


RECIPE: Final = Recipe(
    name="concentration",
    help="how many counties hold a half of all arrests; Lorenz, Gini, Theil, location quotients",
    make=_make,
    takes=("crime",),
    counts=True,
    people=True,
    imputes=True,
)
