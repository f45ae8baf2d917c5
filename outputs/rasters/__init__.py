"""Surfaces of rates on an equal-area grid, as GeoTIFF and as images for a map."""

from outputs.rasters.classes import class_surface
from outputs.rasters.difference import standardised_difference
from outputs.rasters.grid import CELL_SIZE, CellGrid, surface_grid
from outputs.rasters.overlay import draw_overlay
from outputs.rasters.rates import BANDWIDTH, Method, PlaceCases, rate_surface
from outputs.rasters.surface import Band, Surface
from outputs.rasters.writing import write_surface

__all__ = [
    "BANDWIDTH",
    "CELL_SIZE",
    "Band",
    "CellGrid",
    "Method",
    "PlaceCases",
    "Surface",
    "class_surface",
    "draw_overlay",
    "rate_surface",
    "standardised_difference",
    "surface_grid",
    "write_surface",
]
