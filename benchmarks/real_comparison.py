"""Compare real arrests with real violent crime, where some are located by county.

Published totals of arrests by field office and by state; of those in Alabama, Louisiana and
Mississippi the landmarks are published, too: those that name a county are located there and
are not counted again in the totals. Crime of 2014 and 2016, and of 2017. The files are no
part of this repository (`--shared` is the folder that holds them); what is printed is what
`arrest-atlas run` says, for either baseline.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any, Final

import pandas as pd

import arrest_atlas
from arrest_atlas.words import summary_text
from geo import LandmarkReader

PERIOD: Final = "2025-01-20_2026-08-06"
STATES: Final = {"AL": "ALABAMA", "LA": "LOUISIANA", "MS": "MISSISSIPPI"}
OFFICE: Final = "New Orleans Area of Responsibility"
CRIME: Final[dict[str, dict[str, str]]] = {
    "2014/2016": {"crime": "violent_crime_rate_2014_2016.csv"},
    "2017": {
        "crime": "violent_crime_counts_2017.csv",
        "crime_column": "violent_per_100k",
        "crime_covered_share": "covered_share",
    },
}


def locate(arrests: Path, folder: Path) -> dict[str, Path]:
    """Write arrests by county where landmarks name one, and the others by office and state."""
    reader = LandmarkReader()
    by_county: Counter[str] = Counter()
    by_state: Counter[str] = Counter()
    for state, name in STATES.items():
        landmarks = pd.read_csv(arrests / f"arrest_landmarks_{state.lower()}.csv")
        for text, number in landmarks.itertuples(index=False):
            county = (
                None if pd.isna(text) else reader.read(text, state=state, aor="NOL").county_fips
            )
            if county is not None:
                by_county[county] += int(number)
                by_state[name] += int(number)
    offices = pd.read_csv(arrests / f"arrests_by_aor_{PERIOD}.csv").set_index("apprehension_aor")
    states = pd.read_csv(arrests / f"arrests_by_state_{PERIOD}.csv")
    states = states.set_index("apprehension_state")
    located = pd.Series({OFFICE: by_county.total()}), pd.Series(by_state)
    offices, states = (
        table[["arrests"]].sub(number.rename("arrests").to_frame(), fill_value=0).astype(int)
        for table, number in zip((offices, states), located, strict=True)
    )
    offices.index.name, states.index.name = "apprehension_aor", "apprehension_state"
    counties = pd.Series(by_county, name="arrests").sort_index().rename_axis("county_fips")
    written = {}
    for name, table in (("county", counties), ("aor", offices), ("state", states)):
        written[f"arrests_by_{name}"] = folder / f"by_{name}.csv"
        table.to_csv(written[f"arrests_by_{name}"])
    return written


def run(
    shared: Path, tables: dict[str, Path], out: Path, period: str, **options: Any
) -> dict[str, Any]:
    """Run on crime of a period."""
    real = shared / "real"
    crime: dict[str, Any] = {**CRIME[period], "crime": real / "crime" / CRIME[period]["crime"]}
    files: dict[str, Any] = {**tables, **crime}
    return arrest_atlas.run(
        out,
        **files,
        noncitizens=real / "population" / "noncitizens_by_county_about_2017.csv",
        noncitizens_column="rate",
        arrest_period=PERIOD.replace("_", "/"),
        crime_period=period,
        **options,
    )


def main() -> None:
    """Print what is said of either baseline."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shared", type=Path, required=True, help="folder of the real data")
    parser.add_argument("--out", type=Path, help="folder for the outputs, one a baseline")
    parser.add_argument("--draws", type=int, default=100)
    parser.add_argument("--denominator", choices=["residents", "noncitizens"])
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        tables = locate(given.shared / "real" / "arrests", folder)
        for period in CRIME:
            out = (given.out or folder) / period.replace("/", "-")
            summary = run(
                given.shared,
                tables,
                out,
                period,
                draws=given.draws,
                denominator=given.denominator,
            )
            sys.stdout.write(f"Violent crime of {period}\n{summary_text(summary)}\n\n")


if __name__ == "__main__":
    main()
