"""Panels of weekly counts: told in words, the same every time, safe with any label."""

from xml.etree import ElementTree as ET

import numpy as np
import pandas as pd
import pytest

from outputs.figures.series_panels import SeriesPanel, series_panels_figure


def panel(label: str = "Ohio", weeks: int = 60) -> SeriesPanel:
    index = pd.date_range("2025-01-06", periods=weeks, freq="7D")
    counts = pd.Series(np.arange(weeks, dtype=float), index=index)
    counts.iloc[3] = np.nan
    return SeriesPanel(
        label=label,
        counts=counts,
        levels=counts * 0 + 5,
        changes=[(index[5], index[4], index[6])],
        gaps=[(index[3], index[3] + pd.Timedelta(days=6))],
    )


def test_words_tell_changes_and_gaps() -> None:
    svg = series_panels_figure([panel()], name="weeks", title="Weeks", simulated=True)
    assert "level changes at 2025-02-10" in svg
    assert "not told: 2025-01-27 to 2025-02-02" in svg
    assert "SIMULATED" in svg


def test_the_same_every_time() -> None:
    made = [series_panels_figure([panel()], name="weeks", title="Weeks") for _ in range(2)]
    assert made[0] == made[1]


@pytest.mark.parametrize("label", ["<script>", "$\\frac{1}$", "a\x00b", "\u0627" * 300])
def test_any_label_gives_a_document(label: str) -> None:
    svg = series_panels_figure([panel(label), panel()], name="weeks", title="Weeks")
    assert ET.fromstring(svg).tag.endswith("svg")  # noqa: S314  (our own document)


def test_nothing_known_and_one_week_can_be_drawn() -> None:
    index = pd.date_range("2025-01-06", periods=1, freq="7D")
    empty = pd.Series([np.nan], index=index)
    svg = series_panels_figure(
        [SeriesPanel(label="none", counts=empty, levels=empty)], name="weeks", title="Weeks"
    )
    assert "none: 0 over 0 weeks" in svg
    with pytest.raises(ValueError, match="no series"):
        series_panels_figure([], name="weeks", title="Weeks")
