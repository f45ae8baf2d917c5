"""Ask GeoDa about the map of make_units.py; writes geoda.json.

    python tests/reference/geoda.py

GeoDa's p-values are of the smaller tail, by 99,999 permutations on one thread; units are
classified whatever their p-value. The brick that lies apart (the last unit) is left out, but
for "neighbours" and "with_island". Values are in the order of units.csv.
"""

from __future__ import annotations

import json
import warnings
from importlib.metadata import version
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # its wrapper is older than the interpreter's taste
    import pygeoda

FOLDER = Path(__file__).parent
CALL = {"permutations": 99_999, "cpu_threads": 1, "seed": 1, "significance_cutoff": 1.0}


def open_bricks(units: pd.DataFrame) -> Any:
    """Open the bricks, with a corner at every whole number."""
    corners = units[["left", "bottom", "right", "top"]].to_numpy()
    outlines = [shapely.segmentize(shapely.box(*row), 1) for row in corners]
    return pygeoda.open(gpd.GeoDataFrame({"one": units["one"].to_numpy()}, geometry=outlines))


def ask(test: Any, *arguments: Any, **options: Any) -> dict[str, Any]:
    """Run a local test and keep its values, p-values and the names of its clusters."""
    answer = test(*arguments, **CALL, **options)
    labels = answer.lisa_labels()
    p = np.array(answer.lisa_pvalues())
    return {
        "statistic": list(answer.lisa_values()),
        "p_smaller_tail": [None if np.isnan(value) else value for value in p],
        "classes": [labels[place] for place in answer.lisa_clusters()],
    }


def main() -> None:
    """Write all answers."""
    units = pd.read_csv(FOLDER / "units.csv", index_col="unit")
    every = pygeoda.queen_weights(open_bricks(units))
    both = {"queen": every, "rook": pygeoda.rook_weights(open_bricks(units))}
    inside = units.iloc[:-1]
    queen = pygeoda.queen_weights(open_bricks(inside))
    one, two = inside["one"].tolist(), inside["two"].tolist()
    binary, second = inside["binary"].tolist(), inside["second"].tolist()
    others = [1 - value for value in binary]
    hole = {"undefs": np.isnan(inside["holed"]).tolist()}
    holed = inside["holed"].fillna(0).tolist()
    answers = {
        "software": {"pygeoda": version("pygeoda")},
        "neighbours": {
            name: [list(weights.get_neighbors(unit)) for unit in range(len(units))]
            for name, weights in both.items()
        },
        "local_moran": ask(pygeoda.local_moran, queen, one),
        "gi": ask(pygeoda.local_g, queen, one),
        "gi_star": ask(pygeoda.local_gstar, queen, one),
        "local_geary": ask(pygeoda.local_geary, queen, one),
        "local_geary_multivariate": ask(pygeoda.local_multigeary, queen, [one, two]),
        "local_join_count": ask(pygeoda.local_joincount, queen, binary),
        "bivariate_local_join_count": ask(pygeoda.local_bijoincount, queen, [binary, others]),
        "local_co_location": ask(pygeoda.local_multijoincount, queen, [binary, second]),
        "quantile_lisa": ask(pygeoda.local_quantilelisa, queen, one, 4, 4),
        "bivariate_local_moran": ask(pygeoda.local_bimoran, queen, one, two),
        "holed": {
            "local_moran": ask(pygeoda.local_moran, queen, holed, **hole),
            "gi": ask(pygeoda.local_g, queen, holed, **hole),
            "local_geary": ask(pygeoda.local_geary, queen, holed, **hole),
        },
        "with_island": {"local_moran": ask(pygeoda.local_moran, every, units["one"].tolist())},
    }
    text = json.dumps(answers).replace("], ", "],\n").replace('}, "', '},\n"')
    (FOLDER / "geoda.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
