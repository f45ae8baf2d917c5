"""Where the evidence allows county classes, and where only those of a larger area (M1)."""

from __future__ import annotations

from typing import Final

import pandas as pd

from geo import GIVEN, IN_DOUBT, NOT_LISTED, AreaTotals, largest_remainder

__all__ = [
    "COUNTY",
    "NOT_TESTED",
    "UNKNOWN",
    "decide_support",
    "known_arrests",
    "support_of_records",
]

COUNTY: Final = "county"
UNKNOWN: Final = "none"
_MOST: Final = 0.9
NOT_TESTED: Final = "not tested"
_TOLD: Final = 0.5
"""Least share of a zone's arrests that are known by zone or county."""

_SCARCE: Final = 0.05
"""Share of the usual number of records per resident, below which an area is not listed.

Of the published totals, the lowest (Alaska, Vermont) are at 0.15.
"""


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
        Indexed by area: ``arrests``, ``arrests_located``, ``located_share``,
        ``evidence`` (of the total: given, not listed or in doubt) and ``support``
        (``"county"``, the level of `totals`, or ``"none"``).

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
            "evidence": totals.evidence,
            "support": support.where(known, UNKNOWN),
        }
    )


def support_of_records(
    by_support: pd.DataFrame, *, named: pd.Series, people: pd.Series, threshold: float
) -> pd.DataFrame:
    """Tell for each zone whether its counties may have arrest classes of their own.

    Records of some states only, or of some offices, say nothing of the others, which is
    not zero; nor do the few strays that such a file holds. So a zone is listed where the
    records that name it are at least one in twenty of the number that is usual in the file
    for so many residents. A zone is in doubt where fewer than half of its arrests name it:
    sharing the arrests of an office out over its zones makes them alike, which is no
    evidence about zones.

    Parameters
    ----------
    by_support : pandas.DataFrame of float
        Arrests by zone, by the level to which they are known, as ``impute_arrests`` gives
        them.
    named : pandas.Series of int
        Counted records, of whatever kind, that name each zone.
    people : pandas.Series of float
        Residents of each zone; missing where not known.
    threshold : float
        Least share of a zone's arrests whose county is known.

    Returns
    -------
    pandas.DataFrame
        As `decide_support` gives it. Arrests known by state or office only count as many
        as are expected in the zone, in whole numbers that keep the sum.

    Examples
    --------
    >>> zones = ["AL-NOL", "MD-BAL", "TX-DAL"]
    >>> by_support = pd.DataFrame({"county": [6.0, 2, 0], "zone": [3.0, 7, 1],
    ...                            "state": 0.0, "aor": [0.6, 0.4, 0]}, index=zones)
    >>> support_of_records(
    ...     by_support, named=pd.Series([900, 900, 1], index=zones),
    ...     people=pd.Series([4.9e6, 6e6, 9e6], index=zones), threshold=0.5,
    ... )[["arrests", "support"]].to_dict("list")
    {'arrests': [10, 9, 1], 'support': ['county', 'zone', 'none']}
    """
    expected = by_support.sum(axis="columns")
    usual = named.sum() / people.sum() * people.reindex(named.index)
    listed = (named > 0) & ~(named < _SCARCE * usual)
    # Of no arrests nothing is located, and counties have no classes of their own.
    share = (by_support["county"] / expected).fillna(0.0)
    told = (by_support["county"] + by_support["zone"]) / expected
    support = (share >= threshold).map({True: COUNTY, False: "zone"})
    evidence = listed.map({True: GIVEN, False: NOT_LISTED})
    evidence[listed & (told < _TOLD)] = IN_DOUBT
    return pd.DataFrame(
        {
            "arrests": largest_remainder(expected, round(expected.sum())),
            "arrests_located": by_support["county"].astype("int64"),
            "located_share": share,
            "evidence": evidence,
            "support": support.where(evidence == GIVEN, UNKNOWN),
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
