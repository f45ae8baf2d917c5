"""Ask esda about the map of make_units.py for p-values by permutation; writes pysal.json.

    python tests/reference/pysal.py

Its p-values are of the smaller tail, by 99,999 permutations. The brick that lies apart (the
last unit) is left out. Asked once and written down, because esda takes a minute to compile.
"""

from __future__ import annotations

import json
import warnings
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from esda import G_Local, Geary, Geary_Local, Moran, Moran_Local, Moran_Local_BV
from libpysal.graph import Graph
from scipy import sparse

FOLDER = Path(__file__).parent
CALL: dict[str, Any] = {"permutations": 99_999, "seed": 1, "n_jobs": 1}
WITHIN = 5.0

Floats = npt.NDArray[np.float64]


def weigh_queens(units: pd.DataFrame) -> Floats:
    """Give each pair of neighbours the weight 1."""
    pairs = pd.read_csv(FOLDER / "neighbours.csv")
    weights = np.zeros((len(units), len(units)))
    places = [units.index.get_indexer(pd.Index(pairs[side])) for side in ("unit", "neighbour")]
    weights[places[0], places[1]] = 1
    return weights


def weigh_distances(units: pd.DataFrame) -> Floats:
    """Give pairs of near units the weight of one over their distance."""
    x = units[["left", "right"]].mean(axis=1).to_numpy()
    y = units[["bottom", "top"]].mean(axis=1).to_numpy()
    apart = np.hypot(np.subtract.outer(x, x), np.subtract.outer(y, y))
    near = (apart > 0) & (apart <= WITHIN)
    return np.asarray(np.divide(1, apart, out=np.zeros_like(apart), where=near))


def main() -> None:
    """Write all answers."""
    warnings.simplefilter("ignore")  # of its own future
    units = pd.read_csv(FOLDER / "units.csv", index_col="unit").iloc[:-1]
    one, two = units["one"].to_numpy(), units["two"].to_numpy()
    people = units["people"].to_numpy(dtype=np.float64)
    matrices = {"queen": weigh_queens(units), "distance": weigh_distances(units)}
    answers: dict[str, Any] = {"software": {"esda": version("esda")}}
    for kind, matrix in matrices.items():
        graph = Graph.from_sparse(sparse.coo_array(matrix))
        np.random.seed(1)  # noqa: NPY002  (esda's global tests know no other source)
        answers[f"{kind}_W"] = {
            "moran": [Moran(people, graph, permutations=99_999).p_sim],
            "geary": [Geary(people, graph, permutations=99_999).p_sim],
            "local_moran": Moran_Local(one, graph, **CALL).p_sim.tolist(),
            "bivariate_local_moran": Moran_Local_BV(one, two, graph, **CALL).p_sim.tolist(),
            "gi": G_Local(one, graph, transform="R", star=None, **CALL).p_sim.tolist(),
            "local_geary": Geary_Local(graph.transform("R"), **CALL).fit(one).p_sim.tolist(),
        }
        unscaled = Moran_Local(one, graph, transformation="O", **CALL)
        answers[f"{kind}_B"] = {"local_moran": unscaled.p_sim.tolist()}
    text = json.dumps(answers).replace("], ", "],\n").replace('}, "', '},\n"')
    (FOLDER / "pysal.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
