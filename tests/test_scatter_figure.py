"""Scatter plots: the same bytes, words for those who do not see, names that do not collide."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from outputs.errors import OutputError
from outputs.figures.scatter import _overlap, scatter_figure


def points(number: int = 12) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    y = np.exp(rng.normal(4, 0.5, number))
    return pd.DataFrame(
        {
            "label": [f"P{place}" for place in range(number)],
            "x": np.exp(rng.normal(6, 0.4, number)),
            "y": y,
            "low": y * 0.9,
            "high": y * 1.1,
            "group": ["many", "few"] * (number // 2),
        }
    )


def draw(table: pd.DataFrame, **more: object) -> str:
    return scatter_figure(table, name="dots", title="Dots", axes=("across", "up"), **more)  # type: ignore[arg-type]


def test_every_point_is_named_and_told() -> None:
    svg = draw(points(), simulated=True, notes=["Lines are intervals."])
    for label in points()["label"]:
        assert f">{label}</text>" in svg
        assert f"{label} (" in svg
    assert "SIMULATED" in svg
    assert svg == draw(points(), simulated=True, notes=["Lines are intervals."])


def test_points_without_interval_are_drawn() -> None:
    table = points(2)
    table.loc[0, ["low", "high"]] = np.nan
    assert " to " not in draw(table.iloc[[0]]).split("</desc>")[0]


def test_what_cannot_be_drawn_is_refused() -> None:
    with pytest.raises(OutputError, match="found no low"):
        draw(points().drop(columns="low"))
    with pytest.raises(OutputError, match="found no point"):
        draw(points().iloc[:0])
    with pytest.raises(OutputError, match="numbers above 0"):
        draw(points().assign(x=0.0))
    with pytest.raises(OutputError, match="found 12 groups"):
        draw(points().assign(group=points()["label"]))


def test_hostile_labels_are_text() -> None:
    svg = draw(points(2).assign(label="<script>&", group="<b>"))
    assert "<script>" not in svg
    assert "<b>" not in svg


def test_overlap_is_the_area_shared() -> None:
    assert _overlap((0, 0, 2, 2), [(1, 1, 3, 3), (5, 5, 6, 6)]) == 1.0
