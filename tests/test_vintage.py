"""Codes of the counties of both boundary files."""

import pytest

from boundaries import VINTAGES, Vintage, VintageError, county_codes, load_counties

OLD, NEW = county_codes(2019), county_codes(2023)
ONLY_OLD, ONLY_NEW = sorted(OLD - NEW), sorted(NEW - OLD)


def test_the_vintages_differ_in_connecticut_and_alaska() -> None:
    assert ["02261", *(f"09{county:03}" for county in range(1, 16, 2))] == ONLY_OLD
    assert ["02063", "02066", *(f"09{region}" for region in range(110, 200, 10))] == ONLY_NEW


@pytest.mark.parametrize("vintage", VINTAGES)
def test_codes_are_those_of_the_counties(vintage: Vintage) -> None:
    assert county_codes(vintage) == set(load_counties(vintage=vintage).index)


def test_an_unknown_vintage_is_refused() -> None:
    with pytest.raises(VintageError, match="the county boundaries that are embedded"):
        county_codes(2010)  # type: ignore[arg-type]
