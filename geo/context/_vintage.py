"""Estimates and their margins of error, carried to the counties of 2019."""

from __future__ import annotations

import pandas as pd

from geo.context._margins import moe_of_sum
from geo.vintages import carry_counts

_MOE = "_moe"


def carry_with_margins(table: pd.DataFrame, file: str) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Carry estimates as counts, and their margins (columns ``_moe``) as those of sums.

    That an area's people are spread like its residents is not known without error; the
    margins do not hold this doubt.
    """
    names = [name for name in table.columns if not name.endswith(_MOE)]
    carried = carry_counts(table[names], file=file)
    counts = carried.by_county
    columns = {name: counts[name] for name in names}
    for name in names:
        if f"{name}{_MOE}" in table:
            margins = table[f"{name}{_MOE}"].reindex(counts.index)
            moved = _margins_of_parts(table, name, carried.shares)
            margins.loc[moved.index] = moved
            columns[f"{name}{_MOE}"] = margins.where(counts[name].notna())
    return pd.DataFrame(columns), carried.notes


def _margins_of_parts(table: pd.DataFrame, name: str, parts: pd.DataFrame) -> pd.Series:
    """Give the margin of each county that is made of parts of other areas."""
    share = parts["share"].to_numpy()
    estimate = table[name].reindex(parts["fips"]).set_axis(parts.index) * share
    margin = table[f"{name}{_MOE}"].reindex(parts["fips"]).set_axis(parts.index) * share
    return moe_of_sum(estimate, margin, parts["county_fips"])
