"""Numbers in rows and Lorenz curves: well formed, named, safe, the same every time."""

from __future__ import annotations

from typing import Any, Final
from xml.etree import ElementTree as ET

import numpy as np
import pandas as pd
import pytest

from outputs.figures.lorenz_curves import lorenz_figure
from outputs.figures.ranked_rows import ranked_rows_figure

HOSTILE: Final = "<script>alert(1)</script> \"'& $x$ =cmd() \u202eturned\x00 ]]> -->"
ROWS: Final = pd.DataFrame(
    {
        "row": ["Ohio", "Ohio", "Iowa", "Iowa"],
        "series": ["2024", "2025", "2024", "2025"],
        "value": [12.0, 1_500.25, np.nan, -3.0],
        "low": [11.0, 1_400.0, np.nan, np.nan],
        "high": [13.0, 1_600.0, np.nan, np.nan],
    }
)
CURVE: Final = (np.array([0.0, 0.5, 1.0]), np.array([0.0, 0.2, 1.0]))


def rows(table: pd.DataFrame = ROWS, **changes: Any) -> str:
    given: dict[str, Any] = {"name": "rows", "title": "Two states", "axis": "per 100,000"}
    return ranked_rows_figure(table, **{**given, **changes})


def curves(labels: list[str], **changes: Any) -> str:
    given: dict[str, Any] = {"name": "lorenz", "title": "Arrests", "axes": ("people", "arrests")}
    return lorenz_figure(dict.fromkeys(labels, CURVE), **{**given, **changes})


def described(svg: str) -> str:
    root = ET.fromstring(svg)  # noqa: S314  (made here)
    return root.findtext("{http://www.w3.org/2000/svg}desc") or ""


def test_rows_are_told_in_words_too() -> None:
    told = described(rows())
    assert "Ohio, 2024: 12.0 (11.0 to 13.0)." in told
    assert "Ohio, 2025: 1,500.2 (1,400.0 to 1,600.0)." in told
    assert "Iowa, 2024: not known." in told
    assert "Iowa, 2025: \u22123.0." in told


def test_series_differ_by_shape() -> None:
    one, two = rows(ROWS[ROWS["series"] == "2024"]), rows()
    assert two.count("<use") > one.count("<use")
    assert "2025" not in one


def test_figures_say_when_data_are_simulated() -> None:
    for svg in (rows(simulated=True), curves(["a"], simulated=True)):
        assert "SIMULATED" in svg
        assert described(svg).startswith("The data are SIMULATED.")
    assert "SIMULATED" not in rows() + curves(["a"])


def test_the_same_gives_the_same() -> None:
    assert rows(notes=["x"]) == rows(notes=["x"])
    assert curves(["a", "b"]) == curves(["a", "b"])


def test_hostile_words_are_shown_as_words() -> None:
    table = ROWS.assign(row=HOSTILE + "x" * 1_000, series=HOSTILE)
    for svg in (
        rows(table, title=HOSTILE, axis=HOSTILE, notes=[HOSTILE]),
        curves([HOSTILE], title=HOSTILE, axes=(HOSTILE, HOSTILE), notes=[HOSTILE]),
    ):
        assert "<script" not in svg
        assert "\x00" not in svg
        assert "\u202e" not in svg
        ET.fromstring(svg)  # noqa: S314  (made here)


@pytest.mark.parametrize("logarithmic", [False, True])
def test_a_row_alone_is_drawn(*, logarithmic: bool) -> None:
    table = ROWS.iloc[[0]].assign(value=0.0 if not logarithmic else 5.0, low=np.nan, high=np.nan)
    assert described(rows(table, logarithmic=logarithmic, reference=1.0))


def test_what_cannot_be_drawn_is_refused() -> None:
    with pytest.raises(ValueError, match="found no low"):
        rows(ROWS.drop(columns="low"))
    with pytest.raises(ValueError, match="0 rows"):
        rows(ROWS.iloc[:0])
    with pytest.raises(ValueError, match="one to three series"):
        rows(pd.concat([ROWS.assign(series=str(each)) for each in range(4)]))
    with pytest.raises(ValueError, match="found 0 curves"):
        curves([])
    with pytest.raises(ValueError, match="found 5 curves"):
        curves([*"abcde"])


def test_curves_are_told_in_words_and_differ_by_their_dashes() -> None:
    svg = curves(["against residents", "against crimes"])
    assert "against residents: half of what is across has 20 % of what is up." in described(svg)
    assert svg.count("stroke-dasharray") > curves(["against residents"]).count("stroke-dasharray")


def test_long_curves_are_drawn_light() -> None:
    at = np.linspace(0, 1, 20_000)
    svg = lorenz_figure({"a": (at, at**2)}, name="l", title="t", axes=("x", "y"))
    assert len(svg) < 40_000
