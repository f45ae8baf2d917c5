"""How far two maps of classes, or two sets of units, agree: plain measures without a test."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from spatial_models._tested import Bools, as_floats
from spatial_models.errors import SpatialError
from spatial_models.getis_ord import SIGNIFICANCE_CLASSES

__all__ = ["cohen_kappa", "cross_table", "dice", "jaccard", "share_inside"]

Integers = npt.NDArray[np.int64]


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


def jaccard(first: Bools, second: Bools) -> float:
    """Measure which share of the units in either set is in both.

    Parameters
    ----------
    first, second : numpy.ndarray of bool, shape (n,)
        Membership of each unit.

    Returns
    -------
    float
        1 for identical sets, 0 for sets that share no unit; NaN where both are empty.
        Large sets overlap by chance: the measure does not allow for it.

    References
    ----------
    Jaccard, P. (1912). The distribution of the flora in the alpine zone. New Phytologist
    11, 37-50.

    Examples
    --------
    >>> jaccard(np.array([True, True, False]), np.array([True, False, False]))
    0.5
    """
    return _share((first & second).sum(), (first | second).sum())


def dice(first: Bools, second: Bools) -> float:
    """Measure the units in both sets against the mean size of the sets.

    Parameters
    ----------
    first, second : numpy.ndarray of bool, shape (n,)
        Membership of each unit.

    Returns
    -------
    float
        1 for identical sets, 0 for sets that share no unit; NaN where both are empty.

    References
    ----------
    Dice, L. R. (1945). Measures of the amount of ecologic association between species.
    Ecology 26, 297-302.

    Examples
    --------
    >>> round(dice(np.array([True, True, False]), np.array([True, False, False])), 3)
    0.667
    """
    return _share(2 * (first & second).sum(), first.sum() + second.sum())


def share_inside(
    first: Bools, second: Bools, mass: pd.Series | npt.ArrayLike | None = None
) -> float:
    """Measure which share of one set lies inside the other.

    Parameters
    ----------
    first : numpy.ndarray of bool, shape (n,)
        Membership of each unit in the set that is shared out.
    second : numpy.ndarray of bool, shape (n,)
        Membership of each unit in the set that it may lie in.
    mass : pandas.Series or array_like, shape (n,), optional
        What each unit counts (residents, events, area), in the order of the sets; by
        default all units count alike. Units whose mass is missing (NaN) take no part.

    Returns
    -------
    float
        From 0 to 1; NaN where the first set is empty, or has no mass.

    Raises
    ------
    SpatialError
        If masses are negative, infinite or not one a unit.

    Examples
    --------
    >>> first, second = np.array([True, True, False]), np.array([True, False, True])
    >>> share_inside(first, second), share_inside(first, second, mass=[300, 100, 500])
    (0.5, 0.75)
    """
    if mass is None:
        return _share((first & second).sum(), first.sum())
    masses = as_floats(mass)
    if masses.shape != first.shape:
        message = f"found masses of shape {masses.shape}; expected {first.shape}, one each unit"
        raise SpatialError(message)
    if (masses < 0).any() or np.isinf(masses).any():
        message = "found negative or infinite masses; expected what each unit counts, from 0"
        raise SpatialError(message)
    return _share(np.nansum(masses[first & second]), np.nansum(masses[first]))


def _share(part: float, whole: float) -> float:
    return float(part / whole) if whole > 0 else float("nan")


def cross_table(
    first_classes: npt.ArrayLike, second_classes: npt.ArrayLike, *, labels: tuple[str, str]
) -> pd.DataFrame:
    """Count the units in every pair of significance classes of two maps.

    Parameters
    ----------
    first_classes, second_classes : array_like of str, shape (n,)
        Class of each unit in either map, in the same order of units. Units with another
        class than those of `SIGNIFICANCE_CLASSES` in either map (``"no data"``...) are
        left out.
    labels : tuple of str
        What the maps are called; they name rows and columns.

    Returns
    -------
    pandas.DataFrame
        Whole numbers, a row for each class of the first map and a column for each of the
        second, all seven in the order of `SIGNIFICANCE_CLASSES`.

    Raises
    ------
    SpatialError
        If the maps do not have the same number of units.

    Examples
    --------
    >>> first = ["hot 99%", "hot 99%", "not significant", "no data"]
    >>> second = ["hot 99%", "hot 95%", "not significant", "hot 99%"]
    >>> table = cross_table(first, second, labels=("arrests", "crime"))
    >>> table.loc["hot 99%"].tolist()
    [1, 1, 0, 0, 0, 0, 0]
    """
    rows, columns = class_codes(first_classes), class_codes(second_classes)
    if rows.shape != columns.shape:
        message = f"found {rows.size:,} and {columns.size:,} classes; expected the same units"
        raise SpatialError(message)
    size = len(SIGNIFICANCE_CLASSES)
    both = (rows >= 0) & (columns >= 0)
    counts = np.bincount(rows[both] * size + columns[both], minlength=size * size)
    first, second = (pd.Index(SIGNIFICANCE_CLASSES, name=label) for label in labels)
    return pd.DataFrame(counts.reshape(size, size), index=first, columns=second)


def class_codes(classes: npt.ArrayLike) -> Integers:
    """Give classes the number of their place in `SIGNIFICANCE_CLASSES`.

    Parameters
    ----------
    classes : array_like of str, shape (n,)
        Class of each unit.

    Returns
    -------
    numpy.ndarray of int, shape (n,)
        From 0 to 6; -1 for any other class.

    Raises
    ------
    SpatialError
        If there is not one class a unit.

    Examples
    --------
    >>> class_codes(["hot 99%", "no data", "cold 99%"]).tolist()
    [0, -1, 6]
    """
    named = np.asarray(classes, dtype=object)
    if named.ndim != 1:
        message = f"found classes of shape {named.shape}; expected one class a unit"
        raise SpatialError(message)
    return pd.Index(SIGNIFICANCE_CLASSES).get_indexer(pd.Index(named, dtype=object))
