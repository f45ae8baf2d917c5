"""Figures for a page or a paper, as SVG: text stays text, the same bytes every time."""

from outputs.figures.estimates import estimates_figure
from outputs.figures.sensitivity import sensitivity_figure

__all__ = [
    "estimates_figure",
    "sensitivity_figure",
]
