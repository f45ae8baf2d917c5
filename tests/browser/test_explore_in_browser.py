"""Results in a notebook: a map in a frame of another page."""

from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from browser.open_map import OpenMap
from outputs import explore, render_map


@pytest.fixture(scope="module")
def web_map() -> Any:
    squares = gpd.GeoDataFrame(
        {"town": ["Erste", "Zweite", "Dritte"]},
        geometry=[shapely.box(4e5 + west, 5.8e6, 4.1e5 + west, 5.81e6) for west in (0, 1e4, 2e4)],
        index=["a", "b", "c"],
        crs="EPSG:25833",
    )
    classes = pd.Series({"a": "High-High", "b": "not significant", "c": None}, name="Local test")
    return explore(classes, squares, name="town")


def test_a_notebook_shows_map_and_legend(open_map: OpenMap, web_map: Any, tmp_path: Path) -> None:
    notebook = tmp_path / "notebook.html"
    head = '<!DOCTYPE html><html data-drawn="yes"><meta charset="utf-8"><body>'
    notebook.write_text(f"{head}{web_map._repr_html_()}</body></html>", encoding="utf-8")
    frame = open_map(notebook).frame_locator("iframe")
    frame.locator("html[data-drawn]").wait_for()
    assert frame.locator("#left path.leaflet-interactive").count() == 3
    legend = frame.locator("#legend").inner_text()
    assert "High-High: high among high neighbours" in legend
    assert "No data" in legend
    assert "1 place" in legend
    frame.locator("#left path.leaflet-interactive").first.click()
    assert frame.locator(".card h2").inner_text() == "Erste"


def test_places_are_found_listed_and_read_aloud(
    open_map: OpenMap, web_map: Any, tmp_path: Path
) -> None:
    path = tmp_path / "map.html"
    path.write_text(render_map(web_map), encoding="utf-8")
    page = open_map(path)
    assert page.locator("#beside").is_hidden()
    page.get_by_label("Find a place").fill("zwei")
    assert page.locator("#found-status").inner_text() == "1 place found"
    page.keyboard.press("Enter")
    assert page.locator("#find").input_value() == "Zweite"
    page.get_by_role("button", name="Place table").click()
    heads = page.locator("#table-scroller thead th").all_inner_texts()
    assert heads == ["Place", "Class: " + page.locator("#legend h2").inner_text()]
    assert page.locator("#table-scroller tbody tr").count() == 3
    assert page.locator("#table-status").inner_text() == "1 to 3 of 3 places"
    with page.expect_download() as saved:
        page.get_by_role("button", name="Save as CSV").click()
    assert saved.value.suggested_filename == "places-local-test.csv"
    assert "county" not in page.locator("body").inner_text().casefold()


def test_axe_finds_nothing(open_map: OpenMap, web_map: Any, tmp_path: Path) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    path = tmp_path / "map.html"
    path.write_text(render_map(web_map), encoding="utf-8")
    # The page's own policy would keep the checker out, too.
    found = axe.Axe().run(open_map(path, bypass_csp=True)).response["violations"]
    assert [(each["id"], each["nodes"][0]["html"]) for each in found] == []
