"""What a test hands back: one family, the same names everywhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

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
]

NOT_SIGNIFICANT: Final = "not significant"
NO_DATA: Final = "no data"
NO_NEIGHBOURS: Final = "no neighbours"
NO_VARIATION: Final = "no variation"


@dataclass(frozen=True, kw_only=True, repr=False)
class GlobalResult:
    """One statistic of a whole map.

    Attributes
    ----------
    name : str
        The statistic.
    statistic, expected, variance, z : float
        Observed value, and expectation, variance and standard score under randomisation.
    p : float
        p-value by permutation, or analytic where `permutations` is 0; NaN where there
        is nothing to test.
    p_analytic : float
        p-value by the normal approximation under randomisation.
    alternative : {"two-sided", "greater", "less"}
        The tail of both p-values.
    permutations : int
        Number of permutations behind `p`.
    n : int
        Units in the test.
    isolates : tuple
        Units left out because they have no neighbour with a value.
    graph : str
        Description of the graph.
    seed : int or None
        Seed, where the caller gave one.
    """

    name: str
    statistic: float
    expected: float
    variance: float
    z: float
    p: float
    p_analytic: float
    alternative: Alternative
    permutations: int
    n: int
    isolates: tuple[object, ...]
    graph: str
    seed: int | None

    def __repr__(self) -> str:
        how = f"{self.permutations:,} permutations" if self.permutations else "analytic"
        return (
            f"{self.name} = {self.statistic:.4f} (expected {self.expected:.4f}, z = {self.z:.2f}, "
            f"p = {self.p:.4g} {self.alternative}, {how}, n = {self.n:,})"
        )

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


@dataclass(frozen=True, kw_only=True, repr=False)
class LocalResult:
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
        p-value by conditional permutation, or analytic where `permutations` is 0.
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
        Number of permutations behind `p`.
    n : int
        Units in the test.
    isolates : tuple
        Units with a value but no neighbour that has one.
    graph : str
        Description of the graph.
    seed : int or None
        Seed, where the caller gave one.
    """

    name: str
    prefix: str
    ids: pd.Index
    statistic: npt.NDArray[np.float64]
    expected: npt.NDArray[np.float64]
    variance: npt.NDArray[np.float64]
    z: npt.NDArray[np.float64]
    p: npt.NDArray[np.float64]
    p_analytic: npt.NDArray[np.float64]
    p_fdr: npt.NDArray[np.float64]
    classes: npt.NDArray[np.str_]
    alternative: Alternative
    permutations: int
    n: int
    isolates: tuple[object, ...]
    graph: str
    seed: int | None

    def __repr__(self) -> str:
        how = f"{self.permutations:,} permutations" if self.permutations else "analytic"
        counts = pd.Series(self.classes).value_counts(sort=False).sort_index()
        classes = ", ".join(f"{count:,} {name}" for name, count in counts.items())
        return f"{self.name} ({how}, {self.alternative}, n = {self.n:,}): {classes}"

    @property
    def tested(self) -> npt.NDArray[np.bool_]:
        """Tell which units have a p-value.

        Returns
        -------
        numpy.ndarray of bool, shape (n,)
            False where there was nothing to test.
        """
        return ~np.isnan(self.p)

    def to_frame(self) -> pd.DataFrame:
        """Lay the result out as a table.

        Returns
        -------
        pandas.DataFrame
            Indexed by the graph's identifiers, columns named prefix and field
            (``gi_z``, ``gi_p_fdr``, ``gi_class``).
        """
        fields = ("statistic", "expected", "variance", "z", "p", "p_analytic", "p_fdr")
        table = {f"{self.prefix}_{field}": getattr(self, field) for field in fields}
        table[f"{self.prefix}_class"] = self.classes
        return pd.DataFrame(table, index=self.ids)
