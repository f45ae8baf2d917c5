"""What landmark texts say: rules one by one, real labelled strings, misspellings, noise."""

from __future__ import annotations

import csv
import random
from collections import defaultdict
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from boundaries import load_counties, load_gazetteer
from geo import LandmarkReader, LandmarkReading

COUNTIES = frozenset(load_counties().index)


@cache
def reader() -> LandmarkReader:
    return LandmarkReader()


def read(text: str, state: str | None = None, aor: str | None = None) -> LandmarkReading:
    return reader().read(text, state=state, aor=aor)


@pytest.mark.parametrize(
    ("text", "state", "county"),
    [
        ("CAP - LEE COUNTY JAIL, AL STATE", "AL", "01081"),
        ("RANKIN COUNTY, MS", "MS", "28121"),
        ("JEFFERSON PARISH, LA", "LA", "22051"),
        ("ST. JOHN THE BAPTIST PARISH, LA", None, "22095"),
        ("MDOC STONE CO, MS", "MS", "28131"),
        ("ADAMS CO. JAIL", "WA", "53001"),
        ("KING CO.JAIL", "WA", "53033"),
        ("TEXAS DEPT OF CRIMINAL JUSTICE, WALKER CO", None, "48471"),
        ("COUNTY OF HENRICO JAIL", "VA", "51087"),
        ("CAP - DALE COUNTYJAIL, AL STATE", "AL", "01045"),
        ("LINCOLN, COUNTY, MS", "MS", "28085"),
        ("GWINNETT COUNTY JAIL - 287(G)", None, "13135"),
        ("DESOTO COUNTY JAIL MS", "MS", "28033"),
        ("De Soto Parish Detention Center", "LA", "22031"),
        ("BALTIMORE CITY POLICE DEPARTMENT", "MD", "24510"),
        ("BALTIMORE COUNTY POLICE DEPARTMENT", "MD", "24005"),
        ("FOLEY PD, AL", "AL", "01003"),
        ("CAP - FT. PAYNE CITY JAIL, AL STATE", "AL", "01049"),
        ("ATLANTA, GA", "GA", "13121"),
        ("54A DISTRICT COURT, LANSING, MICHIGAN", None, "26065"),
        ("AL State Probation Mobile, AL", "AL", "01097"),
        ("FALL RIVER DISTRICT COURT", "MA", "25005"),
        ("YAZOO CITY FCI", "MS", "28163"),
        ("CAP - KILBY CORRECTIONAL FACILITY - DOC - AL STATE", "AL", "01101"),
        ("TAFT FEDERAL CORRECTIONAL INSTITUTION", None, "06029"),
        ("LOUISIANA STATE PENITENTIARY - ANGOLA", "LA", "22125"),
        ("NDD - 26 FEDERAL PLAZA NY, NY", None, "36061"),
        ("TDCJ ELLIS UNIT", "TX", "48471"),
        ("ELLIS COUNTY JAIL", "TX", "48139"),
        ("US-MARSHALL MIDDLE DISTRICT MONTGOMERY AL STATE", "AL", "01101"),
        ("CALCASIEU PARISH SHERIFF'S OFFICE-LAFAYETTE, LA", "LA", "22019"),
        ("JACKSON COUNTY JAIL, SCOTTSBORO", None, "01071"),
        ("ST MARTIN", "LA", "22099"),
        ("LAFAYETTE", "LA", "22055"),
        ("KENAI PENINSULA BOROUGH", "AK", "02122"),
        ("GALLATIN COUNTY JAIL MT", None, "30031"),
        ("BUTTE, MT", None, "30093"),
        ("CAP - LA PAZ COUNTY JAIL", "AZ", "04012"),
        ("CAP - DE KALB COUNTY JAIL", "GA", "13089"),
        ("CAP - IN CUSTODY HARRIS COUNTY", "TX", "48201"),
        ("NEVADA MO POLICE DEPARTMENT", "MO", "29217"),
        ("EFFINGHAM, ILLINOIS POLICE DEPARTMENT", "IL", "17049"),
        ("ROCKINGHAM COUNTY JAIL", "NC", "37157"),
        ("DADE COUNTY JAIL", "GA", "13083"),
        ("DADE COUNTY JAIL", "FL", "12086"),
        ("GREEN BAY JAIL", "WI", "55009"),
        ("DELANO RECEPTION CENTER", "CA", "06029"),
        ("FULTON MENS JAIL", "GA", "13121"),
        ("RIKERS ISLAND", "NY", "36005"),
        ("YSLETA PORT OF ENTRY", "TX", "48141"),
        ("MCI NORFOLK", "MA", "25021"),
        ("RICHMOND, VA", "VA", "51760"),
        ("GREEN BAY CITY JAIL, WI", "WI", "55009"),
        ("CAP - VIRGINIA BEACH CITY JAIL, VA STATE", "VA", "51810"),
        ("CAP - MADISON COUNTY JAIL, MS STATE", None, "28089"),
        ("UNIVERSITY OF CINCINNATI MEDICAL CENTER", "OH", "39061"),
        ("BROOKLYN, NY", None, "36047"),
        ("QUEENS DETENTION FACILITY", "NY", "36081"),
        ("MANHATTAN DETENTION COMPLEX", "NY", "36061"),
        ("DENVER, CO", None, "08031"),
    ],
)
def test_texts_that_name_a_county(text: str, state: str | None, county: str) -> None:
    found = read(text, state)
    assert (found.kind, found.county_fips) == ("county", county)
    assert found.county_fips in found.candidates
    assert 0 < found.confidence <= 1
    assert found.matched


@pytest.mark.parametrize(
    ("text", "state"),
    [
        ("ASF GENERAL AREA, NON-SPECIFIC", "LA"),
        ("LEE GENERAL AREA, NON-SPECIFIC", "AL"),
        ("MONTGOMERY GENERAL AREA, AL STATE", "AL"),
        ("FUGITIVE OPERATIONS  MS STATE", "MS"),
        ("CHIFUGITIVE OPERATIONS", None),
        ("SAN DIEGO FUGOPS", "CA"),
        ("Mobile AL ERO   at large arrest", "AL"),
        ("ICE ERO NEWARK", "NJ"),
        ("Miramar ICE/ERO Sub-Office", "FL"),
        ("HLG DISTRICT OFFICE", "TX"),
        ("SEATTLE NON-DETAINED DOCKET", "WA"),
        ("NON-DETAINED AND JUVENILE", None),
        ("ALTERNATIVES TO DETENTION", "TX"),
        ("ATD LOS ANGELES", "CA"),
        ("Shreveport RAC", "LA"),
        ("MIAMI ASYLUM REFFERAL", "FL"),
        ("YAKIMA CAP", "WA"),
        ("HQ", "DC"),
        ("USMS", "LA"),
        ("HOUSTON NON-DETAINED UNIT", "TX"),
        ("SAN DIEGO FUGITIVE UNIT", "CA"),
        ("PHOENIX DOC DOCKET", "AZ"),
        ("CHICAGO ERO FEDERAL BUILDING", "IL"),
        ("BOSTON ICE OFFICE - JFK FEDERAL BLDG, BOSTON", "MA"),
        ("OKLAHOMA CITY METRO AREA", "OK"),
        # the office's city bears the name of a county elsewhere in the state
        ("BOISE ICE OFFICE", "ID"),
        ("AUSTIN GENERAL AREA", "TX"),
        ("DES MOINES ERO", "IA"),
        ("WICHITA SUB OFFICE", "KS"),
        ("GREEN BAY ERO", "WI"),
        ("BOWLING GREEN CAP STREET ARREST", "KY"),
        ("GRAND JUNCTION ERO", "CO"),
    ],
)
def test_wording_of_areas_offices_and_teams_gives_no_county(text: str, state: str | None) -> None:
    found = read(text, state)
    assert (found.kind, found.county_fips, found.candidates) == ("non-place", None, ())


@pytest.mark.parametrize(
    ("text", "state", "county"),
    [
        ("CALCASIEU AOR", "LA", "22019"),
        ("DALLAS COUNTY GENERAL AREA", "TX", "48113"),
        ("287G COLLIER FMY ERO PROGRAM", "FL", "12021"),
    ],
)
def test_a_countys_own_name_with_wording_of_an_area(text: str, state: str, county: str) -> None:
    assert read(text, state).county_fips == county


@pytest.mark.parametrize(
    ("text", "state"),
    [
        ("DAVIDSON COUNTY JAIL, TN", "LA"),
        ("CAP - ETOWAH COUNTY JAIL, AL STATE", "LA"),
        ("BENTON COUNTY JAIL", "LA"),  # the seat of Bossier Parish is called Benton
        ("OUACHITA COUNTY JAIL", "LA"),  # Louisiana has parishes
        ("ST. CHARLES PARISH, LA", "MS"),
        ("ATLANTA, GA", "AL"),
        ("MADISON COUNTY JAIL, HUNTSVILLE, AL", "MS"),
        ("YAZOO CITY FCI", "LA"),
        ("LAWRENCE POLICE DEPT", "AL"),  # Alabama's Lawrence is a county, not a city
        ("COLORADO DEPARTMENT OF CORRECTIONS", "AL"),
    ],
)
def test_a_place_in_another_state_never_gives_a_county(text: str, state: str) -> None:
    found = read(text, state)
    assert (found.kind, found.county_fips) == ("other state", None)
    states = load_counties()["state"]
    assert state not in {states[county] for county in found.candidates}


def test_state_and_office_narrow_a_name() -> None:
    anywhere = read("ORANGE COUNTY JAIL")
    assert anywhere.kind == "ambiguous"
    assert len(anywhere.candidates) == 8
    assert read("ORANGE COUNTY JAIL", "NC").county_fips == "37135"
    assert read("ORANGE COUNTY JAIL", aor="MIA").county_fips == "12095"
    assert read("JEFFERSON COUNTY JAIL", aor="NOL").kind == "ambiguous"
    assert read("JEFFERSON COUNTY JAIL, BIRMINGHAM", aor="NOL").county_fips == "01073"
    assert read("ORANGE COUNTY JAIL", aor="BAL").kind == "other state"


def test_what_fits_two_counties_of_the_state_stays_ambiguous() -> None:
    for text, state, some in (
        ("HINDS AND RANKIN COUNTIES", "MS", {"28049", "28121"}),
        ("HINDS/RANKIN REGIONAL JAIL", "MS", {"28049", "28121"}),
        ("JACKSON JAIL", "AL", {"01071", "01025"}),  # a county, and a city in Clarke County
        ("HARRIS/GALVESTON COUNTY LINE", "TX", {"48201", "48167"}),
        ("HARRIS COUNTY JAIL AND FORT BEND COUNTY JAIL", "TX", {"48201", "48157"}),
        ("FALLS CHURCH", "VA", {"51610", "51059"}),  # the suburbs share its name
    ):
        found = read(text, state)
        assert (found.kind, found.county_fips) == ("ambiguous", None)
        assert set(found.candidates) == some


@pytest.mark.parametrize(
    ("text", "state"),
    [
        ("METROPOLITAN CORRECTIONAL CENTER", "CA"),
        ("METROPOLITAN DETENTION CENTER", None),
        ("MEMORIAL HERMANN HOSPITAL, HOUSTON", "TX"),
        ("NORTHERN VIRGINIA AREA", "VA"),
        ("SOUTHERN MARYLAND AREA", "MD"),
        ("COLUMBIA RIVER", "OR"),
        ("PRISON FARM", "VA"),
        ("ALTERNATIVE DETENTION", "PA"),
        ("BLUE RIDGE REGIONAL JAIL-VA", "VA"),
        ("TOWNSHIP OF HAMILTON POLICE DEPARTMENT", "NJ"),
        ("B - U.S. MARSHALL - WESTERN DISTRICT OF WISCONSIN", "WI"),
        ("SAVANNAH COUNTY, GA", "GA"),
        ("CORNELL - CEDAR HILL", "TX"),
    ],
)
def test_regions_and_names_of_common_words_give_no_county(text: str, state: str | None) -> None:
    assert read(text, state).county_fips is None


def test_a_text_that_names_the_records_state_is_no_conflict() -> None:
    for text, state in (
        ("CAP - MARLBOROUGH PD NY STATE", "NY"),
        ("PORT AUTHORITY (NJ/NY) PD", "NJ"),
        ("STORY COUNTY JAIL, VIRGINIA CITY, NEVADA", "NV"),
    ):
        assert read(text, state).kind != "other state"
    assert read("HILL COUNTY JAIL MT", "TX").kind == "other state"


@pytest.mark.parametrize("code", sorted(load_counties()["state"].unique()))
def test_every_postal_code_after_a_comma_is_a_state(code: str) -> None:
    assert read(f"NOWHERE AT ALL, {code}").state == code


def test_no_office_of_any_large_city_gives_a_county() -> None:
    named = [place for place in load_gazetteer().places if place.kind == "city"]
    cities = {p.name for p in named if p.zip_codes > 20 and not p.name.endswith(" CTY")}
    wordings = ("{} ERO", "{} GENERAL AREA", "{} FUGITIVE OPERATIONS", "{} NON-DETAINED UNIT")
    for city in sorted(cities):
        for place in load_gazetteer().find(city, "city"):
            if place.zip_codes > 20 and place.state != "LA":
                for wording in wordings:
                    assert read(wording.format(city), place.state).county_fips is None, city


def test_the_best_known_bearer_is_meant_only_where_nothing_else_tells() -> None:
    assert read("DALLAS COUNTY GENERAL AREA").county_fips == "48113"
    assert read("DALLAS COUNTY GENERAL AREA").confidence < 0.95
    assert read("DALLAS COUNTY JAIL", "AL").county_fips == "01047"
    assert read("DALLAS COUNTY JAIL", "IA").county_fips == "19049"


@pytest.mark.parametrize(
    ("text", "state", "county"),
    [
        ("TERRABONE PARISH, LA", "LA", "22109"),
        ("ATTELBORO POLICE DEPT", "MA", "25005"),
        ("CAP - LIMESTONE COUTY JAIL, AL", "AL", "01083"),
        ("CAP - TALLAPOOSSA COUNTY JAIL, AL STATE", "AL", "01123"),
        ("EAST BATON ROUGE PARRISH SHERRIF'S OFFICE, LA", "LA", "22033"),
        ("CAP - MARSHAL COUNTY JAIL MS STATE", "MS", "28093"),
        ("CAP - CLARK COUNTY JAIL, AL STATE", "AL", "01025"),
        ("EYLAN HUNT CORRECTIONAL CENTER", "LA", "22047"),
        ("VERMILLION", "LA", "22113"),  # Indiana's is spelt so
        ("HAZELTON POLICE DEPARTMENT - HAZELTON, PA", None, "42079"),
    ],
)
def test_misspelt_names(text: str, state: str | None, county: str) -> None:
    assert read(text, state).county_fips == county


def test_misspelt_names_are_read_only_within_a_known_state() -> None:
    assert read("ATTELBORO POLICE DEPT").kind == "unread"
    assert read("TERRABONE PARISH").kind == "unread"
    assert read("TERRABONE PARISH", aor="NOL").kind == "unread"  # an office of five states
    assert read("TERRABONE PARISH, LA").rule == "county, misspelt"


def test_township_names_which_recur_are_not_read() -> None:
    assert read("HAMILTON TOWNSHIP POLICE DEPARTMENT", "NJ").county_fips is None
    assert read("PENN TOWNSHIP POLICE DEPARTMENT - HANOVER, PA", "PA").county_fips == "42133"


def test_roads_and_rivers_are_no_places() -> None:
    assert read("ASSINK ROAD TO VAN BUREN ROAD", "MS").county_fips is None
    assert read("LANE 4", "OR").county_fips is None
    assert read("BAYOU LA BATRE PD, AL", "AL").county_fips == "01097"


def test_a_states_own_agency_tells_the_state_only() -> None:
    found = read("COLORADO DEPARTMENT OF CORRECTIONS")
    assert (found.kind, found.state, found.county_fips) == ("state only", "CO", None)


def test_the_county_column_and_the_duty_site() -> None:
    assert reader().read_county("1081") == "01081"
    assert reader().read_county("1081.0") == "01081"
    assert reader().read_county("99999") is None
    assert reader().read_county("Lee County", state="AL") == "01081"
    assert reader().read_county("Lee") is None
    assert reader().read_county("Baltimore County", state="MD") == "24005"
    assert reader().read_county("Baltimore city", state="MD") == "24510"
    assert reader().read_county("Baltimore", state="MD") is None
    assert reader().read_county("Nome Census Area", state="AK") == "02180"
    assert reader().read_county("Lee County, AL", state="AL") == "01081"
    assert reader().read_county("113", state="TX") == "48113"
    assert reader().read_office("ERO - Tallahassee, FL Sub Office") == "MIA"
    assert reader().read_office("NO SUCH PLACE") is None


@settings(max_examples=300)
@given(
    st.text(max_size=120),
    st.sampled_from([None, "AL", "LA", "TX", "VA", "PR", "GU", "AS"]),
    st.sampled_from([None, "NOL", "DAL", "HQ", "XXX"]),
)
def test_any_text_is_read_without_error(text: str, state: str | None, aor: str | None) -> None:
    found = read(text, state, aor)
    assert (found.county_fips is not None) == (found.kind == "county")
    assert set(found.candidates) <= COUNTIES
    if found.kind == "county" and state is not None:
        assert load_counties()["state"][found.county_fips] == state
    assert read(text, state, aor) == found


_WORDS = (
    "CAP - JAIL COUNTY PARISH CO ST. LEE ORANGE JACKSON CITY , / (AL) LA TX STATE PD OF "
    "GENERAL AREA FUGITIVE OPERATIONS 287(G) NEW YORK WASHINGTON FCI & AND DE SOTO"
)
WORDS = st.sampled_from(_WORDS.split())


@settings(max_examples=300)
@given(st.lists(WORDS, max_size=9).map(" ".join), st.sampled_from([None, "AL", "LA", "NY", "TX"]))
def test_words_of_landmarks_in_any_order(text: str, state: str | None) -> None:
    found = read(text, state)
    assert set(found.candidates) <= COUNTIES
    spaced = read(f"  {text.lower()}  ", state)
    assert (spaced.kind, spaced.county_fips) == (found.kind, found.county_fips)


def test_a_text_of_ten_thousand_letters_is_read_quickly() -> None:
    assert read("LEE COUNTY JAIL " * 1_000, "AL").county_fips == "01081"


def _misspell(name: str, chance: random.Random) -> str:
    at = chance.randrange(1, len(name) - 1)
    letter = chance.choice("AEIOURSTLN")
    kind = chance.randrange(4)
    if kind == 0:
        return name[:at] + name[at + 1 :]
    if kind == 1:
        return name[:at] + letter + name[at:]
    if kind == 2:
        return name[:at] + letter + name[at + 1 :]
    return name[:at] + name[at + 1 : at + 2] + name[at] + name[at + 2 :]


def test_thresholds_of_misspelt_counties() -> None:
    """One letter is forgiven nearly always, and hardly ever to the wrong county."""
    chance = random.Random(1)  # noqa: S311
    counties = [p for p in load_gazetteer().places if p.kind == "county" and len(p.name) > 5]
    counties = [p for p in counties if p.legal_word in {"COUNTY", "PARISH"}]
    right = wrong = 0
    for place in chance.sample(counties, 800):
        text = f"{_misspell(place.name, chance)} {place.legal_word} JAIL"
        found = read(text, place.state).county_fips
        right += found == place.county_fips
        wrong += found not in {None, place.county_fips}
    assert right / 800 >= 0.93
    assert wrong / 800 <= 0.01


def test_thresholds_of_foreign_counties() -> None:
    """The exact name of another state's county is hardly ever taken for one misspelt."""
    chance = random.Random(2)  # noqa: S311
    by_state: dict[str, set[str]] = defaultdict(set)
    for place in load_gazetteer().places:
        if place.kind == "county" and place.legal_word == "COUNTY":
            by_state[place.state].add(place.name)
    everywhere = sorted(set().union(*by_state.values()))
    wrong = tried = 0
    for state in sorted(by_state):
        own = {name.replace(" ", "") for name in by_state[state]}
        for name in chance.sample(everywhere, 60):
            if name.replace(" ", "") not in own:
                tried += 1
                wrong += read(f"{name} COUNTY JAIL", state).county_fips is not None
    assert tried > 2_000
    assert wrong / tried <= 0.005


def _labels(shared: Path) -> list[dict[str, str]]:
    """Read the labels, with the number of records of each text."""
    arrests = shared / "real" / "arrests"
    records: dict[tuple[str, str], int] = defaultdict(int)
    for state in ("al", "la", "ms"):
        with (arrests / f"arrest_landmarks_{state}.csv").open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                records[row["apprehension_site_landmark"], state.upper()] += int(row["n"])
    path = arrests / "top_landmarks_by_method_2012_2022.csv"
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            records[row["apprehension_landmark"], ""] += int(row["n"])
    path = shared / "labels" / "landmark_labels.csv"
    with path.open(encoding="utf-8", newline="") as file:
        labels = list(csv.DictReader(file))
    for label in labels:
        label["n"] = str(records[label["landmark"], label["record_state"]])
    return labels


@pytest.mark.parametrize("weighted", [False, True])
def test_real_labelled_landmarks(shared_data: Path, weighted: bool) -> None:  # noqa: FBT001
    weight: dict[str, int] = defaultdict(int)
    for label in _labels(shared_data):
        n = int(label["n"]) if weighted else 1
        found = read(label["landmark"], label["record_state"] or None).county_fips
        allowed = {label["county_fips"], *label["other_candidates"].split(";")} - {""}
        outcome = "none" if found is None else "right" if found in allowed else "wrong"
        if label["kind"] == "other_state" and found is not None:
            outcome = "wrong"
        weight[f"{label['kind']} {outcome}"] += n
    located = weight["county right"] + weight["county wrong"]
    assert weight["county right"] / located >= 0.98
    assert weight["county right"] / (located + weight["county none"]) >= 0.93
    assert weight["other_state wrong"] == weight["other_state right"] == 0
    assert weight["nonplace wrong"] == 0
