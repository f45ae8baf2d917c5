"""What is said of changes of level, in sentences and columns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import pandas as pd

from arrest_atlas.report_parts._wording import NONE, capital, count, decimal, listed, percent, rate
from arrest_atlas.tables._change_points import FEWEST, LEAST
from arrest_atlas.tables._dated_counts import LEVEL_WORDS, DatedCounts, PlaceLevel
from arrest_atlas.tables._level_changes import ERROR, Found
from arrest_atlas.tables.arrest_rows import UNASSIGNED
from outputs import ColumnWords

__all__ = [
    "CHANGE_COLUMNS",
    "PLACE_COLUMNS",
    "WEEK_COLUMNS",
    "change_texts",
    "place_texts",
    "surge_findings",
    "surge_limits",
    "surge_support",
    "week_texts",
]

_MOST: Final = 40
_LATEST: Final = 12
_LEAST_NOW: Final = 3
_KINDS: Final = {
    "all": "all arrests",
    "custodial": "custodial arrests",
    "community": "community arrests",
    "other": "other arrests",
}

_PLACE: Final = {
    "level": ColumnWords(meaning="what the place is: all, state, aor (field office)"),
    "place": ColumnWords(meaning="code of the place; all for all of them"),
    "name": ColumnWords(meaning="name of the place"),
    "kind": ColumnWords(meaning="which arrests: all, custodial, community, other"),
}
CHANGE_COLUMNS: Final[Mapping[str, ColumnWords]] = {
    "change": ColumnWords(meaning="number of the change, the clearest first"),
    **_PLACE,
    "direction": ColumnWords(meaning="rise or fall"),
    "week": ColumnWords(meaning="first day of the first week of the new level"),
    "week_first": ColumnWords(meaning="the same, earliest by the 90 % interval"),
    "week_last": ColumnWords(meaning="the same, latest by the 90 % interval"),
    "weekly_before": ColumnWords(meaning="level before the change", unit="arrests a week"),
    "weekly_after": ColumnWords(meaning="level after the change", unit="arrests a week"),
    "ratio": ColumnWords(meaning="level after over level before"),
    "ratio_low": ColumnWords(meaning="the same, lower end of the 90 % interval"),
    "ratio_high": ColumnWords(meaning="the same, upper end of the 90 % interval"),
    "until": ColumnWords(meaning="week of the next change; empty where the level lasts"),
}
PLACE_COLUMNS: Final[Mapping[str, ColumnWords]] = {
    "place": _PLACE["place"],
    "name": _PLACE["name"],
    "arrests": ColumnWords(meaning="arrests of all days, gaps too", unit="arrests"),
    "weeks": ColumnWords(meaning="whole weeks", unit="weeks"),
    "weeks_not_told": ColumnWords(meaning="of these, weeks that a gap touches", unit="weeks"),
    "weekly_mean": ColumnWords(meaning="mean of the other weeks", unit="arrests a week"),
    "variation": ColumnWords(meaning="standard deviation over level, beside Poisson's"),
    "memory": ColumnWords(meaning="correlation of a week with the next around the levels"),
    "changes": ColumnWords(meaning="changes of level", unit="changes"),
    "weekly_now": ColumnWords(meaning="level of the last weeks", unit="arrests a week"),
    "since": ColumnWords(meaning="week of the last change; empty where there is none"),
    "weekly_earlier": ColumnWords(meaning="mean of all weeks before", unit="arrests a week"),
    "now_over_earlier": ColumnWords(meaning="level of the last weeks over the mean before"),
    "reason": ColumnWords(meaning="why the place was not tested; empty if it was"),
}
WEEK_COLUMNS: Final[Mapping[str, ColumnWords]] = {
    "week": ColumnWords(meaning="first day of the week"),
    **{name: _PLACE[name] for name in ("level", "place", "kind")},
    "arrests": ColumnWords(meaning="arrests recorded", unit="arrests"),
    "told": ColumnWords(meaning="whether the week counts, since no gap touches it"),
    "weekly_level": ColumnWords(meaning="level of the week", unit="arrests a week"),
}


def change_texts(frame: pd.DataFrame) -> pd.DataFrame:
    """Write the clearest changes for people."""
    top = frame.head(_MOST)
    return pd.DataFrame(
        {
            "place": top["name"],
            "arrests": top["kind"].map(_KINDS),
            "change": top["direction"],
            "week of": top["week"],
            "90 % interval": top["week_first"] + " to " + top["week_last"],
            "a week before": top["weekly_before"].map(rate),
            "and after": top["weekly_after"].map(rate),
            "times": top["ratio"].map(decimal),
            "90 % interval of it": [
                f"{decimal(low)} to {decimal(high)}"
                for low, high in zip(top["ratio_low"], top["ratio_high"], strict=True)
            ],
            "until": top["until"].replace("", NONE),
        }
    )


def place_texts(frame: pd.DataFrame) -> pd.DataFrame:
    """Write the places for people."""
    return pd.DataFrame(
        {
            "place": frame["name"],
            "arrests": frame["arrests"].map(count),
            "weeks": frame["weeks"].map(count),
            "not told": frame["weeks_not_told"].map(count),
            "a week": frame["weekly_mean"].map(rate),
            "changes": frame["changes"].map(count),
            "a week now": frame["weekly_now"].map(rate),
            "since": frame["since"].replace("", NONE),
            "now over earlier": frame["now_over_earlier"].map(decimal),
            "not tested": frame["reason"].replace("", NONE),
        }
    )


def week_texts(frame: pd.DataFrame) -> pd.DataFrame:
    """Write the last weeks of all places together for people."""
    every = frame[(frame["level"] == "all") & (frame["kind"] == "all")].tail(_LATEST)
    return pd.DataFrame(
        {
            "week of": every.index,
            "place": "All places",
            "arrests": every["arrests"].map(count).to_numpy(),
            "told": every["told"].map({True: "yes", False: "no"}).to_numpy(),
            "level": every["weekly_level"].map(rate).to_numpy(),
        }
    )


def surge_support(counts: DatedCounts) -> str:
    """Say how many arrests each level has a place for."""
    whole = counts.of("all")[0].days.sum()
    told = []
    levels: tuple[PlaceLevel, ...] = ("state", "aor")
    for level in levels:
        places = [each for each in counts.of(level) if each.place != UNASSIGNED]
        if places:
            share = sum(each.days.sum() for each in places) / max(whole, 1)
            told.append(f"{percent(share)} of the arrests are known by {LEVEL_WORDS[level][0]}")
    return f"{'; '.join(told) or 'no place is known'}; nothing is imputed"


def surge_findings(
    counts: DatedCounts, found: Sequence[Found], changes: pd.DataFrame
) -> Iterator[str]:
    """Say what changed, where and when."""
    level: PlaceLevel = "state" if counts.of("state") else "aor"
    tested = [
        each for each in found
        if each.place.level == level and each.place.kind == "all" and not each.reason
    ]  # fmt: skip
    pooled = changes[changes["kind"] == "all"]
    own = pooled[pooled["level"] == level]
    rises = own[own["direction"] == "rise"]
    what = f"of {len(tested)} {LEVEL_WORDS[level][1]} with enough weeks and arrests"
    if rises.empty:
        yield (
            f"In none {what} did weekly arrests rise to a level that was certainly {LEAST:g} "
            f"times the one before, {counts.period}."
        )
    else:
        yield (
            f"In {rises['place'].nunique()} {what}, weekly arrests rose to a new level, "
            f"{counts.period}; the clearest rise: {_told(rises.iloc[0])}."
        )
    for kind in ("custodial", "community"):
        of_kind = changes[(changes["kind"] == kind) & (changes["level"] == level)]
        up = of_kind[of_kind["direction"] == "rise"]
        if not up.empty:
            yield f"The clearest rise of {_KINDS[kind]}: {_told(up.iloc[0])}."
    falls = own[own["direction"] == "fall"]
    if not falls.empty:
        yield f"The clearest fall: {_told(falls.iloc[0])}."
    whole = pooled[pooled["level"] == "all"].sort_values("week")
    if whole.empty:
        yield "All places together show no change of level."
    else:
        texts = [
            f"from {rate(each.weekly_before)} to {rate(each.weekly_after)} a week in the week of "
            f"{each.week} ({_between(each.week_first, each.week_last)})"
            for each in whole.itertuples()
        ]
        yield f"All places together changed {listed(texts)}."
    yield from _not_told(found)


def _between(first: object, last: object) -> str:
    return "90 % interval: that week" if first == last else f"90 % interval: {first} to {last}"


def _told(change: pd.Series) -> str:
    """Tell a change in words with its intervals."""
    lasts = f", until the week of {change['until']}" if change["until"] else ""
    return (
        f"{change['name']}, from {rate(change['weekly_before'])} to "
        f"{rate(change['weekly_after'])} a week in the week of {change['week']} "
        f"({_between(change['week_first'], change['week_last'])}), "
        f"{decimal(change['ratio'])} times ({decimal(change['ratio_low'])} to "
        f"{decimal(change['ratio_high'])}){lasts}"
    )


def _not_told(found: Sequence[Found]) -> Iterator[str]:
    whole = next(each for each in found if each.place.level == "all" and each.place.kind == "all")
    missing = int(whole.weeks.isna().sum())
    if missing:
        yield (
            f"{missing} of {len(whole.weeks)} weeks are set apart for all places, since days of "
            "them have no row, or too few arrests to be chance: a gap in reporting is no lull."
        )


def surge_limits(found: Sequence[Found]) -> Iterator[str]:
    """Say what changes cannot tell."""
    yield (
        "A change says that the level of weekly arrests moved, not why: operations, staffing, "
        "jails, law and record-keeping all move it."
    )
    yield (
        f"A change is named where independent weeks of the same noise and one level would show "
        f"one in at most {percent(ERROR)} of tables over all places, and where the levels "
        f"certainly differ by {LEAST:g} times; a level lasts {FEWEST} weeks at least, so that a "
        "single raid is no change."
    )
    yield (
        "Levels are steps. A slow climb shows as several steps, and weeks that drift may show "
        "one where nothing happened; intervals of dates suppose that a change is sharp. Small "
        "steps come and go with the seed."
    )
    yield (
        "Weeks that a gap touches are set apart. A place of which nothing is recorded may truly "
        "have had no arrest; counts cannot tell this from a report that is missing."
    )
    untested = [
        f"{each.place.name} ({each.reason})" for each in found
        if each.reason and each.place.kind == "all" and each.place.place != UNASSIGNED
    ]  # fmt: skip
    if untested:
        yield f"Not tested: {capital('; '.join(untested))}."
    apart = [each for each in found if each.place.place == UNASSIGNED and each.place.kind == "all"]
    for each in apart:
        yield (
            f"{count(each.place.days.sum())} arrests are of no known "
            f"{LEVEL_WORDS[each.place.level][0]}: where this share moves, a place's weeks move "
            "with it (see completeness)."
        )
