"""Bars of shares: they sum to one, say what they show, and are safe with any text."""

from typing import Any
from xml.etree import ElementTree as ET

import pandas as pd
import pytest

from outputs.figures.share_bars import share_bars_figure

HOSTILE = "<script>alert(1)</script> $x$ \u202e\x00 ]]>"
PARTS = {"a": "red", "b": "blue", "c": "grey", "d": "none"}


def table(**changes: Any) -> pd.DataFrame:
    given = {
        "group": ["one", "one", "two"],
        "row": ["Ohio", "Iowa", "Utah"],
        "whole": [1_000, 8, 0],
        "a": [0.5, 0.004, None],
        "b": [0.3, 0.992, None],
        "c": [0.15, 0.004, None],
        "d": [0.05, 0.0, None],
    }
    return pd.DataFrame({**given, **changes})


def draw(frame: pd.DataFrame, **changes: Any) -> str:
    given: dict[str, Any] = {
        "parts": PARTS,
        "name": "shares",
        "title": "Shares",
        "axis": "share",
        "beside": "balls",
    }
    return share_bars_figure(frame, **{**given, **changes})


def test_the_description_tells_every_share() -> None:
    svg = draw(table())
    ET.fromstring(svg)  # noqa: S314  (our own)
    assert "one: Ohio (1,000): red 50 %, blue 30 %, grey 15 %, none 5 %." in svg
    assert "Iowa (8): red &lt;1 %, blue 99 %, grey &lt;1 %, none 0 %." in svg
    assert "Utah (0): not known." in svg


def test_nothing_is_made_all() -> None:
    none = [0, 0, None]
    svg = draw(table(a=[0.999, 1.0, None], b=[0.001, 0.0, None], c=none, d=none))
    assert "Ohio (1,000): red &gt;99 %, blue &lt;1 %" in svg
    assert "Iowa (8): red 100 %" in svg


def test_parts_are_told_apart_without_colour() -> None:
    svg = draw(table())
    # Two plain fills of different lightness, two patterns.
    assert svg.count("<pattern") == 2
    assert "#0b4f7d" in svg
    assert "#d9d9d9" in svg


def test_simulated_says_so_and_bytes_are_the_same() -> None:
    svg = draw(table(), simulated=True)
    assert svg == draw(table(), simulated=True)
    assert ">SIMULATED<" in svg
    assert "The data are SIMULATED." in svg
    assert "SIMULATED" not in draw(table())


def test_hostile_texts_stay_texts() -> None:
    svg = draw(table(row=[HOSTILE] * 3, group=HOSTILE), title=HOSTILE, notes=[HOSTILE])
    ET.fromstring(svg)  # noqa: S314
    assert "<script" not in svg


@pytest.mark.parametrize(
    ("frame", "changes", "said"),
    [
        (table().drop(columns="whole"), {}, "no whole"),
        (table().iloc[:0], {}, "0 rows"),
        (table(), {"parts": {"a": "red"}}, "1 parts"),
        (table(a=0.9), {}, "expected 1"),
    ],
)
def test_what_cannot_be_drawn_is_refused(
    frame: pd.DataFrame, changes: dict[str, Any], said: str
) -> None:
    with pytest.raises(ValueError, match=said):
        draw(frame, **changes)
