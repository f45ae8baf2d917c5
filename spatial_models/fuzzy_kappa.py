"""Fuzzy kappa: agreement of two maps of classes that gives credit for a near miss."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import sparse

from spatial_models._tested import Bools, Floats, as_floats, spread_out
from spatial_models.agreement import Integers, class_codes
from spatial_models.errors import SpatialError
from spatial_models.getis_ord import SIGNIFICANCE_CLASSES

if TYPE_CHECKING:
    from libpysal.graph import Graph

__all__ = ["CATEGORY_WEIGHTS", "FuzzyKappa", "fuzzy_kappa"]

CATEGORY_WEIGHTS: Final = pd.DataFrame(
    np.array(
        [
            [3, 2, 1, 0, 0, 0, 0],
            [2, 3, 2, 1, 0, 0, 0],
            [1, 2, 3, 2, 0, 0, 0],
            [0, 1, 2, 3, 2, 1, 0],
            [0, 0, 0, 2, 3, 2, 1],
            [0, 0, 0, 1, 2, 3, 2],
            [0, 0, 0, 0, 1, 2, 3],
        ]
    )
    / 3,
    index=pd.Index(SIGNIFICANCE_CLASSES, name="first"),
    columns=pd.Index(SIGNIFICANCE_CLASSES, name="second"),
)
"""How alike two significance classes are, from 0 to 1.

There are three steps from "not significant" to 99 %, and each costs a third: the classes
of one sign are ordered, 90 % is as near to no finding as to 95 %, and 99 % shares nothing
with no finding. Hot shares nothing with cold, however weak both are: a map that is hot
where the other is cold does not nearly agree. Copy the table to change it."""


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class FuzzyKappa:
    """How alike two maps of classes are, near misses counted in part.

    Attributes
    ----------
    ids : pandas.Index
        The graph's identifiers.
    similarity : float
        Mean similarity of the units, from 0 to 1.
    expected : float
        Mean similarity of two units drawn independently, one from each map, each with
        its own surroundings.
    kappa : float
        ``(similarity - expected) / (1 - expected)``: 1 for identical maps, 0 for the
        agreement of maps that have nothing to do with each other. NaN where `expected`
        is 1, as both maps have one class throughout.
    n : int
        Units with a significance class in both maps.
    local_similarity : numpy.ndarray of float, shape (n,)
        Similarity of each unit of the graph; NaN where it takes no part.
    local_expected : numpy.ndarray of float, shape (n,)
        Expected similarity of the unit: the mean of what it would be if the second map
        around it were that around any unit, and if the first map were. Its mean is
        `expected`.
    local_kappa : numpy.ndarray of float, shape (n,)
        ``(local_similarity - local_expected) / (1 - local_expected)``, NaN where
        `local_expected` is 1. Its mean is not `kappa`.
    """

    ids: pd.Index
    similarity: float
    expected: float
    kappa: float
    n: int
    local_similarity: Floats
    local_expected: Floats
    local_kappa: Floats

    def __repr__(self) -> str:
        return (
            f"fuzzy kappa = {self.kappa:.3f} (similarity {self.similarity:.3f}, "
            f"expected {self.expected:.3f}, n = {self.n:,})"
        )

    def to_frame(self) -> pd.DataFrame:
        """Lay the local measures out as a table.

        Returns
        -------
        pandas.DataFrame
            Indexed by the graph's identifiers: ``similarity``, ``expected_similarity``
            and ``fuzzy_kappa``.
        """
        table = {
            "similarity": self.local_similarity,
            "expected_similarity": self.local_expected,
            "fuzzy_kappa": self.local_kappa,
        }
        return pd.DataFrame(table, index=self.ids)


def fuzzy_kappa(
    first_classes: pd.Series | npt.ArrayLike,
    second_classes: pd.Series | npt.ArrayLike,
    graph: Graph,
    *,
    category_weights: pd.DataFrame = CATEGORY_WEIGHTS,
    neighbour_weight: float = 0.5,
) -> FuzzyKappa:
    """Compare two maps of significance classes, near misses counted in part.

    A unit of one map is as similar to the other map as the best of the other's classes
    at the unit itself, or next to it at a discount, is to the unit's own class. The
    similarity of the unit is the smaller of the two, either map taking its turn. The
    expected similarity takes the surroundings of a unit as they are, so that clustering
    within a map is no agreement between the maps.

    Parameters
    ----------
    first_classes, second_classes : pandas.Series or array_like of str, shape (n,)
        Class of each unit (a Series is matched by index, an array is in the graph's
        order). Units with another class than those of `SIGNIFICANCE_CLASSES` in either
        map (``"no data"``...) take no part, and are nobody's neighbours.
    graph : libpysal.graph.Graph
        Neighbours; how they are weighted makes no difference.
    category_weights : pandas.DataFrame, default CATEGORY_WEIGHTS
        How alike each class of the first map (rows) is to each of the second (columns),
        from 0 to 1, and 1 for each class and itself. It need not be symmetric; if it
        is, the measure does not depend on which map is first.
    neighbour_weight : float, default 0.5
        What a class next to the unit counts against the same class at the unit, from 0
        to 1. At 0 and with weights of 1 on the diagonal alone, kappa is Cohen's kappa of
        the seven classes.

    Returns
    -------
    FuzzyKappa
        Similarity, expected similarity and kappa of the maps, and of each unit. NaN
        where no unit takes part. Descriptive: there is no p-value.

    Raises
    ------
    SpatialError
        If classes do not fit the graph, or weights are not as described.

    Notes
    -----
    The method was made for rasters, where the discount falls with distance; here it is
    the same for all neighbours. Hot Spot Analysis Comparison in ArcGIS Pro compares the
    same seven classes by the same kind of kappa, over a number of nearest neighbours and
    with weights of its own, and estimates the expected similarity by permutation: its
    numbers differ from these. Here it is the mean over all pairs of units, in closed
    form: for every pair of classes, the mean smaller one of two independent draws from
    known values. The local measures are a definition of this project.

    References
    ----------
    Hagen-Zanker, A. (2009). An improved Fuzzy Kappa statistic that accounts for spatial
    autocorrelation. International Journal of Geographical Information Science 23, 61-73.
    https://doi.org/10.1080/13658810802570317

    Esri. How Hot Spot Analysis Comparison works. ArcGIS Pro documentation.
    https://pro.arcgis.com/en/pro-app/latest/tool-reference/spatial-statistics/how-hot-spot-analysis-comparison-works.htm

    Examples
    --------
    >>> from libpysal.graph import Graph
    >>> chain = Graph.from_arrays([0, 1, 1, 2, 2, 3], [1, 0, 2, 1, 3, 2], [1] * 6)
    >>> hot, none = "hot 99%", "not significant"
    >>> fuzzy_kappa([hot, none, none, none], [none, hot, none, none], chain)
    fuzzy kappa = 0.111 (similarity 0.750, expected 0.719, n = 4)
    >>> fuzzy_kappa([hot, none, none, none], [none, none, none, hot], chain)
    fuzzy kappa = -0.600 (similarity 0.500, expected 0.688, n = 4)
    """
    alike = _checked_weights(category_weights)
    if not 0 <= neighbour_weight <= 1:
        message = f"found neighbour_weight={neighbour_weight}; expected a number from 0 to 1"
        raise SpatialError(message)
    if not hasattr(graph, "unique_ids"):
        message = f"found a graph of type {type(graph).__name__}; expected libpysal.graph.Graph"
        raise SpatialError(message)
    ids = graph.unique_ids
    first, second = _codes(first_classes, ids), _codes(second_classes, ids)
    inside = (first >= 0) & (second >= 0)
    first, second = first[inside], second[inside]
    links = _links(graph, inside)
    # How alike the first map around a unit is to each class of the second, and so on
    to_second = _nearness(first, links, neighbour_weight, alike)
    to_first = _nearness(second, links, neighbour_weight, alike.T)
    unit = np.arange(first.size)
    similarity = np.minimum(to_second[unit, second], to_first[unit, first])
    expected = _expected(first, second, to_second, to_first)
    total, chance = (_mean(each) for each in (similarity, expected))
    room = np.where(expected < 1, 1 - expected, np.nan)
    return FuzzyKappa(
        ids=ids,
        similarity=total,
        expected=chance,
        kappa=(total - chance) / (1 - chance) if chance < 1 else np.nan,
        n=int(inside.sum()),
        local_similarity=spread_out(similarity, inside),
        local_expected=spread_out(expected, inside),
        local_kappa=spread_out((similarity - expected) / room, inside),
    )


def _checked_weights(table: pd.DataFrame) -> Floats:
    """Take the weights in the order of the classes, or say all that is wrong with them."""
    classes = list(SIGNIFICANCE_CLASSES)
    if not isinstance(table, pd.DataFrame):
        message = f"found category weights of type {type(table).__name__}; expected a DataFrame"
        raise SpatialError(message)
    problems = [
        f"category weights with {what} {labels.tolist()}; expected the seven classes {classes}"
        for what, labels in (("rows", table.index), ("columns", table.columns))
        if not labels.is_unique or set(labels) != set(classes)
    ]
    if not problems:
        weights = as_floats(table.loc[classes, classes].to_numpy())
        if not ((weights >= 0) & (weights <= 1)).all():
            problems.append("category weights that are no numbers from 0 to 1; expected such")
        elif (np.diagonal(weights) != 1).any():
            problems.append("classes that are not wholly alike to themselves; expected weight 1")
    if problems:
        raise SpatialError("found " + "; found ".join(problems))
    return weights


def _codes(classes: pd.Series | npt.ArrayLike, ids: pd.Index) -> Integers:
    """Bring classes into the order of the graph, as numbers."""
    if isinstance(classes, pd.Series):
        absent = ids.difference(classes.index)
        if len(absent) or not classes.index.is_unique:
            found = f"no class for {list(absent[:5])}" if len(absent) else "units twice"
            message = (
                f"found {found}; expected one class a unit: give 'no data' where there is none"
            )
            raise SpatialError(message)
        classes = classes.reindex(ids)
    codes = class_codes(classes)
    if codes.size != len(ids):
        message = f"found {codes.size:,} classes; expected {len(ids):,}, one each unit of the graph"
        raise SpatialError(message)
    return codes


def _links(graph: Graph, inside: Bools) -> sparse.csr_array:
    """Tell who is next to whom among the units that take part, whatever the weights."""
    found = sparse.csr_array(graph.sparse)[inside][:, inside] != 0
    return sparse.csr_array(found.astype(np.float64))


def _nearness(classes: Integers, links: sparse.csr_array, discount: float, alike: Floats) -> Floats:
    """Tell how much of each class of the other map there is at each unit, or next to it."""
    here = np.eye(len(alike))[classes]
    near = np.maximum(here, discount * (links @ here > 0))
    return np.asarray((near[:, :, np.newaxis] * alike).max(axis=1))


def _expected(first: Integers, second: Integers, to_second: Floats, to_first: Floats) -> Floats:
    """Average what a unit's similarity would be with either map around it exchanged.

    Over all pairs of units, one for each map; how similar these are depends on their own
    classes and their surroundings only.
    """
    with_second, with_first = np.zeros(first.size), np.zeros(first.size)
    for one in np.unique(first):
        here = np.flatnonzero(first == one)
        for other in np.unique(second):
            there = np.flatnonzero(second == other)
            forth, back = to_second[here, other], to_first[there, one]
            with_second[here] += _sums_of_smaller(forth, back)
            with_first[there] += _sums_of_smaller(back, forth)
    return np.asarray((with_second + with_first) / (2 * max(first.size, 1)))


def _sums_of_smaller(values: Floats, others: Floats) -> Floats:
    """Add up, for each value, the smaller of it and each of the others."""
    ordered = np.sort(others)
    below = np.searchsorted(ordered, values)
    sums = np.append(0.0, np.cumsum(ordered))
    return np.asarray(sums[below] + values * (ordered.size - below))


def _mean(values: Floats) -> float:
    return float(values.mean()) if values.size else np.nan
