"""``arrest-atlas fetch``, and a run on what it fetched."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from command_line import Command
from https_server import Answer, Server, write_registry

from arrest_atlas import simulate_records
from arrest_atlas.cli import main
from arrest_atlas.fetching import (
    DataSource,
    FetchError,
    fetched_inputs,
    load_registry,
    read_registry,
)
from arrest_atlas.options import Inputs
from geo import InputError, load_population

FETCH = Command(name="fetch")
BODY = b"fips,rate\n1001,3\n"


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "cache"
    monkeypatch.setenv("ARREST_ATLAS_CACHE", str(folder))
    return folder


def use(monkeypatch: pytest.MonkeyPatch, registry: dict[str, DataSource]) -> None:
    for module in ("arrest_atlas.cli._fetch", "arrest_atlas.fetching.found"):
        monkeypatch.setattr(f"{module}.load_registry", lambda: registry)


@pytest.fixture
def source(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    url = server.says("/data.csv", Answer(body=BODY))
    use(monkeypatch, read_registry(write_registry(tmp_path, [url])))
    return url


def test_a_file_is_fetched_and_its_citation_said(source: str, cache: Path) -> None:
    said = FETCH.report("data")
    path = cache / "fetched" / "files" / "data" / "data.csv"
    assert path.read_bytes() == BODY
    assert "data: 0.0 MB, downloaded" in said
    assert str(path) in said
    assert f"From {source}" in said
    assert "Cite: Nobody. Licence: none." in said
    assert "data: 0.0 MB, in the cache" in FETCH.report("data", "--offline")


def test_json_is_for_scripts(source: str) -> None:
    (each,) = FETCH.as_json("data")["fetched"]
    assert Path(each["path"]).read_bytes() == BODY
    assert (each["name"], each["downloaded"], each["url"]) == ("data", True, source)
    assert each["size"] == len(BODY)


def test_the_list_says_what_the_cache_has(source: str, cache: Path) -> None:
    assert "data (not fetched)" in FETCH.report("--list")
    assert not cache.exists()
    FETCH.report("data")
    assert "data (fetched on 2" in FETCH.report("--list")
    (each,) = FETCH.as_json("--list")["sources"]
    assert (each["state"], each["urls"]) == ("fetched", [source])
    Path(each["in_cache"]["path"]).write_text("altered")
    assert "data (changed)" in FETCH.report("--list")


@pytest.mark.usefixtures("source")
def test_another_cache_folder(cache: Path, tmp_path: Path) -> None:
    said = FETCH.report("data", "--cache", tmp_path / "other")
    assert f"A run finds them with: arrest-atlas run --cache {tmp_path / 'other'} ..." in said
    assert (tmp_path / "other" / "fetched" / "files" / "data" / "data.csv").is_file()
    assert not cache.exists()


def test_what_cannot_be_had_ends_with_exit_code_2(source: str, server: Server) -> None:
    server.says("/data.csv", Answer(status=404))
    said = FETCH.refusal("data")
    assert said.startswith("Not fetched:\n")
    assert f"data, {source}: found HTTP status 404 (Not Found); expected the file" in said


@pytest.mark.usefixtures("source")
def test_unknown_names_and_options_that_contradict_each_other() -> None:
    said = FETCH.refusal("data", "dta", "lists")
    assert "dta: found no source of that name; expected one of data" in said
    assert "lists: found no source of that name" in said
    assert "expected one: what is updated comes from the network" in FETCH.refusal(
        "data", "--offline", "--update"
    )
    assert "--update: found the option beside --list" in FETCH.refusal("--list", "--update")
    assert "--cache': found an empty name" in FETCH.refusal("data", "--cache", "")


def test_what_a_person_must_download_is_explained() -> None:
    said = FETCH.refusal("offenses-known-concatenated")
    assert "openICPSR asks for a login: open the page" in said
    assert "https://www.openicpsr.org/openicpsr/project/100707" in said
    assert "offenses-known-concatenated (by hand)" in FETCH.report("--list")


# A run on what was fetched.


def run(out: Path, *words: object) -> tuple[int, str, str]:
    options = [f"--out={out}", "--draws=2", "--surrogates=0", *map(str, words)]
    result = CliRunner().invoke(main, ["run", *options])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.stdout, result.stderr


def test_a_run_without_inputs_says_what_to_fetch(tmp_path: Path) -> None:
    code, stdout, stderr = run(tmp_path / "out")
    assert (code, stdout) == (2, "")
    for role in ("arrests", "crime"):
        (name,) = (each.name for each in load_registry().values() if each.used_as == role)
        assert re.search(
            f"^{role}: found no file; .* arrest-atlas fetch {name}$", stderr, re.MULTILINE
        )
    assert not (tmp_path / "out").exists()


def rankings(folder: Path) -> Path:
    """Write violent crime as County Health Rankings does: names in words, then in codes."""
    people = load_population()
    rates = 300 * np.exp(np.random.default_rng(1).normal(0, 0.4, len(people)))
    words = pd.DataFrame(
        {
            "State FIPS Code": people.index.str[:2],
            "County FIPS Code": people.index.str[2:],
            "5-digit FIPS Code": people.index,
            "Release Year": "2021",
            "Violent crime raw value": rates,
            "Violent crime numerator": rates * people.to_numpy() / 100_000,
            "Violent crime denominator": people.to_numpy(),
        }
    )
    codes = ["statecode", "countycode", "fipscode", "year"]
    codes += [f"v043_{part}" for part in ("rawvalue", "numerator", "denominator")]
    path = folder / "analytic.csv"
    header = pd.DataFrame([codes], columns=words.columns)
    pd.concat([header, words]).to_csv(path, index=False)
    return path


def test_a_run_without_inputs_uses_what_was_fetched(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    arrests = tmp_path / "records.parquet"
    simulate_records(arrests=20_000, rng=7).table.to_parquet(arrests, index=False)
    more = {
        "arrests": {"used_as": "arrests", "file": "arrests.parquet"},
        "crime": {"used_as": "crime", "layout": "county_health_rankings"},
    }
    registry: dict[str, DataSource] = {}
    for name, path in (("arrests", arrests), ("crime", rankings(tmp_path))):
        url = server.says(f"/{name}", Answer(body=path.read_bytes()))
        written = write_registry(tmp_path, [url], **more[name])
        written.write_text(written.read_text().replace("[data]", f"[{name}]"))
        registry |= read_registry(written)
    use(monkeypatch, registry)
    FETCH.report()
    assert len(server.requests) == 2
    (tmp_path / "cache").rename(tmp_path / "elsewhere")
    assert "arrests: found no file" in run(tmp_path / "out")[2]
    (tmp_path / "elsewhere").rename(tmp_path / "named")
    words = [f"--cache={tmp_path / 'named'}", "--crime-column=rate"]
    _, _, stderr = run(tmp_path / "out", *words)
    assert stderr.count("Using Data (Nobody), as recorded on 2") == 2
    assert "--crime-column: found a column of one's own, while data.csv is read by the" in stderr
    (tmp_path / "named").rename(tmp_path / "cache")

    analysed: list[Inputs] = []
    monkeypatch.setattr("arrest_atlas.pipeline.analyse", lambda inputs, *_, **__: grab(inputs))

    def grab(inputs: Inputs) -> None:
        analysed.append(inputs)
        raise InputError([])  # what follows is that of any other run

    _, _, stderr = run(tmp_path / "out")
    assert stderr.count("Using Data (Nobody), as recorded on 2") == 2
    (inputs,) = analysed
    fetched = fetched_inputs(registry=registry)
    assert inputs.sources["arrest records"].sha256 == fetched["arrests"].entry.sha256
    assert inputs.sources["violent crime"].sha256 == fetched["crime"].entry.sha256
    assert str(inputs.crime_period) == "2014 to 2016"
    assert inputs.crime.rate.notna().sum() > 3_000
    assert any("the covered share is not stated" in note for note in inputs.notes)
    assert len(server.requests) == 2

    fetched["crime"].path.write_text("altered")
    with pytest.raises(FetchError, match="arrest-atlas fetch crime"):
        fetched_inputs(registry=registry)
    code, _, stderr = run(tmp_path / "out")
    assert code == 2
    assert "found a file in the cache with SHA-256" in stderr
    assert len(analysed) == 1


def test_files_that_are_given_are_used_in_place_of_the_fetched(tmp_path: Path) -> None:
    crime = tmp_path / "crime.csv"
    crime.write_text("fips,crime_rate\n1001,300\n")
    code, _, stderr = run(tmp_path / "out", f"--crime={crime}")
    assert code == 2
    assert "arrests: found no file" in stderr
    assert "crime:" not in stderr


def test_a_known_layout_and_a_column_contradict_each_other(tmp_path: Path) -> None:
    words = ["--crime-layout=county_health_rankings", "--crime-column=rate"]
    arrests = tmp_path / "arrests.csv"
    arrests.write_text("county_fips,arrests\n1001,3\n")
    words += [f"--arrests-by-county={arrests}", f"--crime={rankings(tmp_path)}"]
    code, _, stderr = run(tmp_path / "out", *words)
    assert code == 2
    assert "--crime-column: found a column of one's own, while analytic.csv is read by" in stderr


def test_options_that_change_nothing_are_refused(tmp_path: Path) -> None:
    words = ["--sheet=A", "--aliases=nosuch.csv", "--duplicates=none"]
    words += ["--programme-287g=custodial", "--noncitizens-column=a", "--residents-column=b"]
    code, _, stderr = run(tmp_path / "out", *words, "--arrests-by-aor=a.csv", "--crime=c.csv")
    assert code == 2
    for word in words:
        assert f"{word.partition('=')[0]}: found the option without --" in stderr
    code, _, stderr = run(tmp_path / "out", "--kernel-length=300")
    assert code == 2
    assert "--kernel-length: found the option with --surrogates 0" in stderr
