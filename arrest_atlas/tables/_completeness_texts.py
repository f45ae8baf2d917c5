"""What is said of the completeness of sources, in sentences and columns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import pandas as pd

from arrest_atlas.report_parts._wording import count, percent
from arrest_atlas.tables._dated_counts import DatedCounts
from arrest_atlas.tables._source_coverage import FIELDS
from outputs import ColumnWords

__all__ = [
    "GAP_COLUMNS",
    "MONTH_COLUMNS",
    "SOURCE_COLUMNS",
    "completeness_findings",
    "completeness_limits",
    "gap_texts",
    "month_texts",
    "source_texts",
]

_MOST: Final = 60
_FIELD_WORDS: Final = {
    "state": "the state",
    "aor": "the office",
    "landmark": "the landmark",
    "method": "the method",
    "criminality": "the criminality",
    "identifier": "an identifier",
}
_SUPPORT_WORDS: Final = {
    "county": "county",
    "zone": "zone (state and office), no county",
    "state": "state only",
    "aor": "office only",
    "none": "no place",
}
_MOVED: Final = 0.1
"""Difference of a field's share between months that is named."""

_SOURCE: Final = {
    "source": ColumnWords(meaning="file"),
    "level": ColumnWords(meaning="what the place is: all, state, aor (field office)"),
    "place": ColumnWords(meaning="code of the place; all for all of them"),
    "name": ColumnWords(meaning="name of the place"),
}
SOURCE_COLUMNS: Final[Mapping[str, ColumnWords]] = {
    "row": ColumnWords(meaning="number of the row"),
    **_SOURCE,
    "first": ColumnWords(meaning="first day of the source"),
    "last": ColumnWords(meaning="last day of the source"),
    "days": ColumnWords(meaning="from the first to the last", unit="days"),
    "arrests": ColumnWords(meaning="recorded in the place", unit="arrests"),
    "days_without": ColumnWords(meaning="days with a row and no arrest", unit="days"),
    "days_not_told": ColumnWords(meaning="days in gaps", unit="days"),
    "told_share": ColumnWords(meaning="share of the days that are in no gap"),
    "gaps": ColumnWords(meaning="number of gaps"),
}
GAP_COLUMNS: Final[Mapping[str, ColumnWords]] = {
    "gap": ColumnWords(meaning="number of the gap"),
    **_SOURCE,
    "first": ColumnWords(meaning="first day of the gap"),
    "last": ColumnWords(meaning="last day of the gap"),
    "days": ColumnWords(meaning="length", unit="days"),
    "kind": ColumnWords(meaning="no row, nothing or hardly anything recorded, end of the file"),
    "recorded": ColumnWords(meaning="arrests recorded in it", unit="arrests"),
    "expected": ColumnWords(
        meaning="arrests to be expected by the four weeks before and after, by the lower of both",
        unit="arrests",
    ),
}
MONTH_COLUMNS: Final[Mapping[str, ColumnWords]] = {
    "row": ColumnWords(meaning="number of the row"),
    "source": _SOURCE["source"],
    "month": ColumnWords(meaning="month of the arrest"),
    "arrests": ColumnWords(meaning="arrests of the month, no duplicates", unit="arrests"),
    **{
        f"{name}_told": ColumnWords(
            meaning=f"share of arrests whose record has {_FIELD_WORDS[name]}"
        )
        for name in FIELDS
    },
    **{
        f"{name}_share": ColumnWords(meaning=f"share of arrests known by {words}")
        for name, words in _SUPPORT_WORDS.items()
    },
    "county_share_low": ColumnWords(meaning="share known by county, lower end of 90 %"),
    "county_share_high": ColumnWords(meaning="share known by county, upper end of 90 %"),
}


def source_texts(frame: pd.DataFrame) -> pd.DataFrame:
    """Write sources and places for people: whole sources, then those with most not told."""
    whole = frame["level"] == "all"
    gapped = frame[~whole & (frame["days_not_told"] > 0)]
    ranked = gapped.sort_values("days_not_told", ascending=False, kind="stable")
    shown = pd.concat([frame[whole], ranked]).head(_MOST)
    return pd.DataFrame(
        {
            "place": shown["name"],
            "source": shown["source"],
            "from": shown["first"],
            "to": shown["last"],
            "days": shown["days"].map(count),
            "arrests": shown["arrests"].map(count),
            "days without an arrest": shown["days_without"].map(count),
            "days not told": shown["days_not_told"].map(count),
            "told": shown["told_share"].map(percent),
        }
    )


def gap_texts(frame: pd.DataFrame) -> pd.DataFrame:
    """Write the gaps for people."""
    shown = frame.head(_MOST)
    return pd.DataFrame(
        {
            "place": shown["name"],
            "source": shown["source"],
            "from": shown["first"],
            "to": shown["last"],
            "days": shown["days"].map(count),
            "what": shown["kind"],
            "recorded": shown["recorded"].map(count),
            "to be expected": shown["expected"].map(count),
        }
    )


def month_texts(frame: pd.DataFrame) -> pd.DataFrame:
    """Write the fields by month for people."""
    fields = {f"has {_FIELD_WORDS[name]}": frame[f"{name}_told"].map(percent) for name in FIELDS}
    interval = [
        f"{percent(share)} ({percent(low)} to {percent(high)})"
        for share, low, high in zip(
            frame["county_share"],
            frame["county_share_low"],
            frame["county_share_high"],
            strict=True,
        )
    ]
    return pd.DataFrame(
        {
            "month": frame["month"],
            "source": frame["source"],
            "arrests": frame["arrests"].map(count),
            **fields,
            "county known (90 % interval)": interval,
            "no place": frame["none_share"].map(percent),
        }
    ).tail(_MOST)


def completeness_findings(
    counted: Sequence[DatedCounts],
    sources: pd.DataFrame,
    gaps: pd.DataFrame,
    months: pd.DataFrame | None,
) -> Iterator[str]:
    """Say what is missing, when."""
    for counts in counted:
        own = sources[sources["source"] == counts.source]
        whole = own[own["level"] == "all"].iloc[0]
        yield (
            f"{counts.source} runs from {whole['first']} to {whole['last']}; "
            f"{percent(whole['told_share'])} of its {count(whole['days'])} days are told, "
            f"{count(whole['days_not_told'])} are not."
        )
    for _, gap in gaps[gaps["level"] == "all"].iterrows():
        expected = (
            "" if gap["kind"] == "no row"
            else f": {count(gap['recorded'])} arrests where {count(gap['expected'])} were to be "
            "expected"
        )  # fmt: skip
        yield f"{gap['source']}, {gap['first']} to {gap['last']}, {gap['kind']}{expected}."
    local = gaps[gaps["level"] != "all"]
    places = sources[sources["level"] != "all"]
    if not local.empty:
        worst = places.sort_values("days_not_told", ascending=False, kind="stable").iloc[0]
        yield (
            f"{local['name'].nunique()} of {places['name'].nunique()} places have gaps of their "
            f"own or of their source, most days {worst['name']}: {count(worst['days_not_told'])} "
            f"of {count(worst['days'])}."
        )
    if months is not None:
        yield from _moved(months)


def _moved(months: pd.DataFrame) -> Iterator[str]:
    """Name the fields whose share moved from one month to another."""
    for source, frame in months.groupby("source", sort=False):
        names = {f"{name}_told": f"records with {_FIELD_WORDS[name]}" for name in FIELDS}
        names["county_share"] = "arrests known by county"
        still = True
        for column, words in names.items():
            ordered = frame.sort_values(column, kind="stable")
            low, high = ordered.iloc[0], ordered.iloc[-1]
            if high[column] - low[column] < _MOVED:
                continue
            still = False
            yield (
                f"{source}: the share of {words} lies between {percent(low[column])} "
                f"({low['month']}) and {percent(high[column])} ({high['month']}) of a month."
            )
        if still:
            yield (
                f"{source}: no field's share differs by {percent(_MOVED)} or more between months."
            )


def completeness_limits(*, records: bool) -> Iterator[str]:
    """Say what counts cannot tell of their completeness."""
    yield (
        "A gap is a guess from the counts themselves: days without a row, or runs of three days "
        "and more with none or hardly any arrest where the weeks before and after make that less "
        "than 1% probable over the whole source. A true stop of arrests looks the same."
    )
    yield (
        "What is missing at all times alike leaves no gap: nothing here says that the sources "
        "hold all arrests."
    )
    yield (
        "The last two weeks of a whole source are looked at for a thin end, since arrests are "
        "entered late; of a single place a thin end may be a lull, and is not set apart."
    )
    if records:
        yield (
            "Shares of fields are of records as they are, before a state is inferred; months at "
            "the ends may be in part."
        )
