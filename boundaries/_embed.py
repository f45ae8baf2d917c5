"""Make the packaged boundaries from Census files: ``python -m boundaries._embed FOLDER``.

FOLDER holds ``counties_2019_5m.parquet``, ``counties_2023_5m.parquet`` and
``states_2019_5m.parquet``: the Cartographic Boundary Files (U.S. Census Bureau, public
domain), 1:5,000,000. The 2019 file lacks legal names and the 2023 file land areas; both
are derived here.
"""

from __future__ import annotations

import sys
from pathlib import Path

import geopandas as gpd
import pandas as pd

from boundaries._package_data import read_csv
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


def main(source: Path, target: Path) -> None:
    """Write the packaged files."""
    states = states_2019(source)
    old = counties_2019(source, states)
    new = counties_2023(source, states, old)
    for name, table in (("states_2019", states), ("counties_2019", old), ("counties_2023", new)):
        table.to_parquet(target / f"{name}.parquet", compression="zstd", compression_level=19)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(__file__).parent / "data")
