"""The maps: where arrests and crime are hot, and where both are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final, Literal

import pandas as pd

from arrest_atlas.counting import Kind
from arrest_atlas.map_layers import hot_levels
from arrest_atlas.report_parts._material import Material, crime_of_areas
from arrest_atlas.report_parts._wording import capital, listed
from arrest_atlas.support import NOT_TESTED
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
            "Hot means: rates in and around a place are higher than elsewhere. A place's own rate "
            "may be otherwise than its class. Hot at 99% means a false discovery rate of 1%: of "
            "all places found at that level, 1 in 100 at most are expected to be found by chance "
            f"alone. {_cut(material)} That two hot spots lie on one another says nothing "
            "about why; whether they do so more than by chance is the matter of part 5, not of the "
            "colours."
        ),
        material.scales,
        *(
            [
                (
                    "Custodial and community arrests have maps by county in part 6, and their "
                    f"numbers by {material.units('area')[0]} there and in part 4."
                )
            ]
            if several
            else []
        ),
        Heading(text="By county"),
        county_map(material, "overlap"),
        county_map(material, "arrests"),
        material.figure(
            material.layer("crime"),
            name="crime-hot-spots",
            title=f"{capital(material.crime)} hot spots, by county",
            caption=f"Where rates of reported {material.crime} are high or low in and around a "
            f"county: classes, not the rates themselves. {material.crime_rates}",
            periods=material.crime_rates,
        ),
        Heading(text=f"{capital(areas)} by themselves"),
        (
            f"Here {areas} are the units, of arrests and of {material.crime}. This answer stands "
            "for itself: it says nothing of any county, and is not merged with the one above. With "
            "so few units, only strong clusters can show."
        ),
        *_area_maps(material),
    ]
    return Section(heading="The maps", blocks=blocks)


def _cut(material: Material) -> str:
    """Say which of the classes count as hot where hot spots are counted or compared."""
    alpha = material.analysis.options.alpha
    counted, shown = hot_levels(alpha)
    said = (
        "Where hot spots are counted, laid on one another or compared, in the maps of overlap and "
        f"in counts, shares and measures, the cut is {100 * alpha:g}%"
        f"{f' (hot at {listed(counted)})' if counted else ''}."
    )
    if shown:
        said += (
            f" Maps of hot spots also show what is hot or cold at {listed(shown)}: for the eye, it "
            "counts nowhere."
        )
    return said


def county_map(
    material: Material, layer_name: Literal["overlap", "arrests"], kind: Kind = "all"
) -> ReportFigure:
    """Draw a layer of arrests by county; hatched where arrests are known for areas only."""
    layer, named = material.layer(layer_name, kind), material.named(kind)
    what = f"where rates of {named} are high or low in and around a county: classes, not the rates"
    periods = material.arrest_rates if layer_name == "arrests" else material.periods
    if layer_name == "overlap":
        what = f"hot spots of {named} and of {material.crime}, by county"
    area, several = material.units("area")
    hatched = ""
    if layer.hatched.any():
        whole = material.analysis.geometry[material.analysis.level]
        number = whole.reindex(layer.classes.index)[layer.hatched].nunique()
        hatched = (
            f" Hatched: {number:,} {several if number != 1 else area}, each with one class of the "
            f"whole {area}, not of any county in it."
        )
    return material.figure(
        layer,
        name=f"{_NAMES[layer_name]}-{kind}",
        title=f"{layer.title}: {named}",
        caption=f"{capital(what)}.{hatched} {periods}",
        periods=periods,
    )


def _area_maps(material: Material) -> Iterator[ReportFigure]:
    """Draw the answer of the larger areas."""
    named, crime = material.named("all"), material.crime
    _, areas = material.units("area")
    pair, of_counties = material.pair("all", "area"), material.layer("crime")
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
        caption=f"{over} Where rates of {named} are high or low in and around one: classes, not "
        f"the rates themselves. {material.arrest_rates}",
        periods=material.arrest_rates,
    )
    if pair.crime.spots.test.n:
        yield _area_map(
            material,
            replace(of_counties, legend=crime_of_areas(material, of_counties.legend)),
            material.areas["crime_gi_class"],
            name="area-crime-hot-spots",
            title=f"{capital(crime)} hot spots by {material.units('area')[0]}",
            caption=f"{over} Where rates of reported {crime} are high or low in and around one: "
            f"classes, not the rates themselves. {material.crime_rates}",
            periods=material.crime_rates,
        )


def _area_map(
    material: Material,
    like: ClassLayer,
    classes: pd.Series,
    *,
    name: str,
    title: str,
    caption: str,
    periods: str = "",
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
        partly_label="",
        areas=None,
    )
    return material.figure(
        layer, name=name, title=title, caption=caption, units="area", periods=periods
    )
