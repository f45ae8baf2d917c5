"""What outputs say of how they came about."""

from __future__ import annotations

import json
import re
import tomllib
from dataclasses import asdict, replace
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import pytest
import rasterio
from small_runs import COUNTIES, CRIME, OFFICES, run_small, write_inputs

from arrest_atlas.demo import simulate
from arrest_atlas.pipeline import demo, run
from arrest_atlas.provenance import NOT_RECORDED, Call, provenance, recorded_name
from arrest_atlas.reading import CrimeFile
from geo import InputError, Source
from outputs import file_digest, files_below, provenance_lines, run_json, software_versions
from outputs.provenance import _COMPUTING, provenance_tag

ROOT = Path(__file__).parent.parent
DEFAULTS = dict(run.__kwdefaults__ or {})
DEMO_DEFAULTS = dict(demo.__kwdefaults__ or {})


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("files")
    write_inputs(folder)
    return folder


@pytest.fixture(scope="module")
def outputs(files: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("run") / "out"
    result = run_small(files, out, "--seed=5")
    assert result.exit_code == 0, result.output
    return out


@pytest.fixture(scope="module")
def record(outputs: Path) -> Any:
    return json.loads((outputs / "run.json").read_text(encoding="utf-8"))


def test_every_option_is_recorded_with_its_value(record: Any) -> None:
    assert set(record["options"]) == set(DEFAULTS) - NOT_RECORDED
    given = {
        "crime": CRIME,
        "arrests_by_aor": OFFICES,
        "arrests_by_county": COUNTIES,
        "crime_column": "rate",
        "crime_filter": {"year": ["2016"]},
        "crime_period": "2016",
        "alpha": 0.1,
        "draws": 2,
        "surrogates": 0,
        "seed": 5,
        # What was left to the program is settled.
        "denominator": "residents",
        "weights": "residents",
    }
    for name, value in record["options"].items():
        default = DEFAULTS[name]
        left = [] if default == () else {} if name == "crime_filter" else default
        assert value == given.get(name, left), name
    assert record["command"] == "run"
    assert record["seed"] == 5


def test_inputs_and_outputs_are_recorded_by_their_bytes(
    record: Any, files: Path, outputs: Path
) -> None:
    assert record["inputs"] == [
        {"option": "crime", "file": CRIME, **file_digest(files / "more" / CRIME)},
        {"option": "arrests_by_aor", "file": OFFICES, **file_digest(files / OFFICES)},
        {"option": "arrests_by_county", "file": COUNTIES, **file_digest(files / COUNTIES)},
    ]
    written = files_below(outputs)
    assert sorted([*record["outputs"], "run.json"]) == written
    assert all(file_digest(outputs / name) == has for name, has in record["outputs"].items())
    assert json.loads((outputs / "summary.json").read_text())["files"] == written


def test_counts_and_warnings_are_those_of_the_summary(record: Any, outputs: Path) -> None:
    summary = json.loads((outputs / "summary.json").read_text())
    for step in ("arrests", "crime", "support"):
        assert record["counts"][step] == summary[step]
    assert record["counts"]["read"]["arrests by office"]["rows"] == 2
    assert record["warnings"] == summary["warnings"] != []
    assert record["question"] == summary["question"]


def test_layers_and_map_say_the_same(record: Any, outputs: Path) -> None:
    layer = pyogrio.read_info(outputs / "arrest-atlas.gpkg", layer="counties")
    told = {name: value for name, value in record.items() if name != "outputs"}
    assert json.loads(layer["dataset_metadata"]["run"])["provenance"] == told
    page = (outputs / "map.html").read_text(encoding="utf-8")
    assert "arrests &lt;in&gt; counties.csv (arrests by county; " in page
    assert f"SHA-256 {record['inputs'][0]['sha256'][:12]}..." in page
    assert "arrest-atlas rerun run.json" in page


def test_nothing_tells_of_the_machine_or_the_time(outputs: Path, files: Path) -> None:
    text = (outputs / "run.json").read_text(encoding="utf-8")
    assert str(files) not in text
    assert str(Path.home()) not in text
    assert not re.search(r"[\"' ]/\w", text)
    assert not re.search(r"\d\d:\d\d", text)


def test_the_libraries_named_are_those_that_the_program_depends_on() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    needed = chain(project["dependencies"], *project["optional-dependencies"].values())
    names = {re.split(r"[^\w-]", each)[0] for each in needed}
    assert set(_COMPUTING) <= names
    versions = software_versions()
    assert versions["numpy"] == np.__version__
    assert all(re.match(r"\d", number) for number in versions.values())


def test_a_call_is_recorded_by_names_and_values(tmp_path: Path) -> None:
    for name in ("a.csv", "b.csv", "c.csv"):
        (tmp_path / name).write_text(name)
    arguments = {**DEFAULTS, "out": "atlas", "seed": np.int64(3), "alpha": 1 / 3}
    arguments["arrests"] = str(tmp_path / "a.csv")
    arguments["aliases"] = tmp_path / "b.csv"
    arguments["also_crime"] = [
        f"{tmp_path / 'c.csv'},column=robbery,filter=year=2021",
        CrimeFile(file=tmp_path / "a.csv"),
    ]
    call = Call.of(run, arguments)
    plain = asdict(CrimeFile(file="a.csv"))
    assert call.options["arrests"] == ["a.csv"]
    assert call.options["aliases"] == "b.csv"
    assert call.options["also_crime"] == [
        {**plain, "file": "c.csv", "column": "robbery", "where": {"year": ["2021"]}},
        plain,
    ]
    assert [(each["option"], each["file"]) for each in call.inputs] == [
        ("arrests", "a.csv"),
        ("aliases", "b.csv"),
        ("also_crime", "c.csv"),
        ("also_crime", "a.csv"),
    ]
    written = json.loads(run_json({"options": call.options}, tmp_path / "none"))
    assert written["options"]["alpha"] == 1 / 3
    assert written["options"]["seed"] == 3
    assert str(tmp_path) not in str(written)


def test_names_of_files_can_be_printed_and_written() -> None:
    assert recorded_name("/a/b\udcff\x1b[1m\u202ec.csv") == "b?\ufffd[1m\ufffdc.csv"


def test_a_file_that_changes_while_it_is_read_is_refused(tmp_path: Path) -> None:
    (tmp_path / "crime.csv").write_text("changed")
    call = Call.of(run, {**DEFAULTS, "out": "atlas", "crime": tmp_path / "crime.csv"})
    simulation = simulate(seed=1, arrests=20_000)
    inputs = replace(
        simulation.inputs, sources={"crime": Source(file="crime.csv", sha256="0" * 64, rows=1)}
    )
    with pytest.raises(InputError, match=r"crime\.csv: found other bytes than a moment ago"):
        provenance(call, inputs, options=None, summary={})  # type: ignore[arg-type]


def test_the_short_form_leaves_out_what_says_nothing() -> None:
    call = Call.of(demo, {**DEMO_DEFAULTS, "out": "atlas"})
    record = {"command": "demo", "options": call.options, "inputs": [], "versions": {"GDAL": "3"}}
    lines = provenance_lines(record)
    assert lines[1] == "Command: arrest-atlas demo, with seed = 0, draws = 100."
    record["options"] = {"sheets": ["A", "B"], "crime_filter": {"y": ["1"]}, "sensitivity": True}
    assert provenance_lines(record)[1].endswith(
        "with sheets = A + B, crime filter = y: 1, sensitivity = yes."
    )


def test_the_tag_of_a_single_file_is_short(record: Any) -> None:
    tag = provenance_tag(record)
    assert list(tag) == ["question", "data", "software", "command", "options", "inputs"]
    assert tag["software"] == f"arrest-atlas {software_versions()['arrest-atlas']}"
    assert tag["inputs"] == [
        f"{each['file']} ({each['option'].replace('_', ' ')}; SHA-256 {each['sha256'][:12]}...)"
        for each in record["inputs"]
    ]
    # Files are told once, with their digests; what says nothing is not told.
    assert not {"crime", "arrests_by_aor", "arrests_by_county"} & set(tag["options"])
    assert None not in tag["options"].values()
    for name in ("seed", "draws", "surrogates", "denominator", "weights", "crime_filter"):
        assert tag["options"][name] == record["options"][name]
    assert len(json.dumps(tag)) < 2_000


def test_further_crime_keeps_its_own_options_in_the_tag() -> None:
    further = [{"file": "c.csv", "column": "robbery"}]
    tag = provenance_tag(
        {
            "question": "Where?",
            "data": "as given",
            "command": "run",
            "options": {"arrests": ["a.csv", "b.csv"], "also_crime": further},
            "inputs": [
                {"option": option, "file": name, "sha256": "0" * 64, "bytes": 1}
                for option, name in (
                    ("arrests", "a.csv"),
                    ("arrests", "b.csv"),
                    ("also_crime", "c.csv"),
                )
            ],
            "versions": {"arrest-atlas": "1"},
        }
    )
    assert tag["options"] == {"also_crime": further}
    assert len(tag["inputs"]) == 3


def test_rasters_say_how_they_were_made(record: Any, outputs: Path, files: Path) -> None:
    tag = json.loads(json.dumps(provenance_tag(record)))
    names = sorted((outputs / "rasters").glob("*.tif"))
    assert len(names) == 13
    for name in names:
        with rasterio.open(name) as raster:
            assert json.loads(raster.tags()["RUN"]) == tag
            text = str(raster.tags())
        assert str(files) not in text
        assert str(Path.home()) not in text
        assert not re.search(r"\d\d:\d\d", text)
