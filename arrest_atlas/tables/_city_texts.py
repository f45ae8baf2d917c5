"""What is told of states and their large cities: sentences, a figure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from arrest_atlas.report_parts._wording import NONE, capital, count, decimal, listed, rate
from arrest_atlas.tables._city_tables import AMONG_WORDS, SEVERAL, CityFacts
from arrest_atlas.tables._concentration_measures import KIND_WORDS
from arrest_atlas.tables._rate_tables import names_of
from geo import PER
from geo.crime import COUNTED
from outputs.figures.scatter import scatter_figure

__all__ = ["city_findings", "city_limits", "scatter_of"]


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
            yield f"Among {count(row['states'])} {AMONG_WORDS[among]}: {_said(row)}."
    yield from _extremes(own)


def _said(row: Mapping[Any, Any]) -> str:
    value, low, high = (decimal(row[f"spearman{end}"]) for end in ("", "_low", "_high"))
    return value if NONE in {low, high} else f"{value} (90 % interval {low} to {high})"


def _extremes(own: pd.DataFrame) -> Iterator[str]:
    if len(own) < 2 * SEVERAL:
        return
    for column, what, other, beside in (
        ("arrest_rate", "arrest rates", "city_crime_rate", "violent crime of cities"),
        ("city_crime_rate", "violent crime of cities", "arrest_rate", "arrest rates"),
    ):
        top = own.sort_values(column, ascending=False, kind="stable").head(SEVERAL)
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
    several = own["cities"] >= SEVERAL
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
