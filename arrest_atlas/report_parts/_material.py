"""What the parts of a report are made from, gathered once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Final, Literal

import geopandas as gpd
import pandas as pd

from arrest_atlas.analysis import Analysis, KindAnswer, MapPair
from arrest_atlas.counting import Kind
from arrest_atlas.layers import area_table
from arrest_atlas.map_layers import AREA_WORDS, KIND_WORDS, layer_titles, why_no_crime
from arrest_atlas.options import DENOMINATOR_WORDS
from arrest_atlas.report_parts._wording import capital
from arrest_atlas.sensitivity import Sensitivity
from arrest_atlas.support import NOT_TESTED
from boundaries import load_states
from geo import PER
from outputs.classes import ClassLayer, LegendClass
from outputs.figures import MapGround, class_map_figure, map_ground
from outputs.report import ReportFigure
from spatial_models import NO_DATA

__all__ = ["UNITS", "Material", "Units", "crime_of_areas"]

Units = Literal["county", "area"]
UNITS: Final[tuple[Units, ...]] = ("county", "area")
"""The two answers, which are never merged (M1)."""

_STATES, _OFFICES = 0.5, 1.2
"""Width of borders in points."""

_UNTOLD: Final = (NO_DATA, NOT_TESTED)


@dataclass(frozen=True, kw_only=True, eq=False)
class Material:
    """An analysis with the tables and words that several parts need.

    Attributes
    ----------
    analysis : Analysis
        What was found.
    table : geopandas.GeoDataFrame
        Its counties, as ``county_table`` lays them out.
    layers : sequence of ClassLayer
        Layers of the map, whose legends the figures share.
    made_by : mapping of str to object
        How it came about, as ``run.json`` holds it.
    changed : Sensitivity or None
        What the answer depends on, where that was asked for.
    planted : sequence of mapping
        Clusters of a demonstration, as ``summary.json`` holds them.
    """

    analysis: Analysis
    table: gpd.GeoDataFrame
    layers: Sequence[ClassLayer]
    made_by: Mapping[str, Any]
    changed: Sensitivity | None
    planted: Sequence[Mapping[str, Any]] = ()

    @property
    def simulated(self) -> bool:
        """Tell whether the data are made up."""
        return self.analysis.inputs.simulated

    @property
    def crime(self) -> str:
        """Name the crimes."""
        return self.analysis.inputs.crime.noun

    @property
    def people(self) -> str:
        """Name the people whom arrest rates refer to."""
        return DENOMINATOR_WORDS[self.analysis.options.denominator]

    @property
    def arrest_period(self) -> str:
        """Say when the arrests were made."""
        return str(self.analysis.inputs.arrest_period or "period not stated")

    @property
    def crime_period(self) -> str:
        """Say when the crimes were reported."""
        return str(self.analysis.inputs.crime_period or "period not stated")

    @property
    def periods(self) -> str:
        """Say the periods and denominators of both, as small print."""
        return f"{self.arrest_rates[:-1]}; {self._crime_rates(self.crime)}"

    @property
    def arrest_rates(self) -> str:
        """Say the period and denominator of arrests."""
        whole = f", all {self.arrest_span} together" if self.arrest_span else ""
        return f"Arrests {self.arrest_period}{whole}, per {PER:,} {self.people}."

    @property
    def crime_rates(self) -> str:
        """Say the period and denominator of crime."""
        return self._crime_rates(capital(self.crime))

    def _crime_rates(self, crime: str) -> str:
        return f"{crime} {self.crime_period}, per {PER:,} residents."

    @property
    def arrest_span(self) -> str:
        """Say how long the arrests' period is, where it is stated and no year."""
        period = self.analysis.inputs.arrest_period
        return "" if period is None or period.length == "1 year" else period.length

    @property
    def scales(self) -> str:
        """Say that rates of the two maps are no numbers to be set against each other."""
        period = self.analysis.inputs.arrest_period
        span = "period, which is not stated"
        if period is not None:
            span = self.arrest_span or period.length
        return (
            f"Arrest rates are of the whole {span}{', not of one year' * bool(self.arrest_span)}; "
            f"rates of {self.crime} are as their file gives them, of one year in most files. So "
            "the two are not on one scale: a place's rate can be held against that of other "
            "places, not against its rate of the other kind."
        )

    def units(self, units: Units) -> tuple[str, str]:
        """Name one and several of the places of an answer."""
        return ("county", "counties") if units == "county" else AREA_WORDS[self.analysis.level]

    def pair(self, kind: Kind, units: Units) -> MapPair:
        """Look up one of the two answers of a kind of arrests."""
        answer: KindAnswer = self.analysis.kinds[kind]
        return answer.county if units == "county" else answer.area

    def named(self, kind: Kind) -> str:
        """Name a kind of arrests; where there is one only, arrests."""
        return KIND_WORDS[kind] if len(self.analysis.kinds) > 1 else "arrests"

    @cached_property
    def areas(self) -> pd.DataFrame:
        """Lay the analysis out by area."""
        return area_table(self.analysis)

    @cached_property
    def ground(self) -> MapGround:
        """Lay the counties out on paper."""
        table = self.table
        outlines = {"states": (_STATES, table["state"]), "offices": (_OFFICES, table["aor"])}
        return map_ground(table[["state", "geometry"]], outlines)

    @cached_property
    def area_ground(self) -> MapGround:
        """Lay the areas out on paper, of those that are tested only the counties that are."""
        area = self.analysis.geometry[self.analysis.level]
        return self.ground.dissolved(area.where(~self._beyond))

    @cached_property
    def _beyond(self) -> pd.Series:
        """Tell which counties of tested areas lie where no county is tested."""
        area = self.analysis.geometry[self.analysis.level]
        tested = self.pair("all", "area").graph.unique_ids
        beyond: pd.Series = area.isin(tested) & ~self.analysis.in_extent
        return beyond

    @cached_property
    def states(self) -> pd.Series:
        """Name the state of each county."""
        names: pd.Series = self.table["state"].map(load_states()["name"])
        return names.fillna(self.table["state"])

    @cached_property
    def names_of_areas(self) -> pd.Series:
        """Name each area."""
        areas = self.areas.index
        return pd.Series(areas, index=areas)

    def layer(self, name: str, kind: Kind = "all") -> ClassLayer:
        """Find a layer of the map by its name (of `layer_titles`) and kind of arrests."""
        title = layer_titles(self.analysis)[name]
        own = [
            each
            for each in self.layers
            if each.title == title and each.variant in ("", KIND_WORDS[kind])
        ]
        if not own:
            titles = ", ".join(dict.fromkeys(each.title for each in self.layers))
            message = f"found no layer {title!r} of {kind} arrests; expected one: {titles}"
            raise LookupError(message)
        return own[0]

    def figure(
        self,
        layer: ClassLayer,
        *,
        name: str,
        title: str,
        caption: str,
        units: Units = "county",
        periods: str = "",
    ) -> ReportFigure:
        """Draw a layer of counties or of areas; `periods` are both maps' where not given."""
        ground = self.ground if units == "county" else self.area_ground
        lines = (
            "Thick lines: areas of responsibility of ICE field offices; thin ones: states. "
            f"{periods or self.periods}"
        )
        notes = [lines]
        if units == "area" and self._beyond.any():
            beyond = ", ".join(sorted(self.table["state"][self._beyond].unique()))
            notes.append(f"Not drawn: parts of tested areas where no county is tested ({beyond}).")
        svg = class_map_figure(
            ground,
            layer,
            name=name,
            title=title,
            notes=notes,
            units=self.units(units),
            untold=_UNTOLD,
            places=self.states if units == "county" else self.names_of_areas,
            simulated=self.simulated,
        )
        return ReportFigure(name=name, svg=svg, caption=caption)


def crime_of_areas(material: Material, legend: Sequence[LegendClass]) -> list[LegendClass]:
    """Say why a larger area may have no rate of crime: most of its residents need one."""
    why = f"No data: {why_no_crime(material.analysis, of_areas=True)}"
    return [replace(entry, label=why) if entry.key == NO_DATA else entry for entry in legend]
