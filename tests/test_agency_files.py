"""Offences by police agency, and lists of agencies: layouts, repairs, counties."""

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.crime import (
    AGENCY_KINDS,
    Agencies,
    AgencyOffenses,
    read_agencies,
    read_agency_offenses,
    repair_ori,
)
from geo.errors import InputError

Reads = Callable[..., AgencyOffenses]
Lists = Callable[[str], Agencies]


@pytest.fixture
def reads(tmp_path: Path) -> Reads:
    """Write a CSV file and read the offences in it."""

    def read(content: str, **options: Any) -> AgencyOffenses:
        path = tmp_path / "agencies.csv"
        path.write_text(content, encoding="utf-8")
        return read_agency_offenses(path, **options)

    return read


@pytest.fixture
def lists(tmp_path: Path) -> Lists:
    """Write a CSV file and read the list of agencies in it."""

    def read(content: str) -> Agencies:
        path = tmp_path / "list.csv"
        path.write_text(content, encoding="utf-8")
        return read_agencies(path)

    return read


def counts(read: AgencyOffenses) -> dict[tuple[str, int, str], float]:
    rows = read.table
    keys = zip(rows["ori"] + rows["agency"], rows["year"], rows["offense"], strict=True)
    return dict(zip(keys, rows["count"], strict=True))


# Identifiers of agencies.


@pytest.mark.parametrize(
    ("written", "repaired"),
    [
        ("AL00101", "AL0010100"),
        ("AL0010100", "AL0010100"),
        ("al0010100", "AL0010100"),
        (" AL 00101 ", "AL0010100"),
        ("'AL0010100'", "AL0010100"),
        ('="AL0010100"', "AL0010100"),
        ("KYKSP0000", "KYKSP0000"),
        ("CT005049E", "CT005049E"),
    ],
)
def test_identifiers_that_can_be_repaired(written: str, repaired: str) -> None:
    assert repair_ori(pd.Series([written])).tolist() == [repaired]


@pytest.mark.parametrize(
    "written", ["", "-1", "AL0010", "AL001010", "AL001010000", "0010100", "NA"]
)
def test_identifiers_that_are_none(written: str) -> None:
    assert repair_ori(pd.Series([written])).isna().tolist() == [True]


_ORIS = st.from_regex(r"[A-Z]{2}[A-Z0-9]{5}([A-Z0-9]{2})?", fullmatch=True)


@given(_ORIS, st.sampled_from(["{}", " {} ", "'{}'", '="{}"', "{}\t", "\u201c{}\u201d"]))
def test_repair_undoes_what_spreadsheets_do(ori: str, wrapping: str) -> None:
    wanted = repair_ori(pd.Series([ori]))
    spoilt = pd.Series([wrapping.format(ori), wrapping.format(ori.lower())])
    assert repair_ori(spoilt).tolist() == wanted.tolist() * 2
    assert repair_ori(wanted).tolist() == wanted.tolist()
    assert wanted[0] == (ori if len(ori) == 9 else ori + "00")


@given(st.lists(st.text(max_size=12), max_size=8))
def test_repair_gives_nine_characters_or_nothing(words: list[str]) -> None:
    text = pd.Series(words, index=range(10, 10 + len(words)), dtype="str")
    repaired = repair_ori(text)
    assert repaired.index.tolist() == text.index.tolist()
    assert repaired.dropna().str.fullmatch(r"[A-Z]{2}[A-Z0-9]{7}").all()


# Layouts.

KAPLAN = (
    "ori,ori9,agency_name,state,state_abb,year,number_of_months_reported,"
    "number_of_months_missing,agency_type,population,actual_murder,actual_manslaughter,"
    "actual_rape_total,actual_robbery_total,actual_assault_total,actual_assault_aggravated,"
    "actual_assault_simple,{burglary},actual_theft_total,{vehicles}\n"
)


@pytest.mark.parametrize(
    ("burglary", "vehicles"),
    [
        ("actual_burg_total", "actual_mtr_veh_theft_total"),
        ("actual_burglary_total", "actual_motor_vehicle_theft_total"),
    ],
)
def test_kaplan_files_of_old_and_new_versions(reads: Reads, burglary: str, vehicles: str) -> None:
    header = KAPLAN.format(burglary=burglary, vehicles=vehicles)
    read = reads(
        header + "AK00101,AK0010100,anchorage,alaska,AK,2017,12,0,local police department,296188,"
        "27,1,391,778,3000,2368,632,2000,11000,3100\n"
        + "AK00101,AK0010100,anchorage,alaska,AK,2012,7,5,local police department,298842,"
        "15,0,240,478,2500,1700,800,1100,8000,800\n"
    )
    found = counts(read)
    assert found["AK0010100anchorage", 2017, "rape_revised"] == 391
    assert found["AK0010100anchorage", 2012, "rape_legacy"] == 240
    assert found["AK0010100anchorage", 2017, "burglary"] == 2000
    assert found["AK0010100anchorage", 2017, "motor_vehicle_theft"] == 3100
    assert read.table.groupby("year")["months"].unique().map(list).to_dict() == {
        2012: [7],  # 12 less the five missing, not the "number reported" (the last month)
        2017: [12],
    }
    assert set(read.table["kind"]) == {"city"}
    violent = read.crimes("ucr_part1_violent").set_index("year")["count"]
    assert violent[2017] == 27 + 391 + 778 + 2368
    assert pd.isna(violent[2012])  # rape of 2012 is of another definition


def test_no_month_reported_is_no_zero(reads: Reads) -> None:
    header = KAPLAN.format(burglary="actual_burg_total", vehicles="actual_mtr_veh_theft_total")
    read = reads(
        header
        + "AL00101,AL0010100,mobile,alabama,AL,2018,0,12,local police department,190000,"
        + ",".join(["0"] * 10)
        + "\n"
        + "AL00102,AL0010200,prichard,alabama,AL,2018,12,0,local police department,22000,"
        + ",".join(["0"] * 10)
        + "\n"
    )
    by_agency = read.table.groupby("ori")["count"]
    assert by_agency.count().to_dict() == {"AL0010100": 0, "AL0010200": 8}
    assert any("reported no month, set to missing: 8" in note for note in read.notes)


def test_an_agency_that_another_reports_for_is_listed(reads: Reads) -> None:
    read = reads(
        "ori,year,actual_murder,actual_robbery_total,agency_name,covered_by_ori\n"
        "AL0010100,2016,1,9,Here,\nAL00102,2016,0,0,There,AL00101\nAL0010300,2016,0,0,Third,no\n"
    )
    assert read.covered_by.to_numpy().tolist() == [["AL0010200", 2016, "AL0010100"]]
    assert read.system == "summary"
    assert any("whose crimes another agency reports: 1" in note for note in read.notes)
    with pytest.raises(InputError, match=r"system 'summary', and the definition nibrs_part1"):
        read.crimes("nibrs_part1_violent")


def test_negative_counts_are_corrections(reads: Reads) -> None:
    read = reads("ori,year,murder,robbery\nAL00101,2018,-1,3\nAL00102,2018,2,4\n")
    assert pd.isna(counts(read)["AL0010100", 2018, "murder"])
    assert counts(read)["AL0010200", 2018, "murder"] == 2
    assert any("counts below zero" in note and note.endswith(": 1") for note in read.notes)


def test_the_marshall_projects_cities(reads: Reads) -> None:
    read = reads(
        "ORI,year,department_name,total_pop,homs_sum,rape_sum,rob_sum,agg_ass_sum,violent_crime,"
        "months_reported,violent_per_100k\n"
        'NM00101,2012,"Albuquerque, N.M.",553684,41,287,1009,2814,4151,12,749.7\n'
        ",2012,National,,14856,85141,355051,762009,1217057,,387.8\n"
    )
    assert counts(read)["NM0010100Albuquerque, N.M.", 2012, "aggravated_assault"] == 2814
    violent = read.crimes("ucr_part1_violent_legacy_rape").set_index("ori")["count"]
    assert violent["NM0010100"] == 4151
    assert read.table.loc[read.table["agency"] == "National", "state"].unique().tolist() == [""]


def write_sheet(path: Path, rows: list[list[object]]) -> Path:
    """Write rows of any length, as printed tables have them."""
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    book.save(path)
    return path


def printed_table(path: Path) -> Path:
    """Write what the FBI prints: a title, breaks in the header, footnotes below."""
    rows: list[list[object]] = [
        ["Table 8"],
        ["Offenses Known to Law Enforcement"],
        ["by State by City, 2014"],
        [
            *("State", "City", "Population", "Violent\ncrime"),
            *("Murder and\nnonnegligent\nmanslaughter", "Rape\n(revised\ndefinition)1"),
            *("Rape\n(legacy\ndefinition)2", "Robbery", "Aggravated\nassault"),
            *("Property\ncrime", "Burglary", "Larceny-\ntheft", "Motor\nvehicle\ntheft", "Arson3"),
        ],
        ["ALABAMA4", "Abbeville", 2620, 10, 1, None, 2, 3, 4, 70, 15, 50, 5, None],
        [None, "Hoover5", 84139, 70, 2, 8, None, 30, 30, 1800, 200, 1500, 100, 3],
        ["ALASKA", "Anchorage", 301306, 2693, 12, 391, None, 490, 1800, 11000, 1, 2, 3, 4],
        ["1 The figures shown in this column were reported by the revised definition."],
    ]
    return write_sheet(path, rows)


def test_the_fbis_printed_table(tmp_path: Path) -> None:
    path = printed_table(tmp_path / "table-8.xlsx")
    read = read_agency_offenses(path, years=2014)
    agencies = read.table.drop_duplicates("agency").set_index("agency")
    assert agencies["state"].to_dict() == {"Abbeville": "AL", "Hoover": "AL", "Anchorage": "AK"}
    assert set(read.table["kind"]) == {"city"}
    assert set(read.table["months"]) == {12}
    found = counts(read)
    assert found["Abbeville", 2014, "rape_legacy"] == 2
    assert pd.isna(found["Abbeville", 2014, "rape_revised"])
    assert found["Hoover", 2014, "larceny"] == 1500
    violent = read.crimes("ucr_part1_violent").set_index("agency")["count"]
    assert violent["Anchorage"] == 2693
    assert pd.isna(violent["Abbeville"])  # it reported rape by the legacy definition
    assert any("notes, without an agency: 1" in note for note in read.notes)
    with pytest.raises(InputError, match=r"no column of years.*say which years"):
        read_agency_offenses(path)


def test_counties_of_the_printed_table_10(tmp_path: Path) -> None:
    rows: list[list[object]] = [
        ["Table 10"],
        ["State", "County", "Violent crime", "Murder", "Rape1", "Robbery", "Aggravated assault"],
        ["ALABAMA-Metropolitan Counties", "Autauga", 68, 2, 8, 6, 52],
        [None, "Baldwin", 98, 0, 4, 18, 76],
        ["ALABAMA-Nonmetropolitan Counties", "Barbour", 4, 0, 1, 1, 2],
    ]
    path = write_sheet(tmp_path / "table-10.xlsx", rows)
    read = read_agency_offenses(path, years=2019)
    assert set(read.table["state"]) == {"AL"}
    assert set(read.table["kind"]) == {"county"}
    assert counts(read)["Baldwin", 2019, "rape_revised"] == 4


LONG = "ori,agency_type,year,offense,count\n"


def test_long_and_wide_tables_say_the_same(reads: Reads) -> None:
    wide = reads(
        "ori,agency_type,year,murder,rape,robbery,aggravated_assault\n"
        "AL00101,City,2018,1,2,3,4\nAL00102,County,2018,5,6,7,8\n"
    )
    long = reads(
        LONG
        + "AL00102,County,2018,Robbery,7\nAL00101,City,2018,Aggravated assault,4\n"
        + "AL00101,City,2018,homicide,1\nAL00101,City,2018,rape,2\nAL00101,City,2018,robbery,3\n"
        + "AL00102,County,2018,murder,5\nAL00102,County,2018,rape,6\n"
        + "AL00102,County,2018,aggravated_assault,8\nAL00102,County,2018,embezzlement,9\n"
    )
    assert counts(wide) == counts(long)
    assert any("offences left out: embezzlement" in note for note in long.notes)
    by_agency = [
        read.crimes("ucr_part1_violent").set_index("ori")["count"] for read in (wide, long)
    ]
    assert by_agency[0].to_dict() == by_agency[1].to_dict() == {"AL0010100": 10, "AL0010200": 26}


def test_a_mapping_of_ones_own(reads: Reads, tmp_path: Path) -> None:
    mapping = tmp_path / "mine.toml"
    mapping.write_text(
        'kind = "agency"\ntitle = "Policia"\nmonths = 12\n'
        '[columns]\nagency = "Cuerpo"\nstate = "Estado"\n'
        "[year_columns]\nN2018 = 2018\nN2019 = 2019\n"
        '[offenses]\nmurder = ["HOM", "HOMICIDIO"]\nrobbery = "ROBO"\n',
        encoding="utf-8",
    )
    with_offence = mapping.read_text(encoding="utf-8").replace(
        "[year_columns]", 'offense = "Delito"\nyear = "Fecha"\n[year_columns]'
    )
    mapping.write_text(with_offence, encoding="utf-8")
    read = reads(
        "Cuerpo,Estado,Fecha,Delito,N2018,N2019\nPonce,PR,2020,HOM,10,11\nPonce,PR,2020,ROBO,20,\n",
        mapping=mapping,
    )
    assert counts(read)["Ponce", 2019, "murder"] == 11
    assert counts(read)["Ponce", 2018, "robbery"] == 20
    assert pd.isna(counts(read)["Ponce", 2019, "robbery"])


def test_rows_can_be_filtered_before_they_are_checked(reads: Reads) -> None:
    read = reads("ori,year,murder\nAL00101,2018,1\nAL00101,n.d.,2\n", where={"year": ["2018"]})
    assert len(read.table) == 1
    assert read.sources[0].filtered_out == 1


def test_the_input_file_is_told(reads: Reads) -> None:
    read = reads("ori,year,murder\nAL00101,2018,1\n")
    assert [source.file for source in read.sources] == ["agencies.csv"]
    assert len(read.sources[0].sha256) == 64


def test_crimes_of_a_definition_need_its_parts(reads: Reads) -> None:
    read = reads("ori,year,murder,robbery\nAL00101,2018,1,2\n")
    assert read.crimes("homicide")["count"].tolist() == [1]
    with pytest.raises(InputError, match=r"aggravated assault.*choose a definition whose parts"):
        read.crimes("ucr_part1_violent")


@given(st.permutations(range(6)))
def test_the_order_of_rows_does_not_matter(order: list[int]) -> None:
    rows = [f"AL00{100 + number},2018,{number},{number * 2}" for number in range(6)]

    def read(lines: list[str]) -> dict[tuple[str, int, str], float]:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "crime.csv"
            path.write_text("ori,year,murder,robbery\n" + "\n".join(lines), encoding="utf-8")
            return counts(read_agency_offenses(path))

    assert read([rows[number] for number in order]) == read(rows)


# Lists of agencies.

LIST = "ori,data_year,pub_agency_name,state_abbr,county_name,agency_type_name,population\n"


def test_counties_by_name(lists: Lists) -> None:
    read = lists(
        LIST
        + 'AL0010200,2025,Birmingham,AL,"JEFFERSON, SHELBY, ST CLAIR",City,195393\n'
        + "LA0170100,2025,Baton Rouge,LA,EAST BATON ROUGE,City,219573\n"
        + "NM0070100,2025,Las Cruces,NM,DONA ANA,City,113888\n"
        + "GA0440200,2025,Decatur,GA,DE KALB; FULTON,City,24000\n"
        + "MD0170000,2025,Prince George's,MD,PRINCE GEORGES,County,900000\n"
        + "AK0012800,2025,Whittier,AK,VALDEZ-CORDOVA,City,204\n"
    )
    assert read.table["counties"].to_dict() == {
        "AL0010200": ("01073", "01117", "01115"),
        "LA0170100": ("22033",),
        "NM0070100": ("35013",),
        "GA0440200": ("13089", "13121"),
        "MD0170000": ("24033",),
        "AK0012800": ("02261",),
    }
    assert read.unplaced.empty


@pytest.mark.parametrize(
    ("state", "name", "fips"),
    [
        ("VA", "FAIRFAX", "51059"),
        ("VA", "FAIRFAX CITY", "51600"),
        ("VA", "ROANOKE CITY", "51770"),
        ("VA", "RICHMOND", "51159"),
        ("VA", "RICHMOND CITY", "51760"),
        ("VA", "VIRGINIA BEACH CITY", "51810"),
        ("VA", "CHARLES CITY", "51036"),
        ("VA", "JAMES CITY", "51095"),
        ("VA", "BEDFORD CITY", "51019"),
        ("MD", "BALTIMORE", "24005"),
        ("MD", "BALTIMORE CITY", "24510"),
        ("MO", "ST LOUIS CITY", "29510"),
        ("MO", "ST. LOUIS COUNTY", "29189"),
        ("NV", "CARSON CITY", "32510"),
        ("AK", "Wade Hampton Census Area", "02158"),
        ("AK", "CHUGACH", "02261"),
        ("AK", "Kenai Peninsula Borough", "02122"),
        ("SD", "SHANNON", "46102"),
        ("LA", "Orleans Parish", "22071"),
    ],
)
def test_independent_cities_and_renamed_counties(
    lists: Lists, state: str, name: str, fips: str
) -> None:
    read = lists(LIST + f"{state}0010000,2025,Somewhere,{state},{name},County,1\n")
    assert read.table["counties"].tolist() == [(fips,)]


def test_agencies_of_no_county_are_listed_with_the_reason(lists: Lists) -> None:
    read = lists(
        LIST
        + "NY0303000,2025,New York,NY,NOT SPECIFIED,City,8496850\n"
        + "DCMPD0000,2025,Washington,DC,NOT SPECIFIED,City,693645\n"
        + "DEDEA0100,2025,Drug Enforcement,FS,NEW CASTLE,Federal,0\n"
        + 'AL0010200,2025,Birmingham,AL,"JEFFERSON, JEFERSON",City,NULL\n'
    )
    assert read.table["counties"].to_dict() == {
        "NY0303000": (),
        "DCMPD0000": ("11001",),  # the District has only one county
        "DEDEA0100": (),
        "AL0010200": ("01073",),
    }
    reasons = read.unplaced.set_index("ori")["reason"].to_dict()
    assert reasons == {
        "NY0303000": "no county given",
        "DEDEA0100": "no state",
        "AL0010200": "no county of this name in AL",
    }
    assert read.table["population"].isna().to_dict()["AL0010200"]
    assert read.table["state"]["DEDEA0100"] == ""
    assert read.table["kind"]["DEDEA0100"] == "federal"


def test_connecticuts_planning_regions_by_the_town(lists: Lists) -> None:
    read = lists(
        LIST
        + "CT0006400,2025,Hartford,CT,CAPITOL PLANNING REGION,City,121000\n"
        + "CT0014200,2025,Tolland,CT,CAPITOL PLANNING REGION,City,14500\n"
        + "CT0017000,2025,State University,CT,CAPITOL PLANNING REGION,University or College,0\n"
        + "CT005049E,2025,Yale University,CT,SOUTH CENTRAL CONNECTICUT PLANNING REGION,Other,0\n"
        + "CT0016200,2025,Winchester,CT,NORTHWEST HILLS PLANNING REGION,City,10200\n"
        + "CT0017001,2025,University of Connecticut:,CT,CAPITOL PLANNING REGION,Other,0\n"
        + "CT0019000,2025,Central Connecticut State University,CT,CAPITOL PLANNING REGION,Other,0\n"
    )
    # Both towns lie in the same planning region, and in two counties of 2019; the region of
    # Yale lies in New Haven County as a whole.
    assert read.table["counties"].to_dict() == {
        "CT0006400": ("09003",),
        "CT0014200": ("09013",),
        "CT0017000": (),
        "CT005049E": ("09009",),
        # The post office calls Winchester Winsted; universities are known by their seat.
        "CT0016200": ("09005",),
        "CT0017001": ("09013",),
        "CT0019000": ("09003",),
    }
    assert read.unplaced["reason"].str.startswith("planning region over several").all()
    assert read.unplaced["ori"].tolist() == ["CT0017000"]


def test_codes_come_before_names(lists: Lists) -> None:
    read = lists(
        "ORI9,ORI7,NAME,STATENAME,COUNTYNAME,FIPS\n"
        "AL0010100,AL00101,ANCHORAGE,ALABAMA,NOWHERE,1073\n"
        "SD0570000,SD05700,SHANNON,SOUTH DAKOTA,SHANNON,46113\n"
        "AK0011200,AK00112,VALDEZ,ALASKA,,02063\n"
        "AL0010300,AL00103,MOBILE,ALABAMA,MOBILE,\n"
        "-1,-1,NOBODY,ALABAMA,MOBILE,1097\n"
    )
    assert read.table["counties"].to_dict() == {
        "AL0010100": ("01073",),
        "SD0570000": ("46102",),
        "AK0011200": ("02261",),
        "AL0010300": ("01097",),
    }
    assert any("without an ORI, left out: 1" in note for note in read.notes)


def test_the_latest_year_of_an_agency_counts(lists: Lists) -> None:
    read = lists(
        LIST
        + "AL0010200,2025,Birmingham,AL,JEFFERSON,City,195393\n"
        + "AL0010200,2019,Birmingham,AL,SHELBY,City,209000\n"
    )
    assert read.table["year"].to_dict() == {"AL0010200": 2025}
    assert read.table["population"].to_dict() == {"AL0010200": 195393}
    assert any("earlier years, left out: 1" in note for note in read.notes)


@pytest.mark.parametrize(
    ("written", "kind"),
    [
        ("City", "city"),
        ("County", "county"),
        ("sheriffs office", "county"),
        ("University or College", "university"),
        ("Other State Agency", "other"),
        ("State Police", "state police"),
        ("Tribal", "tribal"),
        ("Federal", "federal"),
        ("local police department", "city"),
        ("special jurisdiction", "other"),
        ("", ""),
    ],
)
def test_kinds_of_agencies(lists: Lists, written: str, kind: str) -> None:
    read = lists(LIST + f"AL0010200,2025,Somebody,AL,JEFFERSON,{written},1\n")
    assert read.table["kind"].tolist() == [kind]
    assert kind in {*AGENCY_KINDS, ""}


# Real files.


def test_the_real_list_of_agencies(shared_data: Path) -> None:
    path = shared_data / "real" / "crime" / "agency_ori_county.csv"
    read = read_agencies(path)
    stated = pd.read_csv(path, dtype=str, keep_default_na=False)
    assert len(read.table) == len(stated) == 18_330
    nowhere = read.table["counties"].map(len) == 0
    # Every county that the list names is found, save those of agencies without a state and
    # of one of Connecticut's agencies.
    assert set(read.table.index[nowhere]) == set(read.unplaced["ori"])
    unnamed = stated["county_name"].isin(["NOT SPECIFIED", "UNMAPPED COUNTY"])
    others = read.unplaced[read.unplaced["reason"] != "no county given"]
    # One line runs through both counties of its region, one agency is federal.
    assert others["agency"].tolist() == [
        "Metropolitan Transportation Authority",
        "Drug Enforcement Administration:",
    ]
    assert nowhere.sum() == unnamed.sum() - 5 + len(others)
    assert read.table["population"].sum() == pd.to_numeric(stated["population"]).sum()
    assert read.table.loc["AL0010200", "counties"] == ("01073", "01117")


def test_the_real_figures_of_2024_and_2025(shared_data: Path) -> None:
    path = shared_data / "real" / "crime" / "agency_crime_2024_2025.csv"
    read = read_agency_offenses(path)
    stated = pd.read_csv(path)
    for year, column in ((2024, "two_years_prior_full"), (2025, "previous_year_full")):
        rows = read.table[read.table["year"] == year]
        assert rows["count"].sum() == stated[column].sum()
    assert (read.table["agencies"] == 1).sum() == 2 * (stated["number_of_agencies"] == 1).sum()
    assert set(read.table["months"]) == {12}
    # Where an agency's violent total is zero beside parts that are not, the parts count.
    akron = read.crimes("ucr_part1_violent").query("agency == 'Akron' and year == 2025")
    assert akron["count"].tolist() == [1744]
    assert any("their parts: 358 (zero, 358 of them)" in note for note in read.notes)
