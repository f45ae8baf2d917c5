"""Texts that somebody else wrote: short and visible in every output, whole in ``run.json``."""

from __future__ import annotations

import json
import unicodedata
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_runs import COUNTIES, CRIME, OFFICES, write_inputs

from arrest_atlas import run
from outputs import excerpt, files_below, summary_json
from outputs._printable import EXCERPT, visible_json

TURNED = "\u202e"
COLUMN = f"rate {TURNED}\u0007" + 60 * "column "
DEFINITION = f"assault {TURNED}" + 60 * "defined "
FILE = f"crime {TURNED}{150 * 'x'}.csv"
UNSEEN = {"Cc", "Cf", "Co", "Cs", "Zl", "Zp"}


@pytest.fixture(scope="module")
def outputs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Run on a file whose name, column and definition are long and hold marks of direction."""
    folder = tmp_path_factory.mktemp("hostile")
    write_inputs(folder)
    crime = pd.read_csv(folder / "more" / CRIME, dtype=str).rename(columns={"rate": COLUMN})
    crime.assign(definition=DEFINITION).to_csv(folder / FILE, index=False)
    run(
        folder / "out",
        crime=folder / FILE,
        crime_column=COLUMN,
        crime_period="2016",
        arrests_by_aor=folder / OFFICES,
        arrests_by_county=folder / COUNTIES,
        draws=2,
        surrogates=0,
        sensitivity=True,
        also_crime=[f"{folder / FILE},column={COLUMN},period=2016"],
    )
    return folder / "out"


def unseen(text: str) -> set[str]:
    return {letter for letter in text if unicodedata.category(letter) in UNSEEN} - set("\t\n\r")


def test_nothing_that_cannot_be_seen_stands_in_any_output(outputs: Path) -> None:
    texts = (".json", ".html", ".csv", ".svg", ".qml")
    names = [name for name in files_below(outputs) if name.endswith(texts)]
    assert {"run.json", "summary.json", "map.html", "report.html"} < set(names)
    found = {}
    for name in names:
        text = (outputs / name).read_text(encoding="utf-8")
        if name == "map.html":  # what is inlined of other projects is theirs
            text = text.replace("\ufeff", "").replace("\u200b", "")
        found[name] = unseen(text)
    assert {name: signs for name, signs in found.items() if signs} == {}
    for name in files_below(outputs):
        assert TURNED.encode() not in (outputs / name).read_bytes(), name


def test_long_texts_are_cut_where_they_are_published(outputs: Path) -> None:
    for name in files_below(outputs):
        content = (outputs / name).read_bytes()
        assert (20 * b"defined ") not in content, name
        if name not in {"run.json", "arrest-atlas.gpkg"}:  # which hold the options as given
            assert (120 * b"x") not in content, name
            assert (20 * b"column ") not in content, name
    page = (outputs / "map.html").read_text(encoding="utf-8")
    assert "column column" in page
    assert "\u2026" in page


def test_the_run_file_keeps_the_options_as_they_were(outputs: Path) -> None:
    text = (outputs / "run.json").read_text(encoding="utf-8")
    assert json.loads(text)["options"]["crime_column"] == COLUMN
    assert "rate \\u202e\\u0007" in text


def test_excerpts_end_in_an_ellipsis() -> None:
    assert excerpt(10_000 * "a") == 99 * "a" + "\u2026"
    assert excerpt(EXCERPT * "a") == EXCERPT * "a"
    assert excerpt(f"a{TURNED}\nb") == "a\ufffd b"


@given(st.text())
def test_json_says_the_same_and_hides_nothing(text: str) -> None:
    plain = json.dumps({text: text}, ensure_ascii=False)
    written = visible_json(plain)
    assert json.loads(written) == {text: text}
    assert not unseen(written)
    assert not unseen(summary_json({"text": text}))
