"""A small but whole run on files: counts by office and by county, crime, names to be escaped."""

from pathlib import Path

import numpy as np
import pandas as pd
from click.testing import CliRunner, Result

from arrest_atlas.cli import main
from boundaries import load_counties

OFFICES, COUNTIES, CRIME = "offices.csv", "arrests <in> counties.csv", "crime.csv"


def write_inputs(folder: Path) -> None:
    """Write the files of a small run: crime in a folder of its own."""
    counties = load_counties()
    located = counties.index[counties["state"].isin(["IA", "MN"])]
    chance = np.random.default_rng(3)
    arrests = pd.Series(chance.integers(1, 90, len(located)), located, name="arrests")
    arrests.to_csv(folder / COUNTIES)
    (folder / OFFICES).write_text("aor,arrests\nHouston,500\nHQ,7\n")
    rates = pd.Series(chance.uniform(100, 500, len(counties)), counties.index, name="rate")
    (folder / "more").mkdir()
    rates.to_frame().assign(year=2016).to_csv(folder / "more" / CRIME)


def run_small(folder: Path, out: Path, *words: object) -> Result:
    """Call the command on these files."""
    options = [
        f"--arrests-by-aor={folder / OFFICES}",
        f"--arrests-by-county={folder / COUNTIES}",
        f"--crime={folder / 'more' / CRIME}",
        "--crime-column=rate",
        "--crime-filter=year=2016",
        "--crime-period=2016",
        "--alpha=0.1",
        "--draws=2",
        "--surrogates=0",
        f"--out={out}",
    ]
    return CliRunner().invoke(main, ["run", *options, *map(str, words)])
