"""Surrogate maps of one map, drawn once, against which others are compared (M5)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

import numpy as np
import pandas as pd
from scipy import sparse

from spatial_models._hot_sets import hot_sets
from spatial_models._parallel import map_pieces
from spatial_models._randomness import Rng, draw_seed, is_whole, open_rng
from spatial_models._tested import Bools, Floats, select, split_self
from spatial_models._trend import covariate_terms, quadratic_trend, residuals
from spatial_models.errors import SpatialError
from spatial_models.graphs._positions import Places, Positions
from spatial_models.hot_spots import HotSpots, scores_again
from spatial_models.surrogates import Parts, Surrogates, kernel_surrogates, moran_surrogates

if TYPE_CHECKING:
    from libpysal.graph import Graph

__all__ = ["FAMILIES", "AdjustedMap", "Adjustment", "Family", "SurrogateMaps", "surrogate_maps"]

Family = Literal["moran", "kernel"]
Adjustment = Literal["none", "trend", "covariates"]

FAMILIES: Final[tuple[Family, ...]] = ("moran", "kernel")
"""Family W, which keeps Moran's I, and family K, which keeps the values."""

_A_PIECE: Final = 100  # surrogate maps; a part of what a seed means


@dataclass(frozen=True, kw_only=True, repr=False, eq=False)
class AdjustedMap:
    """The map, or what a trend or covariates leave of it, and its surrogates.

    Attributes
    ----------
    terms : numpy.ndarray of float, shape (n, k)
        What is taken out of both maps by regression; no terms for the map as it is.
    spots : HotSpots
        Hot and cold spots of the map after that.
    scores : mapping of str to numpy.ndarray of float, shape (surrogates, tested)
        By family, the surrogates' scores over the units tested.
    hot : mapping of str to numpy.ndarray of bool, shape (surrogates, tested)
        By family, which of them are hot; empty where that was not asked for.
    """

    terms: Floats
    spots: HotSpots
    scores: Mapping[Family, Floats]
    hot: Mapping[Family, Bools]


@dataclass(frozen=True, kw_only=True, repr=False, eq=False)
class SurrogateMaps:
    """Surrogates of one map, for comparisons with any number of others.

    Attributes
    ----------
    ids : pandas.Index
        Identifiers of the units.
    places : Positions
        Where the units are.
    surrogates : int
        Number of surrogate maps of each family.
    families : tuple of str
        Families drawn: ``"moran"`` (W), ``"kernel"`` (K).
    methods : mapping of str to str
        How each family was drawn, in words; empty where none was.
    length : float or None
        Length of the kernel of family K, in metres or units of the coordinates.
    adjusted : mapping of str to AdjustedMap
        Under ``"none"`` the map as it is, under ``"trend"`` its trend-removed twin, under
        ``"covariates"`` what covariates and the trend leave of it, where they were given.
    seed : int or None
        Seed, where the caller gave one.
    """

    ids: pd.Index
    places: Positions
    surrogates: int
    families: tuple[Family, ...]
    methods: Mapping[Family, str]
    length: float | None
    adjusted: Mapping[Adjustment, AdjustedMap]
    seed: int | None

    def __repr__(self) -> str:
        return (
            f"{self.surrogates:,} surrogate maps of each family ({', '.join(self.families)}) of "
            f"{self.adjusted['none'].spots.test.n:,} units"
        )

    def retested(self, second: HotSpots, graph: Graph) -> SurrogateMaps:
        """Test the same surrogate maps at the level of another result of the same map.

        Parameters
        ----------
        second : HotSpots
            The same map, tested at another level.
        graph : libpysal.graph.Graph
            The graph that it rests on.

        Returns
        -------
        SurrogateMaps
            The same maps with other hot sets.
        """
        adjusted = {}
        for name, one in self.adjusted.items():
            spots = adjust(second, one.terms, graph)
            work = _piece_tester(spots, graph)
            hot = {
                family: np.concatenate([work(piece)[1] for piece in _pieces_of(maps)])
                for family, maps in one.scores.items()
                if family in one.hot
            }
            adjusted[name] = replace(one, spots=spots, hot=hot)
        return replace(self, adjusted=adjusted)


def surrogate_maps(
    second: HotSpots,
    graph: Graph,
    places: Places,
    *,
    surrogates: int = 999,
    length: float | None = None,
    families: tuple[Family, ...] = FAMILIES,
    parts: Parts | None = None,
    overlap: bool = True,
    covariates: pd.DataFrame | None = None,
    rng: Rng = None,
    cache: str | Path | None = None,
    executor: Executor | None = None,
) -> SurrogateMaps:
    """Draw maps that are as clustered as a map, but lie elsewhere.

    They are drawn of the normal scores that were tested, and tested in the same way. Of
    the map without its broad trend (a quadratic surface of the coordinates) others are
    drawn, since two maps that share a broad gradient defeat every test; and others of
    what covariates and the trend leave, where covariates are given.

    Parameters
    ----------
    second : HotSpots
        A single map (not draws).
    graph : libpysal.graph.Graph
        The graph that it rests on.
    places : geopandas.GeoDataFrame, geopandas.GeoSeries or array_like, shape (n, 2)
        Where the units are, in the order of the graph.
    surrogates : int, default 999
        Number of surrogate maps of each family; 0 only takes trend and covariates out.
    length : float, optional
        Length of the kernel of family K, in metres where coordinates are geographic,
        else in their unit; a tenth of the map's diagonal by default.
    families : tuple of {"moran", "kernel"}
        Families to draw.
    parts : Parts, optional
        Smaller places that the units are made of, where they are areas that differ in size;
        for family K and the trend.
    overlap : bool, default True
        Whether to find the hot spots of every surrogate map, which kappa needs.
    covariates : pandas.DataFrame, optional
        Numbers by unit, indexed by identifier; their normal scores and the squares of
        these are taken out, together with the trend. Units where one is missing take no
        part in the comparison given them.
    rng : int, numpy.random.Generator or None
        Source of randomness.
    cache : str or pathlib.Path, optional
        Folder in which eigenbases are kept from run to run.
    executor : concurrent.futures.Executor, optional
        Where surrogate maps are tested; threads on all cores by default. The result does
        not depend on it.

    Returns
    -------
    SurrogateMaps
        Without surrogates where the map does not vary.

    Raises
    ------
    SpatialError
        If the map has draws, or units do not match.

    References
    ----------
    Wagner, H. H. and Dray, S. (2015). Generating spatially constrained null models for
    irregularly spaced data using Moran spectral randomization methods. Methods in
    Ecology and Evolution 6, 1169-1178.

    Examples
    --------
    >>> from libpysal.graph import Graph
    >>> from spatial_models import hot_spots
    >>> ring = Graph.from_arrays(range(6), [1, 2, 3, 4, 5, 0], [1] * 6)
    >>> places = [[0, 0], [1, 0], [2, 1], [1, 2], [0, 2], [-1, 1]]
    >>> surrogate_maps(hot_spots([9, 8, 7, 1, 2, 3], ring), ring, places, surrogates=9, rng=1)
    9 surrogate maps of each family (moran, kernel) of 6 units
    """
    _check(second, graph, positions := Positions.of(places), surrogates, families, overlap=overlap)
    n = positions.n
    generator, seed = open_rng(rng)
    trend = quadratic_trend(positions)
    if parts is not None:  # of an area, the mean of the surface over its parts
        trend = np.asarray(parts.shares @ quadratic_trend(Positions.of(parts.places)))
    terms: dict[Adjustment, Floats] = {"none": np.empty((n, 0)), "trend": trend}
    if covariates is not None:
        more = covariate_terms(covariates, graph.unique_ids)
        terms["covariates"] = np.column_stack([trend, more])
    root = draw_seed(generator)
    methods: dict[Family, str] = {}
    adjusted = {}
    for step, (name, out) in enumerate(terms.items()):
        spots = adjust(second, out, graph)
        scores: dict[Family, Floats] = {}
        hot: dict[Family, Bools] = {}
        if surrogates and spots.test.tested.any():
            for family in families:
                values = np.where(spots.test.tested, spots.scores, np.nan)
                stream = [root, step, FAMILIES.index(family)]
                source = (
                    moran_surrogates(values, graph, beneath=out, cache=cache)
                    if family == "moran"
                    else kernel_surrogates(
                        values,
                        positions,
                        length=length,
                        parts=parts,
                        beneath=out,
                        cache=cache,
                        rng=np.random.default_rng([*stream, 0]),
                    )
                )
                methods[family] = source.method
                pieces = _draw(source, surrogates, stream=[*stream, 1])
                if overlap:
                    found = list(map_pieces(_piece_tester(spots, graph), pieces, executor))
                    hot[family] = np.concatenate([units for _, units in found])
                    pieces = (maps for maps, _ in found)
                scores[family] = np.concatenate(list(pieces))
        adjusted[name] = AdjustedMap(terms=out, spots=spots, scores=scores, hot=hot)
    return SurrogateMaps(
        ids=graph.unique_ids,
        places=positions,
        surrogates=surrogates,
        families=families,
        methods=methods,
        length=length,
        adjusted=adjusted,
        seed=seed,
    )


def _check(
    second: HotSpots,
    graph: Graph,
    positions: Positions,
    surrogates: int,
    families: tuple[Family, ...],
    *,
    overlap: bool,
) -> None:
    """Refuse what does not belong together."""
    if second.draws > 1:
        message = f"found {second.draws} draws of the second map; expected a single map"
        raise SpatialError(message)
    if not second.test.ids.equals(graph.unique_ids):
        message = "found results on other units than the graph's; expected the same units"
        raise SpatialError(message)
    if overlap and surrogates and second.test.permutations:
        message = (
            "found hot spots by permutation; expected them by formula (permutations=0), as the "
            "hot spots of surrogate maps are: else the set tested is not the set drawn"
        )
        raise SpatialError(message)
    if not is_whole(surrogates, 0):
        message = f"found surrogates={surrogates!r}; expected a whole number from 0"
        raise SpatialError(message)
    if not families or not set(families) <= set(FAMILIES):
        message = f"found families={families!r}; expected some of {FAMILIES}"
        raise SpatialError(message)
    n = len(second.scores)
    if positions.n != n:
        message = f"found {positions.n:,} places for {n:,} units; expected one each"
        raise SpatialError(message)


def adjust(spots: HotSpots, terms: Floats, graph: Graph) -> HotSpots:
    """Test what a regression leaves of each draw.

    Parameters
    ----------
    spots : HotSpots
        A map, or draws of it.
    terms : numpy.ndarray of float, shape (n, k)
        What is taken out; without terms, the map stays as it is.
    graph : libpysal.graph.Graph
        Neighbours and weights.

    Returns
    -------
    HotSpots
        Of the residuals; units where a term is missing take no part.
    """
    if not terms.shape[1]:
        return spots
    known = spots.test.tested & ~np.isnan(terms).any(axis=1)
    if known.sum() <= terms.shape[1] + 1:
        return scores_again(spots, np.full(spots.score_draws.shape, np.nan), graph)
    return scores_again(spots, residuals(spots.score_draws, terms, known), graph)


def _draw(source: Surrogates, surrogates: int, *, stream: list[int]) -> Iterator[Floats]:
    """Draw surrogates piece by piece, each of a stream of its own."""
    for number, first in enumerate(range(0, surrogates, _A_PIECE)):
        size = min(_A_PIECE, surrogates - first)
        yield source.draw(size, rng=np.random.default_rng([*stream, number]))


def _piece_tester(spots: HotSpots, graph: Graph) -> partial[tuple[Floats, Bools]]:
    """Make the test of a piece of surrogate maps that was made of the map itself."""
    tested = select(~spots.test.tested, graph)
    return partial(
        _test_piece,
        neighbours=split_self(tested.weights)[0],
        alpha=spots.alpha,
        within=spots.score_variance,
    )


def _pieces_of(maps: Floats) -> Iterator[Floats]:
    for first in range(0, len(maps), _A_PIECE):
        yield maps[first : first + _A_PIECE]


def _test_piece(
    maps: Floats, *, neighbours: sparse.csr_array, alpha: float, within: float
) -> tuple[Floats, Bools]:
    return maps, hot_sets(maps, neighbours, alpha=alpha, within=within)
