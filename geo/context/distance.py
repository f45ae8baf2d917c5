"""Distances from counties to the nearest facility."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
from pyproj import Geod
from scipy.spatial import cKDTree

from boundaries import load_counties, project_for_analysis
from geo._table import parse_numbers, read_table
from geo.context._center_checks import center_problems
from geo.context._codes import census_county_codes, checked_codes
from geo.context.facilities import Facilities
from geo.errors import InputError, Problem
from geo.vintages import carry_counts

__all__ = ["county_centers", "distance_to_nearest", "read_population_centers"]

_ELLIPSOID: Final = Geod(ellps="WGS84")
_SLACK: Final = 1.012
"""A sphere's distances differ from the ellipsoid's by less than 0.57 % either way."""


def county_centers() -> pd.DataFrame:
    """Give the centroids of the counties' polygons.

    Returns
    -------
    pandas.DataFrame of float
        ``latitude`` and ``longitude`` (degrees, EPSG:4269) by ``county_fips`` (vintage
        2019). Centroids are of areas; most people may live elsewhere
        (:func:`read_population_centers`).

    Examples
    --------
    >>> county_centers().loc["48201"].round(2).tolist()
    [29.86, -95.39]
    """
    counties = load_counties()
    parts = []
    for _, mine in counties.groupby("state"):
        middle = project_for_analysis(mine).centroid
        parts.append(gpd.GeoSeries(middle).to_crs(counties.crs))
    centers = pd.concat(parts).reindex(counties.index)
    return pd.DataFrame({"latitude": centers.y, "longitude": centers.x})


def read_population_centers(path: str | Path) -> pd.DataFrame:
    r"""Read the Census Bureau's centers of population by county.

    Parameters
    ----------
    path : str or pathlib.Path
        ``CenPop2020_Mean_CO.txt``: ``STATEFP``, ``COUNTYFP``, ``POPULATION``, ``LATITUDE``,
        ``LONGITUDE``.

    Returns
    -------
    pandas.DataFrame of float
        ``latitude`` and ``longitude`` by ``county_fips`` (vintage 2019). Counties that
        were split or merged since have the mean of their parts, weighted by residents.

    Raises
    ------
    InputError
        With every problem at once; centers outside their county are one, and the message
        says where degrees are exchanged or a minus sign is missing.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "CenPop2020_Mean_CO.txt"
    >>> _ = path.write_text("STATEFP,COUNTYFP,POPULATION,LATITUDE,LONGITUDE\n"
    ...                     "01,001,58805,+32.505036,-086.512083\n")
    >>> read_population_centers(path).loc["01001"].tolist()
    [32.505036, -86.512083]
    """
    table = read_table(path)
    codes, _ = census_county_codes(table)
    numbers: dict[str, pd.Series] = {}
    problems: list[Problem] = []
    for name in ("population", "latitude", "longitude"):
        try:
            column = table.column([name], what=name)
        except InputError as error:
            problems += error.problems
            continue
        if name == "population":
            numbers[name], wrong = parse_numbers(table, column, whole=True)
            problems += wrong
        else:
            numbers[name] = pd.to_numeric(table.rows[column], errors="coerce").astype("float64")
            problems += [
                table.problem(
                    where=f"row {row}",
                    found=f"{name} {table.rows[column][row][:40]!r}",
                    expected="degrees",
                    action="correct it or leave the row out",
                )
                for row in table.rows.index[~(numbers[name].abs() <= 180)]  # noqa: PLR2004
            ]
    problems += checked_codes(table, codes)
    if not problems:
        problems += center_problems(table, codes, pd.DataFrame(numbers))
    if problems:
        raise InputError(problems)
    places = pd.DataFrame(numbers).set_axis(pd.Index(codes, name="county_fips", dtype="str"))
    weighted = places[["latitude", "longitude"]].mul(places["population"], axis="index")
    sums = carry_counts(weighted.join(places["population"]), file=table.source.file).by_county
    return sums[["latitude", "longitude"]].div(sums["population"].replace(0, np.nan), axis="index")


def distance_to_nearest(
    facilities: Facilities, *, centers: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Measure how far the nearest facility is from each county's center.

    Parameters
    ----------
    facilities : Facilities
        Those without coordinates take no part.
    centers : pandas.DataFrame, optional
        ``latitude`` and ``longitude`` by ``county_fips``. Default: centroids of the
        polygons (:func:`county_centers`).

    Returns
    -------
    pandas.DataFrame
        ``km`` (geodesic on WGS 84, as the crow flies; NaN where the center is not known)
        and ``nearest`` (the facility's row in its file; of several at the same distance
        the first), by the index of `centers`.

    Raises
    ------
    InputError
        If no facility has coordinates.

    Examples
    --------
    >>> from geo._table import Source
    >>> table = pd.DataFrame({"latitude": [29.76], "longitude": [-95.37]}, index=[2])
    >>> rooms = Facilities(table=table, notes=(), source=Source(file="a.csv", sha256="", rows=1))
    >>> distance_to_nearest(rooms)["km"].loc[["48201", "48113"]].round().tolist()
    [11.0, 359.0]
    """
    centers = county_centers() if centers is None else centers
    known = facilities.table.dropna(subset=["latitude", "longitude"])
    if known.empty:
        problem = Problem(
            file=facilities.source.file,
            found="no facility with coordinates",
            expected="at least one",
            action="add them, or leave distances out",
        )
        raise InputError([problem])
    located = centers.dropna()
    tree, queries = cKDTree(_on_sphere(known)), _on_sphere(located)
    nearest_chord, _ = tree.query(queries)
    # Chords grow more slowly than arcs, so that the slack of arcs is enough for chords.
    candidates = tree.query_ball_point(queries, nearest_chord * _SLACK + 1e-12)
    counts = np.array([len(each) for each in candidates])
    center = np.repeat(np.arange(len(located)), counts)
    place = np.concatenate([np.sort(each) for each in candidates]).astype(np.int64)
    east, north = located["longitude"].to_numpy(), located["latitude"].to_numpy()
    *_, metres = _ELLIPSOID.inv(
        east[center],
        north[center],
        known["longitude"].to_numpy()[place],
        known["latitude"].to_numpy()[place],
    )
    pairs = pd.DataFrame({"center": center, "place": place, "km": metres / 1_000})
    least = pairs.loc[pairs.groupby("center")["km"].idxmin()]
    found = pd.DataFrame(
        {"km": least["km"].to_numpy(), "nearest": known.index.to_numpy()[least["place"]]},
        index=located.index,
    )
    whole = found.reindex(centers.index)
    return whole.astype({"km": "float64", "nearest": "Int64"})


def _on_sphere(places: pd.DataFrame) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """Place degrees on the unit sphere."""
    north, east = np.radians(places["latitude"]), np.radians(places["longitude"])
    return np.column_stack(
        [np.cos(north) * np.cos(east), np.cos(north) * np.sin(east), np.sin(north)]
    )
