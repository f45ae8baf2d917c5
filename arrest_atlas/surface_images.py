"""Surfaces as images for the map, in the map's own words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from arrest_atlas.analysis import Analysis
from arrest_atlas.map_layers import AREA_WORDS, LEVEL_WORDS, over_period, variant_of
from arrest_atlas.support import COUNTY
from arrest_atlas.surfaces import SUPPORT
from geo import PER
from outputs.classes import ImageOverlay, LegendClass
from outputs.rasters import Surface, draw_overlay

__all__ = ["overlays"]

_SMOOTHED: Final = "_smoothed"
_BY_AREA, _UNKNOWN, _NO_CRIME = "#c9c9c9", "#6f6f6f", "#9b9b9b"
"""Greys of what has no colour of the scale, so that white is but what lies outside."""

_SMOOTH: Final = (
    "Smoothed: what varies within a county comes from its surroundings. A description, no test."
)

Bools = npt.NDArray[np.bool_]


def overlays(analysis: Analysis, surfaces: Sequence[Surface]) -> Iterator[ImageOverlay]:
    """Draw the smoothed surfaces for the map, those of arrests only where counties are known.

    An area's rate would look like that of each of its counties: an image has no hatching (M1).
    Such areas, and places without a rate, have greys of their own.

    Parameters
    ----------
    analysis : Analysis
        What was found.
    surfaces : sequence of Surface
        Its surfaces, as ``run_surfaces`` makes them.

    Yields
    ------
    ImageOverlay
        Images for the map.
    """
    support = next(surface for surface in surfaces if surface.name == SUPPORT)
    number = {entry.key: at for at, entry in enumerate(support.legend, start=1)}
    by_county = support.classes == number[COUNTY]
    by_area = support.classes == number[analysis.level]
    noun = analysis.inputs.crime.noun
    no_crime = LegendClass(
        key="no crime rate", label=f"No rate of {noun} is given", colour=_NO_CRIME
    )
    for surface in surfaces:
        if not surface.name.endswith(_SMOOTHED):
            continue
        inside = surface.grid.inside
        if surface.name.startswith("crime"):
            note = f"Rates of reported {noun}, county by county. {_SMOOTH}"
            yield _drawn(analysis, surface, {no_crime: inside}, note=note)
        elif by_county.any():
            greys = {
                LegendClass(
                    key="known by area only",
                    label=f"Arrests known only for the whole {LEVEL_WORDS[analysis.level]}: no "
                    "colour by county",
                    colour=_BY_AREA,
                ): by_area,
            }
            if surface.name.startswith("difference"):
                greys[no_crime] = by_county
            greys[
                LegendClass(
                    key="not known", label="Arrests are not known well enough", colour=_UNKNOWN
                )
            ] = inside
            shown = np.where(by_county, surface.classes, 0).astype(surface.classes.dtype)
            yield replace(
                _drawn(
                    analysis,
                    replace(surface, classes=shown),
                    greys,
                    note=_note(analysis, surface),
                ),
                variant=variant_of(analysis, "all"),
            )


def _note(analysis: Analysis, surface: Surface) -> str:
    """Say what a surface of arrests shows."""
    noun, (_, several) = analysis.inputs.crime.noun, AREA_WORDS[analysis.level]
    which = "All arrests together, custodial, community and other ones" * (len(analysis.kinds) > 1)
    of_what = f"{which or 'Arrests'}{over_period(analysis)}, imputed ones included"
    where = f"Coloured only where arrests are mostly known by county; {several} known as a whole "
    where += "are grey."
    if surface.name.startswith("difference"):
        return (
            f"{of_what}, against {noun}. Each of the two rates is measured from its own average, "
            "in its own standard deviations: the two are not on one scale, and a place that is hot "
            f"in both can be deep blue or deep orange. {where} {_SMOOTH}"
        )
    return f"{of_what}. {where} {_SMOOTH}"


def _drawn(
    analysis: Analysis, surface: Surface, greys: Mapping[LegendClass, Bools], *, note: str
) -> ImageOverlay:
    """Draw a surface, its uncoloured cells in the first of the greys that they belong to."""
    classes, legend = surface.classes.copy(), [*surface.legend]
    for entry, where in greys.items():
        legend.append(entry)
        classes[where & (classes == 0)] = len(legend)
    labelled = replace(surface, classes=classes, legend=tuple(legend), note=note)
    figures = _figures(surface, classes, legend)
    return replace(
        draw_overlay(labelled),
        figures=figures.reindex(analysis.geometry.index, fill_value=""),
    )


def _figures(
    surface: Surface, classes: npt.NDArray[np.uint8], legend: Sequence[LegendClass]
) -> pd.Series:
    """Word the mean of a surface over each county, or why it has no colour."""
    grid = surface.grid
    coloured = np.where(surface.classes > 0, surface.bands[0].numbers, np.nan)[grid.inside]
    means = pd.Series(coloured).groupby(grid.unit).mean()
    rates = not surface.name.startswith("difference")
    unit = f"per {PER:,}" if rates else "standard deviations"
    words = [
        f"about {mean:,.0f} {unit} on the smoothed surface"
        if rates
        else f"{mean:+.1f} {unit} on the smoothed surface".replace("-", "\N{MINUS SIGN}")
        for mean in means
    ]
    most = pd.Series(classes[grid.inside]).groupby(grid.unit).agg(lambda found: found.mode()[0])
    why = [legend[number - 1].label if number else "" for number in most]
    told = pd.Series(words, index=means.index).where(means.notna(), pd.Series(why, most.index))
    return told.set_axis(grid.units[told.index])
