"""Incidents with coordinates, counted by county or any other polygons in one pass."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

from boundaries import load_counties
from geo._table import Source
from geo.crime._incidents.columns import alternative_notes, look_for
from geo.crime._incidents.counting import Plan, Total, count_readings
from geo.crime._incidents.files import Reading
from geo.crime._incidents.problems import Crs, filter_problems, unlocated_problems
from geo.crime._incidents.rows import NO_YEAR
from geo.crime._incidents.units import Units, unit_problems
from geo.errors import InputError, Problem

__all__ = ["IncidentCounts", "count_incidents", "incident_problems"]


@dataclass(frozen=True, kw_only=True, repr=False)
class IncidentCounts:
    """Incidents by unit, and what became of every row.

    ``incidents`` is the sum of ``located``, ``outside``, ``without_coordinates``,
    ``zero_coordinates`` and ``invalid_coordinates``.

    Attributes
    ----------
    by_unit : pandas.Series of int
        Incidents by the unit's code, every unit in ascending order. A zero says that the
        files hold no incident there, not that none happened: they may not cover the unit.
    table : pandas.DataFrame
        The code, ``year`` (missing where no date could be read) and ``offense`` (as
        written; missing where blank) where they were asked for, and ``incidents``: at
        least one in each row if broken down, else every unit.
    incidents : int
        Rows that count: those of the files, less the filtered and the malformed.
    outside : int
        Rows with coordinates in no unit.
    nearest : int
        Located rows that lie in no unit and were given to the nearest.
    on_border : int
        Located rows on the border of a unit. Each is counted once, in the unit of the
        smallest code among those that it touches.
    overlapping : int
        Located rows inside several units, whose polygons overlap; counted in the same way.
    without_coordinates : int
        Rows that lack a coordinate.
    zero_coordinates : int
        Rows with both coordinates zero, which stand for unknown.
    invalid_coordinates : int
        Rows with a coordinate that is no number, or none of the coordinate system.
    malformed : int
        Rows of text with more or fewer cells than the header, left out.
    sources : tuple of Source
        The files, and in ``column`` the columns of their coordinates.
    notes : tuple of str
        Columns that could have been those of the coordinates as well, by their names.
    """

    by_unit: pd.Series
    table: pd.DataFrame
    incidents: int
    outside: int
    nearest: int
    on_border: int
    overlapping: int
    without_coordinates: int
    zero_coordinates: int
    invalid_coordinates: int
    malformed: int
    sources: tuple[Source, ...]
    notes: tuple[str, ...] = ()

    @property
    def located(self) -> int:
        """Count the incidents in units.

        Returns
        -------
        int
            The sum of ``by_unit``.
        """
        return int(self.by_unit.sum())

    @property
    def undated(self) -> int:
        """Count the incidents in units that have no date whose year could be read.

        Returns
        -------
        int
            0 where years were not asked for.
        """
        if "year" not in self.table:
            return 0
        return int(self.table.loc[self.table["year"].isna(), "incidents"].sum())

    def __repr__(self) -> str:
        lacking = self.without_coordinates + self.zero_coordinates + self.invalid_coordinates
        return (
            f"{self.incidents:,} incidents: {self.located:,} in "
            f"{int((self.by_unit > 0).sum()):,} of {len(self.by_unit):,} units, "
            f"{self.outside:,} outside, {lacking:,} without usable coordinates"
        )

    def to_frame(self) -> pd.DataFrame:
        """Hand the counts out as a table.

        Returns
        -------
        pandas.DataFrame
            A copy of ``table``.
        """
        return self.table.copy()


def count_incidents(
    paths: str | Path | Sequence[str | Path],
    polygons: gpd.GeoDataFrame | None = None,
    *,
    longitude: str | None = None,
    latitude: str | None = None,
    crs: Crs = 4326,
    where: Mapping[str, Sequence[str]] | None = None,
    date: str | None = None,
    offense: str | None = None,
    nearest_within: float | None = None,
    executor: Executor | None = None,
) -> IncidentCounts:
    r"""Count incidents by the polygon in which they lie, in one pass over files of any size.

    Every row is one incident. Points are tested by the same exact predicates as
    :func:`geopandas.sjoin` uses, after a look at bounding boxes; files are read in batches
    of about half a million rows. The counties that come with the package are generalised
    (1:5,000,000): points on a shore may lie outside, which `nearest_within` can mend.

    Parameters
    ----------
    paths : str, pathlib.Path or sequence of them
        CSV (also ``.tsv``, ``.txt``, ``.gz``, ``.zst``; comma, semicolon, tab or ``|``) and
        Parquet files.
    polygons : geopandas.GeoDataFrame, optional
        The units, indexed by their codes, with a coordinate reference system; by default
        the counties of 2019 by ``county_fips``.
    longitude, latitude : str, optional
        Columns of the coordinates, if they bear none of the usual names (``longitude``,
        ``lon``, ``lng``, ``long``; ``x``, ``x_coordinate``, ``x_coord_cd`` where `crs` is
        projected).
    crs : int, str or pyproj.CRS, default 4326
        Coordinate reference system of the points: longitude and latitude, or a projected
        one. WGS 84 and NAD 83 are taken for the same.
    where : mapping of str to sequence of str, optional
        Rows to keep: wanted values by column. Capitals and ``.0`` do not matter.
    date : str, optional
        Column of dates, to count by year too. Only the year is read: ISO, day or month
        first, the month's name, ``20160131``, ``2016``, Excel's day numbers.
    offense : str, optional
        Column of offences, at most 1,000 distinct ones, to count by them too.
    nearest_within : float, optional
        Metres up to which a point outside all units is given to the nearest: at most
        50,000, on the ellipsoid, or as the polygons' projection measures them.
    executor : concurrent.futures.Executor, optional
        Where batches are counted: threads, processes, or a Dask cluster's
        ``Client.get_executor()``. Files are read here, so that nobody else needs them;
        the result does not depend on it.

    Returns
    -------
    IncidentCounts
        Counts by unit, and of what could not be located.

    Raises
    ------
    InputError
        With every problem at once: unreadable files, missing columns, the same file twice,
        invalid polygons, a filter that no row passes, no readable date, no incident in any
        unit.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "incidents.csv"
    >>> _ = path.write_text("id,lon,lat\n1,-86.64,32.53\n2,-87.72,30.73\n3,0,0\n4,-30,30\n")
    >>> counts = count_incidents(path)
    >>> counts
    4 incidents: 2 in 2 of 3,233 units, 1 outside, 1 without usable coordinates
    >>> counts.by_unit[counts.by_unit > 0].to_dict()
    {'01001': 1, '01003': 1}
    """
    units_of = load_counties() if polygons is None else polygons
    conditions = {name: tuple(values) for name, values in (where or {}).items()}
    names = {"longitude": longitude, "latitude": latitude, "date": date, "offense": offense}
    wanted = look_for(paths, crs, names, tuple(conditions), nearest_within)
    problems = [*unit_problems(units_of), *wanted.problems]
    if problems or wanted.system is None:
        raise InputError(problems)
    units, codes = Units.of(units_of)
    plan = Plan(
        units=units,
        crs=wanted.system.to_wkt(),
        degrees=wanted.system.is_geographic,
        where=tuple(conditions.values()),
        nearest_within=nearest_within,
    )
    readings = wanted.readings
    total = count_readings(readings, plan, executor=executor)
    problems = filter_problems(readings, total, list(conditions))
    problems = problems or unlocated_problems(readings, total, plan)
    if problems:
        raise InputError(problems)
    return _result(readings, total, codes, notes=alternative_notes(wanted))


def incident_problems(
    paths: str | Path | Sequence[str | Path],
    *,
    longitude: str | None = None,
    latitude: str | None = None,
    crs: Crs = 4326,
    where: Mapping[str, Sequence[str]] | None = None,
    date: str | None = None,
    offense: str | None = None,
    nearest_within: float | None = None,
) -> list[Problem]:
    r"""Tell what keeps incidents from being counted, as far as headers and options show it.

    Parameters
    ----------
    paths : str, pathlib.Path or sequence of them
        The files.
    longitude, latitude, crs, where, date, offense, nearest_within : optional
        See :func:`count_incidents`.

    Returns
    -------
    list of Problem
        Every one; empty where counting can begin.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "incidents.csv"
    >>> _ = path.write_text("id,lon,lat\n1,-86.64,32.53\n")
    >>> [problem.expected for problem in incident_problems(path, date="day")]
    ['day, the date']
    """
    names = {"longitude": longitude, "latitude": latitude, "date": date, "offense": offense}
    return look_for(paths, crs, names, tuple(where or {}), nearest_within).problems


def _result(
    readings: list[Reading], total: Total, codes: pd.Index, *, notes: tuple[str, ...]
) -> IncidentCounts:
    by_unit = np.bincount(
        total.table["unit"], weights=total.table["incidents"], minlength=len(codes)
    )
    index = codes.rename("unit") if codes.name in _TAKEN else codes
    counts = pd.Series(by_unit.astype(np.int64), index=index, name="incidents")
    fates = total.fates
    return IncidentCounts(
        by_unit=counts,
        table=_table(total.table, counts),
        malformed=sum(reading.malformed for reading in readings),
        sources=tuple(map(_source, readings, total.by_file)),
        notes=notes,
        **{name: fates[name] for name in _KEPT},
    )


_TAKEN = frozenset({None, "year", "offense", "incidents", "note", "geometry", "geom", "fid"})
"""Names that the codes' column cannot bear in a table of counts or a layer."""

_KEPT = (
    "incidents",
    "outside",
    "nearest",
    "on_border",
    "overlapping",
    "without_coordinates",
    "zero_coordinates",
    "invalid_coordinates",
)


def _table(counted: pd.DataFrame, by_unit: pd.Series) -> pd.DataFrame:
    keys = [name for name in ("year", "offense") if name in counted]
    if not keys:
        return by_unit.reset_index()
    table = counted.sort_values(["unit", *keys], ignore_index=True)
    if "year" in keys:
        years = table["year"].astype("Int64")
        table["year"] = years.mask(years == NO_YEAR)
    code = by_unit.index.take(table.pop("unit").to_numpy()).rename(by_unit.index.name)
    table.insert(0, str(code.name), code)
    return table


def _source(reading: Reading, fates: Counter[str]) -> Source:
    names = reading.file.names
    return Source(
        file=reading.file.label,
        sha256=reading.file.sha256,
        rows=reading.rows + reading.malformed,
        column=f"{names[reading.parts['x']]}, {names[reading.parts['y']]}",
        filtered_out=fates["filtered_out"],
        missing=fates["without_coordinates"],
    )
