"""Tables of arrest rates: numbers for machines, texts for people, words for both."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from arrest_atlas.counting import Kind
from arrest_atlas.options import DENOMINATOR_WORDS
from arrest_atlas.report_parts._wording import NONE, count, percent
from arrest_atlas.tables._draw_intervals import change_of_draws, rate_of_draws, share_of_draws
from arrest_atlas.tables._people import CountyPeople, people_of_places
from arrest_atlas.tables._place_counts import Level, PlaceCounts
from arrest_atlas.tables._spans import Span
from arrest_atlas.tables.arrest_rows import UNASSIGNED
from boundaries import load_counties, load_field_offices, load_states
from geo import PER
from outputs import ColumnWords

__all__ = [
    "ALL",
    "LEVEL_WORDS",
    "SpanCounts",
    "names_of",
    "per_people",
    "rate_columns",
    "rate_frame",
    "rate_texts",
    "row_of",
]

ALL: Final = "all arrests"
"""Names the row of everything, those of no place included."""

LEVEL_WORDS: Final[Mapping[Level, tuple[str, str]]] = {
    "state": ("state", "states"),
    "aor": ("field office", "field offices"),
    "zone": ("zone (a state's part of a field office)", "zones"),
    "county_fips": ("county", "counties"),
}

_KINDS: Final[tuple[Kind, ...]] = ("custodial", "community")
_MOST_ROWS: Final = 60
_ENDS: Final = {"low": "lower", "high": "upper"}


@dataclass(frozen=True, kw_only=True)
class SpanCounts:
    """Arrests and people of a period at a level.

    Attributes
    ----------
    span : Span
        The period.
    counts : PlaceCounts
        Arrests.
    people : CountyPeople
        People by county.
    given : pandas.DataFrame or None
        People by place, as the file of the counts has them.
    """

    span: Span
    counts: PlaceCounts
    people: CountyPeople
    given: pd.DataFrame | None

    def draws(self, kind: Kind = "all") -> pd.DataFrame:
        """Arrests by draw and place, and of all."""
        return self._with_all(self.counts.draws[kind], kind)

    def among(self, people: str, kind: Kind = "all") -> pd.DataFrame:
        """Arrests of places whose people are known, by draw and place, and of all."""
        told = {str(name): each for name, each in self.people.by_county.items()}.get(people)
        if told is None:  # the file of counts alone has them
            return self.draws(kind)
        return self._with_all(self.counts.among(told, kind), kind)

    def spread(self, kind: Kind = "all") -> pd.Series:
        """Dispersion by place, and of all."""
        return _with_all(self.counts.spread[kind], self.counts.whole_spread)

    def _with_all(self, draws: pd.DataFrame, kind: Kind) -> pd.DataFrame:
        return draws.assign(**{ALL: draws.sum(axis="columns") + self.counts.unassigned[kind]})


def rate_frame(now: SpanCounts, *, before: SpanCounts | None) -> pd.DataFrame:
    """Lay out counts, rates, shares and change, a row a place, then all and not assigned."""
    counts = now.counts
    reasons = _with_all(counts.reasons["all"], "")
    own = reasons == ""
    arrests = now.draws().mean()
    frame = pd.DataFrame({"reason": reasons, "arrests": arrests.where(own)})
    known = _with_all(counts.known, counts.known.sum())
    frame["arrests_known"] = known
    frame["known_share"] = (known / arrests).where(arrests > 0).clip(upper=1.0)
    frame["share_of_arrests"] = frame["arrests"] / counts.total
    frame["arrests_per_day"] = frame["arrests"] / now.span.days if now.span.days else float("nan")
    people = people_of_places(counts, now.people, now.given)
    people.loc[ALL] = people.sum(min_count=1)
    told = [*_rates(now, people), *_shares(now), *_change(now, before)]
    table = pd.concat([frame, people, *(part.where(own) for part in told)], axis="columns")
    table = pd.concat([table, _rest(table, counts)])
    return table.rename_axis(index=counts.level)


def _with_all(places: pd.Series, every: float | str) -> pd.Series:
    with_all: pd.Series = pd.concat([places, pd.Series({ALL: every})])
    return with_all


def _rest(table: pd.DataFrame, counts: PlaceCounts) -> pd.DataFrame:
    """Make the row that brings shares to one."""
    rest = max(counts.total - float(table["arrests"].drop(ALL).sum()), 0.0)
    row = {
        "reason": "places that are not told, or without figures of their own",
        "arrests": rest,
        "share_of_arrests": rest / counts.total,
    }
    return pd.DataFrame([row], index=[UNASSIGNED]).reindex(columns=table.columns)


def _rates(now: SpanCounts, people: pd.DataFrame) -> Iterator[pd.DataFrame]:
    for name in people.columns:
        one = name.removesuffix("s")
        rates = rate_of_draws(now.among(name), people[name], now.spread(), per=PER)
        prefix = "" if name == "residents" else f"{one}_"
        rates.columns = pd.Index([f"{prefix}rate{end}" for end in ("", "_low", "_high")])
        per_day = rates[f"{prefix}rate"] / now.span.days if now.span.days else float("nan")
        yield rates.assign(**{f"{prefix}rate_per_day": per_day})
        for kind in _KINDS:
            if kind in now.counts.draws and name == "residents":
                own = rate_of_draws(now.among(name, kind), people[name], now.spread(kind), per=PER)
                own.columns = pd.Index([f"{kind}_rate{end}" for end in ("", "_low", "_high")])
                yield own.where(_own(now, kind))


def _own(now: SpanCounts, kind: Kind) -> pd.Series:
    return _with_all(now.counts.reasons[kind], "") == ""


def _shares(now: SpanCounts) -> Iterator[pd.DataFrame]:
    told = [kind for kind in _KINDS if kind in now.counts.draws]
    if not told:
        return
    whole = now.draws()
    mean = whole.mean()
    rest = pd.Series(1.0, index=mean.index).where(mean > 0)
    for kind in told:
        part = now.draws(kind)
        share = share_of_draws(part, whole, now.spread(kind), now.spread())
        rest -= share["share"]
        share.columns = pd.Index([f"{kind}_share{end}" for end in ("", "_low", "_high")])
        yield share.where(_own(now, kind))
    yield rest.rename("other_share").to_frame()


def _change(now: SpanCounts, before: SpanCounts | None) -> Iterator[pd.DataFrame]:
    if before is None or not now.span.days or not before.span.days:
        return
    change = change_of_draws(
        (now.draws(), now.spread(), now.span.days),
        (before.draws(), before.spread(), before.span.days),
    )
    told = _own(before, "all")
    change.columns = pd.Index(["change", "change_low", "change_high"])
    yield change.where(told).replace(np.inf, np.nan)


def rate_columns(level: Level, frame: pd.DataFrame, before: Span | None) -> dict[str, ColumnWords]:
    """Say in words what every column of a table of rates holds."""
    words = {name: (meaning, unit) for name, meaning, unit in _main_columns(level, before)}
    for name in [name for name in frame.columns if name not in words]:
        main, _, end = name.rpartition("_")
        meaning, unit = words[main]
        words[name] = (f"{meaning}: {_ENDS[end]} end of the 90 % interval", unit)
    return {
        name: ColumnWords(meaning=words[name][0], unit=words[name][1])
        for name in [level, *frame.columns]
    }


def _main_columns(level: Level, before: Span | None) -> Iterator[tuple[str, str, str]]:
    yield level, f"Code of the {LEVEL_WORDS[level][0]}; also {ALL!r} and {UNASSIGNED!r}", ""
    yield "reason", "Why the row has no figures of its own; empty where it has", ""
    imputed = "Arrests, those known more coarsely imputed (mean over the draws)"
    yield "arrests", imputed, "arrests"
    yield "arrests_known", "Arrests known for the place, none imputed", "arrests"
    yield "known_share", "Share of its arrests that are so known; 0 to 1", ""
    yield "share_of_arrests", "Share of all arrests; sums to one but for the row of all", ""
    yield "arrests_per_day", "Arrests a day", "arrests"
    yield "residents", "Residents", "people"
    yield "noncitizens", "Residents who are not citizens", "people"
    for name, people in (("", "residents"), ("noncitizen_", "non-citizens")):
        unit = f"per {PER:,} {people}"
        yield f"{name}rate", "Arrests over the whole period", unit
        yield f"{name}rate_per_day", "Arrests a day", unit
    for kind in _KINDS:
        of_kind = f"{kind.capitalize()} arrests over the whole period"
        yield f"{kind}_rate", of_kind, f"per {PER:,} residents"
        yield f"{kind}_share", f"Share of arrests that are {kind}; 0 to 1", ""
    yield "other_share", "Share of arrests that are neither custodial nor community", ""
    since = f"those of {before}" if before else "those of the period before"
    yield "change", f"Arrests a day, as a multiple of {since}; no upper end where it has none", ""


def names_of(level: Level, codes: pd.Index) -> pd.Series:
    """Name places for people."""
    if level == "state":
        names = load_states()["name"]
    elif level == "aor":
        names = load_field_offices()["name"]
    elif level == "zone":
        names = pd.Series(codes, index=codes)
    else:
        counties = load_counties()
        names = counties["legal_name"] + ", " + counties["state"]
    return pd.Series(codes, index=codes).map(names).fillna(pd.Series(codes, index=codes))


def row_of(table: pd.DataFrame, name: object) -> pd.Series:
    """Take one row out of a table whose index names it once."""
    row: pd.Series = table.loc[[name]].iloc[0]
    return row


def per_people(number: object) -> str:
    """Write a rate as it is published, with one decimal."""
    return NONE if pd.isna(number) else f"{float(number):,.1f}"  # type: ignore[call-overload,arg-type]


def rate_texts(level: Level, frame: pd.DataFrame, *, most: int = _MOST_ROWS) -> pd.DataFrame:
    """Write the rows for people, all arrests first, then the highest rates."""
    # Among thousands, the highest rates are those of two arrests: what is surely high leads.
    by = "rate_low" if level == "county_fips" else "rate"
    by = by if frame["rate"].notna().any() else "arrests"
    order = frame.drop([ALL, UNASSIGNED]).sort_values([by, "arrests"], ascending=False)
    told = order[order["reason"] == ""].head(most)
    untold = order[order["reason"] != ""]
    left_out = (order["reason"] == "").sum() - len(told)
    rows = frame.loc[[ALL, *told.index, *(untold.index if len(order) <= most else []), UNASSIGNED]]
    texts = pd.DataFrame({LEVEL_WORDS[level][0].capitalize(): names_of(level, rows.index)})
    for head, column in _texts(rows):
        texts[head] = column
    if left_out or (len(untold) and len(order) > most):
        said = f"and {left_out:,} more, {len(untold):,} without figures of their own"
        texts.loc["more"] = [said, *[""] * (len(texts.columns) - 1)]
    return texts


def _texts(rows: pd.DataFrame) -> Iterator[tuple[str, pd.Series]]:
    yield (
        "Arrests",
        rows["arrests"]
        .map(count)
        .where(rows["reason"].eq("") | rows["arrests"].notna(), rows["reason"]),
    )
    if rows["arrests_per_day"].notna().any():
        yield "A day", rows["arrests_per_day"].map(per_people)
    for name, people in (("", "residents"), ("noncitizen_", "noncitizens")):
        if f"{name}rate" in rows:
            head = f"Per {PER:,} {DENOMINATOR_WORDS[people]} (90 % interval)"
            yield head, _with_interval(rows, f"{name}rate", per_people)
    if "custodial_share" in rows:
        yield "Custodial, of jails and prisons", _with_interval(rows, "custodial_share", percent)
        yield "Community", _with_interval(rows, "community_share", percent)
    if "change" in rows:
        yield "Times the period before, a day", _with_interval(rows, "change", _times)


def _times(number: object) -> str:
    return NONE if pd.isna(number) else f"{float(number):.2f}"  # type: ignore[call-overload,arg-type]


def _with_interval(rows: pd.DataFrame, name: str, write: object) -> pd.Series:
    def told(row: pd.Series) -> str:
        if pd.isna(row[name]):
            return NONE
        low, high = write(row[f"{name}_low"]), write(row[f"{name}_high"])  # type: ignore[operator]
        return f"{write(row[name])} ({low} to {high})"  # type: ignore[operator]

    return rows.apply(told, axis="columns")
