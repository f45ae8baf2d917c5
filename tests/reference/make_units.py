"""Make the map that other software is asked about: units.csv and neighbours.csv.

A wall of seven rows of bricks, two to four wide and three high, and one brick that lies
apart. So numbers of neighbours differ, some neighbours meet at a corner only, and one unit
has none. Values are simulated, rounded and written down; the files are what counts.

    python tests/reference/make_units.py
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

ROWS, WIDTH, HEIGHT = 7, 20, 3
FOLDER = Path(__file__).parent


def lay_bricks() -> pd.DataFrame:
    """Lay the bricks, and the one that lies apart."""
    bricks = []
    for row in range(ROWS):
        left, number = 0, 0
        while left < WIDTH:
            right = min(left + 2 + (7 * number + 3 * row * row + row) % 3, WIDTH)
            if WIDTH - right == 1:
                right = WIDTH
            bricks.append((left, row * HEIGHT, right, (row + 1) * HEIGHT))
            left, number = right, number + 1
    bricks.append((WIDTH + 3, 0, WIDTH + 6, HEIGHT))
    units = pd.DataFrame(bricks, columns=["left", "bottom", "right", "top"])
    units.index = pd.Index([f"u{number:02}" for number in range(1, len(units) + 1)], name="unit")
    return units


def join_bricks(units: pd.DataFrame) -> pd.DataFrame:
    """List ordered pairs of bricks that touch, and whether along an edge."""
    low, high = units[["left", "bottom"]].to_numpy(), units[["right", "top"]].to_numpy()
    shared = np.minimum(high[:, None], high[None]) - np.maximum(low[:, None], low[None])
    touch = (shared >= 0).all(axis=2) & ~np.eye(len(units), dtype=bool)
    unit, neighbour = np.nonzero(touch)
    edge = (shared[unit, neighbour] > 0).any(axis=1)
    return pd.DataFrame(
        {
            "unit": units.index[unit],
            "neighbour": units.index[neighbour],
            "edge": edge.astype(int),
        }
    )


def simulate(units: pd.DataFrame) -> pd.DataFrame:
    """Draw two skewed variables that go together, counts, and a category."""
    rng = np.random.default_rng(20_260_101)
    x = units[["left", "right"]].mean(axis=1)
    y = units[["bottom", "top"]].mean(axis=1)
    trend = np.sin(x / 5) + np.cos(y / 6)
    one = trend + rng.normal(0, 1, len(units))
    two = 0.5 * trend + 0.4 * one + rng.normal(0, 0.8, len(units))
    people = np.exp(rng.normal(7, 0.9, len(units))).round()
    units["one"] = np.exp(0.8 * one).round(4)
    units["two"] = np.exp(0.5 * two).round(4)
    # The same with a hole: a unit beside the edge has no value.
    units["holed"] = units["one"].where(units.index != "u11")
    units["binary"] = (trend + rng.normal(0, 0.7, len(units)) > 0.3).astype(int)
    units["second"] = (trend + rng.normal(0, 1.2, len(units)) > 0).astype(int)
    units["people"] = people.astype(int)
    units["events"] = rng.poisson(people * 0.02 * np.exp(0.4 * one))
    return units


def main() -> None:
    """Write both files."""
    units = lay_bricks()
    join_bricks(units).to_csv(FOLDER / "neighbours.csv", index=False)
    simulate(units).to_csv(FOLDER / "units.csv")


if __name__ == "__main__":
    main()
