"""Agreement of two sets and two maps of classes: by hand, other software, limits, properties."""

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from sklearn.metrics import (  # type: ignore[import-untyped]
    confusion_matrix,
    f1_score,
    jaccard_score,
    recall_score,
)

from spatial_models.agreement import (
    class_codes,
    cohen_kappa,
    cross_table,
    dice,
    jaccard,
    share_inside,
)
from spatial_models.errors import SpatialError
from spatial_models.getis_ord import SIGNIFICANCE_CLASSES

Bools = npt.NDArray[np.bool_]

fixed = settings(deadline=None, derandomize=True, max_examples=60)

NONE = np.zeros(4, dtype=bool)
ALL = ~NONE
LEFT = np.array([True, True, False, False])

sets = st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=30).map(
    lambda pairs: (np.array([a for a, _ in pairs]), np.array([b for _, b in pairs]))
)


def test_by_hand() -> None:
    # 3 and 4 members, 2 of them shared, 5 in either.
    first = np.array([True, True, True, False, False, False])
    second = np.array([False, True, True, True, True, False])
    assert jaccard(first, second) == 2 / 5
    assert dice(first, second) == 4 / 7
    assert share_inside(first, second) == 2 / 3
    assert share_inside(second, first) == 2 / 4
    assert share_inside(first, second, mass=[5, 3, 2, 9, 9, 9]) == 5 / 10


@fixed
@given(sets)
def test_measures_are_those_of_scikit_learn(drawn: tuple[Bools, Bools]) -> None:
    first, second = drawn
    assume(first.any() and second.any())
    assert jaccard(first, second) == pytest.approx(jaccard_score(first, second))
    assert dice(first, second) == pytest.approx(f1_score(first, second))
    assert share_inside(first, second) == pytest.approx(recall_score(first, second))
    masses = np.arange(1, first.size + 1)
    expected = recall_score(first, second, sample_weight=masses)
    assert share_inside(first, second, mass=masses) == pytest.approx(expected)


@pytest.mark.parametrize("measure", [cohen_kappa, jaccard, dice, share_inside])
def test_a_set_agrees_wholly_with_itself(measure: object) -> None:
    assert callable(measure)
    assert measure(LEFT, LEFT) == 1


@pytest.mark.parametrize("measure", [jaccard, dice, share_inside])
def test_disjoint_sets_do_not_agree(measure: object) -> None:
    assert callable(measure)
    assert measure(LEFT, ~LEFT) == 0
    assert measure(LEFT, NONE) == 0
    assert cohen_kappa(LEFT, ~LEFT) == -1


@pytest.mark.parametrize("measure", [cohen_kappa, jaccard, dice, share_inside])
def test_empty_sets_have_no_agreement(measure: object) -> None:
    assert callable(measure)
    assert np.isnan(measure(NONE, NONE))
    assert np.isnan(measure(NONE[:0], NONE[:0]))
    assert np.isnan(share_inside(NONE, LEFT))


@fixed
@given(sets)
def test_order_of_the_sets_and_of_the_units(drawn: tuple[Bools, Bools]) -> None:
    first, second = drawn
    for measure in (cohen_kappa, jaccard, dice):
        np.testing.assert_equal(measure(first, second), measure(second, first))
        np.testing.assert_equal(measure(first[::-1], second[::-1]), measure(first, second))
    if (first | second).any():
        overlap = jaccard(first, second)
        assert dice(first, second) == pytest.approx(2 * overlap / (1 + overlap))


def test_a_mass_that_is_missing_takes_no_part() -> None:
    assert share_inside(LEFT, ALL, mass=[np.nan, 2, 3, 4]) == 1
    assert share_inside(LEFT, np.roll(LEFT, 1), mass=[np.nan, 2, 3, 4]) == 1
    assert share_inside(LEFT, np.roll(LEFT, -1), mass=[3, 1, np.nan, 4]) == 3 / 4
    assert np.isnan(share_inside(LEFT, ALL, mass=[0, 0, 3, 4]))
    assert np.isnan(share_inside(LEFT, ALL, mass=[np.nan, np.nan, 3, 4]))


def test_a_mass_may_be_whole_numbers_that_are_masked() -> None:
    masses = pd.Series([1, None, 3, 4], dtype="Int64")
    assert share_inside(LEFT, ALL, mass=masses) == 1


@pytest.mark.parametrize("mass", [[-1, 1, 1, 1], [np.inf, 1, 1, 1]])
def test_no_mass_is_below_nothing_or_without_bound(mass: list[float]) -> None:
    with pytest.raises(SpatialError, match="negative or infinite masses"):
        share_inside(LEFT, ALL, mass=mass)


def test_masses_are_one_a_unit() -> None:
    with pytest.raises(SpatialError, match=r"masses of shape \(3,\); expected \(4,\)"):
        share_inside(LEFT, ALL, mass=[1, 2, 3])


@fixed
@given(st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7)), max_size=40))
def test_cross_table_counts_pairs_of_classes(pairs: list[tuple[int, int]]) -> None:
    names = np.array([*SIGNIFICANCE_CLASSES, "no data"])
    first = names[[a for a, _ in pairs]] if pairs else names[:0]
    second = names[[b for _, b in pairs]] if pairs else names[:0]
    table = cross_table(first, second, labels=("arrests", "crime"))
    inside = (first != "no data") & (second != "no data")
    if inside.any():
        peer = confusion_matrix(first[inside], second[inside], labels=SIGNIFICANCE_CLASSES)
        assert (table.to_numpy() == peer).all()
    assert table.to_numpy().sum() == inside.sum()
    turned = cross_table(second, first, labels=("crime", "arrests"))
    pd.testing.assert_frame_equal(turned, table.T)


def test_cross_table_names_maps_and_all_classes() -> None:
    table = cross_table(["hot 99%"], ["cold 90%"], labels=("arrests", "crime"))
    assert (table.index.name, table.columns.name) == ("arrests", "crime")
    assert tuple(table.index) == tuple(table.columns) == SIGNIFICANCE_CLASSES
    assert (table.dtypes == np.int64).all()
    assert table.loc["hot 99%", "cold 90%"] == 1
    assert table.to_numpy().sum() == 1


def test_cross_table_needs_the_same_units() -> None:
    with pytest.raises(SpatialError, match="found 1 and 2 classes"):
        cross_table(["hot 99%"], ["hot 99%"] * 2, labels=("a", "b"))
    with pytest.raises(SpatialError, match=r"classes of shape \(1, 1\)"):
        cross_table([["hot 99%"]], [["hot 99%"]], labels=("a", "b"))


def test_other_classes_have_no_number() -> None:
    codes = class_codes(
        np.array([*SIGNIFICANCE_CLASSES, "no data", "Hot 99%", None, np.nan], dtype=object)
    )
    assert codes.tolist() == [0, 1, 2, 3, 4, 5, 6, -1, -1, -1, -1]
