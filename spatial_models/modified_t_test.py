"""The modified t-test: correlation of two maps, by an effective number of independent units."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.spatial import distance
from scipy.special import stdtr

from spatial_models._randomness import is_whole
from spatial_models._tested import ROUNDING, Floats, as_floats, from_mean, in_own_unit, is_constant
from spatial_models.errors import SpatialError
from spatial_models.graphs._positions import Places, Positions

__all__ = ["ModifiedTTest", "modified_t_test"]

Integers = npt.NDArray[np.int64]

_BLOCK = 128  # units whose distances to all others are held at a time
_FEWEST = 3  # units, for a correlation to have a degree of freedom


@dataclass(frozen=True, kw_only=True, repr=False)
class ModifiedTTest:
    """A correlation, and its t-test by an effective sample size.

    Attributes
    ----------
    correlation : float
        Pearson's correlation of the two maps.
    effective_sample_size : float
        Number of independent units whose correlation would vary as much: about `n`
        where a map is not autocorrelated, far below where both are, above `n` where
        neighbours repel each other in one and attract each other in the other.
    t : float
        The correlation over its standard error, with two degrees of freedom less than
        the effective sample size.
    p_modified_t : float
        Two-sided p-value of `t`. Secondary: where both maps are strongly autocorrelated,
        it is too small in some cases and too large in others.
    n : int
        Units with a value in both maps.
    classes : int
        Number of classes of distance.
    """

    correlation: float
    effective_sample_size: float
    t: float
    p_modified_t: float
    n: int
    classes: int

    def __repr__(self) -> str:
        return (
            f"r = {self.correlation:.4f} (effective sample size "
            f"{self.effective_sample_size:,.1f} of n = {self.n:,}, t = {self.t:.2f}, "
            f"p of the modified t-test = {self.p_modified_t:.4g} two-sided)"
        )

    def to_frame(self) -> pd.DataFrame:
        """Lay the result out as a table of one row.

        Returns
        -------
        pandas.DataFrame
            One column a field.
        """
        return pd.DataFrame([vars(self)], index=pd.Index(["modified t-test"], name="name"))


def modified_t_test(
    first: pd.Series | npt.ArrayLike,
    second: pd.Series | npt.ArrayLike,
    places: Places,
    *,
    classes: int | None = None,
) -> ModifiedTTest:
    """Test the correlation of two maps, allowing for autocorrelation within both.

    Where both maps vary smoothly, few of their units are news. The variance of the
    correlation under independence of the maps is estimated from the autocorrelation of
    each, by classes of distance; its reciprocal, plus one, is the effective sample size
    of an ordinary t-test. A secondary answer: surrogate maps are the test of
    `compare_hotspots`.

    Parameters
    ----------
    first, second : pandas.Series or array_like, shape (n,)
        Two numbers a unit; a unit missing (NaN) in either takes no part. A Series is
        matched to the index of `places` where they have one; all else is in their order.
    places : geopandas.GeoDataFrame, geopandas.GeoSeries or array_like, shape (n, 2)
        Points, or polygons that stand at their centroid; or x and y in a projected
        plane. Distances are straight in the plane, and along great circles where the
        coordinate reference system is of longitude and latitude.
    classes : int, optional
        Number of classes of distance, equally wide up to the largest distance. By
        default that of Sturges' rule for the number of pairs, the whole part of
        ``1.5 + 3.3 log10(n (n - 1) / 2)``: 23 for the 3,108 counties of the
        conterminous states.

    Returns
    -------
    ModifiedTTest
        Correlation, effective sample size, t and p-value. All NaN where a map does not
        vary or fewer than three units have both values. t and p-value are NaN where the
        effective sample size is not above 2, or where the estimated variance is not above 0
        and there is no such size: autocorrelation estimated class by class need not be
        that of any map.

    Raises
    ------
    SpatialError
        If values are infinite or do not fit the places, a place is missing, or `classes`
        is no whole number from 1.

    Notes
    -----
    As `modified.ttest` of the R package SpatialPack, apart from two things: that takes 13
    classes unless told (`classes` of 13 gives its numbers, and its ``nclass = NULL`` the
    default here), and distances in the plane alone. The effective sample size is not
    held to at most the number of units, by either.

    Time grows with the square of the number of units, memory in proportion to it.

    References
    ----------
    Clifford, P., Richardson, S. and Hemon, D. (1989). Assessing the significance of the
    correlation between two spatial processes. Biometrics 45, 123-134.
    https://doi.org/10.2307/2532039

    Dutilleul, P. (1993). Modifying the t test for assessing the correlation between two
    spatial processes. Biometrics 49, 305-314. https://doi.org/10.2307/2532625

    Examples
    --------
    >>> row, column = np.divmod(np.arange(25), 5)
    >>> result = modified_t_test(row + column % 2, row, np.column_stack([column, row]))
    >>> round(result.correlation, 3), round(result.effective_sample_size, 1)
    (0.945, 4.9)
    """
    if classes is not None and not is_whole(classes, 1):
        message = f"found classes={classes!r}; expected a whole number from 1, better about 20"
        raise SpatialError(message)
    positions = Positions.of(places)
    ids = positions.ids if isinstance(places, pd.DataFrame | pd.Series) else None
    x, y = (_in_order(values, ids, positions.n) for values in (first, second))
    both = ~(np.isnan(x) | np.isnan(y))
    x, y, points = in_own_unit(x[both]), in_own_unit(y[both]), positions.points[both]
    n = int(both.sum())
    bins = classes or _sturges(n)
    correlation = size = t = p = np.nan
    if n >= _FEWEST and not is_constant(x) and not is_constant(y):
        x, y = (_standardised(values) for values in (x, y))
        correlation = float(np.clip(x @ y / n, -1, 1))
        variance = _variance(x, y, _Pairs(positions=positions, points=points, bins=bins))
        size = 1 + 1 / variance if variance > ROUNDING else np.nan
        t, p = _t_test(correlation, size)
    return ModifiedTTest(
        correlation=correlation,
        effective_sample_size=size,
        t=t,
        p_modified_t=p,
        n=n,
        classes=bins,
    )


def _in_order(values: pd.Series | npt.ArrayLike, ids: pd.Index | None, n: int) -> Floats:
    """Bring values into the order of the places, as floats."""
    if isinstance(values, pd.Series) and ids is not None:
        absent = ids.difference(values.index)
        if len(absent) or not values.index.is_unique:
            found = f"no value for {list(absent[:5])}" if len(absent) else "units twice"
            message = f"found {found}; expected one value a place: give NaN where missing"
            raise SpatialError(message)
        values = values.reindex(ids)
    array = as_floats(values)
    if array.shape != (n,):
        message = f"found values of shape {array.shape}; expected ({n},), one each place"
        raise SpatialError(message)
    if np.isinf(array).any():
        message = "found infinite values; expected numbers: give NaN where a value is missing"
        raise SpatialError(message)
    return array


def _standardised(values: Floats) -> Floats:
    deviations = from_mean(values)
    return np.asarray(deviations / np.sqrt(np.mean(deviations**2)))


def _sturges(n: int) -> int:
    """Choose a number of classes for the distances between n units."""
    return int(1.5 + 3.3 * np.log10(max(n * (n - 1) / 2, 1)))


@dataclass(frozen=True, kw_only=True)
class _Pairs:
    """The pairs of units, sorted into classes of distance, a block of units at a time."""

    positions: Positions
    points: Floats
    bins: int

    def blocks(self) -> Iterator[tuple[slice, Integers]]:
        """Give blocks of units, and the class of the distance from each to every unit."""
        farthest = max(apart.max() for _, apart in self._distances())
        for rows, apart in self._distances():
            # A class holds its upper bound; what lies on a bound but for rounding lies on it.
            steps = np.ceil(self.bins / farthest * apart - ROUNDING) if farthest else apart
            yield rows, np.clip(steps - 1, 0, None).astype(np.int64)

    def _distances(self) -> Iterator[tuple[slice, Floats]]:
        for start in range(0, len(self.points), _BLOCK):
            rows = slice(start, start + _BLOCK)
            straight = distance.cdist(self.points[rows], self.points)
            yield rows, self.positions.on_ground(straight)


def _variance(x: Floats, y: Floats, pairs: _Pairs) -> float:
    """Estimate the variance of the correlation of two unrelated maps (Dutilleul 1993).

    It is tr(B Rx B Ry) / (tr(B Rx) tr(B Ry)), with B = I - 11'/n and R the matrix of each
    map's autocorrelation. R has one value a class of distance, so that sums over its
    elements are sums over counts of units by class. The maps have mean 0 and variance 1.
    """
    n, bins = x.size, pairs.bins
    counts = np.zeros((n, bins))
    products = np.zeros((2, bins))
    for rows, found in pairs.blocks():
        size = len(found)
        cell = (found + bins * np.arange(size)[:, np.newaxis]).ravel()
        counts[rows] = np.bincount(cell, minlength=size * bins).reshape(size, bins)
        for row, values in enumerate((x, y)):
            weights = np.broadcast_to(values, found.shape).ravel()
            sums = np.bincount(cell, weights, minlength=size * bins).reshape(size, bins)
            products[row] += values[rows] @ sums
    # Each unit was counted as a pair with itself, at distance 0.
    counts[:, 0] -= 1
    products[:, 0] -= n
    pairs_held = counts.sum(axis=0)
    of_x, of_y = np.divide(products, pairs_held, out=np.zeros_like(products), where=pairs_held > 0)
    row_x, row_y = 1 + counts @ of_x, 1 + counts @ of_y
    sum_x, sum_y = row_x.sum(), row_y.sum()
    trace = n + pairs_held @ (of_x * of_y) - 2 / n * (row_x @ row_y) + sum_x * sum_y / n**2
    return float(trace / ((n - sum_x / n) * (n - sum_y / n)))


def _t_test(correlation: float, size: float) -> tuple[float, float]:
    """Give t and its two-sided p-value; NaN where there is no degree of freedom."""
    freedom = size - 2
    if not freedom > ROUNDING:
        return np.nan, np.nan
    left = 1 - correlation**2
    t = np.inf if left <= ROUNDING else abs(correlation) * np.sqrt(freedom / left)
    return float(np.copysign(t, correlation)), float(2 * stdtr(freedom, -t))
