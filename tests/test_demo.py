"""The demonstration, through the public door."""

from __future__ import annotations

import json
import re
import socket
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
from click.testing import CliRunner
from distributed import Client

import arrest_atlas
from arrest_atlas import pipeline
from arrest_atlas import rerun as rerun_module
from arrest_atlas.cli import main
from arrest_atlas.fetching.places import Places
from arrest_atlas.layers import county_table, kind_columns
from boundaries import load_counties
from outputs import files_below
from spatial_models import RateHotSpots, rate_hot_spots

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from arrest_atlas import Analysis
    from arrest_atlas.counting import Kind
    from arrest_atlas.demo import Simulation

SEED, DRAWS = 3, 20


class Made(NamedTuple):
    """The outputs of a demonstration, and what they were made of on the way."""

    outputs: Path
    simulation: Simulation
    analysis: Analysis


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """Run the demonstration once, with the network cut off."""
    folder = tmp_path_factory.mktemp("demo") / "out"
    kept: dict[str, Any] = {}

    def refuse(*_: object) -> None:
        pytest.fail("the run reached for the network")

    def keeping(step: Callable[..., Any]) -> Callable[..., Any]:
        def keep(*given: Any, **options: Any) -> Any:
            return kept.setdefault(step.__name__, step(*given, **options))

        return keep

    words = ["demo", "--out", str(folder), "--seed", str(SEED), "--draws", str(DRAWS)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", refuse)
        patch.setattr(pipeline, "simulate", keeping(arrest_atlas.simulate))
        patch.setattr(pipeline, "analyse", keeping(arrest_atlas.analyse))
        result = CliRunner().invoke(main, words)
    assert result.exit_code == 0, result.output
    return Made(folder, kept["simulate"], kept["analyse"])


@pytest.fixture(scope="module")
def outputs(made: Made) -> Path:
    return made.outputs


@pytest.fixture(scope="module")
def simulation(made: Made) -> Simulation:
    return made.simulation


@pytest.fixture(scope="module")
def analysis(made: Made) -> Analysis:
    return made.analysis


def county_spots(analysis: Analysis, kind: Kind = "all") -> RateHotSpots:
    tested = analysis.kinds[kind].county.arrests
    assert tested is not None
    return tested.spots


def test_the_outputs_stand_alone_in_the_folder(outputs: Path) -> None:
    assert sorted(path.name for path in outputs.iterdir()) == [
        "arrest-atlas.gpkg",
        "figures",
        "map.html",
        "rasters",
        "report.html",
        "run.json",
        "summary.json",
        "tables",
    ]
    assert json.loads((outputs / "summary.json").read_text())["files"] == files_below(outputs)
    assert [path.name for path in outputs.parent.iterdir()] == ["out"]


def test_made_again_it_gives_the_same_bytes_in_another_folder(
    outputs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = json.loads((outputs / "run.json").read_text())
    assert record["data"] == "SIMULATED"
    left = {"sensitivity": False, "tables": False, "tiles": None}
    assert record["options"] == {"seed": SEED, "draws": DRAWS, **left}
    assert record["inputs"] == []
    assert record["counts"]["read"]
    # Nothing that was fetched is looked at.
    monkeypatch.setattr(rerun_module, "open_places", lambda _: Places(tmp_path))
    again_in = str(tmp_path / "deep" / "elsewhere")
    words = ["rerun", str(outputs / "run.json"), "--out", again_in, "--inputs", "nowhere"]
    result = CliRunner().invoke(main, words)
    assert result.exit_code == 0, result.output
    names = files_below(outputs)
    assert files_below(tmp_path / "deep" / "elsewhere") == names
    for name in names:
        again = tmp_path / "deep" / "elsewhere" / name
        assert again.read_bytes() == (outputs / name).read_bytes(), name


def test_another_seed_gives_other_data(
    simulation: Simulation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What is drawn of the same data in the same way is the same (see above): the data tell.
    taken: list[Analysis] = []
    monkeypatch.setattr(pipeline, "write_outputs", lambda found, *_, **__: taken.append(found))
    arrest_atlas.demo(tmp_path / "out", seed=SEED + 1, draws=2)
    (other,) = taken
    assert other.options.seed == SEED + 1
    assert not other.inputs.crime.rate.equals(simulation.inputs.crime.rate)
    records, others = simulation.inputs.records, other.inputs.records
    assert records is not None
    assert others is not None
    assert not others.located.table.equals(records.located.table)


def test_no_output_holds_a_path_or_this_years_clock(outputs: Path) -> None:
    for name in files_below(outputs):
        content = (outputs / name).read_bytes()
        assert str(outputs).encode() not in content
        assert not re.search(rb"20\d\d-\d\d-\d\d[T ]\d\d:\d\d(?!:00\.000Z)", content)


def test_every_output_says_simulated(outputs: Path) -> None:
    for name in ("summary.json", "run.json"):
        assert json.loads((outputs / name).read_text())["data"] == "SIMULATED"
    for name in files_below(outputs):
        if name.endswith((".html", ".svg")):
            assert "SIMULATED" in (outputs / name).read_text(), name
        if name.endswith(".csv"):
            assert (pd.read_csv(outputs / name)["data"] == "SIMULATED").all(), name
        if name.endswith(".tif"):
            with rasterio.open(outputs / name) as file:
                assert "SIMULATED" in str(file.tags()), name
    layers = set(gpd.list_layers(outputs / "arrest-atlas.gpkg")["name"]) - {"layer_styles"}
    for layer in layers:
        table = gpd.read_file(outputs / "arrest-atlas.gpkg", layer=layer)
        assert (table["data"] == "SIMULATED").all(), layer


def test_most_planted_clusters_known_by_county_are_found(outputs: Path) -> None:
    planted = json.loads((outputs / "summary.json").read_text())["planted_clusters"]
    by_county = [each for each in planted if each["known_by"] == "county"]
    classes = {each["planted"] for each in by_county}
    assert classes == {"both hot", "arrests only", "crime only"}
    for kind in ("all", "custodial", "community"):
        verdicts = [(each["planted"], each["found"][kind]["verdict"]) for each in by_county]
        assert "not found" not in {verdict for _, verdict in verdicts}
        for planted_class in classes:
            assert (planted_class, "found") in verdicts, kind


def test_a_cluster_of_one_kind_of_arrests_stands_on_its_map_only(outputs: Path) -> None:
    # Why custodial and community arrests are kept apart.
    planted = json.loads((outputs / "summary.json").read_text())["planted_clusters"]
    other = {"custodial": "community", "community": "custodial"}
    apart = [each for each in planted if each["in_arrests"] != "all"]
    assert {each["in_arrests"] for each in apart} == set(other)
    for cluster in apart:
        found, kind = cluster["found"], cluster["in_arrests"]
        assert found[kind]["expected"] == cluster["planted"]
        assert found[kind]["verdict"] == "found"
        assert found[other[kind]]["expected"] in {"crime only", "neither"}
        assert found[other[kind]]["verdict"] == "found"
        # Pooled, it is diluted.
        assert found["all"]["share_with_that_class"] < found[kind]["share_with_that_class"]


def test_few_counties_outside_the_planted_clusters_are_hot(
    analysis: Analysis, simulation: Simulation
) -> None:
    planted = set().union(*(cluster.counties for cluster in simulation.planted))
    counties = load_counties(extent="conterminous")
    inside = counties.loc[sorted(planted & set(counties.index))]
    near = counties.index[counties.distance(inside.union_all()) < 1]
    least = {"all": 60, "custodial": 45, "community": 45}
    for kind in analysis.kinds:
        spots = county_spots(analysis, kind)
        far = ~spots.test.ids.isin(near)
        assert spots.hot.sum() > least[kind]
        assert spots.hot[far].mean() < 0.01


def test_arrests_in_are_arrests_out_in_every_draw_of_every_kind(
    analysis: Analysis, simulation: Simulation
) -> None:
    truth = simulation.records.truth
    records = analysis.inputs.records
    assert records is not None
    once = truth[~truth["duplicate"]]
    assert records.counted.sum() == len(once)
    lost = analysis.inputs.unlocated
    assert lost == (records.located.table.loc[records.counted, "support"] == "none").sum()
    drawn = {kind: answer.arrests.draws.sum(axis=1) for kind, answer in analysis.kinds.items()}
    assert (drawn["all"] == len(once) - lost).all()
    for kind in ("custodial", "community"):
        of_kind = (once["custody"] == kind).to_numpy()
        located = records.located.table.loc[records.counted, "support"] != "none"
        assert (drawn[kind] == (of_kind & located.to_numpy()).sum()).all()
    for answer in analysis.kinds.values():
        assert answer.support["arrests"].sum() == answer.arrests.draws[0].sum()
        assert answer.support["arrests_located"].sum() == answer.arrests.located.sum()


def test_zone_totals_are_the_mean_of_the_draws(analysis: Analysis) -> None:
    for answer in analysis.kinds.values():
        arrests = answer.arrests
        by_zone = pd.DataFrame(arrests.draws.T, index=arrests.area).groupby(level=0).sum()
        mean, spread = by_zone.mean(axis=1), by_zone.std(axis=1)
        off = (answer.support["arrests"] - mean).abs()
        assert (off <= 1 + 5 * spread / np.sqrt(len(arrests.draws))).all()


def test_county_classes_only_where_arrests_are_located(analysis: Analysis) -> None:
    table = county_table(analysis)
    for kind in ("all", "custodial", "community"):
        own = kind_columns(table, kind)
        poor = own["located_share"] < 0.5
        assert poor.any()
        assert not poor.all()
        assert (own.loc[poor, "arrest_gi_class"] == "not tested").all()
        assert own.loc[poor, ["arrest_gi_z", "arrest_p_hot", "arrest_rate"]].isna().all(axis=None)
        drawn = own.loc[poor, ["arrests_imputed", "arrests_low", "arrests_high"]]
        assert drawn.isna().all(axis=None)
        assert set(own.loc[poor, "support"]) <= {"zone", "none"}
        # The test must not have seen the others: dropping them changes nothing.
        spots = county_spots(analysis, kind)
        assert not spots.test.tested[spots.test.ids.isin(table.index[poor])].any()


def test_crime_is_tested_once_and_the_same_for_every_kind(analysis: Analysis) -> None:
    answers = list(analysis.kinds.values())
    assert len({id(answer.county.crime) for answer in answers}) == 1
    assert len({id(answer.area.crime) for answer in answers}) == 1


def test_p_hot_is_the_share_of_draws(analysis: Analysis) -> None:
    spots = county_spots(analysis)
    share = spots.p_hot[spots.test.tested]
    assert ((share >= 0) & (share <= 1)).all()
    np.testing.assert_allclose(share * DRAWS, np.round(share * DRAWS), atol=1e-9)
    assert ((share > 0) & (share < 1)).any()


def test_alaska_hawaii_and_territories_are_shown_and_not_tested(analysis: Analysis) -> None:
    table = county_table(analysis)
    outlying = table["state"].isin(["AK", "HI", "PR", "GU", "VI", "MP"])
    for kind in ("all", "custodial", "community"):
        own = kind_columns(table, kind).loc[outlying]
        assert (own[["arrest_class", "overlap_class"]] == "not tested").all(axis=None)
    assert table.loc[table["state"] == "AK", "arrests_proportional"].sum() > 0


def test_no_output_holds_an_identifier_of_the_records(
    outputs: Path, simulation: Simulation
) -> None:
    identifiers = set(simulation.records.table["unique_identifier"].dropna())
    assert len(identifiers) > 500_000
    (length,) = {len(each) for each in identifiers}
    for name in files_below(outputs):
        runs = re.findall(rb"(?=([0-9a-f]{%d}))" % length, (outputs / name).read_bytes())
        assert not identifiers & {run.decode() for run in runs}, name


def test_the_map_has_a_layer_for_every_kind_and_stays_small(outputs: Path) -> None:
    page = (outputs / "map.html").read_text()
    for kind in ("all arrests", "custodial arrests", "community arrests"):
        for title in ("Overlap and mismatch", "Arrest hot spots"):
            assert re.search(f'"title":"{title}","group":"[^"]+","variant":"{kind}"', page)
    assert len(page.encode()) < 5_000_000


def test_strip_and_summary_tell_what_became_of_the_records(outputs: Path) -> None:
    summary = json.loads((outputs / "summary.json").read_text())
    arrests = summary["arrests"]
    assert arrests["rows_read"] > 550_000
    assert arrests["duplicates_removed"] / arrests["rows_read"] == pytest.approx(0.05, abs=0.005)
    page = (outputs / "map.html").read_text()
    assert f"{arrests['rows_read']:,} records read, {arrests['duplicates_removed']:,}" in page
    assert f"({arrests['left_out_without_place']:,}) cannot be located" in page
    assert f"{arrests['by_custody']['custodial']:,} are custodial" in page
    assert summary["quality"]["release"] == "DDP cleaned, 2025"
    quality = gpd.read_file(outputs / "arrest-atlas.gpkg", layer="data_quality")
    rows = quality[(quality["section"] == "rows") & (quality["item"] == "read")]
    assert arrests["rows_read"] in rows["value"].tolist()


def test_threads_and_a_dask_cluster_change_nothing(analysis: Analysis) -> None:
    arrests, graph = analysis.kinds["all"].arrests, analysis.kinds["all"].county.graph
    draws = arrests.draws[:6, arrests.county_fips.get_indexer(graph.unique_ids)].astype(float)
    people = analysis.inputs.residents.reindex(graph.unique_ids)
    alone = rate_hot_spots(draws, people, graph).to_frame()
    with ThreadPoolExecutor(2) as threads:
        threaded = rate_hot_spots(draws, people, graph, executor=threads).to_frame()
    with Client(  # type: ignore[no-untyped-call]
        n_workers=2, threads_per_worker=1, dashboard_address=":0"
    ) as client:
        clustered = rate_hot_spots(draws, people, graph, executor=client.get_executor()).to_frame()
    assert alone.equals(threaded)
    assert alone.equals(clustered)
