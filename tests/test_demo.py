"""The demonstration, through the public door."""

from __future__ import annotations

import json
import re
import socket
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pytest
from click.testing import CliRunner
from distributed import Client

import arrest_atlas
from arrest_atlas.cli import main
from arrest_atlas.layers import county_table
from boundaries import load_counties
from spatial_models import rate_hot_spots

if TYPE_CHECKING:
    from pathlib import Path

    from arrest_atlas import Analysis

SEED = 3


@pytest.fixture(scope="module")
def outputs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Run the demonstration once, with the network cut off."""
    folder = tmp_path_factory.mktemp("demo") / "out"

    def refuse(*_: object) -> None:
        pytest.fail("the run reached for the network")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", refuse)
        result = CliRunner().invoke(main, ["demo", "--out", str(folder), "--seed", str(SEED)])
    assert result.exit_code == 0, result.output
    return folder


@pytest.fixture(scope="module")
def analysis() -> Analysis:
    """Analyse the demonstration's data without writing anything."""
    simulation = arrest_atlas.simulate(seed=SEED)
    return arrest_atlas.analyse(simulation.inputs, arrest_atlas.Options(draws=20, seed=SEED))


def test_the_three_outputs_stand_alone_in_the_folder(outputs: Path) -> None:
    assert sorted(path.name for path in outputs.iterdir()) == [
        "arrest-atlas.gpkg",
        "map.html",
        "summary.json",
    ]
    assert [path.name for path in outputs.parent.iterdir()] == ["out"]


def test_same_seed_gives_the_same_bytes_in_another_folder(outputs: Path, tmp_path: Path) -> None:
    arrest_atlas.demo(tmp_path / "deep" / "elsewhere", seed=SEED)
    for path in outputs.iterdir():
        assert (tmp_path / "deep" / "elsewhere" / path.name).read_bytes() == path.read_bytes()


def test_another_seed_gives_other_data(outputs: Path, tmp_path: Path) -> None:
    arrest_atlas.demo(tmp_path / "out", seed=SEED + 1, draws=2)
    assert (tmp_path / "out" / "map.html").read_bytes() != (outputs / "map.html").read_bytes()


def test_no_output_holds_a_path_or_this_years_clock(outputs: Path) -> None:
    for path in outputs.iterdir():
        content = path.read_bytes()
        assert str(outputs).encode() not in content
        assert not re.search(rb"20\d\d-\d\d-\d\d[T ]\d\d:\d\d(?!:00\.000Z)", content)


def test_every_output_says_simulated(outputs: Path) -> None:
    assert json.loads((outputs / "summary.json").read_text())["data"] == "SIMULATED"
    assert "SIMULATED" in (outputs / "map.html").read_text()
    for layer in gpd.list_layers(outputs / "arrest-atlas.gpkg")["name"]:
        table = gpd.read_file(outputs / "arrest-atlas.gpkg", layer=layer)
        assert (table["data"] == "SIMULATED").all(), layer


def test_most_planted_clusters_known_by_county_are_found(outputs: Path) -> None:
    planted = json.loads((outputs / "summary.json").read_text())["planted_clusters"]
    by_county = [each for each in planted if each["known_by"] == "county"]
    kinds = {each["planted"] for each in by_county}
    assert kinds == {"both hot", "arrests only", "crime only"}
    for kind in kinds:
        assert any(each["verdict"] == "found" for each in by_county if each["planted"] == kind)
    assert all(each["verdict"] != "not found" for each in by_county)


def test_few_counties_outside_the_planted_clusters_are_hot(analysis: Analysis) -> None:
    simulation = arrest_atlas.simulate(seed=SEED)
    planted = set().union(*(cluster.counties for cluster in simulation.planted))
    spots = analysis.county.arrests
    assert spots is not None
    counties = load_counties(extent="conterminous")
    inside = counties.loc[sorted(planted & set(counties.index))]
    near = counties.index[counties.distance(inside.union_all()) < 1]
    far = ~spots.test.ids.isin(near)
    assert spots.hot.sum() > 60
    assert spots.hot[far].mean() < 0.01


def test_arrests_in_are_arrests_out_in_every_draw(analysis: Analysis) -> None:
    inputs, arrests = analysis.inputs, analysis.arrests
    assert inputs.arrests_by_county is not None
    total = int(inputs.arrests_by_county.sum() + analysis.totals.counts.sum())
    assert (arrests.draws.sum(axis=1) == total).all()
    by_zone = np.array(
        [arrests.draws[:, arrests.area == zone].sum(axis=1) for zone in arrests.area_totals.index]
    )
    assert (by_zone == arrests.area_totals.to_numpy()[:, np.newaxis]).all()


def test_county_classes_only_where_arrests_are_located(analysis: Analysis) -> None:
    table = county_table(analysis)
    poor = table["located_share"] < 0.5
    assert poor.any()
    assert not poor.all()
    assert (table.loc[poor, "arrest_gi_class"] == "not tested").all()
    assert table.loc[poor, ["arrest_gi_z", "arrest_p_hot", "arrest_rate"]].isna().all(axis=None)
    assert (table.loc[poor, "support"] == "zone").all()
    # The test must not have seen the others: dropping them changes nothing.
    spots = analysis.county.arrests
    assert spots is not None
    assert not spots.test.tested[spots.test.ids.isin(table.index[poor])].any()


def test_p_hot_is_the_share_of_draws(analysis: Analysis) -> None:
    spots = analysis.county.arrests
    assert spots is not None
    share = spots.p_hot[spots.test.tested]
    assert ((share >= 0) & (share <= 1)).all()
    np.testing.assert_allclose(share * 20, np.round(share * 20), atol=1e-9)
    assert ((share > 0) & (share < 1)).any()


def test_alaska_hawaii_and_territories_are_shown_and_not_tested(analysis: Analysis) -> None:
    table = county_table(analysis)
    outlying = table["state"].isin(["AK", "HI", "PR", "GU", "VI", "MP"])
    assert (table.loc[outlying, ["arrest_class", "overlap_class"]] == "not tested").all(axis=None)
    assert table.loc[table["state"] == "AK", "arrests_imputed"].sum() > 0


def test_threads_and_a_dask_cluster_change_nothing(analysis: Analysis) -> None:
    arrests, graph = analysis.arrests, analysis.county.graph
    draws = arrests.draws[:6, arrests.county_fips.get_indexer(graph.unique_ids)].astype(float)
    people = analysis.inputs.residents.reindex(graph.unique_ids)
    alone = rate_hot_spots(draws, people, graph).to_frame()
    with ThreadPoolExecutor(2) as threads:
        threaded = rate_hot_spots(draws, people, graph, executor=threads).to_frame()
    with Client(  # type: ignore[no-untyped-call]
        n_workers=2, threads_per_worker=1, dashboard_address=None
    ) as client:
        clustered = rate_hot_spots(draws, people, graph, executor=client.get_executor()).to_frame()
    assert alone.equals(threaded)
    assert alone.equals(clustered)
