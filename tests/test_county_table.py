"""One table of covariates: every column described, files written whole, rows out of place told."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio
import pytest
from click.testing import CliRunner, Result

from arrest_atlas.cli._county_table import county_table as command
from arrest_atlas.county_tables import read_covariates
from arrest_atlas.period import Period
from boundaries import load_counties
from geo import InputError, load_population, read_county_values
from geo.context import (
    agreements_at,
    county_table,
    read_agreements,
    read_facilities,
    read_foreign_born,
    read_votes,
)

Runs = Callable[..., Result]


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    """Write one small file of each kind."""
    contents = {
        "ACSDT5Y2022.B05001-Data.csv": "GEO_ID,NAME,B05001_001E,B05001_001M,B05001_006E,"
        "B05001_006M\n0500000US48201,Harris,4000,*****,800,90\n",
        "president_2024.csv": "state_name,county_fips,county_name,votes_gop,votes_dem,total_votes\n"
        "Texas,48201,Harris County,40,50,100\nAlaska,02001,District 1,1,2,3\n"
        "Maine,NA,State UOCAVA,5,6,12\n",
        "agreements 2025-07-18.csv": "STATE,LAW ENFORCEMENT AGENCY,TYPE,COUNTY,SUPPORT TYPE,"
        "SIGNED\n"
        "TEXAS,Harris County Sheriff,County,Harris County,Task Force Model,2025-03-01\n"
        "TEXAS,Texas National Guard,State Agency,,Task Force Model,2025-02-01\n"
        "PENNSYLVANIA,Preston Township Constable,Municipality,,Task Force Model,2025-02-01\n",
        "rooms.csv": "name,state,lat,lon\nRusk,TX,29.76,-95.37\nLost,TX,,\n",
        "co-est2024.csv": "STATE,COUNTY,POPESTIMATE2023,POPESTIMATE2024\n48,201,4800,4900\n",
    }
    for name, content in contents.items():
        (tmp_path / name).write_text(content, encoding="utf-8")
    kinds = ("foreign_born", "votes", "agreements", "rooms", "population")
    return {kind: tmp_path / name for kind, name in zip(kinds, contents, strict=True)}


@pytest.fixture
def runs(files: dict[str, Path]) -> Runs:
    def run(out: Path, *words: str) -> Result:
        given = [
            *("--foreign-born", files["foreign_born"], "--votes", files["votes"]),
            *("--agreements", files["agreements"], "--facilities", f"room={files['rooms']}"),
            *("--population", files["population"]),
        ]
        result = CliRunner().invoke(command, ["--out", str(out), *map(str, given), *words])
        unexpected = result.exception
        assert unexpected is None or isinstance(unexpected, SystemExit), unexpected
        return result

    return run


COLUMNS = [
    *("name", "state", "residents", "acs_residents", "acs_residents_moe"),
    *("noncitizens", "noncitizens_moe", "noncitizen_share", "noncitizen_share_moe"),
    *("votes", "republican_share", "democratic_share"),
    *("agreements_jail_enforcement", "agreements_task_force"),
    *("agreements_warrant_service_officer", "agreements_of_state", "room_count", "room_km"),
]


def test_everything_is_joined_and_described(files: dict[str, Path]) -> None:
    sheet = read_agreements(files["agreements"])
    counties = county_table(
        foreign_born=read_foreign_born(files["foreign_born"]),
        votes=read_votes(files["votes"]),
        agreements=agreements_at(sheet, dt.date(2025, 3, 1)),
        facilities={"room": read_facilities(files["rooms"])},
    )
    table = counties.table
    assert table.index.equals(load_counties().index)
    assert table.index.name == "county_fips"
    assert table.attrs == {}
    assert table.columns.tolist() == COLUMNS
    assert [column.name for column in counties.columns] == COLUMNS
    assert all(column.source and column.period and column.unit for column in counties.columns)
    harris = table.T["48201"]
    dallas = table.T["48113"]
    assert harris["residents"] == load_population()["48201"]
    assert harris[["noncitizens", "noncitizens_moe", "noncitizen_share"]].tolist() == [800, 90, 0.2]
    assert harris[["votes", "republican_share", "democratic_share"]].tolist() == [100, 0.4, 0.5]
    assert harris[["agreements_task_force", "agreements_of_state", "room_count"]].tolist() == [
        1,
        1,
        1,
    ]
    assert dallas[["agreements_task_force", "agreements_of_state"]].tolist() == [0, 1]
    assert 0 < harris["room_km"] < 50 < dallas["room_km"]
    assert table.loc["02020", ["votes", "republican_share"]].isna().all()
    periods = {column.name: column.period for column in counties.columns}
    assert periods["residents"] == "2019"
    assert periods["noncitizens_moe"] == "2018-2022"
    assert periods["votes"] == "2024"
    assert periods["agreements_task_force"] == "2025-03-01"
    assert periods["room_km"] == "not stated"
    notes = {column.name: column.note for column in counties.columns}
    assert notes["votes"] == "AK: by district, no counties"
    assert "1 more, in PA, of which the county is not known" in notes["agreements_task_force"]
    assert "1 without coordinates take no part" in notes["room_km"]
    assert notes["noncitizens_moe"] == "margin of error at 90 % of: people who are no citizens"


def test_nothing_given_is_the_residents_alone() -> None:
    counties = county_table(residents_year=2012)
    assert counties.table.columns.tolist() == ["name", "state", "residents"]
    assert counties.table["residents"].sum() == load_population(2012).sum()
    assert counties.columns[2].period == "2012"
    assert county_table(residents_year=2025).columns[2].period == "2019 (the nearest there is)"


def test_inputs_stay_as_they_were(files: dict[str, Path]) -> None:
    read = read_foreign_born(files["foreign_born"])
    before = read.table.copy()
    county_table(foreign_born=read)
    pd.testing.assert_frame_equal(read.table, before)


def test_names_of_facilities_must_be_names_of_columns(files: dict[str, Path]) -> None:
    rooms = read_facilities(files["rooms"])
    with pytest.raises(InputError) as caught:
        county_table(facilities={"Hold Room": rooms, "2": rooms, "fine": rooms})
    assert len(caught.value.problems) == 2


@pytest.mark.parametrize("suffix", [".csv", ".parquet", ".gpkg"])
def test_the_file_and_its_columns(runs: Runs, tmp_path: Path, suffix: str) -> None:
    out = tmp_path / f"counties{suffix}"
    result = runs(out)
    assert result.exit_code == 0, result.output
    if suffix == ".gpkg":
        assert pyogrio.list_layers(out)[:, 0].tolist() == ["counties", "columns"]
        table = gpd.read_file(out, layer="counties")
        assert table.geometry.geom_type.unique().tolist() == ["MultiPolygon"]
        described = gpd.read_file(out, layer="columns")
    else:
        described = pd.read_csv(tmp_path / f"counties{suffix}.columns.csv")
        read = pd.read_parquet if suffix == ".parquet" else pd.read_csv
        table = read(out)
    assert len(table) == 3_233
    assert described.columns.tolist()[:5] == ["column", "source", "period", "unit", "note"]
    assert described["column"].tolist() == COLUMNS == table.columns.tolist()[1:19]
    written = table.set_index(table["county_fips"].astype("str").str.zfill(5)).loc["48201"]
    assert written["residents"] == 4_900  # the last year of the file
    assert written["noncitizen_share"] == 0.2


def test_the_table_can_be_read_again(runs: Runs, tmp_path: Path) -> None:
    out = tmp_path / "counties.csv"
    assert runs(out).exit_code == 0
    read = read_county_values(out, names=["noncitizens"], what="non-citizens", kind="count")
    assert read.by_county.dropna().to_dict() == {"48201": 800}


def test_the_report_tells_what_is_in_no_county(runs: Runs, tmp_path: Path) -> None:
    said = runs(tmp_path / "counties.csv").stdout
    assert "3,233 counties, 18 columns" in said
    assert "AK: votes are counted by 1 districts or wards" in said
    assert "In no county (3):" in said
    assert "president_2024.csv, row 4: State UOCAVA (ME): its code is no county's" in said
    assert "row 4: Preston Township Constable (PA): no city 'Preston Township'" in said
    assert "rooms.csv, row 3: Lost (TX): neither coordinates" in said


def test_the_report_as_json(runs: Runs, tmp_path: Path) -> None:
    report = json.loads(runs(tmp_path / "counties.csv", "--json", "--year", "2023").stdout)
    assert [column["name"] for column in report["columns"]] == COLUMNS
    assert report["columns"][2]["period"] == "2023"
    assert report["columns"][2]["counties"] == 1
    assert [row["file"] for row in report["unplaced"]] == [
        *("president_2024.csv", "agreements 2025-07-18.csv", "rooms.csv")
    ]


@pytest.mark.parametrize("suffix", [".csv", ".parquet", ".gpkg"])
def test_equal_runs_give_equal_bytes_and_replace_each_other(
    runs: Runs, tmp_path: Path, suffix: str
) -> None:
    out = tmp_path / f"counties{suffix}"
    assert runs(out).exit_code == 0
    first = out.read_bytes()
    assert runs(out).exit_code == 0
    assert out.read_bytes() == first
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


@pytest.mark.parametrize("name", ["theirs.csv", "theirs.parquet", "theirs.gpkg"])
def test_files_of_others_stay(runs: Runs, tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("county_fips,name,state,residents\n", encoding="utf-8")
    result = runs(tmp_path / name)
    assert result.exit_code == 2
    assert "did not write" in result.stderr
    assert (tmp_path / name).read_text(encoding="utf-8").startswith("county_fips")


def test_a_strange_file_beside_the_table_stays(runs: Runs, tmp_path: Path) -> None:
    beside = tmp_path / "counties.csv.columns.csv"
    beside.write_text("mine\n", encoding="utf-8")
    assert runs(tmp_path / "counties.csv").exit_code == 2
    assert beside.read_text(encoding="utf-8") == "mine\n"
    assert not (tmp_path / "counties.csv").exists()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--facilities", "room"], "found 'room'; expected a name, = and a file"),
        (["--facilities", "room=other.csv"], "each name once"),
        (
            ["--facilities-in-use", "2014/2016"],
            "found '2014/2016'; expected a name of --facilities",
        ),
        (
            ["--facilities-in-use", "jail=2014"],
            "found 'jail=2014'; expected a name of --facilities",
        ),
        (
            ["--facilities-in-use", "room=2014", "--facilities-in-use", "room=2015"],
            "found 'room=2015'; expected a name of --facilities, = and a period, each name once",
        ),
        (["--facilities-in-use", "room=2016/2014"], "--facilities-in-use: found '2016/2014'"),
        (
            ["--facilities-in-use", "room=2014/2016"],
            "rooms.csv: found no facility in use between 2014-01-01 and 2016-12-31",
        ),
        (["--facilities", "residents=b.csv"], "--facilities: found the name 'residents'"),
        (["--facilities", f"{'x' * 300}=b.csv"], "and 260 characters more; expected 1 to 40"),
        (["--acs-period", "x"], "--acs-period: found 'x'; expected 2018-2022"),
        (["--election", "2020"], "expected one of 2020, as asked for (--election)"),
        (["--on", "2025-12-31"], "found a sheet of 2025-07-18; expected one of 2025-12-31"),
        (["--centers", "nowhere.csv"], "nowhere.csv: found no such file"),
        (["--election", "2020", "--centers", "a.csv", "--facilities", "x=b.csv"], "a.csv"),
    ],
)
def test_what_cannot_be_read_is_told_and_nothing_written(
    runs: Runs, tmp_path: Path, words: list[str], message: str
) -> None:
    out = tmp_path / "counties.csv"
    result = runs(out, *words)
    assert result.exit_code == 2
    assert message in result.stderr
    assert result.stdout == ""
    assert not out.exists()


def test_facilities_in_use_in_a_period(files: dict[str, Path], tmp_path: Path) -> None:
    """Only the list that is named is cut; its columns say of what time they are."""
    files["rooms"].write_text(
        "name,state,lat,lon,date_first_use,date_last_use\n"
        "Old,TX,29.76,-95.37,2001-01-01,2009-12-31\n"
        "New,TX,32.78,-96.80,2010-01-01,2017-11-04\n"
        "Undated,TX,32.78,-96.80,,\n",
        encoding="utf-8",
    )
    out = tmp_path / "counties.csv"
    words = ["--facilities", f"room={files['rooms']}", "--facilities", f"any={files['rooms']}"]
    period = ["--facilities-in-use", "room=2012/2014"]
    result = CliRunner().invoke(command, ["--out", str(out), *words, *period])
    assert result.exit_code == 0, result.output
    table = pd.read_csv(out, dtype={"county_fips": "str"}, index_col="county_fips")
    counts = table.loc[["48201", "48113"], ["room_count", "any_count"]]
    assert counts.to_numpy().tolist() == [[0, 1], [1, 2]]
    near, far = (table[column].to_dict()["48201"] for column in ("any_km", "room_km"))
    assert near < 50
    assert far > 300
    described = pd.read_csv(tmp_path / "counties.csv.columns.csv", index_col="column")
    assert described["period"].tail(4).tolist() == [
        *["in use in 2012-01-01 to 2014-12-31"] * 2,
        *["2001-2017"] * 2,
    ]
    notes = described["note"].fillna("")
    assert notes["room_count"] == "1 without days of use left out"
    assert notes["room_km"].endswith("to the nearest; 1 without days of use left out")
    assert notes["any_count"] == ""
    said = "in use between 2012-01-01 and 2014-12-31: 1 facility; 1 without days of use left out"
    assert said in result.stdout


def test_problems_of_all_files_are_told_at_once(tmp_path: Path) -> None:
    names = ["--votes", "a.csv", "--agreements", "b.csv", "--facilities", "room=c.csv"]
    result = CliRunner().invoke(command, ["--out", str(tmp_path / "x.csv"), *names])
    assert result.exit_code == 2
    assert [line for line in result.stderr.splitlines() if "no such file" in line] == [
        f"{option}, {name}.csv: found no such file; expected a readable file; check the path"
        for option, name in zip(names[::2], "abc", strict=True)
    ]


def test_options_without_their_files_are_told_with_everything_else(tmp_path: Path) -> None:
    words = [
        *("--on", "2025-01-01", "--acs-period", "2022", "--election", "2024", "--centers", "c.csv"),
        *("--facilities", "x", "--out", str(tmp_path / "x.xlsx")),
    ]
    result = CliRunner().invoke(command, words)
    assert result.exit_code == 2
    for option, other in (
        *(("--on", "--agreements"), ("--acs-period", "--foreign-born"), ("--election", "--votes")),
    ):
        assert f"{option}: found the option without {other}; expected both" in result.stderr
    assert "--facilities: found 'x'" in result.stderr
    assert "--out: found 'x.xlsx'" in result.stderr
    alone = CliRunner().invoke(command, ["--centers", "c.csv", "--out", str(tmp_path / "x.csv")])
    assert "--centers: found the option without --facilities" in alone.stderr


@pytest.mark.parametrize("name", ["x.csv", "x.csv.columns.csv", "x.gpkg"])
def test_a_file_of_others_is_told_with_options_and_files(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("mine\n", encoding="utf-8")
    out = tmp_path / name.removesuffix(".columns.csv")
    words = ["--on", "2025-01-01", "--votes", "a.csv", "--facilities", "x", "--out", str(out)]
    result = CliRunner().invoke(command, words)
    assert result.exit_code == 2
    for said in (
        "that this command did not write",
        "--on: found the option without --agreements",
        "--facilities: found 'x'",
        "a.csv: found no such file",
    ):
        assert result.stderr.count(said) == 1
    assert (tmp_path / name).read_text(encoding="utf-8") == "mine\n"
    assert len(list(tmp_path.iterdir())) == 1


def test_no_input_is_overwritten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An earlier table, which the command would replace, is an input as good as any."""
    monkeypatch.chdir(tmp_path)
    assert CliRunner().invoke(command, ["--out", "x.csv"]).exit_code == 0
    before = Path("x.csv").read_bytes()
    again = f"../{tmp_path.name}/x.csv"
    for out, votes in (("x.csv", again), (again, "x.csv"), ("x.csv", "x.csv.columns.csv")):
        result = CliRunner().invoke(command, ["--out", out, "--votes", votes])
        assert result.exit_code == 2
        assert "which is to be read; expected another file; change the option" in result.stderr
        assert result.stderr.count("--out") == 1
    assert Path("x.csv").read_bytes() == before


def test_the_report_cannot_steer_the_terminal(tmp_path: Path) -> None:
    name = "\x1b[31mRED\u202e\nIn no county (0):" + "x" * 4_000
    pd.DataFrame(
        {"name": [name, "Rusk"], "state": "TX", "lat": ["", 29.76], "lon": ["", -95.37]}
    ).to_csv(tmp_path / "rooms.csv", index=False)
    words = ["--out", str(tmp_path / "x.csv"), "--facilities", f"room={tmp_path / 'rooms.csv'}"]
    said = CliRunner().invoke(command, words).stdout
    assert "\N{REPLACEMENT CHARACTER}[31mRED" in said
    assert all(sign.isprintable() or sign == "\n" for sign in said)
    assert "\nIn no county (0)" not in said
    assert max(map(len, said.splitlines())) < 400


def test_one_county_is_one_county(runs: Runs, tmp_path: Path) -> None:
    said = runs(tmp_path / "x.csv").stdout
    assert "residents: residents, 2024; 1 county;" in said
    assert "1 row of no county" in said


def test_what_stands_in_place_of_the_columns_is_explained(runs: Runs, tmp_path: Path) -> None:
    (tmp_path / "x.csv.columns.csv").write_text("mine\n", encoding="utf-8")
    said = runs(tmp_path / "x.csv").stderr
    assert "--out, with the file of its columns beside it: found a file at" in said
    assert "choose another --out" in said


def test_other_types_of_file_are_refused(runs: Runs, tmp_path: Path) -> None:
    result = runs(tmp_path / "counties.xlsx")
    assert result.exit_code == 2
    assert "expected a file name ending in .csv, .parquet, .gpkg" in result.stderr


def test_real_covariates(shared_data: Path) -> None:
    real = shared_data / "real"
    sheet = read_agreements(real / "policy" / "agreements_287g_2026-05-18.xlsx")
    counties = county_table(
        votes=read_votes(real / "politics" / "president_2024_by_county.csv"),
        agreements=agreements_at(sheet, sheet.as_of),
        facilities={
            "hold_room": read_facilities(real / "facilities" / "hold_facilities.csv"),
            "detention": read_facilities(
                real / "facilities" / "detention_facilities_1978_2017.csv"
            ),
        },
    )
    table = counties.table
    assert table["detention_count"].sum() == 1_479
    assert table["hold_room_count"].sum() == 145
    assert (table["detention_km"] <= table["hold_room_km"] + 500).all()
    agreements = table.filter(regex="^agreements_(?!of_state)").sum().sum()
    assert agreements + 78 + len(sheet.problems) == 1_843
    assert table["republican_share"].between(0, 1).sum() == 3_112


def test_real_facilities_in_use(shared_data: Path) -> None:
    path = shared_data / "real" / "facilities" / "detention_facilities_1978_2017.csv"
    period = Period.parse("2014/2016", option="")
    read = read_covariates(facilities={"jail": path}, in_use={"jail": period})
    every = read_covariates(facilities={"jail": path}).counties.table
    table, dated = read.counties.table, read_facilities(path).table
    used = (dated["first_used"] <= "2016-12-31") & (dated["last_used"] >= "2014-01-01")
    assert table["jail_count"].sum() == used.sum() < every["jail_count"].sum()
    assert (table["jail_count"] <= every["jail_count"]).all()
    assert (table["jail_km"] >= every["jail_km"]).all()
