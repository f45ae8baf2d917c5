"""Crimes by county: every layout, and what is read into the same table."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo import load_population, repair_county_codes
from geo.crime import CountyCrimes, known_layouts, pool_years, read_county_crimes, read_mapping
from geo.errors import InputError

Reads = Callable[..., CountyCrimes]
COLUMNS = ["county_fips", "year", "years", "crimes", "residents", "covered_share", "flags"]


@pytest.fixture
def reads(tmp_path: Path) -> Reads:
    """Write a CSV file and read the crimes in it."""

    def read(content: str, **options: Any) -> CountyCrimes:
        path = tmp_path / options.pop("name", "counties.csv")
        path.write_text(content, encoding="utf-8")
        return read_county_crimes(path, **options)

    return read


def row(read: CountyCrimes, county: str, year: int = 0) -> dict[str, Any]:
    rows = read.table[read.table["county_fips"] == county]
    if year:
        rows = rows[rows["year"] == year]
    (only,) = rows.to_dict("records")
    return {str(key): value for key, value in only.items()}


# Known layouts.

ICPSR = (
    "STUDYNO,EDITN,PART,IDNO,FIPS_ST,FIPS_CTY,CPOPARST,CPOPCRIM,AG_ARRST,AG_OFF,COVIND,VIOL,"
    "PROPERTY,MURDER,RAPE,ROBBERY,AGASSLT,BURGLRY,LARCENY,MVTHEFT,ARSON\n"
)


def test_the_nacjds_county_files(reads: Reads) -> None:
    # In 2014, by the file itself: 1001, coverage 100; 1003 reported for part of the county.
    read = reads(
        ICPSR
        + "36399,1,4,1,1,1,55246,55246,5,5,100.0000,155,1467,2,15,38,100,400,1000,67,3\n"
        + "36399,1,4,2,1,3,195540,195540,9,9,62.5000,400,4000,5,50,45,300,1000,2700,300,9\n"
        + "36399,1,4,3,1,5,27076,27076,1,1,0.0000,12,90,0,2,3,7,30,50,10,0\n"
        + "36399,1,4,4,1,777,0,0,1,1,100,9,9,1,1,1,6,3,3,3,0\n",
        years=2014,
    )
    assert read.definition == "ucr_part1_violent"
    assert row(read, "01001") == {
        "county_fips": "01001",
        "year": 2014,
        "years": "2014",
        "crimes": 155.0,
        "residents": 55246.0,
        "covered_share": 1.0,
        "flags": "",
    }
    assert row(read, "01003")["covered_share"] == 0.625
    # Coverage 0: nothing but estimates.
    assert np.isnan(row(read, "01005")["crimes"])
    assert len(read.table) == 3
    notes = " | ".join(read.notes)
    assert "belong to no county: 1" in notes
    assert "without any report, set to missing: 1" in notes
    assert "filled by the publisher" in notes


def test_the_nacjds_files_as_tab_separated_text(reads: Reads) -> None:
    content = ICPSR + "36399,1,4,1,1,1,55246,55246,5,5,100,155,1467,2,15,38,100,400,1000,67,3\n"
    read = reads(content.replace(",", "\t"), name="36399-0004-Data.tsv", years=2014)
    assert row(read, "01001")["crimes"] == 155


def test_rape_decides_the_definition_of_a_year(reads: Reads) -> None:
    content = ICPSR + "1,1,4,1,1,1,55246,55246,5,5,100,155,1467,2,15,38,100,400,1000,67,3\n"
    assert reads(content, years=2012).definition == "ucr_part1_violent_legacy_rape"
    assert reads(content, years=2013).definition == "ucr_part1_violent"
    with pytest.raises(InputError, match=r"the parts of ucr_part1_violent.*state the definition"):
        reads(content, years=2012, definition="ucr_part1_violent")
    assert reads(content, years=2012, definition="homicide").table["crimes"].tolist() == [2]
    assert reads(content, years=2012, definition="property_part1").table["crimes"].tolist() == [
        1467
    ]


def test_kaplans_county_files(reads: Reads) -> None:
    header = (
        "year,county_name,state,state_abb,fips_state_code,fips_county_code,fips_state_county,"
        "coverage_indicator,county_population,actual_murder,actual_rape_total,"
        "actual_robbery_total,actual_assault_aggravated,actual_index_violent\n"
    )
    read = reads(
        header
        + "2017,autauga,alabama,AL,01,001,01001,98.5,55504,4,13,22,67,106\n"
        + "2016,autauga,alabama,AL,01,001,01001,97.0,55416,2,10,20,60,92\n"
    )
    # What was filled up for those who did not report is taken off; the rate stays.
    later = row(read, "01001", 2017)
    assert later["crimes"] == pytest.approx(106 * 0.985)
    assert later["crimes"] / later["residents"] == pytest.approx(106 / 55504)
    assert later["covered_share"] == pytest.approx(0.985)
    assert row(read, "01001", 2016)["residents"] == pytest.approx(55416 * 0.97)
    assert read.table["year"].tolist() == [2016, 2017]


WORDS = (
    "State FIPS Code,County FIPS Code,5-digit FIPS Code,State Abbreviation,Name,Release Year,"
    "County Ranked (Yes=1/No=0),Premature death raw value,Violent crime raw value,"
    "Violent crime numerator,Violent crime denominator,Violent crime CI low\n"
)
CODES = (
    "statecode,countycode,fipscode,state,county,year,county_ranked,v001_rawvalue,"
    "v043_rawvalue,v043_numerator,v043_denominator,v043_cilow\n"
)
RANKED = (
    "00,000,00000,US,United States,2020,,6900,386.5,1243000,321600000,\n"
    "01,000,01000,AL,Alabama,2020,,9943,479.9,23333.5,4862106,\n"
    "01,001,01001,AL,Autauga County,2020,1,8129,272.28222,149.0,54723,\n"
    "01,003,01003,AL,Baldwin County,2020,1,7354,203.66,,,\n"
    "01,005,01005,AL,Barbour County,2020,1,10254,,,,\n"
)


@pytest.mark.parametrize("header", [WORDS + CODES, WORDS, CODES])
def test_county_health_rankings_with_either_header_or_both(reads: Reads, header: str) -> None:
    read = reads(header + RANKED)
    assert read.definition == "chr_violent"
    assert row(read, "01001") | {"residents": 0} == {
        "county_fips": "01001",
        "year": 2016,
        "years": "2014/2016",
        "crimes": 149.0,
        "residents": 0,
        "covered_share": pytest.approx(np.nan, nan_ok=True),
        "flags": "",
    }
    assert len(read.table) == 3  # the country and the state are left out
    assert np.isnan(row(read, "01005")["crimes"])


def test_a_release_whose_years_are_not_known_asks_for_them(reads: Reads) -> None:
    earlier = (CODES + RANKED).replace(",2020,", ",2015,")
    with pytest.raises(InputError) as caught:
        reads(earlier)
    assert {problem.found for problem in caught.value.problems} == {"'2015'"}
    assert caught.value.problems[0].expected == "a release among 2019, 2020, 2021, 2022"
    read = reads(earlier, years="2010-2012")
    assert row(read, "01001")["years"] == "2010-2012"


URBAN = (
    "year,state,county,rate_crime_violent,rate_crime_property,rate_crime_violent_quality,"
    "rate_crime_property_quality\n"
)


def test_the_urban_institutes_rates_from_nibrs(reads: Reads) -> None:
    read = reads(
        URBAN
        + "2021,01,001,1261.2,1790.7,1,1\n2021,01,003,523.0,1521.7,2,2\n"
        + "2021,01,005,1868.6,3586.8,3,3\n2021,01,007,NA,NA,NA,NA\n"
    )
    assert read.definition == "nibrs_violent"
    residents = load_population(2019)
    assert row(read, "01001")["crimes"] == pytest.approx(1261.2 * residents["01001"] / 1e5)
    # A mark of 2 may be the core city alone: it warrants no share, and passes no threshold.
    assert read.table["covered_share"].tolist()[:3] == [1.0, 0.0, 0.0]
    assert pool_years(read).rates.rate.notna().sum() == 1
    assert np.isnan(row(read, "01007")["covered_share"])
    assert any("residents are the Census Bureau's estimates" in note for note in read.notes)


# Tables with usual names, and mappings.


def test_a_rate_goes_there_and_back(reads: Reads) -> None:
    read = reads(
        "FIPS,Violent Crime Rate\n1001,300\n1003,150.5\n1000,9\n",
        years="2014/2016",
        definition="chr_violent",
    )
    rate = read.table["crimes"] / read.table["residents"] * 100_000
    assert rate.round(9).tolist() == [300.0, 150.5]
    assert (
        read.table["residents"].tolist() == load_population(2014, 2016)[["01001", "01003"]].tolist()
    )


def test_figures_whose_definition_is_not_stated_are_refused(reads: Reads) -> None:
    with pytest.raises(InputError, match=r"figures of no definition.*state the definition"):
        reads("FIPS,Violent Crime Rate\n1001,300\n", years=2016)
    with pytest.raises(InputError, match=r"offences murder, robbery.*one of homicide, robbery"):
        reads("fips,year,murder,robbery\n1001,2017,1,2\n")


def test_a_total_is_not_taken_for_one_of_its_parts(reads: Reads) -> None:
    content = "fips,year,violent,property\n1001,2017,155,1500\n"
    assert reads(content, definition="ucr_part1_violent").table["crimes"].tolist() == [155]
    assert reads(content, definition="property_part1").table["crimes"].tolist() == [1500]
    for part in ("homicide", "robbery"):
        with pytest.raises(InputError, match=f"a total of other offences; .* parts of {part}"):
            reads(content, definition=part)


def test_a_fixed_definition_is_not_renamed(reads: Reads) -> None:
    with pytest.raises(InputError, match=r"chr_violent .* and ucr_part1_violent"):
        reads(CODES + RANKED, definition="ucr_part1_violent")


def test_years_of_two_definitions_are_not_mixed(reads: Reads) -> None:
    content = (
        "fips,year,murder,rape,robbery,aggravated_assault\n1001,2012,1,2,3,4\n1001,2013,1,2,3,4\n"
    )
    with pytest.raises(InputError) as caught:
        reads(content)
    assert "ucr_part1_violent_legacy_rape (2012)" in str(caught.value)
    assert "ucr_part1_violent (2013)" in str(caught.value)
    assert reads(content, where={"year": ["2013"]}).definition == "ucr_part1_violent"


def test_a_missing_part_makes_the_county_missing_not_smaller(reads: Reads) -> None:
    read = reads(
        "fips,year,murder,rape,robbery,aggravated_assault\n1001,2017,1,2,3,4\n1003,2017,1,,3,4\n"
    )
    assert row(read, "01001")["crimes"] == 10
    assert np.isnan(row(read, "01003")["crimes"])


def test_long_and_wide_tables_say_the_same(reads: Reads) -> None:
    wide = reads(
        "fips,year,population,murder,rape,robbery,aggravated_assault\n"
        "1001,2017,50000,1,2,3,4\n1003,2017,60000,5,6,7,8\n"
    )
    parts = {"Murder": (1, 5), "Rape": (2, 6), "Robbery": (3, 7), "Aggravated Assault": (4, 8)}
    rows = [
        f"{fips},2017,{people},{offence},{count[place]}"
        for offence, count in parts.items()
        for place, (fips, people) in enumerate([("1001", 50000), ("1003", 60000)])
    ]
    long = reads("fips,year,population,offense,count\n" + "\n".join(rows) + "\n")
    pd.testing.assert_frame_equal(wide.table, long.table)
    with pytest.raises(InputError, match="county 01001 in 2017: found murder more than once"):
        reads("fips,year,offense,count\n1001,2017,murder,1\n1001,2017,homicide,2\n")


def test_a_state_file_by_a_mapping(reads: Reads, tmp_path: Path) -> None:
    mapping = tmp_path / "texas.toml"
    mapping.write_text(
        'kind = "county"\n'
        'title = "Crime in Texas"\n'
        "years = 2018\n"
        "coverage_of = 100\n"
        'definition = "ucr_part1_violent"\n'
        "[columns]\n"
        'county = "County FIPS"\n'
        'residents = ["Pop.", "Population"]\n'
        'coverage = "% reporting"\n'
        "[offenses]\n"
        'violent_total = "Total Violent"\n',
        encoding="utf-8",
    )
    read = reads(
        "County FIPS,Name,Population,% reporting,Total Violent\n"
        '48201,Harris,"4,698,619",95,33000\n',
        mapping=mapping,
    )
    assert row(read, "48201") == {
        "county_fips": "48201",
        "year": 2018,
        "years": "2018",
        "crimes": 33000.0,
        "residents": 4698619.0,
        "covered_share": 0.95,
        "flags": "",
    }


def test_a_layout_can_be_named(reads: Reads) -> None:
    content = "fips,year,violent,agency_population\n1001,2017,155,55000\n"
    read = reads(content, layout="plain_county", definition="ucr_part1_violent")
    assert row(read, "01001")["crimes"] == 155


def test_every_known_layout_can_be_written_down_by_a_user() -> None:
    kinds = {layout.kind for layout in known_layouts().values()}
    assert kinds == {"agency", "county"}
    for name, layout in known_layouts().items():
        assert layout.name == name
        assert layout.title
        assert layout.offenses or {"crimes", "rate"} & set(layout.columns)


CITY = {"36005": 1.4e6, "36047": 2.6e6, "36061": 1.6e6, "36081": 2.3e6, "36085": 0.5e6}


@pytest.mark.parametrize("stated", ["county", "city"])
def test_new_york_at_manhattan_is_spread_over_its_counties(reads: Reads, stated: str) -> None:
    """210,000 crimes are of eight million residents, not of 1.6."""
    city = [
        f"{fips},2017,{210e3 if fips == '36061' else ''},"
        f"{sum(CITY.values()) if stated == 'city' and fips == '36061' else people}"
        for fips, people in CITY.items()
    ]
    rest = ["36103,2017,20000,1.5e6", "01001,2017,500,55000"]
    content = "fips,year,violent,population\n" + "\n".join([*rest, *city]) + "\n"
    read = reads(content, definition="ucr_part1_violent")
    table = read.table.set_index("county_fips")
    counties = table.loc[list(CITY)]
    assert (counties["crimes"] / counties["residents"]).to_numpy() == pytest.approx(210e3 / 8.4e6)
    assert counties["crimes"].sum() == pytest.approx(210e3)
    assert set(counties["flags"]) == {"nyc split"}
    assert (table["crimes"]["36103"], table["flags"]["36103"]) == (20e3, "")
    assert any("stand at 36061, split over its five counties" in note for note in read.notes)


def test_new_york_that_did_not_report_is_missing(reads: Reads) -> None:
    city = [f"{fips},2017,{325 if fips == '36061' else ''},{n}" for fips, n in CITY.items()]
    content = "fips,year,violent,population\n36103,2017,20000,1.5e6\n" + "\n".join(city) + "\n"
    read = reads(content, definition="ucr_part1_violent")
    counties = read.table.set_index("county_fips").loc[list(CITY)]
    assert counties["crimes"].isna().all()
    assert set(counties["flags"]) == {"nyc not reported"}
    assert any("too few to be the city's" in note for note in read.notes)


def test_a_table_cut_to_manhattan_stays_as_it_is(reads: Reads) -> None:
    read = reads(
        "fips,year,violent,population\n36061,2017,8972,1664816\n", definition="ucr_part1_violent"
    )
    assert read.table[["county_fips", "crimes"]].to_numpy().tolist() == [["36061", 8972.0]]


PARTS = "fips,year,murder,rape,robbery,agg_assault,population\n1001,2017,4,13,22,67,55000\n"


def test_figures_are_not_called_by_the_other_system(reads: Reads, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"system 'summary', and the definition nibrs_part1_v"):
        reads(PARTS, definition="nibrs_part1_violent")
    with pytest.raises(InputError, match=r"system 'nibrs', and the definition ucr_part1_violent"):
        reads(URBAN + "2021,01,001,1261.2,1790.7,1,1\n", definition="ucr_part1_violent")
    with pytest.raises(InputError, match=r"system 'summary', and the definition nibrs_violent"):
        reads("FIPS,Violent Crime Rate\n1001,300\n", years=2016, definition="nibrs_violent")
    # Who knows it says so in a mapping.
    mapping = tmp_path / "mine.toml"
    mapping.write_text(
        'kind = "county"\nsystem = "nibrs"\n[columns]\ncounty = "fips"\nyear = "year"\n'
        'residents = "population"\n[offenses]\nmurder = "murder"\nrape = "rape"\n'
        'robbery = "robbery"\naggravated_assault = "agg_assault"\n'
    )
    read = reads(PARTS, definition="nibrs_part1_violent", mapping=mapping)
    assert (read.definition, read.table["crimes"].tolist()) == ("nibrs_part1_violent", [106])
    with pytest.raises(InputError, match=r"system 'nibrs', and the definition homicide"):
        reads(PARTS, definition="homicide", mapping=mapping)


@pytest.mark.parametrize("definition", ["homicide", "property_part1", "robbery"])
def test_a_rate_of_violence_is_not_one_of_something_else(reads: Reads, definition: str) -> None:
    content = "FIPS,Violent Crime Rate\n1001,300\n"
    with pytest.raises(InputError, match=rf"expected the parts of {definition}"):
        reads(content, years=2016, definition=definition)
    assert len(reads(content, years=2016, definition="ucr_part1_violent").table) == 1
    # A column that does not say what it counts is what the user says it is.
    named = reads("FIPS,Crime rate\n1001,300\n", years=2016, definition=definition)
    assert named.definition == definition


def test_new_york_is_marked(reads: Reads) -> None:
    header = "fips,year,murder,rape,robbery,agg_assault,population\n"
    people = {"36005": 1.4e6, "36047": 2.6e6, "36061": 1.6e6, "36081": 2.3e6, "36085": 0.5e6}
    split = [
        f"{fips},2017,{n * 3e-5},{n * 2e-4},{n * 1e-3},{n * 3e-3},{n}" for fips, n in people.items()
    ]
    read = reads(header + "\n".join(split) + "\n1001,2017,1,2,3,4,50000\n")
    assert read.table.set_index("county_fips")["flags"].to_dict() == dict.fromkeys(
        people, "nyc split"
    ) | {"01001": ""}
    own = [f"{fips},2017,{number},9,9,9,{n}" for number, (fips, n) in enumerate(people.items())]
    assert set(reads(header + "\n".join(own) + "\n").table["flags"]) == {""}


# Properties.

_CODES = [f"{number:05}" for number in (1001, 1003, 6037, 48201, 36061, 55141)]


@given(st.sampled_from(_CODES), st.sampled_from(["{}", "{}.0", "0500000US{}", " {} ", "{}."]))
def test_county_codes_are_repaired_however_they_were_spoilt(code: str, pattern: str) -> None:
    forms = pd.Series([pattern.format(code), pattern.format(code)])
    assert repair_county_codes(forms).tolist() == [code, code]
    unpadded = code.lstrip("0")
    if "US" not in pattern:
        assert repair_county_codes(pd.Series([pattern.format(unpadded)])).tolist() == [code]


@given(st.lists(st.text(max_size=10), max_size=8))
def test_a_repaired_code_has_five_digits_or_is_missing(words: list[str]) -> None:
    repaired = repair_county_codes(pd.Series(words, dtype="str"))
    assert repaired.dropna().str.fullmatch("[0-9]{5}").all()
    again = repair_county_codes(repaired.dropna())
    assert again.tolist() == repaired.dropna().tolist()


# Real files.


def test_the_real_counts_of_2017(shared_data: Path) -> None:
    path = shared_data / "real" / "crime" / "violent_crime_counts_2017.csv"
    read = read_county_crimes(path, years=2017)
    stated = pd.read_csv(path, dtype={"fips": str}).set_index("fips")
    assert read.definition == "ucr_part1_violent"
    assert list(read.table.columns) == COLUMNS
    assert len(read.table) == len(stated) == 2_951
    crimes = read.table.set_index("county_fips")["crimes"]
    known = crimes.notna()
    # One county has a rape count below zero; 22 have no coverage at all.
    assert (~known).sum() == 23
    expected = stated.loc[crimes.index[known], ["murder", "rape", "robbery", "agg_assault"]]
    assert np.allclose(crimes[known], expected.sum(axis="columns"))
    good = (stated["covered_share"] >= 0.8).sum()
    assert (read.table["covered_share"] >= 0.8).sum() == good
    assert read.table["covered_share"].max() == 1
    assert (read.table["flags"] == "nyc split").sum() == 5


def test_the_real_counts_and_rates_agree(shared_data: Path) -> None:
    folder = shared_data / "real" / "crime"
    counts = read_county_crimes(folder / "violent_crime_counts_2017.csv", years=2017).table
    rates = read_county_crimes(
        folder / "violent_crime_rate_2014_2016.csv", years="2014/2016", definition="chr_violent"
    ).table
    covered = counts[counts["covered_share"] >= 0.8].set_index("county_fips")
    both = pd.DataFrame(
        {
            "2017": covered["crimes"] / covered["residents"],
            "2014/2016": rates.set_index("county_fips").eval("crimes / residents"),
        }
    ).dropna()
    assert len(both) > 2_400
    assert both["2017"].corr(both["2014/2016"], method="spearman") >= 0.85


def test_the_real_rates_from_nibrs(shared_data: Path) -> None:
    path = shared_data / "real" / "crime" / "violent_crime_rate_nibrs_2021_2023.csv"
    read = read_county_crimes(path, where={"year": ["2021"]})
    assert read.definition == "nibrs_violent"
    city = read.table[read.table["county_fips"].isin(["36005", "36047", "36061", "36081", "36085"])]
    # Its police reported nothing then: 325 crimes are of others.
    assert set(city["flags"]) == {"nyc not reported"}
    stated = pd.read_csv(path, dtype=str).query("year == '2021'")
    marks = stated["rate_crime_violent_quality"].value_counts()
    shares = read.table["covered_share"].value_counts()
    assert shares[1.0] == marks["1"]
    # All five counties of New York City, of which one has a mark.
    assert shares[0.0] == marks["2"] + marks["3"] + 4
    later = read_county_crimes(path, where={"year": ["2023"]})
    city = later.table[later.table["county_fips"].isin(["36005", "36047", "36061"])]
    assert set(city["flags"]) == {"nyc split"}
    rates = later.table["crimes"] / later.table["residents"] * 1e5
    assert rates[city.index].to_numpy() == pytest.approx(2_573, rel=0.01)  # not 13,174


def test_mappings_are_read_once_and_the_same(tmp_path: Path) -> None:
    path = tmp_path / "m.toml"
    path.write_text('kind = "county"\n[columns]\ncounty = "F"\nrate = "R"\nyear = "Y"\n')
    assert read_mapping(path) == read_mapping(path)
    assert read_mapping(path).per == 100_000


# Counties of other years.


def test_connecticuts_planning_regions_are_carried_with_their_residents(reads: Reads) -> None:
    regions = [f"09{number}" for number in range(110, 200, 10)]
    lines = [
        f"{fips},2022,{place + 1},2,3,4,{100_000 * (place + 1)},1"
        for place, fips in enumerate(regions)
    ]
    header = "fips,year,murder,rape,robbery,agg_assault,population,covered_share\n"
    read = reads(header + "\n".join([*lines, "1001,2022,1,2,3,4,50000,0.7"]) + "\n")
    connecticut = read.table[read.table["county_fips"].str.startswith("09")]
    assert connecticut["county_fips"].tolist() == [f"090{number:02}" for number in range(1, 16, 2)]
    assert connecticut["crimes"].sum() == pytest.approx(45 + 9 * 9)
    assert connecticut["residents"].sum() == pytest.approx(4_500_000)
    assert connecticut["covered_share"].tolist() == pytest.approx([1.0] * 8)
    assert row(read, "01001")["covered_share"] == 0.7
    assert read.vintage_carried is not None
    assert set(read.vintage_carried["fips"]) == set(regions)
    assert any("carried to the counties of 2019" in note for note in read.notes)


@pytest.mark.parametrize(
    ("codes", "county"),
    [(("02063", "02066"), "02261"), (("51515", "51019"), "51019"), (("46113",), "46102")],
)
def test_parts_of_a_county_add_up(reads: Reads, codes: tuple[str, ...], county: str) -> None:
    lines = [f"{code},2014,1,2,3,4,{1000 * (n + 1)}" for n, code in enumerate(codes)]
    header = "fips,year,murder,rape,robbery,agg_assault,population\n"
    read = reads(header + "\n".join(lines) + "\n")
    assert read.table["county_fips"].tolist() == [county]
    assert read.table["crimes"].tolist() == [10 * len(codes)]
    assert read.table["residents"].tolist() == [sum(1000 * (n + 1) for n in range(len(codes)))]


def test_counties_of_2019_are_left_as_they_are(reads: Reads) -> None:
    read = reads("fips,year,murder,rape,robbery,agg_assault\n1001,2017,1,2,3,4\n")
    assert read.vintage_carried is None


@pytest.mark.parametrize(
    ("residents", "people"), [("agency_population", 260), ("population", 2600)]
)
def test_the_covered_share_of_a_county_of_parts_is_by_everybody(
    reads: Reads, residents: str, people: int
) -> None:
    """A tenth of 2,600 are covered: few residents beside the crimes, but not few to cover."""
    header = f"fips,year,murder,{residents},covered_share\n"
    read = reads(
        f"{header}2063,2021,10,7000,1.0\n2066,2021,1,{people},0.1\n", definition="homicide"
    )
    (share,) = read.table["covered_share"]
    assert share == pytest.approx((7000 + 260) / (7000 + 2600))
    with pytest.raises(InputError, match=r"covered share of 0\.8 or more"):
        pool_years(read)


POOLED = "1,1,2014,100000,60,100\n1,1,2016,100000,100,20\n"


def test_a_year_filled_up_weighs_by_what_was_covered(reads: Reads, tmp_path: Path) -> None:
    """(0.6 x 100 + 20) / 1.6, not (100 + 20) / 2."""
    read = reads("FIPS_ST,FIPS_CTY,YEAR,CPOPCRIM,COVIND,MURDER\n" + POOLED, definition="homicide")
    assert pool_years(read).rates.rate.to_dict() == pytest.approx({"01001": 50})
    assert read.table["crimes"].tolist() == pytest.approx([60, 20])
    assert any("taken off by the covered share: 1" in note for note in read.notes)
    # One of a user's own says which its residents are.
    own = "state,county,year,people,covered,murder\n" + POOLED
    for residents_are, rate in (("all", 50), ("covered", 60)):
        mapping = tmp_path / "m.toml"
        mapping.write_text(
            f'kind = "county"\ncoverage_of = 100\nresidents_are = "{residents_are}"\n[columns]\n'
            'county_state = "state"\ncounty_number = "county"\nyear = "year"\n'
            'residents = "people"\ncoverage = "covered"\n[offenses]\nmurder = "murder"\n'
        )
        read = reads(own, mapping=mapping, definition="homicide")
        assert pool_years(read).rates.rate["01001"] == pytest.approx(rate)


def test_what_residents_are_is_one_of_two(tmp_path: Path) -> None:
    path = tmp_path / "m.toml"
    path.write_text(
        'kind = "county"\nresidents_are = "some"\n[columns]\ncounty = "F"\nrate = "R"\n'
    )
    with pytest.raises(
        InputError, match="'residents_are': found 'some'; expected one of covered, all"
    ):
        read_mapping(path)


@pytest.mark.parametrize(
    ("residents", "share", "asked"),
    [("population", 0.8, 1), ("population", 1, 0), ("agency_population", 0.8, 0), ("x", 0.8, 1)],
)
def test_covered_shares_beside_all_residents_raise_a_question(
    reads: Reads, residents: str, share: float, asked: int
) -> None:
    """Whether crimes were filled up cannot be told from a column's name; 'x' is no residents."""
    header = f"fips,year,murder,{residents},covered_share\n"
    read = reads(f"{header}1001,2014,100,100000,{share}\n", definition="homicide")
    assert read.table["crimes"].tolist() == [100]
    said = [note for note in read.notes if 'say residents_are = "all" in a mapping' in note]
    assert len(said) == asked


def test_rates_of_no_stated_residents_weigh_by_the_covered_share(reads: Reads) -> None:
    content = "fips,year,crime_rate,covered_share\n1001,2014,100,0.6\n1001,2016,20,1\n"
    read = reads(content, definition="ucr_part1_violent")
    assert pool_years(read).rates.rate["01001"] == pytest.approx(50, abs=0.5)


def test_utf_16_is_read(tmp_path: Path) -> None:
    path = tmp_path / "crime.csv"
    path.write_text("fips,year,murder,population\n1001,2017,4,55000\n", encoding="utf-16")
    assert read_county_crimes(path, definition="homicide").table["crimes"].tolist() == [4]


MAPPED = """kind = "county"
definition = "{definition}"
[columns]
county = "fips"
year = "year"
[offenses]
murder = "murder"
rape_revised = "rape"
robbery = "robbery"
aggravated_assault = "assault"
"""


def test_the_definition_of_a_mapping_holds_where_offences_are_named(tmp_path: Path) -> None:
    path, mapping = tmp_path / "crime.csv", tmp_path / "mine.toml"
    path.write_text("fips,year,murder,rape,robbery,assault\n1001,2014,1,20,3,40\n")
    mapping.write_text(MAPPED.format(definition="homicide"), encoding="utf-8-sig")
    read = read_county_crimes(path, mapping=mapping)
    assert (read.definition, read.table["crimes"].tolist()) == ("homicide", [1])
    read = read_county_crimes(path, mapping=mapping, definition="robbery")
    assert (read.definition, read.table["crimes"].tolist()) == ("robbery", [3])
    mapping.write_text(MAPPED.format(definition="ucr_part1_violent_legacy_rape"))
    with pytest.raises(InputError, match="expected the parts of ucr_part1_violent_legacy_rape"):
        read_county_crimes(path, mapping=mapping)


@pytest.mark.parametrize(
    ("column", "definition"),
    [
        ("crimes", "homicide"),
        ("murders", "homicide"),
        ("violent_crimes", "ucr_part1_violent"),
        ("total_violent", "ucr_part1_violent"),
        ("violent_total", "ucr_part1_violent"),
        ("property_total", "property_part1"),
    ],
)
def test_totals_by_their_usual_names(reads: Reads, column: str, definition: str) -> None:
    content = f"county_fips,year,{column},population\n1001,2016,100,50000\n"
    assert reads(content, definition=definition).table["crimes"].tolist() == [100]
    with pytest.raises(InputError, match=f"one of .*{definition}.*--definition") as caught:
        reads(content)
    assert len(caught.value.problems) == 1


def test_other_columns_are_refused_once_and_with_the_names_that_would_do(reads: Reads) -> None:
    with pytest.raises(InputError, match=r"totals in columns such as crimes, .*rates in") as caught:
        reads("county_fips,year,total,population\n1001,2016,1,5\n", definition="homicide")
    assert len(caught.value.problems) == 1


@pytest.mark.parametrize(
    ("text", "year"),
    [("2016.0", 2016), ("2016-01-31", 2016), ("2014/2016", 2016), ("2012-2014", 2014)],
)
def test_years_as_files_write_them(reads: Reads, text: str, year: int) -> None:
    read = reads(f"fips,year,murder\n1001,{text},4\n", definition="homicide")
    assert read.table["year"].tolist() == [year]


@pytest.mark.parametrize("text", ["2016.5", "-2016", "2016e0", "FY2016", "20160101", "16", "2999"])
def test_years_inside_other_texts_are_none(reads: Reads, text: str) -> None:
    content = f"fips,year,murder,rape,robbery,agg_assault\n1001,{text},4,1,1,1\n"
    for definition in ("homicide", None):
        with pytest.raises(InputError, match=f"row 2, column 'year': found '{text}'"):
            reads(content, definition=definition)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("per = inf", "'per': found inf; expected a number of residents from 1 to 10,000,000"),
        ("per = nan", "'per': found nan"),
        ("per = 1e300", "'per': found 1e+300"),
        ("[quality]\nA = 5", "table [quality], key 'A': found 5; expected a share from 0 to 1"),
        ("[quality]\nA = nan", "key 'A': found nan"),
        ("[releases]\n2016 = 5", "table [releases], key '2016': found 5; expected years such as"),
        ("[year_columns]\na = 99999999", "found 99999999; expected a year such as 2016, or -1"),
        (f"a = {'[' * 3_000}{']' * 3_000}", "found tables or lists one inside the other"),
    ],
)
def test_what_cannot_stand_in_a_mapping(tmp_path: Path, line: str, says: str) -> None:
    path = tmp_path / "m.toml"
    tail = '[columns]\ncounty = "F"\nrate = "R"\n'
    key, table = ("", line) if line.startswith("[") else (line, "")
    path.write_text(f'kind = "county"\n{key}\n{tail}{table}\n')
    with pytest.raises(InputError) as caught:
        read_mapping(path)
    assert says in str(caught.value)


def test_rows_too_long_and_too_short_are_named(reads: Reads) -> None:
    content = "fips,year,murder\n1001,2016,1\n1003,2016\n1005,2016,1,9\n1007,2016,1,9\n"
    with pytest.raises(InputError, match="more cells than the header's 3: 4, 5; with fewer: 3"):
        reads(content, definition="homicide")


def test_a_decimal_comma_beside_semicolons_is_no_mark_of_thousands(reads: Reads) -> None:
    assert reads("fips;year;murder\n1001;2016;4\n", definition="homicide").table[
        "crimes"
    ].tolist() == [4]
    with pytest.raises(InputError, match="found '1,234'; expected a number with a point before"):
        reads("fips;year;murder\n1001;2016;1,234\n", definition="homicide")
