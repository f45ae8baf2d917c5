"""An earlier run is made again, byte for byte, or it is said what differs."""

from __future__ import annotations

import functools
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from small_runs import COUNTIES, CRIME, OFFICES, run_small, write_inputs

from arrest_atlas import pipeline
from arrest_atlas import rerun as rerun_module
from arrest_atlas.cli import main
from arrest_atlas.fetching.places import Places
from arrest_atlas.provenance import Call
from arrest_atlas.reading import CrimeFile
from outputs import SUMMARY_FILE, files_below, run_json, software_versions, whole_folder

Spoil = Callable[[dict[str, Any]], object]


@pytest.fixture(autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep the tests off what the user fetched."""
    folder = tmp_path_factory.mktemp("cache")
    monkeypatch.setattr(rerun_module, "open_places", lambda _: Places(folder))
    return folder


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("files")
    write_inputs(folder)
    return folder


@pytest.fixture(scope="module")
def earlier(files: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("run") / "out"
    result = run_small(files, out)
    assert result.exit_code == 0, result.output
    return out


def rerun(run_file: Path, out: Path, *words: object) -> Result:
    result = CliRunner().invoke(main, ["rerun", str(run_file), "--out", str(out), *map(str, words)])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def contents(folder: Path) -> dict[str, bytes]:
    return {name: (folder / name).read_bytes() for name in files_below(folder)}


def changed(run_file: Path, to: Path, change: Spoil) -> Path:
    """Write a run.json that was changed."""
    record = json.loads(run_file.read_text(encoding="utf-8"))
    change(record)
    to.write_text(json.dumps(record), encoding="utf-8")
    return to


def test_a_run_is_made_again(earlier: Path, files: Path, tmp_path: Path) -> None:
    result = rerun(earlier / "run.json", tmp_path / "again", "--inputs", files)
    assert result.exit_code == 0, result.output
    assert contents(tmp_path / "again") == contents(earlier)
    names = files_below(earlier)
    assert result.stdout.splitlines()[:-1] == [
        *(f"equal  {name}" for name in names if name != "run.json"),
        "equal  run.json",
    ]
    assert result.stdout.endswith(f"Reproduced: {len(names)} files are equal, byte for byte.\n")
    assert result.stderr == ""


def test_other_versions_are_told_and_only_what_differs_is_said_to(
    earlier: Path, files: Path, tmp_path: Path
) -> None:
    def of_then(record: dict[str, Any]) -> None:
        record["versions"]["numpy"] = "1.0"
        record["versions"]["thing"] = "2.0"
        del record["versions"]["scipy"]
        record["outputs"]["map.html"]["bytes"] += 1
        record["outputs"]["tables/old.csv"] = record["outputs"]["map.html"]
        del record["outputs"]["summary.json"]
        record["counts"]["arrests"]["total_in"] += 1

    run_file = changed(earlier / "run.json", tmp_path / "run.json", of_then)
    result = rerun(run_file, tmp_path / "again", "--inputs", files)
    assert result.exit_code == 1
    now = software_versions()
    for sentence in (
        f"numpy: {now['numpy']} now, 1.0 then",
        f"scipy: {now['scipy']} now, none then",
        "thing: none now, 2.0 then",
    ):
        assert f"Another version, so that bytes may differ: {sentence}.\n" in result.stderr
    total = json.loads((earlier / "run.json").read_text())["counts"]["arrests"]["total_in"]
    for line in (
        "equal    arrest-atlas.gpkg",
        "differs  map.html",
        "missing  tables/old.csv",
        "new      summary.json",
        "differs  run.json",
        f'  versions.numpy: "{now["numpy"]}" now, "1.0" then',
        f"  counts.arrests.total_in: {total} now, {total + 1} then",
    ):
        assert line in result.stdout.splitlines()
    assert result.stdout.splitlines()[-1].startswith("Not reproduced: 4 of ")


def copied(files: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(files, tmp_path / "inputs"))


def refused(run_file: Path, tmp_path: Path, *words: object) -> str:
    before = sorted(tmp_path.rglob("*"))
    result = rerun(run_file, tmp_path / "again", *words)
    assert result.exit_code == 2, result.output
    assert result.stdout == ""
    assert "Traceback" not in result.stderr
    assert sorted(tmp_path.rglob("*")) == before
    return result.stderr


def test_changed_and_missing_inputs_are_told_before_anything_runs(
    earlier: Path, files: Path, tmp_path: Path
) -> None:
    inputs = copied(files, tmp_path)
    with (inputs / "more" / CRIME).open("r+b") as stream:
        stream.seek(-2, os.SEEK_END)
        stream.write(b"7")
    (inputs / OFFICES).rename(inputs / "renamed.csv")
    message = refused(earlier / "run.json", tmp_path, "--inputs", inputs)
    assert "crime.csv: found other bytes (SHA-256 " in message
    assert "offices.csv: found no such file; expected the file that was read (SHA-256 " in message
    assert "--inputs FOLDER" in message
    assert COUNTIES not in message


def test_the_inputs_are_looked_for_in_the_working_folder_and_the_cache(
    earlier: Path, files: Path, tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken = captured(monkeypatch)
    inputs = copied(files, tmp_path)
    (cache / "files" / "crime").mkdir(parents=True)
    (inputs / "more" / CRIME).rename(cache / "files" / "crime" / CRIME)
    (inputs / ".hidden").mkdir()
    shutil.copy(inputs / OFFICES, inputs / ".hidden" / OFFICES)
    (tmp_path / CRIME).write_text("of the same name, and others")
    monkeypatch.chdir(tmp_path)
    assert rerun(earlier / "run.json", tmp_path / "again").exit_code == 1
    assert taken["crime"] == cache / "files" / "crime" / CRIME
    assert taken["arrests_by_aor"] == Path("inputs") / OFFICES
    (inputs / OFFICES).unlink()
    assert "offices.csv: found no such file" in refused(earlier / "run.json", tmp_path / "inputs")


def captured(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Take what a run is called with, in place of the run."""
    taken: dict[str, Any] = {}

    @functools.wraps(pipeline.run)
    def run(out: Path, **options: Any) -> None:
        taken.update(options)
        with whole_folder(out) as folder:
            (folder / SUMMARY_FILE).write_text(
                '{"software": "arrest-atlas", "files": ["run.json", "summary.json"]}'
            )
            (folder / "run.json").write_text(run_json({}, folder))

    monkeypatch.setitem(rerun_module._COMMANDS, "run", run)  # noqa: SLF001
    return taken


def test_every_option_comes_back_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("a/one.csv", "b/one.csv", "c/two.csv"):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_text(name)
    options: dict[str, Any] = {
        **(pipeline.run.__kwdefaults__ or {}),
        "crime": tmp_path / "a" / "one.csv",
        "arrests": [tmp_path / "b" / "one.csv", tmp_path / "c" / "two.csv"],
        "sheets": ["First", "\u00e9t\u00e9"],
        "duplicates": "same-day",
        "aliases": tmp_path / "c" / "two.csv",
        "crime_filter": {"year": ["2021", "2022"]},
        "arrest_period": "2025",
        "denominator": "noncitizens",
        "alpha": 0.1234567890123,
        "seed": 2**62 + 1,
        "kernel_length": 300,
        "sensitivity": True,
        "also_crime": [
            CrimeFile(file=tmp_path / "b" / "one.csv", column="robbery", where={"y": ["1"]}),
            CrimeFile(file=tmp_path / "a" / "one.csv", period="2021"),
        ],
    }
    call = Call.of(pipeline.run, {**options, "out": tmp_path / "out"})
    record = {
        "software": "arrest-atlas",
        "format": 1,
        "command": "run",
        "options": call.options,
        "seed": call.options["seed"],
        "inputs": call.inputs,
        "versions": software_versions(),
    }
    (tmp_path / "run.json").write_text(run_json(record, tmp_path / "none"), encoding="utf-8")
    taken = captured(monkeypatch)
    rerun(tmp_path / "run.json", tmp_path / "again", "--inputs", tmp_path)
    del taken["progress"], taken["executor"]
    for name, value in taken.items():
        expected = list(options[name]) if options[name] == () else options[name]
        assert value == expected, name
    assert set(taken) == set(options) - {"progress", "executor"}


def with_file(name: object) -> Spoil:
    def spoil(record: dict[str, Any]) -> None:
        record["options"]["crime"] = name
        record["inputs"][0]["file"] = name

    return spoil


def setting(*place: Any, to: object) -> Spoil:
    def spoil(record: dict[str, Any]) -> None:
        inner: Any = record
        for step in place[:-1]:
            inner = inner[step]
        inner[place[-1]] = to

    return spoil


HOSTILE: dict[str, tuple[Spoil, str]] = {
    "software": (setting("software", to="other"), "software: found 'other'; expected 'arr"),
    "format": (setting("format", to=99), "format: found 99; expected 1"),
    "format of another type": (setting("format", to=[1]), "format: found [1]"),
    "command": (setting("command", to="rm -rf"), "command: found 'rm -rf'; expected 'demo' or"),
    "command of another type": (setting("command", to={"run": 1}), "command: found {'run': 1}"),
    "no options": (setting("options", to=None), "options: found None; expected an object"),
    "no inputs": (setting("inputs", to={}), "inputs: found {}; expected a list"),
    "no versions": (setting("versions", to=3), "versions: found 3; expected an object"),
    "no outputs": (setting("outputs", to="x"), "outputs: found 'x'; expected an object"),
    "unknown option": (setting("options", "out", to="/etc"), "options, 'out': found an option"),
    "executor": (setting("options", "executor", to=1), "options, 'executor': found an option"),
    "text for number": (setting("options", "draws", to="2"), "'draws': found '2'; expected a who"),
    "true for number": (setting("options", "seed", to=True), "'seed': found True; expected a who"),
    "float for int": (setting("options", "draws", to=2.5), "'draws': found 2.5"),
    "endless": (setting("options", "alpha", to=1e308 * 10), "found no JSON ('the number Infin"),
    "list for text": (setting("options", "aliases", to=["a"]), "'aliases': found ['a']; expected"),
    "unknown choice": (
        setting("options", "graph", to="rook"),
        "'graph': found 'rook'; expected 'q",
    ),
    "choice of another type": (setting("options", "graph", to=[]), "'graph': found []"),
    "filter": (setting("options", "crime_filter", to={"y": "1"}), "'crime_filter': found {'y'"),
    "sheets": (setting("options", "sheets", to=[1]), "'sheets': found [1]; expected a list of"),
    "further crime": (setting("options", "also_crime", to=["x"]), "'also_crime': found 'x'"),
    "further crime, one": (setting("options", "also_crime", to=3), "'also_crime': found 3"),
    "further crime, other": (
        setting("options", "also_crime", to=[{"file": "x"}]),
        "'also_crime': found {'file': 'x'}; expected objects of file, column",
    ),
    "path up": (with_file("../../etc/passwd"), "file: found '../../etc/passwd'; expected the name"),
    "path": (with_file("/etc/passwd"), "file: found '/etc/passwd'; expected the name"),
    "Windows path": (with_file("C:\\x"), "file: found 'C:\\\\x'; expected the name of a file"),
    "dots": (with_file(".."), "file: found '..'; expected the name of a file"),
    "no name": (with_file(""), "file: found ''; expected the name of a file"),
    "null byte": (with_file("a\0b"), "file: found 'a\\x00b'; expected the name of a file"),
    "half a character": (with_file("\ud800"), "found no JSON"),
    "steering characters": (with_file("\x1b[31mred\u202e"), "\ufffd[31mred"),
    "a file that no option names": (
        setting("inputs", 0, "option", to="aliases"),
        "inputs of the option aliases: found ['crime.csv']; expected those it names, []",
    ),
    "a file of no option": (setting("inputs", 0, "option", to="draws"), "option: found 'draws'"),
    "a file without digest": (setting("inputs", 0, "file", to="x"), "option crime: found ['x']"),
    "an input that is none": (setting("inputs", 0, to=[]), "inputs, number 1: found []"),
    "digest": (setting("inputs", 0, "sha256", to="A" * 64), "number 1, sha256: found 'AAA"),
    "size": (setting("inputs", 0, "bytes", to=-1), "number 1, bytes: found -1"),
    "version": (setting("versions", "GDAL", to={}), "versions, 'GDAL': found {}"),
    "output": (setting("outputs", "map.html", to=1), "outputs, 'map.html': found 1"),
    "output's digest": (
        setting("outputs", "map.html", "sha256", to=None),
        "outputs, 'map.html', sha256: found None; expected 64 hexadecimal digits",
    ),
    "another seed": (setting("seed", to=99), "seed: found 99; expected 0, the seed of the options"),
    "another seed in the options": (
        setting("options", "seed", to=99),
        "seed: found 0; expected 99, the seed of the options",
    ),
    "true for the seed": (setting("seed", to=False), "seed: found False; expected 0, the seed"),
    "values out of range": (setting("options", "draws", to=10**9), "--draws: found 1000000000"),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_what_no_run_wrote_is_refused(
    earlier: Path, files: Path, tmp_path: Path, case: str
) -> None:
    spoil, expected = HOSTILE[case]
    run_file = changed(earlier / "run.json", tmp_path / "run.json", spoil)
    assert expected in refused(run_file, tmp_path, "--inputs", files)


def test_everything_wrong_is_told_at_once(earlier: Path, tmp_path: Path) -> None:
    def spoil(record: dict[str, Any]) -> None:
        record["options"] |= {"draws": "2", "graph": "rook"}
        record["inputs"][1]["bytes"] = "many"

    message = refused(changed(earlier / "run.json", tmp_path / "run.json", spoil), tmp_path)
    assert message.count("run.json, ") == 3


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "found no JSON"),
        (b"\xff\xfe", "found no text"),
        (b"[" * 200_000, "found no JSON"),
        (b'{"a": NaN}', "found no JSON ('the number NaN')"),
        (b"[1]", "found [1]; expected an object"),
        (b'{"a": ' + b"9" * 10_000 + b"}", "found no JSON"),
        (b" " * 16_000_001, "found more than 16,000,000 bytes"),
        (b"{}", "software: found None"),
    ],
)
def test_what_is_no_run_json_is_refused(tmp_path: Path, content: bytes, expected: str) -> None:
    (tmp_path / "run.json").write_bytes(content)
    message = refused(tmp_path / "run.json", tmp_path)
    assert message.startswith("Nothing was written:\nrun.json")
    assert expected in message
    assert "give a run.json as arrest-atlas wrote it" in message


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    assert "run.json: found no such file" in refused(tmp_path / "run.json", tmp_path)
    (tmp_path / "run.json").mkdir()
    assert "run.json: found a folder" in refused(tmp_path / "run.json", tmp_path)
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe.json")
        assert "pipe.json: found no file" in refused(tmp_path / "pipe.json", tmp_path)


def test_a_folder_of_inputs_that_is_none_is_refused(earlier: Path, tmp_path: Path) -> None:
    message = refused(earlier / "run.json", tmp_path, "--inputs", tmp_path / "nowhere")
    assert "--inputs: found no folder" in message


def test_the_outputs_that_are_compared_with_are_not_replaced(earlier: Path, files: Path) -> None:
    before = contents(earlier)
    result = rerun(earlier / "run.json", earlier, "--inputs", files)
    assert result.exit_code == 2
    assert "holds the outputs to be compared with" in result.stderr
    assert contents(earlier) == before
