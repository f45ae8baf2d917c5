"""Two maps of hot spots side by side: where they agree, how far, and whether by chance."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from spatial_models._measures import (
    FEWEST_UNITS,
    SHARED_TREND,
    Pair,
    Refusals,
    Support,
    descriptive_measures,
    fuzzy_classes,
    local_measures,
    measures_with_p,
)
from spatial_models._tested import Bools, Floats, align, select
from spatial_models.agreement import cross_table, dice, jaccard, share_inside
from spatial_models.association import Measure, NoPValue, PValue
from spatial_models.errors import SpatialError
from spatial_models.fuzzy_kappa import CATEGORY_WEIGHTS
from spatial_models.graphs._positions import Positions
from spatial_models.hot_spots import HotSpots
from spatial_models.modified_t_test import ModifiedTTest, modified_t_test
from spatial_models.results import NO_DATA, NO_NEIGHBOURS, NO_VARIATION
from spatial_models.scan import HOT_CLUSTER, ScanResult
from spatial_models.surrogate_maps import AdjustedMap, SurrogateMaps, adjust

if TYPE_CHECKING:
    from libpysal.graph import Graph

__all__ = ["FEWEST_UNITS", "HotSpotComparison", "Support", "Verdict", "compare_hotspots"]

Verdict = Literal[
    "not tested",
    "no association",
    "association",
    "broad gradient only",
    "beneath the gradient only",
    "contradictory",
    "not tested beneath the gradient",
]

BOTH: Final = "both hot"
NEITHER: Final = "neither"
OPPOSITE: Final = "opposite"

_ORDER: Final = (
    "kappa",
    "fuzzy_kappa",
    "similarity",
    "expected_similarity",
    "jaccard",
    "dice",
    "first_in_second",
    "second_in_first",
    "lee",
    "pearson",
    "spearman",
    "bivariate_moran",
)


@dataclass(frozen=True, kw_only=True, repr=False, eq=False)
class HotSpotComparison:
    """How the hot spots of two maps lie to each other.

    Attributes
    ----------
    ids : pandas.Index
        The graph's identifiers.
    labels : tuple of str
        What the two maps are called.
    classes : numpy.ndarray of str, shape (n,)
        ``"both hot"``, one map only (``"arrests only"``), ``"neither"``,
        ``"opposite"`` (one hot, the other cold), or the reason (``"no data"``, ``"no
        neighbours"``, ``"no variation"``) where either map was not tested.
    n : int
        Units tested in both maps.
    alpha : float
        Level of the false discovery rate that makes a unit hot or cold.
    support : {"unit", "area"}
        Whether the units are those by which both maps are known, or larger areas, to
        which one of them had to be brought.
    level : float
        Level of the p-values in `verdict`.
    cross_table : pandas.DataFrame
        Units by significance class, first map down, second across.
    measures : mapping of str to Measure
        ``kappa``, ``fuzzy_kappa``, ``similarity``, ``expected_similarity``, ``jaccard``,
        ``dice``, ``first_in_second``, ``second_in_first``, ``lee``, ``pearson``,
        ``spearman``, ``bivariate_moran``.
    shares : pandas.DataFrame
        By mass (units, residents...), the share of each map's hot spots that lies inside
        the other's (``first_in_second``, ``second_in_first``) and the share of the whole
        that lies in each (``first_hot``, ``second_hot``).
    local : pandas.DataFrame
        By unit: ``similarity``, ``expected_similarity``, ``fuzzy_kappa``, ``lee``.
    modified_t : ModifiedTTest or None
        Dutilleul's modified t-test of the scores: secondary, no part of the verdict.
    scan_overlap : pandas.DataFrame or None
        How scan clusters of the two maps overlap, where scans were given.
    trend_removed : HotSpotComparison or None
        The same with a quadratic trend taken out of both maps.
    partial : HotSpotComparison or None
        The same with covariates and the trend taken out.
    """

    ids: pd.Index
    labels: tuple[str, str]
    classes: npt.NDArray[np.str_]
    n: int
    alpha: float
    support: Support
    level: float
    cross_table: pd.DataFrame
    measures: Mapping[str, Measure]
    shares: pd.DataFrame
    local: pd.DataFrame
    modified_t: ModifiedTTest | None = None
    scan_overlap: pd.DataFrame | None = None
    trend_removed: HotSpotComparison | None = None
    partial: HotSpotComparison | None = None

    def __repr__(self) -> str:
        counts = ", ".join(f"{count:,} {name}" for name, count in self.counts.items() if count)
        return f"{counts} (n = {self.n:,}); {self.headline!r}; {self.verdict}"

    @property
    def headline(self) -> Measure:
        """Pick the measure that carries the answer.

        Returns
        -------
        Measure
            Cohen's kappa of the hot sets where both maps are known by unit, Pearson's r of
            the scores among larger areas: there it finds more than Lee's L
            (docs/calibration.md). Lee's L without a trend that both maps share, where
            kappa has no p-value.
        """
        if self.support == "area":
            return self.measures["pearson"]
        kappa = self.measures["kappa"]
        return self.measures["lee"] if kappa.p == SHARED_TREND else kappa

    @property
    def verdict(self) -> Verdict:
        """Tell what stands: the answer, and that of the maps without their trend.

        Returns
        -------
        str
            ``"association"`` where both headlines have p-values up to `level`, ``"broad
            gradient only"`` where the twin's has not, ``"beneath the gradient only"``
            where only the twin's has, ``"contradictory"`` where both have and point to
            different sides, ``"not tested beneath the gradient"`` where nothing is left
            that could be tested there (no hot spots), ``"no association"`` where none is
            found, and ``"not tested"`` where there is no p-value.
        """
        plain = self.headline
        if isinstance(plain.p, NoPValue):
            return "not tested"
        found = plain.p.p <= self.level
        twin = self.trend_removed.headline if self.trend_removed else plain
        if isinstance(twin.p, NoPValue) or np.isnan(twin.estimate):
            return "not tested beneath the gradient" if found else "no association"
        found_beneath = twin.p.p <= self.level
        if found and found_beneath:
            same_side = (plain.estimate > 0) == (twin.estimate > 0)
            return "association" if same_side else "contradictory"
        if found:
            return "broad gradient only"
        return "beneath the gradient only" if found_beneath else "no association"

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
        """Lay the classes and local measures out as a table.

        Returns
        -------
        pandas.DataFrame
            Indexed by the graph's identifiers: ``overlap_class`` and the columns of
            `local`, each with ``overlap_`` before it.
        """
        table = pd.DataFrame({"overlap_class": self.classes}, index=self.ids)
        return table.join(self.local.add_prefix("overlap_"))

    def measures_frame(self) -> pd.DataFrame:
        """Lay the measures out as a table.

        Returns
        -------
        pandas.DataFrame
            Indexed by ``measure``: ``label``, ``estimate``, ``low``, ``high``, ``p``,
            ``p_moran``, ``p_kernel`` (NaN where there is none), ``alternative``,
            ``expected``, ``no_p_value`` (the reason).
        """
        rows = {
            one.name: {
                "label": one.label,
                "estimate": one.estimate,
                "low": one.low,
                "high": one.high,
                **_columns(one.p),
            }
            for one in self.measures.values()
        }
        return pd.DataFrame.from_dict(rows, orient="index").rename_axis("measure")


def compare_hotspots(
    first: HotSpots,
    second: HotSpots,
    graph: Graph,
    *,
    labels: tuple[str, str] = ("first", "second"),
    support: Support = "unit",
    null: SurrogateMaps | None = None,
    masses: Mapping[str, pd.Series] | None = None,
    category_weights: pd.DataFrame = CATEGORY_WEIGHTS,
    scans: tuple[ScanResult, ScanResult] | None = None,
    level: float = 0.05,
    tested_only: bool = False,
) -> HotSpotComparison:
    """Compare the hot spots of two maps of the same units.

    A p-value asks whether the maps go together more than the second map, laid elsewhere
    with its clustering kept, goes together with the first; the first stays as it is. It
    is offered where simulations show that it holds its level (docs/calibration.md): where
    both maps are known by unit for kappa (one-sided) and Lee's L (two-sided), among
    larger areas for Lee's L and Pearson's r (two-sided); over 20 units at least; and where
    no more than a hundredth of the variance of the second map's scores is chance
    (``score_variance``), as more is where counts are small. It is the larger of those
    against two families of surrogate maps. Without the trend, kappa has none where the
    trend holds more than 0.1 of the maps' correlation: a surface leaves a little of a
    gradient that both hold.

    A map that is known only for larger areas must be compared among these, the other map
    brought to them: given to units, its values step where the other map may step as well
    (police and their definitions change at the borders of states), and unrelated maps
    pass for associated.

    Parameters
    ----------
    first : HotSpots
        The map that stays where it is; may be draws of an uncertain map.
    second : HotSpots
        A single map of the same units, at the same level.
    graph : libpysal.graph.Graph
        The graph that both rest on.
    labels : tuple of str
        What the maps are called; they name the classes.
    support : {"unit", "area"}
        Whether the units are those by which both maps are known, or larger areas, to
        which one of them had to be brought.
    null : SurrogateMaps, optional
        Surrogate maps of `second` (see `surrogate_maps`). Without them there are no
        p-values and no trend-removed twin.
    masses : mapping of str to pandas.Series, optional
        What else to share out over hot spots, besides units: residents, events.
    category_weights : pandas.DataFrame
        How alike two significance classes are, in fuzzy kappa.
    scans : tuple of ScanResult, optional
        Scans of the two maps, whose clusters are to be compared.
    level : float, default 0.05
        Level of the p-values in the verdict.
    tested_only : bool, default False
        Whether to leave out what has no p-value: other measures and local ones.

    Returns
    -------
    HotSpotComparison
        Over the units tested in both maps.

    Raises
    ------
    SpatialError
        If the results belong to different units or levels, the second map has draws, or
        the surrogates are of another map.

    References
    ----------
    Hagen-Zanker, A. (2009). International Journal of Geographical Information Science
    23, 61-73. Lee, S.-I. (2001). Journal of Geographical Systems 3, 369-385. Wagner, H.
    H. and Dray, S. (2015). Methods in Ecology and Evolution 6, 1169-1178.

    Examples
    --------
    >>> from libpysal.graph import Graph
    >>> from spatial_models import rate_hot_spots
    >>> chain = Graph.from_arrays([0, 1, 1, 2, 2, 3, 3, 4], [1, 0, 2, 1, 3, 2, 4, 3], [1] * 8)
    >>> spots = rate_hot_spots([90, 80, 70, 20, 10], [1_000] * 5, chain)
    >>> comparison = compare_hotspots(spots, spots, chain, labels=("arrests", "crime"))
    >>> comparison.counts["neither"], comparison.headline.p.reason
    (5, 'no surrogate maps were drawn')
    """
    _check(first, second, graph, null)
    options = _Options(
        labels=labels,
        support=support,
        masses=dict(masses or {}),
        category_weights=category_weights,
        level=level,
        tested_only=tested_only,
    )
    if null is None:
        return _compare(first, second, graph, options, scans=scans)

    by_name = null.adjusted
    as_they_are, beneath = Refusals.of(first, second, by_name["trend"].terms)
    adjusted = replace(options, refusals=beneath)
    return _compare(
        first,
        second,
        graph,
        replace(options, refusals=as_they_are),
        null=by_name["none"],
        places=null.places,
        scans=scans,
        trend_removed=_compare_adjusted(first, by_name["trend"], graph, adjusted),
        partial=_compare_adjusted(first, by_name["covariates"], graph, adjusted)
        if "covariates" in by_name
        else None,
    )


def _compare_adjusted(
    first: HotSpots, adjusted: AdjustedMap, graph: Graph, options: _Options
) -> HotSpotComparison:
    """Compare what the same terms leave of both maps."""
    left = adjust(first, adjusted.terms, graph)
    return _compare(left, adjusted.spots, graph, options, null=adjusted)


def _check(first: HotSpots, second: HotSpots, graph: Graph, null: SurrogateMaps | None) -> None:
    ids = graph.unique_ids
    if not (first.test.ids.equals(ids) and second.test.ids.equals(ids)):
        message = "found results on other units than the graph's; expected the same units"
        raise SpatialError(message)
    if first.alpha != second.alpha:
        message = f"found levels {first.alpha:g} and {second.alpha:g}; expected the same level"
        raise SpatialError(message)
    if second.draws > 1:
        message = f"found {second.draws} draws of the second map; expected a single map"
        raise SpatialError(message)
    if null is not None and null.adjusted["none"].spots is not second:
        message = "found surrogates of another map; expected those of the second map"
        raise SpatialError(message)


@dataclass(frozen=True, kw_only=True)
class _Options:
    """What is the same for the maps as they are and without their trend."""

    labels: tuple[str, str]
    support: Support
    masses: Mapping[str, pd.Series]
    category_weights: pd.DataFrame
    level: float
    tested_only: bool
    refusals: Refusals = field(default_factory=Refusals)


def _compare(
    first: HotSpots,
    second: HotSpots,
    graph: Graph,
    options: _Options,
    *,
    null: AdjustedMap | None = None,
    places: Positions | None = None,
    scans: tuple[ScanResult, ScanResult] | None = None,
    trend_removed: HotSpotComparison | None = None,
    partial: HotSpotComparison | None = None,
) -> HotSpotComparison:
    """Compare two maps, as they are or adjusted."""
    both = first.test.tested & second.test.tested
    pair = Pair(first=first, second=second, both=both, joined=select(~both, graph))
    measures = dict(measures_with_p(pair, options.support, null, options.refusals))
    ids = graph.unique_ids
    local = pd.DataFrame(index=ids)
    modified_t = None
    if not options.tested_only:
        fuzzy = fuzzy_classes(pair, graph, options.category_weights)
        measures |= descriptive_measures(pair, graph, fuzzy)
        measures = {name: measures[name] for name in _ORDER}
        local = local_measures(pair, graph, fuzzy)
        if places is not None and pair.varied:
            modified_t = modified_t_test(first.scores[both], second.scores[both], places.only(both))
    hot = first.hot & both, second.hot & both
    return HotSpotComparison(
        ids=ids,
        labels=options.labels,
        classes=_classes(pair, options.labels),
        n=int(both.sum()),
        alpha=first.alpha,
        support=options.support,
        level=options.level,
        cross_table=cross_table(
            first.test.classes[both], second.test.classes[both], labels=options.labels
        ),
        measures=measures,
        shares=_shares(
            hot, both, {name: align(mass, graph) for name, mass in options.masses.items()}
        ),
        local=local,
        modified_t=modified_t,
        scan_overlap=_scan_overlap(scans, options.labels) if scans else None,
        trend_removed=trend_removed,
        partial=partial,
    )


def _classes(pair: Pair, labels: tuple[str, str]) -> npt.NDArray[np.str_]:
    first, second = pair.first, pair.second
    hot = first.hot & pair.both, second.hot & pair.both
    cold = first.cold & pair.both, second.cold & pair.both
    classes = np.full(len(pair.both), NO_DATA, dtype=object)
    for reason in (NO_VARIATION, NO_NEIGHBOURS, NO_DATA):  # the weightiest last
        classes[(first.test.classes == reason) | (second.test.classes == reason)] = reason
    classes[pair.both] = NEITHER
    classes[hot[0]] = f"{labels[0]} only"
    classes[hot[1]] = f"{labels[1]} only"
    classes[hot[0] & hot[1]] = BOTH
    classes[(hot[0] & cold[1]) | (cold[0] & hot[1])] = OPPOSITE
    return classes.astype(np.str_)


def _shares(hot: tuple[Bools, Bools], both: Bools, masses: Mapping[str, Floats]) -> pd.DataFrame:
    """Share units and other masses out over the hot spots, among the units tested in both."""
    rows = {}
    for name, mass in {"units": np.ones(both.size), **masses}.items():
        known = both & ~np.isnan(mass)
        first, second, weight = hot[0][known], hot[1][known], mass[known]
        everywhere = np.ones(int(known.sum()), dtype=bool)
        rows[name] = {
            "first_in_second": share_inside(first, second, weight),
            "second_in_first": share_inside(second, first, weight),
            "first_hot": share_inside(everywhere, first, weight),
            "second_hot": share_inside(everywhere, second, weight),
        }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("mass")


def _scan_overlap(scans: tuple[ScanResult, ScanResult], labels: tuple[str, str]) -> pd.DataFrame:
    """Compare the units inside the significant hot clusters of two scans."""
    if not scans[0].ids.equals(scans[1].ids):
        message = "found scans of different units; expected the same units in the same order"
        raise SpatialError(message)
    data = [scan.classes != NO_DATA for scan in scans]
    inside = [(scan.classes == HOT_CLUSTER)[data[0] & data[1]] for scan in scans]
    clusters = [
        sum(cluster.kind == "hot" and cluster.p <= scan.alpha for cluster in scan.clusters)
        for scan in scans
    ]
    row = {
        f"{labels[0]}_clusters": clusters[0],
        f"{labels[1]}_clusters": clusters[1],
        f"{labels[0]}_units": int(inside[0].sum()),
        f"{labels[1]}_units": int(inside[1].sum()),
        "both_units": int((inside[0] & inside[1]).sum()),
        "jaccard": jaccard(*inside),
        "dice": dice(*inside),
        "first_in_second": share_inside(*inside),
        "second_in_first": share_inside(inside[1], inside[0]),
    }
    return pd.DataFrame([row], index=pd.Index(["hot clusters"], name="scan"))


def _columns(p: PValue) -> dict[str, object]:
    """Lay a p-value, or the reason why there is none, out in columns."""
    if isinstance(p, NoPValue):
        none = dict.fromkeys(("p", "p_moran", "p_kernel"), np.nan)
        return {**none, "alternative": None, "expected": np.nan, "no_p_value": p.reason}
    return {
        "p": p.p,
        "p_moran": np.nan if p.moran is None else p.moran,
        "p_kernel": np.nan if p.kernel is None else p.kernel,
        "alternative": p.alternative,
        "expected": p.expected,
        "no_p_value": None,
    }
