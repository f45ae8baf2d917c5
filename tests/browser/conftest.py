"""Maps opened in a real browser that has no network.

Chromium is Debian's. Where it is absent these tests are skipped, except where the
environment says ``CI``: there they fail.
"""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

import pytest

from browser import sample_map
from browser.open_map import OpenMap
from outputs import render_map

LAUNCH = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--host-resolver-rules=MAP * ~NOTFOUND",
]
LOCAL = ("file:", "data:", "blob:")


def unavailable(reason: str) -> NoReturn:
    if os.environ.get("CI"):
        pytest.fail(f"{reason}, which CI must have")
    pytest.skip(reason)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Start the browser for one file of tests.

    No longer: while Playwright is open, an event loop runs, and nothing else that needs one
    of its own (a Dask client) can start.
    """
    try:
        from playwright.sync_api import sync_playwright  # noqa: PLC0415
    except ModuleNotFoundError:
        unavailable("playwright is not installed")
    executable = shutil.which("chromium")
    if executable is None:
        unavailable("there is no chromium")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=executable, args=LAUNCH)
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def country(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("country") / "map.html"
    path.write_text(render_map(sample_map.country()), encoding="utf-8", newline="\n")
    return path


@pytest.fixture(scope="session")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("hostile") / "map.html"
    path.write_text(render_map(sample_map.hostile()), encoding="utf-8", newline="\n")
    return path


def refuse(dialog: Any, complaints: list[str]) -> None:
    complaints.append(f"dialog: {dialog.message}")
    dialog.dismiss()


def asked_for(request: Any) -> list[str]:
    return [] if request.url.startswith(LOCAL) else [f"asked for {request.url}"]


@pytest.fixture
def open_map(browser: Any) -> Iterator[OpenMap]:
    """Open maps; afterwards none may have complained, or asked for anything."""
    complaints: list[str] = []
    contexts = []

    def open_page(path: Path, **context: Any) -> Any:
        options = {"viewport": {"width": 1400, "height": 900}, "reduced_motion": "reduce"}
        contexts.append(browser.new_context(**(options | context)))
        page = contexts[-1].new_page()
        page.on("console", lambda message: complaints.append(f"console: {message.text}"))
        page.on("pageerror", lambda error: complaints.append(f"error: {error}"))
        page.on("dialog", lambda dialog: refuse(dialog, complaints))
        page.on("requestfailed", lambda request: complaints.append(f"failed: {request.url[:80]}"))
        page.on("request", lambda request: complaints.extend(asked_for(request)))
        page.goto(path.as_uri())
        page.wait_for_selector("html[data-drawn]")
        return page

    yield open_page
    for each in contexts:
        each.close()
    assert complaints == []
