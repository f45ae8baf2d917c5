"""Styles that QGIS finds beside a raster, by its name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from xml.etree import ElementTree as ET

from outputs.classes import LegendClass

_VERSION: Final = "3.22"


def value_style(limits: Sequence[float], legend: Sequence[LegendClass]) -> str:
    """Paint the numbers of the first band by class."""
    document, renderer = _renderer("singlebandpseudocolor")
    shader = ET.SubElement(
        ET.SubElement(renderer, "rastershader"),
        "colorrampshader",
        {"colorRampType": "DISCRETE", "classificationMode": "1", "clip": "0"},
    )
    for limit, entry in zip([*map(repr, limits), "inf"], legend, strict=True):
        ET.SubElement(
            shader,
            "item",
            {"value": limit, "color": entry.colour, "alpha": "255", "label": entry.label},
        )
    return _written(document)


def class_style(legend: Sequence[LegendClass]) -> str:
    """Word the classes of a colour table."""
    document, renderer = _renderer("paletted")
    palette = ET.SubElement(renderer, "colorPalette")
    for number, entry in enumerate(legend, start=1):
        ET.SubElement(
            palette,
            "paletteEntry",
            {"value": str(number), "color": entry.colour, "alpha": "255", "label": entry.label},
        )
    return _written(document)


def _renderer(kind: str) -> tuple[ET.Element, ET.Element]:
    document = ET.Element("qgis", {"version": _VERSION, "styleCategories": "Symbology"})
    pipe = ET.SubElement(document, "pipe")
    return document, ET.SubElement(
        pipe, "rasterrenderer", {"type": kind, "band": "1", "opacity": "1", "alphaBand": "-1"}
    )


def _written(document: ET.Element) -> str:
    ET.indent(document)
    head = "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>"
    return f"{head}\n{ET.tostring(document, encoding='unicode')}\n"
