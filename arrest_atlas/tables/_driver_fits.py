"""The regressions of arrest rates, each over every imputation."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, get_args

import numpy as np
import pandas as pd
from scipy import special

from arrest_atlas.counting import Kind
from arrest_atlas.tables._driver_covariates import Covariate
from arrest_atlas.tables._driver_units import DriverLevel, DriverUnits
from spatial_models.errors import SpatialError
from spatial_models.regression import least_squares, partial_r2
from spatial_models.regression_counts import count_regression
from spatial_models.regression_filter import eigenvector_filter
from spatial_models.regression_pooling import pool_regressions
from spatial_models.regression_residuals import lagrange_multipliers, residual_moran
from spatial_models.regression_results import (
    LagrangeMultipliers,
    RegressionFit,
    ResidualMoran,
)
from spatial_models.regression_spatial import spatial_regression

__all__ = ["HALF", "MODELS", "MOST_DRAWS", "Diagnostics", "KindFits", "Model", "fit_kinds"]

Model = Literal[
    "least squares",
    "spatial error",
    "spatial lag",
    "eigenvector filter",
    "Poisson",
    "negative binomial",
]
MODELS: Final[tuple[Model, ...]] = get_args(Model)

MOST_DRAWS: Final = 20
"""Imputations that are fitted: more change an interval by less than its second digit."""

HALF: Final = 0.5
"""Added to each count before its logarithm is taken, so that none is missing. Of a Poisson
count it also takes out the bias of the logarithm, but for terms of the mean's square."""


@dataclass(frozen=True, kw_only=True)
class Diagnostics:
    """What tells whether least squares lacks a spatial term; statistics are means over draws.

    Attributes
    ----------
    moran : ResidualMoran
        Of the residuals.
    multipliers : LagrangeMultipliers
        For a spatial error and a spatial lag.
    """

    moran: ResidualMoran
    multipliers: LagrangeMultipliers


@dataclass(frozen=True, kw_only=True, eq=False)
class KindFits:
    """Every regression of arrests of a kind at a level.

    Attributes
    ----------
    level : {"state", "county_fips"}
        What the places are.
    kind : {"all", "custodial", "community"}
        Which arrests.
    left_out : pandas.Series of str
        By place, why it takes no part; empty where it does.
    arrests : pandas.Series of float
        By place, mean over draws.
    draws : int
        Different imputations behind the fits.
    fits : mapping of str to RegressionFit
        By model, those that could be fitted.
    failed : mapping of str to str
        By model, why it could not.
    explained : pandas.Series of float
        Partial R2 by covariate, mean over draws.
    diagnostics : Diagnostics or None
        None where least squares could not be fitted.
    """

    level: DriverLevel
    kind: Kind
    left_out: pd.Series
    arrests: pd.Series
    draws: int
    fits: Mapping[Model, RegressionFit]
    failed: Mapping[Model, str]
    explained: pd.Series
    diagnostics: Diagnostics | None

    @property
    def n(self) -> int:
        """Count the places that take part.

        Returns
        -------
        int
            Places.
        """
        return int((self.left_out == "").sum())


def fit_kinds(units: Sequence[DriverUnits], covariates: Sequence[Covariate]) -> Iterator[KindFits]:
    """Fit every model to every kind of arrests at every level."""
    for level in units:
        for kind in level.arrests:
            yield _fit_kind(level, kind, covariates)


def _fit_kind(units: DriverUnits, kind: Kind, covariates: Sequence[Covariate]) -> KindFits:
    left_out = units.left_out(kind, covariates)
    table = units.covariates[[each.name for each in covariates]].where(left_out == "")
    drawn = units.arrests[kind].reindex(columns=table.index)
    known = drawn.loc[:, left_out == ""]
    draws = drawn.loc[known.drop_duplicates().index[:MOST_DRAWS]]
    fits: dict[Model, RegressionFit] = {}
    failed: dict[Model, str] = {}
    for model in MODELS:
        try:
            each = [_fit(model, counts, units, table) for _, counts in draws.iterrows()]
            fits[model] = pool_regressions(each)
        except SpatialError as error:
            failed[model] = str(error)
    logs = [_log_rate(counts, units.people) for _, counts in draws.iterrows()]
    explained, diagnostics = pd.Series(dtype="float64"), None
    if "least squares" in fits:
        parts = [partial_r2(log, table) for log in logs]
        explained = pd.concat(parts, axis=1).mean(axis=1)
        diagnostics = _diagnose(logs, table, units)
    return KindFits(
        level=units.level,
        kind=kind,
        left_out=left_out,
        arrests=drawn.mean(),
        draws=len(draws),
        fits=fits,
        failed=failed,
        explained=explained,
        diagnostics=diagnostics,
    )


def _log_rate(counts: pd.Series, people: pd.Series) -> pd.Series:
    held = people.reindex(counts.index)
    log: pd.Series = np.log((counts + HALF) / held.where(held > 0))  # type: ignore[assignment]
    return log


def _fit(model: Model, counts: pd.Series, units: DriverUnits, table: pd.DataFrame) -> RegressionFit:
    log = _log_rate(counts, units.people)
    groups, graph = units.clusters, units.graph
    of: dict[Model, Callable[[], RegressionFit]] = {
        "least squares": lambda: least_squares(log, table, clusters=groups),
        "spatial error": lambda: spatial_regression(log, table, graph, term="error"),
        "spatial lag": lambda: spatial_regression(log, table, graph, term="lag"),
        "eigenvector filter": lambda: eigenvector_filter(log, table, graph, clusters=groups).fit,
        "Poisson": lambda: count_regression(
            counts, table, exposure=units.people, family="Poisson", clusters=groups
        ),
        "negative binomial": lambda: count_regression(
            counts, table, exposure=units.people, family="negative binomial", clusters=groups
        ),
    }
    return of[model]()


def _diagnose(logs: Sequence[pd.Series], table: pd.DataFrame, units: DriverUnits) -> Diagnostics:
    """Average the statistics over draws before they meet their null (rule M2)."""
    morans = [residual_moran(log, table, units.graph) for log in logs]
    tests = [lagrange_multipliers(log, table, units.graph) for log in logs]
    mean = pd.DataFrame([vars(each) for each in morans]).mean()
    z = float(mean["z"])
    return Diagnostics(
        moran=ResidualMoran(
            statistic=float(mean["statistic"]),
            expected=float(mean["expected"]),
            variance=float(mean["variance"]),
            z=z,
            p=float(min(1.0, 2 * special.ndtr(-abs(z)))),
            n=morans[0].n,
            isolates=morans[0].isolates,
        ),
        multipliers=LagrangeMultipliers(
            **{
                name: float(np.mean([vars(each)[name] for each in tests]))
                for name in vars(tests[0])
            }
        ),
    )
