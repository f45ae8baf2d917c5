"""The report in a real browser: nothing asked for, nothing complained of, readable, printable."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from boundaries import load_counties
from outputs import ClassLayer, LegendClass
from outputs.figures import class_map_figure, map_ground
from outputs.report import (
    Block,
    Heading,
    Points,
    Report,
    ReportFigure,
    ReportTable,
    Section,
    render_report,
)

HOSTILE = "</td><script>document.title = 'broken'</script> \"' {{ 7*7 }} \u202eturned"


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write a report with a map, a broad figure, a long table and hostile words."""
    counties = load_counties()
    counties = counties[counties["state"].isin(["KS", "NE"])]
    layer = ClassLayer(
        title="Arrests",
        note="",
        classes=pd.Series("hot", index=counties.index),
        hatched=counties["state"] == "KS",
        legend=[LegendClass(key="hot", label=HOSTILE, colour="#b2182b", pattern="dots")],
        hatched_label="Hatched: of the zone",
    )
    ground = map_ground(counties, {"states": (0.5, counties["state"])})
    svg = class_map_figure(ground, layer, name="arrests", title="Arrests", simulated=True)
    broad = svg.replace('width="540pt"', 'width="792pt"').replace('"arrests-', '"broad-')
    broad = broad.replace("#arrests-", "#broad-").replace(
        "arrests-description", "broad-description"
    )
    rows = [[HOSTILE, f"{number:,}"] for number in np.arange(120)]
    blocks: list[Block] = [
        HOSTILE,
        Points(items=[HOSTILE]),
        ReportFigure(name="arrests", svg=svg, caption=HOSTILE),
        Heading(text="Table"),
        ReportTable(caption="Rows", heads=["place", "number"], rows=rows),
    ]
    report = Report(
        title="Where?",
        lead=["Here."],
        sections=[
            Section(heading="First", blocks=blocks),
            Section(heading="Second", blocks=[ReportFigure(name="broad", svg=broad, caption="b")]),
        ],
        simulated=True,
    )
    path = tmp_path_factory.mktemp("report") / "report.html"
    path.write_text(render_report(report), encoding="utf-8", newline="\n")
    return path


def test_nothing_is_asked_for_and_nothing_complained_of(browser: Any, path: Path) -> None:
    page = browser.new_page()
    said: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(path.as_uri())
    assert said == []
    assert asked == [path.as_uri()]
    assert page.title() == "Where? (SIMULATED data)"
    assert "<script>document.title" in page.inner_text("main")
    page.close()


def test_axe_finds_nothing(browser: Any, path: Path) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    # The page's own policy would keep the checker out, too.
    context = browser.new_context(bypass_csp=True)
    page = context.new_page()
    page.goto(path.as_uri())
    found = axe.Axe().run(page).response["violations"]
    assert [(each["id"], each["nodes"][0]["html"]) for each in found] == []
    context.close()


def test_the_skip_link_is_the_first_key_away(browser: Any, path: Path) -> None:
    page = browser.new_page()
    page.goto(path.as_uri())
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "report"
    page.close()


@pytest.mark.parametrize("width", [360, 1200])
def test_nothing_runs_out_of_the_page(browser: Any, path: Path, width: int) -> None:
    page = browser.new_page(viewport={"width": width, "height": 800})
    page.goto(path.as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.close()


def test_print_shows_the_mark_and_cuts_no_figure(browser: Any, path: Path) -> None:
    page = browser.new_page()
    page.goto(path.as_uri())
    page.emulate_media(media="print")
    assert page.is_visible(".watermark")
    assert not page.is_visible(".skip")
    for figure in page.query_selector_all("figure"):
        style = figure.evaluate("each => getComputedStyle(each).breakInside")
        assert style == "avoid"
        height = figure.query_selector("svg").bounding_box()["height"]
        assert 100 < height < 200 / 25.4 * 96 + 1
    printed = page.pdf(prefer_css_page_size=True)
    assert printed.startswith(b"%PDF")
    assert printed.count(b"/Type /Page\n") >= 3
    page.close()
