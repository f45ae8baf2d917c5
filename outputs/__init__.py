"""What people take away: maps, layers, summaries; whole or not at all."""

from outputs._printable import excerpt
from outputs.classes import ClassGrid, ClassLayer, ImageOverlay, LegendClass
from outputs.errors import OutputError
from outputs.figures import sensitivity_figure
from outputs.folder import SUMMARY_FILE, check_folder, files_below, whole_folder, write_text
from outputs.geopackage import write_geopackage
from outputs.layer_styles import Hatching, LayerStyle
from outputs.layer_words import ColumnWords, LayerWords
from outputs.notebooks import explore
from outputs.provenance import (
    RUN_FILE,
    file_digest,
    provenance_lines,
    run_json,
    software_versions,
)
from outputs.report import Report, render_report
from outputs.summary import summary_json
from outputs.tables import without_formulas, write_parquet, write_tables
from outputs.web_map import build_map, check_tiles, render_map
from outputs.whole_file import check_file, whole_file

__all__ = [
    "RUN_FILE",
    "SUMMARY_FILE",
    "ClassGrid",
    "ClassLayer",
    "ColumnWords",
    "Hatching",
    "ImageOverlay",
    "LayerStyle",
    "LayerWords",
    "LegendClass",
    "OutputError",
    "Report",
    "build_map",
    "check_file",
    "check_folder",
    "check_tiles",
    "excerpt",
    "explore",
    "file_digest",
    "files_below",
    "provenance_lines",
    "render_map",
    "render_report",
    "run_json",
    "sensitivity_figure",
    "software_versions",
    "summary_json",
    "whole_file",
    "whole_folder",
    "without_formulas",
    "write_geopackage",
    "write_parquet",
    "write_tables",
    "write_text",
]
