"""The ways in which published analyses cut arrests: state, vote, office, month, method."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from typing import Final

import pandas as pd

from arrest_atlas.records import CUSTODY_WORDS
from arrest_atlas.report_parts._wording import percent
from arrest_atlas.tables._class_tables import Cut
from arrest_atlas.tables._vote_groups import VOTE_GROUPS, group_words
from arrest_atlas.tables.arrest_rows import UNASSIGNED
from boundaries import load_field_offices, load_states, load_zones
from outputs import ColumnWords

__all__ = [
    "custody_cut",
    "known_methods",
    "method_cut",
    "month_cut",
    "office_cut",
    "state_cut",
    "vote_cut",
]

_NO_DATE: Final = "no date"
_NO_METHOD, _STRANGE_METHOD = "not recorded", "a method that is not in our list"


def state_cut(rows: pd.DataFrame, *, extra: Mapping[str, ColumnWords] | None = None) -> Cut:
    """Cut by state of arrest; every state and territory of an office is listed."""
    codes = sorted(load_zones()["state"].unique())
    names = load_states()["name"]
    return Cut(
        name="state",
        head="State",
        groups={code: str(names[code]) for code in codes} | {UNASSIGNED: UNASSIGNED},
        of="state",
        meaning=f"State of the arrest, postal code; '{UNASSIGNED}' where nothing tells it",
        support=_told(rows["state"], "state"),
        extra=extra or {},
    )


def vote_cut(
    rows: pd.DataFrame,
    won: pd.Series,
    *,
    present: Iterable[str],
    extra: Mapping[str, ColumnWords] | None = None,
) -> Cut:
    """Cut by the party that the state voted for; of the small groups, those that are present."""
    there = {*VOTE_GROUPS[:2], UNASSIGNED, *present}
    return Cut(
        name="vote",
        head="States that voted",
        groups={group: words for group, words in group_words(won).items() if group in there},
        of="vote of the state",
        meaning="Party with more of the state's votes for president, of the two",
        support=_told(rows["state"], "state"),
        extra=extra or {},
    )


def office_cut(rows: pd.DataFrame) -> Cut:
    """Cut by area of responsibility in which arrests were made."""
    offices = load_field_offices()["name"]
    return Cut(
        name="aor",
        head="Area of responsibility",
        groups={str(code): str(name) for code, name in offices.items()} | {UNASSIGNED: UNASSIGNED},
        of="area of responsibility",
        meaning="Field office in whose area the arrest was made",
        support=f"{_told(rows['aor'], 'area')}; where the place is known, the area is that of the "
        "place, which may be another than the office on duty",
    )


def month_cut(rows: pd.DataFrame) -> tuple[Cut, pd.Series]:
    """Cut by month, without gaps, and tell the month of each row."""
    months = rows["date"].dt.strftime("%Y-%m").astype("object").fillna(_NO_DATE)
    told = rows["date"].dropna()
    names: list[str] = []
    if len(told):
        names += pd.period_range(told.min(), told.max(), freq="M").astype("str").tolist()
    if (months == _NO_DATE).any():
        names.append(_NO_DATE)
    cut = Cut(
        name="month",
        head="Month",
        groups={name: name for name in names},
        of="month",
        meaning="Month of the arrest; the first and the last may be covered in part",
        support="all arrests, wherever they were made; dispersion is measured over all months",
        pooled=True,
    )
    return cut, months


def custody_cut() -> Cut:
    """Cut by class of custody."""
    return Cut(
        name="custody",
        head="Arrests",
        groups=dict(CUSTODY_WORDS),
        of="custody",
        meaning="custodial (taken over from jails and prisons), community, or other",
        support="all arrests, wherever they were made",
    )


def method_cut(rows: pd.DataFrame) -> tuple[Cut, pd.Series]:
    """Cut by method of arrest, and tell that of each row; what nobody knows is not quoted."""
    known = known_methods()
    texts = rows["method"].astype("object")
    read = {text: known.get(_key(str(text)), _STRANGE_METHOD) for text in texts.dropna().unique()}
    methods = texts.map(read).fillna(_NO_METHOD)
    commonest = methods.value_counts().sort_index().sort_values(ascending=False, kind="stable")
    last = [name for name in (_STRANGE_METHOD, _NO_METHOD) if name in commonest.index]
    names = [*commonest.index.drop(last), *last]
    cut = Cut(
        name="method",
        head="Method",
        groups={str(name): str(name) for name in names},
        of="method of arrest",
        meaning="Method of arrest as ICE names it",
        support="all arrests, wherever they were made",
    )
    return cut, methods


@cache
def known_methods() -> Mapping[str, str]:
    """Load the methods that have a class, by their letters and digits."""
    with (files("geo") / "data" / "arrest_methods.csv").open(encoding="utf-8") as opened:
        names = pd.read_csv(opened, dtype=str, keep_default_na=False)["method"]
    return {_key(name): name for name in names}


def _key(text: str) -> str:
    return "".join(letter for letter in text.casefold() if letter.isalnum())


def _told(column: pd.Series, what: str) -> str:
    share = float((column != UNASSIGNED).mean()) if len(column) else 0.0
    return f"the {what} of {percent(share)} of the arrests is known; the others stand apart"
