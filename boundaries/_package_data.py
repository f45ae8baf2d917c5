"""Read the tables that travel inside the package, once a process."""

from __future__ import annotations

from functools import cache
from importlib.resources import as_file, files

import geopandas as gpd
import pandas as pd

_DATA = files("boundaries") / "data"


@cache
def read_geometry(name: str) -> gpd.GeoDataFrame:
    """Read a packaged GeoParquet file; callers copy before they hand it out."""
    with as_file(_DATA / f"{name}.parquet") as path:
        return gpd.read_parquet(path)


@cache
def read_csv(name: str) -> pd.DataFrame:
    """Read a packaged CSV file as text, blanks kept as empty strings."""
    with as_file(_DATA / f"{name}.csv") as path:
        return pd.read_csv(path, dtype=str, keep_default_na=False)


@cache
def read_table(name: str) -> pd.DataFrame:
    """Read a packaged Parquet file without geometry; callers copy before they hand it out."""
    with as_file(_DATA / f"{name}.parquet") as path:
        return pd.read_parquet(path)
