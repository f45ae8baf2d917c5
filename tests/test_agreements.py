"""287(g) agreements: every row lands in a county, with a state agency, or is named."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from boundaries import load_counties, load_gazetteer, squash_name
from geo import InputError
from geo.context import MODELS, Agreements, agreements_at, read_agreements, read_votes
from geo.context._days import day_order, read_days
from geo.context._places import counties_alike, read_place
from geo.context._state_agencies import is_state_agency

HEADER = "STATE,LAW ENFORCEMENT AGENCY,TYPE,COUNTY,SUPPORT TYPE,SIGNED\n"
Reads = Callable[..., Agreements]


@pytest.fixture
def reads(tmp_path: Path) -> Reads:
    def read(*rows: str, name: str = "agreements 2025-07-18.csv", **options: Any) -> Agreements:
        path = tmp_path / name
        path.write_text(HEADER + "".join(f"{row}\n" for row in rows), encoding="utf-8")
        return read_agreements(path, **options)

    return read


def test_titles_may_stand_above_the_header(tmp_path: Path) -> None:
    path = tmp_path / "agreements 2025-07-18.csv"
    row = "TEXAS,Harris County Sheriff,County,Harris County,Task Force Model,2025-03-01\n"
    path.write_text(f"Participating agencies,,,,,\n,,,,,\n{HEADER}{row}", encoding="utf-8")
    read = read_agreements(path)
    assert read.table["county_fips"].to_dict() == {4: "48201"}


def test_the_sheet_with_the_list_is_read_and_named(tmp_path: Path) -> None:
    path = tmp_path / "agreements 2025-07-18.xlsx"
    row = ["TEXAS", "Harris County Sheriff", "County", "Harris County", "Task Force Model", "2025"]
    sheets = {"Notes": [["Read me"], ["of July"]], "Data": [HEADER.strip().split(","), row]}
    with pd.ExcelWriter(path) as book:
        for name, rows in sheets.items():
            pd.DataFrame(rows).to_excel(book, sheet_name=name, header=False, index=False)
    read = read_agreements(path)
    assert read.table["county_fips"].to_list() == ["48201"]
    assert read.notes[0] == "the sheet 'Data' was read, not 'Notes'"
    with pytest.raises(InputError) as caught:
        read_votes(path)
    assert "Read me (the sheet 'Notes' was read, not 'Data')" in str(caught.value)
    assert "check that this is the right file and sheet" in str(caught.value)


@pytest.mark.parametrize(
    ("county", "agency", "state", "fips", "told_by"),
    [
        ("Cherokee County", "Cherokee County Sheriff's Office", "AL", "01019", "county"),
        ("Frankin County", "Franklin County Sheriff's Office", "AL", "01059", "county misspelt"),
        ("Alleghany County", "Robinson Township Police", "PA", "42003", "county misspelt"),
        ("Fall County", "Marlin Police Department", "TX", "48145", "county misspelt"),  # not Hall
        ("Guadalupe Conty", "New Berlin Marshal's Office", "TX", "48187", "county misspelt"),
        (
            "St. Luice County",
            "Port Saint Lucie Police Department",
            "FL",
            "12111",
            "county misspelt",
        ),
        ("Chalmette Parish", "St. Bernard Parish Sheriff's Office", "LA", "22087", "agency"),
        ("#NA", "Greenwood Police Department", "LA", "22017", "city"),
        ("", "Key West Police Department", "FL", "12087", "city"),
        ("", "City of Miami Police Department", "FL", "12086", "city"),
        ("", "Manheim Borough Police Department", "PA", "42071", "city"),
        # Bowie County is in Texas; Texarkana in Arkansas is in Miller County.
        ("Bowie County", "Texarkana Police Department", "AR", "05091", "city"),
        # A county and a city of its own share a name.
        ("Franklin County", "Franklin County Sheriff's Office", "VA", "51067", "county"),
        ("St. Louis County", "Ellisville Police Department", "MO", "29189", "county"),
        # An orphan county name, and the city in the agency's, which is not that county.
        ("Albemarle County", "Albemarle District Jail", "NC", "", ""),
        # Townships bear the names of towns elsewhere in the state.
        ("", "Sewickley Township Constable's Office", "PA", "", ""),
        ("", "Northwest Regional Police Department", "PA", "", ""),
        # Pennsylvania's boroughs are towns, though counties elsewhere bear their names.
        ("Cambria County", "Franklin Borough Police Department", "PA", "42021", "county"),
        ("Luzerne County", "Wyoming Borough Constable", "PA", "42079", "county"),
        ("", "North Slope Borough Police Department", "AK", "02185", "agency"),
        ("", "Acadia Parish Sheriff's Office", "LA", "22001", "agency"),
    ],
)
def test_the_county_of_an_agency(
    county: str, agency: str, state: str, fips: str, told_by: str
) -> None:
    reading = read_place(county, agency, state)
    assert (reading.county_fips, reading.told_by) == (fips, told_by)
    if told_by != "county" and county not in {"", "#NA"}:
        assert reading.doubt.startswith(f"{county!r} is no county of {state}")


@pytest.mark.parametrize(
    ("county", "agency", "state", "fips", "named"),
    [
        ("Macon County", "Madison County Sheriff's Office", "TN", "47113", "47111"),
        ("Austin County", "Travis County Constable Precinct 3", "TX", "48453", "48015"),
        ("Roanoke City", "Roanoke County Police Department", "VA", "51161", "51770"),
        ("Wake County", "Office of the Johnston County Sheriff", "NC", "37101", "37183"),
    ],
)
def test_an_agency_of_a_county_acts_in_its_own(
    county: str, agency: str, state: str, fips: str, named: str
) -> None:
    reading = read_place(county, agency, state)
    assert (reading.county_fips, reading.told_by) == (fips, "agency")
    assert reading.doubt == f"the county named is {named}, {county!r}"


def test_an_agency_of_a_city_is_in_the_county_named() -> None:
    """Cities lie where they lie: their names are those of counties elsewhere in the state."""
    reading = read_place("Shelby County", "Madison Police Department", "TN")
    assert (reading.county_fips, reading.told_by) == ("47157", "county")
    # Two towns may bear one name, or the cell is the slip (Tye lies by Abilene): a doubt.
    assert reading.doubt == "the city's ZIP codes lie in 47037"
    tye = read_place("Galveston County", "Tye Police Department", "TX")
    assert (tye.county_fips, tye.doubt) == ("48167", "the city's ZIP codes lie in 48441")
    # Orlando has ZIP codes in Brevard and Orange; of the last nothing is known.
    for county, agency, state in (
        ("Brevard County", "Orlando Police Department", "FL"),
        ("Orange County", "Orlando Police Department", "FL"),
        ("Harris County", "Houston Police Department", "TX"),
        ("Polk County", "Nowhere Known Police Department", "FL"),
    ):
        assert read_place(county, agency, state).doubt == ""


def test_cities_elsewhere_than_the_county_named_are_counted(reads: Reads) -> None:
    sheet = reads(
        "TEXAS,Tye Police Department,Municipality,Galveston County,Task Force Model,3/1/2025",
        "TEXAS,Houston Police Department,Municipality,Harris County,Task Force Model,3/1/2025",
    )
    assert sheet.table["told_by"].tolist() == ["county", "county"]
    assert sheet.table["doubt"].tolist() == ["the city's ZIP codes lie in 48441", ""]
    said = "1 row: the city's ZIP codes lie in another county than the one named, which stands"
    assert said in sheet.notes


def test_what_names_decide_against_the_sheet_is_told(reads: Reads) -> None:
    sheet = reads(
        "TENNESSEE,Madison County Sheriff's Office,County,Macon County,Task Force Model,2025-07-02",
        "ARKANSAS,Arkansas State Police Department,Municipality,Pulaski County,Task Force Model,"
        "2025-07-07",
        "TENNESSEE,Macon County Sheriff's Office,County,Macon County,Task Force Model,2025-07-02",
    )
    county = "in 47113 by its name; the county named is 47111, 'Macon County'"
    state = "a state agency by its name; the sheet calls it 'municipality'"
    assert sheet.notes == (
        f"row 2: Madison County Sheriff's Office: {county}",
        f"row 3: Arkansas State Police Department: {state}",
        "1 row: a state agency: in no county",
    )
    assert sheet.table["told_by"].tolist() == ["agency", "state agency", "county"]
    assert sheet.table["doubt"].tolist()[1:] == ["the sheet calls it 'municipality'", ""]
    counts = agreements_at(sheet, sheet.as_of)
    assert counts.by_county["task_force"].loc[["47111", "47113", "05119"]].tolist() == [1, 1, 0]
    assert counts.by_state.loc["AR", "task_force"] == 1


@pytest.mark.parametrize(
    ("agency", "state"),
    [
        ("Arkansas State Police", "AR"),
        ("STATE POLICE", "AR"),
        ("Virginia Department of State Police", "VA"),
        ("Missouri State Highway Patrol", "MO"),
        ("Highway Patrol", "CA"),
        ("Nebraska State Patrol", "NE"),
        ("Alaska State Troopers", "AK"),
        ("Texas Department of Public Safety- Criminal Investigations Division", "TX"),
        ("New York State Department of Corrections and Community Supervision", "NY"),
        ("State of Alaska Department of Corrections", "AK"),
        ("The Texas National Guard", "TX"),
        ("Florida Fish & Wildlife Conservation Commission", "FL"),
        ("Fish and Wildlife Commission", "FL"),
        ("Florida Gaming Control Commission", "FL"),
        ("Louisiana Alcohol and Tobacco Control", "LA"),
        ("Office Of The Attorney General", "GU"),
        ("Mississippi Attorney General's Office", "MS"),
        ("CNMI Department of Public Safety", "MP"),
    ],
)
def test_names_of_state_agencies(agency: str, state: str) -> None:
    assert is_state_agency(agency, state)


@pytest.mark.parametrize(
    ("agency", "state"),
    [
        ("Gordonsville Department of Public Safety", "VA"),
        ("Volusia County Division of Corrections", "FL"),
        ("Orange County Corrections Department", "FL"),
        ("Department of Public Safety", "FL"),  # of what?
        ("Texas County Sheriff's Office", "MO"),
        ("Texas City Police Department", "TX"),
        ("Oklahoma City Department of Public Safety", "OK"),
        ("Kansas City Department of Public Safety", "KS"),
        ("Texas Department of Public Safety", "MO"),  # another state's
        ("Washington Police Department", "WA"),
        ("Hawaii Police Department", "HI"),  # the county's
        ("Delaware Department of Public Safety", "OH"),  # a city's
        ("Pennsylvania State Constables Office Cambria County", "PA"),
        ("Pennsylvania State Constable Office Honey Brook Precinct 1", "PA"),
        ("Troy Township PA State Constable", "PA"),
        ("Florida State University Police Department", "FL"),
        ("Kent State Police Department", "OH"),
        ("Mississippi Department of Public Safety, University Campus", "MS"),
        ("Office of the State Attorney, 20th Judicial Circuit", "FL"),
        ("Southwest Virginia Regional Jail Authority", "VA"),
        ("Luzerne County District Attorney's Office", "PA"),
        ("State Police Academy Village", "NY"),
    ],
)
def test_names_of_other_agencies(agency: str, state: str) -> None:
    assert not is_state_agency(agency, state)


def test_no_county_and_no_city_is_taken_for_a_state() -> None:
    """Whatever their police are called, but for two places that bear their state's name."""
    counties = load_counties()
    counties = counties[~counties["state"].isin(["DC", "GU"])]  # each a whole
    cities = load_gazetteer().to_frame().query("kind == 'city'")
    places = {*zip(counties["legal_name"], counties["state"], strict=True)}
    places |= {*zip(cities["name"], cities["state"], strict=True)}
    offices = ["Police Department", "Department of Public Safety", "Department of Corrections"]
    taken = {
        place
        for place, state in places
        for office in offices
        if is_state_agency(f"{place} {office}", state)
    }
    assert taken == {"NEW YORK", "MISSISSIPPI STATE"}


def test_state_agencies_are_in_no_county(reads: Reads) -> None:
    sheet = reads(
        "WYOMING,Wyoming State Highway Patrol,State Agency ,Laramie County,Task Force Model,"
        "2025-07-01",
        "GUAM,Office Of The Attorney General,State Agency,Kattan District,Task Force Model,"
        "2025-07-01",
    )
    assert sheet.table["county_fips"].isna().all()
    assert sheet.problems.empty
    counts = agreements_at(sheet, sheet.as_of)
    assert counts.by_county.sum().sum() == 0
    assert counts.by_state.loc[["WY", "GU"], "task_force"].tolist() == [1, 1]


@pytest.mark.parametrize(
    ("name", "as_of"),
    [
        ("participatingAgencies07182025am.csv", dt.date(2025, 7, 18)),
        ("agreements_287g_2025-07-18.csv", dt.date(2025, 7, 18)),
        ("sheet_20250718.csv", dt.date(2025, 7, 18)),
        ("agreements.csv", dt.date(2025, 3, 1)),  # the last signature
        ("agreements 2025-13-45.csv", dt.date(2025, 3, 1)),
    ],
)
def test_the_day_of_the_sheet(reads: Reads, name: str, as_of: dt.date) -> None:
    row = "ALABAMA,Cherokee County Sheriff,County,Cherokee County,Task Force Model,2025-03-01"
    assert reads(row, name=name).as_of == as_of
    assert reads(row, name=name, as_of=dt.date(2026, 1, 1)).as_of == dt.date(2026, 1, 1)


def test_days_of_signature(reads: Reads) -> None:
    written = {
        "2025-06-25": "2025-06-25",
        "2025-06-25 00:00:00": "2025-06-25",
        "6/25/2025": "2025-06-25",
        "7/72025": "2025-07-07",
        "05/082025": "2025-05-08",
        "45833": "2025-06-25",  # Excel's number of the day
        "5025-07-07": None,
        "2025-07-19": None,  # after the sheet
        "1990-01-01": None,  # before the law
        "pending": None,
        "": None,
    }
    row = "ALABAMA,Cherokee County Sheriff,County,Cherokee County,Task Force Model,"
    sheet = reads(*(row + text for text in written), *[row + "2020-01-01"] * 20)
    signed = sheet.table["signed"].head(len(written))
    stated = [None if pd.isna(day) else f"{day:%Y-%m-%d}" for day in signed]
    assert stated == list(written.values())
    notes = "\n".join(sheet.notes)
    for row_number, text in ((8, "5025-07-07"), (9, "2025-07-19"), (10, "1990-01-01")):
        assert f"row {row_number}: Cherokee County Sheriff: signed {text!r}, which cannot" in notes
    assert "signed '7/72025', read as 2025-07-07" in notes
    assert "row 12" not in notes  # a blank is no slip


def test_agreements_in_force_on_a_day(reads: Reads) -> None:
    row = "ALABAMA,Cherokee County Sheriff,County,Cherokee County,"
    sheet = reads(
        row + "Jail Enforcement Model ,2020-02-01",
        row + "Task Force Model,2025-03-01",
        row + "Warrant Service Officer,5025-07-07",
        *[row + "Task Force Model,2025-03-02"] * 10,
    )
    before = agreements_at(sheet, dt.date(2025, 2, 28))
    assert before.by_county.loc["01019"].to_dict() == {
        "jail_enforcement": 1,
        "task_force": 0,
        "warrant_service_officer": 0,
    }
    assert before.undated.index.tolist() == [4]
    assert agreements_at(sheet, dt.date(2025, 3, 1)).by_county.loc["01019", "task_force"] == 1
    last = agreements_at(sheet, sheet.as_of)  # what the sheet lists was in force on its day
    assert last.by_county.loc[["01019"]].to_numpy().tolist() == [[1, 11, 1]]
    assert last.undated.empty
    assert last.by_county.index.equals(load_counties().index)
    with pytest.raises(InputError, match=r"a sheet of 2025-07-18; expected one of 2025-07-19"):
        agreements_at(sheet, dt.date(2025, 7, 19))


@pytest.mark.parametrize(
    ("rows", "options", "message"),
    [
        (["ONTARIO,x,County,x,Task Force Model,2025-01-01"], {}, "row 2: found 'ONTARIO'"),
        (["ALABAMA,x,County,x,Tribal Model,2025-01-01"], {}, "row 2: found 'Tribal Model'"),
        (
            ["ALABAMA,x,County,Cherokee County,Task Force Model,2025-03-01"],
            {"as_of": dt.date(2025, 1, 1)},
            "1 of 1 agreements signed after 2025-01-01",
        ),
        (
            ["ALABAMA,x,County,Cherokee County,Task Force Model,"],
            {"name": "a.csv"},
            "neither a date in the file's name nor a day of signature",
        ),
    ],
)
def test_bad_sheets(reads: Reads, rows: list[str], options: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError) as caught:
        reads(*rows, **options)
    assert message in str(caught.value)


def test_missing_columns_are_told_at_once(tmp_path: Path) -> None:
    path = tmp_path / "sheet.csv"
    path.write_text("STATE,AGENCY,COUNTY\nALABAMA,x,y\n", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_agreements(path)
    assert [problem.expected for problem in caught.value.problems] == [
        "one of type with kinds of agency",
        "one of support type, model with models of agreement",
        "one of signed, date signed with days of signature",
    ]


long_names = load_counties().loc[lambda table: table["name"].map(squash_name).str.len() >= 7]


@given(st.sampled_from(sorted(long_names.index)), st.data())
def test_swapped_letters_are_read_as_the_county(fips: str, data: st.DataObject) -> None:
    name, state = squash_name(long_names.loc[fips, "name"]), long_names.loc[fips, "state"]
    place = data.draw(st.integers(1, len(name) - 2))
    swapped = name[:place] + name[place + 1] + name[place] + name[place + 2 :]
    alike = counties_alike(swapped + " County", state)
    same_name = counties_alike(name, state)
    # Either it is told, or the misspelling is another county's name or as near to it.
    assert fips in alike or squash_name(swapped) in set(
        load_counties().query("state == @state")["name"].map(squash_name)
    )
    assert fips in same_name


days = st.dates(dt.date(1951, 1, 1), dt.date(2049, 12, 31))


@given(days)
def test_days_are_read_as_they_are_written(day: dt.date) -> None:
    for pattern, order in (
        ("%Y-%m-%d", "month first"),
        ("%m/%d/%Y", "month first"),
        ("%m/%d/%y", "month first"),
        ("%d/%m/%y", "day first"),
        ("%d.%m.%Y", "day first"),
    ):
        read = read_days(pd.Series([f"{day:{pattern}}"]), order)  # type: ignore[arg-type]
        assert read.earliest.iloc[0] == read.latest.iloc[0] == pd.Timestamp(day)
    month = read_days(pd.Series([f"{day:%b-%y}"]), "day first")
    assert month.earliest.iloc[0] == pd.Timestamp(day.replace(day=1))
    assert (month.latest.iloc[0] + pd.Timedelta(days=1)).day == 1


@settings(max_examples=20)
@given(st.lists(days, min_size=1))
def test_the_order_of_day_and_month_is_told_or_not(some: list[dt.date]) -> None:
    text = pd.Series([f"{day:%d/%m/%Y}" for day in some])
    order, day_first, month_first = day_order(text)
    assert month_first == "" or order is None or order == "month first"
    assert (order == "day first") == any(day.day > 12 for day in some)
    assert bool(day_first) == (order == "day first")


def test_two_orders_are_told() -> None:
    assert day_order(pd.Series(["31/1/2020", "1/31/2020"])) == (None, "31/1/2020", "1/31/2020")


@pytest.mark.parametrize(
    ("date", "rows", "state_agencies", "unknown"),
    [("2025-07-18", 832, 63, 13), ("2026-05-18", 1_843, 78, 25)],
)
def test_every_row_of_the_real_sheets_lands_somewhere(
    shared_data: Path, date: str, rows: int, state_agencies: int, unknown: int
) -> None:
    sheet = read_agreements(shared_data / "real" / "policy" / f"agreements_287g_{date}.xlsx")
    table, told = sheet.table, sheet.table["told_by"]
    assert len(table) == rows
    assert sheet.as_of == dt.date.fromisoformat(date)
    assert (told == "state agency").sum() == state_agencies
    assert len(sheet.problems) == unknown
    assert (sheet.problems["doubt"] != "").all()  # each with its reason
    placed = table["county_fips"].notna()
    assert (placed | (told == "state agency") | (told == "")).all()
    states = table.loc[placed, "county_fips"].map(load_counties()["state"])
    assert (states == table.loc[placed, "state"]).all()
    counts = agreements_at(sheet, sheet.as_of)
    total = counts.by_county.sum().sum() + counts.by_state.sum().sum() + len(counts.unplaced)
    assert total == rows
    assert counts.by_county.columns.tolist() == list(MODELS)


@pytest.mark.parametrize(
    ("date", "against", "unlike"),
    [
        ("2025-07-18", {35: "state agency", 438: "state agency", 644: "47113"}, 13),
        ("2026-05-18", {}, 5),
    ],
)
def test_names_against_the_real_sheets(
    shared_data: Path, date: str, against: dict[int, str], unlike: int
) -> None:
    """The later sheet says of all three rows what their names say of the earlier one's."""
    path = shared_data / "real" / "policy" / f"agreements_287g_{date}.xlsx"
    table = read_agreements(path).table
    typed = table["kind"] == "state agency"
    by_name = (table["told_by"] == "state agency") & ~typed
    another = table["doubt"].str.startswith("the county named is")
    decided = table[by_name | another]
    assert decided["county_fips"].fillna("state agency").to_dict() == against
    # Nearly all that the sheet calls a state's are told by name too; campuses, courts and
    # a regional jail are not.
    named = [is_state_agency(*each) for each in zip(table["agency"], table["state"], strict=True)]
    assert (typed & ~pd.Series(named, index=table.index)).sum() == unlike


def test_days_of_the_real_sheet(shared_data: Path) -> None:
    sheet = read_agreements(shared_data / "real" / "policy" / "agreements_287g_2025-07-18.xlsx")
    first = "row 639: Grundy County Sheriff's Office: signed '5025-07-07', which cannot be"
    assert sheet.notes[0].startswith(first)
    assert sheet.notes[1:3] == (
        "row 775: Tooele County Sheriff's Office: signed '7/72025', read as 2025-07-07",
        "row 785: Campbell County Sheriff's Office: signed '05/082025', read as 2025-05-08",
    )
    assert sheet.table["signed"].isna().sum() == 1
    # Before 2025 task forces had ended; the sheet knows of none.
    counts = agreements_at(sheet, dt.date(2025, 1, 19))
    assert counts.by_county["task_force"].sum() == 0 < counts.by_county["jail_enforcement"].sum()
