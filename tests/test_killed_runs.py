"""Killed at any moment, a run leaves the earlier outputs or the new ones, whole."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from killed_writer import Writer

from boundaries import load_counties
from outputs import RUN_FILE, check_folder, file_digest, files_below

IN_PROCESSES = 47
IN_COMMANDS = 3

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs a system that forks")


@pytest.fixture
def writer(tmp_path: Path) -> Iterator[Writer]:
    with Writer(tmp_path / "out") as started:
        yield started


def left_over(parent: Path) -> list[str]:
    return [path.name for path in parent.iterdir() if path.name.startswith(".arrest-atlas-")]


def test_killed_at_random_moments(writer: Writer) -> None:
    assert writer.write("a")
    begun = time.monotonic()
    assert writer.write("b")
    longest = 1.2 * (time.monotonic() - begun)
    moments = random.Random(7)  # noqa: S311
    before, ends = "b", {True: 0, False: 0}
    for _ in range(IN_PROCESSES):
        after = "a" if before == "b" else "b"
        lived = writer.write(after, seconds=moments.uniform(0, longest))
        ends[lived] += 1
        found = writer.word()
        assert found is not None
        assert found == after if lived else found in {before, after}
        assert len(left_over(writer.target.parent)) <= 1  # each run clears away the one before
        before = found
    assert ends[False] > 10
    assert writer.write("c")
    assert left_over(writer.target.parent) == []


@pytest.mark.parametrize("in_two_steps", [False, True])
def test_killed_wherever_it_touches_files(writer: Writer, *, in_two_steps: bool) -> None:
    assert writer.write("a")
    found: list[str | None] = []
    for event in range(1, 1_000):
        if writer.write("b", event=event, in_two_steps=in_two_steps):
            break
        found.append(writer.word())
        check_folder(writer.target)  # the next run begins so, and clears away what is left
        assert left_over(writer.target.parent) == []
        if found[-1] is None:
            assert writer.word() == "a"
        elif found[-1] == "b":
            assert writer.write("a")
    assert {*found} == ({"a", "b", None} if in_two_steps else {"a", "b"})
    assert len(found) > 50


def test_killed_where_nothing_was_before(writer: Writer) -> None:
    for event in range(1, 1_000, 5):
        if writer.write("a", event=event):
            break
        assert writer.word() in {None, "a"}
        if writer.target.exists():
            assert writer.write("b")
            break
    check_folder(writer.target)
    assert left_over(writer.target.parent) == []
    assert writer.word() in {"a", "b"}


def test_the_whole_command_killed_at_random_moments(tmp_path: Path) -> None:
    counties = load_counties()
    (tmp_path / "offices.csv").write_text("aor,arrests\nHouston,500\nDallas,300\n")
    pd.Series(300.0, counties.index, name="crime_rate").to_csv(tmp_path / "crime.csv")
    out = tmp_path / "out"

    def start(seed: int) -> subprocess.Popen[bytes]:
        words = ["run", "--arrests-by-aor", "offices.csv", "--crime", "crime.csv", "--out", "out"]
        words += ["--draws", "2", "--surrogates", "0", "--seed", str(seed)]
        return subprocess.Popen(  # noqa: S603
            [sys.executable, "-m", "arrest_atlas", *words],
            cwd=tmp_path,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def seed_of_whole_outputs() -> int:
        run = json.loads((out / RUN_FILE).read_text())
        assert files_below(out) == sorted([*run["outputs"], RUN_FILE])
        for name, digest in run["outputs"].items():
            assert file_digest(out / name) == digest, name
        return int(run["seed"])

    begun = time.monotonic()
    assert start(0).wait(timeout=120) == 0
    lasted = time.monotonic() - begun
    moments = random.Random(11)  # noqa: S311
    before = seed_of_whole_outputs()
    for seed in range(1, IN_COMMANDS + 1):
        process = start(seed)
        time.sleep(lasted * moments.uniform(0.4, 1.1))
        process.send_signal(signal.SIGKILL)
        ended = process.wait(timeout=60)
        found = seed_of_whole_outputs()
        assert found == seed if ended == 0 else found in {before, seed}
        before = found
    check_folder(out)
    assert left_over(tmp_path) == []
