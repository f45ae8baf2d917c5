"""Figures for a page or a paper, as SVG: text stays text, the same bytes every time."""

from outputs.figures.county_maps import class_map_figure
from outputs.figures.estimates import estimates_figure
from outputs.figures.map_ground import MapGround, map_ground
from outputs.figures.moran_plot import moran_figure, moran_points
from outputs.figures.sensitivity import sensitivity_figure
from outputs.legends import LISA_COLOURS

__all__ = [
    "LISA_COLOURS",
    "MapGround",
    "class_map_figure",
    "estimates_figure",
    "map_ground",
    "moran_figure",
    "moran_points",
    "sensitivity_figure",
]
