"""Crime rates: too small a covered share and implausible zeros are no data, never zero."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo import (
    PER,
    CrimeRates,
    InputError,
    Source,
    load_population,
    read_crime_rates,
    set_aside_implausible_zeros,
)
from geo._files import open_file
from geo.crime import DEFINITIONS

Reads = Callable[..., CrimeRates]


@pytest.fixture
def reads(tmp_path: Path) -> Reads:
    """Write a CSV file and read its crime rates."""

    def read(content: str, **options: Any) -> CrimeRates:
        path = tmp_path / "crime.csv"
        path.write_text(content, encoding="utf-8")
        return read_crime_rates(path, **options)

    return read


def rates(by_county: dict[str, float]) -> CrimeRates:
    rate = pd.Series(by_county, dtype="float64")
    source = Source(file="crime.csv", sha256="", rows=len(rate))
    return CrimeRates(
        rate=rate, uncovered=0, zeros=int((rate == 0).sum()), implausible_zeros=(), source=source
    )


@pytest.mark.parametrize(
    "column",
    ["Violent Crime Rate", "violent_crime_rate", "rate_crime_violent", "violent_per_100k"],
)
def test_usual_columns(reads: Reads, column: str) -> None:
    read = reads(f"fips,other,{column}\n1001,1,300\n")
    assert read.rate.to_dict() == {"01001": 300}
    assert read.source.column == column


def test_a_covered_share_below_the_least_is_no_data(reads: Reads) -> None:
    content = "fips,crime_rate,covered\n1,1,1\n1001,300,0.8\n1003,0,0.79\n1005,5,\n1007,,0.9\n"
    read = reads(content.replace("\n1,1,1", ""), covered_share="covered")
    assert read.rate.dropna().to_dict() == {"01001": 300}
    assert read.rate.index.tolist() == ["01001", "01003", "01005", "01007"]
    assert (read.uncovered, read.zeros, read.source.missing) == (2, 0, 3)


def test_the_least_covered_share_can_be_moved(reads: Reads) -> None:
    content = "fips,crime_rate,covered\n1001,300,0.5\n1003,0,0.4\n"
    read = reads(content, covered_share="covered", least_covered_share=0.5)
    assert read.rate.dropna().to_dict() == {"01001": 300}
    with pytest.raises(InputError, match=r"no county with a covered share of 0\.8 or more"):
        reads(content, covered_share="covered")


def test_a_file_is_read_once(reads: Reads, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[Path] = []

    def counted(path: Path, dialect: Any) -> Any:
        opened.append(path)
        return open_file(path, dialect)

    monkeypatch.setattr("geo._table.open_file", counted)
    reads(
        "fips,crime_rate,covered,years,definition\n1001,3,1,2014,homicide\n",
        covered_share="covered",
    )
    assert len(opened) == 1


def test_every_problem_of_every_column_is_told_at_once(reads: Reads) -> None:
    content = "fips,rate,covered,years,definition\n1001,x,95,2014,property_part1\n1003,1,96,2016,"
    with pytest.raises(InputError) as caught:
        reads(f"{content}property_part1\n", column="rate", covered_share="covered")
    found = [problem.found for problem in caught.value.problems]
    assert found == [
        f"figures of the definition property_part1: {DEFINITIONS['property_part1'].title}",
        "figures of 2014 and of 2016",
        "'x'",
        "shares around 95.5",
    ]


def test_a_column_of_property_crime_is_refused(reads: Reads) -> None:
    with pytest.raises(InputError, match="column 'Rate of Property crime': found a rate of prop"):
        reads("fips,Rate of Property crime\n1001,3\n", column="rate of property crime")


def test_covered_shares_in_per_cent_are_refused(reads: Reads) -> None:
    with pytest.raises(InputError, match="expected shares of 1, not of 100"):
        reads("fips,crime_rate,covered\n1001,300,95\n1003,0,35\n", covered_share="covered")


def test_problems_of_rates_are_told(reads: Reads) -> None:
    with pytest.raises(InputError) as caught:
        reads("fips,crime_rate\n1001,-3\n1003,x\n99999,1\n")
    assert len(caught.value.problems) == 3
    with pytest.raises(InputError, match="expected a column 'nothing' with the covered share"):
        reads("fips,crime_rate\n1001,3\n", covered_share="nothing")


def test_events_are_rates_times_people() -> None:
    people = pd.Series({"01001": 50_000.0, "01003": 200_000.0, "01005": 1.0})
    events = rates({"01003": 400.0, "01001": float("nan")}).events(people)
    assert events.index.tolist() == people.index.tolist()
    assert PER == 100_000
    assert events["01003"] == 800
    assert events.isna().tolist() == [True, False, True]


def test_a_zero_is_implausible_from_ten_expected_crimes_on() -> None:
    crime = rates({"01001": 200.0, "01003": 0.0, "01005": 0.0, "01007": 0.0})
    # The overall rate is 200 x 75,000 / 100,000 = 150 in 90,000 people: 6,000 for ten.
    people = pd.Series({"01001": 75_000.0, "01003": 6_000.0, "01005": 5_999.0, "01007": 3_001.0})
    kept = set_aside_implausible_zeros(crime, people)
    assert kept.implausible_zeros == ("01003",)
    assert kept.rate.isna().tolist() == [False, True, False, False]
    assert (kept.zeros, kept.source.missing) == (2, 1)
    assert crime.rate["01003"] == 0  # the input is not changed


@given(
    st.lists(st.one_of(st.just(0.0), st.floats(1, 2_000)), min_size=2, max_size=20),
    st.randoms(use_true_random=False),
)
def test_only_zeros_are_ever_set_aside(by_county: list[float], chance: Any) -> None:
    codes = [f"{number:05}" for number in range(1001, 1001 + len(by_county))]
    people = pd.Series({code: chance.uniform(10, 1e6) for code in codes})
    crime = rates(dict(zip(codes, by_county, strict=True)))
    kept = set_aside_implausible_zeros(crime, people)
    assert (crime.rate[list(kept.implausible_zeros)] == 0).all()
    changed = kept.rate.isna() | (kept.rate != crime.rate)
    assert set(changed[changed].index) == set(kept.implausible_zeros)
    assert kept.zeros + len(kept.implausible_zeros) == crime.zeros


def test_counties_of_unknown_population_are_left_alone() -> None:
    crime = rates({"01001": 200.0, "72001": 0.0, "01003": float("nan")})
    kept = set_aside_implausible_zeros(crime, pd.Series({"01001": 1e6, "01003": 1e6}))
    assert kept.implausible_zeros == ()
    assert kept.rate["72001"] == 0


def test_rates_without_any_population_do_not_divide_by_zero() -> None:
    kept = set_aside_implausible_zeros(rates({"72001": 0.0}), pd.Series({"01001": 1e6}))
    assert kept.implausible_zeros == ()


def test_real_rates_of_2014_and_2016(shared_data: Path) -> None:
    path = shared_data / "real" / "crime" / "violent_crime_rate_2014_2016.csv"
    read = read_crime_rates(path)
    stated = pd.read_csv(path).set_index("FIPS")["Violent Crime Rate"]
    stated = stated[stated.index % 1000 > 0]
    assert read.rate.notna().sum() == stated.notna().sum() == 2_950
    assert read.rate["48201"] == stated[48201]
    assert read.source.state_totals == 50
    assert read.zeros == (stated == 0).sum()
    kept = set_aside_implausible_zeros(read, load_population(2014, 2016))
    assert len(kept.implausible_zeros) == 11
    assert {"29103", "13053", "78413"} & set(kept.implausible_zeros) == {"29103", "13053"}
    assert kept.zeros == read.zeros - 11


def test_real_counts_of_2017_by_covered_share(shared_data: Path) -> None:
    path = shared_data / "real" / "crime" / "violent_crime_counts_2017.csv"
    read = read_crime_rates(path, covered_share="covered_share")
    stated = pd.read_csv(path)
    good = (stated["covered_share"] >= 0.8) & stated["violent_per_100k"].notna()
    assert read.rate.notna().sum() == good.sum()
    assert 2_500 < good.sum() < len(stated) == 2_951
    assert np.isclose(read.rate.sum(), stated.loc[good, "violent_per_100k"].sum())


def test_real_years_are_kept_apart(shared_data: Path) -> None:
    path = shared_data / "real" / "crime" / "violent_crime_rate_nibrs_2021_2023.csv"
    read = read_crime_rates(
        path, where={"year": ["2021"], "rate_crime_violent_quality": ["1", "2"]}
    )
    assert read.rate.index.is_unique
    assert read.source.filtered_out > 6_000
    assert read.notes == ()
    # Connecticut reports by its planning regions, carried by residents; New Haven County is
    # all of one of them and most of another.
    later = read_crime_rates(path, where={"year": ["2023"]})
    new_haven = (1094.7366 * 570_487 + 774.7019 * 294_348) / 864_835
    assert later.rate["09009"] == pytest.approx(new_haven, rel=1e-6)
    assert "09110" in later.notes[-1]
    assert read_crime_rates(path, where={"year": ["2022"]}).notes == ()  # listed, all missing
