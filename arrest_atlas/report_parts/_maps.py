"""The maps: where arrests and crime are hot, and where both are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final, Literal

import pandas as pd

from arrest_atlas.counting import Kind
from arrest_atlas.report_parts._material import Material
from arrest_atlas.report_parts._wording import capital
from arrest_atlas.support import NOT_TESTED
from geo import PER
from outputs.classes import ClassLayer
from outputs.report import Block, Heading, ReportFigure, Section
from spatial_models import NO_DATA

__all__ = ["county_map", "maps_section"]

_NAMES: Final = {"overlap": "overlap", "arrests": "arrest-hot-spots"}
"""What figures of layers are called."""


def maps_section(material: Material) -> Section:
    """Show what is hot, county by county and area by area, apart."""
    _, areas = material.units("area")
    several = len(material.analysis.kinds) > 1
    blocks: list[Block] = [
        (
            "Hot means: rates in and around a place are higher than elsewhere, at a false "
            f"discovery rate of {material.analysis.options.alpha:g} over all places tested. A "
            "place's own rate may be otherwise than its class. That two hot spots lie on one "
            "another says nothing about why; whether they do so more than by chance is the matter "
            "of part 5, not of the colours."
        ),
        Heading(text="By county"),
        county_map(material, "overlap"),
        county_map(material, "arrests"),
        material.figure(
            material.layer("crime"),
            name="crime-hot-spots",
            title=f"{capital(material.crime)} hot spots, by county",
            caption=f"Rates of reported {material.crime} per {PER:,} residents, "
            f"{material.crime_period}: counties whose surroundings are hot or cold.",
        ),
        Heading(text=f"{capital(areas)} by themselves"),
        (
            f"Here {areas} are the units, of arrests and of {material.crime}. This answer stands "
            "for itself: it says nothing of any county, and is not merged with the one above. With "
            "so few units, only strong clusters can show."
        ),
        *_area_maps(material),
    ]
    if several:
        blocks.append("Custodial and community arrests have their own maps in part 6.")
    return Section(heading="The maps", blocks=blocks)


def county_map(
    material: Material, layer_name: Literal["overlap", "arrests"], kind: Kind = "all"
) -> ReportFigure:
    """Draw a layer of arrests by county; hatched where arrests are known for areas only."""
    layer, named = material.layer(layer_name, kind), material.named(kind)
    what = f"rates of {named} per {PER:,} {material.people}"
    if layer_name == "overlap":
        what = f"hot spots of {named} and of {material.crime}"
    area, _ = material.units("area")
    hatched = f" Hatched: the class of the whole {area}, not of the county." * any(layer.hatched)
    return material.figure(
        layer,
        name=f"{_NAMES[layer_name]}-{kind}",
        title=f"{layer.title}: {named}",
        caption=f"{capital(what)}, by county.{hatched} {material.periods}",
    )


def _area_maps(material: Material) -> Iterator[ReportFigure]:
    """Draw the answer of the larger areas."""
    named, crime = material.named("all"), material.crime
    _, areas = material.units("area")
    pair = material.pair("all", "area")
    over = f"{capital(areas)} as units."
    yield _area_map(
        material,
        material.layer("overlap"),
        material.areas["overlap_class"],
        name="area-overlap-all",
        title=f"{material.layer('overlap').title} by {material.units('area')[0]}: {named}",
        caption=f"{over} Hot spots of {named} and of {crime}: a description, without a p-value, "
        f"since among so few a test of overlap would find next to nothing. {material.periods}",
    )
    yield _area_map(
        material,
        material.layer("arrests"),
        material.areas["arrest_gi_class"],
        name="area-arrest-hot-spots-all",
        title=f"{material.layer('arrests').title} by {material.units('area')[0]}: {named}",
        caption=f"{over} Rates of {named} per {PER:,} {material.people}, {material.arrest_period}.",
    )
    if pair.crime.spots.test.n:
        yield _area_map(
            material,
            material.layer("crime"),
            material.areas["crime_gi_class"],
            name="area-crime-hot-spots",
            title=f"{capital(crime)} hot spots by {material.units('area')[0]}",
            caption=f"{over} Rates of reported {crime} per {PER:,} residents, "
            f"{material.crime_period}.",
        )


def _area_map(
    material: Material, like: ClassLayer, classes: pd.Series, *, name: str, title: str, caption: str
) -> ReportFigure:
    """Draw classes of areas with the legend of a layer of counties."""
    area, _ = material.units("area")
    told = ~classes.isin([NO_DATA, NOT_TESTED])
    layer = replace(
        like,
        classes=classes,
        hatched=told,
        hatched_label=f"Hatched: a class of the whole {area}, not of any county in it",
        opacity=None,
        partly=None,
    )
    return material.figure(layer, name=name, title=title, caption=caption, units="area")
