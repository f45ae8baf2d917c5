"""Values of other shapes than one number a unit: several variables, yes or no."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from spatial_models._tested import Bools, Floats, align
from spatial_models.errors import SpatialError

if TYPE_CHECKING:
    from libpysal.graph import Graph


def align_columns(values: pd.DataFrame | pd.Series | npt.ArrayLike, graph: Graph) -> Floats:
    """Bring one or several variables into the order of a graph, a column each."""
    columns: list[pd.Series | npt.ArrayLike]
    if isinstance(values, pd.DataFrame):
        columns = [column for _, column in values.items()]
    elif isinstance(values, pd.Series):
        columns = [values]
    else:
        array = np.asarray(values, dtype=np.float64)
        columns = list(array.T) if array.ndim == 2 else [array]  # noqa: PLR2004  (a table)
    if not columns:
        message = "found no variable; expected at least one column of values"
        raise SpatialError(message)
    return np.column_stack([align(column, graph) for column in columns])


def check_binary(values: Floats) -> None:
    """Refuse what is neither 0 nor 1 nor missing."""
    other = values[~np.isnan(values) & (values != 0) & (values != 1)]
    if other.size:
        message = (
            f"found {other.size} values such as {other[0]:g}; expected 0 and 1 (or False and "
            "True): say which values count, for instance `values > 10`"
        )
        raise SpatialError(message)


def lacks_any(columns: Floats) -> Bools:
    """Tell which units lack a value of some variable."""
    return np.asarray(np.isnan(columns).any(axis=1))
