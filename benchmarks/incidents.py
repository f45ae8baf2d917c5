"""How long it takes to count simulated incidents by county, beside geopandas' sjoin.

10,000,000 points, most of them in counties by population, are written to a Parquet and a CSV
file in a temporary folder, with a date and an offence beside them. Each file is counted in a
stream, reading included; sjoin joins a part of the same points that are in memory already.
Times are wall and processor seconds per million points; the bars are 1.2 times sjoin, 1.5 GB,
and the same counties as sjoin's for a sample of 100,000.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
from pyarrow import csv, parquet

from boundaries import load_counties
from geo import load_population
from geo.crime.incidents import count_incidents

MILLION = 1_000_000
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Timed:
    """Seconds for a million points."""

    wall: float
    processor: float

    def over(self, peer: Timed) -> str:
        """Give the ratios to a peer's."""
        return f"{self.wall / peer.wall:.2f} (wall), {self.processor / peer.processor:.2f} (CPU)"


def main() -> None:
    """Print seconds, ratios and memory beside the bars."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--points", type=int, default=10 * MILLION)
    parser.add_argument("--part", type=int, default=MILLION, help="points that sjoin joins")
    parser.add_argument("--sample", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    counties = load_counties()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_points(folder, counties, arguments.points, np.random.default_rng(arguments.seed))
        print(f"{arguments.points:,} points, {len(counties):,} counties")
        ours = {
            "Parquet": measure(folder / "points.parquet", arguments.points),
            "CSV": measure(folder / "points.csv", arguments.points),
            "CSV by year and offence": measure(
                folder / "points.csv", arguments.points, date="date", offense="offense"
            ),
        }
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e9
        first = next(parquet.ParquetFile(folder / "points.parquet").iter_batches(arguments.part))
        part = first.select(["longitude", "latitude"]).to_pandas()
        same = compare(part.iloc[: arguments.sample], counties, folder)
    peer, making = sjoin(part, counties)
    print(f"sjoin, points made before: {peer.wall:.2f} s a million (CPU {peer.processor:.2f})")
    print(f"making its points: {making.wall:.2f} s a million")
    for name, timed in ours.items():
        print(f"{name}: {timed.wall:.2f} s a million; times sjoin {timed.over(peer)} (bar: 1.2)")
    print(f"peak memory, libraries included: {memory:.2f} GB (bar: 1.5 GB)")
    print(f"sample of {arguments.sample:,}: {same} (bar: the same)")


def measure(path: Path, points: int, **options: str) -> Timed:
    def count() -> None:
        counts = count_incidents(path, **options)  # type: ignore[arg-type]
        assert counts.incidents == points  # noqa: S101

    return timed(count, points, times=1)


def timed(work: Callable[[], object], points: int, *, times: int) -> Timed:
    """Give the best of several times."""
    found = []
    for _ in range(times):
        wall, processor = time.perf_counter(), time.process_time()
        work()
        found.append((time.perf_counter() - wall, time.process_time() - processor))
    wall, processor = (min(column) * MILLION / points for column in zip(*found, strict=True))
    return Timed(wall=wall, processor=processor)


def sjoin(part: pd.DataFrame, counties: gpd.GeoDataFrame) -> tuple[Timed, Timed]:
    polygons = counties[["geometry"]]

    def make() -> gpd.GeoDataFrame:
        points = gpd.points_from_xy(part["longitude"], part["latitude"], crs=polygons.crs)
        return gpd.GeoDataFrame(geometry=points)

    # Fresh points each time, since a spatial index stays with them.
    fresh = iter([make() for _ in range(3)])
    joined = timed(lambda: gpd.sjoin(next(fresh), polygons, predicate="within"), len(part), times=3)
    return joined, timed(make, len(part), times=3)


def compare(sample: pd.DataFrame, counties: gpd.GeoDataFrame, folder: Path) -> str:
    """Compare counts of a sample, with points on borders in it, to those of sjoin."""
    corners = counties.geometry.get_coordinates().iloc[::37]
    corners.columns = sample.columns
    sample = pd.concat([sample, corners], ignore_index=True)
    sample.to_parquet(folder / "sample.parquet", index=False)
    counts = count_incidents(folder / "sample.parquet")
    points = gpd.GeoDataFrame(
        geometry=gpd.points_from_xy(sample["longitude"], sample["latitude"], crs=counties.crs)
    )
    joined = points.sjoin(counties[["geometry"]], predicate="intersects")["county_fips"]
    by_county = joined.groupby(level=0).min().value_counts()
    expected = by_county.reindex(counts.by_unit.index, fill_value=0)
    same = bool((counts.by_unit == expected).all())
    words = "the same as sjoin" if same else "NOT the same as sjoin"
    return f"{words}, {counts.on_border:,} of {len(sample):,} on borders"


def write_points(
    folder: Path, counties: gpd.GeoDataFrame, points: int, rng: np.random.Generator
) -> None:
    """Write simulated incidents, a million at a time."""
    table = pa.Table.from_batches([next(batches(counties, 1, rng))])
    with (
        parquet.ParquetWriter(folder / "points.parquet", table.schema) as columns,
        csv.CSVWriter(folder / "points.csv", table.schema) as text,
    ):
        for batch in batches(counties, points, rng):
            columns.write_batch(batch)
            text.write_batch(batch)


def batches(
    counties: gpd.GeoDataFrame, points: int, rng: np.random.Generator
) -> Iterator[pa.RecordBatch]:
    people = load_population().reindex(counties.index).fillna(0)
    west, south, east, north = counties.bounds.to_numpy().T
    kinds = np.array(["ROBBERY", "ASSAULT", "HOMICIDE", "BURGLARY", "THEFT"])
    for first in range(0, points, MILLION):
        rows = min(MILLION, points - first)
        county = rng.choice(len(counties), rows, p=people / people.sum())
        yield pa.record_batch(
            {
                "longitude": np.round(rng.uniform(west[county], east[county]), 6),
                "latitude": np.round(rng.uniform(south[county], north[county]), 6),
                "date": np.datetime64("2014-01-01") + rng.integers(0, 1_800, rows),
                "offense": kinds[rng.integers(0, len(kinds), rows)],
            }
        )


if __name__ == "__main__":
    main()
