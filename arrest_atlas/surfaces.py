"""Surfaces of a run: arrest rate, crime rate and their difference, for the 48 states and DC."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import pandas as pd

from arrest_atlas.analysis import Analysis
from arrest_atlas.map_layers import KIND_WORDS, LEVEL_WORDS
from arrest_atlas.options import DENOMINATOR_WORDS
from arrest_atlas.support import COUNTY, known_arrests
from arrest_atlas.tested_maps import area_crimes, area_people
from arrest_atlas.words import people_unknown
from boundaries import load_counties
from geo import load_population
from outputs.classes import LegendClass
from outputs.rasters import (
    Method,
    PlaceCases,
    Surface,
    class_surface,
    rate_surface,
    standardised_difference,
    surface_grid,
)

__all__ = ["METHODS", "SUPPORT", "run_surfaces"]

SUPPORT: Final = "arrest_support"
"""Name of the surface that tells what arrests are known by."""

METHODS: Final[tuple[Method, ...]] = ("mass_preserving", "smoothed")

_HALF: Final = 0.5


def run_surfaces(analysis: Analysis) -> list[Surface]:
    """Make every surface of a run, of all arrests.

    Arrests stand at their support (M1): a county is a place of its own only where its
    arrests are located by county; elsewhere the whole area is one place with one rate, which
    stops at its borders. In the difference, crime is put on the same places first. An area
    that reaches beyond the 48 states has the rate of the whole, and on the grid only the cases
    that this rate makes of the people there.

    Parameters
    ----------
    analysis : Analysis
        What was found.

    Returns
    -------
    list of Surface
        ``arrest_rate``, ``crime_rate`` and ``difference``, each ``_mass_preserving`` and
        ``_smoothed``, and ``arrest_support``: where arrests are known by county.

    Raises
    ------
    NoSurfaceError
        If nothing is known of arrests or of crime in the 48 states.

    Examples
    --------
    >>> from arrest_atlas.analysis import analyse
    >>> from arrest_atlas.demo import simulate
    >>> from arrest_atlas.options import Options
    >>> inputs = simulate(seed=1, arrests=20_000).inputs
    >>> surfaces = run_surfaces(analyse(inputs, Options(draws=2, surrogates=0)))
    >>> [surface.name for surface in surfaces][:3]
    ['arrest_rate_mass_preserving', 'crime_rate_mass_preserving', 'difference_mass_preserving']
    """
    cells = surface_grid(load_counties(extent="conterminous"))
    arrests, crime = _arrests(analysis, cells.units), _crime(analysis, cells.units)
    same_places = _on_places(analysis, crime)
    surfaces = []
    for method in METHODS:
        first = rate_surface(cells, arrests, method=method)
        surfaces += [
            first,
            rate_surface(cells, crime, method=method),
            standardised_difference(
                first,
                rate_surface(cells, same_places, method=method),
                people=(arrests.people, crime.people),
                name=f"difference_{method}",
                words=(
                    KIND_WORDS["all"] if len(analysis.kinds) > 1 else "arrests",
                    analysis.inputs.crime.noun,
                ),
            ),
        ]
    support = class_surface(
        cells,
        analysis.county_support("all"),
        [
            LegendClass(key=COUNTY, label="Arrests mostly located by county", colour="#0072b2"),
            LegendClass(
                key=analysis.level,
                label=f"Arrests known only or mostly for the whole {LEVEL_WORDS[analysis.level]}",
                colour="#e69f00",
            ),
        ],
        name=SUPPORT,
        title="What arrests are known by",
        note="Of all arrests. No data: nothing is known of the arrests, or not enough.",
    )
    return [*surfaces, support]


def _arrests(analysis: Analysis, units: pd.Index) -> PlaceCases:
    answer = analysis.kinds["all"]
    places = _places(analysis)
    own = places == places.index
    mean = pd.Series(answer.arrests.draws.mean(axis=0), index=answer.arrests.county_fips)
    totals = known_arrests(answer.support).rename(lambda name: _whole(analysis, name))
    given = _people(analysis, own=own)
    parts = totals * _share_within(given, places, units).reindex(totals.index)
    on_grid = places.reindex(units)
    cases = pd.concat([mean[own.index[own]], parts])
    people = DENOMINATOR_WORDS[analysis.options.denominator]
    return PlaceCases(
        name="arrest_rate",
        title=f"ICE arrests{_all(analysis)} per 100,000 {people}"
        f"{_when(analysis.inputs.arrest_period)}",
        cases_word="arrests",
        people_word=people,
        support=(
            "Arrests of a county where most are located by county (mean over imputations), else "
            f"of the whole {LEVEL_WORDS[analysis.level]}; arrest_support.tif tells where. "
            "Rates are of the whole period, not of a year."
            + "".join(f" {sentence}" for sentence in _outside(analysis, totals - parts, on_grid))
        ),
        places=on_grid,
        cases=cases[cases.index.isin(on_grid)],
        people=given.reindex(units),
    )


def _whole(analysis: Analysis, area: str) -> str:
    """Name an area as a place of its own."""
    return f"{analysis.level} {area}"


def _places(analysis: Analysis) -> pd.Series:
    """Name the place at which the arrests of each county are known, on the grid or not."""
    support = analysis.county_support("all")
    areas = analysis.geometry[analysis.level].where(support == analysis.level)
    whole = areas.map(lambda name: _whole(analysis, name), na_action="ignore")
    return pd.Series(support.index, index=support.index).where(support == COUNTY, whole)


def _share_within(people: pd.Series, places: pd.Series, units: pd.Index) -> pd.Series:
    """Tell which share of each place's people lives on the grid; 1 where nobody is known."""
    within = people.where(people.index.isin(units)).groupby(places).sum()
    return (within / people.groupby(places).sum()).fillna(1.0)


def _outside(analysis: Analysis, outside: pd.Series, places: pd.Series) -> Iterator[str]:
    """Say what the arrests on the grid are short by, or too many by."""
    people = DENOMINATOR_WORDS[analysis.options.denominator]
    cut = outside[outside.index.isin(places) & (outside >= _HALF)]
    if len(cut):
        names = ", ".join(name.removeprefix(f"{analysis.level} ") for name in cut.index)
        yield (
            f"{names} reach beyond the 48 states and DC. Their cells have the rate of the whole "
            f"area; {cut.sum():,.0f} of their arrests, the outer parts' share by {people}, are on "
            "no cell, and the sum over the grid is short by these."
        )
    yield from people_unknown(analysis)


def _people(analysis: Analysis, *, own: pd.Series) -> pd.Series:
    """Look up the denominators of arrests, those of whole areas filled up as in their tables.

    Counties of an area that lack a number, if they are few, share what the area's others lead
    to expect; if they are many, the area has none, as in its table.
    """
    given = analysis.inputs.people(analysis.options.denominator)
    area = analysis.geometry[analysis.level]
    people = given.reindex(area.index)
    total = area_people(given, area)
    lacking = (total - people.groupby(area).sum()).clip(lower=0)
    residents = load_population().reindex(area.index).where(people.isna())
    share = residents / residents.groupby(area).transform("sum")
    filled = people.fillna(share * area.map(lacking))
    return filled.where(area.map(total).notna()).where(~own, people)


def _crime(analysis: Analysis, units: pd.Index) -> PlaceCases:
    inputs = analysis.inputs
    crimes = inputs.crime.events(inputs.crime_residents).reindex(units)
    known = crimes.notna()
    return PlaceCases(
        name="crime_rate",
        title=f"Reported {inputs.crime.noun} per 100,000 residents{_when(inputs.crime_period)}",
        cases_word="crimes",
        people_word="residents",
        support=f"Reported {inputs.crime.noun} by county.",
        places=pd.Series(units, index=units).where(known),
        cases=crimes[known],
        people=inputs.crime_residents.reindex(units),
    )


def _on_places(analysis: Analysis, crime: PlaceCases) -> PlaceCases:
    """Add crime up by the places at which arrests are known, whole ones, on the grid or not.

    Counties without a crime rate take no part; a place where they hold too many of its
    residents has no data.
    """
    known, places = crime.places.notna(), _places(analysis)
    inputs = analysis.inputs
    cases, _ = area_crimes(inputs.crime, inputs.crime_residents, places)
    residents = inputs.crime_residents.reindex(places.index)
    residents = residents.where(inputs.crime.rate.reindex(places.index).notna())
    return PlaceCases(
        name=crime.name,
        title=crime.title,
        cases_word=crime.cases_word,
        people_word=crime.people_word,
        support="Reported crime by the places at which arrests are known.",
        places=places.reindex(crime.places.index).where(known),
        cases=cases * _share_within(residents, places, crime.places.index),
        people=crime.people,
    )


def _when(period: object | None) -> str:
    return "" if period is None else f", {period}"


def _all(analysis: Analysis) -> str:
    """Say that a surface is of all arrests, where kinds of them are told apart elsewhere."""
    return f" ({KIND_WORDS['all']})" if len(analysis.kinds) > 1 else ""
