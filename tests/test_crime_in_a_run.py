"""What ``arrest-atlas crime`` wrote, in ``arrest-atlas run``: period and definition go with it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from command_line import Command

from arrest_atlas.analysis import analyse
from arrest_atlas.demo import simulate
from arrest_atlas.layers import county_table
from arrest_atlas.map_layers import map_layers
from arrest_atlas.map_popups import map_popups
from arrest_atlas.options import Inputs, Options
from arrest_atlas.reading import CrimeFile, read_crime_measures
from arrest_atlas.variations import variations
from boundaries import load_counties
from geo import CrimeRates, InputError, Source, read_crime_rates

CRIME, RUN = Command(name="crime"), Command(name="run")
TITLE = "homicide (murder and nonnegligent manslaughter)"
FEW = ("--draws", "2", "--surrogates", "0", "--out", "results")
ARRESTED = ("--arrests-by-state", "arrests.csv", "--arrest-period", "2025")

Reads = Callable[..., CrimeRates]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put counties' crimes of three years, and arrests by state, into a folder."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "arrests.csv").write_text("state,arrests\nAL,900\nTX,4000\nNY,700\n")
    counties = load_counties().index[::4]
    years = [
        pd.DataFrame({"fips": counties, "year": year, "murder": range(1, len(counties) + 1)})
        for year in (2014, 2016, 2025)
    ]
    table = pd.concat(years).assign(robbery=3, population=1e6, covered_share=1)
    table.to_csv(tmp_path / "crimes.csv", index=False)
    return tmp_path


@pytest.fixture
def reads(tmp_path: Path) -> Reads:
    def read(content: str, **options: Any) -> CrimeRates:
        path = tmp_path / "own.csv"
        path.write_text(content, encoding="utf-8")
        return read_crime_rates(path, **options)

    return read


def crime(out: str, *words: str, definition: str = "homicide") -> None:
    CRIME.report("crimes.csv", "--definition", definition, "--out", out, *words)


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_the_period_and_the_definition_go_with_the_file(suffix: str) -> None:
    crime(f"crime{suffix}", "--filter", "year=2014,2016")
    answer = RUN.call(*ARRESTED, "--crime", f"crime{suffix}", *FEW, "--json")
    assert answer.exit_code == 0, answer.output
    summary = json.loads(answer.stdout)
    assert summary["crime_period"] == "2014 to 2016"
    assert not [each for each in summary["warnings"] if "crime baseline" in each]
    assert summary["crime"]["definition"] == "homicide"
    assert summary["crime"]["definition_title"] == TITLE
    assert f"crime{suffix}: counts {TITLE}" in summary["notes"]
    # Residents of the years of crime, too, though no option named them.
    assert "of 2014 to 2016 for crime" in summary["notes"][0]
    assert f"crime{suffix}: counts {TITLE}" in Path("results/map.html").read_text()


def test_the_crimes_are_called_what_they_are(tmp_path: Path) -> None:
    crime("crime.csv", "--years", "2016")
    answer = RUN.call(*ARRESTED, "--crime", "crime.csv", *FEW, "--json")
    assert answer.exit_code == 0, answer.output
    summary = json.loads(answer.stdout)
    assert summary["question"] == "Do ICE arrests cluster where homicide clustered before?"
    assert summary["crime"]["noun"] == "homicide"
    assert "homicide" in summary["sources"]
    assert any(line.startswith("Counties: homicide is ") for line in summary["findings"])
    page = (tmp_path / "results" / "map.html").read_text()
    for words in (
        "Do ICE arrests cluster where homicide clustered before?",
        "Homicide hot spots",
        "Rates of reported homicide (per 100,000 residents)",
        "Homicide per 100,000 residents, county",
        "<dt>Homicide</dt>",
    ):
        assert words in page
    for text in (page, json.dumps(summary)):
        assert "violent crime" not in text.casefold()


def test_every_layer_and_popup_names_the_crimes() -> None:
    inputs = simulate(seed=1, arrests=20_000).inputs
    inputs = replace(inputs, crime=replace(inputs.crime, definition="robbery"))
    analysis = analyse(inputs, Options(draws=2, surrogates=0))
    table = county_table(analysis)
    layers = map_layers(analysis, table)
    words = [each.label for layer in layers for each in layer.legend]
    words += [words for layer in layers for words in (layer.title, layer.note, layer.hatched_label)]
    words += map_popups(analysis, table).columns.tolist()
    for said in (
        "Robbery hot spots",
        "Both: clusters of high arrest and of high robbery rates",
        "Mismatch: cluster of high robbery rates, none of arrests detected",
        "Mismatch: cluster of high arrest rates, none of robbery detected",
        "Hot at 99%: high robbery rates in and around (false discovery rate 1%)",
        "Robbery per 100,000 residents, county",
    ):
        assert said in words
    assert "crime" not in " ".join(words).casefold()


def test_property_crime_is_refused_and_a_file_may_count_what_nobody_knows(tmp_path: Path) -> None:
    table = pd.DataFrame({"fips": load_counties().index[::4]})
    table["crime_rate"] = table.index + 3
    table.assign(definition="property_part1").to_csv("property.csv", index=False)
    table.assign(definition="gun crime").to_csv("gun.csv", index=False)
    table.to_csv("none.csv", index=False)
    known = "expected violent crime, which a run asks about, by one of ucr_part1_violent, "
    for words in (
        ("--crime", "property.csv"),
        ("--crime", "gun.csv", "--sensitivity", "--also-crime", "property.csv"),
    ):
        said = RUN.refusal(*ARRESTED, *words, *FEW)
        assert "property.csv: found figures of the definition property_part1" in said
        assert known in said
        assert "arrest-atlas compare" in said
        assert said.count("\n") == 2  # "Nothing was written:" and one problem
    assert not (tmp_path / "results").exists()
    silent = "does not say what it counts; its column crime_rate is taken for violent crime"
    for file, noun, said in (
        ("gun.csv", "crime", "counts gun crime"),
        ("none.csv", "violent crime", silent),
    ):
        answer = RUN.call(*ARRESTED, "--crime", file, *FEW, "--json")
        summary = json.loads(answer.stdout)
        assert summary["crime"]["noun"] == noun
        assert f"{file}: {said}" in summary["notes"]


def test_crime_that_does_not_come_before_is_warned_of() -> None:
    crime("crime.csv", "--years", "2025")
    answer = RUN.call(*ARRESTED, "--crime", "crime.csv", *FEW)
    assert answer.exit_code == 0, answer.output
    warning = "The crime baseline (2025) does not end before the arrests (2025) begin"
    assert f"Warning: {warning}" in answer.stdout


def test_a_table_of_several_years_is_filtered_to_one() -> None:
    crime("crime.csv", "--each-year")
    said = RUN.refusal(*ARRESTED, "--crime", "crime.csv", *FEW)
    assert "column 'years': found figures of 2014 and of 2016 and of 2025" in said
    assert "filter it to one" in said
    assert not Path("results").exists()
    words = ("--crime", "crime.csv", "--crime-filter", "years=2016")
    said = RUN.refusal(*ARRESTED, *words, "--crime-period", "2014/2016", *FEW)
    assert "the period 2014 to 2016, while crime.csv holds figures of 2016" in said
    assert read_crime_rates("crime.csv", where={"years": ["2016"]}).period == "2016"


def test_a_stated_period_must_be_that_of_the_file() -> None:
    crime("crime.csv", "--filter", "year=2014,2016")
    words = (*ARRESTED, "--crime", "crime.csv", "--noncitizens", "none.csv", *FEW)
    for period in ("2014", "2014/2025", "2014-01-02/2016-12-31"):
        said = RUN.refusal(*words, "--crime-period", period)
        named = period.replace("/", " to ")
        assert f"--crime-period: found the period {named}, while crime.csv holds" in said
        assert "2014 to 2016" in said
        assert "none.csv" in said  # with everything else that is wrong
    for period in ("2014/2016", "2014-01-01/2016-12-31"):
        assert "--crime-period" not in RUN.refusal(*words, "--crime-period", period)


def test_definitions_are_never_mixed() -> None:
    crime("homicide.csv", "--filter", "year=2014,2016")
    crime("robbery.csv", "--filter", "year=2014,2016", definition="robbery")
    both = [pd.read_csv("homicide.csv", dtype=str)[:9], pd.read_csv("robbery.csv", dtype=str)[9:]]
    pd.concat(both).to_csv("both.csv", index=False)
    said = RUN.refusal(*ARRESTED, "--crime", "both.csv", *FEW)
    assert "both.csv: found robbery (" in said
    assert "and homicide (9 rows); expected figures of one definition" in said
    words = ("--crime", "both.csv", "--crime-filter", "definition=robbery", "--crime-column", "no")
    assert "of one definition" not in RUN.refusal(*ARRESTED, *words, *FEW)


def test_further_measures_tell_theirs_too() -> None:
    crime("homicide.csv", "--filter", "year=2014,2016")
    crime("late.csv", "--years", "2025", definition="robbery")
    homicide, late = read_crime_measures(["homicide.csv", "late.csv"])
    assert homicide.name == "crime_rate of homicide, 2014 to 2016, homicide.csv"
    assert str(homicide.period) == "2014 to 2016"
    people = pd.Series(1e6, index=load_counties().index)
    inputs = Inputs(
        arrests_by_county=people,
        crime=late.crime,
        residents=people,
        crime_residents=people,
        arrest_period=late.period,
    )
    rows = variations(inputs, Options(), also_crime=[homicide, late])
    notes = [row.note for row in rows if row.group == "crime"]
    assert notes == [
        f"counts {TITLE}",
        "counts robbery; this crime (2025) does not end before the arrests begin",
    ]
    with pytest.raises(InputError, match=r"--also-crime: found the period 2016, while homicide\.c"):
        read_crime_measures([CrimeFile(file="homicide.csv", period="2016")])


@pytest.mark.parametrize(
    ("years", "period"),
    [("2017", "2017"), ("2012-2014", "2012/2014"), ("2014/2016", "2014/2016"), ("2017.0", "2017")],
)
def test_years_as_files_write_them(reads: Reads, years: str, period: str) -> None:
    read = reads(f"fips,crime_rate,Years\n1001,3,{years}\n1003,4,{years}\n")
    assert (read.period, read.definition, read.definition_title) == (period, None, None)


def test_a_file_need_not_tell(reads: Reads) -> None:
    # Three years, of which nobody says which.
    for content in ("fips,crime_rate\n1001,3\n", "fips,crime_rate,years\n1001,3,3\n"):
        read = reads(content)
        assert (read.years, read.period, read.definition) == (None, None, None)
    own = reads("fips,crime_rate,definition\n1001,3,gun crime\n")
    assert own.definition_title == own.definition == "gun crime"


def test_rows_that_do_not_tell_are_not_mixed_with_others(reads: Reads) -> None:
    with pytest.raises(InputError) as refused:
        reads("fips,crime_rate,years,definition\n1001,3,2014,homicide\n1003,x,,\n")
    found = [problem.found for problem in refused.value.problems]
    assert found == [
        "homicide (1 rows) and no stated definition (1 rows)",
        "figures of no years and of 2014",
        "'x'",
    ]


def test_rates_made_by_hand_tell_nothing() -> None:
    source = Source(file="a.csv", sha256="", rows=1)
    rates = CrimeRates(
        rate=pd.Series({"01001": 1.0}), uncovered=0, zeros=0, implausible_zeros=(), source=source
    )
    assert (rates.period, rates.definition_title) == (None, None)
