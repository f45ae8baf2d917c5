"""Location quotients: a place's share of arrests over its share of people or crimes."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from arrest_atlas.report_parts._wording import NONE, count, decimal
from arrest_atlas.tables._bases import BASE_WORDS, Bases
from arrest_atlas.tables._draw_intervals import rate_of_draws
from arrest_atlas.tables._place_counts import PlaceCounts
from arrest_atlas.tables._rate_tables import LEVEL_WORDS, names_of
from outputs import ColumnWords

__all__ = ["quotient_columns", "quotient_frame", "quotient_texts"]

_MOST_ROWS: Final = 15


def quotient_frame(counts: PlaceCounts, bases: Bases) -> pd.DataFrame:
    """Compute location quotients of places with figures of their own, with intervals."""
    own = counts.reasons["all"] == ""
    parts = [pd.DataFrame({"reason": counts.reasons["all"], "arrests": counts.arrests.where(own)})]
    for base in bases.by_county:
        values = bases.of(counts, base)
        arrests = counts.among(bases.by_county[base])
        told = arrests.mean()[values.notna()].sum()
        expected = values * told / values.sum()
        quotient = rate_of_draws(arrests, expected, counts.spread["all"], per=1.0)
        quotient.columns = pd.Index([f"quotient_{base}{end}" for end in ("", "_low", "_high")])
        parts.append(quotient.where(own).replace(np.inf, np.nan))
    return pd.concat(parts, axis="columns").rename_axis(index=counts.level)


def quotient_columns(counts: PlaceCounts, frame: pd.DataFrame) -> dict[str, ColumnWords]:
    """Say in words what the columns hold."""
    words = {
        counts.level: ColumnWords(meaning=f"Code of the {LEVEL_WORDS[counts.level][0]}"),
        "reason": ColumnWords(meaning="Why it has no figures of its own; empty where it has"),
        "arrests": ColumnWords(
            meaning="Arrests, those known more coarsely imputed (mean over the draws)",
            unit="arrests",
        ),
    }
    for base, name in BASE_WORDS.items():
        meaning = f"Share of all arrests over share of all {name}; 1 is as many as expected"
        words[f"quotient_{base}"] = ColumnWords(meaning=meaning)
        for end, which in (("low", "Lower"), ("high", "Upper")):
            words[f"quotient_{base}_{end}"] = ColumnWords(
                meaning=f"{which} end of its 90 % interval"
            )
    return {name: words[name] for name in [counts.level, *frame.columns]}


def quotient_texts(counts: PlaceCounts, frame: pd.DataFrame) -> pd.DataFrame:
    """Write the places that are surest to have more than expected."""
    ranked = frame.sort_values("quotient_residents_low", ascending=False).head(_MOST_ROWS)
    ranked = ranked[ranked["quotient_residents"].notna()]
    texts = pd.DataFrame(
        {
            LEVEL_WORDS[counts.level][0].capitalize(): names_of(counts.level, ranked.index),
            "Arrests": ranked["arrests"].map(count),
        }
    )
    for base, name in BASE_WORDS.items():
        main = f"quotient_{base}"
        if main in ranked:
            texts[f"Against {name} (90 % interval)"] = [
                NONE if pd.isna(value) else f"{decimal(value)} ({decimal(low)} to {decimal(high)})"
                for value, low, high in ranked[[main, f"{main}_low", f"{main}_high"]].to_numpy()
            ]
    rest = int(frame["quotient_residents"].notna().sum()) - len(ranked)
    if rest > 0:
        texts.loc["more"] = [f"and {rest:,} more in the table", *[""] * (len(texts.columns) - 1)]
    return texts
