"""``arrest-atlas crime``, as a user meets it."""

from __future__ import annotations

import errno
import json
import os
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from click.testing import CliRunner
from command_line import Command

from arrest_atlas import crime_files
from arrest_atlas.cli import main
from geo import read_crime_rates

COMMAND = Command(name="crime")
call, report, as_json, refusal = COMMAND.call, COMMAND.report, COMMAND.as_json, COMMAND.refusal

AGENCIES = """\
ori,data_year,pub_agency_name,state_abbr,county_name,agency_type_name,population
AL0010000,2016,Autauga,AL,AUTAUGA,County,20000
AL0010100,2016,Prattville,AL,AUTAUGA,City,35000
AL0020100,2016,Daphne,AL,BALDWIN,City,200000
NY0303000,2016,New York,NY,NOT SPECIFIED,City,8500000
DCMPD0000,2016,Washington,DC,NOT SPECIFIED,City,690000
CT0006400,2016,Hartford,CT,CAPITOL PLANNING REGION,City,124000
CTCSP0000,2016,Connecticut State Police,CT,UNMAPPED COUNTY,State Police,500000
AKAST0100,2016,Alaska State Troopers,AK,NOT SPECIFIED,State Police,270000
"""
OFFENCES = """\
ori,year,murder,robbery,months_reported
al00100,2014,1,10,12
al00100,2016,3,10,12
AL0010100,2014,2,10,12
AL0010100,2016,2,10,4
AL0020100,2014,20,10,12
AL0020100,2016,30,10,12
NY03030,2016,335,10,12
DCMPD0000,2016,138,10,12
CT0006400,2016,14,10,12
CTCSP0000,2016,30,10,12
AKAST0100,2016,15,10,12
XX9999900,2016,7,10,12
"""
BOROUGHS = ["36005", "36047", "36061", "36081", "36085"]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "agencies.csv").write_text(AGENCIES)
    (tmp_path / "offences.csv").write_text(OFFENCES)
    (tmp_path / "counties.csv").write_text(
        "fips,year,murder,population,covered_share\n"
        "1001,2016,4,50000,1\n1001,2014,2,50000,1\n1003,2016,3,50000,0.5\n1003,2014,3,50000,1\n"
    )
    others = {
        "no_years.csv": "fips,murder,population\n1001,3,9000\n",
        "future.csv": "fips,year,murder,population\n1001,2099,3,9000\n",
        "semicolons.csv": "fips;year;murder;population\n1001;2016;3,5;9000\n",
        "states.csv": "state,county,fips,year,murder,population\nTX,Mobile,1001,2016,3,9000\n",
        "wrong.toml": 'kind = "county"\ncolour = 3\n[columns]\ncounty = "fips"\nsheriff = "x"\n',
    }
    for name, text in others.items():
        (tmp_path / name).write_text(text)
    (tmp_path / "folder.csv").mkdir()
    return tmp_path


HOMICIDE = ("offences.csv", "--agencies", "agencies.csv", "--definition", "homicide")


@pytest.mark.usefixtures("folder")
def test_agencies_become_counties() -> None:
    text = report(*HOMICIDE, "--years", "2016", "--out", "out.csv", "--ledger", "ledger.csv")
    table = pd.read_csv("out.csv", dtype={"county_fips": str}).set_index("county_fips")
    assert len(table) == 3_142
    # Prattville reported four months: 20,000 of 55,000 residents are covered.
    row = table.loc["01001"]
    assert (row["crimes"], row["residents"], row["name"], row["state"]) == (
        3,
        20e3,
        "Autauga",
        "AL",
    )
    assert row["covered_share"] == pytest.approx(0.362, abs=0.001)
    assert pd.isna(row["crime_rate"])
    assert row["flags"] == "covered share too small"
    assert table.loc["01003", "crime_rate"] == 15
    assert table.loc["11001", "crime_rate"] == pytest.approx(138 / 6.9)
    city = table.loc[BOROUGHS]
    assert city["crimes"].sum() == pytest.approx(335)
    assert set(city["flags"]) == {"nyc split"}
    assert city["crime_rate"].tolist() == pytest.approx([335 / 85] * 5)
    assert set(table["definition"]) == {"homicide"}
    assert set(table["years"]) == {2016}
    assert "New York City's agency, split over five counties by their residents: 1" in text
    assert "In a run: --crime-period 2016, which the table tells (" in text
    assert "Written to out.csv and ledger.csv." in text


@pytest.mark.usefixtures("folder")
def test_every_crime_is_accounted_for() -> None:
    text = report(*HOMICIDE, "--out", "out.csv", "--ledger", "ledger.parquet")
    lines = {line.split("  ")[0].strip(): line.split()[-1] for line in text.splitlines() if line}
    total = 1 + 3 + 2 + 2 + 20 + 30 + 335 + 138 + 14 + 30 + 15 + 7
    assert lines["all"] == f"{total}"
    assert lines["counted"] == f"{1 + 3 + 2 + 20 + 30 + 335 + 138 + 14}"
    assert lines["serves a state, not a county"] == "45"
    assert lines["not listed"] == "7"
    assert lines["too few months reported"] == "2"
    ledger = pd.read_parquet("ledger.parquet")
    assert ledger["reported"].sum() == pytest.approx(total)
    troopers = ledger[ledger["ori"] == "AKAST0100"]
    assert troopers["outcome"].tolist() == ["serves a state, not a county"]
    answer = as_json(*HOMICIDE, "--out", "out.csv")
    assert answer["agencies"]["crimes"] == pytest.approx(total)
    named = {row["ori"]: row["reported"] for row in answer["agencies"]["unassigned"]}
    assert named == {"CTCSP0000": 30, "AKAST0100": 15, "XX9999900": 7, "AL0010100": 2}
    assert answer["agencies"]["matched"] == {"ori": 8, "not listed": 1}
    assert (answer["period"], answer["years"]) == ("2014/2016", [2014, 2016])


@pytest.mark.usefixtures("folder")
def test_only_the_years_asked_for_are_accounted_for() -> None:
    words = (*HOMICIDE, "--years", "2016", "--out", "out.csv", "--ledger", "ledger.parquet")
    text = report(*words)
    lines = {line.split("  ")[0].strip(): line.split() for line in text.splitlines() if line}
    total = 3 + 2 + 30 + 335 + 138 + 14 + 30 + 15 + 7
    assert lines["all"] == ["all", "9", f"{total}"]
    ledger = pd.read_parquet("ledger.parquet")
    assert set(ledger["year"]) == {2016}
    assert ledger["reported"].sum() == pytest.approx(total)
    # The three rows of 2014 are told once, and nowhere else.
    note = "figures of agencies for years that were not asked for, left out: 3"
    assert f"note: offences.csv: {note}" in text.splitlines()
    answer = as_json(*HOMICIDE, "--years", "2014", "--out", "out.csv")
    assert answer["agencies"]["crimes"] == 1 + 2 + 20
    assert answer["agencies"]["matched"] == {"ori": 3}
    assert answer["agencies"]["unassigned"] == []
    assert any(each.endswith("left out: 9") for each in answer["notes"])
    every = as_json(*HOMICIDE, "--out", "out.csv")
    assert every["agencies"]["crimes"] == total + answer["agencies"]["crimes"]
    assert not any("not asked for" in each for each in every["notes"])


@pytest.mark.usefixtures("folder")
def test_a_definition_need_not_exist_in_years_that_are_not_asked_for() -> None:
    Path("rape.csv").write_text("ori,year,rape_revised\nal00100,2012,3\nal00100,2014,4\n")
    words = (
        "rape.csv",
        "--agencies",
        "agencies.csv",
        "--least-covered-share",
        "0",
        "--out",
        "out.csv",
    )
    assert "2012" in refusal(*words, "--definition", "rape_revised")
    assert "2014" in report(*words, "--definition", "rape_revised", "--years", "2014")


@pytest.mark.usefixtures("folder")
def test_state_police_are_spread_where_that_is_asked_for() -> None:
    report(*HOMICIDE, "--years", "2016", "--out", "out.csv", "--state-police", "remainder")
    table = pd.read_csv("out.csv", dtype={"county_fips": str}).set_index("county_fips")
    connecticut = table[table["state"] == "CT"]
    assert connecticut["crimes"].sum() == pytest.approx(14 + 30)
    assert (connecticut["flags"].str.contains("state police spread")).all()
    assert table.loc[table["state"] == "AK", "crimes"].sum() == pytest.approx(15)


@pytest.mark.usefixtures("folder")
def test_residents_of_other_years_are_a_warning_in_the_report() -> None:
    Path("later.csv").write_text(OFFENCES.replace(",2016,", ",2024,"))
    words = ("later.csv", *HOMICIDE[1:], "--years", "2024", "--out", "out.csv")
    (line,) = [line for line in report(*words).splitlines() if line.startswith("WARNING")]
    assert "the covered share of 2024 is by residents of 2019 (the nearest there is)" in line
    assert as_json(*words)["warnings"] == [line.removeprefix("WARNING: ").removesuffix(".")]
    assert "WARNING" not in report(*HOMICIDE, "--out", "out.csv")


@pytest.mark.usefixtures("folder")
def test_few_months_and_each_year() -> None:
    report(*HOMICIDE, "--fewest-months", "3", "--each-year", "--out", "out.csv")
    table = pd.read_csv("out.csv", dtype={"county_fips": str}).set_index(["county_fips", "year"])
    assert table.loc[("01001", 2016), "crimes"] == 3 + 2 * 12 / 4
    assert table.loc[("01001", 2014), "crime_rate"] == pytest.approx(3 / 0.55)
    # Pooled in a run by its filter: one year of the table.
    read = read_crime_rates("out.csv", where={"year": ["2014"]})
    assert read.rate["01001"] == pytest.approx(3 / 0.55)


@pytest.mark.usefixtures("folder")
def test_county_files_are_pooled_and_covered() -> None:
    text = report("counties.csv", "--definition", "homicide", "--out", "out.csv")
    assert "agency" not in text
    assert text.startswith("homicide: homicide (murder and nonnegligent manslaughter), 2014, 2016")
    assert "\n1 county with a rate, of 2\n1 county without one: a covered share below 80%\n" in text
    table = pd.read_csv("out.csv", dtype={"county_fips": str}).set_index("county_fips")
    assert table["covered_share"].tolist() == [1, 0.75]
    assert table["crime_rate"].tolist() == pytest.approx([6, float("nan")], nan_ok=True)
    report(
        "counties.csv",
        "--definition",
        "homicide",
        "--least-covered-share",
        "0.7",
        "--out",
        "out.csv",
    )
    assert pd.read_csv("out.csv")["crime_rate"].tolist() == [6, 6]


@pytest.mark.usefixtures("folder")
def test_the_three_kinds_of_file_say_the_same() -> None:
    for name in ("out.csv", "out.parquet", "out.gpkg", "again.gpkg", "again.csv"):
        report(*HOMICIDE, "--out", name)
    table = pd.read_csv("out.csv", dtype={"county_fips": str, "years": str})
    assert table.pop("note").str.startswith("arrest-atlas crime: homicide").all()
    other = pd.read_parquet("out.parquet")
    table["flags"] = table["flags"].fillna("")
    pd.testing.assert_frame_equal(table, other, check_dtype=False, rtol=1e-12)
    map_ = gpd.read_file("out.gpkg", layer="counties")
    assert map_["county_fips"].tolist() == other["county_fips"].tolist()
    assert map_["crime_rate"].sum() == pytest.approx(other["crime_rate"].sum())
    assert map_.crs == "EPSG:4269"
    assert not map_.geometry.isna().any()
    assert Path("out.gpkg").read_bytes() == Path("again.gpkg").read_bytes()
    assert Path("out.csv").read_bytes() == Path("again.csv").read_bytes()
    for name in ("out.csv", "out.parquet"):
        rates = read_crime_rates(name).rate
        assert rates["01003"] == pytest.approx(12.5)
        assert rates.notna().sum() == other["crime_rate"].notna().sum()


@pytest.mark.usefixtures("folder")
def test_a_run_reads_the_table() -> None:
    Path("arrests.csv").write_text("state,arrests\n" + "AL,900\nTX,4000\nNY,700\n")
    report(*HOMICIDE, "--least-covered-share", "0", "--out", "out.csv")
    words = ["run", "--arrests-by-state", "arrests.csv", "--crime", "out.csv"]
    words += ["--draws", "2", "--surrogates", "0", "--out", "results", "--json"]
    words += ["--arrest-period", "2025", "--crime-period", "2014/2016"]
    result = CliRunner().invoke(main, words)
    assert result.exit_code == 0, result.output
    summary = json.loads(result.stdout)
    # So few counties have a rate that no area has one: there is nothing to make a surface of.
    assert "found no place with" in summary["no_rasters"]
    assert not Path("results/rasters").exists()
    sources = summary["sources"]
    assert "out.csv" in json.dumps(sources)
    assert '"crime_rate"' in json.dumps(sources)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("offences.csv --out o.csv", "found the columns"),
        ("offences.csv --agencies none.csv --out o.csv", "none.csv: found no such file"),
        ("offences.csv --agencies agencies.csv --out o.csv", "found no rape"),
        ("offences.csv --agencies agencies.csv --definition violence --out o.csv", "'violence'"),
        ("counties.csv --out o.csv", "state the definition"),
        ("counties.csv --definition homicide --out o.txt", "ending in .csv, .parquet, .gpkg"),
        ("counties.csv --definition homicide --out o.csv --ledger l.csv", "with --agencies"),
        ("counties.csv --definition homicide --out counties.csv", "which is to be read"),
        ("counties.csv --definition homicide --out o.csv --years 2016/2014", "--years"),
        ("counties.csv --definition homicide --out o.csv --years 2018", "no figure of 2018"),
        (f"{' '.join(HOMICIDE)} --out o.csv --years 2015", "figures of 2014, 2016"),
        (
            "counties.csv --definition homicide --out o.csv --least-covered-share 80",
            "a share from 0 to 1",
        ),
        ("counties.csv --definition homicide --out o.csv --fewest-months 0", "1 to 12"),
        ("counties.csv --definition homicide --out o.csv --state-police remainder", "--agencies"),
        ("counties.csv --definition homicide --out o.csv --residents r.csv", "--agencies"),
        ("counties.csv --definition homicide --out o.csv --fewest-months 3", "--fewest-months;"),
        ("counties.csv --definition homicide --out o.csv --file-years 2012", "while 2012 is"),
        ("no_years.csv --definition homicide --out o.csv --file-years 2099", "that are over"),
        (
            "no_years.csv --definition homicide --out o.csv --file-years 2016/2014",
            "one first",
        ),
        ("future.csv --definition homicide --out o.csv", "2099, which is still to come"),
        ("semicolons.csv --definition homicide --out o.csv", "a point before its decimals"),
        (
            "counties.csv --layout icpsr_county --out o.csv",
            "FIPS_ST, FIPS_CTY, CPOPCRIM, COVIND are lacking",
        ),
        ("states.csv --definition homicide --out o.csv", "'TX' beside the county code 01001"),
        ("folder.csv --definition homicide --out o.csv", "found a folder"),
        ("counties.csv --mapping folder.csv --out o.csv", "found a folder"),
        ("counties.csv --mapping wrong.toml --out o.csv", "the key 'colour'"),
        ("counties.csv --mapping wrong.toml --out o.csv", "the key 'sheriff'"),
        ("counties.csv counties.csv --definition homicide --out o.csv", "counties twice"),
        ("counties.csv --definition homicide --out o.csv --filter year", "COLUMN=VALUE"),
        ("counties.csv --definition homicide --out o.csv --filter year=1999", "no row with 1999"),
    ],
)
@pytest.mark.usefixtures("folder")
def test_what_is_wrong_is_told_and_nothing_is_written(words: str, message: str) -> None:
    before = sorted(path.name for path in Path().iterdir())
    said = " ".join(refusal(*words.split()).split())
    assert message in said
    assert sorted(path.name for path in Path().iterdir()) == before


@pytest.mark.usefixtures("folder")
def test_every_problem_is_told_at_once() -> None:
    words = "offences.csv --agencies none.csv --definition violence --fewest-months 99 --years x"
    said = refusal(
        *words.split(), "--least-covered-share", "2", "--out", "o.txt", "--ledger", "agencies.csv"
    )
    found = [line.partition(": found ")[0] for line in said.splitlines() if ": found " in line]
    options = ["--out", "--ledger", "--years", "--fewest-months", "--least-covered-share"]
    assert found[:5] == options
    assert len(found) == 7
    # No years and no definition; and a file of residents that is not there.
    Path("rates.csv").write_text("fips,crime_rate\n1001,300\n")
    said = refusal("rates.csv", "--residents", "none.csv", "--out", "o.csv")
    assert "(--file-years, or years in a mapping)" in said
    assert "(--definition)" in said
    assert "none.csv: found no such file" in said
    assert "found no list of agencies, but --residents;" in said


@pytest.mark.usefixtures("folder")
def test_a_table_tells_its_definition() -> None:
    report("counties.csv", "--definition", "homicide", "--each-year", "--out", "e.csv")
    said = refusal("e.csv", "--definition", "ucr_part1_violent", "--out", "o.csv")
    assert "homicide (the file's) and ucr_part1_violent (asked for with --definition)" in said
    assert report("e.csv", "--out", "o.csv").startswith("homicide: ")


@pytest.mark.usefixtures("folder")
def test_a_table_read_again_is_the_same() -> None:
    report("counties.csv", "--definition", "homicide", "--out", "one.csv")
    report("one.csv", "--out", "two.csv")
    once, again = (pd.read_csv(name).drop(columns="note") for name in ("one.csv", "two.csv"))
    # Baldwin is set aside, with its crimes and its covered share.
    assert once.set_index("name")["crimes"].to_dict() == {"Autauga": 3, "Baldwin": 3}
    assert once["covered_share"].tolist() == [1, 0.75]
    assert set(once["years"]) == {"2014/2016"}
    pd.testing.assert_frame_equal(once, again)
    Path("more.csv").write_text("fips,year,murder,population,covered_share\n1001,2015,4,50000,1\n")
    words = ("one.csv", "more.csv", "--definition", "homicide", "--out", "o.csv")
    assert "figures over 2014/2016 beside figures of other years" in refusal(*words)
    assert "which begin before 2016" in refusal("one.csv", "--years", "2016", "--out", "o.csv")
    # Each year for itself: a year below the least covered share keeps its crimes, and is pooled.
    report("counties.csv", "--definition", "homicide", "--each-year", "--out", "years.csv")
    report("years.csv", "--out", "three.csv")
    pd.testing.assert_frame_equal(once, pd.read_csv("three.csv").drop(columns="note"))


@pytest.mark.usefixtures("folder")
def test_what_is_read_is_not_overwritten() -> None:
    report(*HOMICIDE, "--out", "one.csv", "--ledger", "ledger.csv")
    here = Path().absolute().name
    before = Path("one.csv").read_bytes()
    for out in ("one.csv", f"../{here}/one.csv"):
        assert "which is to be read" in refusal("one.csv", "--out", out)
    again = (*HOMICIDE, "--out", f"../{here}/one.csv", "--ledger", "./one.csv")
    assert "the file of --out" in refusal(*again)
    # The table is not a ledger, and the other way round.
    said = refusal(*HOMICIDE, "--out", "ledger.csv", "--ledger", "one.csv")
    assert "choose another --out" in said
    assert "choose another --ledger" in said
    assert Path("one.csv").read_bytes() == before
    report(*HOMICIDE, "--out", "one.csv", "--ledger", "ledger.csv")


@pytest.mark.usefixtures("folder")
def test_lines_about_counties_add_up() -> None:
    Path("mixed.csv").write_text(
        "fips,year,murder,population,covered_share\n1001,2016,4,50000,1\n1003,2016,3,50000,\n"
        "1005,2016,3,50000,.5\n1007,2016,,50000,1\n1009,2016,3,0,1\n"
    )
    words = ("mixed.csv", "--definition", "homicide", "--out", "o.csv")
    text = report(*words)
    for words_of_one in ("below 80%", "that is not known"):
        assert f"1 county without one: a covered share {words_of_one}" in text
    assert "2 counties without one: no figure" in text
    assert "\n\n\n" not in text
    table = pd.read_csv("o.csv", keep_default_na=False)
    assert ((table["crime_rate"] == "") == (table["flags"] != "")).all()
    answer = as_json(*words)
    names = (
        *("with_a_rate", "below_least_covered_share"),
        *("of_unknown_covered_share", "without_a_figure"),
    )
    assert sum(answer[f"counties_{name}"] for name in names) == answer["counties"] == 5
    assert "0%" not in report(*words, "--least-covered-share", "0")
    report(*words, "--each-year")
    each = pd.read_csv("o.csv", keep_default_na=False)
    assert ((each["crime_rate"] == "") == (each["flags"] != "")).all()


@pytest.mark.usefixtures("folder")
def test_years_that_were_asked_for_are_not_narrowed_in_silence() -> None:
    words = ("counties.csv", "--definition", "homicide", "--out", "o.csv")
    said = refusal(*words, "--years", "2014/2016", "--filter", "year=2014")
    assert "no figures of 2015, 2016" in said
    text = report(*words, "--years", "2014/2016", "--least-covered-share", "0.6")
    assert "no figures of 2015, which lower the covered share" in text
    assert pd.read_csv("o.csv")["covered_share"].tolist() == pytest.approx([2 / 3, 1.5 / 3])
    assert "whole years" in refusal(*words, "--years", "2014-06-15/2015-03-01")
    assert "ends before it begins" in refusal(*words, "--years", "2016/2014")
    report(*words, "--years", "2014-2016", "--least-covered-share", "0.6")


@pytest.mark.usefixtures("folder")
def test_a_list_of_other_agencies_is_named() -> None:
    Path("others.csv").write_text("ori,year,murder\nTX1230000,2016,3\n")
    said = refusal("others.csv", *HOMICIDE[1:], "--out", "o.csv")
    assert "no agency of --agencies agencies.csv (TX1230000, ...)" in said


@pytest.mark.usefixtures("folder")
def test_as_many_crimes_as_residents_are_refused() -> None:
    Path("swapped.csv").write_text("fips,year,murder,population\n1001,2016,50000,3\n")
    said = refusal("swapped.csv", "--definition", "homicide", "--out", "o.csv")
    assert "row 2: found 50,000 crimes among 3 residents" in said
    # Few residents are those whose police reported; the county has more.
    Path("few.csv").write_text(
        "fips,year,murder,population,covered_share\n1001,2016,5,3,.001\n1003,2016,1,9000,1\n"
    )
    report("few.csv", "--definition", "homicide", "--out", "o.csv")
    Path("swapped.csv").write_text("ori,year,murder,population\nAL0020100,2016,500000,3\n")
    assert "county 01003, 2016: found 500,000 crimes" in refusal(
        "swapped.csv", *HOMICIDE[1:], "--least-covered-share", "0", "--out", "o.csv"
    )


@pytest.mark.usefixtures("folder")
def test_a_full_disk_is_told_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(crime_files, "write_csv", full)
    said = refusal("counties.csv", "--definition", "homicide", "--out", "o.csv")
    assert "o.csv cannot be written (No space left on device)" in said
    assert "make room" in said


@pytest.mark.usefixtures("folder")
def test_ledger_and_table_are_two_files() -> None:
    assert "another file" in refusal(*HOMICIDE, "--out", "o.csv", "--ledger", "o.csv")
    assert ".csv, .parquet" in refusal(*HOMICIDE, "--out", "o.csv", "--ledger", "l.gpkg")


@pytest.mark.usefixtures("folder")
def test_names_cannot_steer_a_terminal_or_a_spreadsheet() -> None:
    Path("odd.csv").write_text(
        "agency,state,year,murder\n=1+1,AL,2016,3\n\x1b[31mred,AL,2016,4\nPrattville,AL,2016,1\n"
    )
    words = (
        "odd.csv",
        "--agencies",
        "agencies.csv",
        "--definition",
        "homicide",
        "--least-covered-share",
        "0",
    )
    text = report(*words, "--out", "o.csv", "--ledger", "l.csv")
    assert "\x1b" not in text
    assert "red" in text
    assert "'=1+1" in pd.read_csv("l.csv")["agency"].tolist()


def test_help_names_every_option() -> None:
    text = report("--help")
    for name in (
        "agencies",
        "years",
        "least-covered-share",
        "fewest-months",
        "state-police",
        "ledger",
    ):
        assert f"--{name}" in text
