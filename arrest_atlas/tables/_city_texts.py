"""What is told of states and their large cities: tables, sentences, a figure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from arrest_atlas.options import ArrestInputs
from arrest_atlas.report_parts._wording import NONE, capital, count, decimal, listed, percent, rate
from arrest_atlas.tables._city_crime import CityCrime
from arrest_atlas.tables._concentration_measures import KIND_WORDS
from arrest_atlas.tables._rate_tables import names_of
from arrest_atlas.tables._spans import Span
from arrest_atlas.tables.published import PublishedTable
from geo import PER, Source
from geo.crime import COUNTED
from outputs import ColumnWords
from outputs.figures.scatter import scatter_figure

__all__ = ["CityFacts", "city_findings", "city_limits", "city_tables", "scatter_of"]

_AMONG: Final[Mapping[str, str]] = {
    "cities": "states with one such city at least",
    "three cities or more": "states with three such cities or more",
    "cities and county police": "states, police of counties of that size counted too",
}
_SEVERAL: Final = 3
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
            f"them; {count((own['cities'] < _SEVERAL).sum())} of them with one or two"
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
                "Among": [capital(_AMONG[row["among"]]) for row in rows],
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


def city_findings(
    states: pd.DataFrame, correlations: pd.DataFrame, facts: CityFacts
) -> Iterator[str]:
    """Say how the two rates go together, and how it is with the highest."""
    own = states[states["reason"] == ""]
    rows = {(row["among"], row["kind"]): row for row in correlations.to_dict("records")}
    main = rows["cities", "all"]
    behind = (
        f"{count(own['cities'].sum())} cities of {facts.people:,} residents or more stand behind "
        f"{len(own):,} states"
    )
    if pd.isna(main["spearman"]):
        yield f"There are too few states with both rates for a correlation: {behind}."
    else:
        yield (
            f"Arrest rates of states ({facts.span}) and the violent crime of their cities in "
            f"{facts.crime.year} correlate with {_said(main)} (Spearman); {behind}."
        )
    for kind in ("custodial", "community"):
        row = rows.get(("cities", kind))
        if row is not None and not pd.isna(row["spearman"]):
            yield f"{capital(KIND_WORDS[kind])} alone: {_said(row)}."
    for among in ("three cities or more", "cities and county police"):
        row = rows[among, "all"]
        if not pd.isna(row["spearman"]):
            yield f"Among {count(row['states'])} {_AMONG[among]}: {_said(row)}."
    yield from _extremes(own)


def _said(row: Mapping[Any, Any]) -> str:
    value, low, high = (decimal(row[f"spearman{end}"]) for end in ("", "_low", "_high"))
    return value if NONE in {low, high} else f"{value} (90 % interval {low} to {high})"


def _extremes(own: pd.DataFrame) -> Iterator[str]:
    if len(own) < 2 * _SEVERAL:
        return
    for column, what, other, beside in (
        ("arrest_rate", "arrest rates", "city_crime_rate", "violent crime of cities"),
        ("city_crime_rate", "violent crime of cities", "arrest_rate", "arrest rates"),
    ):
        top = own.sort_values(column, ascending=False, kind="stable").head(_SEVERAL)
        rank = own[other].rank(ascending=False, method="min").astype(int)
        told = [
            f"{name} ({rate(row[column])}; {count(row['cities'])} "
            f"{'city' if row['cities'] == 1 else 'cities'}; by {beside} number {rank[code]} of "
            f"{len(own)})"
            for code, name, row in zip(
                top.index, names_of("state", top.index), top.to_dict("records"), strict=True
            )
        ]
        yield f"The highest {what} are those of {listed(told)}."


def city_limits(states: pd.DataFrame, facts: CityFacts, unassigned: int) -> Iterator[str]:
    """Say what this cannot tell, and who takes no part."""
    crime = facts.crime
    yield (
        "A state is not its large cities: arrests may be made, and those arrested may live, "
        "anywhere in it, and cities differ within a state. That two rates go together over states "
        "says nothing about any city or person (the ecological fallacy), and is no cause."
    )
    yield (
        "Each state counts once, whether one city stands behind it or many. Intervals allow for "
        "neighbours being alike (an effective number of states, Dutilleul 1993) and for imputation "
        "(Rubin), not for errors in what police report."
    )
    out = states["reason"].where(states["reason"] != "").value_counts()
    if len(out):
        told = listed([f"{count(number)}: {reason}" for reason, number in out.items()])
        yield f"States that take no part ({told})."
    rows = crime.table[crime.table["kind"] == "city"]
    why = rows["report"].where(rows["report"] != COUNTED).value_counts()
    if len(why):
        told = listed([f"{count(number)}: {reason}" for reason, number in why.items()])
        yield f"Cities of {facts.people:,} residents or more that are not counted ({told})."
    if not crime.listed:
        yield (
            "No list of agencies was given (--agencies): which large cities the file leaves out is "
            "not known, and cities and counties are told apart by their names."
        )
    if crime.unpeopled:
        yield f"{count(crime.unpeopled)} agencies whose residents are not known take no part."
    others = sorted(set(crime.years) - {crime.year})
    if others:
        yield (
            f"The file has crimes of {listed([str(each) for each in others])} too, which are "
            "not used."
        )
    if unassigned:
        yield f"{count(unassigned)} arrests are known for no state and are left out."


def scatter_of(states: pd.DataFrame, facts: CityFacts) -> tuple[str, str]:
    """Draw states, with a caption."""
    own = states[(states["reason"] == "") & (states["arrest_rate"] > 0)]
    own = own[own["city_crime_rate"] > 0]
    several = own["cities"] >= _SEVERAL
    points = pd.DataFrame(
        {
            "label": own.index,
            "x": own["city_crime_rate"].to_numpy(),
            "y": own["arrest_rate"].to_numpy(),
            "low": own["arrest_rate_low"].to_numpy(),
            "high": own["arrest_rate_high"].to_numpy(),
            "group": several.map({True: "three cities or more", False: "one or two cities"}),
        }
    )
    svg = scatter_figure(
        points.sort_values("group", ascending=False, kind="stable"),
        name="cities",
        title="Arrests of states and violent crime of their cities",
        axes=(
            f"violent crimes per {PER:,} residents of the state's cities, {facts.crime.year}",
            f"arrests per {PER:,} residents of the state",
        ),
        notes=[
            f"Cities of {facts.people:,} residents or more. Arrests: {facts.span}.",
            "Both scales are logarithmic. Lines are 90 % intervals of arrests.",
        ],
        simulated=facts.inputs.simulated,
    )
    caption = (
        "Each point is a state. Those with one or two cities rest on little. If arrests went "
        "with the violent crime of cities, points would lie along a rising line; even then it "
        "would not say why."
    )
    return svg, caption
