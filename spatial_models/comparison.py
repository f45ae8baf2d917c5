"""Two maps of hot spots side by side: where they agree, and how far.

Nothing here is a p-value: an honest one needs surrogate maps that are as clustered as
the originals.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from spatial_models._tested import Bools
from spatial_models.errors import SpatialError
from spatial_models.hot_spots import RateHotSpots
from spatial_models.lee import lee
from spatial_models.results import NO_DATA, NO_NEIGHBOURS, NO_VARIATION

if TYPE_CHECKING:
    from libpysal.graph import Graph

__all__ = ["HotSpotComparison", "cohen_kappa", "compare_hotspots"]

BOTH: Final = "both hot"
NEITHER: Final = "neither"
OPPOSITE: Final = "opposite"


@dataclass(frozen=True, kw_only=True, repr=False)
class HotSpotComparison:
    """How the hot spots of two maps lie to each other.

    Attributes
    ----------
    ids : pandas.Index
        The graph's identifiers.
    classes : numpy.ndarray of str, shape (n,)
        ``"both hot"``, one map only (``"arrests only"``), ``"neither"``,
        ``"opposite"`` (one hot, the other cold), or the reason (``"no data"``, ``"no
        neighbours"``, ``"no variation"``) where either map was not tested.
    labels : tuple of str
        What the two maps are called.
    n : int
        Units tested in both maps.
    kappa : float
        Cohen's kappa of the two hot sets: 0 is agreement by chance, 1 identity. NaN
        where a map has no hot unit, or nothing else.
    lee : float
        Lee's L of the normal scores: their correlation, smoothed over neighbours.
    alpha : float
        Level of the false discovery rate that makes a unit hot or cold.
    """

    ids: pd.Index
    classes: npt.NDArray[np.str_]
    labels: tuple[str, str]
    n: int
    kappa: float
    lee: float
    alpha: float

    def __repr__(self) -> str:
        counts = ", ".join(f"{count:,} {name}" for name, count in self.counts.items())
        return f"{counts}; kappa = {self.kappa:.3f}, Lee's L = {self.lee:.3f} (n = {self.n:,})"

    @property
    def class_names(self) -> tuple[str, ...]:
        """List the classes in the order of a legend.

        Returns
        -------
        tuple of str
            Also those that no unit has.
        """
        first, second = self.labels
        named = (BOTH, f"{first} only", f"{second} only", OPPOSITE, NEITHER)
        return (*named, NO_VARIATION, NO_NEIGHBOURS, NO_DATA)

    @property
    def counts(self) -> dict[str, int]:
        """Count the units in each class.

        Returns
        -------
        dict of str to int
            By class, in the order of a legend.
        """
        return {name: int((self.classes == name).sum()) for name in self.class_names}

    def to_frame(self) -> pd.DataFrame:
        """Lay the classes out as a table.

        Returns
        -------
        pandas.DataFrame
            Indexed by the graph's identifiers, one column ``overlap_class``.
        """
        return pd.DataFrame({"overlap_class": self.classes}, index=self.ids)


def compare_hotspots(
    first: RateHotSpots,
    second: RateHotSpots,
    graph: Graph,
    *,
    labels: tuple[str, str] = ("first", "second"),
) -> HotSpotComparison:
    """Compare the hot spots of two maps of the same units.

    Parameters
    ----------
    first, second : RateHotSpots
        Results on the same units, at the same level.
    graph : libpysal.graph.Graph
        The graph that both rest on.
    labels : tuple of str
        What the maps are called; they name the classes.

    Returns
    -------
    HotSpotComparison
        Classes and descriptive measures over the units tested in both maps.

    Raises
    ------
    SpatialError
        If the two results belong to different units or levels.

    Examples
    --------
    >>> from libpysal.graph import Graph
    >>> from spatial_models import rate_hot_spots
    >>> chain = Graph.from_arrays([0, 1, 1, 2, 2, 3, 3, 4], [1, 0, 2, 1, 3, 2, 4, 3], [1] * 8)
    >>> spots = rate_hot_spots([90, 80, 70, 20, 10], [1_000] * 5, chain)
    >>> compare_hotspots(spots, spots, chain, labels=("arrests", "crime")).counts["neither"]
    5
    """
    ids = graph.unique_ids
    if not (first.test.ids.equals(ids) and second.test.ids.equals(ids)):
        message = "found results on other units than the graph's; expected the same units"
        raise SpatialError(message)
    if first.alpha != second.alpha:
        message = f"found levels {first.alpha:g} and {second.alpha:g}; expected the same level"
        raise SpatialError(message)
    both = first.test.tested & second.test.tested
    hot = first.hot & both, second.hot & both
    cold = first.cold & both, second.cold & both
    classes = np.full(len(ids), NO_DATA, dtype=object)
    for reason in (NO_VARIATION, NO_NEIGHBOURS, NO_DATA):  # the weightiest last
        classes[(first.test.classes == reason) | (second.test.classes == reason)] = reason
    classes[both] = NEITHER
    classes[hot[0]] = f"{labels[0]} only"
    classes[hot[1]] = f"{labels[1]} only"
    classes[hot[0] & hot[1]] = BOTH
    classes[(hot[0] & cold[1]) | (cold[0] & hot[1])] = OPPOSITE
    return HotSpotComparison(
        ids=ids,
        classes=classes.astype(np.str_),
        labels=labels,
        n=int(both.sum()),
        kappa=cohen_kappa(hot[0][both], hot[1][both]),
        lee=lee(
            np.where(both, first.scores, np.nan),
            np.where(both, second.scores, np.nan),
            graph,
            permutations=0,
        ).statistic,
        alpha=first.alpha,
    )


def cohen_kappa(first: Bools, second: Bools) -> float:
    """Measure the agreement of two sets beyond chance.

    Parameters
    ----------
    first, second : numpy.ndarray of bool, shape (n,)
        Membership of each unit.

    Returns
    -------
    float
        1 for identical sets, 0 for chance; NaN where a set is empty or full, and there
        is nothing to agree on.

    References
    ----------
    Cohen, J. (1960). A coefficient of agreement for nominal scales. Educational and
    Psychological Measurement 20, 37-46.

    Examples
    --------
    >>> sets = np.array([True, True, False, False]), np.array([True, False, False, False])
    >>> cohen_kappa(*sets)
    0.5
    """
    if first.size == 0:
        return float("nan")
    share = first.mean(), second.mean()
    if not all(0 < part < 1 for part in share):
        return float("nan")
    chance = share[0] * share[1] + (1 - share[0]) * (1 - share[1])
    return float(((first == second).mean() - chance) / (1 - chance))
