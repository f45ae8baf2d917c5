"""Tables of states and their large cities."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from arrest_atlas.options import ArrestInputs
from arrest_atlas.report_parts._wording import NONE, capital, count, decimal, percent, rate
from arrest_atlas.tables._city_crime import CityCrime
from arrest_atlas.tables._concentration_measures import KIND_WORDS
from arrest_atlas.tables._rate_tables import names_of
from arrest_atlas.tables._spans import Span
from arrest_atlas.tables.published import PublishedTable
from geo import PER, Source
from geo.crime import COUNTED
from outputs import ColumnWords

__all__ = ["AMONG_WORDS", "SEVERAL", "CityFacts", "city_tables"]

AMONG_WORDS: Final[Mapping[str, str]] = {
    "cities": "states with one such city at least",
    "three cities or more": "states with three such cities or more",
    "cities and county police": "states, police of counties of that size counted too",
}

SEVERAL: Final = 3
"""Cities from which on a state's figure does not rest on one or two."""

_MOST: Final = 25


@dataclass(frozen=True, kw_only=True, eq=False)
class CityFacts:
    """What is said of every table.

    Attributes
    ----------
    inputs : ArrestInputs
        Arrests.
    sources : tuple of Source
        Files of the crimes, and of agencies.
    span : Span
        Days of the arrests.
    crime : CityCrime
        The cities.
    people : int
        Residents from which on one takes part.
    """

    inputs: ArrestInputs
    sources: tuple[Source, ...]
    span: Span
    crime: CityCrime
    people: int

    def table(self, **content: Any) -> PublishedTable:
        """Make a table with these facts."""
        arrests = [each.file for what, each in self.inputs.sources.items() if "arrest" in what]
        files = dict.fromkeys([*arrests, *(each.file for each in self.sources)])
        return PublishedTable(
            period=f"{self.span}; crimes of {self.crime.year}",
            denominator=(
                "arrests: residents of the state, over the whole period; crimes: residents of "
                f"the cities, of {self.people:,} each or more, a year"
            ),
            source="; ".join(files) or "the tables given",
            **content,
        )


def city_tables(
    states: pd.DataFrame, correlations: pd.DataFrame, facts: CityFacts
) -> dict[str, PublishedTable]:
    """Lay states, correlations and cities out."""
    return {
        "cities": _state_table(states, facts),
        "cities_correlations": _correlation_table(correlations, facts),
        "cities_behind": _city_table(facts),
    }


def _state_table(states: pd.DataFrame, facts: CityFacts) -> PublishedTable:
    per = f"per {PER:,} residents"
    words = {
        "state": ColumnWords(meaning="Postal code"),
        "reason": ColumnWords(
            meaning="Why the state takes no part in correlations; empty where it does"
        ),
        "arrests": ColumnWords(
            meaning="Arrests, those known more coarsely imputed", unit="arrests"
        ),
        "residents": ColumnWords(meaning="Residents of the state", unit="people"),
        "cities": ColumnWords(meaning="Cities behind its figure of crime", unit="cities"),
        "cities_not_counted": ColumnWords(
            meaning="Cities of that size whose crimes are not known", unit="cities"
        ),
        "city_residents": ColumnWords(meaning="Residents of the cities counted", unit="people"),
        "city_share": ColumnWords(
            meaning="Share of the state's residents who live in them, 0 to 1; missing where the "
            "two counts of residents contradict each other"
        ),
        "city_crimes": ColumnWords(meaning="Violent crimes reported in them", unit="crimes"),
        "city_crime_rate": ColumnWords(meaning="The same, all cities together", unit=per),
        "city_rate_lowest": ColumnWords(meaning="Of the city with the lowest rate", unit=per),
        "city_rate_highest": ColumnWords(meaning="Of the city with the highest rate", unit=per),
    }
    for prefix, what in (
        ("arrest", "Arrests"),
        ("custodial", "Custodial arrests"),
        ("community", "Community arrests"),
    ):
        words[f"{prefix}_rate"] = ColumnWords(meaning=f"{what} over the whole period", unit=per)
        for end, side in (("low", "Lower"), ("high", "Upper")):
            words[f"{prefix}_rate_{end}"] = ColumnWords(
                meaning=f"{side} end of its 90 % interval", unit=per
            )
    named = [str(states.index.name), *map(str, states.columns)]
    own = states[states["reason"] == ""]
    return facts.table(
        title=f"Arrest rates of states and violent crime of their cities, {facts.span.title}",
        frame=states,
        shown=_state_texts(states),
        columns={name: words[name] for name in named},
        support=(
            f"{len(own):,} states take part, with {count(own['cities'].sum())} cities behind "
            f"them; {count((own['cities'] < SEVERAL).sum())} of them with one or two"
        ),
    )


def _state_texts(states: pd.DataFrame) -> pd.DataFrame:
    rows = states.sort_values("arrest_rate", ascending=False, kind="stable")
    told = rows["cities"] > 0
    return pd.DataFrame(
        {
            "State": names_of("state", rows.index),
            f"Arrests per {PER:,} (90 % interval)": [
                _interval(row, "arrest_rate", rate) for row in rows.to_dict("records")
            ],
            f"Violent crimes per {PER:,} in its cities": rows["city_crime_rate"].map(rate),
            "From one city to another": (
                rows["city_rate_lowest"].map(rate) + " to " + rows["city_rate_highest"].map(rate)
            ).where(told, NONE),
            "Cities": rows["cities"].map(count),
            "Not counted": rows["cities_not_counted"].map(count),
            "Of its residents": rows["city_share"].map(percent),
            "Takes no part": rows["reason"],
        }
    )


def _correlation_table(correlations: pd.DataFrame, facts: CityFacts) -> PublishedTable:
    meanings = {
        "among": "Which states, and which agencies stand for their cities",
        "kind": "Which arrests: all, custodial, community",
        "states": "States that take part; 0 where there are too few",
        "effective_states": "Independent ones whose correlation would vary as much (Dutilleul)",
        "spearman": "Spearman's correlation of the two rates",
        "pearson": "Pearson's correlation of their logarithms",
    }
    for name in ("spearman", "pearson"):
        meanings[f"{name}_low"] = f"Lower end of the 90 % interval of {name}"
        meanings[f"{name}_high"] = f"Upper end of the 90 % interval of {name}"
    rows = correlations.to_dict("records")
    return facts.table(
        title=f"Correlation of arrests and cities' violent crime over states, {facts.span.title}",
        frame=correlations,
        shown=pd.DataFrame(
            {
                "Among": [capital(AMONG_WORDS[row["among"]]) for row in rows],
                "Arrests": [KIND_WORDS[row["kind"]] for row in rows],
                "States": [count(row["states"]) for row in rows],
                "Spearman (90 % interval)": [_interval(row, "spearman", decimal) for row in rows],
                "Pearson of logarithms (90 % interval)": [
                    _interval(row, "pearson", decimal) for row in rows
                ],
            }
        ),
        columns={name: ColumnWords(meaning=meanings[name]) for name in correlations.columns},
        support="each state counts once, however many cities stand behind it",
    )


def _city_table(facts: CityFacts) -> PublishedTable:
    table = facts.crime.table
    per = f"per {PER:,} residents"
    rows = table[table["kind"] == "city"].sort_values("population", ascending=False, kind="stable")
    top = rows.head(_MOST)
    shown = pd.DataFrame(
        {
            "City": top["agency"] + ", " + top["state"],
            "Residents": top["population"].map(count),
            "Violent crimes": top["crimes"].map(count),
            f"Per {PER:,}": top["crime_rate"].map(rate),
            "Counted": top["report"],
        }
    )
    if len(rows) > len(top):
        rest = f"and {len(rows) - len(top):,} smaller ones in the table"
        shown.loc["more"] = [rest, *[""] * (len(shown.columns) - 1)]
    counted = int((rows["report"] == COUNTED).sum())
    return facts.table(
        title=f"Violent crime of agencies of {facts.people:,} residents or more",
        frame=table,
        shown=shown,
        columns={
            "agency": ColumnWords(meaning="Police agency"),
            "state": ColumnWords(meaning="Postal code of its state"),
            "kind": ColumnWords(meaning="city, county or other; only cities count"),
            "population": ColumnWords(meaning="Residents it serves", unit="people"),
            "crimes": ColumnWords(
                meaning=f"Violent crimes reported ({facts.crime.definition})", unit="crimes"
            ),
            "crime_rate": ColumnWords(meaning="The same", unit=per),
            "report": ColumnWords(meaning="counted, or why not"),
        },
        support=f"{counted:,} cities are counted, {len(rows) - counted:,} are not",
    )


def _interval(row: Mapping[Any, Any], name: str, write: Any) -> str:
    value, low, high = (write(row[f"{name}{end}"]) for end in ("", "_low", "_high"))
    return value if NONE in {value, low, high} else f"{value} ({low} to {high})"
