"""The command line as a user meets it."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

import pandas as pd
import pytest
from click.testing import CliRunner

from arrest_atlas.cli import main
from boundaries import load_counties
from geo import load_population


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write a small but whole set of inputs: two zones' arrests by county, one by office."""
    folder = tmp_path_factory.mktemp("files")
    people = load_population()
    counties = load_counties().loc[people.index]
    located = counties.index[counties["state"].isin(["IA", "MN"])]
    arrests = (people[located] / 1_000).round().astype(int).rename("arrests")
    arrests.to_csv(folder / "counties.csv")
    (people * 0 + 300 + people.index.str[-1].astype(int)).rename("crime_rate").to_csv(
        folder / "crime.csv"
    )
    (folder / "offices.csv").write_text("aor,arrests\nHouston,500\nHQ,7\n")
    return folder


def run(files: Path, *arguments: str) -> tuple[int, str, str]:
    options = [
        "run",
        f"--arrests-by-county={files / 'counties.csv'}",
        f"--arrests-by-aor={files / 'offices.csv'}",
        f"--crime={files / 'crime.csv'}",
        "--draws=3",
        "--surrogates=0",
    ]
    result = CliRunner().invoke(main, [*options, *arguments])
    return result.exit_code, result.stdout, result.stderr


class Told(NamedTuple):
    """What a run said, and the folder of its outputs."""

    stdout: str
    out: Path


@pytest.fixture(scope="module")
def partial_run(files: Path, tmp_path_factory: pytest.TempPathFactory) -> Told:
    """Run on arrests of some places, with crime that does not come before."""
    out = tmp_path_factory.mktemp("partial") / "out"
    periods = ["--arrest-period=2025", "--crime-period=2024/2025"]
    code, stdout, _ = run(files, f"--out={out}", *periods)
    assert code == 0
    return Told(stdout, out)


def test_partial_tables_are_not_zeros_elsewhere(files: Path, partial_run: Told) -> None:
    located = pd.read_csv(files / "counties.csv")["arrests"].sum()
    stdout = partial_run.stdout
    summary = json.loads((partial_run.out / "summary.json").read_text())
    # By office alone, only Houston's area is known: of St. Paul's, Nebraska is not listed.
    assert summary["area_answer"]["arrests"]["classes"] == {"no data": 24, "no neighbours": 1}
    assert "No table gives the arrests of ATL, BAL" in stdout
    assert f"{located:,} arrests located there are not shown" in stdout
    assert "7 arrests belong to headquarters" in stdout
    assert summary["arrests"]["total_in"] == summary["arrests"]["total_in_every_draw"]
    assert summary["arrests"]["left_out_without_place"] == 7


def test_periods_in_the_wrong_order_are_warned_of(partial_run: Told) -> None:
    warning = "The crime baseline (2024 to 2025) does not end before the arrests (2025) begin"
    assert f"Warning: {warning}" in partial_run.stdout
    assert warning in (partial_run.out / "map.html").read_text()


def test_states_listed_by_county_are_tested_and_the_others_not_known(
    files: Path, tmp_path: Path
) -> None:
    arguments = ["run", f"--crime={files / 'crime.csv'}", f"--out={tmp_path / 'out'}"]
    result = CliRunner().invoke(main, [*arguments, f"--arrests-by-county={files / 'counties.csv'}"])
    assert result.exit_code == 0
    assert "Arrests are located by county in the 2 areas given." in result.stdout
    assert "No table gives the arrests of AL-NOL, AR-NOL" in result.stdout
    summary = json.loads((tmp_path / "out" / "summary.json").read_text())
    counties = summary["county_answer"]["arrests"]
    assert counties["tested"] == 99 + 87
    assert summary["support"]["areas_known"] == 2


def test_help_and_version(tmp_path: Path) -> None:
    runner = CliRunner(env={"ARREST_ATLAS_CACHE": str(tmp_path)})
    assert "--arrests-by-aor" in runner.invoke(main, ["run", "--help"]).stdout
    assert "0.1.0" in runner.invoke(main, ["--version"]).stdout
    assert runner.invoke(main, ["run", "--out", "x"]).exit_code == 2  # nothing was fetched


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGTERM to catch")
def test_asked_to_end_it_leaves_nothing_behind(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "arrest_atlas", "demo", "--out", str(tmp_path / "out")]
    command += ["--draws", "2"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)  # noqa: S603
    deadline = time.monotonic() + 60
    while not list(tmp_path.glob(".arrest-atlas-*/new/*.gpkg")) and time.monotonic() < deadline:
        time.sleep(0.02)
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=60)
    assert process.returncode == 128 + signal.SIGTERM
    assert list(tmp_path.iterdir()) == []


@pytest.fixture(scope="module")
def json_run(files: Path, tmp_path_factory: pytest.TempPathFactory) -> Told:
    """Ask for JSON, of the same rates everywhere and non-citizens of the larger counties.

    Such is a survey table of one year.
    """
    folder = tmp_path_factory.mktemp("json")
    people, counties = load_population(), load_counties()
    arrests = (people / 600).round().astype(int)
    for level in ("aor", "state"):
        totals = arrests.groupby(counties[level]).sum().rename("arrests")
        totals.to_csv(folder / f"{level}.csv")
    listed = people[people > 65_000] * 0.05
    listed.rename("noncitizens").to_csv(folder / "people.csv")
    code, stdout, _ = run(
        files,
        f"--arrests-by-aor={folder / 'aor.csv'}",
        f"--arrests-by-state={folder / 'state.csv'}",
        f"--noncitizens={folder / 'people.csv'}",
        f"--out={folder / 'out'}",
        "--json",
    )
    assert code == 0
    return Told(stdout, folder / "out")


def test_json_on_stdout_is_the_summary_and_nothing_else(json_run: Told) -> None:
    assert json.loads(json_run.stdout) == json.loads((json_run.out / "summary.json").read_text())


def test_a_denominator_for_part_of_the_counties_makes_no_hot_zone(json_run: Told) -> None:
    summary = json.loads(json_run.stdout)
    arrests_by_zone = summary["area_answer"]
    assert arrests_by_zone["arrests"]["hot"] == arrests_by_zone["arrests"]["cold"] == 0
    assert arrests_by_zone["arrests"]["classes"]["no data"] > 10
    assert any("Non-citizens are not known for" in said for said in summary["warnings"])
