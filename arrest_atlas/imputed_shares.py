"""How much of what is tested is imputed rather than known."""

from __future__ import annotations

from typing import Final

import pandas as pd

from arrest_atlas.analysis import KindAnswer
from arrest_atlas.options import Options
from arrest_atlas.support import known_arrests
from geo import ImputedArrests

__all__ = ["imputed_by_area", "imputed_by_county"]

_LESS_FINE: Final = ["state", "aor"]
"""Levels of records that are known less finely than by zone."""


def imputed_by_county(answer: KindAnswer, options: Options) -> pd.DataFrame:
    """Count the arrests of each county, and those of them that no record places there.

    Parameters
    ----------
    answer : KindAnswer
        One kind of arrests.
    options : Options
        How arrests without a county are treated.

    Returns
    -------
    pandas.DataFrame of float
        By ``county_fips``: ``arrests`` and, of these, ``imputed`` (mean over draws, or
        allocated in proportion; none where such arrests are left out).
    """
    counts = answer.arrests
    tested = {
        "imputed": counts.draws.mean(axis=0),
        "located": counts.located,
        "proportional": counts.proportional,
    }[options.treatment]
    columns = {"arrests": tested, "imputed": tested - counts.located}
    return pd.DataFrame(columns, index=counts.county_fips, dtype="float64")


def imputed_by_area(answer: KindAnswer) -> pd.DataFrame:
    """Count the arrests of each area, and those of them that are known less finely.

    Parameters
    ----------
    answer : KindAnswer
        One kind of arrests.

    Returns
    -------
    pandas.DataFrame of float
        By area: ``arrests`` and, of these, ``imputed``: records that name only a state or
        an office, expected in this zone. Published totals are given, not imputed. Missing
        where the area is not known.
    """
    arrests = known_arrests(answer.support).astype("float64")
    imputed = pd.Series(0.0, index=arrests.index)
    if isinstance(answer.arrests, ImputedArrests):
        imputed = answer.arrests.by_support[_LESS_FINE].sum(axis=1).reindex(arrests.index)
    return pd.DataFrame({"arrests": arrests, "imputed": imputed.where(arrests.notna())})
