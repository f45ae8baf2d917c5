"""``run --tables``: published analyses stand in the report, the tables and the summary."""

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner
from small_runs import run_small, write_inputs

from arrest_atlas.cli import main
from arrest_atlas.tables import RECIPES


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("inputs")
    write_inputs(folder)
    return folder


@pytest.fixture(scope="module")
def outputs(inputs: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("run") / "out"
    result = run_small(inputs, out, "--tables", "--arrest-period=2025")
    assert result.exit_code == 0, result.output
    return out


def test_every_analysis_is_made_or_says_why_not(outputs: Path) -> None:
    published = json.loads((outputs / "summary.json").read_text())["published"]
    assert set(published) == set(RECIPES)
    assert published["custody"] == {
        "not made": "it needs records of arrests, one row each (--arrests)"
    }
    assert published["rates"]["findings"]
    assert published["scales"]["limits"]


def test_the_report_tells_them(outputs: Path) -> None:
    page = (outputs / "report.html").read_text()
    assert "What published analyses come to on these data" in page
    assert "How many arrests are there per resident" in page
    assert "custody: it needs records of arrests" in page
    for figure in (outputs / "figures").glob("table-*.svg"):
        (title,) = re.findall("<title[^>]*>(.*?)</title>", figure.read_text())
        assert f">{title}</title>" in page
    assert any((outputs / "figures").glob("table-rates-*.svg"))


def test_their_tables_are_files(outputs: Path) -> None:
    names = {path.name for path in (outputs / "tables").iterdir()}
    assert {"rates_aor.csv", "rates_aor.parquet", "scales.csv", "counties.csv"} <= names


def test_a_file_that_nothing_reads_is_refused(inputs: Path, tmp_path: Path) -> None:
    result = run_small(inputs, tmp_path / "out", f"--votes={tmp_path / 'votes.csv'}")
    assert result.exit_code == 2
    assert "--votes: found the option without --tables" in result.stderr
    assert not (tmp_path / "out").exists()


def test_the_run_is_made_again_with_them(outputs: Path, inputs: Path, tmp_path: Path) -> None:
    words = ["rerun", str(outputs / "run.json"), "--out", str(tmp_path / "again")]
    result = CliRunner().invoke(main, [*words, "--inputs", str(inputs)])
    assert result.exit_code == 0, result.output
    assert "Reproduced" in result.output
