"""States by the party that they voted for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import pandas as pd

from arrest_atlas.report_parts._wording import listed
from arrest_atlas.tables.arrest_rows import UNASSIGNED
from boundaries import load_states
from geo.context import PresidentialVotes

__all__ = ["VOTE_GROUPS", "group_words", "vote_groups", "vote_limits", "winners"]

_NO_VOTES: Final = "no votes known"
_TIED: Final = "tied"
_DISTRICT: Final = "DC"
VOTE_GROUPS: Final = ("Republican", "Democratic", _TIED, _NO_VOTES, UNASSIGNED)
"""Groups of states, and of arrests of no state."""


def winners(votes: PresidentialVotes) -> pd.Series:
    """Tell for which of the two parties each state gave more votes, by postal code."""
    ahead = votes.by_state["republican"] - votes.by_state["democratic"]
    won = pd.Series(_NO_VOTES, index=votes.by_state.index)
    won = won.mask(ahead > 0, VOTE_GROUPS[0]).mask(ahead < 0, VOTE_GROUPS[1])
    cast = votes.by_state[["republican", "democratic"]].sum(axis="columns") > 0
    return won.mask((ahead == 0) & cast, _TIED)


def vote_groups(states: pd.Series, won: pd.Series) -> pd.Series:
    """Put each arrest into the group of its state; `UNASSIGNED` stays what it is."""
    names = states.astype("object")
    groups = names.map(won).fillna(_NO_VOTES)
    return groups.mask(names == UNASSIGNED, UNASSIGNED)


def group_words(won: pd.Series) -> dict[str, str]:
    """Name the groups with the number of their states."""
    words: dict[str, str] = {}
    for group in VOTE_GROUPS[:-2]:
        codes = won.index[won == group]
        states = len(codes.drop(_DISTRICT, errors="ignore"))
        parts = [f"{states} {'state' if states == 1 else 'states'}"] if states else []
        parts += ["DC"] if _DISTRICT in codes else []
        words[group] = f"{group} ({' and '.join(parts) or 'no state'})"
    return words | {_NO_VOTES: _NO_VOTES, UNASSIGNED: UNASSIGNED}


def vote_limits(votes: PresidentialVotes, won: pd.Series, states: Sequence[str]) -> tuple[str, ...]:
    """Say by which rule states are grouped, and which are not."""
    year = "" if votes.year is None else f" of {votes.year}"
    rule = (
        f"A state counts to the party with more of its votes for president{year} (Maine and "
        "Nebraska by the whole state). It says how a state voted, not who governs it, its "
        "counties or its jails, and no difference between the groups is an effect of votes."
    )
    without = [code for code in states if won.get(code, _NO_VOTES) == _NO_VOTES]
    names: Mapping[str, str] = load_states()["name"].to_dict()
    missing = (
        f"Without votes in {votes.source.file}: {listed([names.get(c, c) for c in without])}; "
        "their arrests stand as a group of their own."
    )
    by_districts = votes.by_state.index[votes.by_state["units"] == "districts or wards"]
    districts = (
        f"{listed([names.get(code, code) for code in by_districts])}: votes are counted by "
        "districts or wards, which add up to the state."
    )
    return (rule, *([missing] if without else []), *([districts] if len(by_districts) else []))
