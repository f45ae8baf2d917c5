"""From files of incidents to a table or a layer of counts by unit."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

import geopandas as gpd
import pandas as pd

from arrest_atlas.map_tests.reading import read_columns, read_map
from arrest_atlas.map_tests.tables import number_of, printable
from arrest_atlas.options import idle_options
from arrest_atlas.table_files import (
    out_problems,
    write_csv,
    written_by,
)
from boundaries import load_counties
from geo import InputError
from geo.crime import IncidentCounts, count_incidents, incident_problems, unit_problems
from outputs import (
    summary_json,
    whole_file,
    without_formulas,
    write_geopackage,
    write_parquet,
)

__all__ = [
    "IncidentOptions",
    "incidents_json",
    "incidents_text",
    "read_units",
    "run_incidents",
]

_MARK: Final = "arrest-atlas incidents"
_LAYERS: Final = ["units", "incidents"]
_SUFFIXES: Final = (".csv", ".parquet", ".gpkg")

_ours: Final = partial(written_by, marks=[_MARK], layers=_LAYERS)
"""Recognises counts that an earlier run wrote."""


@dataclass(frozen=True, kw_only=True)
class IncidentOptions:
    """How incidents are to be counted.

    Attributes
    ----------
    longitude, latitude : str or None
        Columns of the coordinates, if they bear no usual name.
    crs : str
        Coordinate reference system of the points.
    where : mapping of str to sequence of str
        Rows to keep.
    date, offense : str or None
        Columns to count by too.
    nearest_within : float or None
        Metres up to which a point outside all units is given to the nearest.
    """

    longitude: str | None
    latitude: str | None
    crs: str
    where: Mapping[str, Sequence[str]]
    date: str | None
    offense: str | None
    nearest_within: float | None


def read_units(
    files: Sequence[Path],
    out: Path,
    options: IncidentOptions,
    *,
    polygons: Path | None = None,
    layer: str | None = None,
    identifier: str | None = None,
) -> gpd.GeoDataFrame:
    """Read the units, and make sure that the counts can be made and written.

    Parameters
    ----------
    files : sequence of pathlib.Path
        CSV and Parquet files of incidents.
    out : pathlib.Path
        File to write: ``.csv``, ``.parquet`` or ``.gpkg``.
    options : IncidentOptions
        How to count.
    polygons : pathlib.Path, optional
        Vector file of the units; by default the counties of 2019.
    layer : str, optional
        Layer of `polygons`, where it has several.
    identifier : str, optional
        Column of the units' codes; by default the numbers of the rows.

    Returns
    -------
    geopandas.GeoDataFrame
        Polygons by code; of counties with ``name`` and ``state``.

    Raises
    ------
    InputError
        With every problem at once that shows before the incidents are counted; something
        else that stands at `out` among them.
    """
    inputs = [*files, *([] if polygons is None else [polygons])]
    problems = out_problems(out, _SUFFIXES, inputs, ours=_ours)
    problems += idle_options(
        {
            "--layer": (layer, "--polygons", polygons),
            "--id": (identifier, "--polygons", polygons),
        }
    )
    units = gpd.GeoDataFrame()
    try:
        units = _counties() if polygons is None else _read_polygons(polygons, layer, identifier)
    except InputError as error:
        problems += error.problems
    if problems:
        raise InputError([*problems, *incident_problems(list(files), **vars(options))])
    return units


def run_incidents(
    files: Sequence[Path],
    out: Path,
    options: IncidentOptions,
    *,
    units: gpd.GeoDataFrame,
    executor: Executor | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> IncidentCounts:
    """Count the incidents of files by unit, and write the counts whole or not at all.

    Parameters
    ----------
    files : sequence of pathlib.Path
        CSV and Parquet files.
    out : pathlib.Path
        A CSV or Parquet file gets the table; a GeoPackage the units with their counts and,
        where they are broken down, the table beside them.
    options : IncidentOptions
        How to count.
    units : geopandas.GeoDataFrame
        As :func:`read_units` gives them.
    executor : concurrent.futures.Executor, optional
        Where batches are counted.
    progress : callable, optional
        Told what is being done.

    Returns
    -------
    IncidentCounts
        What was counted.

    Raises
    ------
    InputError
        With every problem at once.
    OutputError
        If nothing can be written.
    """
    progress("counting")
    counts = count_incidents(list(files), units, **vars(options), executor=executor)
    progress("writing")
    described = units[["name", "state"]] if "state" in units else None
    with whole_file(out, ours=_ours) as scratch:
        if scratch.suffix.lower() == ".gpkg":
            _write_geopackage(counts, units, described, scratch)
        elif scratch.suffix.lower() == ".csv":
            table = without_formulas(_described(counts.table, described))
            write_csv(table, scratch, _note(counts))
        else:
            write_parquet(_described(counts.table, described), scratch, _note(counts))
    return counts


def _counties() -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(load_counties()[["name", "state", "geometry"]])


def _read_polygons(path: Path, layer: str | None, identifier: str | None) -> gpd.GeoDataFrame:
    table = read_map(path, layer)
    _, problems = read_columns(table, [], identifier=identifier, file=path.name)
    if not problems:
        codes = table[identifier] if identifier else pd.RangeIndex(1, len(table) + 1)
        index = pd.Index(codes, name=identifier or "row")
        table = table[[table.geometry.name]].set_axis(index)
        problems += unit_problems(table, file=path.name)
    if problems:
        raise InputError(problems)
    return table


def _described(table: pd.DataFrame, described: pd.DataFrame | None) -> pd.DataFrame:
    """Put what is known of the units beside their codes."""
    if described is None:
        return table
    code = table.columns[0]
    known = described.reindex(table[code]).set_axis(table.index)
    return pd.concat([table[[code]], known, table.drop(columns=code)], axis="columns")


def _note(counts: IncidentCounts) -> str:
    return f"{_MARK}: {', '.join(source.file for source in counts.sources)}"


def _write_geopackage(
    counts: IncidentCounts, units: gpd.GeoDataFrame, described: pd.DataFrame | None, path: Path
) -> None:
    places = units.geometry.reindex(counts.by_unit.index).rename("geometry")
    table = _described(counts.by_unit.reset_index(), described)
    code = table.columns[0]
    layers: dict[str, gpd.GeoDataFrame | pd.DataFrame] = {
        _LAYERS[0]: gpd.GeoDataFrame(
            table.set_index(code), geometry=places.to_numpy(), crs=units.crs
        )
    }
    if len(counts.table.columns) > 2:  # noqa: PLR2004  (code and count)
        layers[_LAYERS[1]] = _described(counts.table, described)
    write_geopackage(path, layers, title=_note(counts), metadata=_summary(counts))


def incidents_json(counts: IncidentCounts) -> str:
    """Lay out what became of the rows as JSON.

    Parameters
    ----------
    counts : IncidentCounts
        What was counted.

    Returns
    -------
    str
        One object.
    """
    return summary_json(_summary(counts))


def _summary(counts: IncidentCounts) -> dict[str, object]:
    return {
        "incidents": counts.incidents,
        "located": counts.located,
        **{name: getattr(counts, name) for name in _FATES},
        "years": _years(counts),
        "notes": list(counts.notes),
        "units": len(counts.by_unit),
        "units_with_incidents": int((counts.by_unit > 0).sum()),
        "files": [
            {
                "file": source.file,
                "sha256": source.sha256,
                "rows": source.rows,
                "columns": source.column,
                "filtered_out": source.filtered_out,
            }
            for source in counts.sources
        ],
    }


def _years(counts: IncidentCounts) -> list[int] | None:
    """Give the first and the last year, where years were asked for."""
    if "year" not in counts.table:
        return None
    years = counts.table["year"].dropna()
    return [int(years.min()), int(years.max())]


_MANY_OUTSIDE: Final = 0.2
"""Share of the points beyond which those outside all units are hardly a matter of shores."""

_FATES: Final = {
    "nearest": "of them outside all units, and counted in the nearest",
    "on_border": "of them on a border, and counted in the unit of the smallest code",
    "overlapping": "of them in several units, which overlap, and counted in the same way",
    "undated": "of them without a date that can be read",
    "outside": "outside all units",
    "without_coordinates": "without coordinates",
    "zero_coordinates": "with zeros for coordinates",
    "invalid_coordinates": "with coordinates that are no numbers, or beyond those that exist",
    "malformed": "rows with more or fewer cells than the header, left out",
}


def incidents_text(counts: IncidentCounts) -> str:
    """Say what became of the rows.

    Parameters
    ----------
    counts : IncidentCounts
        What was counted.

    Returns
    -------
    str
        A few lines.
    """
    return printable(_lines(counts))


def _lines(counts: IncidentCounts) -> Iterator[str]:
    all_rows, files = counts.incidents, len(counts.sources)
    incidents = number_of(all_rows, "incident", "incidents")
    yield f"{incidents} in {number_of(files, 'file', 'files')}, one a row"
    for columns in dict.fromkeys(source.column for source in counts.sources):
        yield f"coordinates (east, north) in the columns {columns}"
    yield from counts.notes
    filtered = sum(source.filtered_out for source in counts.sources)
    rows = {f"in {(counts.by_unit > 0).sum():,} of {len(counts.by_unit):,} units": counts.located}
    rows |= {words: getattr(counts, name) for name, words in _FATES.items()}
    rows |= {"other rows, filtered out": filtered}
    width = len(f"{max(rows.values()):,}")
    for words, count in rows.items():
        if count:
            yield f"  {count:>{width},} {words}"
    years = _years(counts)
    if years:
        yield f"  {years[0]} to {years[1]}"
    if counts.outside > _MANY_OUTSIDE * (counts.located + counts.outside):
        yield (
            "Many lie outside: check the columns of the coordinates, their system (--crs) and what "
            "the polygons cover."
        )
    yield "A unit without incidents may be one that the files do not cover."
