"""States and counties that a table names beside codes: which names contradict a code."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from boundaries import load_counties
from geo import InputError
from geo._named_places import check_county_names, state_problems
from geo._table import Source, Table, read_table
from geo.crime import read_county_crimes
from geo.place_names import read_place_names


def judged(pairs: list[tuple[str, str]]) -> tuple[list[str], list[str]]:
    """Check names beside codes, and give what was found and noted."""
    rows = pd.DataFrame(pairs, columns=["code", "name"], index=range(2, len(pairs) + 2))
    table = Table(rows=rows, source=Source(file="table.csv", sha256="", rows=len(rows)))
    problems, notes = check_county_names(table, rows["code"], rows["name"])
    return [problem.found for problem in problems], notes


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("29186", "Saint Genevieve"),
        ("29186", "Ste. Genevieve County"),
        ("29189", "Saint Louis County"),
        ("29510", "St. Louis city"),
        ("29510", "ST LOUIS"),
        ("17099", "La Salle"),
        ("22059", "LaSalle Parish"),
        ("35013", "Doña Ana County"),
        ("35013", "DONA ANA"),
        ("24510", "Baltimore city"),
        ("24510", "Baltimore"),
        ("51600", "Fairfax"),
        ("51059", "Fairfax County, Virginia"),
        ("48201", "Harris County, TX"),
        ("46113", "Oglala Lakota"),  # the old code beside the new name, as in election returns
        ("46102", "Shannon County"),
        ("02158", "Wade Hampton Census Area"),
        ("09110", "Capitol Planning Region"),
        ("51515", "Bedford city"),
        ("02261", "Valdez-Cordova"),
        ("11001", "Washington"),
        ("01001", ""),
        ("01001", "Autuaga"),  # misspelt
        ("01001", "001"),
        ("99999", "Baldwin"),  # reported as a code already
    ],
)
def test_spellings_of_one_county_agree(code: str, name: str) -> None:
    assert judged([(code, name)]) == ([], [])


@pytest.mark.parametrize(
    ("code", "name", "other"),
    [
        ("01001", "Baldwin", "01003"),
        ("01001", "BALDWIN COUNTY", "01003"),
        ("24510", "Baltimore County", "24005"),
        ("24005", "Baltimore City", "24510"),
        ("51600", "Fairfax County", "51059"),
        ("29510", "St. Louis County", "29189"),
        ("09001", "Hartford", "09003"),
    ],
)
def test_the_name_of_another_county_contradicts(code: str, name: str, other: str) -> None:
    found, notes = judged([(code, name)])
    assert found == [f"{name!r} ({other}) beside the county code {code}"]
    assert not notes


def test_a_state_behind_the_name_is_checked_too() -> None:
    assert judged([("01003", "Baldwin County, Georgia")])[0] == [
        "'Georgia' beside the county code 01003"
    ]


def test_every_county_agrees_with_its_own_names() -> None:
    for vintage in (2019, 2023):
        counties = load_counties(vintage=vintage)
        for column in ("name", "legal_name"):
            pairs = list(zip(counties.index, counties[column], strict=True))
            assert judged(pairs) == ([], [])


def test_a_few_slips_are_noted_and_many_refused() -> None:
    counties = load_counties()
    counties = counties[counties["state"] == "TX"]
    pairs = list(zip(counties.index, counties["legal_name"], strict=True))
    slip = [("48001", "Harris County"), *pairs[1:]]
    said = (
        "1 row bears the name of another county than the code's, which stands "
        "(row 2: 'Harris County' beside 48001)"
    )
    assert judged(slip) == ([], [said])
    codes, names = zip(*pairs, strict=True)
    found, notes = judged(list(zip(codes, [*names[1:], names[0]], strict=True)))
    assert len(found) == 254
    assert not notes


def test_codes_of_another_state_in_a_table_of_places(tmp_path: Path) -> None:
    path = tmp_path / "names.csv"
    path.write_text("name,county_fips,state\nMill,1081,Texas\nHill,1001,Alabma\nPond,1003,\n")
    with pytest.raises(InputError) as caught:
        read_place_names(path)
    assert [(problem.where, problem.found) for problem in caught.value.problems] == [
        ("row 3", "state 'Alabma'"),
        ("row 2", "'Texas' beside the county code 01081"),
    ]


@pytest.mark.parametrize("column", ["name", "county"])
def test_names_in_a_crime_table_are_compared(tmp_path: Path, column: str) -> None:
    path = tmp_path / "crime.csv"
    path.write_text(f"fips,{column},year,murder,population\n1001,Baldwin,2017,4,50000\n")
    with pytest.raises(InputError, match=r"row 2: found 'Baldwin' \(01003\) beside the county"):
        read_county_crimes(path, definition="homicide")


@pytest.mark.parametrize(
    ("file", "code", "name"),
    [
        ("vendorable/county_population_2010_2019.csv", "GEOID", "CTYNAME"),
        ("real/population/noncitizens_by_county_about_2017.csv", "id", "name"),
        ("real/politics/president_2024_by_county.csv", "county_fips", "county_name"),
    ],
)
def test_no_false_alarm_on_real_files(shared_data: Path, file: str, code: str, name: str) -> None:
    table = read_table(shared_data / file)
    codes = table.rows[code].str.zfill(5)
    assert check_county_names(table, codes, table.rows[name]) == ([], [])


def test_the_one_wrong_name_of_the_real_counts_is_noted(shared_data: Path) -> None:
    path = shared_data / "real" / "crime" / "violent_crime_counts_2017.csv"
    notes = [
        note for note in read_county_crimes(path, years=2017).notes if "another county" in note
    ]
    assert len(notes) == 1
    assert "'Todd County' beside 27111" in notes[0]  # Otter Tail; Todd County is 27153


def test_states_are_told_by_name_code_or_number() -> None:
    rows = pd.DataFrame({"state": ["Alabama", "al", "1", "48", ""]}, index=range(2, 7))
    table = Table(rows=rows, source=Source(file="table.csv", sha256="", rows=5))
    codes = pd.Series("01001", index=rows.index)
    assert [each.where for each in state_problems(table, codes, rows["state"])] == ["row 5"]
