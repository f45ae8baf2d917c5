"""The spatial tests on any map, as ``arrest-atlas test`` gives them."""

from arrest_atlas.map_tests.graphs import GRAPH_HELP, Transform
from arrest_atlas.map_tests.reading import Columns
from arrest_atlas.map_tests.running import GraphOptions, MapTest, run_map_test
from arrest_atlas.map_tests.statistics import STATISTICS, Statistic
from arrest_atlas.map_tests.text import report_json, report_text, title_of
from arrest_atlas.map_tests.writing import SUFFIXES, check_out, write_layer

__all__ = [
    "GRAPH_HELP",
    "STATISTICS",
    "SUFFIXES",
    "Columns",
    "GraphOptions",
    "MapTest",
    "Statistic",
    "Transform",
    "check_out",
    "report_json",
    "report_text",
    "run_map_test",
    "title_of",
    "write_layer",
]
