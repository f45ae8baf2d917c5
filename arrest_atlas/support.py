"""Where the evidence allows county classes, and where only those of a larger area (M1)."""

from __future__ import annotations

from typing import Final

import pandas as pd

from geo import GIVEN, NOT_LISTED, AreaTotals

__all__ = ["COUNTY", "NOT_TESTED", "UNKNOWN", "decide_support", "known_arrests"]

COUNTY: Final = "county"
UNKNOWN: Final = "none"
_MOST: Final = 0.9
NOT_TESTED: Final = "not tested"


def decide_support(
    totals: AreaTotals,
    *,
    area: pd.Series,
    zone: pd.Series,
    located: pd.Series | None,
    threshold: float,
) -> pd.DataFrame:
    """Tell for each area whether its counties may have arrest classes of their own.

    Imputing arrests into counties is no evidence about counties. So counties are tested
    only in areas of whose arrests a large enough share is located by county. An area of
    which no table says anything is not known, which is not zero; the table of counties
    speaks of an area if it has a row in each of its zones (but for zones that hold less
    than a tenth of its counties).

    Parameters
    ----------
    totals : AreaTotals
        Arrests whose county is not known.
    area : pandas.Series of str
        Area of each county, indexed by ``county_fips``.
    zone : pandas.Series of str
        Zone of each county, on the same index.
    located : pandas.Series of int or None
        Arrests whose county is known, for the counties that have a row.
    threshold : float
        Least share of an area's arrests whose county is known.

    Returns
    -------
    pandas.DataFrame
        Indexed by area: ``arrests``, ``arrests_located``, ``located_share`` and
        ``support`` (``"county"``, the level of `totals`, or ``"none"``).

    Examples
    --------
    >>> from geo import reconcile_totals
    >>> totals = reconcile_totals(by_aor=pd.Series({"NOL": 6}))
    >>> area = pd.Series({"01001": "NOL", "24001": "BAL"})
    >>> located = pd.Series({"01001": 4})
    >>> support = decide_support(totals, area=area, zone=area, located=located, threshold=0.5)
    >>> support.loc[["BAL", "NOL"], "support"].to_dict()
    {'BAL': 'none', 'NOL': 'aor'}
    """
    rows = pd.Series(dtype="int64") if located is None else located
    by_area = rows.groupby(area.reindex(rows.index))
    areas = totals.counts.index
    found = by_area.sum().reindex(areas, fill_value=0).astype("int64")
    spoken_of = zone.isin(zone.reindex(rows.index).unique()).groupby(area).mean()
    listed = spoken_of.reindex(areas, fill_value=0.0) > _MOST
    arrests = totals.counts + found
    # Where there are no arrests, zeros of listed counties are located, others are not.
    share = (found / arrests).fillna(listed.astype("float64"))
    # County rows tell of an area that no total lists, not of one whose total is in doubt.
    known = (totals.evidence == GIVEN) | (listed & (totals.evidence == NOT_LISTED))
    support = (share >= threshold).map({True: COUNTY, False: totals.level})
    return pd.DataFrame(
        {
            "arrests": arrests,
            "arrests_located": found,
            "located_share": share,
            "support": support.where(known, UNKNOWN),
        }
    )


def known_arrests(support: pd.DataFrame) -> pd.Series:
    """Look up the arrests of each area, missing where no table tells.

    Parameters
    ----------
    support : pandas.DataFrame
        As `decide_support` gives it.

    Returns
    -------
    pandas.Series of float
        Arrests by area.
    """
    return support["arrests"].where(support["support"] != UNKNOWN)
