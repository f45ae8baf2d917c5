"""What a test hands back: one family, the same names everywhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from spatial_models._p_values import Alternative

__all__ = [
    "NOT_SIGNIFICANT",
    "NO_DATA",
    "NO_NEIGHBOURS",
    "NO_VARIATION",
    "GlobalResult",
    "LocalResult",
    "LocalTwoMapResult",
    "TwoMapResult",
]

NOT_SIGNIFICANT: Final = "not significant"
NO_DATA: Final = "no data"
NO_NEIGHBOURS: Final = "no neighbours"
NO_VARIATION: Final = "no variation"


@dataclass(frozen=True, kw_only=True, repr=False)
class _Result:
    """What every result says of the test that it comes from."""

    name: str
    alternative: Alternative
    permutations: int
    n: int
    isolates: tuple[object, ...]
    graph: str
    seed: int | None

    @property
    def _how(self) -> str:
        return f"{self.permutations:,} permutations" if self.permutations else "no permutations"


@dataclass(frozen=True, kw_only=True, repr=False)
class _OneNumber(_Result):
    """A statistic of the whole map."""

    statistic: float
    expected: float
    variance: float
    z: float

    def to_frame(self) -> pd.DataFrame:
        """Lay the result out as a table of one row.

        Returns
        -------
        pandas.DataFrame
            One column a field, indexed by the statistic's name.
        """
        row = {key: value for key, value in vars(self).items() if key != "name"}
        row["isolates"] = len(self.isolates)
        return pd.DataFrame([row], index=pd.Index([self.name], name="name"))

    def _text(self, p: float, label: str) -> str:
        return (
            f"{self.name} = {self.statistic:.4f} (expected {self.expected:.4f}, z = {self.z:.2f}, "
            f"{label} = {p:.4g} {self.alternative}, {self._how}, n = {self.n:,})"
        )


@dataclass(frozen=True, kw_only=True, repr=False)
class GlobalResult(_OneNumber):
    """One statistic of a whole map.

    Attributes
    ----------
    name : str
        The statistic.
    statistic, expected, variance, z : float
        Observed value, and its expectation, variance and standard score under `null`.
    p : float
        p-value by permutation, or analytic where `permutations` is 0; NaN where there
        is nothing to test.
    p_analytic : float
        p-value of `z` by the normal approximation.
    null : {"randomisation", "normality"}
        What expectation, variance, `z` and `p_analytic` assume: that the values of this
        map could lie in any order, or that they are independent normal draws.
    alternative : {"two-sided", "greater", "less"}
        The tail of both p-values.
    permutations : int
        Number of permutations behind `p`.
    n : int
        Units in the test.
    isolates : tuple
        Units left out because they have no neighbour that takes part.
    graph : str
        Description of the graph.
    seed : int or None
        Seed, where the caller gave one.
    """

    p: float
    p_analytic: float
    null: Literal["randomisation", "normality"] = "randomisation"

    def __repr__(self) -> str:
        return self._text(self.p, "p")


@dataclass(frozen=True, kw_only=True, repr=False)
class TwoMapResult(_OneNumber):
    """One statistic of two maps of the same units.

    Its p-values are those of random labelling: the values of the second map could lie in
    any order. They ask whether the maps are unrelated *and* the second is not clustered,
    and are far too small where both maps are clustered for reasons of their own. They are
    no evidence of association; `compare_hotspots` is about that.

    Attributes
    ----------
    name : str
        The statistic.
    statistic, expected, variance, z : float
        Observed value, and its expectation, variance and standard score under random
        labelling.
    p_random_labelling : float
        p-value by permutation of the second map, or analytic where `permutations` is 0;
        NaN where there is nothing to test.
    p_random_labelling_analytic : float
        p-value of `z` by the normal approximation.
    alternative : {"two-sided", "greater", "less"}
        The tail of both p-values.
    permutations : int
        Number of permutations behind `p_random_labelling`.
    n : int
        Units in the test.
    isolates : tuple
        Units left out because they have no neighbour that takes part.
    graph : str
        Description of the graph.
    seed : int or None
        Seed, where the caller gave one.
    """

    p_random_labelling: float
    p_random_labelling_analytic: float

    def __repr__(self) -> str:
        return self._text(self.p_random_labelling, "p of random labelling")


@dataclass(frozen=True, kw_only=True, repr=False, eq=False)
class _EveryUnit(_Result):
    """A statistic of every unit, in the order of the graph."""

    prefix: str
    ids: pd.Index
    statistic: npt.NDArray[np.float64]
    expected: npt.NDArray[np.float64]
    variance: npt.NDArray[np.float64]
    z: npt.NDArray[np.float64]
    classes: npt.NDArray[np.str_]
    stop_after: int | None = None

    _p_values: ClassVar[tuple[str, ...]]

    def __repr__(self) -> str:
        names, counts = np.unique(self.classes, return_counts=True)
        classes = ", ".join(f"{count:,} {name}" for name, count in zip(names, counts, strict=True))
        return f"{self.name} ({self._how}, {self.alternative}, n = {self.n:,}): {classes}"

    @property
    def tested(self) -> npt.NDArray[np.bool_]:
        """Tell which units have a p-value.

        Returns
        -------
        numpy.ndarray of bool, shape (n,)
            False where there was nothing to test.
        """
        p: npt.NDArray[np.float64] = getattr(self, self._p_values[0])
        return ~np.isnan(p)

    def to_frame(self) -> pd.DataFrame:
        """Lay the result out as a table.

        Returns
        -------
        pandas.DataFrame
            Indexed by the graph's identifiers, columns named prefix and field
            (``gi_z``, ``gi_p_fdr``, ``gi_class``).
        """
        fields = ("statistic", "expected", "variance", "z", *self._p_values)
        table = {f"{self.prefix}_{field}": getattr(self, field) for field in fields}
        table[f"{self.prefix}_class"] = self.classes
        return pd.DataFrame(table, index=self.ids)


@dataclass(frozen=True, kw_only=True, repr=False, eq=False)
class LocalResult(_EveryUnit):
    """One statistic for every unit of a map, in the order of the graph.

    Attributes
    ----------
    name : str
        The statistic.
    prefix : str
        What its columns begin with in a table.
    ids : pandas.Index
        The graph's identifiers.
    statistic, expected, variance, z : numpy.ndarray of float, shape (n,)
        Observed value, and expectation, variance and standard score with the unit's own
        value held fixed; NaN where the unit is not tested.
    p : numpy.ndarray of float, shape (n,)
        p-value by conditional permutation, or where `permutations` is 0 in closed form:
        exact for counts of a category, else analytic.
    p_analytic : numpy.ndarray of float, shape (n,)
        p-value by the normal approximation to the conditional distribution.
    p_fdr : numpy.ndarray of float, shape (n,)
        `p` adjusted for the number of units (Benjamini-Hochberg).
    classes : numpy.ndarray of str, shape (n,)
        Class of each unit, with ``"no data"``, ``"no neighbours"`` and
        ``"no variation"`` where there is nothing to test.
    alternative : {"two-sided", "greater", "less"}
        The tail of the p-values.
    permutations : int
        Number of permutations behind `p`; the most that a unit was given, where
        permuting stopped early.
    stop_after : int or None
        Permuting a unit stopped when each tail held so many permutations as extreme as
        the observed value; None where it did not stop.
    n : int
        Units in the test.
    isolates : tuple
        Units with a value but no neighbour that takes part.
    graph : str
        Description of the graph.
    seed : int or None
        Seed, where the caller gave one.
    """

    p: npt.NDArray[np.float64]
    p_analytic: npt.NDArray[np.float64]
    p_fdr: npt.NDArray[np.float64]

    _p_values: ClassVar[tuple[str, ...]] = ("p", "p_analytic", "p_fdr")


@dataclass(frozen=True, kw_only=True, repr=False, eq=False)
class LocalTwoMapResult(_EveryUnit):
    """One statistic of two maps for every unit, in the order of the graph.

    Its p-values are those of random labelling around each unit: the unit keeps its
    values, those of the others could lie in any order. They are far too small where both
    maps are clustered for reasons of their own, and no evidence of association.

    Attributes
    ----------
    name : str
        The statistic.
    prefix : str
        What its columns begin with in a table.
    ids : pandas.Index
        The graph's identifiers.
    statistic, expected, variance, z : numpy.ndarray of float, shape (n,)
        Observed value, and expectation, variance and standard score under random
        labelling; NaN where the unit is not tested.
    p_random_labelling : numpy.ndarray of float, shape (n,)
        p-value by conditional permutation, or analytic where `permutations` is 0.
    p_random_labelling_analytic : numpy.ndarray of float, shape (n,)
        p-value by the normal approximation.
    p_random_labelling_fdr : numpy.ndarray of float, shape (n,)
        `p_random_labelling` adjusted for the number of units (Benjamini-Hochberg).
    classes : numpy.ndarray of str, shape (n,)
        Class of each unit, with ``"no data"``, ``"no neighbours"`` and
        ``"no variation"`` where there is nothing to test.
    alternative : {"two-sided", "greater", "less"}
        The tail of the p-values.
    permutations : int
        Number of permutations behind `p_random_labelling`; the most that a unit was
        given, where permuting stopped early.
    stop_after : int or None
        Permuting a unit stopped when each tail held so many permutations as extreme as
        the observed value; None where it did not stop.
    n : int
        Units in the test.
    isolates : tuple
        Units with values but no neighbour that takes part.
    graph : str
        Description of the graph.
    seed : int or None
        Seed, where the caller gave one.
    """

    p_random_labelling: npt.NDArray[np.float64]
    p_random_labelling_analytic: npt.NDArray[np.float64]
    p_random_labelling_fdr: npt.NDArray[np.float64]

    _p_values: ClassVar[tuple[str, ...]] = (
        "p_random_labelling",
        "p_random_labelling_analytic",
        "p_random_labelling_fdr",
    )
