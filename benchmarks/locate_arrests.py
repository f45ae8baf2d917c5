"""How long it takes to locate a million simulated records, and how much memory."""

from __future__ import annotations

import argparse
import gc
import resource
import tempfile
import time
from pathlib import Path

from arrest_atlas.simulated_records import simulate_records
from geo import locate_arrests, read_arrests


def main() -> None:
    """Print seconds and memory beside what the bars allow."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    records = simulate_records(arrests=arguments.records, rng=arguments.seed)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "arrests.parquet"
        records.to_frame().to_parquet(path)
        del records
        table = read_arrests(path).table
    gc.collect()
    before = _peak_mib()
    start = time.perf_counter()
    located = locate_arrests(table)
    seconds = time.perf_counter() - start
    print(f"{len(table):,} records, {table['landmark'].nunique():,} landmarks")
    print(f"located in {seconds:.2f} s (bar: 5 s for 1,000,000)")
    print(f"memory over the table: at most {_peak_mib() - before:,.0f} MiB (bar: 1,024 MiB)")
    print(located)


def _peak_mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
