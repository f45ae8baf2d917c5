"""Surfaces of a run: arrest rate, crime rate and their difference, for the 48 states and DC."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

import numpy as np
import pandas as pd

from arrest_atlas.analysis import Analysis
from arrest_atlas.map_layers import LEVEL_WORDS
from arrest_atlas.options import DENOMINATOR_WORDS
from arrest_atlas.support import COUNTY, known_arrests
from arrest_atlas.tested_maps import area_people
from boundaries import load_counties
from geo import load_population
from outputs.classes import ImageOverlay, LegendClass
from outputs.rasters import (
    Method,
    PlaceCases,
    Surface,
    class_surface,
    draw_overlay,
    rate_surface,
    standardised_difference,
    surface_grid,
)

__all__ = ["METHODS", "SUPPORT", "overlays", "run_surfaces"]

SUPPORT: Final = "arrest_support"
"""Name of the surface that tells what arrests are known by."""

METHODS: Final[tuple[Method, ...]] = ("mass_preserving", "smoothed")

_COVERAGE: Final = 0.8
"""Share of an area's residents in counties with a crime rate, below which it has none."""


def run_surfaces(analysis: Analysis) -> list[Surface]:
    """Make every surface of a run, of all arrests.

    Arrests stand at their support (M1): a county is a place of its own only where its
    arrests are located by county; elsewhere the whole area is one place with one rate, which
    stops at its borders. In the difference, crime is put on the same places first.

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
    same_places = _on_places(crime, arrests.places)
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
                words=("arrests", analysis.inputs.crime.noun),
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


def overlays(surfaces: Sequence[Surface]) -> Iterator[ImageOverlay]:
    """Draw the smoothed surfaces for the map, those of arrests only where counties are known.

    An area's rate would look like that of each of its counties: an image has no hatching (M1).

    Parameters
    ----------
    surfaces : sequence of Surface
        As `run_surfaces` gives them.

    Yields
    ------
    ImageOverlay
        Images for the map.
    """
    support = next(surface for surface in surfaces if surface.name == SUPPORT)
    known = support.classes == 1 + [entry.key for entry in support.legend].index(COUNTY)
    for surface in surfaces:
        if not surface.name.endswith("_smoothed"):
            continue
        if surface.name.startswith("crime"):
            yield draw_overlay(surface)
        elif known.any():
            note = f"{surface.note} Shown where arrests are mostly located by county."
            classes = np.where(known, surface.classes, 0).astype(surface.classes.dtype)
            yield draw_overlay(replace(surface, note=note, classes=classes))


def _arrests(analysis: Analysis, units: pd.Index) -> PlaceCases:
    answer = analysis.kinds["all"]
    area = analysis.geometry[analysis.level].reindex(units)
    support = analysis.county_support("all").reindex(units)
    own = support == COUNTY
    areas = area.where(support == analysis.level)
    places = pd.Series(units, index=units).where(own, f"{analysis.level} " + areas)
    mean = pd.Series(answer.arrests.draws.mean(axis=0), index=answer.arrests.county_fips)
    totals = known_arrests(answer.support)
    cases = pd.concat(
        [mean[own.index[own]], totals.rename(lambda name: f"{analysis.level} {name}")]
    )
    people = DENOMINATOR_WORDS[analysis.options.denominator]
    return PlaceCases(
        name="arrest_rate",
        title=f"ICE arrests per 100,000 {people}{_when(analysis.inputs.arrest_period)}",
        cases_word="arrests",
        people_word=people,
        support=(
            "Arrests of a county where most are located by county (mean over imputations), else "
            f"of the whole {LEVEL_WORDS[analysis.level]}; arrest_support.tif tells where. "
            "Rates are of the whole period, not of a year."
        ),
        places=places,
        cases=cases[cases.index.isin(places)],
        people=_people(analysis, units, own=own),
    )


def _people(analysis: Analysis, units: pd.Index, *, own: pd.Series) -> pd.Series:
    """Look up the denominators of arrests, those of whole areas filled up as in their tables.

    Counties of an area that lack a number, if they are few, share what the area's others lead
    to expect.
    """
    given = analysis.inputs.people(analysis.options.denominator)
    area = analysis.geometry[analysis.level]
    people = given.reindex(area.index)
    lacking = (area_people(given, area) - people.groupby(area).sum()).clip(lower=0)
    residents = load_population().reindex(area.index).where(people.isna())
    share = residents / residents.groupby(area).transform("sum")
    filled = people.fillna(share * area.map(lacking)).reindex(units)
    return filled.where(~own, people.reindex(units))


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


def _on_places(crime: PlaceCases, places: pd.Series) -> PlaceCases:
    """Add crime up by the places at which arrests are known.

    Counties without a crime rate take no part; a place where they hold too many of its
    residents has no data.
    """
    known = crime.places.notna()
    covered = crime.people.where(known).groupby(places).sum()
    share = covered / crime.people.groupby(places).sum()
    cases = crime.cases.groupby(places).sum()
    return PlaceCases(
        name=crime.name,
        title=crime.title,
        cases_word=crime.cases_word,
        people_word=crime.people_word,
        support="Reported crime by the places at which arrests are known.",
        places=places.where(known),
        cases=cases.where(share >= _COVERAGE),
        people=crime.people,
    )


def _when(period: object | None) -> str:
    return "" if period is None else f", {period}"
