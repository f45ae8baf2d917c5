"""A zero is believed or not by what else the agency reported."""

from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_agencies import listed, reported, residents

from geo.crime import COUNTED, implausible_zeros, sum_by_county

NAN = float("nan")
VIOLENT = ("murder", "rape_revised", "robbery", "aggravated_assault")
# Rates as those of the country's cities: 7, 43, 103 and 345 by 100,000.
USUAL = (70, 430, 1030, 3450)
MILLION = 1e6


def rows(*agencies: tuple[str, tuple[float, ...], float], **same: Any) -> list[dict[str, Any]]:
    """Lay out agencies: name, violent crimes, residents."""
    return [
        {"agency": name, "offense": offence, "count": count, "population": people, **same}
        for name, counts, people in agencies
        for offence, count in zip(VIOLENT, counts, strict=True)
    ]


def doubted(*agencies: tuple[str, tuple[float, ...], float], **same: Any) -> set[tuple[str, str]]:
    """Name the zeros that are not believed beside a usual city of a million."""
    table = reported(*rows(("Usual", USUAL, MILLION), *agencies, **same)).table
    found = table[implausible_zeros(table)]
    return set(zip(found["agency"], found["offense"], strict=True))


def test_murders_alone_are_no_report_of_violence() -> None:
    found = doubted(("Murders Only", (66, 0, 0, 0), 560e3))
    assert {offence for _, offence in found} >= {"aggravated_assault", "robbery", "rape_revised"}


def test_one_part_left_out_is_found_beside_the_others() -> None:
    assert doubted(("No Rape", (37, 0, 390, 1048), 220e3)) == {("No Rape", "rape_revised")}
    assert doubted(("No Assault", (5, 20, 75, 0), 90e3)) == {("No Assault", "aggravated_assault")}


@pytest.mark.parametrize("people", [50e3, 316e3, 900e3])
def test_a_city_without_a_murder_is_believed(people: float) -> None:
    """Zeros of rare offences left out would raise the rates of those that remain."""
    assert doubted(("Quiet", (0, 37, 60, 153), people)) == set()


def test_a_small_town_without_violence_is_believed_and_a_silent_city_is_not() -> None:
    assert doubted(("Town", (0, 0, 0, 0), 15e3)) == set()
    assert {agency for agency, _ in doubted(("City", (0, 0, 0, 0), 60e3))} == {"City"}


def test_other_years_of_the_agency_tell() -> None:
    usual = rows(("Usual", USUAL, MILLION)) + rows(("Usual", USUAL, MILLION), year=2017)

    def _found(before: float) -> bool:
        two = [
            {"agency": "Here", "count": before, "population": 120e3},
            {"agency": "Here", "count": 0, "population": 120e3, "year": 2017},
        ]
        table = reported(*usual, *two).table
        return bool(implausible_zeros(table).iloc[-1])

    assert _found(12)
    assert not _found(3)  # of four expected, none is no wonder


def test_a_total_that_is_zero_is_no_evidence_and_needs_none() -> None:
    """Totals of sound agencies are zero in files, where the parts are not."""
    total = {"agency": "Sound", "offense": "violent_total", "count": 0, "population": 200e3}
    parts = rows(("Usual", USUAL, MILLION), ("Sound", (9, 90, 200, 700), 200e3))
    table = reported(*parts, total).table
    of_parts = implausible_zeros(table)[table["offense"] != "violent_total"]
    assert not of_parts.any()


def test_months_shorten_what_is_expected() -> None:
    assert doubted(("Here", (3, 0, 30, 110), 90e3)) == set()  # less than thirty beside these
    year = rows(("Here", (9, 0, 110, 400), 120e3))
    assert implausible_zeros(reported(*rows(("Usual", USUAL, MILLION)), *year).table).any()
    months = rows(("Here", (0, 0, 0, 0), 60e3), months=2)
    assert not implausible_zeros(reported(*rows(("Usual", USUAL, MILLION)), *months).table).any()


def test_the_sum_of_what_is_left_does_not_pass_for_all_crimes() -> None:
    agencies = listed(
        ("AL0010100", "Usual", "city", ("01001",), MILLION),
        ("AL0020100", "Murders Only", "city", ("01003",), 560e3),
    )
    offenses = reported(*rows(("Usual", USUAL, MILLION), ("Murders Only", (66, 0, 0, 0), 560e3)))
    sums = sum_by_county(
        offenses,
        agencies,
        definition="ucr_part1_violent",
        residents=residents({"01001": MILLION, "01003": 560e3}),
    )
    table = sums.crimes.table.set_index("county_fips")
    assert table["crimes"].tolist() == pytest.approx([sum(USUAL), NAN], nan_ok=True)
    assert table["covered_share"].tolist() == [1, 0]
    totals = sums.totals()["reported"]
    assert totals.to_dict() == {
        COUNTED: sum(USUAL),
        "zero where ten crimes or more were to be expected": 66,
    }
    (row,) = sums.ledger[sums.ledger["agency"] == "Murders Only"].to_dict("records")
    assert "aggravated_assault" in row["zeros"]
    (note,) = [note for note in sums.crimes.notes if "a zero is not believed" in note]
    assert "1 (" in note
    # Its murders are a report of murder.
    murders = sum_by_county(offenses, agencies, definition="homicide")
    assert murders.totals()["reported"].to_dict() == {COUNTED: 136}


COUNTS = st.tuples(*[st.one_of(st.just(0), st.integers(0, 4_000))] * 4)


@given(
    st.lists(st.tuples(COUNTS, st.sampled_from([NAN, 0.0, 900.0, 5e4, 2e6])), max_size=6),
    st.randoms(),
)
def test_only_zeros_are_doubted_whatever_the_order(agencies: Any, random: Any) -> None:
    named = [(f"Town {n}", counts, people) for n, (counts, people) in enumerate(agencies)]
    table = reported(*rows(("Usual", USUAL, MILLION), *named)).table
    before = table.copy()
    found = implausible_zeros(table)
    pd.testing.assert_frame_equal(table, before)
    assert (table.loc[found, "count"] == 0).all()
    order = list(table.index)
    random.shuffle(order)
    assert implausible_zeros(table.loc[order]).reindex(table.index).equals(found)
    # A file without the agency's zeros says nothing else of the others.
    assert not implausible_zeros(table[table["count"] > 0]).any()
