"""The figure of coefficients: named, in words, the same bytes, safe with hostile texts."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pandas as pd
import pytest

from outputs.errors import OutputError
from outputs.figures.coefficients import coefficient_figure

TABLE = pd.DataFrame(
    {
        "term": ["votes", "votes", "crime"],
        "model": ["least squares", "Poisson", "least squares"],
        "estimate": [1.5, None, 0.9],
        "low": [1.2, None, 0.7],
        "high": [1.9, None, 1.1],
        "reason": ["", "it did not converge", ""],
    }
)


def draw(table: pd.DataFrame = TABLE, **more: object) -> str:
    about: dict[str, object] = {"name": "rows", "title": "Rates", "axis": "Ratio", "none": 1.0}
    return coefficient_figure(table, **(about | more))  # type: ignore[arg-type]


def test_it_says_in_words_what_it_shows() -> None:
    svg = draw(notes=["Intervals of 90 %."])
    root = ET.fromstring(svg)  # noqa: S314  (our own)
    assert root.get("role") == "img"
    description = svg[svg.index("<desc") : svg.index("</desc>")]
    assert "Ratio: votes, least squares: 1.50 (1.20 to 1.90)." in description
    assert "votes, Poisson: none: it did not converge." in description
    assert "Intervals of 90 %." in description
    assert "interval without 1" in svg
    assert "interval holds 1" in svg


def test_marks_tell_whether_the_interval_holds_none() -> None:
    assert draw().count("#0072b2") != draw(none=0.0).count("#0072b2")


def test_it_is_the_same_every_time_and_says_simulated() -> None:
    assert draw() == draw()
    assert "SIMULATED" not in draw()
    assert "SIMULATED" in draw(simulated=True)


def test_texts_of_others_cannot_break_it() -> None:
    hostile = TABLE.assign(term="<script>&\x00\u202e$x$", model="]]>" * 50)
    svg = draw(hostile, title="<b>&amp;")
    ET.fromstring(svg)  # noqa: S314  (our own)
    assert "<script>" not in svg


@pytest.mark.parametrize("table", [TABLE.drop(columns="low"), TABLE.iloc[:0]])
def test_what_cannot_be_drawn_is_refused(table: pd.DataFrame) -> None:
    with pytest.raises(OutputError, match="expected a row at least"):
        draw(table)
