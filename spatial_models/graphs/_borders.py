"""Which polygons touch: by shared vertices and edges, and by geometry where those differ.

1. Equal coordinates get equal numbers, by a hash table that compares them: exact, without
   a tolerance, and -0.0 is 0.0. An edge is an unordered pair of such numbers.
2. Polygons that hold the same vertex (queen) or the same edge (rook) touch: the pattern
   of B'B, where B says which vertex or edge is in which polygon. On a map without
   overlaps few polygons meet in a vertex, so this is linear in the number of vertices n.
3. Where borders touch without sharing vertices, the longer edge is *loose*: it does not
   have one polygon on either side. So is an edge that leads to the point where they
   touch. A tree of the m loose edges finds those that come near each other, in
   O(m log m): outer borders, coasts, and what really differs. Each two are compared by
   the four distances from an end of one to the other.
4. A polygon that overlaps others has loose edges that cross theirs, or a point inside one
   of them. Such polygons, and only they, are intersected with all that they meet.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Self

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from scipy import sparse

from spatial_models.graphs._assembly import Floats, Geometries, Integers

Bools = npt.NDArray[np.bool_]
Criterion = Literal["queen", "rook"]
Ends = tuple[Integers, Integers]

# Points apart by no more than rounding of their coordinates are the same point.
_ROUNDING = 8 * np.finfo(np.float64).eps
_RUN = 16  # edges whose box is looked at first


@dataclass(frozen=True, kw_only=True)
class Borders:
    """Vertices and edges of polygons.

    Points within ``tolerance`` are the same but for rounding. Vertices follow each other
    as in the polygons; ``vertex`` numbers places, so that equal coordinates have equal
    numbers; ``polygon`` says whose each is. An edge is told by the position of its first
    vertex, ``edge_at``, and numbered by ``edge``; ``direction`` is 1 if its polygon lies on
    its left as seen from the vertex of the lower number, and -1 if on its right.
    """

    polygons: Geometries
    xy: Floats
    tolerance: float
    vertex: Integers
    polygon: Integers
    edge_at: Integers
    edge: Integers
    direction: Integers

    @classmethod
    def of(cls, polygons: Geometries) -> Self:
        """Give numbers to the vertices and edges of polygons."""
        _, xy, offsets = shapely.to_ragged_array(polygons, include_z=False, include_m=False)
        # Rings start at vertices, parts at rings, and multipolygons, if any, at parts.
        rings = starts = offsets[0]
        for level in offsets[1:]:
            starts = starts[level]
        vertex = _number(np.ascontiguousarray(xy).view(np.complex128).ravel())
        follows = vertex[:-1] != vertex[1:]
        follows[rings[1:-1] - 1] = False  # the last vertex of a ring starts no edge
        edge_at = np.flatnonzero(follows)
        one, other = vertex[edge_at], vertex[edge_at + 1]
        turned = np.repeat(_turned(xy, offsets), np.diff(rings))
        return cls(
            polygons=polygons,
            xy=xy,
            tolerance=float(_ROUNDING * np.abs(xy).max()),
            vertex=vertex,
            polygon=np.repeat(np.arange(len(polygons)), np.diff(starts)),
            edge_at=edge_at,
            edge=_number_pairs(np.minimum(one, other), np.maximum(one, other)),
            direction=np.where((one < other) ^ turned[edge_at], 1, -1),
        )

    def sharing(self, criterion: Criterion) -> Integers:
        """Link polygons that hold the same vertex, or the same edge, both ways."""
        item, polygon = self.vertex, self.polygon
        if criterion == "rook":
            item, polygon = self.edge, self.polygon[self.edge_at]
        shared = _shared(item, polygon)
        item, polygon = _number(item[shared]), polygon[shared]
        shape = (item.max(initial=-1) + 1, len(self.polygons))
        # Only the pattern is of use: counts that overflow would still be there.
        holds = sparse.csr_array((np.ones(len(item), dtype=np.int32), (item, polygon)), shape)
        together = holds.T.tocsr() @ holds
        together.sort_indices()
        focal = np.repeat(np.arange(len(self.polygons)), np.diff(together.indptr))
        links = self.number(focal, together.indices.astype(np.int64))
        between: Integers = links[focal != together.indices]
        return between

    def number(self, one: Integers, other: Integers) -> Integers:
        """Give a pair of polygons a number, by which pairs sort by their first and second."""
        return one * len(self.polygons) + other

    def pairs(self, one: Integers, other: Integers, known: Integers) -> Integers:
        """Give numbers to pairs not known yet: ascending, the lower polygon first, each once."""
        low, high = np.minimum(one, other), np.maximum(one, other)
        found = np.sort(self.number(low, high)[low != high])
        found = found[np.diff(found, prepend=-1) > 0]
        at = np.searchsorted(known, found)
        new: Integers = found[np.append(known, -1)[at] != found]
        return new

    def ends(self, pairs: Integers) -> Ends:
        """Tell the two polygons of numbered pairs."""
        return np.divmod(pairs, len(self.polygons))

    def loose(self) -> Integers:
        """Find the edges that are not between two polygons, by the positions of their starts."""
        sides = np.bincount(self.edge)
        balance = np.bincount(self.edge, self.direction)
        between = (sides == 2) & (balance == 0)  # noqa: PLR2004  (one on either side)
        loose: Integers = self.edge_at[~between[self.edge]]
        return loose


def _turned(xy: Floats, offsets: tuple[Integers, ...]) -> Bools:
    """Tell which rings have their polygon on their right."""
    rings, parts = offsets[:2]
    start = rings[:-1]
    aside = xy - np.repeat(xy[start], np.diff(rings), axis=0)
    area = np.zeros(len(xy))
    area[:-1] = aside[:-1, 0] * aside[1:, 1] - aside[1:, 0] * aside[:-1, 1]
    area[rings[1:] - 1] = 0  # between the last vertex of a ring and the next ring
    clockwise: Bools = np.add.reduceat(area, start) < 0
    hole = np.ones(len(start), dtype=np.bool_)
    hole[parts[:-1]] = False
    return clockwise ^ hole


def _number(values: npt.NDArray[np.generic]) -> Integers:
    """Give equal values equal numbers from 0."""
    numbers: Integers = pd.factorize(values)[0]
    return numbers


def _number_pairs(first: Integers, second: Integers) -> Integers:
    """Give equal pairs of numbers equal numbers from 0."""
    return _number(first * (second.max(initial=0) + 1) + second)


def _shared(item: Integers, polygon: Integers) -> Bools:
    """Tell for each item whether another polygon has it too."""
    last = np.empty(item.max(initial=-1) + 1, dtype=np.int64)
    last[item] = polygon
    in_several = np.zeros(len(last), dtype=np.bool_)
    in_several[item[polygon != last[item]]] = True
    shared: Bools = in_several[item]
    return shared


def differing(
    borders: Borders, criterion: Criterion, sharing: Integers
) -> tuple[Integers, Integers]:
    """Find the pairs that are not sharing: of polygons that touch, and that overlap.

    They are numbered as by ``Borders.pairs``; no pair is in both.
    """
    loose = borders.loose()
    owner = borders.polygon
    one, other = _near(borders, loose)
    meeting = _Meeting.of(borders, one, other)
    met = meeting.line if criterion == "rook" else meeting.point
    touch = [(owner[one[met]], owner[other[met]])]
    if criterion == "queen":
        touch.append(_around(borders, meeting.ends_on))
    first, second = (np.concatenate(ends) for ends in zip(*touch, strict=True))
    touching = borders.pairs(first, second, known=sharing)
    # Borders may also cross where one has a vertex.
    at_point = meeting.point & ~meeting.line
    corner = borders.pairs(owner[one[at_point]], owner[other[at_point]], known=sharing)
    crossing = meeting.crossing
    suspects = np.concatenate(
        [
            owner[one[crossing]],
            owner[other[crossing]],
            *borders.ends(corner),
            _inside(borders, np.unique(owner[loose])),
        ]
    )
    known = np.sort(np.concatenate([sharing, touching])) if len(touching) else sharing
    more, overlapping = _of_suspects(borders, criterion, np.unique(suspects), known)
    return np.sort(np.concatenate([touching, more])), overlapping


def _near(borders: Borders, loose: Integers) -> Ends:
    """Find loose edges of different polygons whose boxes meet.

    First those of short runs of edges: on most of a coast no other polygon is near.
    """
    runs = np.flatnonzero(
        np.diff(borders.polygon[loose], prepend=-1) | (np.arange(len(loose)) % _RUN == 0)
    )
    near = np.zeros(len(runs), dtype=np.bool_)
    for each in _boxes_meeting(borders, loose, runs):
        near[each] = True
    loose = loose[np.repeat(near, np.diff(runs, append=len(loose)))]
    one, other = _boxes_meeting(borders, loose, np.arange(len(loose)))
    return loose[one], loose[other]


def _boxes_meeting(borders: Borders, edges: Integers, runs: Integers) -> Ends:
    """Find runs of edges, each of one polygon, whose boxes meet those of another polygon."""
    if not len(runs):
        return runs, runs
    start, end = borders.xy[edges], borders.xy[edges + 1]
    low = np.minimum.reduceat(np.minimum(start, end), runs) - borders.tolerance
    high = np.maximum.reduceat(np.maximum(start, end), runs) + borders.tolerance
    boxes = shapely.box(low[:, 0], low[:, 1], high[:, 0], high[:, 1])
    one, other = shapely.STRtree(boxes).query(boxes)
    owner = borders.polygon[edges[runs]]
    apart = (one < other) & (owner[one] != owner[other])
    return one[apart], other[apart]


@dataclass(frozen=True, kw_only=True)
class _Meeting:
    """How pairs of edges meet: in a point, along a line, or crossing.

    ``ends_on`` lists the ends of edges (positions of vertices) that lie on an edge
    (position of its start).
    """

    point: Bools
    line: Bools
    crossing: Bools
    ends_on: Ends

    @classmethod
    def of(cls, borders: Borders, one: Integers, other: Integers) -> Self:
        """Compare pairs of edges, told by the positions of their first vertices."""
        xy, tolerance = borders.xy, borders.tolerance
        ends = np.stack([one, one + 1, other, other + 1])
        edges = np.stack([other, other, one, one])
        on = _distance(xy[ends], xy[edges], xy[edges + 1]) <= tolerance
        # They share a line if two ends that are on the other edge lie apart.
        line = np.zeros(len(one), dtype=np.bool_)
        for i, j in ((0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3)):
            apart = np.linalg.norm(xy[ends[i]] - xy[ends[j]], axis=-1) > 2 * tolerance
            line |= on[i] & on[j] & apart
        side = np.sign(_turn(xy[ends], xy[edges], xy[edges + 1]))
        point = np.asarray(on.any(axis=0))
        crossing = (side[0] * side[1] < 0) & (side[2] * side[3] < 0) & ~point
        return cls(point=point, line=line, crossing=crossing, ends_on=(ends[on], edges[on]))


def _turn(point: Floats, start: Floats, end: Floats) -> Floats:
    """Twice the area of the triangle that a point makes with an edge, signed by its side."""
    along, aside = end - start, point - start
    turn: Floats = along[..., 0] * aside[..., 1] - along[..., 1] * aside[..., 0]
    return turn


def _distance(point: Floats, start: Floats, end: Floats) -> Floats:
    """Distance of points from edges."""
    along, aside = end - start, point - start
    share = (along * aside).sum(axis=-1) / (along * along).sum(axis=-1)
    nearest = start + np.clip(share, 0, 1)[..., None] * along
    distance: Floats = np.linalg.norm(point - nearest, axis=-1)
    return distance


def _around(borders: Borders, ends_on: Ends) -> Ends:
    """Pair every polygon that has a vertex with those on whose edges it lies.

    A corner between two neighbours may touch a third with no loose edge of its own.
    """
    end, edge = ends_on
    n = borders.vertex.max(initial=-1) + 1
    wanted = np.zeros(n, dtype=np.bool_)
    wanted[borders.vertex[end]] = True
    holders = np.flatnonzero(wanted[borders.vertex])
    holds = sparse.csr_array(
        (np.ones(len(holders)), (borders.vertex[holders], borders.polygon[holders])),
        shape=(n, len(borders.polygons)),
    )
    around = holds[borders.vertex[end]].tocoo()
    return around.col.astype(np.int64), borders.polygon[edge[around.row]]


def _inside(borders: Borders, polygons: Integers) -> Integers:
    """Find polygons of which some point within a part is in another, and those others."""
    parts, part_of = shapely.get_parts(borders.polygons[polygons], return_index=True)
    points = shapely.point_on_surface(parts)
    at, holder = shapely.STRtree(borders.polygons).query(points, predicate="intersects")
    owner = polygons[part_of[at]]
    other = holder != owner
    return np.concatenate([owner[other], holder[other]])


def _of_suspects(
    borders: Borders, criterion: Criterion, suspects: Integers, known: Integers
) -> Ends:
    """Find the pairs, not known yet, that suspects are in: that touch, and that overlap.

    Rounding is no overlap.
    """
    tree = shapely.STRtree(borders.polygons)
    at, other = tree.query(borders.polygons[suspects], predicate="intersects")
    pairs = borders.pairs(suspects[at], other, known=known)
    one, other = (shapely.make_valid(borders.polygons[each]) for each in borders.ends(pairs))
    margin = borders.tolerance * (shapely.length(one) + shapely.length(other))
    overlap: Bools = shapely.area(shapely.intersection(one, other)) > margin
    touch = ~overlap
    if criterion == "rook":
        line = shapely.intersection(shapely.boundary(one), shapely.boundary(other))
        touch &= shapely.length(line) > 2 * borders.tolerance
    return pairs[touch], pairs[overlap]
