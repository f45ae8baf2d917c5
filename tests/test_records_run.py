"""From records to map, custodial and community arrests apart, through the public door."""

from __future__ import annotations

import html
import json
import re
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner, Result

from arrest_atlas import Analysis, SimulatedRecords, pipeline, simulate_records
from arrest_atlas.cli import main
from arrest_atlas.layers import county_table
from arrest_atlas.sentence import true_minus
from arrest_atlas.summary import Summary, summarise
from boundaries import load_counties
from geo import load_population
from outputs import files_below

KINDS = ("custodial", "community")


@pytest.fixture(scope="module")
def simulated() -> SimulatedRecords:
    return simulate_records(arrests=30_000, rng=7)


@pytest.fixture(scope="module")
def files(simulated: SimulatedRecords, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("files")
    simulated.table.to_parquet(folder / "arrests.parquet", index=False)
    people = load_population()
    rate = 300 * np.exp(np.random.default_rng(1).normal(0, 0.4, len(people)))
    pd.Series(rate, people.index, name="crime_rate").to_csv(folder / "crime.csv")
    return folder


def call(files: Path, out: Path, *words: object, arrests: str = "arrests.parquet") -> Result:
    options = [f"--arrests={files / arrests}", f"--crime={files / 'crime.csv'}", f"--out={out}"]
    few = ["--draws=4", "--surrogates=99"]
    result = CliRunner().invoke(main, ["run", *options, *few, *map(str, words)])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def summary_of(files: Path, out: Path, *words: object, arrests: str = "arrests.parquet") -> Any:
    result = call(files, out, *words, arrests=arrests)
    assert result.exit_code == 0, result.output
    return json.loads((out / "summary.json").read_text())


def counts_of(monkeypatch: pytest.MonkeyPatch, files: Path, out: Path, *words: str) -> Any:
    """Run up to the summary, which tells what is counted; nothing is drawn or written."""

    def summed_up(analysis: Analysis, *_: object, **__: object) -> Summary:
        return summarise(analysis, county_table(analysis))

    monkeypatch.setattr(pipeline, "write_outputs", summed_up)
    result = call(files, out, *words, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


@pytest.fixture(scope="module")
def outputs(files: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("run") / "out"
    summary_of(files, out, "--crime-period=2019")
    return out


@pytest.fixture(scope="module")
def summary(outputs: Path) -> Any:
    return json.loads((outputs / "summary.json").read_text())


@pytest.fixture(scope="module")
def counties(outputs: Path) -> gpd.GeoDataFrame:
    table: gpd.GeoDataFrame = gpd.read_file(outputs / "arrest-atlas.gpkg", layer="counties")
    return table.set_index("county_fips")


def test_every_row_is_accounted_for(summary: Any, simulated: SimulatedRecords) -> None:
    truth, arrests = simulated.truth, summary["arrests"]
    once = truth[~truth["duplicate"]]
    assert arrests["rows_read"] == len(truth)
    assert arrests["duplicates_removed"] == truth["duplicate"].sum()
    assert arrests["total_in"] + arrests["left_out_without_place"] == len(once)
    assert arrests["total_in"] == arrests["total_in_every_draw"] == arrests["total_proportional"]
    located = once[once["support"] != "none"]
    assert arrests["by_custody"] == located["custody"].value_counts().to_dict()
    assert sum(arrests["by_custody"].values()) == arrests["total_in"]
    known = sum(arrests[f"known_by_{level}_only"] for level in ("zone", "state", "aor"))
    assert arrests["located_by_county"] + known == arrests["total_in"]


def test_the_kinds_are_counted_tested_and_answered_apart(summary: Any) -> None:
    assert list(summary["kinds"]) == list(KINDS)
    for kind in KINDS:
        answer = summary["kinds"][kind]
        totals = answer["arrests"]
        assert totals["total_in"] == totals["total_in_every_draw"]
        assert totals["total_in"] == summary["arrests"]["by_custody"][kind]
        assert answer["county_answer"]["arrests"]["tested"] > 1_000
        assert answer["area_answer"]["arrests"]["tested"] == 56
        compared = answer["comparison"]
        assert 0 < compared["county"]["measures"]["kappa"]["p"] <= 1
        # Of areas, overlap is described and not tested.
        assert compared["area"]["measures"]["kappa"]["p"] is None
        assert "descriptive" in compared["area"]["measures"]["kappa"]["no_p_value"]
        assert compared["sentence"] in summary["findings"]
        # Crime is the same, whatever it is compared with.
        assert answer["county_answer"]["crime"] == summary["county_answer"]["crime"]
    first, second = (summary["kinds"][kind]["county_answer"]["arrests"] for kind in KINDS)
    assert first["moran"] != second["moran"]


def test_the_map_leads_with_the_sentence(outputs: Path, summary: Any) -> None:
    page = html.unescape((outputs / "map.html").read_text())
    page = re.sub(r"</?bdi[^>]*>", "", page)
    first = re.search(r'<header class="strip".*?<li[^>]*>(.*?)</li>', page, re.DOTALL)
    assert first is not None
    assert first[1].startswith("All arrests: ")
    strip, _, opened = page.partition("<details")
    assert re.search(r"<li[^>]*>Custodial arrests: .* Community arrests: ", strip)
    assert re.search(r"<li[^>]*>Zones: ", strip)
    # Every answer stands in full once the strip is opened.
    assert true_minus(summary["comparison"]["sentence"]) in opened
    for kind in KINDS:
        assert true_minus(summary["kinds"][kind]["comparison"]["sentence"]) in opened


def test_local_agreement_stands_where_counties_are_tested(counties: gpd.GeoDataFrame) -> None:
    for prefix in ("", *(f"{kind}_" for kind in KINDS)):
        own = counties[f"{prefix}support"] == "county"
        for name in ("similarity", "fuzzy_kappa", "lee"):
            local = counties[f"{prefix}overlap_{name}"]
            assert local[~own].isna().all()
            # Where no place is hot or cold, classes agree everywhere: there is no fuzzy kappa.
            assert name == "fuzzy_kappa" or local[own].notna().mean() > 0.8
        assert counties[f"{prefix}overlap_similarity"].dropna().between(0, 1).all()


def test_columns_of_the_kinds_stand_beside_those_of_all_arrests(
    counties: gpd.GeoDataFrame, simulated: SimulatedRecords
) -> None:
    names = ["support", "arrests_located", "arrests_imputed", "arrest_class", "overlap_class"]
    for name in (*names, "arrests_proportional", "arrest_gi_z", "arrest_p_hot", "located_share"):
        assert {name, *(f"{kind}_{name}" for kind in KINDS)} <= set(counties.columns)
    truth = simulated.truth
    named = truth[~truth["duplicate"] & (truth["support"] == "county")]
    expected = named.groupby("county_fips", observed=True).size()
    said = counties["arrests_located"].reindex(expected.index)
    assert ((said - expected).abs() <= 1 + 0.1 * expected).mean() > 0.99
    parts = sum(counties[f"{kind}_arrests_imputed"] for kind in KINDS)
    known = counties["arrests_imputed"].notna() & parts.notna()
    assert known.any()
    assert (parts[known] <= counties.loc[known, "arrests_imputed"] + 1e-9).all()


def test_zones_and_offices_add_up(outputs: Path, summary: Any) -> None:
    zones = gpd.read_file(outputs / "arrest-atlas.gpkg", layer="zones")
    offices = gpd.read_file(outputs / "arrest-atlas.gpkg", layer="areas_of_responsibility")
    office = zones.set_index("zone")["aor"]
    for kind in ("all", *KINDS):
        prefix = "" if kind == "all" else f"{kind}_"
        answer = summary if kind == "all" else summary["kinds"][kind]
        total = answer["arrests"]["total_in"]
        known = zones.set_index("zone")[f"{prefix}arrests"]
        assert known.sum() <= total
        # Of an office none of whose zones is known, nothing is; unlisted zones add little.
        of_known = known.groupby(office).sum(min_count=1)
        given = offices.set_index("aor")[f"{prefix}arrests"].astype("float64")
        assert given.isna().equals(of_known.reindex(given.index).isna())
        assert (given >= of_known.reindex(given.index)).dropna().all()
        assert known.sum() <= given.sum() <= total


def test_the_map_words_both_kinds(outputs: Path) -> None:
    page = (outputs / "map.html").read_text()
    for kind in ("all", *KINDS):
        for title in ("Overlap and mismatch", "Arrest hot spots"):
            assert re.search(f'"title":"{title}","group":"[^"]+","variant":"{kind} arrests"', page)
    assert "Custodial arrests, class" in page
    assert "Community arrests, class" in page
    assert len(page.encode()) < 5_000_000


def test_the_quality_of_the_records_goes_with_the_result(outputs: Path, summary: Any) -> None:
    quality = gpd.read_file(outputs / "arrest-atlas.gpkg", layer="data_quality")
    assert {"section", "item", "measure", "value"} <= set(quality.columns)
    assert {"rows", "missing_by_field", "support_by_custody"} <= set(quality["section"])
    assert {"rows", "missing_by_field", "support_by_custody"} <= set(summary["quality"])
    assert any("have no identifier" in sentence for sentence in summary["warnings"])
    assert any("contradict the rest" in sentence for sentence in summary["warnings"])


def test_the_period_is_that_of_the_records(summary: Any) -> None:
    assert summary["arrest_period"] == "2025-01-20 to 2026-08-06"


def test_a_period_selects_records(
    files: Path, tmp_path: Path, simulated: SimulatedRecords, monkeypatch: pytest.MonkeyPatch
) -> None:
    period = "--arrest-period=2025-02-01/2025-12-31"
    found = counts_of(monkeypatch, files, tmp_path / "out", period)
    once = ~simulated.truth["duplicate"]
    date = simulated.table["apprehension_date"]
    inside = once & (date >= "2025-02-01") & (date <= "2025-12-31")
    arrests = found["arrests"]
    assert found["arrest_period"] == "2025-02-01 to 2025-12-31"
    assert arrests["total_in"] + arrests["left_out_without_place"] == inside.sum()
    assert arrests["outside_period"] == (once & ~inside).sum()
    assert any("a period was asked for" in sentence for sentence in found["warnings"])


def test_choices_about_duplicates_and_the_programme_287g_count(
    files: Path,
    tmp_path: Path,
    simulated: SimulatedRecords,
    summary: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    choices = ["--duplicates=none", "--programme-287g=custodial"]
    found = counts_of(monkeypatch, files, tmp_path / "out", *choices)["arrests"]
    located = simulated.truth["support"] != "none"
    programme = (simulated.table["apprehension_method"][located] == "287(g) Program").sum()
    custodial = (simulated.truth["custody"][located] == "custodial").sum()
    assert found["duplicate_rule"] == "none"
    assert found["duplicates_removed"] == 0
    assert found["by_custody"]["custodial"] == custodial + programme
    assert found["by_custody"]["custodial"] > summary["arrests"]["by_custody"]["custodial"]


def test_a_kind_without_arrests_is_left_out_and_the_others_are_said_to_be_pooled(
    files: Path, tmp_path: Path, simulated: SimulatedRecords
) -> None:
    table = simulated.table.drop(columns="apprehension_method").head(5_000)
    table.to_parquet(tmp_path / "some.parquet", index=False)
    found = summary_of(files, tmp_path / "out", arrests=str(tmp_path / "some.parquet"))
    assert "kinds" not in found
    assert any("No kind of them can be shown apart" in sentence for sentence in found["limits"])
    page = (tmp_path / "out" / "map.html").read_text()
    assert re.search('"title":"Overlap and mismatch","group":"[^"]+","variant":""', page)
    counties = gpd.read_file(tmp_path / "out" / "arrest-atlas.gpkg", layer="counties")
    assert not counties.columns.str.startswith(KINDS).any()


@pytest.mark.parametrize(
    "lost", ["apprehension_state", "apprehension_aor", "apprehension_site_landmark"]
)
def test_records_without_one_kind_of_evidence_are_located_by_the_others(
    files: Path, tmp_path: Path, simulated: SimulatedRecords, lost: str
) -> None:
    table = simulated.table.drop(columns=[lost, "toa_current_duty_site"]).head(6_000)
    table.to_parquet(tmp_path / "some.parquet", index=False)
    found = summary_of(files, tmp_path / "out", arrests=str(tmp_path / "some.parquet"))
    arrests = found["arrests"]
    assert arrests["total_in"] == arrests["total_in_every_draw"] > 4_000
    tested = found["county_answer"]["arrests"]
    if lost == "apprehension_site_landmark":
        assert tested is None
        assert arrests["located_by_county"] == 0
    else:
        assert tested["tested"] > 1_000


def test_records_of_one_office_say_nothing_of_the_others(
    files: Path, tmp_path: Path, simulated: SimulatedRecords
) -> None:
    table = simulated.table
    here = table["apprehension_aor"] == "New Orleans Area of Responsibility"
    stray = table[table["apprehension_state"] == "FLORIDA"].head(2)
    pd.concat([table[here], stray]).to_parquet(tmp_path / "some.parquet", index=False)
    found = summary_of(files, tmp_path / "out", arrests=str(tmp_path / "some.parquet"))
    assert found["support"]["areas_known"] == 5
    assert found["area_answer"]["arrests"]["classes"]["no data"] == 51
    (sentence,) = (each for each in found["warnings"] if "no data, which is not zero" in each)
    assert "AZ-PHO" in sentence
    table = gpd.read_file(tmp_path / "out" / "arrest-atlas.gpkg", layer="zones")
    assert table.loc[table["zone"] == "FL-MIA", "arrests"].isna().all()


def without_digests(out: Path, name: str) -> bytes:
    """Read an output, without the digest and the size of the file of records."""
    (records,) = (
        each
        for each in json.loads((out / "run.json").read_text())["inputs"]
        if each["option"] == "arrests"
    )
    if name.endswith(".gpkg"):  # pages of a database depend on the number of digits
        with closing(sqlite3.connect(out / name)) as database:
            content = "\n".join(database.iterdump()).encode()
    else:
        content = (out / name).read_bytes().replace(b"<wbr>", b"")
    size, digest = records["bytes"], records["sha256"]
    for told in (digest, digest[:12], f'"bytes": {size}', f"{size:,} bytes", f">{size:,}<"):
        content = content.replace(told.encode(), b"(told)")
    return content


def test_the_outputs_do_not_depend_on_who_was_arrested(
    files: Path, outputs: Path, simulated: SimulatedRecords, tmp_path: Path
) -> None:
    # Rule M12: other persons, the same links between records.
    persons = simulated.table["unique_identifier"]
    numbers = persons.rank(method="dense").astype("Int64").astype(str)
    others = simulated.table.assign(
        unique_identifier=("person " + numbers).where(persons.notna()),
        birth_year=1901,
        citizenship_country="UTOPIA",
        gender="ROBOT",
    )
    others.to_parquet(tmp_path / "arrests.parquet", index=False)
    summary_of(
        files, tmp_path / "out", "--crime-period=2019", arrests=str(tmp_path / "arrests.parquet")
    )
    names = json.loads((outputs / "summary.json").read_text())["files"]
    assert files_below(tmp_path / "out") == names
    # That of all outputs differs where the records' own digest stands in one of them.
    for name in set(names) - {"run.json"}:
        theirs = without_digests(tmp_path / "out", name)
        assert theirs == without_digests(outputs, name), name
        for country in simulated.table["citizenship_country"].unique():
            assert country.encode() not in (outputs / name).read_bytes(), name


def test_what_somebody_wrote_into_a_record_is_not_published(
    files: Path, tmp_path: Path, simulated: SimulatedRecords
) -> None:
    table = simulated.table.head(4_000)
    landmark = table["apprehension_site_landmark"].astype(object)
    landmark.iloc[:3] = "QUUX RESIDENCE OF A PERSON"
    landmark.iloc[3:40] = "ZORBLAX LODGE"
    method = table["apprehension_method"].astype(object)
    method.iloc[0] = "SECRET METHOD"
    state = table["apprehension_state"].astype(object)
    state.iloc[:20] = "JOHN'S STATE"
    state.iloc[20:50] = 'SO-CALLED "STATE"'
    table = table.assign(apprehension_site_landmark=landmark, apprehension_method=method)
    table = table.assign(apprehension_state=state)
    table.to_parquet(tmp_path / "some.parquet", index=False)
    summary = summary_of(files, tmp_path / "out", arrests=str(tmp_path / "some.parquet"))
    out = tmp_path / "out"
    content = b"".join((out / name).read_bytes() for name in files_below(out))
    for text in (b"ZORBLAX", b"QUUX", b"SECRET METHOD", b"JOHN'S", b"SO-CALLED"):
        assert text not in content
    quality = summary["quality"]
    assert quality["not_understood"]["landmark"]["rows"] >= 40
    assert quality["not_understood"]["method"] == {"texts": 1, "rows": 1}
    (repair,) = (item for item in quality["repairs"] if "is no state" in item)
    assert repair.endswith(": a value that is no state or territory")
    assert quality["repairs"][repair]["rows"] == 50
    report = CliRunner().invoke(main, ["inspect", str(tmp_path / "some.parquet")]).stdout
    assert "QUUX RESIDENCE" in report  # the analyst sees it


def refused(files: Path, out: Path, *words: object, arrests: str = "arrests.parquet") -> str:
    result = call(files, out, *words, arrests=arrests)
    assert result.exit_code == 2
    assert not out.exists()
    return result.stderr


def test_records_and_counts_together_are_refused(files: Path, tmp_path: Path) -> None:
    (tmp_path / "offices.csv").write_text("aor,arrests\nDallas,5\n")
    message = refused(files, tmp_path / "out", f"--arrests-by-aor={tmp_path / 'offices.csv'}")
    assert "records of arrests together with counts of arrests" in message
    assert "leave --arrests-by-aor" in message


def test_a_period_without_records_is_refused(files: Path, tmp_path: Path) -> None:
    message = refused(files, tmp_path / "out", "--arrest-period=2019")
    assert "found no arrest within 2019, but days from 2025-01-20 to 2026-08-06" in message


def test_records_that_nothing_locates_are_refused(files: Path, tmp_path: Path) -> None:
    (tmp_path / "none.csv").write_text(
        "apprehension_date,apprehension_aor,apprehension_site_landmark\n"
        "2025-03-01,HQ Area of Responsibility,FUGITIVE OPERATIONS\n"
    )
    message = refused(files, tmp_path / "out", arrests=str(tmp_path / "none.csv"))
    assert "none.csv: found no arrest that can be located" in message


def test_problems_of_records_and_of_other_files_are_reported_at_once(
    files: Path, tmp_path: Path
) -> None:
    (tmp_path / "empty.csv").write_text("")
    (tmp_path / "people.csv").write_text("a\n1\n")
    message = refused(
        files,
        tmp_path / "out",
        f"--noncitizens={tmp_path / 'people.csv'}",
        arrests=str(tmp_path / "empty.csv"),
    )
    assert "empty.csv: found" in message
    assert "people.csv: found" in message


def test_outlying_counties_are_counted(counties: gpd.GeoDataFrame) -> None:
    alaska = load_counties().query("state == 'AK'").index
    assert counties.loc[alaska, "arrests_proportional"].sum() > 0
