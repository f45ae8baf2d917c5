"""Where a disk takes no more, every type of file is refused in one message, and none is left.

The limit of the process on the size of files makes real writes fail, those of the libraries
for Parquet and GeoPackage among them.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pandas as pd
import pytest
from command_line import Command

from boundaries import load_counties

resource = pytest.importorskip("resource", reason="a limit on the size of files needs POSIX")


@contextmanager
def full_disk(fits: int = 2_500) -> Iterator[None]:
    """Let no file have more bytes than so many: any table here takes more."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (fits, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put crimes and incidents of many counties into a folder."""
    monkeypatch.chdir(tmp_path)
    counties = load_counties()
    codes = counties.index[counties.index < "56"]
    crimes = pd.DataFrame({"fips": codes, "year": 2016, "murder": range(len(codes))})
    crimes.assign(population=1e6, covered_share=1).to_csv("crimes.csv", index=False)
    (tmp_path / "points.csv").write_text("longitude,latitude\n-86.64,32.53\n")
    return tmp_path


# A GeoPackage begins with tables of its own: it may fail there, or among the counties.
@pytest.mark.parametrize(
    ("suffix", "fits"), [(".csv", 2_500), (".parquet", 2_500), (".gpkg", 2_500), (".gpkg", 400_000)]
)
@pytest.mark.parametrize(
    "words",
    [
        ("crime", "crimes.csv", "--definition", "homicide"),
        ("incidents", "points.csv"),
        ("county-table",),
    ],
    ids=lambda words: words[0],
)
def test_a_full_disk_gives_one_message_and_leaves_what_was_there(
    folder: Path, words: tuple[str, ...], suffix: str, fits: int
) -> None:
    name, *rest = words
    command, out = Command(name=name), f"out{suffix}"
    there = sorted(folder.iterdir())
    with full_disk(fits):
        said = command.refusal(*rest, "--out", out)
    lines = said.splitlines()
    assert lines[0] == "Nothing was written:"
    assert len(lines) == 2
    assert "cannot be written" in lines[1]
    assert "make room, or choose another" in lines[1]
    assert sorted(folder.iterdir()) == there
    # An earlier file stays as it was.
    command.report(*rest, "--out", out)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    with full_disk(fits):
        assert "cannot be written" in command.refusal(*rest, "--out", out)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_a_ledger_that_does_not_fit_leaves_no_table_either(folder: Path) -> None:
    (folder / "agencies.csv").write_text(
        "ORI,agency,state,counties,population\nAL0010000,A,AL,Autauga,9\n"
    )
    names = [f"Town {number}" for number in range(200)]
    offences = pd.DataFrame({"agency": ["A", *names], "state": "AL", "year": 2016, "murder": 1})
    offences.to_csv("offences.csv", index=False)
    words = ["offences.csv", "--agencies", "agencies.csv", "--definition", "homicide"]
    words += ["--least-covered-share", "0"]
    command, there = Command(name="crime"), sorted(folder.iterdir())
    with full_disk():
        said = command.refusal(*words, "--out", "o.csv", "--ledger", "l.csv")
    assert "cannot be written" in said
    assert sorted(folder.iterdir()) == there
