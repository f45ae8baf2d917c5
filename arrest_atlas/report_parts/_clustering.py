"""Whether there is clustering at all: Moran's I, and where it comes from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import pandas as pd

from arrest_atlas.analysis import MapPair
from arrest_atlas.counting import Kind
from arrest_atlas.report_parts._material import UNITS, Material, Units, crime_of_areas
from arrest_atlas.report_parts._wording import capital, count, decimal, p_value
from arrest_atlas.support import NOT_TESTED
from arrest_atlas.tested_maps import AREA_PERMUTATIONS, COUNTY_PERMUTATIONS, Tested, stream
from outputs.classes import ClassLayer, LegendClass, Pattern
from outputs.figures import LISA_COLOURS, moran_figure, moran_points
from outputs.report import Block, Heading, ReportFigure, ReportTable, Section
from spatial_models import NO_DATA, NO_NEIGHBOURS, NO_VARIATION, NOT_SIGNIFICANT, local_moran

__all__ = ["clustering_section"]

_QUADRANTS: Final[tuple[tuple[str, str, Pattern], ...]] = (
    ("High-High", "high, and so are the neighbours", ""),
    ("Low-Low", "low, and so are the neighbours", "level"),
    ("High-Low", "high, the neighbours low", "dots"),
    ("Low-High", "low, the neighbours high", "rings"),
)
_OF_AREA: Final = "of the area"
_WHITE: Final = "#ffffff"
_KEPT: Final = (NOT_SIGNIFICANT, NO_VARIATION, NO_NEIGHBOURS, NO_DATA, NOT_TESTED)


@dataclass(frozen=True, kw_only=True, eq=False)
class _TestedMap:
    """One map on one kind of units, with its local test."""

    units: Units
    kind: Kind | None
    tested: Tested
    pair: MapPair
    classes: pd.Series

    @property
    def name(self) -> str:
        """Name its figures."""
        places = "counties" if self.units == "county" else "areas"
        return f"{places}-{self.kind or 'crime'}"

    @property
    def scores(self) -> pd.Series:
        """Give the scores that are tested."""
        return pd.Series(self.tested.spots.scores, index=self.pair.graph.unique_ids)


def clustering_section(material: Material) -> Section:
    """Tell whether each map is clustered, and show where."""
    maps = list(_maps(material))
    blocks: list[Block] = [
        (
            "Before two maps are compared: does either cluster at all? Moran's I asks whether "
            "neighbours have like rates over the whole map (about 0 by chance, 1 at most nearly). "
            "Its null hypothesis is that the scores could lie in any order. It tells of one map, "
            "and nothing of whether two maps go together."
        ),
        _table(material, maps),
        (
            "The plots below set each place's score against the mean score of its neighbours, both "
            "in standard deviations; the slope of the line is Moran's I. Local Moran's I finds the "
            "places that make it, at a false discovery rate of "
            f"{material.analysis.options.alpha:g} over all places tested: a second look at the "
            "same scores as those of the hot spots, and no second piece of evidence."
        ),
    ]
    for units in UNITS:
        own = [each for each in maps if each.units == units and each.tested.spots.test.tested.any()]
        if own:
            blocks.append(Heading(text=f"By {material.units(units)[0]}"))
        blocks += [_scatter(material, each) for each in own]
        blocks += [_lisa_map(material, each) for each in own if each.kind in (None, "all")]
    return Section(heading="Is there clustering at all?", blocks=blocks)


def _maps(material: Material) -> Iterator[_TestedMap]:
    """Test every map locally, on the scores of its hot spots."""
    number = 0
    for units in UNITS:
        kinds: list[Kind | None] = [*material.analysis.kinds, None]
        for kind in kinds:
            number += 1
            pair = material.pair(kind or "all", units)
            tested = pair.crime if kind is None else pair.arrests
            if tested is None:
                continue
            local = local_moran(
                tested.spots.scores,
                pair.graph,
                permutations=COUNTY_PERMUTATIONS if units == "county" else AREA_PERMUTATIONS,
                alpha=material.analysis.options.alpha,
                rng=stream(material.analysis.options, "moran", number),
            )
            yield _TestedMap(
                units=units,
                kind=kind,
                tested=tested,
                pair=pair,
                classes=_explained(pd.Series(local.classes, index=local.ids), tested),
            )


def _explained(classes: pd.Series, tested: Tested) -> pd.Series:
    """Tell places without neighbours, whose scores are left out, from those without data."""
    test = tested.spots.test
    alone = test.ids[test.classes == NO_NEIGHBOURS]
    return classes.mask(classes.index.isin(alone) & (classes == NO_DATA), NO_NEIGHBOURS)


def _what(material: Material, each: _TestedMap) -> str:
    return material.crime if each.kind is None else material.named(each.kind)


def _periods(material: Material, each: _TestedMap) -> str:
    """Say the period and denominator of the one map that is tested."""
    return material.crime_rates if each.kind is None else material.arrest_rates


def _one(material: Material, each: _TestedMap) -> str:
    return material.units(each.units)[0]


def _table(material: Material, maps: list[_TestedMap]) -> ReportTable:
    rows = []
    for each in maps:
        result = each.tested.moran
        classes = [count((each.classes == quadrant).sum()) for quadrant, _, _ in _QUADRANTS]
        rows.append(
            [
                f"{capital(_what(material, each))}, {material.units(each.units)[1]}",
                count(result.n),
                decimal(result.statistic),
                decimal(result.expected),
                p_value(result.p),
                *classes,
            ]
        )
    heads = ["map", "places", "Moran's I", "expected by chance", "p"]
    permutations = max((each.tested.moran.permutations for each in maps), default=0)
    return ReportTable(
        caption=f"Moran's I of the scores of each map; p two-sided, by {permutations:,} random "
        "orders of the places; then places by local Moran's I (own value first, then the "
        f"neighbours'), after Benjamini and Hochberg. {material.periods}",
        heads=[*heads, *(quadrant for quadrant, _, _ in _QUADRANTS)],
        rows=rows,
    )


def _scatter(material: Material, each: _TestedMap) -> ReportFigure:
    several = material.units(each.units)[1]
    what = _what(material, each)
    result = each.tested.moran
    points = moran_points(each.scores, each.pair.graph)
    p = p_value(result.p)
    says = f"p\u00a0<\u00a0{p[1:]}" if p.startswith("<") else f"p\u00a0=\u00a0{p}"
    svg = moran_figure(
        points,
        slope=result.statistic,
        classes=each.classes,
        name=f"moran-{each.name}",
        title=f"{capital(what)}, {several}",
        axes=(
            f"score of the {_one(material, each)}",
            "mean score of its neighbours",
        ),
        notes=[
            (
                f"{len(points):,} {several}; standard deviations from the mean; {says}. Large, "
                "coloured: significant by local Moran's I."
            ),
        ],
        units=several,
        simulated=material.simulated,
    )
    return ReportFigure(
        name=f"moran-{each.name}",
        svg=svg,
        caption=f"Moran scatter plot of {what}, {len(points):,} {several}. Slope: Moran's I = "
        f"{decimal(result.statistic)}, {says}, two-sided. {_periods(material, each)}",
    )


def _lisa_map(material: Material, each: _TestedMap) -> ReportFigure:
    area, _ = material.units("area")
    what = _what(material, each)
    index = material.table.index if each.units == "county" else material.areas.index
    classes = each.classes.reindex(index).fillna(NOT_TESTED)
    if each.units == "county" and each.kind is not None:
        known = material.analysis.county_support(each.kind).reindex(index)
        classes = classes.mask((known == material.analysis.level) & (classes == NO_DATA), _OF_AREA)
    # Why a place has no data is another matter for arrests than for crime.
    like = material.layer("crime") if each.kind is None else material.layer("arrests", each.kind)
    greys = [entry for key in _KEPT for entry in like.legend if entry.key == key]
    if each.units == "area" and each.kind is None:
        greys = crime_of_areas(material, greys)
    coarse = LegendClass(
        key=_OF_AREA,
        label=f"Not tested: arrests are known for the whole {area} only",
        colour=_WHITE,
    )
    layer = ClassLayer(
        title="Local Moran's I",
        note="",
        classes=classes,
        hatched=pd.Series(each.units == "area", index=index) & ~classes.isin([NO_DATA, NOT_TESTED]),
        hatched_label=f"Hatched: a class of the whole {area}, not of any county in it",
        legend=[*_lisa_legend(what), *greys, coarse],
    )
    return material.figure(
        layer,
        name=f"lisa-{each.name}",
        title=f"Local Moran's I: {what}, by {_one(material, each)}",
        caption=f"Local Moran's I of the scores of {what}, by {_one(material, each)}, at a false "
        f"discovery rate of {material.analysis.options.alpha:g}. {_periods(material, each)}",
        units=each.units,
        periods=_periods(material, each),
    )


def _lisa_legend(what: str) -> list[LegendClass]:
    return [
        LegendClass(
            key=key,
            label=f"{key}: {what} {words}",
            colour=LISA_COLOURS[key],
            pattern=pattern,
        )
        for key, words, pattern in _QUADRANTS
    ]
