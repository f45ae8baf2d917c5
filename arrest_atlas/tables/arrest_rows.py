"""Arrests one by one, as the published analyses count them: classed, placed, dated."""

from __future__ import annotations

from datetime import date
from typing import Final

import pandas as pd

from arrest_atlas.period import Period
from arrest_atlas.records import Records

__all__ = ["STATE_FROM", "UNASSIGNED", "arrest_rows", "usual_periods", "within"]

UNASSIGNED: Final = "not assigned"
"""Stands for a place that is not known, so that shares sum to one."""

STATE_FROM: Final = ("record", "publisher", "landmark", "office", "none")
"""What tells the state: the record's own fields, the publisher who filled it in, the landmark,
the office, or nothing."""

_BEFORE: Final = (date(2024, 1, 1), date(2024, 12, 31))
_SINCE: Final = date(2025, 1, 20)

_BY_RULE: Final = {
    "state": "record",
    "coordinates": "record",
    "county column": "record",
    "city column": "record",
    "state filled in": "publisher",
    "office": "office",
    "duty site": "office",
}
"""Every other rule is one of landmarks."""


def arrest_rows(records: Records) -> pd.DataFrame:
    """List the arrests that are no duplicates, of every day.

    Parameters
    ----------
    records : Records
        Records and what was decided of each row.

    Returns
    -------
    pandas.DataFrame
        One row an arrest, on the index of the records, for counting only and never to be
        published (M12): ``date``; ``custody``; ``criminality`` and ``method``; ``support``,
        ``county_fips``, ``zone``, ``state`` and ``aor`` as far as they are known;
        ``state_from``, what tells the state. A state is inferred from an office only where
        all of the office's area lies in it.

    Examples
    --------
    >>> from arrest_atlas.demo import simulate
    >>> rows = arrest_rows(simulate(seed=0, arrests=5_000).inputs.records)
    >>> (rows["state"].isna() == (rows["state_from"] == "none")).all()
    np.True_
    """
    kept = ~records.duplicates.drop
    place = records.located.table[kept]
    table = records.arrests.table[kept]
    source = place["rule"].astype("str").map(_BY_RULE).fillna("landmark")
    source[place["state"].isna()] = "none"
    # A record may name its state and be located by its landmark: the state is its own then.
    own = table["state"].astype("str")
    source[own.notna() & (own == place["state"].astype("str"))] = "record"
    return pd.DataFrame(
        {
            "date": table["apprehension_date"],
            "custody": records.classes.custody[kept],
            "criminality": records.classes.criminality[kept],
            "method": table["method"],
            "support": place["support"],
            "county_fips": place["county_fips"],
            "zone": place["zone"],
            "state": place["state"],
            "aor": place["aor"],
            "state_from": pd.Categorical(source, categories=STATE_FROM),
        },
        index=place.index,
    )


def within(rows: pd.DataFrame, period: Period) -> pd.DataFrame:
    """Keep the arrests of a period.

    Parameters
    ----------
    rows : pandas.DataFrame
        As `arrest_rows` lists them.
    period : Period
        Which days.

    Returns
    -------
    pandas.DataFrame
        Those rows; without a date none is.

    Examples
    --------
    >>> rows = pd.DataFrame({"date": pd.to_datetime(["2024-05-01", "2025-05-01", None])})
    >>> len(within(rows, Period.parse("2024", option="--period")))
    1
    """
    first, last = pd.Timestamp(period.first), pd.Timestamp(period.last)
    return rows[(rows["date"] >= first) & (rows["date"] <= last)]


def usual_periods(first: date, last: date) -> tuple[Period, ...]:
    """Choose the days that are told apart where the user names none.

    Parameters
    ----------
    first, last : datetime.date
        Days from and to which there are arrests.

    Returns
    -------
    tuple of Period
        2024, and from 2025-01-20 on, each as far as there are days of it; all days where
        there are none of both. A change of government is a date that the published analyses
        share, no finding.

    Examples
    --------
    >>> [period.text for period in usual_periods(date(2023, 9, 1), date(2025, 7, 29))]
    ['2024-01-01/2024-12-31', '2025-01-20/2025-07-29']
    """
    spans = [(max(first, start), min(last, end)) for start, end in (_BEFORE, (_SINCE, last))]
    kept = [(start, end) for start, end in spans if start <= end] or [(first, last)]
    return tuple(Period(start, end, f"{start}/{end}") for start, end in kept)
