"""What tests of local statistics compare with: every arrangement, and GeoDa."""

import warnings
from itertools import permutations
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # its wrapper is older than the interpreter's taste
    import pygeoda

Floats = npt.NDArray[np.float64]


def arrangements_around(values: npt.ArrayLike, unit: int | np.integer[Any]) -> Floats:
    """All maps on which a unit keeps its row and the rows of the others change places."""
    rows = np.asarray(values, dtype=np.float64)
    others = np.delete(np.arange(len(rows)), unit)
    orders = np.array(list(permutations(others)))
    return np.asarray(rows[np.insert(orders, unit, unit, axis=1)])


def tails(null: Floats, observed: float) -> tuple[float, float]:
    """Shares of a null at least and at most as large as what was observed."""
    rounding = 1e-12 * (1 + abs(observed))
    return float((null >= observed - rounding).mean()), float((null <= observed + rounding).mean())


def two_sided(null: Floats, observed: float) -> float:
    return min(1.0, 2 * min(tails(null, observed)))


def geoda_rook(side: int) -> pygeoda.Weight:
    """GeoDa's weights of a lattice, whose units `lattice` numbers alike."""
    row, column = np.divmod(np.arange(side * side), side)
    squares = gpd.GeoDataFrame(
        {"unit": row}, geometry=shapely.box(column, row, column + 1, row + 1)
    )
    return pygeoda.rook_weights(pygeoda.open(squares))
