"""What became of the counties: the table of changes against censuses, codes and polygons."""

import pandas as pd
import pytest

from boundaries import (
    analysis_crs,
    county_codes,
    load_counties,
    load_county_changes,
    load_county_shares,
)
from geo import load_population

OLD, NEW = county_codes(2019), county_codes(2023)


def residents(side: str, state: str, year: int) -> dict[str, int]:
    changes = load_county_changes()
    mine = changes[(changes["year"] == year) & changes["from_fips"].str.startswith(state)]
    totals = mine.groupby(side)["residents"].sum()
    return {str(code): int(total) for code, total in totals.items()}


def test_every_code_that_the_packaged_vintages_do_not_share_has_its_change() -> None:
    changes = load_county_changes()
    later = changes[changes["year"] >= 2019]
    assert set(later["from_fips"]) == OLD - NEW
    assert set(later["to_fips"]) == NEW - OLD


def test_changes_before_2019_lead_to_its_counties() -> None:
    earlier = load_county_changes().query("year < 2019")
    assert set(earlier["to_fips"]) <= OLD & NEW
    retired = set(earlier["from_fips"]) - OLD
    assert retired == {"02201", "02232", "02270", "02280", "46113", "51515", "51560"}


def test_connecticut_adds_up_to_the_census_of_2020() -> None:
    # 2020 Census, P.L. 94-171: the state's eight counties and nine planning regions.
    assert residents("from_fips", "09", 2022) == {
        "09001": 957_419,
        "09003": 899_498,
        "09005": 185_186,
        "09007": 164_245,
        "09009": 864_835,
        "09011": 268_555,
        "09013": 149_788,
        "09015": 116_418,
    }
    assert residents("to_fips", "09", 2022) == {
        "09110": 976_248,
        "09120": 325_778,
        "09130": 174_225,
        "09140": 450_376,
        "09150": 95_348,
        "09160": 112_503,
        "09170": 570_487,
        "09180": 280_430,
        "09190": 620_549,
    }
    assert sum(residents("to_fips", "09", 2022).values()) == 3_605_944


# 2020 Census, P.L. 94-171: towns that leave the region of most of their county.
TOWNS = {
    ("09001", "09120"): [148_654, 7_605, 61_512, 18_825, 52_355, 36_827],
    ("09001", "09140"): [40_869],  # Shelton
    ("09003", "09140"): [60_833],  # Bristol
    ("09003", "09160"): [9_519, 1_901],  # Burlington, Hartland
    ("09005", "09140"): [3_385, 11_671, 7_442, 22_105, 9_723],
    ("09005", "09190"): [1_662, 28_115],  # Bridgewater, New Milford
    ("09011", "09130"): [2_352, 7_628],  # Lyme, Old Lyme
    ("09011", "09150"): [2_570],  # Voluntown
    ("09013", "09150"): [785],  # Union
    ("09015", "09180"): [24_425],  # Windham
}


@pytest.mark.parametrize(("pair", "towns"), TOWNS.items())
def test_parts_of_connecticut_are_sums_of_their_towns(
    pair: tuple[str, str], towns: list[int]
) -> None:
    changes = load_county_changes().set_index(["from_fips", "to_fips"])["residents"]
    assert changes[pair] == sum(towns)


def test_alaska_and_virginia_add_up_to_their_censuses() -> None:
    assert residents("from_fips", "02", 2019) == {"02261": 9_719}
    # Census 2000.
    assert residents("from_fips", "02", 2007) == {"02232": 3_436}
    assert residents("from_fips", "02", 2008) == {
        "02130": 14_070,
        "02201": 6_146,
        "02280": 6_684,
    }
    # Estimated populations of the new areas, as the Census Bureau's list of changes has them.
    assert residents("to_fips", "02", 2008) == {
        "02130": 14_077,
        "02195": 4_260,
        "02198": 6_115,
        "02275": 2_448,
    }
    # Census 2010.
    assert residents("from_fips", "02", 2013) == {"02105": 2_150, "02195": 3_815, "02198": 5_559}
    assert residents("to_fips", "02", 2013) == {"02105": 2_149, "02195": 3_203, "02198": 6_172}
    assert residents("to_fips", "51", 2013) == {"51019": 74_898}


def test_estimates_of_2010_agree_with_the_parts_of_that_census() -> None:
    changes = load_county_changes().query("census == 2010 and year <= 2015")
    parts = changes.groupby("to_fips")["residents"].sum()
    estimates = load_population(2010)[parts.index]
    assert (parts / estimates - 1).abs().max() < 0.03


def test_areas_are_those_of_the_polygons() -> None:
    changes = load_county_changes()
    measured = changes.dropna(subset="area_km2").set_index(["from_fips", "to_fips"])["area_km2"]
    assert len(measured) == 21
    for state, old_codes in (("AK", ["02261"]), ("CT", sorted(OLD - NEW)[1:])):
        old = load_counties().loc[old_codes, ["geometry"]].rename_axis("from_fips").reset_index()
        new = load_counties(vintage=2023)
        new = new.loc[(new["state"] == state) & ~new.index.isin(OLD), ["geometry"]]
        new = new.rename_axis("to_fips").reset_index()
        crs = analysis_crs(state)
        pieces = old.to_crs(crs).overlay(new.to_crs(crs), keep_geom_type=True)
        area = (pieces.area / 1e6).groupby([pieces["from_fips"], pieces["to_fips"]]).sum()
        mine = measured[measured.index.get_level_values(0).isin(old_codes)]
        assert (area[mine.index] / mine - 1).abs().max() < 0.001
        # What the table leaves out are slivers between two generalisations of one border.
        slivers = area.drop(mine.index)
        assert (slivers < 2).all()


def test_shares_of_an_area_sum_to_one() -> None:
    shares = load_county_shares()
    totals = shares.groupby("fips")["share"].sum()
    assert totals.tolist() == pytest.approx([1.0] * len(totals))
    assert (shares["share"] > 0).all()
    assert set(shares["county_fips"]) <= OLD


def test_shares_by_area_are_other_shares_and_missing_where_no_polygons_tell() -> None:
    keys = ["fips", "county_fips"]
    by_area = load_county_shares(basis="area").set_index(keys)["share"]
    by_population = load_county_shares().set_index(keys)["share"]
    assert by_area["09110", "09003"] == pytest.approx(0.63, abs=0.005)
    assert by_population["09110", "09003"] == pytest.approx(0.847, abs=0.0005)
    unknown = by_area[by_area.isna()].index.get_level_values("fips")
    assert set(unknown) == {"02201", "02232", "02280"}
    known = by_area.drop(labels=list(set(unknown)), level="fips")
    totals = known.groupby("fips").sum()
    assert totals.tolist() == pytest.approx([1.0] * len(totals))


def test_no_code_is_changed_twice() -> None:
    # One step carries every code: what it leads to is no other change's area.
    shares = load_county_shares()
    retired = shares[~shares["fips"].isin(OLD)]
    assert not set(retired["county_fips"]) & set(retired["fips"])
    assert not retired.drop_duplicates(["fips", "event"])["fips"].duplicated().any()


def test_changes_of_boundary_that_kept_their_codes_are_listed_and_not_carried() -> None:
    changes = load_county_changes().query("kind == 'boundary'")
    assert set(changes["to_fips"]) == {"02105", "02195", "02198"}
    assert set(load_county_shares()["year"]) == {2001, 2007, 2008, 2013, 2015, 2019, 2022}
    assert not (load_county_shares()["kind"] == "boundary").any()


def test_dates_are_those_of_the_years_and_every_row_has_its_source() -> None:
    changes = load_county_changes()
    assert (changes["date"].dt.year == changes["year"]).all()
    assert (changes[["note", "source"]] != "").all(axis=None)
    dates = changes.drop_duplicates("from_fips").set_index("from_fips")["date"]
    assert dates["46113"] == pd.Timestamp("2015-05-01")
    assert dates["51515"] == pd.Timestamp("2013-07-01")


def test_changing_a_table_changes_no_other() -> None:
    changes, shares = load_county_changes(), load_county_shares()
    changes["residents"], shares["share"] = 0, 0.0
    assert load_county_changes()["residents"].min() == 1
    assert load_county_shares()["share"].max() == 1
