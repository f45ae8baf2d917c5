"""The quality of records, as it is published and as scripts read it."""

from __future__ import annotations

from typing import Any, Final

import pandas as pd

from geo import QualityReport

__all__ = ["nested_quality", "published_quality"]

_FREE_TEXT: Final = ("unknown", "unmatched")
_QUOTED: Final = r"['\"].* is no "
"""A value that was read as missing, in the words of ``ArrestRecords.repairs``."""

_SELDOM: Final = 10
"""Records below which what somebody wrote is not published."""


def published_quality(report: QualityReport) -> pd.DataFrame:
    """Lay the quality of records out as it may be published.

    Parameters
    ----------
    report : QualityReport
        The report.

    Returns
    -------
    pandas.DataFrame
        Its long form, without texts that stand in fewer than ten records: these can be
        about one person.
    """
    table = report.to_frame()
    quoted = table["section"].isin(_FREE_TEXT)
    for column in ("item", "measure"):
        quoted |= table[column].astype("str").str.contains(_QUOTED, regex=True)
    return table[~(quoted & (table["value"] < _SELDOM))].reset_index(drop=True)


def nested_quality(report: QualityReport, table: pd.DataFrame) -> dict[str, Any]:
    """Nest a quality report for scripts.

    Parameters
    ----------
    report : QualityReport
        The report.
    table : pandas.DataFrame
        Its long form, or what is shown of it.

    Returns
    -------
    dict
        Release and remarks, then by section, item and measure.
    """
    sections: dict[str, Any] = {"release": report.release, "notes": list(report.notes)}
    for section, item, measure, value in table.itertuples(index=False):
        sections.setdefault(section, {}).setdefault(str(item), {})[str(measure)] = value
    return sections
