"""Votes of a whole state, or of several counties together, that stand in rows of counties."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from boundaries import load_counties, state_codes
from geo._county_names import county_of
from geo._sheets import listing
from geo.context._vote_rows import VOTES

_NO_COINCIDENCE: Final = 10_000
"""Votes from which on two counties that agree in all three numbers have one total."""


def without_totals(rows: pd.DataFrame) -> tuple[pd.DataFrame, set[str], list[str]]:
    """Keep each vote once: rows, the states known as a whole alone, and notes.

    Votes that stand alike in several rows of a state are one total, which is of none of
    their counties. Totals of a state are left out where its counties stand beside them.
    """
    rows, repeated, notes = _each_total_once(rows)
    state_totals = repeated | _of_whole_state(rows)
    counties = set(rows.loc[~state_totals & ~rows["blank"], "state"])
    beside = state_totals & ~repeated & rows["state"].isin(counties)
    if beside.any():
        number = int(beside.sum())
        words = "1 row of a whole state" if number == 1 else f"{number:,} rows of whole states"
        notes.append(f"{words} left out")
    whole = set(rows.loc[state_totals, "state"]) - counties
    said = " ".join(notes)
    notes += [
        f"{state}: votes of the state as a whole, of no county"
        for state in sorted(whole)
        if f"{state}: " not in said
    ]
    alone = state_totals & ~beside
    rows = rows.assign(code=rows["code"].mask(alone), blank=rows["blank"] | alone)[~beside]
    twice = rows["state"].isin(whole) & alone[~beside] & rows.duplicated(["state", *VOTES])
    return rows[~twice], whole, notes


def _each_total_once(rows: pd.DataFrame) -> tuple[pd.DataFrame, pd.Series, list[str]]:
    """Keep the first of rows of a state with the same votes, and tell which those are."""
    keys = [rows[name] for name in ("state", *VOTES)]
    large = ~rows["blank"] & (rows["total"] >= _NO_COINCIDENCE)
    units = rows["code"].where(large).groupby(keys).transform("nunique")
    alike = large & (units > 1)
    notes = [
        f"{state}: the same votes stand in {len(of_one):,} rows ({listing(of_one['code'])}): one "
        "total of them, counted once, for the state alone"
        for (state, *_), of_one in rows[alike].groupby(["state", *VOTES], sort=False)
    ]
    once = ~alike | ~rows.duplicated(["state", *VOTES])
    return rows[once], alike[once], notes


def _of_whole_state(rows: pd.DataFrame) -> pd.Series:
    """Find rows whose code, or whose name, is that of a state with several counties."""
    totals = rows["code"].str.endswith("000").fillna(value=False).astype(bool)
    counties = load_counties()["state"].value_counts()
    pairs = zip(rows["name"], rows["state"], strict=True)
    no_county = np.array([county_of(name, state) is None for name, state in pairs], dtype=bool)
    named = (state_codes(rows["name"]) == rows["state"]) & (rows["state"].map(counties) > 1)
    return totals | (named & no_county)
