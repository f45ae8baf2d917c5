"""Styles of layers for QGIS (QML), in the colours and words of the map."""

from __future__ import annotations

import operator
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final
from xml.etree import ElementTree as ET

from outputs.classes import LegendClass, Pattern

__all__ = ["Hatching", "LayerStyle", "style_qml"]

_HEAD: Final = "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n"
_VERSION: Final = "3.22.0"
"""Newer ones read it without a remark."""

_NO_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

_PALE: Final = 185
"""Lightness from which on a pattern is a darker shade of its colour, as on the map."""

_LIGHTNESS: Final = (0.299, 0.587, 0.114)
_SHADE: Final = 0.55

_INK: Final = "#1a1a1a"
_EDGE: Final = "#7f7f7f"
_STROKES: Final[dict[Pattern, tuple[int, ...]]] = {"level": (0,), "upright": (90,), "grid": (0, 90)}
_MARKS: Final[dict[Pattern, str]] = {"dots": "circle", "rings": "circle", "crosses": "cross2"}


@dataclass(frozen=True, kw_only=True)
class Hatching:
    """Which rows are hatched: those whose class is that of a larger area, or rests on one.

    Attributes
    ----------
    column, value : str
        Where this column has this value,
    below : mapping of str to float, optional
        and these columns of numbers are below these limits,
    unless : collection of str
        and the class is none of these.
    label : str
        Words in the legend.
    broken : bool, default False
        Whether the lines are broken.
    """

    column: str
    value: str
    below: Mapping[str, float] = field(default_factory=dict)
    unless: Collection[str] = ()
    label: str
    broken: bool = False


@dataclass(frozen=True, kw_only=True)
class LayerStyle:
    """One way to paint a layer of polygons.

    Attributes
    ----------
    name : str
        Its name among the styles of the layer.
    description : str, default ""
        What it shows.
    column : str, default ""
        The column that holds `LegendClass.key`.
    legend : sequence of LegendClass, optional
        The classes in order; without any, only borders are drawn.
    hatchings : sequence of Hatching, optional
        Which rows are hatched, and how.
    only : mapping of str to sequence of str, optional
        Which rows are drawn at all: those with one of these values, by column.
    opacity : float, default 1
        Of fills and patterns, where shapes lie upon each other.
    border : float, default 0.05
        Width of borders in millimetres.
    """

    name: str
    description: str = ""
    column: str = ""
    legend: Sequence[LegendClass] = ()
    hatchings: Sequence[Hatching] = ()
    only: Mapping[str, Sequence[str]] = field(default_factory=dict)
    opacity: float = 1
    border: float = 0.05


def style_qml(style: LayerStyle) -> str:
    """Write a style as QGIS reads it.

    A renderer by category; by rules where it depends on a second column which rows are
    hatched or drawn at all.

    Parameters
    ----------
    style : LayerStyle
        The style.

    Returns
    -------
    str
        A QML document for QGIS 3.22 and later; the same text for the same style.

    Examples
    --------
    >>> hot = LegendClass(key="hot 99%", label="Hot", colour="#b2182b")
    >>> qml = style_qml(LayerStyle(name="Hot spots", column="gi_class", legend=[hot]))
    >>> ET.fromstring(qml).find("renderer-v2").get("attr")
    'gi_class'
    """
    root = ET.Element("qgis", version=_VERSION, styleCategories="Symbology")
    kind = "categorizedSymbol" if style.legend else "singleSymbol"
    renderer = ET.SubElement(root, "renderer-v2", symbollevels="0", enableorderby="0")
    symbols = ET.Element("symbols")
    for number, entry in enumerate(style.legend):
        _class_symbol(symbols, str(number), entry, style)
    if not style.legend:
        layer = _symbol_layer(_symbol(symbols, "0", "fill"), "SimpleFill")
        _options(layer, style="no", **_outline(_INK, style.border))
    elif not style.hatchings and not style.only:
        # What is no plain name, QGIS takes for an expression.
        plain = style.column.isidentifier()
        renderer.set("attr", style.column if plain else _column(style.column))
        categories = ET.SubElement(renderer, "categories")
        for number, entry in enumerate(style.legend):
            words = {"value": entry.key, "label": entry.label, "type": "string"}
            ET.SubElement(categories, "category", words, symbol=str(number), render="true")
    else:
        kind = "RuleRenderer"
        _rules(renderer, style)
        for number, hatching in enumerate(style.hatchings, start=len(style.legend)):
            _hatch_symbol(symbols, str(number), broken=hatching.broken)
    renderer.set("type", kind)
    renderer.append(symbols)
    ET.SubElement(root, "layerGeometryType").text = "2"  # polygons
    for element in root.iter():
        for name, value in element.items():
            element.set(name, _NO_XML.sub("\ufffd", value))
    return _HEAD + ET.tostring(root, encoding="unicode")


def _rules(renderer: ET.Element, style: LayerStyle) -> None:
    """Paint by class, and hatch on top of that."""
    found = [(_among(style.column, [entry.key]), entry.label) for entry in style.legend]
    for hatching in style.hatchings:
        condition = _among(hatching.column, [hatching.value])
        for column, limit in hatching.below.items():
            condition += f" AND {_column(column)} < {limit:g}"
        if hatching.unless:
            condition += f" AND NOT {_among(style.column, hatching.unless)}"
        found.append((condition, hatching.label))
    only = "".join(f" AND {_among(name, values)}" for name, values in style.only.items())
    rules = ET.SubElement(renderer, "rules", key="{root}")
    for number, (condition, label) in enumerate(found):
        about = {"filter": condition + only, "label": label, "symbol": str(number)}
        ET.SubElement(rules, "rule", about, key=f"{{rule-{number}}}")


def _among(column: str, values: Iterable[str]) -> str:
    return f"{_column(column)} IN ({', '.join(map(_text, values))})"


def _text(text: str) -> str:
    """Quote a text in an expression of QGIS."""
    doubled = text.replace("\\", "\\\\").replace("'", "''")
    return f"'{doubled}'"


def _column(name: str) -> str:
    """Quote a column in an expression of QGIS."""
    doubled = name.replace('"', '""')
    return f'"{doubled}"'


def _class_symbol(symbols: ET.Element, name: str, entry: LegendClass, style: LayerStyle) -> None:
    symbol = _symbol(symbols, name, "fill", opacity=style.opacity)
    fill = _symbol_layer(symbol, "SimpleFill")
    _options(fill, color=_rgba(entry.colour), style="solid", **_outline(_EDGE, style.border))
    ink = _rgba(_pattern_colour(entry.colour))
    for angle in _STROKES.get(entry.pattern, ()):
        _lines(symbol, f"@{name}@{len(symbol)}", angle=angle, distance=1.6, strokes=[(ink, 0.22)])
    if mark := _MARKS.get(entry.pattern):
        _points(symbol, f"@{name}@{len(symbol)}", mark, ink, filled=entry.pattern == "dots")


def _hatch_symbol(symbols: ET.Element, name: str, *, broken: bool) -> None:
    """Hatch with pale and dark strokes, of which one shows on any colour."""
    strokes = [("255,255,255,190", 0.5), (_rgba(_INK, 150), 0.16)]
    line = "dash" if broken else "solid"
    symbol = _symbol(symbols, name, "fill")
    _lines(symbol, f"@{name}@0", angle=45, distance=1.6, strokes=strokes, line=line)


def _lines(
    symbol: ET.Element,
    name: str,
    *,
    angle: int,
    distance: float,
    strokes: list[tuple[str, float]],
    line: str = "solid",
) -> None:
    pattern = _symbol_layer(symbol, "LinePatternFill")
    _options(pattern, angle=str(angle), distance=f"{distance:g}", distance_unit="MM")
    drawn = _symbol(pattern, name, "line")
    for colour, width in strokes:
        _options(
            _symbol_layer(drawn, "SimpleLine"),
            line_color=colour,
            line_style=line,
            line_width=f"{width:g}",
            line_width_unit="MM",
        )


def _points(symbol: ET.Element, name: str, mark: str, colour: str, *, filled: bool) -> None:
    pattern = _symbol_layer(symbol, "PointPatternFill")
    _options(pattern, distance_x="2", distance_x_unit="MM", distance_y="2", distance_y_unit="MM")
    _options(
        _symbol_layer(_symbol(pattern, name, "marker"), "SimpleMarker"),
        name=mark,
        size="0.9",
        size_unit="MM",
        color=colour if filled else "0,0,0,0",
        outline_color=colour,
        outline_style="solid",
        outline_width="0.2",
        outline_width_unit="MM",
    )


def _symbol(parent: ET.Element, name: str, kind: str, *, opacity: float = 1) -> ET.Element:
    about = {"name": name, "type": kind, "clip_to_extent": "1", "force_rhr": "0"}
    return ET.SubElement(parent, "symbol", about, alpha=f"{opacity:g}")


def _symbol_layer(symbol: ET.Element, kind: str) -> ET.Element:
    about = {"class": kind, "enabled": "1", "locked": "0", "pass": "0"}
    return ET.SubElement(symbol, "layer", about)


def _options(layer: ET.Element, **options: str) -> None:
    group = ET.SubElement(layer, "Option", type="Map")
    for name, value in options.items():
        ET.SubElement(group, "Option", name=name, type="QString", value=value)


def _outline(colour: str, width: float) -> Mapping[str, str]:
    return {
        "outline_color": _rgba(colour),
        "outline_style": "solid",
        "outline_width": f"{width:g}",
        "outline_width_unit": "MM",
    }


def _channels(colour: str) -> tuple[int, int, int]:
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return red, green, blue


def _pattern_colour(colour: str) -> str:
    """White on dark colours, on pale ones a darker shade, as on the map."""
    channels = _channels(colour)
    if sum(map(operator.mul, _LIGHTNESS, channels)) < _PALE:
        return "#ffffff"
    return "#" + "".join(f"{round(_SHADE * part):02x}" for part in channels)


def _rgba(colour: str, opacity: int = 255) -> str:
    return ",".join(map(str, (*_channels(colour), opacity)))
