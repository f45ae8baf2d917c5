"""The report of a run: what was found, filled into the parts of a page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import geopandas as gpd

from arrest_atlas.analysis import Analysis
from arrest_atlas.report_parts._choices import choices_section
from arrest_atlas.report_parts._clustering import clustering_section
from arrest_atlas.report_parts._coincidence import coincidence_section
from arrest_atlas.report_parts._data import data_section
from arrest_atlas.report_parts._kinds import kinds_section
from arrest_atlas.report_parts._maps import maps_section
from arrest_atlas.report_parts._material import Material
from arrest_atlas.report_parts._method import method_section
from arrest_atlas.report_parts._opening import lead, limits_section, opening_section
from arrest_atlas.report_parts._origin import origin_section
from arrest_atlas.report_parts._places import places_section
from arrest_atlas.report_parts._published import published_section
from arrest_atlas.sensitivity import Sensitivity
from arrest_atlas.tables.of_a_run import RunAnalyses
from arrest_atlas.words import question
from outputs.classes import ClassLayer
from outputs.report import Report

__all__ = ["build_report"]


def build_report(
    analysis: Analysis,
    table: gpd.GeoDataFrame,
    layers: Sequence[ClassLayer],
    *,
    made_by: Mapping[str, Any],
    changed: Sensitivity | None = None,
    published: RunAnalyses | None = None,
    planted: Sequence[Mapping[str, Any]] = (),
) -> Report:
    """Fill a report with what was found.

    Parameters
    ----------
    analysis : Analysis
        What was found.
    table : geopandas.GeoDataFrame
        Its counties, as ``county_table`` lays them out.
    layers : sequence of ClassLayer
        Layers of the map, as ``map_layers`` gives them: figures have the same classes, words
        and colours.
    made_by : mapping of str to object
        How it came about, as ``arrest_atlas.provenance.provenance`` gathers it.
    changed : Sensitivity, optional
        What the answer depends on; without it, the report says that this was not asked for.
    published : RunAnalyses, optional
        Published analyses; without them, the report says that they were not asked for.
    planted : sequence of mapping, optional
        Clusters planted in a demonstration, as ``summary.json`` tells of them.

    Returns
    -------
    Report
        To be written with `outputs.render_report`; its ``figures`` are files of their own.
        It holds numbers of places only, never a person's record.

    Examples
    --------
    >>> from arrest_atlas.analysis import analyse
    >>> from arrest_atlas.demo import simulate
    >>> from arrest_atlas.layers import county_table
    >>> from arrest_atlas.map_layers import map_layers
    >>> from arrest_atlas.options import Options
    >>> options = Options(draws=2, surrogates=0)
    >>> analysis = analyse(simulate(seed=1, arrests=20_000).inputs, options)
    >>> table = county_table(analysis)
    >>> made_by = {"command": "demo", "options": {"seed": 1}, "inputs": [],
    ...            "versions": {"arrest-atlas": "0.1.0"}}
    >>> report = build_report(analysis, table, map_layers(analysis, table), made_by=made_by)
    >>> [section.heading for section in report.sections][:3]
    ['The question and what was found', 'What the data are', 'The maps']
    """
    material = Material(
        analysis=analysis,
        table=table,
        layers=layers,
        made_by=made_by,
        changed=changed,
        planted=planted,
    )
    return Report(
        title=question(analysis),
        lead=lead(material),
        sections=[
            opening_section(material),
            data_section(material),
            maps_section(material),
            clustering_section(material),
            coincidence_section(material),
            kinds_section(material),
            places_section(material),
            choices_section(material),
            published_section(published),
            limits_section(material),
            method_section(material),
            origin_section(material),
        ],
        footer=[
            (
                f"Made by arrest-atlas {made_by['versions']['arrest-atlas']}. Nothing here is "
                "evidence about any person."
            ),
        ],
        simulated=analysis.inputs.simulated,
    )
