"""One change of method at a time: every row, the same numbers as a whole run, the figure."""

from __future__ import annotations

import io
import json
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from distributed import Client
from matplotlib import rc_context

import arrest_atlas
from arrest_atlas.cli import main
from arrest_atlas.period import Period
from arrest_atlas.reading import CrimeFile, CrimeMeasure, read_crime_measures
from arrest_atlas.sensitivity import Sensitivity, sensitivity
from arrest_atlas.variations import NotPossible, Variation, not_possible, plan, variations
from boundaries import load_counties, load_field_offices
from geo import InputError
from outputs import files_below, sensitivity_figure
from spatial_models import NoPValue

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from arrest_atlas import Inputs

OPTIONS = arrest_atlas.Options(draws=3, surrogates=99, seed=3)

STATES = ["AL", "AR", "GA", "KY", "LA", "MS", "NC", "SC", "TN", "VA", "AK", "HI"]

EVERY = {
    "baseline": ["baseline"],
    "neighbours": ["the 6 nearest counties", "counties up to 100 km apart"],
    "level of hot spots": ["false discovery rate 1 %", "false discovery rate 10 %"],
    "denominator": ["arrests per non-citizen"],
    "arrests": [
        "custodial arrests",
        "community arrests",
        "custodial arrests, those of 287(g) among them",
    ],
    "imputation weights": ["imputed by non-citizens"],
    "arrests without a county": ["left out (located arrests only)", "shared out in proportion"],
    "located share": [
        "counties tested from 40 % located",
        "counties tested from 60 % located",
    ],
    "extent": ["with Alaska and Hawaii"],
    "crime": ["crime: (simulated), 2021"],
    "surrogate maps": ["kernel of 200 km", "kernel of 1,000 km"],
    "broad trend": ["quadratic trend removed from both maps"],
}


@pytest.fixture(scope="module", autouse=True)
def eigenbases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep eigenbases for this module's runs, and no longer."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ARREST_ATLAS_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="module")
def everywhere() -> Inputs:
    """Make up records and crime."""
    return arrest_atlas.simulate(seed=3, arrests=60_000).inputs


@pytest.fixture(scope="module")
def bare(everywhere: Inputs) -> Inputs:
    """Leave crime of some states, so that eigenbases are found at once."""
    rate = everywhere.crime.rate
    some = load_counties().loc[rate.index, "state"].isin(STATES)
    return replace(everywhere, crime=replace(everywhere.crime, rate=rate.where(some)))


@pytest.fixture(scope="module")
def inputs(bare: Inputs) -> Inputs:
    """Add non-citizens, so that everything can be varied."""
    share = np.random.default_rng(1).beta(2, 30, len(bare.residents))
    return replace(bare, noncitizens=(bare.residents * share).round())


@pytest.fixture(scope="module")
def also_crime(bare: Inputs) -> tuple[CrimeMeasure, ...]:
    noise = np.exp(np.random.default_rng(2).normal(0, 0.5, len(bare.crime.rate)))
    crime = replace(bare.crime, rate=bare.crime.rate * noise)
    period = Period.parse("2021", option="test")
    return (CrimeMeasure(name="(simulated), 2021", crime=crime, period=period),)


@pytest.fixture(scope="module")
def found(inputs: Inputs, also_crime: tuple[CrimeMeasure, ...]) -> Sensitivity:
    """Change one thing at a time, and one after the other."""
    with ThreadPoolExecutor(1) as one_by_one:
        return sensitivity(inputs, OPTIONS, also_crime=also_crime, executor=one_by_one)


@pytest.fixture(scope="module")
def of_counts(everywhere: Inputs) -> Inputs:
    """Make up totals by office, which say nothing of counties."""
    offices = load_field_offices().index
    arrests = np.random.default_rng(4).integers(2_000, 30_000, len(offices))
    by_office = pd.Series(arrests, index=offices)
    return replace(everywhere, records=None, arrests_by_aor=by_office, sources={}, unlocated=0)


def names(table: pd.DataFrame) -> dict[str, list[str]]:
    return {
        str(group): rows["variation"].tolist() for group, rows in table.groupby("group", sort=False)
    }


def test_every_variation_has_a_row_and_a_number(found: Sensitivity) -> None:
    table = found.to_frame()
    assert names(table) == EVERY
    numbers = table[["units", "estimate", "p", "p_moran", "p_kernel"]]
    assert not numbers.isna().any(axis=None)
    assert (table["reason"] == "").all()
    assert (table["p"] == table[["p_moran", "p_kernel"]].max(axis="columns")).all()
    assert table["statistic"].nunique() == table["support"].nunique() == 1
    single = table["group"] == "arrests without a county"
    assert table.loc[single, ["low", "high"]].isna().all(axis=None)
    assert (table.loc[~single, "low"] <= table.loc[~single, "estimate"]).all()
    assert set(table["data"]) == {"SIMULATED"}


def test_what_is_not_touched_does_not_change(found: Sensitivity) -> None:
    table = found.to_frame().set_index("variation")
    same = ["units", "estimate", "low", "high", "p_moran"]
    kernels = table[same].loc[EVERY["surrogate maps"]].drop_duplicates()
    assert kernels.to_numpy().tolist() == table[same].head(1).to_numpy().tolist()
    # As many counties may be tested from one share located on as from another.
    may_be_same = ["baseline", *EVERY["surrogate maps"], *EVERY["located share"]]
    others = table.drop(index=may_be_same)["estimate"]
    assert not others.eq(table["estimate"]["baseline"]).any()


@pytest.mark.parametrize(
    "name",
    [
        "baseline",
        "counties up to 100 km apart",
        "false discovery rate 1 %",
        "custodial arrests, those of 287(g) among them",
        "imputed by non-citizens",
        "left out (located arrests only)",
        "crime: (simulated), 2021",
        "kernel of 200 km",
    ],
)
def test_a_row_is_what_a_whole_run_gives(
    name: str, found: Sensitivity, inputs: Inputs, also_crime: tuple[CrimeMeasure, ...]
) -> None:
    (variation,) = (
        each for each in variations(inputs, OPTIONS, also_crime=also_crime) if each.name == name
    )
    (row,) = (row for row in found.rows if row.variation == name)
    answer = arrest_atlas.analyse(variation.inputs, variation.options).kinds[variation.kind]
    comparison = answer.county.comparison
    assert comparison is not None
    whole = comparison.measures["kappa"]
    assert not isinstance(whole.p, NoPValue)
    assert (row.units, row.estimate, row.statistic) == (comparison.n, whole.estimate, whole.label)
    np.testing.assert_array_equal([row.low, row.high], [whole.low, whole.high])
    assert (row.p, row.p_moran, row.p_kernel) == (whole.p.p, whole.p.moran, whole.p.kernel)
    assert row.verdict == comparison.verdict
    if name == "baseline":
        twin = comparison.trend_removed
        assert twin is not None
        assert found.rows[-1].estimate == twin.measures["kappa"].estimate
        assert found.rows[-1].trend_removed


def test_threads_and_a_dask_cluster_change_no_byte(
    found: Sensitivity, inputs: Inputs, also_crime: tuple[CrimeMeasure, ...]
) -> None:
    with ThreadPoolExecutor(2) as threads:
        threaded = sensitivity(inputs, OPTIONS, also_crime=also_crime, executor=threads)
    with Client(  # type: ignore[no-untyped-call]
        n_workers=2, threads_per_worker=1, dashboard_address=":0"
    ) as client:
        clustered = sensitivity(
            inputs, OPTIONS, also_crime=also_crime, executor=client.get_executor()
        )
    for other in (threaded, clustered):
        assert other.to_csv() == found.to_csv()
        assert other.to_svg() == found.to_svg()


def test_what_the_inputs_do_not_allow_is_named_with_a_reason(
    bare: Inputs, of_counts: Inputs
) -> None:
    assert {each.name: each.reason for each in not_possible(bare, OPTIONS)} == {
        "arrests per non-citizen": "no table of non-citizens was given (--noncitizens)",
        "imputed by non-citizens": "no table of non-citizens was given (--noncitizens)",
        "another measure or period": "no other crime table was given (--also-crime)",
    }
    counts = {each.name: each.reason for each in not_possible(of_counts, OPTIONS)}
    for name in EVERY["arrests"]:
        assert counts[name] == "tables of counts do not tell custodial from community arrests"
    assert counts["left out (located arrests only)"] == "no arrest is located by county"
    located = pd.Series(5, index=bare.residents.index)
    whole = replace(of_counts, arrests_by_aor=None, arrests_by_county=located)
    reasons = {each.group: each.reason for each in not_possible(whole, OPTIONS)}
    for group in ("imputation weights", "arrests without a county"):
        assert reasons[group] == "every arrest has its county"


def test_possible_and_not_possible_make_up_the_plan(bare: Inputs, of_counts: Inputs) -> None:
    for given in (bare, of_counts):
        choices = plan(given, OPTIONS)
        possible, impossible = variations(given, OPTIONS), not_possible(given, OPTIONS)
        assert len(choices) == len(possible) + len(impossible)
        assert len(choices) == sum(len(listed) for listed in EVERY.values())
        assert {type(each) for each in choices} == {Variation, NotPossible}
        assert all(each.reason for each in impossible)


def test_the_baseline_is_never_varied_to_itself(inputs: Inputs) -> None:
    changed = replace(
        OPTIONS,
        graph="nearest",
        alpha=0.1,
        denominator="noncitizens",
        weights="noncitizens",
        treatment="located",
        extent="states",
        kernel_length=200.0,
    )
    listed = {each.name for each in variations(inputs, changed)}
    assert {
        "counties that touch",
        "false discovery rate 5 %",
        "arrests per resident",
        "imputed by residents",
        "drawn into counties, many times",
        "the 48 states and DC",
        "kernel of 500 km",
    } <= listed
    assert not listed & {
        "the 6 nearest counties",
        "false discovery rate 10 %",
        "arrests per non-citizen",
        "left out (located arrests only)",
        "kernel of 200 km",
    }


def test_records_without_the_programme_287g_say_so(inputs: Inputs) -> None:
    records = inputs.records
    assert records is not None
    table = records.arrests.table.copy()
    table["method"] = "Located"
    classes = replace(
        records.classes, custody=records.classes.custody.where(table.index < 0, "community")
    )
    changed = replace(records, arrests=replace(records.arrests, table=table), classes=classes)
    reasons = {
        each.name: each.reason for each in not_possible(replace(inputs, records=changed), OPTIONS)
    }
    assert reasons["custodial arrests"] == "the records have no custodial arrests"
    assert "287(g)" in reasons["custodial arrests, those of 287(g) among them"]


def test_crime_that_may_not_have_come_before_is_noted(
    inputs: Inputs, also_crime: tuple[CrimeMeasure, ...]
) -> None:
    late = replace(also_crime[0], period=Period.parse("2025", option="test"))
    unknown = replace(also_crime[0], period=None)
    notes = [
        each.note
        for each in variations(inputs, OPTIONS, also_crime=(also_crime[0], late, unknown))
        if each.group == "crime"
    ]
    assert notes[0] == ""
    assert "does not end before the arrests" in notes[1]
    assert "no period is stated" in notes[2]


def test_arrests_known_by_area_keep_their_statistic(of_counts: Inputs) -> None:
    found = sensitivity(of_counts, replace(OPTIONS, surrogates=39))
    table = found.to_frame().set_index("variation")
    assert set(table["statistic"]) == {"Pearson's r"}
    assert set(table["support"]) == {"aor"}
    whole = arrest_atlas.analyse(of_counts, replace(OPTIONS, surrogates=39)).kinds["all"]
    assert whole.headline == "area"
    measure = whole.comparison.measures["pearson"]
    assert not isinstance(measure.p, NoPValue)
    row = table.loc["baseline"]
    assert (row["estimate"], row["p"], row["p_kernel"]) == (
        measure.estimate,
        measure.p.p,
        measure.p.kernel,
    )
    # r has no level of hot spots.
    assert table.loc["false discovery rate 1 %", "estimate"] == row["estimate"]
    assert table.loc["false discovery rate 1 %", "note"] == "makes no difference here"
    assert table.loc["the 6 nearest counties", "note"] == ""
    assert table.loc["custodial arrests", "reason"] != ""
    assert table["estimate"].isna()["custodial arrests"]


def test_crime_without_two_neighbours_is_a_row_with_a_reason(
    inputs: Inputs, also_crime: tuple[CrimeMeasure, ...]
) -> None:
    rate = also_crime[0].crime.rate
    few = replace(also_crime[0].crime, rate=rate.where(rate.index == "01001"))
    poor = replace(also_crime[0], crime=few)
    options = replace(OPTIONS, surrogates=0)
    table = sensitivity(inputs, options, also_crime=[poor]).to_frame().set_index("variation")
    row = table.loc["crime: (simulated), 2021"]
    assert "no two neighbouring counties" in row["reason"]
    assert np.isnan(row["estimate"])
    # Without surrogate maps there is no p-value anywhere, and the reason stands there.
    assert table["p"].isna().all()
    assert table.loc["baseline", "reason"] == "no surrogate maps were drawn"
    assert table.loc["baseline", "verdict"] == "not tested"


def test_table_reads_back(found: Sensitivity) -> None:
    back = pd.read_csv(io.StringIO(found.to_csv()), keep_default_na=False)
    assert back["variation"].tolist() == [row.variation for row in found.rows]
    assert back.columns[0] == "data"
    assert pd.to_numeric(back["estimate"]).to_numpy() == pytest.approx(
        [row.estimate for row in found.rows], rel=1e-8
    )


MADE_UP = pd.DataFrame(
    {
        "variation": ["baseline", "<6 & nearest>", "a $very$ long name " * 9, "trend removed"],
        "group": ["baseline", "graph", "crime", "trend"],
        "units": [1_400, 1_390, np.nan, 1_400],
        "estimate": [0.21, -0.05, np.nan, 0.1],
        "low": [0.15, np.nan, np.nan, 0.02],
        "high": [0.27, np.nan, np.nan, 0.2],
        "p": [0.0004, 0.2, np.nan, np.nan],
        "reason": ["", "", "no table was given", "no surrogate maps were drawn"],
        "verdict": ["association", "no association", "", "not tested"],
        "trend_removed": [False, False, False, True],
        "note": ["", "", "", "beneath the trend"],
    }
)


def draw(table: pd.DataFrame, **options: Any) -> str:
    return sensitivity_figure(table, title="One change", axis="Cohen's kappa", **options)


def texts(svg: str) -> list[str]:
    tree = ET.fromstring(svg)  # noqa: S314  (our own)
    return [
        "".join(each.itertext()).strip() for each in tree.iter("{http://www.w3.org/2000/svg}text")
    ]


def test_figure_is_well_formed_and_tells_screen_readers_everything() -> None:
    tree = ET.fromstring(draw(MADE_UP))  # noqa: S314
    space = "{http://www.w3.org/2000/svg}"
    title, description = (tree.find(f"{space}{name}") for name in ("title", "desc"))
    assert title is not None
    assert description is not None
    assert tree.get("role") == "img"
    assert tree.get("aria-labelledby") == f"{title.get('id')} {description.get('id')}"
    assert title.text == "One change"
    told = description.text
    assert told is not None
    for part in (
        "baseline: 0.21 (0.15 to 0.27), p < 0.001, 1,400 units: association.",
        "<6 & nearest>: \u22120.05, p = 0.200, 1,390 units: no association.",
        "none (no table was given).",
        "trend removed: 0.10 (0.02 to 0.20), no p, 1,400 units: not tested (beneath the trend;",
        "no surrogate maps were drawn).",
    ):
        assert part in told


def test_figure_shows_text_as_text() -> None:
    shown = texts(draw(MADE_UP, notes=["Small print."]))
    for part in (
        "baseline",
        "<6 & nearest>",
        "0.21 (0.15 to 0.27)",
        "< 0.001",
        "no table was given",
        "trend removed [1]",
        "[1] beneath the trend; no surrogate maps were drawn.",
        "Small print.",
    ):
        assert part in shown
    assert shown.count("no p") == 2  # in the key, and in the row that has none
    assert any(part.startswith("a $very$ long") and part.endswith("...") for part in shown)
    long = draw(MADE_UP.assign(variation="one_word_without_a_single_space" * 3))
    assert sum(part.startswith("one_word_without") for part in texts(long)) == 4


def test_figure_has_the_same_bytes_and_no_date_or_path() -> None:
    once, again = draw(MADE_UP, simulated=True), draw(MADE_UP.copy(), simulated=True)
    assert once == again
    assert not re.search(r"20\d\d-\d\d-\d\d|/home|/tmp|/root", once)
    assert "matplotlib.org" not in once


def test_figure_ignores_the_settings_of_its_user() -> None:
    plain = draw(MADE_UP)
    with rc_context({"font.size": 20, "axes.facecolor": "red", "svg.fonttype": "path"}):
        assert draw(MADE_UP) == plain


def test_figure_says_simulated_only_where_it_is() -> None:
    assert "SIMULATED" not in draw(MADE_UP)
    simulated = draw(MADE_UP, simulated=True)
    assert "SIMULATED" in texts(simulated)
    assert "One change (SIMULATED data)" in simulated
    assert "The data are SIMULATED." in simulated


def test_figure_tells_marks_apart_without_colour() -> None:
    """A filled mark, an empty one, a square and a cross are different paths or fills."""
    svg = draw(MADE_UP.assign(p=[0.01, 0.2, np.nan, 0.2]))
    key = [part for part in svg.split("<g id=") if "legend" in part]
    assert key
    filled = svg.count("fill: #0072b2")
    empty = svg.count("fill: #ffffff; stroke: #0072b2")
    assert filled
    assert empty
    more = draw(MADE_UP.assign(p=[0.01, 0.01, np.nan, 0.01]))
    assert more.count("fill: #ffffff; stroke: #0072b2") < empty


def test_figure_without_any_estimate_or_row() -> None:
    nothing = MADE_UP.assign(estimate=np.nan, low=np.nan, high=np.nan, reason="nothing")
    assert texts(draw(nothing)).count("nothing") == 4
    with pytest.raises(ValueError, match="found no row; expected variation, group"):
        draw(MADE_UP.head(0))
    with pytest.raises(ValueError, match="found no verdict; expected"):
        draw(MADE_UP.drop(columns="verdict"))


def test_also_crime_is_read_from_one_word() -> None:
    given = CrimeFile.parse(
        "a, b.csv,column=rate, all,filter=year=2021,period=2021,filter=year=2022,"
        "covered_share=share"
    )
    assert given == CrimeFile(
        file="a, b.csv",
        column="rate, all",
        period="2021",
        covered_share="share",
        where={"year": ["2021", "2022"]},
    )
    assert CrimeFile.parse("crime.csv") == CrimeFile(file="crime.csv")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("crime.csv,colum=rate", "the key 'colum'"),
        ("crime.csv,column=", "column without a value"),
        ("crime.csv,period=2021,period=2022", "period twice"),
        ("crime.csv,filter=year", "a filter that is not COLUMN=VALUE"),
        (",column=rate", "no file"),
    ],
)
def test_also_crime_that_cannot_be_understood_is_refused(text: str, found: str) -> None:
    with pytest.raises(InputError, match=re.escape(found)):
        CrimeFile.parse(text)


def test_further_crime_is_read_with_the_same_care(tmp_path: Path) -> None:
    (tmp_path / "two.csv").write_text(
        "fips,robbery,year,share\n1001,30,2021,1\n1003,40,2021,0.5\n1001,31,2022,1\n"
    )
    given = CrimeFile(
        file=tmp_path / "two.csv",
        column="robbery",
        period="2021",
        covered_share="share",
        where={"year": ["2021"]},
    )
    (measure,) = read_crime_measures([given])
    assert measure.name == "robbery, 2021, year=2021, two.csv"
    assert measure.crime.rate.dropna().to_dict() == {"01001": 30.0}
    with pytest.raises(InputError) as refused:
        read_crime_measures(
            [
                CrimeFile(file=tmp_path / "none.csv"),
                replace(given, where={}),
                replace(given, period="soon"),
            ]
        )
    message = str(refused.value)
    for part in ("none.csv", "filter it to one", "--also-crime: found 'soon'"):
        assert part in message
    with pytest.raises(InputError, match="given more than once"):
        read_crime_measures([given, given])


def test_residents_of_a_further_period_are_of_that_period(
    of_counts: Inputs, also_crime: tuple[CrimeMeasure, ...]
) -> None:
    given = replace(of_counts, simulated=False)
    earlier = replace(also_crime[0], period=Period.parse("2010", option="test"))
    put = earlier.put_into(given)
    assert put.crime_period == earlier.period
    assert put.crime_residents.sum() < given.residents.sum()
    own = replace(given, sources={"residents": given.crime.source})
    assert earlier.put_into(own).crime_residents is own.residents


@pytest.fixture(scope="module")
def files(of_counts: Inputs, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("files")
    assert of_counts.arrests_by_aor is not None
    of_counts.arrests_by_aor.rename("arrests").rename_axis("aor").to_csv(folder / "offices.csv")
    rates = pd.DataFrame({"crime_rate": of_counts.crime.rate, "robbery": of_counts.crime.rate / 3})
    rates.rename_axis("fips").to_csv(folder / "crime.csv")
    return folder


def run(files: Path, out: Path, *words: str) -> Any:
    arguments = [
        "run",
        f"--arrests-by-aor={files / 'offices.csv'}",
        f"--crime={files / 'crime.csv'}",
        f"--out={out}",
        "--draws=2",
        "--surrogates=39",
        *words,
    ]
    return CliRunner().invoke(main, arguments)


def test_command_writes_table_and_figure_with_the_rest(files: Path, tmp_path: Path) -> None:
    further = f"--also-crime={files / 'crime.csv'},column=robbery,period=2021"
    result = run(files, tmp_path / "out", "--sensitivity", further)
    assert result.exit_code == 0, result.output
    summary = json.loads((tmp_path / "out" / "summary.json").read_text())
    assert files_below(tmp_path / "out") == summary["files"]
    assert {"tables/sensitivity.csv", "figures/sensitivity.svg"} < set(summary["files"])
    table = pd.read_csv(tmp_path / "out" / "tables" / "sensitivity.csv")
    assert "crime: robbery, 2021, crime.csv" in table["variation"].tolist()
    assert table["variation"].tolist() == [row["variation"] for row in summary["sensitivity"]]
    assert summary["sources"]["violent crime: robbery, 2021, crime.csv"]["column"] == "robbery"
    figure = (tmp_path / "out" / "figures" / "sensitivity.svg").read_text()
    assert "SIMULATED" not in figure
    assert "baseline" in texts(figure)
    # Without the flag, the folder is replaced and the two are gone.
    again = run(files, tmp_path / "out")
    assert again.exit_code == 0, again.output
    assert not (tmp_path / "out" / "tables" / "sensitivity.csv").exists()
    assert "sensitivity" not in json.loads((tmp_path / "out" / "summary.json").read_text())


def test_command_refuses_further_crime_alone_or_unreadable(files: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    alone = run(files, out, f"--also-crime={files / 'crime.csv'}")
    assert alone.exit_code == 2
    assert "add --sensitivity, or leave --also-crime out" in " ".join(alone.stderr.split())
    further = f"--also-crime={files / 'crime.csv'},colum=x"
    absent = f"--residents={files / 'no.csv'}"
    wrong = run(files, out, "--sensitivity", further, "--alpha=2", absent)
    assert wrong.exit_code == 2
    for part in ("the key 'colum'", "--alpha", "no.csv"):  # all at once
        assert part in wrong.stderr
    missing = run(files, out, "--sensitivity", f"--also-crime={files / 'gone.csv'}")
    assert missing.exit_code == 2
    assert "gone.csv" in missing.stderr
    assert not out.exists()
