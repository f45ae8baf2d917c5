"""Columns of the tables of detainers: words for all of them, texts of those that people read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import pandas as pd

from arrest_atlas.report_parts._wording import NONE, capital, count, percent
from arrest_atlas.tables._class_tables import points, share_text
from arrest_atlas.tables._detainer_links import BEFORE
from arrest_atlas.tables._detainer_shares import ALL, OUTCOME_CLASSES
from arrest_atlas.tables._spans import Span
from arrest_atlas.tables.arrest_rows import UNASSIGNED
from outputs import ColumnWords

__all__ = [
    "LIFT_WORDS",
    "change_text",
    "day_columns",
    "day_texts",
    "share_columns",
    "share_texts",
]

LIFT_WORDS: Final[Mapping[str, str]] = {
    "booked": "booked into detention",
    "declined": "declined by the jail or its agency",
    "released": "no longer held, or released without notice",
    "withdrawn": "withdrawn or closed by ICE",
    "replaced": "replaced by another form",
    "other": "another reason",
    "not recorded": "nothing recorded",
}


def share_columns(
    name: str, meaning: str, days: int, before: Span | None
) -> dict[str, ColumnWords]:
    """Say what the columns of shares hold."""
    words = {
        name: ColumnWords(meaning=f"{meaning}; '{ALL}' is every row together"),
        "detainers": ColumnWords(meaning="Detainers, repeated ones aside", unit="detainers"),
        "share_of_detainers": ColumnWords(meaning="Share of all detainers of the period; 0 to 1"),
        "followed_up": ColumnWords(
            meaning=f"Detainers of a known person that the arrests cover for {days} days, of which "
            "the shares are",
            unit="detainers",
        ),
        "no_identifier": ColumnWords(
            meaning=f"Detainers that the arrests cover for {days} days, of a person not known, so "
            "that they cannot be linked",
            unit="detainers",
        ),
        "too_young": ColumnWords(
            meaning=f"Detainers less than {days} days before the arrests end", unit="detainers"
        ),
        "before_arrests": ColumnWords(
            meaning="Detainers before the arrests begin", unit="detainers"
        ),
        "arrested_before": ColumnWords(
            meaning="Of followed_up without a later arrest: the person was arrested within "
            f"{BEFORE} days before",
            unit="detainers",
        ),
        "custodial_least": ColumnWords(
            meaning="Share followed by an arrest in jail if that was so of none of no_identifier"
        ),
        "custodial_most": ColumnWords(
            meaning="Share followed by an arrest in jail if that was so of all of no_identifier"
        ),
    }
    if name == "state":
        words["name"] = ColumnWords(meaning="Name of the state")
    for outcome, told in OUTCOME_CLASSES.words.items():
        said = f"{told} within {days} days"
        words[outcome] = ColumnWords(meaning=f"Detainers: {said}", unit="detainers")
        words[f"{outcome}_share"] = ColumnWords(
            meaning=f"Share of followed_up: {said}; missing where there are none"
        )
        words[f"{outcome}_low"] = ColumnWords(meaning=f"Lower end of the 90 % interval: {said}")
        words[f"{outcome}_high"] = ColumnWords(meaning=f"Upper end of the 90 % interval: {said}")
    if before is not None:
        since = f"custodial_share less that of {before}; 0.01 is a percentage point"
        words["custodial_change"] = ColumnWords(meaning=capital(since))
        for end, side in (("low", "Lower"), ("high", "Upper")):
            words[f"custodial_change_{end}"] = ColumnWords(
                meaning=f"{side} end of the 90 % interval of the change"
            )
    return words


def share_texts(frame: pd.DataFrame, head: str, names: Mapping[str, str]) -> pd.DataFrame:
    """Write shares for people, all detainers first."""
    rest = [name for name in (UNASSIGNED,) if name in frame.index]
    rows = frame.loc[[ALL, *frame.index.drop([ALL, *rest]), *rest]]
    texts = pd.DataFrame(
        {head: [capital(str(names.get(str(name), name))) for name in rows.index]}, index=rows.index
    )
    texts["Detainers"] = rows["detainers"].map(count)
    texts["Followed up"] = rows["followed_up"].map(count)
    for name, told in OUTCOME_CLASSES.words.items():
        texts[f"{capital(told)} (90 % interval)"] = [
            share_text(row, name) for _, row in rows.iterrows()
        ]
    texts["Unlinked ones either way"] = [
        NONE
        if pd.isna(row["custodial_least"])
        else f"{percent(row['custodial_least'])} to {percent(row['custodial_most'])}"
        for _, row in rows.iterrows()
    ]
    if "custodial_change" in rows:
        texts["Change, points"] = [change_text(row) for _, row in rows.iterrows()]
    return texts


def change_text(row: pd.Series) -> str:
    """Write the change of a share since the period before."""
    change, low, high = (points(row[f"custodial_change{end}"]) for end in ("", "_low", "_high"))
    return change if change == NONE else f"{change} ({low} to {high})"


def day_columns() -> dict[str, ColumnWords]:
    """Say what the columns by days hold."""
    words = {
        "days": ColumnWords(meaning="Days after the detainer, its own being 0", unit="days"),
        "detainers": ColumnWords(
            meaning="Detainers that the arrests cover for so many days", unit="detainers"
        ),
    }
    for name, told in (("custodial", "an arrest in jail or prison"), ("any", "any arrest")):
        words[f"{name}_share"] = ColumnWords(
            meaning=f"Share followed by {told} until then, by Kaplan and Meier"
        )
        words[f"{name}_low"] = ColumnWords(meaning=f"Lower end of its 90 % interval: {told}")
        words[f"{name}_high"] = ColumnWords(meaning=f"Upper end of its 90 % interval: {told}")
    return words


def day_texts(frame: pd.DataFrame) -> pd.DataFrame:
    """Write shares by days for people."""
    return pd.DataFrame(
        {
            "Within": [f"{day} days" if day else "the same day" for day in frame.index],
            "Detainers followed so long": frame["detainers"].map(count),
            "Arrest in jail or prison (90 % interval)": [
                share_text(row, "custodial") for _, row in frame.iterrows()
            ],
            "Any arrest (90 % interval)": [share_text(row, "any") for _, row in frame.iterrows()],
        }
    )
