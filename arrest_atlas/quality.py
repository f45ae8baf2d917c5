"""The quality of records, as it is published and as scripts read it."""

from __future__ import annotations

import re
from typing import Any, Final

import pandas as pd

from geo import QualityReport

__all__ = ["nested_quality", "published_quality"]

_QUOTING: Final = ("unknown", "unmatched")
"""Tables of what somebody wrote."""

_QUOTED: Final = re.compile(r"(?<=: )(?:'.*'|\".*\"|another value that) (?=is no )")
"""A value that was read as missing, in the words of ``ArrestRecords.repairs``."""


def published_quality(report: QualityReport) -> pd.DataFrame:
    """Lay the quality of records out as it may be published.

    Parameters
    ----------
    report : QualityReport
        The report.

    Returns
    -------
    pandas.DataFrame
        Its long form, without a text that somebody wrote into a record, however often it
        stands there: it can be about one person. ``not_understood`` counts them.
    """
    table = report.to_frame()
    table = table[~table["section"].isin(_QUOTING)]
    unquoted = table["item"].str.replace(_QUOTED, "a value that ", regex=True)
    items = unquoted.where(table["section"] == "repairs", table["item"])
    keys = ["section", "item", "measure"]
    counts = table.assign(item=items).groupby(keys, sort=False)["value"].sum()
    return counts.reset_index()


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
