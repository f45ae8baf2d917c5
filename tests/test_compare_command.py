"""``arrest-atlas compare``, as a user meets it."""

from __future__ import annotations

import re
import shlex
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
from click.testing import CliRunner
from command_line import Command
from shapely.geometry import LineString, box

from arrest_atlas.caching import cache_folder
from arrest_atlas.cli import main
from arrest_atlas.map_comparison import (
    ComparedColumns,
    ComparisonOptions,
    run_map_comparison,
    running,
)
from arrest_atlas.map_comparison.category_weights import read_category_weights
from arrest_atlas.map_comparison.verdict import verdict_sentence
from geo import InputError
from spatial_models import (
    CATEGORY_WEIGHTS,
    SIGNIFICANCE_CLASSES,
    Measure,
    NoPValue,
    Support,
    SurrogateMaps,
    SurrogateP,
    Verdict,
    compare_hotspots,
    contiguity,
    hot_spots,
    k_nearest,
    surrogate_maps,
)

SIDE = 12
PAGE = Path(__file__).parent.parent / "docs" / "spatial-tests.md"

BANNED = re.compile(
    r"cause|because of|due to|leads? to|driv(?:es?|en)\b|effect\b|impact|explain|results? of",
    re.IGNORECASE,
)
"""Words that say why: nothing that is printed may."""

TWO = ("--column", "one", "--column", "two", "--surrogates", "99")


def simulated_map() -> gpd.GeoDataFrame:
    """Squares of a kilometre: two maps share two of three hills, others go their own way."""
    rng = np.random.default_rng(3)
    row, column = np.divmod(np.arange(SIDE**2), SIDE)

    def hills(*tops: tuple[int, int]) -> npt.NDArray[np.float64]:
        heights = rng.normal(0, 0.1, SIDE**2)
        for y, x in tops:
            heights += np.exp(-((row - y) ** 2 + (column - x) ** 2) / 5)
        return heights

    people = rng.integers(500, 5_000, SIDE**2)
    table = gpd.GeoDataFrame(
        {
            "code": [f"{number:05d}" for number in range(SIDE**2)],
            "one": hills((2, 2), (8, 8), (2, 9)),
            "two": hills((2, 2), (8, 8), (9, 2)),
            "far": hills((5, 5), (11, 11)),
            "people": people,
            "men": people // 2,
            "flat": 3.0,
        },
        geometry=[
            box(x, y, x + 1_000, y + 1_000)
            for x, y in zip(column * 1_000, row * 1_000, strict=True)
        ],
        crs="EPSG:5070",
    )
    table["cases"] = rng.poisson(people * (0.01 + 0.04 * np.clip(table["one"], 0, None)))
    table["others"] = rng.poisson(people * (0.01 + 0.04 * np.clip(table["two"], 0, None)))
    table["again"] = table["one"]
    table["district"] = districts()
    table["broad"] = np.exp(-((row - 3) ** 2 + (column - 3) ** 2) / 18)
    table["by_district"] = table.groupby("district")["broad"].transform("mean")
    return table


def districts() -> npt.NDArray[np.str_]:
    """Name 36 districts of two by two squares."""
    row, column = np.divmod(np.arange(SIDE**2), SIDE)
    return np.array([f"D{y}{x}" for y, x in zip(row // 2, column // 2, strict=True)])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("maps")
    table = simulated_map()
    table.to_file(folder / "map.gpkg", layer="squares")
    table.to_file(folder / "map.geojson")
    table.to_parquet(folder / "map.parquet")
    for layer in ("first", "second"):
        table.to_file(folder / "two.gpkg", layer=layer)
    return folder


@pytest.fixture(autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ARREST_ATLAS_CACHE", str(tmp_path_factory.getbasetemp() / "cache"))


COMMAND = Command(name="compare", banned=BANNED)
call, report, as_json, refusal = COMMAND.call, COMMAND.report, COMMAND.as_json, COMMAND.refusal


def listing(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_the_report(folder: Path) -> None:
    text = report(folder / "map.gpkg", *TWO, "--id", "code")
    assert text.startswith("compare one and two in map.gpkg\nqueen: 144 units, ")
    assert re.search(r"\none: \d+ hot and \d+ cold of 144 units\ntwo: ", text)
    assert "\nsurrogate maps of two: 99 of each kind, seed 0, kernel length a tenth of" in text
    assert re.search(r"\nclass +units\nboth hot +\d+\none only +\d+\ntwo only +\d+\n", text)
    assert "\nUnits by class of one (rows) and two (columns):\n" in text
    assert re.search(r"\n +hot 99% +hot 95% +hot 90% +not significant +cold 90%", text)
    assert re.search(r"\nmeasure +as they are +p +trend removed +p\n", text)
    assert re.search(r"\nCohen's kappa +0\.\d{3} +0\.\d\d +0\.\d{3} +0\.\d\d\n", text)
    assert re.search(r"\nJaccard index +0\.\d{3} +none 1 +0\.\d{3} +none 1\n", text)
    assert "\np: one-sided for Cohen's kappa, two-sided for Lee's L\n" in text
    assert "\n(none 1) descriptive, no test of it is known to hold its level\n" in text
    assert re.search(r"\nHeadline: Cohen's kappa of the hot spots = 0\.\d{3}, p = 0\.", text)
    assert "\nWith a quadratic trend removed from both maps: Cohen's kappa" in text
    assert "\nSecondary, without a verdict " in text
    assert "p_modified_t = " in text
    assert "\nWhat this cannot say:\n- Why one and two are alike or not" in text
    assert "random labelling" not in text
    table = text[text.index("\nmeasure ") : text.index("\nShares inside")]
    assert max(map(len, table.splitlines())) <= 100


def test_numbers_are_those_of_the_functions(folder: Path) -> None:
    answer = as_json(folder / "map.gpkg", *TWO)
    found = run_map_comparison(
        folder / "map.gpkg",
        ComparedColumns(names=("one", "two")),
        options=ComparisonOptions(surrogates=99),
        progress=lambda _: None,
    ).comparison
    assert answer["verdict"] == found.verdict
    assert answer["headline"] == found.headline.name == "kappa"
    for name, measure in found.measures.items():
        assert answer["measures"][name]["estimate"] == pytest.approx(measure.estimate, nan_ok=True)
    assert answer["measures"]["kappa"]["p"] == vars(found.measures["kappa"].p)["p"]
    assert answer["measures"]["kappa"]["alternative"] == "greater"
    table = pd.DataFrame.from_dict(answer["cross_table"], orient="index")
    assert table.index.tolist() == table.columns.tolist() == list(SIGNIFICANCE_CLASSES)
    assert table.to_numpy().sum() == answer["n"] == 144
    assert answer["counts"]["both hot"] == (found.classes == "both hot").sum()
    assert answer["trend_removed"]["measures"]["kappa"]["p"] is not None
    assert answer["partial"] is None
    assert len(answer["units"]["overlap_class"]) == 144
    assert set(answer["modified_t"]) >= {"correlation", "effective_sample_size", "p_modified_t"}


def test_shared_hills_are_an_association_and_others_are_none(folder: Path) -> None:
    answer = as_json(folder / "map.gpkg", *TWO, "--surrogates", "399")
    assert answer["verdict"] == "association"
    assert answer["sentence"].startswith("Hot spots of one and two coincide more than on")
    answer = as_json(folder / "map.gpkg", "--column", "one", "--column", "far", *TWO[4:])
    assert answer["verdict"] == "no association"
    assert "not told apart from unrelated maps" in answer["sentence"]


def test_identical_columns_agree_everywhere(folder: Path) -> None:
    answer = as_json(folder / "map.gpkg", "--column", "one", "--column", "again", *TWO[4:])
    for name in (
        *("kappa", "fuzzy_kappa", "similarity", "jaccard", "dice"),
        *("first_in_second", "second_in_first", "pearson", "spearman"),
    ):
        assert answer["measures"][name]["estimate"] == pytest.approx(1), name
        assert answer["trend_removed"]["measures"][name]["estimate"] == pytest.approx(1), name
    table = pd.DataFrame.from_dict(answer["cross_table"], orient="index").to_numpy()
    assert (table == np.diag(np.diag(table))).all()
    assert set(answer["units"]["overlap_similarity"]) == {1.0}
    assert answer["counts"]["one only"] == answer["counts"]["again only"] == 0
    assert answer["measures"]["kappa"]["p"] == 0.01
    assert answer["modified_t"]["correlation"] == pytest.approx(1)


@pytest.mark.parametrize("columns", [("one", "flat"), ("flat", "one"), ("flat", "flat2")])
def test_a_constant_column_is_no_variation(tmp_path: Path, columns: tuple[str, str]) -> None:
    simulated_map().assign(flat2=1.0).to_parquet(tmp_path / "map.parquet")
    words = [tmp_path / "map.parquet", "--column", columns[0], "--column", columns[1], *TWO[4:]]
    text = report(*words)
    assert re.search(r"\nno variation +144\n", text)
    assert f"Not tested: no variation in {columns[0]} or {columns[1]}." in text
    assert "\nflat: no variation, nothing to test" in text
    assert "no p-value: no variation" in text
    assert as_json(*words)["verdict"] == "not tested"


def test_rates_take_people_once_or_twice(folder: Path) -> None:
    words = [folder / "map.gpkg", "--column", "cases", "--column", "others", *TWO[4:]]
    text = report(*words, "--people", "people")
    assert text.startswith("compare cases per people and others per people in map.gpkg\n")
    once, twice = (
        as_json(*words, *people)
        for people in (
            ("--people", "people"),
            ("--people", "people", "--people", "men"),
        )
    )
    assert (once["people"], twice["people"]) == (["people"] * 2, ["people", "men"])
    assert once["units"]["first_rate"] == twice["units"]["first_rate"]
    assert once["units"]["second_rate"] != twice["units"]["second_rate"]
    assert once["measures"]["kappa"]["estimate"] > 0.3


AREA = ("--column", "by_district", "--column", "two", "--area", "district", "--surrogates", "99")


def test_a_column_known_by_area_is_compared_among_areas(folder: Path) -> None:
    words = [folder / "map.gpkg", *AREA]
    text = report(*words)
    assert "\ncompared among the areas of district, to which units are brought:\n" in text
    assert "\n  neighbours are areas whose units are: 36 areas, 220 links, 0 isolates, row-" in text
    assert "\n  two: of an area the mean over its units; no data where under 80 % of" in text
    assert re.search(r"\nby_district: \d+ hot and \d+ cold of 36 areas\ntwo: \d+ hot", text)
    assert "\n36 of 36 areas tested on both maps\n" in text
    assert re.search(r"\nclass +areas\n", text)
    assert "\nAreas by class of by_district (rows) and two (columns):\n" in text
    assert re.search(r"\nof +hot by_district.*\nareas +\d", text)
    assert "\nHeadline: Pearson's r = " in text
    assert re.search(r"\nLee's L +-?0\.\d{3} +[01]\.\d\d +-?0\.\d{3} +[01]\.\d\d\n", text)
    assert "\np: two-sided for Lee's L and Pearson's r\n(none 1) descriptive: among larger" in text
    assert "- How by_district and two lie within an area: the answer is about areas, and" in text
    answer = as_json(*words)
    assert (answer["support"], answer["headline"], answer["area"]) == (
        "area",
        "pearson",
        "district",
    )
    assert (answer["n"], list(answer["shares"])) == (36, ["areas"])
    measures = answer["measures"]
    assert measures["kappa"]["p"] is None
    assert "larger areas" in measures["kappa"]["no_p_value"]
    assert measures["pearson"]["p"] >= 0.02
    assert measures["lee"]["alternative"] == "two-sided"


def test_units_wear_what_was_found_of_their_area(folder: Path) -> None:
    answer = as_json(folder / "map.gpkg", *AREA)
    table = simulated_map()
    graph = contiguity(table.dissolve("district")).transform("R")
    areas, units = answer["areas"], answer["units"]
    assert areas["ids"] == graph.unique_ids.tolist()
    assert areas["graph"].startswith("36 units, 220 links, 0 isolates, row-standardised")
    for which, column in (("first", "broad"), ("second", "two")):
        expected = hot_spots(table.groupby("district")[column].mean(), graph)
        np.testing.assert_allclose(areas[f"{which}_gi_z"], expected.test.z)
    assert any(name.startswith("hot") for name in areas["first_gi_class"])
    assert units["compared_area"] == table["district"].tolist()
    assert not [name for name in units if name.startswith(("first_", "second_", "overlap_"))]
    for name in set(areas) - {"ids", "graph"}:
        by_area = dict(zip(areas["ids"], areas[name], strict=True))
        assert units[f"area_{name}"] == [by_area[area] for area in units["compared_area"]]
    assert as_json(folder / "map.gpkg", *TWO)["areas"] is None


def test_the_layer_carries_the_areas(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "compared.parquet"
    report(folder / "map.gpkg", *AREA, "--out", out)
    table, units = read_back(out), as_json(folder / "map.gpkg", *AREA)["units"]
    assert len(table) == SIDE**2
    for name in ("compared_area", "area_first_gi_class", "area_overlap_class"):
        assert table[name].tolist() == units[name]


@pytest.mark.parametrize("people", [(), ("people",)])
def test_areas_are_made_of_the_units_that_have_the_second_value(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, people: tuple[str, ...]
) -> None:
    table = simulated_map()
    row, column = np.divmod(np.arange(SIDE**2), SIDE)
    table["district"] = np.where((row > 5) & (column > 5), "large", table["district"])
    table["by_district"] = table.groupby("district")["broad"].transform("mean")
    table.loc[SIDE**2 - 1, "others"] = np.nan
    table.to_parquet(tmp_path / "map.parquet")
    given: dict[str, Any] = {}

    def noted(*words: Any, **options: Any) -> SurrogateMaps:
        given.update(options)
        return surrogate_maps(*words, **options)

    monkeypatch.setattr(running, "surrogate_maps", noted)
    found = run_map_comparison(
        tmp_path / "map.parquet",
        ComparedColumns(names=("by_district", "others"), people=people, area="district"),
        options=ComparisonOptions(surrogates=39),
        progress=lambda _: None,
    )
    weights = (table["people"] if people else pd.Series(1.0, table.index)) * table["others"].notna()
    shares = weights / weights.groupby(table["district"]).transform("sum")
    at = pd.Index(found.comparison.ids).get_indexer(table["district"])
    expected = np.zeros((28, SIDE**2))
    expected[at, table.index] = shares
    np.testing.assert_allclose(given["parts"].shares.toarray(), expected)
    assert not given["overlap"]
    known = table[table["others"].notna()].groupby("district")
    means = known["others"].sum() / known["people"].sum() if people else known["others"].mean()
    scores = means[found.comparison.ids].rank().corr(pd.Series(found.second.scores, means.index))
    assert scores > 0.9


def test_maps_that_step_at_the_same_borders_are_not_taken_for_associated(tmp_path: Path) -> None:
    # Compared by unit, the shared borders alone would make one map like the other.
    table, pairs = simulated_map(), range(20)
    rng = np.random.default_rng(11)
    area, names = pd.factorize(table["district"])
    more = {}
    for pair in pairs:
        more[f"first{pair}"] = rng.normal(size=len(names))[area]
        more[f"second{pair}"] = rng.normal(size=len(names))[area] + rng.normal(0, 0.2, len(area))
    table.assign(**more).to_parquet(tmp_path / "map.parquet")
    verdicts = [
        run_map_comparison(
            tmp_path / "map.parquet",
            ComparedColumns(names=(f"first{pair}", f"second{pair}"), area="district"),
            options=ComparisonOptions(surrogates=99),
            progress=lambda _: None,
        ).comparison.verdict
        for pair in pairs
    ]
    assert verdicts.count("association") <= 3
    assert verdicts.count("no association") >= 14


def test_tied_columns_are_not_taken_for_associated(tmp_path: Path) -> None:
    table, pairs = simulated_map(), range(20)
    rng = np.random.default_rng(7)
    more = {
        f"{which}{pair}": np.where(rng.random(SIDE**2) < 0.9, 0.0, rng.exponential(size=SIDE**2))
        for which in ("first", "second")
        for pair in pairs
    }
    table.assign(**more).to_parquet(tmp_path / "map.parquet")
    verdicts = [
        run_map_comparison(
            tmp_path / "map.parquet",
            ComparedColumns(names=(f"first{pair}", f"second{pair}")),
            options=ComparisonOptions(surrogates=99),
            progress=lambda _: None,
        ).comparison.verdict
        for pair in pairs
    ]
    assert verdicts.count("no association") >= 18


def test_areas_of_which_too_little_is_known_have_no_data(tmp_path: Path) -> None:
    table = simulated_map()
    table.loc[[0, 1], "district"] = [None, " "]
    in_area = {
        name: table.index[table["district"] == name] for name in ("D02", "D33", "D44", "D55")
    }
    table.loc[in_area["D02"][0], "by_district"] = np.nan  # known of the rest of the area
    table.loc[in_area["D33"][0], "two"] = np.nan
    table.loc[in_area["D44"], "two"] = np.nan
    table.loc[in_area["D55"], "by_district"] = np.nan
    table.to_parquet(tmp_path / "map.parquet")
    answer = as_json(tmp_path / "map.parquet", *AREA)
    areas, units = answer["areas"], answer["units"]
    nothing = {
        which: {
            area
            for area, name in zip(areas["ids"], areas[f"{which}_gi_class"], strict=True)
            if name == "no data"
        }
        for which in ("first", "second")
    }
    assert nothing == {"first": {"D55"}, "second": {"D33", "D44"}}
    assert (answer["n"], len(areas["ids"])) == (33, 36)
    assert units["compared_area"][:3] == [None, None, "D01"]
    for name in ("area_first_gi_class", "area_second_gi_class", "area_overlap_class"):
        assert units[name][:2] == ["no data"] * 2
    assert units["area_first_gi_z"][0] is None


def test_counts_cover_an_area_by_people(tmp_path: Path) -> None:
    table = simulated_map()
    places = {name: table.index[table["district"] == name] for name in ("D22", "D33", "D44", "D55")}
    for unit in places.values():
        table.loc[unit, "people"] = [100, 100, 100, 1_200]
    table["people"] = table["people"].astype(float)
    table.loc[places["D22"][0], "others"] = np.nan  # 100 of 1,500 people
    table.loc[places["D33"][3], "others"] = np.nan  # 1,200 of them
    table.loc[places["D44"], "people"] = [100, 0, 100, np.nan]  # taken for 67 more
    table.loc[places["D55"], "people"] = [0, 0, 0, 0]
    table.loc[:, "others"] = np.minimum(table["others"], table["people"].fillna(9_999))
    table.to_parquet(tmp_path / "map.parquet")
    words = [*AREA, "--column", "others", "--people", "people"]
    del words[2:4]
    areas = as_json(tmp_path / "map.parquet", *words)["areas"]
    classes = dict(zip(areas["ids"], areas["second_gi_class"], strict=True))
    rates = dict(zip(areas["ids"], areas["second_rate"], strict=True))
    assert [name for name, each in classes.items() if each == "no data"] == ["D33", "D44", "D55"]
    inside = places["D22"][1:]
    expected = table.loc[inside, "others"].sum() / 1_400
    assert rates["D22"] == pytest.approx(expected)


def test_an_area_apart_is_reported_or_joined(tmp_path: Path) -> None:
    table = simulated_map()
    table["district"] = table["district"].str[1:].astype(float)  # codes do as well as names
    apart = table["district"] == 55
    table.loc[apart, "geometry"] = table.geometry[apart].translate(5_000, 5_000)
    table.to_crs("EPSG:4269").to_parquet(tmp_path / "map.parquet")
    words = [tmp_path / "map.parquet", *AREA]
    assert "\nnot tested, without neighbours: 55\n" in report(*words)
    assert as_json(*words)["counts"]["no neighbours"] == 1
    answer = as_json(*words, "--attach-isolates")
    assert answer["counts"]["no neighbours"] == 0
    assert answer["n"] == 36


def test_areas_alike_are_no_variation(tmp_path: Path) -> None:
    simulated_map().to_parquet(tmp_path / "map.parquet")
    words = ["--column", "flat", "--column", "two", "--area", "district", *TWO[4:]]
    text = report(tmp_path / "map.parquet", *words)
    assert "\nflat: no variation, nothing to test\n" in text
    assert "Not tested: no variation in flat or two." in text


def test_people_are_of_the_second_column_where_the_first_is_known_by_area(folder: Path) -> None:
    words = [*AREA, "--column", "others", "--people", "people"]
    del words[2:4]
    text = report(folder / "map.gpkg", *words)
    assert text.startswith("compare by_district and others per people in map.gpkg\n")
    answer = as_json(folder / "map.gpkg", *words)
    assert answer["people"] == [None, "people"]
    assert "area_second_rate" in answer["units"]
    assert "area_first_rate" not in answer["units"]
    message = refusal(folder / "map.gpkg", *words, "--people", "men")
    assert "--people: found 2; expected one with --area, of the second column" in message


def test_areas_that_do_not_fit_the_column(tmp_path: Path) -> None:
    table = simulated_map()
    table["half"] = np.where(np.arange(SIDE**2) < 72, "low", "up")
    table["halved"] = (table["half"] == "up").astype(float)
    table["blank"] = ""
    table.to_parquet(tmp_path / "map.parquet")

    def said(column: str, area: str, *more: str) -> str:
        words = ("--column", column, "--column", "two", "--area", area, *more)
        return refusal(tmp_path / "map.parquet", *words)

    value = [f"{table['one'][at]:.6g}" for at in range(SIDE**2)]
    several = said("one", "district")
    start = "map.parquet, column 'one': found several values in one area: D00 ("
    assert f"{start}{value[0]} in row 1, {value[13]} in row 14); D01 (" in several
    assert "; and 33 more areas; expected one value in all rows of an area, which" in several
    assert "leave --area out where it is known by row" in several
    assert ")); " not in several
    assert f"D00 ({value[0]} in row 1 (code 00000), " in said("one", "district", "--id", "code")
    own = said("one", "code")
    assert "column 'code': found an area of its own for each row; expected larger areas" in own
    few = said("halved", "half")
    assert "columns 'halved' and 'two': found 2 areas with both values; expected 20 or more" in few
    assert "in four fifths of an area" in few
    assert "found 0 areas with both values" in said("halved", "blank")
    assert "found no column 'distric'" in said("by_district", "distric")
    assert "correct --area, perhaps to 'district'" in said("by_district", "distric")
    assert "--area: found 'two', which is compared" in said("by_district", "two")


def test_areas_that_are_not_joined_are_refused(tmp_path: Path) -> None:
    table = simulated_map()
    row, column = np.divmod(np.arange(SIDE**2), SIDE)
    table.geometry = [
        box(x, y, x + 1, y + 1)
        for x, y in zip(column + 5 * (column // 2), row + 5 * (row // 2), strict=True)
    ]
    table.to_parquet(tmp_path / "map.parquet")
    message = refusal(tmp_path / "map.parquet", *AREA)
    assert "found 0 areas with both values and a neighbour that has them; expected 20" in message


def test_without_surrogates_there_is_no_p_value(folder: Path) -> None:
    text = report(folder / "map.gpkg", *TWO[:4], "--surrogates", "0")
    assert ", no p-value: no surrogate maps were drawn\n" in text
    assert "\nNot tested: no surrogate maps were drawn.\n" in text
    assert "surrogate maps of two" not in text


def test_too_few_surrogates_are_refused(folder: Path) -> None:
    result = CliRunner().invoke(
        main, ["compare", str(folder / "map.gpkg"), *TWO[:4], "--surrogates", "9"]
    )
    assert result.exit_code == 2
    assert "--surrogates: found 9; expected 0 for none, or 39 at least" in result.stderr


def test_labels_masses_and_covariates(folder: Path) -> None:
    words = [
        *(folder / "map.gpkg", *TWO, "--label", "arrests", "--label", "crime"),
        *("--mass", "people", "--mass", "cases", "--covariate", "far", "--covariate", "men"),
    ]
    text = report(*words)
    assert "\ncalled arrests and crime\n" in text
    assert re.search(r"\narrests only +\d+\ncrime only +\d+\n", text)
    assert re.search(r"\nof +hot arrests, also hot crime +hot crime, also hot arrests", text)
    assert re.search(r"\nunits +0\.\d{3}.*\npeople +0\.\d{3}.*\ncases +0\.\d{3}", text)
    assert re.search(r"\nmeasure +as they are +p +trend removed +p +partial +p\n", text)
    assert (
        "\nWith far, men and a broad trend taken out of both maps (partial): Cohen's kappa" in text
    )
    assert not re.search(r"held (alike|constant)", text)
    answer = as_json(*words)
    assert list(answer["shares"]) == ["units", "people", "cases"]
    table = simulated_map()
    units = {name: np.array(each) for name, each in answer["units"].items()}
    hot = (units["first_gi_p_fdr"] <= 0.05) & (units["first_gi_z"] > 0)
    share = table["cases"][hot].sum() / table["cases"].sum()
    assert answer["shares"]["cases"]["first_hot"] == pytest.approx(share)
    assert answer["partial"]["measures"]["kappa"]["p"] > 0


def test_a_column_called_units_is_not_the_units(tmp_path: Path) -> None:
    simulated_map().assign(units=1.0).to_parquet(tmp_path / "map.parquet")
    answer = as_json(tmp_path / "map.parquet", *TWO, "--mass", "units")
    assert list(answer["shares"]) == ["units", "units (column)"]
    assert answer["shares"]["units"] == answer["shares"]["units (column)"]


def test_a_covariate_that_holds_the_map_leaves_nothing_to_tell(tmp_path: Path) -> None:
    table = simulated_map()
    table["near"] = table["two"] + np.random.default_rng(1).normal(0, 0.01, len(table))
    table.to_parquet(tmp_path / "map.parquet")
    words = [tmp_path / "map.parquet", *TWO, "--covariate"]
    left, held = as_json(*words, "men"), as_json(*words, "near")
    start = " With the covariates and a broad trend taken out of both"
    assert f"{start}: Hot spots of one and two coincide more" in left["sentence"]
    assert held["sentence"].endswith(
        f"{start}: not tested, no hot spots are left that could coincide."
    )


@pytest.mark.parametrize("suffix", ["geojson", "parquet"])
def test_every_format_gives_the_same_classes(folder: Path, suffix: str) -> None:
    words = [*TWO[:4], "--surrogates", "0", "--id", "code"]
    one, other = (as_json(folder / f"map.{each}", *words) for each in ("gpkg", suffix))
    assert one["units"]["overlap_class"] == other["units"]["overlap_class"]
    assert one["units"]["ids"][:2] == ["00000", "00001"]


def test_points_by_nearest_neighbours(tmp_path: Path) -> None:
    table = simulated_map()
    table.geometry = table.geometry.centroid
    table.to_file(tmp_path / "points.gpkg")
    words = [tmp_path / "points.gpkg", *TWO]
    answer = as_json(*words, "--graph", "knn:6")
    assert (answer["n"], answer["unit_of_length"]) == (144, "metres")
    assert answer["measures"]["kappa"]["estimate"] > 0.3
    message = refusal(*words)
    assert "found geometry of type Point; expected polygons, for --graph queen" in message
    assert "choose --graph knn:6" in message


def test_degrees_are_measured_in_metres(tmp_path: Path) -> None:
    simulated_map().to_crs("EPSG:4269").to_parquet(tmp_path / "map.parquet")
    words = [tmp_path / "map.parquet", *TWO, "--kernel-length"]
    answer = as_json(*words, "3000")
    assert (answer["kernel_length"], answer["unit_of_length"]) == (3_000, "metres")
    message = refusal(*words, "0.03")
    assert re.search(r"--kernel-length: found 0.03; expected 7\d\d to 17\d,\d{3} metres:", message)


def test_islands_and_missing_values_take_no_part(tmp_path: Path) -> None:
    table = simulated_map()
    table.loc[50, "one"] = np.nan
    table.loc[143, "geometry"] = box(50_000, 50_000, 51_000, 51_000)
    table.to_parquet(tmp_path / "map.parquet")
    words = [tmp_path / "map.parquet", *TWO, "--id", "code"]
    text = report(*words)
    assert "142 of 144 units tested on both maps" in text
    assert "not tested, without neighbours: 00143" in text
    assert re.search(r"\nno neighbours +1\nno data +1\n", text)
    answer = as_json(*words, "--attach-isolates")
    assert answer["n"] == 143
    assert answer["units"]["overlap_lee"][50] is None


@pytest.mark.parametrize("more", [(), ("--json",)])
def test_the_same_seed_gives_the_same_bytes(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, more: tuple[str, ...]
) -> None:
    words = [folder / "map.gpkg", *TWO, "--covariate", "far", *more]
    monkeypatch.setenv("ARREST_ATLAS_CACHE", str(tmp_path))
    once = report(*words)
    assert report(*words) == once
    monkeypatch.setenv("ARREST_ATLAS_CACHE", "/dev/null/nowhere")
    assert report(*words) == once
    assert report(*words, "--seed", "1") != once


def test_eigenbases_are_kept_where_they_can_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ARREST_ATLAS_CACHE", str(tmp_path / "new"))
    assert cache_folder() == tmp_path / "new" / "eigenbases"
    assert listing(tmp_path / "new" / "eigenbases") == []
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("ARREST_ATLAS_CACHE", str(tmp_path / "file"))
    assert cache_folder() is None


WRITTEN = [".gpkg", ".parquet", ".geojson", ".csv"]


def read_back(path: Path) -> pd.DataFrame:
    if path.suffix == ".csv":
        return pd.read_csv(path, dtype={"code": str})
    read = gpd.read_parquet if path.suffix == ".parquet" else gpd.read_file
    return pd.DataFrame(read(path))


@pytest.mark.parametrize("suffix", WRITTEN)
def test_the_layer_carries_the_result(folder: Path, tmp_path: Path, suffix: str) -> None:
    out = tmp_path / f"compared{suffix}"
    words = [folder / "map.gpkg", *TWO, "--id", "code"]
    assert f"Written to {out}." in report(*words, "--out", out)
    assert listing(tmp_path) == [out.name]
    table, units = read_back(out), as_json(*words)["units"]
    assert table["code"].tolist() == units["ids"]
    for name in ("first_gi_class", "second_gi_class", "overlap_class"):
        assert table[name].tolist() == units[name]
    for name in ("overlap_similarity", "overlap_fuzzy_kappa", "overlap_lee", "second_gi_z"):
        expected = np.array(units[name], dtype=float)
        np.testing.assert_allclose(table[name], expected, rtol=1e-6)
    before = out.read_bytes()
    report(*words, "--out", out)
    assert out.read_bytes() == before


def test_nothing_of_others_is_overwritten(folder: Path, tmp_path: Path) -> None:
    mine = tmp_path / "mine.csv"
    mine.write_text("a,b\n1,2\n")
    message = refusal(folder / "map.gpkg", *TWO, "--out", mine)
    assert message.startswith("Nothing was written:")
    assert "this command did not write" in message
    assert mine.read_text() == "a,b\n1,2\n"
    assert "found the map itself" in refusal(
        folder / "map.gpkg", *TWO, "--out", folder / "map.gpkg"
    )
    assert ".gpkg, .parquet" in refusal(folder / "map.gpkg", *TWO, "--out", tmp_path / "out.shp")
    assert listing(tmp_path) == ["mine.csv"]


def test_everything_wrong_is_said_at_once(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "weights.csv").write_text("class,hot\nhot,2\n")
    message = refusal(
        *(folder / "map.gpkg", "--column", "ones", "--column", "code", "--people", "men"),
        *("--label", "a", "--mass", "lost", "--graph", "knm:6", "--kernel-length", "1"),
        *("--category-weights", tmp_path / "weights.csv", "--out", tmp_path / "out.csv"),
    )
    assert message.startswith("Nothing was written:")
    said = message.splitlines()[1:]
    for start in (
        "--label: found 1; expected 2, one a map, or none",
        "--graph: found 'knm:6', which is neither",
        "weights.csv, header: found no 'hot 99%', ",
        "weights.csv, first column: found no 'hot 99%', ",
        "map.gpkg: found no column 'ones'; expected one of ",
        "map.gpkg, column 'code': found ",
        "map.gpkg: found no column 'lost'; expected one of ",
        "--kernel-length: found 1; expected ",
    ):
        assert any(line.startswith(start) for line in said), (start, message)
    assert len(said) == 8
    assert "correct --column, perhaps to 'one'" in message
    assert listing(tmp_path) == ["weights.csv"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("--column one", "--column: found 1; expected 2 for a comparison, one a map"),
        ("--column one --column two --column far", "--column: found 3; expected 2"),
        ("--column one --column one", "--column: found the same twice (one, one)"),
        (
            "--column cases --column others --people men --people people --people men",
            "--people: found 3; expected one for both maps, or one each",
        ),
        ("--column one --column two --people people", "found negative values in rows "),
        ("--column one --column two --label a --label a", "--label: found the same twice (a, a)"),
        ("--column one --column two --label a --label ''", "--label: found an empty name"),
        ("--column one --column two --mass one", "column 'one': found negative values in rows"),
        ("--column one --column two --covariate one", "--covariate: found 'one', which is comp"),
        ("--column one --column two --covariate flat", "column 'flat': found one value in all"),
        ("--column one --column two --covariate code", "column 'code': found "),
        ("--column one --column two --layer other", "found no layer 'other' with places"),
        ("--column one --column two --category-weights no.csv", "no.csv: found no such file"),
        ("--column one --column two --kernel-length 1e9", "--kernel-length: found 1e+09; expected"),
        ("--column one --column two --kernel-length nan", "--kernel-length: found nan; expected"),
        ("--column one --column two --kernel-length far", "--kernel-length"),
        ("--column one --column two --surrogates 10000", "--surrogates"),
        ("--column one --column two --surrogates -1", "--surrogates"),
        ("--column one --column two --alpha 0", "--alpha"),
        ("--column one --column two --alpha nan", "--alpha: found nan; expected a number between"),
        ("--column one --column two --seed -1", "--seed"),
    ],
)
def test_bad_options(folder: Path, words: str, said: str) -> None:
    assert said in refusal(folder / "map.gpkg", *shlex.split(words))


def test_a_layer_must_be_named_where_there_are_several(folder: Path) -> None:
    assert "found 2 layers; expected the name of one" in refusal(folder / "two.gpkg", *TWO)
    assert " in two.gpkg, layer second\n" in report(folder / "two.gpkg", *TWO, "--layer", "second")


def test_maps_of_few_units_are_refused(tmp_path: Path) -> None:
    table = simulated_map()
    table.iloc[:19].to_parquet(tmp_path / "map.parquet")
    message = refusal(tmp_path / "map.parquet", *TWO)
    assert "columns 'one' and 'two': found 19 rows with both values; expected 20 or" in message
    table.loc[20:, "far"] = np.nan
    table.to_parquet(tmp_path / "map.parquet")
    message = refusal(tmp_path / "map.parquet", *TWO, "--covariate", "far")
    assert "found 20 rows with all covariates and both values; expected 22 or more" in message


def test_maps_without_neighbours_are_refused(tmp_path: Path) -> None:
    table = simulated_map()
    table.geometry = table.geometry.scale(0.5, 0.5)
    table.to_parquet(tmp_path / "map.parquet")
    message = refusal(tmp_path / "map.parquet", *TWO)
    assert "found 0 units with both values and a neighbour that has them; expected 20" in message
    assert "choose another --graph, such as knn:6" in message


def test_places_must_be_known(tmp_path: Path) -> None:
    table = simulated_map()
    path = tmp_path / "map.parquet"
    table.set_crs(None, allow_override=True).to_parquet(path)
    message = refusal(path, *TWO)
    assert "found no coordinate reference system; expected one, since a comparison" in message
    table.geometry = [LineString([(0, 0), (1, number)]) for number in range(len(table))]
    table.to_parquet(path)
    assert "found geometry of type LineString" in refusal(path, *TWO, "--graph", "knn:3")
    table.geometry = [box(0, 0, 1, 1).centroid] * len(table)
    table.to_parquet(path)
    assert "found all units at one place" in refusal(path, *TWO, "--graph", "knn:3")


def told(plain: Measure, twin: Measure, support: Support = "unit") -> tuple[Verdict, str]:
    """Say what a comparison with these headlines comes to."""
    ring = k_nearest([(np.cos(angle), np.sin(angle)) for angle in np.linspace(0, 6, 24)], 2)
    spots = hot_spots(np.arange(24.0), ring)
    one = compare_hotspots(spots, spots, ring, labels=("one", "two"), support=support)
    without = replace(one, measures={**one.measures, twin.name: twin})
    both = replace(one, measures={**one.measures, plain.name: plain}, trend_removed=without)
    return both.verdict, verdict_sentence(both)


def headline(p: float, estimate: float = 0.5, name: str = "kappa") -> Measure:
    tested = SurrogateP(p=p, moran=p, kernel=p, alternative="greater", surrogates=99, expected=0.0)
    return Measure(name=name, label=name, estimate=estimate, low=np.nan, high=np.nan, p=tested)


def test_a_broad_gradient_is_not_said_to_be_all() -> None:
    verdict, said = told(headline(0.01), headline(0.4))
    assert verdict == "broad gradient only"
    assert said.startswith("Hot spots of one and two coincide more than on unrelated maps that")
    assert "; but no more than a broad gradient is shown to be shared: once it is removed" in said


def test_nothing_left_beneath_the_gradient_is_not_tested() -> None:
    few = NoPValue(reason="fewer than 20 units are tested in both maps")
    for twin, reason in (
        (headline(1.0, np.nan), "no hot spots are left that could coincide"),
        (replace(headline(1.0), p=few), few.reason),
    ):
        verdict, said = told(headline(0.01), twin)
        assert verdict == "not tested beneath the gradient"
        assert "; whether more than a broad gradient is shared could not be tested" in said
        assert f"({reason} once it is removed from both)." in said
        assert told(headline(0.4), twin)[0] == "no association"


def test_an_answer_beneath_the_gradient_says_that_two_were_looked_at() -> None:
    verdict, said = told(headline(0.4), headline(0.01))
    assert verdict == "beneath the gradient only"
    assert said.startswith("As they are, one and two are not told apart from unrelated maps")
    assert "Only once a broad trend is removed from both: Hot spots of one and two" in said
    assert said.endswith("one p-value is small by chance more often than in 5 of 100.")


def test_answers_about_areas_name_them() -> None:
    high, low = headline(0.01, name="pearson"), headline(0.01, -0.5, name="pearson")
    verdict, said = told(high, high, "area")
    assert verdict == "association"
    assert said.startswith("Among the areas, one and two are high together and low together more")
    verdict, said = told(low, high, "area")
    assert verdict == "contradictory"
    assert said.startswith("Among the areas, where one is high two is low, and the reverse, more")
    assert said.endswith("the reverse: the answers contradict each other.")


def weights_file(tmp_path: Path, text: str | None = None) -> Path:
    path = tmp_path / "weights.csv"
    if text is None:
        CATEGORY_WEIGHTS.to_csv(path)
    else:
        path.write_text(text, encoding="utf-8")
    return path


def test_own_category_weights(folder: Path, tmp_path: Path) -> None:
    words = [folder / "map.gpkg", *TWO]
    given = weights_file(tmp_path)
    assert as_json(*words, "--category-weights", given) == as_json(*words)
    strict = pd.DataFrame(np.eye(7), index=SIGNIFICANCE_CLASSES, columns=SIGNIFICANCE_CLASSES)
    strict.iloc[::-1, ::-1].to_csv(given)
    fuzzy = [
        as_json(*words, *more)["measures"]["similarity"]["estimate"]
        for more in ((), ("--category-weights", given))
    ]
    assert fuzzy[1] < fuzzy[0]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("hot 99%,1.0,", "hot 99%,x,"), "row 2, column 'hot 99%': found 'x'; expected a number"),
        (("hot 99%,1.0,", "hot 99%,1.5,"), "row 2, column 'hot 99%': found '1.5'; expected"),
        (("hot 99%,1.0,", "hot 99%,0.5,"), "class 'hot 99%': found a similarity of 0.5 to itself"),
        (("hot 99%,1.0,", "hot 99%,"), "row 2: found 6 numbers; expected 7"),
        (("\nhot 99%", "\nhot 98%"), "first column: found no 'hot 99%'; unknown 'hot 98%'"),
        (("\nhot 99%", "\nhot 95%"), "first column: found no 'hot 99%'; twice 'hot 95%'"),
        ((",hot 99%", ",hot"), "header: found no 'hot 99%'; unknown 'hot'"),
    ],
)
def test_wrong_category_weights(tmp_path: Path, change: tuple[str, str], said: str) -> None:
    text = weights_file(tmp_path).read_text()
    assert change[0] in text
    path = weights_file(tmp_path, text.replace(*change, 1))
    with pytest.raises(InputError, match=re.escape(f"weights.csv, {said}")):
        read_category_weights(path)


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00", b'a,"b\n', b"\n\n", b"x" * 200_000])
def test_files_that_are_no_category_weights(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "weights.csv").write_bytes(content)
    with pytest.raises(InputError, match=r"weights\.csv(, header)?: found .*; expected "):
        read_category_weights(tmp_path / "weights.csv")


def test_help_names_every_option() -> None:
    text = call("--help").stdout
    assert not BANNED.search(text)
    for name in (
        *("column", "people", "layer", "id", "graph", "attach-isolates", "alpha", "surrogates"),
        *("kernel-length", "area", "label", "category-weights", "mass", "covariate", "seed"),
        *("scheduler", "json", "out"),
    ):
        assert f"--{name} " in text


def test_the_page_shows_commands_that_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    columns = {"one": "rate", "two": "other", "by_district": "district_rate"}
    simulated_map().rename(columns=columns).to_file(tmp_path / "map.gpkg")
    monkeypatch.chdir(tmp_path)
    page = PAGE.read_text()
    named: dict[str, object] = {}  # a block goes on where the one before ended
    for code in re.findall(r"```python\n(.*?)```", page, flags=re.DOTALL):
        exec(compile(code, str(PAGE), "exec"), named)  # noqa: S102
    lines = page.replace("\\\n", " ")
    commands = re.findall(r"^arrest-atlas compare (.*)$", lines, flags=re.MULTILINE)
    assert len(commands) == 4
    for line in commands:
        text = report(*shlex.split(line, comments=True))
    shown = re.findall(r"```text\n(.*?)```", page, flags=re.DOTALL)[-1]
    for part in " ".join(shown.split()).split("..."):  # what is shown is what is printed
        assert part.strip() in " ".join(text.split())


def test_the_page_lists_every_verdict() -> None:
    page = PAGE.read_text()
    for verdict in get_args(Verdict):
        assert f"| `{verdict}` |" in page
