"""Styles that QGIS reads: every class with its colour, pattern and words.

The structure is that which QGIS 3.22 loads and paints (tried with ``QgsVectorLayer``,
its renderers and pictures of all patterns).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outputs import Hatching, LayerStyle, LegendClass
from outputs.classes import PATTERNS
from outputs.layer_styles import style_qml

LEGEND = [
    LegendClass(key=f"class {number}", label=f"Label {number}", colour=colour, pattern=pattern)
    for number, (pattern, colour) in enumerate(
        zip(PATTERNS, ["#882255", "#e69f00", "#0072b2", "#f4f1ea"] * 2, strict=False)
    )
]
HATCHING = Hatching(column="support", value="zone", unless=["not tested"], label="Zone-level")


def renderer(style: LayerStyle) -> ET.Element:
    found = ET.fromstring(style_qml(style)).find("renderer-v2")  # noqa: S314  (our own)
    assert found is not None
    return found


def layers(symbol: ET.Element) -> list[str | None]:
    return [layer.get("class") for layer in symbol.findall("layer")]


def test_classes_become_categories_with_colour_and_pattern() -> None:
    found = renderer(LayerStyle(name="All", column="gi_class", legend=LEGEND))
    assert (found.get("type"), found.get("attr")) == ("categorizedSymbol", "gi_class")
    categories = [
        (each.get("value"), each.get("label"), each.get("symbol"))
        for each in found.findall("categories/category")
    ]
    assert categories == [(entry.key, entry.label, str(at)) for at, entry in enumerate(LEGEND)]
    symbols = found.findall("symbols/symbol")
    colours = [each.find("layer/Option/Option[@name='color']").get("value") for each in symbols]  # type: ignore[union-attr]
    assert colours[:2] == ["136,34,85,255", "230,159,0,255"]
    assert dict(zip(PATTERNS, map(layers, symbols), strict=True)) == {
        "": ["SimpleFill"],
        "dots": ["SimpleFill", "PointPatternFill"],
        "rings": ["SimpleFill", "PointPatternFill"],
        "crosses": ["SimpleFill", "PointPatternFill"],
        "level": ["SimpleFill", "LinePatternFill"],
        "upright": ["SimpleFill", "LinePatternFill"],
        "grid": ["SimpleFill", "LinePatternFill", "LinePatternFill"],
    }


def test_hatching_is_a_rule_on_top_of_the_classes() -> None:
    found = renderer(LayerStyle(name="A", column="gi_class", legend=LEGEND, hatchings=[HATCHING]))
    assert found.get("type") == "RuleRenderer"
    *classes, hatched = found.findall("rules/rule")
    assert classes[0].get("filter") == "\"gi_class\" IN ('class 0')"
    assert hatched.get("filter") == (
        "\"support\" IN ('zone') AND NOT \"gi_class\" IN ('not tested')"
    )
    assert hatched.get("label") == "Zone-level"
    (symbol,) = found.findall(f"symbols/symbol[@name='{hatched.get('symbol')}']")
    assert layers(symbol) == ["LinePatternFill"]
    assert len({rule.get("key") for rule in found.iter("rule")}) == len(LEGEND) + 1


def test_broken_hatching_has_its_limit_and_its_dashes() -> None:
    broken = replace(HATCHING, value="county", below={"located_share": 0.9}, broken=True)
    style = LayerStyle(name="A", column="gi_class", legend=LEGEND, hatchings=[HATCHING, broken])
    found = renderer(style)
    *_, whole, partly = found.findall("rules/rule")
    assert partly.get("filter") == (
        '"support" IN (\'county\') AND "located_share" < 0.9 AND NOT "gi_class" IN (\'not tested\')'
    )
    lines = []
    for rule in (whole, partly):
        (symbol,) = found.findall(f"symbols/symbol[@name='{rule.get('symbol')}']")
        options = (each for each in symbol.iter("Option") if each.get("name") == "line_style")
        lines.append({each.get("value") for each in options})
    assert lines == [{"solid"}, {"dash"}]


def test_only_some_rows_are_drawn_where_asked_for() -> None:
    style = LayerStyle(name="A", column="map", legend=LEGEND[:1], only={"kind": ["all", ""]})
    (rule,) = renderer(style).findall("rules/rule")
    assert rule.get("filter") == "\"map\" IN ('class 0') AND \"kind\" IN ('all', '')"


def test_without_classes_only_borders_are_drawn() -> None:
    found = renderer(LayerStyle(name="Borders", border=0.6))
    assert found.get("type") == "singleSymbol"
    options = {each.get("name"): each.get("value") for each in found.iter("Option")}
    assert (options["style"], options["outline_width"]) == ("no", "0.6")


@pytest.mark.parametrize(
    ("column", "attribute"), [("gi_class", "gi_class"), ('a "b"', '"a ""b"""'), ("=x", '"=x"')]
)
def test_a_strange_column_is_quoted(column: str, attribute: str) -> None:
    assert renderer(LayerStyle(name="A", column=column, legend=LEGEND)).get("attr") == attribute


@given(st.text(), st.text())
def test_any_text_gives_well_formed_qml(key: str, label: str) -> None:
    entry = LegendClass(key=key, label=label, colour="#123456")
    hatching: Any = Hatching(column=key, value=label, unless=[key], label=label)
    style = LayerStyle(name=key, column=label, legend=[entry], hatchings=[hatching])
    assert len(renderer(style).findall("rules/rule")) == 2
    assert style_qml(style) == style_qml(style)


def test_quotes_and_backslashes_are_doubled_in_expressions() -> None:
    entry = LegendClass(key="it's \\ here", label="", colour="#123456")
    style = LayerStyle(name="", column='a"b', legend=[entry], hatchings=[HATCHING])
    first = renderer(style).find("rules/rule")
    assert first is not None
    assert first.get("filter") == "\"a\"\"b\" IN ('it''s \\\\ here')"
