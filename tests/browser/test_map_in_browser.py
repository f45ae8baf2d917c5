"""The map as people meet it: clicked, typed at, walked by keys, printed, read aloud."""

import base64
import csv
import io
import re
from pathlib import Path
from typing import Any

import matplotlib.image
import numpy as np
import pytest

from browser.open_map import OpenMap
from browser.sample_map import FORMULA, HOSTILE, HOT, LONG, RIGHT_TO_LEFT, png
from browser.sample_map import country as country_map
from outputs import render_map

DRAWN_WITHIN = 2000  # milliseconds


def pixels(page: Any, selector: str) -> np.ndarray:
    shot = matplotlib.image.imread(io.BytesIO(page.locator(selector).screenshot()), format="png")
    return np.round(shot[..., :3] * 255).astype(int)


def share(picture: np.ndarray, colour: str, *, within: int = 3) -> float:
    wanted = [int(colour[at : at + 2], 16) for at in (1, 3, 5)]
    return float((np.abs(picture - wanted).max(axis=-1) <= within).mean())


CUSTODIAL = "Custodial arrests per 100,000 residents over the whole 19 months, imputed included"
ROOM_FOR_HEADS = 110  # pixels: about half of the least table


def focused(page: Any) -> str:
    return str(
        page.evaluate(
            "(e => e.id || e.className || e.textContent.slice(0, 30))(document.activeElement)"
        )
    )


def chosen_row(page: Any) -> str:
    return str(page.locator("tr[aria-current] th").inner_text())


def test_the_country_is_drawn_at_once(open_map: OpenMap, country: Path) -> None:
    times = []
    for _ in range(3):
        page = open_map(country)
        times.append(page.evaluate("performance.getEntriesByName('drawn')[0].startTime"))
    assert min(times) < DRAWN_WITHIN
    picture = pixels(page, "#left .map-place")
    assert len(np.unique(picture.reshape(-1, 3), axis=0)) > 50
    assert 0.005 < share(picture, HOT) < 0.2
    assert 0.1 < share(picture, "#f4f1ea") < 0.8
    assert page.locator("#left path.leaflet-interactive").count() > 3000
    assert page.title() == "Do the two maps agree?"


def test_only_one_global_name(open_map: OpenMap, country: Path) -> None:
    page = open_map(country)
    ours = page.evaluate(
        "['make', 'draw', 'fold', 'createView', 'PAPER', 'drawMap', 'SVG'].filter("
        "name => { try { return eval('typeof ' + name) !== 'undefined' } catch { return false } })"
    )
    assert ours == []


@pytest.mark.parametrize(
    ("typed", "county"),
    [
        ("cook il", "Cook County, IL"),
        ("COOK illinois", "Cook County, IL"),
        ("17031", "Cook County, IL"),
        ("dona ana", "Doña Ana County, NM"),
        ("st louis city", "St. Louis city, MO"),
        ("prince georges", "Prince George's County, MD"),
    ],
)
def test_a_county_is_found(open_map: OpenMap, country: Path, typed: str, county: str) -> None:
    page = open_map(country)
    page.locator("#find").click()
    page.keyboard.type(typed)
    assert page.locator("#find").get_attribute("aria-expanded") == "true"
    page.keyboard.press("Enter")
    card = page.locator(".card")
    assert card.locator("h2").inner_text() == county
    assert "Per 100,000 residents" in card.inner_text()
    assert "arrests 2025, crime 2023" in card.inner_text()
    assert focused(page) == "card"
    page.keyboard.press("Escape")
    card.wait_for(state="detached")
    assert "leaflet-container" in page.evaluate("document.activeElement.className")


def test_the_search_is_walked_by_keys(open_map: OpenMap, country: Path) -> None:
    page = open_map(country)
    page.locator("#find").focus()
    page.keyboard.type("washington")
    assert page.locator("#found li").count() == 8
    assert re.search(r"\d+ counties found", page.locator("#found-status").inner_text())
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    second = page.locator("#found li").nth(1)
    assert second.get_attribute("aria-selected") == "true"
    assert page.locator("#find").get_attribute("aria-activedescendant") == "found-1"
    name = second.inner_text()
    page.keyboard.press("Enter")
    assert page.locator(".card h2").inner_text() == name
    page.locator("#find").fill("nowhere")
    assert page.locator("#found-status").inner_text() == "No county found"
    page.locator("#find").fill("lake")
    page.locator("#found li").first.click()
    assert page.locator(".card h2").inner_text().startswith("Lake")


def test_a_click_on_the_map_shows_figures(open_map: OpenMap, country: Path) -> None:
    page = open_map(country)
    box = page.locator("#left .map-place").bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    card = page.locator(".card")
    assert card.locator("tr").count() == 15
    assert "Overlap: all" in card.inner_text()
    page.get_by_label("Crime hot spots").check()
    assert "Crime hot spots" in card.inner_text()


def test_layers_are_switched(open_map: OpenMap, country: Path) -> None:
    page = open_map(country)
    legend = page.locator("#legend")
    assert legend.locator("h2").inner_text() == "Overlap: all"
    before = pixels(page, "#left .map-place")
    page.get_by_role("radio", name="custodial").check()
    assert legend.locator("h2").inner_text() == "Overlap: custodial"
    page.get_by_label("Arrest hot spots").check()
    assert legend.locator("h2").inner_text() == "Arrest hot spots"
    after = pixels(page, "#left .map-place")
    assert (before != after).any(axis=-1).mean() > 0.01
    assert page.get_by_role("group", name="Comparison").get_by_role("radio").count() == 2
    page.get_by_label("Both rates").check()
    assert legend.locator("table.grid tbody td").count() == 4
    page.get_by_label("Chance").check()
    assert "Chance to be hot" in legend.inner_text()
    shades = page.eval_on_selector_all(
        "#left path.leaflet-interactive", "paths => paths.map(path => path.getAttribute('fill'))"
    )
    assert len(set(shades)) == 21
    assert "#ffffff" in shades
    assert HOT in shades


def test_hatching_and_patterns_are_told_apart(open_map: OpenMap, country: Path) -> None:
    page = open_map(country)
    fills = page.eval_on_selector_all(
        "#left path.leaflet-interactive", "paths => paths.map(path => path.getAttribute('fill'))"
    )
    kinds = set(fills)
    assert {HOT, "#f4f1ea"} < kinds
    assert any("dots-0" in kind for kind in kinds)  # no data
    assert any("plain-1" in kind for kind in kinds)  # known by area
    assert any("plain-2" in kind for kind in kinds)  # partly shared out
    words = page.locator("#legend").inner_text()
    assert "Hatched: the area's class" in words
    assert "Broken hatching: partly shared out" in words


def test_side_by_side_moves_together(open_map: OpenMap, country: Path) -> None:
    page = open_map(country)
    assert page.locator("#right-map path").count() == 0
    page.get_by_role("button", name="Side by side").click()
    assert page.locator("#legend h2").inner_text() == "Arrest hot spots"
    assert page.locator("#right-legend h2").inner_text() == "Crime hot spots"
    for selector in ("#left .map-place", "#right .map-place"):
        assert 0.002 < share(pixels(page, selector), HOT, within=30) < 0.2
    before = pixels(page, "#right .map-place")
    page.locator("#left .leaflet-control-zoom-in").click()
    page.get_by_role("button", name="Hawaii").click()
    page.wait_for_timeout(500)
    panes = page.evaluate(
        "['#left .folium-map', '#right-map'].map(at => document.querySelector(at + "
        "' .leaflet-counties-pane path').getAttribute('d').length)"
    )
    assert (pixels(page, "#right .map-place") != before).any(axis=-1).mean() > 0.05
    assert panes[0] == panes[1]
    page.locator("#right-layer").select_option(label="Both rates")
    assert page.locator("#right-legend h2").inner_text() == "Both rates"
    page.get_by_role("button", name="Side by side").click()
    assert page.locator("#right").is_hidden()
    assert page.locator("#right-legend").is_hidden()


@pytest.mark.parametrize("motion", ["reduce", "no-preference"])
@pytest.mark.parametrize(("width", "height"), [(1366, 768), (1280, 720)])
def test_both_maps_show_what_one_did(
    open_map: OpenMap, country: Path, width: int, height: int, motion: str
) -> None:
    page = open_map(country, viewport={"width": width, "height": height}, reduced_motion=motion)
    page.locator("#find").fill("cook il")
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="48 states").click()
    page.get_by_role("button", name="Side by side").click()  # even on the way there
    page.wait_for_timeout(1000)
    for frame, side in (("#left", "#left .map-place"), ("#right", "#right .map-place")):
        box = page.locator(frame).bounding_box()
        assert box["x"] + box["width"] <= page.locator("aside").bounding_box()["x"] + 1
        picture = pixels(page, side)
        middle = slice(picture.shape[0] // 4, -picture.shape[0] // 4)
        assert share(picture[middle, 2:6], "#dde6ec") > 0.9
        assert share(picture[middle, -6:-2], "#dde6ec") > 0.9
    select = page.locator("#right-layer").bounding_box()
    assert select["x"] + select["width"] <= box["x"] + box["width"]
    tops = [page.locator(f"{side} .map-place").bounding_box()["y"] for side in ("#left", "#right")]
    assert tops[0] == tops[1]
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize(("width", "height"), [(1366, 768), (1280, 720), (1024, 768)])
def test_the_strip_opens_where_it_can_be_read(
    open_map: OpenMap, country: Path, width: int, height: int
) -> None:
    page = open_map(country, viewport={"width": width, "height": height})
    strip = page.get_by_role("banner")
    assert strip.evaluate("strip => strip.scrollHeight - strip.clientHeight") <= 1
    page.locator("summary").click()
    assert page.locator(".more").bounding_box()["y"] + 60 < strip.bounding_box()["height"]
    assert page.locator("#left .map-place").bounding_box()["height"] > 50


def test_long_limits_open_to_most_of_the_window(open_map: OpenMap, tmp_path: Path) -> None:
    path = tmp_path / "long.html"
    details = {"Limits": ["A sentence that goes on for a while, and then some. " * 4] * 60}
    path.write_text(render_map(country_map(details=details)), encoding="utf-8")
    for width, height in ((1366, 768), (1280, 720)):
        page = open_map(path, viewport={"width": width, "height": height})
        page.locator("summary").click()
        strip = page.get_by_role("banner").bounding_box()
        summary = page.locator("summary").bounding_box()
        assert strip["height"] - summary["y"] - summary["height"] > 200
        assert page.locator("#left .map-place").bounding_box()["height"] > 50


def test_what_has_no_kinds_shows_all(open_map: OpenMap, country: Path) -> None:
    page = open_map(country)
    page.get_by_role("button", name="County table").click()
    whole, custodial = (page.get_by_role("radio", name=kind) for kind in ("all", "custodial"))
    about, note = page.locator("#table-about"), page.locator("#variants-about")
    custodial.check()
    assert note.is_hidden()
    page.get_by_role("radio", name="Surface", exact=True).check()
    assert whole.is_checked()
    assert whole.is_disabled()
    assert not custodial.is_checked()
    assert note.inner_text() == "This layer exists for all only."
    assert "Shown: Surface: all. Figures of: all. " in about.inner_text()
    page.get_by_label("Crime hot spots").check()
    assert whole.is_checked()
    assert note.inner_text() == "This layer has no such choice; the table is of all."
    # What the reader had chosen comes back.
    page.get_by_label("Overlap").check()
    assert custodial.is_checked()
    assert custodial.is_enabled()
    assert note.is_hidden()
    assert page.locator("#legend h2").inner_text() == "Overlap: custodial"
    assert "Figures of: custodial. " in about.inner_text()


def test_figures_are_read_aloud(open_map: OpenMap, country: Path) -> None:
    page = open_map(country)
    said = page.locator("#announcement")
    page.locator("#left .folium-map").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    assert said.inner_text() == "No county chosen"
    page.get_by_label("Chance").check()
    assert said.inner_text() == "Map shows Chance"
    page.locator("#left .folium-map").focus()
    page.keyboard.press("Enter")
    assert re.search(r", [A-Z]{2}: chance 0\.\d\d$", said.inner_text())
    page.keyboard.press("Enter")
    assert re.fullmatch(r"chance 0\.\d\d", page.locator(".card .meaning").inner_text())
    page.get_by_role("radio", name="Surface", exact=True).check()
    assert re.search(r"^Map shows Surface: all\. .+, [A-Z]{2}: about [\d,]+$", said.inner_text())
    page.get_by_role("radio", name="Another surface").check()
    assert said.inner_text().endswith(": no value")
    # One line is live, and the search and the table: not the whole legend.
    live = page.locator("[aria-live], [role=status]")
    assert {each.get_attribute("id") for each in live.all()} == {
        "announcement",
        "found-status",
        "table-status",
    }


def test_the_two_way_legend_is_read_with_its_headings(open_map: OpenMap, country: Path) -> None:
    page = open_map(country)
    page.get_by_label("Both rates").check()
    grid = page.locator("#legend table.grid")
    spoken = grid.locator("td .unseen").all_text_contents()
    assert [words.split(": ")[1] for words in spoken] == [
        f"Shade {key}" for key in ("hl", "hh", "ll", "lh")
    ]
    assert all(re.match(r"[\d,]+ counties: ", words) for words in spoken)
    assert grid.locator("td .count").first.get_attribute("aria-hidden") == "true"
    headers = grid.get_by_role("columnheader")
    assert headers.all_inner_texts() == ["low", "high"]
    # Read first, seen last.
    first = grid.get_by_role("row").first
    assert first.get_by_role("columnheader").count() == 2
    assert first.bounding_box()["y"] > grid.get_by_role("rowheader").last.bounding_box()["y"]


def test_counties_are_chosen_by_arrow_keys(open_map: OpenMap, country: Path) -> None:
    page = open_map(country)
    page.locator("#left .folium-map").focus()
    said = page.locator("#announcement")
    page.keyboard.press("Enter")
    first = said.inner_text()
    assert re.search(r", (KS|NE): ", first)
    seen = {first}
    for key in ("ArrowRight", "ArrowDown", "ArrowLeft", "ArrowUp"):
        page.keyboard.press(key)
        seen.add(said.inner_text())
    assert len(seen) >= 4
    for _ in range(40):
        page.keyboard.press("ArrowRight")
    assert said.inner_text() != first
    page.keyboard.press("Enter")
    assert page.locator(".card h2").inner_text() == said.inner_text().split(":")[0]
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    assert said.inner_text() == "No county chosen"
    # Arrow keys move the map again.
    before = pixels(page, "#left .map-place")
    page.keyboard.press("ArrowLeft")
    page.wait_for_timeout(600)
    assert (pixels(page, "#left .map-place") != before).any(axis=-1).mean() > 0.01


def test_everything_is_reached_by_tab(open_map: OpenMap, country: Path) -> None:
    page = open_map(country)
    page.get_by_role("button", name="County table").click()
    page.evaluate("document.body.tabIndex = -1; document.body.focus()")
    stops: list[str] = []
    for _ in range(80):
        page.keyboard.press("Tab")
        stops.append(
            page.evaluate(
                "(e => e.id || e.getAttribute('aria-label') || e.name || e.textContent.trim())"
                "(document.activeElement)"
            )
        )
        if stops[-1] == stops[0] and len(stops) > 1:
            break
    expected = [
        "Skip to finding a county",
        "Question and answer",
        "Findings, limits and sources",
        "48 states",
        "Puerto Rico",
        "beside",
        "find",
        "map_2",
        "Zoom in",
        "table-toggle",
        "table-filter",
        "table-class",
        "table-next",
        "table-download",
        "table-scroller",
        "What the map shows",
        "layer",
        "variant",
        "extra",
    ]
    places = [stops.index(each) for each in expected if each != "map_2"]
    assert places == sorted(places)
    assert any(stop.startswith("map_") for stop in stops)
    assert len(stops) < 60  # neither counties nor rows are stops one by one


def test_the_skip_link_leads_to_the_search(open_map: OpenMap, country: Path) -> None:
    page = open_map(country)
    page.keyboard.press("Tab")
    assert page.get_by_role("link", name="Skip to finding a county").bounding_box()["y"] >= 0
    page.keyboard.press("Enter")
    assert focused(page) == "find"


def test_the_table_is_sorted_filtered_and_tied_to_the_map(open_map: OpenMap, country: Path) -> None:
    page = open_map(country)
    assert page.locator("#table-body").is_hidden()
    page.get_by_role("button", name="County table").click()
    rows = page.locator("#table-scroller tbody tr")
    assert rows.count() == 50
    status = page.locator("#table-status")
    assert status.inner_text() == "1 to 50 of 3,228 counties"
    head = page.get_by_role("columnheader")
    assert head.nth(0).get_attribute("aria-sort") == "ascending"
    page.get_by_role("button", name="Rate").click()
    assert head.nth(5).get_attribute("aria-sort") == "descending"
    assert head.nth(0).get_attribute("aria-sort") is None
    rates = [float(cell) for cell in rows.locator("td:nth-child(6)").all_inner_texts()]
    assert rates == sorted(rates, reverse=True)
    page.get_by_role("button", name="Rate").click()
    assert head.nth(5).get_attribute("aria-sort") == "ascending"
    assert rows.first.locator("td:nth-child(6)").inner_text() == "0.1"
    page.get_by_role("button", name="Next").click()
    assert status.inner_text() == "51 to 100 of 3,228 counties"
    page.locator("#table-filter").fill("tx")
    assert status.inner_text() == "1 to 50 of 254 counties"
    assert set(rows.locator("td:nth-child(2)").all_inner_texts()) == {"TX"}
    page.locator("#table-class").select_option(label="Hot")
    assert status.inner_text() == "No county fits"
    page.get_by_label("Arrest hot spots").check()  # which has that class, too
    assert page.locator("#table-class").input_value() == "hot"
    assert status.inner_text() == "1 to 50 of 254 counties"
    page.locator("#table-filter").fill("harris tx")
    rows.locator("td").nth(1).click()
    assert chosen_row(page) == "Harris County"
    # And the other way round.
    page.locator("#table-filter").fill("")
    page.locator("#find").fill("el paso tx")
    page.keyboard.press("Enter")
    assert chosen_row(page) == "El Paso County"
    assert page.locator("tr[aria-current]").is_visible()


def test_the_table_is_walked_by_keys(open_map: OpenMap, country: Path) -> None:
    page = open_map(country)
    page.locator("#table-toggle").focus()
    page.keyboard.press("Enter")
    page.locator("#table-scroller tbody button").first.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    third = page.locator("#table-scroller tbody th").nth(2).inner_text()
    page.keyboard.press("Enter")
    assert chosen_row(page) == third
    assert page.locator("#announcement").inner_text().startswith(third)
    assert page.evaluate("document.activeElement.closest('tr')?.ariaCurrent") == "true"


def test_the_table_follows_layer_and_kind(open_map: OpenMap, country: Path) -> None:
    page = open_map(country)
    page.get_by_role("button", name="County table").click()
    about = page.locator("#table-about")
    heads = page.locator("#table-scroller thead th")
    assert about.inner_text() == (
        "Shown: Overlap: all. Figures of: all. Periods: arrests 2025, crime 2023"
    )
    assert heads.all_inner_texts()[2:] == ["Class: Overlap: all", "Office", "Arrests", "Rate"]
    page.get_by_role("radio", name="custodial").check()
    assert "Figures of: custodial. " in about.inner_text()
    assert heads.all_inner_texts()[2:] == [
        "Class: Overlap: custodial",
        "Office",
        "Rate",
        CUSTODIAL,
    ]
    page.locator("#table-filter").fill("benton wa")
    row = page.locator("#table-scroller tbody tr")
    assert row.locator("td").all_inner_texts()[1] == "Not significant (zone)"
    page.locator("#table-filter").fill("adams oh")
    assert row.locator("td").all_inner_texts()[1] == "Hot"
    # Crime has no kinds: the table is of all.
    page.get_by_label("Crime hot spots").check()
    assert heads.nth(2).inner_text() == "Class: Crime hot spots"
    assert "Shown: Crime hot spots. Figures of: all." in about.inner_text()
    assert row.locator("td").all_inner_texts()[1] == "Not significant"
    page.get_by_role("radio", name="Surface", exact=True).check()
    assert heads.nth(2).inner_text() == "No class: the map shows a surface"
    assert row.locator("td").all_inner_texts()[1] == ""
    assert page.locator("#table-class").is_disabled()


def test_a_number_says_whose_it_is_and_stays_a_number(open_map: OpenMap, country: Path) -> None:
    page = open_map(country, viewport={"width": 800, "height": 800})
    page.get_by_role("button", name="County table").click()
    page.get_by_role("radio", name="custodial").check()
    head = page.locator("#table-scroller thead button").last
    assert head.inner_text() == CUSTODIAL
    assert head.evaluate("cell => cell.scrollHeight <= cell.clientHeight")
    # Heads stand whole, in so few lines that rows have room below them.
    lines = page.locator("#table-scroller thead").evaluate("head => head.offsetHeight")
    assert lines < ROOM_FOR_HEADS
    head.click()
    cells = page.locator("#table-scroller tbody td:last-child")
    numbers = [int(cell.split()[0].replace(",", "")) for cell in cells.all_inner_texts()]
    assert numbers == sorted(numbers, reverse=True)
    page.locator("#table-filter").fill("benton")
    page.get_by_role("button", name="County", exact=True).click()
    texts = page.locator("#table-scroller tbody tr").all_inner_texts()
    marked = {text.split("\t")[1] for text in texts if text.endswith(" (zone)")}
    assert marked == {"WA", "OR"}
    assert len(texts) > len(marked)
    assert all(row[7].isdigit() for row in saved(page)[1:])


def test_a_row_opens_the_figures(open_map: OpenMap, country: Path) -> None:
    page = open_map(country)
    page.get_by_role("button", name="County table").click()
    page.locator("#table-filter").fill("harris tx")
    page.locator("#table-scroller tbody td").first.click()
    assert page.locator(".card h2").inner_text() == "Harris County, TX"
    assert page.locator("#table-status").inner_text() == "1 to 2 of 2 counties"
    page.locator("#find").fill("cook il")
    page.keyboard.press("Enter")
    assert page.locator("#table-status").inner_text() == (
        "1 to 2 of 2 counties; Cook County, IL is outside the filter"
    )
    page.locator("#find").fill("harris tx")
    page.keyboard.press("Enter")
    assert "outside" not in page.locator("#table-status").inner_text()


def test_figures_stay_open_where_they_can_be_seen(open_map: OpenMap, country: Path) -> None:
    page = open_map(country)
    page.locator("#find").fill("cook il")
    page.keyboard.press("Enter")
    card = page.locator("#left .card")
    page.get_by_role("button", name="48 states").click()
    assert card.locator("h2").inner_text() == "Cook County, IL"
    page.get_by_role("button", name="Side by side").click()
    assert card.locator("h2").inner_text() == "Cook County, IL"
    assert card.locator(".topic").inner_text() == "Arrest hot spots"
    frame = page.locator("#left .map-place").bounding_box()
    popup = page.locator("#left .leaflet-popup").bounding_box()
    assert frame["x"] <= popup["x"]
    assert popup["x"] + popup["width"] <= frame["x"] + frame["width"]
    page.get_by_role("button", name="Side by side").click()
    assert card.locator("h2").inner_text() == "Cook County, IL"
    page.get_by_role("button", name="Hawaii").click()
    card.wait_for(state="detached")


def test_the_layer_shown_before_comes_back(open_map: OpenMap, country: Path) -> None:
    page = open_map(country)
    beside = page.get_by_role("button", name="Side by side")
    title = page.locator("#legend h2")
    page.get_by_role("radio", name="custodial").check()
    beside.click()
    assert title.inner_text() == "Arrest hot spots"
    beside.click()
    assert title.inner_text() == "Overlap: custodial"
    # What the reader chose while the maps stood side by side stays.
    beside.click()
    page.get_by_role("radio", name="Chance").check()
    beside.click()
    assert title.inner_text() == "Chance"


def saved(page: Any) -> list[list[str]]:
    return read_saved(page)[1]


def read_saved(page: Any) -> tuple[str, list[list[str]]]:
    with page.expect_download() as download:
        page.get_by_role("button", name="Save as CSV").click()
    text = Path(download.value.path()).read_text(encoding="utf-8-sig")
    return download.value.suggested_filename, list(csv.reader(io.StringIO(text)))


def test_what_is_listed_is_saved(open_map: OpenMap, country: Path) -> None:
    page = open_map(country)
    page.get_by_role("button", name="County table").click()
    page.locator("#table-filter").fill("hawaii")
    page.get_by_role("radio", name="custodial").check()
    name, rows = read_saved(page)
    assert name == ("simulated-counties-overlap-custodial-arrests-2025-crime-2023.csv")
    assert rows[0] == [
        "Data",
        "Code",
        "County",
        "State",
        "Class: Overlap: custodial",
        "Office",
        "Rate",
        CUSTODIAL,
        "Shown",
        "Figures of",
        "Periods",
    ]
    assert {tuple(row[-3:]) for row in rows[1:]} == {
        ("Overlap: custodial", "custodial", "arrests 2025, crime 2023")
    }
    assert [row[1] for row in rows[1:]] == ["15001", "15003", "15005", "15007", "15009"]
    assert {row[0] for row in rows[1:]} == {"SIMULATED"}


@pytest.mark.parametrize("label", ["Alaska", "Hawaii", "Puerto Rico", "48 states"])
def test_far_places_are_one_click_away(open_map: OpenMap, country: Path, label: str) -> None:
    page = open_map(country)
    page.get_by_role("button", name=label, exact=True).click()
    picture = pixels(page, "#left .map-place")
    assert 0.02 < share(picture, "#dde6ec") < 0.97  # some sea, and some land
    assert share(picture, "#f4f1ea") > 0.005


def test_borders_and_places_are_toggled(open_map: OpenMap, country: Path) -> None:
    page = open_map(country)
    lines = page.locator("#left .leaflet-outlines-pane path")
    assert lines.count() == 6  # two outlines with their seams, two offices
    page.get_by_label("Offices", exact=True).uncheck()
    page.get_by_label("Field offices").uncheck()
    assert lines.count() == 2


def test_a_surface_takes_the_place_of_classes(open_map: OpenMap, country: Path) -> None:
    page = open_map(country)
    surface = page.locator("#left img.leaflet-image-layer")
    assert surface.count() == 0
    page.get_by_role("group", name="Surfaces").get_by_label("Surface", exact=True).check()
    assert surface.count() == 1
    picture = pixels(page, "#left .map-place")
    # Its own colour and no mixture of it with those of classes, of which nothing is left.
    assert share(picture, "#00aa00", within=1) > 0.05
    for colour in (HOT, "#f4f1ea", "#2166ac"):
        assert share(picture, colour) < 0.0005
    legend = page.locator("#legend")
    assert legend.locator("h2").inner_text() == "Surface: all"
    assert legend.locator("li").all_inner_texts() == [
        "Green",
        "White: the surface does not reach here",
    ]
    assert "A made-up surface." in legend.inner_text()
    page.locator("#find").fill("wichita ks")
    page.keyboard.press("Enter")
    assert page.locator(".card .topic").inner_text() == "Surface: all"
    assert re.fullmatch(r"about [\d,]+", page.locator(".card .meaning").inner_text())
    assert page.locator(".card .meaning svg").count() == 0
    # The next one takes its place.
    page.get_by_role("radio", name="Another surface").check()
    assert surface.count() == 1
    assert share(pixels(page, "#left .map-place"), "#00aa00", within=1) == 0
    page.get_by_label("Crime hot spots").check()
    assert surface.count() == 0
    assert share(pixels(page, "#left .map-place"), "#f4f1ea") > 0.1


def test_tiles_are_all_that_is_fetched(browser: Any, tmp_path: Path) -> None:
    path = tmp_path / "tiles.html"
    path.write_text(render_map(country_map(tiles="OpenStreetMap.Mapnik")), encoding="utf-8")
    page = browser.new_page(viewport={"width": 1400, "height": 900})
    asked: list[str] = []
    tile = base64.b64decode(png((0, 170, 0)).split(",")[1])

    def answer(route: Any) -> None:
        asked.append(route.request.url)
        route.fulfill(body=tile, content_type="image/png")

    page.route(re.compile("^https?:"), answer)
    page.goto(path.as_uri())
    page.wait_for_selector("html[data-drawn]")
    page.get_by_role("button", name="Side by side").click()
    page.locator("#right-map img.leaflet-tile-loaded").first.wait_for()
    page.wait_for_timeout(500)
    assert share(pixels(page, "#left .map-place"), "#00aa00") > 0.1
    assert "OpenStreetMap" in page.locator(".leaflet-control-attribution").inner_text()
    page.evaluate("new Image().src = 'https://example.org/a.png'")
    page.evaluate("fetch('https://tile.openstreetmap.org/').catch(() => {})")
    page.wait_for_timeout(300)
    assert asked
    assert all(re.fullmatch(r"https://tile\.openstreetmap\.org/\d+/.*png", url) for url in asked)
    page.close()


def serious(page: Any) -> list[str]:
    from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]  # noqa: PLC0415

    found = Axe().run(page).response["violations"]
    return [
        f"{each['id']}: {node['html'][:160]}"
        for each in found
        if each["impact"] in {"serious", "critical"}
        for node in each["nodes"]
    ]


@pytest.mark.parametrize("width", [1400, 390])
def test_axe_finds_nothing_serious(open_map: OpenMap, country: Path, width: int) -> None:
    page = open_map(country, viewport={"width": width, "height": 844})
    assert serious(page) == []
    page.locator("#find").fill("lake")
    assert serious(page) == []
    page.keyboard.press("Enter")
    page.get_by_role("button", name="County table").click()
    page.get_by_label("Both rates").check()
    assert serious(page) == []
    page.get_by_role("radio", name="Surface", exact=True).check()
    assert serious(page) == []
    page.get_by_role("button", name="Side by side").click()
    assert serious(page) == []


@pytest.mark.parametrize(("width", "height"), [(390, 844), (350, 225), (320, 640)])
def test_narrow_and_magnified_windows(
    open_map: OpenMap, country: Path, width: int, height: int
) -> None:
    page = open_map(country, viewport={"width": width, "height": height})
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    # Nothing of the strip is cut off, nor is it once opened; the answer comes first.
    strip = page.get_by_role("banner")
    answer, facts = strip.locator(".notes"), strip.locator("dl")
    assert answer.bounding_box()["y"] < facts.bounding_box()["y"]
    for _ in range(2):
        assert strip.evaluate("strip => strip.scrollHeight - strip.clientHeight") <= 1
        page.locator("summary").click()
    page.locator("#find").fill("cook il")
    page.keyboard.press("Enter")
    assert page.locator(".card h2").inner_text() == "Cook County, IL"
    page.wait_for_timeout(500)  # the map makes room for it
    popup = page.locator(".leaflet-popup").bounding_box()
    assert popup["x"] >= 0
    assert popup["x"] + popup["width"] <= width
    assert height < 600 or page.locator(".card h2").bounding_box()["y"] >= 0
    page.keyboard.press("Escape")
    page.get_by_role("button", name="48 states").click()
    assert share(pixels(page, "#left .map-place"), HOT, within=30) > 0.001
    page.get_by_role("button", name="Side by side").click()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    choice = page.locator("#right-layer").bounding_box()
    assert choice["x"] + choice["width"] <= width
    page.get_by_role("button", name="County table").click()
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_forced_colours_leave_the_map_its_own(open_map: OpenMap, country: Path) -> None:
    page = open_map(country, forced_colors="active")
    assert share(pixels(page, "#left .map-place"), HOT, within=30) > 0.005
    assert share(pixels(page, "#legend"), HOT, within=30) > 0.001


def print_as(page: Any) -> None:
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")


@pytest.mark.parametrize("beside", [False, True])
def test_strip_maps_and_legends_print_on_one_page(
    open_map: OpenMap, country: Path, *, beside: bool
) -> None:
    page = open_map(country)
    if beside:
        page.get_by_role("button", name="Side by side").click()
    width = page.locator("#left .map-place").bounding_box()["width"]
    printed = page.pdf(prefer_css_page_size=True, print_background=True)
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) == 1
    box = re.search(rb"/MediaBox\s*\[\s*0\s+0\s+([\d.]+)\s+([\d.]+)", printed)
    assert box is not None
    assert float(box[1]) > float(box[2])
    assert rb"/Subtype /Image" not in printed  # patterns are lines
    print_as(page)
    # The same part of the country: there is sea beside it, on both sides.
    for side in ("left", "right")[: 1 + beside]:
        picture = pixels(page, f"#{side} .map-place")
        middle = slice(picture.shape[0] // 4, -picture.shape[0] // 4)
        assert share(picture[middle, :4], "#dde6ec") > 0.9
        assert share(picture[middle, -4:], "#dde6ec") > 0.9
        assert share(picture, "#dde6ec") < 0.75
        assert share(picture, HOT, within=30) > 0.002
    for selector in (".toolbar", "#layers", ".table", "#left .leaflet-control-zoom"):
        assert page.locator(selector).is_hidden()
    for selector in (".strip h1", ".strip h1 .simulated", "#left .map-place", "#legend"):
        assert page.locator(selector).is_visible()
    for words in ("They do not.", "Warning:", "Period 2025", "Limits", "No cause."):
        assert words in page.get_by_role("banner").inner_text()
    if beside:
        assert page.locator("#left-caption").inner_text() == "Arrest hot spots"
        assert page.locator("#right-caption").inner_text() == "Crime hot spots"
        assert page.locator("#right-legend").is_visible()
        assert page.locator("#right .stamp").inner_text() == "SIMULATED"
    page.emulate_media(media="screen")
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert page.locator("#left .map-place").bounding_box()["width"] == width
    assert page.locator(".strip details section").first.is_hidden()
    assert page.locator("clipPath").count() == 0
    assert page.locator("#left path[fill^='url']").count() > 100


def test_patterns_print_as_lines_in_their_places(open_map: OpenMap, country: Path) -> None:
    page = open_map(country)
    hatched = page.locator("#left path[fill^='url(#fill-f4f1ea-plain-1']").count()
    assert hatched > 100
    print_as(page)
    assert page.locator("path[fill^='url'], rect[fill^='url']").count() == 0
    cut = page.locator("#left clipPath")
    assert cut.count() >= 3
    # One hatching over Washington to California, cut out by every county there.
    shapes = cut.evaluate_all(
        "cuts => cuts.map(cut => cut.firstChild.getAttribute('d').split('M').length)"
    )
    assert max(shapes) > hatched


def test_limits_stay_where_not_all_fits_on_the_page(open_map: OpenMap, tmp_path: Path) -> None:
    path = tmp_path / "long.html"
    long = ["A sentence that goes on for a while, and then some. " * 4] * 60
    details = {"Limits": long[:5], "Findings": long, "How it was made": long}
    path.write_text(render_map(country_map(details=details)), encoding="utf-8")
    page = open_map(path)
    printed = page.pdf(prefer_css_page_size=True, print_background=True)
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) == 1
    print_as(page)
    sections = page.locator(".strip section")
    assert [section.is_visible() for section in sections.all()] == [True, False, False]
    page.emulate_media(media="screen")
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    page.locator("summary").click()
    assert sections.last.is_visible()


def test_the_strip_says_what_it_is(open_map: OpenMap, country: Path) -> None:
    page = open_map(country)
    strip = page.get_by_role("banner")
    for words in ("SIMULATED", "Do the two maps agree?", "Period", "Sources", "Support"):
        assert words in strip.inner_text()
    assert page.locator("html").get_attribute("lang") == "en"
    for landmark in ("banner", "main", "complementary", "navigation"):
        assert page.get_by_role(landmark).count() == 1


def test_hostile_text_is_text(open_map: OpenMap, hostile: Path) -> None:
    page = open_map(hostile)
    assert page.title().strip() == HOSTILE
    assert page.locator("img").count() == 0
    page.locator("#find").fill("script")
    page.keyboard.press("Enter")
    card = page.locator(".card")
    assert HOSTILE in card.locator("h2").inner_text()
    assert HOSTILE in card.locator("td").inner_text()
    page.get_by_role("button", name="County table").click()
    for width in (1400, 390):
        page.set_viewport_size({"width": width, "height": 844})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.locator("#left .map-place").bounding_box()["height"] > 100
    # The reversed name does not turn what follows it.
    page.locator("#find").fill("txet")
    page.keyboard.press("Enter")
    name = page.locator(".card h2 bdi")
    assert name.inner_text() == RIGHT_TO_LEFT
    after = page.evaluate(
        "() => { const range = document.createRange(); const name = document.querySelector("
        "'.card h2 bdi'); range.selectNode(name.nextSibling);"
        "return range.getBoundingClientRect().left >= name.getBoundingClientRect().right - 1 }"
    )
    assert after
    rows = saved(page)
    cells = [cell for row in rows for cell in row]
    assert f"'{FORMULA}" in cells
    assert "'+1" in cells
    assert "-1.5" in cells
    assert LONG in cells
    assert not any(cell.startswith(("=", "+", "@")) for cell in cells)
