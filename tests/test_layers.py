"""The layers of a run: described, styled, documented, read back."""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
import subprocess
from collections.abc import Mapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import geopandas as gpd
import pandas as pd
import pyogrio
import pytest
from geopandas.testing import assert_geodataframe_equal

from arrest_atlas.analysis import Analysis, analyse
from arrest_atlas.column_words import COLUMN_GROUPS, column_words, layer_words
from arrest_atlas.demo import simulate
from arrest_atlas.layers import output_layers
from arrest_atlas.map_layers import map_layers
from arrest_atlas.options import Options
from arrest_atlas.qgis_styles import qgis_styles
from arrest_atlas.scan_clusters import scan_clusters
from arrest_atlas.sensitivity import Sensitivity, SensitivityRow
from outputs import LayerStyle, LayerWords, write_geopackage

DOCUMENT = Path(__file__).parents[1] / "docs" / "layers.md"
OPTIONS = Options(draws=4, surrogates=0)
GROUP_TITLES = {
    "counties": "`counties`, `overlap`, `arrest_hotspots`, `crime_hotspots`",
    "areas": "`zones`, `areas_of_responsibility`, `states`",
    "any": "In several layers",
}


class Made(NamedTuple):
    """What a run hands over, before it is written."""

    analysis: Analysis
    layers: Mapping[str, gpd.GeoDataFrame | pd.DataFrame]
    words: Mapping[str, LayerWords]
    styles: Mapping[str, list[LayerStyle]]


@pytest.fixture(scope="module")
def made() -> Made:
    analysis = analyse(simulate(seed=3, arrests=60_000).inputs, OPTIONS)
    row = SensitivityRow(variation="baseline", group="baseline", support="county", statistic="k")
    changed = Sensitivity(rows=(row,), options=OPTIONS, level=0.05, simulated=True)
    layers = output_layers(
        analysis, circles=scan_clusters(analysis), sensitivity=changed.to_frame()
    )
    choices = map_layers(analysis, layers["counties"])
    return Made(
        analysis, layers, layer_words(analysis, layers), qgis_styles(analysis, layers, choices)
    )


@pytest.fixture(scope="module")
def geopackage(made: Made, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("layers") / "atlas.gpkg"
    write_geopackage(
        path,
        made.layers,
        title="Q SIMULATED",
        metadata={"seed": 3},
        words=made.words,
        styles=made.styles,
    )
    return path


def columns(table: pd.DataFrame) -> list[str]:
    named = filter(None, table.index.names)
    return [str(name) for name in (*named, *table.columns) if name != "geometry"]


def test_layers_stand_in_order(made: Made) -> None:
    assert list(made.layers) == [
        "counties",
        "overlap",
        "arrest_hotspots",
        "crime_hotspots",
        "scan_clusters",
        "zones",
        "areas_of_responsibility",
        "states",
        "sensitivity",
        "mismatch",
        "data_quality",
    ]


def test_every_column_of_every_layer_is_described(made: Made) -> None:
    missing = {
        name: [column for column in columns(table) if column not in made.words[name].columns]
        for name, table in made.layers.items()
    }
    assert {name: found for name, found in missing.items() if found} == {}
    for words in made.words.values():
        assert "SIMULATED" in words.title
        assert words.abstract.startswith("SIMULATED")
        assert not re.search(r"[{}]", words.abstract + " ".join(map(str, words.columns.values())))
    titles = [words.title for words in made.words.values()]
    assert len(set(titles)) == len(titles)


def test_columns_of_published_totals_are_described(made: Made) -> None:
    difference = {"level": "aor", "area": "NOL", "given": 1, "assigned": 1, "difference": 0}
    table = pd.DataFrame([difference | {"rule": "kept"}])
    analysis = replace(made.analysis, reconciliation=table)
    layers = output_layers(analysis)
    assert "scan_clusters" not in layers
    found = columns(layers["reconciliation"])
    assert set(found) == set(layer_words(analysis, layers)["reconciliation"].columns)


def test_words_name_the_people_and_the_crime() -> None:
    found = column_words(
        "zones", ["arrest_rate", "community_crime_rate"], people="non-citizens", crime="homicide"
    )
    assert found["arrest_rate"].unit == "per 100,000 non-citizens"
    assert "homicide" in str(found["community_crime_rate"])
    assert str(found["community_crime_rate"]).startswith("Community arrests: ")


def documented() -> str:
    """Lay the columns out as docs/layers.md holds them."""
    lines = []
    for group, words in COLUMN_GROUPS.items():
        lines += [f"## {GROUP_TITLES.get(group, f'`{group}`')}", "| column | meaning | unit |"]
        lines.append("| --- | --- | --- |")
        for name, texts in words.items():
            said = (text.format(people="people", crime="crime") for text in texts)
            lines.append(f"| `{name}` | {' | '.join(said)} |")
        lines.append("")
    return "\n".join(lines)


def test_the_document_says_the_same_as_the_files() -> None:
    _, _, tables = DOCUMENT.read_text(encoding="utf-8").partition("<!-- columns -->\n")
    assert tables == documented(), f"docs/layers.md should end with:\n{documented()}"


def test_codes_are_texts_and_counts_are_whole(made: Made) -> None:
    whole = re.compile(r"(^|_)(residents|arrests|arrests_located|people|rank|scan_cluster)$")
    for name, table in made.layers.items():
        for column in table.columns:
            if whole.search(column) and name != "sensitivity":
                assert pd.api.types.is_integer_dtype(table[column]), (name, column)
    for name in ("counties", "overlap", "arrest_hotspots", "crime_hotspots"):
        assert made.layers[name].index.str.fullmatch(r"\d{5}").all()


def test_lean_layers_agree_with_the_counties(made: Made) -> None:
    counties = made.layers["counties"]
    shared: set[str] = set()
    for name in ("overlap", "arrest_hotspots", "crime_hotspots"):
        table = made.layers[name]
        assert_geodataframe_equal(table, counties[table.columns])
        assert len(table.columns) < 0.7 * len(counties.columns)
        shared |= set(table.columns)
    for column in ("support", "custodial_support", "overlap_class", "crime_gi_class", "data"):
        assert column in shared


def test_totals_of_states_and_offices_are_those_of_zones(made: Made) -> None:
    zones = made.layers["zones"]
    for name in ("states", "areas_of_responsibility"):
        for column in ("arrests", "arrests_located", "custodial_arrests", "residents"):
            known = zones[column].groupby(zones[zones.columns[0]]).sum()
            assert made.layers[name][column].sum() == known.sum(), (name, column)


def test_every_class_of_every_layer_has_its_colour(made: Made) -> None:
    for name, table in made.layers.items():
        if not isinstance(table, gpd.GeoDataFrame):
            assert name not in made.styles
            continue
        for style in made.styles[name]:
            if style.column:
                occurring = set(table[style.column].dropna())
                if not style.only:
                    assert occurring == {entry.key for entry in style.legend}, (name, style.name)
            for hatching in style.hatchings:
                hatched = table[hatching.column] == hatching.value
                for column, limit in hatching.below.items():
                    hatched &= table[column] < limit
                assert (hatched & ~table[style.column].isin(hatching.unless)).any()
    names = {name: styles[0].column for name, styles in made.styles.items()}
    assert names == {
        "counties": "overlap_class",
        "overlap": "overlap_class",
        "arrest_hotspots": "arrest_class",
        "crime_hotspots": "crime_gi_class",
        "scan_clusters": "map",
        "zones": "overlap_class",
        "areas_of_responsibility": "",
        "states": "",
    }
    # Broken hatching on nearly every county is left out, and the style says so.
    (whole,) = made.styles["overlap"][0].hatchings
    assert (whole.value, whole.broken) == ("zone", False)
    assert "Left out, as it would lie on" in made.styles["overlap"][0].description
    shares = {
        name: table[name].where(table["state"] == "KS", 1.0)
        for table in [made.layers["counties"]]
        for name in ("located_share", "custodial_located_share")
    }
    choices = map_layers(made.analysis, made.layers["counties"].assign(**shares))
    overlap = qgis_styles(made.analysis, made.layers, choices)["overlap"]
    partly = overlap[0].hatchings[1]
    assert (partly.value, partly.broken) == ("county", True)
    assert partly.below == {"located_share": 0.9}
    assert not any(style.hatchings for style in made.styles["zones"])
    custodial = next(each for each in overlap if "custodial" in each.name)
    assert custodial.hatchings[1].below == {"custodial_located_share": 0.9}
    painted = {style.column for style in made.styles["arrest_hotspots"]}
    assert painted >= {"arrest_class", "custodial_arrest_class", "community_arrest_class"}


def test_styles_say_what_was_tested(made: Made) -> None:
    of = {
        name: next(each for each in made.styles[name] if each.column == "crime_gi_class")
        for name in ("crime_hotspots", "zones")
    }
    assert "Tested county by county." in of["crime_hotspots"].description
    assert "Tested zone by zone." in of["zones"].description


def test_every_circle_is_painted_by_some_style(made: Made) -> None:
    """Also those of crime by county, where no arrests are located by county."""
    circles = made.layers["scan_clusters"]
    by_area = circles[(circles["units"] != "county") | (circles["map"] == "crime")]
    assert (by_area["units"] == "county").any()
    for table in (circles, by_area):
        styles = qgis_styles(made.analysis, {"scan_clusters": table}, [])["scan_clusters"]
        painted = pd.Series(False, index=table.index)  # noqa: FBT003
        for style in styles:
            keys = [entry.key for entry in style.legend]
            shown = table["map"].isin(keys)
            for column, values in style.only.items():
                shown &= table[column].isin(values)
            assert set(keys) == set(table.loc[shown, "map"])
            painted |= shown
        assert painted.all()
    names = [style.name for style in styles]
    assert [name for name in names if "county" in name] == ["Circles of violent crime, by county"]


def test_figures_of_draws_stand_only_where_counties_have_their_own_answer(made: Made) -> None:
    """Copied out, they would rebuild a map of zones that looks like one of counties (M1)."""
    counties = made.layers["counties"]
    for name in ("counties", "arrest_hotspots"):
        for prefix in ("", "custodial_", "community_"):
            table = made.layers[name]
            drawn = table[[f"{prefix}arrests_{which}" for which in ("imputed", "low", "high")]]
            own = counties[f"{prefix}support"] == "county"
            assert drawn[~own].isna().all(axis=None), (name, prefix)
            assert drawn[own].notna().all(axis=None), (name, prefix)
            assert 0 < own.sum() < len(own)
    # What is told of a zone's counties is what is known, and one assumption, named as such.
    wide = counties["support"] == "zone"
    assert counties.loc[wide, "arrests_proportional"].notna().all()
    words = made.words["counties"].columns
    assert "an assumption, not a record" in str(words["arrests_proportional"])
    assert "a part only" in str(words["arrests_located"])


def test_zones_keep_all_of_their_arrests(made: Made) -> None:
    answer = made.analysis.kinds["all"]
    known = answer.support["support"] != "none"
    assert made.layers["zones"]["arrests"].sum() == answer.support.loc[known, "arrests"].sum()


def test_rates_of_crime_come_with_their_people(made: Made) -> None:
    zones, counties = made.layers["zones"], made.layers["counties"]
    summed = counties["crime_people"].groupby(counties["zone"]).sum(min_count=1)
    pd.testing.assert_series_equal(
        zones["crime_people"].astype("float64"),
        summed[zones.index].astype("float64"),
        check_names=False,
    )
    rate = made.analysis.inputs.crime.rate.reindex(counties.index)
    assert (counties["crime_people"].notna() == rate.notna()).all()
    events = (rate * counties["crime_people"].astype("float64")).groupby(counties["zone"]).sum()
    known = zones["crime_rate"].notna()
    expected = (events[zones.index] / zones["crime_people"].astype("float64"))[known]
    assert zones.loc[known, "crime_rate"].to_numpy() == pytest.approx(expected.to_numpy())


def test_one_thing_has_one_name_in_every_layer(made: Made) -> None:
    counties, mismatch = set(made.layers["counties"]), set(made.layers["mismatch"])
    assert {"arrest_gi_class", "crime_gi_class", "arrest_p_hot", "crime_people"} <= (
        counties & mismatch
    )
    assert not {"arrest_class", "crime_class", "p_hot"} & mismatch


def test_the_geopackage_reads_back_equal(made: Made, geopackage: Path) -> None:
    for name, table in made.layers.items():
        back = pyogrio.read_dataframe(geopackage, layer=name)
        if table.index.name is not None:
            back = back.set_index(table.index.name)
        assert list(back.columns) == list(table.columns)
        values = [column for column in table.columns if column != "geometry"]
        for column in values:
            expected = table[column]
            if pd.api.types.is_numeric_dtype(expected):
                pd.testing.assert_series_equal(
                    back[column].astype("float64"),
                    expected.astype("float64"),
                    check_index_type=False,
                    rtol=0,
                    atol=0,
                )
            else:
                texts = expected.astype("object").where(expected.notna(), None)
                found = back[column].astype("object").where(back[column].notna(), None)
                assert found.tolist() == texts.tolist(), (name, column)
        if isinstance(table, gpd.GeoDataFrame):
            assert back.crs == table.crs
            assert back.geometry.normalize().geom_equals(table.geometry.normalize()).all()


def test_the_geopackage_is_small_and_described(made: Made, geopackage: Path) -> None:
    assert geopackage.stat().st_size < 40e6
    with closing(sqlite3.connect(geopackage)) as database:
        described = database.execute("SELECT count(*) FROM gpkg_data_columns").fetchone()
        indexed = database.execute(
            "SELECT count(*) FROM gpkg_extensions WHERE extension_name = 'gpkg_rtree_index'"
        ).fetchone()
    assert described == (sum(len(columns(table)) for table in made.layers.values()),)
    assert indexed == (len(made.styles),)


def test_ogrinfo_reads_every_layer(made: Made, geopackage: Path) -> None:
    ogrinfo = shutil.which("ogrinfo")
    if ogrinfo is None:
        pytest.skip("needs ogrinfo, of Debian's gdal-bin")
    words = [ogrinfo, "-ro", "-al", "-so", str(geopackage)]
    told = subprocess.run(words, capture_output=True, text=True, check=True)  # noqa: S603
    assert "Warning" not in told.stderr
    assert "ERROR" not in told.stderr
    assert re.findall(r"^Layer name: (.*)$", told.stdout, re.MULTILINE)[:-1] == list(made.layers)
    assert json.dumps({"seed": 3}) in told.stdout
