"""Results show themselves shortly: nobody scrolls past 3,000 numbers in a notebook."""

from collections.abc import Iterator
from dataclasses import is_dataclass
from functools import cache

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

import spatial_models as sm

SIDE = 30
MOST_LETTERS = 400
MOST_LINES = 3


def results() -> Iterator[object]:
    row, column = np.divmod(np.arange(SIDE**2), SIDE)
    squares = gpd.GeoDataFrame(geometry=shapely.box(column, row, column + 1, row + 1), crs=5070)
    points = np.column_stack([column, row]).astype(float)
    graph = sm.contiguity(squares).transform("R")
    chance = np.random.default_rng(0)
    one, other = chance.normal(size=(2, SIDE**2)) - np.hypot(row - 9, column - 9) / 3
    people = chance.integers(100, 9_000, SIDE**2).astype(float)
    cases = pd.Series(chance.poisson(people / 100).astype(float))
    marks = (one > -3).astype(float)
    yield sm.moran(one, graph, permutations=99, rng=0)
    yield sm.lee(one, other, graph, permutations=99, rng=0)
    yield sm.join_count(marks, graph, permutations=99, rng=0)
    yield sm.local_moran(one, graph, permutations=99, rng=0)
    yield sm.local_lee(one, other, graph, permutations=99, rng=0)
    yield sm.modified_t_test(one, other, points)
    spots = [sm.hot_spots(values, graph) for values in (one, other)]
    yield spots[0]
    rates = sm.rate_hot_spots(cases, people, graph)
    yield rates
    yield sm.fuzzy_kappa(spots[0].test.classes, spots[1].test.classes, graph)
    yield sm.empirical_bayes(cases, people)
    yield sm.empirical_bayes(cases * np.nan, people)
    yield sm.local_empirical_bayes(cases, people, graph)
    yield sm.spatial_rate(cases, people, graph)
    scan = sm.scan_poisson(cases, people, points, replicates=9, rng=0)
    yield scan
    yield scan.clusters[0]
    yield sm.moran_surrogates(one, graph)
    yield sm.Parts.of(points, pd.Series(row), cases, pd.Index(range(SIDE)))
    null = sm.surrogate_maps(spots[1], graph, points, surrogates=19, rng=0)
    yield null
    comparison = sm.compare_hotspots(spots[0], spots[1], graph, null=null)
    yield comparison
    yield comparison.measures["lee"]
    yield comparison.measures["lee"].p
    yield sm.NoPValue(reason="no surrogate maps were drawn")


@cache
def shown() -> list[tuple[type, str]]:
    return [(type(result), repr(result)) for result in results()]


def test_every_result_is_short_and_holds_no_array() -> None:
    for kind, text in shown():
        assert 10 < len(text) < MOST_LETTERS, (kind, text)
        assert len(text.splitlines()) <= MOST_LINES, (kind, text)
        assert "array(" not in text, (kind, text)
        assert " object at 0x" not in text, (kind, text)


def test_no_public_result_is_forgotten() -> None:
    public = [getattr(sm, name) for name in sm.__all__]
    kinds = {thing for thing in public if isinstance(thing, type) and is_dataclass(thing)}
    assert kinds == {kind for kind, _ in shown()}


@pytest.mark.parametrize(
    ("cases", "words"),
    [
        ([1.0, 2.0, 30.0], "rates of 3 of 3 units, 0.1 to 1, smoothed 0.1611 to 0.9573 towards"),
        ([np.nan, 2.0, 30.0], "rates of 2 of 3 units, 0.1 to 1, smoothed"),
    ],
)
def test_rates_tell_their_range(cases: list[float], words: str) -> None:
    assert repr(sm.empirical_bayes(cases, [10.0, 20.0, 30.0])).startswith(words)
