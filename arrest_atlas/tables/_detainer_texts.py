"""What is told of detainers: sentences and figures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

import pandas as pd

from arrest_atlas.records import Records
from arrest_atlas.report_parts._wording import count, percent
from arrest_atlas.tables._class_shares import difference
from arrest_atlas.tables._class_tables import points, share_text
from arrest_atlas.tables._detainer_columns import LIFT_WORDS, change_text
from arrest_atlas.tables._detainer_links import BEFORE
from arrest_atlas.tables._detainer_shares import ALL, OUTCOME_CLASSES
from arrest_atlas.tables._rate_tables import row_of
from arrest_atlas.tables._spans import Span
from arrest_atlas.tables._vote_groups import VOTE_GROUPS
from arrest_atlas.tables.arrest_rows import UNASSIGNED
from outputs.figures.ranked_rows import ranked_rows_figure
from outputs.figures.share_bars import share_bars_figure

__all__ = [
    "detainer_figures",
    "detainer_findings",
    "detainer_limits",
]

_STAND_ALONE: Final = 100
"""Detainers that a state must have to be named as the highest or the lowest."""

_SOON: Final = 30
_FEW_SHARED: Final = 0.05


def detainer_findings(
    frames: Mapping[str, pd.DataFrame], span: Span, earlier: Span | None, *, days: int
) -> Iterator[str]:
    """Say what was found, in sentences with their intervals."""
    states = frames["detainers_state"]
    every = row_of(states, ALL)
    if not every["followed_up"]:
        yield (
            f"Of {count(every['detainers'])} detainers of {span.title}, none could be followed for "
            f"{days} days: {_set_apart(every, days)}."
        )
        return
    yield (
        f"Of {count(every['followed_up'])} detainers of {span.title} that could be followed for "
        f"{days} days, {share_text(every, 'custodial')} were followed by an arrest in jail or "
        f"prison, {share_text(every, 'community')} by one in the community only, "
        f"{share_text(every, 'other')} by another; for {share_text(every, 'none')} no arrest is "
        "recorded (in brackets 90 % intervals)."
    )
    yield from _extremes(states)
    if apart := _set_apart(every, days):
        yield (
            f"Of all {count(every['detainers'])} detainers, others could not be followed: {apart}. "
            f"Had an arrest in jail followed none, or all, of those without an identifier, it "
            f"would be {percent(every['custodial_least'])} or {percent(every['custodial_most'])}."
        )
    if "detainers_vote" in frames:
        yield from _by_vote(frames["detainers_vote"])
    if earlier is not None and pd.notna(every.get("custodial_change")):
        yield (
            f"Against {earlier.title}, the share followed by an arrest in jail changed by "
            f"{change_text(every)} percentage points."
        )
    soon = row_of(frames["detainers_days"], _SOON)
    if pd.notna(soon["custodial_share"]):
        yield (
            f"Within {_SOON} days, {share_text(soon, 'custodial')} were followed by an arrest in "
            "jail, young detainers counted for as long as they were seen (Kaplan and Meier)."
        )
    yield from _by_lift_reason(frames["detainers_lifted"])


def _set_apart(row: pd.Series, days: int) -> str:
    parts = {
        "no_identifier": "have no identifier",
        "too_young": f"were prepared less than {days} days before the arrests end",
        "before_arrests": "were prepared before the arrests begin",
    }
    return ", ".join(f"{count(row[name])} {told}" for name, told in parts.items() if row[name])


def _extremes(states: pd.DataFrame) -> Iterator[str]:
    places = states.drop(index=[ALL, UNASSIGNED])
    known = places[places["followed_up"] >= _STAND_ALONE].sort_values("custodial_share")
    if len(known) < 2:  # noqa: PLR2004  (a lowest and a highest)
        return
    low, high = known.iloc[0], known.iloc[-1]
    yield (
        f"Of the {len(known)} states and territories with {_STAND_ALONE} such detainers or more, "
        f"an arrest in jail followed most often in {high['name']}, "
        f"{share_text(high, 'custodial')}, and least often in {low['name']}, "
        f"{share_text(low, 'custodial')}. The first and the last of many are in part so by chance."
    )


def _by_vote(frame: pd.DataFrame) -> Iterator[str]:
    red, blue = (row_of(frame, group) for group in VOTE_GROUPS[:2])
    if red["followed_up"] and blue["followed_up"]:
        apart, low, high = difference(red, blue, "custodial")
        yield (
            f"In states that voted {VOTE_GROUPS[0]} it was {share_text(red, 'custodial')}, in "
            f"states that voted {VOTE_GROUPS[1]} {share_text(blue, 'custodial')}: {points(apart)} "
            f"percentage points ({points(low)} to {points(high)})."
        )


def _by_lift_reason(frame: pd.DataFrame) -> Iterator[str]:
    told = [
        f"{share_text(row, 'custodial')} of those said to be {LIFT_WORDS[name]}"
        for name in ("booked", "declined")
        if (row := row_of(frame, name))["followed_up"]
    ]
    if told:
        yield (
            "As a check by what the detainers' own records say of their end: an arrest in jail "
            f"followed {', and '.join(told)}."
        )


def detainer_limits(
    rows: pd.DataFrame, records: Records, *, days: int, repeats: pd.Series
) -> Iterator[str]:
    """Say what the links cannot tell, what is missing and how it was counted."""
    yield (
        "A detainer asks a jail to hold somebody for ICE. That an arrest followed does not say "
        "that the jail complied, nor that it was because of the detainer; that none is recorded "
        "does not say that it refused: people are also sentenced to more than "
        f"{days} days, found not to be removable, or handed over in ways that are no arrest of "
        "these records."
    )
    table = records.arrests.table
    nameless = float(table.loc[~records.duplicates.drop, "identifier"].isna().mean())
    yield (
        "Detainers and arrests are linked by the identifier of the person, which is the same only "
        f"within a release. {percent((rows['person'] < 0).mean(), decimals=1)} of the detainers "
        f"and {percent(nameless, decimals=1)} of the arrests have none; the first are set apart, "
        "the second make the shares somewhat too low."
    )
    known = rows[(rows["person"] >= 0) & rows["date"].notna()]
    seen = known["any_gap"].notna() | known["arrested_before"]
    if len(known) and float(seen.mean()) < _FEW_SHARED:
        yield (
            f"Only {percent(seen.mean())} of the detainers' persons stand in the arrests: check "
            "that both files are of one release."
        )
    arrests = table.loc[~records.duplicates.drop, "apprehension_date"].dropna()
    yield (
        f"The arrests run from {arrests.min():%Y-%m-%d} to {arrests.max():%Y-%m-%d}; the last days "
        f"of a release may be incomplete. An arrest counts from the day of the detainer to {days} "
        "days after. A person with several detainers counts with each, which the intervals carry."
    )
    before = rows[(rows["status"] == "followed_up") & (rows["outcome"] == "none")]
    yield (
        f"{percent(before['arrested_before'].mean())} of the detainers without a later arrest are "
        f"of persons arrested within {BEFORE} days before: some detainers are prepared after the "
        "arrest, and do not count as followed."
    )
    yield (
        f"{count((repeats == 'same day').sum())} rows repeat a detainer of the person and the day, "
        f"{count((repeats == 'replaced').sum())} were replaced by one within 30 days, as their "
        "records say; both were left out."
    )
    undated = int(rows["date"].isna().sum())
    if undated:
        yield f"{count(undated)} detainers have no usable day and belong to no period."
    inferred = float((rows["state_from"] == "office").mean())
    nowhere = float((rows["state"] == UNASSIGNED).mean())
    yield (
        f"The state is that of the jail; for {percent(inferred)} of the detainers it is inferred "
        "from a field office all of whose area lies in one state, and "
        f"{percent(nowhere)} have none. An office that spans states never gives one."
    )
    yield (
        "Arrests in jail or prison are classed by the method that ICE records; those of the "
        f"programme 287(g) count as '{records.programme_287g}'. From late July 2025 'Custodial "
        "Arrest' replaces the methods of the Criminal Alien Program."
    )
    yield (
        "The intervals say how far shares may lie from the practice behind them by chance; they do "
        "not carry errors of the records or of the links."
    )


def detainer_figures(
    frames: Mapping[str, pd.DataFrame], span: Span, *, days: int, simulated: bool
) -> tuple[dict[str, str], dict[str, str]]:
    """Draw the states' shares with their intervals, and all that followed."""
    states = frames["detainers_state"]
    places = states[states["followed_up"] > 0].drop(index=[ALL, UNASSIGNED], errors="ignore")
    places = places.sort_values(["custodial_share", "followed_up"], ascending=False)
    ends = [name for name in (ALL, UNASSIGNED) if row_of(states, name)["detainers"]]
    rows = pd.concat([places, states.loc[ends].assign(name=ends)])
    ranked = pd.DataFrame(
        {
            "row": rows["name"],
            "series": f"arrest in jail or prison within {days} days",
            "value": 100 * rows["custodial_share"],
            "low": 100 * rows["custodial_low"],
            "high": 100 * rows["custodial_high"],
        }
    )
    shown = rows[rows["followed_up"] > 0]
    bars = pd.DataFrame(
        {"group": "", "row": shown["name"], "whole": shown["followed_up"]}
        | {name: shown[f"{name}_share"] for name in OUTCOME_CLASSES.names}
    )
    figures = {
        "detainers-states": ranked_rows_figure(
            ranked,
            name="detainers-states",
            title="Detainers followed by an arrest in jail, by state",
            axis=f"percent of the detainers that could be followed, {span.title}",
            notes=["Lines are 90 % intervals. Few detainers make wide ones."],
            simulated=simulated,
        )
    }
    captions = {
        "detainers-states": "How often an arrest in jail or prison followed a detainer, by state "
        "of the jail, with 90 % intervals. It does not say why."
    }
    if len(bars):
        figures["detainers-outcomes"] = share_bars_figure(
            bars,
            parts=OUTCOME_CLASSES.words,
            name="detainers-outcomes",
            title="What followed detainers, by state",
            axis=f"share of the detainers that could be followed, {span.title}",
            beside="detainers",
            notes=[f"Within {days} days. No arrest recorded is not the same as released."],
            simulated=simulated,
        )
        captions["detainers-outcomes"] = (
            "Everything that followed, by state; the parts sum to one. A bar says how detainers "
            "divide, not how many there were."
        )
    return figures, captions
