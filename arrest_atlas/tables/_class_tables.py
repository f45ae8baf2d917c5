"""Tables of classes of arrests: numbers for machines, texts for people, words for both."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import pandas as pd

from arrest_atlas.options import ArrestInputs
from arrest_atlas.report_parts._wording import NONE, capital, count, percent
from arrest_atlas.tables._class_shares import ENDS, Classes, class_shares, share_changes
from arrest_atlas.tables._rate_tables import ALL
from arrest_atlas.tables._spans import Span, overlapping
from arrest_atlas.tables.arrest_rows import UNASSIGNED, arrest_rows, within
from arrest_atlas.tables.published import PublishedTable
from geo import InputError, Problem
from outputs import ColumnWords

__all__ = [
    "SPREAD",
    "Cut",
    "class_table",
    "counted_rows",
    "labelled",
    "points",
    "rows_of_span",
    "share_text",
    "undated_limit",
]

SPREAD: Final = ("if_spread", "if_spread_low", "if_spread_high")
_FINE: Final = 0.01
"""Half the width of an interval up to which a share has a decimal."""


@dataclass(frozen=True, kw_only=True)
class Cut:
    """A way to cut arrests into groups.

    Attributes
    ----------
    name : str
        Of the index: ``"state"``.
    head : str
        Of the first column for people.
    groups : mapping of str to str
        By group, in order, its name for people.
    of : str
        What the groups are, in a title: ``"state"``.
    meaning : str
        What the index holds.
    support : str
        How finely the groups are known.
    pooled : bool
        Whether dispersion is measured over all groups together.
    """

    name: str
    head: str
    groups: Mapping[str, str]
    of: str
    meaning: str
    support: str
    pooled: bool = False
    extra: Mapping[str, ColumnWords] = field(default_factory=dict)


def counted_rows(inputs: ArrestInputs) -> pd.DataFrame:
    """List the arrests of records, `UNASSIGNED` where the state or the office is not known.

    Raises
    ------
    InputError
        If there are no records.
    """
    if inputs.records is None:
        problem = Problem(
            file="arrests",
            found="tables of counts, which do not tell how arrests were made",
            expected="records of arrests, one row each",
            action="give --arrests",
        )
        raise InputError([problem])
    rows = arrest_rows(inputs.records)
    known = {name: rows[name].astype("object").fillna(UNASSIGNED) for name in ("state", "aor")}
    return rows.assign(**known)


def rows_of_span(rows: pd.DataFrame, span: Span) -> pd.DataFrame:
    """Keep the arrests of a period; all where no record has a date."""
    return rows if span.covered is None else within(rows, span.covered)


def undated_limit(rows: pd.DataFrame) -> Iterator[str]:
    """Say how many arrests belong to no period, since they have no date."""
    undated = int(rows["date"].isna().sum())
    if 0 < undated < len(rows):
        yield (
            f"{count(undated)} arrests ({percent(undated / len(rows))}) have no date and belong "
            "to no period."
        )


def labelled(frame: pd.DataFrame, groups: Mapping[Any, Any]) -> pd.Series:
    """Name the rows for people."""
    return pd.Series([str(groups.get(name, name)) for name in frame.index], index=frame.index)


def class_table(
    rows: pd.DataFrame,
    cut: Cut,
    classes: Classes,
    *,
    title: str,
    span: Span,
    source: str,
    before: tuple[pd.DataFrame, Span] | None = None,
    beside: pd.DataFrame | None = None,
) -> PublishedTable:
    """Lay the classes of the arrests of a period out by group.

    `before` are the rows of the period before, from which changes are measured unless days
    belong to both; `beside` are further columns by group, told by the cut's `extra`.
    """
    order = list(cut.groups)
    frame = class_shares(rows, rows[cut.name], classes, order=order, pooled=cut.pooled)
    earlier = None if before is None or overlapping(before[1], span) else before
    if earlier is not None:
        then = class_shares(
            earlier[0], earlier[0][cut.name], classes, order=order, pooled=cut.pooled
        )
        frame = frame.join(share_changes(frame, then, classes))
    if beside is not None:
        frame = frame.join(beside)
    frame = frame.rename_axis(index=cut.name)
    return PublishedTable(
        # A GeoPackage has each title once, also of several periods.
        title=f"{title} by {cut.of}, {span.asked or span}",
        frame=frame,
        shown=_shown(frame, cut, classes),
        columns=_columns(cut, classes, earlier[1] if earlier else None),
        period=str(span),
        denominator="arrests of each row that are no duplicates; each row's shares sum to one",
        support=cut.support,
        source=source,
    )


def _shown(frame: pd.DataFrame, cut: Cut, classes: Classes) -> pd.DataFrame:
    places = frame.drop(index=[ALL, UNASSIGNED], errors="ignore")
    rest = [name for name in (UNASSIGNED,) if name in frame.index]
    rows = frame.loc[[ALL, *places.index, *rest]]
    texts = pd.DataFrame({cut.head: labelled(rows, cut.groups).map(capital)})
    texts["Arrests"] = rows["arrests"].map(count)
    texts["Of all arrests"] = rows["share_of_arrests"].map(percent)
    for name, words in classes.words.items():
        head = f"{capital(words)} (90 % interval)"
        texts[head] = [share_text(row, name) for _, row in rows.iterrows()]
    if "custodial_if_spread" in rows:
        texts["In jails, were the not assigned spread"] = [
            share_text(row, "custodial", ends=SPREAD) for _, row in rows.iterrows()
        ]
    first = classes.names[0]
    if f"{first}_change" in rows:
        texts[f"Change, {classes.words[first]}, points"] = [
            _change_text(row, first) for _, row in rows.iterrows()
        ]
    return texts


def share_text(row: pd.Series, name: str, *, ends: Sequence[str] = ENDS) -> str:
    """Write a share with its interval, with a decimal where it is worth one."""
    share, low, high = (float(row[f"{name}_{end}"]) for end in ends)
    if pd.isna(share):
        return NONE
    decimals = 1 if high - low <= 2 * _FINE else 0
    ends = f"{_number(low, decimals)} to {_number(high, decimals)}"
    return f"{percent(share, decimals=decimals)} ({ends})"


def points(value: Any) -> str:
    """Write a difference of shares in percentage points, with a true minus."""
    if pd.isna(value):
        return NONE
    return f"{round(100 * float(value), 1) + 0.0:+.1f}".replace("-", "\u2212")


def _change_text(row: pd.Series, name: str) -> str:
    change, low, high = (points(row[f"{name}_change{end}"]) for end in ("", "_low", "_high"))
    return change if change == NONE else f"{change} ({low} to {high})"


def _number(share: float, decimals: int) -> str:
    return f"{100 * share:.{decimals}f}"


def _columns(cut: Cut, classes: Classes, before: Span | None) -> dict[str, ColumnWords]:
    words = {
        cut.name: ColumnWords(meaning=f"{cut.meaning}; '{ALL}' is every row together"),
        "arrests": ColumnWords(meaning="Arrests that are no duplicates", unit="arrests"),
        "share_of_arrests": ColumnWords(meaning="Share of all arrests of the period; 0 to 1"),
    }
    for name, told in classes.words.items():
        words[name] = ColumnWords(meaning=f"Arrests: {told}", unit="arrests")
        words[f"{name}_share"] = ColumnWords(
            meaning=f"Share of the row's arrests: {told}; missing where there are none"
        )
        words[f"{name}_low"] = ColumnWords(meaning=f"Lower end of the 90 % interval: {told}")
        words[f"{name}_high"] = ColumnWords(meaning=f"Upper end of the 90 % interval: {told}")
        if before is not None:
            since = f"Share now less share of {before}: {told}; 0.01 is a percentage point"
            words[f"{name}_change"] = ColumnWords(meaning=since)
            for end, side in (("low", "Lower"), ("high", "Upper")):
                words[f"{name}_change_{end}"] = ColumnWords(
                    meaning=f"{side} end of the 90 % interval of the change: {told}"
                )
    return words | dict(cut.extra)
