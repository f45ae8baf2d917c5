"""Which year's counties a set of codes belongs to."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from boundaries import VINTAGES, Vintage, VintageError, county_codes, detect_vintage, load_counties

OLD, NEW = county_codes(2019), county_codes(2023)
ONLY_OLD, ONLY_NEW = sorted(OLD - NEW), sorted(NEW - OLD)
COMMON = sorted(OLD & NEW)
COUNTIES = st.lists(st.sampled_from(COMMON), max_size=20)


def test_the_vintages_differ_in_connecticut_and_alaska() -> None:
    assert ["02261", *(f"09{county:03}" for county in range(1, 16, 2))] == ONLY_OLD
    assert ["02063", "02066", *(f"09{region}" for region in range(110, 200, 10))] == ONLY_NEW


@pytest.mark.parametrize("vintage", VINTAGES)
def test_codes_are_those_of_the_counties(vintage: Vintage) -> None:
    assert county_codes(vintage) == set(load_counties(vintage=vintage).index)


@given(COUNTIES)
def test_codes_common_to_both_count_as_canonical(codes: list[str]) -> None:
    assert detect_vintage(codes) == 2019


@given(COUNTIES, st.sets(st.sampled_from(ONLY_OLD), min_size=1))
def test_old_codes_tell_the_old_vintage(codes: list[str], telling: set[str]) -> None:
    assert detect_vintage([*codes, *telling]) == 2019


@given(COUNTIES, st.sets(st.sampled_from(ONLY_NEW), min_size=1))
def test_new_codes_tell_the_new_vintage(codes: list[str], telling: set[str]) -> None:
    assert detect_vintage([*telling, *codes]) == 2023


@given(
    COUNTIES,
    st.sets(st.sampled_from(ONLY_OLD), min_size=1),
    st.sets(st.sampled_from(ONLY_NEW), min_size=1),
)
def test_a_mixture_is_refused_with_every_code(
    codes: list[str], old: set[str], new: set[str]
) -> None:
    with pytest.raises(VintageError) as caught:
        detect_vintage([*codes, *old, *new])
    message = str(caught.value)
    assert f"{', '.join(sorted(old))} exist only in 2019" in message
    assert f"{', '.join(sorted(new))} only in 2023" in message
    assert "expected one vintage; keep the rows of one vintage" in message


def test_advice_fits_the_state() -> None:
    with pytest.raises(VintageError, match="planning regions from 2022") as caught:
        detect_vintage(["09001", "09110"])
    assert "Alaska" not in str(caught.value)
    with pytest.raises(VintageError, match="add the two for a count of 02261") as caught:
        detect_vintage(["02261", "02063"])
    assert "Connecticut" not in str(caught.value)


def test_unknown_codes_are_not_its_business() -> None:
    assert detect_vintage(["99999", "Texas", ""]) == 2019
    assert detect_vintage(iter(["09110"])) == 2023


def test_an_unknown_vintage_is_refused() -> None:
    with pytest.raises(VintageError, match="the county boundaries that are embedded"):
        county_codes(2010)  # type: ignore[arg-type]
