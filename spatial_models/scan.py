"""Kulldorff's scan statistic: circles that hold more or fewer cases than their people explain."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from spatial_models._p_values import Alternative
from spatial_models._randomness import Rng, draw_seed, is_whole, open_rng
from spatial_models._scan import Circle, Scan, Search, just_below, scan_windows
from spatial_models._tested import as_floats
from spatial_models.errors import SpatialError
from spatial_models.graphs._positions import Positions
from spatial_models.results import NO_DATA, NO_VARIATION, NOT_SIGNIFICANT

if TYPE_CHECKING:
    import geopandas as gpd

__all__ = ["COLD_CLUSTER", "HOT_CLUSTER", "ScanCluster", "ScanResult", "scan_poisson"]

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Kinds = Literal["hot", "cold", "both"]

HOT_CLUSTER: Final = "hot cluster"
COLD_CLUSTER: Final = "cold cluster"

_ALTERNATIVES: Final[dict[Kinds, Alternative]] = {
    "hot": "greater",
    "cold": "less",
    "both": "two-sided",
}
_MOST_CASES: Final = 2**31 - 2  # and one more fits into 32 bits


@dataclass(frozen=True, kw_only=True, repr=False)
class ScanCluster:
    """A circle whose rate differs from that of the rest.

    Attributes
    ----------
    kind : {"hot", "cold"}
        Whether it holds more or fewer cases than expected.
    members : tuple
        Identifiers of the units inside, in the order of the map.
    centre : object
        Identifier of the unit that it is drawn around.
    radius : float
        Distance from the centre to the farthest member, in units of the coordinates, or
        in metres for longitude and latitude.
    population : float
        People inside.
    observed : int
        Cases inside.
    expected : float
        Cases inside if the rate were the same everywhere.
    relative_risk : float
        Rate inside over the rate outside; infinite where all cases lie inside.
    log_likelihood_ratio : float
        Of one rate inside and another outside against the same rate everywhere.
    p : float
        Share of maps, replicates and the observed one, whose most likely cluster is at
        least as likely as this one.
    p_gumbel : float
        The same from a Gumbel distribution with the replicates' mean and variance, which
        goes below what their number allows; NaN where these do not vary.
    """

    kind: Literal["hot", "cold"]
    members: tuple[object, ...]
    centre: object
    radius: float
    population: float
    observed: int
    expected: float
    relative_risk: float
    log_likelihood_ratio: float
    p: float
    p_gumbel: float

    def __repr__(self) -> str:
        size = len(self.members)
        return (
            f"{self.kind} cluster of {size:,} unit{'s' if size > 1 else ''} around {self.centre}: "
            f"{self.observed:,} cases where {self.expected:,.1f} are expected, relative risk "
            f"{self.relative_risk:.2f}, p = {self.p:.4g}"
        )


@dataclass(frozen=True, kw_only=True, repr=False)
class ScanResult:
    """Clusters of a scan, and where each unit stands.

    Attributes
    ----------
    name : str
        The statistic.
    clusters : tuple of ScanCluster
        The most likely cluster, significant or not, then those that share no unit with
        one before and are significant at `alpha`; by falling likelihood.
    statistic : float
        Log likelihood ratio of the most likely cluster; 0 where no window has more cases
        than expected (or fewer, as asked for), NaN where there is nothing to test.
    p, p_gumbel : float
        p-values of the most likely cluster; NaN where there is nothing to test.
    ids : pandas.Index
        Identifiers of the units.
    rank : numpy.ndarray of int, shape (n,)
        Position of the unit's cluster in `clusters`, from 1; 0 where it is in none.
    classes : numpy.ndarray of str, shape (n,)
        ``"hot cluster"`` or ``"cold cluster"`` where that cluster is significant at
        `alpha`, else ``"not significant"``; ``"no data"`` where the unit took no part,
        ``"no variation"`` where there was nothing to test.
    alternative : {"greater", "less", "two-sided"}
        Whether windows with more cases than expected were looked at, with fewer, or both.
    alpha : float
        Level of the classes and of secondary clusters.
    max_population : float
        Largest share of the population of a window.
    windows : int
        Number of windows on the map.
    replicates : int
        Number of random maps behind `p`.
    n : int
        Units in the test.
    isolates : tuple
        Always empty: a scan needs no neighbours.
    seed : int or None
        Seed, where the caller gave one.
    """

    name: str
    clusters: tuple[ScanCluster, ...]
    statistic: float
    p: float
    p_gumbel: float
    ids: pd.Index
    rank: Integers
    classes: npt.NDArray[np.str_]
    alternative: Alternative
    alpha: float
    max_population: float
    windows: int
    replicates: int
    n: int
    isolates: tuple[object, ...]
    seed: int | None

    def __repr__(self) -> str:
        how = (
            f"{self.name} ({self.windows:,} windows up to {self.max_population:.0%} of the "
            f"population, {self.replicates:,} replicates, {self.alternative}, n = {self.n:,})"
        )
        found = sum(cluster.p <= self.alpha for cluster in self.clusters)
        lines = [f"{how}: {found} cluster{'s' if found != 1 else ''} at {self.alpha:g}"]
        if self.clusters:
            lines.append(f"most likely: {self.clusters[0]!r}")
        return "\n".join(lines)

    def to_frame(self) -> pd.DataFrame:
        """Lay the result out as a table of units.

        Returns
        -------
        pandas.DataFrame
            Indexed by the units' identifiers: ``scan_cluster`` (number of the cluster, 0
            for none), ``scan_relative_risk``, ``scan_log_likelihood_ratio``, ``scan_p``
            and ``scan_p_gumbel`` of that cluster (NaN for none), ``scan_class``.
        """
        fields = ("relative_risk", "log_likelihood_ratio", "p", "p_gumbel")
        table: dict[str, npt.NDArray[np.generic]] = {"scan_cluster": self.rank}
        for field in fields:
            values = [np.nan, *(getattr(cluster, field) for cluster in self.clusters)]
            table[f"scan_{field}"] = np.array(values, dtype=np.float64)[self.rank]
        table["scan_class"] = self.classes
        return pd.DataFrame(table, index=self.ids)

    def clusters_frame(self) -> pd.DataFrame:
        """Lay the clusters out as a table.

        Returns
        -------
        pandas.DataFrame
            One row a cluster, indexed by ``cluster`` from 1; ``members`` is their number.
        """
        fields = list(ScanCluster.__dataclass_fields__)
        rows = [
            {field: getattr(cluster, field) for field in fields} | {"members": len(cluster.members)}
            for cluster in self.clusters
        ]
        numbers = pd.RangeIndex(1, len(rows) + 1, name="cluster")
        return pd.DataFrame(rows, index=numbers, columns=fields)


def scan_poisson(
    cases: pd.Series | npt.ArrayLike,
    population: pd.Series | npt.ArrayLike,
    coordinates: gpd.GeoDataFrame | gpd.GeoSeries | npt.ArrayLike,
    *,
    max_population: float = 0.5,
    replicates: int = 999,
    clusters: Kinds = "hot",
    alpha: float = 0.05,
    rng: Rng = None,
    executor: Executor | None = None,
) -> ScanResult:
    """Find circles in which cases are more, or fewer, than the population explains.

    A window is every circle around a unit, up to a share of the population. The rate
    inside each is compared with that outside by a likelihood ratio; the largest ratio is
    compared with the largest ones of maps on which the same number of cases falls on
    people at random. So the p-value allows for the number of windows, and small
    populations need no smoothing. The null is one rate everywhere and independent cases:
    rates that differ a little from unit to unit for whatever reason make clusters of
    large counts significant.

    Parameters
    ----------
    cases : pandas.Series or array_like, shape (n,)
        Whole numbers of cases; NaN where missing.
    population : pandas.Series or array_like, shape (n,)
        People, or other expected numbers in any unit; NaN where missing. Units with a
        missing value, and units without people, take no part. For case and control
        points, give 1 to each point, and 1 case to a case: right where cases are few
        among the points, else p is too large, as if a point could be several cases.
    coordinates : geopandas.GeoDataFrame, geopandas.GeoSeries or array_like, shape (n, 2)
        Points, or polygons that are represented by their centroids; or x and y in a
        projected plane. Distances are straight in the plane, and along great circles
        where the coordinate reference system is of longitude and latitude. Units at the
        same point are one place: they enter a window together, as do places at the same
        distance from its centre. A Series of cases or people is matched to its index.
    max_population : float, default 0.5
        Largest share of the population of a window, above 0 and at most 0.5: a circle of
        more is better described by the other rate outside.
    replicates : int, default 999
        Random maps behind the p-values.
    clusters : {"hot", "cold", "both"}, default "hot"
        Whether to look for circles with more cases than expected, with fewer, or both.
    alpha : float, default 0.05
        Level at which secondary clusters are reported and units have a class.
    rng : int, numpy.random.Generator or None
        Source of randomness.
    executor : concurrent.futures.Executor, optional
        Where replicates are scanned; threads on all cores by default. The result does
        not depend on it.

    Returns
    -------
    ScanResult
        The most likely cluster and secondary ones that share no unit with those before.
        The p-values of secondary clusters are those that they would have as the most
        likely cluster of a map, and rather too large (Kulldorff 1997).

    Raises
    ------
    SpatialError
        If shapes or identifiers do not match, cases are no whole numbers, there are cases
        among no people, a place is missing, or an option is out of range.

    Notes
    -----
    Time grows with the square of the number of places times the replicates, memory with
    places times replicates: 20,000 places and 999 replicates take about a minute on two
    cores, and well below 1 GB.

    References
    ----------
    Kulldorff, M. (1997). A spatial scan statistic. Communications in Statistics: Theory
    and Methods 26, 1481-1496. https://doi.org/10.1080/03610929708831995

    Abrams, A. M., Kleinman, K., Kulldorff, M. (2010). Gumbel based p-value approximations
    for spatial scan statistics. International Journal of Health Geographics 9, 61.
    https://doi.org/10.1186/1476-072X-9-61

    Examples
    --------
    >>> places = [[0, 0], [1, 0], [2, 0], [3, 0], [4, 0], [5, 0]]
    >>> result = scan_poisson([9, 8, 2, 1, 3, 2], [100] * 6, places, rng=1)
    >>> result.clusters[0].members, round(result.clusters[0].relative_risk, 2)
    ((0, 1), 4.25)
    >>> result.classes.tolist()[:3]
    ['hot cluster', 'hot cluster', 'not significant']
    """
    _check_options(max_population, replicates, clusters, alpha)
    positions = Positions.of(coordinates)
    named = isinstance(coordinates, pd.DataFrame | pd.Series)
    ids = _identifiers(positions.ids if named else None, positions.n, cases, population)
    events, people = _in_order(cases, ids, "cases"), _in_order(population, ids, "population")
    _check_counts(events, people)
    used = (people > 0) & ~np.isnan(events)
    points, place = np.unique(positions.points[used] + 0.0, axis=0, return_inverse=True)
    place = place.ravel()
    scan = Scan(
        points=points,
        cases=np.bincount(place, events[used], minlength=len(points)).astype(np.int64),
        population=np.bincount(place, people[used], minlength=len(points)).astype(np.float64),
        max_population=max_population,
        hot=clusters != "cold",
        cold=clusters != "hot",
    )
    generator, seed = open_rng(rng)
    found, windows = [], 0
    statistic = p = p_gumbel = np.nan
    if scan.total:
        best, maxima = scan_windows(
            scan, replicates=replicates, seed=draw_seed(generator), executor=executor
        )
        windows = best.windows
        if windows:
            statistic = float(best.ratios.max())
            p, p_gumbel = _chances(statistic, maxima, scan.total)
            found = list(_circles(Search(scan, best), maxima, scan.total, alpha))
    units = _Units(ids=ids, used=used, place=place, positions=positions)
    described = tuple(_describe(circle, maxima, scan, units) for circle in found)
    rank, classes = _classify(described, found, units, alpha=alpha, tested=windows > 0)
    return ScanResult(
        name="Poisson scan",
        clusters=described,
        statistic=statistic,
        p=p,
        p_gumbel=p_gumbel,
        ids=ids,
        rank=rank,
        classes=classes,
        alternative=_ALTERNATIVES[clusters],
        alpha=alpha,
        max_population=max_population,
        windows=windows,
        replicates=replicates,
        n=int(used.sum()),
        isolates=(),
        seed=seed,
    )


@dataclass(frozen=True, kw_only=True)
class _Units:
    """Units of the map, and the place of each that takes part."""

    ids: pd.Index
    used: npt.NDArray[np.bool_]
    place: Integers
    positions: Positions

    def inside(self, circle: Circle) -> npt.NDArray[np.bool_]:
        """Tell which units lie in a circle."""
        inside = np.zeros(len(self.ids), dtype=bool)
        inside[self.used] = np.isin(self.place, circle.places)
        return inside


def _check_options(max_population: float, replicates: int, clusters: Kinds, alpha: float) -> None:
    problems = []
    if not 0 < max_population <= 0.5:  # noqa: PLR2004  (half of the people)
        problems.append(
            f"found max_population={max_population}; expected a share above 0, at most 0.5"
        )
    if not is_whole(replicates, 1):
        problems.append(f"found replicates={replicates}; expected at least 1, better 999")
    if clusters not in _ALTERNATIVES:
        problems.append(f"found clusters={clusters!r}; expected 'hot', 'cold' or 'both'")
    if not 0 <= alpha <= 1:
        problems.append(f"found alpha={alpha}; expected a probability")
    if problems:
        raise SpatialError("; ".join(problems))


def _identifiers(
    ids: pd.Index | None,
    n: int,
    cases: pd.Series | npt.ArrayLike,
    population: pd.Series | npt.ArrayLike,
) -> pd.Index:
    """Take identifiers from where there are some: coordinates, cases, population."""
    if ids is None:
        indexes = [each.index for each in (cases, population) if isinstance(each, pd.Series)]
        ids = next(iter(indexes), pd.RangeIndex(n))
    if len(ids) != n:
        message = f"found {n} coordinates for {len(ids)} units; expected one each"
        raise SpatialError(message)
    if not ids.is_unique:
        repeated = ids[ids.duplicated()].unique().tolist()
        message = f"found identifiers twice: {repeated[:5]}; expected a unique index"
        raise SpatialError(message)
    return ids


def _in_order(values: pd.Series | npt.ArrayLike, ids: pd.Index, what: str) -> Floats:
    if isinstance(values, pd.Series):
        absent = ids.difference(values.index)
        if len(absent) or not values.index.is_unique:
            found = f"no {what} for {list(absent[:5])}" if len(absent) else f"{what} twice"
            message = f"found {found}; expected one a unit: give NaN where missing"
            raise SpatialError(message)
        array = as_floats(values.reindex(ids))
    else:
        array = as_floats(values)
    if array.shape != (len(ids),):
        message = f"found {what} of shape {array.shape}; expected ({len(ids)},), one a unit"
        raise SpatialError(message)
    return array


def _check_counts(events: Floats, people: Floats) -> None:
    problems = []
    whole = np.isnan(events) | ((events >= 0) & (events == np.floor(events)) & np.isfinite(events))
    if not whole.all():
        problems.append(f"cases such as {events[~whole][0]:g}; expected whole numbers from 0")
    with np.errstate(over="ignore"):
        everybody = np.nansum(people)
    if (people < 0).any() or np.isinf(everybody):
        problems.append("a population below 0 or infinite; expected numbers of people")
    among_none = int(((events > 0) & (people == 0)).sum())
    if among_none:
        problems.append(
            f"cases in {among_none} units without people; expected none there: give these "
            "units people, or NaN"
        )
    total = np.nansum(events) if whole.all() else 0.0
    if total > _MOST_CASES:
        problems.append(f"{total:,.0f} cases; expected at most {_MOST_CASES:,}")
    if problems:
        raise SpatialError("found " + "; found ".join(problems))


def _circles(search: Search, maxima: Floats, total: int, alpha: float) -> Iterator[Circle]:
    """Take the most likely window, and others while they are significant."""
    if search.ratio > 0:
        yield search.take()
    while search.ratio > 0 and _chances(search.ratio, maxima, total)[0] <= alpha:
        yield search.take()


def _chances(ratio: float, maxima: Floats, total: int) -> tuple[float, float]:
    """Give the Monte Carlo p-value of a likelihood ratio, and the one by Gumbel's law."""
    at_least = int((maxima >= just_below(ratio, total)).sum())
    p = (at_least + 1) / (maxima.size + 1)
    spread = float(maxima.std(ddof=1)) if maxima.size > 1 else 0.0
    if not spread > 0:
        return p, np.nan
    scale = spread * np.sqrt(6) / np.pi
    mode = maxima.mean() - np.euler_gamma * scale
    above = max((ratio - mode) / scale, -700.0)  # further below, the exponential overflows
    return p, float(-np.expm1(-np.exp(-above)))


def _describe(circle: Circle, maxima: Floats, scan: Scan, units: _Units) -> ScanCluster:
    observed = int(scan.cases[circle.places].sum())
    population = float(scan.population[circle.places].sum())
    expected = population * scan.total / float(scan.population.sum())
    outside = scan.total - observed
    rate_outside = outside / (scan.total - expected)
    p, p_gumbel = _chances(circle.ratio, maxima, scan.total)
    return ScanCluster(
        kind="hot" if observed > expected else "cold",
        members=tuple(units.ids[units.inside(circle)]),
        centre=units.ids[units.used][int(np.argmax(units.place == circle.centre))],
        radius=float(units.positions.on_ground(np.array(circle.radius))),
        population=population,
        observed=observed,
        expected=expected,
        relative_risk=observed / expected / rate_outside if outside else np.inf,
        log_likelihood_ratio=circle.ratio,
        p=p,
        p_gumbel=p_gumbel,
    )


def _classify(
    clusters: Sequence[ScanCluster],
    circles: Sequence[Circle],
    units: _Units,
    *,
    alpha: float,
    tested: bool,
) -> tuple[Integers, npt.NDArray[np.str_]]:
    """Give the cluster of each unit by number, and its class."""
    rank = np.zeros(len(units.ids), dtype=np.int64)
    names = np.array([HOT_CLUSTER, COLD_CLUSTER, NOT_SIGNIFICANT, NO_DATA, NO_VARIATION])
    classes = np.full(len(units.ids), NO_DATA, dtype=names.dtype)
    classes[units.used] = NOT_SIGNIFICANT if tested else NO_VARIATION
    for number, (cluster, circle) in enumerate(zip(clusters, circles, strict=True), start=1):
        inside = units.inside(circle)
        rank[inside] = number
        if cluster.p <= alpha:
            classes[inside] = HOT_CLUSTER if cluster.kind == "hot" else COLD_CLUSTER
    return rank, classes
