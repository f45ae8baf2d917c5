"""Where the evidence allows county classes, and where only those of a larger area (M1)."""

from __future__ import annotations

from typing import Final

import pandas as pd

from geo import CountyArrests

__all__ = ["COUNTY", "NOT_TESTED", "decide_support"]

COUNTY: Final = "county"
NOT_TESTED: Final = "not tested"


def decide_support(arrests: CountyArrests, *, threshold: float, level: str) -> pd.DataFrame:
    """Tell for each area whether its counties may have arrest classes of their own.

    Imputing arrests into counties is no evidence about counties. So counties are tested
    only in areas of whose arrests a large enough share is located by county.

    Parameters
    ----------
    arrests : CountyArrests
        Arrests by county.
    threshold : float
        Least share of an area's arrests whose county is known.
    level : {"zone", "aor", "state"}
        What the areas are.

    Returns
    -------
    pandas.DataFrame
        Indexed by area: ``arrests``, ``arrests_located``, ``located_share`` and
        ``support`` (``"county"`` or `level`).

    Examples
    --------
    >>> from geo import impute_counts
    >>> area = pd.Series({"01001": "AL-NOL", "01003": "AL-NOL"})
    >>> arrests = impute_counts(pd.Series({"AL-NOL": 6}), area=area, weights=area.map(len),
    ...                         located=pd.Series({"01001": 4}), draws=1, rng=1)
    >>> decide_support(arrests, threshold=0.5, level="zone")["support"].to_dict()
    {'AL-NOL': 'zone'}
    """
    located = pd.Series(arrests.located, index=arrests.county_fips).groupby(arrests.area).sum()
    table = pd.DataFrame(
        {
            "arrests": arrests.area_totals,
            "arrests_located": located,
            "located_share": arrests.located_share,
        }
    )
    enough = table["located_share"] >= threshold
    table["support"] = enough.map({True: COUNTY, False: level})
    return table
