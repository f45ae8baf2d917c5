"""Surrogate maps: as autocorrelated as a map, and unrelated to any other."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol, Self

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import sparse

from spatial_models._eigenbases import (
    Basis,
    graph_basis,
    kernel_basis,
    one_blas_thread,
    parts_basis,
)
from spatial_models._large_surrogates import Autoregression, Landmarks
from spatial_models._normal_scores import normal_scores
from spatial_models._randomness import Rng, is_whole, open_rng
from spatial_models._tested import (
    Bools,
    Floats,
    align,
    as_floats,
    from_mean,
    is_constant,
    row_standardise,
    select,
    split_self,
)
from spatial_models._trend import orthonormal
from spatial_models.errors import SpatialError
from spatial_models.graphs._positions import Places, Positions

if TYPE_CHECKING:
    from libpysal.graph import Graph

__all__ = ["Parts", "Surrogates", "kernel_surrogates", "moran_surrogates"]

MOST_EXACT = 8_000  # units whose eigenbasis is found; more have a substitute
_EXACT, _SUBSTITUTE = "exact eigenbasis of {n:,} units", "substitute for {n:,} units"
_LABELLED = (gpd.GeoDataFrame, gpd.GeoSeries, pd.DataFrame)


class _Source(Protocol):
    """What surrogates are drawn from."""

    def draw(self, surrogates: int, rng: np.random.Generator) -> Floats:
        """Draw maps (surrogates, n)."""
        ...


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Parts:
    """Smaller places that units are made of.

    Two large areas are as alike as their parts are on average, which the distance of
    their centroids tells badly.

    Attributes
    ----------
    places : geopandas.GeoDataFrame, geopandas.GeoSeries or array_like, shape (m, 2)
        Where the parts are.
    shares : scipy.sparse.csr_array, shape (units, m)
        Share of each part in each unit, in the order of the units; rows sum to 1.
    """

    places: Places
    shares: sparse.csr_array

    def __repr__(self) -> str:
        units, parts = self.shares.shape
        return f"{parts:,} parts of {units:,} units"

    @classmethod
    def of(cls, places: Places, area: pd.Series, weights: pd.Series, ids: pd.Index) -> Self:
        """Weigh the parts of each area, such as by people.

        Parameters
        ----------
        places : geopandas.GeoDataFrame, geopandas.GeoSeries or array_like, shape (m, 2)
            Where the parts are.
        area : pandas.Series, shape (m,)
            Area of each part, in the order of the places; parts of other areas than those
            in `ids` are left out.
        weights : pandas.Series of float, shape (m,)
            Weight of each part, in the same order; missing is nothing.
        ids : pandas.Index
            The areas, in the order of the map. One whose parts weigh nothing has parts
            that weigh the same.

        Returns
        -------
        Parts
            With shares.

        Examples
        --------
        >>> area, people = pd.Series(["a", "a", "b"]), pd.Series([3.0, 1.0, 5.0])
        >>> places = [[0, 0], [1, 0], [2, 0]]
        >>> Parts.of(places, area, people, pd.Index(["a", "b"])).shares.toarray()
        array([[0.75, 0.25, 0.  ],
               [0.  , 0.  , 1.  ]])
        """
        at = ids.get_indexer(pd.Index(area))
        weight = weights.fillna(0.0).to_numpy(dtype=np.float64)
        totals = np.bincount(at[at >= 0], weight[at >= 0], minlength=len(ids))
        weight = np.where(totals[at] > 0, weight, 1.0)
        totals = np.bincount(at[at >= 0], weight[at >= 0], minlength=len(ids))
        inside = np.flatnonzero((at >= 0) & (weight > 0))
        shares = sparse.csr_array(
            (weight[inside] / totals[at[inside]], (at[inside], inside)), shape=(len(ids), len(at))
        )
        return cls(places=Positions.of(places), shares=shares)


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Surrogates:
    """Where maps are drawn from that are as autocorrelated as a map, and otherwise random.

    Whatever relation another map has to the original, it has to its surrogates only by
    chance: so they are the null of a test of association between two maps, both of which
    may be autocorrelated. Made by `moran_surrogates` and `kernel_surrogates`.

    Attributes
    ----------
    family : {"moran", "kernel"}
        Which maps count as equally autocorrelated.
    n : int
        Units that take part.
    mask : numpy.ndarray of bool, shape (units,)
        Which of the caller's units take part.
    method : str
        How the maps are made, in words.
    """

    family: Literal["moran", "kernel"]
    n: int
    mask: Bools
    method: str
    _source: _Source

    def __repr__(self) -> str:
        return f"Surrogates ({self.family}): {self.method}"

    def draw(self, surrogates: int, *, rng: Rng) -> Floats:
        """Draw surrogate maps.

        Parameters
        ----------
        surrogates : int
            How many, from 1.
        rng : int, numpy.random.Generator or None
            Source of randomness. The same seed gives the same maps, to the last byte and
            with any number of threads.

        Returns
        -------
        numpy.ndarray of float, shape (surrogates, n)
            A map each row, of the units that take part.

        Raises
        ------
        SpatialError
            If the number is not a whole number from 1.

        Examples
        --------
        >>> from libpysal.graph import Graph
        >>> ring = Graph.from_arrays(range(8), [1, 2, 3, 4, 5, 6, 7, 0], [1] * 8)
        >>> moran_surrogates([1, 2, 3, 4, 5, 6, 7, 8], ring).draw(99, rng=1).shape
        (99, 8)
        """
        if not is_whole(surrogates, 1):
            message = f"found surrogates={surrogates!r}; expected a whole number from 1"
            raise SpatialError(message)
        generator, _ = open_rng(rng)
        return self._source.draw(int(surrogates), generator)


@dataclass(frozen=True, kw_only=True, eq=False)
class _Turned:
    """Maps turned in an eigenbasis, about a mean and in a unit of 2 to some power."""

    basis: Basis
    coefficients: Floats
    mean: float
    exponent: int

    def draw(self, surrogates: int, rng: np.random.Generator) -> Floats:
        turned = self.basis.turn(self.coefficients, surrogates, rng)
        turned += self.mean
        return np.asarray(np.ldexp(turned, self.exponent))


@dataclass(frozen=True, kw_only=True, eq=False)
class _Ranked:
    """Maps that have the values of the original, in the order of the ranks of others."""

    source: _Source
    ordered: Floats

    def draw(self, surrogates: int, rng: np.random.Generator) -> Floats:
        maps = self.source.draw(surrogates, rng)
        order = np.argsort(maps, axis=1, kind="stable")
        np.put_along_axis(maps, order, self.ordered[None], axis=1)
        return maps


@dataclass(frozen=True, kw_only=True, eq=False)
class _Beneath:
    """Maps out of which a trend or covariates are taken, as they were out of the original."""

    source: _Source
    outside: Floats

    @classmethod
    def of(cls, source: _Source, outside: Floats | None) -> _Source:
        """Leave the source as it is where nothing is to be taken out."""
        return source if outside is None else cls(source=source, outside=outside)

    def draw(self, surrogates: int, rng: np.random.Generator) -> Floats:
        maps = self.source.draw(surrogates, rng)
        with one_blas_thread():
            left: Floats = maps - (maps @ self.outside) @ self.outside.T
        return left


def moran_surrogates(
    values: pd.Series | npt.ArrayLike,
    graph: Graph,
    *,
    beneath: Floats | None = None,
    cache: str | Path | None = None,
) -> Surrogates:
    """Keep the mean, the variance and Moran's I of a map, and make the rest random.

    Moran spectral randomisation: the map is expressed in the eigenvectors of the weights,
    and each coefficient gets a random sign. In a space of eigenvectors with equal
    eigenvalues, where no basis is better than another, the part of the map in that space
    is turned to a random direction.

    The weights are those of the graph among the units that take part, without the weight
    of a unit on itself, row-standardised and then made symmetric; Moran's I under
    row-standardised weights is the same in every surrogate. (Beneath a trend, of what the
    map has besides the trend: give what a regression has left.) Units without a value, and
    units without a neighbour that has one, take no part.

    The surrogates have other values than the map: those of counts or rates may be negative.

    Parameters
    ----------
    values : pandas.Series or array_like, shape (units,)
        One number a unit (a Series is matched by index, an array is in the graph's
        order); NaN where missing.
    graph : libpysal.graph.Graph
        Neighbours and weights.
    beneath : numpy.ndarray of float, shape (units, k), optional
        Terms of a trend, or covariates, that were taken out of the map by regression. The
        surrogates are drawn among maps that have nothing of them: else they would hold a
        trend by chance that the map cannot have, and spread too far or too little.
    cache : str or pathlib.Path, optional
        Folder in which eigenbases are kept for later runs, by the content of the weights.
        Only use a folder of your own: its files are pickles, which can hold code. Without
        a folder, the last few bases stay in memory.

    Returns
    -------
    Surrogates
        In the graph's order. Of more than 8,000 units the map is taken for a simultaneous
        autoregression, whose residuals are permuted: then the surrogates have the values
        of the map and Moran's I only nearly. On maps of broad patterns a test that rests on
        them alone rejects too often, one that also asks `kernel_surrogates` does not.
        `Surrogates.method` says so.

    Raises
    ------
    SpatialError
        If the map does not vary, values are infinite or do not fit the graph, or the
        folder cannot be written to.

    References
    ----------
    Wagner, H. H. and Dray, S. (2015). Generating spatially constrained null models for
    irregularly spaced data using Moran spectral randomization methods. Methods in Ecology
    and Evolution 6, 1169-1178.

    Examples
    --------
    >>> from libpysal.graph import Graph
    >>> ring = Graph.from_arrays(range(8), [1, 2, 3, 4, 5, 6, 7, 0], [1] * 8)
    >>> surrogates = moran_surrogates([1, 2, 3, 4, 5, 6, 7, 8], ring)
    >>> surrogates
    Surrogates (moran): exact eigenbasis of 8 units
    >>> surrogates.draw(99, rng=1).mean(axis=1).round(9)[:3]
    array([4.5, 4.5, 4.5])
    """
    numbers = align(values, graph)
    tested = select(np.isnan(numbers), graph)
    map_ = _varying(numbers[tested.mask])
    outside = _outside(beneath, tested.mask)
    weights = row_standardise(split_self(tested.weights)[0])
    source: _Source
    if tested.n > MOST_EXACT:
        fitted = Autoregression.fit(normal_scores(map_), weights)
        source = _Ranked(source=_Beneath.of(fitted, outside), ordered=np.sort(map_))
        method = f"{_SUBSTITUTE}: simultaneous autoregression, rho = {fitted.rho:.2f}"
    else:
        basis = graph_basis((weights + weights.T) / 2, cache, outside=outside)
        source, method = _turned(map_, basis), _EXACT
    return Surrogates(
        family="moran",
        n=tested.n,
        mask=tested.mask,
        method=method.format(n=tested.n),
        _source=source,
    )


def _turned(map_: Floats, basis: Basis) -> _Turned:
    exponent = int(np.frexp(np.abs(map_).max())[1])
    scaled = np.ldexp(map_, -exponent)  # squares of very large values would overflow
    return _Turned(
        basis=basis,
        coefficients=basis.coefficients(from_mean(scaled)),
        mean=float(scaled.mean()),
        exponent=exponent,
    )


def kernel_surrogates(
    values: pd.Series | npt.ArrayLike,
    places: Places,
    *,
    length: float | None = None,
    parts: Parts | None = None,
    beneath: Floats | None = None,
    cache: str | Path | None = None,
    rng: Rng = None,
) -> Surrogates:
    """Keep the values of a map and about how alike they are at each distance.

    The normal scores of the values are expressed in the eigenvectors of the doubly centred
    kernel exp(-distance / length), each coefficient gets a random sign, and the ranks of
    the resulting map are given the values of the original. (In a space of eigenvectors
    with equal eigenvalues the part of the map in that space is turned to a random
    direction.) So every surrogate has exactly the values of the map, and its
    autocorrelation nearly.

    Parameters
    ----------
    values : pandas.Series or array_like, shape (units,)
        One number a unit, in the order of the places; NaN where missing: such a unit takes
        no part.
    places : geopandas.GeoDataFrame, geopandas.GeoSeries or array_like, shape (units, 2)
        Points or polygons, which stand at their centroid. Distances are metres on the
        sphere where the coordinate system is geographic, else straight, in its unit; of an
        array they are straight.
    length : float, optional
        Distance over which the kernel falls to 1/e, in that unit. By default a tenth of
        the diagonal of the box around the places (on the sphere, of the box around them in
        space).
    parts : Parts, optional
        Smaller places that the units are made of, where they are areas that differ in size:
        the kernel between two units is then its mean over pairs of their parts.
    beneath : numpy.ndarray of float, shape (units, k), optional
        Terms of a trend, or covariates, that were taken out of the map by regression. The
        surrogates are drawn among maps that have nothing of them: else they would hold a
        trend by chance that the map cannot have, and spread too far or too little.
    cache : str or pathlib.Path, optional
        Folder in which eigenbases are kept for later runs, by the content of coordinates
        and length. Only use a folder of your own: its files are pickles, which can hold
        code. Without a folder, the last few bases stay in memory.
    rng : int, numpy.random.Generator or None
        Source of randomness that puts equal values in an order, once for all surrogates.

    Returns
    -------
    Surrogates
        In the order of the places. Of more than 8,000 units only the leading eigenvectors
        are found, and what they leave of the map is permuted; `Surrogates.method` says so.

    Raises
    ------
    SpatialError
        If the map does not vary, values are infinite or do not fit the places, the length
        is no distance, or the folder cannot be written to.

    References
    ----------
    Blom, G. (1958). Statistical Estimates and Transformed Beta-Variables. Wiley.

    Examples
    --------
    >>> places = [[0, 0], [1, 0], [2, 0], [0, 1], [1, 1], [2, 1]]
    >>> surrogates = kernel_surrogates([1, 2, 4, 1, 3, 5], places, rng=1)
    >>> surrogates
    Surrogates (kernel): exact eigenbasis of 6 units
    >>> np.sort(surrogates.draw(2, rng=1))
    array([[1., 1., 2., 3., 4., 5.],
           [1., 1., 2., 3., 4., 5.]])
    """
    generator, _ = open_rng(rng)
    numbers = _in_order(values, places)
    mask = ~np.isnan(numbers)
    map_ = _varying(numbers[mask])
    outside = _outside(beneath, mask)
    positions = Positions.of(_only(places, mask))
    reach = _check_length(length, positions)
    ranks = np.empty(map_.size)
    ranks[np.lexsort((generator.random(map_.size), map_))] = np.arange(map_.size)
    scores = normal_scores(ranks)
    source: _Source
    if map_.size > MOST_EXACT:
        fitted = Landmarks.fit(from_mean(scores), positions, reach, cache)
        source = _Beneath.of(fitted, outside)
        method = f"{_SUBSTITUTE}: {fitted.basis.eigenvalues.size:,} leading eigenvectors"
    else:
        if parts is None:
            basis = kernel_basis(positions, reach, cache, outside=outside)
        else:
            basis = _of_parts(parts, mask, reach, cache, outside=outside)
        source, method = _turned(scores, basis), _EXACT
    return Surrogates(
        family="kernel",
        n=map_.size,
        mask=mask,
        method=method.format(n=map_.size),
        _source=_Ranked(source=source, ordered=np.sort(map_)),
    )


def _of_parts(
    parts: Parts, mask: Bools, length: float, cache: str | Path | None, *, outside: Floats | None
) -> Basis:
    """Find the basis of the units that take part, made of parts."""
    if parts.shares.shape[0] != mask.size:
        message = (
            f"found parts of {parts.shares.shape[0]:,} units for {mask.size:,} units; expected "
            "shares in the order of the units"
        )
        raise SpatialError(message)
    shares = sparse.csr_array(parts.shares[mask])
    used = np.zeros(shares.shape[1], dtype=bool)
    used[shares.indices] = True
    positions = Positions.of(_only(parts.places, used))
    return parts_basis(positions, shares[:, used], length, cache, outside=outside)


def _outside(beneath: Floats | None, mask: Bools) -> Floats | None:
    """Make orthonormal maps of the terms, over the units that take part."""
    if beneath is None or not beneath.shape[1]:
        return None
    if len(beneath) != mask.size or np.isnan(beneath[mask]).any():
        message = (
            f"found terms of shape {beneath.shape}, or missing ones, for {mask.size:,} units; "
            "expected numbers for each unit with a value"
        )
        raise SpatialError(message)
    with one_blas_thread():
        return orthonormal(beneath[mask])


def _varying(map_: Floats) -> Floats:
    """Refuse a map all of whose values are equal."""
    if is_constant(map_):
        message = (
            f"found no variation among the {map_.size:,} units that take part; "
            "expected values that differ"
        )
        raise SpatialError(message)
    return map_


def _in_order(values: pd.Series | npt.ArrayLike, places: Places) -> Floats:
    """Take values as floats, one each place."""
    numbers = as_floats(values)
    if isinstance(values, pd.Series) and isinstance(places, _LABELLED):
        _check_index(values.index, places.index)
    n = (places.n,) if isinstance(places, Positions) else np.shape(places)[:1]
    if numbers.shape != n:
        message = f"found values of shape {numbers.shape}; expected one each place"
        raise SpatialError(message)
    if np.isinf(numbers).any():
        message = "found infinite values; expected numbers: give NaN where a value is missing"
        raise SpatialError(message)
    return numbers


def _check_index(units: pd.Index, of_places: pd.Index) -> None:
    if not units.equals(of_places):
        message = (
            "found values and places of different index; expected the same units in the same "
            "order: use `values.reindex(places.index)`"
        )
        raise SpatialError(message)


def _only(places: Places, mask: Bools) -> Places:
    """Leave out places that take no part; their geometry may be missing."""
    if isinstance(places, Positions):
        return places.only(mask)
    if isinstance(places, _LABELLED):
        return places[mask]
    return np.asarray(places)[mask]


def _check_length(length: float | None, positions: Positions) -> float:
    """Take the length of a kernel, or a tenth of the diagonal of the box around places."""
    if length is None:
        box = np.ptp(positions.points, axis=0)
        length = float(positions.on_ground(np.sqrt(np.square(box).sum(keepdims=True)))[0]) / 10
        if length == 0:
            message = "found all places at one point; expected places apart, or a length"
            raise SpatialError(message)
    if not 0 < length < np.inf:
        message = f"found length = {length!r}; expected a number above zero"
        raise SpatialError(message)
    return float(length)
