"""The folder of a run: every file of it, whole or not at all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Final

from arrest_atlas.analysis import Analysis, Progress
from arrest_atlas.column_words import layer_words
from arrest_atlas.demo import Planted
from arrest_atlas.layers import output_layers
from arrest_atlas.map_layers import map_layers
from arrest_atlas.provenance import Call, provenance
from arrest_atlas.qgis_styles import qgis_styles
from arrest_atlas.report_parts import build_report
from arrest_atlas.run_map import run_map
from arrest_atlas.scan_clusters import scan_clusters
from arrest_atlas.sensitivity import Sensitivity
from arrest_atlas.summary import Summary, summarise
from arrest_atlas.surface_images import overlays
from arrest_atlas.surfaces import run_surfaces
from arrest_atlas.tables.of_a_run import RunAnalyses
from arrest_atlas.words import question
from outputs import (
    RUN_FILE,
    SUMMARY_FILE,
    ImageOverlay,
    files_below,
    provenance_lines,
    render_map,
    render_report,
    run_json,
    summary_json,
    whole_folder,
    write_geopackage,
    write_tables,
    write_text,
)
from outputs.errors import NoSurfaceError
from outputs.provenance import provenance_tag
from outputs.rasters import Surface, write_surface

__all__ = ["write_outputs"]

MAP_FILE: Final = "map.html"
REPORT_FILE: Final = "report.html"
GEOPACKAGE_FILE: Final = "arrest-atlas.gpkg"
TABLES: Final = "tables"
RASTERS: Final = "rasters"
FIGURES: Final = "figures"


def write_outputs(
    analysis: Analysis,
    out: str | Path,
    *,
    call: Call,
    planted: Sequence[Planted] = (),
    changed: Sensitivity | None = None,
    published: RunAnalyses | None = None,
    tiles: str | None = None,
    progress: Progress,
) -> Summary:
    """Write everything that people take away.

    Parameters
    ----------
    analysis : Analysis
        What was found.
    out : str or pathlib.Path
        Folder: new, empty, or that of an earlier run, which is replaced as a whole.
    call : Call
        What was asked for, for ``run.json``.
    planted : sequence of Planted, optional
        Clusters of simulated data.
    changed : Sensitivity, optional
        What the answer depends on.
    published : RunAnalyses, optional
        Published analyses.
    tiles : str, optional
        Base map below the counties (see `outputs.build_map`).
    progress : callable
        Receives a few words at each step.

    Returns
    -------
    dict
        The summary, as ``summary.json`` holds it.

    Raises
    ------
    OutputError
        If something cannot be written; then nothing is.
    """
    progress("scanning for clusters")
    layers = output_layers(
        analysis,
        circles=scan_clusters(analysis),
        sensitivity=None if changed is None else changed.to_frame(),
    )
    table = layers["counties"]
    summary = summarise(analysis, table, planted=planted)
    if changed is not None:
        summary["sensitivity"] = [asdict(row) for row in changed.rows]
    if published is not None:
        summary["published"] = published.summary()
    made_by = provenance(call, analysis.inputs, analysis.options, summary)
    choices = map_layers(analysis, table)
    words = layer_words(analysis, layers)
    with whole_folder(out) as folder:
        progress("writing layers")
        write_geopackage(
            folder / GEOPACKAGE_FILE,
            layers,
            title=_title(analysis),
            metadata=summary | {"provenance": made_by},
            words=words,
            styles=qgis_styles(analysis, layers, choices),
        )
        write_tables(folder / TABLES, layers, words=words)
        if published is not None:
            write_tables(folder / TABLES, published.tables, words=published.words)
        progress("drawing surfaces")
        images: list[ImageOverlay] = []
        try:
            surfaces = run_surfaces(analysis)
            _write_surfaces(
                folder / RASTERS,
                surfaces,
                tag=provenance_tag(made_by),
                simulated=analysis.inputs.simulated,
            )
            images = list(overlays(analysis, surfaces))
        except NoSurfaceError as error:
            summary["no_rasters"] = str(error)
        progress("drawing the map")
        web_map = run_map(
            analysis,
            layers,
            choices,
            overlays=images,
            made_by=provenance_lines(made_by),
            tiles=tiles,
        )
        write_text(folder / MAP_FILE, render_map(web_map))
        progress("writing the report")
        report = build_report(
            analysis,
            table,
            choices,
            made_by=made_by,
            changed=changed,
            published=published,
            planted=summary.get("planted_clusters", ()),
        )
        write_text(folder / REPORT_FILE, render_report(report))
        (folder / FIGURES).mkdir()
        for name, svg in report.figures.items():
            write_text(folder / FIGURES / name, svg)
        summary["files"] = sorted([*files_below(folder), SUMMARY_FILE, RUN_FILE])
        write_text(folder / SUMMARY_FILE, summary_json(summary))
        write_text(folder / RUN_FILE, run_json(made_by, folder))
    return summary


def _title(analysis: Analysis) -> str:
    asked = question(analysis)
    return f"{asked} SIMULATED" if analysis.inputs.simulated else asked


def _write_surfaces(
    folder: Path, surfaces: Sequence[Surface], *, tag: Mapping[str, object], simulated: bool
) -> None:
    """Write every surface."""
    folder.mkdir()
    for surface in surfaces:
        write_surface(folder, surface, metadata=tag, simulated=simulated)
