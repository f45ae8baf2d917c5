"""What people take away: maps, layers, summaries; whole or not at all."""

from outputs.errors import OutputError
from outputs.figures import sensitivity_figure
from outputs.folder import SUMMARY_FILE, check_folder, whole_folder
from outputs.geopackage import write_geopackage
from outputs.summary import summary_json
from outputs.web_map import ClassLayer, LegendClass, build_map, render_map
from outputs.whole_file import check_file, whole_file

__all__ = [
    "SUMMARY_FILE",
    "ClassLayer",
    "LegendClass",
    "OutputError",
    "build_map",
    "check_file",
    "check_folder",
    "render_map",
    "sensitivity_figure",
    "summary_json",
    "whole_file",
    "whole_folder",
    "write_geopackage",
]
