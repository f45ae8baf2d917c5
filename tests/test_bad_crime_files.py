"""Bad files of crime: every one is refused with an InputError that says what to do."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from geo.crime import read_agencies, read_agency_offenses, read_county_crimes, read_mapping
from geo.errors import InputError, Problem

READERS: dict[str, Callable[..., Any]] = {
    "county": read_county_crimes,
    "agency": read_agency_offenses,
    "list": read_agencies,
    "mapping": read_mapping,
}
COUNTY = "fips,year,murder,rape,robbery,aggravated_assault\n"
AGENCY = "ori,year,murder,robbery\n"
LIST = "ori,state_abbr,county_name\n"


@dataclass(frozen=True, kw_only=True)
class Case:
    """A bad file, and each part of the message that it must lead to."""

    reader: str
    content: str | bytes
    found: str
    where: str = ""
    expected: str = ""
    action: str = ""
    name: str = "bad.csv"
    options: dict[str, Any] = field(default_factory=dict)


CASES = {
    # Files as such.
    "empty file": Case(reader="county", content="", found="an empty file", expected="a header"),
    "header only": Case(
        reader="agency", content=AGENCY, found="no rows below the header", expected="at least one"
    ),
    "unknown type of file": Case(
        reader="county", content=COUNTY, name="bad.docx", found="a file of type '.docx'",
        expected=".csv", action="check the file",
    ),
    "a web page in place of the table": Case(
        reader="county", content="<!DOCTYPE html><html></html>", found="a web page",
        expected="the table itself", action="download the file again",
    ),
    "a damaged Parquet file": Case(
        reader="agency", content=b"PAR1" + b"\0" * 40, name="bad.parquet",
        found="content that cannot be read", expected="a whole .parquet file",
    ),
    "a row longer than the header": Case(
        reader="county", content=COUNTY + "1001,2017,1,2,3,4,5,6\n",
        found="rows with more cells than the header's 6: 2", expected="as many cells",
    ),
    "a column twice": Case(
        reader="county", content="fips,year,murder,murder\n1001,2017,1,2\n",
        found="the columns murder twice", action="rename one",
    ),
    # Columns.
    "no column of counties": Case(
        reader="county", content="name,year,murder\nAutauga,2017,1\n",
        found="the columns name, year, murder", expected="county_fips", action="name the column",
    ),
    "no offences": Case(
        reader="county", content="fips,year,unemployment\n1001,2017,5\n",
        found="the columns fips, year, unemployment", expected="totals in columns such as crimes",
        action="describe the table in a mapping",
    ),
    "another table altogether": Case(
        reader="agency", content="colour,taste\nred,sweet\n", found="the columns colour, taste",
        expected="plain_agency", action="describe the table in a mapping",
    ),
    "arrests in place of crimes": Case(
        reader="county",
        content="FIPS_ST,FIPS_CTY,CPOPARST,AG_ARRST,COVIND,GRNDTOT,MURDER\n1,1,9,9,100,9,1\n",
        where="column 'AG_ARRST'", found="arrests by county", expected="crimes reported",
        action="give the file of crimes reported", options={"years": 2014},
    ),
    "figures by month": Case(
        reader="agency", content="ori,year,month,murder\nAL00101,2017,january,1\n",
        where="column 'month'", found="figures by month", expected="figures by year",
        action="give the yearly file",
    ),
    "no column of counts in a long table": Case(
        reader="county", content="fips,year,offense,total\n1001,2017,murder,4\n",
        options={"layout": "plain_county_long"},
        found="no column of counts", expected="count", action="name the column in a mapping",
    ),
    # Years.
    "no years": Case(
        reader="county", content="fips,murder\n1001,1\n", found="no column of years",
        expected="one of year, data_year", action="say which years",
    ),
    "a year that is none": Case(
        reader="agency", content=AGENCY + "AL00101,17,1,2\n", where="row 2, column 'year'",
        found="'17'", expected="a year", action="correct the year",
    ),
    "years that name none": Case(
        reader="county", content="fips,murder\n1001,1\n", options={"years": "last year"},
        found="the years 'last year'", expected="2014/2016", action="correct the years",
    ),
    "several years in one figure of an agency": Case(
        reader="agency", content="ori,year,murder\nAL00101,2014/2016,1\n",
        found="figures over the years 2014/2016", expected="one year in each row",
    ),
    "rape of two definitions": Case(
        reader="county", content=COUNTY + "1001,2012,1,2,3,4\n1001,2014,1,2,3,4\n",
        found="ucr_part1_violent_legacy_rape (2012) and ucr_part1_violent (2014)",
        expected="one definition", action="state the definition",
    ),
    "rape in two columns": Case(
        reader="county", content="fips,year,rape,rape_revised\n1001,2017,1,2\n",
        where="columns 'rape', 'rape_revised'", found="rape, revised definition twice",
        expected="one column of each offence", action="leave out",
    ),
    "years before the definition": Case(
        reader="county", content="fips,year,violent\n1001,2010,9\n",
        options={"definition": "ucr_part1_violent"}, found="figures of 2010",
        expected="years from 2013 to now", action="filter the table",
    ),
    # Definitions.
    "a definition that there is not": Case(
        reader="county", content=COUNTY + "1001,2017,1,2,3,4\n",
        options={"definition": "mayhem"}, found="'mayhem'", expected="one of ucr_part1_violent",
        action="choose one of these names",
    ),
    "a rate of no definition": Case(
        reader="county", content="fips,year,crime_rate\n1001,2017,300\n",
        found="figures of no definition", expected="crimes whose definition is stated",
        action="state the definition, one of ucr_part1_violent",
    ),
    "parts that make no definition asked for": Case(
        reader="county", content="fips,year,murder\n1001,2017,3\n",
        options={"definition": "ucr_part1_violent"}, found="the offences murder",
        expected="the parts of ucr_part1_violent", action="one of homicide",
    ),
    # Values.
    "text in a count": Case(
        reader="county", content=COUNTY + "1001,2017,one,2,3,4\n", where="row 2, column 'murder'",
        found="'one'", expected="a number", action="leave it empty",
    ),
    "a count of billions": Case(
        reader="agency", content=AGENCY + "AL00101,2017,1,99999999999\n",
        where="row 2, column 'robbery'", found="'99999999999'", expected="below 1,000,000,000",
    ),
    "residents below zero": Case(
        reader="county", content="fips,year,murder,population\n1001,2017,1,-5\n",
        where="row 2, column 'population'", found="'-5'", expected="not negative",
    ),
    "coverage in per cent": Case(
        reader="county", content="fips,year,murder,covered_share\n1001,2017,1,95\n1003,2017,1,88\n",
        where="column 'covered_share'", found="shares around 91.5", expected="shares of 1",
        action="coverage_of = 100",
    ),
    "thirteen months": Case(
        reader="agency", content="ori,year,murder,months\nAL00101,2017,1,13\n",
        where="row 2, column 'months'", found="13 months", expected="0 to 12",
    ),
    "nothing but missing values": Case(
        reader="county", content="fips,year,murder\n1001,2017,NA\n1003,2017,\n",
        options={"definition": "homicide"}, found="no county with a figure",
        expected="homicide", action="another file",
    ),
    # Places.
    "a county that there is not": Case(
        reader="county", content=COUNTY + "99001,2017,1,2,3,4\n", where="row 2",
        found="county code '99001'", expected="a five-digit code", action="correct the code",
    ),
    "nothing but states": Case(
        reader="county", content=COUNTY + "1000,2017,1,2,3,4\n", found="no row of a county",
        expected="at least one", action="another file",
    ),
    "codes from both sides of a change": Case(
        reader="county", content=COUNTY + "02270,2017,1,2,3,4\n02158,2017,1,2,3,4\n",
        found="02270 existed only until 2015, 02158 only since", expected="one vintage",
        action="keep the rows of one vintage",
    ),
    "a name in place of a code": Case(
        reader="county", content=COUNTY + "Autauga,2017,1,2,3,4\n", where="row 2",
        found="county code 'Autauga'", expected="a five-digit code",
    ),
    "a county twice in a year": Case(
        reader="county", content=COUNTY + "1001,2017,1,2,3,4\n01001,2017,1,2,3,4\n",
        where="county 01001 in 2017", found="rows 2, 3", expected="one row each",
        action="keep one row each",
    ),
    "an agency twice in a year": Case(
        reader="agency", content=AGENCY + "AL00101,2017,1,2\nAL0010100,2017,1,2\n",
        where="agency AL0010100, 2017", found="rows 2, 3", expected="one row each",
        action="filter the table",
    ),
    "an agency without ORI and name": Case(
        reader="agency", content="ori,agency,year,murder\n,,2017,1\nAL00101,,2017,1\n",
        where="row 2", found="neither an ORI nor a name", expected="AL0010100",
        action="leave it out",
    ),
    "an ORI that is none, and no name": Case(
        reader="agency", content=AGENCY + "12345,2017,1,2\n", where="row 2", found="'12345'",
        expected="its ORI",
    ),
    # Lists of agencies.
    "a list without ORI": Case(
        reader="list", content="agency,county_name\nMobile,MOBILE\n",
        found="the columns agency, county_name", expected="ori", action="name the column",
    ),
    "a list without counties": Case(
        reader="list", content="ori,agency\nAL0010100,Mobile\n", found="the columns ori, agency",
        expected="county_name", action="name the column",
    ),
    "a list of no ORI": Case(
        reader="list", content=LIST + "-1,AL,MOBILE\n,AL,SHELBY\n", where="column 'ori'",
        found="no ORI in any row", expected="AL0010100", action="the right file",
    ),
    "a header and its repetition": Case(
        reader="agency", content="ori,agency,year,murder\nori,agency,year,murder\n",
        found="no row of an agency", expected="at least one", action="another file",
    ),
    "a list with a bad ORI": Case(
        reader="list", content=LIST + "AL1,AL,MOBILE\n", where="row 2, column 'ori'",
        found="'AL1'", expected="nine characters", action="leave the row out",
    ),
    "a list with an agency twice": Case(
        reader="list", content=LIST + "AL00101,AL,MOBILE\nAL0010100,AL,SHELBY\n",
        where="agency AL0010100", found="rows 2, 3", action="keep one row each",
    ),
    "a list with an unknown county code": Case(
        reader="list", content="ori,fips\nAL0010100,1002\n", where="row 2, column 'fips'",
        found="county code '1002'", expected="a five-digit code",
    ),
    # Layouts and mappings.
    "a layout that there is not": Case(
        reader="county", content=COUNTY + "1001,2017,1,2,3,4\n", options={"layout": "kaplan"},
        found="the layout 'kaplan'", expected="kaplan_county", action="choose one of these",
    ),
    "a filter that keeps nothing": Case(
        reader="county", content=COUNTY + "1001,2017,1,2,3,4\n",
        options={"where": {"year": ["2018"]}}, where="column 'year'", found="no row with 2018",
        expected="values such as 2017", action="change the filter",
    ),
    "a mapping that is no TOML": Case(
        reader="mapping", content="kind = county\n", name="bad.toml",
        found="text that is not TOML", expected="a mapping in TOML", action="docs/crime.md",
    ),
    "a mapping that is no text": Case(
        reader="mapping", content=b"\xff\xfe\x00", name="bad.toml",
        found="a file that cannot be read as text", expected="a mapping in TOML",
    ),
    "a mapping with an unknown key": Case(
        reader="mapping", content='kind = "county"\ncolums = 3\n', name="bad.toml",
        found="the key 'colums'", expected="keys among kind", action="correct the mapping",
    ),
    "a mapping with an unknown offence": Case(
        reader="mapping", name="bad.toml", where="table [offenses]",
        content='kind = "county"\n[columns]\ncounty = "F"\n[offenses]\nmayhem = "M"\n',
        found="the key 'mayhem'", expected="keys among murder",
    ),
    "a mapping of no kind": Case(
        reader="mapping", name="bad.toml", where="key 'kind'",
        content='[columns]\ncounty = "F"\n[offenses]\nmurder = "M"\n',
        found="''", expected="one of agency, county",
    ),
    "a mapping without a place": Case(
        reader="mapping", name="bad.toml", where="table [columns]",
        content='kind = "county"\n[columns]\nyear = "Y"\n[offenses]\nmurder = "M"\n',
        found="year", expected="county, or county_state and county_number",
    ),
    "a mapping with an empty name": Case(
        reader="mapping", name="bad.toml", where="table [columns], key 'county'",
        content='kind = "county"\n[columns]\ncounty = []\n[offenses]\nmurder = "M"\n',
        found="[]", expected="a name or a list of names",
    ),
    "a mapping with a definition that there is not": Case(
        reader="mapping", name="bad.toml", where="key 'definition'",
        content='kind = "county"\ndefinition = "x"\n[columns]\ncounty = "F"\nrate = "R"\n',
        found="'x'", expected="one of ucr_part1_violent",
    ),
}  # fmt: skip


def problems_of(case: Case, folder: Path) -> tuple[Problem, ...]:
    path = folder / case.name
    content = case.content.encode() if isinstance(case.content, str) else case.content
    path.write_bytes(content)
    with pytest.raises(InputError) as caught:
        READERS[case.reader](path, **case.options)
    return caught.value.problems


@pytest.mark.parametrize("name", list(CASES))
def test_a_bad_file_is_refused_in_words(name: str, tmp_path: Path) -> None:
    case = CASES[name]
    problems = problems_of(case, tmp_path)
    fitting = [
        problem
        for problem in problems
        if case.where in problem.where
        and case.found in problem.found
        and case.expected in problem.expected
        and case.action in problem.action
    ]
    assert fitting, [str(problem) for problem in problems]
    if case.where:
        assert fitting[0].where == case.where
    if name != "a definition that there is not":  # that one is of no file
        assert fitting[0].file == case.name
    assert all(problem.action and problem.expected for problem in problems)


def test_there_are_thirty_cases_and_more() -> None:
    assert len(CASES) >= 30
    assert {case.reader for case in CASES.values()} == set(READERS)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    for reader in READERS.values():
        with pytest.raises(InputError, match="no such file"):
            reader(tmp_path / "nothing.csv")


def test_every_problem_is_told_at_once(tmp_path: Path) -> None:
    content = COUNTY + "1001,20,x,2,3,4\n99001,2017,1,2,y,4\n1003,2017,1,2,3,4\n1003,2017,1,2,3,4\n"
    case = Case(reader="county", content=content, found="")
    found = [problem.found for problem in problems_of(case, tmp_path)]
    assert len(found) == 5
    assert {"'20'", "'x'", "'y'", "county code '99001'"} < set(found)


def test_a_mapping_of_the_other_kind_is_refused(tmp_path: Path) -> None:
    mapping = tmp_path / "mine.toml"
    mapping.write_text('kind = "county"\n[columns]\ncounty = "F"\nrate = "R"\n', encoding="utf-8")
    path = tmp_path / "crime.csv"
    path.write_text(AGENCY + "AL00101,2017,1,2\n", encoding="utf-8")
    with pytest.raises(InputError, match="found a mapping of kind 'county'; expected a mapping of"):
        read_agency_offenses(path, mapping=mapping)
    with pytest.raises(InputError, match="found a layout 'plain_county' beside it"):
        read_county_crimes(path, mapping=mapping, layout="plain_county")


def test_columns_that_a_mapping_names_and_the_table_lacks(tmp_path: Path) -> None:
    mapping = tmp_path / "mine.toml"
    mapping.write_text(
        'kind = "county"\n[columns]\ncounty = "Code"\n[offenses]\nmurder = "Mord"\n',
        encoding="utf-8",
    )
    path = tmp_path / "crime.csv"
    path.write_text("Code,year,murder\n1001,2017,1\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"found the columns Code, year, murder; .* Mord"):
        read_county_crimes(path, mapping=mapping, years=2017, definition="homicide")
