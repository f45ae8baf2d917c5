"""Arrests by county and by area, of each kind, before anything is tested."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, get_args

import numpy as np
import pandas as pd

from arrest_atlas.options import ArrestInputs, Options
from arrest_atlas.records import Records
from arrest_atlas.support import COUNTY, decide_support, support_of_records
from geo import (
    STATE_OUTSIDE_AREA,
    AreaTotals,
    CountyArrests,
    InputError,
    Problem,
    impute_arrests,
    impute_counts,
    reconcile_totals,
)

__all__ = ["KINDS", "Counted", "CountedKind", "Kind", "count_arrests"]

Kind = Literal["all", "custodial", "community"]

KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
"""All arrests, and the two kinds that are shown apart (rule M3)."""


@dataclass(frozen=True, kw_only=True)
class CountedKind:
    """Arrests of one kind.

    Attributes
    ----------
    arrests : CountyArrests
        By county: located, imputed, in proportion.
    support : pandas.DataFrame
        By area: ``arrests``, ``arrests_located``, ``located_share``, ``evidence`` and
        ``support``, which tells whether counties are tested.
    """

    arrests: CountyArrests
    support: pd.DataFrame


@dataclass(frozen=True, kw_only=True)
class Counted:
    """Arrests of every kind.

    Attributes
    ----------
    level : {"zone", "aor", "state"}
        What the areas are.
    kinds : mapping of str to CountedKind
        ``"all"`` and, where records tell them apart and there are any, ``"custodial"`` and
        ``"community"``.
    reconciliation : pandas.DataFrame or None
        What published totals became; None for records.
    """

    level: Literal["zone", "aor", "state"]
    kinds: Mapping[Kind, CountedKind]
    reconciliation: pd.DataFrame | None


def count_arrests(
    inputs: ArrestInputs, options: Options, counties: pd.DataFrame, *, rng: np.random.Generator
) -> Counted:
    """Bring arrests to counties and areas.

    Parameters
    ----------
    inputs : Inputs
        Records, or tables of counts.
    options : Options
        Choices of method.
    counties : pandas.DataFrame
        Every county with an area of responsibility.
    rng : numpy.random.Generator
        Source of randomness of the imputation.

    Returns
    -------
    Counted
        By kind.

    Raises
    ------
    InputError
        If there are no arrests, or some lie where no office is responsible.
    """
    if inputs.records is not None:
        counted = _count_records(inputs.records, inputs, options, counties, rng=rng)
    else:
        counted = _count_tables(inputs, options, counties, rng=rng)
    if counted.kinds["all"].support["arrests"].sum() == 0:
        raise InputError([_no_arrests(inputs)])
    return counted


def _count_records(
    records: Records,
    inputs: ArrestInputs,
    options: Options,
    counties: pd.DataFrame,
    *,
    rng: np.random.Generator,
) -> Counted:
    place = records.located.table
    arrests = impute_arrests(
        place[records.counted],
        strata=records.classes.custody[records.counted],
        weights=inputs.people(options.weights),
        follow_located=options.located_share,
        draws=options.draws,
        rng=rng,
    )
    # Strays of other offices do not speak of a zone.
    own = records.counted & (place["conflict"] != STATE_OUTSIDE_AREA)
    named = place.loc[own, "zone"].value_counts().reindex(arrests.by_support.index, fill_value=0)
    people = inputs.residents.reindex(counties.index).groupby(counties["zone"]).sum(min_count=1)
    apart = {"all": arrests} | {
        name: stratum for name, stratum in arrests.strata.items() if stratum.draws.any()
    }
    return Counted(
        level="zone",
        kinds={
            kind: CountedKind(
                arrests=apart[kind],
                support=support_of_records(
                    apart[kind].by_support,
                    named=named,
                    people=people,
                    threshold=options.located_share,
                ),
            )
            for kind in KINDS
            if kind in apart
        },
        reconciliation=None,
    )


def _count_tables(
    inputs: ArrestInputs, options: Options, counties: pd.DataFrame, *, rng: np.random.Generator
) -> Counted:
    located = _located(inputs, counties.index)
    totals = _area_totals(inputs, options, counties)
    area = counties[totals.level]
    support = decide_support(
        totals,
        area=area,
        zone=counties["zone"],
        located=located,
        threshold=options.located_share,
    )
    arrests = impute_counts(
        totals.counts,
        area=area,
        weights=inputs.people(options.weights),
        located=located,
        follow_located=support.index[support["support"] == COUNTY],
        draws=options.draws,
        rng=rng,
    )
    return Counted(
        level=totals.level,
        kinds={"all": CountedKind(arrests=arrests, support=support)},
        reconciliation=totals.differences,
    )


def _located(inputs: ArrestInputs, counties: pd.Index) -> pd.Series | None:
    located = inputs.arrests_by_county
    if located is None:
        return None
    outside = located[(located > 0) & ~located.index.isin(counties)]
    if len(outside):
        source = inputs.sources.get("arrests by county")
        problem = Problem(
            file=source.file if source else "arrests by county",
            where=f"county {', '.join(outside.index)}",
            found=f"{int(outside.sum()):,} arrests where no field office is responsible",
            expected="counties of the states, DC, PR, GU, VI or MP",
            action="leave these rows out",
        )
        raise InputError([problem])
    return located


def _area_totals(inputs: ArrestInputs, options: Options, counties: pd.DataFrame) -> AreaTotals:
    by_aor, by_state = inputs.arrests_by_aor, inputs.arrests_by_state
    if by_aor is None and by_state is None:
        none = pd.Series(dtype="int64")
        return reconcile_totals(by_aor=none, by_state=none)
    weights = inputs.people(options.weights).reindex(counties.index)
    return reconcile_totals(
        by_aor=by_aor, by_state=by_state, zone_weights=weights.groupby(counties["zone"]).sum()
    )


def _no_arrests(inputs: ArrestInputs) -> Problem:
    files = [source.file for what, source in inputs.sources.items() if what.startswith("arrest")]
    return Problem(
        file=", ".join(files) or "arrests",
        found="no arrest that can be located",
        expected="at least one",
        action="check that these are the right files and columns",
    )
