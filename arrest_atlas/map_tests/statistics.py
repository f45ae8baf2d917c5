"""The statistics of ``arrest-atlas test``: what each takes, and what it says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Literal

from spatial_models import (
    bivariate_local_join_count,
    bivariate_local_moran,
    bivariate_moran,
    geary,
    getis_ord,
    getis_ord_general,
    join_count,
    lee,
    local_co_location,
    local_geary,
    local_join_count,
    local_lee,
    local_moran,
    local_moran_rate,
    moran,
    moran_rate,
    quantile_lisa,
    scan_poisson,
)

__all__ = ["NO_EVIDENCE", "STATISTICS", "Statistic"]

NO_EVIDENCE: Final = (
    "The p-value of random labelling is no evidence of association: it is too small wherever "
    "both maps are clustered, each for reasons of its own."
)

MOST_PERMUTATIONS: Final = 10_000_000
MOST_REPLICATES: Final = 1_000_000
GLOBAL_PERMUTATIONS: Final = 9_999
LOCAL_PERMUTATIONS: Final = 199_999


Holds = Literal["numbers", "counts", "whole", "marks"]


@dataclass(frozen=True, kw_only=True)
class Statistic:
    """One statistic, as the command line knows it.

    Attributes
    ----------
    command : str
        Name of the subcommand.
    function : callable
        The function of `spatial_models`.
    summary : str
        What it measures, in a sentence.
    scope : {"global", "local", "scan"}
        Whether it gives one number, one a unit, or clusters.
    column : str
        What ``--column`` holds.
    columns : tuple of int and int or None
        Fewest and most columns; None for no limit.
    holds : {"numbers", "counts", "whole", "marks"}
        What the columns may hold: any number, none below zero, whole ones, or 0 and 1.
    people : {"", "exposure", "population"}
        The option of the column of denominators, where there is one.
    together : bool
        Whether the columns are one argument of the function, as a table.
    transform : {"R", "B"}
        Transformation of the weights unless the user asks for another.
    levels : bool
        Whether classes go by levels of their own, and not by ``--alpha``.
    exact : bool
        Whether its p-value is exact, without permutations, where weights are alike.
    options : tuple of str
        Options of this statistic alone.
    meaning : mapping of str to tuple of str
        What a statistic above and below its expectation means, by field of the result;
        the empty field is the result itself.
    """

    command: str
    function: Callable[..., Any]
    summary: str
    scope: Literal["global", "local", "scan"]
    column: str = "Column of the values."
    columns: tuple[int, int | None] = (1, 1)
    holds: Holds = "numbers"
    people: Literal["", "exposure", "population"] = ""
    together: bool = False
    transform: Literal["R", "B"] = "R"
    levels: bool = False
    exact: bool = False
    options: tuple[str, ...] = ()
    meaning: tuple[tuple[str, str, str], ...] = ()

    @property
    def permutations(self) -> int:
        """Number of permutations unless the user asks for another.

        Returns
        -------
        int
            More for a test of every unit, since its p-values are adjusted for their number.
        """
        return LOCAL_PERMUTATIONS if self.scope == "local" else GLOBAL_PERMUTATIONS

    @property
    def takes_graph(self) -> bool:
        """Tell whether it needs neighbours.

        Returns
        -------
        bool
            False for the scan, which looks at places.
        """
        return self.scope != "scan"


_ALIKE = (
    "Neighbours are more alike than if these values lay in any order",
    "Neighbours are less alike than if these values lay in any order",
)
_TWO = "Columns of the two maps, in this order; give it twice."
_MARKS = "Column of marks, 0 and 1."
_EVENTS = "Column of events (counts)."

_GLOBAL: Final = (
    Statistic(
        command="moran",
        function=moran,
        summary="Moran's I: whether neighbours are alike, over the whole map.",
        scope="global",
        meaning=(("", *_ALIKE),),
    ),
    Statistic(
        command="moran-rate",
        function=moran_rate,
        summary="Moran's I of rates, standardised for the size of their populations.",
        scope="global",
        column=_EVENTS,
        holds="counts",
        people="exposure",
        meaning=(
            (
                "",
                "Rates of neighbours are more alike than if these rates lay in any order",
                "Rates of neighbours are less alike than if these rates lay in any order",
            ),
        ),
    ),
    Statistic(
        command="geary",
        function=geary,
        summary="Geary's c: how much neighbours differ, over the whole map.",
        scope="global",
        meaning=(("", _ALIKE[1], _ALIKE[0]),),
    ),
    Statistic(
        command="getis-ord-general",
        function=getis_ord_general,
        summary="Getis and Ord's general G: whether high or low values are gathered.",
        scope="global",
        holds="counts",
        transform="B",
        meaning=(
            (
                "",
                "High values are gathered more than if these values lay in any order",
                "High values are gathered less than if these values lay in any order",
            ),
        ),
    ),
    Statistic(
        command="join-count",
        function=join_count,
        summary="Join counts: how often marked units are neighbours.",
        scope="global",
        column=_MARKS,
        holds="marks",
        transform="B",
        meaning=tuple(
            (
                field,
                f"{units} are neighbours more often than if these marks lay in any order",
                f"{units} are neighbours less often than if these marks lay in any order",
            )
            for field, units in (
                ("joined", "Marked units"),
                ("separate", "Unmarked units"),
                ("mixed", "Marked and unmarked units"),
            )
        ),
    ),
    Statistic(
        command="lee",
        function=lee,
        summary="Lee's L: whether two maps go together where both are smooth.",
        scope="global",
        column=_TWO,
        columns=(2, 2),
        meaning=(
            (
                "",
                "Surroundings are alike on both maps more than under random labelling",
                "Surroundings are alike on both maps less than under random labelling",
            ),
        ),
    ),
    Statistic(
        command="bivariate-moran",
        function=bivariate_moran,
        summary="Bivariate Moran's I: a map against its neighbours on another.",
        scope="global",
        column=_TWO,
        columns=(2, 2),
        meaning=(
            (
                "",
                "Units are like their neighbours on the other map more than under random labelling",
                "Units are like their neighbours on the other map less than under random labelling",
            ),
        ),
    ),
)

_LOCAL: Final = (
    Statistic(
        command="local-moran",
        function=local_moran,
        summary="Local Moran's I: units that are like, or unlike, their neighbours.",
        scope="local",
    ),
    Statistic(
        command="local-moran-rate",
        function=local_moran_rate,
        summary="Local Moran's I of rates, standardised for the size of their populations.",
        scope="local",
        column=_EVENTS,
        holds="counts",
        people="exposure",
    ),
    Statistic(
        command="bivariate-local-moran",
        function=bivariate_local_moran,
        summary="Bivariate local Moran's I: a unit against its neighbours on another map.",
        scope="local",
        column=_TWO,
        columns=(2, 2),
    ),
    Statistic(
        command="getis-ord",
        function=getis_ord,
        summary="Gi* (or Gi): hot and cold spots, each unit's own value held fixed.",
        scope="local",
        levels=True,
        options=("star",),
    ),
    Statistic(
        command="local-geary",
        function=local_geary,
        summary="Local Geary's c: how much units differ from their neighbours.",
        scope="local",
        column="Column of the values; repeatable, then all are compared at once.",
        columns=(1, None),
        together=True,
    ),
    Statistic(
        command="local-join-count",
        function=local_join_count,
        exact=True,
        summary="Local join count: marked units among marked neighbours.",
        scope="local",
        column=_MARKS,
        holds="marks",
        transform="B",
    ),
    Statistic(
        command="bivariate-local-join-count",
        function=bivariate_local_join_count,
        exact=True,
        summary="Bivariate local join count: marked units, neighbours with another mark.",
        scope="local",
        column="Columns of marks, 0 and 1: the unit's, then its neighbours'.",
        columns=(2, 2),
        holds="marks",
        transform="B",
    ),
    Statistic(
        command="local-co-location",
        function=local_co_location,
        exact=True,
        summary="Co-location: units with all marks among neighbours with all marks.",
        scope="local",
        column="Columns of marks, 0 and 1; two or more.",
        columns=(2, None),
        holds="marks",
        together=True,
        transform="B",
    ),
    Statistic(
        command="quantile-lisa",
        function=quantile_lisa,
        exact=True,
        summary="Quantile LISA: units of a quantile among neighbours of it.",
        scope="local",
        column="Column of the values; repeatable, then all must lie in the quantile.",
        columns=(1, None),
        together=True,
        transform="B",
        options=("quantiles", "quantile"),
    ),
    Statistic(
        command="local-lee",
        function=local_lee,
        summary="Local Lee's L: where the surroundings are alike on two maps.",
        scope="local",
        column=_TWO,
        columns=(2, 2),
    ),
)

_SCAN: Final = (
    Statistic(
        command="scan",
        function=scan_poisson,
        summary="Kulldorff's Poisson scan: circles with more (or fewer) cases than expected.",
        scope="scan",
        column="Column of cases (whole numbers).",
        holds="whole",
        people="population",
        options=("max_population", "replicates", "clusters"),
    ),
)

STATISTICS: Final = {each.command: each for each in (*_GLOBAL, *_LOCAL, *_SCAN)}
"""Every statistic by its subcommand, in the order of the help."""
